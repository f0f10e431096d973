"""Several providers as one: for each ticker the first that has it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from aftershock.errors import AftershockError, Phrase, PricesUnavailable
from aftershock.prices.live import Live
from aftershock.prices.market import mode
from aftershock.prices.snapshot import Snapshot
from aftershock.prices.types import PriceProvider, PriceRequest, Prices
from aftershock.sessions import Calendar
from aftershock.tickers import is_symbol


class FirstAvailable:
    """Asks its providers in turn, ticker by ticker; the answer may then hold bars of several, each with its own provenance."""

    def __init__(self, *providers: PriceProvider) -> None:
        self._providers = providers

    def closes(self, request: PriceRequest) -> Prices:
        """The bars of the request. For a ticker that none has, raises what the first one said who knows more than that it is not there."""
        with suppress(AftershockError):
            return self._providers[0].closes(request)  # one question for all
        found = [self._one(replace(request, tickers=(ticker,))) for ticker in request.tickers]
        return Prices({t: p.bars[t] for p in found for t in p.bars}, {t: p.series[t] for p in found for t in p.series})

    def _one(self, request: PriceRequest) -> Prices:
        refusals = []
        for provider in self._providers:
            try:
                return provider.closes(request)
            except AftershockError as error:
                refusals.append(error)
        raise next((e for e in refusals if getattr(e.facts.get("why"), "code", "") != "prices.not-kept"), refusals[-1])


def prices_at_once(snapshot: Snapshot, calendar: Calendar, tickers: tuple[str, ...] = ()) -> Prices:
    """The snapshot's series and these, for somebody who waits: as AFTERSHOCK_PRICES says, from what is kept and else from Yahoo (auto),
    from the snapshot alone, or from Yahoo and else its cache (yahoo). Raises AftershockError naming the ticker that cannot be had.
    """
    home = tuple(snapshot.series)
    if mode() == "snapshot":
        return snapshot.closes(PriceRequest(home))
    for ticker in tickers:
        if not is_symbol(ticker):
            raise PricesUnavailable("no-prices", ticker=ticker, why=Phrase("prices.no-ticker"))
    live = Live.open(snapshot, calendar)
    assert live.kept.cache is not None
    chosen = FirstAvailable(live.kept, live) if mode() == "auto" else FirstAvailable(live, live.kept.cache)
    return chosen.closes(PriceRequest(tuple(dict.fromkeys((*home, *tickers)))))
