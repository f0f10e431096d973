"""The same design at every session of a series: fits and cumulative abnormal returns of a thousand windows in a fraction of a millisecond.

Sums over windows are differences of running sums of centred returns. For returns of an ordinary size that keeps 13 digits
(`tests/test_verdict.py` compares with OLS); where it could not, because a return is missing in the middle, is huge, or the
benchmark stands still for a whole window, the windows are fitted one by one (`models.fit_windows`). The formulas are those of `models`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.polynomial.chebyshev import chebfit, chebpts1, chebval

from aftershock.models import OK, TOO_LITTLE, Cars, Fits, Ints, Model, car_windows, fit_windows, parameters
from aftershock.returns import Floats
from aftershock.study import Window

REACH: Final = 6.0  # the t to which p-values go by a curve
MANY: Final = 1000  # that many of them are worth one
HUGE: Final = 1.0  # a return of 100 % in one session costs the running sums of all later windows their last digits
STILL: Final = 1e-6  # a window with this share of the usual variation, or less, is not left to differences of sums


class Rolling:
    """One pair of return series, `y` and `x`, shape (n,), NaN = missing. For the mean-adjusted model give `y` twice.

    Every answer has shape (n,): one entry per session taken as session 0, NaN where the estimation window is not wholly
    within the data or the event window lacks a return.
    """

    def __init__(self, y: Floats, x: Floats) -> None:
        self.y, self.x = y, x
        at = np.flatnonzero(np.isfinite(y) & np.isfinite(x))
        self.lo, self.hi = (int(at[0]), int(at[-1]) + 1) if len(at) else (0, 0)
        inside = slice(self.lo, self.hi)
        self.regular = len(at) == self.hi - self.lo > 0 and max(np.abs(y[inside]).max(), np.abs(x[inside]).max()) < HUGE
        if self.regular:
            self.shift_y, self.shift_x = float(y[inside].mean()), float(x[inside].mean())
            dy, dx = y[inside] - self.shift_y, x[inside] - self.shift_x
            self.kept: dict[Window, tuple[Floats, Floats]] = {}
            self.sums = np.zeros((5, self.hi - self.lo + 1))
            np.cumsum(np.array([dy, dx, dy * dy, dx * dx, dx * dy]), axis=1, out=self.sums[:, 1:])

    def fits(self, estimation: Window, model: Model, needed: int) -> Fits:
        """The model fitted on the estimation window before every session. `needed`: the fewest pairs, where some are missing."""
        found = self._summed(estimation, model) if self.regular and len(estimation) >= needed else None
        return found if found is not None else self._one_by_one(estimation, model, needed)

    def cars(self, fits: Fits, window: Window, at: Sequence[int] | Ints | None = None) -> Cars:
        """The cumulative abnormal return of `window` around every session, with its exact prediction error. With `at` (positions), only
        theirs: shape (len(at),)."""
        places = np.arange(len(self.y)) if at is None else np.asarray(at, dtype=np.int64)
        picked = fits if at is None else fits.at(places)
        if not self.regular:
            return car_windows(self.y, self.x, places, picked, (window.first, window.last))
        y, x = (s if at is None else s[places] for s in self._window_sums(window))
        length = len(window)
        bracket = np.full(len(places), float(length))
        if fits.model is not Model.MARKET_ADJUSTED:
            bracket += length**2 / np.maximum(picked.n, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            if fits.model is Model.MARKET:
                bracket += (x - length * picked.mean_x) ** 2 / picked.sxx
            se = picked.sigma * np.sqrt(bracket)
            car = self._car(picked, length, y, x)
            return Cars(car, se, np.where(se > 0, car / se, np.nan), picked.df)

    def moves(self, fits: Fits, window: Window) -> Floats:
        """Only the cumulative abnormal returns of `cars`, shape (n,)."""
        if not self.regular:
            return self.cars(fits, window).car
        return self._car(fits, len(window), *self._window_sums(window))

    def errors(self, fits: Fits, window: Window, at: Ints) -> Floats:
        """Only the standard errors of `cars` at the positions `at`. For callers that ask a thousand times: nothing else is computed, and
        a division by zero is left to their `np.errstate`."""
        if not self.regular:
            return self.cars(fits, window, at.tolist()).se
        length = len(window)
        bracket: Floats | float = float(length)
        if fits.model is not Model.MARKET_ADJUSTED:
            bracket = bracket + length**2 / fits.n[at]
        if fits.model is Model.MARKET:
            bracket = bracket + (self._window_sums(window)[1][at] - length * fits.mean_x[at]) ** 2 / fits.sxx[at]
        return fits.sigma[at] * np.sqrt(bracket)

    def _car(self, fits: Fits, length: int, y: Floats, x: Floats) -> Floats:
        if fits.model is Model.MARKET_ADJUSTED:
            return y - x + 0.0 * fits.sigma  # a failed fit explains nothing, whatever the model
        car = y - length * fits.alpha
        return car - fits.beta * x if fits.model is Model.MARKET else car

    def _window_sums(self, window: Window) -> tuple[Floats, Floats]:
        """Sums of the returns of the event window around every session; NaN where it leaves the data. Kept: many fits ask for them."""
        if window not in self.kept:
            out = np.full((2, len(self.y)), np.nan)
            length = len(window)
            # sessions 0 with the whole window inside: first..last-1
            first, last = max(self.lo - window.first, 0), min(self.hi - window.last, len(self.y))
            if last > first:
                a = first + window.first - self.lo
                b = a + last - first
                shift = np.array([[self.shift_y], [self.shift_x]])
                out[:, first:last] = self.sums[:2, a + length : b + length] - self.sums[:2, a:b] + length * shift
            self.kept[window] = (out[0], out[1])
        return self.kept[window]

    def _summed(self, estimation: Window, model: Model) -> Fits | None:
        """Fits from running sums, or None when a window moves too little for them."""
        n, size = len(self.y), len(estimation)
        first, last = max(self.lo - estimation.first, 0), min(self.hi - estimation.last, n)
        if last <= first:
            return _nothing(model, n)
        a = first + estimation.first - self.lo
        b = a + last - first
        sy, sx, syy, sxx, sxy = self.sums[:, a + size : b + size] - self.sums[:, a:b]
        my, mx = sy / size, sx / size
        vyy, vxx, vxy = syy - size * my * my, sxx - size * mx * mx, sxy - size * mx * my
        whole = self.sums[2:4, -1] / (self.hi - self.lo) * size
        if (vyy <= STILL * whole[0]).any() or (vxx <= STILL * whole[1]).any():
            return None
        df = size - parameters(model)
        if model is Model.MARKET:
            beta = vxy / vxx
            rest, alpha = vyy - beta * vxy, (my + self.shift_y) - beta * (mx + self.shift_x)
        elif model is Model.MARKET_ADJUSTED:
            alpha, beta, rest = np.zeros(b - a), np.ones(b - a), vyy - 2 * vxy + vxx
        else:
            alpha, beta, rest = my + self.shift_y, np.zeros(b - a), vyy
        if (rest <= STILL * vyy).any():  # the benchmark explains (nearly) everything: differences of sums have no digits left
            return None
        made = _nothing(model, n)
        at = slice(first, last)
        for target, values in ((made.alpha, alpha), (made.beta, beta), (made.sigma, np.sqrt(rest / df)), (made.mean_x, mx + self.shift_x)):
            target[at] = values
        made.sxx[at], made.n[at], made.df[at], made.status[at] = vxx, size, df, OK
        return made

    def _one_by_one(self, estimation: Window, model: Model, needed: int) -> Fits:
        n = len(self.y)
        made = fit_windows(self.y, self.x, np.arange(n), (estimation.first, estimation.last), model, min_observations=needed)
        begun = np.arange(n) + estimation.first >= max(self.lo, 1)  # windows that begin before the data are not full ones
        for numbers in (made.alpha, made.beta, made.sigma):
            numbers[~begun] = np.nan
        made.status[~begun] = TOO_LITTLE
        return made


def _nothing(model: Model, n: int) -> Fits:
    """Fits of which none succeeded yet."""

    def empty() -> Floats:
        return np.full(n, np.nan)

    zeros = np.zeros(n, dtype=np.int64)
    return Fits(model, empty(), empty(), empty(), zeros, zeros.copy(), empty(), empty(), np.full(n, TOO_LITTLE, dtype=np.int8))


def two_sided(t: Floats, df: Floats | Ints) -> Floats:
    """P(|T| >= |t|) of Student's t, element by element; NaN stays NaN."""
    from scipy.special import stdtr  # at the first use, as in `significance.distributions`

    return np.asarray(2 * stdtr(df, -np.abs(t)), dtype=np.float64)


def two_sided_alike(t: Floats, df: Ints) -> Floats:
    """`two_sided` to 1e-11 in a third of the time, where most degrees of freedom are the same: by a curve through its logarithm."""
    usual = int(np.bincount(np.maximum(df, 0)).argmax()) if len(df) >= MANY else 0
    size = np.abs(t)
    smooth = (df == usual) & (size < REACH)
    if usual < 1 or 2 * np.count_nonzero(smooth) < len(df):
        return two_sided(t, df)
    p = np.minimum(np.exp(chebval(2 / REACH * np.minimum(size, REACH) - 1, _curve(usual))), 1.0)
    odd = np.flatnonzero(~smooth)
    p[odd] = two_sided(t[odd], df[odd])
    return np.asarray(p, dtype=np.float64)


@lru_cache(maxsize=64)
def _curve(df: int) -> Floats:
    """The logarithm of P(|T| >= t) for t from 0 to REACH: Chebyshev coefficients over that stretch as -1 to 1."""
    at = chebpts1(41)
    return np.asarray(chebfit(at, np.log(two_sided(REACH / 2 * (at + 1), np.full(len(at), df))), len(at) - 1), dtype=np.float64)
