"""A million pairs over several processes, or over a Dask cluster of several machines.

    python examples/cluster.py                      a million pairs in this process
    python examples/cluster.py --on pool            ... in two processes of this machine
    python examples/cluster.py --on dask            ... on a Dask cluster, here one of two local workers (pip install "dask[distributed]")

The returns are stored once, as a folder that every worker can read. A worker is then sent the path of that folder and the integer codes
of its own pairs, 16 bytes each, and sends back 57 bytes for each; the matrix never travels. On one machine the workers share its pages.

Do not reach for a cluster too soon. One process does a million pairs in a second or two, so starting workers costs more than it
saves until there is more work than that for each of them: see docs/scale.md for what was measured. On several machines the folder must
lie where all of them can read it (`--folder /shared/returns`).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from aftershock.panel import Table, study_many


def store(folder: Path, tickers: int, sessions: int) -> Path:
    """Stores made-up returns of a one-factor market. Yours: a frame of decimal fractions, sessions x tickers, NaN = missing."""
    random = np.random.default_rng(20250127)
    days = pd.bdate_range("2000-01-03", periods=sessions)
    market = 0.0003 + 0.01 * random.standard_normal(sessions)
    values = random.standard_normal((tickers, sessions))
    values *= random.uniform(0.008, 0.03, (tickers, 1))
    for row, load in zip(values, random.uniform(0.4, 1.6, tickers), strict=True):
        row += load * market
    returns = pd.DataFrame(values.T, index=days, columns=[f"T{i:05d}" for i in range(tickers)])
    return Table.of(returns, pd.Series(market, days)).store(folder)


def pairs(folder: Path, count: int) -> pd.DataFrame:
    """Random pairs. Tickers and sessions may be names and dates, too; categoricals and positions in the table are looked up fastest."""
    table, random = Table.stored(folder), np.random.default_rng(1)
    rows, columns = random.integers(0, len(table.tickers), count), random.integers(0, len(table.sessions), count)
    return pd.DataFrame({"ticker": rows, "session": columns})


@contextmanager
def workers(kind: str, count: int) -> Iterator[Executor | None]:
    """Whoever does the work: nobody else, a pool of processes, or a Dask cluster. Any `concurrent.futures.Executor` will do."""
    if kind == "here":
        yield None
    elif kind == "pool":
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            yield pool
    else:
        from dask.distributed import Client, LocalCluster

        # A cluster of your own: Client("tcp://scheduler:8786") in place of the next two lines.
        where = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "worker_dashboard_address": "127.0.0.1:0"}
        with (
            LocalCluster(n_workers=count, threads_per_worker=1, **where) as cluster,
            Client(cluster) as client,
            client.get_executor() as pool,
        ):
            yield pool


def main() -> None:
    """Stores, asks, and says how fast it was."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--on", choices=("here", "pool", "dask"), default="here")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tickers", type=int, default=2_000)
    parser.add_argument("--sessions", type=int, default=2_500)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="keep the returns here; stored already, they are read from here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.folder or Path(scratch) / "returns"
        if not (folder / "matrix.npy").exists():
            store(folder, args.tickers, args.sessions)
        asked = pairs(folder, args.pairs)
        with workers(args.on, args.workers) as executor:
            begun = time.perf_counter()
            found = study_many(folder, None, asked, executor=executor, shards=args.workers)
            seconds = time.perf_counter() - begun
    size = args.tickers * args.sessions * 8 / 1e6
    print(f"{args.pairs:,} pairs on {args.on} in {seconds:.2f} s: {args.pairs / seconds:,.0f} a second; the matrix has {size:,.0f} MB")
    print(found["reason"].value_counts().rename({"": "computed"}).loc[lambda n: n > 0].to_string(header=False))


if __name__ == "__main__":
    main()
