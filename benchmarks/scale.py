"""A market of 10,000 tickers over 25 years and a million pairs, on this machine: `make scale`, two minutes or so.

A table of that size is made up (one factor, float64, a quarter of the tickers listed late and with 1 % gaps), stored as `panel.Table.store`
does it, and asked for random pairs: by one process, by a pool of two and by a Dask cluster of two local workers. Each measurement is a
process of its own; time and memory are measured in different runs, because looking at memory takes time. The figures go into
benchmarks/RESULTS.md; docs/scale.md says what follows from them. The 504 MB are deleted afterwards.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from aftershock.panel import Table, study_many
from benchmarks.results import put
from examples.cluster import pairs, workers

HEADING = "## A million pairs of ten thousand tickers"
TICKERS, SESSIONS, PAIRS = 10_000, 6_300, 1_000_000
WORKERS = 2
KINDS = ("here", "pool", "dask")
WORDS = {"here": "one process", "pool": "pool of 2", "dask": "Dask, 2 workers"}
SWEEP = (100_000, 1_000_000, 4_000_000)


def generate(folder: Path, tickers: int, sessions: int) -> None:
    """The stored table. A quarter of the tickers begins somewhere in the first half, and misses 1 % of its returns."""
    random = np.random.default_rng(20250127)
    market = 0.0003 + 0.01 * random.standard_normal(sessions)
    y = random.standard_normal((tickers, sessions))
    y *= random.uniform(0.008, 0.03, (tickers, 1))
    for i, (row, load) in enumerate(zip(y, random.uniform(0.4, 1.6, tickers), strict=True)):
        row += load * market
        if i % 4 == 0:
            row[: random.integers(1, sessions // 2)] = np.nan
            row[random.random(sessions) < 0.01] = np.nan
    Table(y, market, pd.bdate_range("2000-01-03", periods=sessions), pd.Index([f"T{i:05d}" for i in range(tickers)])).store(folder)


# -- one measurement, in a process of its own ------------------------------------------------------------------------


class Memory(threading.Thread):
    """Looks every 20 ms at what this process and its children hold. Peaks in bytes: `anonymous` memory is a process's own, `rss` counts the
    pages of the matrix that it has touched too, `pss` shares these out, so that the sum over processes is what the machine gives."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.peaks: dict[str, Counter[str]] = {"self": Counter(), "worker": Counter(), "all": Counter()}

    def run(self) -> None:
        """Until `over`."""
        own = psutil.Process()
        while not self.over.wait(0.02):
            total: Counter[str] = Counter()
            for process in (own, *own.children(recursive=True)):
                with suppress(OSError, psutil.Error):
                    held = _held(process.pid)
                    self._note("self" if process == own else "worker", held)
                    total.update(held)
            self._note("all", total)

    def _note(self, who: str, held: Counter[str]) -> None:
        self.peaks[who] |= held  # the union of counters is the greater of each


def _held(pid: int) -> Counter[str]:
    lines = [line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]]
    known = {name.rstrip(":").lower(): int(size) * 1024 for name, size, *_ in lines}
    return Counter({name: known[name] for name in ("rss", "pss", "anonymous")})


def one(kind: str, count: int, folder: Path, look: bool) -> dict[str, Any]:
    """Wall and CPU seconds of `count` pairs with the workers already started, or the memory that it took."""
    asked, memory = pairs(folder, count), Memory()
    with workers(kind, WORKERS) as executor:
        if executor is not None:
            study_many(folder, None, asked.iloc[:2_000], executor=executor, shards=4 * WORKERS)  # everybody has imported everything
        before = _held(os.getpid())
        if look:
            memory.start()
        cpu, begun = _cpu(), time.perf_counter()
        found = study_many(folder, None, asked, executor=executor, shards=WORKERS)
        wall, spent = time.perf_counter() - begun, _cpu() - cpu
        if look:
            memory.over.set()
            memory.join()
    computed = int((found["reason"] == "").sum())
    return {"wall": wall, "cpu": spent, "computed": computed, "before": before, "peaks": memory.peaks}


def _cpu() -> float:
    own = psutil.Process()
    return sum(sum(p.cpu_times()[:2]) for p in (own, *own.children(recursive=True)))


def measured(kind: str, count: int, folder: Path, look: bool = False) -> dict[str, Any]:
    """`one` in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.scale", "--one", kind, "--pairs", str(count), "--folder", str(folder), *["--look"] * look]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    return dict(json.loads(found.stdout.splitlines()[-1]))


# -- the campaign ----------------------------------------------------------------------------------------------------


def times(folder: Path, rounds: int, say: Callable[[str], None]) -> list[str]:
    """Wall, CPU and pairs a second of each kind and number of pairs, medians of interleaved rounds."""
    lines = ["| pairs | | wall | CPU | pairs a second | against one process (min .. max) |", "|---:|---|---:|---:|---:|---:|"]
    for count in SWEEP:
        found = [{kind: measured(kind, count, folder) for kind in KINDS} for _ in range(rounds)]
        for kind in KINDS:
            wall, cpu = (statistics.median(r[kind][name] for r in found) for name in ("wall", "cpu"))
            ratios = [r[kind]["wall"] / r["here"]["wall"] for r in found]
            lines.append(
                f"| {count:,} | {WORDS[kind]} | {wall:.2f} s | {cpu:.2f} s | {count / wall:,.0f} "
                f"| {statistics.median(ratios):.2f} ({min(ratios):.2f} .. {max(ratios):.2f}) |"
            )
            say(lines[-1])
    return lines


def sizes(folder: Path, say: Callable[[str], None]) -> list[str]:
    """Peak memory of a million pairs by kind, and what each further pair costs."""
    lines = [
        "| a million pairs | own memory, this process | own memory, a worker | mapped too, a worker | all together (PSS) |",
        "|---|---:|---:|---:|---:|",
    ]
    for kind in KINDS:
        found = measured(kind, PAIRS, folder, look=True)
        own, worker, everyone = (found["peaks"][who] for who in ("self", "worker", "all"))
        busy = worker if worker else own
        lines.append(
            f"| {WORDS[kind]} | {own['anonymous'] / 1e6:,.0f} MB ({found['before']['anonymous'] / 1e6:,.0f} before) "
            f"| {_mb(worker.get('anonymous'))} | {_mb(busy['rss'] - busy['anonymous'])} | {everyone['pss'] / 1e6:,.0f} MB |"
        )
        say(lines[-1])
    few, many = (measured("here", n, folder, look=True)["peaks"]["self"]["anonymous"] for n in (PAIRS, 3 * PAIRS))
    return [
        *lines,
        "",
        f"Each further pair takes {(many - few) / (2 * PAIRS):,.0f} bytes at the peak, its 16 of input and its answer included.",
    ]


def _mb(size: float | None) -> str:
    return "–" if size is None else f"{size / 1e6:,.0f} MB"


def main() -> None:
    """Makes the table, measures, writes the section, deletes the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--pairs", type=int, default=PAIRS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--look", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one(args.one, args.pairs, args.folder, args.look)))
        return
    with tempfile.TemporaryDirectory(prefix="aftershock-scale-") as scratch:
        folder = Path(scratch) / "returns"
        generate(folder, TICKERS, SESSIONS)
        size = (folder / "matrix.npy").stat().st_size / 1e6
        figures = [*times(folder, args.rounds, print), "", *sizes(folder, print)]
        loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
        lines = [
            f"{dt.date.today():%-d %B %Y}, `make scale`: {TICKERS:,} tickers x {SESSIONS:,} sessions, float64, a quarter listed late and "
            f"with 1 % gaps, {size:,.0f} MB stored and memory-mapped; the default design (estimation [-130, -11], window [-1, +1]); "
            f"{os.cpu_count()} cores, load at the end {loads}, "
            f"NumPy {np.__version__}. Workers were started before; medians of {args.rounds} interleaved rounds.",
            "", *figures,
        ]  # fmt: skip
    put(HEADING, lines)


if __name__ == "__main__":
    main()
