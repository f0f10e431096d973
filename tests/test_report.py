"""Reports: a PDF that can be searched and read out, a page without scripts, a bundle that is what its manifest says."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from aftershock import impact_views, report
from aftershock.cli import main
from aftershock.errors import DataError
from aftershock.events import Text, load_events
from aftershock.impact_views import ImpactView
from aftershock.report.citation import bibtex
from aftershock.report.document import table
from aftershock.report.page import night
from aftershock.workspace import Workspace
from tests.conftest import ROOT

CRASH, R1, LATER = "deepseek-crash-2025-01-27", "deepseek-r1-release-2025-01-20", "chip-skid-2026-07-01"
HOSTILE = "</script></title><img src=x onerror=alert(1)> #set page(width: 1pt) ${7*7} {{7*7}} \\ {% raw %} $x$ `c` *b* @a <l> // /* ]"
STRANGE = "深度求索 😀"  # letters that our typeface lacks


def view(workspace: Workspace, event: str = CRASH, lang: str = "en") -> ImpactView:
    """An event in Nvidia, measured as usual."""
    found, corrections = impact_views.read({"event": event, "ticker": "NVDA", "lang": lang}, workspace.choices, workspace.named, lang)
    assert corrections == ()
    return found


def named(workspace: Workspace, title: str) -> Workspace:
    """The workspace with an event of a reader's own, of the crash's day, whose every text is `title`."""
    own = replace(workspace.event(CRASH), id="own-event", title=Text(title, title), summary=Text(title, title), note=Text(title, title))
    return workspace.holding(workspace.prices, (own,))


@cache
def made(kind: str, *events: str, lang: str = "en") -> bytes:
    """A report of the project's own data."""
    workspace = _workspace()
    return report.make(kind, workspace, [view(workspace, e, lang) for e in events])


_workspace = cache(Workspace.open)


@cache
def text_of(pdf: bytes, most: int = 99) -> str:
    """What a search in the first pages of the PDF sees, composed and with plain spaces."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages[:most]]
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", " ".join(pages)))


# -- PDF -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        ("en", ["more than noise", "−16.97 %", "118.42", "Nvidia fell 13.1 %", "5,996.66", "How to cite", "@misc{", "Reuters", "S&P 500"]),
        ("vi", ["vượt mức nhiễu", "−16,97 %", "118,42", "Nvidia giảm 13,1 %", "Lợi suất bất thường tích lũy", "ngày bình thường",
                "đường dọc là sự kiện", "Mục lục", "Cách trích dẫn", "Nguồn gốc dữ liệu", "Sơn Vân", "Nhà Đầu Tư", "giải thích được"]),
    ],
)  # fmt: skip
def test_the_pdf_can_be_searched(lang: str, wanted: list[str]) -> None:
    """Words, figures and every Vietnamese letter can be found, in the text and inside the figures."""
    said = text_of(made("pdf", CRASH, lang=lang))
    assert [w for w in wanted if w not in said] == []
    drawn = {"en": "smallest move this design can call", "vi": "biến động nhỏ nhất thiết kế này phát hiện được"}[lang]
    assert drawn in said, "the words of a figure are words"


def test_every_vietnamese_letter_survives_the_pdf(workspace: Workspace) -> None:
    """All 134 letters with diacritics come back from the PDF as they went in, in both cases."""
    vowels = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
    letters = " ".join([vowels, vowels.upper()])
    house = named(workspace, letters)
    assert letters in text_of(report.make("pdf", house, [view(house, "own-event", "vi")]), 1)


def _resources(node: Any) -> Iterator[Any]:
    """The resources of a page and of every form inside it."""
    resources = node.get("/Resources", {})
    yield resources
    for form in resources.get("/XObject", {}).values():
        if form.get_object().get("/Subtype") == "/Form":
            yield from _resources(form.get_object())


def test_the_pdf_s_fonts_are_inside_and_nothing_is_a_raster() -> None:
    """Each font carries its file; no image of pixels anywhere, in no figure and no formula."""
    reader = PdfReader(io.BytesIO(made("pdf", CRASH, lang="vi")))
    fonts, images = {}, []
    for page in reader.pages:
        for resources in _resources(page):
            fonts |= {f.get_object()["/BaseFont"]: f.get_object() for f in resources.get("/Font", {}).values()}
            images += [x for x in resources.get("/XObject", {}).values() if x.get_object().get("/Subtype") == "/Image"]
    assert any("BeVietnamPro" in name for name in fonts)
    for name, font in fonts.items():
        described = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() if "/DescendantFonts" in font else font
        assert {"/FontFile2", "/FontFile3"} & set(described), name
        assert "/ToUnicode" in font, name
    assert images == []


def test_the_pdf_can_be_read_out() -> None:
    """PDF/UA: it says so, has a language, a title, tags, bookmarks, and an alternative text for each figure and formula."""
    reader = PdfReader(io.BytesIO(made("pdf", CRASH, lang="vi")))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "vi"
    assert root["/MarkInfo"]["/Marked"].value is True
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert str(reader.metadata.title).startswith("Nvidia giảm 13,1")
    titles = [o["/Title"] for o in reader.outline if isinstance(o, dict)]
    assert {"Sự kiện", "Câu trả lời", "Tóm tắt phương pháp", "Giới hạn", "Nguồn gốc dữ liệu", "Cách trích dẫn"} <= set(titles)
    alts = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if node.get("/S") in ("/Figure", "/Formula"):
                alts.append(str(node.get("/Alt", "")))
            if "/K" in node:
                walk(node["/K"])

    walk(root["/StructTreeRoot"])
    assert len([a for a in alts if len(a) > 30 and "Nvidia" in a]) == 5, "timeline, ordinary days, path, choices, split"
    assert "" not in alts
    links = {a.get_object()["/A"].get("/URI") for p in reader.pages for a in p.get("/Annots", []) if "/A" in a.get_object()}
    assert {s.url for s in _workspace().event(CRASH).sources if s.url} <= links


def test_the_pdf_is_a4_and_of_a_fair_length() -> None:
    """One event takes six to twelve pages, each further one fewer than ten more."""
    one, two = (PdfReader(io.BytesIO(made("pdf", *events, lang="vi"))) for events in ((CRASH,), (CRASH, R1)))
    assert {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in one.pages} == {(595, 842)}
    assert 6 <= len(one.pages) <= 12
    assert len(one.pages) < len(two.pages) < len(one.pages) + 10


# -- HTML ------------------------------------------------------------------------------------------------------------


class Parsed(HTMLParser):
    """What a page consists of."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.open: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps an element with its attributes."""
        self.tags.append((tag, dict(attrs)))
        self.open = [*self.open[-1:], tag]

    def handle_data(self, data: str) -> None:
        """Keeps what is read, styles apart."""
        if self.open[-1:] != ["style"]:
            self.said.append(data)

    @property
    def text(self) -> str:
        """All text with plain spaces."""
        return re.sub(r"\s+", " ", " ".join(self.said))


def test_the_page_runs_nothing_and_asks_for_nothing() -> None:
    """No script, no handler, no frame, nothing loaded from anywhere; the links are the sources' own and those within the page."""
    raw = made("html", CRASH, R1, LATER)
    page = Parsed(raw)
    assert not {tag for tag, _ in page.tags} & {
        "script",
        "iframe",
        "object",
        "embed",
        "link",
        "base",
        "form",
        "img",
        "image",
        "foreignobject",
    }
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        assert not [n for n in attributes if n.startswith("on")], tag
        assert not {"src", "srcset", "poster", "action", "xlink:href"} & attributes.keys(), tag
        if (href := attributes.get("href")) is not None:
            assert href[1:] in ids if href.startswith("#") else tag == "a" and href.startswith(("http://", "https://")), href
    assert [u for u in re.findall(rb"url\((.{5})", raw) if not u.startswith((b"#", b"data:"))] == []
    assert b"@import" not in raw


def test_every_figure_of_the_page_is_described() -> None:
    """Each drawing is one image with words; the document has a language, one first heading, and tables with headed columns."""
    page = Parsed(made("html", CRASH, lang="vi"))
    drawings = [a for tag, a in page.tags if tag == "svg"]
    assert len(drawings) == 5 + 9, "exhibits and formulas"
    assert all(a.get("role") == "img" and len(a.get("aria-label") or "") > 10 for a in drawings)
    assert [a["lang"] for tag, a in page.tags if tag == "html"] == ["vi"]
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert {a.get("scope") for tag, a in page.tags if tag == "th"} == {"col"}


def test_the_page_says_what_the_pdf_says() -> None:
    """One document, set twice: every heading and every cell of every table of the page can be found in the PDF."""
    page, pdf = made("html", CRASH, lang="vi").decode(), text_of(made("pdf", CRASH, lang="vi")).replace(" ", "")
    found = re.findall(r"<(?:h2|h3|th|td|dt)[^>]*>([^<]+)<", page)
    assert len(found) > 250
    words = {re.sub(r"\s", "", x).replace("&amp;", "&").replace("&lt;", "<") for x in found}
    assert [w for w in words if w not in pdf] == []


def test_figures_of_the_page_are_legible_in_the_dark() -> None:
    """Every colour of words in a figure has its counterpart on a dark ground, or is the white that stands on a token."""
    page = made("html", CRASH, lang="en").decode()
    colours = set(re.findall(r'<text[^>]* fill="([^"]+)"', page))
    assert len(colours) >= 5
    assert colours - night().keys() - {"white"} == set()


# -- texts from outside ----------------------------------------------------------------------------------------------


def test_a_hostile_title_is_only_a_title(workspace: Workspace) -> None:
    """Markup of HTML, Typst and Jinja in every text of an event is shown as it was written, in both files."""
    house = named(workspace, HOSTILE)
    asked = [view(house, "own-event", "vi")]
    page = Parsed(report.make("html", house, asked))
    assert re.sub(r"\s+", " ", HOSTILE) in page.text
    assert not {tag for tag, _ in page.tags} & {"script", "img"}
    pdf = report.make("pdf", house, asked)
    assert re.sub(r"\s", "", HOSTILE) in re.sub(r"\s", "", text_of(pdf, 1))
    assert {round(float(p.mediabox.width)) for p in PdfReader(io.BytesIO(pdf)).pages} == {595}


def test_a_letter_that_the_typeface_lacks_costs_no_report(workspace: Workspace) -> None:
    """Chinese and pictographs in a title: the PDF is made, tagged and searchable; the page has them as they are."""
    house = named(workspace, STRANGE)
    pdf = report.make("pdf", house, [view(house, "own-event")])
    assert PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/MarkInfo"]["/Marked"].value is True
    assert b"pdfuaid" not in PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Metadata"].get_data(), (
        "it does not promise what it does not keep"
    )
    assert "more than noise" in text_of(pdf, 2)
    assert STRANGE in report.make("html", house, [view(house, "own-event")]).decode()


def test_a_title_that_turns_the_direction_of_writing_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    """The catalogue's loader does not let it in, so no report can show it."""
    text = (ROOT / "data" / "events.toml").read_text(encoding="utf-8")
    title = workspace.event(CRASH).title.en
    (tmp_path / "events.toml").write_text(text.replace(title, title[:4] + "\u202e" + title[4:]), encoding="utf-8")
    with pytest.raises(DataError):
        load_events(tmp_path / "events.toml", workspace.articles)


def test_tex_is_escaped_in_the_citation(workspace: Workspace) -> None:
    """What TeX would run or count in a title is spelt out; the braces of the entry balance."""
    entry = bibtex(r"50 % of S&P_500 {a} \input{x} $1 #2 ~ ^", workspace, "http://a/?b={c}", "key")
    assert r"50 \% of S\&P\_500 \textbraceleft{}a\textbraceright{} \textbackslash{}input" in entry
    assert entry.count("{") == entry.count("}")
    assert "%7Bc%7D" in entry


# -- content ---------------------------------------------------------------------------------------------------------


def _cells(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [[c.replace("\u00a0", " ") for c in re.findall(r"<t[dh][^>]*>([^<]*)<", row)] for row in rows]


def test_the_numbers_are_those_of_the_data() -> None:
    """Closes and moves around the event by hand from the project's CSV: 142.62 to 118.42 on 27 January 2025."""
    with (ROOT / "data" / "prices" / "NVDA.csv").open(encoding="utf-8") as file:
        closes = {row["date"]: float(row["close"]) for row in csv.DictReader(file)}
    days = [d for d in closes if "2025-01-17" <= d <= "2025-02-03"]
    before = dict(zip(list(closes)[1:], closes, strict=False))
    rows = [r for r in _cells(made("html", CRASH).decode()) if len(r) == 6 and r[3] in {f"{closes[d]:.2f}" for d in days}]
    wanted = [[f"{closes[d]:.2f}", f"{100 * (closes[d] / closes[before[d]] - 1):+.2f} %".replace("-", "−")] for d in days]
    assert [r[3:5] for r in rows] == wanted
    assert ["118.42", "−16.97 %"] in wanted


def test_several_events_begin_with_a_summary() -> None:
    """Each has its line and its chapter; one without an answer says why and costs the others nothing."""
    raw = made("html", CRASH, R1, LATER).decode()
    page = Parsed(raw.encode())
    assert "3 events: 1 more than noise, 1 within noise, 1 no answer" in page.text
    chapters = [h.replace("\u00a0", " ") for h in re.findall(r"<h2 id[^>]*>([^<]*)<", raw)]
    assert chapters[1].startswith("Nvidia fell 13.1 %")
    assert "No answer for Nvidia" in chapters[3]
    summary = [r for r in _cells(raw) if len(r) == 7][1:4]
    assert [r[-1] for r in summary] == ["more than noise", "within noise", "no answer"]


def test_a_report_names_its_data(workspace: Workspace) -> None:
    """The data hash, the hash of the prices, the as-of date and the link stand in it, in all three files."""
    for said in (Parsed(made("html", CRASH, lang="vi")).text, text_of(made("pdf", CRASH, lang="vi"))):
        for fact in (workspace.data_hash, workspace.prices.provenance.sha256, "ticker=NVDA&window=0:0&lang=vi"):
            assert fact in said.replace(" ", ""), fact
    about = json.loads(_unpacked(made("zip", CRASH, lang="vi"))["manifest.json"])
    assert (about["data"], about["prices_sha256"]) == (workspace.data_hash, workspace.prices.provenance.sha256)


def test_columns_of_figures_stand_flush_right() -> None:
    """Numbers with signs, marks, units or nothing are figures; dates, windows and words are not."""
    made = table([{"a": "● 27 Jan 2025", "b": "−13.14 %", "c": "< 0.0001", "d": "[0, 0]", "e": "–", "f": "within noise", "g": "±4.6 %"}])
    assert made.right == (False, True, True, False, True, False, True)


# -- the bundle ------------------------------------------------------------------------------------------------------


def _unpacked(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
        assert packed.testzip() is None
        return {name.split("/", 1)[1]: packed.read(name) for name in packed.namelist()}


def test_the_bundle_is_what_its_manifest_says() -> None:
    """Each file is listed with its hash and size, none is missing; every exhibit is there as PNG, SVG, CSV and JSON."""
    files = _unpacked(made("zip", CRASH, lang="vi"))
    about = json.loads(files.pop("manifest.json"))
    assert {n: (f["sha256"], f["bytes"]) for n, f in about["files"].items()} == {
        n: (hashlib.sha256(data).hexdigest(), len(data)) for n, data in files.items()
    }
    marks = {"png": b"\x89PNG", "svg": b"<svg", "csv": b"", "json": b"{"}
    for name in ("timeline", "ordinary", "path", "specifications", "split"):
        for ending, mark in marks.items():
            assert files[f"{CRASH}-NVDA/{name}.{ending}"].startswith(mark)
    assert {"README.txt", "citation.txt", "citation.bib", "methods-and-limits.txt", "alt-texts.txt"} <= files.keys()
    assert files["citation.bib"].startswith(b"@misc{")
    assert files["alt-texts.txt"].decode().count(f"{CRASH}/") == 5
    assert "vượt mức nhiễu" in files["methods-and-limits.txt"].decode()


def test_no_name_in_the_bundle_leads_out_of_it() -> None:
    """Every path is relative, inside one folder, and dated by the data."""
    with zipfile.ZipFile(io.BytesIO(made("zip", CRASH, lang="vi"))) as packed:
        entries = packed.infolist()
    assert {e.filename.split("/")[0] for e in entries} == {f"aftershock-report-NVDA-{CRASH}-vi"}
    assert not [e for e in entries if ".." in e.filename or "\\" in e.filename or e.filename.startswith("/")]
    assert {dt.date(*e.date_time[:3]) for e in entries} == {_workspace().last}


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_same_report_is_the_same_bytes(tmp_path: Path) -> None:
    """Another process with other hash seeds writes exactly the PDF, the page and the bundle that this one makes."""
    code = "import sys; from aftershock.cli import main; sys.exit(max(main(a.split()) for a in sys.argv[1:]))"
    lines = [f"report --event {CRASH} --ticker NVDA --lang vi --out {tmp_path / f'r.{kind}'}" for kind in report.KINDS]
    subprocess.run(
        [sys.executable, "-c", code, *lines],
        cwd=ROOT,
        check=True,
        timeout=120,
        env=os.environ | {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"},
    )
    for kind in report.KINDS:
        assert (tmp_path / f"r.{kind}").read_bytes() == made(kind, CRASH, lang="vi"), kind


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--event", CRASH, "--out", "r.docx"], "r.docx: a report is written as one of pdf, html, zip; the ending says which."),
        (["--event", CRASH, "--out", "r.docx", "--lang", "vi"], "r.docx: báo cáo được ghi ở một trong các dạng pdf, html, zip"),
        (["--event", "nothing", "--out", "r.pdf"], "No event has the id nothing; `aftershock events list` shows them all."),
        (["--event", CRASH, "--event", "nothing", "--out", "r.pdf"], "No event has the id nothing"),
        (["--event", CRASH, "--ticker", "XXXX", "--out", "r.pdf"], "XXXX"),
        (["--event", CRASH, "--out", "nowhere/r.html"], "nowhere/r.html: No such file or directory."),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1, one line on standard error, no file."""
    monkeypatch.chdir(tmp_path)
    assert main(["report", *arguments]) == 1
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_event_asked_for_twice_is_told_once(tmp_path: Path) -> None:
    """Repeating an event does not repeat its chapter."""
    out = tmp_path / "r.html"
    assert main(["report", "--event", CRASH, "--event", CRASH, "--ticker", "NVDA", "--out", str(out)]) == 0
    assert out.read_bytes() == made("html", CRASH)
