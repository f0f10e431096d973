"""The timeline as one layered Vega-Lite view: lines above, the event lane under them, an overview strip with a brush.

The specification depends only on the series, the scale and the language, so it is built once and kept; everything else
(range, numbers, selection) travels as data. The reader's range is a row of the dataset `view`; a brush in the overview
overrides it in the browser, without a message to the server, until the range changes.

Datasets
    prices  d (days since 1970), s0, s1, ... closes of the series in order; the whole period
    tokens  d, n (number or null), k (events that session), c (category), imp, pub (closed day of publication or null), ...
    view    one row: lo, hi (range, ms), base (rebasing session, ms), sel (selected session, ms, or null), key
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from aftershock import captions
from aftershock.charts.theme import ACCENT, BAND, BASELINE, FILLS, GRID, MUTED, SHAPES, Spec, by_theme, colour, dark_param
from aftershock.text import Words
from aftershock.timeline import Mark, Timeline
from aftershock.views import Scale

DAY: Final = 86_400_000  # milliseconds
_SELECTED: Final = "(isValid(data('view')[0]) && datum.date == data('view')[0].sel)"
_DATE: Final = {"calculate": f"datum.d * {DAY}", "as": "date"}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things stand, in pixels from the top of the view, and how large the type is."""

    top: int = 30  # of the lines
    bottom: int = 318
    lane: int = 352  # middle of the first row of tokens
    row: int = 25  # from the first row of tokens to the second
    axis: int = 402
    overview: tuple[int, int] | None = (446, 506)
    height: int = 530
    type: float = 1.0  # times 12 px

    def size(self, pixels: float) -> float:
        """A type size or stroke, scaled."""
        return round(pixels * self.type, 1)


SCREEN: Final = Frame()


@dataclass(frozen=True, slots=True)
class Key:
    """What the specification depends on."""

    tickers: tuple[str, ...]
    names: tuple[str, ...]
    scale: Scale
    log: bool
    lang: str
    bounds: tuple[int, int]  # the data's first and last session, ms

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns of the dataset `prices`."""
        return tuple(f"s{i}" for i in range(len(self.tickers)))


def milliseconds(day: Any) -> int:
    """A date or Timestamp as milliseconds since 1970, the browser's unit."""
    return int(pd.Timestamp(day).value // 1_000_000)


def day_numbers(index: Any) -> np.ndarray:
    """Days since 1970 as 32-bit integers: half the bytes of a time stamp, and no time zone to get wrong."""
    return np.asarray(pd.DatetimeIndex(index).to_numpy().astype("datetime64[D]").astype("int64"), dtype="int32")


def key_of(timeline: Timeline, say: Words) -> Key:
    """The part of a timeline that its specification depends on."""
    index = timeline.closes.index
    names = tuple(captions.name(t, say) for t in timeline.view.series)
    return Key(timeline.view.series, names, timeline.view.scale, timeline.log, say.lang, (milliseconds(index[0]), milliseconds(index[-1])))


# -- data ------------------------------------------------------------------------------------------------------------


def datasets(timeline: Timeline, say: Words, selected: pd.Timestamp | None) -> dict[str, pd.DataFrame]:
    """The three datasets of the specification. Figures for drawing only: closes as 32-bit floats."""
    closes = timeline.closes
    prices = pd.DataFrame({"d": day_numbers(closes.index)})
    for position, ticker in enumerate(timeline.view.series):
        prices[f"s{position}"] = closes[ticker].to_numpy(dtype="float32")
    lo, hi = milliseconds(timeline.view.first), milliseconds(timeline.view.last)
    view = {
        "lo": [lo],
        "hi": [hi],
        "base": [milliseconds(timeline.base)],
        "sel": [float("nan") if selected is None else float(milliseconds(selected))],
        "key": [f"{lo}-{hi}"],
    }
    return {"prices": prices, "tokens": _tokens(timeline, say), "view": pd.DataFrame(view)}


def _tokens(timeline: Timeline, say: Words) -> pd.DataFrame:
    """One row per session. Sessions outside the range carry no number and few words: they show only under the brush."""
    rows = [_token(mark, timeline, say) for mark in timeline.marks]
    frame = pd.DataFrame(rows, columns=["d", "n", "k", "c", "imp", "pub", "what", "when", "moved", "closed"])
    return frame.astype({"d": "int32", "n": "float32", "k": "int16", "imp": "int16", "pub": "float32"})


def _token(mark: Mark, timeline: Timeline, say: Words) -> tuple[object, ...]:
    inside = mark.number is not None
    closed = next((e for e in mark.events if timeline.reactions[e.id].code == "market-closed"), None)
    published = float("nan") if closed is None else float(day_numbers([closed.date])[0])
    words = (mark.lead.title.in_(say.lang), say.date(mark.session), "", "")
    if inside:
        more = say("chart.more", n=len(mark.events) - 1) if len(mark.events) > 1 else ""
        reason = timeline.reactions[mark.lead.id].in_words(say)
        moves = " · ".join(f"{captions.name(t, say)} {say.percent(m)}" for t, m in timeline.finding_of(mark.session).moves)
        note = "" if closed is None else say("chart.closed", day=say.date(closed.date, "short"))
        words = (mark.lead.title.in_(say.lang) + more, f"{say.date(mark.session)} ({reason})", moves, note)
    number = float("nan") if mark.number is None else float(mark.number)
    return (day_numbers([mark.session])[0], number, len(mark.events), mark.lead.category.value, mark.lead.importance, published, *words)


# -- the specification -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def specification(key: Key) -> Spec:
    """The interactive view for the page and for the interactive HTML file. Treat the result as read-only."""
    say = _words(key)
    layers = [*focus(key, SCREEN, interactive=True), overview(key, SCREEN, say)]
    return {
        "height": SCREEN.height,
        "padding": {"left": 2, "right": 2, "top": 0, "bottom": 0},
        "params": [dark_param(), *_range_params(key)],
        "resolve": {"scale": {"x": "independent", "y": "independent", "shape": "independent"}},
        "layer": layers,
        "config": config(),
        "usermeta": {"embedOptions": {"renderer": "svg"}},
    }


def config(font: str | None = None) -> Spec:
    """What all our views share: no frame around the plot, quiet axes."""
    axis = {"domain": False, "ticks": False, "labelColor": by_theme(MUTED), "gridColor": by_theme(GRID), "title": None}
    shared: Spec = {"view": {"stroke": None}, "axis": axis, "mark": {"tooltip": None}}
    return shared | ({"font": font} if font else {})


def _words(key: Key) -> Words:
    from aftershock.text import words

    return words(key.lang)


def _range_params(key: Key) -> list[Spec]:
    """Lo and hi: what the focus shows, in ms. The brush if there is one, else the reader's range; `left` is where x begins."""
    row = f"(data('view')[0] || {{lo: {key.bounds[0]}, hi: {key.bounds[1]}, base: {key.bounds[0]}, key: ''}})"
    return [
        {"name": "lo", "expr": f"brush.date ? +brush.date[0] : {row}.lo"},
        {"name": "hi", "expr": f"brush.date ? +brush.date[1] : {row}.hi"},
        {"name": "left", "expr": f"brush.date ? lo : {row}.base"},
        {"name": "rangekey", "expr": f"{row}.key"},
        {"name": "narrow", "expr": "width < 560"},
        {"name": "labels", "expr": "narrow ? 104 : 182"},
        {"name": "perday", "expr": f"(width - labels - 14) * {DAY} / max(hi - left, {DAY})"},
    ]


def fixed_range_params(key: Key, lo: int, hi: int, base: int, labels: int) -> list[Spec]:
    """The same parameters for a picture: constants."""
    values = {"lo": lo, "hi": hi, "left": base, "narrow": False, "labels": labels}
    fixed: list[Spec] = [{"name": name, "value": value} for name, value in values.items()]
    return [*fixed, {"name": "perday", "expr": f"(width - labels - 14) * {DAY} / max(hi - left, {DAY})"}]


# -- focus: the lines ------------------------------------------------------------------------------------------------


def focus(key: Key, frame: Frame, *, interactive: bool, domain: tuple[float, float] | None = None) -> list[Spec]:
    """The lines with their labels, the band of the selected session and the event lane. On the price scale every series
    has a strip of its own (never two y axes); on the others all share one.
    """
    if key.scale is not Scale.PRICE or len(key.fields) == 1:
        return [_panel(key, key.fields, (frame.top, frame.bottom), frame, interactive, first=True, domain=domain)]
    strips = price_strips(frame, len(key.fields))
    return [_panel(key, (f,), strip, frame, interactive, first=i == 0) for i, (f, strip) in enumerate(zip(key.fields, strips, strict=True))]


def price_strips(frame: Frame, count: int) -> list[tuple[int, int]]:
    """Top and bottom of each series' own strip on the price scale."""
    gap = 14
    each = (frame.bottom - frame.top - gap * (count - 1)) / count
    return [(round(frame.top + i * (each + gap)), round(frame.top + i * (each + gap) + each)) for i in range(count)]


def _panel(
    key: Key,
    fields: tuple[str, ...],
    y: tuple[int, int],
    frame: Frame,
    interactive: bool,
    *,
    first: bool,
    domain: tuple[float, float] | None = None,
) -> Spec:
    percent = "datum.value == 0 ? '0' : format(datum.value, datum.value % 1 ? '+,.1f' : '+,.0f')"
    plain = "format(datum.value, datum.value % 1 ? ',.1f' : ',.0f')"
    axis: Spec = {
        "orient": "right", "grid": True, "tickCount": max(2, min(5, (y[1] - y[0]) // 50)), "labelPadding": 4, "labelFontSize": frame.size(12),
        "labelExpr": _localised(f"({percent if key.scale is Scale.PERCENT else plain})", key.lang), "zindex": 0,
    }  # fmt: skip
    scale: Spec = {"range": [y[1], y[0]], "nice": False} | ({"type": "log"} if key.log else {"type": "linear", "zero": False})
    scale |= {"padding": 8} if domain is None else {"domain": list(domain)}
    x: Spec = {
        "field": "date", "type": "temporal",
        "scale": {"type": "utc", "domain": {"expr": f"[left, hi + (labels + 4) / perday * {DAY}]"}, "range": [10, {"expr": "width"}], "nice": False},
        "axis": None,
    }  # fmt: skip
    lines = _line_layers(key, frame, y, interactive=interactive)
    lane = [*_dates(key, frame), *_lane(key, frame, interactive)] if first else []
    hover = [_hover(key, frame)] if interactive and first else []
    band = [_band(frame, y)]
    return {
        "data": {"name": "prices"},
        "transform": _line_transform(key, fields),
        "encoding": {"x": x, "y": {"field": "y", "type": "quantitative", "scale": scale, "axis": axis}},
        "layer": [*band, *lines, *hover, *lane],
    }


def _line_transform(key: Key, fields: tuple[str, ...]) -> list[Spec]:
    """Prices -> one row per drawn point: key, value, rel (to the rebasing close), y, ret (that session's own move)."""
    height = {Scale.PERCENT: "(datum.rel - 1) * 100", Scale.PRICE: "datum.value"}.get(key.scale, "datum.rel * 100")
    return [
        _DATE,
        {"calculate": "datum.date < lo ? datum.date : null", "as": "earlier"},
        {"joinaggregate": [{"op": "max", "field": "earlier", "as": "base"}]},
        {"filter": "datum.date >= (datum.base ? datum.base : lo) && datum.date <= hi"},
        {"fold": list(fields), "as": ["key", "value"]},
        {"filter": "isValid(datum.value) && isFinite(datum.value)"},
        {
            "window": [
                {"op": "first_value", "field": "value", "as": "first"},
                {"op": "first_value", "field": "date", "as": "start"},
                {"op": "last_value", "field": "date", "as": "end"},
                {"op": "lag", "field": "value", "as": "prev"},
                {"op": "lead", "field": "value", "as": "next"},
            ],
            "groupby": ["key"],
            "sort": [{"field": "date"}],
            "frame": [None, None],
        },
        {"calculate": "datum.value / datum.first", "as": "rel"},
        {"calculate": height, "as": "y"},
        {"calculate": "log(datum.y)" if key.log else "datum.y", "as": "u"},
        {"calculate": "isValid(datum.prev) ? datum.value / datum.prev - 1 : null", "as": "ret"},
        {"calculate": "isValid(datum.ret) ? abs(datum.ret) : 0", "as": "size"},
        {
            "joinaggregate": [
                {"op": "min", "field": "u", "as": "low"},
                {"op": "max", "field": "u", "as": "high"},
                {"op": "max", "field": "size", "as": "most"},
            ]
        },
        {"calculate": "datum.size == datum.most && datum.most > 0 ? datum.date : null", "as": "big"},
        {"joinaggregate": [{"op": "max", "field": "big", "as": "biggest"}]},
    ]


def _line_layers(key: Key, frame: Frame, y: tuple[int, int], *, interactive: bool) -> list[Spec]:
    tones, tints = _colours(key)
    line_colour = {"expr": f"({tones})[datum.key]"}
    text_colour = {"expr": f"dark ? ({tints})[datum.key] : ({tones})[datum.key]"}
    stroke = {
        "field": "key",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(key.fields), "range": [colour(t, i)[0] for i, t in enumerate(key.tickers)]},
    }
    at_mark = {
        "filter": "datum.date == (isValid(data('view')[0]) && inrange(data('view')[0].sel, [lo, hi]) ? data('view')[0].sel : datum.biggest) && isValid(datum.ret)"
    }
    zero = {Scale.PERCENT: 0, Scale.PRICE: None}.get(key.scale, 100)
    base: list[Spec] = []
    if zero is not None:
        base = [
            {
                "data": {"values": [{"y": zero}]},
                "mark": {"type": "rule", "strokeWidth": 1, "color": by_theme(BASELINE)},
                "encoding": {"x": {"value": 0}, "x2": {"value": "width"}},
            }
        ]
    caption = {
        "transform": [{"filter": "datum.date == datum.start"}, {"aggregate": [{"op": "min", "field": "start", "as": "start"}]}],
        "mark": {"type": "text", "align": "left", "baseline": "top", "fontSize": frame.size(12), "color": by_theme(MUTED)},
        "encoding": {"x": {"value": 10}, "y": {"value": y[0] - frame.top + 4}, "text": {"value": {"expr": _caption(key)}}},
    }
    return [
        *base,
        {"mark": {"type": "line", "strokeWidth": frame.size(2.25), "strokeJoin": "round", "clip": True}, "encoding": {"stroke": stroke}},
        {"transform": [at_mark], "mark": {"type": "point", "filled": True, "size": frame.size(46), "fill": line_colour, "stroke": {"expr": "background"}, "strokeWidth": 1.5, "opacity": 1}},
        *(_haloed([at_mark, *_callout_choice(key)], _callout_mark(key, frame), text_colour, {}) if interactive else []),
        *_haloed(_end_labels(frame, y, log=key.log), _end_mark(key, frame), text_colour, {"x": {"value": {"expr": "width - labels + 6"}}, "y": {"field": "ylabel", "type": "quantitative"}}),
        *([caption] if interactive and y[0] == frame.top else []),
    ]  # fmt: skip


def _haloed(transform: list[Spec], mark: Spec, fill: Spec, encoding: Spec) -> list[Spec]:
    """The same text twice: first with a thick outline in the background's colour, so that no line runs through a letter."""
    halo = {
        **mark,
        "fill": {"expr": "background"},
        "stroke": {"expr": "background"},
        "strokeWidth": 4,
        "strokeJoin": "round",
        "aria": False,
    }
    return [{"transform": transform, "mark": m, "encoding": encoding} for m in (halo, {**mark, "fill": fill})]


def _callout_choice(key: Key) -> list[Spec]:
    """With one or two series every move is written at its point; with more only the largest, or they would lie on each other."""
    if len(key.fields) <= 2:
        return []
    return [{"joinaggregate": [{"op": "max", "field": "size", "as": "here"}]}, {"filter": "datum.size == datum.here"}]


def _callout_mark(key: Key, frame: Frame) -> Spec:
    """Beside its point where the line leaves room: under a trough, over a peak, on the outer side of a slope."""
    trough = "(!isValid(datum.next) || datum.next >= datum.value) && datum.prev >= datum.value"
    peak = "(!isValid(datum.next) || datum.next <= datum.value) && datum.prev <= datum.value"
    falling = "datum.prev > datum.value"
    return {
        "type": "text",
        "fontSize": frame.size(13),
        "fontWeight": 600,
        "align": {"expr": f"({trough}) || ({peak}) ? 'center' : 'left'"},
        "baseline": "middle",
        "dx": {"expr": f"({trough}) || ({peak}) ? 0 : {frame.size(9)}"},
        "dy": {"expr": f"({trough}) ? {frame.size(16)} : ({peak}) ? {-frame.size(16)} : {falling} ? {-frame.size(9)} : {frame.size(9)}"},
        "text": {"expr": _localised("format(datum.ret * 100, '+.1f')", key.lang) + " + '\u00a0%'"},
    }


def _end_labels(frame: Frame, y: tuple[int, int], *, log: bool) -> list[Spec]:
    """The last point of every series, its label pushed down until it is a line of type away from the one above.

    With p the distance from the top in order and g the gap, max over j <= i of (p[j] - g j), plus g i, is the smallest
    sequence of positions that keeps the gap; what that pushes out at the bottom moves the whole pile up again.
    """
    gap = f"({frame.size(17)} * (datum.high - datum.low + 1e-9) / {y[1] - y[0] - 16})"
    back = "datum.high - (datum.pushed + (datum.rank - 1) * datum.gap - max(0, datum.lowest - (datum.high - datum.low)))"
    return [
        {"filter": "datum.date == datum.end"},
        {"calculate": gap, "as": "gap"},
        {"window": [{"op": "row_number", "as": "rank"}], "sort": [{"field": "u", "order": "descending"}], "frame": [None, None]},
        {"calculate": "datum.high - datum.u - (datum.rank - 1) * datum.gap", "as": "p"},
        {"window": [{"op": "max", "field": "p", "as": "pushed"}], "sort": [{"field": "rank"}], "frame": [None, 0]},
        {"calculate": "datum.pushed + (datum.rank - 1) * datum.gap", "as": "placed"},
        {"joinaggregate": [{"op": "max", "field": "placed", "as": "lowest"}]},
        {"calculate": f"exp({back})" if log else back, "as": "ylabel"},
    ]


def _end_mark(key: Key, frame: Frame) -> Spec:
    names = _table({f: name for f, name in zip(key.fields, key.names, strict=True)})
    short = _table({f: name.split(" ")[0] for f, name in zip(key.fields, key.names, strict=True)})
    change = _localised("format((datum.rel - 1) * 100, '+.1f')", key.lang) + " + '\u00a0%'"
    value = _localised("format(datum.value, ',.2f')", key.lang)
    figure = value if key.scale is Scale.PRICE else change
    return {
        "type": "text", "align": "left", "baseline": "middle", "fontSize": {"expr": f"narrow ? 11.5 : {frame.size(13)}"}, "fontWeight": 600,
        "text": {"expr": f"(narrow ? {short} : {names})[datum.key] + ' ' + {figure}"},
    }  # fmt: skip


def _caption(key: Key) -> str:
    """What 100 is, or that figures are prices: computed in the browser, since a brush changes it."""
    day = _full_date("datum.start", key.lang)
    say = _words(key)
    code = {Scale.PERCENT: "chart.percent", Scale.PRICE: "chart.price"}.get(key.scale, "chart.rebased")
    before, _, after = say(code, day="@").partition("@")
    log = say("chart.log") if key.log else ""
    return f"'{before}' + {day} + '{after}{log}'" if code != "chart.price" else f"'{before}{log}'"


def _band(frame: Frame, y: tuple[int, int]) -> Spec:
    """The selected session: a light band, full height, behind everything."""
    return {
        "data": {"name": "view"},
        "transform": [{"filter": "isValid(datum.sel) && inrange(datum.sel, [left, hi])"}, {"calculate": "datum.sel", "as": "date"}],
        "mark": {"type": "rule", "strokeWidth": {"expr": "clamp(perday, 4, 60)"}, "color": by_theme(BAND)},
        "encoding": {"y": {"value": y[0] - 4}, "y2": {"value": y[1] + 10}},
    }


def _hover(key: Key, frame: Frame) -> Spec:
    """A hairline and a tooltip for the session under the pointer."""
    tips: list[Spec] = [{"field": "day", "type": "nominal", "title": _words(key)("chart.session")}]
    texts = []
    for field, name in zip(key.fields, key.names, strict=True):
        move = _localised(f"format((datum.{field} / datum.p{field} - 1) * 100, '+.2f')", key.lang)
        close = _localised(f"format(datum.{field}, ',.2f')", key.lang)
        texts.append(
            {"calculate": f"isValid(datum.{field}) ? {close} + (datum.p{field} ? ' (' + {move} + '\u00a0%)' : '') : '–'", "as": f"t{field}"}
        )
        tips.append({"field": f"t{field}", "type": "nominal", "title": name})
    previous = [{"op": "lag", "field": f, "as": f"p{f}"} for f in key.fields]
    return {
        "data": {"name": "prices"},
        "transform": [
            _DATE,
            {"window": previous, "sort": [{"field": "d"}]},
            {"filter": "datum.date >= lo && datum.date <= hi"},
            {"calculate": _full_date("datum.date", key.lang), "as": "day"},
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


# -- focus: the dates ------------------------------------------------------------------------------------------------


def _dates(key: Key, frame: Frame) -> list[Spec]:
    """The date axis, written at sessions and never at closed days: every session, or the first one of a week, month or
    year, by how much is shown; thinned out until they fit.
    """
    day, month = ("%-d/%-m", "%-m/%Y") if key.lang == "vi" else ("%-d %b", "%b %Y")
    days, span = f"({DAY})", "(hi - left)"
    unit = f"{span} < 12 * {days} ? 0 : {span} < 200 * {days} ? 1 : {span} < 1100 * {days} ? 2 : 3"
    year, months = "utcyear(datum.date)", "utcyear(datum.date) * 12 + utcmonth(datum.date)"
    transform: list[Spec] = [
        _DATE,
        {"filter": "datum.date >= left && datum.date <= hi"},
        {"calculate": unit, "as": "unit"},
        {"calculate": f"datum.unit == 0 ? datum.d : datum.unit == 1 ? floor((datum.d - 4) / 7) : datum.unit == 2 ? {months} : {year}", "as": "period"},
        {"calculate": f"(datum.date - left) / {DAY} * perday + 10", "as": "px"},
        {"fold": ["d"], "as": ["fold", "day"]},  # new rows for the window: see _lane
        {"window": [{"op": "lag", "field": "period", "as": "before"}], "sort": [{"field": "d"}], "frame": [None, None]},
        {"filter": "!isValid(datum.before) || datum.before != datum.period"},
        {"window": [{"op": "lead", "field": "px", "as": "following"}], "sort": [{"field": "d"}], "frame": [None, None]},
        {"filter": f"isValid(datum.before) || !isValid(datum.following) || datum.following - datum.px > {frame.size(52)}"},
        {"window": [{"op": "row_number", "as": "place"}], "sort": [{"field": "d"}], "frame": [None, None]},
        {"joinaggregate": [{"op": "count", "as": "periods"}]},
        {"filter": "(datum.place - 1) % ceil(datum.periods / (narrow ? 4 : 9)) == 0"},
        {"calculate": f"utcFormat(datum.date, datum.unit < 2 ? '{day}' : datum.unit == 2 ? '{month}' : '%Y')", "as": "label"},
    ]  # fmt: skip
    tick: Spec = {"type": "tick", "orient": "vertical", "size": 5, "thickness": 1, "color": by_theme(BASELINE), "aria": False}
    label: Spec = {
        "type": "text", "baseline": "top", "fontSize": frame.size(12), "color": by_theme(MUTED),
        "align": {"expr": "datum.px < 24 ? 'left' : 'center'"}, "dx": {"expr": "datum.px < 24 ? -8 : 0"},
    }  # fmt: skip
    return [
        {"data": {"name": "prices"}, "transform": transform, "mark": tick, "encoding": {"y": {"value": frame.axis}}},
        {"data": {"name": "prices"}, "transform": transform, "mark": label, "encoding": {"y": {"value": frame.axis + 7}, "text": {"field": "label"}}},
    ]


# -- focus: the event lane -------------------------------------------------------------------------------------------


def _lane(key: Key, frame: Frame, interactive: bool) -> list[Spec]:
    """One token per session. Where tokens would lie on each other the most important keeps its place and its number, the
    others become small marks above it; tokens that still touch take turns in two rows.
    """
    row = f"{frame.lane} + (datum.crowded ? (datum.bin % 2) * {frame.row} : 0)"
    bin_size = frame.size(24)
    placed: list[Spec] = [
        _DATE,
        {"filter": "datum.date >= left && datum.date >= lo && datum.date <= hi"},
        {"calculate": f"(datum.date - left) / {DAY} * perday + 10", "as": "px"},
        {"calculate": f"floor(datum.px / {bin_size})", "as": "bin"},
        {"calculate": f"{_SELECTED} ? 1 : 0", "as": "chosen"},
        # Vega's window keeps rows in their old group when the group's key changes (here: on a resize); fold makes new rows
        {"fold": ["d"], "as": ["fold", "day"]},
        {"window": [{"op": "row_number", "as": "rank"}], "groupby": ["bin"], "frame": [None, None],
         "sort": [{"field": "chosen", "order": "descending"}, {"field": "imp", "order": "descending"}, {"field": "k", "order": "descending"}, {"field": "d"}]},
        {"joinaggregate": [{"op": "count", "as": "together"}], "groupby": ["bin"]},
    ]  # fmt: skip
    tops: list[Spec] = [
        *placed,
        {"filter": "datum.rank == 1"},
        {"window": [{"op": "lag", "field": "px", "as": "before"}], "sort": [{"field": "px"}], "frame": [None, None]},
        {"calculate": f"isValid(datum.before) && datum.px - datum.before < {bin_size} ? 1 : 0", "as": "touching"},
        {"joinaggregate": [{"op": "max", "field": "touching", "as": "crowded"}]},
    ]
    at: Spec = {"y": {"value": {"expr": row}}}
    fill = {"expr": f"{_SELECTED} ? '{ACCENT}' : ({_table(FILLS)})[datum.c]"}
    shape = {"field": "c", "type": "nominal", "legend": None, "scale": {"domain": list(SHAPES), "range": list(SHAPES.values())}}
    tips = [
        {"field": f, "type": "nominal", "title": _words(key)(f"chart.{t}")}
        for f, t in (("what", "event"), ("when", "session"), ("moved", "moves"))
    ]
    token: Spec = {
        "data": {"name": "tokens"},
        "transform": tops,
        "mark": {"type": "point", "filled": True, "size": frame.size(330) * frame.type, "opacity": 1, "fill": fill, "cursor": "pointer",
                 "stroke": {"expr": "background"}, "strokeWidth": 1},
        "encoding": {**at, "shape": shape, "tooltip": tips},
    }  # fmt: skip
    if interactive:
        token["params"] = [{"name": "pick", "select": {"type": "point", "fields": ["d"], "toggle": False}}]
    label: Spec = {
        "type": "text",
        "fontSize": frame.size(11),
        "fontWeight": 700,
        "fill": "white",
        "baseline": "middle",
        "align": "center",
        "dy": 0.5,
        "tooltip": None,
    }
    more: Spec = {"type": "text", "fontSize": frame.size(11), "fill": by_theme(MUTED), "baseline": "middle", "dy": frame.size(20)}
    return [
        *_bridges(key, frame),
        {"data": {"name": "tokens"}, "transform": [*placed, {"filter": "datum.rank > 1"}],
         "mark": {"type": "tick", "orient": "vertical", "size": 6, "thickness": 2, "color": by_theme(MUTED)},
         "encoding": {"y": {"value": frame.lane - frame.row + 8}}},
        token,
        {"data": {"name": "tokens"}, "transform": [*tops, {"filter": "isValid(datum.n)"}], "mark": {**label, "interactive": False}, "encoding": {**at, "text": {"field": "n", "type": "quantitative"}}},
        {"data": {"name": "tokens"}, "transform": [*tops, {"filter": "!datum.crowded && datum.k > 1"}], "mark": more,
         "encoding": {**at, "text": {"value": {"expr": "'+' + (datum.k - 1)"}}}},
    ]  # fmt: skip


def _bridges(key: Key, frame: Frame) -> list[Spec]:
    """From the closed day on which the news came to the session that could first react: a hollow ring, a dashed line and,
    where the days are wide enough to read it, the reason.
    """
    transform: list[Spec] = [
        _DATE,
        {"calculate": f"datum.pub * {DAY}", "as": "from"},
        {"filter": "isValid(datum.pub) && datum.from >= left && datum.date <= hi && datum.date >= lo && perday > 9"},
    ]
    y: Spec = {"y": {"value": frame.lane}}
    start: Spec = {"x": {"field": "from", "type": "temporal"}}
    return [
        {"data": {"name": "tokens"}, "transform": transform, "mark": {"type": "rule", "strokeDash": [3, 3], "strokeWidth": frame.size(1.3), "color": by_theme(MUTED)},
         "encoding": {**start, "x2": {"field": "date"}, **y}},
        {"data": {"name": "tokens"}, "transform": transform, "mark": {"type": "point", "filled": False, "size": frame.size(110) * frame.type, "strokeWidth": frame.size(1.5), "fill": {"expr": "background"},
         "stroke": by_theme(MUTED), "opacity": 1}, "encoding": {**start, **y}},
        {"data": {"name": "tokens"}, "transform": [*transform, {"filter": "datum.imp >= 3 && perday > 20"}],
         "mark": {"type": "text", "align": "center", "baseline": "bottom", "dy": -frame.size(11), "fontSize": frame.size(11), "color": by_theme(MUTED), "limit": frame.size(190)},
         "encoding": {**start, **y, "text": {"field": "closed"}}},
    ]  # fmt: skip


# -- overview --------------------------------------------------------------------------------------------------------


def overview(key: Key, frame: Frame, say: Words) -> Spec:
    """The whole period in small, with the brush. Grey lines, in colour inside the range; a mark for every event session."""
    assert frame.overview
    top, bottom = frame.overview
    rebased: list[Spec] = [
        _DATE,
        {"fold": list(key.fields), "as": ["key", "value"]},
        {"filter": "isValid(datum.value) && isFinite(datum.value)"},
        {
            "window": [{"op": "first_value", "field": "value", "as": "first"}],
            "groupby": ["key"],
            "sort": [{"field": "d"}],
            "frame": [None, None],
        },
        {"calculate": "datum.value / datum.first", "as": "rel"},
    ]
    years: Spec = {
        "orient": "bottom", "grid": False, "offset": bottom - frame.height + 2, "labelFontSize": 11, "tickCount": {"expr": "narrow ? 4 : 10"},
        "labelExpr": "timeFormat(datum.value, '%Y')", "labelOverlap": "greedy", "labelSeparation": 16, "labelFlush": True,
        "values": {"expr": "sequence(2000, 2060)"},
    }  # fmt: skip
    del years["values"]
    years["tickCount"] = "year"
    x: Spec = {"field": "date", "type": "temporal", "axis": years,
               "scale": {"type": "utc", "domain": {"expr": f"[{key.bounds[0]}, {key.bounds[1]}]"}, "range": [2, {"expr": "width - 2"}], "nice": False}}  # fmt: skip
    y: Spec = {
        "field": "rel",
        "type": "quantitative",
        "axis": None,
        "scale": {"type": "log", "range": [bottom - 8, top + 4], "nice": False},
    }
    stroke = {
        "field": "key",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(key.fields), "range": [colour(t, i)[0] for i, t in enumerate(key.tickers)]},
    }
    drag = f"[pointerdown[y() > {top - 6}], window:pointerup] > window:pointermove!"
    brush: Spec = {
        "name": "brush",
        "select": {
            "type": "interval", "encodings": ["x"], "on": drag, "translate": drag, "zoom": False,
            "clear": [{"source": "view", "type": "dblclick"}, {"signal": "rangekey"}],
            "mark": {"fillOpacity": 0, "strokeOpacity": 0, "cursor": "grab"},
        },
    }  # fmt: skip
    window: Spec = {
        "data": {"name": "view"},
        "transform": [{"calculate": "max(left, datum.lo * 0 + left)", "as": "date"}, {"calculate": "hi", "as": "until"}],
        "mark": {"type": "rect", "color": by_theme(GRID), "opacity": 0.9, "cornerRadius": 3},
        "encoding": {"x": {"field": "date", "type": "temporal"}, "x2": {"field": "until"}, "y": {"value": top}, "y2": {"value": bottom}},
    }
    hint: Spec = {
        "data": {"values": [{}]},
        "mark": {
            "type": "text",
            "align": "left",
            "baseline": "bottom",
            "fontSize": 11,
            "color": by_theme(MUTED),
            "text": say("chart.brush"),
        },
        "encoding": {"x": {"value": 2}, "y": {"value": top - 5}},
    }
    return {
        "data": {"name": "prices"},
        "transform": rebased,
        "encoding": {"x": x},
        "layer": [
            window,
            {"mark": {"type": "line", "strokeWidth": 1, "color": by_theme(BASELINE), "opacity": 0.6, "aria": False}, "encoding": {"y": y, "detail": {"field": "key"}}, "params": [brush]},
            {"transform": [{"filter": "datum.date >= left && datum.date <= hi"}], "mark": {"type": "line", "strokeWidth": 1.5, "aria": False}, "encoding": {"y": y, "stroke": stroke}},
            {"data": {"name": "tokens"}, "transform": [_DATE], "mark": {"type": "tick", "orient": "vertical", "size": 5, "thickness": 1, "color": by_theme(MUTED), "aria": False}, "encoding": {"y": {"value": bottom - 3}}},
            hint,
        ],
    }  # fmt: skip


# -- expressions -----------------------------------------------------------------------------------------------------


def _table(values: dict[str, str]) -> str:
    """A JavaScript object literal of strings."""
    quoted = (f"'{key}': '{_escaped(value)}'" for key, value in values.items())
    return "{" + ", ".join(quoted) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _colours(key: Key) -> tuple[str, str]:
    pairs = {f: colour(t, i) for i, (f, t) in enumerate(zip(key.fields, key.tickers, strict=True))}
    return _table({f: p[0] for f, p in pairs.items()}), _table({f: p[1] for f, p in pairs.items()})


def _localised(expression: str, lang: str) -> str:
    """A formatted number with the language's own marks: Vietnamese swaps point and comma."""
    if lang != "vi":
        return expression
    return f"replace(replace(replace({expression}, regexp(',', 'g'), ';'), '.', ','), regexp(';', 'g'), '.')"


def _full_date(expression: str, lang: str) -> str:
    pattern = "%-d/%-m/%Y" if lang == "vi" else "%-d %b %Y"
    return f"utcFormat({expression}, '{pattern}')"
