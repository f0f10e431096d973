"""The Events page without a browser: its view and query string, filters and orders, the form, the two versions of a conflict."""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftershock import own
from aftershock.errors import DataError
from aftershock.event_views import PAGE, EventsView, Sort, page_of, pages, read, shown, summary, years_of
from aftershock.events import Category, Event, Precision, Source, Text, Timing, Verification
from aftershock.forms import FIELDS, Draft, differing, draft_of, event_from
from aftershock.sessions import new_york
from aftershock.text import words
from aftershock.workspace import Workspace
from tests.conftest import answers

FACTS: dict[str, dict[str, Any]] = answers("events")["events"]
CRASH = "deepseek-crash-2025-01-27"


def mine(n: int = 1, **more: Any) -> Event:
    """An own event."""
    return own.make(f"own-{n}", more.pop("day", dt.date(2025, 3, 1)), Text(f"Mine {n}", f"Của tôi {n}"), **more)


# -- the view --------------------------------------------------------------------------------------------------------


def _read(workspace: Workspace, **query: str) -> tuple[EventsView, list[str]]:
    view, corrections = read(query, workspace.choices, years_of(workspace.events), "en")
    return view, [c.in_words(words("en")) for c in corrections]


def test_a_view_and_its_query_string_say_the_same(workspace: Workspace) -> None:
    """Every choice stands in the address, and reading the address gives the view again."""
    article = workspace.articles[0].id
    view = EventsView("chip", ("earnings", "adoption"), ("own", "verified-1"), (article,), ("2025", "2024"), Sort.TITLE, CRASH, "vi")
    query = view.query()
    assert set(query) == {"find", "category", "verification", "article", "year", "sort", "event", "lang"}
    assert _read(workspace, **query) == (view, [])
    assert EventsView().query() == {"lang": "en"}
    assert view.link("http://x/events").startswith("http://x/events?find=chip&category=earnings,adoption&")


def test_what_a_link_gets_wrong_is_corrected_with_a_sentence(workspace: Workspace) -> None:
    """An unknown category, year, order, event, parameter, and a search that is too long: the rest of the view stays."""
    view, said = _read(
        workspace,
        category="earnings,nonsense",
        year="1999",
        sort="size",
        event="own-gone",
        find="a" * 200,
        colour="red",
        verification="own",
    )
    assert view == EventsView(find="a" * 80, categories=("earnings",), verification=("own",))
    assert len(said) == 6
    assert any("own-gone" in sentence for sentence in said)


@given(st.dictionaries(st.sampled_from(["find", "category", "year", "sort", "event", "lang", "x"]), st.text(max_size=120)))
def test_no_link_breaks_the_page(workspace: Workspace, query: dict[str, str]) -> None:
    """Whatever stands in a query string, there is a view, and its own address can be read without a correction."""
    view, _ = _read(workspace, **query)
    assert _read(workspace, **view.query()) == (view, [])


# -- filters and order -----------------------------------------------------------------------------------------------


def test_filters_add_up_as_in_the_facts(workspace: Workspace) -> None:
    """Category, verification, article and year, each against the facts, and all of them together."""
    article = workspace.articles[0].id
    checks = {
        "categories": (("earnings", "adoption"), lambda e: e["category"] in ("earnings", "adoption")),
        "verification": (("verified-1",), lambda e: e["verification"] == "verified-1"),
        "articles": ((article,), lambda e: article in e["articles"]),
        "years": (("2025", "2023"), lambda e: e["date"][:4] in ("2025", "2023")),
    }
    for name, (value, holds) in checks.items():
        found = {e.id for e in shown(EventsView(**{name: value}), workspace.catalogue)}  # type: ignore[arg-type]
        assert found == {i for i, e in FACTS.items() if holds(e)}
        assert found
    together = {name: value for name, (value, _) in checks.items()}
    found = {e.id for e in shown(EventsView(**together), workspace.catalogue)}  # type: ignore[arg-type]
    assert found == {i for i, e in FACTS.items() if all(holds(e) for _, holds in checks.values())}


def test_own_only_is_a_filter_like_the_others(workspace: Workspace) -> None:
    """The reader's own events by their verification; the search finds them in either language without accents."""
    events = (*workspace.catalogue, mine(1), mine(2))
    assert [e.id for e in shown(EventsView(verification=("own",)), events)] == ["own-1", "own-2"]
    assert [e.id for e in shown(EventsView(find="cua toi own-2"), events)] == ["own-2"]


def test_orders(workspace: Workspace) -> None:
    """Newest, oldest, by title without regard to accents, most important; all of them hold every event once."""
    events = workspace.catalogue
    by = {sort: shown(EventsView(sort=sort), events) for sort in Sort}
    assert all(sorted(e.id for e in found) == sorted(FACTS) for found in by.values())
    days = [e.date for e in by[Sort.OLDEST]]
    assert days == sorted(FACTS_DAYS)
    assert [e.date for e in by[Sort.NEWEST]] == days[::-1]
    assert [e.importance for e in by[Sort.IMPORTANCE]] == sorted((e.importance for e in events), reverse=True)
    some = [own.make(f"own-{n}", dt.date(2025, 1, 2), Text(t, t)) for n, t in enumerate(["zebra", "Ánh", "anh em", "Đức", "dung"])]
    assert [e.title.en for e in shown(EventsView(sort=Sort.TITLE), some)] == ["Ánh", "anh em", "Đức", "dung", "zebra"]


FACTS_DAYS = [dt.date.fromisoformat(e["date"]) for e in FACTS.values()]


def test_the_summary_counts_what_is_shown(workspace: Workspace) -> None:
    """Number, first and last day, own, verified and the commonest category, counted from the facts by hand."""
    events = (*workspace.catalogue, mine(1, day=dt.date(2027, 1, 4)))
    found = summary(events)
    kinds = [e["category"] for e in FACTS.values()] + ["statement"]
    most = max(sorted(set(kinds)), key=kinds.count)
    assert found is not None
    assert (found.number, found.own) == (len(FACTS) + 1, 1)
    assert found.verified == sum(e["verification"] == "verified-2+" for e in FACTS.values())
    assert (found.first, found.last) == (min(FACTS_DAYS), dt.date(2027, 1, 4))
    assert (found.category, found.most) == (most, kinds.count(most))
    assert summary(()) is None


def test_pages_of_the_list() -> None:
    """Forty to a page; the chosen event's page; an empty list has one."""
    events = [mine(n) for n in range(PAGE * 2 + 1)]
    assert (pages(events), pages(events[:PAGE]), pages([])) == (3, 1, 1)
    assert [page_of(events, f"own-{n}") for n in (0, PAGE - 1, PAGE, PAGE * 2)] == [1, 1, 2, 3]
    assert page_of(events, "gone") == 1


def test_five_thousand_own_events_are_filtered_and_sorted_quickly(workspace: Workspace) -> None:
    """What every keystroke in the search costs with all that may be kept: less than 0.4 s of CPU."""
    events = (*workspace.catalogue, *(mine(n, day=dt.date(2024, 1, 1) + dt.timedelta(days=n % 700)) for n in range(5000)))
    shown(EventsView(find="nothing"), events)
    begun = time.process_time()
    found = shown(EventsView(find="own-4", sort=Sort.TITLE), events)
    taken = time.process_time() - begun
    assert len(found) == sum(str(n).startswith("4") for n in range(5000))
    assert taken < 0.4


# -- the form --------------------------------------------------------------------------------------------------------


def test_every_event_of_the_catalogue_can_be_copied_and_its_form_says_the_same(workspace: Workspace) -> None:
    """A copy passes the check of own events, keeps the reaction session, and the form makes the same event of its fields."""
    from aftershock.sessions import reaction_session

    for event in workspace.catalogue:
        copy = own.checked(own.copied(event))
        assert copy.verification is Verification.OWN
        assert copy.id != event.id
        assert reaction_session(copy, new_york()).session == workspace.reactions[event.id].session
        for lang in ("en", "vi"):
            assert event_from(draft_of(copy, lang), copy.id, lang) == copy, event.id


def test_a_form_with_one_language_says_the_same_in_both() -> None:
    """Title in the reader's language alone; a summary that is left empty is the title; line breaks become spaces."""
    found = event_from(Draft(dt.date(2025, 1, 27), title_vi="Nvidia  rớt\n17 %", tickers="nvda, ^ixic;AMD nvda"), "own-1", "vi")
    assert isinstance(found, Event)
    assert found.title == Text("Nvidia rớt 17 %", "Nvidia rớt 17 %") == found.summary
    assert found.tickers == ("NVDA", "^IXIC", "AMD")
    assert (found.precision, found.timing, found.note, found.sources) == (Precision.DAY, Timing.UNKNOWN, None, ())


@pytest.mark.parametrize(
    ("day", "written", "timing"),
    [
        ("2025-01-27", "9:29", "before-open"), ("2025-01-27", "09:30", "during"), ("2025-01-27", "15:59:59", "during"),
        ("2025-01-27", "16:00", "after-close"), ("2024-07-03", "13:00", "after-close"), ("2024-07-03", "12:59", "during"),
        ("2025-01-20", "12:00", "market-closed"), ("2025-01-26", "0:00", "market-closed"),
    ],
)  # fmt: skip
def test_the_hour_gives_the_timing(day: str, written: str, timing: str) -> None:
    """By New York's calendar: early closes and holidays too (3 July 2024 closed at 13:00; 20 January 2025 was a holiday)."""
    found = event_from(Draft(dt.date.fromisoformat(day), time=written, title_en="a", timing="before-open"), "own-1", "en")
    assert isinstance(found, Event)
    assert (str(found.timing), found.precision) == (timing, Precision.MINUTE)


def test_sources_of_a_form() -> None:
    """One per line; publisher, date, address and description in any order after the first; an address alone is its host's."""
    text = (
        "Reuters | 2025-01-27 | https://example.com/a\n\nhttps://www.bbc.co.uk/news?a=b\nBáo giấy | trang 3\nX | https://x.org/1 | 2025-02"
    )
    found = event_from(Draft(dt.date(2025, 1, 27), title_en="a", sources=text), "own-1", "en")
    assert isinstance(found, Event)
    assert found.sources == (
        Source("Reuters", "2025-01-27", "https://example.com/a"),
        Source("bbc.co.uk", None, "https://www.bbc.co.uk/news?a=b"),
        Source("Báo giấy", None, None, "trang 3"),
        Source("X", "2025-02", "https://x.org/1"),
    )


WRONG: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "nothing": ({"date": None, "title_en": ""}, {"date": "a date such as", "title_en": "a line of text"}),
    "hour": ({"time": "25:00"}, {"time": "9:30 or 16:05"}),
    "words": ({"time": "noon"}, {"time": "9:30 or 16:05"}),
    "control": ({"title_en": "a\x00b"}, {"title_en": "without control characters"}),
    "long": ({"title_en": "a" * 201}, {"title_en": "at most 200"}),
    "long summary": ({"summary_vi": "a" * 1001}, {"summary_vi": "at most 1,000"}),
    "turning": ({"note_en": "a\u202eb"}, {"note_en": "direction"}),
    "tickers": ({"tickers": "NVDA $$$"}, {"tickers": "parted by spaces"}),
    "many tickers": ({"tickers": " ".join(f"T{n}" for n in range(21))}, {"tickers": "at most 12"}),
    "script": ({"sources": "javascript://alert(1)"}, {"sources": "a line such as Reuters"}),
    "two dates": ({"sources": "A | 2025-01-01 | 2025-01-02"}, {"sources": "a line such as Reuters"}),
    "no such day": ({"sources": "A | 2025-02-30"}, {"sources": "a line such as Reuters"}),
    "no publisher": ({"sources": " | https://x.org"}, {"sources": "a line such as Reuters"}),
    "closed": ({"date": dt.date(2025, 1, 26), "timing": "during"}, {"timing": "market-closed or unknown"}),
    "too early": ({"date": dt.date(1999, 1, 4)}, {"date": "2 Jan 2004"}),
    "several": ({"time": "x", "tickers": "?", "sources": "|"}, {"time": "9:30", "tickers": "NVDA", "sources": "Reuters"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_form_names_each_field_that_is_wrong(case: str) -> None:
    """All complaints at once, each at its field, saying what would be right in both languages."""
    spoilt, wanted = WRONG[case]
    draft = replace(Draft(dt.date(2025, 1, 27), title_en="a"), **spoilt)
    found = event_from(draft, "own-1", "en")
    assert isinstance(found, dict)
    assert found.keys() == wanted.keys()
    for field, part in wanted.items():
        assert part in str(found[field])
        assert field in FIELDS
        assert found[field].sentence("vi") != str(found[field])


text = st.text(max_size=300)


@given(
    st.builds(
        Draft, date=st.none() | st.dates(), time=st.text(max_size=8), timing=st.sampled_from(Timing), title_en=text, title_vi=text,
        summary_en=text, tickers=text, sources=text, note_vi=text, importance=st.integers(0, 4), category=st.sampled_from(Category),
    ),
    st.sampled_from(["en", "vi"]),
)  # fmt: skip
def test_any_form_gives_an_event_that_may_be_kept_or_complaints(draft: Draft, lang: str) -> None:
    """Whatever is written into the fields: never an error of another kind."""
    found = event_from(draft, "own-1", lang)
    if isinstance(found, Event):
        assert own.checked(found) == found
    else:
        assert found
        assert all(isinstance(e, DataError) and re.search(r"\w", e.sentence(lang)) for e in found.values())


def test_two_versions_are_shown_where_they_differ() -> None:
    """Only the fields that differ, as the form would show them; equal ones are left out."""
    theirs = replace(mine(1, time=dt.time(9)), tickers=("NVDA", "AMD"), articles=("a-b",))
    found = differing(mine(1), theirs, "en")
    assert found == [("time", "", "09:00"), ("tickers", "", "NVDA AMD"), ("articles", "", "a-b")]
    assert differing(theirs, theirs, "vi") == []
