"""The one place where everything is wired: the data folder, the catalogue, the calendar, the price provider.

Both shells (the pages and the command line) open a `Workspace` and ask it; nothing else reads files.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import pandas as pd

from aftershock import claims, events, impact, sessions, timeline
from aftershock.claims import Checked, Claim, Evidence
from aftershock.errors import DataError, RequestError
from aftershock.events import Article, Event
from aftershock.impact import Impact
from aftershock.prices import PriceRequest, Prices, Snapshot, prices_at_once
from aftershock.reference import Reference, load_reference
from aftershock.returns import Closes, clean
from aftershock.sessions import Calendar, Reaction
from aftershock.study import Exclusion, Observation, StudyDesign, StudyResult, make_plan, run_study
from aftershock.timeline import Timeline
from aftershock.verdict import concerns
from aftershock.views import SERIES, Choices, View

DATA: Final = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, eq=False, repr=False)
class Workspace:
    """Everything that a page or a command can ask for. Open it with `Workspace.open()`."""

    calendar: Calendar
    articles: tuple[Article, ...]
    catalogue: tuple[Event, ...]
    reference: Reference
    claims: tuple[Claim, ...]
    snapshot: Snapshot
    prices: Prices
    own: tuple[Event, ...] = ()

    @classmethod
    def open(cls, data: Path = DATA) -> Workspace:
        """Loads and checks the data folder. Raises DataError naming file, record and field."""
        calendar = sessions.new_york()
        articles = events.load_articles(data / "articles.toml")
        catalogue = events.load_events(data / "events.toml", articles)
        for event in catalogue:
            _check_timing(event, calendar)
        reference = load_reference(data / "reference.toml")
        said = claims.load_claims(data / "claims.toml", articles, catalogue)
        snapshot = Snapshot(data / "prices", calendar)
        return cls(calendar, articles, catalogue, reference, said, snapshot, snapshot.closes(PriceRequest(tuple(snapshot.series))))

    @classmethod
    def at_once(cls, tickers: tuple[str, ...] = ()) -> Workspace:
        """The house with the newest prices that a command can have, of these tickers too: see `prices.prices_at_once`."""
        opened = cls.open()
        return opened.holding(prices_at_once(opened.snapshot, opened.calendar, tickers))

    def __repr__(self) -> str:
        return f"Workspace(tickers={self.tickers!r})"

    def holding(self, prices: Prices, own: tuple[Event, ...] = ()) -> Workspace:
        """The same house with other prices and a reader's own events. What was computed for other prices or events is not kept."""
        return replace(self, prices=prices, own=own)

    @property
    def tickers(self) -> tuple[str, ...]:
        """The series that there are."""
        return tuple(self.prices.series)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The catalogue and the reader's own events, sorted by date then id."""
        return tuple(sorted((*self.catalogue, *self.own), key=lambda e: (e.date, e.id)))

    @cached_property
    def reactions(self) -> dict[str, Reaction]:
        """The session that each event could first be reacted to."""
        return {e.id: sessions.reaction_session(e, self.calendar) for e in self.events}

    @cached_property
    def by_id(self) -> dict[str, Event]:
        """The events by id."""
        return {e.id: e for e in self.events}

    @cached_property
    def data_hash(self) -> str:
        """Twelve hex digits that name the data: prices and catalogue. Changes when any of them changes."""
        parts = self.prices.provenance.sha256 + repr(self.events)
        return hashlib.sha256(parts.encode()).hexdigest()[:12]

    def event(self, event_id: str) -> Event:
        """The event of that id. Raises RequestError when there is none."""
        if event_id not in self.by_id:
            raise RequestError("unknown-event", event=event_id)
        return self.by_id[event_id]

    @cached_property
    def choices(self) -> Choices:
        """What a view can choose from."""
        return Choices(self.first, self.last, self.tickers, tuple(a.id for a in self.articles), frozenset(self.by_id))

    def timeline(self, view: View) -> Timeline:
        """The view filled with data; readers of the same view share it. Series without bars are left out; where none has any, the
        first of the usual ones stands in.
        """
        drawn = tuple(t for t in view.series if t in self.prices.bars) or (SERIES[0] if SERIES[0] in self.tickers else self.tickers[0],)
        return self._timelines(replace(view, series=drawn))

    @cached_property
    def _timelines(self) -> Callable[[View], Timeline]:
        return lru_cache(maxsize=64)(lambda view: timeline.build(view, self.prices, self.events, self.reactions))

    @cached_property
    def closes(self) -> Closes:
        """The closes of all series as the study wants them."""
        provenance = self.prices.provenance
        snapshot = provenance.retrieved_at if provenance.source == "snapshot" else None
        return clean(self.prices.closes(), dividends=self.prices.dividends(), snapshot=snapshot)

    def impact(self, event_id: str, ticker: str, design: StudyDesign | None = None) -> Impact | Exclusion:
        """What an event did to a series, or why that cannot be said. Raises RequestError for an unknown event or benchmark."""
        return impact.build(
            event_id, ticker, design, prices=self.prices, closes=self.closes, events=self.events, reactions=self.reactions,
            reference=self.reference,
        )  # fmt: skip

    @cached_property
    def named(self) -> dict[str, tuple[str, ...]]:
        """The tickers that each event names."""
        return {e.id: e.tickers for e in self.events}

    def same_category(self, event_id: str, ticker: str, design: StudyDesign) -> StudyResult:
        """The study of all events of the catalogue of an event's category that concern a series (they name it or an index)."""
        asked = self.event(event_id)
        same = [e for e in self.catalogue if e.category is asked.category and concerns(e.tickers, ticker)]
        alike = sorted({e.id: e for e in (*same, asked)}.values(), key=lambda e: (e.date, e.id))
        return run_study(make_plan([Observation(e.id, ticker, self.reactions[e.id].session) for e in alike], design), self.closes)

    def nearest_answered(self, event_id: str, ticker: str, design: StudyDesign) -> Event | None:
        """The event nearest in time that has an answer for a series, its own events before others; None when there is none."""
        asked = self.reactions[event_id].session

        def far(event: Event) -> tuple[bool, pd.Timedelta]:
            session = self.reactions[event.id].session
            return not concerns(event.tickers, ticker), abs(session - asked)

        plan = [Observation(e.id, ticker, self.reactions[e.id].session) for e in self.events]
        answered = {o.observation.event_id for o in run_study(make_plan(plan, design), self.closes).outcomes}
        return min((e for e in self.events if e.id in answered), key=far, default=None)

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Close-to-close simple returns, sessions x tickers, decimal fractions; NaN where a close is missing."""
        return self.prices.closes().pct_change(fill_method=None)

    @cached_property
    def checked(self) -> tuple[Checked, ...]:
        """Every claim with its answer."""
        evidence = Evidence(self.prices, self.reference, self.reactions)
        return tuple(claims.check(claim, evidence) for claim in self.claims)

    @property
    def first(self) -> dt.date:
        """The first session of any series."""
        return min(s.first for s in self.prices.series.values()).date()

    @property
    def last(self) -> dt.date:
        """The last session of any series: the as-of date."""
        return self.prices.last.date()


def _check_timing(event: Event, calendar: Calendar) -> None:
    """A catalogue entry may not say 'during' of a day without a session, nor 'market closed' of a day with one."""
    if not sessions.timing_fits(event, calendar):
        raise DataError(file="events.toml", record=event.id, field="timing", found=str(event.timing), wanted="data.timing")
