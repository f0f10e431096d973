"""What can go wrong, as facts; the sentence is made from the message catalogue in the reader's language.

AftershockError             anything that we can explain in one sentence
├── DataError               a file does not say what it should: which file, record, field, and what would be right
├── RequestError            the caller asked for something that cannot be: an unknown ticker, reversed dates
└── PricesUnavailable       nobody could give the prices
"""

from __future__ import annotations

from aftershock.text import words


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
    """A file of ours or of a reader's is not as it should be. Facts: file, record, field, found, wanted."""

    def __init__(self, *, file: object, record: object, field: object, found: object, wanted: str) -> None:
        super().__init__("data", file=file, record=record, field=field, found=repr(found), wanted=wanted)


class RequestError(AftershockError):
    """The request itself cannot be met."""


class PricesUnavailable(AftershockError):
    """No provider had the prices."""
