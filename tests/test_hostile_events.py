"""Hostile titles of a reader's own events: refused with a sentence, or text in every picture and file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import openpyxl
import pytest

from aftershock import exhibits
from aftershock.events import Event
from aftershock.exports import EXPORTS, Exhibit
from aftershock.userdata import understand
from aftershock.views import View
from aftershock.workspace import Workspace
from benchmarks.hostile import Tally, entering, files
from tests.hostile import payloads

# one a session from 21 January 2025 on; what a page, a spreadsheet, a font or Vega might stumble over
TITLES = (
    "</script><script>alert(1)</script>", "=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>", "zero\u200bwidth\u2060 and \ufeffmarks",
    "$\\href{javascript:alert(1)}{x}$", "@SUM(1+1)", "emoji 👩‍👩‍👧‍👦📉 and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "Z\u0338a\u0337l\u0336g\u0335o\u0334 \u0359t",
    "private \ue000\U000f0000 use", "العربية עברית ไทย 中文", "]]>&amp;&lt;!--", "datum.x'\"`\\n\\", "W" * 200, "x " * 99 + "x", "-1+1",
    "ẤẦẨẪẬ ế ợ ữ ỹ đ",
)  # fmt: skip
REFUSED = (
    "abc\u202efdp.exe", "a\u2067b", "bell \x07", "escape \x1b[31m", "delete \x7f", "no character \ufffe", "\u200b\u200b", "x" * 10_000,
    "next\x85line\x9b",
)  # fmt: skip
DAYS = [dt.date(2025, 1, 21) + dt.timedelta(days=d) for d in range(24) if (dt.date(2025, 1, 21) + dt.timedelta(days=d)).weekday() < 5]


@pytest.fixture(scope="module")
def own() -> tuple[Event, ...]:
    """The titles as events, through the reader of files."""
    rows = [{"date": day.isoformat(), "title": title, "importance": 3} for day, title in zip(DAYS, TITLES, strict=False)]
    found = understand(json.dumps({"events": rows}), "mine.json")
    assert [a.event.title.en for a in found.accepted] == list(TITLES), [str(r.error) for r in found.rejected]
    return tuple(a.event for a in found.accepted)


@pytest.fixture(scope="module")
def exhibit(workspace: Workspace, own: tuple[Event, ...]) -> Exhibit:
    """The timeline over which they stand, alone: the catalogue left aside so that they are the ones that are named."""
    house = workspace.holding(workspace.prices, own)
    return exhibits.timeline(house, View(dt.date(2025, 1, 17), dt.date(2025, 2, 14), verification=("own",)), "https://example.org/")


@pytest.mark.parametrize("title", REFUSED, ids=ascii)
def test_what_no_picture_can_hold_is_refused_in_a_sentence(title: str) -> None:
    """Overrides of direction, control characters, no characters, nothing to be seen, ten thousand letters."""
    found = understand(json.dumps([{"date": "2025-01-27", "title": title}]), "mine.json")
    (refused,) = found.rejected
    assert refused.field == "title"
    assert all(refused.error.sentence(lang).endswith(".") for lang in ("en", "vi"))
    assert all(c.isprintable() for c in refused.error.sentence())


def test_the_titles_are_in_the_table(exhibit: Exhibit) -> None:
    """Every title stands in the row of its session, letter by letter."""
    text = " ".join(str(v) for v in exhibit.table().to_numpy().ravel())
    assert [t for t in TITLES if t not in text] == []


@pytest.mark.parametrize("size", ["article", "slide", "square"])
def test_pictures_are_drawn(exhibit: Exhibit, size: str) -> None:
    """A PNG in every size."""
    assert EXPORTS["png"].download(exhibit, size).startswith(b"\x89PNG")


def test_the_svg_and_the_pdf_are_sound(exhibit: Exhibit) -> None:
    """Valid XML without a script; markup in a title is text."""
    root = ET.fromstring(EXPORTS["svg"].download(exhibit, "article"))  # noqa: S314
    assert not [e for e in root.iter() if e.tag.endswith(("script", "image", "foreignObject"))]
    assert any("alert(1)" in "".join(e.itertext()) for e in root.iter() if e.tag.endswith("text"))
    assert EXPORTS["pdf"].download(exhibit, "article").startswith(b"%PDF-")


class Tags(HTMLParser):
    """Counts the elements of a page as a browser's parser finds them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins: it may not listen to anything."""
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_no_title_ends_a_script_of_the_page(exhibit: Exhibit) -> None:
    """The page has the three scripts that it needs and no picture; the specification is still JSON that holds every title."""
    page = EXPORTS["html"].download(exhibit, "article").decode()
    tags = Tags(page).tags
    assert (tags.count("script"), tags.count("img")) == (3, 0)
    spec = page.split('<script type="application/json" id="spec">')[1].split("</script>")[0]
    assert [t for t in TITLES if json.dumps(t, ensure_ascii=False)[1:-1] not in json.dumps(json.loads(spec), ensure_ascii=False)] == []


def test_no_cell_is_a_formula(exhibit: Exhibit) -> None:
    """Neither in CSV nor in a workbook."""
    rows = list(csv.reader(io.StringIO(EXPORTS["csv"].download(exhibit, "article").decode("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    assert not [c for row in rows[1:] for c in row if c.startswith(("=", "+", "@", "\t", "-1+"))]
    book = openpyxl.load_workbook(io.BytesIO(EXPORTS["xlsx"].download(exhibit, "article")))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
    text = " ".join(str(cell.value) for cell in cells)
    assert [t for t in TITLES if t not in text] == []


def test_the_whole_corpus_is_text_in_every_file(workspace: Workspace) -> None:
    """Each of ninety payloads in every field of an event that came in by CSV, TOML, ICS and JSON: refused in printable sentences, or text
    in the files of events, in both languages, and in the timeline's table, specification and picture.
    """
    tally, texts = Tally(), payloads("http://localhost:1")
    events = entering.enter(texts, workspace, tally)
    assert len(texts) >= 60
    assert texts.keys() - events.keys() == {"null", "escape", "bidi", "isolate"}
    for lang in ("en", "vi"):
        files.check_events(events, lang, tally)
    house = workspace.holding(workspace.prices, tuple(events.values()))
    what, timeline, names = next(files.taken(house, events, "vi"))
    for code in ("csv", "xlsx", "json", "svg"):
        files.check_file(code, EXPORTS[code].download(timeline, "article"), f"{what} {code}", tally)
    assert len(names) == len(events)
    assert tally.complaints == []


def test_the_judge_of_files_sees_a_live_formula() -> None:
    """A table that nobody guarded has some."""
    tally = Tally()
    rows = "".join(f'"{text}",1\n' for name, text in payloads("http://localhost:1").items() if name in ("formula-dde", "formula-at", "tab"))
    files.check_file("csv", f"title,n\n{rows}".encode(), "a table", tally)
    assert len(tally.formulas) == 3
