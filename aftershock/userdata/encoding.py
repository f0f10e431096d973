"""Bytes -> text: UTF-8, UTF-16, windows-1258 and windows-1252, told apart by evidence.

A byte-order mark and valid UTF-8 prove themselves; UTF-16 without its mark shows in the zero bytes that every second Latin letter has.
The two old one-byte codes share most letters. Windows-1258 writes Vietnamese tones as marks after their vowel: read as windows-1252
such a mark is a capital or a second accent in the middle of a word. Where only letters that both codes may mean are there, we ask.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from aftershock.errors import DataError, Phrase

VIETNAMESE, WESTERN = "windows-1258", "windows-1252"
ENCODINGS: Final = (VIETNAMESE, WESTERN)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOST_MARK: Final = re.compile("(?<![aăâeêioôơuưyAĂÂEÊIOÔƠUƯY])[\u0300\u0301\u0303\u0309\u0323]")  # a tone without its vowel
_TONE: Final = re.compile("[a-zâêôãõýà-ÿ][ÌÒÞ]|[âêôãõýÂÊÔÃÕÝ][ìòÌÒÞ]")  # a tone on its vowel, read as windows-1252
_SURE: Final = frozenset(
    ("đề", "đến", "được", "điều", "đầu", "đã", "tăng", "tư", "người", "nước")
)  # words that only windows-1258 can write
_PUNCTUATION: Final = frozenset("€‚„…‰‹›‘’“”•–—™§©®°±²³·¹«»¼½¾¿¡£¢¥×÷´\u00a0\u00ad")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file in NFC and the name of its encoding. Where evidence is lacking, `choices` are to be asked about and the text
    is empty."""

    text: str
    encoding: str
    choices: tuple[str, ...] = ()


def decode(raw: bytes, file: str, answer: str | None = None) -> Decoded:
    """The text of a file. `answer` is one of ENCODINGS, the reader's word where the evidence allows both. Raises DataError for bytes
    that are in no encoding known here."""
    code = next((code for mark, code in _BOMS if raw.startswith(mark)), None) or _wide(raw)
    try:
        return Decoded(_composed(raw, code or "utf-8").removeprefix("\ufeff"), (code or "utf-8").removesuffix("-le").removesuffix("-be"))
    except UnicodeDecodeError as error:
        found = Phrase("data.byte", byte=f"0x{error.object[error.start]:02x}", at=str(error.start + 1))
        refusal = DataError(file=file, record="-", field="-", found=found, wanted="data.encoding")
    if code:
        raise refusal
    choices = _plausible(raw)
    if answer in choices:
        choices = (answer,)
    if not choices:
        raise refusal
    return Decoded(_composed(raw, choices[0]) if len(choices) == 1 else "", choices[0], choices if len(choices) > 1 else ())


def _composed(raw: bytes, code: str) -> str:
    return unicodedata.normalize("NFC", raw.decode(code))


def _wide(raw: bytes) -> str | None:
    """UTF-16 without its mark, where that is certain: zero bytes at one parity only, and many."""
    even, odd, enough = raw[::2].count(0), raw[1::2].count(0), len(raw) // 4
    return "utf-16-le" if odd > enough and not even else "utf-16-be" if even > enough and not odd else None


def _plausible(raw: bytes) -> tuple[str, ...]:
    """The one-byte encodings that the text may be in: one where there is evidence, both where there is none, none if it is neither."""
    western, vietnamese = _read(raw, WESTERN), _read(raw, VIETNAMESE)
    if vietnamese is not None and not _LOST_MARK.search(vietnamese) and _vietnamese(raw, vietnamese):
        return (VIETNAMESE,)
    if western is None or not _western(western):
        return ()
    return (WESTERN,) if vietnamese is None or vietnamese == western or _LOST_MARK.search(vietnamese) else ENCODINGS


def _read(raw: bytes, code: str) -> str | None:
    try:
        return raw.decode(code)
    except UnicodeDecodeError:
        return None


def _vietnamese(raw: bytes, text: str) -> bool:
    """True where a tone mark stands on its vowel as in no western word, or a word is there that only windows-1258 can write."""
    words = unicodedata.normalize("NFC", text).casefold()
    if re.search(r"[^\W\d_a-z]{4}", words):  # 'được' has three in a row, no word has four
        return False
    return bool(_TONE.search(raw.decode(WESTERN, "replace"))) or not _SURE.isdisjoint(re.findall(r"\w+", words))


def _western(text: str) -> bool:
    """True where accents stand among plain letters and signs are those of typography: other one-byte codes do not look like that."""
    marks = [c for c in text if not c.isascii()]
    if re.search(r"[^\W\d_a-zA-Z]{3}|[a-zA-Z][ªºµ][a-zA-Z]", text) or 4 * len(marks) > len(re.sub(r"[\s\d]", "", text)):
        return False
    return all(c.isalpha() or c in _PUNCTUATION for c in marks)
