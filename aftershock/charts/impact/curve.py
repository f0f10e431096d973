"""The specification curve: what every reasonable choice says, sorted, with its interval; under it which choices they were.

Datasets
    specs  i (rank), car, lo, hi (per cent), sig, head (1 for the headline's choice), and per kind of choice the number of its row
    v      see `frame`; also `told`, the headline's CAR in words
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from aftershock import captions
from aftershock.charts.fonts import width
from aftershock.charts.impact.frame import PLAIN, Box, Drawing, Key, either, halo, note, percent_axis, round_ends, x_scale, y_scale, zero
from aftershock.charts.theme import BASELINE, GRID, INK, MUTED, Spec, by_theme
from aftershock.charts.timeline.frame import escaped, localised
from aftershock.impact import Impact
from aftershock.significance.distributions import t_quantile
from aftershock.text import Words, words

ROW: Final = 15
GAP: Final = 7  # between kinds of choices
UPPER: Final = 250
DEFAULTS: Final = {"xlo": -0.5, "xhi": 10, "ylo": -10, "yhi": 10, "head": -1, "own": 0, "each": 1}
KINDS: Final = ("model", "benchmark", "length", "gap", "window", "returns", "anchor")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of choice: its options in a reader's order, and for every row of the curve which of them (-1: none)."""

    name: str
    options: tuple[object, ...]
    codes: np.ndarray


@lru_cache(maxsize=16)
def _kinds(impact: Impact) -> tuple[_Kind, ...]:
    """The kinds of choices that have a choice. Kept: rows and data are made of the same."""
    frame, found = impact.curve.frame, []
    for kind in KINDS:
        if kind == "window":
            first, last = (frame[c].to_numpy() for c in ("window_first", "window_last"))
            seen, codes = np.unique(np.stack([last - first, first, last]), axis=1, return_inverse=True)
            options: list[object] = [(int(f), int(t)) for _, f, t in seen.T]
        else:
            codes, unique = frame[kind].factorize()
            order = sorted(range(len(unique)), key=lambda i: _rank(unique[i]))
            places = np.empty(len(unique), dtype=np.int64)
            places[order] = np.arange(len(unique))
            options, codes = [unique[i] for i in order], places[codes]
            if "" in options:  # no benchmark
                codes, options = np.where(codes == options.index(""), -1, codes - (codes > options.index(""))), [o for o in options if o]
        if len(options) > 1:
            found.append(_Kind(kind, tuple(options), codes.ravel()))
    return tuple(found)


def _rank(option: object) -> tuple[int, bool, object]:
    known = ("market", "market-adjusted", "mean-adjusted", "simple", "log", "reaction", "next", "previous")
    return (known.index(str(option)) if option in known else 99, not str(option).startswith("^"), option)


def rows(impact: Impact, say: Words) -> tuple[tuple[str, str], ...]:
    """The matrix's rows as (kind, label): every option that occurs, kinds without a choice left out."""
    return tuple((kind.name, _label(kind.name, option, say)) for kind in _kinds(impact) for option in kind.options)


def _label(kind: str, option: object, say: Words) -> str:
    if kind == "benchmark":
        return captions.name(str(option), say) if str(option) != "peers" else say("impact_chart.peers")
    if kind in ("length", "gap"):
        return say(f"impact_chart.{kind}", n=int(str(option)))
    if kind == "window":
        assert isinstance(option, tuple)
        return say("impact_chart.window", window=_bracket(int(option[0]), int(option[1])))
    return say(f"impact_chart.{kind}_{option}")


def _bracket(first: int, last: int) -> str:
    one, two = (f"{x:+d}".replace("-", "−") if x else "0" for x in (first, last))
    return f"[{one}, {two}]"


def drawing(impact: Impact, say: Words) -> Drawing:
    """The curve as data, in per cent."""
    frame = impact.curve.frame
    car, df = frame["car"].to_numpy(), frame["df"].to_numpy()
    reach = frame["se"].to_numpy() * np.array([t_quantile(0.975, float(x)) for x in df.tolist()])
    data: dict[str, np.ndarray] = {
        "i": np.arange(len(frame), dtype="int16"), "car": np.round(100 * car, 4), "lo": np.round(100 * (car - reach), 4),
        "hi": np.round(100 * (car + reach), 4), "sig": frame["significant"].to_numpy().astype("int8"),
    }  # fmt: skip
    at = 0
    for kind in _kinds(impact):
        data[kind.name] = np.where(kind.codes < 0, -1, kind.codes + at).astype("int8")
        at += len(kind.options)
    mine = np.flatnonzero((frame["headline"] & (frame["anchor"] == "reaction")).to_numpy())
    head = int(mine[0]) if len(mine) else -1
    n = len(frame)
    ylo, yhi = round_ends(float(data["lo"].min()), float(data["hi"].max())) if n else (-1.0, 1.0)
    scalars: dict[str, float | str] = {
        "xlo": -1.0, "xhi": float(max(n, 1)), "ylo": min(ylo, -0.5), "yhi": max(yhi, 0.5), "head": float(head),
        "own": 100 * float(car[head]) if head >= 0 else 0.0, "each": float(max(n, 1)),
        "told": say("impact_chart.ours", move=say.percent(float(car[head]), 1)) if head >= 0 else "",
    }  # fmt: skip
    return Drawing(scalars, {"specs": data})


def height(key: Key) -> int:
    """How tall the exhibit is: the curve and its matrix."""
    return round(UPPER + _matrix_height(key, 1.0) + 26)


def _matrix_height(key: Key, type_: float) -> float:
    kinds = len({kind for kind, _ in key.rows})
    return (len(key.rows) * ROW + max(kinds - 1, 0) * GAP) * type_


def layers(key: Key, box: Box) -> list[Spec]:
    """The curve over the matrix."""
    say = words(key.lang)
    room = box.bottom - box.top - box.size(26)
    scale = min(box.type, room * 0.56 / _matrix_height(key, 1.0)) if key.rows else box.type  # the matrix may not eat the curve
    matrix = _matrix_height(key, scale)
    base = box.bottom - box.size(6) - matrix
    upper = box.top + box.size(24), base - box.size(18)
    left = f"(narrow ? {box.size(122)} : {box.size(172)})"
    x = {
        "field": "i",
        "type": "quantitative",
        "axis": None,
        "scale": x_scale((f"xlo - (xhi - xlo) * {left} / (width - {left})", "xhi"), "0", "width"),
    }
    y = {
        "field": "car",
        "type": "quantitative",
        "scale": y_scale(("ylo", "yhi"), *upper),
        "axis": percent_axis(key, box, upper[1] - upper[0]),
    }
    stroke = f"max(0.6, min({box.size(2)}, (width - {left}) / each * 0.62))"
    tone = either("datum.sig", key.tone, PLAIN)
    small = box.size(12)
    curve: Spec = {
        "encoding": {"x": x, "y": y},
        "layer": [zero(left), _intervals(tone, stroke), _dots(key, tone, box, base + matrix, box.top + box.size(18)), *_ours(key, box)],
    }
    return [
        _ours_rule(x, box.top + box.size(24), base + matrix),
        curve,
        *_matrix(key, x, left, base, scale, tone, stroke),
        note(say("impact_chart.significant"), 0, box.top + box.size(10), small, tone=key.tone, weight=600),
        note(
            say("impact_chart.plain"),
            width(say("impact_chart.significant"), small, "SemiBold") + box.size(14),
            box.top + box.size(10),
            small,
            tone=PLAIN,
            weight=600,
        ),
    ]


def _intervals(tone: Spec, stroke: str) -> Spec:
    mark = {"type": "rule", "strokeWidth": {"expr": stroke}, "color": tone, "opacity": 0.45, "aria": False}
    return {"data": {"name": "specs"}, "mark": mark, "encoding": {"y": {"field": "lo", "type": "quantitative"}, "y2": {"field": "hi"}}}


def _dots(key: Key, tone: Spec, box: Box, bottom: float, top: float) -> Spec:
    """The estimates, and over each a strip as tall as the exhibit that says what the choice was."""
    say = words(key.lang)
    dot = {"type": "point", "filled": True, "opacity": 1, "size": box.size(9), "color": tone, "aria": False}
    names = {kind: [label for k, label in key.rows if k == kind] for kind in dict.fromkeys(k for k, _ in key.rows)}
    start, made, tips = 0, [], []
    for kind, labels in names.items():
        literal = "[" + ", ".join(f"'{escaped(label)}'" for label in labels) + "]"
        made.append({"calculate": f"datum.{kind} < 0 ? '–' : {literal}[datum.{kind} - {start}]", "as": f"t_{kind}"})
        tips.append({"field": f"t_{kind}", "type": "nominal", "title": say(f"impact_chart.kind_{kind}")})
        start += len(labels)
    told = localised("(replace(format(datum.car, '+.2f'), '-', '−'))", key.lang) + " + '\u00a0%'"
    made.append({"calculate": told, "as": "t_car"})
    tips.insert(0, {"field": "t_car", "type": "nominal", "title": say("impact_chart.cumulated")})
    made += [{"calculate": "datum.i - 0.5", "as": "from"}, {"calculate": "datum.i + 0.5", "as": "to"}]
    strip = {"type": "rect", "color": by_theme(BASELINE), "aria": False}
    hover = {"name": "over", "select": {"type": "point", "fields": ["i"], "on": "pointerover", "clear": "pointerout"}}
    shade = {"condition": {"param": "over", "empty": False, "value": 0.3}, "value": 0.001}
    wide = {"x": {"field": "from", "type": "quantitative"}, "x2": {"field": "to"}}
    across = {**wide, "y": {"value": top}, "y2": {"value": bottom}, "opacity": shade, "tooltip": tips}
    return {
        "data": {"name": "specs"},
        "layer": [{"mark": dot}, {"transform": made, "params": [hover], "mark": strip, "encoding": across}],
    }


def _ours_rule(x: Spec, top: float, bottom: float) -> Spec:
    """Where the headline's own choice stands, through curve and matrix."""
    mark = {"type": "rule", "strokeWidth": 1, "strokeDash": [3, 3], "color": by_theme(INK), "aria": False}
    made = [{"filter": "head >= 0"}, {"calculate": "head", "as": "i"}]
    return {"data": {"name": "v"}, "transform": made, "mark": mark, "encoding": {"x": x, "y": {"value": top}, "y2": {"value": bottom}}}


def _ours(key: Key, box: Box) -> list[Spec]:
    """The headline's choice: a ring, and its words."""
    made = [{"filter": "head >= 0"}, {"calculate": "head", "as": "i"}, {"calculate": "datum.own", "as": "car"}]
    ring = {
        "type": "point",
        "filled": False,
        "opacity": 1,
        "size": box.size(90),
        "strokeWidth": box.size(2),
        "color": by_theme(INK),
        "aria": False,
    }
    inward = "head > each / 2"
    text = {
        "type": "text", "fontSize": box.size(13), "fontWeight": 700, "color": by_theme(INK), "baseline": "alphabetic",
        "align": {"expr": f"{inward} ? 'right' : 'left'"}, "dx": {"expr": f"{inward} ? -7 : 7"},
    }  # fmt: skip
    words_ = halo(text, {"y": {"value": box.top + box.size(34)}, "text": {"field": "told", "type": "nominal"}})
    return [{"data": {"name": "v"}, "transform": made, **part} for part in ({"mark": ring}, *words_)]


def _matrix(key: Key, x: Spec, left: str, base: float, scale: float, tone: Spec, stroke: str) -> list[Spec]:
    """A line per option with a tick under each estimate that used it."""
    if not key.rows:
        return []
    places, y, last = [], base, key.rows[0][0]
    for kind, _ in key.rows:
        y += GAP * scale if kind != last else 0
        places.append(round(y + ROW * scale / 2, 1))
        y += ROW * scale
        last = kind
    kinds = list(dict.fromkeys(kind for kind, _ in key.rows))
    scaled = {"domain": [0, 4000], "range": [0, 4000], "zero": False, "nice": False}  # heights are pixels already
    at = {"field": "py", "type": "quantitative", "axis": None, "scale": scaled}
    size = round(ROW * scale * 0.66, 1)
    tick = {"type": "rule", "strokeWidth": {"expr": stroke}, "color": tone, "opacity": 0.9, "aria": False}
    made = [
        {"fold": kinds, "as": ["kind", "row"]},
        {"filter": "datum.row >= 0"},
        {"calculate": f"[{', '.join(map(str, places))}][datum.row]", "as": "middle"},
        {"calculate": f"datum.middle - {size / 2}", "as": "py"},
        {"calculate": f"datum.middle + {size / 2}", "as": "py2"},
    ]
    table = [{"t": label, "py": place} for (_, label), place in zip(key.rows, places, strict=True)]
    label = {"type": "text", "align": "left", "baseline": "middle", "fontSize": round(11.5 * scale, 1), "color": by_theme(MUTED)}
    line = {"type": "rule", "color": by_theme(GRID), "strokeWidth": 1, "aria": False}
    across = {"y": at, "x": {"value": {"expr": left}}, "x2": {"value": "width"}}
    named = {"y": at, "x": {"value": 0}, "text": {"field": "t", "type": "nominal"}}
    return [
        {"data": {"values": table}, "mark": line, "encoding": across},
        {"data": {"name": "specs"}, "transform": made, "mark": tick, "encoding": {"x": x, "y": at, "y2": {"field": "py2"}}},
        {"data": {"values": table}, "mark": label, "encoding": named},
    ]
