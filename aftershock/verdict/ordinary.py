"""Ordinary days: how often did this series move as much when nothing of ours happened?

The same design (model, benchmark, estimation window, length of the event window) is put on every session since the data begin that
has a full estimation window, and the cumulative abnormal returns of the ordinary ones are kept. A session is *ordinary* for a ticker
and an event window when

  - no session of its event window is the reaction session of a catalogue event that concerns the ticker or the market, that is
    an event that names the ticker or an index; where only the day of such an event is known and not the hour, the next
    session counts as touched too; and
  - its event window shares no session with that of the event in question.

A reader's own events take no day away: what is ordinary is the same for every reader, so that an answer about the catalogue does not
change because somebody wrote something down. They are named in the ledger like any other.

The p-value is (1 + as extreme) / (1 + N): the event's own session is one of the N + 1 that could have been drawn (Phipson and Smyth 2010,
Statistical Applications in Genetics and Molecular Biology 9). It makes no assumption about the shape of returns; it does take every
session as equally likely to be a wild one, which `scaled` does not: there each CAR is measured in its own standard error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from aftershock.events import Event, Verification
from aftershock.models import Cars, Ints
from aftershock.returns import Flags, Floats
from aftershock.sessions import Reaction
from aftershock.study import Window

FEWEST: Final = 100  # with fewer ordinary days the 5 % tail holds under five of them, and one odd day decides
PER_LEVEL: Final = 20  # 1 / 0.05: the level as a whole number, so that counts compare exactly
TIE: Final = 1e-12  # equal up to rounding counts as equally extreme


@dataclass(frozen=True, eq=False)
class Ordinary:
    """The ordinary days of one (event, ticker, design). Decimal fractions; `cars` and `ts` have one entry per entry of `sessions`.

    `car`, `t`: the event's own. `touched`: sessions with a full estimation window that are not ordinary.
    """

    sessions: pd.DatetimeIndex
    cars: Floats
    ts: Floats
    car: float
    t: float
    touched: int

    @property
    def of(self) -> int:
        """N, how many ordinary days there are."""
        return len(self.cars)

    @cached_property
    def as_extreme(self) -> int:
        """Ordinary days that moved as much as the event or more, in either direction."""
        return _reached(self.cars, self.car)

    @property
    def p(self) -> float:
        """(1 + as_extreme) / (1 + N), two-sided."""
        return (1 + self.as_extreme) / (1 + self.of)

    @cached_property
    def p_scaled(self) -> float:
        """The same with every CAR divided by its own standard error: allows for calm and wild years. NaN without a t."""
        return float("nan") if np.isnan(self.t) else (1 + _reached(self.ts, self.t)) / (1 + self.of)

    @property
    def enough(self) -> bool:
        """False when there are too few to say what is ordinary."""
        return self.of >= FEWEST

    @cached_property
    def smallest(self) -> float:
        """The |CAR| that must be passed for p < 0.05: the k-th largest of the ordinary |CAR|, their 95 % quantile. NaN with fewer
        than 20."""
        rank = -(-(1 + self.of) // PER_LEVEL) - 1  # 1 + as_extreme < (1 + N)/20 allows as_extreme up to rank - 1
        return float(np.sort(np.abs(self.cars))[-rank]) if rank >= 1 else float("nan")

    @property
    def first(self) -> pd.Timestamp | None:
        """The first ordinary day."""
        return self.sessions[0] if self.of else None

    @property
    def last(self) -> pd.Timestamp | None:
        """The last ordinary day."""
        return self.sessions[-1] if self.of else None


def _reached(values: Floats, own: float) -> int:
    return int((np.abs(values) >= abs(own) * (1 - TIE)).sum())


def concerns(tickers: Iterable[str], ticker: str) -> bool:
    """True when news about `tickers` is about the ticker or about the market as a whole (it names an index)."""
    return any(t == ticker or t.startswith("^") for t in tickers)


def touched_positions(happenings: Iterable[tuple[Event, Reaction]], ticker: str, days: pd.DatetimeIndex) -> Ints:
    """Positions in `days` that an event of the catalogue which concerns the ticker could have moved, each once, rising."""
    sessions, doubtful = [], []
    for event, reaction in happenings:
        if event.verification is not Verification.OWN and concerns(event.tickers, ticker):
            sessions.append(reaction.session)
            doubtful.append(reaction.uncertain)
    if not sessions:
        return np.zeros(0, dtype=np.int64)
    at = days.get_indexer(pd.DatetimeIndex(sessions)).astype(np.int64)
    known = at >= 0
    after = at[known & np.array(doubtful, dtype=bool)] + 1
    return np.unique(np.concatenate([at[known], after[after < len(days)]]))


def ordinary_mask(n: int, touched: Ints, own: int, window: Window) -> Flags:
    """True for the sessions, positions 0..n-1, that are ordinary by the rule of this module. `own`: the event's position."""
    marks = np.zeros(n + 1, dtype=np.int64)
    marks[1:][touched] = 1
    running = np.cumsum(marks)
    places = np.arange(n)
    low, high = np.clip(places + window.first, 0, n), np.clip(places + window.last + 1, 0, n)
    untouched = running[high] == running[low]
    return np.asarray(untouched & (np.abs(places - own) >= len(window)), dtype=bool)


def ordinary_days(cars: Cars, mask: Flags, days: pd.DatetimeIndex, car: float, t: float) -> Ordinary:
    """`cars` of every session (shape (n,), see `rolling`) and which of them are ordinary -> Ordinary."""
    usable = np.isfinite(cars.car)
    kept = usable & mask
    return Ordinary(days[kept], cars.car[kept], cars.t[kept], car, t, int((usable & ~mask).sum()))
