"""The price cache: whatever happens to process, disk or files, the bars are there in an older or a newer state, or not at all."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aftershock.errors import PricesUnavailable
from aftershock.prices import Cached, PriceRequest
from aftershock.prices.cache import DAMAGED, _as_json, _seal, file_name, ticker_of
from benchmarks.kill_cache import campaign, held, version_of


def codes(cache: Cached) -> list[str]:
    """The troubles, as codes."""
    return [t.code.removeprefix("prices.") for t in cache.troubles]


# -- what is kept comes back -----------------------------------------------------------------------------------------


def test_what_was_kept_comes_back_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    """Figures, index unit, provenance; the hash is that of the file that the manifest names."""
    cache = Cached(tmp_path)
    assert cache.put(held("^SOX", 3))
    found = Cached(tmp_path).get("^SOX")
    assert found is not None
    assert found.bars.equals(held("^SOX", 3).bars)
    assert found.bars.index.dtype == "datetime64[us]"
    assert (found.series.source, found.series.retrieved_at, found.series.sessions) == ("yahoo", "2026-10-02T22:00:00+00:00", 250)
    manifest = json.loads((tmp_path / "t_5eSOX.json").read_text())
    assert manifest["sha256"] == found.series.sha256
    assert (tmp_path / manifest["file"]).exists()
    assert cache.tickers == ("^SOX",)
    assert cache.troubles == ()


def test_a_provider_of_what_is_there_names_what_is_not(tmp_path: Path) -> None:
    """The cache answers requests; a ticker that it has not is named in the error."""
    cache = Cached(tmp_path)
    cache.put(held("A", 1))
    days = PriceRequest(("A",), start=pd.Timestamp("2024-06-03").date(), end=pd.Timestamp("2024-06-07").date())
    assert len(cache.closes(days).bars["A"]) == 5
    with pytest.raises(PricesUnavailable, match="no prices of it here"):
        cache.closes(PriceRequest(("A", "B")))


def test_newer_bars_replace_older_ones_and_leave_nothing_behind(tmp_path: Path) -> None:
    """One manifest and one file of bars per ticker, however often it is replaced."""
    cache = Cached(tmp_path)
    for version in range(3):
        assert cache.put(held("A", version))
    assert version_of(cache.get("A")) == 2
    assert sorted(p.suffix for p in tmp_path.iterdir() if p.name != ".lock") == [".json", ".parquet"]


# -- names -----------------------------------------------------------------------------------------------------------

RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{i}" for name in ("com", "lpt") for i in range(10))}


@given(st.lists(st.text(max_size=40), min_size=2, max_size=2, unique=True))
@example(["nvda", "NVDA"])
@example(["../../etc/passwd", "/etc/passwd"])
@example(["_5e", "^"])
@example(["CON", "con"])
@example(["x" * 300, "x" * 301])
def test_every_ticker_has_a_file_name_of_its_own(tickers: list[str]) -> None:
    """No separator, no dot, nothing that Windows has taken, not too long; two tickers never share one, whatever the case."""
    names = [file_name(t) for t in tickers]
    assert names[0].lower() != names[1].lower()
    for ticker, name in zip(tickers, names, strict=True):
        assert name.isascii()
        assert name.replace("_", "").isalnum()
        assert name.lower() not in RESERVED
        assert len(name) <= 100
        assert ticker_of(name) == (ticker if name.startswith("t") else None)


# -- killed ----------------------------------------------------------------------------------------------------------


def test_killed_at_every_step_nothing_is_lost(tmp_path: Path) -> None:
    """A kill -9 at every third line that a replacement executes; `make kill-cache` takes every line and goes round more often."""
    tally = campaign(tmp_path / "cache", 22, stride=3)
    assert tally.wrong == []
    assert tally.steps >= 40
    assert tally.older > 0
    assert tally.newer > 0
    assert tally.older + tally.newer == tally.kills + tally.acknowledged


# -- the disk --------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk that is full after one more page; root gets a real one, others files that may not grow."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(folder)], capture_output=True, check=False).returncode == 0:
        try:
            yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield folder
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_keeps_what_is_there_and_says_so(tmp_path: Path) -> None:
    """The older bars stay whole; the reader is told; when there is room again the newer ones are kept and the complaint is gone."""
    with small_disk(tmp_path / "disk") as folder:
        cache = Cached(folder)
        assert cache.put(held("A", 1))
        room = folder / "filler"
        if os.path.ismount(folder):
            with pytest.raises(OSError, match="No space left"):
                room.write_bytes(bytes(100_000))
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        assert not cache.put(held("A", 2))
        assert codes(cache) == ["cache-full"]
        assert version_of(cache.get("A")) == version_of(Cached(folder).get("A")) == 1
        if os.path.ismount(folder):
            room.unlink()
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        assert cache.put(held("A", 2))
        assert codes(cache) == []
        assert version_of(Cached(folder).get("A")) == 2


def test_a_folder_that_cannot_be_used_is_said_and_no_error(tmp_path: Path) -> None:
    """A file stands where the folder should be, which stops root too: the cache is empty and says why."""
    (tmp_path / "file").write_text("")
    cache = Cached(tmp_path / "file" / "cache")
    assert cache.get("A") is None
    assert not cache.put(held("A", 1))
    assert codes(cache) == ["cache-unusable"]
    assert cache.tickers == ()


# -- damage ----------------------------------------------------------------------------------------------------------


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize("ending", ["parquet", "json"])
@pytest.mark.parametrize("damage", [_cut, _flip, lambda p: p.write_bytes(b""), lambda p: p.write_text("{}")])
def test_a_damaged_file_is_set_aside_and_reported(damage: object, ending: str, tmp_path: Path) -> None:
    """A flipped bit, a lost end, nothing, something else, in the bars or in the manifest: no wrong figure; the other ticker stays."""
    cache = Cached(tmp_path)
    cache.put(held("A", 1))
    cache.put(held("B", 2))
    (path,) = tmp_path.glob(f"tA*.{ending}")
    damage(path)  # type: ignore[operator]
    again = Cached(tmp_path)
    assert again.get("A") is None
    assert codes(again) == ["cache-damaged"]
    assert "A" in str(again.troubles[0])
    assert len(list((tmp_path / DAMAGED).iterdir())) == 2
    assert version_of(again.get("B")) == 2
    assert again.put(held("A", 3))
    assert version_of(Cached(tmp_path).get("A")) == 3


def test_a_manifest_leads_to_no_other_folder(tmp_path: Path) -> None:
    """A file name with a path in it is damage, whatever lies there and however well it is sealed."""
    cache = Cached(tmp_path / "cache")
    cache.put(held("A", 1))
    (bars,) = (tmp_path / "cache").glob("*.parquet")
    path = tmp_path / "cache" / "tA.json"
    manifest = json.loads(path.read_text()) | {"file": f"../{bars.name}"}
    bars.rename(tmp_path / bars.name)
    path.write_bytes(_as_json(manifest | {"seal": _seal(manifest)}))
    assert cache.get("A") is None
    assert codes(cache) == ["cache-damaged"]


# -- several at once -------------------------------------------------------------------------------------------------


def _write_often(folder: str, first: int) -> None:
    cache = Cached(Path(folder))
    for version in range(first, first + 30):
        if not cache.put(held("A", version)):
            raise SystemExit(1)


def test_two_processes_write_and_a_third_reads(tmp_path: Path) -> None:
    """Every write of both succeeds, every read gives one of the versions whole and right, the last one of either is there at the end."""
    Cached(tmp_path).put(held("A", 0))
    starting = multiprocessing.get_context("forkserver")
    writers = [starting.Process(target=_write_often, args=(str(tmp_path), first)) for first in (100, 200)]
    for writer in writers:
        writer.start()
    reader, seen = Cached(tmp_path), []
    while any(w.is_alive() for w in writers):
        seen.append(version_of(reader.get("A")))
    assert [w.exitcode for w in writers] == [0, 0]
    assert set(seen) <= {0, *range(100, 130), *range(200, 230)}
    assert len(set(seen)) > 3
    assert version_of(reader.get("A")) in (129, 229)
    assert reader.troubles == ()
    assert len(list(tmp_path.glob("*.parquet"))) == 1


def test_threads_of_one_process_take_turns(tmp_path: Path) -> None:
    """Eight threads, one cache: every write succeeds."""
    cache, done = Cached(tmp_path), []
    threads = [threading.Thread(target=lambda v=v: done.append(cache.put(held("A", v)))) for v in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 8
    assert version_of(cache.get("A")) in range(8)
