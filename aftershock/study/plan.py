"""What is asked: windows, designs, observations; why something cannot be computed, and what must be known of what can."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import pandas as pd

from aftershock.errors import RequestError
from aftershock.events import Event
from aftershock.models import Model, parameters
from aftershock.returns import Returns
from aftershock.sessions import Calendar, Rule, reaction_session
from aftershock.text import Words

DEFAULT_BENCHMARK: Final = "^GSPC"
# Which of the series that are offered have been part of an index all along (from July 2021, or from their listing). Others may be or
# have been: who is not named here is not known to be a member.
_MEMBERS: Final = {
    "^IXIC": "NVDA AMD AVGO ASML INTC MU QCOM ARM SMCI AMAT LRCX AMKR MSFT GOOGL META AMZN AAPL TSLA CEG",
    "^GSPC": "NVDA AMD AVGO INTC MU QCOM AMAT LRCX MSFT GOOGL META AMZN AAPL ORCL TSLA CRM NOW CEG",
    "^NDX": "NVDA AMD AVGO ASML INTC MU QCOM AMAT LRCX MSFT GOOGL META AMZN AAPL TSLA",
    "^SOX": "NVDA AMD TSM AVGO ASML INTC MU QCOM AMAT LRCX",
}
INDEX_MEMBERS: Final[Mapping[str, frozenset[str]]] = {index: frozenset(names.split()) for index, names in _MEMBERS.items()}


class Reason(StrEnum):
    """Why a pair has no result. Words: `excluded.<code>`."""

    BEFORE_FIRST_PRICE = "before-first-price"
    AFTER_LAST_PRICE = "after-last-price"
    TOO_LITTLE_HISTORY = "too-little-history"
    WINDOW_OUTSIDE_DATA = "window-outside-data"
    PRICE_MISSING = "price-missing"
    BENCHMARK_MISSING = "benchmark-missing"
    ZERO_VARIANCE = "zero-variance"
    BAD_PRICE = "bad-price"
    NOT_A_SESSION = "not-a-session"


class Warn(StrEnum):
    """What a reader of a result must know. Words: `warning.<code>`."""

    OVERLAP = "overlap"
    CONTAMINATED_ESTIMATION = "contaminated-estimation"
    SAME_SESSION = "same-session"
    CONFOUNDER = "confounder"
    SPLIT_LIKE_JUMP = "split-like-jump"
    STALE_PRICES = "stale-prices"
    DUPLICATE_DATES = "duplicate-dates"
    BENCHMARK_CONTAINS_TICKER = "benchmark-contains-ticker"
    SNAPSHOT_DATA = "snapshot-data"
    TRUNCATED_WINDOW = "truncated-window"
    BAD_PRICE = "bad-price"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Sessions `first` to `last`, both included, counted from the reaction session. Reversed ends are a RequestError."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise RequestError("reversed-window", first=_plus(self.first), last=_plus(self.last))

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __iter__(self) -> Iterator[int]:
        return iter((self.first, self.last))

    def within(self, other: Window) -> bool:
        """True when every session of this window is one of the other's."""
        return other.first <= self.first and self.last <= other.last

    def meets(self, other: Window) -> bool:
        """True when the two share a session."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        return f"[{_plus(self.first)}, {_plus(self.last)}]"


def _plus(offset: int) -> str:
    return f"{offset:+d}" if offset else "0"


@dataclass(frozen=True, slots=True)
class StudyDesign:
    """Every choice that changes the numbers. RequestError when the choices contradict each other.

    `min_observations`: pairs of returns that the estimation window must have; None = half of the window, at least 10 (or the whole
    window when it is shorter than that).
    """

    estimation: Window = Window(-130, -11)
    window: Window = Window(-1, 1)
    model: Model = Model.MARKET
    returns: Returns = Returns.SIMPLE
    benchmark: str = DEFAULT_BENCHMARK
    min_observations: int | None = None

    def __post_init__(self) -> None:
        if self.estimation.meets(self.window):
            raise RequestError("windows-overlap", estimation=str(self.estimation), window=str(self.window))
        if len(self.estimation) < parameters(self.model) + 1:
            raise RequestError("estimation-too-short", n=len(self.estimation), needed=parameters(self.model) + 1)
        if self.min_observations is not None and self.min_observations > len(self.estimation):
            raise RequestError("estimation-too-short", n=len(self.estimation), needed=self.min_observations)

    @property
    def needed(self) -> int:
        """The least number of observations, never below what the model needs."""
        length = len(self.estimation)
        chosen = self.min_observations if self.min_observations is not None else min(length, max(10, math.ceil(length / 2)))
        return max(chosen, parameters(self.model) + 1)

    @property
    def uses_benchmark(self) -> bool:
        """False for the mean-adjusted model, which looks at the series alone."""
        return self.model is not Model.MEAN_ADJUSTED


@dataclass(frozen=True, slots=True, order=True)
class Observation:
    """One event in one series, and the session in which it could first be priced. (event_id, ticker) keys every join."""

    event_id: str
    ticker: str
    session: pd.Timestamp

    @property
    def key(self) -> tuple[str, str]:
        """(event_id, ticker)."""
        return (self.event_id, self.ticker)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A pair that was asked for and has no result: the reason, and the facts that its sentence names. `detail` picks a finer
    sentence (`excluded.<reason>-<detail>`) where one code covers several cases."""

    event_id: str
    ticker: str
    reason: Reason
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)
    detail: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """(event_id, ticker)."""
        return (self.event_id, self.ticker)

    def in_words(self, say: Words) -> str:
        """One sentence: why there is no result."""
        return say(f"excluded.{self.reason}-{self.detail}" if self.detail else f"excluded.{self.reason}", **_fill(self.facts, say))


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that the reader of one result must know: other events, sessions, and the facts of its sentence."""

    code: Warn
    events: tuple[str, ...] = ()
    sessions: tuple[pd.Timestamp, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)
    detail: str = ""

    def in_words(self, say: Words) -> str:
        """One sentence."""
        facts = {"events": _list(say, self.events), "sessions": _list(say, [say.date(s) for s in self.sessions]), **_fill(self.facts, say)}
        count = len(self.sessions) or len(self.events)
        return say(f"warning.{self.code}-{self.detail}" if self.detail else f"warning.{self.code}", **({"n": count} | facts))


def _fill(facts: Mapping[str, object], say: Words) -> dict[str, object]:
    return {k: str(v) if isinstance(v, Window) else v for k, v in facts.items()}


def _list(say: Words, items: Sequence[str], most: int = 4) -> str:
    """The first few by name, the rest by number."""
    if len(items) <= most:
        return say.listing(items)
    return say.listing([*items[:most], say("study.more", n=len(items) - most)])


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What will be computed. `others` are events that are not studied but may disturb: they only cause warnings.

    `members` says which tickers an index contains. len(observations) + len(excluded) = what was asked for.
    """

    design: StudyDesign
    observations: tuple[Observation, ...]
    excluded: tuple[Exclusion, ...] = ()
    others: tuple[Observation, ...] = ()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)

    @property
    def requested(self) -> int:
        """How many pairs were asked for."""
        return len(self.observations) + len(self.excluded)

    @property
    def tickers(self) -> tuple[str, ...]:
        """Every series that the study needs, the benchmark last; the whole series, because ordinary days need all of it."""
        return tuple(dict.fromkeys([*(o.ticker for o in self.observations), self.design.benchmark]))


def plan(
    events: Iterable[Event],
    design: StudyDesign,
    calendar: Calendar,
    *,
    rule: Rule = Rule.NEXT,
    tickers: Sequence[str] = (),
    others: Iterable[Event] = (),
    members: Mapping[str, frozenset[str]] | None = None,
) -> StudyPlan:
    """Catalogue events -> StudyPlan. `tickers` says which series to study for every event; without it, the event's own.

    An event on a closed day moves by `rule`; with Rule.EXACT it is excluded as not-a-session. RequestError when a pair is asked for
    twice or an event has no ticker.
    """
    found: list[Observation] = []
    excluded: list[Exclusion] = []
    chosen = list(events)
    for event in chosen:
        names = tuple(dict.fromkeys(tickers or event.tickers))
        if not names:
            raise RequestError("no-ticker", event=event.id)
        closed = calendar.closure(event.date)
        if rule is Rule.EXACT and closed is not None:
            facts = {"day": event.date, "closed": closed.code}
            excluded += [Exclusion(event.id, name, Reason.NOT_A_SESSION, facts) for name in names]
            continue
        session = reaction_session(event, calendar, rule).session
        found += [Observation(event.id, name, session) for name in names]
    near = Rule.NEXT if rule is Rule.EXACT else rule
    ids = {e.id for e in chosen}
    disturbing = [
        Observation(e.id, name, reaction_session(e, calendar, near).session) for e in others if e.id not in ids for name in e.tickers
    ]
    return make_plan(found, design, excluded=excluded, others=disturbing, members=members)


def make_plan(
    observations: Iterable[Observation],
    design: StudyDesign,
    *,
    excluded: Iterable[Exclusion] = (),
    others: Iterable[Observation] = (),
    members: Mapping[str, frozenset[str]] | None = None,
) -> StudyPlan:
    """Observations -> StudyPlan. RequestError when a pair (event_id, ticker) stands twice."""
    made = StudyPlan(design, tuple(observations), tuple(excluded), tuple(others), INDEX_MEMBERS if members is None else members)
    seen: set[tuple[str, str]] = set()
    for key in [o.key for o in made.observations] + [e.key for e in made.excluded]:
        if key in seen:
            raise RequestError("asked-twice", event=key[0], ticker=key[1])
        seen.add(key)
    return made
