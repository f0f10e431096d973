import datetime as dt
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from aftershock.dollars import Dollars, Unpriced, count_on, dollars, split_move
from aftershock.reference import Shares
from aftershock.workspace import Workspace

CLAIMS = json.loads((Path(__file__).parent / "answers" / "market_claims.json").read_text(encoding="utf-8"))["numbers"]
CRASH = pd.Timestamp("2025-01-27")


@pytest.fixture(scope="module")
def workspace():
    """The snapshot and the share counts."""
    return Workspace.open()


def bars(*rows):
    """Daily bars from (open, close) pairs, from Monday 6 January 2025 on."""
    days = pd.bdate_range("2025-01-06", periods=len(rows)).as_unit("us")
    return pd.DataFrame(rows, columns=["open", "close"], index=days, dtype=float)


def shares(filed, billions=2.0, **more):
    """One share count of a firm called ABC."""
    return Shares("ABC", dt.date.fromisoformat(filed), "10-Q", None, billions, "verified-1", **more)


def test_what_nvidia_lost_on_27_january(workspace):
    """(142.62 - 118.42) x 24.49 bn = $592.7bn by the last filing before that day, as the press had it."""
    found = dollars(
        workspace.prices.bars["NVDA"], workspace.reference.shares, "NVDA", CRASH, CRASH, CLAIMS["abnormal_on_nasdaq_percent"] / 100
    )
    assert (found.base, found.close) == (CLAIMS["nvda_close_before"], CLAIMS["nvda_close"])
    assert found.billions_of_shares == CLAIMS["shares_bn"]
    assert round(-found.gross, 1) == CLAIMS["gross_bn"]
    assert found.shares.filed == dt.date(2024, 11, 20)
    assert (found.shares.verification, found.shares.placeholder) == ("verified-1", False)
    assert found.abnormal == pytest.approx(-0.107 * 142.62 * 24.49, rel=1e-12)  # 373.7 by hand


def test_how_the_move_came_about(workspace):
    """Open 124.80 after a close of 142.62: -12.49 % overnight, -5.11 % in the session, and +8.93 % the day after, $259bn of it."""
    found = split_move(workspace.prices.bars["NVDA"], CRASH)
    assert round(100 * found.total, 2) == CLAIMS["nvda_percent"]
    assert found.overnight == pytest.approx(124.80 / 142.62 - 1, abs=1e-12)
    assert (1 + found.overnight) * (1 + found.in_session) == pytest.approx(1 + found.total, abs=1e-12)
    after = found.later[0]
    assert round(100 * after.change, 2) == CLAIMS["rebound_percent"]
    assert round((128.99 - 118.42) * CLAIMS["shares_bn"]) == CLAIMS["rebound_bn"]
    assert after.recovered == pytest.approx(259 / 592.7, abs=5e-4)
    nasdaq = split_move(workspace.prices.bars["^IXIC"], CRASH)
    assert round(100 * nasdaq.total, 2) == CLAIMS["ixic_percent"]


def test_five_sessions_by_hand():
    """100 -> opens 95, closes 90 -> 92, 94, 96, 98, 101: a fifth back after one session, 110 % after five."""
    found = split_move(bars((99, 100), (95, 90), (91, 92), (93, 94), (95, 96), (97, 98), (99, 101)), pd.Timestamp("2025-01-07"))
    assert [found.overnight, found.in_session, found.total] == pytest.approx([-0.05, -5 / 95, -0.10])
    one, five, twenty = found.later
    assert (one.change, one.recovered) == pytest.approx((2 / 90, 0.2))
    assert (five.change, five.recovered) == pytest.approx((11 / 90, 1.1))
    assert (twenty.change, twenty.recovered, twenty.session, twenty.why) == (None, None, None, "data-end")


def test_a_move_that_went_on_has_a_negative_part_back():
    """100 -> 110 -> 115: half of the rise on top of it."""
    assert split_move(bars((100, 100), (100, 110), (110, 115)), pd.Timestamp("2025-01-07")).later[0].recovered == pytest.approx(-0.5)


def test_nothing_comes_back_of_next_to_nothing():
    """After a move of 0.9 % a part is a ratio of noise: the change is given, the part is not."""
    later = split_move(bars((100, 100), (100, 100.9), (101, 105)), pd.Timestamp("2025-01-07")).later[0]
    assert (later.recovered, later.why) == (None, "small")
    assert later.change == pytest.approx(105 / 100.9 - 1)


def test_a_missing_price_is_no_number():
    """No open, no close before, no close later, no such session: None, never a guess."""
    day = pd.Timestamp("2025-01-07")
    assert split_move(bars((100, 100), (math.nan, 90)), day) is None
    assert split_move(bars((100, math.nan), (95, 90)), day) is None
    assert split_move(bars((100, 100), (95, 90)), pd.Timestamp("2025-01-06")) is None
    assert split_move(bars((100, 100), (95, 90)), pd.Timestamp("2025-01-11")) is None
    assert split_move(None, day) is None
    assert split_move(bars((100, 100), (95, 90), (91, np.nan)), day).later[0].why == "no-price"


def test_the_count_is_the_last_one_that_was_public():
    """A report filed on the day counts, one filed a day later does not."""
    counts = [shares("2025-01-08", 3.0, placeholder=True), shares("2024-10-01"), shares("2024-07-01", 1.0)]
    assert count_on(counts, "ABC", pd.Timestamp("2025-01-07")).billions_split_adjusted == 2.0
    assert count_on(counts, "ABC", pd.Timestamp("2025-01-08")).placeholder
    assert count_on(counts, "ABC", pd.Timestamp("2024-01-08")) == Unpriced("not-yet")
    assert count_on(counts, "XYZ", pd.Timestamp("2025-01-08")) == Unpriced("no-shares")
    assert count_on(counts, "^IXIC", pd.Timestamp("2025-01-08")) == Unpriced("index")


def test_a_window_of_several_sessions_is_worth_what_its_ends_say():
    """From the close before (100) to the last close (94): -6 x 2 bn = -$12bn; abnormal -3 % of 100 x 2 bn = -$6bn."""
    table = bars((100, 100), (99, 95), (95, 97), (97, 94))
    found = dollars(table, [shares("2024-10-01")], "ABC", table.index[1], table.index[3], -0.03)
    assert isinstance(found, Dollars)
    assert (found.gross, found.abnormal) == pytest.approx((-12.0, -6.0))
    assert dollars(table, [shares("2024-10-01")], "ABC", table.index[0], table.index[1], 0.0) == Unpriced("no-price")
    assert dollars(None, [shares("2024-10-01")], "ABC", table.index[1], table.index[1], 0.0) == Unpriced("no-price")


def test_the_last_count_of_the_snapshot_is_a_placeholder(workspace):
    """The May 2026 count was never confirmed, and says so."""
    found = count_on(workspace.reference.shares, "NVDA", pd.Timestamp("2026-06-01"))
    assert (found.placeholder, found.verification) == (True, "from-memory")
