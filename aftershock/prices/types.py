"""What prices are: bars by ticker, what is known of each series, and where it came from.

Bars are daily, adjusted for splits and not for dividends, so that Nvidia's close of 27 January 2025 reads 118.42. A source that
knows the dividends adds them as a further column; returns count them, charts do not. A missing figure is NaN and stays NaN.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import pandas as pd

from aftershock.errors import Phrase, PricesUnavailable

ADJUSTMENTS: Final = ("splits", "splits-dividends")  # codes of `adjustment.<code>`; dividends are in the returns, never in the closes
COLUMNS: Final = ("open", "high", "low", "close", "volume")
DIVIDEND: Final = "dividend"  # cash per share on its ex-date, on today's share basis, 0 on other days; only where the source knows


@dataclass(frozen=True, slots=True)
class Series:
    """What we know about one ticker's bars, and who gave them when.

    `kind` is index or share; `sha256` is of the file they came from; `source` is snapshot or yahoo; `retrieved_at` an ISO date or
    time; `note` the source's own words about itself; `remarks` what a reader should know of these bars, such as a history that was
    revised.
    """

    ticker: str
    name: str
    kind: str
    currency: str
    first: pd.Timestamp
    last: pd.Timestamp
    sessions: int
    sha256: str
    source: str
    retrieved_at: str
    adjustment: str
    note: str
    remarks: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who answered, when it was retrieved, how the figures are adjusted, and one hash over all the files used. Where the series
    differ, the source is 'mixed', the oldest retrieval stands for all, and the adjustment is 'splits-dividends' where it holds for any.
    """

    source: str
    note: str
    retrieved_at: str
    adjustment: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PriceRequest:
    """Daily bars of some tickers, `start` to `end`, both included; None means as far as there are any."""

    tickers: tuple[str, ...]
    start: dt.date | None = None
    end: dt.date | None = None


@dataclass(frozen=True, eq=False)
class Prices:
    """Bars by ticker (columns open, high, low, close, volume, and `dividend` where the source knows the dividends; index: sessions,
    unit us) and where they came from.
    """

    bars: dict[str, pd.DataFrame]
    series: dict[str, Series]

    @cached_property
    def provenance(self) -> Provenance:
        """Where all of them come from; the hash is over their files' hashes in ticker order."""
        series = [self.series[t] for t in sorted(self.series)]
        sources = {s.source for s in series}
        return Provenance(
            source=sources.pop() if len(sources) == 1 else "mixed",
            note=" ".join(dict.fromkeys(s.note for s in series)),
            retrieved_at=min(s.retrieved_at for s in series),
            adjustment=max((s.adjustment for s in series), key=ADJUSTMENTS.index),
            sha256=hashlib.sha256("".join(s.sha256 for s in series).encode()).hexdigest(),
        )

    def closes(self) -> pd.DataFrame:
        """Closes, one column per ticker, one row per session of any of them; NaN where a ticker has none."""
        return pd.DataFrame({ticker: bars["close"] for ticker, bars in self.bars.items()})

    def dividends(self) -> pd.DataFrame | None:
        """Cash per share, shaped as `closes()`; NaN where a ticker has no bar or its source says nothing of dividends. None when no
        source does.
        """
        known = {ticker: bars[DIVIDEND] for ticker, bars in self.bars.items() if DIVIDEND in bars}
        closes = self.closes()
        return pd.DataFrame(known, index=closes.index).reindex(columns=closes.columns) if known else None

    @property
    def last(self) -> pd.Timestamp:
        """The newest session of any series: the as-of date."""
        return max(s.last for s in self.series.values())


@dataclass(frozen=True, eq=False, slots=True)
class Held:
    """The bars of one ticker and what is known of them."""

    bars: pd.DataFrame
    series: Series


def together(held: Mapping[str, Held], request: PriceRequest) -> Prices:
    """Held bars as `Prices`, cut to the request's days."""
    first = pd.Timestamp(request.start) if request.start else None
    last = pd.Timestamp(request.end) if request.end else None
    return Prices({t: h.bars.loc[first:last] for t, h in held.items()}, {t: h.series for t, h in held.items()})


def provided(get: Callable[[str], Held | None], request: PriceRequest) -> Prices:
    """What a store of bars answers to a request. Raises PricesUnavailable naming the ticker that it has not."""
    found: dict[str, Held] = {}
    for ticker in request.tickers:
        if (held := get(ticker)) is None:
            raise PricesUnavailable("no-prices", ticker=ticker, why=Phrase("prices.not-kept"))
        found[ticker] = held
    return together(found, request)


class PriceProvider(Protocol):
    """The seam to the outside world."""

    def closes(self, request: PriceRequest) -> Prices:
        """The bars asked for. Raises RequestError for an unknown ticker, PricesUnavailable when nobody answers."""
        ...
