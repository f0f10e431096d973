"""In a real browser: one's own events are added, found on the timeline and in Impact, edited by two people, deleted and brought back."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import icalendar
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from aftershock.store import Store
from tests.browser.reader import PATIENCE, PHONE, Opener, Reader
from tests.browser.test_browser_impact import forgive_the_search
from tests.conftest import answers

HOSTILE = "<img src=x onerror=alert(1)> **bold** [a](javascript:alert(1)) $x$ {{b}} :smile: </script>"


@pytest.fixture(autouse=True)
def shelf() -> Iterator[Store]:
    """The server's store; other tests find it empty again."""
    store = Store(os.environ["AFTERSHOCK_STORE"])
    yield store
    for kept in store.shelf("local").kept:
        store.delete("local", kept.event.id, kept.version)
    store.close()


def events_page(read: Opener, query: str = "", **more: Any) -> Reader:
    """The Events page at a view. A dialog that opens is a script that ran."""
    reader = read(None, **more)
    reader.hears("dialog", lambda dialog: reader.console.append(f"error: dialog {dialog.message}"))
    reader.page.goto(f"{reader.server}/events{query}")
    expect(reader.title).to_be_visible(timeout=PATIENCE)
    reader.settled()
    forgive_the_search(reader)
    return reader


def press(reader: Reader, key: str) -> Reader:
    """Clicks the button with that key."""
    reader.page.locator(f".st-key-{key} button").first.click()
    return reader


def field(reader: Reader, name: str) -> Any:
    """A field of the form."""
    return reader.page.locator(f".st-key-f-{name}").locator("input, textarea").first


def form(reader: Reader, lang: str = "en") -> Reader:
    """Waits until the form stands."""
    expect(field(reader, f"title_{lang}")).to_be_visible()
    return reader.settled()


def write_date(reader: Reader, digits: str) -> None:
    """Types a day into the form's date."""
    reader.page.locator(".st-key-f-date [data-type=day]").first.click()
    reader.page.keyboard.type(digits)
    reader.page.keyboard.press("Escape")


def add(reader: Reader, title: str, *, lang: str = "en", time: str = "16:30") -> None:
    """Adds an event on 27 January 2025."""
    form(press(reader, "e-add"), lang)
    field(reader, f"title_{lang}").fill(title)
    write_date(reader, "27012025")
    field(reader, "time").fill(time)
    field(reader, "tickers").fill("NVDA")
    press(reader, "e-save")
    expect(reader.page.locator(".st-key-e-edit button").first).to_be_visible()
    reader.settled()


def test_an_event_is_added_and_stands_on_the_timeline_and_in_impact(read: Opener, shelf: Store) -> None:
    """Add -> card -> timeline (list, card) -> Impact; a hostile title is text everywhere."""
    reader = events_page(read)
    expect(reader.title).to_have_text(re.compile("^128 events from"))
    add(reader, HOSTILE)
    expect(reader.title).to_have_text(re.compile("^129 events .* 1 of your own$"))
    expect(reader.card).to_contain_text(HOSTILE)
    expect(reader.card).to_contain_text("Tuesday 28 January 2025 (after the close)")
    (kept,) = shelf.shelf("local").events
    assert kept.title.en == HOSTILE
    reader.page.get_by_role("link", name="On the timeline").click()
    expect(reader.lines.first).to_be_visible(timeout=PATIENCE)
    reader.settled().query(event=kept.id)
    expect(reader.card).to_contain_text(HOSTILE)
    expect(reader.card).to_contain_text("your own event")
    assert any(HOSTILE in title for title in reader.listed())
    assert reader.page.locator("img[src=x]").count() == 0
    reader.card.get_by_text("Was it more than noise?").click()
    expect(reader.page.locator("[class*='st-key-exhibit-'] svg.marks")).to_have_count(4, timeout=PATIENCE)
    expect(reader.title).to_contain_text("Nvidia rose")
    expect(reader.page.locator(".st-key-i-event input")).to_have_value(re.compile("27 Jan 2025 · <img"))


def test_two_people_edit_one_event(read: Opener, shelf: Store) -> None:
    """The second to save sees both versions and keeps their own; the first finds it there."""
    one = events_page(read, "?verification=own&lang=en", fresh=True)
    add(one, "As it was")
    (kept,) = shelf.shelf("local").events
    other = events_page(read, f"?event={kept.id}&lang=vi", locale="vi-VN", fresh=True)
    form(press(other, "e-edit"), "vi")
    expect(field(other, "title_vi")).to_have_value("As it was")
    form(press(one, "e-edit"))
    field(one, "title_en").fill("First to save")
    press(one, "e-save")
    expect(one.card).to_contain_text("First to save")
    field(other, "title_vi").fill("Lưu sau")
    press(other, "e-save")
    expect(other.card).to_contain_text("Sự kiện này đã được sửa ở nơi khác trong lúc bạn đang mở.")
    expect(other.page.get_by_test_id("stDataFrame")).to_be_visible()
    assert shelf.shelf("local").events[0].title.en == "First to save"
    press(other, "e-mine")
    expect(other.card).to_contain_text("Lưu sau")
    press(one, "e-close")
    expect(one.page.locator(".st-key-e-list")).to_contain_text("Lưu sau")


def test_delete_and_undo(read: Opener, shelf: Store) -> None:
    """Gone at once, with a way back beside it."""
    reader = events_page(read)
    add(reader, "To be deleted")
    press(reader, "e-delete")
    expect(reader.title).to_have_text(re.compile("^128 events"))
    assert shelf.shelf("local").kept == ()
    expect(reader.page.locator(".st-key-e-actions")).to_contain_text("Last change: deleted “To be deleted”")
    press(reader, "e-undo")
    expect(reader.title).to_have_text(re.compile("^129 events"))
    assert [e.title.en for e in shelf.shelf("local").events] == ["To be deleted"]


def test_a_refused_form_loses_nothing(read: Opener) -> None:
    """The sentence stands under the field, what was written stays, and one correction is enough."""
    reader = events_page(read)
    form(press(reader, "e-add"))
    field(reader, "title_en").fill("Kept")
    field(reader, "time").fill("half past nine")
    field(reader, "sources").fill("Reuters | https://example.com/a\njavascript:alert(1)//x://")
    press(reader, "e-save")
    expect(reader.card).to_contain_text("Nothing was saved yet: 3 fields need a look")
    expect(reader.card).to_contain_text("Date is missing; it should be a date such as 2025-01-27.")
    expect(reader.card).to_contain_text("Time: found 'half past nine'; it should be a time of New York")
    expect(reader.card).to_contain_text("Sources: found 'javascript:alert(1)//x://'; it should be a line such as Reuters")
    expect(field(reader, "title_en")).to_have_value("Kept")
    write_date(reader, "27012025")
    field(reader, "time").fill("")
    field(reader, "sources").fill("Reuters | https://example.com/a")
    press(reader, "e-save")
    expect(reader.card).to_contain_text("Kept")
    link = reader.card.get_by_role("link", name="Reuters")
    expect(link).to_have_attribute("href", "https://example.com/a")


def test_the_keyboard_is_enough(read: Opener, shelf: Store) -> None:
    """From the button to the saved event, and through the list, without a pointer."""
    reader = events_page(read)
    keyboard = reader.page.keyboard
    reader.page.locator(".st-key-e-add button").first.focus()
    keyboard.press("Enter")
    form(reader)
    field(reader, "title_en").focus()
    keyboard.type("By keyboard")
    keyboard.press("Tab")
    keyboard.type("27012025")
    reader.page.locator(".st-key-e-save button").focus()
    keyboard.press("Enter")
    expect(reader.card).to_contain_text("By keyboard")
    assert [e.title.en for e in shelf.shelf("local").events] == ["By keyboard"]
    reader.settled()
    press(reader, "e-close")
    expect(reader.page.locator(".st-key-e-close")).to_have_count(0)
    reader.settled()
    reader.page.locator(".st-key-e-list input").first.focus()
    expect(reader.page.locator(".st-key-e-list input").first).to_be_focused()
    keyboard.press("ArrowDown")
    expect(reader.page).to_have_url(re.compile("event="))
    first = reader.page.url
    reader.settled()
    keyboard.press("ArrowDown")
    expect(reader.page).not_to_have_url(first)
    expect(reader.card.get_by_role("heading")).to_be_visible()


def test_what_is_shown_is_taken_away(read: Opener) -> None:
    """Four files of the events shown: each opens in its own reader and holds exactly those."""
    wanted = {event_id for event_id, facts in answers("events")["events"].items() if facts["category"] == "earnings"}
    reader = events_page(read, "?category=earnings&lang=en")
    expect(reader.title).to_have_text(re.compile(f"^{len(wanted)} events"))
    press(reader, "e-take")
    found = {}
    for code in ("csv", "toml", "json", "ics"):
        with reader.page.expect_download() as waiting:
            press(reader, f"e-take-{code}")
        assert waiting.value.suggested_filename == f"aftershock-events-en.{code}"
        found[code] = waiting.value.path().read_bytes()
    assert {row["id"] for row in csv.DictReader(io.StringIO(found["csv"].decode("utf-8-sig")))} == wanted
    assert {e["id"] for e in tomllib.loads(found["toml"].decode())["event"]} == wanted
    assert {e["id"] for e in json.loads(found["json"])["events"]} == wanted
    assert len(icalendar.Calendar.from_ical(found["ics"]).walk("VEVENT")) == len(wanted)


@pytest.mark.parametrize(("locale", "lang", "scheme"), [("en-US", "en", "light"), ("vi-VN", "vi", "dark")])
def test_a_phone_shows_it_all_in_one_column(locale: str, lang: str, scheme: str, read: Opener) -> None:
    """Card before list, the form too; nothing scrolls sideways at 390 pixels; axe finds nothing serious."""
    reader = events_page(read, f"?event=deepseek-crash-2025-01-27&lang={lang}", locale=locale, window=PHONE, scheme=scheme)
    expect(reader.card).to_be_visible()
    box, first = reader.card.bounding_box(), reader.page.locator(".st-key-e-list").bounding_box()
    assert box
    assert first
    assert box["y"] < first["y"]
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    form(press(reader, "e-copy"), lang)
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    wide = reader.page.locator(".st-key-card input, .st-key-card textarea, .st-key-card button").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().right)"
    )
    assert max(wide) <= PHONE[0]
    faults = [v for v in Axe().run(reader.page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in faults] == []
