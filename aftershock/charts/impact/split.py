"""How the move came about: the gap overnight, the session, and what came back later, as steps from the close before.

Datasets
    steps  n (place), lo, hi (per cent from the close before), name, told (the step's own change: from the open, from the close),
           more and brief (second line), late (1 for what came after)
    v      see `frame`; `total`, the move of session 0
"""

from __future__ import annotations

from typing import Final

import numpy as np

from aftershock.charts.impact.frame import PLAIN, Box, Drawing, Key, percent_axis, tint, x_scale, y_scale, zero
from aftershock.charts.theme import BASELINE, INK, MUTED, Spec, by_theme
from aftershock.dollars import Dollars
from aftershock.impact import Impact
from aftershock.text import Words

HEIGHT: Final = 340
DEFAULTS: Final = {"xlo": -0.5, "xhi": 5.5, "ylo": -10, "yhi": 10, "total": 0, "places": 5}


def drawing(impact: Impact, say: Words) -> Drawing:
    """The steps as data, in per cent of the close before. Needs `impact.split`."""
    s = impact.split
    assert s is not None
    gap, total = 100 * s.overnight, 100 * s.total
    worth = impact.dollars.billions_of_shares * s.previous_close if isinstance(impact.dollars, Dollars) else None

    def money(part: float) -> str:
        return "" if worth is None else say.money(part / 100 * worth)

    rows: list[tuple[object, ...]] = [
        (0, 0.0, gap, say("impact_chart.overnight"), say.percent(s.overnight, 1), money(gap), 0),
        (1, gap, total, say("impact_chart.in_session"), say.percent(s.in_session, 1), money(total - gap), 0),
        (2, 0.0, total, say("impact_chart.total"), say.percent(s.total, 1), money(total), 0),
    ]
    for later in s.later:
        if later.change is not None and later.session is not None:
            level = 100 * ((1 + s.total) * (1 + later.change) - 1)
            back = "" if later.recovered is None else _back(later.recovered, say)
            named = say("impact_chart.later", n=later.sessions)
            rows.append((len(rows), total, level, named, say.percent(later.change, 1), back, 1))
    columns = dict(zip(("n", "lo", "hi", "name", "told", "more", "late"), map(list, zip(*rows, strict=True)), strict=True))
    shorter = {say("impact_chart.all_back"): say("impact_chart.all_back_brief")}  # for a phone
    columns["brief"] = [shorter.get(str(m), str(m).replace("\u00a0", " ").removesuffix(" USD")) for m in columns["more"]]
    lows, highs = np.array(columns["lo"], dtype=float), np.array(columns["hi"], dtype=float)
    lowest, highest = min(0.0, lows.min(), highs.min()), max(0.0, lows.max(), highs.max())
    room = (highest - lowest or 1.0) * 0.17  # for the words at the ends of the bars, where there are any
    rises = highs >= lows
    low = lowest - (room if lowest < 0 and (highs[~rises] < lowest + room).any() else room * 0.2)
    high = highest + (room if (highs[rises] > highest - room).any() else room * 0.2)
    return Drawing(
        {"xlo": -0.5, "xhi": len(rows) - 0.5, "ylo": low, "yhi": high, "total": total, "places": float(len(rows))}, {"steps": columns}
    )


def _back(recovered: float, say: Words) -> str:
    if recovered > 1:  # of a small move several times as much can come back; the figure would say nothing
        return say("impact_chart.all_back")
    return say("impact_chart.back" if recovered >= 0 else "impact_chart.further", part=say.percent(abs(recovered), 0, signed=False))


def layers(key: Key, box: Box) -> list[Spec]:
    """Bars, the line that they are measured from, and words at each."""
    axis = box.bottom - box.size(26)
    x = {"field": "n", "type": "quantitative", "axis": None, "scale": x_scale(("xlo", "xhi"), "0", "width")}
    y = {"field": "lo", "type": "quantitative", "scale": y_scale(("ylo", "yhi"), box.top + 4, axis),
         "axis": percent_axis(key, box, axis - box.top)}  # fmt: skip
    late, whole, part = tint(PLAIN, 0.6), key.tone, tint(key.tone, 0.6)
    inked = {tone: by_theme(tone)["expr"] for tone in (late, whole, part)}
    fill = f"datum.late ? ({inked[late]}) : datum.n == 2 ? ({inked[whole]}) : ({inked[part]})"
    level = {"type": "rule", "strokeDash": [3, 3], "strokeWidth": 1, "color": by_theme(BASELINE), "aria": False}
    from_here = [{"calculate": "1.6", "as": "n"}, {"calculate": "xhi", "as": "to"}, {"calculate": "total", "as": "lo"}]
    bars = {
        "data": {"name": "steps"},
        "transform": [{"calculate": "datum.n - 0.3", "as": "from"}, {"calculate": "datum.n + 0.3", "as": "to"}],
        "mark": {"type": "rect", "color": {"expr": fill}},
        "encoding": {"x": {"field": "from", "type": "quantitative"}, "x2": {"field": "to"}, "y2": {"field": "hi"}},
    }
    down = "datum.hi < datum.lo"
    end = [{"calculate": "datum.hi", "as": "lo0"}]
    told = {
        "type": "text",
        "fontSize": {"expr": f"narrow ? 12 : {box.size(14)}"},
        "fontWeight": 700,
        "color": by_theme(INK),
        "baseline": "middle",
    }
    more = {**told, "fontSize": {"expr": f"narrow ? 10.5 : {box.size(12)}"}, "fontWeight": 400, "color": by_theme(MUTED)}
    first = {**told, "dy": {"expr": f"{down} ? {box.size(11)} : -{box.size(11)} - (datum.more ? {box.size(14)} : 0)"}}
    second = {**more, "text": {"expr": "narrow ? datum.brief : datum.more"}, "dy": {"expr": f"{down} ? {box.size(26)} : -{box.size(10)}"}}
    where = {"y": {"field": "hi", "type": "quantitative"}}
    name = {
        "type": "text",
        "baseline": "top",
        "fontSize": {"expr": f"narrow ? 10.5 : {box.size(12)}"},
        "color": by_theme(MUTED),
        "aria": False,
    }
    return [
        {
            "encoding": {"x": x, "y": y},
            "layer": [
                {"data": {"name": "v"}, "transform": from_here, "mark": level, "encoding": {"x2": {"field": "to"}}},
                bars,
                zero(),
                {
                    "data": {"name": "steps"},
                    "transform": end,
                    "mark": first,
                    "encoding": {**where, "text": {"field": "told", "type": "nominal"}},
                },
                {
                    "data": {"name": "steps"},
                    "transform": end,
                    "mark": second,
                    "encoding": {**where, "text": {"field": "more", "type": "nominal"}},
                },
            ],
        },
        {
            "data": {"name": "steps"},
            "mark": name,
            "encoding": {"x": x, "y": {"value": axis + 8}, "text": {"field": "name", "type": "nominal"}},
        },
    ]
