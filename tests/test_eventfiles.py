"""Events as files: what is written is read back to exactly the same events, and no program runs what it finds there."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tomllib
import unicodedata

import icalendar
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftershock import own
from aftershock.events import UNFIT, Category, Event, Source, Text
from aftershock.sessions import new_york
from aftershock.userdata import FILES, PAGE, understand, write_events
from aftershock.workspace import Workspace

NASTY = (
    "=cmd|' /C calc'!A0", "'=1+1", "''=1+1", "+1", "-1", "@SUM(A1)", "'", "</script><script>alert(1)</script>", "a\\,b;c\\n:d", 'say "hi"',
    "\\", "\\n", "\\\\n", "a|b", "a\u200bb", "ﬁ", "Điều tra 📉", "BEGIN:VEVENT", "END:VCALENDAR", "; ,", "# no comment", "'''", '"""',
    "[[event]]", "NA", "TRUE", "1E5", "%0a", "{{7*7}}", "null", "00:00", "x" * 200,
)  # fmt: skip


def lines(longest: int) -> st.SearchStrategy[str]:
    """Text as an event may hold it: one line, composed, stripped, with something to be seen."""
    free = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=longest)
    vietnamese = st.text("aăâđeêioôơuưyạảãắằậếềợữỹ ,.;|'\"=+-@\\", min_size=1, max_size=longest)
    said = st.one_of(st.sampled_from(NASTY), free, vietnamese).map(lambda t: unicodedata.normalize("NFC", t).strip()[:longest].strip())
    return said.filter(_fits)


def _fits(text: str) -> bool:
    turning = any(unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI") for c in text)
    seen = any(unicodedata.category(c) not in ("Cf", "Zs", "Mn", "Me") for c in text)
    return seen and not turning and not UNFIT.search(text) and unicodedata.is_normalized("NFC", text)


def texts(longest: int) -> st.SearchStrategy[Text]:
    """The same text in both languages, or two."""
    line = lines(longest)
    return st.one_of(line.map(lambda t: Text(t, t)), st.builds(Text, line, line))


SOURCES = st.builds(
    Source,
    publisher=lines(60),
    date=st.sampled_from([None, "2025", "2025-02", "2025-02-28"]),
    url=st.sampled_from([None, "https://example.org/a?b=c,d;e&f='g", "http://báo.vn/tin#1"]),
    where=st.one_of(st.none(), lines(60)),
)
TICKERS = st.sampled_from(["NVDA", "NA", "TRUE", "1E5", "005930", "005930.KS", "^IXIC", "BRK-B", "EURUSD=X"])
DAYS = st.dates(dt.date(2004, 1, 2), dt.date(2027, 12, 28))
TIMES = st.builds(dt.time, st.integers(0, 23), st.integers(0, 59), st.sampled_from([0, 0, 7]))


@st.composite
def events(draw: st.DrawFn) -> Event:
    """An event as the store keeps it: held to the same rules."""
    event = own.make(
        f"own-{draw(st.integers(0, 10**9))}", draw(DAYS), draw(texts(200)), time=draw(st.one_of(st.none(), TIMES)),
        summary=draw(texts(300)), category=draw(st.sampled_from(list(Category))), importance=draw(st.integers(1, 3)),
        tickers=tuple(draw(st.lists(TICKERS, unique=True, max_size=9))), sources=tuple(draw(st.lists(SOURCES, max_size=3))),
        note=draw(st.one_of(st.none(), texts(100))), articles=tuple(draw(st.sampled_from([(), ("a-b",), ("a", "b-2025")]))),
    )  # fmt: skip
    return own.checked(event, new_york())


@pytest.mark.parametrize(("code", "lang"), [*((code, "en") for code in FILES), ("ics", "vi")])
@settings(max_examples=25)
@given(st.lists(events(), min_size=1, max_size=5, unique_by=lambda e: e.id))
def test_what_is_written_is_read_back_to_the_same_events(code: str, lang: str, given_: list[Event]) -> None:
    """Every field, both languages, all categories, times, sources and notes; texts that would be code, markup or another column."""
    found = understand(FILES[code].download(given_, lang), f"mine.{code}", limits=PAGE)
    assert [a.event for a in found.accepted] == given_
    assert (found.rejected, found.repeated, found.questions) == ((), (), ())
    assert understand(write_events(given_, code, lang), f"mine.{code}", known=given_).fresh(repeated=True) == ()


@pytest.mark.parametrize("code", list(FILES))
def test_the_catalogue_s_files_are_known_when_they_come_back(code: str, workspace: Workspace) -> None:
    """All of the catalogue, through every format: equal, and nothing to add."""
    found = understand(write_events(workspace.catalogue, code), f"all.{code}", known=workspace.catalogue)
    assert [a.event for a in found.accepted] == list(workspace.catalogue)
    assert found.fresh(repeated=True) == ()


def hostile() -> list[Event]:
    """An event for each nasty title."""
    return [own.make(f"own-{i}", dt.date(2025, 1, 27), Text(t, t)) for i, t in enumerate(NASTY)]


def test_no_cell_is_a_formula() -> None:
    """A spreadsheet finds text only: no cell of the CSV begins with what would be run."""
    rows = list(csv.reader(io.StringIO(write_events(hostile(), "csv").decode())))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    sheet = openpyxl.Workbook().active
    for row in rows:
        sheet.append(row)
    assert not [cell.value for row in sheet for cell in row if cell.data_type == "f"]


def test_other_programs_read_the_same_texts() -> None:
    """tomllib, json and icalendar find every title; the CSV has one row per event."""
    given_ = hostile()
    titles = [e.title.en for e in given_]
    assert [e["title"]["en"] for e in tomllib.loads(write_events(given_, "toml").decode())["event"]] == titles
    assert [e["title"]["en"] for e in json.loads(write_events(given_, "json"))["events"]] == titles
    calendar = icalendar.Calendar.from_ical(write_events(given_, "ics"))
    assert [str(e["SUMMARY"]) for e in calendar.walk("VEVENT")] == titles
    assert len(list(csv.DictReader(io.StringIO(write_events(given_, "csv").decode())))) == len(titles)


def test_a_calendar_that_was_edited_elsewhere_keeps_the_edit() -> None:
    """A calendar program that changes the title or moves the day is believed."""
    (event,) = (own.make("own-1", dt.date(2025, 1, 27), Text("Crash", "Lao dốc"), tickers=("NVDA",)),)
    edited = write_events([event], "ics").replace(b":Crash", b":Crash of AI").replace(b"DATE:20250127", b"DATE:20250128")
    (read,) = understand(edited, "mine.ics").accepted
    assert (read.event.title, read.event.tickers) == (Text("Crash of AI", "Lao dốc"), ("NVDA",))
    assert str(read.event.date) == "2025-01-28"
