"""In a real browser: an article is pasted, a draft is edited and saved, stands on the timeline, and Impact opens on it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from aftershock.store import Store
from tests.browser.reader import PATIENCE, PHONE, Opener, Reader
from tests.browser.test_browser_impact import forgive_the_search

ARTICLE = """Chips in March

Acme Wire
March 8, 2024

On Monday, Broadcom opened a factory in Malaysia. Last week nobody spoke of it.
On January 27, 2025 Nvidia lost 17% of its market value in the DeepSeek shock. It will take two months."""
HOSTILE = """<img src=x onerror=alert(1)> **bold** [a](javascript:alert(1)) $x$ :smile:

Acme Wire
March 8, 2024

On Monday </script><script>alert(1)</script> ![x](https://evil.example/p.png) :red[Intel] said https://evil.example/ **so**."""


@pytest.fixture(autouse=True)
def shelf() -> Iterator[Store]:
    """The server's store; other tests find it empty again."""
    store = Store(os.environ["AFTERSHOCK_STORE"])
    yield store
    for kept in store.shelf("local").kept:
        store.delete("local", kept.event.id, kept.version)
    store.close()


def articles_page(read: Opener, **more: Any) -> Reader:
    """The Articles page. A dialog that opens is a script that ran."""
    reader = read(None, **more)
    reader.hears("dialog", lambda dialog: reader.console.append(f"error: dialog {dialog.message}"))
    reader.page.goto(f"{reader.server}/articles")
    expect(reader.title).to_be_visible(timeout=PATIENCE)
    reader.settled()
    forgive_the_search(reader)
    return reader


def paste(reader: Reader, text: str) -> Reader:
    """Pastes an article and asks for its dates."""
    reader.page.locator(".st-key-a-text textarea").fill(text)
    reader.page.locator(".st-key-a-read button").click()
    expect(reader.page.locator(".st-key-a-marked")).to_be_visible(timeout=PATIENCE)
    return reader.settled()


def test_from_an_article_to_the_timeline_and_to_impact(read: Opener, shelf: Store) -> None:
    """Pasted, one draft given another title, saved, found on the timeline by its link, and asked about on Impact."""
    reader = paste(articles_page(read), ARTICLE)
    expect(reader.title).to_have_text("3 dated statements in this article, one of them about an event that we have already")
    draft = reader.page.locator("[class*='st-key-a-draft-']").filter(has_text="Broadcom")
    expect(draft.get_by_role("checkbox")).to_be_checked()
    draft.locator("summary").click()
    title = draft.locator("[class*='st-key-a-title-'] input")
    title.fill("Broadcom opens a plant")
    draft.locator("[class*='st-key-a-apply-'] button").click()
    expect(reader.page.get_by_text("Broadcom opens a plant")).to_be_visible(timeout=PATIENCE)
    reader.settled()
    reader.page.locator(".st-key-a-save button").click()
    expect(reader.alerts.filter(has_text="1 event saved")).to_be_visible(timeout=PATIENCE)
    (event,) = shelf.shelf("local").events
    assert (str(event.date), event.title.en, event.tickers) == ("2024-03-04", "Broadcom opens a plant", ("AVGO",))
    reader.settled().page.locator(f".st-key-a-event-{event.id}").get_by_role("link", name="On the timeline").click()
    expect(reader.page).to_have_url(re.compile(f"event={event.id}"), timeout=PATIENCE)
    expect(reader.card).to_contain_text("Broadcom opens a plant", timeout=PATIENCE)
    expect(reader.lines.first).to_be_visible(timeout=PATIENCE)
    reader.settled()
    reader.card.get_by_role("link", name="Was it more than noise?").click()
    expect(reader.page).to_have_url(re.compile(f"/impact.*event={event.id}"), timeout=PATIENCE)
    expect(reader.page.get_by_text("Broadcom opens a plant").first).to_be_visible(timeout=PATIENCE)


def test_hostile_articles_stay_text(read: Opener) -> None:
    """Nothing runs, nothing is loaded from elsewhere (the frame of these tests watches both), and the letters are there to be read."""
    reader = paste(articles_page(read), HOSTILE)
    marked = reader.page.locator(".st-key-a-marked")
    expect(marked).to_contain_text("</script><script>alert(1)</script>")
    expect(marked).to_contain_text("**so**")
    assert marked.locator("img, script, strong, a").count() == 0
    assert reader.page.locator("h2").filter(has_text="<img src=x onerror=alert(1)> **bold**").count() == 1
    assert reader.page.locator("a[href*='evil'], img[src*='evil'], a[href^='javascript']").count() == 0


@pytest.mark.parametrize(("locale", "scheme", "window"), [("vi-VN", "dark", PHONE), ("en-US", "light", (1280, 900))])
def test_the_example_fits_and_can_be_read(locale: str, scheme: str, window: tuple[int, int], read: Opener) -> None:
    """No sideways scrolling on a phone, and no finding of axe, in both themes and languages."""
    reader = articles_page(read, locale=locale, scheme=scheme, window=window)
    reader.page.locator(".st-key-a-example button").click()
    expect(reader.page.locator(".st-key-a-marked")).to_be_visible(timeout=PATIENCE)
    reader.settled()
    assert reader.page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth <= e.clientWidth")
    found = Axe().run(reader.page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    assert [(v["id"], [n["html"] + n["failureSummary"] for n in v["nodes"]][:3]) for v in found] == []
