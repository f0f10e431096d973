"""Tests on ranks and signs: they do not ask returns to be normal. All are two-sided; n is the number of events."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from aftershock.returns import Floats
from aftershock.significance.distributions import binomial_two_sided, normal_two_sided, t_two_sided
from aftershock.significance.parametric import independent
from aftershock.significance.records import Test, TestResult, Why, judged
from aftershock.significance.sample import Sample

EXACT_WILCOXON: Final = 50  # up to this many differences without ties the exact distribution is used


def midranks(values: Floats) -> Floats:
    """Ranks 1..m of the finite values, ties sharing their mean rank; NaN where the value is NaN. shape (k,) in and out."""
    ranks = np.full(len(values), np.nan)
    there = np.isfinite(values)
    _, inverse, counts = np.unique(values[there], return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks[there] = (ends - (counts - 1) / 2)[inverse]
    return ranks


def _unit_ranks(rows: Floats) -> Floats:
    """Every row's ranks divided by (how many values it has + 1), so that they lie in (0, 1); NaN stays."""
    ranks = np.array([midranks(row) for row in rows], dtype=np.float64).reshape(rows.shape)
    return np.asarray(ranks / (np.isfinite(rows).sum(axis=1, keepdims=True) + 1))


def _daily(unit: Floats) -> tuple[Floats, Floats]:
    """(mean over events of the rank minus 1/2, share of events present) of each session of a (n, sessions) array of ranks."""
    there = np.isfinite(unit)
    n = there.sum(axis=0)
    mean = np.where(n > 0, np.where(there, unit - 0.5, 0.0).sum(axis=0) / np.maximum(n, 1), 0.0)
    return mean, n / len(unit)


def corrado(s: Sample) -> TestResult:
    """Each event's abnormal returns of both windows are ranked together. z = sqrt(L) * mean over the window of (U_t - 1/2) / S,
    with U_t the mean rank on day t and S^2 the mean of (U_t - 1/2)^2 over all days, weighted by the share of events present;
    normal."""
    z = math.nan
    if s.n:
        mean, share = _daily(_unit_ranks(np.hstack([s.residuals, s.abnormal])))
        days = int((share > 0).sum())
        spread = math.sqrt(float((share * mean**2).sum()) / days)
        z = math.sqrt(s.length) * float(mean[-s.length :].mean()) / spread if spread > 0 else math.nan
    return judged(Test.CORRADO, z, normal_two_sided(z), s.n, s.n_effective, math.nan, count=s.n, doubts=_same_days(s))


def generalised_rank(s: Sample) -> TestResult:
    """GRANK-T. The window is one 'day' whose return is SCAR / sd(SCAR), ranked with the T standardised returns of the estimation window.
    Z = U_0 / S, S^2 = the mean square of U_t over all T+1 days; t = Z sqrt((T-1)/(T - Z^2)), t(T-1)."""
    t, df = math.nan, math.nan
    spread = float(s.standardised.std(ddof=1)) if s.n > 1 else 0.0
    if spread > 0:
        rows = np.hstack([s.residuals / s.sigma[:, None], (s.standardised / spread)[:, None]])
        mean, share = _daily(_unit_ranks(rows))
        days = int((share > 0).sum())
        df = days - 2
        size = math.sqrt(float((share * mean**2).sum()) / days)
        z = float(mean[-1]) / size if size > 0 else math.nan
        t = z * math.sqrt((days - 2) / (days - 1 - z * z)) if z * z < days - 1 else math.nan
    return judged(Test.GENERALISED_RANK, t, t_two_sided(t, df), s.n, s.n_effective, df, count=s.n, doubts=_same_days(s))


def sign(s: Sample) -> TestResult:
    """How many CARs are positive, against a fair coin; zeros are left out. Statistic: (2w - m)/sqrt(m); p: exact binomial."""
    w, m = int((s.car > 0).sum()), int((s.car != 0).sum())
    z = (2 * w - m) / math.sqrt(m) if m else math.nan
    p = binomial_two_sided(w, m) if m else math.nan
    return judged(Test.SIGN, z, p, m, s.n_effective, math.nan, count=m, doubts=independent(s))


def generalised_sign(s: Sample) -> TestResult:
    """How many CARs are positive, against the share of positive abnormal returns in the estimation windows; normal approximation."""
    z = math.nan
    if s.n:
        there = np.isfinite(s.residuals)
        share = float(np.mean((s.residuals > 0).sum(axis=1) / there.sum(axis=1)))
        width = math.sqrt(s.n * share * (1 - share))
        z = (int((s.car > 0).sum()) - s.n * share) / width if width > 0 else math.nan
    return judged(Test.GENERALISED_SIGN, z, normal_two_sided(z), s.n, s.n_effective, math.nan, count=s.n, doubts=independent(s))


def wilcoxon(s: Sample) -> TestResult:
    """Signed ranks of the CARs; zeros are left out. Statistic: the smaller of the two rank sums. p: exact up to 50 events without ties,
    else normal with the correction for ties and none for continuity."""
    values = s.car[s.car != 0]
    m = len(values)
    statistic, p = _signed_ranks(values) if m else (math.nan, math.nan)
    return judged(Test.WILCOXON, statistic, p, m, s.n_effective, math.nan, count=m, doubts=independent(s))


def _signed_ranks(values: Floats) -> tuple[float, float]:
    m, size = len(values), np.abs(values)
    ranks = midranks(size)
    plus = float(ranks[values > 0].sum())
    smaller = min(plus, m * (m + 1) / 2 - plus)
    counts = np.unique(size, return_counts=True)[1]
    if m <= EXACT_WILCOXON and len(counts) == m:
        ways = np.zeros(m * (m + 1) // 2 + 1)
        ways[0] = 1.0
        for rank in range(1, m + 1):  # ways[k]: subsets of the ranks 1..m that sum to k
            ways[rank:] += ways[:-rank].copy()
        return smaller, min(1.0, 2 * float(ways[: round(smaller) + 1].sum()) / 2.0**m)
    variance = m * (m + 1) * (2 * m + 1) / 24 - float((counts**3 - counts).sum()) / 48
    return smaller, normal_two_sided((smaller - m * (m + 1) / 4) / math.sqrt(variance)) if variance > 0 else math.nan


def _same_days(s: Sample) -> Why:
    """Ranks by event day carry the correlation of events on the same days, but not that of windows that overlap shifted."""
    return Why.SHIFTED_WINDOWS if s.shifted else Why.NONE
