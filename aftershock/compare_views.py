"""What the reader of the Compare page has chosen, as one value with the spellings of a link and of the command line.

?events=deepseek-crash-2025-01-27,h20-licence-2025-04-15&category=export-control&ticker=NVDA&window=0:0&measure=raw&lang=vi
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from aftershock.events import Category, Event
from aftershock.impact import default_design
from aftershock.impact_views import FIRST_TICKER, WINDOWS, offsets, window_of
from aftershock.study import StudyDesign, Window
from aftershock.text import LANGUAGES
from aftershock.views import Choices, Correction, Reader, address, short

MOST_EVENTS: Final = 8  # one colour each
AROUND: Final = Window(-20, 60)  # what is laid over each other
PRESETS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "three-shocks": (("deepseek-crash-2025-01-27", "h20-licence-2025-04-15", "bis-advanced-computing-rule-2022-10-07"), ""),
    "export-control": ((), Category.EXPORT_CONTROL.value),
    "earnings": ((), Category.EARNINGS.value),
}
PARAMETERS: Final = ("events", "category", "ticker", "window", "measure", "lang")


class Measure(StrEnum):
    """What the lines show. Labels: `measure.<code>`."""

    ABNORMAL = "abnormal"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class CompareView:
    """The reader's choices. `events`: the lines, at most MOST_EVENTS; `category`: all events of it stand in the other exhibits, and the
    largest of them are the lines where none was chosen. One of the two is not empty."""

    events: tuple[str, ...]
    category: str
    ticker: str
    design: StudyDesign
    measure: Measure = Measure.ABNORMAL
    lang: str = "en"

    def query(self) -> dict[str, str]:
        """The query string's parts. Series, window and language always stand in it, the rest when it is not empty or the default."""
        parts = {"events": ",".join(self.events), "category": self.category, "ticker": self.ticker, "window": offsets(self.design.window)}
        parts["measure"] = "" if self.measure is Measure.ABNORMAL else str(self.measure)
        return {key: value for key, value in parts.items() if value} | {"lang": self.lang}

    def link(self, base: str = "") -> str:
        """`base` with the query string: the address that shows this view."""
        return address(base, self.query())

    def chosen(self, events: Sequence[Event]) -> tuple[str, ...]:
        """The ids of the events that are compared: the category's, or those that were chosen."""
        return tuple(e.id for e in events if e.category == self.category) if self.category else self.events


def preset_of(view: CompareView) -> str | None:
    """The preset that the view is, or None."""
    return next((code for code, (events, category) in PRESETS.items() if (events, category) == (view.events, view.category)), None)


def read(query: Mapping[str, str], choices: Choices, lang: str) -> tuple[CompareView, tuple[Correction, ...]]:
    """A query string -> the view it asks for, and what had to be corrected. Never raises."""
    r = Reader.of(query, PARAMETERS)
    ticker = r.one("ticker", choices.tickers, "") or (FIRST_TICKER if FIRST_TICKER in choices.tickers else choices.tickers[0])
    events, category = _events(r, choices), r.one("category", Category, "")
    if not events and not category:
        events = tuple(e for e in PRESETS["three-shocks"][0] if e in choices.events) or tuple(sorted(choices.events))[:3]
    return CompareView(
        events, category, ticker, _design(r, ticker, choices), Measure(r.one("measure", Measure, Measure.ABNORMAL)),
        r.one("lang", LANGUAGES, lang),
    ), tuple(r.corrections)  # fmt: skip


def _events(r: Reader, choices: Choices) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(part for part in r.query.get("events", "").split(",") if part))
    if unknown := [part for part in asked if part not in choices.events]:
        r.complain("no-events", found=short(", ".join(unknown)))
    known = tuple(part for part in asked if part in choices.events)
    if len(known) > MOST_EVENTS:
        r.complain("many-events", n=len(known), most=MOST_EVENTS)
    return known[:MOST_EVENTS]


def _design(r: Reader, ticker: str, choices: Choices) -> StudyDesign:
    """The usual design of the series, with the window that was asked for."""
    usual, _ = default_design(ticker, choices.tickers)
    text = r.query.get("window", "")
    window = window_of(text) if text else usual.window
    if window is None:
        r.complain("offsets", name="window", found=short(text))
        return usual
    if window.meets(usual.estimation):
        r.complain("windows-overlap", estimation=str(usual.estimation), window=str(window))
        return usual
    if not window.within(AROUND):
        r.complain("window-too-wide", window=str(window), widest=str(AROUND))
        return usual
    return replace(usual, window=window)


def windows(view: CompareView) -> list[str]:
    """The event windows to choose from, the view's own among them."""
    return [offsets(w) for w in sorted({*WINDOWS, view.design.window}, key=lambda w: (len(w), w.first))]
