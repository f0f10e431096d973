"""What the return would have been without the news: three models of the expected return, and their fit.

    market           AR = y - (alpha + beta x)     OLS on the estimation window; residual sigma over n-2
    market-adjusted  AR = y - x                    nothing is estimated; sigma is the sd of y - x about its mean, over n-1
    mean-adjusted    AR = y - mean(y)              sigma is the sd of y, over n-1; the benchmark is not used

The variance of a cumulative abnormal return over L sessions with benchmark returns x is that of a prediction outside
the sample: MacKinlay (1997), Journal of Economic Literature 35, eq. 8, with the covariances between the window's sessions, which
all come from the same alpha and beta (Salinger 1992, Journal of Accounting, Auditing and Finance 7):

    market           sigma^2 (L + L^2/n + (sum(x - mean_x))^2 / Sxx)       t with n-2 degrees of freedom
    market-adjusted  sigma^2 L                                            t with n-1
    mean-adjusted    sigma^2 (L + L^2/n)                                  t with n-1

Missing returns (NaN) are left out of the estimation in pairs; n counts the pairs that are left. Sums are taken after
shifting by the first value and centring, so a benchmark that never moves has Sxx exactly 0 and gets no number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from aftershock.returns import Floats

Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int8]

ROUNDING: Final = 64 * float(np.finfo(np.float64).eps)  # a return is a ratio near 1: it is not known better than this
CHUNK: Final = 2048  # windows gathered at once: 2,048 x 120 x 8 B = 2 MB, which stays in the cache


class Model(StrEnum):
    """How the expected return is made. Labels: `model.<code>`."""

    MARKET = "market"
    MARKET_ADJUSTED = "market-adjusted"
    MEAN_ADJUSTED = "mean-adjusted"


# What became of a window in `Fits.status`.
OK: Final = 0
TOO_LITTLE: Final = 1  # fewer pairs of returns than asked for
ZERO_VARIANCE: Final = 2  # the benchmark (or the series) did not move once
EXACT: Final = 3  # the model explains every return to the last digit: abnormal returns are 0, and nothing can be tested


@dataclass(frozen=True, slots=True)
class Fit:
    """The model of one estimation window. Returns are decimal fractions per session.

    `sigma` is the residual standard deviation by the model's convention (see the module), `df` its degrees of freedom, `n`
    the pairs used, `mean_x` and `sxx` the mean and the centred sum of squares of the benchmark over them. `exact` is True when no
    residual is left: then sigma is 0 and no t exists.
    """

    model: Model
    alpha: float
    beta: float
    sigma: float
    n: int
    df: int
    mean_x: float
    sxx: float
    exact: bool = False

    def expected(self, x: Floats) -> Floats:
        """Expected returns, same shape as the benchmark returns `x`; NaN where x is NaN (market, market-adjusted)."""
        x = np.asarray(x, dtype=np.float64)
        if self.model is Model.MEAN_ADJUSTED:
            return np.full(x.shape, self.alpha)
        return x.copy() if self.model is Model.MARKET_ADJUSTED else self.alpha + self.beta * x

    def variance(self, x: Floats) -> float:
        """Variance of the sum of the abnormal returns of sessions with benchmark returns `x`, shape (L,), all finite."""
        return self.sigma**2 * self.spread(x)

    def spread(self, x: Floats) -> float:
        """The bracket of the variance formula: L, plus what not knowing alpha and beta adds."""
        length = len(x)
        if self.model is Model.MARKET_ADJUSTED:
            return float(length)
        bracket = length + length**2 / self.n
        if self.model is Model.MARKET:
            bracket += float(np.sum(np.asarray(x) - self.mean_x)) ** 2 / self.sxx
        return bracket

    def daily_se(self, x: Floats) -> Floats:
        """Standard error of each single abnormal return of sessions with benchmark returns `x`: shape (L,) in and out."""
        x = np.asarray(x, dtype=np.float64)
        bracket = np.ones(x.shape)
        if self.model is not Model.MARKET_ADJUSTED:
            bracket = bracket + 1 / self.n
        if self.model is Model.MARKET:
            bracket = bracket + (x - self.mean_x) ** 2 / self.sxx
        return self.sigma * np.sqrt(bracket)


@dataclass(frozen=True, eq=False, slots=True)
class Fits:
    """Many fits at once: every array has shape (k,), one entry per reaction position. NaN where `status` is not OK or EXACT."""

    model: Model
    alpha: Floats
    beta: Floats
    sigma: Floats
    n: Ints
    df: Ints
    mean_x: Floats
    sxx: Floats
    status: Codes

    def at(self, picked: slice | Ints) -> Fits:
        """Some of them."""
        names = ("alpha", "beta", "sigma", "n", "df", "mean_x", "sxx", "status")
        return Fits(self.model, *(getattr(self, name)[picked] for name in names))


@dataclass(frozen=True, eq=False, slots=True)
class Cars:
    """Many cumulative abnormal returns at once, shape (k,): `car`, its standard error `se`, and t = car/se; NaN where a return
    of the event window is missing or the fit failed."""

    car: Floats
    se: Floats
    t: Floats
    df: Ints


def parameters(model: Model) -> int:
    """Degrees of freedom that the convention for sigma takes away: 2 for the market model, 1 for the others."""
    return 2 if model is Model.MARKET else 1


def fit(y: Floats, x: Floats, model: Model = Model.MARKET, *, min_observations: int = 3) -> tuple[Fit | None, int]:
    """The model of one estimation window: (fit, status). `y`, `x`: shape (T,), NaN = missing, dropped in pairs.

    The fit is None when status is TOO_LITTLE or ZERO_VARIANCE. The mean-adjusted model looks at y alone.
    """
    many = fit_rows(np.asarray(y, dtype=np.float64)[None, :], np.asarray(x, dtype=np.float64)[None, :], model, min_observations)
    return one(many, 0), int(many.status[0])


def one(fits: Fits, i: int) -> Fit | None:
    """Entry `i` of many fits as a `Fit`, or None when it failed."""
    status = int(fits.status[i])
    if status in (TOO_LITTLE, ZERO_VARIANCE):
        return None
    numbers = (float(fits.alpha[i]), float(fits.beta[i]), float(fits.sigma[i]))
    return Fit(fits.model, *numbers, int(fits.n[i]), int(fits.df[i]), float(fits.mean_x[i]), float(fits.sxx[i]), status == EXACT)


def fit_windows(
    y: Floats,
    x: Floats,
    positions: Sequence[int] | Ints,
    estimation: tuple[int, int],
    model: Model = Model.MARKET,
    *,
    min_observations: int = 3,
) -> Fits:
    """The same fit for many reaction positions of one pair. `y`, `x`: shape (n_sessions,); `estimation`: offsets, ends included.

    What lies outside the arrays counts as missing. Windows are gathered in chunks; the numbers are those of `fit`.
    """
    rows_y, rows_x = _windows(y, positions, estimation), _windows(x, positions, estimation)
    k = len(np.asarray(positions))
    parts = [fit_rows(rows_y(s), rows_x(s), model, min_observations) for s in _slices(k)]
    names = ("alpha", "beta", "sigma", "n", "df", "mean_x", "sxx", "status")
    return Fits(model, *(np.concatenate([getattr(p, name) for p in parts]) for name in names))


def car_windows(y: Floats, x: Floats, positions: Sequence[int] | Ints, fits: Fits, window: tuple[int, int]) -> Cars:
    """The cumulative abnormal return of many reaction positions of one pair, with the exact prediction-error variance.

    `fits` is the answer of `fit_windows` for the same positions. A window with a missing return gives NaN: never a partial sum.
    """
    rows_y, rows_x = _windows(y, positions, window), _windows(x, positions, window)
    parts = [car_rows(rows_y(s), rows_x(s), fits.at(s)) for s in _slices(len(np.asarray(positions)))]
    return Cars(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("car", "se", "t", "df")))


def car_rows(y: Floats, x: Floats, fits: Fits) -> Cars:
    """The cumulative abnormal return of every row: `y`, `x` the returns of the event windows, shape (k, L), `fits` their k models."""
    length = y.shape[1]
    car = (y - _expected(fits, x)).sum(axis=1)  # session by session, as `run_study` does, so that both paths round alike
    bracket = np.full(len(y), float(length))
    with np.errstate(invalid="ignore", divide="ignore"):
        if fits.model is not Model.MARKET_ADJUSTED:
            bracket += length**2 / np.maximum(fits.n, 1)
        if fits.model is Model.MARKET:
            bracket += (x - fits.mean_x[:, None]).sum(axis=1) ** 2 / fits.sxx
        se = fits.sigma * np.sqrt(bracket)
        return Cars(car, se, np.where(se > 0, car / se, np.nan), fits.df)


def _expected(fits: Fits, x: Floats) -> Floats:
    if fits.model is Model.MEAN_ADJUSTED:
        return np.broadcast_to(fits.alpha[:, None], x.shape)
    dead = np.where(np.isnan(fits.sigma), np.nan, 0.0)[:, None]  # a failed fit explains nothing in any model
    return dead + (x if fits.model is Model.MARKET_ADJUSTED else fits.alpha[:, None] + fits.beta[:, None] * x)


def _slices(k: int) -> list[slice]:
    return [slice(a, min(a + CHUNK, k)) for a in range(0, max(k, 1), CHUNK)]


class _windows:  # noqa: N801  (a function with memory: called with a slice of the positions)
    """Rows of an array around many positions: called with a slice of the positions, it gives their windows, shape (m, L)."""

    __slots__ = ("starts", "view")

    def __init__(self, values: Floats, positions: Sequence[int] | Ints, window: tuple[int, int]) -> None:
        values, places = np.asarray(values, dtype=np.float64), np.asarray(positions, dtype=np.int64)
        length = window[1] - window[0] + 1
        starts = places + window[0]
        before = max(0, -int(starts.min(initial=0)))
        after = max(0, int((starts + length).max(initial=0)) - len(values), length - before - len(values))
        if before or after:
            values = np.concatenate([np.full(before, np.nan), values, np.full(after, np.nan)])
        self.view = np.lib.stride_tricks.sliding_window_view(values, length)
        self.starts = starts + before

    def __call__(self, part: slice) -> Floats:
        return self.view[self.starts[part]]


def fit_rows(y: Floats, x: Floats, model: Model, min_observations: int) -> Fits:
    """Fit every row of `y` on the same row of `x`; both shape (k, T), NaN = missing. The numbers of `fit`, k times."""
    k = y.shape[0]
    used = np.isfinite(y) if model is Model.MEAN_ADJUSTED else np.isfinite(y) & np.isfinite(x)
    n = used.sum(axis=1)
    mean_y, dy = _centred(y, used, n)
    mean_x, dx = (np.full(k, np.nan), np.zeros_like(y)) if model is Model.MEAN_ADJUSTED else _centred(x, used, n)
    sxx, syy = np.einsum("ij,ij->i", dx, dx), np.einsum("ij,ij->i", dy, dy)
    # `still` compares the spread with the rounding of a return: a series that never moves, or moves alike every session
    still_y = _still(dy, mean_y)
    still_x = np.zeros(k, dtype=bool) if model is Model.MEAN_ADJUSTED else _still(dx, mean_x)
    df = n - parameters(model)
    with np.errstate(invalid="ignore", divide="ignore"):
        if model is Model.MARKET:
            beta = np.einsum("ij,ij->i", dx, dy) / sxx
            rest = dy - beta[:, None] * dx
            alpha = mean_y - beta * mean_x
        elif model is Model.MARKET_ADJUSTED:
            alpha, beta = np.zeros(k), np.ones(k)
            rest = dy - dx
        else:
            alpha, beta, rest = mean_y.copy(), np.zeros(k), dy
        rss = np.einsum("ij,ij->i", rest, rest)
        sigma = np.sqrt(rss / df)
    status = np.zeros(k, dtype=np.int8)
    scale = 1 + np.abs(mean_y) + np.sqrt(syy / np.maximum(n, 1))
    exact = np.sqrt(rss / np.maximum(n, 1)) <= ROUNDING * scale
    status[exact] = EXACT
    status[still_x | still_y] = ZERO_VARIANCE
    status[n < max(min_observations, parameters(model) + 1)] = TOO_LITTLE
    sigma[status == EXACT] = 0.0
    failed = (status == TOO_LITTLE) | (status == ZERO_VARIANCE)
    for numbers in (alpha, beta, sigma):
        numbers[failed] = math.nan
    return Fits(model, alpha, beta, sigma, n.astype(np.int64), df.astype(np.int64), mean_x, sxx, status)


def _centred(values: Floats, used: npt.NDArray[np.bool_], n: npt.NDArray[np.int_]) -> tuple[Floats, Floats]:
    """Means of the used values of each row, and the deviations from them (0 where not used). Two passes after a shift by the
    row's first used value: exact for a constant row, and as good as extended precision for a large offset."""
    whole = bool(used.all())  # the usual case: nothing is missing, and masking would only cost time
    first = values[np.arange(len(values)), used.argmax(axis=1)]
    first = np.where(np.isfinite(first), first, 0.0)[:, None]
    shifted = values - first
    if not whole:
        shifted[~used] = 0.0
    mean = shifted.sum(axis=1, keepdims=True) / np.maximum(n, 1)[:, None]
    deviation = np.subtract(shifted, mean, out=shifted)
    if not whole:
        deviation[~used] = 0.0
    return (first + mean)[:, 0], deviation


def _still(deviation: Floats, mean: Floats) -> npt.NDArray[np.bool_]:
    spread = np.abs(deviation).max(axis=1, initial=0.0)
    return np.asarray(spread <= ROUNDING * (1 + np.abs(mean)), dtype=bool)
