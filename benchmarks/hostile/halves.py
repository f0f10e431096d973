"""The two halves of the campaign, each for a process of its own with a Chromium of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from aftershock.store import Store
from aftershock.workspace import Workspace
from benchmarks.hostile import Tally, entering, files, pages
from tests.browser.conftest import FLAGS, serving


def play_files(texts: Mapping[str, str]) -> Tally:
    """The files, and those that a browser opens in Chromium."""
    tally, workspace = Tally(), Workspace.open()
    events = entering.enter(texts, workspace, tally)
    house = workspace.holding(workspace.prices, tuple(events.values()))
    for lang in ("en", "vi"):
        files.check_events(events, lang, tally)
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        opened = files.check_exhibits(house, events, "en", Path(name), tally)
        opened += files.check_reports(house, events, "vi", Path(name), tally)
        files.open_files(browser, opened, tally)
    return tally


def play_pages(texts: Mapping[str, str]) -> Tally:
    """The pages of a dashboard that keeps the events."""
    tally = Tally()
    events = entering.enter(texts, Workspace.open(), Tally())
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        store, log = f"sqlite:///{name}/events.sqlite3", Path(name) / "log"
        Store(store).add("local", list(events.values()))
        with serving(log, AFTERSHOCK_STORE=store, AFTERSHOCK_PRICES="snapshot") as server:
            visitor = pages.Visitor(browser, server, tally)
            pages.shown(visitor, events)
            pages.linked(visitor, texts)
            pages.typed(visitor, texts)
            pages.articles(visitor, texts)
            pages.imported(visitor, texts)
            visitor.close()
        if "Traceback" in log.read_text("utf-8", "replace"):
            tally.failed.append("the server logged a traceback")
    return tally


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium of its own."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
