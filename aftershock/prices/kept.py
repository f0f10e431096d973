"""What is there without asking anybody: for each ticker the newer of the cache's bars and the snapshot's."""

from __future__ import annotations

from aftershock.prices.cache import Cached
from aftershock.prices.snapshot import Snapshot
from aftershock.prices.types import Held, PriceRequest, Prices, provided


class Kept:
    """The snapshot and, where there is one, the cache, as one provider."""

    def __init__(self, snapshot: Snapshot, cache: Cached | None = None) -> None:
        self.snapshot, self.cache = snapshot, cache

    @property
    def tickers(self) -> tuple[str, ...]:
        """The snapshot's tickers and then what else is in the cache."""
        return tuple(dict.fromkeys((*self.snapshot.series, *(self.cache.tickers if self.cache is not None else ()))))

    def get(self, ticker: str) -> Held | None:
        """The bars of a ticker, or None. The cache's are taken where they reach as far: they were checked against the snapshot's."""
        found = self.snapshot.get(ticker)
        cached = self.cache.get(ticker) if self.cache is not None else None
        return found if cached is None or (found is not None and found.series.last > cached.series.last) else cached

    def closes(self, request: PriceRequest) -> Prices:
        """The bars of the request. Raises PricesUnavailable naming the ticker that is not here."""
        return provided(self.get, request)
