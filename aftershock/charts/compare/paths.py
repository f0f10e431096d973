"""Events laid over each other by event time: session 0 is each one's reaction session, and every line is 0 at the close before.

Datasets
    lines  e (number of the event), o (offset), r (per cent), d (day)
    ends   e, o, r, at (where its words stand), told (date and what was left), title
    ticks  o, label
    v      see `charts.impact.frame`; the ends of the axes and the window
"""

from __future__ import annotations

from typing import Final

import numpy as np

from aftershock.charts.compare.frame import DASHES, LEFT, Key, by_event, event_time, offsets_told
from aftershock.charts.fonts import width
from aftershock.charts.impact.frame import Box, Columns, Drawing, halo, note, percent_axis, round_ends, x_scale, y_scale, zero
from aftershock.charts.impact.frame import Key as ImpactKey
from aftershock.charts.placing import spread
from aftershock.charts.theme import BAND, BASELINE, INK, Spec, by_theme
from aftershock.charts.timeline.frame import full_date, localised
from aftershock.compare_findings import Comparison
from aftershock.compare_views import AROUND, Measure
from aftershock.text import Words, words

DEFAULTS: Final = {"xlo": -20, "xhi": 60, "ylo": -10, "yhi": 10, "first": 0, "last": 0, "labels": 150}
_GAP: Final = 17  # from one line of words to the next


def height(key: Key) -> int:
    """On the page."""
    return 460


def drawing(c: Comparison, say: Words, box: Box) -> Drawing:
    """The lines in per cent; a line ends where the data do."""
    panel, rows = c.panel, c.lines
    values = 100 * relative(c)
    days = panel.days(AROUND, rows)
    e, o = np.nonzero(np.isfinite(values))
    stamps = panel.sessions.to_numpy().astype("datetime64[D]").astype("int64")
    lines: Columns = {
        "e": e.astype("int8"), "o": (o + AROUND.first).astype("int16"), "r": np.round(values[e, o], 3), "d": stamps[days[e, o]],
    }  # fmt: skip
    ylo, yhi = round_ends(min(np.nanmin(values, initial=-1), -1), max(np.nanmax(values, initial=1), 1))
    last = [int(np.flatnonzero(np.isfinite(v))[-1]) for v in values]
    end = [float(v[i]) for v, i in zip(values, last, strict=True)]
    top, bottom = _plot(box)
    placed = spread([bottom - (x - ylo) / (yhi - ylo) * (bottom - top) for x in end], box.size(_GAP), top, bottom)
    told = [f"{say.date(panel.sessions[panel.positions[r]])} {say.percent(x / 100, 1)}" for r, x in zip(rows, end, strict=True)]
    ends: Columns = {
        "e": list(range(len(rows))), "o": [i + AROUND.first for i in last], "r": end, "told": told,
        "at": [ylo + (bottom - y) / (bottom - top) * (yhi - ylo) for y in placed],
        "title": [c.events[panel.ids[r]].title.in_(say.lang) for r in rows],
    }  # fmt: skip
    window = c.view.design.window
    scalars: dict[str, float | str] = {
        "xlo": AROUND.first, "xhi": AROUND.last, "ylo": ylo, "yhi": yhi, "first": window.first - 0.5, "last": window.last + 0.5,
        "labels": max((width(t, 12.5 * box.type, "SemiBold") for t in told), default=0) + 12,
        "measured": say(f"compare_chart.{c.view.measure}"),
    }  # fmt: skip
    return Drawing(scalars, {"lines": lines, "ends": ends, "ticks": offsets_told(AROUND.first, AROUND.last, 10)})


def relative(c: Comparison) -> np.ndarray:
    """The lines as decimal fractions, 0 at the close before session 0; shape (lines, sessions), NaN outside the data."""
    if c.view.measure is Measure.RAW:
        return c.panel.raw(AROUND, c.lines)
    abnormal = c.panel.abnormal(AROUND, c.lines)
    before, after = abnormal[:, : -AROUND.first], abnormal[:, -AROUND.first :]
    # at offset k < 0 the line stands at the close of session k: minus all that came after it, up to session -1
    back = -np.cumsum(before[:, ::-1], axis=1)[:, ::-1]
    closes = np.hstack([back[:, 1:], np.where(np.isfinite(back[:, -1:]), 0.0, np.nan)])
    return np.hstack([closes, np.cumsum(after, axis=1)])


def _plot(box: Box) -> tuple[float, float]:
    return box.top + box.size(22), box.bottom - box.size(46)


def layers(key: Key, box: Box) -> list[Spec]:
    """The window, zero, the lines, their names at their ends, the axis."""
    top, bottom = _plot(box)
    say = words(key.lang)
    plot = "(width - labels)"
    at_zero = f"{LEFT} - xlo / (xhi - xlo) * ({plot} - {LEFT})"
    x = {"field": "o", "type": "quantitative", "axis": None, "scale": x_scale(("xlo", "xhi"), str(LEFT), plot)}
    axis = percent_axis(ImpactKey(key.lang, key.ticker), box, bottom - top) | {"orient": "left", "labelAlign": "left", "labelPadding": -2,
                                                                              "labelBaseline": "bottom", "labelOffset": -3}  # fmt: skip
    y = {"field": "r", "type": "quantitative", "axis": axis, "scale": y_scale(("ylo", "yhi"), top, bottom)}
    window = [{"calculate": "first", "as": "o"}, {"calculate": "last", "as": "to"}]
    band = {"type": "rect", "color": by_theme(BAND), "aria": False}
    dash = {"field": "e", "type": "nominal", "legend": None, "scale": {"domain": list(range(8)), "range": [*DASHES, *DASHES]}}
    line = {"type": "line", "strokeWidth": box.size(2.1), "strokeJoin": "round", "stroke": by_event("e")}
    name = {
        "type": "text",
        "align": "left",
        "baseline": "middle",
        "fontSize": box.size(12.5),
        "fontWeight": 600,
        "dx": 8,
        "color": by_event("e"),
    }
    told = {"x": {"value": {"expr": plot}}, "y": {"field": "at", "type": "quantitative"}, "text": {"field": "told", "type": "nominal"}}
    leader = {"type": "rule", "strokeWidth": 1, "strokeDash": [1, 3], "color": by_event("e"), "aria": False}
    point = {"type": "point", "filled": True, "opacity": 1, "size": box.size(26), "color": by_event("e"), "aria": False}
    return [
        {
            "encoding": {"x": x, "y": y},
            "layer": [
                {"data": {"name": "v"}, "transform": window, "mark": band,
                 "encoding": {"x2": {"field": "to"}, "y": {"value": top}, "y2": {"value": bottom}}},
                zero(),
                {"data": {"name": "v"}, "transform": [{"calculate": "-0.5", "as": "o"}],
                 "mark": {"type": "rule", "color": by_theme(BASELINE), "strokeWidth": 1, "strokeDash": [3, 3], "aria": False},
                 "encoding": {"y": {"value": top}, "y2": {"value": bottom}}},
                {"data": {"name": "lines"}, "mark": line, "encoding": {"detail": {"field": "e", "type": "nominal"}, "strokeDash": dash}},
                {"data": {"name": "ends"}, "mark": leader, "encoding": {"x2": {"value": {"expr": f"{plot} + 4"}}, "y2": {"field": "at"}}},
                {"data": {"name": "ends"}, "mark": point},
                *({"data": {"name": "ends"}, **part} for part in halo(name, told)),
                _hover(key),
            ],
        },
        *event_time(x, bottom + 4, box, key.lang),
        {"data": {"name": "v"}, "mark": {"type": "text", "align": "left", "baseline": "alphabetic", "fontSize": box.size(12),
                                         "fontWeight": 600,
                                         "color": by_theme(INK)},
         "encoding": {"x": {"value": 0}, "y": {"value": box.top + box.size(10)}, "text": {"field": "measured", "type": "nominal"}}},
        note(say("compare_chart.day"), f"{at_zero} + 10", top + box.size(10), box.size(11)),
    ]  # fmt: skip


def _hover(key: Key) -> Spec:
    """The event, the session and the figure under the pointer."""
    say = words(key.lang)
    made: list[Spec] = [
        {"lookup": "e", "from": {"data": {"name": "ends"}, "key": "e", "fields": ["title"]}},
        {"calculate": full_date("datum.d * 86400000", key.lang), "as": "day"},
        {"calculate": localised("(replace(format(datum.r, '+.2f'), '-', '−'))", key.lang) + " + '\u00a0%'", "as": "moved"},
        {"calculate": "replace(format(datum.o, '+d'), '-', '−')", "as": "at_session"},
    ]
    titles = {"title": "event", "day": "session", "at_session": "offset", "moved": "moved"}
    tips = [{"field": field, "type": "nominal", "title": say(f"compare_chart.{code}")} for field, code in titles.items()]
    mark = {"type": "point", "filled": True, "size": 90, "opacity": 0.001, "aria": False}
    return {"data": {"name": "lines"}, "transform": made, "mark": mark, "encoding": {"tooltip": tips}}
