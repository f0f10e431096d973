"""Tests on the size of the abnormal returns. All are two-sided; n is the number of events."""

from __future__ import annotations

import math

import numpy as np

from aftershock.significance.distributions import normal_two_sided, t_two_sided
from aftershock.significance.records import Test, TestResult, Why, judged
from aftershock.significance.sample import Sample


def cross_sectional(s: Sample) -> TestResult:
    """CAAR / (sd / sqrt(n)), sd over n-1; t(n-1)."""
    spread = float(s.car.std(ddof=1)) if s.n > 1 else math.nan
    t = _ratio(float(s.car.mean()) if s.n else math.nan, spread / math.sqrt(s.n) if s.n else math.nan)
    return judged(Test.CROSS_SECTIONAL, t, t_two_sided(t, s.n - 1), s.n, s.n_effective, s.n - 1, count=s.n, doubts=independent(s))


def clustered(s: Sample) -> TestResult:
    """CAAR with a variance that sums over clusters: G/(G-1) sum_g (sum_i in g (CAR_i - CAAR))^2 / n^2; t(G-1)."""
    groups = int(s.clusters.max()) + 1 if s.n else 0
    if groups < 2:
        return judged(Test.CLUSTERED, math.nan, math.nan, s.n, s.n_effective, groups - 1, count=groups, doubts=Why.NONE)
    sums = np.bincount(s.clusters, weights=s.car - s.car.mean(), minlength=groups)
    se = math.sqrt(groups / (groups - 1) * float(sums @ sums)) / s.n
    t = _ratio(float(s.car.mean()), se)
    return judged(Test.CLUSTERED, t, t_two_sided(t, groups - 1), s.n, s.n_effective, groups - 1, count=groups, doubts=Why.NONE)


def patell(s: Sample) -> TestResult:
    """sum(SCAR) / sqrt(sum(df/(df-2))): a t variable with df degrees of freedom has that variance; normal."""
    usable = s.df > 2
    scar, df = s.standardised[usable], s.df[usable]
    z = _ratio(float(scar.sum()), math.sqrt(float((df / (df - 2)).sum()))) if len(scar) else math.nan
    return judged(Test.PATELL, z, normal_two_sided(z), len(scar), s.n_effective, math.nan, count=len(scar), doubts=independent(s))


def bmp(s: Sample) -> TestResult:
    """mean(SCAR) sqrt(n) / sd(SCAR), sd over n-1; t(n-1). The spread over events replaces the model's: right when news widens it."""
    t = _bmp(s)
    return judged(Test.BMP, t, t_two_sided(t, s.n - 1), s.n, s.n_effective, s.n - 1, count=s.n, doubts=independent(s))


def kolari_pynnonen(s: Sample) -> TestResult:
    """BMP times sqrt((1-r) / (1 + (n-1) r)), r as in `sample`; t with n_effective - 1 degrees of freedom (the paper: normal; this is
    the more careful of the two). Without shared sessions it is BMP."""
    r = s.mean_correlation
    t = _bmp(s) * math.sqrt((1 - r) / (1 + (s.n - 1) * r)) if s.n > 1 else math.nan
    df = s.n_effective - 1
    why = Why.TOO_FEW if s.any_shared and s.n_effective < 3 else Why.NONE
    return judged(Test.KOLARI_PYNNONEN, t, t_two_sided(t, df), s.n, s.n_effective, df, count=s.n, doubts=why)


def _bmp(s: Sample) -> float:
    if s.n < 2:
        return math.nan
    return _ratio(float(s.standardised.mean()) * math.sqrt(s.n), float(s.standardised.std(ddof=1)))


def independent(s: Sample) -> Why:
    """The doubt of every test that takes events for independent."""
    return Why.SHARED_SESSIONS if s.any_shared else Why.NONE


def _ratio(top: float, bottom: float) -> float:
    """The ratio, NaN when there is no spread (to rounding) to divide by."""
    if math.isnan(bottom) or bottom <= 1e-14 * abs(top):
        return math.nan
    return top / bottom
