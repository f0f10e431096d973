"""Tail areas and quantiles. scipy.special is loaded at the first use: a page that shows no test does not wait for it.

Probabilities are two-sided, in [0, 1]. NaN in, NaN out.
"""

from __future__ import annotations

import math
from functools import cache


def t_two_sided(t: float, df: float) -> float:
    """P(|T| >= |t|) of Student's t with `df` degrees of freedom."""
    from scipy.special import stdtr

    return math.nan if math.isnan(t) or df <= 0 else float(2 * stdtr(df, -abs(t)))


@cache
def t_quantile(probability: float, df: float) -> float:
    """The value that Student's t with `df` degrees of freedom stays below with that probability."""
    from scipy.special import stdtrit

    return float(stdtrit(df, probability)) if df > 0 else math.nan


def normal_two_sided(z: float) -> float:
    """P(|Z| >= |z|) of the standard normal distribution."""
    return math.erfc(abs(z) / math.sqrt(2))


def binomial_two_sided(successes: int, n: int) -> float:
    """The exact two-sided p of `successes` out of `n` fair coins: twice the smaller tail, at most 1."""
    tail: int = sum(math.comb(n, k) for k in range(min(successes, n - successes) + 1))
    return min(1.0, float(2 * tail / 2**n))
