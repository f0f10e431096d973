"""A user's own prices: read as they come, doubt what is doubtful, and say which row it was.

One CSV (first column the date, one column of closes per ticker) or a folder with one OHLCV CSV per ticker. The same as Parquet is read in a
fraction of the time and memory: a table of thousands of tickers should be one.

Everything is read as text, so NA, TRUE and 005930 stay tickers. Rows may come in any order. A day that stands twice counts once
when its figures agree and is not used where they do not. What cannot be placed in time (an unreadable date, a date that could be
3 April or 4 March) is a DataError or a RequestError; a figure that cannot be a price costs only the events that need it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from aftershock.errors import DataError, Phrase, trouble
from aftershock.returns import Closes, figures
from aftershock.sessions import Calendar
from aftershock.userdata.dates import in_new_york, moments
from aftershock.userdata.encoding import WESTERN, decode
from aftershock.userdata.table import Row, row_name, rows_of

CONFLICT: Final = "contradictory"  # stands for two different figures on one day; not a number, so it counts as a bad price
_OHLC: Final = frozenset({"open", "high", "low", "close"})
_AT_ONCE: Final = 500  # columns of a Parquet file
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.readable") from error


def _table(path: Path, raw: bytes) -> tuple[list[str], list[Row]]:
    """(header, rows) of a CSV. Rows come with their number in a spreadsheet and have as many cells as the header. Raises DataError for a
    file without a header, a column named twice, or a row with too many cells."""
    mark, rows = rows_of(decode(raw, path.name, WESTERN).text.replace("\x00", ""), path.name)
    if not rows:
        raise DataError(file=path.name, record="-", field="-", found=Phrase("data.empty"), wanted="data.header-and-rows")
    (_, header), *body = rows
    while header and not header[-1]:
        header = header[:-1]
    for name in header:
        if header.count(name) > 1:
            raise DataError(file=path.name, record=row_name(1), field="header", found=name, wanted="data.column-once")
    for number, cells in body:
        if any(cells[len(header) :]):
            wanted = Phrase("data.cells", number=str(len(header)))
            raise DataError(file=path.name, record=row_name(number), field="-", found=mark.join(cells), wanted=wanted)
    return header, [(number, (cells + [""] * len(header))[: len(header)]) for number, cells in body]


def _bar_days(path: Path, rows: list[tuple[int, list[str]]]) -> list[dt.date]:
    """The session that each row of prices belongs to. Time stamps are put on New York's clock before the date is taken, except when
    every one of them says midnight: those are dates that a program wrote as moments, and the date that stands there is meant."""
    given = [cells[0] for _, cells in rows]
    found = moments(given, path.name)
    for (number, _), text, moment in zip(rows, given, found, strict=True):
        if moment is None:
            raise DataError(file=path.name, record=row_name(number), field="date", found=text, wanted="data.date")
    stamps = [m for m in found if isinstance(m, dt.datetime)]
    labels = all(m.time() == dt.time(0) for m in stamps)
    days: list[dt.date] = []
    for moment in found:
        assert moment is not None
        if isinstance(moment, dt.datetime):
            days.append(moment.date() if labels else in_new_york(moment).date())
        else:
            days.append(moment)
    return days


# -- Parquet ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class _Stored:
    """What a Parquet file holds: its days, and which of its columns are closes of which tickers."""

    file: Path
    days: pd.DatetimeIndex
    columns: tuple[str, ...]
    tickers: tuple[str, ...]

    @classmethod
    def of(cls, file: Path, name: str) -> _Stored:
        """The index of the file holds the days, or its first column does. One with open, high, low and close is the ticker `name`."""
        try:
            columns = pq.read_schema(file).names
            first = pd.read_parquet(file, columns=columns[:1])
        except OSError as error:
            raise DataError(file=file.name, record="-", field="-", found=trouble(error), wanted="data.readable") from error
        except Exception as error:  # whatever a damaged file makes of its reader
            raise DataError(file=file.name, record="-", field="-", found=trouble(error), wanted="data.parquet") from error
        indexed = isinstance(first.index, pd.DatetimeIndex)
        given = first.index if indexed or first.empty else first.iloc[:, 0]
        columns = [c for c in columns if c != first.index.name and not c.startswith("__index_level")] if indexed else columns[1:]
        if not columns or not len(given):
            found = Phrase("data.no-rows") if columns else Phrase("data.no-prices")
            raise DataError(file=file.name, record="-", field="-", found=found, wanted="data.date-and-prices")
        days = _rows(_bar_days(file, [(number, [str(day)]) for number, day in enumerate(given, 1)]))
        if days.has_duplicates:
            twice = days[days.duplicated()][0]
            raise DataError(file=file.name, record="-", field="date", found=f"{twice:%Y-%m-%d}", wanted="data.date-once")
        lower = {column.lower(): column for column in columns}
        if lower.keys() >= _OHLC:
            return cls(file, days, (lower["close"],), (name,))
        return cls(file, days, tuple(columns), tuple(columns))

    def closes(self, rows: pd.DatetimeIndex) -> Iterator[tuple[str, pd.Series[Any]]]:
        """(ticker, closes on those days), some columns at a time: read at once, the reader would hold the table several times over."""
        for at in range(0, len(self.columns), _AT_ONCE):
            part = slice(at, at + _AT_ONCE)
            table = pd.read_parquet(self.file, columns=list(self.columns[part])).set_axis(self.days).reindex(rows)
            yield from ((ticker, table[column]) for ticker, column in zip(self.tickers[part], self.columns[part], strict=True))


def _stored(files: list[Path], names: dict[str, str], calendar: Calendar) -> Closes:
    found = [_Stored.of(file, names.get(file.name, file.stem)) for file in files]
    rows, tickers = found[0].days, list[str]()
    for one in found:
        if again := set(tickers) & set(one.tickers):
            raise DataError(file=one.file.name, record="-", field="header", found=min(again), wanted="data.ticker-of-no-other-file")
        rows, tickers = rows.union(one.days), [*tickers, *one.tickers]
    return _closes(rows.sort_values(), tickers, chain.from_iterable(one.closes(rows.sort_values()) for one in found), {}, calendar)


def _sha256(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


# -- prices ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class UserPrices:
    """A user's closes, the name of the file or folder, and one hash over the bytes that were read."""

    closes: Closes
    source: str
    sha256: str


def read_prices(path: Path, calendar: Calendar) -> UserPrices:
    """A CSV of closes, or a folder of OHLCV CSVs, or either as Parquet -> UserPrices. Raises DataError naming file, row and field.

    A series whose close never changes on a day on which New York is closed keeps New York's calendar: its sessions are the exchange's,
    and a row that is not there is a missing price. Any other series keeps its own days.
    """
    files = (sorted(path.glob("*.csv")) or sorted(path.glob("*.parquet"))) if path.is_dir() else [path]
    if not files:
        raise DataError(file=path.name, record="-", field="-", found=Phrase("data.no-csv"), wanted="data.csv-per-ticker")
    names = _names(path) if path.is_dir() else {}
    if files[0].suffix == ".parquet":
        return UserPrices(_stored(files, names, calendar), path.name, _sha256(files))
    digest = hashlib.sha256()
    series: dict[str, dict[dt.date, str]] = {}
    twice: dict[str, tuple[pd.Timestamp, ...]] = {}
    for file in files:
        raw = _bytes(file)
        digest.update(raw)
        for ticker, cells in _series(file, raw, names.get(file.name, file.stem)).items():
            if ticker in series:
                raise DataError(file=file.name, record=row_name(1), field="header", found=ticker, wanted="data.ticker-of-no-other-file")
            series[ticker], repeated = _once(cells)
            if repeated:
                twice[ticker] = tuple(pd.Timestamp(day).as_unit("us") for day in repeated)
    days = sorted({day for cells in series.values() for day in cells})
    text = ((ticker, pd.Series([cells.get(day, "") for day in days], dtype=object)) for ticker, cells in series.items())
    return UserPrices(_closes(_rows(days), list(series), text, twice, calendar), path.name, digest.hexdigest())


def _names(folder: Path) -> dict[str, str]:
    """Tickers by file name from a manifest.json, when there is one (a file name cannot always spell a ticker: ^GSPC)."""
    try:
        entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["series"]
        return {str(e["file"]): str(e["ticker"]) for e in entries}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _series(file: Path, raw: bytes, name: str) -> dict[str, list[tuple[dt.date, str]]]:
    """The (day, close as text) pairs of every ticker of one file. A file with open, high, low and close is one ticker, called `name`."""
    header, rows = _table(file, raw)
    if len(header) < 2 or not rows:
        found = Phrase("data.no-prices") if len(header) < 2 else Phrase("data.no-rows")
        raise DataError(file=file.name, record="-", field="-", found=found, wanted="data.date-and-prices")
    days = _bar_days(file, rows)
    if _decimal_commas(raw, rows):
        rows = [(number, [cells[0], *(cell.replace(",", ".") for cell in cells[1:])]) for number, cells in rows]
    lower = [h.lower() for h in header]
    if set(lower) >= _OHLC:
        columns = {name: lower.index("close")}
    elif len(header) == 2 and lower[1] in ("close", "price", "adj close"):
        columns = {name: 1}
    else:
        columns = {ticker: i for i, ticker in enumerate(header) if i}
        if "" in columns:
            raise DataError(file=file.name, record=row_name(1), field="header", found="", wanted="data.ticker-over-column")
    return {ticker: [(day, _plain(cells[i])) for day, (_, cells) in zip(days, rows, strict=True)] for ticker, i in columns.items()}


def _decimal_commas(raw: bytes, rows: list[tuple[int, list[str]]]) -> bool:
    """True in a table with semicolons or tabs that has no decimal point anywhere: its commas are decimal."""
    first = raw.split(b"\n", 1)[0]
    return first.count(b",") < max(first.count(b";"), first.count(b"\t")) and not any("." in c for _, cells in rows for c in cells[1:])


def _plain(cell: str) -> str:
    return cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell


def _once(cells: list[tuple[dt.date, str]]) -> tuple[dict[dt.date, str], list[dt.date]]:
    """({day: close as text}, days that had several). Equal figures count once, different ones contradict each other."""
    found: dict[dt.date, str] = {}
    repeated: list[dt.date] = []
    for day, cell in cells:
        before = found.get(day, "")
        if before and cell:
            repeated.append(day)
            if not _same(before, cell):
                cell = CONFLICT
        found[day] = cell or before
    return found, sorted(set(repeated))


def _same(a: str, b: str) -> bool:
    try:
        return float(a) == float(b)
    except ValueError:
        return a == b


def _rows(days: list[dt.date]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(days)).as_unit("us")


def _closes(
    rows: pd.DatetimeIndex, tickers: list[str], columns: Iterable[tuple[str, pd.Series[Any]]], twice: dict[str, tuple[pd.Timestamp, ...]],
    calendar: Calendar,
) -> Closes:  # fmt: skip
    """`columns`: the figures or the text of every ticker on the days `rows`, one after the other."""
    exchange = calendar.sessions[(calendar.sessions >= rows[0]) & (calendar.sessions <= rows[-1])]
    values = np.empty((len(tickers), len(rows)))  # a row per ticker: with thousands of them every copy counts
    bad = np.empty(values.shape, dtype=bool)
    sessions = {}
    for i, (ticker, given) in enumerate(columns):
        values[i], bad[i] = figures(given)
        sessions[ticker] = _sessions(rows, values[i], np.isfinite(values[i]) | bad[i], exchange)
    index = rows
    for grid in {id(grid): grid for grid in sessions.values()}.values():
        index = index.union(grid)
    frame = pd.DataFrame(values.T, rows, tickers, copy=False)
    flags = pd.DataFrame(bad.T, rows, tickers, copy=False)
    if len(index) > len(rows):
        frame, flags = frame.reindex(index), flags.reindex(index, fill_value=False)
    return Closes(frame, flags, twice, sessions)


def _sessions(rows: pd.DatetimeIndex, values: Any, given: Any, exchange: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The days that are sessions for one series: New York's when it never moved on any other day; every day when it is quoted on all
    seven; else the rows on those weekdays on which it is quoted at all."""
    quoted, closes = rows[given], values[given]
    if not len(quoted):
        return exchange if len(exchange) else rows
    moved = np.r_[True, closes[1:] != closes[:-1]]
    if quoted[moved].isin(exchange).all():
        return exchange
    weekdays = set(quoted.day_of_week)
    if len(weekdays) == 7:
        return pd.date_range(rows[0], rows[-1], freq="D").as_unit("us")
    return rows[rows.day_of_week.isin(weekdays)]
