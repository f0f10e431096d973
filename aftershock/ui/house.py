"""The server's one workspace and one market, and what a reader gets of them: the house around the series that they ask for."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Generic, TypeVar

import streamlit as st

from aftershock.errors import Phrase
from aftershock.events import Event
from aftershock.prices import Known, Market, Prices
from aftershock.ui import reader
from aftershock.workspace import Workspace

NEW_A_SESSION: Final = 24  # tickers that are not at home for which one stranger's session may have somebody asked in an hour
T = TypeVar("T")


class Lasting(Generic[T]):
    """The server's one of something, made by whoever first wants it. Streamlit's own caches are no place for it: every visitor may send
    `clear_cache`, and prices would be asked for and databases opened again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        """`make` may raise: then the next one who wants it tries again."""
        self._make, self._made = make, list[T]()
        self._lock = threading.Lock()

    def __call__(self) -> T:
        """What was made."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def clear(self) -> None:
        """Lets go of it."""
        with self._lock:
            self._made.clear()


@dataclass(frozen=True, eq=False, slots=True)
class _House:
    workspace: Workspace
    market: Market


@Lasting
def _house() -> _House:
    """Freezing what start-up made keeps every later garbage collection cheap: Streamlit collects after each run, and that is what limits
    how many readers a server can take.
    """
    opened = Workspace.open()
    assert opened.prices.series
    market = Market.open(opened.snapshot, opened.calendar)
    settle()
    return _House(opened, market)


def settle() -> None:
    """Puts everything that there is out of the garbage collector's sight."""
    gc.collect()
    gc.freeze()


def home(own: tuple[Event, ...] = ()) -> Workspace:
    """The workspace of the series that are always there, with the reader's own events. Raises AftershockError."""
    return _holding(_house().workspace, known(()).prices, own)


def opened(workspace: Workspace, tickers: Iterable[str]) -> Workspace:
    """The same reader's workspace with these series too, as far as there are bars. Never waits."""
    return _holding(_house().workspace, known(tickers).prices, workspace.own)


def known(tickers: Iterable[str]) -> Known:
    """How these tickers and those at home stand at this moment; the order in which they are asked for changes nothing."""
    asked = tuple(sorted(set(tickers)))
    spared = _beyond(asked)
    found = _house().market.now(asked, spared=spared)
    if bare := spared.intersection(found.missing):
        why = Phrase("prices.too-many-new", most=NEW_A_SESSION)
        return replace(found, answers={t: replace(a, reason=why) if t in bare else a for t, a in found.answers.items()})
    return found


def standing() -> tuple[Workspace, Market]:
    """The workspace of the series that are always there and the market, for whoever looks after the server. Raises AftershockError."""
    return _house().workspace, _house().market


def refresh(tickers: tuple[str, ...]) -> None:
    """A reader wants these newer."""
    spared = _beyond(tickers)
    _house().market.refresh(tuple(t for t in tickers if t not in spared))


def _beyond(tickers: tuple[str, ...]) -> frozenset[str]:
    """Those of the tickers that are more than a stranger's session may name in an hour."""
    if not reader.public():
        return frozenset()
    now = time.monotonic()
    named: dict[str, float] = {t: at for t, at in st.session_state.get("named", {}).items() if now - at < 3600}
    strange = [t for t in tickers if t not in named and t not in _house().market.home]
    room = max(0, NEW_A_SESSION - len(named))
    st.session_state["named"] = named | dict.fromkeys(strange[:room], now)
    return frozenset(strange[room:])


@lru_cache(maxsize=32)
def _holding(house: Workspace, prices: Prices, own: tuple[Event, ...]) -> Workspace:
    """One workspace for the same bars and events, so that what was computed for one reader serves the next."""
    return house.holding(prices, own)
