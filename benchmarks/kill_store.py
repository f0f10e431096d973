"""Killing whoever saves: `make kill-store`, or `python -m benchmarks.kill_store`.

SQLite: a process adds, changes, deletes and undoes as fast as it can, and writes down each step before it asks and after the store has
said that it is done. It is killed with -9 after a random while. What the store holds then must be exactly what was acknowledged, with the
step that was under way done whole or not at all; the file must pass SQLite's own integrity check.

PostgreSQL: the same, but it is the server's postmaster that is killed, while four readers' events are written. The server is started
again and recovers; the writers may have seen StoreUnavailable and nothing else.

The figures go into benchmarks/RESULTS.md. A short run with fixed seeds is among the tests.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import multiprocessing
import random
import sqlite3
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aftershock.store import Store
from benchmarks.results import put
from benchmarks.writers import State, Writer, held, write_until_killed

HEADING = "## Killing whoever saves"
SEED = 20250127
LONGEST = 0.06  # seconds after the first acknowledged step in which the kill comes

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["benchmarks.writers"])


@dataclass
class Tally:
    """What a campaign found."""

    kills: int = 0
    acknowledged: int = 0
    under_way: int = 0  # kills that met a step under way
    done: int = 0  # ... of which the step was there whole
    refused: int = 0  # steps that the writer was told had failed
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)


# -- SQLite ----------------------------------------------------------------------------------------------------------


def kill_sqlite(folder: Path, kills: int, seed: int) -> Tally:
    """Kills the writer of one file again and again."""
    dice, tally, url, state = random.Random(seed), Tally(), f"sqlite:///{folder / 'events.sqlite3'}", State()
    for round_ in range(kills):
        diary = folder / f"diary-{round_}"
        if len(state) > 300:  # the next step would be slow, and the diary long
            url, state = f"sqlite:///{folder / f'events-{round_}.sqlite3'}", State()
        writer = SERVER.Process(target=write_until_killed, args=(url, "local", str(diary), seed + round_, state))
        writer.start()
        _wait_for(lambda diary=diary: diary.exists() and b'"done"' in diary.read_bytes(), writer)
        time.sleep(dice.uniform(0, LONGEST))
        writer.kill()
        writer.join()
        lines = [json.loads(line) for line in diary.read_text().splitlines()]
        diary.unlink()
        acknowledged = [after for word, after in lines if word == "done"]
        promised, under_way = acknowledged[-1], lines[-1] if lines[-1][0] == "asked" else None
        store = Store(url)
        state = held(store, "local")
        store.close()
        tally.kills += 1
        tally.acknowledged += len(acknowledged)
        tally.under_way += under_way is not None
        tally.done += under_way is not None and state == under_way[1]
        if state not in (promised, under_way and under_way[1]):
            tally.lost.append(f"kill {round_}: {len(promised)} promised, {len(state)} there")
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            if (said := file.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
                tally.damaged.append(f"kill {round_}: {said}")
    return tally


def _wait_for(there: Any, writer: Any) -> None:
    end = time.monotonic() + 60
    while not there():
        assert writer.is_alive(), "the writer ended by itself"
        assert time.monotonic() < end, "the writer did not begin"
        time.sleep(0.002)


# -- PostgreSQL ------------------------------------------------------------------------------------------------------


def kill_postgresql(server: Any, kills: int, seed: int) -> Tally:
    """Kills the postmaster again and again while four owners write."""
    dice, tally, store = random.Random(seed), Tally(), Store(server.url())
    for round_ in range(kills):
        writers = [Writer(store, f"reader-{n}", seed + 100 * round_ + n) for n in range(4)]
        for writer in writers:
            writer.start()
        end = time.monotonic() + 60
        while sum(w.acknowledged for w in writers) < 20 and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 0.3))
        server.kill()
        time.sleep(0.2)
        server.start()
        before = [w.acknowledged for w in writers]
        while any(w.acknowledged < n + 3 and w.is_alive() for w, n in zip(writers, before, strict=True)) and time.monotonic() < end:
            time.sleep(0.05)  # everybody writes again
        for writer in writers:
            writer.over.set()
        for writer in writers:
            writer.join(30)
            writer.look()
            if writer.acknowledged < 4:
                tally.surprises.append(f"{writer.owner} did not write again")
            tally.acknowledged += writer.acknowledged
            tally.refused += writer.refused
            tally.lost += writer.lost
            tally.surprises += writer.surprises
        tally.kills += 1
    store.close()
    return tally


# -- the campaign ----------------------------------------------------------------------------------------------------


def table(sqlite: Tally, postgresql: Tally, seed: int, seconds: float) -> list[str]:
    """Our section of the results."""
    rows = [
        f"| {name} | {t.kills} | {t.acknowledged:,} | {len(t.lost)} | {t.under_way or '-'} | {t.done if t.under_way else '-'} "
        f"| {t.refused} | {len(t.damaged)} | {len(t.surprises)} |"
        for name, t in (("SQLite (WAL, synchronous FULL): the writer", sqlite), ("PostgreSQL: its postmaster", postgresql))
    ]
    head = (
        f"{dt.date.today():%-d %B %Y}, `make kill-store` (`python -m benchmarks.kill_store`, seed {seed}), {seconds:.0f} s. "
        "What was killed with -9, how often, and what was then held against what had been acknowledged."
    )
    columns = (
        "| killed | times | steps acknowledged | lost | kills within a step | of which done whole | refused | damaged | other errors |"
    )
    return [head, "", columns, "|---|---:|---:|---:|---:|---:|---:|---:|---:|", *rows]


def main() -> int:
    """Runs both, prints and writes the table; 1 when anything was lost."""
    from tests.databases import PostgreSQL

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sqlite", type=int, default=200)
    parser.add_argument("--postgresql", type=int, default=10)
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="aftershock-kill-") as folder:
        sqlite = kill_sqlite(Path(folder), args.sqlite, args.seed)
    server = PostgreSQL().start()
    try:
        postgresql = kill_postgresql(server, args.postgresql, args.seed)
    finally:
        server.stop()
    lines = table(sqlite, postgresql, args.seed, time.monotonic() - started)
    put(HEADING, lines)
    print(*lines, sep="\n")
    bad = [*sqlite.lost, *sqlite.damaged, *sqlite.surprises, *postgresql.lost, *postgresql.surprises]
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
