"""A reader's own events: the catalogue's `Event` with an id that begins with `own-` and the verification `own`.

They are made from what a form or a file says, and held to the rules of the catalogue and to limits of their own. Every refusal is a
DataError that names the field and what would be right.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from aftershock.errors import Phrase
from aftershock.events import Category, Event, Precision, Record, Source, Text, Timing, Verification, as_record, event_of
from aftershock.sessions import Calendar, new_york, timing_at, timing_fits

PREFIX: Final = "own-"
MOST: Final = 5000  # events of one reader
LONGEST: Final = {"id": 100, "title": 200, "summary": 1000, "note": 1000, "publisher": 120, "where": 240, "url": 1000, "tickers": 12}
MOST_SOURCES: Final = 10


def new_id() -> str:
    """An id that nobody has: own- and twelve random hexadecimal digits."""
    return PREFIX + secrets.token_hex(6)


def is_own(event: Event) -> bool:
    """True for a reader's own event."""
    return event.verification is Verification.OWN


def make(
    event_id: str,
    day: dt.date,
    title: Text,
    *,
    time: dt.time | None = None,
    timing: Timing = Timing.UNKNOWN,
    summary: Text | None = None,
    category: Category = Category.STATEMENT,
    importance: int = 2,
    tickers: tuple[str, ...] = (),
    sources: tuple[Source, ...] = (),
    articles: tuple[str, ...] = (),
    note: Text | None = None,
    calendar: Calendar | None = None,
) -> Event:
    """An own event of a day, or of a minute on New York's clock, from which its timing follows; without a time, `timing` may say where
    in the day it came. Not checked: see `checked`.
    """
    return Event(
        id=event_id, date=day, time=time, timing=timing_at(day, time, calendar or new_york()) if time else timing,
        precision=Precision.DAY if time is None else Precision.MINUTE, category=category, importance=importance, tickers=tickers,
        articles=articles, verification=Verification.OWN, title=title, summary=summary or title, note=note, sources=sources,
    )  # fmt: skip


def copied(event: Event) -> Event:
    """An own event like this one, with a new id. A week or a month that the catalogue was not sure of becomes its best day."""
    timing = timing_at(event.date, event.time, new_york()) if event.time else event.timing
    return replace(
        event, id=new_id(), timing=timing, precision=Precision.MINUTE if event.time else Precision.DAY,
        verification=Verification.OWN, single_origin=None, origin_timezone="America/New_York", origin_date=None,
    )  # fmt: skip


def checked(event: Event, calendar: Calendar | None = None) -> Event:
    """The event, normalised, if it may be kept as a reader's own. Raises DataError naming record and field.

    What the catalogue demands of every field, and besides: the id begins with own-, the verification is own, the precision day or minute,
    the timing is what New York's calendar says of the time, a session follows, and no text is longer than LONGEST.
    """
    record = Record(as_record(event), Phrase("own.file"), event.title.en if event.title.en.isprintable() else event.id)
    return held(event_of(record), record, calendar)


def held(found: Event, record: Record, calendar: Calendar | None = None) -> Event:
    """An event that the catalogue's rules allow, if it may be kept as a reader's own; `record` is what complaints are about. Raises
    DataError."""
    if not found.id.startswith(PREFIX) or len(found.id) > LONGEST["id"]:
        raise record.fail("id", Phrase("own.id", prefix=PREFIX, most=LONGEST["id"]))
    if found.verification is not Verification.OWN:
        raise record.fail("verification", Phrase("data.one-of", known=Verification.OWN.value))
    if found.precision not in (Precision.DAY, Precision.MINUTE):
        raise record.fail("precision", Phrase("data.one-of", known=f"{Precision.DAY}, {Precision.MINUTE}"))
    for name, length in _lengths(found):
        if length > LONGEST[name]:
            raise record.fail(name, Phrase("own.longest", most=LONGEST[name]))
    if len(found.sources) > MOST_SOURCES:
        raise record.fail("sources", Phrase("own.sources", most=MOST_SOURCES))
    known = calendar or new_york()
    first, last = known.sessions[0].date(), known.sessions[-2].date()  # the last one is left for what comes after the close before it
    if not first <= found.date <= last:
        raise record.fail("date", Phrase("own.date", first=first, last=last))
    if found.time is not None and found.timing is not timing_at(found.date, found.time, known):
        raise record.fail("timing", Phrase("data.one-of", known=timing_at(found.date, found.time, known).value))
    if not timing_fits(found, known):
        raise record.fail("timing", "data.timing")
    return found


def _lengths(event: Event) -> Iterator[tuple[str, int]]:
    """(field, how long it is): letters, and how many tickers."""
    for name in ("title", "summary", "note"):
        if (text := getattr(event, name)) is not None:
            yield name, max(len(text.en), len(text.vi))
    yield "tickers", len(event.tickers)
    for source in event.sources:
        yield "publisher", len(source.publisher)
        yield "where", len(source.where or "")
        yield "url", len(source.url or "")
