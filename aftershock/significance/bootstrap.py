"""The wild cluster bootstrap: what the clustered t would be if the signs of whole clusters were tossed."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from aftershock.returns import Floats
from aftershock.significance.records import Test, TestResult, Why, judged
from aftershock.significance.sample import Sample

DRAWS: Final = 4999
SEED: Final = 20250127
ALL_SIGNS: Final = 12  # up to this many clusters every one of the 2^G sign patterns is taken, and nothing is drawn


def wild_bootstrap(s: Sample, *, draws: int = DRAWS, seed: int = SEED) -> TestResult:
    """The clustered t of the CARs against its distribution when each cluster's CARs change sign together, with zero mean imposed.

    Rademacher weights. p = share of patterns with |t*| >= |t|: of all 2^G patterns when G <= 12, else (1 + hits)/(1 + draws) of
    `draws` seeded ones. With G clusters p cannot be below 2^(1-G), so fewer than 6 are not usable.
    """
    groups = int(s.clusters.max()) + 1 if s.n else 0
    t, p = math.nan, math.nan
    if groups > 1:
        sums = np.bincount(s.clusters, weights=s.car, minlength=groups).astype(np.float64)
        sizes = np.bincount(s.clusters, minlength=groups).astype(np.float64)
        t = float(_clustered_t(np.ones((1, groups)), sums, sizes)[0])
        if not math.isnan(t):
            signs = _patterns(groups) if groups <= ALL_SIGNS else _drawn(groups, draws, seed)
            # tolerance: patterns that give the same t up to rounding count as reaching it
            hits = int((np.abs(_clustered_t(signs, sums, sizes)) >= abs(t) * (1 - 1e-12)).sum())
            p = hits / len(signs) if groups <= ALL_SIGNS else (1 + hits) / (1 + draws)
    return judged(Test.WILD_BOOTSTRAP, t, p, s.n, s.n_effective, math.nan, count=groups, doubts=Why.NONE)


def _clustered_t(signs: Floats, sums: Floats, sizes: Floats) -> Floats:
    """Clustered t of each row of `signs`, shape (draws, G): only the clusters' sums and sizes matter."""
    n, groups = sizes.sum(), len(sizes)
    turned = signs * sums
    mean = turned.sum(axis=1) / n
    rest = turned - mean[:, None] * sizes
    se = np.sqrt(groups / (groups - 1) * (rest**2).sum(axis=1)) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(se > 1e-14 * np.abs(mean), mean / se, np.where(mean == 0, np.nan, np.sign(mean) * np.inf))


def _patterns(groups: int) -> Floats:
    bits = (np.arange(2**groups)[:, None] >> np.arange(groups)) & 1
    return np.asarray(2.0 * bits - 1.0, dtype=np.float64)


def _drawn(groups: int, draws: int, seed: int) -> Floats:
    return np.asarray(np.random.default_rng(seed).integers(0, 2, size=(draws, groups)) * 2.0 - 1.0, dtype=np.float64)
