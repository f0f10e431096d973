"""What the series did beyond the benchmark, session by session: the cumulative abnormal return over what noise alone would do, and the
abnormal return of each session under it.

Datasets
    path   o (offset), d (day), car, cr (half-width of its 95 % band), ar, ar_r (likewise), sig, own and other (returns); per cent
    ticks  o, label: offsets on the axis; the date stands under 0
    v      see `frame`; also `told` (the window's CAR in words) and `day` (session 0 in words)
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from aftershock import captions
from aftershock.charts.impact.frame import (
    NOISE,
    PLAIN,
    Box,
    Drawing,
    Key,
    either,
    halo,
    note,
    percent_axis,
    round_ends,
    x_scale,
    y_scale,
    zero,
)
from aftershock.charts.theme import BAND, BASELINE, INK, MUTED, Spec, by_theme
from aftershock.charts.timeline.frame import full_date, localised
from aftershock.impact import Impact
from aftershock.text import Words, words

HEIGHT: Final = 480
DEFAULTS: Final = {
    "xlo": -10.5,
    "xhi": 20.5,
    "ylo": -10,
    "yhi": 10,
    "alo": -5,
    "ahi": 5,
    "first": 0,
    "last": 0,
    "side": 1,
    "toward": 1,
    "sure": 1,
}


def drawing(impact: Impact, say: Words) -> Drawing:
    """The path as data, in per cent."""
    p, outcome = impact.path, impact.outcome
    names = ("car", "car_reach", "abnormal", "abnormal_reach", "return", "benchmark")
    car, reach, ar, ar_reach, own, other = (np.round(100 * p[c].to_numpy(dtype=float), 4) for c in names)
    o, days = p["offset"].to_numpy(), p["session"].to_numpy().astype("datetime64[D]").astype("int64")
    path = {
        "o": o,
        "d": days,
        "car": car,
        "cr": reach,
        "ar": ar,
        "ar_r": ar_reach,
        "sig": (np.abs(ar) > ar_reach).astype("int8"),
        "own": own,
    }
    path["other"] = other if impact.design.uses_benchmark else np.full(len(other), np.nan)
    ylo, yhi = round_ends(min(np.nanmin(car), np.nanmin(-reach), -1), max(np.nanmax(car), np.nanmax(reach), 1))
    alo, ahi = round_ends(min(np.nanmin(ar), np.nanmin(-ar_reach)), max(np.nanmax(ar), np.nanmax(ar_reach)))
    offsets = [k for k in range(-10, 21, 5) if o[0] <= k <= o[-1]]
    ticks: dict[str, list[Any]] = {"o": offsets, "label": [f"{k:+d}".replace("-", "−") if k else "0" for k in offsets]}
    end = car[np.isfinite(car)][-1]
    scalars: dict[str, float | str] = {
        "xlo": float(o[0]) - 0.5, "xhi": float(o[-1]) + 0.5, "ylo": ylo, "yhi": yhi, "alo": alo, "ahi": ahi,
        "first": outcome.window.first, "last": outcome.window.last,
        "side": -1 if end > 0 else 1, "toward": 1 if outcome.car > 0 else -1,
        "sure": int(impact.verdict.significant), "told": say.percent(outcome.car, 1), "cl": 100 * outcome.car,
        "day": say("impact_chart.day", day=impact.session, window=str(outcome.window).replace("-", "−")),
    }  # fmt: skip
    return Drawing(scalars, {"path": path, "ticks": ticks})


def layers(key: Key, box: Box) -> list[Spec]:
    """The two panels, the window behind both, the axis under them."""
    say = words(key.lang)
    axis = box.bottom - box.size(42)
    height = axis - box.top
    upper = box.top + box.size(22), box.top + height * 0.64
    lower = box.top + height * 0.64 + box.size(40), axis - 2
    x = {"field": "o", "type": "quantitative", "axis": None, "scale": x_scale(("xlo", "xhi"), "0", "width")}
    small = box.size(12)
    cars: Spec = {
        "encoding": {"x": x, "y": {"field": "car", "type": "quantitative", "scale": y_scale(("ylo", "yhi"), *upper),
                                   "axis": percent_axis(key, box, upper[1] - upper[0])}},
        "layer": [_window(x, box.top + box.size(22), axis), _noise("cr", "car"), zero(), *_line(key, box), *_told(key, box),
                  *_funnel(say, small)],
    }  # fmt: skip
    bars: Spec = {
        "encoding": {"x": x, "y": {"field": "ar", "type": "quantitative", "scale": y_scale(("alo", "ahi"), *lower),
                                   "axis": percent_axis(key, box, lower[1] - lower[0])}},
        "layer": [_noise("ar_r", "ar"), *_bars(key, box), zero(), _hover(key, box.top, axis)],
    }  # fmt: skip
    headings = [
        note(say("impact_chart.car"), 0, box.top + box.size(10), small, tone=INK, weight=600),
        note(say("impact_chart.ar"), 0, lower[0] - box.size(10), small, tone=INK, weight=600),
    ]
    return [cars, bars, _axis(x, axis, box, say), *headings]


def _window(x: Spec, top: float, bottom: float) -> Spec:
    ends = [{"calculate": "first - 0.5", "as": "o"}, {"calculate": "last + 0.5", "as": "o2"}]
    return {
        "data": {"name": "v"},
        "transform": ends,
        "mark": {"type": "rect", "color": by_theme(BAND), "aria": False},
        "encoding": {"x": x, "x2": {"field": "o2"}, "y": {"value": top}, "y2": {"value": bottom}},
    }


def _noise(reach: str, field: str) -> Spec:
    """The band around zero that noise alone stays in 95 times of 100."""
    edges = [{"calculate": f"-datum.{reach}", "as": "down"}, {"calculate": f"datum.{reach}", "as": field}]
    return {
        "data": {"name": "path"},
        "transform": edges,
        "mark": {"type": "area", "color": by_theme(NOISE), "opacity": 0.85, "interpolate": "linear", "aria": False},
        "encoding": {"y2": {"field": "down"}},
    }


def _line(key: Key, box: Box) -> list[Spec]:
    tone = by_theme(key.tone)
    inside = {"filter": "datum.o >= first && datum.o <= last"}
    dot = {"type": "point", "filled": True, "opacity": 1, "color": tone, "aria": False}
    return [
        {"data": {"name": "path"}, "mark": {"type": "line", "strokeWidth": box.size(2.2), "color": tone}},
        {"data": {"name": "path"}, "mark": {**dot, "size": box.size(16)}},
        {"data": {"name": "path"}, "transform": [inside], "mark": {**dot, "size": box.size(70), "color": either("sure", key.tone, PLAIN)}},
    ]


def _told(key: Key, box: Box) -> list[Spec]:
    """The window's CAR beside its last point."""
    mark = {
        "type": "text", "align": "left", "baseline": "middle", "dx": box.size(9), "dy": {"expr": f"-{box.size(9)} * toward"},
        "fontSize": box.size(15), "fontWeight": 700, "color": either("sure", key.tone, PLAIN),
    }  # fmt: skip
    data = [{"calculate": "last", "as": "o"}, {"calculate": "datum.cl", "as": "car"}]
    parts = halo(mark, {"text": {"field": "told", "type": "nominal"}})
    return [{"data": {"name": "v"}, "transform": data, **part} for part in parts]


def _funnel(say: Words, size: float) -> list[Spec]:
    """What the band is, written along its edge on the side where the line is not."""
    mark = {
        "type": "text", "align": "right", "baseline": {"expr": "side > 0 ? 'bottom' : 'top'"}, "dy": {"expr": "-5 * side"},
        "fontSize": size, "color": by_theme(MUTED), "text": say("impact_chart.noise"),
    }  # fmt: skip
    last = [{"joinaggregate": [{"op": "max", "field": "o", "as": "end"}]}, {"filter": "datum.o == datum.end"},
            {"calculate": "side * datum.cr", "as": "car"}]  # fmt: skip
    return [{"data": {"name": "path"}, "transform": last, **part} for part in halo(mark, {})]


def _bars(key: Key, box: Box) -> list[Spec]:
    made = [{"calculate": "datum.o - 0.36", "as": "from"}, {"calculate": "datum.o + 0.36", "as": "to"}, {"calculate": "0", "as": "base"}]
    mark = {"type": "rect", "color": either("datum.sig", key.tone, PLAIN), "aria": False}
    place = {"x": {"field": "from", "type": "quantitative"}, "x2": {"field": "to"}, "y2": {"field": "base"}}
    return [{"data": {"name": "path"}, "transform": made, "mark": mark, "encoding": place}]


def _axis(x: Spec, y: float, box: Box, say: Words) -> Spec:
    """Offsets in sessions, and under 0 the date."""
    tick = {"type": "tick", "orient": "vertical", "size": 5, "thickness": 1, "color": by_theme(BASELINE), "aria": False}
    label = {"type": "text", "baseline": "top", "fontSize": box.size(12), "color": by_theme(MUTED)}
    day, unit = {**label, "fontWeight": 600, "color": by_theme(INK)}, {**label, "align": "right", "text": say("impact_chart.sessions")}
    under = {"value": y + 6 + box.size(14)}
    zeroth, end = [{"calculate": "0", "as": "o"}], [{"calculate": "xhi", "as": "o"}]
    written = {"y": under, "text": {"field": "day", "type": "nominal"}}
    return {
        "data": {"name": "ticks"},
        "encoding": {"x": x},
        "layer": [
            {"mark": tick, "encoding": {"y": {"value": y}}},
            {"mark": label, "encoding": {"y": {"value": y + 6}, "text": {"field": "label", "type": "nominal"}}},
            {"data": {"name": "v"}, "transform": zeroth, "mark": day, "encoding": written},
            {"data": {"name": "v"}, "transform": end, "mark": unit, "encoding": {"y": under}},
        ],
    }


def _hover(key: Key, top: float, bottom: float) -> Spec:
    """A hairline and a tooltip for the session under the pointer."""
    say = words(key.lang)
    made: list[Spec] = [{"calculate": full_date("datum.d * 86400000", key.lang), "as": "day"}]
    for field in ("own", "other", "ar", "car"):
        shown = localised(f"(replace(format(datum.{field}, '+.2f'), '-', '−'))", key.lang) + " + '\u00a0%'"
        made.append({"calculate": f"isValid(datum.{field}) ? {shown} : '–'", "as": f"t_{field}"})
    reach = localised("(format(datum.cr, '.2f'))", key.lang)
    made.append({"calculate": f"datum.t_car + ' ± ' + {reach}", "as": "t_car"})
    titles = {
        "day": say("impact_chart.session"), "t_own": captions.name(key.ticker, say), "t_other": say("impact_chart.benchmark"),
        "t_ar": say("impact_chart.abnormal"), "t_car": say("impact_chart.cumulated"),
    }  # fmt: skip
    tips = [{"field": field, "type": "nominal", "title": title} for field, title in titles.items()]
    around = [{"calculate": "datum.o - 0.5", "as": "from"}, {"calculate": "datum.o + 0.5", "as": "to"}]
    return {
        "data": {"name": "path"},
        "transform": [*around, *made],  # a rectangle: a rule as wide as a session would count half its width as height, too
        "params": [{"name": "hover", "select": {"type": "point", "fields": ["o"], "on": "pointerover", "clear": "pointerout"}}],
        "mark": {"type": "rect", "color": by_theme(BASELINE), "aria": False},
        "encoding": {
            "x": {"field": "from", "type": "quantitative"},
            "x2": {"field": "to"},
            "y": {"value": top},
            "y2": {"value": bottom},
            "opacity": {"condition": {"param": "hover", "empty": False, "value": 0.2}, "value": 0.001},
            "tooltip": tips,
        },
    }
