"""The reader's own saved events, on SQLite and on a real PostgreSQL: kept, versioned, undone, migrated, and never lost."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import shutil
import sqlite3
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st

from aftershock import own
from aftershock.errors import AftershockError, DataError, RequestError, StoreUnavailable
from aftershock.events import Category, Event, Source, Text, Verification
from aftershock.sessions import new_york
from aftershock.store import Conflict, Kept, Store, database, records, shelf
from benchmarks.kill_store import kill_postgresql, kill_sqlite
from benchmarks.writers import version
from tests.conftest import ANSWERS
from tests.databases import ADVICE, PostgreSQL, binaries

CALENDAR = new_york()
APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload(["tests.test_store"])  # imported once, before anybody is forked
ME, YOU = "local", "someone else"


def event(n: int, title: str | None = None, **more: Any) -> Event:
    """The n-th of our events."""
    said = title or f"Event {n}"
    return own.make(f"own-{n:04d}", dt.date(2025, 1, 27), Text(said, said), tickers=("NVDA",), calendar=CALENDAR, **more)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgreSQL]:
    """A running server, shared by the tests; the one that kills it starts it again."""
    assert binaries() is not None, ADVICE
    server = PostgreSQL()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder that is not there yet' / 'events.sqlite3'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.url()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store on it."""
    opened = Store(url)
    yield opened
    opened.close()


def titles(store: Store, owner: str = ME) -> dict[str, str]:
    """What is kept: id -> title."""
    return {e.id: e.title.en for e in store.shelf(owner).events}


# -- keeping ---------------------------------------------------------------------------------------------------------


def test_what_is_saved_is_there_for_another_store(store: Store, url: str) -> None:
    """Every field comes back as it was, to a second store on the same database."""
    full = replace(
        event(1, "Nvidia – “rớt” 17 % 🚀", time=dt.time(16, 5, 30), category=Category.EARNINGS, importance=3, note=Text("a", "b")),
        title=Text("A title", "Một tiêu đề"),
        summary=Text("What happened", "Chuyện gì đã xảy ra"),
        tickers=("NVDA", "^IXIC", "005930", "TRUE"),
        articles=("bbc-2025-01-27",),
        sources=(Source("Reuters", "2025-01", "https://example.com/a?b=1|2"), Source("Báo giấy", None, None, "trang 3")),
    )
    assert store.add(ME, [full, event(2)]) == ("own-0001", "own-0002")
    other = Store(url)
    assert other.shelf(ME).events == (full, event(2))
    assert other.shelf(YOU).kept == ()
    other.close()


def test_adding_again_adds_nothing(store: Store) -> None:
    """The same id twice: what is there stays as it is, the stamp too, and only what is new is named."""
    store.add(ME, [event(1)])
    before = store.stamp(ME)
    assert store.add(ME, [event(1, "another title")]) == ()
    assert store.stamp(ME) == before
    assert store.add(ME, [event(1), event(2), event(2)]) == ("own-0002",)
    assert titles(store) == {"own-0001": "Event 1", "own-0002": "Event 2"}
    assert store.add(YOU, [event(1, "yours")]) == ("own-0001",)  # another reader's shelf is another's
    assert titles(store)["own-0001"] == "Event 1"


def test_the_stamp_changes_when_the_events_do(store: Store) -> None:
    """Add, change, delete and undo each move the reader's own stamp; reading, refusals and other readers do not."""
    seen = [store.stamp(ME)]
    store.add(ME, [event(1)])
    seen.append(store.stamp(ME))
    store.change(ME, event(1, "new"), version(store, ME, "own-0001"))
    seen.append(store.stamp(ME))
    store.delete(ME, "own-0001", version(store, ME, "own-0001"))
    seen.append(store.stamp(ME))
    store.undo(ME, seen[-1])
    seen.append(store.stamp(ME))
    assert seen[0] == 0
    assert len(set(seen)) == 5
    with pytest.raises(Conflict):
        store.delete(ME, "own-0001", 1)
    store.add(YOU, [event(1)])
    assert store.stamp(ME) == seen[-1] == store.shelf(ME).stamp


def test_all_or_nothing(store: Store) -> None:
    """One bad event among many, or one too many: nothing is added."""
    with pytest.raises(DataError, match="own-"):
        store.add(ME, [event(1), replace(event(2), id="not-ours")])
    assert store.add(ME, [event(n) for n in range(own.MOST - 1)])[-1] == f"own-{own.MOST - 2:04d}"
    with pytest.raises(RequestError, match="At most 5,000 events of your own can be kept: you have 4,999, and 2 more"):
        store.add(ME, [event(9998), event(9999)])
    assert len(store.shelf(ME).kept) == own.MOST - 1
    assert store.add(ME, [event(9999)]) == ("own-9999",)


# -- versions --------------------------------------------------------------------------------------------------------


def test_a_change_on_an_old_version_is_a_conflict_with_both(store: Store) -> None:
    """Two people have the event open; the second to save is shown both versions, and nothing of either is lost."""
    store.add(ME, [event(1)])
    seen = store.shelf(ME).kept[0].version
    theirs = store.change(ME, event(1, "theirs"), seen)
    with pytest.raises(Conflict) as refused:
        store.change(ME, event(1, "mine"), seen)
    assert refused.value.mine == event(1, "mine")
    assert refused.value.theirs == Kept(event(1, "theirs"), theirs)
    assert refused.value.sentence("vi") == "Sự kiện này đã được sửa ở nơi khác trong lúc bạn đang mở."
    assert titles(store) == {"own-0001": "theirs"}
    store.change(ME, event(1, "mine"), theirs)  # keep mine, knowing theirs
    assert titles(store) == {"own-0001": "mine"}


def test_a_deleted_event_is_a_conflict_too_and_its_versions_never_come_back(store: Store) -> None:
    """Changing what somebody deleted is refused; added again it has another version, so the old one does not fit it."""
    store.add(ME, [event(1)])
    seen = store.shelf(ME).kept[0].version
    store.delete(ME, "own-0001", seen)
    with pytest.raises(Conflict) as refused:
        store.change(ME, event(1, "mine"), seen)
    assert refused.value.theirs is None
    store.delete(ME, "own-0001", seen)  # deleted is deleted
    store.add(ME, [event(1)])
    with pytest.raises(Conflict):
        store.change(ME, event(1, "mine"), seen)
    with pytest.raises(Conflict):
        store.delete(ME, "own-0001", seen)


def test_saying_the_same_again_is_no_conflict(store: Store) -> None:
    """Whoever does not know whether a save went through can save again."""
    store.add(ME, [event(1)])
    seen = store.shelf(ME).kept[0].version
    saved = store.change(ME, event(1, "mine"), seen)
    assert store.change(ME, event(1, "mine"), seen) == saved
    assert store.last_change(ME).number == 1
    assert store.stamp(ME) == saved


# -- undo ------------------------------------------------------------------------------------------------------------


def test_every_change_can_be_undone_in_turn(store: Store) -> None:
    """Delete, edit and a whole import, one after the other; each says what it is about to undo."""
    store.add(ME, [event(n) for n in range(30)])
    store.change(ME, event(3, "edited"), version(store, ME, "own-0003"))
    store.delete(ME, "own-0003", version(store, ME, "own-0003"))
    said = []
    while (change := store.last_change(ME)) is not None:
        said.append((str(change.kind), change.number, change.event.title.en))
        assert store.undo(ME, change.stamp)
        said.append(len(titles(store)))
    assert said == [("deleted", 1, "edited"), 30, ("changed", 1, "Event 3"), 30, ("added", 30, "Event 0"), 0]
    assert not store.undo(ME, 1)


def test_undo_undoes_what_was_shown_or_nothing(store: Store) -> None:
    """If another change came in between, the button's is no longer the last, and nothing happens."""
    store.add(ME, [event(1)])
    shown = store.last_change(ME)
    store.add(ME, [event(2)])
    assert not store.undo(ME, shown.stamp)
    assert titles(store).keys() == {"own-0001", "own-0002"}


def test_an_edit_of_what_was_undone_is_a_conflict(store: Store) -> None:
    """Undo counts as a change: whoever has the undone version open is told."""
    store.add(ME, [event(1)])
    seen = store.change(ME, event(1, "edited"), store.shelf(ME).kept[0].version)
    store.undo(ME, store.last_change(ME).stamp)
    with pytest.raises(Conflict):
        store.change(ME, event(1, "mine"), seen)
    assert titles(store) == {"own-0001": "Event 1"}


def test_the_last_changes_are_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older ones than the last hundred (here: ten) are forgotten; the events stay."""
    assert shelf.UNDOABLE == 100
    monkeypatch.setattr(shelf, "UNDOABLE", 10)
    for n in range(15):
        store.add(ME, [event(n)])
    count = 0
    while (change := store.last_change(ME)) is not None:
        count += store.undo(ME, change.stamp)
    assert count == 10
    assert len(titles(store)) == 5


# -- what may not be kept --------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[[Event], Event], str, str]] = {
    "id": (lambda e: replace(e, id="deepseek-crash"), "id", "begins with own-"),
    "long id": (lambda e: replace(e, id="own-" + "a" * 97), "id", "at most 100"),
    "verification": (lambda e: replace(e, verification=Verification.TWO_OR_MORE), "verification", "one of own"),
    "control": (lambda e: replace(e, title=Text("a\x00b", "c")), "en", "a line of text"),
    "line break": (lambda e: replace(e, summary=Text("a\nb", "c")), "en", "a line of text"),
    "surrogate": (lambda e: replace(e, title=Text("\ud800", "c")), "en", "a line of text"),
    "turning": (lambda e: replace(e, title=Text("a\u202eb", "c")), "en", "direction"),
    "empty": (lambda e: replace(e, title=Text("", "")), "en", "a line of text"),
    "long": (lambda e: replace(e, title=Text("a" * 201, "b")), "title", "at most 200"),
    "sources": (lambda e: replace(e, sources=(Source("a"),) * 11), "sources", "at most 10"),
    "address": (lambda e: replace(e, sources=(Source("a", url="javascript:alert(1)"),)), "url", "http"),
    "too early": (lambda e: replace(e, date=dt.date(1999, 1, 4)), "date", "2 Jan 2004"),
    "too late": (lambda e: replace(e, date=dt.date(2028, 1, 3)), "date", "30 Dec 2027"),
    "timing": (lambda e: replace(e, time=dt.time(9), precision="minute"), "timing", "before-open"),
    "closed": (lambda e: replace(e, date=dt.date(2025, 1, 26), timing="during"), "timing", "market-closed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_be_kept_is_refused_with_field_and_reason(case: str, tmp_path: Path) -> None:
    """Each names the field and what would be right, in both languages, and nothing is written."""
    spoil, field, wanted = REFUSED[case]
    store = Store(f"sqlite:///{tmp_path / 'events.sqlite3'}")
    with pytest.raises(DataError) as refused:
        store.add(ME, [spoil(event(1))])
    assert refused.value.facts["field"] == field
    assert wanted in str(refused.value)
    assert refused.value.sentence("vi") != str(refused.value)
    assert store.stamp(ME) == 0
    store.close()


@settings(max_examples=60)
@given(
    title=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=200),
    day=st.dates(dt.date(2004, 1, 2), dt.date(2027, 12, 30)),
    time=st.none() | st.times(),
)
def test_any_text_and_any_moment_come_back(title: str, day: dt.date, time: dt.time | None) -> None:
    """What passes the check is written and read as the same event; what does not pass is refused in words."""
    made = own.make("own-1", day, Text(title, title), time=time, calendar=CALENDAR)
    if not title.strip() or set(title) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"):
        with pytest.raises(DataError):
            own.checked(made, CALENDAR)
    elif len(unicodedata.normalize("NFC", title.strip())) <= 200:
        kept = own.checked(made, CALENDAR)
        assert records.event_from(records.text_of(kept)) == kept


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"id": "own-1"}', "nonsense"])
def test_what_somebody_wrote_by_hand_is_refused_in_words(body: str, store: Store) -> None:
    """A row that is no event is a sentence, not a traceback, and it is not dropped in silence."""
    store.add(ME, [event(1)])
    with store._database().begin() as connection:
        connection.execute(sa.text("UPDATE aftershock_event SET body = :b"), {"b": body})
    with pytest.raises(DataError, match="your events"):
        store.shelf(ME)


# -- migrations ------------------------------------------------------------------------------------------------------


def test_the_newest_revision_is_the_one_that_is_asked_for() -> None:
    """HEAD in the code is the head of the files."""
    config = Config()
    config.set_main_option("script_location", str(database._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == database.HEAD


def test_a_file_of_the_first_revision_is_brought_up_to_date(tmp_path: Path) -> None:
    """A file that revision 1 made, kept since: its events and versions are there, and from now on changes can be undone."""
    shutil.copy(ANSWERS / "store_r1.sqlite3", tmp_path / "events.sqlite3")
    with sqlite3.connect(tmp_path / "events.sqlite3") as old:
        tables = {row[0] for row in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {"aftershock_version", "aftershock_reader", "aftershock_event"}
    store = Store(f"sqlite:///{tmp_path / 'events.sqlite3'}")
    found = store.shelf(ME)
    assert [(k.event.id, k.version, k.event.title.vi) for k in found.kept] == [
        ("own-0123456789ab", 6, "DeepSeek làm Nvidia lao dốc"),
        ("own-ba9876543210", 7, "Early close"),
    ]
    assert found.kept[1].event.timing == "after-close"  # 13:30 on 3 July 2024, when the exchange closed at 13:00
    assert store.last_change(ME) is None
    store.delete(ME, "own-ba9876543210", 7)
    assert store.undo(ME, store.last_change(ME).stamp)
    assert store.shelf(ME).events == found.events
    store.close()


def test_an_old_postgresql_database_is_brought_up_to_date(postgresql: PostgreSQL) -> None:
    """The same from revision 1 on a server."""
    store = Store(postgresql.url())
    engine = database._postgresql(store.url)
    with engine.begin() as connection:
        database.upgrade(connection, "r1")
        connection.execute(sa.text("INSERT INTO aftershock_reader VALUES ('local', 4)"))
        row = {"b": records.text_of(event(1))}
        connection.execute(sa.text("INSERT INTO aftershock_event VALUES ('local', 'own-0001', 4, :b)"), row)
    engine.dispose()
    assert store.shelf(ME).kept == (Kept(event(1), 4),)
    store.change(ME, event(1, "new"), 4)
    assert store.undo(ME, 5)
    store.close()


def test_a_newer_database_is_left_alone(store: Store, url: str) -> None:
    """A revision that we do not know is a newer Aftershock's: a sentence, and nothing is touched."""
    store.add(ME, [event(1)])
    with store._database().begin() as connection:
        connection.execute(sa.text("UPDATE aftershock_version SET version_num = 'r99'"))
    store.close()
    with pytest.raises(StoreUnavailable, match="newer Aftershock"):
        Store(url).shelf(ME)


def _open_and_add(url: str, number: int, begin: Any) -> None:
    begin.wait(60)
    Store(url).add(ME, [event(number)])


def test_processes_that_open_at_once_make_the_tables_once(url: str, store: Store) -> None:
    """Six processes meet at an empty database; all of them save."""
    begin = APART.Barrier(6)
    writers = [APART.Process(target=_open_and_add, args=(url, n, begin)) for n in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [w.exitcode for w in writers] == [0] * 6
    assert len(titles(store)) == 6


# -- many at once ----------------------------------------------------------------------------------------------------


def _edit(url: str, editors: list[int], how: str, version: int, begin: Any, answers: Any) -> None:
    """Twenty editors in one process, a thread each. how: 'own' event, the 'same' again until it is saved, 'once' and be told."""
    store = Store(url)
    store.stamp(ME)
    begin.wait(60)

    def edit(n: int) -> tuple[int, int, str]:
        if how == "own":
            return n, store.change(ME, event(n, f"edit {n}"), version), "kept"
        if how == "once":
            try:
                return n, store.change(ME, event(0, f"edit {n}"), version), "kept"
            except Conflict as conflict:
                return n, 0, conflict.theirs.event.title.en if conflict.theirs else "gone"
        conflicts = 0
        while True:
            (kept,) = store.shelf(ME).kept
            said = " ".join(sorted({*kept.event.title.en.split(), str(n)}, key=int))
            try:
                store.change(ME, replace(kept.event, title=Text(said, said)), kept.version)
            except Conflict:
                conflicts += 1
            else:
                return n, conflicts, "kept"

    with ThreadPoolExecutor(20) as pool:
        answers.put(list(pool.map(edit, editors)))
    store.close()


def _forty(url: str, how: str, version: int) -> list[tuple[int, int, str]]:
    begin, answers = APART.Barrier(2), APART.Queue()
    halves = [APART.Process(target=_edit, args=(url, list(range(n, n + 20)), how, version, begin, answers)) for n in (0, 20)]
    for half in halves:
        half.start()
    found = [answer for _ in halves for answer in answers.get(timeout=120)]
    for half in halves:
        half.join(30)
    assert [half.exitcode for half in halves] == [0, 0]
    return found


def test_forty_edits_of_forty_events_are_all_kept(url: str, store: Store) -> None:
    """Two processes with twenty threads each, one reader, all at once."""
    store.add(ME, [event(n) for n in range(40)])
    found = _forty(url, "own", 1)
    assert len(found) == 40
    assert titles(store) == {f"own-{n:04d}": f"edit {n}" for n in range(40)}
    assert sorted(version for _, version, _ in found) == list(range(2, 42))


def test_forty_edits_of_one_event_one_is_kept_and_the_others_are_told(url: str, store: Store) -> None:
    """All began from the same version: one is saved, thirty-nine are shown the one that was."""
    store.add(ME, [event(0)])
    found = _forty(url, "once", 1)
    (winner,) = [n for n, _, said in found if said == "kept"]
    assert [said for n, _, said in found if n != winner] == [f"edit {winner}"] * 39
    assert titles(store) == {"own-0000": f"edit {winner}"}


def test_forty_who_try_again_after_a_conflict_lose_nothing(url: str, store: Store) -> None:
    """Everybody adds their number to the same title, again until it is saved: forty numbers, and the conflicts are counted."""
    store.add(ME, [event(0, "100")])
    found = _forty(url, "same", 1)
    assert titles(store) == {"own-0000": " ".join(str(n) for n in [*range(40), 100])}
    print(f"conflicts shown: {sum(conflicts for _, conflicts, _ in found)}")  # noqa: T201


# -- killing ---------------------------------------------------------------------------------------------------------


def test_killing_whoever_saves_loses_nothing_on_sqlite(tmp_path: Path) -> None:
    """Twelve kills with -9 between the first acknowledged step and 60 ms later; `make kill-store` does two hundred."""
    found = kill_sqlite(tmp_path, kills=12, seed=5)
    assert (found.kills, found.lost, found.damaged) == (12, [], [])
    assert found.acknowledged >= 12
    assert found.under_way >= 6


def test_killing_postgresql_loses_nothing(postgresql: PostgreSQL) -> None:
    """The postmaster is killed with -9 while four readers' events are written; it recovers, and so do the writers."""
    found = kill_postgresql(postgresql, kills=1, seed=6)
    assert (found.kills, found.lost, found.surprises) == (1, [], [])
    assert found.acknowledged >= 20
    assert found.refused >= 1


# -- databases that cannot be used -----------------------------------------------------------------------------------


def _sentences(error: AftershockError) -> str:
    assert error.sentence("en") != error.sentence("vi")
    return error.sentence("en")


def test_a_damaged_file_is_a_sentence_and_stays_as_it_is(tmp_path: Path) -> None:
    """No database at all, and one with its middle overwritten: both are told, byte for byte untouched."""
    for name, spoil in (("nonsense", lambda _: b"this is no database, but somebody's letter\n" * 50), ("holed", _holed)):
        file = tmp_path / f"{name}.sqlite3"
        store = Store(f"sqlite:///{file}")
        store.add(ME, [event(n) for n in range(400)])
        store.close()
        file.write_bytes(spoil(file.read_bytes()))
        before = file.read_bytes()
        again = Store(f"sqlite:///{file}")
        with pytest.raises(StoreUnavailable) as refused:
            again.shelf(ME)
        assert "damaged or no database of ours" in _sentences(refused.value)
        assert str(file) in str(refused.value)
        with pytest.raises(StoreUnavailable):
            again.add(ME, [event(999)])
        again.close()
        assert file.read_bytes() == before


def _holed(content: bytes) -> bytes:
    return content[:8192] + b"\xa5" * (len(content) - 8192)


def test_a_full_disk_is_a_sentence_and_loses_nothing(tmp_path: Path) -> None:
    """SQLite may not grow any further (its own limit of pages): the save is refused whole, what was there is there, and after there is
    room again saving works.
    """
    store = Store(f"sqlite:///{tmp_path / 'events.sqlite3'}")
    store.add(ME, [event(n) for n in range(50)])
    with store._database().connect().execution_options(reading=True) as connection:
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar()

    @sa.event.listens_for(store._database(), "begin")
    def _no_room(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreUnavailable) as refused:
        store.add(ME, [event(n) for n in range(50, 2000)])
    assert "no room left" in _sentences(refused.value)
    assert len(titles(store)) == 50
    pages = 100_000
    store.add(ME, [event(n) for n in range(50, 2000)])
    assert len(titles(store)) == 2000
    store.close()


def _write_under_a_limit(url: str, room: int, answers: Any) -> None:
    import resource
    import signal

    store = Store(url)
    store.stamp(ME)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    saved = []
    try:
        for n in range(5000):
            store.add(ME, [event(n, "a" * 200)])
            saved.append(f"own-{n:04d}")
    except StoreUnavailable as error:
        answers.put((saved, error.code))


def test_writing_that_fails_halfway_loses_nothing(tmp_path: Path) -> None:
    """The system stops every write beyond 1.5 MB with an error, in the middle of a page if it so happens: whatever was acknowledged is
    there, the step that failed is not, and the file is sound.
    """
    url, answers = f"sqlite:///{tmp_path / 'events.sqlite3'}", APART.Queue()
    writer = APART.Process(target=_write_under_a_limit, args=(url, 1_500_000, answers))
    writer.start()
    saved, code = answers.get(timeout=60)
    writer.join(30)
    assert code in ("store-full", "store-failed")
    assert len(saved) > 20
    store = Store(url)
    assert list(titles(store)) == saved
    store.close()
    with sqlite3.connect(tmp_path / "events.sqlite3") as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _use_as_a_stranger(url: str, answers: Any) -> None:
    """As root this gives up being root, which no file mode would stop."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    found = []
    for what in (lambda s: s.shelf(ME), lambda s: s.add(ME, [event(1)])):
        try:
            what(Store(url))
        except StoreUnavailable as error:
            found.append((error.code, error.sentence("en"), error.sentence("vi")))
    answers.put(found)


@pytest.mark.parametrize("there", [True, False])
def test_a_read_only_folder_is_a_sentence(there: bool) -> None:
    """Whether the file is there already or not: what is the matter with which file, and what can be done."""
    folder = Path(tempfile.mkdtemp(prefix="aftershock-ro-"))
    try:
        url = f"sqlite:///{folder / 'events.sqlite3'}"
        if there:
            store = Store(url)
            store.add(ME, [event(1)])
            store.close()
            (folder / "events.sqlite3").chmod(0o444)
        folder.chmod(0o555)
        before = sorted(path.name for path in folder.iterdir())
        answers = APART.Queue()
        stranger = APART.Process(target=_use_as_a_stranger, args=(url, answers))
        stranger.start()
        found = answers.get(timeout=60)
        stranger.join(30)
        assert len(found) == 2
        assert {code for code, _, _ in found} <= {"store-read-only", "store-closed"}
        assert all(str(folder) in en and str(folder) in vi and en != vi for _, en, vi in found)
        assert sorted(path.name for path in folder.iterdir()) == before
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://somebody:secret@host/db", "store-url"),
        ("nonsense", "store-url"),
        ("sqlite://", "store-url"),
        ("sqlite:///:memory:", "store-url"),
    ],
)
def test_an_address_that_names_no_database_of_ours_is_a_sentence(url: str, code: str) -> None:
    """What is wrong and what would be right; a password is not repeated."""
    with pytest.raises(StoreUnavailable) as refused:
        Store(url)
    assert refused.value.code == code
    assert "AFTERSHOCK_STORE" in _sentences(refused.value)
    assert "secret" not in str(refused.value)


def test_a_server_that_is_not_there_is_a_sentence_and_is_not_waited_for_again() -> None:
    """The first to ask finds out, those who come soon after are told at once; whoever saves asks again. No password is shown."""
    store = Store("postgresql://me:secret@127.0.0.1:1/events")
    with pytest.raises(StoreUnavailable) as refused:
        store.stamp(ME)
    assert "127.0.0.1/events does not answer" in _sentences(refused.value)
    begun = time.monotonic()
    for _ in range(100):
        with pytest.raises(StoreUnavailable):
            store.stamp(ME)
    assert time.monotonic() - begun < 0.1
    with pytest.raises(StoreUnavailable) as refused:
        store.add(ME, [event(1)])
    assert "secret" not in str(refused.value)


def test_a_database_that_does_not_exist_is_a_sentence(postgresql: PostgreSQL) -> None:
    """The server answers, and says that it has no such database."""
    with pytest.raises(StoreUnavailable, match=r"cannot be (opened|reached)"):
        Store(f"postgresql://aftershock@/nowhere?host={postgresql.folder}").stamp(ME)


def test_a_locked_file_is_waited_for_and_then_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody else writes, a save waits; when that takes too long it is refused, and readers are not disturbed."""
    monkeypatch.setattr(database, "PATIENCE", 0.3)
    store = Store(f"sqlite:///{tmp_path / 'events.sqlite3'}")
    store.add(ME, [event(1)])
    with sqlite3.connect(tmp_path / "events.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable) as refused:
            store.add(ME, [event(2)])
        assert "is busy" in _sentences(refused.value)
        assert titles(store) == {"own-0001": "Event 1"}
        other.execute("COMMIT")
    other.close()
    assert store.add(ME, [event(2)]) == ("own-0002",)
    store.close()


def test_the_file_is_durable_by_its_settings(tmp_path: Path) -> None:
    """WAL and synchronous FULL, asked of the connection that the store uses."""
    store = Store(f"sqlite:///{tmp_path / 'events.sqlite3'}")
    with store._database().connect() as connection:
        asked = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "busy_timeout")]
    assert asked == ["wal", 2, 5000]
    store.close()


def test_the_default_place_is_the_user_s_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without AFTERSHOCK_STORE it is a file under XDG_DATA_HOME; nothing is made before it is asked for."""
    monkeypatch.delenv("AFTERSHOCK_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    store = Store()
    assert store.place == str(tmp_path / "aftershock" / "events.sqlite3")
    assert list(tmp_path.iterdir()) == []


def test_five_thousand_events_are_quick(store: Store) -> None:
    """Reading a full shelf again, and asking for the stamp, are what every visit of a page does."""
    store.add(ME, [event(n) for n in range(own.MOST)])
    first = store.shelf(ME)
    begun = time.process_time()
    assert store.shelf(ME).events == first.events
    assert time.process_time() - begun < 1
    begun = time.process_time()
    for _ in range(50):
        store.stamp(ME)
    assert (time.process_time() - begun) / 50 < 0.02


def test_what_is_kept_is_json_that_a_person_can_read(tmp_path: Path) -> None:
    """The file can be opened without us: the same record as in the catalogue's TOML."""
    store = Store(f"sqlite:///{tmp_path / 'events.sqlite3'}")
    store.add(ME, [event(1, time=dt.time(16, 5))])
    store.close()
    with sqlite3.connect(tmp_path / "events.sqlite3") as file:
        ((body,),) = file.execute("SELECT body FROM aftershock_event").fetchall()
    found = json.loads(body)
    assert (found["date"], found["time"], found["timing"], found["verification"]) == ("2025-01-27", "16:05:00", "after-close", "own")
