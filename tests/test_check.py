"""The validator alone: pure, so the clock and what we had are given. Every case is a right answer with one thing changed by hand.

The faults of a server (`tests/test_faults.py`) go through it too, as yfinance parses them; here are the rules' edges.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from aftershock.prices.check import Checked, Refused, checked
from aftershock.sessions import new_york
from aftershock.text import words
from tests.fake_yahoo import NY, bars_of

NOW = dt.datetime(2026, 10, 2, 18, tzinfo=NY)
META = {"symbol": "F1", "currency": "USD", "exchangeTimezoneName": "America/New_York", "instrumentType": "EQUITY", "shortName": "F One"}
Change = Callable[[pd.DataFrame], object]


def bars(last: str = "2026-10-02", first: str = "2026-01-02") -> pd.DataFrame:
    """Right bars of a share, as the worker gives them."""
    return bars_of("F1").loc[first:last].assign(dividend=0.0, split=0.0).rename_axis("date")


def judged(found: pd.DataFrame, had: pd.DataFrame | None = None, now: dt.datetime = NOW, **meta: Any) -> Checked:
    """The validator's word on bars from 2 January 2026 on."""
    return checked("F1", found, META | meta, calendar=new_york(), now=now, start=dt.date(2026, 1, 2), had=had)


def reason(found: pd.DataFrame, had: pd.DataFrame | None = None, now: dt.datetime = NOW, **meta: Any) -> str:
    """The code of a refusal."""
    with pytest.raises(Refused) as refused:
        judged(found, had, now, **meta)
    for lang in ("en", "vi"):
        assert refused.value.why.in_words(words(lang)).endswith(".")
    return refused.value.why.code.removeprefix("prices.")


def remarks(found: Checked) -> list[str]:
    """The remarks, in English."""
    return [str(r) for r in found.remarks]


def test_right_bars_pass_as_they_are() -> None:
    """Name, kind, every figure; no remark; an index has no column of dividends."""
    found = judged(bars())
    assert (found.name, found.kind, found.remarks) == ("F One", "share", ())
    assert found.bars.equals(bars().drop(columns="split"))
    assert "dividend" not in judged(bars(), instrumentType="INDEX").bars


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ((2026, 10, 2, 9, 31), "2026-10-01"),
        ((2026, 10, 2, 16, 19), "2026-10-01"),
        ((2026, 10, 2, 16, 21), "2026-10-02"),
        ((2026, 11, 27, 13, 19), "2026-11-25"),  # the half day after Thanksgiving ends at 13:00
        ((2026, 11, 27, 13, 21), "2026-11-27"),
        ((2026, 3, 9, 16, 19), "2026-03-06"),  # the Monday after the clocks went forward
        ((2026, 3, 9, 16, 21), "2026-03-09"),
        ((2026, 11, 2, 16, 19), "2026-10-30"),  # the Monday after they went back
        ((2026, 11, 2, 16, 21), "2026-11-02"),
    ],
)
def test_the_bar_of_a_session_that_is_not_over_is_left_out(now: tuple[int, ...], last: str) -> None:
    """By the session's real end, half days and changes of the clock included; it is said."""
    clock = dt.datetime(*now, tzinfo=NY)  # type: ignore[misc]
    found = judged(bars(f"{clock:%Y-%m-%d}"), now=clock)
    assert str(found.bars.index[-1].date()) == last
    assert [r.code for r in found.remarks] == ([] if last == f"{clock:%Y-%m-%d}" else ["prices.unfinished"])


def test_the_clock_s_zone_does_not_matter_and_its_error_is_named() -> None:
    """The same moment in Sydney and in Honolulu gives the same; a clock a day behind meets a bar of a day to come."""
    for zone in (dt.timezone(dt.timedelta(hours=14)), dt.timezone(dt.timedelta(hours=-12))):
        assert judged(bars(), now=NOW.astimezone(zone)).bars.index[-1] == pd.Timestamp("2026-10-02")
    assert reason(bars(), now=NOW - dt.timedelta(days=1)) == "future"
    assert judged(bars(), now=NOW + dt.timedelta(days=1)).remarks == ()


@pytest.mark.parametrize(("sessions", "good"), [(5, True), (6, False)])
def test_a_series_may_be_five_sessions_late(sessions: int, good: bool) -> None:
    """A week for a source that is slow; beyond it, the series has ended."""
    late = bars().iloc[:-sessions]
    assert judged(late).bars.index[-1] == late.index[-1] if good else reason(late) == "ended"


@pytest.mark.parametrize(("sessions", "good"), [(5, True), (6, False)])
def test_five_empty_sessions_are_declared_and_six_are_too_many(sessions: int, good: bool) -> None:
    """A declared gap is NaN in every figure, named in a remark; nothing is filled."""
    found = bars().drop(bars().index[50 : 50 + sessions])
    if not good:
        assert reason(found) == "gaps"
        return
    gap = judged(found)
    assert gap.bars.index.equals(bars().index)
    assert gap.bars.iloc[50:55].isna().all(axis=None)
    assert f"{bars().index[50]:%Y-%m-%d}" in remarks(gap)[0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda b: b.loc[:, "close"].mask(b.index == b.index[50], b["close"].iloc[50] * 3.1), "leap"),  # tripled for one session
        (lambda b: b["close"] * [1.0 if i < 50 else 1 / 3 for i in range(len(b))], "leap"),  # three for one, unannounced
        (lambda b: b["close"] * [1.0 if i < 50 else 20.0 for i in range(len(b))], "leap"),  # one for twenty
        (lambda b: b["close"] * [1.0 if i < 50 else 0.55 for i in range(len(b))], ""),  # bad news: 45 % down is no split
        (lambda b: b["close"] * [1.0 if i < 50 else 1.6 for i in range(len(b))], ""),  # good news
    ],
)
def test_a_leap_needs_an_explanation(change: Callable[[pd.DataFrame], pd.Series[float]], code: str) -> None:
    """What looks like a split that was not applied, or a slip of the decimal point, is refused; large news is not."""
    found = bars()
    factor = change(found) / found["close"]
    for column in ("open", "high", "low", "close"):
        found[column] *= factor
    assert (reason(found) if code else judged(found).remarks) == (code or ())


def test_a_bonus_share_of_five_per_cent_is_no_forgotten_split() -> None:
    """A split of 1.05 for 1 on an ordinary day explains nothing and contradicts nothing."""
    found = bars()
    found.loc[found.index[50], "split"] = 1.05
    assert judged(found).remarks == ()


@pytest.mark.parametrize(
    ("factor", "rows", "code", "says"),
    [
        (1.004, 1, "", "Yahoo has revised one earlier close, by 0.40\u00a0%"),
        (1.004, 4, "", "Yahoo has revised 4 earlier closes, by up to 0.40\u00a0%"),
        (1.00001, 100, "", ""),  # the noise of floats
        (1.004, 30, "disagrees", ""),
        (1.05, 1, "disagrees", ""),
        (1.05, 180, "disagrees", ""),
    ],
)
def test_a_revised_history_is_said_and_a_different_one_is_refused(factor: float, rows: int, code: str, says: str) -> None:
    """Few closes by a little are a revision; many, or one by much, are another series."""
    had = bars("2026-09-25")
    had.iloc[5 : 5 + rows, had.columns.get_loc("close")] /= factor
    if code:
        assert reason(bars(), had) == code
    else:
        said = remarks(judged(bars(), had))
        assert len(said) == bool(says)
        assert not says or said[0].startswith(says)


def test_a_split_since_rescales_everything_and_is_said() -> None:
    """Two for one on 1 October: all closes are half of those we had; without the split the same figures are refused."""
    had, new = bars("2026-09-25"), bars()
    for column in ("open", "high", "low", "close"):
        new[column] /= 2
    assert reason(new.copy(), had) == "disagrees"
    new.loc["2026-10-01", "split"] = 2.0
    assert remarks(judged(new, had)) == ["A split of 2:1 came since: all earlier prices are on the new basis."]


def test_what_we_had_may_not_be_lost() -> None:
    """An answer that ends earlier, begins later or has a hole where we have figures is refused."""
    had = bars("2026-09-30")
    assert reason(bars("2026-09-29"), had) == "older"
    assert reason(bars(first="2026-01-05"), had) == "lost"
    assert reason(bars().drop(bars().index[50]), had) == "lost"


@pytest.mark.parametrize(
    ("meta", "code"),
    [
        ({"symbol": "F2"}, "wrong-symbol"),
        ({"currency": "GBp"}, "elsewhere"),
        ({"exchangeTimezoneName": "America/Chicago"}, "elsewhere"),
        ({"exchangeTimezoneName": "America/Chicago", "instrumentType": "INDEX"}, ""),  # the VIX
        ({"instrumentType": "CRYPTOCURRENCY", "exchangeTimezoneName": "UTC"}, "around-the-clock"),
        ({"instrumentType": "FUTURE"}, "wrong-kind"),
        ({"twice": "2026-03-02"}, "day-twice"),
        ({"firstTradeDate": 0.0, "shortName": None}, ""),
        ({"regularMarketTime": NOW.timestamp(), "regularMarketPrice": 1.0}, "quoted"),
        ({"regularMarketTime": (NOW - dt.timedelta(hours=4)).timestamp(), "regularMarketPrice": 1.0}, ""),  # a price in the session
    ],
)
def test_what_it_is_about_must_be_right(meta: dict[str, Any], code: str) -> None:
    """Symbol, currency, exchange, kind; the quoted price must be that of the last close, once the session is over."""
    assert (reason(bars(), **meta) if code else judged(bars(), **meta).remarks) == (code or ())


def test_where_a_series_trades_is_said() -> None:
    """'It trades in Seoul in KRW'."""
    with pytest.raises(Refused) as refused:
        judged(bars(), exchangeTimezoneName="Asia/Seoul", currency="KRW")
    assert str(refused.value.why).startswith("It trades in Seoul in KRW;")


def test_a_history_begins_late_only_if_the_series_did() -> None:
    """Listed in June 2026: fine; listed in 2004: the beginning is missing."""
    listed = dt.datetime(2026, 6, 1, 9, 30, tzinfo=NY).timestamp()
    assert judged(bars(first="2026-06-01"), firstTradeDate=listed).remarks == ()
    assert reason(bars(first="2026-06-01"), firstTradeDate=1073053800.0) == "begins-late"
