"""The input of a study of many pairs: returns by ticker and session, the benchmark, and which pairs are asked for, all as codes.

Looking labels up is 40 % of the time of such a study, so it is done once, over arrays; categoricals and integer codes cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from aftershock.errors import RequestError
from aftershock.models import Ints
from aftershock.returns import Floats


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """`y`: returns, shape (n_tickers, n_sessions); `x`: the benchmark's, shape (n_sessions,); decimal fractions, NaN = missing."""

    y: Floats
    x: Floats
    sessions: pd.DatetimeIndex
    tickers: pd.Index

    @classmethod
    def of(cls, returns: pd.DataFrame, benchmark: pd.Series | npt.ArrayLike) -> Table:
        """Takes the frame's own memory where it can. RequestError when sessions are not rising, a ticker stands twice, or the benchmark has
        another index."""
        sessions = pd.DatetimeIndex(returns.index)
        if not (sessions.is_monotonic_increasing and sessions.is_unique):
            raise RequestError("panel-sessions")
        if not returns.columns.is_unique:
            raise RequestError("panel-tickers", ticker=str(returns.columns[returns.columns.duplicated()][0]))
        if isinstance(benchmark, pd.Series) and not benchmark.index.equals(returns.index):
            raise RequestError("panel-benchmark", found=len(benchmark), wanted=len(sessions))
        x = np.asarray(benchmark, dtype=np.float64)
        if x.shape != (len(sessions),):
            raise RequestError("panel-benchmark", found=len(x), wanted=len(sessions))
        return cls(returns.to_numpy(dtype=np.float64).T, x, sessions, returns.columns)

    @classmethod
    def stored(cls, folder: Path) -> Table:
        """What `store` wrote. The returns stay on disk and are paged in as they are read; processes of one machine share them."""
        known = pd.read_parquet(folder / "tickers.parquet")
        days = pd.read_parquet(folder / "sessions.parquet")
        y = np.load(folder / "matrix.npy", mmap_mode="r")
        return cls(y, days["benchmark"].to_numpy(dtype=np.float64), pd.DatetimeIndex(days["session"]), pd.Index(known["ticker"]))

    def store(self, folder: Path) -> Path:
        """Writes the table to a folder, tickers in rows, so that workers are sent a path and not a matrix."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "matrix.npy", np.ascontiguousarray(self.y))
        pd.DataFrame({"ticker": self.tickers}).to_parquet(folder / "tickers.parquet")
        pd.DataFrame({"session": self.sessions, "benchmark": self.x}).to_parquet(folder / "sessions.parquet")
        return folder

    def rows(self, tickers: pd.Series) -> Ints:
        """The row of each ticker; -1 where there is none. A column of integers is taken as rows already."""
        if pd.api.types.is_integer_dtype(tickers.dtype) and not pd.api.types.is_integer_dtype(self.tickers.dtype):
            return _inside(tickers.to_numpy(dtype=np.int64), len(self.tickers))
        named = isinstance(tickers.dtype, pd.CategoricalDtype)
        codes, labels = (tickers.cat.codes.to_numpy(), tickers.cat.categories) if named else tickers.factorize()
        return np.append(self.tickers.get_indexer(pd.Index(labels)), -1)[codes]

    def columns(self, sessions: pd.Series) -> Ints:
        """The column of each session; -1 where the day is none. A column of integers is taken as columns already."""
        if pd.api.types.is_integer_dtype(sessions.dtype):
            return _inside(sessions.to_numpy(dtype=np.int64), len(self.sessions))
        if not len(self.sessions):
            return np.full(len(sessions), -1, dtype=np.int64)
        first = self.sessions[0].to_datetime64().astype("datetime64[D]")
        places = (self.sessions.to_numpy().astype("datetime64[D]") - first).astype(np.int64)
        days = (pd.to_datetime(sessions).to_numpy().astype("datetime64[D]") - first).astype(np.int64)
        found = np.full(int(places[-1]) + 2, -1, dtype=np.int64)
        found[places] = np.arange(len(places))
        return found[np.where((days >= 0) & (days <= places[-1]), days, -1)]


def _inside(codes: Ints, size: int) -> Ints:
    return np.where((codes >= 0) & (codes < size), codes, -1)


def blocks(rows: Ints, parts: int) -> Sequence[Ints]:
    """The positions of the pairs in about equal parts, each a block of neighbouring tickers."""
    return [part for part in np.array_split(np.argsort(rows, kind="stable"), parts) if len(part)]
