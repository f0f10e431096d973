"""A real server and a real Chromium for the browser tests; whatever a test does, nothing may leave this machine and the
console must stay clean.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.reader import Desk, Opener, ReadingRoom

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser, and on a machine that is busy with the other tests it may get a second try."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server writes."""
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="session")
def server(log: Path) -> Iterator[str]:
    """The dashboard as a reader starts it, with the snapshot alone; gives its address."""
    with serving(log) as url:
        yield url


@contextmanager
def serving(log: Path, folder: Path = ROOT, **environment: str) -> Iterator[str]:
    """A dashboard of its own, of this tree or of a copy; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "aftershock", "serve", "--port", str(port)]
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stdout=written, stderr=written)
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server did not come up:\n{log.read_text()}")


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, or the one that CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.fail("There is no Chromium: install the package `chromium`, or name one in the environment variable CHROMIUM.")
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def desks() -> dict[str, Desk]:
    """The browser contexts that tests share, by language."""
    return {}


@pytest.fixture
def read(chromium: Browser, server: str, log: Path, desks: dict) -> Iterator[Opener]:
    """Opens a page at a view. When the test is over, no page may have asked anyone but our server, no console may have
    reported an error or a warning, and the server may not have logged a traceback.
    """
    room = ReadingRoom(chromium, server, desks)
    written = log.stat().st_size
    yield room.reader
    complaints = room.close()
    said = log.read_bytes()[written:].decode()
    if "Traceback" in said or "Error" in said:
        complaints.append(f"server: {said}")
    assert not complaints, "\n".join(complaints)
