"""Events: what happened, when, how sure we are, and who says so. Loading validates every field of every record.

The catalogue is TOML, one [[event]] each:

    id            lower case, digits and hyphens; unique
    date          New York calendar date of the first public news
    time          New York time, only when the minute is known (precision = "minute")
    timing        before-open | during | after-close | market-closed | unknown
    precision     minute | day | week | month: how exactly the date is known
    category      one of Category
    importance    1 a detail ... 3 a reader would name it; decides which title stands for a crowded session
    tickers       symbols that the news is about
    articles      ids of articles.toml that mention it
    verification  verified-2+ | verified-1 | from-memory; a reader's own events are `own`, which the catalogue may not say
    title, summary, note       { en = "...", vi = "..." }
    sources       [{ publisher, date?, url? or where? }]
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from aftershock.errors import DataError, Phrase, trouble

NEW_YORK: Final = ZoneInfo("America/New_York")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Category(StrEnum):
    """What kind of news it is. Labels: `category.<code>` in the message catalogue."""

    MODEL_RELEASE = "model-release"
    EXPORT_CONTROL = "export-control"
    ADOPTION = "adoption"
    SECURITY_AND_REGULATION = "security-and-regulation"
    MARKET_REACTION = "market-reaction"
    STATEMENT = "statement"
    TRADE_POLICY = "trade-policy"
    EARNINGS = "earnings"
    INVESTMENT = "investment"


class Timing(StrEnum):
    """Where in the trading day the news came."""

    BEFORE_OPEN = "before-open"
    DURING = "during"
    AFTER_CLOSE = "after-close"
    MARKET_CLOSED = "market-closed"
    UNKNOWN = "unknown"


class Precision(StrEnum):
    """How exactly the moment is known."""

    MINUTE = "minute"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Verification(StrEnum):
    """How many pages support the event and its date."""

    TWO_OR_MORE = "verified-2+"
    ONE = "verified-1"
    FROM_MEMORY = "from-memory"
    OWN = "own"  # a reader's own event: nobody of ours has looked at it


@dataclass(frozen=True, slots=True)
class Text:
    """The same text in both languages."""

    en: str
    vi: str

    def in_(self, lang: str) -> str:
        """The text in 'en' or 'vi'."""
        return self.vi if lang == "vi" else self.en


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so. `date` may be a month ('2025-02'); `url` is http(s); `where` describes a source without an address."""

    publisher: str
    date: str | None = None
    url: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of news. `date` and `time` are New York's."""

    id: str
    date: dt.date
    time: dt.time | None
    timing: Timing
    precision: Precision
    category: Category
    importance: int
    tickers: tuple[str, ...]
    articles: tuple[str, ...]
    verification: Verification
    title: Text
    summary: Text
    note: Text | None
    sources: tuple[Source, ...]
    single_origin: str | None = None
    origin_timezone: str = "America/New_York"
    origin_date: dt.date | None = None

    @property
    def announced_at(self) -> dt.datetime | None:
        """The aware moment in UTC, or None when the minute is not known."""
        if self.time is None:
            return None
        return dt.datetime.combine(self.date, self.time, NEW_YORK).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Article:
    """An article that the project cites: publisher, date, language. Its text is not ours."""

    id: str
    publisher: str
    published: dt.date
    language: str
    note: Text | None = None


# -- loading ---------------------------------------------------------------------------------------------------------

_ZONES: Final = frozenset(available_timezones())
ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TICKER: Final = re.compile(r"\^?[A-Z0-9][A-Z0-9.\-=]{0,14}")
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")  # embeddings, overrides, isolates: what follows is shown in another order
# what a line of a file or of a picture cannot hold: control characters, line and paragraph separators, lone surrogates, no characters
_NONE: Final = "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
UNFIT: Final = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef{_NONE}]")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"\x00-\x1f\x7f]+")


class Record:
    """One record of a TOML file with typed, checked access; every complaint names file, record and field."""

    def __init__(self, values: object, file: str | Phrase, name: str | Phrase) -> None:
        self.file, self.name = file, name
        if not isinstance(values, dict):
            raise DataError(file=file, record=name, field="-", found=values, wanted="data.fields")
        self.values: dict[str, Any] = dict(values)

    def fail(self, field: str, wanted: str | Phrase) -> DataError:
        """The error for `field`, ready to raise."""
        return DataError(file=self.file, record=self.name, field=field, found=self.values.get(field), wanted=wanted)

    def take(self, field: str, kind: type[T], wanted: str, check: Callable[[T], bool] | None = None) -> T:
        """The value of a required field, of exactly that type, passing `check`."""
        value = self.values.get(field)
        if type(value) is not kind or (check and not check(value)):
            raise self.fail(field, wanted)
        return value

    def optional(self, field: str, kind: type[T], wanted: str, check: Callable[[T], bool] | None = None) -> T | None:
        """As `take`, but an absent field is None."""
        return self.take(field, kind, wanted, check) if field in self.values else None

    def one_of(self, field: str, codes: type[E]) -> E:
        """The value as a member of an enum of codes."""
        try:
            return codes(str(self.values.get(field)))
        except ValueError:
            raise self.fail(field, Phrase("data.one-of", known=", ".join(codes))) from None

    def line(self, field: str, wanted: str = "data.text") -> str:
        """Required text without line breaks, control characters, lone surrogates or characters that turn the direction of writing,
        NFC-normalised and stripped.
        """
        value = self.take(field, str, wanted, lambda s: _visible(s) and not UNFIT.search(s))
        if _TURNING.search(value):
            raise self.fail(field, "data.one-direction")
        return unicodedata.normalize("NFC", value.strip())

    def both(self, field: str) -> Text:
        """Required text in both languages."""
        inner = Record(self.take(field, dict, "data.both-languages"), self.file, Phrase("data.part", record=self.name, field=field))
        return Text(inner.line("en"), inner.line("vi"))

    def names(self, field: str, wanted: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        """A list of names, each matching the pattern, none twice; absent means empty."""
        value = self.values.get(field, [])
        good = isinstance(value, list) and all(isinstance(v, str) and pattern.fullmatch(v) for v in value)
        if not good or len(set(value)) != len(value):
            raise self.fail(field, wanted)
        return tuple(value)

    def only(self, fields: Iterable[str]) -> None:
        """Refuse fields that nobody reads: a misspelt name must not be lost silently."""
        for field in self.values.keys() - set(fields):
            raise self.fail(field, Phrase("data.one-of-fields", known=", ".join(sorted(fields))))


def _visible(text: str) -> bool:
    return any(unicodedata.category(c) not in ("Cf", "Zs", "Mn", "Me") for c in text)


def _is_partial_date(text: str) -> bool:
    """True for a year, a month or a day that exists: '2025', '2025-02', '2025-02-28'."""
    whole = text + {4: "-01-01", 7: "-01"}.get(len(text), "")
    try:
        return dt.date.fromisoformat(whole).isoformat() == whole
    except ValueError:
        return False


def read_toml(path: Path, table: str) -> list[Record]:
    """The [[table]] records of a TOML file; a missing or damaged file is a DataError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.readable") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError: both say where
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.toml") from error
    rows = content.get(table)
    if not isinstance(rows, list):
        raise DataError(file=path.name, record="-", field=table, found=rows, wanted=Phrase("data.records", table=f"[[{table}]]"))
    return [Record(row, path.name, _record_name(row, i)) for i, row in enumerate(rows, 1)]


def _record_name(row: object, number: int) -> str:
    name = row.get("id") if isinstance(row, dict) else None
    return f"{number} ({name})" if isinstance(name, str) and name.isprintable() and name else str(number)


def source_of(record: Record) -> Source:
    """The source of a record, every field checked. Raises DataError."""
    record.only({"publisher", "date", "url", "where"})
    return Source(
        publisher=record.line("publisher"),
        date=record.optional("date", str, "data.date-or-month", _is_partial_date),
        url=record.optional("url", str, "data.address", lambda s: bool(_ADDRESS.fullmatch(s))),
        where=record.line("where") if "where" in record.values else None,
    )


def as_record(event: Event) -> dict[str, Any]:
    """An event as its TOML record: dates and times as such, nothing for what is absent. `event_of` reads it back to an equal event."""
    fields = {name: getattr(event, name) for name in Event.__dataclass_fields__}
    plain = {name: asdict(value) if isinstance(value, Text) else value for name, value in fields.items()}
    plain |= {name: str(fields[name]) for name in ("timing", "precision", "category", "verification")}
    plain |= {"tickers": list(event.tickers), "articles": list(event.articles)}
    plain["sources"] = [{k: v for k, v in asdict(source).items() if v is not None} for source in event.sources]
    return {name: value for name, value in plain.items() if value is not None}


def event_of(record: Record, articles: Set[str] | None = None) -> Event:
    """The event of a record, every field checked; with `articles`, the ids that it may mention. Raises DataError."""
    record.only(Event.__dataclass_fields__)
    event_id = record.take("id", str, "data.id", lambda s: bool(ID.fullmatch(s)))
    precision = record.one_of("precision", Precision)
    time = record.optional("time", dt.time, "data.new-york-time")
    if (time is not None) != (precision is Precision.MINUTE):
        raise record.fail("time", "data.time-and-minute")
    mentioned = record.names("articles", "data.article-ids", ID)
    if articles is not None and (unknown := set(mentioned) - articles):
        raise record.fail("articles", Phrase("data.article-ids-not", unknown=", ".join(sorted(unknown))))
    sources = record.values.get("sources", [])
    if not isinstance(sources, list):
        raise record.fail("sources", "data.sources")
    return Event(
        id=event_id,
        date=record.take("date", dt.date, "data.date"),
        time=time,
        timing=record.one_of("timing", Timing),
        precision=precision,
        category=record.one_of("category", Category),
        importance=record.take("importance", int, "data.importance", lambda n: 1 <= n <= 3),
        tickers=record.names("tickers", "data.tickers", TICKER),
        articles=mentioned,
        verification=record.one_of("verification", Verification),
        title=record.both("title"),
        summary=record.both("summary"),
        note=record.both("note") if "note" in record.values else None,
        sources=tuple(
            source_of(Record(s, record.file, Phrase("data.source", record=record.name, number=str(i)))) for i, s in enumerate(sources, 1)
        ),
        single_origin=record.line("single_origin") if "single_origin" in record.values else None,
        origin_timezone=record.optional("origin_timezone", str, "data.time-zone", _ZONES.__contains__) or "America/New_York",
        origin_date=record.optional("origin_date", dt.date, "data.date"),
    )


def load_articles(path: Path) -> tuple[Article, ...]:
    """The articles of articles.toml. Raises DataError."""
    found = []
    for record in read_toml(path, "article"):
        record.only(Article.__dataclass_fields__)
        found.append(
            Article(
                id=record.take("id", str, "data.id", lambda s: bool(ID.fullmatch(s))),
                publisher=record.line("publisher"),
                published=record.take("published", dt.date, "data.date"),
                language=record.take("language", str, "data.language", {"en", "vi"}.__contains__),
                note=record.both("note") if "note" in record.values else None,
            )
        )
    refuse_twice(path.name, [a.id for a in found])
    return tuple(found)


def load_events(path: Path, articles: Sequence[Article] = ()) -> tuple[Event, ...]:
    """The catalogue, sorted by date then id. Raises DataError naming file, record and field."""
    known = {a.id for a in articles}
    events = [event_of(record, known) for record in read_toml(path, "event")]
    for event in events:
        if event.verification is Verification.OWN:
            wanted = Phrase("data.one-of", known=", ".join(v for v in Verification if v is not Verification.OWN))
            raise DataError(file=path.name, record=event.id, field="verification", found="own", wanted=wanted)
    refuse_twice(path.name, [e.id for e in events])
    return tuple(sorted(events, key=lambda e: (e.date, e.id)))


def refuse_twice(file: str, ids: Sequence[str]) -> None:
    """Every id of a file once. Raises DataError."""
    seen: set[str] = set()
    for number, name in enumerate(ids, 1):
        if name in seen:
            raise DataError(file=file, record=number, field="id", found=name, wanted="data.other-id")
        seen.add(name)


# -- selecting -------------------------------------------------------------------------------------------------------


def folded(text: str) -> str:
    """Text for searching: lower case, without accents, so that 'trung quoc' finds 'Trung Quốc'."""
    marks_off = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return marks_off.replace("đ", "d")


def select(
    events: Iterable[Event],
    *,
    first: dt.date | None = None,
    last: dt.date | None = None,
    categories: Sequence[str] = (),
    articles: Sequence[str] = (),
    verification: Sequence[str] = (),
    find: str = "",
) -> tuple[Event, ...]:
    """The events that pass every filter given; an empty filter passes all. `find` looks for each of its words in the
    titles, summaries, tickers and publishers, in both languages, without regard to case or accents."""
    wanted = folded(find).split()

    def passes(e: Event) -> bool:
        return (
            (first is None or e.date >= first)
            and (last is None or e.date <= last)
            and (not categories or e.category in categories)
            and (not articles or not set(articles).isdisjoint(e.articles))
            and (not verification or e.verification in verification)
            and (not wanted or all(w in haystack(e) for w in wanted))
        )

    return tuple(e for e in events if passes(e))


def haystack(event: Event) -> str:
    """All the words of an event that a search looks at, folded."""
    parts = [event.id, event.title.en, event.title.vi, event.summary.en, event.summary.vi, *event.tickers]
    return folded(" ".join(parts + [s.publisher for s in event.sources]))
