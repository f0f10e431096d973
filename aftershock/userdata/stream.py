"""A CSV of events that is too long to hold: read twice, a block of rows at a time.

The first reading finds what belongs to the whole file: its hash, its header, how many rows it has, and the few cells that decide how its
dates are read. The second gives events, block by block. Each row is an event or a refusal that names row and field; none is lost.

Less is guessed than of a short file, which can be looked at as a whole: the text is UTF-8, and the first row says what the columns are.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

from aftershock.errors import DataError, Phrase, RequestError, trouble
from aftershock.userdata.cells import unguarded
from aftershock.userdata.check import split
from aftershock.userdata.dates import Fault, Moment, in_new_york, on, read_dates, read_time, telling
from aftershock.userdata.fields import header
from aftershock.userdata.plan import UserEvent
from aftershock.userdata.table import row_name, separator
from aftershock.userdata.understanding import Rejected

PIECE: Final = 1 << 20  # bytes
_time: Final = lru_cache(65_536)(read_time)  # many events share an hour
_READ: Final = ("id", "date", "time", "tickers")  # what a study wants of a row
Cells = list[str]
Numbered = tuple[int, UserEvent | Rejected]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LongFile:
    """What belongs to the whole file. `at`: the column of each field; `width`: how many columns the header has; `dates`: the cells that
    decide how the column of dates is read."""

    path: Path
    sha256: str
    rows: int
    mark: str
    at: Mapping[str, int]
    width: int
    dates: tuple[str, ...]


def survey(path: Path, progress: Progress = lambda rows: None) -> LongFile:
    """The first reading. Raises DataError for what is no table in UTF-8 with a column of dates, RequestError when days and months could
    change places. `progress` is told the rows so far, now and then."""
    digest, mark = _fingerprint(path), _mark(path)
    records = _records(path, mark)
    names = next(records, (1, []))[1]
    at = header([name.strip() for name in names])
    if "date" not in at:
        raise DataError(file=path.name, record=row_name(1), field="header", found=mark.join(names), wanted="data.date-column")
    rows, dates = 0, list[str]()
    while block := list(islice(records, 10_000)):
        rows += len(block)
        dates = telling([*dates, *(cells[at["date"]] for _, cells in block if len(cells) > at["date"])])
        progress(rows)
    column = read_dates(dates)
    if column.open:
        raise RequestError("ambiguous-dates", file=path.name, found=column.example)
    width = max(i for i, name in enumerate(names) if name.strip()) + 1
    return LongFile(path, digest, rows, mark, {f: at[f] for f in _READ if f in at}, width, tuple(dates))


def blocks(file: LongFile, size: int, done: int = 0) -> Iterator[list[Numbered]]:
    """The second reading: events and refusals with the numbers of their rows, `size` at a time, in the order of the file; the first `done`
    rows are passed over."""
    records = islice(_records(file.path, file.mark), 1 + done, None)
    while block := list(islice(records, size)):
        yield _block(file, block)


def _block(file: LongFile, block: Iterable[tuple[int, Cells]]) -> list[Numbered]:
    rows = [(number, _values(file, cells), cells) for number, cells in block]
    given = list(dict.fromkeys(values.get("date", "") for _, values, _ in rows))  # an event file has few days: each is read once
    moments = dict(zip(given, read_dates([*given, *file.dates]).moments, strict=False))
    return [(number, _event(file, number, values, cells, moments[values.get("date", "")])) for number, values, cells in rows]


def _values(file: LongFile, cells: Cells) -> dict[str, str]:
    return {field: unguarded(text) for field, i in file.at.items() if i < len(cells) and (text := cells[i].strip())}


def _event(file: LongFile, number: int, values: Mapping[str, str], cells: Cells, moment: Moment | Fault) -> UserEvent | Rejected:
    """One row. What is after the last column, a date and a time that cannot be read are refused."""

    def refused(field: str, code: str, found: str, wanted: str | Phrase) -> Rejected:
        error = DataError(file=file.path.name, record=row_name(number), field=field, found=found, wanted=wanted)
        return Rejected(number, field, code, error)

    if any(cell.strip() for cell in cells[file.width :]):
        return refused("-", "cells", file.mark.join(cells), Phrase("data.cells", number=str(file.width)))
    if isinstance(moment, Fault):
        return refused("date", str(moment), values.get("date", ""), f"date.{moment}")
    if isinstance(moment, dt.datetime):
        moment = in_new_york(moment)
    elif "time" in values:
        time = _time(values["time"])
        if isinstance(time, Fault):
            return refused("time", str(time), values["time"], "date.invalid-time")
        moment = on(moment, time)
    return UserEvent(values.get("id") or f"row-{number}", moment, tuple(split(values.get("tickers", ""))), "", values["date"])


# -- the file --------------------------------------------------------------------------------------------------------


def _fingerprint(path: Path) -> str:
    """The hash of the file, all of which is UTF-8. Raises DataError, which names the first byte that is not."""
    digest, decoder, read = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                decoder.decode(piece)
                read += len(piece)
        decoder.decode(b"", final=True)
    except OSError as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.readable") from error
    except UnicodeDecodeError as error:
        place = read - len(decoder.getstate()[0]) + error.start + 1
        found = Phrase("data.byte", byte=f"0x{error.object[error.start]:02x}", at=str(place))
        raise DataError(file=path.name, record="-", field="-", found=found, wanted="data.encoding") from error
    if not read:
        raise DataError(file=path.name, record="-", field="-", found=Phrase("data.empty"), wanted="data.header-and-rows")
    return digest.hexdigest()


def _mark(path: Path) -> str:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return separator(file.read(20_000))


def _records(path: Path, mark: str) -> Iterator[tuple[int, Cells]]:
    """(number as a spreadsheet counts, cells) of every row that is not empty, the header included. Raises DataError where it is no CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader((unicodedata.normalize("NFC", line) for line in file), delimiter=mark, strict=True)
        try:
            yield from ((number, cells) for number, cells in enumerate(reader, 1) if any(map(str.strip, cells)))
        except csv.Error as error:
            found = Phrase("data.line", line=str(reader.line_num))
            raise DataError(file=path.name, record="-", field="-", found=found, wanted="data.csv") from error
