"""The exchange calendar, and which session could first react to an event.

Sessions are midnight `Timestamp`s without a time zone, unit microseconds (pandas' own default since 3.0).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import exchange_calendars
import pandas as pd

from aftershock.errors import RequestError
from aftershock.events import Event, Timing
from aftershock.text import Words

NEW_YORK: Final = ZoneInfo("America/New_York")
OPENING: Final = dt.time(9, 30)  # New York
CLOSING: Final = dt.time(16)
CLOSING_EARLY: Final = dt.time(13)
FIRST: Final = "2004-01-02"
LAST: Final = "2027-12-31"

# Closures that the exchange decreed for one day carry no name in exchange_calendars.
_DECREED: Final = {dt.date(2004, 6, 11): "reagan", dt.date(2007, 1, 2): "ford", dt.date(2012, 10, 29): "sandy",
                   dt.date(2012, 10, 30): "sandy", dt.date(2018, 12, 5): "bush", dt.date(2025, 1, 9): "carter"}  # fmt: skip
_HOLIDAYS: Final = {
    "New Year's Day": "new-year",
    "Dr. Martin Luther King Jr. Day": "martin-luther-king",
    "President's Day": "presidents",
    "Good Friday": "good-friday",
    "Memorial Day": "memorial",
    "Juneteenth National Independence Day": "juneteenth",
    "July 4th": "independence",
    "Labor Day": "labor",
    "Thanksgiving": "thanksgiving",
    "Christmas": "christmas",
}


class Rule(StrEnum):
    """What to do with a day that is not a session."""

    NEXT = "next"
    PREVIOUS = "previous"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a day has no session: code 'saturday', 'sunday' or a holiday's. Words: `closed.<code>`."""

    day: dt.date
    code: str

    def in_words(self, say: Words) -> str:
        """'market closed: Martin Luther King Jr. Day'."""
        return say("why.closed", name=say(f"closed.{self.code}"))


@dataclass(frozen=True, slots=True)
class Reaction:
    """The session that could first price an event, and why it is that one.

    `code` is before-open, during, after-close, market-closed or day-only (we know the day, not the hour: the session
    of that day is taken and says so). `closures` are the closed days between the news and the session.
    """

    session: pd.Timestamp
    rule: Rule
    code: str
    closures: tuple[Closure, ...] = ()

    @property
    def uncertain(self) -> bool:
        """True when the hour is unknown, so that the session could also be the next one."""
        return self.code == "day-only"

    @property
    def moved(self) -> bool:
        """True when the session is not the day of the news."""
        return self.code in ("after-close", "market-closed")

    def in_words(self, say: Words) -> str:
        """'market closed: Martin Luther King Jr. Day', 'after the close', 'hour unknown: ...'."""
        parts = [] if self.code == "market-closed" else [say(f"why.{self.code}")]
        holidays = [c for c in self.closures if c.code not in ("saturday", "sunday")]
        named = holidays or (list(self.closures[:1]) if self.code == "market-closed" else [])
        return "; ".join(parts + [c.in_words(say) for c in named])


@dataclass(frozen=True, eq=False)
class Calendar:
    """The sessions of one exchange between FIRST and LAST. Build it with `new_york()`."""

    sessions: pd.DatetimeIndex
    closes_early: frozenset[dt.date]
    holidays: dict[dt.date, str] = field(repr=False)

    def is_session(self, day: dt.date) -> bool:
        """True on a trading day."""
        return pd.Timestamp(day) in self.sessions

    def closure(self, day: dt.date) -> Closure | None:
        """Why `day` has no session, or None when it has one. A weekday without a session and without a name is 'holiday'."""
        if self.is_session(day):
            return None
        weekend = {5: "saturday", 6: "sunday"}.get(day.weekday())
        return Closure(_plain(day), weekend or self.holidays.get(_plain(day), "holiday"))

    def next_session(self, day: dt.date, *, after: bool = False) -> pd.Timestamp:
        """The first session on or after `day` (strictly after it with `after=True`)."""
        position = self.sessions.searchsorted(pd.Timestamp(day), side="right" if after else "left")
        return self._at(int(position), day)

    def previous_session(self, day: dt.date, *, before: bool = False) -> pd.Timestamp:
        """The last session on or before `day` (strictly before it with `before=True`)."""
        position = self.sessions.searchsorted(pd.Timestamp(day), side="left" if before else "right")
        return self._at(int(position) - 1, day)

    def between(self, first: dt.date, last: dt.date) -> pd.DatetimeIndex:
        """All sessions from `first` to `last`, both ends included."""
        return self.sessions[(self.sessions >= pd.Timestamp(first)) & (self.sessions <= pd.Timestamp(last))]

    def closed_between(self, first: dt.date, last: dt.date) -> tuple[Closure, ...]:
        """The closed days from `first` to `last`, both ends included."""
        days = pd.date_range(first, last, freq="D")
        return tuple(c for day in days if (c := self.closure(day.date())) is not None)

    def closing(self, session: dt.date) -> dt.datetime:
        """When a session ends, with its time zone: 16:00 in New York, 13:00 on a half day."""
        hour = CLOSING_EARLY if _plain(session) in self.closes_early else CLOSING
        return dt.datetime.combine(_plain(session), hour, NEW_YORK)

    def last_finished(self, now: dt.datetime) -> pd.Timestamp:
        """The last session that had ended at `now`, an aware time."""
        today = self.previous_session(now.astimezone(NEW_YORK).date())
        return today if self.closing(today) <= now else self.previous_session(today, before=True)

    def _at(self, position: int, day: dt.date) -> pd.Timestamp:
        if not 0 <= position < len(self.sessions):
            raise RequestError("outside-calendar", day=day, first=self.sessions[0], last=self.sessions[-1])
        return self.sessions[position]


def _plain(day: dt.date) -> dt.date:
    return day.date() if isinstance(day, dt.datetime) else day


@cache
def new_york() -> Calendar:
    """The calendar of the New York exchanges (NYSE and Nasdaq keep the same days), from exchange_calendars' XNYS."""
    xnys = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST)
    rules = xnys.regular_holidays.holidays(FIRST, LAST, return_name=True)
    named = {day.date(): _HOLIDAYS.get(str(name), "holiday") for day, name in rules.items()}
    return Calendar(
        sessions=pd.DatetimeIndex(xnys.sessions).as_unit("us"),
        closes_early=frozenset(day.date() for day in xnys.early_closes),
        holidays=named | _DECREED,
    )


def timing_at(day: dt.date, time: dt.time | None, calendar: Calendar) -> Timing:
    """Where in the trading day a time on New York's clock falls; an unknown time has an unknown timing."""
    if time is None:
        return Timing.UNKNOWN
    if not calendar.is_session(day):
        return Timing.MARKET_CLOSED
    closing = CLOSING_EARLY if day in calendar.closes_early else CLOSING
    return Timing.BEFORE_OPEN if time < OPENING else Timing.DURING if time < closing else Timing.AFTER_CLOSE


def timing_fits(event: Event, calendar: Calendar) -> bool:
    """False when the event says 'during' (or before, or after) of a day without a session, or 'market closed' of a day with one."""
    return event.timing is Timing.UNKNOWN or (event.timing is Timing.MARKET_CLOSED) != calendar.is_session(event.date)


def reaction_session(event: Event, calendar: Calendar, rule: Rule = Rule.NEXT) -> Reaction:
    """The session that could first price `event`.

    Before the open or during: the session of that day. After the close: the next one. A closed day: by `rule` the next
    one, the previous one, or (exact) a RequestError. When only the day is known, that day's session, marked 'day-only'.
    """
    closed = calendar.closure(event.date)
    if closed is None and event.timing is not Timing.AFTER_CLOSE:
        code = "day-only" if event.timing in (Timing.UNKNOWN, Timing.MARKET_CLOSED) else str(event.timing)
        return Reaction(pd.Timestamp(event.date).as_unit("us"), rule, code)
    if closed is not None and rule is Rule.EXACT:
        raise RequestError("not-a-session", event=event.id, day=event.date, why=closed)
    if closed is not None and rule is Rule.PREVIOUS:
        return Reaction(calendar.previous_session(event.date), rule, "market-closed", (closed,))
    session = calendar.next_session(event.date, after=True)
    gap = calendar.closed_between(event.date, session.date())
    return Reaction(session, rule, "market-closed" if closed else "after-close", gap)
