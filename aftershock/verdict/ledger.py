"""The confounder ledger: what else could have moved the price in the same window.

    clean         nothing that we know of
    shared        other news about the same ticker or about the market reacts in the window: the move belongs to all of it together
    contaminated  something in the window that is likely to have moved the price more than this event did: the ticker's own earnings, a more
                  important event of the catalogue, or a decision of the Federal Reserve

What concerns the market as a whole (the Fed, an event that names an index and not the ticker) contaminates only a mean-adjusted design:
the other two models take the market's move out, so there it is listed and the window is shared. An earnings report does not contaminate
an event that is itself about earnings. `importance` (1 to 3) is the catalogue's judgement, made without looking at this study; a reader's
judgement of their own event does not contaminate: the event is listed, and the window is shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from aftershock.events import Category, Event, Text, Verification
from aftershock.reference import FomcDecision
from aftershock.sessions import Reaction
from aftershock.study import Caution, StudyDesign, Warn, Window
from aftershock.text import words
from aftershock.verdict.ordinary import concerns


class Status(StrEnum):
    """How clean the event window is. Words: `ledger.<code>`."""

    CLEAN = "clean"
    SHARED = "shared"
    CONTAMINATED = "contaminated"


class Kind(StrEnum):
    """What a confounder is. Labels: `confounder.<code>`."""

    EVENT = "event"
    EARNINGS = "earnings"
    FOMC = "fomc"


@dataclass(frozen=True, slots=True)
class Confounder:
    """Something else in the window. `offset`: sessions from the event's own; `status` is what it does to the window."""

    id: str
    kind: Kind
    title: Text
    session: pd.Timestamp
    offset: int
    importance: int
    status: Status


@dataclass(frozen=True, slots=True)
class Ledger:
    """All confounders of one window, by session, the most important first."""

    entries: tuple[Confounder, ...]

    @property
    def status(self) -> Status:
        """The worst of the entries."""
        found = {c.status for c in self.entries}
        return next((s for s in (Status.CONTAMINATED, Status.SHARED) if s in found), Status.CLEAN)

    def caution(self) -> Caution | None:
        """The ledger as a warning of the study, or None when it is clean."""
        if not self.entries:
            return None
        sessions = tuple(dict.fromkeys(c.session for c in self.entries))
        return Caution(Warn.CONFOUNDER, tuple(c.id for c in self.entries), sessions, detail=str(self.status))


def ledger(
    event: Event,
    ticker: str,
    position: int,
    days: pd.DatetimeIndex,
    design: StudyDesign,
    window: Window,
    happenings: Iterable[tuple[Event, Reaction]],
    decisions: Iterable[FomcDecision] = (),
) -> Ledger:
    """What else reacts in `window` around `position`, a position in `days`."""
    near = {days[position + k]: k for k in range(window.first, window.last + 1) if 0 <= position + k < len(days)}
    found = []
    for other, reaction in happenings:
        offset = near.get(reaction.session)
        if offset is None or other.id == event.id or not concerns(other.tickers, ticker):
            continue
        earnings = other.category is Category.EARNINGS and ticker in other.tickers
        foreign = earnings and event.category is not Category.EARNINGS
        heavier = other.importance > event.importance and (ticker in other.tickers or not design.uses_benchmark)
        judged = other.verification is not Verification.OWN
        status = Status.CONTAMINATED if judged and (foreign or heavier) else Status.SHARED
        kind = Kind.EARNINGS if earnings else Kind.EVENT
        found.append(Confounder(other.id, kind, other.title, reaction.session, offset, other.importance, status))
    for decision in decisions:
        session = pd.Timestamp(decision.date).as_unit("us")
        offset = near.get(session)
        if offset is not None:
            status = Status.SHARED if design.uses_benchmark else Status.CONTAMINATED
            title = Text(words("en")("ledger.fomc"), words("vi")("ledger.fomc"))
            found.append(Confounder(f"fomc-{decision.date.isoformat()}", Kind.FOMC, title, session, offset, 3, status))
    return Ledger(tuple(sorted(found, key=lambda c: (c.offset, -c.importance, c.id))))
