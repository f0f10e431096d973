"""Calendars (ICS): VEVENTs -> flat records, and flat records -> a calendar. The only module that imports icalendar.

A day is a day; a time with a zone is put on New York's clock later on, one without is New York's. Repetitions are not expanded: their
first day is taken, and that is said. What a calendar has no property for travels in X-AFTERSHOCK, as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import icalendar

from aftershock.errors import DataError, Phrase
from aftershock.events import NEW_YORK
from aftershock.text import LANGUAGES
from aftershock.userdata.table import Limits, too_many

Fault = tuple[str, str | Phrase, str | Phrase]
_EXTRA: Final = "X-AFTERSHOCK"
_PARTS: Final = 15  # lines, commas and semicolons for every event that is allowed
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_BEGIN: Final = re.compile(r"(?im)^BEGIN:VEVENT\s*$")
_PLAIN: Final = {"SUMMARY": "title", "DESCRIPTION": "summary", "CATEGORIES": "category", "URL": "link", "UID": "id"}


def calendar_records(text: str, file: str, limits: Limits) -> tuple[list[tuple[dict[str, str], Fault | None]], tuple[Phrase, ...]]:
    """(the fields and the fault of every VEVENT, what is to be said). Raises DataError for a file that is no calendar."""
    wrong = DataError(file=file, record="-", field="-", found=Phrase("data.unreadable"), wanted="data.calendar")
    unfolded = _FOLD.sub("", text)
    if sum(map(unfolded.count, "\n,;")) > _PARTS * limits.rows:  # what takes a parser's time and memory
        raise too_many("parts", _PARTS * limits.rows, file)
    begun = len(_BEGIN.findall(text))
    if begun > limits.rows:
        raise too_many("rows", limits.rows, file)
    try:
        calendars = icalendar.Calendar.from_ical(unfolded, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
        records = [_fields(event) for event in events]
    except Exception as error:  # whatever a parser of other people's files may raise ends here
        raise wrong from error
    if len(events) != begun:  # one inside something that is no calendar, or never ended
        raise wrong
    notes = []
    if repeating := sum("RRULE" in event or "RDATE" in event for event in events):
        notes.append(Phrase("userdata.repeating", n=repeating))
    if floating := sum(_floats(event) for event in events):
        notes.append(Phrase("userdata.floating", n=floating))
    return records, tuple(notes)


def _fields(event: icalendar.Component) -> tuple[dict[str, str], Fault | None]:
    """One VEVENT as flat fields; what stands in X-AFTERSHOCK gives way to what a calendar program may have changed."""
    values: dict[str, str] = {}
    for name, field in _PLAIN.items():
        if text := _text(event.get(name)):
            lang = str(getattr(event.get(name), "params", {}).get("LANGUAGE", ""))
            values[f"{field}_{lang}" if field in ("title", "summary") and lang in LANGUAGES else field] = text
    values = _extra(event) | values
    if "title_en" in values or "title_vi" in values:
        values.pop("title", None)
    stamp, fault = _start(event)
    return values | ({"date": stamp} if stamp else {}), fault


def _extra(event: icalendar.Component) -> dict[str, str]:
    try:
        found = json.loads(_text(event.get(_EXTRA)) or "{}")
    except (ValueError, RecursionError):
        return {}
    return {str(k): v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    """A property as text; of several of one name the first; CATEGORIES is a list in itself."""
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None:
        return ""
    cats = getattr(value, "cats", None)
    return "; ".join(map(str, cats)) if cats is not None else str(value)


def _start(event: icalendar.Component) -> tuple[str, Fault | None]:
    """DTSTART as an ISO date or time stamp, or the fault: none there, unreadable, or in a time zone that nobody knows."""
    given = event.get("DTSTART")
    given = given[0] if isinstance(given, list) and given else given
    if given is None:
        return "", None
    try:
        moment = given.dt
    except Exception:  # icalendar raises errors of its own for what it could not read
        return "", ("date", str(given)[:80], "data.date-or-time")
    zone = str(given.params.get("TZID", ""))
    if isinstance(moment, dt.datetime):
        if zone and moment.tzinfo is None:
            return "", ("date", zone, "data.known-zone")
        return moment.replace(microsecond=0).isoformat(), None
    return (moment.isoformat(), None) if isinstance(moment, dt.date) else ("", ("date", str(given)[:80], "data.date-or-time"))


def _floats(event: icalendar.Component) -> bool:
    stamp, fault = _start(event)
    return fault is None and "T" in stamp and not re.search(r"[+-]\d\d:\d\d$|Z$", stamp)


# -- writing ---------------------------------------------------------------------------------------------------------


def write_calendar(rows: Iterable[Mapping[str, str]], lang: str) -> bytes:
    """Flat records -> a calendar. Titles and summaries are in `lang`; the other language and all other fields are in X-AFTERSHOCK."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Aftershock//events//EN")
    calendar.add("version", "2.0")
    for row in rows:
        rest = dict(row)
        event = icalendar.Event()
        event.add("uid", rest.pop("id"))
        day, time = dt.date.fromisoformat(rest.pop("date")), rest.pop("time", "")
        event.add("dtstamp", dt.datetime.combine(day, dt.time(0), dt.UTC))  # the same events, the same file
        event.add("dtstart", dt.datetime.combine(day, dt.time.fromisoformat(time), NEW_YORK) if time else day)
        event.add("summary", rest.pop(f"title_{lang}"), parameters={"LANGUAGE": lang})
        event.add("description", rest.pop(f"summary_{lang}"), parameters={"LANGUAGE": lang})
        event.add("categories", [rest.pop("category")])
        if link := rest.pop("link", ""):
            event.add("url", link)
        event.add(_EXTRA, json.dumps(rest))
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
