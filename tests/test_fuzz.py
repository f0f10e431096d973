"""A short run of the campaigns of `make fuzz`: damaged and hostile files, and rows that are right or wrong by construction."""

from __future__ import annotations

import pytest

from benchmarks.fuzz import CAMPAIGNS, run


@pytest.mark.parametrize("name", list(CAMPAIGNS))
def test_whatever_comes_is_answered_soon_and_nothing_wrong_is_taken_for_right(name: str) -> None:
    """A few hundred seeded cases: no exception, no case over two seconds, nothing labelled wrong accepted, nothing right refused."""
    tally = run(name, 400, seed=5)
    assert (tally.uncaught, tally.wrongly_accepted, tally.wrongly_refused) == (0, 0, 0), tally.complaints
    assert tally.worst < 2
    assert tally.cases == 400
    assert tally.labelled > 100
