"""What a timeline shows, as plain data: the closes of the range, the numbered sessions of its events, the key figures,
the finding. No drawing here and no words beyond codes: the page, the exports and the command line all read from this.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from aftershock import events as catalogue
from aftershock.events import Event
from aftershock.prices import Prices, Series
from aftershock.sessions import Reaction
from aftershock.views import Scale, View

LOG_ABOVE = 2.0  # look.md, rule 11: a log axis when the largest drawn value is more than twice the smallest


@dataclass(frozen=True, slots=True)
class Mark:
    """One session that events of the view could first move. `number` is None outside the range; events by importance."""

    session: pd.Timestamp
    number: int | None
    events: tuple[Event, ...]

    @property
    def lead(self) -> Event:
        """The event whose title stands for the session."""
        return self.events[0]


@dataclass(frozen=True, slots=True)
class Figures:
    """One series over the range. Changes are decimal fractions; NaN and None where the range has no session to compare."""

    ticker: str
    change: float
    worst: pd.Timestamp | None
    worst_move: float
    best: pd.Timestamp | None
    best_move: float


@dataclass(frozen=True, slots=True)
class Finding:
    """The largest one-session move of the range: its session, and each series' move that day, largest first."""

    session: pd.Timestamp
    moves: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Timeline:
    """A view filled with data. Build it with `build()`.

    closes   all sessions x chosen series: the whole period, for the overview and for brushing; NaN where a series has no close
    moves    close-to-close simple returns of the same shape, decimal fractions; NaN in the first row
    base     the last session before the range (rebasing point), or its first session when there is none before
    series   who gave each series' bars, and when
    marks    every session of the filtered events within the data, in order; those in the range carry numbers 1, 2, ...
    happened for every session with events, filtered or not, the one whose title stands for it
    later    filtered events whose reaction session lies after the last price: listed, not drawn
    """

    view: View
    closes: pd.DataFrame = field(repr=False)
    moves: pd.DataFrame = field(repr=False)
    base: pd.Timestamp
    sessions: pd.DatetimeIndex = field(repr=False)
    marks: tuple[Mark, ...] = field(repr=False)
    later: tuple[Event, ...] = field(repr=False)
    happened: Mapping[pd.Timestamp, Event] = field(repr=False)
    reactions: Mapping[str, Reaction] = field(repr=False)
    series: tuple[Series, ...] = field(repr=False)

    @property
    def numbered(self) -> tuple[Mark, ...]:
        """The marks of the range."""
        return tuple(m for m in self.marks if m.number is not None)

    @cached_property
    def _range(self) -> slice:
        """Where the range's sessions stand among all."""
        start = int(self.closes.index.searchsorted(pd.Timestamp(self.view.first)))
        return slice(start, start + len(self.sessions))

    @cached_property
    def _drawn(self) -> slice:
        """Where the range's sessions and the rebasing one stand; nothing when there is no session."""
        return slice(max(self._range.start - 1, 0), self._range.stop) if len(self.sessions) else slice(0, 0)

    @cached_property
    def drawn(self) -> pd.DataFrame:
        """The closes of the range, headed by the rebasing session."""
        return self.closes.iloc[self._drawn]

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        """Where the first and the last close stand of every series that has any."""
        there = ~np.isnan(self._closes)
        return {
            t: (int(at.argmax()), len(at) - 1 - int(at[::-1].argmax())) for t, at in zip(self.view.series, there.T, strict=True) if at.any()
        }

    @cached_property
    def late(self) -> dict[str, pd.Timestamp]:
        """Series that begin after the rebasing session, with their own first close, which they are rebased to."""
        return {t: self.closes.index[head] for t, (head, _) in self._spans.items() if self._drawn.start < head < self._drawn.stop}

    @cached_property
    def ended(self) -> dict[str, pd.Timestamp]:
        """Series whose last close is older than the range's last session, with that close's session."""
        return {t: self.closes.index[last] for t, (_, last) in self._spans.items() if last < self._drawn.stop - 1}

    @cached_property
    def log(self) -> bool:
        """True when the y axis is logarithmic: asked for, or rebased lines that differ by more than LOG_ABOVE."""
        if self.view.scale is not Scale.REBASED:
            return self.view.scale is Scale.LOG
        lines = [line[~np.isnan(line)] for line in self._closes[self._drawn].T]
        rebased = [line / line[0] for line in lines if len(line)]
        return bool(rebased) and max(r.max() for r in rebased) / min(r.min() for r in rebased) > LOG_ABOVE

    @cached_property
    def figures(self) -> tuple[Figures, ...]:
        """The key figures, one per series."""
        return tuple(self._figures(ticker) for ticker in self.view.series)

    def _figures(self, ticker: str) -> Figures:
        column = self.closes.columns.get_loc(ticker)
        levels, moves = self._closes[self._drawn, column], self._moves[self._range, column]
        levels = levels[~np.isnan(levels)]
        change = float(levels[-1] / levels[0] - 1) if len(levels) > 1 else float("nan")
        if np.isnan(moves).all():
            return Figures(ticker, change, None, float("nan"), None, float("nan"))
        worst, best = int(np.nanargmin(moves)), int(np.nanargmax(moves))
        return Figures(ticker, change, self.sessions[worst], float(moves[worst]), self.sessions[best], float(moves[best]))

    @cached_property
    def finding(self) -> Finding | None:
        """The session of the range with the largest move of any chosen series; None when there is nothing to compare."""
        sizes = np.abs(self._moves[self._range])
        if np.isnan(sizes).all():
            return None
        return self.finding_of(self.sessions[int(np.nanargmax(sizes)) // sizes.shape[1]])

    def finding_of(self, session: pd.Timestamp) -> Finding:
        """Each chosen series' move in one session, the largest first."""
        row = self._moves[self.moves.index.get_loc(session)]
        moves = [(ticker, float(move)) for ticker, move in zip(self.view.series, row, strict=True) if np.isfinite(move)]
        return Finding(session, tuple(sorted(moves, key=lambda m: -abs(m[1]))))

    @cached_property
    def _closes(self) -> np.ndarray:
        return self.closes.to_numpy()

    @cached_property
    def _moves(self) -> np.ndarray:
        return self.moves.to_numpy()

    @property
    def nearest(self) -> pd.Timestamp:
        """The first session at or after the range's start, or the last there is: where to look when the range has none."""
        position = int(self.closes.index.searchsorted(pd.Timestamp(self.view.first)))
        return pd.Timestamp(self.closes.index[min(position, len(self.closes) - 1)])

    def mark_of(self, session: pd.Timestamp | None) -> Mark | None:
        """The mark of a session, or None when no event of the view falls on it."""
        return next((m for m in self.marks if m.session == session), None)

    def table(self) -> pd.DataFrame:
        """The table twin: one row per session of the range (index `date`), closes by ticker, and the events' English or
        Vietnamese titles in `events`, joined by '; '.
        """
        frame = self.closes.reindex(self.sessions)
        titles = {m.session: "; ".join(e.title.in_(self.view.lang) for e in m.events) for m in self.numbered}
        frame["events"] = [titles.get(day, "") for day in frame.index]
        frame.index.name = "date"
        return frame


def build(view: View, prices: Prices, events: Sequence[Event], reactions: Mapping[str, Reaction]) -> Timeline:
    """Fills a view with data: `prices` must hold its series, `reactions` every event's reaction session."""
    closes, moves = _levels(prices, view.series)
    first, last = pd.Timestamp(view.first), pd.Timestamp(view.last)
    days = pd.DatetimeIndex(closes.index)
    start, stop = int(days.searchsorted(first)), int(days.searchsorted(last, side="right"))
    passing = catalogue.select(events, categories=view.categories, articles=view.articles, verification=view.verification, find=view.find)
    return Timeline(
        view=view,
        closes=closes,
        moves=moves,
        base=days[max(start - 1, 0)],
        sessions=days[start:stop],
        marks=_marks(passing, reactions, closes.index[-1], first, last),
        later=tuple(e for e in passing if reactions[e.id].session > closes.index[-1]),
        happened={m.session: m.lead for m in _marks(events, reactions, closes.index[-1], first, last)},
        reactions=reactions,
        series=tuple(prices.series[ticker] for ticker in view.series),
    )


@lru_cache(maxsize=32)
def _levels(prices: Prices, tickers: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The closes and the moves of these series over the whole period, whatever the range."""
    closes = pd.DataFrame({ticker: prices.bars[ticker]["close"] for ticker in tickers})
    return closes, closes.pct_change(fill_method=None)


def _marks(
    events: Sequence[Event], reactions: Mapping[str, Reaction], end: pd.Timestamp, first: pd.Timestamp, last: pd.Timestamp
) -> tuple[Mark, ...]:
    by_session: dict[pd.Timestamp, list[Event]] = {}
    for event in events:
        session = reactions[event.id].session
        if session <= end:
            by_session.setdefault(session, []).append(event)
    marks, number = [], 0
    for session in sorted(by_session):
        inside = first <= session <= last
        number += inside
        ranked = sorted(by_session[session], key=_rank)
        marks.append(Mark(session, number if inside else None, tuple(ranked)))
    return tuple(marks)


def _rank(event: Event) -> tuple[int, int, int, dt.date, str]:
    """Importance first; among equals what the articles mention, then what more sources support."""
    return -event.importance, -len(event.articles), -len(event.sources), event.date, event.id


def counts(events: Sequence[Event], reactions: Mapping[str, Reaction], first: dt.date, last: dt.date) -> dict[str, int]:
    """How many events of each category react in the range, for the filter's labels."""
    begin, end = pd.Timestamp(first), pd.Timestamp(last)
    return Counter(event.category for event in events if begin <= reactions[event.id].session <= end)
