"""The focus: lines with their labels, the band of the selected session, the hairline under the pointer."""

from __future__ import annotations

import json
from typing import Final

from aftershock.charts.theme import BAND, BASELINE, MUTED, Spec, by_theme
from aftershock.charts.timeline.dates import date_axis
from aftershock.charts.timeline.frame import DATE, DAY, Frame, Key, escaped, full_date, localised, price_strips
from aftershock.charts.timeline.lane import event_lane
from aftershock.text import words
from aftershock.views import Scale

FEW: Final = 4  # lines whose labels need nothing to lead to them

# A logarithmic axis of its own accord has no tick between 100 and 200. These are the places where there may be one, and by how
# much the visible values differ (largest / smallest), which of them are used.
_STEPS: Final = (1, 1.1, 1.2, 1.25, 1.3, 1.4, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 9.5)
_STEPS_BY_RATIO: Final = (
    (1.5, (1, 1.1, 1.2, 1.3, 1.4, 8, 9, 9.5)),
    (3, (1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)),
    (8, (1, 1.5, 2, 3, 5, 7)),
)
_LOG_TICKS: Final = [round(step * 10**power, 2) for power in range(5) for step in _STEPS]


def _log_axis() -> Spec:
    """Ticks of a logarithmic axis: few where much is shown, more where little is."""
    ratio = "(domain('layer_0_y')[1] / domain('layer_0_y')[0])"
    step = "round(100 * datum.value / pow(10, floor(log(datum.value) / LN10 + 1e-9))) / 100"
    used = "[1, 2, 5]"
    for most, steps in reversed(_STEPS_BY_RATIO):
        used = f"{ratio} < {most} ? {list(steps)} : {used}"
    shown = {"test": f"indexof({used}, {step}) >= 0", "value": 1}
    opacity = {"condition": shown, "value": 0}
    return {"values": _LOG_TICKS, "labelOverlap": False, "labelOpacity": opacity, "gridOpacity": opacity}


def focus(key: Key, frame: Frame, *, interactive: bool, domain: tuple[float, float] | None = None) -> list[Spec]:
    """The lines with their labels, the band of the selected session and the event lane. On the price scale every series
    has a strip of its own (never two y axes); on the others all share one.
    """
    if key.scale is not Scale.PRICE or len(key.fields) == 1:
        return [_panel(key, key.fields, (frame.top, frame.bottom), frame, interactive=interactive, first=True, domain=domain)]
    strips = price_strips(frame, len(key.fields))
    panels = enumerate(zip(key.fields, strips, strict=True))
    return [_panel(key, (field,), strip, frame, interactive=interactive, first=i == 0) for i, (field, strip) in panels]


def _panel(
    key: Key,
    fields: tuple[str, ...],
    strip: tuple[int, int],
    frame: Frame,
    *,
    interactive: bool,
    first: bool,
    domain: tuple[float, float] | None = None,
) -> Spec:
    """One pair of axes with its lines; the first panel also carries what all panels share: dates, lane and hairline."""
    x = {
        "field": "date",
        "type": "temporal",
        "axis": None,
        "scale": {
            "type": "utc",
            "domain": {"expr": f"[left, hi + (labels + 4) / perday * {DAY}]"},
            "range": [10, {"expr": "width"}],
            "nice": False,
        },
    }
    shared = [*date_axis(key, frame), *event_lane(key, frame, interactive=interactive)] if first else []
    hover = [_hover(key, frame)] if interactive and first else []
    return {
        "data": {"name": "prices"},
        "transform": _points(key, fields),
        "encoding": {"x": x, "y": _y(key, strip, frame, domain)},
        "layer": [_band(strip), *_lines(key, frame, strip, interactive=interactive), *hover, *shared],
    }


def _y(key: Key, strip: tuple[int, int], frame: Frame, domain: tuple[float, float] | None) -> Spec:
    percent = "datum.value == 0 ? '0' : format(datum.value, datum.value % 1 ? '+,.1f' : '+,.0f')"
    plain = "format(datum.value, datum.value % 1 ? ',.1f' : ',.0f')"
    axis: Spec = {
        "orient": "right",
        "grid": True,
        "tickCount": max(2, min(5, (strip[1] - strip[0]) // 50)),
        "labelPadding": 4,
        "labelFontSize": frame.size(12),
        "labelExpr": localised(f"({percent if key.scale is Scale.PERCENT else plain})", key.lang),
        "zindex": 0,
    }
    if key.log:
        del axis["tickCount"]  # Vega would halve the given ticks until they are no more than that
        axis |= _log_axis()
    scale: Spec = {"range": [strip[1], strip[0]], "nice": False}
    scale |= {"type": "log"} if key.log else {"type": "linear", "zero": False}
    scale |= {"padding": 8} if domain is None else {"domain": list(domain)}
    return {"field": "y", "type": "quantitative", "scale": scale, "axis": axis}


def _points(key: Key, fields: tuple[str, ...]) -> list[Spec]:
    """Prices -> one row per drawn point: key, value, rel (to the rebasing close), y, ret (that session's own move)."""
    height = {Scale.PERCENT: "(datum.rel - 1) * 100", Scale.PRICE: "datum.value"}.get(key.scale, "datum.rel * 100")
    level = "u" if key.log else "y"
    return [
        # what no brush can change comes first, so that moving it does not work it out again
        DATE,
        {"fold": list(fields), "as": ["key", "value"]},
        {"filter": "isValid(datum.value) && isFinite(datum.value)"},
        {
            "window": [
                {"op": "lag", "field": "value", "as": "prev"},
                {"op": "lead", "field": "value", "as": "next"},
                {"op": "lead", "field": "date", "as": "after"},
            ],
            "groupby": ["key"],
            "sort": [{"field": "date"}],
            "frame": [None, None],
        },
        {"calculate": "isValid(datum.prev) ? datum.value / datum.prev - 1 : null", "as": "ret"},
        # from the last close before the range, which the lines are rebased to
        {"filter": "(datum.after || datum.date) >= lo && datum.date <= hi"},
        {
            "joinaggregate": [
                {"op": "argmin", "field": "date", "as": "head"},
                {"op": "min", "field": "date", "as": "start"},
                {"op": "max", "field": "date", "as": "end"},
            ],
            "groupby": ["key"],
        },
        {"calculate": "datum.value / datum.head.value", "as": "rel"},
        {"calculate": height, "as": "y"},
        *([{"calculate": "log(datum.y)", "as": "u"}] if key.log else []),
        {"calculate": "datum.date > datum.start && isValid(datum.ret) ? abs(datum.ret) : 0", "as": "size"},
        {
            "joinaggregate": [
                {"op": "min", "field": level, "as": "low"},
                {"op": "max", "field": level, "as": "high"},
                {"op": "argmax", "field": "size", "as": "peak"},
            ]
        },
    ]


def _lines(key: Key, frame: Frame, strip: tuple[int, int], *, interactive: bool) -> list[Spec]:
    ink = {"expr": "(dark ? tint : ink)[datum.key]"}
    many = len(key.fields) > FEW
    line = {"type": "line", "strokeWidth": frame.size(1.6 if many else 2.25), "strokeJoin": "round", "clip": True}
    found = [_baseline(key), {"mark": line, "encoding": series_stroke()}]
    found.append(_callouts(key, frame, ink, written=interactive and not (many and key.scale is Scale.PRICE)))  # a strip has no room
    at_end = {"x": {"value": {"expr": "width - labels + 6"}}, "y": {"field": "ylabel", "type": "quantitative"}}
    ends = _end_labels(frame, strip, log=key.log)
    if many:
        found.append(_leaders(ends, frame, alone=key.scale is Scale.PRICE))
    found.append(_haloed(ends, _end_mark(key, frame), ink, at_end))
    if interactive and strip[0] == frame.top:
        found.append(_caption(key, frame))
    return [layer for layer in found if layer]


def series_stroke() -> Spec:
    """The colour and the dashes of each series' line."""
    dashes = {"value": {"expr": "dash[datum.key]"}}
    return {"detail": {"field": "key"}, "stroke": {"value": {"expr": "(dark ? glow : tone)[datum.key]"}}, "strokeDash": dashes}


def _baseline(key: Key) -> Spec:
    """A dark line at 100 or at 0; prices have none."""
    if key.scale is Scale.PRICE:
        return {}
    level = 0 if key.scale is Scale.PERCENT else 100
    mark = {"type": "rule", "strokeWidth": 1, "color": by_theme(BASELINE)}
    return {"data": {"values": [{"y": level}]}, "mark": mark, "encoding": {"x": {"value": 0}, "x2": {"value": {"expr": "width - labels"}}}}


def _callouts(key: Key, frame: Frame, ink: Spec, *, written: bool) -> Spec:
    """The selected session's moves, or those of the session with the largest one: a point on each line and the figure."""
    chosen = "isValid(data('view')[0]) && inrange(data('view')[0].sel, [lo, hi]) ? data('view')[0].sel : datum.peak.date"
    point = {"type": "point", "filled": True, "size": frame.size(46), "fill": {"expr": "(dark ? glow : tone)[datum.key]"}, "opacity": 1}
    point |= {"stroke": {"expr": "background"}, "strokeWidth": 1.5}
    figures = [_haloed(_callout_choice(key, frame), _callout_mark(key, frame), ink, {})] if written else []
    return {"transform": [{"filter": f"datum.date == ({chosen}) && datum.size > 0"}], "layer": [{"mark": point}, *figures]}


def _haloed(transform: list[Spec], mark: Spec, fill: Spec, encoding: Spec) -> Spec:
    """The same text twice: first with a thick outline in the background's colour, so that no line runs through a letter."""
    halo = {"fill": {"expr": "background"}, "stroke": {"expr": "background"}, "strokeWidth": 4, "strokeJoin": "round", "aria": False}
    return {"transform": transform, "encoding": encoding, "layer": [{"mark": mark | halo}, {"mark": mark | {"fill": fill}}]}


def _callout_choice(key: Key, frame: Frame) -> list[Spec]:
    """Which moves are written, and on which side of their point. With one or two series every move is; with more only the
    largest, or they would lie on each other. A label stands where its line leaves room: under a trough, over a peak, on the
    outer side of a slope; two points that lie close take the outer sides of the pair.
    """
    level = "u" if key.log else "y"
    trough = "(!isValid(datum.next) || datum.next >= datum.value) && datum.prev >= datum.value"
    peak = "(!isValid(datum.next) || datum.next <= datum.value) && datum.prev <= datum.value"
    side = f"{trough} ? 'under' : {peak} ? 'over' : datum.prev > datum.value ? 'right over' : 'right under'"
    if len(key.fields) > 2:
        largest: list[Spec] = [{"joinaggregate": [{"op": "max", "field": "size", "as": "here"}]}, {"filter": "datum.size == datum.here"}]
        return [*largest, {"calculate": side, "as": "side"}]
    if key.scale is not Scale.PRICE:
        apart = f"(datum.upper - datum.lower) / (datum.high - datum.low) * {frame.bottom - frame.top}"
        outer = f"datum.{level} == datum.upper ? 'over' : 'under'"
        side = f"datum.upper > datum.lower && {apart} < 34 ? ({outer}) : {side}"
    ends: list[Spec] = [{"op": "min", "field": level, "as": "lower"}, {"op": "max", "field": level, "as": "upper"}]
    return [{"joinaggregate": ends}, {"calculate": side, "as": "side"}]


def _callout_mark(key: Key, frame: Frame) -> Spec:
    step, far = frame.size(9), frame.size(16)
    places = {"under": far, "over": -far, "right over": -step, "right under": step}
    return {
        "type": "text",
        "fontSize": frame.size(13),
        "fontWeight": 600,
        "align": {"expr": "length(datum.side) > 5 ? 'left' : 'center'"},
        "baseline": "middle",
        "dx": {"expr": f"length(datum.side) > 5 ? {step} : 0"},
        "dy": {"expr": f"({json.dumps(places)})[datum.side]"},
        "text": {"expr": localised("format(datum.ret * 100, '+.1f')", key.lang) + " + '\u00a0%'"},
    }


def _end_labels(frame: Frame, y: tuple[int, int], *, log: bool) -> list[Spec]:
    """The last point of every series, its label pushed down until it is a line of type away from the one above.

    With p the distance from the top in order and g the gap, max over j <= i of (p[j] - g j), plus g i, is the smallest
    sequence of positions that keeps the gap; where that leaves the bottom, the labels stand piled up on it.
    """
    gap = f"({frame.size(17)} * (datum.high - datum.low + 1e-9) / {y[1] - y[0] - 16})"
    back = "datum.high - min(datum.placed, datum.high - datum.low - (datum.ends - datum.rank) * datum.gap)"
    return [
        {"filter": "datum.date == datum.end && datum.date >= lo"},  # a range without a session has nothing to label
        *([] if log else [{"calculate": "datum.y", "as": "u"}]),
        {"calculate": gap, "as": "gap"},
        {"window": [{"op": "row_number", "as": "rank"}], "sort": [{"field": "u", "order": "descending"}], "frame": [None, None]},
        {"calculate": "datum.high - datum.u - (datum.rank - 1) * datum.gap", "as": "p"},
        {"window": [{"op": "max", "field": "p", "as": "pushed"}], "sort": [{"field": "rank"}], "frame": [None, 0]},
        {"calculate": "datum.pushed + (datum.rank - 1) * datum.gap", "as": "placed"},
        {"joinaggregate": [{"op": "count", "as": "ends"}]},
        {"calculate": f"exp({back})" if log else back, "as": "ylabel"},
    ]


def _leaders(ends: list[Spec], frame: Frame, *, alone: bool) -> Spec:
    """From the end of each line to its label, where the labels of many lie far from their lines."""
    rule: Spec = {"type": "rule", "strokeWidth": frame.size(1), "opacity": 0.7, "aria": False}
    encoding = {"x2": {"value": {"expr": "width - labels + 4"}}, "y2": {"field": "ylabel"}, **series_stroke()}
    return {} if alone else {"transform": ends, "mark": rule, "encoding": encoding}


def _end_mark(key: Key, frame: Frame) -> Spec:
    change = localised("format((datum.rel - 1) * 100, '+.1f')", key.lang) + " + '\u00a0%'"
    value = localised("format(datum.value, ',.2f')", key.lang)
    figure = value if key.scale is Scale.PRICE else change
    return {
        "type": "text",
        "align": "left",
        "baseline": "middle",
        "fontSize": {"expr": f"narrow ? 11.5 : {frame.size(13)}"},
        "fontWeight": 600,
        "text": {"expr": f"(narrow ? short : full)[datum.key] + ' ' + {figure}"},
    }


def _caption(key: Key, frame: Frame) -> Spec:
    """What 100 is, above the plot: computed in the browser, since a brush changes the rebasing session."""
    say = words(key.lang)
    code = {Scale.PERCENT: "chart.percent", Scale.PRICE: "chart.price"}.get(key.scale, "chart.rebased")
    before, blank, after = say(code, day="@").partition("@")
    day = f" + {full_date('datum.start', key.lang)}" if blank else ""
    text = f"'{escaped(before)}'{day} + '{escaped(after + (say('chart.log') if key.log else ''))}'"
    return {
        "transform": [{"filter": "datum.date == datum.start"}, {"aggregate": [{"op": "min", "field": "start", "as": "start"}]}],
        "mark": {"type": "text", "align": "left", "baseline": "top", "fontSize": frame.size(12), "color": by_theme(MUTED)},
        "encoding": {"x": {"value": 10}, "y": {"value": 4}, "text": {"value": {"expr": text}}},
    }


def _band(strip: tuple[int, int]) -> Spec:
    """The selected session: a light band, full height, behind everything."""
    return {
        "data": {"name": "view"},
        "transform": [{"filter": "isValid(datum.sel) && inrange(datum.sel, [left, hi])"}, {"calculate": "datum.sel", "as": "date"}],
        "mark": {"type": "rule", "strokeWidth": {"expr": "clamp(perday, 4, 60)"}, "color": by_theme(BAND)},
        "encoding": {"y": {"value": strip[0] - 4}, "y2": {"value": strip[1] + 10}},
    }


def _hover(key: Key, frame: Frame) -> Spec:
    """A hairline and a tooltip for the session under the pointer."""
    tips: list[Spec] = [{"field": "day", "type": "nominal", "title": words(key.lang)("chart.session")}]
    texts = []
    for field, name in zip(key.fields, key.names, strict=True):
        move = localised(f"format((datum.{field} / datum.p{field} - 1) * 100, '+.2f')", key.lang)
        close = localised(f"format(datum.{field}, ',.2f')", key.lang)
        moved = f"(datum.p{field} ? ' (' + {move} + '\u00a0%)' : '')"
        texts.append({"calculate": f"isValid(datum.{field}) ? {close} + {moved} : '–'", "as": f"t{field}"})
        tips.append({"field": f"t{field}", "type": "nominal", "title": name})
    previous = [{"op": "lag", "field": f, "as": f"p{f}"} for f in key.fields]
    return {
        "data": {"name": "prices"},
        "transform": [
            DATE,
            {"window": previous, "sort": [{"field": "d"}]},
            {"filter": "datum.date >= lo && datum.date <= hi"},
            {"calculate": full_date("datum.date", key.lang), "as": "day"},
            *texts,
        ],
        "params": [{"name": "hover", "select": {"type": "point", "fields": ["d"], "on": "pointerover", "clear": "pointerout"}}],
        "mark": {"type": "rule", "color": by_theme(BASELINE), "strokeWidth": {"expr": "clamp(perday, 2, 40)"}, "aria": False},
        "encoding": {
            "y": {"value": frame.top},
            "y2": {"value": frame.bottom},
            "opacity": {"condition": {"param": "hover", "empty": False, "value": 0.25}, "value": 0.001},
            "tooltip": tips,
        },
    }
