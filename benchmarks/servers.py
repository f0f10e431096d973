"""The servers that the benchmarks hold against each other, what they cost, and the machine that they run on."""

from __future__ import annotations

import importlib.util
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit

ROOT = Path(__file__).resolve().parent.parent
STREAMLIT = [
    *(sys.executable, "-m", "streamlit", "run", "app.py"),
    *("--server.port", "{port}", "--server.address", "127.0.0.1", "--server.headless", "true"),
]
OURS = [sys.executable, "-m", "aftershock", "serve", "--port", "{port}"]  # as `make run` does; {port} is filled in


@dataclass(frozen=True)
class App:
    """One program under test. `switches` turns parts of the server off or on (Python that runs before it starts)."""

    name: str
    folder: Path
    command: list[str]
    ours: bool
    switches: str = ""


FLOOR = App("floor", ROOT / "benchmarks" / "floor", STREAMLIT, ours=False)
PAGE = App("ours", ROOT, OURS, ours=True)


@contextmanager
def serving(app: App) -> Iterator[tuple[int, str]]:
    """A fresh server: its process id and address."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with tempfile.TemporaryDirectory() as scratch:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")}
        own = {
            "AFTERSHOCK_PRICES": "snapshot",
            "AFTERSHOCK_CACHE": f"{scratch}/cache",
            "AFTERSHOCK_STORE": f"sqlite:///{scratch}/events.sqlite3",
        }
        environment |= own  # nobody outside is asked, and nothing of the user's is touched
        if app.switches:
            Path(scratch, "sitecustomize.py").write_text(app.switches + "\n", "utf-8")
            environment["PYTHONPATH"] = scratch
        command = [part.format(port=port) for part in app.command]
        process = subprocess.Popen(command, cwd=app.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_healthy(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield process.pid, f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait(10)


def _wait_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server ended before it was healthy")


def server_cpu(pid: int) -> float:
    """CPU ms (user and system) of a process and its children so far, by the kernel's process clock: /proc/PID/stat counts 10 ms ticks."""
    total = time.clock_gettime((~pid << 3) | 2) * 1e3
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += sum(server_cpu(int(child)) for child in (task / "children").read_text().split())
    return total


def machine() -> str:
    """One line about where this was measured."""
    info = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())
    busy = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    loop = "both with uvloop" if importlib.util.find_spec("uvloop") else "both without uvloop"
    python = f"Python {platform.python_version()}, Streamlit {streamlit.__version__}"
    return f"{os.cpu_count()} cores ({model}), load at the end {busy}, {python}, {loop}"
