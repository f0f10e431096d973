"""What the kinds of expression mean: one resolver per kind, the same for every language. The groups of a pattern are:

d, m, y        day, month, year          d2, m2       the other end of a range
n, unit        'two', 'week'             sign         before or after
part           early, mid, late, first-half, second-half, so-far, rest
which          this, last, next, recent  which_year   the same of a year, or 'same'
weekday, season, holiday, q, fy, lunar   named as they are
event          the words after 'two weeks after'
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from aftershock.articles import periods
from aftershock.articles.grammar import Reading, Refusal
from aftershock.articles.periods import DAY, Period
from aftershock.articles.vocabulary import named_event

_SHIFT = {"this": 0, "last": -1, "next": 1}


def refused(reason: str) -> Callable[[Reading], Period | None]:
    """The resolver of a kind that is never a date."""

    def resolve(r: Reading) -> Period | None:
        raise Refusal(reason)

    return resolve


def _year(r: Reading) -> int | None:
    """The year that stands in the expression, in figures or as 'last year'; None when there is none."""
    if (y := r.number("y")) is not None:
        return y + 2000 if y < 100 else y
    which = r.word("which_year")
    if which == "same":
        return r.recent.period.first.year if r.recent else None
    return r.today.year + _SHIFT[which] if which else None


def _numbers(r: Reading, *groups: str) -> list[int]:
    found = [r.number(g) for g in groups]
    if None in found:
        raise ValueError(groups)
    return [n for n in found if n is not None]


def date(r: Reading) -> Period | None:
    """A day and a month, with or without a year."""
    d, m = _numbers(r, "d", "m")
    year = _year(r)
    return Period.day(dt.date(year, m, d)) if year else r.nearest(r.every_year(lambda y: Period.day(dt.date(y, m, d))))


def month_first(r: Reading) -> Period | None:
    """1/27/2025 in an English text: the day only where one number is above 12, so that it can be read one way."""
    a, b = _numbers(r, "m", "d")
    if a <= 12 and b <= 12 and a != b:
        raise Refusal("ambiguous")
    return Period.day(dt.date(_numbers(r, "y")[0], min(a, b) if a != b else a, max(a, b)))


def span(r: Reading) -> Period | None:
    """From one day to another; what the first end leaves out, the second says."""
    d, d2 = _numbers(r, "d", "d2")
    if y1 := r.number("y1"):
        return Period(dt.date(y1, *_numbers(r, "m", "d")), dt.date(*_numbers(r, "y", "m2", "d2")))
    m, m2 = r.number("m") or r.number("m2"), r.number("m2") or r.number("m")
    if m is None or m2 is None:
        return None

    def whole(y: int) -> Period | None:
        first, last = dt.date(y - (m > m2), m, d), dt.date(y, m2, d2)
        return Period(first, last) if first < last else None

    year = _year(r)
    return whole(year) if year else r.nearest(r.every_year(whole))


def month(r: Reading) -> Period | None:
    """A month or a part of it."""
    (m,) = _numbers(r, "m")
    year, part = _year(r), r.word("part")
    return periods.month(year, m, part) if year else r.nearest(r.every_year(lambda y: periods.month(y, m, part)))


def quarter(r: Reading) -> Period | None:
    """A quarter of a year, or of Nvidia's fiscal year when the text says fiscal."""
    (q,) = _numbers(r, "q")
    year = _year(r)
    if r.text("fy"):
        if year is None:
            raise Refusal("ambiguous")
        return periods.fiscal(year, q)
    return periods.quarter(year, q) if year else r.nearest(r.every_year(lambda y: periods.quarter(y, q)))


def fiscal_year(r: Reading) -> Period | None:
    """All of a fiscal year of Nvidia."""
    year = _year(r)
    return periods.fiscal(year, None) if year else None


def year(r: Reading) -> Period | None:
    """A year or a part of it."""
    found = _year(r)
    return periods.year(r.today.year if found is None else found, r.word("part"))


def relative_day(r: Reading) -> Period | None:
    """Yesterday, today, tomorrow and their like."""
    (days,) = _numbers(r, "relative")
    return Period.day(r.today + days * DAY)


def relative(r: Reading) -> Period | None:
    """The week, month, quarter or year that is, was or comes next, or a part of it; the weekend."""
    unit, which, part = r.word("unit"), r.word("which", "this"), r.word("part")
    if unit == "weekend" or (unit == "week" and part == "late" and which == "recent"):
        weekend = periods.week(r.today, "late")
        if which in ("next", "this"):
            return periods.week(r.today + 7 * DAY, "late") if which == "next" and weekend.first <= r.today else weekend
        return weekend if weekend.first <= r.today and which == "recent" else periods.week(r.today - 7 * DAY, "late")
    steps = _SHIFT["last" if which == "recent" else which]
    if unit == "week":
        part = "closing" if part == "late" and r.language.code == "en" else part
        whole = periods.week(r.today + 7 * steps * DAY, part)
    else:
        number = r.today.year * 12 + r.today.month - 1 + steps * {"month": 1, "quarter": 3, "year": 12}[unit]
        y, m = number // 12, number % 12 + 1
        whole = {"month": periods.month(y, m, part), "quarter": periods.quarter(y, (m + 2) // 3), "year": periods.year(y, part)}[unit]
    if part == "so-far" and whole.first < r.today:
        return Period(whole.first, r.today - DAY)
    if part == "rest" and r.today < whole.last:
        return Period(r.today + DAY, whole.last)
    return whole


def ago(r: Reading) -> Period | None:
    """Days ago, and one week ago, are a day; several weeks, months or years ago are the week, month or year that it was then."""
    (n,) = _numbers(r, "n")
    unit = r.word("unit")
    if unit == "day" or (unit == "week" and n == 1):
        return Period.day(r.today - n * (7 if unit == "week" else 1) * DAY)
    if unit == "week":
        return periods.week(r.today - 7 * n * DAY)
    number = r.today.year * 12 + r.today.month - 1 - n * {"month": 1, "quarter": 3, "year": 12}[unit]
    y, m = number // 12, number % 12 + 1
    return {"month": periods.month(y, m), "quarter": periods.quarter(y, (m + 2) // 3), "year": periods.year(y)}[unit]


def _moved(day: dt.date, r: Reading, sign: int) -> Period:
    n, unit = r.number("n"), r.word("unit", "day")
    n = 1 if n is None else n
    if unit in ("month", "year"):
        number = day.year * 12 + day.month - 1 + sign * n * (12 if unit == "year" else 1)
        return periods.month(number // 12, number % 12 + 1) if unit == "month" else periods.year(number // 12)
    return Period.day(day + sign * n * (7 if unit == "week" else 1) * DAY)


def following(r: Reading) -> Period | None:
    """A day that counts from the last one named: the same, the next, two weeks later, the day before."""
    sign = {"same": 0, "before": -1}.get(r.word("sign"), 1)
    return _moved(r.anchor, r, sign)


def of_named_month(r: Reading) -> Period | None:
    """'The 20th of last month'."""
    (d,) = _numbers(r, "d")
    number = r.today.year * 12 + r.today.month - 1 + _SHIFT["last" if r.word("which") == "recent" else r.word("which", "this")]
    return Period.day(dt.date(number // 12, number % 12 + 1, d))


def of_the_month(r: Reading) -> Period | None:
    """'The 22nd' of the month that was spoken of last."""
    if r.recent is None:
        return None
    return Period.day(r.recent.period.first.replace(day=_numbers(r, "d")[0]))


def weekday(r: Reading) -> Period | None:
    """A day of the week: of a named week; else the latest, or the coming one where the clause speaks of what will come."""
    (wanted,) = _numbers(r, "weekday")
    today = r.today
    if which := r.word("which_week"):
        return Period.day(periods.week(today + 7 * _SHIFT[which] * DAY).first + wanted * DAY)
    which = r.word("which")
    if which == "this":
        return Period.day(periods.week(today).first + wanted * DAY)
    back, ahead = (today.weekday() - wanted) % 7, (wanted - today.weekday()) % 7
    if which == "last":
        return Period.day(today - (back or 7) * DAY)
    if which == "next" or (r.coming and wanted != today.weekday()):
        return Period.day(today + (ahead or 7) * DAY)
    return Period.day(today - back * DAY)


def holiday(r: Reading) -> Period | None:
    """A holiday, the long weekend around it, or so many days before or after it."""
    name, whole = r.word("holiday"), bool(r.text("weekend"))
    sign = {"before": -1, "after": 1}.get(r.word("sign"), 0)

    def make(y: int) -> Period | None:
        found = periods.holiday(name, y)
        if found is None:
            return None
        if whole:
            return Period(found.first - 2 * DAY, found.last)
        return _moved(found.first, r, sign)

    year = _year(r)
    return make(year) if year else r.nearest(r.every_year(make))


def season(r: Reading) -> Period | None:
    """A season; a year that stands with it is the one in which it begins."""
    name, year = r.word("season"), _year(r)
    return periods.season(year, name) if year else r.nearest(r.every_year(lambda y: periods.season(y, name)))


def lunar(r: Reading) -> Period | None:
    """A day of the months Giêng or Chạp of the lunar calendar; 'the 29th of Tết' is the last days of Chạp."""
    (d,) = _numbers(r, "d")
    made = _lunar_days(r, d, twelfth=r.word("lunar") == "twelfth" or (r.word("lunar") == "tet" and d > 15))
    if not made:
        raise Refusal("lunar")
    return r.nearest(made) if r.word("which_year") != "this" else min(made, key=lambda p: abs(p.first - r.today))


def after_event(r: Reading) -> Period | None:
    """'Two weeks after R1 was launched': counts from the catalogue's event, when its words name one."""
    if r.number("n") is None:
        raise Refusal("unknown-event")
    event = named_event(r.match["event"], r.catalogue, r.today)
    if event is None:
        raise Refusal("unknown-event")
    return _moved(event.date, r, -1 if r.word("sign") == "before" else 1)


def week_part(r: Reading) -> Period | None:
    """'Midweek' or 'the weekend' without saying of which week: of this week, or of the last one when it has not begun yet."""
    part = periods.week(r.today, r.word("part"))
    return part if part.first <= r.today or r.coming else periods.week(r.today - 7 * DAY, r.word("part"))


def god_of_wealth(r: Reading) -> Period | None:
    """Thần Tài's day, the tenth of the month Giêng."""
    return r.nearest(_lunar_days(r, 10, twelfth=False))


def _lunar_days(r: Reading, d: int, *, twelfth: bool) -> list[Period]:
    def make(y: int) -> Period | None:
        found = periods.lunar(y, d, twelfth=twelfth)
        return Period.day(found) if found else None

    return r.every_year(make)


def duration(r: Reading) -> Period | None:
    """A length of time. One, two, three without a word before them may count anything, so only what says that it lasts is listed."""
    if re.match(r"(?:trong|suốt|kéo dài|liên tiếp|hơn|gần|\d)", r.match[0], re.IGNORECASE) or r.text("n") == "":
        raise Refusal("duration")
    return None
