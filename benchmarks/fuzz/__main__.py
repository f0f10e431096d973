"""Runs the campaigns, each in a process of its own so that its memory can be told, and writes the figures."""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import sys
from typing import Final

from benchmarks.fuzz import CAMPAIGNS, LIMIT_MEGABYTES, LIMIT_SECONDS, Tally, run
from benchmarks.results import put

HEADING: Final = "## Fuzzing"
SEED: Final = 20250127


def table(tallies: dict[str, Tally]) -> list[str]:
    """The figures as a Markdown table."""
    head = ["input", "cases", "uncaught", "worst time", "peak memory", "labelled", "wrongly accepted", "wrongly refused"]
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    for name, t in tallies.items():
        cells = [name.upper(), f"{t.cases:,}", f"{t.uncaught:,}", f"{t.worst:.2f} s", f"{t.megabytes:.0f} MB", f"{t.labelled:,}"]
        lines.append(f"| {' | '.join([*cells, f'{t.wrongly_accepted:,}', f'{t.wrongly_refused:,}'])} |")
    return lines


def main() -> int:
    """Plays, prints, and writes when everything was played at full length."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="campaign", help=", ".join(CAMPAIGNS))
    parser.add_argument("-n", "--number", type=int, help="cases of each (default: as many as each campaign says)")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    if strange := set(args.names) - CAMPAIGNS.keys():
        parser.error(f"no campaign is called {', '.join(strange)}; there are {', '.join(CAMPAIGNS)}")
    tallies: dict[str, Tally] = {}
    spawning = multiprocessing.get_context("spawn")
    for name in args.names or CAMPAIGNS:
        with spawning.Pool(1) as pool:
            tallies[name] = pool.apply(run, (name, args.number, args.seed))
        print(table({name: tallies[name]})[-1], flush=True)
        print(*tallies[name].complaints, sep="\n", end="\n" if tallies[name].complaints else "")
    lines = table(tallies)
    if not args.names and args.number is None:
        when = dt.datetime.now().astimezone()
        machine = f"{os.cpu_count()} cores, Python {sys.version.split()[0]}"
        head = f"{when.day} {when:%B %Y, %H:%M}, `python -m benchmarks.fuzz` (seed {args.seed}), {machine}."
        limits = f"Limits: uncaught 0, wrongly accepted 0, {LIMIT_SECONDS:.0f} s of processor time a case, {LIMIT_MEGABYTES:.0f} MB."
        put(HEADING, [head, limits, "", *lines])
    return 0 if all(t.good for t in tallies.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
