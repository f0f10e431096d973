"""Yahoo behind its doubts: who may be asked, what is believed, what is kept."""

from __future__ import annotations

import datetime as dt
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import platformdirs

from aftershock.errors import Phrase, PricesUnavailable
from aftershock.prices.breaker import Breaker
from aftershock.prices.cache import Cached, fingerprint
from aftershock.prices.check import Checked, Refused, checked
from aftershock.prices.kept import Kept
from aftershock.prices.snapshot import Snapshot
from aftershock.prices.types import DIVIDEND, Held, PriceRequest, Prices, Series, together
from aftershock.prices.yahoo import Reply, Yahoo
from aftershock.sessions import Calendar
from aftershock.tickers import is_symbol

_LOG: Final = logging.getLogger(__name__)
NOTE: Final = "Yahoo Finance, daily bars; checked against the exchange's calendar and against what was known before."
MOMENT: Final = dt.timedelta(seconds=60)  # in which a command does not ask twice
START: Final = dt.date(2021, 7, 1)  # where the snapshot starts


def now_utc() -> dt.datetime:
    """The clock, where none is given."""
    return dt.datetime.now(dt.UTC)


def cache_folder() -> Path:
    """Where prices are kept: AFTERSHOCK_CACHE, or the user's cache folder."""
    return Path(os.environ.get("AFTERSHOCK_CACHE") or platformdirs.user_cache_dir("aftershock", appauthor=False)) / "prices"


def yahoo_of_environment() -> Yahoo:
    """Yahoo, or the server that AFTERSHOCK_YAHOO_URL names."""
    return Yahoo(os.environ.get("AFTERSHOCK_YAHOO_URL", ""))


class Live:
    """Prices from Yahoo, as a provider. What it gives is checked against what is kept, and kept itself where there is a cache."""

    def __init__(self, calendar: Calendar, yahoo: Yahoo, breaker: Breaker, kept: Kept, clock: Callable[[], dt.datetime] = now_utc) -> None:
        self.calendar, self.breaker, self.kept, self.clock = calendar, breaker, kept, clock
        self._yahoo = yahoo

    @classmethod
    def open(cls, snapshot: Snapshot, calendar: Calendar, clock: Callable[[], dt.datetime] = now_utc) -> Live:
        """With the cache of AFTERSHOCK_CACHE and the server of AFTERSHOCK_YAHOO_URL, where they are set."""
        folder = cache_folder()
        kept = Kept(snapshot, Cached(folder))
        breaker = Breaker(folder / "holds")
        breaker.look()
        return cls(calendar, yahoo_of_environment(), breaker, kept, clock)

    def ask(
        self, tickers: tuple[str, ...], *, start: dt.date | None = None, had: Callable[[str], Held | None] | None = None
    ) -> Iterator[tuple[str, Held | Phrase]]:
        """Each ticker with its bars or why there are none, as soon as that is known. `had` says what readers were shown until now (else
        what is kept), and an answer must agree with it. Nobody is asked while the breaker is open. Never raises.
        """
        yield from ((t, Phrase("prices.no-ticker")) for t in tickers if not is_symbol(t))
        before = {t: (had or self.kept.get)(t) for t in dict.fromkeys(tickers) if is_symbol(t)}
        left = dict(before)
        self.breaker.look()
        if self.breaker.closed(self.clock()) is None:
            replies = self._yahoo.ask({t: self._start(held, start) for t, held in before.items()})
            for reply in replies:
                del left[reply.ticker]
                yield reply.ticker, self._judge(reply, before[reply.ticker])
                if self.breaker.closed(self.clock()) is not None:
                    break
            replies.close()
        for ticker in left:
            hold = self.breaker.closed(self.clock())
            yield ticker, hold.why if hold is not None else Phrase("prices.slow")

    def closes(self, request: PriceRequest) -> Prices:
        """The bars of the request, asked for now, if that was not a moment ago. Raises PricesUnavailable naming the ticker that cannot
        be had, and why.
        """
        found = {t: held for t in request.tickers if (held := self._just_now(t, request.start)) is not None}
        left = tuple(t for t in request.tickers if t not in found)
        held_back = {t: hold.why for t in left if (hold := self.breaker.hold(t, self.clock())) is not None}
        asked = self.ask(left, start=request.start) if not held_back else ()
        for ticker, outcome in (*held_back.items(), *asked):
            if isinstance(outcome, Phrase):
                raise PricesUnavailable("no-prices", ticker=ticker, why=outcome)
            found[ticker] = outcome
        return together({t: found[t] for t in request.tickers}, request)

    def _just_now(self, ticker: str, start: dt.date | None) -> Held | None:
        held = self.kept.get(ticker)
        if held is None or held.series.source == "snapshot" or (start is not None and held.series.first.date() > start):
            return None
        return held if self.clock() - dt.datetime.fromisoformat(held.series.retrieved_at) < MOMENT else None

    def _start(self, had: Held | None, start: dt.date | None) -> dt.date:
        """Never later than what we had: a history may grow and not shrink."""
        first = min(start or START, START if had is None else had.series.first.date())
        return max(first, self.calendar.sessions[0].date())

    def _judge(self, reply: Reply, had: Held | None) -> Held | Phrase:
        """Bars that may be shown, kept; or a reason, noted."""
        now = self.clock()
        try:
            if reply.bars is None or reply.meta is None:
                raise Refused(reply.problem)
            good = checked(
                reply.ticker, reply.bars, reply.meta, calendar=self.calendar, now=now, start=reply.start,
                had=None if had is None else had.bars,
            )  # fmt: skip
        except Refused as refused:
            _LOG.warning("prices-refused", extra={"facts": {"ticker": reply.ticker, "why": refused.why.code}})
            self.breaker.failed(reply.ticker, refused.why, now)
            return refused.why
        _LOG.info("prices-answered", extra={"facts": {"ticker": reply.ticker, "sessions": len(good.bars)}})
        self.breaker.answered(reply.ticker, now)
        held = _held(reply.ticker, good, now)
        if self.kept.cache is not None:
            self.kept.cache.put(held)
        return held


def _held(ticker: str, good: Checked, now: dt.datetime) -> Held:
    bars = good.bars
    return Held(bars, Series(
        ticker, good.name, good.kind, "USD", bars.index[0], bars.index[-1], len(bars), fingerprint(bars), source="yahoo",
        retrieved_at=now.astimezone(dt.UTC).isoformat(timespec="seconds"), note=NOTE, remarks=good.remarks,
        adjustment="splits-dividends" if DIVIDEND in bars else "splits",
    ))  # fmt: skip
