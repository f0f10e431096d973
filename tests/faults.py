"""Every way in which Yahoo can fail, what is right then, and how it is tried: for `tests/test_faults.py` and `make faults`.

Each mode is tried in three states: *new*, a ticker of which nothing is known; *cached*, one whose prices of a week ago are in the cache;
*snapshot*, one whose prices of 11 June are in a snapshot. What is right was written down by hand from what the fault is, not from what
the program does:

    right        the healthy server's closes, up to the last finished session (or up to the one before, where that one has no figures)
    gaps         the same with the missing sessions empty and declared
    kept CODE    what was there stays as it is, with this reason
    none CODE    nothing is drawn, with this reason
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import socket
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aftershock.prices import Cached, Held, Kept, Known, Live, Market, Series, Snapshot
from aftershock.prices.breaker import Breaker
from aftershock.prices.yahoo import Reply, Yahoo
from aftershock.sessions import new_york
from tests.fake_yahoo import NY, Server, bars_of

NOW = dt.datetime(2026, 10, 2, 18, tzinfo=NY)  # a Friday after the close
START = pd.Timestamp("2021-07-01")
STATES = {"new": None, "cached": pd.Timestamp("2026-09-25"), "snapshot": pd.Timestamp("2026-06-11")}  # the last bar that is there before


@dataclass(frozen=True)
class Mode:
    """A fault and what is right in each state; `alone` where it is no matter of one ticker; `factor` where the truth itself changed."""

    name: str
    new: str
    cached: str
    snapshot: str
    alone: bool = False
    factor: float = 1.0


def _same(name: str, code: str, **options: Any) -> Mode:
    """A fault that is the same in every state: the answer is refused."""
    return Mode(name, f"none {code}", f"kept {code}", f"kept {code}", **options)


def _right(name: str, **options: Any) -> Mode:
    return Mode(name, "right", "right", "right", **options)


MODES = (
    _right(""),
    # between two machines
    _same("429", "rate-limited", alone=True),
    _same("401", "down"),
    _same("404", "unknown"),
    _same("500", "down"),
    _right("503-once", alone=True),
    _same("html", "garbled"),
    _same("consent-page", "garbled"),
    _same("truncated", "garbled"),
    _same("broken-off", "garbled"),
    _same("empty-body", "garbled"),
    _same("null", "garbled"),
    _same("list", "garbled"),
    _same("bomb", "garbled slow", alone=True),
    _same("reset", "garbled"),
    _same("hang", "slow", alone=True),
    _same("slow-drip", "slow", alone=True),
    _same("no-such-host", "unreachable", alone=True),
    _same("nobody-listens", "unreachable", alone=True),
    _right("crumb-429", alone=True),  # the chart is given without a crumb too
    _right("cookie-hangs", alone=True),
    # the shape of the answer
    _same("no-rows", "empty"),
    _same("no-meta", "garbled"),
    _right("no-trading-period"),
    _same("no-volume", "garbled"),
    _same("lengths-differ", "garbled"),
    _same("text-for-a-price", "garbled"),
    _same("100000-rows", "future slow", alone=True),
    _right("unsorted"),
    # what it is about
    _same("wrong-ticker", "wrong-symbol"),
    _same("wrong-currency", "elsewhere"),
    _same("wrong-exchange", "elsewhere"),
    _same("coin", "around-the-clock"),
    # the figures
    _same("one-price-x100", "leap"),
    _same("one-price-x10", "leap"),
    _same("last-price-x100", "leap quoted"),
    _same("all-prices-x100", "quoted"),
    _same("all-prices-5-percent", "quoted"),
    Mode("another-basis", "", "kept disagrees", "kept disagrees"),  # nobody can know it of a new ticker
    _same("split-unapplied", "split-unapplied"),
    _same("split-unannounced", "leap"),
    _right("split-applied", factor=0.5),
    _same("negative-price", "not-positive"),
    _same("zero-price", "not-positive"),
    _same("negative-volume", "negative"),
    _same("high-below-low", "outside"),
    _same("close-above-high", "outside"),
    Mode("one-close-revised", "", "right", "right"),  # by 0.4 %: a revision is said, and of a new ticker it is the truth
    # the days
    _same("future-rows", "future"),
    _same("a-day-ahead", "future"),
    _same("years-old", "ended"),
    Mode("a-week-old", "right", "right", "right"),  # five sessions late: shown, and said
    Mode("begins-late", "none begins-late", "kept begins-late", "kept begins-late"),
    Mode("three-days-missing", "gaps", "kept lost", "gaps"),  # they lie in August, after the snapshot's end
    _same("forty-days-missing", "gaps"),
    Mode("three-empty-rows", "gaps", "kept lost", "gaps"),
    _right("last-row-empty"),
    _right("last-row-only-volume"),
    _same("live-row-appended", "quoted"),
    _same("a-day-twice", "day-twice"),
)


@dataclass(frozen=True)
class Row:
    """One mode in one state: what was right, what was drawn, the seconds of every look at the market, how often Yahoo was asked."""

    mode: str
    state: str
    right: str
    found: str
    looks: list[float]
    calls: int

    @property
    def good(self) -> bool:
        """Drawn as it is right, and for that reason."""
        kind, *codes = self.right.split()
        found, *why = self.found.split()
        return found == kind and (not codes or why[0] in codes)


def snapshot_of(tickers: Iterable[str], folder: Path) -> Snapshot:
    """A snapshot with the bars of these tickers until the state's day."""
    entries = []
    for ticker in tickers:
        bars = bars_of(ticker).loc[START : STATES["snapshot"]].copy()
        bars["volume"] = bars["volume"].astype(int)
        text = bars.to_csv(index_label="date", lineterminator="\n", date_format="%Y-%m-%d")
        (folder / f"{ticker}.csv").write_text(text, encoding="utf-8")
        entries.append({
            "ticker": ticker, "file": f"{ticker}.csv", "name": ticker, "kind": "share", "currency": "USD",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        })  # fmt: skip
    head = {"source": "snapshot", "note": "a test's", "retrieved_at": "2026-06-11", "adjustment": "splits"}
    (folder / "manifest.json").write_text(json.dumps(head | {"series": entries}), encoding="utf-8")
    return Snapshot(folder, new_york())


def held(ticker: str, last: pd.Timestamp) -> Held:
    """Healthy bars as Yahoo gave them on the evening of `last`."""
    bars = bars_of(ticker).loc[START:last].assign(dividend=0.0)
    at = f"{last:%Y-%m-%d}T22:00:00+00:00"
    return Held(bars, Series(ticker, ticker, "share", "USD", bars.index[0], last, len(bars), "", "yahoo", at, "splits-dividends", ""))


@contextmanager
def address(server: Server, mode: str) -> Iterator[str]:
    """Where the client is sent: to the server, to no host, to a port where nobody listens."""
    if mode == "no-such-host":
        yield "http://no-such-host.invalid"
    elif mode == "nobody-listens":
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            yield f"http://127.0.0.1:{closed.getsockname()[1]}"
    else:
        yield server.url


class Counted(Yahoo):
    """Yahoo, and how often which ticker was asked for."""

    def __init__(self, url: str, deadline: float) -> None:
        super().__init__(url, deadline=deadline)
        self.asked: list[str] = []

    def ask(self, wanted: Mapping[str, dt.date]) -> Generator[Reply]:
        """Counts, and asks."""
        self.asked += wanted
        yield from super().ask(wanted)


def attempt(modes: Sequence[Mode], state: str, folder: Path, *, deadline: float, readers: int = 20) -> list[Row]:
    """Tries modes, one ticker each, in a market of their own with this many readers at once."""
    by_ticker = {f"F{MODES.index(m)}": m for m in modes if getattr(m, state)}
    folder.mkdir(parents=True)
    cache = Cached(folder / "cache")
    snapshot = snapshot_of(by_ticker if state == "snapshot" else ["F999"], folder)
    for ticker in by_ticker if state == "cached" else ():
        assert cache.put(held(ticker, STATES["cached"]))
    with Server(NOW) as server, address(server, modes[0].name) as url:
        server.faults |= {ticker: mode.name for ticker, mode in by_ticker.items()} | {"F999": "404"}
        server.faults["around"] = {"crumb-429": "429", "cookie-hangs": "hang"}.get(modes[0].name, "")
        yahoo = Counted(url, deadline)
        live = Live(new_york(), yahoo, Breaker(folder / "holds"), Kept(snapshot, cache), lambda: NOW)
        known, looks = watch(Market(snapshot, live, clock=lambda: NOW, settle=0.0), tuple(by_ticker), readers)
    return [
        Row(mode.name or "(none)", state, getattr(mode, state), drawn(known, ticker, mode, state), looks, yahoo.asked.count(ticker))
        for ticker, mode in by_ticker.items()
    ]


def watch(market: Market, tickers: tuple[str, ...], readers: int) -> tuple[Known, list[float]]:
    """Many readers look at once and go on looking until nothing is asked any more; the last look, and the seconds that each took."""

    def read(_: int) -> list[float]:
        looks, end = [], time.monotonic() + 240
        while time.monotonic() < end:
            began = time.perf_counter()
            known = market.now(tickers)
            looks.append(time.perf_counter() - began)
            if not known.asking:
                break
            time.sleep(0.1)
        return looks

    with ThreadPoolExecutor(readers) as pool:
        looks = [seconds for one in pool.map(read, range(readers)) for seconds in one]
    return market.now(tickers), looks


def drawn(known: Known, ticker: str, mode: Mode, state: str) -> str:
    """What a reader sees: right, gaps, kept CODE, none CODE, or WRONG."""
    answer = known.answers[ticker]
    code = answer.reason.code.removeprefix("prices.") if answer.reason else ""
    if ticker not in known.prices.bars:
        return f"none {code}"
    bars = known.prices.bars[ticker]
    last = STATES[state]
    full = bars_of(ticker).loc[START : pd.Timestamp(NOW.date())]
    expected = full["close"] * mode.factor
    if mode.name == "one-close-revised":
        expected.iloc[-100] *= 1.004
    if last is not None and bars.index[-1] == last and np.allclose(bars["close"], full["close"].loc[:last], rtol=1e-6) and code != "behind":
        return f"kept {code}"
    if not bars.index.equals(full.index[: len(bars)]) or len(full) - len(bars) > 5 or (len(full) != len(bars) and code != "behind"):
        return f"WRONG {code}"
    close = bars["close"]
    there = close.notna()
    if not np.allclose(close[there], expected.loc[close.index][there], rtol=1e-6):
        return f"WRONG {code}"
    declared = any(r.code == "prices.gap" for r in known.prices.series[ticker].remarks)
    return "right" if there.all() else "gaps" if declared else f"WRONG {code}"


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as a Markdown table, a mode in a line."""
    lines = ["| fault | new ticker | in the cache | in the snapshot | questions for 20 readers |", "|---|---|---|---|---:|"]
    for name in dict.fromkeys(r.mode for r in rows):
        cells = {r.state: r.found if r.good else f"**{r.found}** instead of {r.right}" for r in rows if r.mode == name}
        calls = max(r.calls for r in rows if r.mode == name)
        lines.append(f"| {name} | " + " | ".join(cells.get(state, "–") for state in STATES) + f" | {calls} |")
    return lines


def summary(rows: Sequence[Row]) -> str:
    """The figures that matter, in a sentence."""
    looks = 1000 * np.array([seconds for r in rows for seconds in r.looks])
    modes, wrong = {r.mode for r in rows} - {"(none)"}, sum(r.found.startswith("WRONG") for r in rows)
    return (
        f"{len(modes)} faults, {len(rows)} cases: wrong charts drawn {wrong}, other than right {sum(not r.good for r in rows)}, "
        f"questions for one ticker at most {max(r.calls for r in rows)}, a look at the market median {np.median(looks):.2f} ms, "
        f"99 in 100 within {np.quantile(looks, 0.99):.1f} ms, slowest {looks.max():.0f} ms"
    )
