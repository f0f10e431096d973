import numpy as np
import pandas as pd
import pytest

from aftershock.errors import RequestError
from aftershock.returns import Closes, Returns, clean, figures, jumps, pair, repeats, returns_frame, returns_of

DAYS = pd.date_range("2025-01-06", periods=5, freq="D").as_unit("us")


def test_a_simple_return_divides_by_the_earlier_close():
    """100 -> 110 is +10 %, not +9.09 %; 110 -> 99 is -10 %."""
    assert returns_of(np.array([100.0, 110.0, 99.0]))[1:] == pytest.approx([0.1, -0.1], abs=1e-15)


def test_a_log_return_is_the_log_of_the_ratio():
    """ln(e) = 1."""
    assert returns_of(np.array([1.0, np.e]), Returns.LOG)[1] == pytest.approx(1.0, abs=1e-15)


def test_a_dividend_is_part_of_what_a_holder_got():
    """By hand: from 100 to 99 with 2 paid is +1 %; the next return starts from 99 again, and 99 to 99 with nothing known is 0."""
    closes, paid = np.array([100.0, 99.0, 99.0]), np.array([5.0, 2.0, np.nan])
    assert returns_of(closes, dividends=paid)[1:] == pytest.approx([0.01, 0.0], abs=1e-15)
    assert returns_of(closes, Returns.LOG, paid)[1] == pytest.approx(np.log(1.01), abs=1e-15)


def test_dividends_go_with_their_series_into_every_return():
    """Rows are sorted together; a pair, a frame and a series count the share's 1 dollar, and the index has none: (51 + 1) / 50 = +4 %."""
    closes = pd.DataFrame({"A": [51.0, 50.0], "X": [11.0, 10.0]}, index=DAYS[[1, 0]])
    paid = pd.DataFrame({"A": [1.0, 0.0], "X": [np.nan, np.nan]}, index=DAYS[[1, 0]])
    found = clean(closes, dividends=paid)
    assert pair(found, "A", "X").y[1] == pytest.approx(0.04)
    assert pair(found, "A", "X").x[1] == pytest.approx(0.1)
    assert pair(found, "A", "X").closes_y.tolist() == [50, 51]
    assert returns_frame(found).iloc[1].tolist() == pytest.approx([0.04, 0.1])
    assert found.returns("A", DAYS[:2])[1] == pytest.approx(0.04)
    assert clean(closes).returns("A", DAYS[:2])[1] == pytest.approx(0.02)


def test_a_missing_close_costs_two_returns_and_is_not_bridged():
    """No return spans two sessions, and nothing becomes zero."""
    found = returns_of(np.array([100.0, np.nan, 110.0, 121.0]))
    assert np.isnan(found[:3]).all()
    assert found[3] == pytest.approx(0.1)


@pytest.mark.parametrize("given", ["abc", "0", "-3", "inf", "-inf", "1e999", "12,5", "$7", "true", "1_0x"])
def test_what_cannot_be_a_price_is_bad_and_missing(given):
    """Text, zero, negative and infinite figures are flagged, never used."""
    values, bad = figures(pd.Series(["100", given, "101"], dtype=object))
    assert bad.tolist() == [False, True, False]
    assert np.isnan(values[1])


@pytest.mark.parametrize("given", ["", " ", "nan", "NA", "N/A", "null", "-", None])
def test_an_empty_cell_is_missing_and_not_bad(given):
    """Nothing was said, so nothing was said wrongly."""
    values, bad = figures(pd.Series(["100", given, "101"], dtype=object))
    assert not bad.any()
    assert np.isnan(values[1])


def test_a_single_close_far_from_both_neighbours_is_a_mistyped_figure():
    """A bad tick of a million is not a price; a lasting change by the same factor is left alone."""
    assert figures(pd.Series([100.0, 1e6, 101.0]))[1].tolist() == [False, True, False]
    assert not figures(pd.Series([100.0, 1e6, 1.01e6]))[1].any()


def test_rows_are_sorted_and_the_unit_is_microseconds():
    """Newest first gives the same table as oldest first."""
    frame = pd.DataFrame({"A": [5.0, 4.0, 3.0, 2.0, 1.0]}, index=DAYS[::-1])
    found = clean(frame)
    assert found.frame["A"].tolist() == [1, 2, 3, 4, 5]
    assert found.frame.index.dtype == "datetime64[us]"


def test_a_date_that_stands_twice_is_refused_by_the_core():
    """Which of two rows is right is not ours to guess."""
    with pytest.raises(RequestError, match="several rows"):
        clean(pd.DataFrame({"A": [1.0, 2.0]}, index=DAYS[[0, 0]]))


def test_a_pair_is_compared_on_the_sessions_of_both():
    """Saturday's close of a coin is no session of a five-day index, so Monday's returns span the same days."""
    frame = pd.DataFrame({"COIN": [1.0, 2.0, 3.0, 4.0, 5.0], "IDX": [10.0, np.nan, np.nan, 11.0, 12.0]}, index=DAYS)
    closes = Closes(frame, frame.isna() & False, sessions={"IDX": DAYS[[0, 3, 4]]})
    both = pair(closes, "COIN", "IDX")
    assert both.y[1:] == pytest.approx([3.0, 0.25])
    assert both.x[1:] == pytest.approx([0.1, 1 / 11])


def test_the_frame_of_returns_keeps_index_and_columns():
    """Returns stand on the sessions of their closes."""
    frame = pd.DataFrame({"A": [1.0, 2.0, 3.0, 4.0, 5.0]}, index=DAYS)
    found = returns_frame(frame)
    assert found.index.equals(frame.index)
    assert found["A"].tolist()[1:] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])


def test_jumps_and_repeats_are_found_by_position():
    """A ten-for-one split and an unchanged close."""
    closes = np.array([100.0, 10.1, 10.1, 10.3])
    assert list(jumps(closes)) == [1]
    assert repeats(closes).tolist() == [False, False, True, False]
