"""Yahoo, asked in a process of its own: a thread that hangs cannot be ended, a process can."""

from __future__ import annotations

import datetime as dt
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

DEADLINE: Final = 8.0  # seconds for one ticker
STARTING: Final = 30.0  # for the process to have its libraries
HANGS: Final = 2  # tickers in a row without an answer, after which the others need not be tried
ENDING: Final = ("rate-limited", "unreachable")  # problems with which the process ends by itself
LONGEST: Final = 24 << 20  # letters of one answer; sixty years of bars are a twentieth of it
WORKER: Final = Path(__file__).with_name("worker.py")


@dataclass(frozen=True, eq=False, slots=True)
class Reply:
    """What Yahoo said to one ticker: bars and what it says of itself, as they came and unchecked; or the code of a problem.

    `bars`: columns open, high, low, close, volume, dividend, split; index the day of each row, naive, unit us, any order.
    `start`: the day that it was asked from. `problem`: rate-limited, unknown, empty, down, slow, unreachable, garbled; '' when there are
    bars. `detail` is for a log.
    """

    ticker: str
    start: dt.date
    bars: pd.DataFrame | None = None
    meta: dict[str, Any] | None = None
    problem: str = ""
    detail: str = ""


class Yahoo:
    """The only one who asks Yahoo. `url` sends the real yfinance to another server that answers as Yahoo does."""

    def __init__(self, url: str = "", *, deadline: float = DEADLINE) -> None:
        self._url = url
        self._deadline = deadline

    def ask(self, wanted: Mapping[str, dt.date]) -> Generator[Reply]:
        """One reply per ticker, in turn, each as soon as it is there; `wanted` says from which day. A ticker that takes longer than
        the deadline is given up with its process, and the next ones get a new one; after HANGS such in a row the others are given up
        untried. Never raises; closing the generator ends the process.
        """
        left, hangs = dict(wanted), 0
        while left:
            for reply in self._one_process(dict(left)):
                del left[reply.ticker]
                hangs = hangs + 1 if reply.problem == "slow" else 0
                yield reply
            if hangs >= HANGS:
                yield from (Reply(t, start, problem="slow") for t, start in left.items())
                return

    def _one_process(self, wanted: Mapping[str, dt.date]) -> Iterator[Reply]:
        """Replies until all are answered or one has failed with its process."""
        try:
            process = subprocess.Popen(  # noqa: S603  (our own file)
                [sys.executable, "-P", str(WORKER)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
            )  # fmt: skip
        except OSError as error:
            yield from (Reply(t, start, problem="garbled", detail=str(error)) for t, start in wanted.items())
            return
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_read, args=(process, lines), daemon=True).start()
        try:
            yield from self._converse(process, lines, wanted)
        finally:
            process.kill()
            process.wait()
            with suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]

    def _converse(self, process: subprocess.Popen[str], lines: queue.Queue[str], wanted: Mapping[str, dt.date]) -> Iterator[Reply]:
        question = {"wanted": {t: start.isoformat() for t, start in wanted.items()}, "url": self._url}
        with suppress(OSError):  # it may be gone already, which the first line of its answers says
            process.stdin.write(json.dumps(question) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
        ready = _line(lines, STARTING)
        for ticker, start in wanted.items():
            begun = ready if "fatal" in ready else _line(lines, self._deadline)
            said = begun if "fatal" in begun else _line(lines, self._deadline)
            yield _reply(ticker, start, said)
            if "fatal" in said or said.get("problem") in ENDING:
                return


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    """Lines of the process as they come; an empty one when it is over or says too much."""
    assert process.stdout
    with process.stdout as said, suppress(OSError, ValueError):  # killed while it spoke
        while (line := said.readline(LONGEST)).endswith("\n"):
            lines.put(line)
    lines.put("")


def _line(lines: queue.Queue[str], deadline: float) -> dict[str, Any]:
    try:
        line = lines.get(timeout=deadline)
    except queue.Empty:
        return {"problem": "slow", "detail": "no answer within the deadline", "fatal": True}
    if not line:
        return {"problem": "garbled", "detail": "the process ended", "fatal": True}
    said: dict[str, Any] = json.loads(line)
    return said


def _reply(ticker: str, start: dt.date, said: dict[str, Any]) -> Reply:
    if "bars" not in said:
        return Reply(ticker, start, problem=said.get("problem", "garbled"), detail=said.get("detail", ""))
    columns = dict(said["bars"])
    days = pd.DatetimeIndex(columns.pop("date"), name="date").as_unit("us")
    return Reply(ticker, start, pd.DataFrame(columns, index=days, dtype="float64"), said["meta"])
