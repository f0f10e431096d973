"""Many pairs at once against its peers: `python -m benchmarks.panel --rounds 7 --peer-python VENV/bin/python`.

Every round asks every contestant once, one after the other, on one thread; figures are medians over the rounds of processor time per pair,
and of the rounds' ratios, so that a busy machine slows all of them alike. 10,000 scattered pairs of 500 tickers and 2,500 sessions,
estimation [-250, -11], window [-10, +10], tickers as text. The contestants, of which all but the limit must give the same CARs:

    loop         one least-squares fit after the other, labels looked up in the frame
    gather       batched NumPy: all windows gathered, closed form; only the CAR
    limit        every return that some window needs, two codes and one answer per pair, through memory once
    eventstudy   the fastest package on the index (0.1a12), in an interpreter of its own, for it needs an old pandas; else left out
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded

import numpy as np
import pandas as pd

from aftershock.panel import study_many
from aftershock.returns import Floats
from aftershock.study import StudyDesign, Window
from benchmarks.results import put

HEADING: Final = "## Many pairs at once"
DESIGN: Final = StudyDesign(Window(-250, -11), Window(-10, 10))
SESSIONS: Final = 2_500
FEW: Final = 500  # pairs for the slow contestants
LEAST: Final = 0.1  # seconds of processor time that a figure rests on
AIMS: Final = {"loop": ">= 70", "eventstudy": ">= 300", "limit": ">= 0.03", "1 % of the returns missing": "<= 2.5"}

# In the other interpreter: told the file of a case, it answers every line with the seconds per pair, after a line of CARs.
PEER: Final = """
import sys, time, warnings; warnings.filterwarnings("ignore")
import numpy as np, eventstudy as es
case = np.load(sys.argv[1])
days = case["sessions"].astype("datetime64[ns]")
es.Single._save_parameter("returns", {**{"S%05d" % i: y for i, y in enumerate(case["y"])}, "MARKET": case["x"], "date": days})
def run():
    return [es.Single.market_model(security_ticker="S%05d" % row, market_ticker="MARKET", event_date=days[column], event_window=(-10, 10),
            estimation_size=240, buffer_size=0).CAR[-1] for row, column in zip(case["rows"], case["columns"])]
print(*run(), flush=True)
for _ in sys.stdin:
    begun = time.process_time(); run(); print((time.process_time() - begun) / len(case["rows"]), flush=True)
"""


@dataclass(frozen=True)
class Row:
    """One line of the table: a ratio with its range over the rounds, and what it should be ("" = nothing was promised)."""

    name: str
    ratio: float
    low: float
    high: float
    aim: str = ""
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the median keeps the promise."""
        sign, _, bound = self.aim.partition(" ")
        return not self.aim or (self.ratio >= float(bound) if sign == ">=" else self.ratio <= float(bound))

    def __str__(self) -> str:
        missed = "" if self.met else "missed: "
        return f"| {self.name} | {self.note} | {self.ratio:.3g} ({self.low:.3g} .. {self.high:.3g}) | {missed}{self.aim} |"


class Case:
    """Seeded returns of a one-factor market and the pairs that are asked for. `kind`: scattered pairs, whole dates, or whole series."""

    def __init__(self, tickers: int = 500, pairs: int = 10_000, missing: float = 0.0, kind: str = "scattered") -> None:
        random = np.random.default_rng(20250127)
        self.x = 0.0003 + 0.01 * random.standard_normal(SESSIONS)
        self.y = np.empty((tickers, SESSIONS))
        for y in self.y:
            random.standard_normal(SESSIONS, out=y)
            y *= random.uniform(0.008, 0.03)
            y += random.uniform(0.4, 1.6) * self.x
            if missing:
                y[random.random(SESSIONS) < missing] = np.nan
        self.rows, self.columns = random.integers(0, tickers, pairs), random.integers(280, SESSIONS - 40, pairs)
        if kind == "dates":
            self.rows, self.columns = np.arange(pairs) % tickers, 300 + 50 * (np.arange(pairs) // tickers)
        elif kind == "series":
            self.rows, self.columns = np.arange(pairs) // SESSIONS, np.arange(pairs) % SESSIONS
        names, days = np.array([f"S{i:05d}" for i in range(tickers)]), pd.bdate_range("2014-01-01", periods=SESSIONS).as_unit("us")
        self.returns, self.benchmark = pd.DataFrame(self.y.T, days, names, copy=False), pd.Series(self.x, days)
        self.events = pd.DataFrame({"ticker": pd.Series(names, dtype="str").take(self.rows).array, "session": days[self.columns]})

    def study(self) -> pd.DataFrame:
        """What is measured."""
        return study_many(self.returns, self.benchmark, self.events, DESIGN)

    @property
    def bytes_needed(self) -> int:
        """Of the returns in some window, the codes of the pairs, and one answer for each."""
        marks = np.zeros((len(self.y), SESSIONS + 1), dtype=np.int32)
        for window in (DESIGN.estimation, DESIGN.window):
            np.add.at(marks, (self.rows, self.columns + window.first), 1)
            np.add.at(marks, (self.rows, self.columns + window.last + 1), -1)
        return 8 * int(np.count_nonzero(marks.cumsum(axis=1))) + 24 * len(self.rows)


def loop(case: Case) -> Floats:
    """CARs of the first FEW pairs; their standard errors are computed too, as a user would."""
    cars, x, steps = np.empty(FEW), case.benchmark.to_numpy(), len(DESIGN.window)
    for i, (ticker, session) in enumerate(zip(case.events["ticker"][:FEW], case.events["session"][:FEW], strict=True)):
        y, at = case.returns[ticker].to_numpy(), case.returns.index.get_loc(session)
        before, after = (slice(at + w.first, at + w.last + 1) for w in (DESIGN.estimation, DESIGN.window))
        design = np.column_stack([np.ones(len(DESIGN.estimation)), x[before]])
        coefficients, rest, *_ = np.linalg.lstsq(design, y[before], rcond=None)
        window = np.column_stack([np.ones(steps), x[after]])
        moved, cars[i] = window.sum(axis=0), (y[after] - window @ coefficients).sum()
        np.sqrt(rest[0] / (len(design) - 2) * (steps + moved @ np.linalg.inv(design.T @ design) @ moved))
    return cars


def gather(case: Case) -> Floats:
    """CARs of all pairs, 2,000 at a time."""
    y, x = case.returns.to_numpy(), case.benchmark.to_numpy()
    rows, columns = case.returns.columns.get_indexer(case.events["ticker"]), case.returns.index.get_indexer(case.events["session"])
    before, after = (np.arange(w.first, w.last + 1) for w in (DESIGN.estimation, DESIGN.window))
    cars = np.empty(len(rows))
    for start in range(0, len(rows), 2_000):
        row, at = rows[start : start + 2_000, None], columns[start : start + 2_000, None]
        ey, ex = y[at + before, row], x[at + before]
        mean_y, mean_x = ey.mean(axis=1), ex.mean(axis=1)
        ex -= mean_x[:, None]
        beta = np.einsum("ij,ij->i", ex, ey) / np.einsum("ij,ij->i", ex, ex)
        moved = x[at + after].sum(axis=1) - len(after) * mean_x
        cars[start : start + 2_000] = y[at + after, row].sum(axis=1) - len(after) * mean_y - beta * moved
    return cars


def cpu(call: Callable[[], Any]) -> float:
    """Seconds of processor time of one call."""
    calls, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < LEAST or not calls:
        call()
        calls += 1
    return spent / calls


class Package:
    """eventstudy in its own interpreter, on the first FEW pairs of a case."""

    def __init__(self, python: str, case: Case) -> None:
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "case.npz"
        np.savez(file, y=case.y, x=case.x, rows=case.rows[:FEW], columns=case.columns[:FEW], sessions=case.returns.index.to_numpy())
        command = [python, "-c", PEER, str(file)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.cars = np.array(self._line().split(), dtype=np.float64)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def seconds(self) -> float:
        """Of processor time per pair."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self._line())

    def close(self) -> None:
        """Ends it."""
        self.process.communicate()
        self.folder.cleanup()


def rows(rounds: int = 7, peer_python: str | None = None) -> list[Row]:
    """All ratios: contestants (how many times as fast as they we are), other shapes and sizes (how many times what a scattered pair
    costs), and peak memory (how many times the input)."""
    case, stream = Case(), np.ones(2**24)
    others = {
        "100 tickers": Case(tickers=100), "5,000 tickers": Case(tickers=5_000), "1 % of the returns missing": Case(missing=0.01),
        "every ticker on 20 dates": Case(kind="dates"), "every session of 4 series": Case(kind="series"),
        "1,000,000 pairs of 2,000 tickers": Case(tickers=2_000, pairs=1_000_000),
    }  # fmt: skip
    cars, package = case.study()["car"].to_numpy(), Package(peer_python, case) if peer_python else None
    contestants: dict[str, Callable[[], float]] = {
        "loop": lambda: cpu(lambda: loop(case)) / FEW,
        "gather": lambda: cpu(lambda: gather(case)) / len(case.rows),
        "limit": lambda: cpu(stream.sum) / stream.nbytes * case.bytes_needed / len(case.rows),
    }
    given = {"loop": loop(case), "gather": gather(case)}
    if package and len(package.cars):
        contestants["eventstudy"], given["eventstudy"] = package.seconds, package.cars
    for name, theirs in given.items():
        np.testing.assert_allclose(theirs, cars[: len(theirs)], atol=1e-9, err_msg=name)
    asked = {"study_many": case} | others
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            found.setdefault(name, []).append(contestant())
        for name, other in asked.items():
            found.setdefault(name, []).append(cpu(other.study) / len(other.rows))
    if package:
        package.close()
    ours = np.array(found["study_many"])
    made = []
    for name in (*contestants, *others):
        theirs = np.array(found[name])
        ratio = theirs / ours
        what = f"{name}: its time over ours" if name in contestants else f"{name}: a pair's time over a scattered one's"
        note = f"{np.median(theirs) * 1e9:,.0f} ns"
        made.append(Row(what, float(np.median(ratio)), ratio.min(), ratio.max(), AIMS.get(name, ""), note))
    first = Row("a scattered pair", 1, 1, 1, "", f"{np.median(ours) * 1e9:,.0f} ns")
    return [first, *made, memory(500, 10_000), memory(2_000, 1_000_000)]


def memory(tickers: int, pairs: int) -> Row:
    """The most that a process of its own holds on to for a study, over the returns and events that it was given."""
    command = [sys.executable, "-m", "benchmarks.panel", "--memory", str(tickers), str(pairs)]
    ratio, megabytes = map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    return Row(f"peak memory over the input, {pairs:,} pairs of {tickers:,} tickers", ratio, ratio, ratio, "<= 3", f"{megabytes:,.0f} MB")


def held(tickers: int, pairs: int) -> tuple[float, float]:
    """In that process: (peak over input, input in MB). What is loaded before the input does not count, all that comes after it does."""
    Case(tickers=10, pairs=2_000).study()  # everything that is loaded at the first use
    base = _kilobytes("VmRSS")
    case = Case(tickers=tickers, pairs=pairs)
    del case.rows, case.columns  # the study is given labels
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    case.study()
    input_bytes = case.returns.memory_usage().sum() + case.events.memory_usage(deep=True).sum()
    return (_kilobytes("VmHWM") - base) * 1024 / input_bytes, input_bytes / 1e6


def _kilobytes(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def main() -> None:
    """Measures, prints and writes its section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peer-python", help="an interpreter that has eventstudy")
    parser.add_argument("--memory", type=int, nargs=2, metavar=("TICKERS", "PAIRS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.memory:
        print(*held(*given.memory))
        return
    made = rows(given.rounds, given.peer_python)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [
        f"{dt.datetime.now().astimezone():%-d %B %Y, %H:%M}, `python -m benchmarks.panel --rounds {given.rounds}`; {os.cpu_count()} cores,"
        f" load at the end {load}, Python {platform.python_version()}, NumPy {np.__version__}, pandas {pd.__version__}."
        f" Processor time on one thread, medians of {given.rounds} interleaved rounds (min .. max); 10,000 pairs of 500 tickers."
        + ("" if any("eventstudy" in row.name for row in made) else " The package eventstudy was not there to be measured."),
        "", "| | time or size | ratio | aim |", "|---|---:|---:|---:|", *map(str, made),
    ]  # fmt: skip
    put(HEADING, lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
