"""Plays the campaign against a dashboard of its own, and writes the figures."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from aftershock.events import Event
from aftershock.store import Store
from aftershock.workspace import Workspace
from benchmarks.hostile import Tally, entering, files, pages
from benchmarks.results import put
from tests.browser.conftest import FLAGS, serving
from tests.hostile import NAMES, Canary, canary, payloads
from tests.test_articles_fetch import INSIDE

HEADING: Final = "## Hostile text"
SEED: Final = 20250127


def play(number: int | None, seed: int, browser: Browser, folder: Path, bird: Canary) -> tuple[Tally, dict[str, str]]:
    """The whole campaign with all payloads or some, drawn by the seed."""
    texts, tally = payloads(bird.url), Tally()
    if number is not None:
        texts = {name: texts[name] for name in random.Random(seed).sample(NAMES, number)}
    workspace = Workspace.open()
    events = entering.enter(texts, workspace, tally)
    house = workspace.holding(workspace.prices, tuple(events.values()))
    opened = []
    for lang in ("en", "vi"):
        files.check_events(events, lang, tally)
    opened += files.check_exhibits(house, events, "en", folder, tally)
    opened += files.check_reports(house, events, "vi", folder, tally)
    files.open_files(browser, opened, tally)
    visit(browser, texts, events, folder, tally)
    if bird.heard:
        tally.ran.append(f"the canary was called: {bird.heard}")
    return tally, texts


def visit(browser: Browser, texts: Mapping[str, str], events: Mapping[str, Event], folder: Path, tally: Tally) -> None:
    """The pages of a dashboard that keeps the events."""
    store = f"sqlite:///{folder}/events.sqlite3"
    Store(store).add("local", list(events.values()))
    with serving(folder / "log", AFTERSHOCK_STORE=store, AFTERSHOCK_PRICES="snapshot") as server:
        visitor = pages.Visitor(browser, server, tally)
        pages.shown(visitor, events)
        pages.linked(visitor, texts)
        pages.typed(visitor, texts)
        pages.articles(visitor, texts)
        pages.imported(visitor, texts)
        visitor.close()
    if "Traceback" in (folder / "log").read_text("utf-8", "replace"):
        tally.failed.append("the server logged a traceback")


def table(tally: Tally) -> list[str]:
    """Where text came in or out, and how many pairs of payload and field (or files) were looked at there."""
    rows = [f"| {where} | {n:,} |" for where, n in sorted(tally.pairs.items())]
    return ["| in or out | payload in a field |", "|---|---:|", *rows, f"| together | {tally.pairs.total():,} |"]


def main() -> int:
    """Plays, prints, and writes when everything was played."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("-n", "--number", type=int, help=f"payloads (default: all {len(NAMES)})")
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    begun = time.monotonic()
    os.environ["AFTERSHOCK_PRICES"] = "snapshot"
    with tempfile.TemporaryDirectory() as name, canary() as bird, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=FLAGS)
        tally, texts = play(args.number, args.seed, browser, Path(name), bird)
        version = browser.version
        browser.close()
    print(*table(tally), *tally.complaints, sep="\n")
    if args.number is None:
        when = dt.datetime.now().astimezone()
        took = (time.monotonic() - begun) / 60
        head = f"{when.day} {when:%B %Y, %H:%M}, `python -m benchmarks.hostile`, Chromium {version}, {took:.0f} minutes."
        result = (
            f"{len(texts)} payloads: {len(tally.ran)} executed, asked for elsewhere or left as more than text; {len(tally.formulas)} live "
            f"formulas; {len(tally.lost)} texts lost; {len(tally.failed)} pages, files or refusals that failed."
        )
        fetching = (
            f"Fetching addresses is played by `tests/test_articles_fetch.py` in every run of the tests: {len(INSIDE)} spellings of inner "
            "addresses, redirects, rebinding, slow servers and bombs: 0 inner addresses reached."
        )
        put(HEADING, [head, "", result, "", *table(tally), "", fetching])
    return 1 if tally.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
