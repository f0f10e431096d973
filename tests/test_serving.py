"""`aftershock serve`: health, gates and logs against real sockets; its process begins, serves and ends in good order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets import InvalidStatus

from aftershock.serving import gates, health, logs, server
from aftershock.ui import house, kept
from benchmarks.replicas import alone
from benchmarks.tabs import Tab
from tests.conftest import ROOT
from tests.stack import ask, free_port, lines, token


class Running:
    """An application behind uvicorn with our settings, in a thread of its own."""

    def __init__(self, app: Any) -> None:
        self.port = free_port()
        config = server.settings(app, "127.0.0.1", self.port)
        config.lifespan = "off"
        self.uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, args=(config.get_loop_factory(),), daemon=True)

    def _run(self, loop: Any) -> None:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(self.uvicorn._serve())

    def __enter__(self) -> Running:
        self._thread.start()
        while not self.uvicorn.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.uvicorn.should_exit = True
        self._thread.join(30)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """The status and the object that is answered."""
        status, headers, body = ask(self.port, path)
        assert headers["cache-control"] == "no-store"
        return status, json.loads(body)


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The two addresses alone, over a store and a cache of their own."""
    monkeypatch.setenv("AFTERSHOCK_STORE", f"sqlite:///{tmp_path / 'events.sqlite3'}")
    monkeypatch.setenv("AFTERSHOCK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("AFTERSHOCK_PRICES", "auto")
    monkeypatch.setenv("AFTERSHOCK_YAHOO_URL", "http://127.0.0.1:9")  # nobody is there, and nobody is asked
    for lasting in (house._house, kept.store):
        lasting.clear()
    house.standing()
    kept.store().stamp("")  # as in a server that has been there for a while: the first look at either takes longer
    with Running(Starlette(routes=health.routes())) as running:
        yield running
    kept.store().close()
    for lasting in (house._house, kept.store):
        lasting.clear()


# -- health ----------------------------------------------------------------------------------------------------------


def test_everything_is_there(ready: Running) -> None:
    """Ready, with every part's state, the newest close and nothing asked of anybody; no path and no name of a database."""
    status, said = ready.get("/readyz")
    assert (status, said["ready"]) == (200, True)
    assert {name: part["ok"] for name, part in said["parts"].items()} == dict.fromkeys(("data", "store", "cache", "prices"), True)
    assert not [word for word in ("sqlite", "/", "local") if word in json.dumps(said)]
    assert ready.get("/livez") == (200, {"alive": True})


def test_a_store_that_cannot_be_had_is_named(ready: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no database: 503, the part and the reason, not the place; the process is alive all the same."""
    (tmp_path / "broken.sqlite3").write_bytes(b"no database" * 1000)
    monkeypatch.setenv("AFTERSHOCK_STORE", f"sqlite:///{tmp_path / 'broken.sqlite3'}")
    kept.store.clear()
    status, said = ready.get("/readyz")
    assert (status, said["ready"], said["parts"]["store"]["why"]) == (503, False, "store-damaged")
    assert said["parts"]["data"]["ok"]
    assert "broken" not in json.dumps(said)
    assert ready.get("/livez")[0] == 200


def test_a_store_that_hangs_holds_nobody_up(ready: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes connections and says nothing: an answer within the deadline, and of ten who ask at once one waits for it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AFTERSHOCK_STORE", f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x")
        kept.store.clear()
        started = time.perf_counter()
        with ThreadPoolExecutor(10) as askers:
            found = list(askers.map(lambda _: ready.get("/readyz"), range(10)))
        waited = time.perf_counter() - started
        silent.settimeout(0)
        callers = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                silent.accept()[0].close()
                callers += 1
        assert ready.get("/livez")[0] == 200
    assert {(status, said["parts"]["store"]["why"]) for status, said in found} == {(503, "slow")}
    assert waited < health.DEADLINE + 2
    assert callers == 1


def test_a_cache_that_takes_no_file_is_named(ready: Running, tmp_path: Path) -> None:
    """A folder that has gone: 503, the part and the reason."""
    assert ready.get("/readyz")[0] == 200
    shutil.rmtree(tmp_path / "cache")
    status, said = ready.get("/readyz")
    assert (status, said["parts"]["cache"]["ok"], said["parts"]["cache"]["why"]) == (503, False, "not-writable")


def test_looking_after_the_server_asks_nobody(ready: Running) -> None:
    """Readiness says how old the prices are and does not have newer ones fetched, however often it is asked for."""
    for _ in range(5):
        said = ready.get("/readyz")[1]["parts"]["prices"]
        assert (said["last"], said["current"], said["checked_minutes"], said["asking"], said["why"]) == ("2026-06-11", False, None, 0, [])


# -- what lasts ------------------------------------------------------------------------------------------------------


def test_what_lasts_is_made_once() -> None:
    """Twenty who want it at once get the same one; one that could not be made is tried again; streamlit's caches do not hold it."""
    made: list[object] = []

    def make() -> object:
        time.sleep(0.02)
        made.append(object())
        if len(made) == 1:
            raise OSError("not yet")
        return made[-1]

    lasting = house.Lasting(make)
    with pytest.raises(OSError, match="not yet"):
        lasting()
    got: list[object] = []
    askers = [threading.Thread(target=lambda: got.append(lasting())) for _ in range(20)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert (len(made), len(got), set(got)) == (2, 20, {made[1]})


# -- small messages --------------------------------------------------------------------------------------------------


def test_small_messages_are_sent_at_once() -> None:
    """Every connection that uvicorn takes with our settings has TCP_NODELAY; without it each answer waits 40 ms for the reader's system."""

    async def answer(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with Running(answer) as running, socket.create_connection(("127.0.0.1", running.port)) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert caller.recv(100)
        (connection,) = running.uvicorn.server_state.connections
        option = connection.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert option == 1


# -- logs ------------------------------------------------------------------------------------------------------------


def line(name: str, message: str, *arguments: object, **more: Any) -> dict[str, Any]:
    """A record as it is written."""
    made = logging.getLogger(name).makeRecord(name, logging.WARNING, "f.py", 1, message, arguments, more.pop("exc_info", None), extra=more)
    text = logs.Line().format(made)
    assert "\n" not in text
    return dict(json.loads(text))


def test_an_event_is_its_facts() -> None:
    """Ours by name; time in UTC with milliseconds, level, and what there is to say."""
    found = line("aftershock.prices.live", "prices-refused", facts={"ticker": "TSM", "why": "prices.down"})
    assert found.pop("time").endswith("Z")
    assert found == {"level": "warning", "event": "prices-refused", "ticker": "TSM", "why": "prices.down"}


def test_what_others_say_is_cut_and_cleaned() -> None:
    """No session, no query, one line, not too long; quotes and control characters cannot break out of it."""
    session = uuid.uuid4()
    found = line("streamlit.x", 'session %s asked "GET /impact?event=own-1&find=secret HTTP/1.1" "}\x07\n and more', session)
    assert found["event"] == "log"
    assert found["message"] == 'session … asked "GET /impact?… HTTP/1.1" "}\x07'
    assert len(line("x", "y" * 5000)["message"]) == logs.LONGEST


def test_an_exception_says_what_and_where_and_not_what_was_typed() -> None:
    """Its kind and the places it went through; its words may quote a reader."""
    typed = token()
    try:
        int(typed + "x")
    except ValueError:
        found = line("streamlit.error_util", "Uncaught app execution", exc_info=sys.exc_info())
    assert found["error"] == "ValueError"
    assert found["where"][-1].startswith("tests/test_serving.py:")
    assert typed not in json.dumps(found)
    written = line(
        "aftershock.ui.faults",
        "fault %s\n%s",
        "0a1b2c3d",
        f'Traceback:\n  File "/x/pages/impact.py", line 7, in <module>\nKeyError: {typed}',
    )
    assert (written["message"], written["where"]) == ("fault 0a1b2c3d", ["pages/impact.py:7 <module>"])
    assert typed not in json.dumps(written)


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/_stcore/upload_file/0a/1b", "/_stcore/upload_file/…"),
        ("/media/0f.csv", "/media/…"),
        ("/impact", "/impact"),
        ("/" + "x" * 999, "/" + "x" * 299),
    ],
)
def test_a_path_tells_no_session(path: str, seen: str) -> None:
    """Of uploads and of files to take away only the beginning is logged."""
    assert logs.shown(path) == seen


# -- uploads ---------------------------------------------------------------------------------------------------------


def test_uploads_on_their_way_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is taken when a file is announced and given back when it has failed; a body longer than announced is cut off."""
    monkeypatch.setattr(gates, "kept_uploads", lambda: {"old": 500})

    async def streamlit(_: Any, receive: Any, send: Any) -> None:
        first = await receive()
        await asyncio.sleep(0.2)
        status = 204 if first["type"] == "http.request" else 400
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    gate = gates.Uploads(streamlit, for_one=600, for_all=1000)

    async def put(session: str, size: int, body: bytes = b"") -> int:
        scope = {
            "type": "http",
            "method": "PUT",
            "path": f"{gates.UPLOADS}{session}/f",
            "headers": [(b"content-length", str(size).encode())],
        }
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: dict[str, Any]) -> None:
            statuses.append(message.get("status", 0))

        await gate(scope, receive, send)  # type: ignore[arg-type]
        return statuses[0]

    async def together() -> list[list[int]]:
        at_once = await asyncio.gather(put("old", 200), put("new", 400), put("new", 100), put("third", 300))
        return [at_once, [await put("new", 500), await put("third", 10, b"x" * 11)]]

    assert alone(together()) == [[429, 204, 204, 429], [204, 400]]


# -- the process -----------------------------------------------------------------------------------------------------


def test_the_process_begins_serves_and_ends_in_good_order(tmp_path: Path) -> None:
    """The first reader waits no longer than the second; a foreign page, another name for this machine: 403; SIGTERM closes websockets and
    the exit is 0; every line of the log is JSON from the first to the last.
    """
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "-m", "aftershock", "serve", "--port", str(port), "--json-logs"]
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=written, stderr=written)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            try:
                if ask(port, "/livez")[0] == 200:
                    break
            except OSError:
                time.sleep(0.1)

        async def read() -> tuple[list[float], list[int]]:
            seconds, refused = [], []
            for _ in range(3):
                async with Tab(f"http://127.0.0.1:{port}", query=f"find={token()}") as tab:
                    told = await tab.run()
                    assert told.ok, told.errors
                    seconds.append(told.seconds)
            try:
                async with Tab(f"http://127.0.0.1:{port}", origin="https://elsewhere.example"):
                    refused.append(101)
            except InvalidStatus as error:
                refused.append(error.response.status_code)
            async with Tab(f"http://127.0.0.1:{port}") as tab:
                await tab.run()
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(tab.lost(), 10)
            return seconds, refused

        shaking = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "A" * 22 + "=="}
        by_another_name = ask(port, "/_stcore/stream", Host="elsewhere.example", **shaking)[0]
        seconds, refused = alone(read())
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()
    assert [*refused, by_another_name] == [403, 403]
    assert seconds[0] < 3 * max(seconds[1:]) + 0.2
    said = lines(log.read_text())
    assert [said[0]["event"], said[-1]["event"]] == ["started", "stopped"]
    assert "find" not in log.read_text()
