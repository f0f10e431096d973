"""The document as one HTML file: no script, nothing from elsewhere, readable in the dark, on a phone and on paper."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET  # reads only pictures that we drew ourselves a moment ago
from functools import cache
from importlib import resources
from typing import Any, Final

import jinja2

from aftershock.charts import theme
from aftershock.charts.fonts import FOLDER
from aftershock.charts.impact import frame
from aftershock.report.typeset import formulas
from aftershock.views import MOST_SERIES

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "{http://www.w3.org/1999/xlink}"
_SPOKEN: Final = re.compile(r"aria-|role$|class$")
_FACES: Final = {"Regular": "400 500", "Bold": "600 700"}


def page(document: dict[str, Any]) -> bytes:
    """The document as a page. The same document gives the same bytes."""
    figures = iter(range(1, 10_000))
    return (
        _environment()
        .get_template("document.html")
        .render(
            d=document,
            css=resources.files("aftershock.report").joinpath("templates", "document.css").read_text(encoding="utf-8"),
            faces={weights: _face(name) for name, weights in _FACES.items()},
            night=night(),
            drawn=lambda svg, alt: inline(svg, alt, f"f{next(figures)}-"),
            formulas=formulas(),
        )
        .encode()
    )


@cache
def _environment() -> jinja2.Environment:
    """Every value that a template shows is escaped; only our own pictures, formulas and styles are marked safe in it."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("aftershock.report"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


@cache
def _face(name: str) -> str:
    return base64.b64encode((FOLDER / f"BeVietnamPro-{name}.ttf").read_bytes()).decode()


def inline(svg: str, alt: str, prefix: str) -> str:
    """A picture as an element of the page: read out as one image, its ids its own, no ground under it."""
    ET.register_namespace("", _SVG)
    root = ET.fromstring(svg)  # noqa: S314
    for node in root.iter():
        kept = {name.removeprefix(_XLINK): value for name, value in node.attrib.items() if not _SPOKEN.match(name)}
        node.attrib.clear()
        for name, value in kept.items():
            mark = {"id": "", "href": "#"}.get(name, "url(#")
            node.attrib[name] = prefix + value if name == "id" else value.replace(mark, mark + prefix)
    if (ground := root.find(f"{{{_SVG}}}rect")) is not None and ground.get("fill") == "white":
        root.remove(ground)
    root.attrib.update({"role": "img", "aria-label": alt})
    return ET.tostring(root, encoding="unicode")


def night() -> dict[str, str]:
    """Colour on white paper -> colour on a dark screen, for everything that a picture draws."""
    pairs = [theme.INK, theme.MUTED, theme.GRID, theme.BASELINE, theme.BAND, frame.PLAIN, frame.NOISE, frame.PAPER]
    for look in theme.looks([f"S{n}" for n in range(MOST_SERIES)]):
        pairs += [look.line, look.words]
    return dict(pairs)
