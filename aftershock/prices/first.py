"""Several providers as one: for each ticker the first that has it."""

from __future__ import annotations

from dataclasses import replace

from aftershock.errors import AftershockError
from aftershock.prices.types import PriceProvider, PriceRequest, Prices


class FirstAvailable:
    """Asks its providers in turn, ticker by ticker; a chart may then hold bars of several, each with its own provenance."""

    def __init__(self, *providers: PriceProvider) -> None:
        self._providers = providers

    def closes(self, request: PriceRequest) -> Prices:
        """The bars of the request. Raises what the first provider raised for a ticker that none has: it is the one that was wanted."""
        found = [self._one(replace(request, tickers=(ticker,))) for ticker in request.tickers]
        return Prices({t: p.bars[t] for p in found for t in p.bars}, {t: p.series[t] for p in found for t in p.series})

    def _one(self, request: PriceRequest) -> Prices:
        first: AftershockError | None = None
        for provider in self._providers:
            try:
                return provider.closes(request)
            except AftershockError as error:
                first = first or error
        assert first is not None, "there is a provider"
        raise first
