"""All claims at once: what was found as a share of what was said. Claims that do not hold, or cannot be told, stand by name; those that
hold are a pile around 100 %.

Datasets
    rows  i (place), said, told (what was found), share (per cent, held to the axis), beyond (-1 or 1: it lies past an end), bad (1:
          contradicted)
    held  share, k (place in its pile), said, told
    v     see `charts.impact.frame`; `rows`, `most` (the highest pile), `about` (how many hold)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aftershock.charts.impact.frame import PLAIN, Box, Columns, Drawing, halo, note, parameters, records, x_scale, y_scale
from aftershock.charts.sheet import Sheet, Size, offline, on_page
from aftershock.charts.theme import BASELINE, FONT, GRID, INK, MUTED, Spec, by_theme
from aftershock.charts.timeline import config
from aftershock.charts.timeline.frame import localised
from aftershock.claim_views import found_figure
from aftershock.claims import Checked, Verdict
from aftershock.text import Words, words

GOOD: Final = ("#0072B2", "#56A8DC")
BAD: Final = ("#B84F00", "#F58A3C")
LOW, HIGH, BIN = 0.0, 200.0, 2.0  # per cent of what was said
CROSS: Final = "M-1,-0.7L-0.7,-1L0,-0.3L0.7,-1L1,-0.7L0.3,0L1,0.7L0.7,1L0,0.3L-0.7,1L-1,0.7L-0.3,0Z"
_ROW, _PILE, _AXIS = 42, 124, 44  # pixels: one claim by name, the claims that hold, the axis under all
_DEFAULTS: Final = {"most": 10}


@dataclass(frozen=True, slots=True)
class Key:
    """What the specification depends on: the language, and how many claims stand by name, and whether any holds."""

    lang: str
    rows: int
    held: bool


def key_of(checked: Sequence[Checked], say: Words) -> Key:
    """The key of a selection of claims."""
    named = sum(c.verdict is not Verdict.SUPPORTED for c in checked)
    return Key(say.lang, named, named < len(checked))


def share(checked: Checked) -> float:
    """What was found in per cent of what was said; NaN where nothing was found. A moment of a session counts as said where it is there."""
    if checked.found is None:
        return math.nan
    if checked.found.range is not None and checked.verdict is Verdict.SUPPORTED:
        return 100.0
    return 100 * checked.found.value / float(checked.claim.stated)


def drawing(checked: Sequence[Checked], say: Words) -> Drawing:
    """The claims as data."""
    named = [c for c in checked if c.verdict is not Verdict.SUPPORTED]
    held = [c for c in checked if c.verdict is Verdict.SUPPORTED]
    shares = [share(c) for c in named]
    rows: Columns = {
        "i": list(range(len(named))),
        "said": [c.claim.said.in_(say.lang) for c in named],
        "told": [say("claims_page.found_level", figure=found_figure(c, say)) if c.found else found_figure(c, say) for c in named],
        "share": [min(max(x, LOW), HIGH) for x in shares],
        "beyond": [(x > HIGH) - (x < LOW) for x in shares],
        "bad": [int(c.verdict is Verdict.CONTRADICTED) for c in named],
    }
    places = [round(min(max(share(c), LOW), HIGH) / BIN) * BIN for c in held]
    stacked = [places[:i].count(x) + 1 for i, x in enumerate(places)]
    piles: Columns = {
        "share": places, "k": stacked, "said": [c.claim.said.in_(say.lang) for c in held],
        "told": [found_figure(c, say) for c in held],
    }  # fmt: skip
    most = max(stacked, default=1)
    about = say("claims_page.held", n=len(held))
    return Drawing({"most": float(max(most, 6)), "about": about}, {"rows": rows, "held": piles})


@lru_cache(maxsize=128)
def specification(key: Key) -> Spec:
    """The chart on the page, without its data. Treat the result as read-only."""
    height = _height(key)
    return on_page(height, parameters(_DEFAULTS), _layers(key, Box(0, height)), config())


def interactive(key: Key, made: Drawing) -> Spec:
    """The page's own chart with its data inside, for a file that works offline."""
    return offline(specification(key), {n: records(columns) for n, columns in made.datasets().items()})


def picture(key: Key, made: Drawing, size: Size, said: tuple[str, str, str, str]) -> Spec:
    """A self-contained specification; `said` is title, subtitle, footer and alternative text."""
    title, subtitle, footer, alt = said
    sheet = Sheet(size)
    sheet.heading(title, subtitle)
    foot = sheet.foot(footer)
    room = foot - sheet.y - sheet.px(20)
    box = Box(round(sheet.y + sheet.px(10)), round(foot - sheet.px(10)), min(size.type, room / _height(key)))
    return {
        **sheet.page(alt),
        "params": parameters(_DEFAULTS, fixed=made.scalars),
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "layer": [*_layers(key, box), *sheet.words],
        "datasets": {n: records(columns) for n, columns in made.datasets().items()},
        "config": config(FONT),
    }


def _height(key: Key) -> int:
    return key.rows * _ROW + (_PILE if key.held else 10) + _AXIS


def _layers(key: Key, box: Box) -> list[Spec]:
    say = words(key.lang)
    axis = box.bottom - box.size(_AXIS)
    x = {"field": "share", "type": "quantitative", "axis": None, "scale": x_scale((str(LOW), str(HIGH)), "8", "width - 8")}
    return [*_rows(key, x, box), *_pile(key, x, box, axis), *_axis(x, axis, box, say)]


def _rows(key: Key, x: Spec, box: Box) -> list[Spec]:
    """Each claim by name: the mark of its verdict and its words, and under them a rail with the mark where the figures are."""
    if not key.rows:
        return []
    height = box.size(_ROW)
    lines = {"yw": 9, "yr": 27, "over": 21, "under": 33}
    at = [{"calculate": f"{box.top} + datum.i * {height} + {box.size(dy)}", "as": name} for name, dy in lines.items()]
    pixels = {"type": "quantitative", "axis": None, "scale": {"type": "linear", "domain": [0, 10_000], "range": [0, 10_000], "nice": False}}
    tone = {"expr": f"datum.bad ? ({by_theme(BAD)['expr']}) : ({by_theme(PLAIN)['expr']})"}
    text = {"type": "text", "align": "left", "baseline": "middle"}
    room = {"expr": f"width - {box.size(34)}"}
    said = {**text, "dx": box.size(12), "fontSize": box.size(13), "color": by_theme(INK), "limit": room}
    rail = {"type": "rule", "strokeWidth": box.size(5), "color": by_theme(GRID), "aria": False}
    same = {"type": "rule", "strokeWidth": 1.2, "color": by_theme(BASELINE), "aria": False}
    point = {"type": "point", "filled": True, "opacity": 1, "size": round(box.size(9) ** 2, 1), "color": tone, "aria": False}
    verdict = {"condition": {"test": "datum.bad == 1", "value": CROSS}, "value": "diamond"}
    past = [{"test": "datum.beyond > 0", "value": "triangle-right"}, {"test": "datum.beyond < 0", "value": "triangle-left"}]
    side = "(datum.share > 120 || datum.share < 100 && datum.share > 45)"
    told = {
        **text, "align": {"expr": f"{side} ? 'right' : 'left'"}, "dx": {"expr": f"({side} ? -1 : 1) * {box.size(9)}"},
        "fontSize": box.size(12), "fontWeight": 600, "color": tone,
    }  # fmt: skip
    left, heads, rails = {"x": {"value": 8}}, {"y": {**pixels, "field": "yw"}}, {"y": {**pixels, "field": "yr"}}
    found = {"text": {"field": "told", "type": "nominal"}}
    ends = {"shape": {"condition": past, "value": CROSS}}
    known, unknown = [{"filter": "isValid(datum.share)"}], [{"filter": "!isValid(datum.share)"}]
    full = [*known, {"calculate": f"{LOW}", "as": "share"}, {"calculate": f"{HIGH}", "as": "to"}]
    exact = [*known, {"calculate": "100", "as": "share"}]
    crossing = {"y": {**pixels, "field": "over"}, "y2": {"field": "under"}}
    layers: list[Spec] = [
        {"mark": {**point, "xOffset": box.size(3)}, "encoding": {**left, **heads, "shape": verdict}},
        {"mark": said, "encoding": {**left, **heads, "text": {"field": "said", "type": "nominal"}}},
        {"transform": full, "mark": rail, "encoding": {"x": x, **rails, "x2": {"field": "to"}}},
        {"transform": exact, "mark": same, "encoding": {"x": x, **crossing}},
        {
            "transform": known,
            "mark": point,
            "encoding": {"x": x, **rails, **ends, "tooltip": _tips(key)},
        },
        *({"transform": known, **part} for part in halo(told, {"x": x, **rails, **found})),
        {"transform": unknown, "mark": {**told, "dx": box.size(12), "fontWeight": 400}, "encoding": {**left, **rails, **found}},
    ]
    return [{"data": {"name": "rows"}, "transform": at, "layer": layers}]


def _tips(key: Key) -> list[Spec]:
    say = words(key.lang)
    titles = {"said": "claims_page.said", "told": "claims_page.found"}
    return [{"field": field, "type": "nominal", "title": say(code)} for field, code in titles.items()]


def _pile(key: Key, x: Spec, box: Box, axis: float) -> list[Spec]:
    """The claims that hold, one mark each."""
    if not key.held:
        return []
    top = box.top + key.rows * box.size(_ROW) + box.size(8)
    y = {"field": "k", "type": "quantitative", "axis": None, "scale": y_scale(("0.4", "most + 0.6"), top, axis - 2)}
    dot = {
        "type": "point",
        "filled": True,
        "opacity": 1,
        "color": by_theme(GOOD),
        "size": {"expr": f"pow(min({box.size(8)}, {axis - top} / most), 2)"},
    }
    same = [{"calculate": "100", "as": "share"}]
    line = {"type": "rule", "strokeWidth": 1.2, "color": by_theme(BASELINE), "aria": False}
    about = {
        "type": "text", "align": "left", "baseline": "top", "fontSize": box.size(13), "color": by_theme(GOOD), "fontWeight": 600,
        "dx": box.size(12), "text": {"expr": "datum.about"},
    }  # fmt: skip
    return [
        {"data": {"name": "v"}, "transform": same, "mark": line, "encoding": {"x": x, "y": {"value": top}, "y2": {"value": axis}}},
        {"data": {"name": "held"}, "mark": dot, "encoding": {"x": x, "y": y, "tooltip": _tips(key)}},
        {
            "data": {"name": "v"},
            "mark": {**dot, "size": round(box.size(9) ** 2, 1), "aria": False},
            "encoding": {"x": {"value": 8 + box.size(3)}, "y": {"value": top + box.size(8)}},
        },
        {"data": {"name": "v"}, "mark": about, "encoding": {"x": {"value": 8}, "y": {"value": top}}},
    ]


def _axis(x: Spec, y: float, box: Box, say: Words) -> list[Spec]:
    ticks = [{"share": share_} for share_ in (0, 50, 100, 150, 200)]
    label = {
        "type": "text", "baseline": "top", "dy": 6, "fontSize": box.size(12), "color": by_theme(MUTED),
        "align": {"expr": f"datum.share == {LOW} ? 'left' : datum.share == {HIGH} ? 'right' : 'center'"},
        "text": {"expr": localised("(datum.share + '\u00a0%')", say.lang)},
    }  # fmt: skip
    mark = {"type": "rule", "color": by_theme(BASELINE), "strokeWidth": 1, "aria": False}
    line = {"data": {"values": [{"z": 0}]}, "mark": mark, "encoding": {"x": {"value": 8}, "x2": {"value": "width"}, "y": {"value": y}}}
    return [
        line,
        {"data": {"values": ticks}, "mark": label, "encoding": {"x": x, "y": {"value": y}}},
        note(say("claims_page.axis"), "8", y + box.size(38), box.size(12)),
    ]
