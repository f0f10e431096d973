"""Many pairs on a real Dask cluster of worker processes, and the examples that show how."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
from dask.distributed import Client, LocalCluster

from aftershock.panel import Table, study_many
from aftershock.study import StudyDesign, Window
from tests.conftest import ROOT

DESIGN = StudyDesign(Window(-60, -11), Window(-2, 2))
NUMBERS = ["alpha", "beta", "sigma", "n_estimation", "car", "car_se", "t", "p"]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


class Watched(Executor):
    """An executor that writes down how large each task is when it is pickled."""

    def __init__(self, inner: Executor) -> None:
        self.inner, self.sizes = inner, []  # type: tuple[Executor, list[int]]

    def submit(self, fn: Any, /, *args: Any, **more: Any) -> Future[Any]:
        """Hands the task on."""
        self.sizes.append(len(pickle.dumps((fn, args, more))))
        return self.inner.submit(fn, *args, **more)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Two worker processes, everything on 127.0.0.1, nothing on a fixed port, no diary of the scheduler's."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", local_directory=str(tmp_path_factory.mktemp("dask")),
        dashboard_address="127.0.0.1:0", worker_dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False},
    ) as cluster, Client(cluster) as found:  # fmt: skip
        yield found


def given() -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Returns of 300 tickers on 400 sessions with late listings and gaps, the market's, and 2,000 random pairs."""
    random = np.random.default_rng(11)
    days = pd.bdate_range("2020-01-01", periods=400).as_unit("us")
    market = 0.0003 + 0.01 * random.standard_normal(400)
    returns = market[:, None] * random.uniform(0.4, 1.6, 300) + 0.02 * random.standard_normal((400, 300))
    returns[:150, ::4] = np.nan
    returns[random.random(returns.shape) < 0.01] = np.nan
    frame = pd.DataFrame(returns, days, [f"S{i:03d}" for i in range(300)])
    events = pd.DataFrame({"ticker": frame.columns[random.integers(0, 300, 2_000)], "session": days[random.integers(0, 400, 2_000)]})
    return frame, pd.Series(market, days), events


def test_a_dask_cluster_gives_the_serial_answer(client: Client, tmp_path: Path) -> None:
    """From a frame and from a stored table, in processes other than ours: the same numbers and the same reasons, and a task is a
    path and 16 bytes for each pair, a hundredth of the matrix."""
    returns, market, events = given()
    alone = study_many(returns, market, events, DESIGN)
    assert set(alone["reason"]) == {"", "price-missing", "before-first-price", "too-little-history", "window-outside-data"}
    folder = Table.of(returns, market).store(tmp_path / "table")
    with client.get_executor(pure=False) as pool:
        watched = Watched(pool)
        for source, benchmark in ((returns, market), (folder, None)):
            spread = study_many(source, benchmark, events, DESIGN, executor=watched, shards=8)
            assert list(spread["reason"]) == list(alone["reason"])
            np.testing.assert_allclose(spread[NUMBERS], alone[NUMBERS], rtol=1e-10, atol=1e-14)
        others = set(pool.map(_process, range(8)))
    assert os.getpid() not in others
    assert len(others) == 2
    assert len(watched.sizes) == 16
    assert max(watched.sizes) < min(returns.to_numpy().nbytes / 100, 1_000 + 16 * 2_000 / 8)


def _process(_: int) -> int:
    return os.getpid()


def test_the_cluster_listens_to_this_machine_only(client: Client) -> None:
    """Scheduler and workers have no socket open to others."""
    ours = psutil.Process()
    sockets = [s for p in (ours, *ours.children(recursive=True)) for s in p.net_connections("inet") if s.status == psutil.CONN_LISTEN]
    assert len(client.scheduler_info()["workers"]) == 2
    assert len(sockets) >= 3
    assert {s.laddr.ip for s in sockets} == {"127.0.0.1"}


@pytest.mark.parametrize("kind", ["here", "pool", "dask"])
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda f: f.name)
def test_the_examples_run(file: Path, kind: str, tmp_path: Path) -> None:
    """As the README says, with a small table; every pair is answered, and a stored table is read the second time."""
    asked = ["--on", kind, "--tickers", "40", "--sessions", "300", "--pairs", "3000", "--folder", str(tmp_path / "returns")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        [sys.executable, "-W", "error", str(file), *asked],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert found.returncode == 0, found.stderr  # a warning is an error; Dask's own log may complain of a busy machine
    first, *counts = found.stdout.splitlines()
    assert first.startswith(f"3,000 pairs on {kind} in ")
    assert sum(int(n) for line in counts for n in re.findall(r"\d+$", line)) == 3_000
