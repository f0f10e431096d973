"""Closes -> returns, and the missing-data policy.

Missing stays missing. A close that is absent, or that cannot be a price (text, zero, negative, infinite), gives no return for its own
session nor for the next one, because a return that spans two sessions is not a session's return. Nothing is filled
forward, nothing is set to zero, and nothing is guessed from how large a figure is.

Units: closes in the series' own currency or points; returns are decimal fractions per session. Where dividends are known a return
counts them, (C[t] + D[t]) / C[t-1] - 1: what a holder got. The closes themselves are never adjusted for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from aftershock.errors import RequestError

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

SPIKE: Final = 5.0  # a close this many times its neighbours (or this small a part), for one session only, is a mistyped figure
JUMP: Final = 1.45  # a change by this factor looks like a split that was not adjusted (the smallest common one is 3 for 2)


class Returns(StrEnum):
    """How a change of price is measured. Labels: `returns.<code>`."""

    SIMPLE = "simple"
    LOG = "log"


@dataclass(frozen=True, eq=False, slots=True)
class Closes:
    """Cleaned closes and what was wrong with them.

    `frame` holds floats, one column per ticker, one row per session (rising, each once, midnight, unit us); NaN = no usable
    close. `bad` has its shape: True where something was given that cannot be a price. `duplicates` says on which sessions a
    ticker had several rows. `sessions` says which rows are sessions for a ticker where not all are (a five-day index in a
    file with a coin that trades on Sundays); a ticker that is not in it has a session in every row.
    `snapshot` is the day on which the figures were retrieved when they are not live. `dividends`, where any are known, has the
    frame's shape: cash per share on the ex-date, in the closes' units; NaN where nothing is known of a ticker's.
    """

    frame: pd.DataFrame
    bad: pd.DataFrame
    duplicates: Mapping[str, tuple[pd.Timestamp, ...]] = field(default_factory=dict)
    sessions: Mapping[str, pd.DatetimeIndex] = field(default_factory=dict)
    snapshot: str | None = None
    dividends: pd.DataFrame | None = None

    @property
    def tickers(self) -> tuple[str, ...]:
        """The series that there are."""
        return tuple(self.frame.columns)

    def grid(self, ticker: str, benchmark: str) -> pd.DatetimeIndex:
        """The sessions on which a pair is compared: those of both, so that every return spans the same days on both sides."""
        days = pd.DatetimeIndex(self.frame.index)
        for name in (ticker, benchmark):
            if name in self.sessions:
                days = days.intersection(self.sessions[name])
        return days

    def returns(self, ticker: str, days: pd.DatetimeIndex, kind: Returns = Returns.SIMPLE) -> Floats:
        """The ticker's return on each of these sessions since the one before it, shape (n,); the first is NaN."""
        rows = self.frame.index.get_indexer(days)
        paid = None if self.dividends is None else self.dividends[ticker].to_numpy(dtype=np.float64)[rows]
        return returns_of(self.frame[ticker].to_numpy(dtype=np.float64)[rows], kind, paid)


def clean(closes: pd.DataFrame, *, dividends: pd.DataFrame | None = None, **known: Any) -> Closes:
    """A frame of closes of any kind -> `Closes`. Rows are sorted; text and figures that are no price become NaN and `bad`.

    The index must be dates; RequestError when one date stands twice (which of two rows is right is not ours to guess: the
    reader of user files, `userdata`, settles that first). `dividends` has the shape of `closes`. `known` goes to `Closes`: duplicates,
    sessions, snapshot.
    """
    days = pd.DatetimeIndex(closes.index).as_unit("us")
    if days.has_duplicates:
        raise RequestError("duplicate-dates", day=days[days.duplicated()][0])
    order = np.argsort(days.to_numpy(), kind="stable")
    columns, bad = {}, {}
    for ticker in closes.columns:
        columns[str(ticker)], bad[str(ticker)] = figures(closes[ticker].iloc[order])
    index = days[order]
    paid = None if dividends is None else dividends.iloc[order].set_axis(index)
    return Closes(pd.DataFrame(columns, index=index), pd.DataFrame(bad, index=index, dtype=bool), dividends=paid, **known)


def figures(given: pd.Series[Any]) -> tuple[Floats, Flags]:
    """One column as (closes, bad): shapes (n,). Empty and NaN are missing; text, 0, negative, infinite and spikes are bad."""
    if pd.api.types.is_numeric_dtype(given.dtype) and not pd.api.types.is_bool_dtype(given.dtype):
        values, empty = given.to_numpy(dtype=np.float64, na_value=np.nan).copy(), given.isna().to_numpy(dtype=bool)
    else:
        text = given.astype("string").str.strip()
        empty = (text.isna() | text.str.lower().isin(["", "nan", "na", "n/a", "null", "none", "-", "–"])).to_numpy(dtype=bool)
        values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    bad: Flags = ~empty & ~(np.isfinite(values) & (values > 0))
    values[bad] = np.nan
    spikes = _spikes(values)
    values[spikes] = np.nan
    return values, bad | spikes


def _spikes(values: Floats) -> Flags:
    """Single closes that leave their two neighbours by a factor of SPIKE or more, both the same way, while the neighbours
    agree with each other within JUMP: mistyped figures. Judged by ratios alone, so a change of scale changes nothing."""
    found = np.zeros(len(values), dtype=bool)
    if len(values) < 3:
        return found
    with np.errstate(invalid="ignore"):
        logs = np.log(values)
        before, after = logs[1:-1] - logs[:-2], logs[1:-1] - logs[2:]
        alike = np.abs(logs[2:] - logs[:-2]) < np.log(JUMP)
        found[1:-1] = alike & (np.minimum(np.abs(before), np.abs(after)) >= np.log(SPIKE)) & (before * after > 0)
    return found


def returns_of(closes: Floats, kind: Returns = Returns.SIMPLE, dividends: Floats | None = None) -> Floats:
    """Closes, shape (n,) or (n, k), -> returns of the same shape, decimal fractions per session; row 0 is NaN.

    Simple: (C[t] + D[t])/C[t-1] - 1. Log: ln((C[t] + D[t])/C[t-1]). D: `dividends`, shaped as the closes; none, and where it is NaN, no
    dividend is counted. NaN where either close is NaN, or where the ratio is beyond a float.
    """
    values = np.asarray(closes, dtype=np.float64)
    got = values if dividends is None else values + np.where(np.isnan(dividends), 0.0, dividends)
    out = np.full(values.shape, np.nan)
    with np.errstate(all="ignore"):
        ratio = got[1:] / values[:-1]
        out[1:] = np.log(ratio) if kind is Returns.LOG else ratio - 1.0
    out[~np.isfinite(out)] = np.nan
    return out


def returns_frame(closes: pd.DataFrame | Closes, kind: Returns = Returns.SIMPLE) -> pd.DataFrame:
    """A frame of closes -> the frame of returns, same index and columns; decimal fractions per session, NaN = missing."""
    frame, paid = (closes.frame, closes.dividends) if isinstance(closes, Closes) else (closes, None)
    dividends = None if paid is None else paid.to_numpy(dtype=np.float64)
    return pd.DataFrame(returns_of(frame.to_numpy(dtype=np.float64), kind, dividends), index=frame.index, columns=frame.columns)


@dataclass(frozen=True, eq=False, slots=True)
class Pair:
    """A series and its benchmark on their common sessions. Every array has shape (n_sessions,).

    `y`, `x`: returns of the ticker and of the benchmark. `closes_y`, `closes_x`: the closes behind them. `bad_y`, `bad_x`:
    a figure was given that cannot be a price.
    """

    ticker: str
    benchmark: str
    sessions: pd.DatetimeIndex
    y: Floats
    x: Floats
    closes_y: Floats
    closes_x: Floats
    bad_y: Flags
    bad_x: Flags

    @property
    def first(self) -> int:
        """Position of the ticker's first close."""
        return int(np.flatnonzero(np.isfinite(self.closes_y))[0])

    @property
    def last(self) -> int:
        """Position of the ticker's last close."""
        return int(np.flatnonzero(np.isfinite(self.closes_y))[-1])


def pair(closes: Closes, ticker: str, benchmark: str, kind: Returns = Returns.SIMPLE) -> Pair:
    """The pair's returns on its common sessions. Both names must be columns of `closes`, else KeyError."""
    days = closes.grid(ticker, benchmark)
    rows = closes.frame.index.get_indexer(days)
    cy, cx = (closes.frame[name].to_numpy(dtype=np.float64)[rows] for name in (ticker, benchmark))
    by, bx = (closes.bad[name].to_numpy(dtype=bool)[rows] for name in (ticker, benchmark))
    y, x = closes.returns(ticker, days, kind), closes.returns(benchmark, days, kind)
    return Pair(ticker, benchmark, days, y, x, cy, cx, by, bx)


def jumps(closes: Floats) -> Sequence[int]:
    """Positions where the close changed by a factor of JUMP or more from the session before: a split nobody adjusted, or a
    very large move. shape (n,) in."""
    with np.errstate(all="ignore"):
        change = np.abs(np.log(closes[1:] / closes[:-1]))
    return [int(i) + 1 for i in np.flatnonzero(change >= np.log(JUMP))]


def repeats(closes: Floats) -> Flags:
    """True where a close equals, to the last digit, the close of the session before. shape (n,)."""
    same = np.zeros(len(closes), dtype=bool)
    same[1:] = closes[1:] == closes[:-1]
    return same
