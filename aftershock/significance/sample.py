"""Many events as arrays, and how far they are from independent.

Two events that share sessions share their noise: an index that jumps, a firm that both are about. Their number then says too much.
The mean correlation between the cumulated abnormal returns of all pairs is

    r = (1 / n(n-1)) sum over i != j of  rho_ij * shared_ij / L

with rho_ij the correlation of the two events' estimation residuals on the calendar days that both have, shared_ij the sessions
that both event windows hold and L their length; a pair that shares no session counts 0. When all windows coincide this is the r of
Kolari and Pynnönen (2010); the share of common days for windows that overlap in part follows Kolari, Pape and Pynnönen (2018).
A negative r is taken as 0. The variance of a mean of n equally correlated figures is 1 + (n-1) r times that of independent ones, so

    n_effective = n / (1 + (n-1) r)                        (Kish 1965, the design effect)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from aftershock.models import Ints
from aftershock.returns import Floats


@dataclass(frozen=True, eq=False)
class Sample:
    """Events with a complete event window. n events, L sessions of event window, T sessions of estimation window.

    `car`, `se`, `df`, `sigma`: shape (n,). `abnormal`: (n, L), finite. `residuals`: (n, T), abnormal returns of the estimation
    window, NaN = missing. `days`: (n, L) and `estimation_days`: (n, T), the sessions as integers (any counting that gives the same
    day the same number); where the window begins before the data, -1.
    """

    car: Floats
    se: Floats
    df: Ints
    sigma: Floats
    abnormal: Floats
    residuals: Floats
    days: Ints
    estimation_days: Ints

    @property
    def n(self) -> int:
        """Events, not firms."""
        return len(self.car)

    @property
    def length(self) -> int:
        """L, the sessions of the event window."""
        return int(self.abnormal.shape[1])

    @cached_property
    def standardised(self) -> Floats:
        """SCAR = CAR / its prediction error, shape (n,)."""
        return self.car / self.se

    @cached_property
    def shared(self) -> npt.NDArray[np.int64]:
        """Sessions that the event windows of each pair have in common, shape (n, n); the diagonal is L."""
        common = np.zeros((self.n, self.n), dtype=np.int64)
        for column in range(self.length):
            common += (self.days[:, None, :] == self.days[:, column][None, :, None]).sum(axis=2)
        return common

    @property
    def any_shared(self) -> bool:
        """True when two events share a session."""
        return bool((self.shared.sum() - np.trace(self.shared)) > 0)

    @property
    def shifted(self) -> bool:
        """True when two event windows overlap without being the same days."""
        return bool(((self.shared > 0) & (self.shared < self.length)).any())

    @cached_property
    def clusters(self) -> Ints:
        """The cluster of each event, 0, 1, ...: events joined by a chain of shared sessions are in one. Shape (n,)."""
        cluster = np.full(self.n, -1, dtype=np.int64)
        found = 0
        for start in range(self.n):
            if cluster[start] >= 0:
                continue
            waiting = [start]
            while waiting:
                at = waiting.pop()
                if cluster[at] < 0:
                    cluster[at] = found
                    waiting += [int(j) for j in np.flatnonzero((self.shared[at] > 0) & (cluster < 0))]
            found += 1
        return cluster

    @cached_property
    def mean_correlation(self) -> float:
        """The r of the module's text, at least 0."""
        if self.n < 2:
            return 0.0
        total = 0.0
        for i, j in zip(*np.nonzero(np.triu(self.shared, 1)), strict=True):
            total += 2 * self._correlation(int(i), int(j)) * self.shared[i, j] / self.length
        return max(0.0, total / (self.n * (self.n - 1)))

    def _correlation(self, i: int, j: int) -> float:
        """Correlation of two events' residuals on their common days; 1 when fewer than 10 are common: nothing is taken for granted."""
        _, a, b = np.intersect1d(self.estimation_days[i], self.estimation_days[j], return_indices=True)
        left, right = self.residuals[i, a], self.residuals[j, b]
        both = np.isfinite(left) & np.isfinite(right)
        if both.sum() < 10:
            return 1.0
        return float(np.clip(np.corrcoef(left[both], right[both])[0, 1], -1.0, 1.0))

    @cached_property
    def n_effective(self) -> float:
        """How many independent events this sample is worth."""
        return self.n / (1 + (self.n - 1) * self.mean_correlation)
