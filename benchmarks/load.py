"""A hundred readers on one server: `make load`, or one part of it: `python -m benchmarks.load --part think|herd|soak`.

think   readers with five seconds of thought between two changes of the timeline page, and as many on the framework's bare page
        (`benchmarks/floor`), in turn, each time on fresh servers
herd    all of them at once: they arrive, then change something, all at the same moment
soak    readers come, look around the whole house and go, one after the other: what is kept of them

Latency is from sending a change to the script's end, in the client; on a machine that others use too, believe the server's CPU (by the
kernel's process clock) and the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from benchmarks.health import Health
from benchmarks.readers import Change, Tally, anywhere, leave, on_the_floor, on_the_timeline, visit
from benchmarks.results import put
from benchmarks.servers import FLOOR, PAGE, App, machine, server_cpu, serving
from benchmarks.tabs import Tab

SEED = 20250127
THOUGHT = 5.0  # seconds, from half of it to one and a half times
WARM = 12  # changes before anything is measured
AT_THE_DOOR = 8  # tabs that open at the same time, where they do not all have to
TTL = 120  # seconds for which a session is kept after its tab has gone (.streamlit/config.toml)
HEADINGS = {
    "think": "## A hundred readers who think for five seconds",
    "herd": "## A hundred readers at the same moment",
    "soak": "## Readers who come and go",
}

# On SIGUSR1 the server writes how many bytes each session's state is, pickled.
SIZES = """
import signal
def _sizes(*_):
    import json, os, pickle
    from pathlib import Path
    from streamlit.runtime import get_instance
    found = [dict(s.session.session_state.filtered_state) for s in get_instance()._session_mgr.list_sessions()]
    sizes = [sum(len(pickle.dumps((key, value))) for key, value in state.items()) for state in found]
    file = Path({file!r})
    file.with_suffix(".part").write_text(json.dumps(sizes))
    os.replace(file.with_suffix(".part"), file)
signal.signal(signal.SIGUSR1, _sizes)
"""


@dataclass
class Server:
    """A server under load: what it answers, and what that costs it."""

    pid: int
    base: str
    file: Path
    health: list[float] = field(default_factory=list)

    def rss(self) -> float:
        """Resident megabytes."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20

    def sizes(self) -> list[int]:
        """Bytes of each session's state; the server is asked, and answers between two other things."""
        self.file.unlink(missing_ok=True)
        os.kill(self.pid, signal.SIGUSR1)
        deadline = time.monotonic() + 60
        while not self.file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        found: list[int] = json.loads(self.file.read_text())
        return found


@contextmanager
def started(app: App) -> Iterator[Server]:
    """A fresh server of this kind that can be asked for its sessions' sizes."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "sizes.json"
        with serving(replace(app, switches=SIZES.format(file=str(file)))) as (pid, url):
            yield Server(pid, url.rstrip("/"), file)


@dataclass
class Round:
    """What one round gave: the runs, server CPU in ms for each, seconds of every health answer, megabytes, bytes of session state."""

    tally: Tally
    cpu: float
    health: list[float]
    rss: float
    sizes: list[int] = field(default_factory=list)


def change_of(app: App) -> Change:
    """What a reader of this program does."""
    return on_the_timeline if app.ours else on_the_floor


def at(values: Sequence[float], share: float) -> float:
    """The value below which this share lies; NaN of none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))] if ranked else float("nan")


async def arrived(server: Server, count: int, tally: Tally, together: int = AT_THE_DOOR) -> list[Tab]:
    """So many tabs, each with its first run."""
    door = asyncio.Semaphore(together)

    async def one() -> Tab | None:
        async with door:
            return await visit(server.base, tally)

    return [tab for tab in await asyncio.gather(*(one() for _ in range(count))) if tab is not None]


async def warmed(server: Server, change: Change) -> None:
    """One reader before all others: imports, caches. What fails here fails the campaign."""
    tally, rng = Tally(), random.Random(SEED)
    tabs = await arrived(server, 1, tally)
    for tab in tabs:
        for _ in range(WARM):
            await change(tab, rng, tally)
    await leave(tabs)
    assert not tally.errors, tally.errors[:3]


async def thinking(server: Server, app: App, count: int, seconds: float, thought: float) -> Round:
    """`count` readers, each with a change about every `thought` seconds, for so long."""
    change, tally = change_of(app), Tally()
    await warmed(server, change)
    tabs = await arrived(server, count, tally)
    tally.seconds.clear()

    async def reader(tab: Tab, rng: random.Random, end: float) -> None:
        await asyncio.sleep(rng.random() * thought)
        while time.monotonic() < end and await change(tab, rng, tally):
            await asyncio.sleep(thought * rng.uniform(0.5, 1.5))

    with Health(server.base) as health:
        before, end = server_cpu(server.pid), time.monotonic() + seconds
        await asyncio.gather(*(reader(tab, random.Random(SEED + i), end) for i, tab in enumerate(tabs)))
        cpu = server_cpu(server.pid) - before
    return await _closed(server, tabs, tally, cpu, health)


async def at_once(server: Server, app: App, count: int, times: int) -> tuple[Round, Round]:
    """All arrive at once; then all change something at once, so many times. Gives both."""
    change, arriving, changing = change_of(app), Tally(), Tally()
    await warmed(server, change)
    with Health(server.base) as at_the_door:
        before = server_cpu(server.pid)
        tabs = await arrived(server, count, arriving, together=count)
        first = Round(arriving, (server_cpu(server.pid) - before) / count, [], server.rss())
    first.health = at_the_door.seconds
    readers = [(tab, random.Random(SEED + i)) for i, tab in enumerate(tabs)]
    with Health(server.base) as health:
        before = server_cpu(server.pid)
        for _ in range(times):
            await asyncio.gather(*(change(tab, rng, changing) for tab, rng in readers))
            await asyncio.sleep(1)
        cpu = server_cpu(server.pid) - before
    return first, await _closed(server, tabs, changing, cpu, health)


async def _closed(server: Server, tabs: list[Tab], tally: Tally, cpu: float, health: Health) -> Round:
    sizes, rss = server.sizes(), server.rss()
    await leave(tabs)
    return Round(tally, cpu / max(len(tally.all), 1), health.seconds, rss, sizes)


@dataclass
class Soak:
    """Readers who came and went: the runs, megabytes after every so many sessions, and at the very end, and bytes of session state."""

    tally: Tally
    rss: list[tuple[int, float]]
    after: float
    sizes: list[int]
    health: list[float]

    @property
    def slope(self) -> float:
        """Kilobytes kept for each session, by least squares over what follows the first 30 %, when the caches are full."""
        late = [(n, megabytes * 1024) for n, megabytes in self.rss if n >= 0.3 * self.rss[-1][0]]
        return statistics.linear_regression(*zip(*late, strict=True)).slope

    @property
    def growth(self) -> float:
        """The last over what it was at 30 %."""
        return self.rss[-1][1] / next(megabytes for n, megabytes in self.rss if n >= 0.3 * self.rss[-1][0])


async def coming_and_going(server: Server, count: int, steps: int, workers: int, rest: float) -> Soak:
    """`count` sessions of so many steps each through all pages, then `rest` seconds of peace, after which sessions are forgotten."""
    tally, rss, sizes, left = Tally(), [], [], iter(range(count))
    await warmed(server, anywhere)

    async def worker(number: int) -> None:
        rng = random.Random(SEED + number)
        for session in left:
            tab = await visit(server.base, tally)
            for _ in range(steps if tab else 0):
                assert tab
                await anywhere(tab, rng, tally)
            await leave([tab] if tab else [])
            if session % max(count // 70, 1) == 0:
                rss.append((session, server.rss()))
                sizes.extend(server.sizes()[-1:])

    with Health(server.base) as health:
        await asyncio.gather(*(worker(i) for i in range(workers)))
    sizes += server.sizes()
    await asyncio.sleep(rest)
    await leave(await arrived(server, 1, tally))  # Streamlit forgets old sessions when one comes or goes
    return Soak(tally, sorted(rss), server.rss(), sizes, health.seconds)


# -- the report ------------------------------------------------------------------------------------------------------


def aim(value: float, most: float, unit: str = "") -> str:
    """'≤ 40 ms', with 'missed' where it was."""
    return f"{'' if value <= most else 'missed: '}≤ {most:g}{unit}"


def think(asked: argparse.Namespace) -> list[str]:
    """The part `think`: rounds on both servers in turn."""
    rounds: dict[str, list[Round]] = {FLOOR.name: [], PAGE.name: []}
    for number in range(asked.rounds):
        for app in (FLOOR, PAGE) if number % 2 == 0 else (PAGE, FLOOR):
            with started(app) as server:
                rounds[app.name].append(asyncio.run(thinking(server, app, asked.n, asked.seconds, THOUGHT)))
            _tell(f"think, {app.name}, round {number + 1} of {asked.rounds}")
    rows: list[tuple[str, Callable[[Round], float], str, float | None]] = [
        ("errors", lambda r: len(r.tally.errors), "", 0),
        ("changes", lambda r: len(r.tally.all), "", None),
        ("median of a change", lambda r: at(r.tally.all, 0.5) * 1e3, " ms", None),
        ("p95 of a change", lambda r: at(r.tally.all, 0.95) * 1e3, " ms", 1000),
        ("server CPU of a change", lambda r: r.cpu, " ms", 40),
        ("health, p95", lambda r: at(r.health, 0.95) * 1e3, " ms", 250),
        ("health, longest", lambda r: max(r.health) * 1e3, " ms", 250),
        ("resident memory", lambda r: r.rss, " MB", None),
        ("a session's state, largest", lambda r: max(r.sizes, default=0) / 1024, " kB", 100),
    ]
    lines = ["| | bare page | ours | ours / bare | aim |", "|---|---:|---:|---:|---:|"]
    for name, value, unit, most in rows:
        floor, ours = (statistics.median(map(value, rounds[app.name])) for app in (FLOOR, PAGE))
        ratio = f"{ours / floor:.2f}" if floor else ""
        lines.append(f"| {name} | {floor:,.0f}{unit} | {ours:,.0f}{unit} | {ratio} | {'' if most is None else aim(ours, most, unit)} |")
    kinds: dict[str, list[float]] = {}
    for one in rounds[PAGE.name]:
        for kind, seconds in one.tally.seconds.items():
            kinds.setdefault(kind, []).extend(seconds)
    lines += ["", "Medians by change: " + ", ".join(f"{kind} {at(s, 0.5) * 1e3:.0f} ms" for kind, s in sorted(kinds.items())) + "."]
    about = f"{asked.n} sessions, {THOUGHT:g} s of thought, rounds of {asked.seconds:g} s, {asked.rounds} on each server in turn, medians"
    return [about + ".", "", *lines, *_errors(r.tally for r in rounds[PAGE.name])]


def herd(asked: argparse.Namespace) -> list[str]:
    """The part `herd`."""
    lines = ["| | bare page | ours | aim |", "|---|---:|---:|---:|"]
    found: dict[str, tuple[Round, Round]] = {}
    for app in (FLOOR, PAGE):
        with started(app) as server:
            found[app.name] = asyncio.run(at_once(server, app, asked.n, asked.rounds))
        _tell(f"herd, {app.name}")
    for place, name in enumerate(("arrive", "change")):
        floor, ours = (found[app.name][place] for app in (FLOOR, PAGE))
        rows: list[tuple[str, Callable[[Round], float], str, float | None]] = [
            ("errors", lambda r: len(r.tally.errors), "", 0),
            ("median", lambda r: at(r.tally.all, 0.5), " s", None),
            ("p95", lambda r: at(r.tally.all, 0.95), " s", 4),
            ("server CPU of each", lambda r: r.cpu, " ms", None),
            ("health, p95", lambda r: at(r.health, 0.95) * 1e3, " ms", 250),
            ("health, longest", lambda r: max(r.health) * 1e3, " ms", 250),
        ]
        for label, value, unit, most in rows:
            digits = 2 if unit == " s" else 0
            verdict = "" if most is None else aim(value(ours), most, unit)
            lines.append(f"| all {name}: {label} | {value(floor):,.{digits}f}{unit} | {value(ours):,.{digits}f}{unit} | {verdict} |")
    return [f"{asked.n} sessions; all arrive at once, then all change something at once, {asked.rounds} times.", "", *lines,
            *_errors(r.tally for r in found[PAGE.name])]  # fmt: skip


def soak(asked: argparse.Namespace) -> list[str]:
    """The part `soak`."""
    start = time.monotonic()
    with started(PAGE) as server:
        s = asyncio.run(coming_and_going(server, asked.sessions, 3, 6, TTL + 5))
    took = time.monotonic() - start
    kept = max(s.slope, 0.0)
    lines = [
        f"{asked.sessions:,} sessions of four runs each, six at a time, through all pages; {len(s.tally.all):,} runs in "
        f"{took / 60:.1f} min.", "",
        "| | found | aim |", "|---|---:|---:|",
        f"| errors | {len(s.tally.errors)} | {aim(len(s.tally.errors), 0)} |",
        f"| resident memory after 30 % and at the end | {s.rss[-1][1] / s.growth:.0f} MB, {s.rss[-1][1]:.0f} MB |  |",
        f"| the end over 30 % | {s.growth:.3f} | {aim(s.growth, 1.05)} |",
        f"| kept for each session, slope after 30 % | {s.slope:.1f} kB | {aim(kept, 5, ' kB')} |",
        f"| after sessions are forgotten ({TTL} s) | {s.after:.0f} MB |  |",
        f"| a session's state, median and largest | {at(s.sizes, 0.5) / 1024:.1f} kB, {max(s.sizes) / 1024:.1f} kB |"
        f" {aim(max(s.sizes) / 1024, 100, ' kB')} |",
        f"| health, p95 and longest | {at(s.health, 0.95) * 1e3:.0f} ms, {max(s.health) * 1e3:.0f} ms |"
        f" {aim(at(s.health, 0.95) * 1e3, 250, ' ms')} |",
    ]  # fmt: skip
    return [*lines, *_errors([s.tally])]


def _errors(tallies: Iterator[Tally] | list[Tally]) -> list[str]:
    found = [error for tally in tallies for error in tally.errors]
    return ["", "Errors, the first three: " + "; ".join(found[:3])] if found else []


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Runs the parts that are asked for; each writes its own section. Status 1 when an aim was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--part", choices=HEADINGS, action="append", help="one part only")
    parser.add_argument("-n", type=int, default=100, help="readers at a time (100)")
    parser.add_argument("--seconds", type=float, default=60, help="of a round of thinking readers (60)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds on each server (3)")
    parser.add_argument("--sessions", type=int, default=2800, help="of the soak (2,800)")
    parser.add_argument("--dry", action="store_true", help="do not write the results file")
    asked = parser.parse_args()
    missed = False
    for part in asked.part or HEADINGS:
        lines = {"think": think, "herd": herd, "soak": soak}[part](asked)
        when = f"{dt.datetime.now().astimezone():%d %B %Y, %H:%M}"
        lines = [f"{when}, `{' '.join(['python -m benchmarks.load', *sys.argv[1:]])}`; {machine()}.", "", *lines]
        print(HEADINGS[part], "", *lines, "", sep="\n")
        missed |= any("missed" in line for line in lines)
        if not asked.dry:
            put(HEADINGS[part], lines)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
