"""In a real browser, with a dashboard that asks our own Yahoo: any series, the badge, and a Yahoo that refuses or hangs."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import fake_yahoo
from tests.browser.conftest import serving
from tests.browser.reader import DESK, PHONE, Opener, Reader, ReadingRoom
from tests.browser.test_browser_impact import forgive_the_search

TWELVE = "^IXIC,NVDA,^GSPC,AMD,TSM,AVGO,ASML,INTC,QCOM,ARM,SMCI,^SOX"
LATER = 40_000  # milliseconds: Yahoo is asked in another process, which has to start first


@pytest.fixture(scope="module")
def yahoo() -> Iterator[fake_yahoo.Server]:
    """A Yahoo that answers as it should."""
    with fake_yahoo.Server(dt.datetime.now(fake_yahoo.NY)) as running:
        yield running


@pytest.fixture(scope="module")
def market(yahoo: fake_yahoo.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard that asks it."""
    folder = tmp_path_factory.mktemp("market")
    with _asking(folder, yahoo) as url:
        yield url


def _asking(folder: Path, yahoo: fake_yahoo.Server):  # type: ignore[no-untyped-def]
    environment = {"AFTERSHOCK_PRICES": "auto", "AFTERSHOCK_CACHE": str(folder / "cache"), "AFTERSHOCK_YAHOO_URL": yahoo.url}
    return serving(folder / "log", **environment)


@pytest.fixture
def read(chromium: Browser, market: str, desks: dict) -> Iterator[Opener]:
    """Opens a page of that dashboard; nobody but it may be asked, and no console may complain."""
    room = ReadingRoom(chromium, market, desks)
    yield room.reader
    assert room.close() == []


def badge(reader: Reader, text: str | re.Pattern[str]) -> None:
    """Waits until the badge says this."""
    expect(reader.page.locator(".st-key-market").get_by_role("button")).to_contain_text(text, timeout=LATER)


# -- a Yahoo that answers --------------------------------------------------------------------------------------------


def test_newer_prices_come_by_themselves_and_the_watch_ends(read: Opener) -> None:
    """The snapshot is drawn at once; when Yahoo has answered the badge and a note say so, the lines stay, and no more messages go out."""
    reader = read()
    before = reader.paths()
    expect(reader.page.get_by_text(re.compile("^New prices of .*Nvidia"))).to_be_visible(timeout=LATER)
    badge(reader, re.compile(r"Yahoo, close of \d+ \w+ 20\d\d, checked"))
    assert reader.settled().still() == before, "the range of the link ends before the newer bars"
    expect(reader.page.locator(".st-key-badge")).not_to_contain_text("Asking")
    quiet = len(reader.sent)
    reader.page.wait_for_timeout(4000)  # more than two looks
    assert len(reader.sent) == quiet


def test_a_typed_ticker_is_drawn_and_the_link_carries_it(read: Opener) -> None:
    """'tsm' by keyboard alone: a third line, and the same picture in a browser that was never here."""
    reader = read("?lang=en")
    reader.add_series("tsm")
    reader.query(series="%5EIXIC%2CNVDA%2CTSM")
    expect(reader.lines).to_have_count(3, timeout=LATER)
    reader.wait_for_words("TSMC")
    other = read("?" + reader.page.url.split("?")[1], locale="vi-VN", fresh=True)
    expect(other.lines).to_have_count(3, timeout=LATER)
    assert other.still() == reader.still()


def test_an_unknown_ticker_is_a_sentence_with_a_way_out(read: Opener) -> None:
    """The link keeps it, the sentence says what to do, and the button takes it out; alone it leaves the Nasdaq on the page."""
    reader = read("?lang=en&series=ZZZZQ")
    told = reader.page.get_by_text("Check the spelling")
    expect(told).to_be_visible(timeout=LATER)
    expect(reader.alerts.filter(has_text="the Nasdaq Composite is shown meanwhile")).to_be_visible()
    reader.query(series="ZZZZQ")
    reader.page.locator(".st-key-drop-ZZZZQ").get_by_role("button").click()
    reader.query(series="%5EIXIC%2CNVDA")
    expect(told).to_have_count(0)
    expect(reader.lines).to_have_count(2)


def test_the_badge_and_the_button_work_from_the_keyboard(read: Opener, yahoo: fake_yahoo.Server) -> None:
    """Enter on the badge lists every series; the button asks Yahoo once, and is off for a minute, with the time when it is on again."""
    reader = read("?lang=en&series=MU")
    expect(reader.page.locator(".st-key-badge")).not_to_contain_text("Asking", timeout=LATER)
    badge(reader, "Yahoo, close of")
    reader.page.locator(".st-key-market").get_by_role("button").focus()
    reader.page.keyboard.press("Enter")
    expect(reader.page.get_by_test_id("stPopoverBody")).to_contain_text(re.compile("Micron.*Yahoo Finance", re.DOTALL))
    reader.page.keyboard.press("Escape")
    button = reader.page.locator(".st-key-refresh").get_by_role("button")
    expect(button).to_be_disabled()  # it was asked for a moment ago
    button.hover(force=True)
    expect(reader.page.get_by_text(re.compile(r"used again at \d\d:\d\d"))).to_be_visible()
    assert [t for t, _ in yahoo.log].count("MU") == 1


@pytest.mark.parametrize(("lang", "locale"), [("en", "en-US"), ("vi", "vi-VN")])
def test_twelve_series_fit_everywhere(lang: str, locale: str, read: Opener) -> None:
    """Twelve lines in both themes on a desk and on a phone: no sideways scrolling, and no two labels at the lines' ends touch."""
    reader = read(f"?lang={lang}&series={TWELVE}&from=2023-06-01&to=2025-03-01", locale=locale)
    expect(reader.lines).to_have_count(12, timeout=LATER)
    expect(reader.page.get_by_text(re.compile("14 Sep 2023|14/9/2023"))).to_be_visible()  # Arm's first session
    for window in (DESK, PHONE):
        reader.page.set_viewport_size({"width": window[0], "height": window[1]})
        for scheme in ("light", "dark"):
            reader.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            reader.still()
            assert reader.page.evaluate("document.documentElement.scrollWidth") <= window[0]
            ends = reader.chart.evaluate(_ENDS)
            assert len(ends) == 12
            assert all(below - above >= 13 for above, below in pairwise(ends)), ends


# the heights of the texts at the lines' ends, from the top: those that name a change in per cent
_ENDS = """svg => [...svg.querySelectorAll('text[text-anchor=start]')]
  .filter(e => /%$/.test(e.textContent) && !e.getAttribute('stroke') && e.textContent.length > 9)
  .map(e => e.getBoundingClientRect().y).sort((a, b) => a - b)"""


def test_impact_answers_for_any_series(read: Opener) -> None:
    """The link names TSMC: the answer comes when Yahoo's has, and a series typed there takes its place."""
    reader = read(None)
    reader.page.goto(f"{reader.server}/impact?lang=en&event=deepseek-crash-2025-01-27&ticker=TSM&window=0:0")
    expect(reader.title).to_contain_text("TSMC", timeout=LATER)
    expect(reader.page.get_by_text("No share count is known for TSM.")).to_be_visible(timeout=LATER)
    reader.page.locator(".st-key-i-ticker input").click()
    reader.page.keyboard.type("intel")
    reader.page.keyboard.press("Enter")
    expect(reader.page).to_have_url(re.compile("ticker=INTC"), timeout=LATER)
    expect(reader.title).to_contain_text(re.compile("Intel (rose|fell)"), timeout=LATER)
    forgive_the_search(reader)


# -- a Yahoo that does not -------------------------------------------------------------------------------------------


def _painted(room: ReadingRoom, reason: str | None) -> float:
    """Seconds until both lines stand in a browser that has never been here; with a reason, the badge says it, and nobody may ask again."""
    reader = room.reader(None, fresh=True)
    began = time.monotonic()
    reader.page.goto(f"{room.server}/?lang=en")
    expect(reader.lines).to_have_count(2, timeout=LATER)
    painted = time.monotonic() - began
    if reason is not None:
        badge(reader, "Snapshot of 11 June 2026")
        expect(reader.page.locator(".st-key-badge")).to_contain_text(reason, timeout=LATER)
        expect(reader.page.locator(".st-key-refresh").get_by_role("button")).to_be_disabled()
        expect(reader.lines).to_have_count(2)
    assert room.close() == []
    return painted


@pytest.mark.parametrize("fault", ["429", "hang"])
def test_a_yahoo_that_refuses_or_hangs_changes_nothing_for_the_reader(fault: str, chromium: Browser, market: str, tmp_path: Path) -> None:
    """The first paint is within two seconds of that with a Yahoo that answers, give or take what else the machine does; the badge says
    snapshot and why, and the button is off.
    """
    with fake_yahoo.Server(dt.datetime.now(fake_yahoo.NY)) as broken:
        broken.faults["*"] = fault
        with _asking(tmp_path, broken) as url:
            healthy = _painted(ReadingRoom(chromium, market), None)
            painted = _painted(ReadingRoom(chromium, url), "limits how often" if fault == "429" else "Asking Yahoo")
            if painted > 1.5 * healthy + 2:  # once more: the machine has other things to do
                painted = _painted(ReadingRoom(chromium, url), None)
            assert painted <= 1.5 * healthy + 2  # a page that waited for Yahoo would wait eight seconds
            assert "Traceback" not in (tmp_path / "log").read_text()
