"""The mean of every category over the window, with its interval; one that leaves out zero is in colour, filled and bold.

Datasets
    means  i (row), r (CAAR, per cent), lo, hi (ends of the interval, null where there is none), sig, name, n (in words), told
    v      see `charts.impact.frame`; the ends of the axis
"""

from __future__ import annotations

from typing import Final

import numpy as np

from aftershock.charts.compare.frame import Key
from aftershock.charts.impact.frame import PLAIN, Box, Columns, Drawing, either, round_ends, x_scale
from aftershock.charts.theme import BASELINE, GRID, INK, MUTED, Spec, by_theme
from aftershock.charts.timeline.frame import localised
from aftershock.compare_findings import Comparison, order
from aftershock.text import Words

DEFAULTS: Final = {"xlo": -5, "xhi": 5}
_ROW, _AXIS = 44, 34


def rows(c: Comparison) -> int:
    """How many categories have events."""
    return len(order(c.categories))


def height(key: Key) -> int:
    """On the page: two lines for each category."""
    return key.rows * _ROW + _AXIS


def drawing(c: Comparison, say: Words, box: Box) -> Drawing:
    """The means in per cent."""
    codes = order(c.categories)
    means = [c.categories[code] for code in codes]
    caar, low, high = (np.array([100 * getattr(m, name)[-1] for m in means]) for name in ("caar", "low", "high"))
    xlo, xhi = round_ends(np.nanmin([*caar, *low, -0.5]), np.nanmax([*caar, *high, 0.5]))
    table: Columns = {
        "i": list(range(len(codes))), "r": np.round(caar, 4), "lo": np.round(low, 4), "hi": np.round(high, 4),
        "sig": [int(a > 0 or b < 0) for a, b in zip(low, high, strict=True)],
        "name": [say(f"category.{code}") for code in codes],
        "n": [say("compare_chart.mean_about", n=m.n, effective=say.number(m.n_effective, 1)) for m in means],
        "told": [say.percent(float(m.caar[-1]), 1) for m in means],
    }  # fmt: skip
    return Drawing({"xlo": xlo, "xhi": xhi}, {"means": table})


def layers(key: Key, box: Box) -> list[Spec]:
    """Names and numbers of events in a line above each rail; mean and interval on it."""
    row, axis = box.size(_ROW), box.top + box.size(_ROW) * key.rows
    x = {"field": "r", "type": "quantitative", "axis": None, "scale": x_scale(("xlo", "xhi"), "10", f"width - {box.size(64)}")}
    pixels = {"type": "quantitative", "axis": None, "scale": {"type": "linear", "domain": [0, 10_000], "range": [0, 10_000], "nice": False}}
    at = [{"calculate": f"{box.top} + datum.i * {row} + {box.size(dy)}", "as": name} for name, dy in (("yw", 12), ("yr", 28))]
    tone = either("datum.sig", key.tone, PLAIN)
    text = {"type": "text", "align": "left", "baseline": "middle", "fontSize": {"expr": f"narrow ? 11.5 : {box.size(12.5)}"}}
    words_, rails = {"y": {**pixels, "field": "yw"}}, {"y": {**pixels, "field": "yr"}}
    span = {"type": "rule", "strokeWidth": box.size(4), "color": tone, "opacity": 0.55, "strokeCap": "round"}
    point = {"type": "point", "filled": True, "opacity": 1, "size": box.size(90), "color": tone, "aria": False}
    told = {**text, "dx": box.size(4), "color": tone, "fontWeight": {"expr": "datum.sig ? 700 : 400"}}
    shape = {"condition": {"test": "datum.sig == 1", "value": "circle"}, "value": "diamond"}
    grid = {"type": "rule", "strokeWidth": 1, "color": by_theme(GRID), "aria": False}
    known = [{"filter": "isValid(datum.lo)"}]
    ticks = {
        "orient": "bottom", "grid": False, "tickCount": {"expr": "narrow ? 4 : 8"}, "labelFontSize": box.size(12),
        "offset": {"expr": f"{axis} - height"},
        "labelExpr": localised("(datum.value == 0 ? '0' : replace(format(datum.value, '+,.6~g'), '-', '−'))", key.lang) + " + '\u00a0%'",
    }  # fmt: skip
    line = {"type": "rule", "strokeWidth": 1, "color": by_theme(BASELINE), "aria": False}
    nothing = {"data": {"name": "v"}, "transform": [{"calculate": "0", "as": "r"}], "mark": line}
    return [
        {**nothing, "encoding": {"x": {**x, "axis": ticks}, "y": {"value": box.top}, "y2": {"value": axis}}},
        {
            "data": {"name": "means"},
            "transform": at,
            "layer": [
                {"mark": grid, "encoding": {"x": {"value": 10}, "x2": {"value": {"expr": f"width - {box.size(64)}"}}, **rails}},
                {"mark": {**text, "fontWeight": 600, "color": by_theme(INK)},
                 "encoding": {"x": {"value": 0}, **words_, "text": {"field": "name", "type": "nominal"}}},
                {"mark": {**text, "align": "right", "color": by_theme(MUTED)},
                 "encoding": {"x": {"value": {"expr": "width"}}, **words_, "text": {"field": "n", "type": "nominal"}}},
                {"transform": known, "mark": span, "encoding": {"x": {**x, "field": "lo"}, "x2": {"field": "hi"}, **rails}},
                {"mark": point, "encoding": {"x": x, **rails, "shape": shape}},
                {"mark": told, "encoding": {"x": {"value": {"expr": f"width - {box.size(64)}"}}, **rails,
                                            "text": {"field": "told", "type": "nominal"}}},
            ],
        },
    ]  # fmt: skip
