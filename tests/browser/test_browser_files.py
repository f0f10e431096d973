"""In a real browser: every file is downloaded by its button, opened and checked."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from tests.browser.reader import Opener, Reader, ReadingRoom

QUERY = "?from=2025-01-20&to=2025-02-14&series=%5EIXIC,NVDA&event=deepseek-r1-release-2025-01-20&lang=vi"
SLUG = "aftershock-timeline-IXIC-NVDA-2025-01-20-2025-02-14-vi"
KINDS = [
    "png-article",
    "png-slide",
    "png-square",
    "svg-article",
    "pdf-article",
    "html-article",
    "csv-article",
    "xlsx-article",
    "json-article",
]
DATA = Path(__file__).resolve().parents[2] / "data" / "prices"
TITLE = "Nvidia giảm 17,0\u00a0% ngày 27 tháng 1 năm 2025"


def take(reader: Reader, kinds: list[str]) -> dict[str, tuple[str, Path]]:
    """Opens the menu of files and clicks each: kind -> (suggested name, where it was saved)."""
    reader.page.locator(".st-key-take-timeline button").first.click()
    found = {}
    for kind in kinds:
        with reader.page.expect_download() as waiting:
            reader.page.locator(f".st-key-take-timeline-{kind} button").click()
        found[kind] = (waiting.value.suggested_filename, waiting.value.path())
    return found


@pytest.fixture(scope="module")
def files(chromium: Browser, server: str) -> Iterator[dict[str, tuple[str, Path]]]:
    """All nine files of the Vietnamese view, taken by clicking."""
    room = ReadingRoom(chromium, server)
    reader = room.reader(QUERY)
    found = take(reader, KINDS)
    assert reader.page.url.endswith("lang=vi")
    yield found
    complaints = room.close()
    for desk in room.desks.values():
        desk.context.close()
    assert not complaints


def test_names_say_what_is_inside(files: dict[str, tuple[str, Path]]) -> None:
    """Series, dates and language stand in every name; pictures name their size."""
    for kind in KINDS:
        ending, size = kind.split("-")
        assert files[kind][0] == f"{SLUG}-{size}.png" if ending == "png" else f"{SLUG}.{ending}"


@pytest.mark.parametrize(("size", "pixels"), [("article", (2400, 1350)), ("slide", (3840, 2160)), ("square", (2160, 2160))])
def test_png(files: dict[str, tuple[str, Path]], size: str, pixels: tuple[int, int]) -> None:
    """The picture has its size at twice the resolution, ink in the title's band, and both series' colours."""
    picture = Image.open(files[f"png-{size}"][1]).convert("RGB")
    assert picture.size == pixels
    band = picture.crop((0, 0, picture.width, picture.height // 9)).convert("L")
    histogram = band.histogram()
    assert sum(histogram[:100]) / (band.width * band.height) > 0.008, "the title's letters"
    colours = {colour for _, colour in picture.getcolors(1 << 24) or []}
    assert {(0, 0x72, 0xB2), (0xD5, 0x5E, 0)} <= colours


def test_svg_text_is_text(files: dict[str, tuple[str, Path]]) -> None:
    """The SVG holds its words as text: title, labels, moves, source and link."""
    root = ElementTree.parse(files["svg-article"][1]).getroot()  # noqa: S314 (our own file)
    assert root.tag.endswith("svg")
    text = " ".join("".join(e.itertext()) for e in root.iter() if e.tag.endswith("text")).replace("\u00a0", " ")
    for words in (
        TITLE.replace("\u00a0", " "),
        "Nasdaq Composite +2,0 %",
        "20/1: thị trường đóng cửa",
        "Nguồn:",
        "11/6/2026",
        "from=2025-01-20",
    ):
        assert words in text, words
    assert "kéo để xem gần" not in text, "no controls in a picture"


def test_pdf_is_one_page_with_its_fonts(files: dict[str, tuple[str, Path]]) -> None:
    """One page, Vietnamese text that can be copied, fonts inside."""
    document = PdfReader(files["pdf-article"][1])
    assert len(document.pages) == 1
    assert "giảm" in document.pages[0].extract_text()
    assert b"/FontFile" in files["pdf-article"][1].read_bytes() or _embedded(document)


def _embedded(document: PdfReader) -> bool:
    fonts = [f.get_object() for f in document.pages[0]["/Resources"].get_object()["/Font"].get_object().values()]
    descriptors = [d.get_object()["/FontDescriptor"].get_object() for f in fonts for d in f.get("/DescendantFonts", [f])]
    return bool(descriptors) and all(any(key.startswith("/FontFile") for key in d) for d in descriptors)


def test_html_works_offline(files: dict[str, tuple[str, Path]], chromium: Browser, tmp_path: Path) -> None:
    """Opened from the disk without a network the file draws its lines, asks for nothing and complains of nothing."""
    path = tmp_path / files["html-article"][0]
    path.write_bytes(files["html-article"][1].read_bytes())
    context = chromium.new_context(offline=True)
    reader = Reader(context.new_page(), "")
    reader.page.goto(path.as_uri())
    expect(reader.page.locator("svg path[aria-roledescription='line mark']")).to_have_count(2)
    expect(reader.page.get_by_role("heading", level=1)).to_contain_text("Nvidia giảm 17,0")
    assert reader.page.locator("html").get_attribute("lang") == "vi"
    assert reader.requests == [path.as_uri()]
    assert not reader.complaints()
    context.close()


def test_csv_is_the_closes(files: dict[str, tuple[str, Path]]) -> None:
    """The CSV opens as UTF-8 in a spreadsheet and equals the price files of the project, session by session."""
    raw = files["csv-article"][1].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(io.BytesIO(raw), index_col="date")
    assert list(table.columns) == ["^IXIC", "NVDA", "events"]
    assert len(table) == 19
    for column, name in (("^IXIC", "IXIC"), ("NVDA", "NVDA")):
        truth = pd.read_csv(DATA / f"{name}.csv", index_col="date")["close"]
        assert (table[column] == truth.loc["2025-01-20":"2025-02-14"]).all()
    assert "DeepSeek phát hành mô hình suy luận R1" in table.loc["2025-01-21", "events"]


def test_xlsx_has_no_formula(files: dict[str, tuple[str, Path]]) -> None:
    """The workbook opens, holds the same closes as numbers, and no cell is a formula or a link."""
    book = load_workbook(io.BytesIO(files["xlsx-article"][1].read_bytes()))
    assert book.sheetnames == ["data", "about"]
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    rows = {str(row[0])[:10]: row for row in book["data"].iter_rows(min_row=2, values_only=True)}
    assert rows["2025-01-27"][2] == 118.42
    assert any("vi" in str(cell.value) and "from=2025-01-20" in str(cell.value) for row in book["about"] for cell in row)


def test_json_is_the_chart(files: dict[str, tuple[str, Path]]) -> None:
    """The chart's own JSON parses, has no NaN, and carries its facts."""
    text = files["json-article"][1].read_text("utf-8")
    spec = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert "vega-lite" in spec["$schema"]
    assert spec["usermeta"]["aftershock"]["title"].startswith("Nvidia giảm")


def test_downloading_does_not_rerun_the_page(read: Opener) -> None:
    """A file leaves the page as it is, and the link to copy is the address with the stamp of its prices."""
    reader = read(QUERY)
    address = reader.page.url
    take(reader, ["csv-article"])
    assert reader.page.url == address
    link, _, stamp = reader.page.locator("[data-testid=stCode]").inner_text().strip().partition("&data=")
    assert re.fullmatch(r"[0-9a-f]{12}&asof=2026-06-11", stamp)
    assert re.sub(r"%5E", "^", link) == re.sub(r"%2C", ",", re.sub(r"%5E", "^", reader.page.url))


def test_hostile_words_stay_words_in_files(read: Opener, chromium: Browser, tmp_path: Path) -> None:
    """A search text that would close a script or start a formula is text in the HTML, and the CSV has no formula."""
    reader = read("?from=2025-01-20&to=2025-02-14&find=%3C%2Fscript%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    found = take(reader, ["html-article", "csv-article"])
    path = tmp_path / "page.html"
    path.write_bytes(found["html-article"][1].read_bytes())
    context = chromium.new_context(offline=True)
    other = Reader(context.new_page(), "")
    dialogs: list[str] = []
    other.hears("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    other.page.goto(path.as_uri())
    expect(other.page.locator("svg path[aria-roledescription='line mark']")).to_have_count(2)
    assert not dialogs
    assert not other.complaints()
    context.close()
    assert not re.search(r'(^|,)"?[=+@]', found["csv-article"][1].read_text("utf-8-sig"), re.MULTILINE)
