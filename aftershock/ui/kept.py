"""The reader's own events on this server: whose they are, the store, and what it holds now."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from aftershock.errors import AftershockError
from aftershock.events import Event
from aftershock.store import Change, Shelf, Store
from aftershock.ui.house import Lasting


def owner() -> str:
    """Whose events: where nobody signs in there is one reader."""
    return "local"


@Lasting
def store() -> Store:
    """The one store of the server. Raises StoreUnavailable when AFTERSHOCK_STORE names no database that we know."""
    return Store()


@st.cache_resource(show_spinner=False, max_entries=32)
def _shelf(owner: str, stamp: int) -> Shelf:
    return store().shelf(owner)


def shelf() -> Shelf | AftershockError:
    """The reader's events, read again only when they have changed; or why they cannot be had."""
    try:
        return _shelf(owner(), store().stamp(owner()))
    except AftershockError as error:
        return error


def events() -> tuple[Event, ...]:
    """The reader's own events; none while they cannot be had."""
    found = shelf()
    return found.events if isinstance(found, Shelf) else ()


def add(events: Sequence[Event]) -> tuple[str, ...]:
    """Adds events to the reader's own; gives the ids that were new. Raises AftershockError."""
    return store().add(owner(), events)


@st.cache_resource(show_spinner=False, max_entries=32)
def _last_change(owner: str, stamp: int) -> tuple[Change | None]:
    return (store().last_change(owner),)


def last_change() -> Change | None:
    """The reader's last change that can be undone; None also while the store cannot be had."""
    found = shelf()
    try:
        return _last_change(owner(), found.stamp)[0] if isinstance(found, Shelf) else None
    except AftershockError:
        return None
