"""The words around one event: when it was published, how sure that is, and who says so."""

from __future__ import annotations

import datetime as dt

from aftershock.events import NEW_YORK, Event, Source
from aftershock.text import Words


def published(event: Event, say: Words) -> str:
    """The day and, where it is known, the minute in New York; else the part of the trading day, and the origin's day where it differs."""
    day = say.date(event.date, "day")
    if event.announced_at is not None:
        return f"{day}, {say.time(event.announced_at.astimezone(NEW_YORK))} (New York)"
    text = f"{day} (New York), {say(f'timing.{event.timing}')}"
    if event.origin_date and event.origin_date != event.date:
        text += f"; {say('ui.there', day=event.origin_date, zone=event.origin_timezone)}"
    return text


def how_sure(event: Event, say: Words) -> str:
    """How many pages support the event, and how exactly its moment is known."""
    status = f"{say(f'verification.{event.verification}')}: {say(f'verification_long.{event.verification}')}"
    return f"{status}; {say(f'precision.{event.precision}')}"


def source_name(source: Source, say: Words) -> str:
    """The publisher with the date of the page, as far as it is known."""
    return source.publisher + (f", {_source_date(source.date, say)}" if source.date else "")


def _source_date(text: str, say: Words) -> str:
    """'2025-01-27' as a date of the language, '2025-01' as its month, '2025' as it is."""
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    return say.date(dt.date(year, month, day)) if day else say.date(dt.date(year, month, 1), "month") if month else text
