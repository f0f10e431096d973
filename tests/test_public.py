"""A server that strangers use: real sign-in at a real provider, real websockets, forged messages, limits, and faults injected for real."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from aftershock.own import MOST
from aftershock.store import Store
from aftershock.text import words
from aftershock.ui import carried, house, kept, market
from aftershock.ui.address import MOST_BYTES
from aftershock.ui.frame import PAGES
from aftershock.views import MOST_LETTERS
from tests import fake_yahoo
from tests.browser.conftest import serving
from tests.conftest import ROOT
from tests.oidc import Provider, provider
from tests.wire import Tab

ANNA, BINH = "anna", "bình|1"
READERS = {ANNA: {"name": "Anna *A*", "email": "same@example.org"}, BINH: {"name": "Bình", "email": "same@example.org"}}
SAVING = {"e-add", "e-save", "e-edit", "e-copy", "e-delete", "e-undo", "im-add", "a-save"}
ARTICLE = "Chips\n\n8 March 2024\n\nBroadcom opened a factory in Malaysia on 4 March 2024."
TABLE = "date;title\n2024-03-04;Mine from a table\n2024-03-05;Another\n"
SAY = words("en")
Visit = Callable[..., Tab]


@pytest.fixture(scope="module")
def oidc() -> Iterator[Provider]:
    """The provider, with two readers of one e-mail address."""
    with provider(READERS) as found:
        yield found
        assert found.refused == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Log, secrets and store of the server."""
    return tmp_path_factory.mktemp("public")


@pytest.fixture(scope="module")
def server(oidc: Provider, folder: Path) -> Iterator[str]:
    """A server for strangers, whose readers the provider vouches for."""
    (folder / "secrets.toml").write_text(oidc.secrets_toml(), "utf-8")
    store = f"sqlite:///{folder}/events.sqlite3"
    with serving(
        folder / "log", AFTERSHOCK_PUBLIC="1", STREAMLIT_SECRETS_FILES=str(folder / "secrets.toml"), AFTERSHOCK_STORE=store
    ) as url:
        yield url


@pytest.fixture
def visit(server: str) -> Iterator[Visit]:
    """Opens a tab at a page, signed in as somebody or not."""
    tabs: list[Tab] = []

    def open_(page: str = "events", who: str = "", **query: str) -> Tab:
        tab = Tab(server, page, **query).run()
        tabs.append(tab)
        return tab.sign_in(who) if who else tab

    yield open_
    for tab in tabs:
        tab.close()


def saved(folder: Path, who: str, oidc: Provider) -> list[str]:
    """The titles that are kept for a reader, read with another hand from under the name that the reader must have."""
    store = Store(f"sqlite:///{folder}/events.sqlite3")
    try:
        return [e.title.en for e in store.shelf(name_of(oidc.url, who)).events]
    finally:
        store.close()


def name_of(issuer: str, subject: str) -> str:
    """The reader's name by another library's scrypt."""
    key = Scrypt(salt=b"aftershock reader", length=16, n=16384, r=8, p=1).derive(f"{len(issuer)} {issuer} {subject}".encode())
    return f"oidc-{key.hex()}"


def add(tab: Tab, title: str) -> Tab:
    """Adds an event by the form."""
    tab.press("e-add")
    tab.values[tab.widgets["f-title_en"]] = {"string_value": title}
    tab.values[tab.widgets["f-date"]] = {"string_array_value": ["2025/01/27"]}
    tab.press("e-save")
    tab.values.clear()
    return tab


# -- who is reading ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [p for p in PAGES if p != "timeline"] + [""])
def test_strangers_read_every_page_and_save_nothing(visit: Visit, at: str) -> None:
    """Every page runs, has a way in, and none of the buttons that save."""
    tab = visit(at)
    assert "sign-in-door-default" in tab.widgets
    assert SAVING.isdisjoint(tab.widgets)
    assert SAY("reader.sign_out") not in tab.text


def test_readers_keep_their_events_apart(visit: Visit, folder: Path, oidc: Provider) -> None:
    """What one saves is there in another session of theirs, and neither another reader with the same e-mail nor a stranger sees it.

    It is kept under a name that follows from issuer and subject alone.
    """
    mine = add(visit(who=ANNA), "A title of mine")
    assert "A title of mine" in mine.text
    assert "A title of mine" in visit(who=ANNA).text
    assert "A title of mine" not in visit(who=BINH).text
    assert "A title of mine" not in visit().text
    assert (saved(folder, ANNA, oidc), saved(folder, BINH, oidc)) == (["A title of mine"], [])
    database = (folder / "events.sqlite3").read_bytes() + (folder / "events.sqlite3-wal").read_bytes()
    assert [word for word in (b"same@example.org", b"Anna", oidc.url.encode()) if word in database] == []


def test_another_reader_s_event_cannot_be_reached_by_its_id(visit: Visit, folder: Path, oidc: Provider) -> None:
    """A link that names it shows no card; undo and delete have nothing to act on."""
    add(visit(who=ANNA), "Only mine")
    store = Store(f"sqlite:///{folder}/events.sqlite3")
    (theirs,) = [e.id for e in store.shelf(name_of(oidc.url, ANNA)).events if e.title.en == "Only mine"]
    store.close()
    other = Tab.sign_in(visit(event=theirs), BINH)
    other.query = f"event={theirs}"
    other.run()
    assert "Only mine" not in other.text
    assert {"e-delete", "e-edit", "e-undo"}.isdisjoint(other.widgets)


def test_a_forged_press_saves_nothing(visit: Visit, folder: Path, oidc: Provider) -> None:
    """A stranger who sends the messages of a signed-in reader's buttons and fields changes nothing in the store."""
    reader = visit(who=ANNA)
    reader.press("e-add")
    forged = {reader.widgets["f-title_en"]: {"string_value": "Forged"}, reader.widgets["f-date"]: {"string_array_value": ["2025/01/27"]}}
    stranger = visit()
    before = _rows(folder)
    for key in ("e-add", "e-save"):
        stranger.run({**forged, reader.widgets[key]: {"trigger_value": True}})
    assert _rows(folder) == before
    assert "Forged" not in stranger.text


def _rows(folder: Path) -> int:
    store = Store(f"sqlite:///{folder}/events.sqlite3")
    try:
        with store._reading() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM aftershock_event").scalar_one())
    finally:
        store.close()


def test_a_reader_s_session_is_not_taken_over_by_its_id(visit: Visit) -> None:
    """Neither a stranger nor another reader who has heard the id of a session gets it, while it is open or just after."""
    mine = add(visit(who=ANNA), "In my session")
    assert mine.session
    for _ in ("open", "closed"):
        for thief in (visit(), visit(who=BINH)):
            thief.take_over(mine.session)
            assert thief.session != mine.session
            assert "In my session" not in thief.text
        mine.close()
    session = mine.session
    assert mine.take_over(session).session == session, "the reader's own tab comes back to it"


def test_whoever_signs_out_is_a_stranger(visit: Visit) -> None:
    """The session is a stranger's at once, so a button that is still on the screen saves nothing and says why."""
    tab = visit(who=BINH)
    tab.press("e-add")
    form = {tab.widgets["f-title_en"]: {"string_value": "Too late"}, tab.widgets["f-date"]: {"string_array_value": ["2025/01/27"]}}
    press = {tab.widgets["e-save"]: {"trigger_value": True}}
    tab.press("sign-out")
    assert tab.sent_to.endswith("/auth/logout")
    tab.run({**form, **press})
    assert SAY("error.sign-in") in tab.text
    assert SAVING.isdisjoint({*tab.widgets} - {"e-save"})


def test_a_paste_waits_while_its_reader_signs_in(visit: Visit, folder: Path, oidc: Provider) -> None:
    """A stranger sees what a table would become and may take it away; signed in, the table is still there and can be added."""
    tab = visit(find="chip")
    tab.values[tab.widgets["im-box"]] = {"bool_value": True}
    tab.run().put("im-paste", string_value=TABLE)
    assert "Mine from a table" in tab.text or "im-table" in tab.widgets
    assert {"im-files", "sign-in-import-default"} <= {*tab.widgets}
    assert "im-add" not in tab.widgets
    tab.sign_in(BINH)
    assert "find=chip" in tab.query
    tab.press("im-add")
    assert saved(folder, BINH, oidc) == ["Mine from a table", "Another"] or sorted(saved(folder, BINH, oidc)) == [
        "Another",
        "Mine from a table",
    ]


def test_an_article_waits_while_its_reader_signs_in(visit: Visit, folder: Path, oidc: Provider) -> None:
    """Its drafts are read by a stranger, taken away as files, and saved after signing in, on the page where they were."""
    tab = visit("articles")
    tab.values[tab.widgets["a-text"]] = {"string_value": ARTICLE}
    tab.press("a-read")
    assert {"a-files", "sign-in-articles-default"} <= {*tab.widgets}
    tab.sign_in(ANNA)
    assert "Broadcom opened a factory" in tab.text
    tab.press("a-save")
    assert any("Broadcom" in title for title in saved(folder, ANNA, oidc))


def test_what_waits_is_one_browser_s_and_bounded(visit: Visit) -> None:
    """Another browser that signs in gets nothing of it."""
    left = visit("articles")
    left.values[left.widgets["a-text"]] = {"string_value": ARTICLE}
    left.press("a-read").press("sign-in-articles-default")
    other = visit("articles", who=ANNA)
    assert "Malaysia" not in other.text
    assert (carried.MOST, carried.MINUTES, carried.LONGEST) == (64, 15, 200_000)


def test_no_address_is_fetched_for_strangers(visit: Visit) -> None:
    """Neither is it offered, nor does a forged choice of it do anything: the server has no field for it."""
    tab = visit("articles")
    assert SAY("way.address") not in tab.text
    tab.run({tab.widgets["a-way"]: {"string_array_value": [SAY("way.address")]}})
    assert "a-address" not in tab.widgets
    tab.run({tab.widgets["a-way"]: {"string_array_value": ["address"]}})
    assert "a-address" not in tab.widgets


def test_strangers_cannot_have_any_ticker_asked_for(tmp_path: Path) -> None:
    """One session names 36 tickers in three links: 24 of them are asked for, and of the last twelve the page says why they are not."""
    with fake_yahoo.Server(dt.datetime.now(fake_yahoo.NY)) as yahoo:
        environment = {"AFTERSHOCK_PRICES": "auto", "AFTERSHOCK_CACHE": str(tmp_path / "cache"), "AFTERSHOCK_YAHOO_URL": yahoo.url}
        with serving(tmp_path / "log", AFTERSHOCK_PUBLIC="1", **environment) as url:
            tab = Tab(url, "").run()
            for n in range(3):
                tab.query = "series=" + ",".join(f"F{100 * n + i}" for i in range(12))
                tab.run()
                refused = tab.text.count(SAY("prices.too-many-new", most=house.NEW_A_SESSION))
                assert (refused >= 12) == (n == 2)
                assert (SAY("market.asking_one") in tab.text) == (n < 2)
            tab.close()
        assert not re.search(r"\bF2\d\d\b", str(yahoo.log))


def test_without_a_provider_nobody_saves_and_everything_is_read(tmp_path: Path) -> None:
    """Public, and no [auth]: said in a sentence, no button that leads nowhere."""
    with serving(tmp_path / "log", AFTERSHOCK_PUBLIC="1", STREAMLIT_SECRETS_FILES=str(tmp_path / "none.toml")) as url:
        for page in ("events", "articles", "", "impact"):
            tab = Tab(url, page).run()
            assert not [w for w in tab.widgets if w.startswith("sign-in") and w.endswith("default")]
            assert SAVING.isdisjoint(tab.widgets)
            assert page != "events" or SAY("reader.nobody") in tab.text
            tab.close()
    assert "Traceback" not in (tmp_path / "log").read_text()


# -- limits ------------------------------------------------------------------------------------------------------------


def test_changes_are_so_many_a_minute(visit: Visit) -> None:
    """One reader's changes beyond the limit are refused with a sentence; another reader is not held up."""
    fast, say = visit(who=BINH), SAY("error.too-many-saves", most=kept.A_MINUTE)
    for n in range(kept.A_MINUTE + 1):
        add(fast, f"Fast {n}") if n < 2 else _again(fast)
        if say in fast.text:
            break
    assert say in fast.text
    assert say not in add(visit(who=ANNA), "In peace").text


def _again(tab: Tab) -> None:
    tab.press("e-undo") if "e-undo" in tab.widgets else add(tab, "Again")


@pytest.mark.parametrize("at", ["", "impact", "claims", "events", "compare"])
def test_a_link_s_parameters_are_bounded(visit: Visit, at: str) -> None:
    """Beyond 4 kB a parameter is left out with a sentence, the page stands, and the address is clean again."""
    begun = time.monotonic()
    tab = visit(at, find="x" * (MOST_BYTES + 1), event="y" * 300_000, nonsense="1")
    assert time.monotonic() - begun < 10
    assert SAY("correction.too-long", most=40, kb=4, found="find, event").split(";")[0] in tab.text
    assert len(tab.query) < 300


TEXTS = [("", "find"), ("events", "e-find"), ("claims", "c-stated")]


@pytest.mark.parametrize(("at", "key"), TEXTS)
def test_a_field_is_no_longer_than_it_may_be(visit: Visit, at: str, key: str) -> None:
    """A browser stops typing at the limit, which stands in the field's corner; a forged message that is longer is cut on the server."""
    begun = time.monotonic()
    tab = visit(at).put(key, string_value="7" * 500_000)
    most = 20 if key == "c-stated" else MOST_LETTERS
    assert f"max_chars: {most}" in tab.text
    assert f"{'7' * most}&" in tab.query + "&"
    assert time.monotonic() - begun < 10
    assert "7" * (most + 1) not in tab.query


def test_tickers_that_are_too_many_are_left_out_and_said(visit: Visit) -> None:
    """Five thousand entries of a forged message take no time, and the view has twelve."""
    begun = time.monotonic()
    tab = visit("").put("series", string_array_value=[f"ZZ{n}" for n in range(5000)])
    assert "12 series" in tab.text
    assert time.monotonic() - begun < 10
    assert market.MOST_TYPED == 40


def test_the_form_s_fields_are_bounded(visit: Visit, folder: Path, oidc: Provider) -> None:
    """Too long a title, sources without end: complaints under the fields, nothing saved, no time lost."""
    tab = visit(who=ANNA)
    before = saved(folder, ANNA, oidc)
    tab.press("e-add")
    tab.values[tab.widgets["f-sources"]] = {"string_value": "a\n" * 400_000}
    tab.values[tab.widgets["f-tickers"]] = {"string_value": "NVDA " * 100_000}
    begun = time.monotonic()
    add_ = {"string_value": "t" * 300}
    tab.values[tab.widgets["f-title_en"]] = add_
    tab.press("e-save")
    assert time.monotonic() - begun < 5
    said = tab.text
    assert "at most 200 letters" in said
    assert saved(folder, ANNA, oidc) == before
    tab.values.clear()


def test_a_big_article_is_said_to_be_cut(visit: Visit) -> None:
    """What comes after the letters that are read is not dropped in silence."""
    tab = visit("articles")
    tab.values[tab.widgets["a-text"]] = {"string_value": "Nvidia rose on 4 March 2024. " * 4000}
    tab.press("a-read")
    assert SAY("article_page.cut_reading", n=60_000) in tab.text


def test_the_table_of_limits_is_true() -> None:
    """docs/limits.md names every limit by its constant, with its value as it is in the code, and leaves none of them out."""
    text = (ROOT / "docs" / "limits.md").read_text("utf-8")
    rows = re.findall(r"^\| .+ \| ([\d,]+)[^|]* \| `([\w.]+(?:\[\"\w+\"\])?)` \|", text, re.MULTILINE)
    found = {name: int(value.replace(",", "")) for value, name in rows}
    assert {name: _constant(name) for name in found} == found
    must = {"aftershock.own.MOST", "aftershock.ui.kept.A_MINUTE", "aftershock.ui.address.MOST_BYTES", "aftershock.ui.house.NEW_A_SESSION",
            "aftershock.prices.market.HOURLY", "aftershock.prices.market.HOURLY_NEW", "aftershock.views.MOST_SERIES"}  # fmt: skip
    assert must <= found.keys()
    assert (MOST, house.NEW_A_SESSION) == (5000, 24)


def _constant(name: str) -> int:
    path, _, key = name.partition('["')
    module, _, attribute = path.rpartition(".")
    try:
        value = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError:  # an attribute of a constant: aftershock.userdata.PAGE.rows
        above, _, owner = module.rpartition(".")
        value = getattr(getattr(importlib.import_module(above), owner), attribute)
    return int(value[key.removesuffix('"]')] if key else value)


# -- faults ------------------------------------------------------------------------------------------------------------


def test_a_fault_is_a_sentence_with_an_id(tmp_path: Path) -> None:
    """Files are damaged under a running server: a page that reads one, and a button whose callback reads another, say one sentence with
    an id. The log has the id with the traceback; the page has nothing of it, the log nothing of the session or the address.
    """
    for name in ("aftershock", "pages", "data", "benchmarks", ".streamlit", "app.py"):
        source = ROOT / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path)
    log = tmp_path / "log"
    with serving(log, tmp_path, PYTHONPATH=str(tmp_path)) as url:
        tab = Tab(url, "articles", find="my-private-words").run()
        (tmp_path / "data/examples/article.en.txt").unlink()
        tab.press("a-example")
        ids = _fault_ids(tab.text)
        assert len(ids) == 1
        assert {"a-text", "a-read"} <= {*tab.widgets}, "the page goes on"
        (calibration,) = tmp_path.rglob("calibration.json")
        calibration.write_text("{", "utf-8")
        methods = Tab(url, "methods", secret="another-private-word").run()  # noqa: S106
        ids += _fault_ids(methods.text)
        assert len(set(ids)) == 2
        shown = tab.text + methods.text
        assert [w for w in ("Traceback", ".py", "JSONDecodeError", "FileNotFound", str(tmp_path), "Exception") if w in shown] == []
        tab.close()
        methods.close()
    written = log.read_text()
    assert [i for i in ids if f"fault {i}\nTraceback" not in written] == []
    assert ("JSONDecodeError" in written, "FileNotFoundError" in written) == (True, True)
    assert [w for w in ("my-private-words", "another-private-word", "session_id") if w in written] == []


def _fault_ids(text: str) -> list[str]:
    return re.findall(r"tell whoever runs this server the number ([0-9a-f]{8})", text)
