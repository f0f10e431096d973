"""Testing often: p-values of a family, adjusted so that the family as a whole keeps its promise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from aftershock.returns import Floats


def holm(p: Sequence[float] | Floats) -> Floats:
    """Step-down adjusted p-values: the chance of one false alarm in the family stays below the level, whatever the dependence.

    Holm (1979), Scandinavian Journal of Statistics 6, 65-70. shape (k,) in and out; NaN (not tested) stays NaN and does not count.
    """
    return _stepped(p, lambda ranked, m: np.maximum.accumulate(ranked * (m - np.arange(m))))


def benjamini_hochberg(p: Sequence[float] | Floats) -> Floats:
    """Step-up adjusted p-values: the expected share of false alarms among the findings stays below the level, for independent or
    positively dependent tests. Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.

    shape (k,) in and out; NaN stays NaN and does not count.
    """
    return _stepped(p, lambda ranked, m: np.minimum.accumulate((ranked * m / np.arange(1, m + 1))[::-1])[::-1])


def _stepped(p: Sequence[float] | Floats, step: Callable[[Floats, int], Floats]) -> Floats:
    given = np.asarray(p, dtype=np.float64)
    out = np.full(given.shape, np.nan)
    at = np.flatnonzero(np.isfinite(given))
    order = at[np.argsort(given[at], kind="stable")]
    if len(order):
        out[order] = np.minimum(1.0, step(given[order], len(order)))
    return out
