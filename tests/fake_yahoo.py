"""A Yahoo of our own: real HTTP on 127.0.0.1, answers shaped as Yahoo's chart interface shapes them, and every way to be wrong.

    python -m tests.fake_yahoo 8099      for a test in another process; AFTERSHOCK_YAHOO_URL=http://127.0.0.1:8099 leads there

The four series of the snapshot are served as the snapshot has them, and go on with invented bars from its end to `now`; the others are
invented from 2004 on, the same in every run. `server.faults["TSM"] = "429"` (or GET /-/fault?ticker=TSM&fault=429; an empty fault ends
it) makes one ticker wrong, "*" all of them; `server.log` (GET /-/log) holds what was asked.
"""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import json
import re
import socket
import struct
import sys
import threading
import time
import tomllib
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from aftershock.sessions import new_york
from tests.conftest import ROOT

NY = ZoneInfo("America/New_York")
HOME = {"^IXIC": "IXIC", "NVDA": "NVDA", "^GSPC": "GSPC", "AMD": "AMD"}
NAMES = {
    "^IXIC": "NASDAQ Composite", "NVDA": "NVIDIA Corporation", "^GSPC": "S&P 500", "AMD": "Advanced Micro Devices, Inc.",
    "TSM": "Taiwan Semiconductor Manufactur", "AVGO": "Broadcom Inc.", "MU": "Micron Technology, Inc.", "INTC": "Intel Corporation",
    "ASML": "ASML Holding N.V.", "QCOM": "QUALCOMM Incorporated", "ARM": "Arm Holdings plc", "SMCI": "Super Micro Computer, Inc.",
    "MSFT": "Microsoft Corporation", "GOOGL": "Alphabet Inc.", "SMH": "VanEck Semiconductor ETF", "^SOX": "PHLX Semiconductor",
    "^DJI": "Dow Jones Industrial Average", "005930.KS": "SamsungElec", "BTC-USD": "Bitcoin USD", "SHEL.L": "SHELL PLC",
    "CL=F": "Crude Oil",
}  # fmt: skip
KINDS = {"BTC-USD": "CRYPTOCURRENCY", "CL=F": "FUTURE", "SMH": "ETF"}
PLACES = {"005930.KS": ("Asia/Seoul", "KRW"), "SHEL.L": ("Europe/London", "GBp"), "BTC-USD": ("UTC", "USD")}
INVENTED = re.compile(r"F\d+")  # any number of shares more, one for each fault
LISTED = {"ARM": dt.date(2023, 9, 14)}
DIVIDENDS = {"TSM": 0.5, "AVGO": 0.6, "MU": 0.115, "MSFT": 0.8}  # dollars every 63 sessions
FIELDS = ("open", "high", "low", "close")


@functools.cache
def bars_of(ticker: str) -> pd.DataFrame:
    """All bars that there are, far into the future: columns open, high, low, close, volume; the truth of the tests."""
    sessions = new_york().sessions
    if ticker == "BTC-USD":
        sessions = pd.date_range("2015-01-01", "2027-12-31", freq="D").as_unit("us")
    known = pd.DataFrame(columns=[*FIELDS, "volume"], index=pd.DatetimeIndex([]))
    if ticker in HOME:
        known = pd.read_csv(ROOT / "data" / "prices" / f"{HOME[ticker]}.csv", index_col="date", parse_dates=True)
        sessions = sessions[sessions > known.index[-1]]
    sessions = sessions[sessions >= pd.Timestamp(LISTED.get(ticker, dt.date(2004, 1, 1)))]
    luck = np.random.default_rng(zlib.crc32(ticker.encode()))
    begin = float(known["close"].iloc[-1]) if len(known) else float(luck.uniform(20, 200))
    close = begin * np.exp(np.cumsum(luck.normal(0.0003, 0.015, len(sessions)).clip(-0.06, 0.06)))
    opening = close * (1 + luck.normal(0, 0.004, len(sessions)))
    high, low = np.maximum(close, opening) * 1.004, np.minimum(close, opening) * 0.996
    volume = luck.integers(10**6, 10**8, len(sessions)).astype(float)
    made = pd.DataFrame({"open": opening, "high": high, "low": low, "close": close, "volume": volume}, index=sessions)
    made[[*FIELDS]] = made[[*FIELDS]].round(2)
    return pd.concat([known, made]) if len(known) else made


@functools.cache
def _reference() -> dict[str, Any]:
    return tomllib.loads((ROOT / "data" / "reference.toml").read_text(encoding="utf-8"))


@functools.cache
def events_of(ticker: str) -> dict[str, dict[dt.date, Any]]:
    """Dividends and splits by day."""
    reference = _reference()
    paid = {d["ex_date"]: d["usd_per_share"] for d in reference["dividend"] if d["ticker"] == ticker}
    split = {s["date"]: (int(s["ratio"]), 1) for s in reference["split"] if s["ticker"] == ticker}
    if ticker in DIVIDENDS:
        paid = {day.date(): DIVIDENDS[ticker] for day in bars_of(ticker).index[40::63]}
    return {"dividends": paid, "splits": split}


@functools.cache
def opening(day: pd.Timestamp) -> int:
    """A session's time stamp as Yahoo gives it: its opening in seconds since 1970."""
    return int(dt.datetime.combine(day.date(), dt.time(9, 30), NY).timestamp())


def answer(ticker: str, first: int, last: int, now: dt.datetime) -> dict[str, Any]:
    """The first and only entry of `chart.result`: the sessions that began between two times and not after `now`."""
    table = bars_of(ticker)
    table = table.iloc[table.index.searchsorted(pd.Timestamp(first - 90_000, unit="s")) :]
    stamps = [opening(day) for day in table.index[: table.index.searchsorted(pd.Timestamp(now.date()), side="right")]]
    chosen = [i for i, stamp in enumerate(stamps) if first <= stamp < last and stamp <= now.timestamp()]
    table, stamps = table.iloc[chosen], [stamps[i] for i in chosen]
    zone, currency = PLACES.get(ticker, ("America/New_York", "USD"))
    closing = new_york().closing(table.index[-1]) if len(table) else now
    meta = {
        "currency": currency, "symbol": ticker, "exchangeName": "NMS", "fullExchangeName": "NasdaqGS",
        "instrumentType": KINDS.get(ticker, "INDEX" if ticker.startswith("^") else "EQUITY"),
        "firstTradeDate": opening(bars_of(ticker).index[0]), "regularMarketTime": int(min(now, closing).timestamp()),
        "hasPrePostMarketData": True, "gmtoffset": -18000, "timezone": "EST", "exchangeTimezoneName": zone,
        "regularMarketPrice": float(table["close"].iloc[-1]) if len(table) else None, "priceHint": 2,
        "shortName": NAMES.get(ticker, ticker),
        "currentTradingPeriod": {
            part: {"timezone": "EST", "gmtoffset": -18000, "start": max(stamps, default=0), "end": int(closing.timestamp())}
            for part in ("pre", "regular", "post")
        },
        "dataGranularity": "1d", "range": "", "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }  # fmt: skip
    quote = {c: [float(np.float32(v)) if v == v else None for v in table[c]] for c in FIELDS}  # Yahoo's figures are such floats
    quote["volume"] = [int(v) if v == v else None for v in table["volume"]]
    if stamps and now < closing and ticker != "BTC-USD":
        stamps[-1] = int(now.timestamp())  # the bar of a session that is not over bears the time of its last trade
    found = {"meta": meta, "timestamp": stamps, "indicators": {"quote": [quote], "adjclose": [{"adjclose": list(quote["close"])}]}}
    if events := _events(ticker, first, last, now):
        found["events"] = events
    return found


def _events(ticker: str, first: int, last: int, now: dt.datetime) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for day, amount in events_of(ticker)["dividends"].items():
        if first <= (stamp := opening(pd.Timestamp(day))) < min(last, now.timestamp()):
            found.setdefault("dividends", {})[str(stamp)] = {"amount": amount, "date": stamp}
    for day, (new, old) in events_of(ticker)["splits"].items():
        if first <= (stamp := opening(pd.Timestamp(day))) < min(last, now.timestamp()):
            found.setdefault("splits", {})[str(stamp)] = {"date": stamp, "numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"}
    return found


# -- answers that are wrong: each takes the right one and spoils it ---------------------------------------------------


def _quote(found: dict[str, Any]) -> dict[str, list[Any]]:
    return found["indicators"]["quote"][0]  # type: ignore[no-any-return]


def _scaled(found: dict[str, Any], factor: float, part: slice, *, columns: tuple[str, ...] = FIELDS) -> None:
    for column in columns:
        values = _quote(found)[column]
        values[part] = [v * factor for v in values[part]]


def _without(found: dict[str, Any], part: slice) -> None:
    for values in (found["timestamp"], *_quote(found).values(), found["indicators"]["adjclose"][0]["adjclose"]):
        del values[part]


def _nothing(found: dict[str, Any], part: slice, *, columns: tuple[str, ...] = (*FIELDS, "volume")) -> None:
    for column in columns:
        values = _quote(found)[column]
        values[part] = [None] * len(values[part])


def _moved(found: dict[str, Any], days: int) -> None:
    found["timestamp"] = [t + days * 86400 for t in found["timestamp"]]


def _split(found: dict[str, Any], row: int, new: int) -> None:
    stamp = found["timestamp"][row]
    found.setdefault("events", {}).setdefault("splits", {})[str(stamp)] = {
        "date": stamp, "numerator": new, "denominator": 1, "splitRatio": f"{new}:1"
    }  # fmt: skip


def _unapplied(found: dict[str, Any]) -> None:
    _split(found, -40, 10)
    _scaled(found, 10, slice(None, -40))


def _applied(found: dict[str, Any]) -> None:
    """A split of two for one on the last session: every price before is on the new basis, the last one too."""
    _split(found, -1, 2)
    _scaled(found, 0.5, slice(None))
    found["meta"]["regularMarketPrice"] *= 0.5


def _on_another_basis(found: dict[str, Any]) -> None:
    """Everything five per cent higher, the quoted price too: the answer contradicts nothing but what is known from before."""
    _scaled(found, 1.05, slice(None))
    found["meta"]["regularMarketPrice"] *= 1.05


def _repeated(found: dict[str, Any], row: int, factor: float) -> None:
    stamp = found["timestamp"][row]
    found["timestamp"].insert(row, stamp)
    for column in (*FIELDS, "volume"):
        value = _quote(found)[column][row]
        _quote(found)[column].insert(row, value * factor if column != "volume" else value)
    found["indicators"]["adjclose"][0]["adjclose"].insert(row, found["indicators"]["adjclose"][0]["adjclose"][row])


def _live_after(found: dict[str, Any]) -> None:
    """A second row for the last day, an hour later and ten per cent higher, as Yahoo appends a live price."""
    found["timestamp"].append(found["timestamp"][-1] + 3600)
    for column in FIELDS:
        _quote(found)[column].append(_quote(found)[column][-1] * 1.1)
    _quote(found)["volume"].append(1)
    found["indicators"]["adjclose"][0]["adjclose"].append(_quote(found)["close"][-1])


def _set(found: dict[str, Any], column: str, row: int, value: object) -> None:
    _quote(found)[column][row] = value


def _swap(found: dict[str, Any]) -> None:
    _quote(found)["high"], _quote(found)["low"] = _quote(found)["low"], _quote(found)["high"]


def _reverse(found: dict[str, Any]) -> None:
    for values in (found["timestamp"], *_quote(found).values(), found["indicators"]["adjclose"][0]["adjclose"]):
        values.reverse()


def _other(found: dict[str, Any]) -> None:
    other = answer("INTC", found["timestamp"][0], found["timestamp"][-1] + 1, dt.datetime.fromtimestamp(found["timestamp"][-1] + 1, NY))
    found.clear()
    found.update(other)


def _long(found: dict[str, Any]) -> None:
    days = 100_000
    found["timestamp"] = [i * 86400 for i in range(days)]
    found["indicators"] = {"quote": [{c: [1.0] * days for c in (*FIELDS, "volume")}]}


SPOILED: dict[str, Callable[[dict[str, Any]], object]] = {
    "no-rows": lambda f: _without(f, slice(None)),
    "no-meta": lambda f: f.update(meta={}),
    "no-trading-period": lambda f: f["meta"].pop("currentTradingPeriod"),
    "no-volume": lambda f: _quote(f).pop("volume"),
    "lengths-differ": lambda f: _quote(f).update(close=_quote(f)["close"][:-3]),
    "text-for-a-price": lambda f: _set(f, "close", -30, "n/a"),
    "wrong-ticker": _other,
    "wrong-currency": lambda f: f["meta"].update(currency="GBp"),
    "wrong-exchange": lambda f: f["meta"].update(exchangeTimezoneName="Asia/Seoul", currency="KRW"),
    "coin": lambda f: f["meta"].update(instrumentType="CRYPTOCURRENCY"),
    "one-price-x100": lambda f: _scaled(f, 100, slice(-30, -29)),
    "one-price-x10": lambda f: _scaled(f, 10, slice(-30, -29)),
    "last-price-x100": lambda f: _scaled(f, 100, slice(-1, None)),
    "all-prices-x100": lambda f: _scaled(f, 100, slice(None)),
    "all-prices-5-percent": lambda f: _scaled(f, 1.05, slice(None)),
    "another-basis": _on_another_basis,
    "split-unapplied": _unapplied,
    "split-unannounced": lambda f: _scaled(f, 10, slice(None, -40)),
    "split-applied": _applied,
    "negative-price": lambda f: _scaled(f, -1, slice(-30, -29)),
    "zero-price": lambda f: _scaled(f, 0, slice(-30, -29)),
    "negative-volume": lambda f: _set(f, "volume", -30, -5),
    "high-below-low": _swap,
    "close-above-high": lambda f: _set(f, "close", -30, _quote(f)["high"][-30] * 1.02),
    "future-rows": lambda f: _moved(f, 364),
    "a-day-ahead": lambda f: _moved(f, 1),
    "years-old": lambda f: _without(f, slice(-300, None)),
    "a-week-old": lambda f: _without(f, slice(-5, None)),
    "begins-late": lambda f: _without(f, slice(None, -60)),
    "three-days-missing": lambda f: _without(f, slice(-43, -40)),
    "forty-days-missing": lambda f: _without(f, slice(-80, -40)),
    "three-empty-rows": lambda f: _nothing(f, slice(-43, -40)),
    "last-row-empty": lambda f: _nothing(f, slice(-1, None)),
    "last-row-only-volume": lambda f: _nothing(f, slice(-1, None), columns=FIELDS),
    "live-row-appended": _live_after,
    "a-day-twice": lambda f: _repeated(f, -30, 1.1),
    "unsorted": _reverse,
    "one-close-revised": lambda f: _scaled(f, 1.004, slice(-100, -99)),
    "100000-rows": _long,
}


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None:
        """The log is the server's."""

    def _send(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Cookie, crumb, chart; a client that goes away is no matter."""
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        try:
            if parts.path.startswith("/-/"):
                self._ourselves(parts.path, query)
            elif parts.path.startswith("/v8/finance/chart/"):
                ticker = unquote(parts.path.rsplit("/", 1)[1])
                self.server.log.append((ticker, query))
                self._chart(ticker, query, self.server.faults.get(ticker) or self.server.faults.get("*", ""))
            else:
                self._around(parts.path)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True

    do_POST = do_GET  # noqa: N815

    def _ourselves(self, path: str, query: dict[str, str]) -> None:
        if path == "/-/fault":
            self.server.faults[query["ticker"]] = query.get("fault", "")
        self._send(200, json.dumps(self.server.log).encode())

    def _around(self, path: str) -> None:
        fault = self.server.faults.get("around", "")
        if fault == "hang":
            self.server.stopped.wait(60)
        if path == "/v1/test/getcrumb":
            self._send(429 if fault == "429" else 200, b"Too Many Requests" if fault == "429" else b"a.crumb", "text/plain")
        else:
            self._send(404, b"", "text/html", Set_Cookie="A3=fake; Path=/")

    def _chart(self, ticker: str, query: dict[str, str], fault: str) -> None:
        if fault == "404" or not (ticker in NAMES or INVENTED.fullmatch(ticker)):
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            self._send(404, json.dumps({"chart": {"result": None, "error": error}}).encode())
            return
        found = answer(ticker, int(query["period1"]), int(query["period2"]), self.server.now)
        if fault in SPOILED:
            SPOILED[fault](found)
        self._wire(json.dumps({"chart": {"result": [found], "error": None}}).encode(), fault, ticker)

    def _wire(self, body: bytes, fault: str, ticker: str) -> None:
        """What can go wrong between two machines."""
        match fault:
            case "429":
                self._send(429, b"Too Many Requests\r\n", "text/plain", Retry_After="60")
            case "401":
                self._send(401, b'{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}')
            case "500":
                self._send(500, b'{"chart":{"result":null,"error":{"code":"Internal Server Error","description":"oops"}}}')
            case "503-once" if sum(t == ticker for t, _ in self.server.log) == 1:
                self._send(503, b"", "text/plain")
            case "html":
                self._send(200, b"<!doctype html><title>Yahoo</title><body>Will be right back</body>", "text/html")
            case "consent-page":
                self._send(200, b"<html><form action='/consent'>Before you continue</form></html>", "text/html")
            case "truncated":
                self._send(200, body[: len(body) // 2])
            case "broken-off":
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            case "empty-body" | "null" | "list":
                self._send(200, {"empty-body": b"", "null": b"null", "list": b"[]"}[fault])
            case "bomb":
                self._send(200, gzip.compress(b'{"chart":' + b" " * (200 << 20) + b"null}", 6), Content_Encoding="gzip")
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
            case "hang":
                self.server.stopped.wait(60)
            case "slow-drip":
                self._drip(body)
            case "late":
                time.sleep(1)
                self._send(200, body)
            case _:
                self._send(200, body)

    def _drip(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for i in range(0, len(body), 40):
            self.wfile.write(body[i : i + 40])
            self.wfile.flush()
            if self.server.stopped.wait(0.25):
                return


class Server(ThreadingHTTPServer):
    """The server; `now` is its clock, `log` the charts that were asked for, as (ticker, query)."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, now: dt.datetime, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.now = now
        self.faults: dict[str, str] = {}
        self.log: list[tuple[str, dict[str, str]]] = []
        self.stopped = threading.Event()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A client that was killed is no error."""

    def __enter__(self) -> Server:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()


if __name__ == "__main__":
    with Server(dt.datetime.now(NY), int(sys.argv[1]) if len(sys.argv) > 1 else 8099) as running:
        sys.stdout.write(running.url + "\n")
        sys.stdout.flush()
        threading.Event().wait()
