"""The overview strip: the whole period in small, with the brush that zooms the focus in the browser."""

from __future__ import annotations

from aftershock.charts.theme import BASELINE, GRID, MUTED, Spec, by_theme
from aftershock.charts.timeline.frame import DATE, Frame, Key
from aftershock.charts.timeline.lines import series_stroke
from aftershock.text import words


def overview(key: Key, frame: Frame) -> Spec:
    """Grey lines, in colour inside the range; a mark for every session with events; the window that the focus shows."""
    assert frame.overview
    top, bottom = frame.overview
    y: Spec = {"field": "rel", "type": "quantitative", "axis": None}
    y |= {"scale": {"type": "log", "range": [bottom - 8, top + 4], "nice": False}}
    quiet = {"type": "line", "strokeWidth": 1, "color": by_theme(BASELINE), "opacity": 0.6, "aria": False}
    tick = {"type": "tick", "orient": "vertical", "size": 5, "thickness": 1, "color": by_theme(MUTED), "aria": False}
    lines = [
        {"mark": quiet, "encoding": {"y": y, "detail": {"field": "key"}}, "params": [_brush(top, bottom)]},
        {
            "transform": [{"filter": "datum.date >= left && datum.date <= hi"}],
            "mark": {"type": "line", "strokeWidth": 1.5, "aria": False},
            "encoding": {"y": y, **series_stroke()},
        },
    ]
    sessions = {"data": {"name": "tokens"}, "transform": [DATE], "mark": tick, "encoding": {"y": {"value": bottom - 3}}}
    return {
        "data": {"name": "prices"},
        "transform": _rebased(key),
        "encoding": {"x": _x(key, frame, bottom)},
        "layer": [_window(top, bottom), *lines, sessions, _hint(key, top)],
    }


def _rebased(key: Key) -> list[Spec]:
    """Every series as a multiple of its own first close, so that all fit into one strip."""
    first = {"op": "first_value", "field": "value", "as": "first"}
    return [
        DATE,
        {"fold": list(key.fields), "as": ["key", "value"]},
        {"filter": "isValid(datum.value) && isFinite(datum.value)"},
        {"window": [first], "groupby": ["key"], "sort": [{"field": "d"}], "frame": [None, None]},
        {"calculate": "datum.value / datum.first", "as": "rel"},
    ]


def _x(key: Key, frame: Frame, bottom: int) -> Spec:
    axis = {
        "orient": "bottom",
        "grid": False,
        "offset": bottom - frame.height + 2,  # inside the plot: pointer events outside it reach no brush
        "labelFontSize": 11,
        "tickCount": "year",
        "labelExpr": "utcFormat(datum.value, '%Y')",
        "labelOverlap": "greedy",
        "labelSeparation": 16,
        "labelFlush": True,
    }
    domain = {"expr": f"[{key.bounds[0]}, {key.bounds[1]}]"}
    scale = {"type": "utc", "domain": domain, "range": [2, {"expr": "width - 2"}], "nice": False}
    return {"field": "date", "type": "temporal", "axis": axis, "scale": scale}


def _brush(top: int, bottom: int) -> Spec:
    """Dragging in the strip selects a period; a double click or a new range from the page clears it. The brush's own mark
    would cover the whole view and take the clicks meant for tokens, so it is held to the strip and invisible; `_window`
    shows the selection.
    """
    drag = f"[pointerdown[y() > {top - 6}], window:pointerup] > window:pointermove!"
    select = {
        "type": "interval",
        "encodings": ["x"],
        "on": drag,
        "translate": drag,
        "zoom": False,
        "clear": [{"source": "view", "type": "dblclick"}, {"signal": "rangekey"}],
        "mark": {"fill": None, "strokeOpacity": 0, "cursor": "grab", "y": top, "y2": bottom},
    }
    return {"name": "brush", "select": select}


def _window(top: int, bottom: int) -> Spec:
    return {
        "data": {"name": "view"},
        "transform": [{"calculate": "left", "as": "date"}, {"calculate": "hi", "as": "until"}],
        "mark": {"type": "rect", "color": by_theme(GRID), "opacity": 0.9, "cornerRadius": 3},
        "encoding": {"x": {"field": "date", "type": "temporal"}, "x2": {"field": "until"}, "y": {"value": top}, "y2": {"value": bottom}},
    }


def _hint(key: Key, top: int) -> Spec:
    mark = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": 11, "color": by_theme(MUTED)}
    mark |= {"text": words(key.lang)("chart.brush")}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": {"x": {"value": 2}, "y": {"value": top - 5}}}
