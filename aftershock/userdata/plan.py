"""A user's events for a study: any id, any ticker, any day that the prices may have; what cannot be placed is excluded by name.

The same readers as for an import, and less asked of a row: a study needs only a date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from aftershock.errors import DataError, RequestError, trouble
from aftershock.events import Category, Event, Precision, Text, Verification
from aftershock.returns import Closes
from aftershock.sessions import Calendar, Rule, reaction_session, timing_at
from aftershock.study import Exclusion, Observation, Reason, StudyDesign, StudyPlan, make_plan
from aftershock.userdata.check import split
from aftershock.userdata.dates import Fault, Moment, in_new_york, moments, on, read_time
from aftershock.userdata.records import read_records
from aftershock.userdata.table import row_name


@dataclass(frozen=True, slots=True)
class UserEvent:
    """One event of a user's file. `moment` is a date, or a time on New York's clock; None when `found` cannot be read as one."""

    id: str
    moment: dt.date | dt.datetime | None
    tickers: tuple[str, ...]
    title: str
    found: str

    def as_event(self, calendar: Calendar) -> Event | None:
        """The same event as the catalogue has them, or None when its date cannot be read. The hour, if there is one, gives the timing."""
        if self.moment is None:
            return None
        stamp = self.moment if isinstance(self.moment, dt.datetime) else None
        day = stamp.date() if stamp else self.moment
        timing = timing_at(day, stamp.time() if stamp else None, calendar)
        text = Text(self.title or self.id, self.title or self.id)
        return Event(
            id=self.id, date=day, time=stamp.time() if stamp else None, timing=timing,
            precision=Precision.MINUTE if stamp else Precision.DAY, category=Category.MARKET_REACTION, importance=1,
            tickers=self.tickers, articles=(), verification=Verification.FROM_MEMORY, title=text, summary=text, note=None, sources=(),
        )  # fmt: skip


def read_events(path: Path) -> tuple[UserEvent, ...]:
    """The events of a CSV, TOML, JSON or ICS file, in its order. Raises DataError, or RequestError for what can be read two ways.

    An event without an id is called row-N; an id that stands twice gets its row added. A date that cannot be read stays with its event.
    """
    try:
        read = read_records(path.read_bytes(), path.name)
    except OSError as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.readable") from error
    if read.choices:
        raise RequestError("ambiguous-encoding", file=path.name)
    seen: set[str] = set()
    found = []
    stamps = moments([r.values.get("date", "") for r in read.rows], path.name)
    for record, stamp in zip(read.rows, stamps, strict=True):
        if record.fault and record.fault[0] == "-":
            _, text, wanted = record.fault
            raise DataError(file=path.name, record=row_name(record.row), field="-", found=text, wanted=wanted)
        name = record.values.get("id") or f"row-{record.row}"
        name = f"{name}#{record.row}" if name in seen else name
        seen.add(name)
        tickers = tuple(split(record.values.get("tickers", "")))
        found.append(UserEvent(name, _with_time(stamp, record.values), tickers, _title(record.values), record.values.get("date", "")))
    return tuple(found)


def _title(values: Mapping[str, str]) -> str:
    return values.get("title") or values.get("title_en") or values.get("title_vi") or ""


def _with_time(stamp: Moment | None, values: Mapping[str, str]) -> Moment | None:
    """The moment on New York's clock. A time of its own column belongs to a date without one; an unreadable time is no time."""
    if isinstance(stamp, dt.datetime):
        return in_new_york(stamp)
    if stamp is None or isinstance(time := read_time(values.get("time", "")), Fault):
        return stamp
    return on(stamp, time)


# -- the plan --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class UserPlan:
    """A plan, and the events that it is about by id (those whose date can be read)."""

    plan: StudyPlan
    events: dict[str, Event]


def plan_user_events(
    events: Sequence[UserEvent | Event],
    closes: Closes,
    design: StudyDesign,
    calendar: Calendar,
    *,
    rule: Rule = Rule.NEXT,
    tickers: Sequence[str] = (),
    others: Sequence[Event] = (),
) -> UserPlan:
    """Events of a user or of the catalogue, over any closes -> UserPlan. `tickers` are studied for every event besides its own.

    Where a pair keeps New York's calendar its reaction session follows it; else it is the day itself or, by `rule`, the next or
    previous row of the prices. A day that cannot be read, and an event without a ticker, are exclusions. `others` are events that may
    disturb the ones asked for.
    """
    found: list[Observation] = []
    excluded: list[Exclusion] = []
    known: dict[str, Event] = {}
    for asked in events:
        names = list(dict.fromkeys([*asked.tickers, *tickers])) or [""]
        event = asked if isinstance(asked, Event) else asked.as_event(calendar)
        if event is None:
            facts = {"found": asked.found if isinstance(asked, UserEvent) else ""}
            excluded += [Exclusion(asked.id, name, Reason.NOT_A_SESSION, facts, "unreadable") for name in names]
            continue
        known[event.id] = event
        for name in names:
            answer = _observe(event, name, closes, design, calendar, rule)
            if isinstance(answer, Observation):
                found.append(answer)
            else:
                excluded.append(answer)
    near = Rule.NEXT if rule is Rule.EXACT else rule
    ids = {e.id for e in events}
    disturbing = [Observation(e.id, t, reaction_session(e, calendar, near).session) for e in others if e.id not in ids for t in e.tickers]
    return UserPlan(make_plan(found, design, excluded=excluded, others=disturbing), known)


def _observe(event: Event, ticker: str, closes: Closes, design: StudyDesign, calendar: Calendar, rule: Rule) -> Observation | Exclusion:
    if not ticker:
        return Exclusion(event.id, "", Reason.PRICE_MISSING, {}, "ticker")
    benchmark = design.benchmark if design.uses_benchmark else ticker
    there = ticker in closes.tickers and benchmark in closes.tickers
    return observe_on(Grid.of(closes.grid(ticker, benchmark) if there else calendar.sessions, calendar), event, ticker, calendar, rule)


@dataclass(frozen=True, eq=False, slots=True)
class Grid:
    """The sessions on which a pair is compared; `regular` when each of them is one of the exchange's."""

    days: pd.DatetimeIndex
    regular: bool

    @classmethod
    def of(cls, days: pd.DatetimeIndex, calendar: Calendar) -> Grid:
        """Those days, held against the calendar."""
        return cls(days, bool(days.isin(calendar.sessions).all()))


def observe_on(grid: Grid, event: Event, ticker: str, calendar: Calendar, rule: Rule) -> Observation | Exclusion:
    """The session of one pair: the calendar's where the pair keeps it, else the day itself or a row near it."""
    days, day = grid.days, pd.Timestamp(event.date).as_unit("us")
    if grid.regular and calendar.sessions[0] <= day <= calendar.sessions[-1]:
        if rule is Rule.EXACT and not calendar.is_session(event.date):
            return Exclusion(event.id, ticker, Reason.NOT_A_SESSION, {"day": event.date})
        return Observation(event.id, ticker, reaction_session(event, calendar, rule).session)
    if day < days[0] or day > days[-1] or day in days:
        return Observation(event.id, ticker, day)
    if rule is Rule.EXACT:
        return Exclusion(event.id, ticker, Reason.NOT_A_SESSION, {"day": event.date}, "file")
    at = int(days.searchsorted(day))
    return Observation(event.id, ticker, days[at - 1 if rule is Rule.PREVIOUS else at])
