"""The benchmark as a suspect: it may contain the stock, and it may have moved on the same news.

Both make the abnormal return smaller than the reaction was: what the news did to the benchmark is called expected. So the same
window is measured against every benchmark there is, and the range is shown.

The clean cure is the index without the stock, (r_index - w r_stock) / (1 - w). It needs the stock's weight w in the index on every session,
which the data do not have. What they can give is a *peer basket*: the equally weighted mean of the other shares' simple returns, ex-self by
construction, and only where there are at least PEERS of them. One other share is no market: it has news of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from aftershock.models import Ints, Model, fit
from aftershock.panel import Rolling
from aftershock.returns import Floats, Returns
from aftershock.study import StudyDesign, cumulate
from aftershock.verdict.curve import Material
from aftershock.verdict.judge import ALPHA, kind_of
from aftershock.verdict.ordinary import TIE, ordinary_mask

PEERS: Final = 3
BASKET: Final = "peers"


@dataclass(frozen=True, slots=True)
class Reading:
    """The CAR of one window by one benchmark. `benchmark_move`: the benchmark's own cumulated return in the window; `benchmark_p`: the
    share of its ordinary days that moved as much (mean-adjusted); `contains`: it holds the ticker; `headline`: the design's own."""

    benchmark: str
    car: float
    se: float
    t: float
    p: float
    beta: float
    contains: bool
    benchmark_move: float
    benchmark_p: float
    headline: bool

    @property
    def moved(self) -> bool:
        """True when the benchmark itself moved more than on 95 % of its ordinary days."""
        return self.benchmark_p < ALPHA


@dataclass(frozen=True, slots=True)
class BenchmarkRange:
    """The CAR by every benchmark, lowest first. `ex_self` says whether a basket without the stock is among them; where not, `why` is a
    code (`exself.<code>`): index (the question does not arise) or too-few-series."""

    readings: tuple[Reading, ...]
    ex_self: bool
    why: str

    @property
    def low(self) -> float:
        """The lowest CAR."""
        return min((r.car for r in self.readings), default=float("nan"))

    @property
    def high(self) -> float:
        """The highest CAR."""
        return max((r.car for r in self.readings), default=float("nan"))

    @property
    def headline(self) -> Reading | None:
        """The design's own benchmark, or None for a mean-adjusted design."""
        return next((r for r in self.readings if r.headline), None)


def peer_basket(simple: Mapping[str, Floats], ticker: str, kind: Returns) -> Floats | None:
    """The equally weighted return of the other shares; `simple`: simple returns by ticker, shape (n,). Shape (n,), NaN where one of them
    is missing. None with fewer than PEERS of them. Log: ln(1 + the mean of simple returns)."""
    others = [returns for t, returns in simple.items() if t != ticker and kind_of(t) == "share"]
    if kind_of(ticker) == "index" or len(others) < PEERS:
        return None
    basket: Floats = np.mean(others, axis=0)
    return np.log1p(basket) if kind is Returns.LOG else basket


def benchmark_range(material: Material, design: StudyDesign, members: Mapping[str, frozenset[str]], ticker: str) -> BenchmarkRange:
    """The design's window at the event's own position against every benchmark of `material`. A mean-adjusted design is measured by the
    market model here: its own answer has no benchmark."""
    y = material.series[design.returns]
    found = []
    for name, both in material.benchmarks.items():
        contains = ticker in members.get(name, ())
        reading = _reading(name, y, both[design.returns], material.own, material.touched, design, contains)
        if reading is not None:
            found.append(reading)
    ex_self = BASKET in material.benchmarks
    why = "" if ex_self else "index" if kind_of(ticker) == "index" else "too-few-series"
    return BenchmarkRange(tuple(sorted(found, key=lambda r: r.car)), ex_self, why)


def _reading(name: str, y: Floats, x: Floats, position: int, touched: Ints, design: StudyDesign, contains: bool) -> Reading | None:
    model = design.model if design.uses_benchmark else Model.MARKET
    span = slice(max(position + design.estimation.first, 0), max(position + design.estimation.last + 1, 0))
    event = slice(position + design.window.first, position + design.window.last + 1)
    if event.start < 1 or event.stop > len(y):
        return None
    fitted, _ = fit(y[span], x[span], model, min_observations=design.needed)
    if fitted is None or not (np.isfinite(y[event]) & np.isfinite(x[event])).all():
        return None
    total = cumulate(fitted, y[event] - fitted.expected(x[event]), x[event])
    headline = design.uses_benchmark and name == design.benchmark
    p = _usual(x, position, touched, design)
    return Reading(name, total.car, total.se, total.t, total.p, fitted.beta, contains, float(x[event].sum()), p, headline)


def _usual(x: Floats, position: int, touched: Ints, design: StudyDesign) -> float:
    """(1 + as extreme) / (1 + N) for the benchmark's own mean-adjusted move; NaN where it cannot be computed."""
    rolling = Rolling(x, x)
    cars = rolling.cars(rolling.fits(design.estimation, Model.MEAN_ADJUSTED, design.needed), design.window).car
    usual = cars[ordinary_mask(len(x), touched, position, design.window) & np.isfinite(cars)]
    own = abs(float(cars[position])) * (1 - TIE)
    return (1 + int((np.abs(usual) >= own).sum())) / (1 + len(usual)) if np.isfinite(own) else float("nan")
