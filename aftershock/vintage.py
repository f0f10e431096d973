"""Which prices a link was made with, and what has changed in them since.

A link carries a stamp, `&data=1a2b3c4d5e6f&asof=2026-06-11`: the name of the closes of the series that it shows, and their last session.
Whoever makes such a link keeps those closes under that name in the cache folder, the newest MOST of them; opened later, when the prices
have another name, the two are compared close by close.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from aftershock.prices import Prices
from aftershock.prices.files import write_whole
from aftershock.prices.live import cache_folder

KEYS: Final = ("data", "asof")
MOST: Final = 400  # versions that are kept: of four series some 20 MB
_NAME: Final = re.compile(r"[0-9a-f]{12}")
_SAME: Final = 1e-9  # a smaller relative difference is rounding


@dataclass(frozen=True, slots=True)
class Stamp:
    """The name of some closes (twelve hex digits) and their last session."""

    data: str
    asof: dt.date

    def query(self) -> dict[str, str]:
        """As parts of a query string."""
        return {"data": self.data, "asof": self.asof.isoformat()}


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two versions: closes by ticker, the largest of them (ticker, session, relative), sessions more and fewer."""

    closes: Mapping[str, int]
    largest: tuple[str, pd.Timestamp, float] | None
    added: int
    gone: int

    def __bool__(self) -> bool:
        return bool(self.closes or self.added or self.gone)


def stamp(prices: Prices, tickers: Sequence[str]) -> Stamp | None:
    """The stamp of the bars of `tickers`, whatever their order; None when there are none of them."""
    there = sorted(t for t in set(tickers) if t in prices.series)
    if not there:
        return None
    names = "\n".join(f"{t} {prices.series[t].sha256}" for t in there)
    return Stamp(hashlib.sha256(names.encode()).hexdigest()[:12], max(prices.series[t].last for t in there).date())


def read(query: Mapping[str, str]) -> Stamp | None:
    """The stamp in a query string; None when there is none or it is none."""
    with suppress(ValueError):
        if _NAME.fullmatch(query.get("data", "")):
            return Stamp(query["data"], dt.date.fromisoformat(query.get("asof", "")))
    return None


def stamped(link: str, prices: Prices, tickers: Sequence[str]) -> str:
    """The link with the stamp of what it shows, whose closes are kept from now on, so that it can be told later what has changed."""
    made = stamp(prices, tickers)
    if made is None:
        return link
    _keep(made.data, prices, tuple(sorted(set(tickers))), folder())
    return link + "".join(f"&{key}={value}" for key, value in made.query().items())


def compare(then: pd.DataFrame, now: pd.DataFrame, first: dt.date, last: dt.date) -> Change:
    """What differs between closes (columns: tickers, NaN = none) from `first` to `last`. Tickers that only one has are left out."""
    tickers = [t for t in then.columns if t in now.columns]
    old, new = (f[tickers].loc[pd.Timestamp(first) : pd.Timestamp(last)].dropna(how="all") for f in (then, now))
    days = old.index.intersection(new.index)
    before, after = old.loc[days].to_numpy(dtype=float), new.loc[days].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = after / before - 1
    moved = np.abs(relative) > _SAME
    differs = moved | (np.isnan(before) != np.isnan(after))
    counts = {t: int(n) for t, n in zip(tickers, differs.sum(axis=0), strict=True) if n}
    largest = None
    if moved.any():
        row, column = divmod(int(np.argmax(np.where(moved, np.abs(relative), 0))), len(tickers))
        largest = (tickers[column], days[row], float(relative[row, column]))
    return Change(counts, largest, len(new.index.difference(old.index)), len(old.index.difference(new.index)))


# -- keeping ---------------------------------------------------------------------------------------------------------


def folder() -> Path:
    """Where versions are kept: beside the price cache."""
    return cache_folder().with_name("versions")


def kept(data: str, where: Path) -> pd.DataFrame | None:
    """The closes of that name, or None when they are not kept here (any more) or cannot be read."""
    with suppress(Exception):  # whatever a damaged file makes of its reader
        closes = pd.read_parquet(where / f"{data}.parquet")
        closes.index = pd.DatetimeIndex(closes.index).as_unit("us")
        return closes
    return None


@lru_cache(maxsize=256)
def _keep(data: str, prices: Prices, tickers: tuple[str, ...], where: Path) -> None:
    """Once per version and process. A folder that cannot be used is no error: the version is then not kept here."""
    with suppress(OSError):
        path = where / f"{data}.parquet"
        where.mkdir(parents=True, exist_ok=True)
        if path.exists():
            return
        closes = pd.DataFrame({t: prices.bars[t]["close"] for t in tickers if t in prices.bars})
        buffer = io.BytesIO()
        closes.to_parquet(buffer, compression="zstd")
        write_whole(path, buffer.getvalue())
        for old in sorted(where.glob("*.parquet"), key=lambda p: p.stat().st_mtime_ns)[:-MOST]:
            old.unlink(missing_ok=True)
