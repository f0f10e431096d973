"""The reader's own events on this server: the store, what it holds now, and every change, which only a known reader may make."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final

import streamlit as st

from aftershock.errors import AftershockError, RequestError
from aftershock.events import Event
from aftershock.store import Change, Shelf, Store
from aftershock.ui import reader
from aftershock.ui.house import Lasting

A_MINUTE: Final = 30  # changes that a reader may make in one, where strangers use the server
_READERS: Final = 1000  # of whom that is remembered
_NOBODY: Final = Shelf(0, ())


@Lasting
def store() -> Store:
    """The one store of the server. Raises StoreUnavailable when AFTERSHOCK_STORE names no database that we know."""
    return Store()


@st.cache_resource(show_spinner=False, max_entries=32)
def _shelf(owner: str, stamp: int) -> Shelf:
    return store().shelf(owner)


def shelf() -> Shelf | AftershockError:
    """The reader's events, read again only when they have changed; a stranger's are none; or why they cannot be had."""
    if (owner := reader.name()) is None:
        return _NOBODY
    try:
        return _shelf(owner, store().stamp(owner))
    except AftershockError as error:
        return error


@st.cache_resource(show_spinner=False, max_entries=32)
def _last_change(owner: str, stamp: int) -> tuple[Change | None]:
    return (store().last_change(owner),)


def last_change() -> Change | None:
    """The reader's last change that can be undone; None also while the store cannot be had."""
    found, owner = shelf(), reader.name()
    try:
        return _last_change(owner, found.stamp)[0] if owner is not None and isinstance(found, Shelf) else None
    except AftershockError:
        return None


# -- changes: the only way to the store, whatever the page showed ------------------------------------------------------


def add(events: Sequence[Event]) -> tuple[str, ...]:
    """Adds events to the reader's own; gives the ids that were new. Raises AftershockError, as the others do."""
    return store().add(_writer(), events)


def change(event: Event, version: int) -> int:
    """Puts the event in the place of that version; gives its new one."""
    return store().change(_writer(), event, version)


def delete(event_id: str, version: int) -> None:
    """Deletes that version of an event."""
    store().delete(_writer(), event_id, version)


def undo(stamp: int) -> bool:
    """Undoes the change of that stamp; False when it is no longer the last."""
    return store().undo(_writer(), stamp)


def _writer() -> str:
    """Whose events are changed. Raises RequestError for a stranger, and for one reader's changes beyond so many a minute."""
    owner = reader.name()
    if owner is None:
        raise RequestError("sign-in")
    if reader.public():
        _count(owner, time.monotonic())
    return owner


_changes: OrderedDict[str, deque[float]] = OrderedDict()
_counting = threading.Lock()


def _count(owner: str, now: float) -> None:
    with _counting:
        times = _changes.setdefault(owner, deque(maxlen=A_MINUTE))
        _changes.move_to_end(owner)
        if len(_changes) > _READERS:
            _changes.popitem(last=False)
        if len(times) == A_MINUTE and now - times[0] < 60:
            raise RequestError("too-many-saves", most=A_MINUTE)
        times.append(now)
