"""Killing whoever keeps prices, at every step: `make kill-cache`, or `python -m benchmarks.kill_cache [KILLS]`.

A process replaces a ticker's bars in the cache and is killed with -9 at the n-th line that it executes in `aftershock/prices/cache.py` and
`files.py`, for every n in turn. Whoever opens the cache then must find the older bars or the newer ones, whole and right; the newer ones,
if they had been acknowledged; nothing damaged, nothing astray, and another ticker's bars untouched. The figures go into
benchmarks/RESULTS.md; a short run is among the tests.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pandas as pd

from aftershock.prices import Cached, Held, Series
from aftershock.prices import cache as cache_module
from aftershock.prices import files as files_module
from aftershock.prices.files import STRAY
from benchmarks.results import put

HEADING = "## Killing whoever keeps prices"
WATCHED = {cache_module.__file__, files_module.__file__}
DAYS = pd.bdate_range("2024-01-01", periods=250, name="date").as_unit("us")
STARTING = multiprocessing.get_context("forkserver")
STARTING.set_forkserver_preload(["benchmarks.kill_cache"])


@dataclass
class Tally:
    """What a campaign found. `older`, `newer`: kills after which the older or the newer bars were there."""

    kills: int = 0
    steps: int = 0
    older: int = 0
    newer: int = 0
    acknowledged: int = 0
    wrong: list[str] = field(default_factory=list)


def held(ticker: str, version: int) -> Held:
    """The bars of a version: every close says which it is."""
    close = np.linspace(1, 2, len(DAYS)) + version
    bars = pd.DataFrame({"open": close, "high": close, "low": close, "close": close, "volume": close, "dividend": 0.0}, index=DAYS)
    made = Series(ticker, ticker, "share", "USD", DAYS[0], DAYS[-1], len(DAYS), "", "yahoo", "2026-10-02T22:00:00+00:00", "splits", "")
    return Held(bars, made)


def version_of(found: Held | None) -> int | None:
    """The version that bars are, whole and right; None where they are not."""
    if found is None:
        return None
    version = round(float(found.bars["close"].iloc[0]) - 1)
    return version if found.bars.equals(held("X", version).bars) else None


def keep(folder: str, version: int, step: int, said: Any) -> None:
    """In a process of its own: replaces the bars of X, and dies before its `step`-th line. Says how many lines there were, after
    that it is done.
    """
    cache = Cached(Path(folder))
    made, lines = held("X", version), 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            lines += 1
            if lines == step:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    done = cache.put(made)
    sys.settrace(None)
    if done:
        said.send(lines)


def kill_once(folder: Path, version: int, step: int, tally: Tally) -> int:
    """One replacement of version - 1 by version, killed before its `step`-th line (0: never); how many lines it was if it ended."""
    listen, said = STARTING.Pipe(duplex=False)
    process = STARTING.Process(target=keep, args=(str(folder), version, step, said))
    process.start()
    said.close()
    try:
        lines = int(listen.recv())
    except EOFError:
        lines = 0
    process.join()
    tally.kills += process.exitcode == -signal.SIGKILL
    tally.acknowledged += bool(lines)
    _judge(folder, version, bool(lines), tally)
    return lines


def _judge(folder: Path, version: int, acknowledged: bool, tally: Tally) -> None:
    cache = Cached(folder)
    found = version_of(cache.get("X"))
    tally.older += found == version - 1
    tally.newer += found == version
    strays = [p.name for p in folder.iterdir() if p.name.startswith(STRAY)] + [p.name for p in folder.glob("tX.*.parquet")][1:]
    if found not in ((version,) if acknowledged else (version - 1, version)):
        tally.wrong.append(f"version {version}: found {found}, acknowledged {acknowledged}")
    if cache.troubles or strays or version_of(cache.get("Y")) != 7:
        tally.wrong.append(f"version {version}: {[str(t) for t in cache.troubles]} {strays}")
    cache.put(held("X", version))


def campaign(folder: Path, kills: int, stride: int = 1) -> Tally:
    """Kills at every step in turn (or every `stride`-th), round and round, until there were as many."""
    tally = Tally()
    assert Cached(folder).put(held("X", 0))
    assert Cached(folder).put(held("Y", 7))
    tally.steps = kill_once(folder, 1, 0, tally)
    version, step = 1, 1
    while tally.kills < kills:
        version += 1
        kill_once(folder, version, step, tally)
        step = step + stride if step + stride <= tally.steps else 1
    return tally


def main() -> int:
    """Runs the campaign; status 1 if anything was lost or wrong."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        tally = campaign(Path(folder) / "cache", kills)
    line = (
        f"{tally.kills} kills at {tally.steps} steps: {tally.older} times the older bars were found, {tally.newer} times the newer, "
        f"{len(tally.wrong)} times anything else."
    )
    print(line, *tally.wrong, sep="\n")
    verdict = (
        "Wrong: " + "; ".join(tally.wrong) if tally.wrong else "Nothing acknowledged was lost, nothing was damaged, no stray file was left."
    )
    put(HEADING, [f"{dt.date.today():%-d %B %Y}, `make kill-cache`. {line} {verdict}"])
    return int(bool(tally.wrong))


if __name__ == "__main__":
    from benchmarks import kill_cache  # so that the processes find its functions under their own name

    sys.exit(kill_cache.main())
