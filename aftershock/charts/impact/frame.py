"""What the four exhibits of an impact share: where they stand, their axes, text, colours, and scalars that travel as data.

A specification depends on the language and the series only, so it is built once and kept; the numbers travel as datasets. Everything that
is one number (ends of axes, the window, thresholds) is a column of the one-row dataset `v`, which parameters of the same names read.
Streamlit fills datasets after the first evaluation, so each parameter has a value to begin with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from aftershock.charts.theme import BASELINE, MUTED, Spec, by_theme, tone
from aftershock.charts.timeline.frame import localised

PLAIN: Final = ("#6B7280", "#98A1B0")  # not significant: grey on a light background, and on a dark one
NOISE: Final = ("#E8EBF0", "#262D3A")  # what noise alone does
PAPER: Final = ("#FFFFFF", "#0E1117")  # behind text that stands on lines


@dataclass(frozen=True, slots=True)
class Key:
    """What a specification depends on. `rows`: the lines of the matrix of choices."""

    lang: str
    ticker: str
    rows: tuple[tuple[str, str], ...] = ()

    @property
    def tone(self) -> tuple[str, str]:
        """The series' colours."""
        return tone(self.ticker)


@dataclass(frozen=True, slots=True)
class Box:
    """The room of an exhibit in pixels from the top of the view, and how large its type is."""

    top: float
    bottom: float
    type: float = 1.0

    def size(self, pixels: float) -> float:
        """A type size or a length, scaled with the type."""
        return round(pixels * self.type, 1)


Columns = Mapping[str, "Sequence[Any] | np.ndarray"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """An exhibit filled with numbers: `scalars` are columns of the dataset `v`, beside the other `tables`. Plain columns and no frames:
    a page has four exhibits, and a frame costs more than all its numbers."""

    scalars: Mapping[str, float | str]
    tables: Mapping[str, Columns]

    def datasets(self) -> dict[str, Columns]:
        """Every dataset of the specification."""
        return {"v": {name: [value] for name, value in self.scalars.items()}, **self.tables}


def records(columns: Columns) -> list[dict[str, Any]]:
    """Columns as JSON records; what is not finite becomes null."""
    lists = [values.tolist() if isinstance(values, np.ndarray) else list(values) for values in columns.values()]
    return [
        {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in zip(columns, row, strict=True)}
        for row in zip(*lists, strict=True)
    ]


def parameters(defaults: Mapping[str, float], fixed: Mapping[str, float | str] | None = None) -> list[Spec]:
    """A parameter per scalar: read from the dataset `v` on the page, constant in a picture."""
    if fixed is not None:
        return [{"name": "dark", "value": False}, {"name": "narrow", "value": False}, *({"name": n, "value": fixed[n]} for n in defaults)]
    return [
        {"name": "dark", "expr": "luminance(background) < 0.3"},
        {"name": "narrow", "expr": "width < 560"},
        *({"name": n, "expr": f"data('v')[0] ? data('v')[0].{n} : {x}"} for n, x in defaults.items()),
    ]


def x_scale(domain: tuple[str, str], left: str, right: str) -> Spec:
    """A linear x scale between two pixel positions, both expressions."""
    return {
        "type": "linear",
        "domain": {"expr": f"[{domain[0]}, {domain[1]}]"},
        "range": [{"expr": left}, {"expr": right}],
        "nice": False,
        "zero": False,
    }


def y_scale(domain: tuple[str, str], top: float, bottom: float) -> Spec:
    """A linear y scale between two pixel heights."""
    return {
        "type": "linear",
        "domain": {"expr": f"[{domain[0]}, {domain[1]}]"},
        "range": [bottom, top],
        "nice": False,
        "zero": False,
    }


def percent_axis(key: Key, box: Box, height: float) -> Spec:
    """Per cent on the right over quiet grid lines."""
    return {
        "orient": "right",
        "grid": True,
        "tickCount": max(2, min(5, round(height / box.size(44)))),
        "labelPadding": 4,
        "labelFontSize": box.size(12),
        "labelExpr": localised("(datum.value == 0 ? '0' : replace(format(datum.value, '+,.6~g'), '-', '−'))", key.lang),
        "zindex": 0,
    }


def round_ends(low: float, high: float, air: float = 0.06) -> tuple[float, float]:
    """The ends of an axis: the values with a little air; never empty."""
    low, high = min(low, high), max(low, high)
    room = (high - low or 1.0) * air
    return low - room, high + room


def zero(left: str = "0") -> Spec:
    """The dark line at zero, from a pixel position to the right end."""
    mark = {"type": "rule", "color": by_theme(BASELINE), "strokeWidth": 1, "aria": False}
    across = {"x": {"value": {"expr": left}}, "x2": {"value": "width"}}
    return {"data": {"values": [{"z": 0}]}, "mark": mark, "encoding": {**across, "y": {"field": "z", "type": "quantitative"}}}


def note(
    text: str, x: float | str, y: float, size: float, *, tone: tuple[str, str] = MUTED, weight: int = 400, align: str = "left"
) -> Spec:
    """A line of text that the language alone decides, at a pixel position; `x` may be an expression."""
    return {
        "data": {"values": [{"t": text}]},
        "mark": {"type": "text", "align": align, "baseline": "alphabetic", "fontSize": size, "fontWeight": weight, "color": by_theme(tone)},
        "encoding": {
            "x": {"value": {"expr": x} if isinstance(x, str) else x},
            "y": {"value": y},
            "text": {"field": "t", "type": "nominal"},
        },
    }


def halo(mark: Spec, encoding: Spec) -> list[Spec]:
    """Text that can be read on a line: once as a thick outline in the paper's colour, once as itself."""
    outline = {**mark, "stroke": by_theme(PAPER), "strokeWidth": 4, "strokeJoin": "round", "color": by_theme(PAPER), "aria": False}
    return [{"mark": outline, "encoding": encoding}, {"mark": mark, "encoding": encoding}]


def tint(tone: tuple[str, str], share: float) -> tuple[str, str]:
    """A colour mixed with the paper: lighter, and nothing shines through."""
    return _mixed(tone[0], PAPER[0], share), _mixed(tone[1], PAPER[1], share)


def _mixed(colour_: str, paper: str, share: float) -> str:
    parts = ((int(colour_[i : i + 2], 16) * share + int(paper[i : i + 2], 16) * (1 - share)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(x):02X}" for x in parts)


def either(condition: str, yes: tuple[str, str], no: tuple[str, str]) -> Spec:
    """An expression for a colour: `yes` where the condition holds, each by theme."""
    return {"expr": f"{condition} ? ({by_theme(yes)['expr']}) : ({by_theme(no)['expr']})"}
