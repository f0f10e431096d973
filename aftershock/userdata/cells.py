"""Text in a cell of a spreadsheet, on its way in and out.

`guarded` and `unguarded` undo each other: what a spreadsheet would run gets an apostrophe in front on the way out, and loses exactly that
one on the way back.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RUNS: Final = re.compile(r"'*[=+\-@\t\r]")
_BREAKS: Final = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]\s*")


def guarded(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula, or for a guarded text."""
    return f"'{text}" if _RUNS.match(text) else text


def unguarded(text: str) -> str:
    """A cell without the apostrophe that `guarded` put there."""
    return text[1:] if text.startswith("'") and _RUNS.match(text) else text


def one_line(text: str) -> str:
    """The text in NFC, stripped, its line breaks and tabs as single spaces."""
    return unicodedata.normalize("NFC", _BREAKS.sub(" ", text)).strip()
