"""Events x series: the abnormal return of the window. What is significant has a colour, a triangle and bold
figures; what is not is grey and plain. A bracket on the left joins events that share sessions.

Datasets
    cells     i (row), j (column), r (per cent, null where there is none), told, sig (1: significant), strong (0..1, of the largest)
    rows      i, day, title
    columns   j, name
    brackets  from, to: first and last row of events that share sessions
"""

from __future__ import annotations

from typing import Final

import numpy as np

from aftershock.captions import name
from aftershock.charts.compare.frame import Key
from aftershock.charts.impact.frame import NOISE, Box, Columns, Drawing, tint, x_scale, y_scale
from aftershock.charts.theme import BASELINE, INK, MUTED, Spec, by_theme
from aftershock.charts.timeline.frame import escaped
from aftershock.compare_findings import Comparison
from aftershock.text import MISSING, Words, words
from aftershock.verdict import ALPHA

DEFAULTS: Final[dict[str, float]] = {}
UP: Final = ("#0072B2", "#56A8DC")
DOWN: Final = ("#D55E00", "#F58A3C")
_ROW, _HEAD, _FOOT = 24, 26, 26


def height(key: Key) -> int:
    """On the page: a line for each event."""
    return _HEAD + key.rows * _ROW + _FOOT


def drawing(c: Comparison, say: Words, box: Box) -> Drawing:
    """The cells; every series by its own usual design."""
    ids = [c.panel.ids[i] for i in c.rows]
    sessions = c.panel.sessions[c.panel.positions[c.rows]]
    cells = [_cell(c, event, ticker, say) for event in ids for ticker in c.panels]
    moves = np.array([move for move, _, _ in cells], dtype=float)
    most = np.nanmax(np.abs(moves), initial=1e-9)
    n = len(c.panels)
    table: Columns = {
        "i": [k // n for k in range(len(cells))], "j": [k % n for k in range(len(cells))], "r": np.round(moves, 4),
        "told": [told for _, told, _ in cells], "sig": [int(sig) for _, _, sig in cells],
        "strong": np.round(np.sqrt(np.abs(moves) / most), 3),
    }  # fmt: skip
    rows: Columns = {
        "i": list(range(len(ids))), "day": [say.date(day) for day in sessions], "title": [c.events[e].title.in_(say.lang) for e in ids],
    }  # fmt: skip
    columns: Columns = {
        "j": list(range(n)),
        "name": [name(t, say) for t in c.panels],
        "brief": [name(t, say).split(" ")[0] for t in c.panels],
    }
    first, last = brackets(c)
    return Drawing({}, {"cells": table, "rows": rows, "columns": columns, "brackets": {"from": first, "to": last}})


def _cell(c: Comparison, event: str, ticker: str, say: Words) -> tuple[float, str, bool]:
    panel = c.panels[ticker]
    if event not in panel.p.index:
        return float("nan"), MISSING, False
    row = panel.p.index.get_loc(event)
    car, p = float(panel.cars.car[row]), float(panel.p.to_numpy()[row])
    return 100 * car, say.percent(car, 1).replace("\u00a0%", ""), p < ALPHA


def brackets(c: Comparison) -> tuple[list[int], list[int]]:
    """First and last row of every group of the compared events that share sessions."""
    positions, starts = c.panel.positions[c.rows], [0]
    starts += [i for i in range(1, len(positions)) if positions[i] - positions[i - 1] >= len(c.view.design.window)]
    pairs = [(a, b - 1) for a, b in zip(starts, [*starts[1:], len(positions)], strict=True) if b - a > 1]
    return [a for a, _ in pairs], [b for _, b in pairs]


def layers(key: Key, box: Box) -> list[Spec]:
    """Names of the series above, of the events on the left, the cells, the brackets."""
    row, head = box.size(_ROW), box.top + box.size(_HEAD)
    left = f"(narrow ? {box.size(100)} : min(width * 0.5, {box.size(470)}))"
    say = words(key.lang)
    bottom = head + row * key.rows
    x = {"field": "x0", "type": "quantitative", "axis": None, "scale": x_scale(("0", str(key.columns)), left, "width")}
    y = {"field": "y0", "type": "quantitative", "axis": None, "scale": y_scale((str(key.rows), "0"), head, bottom)}
    long, brief = (escaped(say(code)) for code in ("compare_chart.heat_key", "compare_chart.heat_brief"))
    about = {
        "type": "text", "align": "left", "baseline": "alphabetic", "fontSize": box.size(11.5), "color": by_theme(MUTED),
        "text": {"expr": f"narrow ? '{brief}' : '{long}'"},
    }  # fmt: skip
    return [
        *_cells(key, x, y, box),
        *_names(x, y, head, left, box),
        _brackets(y, box),
        {"data": {"values": [{}]}, "mark": about, "encoding": {"x": {"value": 0}, "y": {"value": bottom + box.size(18)}}},
    ]


def _cells(key: Key, x: Spec, y: Spec, box: Box) -> list[Spec]:
    made = [
        {"calculate": "datum.j + 0.03", "as": "x0"}, {"calculate": "datum.j + 0.97", "as": "x1"},
        {"calculate": "datum.i + 0.06", "as": "y0"},
        {"calculate": "datum.i + 0.94", "as": "y1"}, {"calculate": "datum.j + 0.5", "as": "xm"}, {"calculate": "datum.i + 0.5", "as": "ym"},
    ]  # fmt: skip
    faint = {side: tint(tone, 0.3) for side, tone in (("up", UP), ("down", DOWN))}
    tinted = " : ".join(f"datum.r {sign} 0 ? ({by_theme(faint[side])['expr']})" for sign, side in ((">", "up"), ("<", "down")))
    fill = {"expr": f"datum.sig ? ({tinted} : ({by_theme(NOISE)['expr']})) : ({by_theme(NOISE)['expr']})"}
    ink = {"expr": f"datum.sig ? ({by_theme(INK)['expr']}) : ({by_theme(MUTED)['expr']})"}
    side = f"datum.r > 0 ? ({by_theme(UP)['expr']}) : ({by_theme(DOWN)['expr']})"
    figure = {
        "type": "text", "align": "right", "baseline": "middle", "dx": {"expr": f"narrow ? 17 : {box.size(18)}"}, "color": ink,
        "aria": False,
        "fontSize": {"expr": f"narrow ? 11.5 : {box.size(12.5)}"}, "fontWeight": {"expr": "datum.sig ? 700 : 400"},
    }  # fmt: skip
    mark = {"type": "point", "filled": True, "opacity": 1, "size": {"expr": f"{box.size(30)} + {box.size(55)} * datum.strong"},
            "color": {"expr": side}, "xOffset": {"expr": f"narrow ? -24 : -{box.size(34)}"}, "aria": False}  # fmt: skip
    shape = {"condition": {"test": "datum.r > 0", "value": "triangle-up"}, "value": "triangle-down"}
    middle = {"x": {**x, "field": "xm"}, "y": {**y, "field": "ym"}}
    say = words(key.lang)
    tips = [{"field": "told", "type": "nominal", "title": say("compare_chart.abnormal")}]
    area = {"x": x, "x2": {"field": "x1"}, "y": y, "y2": {"field": "y1"}}
    return [
        {
            "data": {"name": "cells"},
            "transform": made,
            "layer": [
                {"mark": {"type": "rect", "fill": fill, "cornerRadius": 2}, "encoding": {**area, "tooltip": tips}},
                {"transform": [{"filter": "datum.sig == 1"}], "mark": mark, "encoding": {**middle, "shape": shape}},
                {"mark": figure, "encoding": {**middle, "text": {"field": "told", "type": "nominal"}}},
            ],
        }
    ]


def _names(x: Spec, y: Spec, head: float, left: str, box: Box) -> list[Spec]:
    small = {"type": "text", "baseline": "middle", "align": "left", "fontSize": {"expr": f"narrow ? 11 : {box.size(12)}"}}
    at = [{"calculate": "datum.i + 0.5", "as": "y0"}]
    day = {**small, "dx": 10, "color": by_theme(INK), "fontWeight": 600}
    limit = {"expr": f"{left} - {box.size(108)}"}
    title = {**small, "color": by_theme(MUTED), "limit": limit, "dx": box.size(98), "text": {"expr": "narrow ? '' : datum.title"}}
    column = {"type": "text", "baseline": "alphabetic", "align": "center", "fontWeight": 600, "color": by_theme(INK),
              "fontSize": {"expr": f"narrow ? 11 : {box.size(12.5)}"}, "text": {"expr": "narrow ? datum.brief : datum.name"}}  # fmt: skip
    middle = [{"calculate": "datum.j + 0.5", "as": "x0"}]
    return [
        {
            "data": {"name": "rows"},
            "transform": at,
            "encoding": {"x": {"value": 0}, "y": y},
            "layer": [
                {"mark": day, "encoding": {"text": {"field": "day", "type": "nominal"}}},
                {"mark": title},
            ],
        },
        {"data": {"name": "columns"}, "transform": middle, "mark": column, "encoding": {"x": x, "y": {"value": head - box.size(8)}}},
    ]


def _brackets(y: Spec, box: Box) -> Spec:
    """A line over the rows that belong together, with a short foot at each end."""
    line = {"type": "rule", "strokeWidth": box.size(1.6), "color": by_theme(BASELINE)}
    ends = [{"calculate": "datum.from + 0.2", "as": "y0"}, {"calculate": "datum.to + 0.8", "as": "y1"}]
    feet = [{"fold": ["y0", "y1"], "as": ["side", "foot"]}]
    return {
        "data": {"name": "brackets"},
        "transform": ends,
        "layer": [
            {"mark": line, "encoding": {"x": {"value": 2}, "y": y, "y2": {"field": "y1"}}},
            {"transform": feet, "mark": line, "encoding": {"x": {"value": 2}, "x2": {"value": 7}, "y": {**y, "field": "foot"}}},
        ],
    }
