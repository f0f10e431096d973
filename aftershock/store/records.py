"""An own event as the text that is kept: its record as JSON, keys sorted, so that equal events are equal text."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from aftershock.errors import DataError, Phrase
from aftershock.events import Event, Record, as_record, event_of

_MOMENTS: Final[dict[str, Callable[[str], dt.date | dt.time]]] = {
    "date": dt.date.fromisoformat, "origin_date": dt.date.fromisoformat, "time": dt.time.fromisoformat,
}  # fmt: skip


def text_of(event: Event) -> str:
    """The event as JSON."""
    return json.dumps(as_record(event), default=_iso, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _iso(value: dt.date | dt.time) -> str:
    return value.isoformat()


@lru_cache(maxsize=20_000)
def event_from(text: str) -> Event:
    """The event that was kept, checked again: somebody may have written to the database by hand. Raises DataError."""
    try:
        values: Any = json.loads(text)
    except ValueError:
        raise DataError(file=Phrase("own.file"), record="-", field="-", found=text, wanted="data.json") from None
    record = Record(values, Phrase("own.file"), str(values.get("id", "-")) if isinstance(values, dict) else "-")
    for name, read in _MOMENTS.items():
        if isinstance(written := record.values.get(name), str):
            try:
                record.values[name] = read(written)
            except ValueError:
                raise record.fail(name, "data.time" if name == "time" else "data.date") from None
    return event_of(record)
