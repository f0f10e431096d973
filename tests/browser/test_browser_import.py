"""A reader brings files: upload, questions, refusals, saving, the timeline, and coming back. On a server with a store of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import serving
from tests.browser.reader import PATIENCE, PHONE, Opener, Reader
from tests.browser.test_browser_impact import forgive_the_search
from tests.test_imports import windows_1258

HOSTILE = "</script><script>alert(1)</script>"
ROWS = f"""Ngày đăng;Tiêu đề;Mã cổ phiếu;Giờ;Nguồn;Liên kết
27/01/2025;Cổ phiếu chip lao dốc;NVDA, AMD;9h45;Báo Ngày Mai;https://example.org/a
27/01/2025;Cổ phiếu chip  lao dốc;AMD NVDA;9h45;;
31/02/2025;Ngày không có thật;;;;
28/01/2025;{HOSTILE};;;;
29/01/2025;=cmd|' /C calc'!A0;;25:00;;
"""


@pytest.fixture(scope="module")
def server(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard whose saved events nobody else's tests see; it writes to the log that every test looks at."""
    folder = tmp_path_factory.mktemp("import")
    with serving(folder / "log", AFTERSHOCK_STORE=f"sqlite:///{folder}/events.sqlite3", AFTERSHOCK_PRICES="snapshot") as url:
        log.touch()
        yield url
        assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def events(read: Opener) -> Opener:
    """Opens the Events page by its address, which Streamlit's search for its server answers with two 404s."""

    def opened(query: str, **how: object) -> Reader:
        reader = read(f"events?{query}", chart=False, **how)
        forgive_the_search(reader)
        return reader

    return opened


def panel(reader: Reader) -> Locator:
    """The import panel, unfolded."""
    box = reader.page.locator(".st-key-im-box")
    if not box.locator(".st-key-im-paste textarea").is_visible():
        box.locator("summary").click()
    expect(box.locator(".st-key-im-paste textarea")).to_be_visible(timeout=PATIENCE)
    return box


def upload(reader: Reader, raw: bytes, name: str = "mine.csv") -> Locator:
    """The file in the panel, understood."""
    box = panel(reader)
    box.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": raw})
    expect(box).to_contain_text(name, timeout=PATIENCE)
    return box


def paste(reader: Reader, text: str) -> Locator:
    """The text in the panel, understood."""
    box = panel(reader)
    box.locator("textarea").fill(text)
    box.locator("textarea").press("Control+Enter")
    reader.settled()
    return box


def test_a_vietnamese_file_is_shown_row_by_row_then_saved_and_known_when_it_comes_back(events: Opener, read: Opener) -> None:
    """windows-1258 with Vietnamese headers: one repetition, two refusals by name, two events saved, in the list and on the timeline;
    the same rows pasted again add nothing."""
    reader = events("lang=vi", locale="vi-VN")
    box = upload(reader, windows_1258(ROWS))
    expect(box).to_contain_text("5 dòng: 2 mới, 0 đã có, 1 lặp lại, 2 bị từ chối", timeout=PATIENCE)
    expect(box).to_contain_text("WINDOWS-1258")
    expect(box).to_contain_text(re.compile("Dòng 4, Ngày: đang là '31/02/2025', đúng ra phải là một ngày có trong lịch"))
    expect(box).to_contain_text(re.compile("Dòng 6, Giờ: đang là '25:00', đúng ra phải là một giờ như 16:30"))
    expect(box).to_contain_text("các dòng 2 và 3")
    box.get_by_role("button", name="Thêm 2 sự kiện").click()
    expect(box).to_contain_text("Đã thêm 2 sự kiện", timeout=PATIENCE)
    expect(reader.title).to_contain_text("130 sự kiện", timeout=PATIENCE)
    again = paste(events("lang=en"), ROWS.replace(";", "\t"))
    expect(again).to_contain_text("5 rows: 0 new, 2 already there", timeout=PATIENCE)
    expect(again.get_by_role("button", name=re.compile("^Add"))).to_have_count(0)
    listed = events("lang=vi&find=chip+lao", locale="vi-VN")
    expect(listed.page.locator(".st-key-e-list-box")).to_contain_text("Cổ phiếu chip lao dốc", timeout=PATIENCE)
    timeline = read("?from=2025-01-20&to=2025-02-14&lang=vi&find=script", locale="vi-VN")
    expect(timeline.page.locator(".st-key-list")).to_contain_text(HOSTILE, timeout=PATIENCE)
    timeline.chart.scroll_into_view_if_needed()
    (token,) = timeline.tokens().values()
    timeline.page.mouse.move(token.x, token.y)
    expect(timeline.page.locator("#vg-tooltip-element")).to_contain_text(HOSTILE, timeout=PATIENCE)
    timeline.click_token(token.n)
    expect(timeline.card).to_contain_text(HOSTILE, timeout=PATIENCE)


def test_dates_that_could_be_two_days_are_asked_about(events: Opener) -> None:
    """Nothing can be added until the reader has said it; the answer stays in sight and decides every row."""
    reader = events("lang=en")
    box = paste(reader, "date,title\n03/04/2025,An ambiguous day\n05/06/2025,Another one\n")
    expect(box).to_contain_text("03/04/2025 could be two different days", timeout=PATIENCE)
    expect(box).not_to_contain_text("refused")
    expect(box.get_by_role("button", name=re.compile("^Add"))).to_have_count(0)
    box.get_by_text("day first").click()
    expect(box).to_contain_text("03/04/2025 is 3 Apr 2025", timeout=PATIENCE)
    expect(box.get_by_role("button", name="Add 2 events")).to_be_visible()
    box.get_by_text("month first").click()
    expect(box).to_contain_text("03/04/2025 is 4 Mar 2025", timeout=PATIENCE)


def test_an_encoding_that_could_be_two_is_asked_about(events: Opener) -> None:
    """São or Săo: the reader says which."""
    reader = events("lang=en")
    box = upload(reader, b"date,title\n2025-01-27,S\xe3o Paulo\n")
    expect(box).to_contain_text("can be read in two ways", timeout=PATIENCE)
    box.get_by_text("Western European").click()
    expect(box.get_by_role("button", name="Add 1 event")).to_be_visible(timeout=PATIENCE)


def test_what_is_no_file_of_events_is_one_sentence(events: Opener) -> None:
    """A picture called CSV, and more rows than a page takes, on a phone: a sentence, nothing sideways."""
    reader = events("lang=en", window=PHONE)
    box = upload(reader, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "picture.csv")
    expect(box.get_by_test_id("stAlert")).to_contain_text("UTF-8", timeout=PATIENCE)
    box = upload(reader, b"date,title\n" + b"2025-01-27,x\n" * 5001, "many.csv")
    expect(box.get_by_test_id("stAlert")).to_contain_text("at most 5,000 rows", timeout=PATIENCE)
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
