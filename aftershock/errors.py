"""What can go wrong, as facts; the sentence is made from the message catalogue in the reader's language.

AftershockError             anything that we can explain in one sentence
├── DataError               a file does not say what it should: which file, record, field, and what would be right
├── RequestError            the caller asked for something that cannot be: an unknown ticker, reversed dates
├── PricesUnavailable       nobody could give the prices
├── StoreUnavailable        the reader's saved events cannot be had, or not be saved
└── Conflict                (in `store`) somebody else changed the event first
"""

from __future__ import annotations

import re
from typing import Final

from aftershock.text import Words, words

_LONGEST: Final = 240  # letters of a value that a sentence quotes


class Phrase:
    """Words inside a sentence, as a message code and its facts, so that they are said in the sentence's own language.

    `str(phrase)` is English; facts may be phrases again. Numbers that name something, such as a row, are given as text.
    """

    def __init__(self, code: str, /, **facts: object) -> None:
        self.code = code
        self.facts = facts

    def in_words(self, say: Words) -> str:
        """The phrase in a language."""
        return say(self.code, **self.facts)

    def __str__(self) -> str:
        return self.in_words(words("en"))

    def __repr__(self) -> str:
        return f"Phrase({self.code!r}, {self.facts!r})"


class AftershockError(Exception):
    """Facts plus a message code. `str(error)` is the English sentence, `error.sentence(lang)` any language's."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def sentence(self, lang: str = "en") -> str:
        """One sentence: what was wrong, where, and what would be right."""
        return words(lang)(f"error.{self.code}", **self.facts)

    def __str__(self) -> str:
        return self.sentence("en")


class DataError(AftershockError):
    """A file of ours or of a reader's is not as it should be. Facts: file, record, field, found, wanted.

    `wanted` is the code of a message in the section [data], or a phrase. `found` and `record` are values, or phrases where they are
    words; a value is quoted as Python writes it, which shows what cannot be printed.
    """

    def __init__(self, *, file: object, record: object, field: object, found: object, wanted: str | Phrase) -> None:
        quoted = found if isinstance(found, Phrase) else repr(found)
        if isinstance(quoted, str) and len(quoted) > _LONGEST:
            quoted = quoted[: _LONGEST - 1] + "…"
        super().__init__(
            "data", file=file, record=record, field=field, found=quoted, wanted=Phrase(wanted) if isinstance(wanted, str) else wanted
        )


def trouble(error: Exception) -> Phrase:
    """What stopped the reading of a file, as far as that can be said in every language: no file, or the byte or line that was wrong."""
    match error:
        case FileNotFoundError():
            return Phrase("data.not-there")
        case PermissionError():
            return Phrase("data.forbidden")
        case IsADirectoryError():
            return Phrase("data.folder")
        case UnicodeDecodeError():
            return Phrase("data.byte", byte=f"0x{error.object[error.start]:02x}", at=str(error.start + 1))
    line = re.search(r"\bline (\d+)", str(error))
    return Phrase("data.line", line=line[1]) if line else Phrase("data.unreadable")


class RequestError(AftershockError):
    """The request itself cannot be met."""


class PricesUnavailable(AftershockError):
    """No provider had the prices."""


class StoreUnavailable(AftershockError):
    """The database of saved events cannot be used. Codes: `error.store-...`; facts: place."""
