"""Events -> files to take away: CSV, TOML, JSON and ICS. Reading any of them back gives the same events.

FILES is the table of formats; each takes the events and the language of a calendar's titles.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import tomli_w

from aftershock.events import Event, as_record
from aftershock.userdata.cells import guarded
from aftershock.userdata.ics import write_calendar
from aftershock.userdata.records import as_field, flat_sources

COLUMNS: Final = (
    "id", "date", "time", "timing", "precision", "category", "importance", "tickers", "verification", "title_en", "title_vi", "summary_en",
    "summary_vi", "note_en", "note_vi", "source", "source_date", "link", "where", "more_sources", "articles", "single_origin",
    "origin_timezone", "origin_date",
)  # fmt: skip


def flat(event: Event) -> dict[str, str]:
    """An event as one row of text; what it does not have is left out."""
    row = {field: as_field(value) for field, value in as_record(event).items() if field not in ("title", "summary", "note", "sources")}
    for field in ("title", "summary", "note"):
        if text := getattr(event, field):
            row |= {f"{field}_{lang}": value for lang, value in asdict(text).items()}
    row |= flat_sources([{k: v for k, v in asdict(s).items() if v is not None} for s in event.sources])
    return {field: row[field] for field in COLUMNS if row.get(field)}


def _csv(events: Sequence[Event], lang: str) -> bytes:
    rows = [flat(event) for event in events]
    used = [column for column in COLUMNS if column in ("id", "date", "title_en", "title_vi") or any(column in row for row in rows)]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(used)
    writer.writerows([[guarded(row.get(column, "")) for column in used] for row in rows])
    return buffer.getvalue().encode()


def _toml(events: Sequence[Event], lang: str) -> bytes:
    return tomli_w.dumps({"event": [as_record(e) for e in events]}).encode()


def _json(events: Sequence[Event], lang: str) -> bytes:
    def iso(value: dt.date | dt.time) -> str:
        return value.isoformat()

    return json.dumps({"events": [as_record(e) for e in events]}, ensure_ascii=False, indent=1, default=iso).encode()


def _ics(events: Sequence[Event], lang: str) -> bytes:
    return write_calendar(map(flat, events), lang)


@dataclass(frozen=True, slots=True)
class EventFile:
    """One kind of file: its ending, its media type, how it is made."""

    ending: str
    media: str
    make: Callable[[Sequence[Event], str], bytes]
    mark: bytes = b""  # in front of a download by hand: a spreadsheet needs it to see that a CSV is UTF-8

    def download(self, events: Sequence[Event], lang: str = "en") -> bytes:
        """The file as a person's browser should get it."""
        return self.mark + self.make(events, lang)


FILES: Final = {
    "csv": EventFile("csv", "text/csv", _csv, mark=b"\xef\xbb\xbf"),
    "toml": EventFile("toml", "application/toml", _toml),
    "json": EventFile("json", "application/json", _json),
    "ics": EventFile("ics", "text/calendar", _ics),
}


def write_events(events: Sequence[Event], code: str, lang: str = "en") -> bytes:
    """The events as a file of FILES."""
    return FILES[code].make(events, lang)
