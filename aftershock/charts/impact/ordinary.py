"""The strip of ordinary days: each ordinary day of this series is one mark, stacked where many moved alike; the event stands among them.

Datasets
    days  c (CAR, per cent), b (middle of its bin), k (its place in the stack, from 1), x (1 where it moved as much as the event), day
    v     see `frame`; own, threshold (the 5 % tails begin there) and smallest (detectable), per cent, and their words
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from aftershock.charts.impact.frame import NOISE, PLAIN, Box, Drawing, Key, either, halo, x_scale, y_scale
from aftershock.charts.theme import BASELINE, INK, MUTED, Spec, by_theme
from aftershock.charts.timeline.frame import escaped, localised
from aftershock.impact import Impact
from aftershock.text import Words, words

HEIGHT: Final = 330
DEFAULTS: Final = {"xlo": -10, "xhi": 10, "most": 10, "bin": 0.25, "own": 0, "threshold": 0, "smallest": 0, "tail": -1}
BINS: Final = 110  # across the axis, at most


def drawing(impact: Impact, say: Words) -> Drawing:
    """The ordinary days as data, in per cent."""
    days, verdict = impact.ordinary, impact.verdict
    cars, own = 100 * np.asarray(days.cars, dtype=float), 100 * days.car
    marks = [own, *(100 * x * s for x in (verdict.smallest, days.smallest) for s in (-1, 1) if math.isfinite(x))]
    low, high = min([*marks, cars.min(initial=0)]), max([*marks, cars.max(initial=0)])
    width = _bin_width((high - low) / BINS)
    place = np.floor(cars / width).astype(int)
    order = np.argsort(place, kind="stable")
    stack = np.empty(len(cars), dtype=int)
    starts = np.searchsorted(place[order], place[order])
    stack[order] = np.arange(len(cars)) - starts + 1
    marks_ = {
        "c": np.round(cars, 4), "b": np.round((place + 0.5) * width, 6), "k": stack.astype("int16"),
        "x": (np.abs(days.cars) >= abs(days.car)).astype("int8"),
        "d": days.sessions.to_numpy().astype("datetime64[D]").astype("int64"),
    }  # fmt: skip
    air, kind = (high - low or 1) * 0.03, "day" if len(impact.outcome.window) == 1 else "window"
    moved = say.percent(verdict.smallest, 1, signed=False)
    least = say("impact_chart.smallest", move=moved) if math.isfinite(verdict.smallest) else ""
    scalars: dict[str, float | str] = {
        "xlo": low - air, "xhi": high + air, "most": float(stack.max(initial=1)), "bin": width, "own": own,
        "threshold": _or_zero(100 * days.smallest), "smallest": _or_zero(100 * verdict.smallest),
        "told": f"{say.date(impact.session)}: {say.percent(days.car, 1)}",
        "least": least, "tail": 1.0 if abs(high) > abs(low) else -1.0, "about": say(f"impact_chart.each_{kind}"),
    }  # fmt: skip
    return Drawing(scalars, {"days": marks_})


def _bin_width(wanted: float) -> float:
    """1, 2 or 5 times a power of ten, no less than wanted: bins that people can read off the axis."""
    power = 10.0 ** math.floor(math.log10(wanted)) if wanted > 0 else 0.1
    return next((m * power for m in (1, 2, 2.5, 5) if m * power >= wanted), 10 * power)


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def layers(key: Key, box: Box) -> list[Spec]:
    """Tails, stacks, the event's marker, the smallest detectable move, the axis."""
    say = words(key.lang)
    axis = box.bottom - box.size(40)
    small = box.size(12)
    floor = box.top + box.size(64)
    x = {"field": "c", "type": "quantitative", "axis": None, "scale": x_scale(("xlo", "xhi"), "6", "width - 6")}
    y = {"field": "k", "type": "quantitative", "axis": None, "scale": y_scale(("0", "most"), floor, axis)}
    return [
        _tails(x, box.top + box.size(50), axis, say, small),
        {"encoding": {"x": x, "y": y}, "layer": [_days(key)]},
        *_event(key, x, box, axis),
        *_smallest(x, box, axis, small),
        *_axis(x, axis, box, key),
    ]


def _tails(x: Spec, top: float, bottom: float, say: Words, size: float) -> Spec:
    """Where one ordinary day in twenty lies, both sides together; its words on the side that has more room."""
    sides = [
        {"calculate": "threshold > 0 ? [[xlo, -threshold], [threshold, xhi]] : []", "as": "sides"},
        {"flatten": ["sides"], "as": ["side"]},
        {"calculate": "datum.side[0]", "as": "c"},
        {"calculate": "datum.side[1]", "as": "to"},
        {"filter": "datum.to > datum.c"},
    ]
    long, short = (escaped(say(f"impact_chart.{code}")) for code in ("tail", "tail_short"))
    edge = "(tail < 0 ? max(xlo, own < -smallest ? own : xlo) : min(xhi, own > smallest ? own : xhi))"
    room = f"abs({edge} - tail * max(smallest, threshold)) / (xhi - xlo) * width"
    words_ = [{"filter": "threshold > 0"}, {"calculate": "tail * max(smallest, threshold)", "as": "c"}]
    rect = {"type": "rect", "color": by_theme(NOISE), "aria": False}
    label = {
        "type": "text", "baseline": "top", "dy": 5, "dx": {"expr": "6 * tail"}, "align": {"expr": "tail < 0 ? 'right' : 'left'"},
        "fontSize": size, "color": by_theme(MUTED),
        "text": {"expr": f"{room} > {round(len(long) * size * 0.56)} ? '{long}' : '{short}'"},
    }  # fmt: skip
    return {
        "data": {"name": "v"},
        "layer": [
            {"transform": sides, "mark": rect, "encoding": {"x": x, "x2": {"field": "to"}, "y": {"value": top}, "y2": {"value": bottom}}},
            {"transform": words_, "mark": label, "encoding": {"x": x, "y": {"value": top}}},
        ],
    }


def _days(key: Key) -> Spec:
    """One mark per day; in the series' colour where it moved as much as the event."""
    edges = [
        {"calculate": "datum.b - bin * 0.42", "as": "from"},
        {"calculate": "datum.b + bin * 0.42", "as": "to"},
        {"calculate": "datum.k - 1 + min(0.3, most / 260)", "as": "under"},
        {"calculate": f"utcFormat(datum.d * 86400000, '{'%-d/%-m/%Y' if key.lang == 'vi' else '%-d %b %Y'}')", "as": "day"},
        {"calculate": localised("(replace(format(datum.c, '+.2f'), '-', '−'))", key.lang) + " + '\u00a0%'", "as": "move"},
    ]
    say = words(key.lang)
    tips = [
        {"field": "day", "type": "nominal", "title": say("impact_chart.session")},
        {"field": "move", "type": "nominal", "title": say("impact_chart.abnormal")},
    ]
    return {
        "data": {"name": "days"},
        "transform": edges,
        "mark": {"type": "rect", "color": either("datum.x", key.tone, PLAIN), "aria": False},
        "encoding": {"x": {"field": "from", "type": "quantitative"}, "x2": {"field": "to"}, "y2": {"field": "under"}, "tooltip": tips},
    }  # fmt: skip


def _event(key: Key, x: Spec, box: Box, bottom: float) -> list[Spec]:
    """The event's own move: a line and its words, turned to where there is room."""
    inward = "own > (xlo + xhi) / 2"
    mark = {
        "type": "text", "baseline": "alphabetic", "fontSize": box.size(15), "fontWeight": 700, "color": by_theme(key.tone),
        "align": {"expr": f"{inward} ? 'right' : 'left'"}, "dx": {"expr": f"{inward} ? -6 : 6"},
    }  # fmt: skip
    place = [{"calculate": "own", "as": "c"}]
    rule = {"type": "rule", "strokeWidth": box.size(2.4), "color": by_theme(key.tone), "aria": False}
    top = box.top + box.size(4)
    text = halo(mark, {"x": x, "y": {"value": box.top + box.size(15)}, "text": {"field": "told", "type": "nominal"}})
    return [
        {"data": {"name": "v"}, "transform": place, "mark": rule, "encoding": {"x": x, "y": {"value": top}, "y2": {"value": bottom}}},
        *({"data": {"name": "v"}, "transform": place, **part} for part in text),
    ]


def _smallest(x: Spec, box: Box, bottom: float, size: float) -> list[Spec]:
    """The smallest move that the design could have called: a span from one side to the other, its words in the middle."""
    both = [{"calculate": "smallest > 0 ? [-smallest, smallest] : []", "as": "ends"}, {"flatten": ["ends"], "as": ["c"]}]
    span = [{"filter": "smallest > 0"}, {"calculate": "-smallest", "as": "c"}, {"calculate": "smallest", "as": "to"}]
    middle = [{"filter": "smallest > 0"}, {"calculate": "0", "as": "c"}]
    top = box.top + box.size(42)
    mark = {"type": "text", "baseline": "alphabetic", "fontSize": size, "color": by_theme(INK), "align": "center"}
    rule = {"type": "rule", "strokeDash": [4, 3], "strokeWidth": box.size(1.2), "color": by_theme(INK), "aria": False}
    text = halo(mark, {"x": x, "y": {"value": top - box.size(5)}, "text": {"field": "least", "type": "nominal"}})
    across = {"x": x, "x2": {"field": "to"}, "y": {"value": top}}
    return [
        {"data": {"name": "v"}, "transform": both, "mark": rule, "encoding": {"x": x, "y": {"value": top}, "y2": {"value": bottom}}},
        {"data": {"name": "v"}, "transform": span, "mark": rule, "encoding": across},
        *({"data": {"name": "v"}, "transform": middle, **part} for part in text),
    ]


def _axis(x: Spec, y: float, box: Box, key: Key) -> list[Spec]:
    """Per cent along the bottom, and what a mark is."""
    axis = {
        "orient": "bottom", "grid": False, "tickCount": {"expr": "narrow ? 4 : 8"}, "labelFontSize": box.size(12), "ticks": True,
        "tickColor": by_theme(BASELINE), "offset": {"expr": f"{y} - height"}, "labelPadding": 4,
        "labelExpr": localised("(datum.value == 0 ? '0' : replace(format(datum.value, '+,.6~g'), '-', '−'))", key.lang),
    }  # fmt: skip
    base = {"type": "rule", "color": by_theme(BASELINE), "strokeWidth": 1, "aria": False}
    line = {"mark": base, "encoding": {"x": {**x, "axis": axis}, "x2": {"field": "to"}, "y": {"value": y}}}
    ends = [{"calculate": "xlo", "as": "c"}, {"calculate": "xhi", "as": "to"}]
    words_ = {"expr": "narrow ? split(datum.about, ';')[0] : datum.about"}
    about = {"type": "text", "align": "left", "baseline": "alphabetic", "color": by_theme(MUTED), "text": words_,
             "fontSize": {"expr": f"narrow ? 11 : {box.size(12)}"}}  # fmt: skip
    told = {"x": {"value": 0}, "y": {"value": y + box.size(36)}}
    return [{"data": {"name": "v"}, "transform": ends, **line}, {"data": {"name": "v"}, "mark": about, "encoding": told}]
