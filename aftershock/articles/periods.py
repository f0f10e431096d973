"""Periods of days, and the calendars that words refer to: weeks, parts of months, quarters, Nvidia's fiscal year, seasons, Tết, holidays.

Conventions: a week is Monday to Sunday, its beginning Monday to Wednesday, its middle Tuesday to Thursday; a month's parts are the days
1-10, 11-20 and 21 to the end; a year begins with its first quarter and ends with its last. Seasons are the astronomical ones of the
northern half, on fixed days.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Final

DAY: Final = dt.timedelta(days=1)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
_PRECISIONS: Final = ((1, "day"), (7, "week"), (31, "month"), (94, "quarter"))


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    @classmethod
    def day(cls, day: dt.date) -> Period:
        """One day."""
        return cls(day, day)

    @property
    def precision(self) -> str:
        """The smallest of day, week, month, quarter (a season is as long) and year that the period fits in."""
        length = (self.last - self.first).days + 1
        return next((name for most, name in _PRECISIONS if length <= most), "year")

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


def week(day: dt.date, part: str = "") -> Period:
    """The week of `day`, or its 'early', 'mid', 'closing' (from Thursday) or 'late' (the weekend) part."""
    first, last = {"early": (0, 2), "mid": (1, 3), "late": (5, 6), "closing": (3, 6)}.get(part, (0, 6))
    monday = day - day.weekday() * DAY
    return Period(monday + first * DAY, monday + last * DAY)


def month(year: int, number: int, part: str = "") -> Period:
    """A month or a part of it: early, mid, late, first-half, second-half."""
    end = calendar.monthrange(year, number)[1]
    first, last = {"early": (1, 10), "mid": (11, 20), "late": (21, end), "first-half": (1, 15), "second-half": (16, end)}.get(
        part, (1, end)
    )
    return Period(dt.date(year, number, first), dt.date(year, number, last))


def months(year: int, first: int, last: int) -> Period:
    """From the first day of month `first` to the last of month `last`."""
    return Period(month(year, first).first, month(year, last).last)


def year(number: int, part: str = "") -> Period:
    """A year or a part of it: early and late are its first and last quarter, mid is May to August."""
    first, last = {"early": (1, 3), "mid": (5, 8), "late": (10, 12), "first-half": (1, 6), "second-half": (7, 12)}.get(part, (1, 12))
    return months(number, first, last)


def quarter(year: int, number: int) -> Period:
    """A quarter of the calendar year, 1 to 4."""
    return months(year, 3 * number - 2, 3 * number)


def _fiscal_end(year: int, month_number: int) -> dt.date:
    end = month(year, month_number).last
    return end - ((end.weekday() - SUNDAY) % 7) * DAY


def fiscal(year: int, number: int | None) -> Period:
    """A quarter (1 to 4) or all (None) of Nvidia's fiscal year: quarters end on the last Sunday of April, July, October and January,
    and the year is named for the January that ends it."""
    ends = [_fiscal_end(year - 1, 1), *(_fiscal_end(year - 1, m) for m in (4, 7, 10)), _fiscal_end(year, 1)]
    return Period(ends[0] + DAY, ends[4]) if number is None else Period(ends[number - 1] + DAY, ends[number])


def season(year: int, name: str) -> Period:
    """Spring, summer, autumn or winter that begins in `year`."""
    starts = {"spring": (3, 20), "summer": (6, 20), "autumn": (9, 22), "winter": (12, 21)}
    following = {"spring": (6, 20), "summer": (9, 22), "autumn": (12, 21), "winter": (3, 20)}
    return Period(dt.date(year, *starts[name]), dt.date(year + (name == "winter"), *following[name]) - DAY)


# First days of the lunar months Chạp (the twelfth) and Giêng (the first, Tết) as Việt Nam keeps them, at UTC+7: in 2027, 2028 and 2030
# Tết is a day earlier than Seoul's new year, so a Korean calendar cannot stand in.
_CHAP_AND_GIENG: Final = {
    2020: ("2019-12-26", "2020-01-25"), 2021: ("2021-01-13", "2021-02-12"), 2022: ("2022-01-03", "2022-02-01"),
    2023: ("2022-12-23", "2023-01-22"), 2024: ("2024-01-11", "2024-02-10"), 2025: ("2024-12-31", "2025-01-29"),
    2026: ("2026-01-19", "2026-02-17"), 2027: ("2027-01-08", "2027-02-06"), 2028: ("2027-12-28", "2028-01-26"),
    2029: ("2029-01-15", "2029-02-13"), 2030: ("2030-01-04", "2030-02-02"),
}  # fmt: skip


def lunar(year: int, day: int, *, twelfth: bool) -> dt.date | None:
    """Day `day` of the month Giêng of the Tết in `year`, or of the month Chạp before it; None outside the table of 2020 to 2030."""
    if year not in _CHAP_AND_GIENG or not 1 <= day <= 30:
        return None
    chap, gieng = map(dt.date.fromisoformat, _CHAP_AND_GIENG[year])
    found = (chap if twelfth else gieng) + (day - 1) * DAY
    return None if twelfth and found >= gieng else found


def _nth(year: int, month_number: int, weekday: int, n: int) -> dt.date:
    first = dt.date(year, month_number, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (n - 1)) * DAY


def holiday(name: str, year: int) -> Period | None:
    """A holiday of a year by its code; None for a year that our tables do not reach."""
    fixed = {"new-year": (1, 1), "independence": (7, 4), "halloween": (10, 31), "christmas-eve": (12, 24), "christmas": (12, 25),
             "new-years-eve": (12, 31)}  # fmt: skip
    if name in fixed:
        return Period.day(dt.date(year, *fixed[name]))
    if name == "tet-eve":
        return Period.day(tet - DAY) if (tet := lunar(year, 1, twelfth=False)) else None
    thanksgiving, memorial = _nth(year, 11, THURSDAY, 4), dt.date(year, 5, 31) - dt.date(year, 5, 31).weekday() * DAY
    moving = {"martin-luther-king": _nth(year, 1, MONDAY, 3), "presidents": _nth(year, 2, MONDAY, 3), "memorial": memorial,
              "labor": _nth(year, 9, MONDAY, 1), "thanksgiving": thanksgiving, "black-friday": thanksgiving + DAY}  # fmt: skip
    return Period.day(moving[name])
