"""Columns of dates as people and programs write them -> days and moments on New York's clock.

What is read: 2025-01-27, 20250127, 27/01/2025 or 01/27/2025, 27 Jan 2025, January 27th, 2025, ngày 27 tháng 1 năm 2025, each with a
time behind it if wanted; ISO time stamps with an offset or Z; spreadsheet serials, where a whole column is made of them.

Whether the day or the month comes first is decided once for the whole column, by a number above 12, or by the reader's answer. Where
neither decides, the dates that would differ stay open. A time without an offset is New York's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aftershock.errors import RequestError
from aftershock.events import NEW_YORK

Moment = dt.date | dt.datetime
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2100, 12, 31)


class Order(StrEnum):
    """What a reader may say about a file's dates: day or month first; for serials, the year that they count from."""

    DMY = "dmy"
    MDY = "mdy"
    SINCE_1900 = "1900"
    SINCE_1904 = "1904"


class Fault(StrEnum):
    """Why a date is not read. What would be right: `date.<code>`."""

    INVALID = "invalid-date"
    IMPOSSIBLE = "impossible-date"
    AMBIGUOUS = "ambiguous-dates"
    SHORT_YEAR = "two-digit-year"
    NO_DAY = "no-day"
    NO_YEAR = "no-year"
    NUMBER = "number"
    RANGE = "date-range"
    MISSING = "missing"
    TIME = "invalid-time"
    ZONE = "unknown-zone"


@dataclass(frozen=True, slots=True)
class Dates:
    """A column of dates as understood: a moment or a fault for every cell. `order` is what comes first, where that mattered; `example`
    is the cell that shows it and `meant` the day that it stands for."""

    moments: tuple[Moment | Fault, ...]
    order: Order | None = None
    example: str = ""
    meant: dt.date | None = None

    @property
    def open(self) -> bool:
        """True when the reader must say whether days or months come first."""
        return Fault.AMBIGUOUS in self.moments


_MONTHS: Final = {name: number for number, names in enumerate((
    "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august", "sep sept september",
    "oct october", "nov november", "dec december"), 1) for name in names.split()}  # fmt: skip
_WEEKDAYS: Final = {name: number for number, names in enumerate((
    "mon monday|thứ hai|thứ 2", "tue tues tuesday|thứ ba|thứ 3", "wed wednesday|thứ tư|thứ 4", "thu thur thurs thursday|thứ năm|thứ 5",
    "fri friday|thứ sáu|thứ 6", "sat saturday|thứ bảy|thứ 7", "sun sunday|chủ nhật")) for part in names.split("|")
    for name in ([part] if " " in part and not part.isascii() else part.split())}  # fmt: skip
_M: Final = r"(?P<name>[a-z]{3,9})\.?"
_TIME: Final = (
    r"(?P<time>\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>z|utc|gmt|et|[+-]\d{2}(?::?\d{2})?)?"
)
_AFTER: Final = rf"(?:(?:t|,?\s+(?:at\s+|lúc\s+)?){_TIME})?"
_ISO: Final = re.compile(rf"(?P<y>\d{{4}})([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}}){_AFTER}")
_COMPACT: Final = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:t(?P<hh>\d{2})(?P<mm>\d{2})(?P<ss>\d{2})?(?P<zone>z)?)?")
_LOCAL: Final = re.compile(rf"(?:ngày\s+)?(?P<a>\d{{1,2}})\s?([/.-])\s?(?P<b>\d{{1,2}})\s?\2\s?(?P<y>\d{{4}}|\d{{2}}){_AFTER}")
_NAMED: Final = tuple(re.compile(rf"{form}{_AFTER}") for form in (
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-](?:of\s+)?{_M},?[\s-](?P<y>\d{{4}}|\d{{2}})",
    rf"{_M}\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s?|\s)(?P<y>\d{{4}}|\d{{2}})",
    r"(?:ngày\s+)?(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2})(?:\s+năm\s+|,?\s+)(?P<y>\d{4}|\d{2})",
))  # fmt: skip
_WEEKDAY: Final = re.compile(rf"({'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})\.?,?\s+")
_SERIAL: Final = re.compile(r"[1-7]\d{4}([.,]\d{1,12})?")  # 1927 to 2119, counted from 1900
_CLOCK: Final = re.compile(_TIME)
_VAGUE: Final = (
    (re.compile(r"\d{1,2}[/.-]\d{4}|\d{4}([-/.]\d{1,2})?|tháng\s+\d{1,2}.*\d{4}|[a-z]{3,9}\.?,?\s\d{4}|q[1-4].*|quý.*"), Fault.NO_DAY),
    (re.compile(r"\d{1,2}[/.-]\d{1,2}|(ngày\s+)?\d{1,2}\s+tháng\s+\d{1,2}|\d{1,2}\s[a-z]{3,9}|[a-z]{3,9}\s\d{1,2}"), Fault.NO_YEAR),
    (re.compile(r"[\d.,]+"), Fault.NUMBER),
)


def read_dates(cells: Sequence[str], order: Order | None = None) -> Dates:
    """Every cell of one file's column of dates -> Dates. `order` is the reader's word; it is needed only where the evidence is lacking."""
    texts = [_tidy(cell) for cell in cells]
    given = [t for t in texts if t]
    if given and all(_SERIAL.fullmatch(t) for t in given):
        since = Order.SINCE_1904 if order is Order.SINCE_1904 else Order.SINCE_1900
        read = tuple(_checked(_serial(t, since)) if t else Fault.MISSING for t in texts)
        return Dates(read, since, given[0], _day_of(read[texts.index(given[0])]))
    found = [(cell, m) for cell, t in zip(cells, texts, strict=True) if (m := _LOCAL.fullmatch(_without_weekday(t)[0]))]
    local = [(cell, int(m["a"]), int(m["b"])) for cell, m in found if min(int(m["a"]), int(m["b"])) <= 12 and int(m["a"]) != int(m["b"])]
    proof = {Order.DMY: next((c for c, a, _ in local if a > 12), ""), Order.MDY: next((c for c, _, b in local if b > 12), "")}
    shown = [o for o, cell in proof.items() if cell]
    decided = order if order in proof else shown[0] if len(shown) == 1 else None
    example = (proof[decided] if decided else "") or next((c for c, *_ in local), "")
    read = tuple(_checked(_read(t, decided)) if t else Fault.MISSING for t in texts)
    return Dates(read, decided if local else None, example, _day_of(read[cells.index(example)]) if local else None)


def telling(cells: Iterable[str]) -> list[str]:
    """The few cells of a column that decide how all of it is read. A part of the column that is read together with them is read as in the
    whole, so that a long column can be read in parts."""
    kinds: dict[str, str] = {}
    for cell in dict.fromkeys(cells):
        if text := _tidy(cell):
            kinds.setdefault(_kind(text), cell)
    return list(kinds.values())


def _kind(text: str) -> str:
    """What a cell says about the column: a serial, a day or a month above 12, one of the two that could be either, or nothing."""
    if _SERIAL.fullmatch(text):
        return "serial"
    m = _LOCAL.fullmatch(_without_weekday(text)[0])
    a, b = (int(m["a"]), int(m["b"])) if m else (0, 0)
    if min(a, b) > 12 or a == b:
        return "other"
    return "day first" if a > 12 else "month first" if b > 12 else "either"


def moments(cells: Sequence[str], file: str) -> list[Moment | None]:
    """A column of dates where nobody can be asked: None for what cannot be read. RequestError when the day and the month could change
    places."""
    column = read_dates(cells)
    if column.open:
        raise RequestError("ambiguous-dates", file=file, found=column.example)
    return [None if isinstance(m, Fault) else m for m in column.moments]


def read_time(text: str) -> dt.time | Fault:
    """'16:30', '4:30 pm', '16h30', '16:30+07:00' -> a time, with a zone where one is given."""
    m = _CLOCK.fullmatch(_tidy(text))
    return _clock(m) if m else Fault.TIME


def on(day: Moment, time: dt.time) -> Moment:
    """A day with the time of another column, on New York's clock."""
    return in_new_york(dt.datetime.combine(day, time))


def in_new_york(moment: dt.datetime) -> dt.datetime:
    """The same moment on New York's clock; a time without a zone is New York's already."""
    return moment.replace(tzinfo=NEW_YORK) if moment.tzinfo is None else moment.astimezone(NEW_YORK)


def _tidy(cell: str) -> str:
    return re.sub(r"\s+", " ", cell).strip().casefold()


def _checked(moment: Moment | Fault) -> Moment | Fault:
    day = _day_of(moment)
    return moment if day is None or FIRST <= day <= LAST else Fault.RANGE


def _day_of(moment: Moment | Fault) -> dt.date | None:
    return None if isinstance(moment, Fault) else moment.date() if isinstance(moment, dt.datetime) else moment


def _without_weekday(text: str) -> tuple[str, int | None]:
    m = _WEEKDAY.match(text)
    return (text[m.end() :], _WEEKDAYS[m[1]]) if m else (text, None)


def _read(text: str, order: Order | None) -> Moment | Fault:
    """One date, tidied. A weekday that is not the date's own makes it impossible."""
    rest, weekday = _without_weekday(text)
    for pattern in (_ISO, _COMPACT, _LOCAL, *_NAMED):
        if m := pattern.fullmatch(rest):
            found = _moment(m, order)
            wrong = weekday is not None and not isinstance(found, Fault) and _day(m, order).weekday() != weekday
            return Fault.IMPOSSIBLE if wrong else found
    return next((fault for pattern, fault in _VAGUE if pattern.fullmatch(rest)), Fault.INVALID)


def _day(m: re.Match[str], order: Order | None) -> dt.date:
    """The date that a match says. Raises ValueError where there is no such day."""
    parts = m.groupdict()
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        month, day = (first, second) if order is Order.MDY else (second, first)
    else:
        month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["name"]]
        day = int(parts["d"])
    return dt.date(int(parts["y"]), month, day)


def _moment(m: re.Match[str], order: Order | None) -> Moment | Fault:
    parts = m.groupdict()
    if "name" in parts and parts["name"] not in _MONTHS:
        return Fault.INVALID
    if len(parts["y"]) == 2:
        return Fault.SHORT_YEAR
    if "a" in parts and order is None and int(parts["a"]) != int(parts["b"]) and min(int(parts["a"]), int(parts["b"])) <= 12:
        return Fault.AMBIGUOUS
    try:
        day = _day(m, order)
    except ValueError:
        return Fault.IMPOSSIBLE if int(parts["y"]) else Fault.RANGE
    if not FIRST <= day <= LAST:
        return Fault.RANGE
    if parts.get("hh"):
        return _compact_time(day, m)
    if not parts.get("time"):
        return day
    time = _clock(m)
    if isinstance(time, Fault):
        return time
    stamp = dt.datetime.combine(day, time)
    return day if stamp.tzinfo is None and time == dt.time(0) else stamp


def _compact_time(day: dt.date, m: re.Match[str]) -> Moment | Fault:
    try:
        time = dt.time(int(m["hh"]), int(m["mm"]), int(m["ss"] or 0), tzinfo=dt.UTC if m["zone"] else None)
    except ValueError:
        return Fault.TIME
    return dt.datetime.combine(day, time)


def _clock(m: re.Match[str]) -> dt.time | Fault:
    """The time of a match of _TIME, to the second; am and pm as on an English clock."""
    hour, *rest = (int(n) for n in re.split("[:h]", re.split("[.,]", m["time"])[0]))
    if half := m["half"]:
        if not 1 <= hour <= 12:
            return Fault.TIME
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    try:
        return dt.time(hour, rest[0], rest[1] if rest[1:] else 0, tzinfo=_zone(m["zone"]))
    except ValueError:
        return Fault.TIME


def _zone(text: str | None) -> dt.tzinfo | None:
    """'z', '+07', '-05:00' -> a zone; 'et' and nothing are New York's."""
    if not text or text == "et":
        return None
    if text in ("z", "utc", "gmt"):
        return dt.UTC
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    return dt.timezone((dt.timedelta(hours=hours, minutes=minutes)) * (-1 if text[0] == "-" else 1))


def _serial(text: str, since: Order) -> Moment | Fault:
    """A spreadsheet's day count. Those that count from 1900 believe that there was a 29 February 1900."""
    number = float(text.replace(",", "."))
    days, seconds = int(number), round(number % 1 * 86_400)
    start = dt.date(1904, 1, 1) if since is Order.SINCE_1904 else dt.date(1899, 12, 30)
    stamp = dt.datetime.combine(start, dt.time(0)) + dt.timedelta(days=days, seconds=seconds)
    return stamp if stamp.time() != dt.time(0) else stamp.date()
