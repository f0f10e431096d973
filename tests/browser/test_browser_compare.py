"""In a real browser: the Compare page from its link, by keyboard, in another browser, on a phone, its files, its themes."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.reader import PATIENCE, PHONE, Opener, Reader
from tests.browser.test_browser_words import faults

SEARCH = re.compile(r"/compare/_stcore/(health|host-config)$")  # Streamlit looks for its server beside the page first
CHARTS = "[class*='st-key-compare-'] svg.marks"


def arrive(reader: Reader, query: str = "lang=en") -> Reader:
    """Goes to the Compare page and waits until its four charts stand."""
    reader.page.goto(f"{reader.server}/compare?{query}")
    return stands(reader)


def stands(reader: Reader) -> Reader:
    """Waits until the four charts are drawn."""
    expect(reader.page.locator(CHARTS)).to_have_count(4, timeout=PATIENCE)
    return reader.settled()


def forgive_the_search(reader: Reader) -> None:
    """Takes the 404s of Streamlit's search for its server, and nothing else, out of what the console said."""
    for _ in range(sum(bool(SEARCH.search(urlsplit(url).path)) for url in reader.requests)):
        line = next((line for line in reader.console if "status of 404" in line), None)
        if line:
            reader.console.remove(line)


def drawn(reader: Reader) -> list[str]:
    """Every text drawn."""
    return sorted(t for t in reader.page.locator(f"{CHARTS} text").all_text_contents() if t.strip())


def test_a_preset_by_keyboard_and_its_link_elsewhere(read: Opener) -> None:
    """From the three shocks to all earnings without a mouse; the drawings change; a new browser shows the same."""
    reader = arrive(read(None))
    expect(reader.title).to_contain_text("the most of 3 events")
    before = drawn(reader)
    assert any(t.startswith("27 Jan 2025") for t in before)
    reader.choice("x-preset", "All earnings").focus()
    reader.page.keyboard.press("Enter")
    reader.query(category="earnings", events=None)
    expect(reader.title).to_contain_text("of 19 events")
    stands(reader)
    assert drawn(reader) != before
    other = read(None, locale="vi-VN", fresh=True)
    other.page.goto(reader.page.url)
    stands(other)
    assert other.page.url == reader.page.url
    expect(other.title).to_have_text(reader.title.inner_text())
    assert drawn(other) == drawn(reader)
    for r in (reader, other):
        forgive_the_search(r)


def test_raw_and_abnormal_lines_differ(read: Opener) -> None:
    """The switch of the lines changes their figures and the address, and Back brings them back."""
    reader = arrive(read(None))
    before = drawn(reader)
    reader.choice("x-measure", "raw").click()
    reader.query(measure="raw")
    expect(reader.page.locator(".st-key-compare-paths svg.marks")).to_contain_text("Change since the close before session 0")
    assert drawn(reader) != before
    reader.page.go_back()
    reader.query(measure=None)
    expect(reader.page.locator(".st-key-compare-paths svg.marks")).to_contain_text("Cumulative abnormal return")
    forgive_the_search(reader)


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_a_phone_shows_it_all_in_one_column(lang: str, read: Opener) -> None:
    """Nothing scrolls sideways at 390 pixels; the heat map's last column reaches the right edge and no cell is cut off."""
    reader = arrive(read(None, window=PHONE), f"lang={lang}&category=export-control")
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    edges = reader.page.locator(CHARTS).evaluate_all("s => s.map(x => x.getBoundingClientRect().right)")
    assert max(edges) <= PHONE[0]
    heads = reader.page.locator(".st-key-compare-heat svg.marks text").filter(has_text=re.compile("^(Nvidia|AMD)$"))
    places = heads.evaluate_all("t => t.map(x => x.getBoundingClientRect().x)")
    assert max(places) - min(places) > 150
    forgive_the_search(reader)


def test_files_hold_what_is_on_screen(read: Opener) -> None:
    """The heat map's table as CSV, the lines as a picture, the table of all events, by their buttons."""
    reader = arrive(read(None))
    reader.page.locator(".st-key-take-compare-heat button").first.click()
    button = reader.page.locator(".st-key-take-compare-heat-csv-article button")
    expect(button).to_be_visible()
    reader.settled()  # a file is handed out by the run that offered it
    with reader.page.expect_download() as got:
        button.click()
    rows = list(csv.DictReader(got.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert [r["session"] for r in rows] == ["2022-10-07", "2025-01-27", "2025-04-16"]
    assert float(rows[1]["NVDA"]) == pytest.approx(-0.1314, abs=5e-5)
    reader.page.keyboard.press("Escape")
    expect(button).to_have_count(0)
    reader.settled()
    reader.page.locator(".st-key-take-compare-paths button").first.click()
    button = reader.page.locator(".st-key-take-compare-paths-png-slide button")
    expect(button).to_be_visible()
    reader.settled()  # a file is handed out by the run that offered it
    with reader.page.expect_download() as got:
        button.click()
    with Image.open(got.value.path()) as picture:
        assert picture.size == (3840, 2160)
    reader.page.keyboard.press("Escape")
    expect(button).to_have_count(0)
    reader.settled()
    with reader.page.expect_download() as got:
        reader.page.locator(".st-key-x-ranking-csv button").click()
    table = list(csv.DictReader(Path(got.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert table[0]["rank"] == "1"
    assert {"holm", "bh", "as_extreme", "of"} <= set(table[0])
    forgive_the_search(reader)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(scheme: Any, read: Opener) -> None:
    """axe-core reports no serious or critical fault, in either theme."""
    reader = arrive(read(None, scheme=scheme), "category=statement&lang=vi")
    assert faults(reader) == []
    forgive_the_search(reader)
