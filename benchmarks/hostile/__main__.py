"""Plays the campaign against a dashboard of its own, and writes the figures."""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Final

from benchmarks.hostile import Tally
from benchmarks.hostile.parts import PARTS, play
from benchmarks.results import put
from tests.hostile import NAMES, canary, payloads
from tests.test_articles_fetch import INSIDE

HEADING: Final = "## Hostile text"
SEED: Final = 20250127


def table(tally: Tally) -> list[str]:
    """Where text came in or out, and how many pairs of payload and field (or files) were looked at there."""
    rows = [f"| {where} | {n:,} |" for where, n in sorted(tally.pairs.items())]
    return ["| in or out | payload in a field |", "|---|---:|", *rows, f"| together | {tally.pairs.total():,} |"]


def main() -> int:
    """Plays, prints, and writes when everything was played."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("-n", "--number", type=int, help=f"payloads (default: all {len(NAMES)})")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    begun = time.monotonic()
    os.environ["AFTERSHOCK_PRICES"] = "snapshot"
    with canary() as bird, ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as workers:
        texts = payloads(bird.url)
        if args.number is not None:
            texts = {name: texts[name] for name in random.Random(args.seed).sample(NAMES, args.number)}
        tally = Tally()
        under_way = {workers.submit(play, part, texts): part for part in PARTS}
        for done in as_completed(under_way):
            found = done.result()
            print(
                f"{under_way[done]}: {found.pairs.total():,} pairs, {len(found.complaints)} complaints",
                *found.complaints,
                sep="\n",
                flush=True,
            )
            tally += found
        called = [f"the canary was called: {path}" for path in bird.heard]
        tally.ran += called
    print(*called, *table(tally), sep="\n")
    if args.number is None:
        when = dt.datetime.now().astimezone()
        took = (time.monotonic() - begun) / 60
        head = f"{when.day} {when:%B %Y, %H:%M}, `python -m benchmarks.hostile`, {took:.0f} minutes."
        result = (
            f"{len(texts)} payloads: {len(tally.ran)} executed, asked for elsewhere or left as more than text; {len(tally.formulas)} live "
            f"formulas; {len(tally.lost)} texts lost; {len(tally.failed)} pages, files or refusals that failed."
        )
        fetching = (
            f"Fetching addresses is played by `tests/test_articles_fetch.py` in every run of the tests: {len(INSIDE)} spellings of inner "
            "addresses, redirects, rebinding, slow servers and bombs: 0 inner addresses reached."
        )
        put(HEADING, [head, "", result, "", *table(tally), "", fetching])
    return 1 if tally.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
