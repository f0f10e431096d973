"""Files that are there as a whole or not at all, and phrases as JSON."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pandas as pd

from aftershock.errors import Phrase

STRAY: Final = ".tmp-"  # how the name of an unfinished file begins


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that whoever reads it, and whatever happens, sees the old content or the new one. Raises OSError, and leaves
    nothing then; killed in between, it leaves a file that begins with STRAY.
    """
    handle, name = tempfile.mkstemp(prefix=STRAY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # mkstemp keeps others out
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A name is on the disk only when its folder is; not every system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def phrase_to(phrase: Phrase) -> dict[str, Any]:
    """A phrase as JSON."""
    return {"code": phrase.code, "facts": {name: _to(fact) for name, fact in phrase.facts.items()}}


def phrase_from(found: dict[str, Any]) -> Phrase:
    """The phrase that JSON holds. Raises KeyError, TypeError, ValueError where it holds none that can be said."""
    phrase = Phrase(str(found["code"]), **{str(name): _from(fact) for name, fact in found["facts"].items()})
    str(phrase)  # another version's code, or facts that are missing, show here and not on a page
    return phrase


def _to(fact: object) -> object:
    if isinstance(fact, Phrase):
        return {"phrase": phrase_to(fact)}
    if isinstance(fact, dt.date):
        return {"day": f"{fact:%Y-%m-%d}"}
    return fact


def _from(fact: Any) -> object:
    match fact:
        case {"phrase": found}:
            return phrase_from(found)
        case {"day": day}:
            return pd.Timestamp(day).date()
    return fact
