"""Text as it may stand in an event, and in a cell of a spreadsheet.

`guarded` and `unguarded` undo each other: what a spreadsheet would run gets an apostrophe in front on the way out, and loses exactly that
one on the way back.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RUNS: Final = re.compile(r"'*[=+\-@\t\r]")
_BREAKS: Final = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]\s*")
_TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def guarded(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula, or for a guarded text."""
    return f"'{text}" if _RUNS.match(text) else text


def unguarded(text: str) -> str:
    """A cell without the apostrophe that `guarded` put there."""
    return text[1:] if text.startswith("'") and _RUNS.match(text) else text


def one_line(text: str) -> str:
    """The text in NFC, stripped, its line breaks and tabs as single spaces."""
    return unicodedata.normalize("NFC", _BREAKS.sub(" ", text)).strip()


def flaw(text: str) -> str | None:
    """What makes a line of text unfit to be shown or written to a file, as the code of what would be right (`data.<code>`), or None:
    control characters, code points that are no characters, characters that turn the direction of writing, nothing to be seen."""
    if any(unicodedata.category(c) in ("Cc", "Cs") or _no_character(ord(c)) for c in text):
        return "printable"
    if _TURNING.search(text):
        return "one-direction"
    if text and all(unicodedata.category(c) in ("Cf", "Zs", "Mn", "Me") for c in text):
        return "visible"
    return None


def _no_character(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
