"""In a real browser: the report is taken from the Impact page, opened on a desk and a phone, by day and by night."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from pypdf import PdfReader

from aftershock.cli import main
from tests.browser.reader import DESK, PHONE, Opener
from tests.browser.test_browser_impact import CRASH, arrived, forgive_the_search


def test_the_report_is_taken_from_the_page(read: Opener) -> None:
    """Button -> menu -> PDF and bundle, named by series, event and language, with the link of this very view inside."""
    reader = read(None)
    reader.page.goto(f"{reader.server}/impact?event={CRASH}&ticker=NVDA&window=-1:1&lang=vi")
    arrived(reader)
    reader.page.locator(".st-key-report button").first.click()
    found = {}
    for kind in ("pdf", "zip"):
        with reader.page.expect_download(timeout=60_000) as waiting:
            reader.page.locator(f".st-key-report-{kind} button").click()
        assert waiting.value.suggested_filename == f"aftershock-report-NVDA-{CRASH}-vi.{kind}"
        found[kind] = Path(waiting.value.path()).read_bytes()
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(found["pdf"])).pages).replace("\n", "")
    assert f"{reader.server}/impact?event={CRASH}&ticker=NVDA&window=-1:1&lang=vi" in said
    with zipfile.ZipFile(io.BytesIO(found["zip"])) as packed:
        assert packed.testzip() is None
    forgive_the_search(reader)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report as a file."""
    out = tmp_path_factory.mktemp("report") / "report.html"
    assert main(["report", "--event", CRASH, "--ticker", "NVDA", "--out", str(out)]) == 0
    return out


@pytest.mark.parametrize(("window", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def test_the_file_can_be_read_everywhere(page: Path, window: tuple[int, int], scheme: str, chromium: Browser) -> None:
    """Opened from a disk: no request, nothing in the console, no sideways scrolling, our typeface, and nothing that axe objects to."""
    context = chromium.new_context(viewport={"width": window[0], "height": window[1]}, color_scheme=scheme, offline=True)  # type: ignore[arg-type]
    opened, requests, console = context.new_page(), [], []
    opened.on("request", lambda request: requests.append(request.url))
    opened.on("console", lambda message: console.append(message.text))
    opened.goto(page.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= window[0]
    assert opened.evaluate("document.fonts.size") == 2
    assert [f["status"] for f in opened.evaluate("[...document.fonts].map(f => ({status: f.status}))")] == ["loaded", "loaded"]
    found = Axe().run(opened, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
    assert found.response["violations"] == []
    assert [u for u in requests if not u.startswith(("file:", "data:"))] == []
    assert console == []
    context.close()
