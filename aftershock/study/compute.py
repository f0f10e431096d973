"""Plan and closes -> outcomes and exclusions, one for every pair that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pandas as pd

from aftershock.errors import RequestError
from aftershock.models import TOO_LITTLE, ZERO_VARIANCE, fit
from aftershock.returns import Closes, Pair, clean, pair
from aftershock.study.cautions import Surroundings
from aftershock.study.plan import Exclusion, Observation, Reason, StudyDesign, StudyPlan, Window
from aftershock.study.result import Outcome, StudyResult, cumulate

Refusal: TypeAlias = Callable[..., Exclusion]


def run_study(study_plan: StudyPlan, closes: Closes | pd.DataFrame) -> StudyResult:
    """Compute every observation of the plan. `closes`: one column per ticker, indexed by session; missing stays missing.

    Answers len(outcomes) + len(excluded) = plan.requested, in the plan's order. RequestError when the benchmark has no column.
    """
    cleaned = closes if isinstance(closes, Closes) else clean(closes)
    design = study_plan.design
    if design.uses_benchmark and design.benchmark not in cleaned.tickers:
        raise RequestError("unknown-ticker", ticker=design.benchmark, known=", ".join(cleaned.tickers))
    around = Surroundings(study_plan, cleaned)
    pairs: dict[str, Pair] = {}
    outcomes: list[Outcome] = []
    excluded = list(study_plan.excluded)
    for asked in study_plan.observations:
        if asked.ticker in cleaned.tickers and asked.ticker not in pairs:
            reference = design.benchmark if design.uses_benchmark else asked.ticker
            pairs[asked.ticker] = pair(cleaned, asked.ticker, reference, design.returns)
        answer = observe(asked, pairs.get(asked.ticker), design, around)
        (outcomes if isinstance(answer, Outcome) else excluded).append(answer)  # type: ignore[arg-type]
    return StudyResult(study_plan, tuple(outcomes), tuple(excluded))


def observe(asked: Observation, series: Pair | None, design: StudyDesign, around: Surroundings) -> Outcome | Exclusion:
    """One observation -> its Outcome, or the Exclusion that says why there is none."""

    def no(reason: Reason, detail: str = "", **facts: object) -> Exclusion:
        return Exclusion(asked.event_id, asked.ticker, reason, {"ticker": asked.ticker} | facts, detail)

    if series is None:
        return no(Reason.PRICE_MISSING, "series")
    placed = _place(asked, series, design, no)
    if isinstance(placed, Exclusion):
        return placed
    position, lo, hi = placed
    begin, end = position + design.estimation.first, position + design.estimation.last + 1
    span = slice(max(begin, 0), max(end, 0))
    fitted, status = fit(series.y[span], series.x[span], design.model, min_observations=design.needed) if end > 0 else (None, TOO_LITTLE)
    if status == TOO_LITTLE:
        used = np.isfinite(series.y[span]) & (np.isfinite(series.x[span]) | (not design.uses_benchmark))
        return no(Reason.TOO_LITTLE_HISTORY, n=int(used.sum()), needed=design.needed, window=design.estimation)
    if lo < 1:
        return no(Reason.WINDOW_OUTSIDE_DATA, "before", window=design.window, day=series.sessions[0])
    if (gap := _gap(series, lo, hi, design, no)) is not None:
        return gap
    if fitted is None:
        assert status == ZERO_VARIANCE
        still = np.nanmax(series.y[span]) == np.nanmin(series.y[span])
        return no(Reason.ZERO_VARIANCE, series=asked.ticker if still or not design.uses_benchmark else design.benchmark)
    y = series.y[lo : hi + 1]
    x = series.x[lo : hi + 1] if design.uses_benchmark else np.full(len(y), np.nan)
    expected = fitted.expected(x)
    abnormal = y - expected
    total = cumulate(fitted, abnormal, x)
    residuals = series.y[span] - fitted.expected(series.x[span])
    window = Window(design.window.first, design.window.first + hi - lo)
    return Outcome(
        asked, fitted, window, series.sessions[lo : hi + 1], y, x, expected, abnormal, fitted.daily_se(x),
        total.car, total.se, total.t, total.p, total.low, total.high,
        residuals, series.sessions[span], around.of(asked, series, span, lo, hi, fitted),
    )  # fmt: skip


def _place(asked: Observation, series: Pair, design: StudyDesign, no: Refusal) -> Exclusion | tuple[int, int, int]:
    """Where the observation stands: (reaction position, first and last position of the event window), or why it stands nowhere.

    A row with a figure that cannot be a price counts as a row: the reason will be that figure, not the end of the data.
    """
    given = np.flatnonzero(np.isfinite(series.closes_y) | series.bad_y)
    if not len(given):
        return no(Reason.PRICE_MISSING, "series")
    days, session = series.sessions, asked.session
    first, last = int(given[0]), int(given[-1])
    if session < days[first]:
        return no(Reason.BEFORE_FIRST_PRICE, session=session, day=days[first])
    if session > days[last]:
        return no(Reason.AFTER_LAST_PRICE, session=session, day=days[last])
    position = int(days.searchsorted(session))
    if days[position] != session:
        return no(Reason.NOT_A_SESSION, "file", day=session)
    if design.uses_benchmark:
        quoted = np.flatnonzero(np.isfinite(series.closes_x) | series.bad_x)
        if not len(quoted) or not quoted[0] <= position <= quoted[-1]:
            return no(Reason.BENCHMARK_MISSING, session=session, benchmark=series.benchmark)
        last = min(last, int(quoted[-1]))
    lo, hi = position + design.window.first, position + design.window.last
    if lo > last:
        return no(Reason.WINDOW_OUTSIDE_DATA, "after", window=design.window, day=days[last])
    return position, lo, min(hi, last)


def _gap(series: Pair, lo: int, hi: int, design: StudyDesign, no: Refusal) -> Exclusion | None:
    """The first session of the event window (or the one before it, whose close its first return needs) without a usable close."""
    sides = [(series.closes_y, series.bad_y, series.ticker, Reason.PRICE_MISSING)]
    if design.uses_benchmark:
        sides.append((series.closes_x, series.bad_x, series.benchmark, Reason.BENCHMARK_MISSING))
    for at in range(lo - 1, hi + 1):
        for closes, bad, name, missing in sides:
            if bad[at]:
                return no(Reason.BAD_PRICE, series=name, session=series.sessions[at])
            if not np.isfinite(closes[at]):
                return no(missing, series=name, session=series.sessions[at], benchmark=series.benchmark)
    for values, name in ((series.y, series.ticker), (series.x, series.benchmark)):
        lost = np.flatnonzero(~np.isfinite(values[lo : hi + 1]))  # closes that exist, with a ratio beyond a float
        if len(lost) and (design.uses_benchmark or name == series.ticker):
            return no(Reason.BAD_PRICE, series=name, session=series.sessions[lo + int(lost[0])])
    return None
