"""What deploy/compose.yaml describes, without Docker: nginx, two replicas and PostgreSQL, a Yahoo of our own, and somebody who listens
whether a replica wants to talk to the internet.

Root runs replicas and nginx in containers made by hand (container.sh): of the project they see what deploy/Containerfile copies, all of it
read-only, as user 10001. An ordinary user runs the same commands without that, and `sealed` is False.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT
from tests.databases import PostgreSQL
from tests.fake_yahoo import NY, Server

USER = 10001
SCRATCH = "/tmp"  # noqa: S108  (of the container, empty and its own)
PROGRAM = Path(sys.prefix).resolve() / "bin" / "python"
CONTAINER = Path(__file__).with_name("container.sh")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
CONTAINERFILE = re.sub(r"\\\n\s*", "", (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8"))


def copied(stage: str) -> dict[str, str]:
    """What a stage of the Containerfile copies out of the project: path in the project -> path in the image."""
    lines = re.split(r"^FROM ", CONTAINERFILE, flags=re.MULTILINE)
    text = next(part for part in lines if re.match(rf"\S+ AS {stage}\n", part))
    folder, found = "/", {}
    for word, rest in re.findall(r"^(WORKDIR|COPY) (?!--from)(.+)$", text, re.MULTILINE):
        *sources, there = rest.split()
        if word == "WORKDIR":
            folder = there
            continue
        target = os.path.normpath(f"{folder}/{there}")
        for source in sources:
            found[source] = target if (ROOT / source).is_dir() else f"{target}/{Path(source).name}"
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def can_seal() -> bool:
    """Whether this user may make containers by hand."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return False
    return subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode == 0


@dataclass
class Stack:
    """All of it, running. `replicas` are the processes by name, `ports` where they listen."""

    folder: Path
    postgres: PostgreSQL
    yahoo: Server
    outside: Outside
    sealed: bool
    ports: dict[str, int] = field(default_factory=lambda: {"a": free_port(), "b": free_port(), "nginx": free_port()})
    replicas: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    nginx: subprocess.Popen[bytes] | None = None
    store: str = ""

    @property
    def url(self) -> str:
        """What readers have in their address bar."""
        return f"http://127.0.0.1:{self.ports['nginx']}"

    def begin(self) -> Stack:
        """Starts everything and waits until it serves."""
        self.postgres.folder.chmod(0o755)  # whoever is in a container must reach its socket
        self.store = self.postgres.url()
        for part in ("cache", "srv", "scratch"):
            (self.folder / part).mkdir()
            if self.sealed:
                os.chown(self.folder / part, USER, USER)
        for name in ("a", "b"):
            self.start(name)
        made = {**os.environ, "PYTHON": str(PROGRAM)}
        subprocess.run(["sh", ROOT / "deploy" / "static.sh", self.folder / "srv"], env=made, check=True, timeout=60)
        settings = {
            "ORIGIN": self.url, "LISTEN": str(self.ports["nginx"]), "REPLICA_A": f"127.0.0.1:{self.ports['a']}",
            "REPLICA_B": f"127.0.0.1:{self.ports['b']}", "STATIC": str(self.folder / "srv"), "CONNECTIONS": "100",
            "SCRATCH": SCRATCH if self.sealed else str(self.folder / "scratch"),
        }  # fmt: skip
        command = ["sh", "/deploy/web.sh"] if self.sealed else ["sh", str(ROOT / "deploy" / "web.sh")]
        self.nginx = self._run("nginx", command, settings, read={str(self.folder / "srv"): str(self.folder / "srv")}, stage="web")
        for name in ("a", "b", "nginx"):
            self.wait(name)
        return self

    def start(self, name: str) -> None:
        """Starts a replica with the command of the compose file; only its address is this machine's."""
        command = COMPOSE["services"][name]["command"]
        assert command[0] == "python"
        elsewhere = ("0.0.0.0", COMPOSE["services"][name]["command"][command.index("--known-as") + 1])  # noqa: S104
        command = [str(PROGRAM), *("127.0.0.1" if word in elsewhere else word for word in command[1:])]
        settings = {
            "HOME": SCRATCH if self.sealed else str(self.folder / "scratch"), "AFTERSHOCK_STORE": self.store, "AFTERSHOCK_PRICES": "auto",
            "AFTERSHOCK_CACHE": str(self.folder / "cache"), "AFTERSHOCK_YAHOO_URL": self.yahoo.url, "PYTHONDONTWRITEBYTECODE": "1",
            "STREAMLIT_SERVER_COOKIE_SECRET": "the same for both replicas", "HTTP_PROXY": self.outside.url, "HTTPS_PROXY": self.outside.url,
        }  # fmt: skip
        here = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), self.postgres.folder} - {Path("/usr")}
        read = {str(folder): str(folder) for folder in here}
        self.replicas[name] = self._run(name, [*command, "--port", str(self.ports[name])], settings, read=read, stage="app")

    def _run(self, name: str, command: list[str], settings: dict[str, str], *, read: dict[str, str], stage: str) -> subprocess.Popen[bytes]:
        log = self.folder / f"{name}.log"
        log.touch()
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", **settings}
        if self.sealed:
            os.chown(log, USER, USER)  # as Docker does with the streams that it gives
            (root := self.folder / f"{name}-root").mkdir(exist_ok=True)
            seen = {"/usr": "/usr", "/etc": "/etc", **read, **{str(ROOT / source): there for source, there in copied(stage).items()}}
            environment["READ"] = "\n".join(f"{source}:{there}" for source, there in sorted(seen.items(), key=lambda pair: pair[1]))
            environment["WRITE"] = f"{self.folder / 'cache'}:{self.folder / 'cache'}" if stage == "app" else ""
            environment["WORK"] = "/app" if stage == "app" else "/"
            command = ["unshare", "--mount", "sh", str(CONTAINER), str(root), *command]
        with log.open("ab") as written:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=written, stderr=written)

    def wait(self, name: str, patience: float = 90.0) -> float:
        """Waits until a replica or nginx answers; gives the seconds."""
        started = time.monotonic()
        while time.monotonic() - started < patience:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if ask(self.ports[name], "/livez")[0] == 200:
                    return time.monotonic() - started
            process = self.nginx if name == "nginx" else self.replicas[name]
            assert process is not None
            assert process.poll() is None, f"{name} ended:\n{self.log(name)[-3000:]}"
            time.sleep(0.05)
        raise AssertionError(f"{name} does not answer:\n{self.log(name)[-3000:]}")

    def log(self, name: str) -> str:
        """What it has written."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")

    def kill(self, name: str) -> None:
        """Kills a replica with -9."""
        self.replicas[name].send_signal(signal.SIGKILL)
        self.replicas[name].wait()

    def end(self) -> None:
        """Ends everything in good order and takes the folder away."""
        for process in (*self.replicas.values(), self.nginx):
            if process is not None and process.poll() is None:
                process.terminate()
        for process in (*self.replicas.values(), self.nginx):
            if process is not None:
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def standing() -> Iterator[Stack]:
    """A stack of one's own, torn down at the end."""
    folder = Path(tempfile.mkdtemp(prefix="aftershock-stack-", dir="/tmp"))
    folder.chmod(0o755)
    with Server(dt.datetime.now(NY)) as yahoo, Outside() as outside:
        stack = Stack(folder, PostgreSQL().start(), yahoo, outside, can_seal())
        try:
            yield stack.begin()
        finally:
            stack.end()


class Outside:
    """Stands for the internet: a proxy that whoever wants to leave the machine meets. It counts, and lets them wait."""

    def __init__(self, patience: float = 3.0) -> None:
        """`patience`: seconds until an asker is hung up on."""
        self.asked: list[str] = []
        self._patience = patience
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()

    @property
    def url(self) -> str:
        """Its address as a proxy."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Outside:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._socket.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._hold, args=(self._socket.accept()[0],), daemon=True).start()

    def _hold(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            self.asked.append(caller.recv(4096).decode("latin-1").split("\r\n")[0])
            self._over.wait(self._patience)


def ask(
    port: int, path: str, method: str = "GET", *, body: bytes | None = None, timeout: float = 10.0, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request over a connection of its own: status, headers in lower case, body. `X_Forwarded_For` is the header X-Forwarded-For."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


class Pulse:
    """Asks for /_stcore/health all the while, ten times a second; `seconds` are the answers' times, infinite for none."""

    def __init__(self, port: int) -> None:
        self.seconds: list[float] = []
        self._port, self._over = port, threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)

    def _beat(self) -> None:
        while not self.seconds or not self._over.wait(0.1):
            started = time.perf_counter()
            try:
                status = ask(self._port, "/_stcore/health")[0]
            except (OSError, http.client.HTTPException):
                status = 0
            self.seconds.append(time.perf_counter() - started if status == 200 else float("inf"))


def lines(text: str) -> list[dict[str, Any]]:
    """A log, every line of which must be an object of JSON."""
    return [json.loads(line) for line in text.splitlines()]


def token() -> str:
    """Something that stands nowhere else."""
    return secrets.token_hex(12)
