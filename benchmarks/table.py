"""Everything that was promised in one table: `make bench`, five minutes or so.

Each figure is a ratio from one run in which what is compared took turns, with its range over the rounds; the campaigns behind it have more
rounds and sections of their own in RESULTS.md: `python -m benchmarks.panel`, `python -m benchmarks.page`, `make load`.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence

from playwright.sync_api import sync_playwright

from benchmarks import page, panel
from benchmarks.load import Round, at, started, thinking
from benchmarks.panel import Row
from benchmarks.results import put
from benchmarks.servers import FLOOR, PAGE, machine

HEADING = "## All at a glance"
READERS, SECONDS, THOUGHT = 30, 12.0, 2.0  # of the short load
STATE = 100 * 1024  # bytes that a session may keep


def _row(name: str, found: Sequence[float], aim: str, note: str) -> Row:
    return Row(name, statistics.median(found), min(found), max(found), aim, note)


def in_the_browser(rounds: int) -> Iterator[Row]:
    """The timeline page over the framework's floor."""
    with sync_playwright() as playwright:
        pairs = [(page.iteration(playwright, FLOOR), page.iteration(playwright, PAGE)) for _ in range(rounds)]
    floor, ours = ([pair[side] for pair in pairs] for side in (0, 1))
    for prefix, name in page.ROWS.items():
        for what, aim in page.aims(prefix).items():
            row = f"{prefix}: {what}"
            note = f"{statistics.median(s.median(row) for s in ours):,.0f}{'' if what == 'bytes' else ' ms'}"
            yield _row(f"{name}: {what} over the bare page's", page.ratios(floor, ours, row), f"<= {aim}", note)


def under_load(rounds: int) -> Iterator[Row]:
    """Readers on the timeline page, and as many on the bare page."""
    found: dict[str, list[Round]] = {FLOOR.name: [], PAGE.name: []}
    for _ in range(rounds):
        for app in (FLOOR, PAGE):
            with started(app) as server:
                found[app.name].append(asyncio.run(thinking(server, app, READERS, SECONDS, THOUGHT)))
    floor, ours = found[FLOOR.name], found[PAGE.name]

    def against(value: Callable[[Round], float]) -> list[float]:
        return [value(o) / value(f) for f, o in zip(floor, ours, strict=True)]

    def middle(value: Callable[[Round], float]) -> float:
        return statistics.median(map(value, ours))

    about, p95 = f"{READERS} readers", lambda r: at(r.tally.all, 0.95) * 1e3
    yield _row(f"{about}: errors", [float(len(r.tally.errors)) for r in ours], "<= 0", f"{sum(len(r.tally.all) for r in ours)} changes")
    yield _row(f"{about}: p95 of a change over the bare page's", against(p95), "<= 1", f"{middle(p95):.0f} ms")
    yield _row(f"{about}: server CPU of a change over 40 ms", [r.cpu / 40 for r in ours], "<= 1", f"{middle(lambda r: r.cpu):.0f} ms")
    yield _row(
        f"{about}: server CPU of a change over the bare page's", against(lambda r: r.cpu), "<= 1", f"{middle(lambda r: r.cpu):.0f} ms"
    )
    slowest = middle(lambda r: max(r.health)) * 1e3
    yield _row(f"{about}: longest health answer over 250 ms", [max(r.health) / 0.25 for r in ours], "<= 1", f"{slowest:.0f} ms")
    yield _row(
        f"{about}: largest session's state over 100 kB", [max(r.sizes) / STATE for r in ours], "<= 1", f"{max(ours[0].sizes):,} bytes"
    )
    yield _row(f"{about}: resident memory over the bare page's", against(lambda r: r.rss), "", f"{middle(lambda r: r.rss):.0f} MB")


PARTS: dict[str, Callable[[int], Iterator[Row]]] = {
    "engine and memory": lambda rounds: iter(panel.rows(rounds)),
    "load": under_load,
    "page": in_the_browser,
}


def main() -> int:
    """Measures, prints and writes the table; 1 when a promise was not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2, help="turns of everything (2)")
    parser.add_argument("--part", choices=PARTS, action="append", help="one part only")
    parser.add_argument("--dry", action="store_true", help="do not write the results file")
    asked = parser.parse_args()
    rows = []
    for name in asked.part or PARTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += PARTS[name](asked.rounds)
    promised = [row for row in rows if row.aim]
    lines = [
        f"{dt.datetime.now().astimezone():%-d %B %Y, %H:%M}, `make bench`; {machine()}. Medians of {asked.rounds} interleaved rounds"
        f" (min .. max). {sum(row.met for row in promised)} of {len(promised)} aims met.",
        "", "| | ours | ratio | aim |", "|---|---:|---:|---:|", *map(str, rows),
    ]  # fmt: skip
    print(*lines, sep="\n")
    if not asked.dry:
        put(HEADING, lines)
    return int(not all(row.met for row in promised))


if __name__ == "__main__":
    sys.exit(main())
