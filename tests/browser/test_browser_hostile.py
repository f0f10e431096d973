"""The hostile campaign, short: a few payloads, other ones every day, through pages and files in Chromium; and its judge on trial."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from aftershock.events import Event
from aftershock.store import Store
from aftershock.workspace import Workspace
from benchmarks.hostile import Tally, entering, files, pages
from tests.browser.conftest import serving
from tests.hostile import NAMES, Canary, Watch, canary, payloads

SEED = dt.date.today().toordinal()  # in every message of a failure, through the names
SOME = ("close-script", "md-image", "formula")


@pytest.fixture(scope="module")
def bird() -> Iterator[Canary]:
    """The canary; at the end nobody may have called it who was not meant to."""
    with canary() as found:
        yield found


@pytest.fixture(scope="module")
def texts(bird: Canary) -> dict[str, str]:
    """Some payloads that are always there, and some of the day."""
    others = random.Random(SEED).sample([n for n in NAMES if n not in SOME], 1)  # noqa: S311
    return {name: text for name, text in payloads(bird.url).items() if name in (*SOME, *others)}


@pytest.fixture(scope="module")
def events(texts: dict[str, str], workspace: Workspace) -> dict[str, Event]:
    """The events that they became."""
    tally = Tally()
    found = entering.enter(texts, workspace, tally)
    assert tally.complaints == []
    assert found.keys() >= set(SOME)
    return found


def test_the_judge_sees_what_it_should(chromium: Browser, bird: Canary, tmp_path: Path) -> None:
    """On a page that writes every payload as HTML, scripts run, others are asked and traces are left: all of that is found."""
    heard = len(bird.heard)
    page = chromium.new_page()
    watch = Watch(page, "file://")
    for name in ("script", "img-onerror", "iframe-srcdoc", "anchor", "md-link", "img-remote", "object", "svg-onload", "data-url"):
        text = payloads(bird.url)[name]
        path = tmp_path / f"{name}.html"
        path.write_text(f"<!doctype html><meta charset=utf-8><body>{text}<a href='{text.split(' ')[0]}'>x</a>", "utf-8")
        before = len(watch.found)
        page.goto(path.as_uri())
        page.wait_for_timeout(100)
        assert len(watch.look(name)) > before or name == "md-link", name
    page.close()
    assert any(found.startswith("request: ") for found in watch.found)
    assert any("ran: 1" in found for found in watch.found)
    assert any("href=javascript:" in found for found in watch.found)
    assert len(bird.heard) > heard
    bird.heard.clear()


def test_hostile_text_is_text_on_every_page(
    chromium: Browser, bird: Canary, texts: dict[str, str], events: dict[str, Event], tmp_path: Path
) -> None:
    """As own events, in links, in the ticker box, in an article and in an import: nothing runs, nobody is asked, nothing is lost."""
    tally, store = Tally(), f"sqlite:///{tmp_path}/events.sqlite3"
    Store(store).add("local", list(events.values()))
    one = {"close-script": texts["close-script"]}
    with serving(tmp_path / "log", AFTERSHOCK_STORE=store) as server:
        visitor = pages.Visitor(chromium, server, tally)
        pages.shown(visitor, {"close-script": events["close-script"]}, ("vi",))
        pages.linked(visitor, texts, ("", "events"))
        pages.typed(visitor, one)
        pages.articles(visitor, texts, uploads=1)
        pages.imported(visitor, one)
        visitor.close()
    assert tally.complaints == []
    assert bird.heard == []
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8", "replace")


def test_hostile_text_is_text_in_files_that_a_browser_opens(
    chromium: Browser, bird: Canary, events: dict[str, Event], workspace: Workspace, tmp_path: Path
) -> None:
    """The timeline with all of them as a page, a picture and a specification; opened from the disk."""
    tally = Tally()
    house = workspace.holding(workspace.prices, tuple(events.values()))
    what, timeline, names = next(files.taken(house, events, "vi"))
    opened = files.check_exhibit(timeline, names, tmp_path / what, what, tally, ("html", "svg", "json"))
    files.open_files(chromium, opened, tally)
    assert len(opened) == 3
    assert tally.complaints == []
    assert bird.heard == []
