"""The Events page as a reader uses it, run by Streamlit's own test driver, with a store of its own."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from aftershock import own
from aftershock.events import Event, Text
from aftershock.store import Store
from aftershock.ui import kept
from tests.conftest import ROOT
from tests.visits import run

CRASH = "deepseek-crash-2025-01-27"
ME = "local"
Page = Callable[..., AppTest]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of the reader's own events: this test's alone, for a server that knows no other."""
    place = tmp_path / "events.sqlite3"
    monkeypatch.setenv("AFTERSHOCK_STORE", f"sqlite:///{place}")
    for cached in (kept.store, kept._shelf, kept._last_change):
        cached.clear()
    yield place
    if place.exists() and place.read_bytes()[:6] == b"SQLite":
        kept.store().close()
    for cached in (kept.store, kept._shelf, kept._last_change):
        cached.clear()


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    """Somebody else's way to the same events."""
    opened = Store(f"sqlite:///{file}")
    yield opened
    opened.close()


@pytest.fixture
def visit(file: Path) -> Page:
    """Opens the Events page, or another, with a query string."""

    def open_(query: dict[str, Any] | None = None, page: str = "events", lang: str = "en") -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        app.context = {"locale": lang, "timezone": "Asia/Ho_Chi_Minh", "url": "http://localhost:8501/events"}
        run(app)
        app.switch_page(f"pages/{page}.py")
        app.query_params.clear()
        for key, value in (query or {}).items():
            app.query_params[key] = value
        return run(app)

    return open_


def said(app: AppTest) -> str:
    """All text of the page as a reader sees it."""
    parts = [app.title, app.header, app.markdown, app.caption, app.info, app.error, app.warning]
    text = "\n".join(str(element.value) for elements in parts for element in elements)
    return re.sub(r"\\(.)", r"\1", text).replace("\u00a0", " ").replace("\u2060", "")


def title(app: AppTest) -> str:
    """The finding."""
    return re.sub(r"\\(.)", r"\1", app.title[0].value)


def mine(n: int = 1, text: str = "Mine", **more: Any) -> Event:
    """An own event on the day of the crash, after the close."""
    return own.make(f"own-{n}", dt.date(2025, 1, 27), Text(text, text), time=dt.time(16, 30), tickers=("NVDA",), **more)


def fill(app: AppTest, **fields: Any) -> AppTest:
    """Fills the form's fields."""
    for name, value in fields.items():
        kinds = {"date": app.date_input, "summary_en": app.text_area, "sources": app.text_area, "category": app.selectbox}
        kinds.get(name, app.text_input)(key=f"f-{name}").set_value(value)
    return app


def click(app: AppTest, key: str) -> AppTest:
    """Clicks a button."""
    app.button(key=key).click()
    return run(app)


# -- looking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "finding"),
    [
        ("en", "128 events from 16 Feb 2022 to 1 Jul 2026: 96 confirmed by two or more pages"),
        ("vi", "128 sự kiện từ 16/2/2022 đến 1/7/2026: 96 được từ hai trang trở lên xác nhận"),
    ],
)
def test_the_page_opens_with_the_catalogue(lang: str, finding: str, visit: Page) -> None:
    """The finding counts what is shown, the list has its first forty, and the address is complete."""
    app = visit(lang=lang)
    assert title(app) == finding
    assert len(app.radio(key="e-list").options) == 40
    assert dict(app.query_params) == {"lang": lang}
    assert not app.error
    assert not app.warning


def test_filters_change_list_finding_and_address(visit: Page) -> None:
    """Search, support and order; what nobody passes offers everything again."""
    app = visit()
    app.text_input(key="e-find").set_value("nvidia reports")
    app.pills(key="e-verification").set_value(["verified-2+"])
    app.selectbox(key="e-sort").set_value("oldest")
    run(app)
    found = app.radio(key="e-list").options
    assert any(text.startswith("Nvidia reports") for text in found)
    assert 1 < len(found) < 40
    assert title(app).startswith(f"{len(found)} events from ")
    assert dict(app.query_params) == {"find": "nvidia reports", "verification": "verified-2+", "sort": "oldest", "lang": "en"}
    app.text_input(key="e-find").set_value("nothing says this")
    run(app)
    assert title(app) == "No event passes these filters"
    assert title(click(app, "e-all")).startswith("128 events")


def test_the_card_shows_the_evidence(visit: Page, workspace: Any) -> None:
    """What happened, when, which session and why, how sure, what is uncertain, the sources as links; a catalogue's has no edit."""
    app = visit({"event": CRASH})
    text = said(app)
    for part in ("Published: ", "First session that could react", "How sure", "Uncertain", "nothing that we know of", "▼ −16.97 %"):
        assert part.replace("Published: ", "**Published:**") in text
    links = [m for element in app.markdown for m in re.findall(r"\]\((https?://[^)]+)\)", element.value)]
    assert len(links) == sum(s.url is not None for s in workspace.event(CRASH).sources)
    assert {b.key for b in app.button} >= {"e-copy", "e-close", "e-add"}
    assert "e-edit" not in {b.key for b in app.button}
    assert "e-delete" not in {b.key for b in app.button}
    assert "e-selected" in app.session_state
    app = click(app, "e-close")
    assert "event" not in app.query_params


def test_a_link_to_an_event_that_is_gone_is_a_sentence(visit: Page) -> None:
    """The list is shown, and what was wrong with the link."""
    app = visit({"event": "own-0123456789ab", "colour": "red"})
    assert len(app.info) == 2
    assert title(app).startswith("128 events")


# -- adding and changing ---------------------------------------------------------------------------------------------


def test_an_event_is_added_through_the_form(visit: Page, store: Store) -> None:
    """Filled in, refused with a sentence at the field and nothing lost, mended, saved, shown, counted."""
    app = click(visit(), "e-add")
    fill(
        app, title_en="My **own** event", date=dt.date(2025, 1, 27), time="25:99", tickers="nvda", sources="Reuters | https://example.com/a"
    )
    app = click(app, "e-save")
    assert "Time: found '25:99'; it should be a time of New York such as 9:30 or 16:05, or nothing." in said(app)
    assert "one field needs a look" in said(app)
    assert app.text_input(key="f-title_en").value == "My **own** event"
    assert store.shelf(ME).kept == ()
    app = click(fill(app, time="16:30"), "e-save")
    (found,) = store.shelf(ME).events
    assert (found.title.en, found.title.vi, found.tickers) == ("My **own** event", "My **own** event", ("NVDA",))
    assert (str(found.timing), found.time) == ("after-close", dt.time(16, 30))
    assert app.query_params["event"] == found.id
    assert title(app).startswith("129 events")
    assert title(app).endswith("and 1 of your own")
    assert "Tuesday 28 January 2025 (after the close)" in said(app)
    assert "Last change: added “My **own** event”" in said(app)


def test_saving_twice_keeps_one(visit: Page, store: Store) -> None:
    """The form knows which event it makes from the moment it is opened."""
    app = click(visit(), "e-add")
    fill(app, title_en="Once", date=dt.date(2025, 1, 27))
    form = app.session_state["e-form"]
    click(app, "e-save")
    app.session_state["e-form"] = form  # a second click that was under way
    store.add(ME, [replace(store.shelf(ME).events[0], title=Text("Once", "Once"))])
    assert len(store.shelf(ME).kept) == 1


def test_an_edit_shows_what_was_there_and_saves_what_is_new(visit: Page, store: Store) -> None:
    """The form is filled from the event; the other fields stay."""
    store.add(ME, [mine(note=Text("a note", "a note"))])
    app = click(visit({"event": "own-1"}), "e-edit")
    assert app.text_input(key="f-title_en").value == "Mine"
    assert app.text_input(key="f-title_vi").value == ""
    assert app.text_input(key="f-time").value == "16:30"
    click(fill(app, title_en="Changed"), "e-save")
    assert store.shelf(ME).events == (
        replace(mine(note=Text("a note", "a note")), title=Text("Changed", "Changed"), summary=Text("Changed", "Changed")),
    )


def test_a_catalogue_event_is_duplicated_into_an_own_one(visit: Page, store: Store, workspace: Any) -> None:
    """Same day, category, tickers and sources; another id; the catalogue's stays."""
    app = click(click(visit({"event": CRASH}), "e-copy"), "e-save")
    (found,) = store.shelf(ME).events
    original = workspace.event(CRASH)
    assert found.id.startswith("own-")
    assert (found.date, found.category, found.tickers, found.sources, found.timing) == (
        original.date, original.category, original.tickers, original.sources, original.timing,
    )  # fmt: skip
    assert title(app).startswith("129 events")


def test_cancelling_changes_nothing(visit: Page, store: Store) -> None:
    """The form goes, the card is back, nothing is kept."""
    app = click(visit({"event": CRASH}), "e-add")
    app = click(fill(app, title_en="Never"), "e-cancel")
    assert store.shelf(ME).kept == ()
    assert "e-copy" in {b.key for b in app.button}


def test_delete_and_undo(visit: Page, store: Store) -> None:
    """Gone from the list at once; one click brings it back as it was."""
    store.add(ME, [mine()])
    app = click(visit({"event": "own-1"}), "e-delete")
    assert store.shelf(ME).kept == ()
    assert title(app).startswith("128 events")
    assert "Last change: deleted “Mine”" in said(app)
    app = click(app, "e-undo")
    assert store.shelf(ME).events == (mine(),)
    assert title(app).startswith("129 events")


def test_what_is_deleted_is_what_was_seen(visit: Page, store: Store) -> None:
    """Somebody edited the event after the card was shown: deleting says so and shows the new version; edit begins from that one too."""
    store.add(ME, [mine()])
    app = visit({"event": "own-1"})
    store.change(ME, mine(text="Newer"), 1)
    app = click(app, "e-delete")
    assert "This event was changed elsewhere" in said(app)
    assert "Newer" in said(app)
    store.change(ME, mine(text="Newest"), 2)
    app = click(app, "e-edit")
    assert app.text_input(key="f-title_en").value == "Newest"
    click(click(app, "e-cancel"), "e-delete")
    assert store.shelf(ME).kept == ()


def test_undo_that_comes_too_late_is_told(visit: Page, store: Store) -> None:
    """Another change was made after the button was shown: nothing is undone, and the button is about that one now."""
    store.add(ME, [mine()])
    app = visit()
    store.add(ME, [mine(2, "Second")])
    app = click(app, "e-undo")
    assert "Nothing was undone" in said(app)
    assert "added “Second”" in said(app)
    assert len(store.shelf(ME).kept) == 2


# -- conflicts -------------------------------------------------------------------------------------------------------


def _in_conflict(visit: Page, store: Store, theirs: Event | None) -> AppTest:
    store.add(ME, [mine()])
    app = click(visit({"event": "own-1"}), "e-edit")
    if theirs is None:
        store.delete(ME, "own-1", 1)
    else:
        store.change(ME, theirs, 1)
    return click(fill(app, title_en="My version"), "e-save")


def test_a_conflict_shows_both_versions(visit: Page, store: Store) -> None:
    """Where they differ, side by side; nothing is written until the reader chooses."""
    theirs = replace(mine(text="Their version"), tickers=("AMD",))
    app = _in_conflict(visit, store, theirs)
    assert "This event was changed elsewhere while you had it open." in said(app)
    frame = app.dataframe[0].value
    assert frame.to_numpy().tolist() == [["Title (English)", "My version", "Their version"], ["Tickers", "NVDA", "AMD"]]
    assert store.shelf(ME).events == (theirs,)


def test_keeping_mine_saves_it_over_the_version_that_was_shown(visit: Page, store: Store) -> None:
    """Knowing theirs, the reader's version is saved; undo brings theirs back."""
    app = click(_in_conflict(visit, store, mine(text="Their version")), "e-mine")
    assert [e.title.en for e in store.shelf(ME).events] == ["My version"]
    click(app, "e-undo")
    assert [e.title.en for e in store.shelf(ME).events] == ["Their version"]


def test_taking_theirs_leaves_it(visit: Page, store: Store) -> None:
    """The card shows what is kept."""
    app = click(_in_conflict(visit, store, mine(text="Their version")), "e-theirs")
    assert [e.title.en for e in store.shelf(ME).events] == ["Their version"]
    assert "Their version" in said(app)


def test_an_event_that_was_deleted_meanwhile_can_be_kept(visit: Page, store: Store) -> None:
    """The reader is told; keep mine adds it again."""
    app = _in_conflict(visit, store, None)
    assert "This event was deleted elsewhere while you had it open." in said(app)
    click(app, "e-mine")
    assert [e.title.en for e in store.shelf(ME).events] == ["My version"]


# -- beside the catalogue --------------------------------------------------------------------------------------------


def test_own_events_stand_on_the_timeline_and_in_impact(visit: Page, store: Store) -> None:
    """In the list with their mark, as the chosen event's card, in the filter by support, and in the picker of Impact."""
    store.add(ME, [mine(text="My own <b>news</b>")])
    app = visit({"from": "2025-01-20", "to": "2025-02-14", "event": "own-1"}, page="timeline")
    assert "My own <b>news</b>" in said(app)
    assert any("● your own event" in text for text in [re.sub(r"\\", "", c) for c in app.radio(key="list").proto.captions])
    assert "A heavy outline" in said(app)
    app.pills(key="verification").set_value(["own"])
    run(app)
    assert len(app.radio(key="list").options) == 1
    app = visit({"event": "own-1", "ticker": "NVDA"}, page="impact")
    assert "My own <b>news</b>" in said(app)
    assert title(app).startswith("Nvidia rose")


def test_an_own_event_leaves_the_catalogue_s_answers_alone(workspace: Any) -> None:
    """Five own events of the same days and one of earnings: the same ordinary days, verdict and category study; listed as causes."""
    before = workspace.impact(CRASH, "NVDA")
    news = [
        own.make(f"own-{n}", dt.date(2025, 1, 27) + dt.timedelta(days=n), Text("a", "a"), importance=3, tickers=("NVDA",)) for n in range(5)
    ]
    holding = workspace.holding(workspace.prices, tuple(news))
    after = holding.impact(CRASH, "NVDA")
    assert (after.ordinary.of, after.ordinary.as_extreme, after.ordinary.touched) == (
        before.ordinary.of, before.ordinary.as_extreme, before.ordinary.touched,
    )  # fmt: skip
    assert after.verdict == before.verdict
    assert {c.id for c in after.ledger.entries} - {c.id for c in before.ledger.entries} == {"own-0"}
    design = before.design
    assert [o.observation for o in holding.same_category(CRASH, "NVDA", design).outcomes] == [
        o.observation for o in workspace.same_category(CRASH, "NVDA", design).outcomes
    ]
    assert isinstance(holding.impact("own-0", "NVDA").verdict.p_t, float)


def test_an_event_that_is_deleted_while_it_is_chosen_elsewhere(visit: Page, store: Store) -> None:
    """The other pages let go of it; none of them breaks."""
    store.add(ME, [mine()])
    apps = {page: visit({"event": "own-1"}, page=page) for page in ("events", "timeline", "impact")}
    apps["compare"] = visit({"events": f"own-1,{CRASH}"}, page="compare")
    store.delete(ME, "own-1", 1)
    for page, app in apps.items():
        run(app)
        assert "own-1" not in str(app.query_params), page
        app.switch_page("pages/methods.py")
        run(app)
        app.switch_page(f"pages/{page}.py")
        run(app)


# -- without a store -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_without_a_store_everything_else_goes_on(lang: str, visit: Page, file: Path) -> None:
    """A damaged file: the sentence on the page, adding is off, the catalogue and the other pages are there; the file is as it was."""
    file.write_bytes(b"somebody's letter " * 500)
    app = visit(lang=lang)
    assert str(file) in said(app)
    assert len(app.warning) == 1
    assert app.button(key="e-add").disabled
    assert title(app).startswith("128 ")
    for page in ("timeline", "impact"):
        app = visit(page=page, lang=lang)
        assert str(file) in said(app)
        assert not app.error
    assert file.read_bytes() == b"somebody's letter " * 500


def test_a_store_that_fails_while_saving_loses_nothing_of_the_form(visit: Page, store: Store, file: Path) -> None:
    """The file is locked for longer than anybody waits: the sentence, the fields as they were, and saving again works."""
    store.add(ME, [mine()])
    app = click(visit(), "e-add")
    fill(app, title_en="Not lost", date=dt.date(2025, 1, 27))
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        app = click(app, "e-save")
        other.execute("COMMIT")
    other.close()
    assert "is busy" in said(app)
    assert app.text_input(key="f-title_en").value == "Not lost"
    click(app, "e-save")
    assert {e.title.en for e in store.shelf(ME).events} == {"Mine", "Not lost"}


def test_a_full_shelf_is_shown_in_pages(visit: Page, store: Store) -> None:
    """Five thousand own events beside the catalogue: the finding counts them, the list has pages, one more is refused in words."""
    store.add(
        ME, [own.make(f"own-{n}", dt.date(2024, 1, 2) + dt.timedelta(days=n % 700), Text(f"n {n}", f"n {n}")) for n in range(own.MOST)]
    )
    app = visit()
    assert title(app).startswith("5,128 events")
    assert len(app.radio(key="e-list").options) == 40
    app = click(app, "e-add")
    app = click(fill(app, title_en="One more", date=dt.date(2025, 1, 27)), "e-save")
    assert "At most 5,000 events of your own can be kept" in said(app)
    assert app.text_input(key="f-title_en").value == "One more"
