"""The mean path of many events, with a band that allows for events that share sessions.

An abnormal return belongs to an event and to a calendar session. Those of one event hang together (news is answered over days), and so do
those of one session (an index that jumps, a firm that several pieces of news are about). The mean over n events and m sessions is the
coefficient of a regression of the n m abnormal returns on a constant, and its variance is clustered both ways (Cameron, Gelbach and Miller
2011, Journal of Business & Economic Statistics 29, 238-249):

    V = V(event) + V(session) - V(event and session),       V(g) = G/(G-1) sum over clusters of (sum of residuals)^2 / (n m)^2

V can come out below what clustering one way gives; the largest of the three is used. With one session it is the variance clustered by
session, and with windows that share none it is the usual cross-sectional one. The band is CAAR +- t(min(G) - 1) sqrt(V) m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from aftershock.compare.panel import Panel
from aftershock.models import Ints
from aftershock.returns import Floats
from aftershock.significance.distributions import t_quantile, t_two_sided
from aftershock.study import LEVEL, Window

FEWEST: Final = 3  # clusters; with fewer the band would say nothing


@dataclass(frozen=True, eq=False)
class Average:
    """The mean of the events `rows` of a panel, offset by offset. `caar` cumulates from the close before session 0 in both directions; `se`
    its standard error, `low`, `high` the ends of its band at LEVEL: NaN with fewer than FEWEST clusters, arrays of shape (len(window),).
    `cut`: events whose window leaves the data. `n_effective`: how many independent events they are worth over the design's own window
    (`significance.sample`), `clusters` the groups that share sessions there."""

    window: Window
    rows: Ints
    cut: Ints
    caar: Floats
    se: Floats
    low: Floats
    high: Floats
    p: Floats
    n_effective: float
    clusters: int

    @property
    def n(self) -> int:
        """The events that are in it."""
        return len(self.rows)

    @property
    def offsets(self) -> Ints:
        """Sessions from session 0."""
        return np.arange(self.window.first, self.window.last + 1)


def average(panel: Panel, rows: Ints, window: Window | None = None) -> Average:
    """The mean path over `window`, which holds session 0, of those of `rows` that have all of it; without a window the one mean over the
    design's own, in arrays of shape (1,)."""
    whole_only, window = window is None, window or panel.design.window
    abnormal = panel.abnormal(window, rows)
    whole = np.isfinite(abnormal).all(axis=1)
    used, abnormal = rows[whole], abnormal[whole]
    days = panel.days(window, used)
    zero, offsets = -window.first, range(window.first, window.last + 1)
    parts = [slice(None)] if whole_only else [slice(zero, zero + k + 1) if k >= 0 else slice(zero + k, zero) for k in offsets]
    signs = [1.0 if whole_only or k >= 0 else -1.0 for k in (offsets if not whole_only else (0,))]
    found = np.array([two_way(abnormal[:, part], days[:, part]) for part in parts]).reshape(-1, 3)
    caar, se, groups = np.array(signs) * found[:, 0], found[:, 1], found[:, 2]
    reach = np.array([t_quantile((1 + LEVEL) / 2, int(g) - 1) if g >= FEWEST else math.nan for g in groups]) * se
    t = [c / s if s > 0 and g >= FEWEST else math.nan for c, s, g in zip(caar, se, groups, strict=True)]
    p = np.array([t_two_sided(x, int(g) - 1) for x, g in zip(t, groups, strict=True)])
    sample = panel.sample(used)
    shared = int(sample.clusters.max()) + 1 if sample.n else 0
    return Average(window, used, rows[~whole], caar, se, caar - reach, caar + reach, p, sample.n_effective if sample.n else 0.0, shared)


def two_way(abnormal: Floats, days: Ints) -> tuple[float, float, int]:
    """(CAAR, its standard error, the smaller number of clusters) of abnormal returns and their sessions, both of shape (n, m).

    The standard error is NaN with fewer than two events, and where there is only one session among several events.
    """
    n, m = abnormal.shape
    if not n:
        return math.nan, math.nan, 0
    caar = float(abnormal.sum() / n)
    rest = abnormal - caar / m
    _, session = np.unique(days, return_inverse=True)
    by_event = rest.sum(axis=1)
    by_session = np.bincount(session.ravel(), weights=rest.ravel())
    groups = min(n, len(by_session))
    if n < 2 or len(by_session) < 2:
        return caar, math.nan, groups
    event, day, both = (len(s) / (len(s) - 1) * float(s @ s) for s in (by_event, by_session, rest.ravel()))
    return caar, math.sqrt(max(event, day, event + day - both)) / n, groups
