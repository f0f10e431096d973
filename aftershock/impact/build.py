"""The record `Impact`, and how it is put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from aftershock.dollars import Dollars, MoveSplit, Unpriced, dollars, split_move
from aftershock.errors import RequestError
from aftershock.events import Event
from aftershock.impact.tables import tables
from aftershock.models import Fit, Model
from aftershock.prices import Prices, Series
from aftershock.reference import Reference
from aftershock.returns import Closes, Pair, Returns
from aftershock.sessions import Reaction
from aftershock.significance.distributions import t_quantile
from aftershock.study import (
    DEFAULT_BENCHMARK,
    INDEX_MEMBERS,
    LEVEL,
    Caution,
    Exclusion,
    Observation,
    Outcome,
    StudyDesign,
    Warn,
    Window,
    cumulate,
    make_plan,
    run_study,
)
from aftershock.verdict import (
    ALPHA,
    Anchor,
    BenchmarkRange,
    Curve,
    Judged,
    Ledger,
    Material,
    Ordinary,
    Setting,
    Verdict,
    benchmark_range,
    kind_of,
    peer_basket,
    specification_curve,
)
from aftershock.verdict.yardstick import BASKET

HEADLINE: Final = Window(0, 0)
WINDOWS: Final = (HEADLINE, Window(-1, 1))
PATH: Final = Window(-10, 20)


@dataclass(frozen=True, eq=False, slots=True)
class Impact:
    """The answer for one event and one series. Returns, CARs and their errors are decimal fractions.

    `design`: its window is the headline window. `headline`: that window judged; `judged`: all windows, the headline first;
    `excluded`: windows without a result. `why_design`: a code when the default benchmark is not the usual one (`design.<code>`).
    `path`: one row per session of PATH, columns offset, session, return, benchmark, expected, abnormal, abnormal_se, abnormal_reach, car,
    car_se, car_reach. `car` is 0 at the close before the event window and cumulates from there in both directions; `reach` is
    the half-width of the 95 % band (draw it around 0 for what noise would do, or around the line for the interval).
    `anchors`: the sessions that could be meant, and `curve.by_anchor()` what each says. `series`: who gave the bars of the series and of
    its benchmark.
    """

    event: Event
    ticker: str
    design: StudyDesign
    why_design: str
    reaction: Reaction
    headline: Judged
    judged: tuple[Judged, ...]
    excluded: tuple[Exclusion, ...]
    path: pd.DataFrame
    curve: Curve
    anchors: tuple[Anchor, ...]
    benchmarks: BenchmarkRange
    dollars: Dollars | Unpriced
    split: MoveSplit | None
    warnings: tuple[Caution, ...]
    series: tuple[Series, ...]

    @property
    def outcome(self) -> Outcome:
        """The headline window's AR, CAR, t and interval."""
        return self.headline.outcome

    @property
    def ordinary(self) -> Ordinary:
        """The headline window's ordinary days."""
        return self.headline.ordinary

    @property
    def verdict(self) -> Verdict:
        """The headline window's verdict."""
        return self.headline.verdict

    @property
    def ledger(self) -> Ledger:
        """The headline window's confounders."""
        return self.headline.ledger

    @property
    def session(self) -> pd.Timestamp:
        """Session 0."""
        return self.outcome.observation.session

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every exhibit as a tidy frame: path, ordinary, specifications, ledger, anchors, benchmarks, dollars, split, tests."""
        return tables(self)


def default_design(ticker: str, tickers: Sequence[str]) -> tuple[StudyDesign, str]:
    """The design for a series when the reader has chosen none, and a code when it is not the usual one.

    Market model on ^GSPC, estimation -130..-11, window [0, 0]. The S&P 500 itself has no wider market among the prices to be compared with
    ('no-wider-index'), and where ^GSPC is missing there is nothing to compare with ('no-benchmark'): both are mean-adjusted.
    """
    if ticker != DEFAULT_BENCHMARK and DEFAULT_BENCHMARK in tickers:
        return StudyDesign(window=HEADLINE), ""
    why = "no-wider-index" if ticker == DEFAULT_BENCHMARK else "no-benchmark"
    return StudyDesign(window=HEADLINE, model=Model.MEAN_ADJUSTED, benchmark=ticker), why


def build(
    event_id: str,
    ticker: str,
    design: StudyDesign | None = None,
    *,
    prices: Prices,
    closes: Closes,
    events: Sequence[Event],
    reactions: Mapping[str, Reaction],
    reference: Reference,
    members: Mapping[str, frozenset[str]] = INDEX_MEMBERS,
) -> Impact | Exclusion:
    """The impact of an event on a series. `closes` are the cleaned closes of `prices`, `reactions` the session of every event.

    An Exclusion says why there is no answer for the headline window. RequestError: no event of that id, a benchmark without prices.
    Costs about 20 ms of CPU, the specification curve included; keep the answer by (event_id, ticker, design).
    """
    event = next((e for e in events if e.id == event_id), None)
    if event is None:
        raise RequestError("unknown-event", event=event_id)
    usual, why = default_design(ticker, closes.tickers)
    chosen = design or usual
    asked = Observation(event_id, ticker, reactions[event_id].session)
    others = [o for o in _others(events, reactions, event_id, ticker) if abs((o.session - asked.session).days) <= 2 * _reach(chosen)]
    answers: list[Outcome | Exclusion] = []
    for window in dict.fromkeys((chosen.window, *WINDOWS)):
        if not window.meets(chosen.estimation):
            plan = make_plan([asked], replace(chosen, window=window), others=others, members=members)
            result = run_study(plan, closes)
            answers += [*result.outcomes, *result.excluded]
    if isinstance(answers[0], Exclusion):
        return answers[0]
    setting = Setting.of(closes, ticker, chosen, [(e, reactions[e.id]) for e in events], reference.fomc)
    reaction = reactions[event_id]
    judged = tuple(setting.judge(event, reaction, o) for o in answers if isinstance(o, Outcome))
    head, position = judged[0], setting.position(answers[0])
    used, places = replace(chosen, window=head.window), setting.places(answers[0], reaction)
    material = material_of(closes, setting, position)
    significant = max(head.verdict.p_ordinary, head.verdict.p_t) < ALPHA
    span = benchmark_range(material, used, members, ticker)
    bars = prices.bars.get(ticker)
    return Impact(
        event=event,
        ticker=ticker,
        design=chosen,
        why_design=why if chosen == usual else "",
        reaction=reaction,
        headline=head,
        judged=judged,
        excluded=tuple(a for a in answers if isinstance(a, Exclusion)),
        path=path(head.outcome.fit, setting.series, position, chosen.window.first),
        curve=specification_curve(material, used, places, significant=significant, sign=int(np.sign(head.outcome.car))),
        anchors=places,
        benchmarks=span,
        dollars=dollars(bars, reference.shares, ticker, head.outcome.sessions[0], head.outcome.sessions[-1], _simple(head.outcome, chosen)),
        split=split_move(bars, asked.session),
        warnings=_warnings(head, span, chosen),
        series=tuple(prices.series[t] for t in dict.fromkeys((ticker, chosen.benchmark)) if chosen.uses_benchmark or t == ticker),
    )


def _others(events: Sequence[Event], reactions: Mapping[str, Reaction], event_id: str, ticker: str) -> list[Observation]:
    return [Observation(e.id, ticker, reactions[e.id].session) for e in events if e.id != event_id and ticker in e.tickers]


def _reach(design: StudyDesign) -> int:
    """Sessions from session 0 to the far end of any window, and a few more; twice that many days hold them all."""
    return 10 + max(abs(design.estimation.first), abs(design.window.first), abs(design.window.last), *(abs(w.last) for w in WINDOWS))


def material_of(closes: Closes, setting: Setting, position: int) -> Material:
    """The returns that other choices would use: both kinds, every index but the series itself, the peers where there are enough."""
    series, design = setting.series, setting.design
    returns = {t: {kind: closes.returns(t, series.sessions, kind) for kind in Returns} for t in closes.tickers}
    names = [t for t in returns if t != series.ticker and (kind_of(t) == "index" or t == design.benchmark)]
    benchmarks = {t: returns[t] for t in names}
    simple = {t: both[Returns.SIMPLE] for t, both in returns.items()}
    basket = {kind: peer_basket(simple, series.ticker, kind) for kind in Returns}
    if None not in basket.values():
        benchmarks[BASKET] = {kind: x for kind, x in basket.items() if x is not None}
    return Material(series.sessions, returns[series.ticker], benchmarks, setting.touched, position)


def path(fitted: Fit, series: Pair, position: int, first: int) -> pd.DataFrame:
    """AR and CAR around `position`, a position in `series`, over PATH or what the data have of it. See `Impact.path` for the columns.

    A missing return leaves a gap in AR, and in CAR from there on (away from the event window): never a partial sum.
    """
    begin, end = max(1, position + PATH.first), min(len(series.y) - 1, position + PATH.last)
    y, x = series.y[begin : end + 1], series.x[begin : end + 1]
    expected = fitted.expected(x)
    abnormal = y - expected
    offsets = np.arange(begin, end + 1) - position
    reach = t_quantile((1 + LEVEL) / 2, fitted.df)
    base = int(np.searchsorted(offsets, first))  # the first row of the event window
    car, se = np.zeros(len(offsets)), np.zeros(len(offsets))
    for i in range(len(offsets)):
        part = slice(base, i + 1) if i >= base else slice(i + 1, base)
        if i != base - 1 or i >= base:
            sum_ = cumulate(fitted, abnormal[part], x[part])
            car[i], se[i] = (sum_.car if i >= base else -sum_.car), sum_.se
    daily = fitted.daily_se(x)
    return pd.DataFrame(
        {
            "offset": offsets, "session": series.sessions[begin : end + 1], "return": y, "benchmark": x, "expected": expected,
            "abnormal": abnormal, "abnormal_se": daily, "abnormal_reach": reach * daily, "car": car, "car_se": se, "car_reach": reach * se,
        }
    )  # fmt: skip


def _simple(outcome: Outcome, design: StudyDesign) -> float:
    """The CAR as a simple return."""
    return float(np.expm1(outcome.car)) if design.returns is Returns.LOG else outcome.car


def _warnings(head: Judged, span: BenchmarkRange, design: StudyDesign) -> tuple[Caution, ...]:
    """The study's warnings, then the ledger's, then that the benchmark moved with the news."""
    found = list(head.outcome.warnings)
    if (caution := head.ledger.caution()) is not None:
        found.append(caution)
    if (own := span.headline) is not None and own.moved:
        facts = {"benchmark": design.benchmark, "ticker": head.outcome.observation.ticker}
        found.append(Caution(Warn.BENCHMARK_CONTAINS_TICKER, facts=facts, detail="moved"))
    return tuple(found)
