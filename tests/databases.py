"""A real PostgreSQL of our own for the store's tests and the kill campaign: Debian's binaries, a folder under /tmp, a Unix socket."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

ADVICE = "There is no PostgreSQL: install the package `postgresql`, or name the folder of initdb in the environment variable POSTGRES_BIN."


def binaries() -> Path | None:
    """The folder of initdb and postgres: POSTGRES_BIN, Debian's newest, or the one on the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    named = [os.environ.get("POSTGRES_BIN"), *debian, on_path and Path(on_path).resolve().parent]
    return next((Path(folder) for folder in named if folder and (Path(folder) / "initdb").exists()), None)


class PostgreSQL:
    """A server that nobody else uses. It waits for the disk as PostgreSQL does by default; initdb refuses root, so root lends it a user."""

    def __init__(self) -> None:
        found = binaries()
        assert found is not None, ADVICE
        self.bin = found
        self.folder = Path(tempfile.mkdtemp(prefix="aftershock-pg-", dir="/tmp"))  # a socket has a short path
        self.user = _server_user() if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.data = self.folder / "data"
        command = [self.bin / "initdb", "-D", self.data, "-U", "aftershock", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=self.folder, **self._as())
        self.process: subprocess.Popen[bytes] | None = None
        self.users = 0

    def _as(self) -> dict[str, object]:
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if self.user else {}

    def start(self) -> PostgreSQL:
        """Starts the server and waits until it answers; after a kill it recovers first, and its children must have gone."""
        options = ["-c", f"unix_socket_directories={self.folder}", "-c", "listen_addresses=", "-c", "fsync=on", "-c", "max_connections=80"]
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with (self.folder / "log").open("ab") as log:
                self.process = subprocess.Popen(
                    [self.bin / "postgres", "-D", self.data, *options], stdout=log, stderr=log, cwd=self.folder, **self._as()
                )
            while self.process.poll() is None and time.monotonic() < end:
                with contextlib.suppress(psycopg.OperationalError):
                    self.ask("SELECT 1")
                    return self
                time.sleep(0.05)
            time.sleep(0.1)  # what the killed server left behind is still going
        raise AssertionError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")

    def ask(self, question: str) -> None:
        """Runs one statement outside a transaction."""
        with psycopg.connect(f"host={self.folder} user=aftershock dbname=postgres", autocommit=True, connect_timeout=5) as connection:
            connection.execute(question.encode())

    def url(self) -> str:
        """The URL of a new user with an empty schema, which is what they see of the database; a database each would take 8 MB."""
        self.users += 1
        self.ask(f"CREATE ROLE reader{self.users} LOGIN")
        self.ask(f"CREATE SCHEMA AUTHORIZATION reader{self.users}")
        return f"postgresql://reader{self.users}@/postgres?host={self.folder}"

    def kill(self) -> None:
        """Kills the postmaster with -9; its children find out by themselves."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ends the server at once and takes its folder away."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


def _server_user() -> str:
    """Debian's own user for the server, else nobody."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
