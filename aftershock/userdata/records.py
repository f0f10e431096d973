"""A file or a paste -> records: one flat {field: text} for every row, whatever the file is. Nothing is judged here yet.

CSV and pasted tables give their cells, TOML and JSON their [[event]] tables, a calendar its VEVENTs. What concerns the whole file (an
encoding that nobody knows, too many rows, no column of dates) is a DataError; what concerns one row travels with the row.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aftershock.errors import DataError, Phrase, trouble
from aftershock.text import LANGUAGES
from aftershock.userdata.cells import unguarded
from aftershock.userdata.encoding import decode
from aftershock.userdata.fields import field_of, header, is_date, without_header
from aftershock.userdata.ics import calendar_records
from aftershock.userdata.table import TERMINAL, Limits, Row, row_name, rows_of, too_many

_PARTS: Final = ("title", "summary", "note")
SOURCE_FIELDS: Final = {"publisher": "source", "date": "source_date", "url": "link", "where": "where"}  # of a source -> of a row


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its number in the file, its fields as text, and the fault that keeps it from being read (field, found, wanted)."""

    row: int
    values: Mapping[str, str]
    fault: tuple[str, str | Phrase, str | Phrase] | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a file, the fields that it has columns for, and what is to be said about it. `choices` are encodings to be asked
    about; there are no rows then."""

    file: str
    rows: tuple[Record, ...]
    fields: frozenset[str] = frozenset()
    notes: tuple[Phrase, ...] = ()
    choices: tuple[str, ...] = ()


def read_records(raw: bytes | str, file: str, *, encoding: str | None = None, limits: Limits = TERMINAL) -> Records:
    """The records of a file (its bytes) or of a paste (its text). Raises DataError for what cannot be read at all."""
    size = len(raw) if isinstance(raw, bytes) else len(raw.encode("utf-8", "replace"))
    if size > limits.size:
        raise too_many("bytes", limits.size >> 20, file)
    notes: tuple[Phrase, ...] = ()
    if isinstance(raw, bytes):
        decoded = decode(raw, file, encoding)
        if decoded.choices:
            return Records(file, (), choices=decoded.choices)
        text = decoded.text
        notes = () if decoded.encoding == "utf-8" else (Phrase("userdata.encoding", name=decoded.encoding.upper()),)
    else:
        text = raw.removeprefix("\ufeff")
    if not text.strip():
        raise DataError(file=file, record="-", field="-", found=Phrase("data.empty"), wanted="data.header-and-rows")
    rows, fields, more = _reader(text, file)(text, file, limits)
    return Records(file, rows, frozenset(fields), (*notes, *more))


Read = tuple[tuple[Record, ...], Iterable[str], tuple[Phrase, ...]]


def _reader(text: str, file: str) -> Any:
    """What reads the text: by what it begins with where that is plain, else by the ending of the file's name."""
    start, ending = text.lstrip()[:400], file.lower().rpartition(".")[2]
    if start[:15].upper().startswith("BEGIN:VCALENDAR") or ending in ("ics", "ical", "ifb"):
        return _calendar
    if ending == "toml" or (ending not in ("csv", "tsv", "txt") and re.search(r"(?m)^\s*\[\[event", start)):
        return _toml
    if ending == "json" or (ending not in ("csv", "tsv") and start[:1] in "{["):
        return _json
    return _table


# -- tables ----------------------------------------------------------------------------------------------------------


def _table(text: str, file: str, limits: Limits) -> Read:
    mark, rows = rows_of(text, file, limits)
    if not rows:
        raise DataError(file=file, record="-", field="-", found=Phrase("data.empty"), wanted="data.header-and-rows")
    names, cells = rows[0][1], [cells for _, cells in rows]
    at, notes = header(names), []
    if "date" in at:
        rows, width = rows[1:], max(i for i, name in enumerate(names) if name) + 1
    else:
        at, width = without_header(cells), max(map(len, cells))
        if not at or len(names) <= at["date"] or not is_date(names[at["date"]]):
            raise DataError(file=file, record=row_name(1), field="header", found=mark.join(names), wanted="data.date-column")
        names = []
        notes.append(Phrase("userdata.no-header", names=", ".join(f"{c + 1} = {f}" for f, c in sorted(at.items(), key=lambda p: p[1]))))
    if len(rows) > limits.rows:
        raise too_many("rows", limits.rows, file)
    unread = [(names[i] if i < len(names) else "") or str(i + 1) for i in range(width) if i not in at.values()]
    return tuple(_record(row, at, width, mark) for row in rows), at, (*notes, *_unread(unread))


def _unread(names: Sequence[str]) -> tuple[Phrase, ...]:
    """The columns that nobody reads, by name: not one is lost silently."""
    return (Phrase("userdata.unread", n=len(names), names=", ".join(n[:40] for n in names[:20])),) if names else ()


def _record(row: Row, at: Mapping[str, int], width: int, mark: str) -> Record:
    number, cells = row
    fault = ("-", mark.join(cells), Phrase("data.cells", number=str(width))) if any(cells[width:]) else None
    return Record(number, {field: unguarded(cells[i]) for field, i in at.items() if i < len(cells) and cells[i]}, fault)


# -- TOML and JSON ---------------------------------------------------------------------------------------------------


def _toml(text: str, file: str, limits: Limits) -> Read:
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(file=file, record="-", field="-", found=trouble(error), wanted="data.toml") from error
    return _nested(content.get("event"), "[[event]]", file, limits)


def _json(text: str, file: str, limits: Limits) -> Read:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(file=file, record="-", field="-", found=trouble(error), wanted="data.json") from error
    return _nested(content.get("events") if isinstance(content, dict) else content, '{"events": [...]}', file, limits)


def _nested(records: object, table: str, file: str, limits: Limits) -> Read:
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise DataError(file=file, record="-", field="event", found=records, wanted=Phrase("data.records", table=table))
    if len(records) > limits.rows:
        raise too_many("rows", limits.rows, file)
    unread = sorted({str(name) for r in records for name in r if name != "sources" and field_of(str(name)) is None})
    rows = tuple(Record(number, _flat(record)) for number, record in enumerate(records, 1))
    return rows, {field for r in records for name in r if (field := field_of(str(name)))}, _unread(unread)


def _flat(record: dict[str, Any]) -> dict[str, str]:
    """The fields of a nested record as text; a text in both languages becomes two fields, a list is joined."""
    found: dict[str, str] = {}
    for name, value in record.items():
        field = field_of(name)
        if name == "sources" and isinstance(value, list):
            found |= flat_sources(value)
        elif field in _PARTS and isinstance(value, dict):
            found |= {f"{field}_{lang}": as_field(value[lang]) for lang in LANGUAGES if lang in value}
        elif field:
            found.setdefault(field, as_field(value))
    return {field: text for field, text in found.items() if text}


def as_field(value: object) -> str:
    """A value of TOML or JSON as a cell would hold it."""
    if isinstance(value, list):
        return "; ".join(map(as_field, value))
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return "" if value is None else str(value).strip()


def flat_sources(sources: Sequence[Any]) -> dict[str, str]:
    """The first source as fields of its own, the others together as JSON."""
    if not sources or not isinstance(sources[0], dict):
        return {"more_sources": json.dumps(sources, ensure_ascii=False, default=as_field)} if sources else {}
    first = {field: as_field(sources[0].get(name)) for name, field in SOURCE_FIELDS.items()}
    strange = [name for name in sources[0] if name not in SOURCE_FIELDS]
    rest = sources if strange else sources[1:]
    return (first if not strange else {}) | ({"more_sources": json.dumps(rest, ensure_ascii=False, default=as_field)} if rest else {})


# -- calendars -------------------------------------------------------------------------------------------------------


def _calendar(text: str, file: str, limits: Limits) -> Read:
    records, notes = calendar_records(text, file, limits)
    return tuple(Record(number, values, fault) for number, (values, fault) in enumerate(records, 1)), _PARTS, notes
