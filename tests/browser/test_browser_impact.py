"""In a real browser: from the timeline's card to the Impact page, another window, and the same from the link elsewhere."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.reader import PATIENCE, PHONE, Opener, Reader

CRASH = "deepseek-crash-2025-01-27"
# Streamlit looks for its server beside the page first when a link leads straight to one, and finds it a level higher
SEARCH = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")


def arrived(reader: Reader) -> Reader:
    """Waits until the Impact page stands with its four charts."""
    expect(reader.page.locator("[class*='st-key-exhibit-'] svg.marks")).to_have_count(4, timeout=PATIENCE)
    return reader.settled()


def figures(page: Page) -> list[str]:
    """The key numbers."""
    return page.locator(".st-key-figures [data-testid=stMetricValue]").all_inner_texts()


def words(page: Page) -> list[str]:
    """Every text drawn in the exhibits."""
    return page.locator("[class*='st-key-exhibit-'] svg.marks text").all_text_contents()


def forgive_the_search(reader: Reader) -> None:
    """Takes the two 404s of Streamlit's search for its server, and nothing else, out of what the console said."""
    searched = sum(bool(SEARCH.search(urlsplit(url).path)) for url in reader.requests)
    for _ in range(searched):
        line = next((line for line in reader.console if "status of 404" in line), None)
        if line:
            reader.console.remove(line)


def test_from_the_card_to_the_answer_and_back(read: Opener) -> None:
    """Card -> Impact -> another window -> the numbers change -> the link opened elsewhere shows the same -> back to the timeline."""
    reader = read(f"?event={CRASH}")
    reader.card.get_by_text("Was it more than noise?").click()
    arrived(reader)
    expect(reader.title).to_contain_text("Nvidia fell 13.1 % more than the S&P 500 explains")
    before, drawn = figures(reader.page), words(reader.page)
    assert before[0].startswith("−13.14")
    reader.choice("i-window", "[−1, +1]").click()
    reader.query(window="-1%3A1", event=CRASH, ticker="NVDA")
    expect(reader.page.locator(".st-key-figures [data-testid=stMetricValue]").first).to_contain_text("−9.06")
    arrived(reader)
    assert words(reader.page) != drawn
    other = read(None, locale="vi-VN", fresh=True)
    other.page.goto(reader.page.url)
    arrived(other)
    expect(other.title).to_have_text(reader.title.inner_text())
    assert figures(other.page) == figures(reader.page)
    assert sorted(words(other.page)) == sorted(words(reader.page))
    assert other.page.url == reader.page.url
    forgive_the_search(other)
    reader.page.get_by_role("link", name="Timeline").last.click()
    expect(reader.card).to_contain_text("DeepSeek")


def test_a_phone_shows_it_all_in_one_column(read: Opener) -> None:
    """Nothing scrolls sideways at 390 pixels, in either language."""
    reader = read(None, window=PHONE)
    for lang in ("en", "vi"):
        reader.page.goto(f"{reader.server}/impact?event={CRASH}&lang={lang}")
        arrived(reader)
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        boxes = reader.page.locator("[class*='st-key-exhibit-'] svg.marks").evaluate_all("s => s.map(x => x.getBoundingClientRect().right)")
        assert max(boxes) <= PHONE[0]
    forgive_the_search(reader)


def test_tables_and_files_come_when_asked_for(read: Opener) -> None:
    """The table twin and the downloads of one exhibit."""
    reader = read(None)
    reader.page.goto(f"{reader.server}/impact?event={CRASH}&lang=en")
    arrived(reader)
    reader.page.locator(".st-key-i-table-path button").first.click()
    opened = reader.page.get_by_test_id("stPopoverBody")
    expect(opened.get_by_test_id("stDataFrame")).to_be_visible()
    reader.page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    reader.settled().page.locator(".st-key-take-impact-path button").first.click()
    with reader.page.expect_download() as got:
        reader.page.get_by_role("button", name="CSV", exact=True).first.click()
    assert got.value.suggested_filename == f"aftershock-impact-NVDA-{CRASH}-path-en.csv"
    forgive_the_search(reader)


def test_the_settings_say_what_is_used(read: Opener) -> None:
    """Opened after other things have changed, the settings still show the design, and one of them changes the answer."""
    reader = read(None)
    reader.page.goto(f"{reader.server}/impact?event={CRASH}&returns=log&lang=en")
    arrived(reader)
    reader.choice("i-window", "[−1, +1]").click()
    reader.query(window="-1%3A1")
    reader.page.locator(".st-key-i-settings button").first.click()
    expect(reader.page.get_by_role("combobox", name="Estimation window")).to_have_value(re.compile("−130, −11"))
    chosen = reader.page.locator(".st-key-i-returns").locator("button[aria-checked=true], button[aria-pressed=true]")
    expect(chosen).to_have_text("log returns")
    reader.page.locator(".st-key-i-model label").filter(has_text="mean-adjusted").click()
    reader.query(model="mean-adjusted", returns="log", window="-1%3A1")
    expect(reader.title).to_contain_text("average day")
    forgive_the_search(reader)
