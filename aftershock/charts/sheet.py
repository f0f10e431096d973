"""What every picture to take away shares: its sizes, its page with title, subtitle and footer, lines of text at pixel positions, and
data written into the specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from aftershock.charts.fonts import balanced, wrap
from aftershock.charts.theme import INK, MUTED, Spec

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
_WEIGHTS: Final = {"Bold": 700, "SemiBold": 600, "Regular": 400}


@dataclass(frozen=True, slots=True)
class Size:
    """A picture's size in pixels; it is rendered at twice that. `columns` of the key, `type` times the normal type size. A `bare` one
    has no title and no footer: it stands in a document that says both.
    """

    width: int
    height: int
    columns: int
    type: float
    bare: bool = False


SIZES: Final = {
    "article": Size(1200, 675, 2, 1.15),
    "slide": Size(1920, 1080, 2, 1.8),
    "square": Size(1080, 1080, 1, 1.35),
}
FIGURES: Final = {
    "figure": Size(960, 390, 2, 1.3, bare=True),
    "tall": Size(960, 640, 2, 1.3, bare=True),
}


class Sheet:
    """The page being set, from the top down: collects lines of text at pixel positions."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.margin = self.px(4 if size.bare else 24)
        self.room = size.width - 2 * self.margin
        self.y = float(self.margin) - self.px(4)
        self.words: list[Spec] = []

    @property
    def inner(self) -> int:
        """The width of the plot: the labels of the y axis stand to its right."""
        return self.room - self.px(44)

    def page(self, description: str) -> Spec:
        """The outermost part of a picture's specification: exact size, white ground, alternative text."""
        return {
            "$schema": SCHEMA,
            "width": self.inner,
            "height": self.size.height,
            "padding": {"left": self.margin, "right": self.size.width - self.margin - self.inner, "top": 0, "bottom": 0},
            "autosize": "none",
            "background": "white",
            "description": description,
        }

    def px(self, pixels: float) -> int:
        """A length, scaled with the type."""
        return round(pixels * self.size.type)

    def down(self, pixels: float) -> None:
        """Leaves some room."""
        self.y += self.px(pixels)

    def lines(self, text: str, size: float, weight: str, leading: float, colour: str = INK[0]) -> list[str]:
        """Sets a paragraph and moves down past it."""
        pixels = size * self.size.type
        found = (balanced if weight == "Bold" else wrap)(text, pixels, self.room, weight)
        for line in found:
            self.y += pixels * leading
            self.words.append(text_layer(line, 0, self.y, pixels, colour, _WEIGHTS[weight]))
        return found

    def heading(self, title: str, subtitle: str) -> None:
        """The finding and what it rests on."""
        if self.size.bare:
            return
        self.lines(title, 22, "Bold", 1.22)
        self.down(5)
        self.lines(subtitle, 12.5, "Regular", 1.3, colour=MUTED[0])

    def foot(self, text: str) -> float:
        """Sets the footer at the bottom; gives the height at which it begins."""
        size = 10.5 * self.size.type
        lines = [] if self.size.bare else wrap(text, size, self.room)
        top = self.size.height - self.margin - len(lines) * self.px(13)
        self.words += [text_layer(line, 0, top + (i + 1) * self.px(13), size, MUTED[0]) for i, line in enumerate(lines)]
        return top


def on_page(height: float, params: list[Spec], layers: list[Spec], config: Spec, *channels: str) -> Spec:
    """A view for the page, without its data: as wide as its place, `channels` besides x and y with scales of each layer's own."""
    return {
        "height": height,
        "padding": {"left": 2, "right": 2, "top": 0, "bottom": 0},
        "params": params,
        "resolve": {"scale": dict.fromkeys(("x", "y", *channels), "independent")},
        "layer": layers,
        "config": config,
        "usermeta": {"embedOptions": {"renderer": "svg"}},
    }


def offline(spec: Spec, datasets: dict[str, list[dict[str, Any]]]) -> Spec:
    """The page's own view with its data inside, for a file that works offline: brush, tooltips and all."""
    return spec | {
        "$schema": SCHEMA,
        "width": "container",
        "autosize": {"type": "fit", "contains": "padding"},
        "background": "white",
        "datasets": datasets,
    }


def text_layer(text: str, x: float, y: float, size: float, colour: str, weight: int = 400, align: str = "left") -> Spec:
    """One line of text at a pixel position (baseline)."""
    return {
        "data": {"values": [{"t": text}]},
        "mark": {"type": "text", "align": align, "baseline": "alphabetic", "fontSize": size, "fontWeight": weight, "color": colour},
        "encoding": {"x": {"value": x}, "y": {"value": y}, "text": {"field": "t", "type": "nominal"}},
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as JSON records: NaN becomes null, numpy numbers become Python's, and a 32-bit 118.42 stays 118.42."""
    exact = {str(c): frame[c].astype(str).astype(float) for c in frame.select_dtypes("float32")}
    rows = frame.assign(**exact).astype(object).where(frame.notna(), None).to_dict(orient="records")
    return [{str(k): (v.item() if hasattr(v, "item") else v) for k, v in row.items()} for row in rows]
