"""The process that talks to Yahoo: `python -P worker.py`. It imports nothing of ours, so it starts from anywhere, and may be killed.

In, a line of JSON: {"wanted": {"NVDA": "2021-07-01"}, "url": ""}. Out, a line each: {"ready": true}, then for every ticker in
turn {"ticker": ...} when it is begun and {"ticker": ..., "bars": ..., "meta": ...} or {"ticker": ..., "problem": ..., "detail": ...}
when it is over. It ends when there is nothing left, when the next ticker would meet the same problem, or when whoever
started it is gone.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import threading
import warnings
from itertools import pairwise
from typing import Any, Final, TextIO
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

CHART: Final = 6.0  # seconds for the answer itself
AROUND: Final = 1.5  # for each request before it (cookie, crumb, consent): the chart is given without them too
ENDING: Final = ("rate-limited", "unreachable")  # the next ticker would meet the same
MEMORY: Final = 3 << 30  # bytes of address space: an answer that unpacks to gigabytes ends this process and no other
TIMED_OUT: Final = (28,)  # curl's numbers
NOT_REACHED: Final = (5, 6, 7, 35, 97)  # no proxy, no name, no connection, no TLS
FIELDS: Final = (
    "symbol", "currency", "exchangeTimezoneName", "instrumentType", "shortName", "longName", "firstTradeDate", "regularMarketTime",
    "regularMarketPrice",
)  # fmt: skip
COLUMNS: Final = {
    "Open": "open", "High": "high", "Low": "low", "Close": "close", "Volume": "volume", "Dividends": "dividend", "Stock Splits": "split",
}  # fmt: skip


def main() -> None:
    """Answers one line of standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _be_modest()
    ask = _asker(request["url"])
    _say(answers, ready=True)
    for ticker, start in request["wanted"].items():
        _say(answers, ticker=ticker)
        answer = ask(ticker, start)
        _say(answers, ticker=ticker, **answer)
        if answer.get("problem") in ENDING:
            return


def _say(answers: TextIO, **what: Any) -> None:
    answers.write(json.dumps(what, allow_nan=False) + "\n")
    answers.flush()


def _end_with_parent() -> None:
    """Standard input is open as long as somebody waits for us."""
    sys.stdin.read()
    os._exit(0)


def _be_modest() -> None:
    """Readers' pages come first; and no answer may fill the machine's memory."""
    if sys.platform != "win32":
        import resource

        os.nice(5)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _asker(server: str) -> Any:
    """A function from a ticker and a day to the answer. Imports what takes a second to import."""
    import yfinance
    from curl_cffi import requests

    warnings.simplefilter("ignore")  # yfinance sets off several of pandas' in every call
    yfinance.config.debug.hide_exceptions = False
    # no files: nothing to be damaged, no disk to be full, and cookies are not for keeping
    yfinance.set_tz_cache_location(f"{os.devnull}/none")

    class Session(requests.Session[Any]):
        """yfinance's own transport with a patience of ours, and for the tests with another address; `chart` is the last answer."""

        chart: Any = None

        def request(self, method: Any, url: str, *args: Any, **options: Any) -> Any:
            asked, there = urlsplit(url), urlsplit(server)
            options["timeout"] = CHART if "/chart/" in asked.path else AROUND
            if server:
                url = urlunsplit((there.scheme, there.netloc, asked.path or "/", asked.query, ""))
            response = super().request(method, url, *args, **options)
            if "/chart/" in asked.path:
                self.chart = response
            return response

    class Ticker(yfinance.Ticker):  # type: ignore[misc]
        """Every exchange that we accept is on New York time, which the validator checks. Asking Yahoo for the zone first would be a
        second request for every ticker, and hide why the ticker cannot be had.
        """

        def _get_ticker_tz(self, timeout: float) -> str:
            return "America/New_York"

    session = Session(impersonate="chrome", trust_env=not server)

    def ask(ticker: str, start: str) -> dict[str, Any]:
        session.chart = None
        try:
            asked = Ticker(ticker, session=session)
            table = asked.history(start=start, auto_adjust=False, actions=True, keepna=True, timeout=CHART)
            meta = {name: _plain(value) for name in FIELDS if (value := asked.history_metadata.get(name)) is not None}
            twice = _twice(session.chart.json()["chart"]["result"][0]["timestamp"])
            return {"bars": _bars(table), "meta": meta | {"twice": twice}}
        except Exception as error:  # whatever it is, it is an answer
            return {"problem": _problem(error, session.chart), "detail": f"{type(error).__name__}: {error}"[:300]}

    return ask


def _twice(stamps: list[int]) -> str:
    """The first day that has several rows, or ''. yfinance silently keeps one of them. The last day does not count: Yahoo appends the
    latest price to it.
    """
    days = sorted(dt.datetime.fromtimestamp(stamp, ZoneInfo("America/New_York")).date().isoformat() for stamp in stamps)
    return next((a for a, b in pairwise(days) if a == b != days[-1]), "")


def _plain(value: Any) -> str | float:
    """A figure of the answer; yfinance makes times of some, here they are seconds again."""
    return float(value.timestamp() if hasattr(value, "timestamp") else value) if not isinstance(value, str) else value


def _bars(table: Any) -> dict[str, list[Any]]:
    """Columns as lists, the day as ISO; what is no finite number is null. Yahoo's figures are floats of 32 bits written out in 64
    (118.41999816894531): seven digits are what they hold.
    """
    columns = {ours: table[theirs].astype(float) for theirs, ours in COLUMNS.items() if theirs in table}
    finite = {name: [float(f"{v:.7g}") if v - v == 0 else None for v in values.tolist()] for name, values in columns.items()}
    finite["volume"] = [v if v - v == 0 else None for v in columns["volume"].tolist()]
    return {"date": [day.strftime("%Y-%m-%d") for day in table.index], **finite}


def _problem(error: Exception, chart: Any) -> str:
    """A code for what went wrong, from the answer (None: there was none), curl's number and the names of yfinance's errors."""
    status = chart.status_code if chart is not None else 0
    kinds = {kind.__name__ for kind in type(error).__mro__}
    curl = int(getattr(error, "code", 0) or 0)
    if status == 429 or "YFRateLimitError" in kinds:
        return "rate-limited"
    if status >= 400:
        return "unknown" if status == 404 else "down"
    if "YFPricesMissingError" in kinds and chart.text.startswith('{"chart"'):
        return "empty"
    return "slow" if curl in TIMED_OUT else "unreachable" if curl in NOT_REACHED else "garbled"


if __name__ == "__main__":
    main()
