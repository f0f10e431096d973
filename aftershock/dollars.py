"""What a move was worth, and how it came about: dollars, the gap overnight, the session, and what came back.

Market value = price x shares outstanding. The share count is the one on the cover of the last report filed on or before the session: what
a reader could have known that day. Closes and counts are both on today's share basis (split-adjusted). Moves are decimal fractions, values
billions of US dollars.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from aftershock.reference import Shares

LATER: Final = (1, 5, 20)
SMALL: Final = 0.01  # a part of a smaller move is a ratio of noise: 989 % of next to nothing "came back"


@dataclass(frozen=True, slots=True)
class Dollars:
    """Market value gained (+) or lost (-) in billions of US dollars.

    `gross` = (close at the window's end - `base`) x shares, `abnormal` = abnormal move x base x shares, `base` the close before the window.
    `shares` is the filing that the count is from; its `placeholder` and `verification` say how sure it is.
    """

    gross: float
    abnormal: float
    base: float
    close: float
    shares: Shares

    @property
    def billions_of_shares(self) -> float:
        """The share count used, in billions."""
        return self.shares.billions_split_adjusted


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Why there are no dollars. Words: `dollars.<code>`: index (an index has no shares), no-shares (no count for this ticker), not-yet (no
    report filed on or before the session), no-price."""

    code: str


@dataclass(frozen=True, slots=True)
class Later:
    """`change`: from the close of session 0 to that of session +`sessions`. `recovered`: the part of session 0's move that was undone by
    then (1 = all of it, negative = it went on). None where the data end before (`why` = data-end); `recovered` is
    None too where session 0 moved less than 1 % (small)."""

    sessions: int
    session: pd.Timestamp | None
    change: float | None
    recovered: float | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class MoveSplit:
    """Session 0 in parts: (1 + overnight)(1 + in_session) = 1 + total. Decimal fractions; None where a price is missing.

    An index opens on the last prices of shares that have not traded yet, so its overnight gap is understated.
    """

    session: pd.Timestamp
    previous_close: float
    open: float
    close: float
    overnight: float
    in_session: float
    total: float
    later: tuple[Later, ...]


def count_on(shares: Iterable[Shares], ticker: str, session: pd.Timestamp) -> Shares | Unpriced:
    """The share count of the last report filed on or before `session`."""
    if ticker.startswith("^"):
        return Unpriced("index")
    filed = [s for s in shares if s.ticker == ticker]
    known = [s for s in filed if pd.Timestamp(s.filed) <= session]
    if known:
        return max(known, key=lambda s: s.filed)
    return Unpriced("not-yet" if filed else "no-shares")


def dollars(bars: pd.DataFrame | None, shares: Iterable[Shares], ticker: str, first: pd.Timestamp, last: pd.Timestamp,
            abnormal: float) -> Dollars | Unpriced:  # fmt: skip
    """What the window `first`..`last` (sessions) was worth. `bars`: daily bars with a column close; `abnormal`: the window's abnormal move
    as a simple decimal fraction."""
    count = count_on(shares, ticker, first)
    if isinstance(count, Unpriced):
        return count
    if bars is None or first not in bars.index or last not in bars.index or (at := _place(bars, first)) < 1:
        return Unpriced("no-price")
    base, close = float(bars["close"].iloc[at - 1]), float(bars["close"].loc[last])
    if not (math.isfinite(base) and math.isfinite(close)):
        return Unpriced("no-price")
    n = count.billions_split_adjusted
    return Dollars((close - base) * n, abnormal * base * n, base, close, count)


def _place(bars: pd.DataFrame, session: pd.Timestamp) -> int:
    return int(pd.DatetimeIndex(bars.index).searchsorted(session))


def split_move(bars: pd.DataFrame | None, session: pd.Timestamp) -> MoveSplit | None:
    """The parts of the move of `session`, or None when its open, close or the close before are not in `bars`."""
    if bars is None or session not in bars.index:
        return None
    at = _place(bars, session)
    if at < 1:
        return None
    closes = bars["close"].to_numpy(dtype=float)
    before, opening, close = float(closes[at - 1]), float(bars["open"].iloc[at]), float(closes[at])
    if not all(map(math.isfinite, (before, opening, close))):
        return None
    later = tuple(_later(bars.index, closes, at, k) for k in LATER)
    return MoveSplit(session, before, opening, close, opening / before - 1, close / opening - 1, close / before - 1, later)


def _later(days: pd.Index, closes: object, at: int, sessions: int) -> Later:
    if at + sessions >= len(days):
        return Later(sessions, None, None, None, "data-end")
    before, close, then = (float(closes[i]) for i in (at - 1, at, at + sessions))  # type: ignore[index]
    if not math.isfinite(then):
        return Later(sessions, days[at + sessions], None, None, "no-price")
    change = then / close - 1
    if abs(close / before - 1) < SMALL:
        return Later(sessions, days[at + sessions], change, None, "small")
    return Later(sessions, days[at + sessions], change, (then - close) / (before - close))
