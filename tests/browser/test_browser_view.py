"""In a real browser: the first paint, and everything that chooses what is drawn."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.reader import Opener, Reader

NB = "\u00a0"


def type_range(reader: Reader, first: tuple[str, str, str], last: tuple[str, str, str]) -> None:
    """Types both dates as (day, month, year) and commits them as the field does, by leaving it."""
    for side, parts in (("start", first), ("end", last)):
        for kind, digits in zip(("day", "month", "year"), parts, strict=True):
            reader.page.locator(f".st-key-dates [data-range-field={side}] [data-type={kind}]").click()
            reader.page.keyboard.type(digits)
    reader.page.keyboard.press("Escape")
    reader.title.click()


def test_first_paint_is_the_finding(read: Opener) -> None:
    """The page opens on the R1 shock: two lines, the finding as title, both moves of 27 January on the chart."""
    reader = read()
    expect(reader.title).to_have_text(f"Nvidia fell 17.0{NB}% on 27 January 2025; the Nasdaq Composite fell 3.1{NB}%")
    assert reader.lines.count() == 2
    assert all(path.count("L") == 19 for path in reader.paths()), "17 January, then the 19 sessions of the range"
    words = reader.words()
    assert {f"−3.1{NB}%", f"−17.0{NB}%"} <= set(words)
    assert {f"Nasdaq Composite +2.0{NB}%", f"Nvidia +0.8{NB}%"} <= set(words), "each line is named at its end"
    assert "Close of 17 Jan 2025 = 100" in words


def test_tokens_are_numbered_as_the_list(read: Opener) -> None:
    """The lane has one token per session, numbered from 1, and the list has the same numbers."""
    reader = read()
    assert list(reader.tokens()) == [str(n) for n in range(1, 9)]
    assert {title.split(" ")[0] for title in reader.listed()} == set(reader.tokens())
    assert len(reader.listed()) == 34


def test_the_holiday_is_bridged_to_its_session(read: Opener) -> None:
    """20 January 2025, a holiday, is a hollow ring with a dashed bridge to the token of the 21st, and words say why."""
    reader = read()
    reader.wait_for_words("20 Jan: market closed")
    bridge = reader.chart.locator("line[stroke-dasharray]").first
    start = bridge.evaluate("line => line.getBoundingClientRect().left")
    end = bridge.evaluate("line => line.getBoundingClientRect().right")
    token = reader.tokens()["1"]
    assert end == pytest.approx(token.x, abs=2)
    ring = reader.chart.locator("path[aria-label*='Jan 20, 2025']").first
    box = ring.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] / 2 == pytest.approx(start, abs=2)
    assert ring.get_attribute("fill") in ("#FFFFFF", "#ffffff", "white")


def test_a_preset_changes_range_and_address(read: Opener) -> None:
    """A click on '3M' draws three months to the last session and says so in the address."""
    reader = read()
    before = reader.paths()
    reader.choice("preset", re.compile("^3M$")).click()
    reader.query(from_="2026-03-11", to="2026-06-11")
    after = reader.changed(before)
    assert all(path.count("L") > 55 for path in after)
    expect(reader.title).to_contain_text("2026")


def test_a_typed_range(read: Opener) -> None:
    """Dates typed into the field become the range."""
    reader = read()
    before = reader.paths()
    type_range(reader, ("02", "12", "2024"), ("31", "01", "2025"))
    reader.query(from_="2024-12-02", to="2025-01-31")
    reader.changed(before)
    reader.wait_for_words("Close of 29 Nov 2024 = 100")


def test_a_half_picked_range_is_no_error(read: Opener) -> None:
    """One day of two picked: the chart stays, and a sentence says what is missing."""
    reader = read()
    before = reader.paths()
    reader.page.get_by_role("button", name="Choose date range").click()
    reader.page.get_by_role("gridcell", name=re.compile("January 8, 2025")).click()
    reader.page.keyboard.press("Escape")
    expect(reader.alerts.filter(has_text="Pick the second date")).to_be_visible()
    assert reader.settled().paths() == before
    assert reader.alerts.count() == 1


def test_a_range_outside_the_data_is_held_to_it(read: Opener) -> None:
    """Dates beyond the data are moved to it, with a sentence."""
    reader = read()
    type_range(reader, ("01", "05", "2026"), ("31", "12", "2027"))
    reader.query(from_="2026-05-01", to="2026-06-11")
    expect(reader.alerts.filter(has_text="The data run from")).to_be_visible()


def test_a_range_of_closed_days_says_so(read: Opener) -> None:
    """A weekend alone has no session: a sentence instead of an empty chart, and a preset leads out."""
    reader = read("?from=2025-01-18&to=2025-01-20", chart=False)
    expect(reader.alerts.filter(has_text="The market was closed")).to_be_visible()
    reader.choice("preset", re.compile("^R1 shock$")).click()
    expect(reader.lines).to_have_count(2)


def test_series_are_added_and_removed_but_never_all(read: Opener) -> None:
    """A third line comes and goes; taking the last one away leaves the chart and says so."""
    reader = read()
    reader.add_series("AMD")
    expect(reader.lines).to_have_count(3)
    reader.query(series="%5EIXIC%2CNVDA%2CAMD")
    reader.remove_series("AMD")
    expect(reader.lines).to_have_count(2)
    reader.remove_series("Nvidia")
    expect(reader.lines).to_have_count(1)
    reader.remove_series("Nasdaq Composite")
    expect(reader.alerts.filter(has_text="No series is chosen")).to_be_visible()
    expect(reader.lines).to_have_count(1)
    reader.add_series("Nvidia")
    expect(reader.alerts).to_have_count(0)
    reader.wait_for_words("Nvidia")


def test_scales(read: Opener) -> None:
    """Rebased, per cent, price and log each draw, with an axis of their own kind."""
    reader = read()
    rebased = reader.scale()
    assert "100" in rebased
    reader.choice("scale", "% since").click()
    reader.query(scale="percent").wait_for_words("Change since the close of 17 Jan 2025")
    assert any(label.startswith("+") for label in reader.scale())
    reader.choice("scale", "Price").click()
    reader.query(scale="price").wait_for_words("each series on its own axis")
    assert any("," in label for label in reader.scale()), "thousands of index points"
    reader.choice("scale", "Log").click()
    reader.query(scale="log").wait_for_words("(log scale)")
    assert reader.lines.count() == 2
    reader.choice("scale", "Rebased").click()
    reader.query(scale=None)
    assert reader.scale() == rebased


def test_a_doubling_turns_to_log_and_says_so(read: Opener) -> None:
    """Over the whole period Nvidia multiplies: the axis is logarithmic and the caption says it."""
    reader = read("?from=2021-07-01&to=2026-06-11")
    reader.wait_for_words("(log scale)")


def test_candles_fetch_plotly_only_when_asked(read: Opener) -> None:
    """Nobody downloads Plotly before choosing candles; then they are drawn with volume."""
    reader = read()
    assert not [url for url in reader.requests if "plotly" in url.lower()]
    reader.choice("show", "Candles").click()
    expect(reader.page.locator(".st-key-candles .cartesianlayer .boxlayer path").first).to_be_visible()
    expect(reader.page.locator(".st-key-candles .barlayer path").first).to_be_visible()
    assert [url for url in reader.requests if "plotly" in url.lower()]
    reader.query(show="candles")
    reader.choice("candle", "Nvidia").click()
    reader.query(candle="NVDA")
    reader.choice("show", "Chart").click()
    expect(reader.lines).to_have_count(2)


def test_the_table_twin(read: Opener) -> None:
    """The table has a row for every session of the range, in the same figures as the chart."""
    reader = read()
    reader.choice("show", "Table").click()
    reader.query(show="table")
    table = reader.page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible()
    grid = table.locator("table[role=grid], [role=grid]").first
    expect(grid).to_have_attribute("aria-rowcount", "20")  # 19 sessions and the header
    expect(table).to_contain_text("2025-01-27")
    expect(table).to_contain_text("118.42")
