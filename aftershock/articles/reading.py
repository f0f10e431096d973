"""An article out of bytes or text: title, publisher, publication time with its offset, language, and the text in sentences."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import subprocess
import sys
import unicodedata
import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from aftershock.articles.grammar import Sentence
from aftershock.errors import RequestError
from aftershock.events import NEW_YORK
from aftershock.userdata.encoding import decode

BIGGEST: Final = 2_000_000  # bytes of a file or a page
LONGEST: Final = 60_000  # letters of an article's text that are read
_PATIENCE: Final = 20  # seconds for the whole worker; its parsing has a shorter deadline of its own
_WORKER: Final = Path(__file__).with_name("extract.py")
_VIETNAMESE: Final = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
_DATED: Final = re.compile(
    r"(?:19|20)\d\d-\d\d-\d\d|\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:19|20)\d\d|(?:19|20)\d\d.{0,3}$|"
    r"\d{1,2} (?:tháng \d|[A-Z][a-z]{2,8}\.?,? (?:19|20)\d\d)|[A-Z][a-z]{2,8}\.? \d{1,2}, (?:19|20)\d\d"
)
_LABEL: Final = re.compile(
    r"^(?:published|updated|posted|đăng lúc|đăng ngày|ngày đăng|cập nhật|xuất bản)\s*(?:on|at|lúc)?\s*:?\s*", re.IGNORECASE
)
_BYLINE: Final = re.compile(r"^(?:by|theo|bài|ảnh|tác giả|author)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Article:
    """An article as read. `published` keeps the offset that the page gave; a date alone when no hour or no zone was given; None when
    nobody said. `text` is NFC, paragraphs are lines; `start` and `end` of what is found are offsets into it."""

    title: str
    publisher: str
    published: dt.datetime | dt.date | None
    language: str
    text: str

    @property
    def day(self) -> dt.date | None:
        """The day of publication where it was published."""
        return self.published.date() if isinstance(self.published, dt.datetime) else self.published

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The text's sentences with their places."""
        return sentences(self.text)

    def published_on(self, moment: dt.date) -> Article:
        """The same article with another publication date."""
        return replace(self, published=moment)


def read(content: bytes | str, name: str = "") -> Article:
    """An article from the bytes of a file, or from pasted text. Raises RequestError for what is too big or cannot be read in time,
    DataError for bytes that are no text."""
    if len(content) > BIGGEST:
        raise RequestError("article-too-big", megabytes=f"{BIGGEST // 1_000_000}")
    if _is_html(content, name):
        return from_html(content)
    return from_text(_decoded(content, name) if isinstance(content, bytes) else content)


def _is_html(content: bytes | str, name: str) -> bool:
    head = (
        (content[:2000].decode("latin-1") if isinstance(content, bytes) else content[:2000])
        .replace("\x00", "")
        .lstrip("ÿþï»¿\ufeff \r\n\t")
    )
    return name.lower().endswith((".html", ".htm")) or bool(
        re.match(r"<(?:!doctype|html|head|body|\?xml|article|!--)", head, re.IGNORECASE)
    )


def _decoded(raw: bytes, name: str) -> str:
    """The text of a file. Where its bytes could be Western or Vietnamese letters, there are so few of them that it makes no difference."""
    found = decode(raw, name)
    return decode(raw, name, found.choices[-1]).text if found.choices else found.text


def from_html(content: bytes | str) -> Article:
    """An article from a web page, parsed in a process of its own. Raises RequestError when that takes too long or too much memory."""
    raw = content.encode("utf-8", errors="replace") if isinstance(content, str) else content
    try:
        done = subprocess.run([sys.executable, "-P", str(_WORKER)], input=raw, capture_output=True, timeout=_PATIENCE, check=True)  # noqa: S603
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise RequestError("article-unreadable") from error
    text = _normal(found["text"])[:LONGEST]
    language = language_of(text or found["title"])
    published = next((p for s in found["published"] if (p := moment(s, language)) is not None), None)
    return Article(_normal(found["title"]), _normal(found["publisher"]), published, language, text)


def from_text(content: str) -> Article:
    """An article from plain text: the first line is the title when it does not end a sentence; the lines before the text may say who
    published it and when."""
    lines = [line.strip() for line in _normal(content)[:LONGEST].split("\n")]
    lines = [line for line in lines if line]
    language = language_of(" ".join(lines))
    title = lines.pop(0) if len(lines) > 1 and len(lines[0]) <= 200 and lines[0][-1] not in ".!…" else ""
    published, publisher, head = None, "", 0
    for number, line in enumerate(lines[:5]):
        if len(line) > 120:
            break
        if _DATED.search(line) and (published := moment(line, language)) is not None:
            before = re.split(r"\d|(?i:thứ |chủ nhật|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day)", _LABEL.sub("", line))[0].strip(
                " ,(-–|:)"
            )
            named = [before] if len(before) > 3 and not _is_month(before) else []
            publisher = next((h for h in [*lines[:number], *named] if not _BYLINE.match(h)), "")
            head = number + 1
            break
    return Article(title, publisher, published, language, "\n".join(lines[head:]))


def _is_month(text: str) -> bool:
    return bool(re.match(r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ngày|tháng)", text, re.IGNORECASE))


def _normal(text: str) -> str:
    """NFC without control characters but line breaks; entities that were written twice undone; every kind of space a space."""
    text = unicodedata.normalize("NFC", html.unescape(text)).replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[^\S\n]+", " ", text)
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co")).strip()


def language_of(text: str) -> str:
    """'vi' where more than one letter in a hundred is Vietnamese only, else 'en'."""
    return "vi" if len(_VIETNAMESE.findall(text)) * 100 > max(len(text), 1) else "en"


def moment(text: str, language: str) -> dt.datetime | dt.date | None:
    """A publication time as pages write it: a datetime with its offset where hour and zone are given, else a date; None where it cannot
    be read, or could be read two ways (03/04/2025 in an English page)."""
    text = _LABEL.sub("", text.strip())[:80]
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        if not _DATED.search(text) or (language == "en" and _two_ways(text)):
            return None
        eastern = re.sub(r"\b(?:ET|US Eastern|Eastern)\b", "", text)  # with and without summer time: the calendar knows which
        parsed = _parsed(re.sub(r"^[^\d]*\) ", "", eastern), language)
        if parsed is None:
            return None
        found = parsed.replace(tzinfo=NEW_YORK) if eastern != text and parsed.tzinfo is None else parsed
    return found if found.tzinfo is not None else found.date()


def _two_ways(text: str) -> bool:
    numbers = re.search(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}", text)
    return bool(numbers and numbers[1] != numbers[2] and int(numbers[1]) <= 12 and int(numbers[2]) <= 12)


def _parsed(text: str, language: str) -> dt.datetime | None:
    """What dateparser makes of it: it knows the zones' names and both languages, and is told which number is the day."""
    import dateparser

    order = "DMY" if language == "vi" or re.match(r"\D*(1[3-9]|2\d|3[01])[/.-]", text) else "MDY"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            settings = {"DATE_ORDER": order, "REQUIRE_PARTS": ["day", "month", "year"]}
            found: dt.datetime | None = dateparser.parse(text, languages=[language], settings=settings)
            return found
        except (ValueError, OverflowError, TypeError):
            return None


# -- sentences -------------------------------------------------------------------------------------------------------

_SHORT: Final = re.compile(
    r"(?:\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|Mr|Mrs|Ms|Dr|Jr|Sr|St|No|vs|Inc|Corp|Co|Ltd|Gen|Sen|Rep|Gov|TS|TP|ThS|GS|PGS)"
    r"|\b[A-Z]|\b[ap]\.m)\.$"
)
_END: Final = re.compile(r"[.!?…]+[\"”’')\]]*\s+(?=[\"“‘'(\[]?[A-ZÀ-ỸĐ0-9])|\n+")


def sentences(text: str) -> tuple[Sentence, ...]:
    """A text cut into sentences: after a stop that is followed by a capital or a figure, unless it belongs to an abbreviation, and after
    every paragraph."""
    found: list[Sentence] = []
    start = 0
    for end in [*_END.finditer(text), None]:
        stop = len(text) if end is None else end.start() + len(end[0].rstrip())
        if end is not None and "\n" not in end[0] and _SHORT.search(text[start : end.start() + 1][-12:]):
            continue
        if piece := text[start:stop].strip():
            place = start + len(text[start:stop]) - len(text[start:stop].lstrip())
            found.append(Sentence(piece, place, len(found) + 1))
        start = len(text) if end is None else end.end()
    return tuple(found)
