"""What was understood of a file of events: every row accepted, refused or a repetition; what must be asked, and what is to be said.

accepted + rejected + repeated = rows, always.
"""

from __future__ import annotations

from dataclasses import dataclass

from aftershock.errors import DataError, Phrase
from aftershock.events import Event
from aftershock.text import Words
from aftershock.userdata.dates import Order


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that is an event. `known` is the id of the event that the reader or the catalogue has already, else None; then there is
    nothing to add. `first` is the row that this one repeats, else None."""

    row: int
    event: Event
    known: str | None = None
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is no event: the field, a code, and the error that says what was found and what would be right."""

    row: int
    field: str
    code: str
    error: DataError

    def in_words(self, say: Words) -> str:
        """One sentence."""
        return self.error.sentence(say.lang)


@dataclass(frozen=True, slots=True)
class Question:
    """What only the reader can say: 'ambiguous-dates' (dmy or mdy) or 'ambiguous-encoding'. `about` says why it is asked."""

    code: str
    choices: tuple[str, ...]
    about: Phrase

    def in_words(self, say: Words) -> str:
        """One sentence."""
        return self.about.in_words(say)


@dataclass(frozen=True, slots=True)
class Import:
    """A file as understood. `order` is how its dates were read, where that mattered."""

    file: str
    rows: int
    accepted: tuple[Accepted, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    repeated: tuple[Accepted, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Phrase, ...] = ()
    order: Order | None = None

    @property
    def duplicates(self) -> tuple[tuple[int, ...], ...]:
        """Groups of rows that say the same; the first of each is accepted, the others are `repeated`."""
        groups: dict[int, list[int]] = {}
        for row in self.repeated:
            groups.setdefault(row.first or 0, []).append(row.row)
        return tuple((first, *rows) for first, rows in sorted(groups.items()))

    def fresh(self, *, repeated: bool = False) -> tuple[Event, ...]:
        """The events to add: accepted and not known yet; with `repeated` the repetitions too, under ids of their own."""
        rows = sorted((*self.accepted, *(self.repeated if repeated else ())), key=lambda r: r.row)
        return tuple(r.event for r in rows if r.known is None)
