"""A reader at a real browser: opens views, looks at the chart, and keeps what the browser said and asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

ZONE = "Asia/Ho_Chi_Minh"
DESK, PHONE = (1280, 900), (390, 844)
PATIENCE = 20_000  # milliseconds; a condition that is awaited, never a pause
expect.set_options(timeout=PATIENCE)


class Reader:
    """One page and everything it did. Select by role or key, not by position: the layout may move."""

    def __init__(self, page: Page, server: str) -> None:
        self.page, self.server = page, server
        self.requests: list[str] = []
        self.console: list[str] = []
        self.sent: list[int] = []  # bytes of every message to the server
        self._heard: list[tuple[Any, Callable[[Any], None]]] = []
        page.set_default_timeout(PATIENCE)
        self.hears("request", lambda request: self.requests.append(request.url))
        self.hears("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        self.hears("pageerror", lambda error: self.console.append(f"error: {error}"))
        self.hears("websocket", self._websocket)

    def hears(self, event: Any, told: Callable[[Any], None]) -> None:
        """Has something told of an event of the page, as long as this reader reads it."""
        self.page.on(event, told)
        self._heard.append((event, told))

    def deaf(self) -> None:
        """Hears no more: the page may go to another reader."""
        for event, told in self._heard:
            self.page.remove_listener(event, told)
        self._heard.clear()

    def _websocket(self, socket: Any) -> None:
        self.requests.append(socket.url)
        socket.on("framesent", lambda frame: self.sent.append(len(frame)))

    # -- going places ----------------------------------------------------------------------------------------------

    def open(self, query: str = "", *, chart: bool = True) -> Reader:
        """Goes to the start page with a query string and waits until it stands."""
        self.page.goto(f"{self.server}/{query}")
        expect(self.title).to_be_visible(timeout=PATIENCE)
        if chart:
            expect(self.lines.first).to_be_visible(timeout=PATIENCE)
        return self.settled()

    def settled(self) -> Reader:
        """Waits until the script has run to its end."""
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        return self

    def query(self, **parts: str | None) -> Reader:
        """Waits until the address says this (None: until it does not name the parameter)."""
        for key, value in parts.items():
            name = key.rstrip("_")
            there = f"([?&]){name}=" + ("" if value is None else re.escape(value) + "(&|$)")
            pattern = re.compile(f"^(?!.*{there})" if value is None else there)
            expect(self.page).to_have_url(pattern, timeout=PATIENCE)
        return self.settled()

    def told(self, messages: int) -> Reader:
        """Waits until that many messages have gone to the server since the page was opened, and have been answered."""
        for _ in range(PATIENCE // 50):
            if len(self.sent) >= messages:
                break
            self.page.wait_for_timeout(50)
        assert len(self.sent) >= messages
        return self.settled()

    # -- parts of the page -----------------------------------------------------------------------------------------

    @property
    def title(self) -> Locator:
        """The finding."""
        return self.page.get_by_role("heading", level=1)

    @property
    def chart(self) -> Locator:
        """The chart's drawing."""
        return self.page.locator(".st-key-chart svg.marks")

    @property
    def lines(self) -> Locator:
        """The lines of the focus; the overview's are hidden from assistive technology."""
        return self.chart.locator("path[aria-roledescription='line mark']")

    @property
    def card(self) -> Locator:
        """The card of the selected event."""
        return self.page.locator(".st-key-card")

    @property
    def alerts(self) -> Locator:
        """The sentences on a coloured ground."""
        return self.page.get_by_test_id("stAlert")

    def choice(self, key: str, label: str | re.Pattern[str]) -> Locator:
        """A button of the pills or segments with that key."""
        return self.page.locator(f".st-key-{key}").locator("button").filter(has_text=label)

    def add_series(self, typed: str) -> Reader:
        """Types a ticker or a name into the box and presses Enter."""
        self.page.locator(".st-key-series input").click()
        self.page.keyboard.type(typed)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Escape")
        return self

    def remove_series(self, label: str) -> Reader:
        """Takes a series out of the box by its cross."""
        self.page.locator(".st-key-series").get_by_role("button", name=re.compile(re.escape(label))).click()
        return self

    def more_filters(self) -> Reader:
        """Unfolds the filters by words, article and support."""
        self.page.locator(".st-key-more-filters summary").click()
        self.page.locator(".st-key-find input").wait_for(state="visible")
        return self

    def words(self) -> list[str]:
        """Every text drawn in the chart."""
        return [t for t in self.chart.locator("text").all_text_contents() if t]

    def paths(self) -> list[str]:
        """The lines' geometry: changes when the picture does."""
        return [str(d) for d in self.lines.evaluate_all("paths => paths.map(p => p.getAttribute('d'))")]

    def scale(self) -> list[str]:
        """The labels of the y axis (years belong to the overview)."""
        labels = self.chart.locator(".role-axis-label text").all_text_contents()
        return [label for label in labels if not re.fullmatch(r"20\d\d", label)]

    def tokens(self) -> dict[str, Token]:
        """The numbered tokens of the lane, by number."""
        rows = self.chart.evaluate(_TOKENS)
        return {row["n"]: Token(**row) for row in rows}

    def click_token(self, number: str) -> None:
        """Clicks where the token stands."""
        self.chart.scroll_into_view_if_needed()
        token = self.tokens()[number]
        self.page.mouse.click(token.x, token.y)

    def wait_for_words(self, *wanted: str) -> None:
        """Waits until the chart says all of it."""
        for text in wanted:
            expect(self.chart).to_contain_text(text, timeout=PATIENCE)

    def changed(self, before: list[str]) -> list[str]:
        """Waits until the lines are not what they were; gives the new ones."""
        self.page.wait_for_function(
            "before => { const now = [...document.querySelectorAll(`.st-key-chart svg.marks path[aria-roledescription='line mark']`)]"
            ".map(p => p.getAttribute('d')); return now.length && now.join() !== before.join() }",
            arg=before,
        )
        return self.paths()

    def is_drawn(self, wanted: list[str]) -> None:
        """Waits until the lines are exactly these."""
        self.page.wait_for_function(
            "wanted => [...document.querySelectorAll(`.st-key-chart svg.marks path[aria-roledescription='line mark']`)]"
            ".map(p => p.getAttribute('d')).join() === wanted.join()",
            arg=wanted,
        )

    def still(self) -> list[str]:
        """Waits until the picture stands still for several frames; gives it."""
        self.page.evaluate(_STILL)
        return self.paths()

    def listed(self) -> list[str]:
        """The titles of the list, with their numbers."""
        return [text.split("\n")[0] for text in self.page.locator(".st-key-list label:has(input)").all_inner_texts()]

    # -- what must never happen ------------------------------------------------------------------------------------

    def complaints(self) -> list[str]:
        """Requests that left this machine, and whatever the console reported as a warning or an error."""
        away = [url for url in self.requests if (urlsplit(url).hostname or "") not in ("127.0.0.1", "")]
        loud = [line for line in self.console if line.startswith(("error", "warning")) or "WARN" in line]
        return [*(f"request: {url}" for url in away), *(f"console: {line}" for line in loud)]


@dataclass(frozen=True, slots=True)
class Token:
    """A numbered token: where it stands in the window, and its fill."""

    n: str
    x: float
    y: float
    fill: str


_STILL = """async () => {
  const lines = `.st-key-chart svg.marks path[aria-roledescription='line mark']`;
  const now = () => [...document.querySelectorAll(lines)].map(p => p.getAttribute('d')).join();
  let last = now();
  for (let calm = 0; calm < 8;) {
    await new Promise(done => requestAnimationFrame(done));
    const next = now();
    calm = next === last ? calm + 1 : 0;
    last = next;
  }
}"""

_TOKENS = """svg => {
  const place = e => (e.getAttribute('transform') || '').match(/-?[0-9.]+(e-?[0-9]+)?/g)?.slice(0, 2).map(Number);
  const shapes = [...svg.querySelectorAll('path[transform]')].map(e => ({e, at: place(e)})).filter(s => s.at);
  return [...svg.querySelectorAll('text[fill="white"]')].map(text => {
    const at = place(text), box = text.getBoundingClientRect();
    const shape = shapes.findLast(s => Math.abs(s.at[0] - at[0]) < 1 && Math.abs(s.at[1] - at[1]) < 8);
    return {n: text.textContent, x: box.x + box.width / 2, y: box.y + box.height / 2, fill: shape?.e.getAttribute('fill') || ''};
  });
}"""


@dataclass(eq=False)
class Desk:
    """A browser context that is kept, and its pages that nobody reads: to open a page costs Chromium more than to load ours."""

    context: BrowserContext
    idle: list[Page] = field(default_factory=list)

    def page(self) -> Page:
        """A blank page."""
        return self.idle.pop() if self.idle else self.context.new_page()

    def take_back(self, page: Page) -> None:
        """Puts a page aside, blank again and with the pointer in its corner."""
        page.mouse.move(0, 0)
        page.evaluate("() => sessionStorage.clear()")
        page.goto("about:blank")
        self.idle.append(page)


@dataclass(eq=False)
class ReadingRoom:
    """Opens pages in contexts that are kept, so that Streamlit's scripts are fetched once per language and not once per test."""

    browser: Browser
    server: str
    desks: dict[str, Desk] = field(default_factory=dict)
    readers: list[tuple[Reader, Desk]] = field(default_factory=list)

    def reader(
        self,
        query: str | None = "",
        *,
        locale: str = "en-US",
        window: tuple[int, int] = DESK,
        scheme: Any = "light",
        fresh: bool = False,
        chart: bool = True,
    ) -> Reader:
        """A page at a view. `fresh` is a browser that has never been here; query None leaves the page blank."""
        desk = self.desks.get(locale)
        if desk is None or fresh:
            desk = Desk(self.browser.new_context(locale=locale, timezone_id=ZONE, accept_downloads=True))
            if not fresh:
                self.desks[locale] = desk
        page = desk.page()
        page.set_viewport_size({"width": window[0], "height": window[1]})
        page.emulate_media(color_scheme=scheme)
        reader = Reader(page, self.server)
        self.readers.append((reader, desk))
        return reader if query is None else reader.open(query, chart=chart)

    def close(self) -> list[str]:
        """Closes the pages of a test, or puts them aside, and gives what they complained of."""
        found = [complaint for reader, _ in self.readers for complaint in reader.complaints()]
        for reader, desk in self.readers:
            reader.deaf()
            if desk not in self.desks.values():
                desk.context.close()
            elif found or reader.page.is_closed():
                reader.page.close()
            else:
                desk.take_back(reader.page)
        self.readers.clear()
        return found


Opener = Callable[..., Reader]
Openers = Iterator[Opener]
