"""Records -> events of the reader's own, row by row: accepted, refused with a sentence, or a repetition.

Ids follow from content, so that the same row always gives the same event, and importing a file twice adds nothing. An id that this
program wrote (`own-...`, or one of the catalogue's) stays; any other id in a file is somebody else's numbering.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from aftershock import own
from aftershock.errors import DataError, Phrase
from aftershock.events import UNFIT, Category, Event, Precision, Record, Timing, Verification, event_of, folded
from aftershock.sessions import Calendar, new_york, timing_at
from aftershock.text import LANGUAGES, words
from aftershock.userdata import dates as days
from aftershock.userdata import records as files
from aftershock.userdata.cells import one_line
from aftershock.userdata.dates import Dates, Fault, Moment, Order
from aftershock.userdata.records import SOURCE_FIELDS, Records, read_records
from aftershock.userdata.table import TERMINAL, Limits, row_name
from aftershock.userdata.understanding import Accepted, Import, Question, Rejected

Progress = Callable[[int, int], None]  # rows done, rows in all
_EVERY: Final = 500
_NO_TICKER: Final = frozenset({"-", "–", "—", "n/a", "#n/a", "."})
_MEASURES: Final = {"source": "publisher", "link": "url"}
_LONGEST_FIELD: Final = 20_000
_OWN_ID: Final = re.compile(r"own(-[a-z0-9]+)+")


def understand(
    raw: bytes | str,
    file: str,
    *,
    known: Iterable[Event] = (),
    order: Order | None = None,
    encoding: str | None = None,
    category: Category = Category.STATEMENT,
    limits: Limits = TERMINAL,
    calendar: Calendar | None = None,
    progress: Progress | None = None,
) -> Import:
    """A file (its bytes) or a paste (its text) as understood. Raises DataError for what cannot be read at all, or is over `limits`.

    `known` are the events that the reader and the catalogue have. `order` and `encoding` answer the questions of an earlier try;
    `category` is given to rows that name none. `progress` is called now and then.
    """
    read = read_records(raw, file, encoding=encoding, limits=limits)
    if read.choices:
        about = Phrase("userdata.ask-encoding", file=file)
        return Import(file, 0, questions=(Question("ambiguous-encoding", read.choices, about),))
    column = days.read_dates([r.values.get("date", "") for r in read.rows], order)
    sorter = _Sorter(read, category, calendar or new_york(), known)
    for done, (record, moment) in enumerate(zip(read.rows, column.moments, strict=True), 1):
        sorter.take(record, moment)
        if progress and (done % _EVERY == 0 or done == len(read.rows)):
            progress(done, len(read.rows))
    return Import(
        file, len(read.rows), tuple(sorter.accepted), tuple(sorter.rejected), tuple(sorter.repeated),
        _questions(column, file), (*read.notes, *_about_dates(column), *sorter.notes()), column.order,
    )  # fmt: skip


def _questions(column: Dates, file: str) -> tuple[Question, ...]:
    if not column.open:
        return ()
    return (Question("ambiguous-dates", (Order.DMY.value, Order.MDY.value), Phrase("userdata.ask-dates", file=file, found=column.example)),)


def _about_dates(column: Dates) -> tuple[Phrase, ...]:
    if column.order is None or column.open:
        return ()
    return (Phrase(f"order.{column.order}", found=column.example, day=column.meant),) if column.meant else ()


class _Sorter:
    """Puts every record where it belongs, and remembers what it has seen."""

    def __init__(self, read: Records, category: Category, calendar: Calendar, known: Iterable[Event]) -> None:
        self.file, self.category, self.calendar = read.file, category, calendar
        self.titled = not read.fields.isdisjoint(("title", "title_en", "title_vi"))
        self.known = {e.id: e for e in known}
        self.known_content = {content(e): e.id for e in self.known.values()}
        self.rows_by_key: dict[object, int] = {}
        self.ids: dict[str, int] = {}
        self.copies: dict[str, int] = {}
        self.accepted: list[Accepted] = []
        self.rejected: list[Rejected] = []
        self.repeated: list[Accepted] = []
        self.uncategorised = self.foreign = 0

    def take(self, record: files.Record, moment: Moment | Fault) -> None:
        """One record goes to accepted, rejected or repeated."""
        try:
            self._accept(record.row, self._event(record, moment))
        except DataError as error:
            self.rejected.append(_rejected(record, self.file, error))

    def notes(self) -> tuple[Phrase, ...]:
        """What is to be said of the whole file."""
        counted = {"uncategorised": self.uncategorised, "foreign": self.foreign, "untitled": 0 if self.titled else len(self.accepted)}
        category = Phrase(f"category.{self.category}")
        return tuple(Phrase(f"userdata.{code}", n=n, category=category) for code, n in counted.items() if n)

    def _event(self, record: files.Record, moment: Moment | Fault) -> Event:
        if record.fault:
            field, found, wanted = record.fault
            raise DataError(file=self.file, record="-", field=field, found=found, wanted=wanted)
        typed = _typed(record, moment, self.category, self.titled, self.calendar)
        made = Record(typed, self.file, row_name(record.row))
        event = event_of(made)
        if (there := self.known.get(event.id)) and there.verification is not Verification.OWN:
            return event
        if not _OWN_ID.fullmatch(record.values.get("id", "")):
            event = replace(event, id=own_id(event))
        if event.verification is not Verification.OWN or event.precision not in (Precision.DAY, Precision.MINUTE):
            self.foreign += 1
            event = replace(own.copied(event), id=event.id)
        self.uncategorised += "category" not in record.values
        return own.held(event, made, self.calendar)

    def _accept(self, row: int, event: Event) -> None:
        """A repetition says the same as an earlier row; an id of ours that stands twice with different words is refused."""
        key = content(event)
        derived = event.id == own_id(event)
        first = self.ids.get(event.id) if not derived else self.rows_by_key.get(key)
        if first is not None and not derived and self.rows_by_key.get(key) != first:
            raise DataError(file=self.file, record="-", field="id", found=event.id, wanted="data.other-id")
        known = event.id if event.id in self.known else self.known_content.get(key)
        if first is None:
            self.rows_by_key.setdefault(key, row)
            self.ids[event.id] = row
            self.accepted.append(Accepted(row, event, known))
        else:
            self.repeated.append(Accepted(row, replace(event, id=self._another(event.id, row)), known, first))

    def _another(self, name: str, row: int) -> str:
        """An id for a repetition: the first one's with a number behind it."""
        while True:
            self.copies[name] = number = self.copies.get(name, 1) + 1
            if (made := f"{name}-{number}") not in self.ids:
                self.ids[made] = row
                return made


def _rejected(record: files.Record, file: str, error: DataError) -> Rejected:
    """The refusal of a row, in terms of the file's own columns: an event knows a title in two languages, a row has fields."""
    inside, field, wanted = error.facts["record"], str(error.facts["field"]), error.facts["wanted"]
    if isinstance(inside, Phrase) and inside.code == "data.part":
        field = next((f for f in (f"{inside.facts['field']}_{field}", str(inside.facts["field"])) if f in record.values), field)
    if isinstance(inside, Phrase) and inside.code == "data.source":
        columns = inside.facts["number"] == "1" and any(f in record.values for f in SOURCE_FIELDS.values())
        field = SOURCE_FIELDS.get(field, field) if columns else "more_sources"
    code = wanted.code.split(".")[-1] if isinstance(wanted, Phrase) else "data"
    error.facts |= {"file": file, "record": row_name(record.row), "field": field}
    return Rejected(record.row, field, {"impossible-date": "invalid-date"}.get(code, code), error)


# -- sameness --------------------------------------------------------------------------------------------------------


def content(event: Event) -> tuple[object, ...]:
    """What makes two events the same: day, time, tickers and titles, without regard to case and spaces."""
    titles = (" ".join(event.title.in_(lang).casefold().split()) for lang in LANGUAGES)
    return event.date.isoformat(), event.time.isoformat() if event.time else "", tuple(sorted(event.tickers)), *titles


def own_id(event: Event) -> str:
    """own-, the day, words of the title, and eight hexadecimal digits of the content."""
    slug = "-".join(re.findall(r"[a-z0-9]+", folded(event.title.en)))[:40].strip("-")
    digits = hashlib.sha256(json.dumps(content(event)).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return "-".join(part for part in ("own", event.date.isoformat(), slug, digits) if part)


# -- fields ----------------------------------------------------------------------------------------------------------


def _refuse(field: str, found: object, wanted: str | Phrase) -> DataError:
    return DataError(file="-", record="-", field=field, found=found, wanted=wanted)


def _typed(record: files.Record, moment: Moment | Fault, category: Category, titled: bool, calendar: Calendar) -> dict[str, Any]:
    """A record with its fields as the catalogue has them, to be checked by `event_of`. Raises DataError."""
    values = {field: _line(field, text) for field, text in record.values.items()}
    day, time = _when(values, moment)
    title = _both(values, "title") or _instead(values, titled)
    made: dict[str, Any] = {
        "id": values["id"] if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", values.get("id", "")) else "own-x",
        "date": day, "time": time,
        "precision": _code(values, "precision", Precision) or str(Precision.DAY if time is None else Precision.MINUTE),
        "timing": _code(values, "timing", Timing) or str(timing_at(day, time, calendar)),
        "category": _code(values, "category", Category) or str(category),
        "importance": _importance(values.get("importance", "2")),
        "tickers": tickers(values.get("tickers", "")),
        "articles": split(values.get("articles", "")),
        "verification": _code(values, "verification", Verification) or str(Verification.OWN),
        "title": title, "summary": _both(values, "summary") or title, "note": _both(values, "note"),
        "sources": _sources(values),
        "single_origin": values.get("single_origin"), "origin_timezone": values.get("origin_timezone"),
        "origin_date": _day(values["origin_date"], "origin_date") if "origin_date" in values else None,
    }  # fmt: skip
    return {field: value for field, value in made.items() if value is not None}


def _line(field: str, text: str) -> str:
    """A field as one line. Raises DataError where it is longer than a reader's own events may be, or holds what cannot be shown."""
    line = one_line(text)
    most = own.LONGEST.get(_MEASURES.get(field, field.removesuffix("_en").removesuffix("_vi")), _LONGEST_FIELD)
    if field != "tickers" and len(line) > most:
        raise _refuse(field, line, Phrase("data.letters", n=most))
    if UNFIT.search(line):
        raise _refuse(field, line, "data.no-controls")
    return line


def _when(values: Mapping[str, str], moment: Moment | Fault) -> tuple[dt.date, dt.time | None]:
    """The day and the time on New York's clock."""
    if isinstance(moment, Fault):
        raise _refuse("date", values.get("date", ""), f"date.{moment}")
    if not isinstance(moment, dt.datetime) and "time" in values:
        time = days.read_time(values["time"])
        if isinstance(time, Fault):
            raise _refuse("time", values["time"], "date.invalid-time")
        moment = days.on(moment, time)
    if not isinstance(moment, dt.datetime):
        return moment, None
    there = days.in_new_york(moment)
    return there.date(), there.time().replace(microsecond=0)


def _both(values: Mapping[str, str], field: str) -> dict[str, str] | None:
    """A text in both languages; what is given in one stands for the other too."""
    given = {lang: values.get(f"{field}_{lang}") or values.get(field) for lang in LANGUAGES}
    either = given["en"] or given["vi"]
    return {lang: text or either for lang, text in given.items()} if either else None


def _instead(values: Mapping[str, str], titled: bool) -> dict[str, str]:
    """What a row is called in a file that has no titles: its id, or its tickers. A missing title among titles is refused."""
    name = "" if titled else values.get("id") or values.get("tickers", "")
    if not name:
        raise _refuse("title", Phrase("data.title-missing"), "data.no-title")
    return dict.fromkeys(LANGUAGES, name)


def _code(values: Mapping[str, str], field: str, codes: type[Category | Timing | Precision | Verification]) -> str | None:
    """A code, given as itself or by its label in either language; None where nothing is given, the text where it is neither."""
    text = values.get(field)
    return _labels(field, codes).get(re.sub(r"[\W_]+", " ", folded(text)).strip(), text) if text else None


@cache
def _labels(field: str, codes: type[Category | Timing | Precision | Verification]) -> dict[str, str]:
    """{code or label, folded: code}."""
    said = {name: str(code) for code in codes for name in (code, *(words(lang)(f"{field}.{code}") for lang in LANGUAGES))}
    return {re.sub(r"[\W_]+", " ", folded(name)).strip(): code for name, code in said.items()}


def _importance(text: str) -> int:
    if re.fullmatch(r"[1-3]([.,]0+)?", text):
        return int(text[0])
    raise _refuse("importance", text, "data.importance")


def split(text: str) -> list[str]:
    """The names of a cell, each once: commas, semicolons, bars and spaces part them."""
    return list(dict.fromkeys(part for part in re.split(r"[;,|\s]+", text) if part))


def tickers(text: str) -> list[str]:
    """The symbols of a cell, in capitals; NA, TRUE, 1E5 and 005930 are symbols, a dash and N/A are none. Raises DataError."""
    found = dict.fromkeys(part.removeprefix("$") for part in split(text) if part.casefold() not in _NO_TICKER)
    symbols = list(dict.fromkeys(part.upper() if part.isascii() else part for part in found))
    if len(symbols) > own.LONGEST["tickers"]:
        raise _refuse("tickers", text, Phrase("data.symbols", n=own.LONGEST["tickers"]))
    return symbols


def _day(text: str, field: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _refuse(field, text, "data.date") from None


def _sources(values: Mapping[str, str]) -> list[object]:
    """The source of a row's own columns, then the others. A link without a name is called by its host."""
    first: dict[str, str] = {name: values[field] for name, field in SOURCE_FIELDS.items() if values.get(field)}
    if link := first.get("url"):
        host = re.match(r"https?://(?:www\.)?([^/?#:@\s]+)", link)
        if not host:
            raise _refuse("link", link, "data.address")
        first.setdefault("publisher", host[1])
    more: Sequence[object] = []
    if text := values.get("more_sources"):
        try:
            more = json.loads(text)
        except (ValueError, RecursionError):
            more = [text]
        if not isinstance(more, list):
            raise _refuse("more_sources", text, "data.sources")
    return [*([first] if first else []), *more]
