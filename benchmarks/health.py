"""Asks a server every tenth of a second whether it is well, in a process of its own, which a hundred tabs do not hold up.

`python -m benchmarks.health http://127.0.0.1:8501` prints the moment and the seconds of each answer until it is ended.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlsplit

from benchmarks.servers import ROOT

EVERY = 0.1  # seconds


class Health:
    """The seconds that each answer took while the block lasted; one that failed counts as infinite."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.seconds: list[float] = []

    def __enter__(self) -> Health:
        self._file = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen([sys.executable, "-m", __spec__.name, self.base], cwd=ROOT, stdout=self._file)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(2 * EVERY)  # the last answer may be under way
        self._process.terminate()
        self._process.wait(10)
        self._file.seek(0)
        self.seconds = [float(line.split()[1]) for line in self._file.read().splitlines()]
        self._file.close()


def ask(base: str) -> float:
    """Seconds until the answer; infinite where there is none, or another than 200."""
    start = time.perf_counter()
    wire = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    try:
        wire.request("GET", "/_stcore/health")
        return time.perf_counter() - start if wire.getresponse().status == 200 else float("inf")
    except OSError:
        return float("inf")
    finally:
        wire.close()


if __name__ == "__main__":
    while True:
        print(time.time(), ask(sys.argv[1]), flush=True)
        time.sleep(EVERY)
