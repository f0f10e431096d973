"""Reports: one event or several as a self-contained HTML file, a PDF, or a bundle of all the evidence.

One way for data: views -> parts (answers and exhibits) -> document (text) -> HTML or PDF.

parts      what a report is about: each event with its answer and exhibits
document   sections of blocks, text only
sections   those about one event; tables holds the numbers of each exhibit
compose    the whole document; citation how to cite it
page       a document as HTML
typeset    a document as PDF
bundle     a zip of pictures, tables, methods and citation
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aftershock.impact_views import ImpactView
from aftershock.report import typeset
from aftershock.report.bundle import bundle
from aftershock.report.compose import compose
from aftershock.report.page import page
from aftershock.report.parts import Part, parts, slug
from aftershock.text import Words, words
from aftershock.workspace import Workspace

__all__ = ["KINDS", "Kind", "file_name", "make"]


def _html(workspace: Workspace, about: Sequence[Part], say: Words) -> bytes:
    return page(compose(workspace, about, say).data())


def _pdf(workspace: Workspace, about: Sequence[Part], say: Words) -> bytes:
    document = compose(workspace, about, say)
    return typeset.pdf(document.data(), dt.date.fromisoformat(document.as_of))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: its media type and how it is made. Labels: `report.file_<ending>`."""

    media: str
    make: Callable[[Workspace, Sequence[Part], Words], bytes]


KINDS: Final = {
    "pdf": Kind("application/pdf", _pdf),
    "html": Kind("text/html", _html),
    "zip": Kind("application/zip", bundle),
}


def make(kind: str, workspace: Workspace, views: Sequence[ImpactView], base: str = "aftershock/impact") -> bytes:
    """The report about `views`, all in the language of the first. `base` is the address that permalinks start with.

    The same workspace and views give the same bytes. Costs about a second of CPU for each event.
    """
    return KINDS[kind].make(workspace, parts(workspace, views, base), words(views[0].lang))


def file_name(kind: str, views: Sequence[ImpactView]) -> str:
    """A name that says what is inside."""
    return f"{slug(views)}.{kind}"
