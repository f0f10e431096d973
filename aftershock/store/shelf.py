"""The events of readers. Every reader has a shelf of their own, and nobody sees another's.

Each change of a shelf has a number, the reader's *stamp*, counted up in the same transaction. An event's version is the stamp of the
change that wrote it, so a version never comes twice, not even for an event that was deleted and added again. Whoever changes or deletes
says which version they saw; if it is no longer the one there is, they get a Conflict with both, and nothing is lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from aftershock.errors import AftershockError, RequestError, StoreUnavailable
from aftershock.events import Event
from aftershock.own import MOST, checked
from aftershock.store.database import address, in_words, opened, place_of, url_of
from aftershock.store.records import event_from, text_of

UNDOABLE: Final = 100  # the last changes of a reader that are remembered
RESPITE: Final = 3.0  # seconds for which nobody waits again for a database that was not there

_tables = sa.MetaData()
_EVENT: Final = sa.Table(
    "aftershock_event", _tables, sa.Column("owner", sa.String(200), primary_key=True), sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("version", sa.BigInteger), sa.Column("body", sa.Text),
)  # fmt: skip
_READER: Final = sa.Table(
    "aftershock_reader", _tables, sa.Column("owner", sa.String(200), primary_key=True), sa.Column("stamp", sa.BigInteger)
)
_CHANGE: Final = sa.Table(
    "aftershock_change", _tables, sa.Column("owner", sa.String(200), primary_key=True), sa.Column("stamp", sa.BigInteger, primary_key=True),
    sa.Column("id", sa.String(100), primary_key=True), sa.Column("before", sa.Text),
)  # fmt: skip
_COUNT_UP: Final = sa.text(
    "INSERT INTO aftershock_reader (owner, stamp) VALUES (:owner, 1)"
    " ON CONFLICT (owner) DO UPDATE SET stamp = aftershock_reader.stamp + 1 RETURNING stamp"
)


class Kind(StrEnum):
    """What a change did. Labels: `change.<code>`."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as it is kept, and its version."""

    event: Event
    version: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A reader's events in the order of their ids, at a stamp."""

    stamp: int
    kept: tuple[Kept, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """The events without their versions."""
        return tuple(k.event for k in self.kept)

    def find(self, event_id: str) -> Kept | None:
        """The event of that id with its version, or None."""
        return next((k for k in self.kept if k.event.id == event_id), None)


@dataclass(frozen=True, slots=True)
class Change:
    """A change that can be undone: its stamp, what it did, to how many events, and one of them (as it is, or as it was before)."""

    stamp: int
    kind: Kind
    number: int
    event: Event


class Conflict(AftershockError):
    """Somebody changed or deleted the event since it was read. `mine` is what was to be saved (None: deleted), `theirs` what is kept now
    (None: deleted). Nothing was written.
    """

    def __init__(self, mine: Event | None, theirs: Kept | None) -> None:
        super().__init__("store-conflict" if theirs else "store-gone")
        self.mine, self.theirs = mine, theirs


class Store:
    """The saved events of all readers. Opening costs nothing: the database is asked when something is wanted of it.

    Every method may raise StoreUnavailable. `owner` names the reader, "local" where nobody signs in.
    """

    def __init__(self, url: str | None = None) -> None:
        self.url = address(url_of(url))
        self._engine: Engine | None = None
        self._opening = threading.Lock()
        self._refused: tuple[float, StoreUnavailable] | None = None

    @property
    def place(self) -> str:
        """The file, or the server and its database."""
        return place_of(self.url)

    # -- reading ---------------------------------------------------------------------------------------------------

    def stamp(self, owner: str) -> int:
        """A number that changes whenever the reader's events do; 0 before the first. Cheap: one row by its key."""
        with self._reading() as connection:
            return _stamp(connection, owner)

    def shelf(self, owner: str) -> Shelf:
        """The reader's events. Raises DataError when somebody wrote to the database by hand what is no event."""
        with self._reading() as connection:
            stamp = _stamp(connection, owner)  # first: events that are newer than it are read again, older ones would stay
            asked = sa.select(_EVENT.c.body, _EVENT.c.version).where(_EVENT.c.owner == owner)
            rows = connection.execute(asked).all()
        kept = [Kept(event_from(row.body), row.version) for row in rows]
        return Shelf(stamp, tuple(sorted(kept, key=lambda k: k.event.id)))  # here: databases do not agree on the order of hyphens

    def last_change(self, owner: str) -> Change | None:
        """The change that `undo` would undo, or None."""
        with self._reading() as connection:
            rows = _last(connection, owner)
            if not rows:
                return None
            now = _row(connection, owner, rows[0].id)
        stamp, before = rows[0].stamp, rows[0].before
        kind = Kind.ADDED if before is None else Kind.DELETED if now is None else Kind.CHANGED
        return Change(stamp, kind, len(rows), event_from(now.body if now is not None and before is None else before or ""))

    # -- writing ---------------------------------------------------------------------------------------------------

    def add(self, owner: str, events: Sequence[Event]) -> tuple[str, ...]:
        """Adds all of them or none; gives the ids that were new. An id that is there already is left as it is. Raises DataError for an
        event that may not be kept, RequestError beyond the limit of MOST.
        """
        wanted = {event.id: text_of(checked(event)) for event in events}
        with self._writing(owner) as (connection, stamp):
            here = _ids(connection, owner)
            new = [event_id for event_id in wanted if event_id not in here]
            if not new:
                connection.rollback()
                return ()
            if len(here) + len(new) > MOST:
                raise RequestError("too-many-events", most=MOST, kept=len(here), new=len(new))
            rows = [{"owner": owner, "id": i, "version": stamp, "body": wanted[i]} for i in new]
            connection.execute(sa.insert(_EVENT), rows)
            _remember(connection, owner, stamp, dict.fromkeys(new))
        return tuple(new)

    def change(self, owner: str, event: Event, version: int) -> int:
        """Puts the event in the place of the version that the reader saw; gives its new version. Raises Conflict when that is no longer
        the one there is, unless what is there says the same already.
        """
        body = text_of(checked(event))
        with self._writing(owner) as (connection, stamp):
            row = _row(connection, owner, event.id)
            if row is None or (row.version != version and row.body != body):
                raise Conflict(event, row and Kept(event_from(row.body), row.version))
            if row.body == body:
                connection.rollback()
                return int(row.version)
            connection.execute(sa.update(_EVENT).where(*_key(owner, event.id)).values(body=body, version=stamp))
            _remember(connection, owner, stamp, {event.id: row.body})
        return stamp

    def delete(self, owner: str, event_id: str, version: int) -> None:
        """Deletes the version that the reader saw. Raises Conflict when it is no longer the one there is. Already deleted is deleted."""
        with self._writing(owner) as (connection, stamp):
            row = _row(connection, owner, event_id)
            if row is None:
                connection.rollback()
                return
            if row.version != version:
                raise Conflict(None, Kept(event_from(row.body), row.version))
            connection.execute(sa.delete(_EVENT).where(*_key(owner, event_id)))
            _remember(connection, owner, stamp, {event_id: row.body})

    def undo(self, owner: str, stamp: int) -> bool:
        """Undoes the change of that stamp if it is still the reader's last; False when it is not, and nothing happens.

        What was added goes, what was changed is as it was, what was deleted is back: all of the change or nothing.
        """
        with self._writing(owner) as (connection, now):
            rows = _last(connection, owner)
            if not rows or rows[0].stamp != stamp:
                connection.rollback()
                return False
            gone = [{"o": owner, "i": row.id} for row in rows]
            connection.execute(sa.delete(_EVENT).where(_EVENT.c.owner == sa.bindparam("o"), _EVENT.c.id == sa.bindparam("i")), gone)
            back = [{"owner": owner, "id": row.id, "version": now, "body": row.before} for row in rows if row.before is not None]
            if back:
                connection.execute(sa.insert(_EVENT), back)
            connection.execute(sa.delete(_CHANGE).where(_CHANGE.c.owner == owner, _CHANGE.c.stamp == stamp))
        return True

    def close(self) -> None:
        """Closes every connection; the next question opens them again."""
        with self._opening:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()

    # -- transactions ----------------------------------------------------------------------------------------------

    def _database(self) -> Engine:
        with self._opening:
            if self._engine is None:
                self._engine = opened(self.url)
            return self._engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A transaction for looking. A database that was not there is not waited for again until a RESPITE has passed."""
        if self._refused is not None and time.monotonic() < self._refused[0]:
            raise self._refused[1]
        try:
            with in_words(self.place), self._database().connect().execution_options(reading=True) as connection:
                yield connection
        except StoreUnavailable as error:
            if error.code != "store-busy":
                self._refused = time.monotonic() + RESPITE, error
            raise
        self._refused = None

    @contextmanager
    def _writing(self, owner: str) -> Iterator[tuple[Connection, int]]:
        """A transaction that holds the reader's row, and the stamp of the change. It is committed when the block ends without an error,
        unless the block rolled it back. Whoever saves does not stop at a database that was not there a moment ago: they ask it.
        """
        with in_words(self.place), self._database().connect() as connection:
            yield connection, int(connection.execute(_COUNT_UP, {"owner": owner}).scalar_one())
            if connection.in_transaction():
                connection.commit()
        self._refused = None


# -- questions -------------------------------------------------------------------------------------------------------


def _stamp(connection: Connection, owner: str) -> int:
    return connection.execute(sa.select(_READER.c.stamp).where(_READER.c.owner == owner)).scalar() or 0


def _ids(connection: Connection, owner: str) -> set[str]:
    return set(connection.execute(sa.select(_EVENT.c.id).where(_EVENT.c.owner == owner)).scalars())


def _row(connection: Connection, owner: str, event_id: str) -> sa.Row[Any, Any] | None:
    return connection.execute(sa.select(_EVENT.c.version, _EVENT.c.body).where(*_key(owner, event_id))).one_or_none()


def _key(owner: str, event_id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return _EVENT.c.owner == owner, _EVENT.c.id == event_id


def _last(connection: Connection, owner: str) -> Sequence[sa.Row[Any, Any, Any]]:
    """The rows of the reader's last change."""
    last = sa.select(sa.func.max(_CHANGE.c.stamp)).where(_CHANGE.c.owner == owner).scalar_subquery()
    asked = sa.select(_CHANGE.c.stamp, _CHANGE.c.id, _CHANGE.c.before).where(_CHANGE.c.owner == owner, _CHANGE.c.stamp == last)
    return connection.execute(asked.order_by(_CHANGE.c.id)).all()


def _remember(connection: Connection, owner: str, stamp: int, before: Mapping[str, str | None]) -> None:
    """Writes down what a change replaced (None: nothing), and forgets what is too old to be undone."""
    rows = [{"owner": owner, "stamp": stamp, "id": i, "before": body} for i, body in before.items()]
    connection.execute(sa.insert(_CHANGE), rows)
    connection.execute(sa.delete(_CHANGE).where(_CHANGE.c.owner == owner, _CHANGE.c.stamp <= stamp - UNDOABLE))
