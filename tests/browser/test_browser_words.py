"""In a real browser: languages, themes, a phone, and what assistive technology meets."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.reader import PHONE, Opener, Reader

NB = "\u00a0"
WITH_CARD = "?from=2025-01-20&to=2025-02-14&event=deepseek-r1-release-2025-01-20"


def test_the_language_switch(read: Opener) -> None:
    """English to Vietnamese and back: title, controls, chart, card and address change, the view does not."""
    reader = read(WITH_CARD.replace("deepseek-r1-release-2025-01-20", "deepseek-crash-2025-01-27") + "&lang=en")
    paths = reader.paths()
    reader.choice("lang", "Tiếng Việt").click()
    reader.query(lang="vi")
    expect(reader.title).to_have_text(f"Nvidia giảm 17,0{NB}% ngày 27 tháng 1 năm 2025; Nasdaq Composite giảm 3,1{NB}%")
    reader.wait_for_words(f"−17,0{NB}%", "20/1: thị trường đóng cửa", "Giá đóng cửa 17/1/2025 = 100", f"Nasdaq Composite +2,0{NB}%")
    expect(reader.card).to_contain_text("27/1/2025")
    assert reader.paths() == paths
    reader.choice("lang", "English").click()
    reader.query(lang="en")
    expect(reader.title).to_contain_text("Nvidia fell")
    reader.wait_for_words(f"−17.0{NB}%")


def test_the_browser_decides_the_first_language(read: Opener) -> None:
    """A Vietnamese browser gets Vietnamese, and its address says so."""
    reader = read(locale="vi-VN")
    expect(reader.title).to_contain_text("Nvidia giảm 17,0")
    reader.query(lang="vi")
    expect(reader.page.locator(".st-key-preset")).to_contain_text("Cú sốc R1")


def test_no_english_is_left_in_vietnamese(read: Opener) -> None:
    """No sentence of ours stays English on the Vietnamese page, card and files included."""
    reader = read(WITH_CARD, locale="vi-VN")
    text = reader.page.locator("main").inner_text() + " ".join(reader.words())
    for word in (
        "Close of",
        "market closed",
        "Worst",
        "session",
        "Series",
        "Scale",
        "Find",
        "Published",
        "Sources",
        "Snapshot",
        "events",
        "Jan ",
    ):
        assert word not in text, word


_CONTRAST = """svg => {
  const rgb = colour => {
    const pen = document.createElement('canvas').getContext('2d');
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const linear = v => v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  const light = colour => { const [r, g, b] = rgb(colour).map(linear); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05) };
  const ground = svg.style.backgroundColor;
  const texts = [...svg.querySelectorAll('text')]
    .filter(t => t.textContent && t.getAttribute('fill') !== 'white')
    .map(t => ({text: t.textContent, ratio: ratio(t.getAttribute('fill'), ground)}))
    .filter(t => t.ratio > 1.05);  // 1 = a halo
  const fills = [...svg.querySelectorAll('path[aria-roledescription=point][stroke-width="1"]')]
    .map(p => ({text: 'white on ' + p.getAttribute('fill'), ratio: ratio('white', p.getAttribute('fill'))}));
  const lines = [...svg.querySelectorAll('path[aria-roledescription="line mark"]')]
    .map(p => ({text: 'line ' + p.getAttribute('stroke'), ratio: ratio(p.getAttribute('stroke'), ground)}));
  return {ground, texts, fills, lines};
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes_are_readable(read: Opener, scheme: str) -> None:
    """The system's theme is taken, and every text of the chart stands out by 4.5 to 1, every line by 3 to 1."""
    reader = read(WITH_CARD + "&series=%5EIXIC,NVDA,%5EGSPC,AMD", scheme=scheme)
    found = reader.chart.evaluate(_CONTRAST)
    dark = sum(int(v) for v in re.findall(r"\d+", found["ground"])[:3]) < 200
    assert dark == (scheme == "dark")
    assert len(found["texts"]) > 20
    assert [t for t in found["texts"] if t["ratio"] < 4.5] == []
    assert [f for f in found["fills"] if f["ratio"] < 4.5] == []
    assert [line for line in found["lines"] if line["ratio"] < 3.0] == []


def test_switching_the_theme_needs_no_reload(read: Opener) -> None:
    """When the system turns dark the page and the chart turn with it."""
    reader = read()
    in_the_dark(reader)
    expect(reader.lines).to_have_count(2)


@pytest.mark.parametrize("locale", ["en-US", "vi-VN"])
def test_a_phone_scrolls_only_downwards(read: Opener, locale: str) -> None:
    """At 390 px nothing is wider than the window, with a card open, in either language; chart and tokens are there."""
    reader = read(WITH_CARD, locale=locale, window=PHONE)
    expect(reader.card).to_be_visible()
    assert_no_sideways_scroll(reader)
    assert reader.lines.count() == 2
    assert reader.tokens()["1"].fill, "the chosen event has its token"
    assert len(reader.tokens()) >= 4
    reader.page.locator(".st-key-take-timeline button").first.click()
    expect(reader.page.locator(".st-key-take-timeline-png-article button")).to_be_visible()
    assert_no_sideways_scroll(reader)


def test_a_phone_shows_the_session_of_the_finding(read: Opener) -> None:
    """At 390 px tokens share what room there is; the session that the title is about must keep its own."""
    reader = read(window=PHONE)
    assert "2" in reader.tokens(), "27 January 2025"


def test_the_card_stands_above_the_list_on_a_phone(read: Opener) -> None:
    """One column: the card first, then the list."""
    reader = read(WITH_CARD, window=PHONE)
    card, box = reader.card.bounding_box(), reader.page.locator(".st-key-list").bounding_box()
    assert card is not None
    assert box is not None
    assert card["y"] < box["y"]


def assert_no_sideways_scroll(reader: Reader) -> None:
    """Neither the window nor the page's own scroller is wider than what is seen."""
    wide = reader.page.evaluate(
        "() => [document.documentElement, ...document.querySelectorAll('main, [data-testid=stMain], [data-testid=stAppViewContainer]')]"
        ".filter(e => e.scrollWidth > Math.min(e.clientWidth || innerWidth, innerWidth)).map(e => e.tagName + ' ' + e.scrollWidth)"
    )
    assert wide == []


# Faults inside Streamlit's own elements that an app cannot reach: rule id -> why it is accepted, for the given selector only.
ACCEPTED: dict[tuple[str, str], str] = {}


@pytest.mark.parametrize("locale", ["en-US", "vi-VN"])
def test_axe_finds_nothing_serious(read: Opener, locale: str) -> None:
    """axe-core reports no serious or critical fault on the whole page with a card open, light and dark."""
    reader = read(WITH_CARD, locale=locale)
    expect(reader.card).to_be_visible()
    assert faults(reader) == []
    in_the_dark(reader)
    assert faults(reader) == []


def in_the_dark(reader: Reader) -> None:
    """The system turns dark; waits until the chart has followed."""
    light = reader.chart.evaluate("svg => svg.style.backgroundColor")
    reader.page.emulate_media(color_scheme="dark")
    turned = "light => { const svg = document.querySelector('.st-key-chart svg.marks'); return svg && svg.style.backgroundColor !== light }"
    reader.page.wait_for_function(turned, arg=light)


def faults(reader: Reader) -> list[str]:
    """Serious and critical violations, one line per element, without those accepted by name."""
    found: dict[str, Any] = Axe().run(reader.page).response
    lines = []
    for violation in found["violations"]:
        for node in violation["nodes"]:
            where = " ".join(map(str, node["target"]))
            if violation["impact"] in ("serious", "critical") and not any(
                rule == violation["id"] and part in where + node["html"] for rule, part in ACCEPTED
            ):
                lines.append(f"{violation['id']}: {where}: {node['html'][:160]}: {node.get('failureSummary', '')[:300]}")
    return lines
