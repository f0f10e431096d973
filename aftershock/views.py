"""A view: everything that the reader has chosen, as one value. The query string, the command line and the permalink of an
export are three spellings of it, so opening a link shows what its author saw.

    ?from=2025-01-20&to=2025-02-14&series=^IXIC,NVDA&scale=log&category=earnings&event=...&lang=vi
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import pandas as pd

from aftershock.events import Category, Verification
from aftershock.text import LANGUAGES, Words
from aftershock.tickers import symbol

MOST_SERIES: Final = 12
MOST_LETTERS: Final = 80
SERIES: Final = ("^IXIC", "NVDA")
PARAMETERS: Final = (
    "from", "to", "series", "scale", "category", "article", "verification", "find", "event", "show", "candle", "lang",
)  # fmt: skip


class Scale(StrEnum):
    """How the lines are drawn. Labels: `scale.<code>`."""

    REBASED = "rebased"
    PERCENT = "percent"
    PRICE = "price"
    LOG = "log"


class Show(StrEnum):
    """What the page shows of the view. Labels: `show.<code>`."""

    CHART = "chart"
    CANDLES = "candles"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing in a link that was not as it should be, and what was done: a message code and its facts."""

    code: str
    facts: dict[str, object]

    def in_words(self, say: Words) -> str:
        """The sentence for the reader."""
        return say(f"correction.{self.code}", **self.facts)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: the limits that a view is held to."""

    first: dt.date
    last: dt.date
    tickers: tuple[str, ...]
    articles: tuple[str, ...]
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class View:
    """The reader's choices. Empty filters mean everything. `series` are tickers as they were asked for, in that order, at most MOST_SERIES,
    whether or not there are prices for them (yet).
    """

    first: dt.date
    last: dt.date
    series: tuple[str, ...] = SERIES
    scale: Scale = Scale.REBASED
    categories: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    verification: tuple[str, ...] = ()
    find: str = ""
    event: str = ""
    show: Show = Show.CHART
    candle: str = ""  # whose candles; the first series when empty
    lang: str = "en"

    def query(self) -> dict[str, str]:
        """The query string's parts. Dates, series and language always stand in it, the rest when it is not the default."""
        parts = {"from": self.first.isoformat(), "to": self.last.isoformat(), "series": ",".join(self.series)}
        optional = {
            "scale": "" if self.scale is Scale.REBASED else self.scale,
            "category": ",".join(self.categories),
            "article": ",".join(self.articles),
            "verification": ",".join(self.verification),
            "find": self.find,
            "event": self.event,
            "show": "" if self.show is Show.CHART else self.show,
            "candle": self.candle if self.show is Show.CANDLES else "",
        }
        return parts | {key: str(value) for key, value in optional.items() if value} | {"lang": self.lang}

    def link(self, base: str = "") -> str:
        """`base` with the query string: the address that shows this view."""
        return address(base, self.query())


def address(base: str, query: Mapping[str, str]) -> str:
    """`base` with a query string; what a reader may want to see in it is left readable."""
    return base + "?" + "&".join(f"{key}={quote(value, safe='^,-:.')}" for key, value in query.items())


# -- presets ---------------------------------------------------------------------------------------------------------

SHOCK: Final = (dt.date(2025, 1, 20), dt.date(2025, 2, 14))
EXPORT_CONTROL_ERA: Final = dt.date(2022, 8, 31)
PRESETS: Final = ("shock", "1m", "3m", "6m", "1y", "era", "all")
_MONTHS: Final = {"1m": 1, "3m": 3, "6m": 6, "1y": 12}


def preset(code: str, choices: Choices) -> tuple[dt.date, dt.date] | None:
    """The dates of a preset, held to the data; months count back from the last session. None when the data ends before it or
    begins after it.
    """
    first, last = choices.first, choices.last
    if code == "shock":
        first, last = SHOCK
    elif code == "era":
        first = EXPORT_CONTROL_ERA
    elif code != "all":
        first = _months_before(last, _MONTHS[code])
    first, last = max(first, choices.first), min(last, choices.last)
    return (first, last) if first <= last else None


@lru_cache(maxsize=32)
def _months_before(day: dt.date, months: int) -> dt.date:
    return (pd.Timestamp(day) - pd.DateOffset(months=months)).date()


def presets(choices: Choices) -> tuple[str, ...]:
    """The presets that have dates in the data."""
    return tuple(code for code in PRESETS if preset(code, choices))


def preset_of(view: View, choices: Choices) -> str | None:
    """The preset whose dates the view has, or None."""
    return next((code for code in PRESETS if preset(code, choices) == (view.first, view.last)), None)


# -- reading a query string ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Reader:
    """Reads one query string; what is wrong becomes a correction, never an error."""

    query: Mapping[str, str]
    corrections: list[Correction] = field(default_factory=list)

    @classmethod
    def of(cls, query: Mapping[str, str], known: Iterable[str]) -> Reader:
        """A reader of what of it can be printed; a parameter that the page does not know is a correction."""
        reader, known = cls({printed(key): printed(value) for key, value in query.items()}), frozenset(known)
        if extra := [key for key in reader.query if key not in known]:
            reader.complain("parameter", found=short(", ".join(extra)))
        return reader

    def complain(self, code: str, **facts: object) -> None:
        """Notes one thing that is not as it should be."""
        self.corrections.append(Correction(code, facts))

    def date(self, key: str) -> dt.date | None:
        """An ISO date, or None."""
        text = self.query.get(key, "")
        try:
            return dt.date.fromisoformat(text) if text else None
        except ValueError:
            self.complain("date", name=key, found=short(text))
            return None

    def many(self, key: str, known: Iterable[str]) -> tuple[str, ...]:
        """The known ones of a list with commas, each once."""
        known = list(known)
        asked = [part for part in self.query.get(key, "").split(",") if part]
        unknown = [part for part in asked if part not in known]
        if unknown:
            self.complain("unknown", name=key, found=short(", ".join(unknown)), known=", ".join(known[:12]))
        return tuple(dict.fromkeys(part for part in asked if part in known))

    def tickers(self, key: str) -> tuple[str, ...]:
        """The well-formed tickers of a list with commas, each once and at most MOST_SERIES; whether anybody has prices for them is not
        asked here."""
        asked = [part for part in self.query.get(key, "").split(",") if part]
        if wrong := [part for part in asked if symbol(part) is None]:
            self.complain("ticker", found=short(", ".join(wrong)))
        found = tuple(dict.fromkeys(ticker for part in asked if (ticker := symbol(part)) is not None))
        if len(found) > MOST_SERIES:
            self.complain("many", most=MOST_SERIES, left=short(", ".join(found[MOST_SERIES:])))
        return found[:MOST_SERIES]

    def one(self, key: str, known: Iterable[str], default: str) -> str:
        """The first known one, or the default."""
        return next(iter(self.many(key, known)), default)


def short(text: str) -> str:
    """What somebody wrote, short enough to be quoted."""
    return text if len(text) <= 40 else text[:39] + "…"


def printed(text: str) -> str:
    """The text without control characters and lone surrogates, which no file and no address could hold."""
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))


def read(query: Mapping[str, str], choices: Choices, lang: str) -> tuple[View, tuple[Correction, ...]]:
    """A query string -> the view it asks for, and what had to be corrected. Never raises."""
    r = Reader.of(query, PARAMETERS)
    first, last = _dates(r, choices)
    series = r.tickers("series") or tuple(t for t in SERIES if t in choices.tickers) or choices.tickers[:1]
    find = r.query.get("find", "")
    if len(find) > MOST_LETTERS:
        r.complain("long", most=MOST_LETTERS)
        find = find[:MOST_LETTERS]
    event = r.query.get("event", "")
    if event and event not in choices.events:
        r.complain("event", found=short(event))
        event = ""
    view = View(
        first,
        last,
        series=series,
        scale=Scale(r.one("scale", Scale, Scale.REBASED)),
        categories=r.many("category", Category),
        articles=r.many("article", choices.articles),
        verification=r.many("verification", Verification),
        find=find,
        event=event,
        show=Show(r.one("show", Show, Show.CHART)),
        candle=r.one("candle", series, ""),
        lang=r.one("lang", LANGUAGES, lang),
    )
    return view, tuple(r.corrections)


def _dates(r: Reader, choices: Choices) -> tuple[dt.date, dt.date]:
    first, last = r.date("from"), r.date("to")
    if first is None and last is None:
        return preset("shock", choices) or (choices.first, choices.last)
    first, last = first or choices.first, last or choices.last
    if first > last:
        r.complain("reversed", first=first, last=last)
        first, last = last, first
    return clamp(first, last, choices, r.corrections)


def clamp(first: dt.date, last: dt.date, choices: Choices, corrections: list[Correction]) -> tuple[dt.date, dt.date]:
    """The dates held to the data; says so in `corrections` when they had to be moved."""
    if last < choices.first or first > choices.last:
        corrections.append(Correction("outside", {"first": first, "last": last, "start": choices.first, "end": choices.last}))
        return preset("all" if last < choices.first else "1m", choices) or (choices.first, choices.last)
    held = max(first, choices.first), min(last, choices.last)
    if held != (first, last):
        corrections.append(Correction("clamped", {"first": held[0], "last": held[1], "start": choices.first, "end": choices.last}))
    return held


def with_dates(view: View, dates: Sequence[dt.date]) -> View:
    """The view with new dates; a half-picked range (fewer than two dates) leaves it as it was."""
    return replace(view, first=dates[0], last=dates[1]) if len(dates) == 2 else view
