"""Payloads on their way in: files of every kind, every field of an event, and what is refused, in which words."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping

import icalendar
import pandas as pd
import tomli_w

from aftershock.errors import AftershockError
from aftershock.events import Event
from aftershock.userdata import understand
from aftershock.workspace import Workspace
from benchmarks.hostile import Tally

FIRST = pd.Timestamp("2024-09-03")  # the first payload's session; the others have the sessions after it
FIELDS = ("title_en", "title_vi", "summary", "note", "source", "where", "link")
OTHERS = ("date", "time", "timing", "category", "importance", "tickers", "id", "verification")  # those that do not take any text


def record(text: str, day: pd.Timestamp) -> dict[str, str]:
    """An event whose every text is the payload; what is shorter than the payload keeps the payload's mark at its end."""
    mark = text.rsplit(" ", 1)[1]
    short = text if len(text) <= 118 else f"{text[:100]} {mark}"
    link = "https://example.org/?" + "".join(text.split())
    values = {"title_en": text, "title_vi": text, "summary": text, "note": text, "source": short, "where": short, "link": link}
    return {"date": f"{day:%Y-%m-%d}", "importance": "3", **values}


def file_of(kind: str, row: Mapping[str, str]) -> str:
    """The row as a file of a kind. What a kind cannot hold at all, such as a null byte in TOML, raises ValueError."""
    match kind:
        case "csv":
            buffer = io.StringIO()
            csv.writer(buffer).writerows([list(row), list(row.values())])
            return buffer.getvalue()
        case "toml":
            return tomli_w.dumps({"event": [dict(row)]})
        case "json":
            return json.dumps([dict(row)])
        case _:
            return _calendar(row)


def _calendar(row: Mapping[str, str]) -> str:
    """By a library of others, from the fields that a calendar has."""
    calendar, event = icalendar.Calendar(), icalendar.Event()
    event.add("dtstart", dt.date.fromisoformat(row["date"]))
    names = {
        "summary": "title_en",
        "description": "summary",
        "location": "where",
        "url": "link",
        "categories": "category",
        "comment": "note",
    }
    for name, field in names.items():
        if field in row:
            event.add(name, row[field])
    calendar.add_component(event)
    return str(calendar.to_ical().decode())


def enter(payloads: Mapping[str, str], workspace: Workspace, tally: Tally) -> dict[str, Event]:
    """Each name with the event that it became. A payload without an event was refused in a sentence, or is complained of."""
    sessions = [s for s in workspace.calendar.sessions if s >= FIRST]
    events: dict[str, Event] = {}
    for (name, text), day in zip(payloads.items(), sessions, strict=False):
        row = record(text, day)
        for kind in ("csv", "toml", "ics", "json"):
            for values in (row, {k: v for k, v in row.items() if k != "link"}):
                if (event := _entered(kind, values, name, tally)) is not None:
                    events[name] = event
                    break
        for other in OTHERS:
            found = _entered("json", {"date": f"{day:%Y-%m-%d}", "title": "A title", other: text}, name, tally)
            if found is not None and other != "id" and _marked(found, text):
                tally.failed.append(f"{name} was taken for a {other}")
    return events


def _entered(kind: str, row: Mapping[str, str], name: str, tally: Tally) -> Event | None:
    """The event of a file with this one row, or None when it was refused in printable sentences of both languages."""
    try:
        content = file_of(kind, row)
    except ValueError:
        return None
    tally.pairs[f"{kind} in"] += sum(name in FIELDS or name in OTHERS[2:] for name in row)
    try:
        found = understand(content, f"mine.{kind}")
    except AftershockError as error:
        said = [error]
    except Exception as error:
        tally.failed.append(f"{name} as {kind}: {error!r}")
        return None
    else:
        if found.accepted:
            return found.accepted[0].event
        said = [r.error for r in found.rejected]
    sentences = [e.sentence(lang) for e in said for lang in ("en", "vi")]
    if not sentences or not all(s.replace("\n", " ").isprintable() for s in sentences):
        tally.failed.append(f"{name} as {kind}: refused without a printable sentence: {sentences}")
    return None


def _marked(event: Event, text: str) -> bool:
    """Whether the payload's mark got into the event."""
    return text.rsplit(" ", 1)[1] in repr(event)
