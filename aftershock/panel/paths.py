"""Three ways to the sums that fits and cumulative abnormal returns are made of.

    by date      many tickers share a session: one matrix product for all of them
    by window    scattered pairs: their windows are gathered a few hundred at a time, so that they stay in the cache
    by series    (nearly) every session of a ticker: differences of running sums, `rolling.Rolling`

The first two see at once, by a NaN in the sums, which windows are not complete. Those, and windows whose sums have lost digits, go
to the careful path: deviations taken one window at a time (`models.fit_rows`), the same formulas at several times the cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from aftershock.models import OK, TOO_LITTLE, Codes, Ints, Model, car_rows, fit_rows, parameters
from aftershock.panel.rolling import Rolling
from aftershock.returns import Floats
from aftershock.study import StudyDesign, Window

CHUNK: Final = 256  # windows at once: 256 x 240 x 8 B = 0.5 MB
LOST: Final = 1e-3  # a sum of squares that shrinks to less than this when it is centred has lost digits
TINY: Final = 1e-6  # and so has a residual that is no more than this part of the variation
STILL: Final = 1e-9  # a benchmark that moves by no more than this part of a unit is looked at window by window
CROWD: Final = 4  # a session that 1/4 of the tickers share goes by date; a ticker with pairs at 1/4 of its sessions by series


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """One entry per pair, shape (k,): the fit, the cumulative abnormal return with its standard error and t, and `models` status codes.
    NaN where the status is not OK or EXACT."""

    alpha: Floats
    beta: Floats
    sigma: Floats
    n: Ints
    car: Floats
    se: Floats
    t: Floats
    status: Codes

    @classmethod
    def none(cls, k: int) -> Answers:
        """Nothing computed yet."""
        alpha, beta, sigma, car, se, t = np.full((6, k), np.nan)
        return cls(alpha, beta, sigma, np.zeros(k, dtype=np.int64), car, se, t, np.full(k, TOO_LITTLE, dtype=np.int8))

    def take(self, at: Ints, other: Answers) -> None:
        """Puts the answers of the pairs `at` in their places."""
        for name in ("alpha", "beta", "sigma", "n", "car", "se", "t", "status"):
            getattr(self, name)[at] = getattr(other, name)


def compute(y: Floats, x: Floats, rows: Ints, columns: Ints, design: StudyDesign) -> Answers:
    """The study of many pairs. `y`: returns, shape (n_tickers, n_sessions); `x`: shape (n_sessions,); pair p is ticker `rows[p]` at session
    `columns[p]`, both within the table. Decimal fractions, NaN = missing."""
    made = Answers.none(len(rows))
    whole = (columns + design.estimation.first >= 0) & (columns + design.window.last < y.shape[1])
    whole &= columns + design.window.first >= 0
    quick = np.flatnonzero(whole & (len(design.estimation) >= design.needed))
    if len(quick):
        _quickly(y, x, rows, columns, quick, design, made)
    careful = np.flatnonzero(made.status != OK)
    for start in range(0, len(careful), CHUNK):
        pairs = careful[start : start + CHUNK]
        made.take(pairs, _carefully(y, x, rows[pairs], columns[pairs], design))
    return made


def _quickly(y: Floats, x: Floats, rows: Ints, columns: Ints, quick: Ints, design: StudyDesign, made: Answers) -> None:
    """Shares the pairs `quick` out among the three paths. What does not come out well keeps a status that is not OK."""
    tickers, sessions = y.shape
    crowded = (np.bincount(columns[quick], minlength=sessions) >= max(tickers / CROWD, 2))[columns[quick]]
    alone = quick[~crowded]
    busy = np.bincount(rows[alone], minlength=tickers if len(alone) else 0) >= sessions / CROWD
    for row in np.flatnonzero(busy):
        pairs = alone[rows[alone] == row]
        made.take(pairs, _by_series(y[row], x, columns[pairs], design))
    scattered = alone[~busy[rows[alone]]]
    gathered = quick[crowded]
    gathered = gathered[np.argsort(columns[gathered], kind="stable")]
    scattered = scattered[np.argsort(rows[scattered], kind="stable")]  # neighbours in memory follow each other
    summed = np.concatenate([gathered, scattered])
    if not len(summed):
        return
    shift = float(np.nanmean(x)) if np.isfinite(x).any() else 0.0
    sums = _Sums(y, x - shift, design)
    totals = np.empty((4, len(summed)))
    crowds = np.flatnonzero(np.diff(columns[gathered], prepend=-1))  # where each session's pairs begin
    for path, begins in ((sums.by_date, crowds), (sums.by_window, np.arange(len(gathered), len(summed), CHUNK))):
        stop = len(gathered) if path == sums.by_date else len(summed)
        for start, end in pairwise([*begins, stop]):
            part = summed[start:end]
            totals[:, start:end] = path(rows[part], columns[part])
    days = sums.days(columns[summed])
    made.take(summed, _answers(totals, days, shift, design))


class _Sums:
    """The sums over complete windows: of y, of y squared and of y times x over the estimation window, and of y over the event window.
    `x` is the benchmark about a value near its mean. A window that lacks a return has NaN in its sums."""

    def __init__(self, y: Floats, x: Floats, design: StudyDesign) -> None:
        self.estimation, self.window = design.estimation, design.window
        self.y, self.x, self.ones = y, x, np.ones(len(design.estimation))
        self.ys, self.xs = _views(y, design.estimation), _views(x, design.estimation)
        self.events = _views(y, design.window)

    def by_window(self, rows: Ints, columns: Ints) -> tuple[Floats, ...]:
        """Scattered pairs, a chunk of them."""
        begin = columns + self.estimation.first
        window = self.ys[rows, begin]
        after = self.events[rows, columns + self.window.first]
        return window @ self.ones, np.vecdot(window, window), np.vecdot(window, self.xs[begin]), after.sum(axis=1)

    def by_date(self, rows: Ints, columns: Ints) -> tuple[Floats, ...]:
        """Pairs of one session: the sums with the benchmark are one matrix product."""
        at = int(columns[0])
        begin, end = at + self.estimation.first, at + self.estimation.last + 1
        block = self.y[rows, begin:end]
        after = self.y[rows, at + self.window.first : at + self.window.last + 1]
        total, product = (block @ np.stack([self.ones, self.x[begin:end]], axis=1)).T
        return total, np.vecdot(block, block), product, after.sum(axis=1)

    def days(self, columns: Ints) -> Floats:
        """What belongs to the benchmark, for every pair: mean and centred sum of squares of the estimation window, and the event window's
        sum about that mean. Shape (3, k)."""
        at, place = np.unique(columns, return_inverse=True)
        found = np.empty((3, len(at)))
        events = _views(self.x, self.window)
        for start in range(0, len(at), CHUNK):
            s = slice(start, start + CHUNK)
            window = self.xs[at[s] + self.estimation.first]
            mean = window.mean(axis=1)
            window = window - mean[:, None]
            found[0, s], found[1, s] = mean, np.vecdot(window, window)
            found[2, s] = (events[at[s] + self.window.first] - mean[:, None]).sum(axis=1)
        return found[:, place]


def _views(values: Floats, window: Window) -> Floats:
    """All windows of a series, or of each row of a matrix, as a view: that of session i is number i + window.first."""
    return np.lib.stride_tricks.sliding_window_view(values, len(window), axis=-1)


def _answers(totals: Floats, days: Floats, shift: float, design: StudyDesign) -> Answers:
    """Sums -> answers; the status is OK only where the sums were complete and kept their digits."""
    (total, squares, product, after), (mean_x, sxx, moved) = totals, days
    n, length = len(design.estimation), len(design.window)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = total / n
        syy, sxy = squares - total * mean, product - total * mean_x
        after = after - length * mean  # the event window's sum over the estimation mean
        bracket: Floats | float = float(length)
        if design.model is Model.MARKET:
            beta = sxy / sxx
            alpha, rest, car = mean - beta * (mean_x + shift), syy - beta * sxy, after - beta * moved
            bracket = bracket + length**2 / n + moved**2 / sxx
        elif design.model is Model.MARKET_ADJUSTED:
            alpha, beta = np.zeros(len(mean)), np.ones(len(mean))
            rest, car = syy - 2 * sxy + sxx, after + length * (mean - mean_x - shift) - moved
        else:
            alpha, beta, rest, car = mean, np.zeros(len(mean)), syy, after
            bracket = bracket + length**2 / n
        sigma = np.sqrt(rest / (n - parameters(design.model)))
        se = sigma * np.sqrt(bracket)
        kept = (syy > LOST * squares) & (rest > TINY * syy) & np.isfinite(car / se)
        if design.model is not Model.MEAN_ADJUSTED:
            spread = np.sqrt(sxx / n)
            kept &= (spread > LOST * np.abs(mean_x)) & (spread > STILL * (1 + np.abs(mean_x + shift)))
    status = np.where(kept, OK, TOO_LITTLE).astype(np.int8)
    return Answers(alpha, beta, sigma, np.full(len(mean), n, dtype=np.int64), car, se, car / se, status)


def _by_series(y: Floats, x: Floats, columns: Ints, design: StudyDesign) -> Answers:
    """(Nearly) every session of one ticker, from running sums."""
    rolling = Rolling(y, y if design.model is Model.MEAN_ADJUSTED else x)
    if not rolling.regular:
        return Answers.none(len(columns))
    fits = rolling.fits(design.estimation, design.model, design.needed)
    cars, fits = rolling.cars(fits, design.window, columns), fits.at(columns)
    status = np.where(np.isfinite(cars.t), fits.status, TOO_LITTLE).astype(np.int8)
    return Answers(fits.alpha, fits.beta, fits.sigma, fits.n, cars.car, cars.se, cars.t, status)


def _carefully(y: Floats, x: Floats, rows: Ints, columns: Ints, design: StudyDesign) -> Answers:
    """Any pairs: what lies outside the table counts as missing, missing returns are left out of the estimation in pairs."""

    def around(window: Window) -> tuple[Floats, Floats]:
        at = columns[:, None] + np.arange(window.first, window.last + 1)
        inside = (at >= 0) & (at < y.shape[1])
        at = np.where(inside, at, 0)
        return np.where(inside, y[rows[:, None], at], np.nan), np.where(inside, x[at], np.nan)

    ey, ex = around(design.estimation)
    fits = fit_rows(ey, ey if design.model is Model.MEAN_ADJUSTED else ex, design.model, design.needed)
    cars = car_rows(*around(design.window), fits)
    return Answers(fits.alpha, fits.beta, fits.sigma, fits.n, cars.car, cars.se, cars.t, fits.status)
