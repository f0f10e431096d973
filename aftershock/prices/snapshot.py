"""The bars that come with the project: CSV files and a manifest with their hashes, read and doubted."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aftershock.errors import DataError, Phrase, RequestError, trouble
from aftershock.prices.types import ADJUSTMENTS, COLUMNS, Held, PriceRequest, Prices, Series, together
from aftershock.sessions import Calendar


class Snapshot:
    """The bars that come with the project: CSV files and a manifest with their hashes."""

    def __init__(self, folder: Path, calendar: Calendar) -> None:
        """Loads and checks everything. Raises DataError naming file, record and field."""
        manifest = _read_manifest(folder)
        self._bars: dict[str, pd.DataFrame] = {}
        self.series: dict[str, Series] = {}
        for entry in manifest["series"]:
            bars, digest = read_bars(folder / entry["file"], calendar, wanted_sha256=entry["sha256"])
            self._bars[entry["ticker"]] = bars
            self.series[entry["ticker"]] = Series(
                entry["ticker"], entry["name"], entry["kind"], entry["currency"], bars.index[0], bars.index[-1], len(bars), digest,
                source=manifest["source"], retrieved_at=manifest["retrieved_at"], adjustment=manifest["adjustment"], note=manifest["note"],
            )  # fmt: skip

    def get(self, ticker: str) -> Held | None:
        """The bars of a ticker, or None."""
        return Held(self._bars[ticker], self.series[ticker]) if ticker in self.series else None

    def closes(self, request: PriceRequest) -> Prices:
        """The bars of the request. Raises RequestError when a ticker is not in the snapshot."""
        unknown = [t for t in request.tickers if t not in self.series]
        if unknown:
            raise RequestError("unknown-ticker", ticker=", ".join(unknown), known=", ".join(self.series))
        return together({t: Held(self._bars[t], self.series[t]) for t in request.tickers}, request)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.readable") from error
    except ValueError as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.json") from error
    _require(isinstance(manifest, dict), path, "-", "-", manifest, "data.manifest")
    for key in ("source", "note", "retrieved_at", "adjustment"):
        _require(isinstance(manifest.get(key), str), path, "-", key, manifest.get(key), "data.text")
    _require(
        manifest["adjustment"] in ADJUSTMENTS,
        path,
        "-",
        "adjustment",
        manifest["adjustment"],
        Phrase("data.one-of", known=", ".join(ADJUSTMENTS)),
    )
    series = manifest.get("series")
    _require(isinstance(series, list) and bool(series), path, "-", "series", series, "data.list-of-series")
    for number, entry in enumerate(series, 1):
        record = Phrase("data.series", number=str(number))
        _require(isinstance(entry, dict), path, record, "-", entry, "data.fields-of-series")
        for key in ("ticker", "file", "name", "kind", "currency", "sha256"):
            found = entry.get(key)
            _require(isinstance(found, str) and bool(found), path, record, key, found, "data.text")
        others = {other["ticker"] for other in series[: number - 1]}
        _require(entry["ticker"] not in others, path, record, "ticker", entry["ticker"], "data.other-ticker")
        _require(entry["file"] == Path(entry["file"]).name, path, record, "file", entry["file"], "data.file-here")
        _require(entry["kind"] in ("index", "share"), path, record, "kind", entry["kind"], "data.kind")
    return dict(manifest)


def _require(good: object, path: Path, record: object, field: str, found: object, wanted: str | Phrase) -> None:
    if not good:
        raise DataError(file=path.name, record=record, field=field, found=found, wanted=wanted)


def read_bars(path: Path, calendar: Calendar, *, wanted_sha256: str | None = None) -> tuple[pd.DataFrame, str]:
    """One CSV of daily bars -> (frame, sha256). Rows are counted as a spreadsheet counts them (the header is row 1).

    Checks: the header; ISO dates that are sessions, in order, each once, none missing in between; finite positive
    prices with low <= open, close <= high; volume a whole number or empty. Raises DataError.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.readable-text") from error
    header = text.split("\n", 1)[0].strip().split(",")
    _require(
        header == ["date", *COLUMNS],
        path,
        Phrase("data.row", row="1"),
        "header",
        ",".join(header),
        Phrase("data.columns", columns=",".join(["date", *COLUMNS])),
    )
    try:
        frame = pd.read_csv(io.StringIO(text), dtype=str, index_col=False, keep_default_na=False, on_bad_lines="error")
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(file=path.name, record="-", field="-", found=trouble(error), wanted="data.six-fields") from error
    _require(len(frame), path, "-", "-", Phrase("data.no-rows"), "data.one-row")
    dates = pd.to_datetime(frame["date"], format="%Y-%m-%d", errors="coerce")
    _all(dates.notna(), path, frame, "date", "data.date")
    frame.index = pd.DatetimeIndex(dates, name="date").as_unit("us")
    _check_sessions(path, frame, calendar)
    bars = pd.DataFrame({c: pd.to_numeric(frame[c], errors="coerce") for c in COLUMNS}, index=frame.index)
    _check_figures(path, frame, bars)
    digest = hashlib.sha256(raw).hexdigest()
    _require(wanted_sha256 in (None, digest), path, "-", "sha256", digest, Phrase("data.sha256", hash=wanted_sha256))
    return bars, digest


def _check_sessions(path: Path, frame: pd.DataFrame, calendar: Calendar) -> None:
    days = pd.DatetimeIndex(frame.index)
    _all(~days.duplicated(), path, frame, "date", "data.date-once")
    _all(np.r_[True, np.diff(days.to_numpy()) > np.timedelta64(0)], path, frame, "date", "data.rising")
    _all(days.isin(calendar.sessions), path, frame, "date", "data.session")
    missing = calendar.between(days[0], days[-1]).difference(days)
    if len(missing):
        raise DataError(
            file=path.name,
            record="-",
            field="date",
            found=Phrase("data.no-row-for", day=f"{missing[0]:%Y-%m-%d}"),
            wanted="data.every-session",
        )


def _check_figures(path: Path, frame: pd.DataFrame, bars: pd.DataFrame) -> None:
    for column in ("open", "high", "low", "close"):
        _all(np.isfinite(bars[column]) & (bars[column] > 0), path, frame, column, "data.positive")
    for column in ("open", "close"):
        inside = bars[column].between(bars["low"], bars["high"])
        _all(inside, path, frame, column, "data.low-to-high")
    volume = bars["volume"]
    _all(
        (frame["volume"] == "") | ((volume >= 0) & (volume % 1 == 0)),
        path,
        frame,
        "volume",
        "data.volume",
    )


def _all(good: Any, path: Path, frame: pd.DataFrame, column: str, wanted: str) -> None:
    """Every row must be good; the first that is not is named by its row in a spreadsheet and its date."""
    bad = np.flatnonzero(~np.asarray(good, dtype=bool))
    if len(bad):
        row = int(bad[0])
        record = Phrase("data.row-of-day", row=str(row + 2), day=frame["date"].iloc[row])
        raise DataError(file=path.name, record=record, field=column, found=frame[column].iloc[row], wanted=wanted)
