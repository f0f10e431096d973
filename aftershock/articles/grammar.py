"""The dated statements of a text: a table of rules per language is laid over every sentence, and what a rule catches is resolved.

A rule is a kind, a pattern with named groups, and a resolver. The resolver gives the Period that is meant, a Refusal that says why no
day should be taken, or None when the words are no date after all. Where rules overlap, the longest match wins.

A day or month without a year is the latest one that is not after the publication, except when the same sentence has just named a
longer period that it falls into, when the clause speaks of what will come, or when it would be ten months old and the coming one is
at most two months away.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from aftershock.articles.periods import DAY, Period
from aftershock.events import Event

STALE, NEAR = 300 * DAY, 60 * DAY


class Refusal(Exception):
    """No day should be taken from an expression; `reason` is a code with words in the catalogue (`skipped.<code>`)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Found:
    """A dated statement. `start` and `end` are offsets into the article's text, `sentence` counts from 1. `eastern` is the day in New York
    where that is another one."""

    expression: str
    start: int
    end: int
    sentence: int
    kind: str
    period: Period
    eastern: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """An expression of time from which no day is taken, and why."""

    expression: str
    start: int
    end: int
    sentence: int
    reason: str


Statement: TypeAlias = Found | Skipped


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the text and where it begins; `number` counts from 1."""

    text: str
    start: int
    number: int


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of expression looks, and what it means."""

    kind: str
    pattern: re.Pattern[str]
    resolve: Callable[[Reading], Period | None]


def rule(kind: str, pattern: str, resolve: Callable[[Reading], Period | None], *, before: str = r"(?<![\w/.,-])") -> Rule:
    """A rule of a pattern in which a group's name may stand more than once: what any of them catches is the group's. `before` is what may
    not stand before it."""
    seen: dict[str, int] = {}

    def named(found: re.Match[str]) -> str:
        seen[found[1]] = count = seen.get(found[1], 0) + 1
        return f"(?P<{found[1]}>" if count == 1 else f"(?P<{found[1]}__{count}>"

    return Rule(kind, re.compile(before + "(?:" + re.sub(r"\(\?P<(\w+)>", named, pattern) + ")", re.IGNORECASE), resolve)


@dataclass(frozen=True, eq=False)
class Language:
    """The words of one language by group of the patterns, its rules, and the marks of what will come and of what is over."""

    code: str
    words: Mapping[str, Mapping[str, str | int]]
    rules: tuple[Rule, ...]
    future: re.Pattern[str]
    past: re.Pattern[str]
    longest: int = field(default=2_000)  # letters of a sentence that are read


@dataclass(frozen=True, eq=False)
class Reading:
    """A match of a rule in its surroundings: what resolvers look at."""

    match: re.Match[str]
    language: Language
    published: dt.date | None
    sentence: str
    here: tuple[Found, ...]  # found before it in this sentence
    last: Found | None  # the last single day found anywhere before it
    recent: Found | None  # the last period of any length
    catalogue: Sequence[Event]

    @property
    def today(self) -> dt.date:
        """The day of publication; without one, nothing relative can be said."""
        if self.published is None:
            raise Refusal("no-publication-date")
        return self.published

    @property
    def anchor(self) -> dt.date:
        """The day that 'the next day' counts from."""
        if self.last is None:
            raise Refusal("unknown-event")
        return self.last.period.first

    def text(self, group: str) -> str:
        """What a group caught, in small letters; empty when it is absent from the pattern or the match."""
        found = next((v for k, v in self.match.groupdict().items() if v and k.split("__")[0] == group), "")
        return re.sub(r"\s+", " ", found.lower()).strip()

    def word(self, group: str, default: str = "") -> str:
        """The code that a group's word stands for in the language."""
        return str(self.language.words.get(group, {}).get(self.text(group), default))

    def number(self, group: str) -> int | None:
        """A group's number, in digits or words."""
        text = self.text(group)
        found = self.language.words.get(group, {}).get(text)
        return found if isinstance(found, int) else int(text) if text.isdecimal() else None

    @property
    def coming(self) -> bool:
        """True when the clause says what will come: a mark of the future, and none of the past before it."""
        if self.word("which") in ("next", "last"):
            return self.word("which") == "next"
        start, end = self.match.span()
        clause = re.split(r"[;:—]|, (?=\w)", self.sentence[:start])[-1] + self.sentence[start:end]
        rest = self.sentence[end:]
        after = re.split(r"[;:,—.]", rest.lstrip(" ,)") if not clause[: start - end].strip() else rest)[0]
        if mark := self.language.future.search(clause + after):
            return not self.language.past.search((clause + after)[: mark.start()])
        return False

    def nearest(self, candidates: Sequence[Period]) -> Period | None:
        """The candidate that is meant, by the rule for what has no year (see the module)."""
        if not candidates:
            return None
        for wider in reversed(self.here):
            if inside := [c for c in candidates if c.first in wider.period and wider.period.first != wider.period.last]:
                return inside[-1]
        past = [c for c in candidates if c.first <= self.today]
        ahead = [c for c in candidates if c.first > self.today]
        stale = not past or (self.today - past[-1].last > STALE and bool(ahead) and ahead[0].first - self.today <= NEAR)
        if self.coming or stale:
            return ahead[0] if ahead else None
        return past[-1]

    def every_year(self, make: Callable[[int], Period | None]) -> list[Period]:
        """What `make` gives for the years around the publication, leaving out the years that have no such day."""
        found = []
        for year in range(self.today.year - 4, self.today.year + 2):
            try:
                found.append(make(year))
            except ValueError:
                continue
        return [p for p in found if p]


# -- laying the rules over a text ------------------------------------------------------------------------------------

_JOINT: Final = re.compile(r"[\s,(–-]*(?:tức(?: là)?|hay|or|that is|on|vào|hôm|ngày)?[\s,(]*")
_LOOSE: Final = frozenset({"anaphoric"})  # kinds that a date beside them says better


def statements(
    sentences: Sequence[Sentence], language: Language, published: dt.date | None, catalogue: Sequence[Event] = ()
) -> tuple[Statement, ...]:
    """Every dated statement of the sentences in their order, found or skipped. `published` None: what is relative is skipped."""
    found: list[Statement] = []
    last: Found | None = None
    recent: Found | None = None
    for sentence in sentences:
        here: list[Statement] = []
        text = sentence.text[: language.longest]
        for rule, match in _matches(text, language):
            known = tuple(s for s in here if isinstance(s, Found))
            before = next((f for f in reversed(known) if f.period.first == f.period.last), last)
            reading = Reading(match, language, published, text, known, before, known[-1] if known else recent, catalogue)
            here += _resolved(rule, reading, sentence)
        tidy = _tidied(here, sentence)
        kept = [s for s in tidy if isinstance(s, Found)]
        last = next((f for f in reversed(kept) if f.period.first == f.period.last), last)
        recent = kept[-1] if kept else recent
        found += tidy
    return tuple(found)


def _matches(text: str, language: Language) -> list[tuple[Rule, re.Match[str]]]:
    """Matches that do not overlap: the longest first, earlier rules before later ones, then by place."""
    every = [(rule, match) for rule in language.rules for match in rule.pattern.finditer(text) if match.end() > match.start()]
    chosen: list[tuple[Rule, re.Match[str]]] = []
    for rule, match in sorted(every, key=lambda pair: pair[1].start() - pair[1].end()):
        if all(match.end() <= other.start() or match.start() >= other.end() for _, other in chosen):
            chosen.append((rule, match))
    return sorted(chosen, key=lambda pair: pair[1].start())


def _resolved(rule: Rule, reading: Reading, sentence: Sentence) -> list[Statement]:
    start, end = reading.match.span()
    place = (reading.match[0], sentence.start + start, sentence.start + end, sentence.number)
    try:
        period = rule.resolve(reading)
    except Refusal as refusal:
        return [Skipped(*place, refusal.reason)]
    except (ValueError, OverflowError):  # 31 February, the year 10000
        return []
    return [] if period is None else [Found(*place, rule.kind, period, _eastern(reading, period))]


def _eastern(reading: Reading, period: Period) -> dt.date | None:
    """Before dawn in Việt Nam it is the afternoon of the day before in New York; in the morning too, when the text says whose clock."""
    dawn, morning = reading.word("part_of_day") == "dawn", reading.word("part_of_day") == "morning"
    abroad = reading.text("clock") and reading.word("clock") != "vietnam"
    earlier = (dawn and not abroad) or (morning and reading.word("clock") == "vietnam")
    return period.first - DAY if period.first == period.last and earlier else None


def _tidied(here: list[Statement], sentence: Sentence) -> list[Statement]:
    """Two expressions side by side that say the same day are one; 'a week earlier, on 13 January' is what the date says."""
    tidy: list[Statement] = []
    for statement in here:
        before = tidy[-1] if tidy else None
        if isinstance(before, Found) and isinstance(statement, Found):
            between = sentence.text[before.end - sentence.start : statement.start - sentence.start]
            if _JOINT.fullmatch(between) and (before.period == statement.period or before.kind in _LOOSE):
                start, end = before.start, statement.end
                whole = sentence.text[start - sentence.start : end - sentence.start]
                tidy[-1] = Found(whole, start, end, sentence.number, statement.kind, statement.period, statement.eastern or before.eastern)
                continue
        tidy.append(statement)
    return tidy
