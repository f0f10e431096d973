"""Every fault of a live source, each alone, in every state, with real hangs: `make faults`, five minutes or so.

What the faults are and what is right for each stands in `tests/faults.py`. The table goes into benchmarks/RESULTS.md.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.results import put
from tests.faults import MODES, STATES, attempt, summary, table

HEADING = "## When Yahoo fails"


def main() -> int:
    """Runs the campaign; status 1 if anything was other than right."""
    cases = [(mode, state) for mode in MODES for state in STATES]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(attempt, [m], s, Path(folder) / f"{s}-{m.name}", deadline=8) for m, s in cases]
        rows = [row for one in tries for row in one.result()]
    print(*table(rows), summary(rows), sep="\n")
    put(HEADING, [
        f"{dt.date.today():%-d %B %Y}, `make faults`: the real yfinance against our own server, each fault alone, deadline 8 s, 20 readers "
        "at once. *None*: nothing is drawn; *kept*: what was there stays; the word is the reason that the reader is given. What is right "
        "was written down by hand.", "", summary(rows) + ".", "", *table(rows),
    ])  # fmt: skip
    return int(not all(r.good for r in rows))


if __name__ == "__main__":
    sys.exit(main())
