"""Sentences: dates written in every known way, figures that are no dates, and rubbish, in Vietnamese and English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Final

from aftershock.articles import reading
from aftershock.articles.drafts import LANGUAGES
from aftershock.articles.grammar import Found, statements
from benchmarks.fuzz import Verdict

NUMBER: Final = 50_000
MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
WEEKDAYS: Final = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
Writing = Callable[[dt.date], str]


def short(day: dt.date) -> str:
    """The month as papers shorten it: 'Jan.', but 'May'."""
    return "May" if day.month == 5 else f"{MONTHS[day.month - 1][:3]}."


WITH_YEAR: Final[dict[str, tuple[Writing, ...]]] = {
    "vi": (
        lambda d: f"ngày {d.day}/{d.month}/{d.year}",
        lambda d: f"Hôm {d.day:02d}-{d.month:02d}-{d.year}",
        lambda d: f"{d.day}.{d.month}.{d.year}",
        lambda d: f"ngày {d.day} tháng {d.month} năm {d.year}",
        lambda d: f"{WEEKDAYS['vi'][d.weekday()]}, {d.day}/{d.month}/{d.year}",
        lambda d: f"sáng {d.day}/{d.month}/{d.year}",
        lambda d: d.isoformat(),
    ),
    "en": (
        lambda d: f"on {d.day} {MONTHS[d.month - 1]} {d.year}",
        lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
        lambda d: f"on the {d.day}th of {MONTHS[d.month - 1]}, {d.year}",
        lambda d: f"{short(d)} {d.day:02d} {d.year}",
        lambda d: f"{WEEKDAYS['en'][d.weekday()]}, {MONTHS[d.month - 1]} {d.day}, {d.year}",
        lambda d: d.isoformat(),
    ),
}
WITHOUT_YEAR: Final[dict[str, tuple[Writing, ...]]] = {
    "vi": (
        lambda d: f"ngày {d.day}/{d.month}",
        lambda d: f"hôm {d.day}.{d.month}",
        lambda d: f"phiên {d.day}/{d.month}",
        lambda d: f"ngày {d.day} tháng {d.month}",
        lambda d: f"tối {d.day}-{d.month}",
    ),
    "en": (lambda d: f"on {d.day} {MONTHS[d.month - 1]}", lambda d: f"on {MONTHS[d.month - 1]} {d.day}", lambda d: f"{short(d)} {d.day}"),
}
AROUND: Final = {
    "vi": ("Cổ phiếu tăng {} theo số liệu của sàn.", "{}, cổ phiếu giảm.", "Hãng (trụ sở ở Mỹ) họp {}; thị trường im lặng."),
    "en": ("Shares rose {} as traders said.", "The company ({}) met its lenders.", "It fell {}; nobody knew why."),
}
FIGURES: Final = {
    "vi": (
        "tỷ lệ {a}/{b} là cao",
        "tăng {a}.{b} %",
        "giá {a}{b},{b}{a} USD",
        "tỷ số {a}-{b}",
        "chip H{a}{b} và GPT-{a}",
        "phiên bản {a}.{b}.{a}",
        "số {a}.{b}{b}{b} cổ phiếu",
        "điện thoại 09{a}{b} {b}{a}{a} {b}{b}{a}",
        "{a},{b} tỷ đồng",
        "chiếm {a}/{b} doanh thu",
        "RTX {a}0{b}0",
        "hoạt động 24/7",
        "lần thứ {a}",
    ),
    "en": (
        "a ratio of {a}/{b}",
        "up {a}.{b}%",
        "a ${a}{b}.{b}{a} price",
        "won {a}-{b}",
        "H{a}{b} and GPT-{a}",
        "version {a}.{b}.{a}",
        "call {a}{b}{a}-{b}{b}{b}-{a}{a}{b}{b}",
        "{a}-for-{b} split",
        "open 24/7",
        "{a} in {b} funds",
        "they may {a} and march {b}",
        "model {a}00{b}",
        "{a},{b}00 chips",
    ),
}
PIECES: Final = (
    "ngày",
    "tháng",
    "năm",
    "quý",
    "tuần",
    "trước",
    "sau",
    "thứ",
    "Tết",
    "mùng",
    "khi",
    "the",
    "on",
    "week",
    "ago",
    "days",
    "after",
    "before",
    "Q",
    "fiscal",
    "last",
    "1",
    "31",
    "2",
    "29",
    "0",
    "13",
    "99",
    "2025",
    "1900",
    "9999999",
    "/",
    "-",
    ".",
    ",",
    "(",
    ")",
    "%",
    " ",
    "\n",
    "\u00a0",
    "\u200b",
    "\u202e",
    "\x00",
    "𝟙",
    "①",
    "٣",
    "é",
    "😀",
    "Monday",
    "May",
    "January",
    "tư",
    "Chạp",
    "Giêng",
    "T13:40+05:30",
    "a" * 200,
    "ngày " * 40,
    "1/" * 60,
    "one day after ",
    "năm năm ",
)


def play(rng: Random) -> Verdict:
    """One case: half of them labelled, the rest rubbish; one in five hundred as long as a sentence is read."""
    language = rng.choice(("vi", "en"))
    published = dt.date(2000, 1, 1) + dt.timedelta(days=rng.randrange(14_000))
    kind = rng.random()
    if kind < 0.25:
        return dated(rng, language, published)
    if kind < 0.5:
        a, b = rng.randrange(1, 10), rng.randrange(1, 10)
        text = rng.choice(AROUND[language]).replace("{}", rng.choice(FIGURES[language]).format(a=a, b=b))
        found = days(text, language, published)
        return Verdict(labelled=1, wrongly_accepted=len(found), about=f"{text!r}: {found}" if found else "")
    length = 400 if kind > 0.998 else rng.randrange(1, 30)
    days("".join(rng.choice(PIECES) + rng.choice((" ", "")) for _ in range(length)), language, published if kind < 0.9 else None)
    return Verdict()


def dated(rng: Random, language: str, published: dt.date) -> Verdict:
    """A date that is written as people write it: with its year any day, without one a day of the nine months before the publication."""
    with_year = rng.random() < 0.5
    day = published - dt.timedelta(days=rng.randrange(270)) if not with_year else published + dt.timedelta(days=rng.randrange(-9000, 4000))
    writings = (WITH_YEAR if with_year else WITHOUT_YEAR)[language]
    text = rng.choice(AROUND[language]).replace("{}", rng.choice(writings)(day))
    found = days(text, language, published)
    wrong = [d for d in found if d != (day, day)]
    missed = (day, day) not in found
    return Verdict(1, len(wrong), int(missed), f"{published} {text!r}: {found}" if wrong or missed else "")


def days(text: str, language: str, published: dt.date | None) -> list[tuple[dt.date, dt.date]]:
    """The periods that are found; their places must hold what they say."""
    found = statements(reading.sentences(text), LANGUAGES[language], published)
    assert all(text[s.start : s.end] == s.expression for s in found)
    return [(s.period.first, s.period.last) for s in found if isinstance(s, Found)]
