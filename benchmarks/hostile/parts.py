"""The parts of the campaign, each for a process of its own with a Chromium of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from aftershock.events import Event
from aftershock.store import Store
from aftershock.workspace import Workspace
from benchmarks.hostile import Tally, entering, files, pages
from tests.browser.conftest import FLAGS, serving

PARTS = ("exhibits", "reports", "shown", "linked", "linked-on", "brought")


def play(part: str, texts: Mapping[str, str]) -> Tally:
    """One of PARTS with these payloads."""
    tally, workspace = Tally(), Workspace.open()
    events = entering.enter(texts, workspace, tally)
    tally = tally if part == PARTS[0] else Tally()  # what came in is counted once
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        if part in ("exhibits", "reports"):
            _files(part, workspace, events, browser, Path(name), tally)
        else:
            _pages(part, texts, events, browser, Path(name), tally)
    return tally


def _files(part: str, workspace: Workspace, events: Mapping[str, Event], browser: Browser, folder: Path, tally: Tally) -> None:
    """What is taken away, and what of it a browser opens."""
    house = workspace.holding(workspace.prices, tuple(events.values()))
    if part == "exhibits":
        for lang in ("en", "vi"):
            files.check_events(events, lang, tally)
        opened = files.check_exhibits(house, events, "en", folder, tally)
    else:
        opened = files.check_reports(house, events, "vi", folder, tally)
    files.open_files(browser, opened, tally)


def _pages(part: str, texts: Mapping[str, str], events: Mapping[str, Event], browser: Browser, folder: Path, tally: Tally) -> None:
    """The pages of a dashboard that keeps the events."""
    store, log = f"sqlite:///{folder}/events.sqlite3", folder / "log"
    Store(store).add("local", list(events.values()))
    with serving(log, AFTERSHOCK_STORE=store, AFTERSHOCK_PRICES="snapshot") as server:
        visitor = pages.Visitor(browser, server, tally)
        try:
            _played(part, visitor, texts, events)
        except Error as error:  # a part that breaks off is a failure, and no reason to lose what the others found
            tally.failed.append(f"{part} broke off at {visitor.page.url[:200]}: {error}")
        visitor.close()
    if "Traceback" in log.read_text("utf-8", "replace"):
        tally.failed.append(f"{part}: the server logged a traceback")


def _played(part: str, visitor: pages.Visitor, texts: Mapping[str, str], events: Mapping[str, Event]) -> None:
    match part:
        case "shown":
            pages.shown(visitor, events)
        case "linked":
            pages.linked(visitor, texts, tuple(pages.PARAMETERS)[:3])
        case "linked-on":
            pages.linked(visitor, texts, tuple(pages.PARAMETERS)[3:])
        case _:
            pages.typed(visitor, texts)
            pages.articles(visitor, texts)
            pages.imported(visitor, texts)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium of its own."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
