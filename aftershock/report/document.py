"""What a report is made of: sections of blocks, text only. HTML and PDF are two ways to set the same document.

Nothing here is markup: every string is shown as it stands, by both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeAlias

_FIGURES: Final = re.compile(r"[●\s]*[<+−±▲▼■–-]*[\s\u00a0]*(\d|$)")  # what is set flush right: numbers and their absence
_DATE: Final = re.compile(r"\d{1,2}/\d{1,2}/\d{4}|\d{1,2} \w{3} \d{4}")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line; with an address it is a link. Addresses are http(s)."""

    text: str
    url: str = ""
    strong: bool = False


Runs: TypeAlias = tuple[Run, ...]


def line(text: str) -> Runs:
    """A line of plain text."""
    return (Run(text),)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; a `small` one is a remark under something."""

    runs: Runs
    small: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict: its label and its sentence. `state` is the code of the verdict."""

    state: str
    label: str
    because: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with what they stand for."""

    rows: tuple[tuple[str, Runs], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Runs, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as SVG, drawn by us, with its alternative text and its caption."""

    svg: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under headings. `right`: which columns are figures and stand flush right."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of ours with its name and what it means: TeX to be read out, Typst to be set."""

    code: str
    name: str
    about: str
    tex: str
    typst: str


@dataclass(frozen=True, slots=True)
class Code:
    """Something to copy, set in a typewriter's face."""

    text: str


Block: TypeAlias = Paragraph | Answer | Facts | Items | Figure | Table | Formula | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what follows it. `level` 1 or 2; `anchor` names it within the document."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 1
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report in one language. `as_of` is an ISO date; `words` what the setter itself says (contents, page)."""

    lang: str
    title: str
    subtitle: str
    source: str
    as_of: str
    version: str
    slug: str
    words: Mapping[str, str]
    sections: tuple[Section, ...]

    def data(self) -> dict[str, Any]:
        """The document as plain dicts and lists; each block names its kind."""
        sections = [
            asdict(s) | {"anchor": f"s{n}", "blocks": [{"kind": type(b).__name__.lower(), **asdict(b)} for b in s.blocks]}
            for n, s in enumerate(self.sections, 1)
        ]
        return {name: getattr(self, name) for name in ("lang", "title", "subtitle", "source", "as_of", "version", "slug")} | {
            "words": dict(self.words), "sections": sections,
        }  # fmt: skip


def table(rows: Sequence[Mapping[str, str]], caption: str = "") -> Table:
    """Rows of words as a table; columns that hold nothing but figures stand flush right."""
    columns = tuple(rows[0]) if rows else ()
    cells = tuple(tuple(row.values()) for row in rows)
    right = tuple(all(_FIGURES.match(row[i]) and not _DATE.search(row[i]) for row in cells) for i in range(len(columns)))
    return Table(caption, columns, cells, right)


def facts(*rows: tuple[str, str | Runs]) -> Facts:
    """Names with their values; what is empty is left out."""
    return Facts(tuple((name, line(value) if isinstance(value, str) else value) for name, value in rows if value))
