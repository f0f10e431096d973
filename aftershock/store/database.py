"""One database: how it is opened, what a transaction is, how its tables come to today's form, and its troubles in words.

*Saved* means committed and on the disk: SQLite in WAL with synchronous FULL, PostgreSQL as its server is set (by default the same).
A write takes its lock at the beginning (BEGIN IMMEDIATE; in PostgreSQL the reader's own row), so that nothing is decided on what
somebody else is just changing. Waiting for a lock ends after PATIENCE.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from platformdirs import user_data_path
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from aftershock.errors import StoreUnavailable

PATIENCE: Final = 5  # seconds
HEAD: Final = "r2"  # the newest revision in migrations/versions
VERSION_TABLE: Final = "aftershock_version"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x_AF7E_45_0C  # PostgreSQL's advisory lock under which tables are made
_one_at_a_time = threading.Lock()  # alembic keeps what it is doing in a global


def url_of(asked: str | None = None) -> str:
    """The database that is asked for, else AFTERSHOCK_STORE's, else a file in the user's data folder."""
    return asked or os.environ.get("AFTERSHOCK_STORE") or f"sqlite:///{user_data_path('aftershock', appauthor=False) / 'events.sqlite3'}"


def address(text: str) -> URL:
    """The URL, with the driver that we have. Raises StoreUnavailable for what is neither SQLite nor PostgreSQL."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreUnavailable("store-url", found=text.split(":")[0]) from None
    if url.get_backend_name() in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite")
    raise StoreUnavailable("store-url", found=url.drivername)


def place_of(url: URL) -> str:
    """What the database is called in a sentence: the file, or the server's database without user and password."""
    return str(url.database) if url.drivername == "sqlite" else f"{url.host or url.query.get('host') or 'localhost'}/{url.database}"


def opened(url: URL) -> Engine:
    """An engine whose tables are of today's form. Raises StoreUnavailable."""
    with in_words(place_of(url)):
        if url.drivername == "sqlite":
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = _sqlite(url) if url.drivername == "sqlite" else _postgresql(url)
        try:
            _migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine


def _sqlite(url: URL) -> Engine:
    engine = sa.create_engine(url, connect_args={"timeout": PATIENCE, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (f"busy_timeout = {PATIENCE * 1000}", "journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> Engine:
    limits = "-c statement_timeout=3000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"
    named = {"connect_timeout": 3, "options": limits, "application_name": "aftershock"}
    return sa.create_engine(url, pool_pre_ping=True, pool_timeout=PATIENCE, connect_args=named)


# -- migrations ------------------------------------------------------------------------------------------------------


def _migrate(engine: Engine) -> None:
    """Brings the tables to HEAD, in one transaction and one process at a time: whoever comes second finds the work done."""
    with engine.connect().execution_options(reading=True) as connection:
        if _revision(connection) == HEAD:
            return
    with _one_at_a_time, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if _revision(connection) != HEAD:
            upgrade(connection, HEAD)


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 (a constant)


def upgrade(connection: Connection, revision: str) -> None:
    """Runs the migrations up to a revision on an open transaction. Raises StoreUnavailable when a newer Aftershock has been here."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError:
        raise StoreUnavailable("store-newer", place=place_of(connection.engine.url)) from None


# -- troubles --------------------------------------------------------------------------------------------------------

_SQLITE: Final = {
    "SQLITE_FULL": "store-full", "SQLITE_READONLY": "store-read-only", "SQLITE_PERM": "store-read-only", "SQLITE_CANTOPEN": "store-closed",
    "SQLITE_CORRUPT": "store-damaged", "SQLITE_NOTADB": "store-damaged", "SQLITE_BUSY": "store-busy", "SQLITE_LOCKED": "store-busy",
}  # fmt: skip
_POSTGRESQL: Final = {
    "53100": "store-full", "25006": "store-read-only", "42501": "store-read-only", "57014": "store-busy", "55P03": "store-busy",
    "53300": "store-busy", "40P01": "store-busy", "3D000": "store-closed", "28P01": "store-closed", "28000": "store-closed",
}  # fmt: skip


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """A database's errors as StoreUnavailable: which database, what is the matter, what can be done."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreUnavailable(_code(error), place=place) from error
    except OSError as error:
        raise StoreUnavailable("store-closed", place=place) from error


def _code(error: SQLAlchemyError) -> str:
    if not isinstance(error, DBAPIError):
        return "store-busy"  # the pool had no connection left
    cause = error.orig
    name, state = getattr(cause, "sqlite_errorname", None), getattr(cause, "sqlstate", None)
    if name is not None:
        family = "_".join(name.split("_")[:2])
        return _SQLITE.get(family, "store-failed")
    return _POSTGRESQL.get(state, "store-failed") if state and not state.startswith("57P") else "store-server"
