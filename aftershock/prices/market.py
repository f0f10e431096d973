"""What is known of the market right now, for many readers at once: it never waits and never asks twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from aftershock.errors import Phrase
from aftershock.prices.snapshot import Snapshot
from aftershock.prices.types import PriceRequest, Prices


@dataclass(frozen=True, slots=True)
class Answer:
    """How one ticker stands. `live`: its bars are the provider's newest. `asking`: a question is under way. `reason`: why it has no
    bars, or only older ones; None when there is nothing to explain. `retry_at`: when it will be asked again (UTC).
    """

    ticker: str
    live: bool
    asking: bool = False
    reason: Phrase | None = None
    retry_at: dt.datetime | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Known:
    """What is known of some tickers: the bars of those that have any, and how each of them stands."""

    prices: Prices
    answers: dict[str, Answer]

    @property
    def missing(self) -> tuple[str, ...]:
        """The tickers without bars."""
        return tuple(t for t in self.answers if t not in self.prices.series)

    @property
    def asking(self) -> tuple[str, ...]:
        """The tickers that are being asked for."""
        return tuple(t for t, a in self.answers.items() if a.asking)


class Market:
    """The one market of the server."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._prices = lru_cache(maxsize=64)(lambda tickers: snapshot.closes(PriceRequest(tickers)))

    @property
    def home(self) -> tuple[str, ...]:
        """The tickers that are always there: those of the snapshot."""
        return tuple(self._snapshot.series)

    def now(self, tickers: tuple[str, ...] = ()) -> Known:
        """The home tickers and these, as they stand at this moment; what has become old is asked for behind the reader's back. As
        long as no bar changed, the same tickers get the same `Prices` object.
        """
        asked = tuple(dict.fromkeys((*self.home, *tickers)))
        answers = {t: Answer(t, live=False, reason=None if t in self.home else Phrase("prices.snapshot-only")) for t in asked}
        return Known(self._prices(self.home), answers)

    def refresh(self, tickers: tuple[str, ...]) -> None:
        """A reader wants these newer. Does nothing while they are being asked for, were asked a moment ago, or may not be asked."""
