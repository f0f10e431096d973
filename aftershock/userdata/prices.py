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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from aftershock.errors import DataError, Phrase, trouble
from aftershock.returns import Closes, figures
from aftershock.sessions import Calendar
from aftershock.userdata.dates import in_new_york, moments
from aftershock.userdata.encoding import WESTERN, decode
from aftershock.userdata.table import Row, row_name, rows_of

CONFLICT: Final = "contradictory"  # stands for two different figures on one day; not a number, so it counts as a bad price
_OHLC: Final = frozenset({"open", "high", "low", "close"})
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


def _stored(files: list[Path], names: dict[str, str]) -> pd.DataFrame:
    """The closes of Parquet files, a column per ticker, indexed by day (rising, each once). Raises DataError."""
    parts: dict[str, pd.Series[Any]] = {}
    for file in files:
        closes = _stored_one(file, names.get(file.name, file.stem))
        for ticker in closes.columns:
            if ticker in parts:
                raise DataError(file=file.name, record="-", field="header", found=ticker, wanted="data.ticker-of-no-other-file")
            parts[ticker] = closes[ticker]
    return closes if len(files) == 1 else pd.DataFrame(parts).sort_index()


def _stored_one(file: Path, name: str) -> pd.DataFrame:
    """The closes of one file: its index holds the days, or its first column does. One with open, high, low and close is one ticker."""
    try:
        table = pd.read_parquet(file)
    except OSError as error:
        raise DataError(file=file.name, record="-", field="-", found=trouble(error), wanted="data.readable") from error
    except Exception as error:  # whatever a damaged file makes of its reader
        raise DataError(file=file.name, record="-", field="-", found=trouble(error), wanted="data.parquet") from error
    if not isinstance(table.index, pd.DatetimeIndex) and len(table.columns):
        table = table.set_index(table.columns[0])
    if not len(table) or not len(table.columns):
        found = Phrase("data.no-rows") if len(table.columns) else Phrase("data.no-prices")
        raise DataError(file=file.name, record="-", field="-", found=found, wanted="data.date-and-prices")
    days = _rows(_bar_days(file, [(number, [str(day)]) for number, day in enumerate(table.index, 1)]))
    if days.has_duplicates:
        raise DataError(file=file.name, record="-", field="date", found=str(days[days.duplicated()][0].date()), wanted="data.date-once")
    lower = {str(column).lower(): column for column in table.columns}
    if lower.keys() >= _OHLC:
        table = table[[lower["close"]]].set_axis([name], axis=1)
    return table.set_axis(days).set_axis(table.columns.map(str), axis=1).sort_index()


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
        return UserPrices(_closes(_stored(files, names), {}, calendar), path.name, _sha256(files))
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
    text = pd.DataFrame({ticker: [cells.get(day, "") for day in days] for ticker, cells in series.items()}, _rows(days), dtype=object)
    return UserPrices(_closes(text, twice, calendar), path.name, digest.hexdigest())


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


def _closes(given: pd.DataFrame, twice: dict[str, tuple[pd.Timestamp, ...]], calendar: Calendar) -> Closes:
    """Figures or text, a column per ticker, indexed by day (rising, each once)."""
    rows = pd.DatetimeIndex(given.index)
    exchange = calendar.sessions[(calendar.sessions >= rows[0]) & (calendar.sessions <= rows[-1])]
    values, bad = {}, {}
    for ticker in given.columns:
        values[ticker], bad[ticker] = figures(given[ticker])
    sessions = {}
    for ticker in given.columns:
        sessions[ticker] = _sessions(rows, values[ticker], np.isfinite(values[ticker]) | bad[ticker], exchange)
    index = rows
    for grid in sessions.values():
        index = index.union(grid)
    frame = pd.DataFrame(values, index=rows).reindex(index)
    flags = pd.DataFrame(bad, index=rows, dtype=bool).reindex(index, fill_value=False)
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
