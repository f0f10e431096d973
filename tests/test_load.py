"""A short seeded run of the campaigns of `make load`, and what a server with many readers rests on. The servers are real."""

from __future__ import annotations

import ast
import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aftershock.ui import turns
from benchmarks.load import Round, Server, Soak, at, started, thinking
from benchmarks.readers import Tally
from benchmarks.servers import FLOOR, PAGE
from benchmarks.tabs import Tab
from tests.conftest import ROOT

READERS = 12
MOST = 100 * 1024  # bytes of a session's state
FILES = sorted((ROOT / "aftershock").rglob("*.py"))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The dashboard as `make run` starts it."""
    with started(PAGE) as found:
        yield found


def test_a_dozen_readers_cost_less_than_the_framework_s_bare_page(server: Server) -> None:
    """No error, health always answers, small sessions; a change costs the server no more CPU than one of the bare page."""
    with started(FLOOR) as bare:
        floor = asyncio.run(thinking(bare, FLOOR, READERS // 3, 1.5, 0.5))
    ours: Round = asyncio.run(thinking(server, PAGE, READERS, 2, 0.8))
    assert (floor.tally.errors, ours.tally.errors) == ([], [])
    assert len(ours.tally.all) >= READERS
    assert ours.cpu <= floor.cpu
    assert max(ours.health) < 30  # an answer that failed counts as infinite
    assert len(ours.sizes) >= READERS
    assert 500 < max(ours.sizes) < MOST


def test_a_choice_survives_a_change_of_language(server: Server) -> None:
    """The browser knows a choice by its label: the page tells it the new one, and goes on working on all pages that have choices."""

    async def read(page: str, choose: tuple[str, int], then: tuple[str, int]) -> str:
        async with Tab(server.base, page=page, query="lang=en") as tab:
            runs = [await tab.run(), await tab.act(choose[0], tab.options(choose[0])[choose[1]])]
            runs.append(await tab.act("lang", "Tiếng Việt"))
            assert tab.values[tab.widgets[choose[0]].id][1] == tab.options(choose[0])[choose[1]]
            runs.append(await tab.act(then[0], tab.options(then[0])[then[1]]))
            assert [run.errors for run in runs] == [[], [], [], []]
            return tab.query

    assert asyncio.run(read("events", ("e-sort", 1), ("e-years", 0))).endswith("sort=oldest&lang=vi")
    assert asyncio.run(read("claims", ("c-kind", 1), ("c-verdict", 0))).endswith("lang=vi")
    assert "category=" in asyncio.run(read("compare", ("x-category", 2), ("x-window", 1)))


def test_a_series_and_a_benchmark_without_prices_are_a_sentence(server: Server) -> None:
    """Neither has bars here: the page says what is missing instead of breaking."""

    async def read() -> tuple[list[str], str]:
        query = "event=deepseek-crash-2025-01-27&ticker=SOXX&benchmark=%5ERUT&lang=en"
        async with Tab(server.base, page="impact", query=query) as tab:
            return (await tab.run()).errors, tab.text

    errors, text = asyncio.run(read())
    assert errors == []
    assert "SOXX" in text
    assert "RUT" in text


def test_a_tab_that_comes_back_shows_what_it_showed(server: Server) -> None:
    """With its session's id it gets its session, without it another one; the address and the page are the same."""

    async def read() -> list[tuple[str, str, list[str]]]:
        async with Tab(server.base, query="from=2024-01-03&to=2024-06-28&lang=en") as tab:
            seen = []
            for come in (tab.run, tab.reconnect, lambda: tab.reconnect(keep_session=False)):
                told = await come()
                assert told.ok, told.errors
                seen.append((tab.session_id, tab.query, tab.text.splitlines()[:2]))
            return seen

    first, again, elsewhere = asyncio.run(read())
    assert first == again
    assert first[0] != elsewhere[0]
    assert first[1:] == elsewhere[1:]
    assert "from=2024-01-03&to=2024-06-28" in first[1]
    assert "22 February 2024" in first[2][0]  # Nvidia's largest move of those months, on the day after its results


def test_what_is_unchanged_is_named_and_not_sent_again(server: Server) -> None:
    """A filter that changes nothing on the chart sends the list anew and not the chart."""

    async def read() -> tuple[int, int, int]:
        async with Tab(server.base, query="lang=en") as tab:
            first = await tab.run()
            again = await tab.run()
            return first.received, again.received, again.references

    first, again, references = asyncio.run(read())
    assert references >= 2
    assert again < first / 3


def test_opening_what_can_be_taken_away_runs_nothing_else(server: Server) -> None:
    """The popover with the files and the link is a fragment: a tenth of the page travels, and the address stays."""

    async def read() -> tuple[int, int, str, str]:
        async with Tab(server.base, query="from=2024-01-03&to=2024-06-28&lang=en") as tab:
            whole, part = await tab.run(), await tab.act("take-timeline")
            assert (whole.errors, part.errors) == ([], [])
            return whole.received, part.received, tab.text, tab.query

    whole, part, text, query = asyncio.run(read())
    assert part < whole / 8
    assert "from=2024-01-03&to=2024-06-28" in text
    assert "from=2024-01-03&to=2024-06-28" in query


# -- taking turns ----------------------------------------------------------------------------------------------------


def test_readers_take_turns() -> None:
    """Of eight threads never more than a few are inside, all get in, and one that fails leaves room for the next."""
    inside, most, done, lock = 0, 0, [], threading.Lock()

    def read(number: int) -> None:
        nonlocal inside, most
        try:
            with turns.turn():
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.02)
                with lock:
                    inside -= 1
                raise InterruptedError if number % 2 else StopIteration
        except (InterruptedError, StopIteration):
            done.append(number)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(done) == list(range(8))
    assert 1 <= most <= turns.AT_ONCE


def test_whoever_waits_too_long_goes_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those inside may hang on somebody else's answer: the next one waits no longer than PATIENCE, and takes nobody's place away."""
    monkeypatch.setattr(turns, "PATIENCE", 0.1)
    end, entered = threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        with turns.turn():
            entered.release()
            end.wait(20)

    slow = [threading.Thread(target=hang) for _ in range(turns.AT_ONCE)]
    for thread in slow:
        thread.start()
        assert entered.acquire(timeout=20)
    with turns.turn():
        end.set()
    for thread in slow:
        thread.join(20)
    with turns.turn(), turns.turn():
        assert not turns._free.acquire(blocking=False)


# -- what is kept ----------------------------------------------------------------------------------------------------


def _caches(tree: ast.Module) -> list[tuple[str, list[str], dict[str, Any], int]]:
    """Every use of a cache as a decorator: its name, its function's parameters, its keywords, the line."""
    found = []
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        for made in function.decorator_list:
            call = made if isinstance(made, ast.Call) else ast.Call(made, [], [])
            words = {k.arg: getattr(k.value, "value", k.value) for k in call.keywords}
            found.append((ast.unparse(call.func), [a.arg for a in function.args.args], words, made.lineno))
    return [one for one in found if one[0].split(".")[-1] in ("cache_data", "cache_resource", "lru_cache")]


@pytest.mark.parametrize("file", [f for f in FILES if "cache" in f.read_text("utf-8")], ids=lambda f: f.stem)
def test_every_cache_is_bounded(file: Path) -> None:
    """Whatever is kept by key says of how many: `max_entries` or `maxsize`; a function without parameters keeps one thing."""
    for name, parameters, words, line in _caches(ast.parse(file.read_text("utf-8"))):
        bound = words.get("maxsize" if name.endswith("lru_cache") else "max_entries")
        assert isinstance(bound, int) or not parameters, f"{file}:{line}"


def test_what_a_session_leaves_is_the_slope_of_memory() -> None:
    """A megabyte of filling caches, then 2 kB for each session: the slope and the growth are those of what follows the first 30 %."""
    memory = [(n, 200 + min(n, 600) / 600 + max(n - 600, 0) * 2 / 1024) for n in range(0, 2801, 40)]
    found = Soak(Tally(), memory, 0.0, [], [])
    assert found.slope == pytest.approx(2.0, rel=1e-6)
    assert found.growth == pytest.approx(memory[-1][1] / memory[21][1])
    assert [at([3.0, 1.0, 2.0, 5.0, 4.0], share) for share in (0.0, 0.5, 1.0)] == [1.0, 3.0, 5.0]
