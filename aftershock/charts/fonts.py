"""The typeface of everything we export: Be Vietnam Pro, which has all of Vietnamese, from the package that carries it.

vl-convert draws no text at all in a font that it cannot find, so the folder is registered before the first picture.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import fontpkg_be_vietnam_pro
import vl_convert
from PIL import ImageFont

FOLDER: Final = Path(fontpkg_be_vietnam_pro.__file__).parent / "files"


@cache
def register() -> None:
    """Makes the typeface known to vl-convert; once is enough."""
    vl_convert.register_font_directory(str(FOLDER))


@cache
def _face(weight: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FOLDER / f"BeVietnamPro-{weight}.ttf"), 100)


def width(text: str, size: float, weight: str = "Regular") -> float:
    """The width of a line of text in pixels."""
    return float(_face(weight).getlength(text)) * size / 100


def wrap(text: str, size: float, room: float, weight: str = "Regular") -> list[str]:
    """The text in as few lines as fit into `room` pixels, broken at spaces; a word that is too long alone also after its commas and &."""
    lines: list[str] = []
    for word in text.split(" "):
        parts = [word] if width(word, size, weight) <= room else re.findall(r"[^,&]*[,&]|[^,&]+", word)
        for i, part in enumerate(parts):
            longer = f"{lines[-1]}{'' if i else ' '}{part}" if lines else part
            if lines and width(longer, size, weight) <= room:
                lines[-1] = longer
            else:
                lines.append(part)
    return lines


def balanced(text: str, size: float, room: float, weight: str = "Regular") -> list[str]:
    """As `wrap`, in equally few lines of about the same length: no title leaves one word alone."""
    lines = wrap(text, size, room, weight)
    low, high = 0.0, room
    while high - low > size and len(lines) > 1:
        middle = (low + high) / 2
        narrower = wrap(text, size, middle, weight)
        fits = len(narrower) == len(lines) and all(width(line, size, weight) <= middle for line in narrower)
        low, high, lines = (low, middle, narrower) if fits else (middle, high, lines)
    return lines


def cut(text: str, size: float, room: float, weight: str = "Regular") -> str:
    """The text, shortened with an ellipsis at a word's end until it fits."""
    if width(text, size, weight) <= room:
        return text
    words = text.split(" ")
    while len(words) > 1 and width(" ".join(words) + "…", size, weight) > room:
        words.pop()
    return " ".join(words).rstrip(",;:") + "…"
