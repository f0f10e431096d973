"""Whatever Yahoo does, no wrong chart: the real yfinance against our own server, every fault in every state, labelled by hand.

`make faults` tries each alone, with real hangs in all three states; here those that concern one ticker share a process.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aftershock.sessions import new_york
from tests.faults import MODES, STATES, Row, attempt, summary, table

ALONE = [m for m in MODES if m.alone and m.name not in ("bomb", "100000-rows")]  # these two take seconds of arithmetic
SHORT, LONG = 2, 25  # seconds: for what never answers; for what does, however busy the machine is


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Every fault of one ticker in every state; every fault of all tickers with nothing known, two of them in every state."""

    def folder(name: str) -> Path:
        return tmp_path_factory.mktemp("faults") / (name or "none")

    new_york()  # not by four threads at once
    tries: list[Callable[[], list[Row]]] = []
    for state in STATES:
        tries.append(lambda state=state: attempt([m for m in MODES if not m.alone], state, folder(state), deadline=LONG))
    for mode in ALONE:
        for state in STATES if mode.name in ("429", "no-such-host") else ("new",):
            deadline = SHORT if mode.name in ("hang", "slow-drip") else LONG
            tries.append(lambda mode=mode, state=state, deadline=deadline: attempt([mode], state, folder(mode.name), deadline=deadline))
    with ThreadPoolExecutor(4) as pool:
        return [row for made in pool.map(lambda one: one(), tries) for row in made]


def test_no_fault_draws_a_wrong_chart(rows: list[Row], capsys: pytest.CaptureFixture[str]) -> None:
    """Every figure drawn is the healthy server's or what was there before; each fault ends as it was labelled."""
    with capsys.disabled():
        print("", *table(rows), summary(rows), sep="\n")  # noqa: T201
    assert len({r.mode for r in rows}) - 1 >= 34
    assert [r for r in rows if r.found.startswith("WRONG")] == []
    assert [(r.mode, r.state, r.right, r.found) for r in rows if not r.good] == []


def test_many_readers_cost_one_question(rows: list[Row]) -> None:
    """Twenty readers at once, looking again and again, and Yahoo is asked once for each ticker."""
    assert {r.calls for r in rows} == {1}


def test_looking_at_the_market_never_waits(rows: list[Row]) -> None:
    """While processes hang and servers refuse, a look takes milliseconds; none lasts as long as a hang, however busy the machine is."""
    looks = sorted(seconds for r in rows for seconds in r.looks)
    assert looks[len(looks) // 2] < 0.02
    assert looks[len(looks) * 99 // 100] < 0.5
    assert looks[-1] < 6
