"""One design on every event of one series at once: what `run_study` gives one by one, to the same digits, in a few milliseconds.

An event has a place in a panel when the whole of its event window has prices; every other one is excluded with the reason that `run_study`
gives, or because the data end inside its window. Returns, abnormal returns and their standard errors are decimal fractions per session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aftershock.events import Event
from aftershock.models import EXACT, OK, Cars, Fits, Ints, Model, car_windows, fit_windows
from aftershock.panel.rolling import Rolling
from aftershock.returns import Closes, Floats, pair
from aftershock.sessions import Reaction
from aftershock.significance import Sample, benjamini_hochberg, holm
from aftershock.significance.distributions import t_two_sided
from aftershock.study import Exclusion, Observation, Reason, StudyDesign, Window, make_plan, run_study
from aftershock.verdict import ordinary_days, ordinary_mask, touched_positions


@dataclass(frozen=True, eq=False)
class Panel:
    """Make it with `panel`. k events, in the order of their sessions: `ids` and `positions` (of session 0 in `sessions`), shape (k,).

    `y`, `x`, `closes`: returns of the series and of the benchmark and the series' closes, shape (n_sessions,). `fits`, `cars`: the design's
    fit and its CAR over the design's window, shape (k,). `touched`: positions that an event which concerns the series could have moved.
    """

    ticker: str
    design: StudyDesign
    ids: tuple[str, ...]
    positions: Ints
    sessions: pd.DatetimeIndex
    y: Floats
    x: Floats
    closes: Floats
    fits: Fits
    cars: Cars
    touched: Ints
    excluded: tuple[Exclusion, ...]

    def places(self, ids: Iterable[str]) -> Ints:
        """The rows of some events, in the order of their sessions; those without a place are left out."""
        wanted = set(ids)
        return np.array([i for i, event in enumerate(self.ids) if event in wanted], dtype=np.int64)

    def left_out(self, ids: Iterable[str]) -> tuple[Exclusion, ...]:
        """Which of some events have no place, and why."""
        wanted = set(ids)
        return tuple(e for e in self.excluded if e.event_id in wanted)

    def abnormal(self, window: Window, rows: Ints) -> Floats:
        """Abnormal returns of any window around the events, shape (len(rows), len(window)); NaN outside the data."""
        y, x = self._cut(self.y, window, rows), self._cut(self.x, window, rows)
        alpha, beta = self.fits.alpha[rows, None], self.fits.beta[rows, None]
        return y - (x if self.design.model is Model.MARKET_ADJUSTED else alpha + beta * x if self.design.uses_benchmark else alpha)

    def raw(self, window: Window, rows: Ints) -> Floats:
        """Closes over the close before session 0, less 1: shape (len(rows), len(window)); NaN outside the data."""
        return self._cut(self.closes, window, rows) / self.closes[self.positions[rows] - 1][:, None] - 1

    def days(self, window: Window, rows: Ints) -> Ints:
        """Positions of the sessions of a window around the events, shape (len(rows), len(window)); -1 outside the data."""
        at = self.positions[rows, None] + np.arange(window.first, window.last + 1)
        return np.where((at >= 0) & (at < len(self.sessions)), at, -1)

    def _cut(self, values: Floats, window: Window, rows: Ints) -> Floats:
        at = self.days(window, rows)
        return np.where(at >= 0, values[at], np.nan)

    def sample(self, rows: Ints) -> Sample:
        """Some events as the tests over many events want them; those that the benchmark explains exactly are left out."""
        rows = rows[self.fits.status[rows] == OK]
        design = self.design
        residuals, estimation_days = self.abnormal(design.estimation, rows), self.days(design.estimation, rows)
        return Sample(
            car=self.cars.car[rows], se=self.cars.se[rows], df=self.fits.df[rows], sigma=self.fits.sigma[rows],
            abnormal=self.abnormal(design.window, rows), residuals=residuals, days=self.days(design.window, rows),
            estimation_days=estimation_days,
        )  # fmt: skip

    @cached_property
    def p(self) -> pd.Series[float]:
        """The two-sided p of each event's t, indexed by event_id; NaN where there is nothing to test."""
        found = [t_two_sided(float(t), int(df)) for t, df in zip(self.cars.t, self.fits.df, strict=True)]
        return pd.Series(found, index=pd.Index(self.ids, name="event_id"), dtype=np.float64)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per event, indexed by event_id: session, car, se, t, df, p, ordinary days (as_extreme, of, p_ordinary), p adjusted for
        testing all of them (holm, bh). NaN where there is nothing to test."""
        p = np.asarray(self.p, dtype=np.float64)
        extreme, of, rank = self._ordinary
        return pd.DataFrame(
            {
                "session": self.sessions[self.positions], "car": self.cars.car, "se": self.cars.se, "t": self.cars.t, "df": self.fits.df,
                "p": p, "as_extreme": extreme, "of": of, "p_ordinary": rank, "holm": holm(p), "bh": benjamini_hochberg(p),
            },
            index=self.p.index,
        )  # fmt: skip

    @cached_property
    def _ordinary(self) -> tuple[list[int], list[int], list[float]]:
        """For each event: ordinary days that moved as much, of how many, and (1 + as extreme) / (1 + N)."""
        rolling = Rolling(self.y, self.x)
        design, n = self.design, len(self.sessions)
        everywhere = rolling.cars(rolling.fits(design.estimation, design.model, design.needed), design.window)
        found = []
        for at, car, t in zip(self.positions, self.cars.car, self.cars.t, strict=True):
            mask = ordinary_mask(n, self.touched, int(at), design.window)
            found.append(ordinary_days(everywhere, mask, self.sessions, float(car), float(t)))
        return [d.as_extreme for d in found], [d.of for d in found], [d.p for d in found]


def panel(closes: Closes, ticker: str, design: StudyDesign, events: Sequence[Event], reactions: Mapping[str, Reaction]) -> Panel:
    """The panel of a series. `reactions` has the session of every event. KeyError when the series has no prices."""
    series = pair(closes, ticker, design.benchmark if design.uses_benchmark else ticker, design.returns)
    asked = sorted((Observation(e.id, ticker, reactions[e.id].session) for e in events), key=lambda o: (o.session, o.event_id))
    at = series.sessions.get_indexer(pd.DatetimeIndex([o.session for o in asked])).astype(np.int64)
    within = (design.estimation.first, design.estimation.last)
    known = np.flatnonzero(at >= 0)
    fits = fit_windows(series.y, series.x, at[known], within, design.model, min_observations=design.needed)
    cars = car_windows(series.y, series.x, at[known], fits, (design.window.first, design.window.last))
    whole = np.isfinite(cars.car) & ((fits.status == OK) | (fits.status == EXACT))
    kept = known[whole]
    out = [o for i, o in enumerate(asked) if i not in set(kept.tolist())]
    touched = touched_positions([(e, reactions[e.id]) for e in events], ticker, series.sessions)
    return Panel(
        ticker, design, tuple(asked[i].event_id for i in kept), at[kept], series.sessions, series.y, series.x, series.closes_y,
        _taken(fits, whole), Cars(cars.car[whole], cars.se[whole], cars.t[whole], cars.df[whole]), touched,
        _reasons(out, design, closes),
    )  # fmt: skip


def _taken(fits: Fits, rows: Floats) -> Fits:
    names = ("alpha", "beta", "sigma", "n", "df", "mean_x", "sxx", "status")
    return Fits(fits.model, *(getattr(fits, name)[rows] for name in names))


def _reasons(out: Sequence[Observation], design: StudyDesign, closes: Closes) -> tuple[Exclusion, ...]:
    """Why events have no place: what `run_study` says, and where it would shorten the window, that the data end inside it."""
    if not out:
        return ()
    result = run_study(make_plan(out, design), closes)
    cut = [
        Exclusion(*o.observation.key, Reason.WINDOW_OUTSIDE_DATA, {"window": design.window, "day": o.sessions[-1]}, "after")
        for o in result.outcomes
    ]
    return (*result.excluded, *cut)
