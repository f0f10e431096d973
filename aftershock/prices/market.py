"""What is known of the market right now, for many readers at once: it never waits and never asks twice."""

from __future__ import annotations

import datetime as dt
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pandas as pd

from aftershock.errors import Phrase, RequestError
from aftershock.prices.check import SETTLING
from aftershock.prices.kept import Kept
from aftershock.prices.live import Live, now_utc
from aftershock.prices.snapshot import Snapshot
from aftershock.prices.types import Held, PriceRequest, Prices, together
from aftershock.sessions import Calendar
from aftershock.tickers import is_symbol

_LOG: Final = logging.getLogger(__name__)
MODES: Final = ("auto", "snapshot", "yahoo")
AGAIN: Final = dt.timedelta(minutes=15)  # between two questions about one ticker whose newer bar should be there and is not
REFRESH: Final = dt.timedelta(seconds=60)  # between two questions about one ticker that readers want
SETTLE: Final = 2.0  # seconds before a question that nobody waits for: the first pages come before it
HOURLY: Final = 240  # questions in an hour, whatever readers type
HOURLY_NEW: Final = 120  # of them for tickers without bars: what strangers type must not keep the others from becoming newer
REMEMBERED: Final = 500  # tickers, beyond which those without bars are forgotten


@dataclass(frozen=True, slots=True)
class Answer:
    """How one ticker stands. `live`: its bars are the provider's, up to the last finished session. `asking`: a question is under way.
    `reason`: why it has no bars, or only older ones; None when there is nothing to explain. `retry_at`: when it will be asked again
    by itself; None when that is not known or now. `refresh_at`: until when a reader's refresh does nothing; None when it would ask at
    once. `checked_at`: when the provider last confirmed its bars; None for the snapshot's. All times UTC.
    """

    ticker: str
    live: bool
    asking: bool = False
    reason: Phrase | None = None
    retry_at: dt.datetime | None = None
    refresh_at: dt.datetime | None = None
    checked_at: dt.datetime | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Known:
    """What is known of some tickers: the bars of those that have any, and how each of them stands. `notes` concern them all: a cache
    that cannot be written, a damaged file that was set aside.
    """

    prices: Prices
    answers: dict[str, Answer]
    notes: tuple[Phrase, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The tickers without bars."""
        return tuple(t for t in self.answers if t not in self.prices.series)

    @property
    def asking(self) -> tuple[str, ...]:
        """The tickers that are being asked for."""
        return tuple(t for t, a in self.answers.items() if a.asking)


@dataclass(slots=True)
class _State:
    """One ticker in the market. `begun`: when the last question began; `next_at`: not asked by itself before that."""

    held: Held | None = None
    version: int | None = None
    asking: bool = False
    begun: dt.datetime | None = None
    next_at: dt.datetime | None = None
    checked_at: dt.datetime | None = None
    reason: Phrase | None = None


class Market:
    """The one market of the server: the snapshot, newer bars from the cache, and newer ones yet from a live source, which a single
    thread asks in the background. `Market(snapshot)` knows the snapshot alone; `Market.open` does what the environment says.
    """

    def __init__(
        self, snapshot: Snapshot, live: Live | None = None, *, clock: Callable[[], dt.datetime] = now_utc, settle: float = SETTLE
    ) -> None:
        """`live` brings its cache along. `clock` gives aware times."""
        self._live, self._settle = live, settle
        self._kept = live.kept if live is not None else Kept(snapshot)
        self._clock: Callable[[], dt.datetime] = lambda: clock().astimezone(dt.UTC)
        self._lock = threading.RLock()
        self._states: dict[str, _State] = {}
        self._queue: list[str] = []
        self._urgent = threading.Event()
        self._thread: threading.Thread | None = None
        self._questions: deque[dt.datetime] = deque()
        self._new_questions: deque[dt.datetime] = deque()
        self._finished: tuple[dt.datetime, pd.Timestamp] | None = None
        self._together = lru_cache(maxsize=64)(lambda held: together({h.series.ticker: h for h in held}, PriceRequest(())))

    @classmethod
    def open(cls, snapshot: Snapshot, calendar: Calendar) -> Market:
        """The market that AFTERSHOCK_PRICES, AFTERSHOCK_CACHE and AFTERSHOCK_YAHOO_URL describe. Raises RequestError."""
        return cls(snapshot, None if mode() == "snapshot" else Live.open(snapshot, calendar))

    @property
    def home(self) -> tuple[str, ...]:
        """The tickers that are always there: those of the snapshot."""
        return tuple(self._kept.snapshot.series)

    def now(self, tickers: tuple[str, ...] = (), *, asking: bool = True, spared: frozenset[str] = frozenset()) -> Known:
        """The home tickers and these, as they stand at this moment; what has become old is asked for behind the reader's back, unless
        somebody only looks (asking=False). As long as no bar changed, the same tickers get the same `Prices` object. The first time that
        a ticker is named, its file in the cache is read, which takes some milliseconds; everything else is looked up. Nobody is asked for
        those of `spared` without bars.
        """
        with self._lock:
            now = self._clock()
            states = {t: self._state(t) for t in dict.fromkeys((*self.home, *tickers))}
            due = (t for t, s in states.items() if asking and self._is_due(t, s, now))
            self._enqueue([t for t in due if t not in spared or states[t].held is not None], now)
            prices: Prices = self._together(tuple(s.held for s in states.values() if s.held is not None))
            notes = self._kept.cache.troubles if self._kept.cache is not None else ()
            return Known(prices, {t: self._answer(t, s, now) for t, s in states.items()}, notes)

    @property
    def asking(self) -> int:
        """How many tickers are being asked for."""
        with self._lock:
            return sum(state.asking for state in self._states.values())

    def can_keep(self) -> bool | None:
        """Whether the cache's folder takes a file right now; None where nothing is kept."""
        return self._kept.cache.takes_files() if self._kept.cache is not None else None

    def refresh(self, tickers: tuple[str, ...]) -> None:
        """A reader wants these newer. Does nothing while they are being asked for, were asked a moment ago, or may not be asked."""
        with self._lock:
            now = self._clock()
            states = {t: self._state(t) for t in dict.fromkeys(tickers)}
            wanted = [t for t, s in states.items() if is_symbol(t) and not s.asking and self._refresh_at(s, now) is None]
            self._enqueue(wanted if self._live is not None else [], now, urgent=True)

    # -- what is known, under the lock -------------------------------------------------------------------------------

    def _state(self, ticker: str) -> _State:
        if (state := self._states.get(ticker)) is None:
            if len(self._states) >= REMEMBERED:
                self._states = {t: s for t, s in self._states.items() if s.held is not None or s.asking}
            state = self._states[ticker] = _State(held=self._kept.snapshot.get(ticker))
            self._look_into_cache(ticker, state)
        return state

    def _look_into_cache(self, ticker: str, state: _State) -> bool:
        """Takes what is kept where it is newer; another process may have put it there. True when it took some."""
        cache = self._kept.cache
        if cache is None or not is_symbol(ticker) or (version := cache.version(ticker)) in (None, state.version):
            return False
        state.version = version
        found = self._kept.get(ticker)
        if found is None or found.series.source == "snapshot" or (state.held is not None and found.series.last < state.held.series.last):
            return False
        self._take(state, found)
        return True

    def _take(self, state: _State, found: Held) -> None:
        """New bars; the same ones leave the older object in its place, since caches hang on it."""
        if state.held is None or found.series.sha256 != state.held.series.sha256:
            state.held = found
        state.checked_at = dt.datetime.fromisoformat(found.series.retrieved_at)
        state.reason = None

    def _answer(self, ticker: str, state: _State, now: dt.datetime) -> Answer:
        if self._live is None:
            return Answer(ticker, live=False, reason=None if ticker in self.home else Phrase("prices.snapshot-only"))
        current = state.checked_at is not None and self._is_current(state, now)
        hold = self._live.breaker.hold(ticker, now)
        reason = None if current else hold.why if hold is not None else state.reason
        if reason is None and not is_symbol(ticker):
            reason = Phrase("prices.no-ticker")
        if reason is None and not current and not state.asking and state.checked_at is not None and state.held is not None:
            reason = Phrase("prices.behind", day=state.held.series.last)
        again = hold.until if hold is not None else state.next_at
        retry = None if current or state.asking or again is None or again <= now else again
        return Answer(ticker, current, state.asking, reason, retry, self._refresh_at(state, now), state.checked_at)

    def _is_current(self, state: _State, now: dt.datetime) -> bool:
        return state.held is not None and state.held.series.last >= self._last_finished(now)

    def _last_finished(self, now: dt.datetime) -> pd.Timestamp:
        """The session whose bar should be there; looked up again when a minute has passed."""
        assert self._live is not None
        if self._finished is None or not self._finished[0] <= now < self._finished[0] + dt.timedelta(minutes=1):
            self._finished = now, self._live.calendar.last_finished(now - SETTLING)
        return self._finished[1]

    def _is_due(self, ticker: str, state: _State, now: dt.datetime) -> bool:
        if self._live is None or state.asking or (state.next_at is not None and now < state.next_at) or not is_symbol(ticker):
            return False
        return not self._is_current(state, now) and self._live.breaker.hold(ticker, now) is None

    def _refresh_at(self, state: _State, now: dt.datetime) -> dt.datetime | None:
        hold = self._live.breaker.closed(now) if self._live is not None else None
        times = [hold.until] if hold is not None else []
        if state.begun is not None and now < state.begun + REFRESH:
            times.append(state.begun + REFRESH)
        return max(times, default=None)

    # -- asking ------------------------------------------------------------------------------------------------------

    def _enqueue(self, tickers: list[str], now: dt.datetime, *, urgent: bool = False) -> None:
        """Under the lock."""
        hour = dt.timedelta(hours=1)
        for questions in (self._questions, self._new_questions):
            while questions and questions[0] < now - hour:
                questions.popleft()
        for ticker in tickers:
            state = self._states[ticker]
            if len(self._questions) >= HOURLY:
                state.reason, state.next_at = Phrase("prices.too-many"), self._questions[0] + hour
                continue
            if state.held is None:
                if len(self._new_questions) >= HOURLY_NEW:
                    state.reason, state.next_at = Phrase("prices.too-many-new", most=HOURLY_NEW), self._new_questions[0] + hour
                    continue
                self._new_questions.append(now)
            self._questions.append(now)
            self._queue.append(ticker)
            state.asking, state.begun = True, now
            if urgent or state.held is None:
                self._urgent.set()
        if self._queue and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="prices", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """Asks until nothing is wanted any more."""
        while True:
            self._urgent.wait(self._settle)
            with self._lock:
                batch, self._queue = tuple(self._queue), []
                self._urgent.clear()
                if not batch:
                    self._thread = None
                    return
            again = None
            try:
                self._ask(self._not_there_yet(batch))
            except Exception:  # a fault of ours: it is logged, the reader keeps what there was, and it is not repeated at once
                _LOG.exception("asking for prices failed")
                again = self._clock() + AGAIN
            with self._lock:
                for ticker in set(batch).difference(self._queue):  # one that was answered may be wanted again by now
                    state = self._states[ticker]
                    state.asking, state.next_at = False, again or state.next_at

    def _not_there_yet(self, batch: tuple[str, ...]) -> tuple[str, ...]:
        """Those that no other process has got in the meantime, first those that readers see nothing of."""
        with self._lock:
            found = {t for t in batch if self._look_into_cache(t, self._states[t]) and self._is_current(self._states[t], self._clock())}
            return tuple(sorted((t for t in batch if t not in found), key=lambda t: self._states[t].held is not None))

    def _ask(self, batch: tuple[str, ...]) -> None:
        assert self._live is not None
        for ticker, outcome in self._live.ask(batch, had=lambda ticker: self._states[ticker].held):
            with self._lock:
                state, now = self._states[ticker], self._clock()
                hold = self._live.breaker.hold(ticker, now)
                state.asking, state.next_at = False, hold.until if hold is not None else now + AGAIN
                if isinstance(outcome, Phrase):
                    state.reason = outcome
                else:
                    self._take(state, outcome)
                    state.version = self._kept.cache.version(ticker) if self._kept.cache is not None else None


def mode() -> str:
    """AFTERSHOCK_PRICES. Raises RequestError for a word that it does not know."""
    found = os.environ.get("AFTERSHOCK_PRICES") or "auto"
    if found not in MODES:
        raise RequestError("unknown-mode", mode=found, known=", ".join(MODES))
    return found
