"""In a real browser, at a server for strangers with a real provider: sign in, save, sign out; and another reader's browser beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from aftershock.text import words
from tests.browser.conftest import serving
from tests.browser.reader import DESK, PHONE
from tests.oidc import Provider, provider

SAY = words("en")
READERS = {"anna": {"name": "Anna", "email": "same@example.org"}, "binh": {"name": "Bình", "email": "same@example.org"}}


@pytest.fixture(scope="module")
def oidc() -> Iterator[Provider]:
    """The provider."""
    with provider(READERS) as found:
        yield found


@pytest.fixture(scope="module")
def public(oidc: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server."""
    folder = tmp_path_factory.mktemp("public")
    (folder / "secrets.toml").write_text(oidc.secrets_toml(), "utf-8")
    environment = {"STREAMLIT_SECRETS_FILES": str(folder / "secrets.toml"), "AFTERSHOCK_STORE": f"sqlite:///{folder}/events.sqlite3"}
    with serving(folder / "log", AFTERSHOCK_PUBLIC="1", **environment) as url:
        yield url
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def profile(chromium: Browser, public: str) -> Iterator[Any]:
    """Opens the Events page in a browser of its own; none of them may ask anybody but this machine."""
    contexts, asked = [], []

    def open_(query: str = "", size: tuple[int, int] = DESK) -> Page:
        context = chromium.new_context(locale="en-US", timezone_id="Europe/London")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{public}/events{query}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))] == []


def sign_in(page: Page, who: str) -> Page:
    """Through the page's button and the provider's page."""
    page.locator(".st-key-sign-in-events button").click()
    page.get_by_role("link", name=f"I am {who}").click()
    expect(page.get_by_role("button", name=SAY("reader.sign_out"))).to_be_visible()
    return page


def test_sign_in_save_and_sign_out(profile: Any) -> None:
    """A stranger finds no button that saves. Signed in, they are on the page and at the filter that they left; what they save is there,
    and not for another reader. Signed out, they read only, and the event is not shown any more.
    """
    page = profile("?find=mine")
    expect(page.get_by_text(SAY("reader.to_save"))).to_be_visible()
    expect(page.get_by_role("button", name=SAY("event_page.add"))).to_have_count(0)
    sign_in(page, "anna")
    page.wait_for_url("**/events?find=mine*")
    page.get_by_role("button", name=SAY("event_page.add")).click()
    page.locator(".st-key-f-title_en input").fill("An event of mine")
    page.get_by_role("spinbutton", name="day, ").click()
    page.keyboard.type("27012025")
    page.locator(".st-key-e-save button").click()
    expect(page.get_by_role("heading", name="An event of mine")).to_be_visible()

    other = sign_in(profile("?find=mine"), "binh")
    expect(other.get_by_role("button", name=SAY("event_page.add"))).to_be_visible()
    expect(other.get_by_text("An event of mine")).to_have_count(0)

    page.get_by_role("button", name=SAY("reader.sign_out")).click()
    expect(page.locator(".st-key-door").get_by_role("button", name=SAY("reader.sign_in"))).to_be_visible()
    page.goto(page.url.split("/?")[0] + "/events?find=mine")
    expect(page.get_by_text(SAY("reader.to_save"))).to_be_visible()
    expect(page.get_by_text("An event of mine")).to_have_count(0)


def test_the_way_in_fits_a_phone(profile: Any) -> None:
    """At 390 pixels nothing is wider than the window, and the button is in sight."""
    page = profile(size=PHONE)
    expect(page.locator(".st-key-sign-in-events button")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
