"""What the tests' true sizes are on our own data, as `make calibration` measured them (`benchmarks/calibration.py`).

A test that says 'significant' at a nominal 5 % in fewer than 4 or more than 6 of 100 samples where nothing happened is shown as
such and never gives a headline. Sizes were measured for samples of a few numbers of events, apart and sharing sessions, for a window of one
session and of three; a sample is judged by the nearest of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from aftershock.significance import TestResult, Why

FILE: Final = Path(__file__).with_suffix(".json")
LOW: Final = 0.04
HIGH: Final = 0.06


@dataclass(frozen=True, slots=True)
class Size:
    """The share of `draws` samples of `n` events without any effect in which a test said p < 0.05; `se` is its Monte Carlo standard error.
    `shared`: the samples' events share sessions. `length`: sessions of the event window."""

    test: str
    n: int
    shared: bool
    length: int
    size: float
    se: float
    draws: int

    @property
    def honest(self) -> bool:
        """True within 4-6 %."""
        return LOW <= self.size <= HIGH


@dataclass(frozen=True, slots=True)
class Single:
    """The same for tests of one event, over every ordinary session of one series. `coverage`: how many of the 95 % intervals held the true
    value, where the test has one."""

    test: str
    series: str
    window: tuple[int, int]
    size: float
    se: float
    draws: int
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """One run: its seed, day, the hash of the prices that it used, and all sizes."""

    seed: int
    date: str
    data_sha256: str
    groups: tuple[Size, ...]
    single: tuple[Single, ...]

    def of(self, test: str, n: int, *, shared: bool, length: int) -> Size | None:
        """The size measured in the conditions nearest to these, or None when that test was not measured."""
        fitting = [s for s in self.groups if s.test == test and s.shared == shared and (s.length == 1) == (length == 1)]
        return min(fitting, key=lambda s: abs(math.log(s.n / max(n, 1))), default=None)


@cache
def load(path: Path = FILE) -> Calibration | None:
    """The last run, or None when there was none yet."""
    if not path.exists():
        return None
    return read(json.loads(path.read_text(encoding="utf-8")))


def read(run: Mapping[str, Any]) -> Calibration:
    """A run as it was written -> Calibration."""
    groups = tuple(Size(**{name: row[name] for name in Size.__dataclass_fields__}) for row in run["groups"])
    single = tuple(
        Single(r["test"], r["series"], (r["window"][0], r["window"][1]), r["size"], r["se"], r["draws"], r.get("coverage"))
        for r in run["single"]
    )
    return Calibration(run["seed"], run["date"], run["data_sha256"], groups, single)


def calibrated(results: Iterable[TestResult], *, shared: bool, length: int, run: Calibration | None = None) -> tuple[TestResult, ...]:
    """The results with their measured sizes; one outside 4-6 % is no longer usable. `shared`: events of the sample share sessions;
    `length`: sessions of the event window. `run`: another calibration than the stored one."""
    known = run or load()
    return tuple(results) if known is None else tuple(_marked(r, known.of(r.test, r.n, shared=shared, length=length)) for r in results)


def _marked(result: TestResult, size: Size | None) -> TestResult:
    if size is None:
        return result
    if result.usable and not size.honest:
        return replace(result, size=size.size, usable=False, why=Why.SIZE)
    return replace(result, size=size.size)
