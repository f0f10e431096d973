"""In a real browser: the address is the view, and nothing in an address can do harm."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.reader import PATIENCE, Opener

FULL = (
    "?from=2024-12-02&to=2025-02-28&series=%5EIXIC%2CNVDA%2CAMD&scale=percent&category=export-control%2Cmodel-release"
    "&event=deepseek-r1-release-2025-01-20&lang=vi"
)
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "${7*7}{{7*7}}",
    "[a](http://example.com) ![b](http://example.com/x.png) www.example.com",
]


def test_a_link_gives_the_same_view_elsewhere(read: Opener) -> None:
    """What a reader has chosen by hand, opened in a browser that was never here: the same picture, list, card and language."""
    reader = read("?from=2024-12-02&to=2025-02-28&series=%5EIXIC%2CNVDA")
    reader.add_series("AMD")
    reader.query(series="%5EIXIC%2CNVDA%2CAMD")
    reader.choice("scale", "% since").click()
    reader.query(scale="percent")
    reader.choice("categories", "export control").click()
    reader.query(category="export-control")
    reader.click_token("1")
    expect(reader.card).to_be_visible()
    reader.settled()
    expect(reader.page).to_have_url(re.compile("event="))
    other = read("?" + reader.page.url.split("?")[1], locale="vi-VN", fresh=True)
    assert other.paths() == reader.paths()
    assert other.words() == reader.words()
    assert other.listed() == reader.listed()
    assert other.card.inner_text() == reader.card.inner_text()
    assert other.page.url == reader.page.url


def test_a_vietnamese_link_stays_vietnamese(read: Opener) -> None:
    """A link with lang=vi is Vietnamese for an English browser too, with every filter in place."""
    reader = read(FULL)
    expect(reader.card).to_contain_text("DeepSeek phát hành mô hình suy luận R1")
    expect(reader.lines).to_have_count(3)
    assert reader.page.locator(".st-key-categories button[aria-pressed=true]").count() == 2
    assert reader.page.url.endswith(FULL)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?from=yesterday&to=2025-02-14", "is not a date"),
        ("?from=2025-02-14&to=2025-01-20", "turned round"),
        ("?from=1990-01-01&to=1991-01-01", "lies outside the data"),
        ("?series=ENRON!&scale=logarithmic&show=hologram&category=gossip", "names something unknown"),
        ("?event=nothing-of-the-kind&colour=red", "is not in the catalogue"),
        ("?from=2025-01-20&from=2025-01-21&to=2025-02-14&lang=xx&find=" + "y" * 300, "cut to 80 letters"),
    ],
)
def test_a_tampered_link_is_a_sentence(read: Opener, query: str, sentence: str) -> None:
    """A wrong or old link is corrected with a sentence; there is a chart, never an error."""
    reader = read(query)
    expect(reader.alerts.filter(has_text=sentence).first).to_be_visible()
    assert reader.lines.count() == 2
    assert reader.page.get_by_test_id("stException").count() == 0


def test_hostile_text_is_inert(read: Opener) -> None:
    """Scripts, markup and formulas in any parameter stay text: no dialog, no element, no request."""
    reader = read(None)
    dialogs: list[str] = []
    reader.hears("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for text in HOSTILE[:4]:
        reader.open("?find=" + quote(text))
        expect(reader.page.locator(".st-key-find input")).to_have_value(text)
    for text in (HOSTILE[1], HOSTILE[4]):
        bad = quote(text)
        reader.open(f"?from={bad}&event={bad}&series={bad}&{quote('x' + text)}=1")
        assert reader.alerts.count() >= 3
        assert reader.alerts.locator("a, img, script").count() == 0
    assert not dialogs


def test_browser_back_and_forward(read: Opener) -> None:
    """Back shows the view before, forward the one after."""
    reader = read("?from=2025-01-20&to=2025-02-14&series=%5EIXIC%2CNVDA&lang=en")
    first = reader.paths()
    reader.choice("preset", re.compile("^3M$")).click()
    reader.query(from_="2026-03-11")
    second = reader.changed(first)
    reader.page.go_back()
    reader.query(from_="2025-01-20")
    reader.is_drawn(first)
    expect(reader.choice("preset", re.compile("^R1 shock$"))).to_have_attribute("aria-checked", "true", timeout=PATIENCE)
    reader.page.go_forward()
    reader.query(from_="2026-03-11")
    reader.is_drawn(second)


def test_reload_keeps_the_view(read: Opener) -> None:
    """F5 shows the same thing."""
    reader = read("?from=2025-01-20&to=2025-02-14&scale=percent&event=stargate-2025-01-21")
    before = reader.words()
    reader.page.reload()
    expect(reader.card).to_contain_text("Stargate", timeout=PATIENCE)
    reader.wait_for_words("Change since")
    assert reader.settled().words() == before
