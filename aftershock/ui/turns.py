"""Readers take turns. One interpreter runs one script at a time, whatever the number of threads: a hundred of them at once finish no
sooner, but each time the server's own loop wants a word it stands behind all of them, and does not answer for seconds. So a few run and
the others wait.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

AT_ONCE: Final = 2  # one that computes, and one while that one waits for the store
PATIENCE: Final = 5.0  # seconds; whoever has waited that long goes ahead: somebody's slow answer must not hold everybody

_free = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Waits until it is this thread's turn, and lets the next one in afterwards, however it ended."""
    mine = _free.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if mine:
            _free.release()
