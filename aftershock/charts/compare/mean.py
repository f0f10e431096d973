"""The mean path of the compared events: CAAR, 0 at the close before session 0, with its band by event and by session.

Datasets
    mean   o, r (CAAR, per cent), lo, hi (ends of the band, null where there is none)
    ticks  o, label
    v      see `charts.impact.frame`; `told`: the last value in words
"""

from __future__ import annotations

from typing import Final

import numpy as np

from aftershock.charts.compare.frame import LEFT, Key, event_time, offsets_told
from aftershock.charts.fonts import width
from aftershock.charts.impact.frame import NOISE, Box, Columns, Drawing, halo, note, percent_axis, round_ends, tint, x_scale, y_scale, zero
from aftershock.charts.impact.frame import Key as ImpactKey
from aftershock.charts.theme import INK, MUTED, Spec, by_theme
from aftershock.charts.timeline.frame import localised
from aftershock.compare_findings import Comparison
from aftershock.text import Words, words

DEFAULTS: Final = {"xlo": -10, "xhi": 20, "ylo": -10, "yhi": 10, "first": 0, "last": 0, "labels": 60}


def height(key: Key) -> int:
    """On the page."""
    return 360


def drawing(c: Comparison, say: Words, box: Box) -> Drawing:
    """The mean in per cent."""
    mean, window = c.mean, c.view.design.window
    caar, low, high = (np.round(100 * values, 4) for values in (mean.caar, mean.low, mean.high))
    ylo, yhi = round_ends(np.nanmin([*caar, *low, -0.5]), np.nanmax([*caar, *high, 0.5]))
    told = say.percent(float(mean.caar[-1]), 1)
    scalars: dict[str, float | str] = {
        "xlo": mean.window.first, "xhi": mean.window.last, "ylo": ylo, "yhi": yhi, "first": window.first - 0.5, "last": window.last + 0.5,
        "told": told, "labels": width(told, 14 * box.type, "Bold") + 16,
        "about": say("compare_chart.mean_about", n=mean.n, effective=say.number(mean.n_effective, 1)),
    }  # fmt: skip
    table: Columns = {"o": mean.offsets, "r": caar, "lo": low, "hi": high}
    return Drawing(scalars, {"mean": table, "ticks": offsets_told(mean.window.first, mean.window.last, 5)})


def layers(key: Key, box: Box) -> list[Spec]:
    """The window, the band, the line, the axis."""
    top, bottom = box.top + box.size(24), box.bottom - box.size(46)
    say = words(key.lang)
    plot = "(width - labels)"
    x = {"field": "o", "type": "quantitative", "axis": None, "scale": x_scale(("xlo", "xhi"), str(LEFT), plot)}
    axis = percent_axis(ImpactKey(key.lang, key.ticker), box, bottom - top) | {"orient": "left", "labelAlign": "left", "labelPadding": -2,
                                                                              "labelBaseline": "bottom", "labelOffset": -3}  # fmt: skip
    y = {"field": "r", "type": "quantitative", "axis": axis, "scale": y_scale(("ylo", "yhi"), top, bottom)}
    window = [{"calculate": "first", "as": "o"}, {"calculate": "last", "as": "to"}]
    around = {"type": "area", "color": by_theme(tint(key.tone, 0.22)), "aria": False}
    line = {"type": "line", "strokeWidth": box.size(2.4), "color": by_theme(key.tone)}
    end = [{"joinaggregate": [{"op": "max", "field": "o", "as": "end"}]}, {"filter": "datum.o == datum.end"}]
    told = {"type": "text", "align": "left", "baseline": "middle", "dx": 8, "fontSize": box.size(14), "fontWeight": 700,
            "color": by_theme(key.tone), "text": {"expr": "data('v')[0] ? data('v')[0].told : ''"}}  # fmt: skip
    about = {"type": "text", "align": "left", "baseline": "alphabetic", "fontSize": box.size(12), "fontWeight": 600, "color": by_theme(INK)}
    band = {"lo": {"field": "lo", "type": "quantitative"}, "hi": {"field": "hi"}}
    return [
        {
            "encoding": {"x": x, "y": y},
            "layer": [
                {"data": {"name": "v"}, "transform": window, "mark": {"type": "rect", "color": by_theme(NOISE), "aria": False},
                 "encoding": {"x2": {"field": "to"}, "y": {"value": top}, "y2": {"value": bottom}}},
                {"data": {"name": "mean"}, "transform": [{"filter": "isValid(datum.lo)"}], "mark": around,
                 "encoding": {"y": band["lo"], "y2": band["hi"]}},
                zero(),
                {"data": {"name": "mean"}, "mark": line},
                *({"data": {"name": "mean"}, "transform": end, **part} for part in halo(told, {})),
                _hover(key, box),
            ],
        },
        *event_time(x, bottom + 4, box, key.lang),
        {"data": {"name": "v"}, "mark": about,
         "encoding": {"x": {"value": 0}, "y": {"value": box.top + box.size(10)}, "text": {"field": "about", "type": "nominal"}}},
        note(say("compare_chart.band"), f"{plot} - 4", bottom - 6, box.size(11.5), tone=MUTED, align="right"),
    ]  # fmt: skip


def _hover(key: Key, box: Box) -> Spec:
    """The mean and its band under the pointer."""
    say = words(key.lang)
    made: list[Spec] = [{"calculate": "replace(format(datum.o, '+d'), '-', '−')", "as": "at_session"}]
    for field in ("r", "lo", "hi"):
        figure = localised(f"(replace(format(datum.{field}, '+.2f'), '-', '−'))", key.lang) + " + '\u00a0%'"
        made.append({"calculate": f"isValid(datum.{field}) ? {figure} : '–'", "as": f"t_{field}"})
    titles = {"at_session": "offset", "t_r": "mean", "t_lo": "low", "t_hi": "high"}
    tips = [{"field": field, "type": "nominal", "title": say(f"compare_chart.{code}")} for field, code in titles.items()]
    mark = {"type": "point", "filled": True, "size": box.size(200), "opacity": 0.001, "aria": False}
    return {"data": {"name": "mean"}, "transform": made, "mark": mark, "encoding": {"tooltip": tips}}
