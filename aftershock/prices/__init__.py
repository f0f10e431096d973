"""Where prices come from. A provider has one method, `closes(request) -> Prices`, and every series says who gave it and when.

types      what prices are
snapshot   the bars that come with the project
worker     the process that talks to Yahoo with yfinance
yahoo      that process, asked and if need be ended
check      what of its answers is believed
breaker    whom not to ask for a while
cache      what was believed, kept on the disk (files: how)
kept       the newer of cache and snapshot, without asking anybody
live       Yahoo with all its doubts, as a provider
first      several providers as one
renew      the snapshot, asked for anew
market     what is known right now, for many readers at once
"""

from aftershock.prices.cache import Cached
from aftershock.prices.first import FirstAvailable, prices_at_once
from aftershock.prices.kept import Kept
from aftershock.prices.live import Live
from aftershock.prices.market import Answer, Known, Market, mode
from aftershock.prices.snapshot import Snapshot, read_bars
from aftershock.prices.types import ADJUSTMENTS, COLUMNS, DIVIDEND, Held, PriceProvider, PriceRequest, Prices, Provenance, Series

__all__ = [
    "ADJUSTMENTS", "COLUMNS", "DIVIDEND", "Answer", "Cached", "FirstAvailable", "Held", "Kept", "Known", "Live", "Market", "PriceProvider",
    "PriceRequest", "Prices", "Provenance", "Series", "Snapshot", "mode",
    "prices_at_once", "read_bars",
]  # fmt: skip
