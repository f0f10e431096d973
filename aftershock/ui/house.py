"""The server's one workspace and one market, and what a reader gets of them: the house around the series that they ask for."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from aftershock.events import Event
from aftershock.prices import Known, Market, Prices
from aftershock.workspace import Workspace


@dataclass(frozen=True, eq=False, slots=True)
class _House:
    workspace: Workspace
    market: Market


@st.cache_resource(show_spinner=False)
def _house() -> _House:
    """Freezing what start-up made keeps every later garbage collection cheap: Streamlit collects after each run, and that is what limits
    how many readers a server can take.
    """
    opened = Workspace.open()
    assert opened.prices.series
    market = Market.open(opened.snapshot, opened.calendar)
    gc.collect()
    gc.freeze()
    return _House(opened, market)


def home(own: tuple[Event, ...] = ()) -> Workspace:
    """The workspace of the series that are always there, with the reader's own events. Raises AftershockError."""
    return _holding(_house().workspace, known(()).prices, own)


def opened(workspace: Workspace, tickers: Iterable[str]) -> Workspace:
    """The same reader's workspace with these series too, as far as there are bars. Never waits."""
    return _holding(_house().workspace, known(tickers).prices, workspace.own)


def known(tickers: Iterable[str]) -> Known:
    """How these tickers and those at home stand at this moment; the order in which they are asked for changes nothing."""
    return _house().market.now(tuple(sorted(set(tickers))))


def refresh(tickers: tuple[str, ...]) -> None:
    """A reader wants these newer."""
    _house().market.refresh(tickers)


@lru_cache(maxsize=32)
def _holding(house: Workspace, prices: Prices, own: tuple[Event, ...]) -> Workspace:
    """One workspace for the same bars and events, so that what was computed for one reader serves the next."""
    return house.holding(prices, own)
