"""A reader's own files of events as understood: every expectation is written by hand or comes from another program's encoder."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import unicodedata
from pathlib import Path

import pytest

from aftershock.cli import main
from aftershock.errors import DataError
from aftershock.events import Category, Timing
from aftershock.text import LANGUAGES, words
from aftershock.userdata import PAGE, Import, Limits, Order, understand
from aftershock.workspace import Workspace

TITLE = "DeepSeek làm chao đảo Phố Wall, cổ phiếu Nvidia giảm 17 %"


def read(text: str | bytes, file: str = "mine.csv", **options: object) -> Import:
    """The file as understood; every row is somewhere, whatever it holds."""
    found = understand(text, file, **options)  # type: ignore[arg-type]
    assert len(found.accepted) + len(found.rejected) + len(found.repeated) == found.rows
    for lang in LANGUAGES:
        assert all(thing.in_words(words(lang)) for thing in (*found.rejected, *found.questions, *found.notes))
    return found


def the_date(cell: str, order: Order | None = None) -> str:
    """A single cell of a date column as understood: the day and time, or the code of the refusal."""
    found = read(f"date\ttitle\n{cell}\tx\n", "paste", order=order)
    if found.accepted:
        event = found.accepted[0].event
        return f"{event.date}" + (f" {event.time:%H:%M}" if event.time else "")
    return found.rejected[0].code


def windows_1258(text: str) -> bytes:
    """Text as Vietnamese Windows writes it: letters that the code has, then the tone as a mark of its own."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    out = []
    for letter in unicodedata.normalize("NFC", text):
        try:
            out.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones))
            out.append((base + "".join(c for c in parts if c in tones)).encode("cp1258"))
    return b"".join(out)


# -- encodings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        lambda t: t.encode(),
        lambda t: t.encode("utf-8-sig"),
        lambda t: t.encode("utf-16"),
        lambda t: b"\xfe\xff" + t.encode("utf-16-be"),
        lambda t: t.encode("utf-16-le"),
        lambda t: t.encode("utf-16-be"),
        windows_1258,
        lambda t: unicodedata.normalize("NFD", t).encode(),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16", "utf-16-be-bom", "utf-16-le bare", "utf-16-be bare", "windows-1258", "decomposed"],
)
def test_vietnamese_is_read_in_every_encoding_that_programs_write(written) -> None:  # type: ignore[no-untyped-def]
    """The same event from each, in composed letters, with Vietnamese headers."""
    (row,) = read(written(f'ngày,tiêu đề,mã\n2025-01-27,"{TITLE}",NVDA\n')).accepted
    assert (row.event.title.vi, row.event.tickers, row.event.date) == (TITLE, ("NVDA",), dt.date(2025, 1, 27))


def test_western_letters_are_read_where_they_cannot_be_vietnamese() -> None:
    """Italian accents after consonants, German and French letters that both codes share."""
    for title in ("Perché così? Andò più giù", "Müller über Aktien", "Café – “naïve” coût"):
        (row,) = read(f"date;title\n2025-01-27;{title}\n".encode("cp1252")).accepted
        assert row.event.title.en == title


def test_an_encoding_that_evidence_cannot_tell_is_asked_about() -> None:
    """'São' and 'Săo' are the same bytes; the answer decides, and nothing is taken meanwhile."""
    raw = "date,title\n2025-01-27,São Paulo não cai\n".encode("cp1252")
    asked = read(raw)
    assert (asked.rows, asked.questions[0].code, asked.questions[0].choices) == (0, "ambiguous-encoding", ("windows-1258", "windows-1252"))
    assert read(raw, encoding="windows-1252").accepted[0].event.title.en == "São Paulo não cai"
    assert read(raw, encoding="windows-1258").accepted[0].event.title.en == "Săo Paulo năo cai"


@pytest.mark.parametrize(
    ("text", "code"), [("日期,标题\n2025-01-27,中文新闻标题很长\n", "gbk"), ("дата,имя\n2025-01-27,Новости\n", "cp1251")]
)
def test_encodings_that_we_do_not_know_are_refused(text: str, code: str) -> None:
    """Chinese and Russian codes are not read as if they were western letters."""
    with pytest.raises(DataError, match="UTF-8"):
        read(text.encode(code))


# -- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("2025-01-27", "2025-01-27"),
        ("2025/1/7", "2025-01-07"),
        ("20250127", "2025-01-27"),
        ("27/01/2025", "2025-01-27"),
        ("27.1.2025", "2025-01-27"),
        ("01/27/2025", "2025-01-27"),
        ("05/05/2025", "2025-05-05"),
        ("27 Jan 2025", "2025-01-27"),
        ("27-Jan-2025", "2025-01-27"),
        ("January 27th, 2025", "2025-01-27"),
        ("Mon, 27 January 2025", "2025-01-27"),
        ("27 tháng 1 năm 2025", "2025-01-27"),
        ("Ngày 27 tháng 1, 2025", "2025-01-27"),
        ("Thứ Hai, 27/1/2025", "2025-01-27"),
        ("2025-01-27 09:45", "2025-01-27 09:45"),
        ("27/1/2025 9h45", "2025-01-27 09:45"),
        ("2025-01-27 4:30 PM", "2025-01-27 16:30"),
        ("2025-01-27T00:00:00", "2025-01-27"),
        # time stamps are put on New York's clock before the date is taken: EST is UTC-5, EDT UTC-4, Hanoi UTC+7
        ("2025-01-28T02:00:00+07:00", "2025-01-27 14:00"),
        ("2025-01-28T00:00:00Z", "2025-01-27 19:00"),
        ("2025-07-28T03:59:00Z", "2025-07-27 23:59"),
        ("Mon, 27 Jan 2025 21:30:00 GMT", "2025-01-27 16:30"),
        ("20250127T213000Z", "2025-01-27 16:30"),
        # a spreadsheet's serials: Excel shows 45684 as 27 January 2025
        ("45684", "2025-01-27"),
        ("45684.5", "2025-01-27 12:00"),
        ("45684,40625", "2025-01-27 09:45"),
        ("31/02/2025", "invalid-date"),
        ("2025-02-29", "invalid-date"),
        ("2025-13-01", "invalid-date"),
        ("27/13/2025", "invalid-date"),
        ("Tue, 27 Jan 2025", "invalid-date"),
        ("yesterday", "invalid-date"),
        ("27/1/25", "two-digit-year"),
        ("27-Jan-25", "two-digit-year"),
        ("1/2025", "no-day"),
        ("2025", "no-day"),
        ("tháng 12.2024", "no-day"),
        ("27/1", "no-year"),
        ("1738000000", "number"),
        ("1850-01-01", "date-range"),
        ("2025-01-27 25:00", "invalid-time"),
        ("03/04/2025", "ambiguous-dates"),
    ],
)
def test_a_date_is_understood_or_refused(cell: str, meant: str) -> None:
    """What people and programs write, and what they should not have written."""
    assert the_date(cell) == meant


def test_day_or_month_first_is_decided_once_for_a_file() -> None:
    """A number above 12 anywhere decides all rows; without one it is asked, and the answer decides; contradictions are asked too."""

    def dates(*cells: str, order: Order | None = None) -> list[str]:
        text = "date,title\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells))
        return [str(a.event.date) for a in read(text, order=order).accepted]

    assert dates("03/04/2025", "27/01/2025") == ["2025-04-03", "2025-01-27"]
    assert dates("03/04/2025", "01/27/2025") == ["2025-03-04", "2025-01-27"]
    assert dates("03/04/2025", "2025-01-27", "05/05/2025") == ["2025-01-27", "2025-05-05"]
    assert dates("03/04/2025", order=Order.DMY) == ["2025-04-03"]
    assert dates("03/04/2025", order=Order.MDY) == ["2025-03-04"]
    assert dates("27/01/2025", "01/27/2025") == []
    assert dates("27/01/2025", "01/27/2025", order=Order.DMY) == ["2025-01-27"]
    asked = read("date,title\n03/04/2025,x\n").questions[0]
    assert (asked.code, asked.choices) == ("ambiguous-dates", ("dmy", "mdy"))


def test_serials_count_only_where_the_whole_column_is_made_of_them() -> None:
    """One number among dates is refused; which year they count from is said, and 1904 can be told."""
    mixed = read("date,title\n45684,a\n2025-01-27,b\n")
    assert [(r.row, r.code) for r in mixed.rejected] == [(2, "number")]
    whole = read("date,title\n45684,a\n45685,b\n")
    assert "1900" in " ".join(n.in_words(words("en")) for n in whole.notes)
    assert the_date("44222", Order.SINCE_1904) == "2025-01-27"  # 1,462 days less


def test_a_time_of_its_own_column_gives_the_timing() -> None:
    """Before the open, during, after the close, on a day that is closed; a zone in the time is honoured."""
    text = "date,time,title\n2025-01-27,09:29,a\n2025-01-27,9:30,b\n2025-01-27,4:00 pm,c\n2025-01-20,10:00,d\n2025-01-28,02:00+07:00,e\n"
    rows = read(text).accepted
    assert [r.event.timing for r in rows] == [Timing.BEFORE_OPEN, Timing.DURING, Timing.AFTER_CLOSE, Timing.MARKET_CLOSED, Timing.DURING]
    assert str(rows[4].event.date) == "2025-01-27"


# -- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "date,title,ticker\n2025-01-27,A title,NVDA\n",
        "Ngày đăng;TIÊU ĐỀ;Mã cổ phiếu\n27/01/2025;A title;NVDA\n",
        "ngay dang\ttieu de\tma chung khoan\n27/01/2025\tA title\tNVDA\n",
        "| Date | Headline | Symbol |\n|:--|---|--:|\n| 2025-01-27 | A title | NVDA |\n",
        "Date | Title | Ticker\n2025-01-27 | A title | NVDA",
        "2025-01-27\tA title\tNVDA",
        "sep=;\r\ndate;title;ticker\r\n2025-01-27;A title;NVDA\r\n",
        "NVDA,2025-01-27,A title",
        "\r\n".join(("date,title,ticker", "2025-01-27,A title,NVDA", "")),
        'date,title,ticker\n2025-01-27,"A\ntitle",NVDA\n',
    ],
)
def test_the_way_a_table_is_written_or_pasted_does_not_matter(text: str) -> None:
    """Separators, Markdown, no header, quoted line breaks, both languages' headers with or without accents."""
    (row,) = read(text, "paste").accepted
    assert (str(row.event.date), row.event.title.en, row.event.tickers) == ("2025-01-27", "A title", ("NVDA",))


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    """The header is row 1, an empty row counts, a line break inside quotes does not."""
    found = read('date,title\n2025-01-27,"two\nlines"\n\n31/02/2025,bad\n2025-01-28,good\n')
    assert [a.row for a in found.accepted] == [2, 5]
    assert [(r.row, r.field) for r in found.rejected] == [(4, "date")]


def test_columns_that_nobody_reads_are_named() -> None:
    """An unknown column, and the second of two for one field; a row with more cells than the header is refused by itself."""
    found = read("date,title,mood,headline\n2025-01-27,a,b,c\n2025-01-28,a,b,c,d\n")
    assert "mood, headline" in " ".join(n.in_words(words("en")) for n in found.notes)
    assert [(r.row, r.code) for r in found.rejected] == [(3, "cells")]


@pytest.mark.parametrize(
    ("cell", "symbols"),
    [
        ("NA", ("NA",)), ("TRUE", ("TRUE",)), ("1E5", ("1E5",)), ("005930", ("005930",)), ("005930.KS", ("005930.KS",)),
        ("-", ()), ("N/A", ()), ("n/a", ()), ("–", ()), ("", ()), ("nvda", ("NVDA",)), ("$NVDA", ("NVDA",)), ("^IXIC", ("^IXIC",)),
        ("NVDA; AMD / TSM".replace(" / ", ","), ("NVDA", "AMD", "TSM")), ("NVDA NVDA", ("NVDA",)), ("BRK-B", ("BRK-B",)),
    ],
)  # fmt: skip
def test_tickers_stay_text(cell: str, symbols: tuple[str, ...]) -> None:
    """What a spreadsheet or pandas would turn into a number, a truth value or a gap."""
    (row,) = read(f"date\ttitle\ttickers\n2025-01-27\tx\t{cell}\n").accepted
    assert row.event.tickers == symbols


@pytest.mark.parametrize(
    ("columns", "cells", "field", "said"),
    [
        ("ticker", "5,93E+03", "tickers", "ticker symbols"),
        ("ticker", " ".join("ABCDEFGHIJKLM"), "tickers", "at most 12 tickers"),
        ("title", "x" * 201, "title", "at most 200 letters"),
        ("title", "", "title", "a title"),
        ("title", "\u200b", "title", "a line of text"),
        ("title", "a\u202ecod.exe", "title", "direction"),
        ("title", "a\x07b", "title", "without control characters"),
        ("link", "javascript:alert(1)", "link", "http or https"),
        ("link", "ftp://host/file", "link", "http or https"),
        ("time", "25:00", "time", "16:30"),
        ("category", "gossip", "category", "one of model-release"),
        ("importance", "4", "importance", "1, 2 or 3"),
        ("timing", "market-closed", "timing", "trading day"),
        ("precision", "minute", "time", "precision"),
        ("date", "1999-12-31", "date", "from 2"),
        ("more_sources", "Reuters", "more_sources", "fields"),
    ],
)
def test_a_refusal_names_row_and_field_and_what_would_be_right(columns: str, cells: str, field: str, said: str) -> None:
    """One sentence in each language; the rows around it are accepted."""
    given = {"date": "2025-01-28", "title": "middle"} | {columns: cells}
    head = list(given)
    lines = [head, ["2025-01-27", "before"], list(given.values()), ["2025-01-29", "after"]]
    found = read("\n".join("\t".join(line) for line in lines), "mine.tsv")
    assert [a.row for a in found.accepted] == [2, 4]
    (refused,) = found.rejected
    assert (refused.row, refused.field) == (3, field)
    assert said in refused.in_words(words("en"))
    assert "dòng 3" in refused.in_words(words("vi"))


def test_a_title_in_both_languages_and_labels_of_categories() -> None:
    """title_en and title_vi go where they say, one alone stands for both; categories by code or by label, in either language."""
    head = "date,title_en,title_vi,category\n"
    rows = read(
        head + "2025-01-27,Crash,Lao dốc,Phản ứng thị trường\n2025-01-28,Only,,EXPORT_CONTROL\n2025-01-29,,Chỉ,trade policy\n"
    ).accepted
    assert [(r.event.title.en, r.event.title.vi) for r in rows] == [("Crash", "Lao dốc"), ("Only", "Only"), ("Chỉ", "Chỉ")]
    assert [r.event.category for r in rows] == [Category.MARKET_REACTION, Category.EXPORT_CONTROL, Category.TRADE_POLICY]


def test_a_missing_title_is_refused_where_the_file_has_titles() -> None:
    """Also where the whole column is empty; a file without such a column calls its events by their ids or tickers, and says so."""
    empty = read("date,title,ticker\n2025-01-27,,NVDA\n2025-01-28,,AMD\n")
    assert [(r.row, r.field, r.code) for r in empty.rejected] == [(2, "title", "no-title"), (3, "title", "no-title")]
    none = read("date,ticker\n2025-01-27,NVDA\n2025-01-28,\n")
    assert [a.event.title.en for a in none.accepted] == ["NVDA"]
    assert [r.row for r in none.rejected] == [3]
    assert any(note.code == "userdata.untitled" for note in none.notes)


# -- repetitions and what is there already ---------------------------------------------------------------------------

TWICE = "date,title,ticker\n2025-01-27,Crash,NVDA\n2025-01-28,Other,NVDA\n27/01/2025,crash ,nvda\n2025-01-27,Crash,AMD\n"


def test_rows_that_say_the_same_are_offered_for_removal() -> None:
    """However they are written; the first counts, and who wants the others gets them under ids of their own."""
    found = read(TWICE)
    assert found.duplicates == ((2, 4),)
    assert len(found.fresh()) == 3
    assert len({e.id for e in found.fresh(repeated=True)}) == 4


@pytest.mark.parametrize("repeated", [False, True])
def test_importing_again_adds_nothing(repeated: bool) -> None:
    """The same file, and the same rows in another order and another format, are all known."""
    kept = read(TWICE).fresh(repeated=repeated)
    assert read(TWICE, known=kept).fresh() == ()
    assert read(TWICE, known=kept).fresh(repeated=True) == ()
    shuffled = "Ngày;Mã;Tiêu đề\n2025-01-27;AMD;Crash\n2025-01-28;NVDA;Other\n2025-01-27;NVDA;CRASH\n"
    assert read(shuffled, known=kept).fresh() == ()


def test_ids_follow_from_content_and_foreign_ids_do_not_count() -> None:
    """Two files that number their rows 1 and 2 do not collide; the same row has the same id in every file."""
    one, two = (read(f"id,date,title\n1,2025-01-27,{t}\n").accepted[0].event for t in ("Một", "Hai"))
    again = read("title;date\nMột;27/01/2025\n").accepted[0].event
    assert one.id != two.id
    assert one.id == again.id
    assert one.id.startswith("own-2025-01-27-mot-")


# -- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,title\n" + "2025-01-27,x\n" * 5001, "at most 5,000 rows"),
        ("date,title\n2025-01-27," + "x" * (2 << 20), "at most 2 MB"),
        (",".join(f"c{i}" for i in range(65)) + "\n", "at most 64 columns"),
        ("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * 5001 + "END:VCALENDAR\n", "at most 5,000 rows"),
    ],
)
def test_what_is_over_a_limit_is_refused_at_once(text: str, said: str) -> None:
    """One sentence with the limit; nothing is taken."""
    with pytest.raises(DataError, match=said) as refused:
        read(text, "mine.ics" if text.startswith("BEGIN") else "mine.csv", limits=PAGE)
    assert refused.value.sentence("vi").endswith(".")


def test_as_many_rows_as_the_limit_allows_are_taken() -> None:
    """The header is not counted among them, and progress is reported to the end."""
    told: list[tuple[int, int]] = []
    text = "date,title\n" + "".join(f"2025-01-27,event {i}\n" for i in range(1000))
    found = read(text, limits=Limits(rows=1000), progress=lambda done, of: told.append((done, of)))
    assert (len(found.accepted), told[-1]) == (1000, (1000, 1000))


@pytest.mark.parametrize(
    "raw",
    [b"", b"   \n\n", b"\x00\x00\x00", b'date,title\n2025-01-27,"never closed\n', b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", b"when,what\na,b\n"],
)
def test_what_is_no_file_of_events_is_refused_in_one_sentence(raw: bytes) -> None:
    """Empty, zeros, an open quote, half a calendar, no dates."""
    for name in ("x.csv", "x.ics", "x.toml", "x.json"):
        with pytest.raises(DataError) as refused:
            read(raw, name)
        assert all(refused.value.sentence(lang).endswith(".") for lang in LANGUAGES)


# -- calendars -------------------------------------------------------------------------------------------------------

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//someone//else//EN
BEGIN:VEVENT
UID:1@calendar
DTSTART;VALUE=DATE:20250127
SUMMARY:Nvidia\\, falling
 \x20 hard
URL:https://example.org/a
CATEGORIES:EARNINGS
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Asia/Ho_Chi_Minh:20250128T020000
SUMMARY:Hà Nội
END:VEVENT
BEGIN:VEVENT
DTSTART:20250128T000000Z
SUMMARY:Zulu
RRULE:FREQ=DAILY;COUNT=99999999
END:VEVENT
BEGIN:VEVENT
DTSTART:20250127T094500
SUMMARY:Floating
END:VEVENT
BEGIN:VEVENT
DTSTART:20250231
SUMMARY:Never
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Mars/Olympus:20250127T094500
SUMMARY:Mars
END:VEVENT
BEGIN:VEVENT
SUMMARY:Some day
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_is_read_with_its_zones() -> None:
    """Days, zones, UTC and floating times; a day that is not there, an unknown zone and no day at all are refused by number."""
    found = read(ICS.replace("\n", "\r\n").encode(), "mine.ics")
    assert [(a.row, str(a.event.date), a.event.time and f"{a.event.time:%H:%M}") for a in found.accepted] == [
        (1, "2025-01-27", None), (2, "2025-01-27", "14:00"), (3, "2025-01-27", "19:00"), (4, "2025-01-27", "09:45"),
    ]  # fmt: skip
    first = found.accepted[0].event
    assert (first.title.en, first.category, first.sources[0].url) == ("Nvidia, falling  hard", Category.EARNINGS, "https://example.org/a")
    assert [(r.row, r.field) for r in found.rejected] == [(5, "date"), (6, "date"), (7, "date")]
    said = " ".join(n.in_words(words("en")) for n in found.notes)
    assert "repeats" in said
    assert "no time zone" in said


# -- the command line ------------------------------------------------------------------------------------------------


def test_events_check_answers_as_the_contract_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """accepted, rejected, questions and duplicates with their fields; exit 1 when anything was refused or asked."""
    file = tmp_path / "mine.csv"
    file.write_text("date,title,ticker\n2025-01-27,Crash,NVDA\n2025-02-31,Never,\n2025-01-27,Crash,NVDA\n", encoding="utf-8")
    assert main(["events", "check", str(file), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {"row": 2, "date": "2025-01-27", "tickers": ["NVDA"], "title": "Crash"}.items() <= found["accepted"][0].items()
    assert {"row": 3, "field": "date", "code": "invalid-date"}.items() <= found["rejected"][0].items()
    assert found["rejected"][0]["message"].endswith(".")
    assert (found["questions"], found["duplicates"]) == ([], [{"rows": [2, 4]}])
    file.write_text("date,title\n2025-01-27,=1+1\n", encoding="utf-8")
    assert main(["events", "check", str(file), "--format", "csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["status"], row["title"]) == ("accepted", "'=1+1")


def test_events_check_asks_and_takes_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """03/04/2025 alone: asked, exit 1; with --dates dmy: 3 April, exit 0. Both languages."""
    file = tmp_path / "mine.csv"
    file.write_text("date,title\n03/04/2025,x\n", encoding="utf-8")
    for lang in LANGUAGES:
        assert main(["events", "check", str(file), "--lang", lang]) == 1
        assert "03/04/2025" in capsys.readouterr().out
    assert main(["events", "check", str(file), "--dates", "dmy", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["accepted"][0]["date"] == "2025-04-03"
    assert main(["events", "check", str(tmp_path / "none.csv")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_catalogue_is_known_to_itself(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """The project's own file: every event accepted as it is and known, nothing to add."""
    from aftershock.workspace import DATA

    found = read((DATA / "events.toml").read_bytes(), "events.toml", known=workspace.catalogue)
    assert sorted((a.event for a in found.accepted), key=lambda e: (e.date, e.id)) == list(workspace.catalogue)
    assert found.fresh(repeated=True) == ()
