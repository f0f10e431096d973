"""A user's own prices and events: read as they come, doubt what is doubtful, and say which row it was.

Prices: one CSV (first column the date, one column of closes per ticker) or a folder with one OHLCV CSV per ticker.
Events: a CSV with a header, or TOML with [[event]] records: date, and if wanted id, ticker(s), time, title.

Everything is read as text, so NA, TRUE and 005930 stay tickers. Rows may come in any order. A day that stands twice counts once
when its figures agree and is not used where they do not. What cannot be placed in time (an unreadable date among the prices, a date
that could be 3 April or 4 March) is a DataError or a RequestError; a figure that cannot be a price costs only the events that need it.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from aftershock.errors import DataError, Phrase, RequestError, trouble
from aftershock.events import NEW_YORK, Category, Event, Precision, Text, Timing, Verification
from aftershock.returns import Closes, figures
from aftershock.sessions import Calendar, Rule, reaction_session
from aftershock.study import Exclusion, Observation, Reason, StudyDesign, StudyPlan, make_plan

OPEN, CLOSE, EARLY_CLOSE = dt.time(9, 30), dt.time(16), dt.time(13)  # New York
CONFLICT: Final = "contradictory"  # stands for two different figures on one day; not a number, so it counts as a bad price
_OHLC: Final = frozenset({"open", "high", "low", "close"})
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")

# -- tables of text --------------------------------------------------------------------------------------------------


def _row(number: int) -> Phrase:
    return Phrase("data.row", row=str(number))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.readable") from error


def _text(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.utf-8") from error


def _table(path: Path, raw: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """(header, rows) of a CSV: comma, semicolon or tab. Rows come with their number in a spreadsheet (the header is row 1); empty ones
    are left out. Raises DataError for a file without a header, a column named twice, or a row with too many cells."""
    text = _text(path, raw)
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    try:
        lines = list(reader := csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=mark))
    except csv.Error as error:
        raise DataError(
            file=path.name, record="-", field="-", found=Phrase("data.line", line=str(reader.line_num)), wanted="data.csv"
        ) from error
    rows = [(number, [cell.strip() for cell in line]) for number, line in enumerate(lines, 1) if any(cell.strip() for cell in line)]
    if not rows:
        raise DataError(file=path.name, record="-", field="-", found=Phrase("data.empty"), wanted="data.header-and-rows")
    (_, header), *body = rows
    while header and not header[-1]:
        header = header[:-1]
    for name in header:
        if header.count(name) > 1:
            raise DataError(file=path.name, record=_row(1), field="header", found=name, wanted="data.column-once")
    for number, cells in body:
        if any(cells[len(header) :]):
            raise DataError(
                file=path.name, record=_row(number), field="-", found=mark.join(cells), wanted=Phrase("data.cells", number=str(len(header)))
            )
    return header, [(number, (cells + [""] * len(header))[: len(header)]) for number, cells in body]


# -- dates -----------------------------------------------------------------------------------------------------------

_DAY: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})(\d{2})(\d{2})")
_LOCAL: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def moments(given: Sequence[str], file: str) -> list[dt.date | dt.datetime | None]:
    """A column of dates as written: a date where there is no hour (or midnight without a zone), a datetime where there is one, None for
    what cannot be read. 27/01/2025 and 01/27/2025 are both understood when the column says which it is, by a number above 12;
    RequestError when it does not and the two readings differ."""
    locals_ = [m for text in given if (m := _LOCAL.fullmatch(text))]
    day_first = any(int(m[1]) > 12 for m in locals_)
    month_first = any(int(m[2]) > 12 for m in locals_)
    if day_first == month_first and (unclear := next((m for m in locals_ if m[1] != m[2]), None)):
        raise RequestError("ambiguous-dates", file=file, found=unclear[0])
    return [_moment(text, day_first) for text in given]


def _moment(text: str, day_first: bool) -> dt.date | dt.datetime | None:
    try:
        if m := _DAY.fullmatch(text):
            return dt.date(int(m[1] or m[5]), int(m[3] or m[6]), int(m[4] or m[7]))
        if m := _LOCAL.fullmatch(text):
            first, second = int(m[1]), int(m[2])
            return dt.date(int(m[3]), second if day_first else first, first if day_first else second)
        stamp = dt.datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d|Z$)", "", text))
    except ValueError:
        return None
    return stamp.date() if stamp.tzinfo is None and stamp.time() == dt.time(0) else stamp


def _in_new_york(moment: dt.datetime) -> dt.datetime:
    """The same moment on New York's clock; a time without a zone is New York's already."""
    return moment.replace(tzinfo=NEW_YORK) if moment.tzinfo is None else moment.astimezone(NEW_YORK)


def _bar_days(path: Path, rows: list[tuple[int, list[str]]]) -> list[dt.date]:
    """The session that each row of prices belongs to. Time stamps are put on New York's clock before the date is taken, except when
    every one of them says midnight: those are dates that a program wrote as moments, and the date that stands there is meant."""
    given = [cells[0] for _, cells in rows]
    found = moments(given, path.name)
    for (number, _), text, moment in zip(rows, given, found, strict=True):
        if moment is None:
            raise DataError(file=path.name, record=_row(number), field="date", found=text, wanted="data.date")
    stamps = [m for m in found if isinstance(m, dt.datetime)]
    labels = all(m.time() == dt.time(0) for m in stamps)
    days: list[dt.date] = []
    for moment in found:
        assert moment is not None
        if isinstance(moment, dt.datetime):
            days.append(moment.date() if labels else _in_new_york(moment).date())
        else:
            days.append(moment)
    return days


# -- prices ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class UserPrices:
    """A user's closes, the name of the file or folder, and one hash over the bytes that were read."""

    closes: Closes
    source: str
    sha256: str


def read_prices(path: Path, calendar: Calendar) -> UserPrices:
    """A CSV of closes, or a folder of OHLCV CSVs -> UserPrices. Raises DataError naming file, row and field.

    A series whose close never changes on a day on which New York is closed keeps New York's calendar: its sessions are the exchange's,
    and a row that is not there is a missing price. Any other series keeps its own days.
    """
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise DataError(file=path.name, record="-", field="-", found=Phrase("data.no-csv"), wanted="data.csv-per-ticker")
    names = _names(path) if path.is_dir() else {}
    digest = hashlib.sha256()
    series: dict[str, dict[dt.date, str]] = {}
    twice: dict[str, tuple[pd.Timestamp, ...]] = {}
    for file in files:
        raw = _bytes(file)
        digest.update(raw)
        for ticker, cells in _series(file, raw, names.get(file.name, file.stem)).items():
            if ticker in series:
                raise DataError(file=file.name, record=_row(1), field="header", found=ticker, wanted="data.ticker-of-no-other-file")
            series[ticker], repeated = _once(cells)
            if repeated:
                twice[ticker] = tuple(pd.Timestamp(day).as_unit("us") for day in repeated)
    return UserPrices(_closes(series, twice, calendar), path.name, digest.hexdigest())


def _names(folder: Path) -> dict[str, str]:
    """Tickers by file name from a manifest.json, when there is one (a file name cannot always spell a ticker: ^GSPC)."""
    try:
        entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["series"]
        return {str(e["file"]): str(e["ticker"]) for e in entries}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _series(file: Path, raw: bytes, name: str) -> dict[str, list[tuple[dt.date, str]]]:
    """The (day, close as text) pairs of every ticker of one file. A file with open, high, low and close is one ticker, called `name`."""
    header, rows = _table(file, raw)
    if len(header) < 2 or not rows:
        found = Phrase("data.no-prices") if len(header) < 2 else Phrase("data.no-rows")
        raise DataError(file=file.name, record="-", field="-", found=found, wanted="data.date-and-prices")
    days = _bar_days(file, rows)
    if _decimal_commas(raw, rows):
        rows = [(number, [cells[0], *(cell.replace(",", ".") for cell in cells[1:])]) for number, cells in rows]
    lower = [h.lower() for h in header]
    if set(lower) >= _OHLC:
        columns = {name: lower.index("close")}
    elif len(header) == 2 and lower[1] in ("close", "price", "adj close"):
        columns = {name: 1}
    else:
        columns = {ticker: i for i, ticker in enumerate(header) if i}
        if "" in columns:
            raise DataError(file=file.name, record=_row(1), field="header", found="", wanted="data.ticker-over-column")
    return {ticker: [(day, _plain(cells[i])) for day, (_, cells) in zip(days, rows, strict=True)] for ticker, i in columns.items()}


def _decimal_commas(raw: bytes, rows: list[tuple[int, list[str]]]) -> bool:
    """True in a table with semicolons or tabs that has no decimal point anywhere: its commas are decimal."""
    first = raw.split(b"\n", 1)[0]
    return first.count(b",") < max(first.count(b";"), first.count(b"\t")) and not any("." in c for _, cells in rows for c in cells[1:])


def _plain(cell: str) -> str:
    return cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell


def _once(cells: list[tuple[dt.date, str]]) -> tuple[dict[dt.date, str], list[dt.date]]:
    """({day: close as text}, days that had several). Equal figures count once, different ones contradict each other."""
    found: dict[dt.date, str] = {}
    repeated: list[dt.date] = []
    for day, cell in cells:
        before = found.get(day, "")
        if before and cell:
            repeated.append(day)
            if not _same(before, cell):
                cell = CONFLICT
        found[day] = cell or before
    return found, sorted(set(repeated))


def _same(a: str, b: str) -> bool:
    try:
        return float(a) == float(b)
    except ValueError:
        return a == b


def _closes(series: dict[str, dict[dt.date, str]], twice: dict[str, tuple[pd.Timestamp, ...]], calendar: Calendar) -> Closes:
    days = sorted({day for cells in series.values() for day in cells})
    rows = pd.DatetimeIndex(pd.to_datetime(days)).as_unit("us")
    exchange = calendar.sessions[(calendar.sessions >= rows[0]) & (calendar.sessions <= rows[-1])]
    values, bad = {}, {}
    for ticker, cells in series.items():
        values[ticker], bad[ticker] = figures(pd.Series([cells.get(day, "") for day in days], dtype=object))
    sessions = {}
    for ticker in series:
        given = np.isfinite(values[ticker]) | bad[ticker]
        sessions[ticker] = _sessions(rows, values[ticker], given, exchange)
    index = rows
    for grid in sessions.values():
        index = index.union(grid)
    frame = pd.DataFrame(values, index=rows).reindex(index)
    flags = pd.DataFrame(bad, index=rows, dtype=bool).reindex(index, fill_value=False)
    return Closes(frame, flags, twice, sessions)


def _sessions(rows: pd.DatetimeIndex, values: Any, given: Any, exchange: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The days that are sessions for one series: New York's when it never moved on any other day; every day when it is quoted on all
    seven; else the rows on those weekdays on which it is quoted at all."""
    quoted, closes = rows[given], values[given]
    if not len(quoted):
        return exchange if len(exchange) else rows
    moved = np.r_[True, closes[1:] != closes[:-1]]
    if quoted[moved].isin(exchange).all():
        return exchange
    weekdays = set(quoted.day_of_week)
    if len(weekdays) == 7:
        return pd.date_range(rows[0], rows[-1], freq="D").as_unit("us")
    return rows[rows.day_of_week.isin(weekdays)]


# -- events ----------------------------------------------------------------------------------------------------------

_FIELDS: Final = {
    "id": ("id", "event_id", "event", "mã"),
    "date": ("date", "day", "published", "event_date", "announced", "datetime", "timestamp", "ngày"),
    "time": ("time", "hour", "giờ"),
    "tickers": ("tickers", "ticker", "symbol", "symbols"),
    "title": ("title", "name", "headline", "tiêu đề"),
}


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
        timing = _timing(stamp, calendar) if stamp else Timing.UNKNOWN
        text = Text(self.title or self.id, self.title or self.id)
        return Event(
            id=self.id, date=day, time=stamp.time() if stamp else None, timing=timing,
            precision=Precision.MINUTE if stamp else Precision.DAY, category=Category.MARKET_REACTION, importance=1,
            tickers=self.tickers, articles=(), verification=Verification.FROM_MEMORY, title=text, summary=text, note=None, sources=(),
        )  # fmt: skip


def _timing(stamp: dt.datetime, calendar: Calendar) -> Timing:
    if not calendar.is_session(stamp.date()):
        return Timing.MARKET_CLOSED
    close = EARLY_CLOSE if stamp.date() in calendar.closes_early else CLOSE
    return Timing.BEFORE_OPEN if stamp.time() < OPEN else Timing.DURING if stamp.time() < close else Timing.AFTER_CLOSE


def read_events(path: Path) -> tuple[UserEvent, ...]:
    """The events of a CSV or TOML file, in its order. Raises DataError, or RequestError for dates that can be read two ways.

    An event without an id is called row-N; an id that stands twice gets its row added. A date that cannot be read stays with its event.
    """
    rows = _toml_rows(path) if path.suffix.lower() == ".toml" else _csv_rows(path)
    seen: set[str] = set()
    found = []
    stamps = moments([row["date"] for _, row in rows], path.name)
    for (number, row), stamp in zip(rows, stamps, strict=True):
        name = row["id"] or f"row-{number}"
        name = f"{name}#{number}" if name in seen else name
        seen.add(name)
        tickers = tuple(dict.fromkeys(t for t in re.split(r"[;,|\s]+", row["tickers"]) if t))
        found.append(UserEvent(name, _with_time(stamp, row["time"]), tickers, row["title"], row["date"]))
    return tuple(found)


def _with_time(stamp: dt.date | dt.datetime | None, time: str) -> dt.date | dt.datetime | None:
    """The moment on New York's clock. A time of its own column belongs to a date without one; an unreadable time is no time."""
    if isinstance(stamp, dt.datetime):
        return _in_new_york(stamp)
    if stamp is None or not time:
        return stamp
    try:
        return _in_new_york(dt.datetime.combine(stamp, dt.time.fromisoformat(time)))
    except ValueError:
        return stamp


def _csv_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    header, rows = _table(path, _bytes(path))
    lower = [h.lower() for h in header]
    at = {field: next((lower.index(n) for n in names if n in lower), None) for field, names in _FIELDS.items()}
    if at["date"] is None:
        raise DataError(file=path.name, record=_row(1), field="header", found=",".join(header), wanted="data.date-column")
    return [(number, {field: cells[i] if i is not None else "" for field, i in at.items()}) for number, cells in rows]


def _toml_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        content = tomllib.loads(_text(path, _bytes(path)))
    except tomllib.TOMLDecodeError as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.toml") from error
    records = content.get("event")
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise DataError(file=path.name, record="-", field="event", found=records, wanted=Phrase("data.records", table="[[event]]"))
    rows = []
    for number, record in enumerate(records, 1):
        values = {field: next((record[n] for n in names if n in record), "") for field, names in _FIELDS.items()}
        tickers, title = values["tickers"], values["title"]
        values["tickers"] = ";".join(map(str, tickers)) if isinstance(tickers, list) else tickers
        values["title"] = title.get("en", "") if isinstance(title, dict) else title
        rows.append((number, {field: str(value).strip() for field, value in values.items()}))
    return rows


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
    days = closes.grid(ticker, benchmark) if there else calendar.sessions
    day = pd.Timestamp(event.date).as_unit("us")
    if days.isin(calendar.sessions).all() and calendar.sessions[0] <= day <= calendar.sessions[-1]:
        if rule is Rule.EXACT and not calendar.is_session(event.date):
            return Exclusion(event.id, ticker, Reason.NOT_A_SESSION, {"day": event.date})
        return Observation(event.id, ticker, reaction_session(event, calendar, rule).session)
    if day < days[0] or day > days[-1] or day in days:
        return Observation(event.id, ticker, day)
    if rule is Rule.EXACT:
        return Exclusion(event.id, ticker, Reason.NOT_A_SESSION, {"day": event.date}, "file")
    at = int(days.searchsorted(day))
    return Observation(event.id, ticker, days[at - 1 if rule is Rule.PREVIOUS else at])
