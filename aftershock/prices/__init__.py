"""Where prices come from. A provider has one method, `closes(request) -> Prices`, and every series says who gave it and when.

types      what prices are
snapshot   the bars that come with the project
market     what is known right now, for many readers at once
"""

from aftershock.prices.market import Answer, Known, Market
from aftershock.prices.snapshot import Snapshot, read_bars
from aftershock.prices.types import ADJUSTMENTS, COLUMNS, PriceProvider, PriceRequest, Prices, Provenance, Series

__all__ = [
    "ADJUSTMENTS", "COLUMNS", "Answer", "Known", "Market", "PriceProvider", "PriceRequest", "Prices", "Provenance", "Series", "Snapshot",
    "read_bars",
]  # fmt: skip
