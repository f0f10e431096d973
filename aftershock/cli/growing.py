"""A file that grows block by block over hours, and can be taken up again after anything.

Beside it lies FILE.manifest.json: of what it is made, how many rows and bytes of it are whole, and their hash. A block counts when its
bytes are on the disk and the manifest says so; what is beyond, such as the torn line of a process that was killed, is cut off when the
file is taken up again. A file that somebody else made, or that was begun on other terms, is never touched.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from filelock import FileLock, Timeout

from aftershock.errors import RequestError

_PIECE: Final = 1 << 20


class Growing:
    """`terms`: everything that the content follows from, by name. RequestError when the file cannot be made or taken up.

    `done`: input rows that are in the file; `tally`: what has been counted so far.
    """

    def __init__(self, path: Path, terms: Mapping[str, str]) -> None:
        self.path, self.terms = path, dict(terms)
        self.manifest = path.with_name(f"{path.name}.manifest.json")
        self.done = self.size = 0
        self.tally: Counter[str] = Counter()
        self.digest = hashlib.sha256()
        self.file: BinaryIO | None = None
        self.lock = FileLock(path.with_name(f"{path.name}.lock"))

    def __enter__(self) -> Self:
        try:
            self.lock.acquire(timeout=0)
        except Timeout:
            raise RequestError("out-busy", file=self.path.name) from None
        try:
            self._take_up()
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.close()
        self._release()

    def append(self, block: bytes, rows: int, tally: Mapping[str, int]) -> None:
        """Adds a block that stands for `rows` more rows of input. Returns when it is on the disk."""
        assert self.file is not None
        self.file.write(block)
        self.file.flush()
        os.fsync(self.file.fileno())
        self.digest.update(block)
        self.size += len(block)
        self.done += rows
        self.tally.update(tally)
        self._note()

    def _note(self) -> None:
        known = {"terms": self.terms, "rows": self.done, "bytes": self.size, "sha256": self.digest.hexdigest(), "tally": dict(self.tally)}
        fresh = self.manifest.with_name(f"{self.manifest.name}.new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(known, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.manifest)

    def _take_up(self) -> None:
        if self.manifest.exists():
            self._compare()
        elif self.path.exists():
            raise RequestError("out-exists", file=self.path.name)
        else:
            self._note()
        self.file = self.path.open("ab")
        self.file.truncate(self.size)

    def _compare(self) -> None:
        """Holds the manifest against what is wanted now, and the file against the manifest."""
        try:
            known: dict[str, Any] = json.loads(self.manifest.read_text(encoding="utf-8"))
            before, self.done, self.size, wanted = known["terms"], known["rows"], known["bytes"], known["sha256"]
            self.tally = Counter(known["tally"])
        except (ValueError, KeyError, TypeError):
            raise RequestError("out-manifest", file=self.path.name, manifest=self.manifest.name) from None
        for name in {**before, **self.terms}:
            if (was := before.get(name, "–")) != (now := self.terms.get(name, "–")):
                raise RequestError("out-terms", file=self.path.name, what=name, before=was, now=now)
        if self.size:
            self._read_again()
        if self.digest.hexdigest() != wanted:
            raise RequestError("out-changed", file=self.path.name, manifest=self.manifest.name)

    def _read_again(self) -> None:
        left = self.size
        try:
            with self.path.open("rb") as file:
                while left and (piece := file.read(min(_PIECE, left))):
                    self.digest.update(piece)
                    left -= len(piece)
        except FileNotFoundError:
            return

    def _release(self) -> None:
        """Takes the lock's file away while it is still held: whoever has just opened it sees, once they have the lock, that it has no
        name any more, and begins again. Taken away afterwards it could be one that somebody else holds.
        """
        Path(self.lock.lock_file).unlink(missing_ok=True)
        self.lock.release()
