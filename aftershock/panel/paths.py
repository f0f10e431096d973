"""Three ways to the sums that fits and cumulative abnormal returns are made of.

    by date      many tickers share a session: matrix products for all of them
    by window    scattered pairs: their windows are gathered a few hundred at a time, so that they stay in the cache
    by series    (nearly) every session of a ticker: differences of running sums, `rolling.Rolling`

The first two see at once, by a NaN in the sums, which estimation windows are not complete: those are summed again without what is missing.
Windows whose sums have lost digits go to the careful path: deviations taken one window at a time (`models.fit_rows`), the same formulas
at several times the cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final

import numpy as np

from aftershock.models import OK, TOO_LITTLE, Codes, Ints, Model, car_rows, fit_rows, parameters
from aftershock.panel.rolling import Rolling
from aftershock.returns import Flags, Floats
from aftershock.study import StudyDesign, Window

CHUNK: Final = 512  # windows at once: 512 x 261 x 8 B = 1 MB
LESSON: Final = 2**19  # numbers, 4 MB
BLOCK: Final = 8_192  # pairs whose sums become answers at once
LOST: Final = 1e-3  # a sum of squares that shrinks to less than this when it is centred has lost digits
TINY: Final = 1e-6  # and so has a residual that is no more than this part of the variation
STILL: Final = 1e-9  # a benchmark that moves by no more than this part of a unit is looked at window by window
CROWD: Final = 4  # a session that 1/4 of the tickers share goes by date; a ticker with pairs at 1/4 of its sessions by series
DOUBT: Final = -1  # the status of a pair that only the careful path can settle
DATE, WINDOW, SERIES, EDGE = range(4)  # the way of a pair; EDGE: the table ends inside one of its windows


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """One entry per pair, shape (k,): the fit, the cumulative abnormal return with its standard error and t, and `models` status codes.
    The CAR is NaN where the status is not OK or EXACT."""

    alpha: Floats
    beta: Floats
    sigma: Floats
    n: Ints
    car: Floats
    se: Floats
    t: Floats
    status: Codes

    @classmethod
    def none(cls, k: int, status: int = TOO_LITTLE) -> Answers:
        """Nothing computed yet."""
        alpha, beta, sigma, car, se, t = (np.full(k, np.nan) for _ in range(6))
        return cls(alpha, beta, sigma, np.zeros(k, dtype=np.int64), car, se, t, np.full(k, status, dtype=np.int8))

    def take(self, at: Ints, other: Answers) -> None:
        """Puts the answers of the pairs `at` in their places."""
        for field in fields(self):
            getattr(self, field.name)[at] = getattr(other, field.name)


@np.errstate(invalid="ignore", divide="ignore", over="ignore")  # numbers that are none are looked at where they arise
def compute(y: Floats, x: Floats, rows: Ints, columns: Ints, design: StudyDesign) -> Answers:
    """The study of many pairs. `y`: returns, shape (n_tickers, n_sessions); `x`: shape (n_sessions,); pair p is ticker `rows[p]` at session
    `columns[p]`, both within the table. Decimal fractions, NaN = missing."""
    np.empty(LESSON)  # never touched: glibc's malloc learns to keep chunks that are freed; faulting each in again is a fifth of the time
    made = Answers.none(len(rows), DOUBT)
    way = _ways(y, rows, columns, design)
    sums = _Sums(y, x, columns[way != EDGE], design)
    for pairs in _series(way, rows):
        found = _by_series(y[rows[pairs[0]]], x, columns[pairs], design)
        if found is None:
            way[pairs] = WINDOW
        else:
            made.take(pairs, found)
    for code, path, key in ((DATE, sums.by_date, columns), (WINDOW, sums.by_window, rows), (EDGE, sums.at_edges, rows)):
        order = _sorted(way == code, key)
        for start in range(0, len(order), BLOCK):
            pairs = order[start : start + BLOCK]
            made.take(pairs, _answers(path(rows[pairs], columns[pairs]), sums.shift, design))
    careful = np.flatnonzero(made.status == DOUBT)
    for start in range(0, len(careful), CHUNK):
        pairs = careful[start : start + CHUNK]
        made.take(pairs, _carefully(y, x, rows[pairs], columns[pairs], design))
    return made


def _reach(design: StudyDesign) -> Window:
    """From the first session that a pair needs to the last."""
    first, last = zip(design.estimation, design.window, strict=True)
    return Window(min(first), max(last))


def _ways(y: Floats, rows: Ints, columns: Ints, design: StudyDesign) -> Codes:
    """The way of every pair."""
    tickers, sessions = y.shape
    reach, at = _reach(design), np.arange(sessions)
    whole = (at + reach.first >= 0) & (at + reach.last < sessions)
    crowd = np.bincount(columns, minlength=sessions) >= max(tickers / CROWD, 2)
    way = np.where(whole, np.where(crowd, DATE, WINDOW), EDGE).astype(np.int8)[columns]
    busy = np.bincount(rows[way == WINDOW], minlength=tickers) >= sessions / CROWD
    if busy.any():
        way[(way == WINDOW) & busy[rows]] = SERIES
    return way


def _series(way: Codes, rows: Ints) -> list[Ints]:
    """The pairs that go by series, one array per ticker."""
    pairs = _sorted(way == SERIES, rows)
    return np.split(pairs, np.flatnonzero(np.diff(rows[pairs])) + 1) if len(pairs) else []


def _sorted(asked: Flags, key: Ints) -> Ints:
    """The pairs asked for by ticker or session, so that neighbours in memory follow each other."""
    small = key.max(initial=0) <= np.iinfo(np.uint16).max  # 16 bits are sorted by counting, ten times as fast
    order = np.argsort(key.astype(np.uint16 if small else np.int64)[asked], kind="stable")
    return order if len(order) == len(key) else np.flatnonzero(asked)[order]


def _runs(keys: Ints) -> Iterator[slice]:
    """Stretches of equal keys, at most CHUNK long."""
    cuts = np.union1d(np.arange(0, len(keys), CHUNK), np.flatnonzero(np.diff(keys)) + 1)
    return (slice(a, b) for a, b in pairwise([*cuts.tolist(), len(keys)]))


def _stretch(rows: Ints) -> slice | Ints:
    """Neighbouring tickers in their order as a slice: then nothing is copied."""
    return slice(int(rows[0]), int(rows[-1]) + 1) if (np.diff(rows) == 1).all() else rows


class _Sums:
    """What answers are made of, shape (8, k): over the estimation window the number of returns, the sums of y, of y squared and of y times
    x, the mean and the centred sum of squares of x; over the event window the sums of y and of x, NaN where one lacks.

    `x` is taken about a value near its middle, `shift`.
    """

    def __init__(self, y: Floats, x: Floats, columns: Ints, design: StudyDesign) -> None:
        known = x[np.isfinite(x)] if design.uses_benchmark else x[:0]
        self.shift = float(np.median(known)) if len(known) else 0.0
        self.y, self.x = y, np.where(np.isfinite(x), x - self.shift, np.nan) if design.uses_benchmark else np.zeros_like(x)
        self.holes = not np.isfinite(self.x).all()
        self.estimation, self.window, self.reach = design.estimation, design.window, _reach(design)
        self.before, self.after = (slice(w.first - self.reach.first, w.last + 1 - self.reach.first) for w in (self.estimation, self.window))
        self.ones, self.event_ones = np.ones(len(self.estimation)), np.ones(len(self.window))
        self.ys, self.xs = _views(y, self.reach), _views(self.x, self.estimation)
        self.days = self._days(columns)

    def _days(self, columns: Ints) -> Floats:
        """What complete windows have of the benchmark: rows 4, 5 and 7 of the sums, for every session from the first that is asked for to
        the last. Shape (3, n_sessions). Nothing is copied: the windows overlap in memory."""
        found = np.full((3, len(self.x)), np.nan)
        if len(columns):
            days = slice(int(columns.min()), int(columns.max()) + 1)
            before, after = (_views(self.x, w)[days.start + w.first : days.stop + w.first] for w in (self.estimation, self.window))
            mean, sxx = _spread(np.vecdot(before, self.ones), np.vecdot(before, before), len(self.ones))
            found[:, days] = mean, sxx, np.vecdot(after, self.event_ones)
        return found

    def by_window(self, rows: Ints, columns: Ints) -> Floats:
        """Scattered pairs."""
        found = self._begun(columns)
        for s in _slices(len(rows)):
            span = self.ys[rows[s], columns[s] + self.reach.first]
            self._sum(span, self.xs[columns[s] + self.estimation.first], found[:, s])
        return found

    def by_date(self, rows: Ints, columns: Ints) -> Floats:
        """Pairs in the order of their sessions: they share the benchmark's window."""
        found = self._begun(columns)
        for s in _runs(columns):
            at = int(columns[s.start])
            span = self.y[_stretch(rows[s]), at + self.reach.first : at + self.reach.last + 1]
            self._sum(span, self.xs[at + self.estimation.first], found[:, s])
        return found

    def at_edges(self, rows: Ints, columns: Ints) -> Floats:
        """Pairs of whose windows some part is outside the table: that counts as missing."""
        found = np.empty((8, len(rows)))
        for s in _slices(len(rows)):
            y, x = _around(self.y, self.x, rows[s], columns[s], self.estimation)
            found[:6, s] = self._without(y, np.where(np.isnan(y), 0.0, x))
            y, x = _around(self.y, self.x, rows[s], columns[s], self.window)
            found[6:, s] = y @ self.event_ones, x @ self.event_ones
        return found

    def _begun(self, columns: Ints) -> Floats:
        found = np.empty((8, len(columns)))
        found[0] = len(self.estimation)
        found[4], found[5], found[7] = self.days[:, columns]
        return found

    def _sum(self, span: Floats, x: Floats, found: Floats) -> None:
        """The sums with y: `span` from the first session that a pair needs to the last, shape (k, L); `x` over the estimation window, one
        for all or one for each."""
        y = span[:, self.before]
        found[1], found[6] = y @ self.ones, span[:, self.after] @ self.event_ones
        gaps = np.flatnonzero(~np.isfinite(found[1] + found[4]))
        if 2 * len(gaps) < len(y):
            found[2], found[3] = np.vecdot(y, y), y @ x if x.ndim == 1 else np.vecdot(y, x)
        else:
            gaps = np.arange(len(y))
        if len(gaps):
            found[:6, gaps] = self._without(y[gaps], np.broadcast_to(x, y.shape)[gaps])

    def _without(self, y: Floats, x: Floats) -> tuple[Floats, ...]:
        """The first six sums without the returns that are missing in either series. Overwrites what it is given."""
        missing = ~np.isfinite(y)
        if self.holes:
            missing |= ~np.isfinite(x)
            np.copyto(x, 0.0, where=missing)
        known = (~missing).astype(np.float64)
        np.copyto(y, 0.0, where=missing)
        x *= known
        n = known @ self.ones
        return n, y @ self.ones, np.vecdot(y, y), np.vecdot(y, x), *_spread(x @ self.ones, np.vecdot(x, x), n)


def _spread(total: Floats, squares: Floats, n: Floats | int) -> tuple[Floats, Floats]:
    """Mean and centred sum of squares from the plain sums; NaN where that loses digits."""
    mean = total / n
    centred = squares - total * mean
    return mean, np.where(centred > LOST * squares, centred, np.nan)


def _slices(k: int) -> Iterator[slice]:
    return (slice(a, min(a + CHUNK, k)) for a in range(0, k, CHUNK))


def _views(values: Floats, window: Window) -> Floats:
    """All windows of a series, or of each row of a matrix, as a view: that of session i is number i + window.first."""
    if values.shape[-1] < len(window):
        return np.empty((*values.shape[:-1], 0, len(window)))
    return np.lib.stride_tricks.sliding_window_view(values, len(window), axis=-1)


def _answers(sums: Floats, shift: float, design: StudyDesign) -> Answers:
    """Sums -> answers; the status is OK only where the sums kept their digits."""
    n, total, squares, product, mean_x, sxx, after, event = sums
    length = len(design.window)
    mean = total / n
    syy, sxy = squares - total * mean, product - total * mean_x
    after, moved = after - length * mean, event - length * mean_x  # the event window's sums about the estimation means
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
    kept = (syy > LOST * squares) & (rest > TINY * syy)
    if design.model is not Model.MEAN_ADJUSTED:
        kept &= np.sqrt(sxx / n) > STILL * (1 + np.abs(mean_x + shift))
    enough = n >= design.needed
    status = np.where(enough, np.where(kept, OK, DOUBT), TOO_LITTLE).astype(np.int8)
    car[~enough] = np.nan
    return Answers(alpha, beta, sigma, n.astype(np.int64), car, se, car / se, status)


def _by_series(y: Floats, x: Floats, columns: Ints, design: StudyDesign) -> Answers | None:
    """(Nearly) every session of one ticker, from running sums; None where they would lose digits."""
    rolling = Rolling(y, y if design.model is Model.MEAN_ADJUSTED else x)
    if not rolling.regular:
        return None
    fits = rolling.fits(design.estimation, design.model, design.needed)
    cars, fits = rolling.cars(fits, design.window, columns), fits.at(columns)
    status = np.where(np.isfinite(cars.t), fits.status, DOUBT).astype(np.int8)
    return Answers(fits.alpha, fits.beta, fits.sigma, fits.n, cars.car, cars.se, cars.t, status)


def _carefully(y: Floats, x: Floats, rows: Ints, columns: Ints, design: StudyDesign) -> Answers:
    """Any pairs: missing returns are left out of the estimation in pairs."""
    ey, ex = _around(y, x, rows, columns, design.estimation)
    fits = fit_rows(ey, ey if design.model is Model.MEAN_ADJUSTED else ex, design.model, design.needed)
    cars = car_rows(*_around(y, x, rows, columns, design.window), fits)
    return Answers(fits.alpha, fits.beta, fits.sigma, fits.n, cars.car, cars.se, cars.t, fits.status)


def _around(y: Floats, x: Floats, rows: Ints, columns: Ints, window: Window) -> tuple[Floats, Floats]:
    """The windows of some pairs, shape (k, L); what lies outside the table is missing."""
    at = columns[:, None] + np.arange(window.first, window.last + 1)
    inside = (at >= 0) & (at < y.shape[1])
    at = np.where(inside, at, 0)
    return np.where(inside, y[rows[:, None], at], np.nan), np.where(inside, x[at], np.nan)
