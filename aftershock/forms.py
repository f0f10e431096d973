"""The form of an own event: what its fields hold for an event, and the event that they say, or what is wrong with each of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from aftershock import own
from aftershock.errors import DataError, Phrase
from aftershock.events import TICKER, Category, Event, Record, Source, Text, Timing, source_of
from aftershock.text import LANGUAGES

_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_YEAR_FIRST: Final = re.compile(r"\d{4}(-\d{1,2}){0,2}")
TEXTS: Final = ("title", "summary", "note")
LONGEST: Final = {"time": 20, "tickers": 400, "sources": 20_000}  # letters that are looked at; what `own` allows is shorter
LONGEST_TEXT: Final = 5000  # the same, of every other field


@dataclass(frozen=True, slots=True)
class Draft:
    """What the fields hold, as text.

    Of a text that is the same in both languages one is enough; without a summary the title is it. `time` is New York's (16:05); `timing`
    counts where there is none. `tickers` are parted by spaces or commas. `sources` has one per line, its parts by |: the publisher, and if
    wanted the date and the address (or where else it can be found).
    """

    date: dt.date | None = None
    time: str = ""
    timing: str = Timing.UNKNOWN.value
    title_en: str = ""
    title_vi: str = ""
    summary_en: str = ""
    summary_vi: str = ""
    category: str = Category.STATEMENT.value
    importance: int = 2
    tickers: str = ""
    sources: str = ""
    note_en: str = ""
    note_vi: str = ""
    articles: tuple[str, ...] = ()


FIELDS: Final = tuple(Draft.__dataclass_fields__)


def draft_of(event: Event, lang: str) -> Draft:
    """What the fields hold for an event. A text that is the same in both languages stands in the field of `lang` only."""
    texts = {"title": event.title, "summary": event.summary if event.summary != event.title else None, "note": event.note}
    fields = {f"{name}_{code}": _shown(text, code, lang) for name, text in texts.items() for code in LANGUAGES}
    lines = [" | ".join(filter(None, (s.publisher, s.date, s.url, s.where))) for s in event.sources]
    return Draft(
        date=event.date, time=event.time.isoformat().removesuffix(":00") if event.time else "",
        timing=Timing.UNKNOWN.value if event.time else event.timing.value, category=event.category.value, importance=event.importance,
        tickers=" ".join(event.tickers), sources="\n".join(lines), articles=event.articles, **fields,
    )  # fmt: skip


def _shown(text: Text | None, code: str, lang: str) -> str:
    if text is None or (text.en == text.vi and code != lang):
        return ""
    return text.in_(code)


def event_from(draft: Draft, event_id: str, lang: str) -> Event | dict[str, DataError]:
    """The own event that the fields say, or a complaint for each field that has something wrong: {field of Draft: DataError}."""
    record = Record({f: getattr(draft, f) for f in FIELDS}, Phrase("own.file"), _folded(getattr(draft, f"title_{lang}"))[:60] or "-")
    complaints: dict[str, DataError] = {}

    def read(field: str, how: Callable[[Record, str], Any]) -> Any:
        try:
            most = LONGEST.get(field, LONGEST_TEXT)
            if isinstance(value := record.values[field], str) and len(value) > most:
                raise record.fail(field, Phrase("own.longest", most=most))
            return how(record, field)
        except DataError as error:
            complaints[field] = error
            return None

    texts = {name: _both({code: read(f"{name}_{code}", _text) for code in LANGUAGES}) for name in TEXTS}
    if texts["title"] is None and not any(f.startswith("title_") for f in complaints):
        complaints[f"title_{lang}"] = record.fail(f"title_{lang}", "data.text")
    day, time, timing = read("date", _date), read("time", _time), read("timing", lambda r, f: r.one_of(f, Timing))
    category, importance = read("category", lambda r, f: r.one_of(f, Category)), read("importance", _importance)
    tickers, sources = read("tickers", _tickers), read("sources", _sources)
    if complaints or texts["title"] is None:
        return complaints
    event = own.make(
        event_id, day, texts["title"], time=time, timing=timing, summary=texts["summary"], category=category, importance=importance,
        tickers=tickers, sources=sources, articles=draft.articles, note=texts["note"],
    )  # fmt: skip
    try:
        return own.checked(event)
    except DataError as error:
        return {_field_of(str(error.facts["field"]), lang): error}


def _field_of(field: str, lang: str) -> str:
    """The form's field for a field of the event."""
    if field in TEXTS:
        return f"{field}_{lang}"
    return "sources" if field in ("publisher", "url", "where") else field if field in FIELDS else "date"


# -- one field each --------------------------------------------------------------------------------------------------


def _folded(text: str) -> str:
    """Line breaks and runs of spaces as one space."""
    return " ".join(text.split())


def _text(record: Record, field: str) -> str:
    if not (text := _folded(record.values[field])):
        return ""
    most = own.LONGEST[field[:-3]]
    if len(text) > most:
        raise record.fail(field, Phrase("own.longest", most=most))
    return Record({field: text}, record.file, record.name).line(field, "own.text")


def _both(said: dict[str, str | None]) -> Text | None:
    en, vi = said["en"] or said["vi"], said["vi"] or said["en"]
    return Text(en, vi) if en and vi else None


def _date(record: Record, field: str) -> dt.date:
    return record.take(field, dt.date, "data.date")


def _time(record: Record, field: str) -> dt.time | None:
    text = record.values[field].strip()
    if not text:
        return None
    try:
        hour, minute, second = (int(part or 0) for part in _TIME.fullmatch(text).groups())  # type: ignore[union-attr]
        return dt.time(hour, minute, second)
    except (AttributeError, ValueError):
        raise record.fail(field, "own.time") from None


def _importance(record: Record, field: str) -> int:
    return record.take(field, int, "data.importance", lambda n: 1 <= n <= 3)


def _tickers(record: Record, field: str) -> tuple[str, ...]:
    names = list(dict.fromkeys(t.upper() for t in re.split(r"[;,\s]+", record.values[field]) if t))
    return Record({field: names}, record.file, record.name).names(field, "own.tickers", TICKER)


def _sources(record: Record, field: str) -> tuple[Source, ...]:
    lines = [line for line in record.values[field].splitlines() if line.strip()]
    return tuple(_source(line, Phrase("data.source", record=record.name, number=str(i))) for i, line in enumerate(lines, 1))


def _source(line: str, name: Phrase) -> Source:
    """'Reuters | 2025-01-27 | https://…': after the publisher come a date, an address, a description, in any order, each at most once.
    A line that is only an address is published by its host.
    """
    parts = [_folded(part) for part in line.split("|")]
    publisher = (urlsplit(parts[0]).hostname or "").removeprefix("www.") if _is_address(parts[0]) else parts.pop(0)
    values: dict[str, str] = {"publisher": publisher}
    for part in filter(None, parts):
        kind = "url" if _is_address(part) else "date" if _YEAR_FIRST.fullmatch(part) else "where"
        if kind in values:
            raise DataError(file=Phrase("own.file"), record=name, field="sources", found=line, wanted="own.source")
        values[kind] = part
    try:
        return source_of(Record(values, Phrase("own.file"), name))
    except DataError:
        raise DataError(file=Phrase("own.file"), record=name, field="sources", found=line, wanted="own.source") from None


def _is_address(text: str) -> bool:
    return "://" in text.split(" ")[0]


# -- two versions ----------------------------------------------------------------------------------------------------


def differing(mine: Event, theirs: Event, lang: str) -> Sequence[tuple[str, str, str]]:
    """(field of Draft, mine, theirs) for every field in which two versions of an event differ, as the form would show them."""
    one, other = draft_of(mine, lang), draft_of(theirs, lang)
    pairs = [(f, _written(getattr(one, f)), _written(getattr(other, f))) for f in FIELDS]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _written(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value if value is not None else "")
