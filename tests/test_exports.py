"""Files to take away: sizes, ink, fonts, text that is text, tables that equal the facts, nothing that runs, nothing that calls."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest
from PIL import Image

from aftershock import exhibits, exports
from aftershock.charts.sheet import SIZES
from aftershock.events import Text
from aftershock.exports import EXPORTS, Exhibit, as_text, file_name, to_csv, to_html, to_xlsx
from aftershock.text import words
from aftershock.views import Scale, View
from aftershock.workspace import Workspace
from tests.conftest import answers

SHOCK = View(dt.date(2025, 1, 20), dt.date(2025, 2, 14), lang="vi")
TITLE = "Nvidia giảm 17,0 % ngày 27 tháng 1 năm 2025; Nasdaq Composite giảm 3,1 %"
BASE = "https://example.org/"
CLOSES = {(ticker, date): close for ticker, date, _, _, _, close, _ in answers("bars")["bars"]}
DAYS = [d for (ticker, d) in CLOSES if ticker == "NVDA" and "2025-01-20" <= d <= "2025-02-14"]


@cache
def made(code: str, size: str = "article") -> bytes:
    """The Vietnamese R1 shock in one format, as a browser downloads it."""
    exhibit = exhibits.timeline(Workspace.open(), SHOCK, BASE)
    return EXPORTS[code].download(exhibit, size)


@pytest.fixture
def exhibit(workspace: Workspace) -> Exhibit:
    """The Vietnamese R1 shock."""
    return exhibits.timeline(workspace, SHOCK, BASE)


# -- every format ----------------------------------------------------------------------------------------------------

SIGNATURES = {
    "png": b"\x89PNG\r\n\x1a\n",
    "svg": b"<svg ",
    "pdf": b"%PDF-",
    "html": b"<!doctype html>",
    "csv": b"\xef\xbb\xbfdate,",
    "xlsx": b"PK\x03\x04",
    "json": b"{",
}


def test_the_formats_are_those_of_the_contract() -> None:
    """Seven formats; a new one must come with its signature here."""
    assert set(EXPORTS) == set(SIGNATURES) == {"png", "svg", "pdf", "html", "csv", "xlsx", "json"}


@pytest.mark.parametrize("code", list(EXPORTS))
def test_a_file_is_what_its_ending_says(code: str) -> None:
    """The bytes begin as that kind of file begins."""
    assert made(code).startswith(SIGNATURES[code])
    assert EXPORTS[code].ending == code


@pytest.mark.parametrize("code", list(EXPORTS))
def test_a_file_s_name_says_what_is_inside(code: str, exhibit: Exhibit) -> None:
    """Product, chart, series, dates and language, and the size where there is a choice; safe for every file system."""
    for size in EXPORTS[code].sizes:
        found = file_name(exhibit, code, size)
        of_size = f"-{size}" if code == "png" else ""
        assert found == f"aftershock-timeline-IXIC-NVDA-2025-01-20-2025-02-14-vi{of_size}.{code}"
        assert re.fullmatch(r"[A-Za-z0-9.-]+", found)


@pytest.mark.parametrize("code", ["csv", "json", "html"])
def test_the_same_view_gives_the_same_bytes(code: str, exhibit: Exhibit) -> None:
    """A file made twice is the same file: nothing in it depends on when it was made."""
    assert EXPORTS[code].download(exhibit, "article") == made(code)


# -- pictures --------------------------------------------------------------------------------------------------------


def ink(png: bytes, top: float, bottom: float) -> int:
    """How many dark pixels a band of a picture has; heights as shares of the whole."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    high = len(pixels)
    return int((pixels[round(top * high) : round(bottom * high)] < 110).sum())


@pytest.mark.parametrize(("size", "pixels"), [("article", (1200, 675)), ("slide", (1920, 1080)), ("square", (1080, 1080))])
def test_a_png_has_twice_its_size_in_pixels(size: str, pixels: tuple[int, int]) -> None:
    """1200 x 675, 1920 x 1080 and 1080 x 1080, each at 2x, for sharp print and screens."""
    assert (SIZES[size].width, SIZES[size].height) == pixels
    assert Image.open(io.BytesIO(made("png", size))).size == (2 * pixels[0], 2 * pixels[1])


@pytest.mark.parametrize("size", list(SIZES))
def test_the_vietnamese_title_is_drawn(size: str) -> None:
    """The title's band holds thousands of dark pixels: letters, in a font that was found."""
    assert ink(made("png", size), 0.01, 0.1) > 6000


def test_ink_would_be_missing_with_an_unknown_font(exhibit: Exhibit) -> None:
    """The check above can fail: in a font that nobody has the same picture has no letters in that band."""

    def unknown(size: str) -> dict[str, object]:
        spec = exhibit.picture(size)
        return spec | {"config": spec["config"] | {"font": "No Such Font"}}

    png = EXPORTS["png"].make(replace(exhibit, picture=unknown), "article")
    assert ink(png, 0.01, 0.1) < 500


def test_svg_text_is_text() -> None:
    """The title, the footer and the link are text elements in the SVG, not outlines, and nothing in it runs or calls."""
    root = ET.fromstring(made("svg"))  # noqa: S314
    said = [(e.text or "").replace("\u00a0", " ") for e in root.iter() if e.tag.endswith("}text")]
    assert TITLE in " ".join(said)
    assert any("27/1" in t for t in said)
    assert "series=^IXIC,NVDA" in "".join(said)
    tags = {e.tag.split("}")[-1] for e in root.iter()}
    assert not tags & {"script", "foreignObject", "image", "use"}
    assert not [e for e in root.iter() for a in e.attrib if a.split("}")[-1] in ("href", "src") or a.startswith("on")]


def test_a_pdf_has_one_page_with_its_fonts_inside() -> None:
    """One page of the article's size; every font is embedded; the title can be selected and searched."""
    reader = pypdf.PdfReader(io.BytesIO(made("pdf")))
    assert len(reader.pages) == 1
    page = reader.pages[0]
    assert float(page.mediabox.width) / float(page.mediabox.height) == pytest.approx(1200 / 675, rel=0.01)
    fonts = [f.get_object() for f in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert "BeVietnamPro" in str(font["/BaseFont"])
        assert any(name in inner["/FontDescriptor"] for name in ("/FontFile", "/FontFile2", "/FontFile3"))
    text = re.sub(r"\s+", " ", page.extract_text().replace("\u00a0", " "))
    assert TITLE in text


def test_every_picture_says_where_it_comes_from(exhibit: Exhibit) -> None:
    """Title, measure, source with its adjustment and as-of date, number of events and the permalink stand in the picture."""
    root = ET.fromstring(made("svg"))  # noqa: S314
    said = " ".join((e.text or "") for e in root.iter() if e.tag.endswith("}text")).replace("\u00a0", " ")
    say = words("vi")
    for part in ("Giá đóng cửa 17/1/2025 = 100", say("adjustment.splits"), "11/6/2026", "34", "from=2025-01-20"):
        assert part in said
    assert exhibit.facts["permalink"].partition("&data=")[0] == BASE + "?from=2025-01-20&to=2025-02-14&series=^IXIC,NVDA&lang=vi"


# -- tables ----------------------------------------------------------------------------------------------------------


def test_the_csv_is_the_facts() -> None:
    """One row per session, ISO dates, decimal points, every close as in the facts, and the titles of the events."""
    rows = list(csv.DictReader(io.StringIO(made("csv").decode("utf-8-sig"))))
    assert [row["date"] for row in rows] == DAYS
    for row in rows:
        assert list(row) == ["date", "^IXIC", "NVDA", "events"]
        assert (float(row["^IXIC"]), float(row["NVDA"])) == (CLOSES["^IXIC", row["date"]], CLOSES["NVDA", row["date"]])
    crash = rows[DAYS.index("2025-01-27")]
    assert "Cú sốc DeepSeek" in crash["events"]
    assert b"\r" not in made("csv")


def test_the_workbook_is_the_facts() -> None:
    """Dates are dates, closes are numbers, the second sheet says where they come from; no cell is a formula or a link."""
    book = openpyxl.load_workbook(io.BytesIO(made("xlsx")))
    assert book.sheetnames == ["data", "about"]
    head, *rows = book["data"].iter_rows(values_only=True)
    assert head == ("date", "^IXIC", "NVDA", "events")
    assert [row[0].date().isoformat() for row in rows] == DAYS
    assert [row[1:3] for row in rows] == [(CLOSES["^IXIC", d], CLOSES["NVDA", d]) for d in DAYS]
    about = dict(book["about"].iter_rows(values_only=True))
    assert str(about["title"]).replace("\u00a0", " ") == TITLE
    assert str(about["permalink"]).startswith(BASE + "?from=2025-01-20")
    assert about["as_of"] == "2026-06-11"
    for sheet in book:
        assert [c.coordinate for row in sheet.iter_rows() for c in row if c.data_type == "f" or c.hyperlink] == []


def test_the_json_is_the_picture_with_its_facts() -> None:
    """Vega-Lite with the data inside, no NaN, closes as in the facts, and what names the data."""

    def refuse(name: str) -> None:
        raise AssertionError(name)

    spec = json.loads(made("json"), parse_constant=refuse)
    assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")
    facts = spec["usermeta"]["aftershock"]
    assert {"title", "source", "as_of", "permalink", "sha256", "version"} <= set(facts)
    closes = {row["d"]: (row["s0"], row["s1"]) for row in spec["datasets"]["prices"]}
    epoch = dt.date(1970, 1, 1)
    for day in DAYS:
        assert closes[(dt.date.fromisoformat(day) - epoch).days] == (CLOSES["^IXIC", day], CLOSES["NVDA", day])


def test_a_missing_figure_is_an_empty_cell() -> None:
    """NaN is nothing in CSV and XLSX: no zero, no 'nan'."""
    frame = pd.DataFrame({"NVDA": [1.5, np.nan], "events": ["", "x"]}, index=pd.DatetimeIndex(["2025-01-24", "2025-01-27"], name="date"))
    assert list(csv.reader(io.StringIO(to_csv(frame).decode()))) == [
        ["date", "NVDA", "events"],
        ["2025-01-24", "1.5", ""],
        ["2025-01-27", "", "x"],
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(frame, {})))["data"]
    assert sheet["B3"].value is None


# -- hostile text ----------------------------------------------------------------------------------------------------

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.org","x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "{title} {0} %s",
    "http://example.org",
    "quote \" and ' and & and \\",
    "]]>",
    "\u2028line",
]


def hostile_exhibit(text: str, workspace: Workspace) -> Exhibit:
    """An exhibit whose event titles and whose own title are this text."""
    events = tuple(replace(e, title=Text(text, text)) for e in workspace.events)
    exhibit = exhibits.timeline(replace(workspace, catalogue=events), SHOCK)
    return replace(exhibit, facts=exhibit.facts | {"title": text, "subtitle": text, "alt": text, "footer": text})


class _Page(HTMLParser):
    """What a browser would find: tags with their attributes, and the text of scripts and of everything else."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1] += data
        else:
            self.texts.append(data)


def test_hostile_text_stays_text_in_html(workspace: Workspace) -> None:
    """Three scripts as written and no more, no element or attribute that comes from data, the words shown as they are."""
    text = " ".join(HOSTILE)
    exhibit = hostile_exhibit(text, workspace)
    file = to_html(exhibit.interactive(), exhibit.facts, "vi").decode()
    page = _Page()
    page.feed(file)
    assert [tag for tag, _ in page.tags].count("script") == 3
    assert {tag for tag, _ in page.tags} == {"html", "head", "meta", "title", "style", "body", "main", "h1", "p", "div", "script"}
    assert not [a for _, attributes in page.tags for a in attributes if a in ("src", "href") or a.startswith("on")]
    assert text.strip() in "".join(page.texts)
    spec = json.loads(page.scripts[1])
    assert any(str(row["what"]).startswith(text) for row in spec["datasets"]["tokens"])


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text_in_tables(text: str, workspace: Workspace) -> None:
    """No cell of the workbook is a formula or a link; no cell of the CSV begins as one would."""
    exhibit = hostile_exhibit(text, workspace)
    book = openpyxl.load_workbook(io.BytesIO(EXPORTS["xlsx"].make(exhibit, "article")))
    for sheet in book:
        assert [c.coordinate for row in sheet.iter_rows() for c in row if c.data_type == "f" or c.hyperlink] == []
    assert book["about"]["B1"].value == text
    for row in csv.reader(io.StringIO(EXPORTS["csv"].make(exhibit, "article").decode(), newline="")):
        assert not row[-1].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_hostile_text_is_drawn_as_text(workspace: Workspace) -> None:
    """The SVG of a hostile title is well-formed and has no script of it."""
    exhibit = hostile_exhibit(" ".join(HOSTILE), workspace)
    spec = exhibit.picture("article")
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    svg = EXPORTS["svg"].make(exhibit, "article")
    assert not [e for e in ET.fromstring(svg).iter() if e.tag.endswith(("script", "img"))]  # noqa: S314


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\tx"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(value: str) -> None:
    """And only such text: numbers, and text with the sign further in, stay as they are."""
    assert as_text(value) == "'" + value
    assert as_text(f"x{value}") == f"x{value}"
    assert as_text("a\rb") == "a b"  # would end the row for many readers
    assert as_text(-1.5) == -1.5
    assert as_text(None) is None


def test_a_column_name_is_text_too() -> None:
    """A ticker such as -X does not become a formula in the header."""
    frame = pd.DataFrame({"=cmd": [1.0]}, index=pd.DatetimeIndex(["2025-01-27"], name="date"))
    assert to_csv(frame).decode().splitlines()[0] == "date,'=cmd"
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(frame, {"=a": "=b"})))
    assert sheet["data"]["B1"].data_type == "s"
    assert [c.data_type for c in sheet["about"][1]] == ["s", "s"]


# -- the interactive file --------------------------------------------------------------------------------------------


def test_the_interactive_file_needs_no_network() -> None:
    """Library and data are inside: no element has an address, no style imports one; it speaks the reader's language."""
    file = made("html").decode()
    page = _Page()
    page.feed(file)
    assert not [a for _, attributes in page.tags for a in attributes if a in ("src", "href", "action", "data")]
    assert "@import" not in file.split("<script>", 1)[0]
    assert "url(" not in file.split("<script>", 1)[0]
    assert page.tags[0] == ("html", {"lang": "vi"})
    assert "vegaEmbed" in page.scripts[0]
    spec = json.loads(page.scripts[1])
    assert "url" not in json.dumps(spec["datasets"])[:200]
    assert not re.search(r'"url":', json.dumps(spec))
    text = html.unescape("".join(page.texts)).replace("\u00a0", " ")
    assert TITLE in text
    assert "11/6/2026" in text


@pytest.mark.parametrize("scale", list(Scale))
def test_every_scale_can_be_taken_away(scale: Scale, workspace: Workspace) -> None:
    """Each scale with all series draws as SVG, and its table holds prices whatever the scale."""
    view = replace(SHOCK, scale=scale, series=workspace.tickers)
    exhibit = exhibits.timeline(workspace, view)
    assert EXPORTS["svg"].make(exhibit, "article").startswith(b"<svg")
    assert exhibit.table()["NVDA"].iloc[0] == CLOSES["NVDA", "2025-01-21"]


def test_an_empty_range_can_be_taken_away(workspace: Workspace) -> None:
    """A holiday weekend: every format is made and says that there is nothing, in words."""
    exhibit = exhibits.timeline(workspace, replace(SHOCK, first=dt.date(2025, 1, 18), last=dt.date(2025, 1, 20)))
    for code, kind in EXPORTS.items():
        assert kind.download(exhibit, "article").startswith(SIGNATURES[code]), code
    assert exports.to_csv(exhibit.table()).decode().splitlines() == ["date,^IXIC,NVDA,events"]
