"""The Articles page as a reader uses it, run by Streamlit's own test driver, with a store of its own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from aftershock.store import Store
from aftershock.ui import kept
from tests.conftest import ROOT
from tests.visits import run

ARTICLE = """Chips in March

Acme Wire
March 8, 2024

On Monday, Broadcom opened a factory in Malaysia. Last week nobody spoke of it. Analysts at Micron were told yesterday.
On January 27, 2025 Nvidia lost 17% of its market value in the DeepSeek shock. It will take two months."""
Page = Callable[..., AppTest]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of the reader's own events: this test's alone, for a server that knows no other."""
    place = tmp_path / "events.sqlite3"
    monkeypatch.setenv("AFTERSHOCK_STORE", f"sqlite:///{place}")
    monkeypatch.delenv("AFTERSHOCK_PUBLIC", raising=False)
    for cached in (kept.store, kept._shelf, kept._last_change):
        cached.clear()
    yield place
    kept.store().close()
    for cached in (kept.store, kept._shelf, kept._last_change):
        cached.clear()


@pytest.fixture
def visit(file: Path) -> Page:
    """Opens the Articles page."""

    def open_(lang: str = "en") -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        app.context = {"locale": lang, "timezone": "Asia/Ho_Chi_Minh", "url": "http://localhost:8501/articles"}
        run(app)
        return run(app.switch_page("pages/articles.py"))

    return open_


def paste(app: AppTest, text: str) -> AppTest:
    """Pastes a text and asks for its dates."""
    app.text_area(key="a-text").set_value(text)
    app.button(key="a-read").click()
    return run(app)


def said(app: AppTest) -> str:
    """All text of the page as a reader sees it."""
    parts = [app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.error, app.warning, app.success]
    text = "\n".join(str(element.value) for elements in parts for element in elements)
    return re.sub(r"\\(.)", r"\1", text).replace("\u00a0", " ").replace("\u2060", "")


def boxes(app: AppTest) -> dict[str, bool]:
    """The drafts' tick boxes: label without marks, and whether it is ticked."""
    return {re.sub(r"\\(.)", r"\1", c.label).strip("*"): c.value for c in app.checkbox}


def test_a_first_visitor_can_try_an_example(visit: Page) -> None:
    """In both languages: one click, and the marked text stands beside the drafts; what the catalogue has is linked."""
    for lang, word, known in (("en", "The next day", "DeepSeek shock"), ("vi", "Hôm sau", "Cú sốc DeepSeek")):
        app = visit(lang)
        assert not boxes(app)
        app.button(key="a-example").click()
        run(app)
        text = said(app)
        assert f":orange-background[{word}]" in text
        assert known in text
        assert ":gray-background[:material/block: " in text
        assert len(boxes(app)) >= 2


def test_what_is_ticked_is_saved_and_what_is_coarse_is_not(visit: Page, file: Path) -> None:
    """Days are ticked, a week waits for the reader's day, the catalogue's own event is not drafted again."""
    app = paste(visit(), ARTICLE)
    assert boxes(app) == {
        "Broadcom opened a factory in Malaysia": True,
        "Last week nobody spoke of it": False,
        "Analysts at Micron were told": True,
    }
    assert "1 event that is in the catalogue already" in said(app)
    app.button(key="a-save").click()
    run(app)
    assert "2 events saved" in said(app)
    store = Store(f"sqlite:///{file}")
    kept_events = sorted(store.shelf("local").events, key=lambda e: e.date)
    store.close()
    assert [(str(e.date), e.title.en, e.tickers) for e in kept_events] == [
        ("2024-03-04", "Broadcom opened a factory in Malaysia", ("AVGO",)), ("2024-03-07", "Analysts at Micron were told", ("MU",)),
    ]  # fmt: skip
    assert (kept_events[0].sources[0].publisher, kept_events[0].sources[0].date) == ("Acme Wire", "2024-03-08")
    assert boxes(app) == {"Last week nobody spoke of it": False}
    again = paste(app, ARTICLE)
    assert boxes(again) == {"Last week nobody spoke of it": False}, "the same article brings nothing twice"


def test_a_draft_is_edited_before_it_is_saved(visit: Page, file: Path) -> None:
    """The reader chooses a day within the week, another title, a time, a category, tickers; a wrong time is refused with a sentence."""
    app = paste(visit(), ARTICLE)
    (key,) = [c.key for c in app.checkbox if not c.value]
    event_id = re.search(r"own-\w+", str(key))[0]  # type: ignore[index]
    app.session_state[f"a-open-{event_id}"] = True
    run(app)
    app.text_input(key=f"a-title-{event_id}").set_value("Nobody *spoke* of it")
    app.date_input(key=f"a-date-{event_id}").set_value(dt.date(2024, 2, 28))
    app.text_input(key=f"a-time-{event_id}").set_value("25:99")
    app.selectbox(key=f"a-category-{event_id}").set_value("investment")
    app.text_input(key=f"a-tickers-{event_id}").set_value("nvda, amd")
    app.button(key=f"a-apply-{event_id}").click()
    run(app)
    assert "25:99" in said(app)
    app.text_input(key=f"a-time-{event_id}").set_value("9:31")
    app.button(key=f"a-apply-{event_id}").click()
    run(app)
    assert boxes(app)["Nobody *spoke* of it"] is True
    app.button(key="a-save").click()
    run(app)
    store = Store(f"sqlite:///{file}")
    (event,) = [e for e in store.shelf("local").events if e.id == event_id]
    store.close()
    assert (str(event.date), str(event.time), event.title.en, event.category, event.tickers) == (
        "2024-02-28", "09:31:00", "Nobody *spoke* of it", "investment", ("NVDA", "AMD"),
    )  # fmt: skip


def test_the_publication_date_is_the_reader_s_to_say(visit: Page) -> None:
    """Without one, relative words are left out with the reason; given on the page, they are resolved."""
    app = paste(visit(), "A headline\n\nBroadcom opened a factory yesterday.")
    assert "does not say when it was published" in said(app)
    assert "No dated statement was found" in said(app)
    app.date_input(key="a-published").set_value(dt.date(2024, 3, 8))
    run(app)
    assert "→ 7 Mar 2024" in said(app)
    assert boxes(app) == {"Broadcom opened a factory": True}


def test_a_known_event_can_be_something_else_after_all(visit: Page) -> None:
    """The reader may make a draft of what the catalogue seems to have."""
    app = paste(visit(), ARTICLE)
    (button,) = [b for b in app.button if str(b.key).startswith("a-want-")]
    button.click()
    run(app)
    assert len(boxes(app)) == 4
    assert "in the catalogue already" not in said(app)


def test_hostile_text_stays_text(visit: Page) -> None:
    """Markup, Markdown, directives, links and pictures in an article are shown as they are written, and nothing of them works."""
    hostile = (
        "<script>alert(1)</script> [a](javascript:alert(1))\n\nOn Monday, **bold** ![x](http://evil.example/p.png) :red[colour] "
        "<img src=x onerror=alert(1)> $x$ `code` :material/home: ]( Intel said https://evil.example/ so. "
        "Yesterday :orange-background[no] it did."
    )
    app = paste(visit(), hostile)
    app.date_input(key="a-published").set_value(dt.date(2024, 3, 8))
    run(app)
    for element in (*app.markdown, *app.caption, *app.header, *app.title):
        raw = re.sub(r"\\.", "", str(element.value))
        raw = re.sub(r":(?:orange|gray)-background\[(?::material/block: )?|:material/block:|\*\*", "", raw)
        assert not re.search(r"!\[|\]\(|<|`|\$|:red|javascript:", raw), element.value
    for box in app.checkbox:
        assert not re.search(r"(?<!\\)(?:!\[|\]\(|<|`|\$)", box.label), box.label


def test_strangers_cannot_make_the_server_fetch(visit: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a public server there is no field for an address, and the way behind it is closed."""
    assert "Web address" in [str(o) for o in visit().segmented_control(key="a-way").options]
    monkeypatch.setenv("AFTERSHOCK_PUBLIC", "1")
    assert "Web address" not in [str(o) for o in visit().segmented_control(key="a-way").options]


def test_an_address_inside_is_refused_with_a_sentence(visit: Page) -> None:
    """The page says what was wrong; nothing is fetched."""
    app = visit()
    app.segmented_control(key="a-way").set_value("address")
    run(app)
    app.text_input(key="a-address").set_value("http://169.254.169.254/latest/meta-data/")
    app.button(key="a-read").click()
    run(app)
    assert "169.254.169.254 is not a public address" in said(app)
    assert not boxes(app)


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_a_file_is_read(lang: str, visit: Page) -> None:
    """An HTML file with its metadata; the publication time is shown with its offset."""
    app = visit(lang)
    app.segmented_control(key="a-way").set_value("file")
    run(app)
    name = "vi_3_midnight.html"
    app.file_uploader(key="a-file").upload(name, (Path(__file__).parent / "articles" / name).read_bytes())
    app.button(key="a-read").click()
    run(app)
    assert "Cổ phiếu Nvidia lao dốc đầu phiên" in said(app)
    assert "00:40 (UTC+07:00)" in said(app)
