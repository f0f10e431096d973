"""The reader's own saved events: SQLite by default, PostgreSQL by `AFTERSHOCK_STORE`. The only package that knows a database.

database     opening one, its transactions, its migrations, and what can go wrong as errors of ours
records      an event as the text that is kept
shelf        the events of readers: read, add, change, delete, undo
"""

from aftershock.store.database import url_of
from aftershock.store.shelf import Change, Conflict, Kept, Shelf, Store

__all__ = ["Change", "Conflict", "Kept", "Shelf", "Store", "url_of"]
