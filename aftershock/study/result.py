"""The answer: one Outcome per observation, and tidy frames over all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from aftershock.calibration import calibrated
from aftershock.errors import RequestError
from aftershock.models import Fit
from aftershock.returns import Floats
from aftershock.significance import Sample, TestResult, all_tests
from aftershock.significance.distributions import t_quantile, t_two_sided
from aftershock.study.plan import Caution, Exclusion, Observation, StudyPlan, Window

LEVEL: Final = 0.95


@dataclass(frozen=True, eq=False, slots=True)
class Outcome:
    """One observation's result.

    `window` is the event window that was used (shorter than the design's at the end of the data). Arrays `returns`, `expected`,
    `abnormal` and `daily_se` have one entry per session of it, all finite; so has `benchmark`, NaN where the model does not look at
    it. `car` is the sum of `abnormal`, `se` its exact prediction error, `t` = car/se with `fit.df` degrees of freedom; `low`, `high`
    are the ends of the interval at LEVEL. t, p and the interval are NaN when the benchmark explains the series exactly. `residuals`
    are the abnormal returns of the estimation window, one per session, NaN = missing; `estimation_days` are its sessions (fewer than
    the design's where the data begin later).
    """

    observation: Observation
    fit: Fit
    window: Window
    sessions: pd.DatetimeIndex
    returns: Floats
    benchmark: Floats
    expected: Floats
    abnormal: Floats
    daily_se: Floats
    car: float
    se: float
    t: float
    p: float
    low: float
    high: float
    residuals: Floats
    estimation_days: pd.DatetimeIndex
    warnings: tuple[Caution, ...]

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """The offset of every session of the window."""
        return np.arange(self.window.first, self.window.last + 1)

    @property
    def estimation_first(self) -> pd.Timestamp:
        """The first session that the fit used."""
        return self.estimation_days[np.isfinite(self.residuals)][0]

    @property
    def estimation_last(self) -> pd.Timestamp:
        """The last session that the fit used."""
        return self.estimation_days[np.isfinite(self.residuals)][-1]

    def cumulate(self, window: Window) -> Cumulated:
        """The CAR of a part of the window. What lies past the end of the data is left out; nothing left is all NaN."""
        part = (self.offsets >= window.first) & (self.offsets <= window.last)
        return cumulate(self.fit, self.abnormal[part], self.benchmark[part])


@dataclass(frozen=True, slots=True)
class Cumulated:
    """A cumulative abnormal return with its exact prediction error, t, two-sided p and interval at LEVEL; `days` summed."""

    car: float
    se: float
    t: float
    p: float
    low: float
    high: float
    days: int


def cumulate(fitted: Fit, abnormal: Floats, benchmark: Floats) -> Cumulated:
    """Sum abnormal returns, shape (L,), with the standard error of the whole prediction (see `models`) and t(fit.df)."""
    if not len(abnormal):
        return Cumulated(math.nan, math.nan, math.nan, math.nan, math.nan, math.nan, 0)
    car, se = float(abnormal.sum()), math.sqrt(fitted.variance(benchmark)) if not fitted.exact else 0.0
    if fitted.exact:
        return Cumulated(car, se, math.nan, math.nan, math.nan, math.nan, len(abnormal))
    t, reach = car / se, t_quantile((1 + LEVEL) / 2, fitted.df) * se
    return Cumulated(car, se, t, t_two_sided(t, fitted.df), car - reach, car + reach, len(abnormal))


@dataclass(frozen=True, eq=False)
class StudyResult:
    """Outcomes and exclusions, and tidy frames of them. outcomes + excluded = requested, always."""

    plan: StudyPlan
    outcomes: tuple[Outcome, ...]
    excluded: tuple[Exclusion, ...]

    @cached_property
    def by_key(self) -> dict[tuple[str, str], Outcome]:
        """Outcomes by (event_id, ticker)."""
        return {o.observation.key: o for o in self.outcomes}

    def abnormal_returns(self) -> pd.DataFrame:
        """One row per (event_id, ticker, offset): session, return, benchmark, expected, abnormal, se; all decimal fractions."""
        columns = ("event_id", "ticker", "offset", "session", "return", "benchmark", "expected", "abnormal", "se")
        rows = [
            (*o.observation.key, int(offset), session, *map(float, numbers))
            for o in self.outcomes
            for offset, session, *numbers in zip(
                o.offsets, o.sessions, o.returns, o.benchmark, o.expected, o.abnormal, o.daily_se, strict=True
            )
        ]
        return _frame(rows, columns)

    def car(self, window: Window | None = None) -> pd.DataFrame:
        """One row per (event_id, ticker): the CAR of `window` (a part of the design's; default all of it), exact se, t, df, p, interval."""
        asked = self._part(window)
        columns = (
            "event_id", "ticker", "session", "days", "n_estimation", "alpha", "beta", "sigma", "car", "se", "t", "df", "p", "low", "high",
        )  # fmt: skip
        rows = []
        for o in self.outcomes:
            c = o.cumulate(asked)
            f = o.fit
            rows.append((*o.observation.key, o.observation.session, c.days, f.n, f.alpha, f.beta, f.sigma,
                         c.car, c.se, c.t, f.df, c.p, c.low, c.high))  # fmt: skip
        return _frame(rows, columns)

    def paths(self) -> pd.DataFrame:
        """One row per (event_id, ticker, offset): the CAR from the window's first session to that one, with se and interval."""
        columns = ("event_id", "ticker", "offset", "session", "car", "se", "low", "high")
        rows = []
        for o in self.outcomes:
            for i, (offset, session) in enumerate(zip(o.offsets, o.sessions, strict=True), 1):
                c = cumulate(o.fit, o.abnormal[:i], o.benchmark[:i])
                rows.append((*o.observation.key, int(offset), session, c.car, c.se, c.low, c.high))
        return _frame(rows, columns)

    def caar(self) -> pd.DataFrame:
        """One row per offset: n, AAR and CAAR over the events that reach it, each with the cross-sectional standard error.

        se = sd over the events (n-1) / sqrt(n): right for independent events; `tests`
        says what happens when they share sessions. NaN with fewer than two events.
        """
        rows = []
        first = self.plan.design.window.first
        for offset in range(first, self.plan.design.window.last + 1):
            reach = [o for o in self.outcomes if o.window.last >= offset]
            ars = np.array([o.abnormal[offset - first] for o in reach])
            cars = np.array([o.abnormal[: offset - first + 1].sum() for o in reach])
            rows.append((offset, len(reach), *_mean_se(ars), *_mean_se(cars)))
        return pd.DataFrame(rows, columns=["offset", "n", "aar", "aar_se", "caar", "caar_se"])

    def sample(self, window: Window | None = None) -> Sample:
        """The events that tests over many events use: those with the whole of `window` (default the design's) and a residual variance.

        An event whose window was cut at the end of the data, or which the benchmark explains exactly, is not one of them.
        """
        asked = self._part(window)
        used = [o for o in self.outcomes if not o.fit.exact and o.window.last >= asked.last]
        first, length, history = asked.first - self.plan.design.window.first, len(asked), len(self.plan.design.estimation)
        cars = [o.cumulate(asked) for o in used]
        residuals = np.full((len(used), history), np.nan)
        days = np.full((len(used), length), -1, dtype=np.int64)
        estimation_days = np.full((len(used), history), -1, dtype=np.int64)
        for i, o in enumerate(used):
            residuals[i, history - len(o.residuals) :] = o.residuals
            estimation_days[i, history - len(o.residuals) :] = _ordinals(o.estimation_days)
            days[i] = _ordinals(o.sessions[first : first + length])
        return Sample(
            car=np.array([c.car for c in cars]),
            se=np.array([c.se for c in cars]),
            df=np.array([o.fit.df for o in used], dtype=np.int64),
            sigma=np.array([o.fit.sigma for o in used]),
            abnormal=np.array([o.abnormal[first : first + length] for o in used]).reshape(len(used), length),
            residuals=residuals,
            days=days,
            estimation_days=estimation_days,
        )

    def test_results(self, window: Window | None = None) -> tuple[TestResult, ...]:
        """Every test over many events of the CAR of `window` (default the design's), each with its measured size: one that is known to
        reject too often or too seldom is not usable."""
        sample = self.sample(window)
        return calibrated(all_tests(sample), shared=sample.any_shared, length=sample.length)

    def tests(self, window: Window | None = None) -> pd.DataFrame:
        """`test_results` as a frame, one row per test: codes and numbers, NaN where undefined, `shown` for those that may be shown."""
        names = ("test", "statistic", "p", "n", "n_effective", "df", "null", "citation", "usable", "why", "shown", "size")
        rows = [tuple(getattr(r, name) for name in names) for r in self.test_results(window)]
        return pd.DataFrame(rows, columns=list(names))

    def _part(self, window: Window | None) -> Window:
        whole = self.plan.design.window
        if window is not None and not window.within(whole):
            raise RequestError("window-not-inside", window=str(window), whole=str(whole))
        return window or whole


def _ordinals(sessions: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """Days since 1970 as whole numbers."""
    return sessions.to_numpy().astype("datetime64[D]").astype(np.int64)


def _mean_se(values: Floats) -> tuple[float, float]:
    if not len(values):
        return math.nan, math.nan
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def _frame(rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(columns))
    if "session" in frame:
        frame["session"] = pd.to_datetime(frame["session"]).dt.as_unit("us")
    return frame
