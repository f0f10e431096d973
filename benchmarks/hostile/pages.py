"""The pages in Chromium: payloads shown, hovered over, linked to, typed, pasted and uploaded; nothing may run, nobody else may be asked."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from playwright.sync_api import TimeoutError

from aftershock import claim_views, compare_views, event_views, impact_views, views
from aftershock.events import Event
from aftershock.text import words
from benchmarks.hostile import Tally
from tests.hostile import MARKS, Watch

_EVERYWHERE = ("data", "asof", "x")  # what a link is stamped with, and what no page knows
PARAMETERS = {
    "": views.PARAMETERS,
    "impact": impact_views.PARAMETERS,
    "compare": compare_views.PARAMETERS,
    "claims": claim_views.PARAMETERS,
    "events": event_views.PARAMETERS,
    "articles": ("lang",),
    "methods": ("lang",),
}
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
PATIENCE = 60_000
_FORWARD = "query => { history.pushState({}, '', query); dispatchEvent(new PopStateEvent('popstate')) }"


class Visitor:
    """A page of Chromium at a dashboard, watched."""

    def __init__(self, browser: Any, server: str, tally: Tally) -> None:
        self.page = browser.new_page(locale="en-US", viewport={"width": 1280, "height": 900})
        self.page.set_default_timeout(PATIENCE)
        self.server, self.tally = server, tally
        self.watch = Watch(self.page, server)

    def go(self, path: str, where: str) -> str:
        """Opens a page, waits until it stands, looks for traces; gives what it says."""
        self.page.goto(f"{self.server}/{path}")
        return self.stands(where)

    def stands(self, where: str) -> str:
        """Waits until the page stands; gives what it says."""
        self.page.wait_for_selector("h1")
        self.page.wait_for_timeout(80)
        self.page.wait_for_selector(READY)
        self.watch.look(where)
        said = str(self.page.inner_text("body"))
        if "tell whoever runs this server" in said:
            self.tally.failed.append(f"{where}: a fault: {self.page.url[:200]}")
        return said

    def close(self) -> None:
        """Closes the page; what was found goes to the tally."""
        self.tally.ran += self.watch.found
        self.page.close()


def shown(visitor: Visitor, events: Mapping[str, Event], langs: Sequence[str] = ("en", "vi")) -> None:
    """Own events as they stand on the timeline, on Events, on Impact and on Compare; each card, every token with its tooltip."""
    days = sorted(e.date for e in events.values())
    timeline = f"?from={days[0]}&to={days[-1]}&verification=own&lang="
    for lang in langs:
        visitor.go(f"{timeline}{lang}", f"timeline {lang}")
        _hover(visitor, f"timeline tooltips {lang}")
        for show in ("table", "candles"):
            visitor.go(f"{timeline}{lang}&show={show}", f"timeline {show} {lang}")
    for name, event in events.items():
        for path, fields in (("", 7), ("events", 7), ("impact", 1)):
            query = f"event={event.id}&verification=own" if path != "impact" else f"event={event.id}&ticker=NVDA"
            view = f"from={days[0]}&to={days[-1]}&" if not path else ""
            said = visitor.go(f"{path}?{view}{query}&lang=en", f"{path or 'timeline'} card of {name}")
            visitor.tally.pairs[f"{path or 'timeline'} page"] += fields
            if MARKS[name] not in said:
                visitor.tally.lost.append(f"{path or 'timeline'} page: {name}")
    for some in _by(list(events), 8):
        visitor.go(f"compare?events={','.join(events[n].id for n in some)}&lang=en", f"compare {some[0]}")
        _hover(visitor, f"compare tooltips {some[0]}")
        visitor.tally.pairs["compare page"] += len(some)


def _hover(visitor: Visitor, where: str) -> None:
    """Moves over whatever in the charts may have a tooltip, and reads the tooltips' elements."""
    for mark in visitor.page.locator("svg.marks path[transform], svg.marks path[aria-roledescription]").all()[:140]:
        mark.dispatch_event("mouseover")
        mark.dispatch_event("mousemove")
    visitor.watch.look(where)


def linked(visitor: Visitor, payloads: Mapping[str, str], pages: Sequence[str] = tuple(PARAMETERS)) -> None:
    """Every parameter of every page with every payload, one payload in each parameter of a link; the first link opens the page, the
    others are gone to from there, as with the browser's Forward."""
    texts = list(payloads.values())
    for page in pages:
        names, place = (*PARAMETERS[page], *_EVERYWHERE), page or "timeline"
        for turn in range(len(texts)):
            query = "&".join(f"{name}={quote(texts[(turn + n) % len(texts)], safe='')}" for n, name in enumerate(names))
            if turn:
                visitor.page.evaluate(_FORWARD, f"/{page}?{query}")
                visitor.page.wait_for_function("() => !/[?&]x=/.test(location.search)")
                visitor.stands(f"link to {place} {turn}")
            else:
                visitor.go(f"{page}?{query}", f"link to {place}")
            visitor.tally.pairs[f"{place} link"] += len(names)


def typed(visitor: Visitor, payloads: Mapping[str, str]) -> None:
    """Every payload typed into the box of tickers."""
    visitor.go("?lang=en", "timeline")
    for name, text in payloads.items():
        box = visitor.page.locator(".st-key-series input").first
        box.fill("".join(c for c in text if c.isprintable()))
        box.press("Enter")
        visitor.stands(f"ticker box {name}")
        visitor.page.keyboard.press("Escape")
        visitor.tally.pairs["ticker box"] += 1


def articles(visitor: Visitor, payloads: Mapping[str, str], uploads: int | None = None) -> None:
    """One article with every payload in a dated sentence, pasted; and each payload (or so many of them) as an uploaded page's title."""
    sentences = "\n\n".join(f"On 4 March 2024 Nvidia said: {' '.join(text.split())} was meant." for text in payloads.values())
    visitor.go("articles?lang=en", "articles")
    visitor.page.locator(".st-key-a-text textarea").fill(f"A headline\n\n8 March 2024\n\n{sentences}")
    visitor.page.locator(".st-key-a-read button").click()
    visitor.page.wait_for_selector(".st-key-a-marked")
    said = visitor.stands("article pasted")
    visitor.tally.pairs["article text"] += len(payloads)
    for name, text in payloads.items():
        if MARKS[name] not in said and text.isprintable():
            visitor.tally.lost.append(f"article text: {name}")
    for name, text in list(payloads.items())[:uploads]:
        body = f"<p>On 4 March 2024 Nvidia said {html.escape(text)}.</p><p>On 5 March 2024 {text}.</p>"
        head = f"<title>{html.escape(text)}</title><meta property='og:site_name' content=\"{html.escape(text)}\">"
        article = f"<article><h1>{html.escape(text)}</h1>{body * 3}</article>"
        page = f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{article}</body></html>"
        visitor.go("articles?lang=en", "articles")
        visitor.page.locator(".st-key-a-way button").filter(has_text=words("en")("way.file")).click()
        _upload(visitor, ".st-key-a-file", f"{_name(text)}.html", page)
        visitor.page.locator(".st-key-a-read button").click()
        visitor.stands(f"article uploaded {name}")
        visitor.tally.pairs["article page"] += 4


def imported(visitor: Visitor, payloads: Mapping[str, str]) -> None:
    """Each payload as the name of a file, as a column nobody reads, and in cells that are taken and refused."""
    visitor.go("events?lang=en", "events")
    visitor.page.locator(".st-key-im-box summary").click()
    for name, text in payloads.items():
        cell = text.replace("\x00", "").replace('"', '""')
        table = f'date,title,"{cell}",tickers\n2025-01-27,"{cell}",x,NVDA\n"{cell}",A title,x,"{cell}"\n'
        _upload(visitor, ".st-key-im-file", f"{_name(text)}.csv", table)
        visitor.stands(f"import {name}")
        visitor.tally.pairs["import preview"] += 5


def _upload(visitor: Visitor, key: str, name: str, content: str) -> None:
    """Gives an uploader a file, again if it was just being drawn anew."""
    field = visitor.page.locator(f"{key} input[type=file]")
    chip = visitor.page.locator(f"{key} [data-testid=stFileChipName]").filter(has_text=name[:4]).first
    for patience in (5_000, 10_000, PATIENCE):
        field.set_input_files({"name": name, "mimeType": "text/plain", "buffer": content.encode("utf-8", "replace")})
        try:
            chip.wait_for(timeout=patience)
            break
        except TimeoutError:
            continue
    else:
        visitor.tally.failed.append(f"{name!r} could not be uploaded")
    visitor.page.wait_for_timeout(100)


def _name(text: str) -> str:
    """As much of a payload as may be a file's name, its mark in front."""
    return text[-4:] + re.sub(r"[/\\\x00-\x1f\ud800-\udfff]", "-", text)[:100]


def _by(names: list[str], size: int) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, size)):
        yield some
