"""In a real browser: filtering the events, and choosing one by mouse and by keyboard."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import expect

from aftershock.charts.theme import ACCENT
from tests.browser.reader import Opener, Reader


def count(reader: Reader, number: int) -> None:
    """Waits until the list's heading says this number."""
    heading = reader.page.get_by_role("heading", level=2).filter(has_text="in this range")
    expect(heading).to_have_text(f"{number} event{'' if number == 1 else 's'} in this range")


def find(reader: Reader, text: str) -> None:
    """Types into the search field and commits."""
    field = reader.page.locator(".st-key-find input")
    field.fill(text)
    field.press("Enter")


def test_filter_by_category(read: Opener) -> None:
    """'Export control' leaves its five events in lane, list and address; a second click brings the rest back."""
    reader = read()
    button = reader.choice("categories", "export control")
    expect(button).to_contain_text("5")
    button.click()
    reader.query(category="export-control")
    count(reader, 5)
    expect(reader.chart.locator("text[fill=white]")).to_have_count(len({t.split(" ")[0] for t in reader.listed()}))
    button.click()
    count(reader, 34)


def test_filter_by_article(read: Opener) -> None:
    """Only what an article mentions stays."""
    reader = read().more_filters()
    reader.choice("articles", "Sơn Vân").click()
    expect(reader.page).to_have_url(re.compile("article="))
    reader.settled()
    assert 0 < len(reader.listed()) < 34


def test_filter_by_verification(read: Opener) -> None:
    """'Verified' keeps what two pages support."""
    reader = read().more_filters()
    reader.choice("verification", re.compile("^verified")).click()
    reader.query(verification="verified-2%2B")
    assert 0 < len(reader.listed()) <= 34


def test_free_text_in_both_languages_without_accents(read: Opener) -> None:
    """The search finds an English word, and Vietnamese typed with and without accents."""
    reader = read().more_filters()
    for text, wanted in (("wake-up", "wake-up call"), ("canh tinh", "wake-up call"), ("thuế quan", "tariffs"), ("dau tu", "Stargate")):
        find(reader, text)
        expect(reader.page).to_have_url(re.compile("find=" + re.escape(quote_plus(text))))
        expect(reader.page.locator(".st-key-list label:has(input)").filter(has_text=wanted).first).to_be_visible()
        assert 0 < len(reader.settled().listed()) < 34


def test_an_empty_result_has_a_way_out(read: Opener) -> None:
    """Nothing found: the lines stay, a sentence says so, and one button shows all events again."""
    reader = read().more_filters()
    find(reader, "zzzz")
    expect(reader.alerts.filter(has_text="No event passes")).to_be_visible()
    assert reader.lines.count() == 2
    reader.page.locator(".st-key-all-events button").click()
    reader.query(find=None)
    count(reader, 34)
    expect(reader.page.locator(".st-key-find input")).to_have_value("")


def test_choosing_by_mouse(read: Opener) -> None:
    """A click on token 1 opens the card of R1's release: holiday, first session, both clocks, sources; another token
    changes it; closing takes it away.
    """
    reader = read()
    reader.click_token("1")
    reader.query(event="deepseek-r1-release-2025-01-20")
    for words in (
        "DeepSeek releases the R1 reasoning model",
        "Martin Luther King",
        "21 January 2025",
        "20 January 2025",
        "▲",
        "two or more pages",
    ):
        expect(reader.card).to_contain_text(words)
    expect(reader.card).to_contain_text("Opens 09:30 in New York")
    expect(reader.card).to_contain_text(re.compile(r"21:30, 21 Jan \(Asia/(Ho_Chi_Minh|Saigon)\)"))
    links = [link.get_attribute("href") or "" for link in reader.card.get_by_role("link").all()]
    assert len([link for link in links if link.startswith("http")]) >= 2, "the sources"
    assert not [link for link in links if ":" in link.split("/")[0] and not link.startswith("http")]
    expect(reader.chart.locator(f"path[fill='{ACCENT}'][transform]").first).to_be_visible()
    assert reader.tokens()["1"].fill == ACCENT
    expect(reader.page.locator(".st-key-list input:checked")).to_have_count(1)
    reader.click_token("3")
    reader.query(event="trump-wake-up-call-2025-01-27")
    expect(reader.card).to_contain_text("wake-up call")
    assert [n for n, token in reader.tokens().items() if token.fill == ACCENT] == ["3"]
    reader.page.locator(".st-key-close-card button").click()
    expect(reader.card).to_have_count(0)
    reader.query(event=None)
    assert ACCENT not in {token.fill for token in reader.tokens().values()}
    expect(reader.page.locator(".st-key-list input:checked")).to_have_count(0)


def test_choosing_the_same_token_again(read: Opener) -> None:
    """A token counts again after its card was closed, and after the list chose something else."""
    reader = read()
    reader.click_token("2")
    expect(reader.card).to_contain_text("DeepSeek shock")
    reader.page.locator(".st-key-close-card button").click()
    expect(reader.card).to_have_count(0)
    # the close and, just after, the chart's own selection letting go
    reader.told(4).click_token("2")
    expect(reader.card).to_contain_text("DeepSeek shock")
    reader.told(5).page.locator(".st-key-list label:has(input)").first.click()
    expect(reader.card).to_contain_text("releases the R1")
    reader.told(7).click_token("2")
    expect(reader.card).to_contain_text("DeepSeek shock")


def test_choosing_by_keyboard(read: Opener) -> None:
    """Tab from the folded filters reaches the list, arrows choose, the card and the token follow."""
    reader = read()
    reader.page.locator(".st-key-more-filters summary").focus()
    for _ in range(12):
        reader.page.keyboard.press("Tab")
        if reader.page.evaluate("() => !!document.activeElement.closest('.st-key-list')"):
            break
    else:
        pytest.fail("Tab does not reach the list")
    reader.page.keyboard.press("Space")
    expect(reader.card).to_contain_text("DeepSeek releases the R1")
    reader.settled().page.keyboard.press("ArrowDown")
    expect(reader.card).to_contain_text("Stargate")
    reader.settled().page.keyboard.press("ArrowDown")
    reader.settled().page.keyboard.press("ArrowDown")
    expect(reader.card).to_contain_text("DeepSeek shock")
    reader.wait_for_words("−17.0\u00a0%")
    expect(reader.chart.locator(f"path[fill='{ACCENT}'][transform]").first).to_be_visible()
    assert [n for n, token in reader.tokens().items() if token.fill == ACCENT] == ["2"]
    assert reader.page.evaluate("() => !!document.activeElement.closest('.st-key-list')"), "focus stays in the list"


def test_a_time_to_the_minute_is_told_in_both_zones(read: Opener) -> None:
    """An event with an hour says it for New York and for the reader."""
    reader = read("?from=2025-04-01&to=2025-04-30&event=tariff-pause-2025-04-09")
    expect(reader.card).to_contain_text(re.compile(r"13:18 \(New York\) = 00:18, 10 Apr"))
    expect(reader.card).to_contain_text(re.compile(r"\(Asia/(Ho_Chi_Minh|Saigon)\)"))


def test_key_figures_name_the_event_of_the_worst_session(read: Opener) -> None:
    """Change, worst and best session stand there with what happened."""
    reader = read()
    metrics = reader.page.get_by_test_id("stMetric")
    expect(metrics).to_have_count(2)
    expect(reader.page.get_by_text(re.compile("Worst session: 27 Jan 2025")).first).to_contain_text("DeepSeek shock")
