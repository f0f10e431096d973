"""Everything that is said to a person: message catalogues (English, Vietnamese) and number, date and money formats.

Codes live in the core, words live here. A `Words` speaks one language:

    say = words("vi")
    say("why.closed", name=...)    a message of locales/vi/*.toml with its blanks filled
    say.percent(-0.1697)           '−16,97 %'
"""

from __future__ import annotations

import datetime as dt
import math
import numbers
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import babel.dates
import babel.numbers

LANGUAGES: Final = ("en", "vi")
MISSING: Final = "–"
NBSP: Final = "\u00a0"
Date = dt.date  # a pandas Timestamp is one too

_PATTERNS: Final = {
    "en": {"short": "d MMM", "full": "d MMM y", "long": "d MMMM y", "day": "EEEE d MMMM y", "month": "MMM y"},
    "vi": {"short": "d/M", "full": "d/M/y", "long": "'ngày' d 'tháng' M 'năm' y", "day": "EEEE, 'ngày' d/M/y", "month": "M/y"},
}


@cache
def catalogue(lang: str) -> dict[str, str]:
    """The messages of one language as {'section.key': template}, from every file in locales/<lang>."""
    messages: dict[str, str] = {}
    for file in resources.files("aftershock").joinpath("locales", lang).iterdir():
        if file.name.endswith(".toml"):
            sections = tomllib.loads(file.read_text(encoding="utf-8"))
            messages |= {f"{section}.{key}": text for section, keys in sections.items() for key, text in keys.items()}
    return messages


@lru_cache(maxsize=8192)
def _decimal(value: float, decimals: int, lang: str) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return babel.numbers.format_decimal(value, format=pattern, locale=lang).replace("-", "−")


@lru_cache(maxsize=8192)
def _date(year: int, month: int, day: int, pattern: str, lang: str) -> str:
    return babel.dates.format_date(dt.date(year, month, day), pattern, locale=lang)


class Words:
    """One language. Calling it fills a message; its methods format numbers and dates as that language writes them."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._messages = catalogue(lang)

    def __call__(self, key: str, /, **facts: object) -> str:
        """The message `key` with its {blanks} filled; `n=1` picks the message `key.one` where the language has one."""
        if facts.get("n") == 1:
            key = f"{key}_one" if f"{key}_one" in self._messages else key
        return self._messages[key].format_map({k: self._fact(v) for k, v in facts.items()})

    def has(self, key: str) -> bool:
        """True when this language has a message of that name."""
        return key in self._messages

    def _fact(self, value: object) -> object:
        if isinstance(value, Date):
            return self.date(value)
        if callable(in_words := getattr(value, "in_words", None)):
            return in_words(self)
        if isinstance(value, bool) or not isinstance(value, numbers.Real):  # numpy's numbers are Real too
            return value
        return self.number(float(value), 0 if isinstance(value, numbers.Integral) else 2)

    # -- numbers ---------------------------------------------------------------------------------------------------

    def number(self, value: float | None, decimals: int = 2, *, signed: bool = False) -> str:
        """1234.5 -> '1,234.5' or '1.234,5', with a true minus; None and NaN -> '–'."""
        if value is None or not math.isfinite(value):
            return MISSING
        value = round(float(value), decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
        text = _decimal(value, decimals, self.lang)
        return f"+{text}" if signed and value > 0 else text

    def percent(self, fraction: float | None, decimals: int = 2, *, signed: bool = True) -> str:
        """-0.1697 -> '−16.97 %' or '−16,97 %' (with a space that does not break)."""
        if fraction is None or not math.isfinite(fraction):
            return MISSING
        return self.number(fraction * 100, decimals, signed=signed) + NBSP + "%"

    def move(self, fraction: float | None, decimals: int = 2) -> str:
        """A percentage with its direction as a triangle too: '▼ −16.97 %'."""
        if fraction is None or not math.isfinite(fraction):
            return MISSING
        mark = "■" if round(fraction, decimals + 2) == 0 else "▲" if fraction > 0 else "▼"
        return f"{mark}{NBSP}{self.percent(fraction, decimals)}"

    def money(self, billions: float | None) -> str:
        """592.7 (billions of US dollars) -> '$592.7bn' or '592,7 tỷ USD'."""
        if billions is None or not math.isfinite(billions):
            return MISSING
        sign = "−" if billions < 0 else ""
        return sign + self("format.billions", amount=self.number(abs(billions), 1))

    # -- dates -----------------------------------------------------------------------------------------------------

    def date(self, day: Date, style: str = "full") -> str:
        """'27 Jan 2025' or '27/1/2025'. Styles: short (no year), full, long (month in words), day (with the weekday), month."""
        return _date(day.year, day.month, day.day, _PATTERNS[self.lang][style], self.lang)

    def dates(self, first: Date, last: Date) -> str:
        """A period: '21 Jan – 14 Feb 2025'; the first year is left out where both are the same."""
        same = first.year == last.year
        return f"{self.date(first, 'short' if same else 'full')} – {self.date(last)}"

    def time(self, moment: dt.time | dt.datetime) -> str:
        """'16:00': both languages write the hour the same way."""
        return f"{moment.hour:02d}:{moment.minute:02d}"

    def listing(self, items: Iterable[str]) -> str:
        """'a, b and c' or 'a, b và c'."""
        items = list(items)
        if len(items) < 2:
            return "".join(items)
        return self("format.and", first=", ".join(items[:-1]), last=items[-1])


@cache
def words(lang: str) -> Words:
    """The one `Words` of a language."""
    return Words(lang)


def language_of(locale: str | None) -> str:
    """A browser's locale ('vi-VN', 'en-GB', None) -> the language we speak to it: Vietnamese for vi, else English."""
    return "vi" if (locale or "").lower().split("-")[0].split("_")[0] == "vi" else "en"
