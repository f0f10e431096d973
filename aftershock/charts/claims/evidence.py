"""One claim's evidence: closes and ranges around its sessions, the level that was said, and the level that was found.

Datasets
    bars    o (place), d (day), close, low, high
    counts  o, n: the sessions that were counted, by number; only where a claim is about how many
    levels  kind (base, said, found), price, at (the price at which its words stand), told
    ticks   o, label: the dates under the plot
    v       see `charts.impact.frame`; the ends of the axes, and the band of the sessions that count
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from aftershock.charts.fonts import width
from aftershock.charts.impact.frame import PLAIN, Box, Columns, Drawing, halo, parameters, records, round_ends, x_scale, y_scale
from aftershock.charts.placing import spread
from aftershock.charts.sheet import Sheet, Size, offline, on_page
from aftershock.charts.theme import BAND, BASELINE, FONT, GRID, INK, MUTED, Spec, by_theme, tone
from aftershock.charts.timeline import config
from aftershock.charts.timeline.frame import full_date, localised
from aftershock.claim_evidence import Backdrop
from aftershock.claim_views import figure, found_figure
from aftershock.claims import Checked
from aftershock.text import Words, words

HEIGHT: Final = 220
SAID: Final = ("#5B5EA6", "#A3A6EB")
_DEFAULTS: Final = {"xlo": 0, "xhi": 30, "ylo": 0, "yhi": 1, "first": 1, "last": 1}
_GAP: Final = 17  # from one line of words to the next


@dataclass(frozen=True, slots=True)
class Key:
    """What the specification depends on: the language, the series, and the room for words on the right."""

    lang: str
    ticker: str
    room: int


def key_of(checked: Checked, seen: Backdrop, say: Words) -> Key:
    """The key of a claim's evidence."""
    longest = max((width(told, 13, "SemiBold") for _, _, told in _levels(checked, seen, say)), default=0)
    return Key(say.lang, checked.claim.ticker, 10 * round(longest / 10 + 2))


def _levels(checked: Checked, seen: Backdrop, say: Words) -> list[tuple[str, float, str]]:
    """(kind, price, words) of each level."""
    claim = checked.claim
    levels = (
        ("base", seen.base, "" if seen.base is None else say("claims_page.before", price=say.number(seen.base))),
        ("said", seen.said, say("claims_page.said_level", figure=figure(claim, claim.stated, say))),
        ("found", seen.found, say("claims_page.found_level", figure=found_figure(checked, say))),
    )
    return [(kind, price, told) for kind, price, told in levels if price is not None]


def drawing(checked: Checked, seen: Backdrop, say: Words, box: Box) -> Drawing:
    """The evidence as data; words that would lie on each other are moved apart for this box."""
    bars, found = seen.bars, _levels(checked, seen, say)
    n = len(bars)
    prices = [price for _, price, _ in found]
    ylo, yhi = round_ends(min(bars["low"].min(), *prices, np.inf), max(bars["high"].max(), *prices, -np.inf))
    top, bottom = _plot(box)
    heights = [bottom - (price - ylo) / (yhi - ylo) * (bottom - top) for price in prices]
    placed = spread(heights, box.size(_GAP), top, bottom)
    at = [ylo + (bottom - y) / (bottom - top) * (yhi - ylo) for y in placed]
    levels: Columns = {
        "kind": [k for k, _, _ in found], "price": prices, "at": at, "told": [t for _, _, t in found],
        "from": [seen.first - 1 if k == "base" else seen.first - 0.5 if k == "said" else seen.last for k, _, _ in found],
    }  # fmt: skip
    table: Columns = {
        "o": np.arange(n), "d": bars.index.to_numpy().astype("datetime64[D]").astype("int64"),
        **{c: np.round(bars[c].to_numpy(dtype=float), 4) for c in ("close", "low", "high")},
    }  # fmt: skip
    marked = [i for i in (0, seen.first, n - 1) if i == seen.first or abs(i - seen.first) > n / 4]
    ticks: Columns = {"o": marked, "label": [say.date(bars.index[i]) for i in marked], "main": [int(i == seen.first) for i in marked]}
    scalars: dict[str, float | str] = {
        "xlo": -0.5, "xhi": n - 0.5, "ylo": ylo, "yhi": yhi, "first": seen.first - 0.5, "last": seen.last + 0.5,
    }  # fmt: skip
    counted = range(seen.first, seen.last + 1) if checked.claim.unit == "sessions" else range(0)
    counts: Columns = {"o": list(counted), "n": [str(i - seen.first + 1) for i in counted]}
    return Drawing(scalars, {"bars": table, "levels": levels, "counts": counts, "ticks": ticks})


def _plot(box: Box) -> tuple[float, float]:
    return box.top + box.size(10), box.bottom - box.size(28)


@lru_cache(maxsize=256)
def specification(key: Key) -> Spec:
    """The chart on a card, without its data. Treat the result as read-only."""
    return on_page(HEIGHT, parameters(_DEFAULTS), _layers(key, Box(0, HEIGHT)), config())


def interactive(key: Key, made: Drawing) -> Spec:
    """The card's own chart with its data inside, for a file that works offline."""
    return offline(specification(key), {n: records(columns) for n, columns in made.datasets().items()})


def picture(key: Key, checked: Checked, seen: Backdrop, say: Words, size: Size, said: tuple[str, str, str, str]) -> Spec:
    """A self-contained specification; `said` is title, subtitle, footer and alternative text."""
    title, subtitle, footer, alt = said
    sheet = Sheet(size)
    sheet.heading(title, subtitle)
    foot = sheet.foot(footer)
    box = Box(round(sheet.y + sheet.px(14)), round(foot - sheet.px(10)), size.type)
    made = drawing(checked, seen, say, box)
    return {
        **sheet.page(alt),
        "params": parameters(_DEFAULTS, fixed=made.scalars),
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "layer": [*_layers(key, box), *sheet.words],
        "datasets": {n: records(columns) for n, columns in made.datasets().items()},
        "config": config(FONT),
    }


def _layers(key: Key, box: Box) -> list[Spec]:
    top, bottom = _plot(box)
    shades = tone(key.ticker)
    plot = f"(width - {box.size(key.room)})"
    x = {"field": "o", "type": "quantitative", "axis": None, "scale": x_scale(("xlo", "xhi"), "0", plot)}
    y = {"field": "close", "type": "quantitative", "axis": None, "scale": y_scale(("ylo", "yhi"), top, bottom)}
    band = {"type": "rect", "color": by_theme(BAND), "aria": False}
    sessions = [{"calculate": "first", "as": "o"}, {"calculate": "last", "as": "to"}]
    line = {"type": "line", "strokeWidth": box.size(2), "color": by_theme(shades)}
    number = {"type": "text", "baseline": "top", "fontSize": box.size(12), "fontWeight": 600, "color": by_theme(INK)}
    span = {"type": "rule", "strokeWidth": box.size(3), "color": by_theme(GRID), "aria": False}
    return [
        {
            "encoding": {"x": x, "y": y},
            "layer": [
                {"data": {"name": "v"}, "transform": sessions, "mark": band,
                 "encoding": {"x2": {"field": "to"}, "y": {"value": top}, "y2": {"value": bottom}}},
                {"data": {"name": "bars"}, "mark": span,
                 "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}},
                {"data": {"name": "bars"}, "mark": line},
                {"data": {"name": "counts"}, "mark": number,
                 "encoding": {"y": {"value": top + 4}, "text": {"field": "n", "type": "nominal"}}},
                *_level_marks(shades, box, plot),
                _hover(key, top, bottom),
            ],
        },
        _dates(x, bottom, box),
    ]  # fmt: skip


def _level_marks(own: tuple[str, str], box: Box, plot: str) -> list[Spec]:
    """A rule from the sessions to the right, a mark of its own shape, and the words beside the plot."""
    ink = {"base": MUTED, "said": SAID, "found": own}
    shades = " : ".join(f"datum.kind == '{k}' ? ({by_theme(pair)['expr']})" for k, pair in ink.items()) + f" : ({by_theme(PLAIN)['expr']})"
    dashed = {"condition": {"test": "datum.kind == 'found'", "value": [1, 0]}, "value": [4, 3]}
    x = {"x": {"field": "from", "type": "quantitative"}, "x2": {"value": {"expr": plot}}}
    y = {"y": {"field": "price", "type": "quantitative"}}
    rule = {"type": "rule", "strokeWidth": box.size(1.5), "color": {"expr": shades}, "aria": False}
    shape = {"condition": [{"test": "datum.kind == 'said'", "value": "diamond"}], "value": "circle"}
    point = {"type": "point", "filled": True, "opacity": 1, "size": box.size(box.size(70)), "color": {"expr": shades}, "aria": False}
    words_ = {
        "type": "text", "align": "left", "baseline": "middle", "dx": 6, "fontSize": box.size(12.5), "fontWeight": 600,
        "color": {"expr": shades},
    }  # fmt: skip
    written = {"x": {"value": {"expr": plot}}, "y": {"field": "at", "type": "quantitative"}, "text": {"field": "told", "type": "nominal"}}
    stands = [{"filter": "datum.kind != 'base'"}, {"calculate": "max(datum.from, first + 0.5)", "as": "o"}]
    return [
        {"data": {"name": "levels"}, "mark": rule, "encoding": {**x, **y, "strokeDash": dashed}},
        {"data": {"name": "levels"}, "transform": stands, "mark": point, "encoding": {**y, "shape": shape}},
        *({"data": {"name": "levels"}, **part} for part in halo(words_, written)),
    ]


def _dates(x: Spec, y: float, box: Box) -> Spec:
    label = {
        "type": "text", "baseline": "top", "dy": box.size(8), "fontSize": box.size(11.5),
        "color": {"expr": f"datum.main ? ({by_theme(INK)['expr']}) : ({by_theme(MUTED)['expr']})"},
        "align": {"expr": "datum.o < 1 && !datum.main ? 'left' : datum.o > xhi - 1 ? 'right' : 'center'"},
    }  # fmt: skip
    base = {"type": "rule", "color": by_theme(BASELINE), "strokeWidth": 1, "aria": False}
    ends = [{"calculate": "xlo", "as": "o"}, {"calculate": "xhi", "as": "to"}]
    return {
        "encoding": {"x": x, "y": {"value": y}},
        "layer": [
            {"data": {"name": "v"}, "transform": ends, "mark": base, "encoding": {"x2": {"field": "to"}}},
            {"data": {"name": "ticks"}, "mark": label, "encoding": {"text": {"field": "label", "type": "nominal"}}},
        ],
    }


def _hover(key: Key, top: float, bottom: float) -> Spec:
    """The closes under the pointer."""
    say = words(key.lang)
    made: list[Spec] = [
        {"calculate": "datum.o - 0.5", "as": "from"},
        {"calculate": "datum.o + 0.5", "as": "to"},
        {"calculate": full_date("datum.d * 86400000", key.lang), "as": "day"},
    ]
    for field in ("close", "low", "high"):
        made.append({"calculate": localised(f"(format(datum.{field}, ',.2f'))", key.lang), "as": f"t_{field}"})
    titles = {"day": "session", "t_close": "close", "t_low": "low", "t_high": "high"}
    tips = [{"field": field, "type": "nominal", "title": say(f"chart.{code}")} for field, code in titles.items()]
    return {
        "data": {"name": "bars"},
        "transform": made,
        "mark": {"type": "rect", "color": by_theme(BASELINE), "opacity": 0.001, "aria": False},
        "encoding": {
            "x": {"field": "from", "type": "quantitative"}, "x2": {"field": "to"}, "y": {"value": top}, "y2": {"value": bottom},
            "tooltip": tips,
        },
    }  # fmt: skip
