"""The catalogue against the facts; damage to a record is a sentence with file, record and field; what a filter lets pass."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path

import pytest

from aftershock import events
from aftershock.errors import DataError, Phrase
from aftershock.events import Category, Event, Precision, Timing, Verification, load_articles, load_events, select
from aftershock.text import LANGUAGES, words
from aftershock.workspace import Workspace
from tests.conftest import ROOT, answers

FACTS = answers("events")["events"]

# -- the catalogue ---------------------------------------------------------------------------------------------------


def test_the_catalogue_has_every_event_of_the_facts_and_no_other(workspace: Workspace) -> None:
    """128 events, each id once, sorted by date."""
    ids = [e.id for e in workspace.events]
    assert len(ids) == 128
    assert sorted(ids) == sorted(FACTS)
    assert [e.date for e in workspace.events] == sorted(e.date for e in workspace.events)


@pytest.mark.parametrize("field", ["date", "time", "timing", "category", "verification", "tickers", "articles", "urls"])
def test_the_catalogue_says_what_the_facts_say(field: str, workspace: Workspace) -> None:
    """Date, hour, category, verification, tickers, articles and the address of every source, event by event."""
    found = {
        e.id: {
            "date": e.date.isoformat(),
            "time": e.time.strftime("%H:%M") if e.time else None,
            "timing": str(e.timing),
            "category": str(e.category),
            "verification": str(e.verification),
            "tickers": list(e.tickers),
            "articles": list(e.articles),
            "urls": [s.url for s in e.sources if s.url],
        }[field]
        for e in workspace.events
    }
    assert {i: (found[i], FACTS[i][field]) for i in FACTS if found[i] != FACTS[i][field]} == {}


def test_every_event_speaks_both_languages(workspace: Workspace) -> None:
    """Title and summary differ between the languages, and are composed characters (NFC), so that searching finds them."""
    for event in workspace.events:
        for text in (event.title, event.summary):
            assert text.in_("en") == text.en
            assert text.in_("vi") == text.vi
            assert text.en != text.vi, event.id
            assert unicodedata.is_normalized("NFC", text.vi), event.id


def test_what_we_remember_is_not_called_verified(workspace: Workspace) -> None:
    """An event with two or more pages names a source; an event from memory is never called verified."""
    for event in workspace.events:
        if event.verification is Verification.TWO_OR_MORE:
            assert event.sources, event.id
        assert (FACTS[event.id]["verification"] == "from-memory") == (event.verification is Verification.FROM_MEMORY), event.id


def test_a_known_minute_is_a_moment_in_universal_time(workspace: Workspace) -> None:
    """10:57 in New York on 10 October 2025 (daylight saving, UTC-4) is 14:57 UTC; without a minute there is no moment."""
    minute = workspace.event("tariff-threat-2025-10-10")
    assert minute.precision is Precision.MINUTE
    assert minute.announced_at == dt.datetime(2025, 10, 10, 14, 57, tzinfo=dt.UTC)
    assert workspace.event("deepseek-crash-2025-01-27").announced_at is None


def test_the_two_articles_are_cited(workspace: Workspace) -> None:
    """Publisher, date and language; nothing of their text."""
    cited = {a.id: (a.published, a.language) for a in workspace.articles}
    assert cited == {"son-van-2025-02-01": (dt.date(2025, 2, 1), "vi"), "nha-dau-tu-2025-02-08": (dt.date(2025, 2, 8), "vi")}


# -- damage ----------------------------------------------------------------------------------------------------------

GOOD = {
    "id": '"one-event"',
    "date": "2025-01-27",
    "timing": '"during"',
    "precision": '"day"',
    "category": '"earnings"',
    "importance": "2",
    "tickers": '["NVDA"]',
    "articles": '["an-article"]',
    "verification": '"verified-1"',
    "title": '{ en = "A title", vi = "Một tiêu đề" }',
    "summary": '{ en = "A summary", vi = "Một tóm tắt" }',
    "sources": '[{ publisher = "P", date = "2025-01", url = "https://example.org/a" }]',
}
ARTICLE = {"id": '"an-article"', "publisher": '"P"', "published": "2025-02-01", "language": '"vi"'}


def toml(table: str, *records: dict[str, str]) -> str:
    """Records as TOML text, values given as TOML."""
    return "\n".join(f"[[{table}]]\n" + "".join(f"{k} = {v}\n" for k, v in record.items()) for record in records)


def load(folder: Path, *records: dict[str, str], text: str | bytes | None = None) -> tuple[Event, ...]:
    """The events of a catalogue that holds these records."""
    (folder / "articles.toml").write_text(toml("article", ARTICLE), encoding="utf-8")
    content = toml("event", *records) if text is None else text
    (folder / "events.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_events(folder / "events.toml", load_articles(folder / "articles.toml"))


def without(field: str) -> dict[str, str]:
    """The good record without one field."""
    return {k: v for k, v in GOOD.items() if k != field}


def test_the_good_record_loads(tmp_path: Path) -> None:
    """The record that the damage below starts from is in order."""
    (event,) = load(tmp_path, GOOD)
    assert (event.id, event.timing, event.importance, event.tickers, event.articles) == (
        "one-event",
        Timing.DURING,
        2,
        ("NVDA",),
        ("an-article",),
    )
    assert event.sources[0].url == "https://example.org/a"
    assert event.note is None
    assert event.title.vi == "Một tiêu đề"


def complaint(error: DataError, *parts: str) -> None:
    """The English sentence holds these parts; in both languages it is one line, and every phrase in it is of its language."""
    for part in parts:
        assert part in error.sentence("en"), (part, error.sentence("en"))
    for lang in LANGUAGES:
        sentence = error.sentence(lang)
        assert "\n" not in sentence
        for fact in error.facts.values():
            said = fact.in_words(words(lang)) if isinstance(fact, Phrase) else str(fact)
            assert said in sentence
            sentence = sentence.replace(said, "", 1)
        assert not set("{}") & set(sentence)
    assert error.sentence("en") != error.sentence("vi")
    assert str(error) == error.sentence("en")


@pytest.mark.parametrize("field", [f for f in GOOD if f not in ("tickers", "articles", "sources")])
def test_a_missing_field_is_named(field: str, tmp_path: Path) -> None:
    """Each required field that is not there: file, record and field."""
    with pytest.raises(DataError) as caught:
        load(tmp_path, without(field))
    complaint(caught.value, "events.toml", "1", field)


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("id", "7", "lower-case"),
        ("id", '"Upper-Case"', "lower-case"),
        ("id", '"two words"', "lower-case"),
        ("id", '"-x"', "lower-case"),
        ("id", '"x--y"', "lower-case"),
        ("id", '""', "lower-case"),
        ("id", '"../secret"', "lower-case"),
        ("id", '"tệp"', "lower-case"),
        ("date", '"2025-01-27"', "a date such as 2025-01-27"),
        ("date", "2025-01-27T10:00:00", "a date such as 2025-01-27"),
        ("date", "27", "a date such as 2025-01-27"),
        ("timing", '"noon"', "before-open"),
        ("timing", "1", "before-open"),
        ("precision", '"hour"', "minute"),
        ("category", '"gossip"', "model-release"),
        ("category", '["earnings"]', "model-release"),
        ("verification", '"sure"', "verified-2+"),
        ("importance", "0", "1, 2 or 3"),
        ("importance", "4", "1, 2 or 3"),
        ("importance", "2.0", "1, 2 or 3"),
        ("importance", "true", "1, 2 or 3"),
        ("importance", '"2"', "1, 2 or 3"),
        ("tickers", '"NVDA"', "ticker"),
        ("tickers", '["nvda"]', "ticker"),
        ("tickers", '["NVDA", "NVDA"]', "none twice"),
        ("tickers", '["=cmd"]', "ticker"),
        ("tickers", "[1]", "ticker"),
        ("articles", '["another-article"]', "another-article"),
        ("articles", '"an-article"', "articles.toml"),
        ("title", '"A title"', "both languages"),
        ("title", '{ en = "A" }', "text"),
        ("title", '{ en = "", vi = "B" }', "text"),
        ("title", '{ en = "   ", vi = "B" }', "text"),
        ("title", '{ en = "A\\u0000", vi = "B" }', "text"),
        ("title", '{ en = "A\\nB", vi = "B" }', "text"),
        ("title", '{ en = "A\\u001b[31m", vi = "B" }', "text"),
        ("title", '{ en = "A\\u0085B", vi = "B" }', "text"),
        ("summary", '{ en = "A\\tB", vi = "B" }', "text"),
        ("time", "13:18:00", "minute"),
        ("time", '"13:18"', "New York time"),
        ("note", '"n"', "both languages"),
        ("single_origin", "1", "a line of text"),
        ("origin_timezone", '"Mars/Olympus"', "time zone"),
        ("origin_date", '"2025-01-27"', "a date"),
        ("sources", '"P"', "list of sources"),
        ("importence", "2", "importance"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(field: str, value: str, wanted: str, tmp_path: Path) -> None:
    """Wrong types, unknown codes, bad ids, control characters, unknown articles and misspelt fields."""
    with pytest.raises(DataError) as caught:
        load(tmp_path, GOOD | {field: value})
    complaint(caught.value, "events.toml", "one-event" if field != "id" else "1", field, wanted)


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ('{ url = "https://example.org" }', "publisher"),
        ('{ publisher = "P", url = "ftp://example.org" }', "url"),
        ('{ publisher = "P", url = "javascript:alert(1)" }', "url"),
        ('{ publisher = "P", url = "https://" }', "url"),
        ('{ publisher = "P", url = "https://a b" }', "url"),
        ('{ publisher = "P", url = "https://a\\"onclick=x" }', "url"),
        ('{ publisher = "P", url = "https://a\\u0000b" }', "url"),
        ('{ publisher = "P", url = " https://example.org" }', "url"),
        ('{ publisher = "P", date = 2025-01-27 }', "date"),
        ('{ publisher = "P", date = "27.1.2025" }', "date"),
        ('{ publisher = "P", date = "2025-13" }', "date"),
        ('{ publisher = "P", date = "2025-02-31" }', "date"),
        ('{ publisher = "P\\n", where = "w" }', "publisher"),
        ('{ publisher = "P", link = "https://example.org" }', "link"),
    ],
)
def test_a_bad_source_is_named_by_its_number(source: str, field: str, tmp_path: Path) -> None:
    """Only http(s) addresses are let in; a source that is wrong is named by its place in the list."""
    with pytest.raises(DataError) as caught:
        load(tmp_path, GOOD | {"sources": f'[{{ publisher = "Good" }}, {source}]'})
    complaint(caught.value, "events.toml", "one-event", "source 2", field)


def test_the_minute_needs_a_time_and_a_time_the_minute(tmp_path: Path) -> None:
    """Precision "minute" without a time is as wrong as a time without it; both together are right."""
    for record in (GOOD | {"precision": '"minute"'}, GOOD | {"time": "10:57:00"}):
        with pytest.raises(DataError) as caught:
            load(tmp_path, record)
        complaint(caught.value, "events.toml", "one-event", "time")
    (event,) = load(tmp_path, GOOD | {"precision": '"minute"', "time": "10:57:00"})
    assert event.time == dt.time(10, 57)


def test_an_id_may_stand_once(tmp_path: Path) -> None:
    """The second record with an id is named."""
    with pytest.raises(DataError) as caught:
        load(tmp_path, GOOD, GOOD | {"id": '"another"'}, GOOD)
    complaint(caught.value, "events.toml", "3", "id", "one-event")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[[event]]\nid = \n", "line 2"),
        ("[[event]\n", "line 1"),
        (b"\xff\xfe[[event]]", "UTF-8"),
        ('[[event]]\nid = "t\u1ec7p"'.encode("utf-16"), "UTF-8"),
        ("id = 1\n", "[[event]]"),
        ("[event]\nid = 1\n", "[[event]]"),
        ("event = [1]\n", "a table of fields"),
        ("", "[[event]]"),
    ],
)
def test_a_file_that_is_not_a_catalogue_is_named(text: str | bytes, part: str, tmp_path: Path) -> None:
    """Broken TOML, another encoding, no records: the file is named, and where it breaks."""
    with pytest.raises(DataError) as caught:
        load(tmp_path, text=text)
    complaint(caught.value, "events.toml", part)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"importance": "4"},
            "events.toml, bản ghi 1 (one-event), trường importance: đang là 4, đúng ra phải là 1, 2 hoặc 3.",
        ),
        (
            {"id": '"Upper-Case"'},
            "events.toml, bản ghi 1 (Upper-Case), trường id: đang là 'Upper-Case', đúng ra phải là chữ thường không dấu, chữ số và dấu"
            " gạch nối.",
        ),
        (
            {"timing": '"noon"'},
            "events.toml, bản ghi 1 (one-event), trường timing: đang là 'noon', đúng ra phải là một trong before-open, during, after-close,"
            " market-closed, unknown.",
        ),
        (
            {"title": '{ en = "A" }'},
            "events.toml, bản ghi 1 (one-event), title, trường vi: đang là None, đúng ra phải là một dòng chữ.",
        ),
        (
            {"title": '"A"'},
            "events.toml, bản ghi 1 (one-event), trường title: đang là 'A', đúng ra phải là chữ bằng cả hai ngôn ngữ:"
            ' { en = "...", vi = "..." }.',
        ),
        (
            {"sources": '[{ publisher = "P" }, { publisher = "P", url = "ftp://x" }]'},
            "events.toml, bản ghi 1 (one-event), nguồn 2, trường url: đang là 'ftp://x', đúng ra phải là một địa chỉ http hoặc https.",
        ),
        (
            {"articles": '["x"]'},
            "events.toml, bản ghi 1 (one-event), trường articles: đang là ['x'], đúng ra phải là các mã bài báo trong articles.toml, không"
            " phải x.",
        ),
        ({"id": ""}, "events.toml, bản ghi -, trường -: đang là nội dung khác ở dòng 2, đúng ra phải là TOML hợp lệ, mã hóa UTF-8."),
    ],
)
def test_a_vietnamese_complaint_is_vietnamese_throughout(change: dict[str, str], said: str, tmp_path: Path) -> None:
    """Record, what was found and what would be right are said in Vietnamese; codes, field names and values stay as they are written."""
    with pytest.raises(DataError) as caught:
        load(tmp_path, GOOD | change)
    assert caught.value.sentence("vi") == said


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A)], ids=hex)
def test_a_character_that_turns_the_direction_of_writing_is_refused(code: int, tmp_path: Path) -> None:
    """A title or a publisher cannot show itself, or what stands beside it, in another order; the sentence shows the character's code."""
    turned = f"A {chr(code)}elttit"
    for field, value in (("title", f'{{ en = "{turned}", vi = "B" }}'), ("sources", f'[{{ publisher = "{turned}" }}]')):
        with pytest.raises(DataError) as caught:
            load(tmp_path, GOOD | {field: value})
        complaint(caught.value, "events.toml", "one-event", f"\\u{code:04x}elttit", "direction of writing")
        assert "ký tự đổi hướng viết" in caught.value.sentence("vi")
        assert chr(code) not in str(caught.value)


def test_letters_that_only_join_are_let_in(tmp_path: Path) -> None:
    """A joiner, as emoji have it, turns nothing."""
    (event,) = load(tmp_path, GOOD | {"title": '{ en = "\U0001f469\u200d\U0001f4bb", vi = "B" }'})
    assert event.title.en == "\U0001f469\u200d\U0001f4bb"


def test_a_long_value_is_quoted_in_short(tmp_path: Path) -> None:
    """A sentence quotes at most 240 letters of what it found, and what cannot be printed as escapes."""
    with pytest.raises(DataError) as caught:
        load(tmp_path, GOOD | {"timing": '"\\u202e' + "x" * 5000 + '"'})
    assert len(str(caught.value)) < 400
    assert "'\\u202exxx" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing catalogue is the same kind of error."""
    with pytest.raises(DataError) as caught:
        load_events(tmp_path / "events.toml")
    complaint(caught.value, "events.toml")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", '"A B"'),
        ("publisher", '""'),
        ("published", '"2025-02-01"'),
        ("language", '"fr"'),
        ("note", "1"),
        ("text", '"the article itself"'),
    ],
)
def test_a_bad_article_is_named(field: str, value: str, tmp_path: Path) -> None:
    """articles.toml is checked the same way; there is no field for an article's text."""
    (tmp_path / "articles.toml").write_text(toml("article", ARTICLE | {field: value}), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_articles(tmp_path / "articles.toml")
    complaint(caught.value, "articles.toml", field)


@pytest.mark.parametrize(("date", "timing"), [("2025-01-26", "during"), ("2025-01-20", "after-close"), ("2025-01-27", "market-closed")])
def test_the_calendar_contradicts_a_wrong_timing(date: str, timing: str, tmp_path: Path) -> None:
    """'During' on a Sunday or on a holiday, and 'market closed' on a trading day, are refused when the workspace opens."""
    for name in ("reference.toml", "prices"):
        (tmp_path / name).symlink_to(ROOT / "data" / name)
    (tmp_path / "claims.toml").write_text("claim = []", encoding="utf-8")
    load(tmp_path, GOOD)
    Workspace.open(tmp_path)
    load(tmp_path, GOOD | {"date": date, "timing": f'"{timing}"'})
    with pytest.raises(DataError) as caught:
        Workspace.open(tmp_path)
    complaint(caught.value, "events.toml", "one-event", "timing", timing)


# -- selecting -------------------------------------------------------------------------------------------------------


def ids(found: tuple[Event, ...]) -> set[str]:
    """The ids of what was found."""
    return {e.id for e in found}


def test_no_filter_lets_everything_pass(workspace: Workspace) -> None:
    """Empty filters mean everything, in the same order."""
    assert select(workspace.events) == workspace.events


@pytest.mark.parametrize("category", list(Category))
def test_a_category_selects_what_the_facts_say(category: Category, workspace: Workspace) -> None:
    """The events of a category are those of the facts, and there are some."""
    wanted = {i for i, e in FACTS.items() if e["category"] == category}
    assert wanted
    assert ids(select(workspace.events, categories=[category])) == wanted


def test_filters_narrow_each_other(workspace: Workspace) -> None:
    """Several categories add up; category, article, verification and dates must all hold, both ends of the dates included."""
    found = select(
        workspace.events,
        first=dt.date(2025, 1, 20),
        last=dt.date(2025, 1, 27),
        categories=["model-release", "market-reaction"],
        articles=["son-van-2025-02-01"],
        verification=["verified-2+"],
    )
    wanted = {
        i
        for i, e in FACTS.items()
        if "2025-01-20" <= e["date"] <= "2025-01-27"
        and e["category"] in ("model-release", "market-reaction")
        and "son-van-2025-02-01" in e["articles"]
        and e["verification"] == "verified-2+"
    }
    assert ids(found) == wanted
    assert {"2025-01-20", "2025-01-27"} <= {FACTS[i]["date"] for i in wanted}


@pytest.mark.parametrize(
    ("find", "includes"),
    [
        ("deepseek", "deepseek-crash-2025-01-27"),
        ("DEEPSEEK nvidia", "deepseek-crash-2025-01-27"),
        ("cú sốc", "deepseek-crash-2025-01-27"),
        ("cu soc", "deepseek-crash-2025-01-27"),
        ("CU SOC", "deepseek-crash-2025-01-27"),
        (unicodedata.normalize("NFD", "cú sốc"), "deepseek-crash-2025-01-27"),
        ("ibtimes", "deepseek-crash-2025-01-27"),
        ("^ixic", "deepseek-crash-2025-01-27"),
    ],
)
def test_a_search_needs_no_accents_and_no_capitals(find: str, includes: str, workspace: Workspace) -> None:
    """Titles, summaries, tickers and publishers of both languages are searched; every word must be there."""
    found = ids(select(workspace.events, find=find))
    assert includes in found
    assert len(found) < 128


def test_a_barred_d_is_found_by_a_plain_one(workspace: Workspace) -> None:
    """'dieu' finds 'điều' and 'Điều', and the other way round."""
    assert events.folded("Điều đó") == "dieu do"
    assert ids(select(workspace.events, find="thi truong")) == ids(select(workspace.events, find="thị trường")) != set()


def test_a_search_for_nothing_known_finds_nothing(workspace: Workspace) -> None:
    """An unknown word finds nothing; blanks alone are no filter; every word of several must be there."""
    assert select(workspace.events, find="zzzz") == ()
    assert select(workspace.events, find="   ") == workspace.events
    assert select(workspace.events, find="deepseek zzzz") == ()
