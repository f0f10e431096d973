"""Typst: the document as a PDF, and the formulas as pictures for the page.

The document goes in as a value (JSON): none of it is read as markup. Only our own typeface and those inside Typst (for formulas and
code) are used, whatever the machine has; no package is asked for.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from importlib import resources
from typing import Any, Final

import typst

from aftershock.charts.fonts import FOLDER
from aftershock.methods import FORMULAS

_STANDARD: Final = "ua-1"  # PDF/UA: tagged, with a language, a title, and an alternative text for every figure and formula
_UNSET: Final = "could not be displayed"


def pdf(document: dict[str, Any], as_of: dt.date) -> bytes:
    """The document as an accessible PDF. The same document and date give the same bytes.

    PDF/UA allows no letter that the typeface lacks, such as a Chinese one in a title: such a document is set without that promise,
    tagged as before, with a box for the letter.
    """
    made = dt.datetime.combine(as_of, dt.time(), dt.UTC)
    try:
        return _compiled(document, made, [_STANDARD])
    except typst.TypstError as error:
        if _UNSET not in str(error):
            raise
    return _compiled(document, made, [])


def _compiled(document: dict[str, Any], made: dt.datetime, standards: list[Any]) -> bytes:
    source = resources.files("aftershock.report").joinpath("templates", "document.typ").read_bytes()
    compiler = typst.Compiler(input=source, font_paths=_fonts(), sys_inputs={"document": json.dumps(document, ensure_ascii=False)})
    done = compiler.compile(format="pdf", timestamp=made, pdf_standards=standards)
    assert isinstance(done, bytes)
    return done


@cache
def formulas() -> dict[str, str]:
    """Every formula of the methods as an SVG, by its code: browsers set MathML badly where no font for it is installed."""
    sheet = "#set page(width: auto, height: auto, margin: 1pt, fill: none)\n#set text(size: 12pt)\n"
    source = sheet + "#pagebreak()\n".join(f"$ {f.typst} $\n" for f in FORMULAS)
    pages = typst.Compiler(input=source.encode(), font_paths=_fonts()).compile(format="svg")
    assert isinstance(pages, list)
    return {f.code: page.decode() for f, page in zip(FORMULAS, pages, strict=True)}


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER)])
