"""What the reader of one result must know: other events nearby, and what is odd about the prices in its windows.

Nothing here changes a number.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np
import pandas as pd

from aftershock.models import Fit
from aftershock.returns import Closes, Floats, Pair, jumps, repeats
from aftershock.study.plan import Caution, Observation, StudyPlan, Warn, Window

STALE_SHARE: Final = 0.05  # this share of unchanged closes in the estimation window is more than rounding to a cent brings
STALE_RUN: Final = 3  # so are this many unchanged closes one after the other


class Surroundings:
    """Everything around the observations of one study; `of` answers the warnings of one outcome."""

    def __init__(self, plan: StudyPlan, closes: Closes) -> None:
        self.plan, self.closes = plan, closes
        self._same: dict[str, list[Observation]] = defaultdict(list)
        for other in (*plan.observations, *plan.others):
            self._same[other.ticker].append(other)

    def of(self, asked: Observation, series: Pair, span: slice, lo: int, hi: int, fitted: Fit) -> tuple[Caution, ...]:
        """The warnings of one outcome. `span` and `lo`..`hi` are the positions of its estimation and event windows."""
        found = [*self._other_events(asked, series, span), *self._prices(series, span, lo, hi)]
        design = self.plan.design
        if hi - lo + 1 < len(design.window):
            used = Window(design.window.first, design.window.first + hi - lo)
            found.append(Caution(Warn.TRUNCATED_WINDOW, (), (series.sessions[hi],), {"used": used, "asked": design.window}))
        if design.uses_benchmark and (fitted.exact or asked.ticker in self.plan.members.get(design.benchmark, ())):
            facts = {"ticker": asked.ticker, "benchmark": design.benchmark}
            found.append(Caution(Warn.BENCHMARK_CONTAINS_TICKER, facts=facts, detail="exact" if fitted.exact else ""))
        if self.closes.snapshot is not None:
            found.append(Caution(Warn.SNAPSHOT_DATA, facts={"day": _day(self.closes.snapshot)}))
        return tuple(found)

    def _other_events(self, asked: Observation, series: Pair, span: slice) -> list[Caution]:
        """same-session: another event of this ticker reacts in the same session. overlap: its event window shares a session.
        contaminated-estimation: its reaction session lies in the estimation window."""
        window, days = self.plan.design.window, series.sessions
        position = int(days.searchsorted(asked.session))
        same, overlap, inside = [], [], []
        first, last = days[0], days[-1]
        others = [o for o in self._same[asked.ticker] if o.event_id != asked.event_id and first <= o.session <= last]
        for other, at in zip(others, days.searchsorted([o.session for o in others]), strict=True):
            if other.session == asked.session:
                same.append(other)
            elif abs(at - position) < len(window):
                overlap.append(other)
            if span.start <= at < span.stop:
                inside.append(other)
        named = ((Warn.SAME_SESSION, same), (Warn.OVERLAP, overlap), (Warn.CONTAMINATED_ESTIMATION, inside))
        return [_caution(code, others) for code, others in named if others]

    def _prices(self, series: Pair, span: slice, lo: int, hi: int) -> list[Caution]:
        """What is odd about the closes of the ticker and of the benchmark in both windows."""
        found = []
        sides = [(series.ticker, series.closes_y, series.bad_y)]
        if self.plan.design.uses_benchmark and series.benchmark != series.ticker:
            sides.append((series.benchmark, series.closes_x, series.bad_x))
        used = np.zeros(len(series.sessions), dtype=bool)
        used[span] = used[lo : hi + 1] = True
        for name, closes, bad in sides:
            at = [i for i in jumps(closes) if used[i]]
            if at:
                facts: dict[str, object] = {"series": name, "factor": _factor(closes, at[0])}
                found.append(Caution(Warn.SPLIT_LIKE_JUMP, (), tuple(series.sessions[at]), facts))
            at = _stale(closes, span, lo, hi)
            if at:
                found.append(Caution(Warn.STALE_PRICES, (), tuple(series.sessions[at]), {"series": name}))
            at = [int(i) for i in np.flatnonzero(bad & used)]
            if at:
                found.append(Caution(Warn.BAD_PRICE, (), tuple(series.sessions[at]), {"series": name}))
            if days := self.closes.duplicates.get(name):
                found.append(Caution(Warn.DUPLICATE_DATES, (), tuple(days), {"series": name}))
        return found


def _caution(code: Warn, others: list[Observation]) -> Caution:
    others = sorted(others, key=lambda o: (o.session, o.event_id))
    return Caution(code, tuple(o.event_id for o in others), tuple(dict.fromkeys(o.session for o in others)))


def _factor(closes: Floats, at: int) -> float:
    """By how much the close changed, as a number above 1."""
    ratio = float(closes[at] / closes[at - 1])
    return ratio if ratio > 1 else 1 / ratio


def _stale(closes: Floats, span: slice, lo: int, hi: int) -> list[int]:
    """Positions of closes that look filled forward: any unchanged close in the event window, where a share seldom closes at
    exactly yesterday's price, and in the estimation window a share of STALE_SHARE of them, or STALE_RUN in a row."""
    same = repeats(closes)
    inside = same[span]
    suspicious = [i for i in range(lo, hi + 1) if same[i]]
    run = np.convolve(inside, np.ones(STALE_RUN), "valid") >= STALE_RUN if len(inside) >= STALE_RUN else np.zeros(1, dtype=bool)
    if len(inside) and (inside.mean() >= STALE_SHARE or run.any()):
        suspicious += [span.start + int(i) for i in np.flatnonzero(inside)]
    return sorted(set(suspicious))


def _day(text: str) -> object:
    """The day of an ISO time stamp, so that it is written as the reader's language writes dates; anything else as it is."""
    try:
        return pd.Timestamp(text[:10])
    except ValueError:
        return text
