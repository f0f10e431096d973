"""What a card says of an event's evidence: when it was published, when the market could react, how sure that is, who says so."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
import streamlit as st

from aftershock import event_captions, sessions
from aftershock.events import NEW_YORK, Event, Precision, Verification
from aftershock.sessions import Reaction
from aftershock.text import Words
from aftershock.ui.frame import plain, zone


def published(event: Event, say: Words) -> str:
    """When, in New York and in the reader's own zone."""
    elsewhere = "" if event.announced_at is None else _elsewhere(event.announced_at, say)
    return event_captions.published(event, say) + elsewhere


def opening(session: pd.Timestamp, say: Words) -> str:
    """The session's opening bell in the reader's zone."""
    bell = dt.datetime.combine(session.date(), sessions.OPENING, NEW_YORK)
    return say("ui.opens", time=say.time(bell)) + _elsewhere(bell, say)


def _elsewhere(moment: dt.datetime, say: Words) -> str:
    own = zone()
    if own is None or (there := moment.astimezone(own)).utcoffset() == moment.astimezone(NEW_YORK).utcoffset():
        return ""
    return f" = {say.time(there)}, {say.date(there, 'short')} ({own.key})"


def sources(event: Event, say: Words) -> str:
    """Links are http(s) only (the catalogue's loader sees to it); their text is text."""
    if not event.sources:
        return say("ui.no_sources")
    parts = []
    for source in event.sources:
        name = plain(event_captions.source_name(source, say))
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
