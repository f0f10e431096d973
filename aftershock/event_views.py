"""The reader's view of the Events page, as one value, and what it shows of the events. Its spelling as a query string:

?find=chip&category=earnings&verification=own&article=bbc-2025-01-27&year=2025&sort=title&event=own-1f2e3d4c5b6a&lang=vi
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aftershock.events import Category, Event, Verification, folded, select
from aftershock.text import LANGUAGES
from aftershock.views import MOST_LETTERS, Choices, Correction, Reader, address, short

PAGE: Final = 40  # events on one page of the list


class Sort(StrEnum):
    """The order of the list. Labels: `sort.<code>`."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    IMPORTANCE = "importance"


@dataclass(frozen=True, slots=True)
class EventsView:
    """The reader's choices. Empty filters mean everything; `event` is the one whose card is open."""

    find: str = ""
    categories: tuple[str, ...] = ()
    verification: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    sort: Sort = Sort.NEWEST
    event: str = ""
    lang: str = "en"

    def query(self) -> dict[str, str]:
        """The query string's parts: what is not the default, and the language."""
        optional = {
            "find": self.find, "category": ",".join(self.categories), "verification": ",".join(self.verification),
            "article": ",".join(self.articles), "year": ",".join(self.years), "sort": "" if self.sort is Sort.NEWEST else str(self.sort),
            "event": self.event,
        }  # fmt: skip
        return {key: value for key, value in optional.items() if value} | {"lang": self.lang}

    def link(self, base: str = "") -> str:
        """`base` with the query string: the address that shows this view."""
        return address(base, self.query())

    @property
    def filtered(self) -> bool:
        """True when something is left out."""
        return bool(self.find or self.categories or self.verification or self.articles or self.years)


PARAMETERS: Final = ("find", "category", "verification", "article", "year", "sort", "event", "lang")


def read(query: Mapping[str, str], choices: Choices, years: Sequence[str], lang: str) -> tuple[EventsView, tuple[Correction, ...]]:
    """A query string -> the view it asks for, and what had to be corrected. Never raises. `years`: those that have events."""
    r = Reader.of(query, PARAMETERS)
    find = r.query.get("find", "")
    if len(find) > MOST_LETTERS:
        r.complain("long", most=MOST_LETTERS)
    event = r.query.get("event", "")
    if event and event not in choices.events:
        r.complain("event", found=short(event))
        event = ""
    view = EventsView(
        find=find[:MOST_LETTERS],
        categories=r.many("category", Category),
        verification=r.many("verification", Verification),
        articles=r.many("article", choices.articles),
        years=r.many("year", years),
        sort=Sort(r.one("sort", Sort, Sort.NEWEST)),
        event=event,
        lang=r.one("lang", LANGUAGES, lang),
    )
    return view, tuple(r.corrections)


def years_of(events: Sequence[Event]) -> tuple[str, ...]:
    """The years that have events, the latest first."""
    return tuple(sorted({str(e.date.year) for e in events}, reverse=True))


def shown(view: EventsView, events: Sequence[Event]) -> tuple[Event, ...]:
    """The events that pass the view's filters, in its order. Equal ones stay in the order of day and id."""
    found = select(events, categories=view.categories, articles=view.articles, verification=view.verification, find=view.find)
    kept = sorted((e for e in found if not view.years or str(e.date.year) in view.years), key=lambda e: (e.date, e.id))
    match view.sort:
        case Sort.NEWEST:
            kept.sort(key=lambda e: e.date, reverse=True)
        case Sort.TITLE:
            kept.sort(key=lambda e: folded(e.title.in_(view.lang)))
        case Sort.IMPORTANCE:
            kept.sort(key=lambda e: -e.importance)
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the page's title says: how many events are shown, of when, how many are the reader's own, how many rest on two or more pages,
    and the commonest category with its number.
    """

    number: int
    first: dt.date
    last: dt.date
    own: int
    verified: int
    category: Category
    most: int


def summary(events: Sequence[Event]) -> Summary | None:
    """The summary of the events shown, or None when there are none."""
    if not events:
        return None
    days = [e.date for e in events]
    (category, most), *_ = sorted(Counter(e.category for e in events).items(), key=lambda item: (-item[1], item[0]))
    kinds = Counter(e.verification for e in events)
    return Summary(len(events), min(days), max(days), kinds[Verification.OWN], kinds[Verification.TWO_OR_MORE], category, most)


def page_of(events: Sequence[Event], selected: str) -> int:
    """The number of the list's page, from 1, on which the chosen event stands; 1 without one."""
    return next((place for place, e in enumerate(events) if e.id == selected), 0) // PAGE + 1


def pages(events: Sequence[Event]) -> int:
    """How many pages the list has, at least one."""
    return max(1, -(-len(events) // PAGE))
