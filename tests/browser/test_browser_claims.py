"""In a real browser: the Claims page, a claim of one's own by keyboard, the same from the link elsewhere, files, themes, a phone."""

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

SEARCH = re.compile(r"/claims/_stcore/(health|host-config)$")  # Streamlit looks for its server beside the page first


def arrive(reader: Reader, query: str = "lang=en") -> Reader:
    """Goes to the Claims page and waits until its charts stand."""
    reader.page.goto(f"{reader.server}/claims?{query}")
    expect(reader.page.locator(".st-key-claims-overview svg.marks")).to_be_visible(timeout=PATIENCE)
    expect(reader.page.locator("[class*='st-key-card-'] svg.marks").first).to_be_visible(timeout=PATIENCE)
    return reader.settled()


def forgive_the_search(reader: Reader) -> None:
    """Takes the 404s of Streamlit's search for its server, and nothing else, out of what the console said."""
    for _ in range(sum(bool(SEARCH.search(urlsplit(url).path)) for url in reader.requests)):
        line = next((line for line in reader.console if "status of 404" in line), None)
        if line:
            reader.console.remove(line)


def drawn(reader: Reader) -> list[str]:
    """Every text drawn in the cards."""
    return [t for t in reader.page.locator("[class*='st-key-claims-'] svg.marks text").all_text_contents() if t.strip()]


def test_a_claim_of_one_s_own_by_keyboard_and_its_link_elsewhere(read: Opener) -> None:
    """The expander, the field and Enter need no mouse; the card says contradicted; a new browser shows the same."""
    reader = arrive(read(None))
    before = drawn(reader)
    summary = reader.page.locator(".st-key-c-own summary")
    summary.focus()
    reader.page.keyboard.press("Enter")
    field = reader.page.locator(".st-key-c-stated input")
    expect(field).to_be_visible()
    field.focus()
    reader.page.keyboard.type("-20")
    reader.page.keyboard.press("Enter")
    reader.query(stated="-20", series="NVDA", first="2025-01-27")
    card = reader.page.locator(".st-key-card-your-own")
    expect(card).to_contain_text("contradicted")
    expect(card.locator("svg.marks")).to_contain_text("said: −20")
    assert len(drawn(reader)) > len(before)
    other = read(None, locale="vi-VN", fresh=True)
    other.page.goto(reader.page.url)
    expect(other.page.locator(".st-key-card-your-own svg.marks")).to_be_visible(timeout=PATIENCE)
    other.settled()
    assert other.page.url == reader.page.url
    expect(other.title).to_have_text(reader.title.inner_text())
    assert sorted(drawn(other)) == sorted(drawn(reader))
    for r in (reader, other):
        forgive_the_search(r)


def test_filters_and_pages(read: Opener) -> None:
    """Only what does not hold: the title counts, the address says so; then the second page of cards."""
    reader = arrive(read(None))
    reader.choice("c-verdict", "contradicted").click()
    reader.query(verdict="contradicted")
    expect(reader.title).to_contain_text("0 of 9 claims hold")
    first = reader.page.locator("[class*='st-key-card-'] h3").all_inner_texts()
    reader.choice("c-page", "2").click()
    reader.query(page="2")
    expect(reader.page.locator("[class*='st-key-card-'] h3")).to_have_count(3)
    assert not set(first) & set(reader.page.locator("[class*='st-key-card-'] h3").all_inner_texts())
    forgive_the_search(reader)


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_a_phone_shows_it_all_in_one_column(lang: str, read: Opener) -> None:
    """Nothing scrolls sideways at 390 pixels, and no drawing is wider than the screen."""
    reader = arrive(read(None, window=PHONE), f"lang={lang}")
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    edges = reader.page.locator("[class*='st-key-claims-'] svg.marks").evaluate_all("s => s.map(x => x.getBoundingClientRect().right)")
    assert max(edges) <= PHONE[0]
    forgive_the_search(reader)


def test_files_hold_what_is_on_screen(read: Opener, tmp_path: Path) -> None:
    """The table of all claims as CSV and the picture of one claim's evidence, by their buttons."""
    reader = arrive(read(None))
    reader.page.locator(".st-key-take-claims-overview button").first.click()
    with reader.page.expect_download() as got:
        reader.page.locator(".st-key-take-claims-overview-csv-article button").click()
    rows = list(csv.DictReader(got.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert got.value.suggested_filename == "aftershock-claims-en.csv"
    assert f"of {len(rows)} claims" in reader.title.inner_text()
    reader.page.keyboard.press("Escape")
    reader.page.locator(".st-key-take-claims-nvidia-lost-600bn button").first.click()
    with reader.page.expect_download() as got:
        reader.page.locator(".st-key-take-claims-nvidia-lost-600bn-png-article button").click()
    assert got.value.suggested_filename == "aftershock-claim-nvidia-lost-600bn-en-article.png"
    with Image.open(got.value.path()) as picture:
        assert picture.size == (2400, 1350)
    forgive_the_search(reader)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(scheme: Any, read: Opener) -> None:
    """axe-core reports no serious or critical fault with the reader's own claim open, in either theme."""
    reader = arrive(read(None, scheme=scheme), "stated=-17&lang=vi")
    assert faults(reader) == []
    forgive_the_search(reader)
