"""Whom not to ask for a while, and why: a failure is an answer too, kept for minutes and shared by all who use the cache folder."""

from __future__ import annotations

import datetime as dt
import json
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aftershock.errors import Phrase
from aftershock.prices.files import phrase_from, phrase_to, write_whole

ALL: Final = "*"  # a hold on everybody
_MINUTES: Final = {
    "rate-limited": 15, "unreachable": 2, "slow": 3, "garbled": 5, "down": 5, "unknown": 60, "empty": 60,
    "elsewhere": 720, "around-the-clock": 720, "wrong-kind": 720,
}  # fmt: skip
_REFUSED: Final = 30  # minutes after an answer that could not be right
_FOR_ALL: Final = ("rate-limited", "unreachable")  # what is no matter of one ticker


@dataclass(frozen=True, slots=True)
class Hold:
    """A ticker (or ALL) that is not asked for until a time (UTC), and why."""

    until: dt.datetime
    why: Phrase


class Breaker:
    """The holds of this process, and those that other processes left in a small file."""

    def __init__(self, file: Path | None) -> None:
        """`file` may be missing, damaged or unwritable: then this process's holds are all that is known."""
        self._file = file
        self._lock = threading.Lock()
        self._holds: dict[str, Hold] = {}
        self._seen: int | None = None

    def hold(self, ticker: str, now: dt.datetime) -> Hold | None:
        """What stands against asking for a ticker, or None. Looks at memory only: `look` looks at the file."""
        found = [h for key in (ALL, ticker) if (h := self._holds.get(key)) is not None and h.until > now]
        return max(found, key=lambda h: h.until, default=None)

    def closed(self, now: dt.datetime) -> Hold | None:
        """What stands against asking for anything, or None."""
        found = self._holds.get(ALL)
        return found if found is not None and found.until > now else None

    def failed(self, ticker: str, why: Phrase, now: dt.datetime) -> None:
        """Notes a failure: for the ticker, or for all where the code says that it is no matter of one ticker."""
        code = why.code.removeprefix("prices.")
        until = now + dt.timedelta(minutes=_MINUTES.get(code, _REFUSED))
        with self._lock:
            self._read()
            self._holds[ALL if code in _FOR_ALL else ticker] = Hold(until, why)
            self._write(now)

    def answered(self, ticker: str, now: dt.datetime) -> None:
        """An answer ends what stood against a ticker; a limit that another process has met in the meantime stands."""
        with self._lock:
            self._read()
            if self._holds.pop(ticker, None) is not None:
                self._write(now)

    def look(self) -> None:
        """Takes note of what other processes have met since."""
        with self._lock:
            self._read()

    def _read(self) -> None:
        if self._file is None:
            return
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            changed = self._file.stat().st_mtime_ns
            if changed == self._seen:
                return
            found = json.loads(self._file.read_text(encoding="utf-8"))
            self._holds |= {t: Hold(dt.datetime.fromisoformat(h["until"]), phrase_from(h["why"])) for t, h in found.items()}
            self._seen = changed

    def _write(self, now: dt.datetime) -> None:
        if self._file is None:
            return
        kept = {t: {"until": h.until.isoformat(), "why": phrase_to(h.why)} for t, h in self._holds.items() if h.until > now}
        with suppress(OSError):
            write_whole(self._file, json.dumps(kept, ensure_ascii=False).encode())
            self._seen = self._file.stat().st_mtime_ns
