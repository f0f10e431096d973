"""What a card says of an event's evidence: when it was published, when the market could react, how sure that is, who says so."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
import streamlit as st

from aftershock import sessions
from aftershock.events import NEW_YORK, Event, Precision, Verification
from aftershock.sessions import Reaction
from aftershock.text import Words
from aftershock.ui.frame import plain, zone


def how_sure(event: Event, say: Words) -> str:
    """How well the event is supported, and how exactly its moment is known."""
    status = f"{say(f'verification.{event.verification}')}: {say(f'verification_long.{event.verification}')}"
    return f"{status}; {say(f'precision.{event.precision}')}"


def published(event: Event, say: Words) -> str:
    """When, in New York and in the reader's own zone."""
    day = say.date(event.date, "day")
    if event.announced_at is None:
        text = f"{day} (New York), {say(f'timing.{event.timing}')}"
        if event.origin_date and event.origin_date != event.date:
            text += f"; {say('ui.there', day=event.origin_date, zone=event.origin_timezone)}"
        return text
    text = f"{day}, {say.time(event.announced_at.astimezone(NEW_YORK))} (New York)"
    return text + _elsewhere(event.announced_at, say)


def opening(session: pd.Timestamp, say: Words) -> str:
    """The session's opening bell in the reader's zone."""
    bell = dt.datetime.combine(session.date(), sessions.OPENING, NEW_YORK)
    return say("ui.opens", time=say.time(bell)) + _elsewhere(bell, say)


def _elsewhere(moment: dt.datetime, say: Words) -> str:
    own = zone()
    if own is None or (there := moment.astimezone(own)).utcoffset() == moment.astimezone(NEW_YORK).utcoffset():
        return ""
    return f" = {say.time(there)}, {say.date(there, 'short')} ({own.key})"


def _source_date(text: str, say: Words) -> str:
    """'2025-01-27' as a date of the language, '2025-01' as its month, '2025' as it is."""
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    return say.date(dt.date(year, month, day)) if day else say.date(dt.date(year, month, 1), "month") if month else text


def sources(event: Event, say: Words) -> str:
    """Links are http(s) only (the catalogue's loader sees to it); their text is text."""
    if not event.sources:
        return say("ui.no_sources")
    parts = []
    for source in event.sources:
        name = plain(source.publisher + (f", {_source_date(source.date, say)}" if source.date else ""))
        parts.append(
            f"[{name}]({re.sub(r'[()<>]', lambda m: f'%{ord(m[0]):02X}', source.url)})"
            if source.url
            else name + plain(f" ({source.where})" if source.where else "")
        )
    return "; ".join(parts)


def doubts(event: Event, reaction: Reaction) -> tuple[str, ...]:
    """What is uncertain about an event, as codes (`uncertain.<code>`); 'nothing' when nothing is known to be."""
    found = {
        "hour": reaction.uncertain,
        "day": event.precision in (Precision.WEEK, Precision.MONTH),
        "one-source": event.verification is Verification.ONE,
        "unseen": event.verification is Verification.FROM_MEMORY,
        "own": event.verification is Verification.OWN,
        "origin": event.single_origin is not None,
    }
    return tuple(code for code, holds in found.items() if holds) or ("nothing",)


def own_mark(event: Event, say: Words) -> tuple[str, ...]:
    """'● your own event' for one of the reader's own, nothing for the catalogue's."""
    return (f"● {say('verification.own')}",) if event.verification is Verification.OWN else ()


def own_badge(event: Event, say: Words) -> None:
    """Says on a card that the event is the reader's own."""
    if event.verification is Verification.OWN:
        st.badge(say("verification.own"), icon=":material/person:", color="blue")
