"""Specifications are valid Vega-Lite and can be drawn; labels of a picture lie on nothing; pictures have no controls."""

from __future__ import annotations

import datetime as dt
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import altair
import jsonschema
import numpy as np
import pandas as pd
import pytest
import vl_convert
from hypothesis import assume, given
from hypothesis import strategies as st

from aftershock import exhibits
from aftershock.charts import candles, fonts
from aftershock.charts import timeline as chart
from aftershock.charts.placing import Box, Polyline, overlap, place
from aftershock.charts.sheet import SIZES
from aftershock.charts.theme import FILLS, LETTERS, SHAPES, looks
from aftershock.events import Category
from aftershock.text import LANGUAGES, words
from aftershock.views import Scale, Show, View
from aftershock.workspace import Workspace

SHOCK = View(dt.date(2025, 1, 20), dt.date(2025, 2, 14))
ALL = View(dt.date(2021, 7, 1), dt.date(2026, 6, 11))
CRASH = "deepseek-crash-2025-01-27"
TICKERS = ("^IXIC", "NVDA", "^GSPC", "AMD")


@cache
def schema() -> jsonschema.Draft7Validator:
    """The Vega-Lite schema that altair ships: its own makers' word on what a specification may hold."""
    path = Path(altair.__file__).parent / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))


def everything(spec: Any) -> list[dict[str, Any]]:
    """All objects in a specification, at any depth."""
    if isinstance(spec, dict):
        return [spec, *(found for value in spec.values() for found in everything(value))]
    return [found for value in spec for found in everything(value)] if isinstance(spec, list) else []


def test_the_schema_is_of_the_version_that_draws() -> None:
    """The schema and the compiler are the same Vega-Lite, major and minor."""
    assert altair.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0] == vl_convert.get_vegalite_versions()[-1]


# -- the interactive view --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "count"),
    [*((scale, 2) for scale in Scale), (Scale.REBASED, 1), (Scale.PERCENT, 3), (Scale.PRICE, 1), (Scale.PRICE, 4)],
)
def test_the_interactive_view_is_valid_and_compiles(scale: Scale, count: int, workspace: Workspace) -> None:
    """Every scale with one to four series. What the schema does not know and Vega does: several events that make or clear a selection,
    and a brush without a fill.
    """
    view = replace(SHOCK, series=TICKERS[:count], scale=scale, lang=LANGUAGES[count % 2])
    spec = exhibits.timeline(workspace, view).interactive()
    vega = vl_convert.vegalite_to_vega(spec)
    assert {"brush", "pick"} <= {s["name"].split("_")[0] for s in vega["signals"]}
    brushes = [o["select"] for o in everything(spec) if o.get("name") == "brush"]
    assert len(brushes) == 1
    copy = json.loads(json.dumps(spec, allow_nan=False))
    for found in everything(copy):
        if found.get("name") in ("brush", "pick"):
            streams = found["select"].pop("clear" if found["name"] == "brush" else "on")
            assert {"signal"} <= {key for stream in streams for key in stream}, "the page can clear it"
            found["select"].pop("mark", None)
    assert [e.message[:200] for e in schema().iter_errors(copy)] == []


def test_the_specification_is_built_once_per_kind(workspace: Workspace) -> None:
    """Range, filters and selection travel as data: views that differ only in them share one specification."""
    say = words("en")
    one = workspace.timeline(SHOCK)
    other = workspace.timeline(replace(SHOCK, first=dt.date(2025, 2, 3), categories=("earnings",), event=CRASH))
    assert chart.specification(chart.key_of(one, say)) is chart.specification(chart.key_of(other, say))
    german = chart.specification(chart.key_of(workspace.timeline(replace(SHOCK, scale=Scale.PRICE)), say))
    assert german is not chart.specification(chart.key_of(one, say))


def test_drawing_does_not_change_the_kept_specification(workspace: Workspace) -> None:
    """What is kept stays as it was after an export and after a page has put its data in."""
    spec = chart.specification(chart.key_of(workspace.timeline(SHOCK), words("en")))
    before = json.dumps(spec, sort_keys=True)
    exhibit = exhibits.timeline(workspace, SHOCK)
    exhibit.interactive()
    exhibit.picture("article")
    assert json.dumps(spec, sort_keys=True) == before
    assert "datasets" not in spec


def test_the_datasets_say_what_the_timeline_says(workspace: Workspace) -> None:
    """Days as numbers, the range in milliseconds, the base before it, a token per session with its number."""
    shown = workspace.timeline(SHOCK)
    data = chart.datasets(shown, words("en"), pd.Timestamp(2025, 1, 27))
    ms = 86_400_000
    row = data["view"].iloc[0]
    # days since 1970: 17 January 2025 is day 20,105
    assert (row["base"], row["lo"], row["hi"], row["sel"]) == (20105 * ms, 20108 * ms, 20133 * ms, 20115 * ms)
    prices = data["prices"].set_index("d")
    assert prices.loc[20115].to_numpy() == pytest.approx([19341.83, 118.42], rel=1e-6)
    tokens = data["tokens"].set_index("d")
    assert tokens.loc[[20109, 20115], "n"].tolist() == [1, 2]
    assert tokens.loc[20109, "pub"] == 20108  # R1 came on the holiday, the day before its session
    assert tokens.loc[20115, "k"] == 4
    assert "17.0" in tokens.loc[20115, "moved"] or "16.97" in tokens.loc[20115, "moved"]
    assert tokens["n"].notna().sum() == 8
    assert chart.milliseconds(dt.date(1970, 1, 2)) == ms
    assert chart.day_numbers([pd.Timestamp(1970, 1, 2)]).tolist() == [1]


def test_what_keeps_its_place_in_the_lane_is_not_called_important(workspace: Workspace) -> None:
    """Importance is the event's own, 1 to 3; the finding's session is kept before others, and in a picture what its key names."""
    shown = workspace.timeline(ALL)
    found = shown.finding
    assert found
    tokens = chart.datasets(shown, words("en"), None)["tokens"].set_index("d")
    assert tokens["imp"].tolist() == [mark.lead.importance for mark in shown.marks]
    assert tokens.index[tokens["keep"] == 1].tolist() == chart.day_numbers([found.session]).tolist()
    assert set(tokens["keep"]) == {0, 1}
    picture = exhibits.timeline(workspace, ALL).picture("article")
    drawn = picture["datasets"]["tokens"]
    assert [row["imp"] for row in drawn] == tokens["imp"].tolist()
    kept = {row["n"] for row in drawn if row["keep"] == chart.NAMED}
    assert 1 < len(kept) <= 9
    ranks = [t["sort"] for o in everything(picture) for t in o.get("transform", []) if "rank" in [w.get("as") for w in t.get("window", [])]]
    lanes = [[s["field"] for s in sort] for sort in ranks if "keep" in [s["field"] for s in sort]]
    assert lanes == [["chosen", "keep", "imp", "k", "d"]]


def test_an_apostrophe_in_a_name_does_not_end_an_expression(workspace: Workspace) -> None:
    """Names of series become data or are escaped: a quote or a backslash in one breaks nothing."""
    key = chart.key_of(workspace.timeline(SHOCK), words("en"))
    hostile = replace(key, names=('L\'Oréal \\ "x" </script>', "'+alert(1)+'"))
    spec = dict(chart.specification(hostile)) | {"datasets": {"prices": [], "tokens": [], "view": []}, "width": 800}
    vl_convert.vegalite_to_vega(spec)
    svg = vl_convert.vegalite_to_svg(spec)
    assert svg.startswith("<svg")


# -- pictures --------------------------------------------------------------------------------------------------------

PICTURES = [
    ("article", replace(SHOCK, lang="vi")),
    ("article", replace(SHOCK, event=CRASH)),
    ("slide", replace(SHOCK, series=TICKERS, scale=Scale.PRICE)),
    ("slide", replace(ALL, lang="vi", scale=Scale.LOG)),
    ("square", replace(SHOCK, series=TICKERS, scale=Scale.PERCENT, lang="vi", event=CRASH)),
    ("square", replace(ALL, series=TICKERS)),
    ("article", replace(SHOCK, find="zzzz")),
    ("article", View(dt.date(2025, 1, 18), dt.date(2025, 1, 20))),
    ("square", View(dt.date(2025, 1, 27), dt.date(2025, 1, 27), series=("NVDA",), lang="vi")),
]
NAMES = [f"{size}-{view.first}-{view.scale}-{len(view.series)}-{view.lang}" for size, view in PICTURES]


@pytest.mark.parametrize(("size", "view"), PICTURES, ids=NAMES)
def test_a_picture_is_valid_and_has_no_controls(size: str, view: View, workspace: Workspace) -> None:
    """Valid by the schema without exception, its data inside, of its size; nothing to select, nothing to brush."""
    spec = exhibits.timeline(workspace, view).picture(size)
    assert [e.message[:200] for e in schema().iter_errors(spec)] == []
    assert not [o for o in everything(spec) if "select" in o]
    assert not [o for o in everything(spec) if "url" in o]
    padding = spec["padding"]
    assert spec["width"] + padding["left"] + padding["right"] == SIZES[size].width
    assert spec["height"] == SIZES[size].height
    text = json.dumps(spec, allow_nan=False, ensure_ascii=False)
    assert words(view.lang)("chart.brush") not in text, "a picture has no overview"
    svg = ET.fromstring(_svg(size, view))  # noqa: S314
    assert (svg.get("width"), svg.get("height")) == (str(SIZES[size].width), str(SIZES[size].height))


@cache
def _svg(size: str, view: View) -> str:
    """A picture as the renderer draws it."""
    fonts.register()
    return str(vl_convert.vegalite_to_svg(exhibits.timeline(_workspace(), view).picture(size)))


_workspace = cache(Workspace.open)


@cache
def _drawn(size: str, view: View) -> Drawn:
    """A picture's texts and lines."""
    return read_svg(_svg(size, view))


Drawn = tuple[list[tuple[str, Box, dict[str, str]]], list[tuple[str, Polyline]]]


def read_svg(svg: str) -> Drawn:
    """The texts of a picture with the room that they take, and the price lines with their colours, read from its SVG."""
    root = ET.fromstring(svg)  # noqa: S314
    texts: list[tuple[str, Box, dict[str, str]]] = []
    lines: list[tuple[str, Polyline]] = []

    def walk(node: ET.Element, x: float, y: float, within: str) -> None:
        if moved := re.search(r"translate\(([-\d.]+),?\s*([-\d.]+)?\)", node.get("transform", "")):
            x, y = x + float(moved[1]), y + float(moved[2] or 0)
        within = node.get("class", within)
        if node.tag.endswith("text") and node.text and node.get("stroke") is None and float(node.get("opacity", "1")) > 0:
            size_ = float(node.get("font-size", "11px").removesuffix("px"))
            weight = {"700": "Bold", "bold": "Bold", "600": "SemiBold"}.get(node.get("font-weight", ""), "Regular")
            wide = fonts.width(node.text, size_, weight)
            left = x - {"middle": wide / 2, "end": wide}.get(node.get("text-anchor", ""), 0)
            # capitals and figures reach 0.72 of the size above the line, descenders 0.2 under it
            texts.append((node.text, (left, y - 0.72 * size_, left + wide, y + 0.2 * size_), dict(node.attrib)))
        if node.tag.endswith("path") and "mark-line" in within and node.get("d"):
            points = np.array([[float(n) for n in p.split(",")] for p in re.findall(r"[-\d.]+,[-\d.]+", node.get("d", ""))])
            if len(points) > 1:
                lines.append((node.get("stroke", ""), Polyline(points[:, 0] + x, points[:, 1] + y)))
        for child in node:
            walk(child, x, y, within)

    walk(root, 0.0, 0.0, "")
    return texts, lines


@pytest.mark.parametrize(("size", "view"), PICTURES, ids=NAMES)
def test_no_label_of_a_picture_lies_on_another(size: str, view: View, workspace: Workspace) -> None:
    """Title, labels, axis, lane, key and footer: no two texts share any room, and none leaves the picture."""
    texts, _ = _drawn(size, view)
    assert len(texts) > 5
    kind = SIZES[size]
    outside = [t for t, box, _ in texts if box[0] < 0 or box[1] < 0 or box[2] > kind.width or box[3] > kind.height]
    assert outside == []
    colliding = [(a, b) for i, (a, one, _) in enumerate(texts) for b, other, _ in texts[i + 1 :] if overlap(one, other)]
    assert colliding == []


@pytest.mark.parametrize(("size", "view"), PICTURES[:6], ids=NAMES[:6])
def test_no_label_of_a_picture_lies_on_a_line(size: str, view: View, workspace: Workspace) -> None:
    """The moves that are written beside their points touch no price line, as the renderer drew it."""
    texts, lines = _drawn(size, view)
    assert len(lines) == len(view.series)
    tones = {look.line[0] for look in looks(view.series)}
    inks = {look.words[0] for look in looks(view.series)}
    labels = [(t, box) for t, box, attributes in texts if attributes.get("fill") in inks]
    assert len(labels) >= len(view.series), "every line is labelled at its end"
    assert [t for t, box in labels for _, line in lines if line.touches(box)] == []
    assert {stroke for stroke, _ in lines} == tones


def test_the_shock_is_written_beside_its_point(workspace: Workspace) -> None:
    """The article's picture says -17.0 % and -3.1 % in the plot, with a true minus."""
    texts, _ = _drawn(*PICTURES[1])
    said = {t.replace("\u00a0", " ") for t, _, _ in texts}
    assert {"−17.0 %", "−3.1 %"} <= said


def test_the_picture_s_key_has_the_numbers_of_the_lane(workspace: Workspace) -> None:
    """Every number in the key stands in the lane too, and the title of R1's session beside its number."""
    texts, _ = _drawn(*PICTURES[0])
    numbers = [t for t, _, attributes in texts if re.fullmatch(r"\d", t) and attributes.get("fill") == "white"]
    assert numbers
    assert all(numbers.count(n) == 2 for n in numbers), numbers


# -- placing ---------------------------------------------------------------------------------------------------------

XS = st.lists(st.floats(0, 400, allow_nan=False).map(lambda x: round(x, 1)), min_size=2, max_size=12, unique=True).map(sorted)


@st.composite
def polylines(draw: st.DrawFn) -> Polyline:
    """A drawn line of some points."""
    x = draw(XS)
    assume(min(b - a for a, b in pairwise(x)) >= 1)
    y = draw(st.lists(st.floats(0, 300), min_size=len(x), max_size=len(x)))
    return Polyline(np.array(x, dtype=float), np.array(y, dtype=float))


@given(polylines(), st.floats(0, 1), st.floats(5, 80), st.floats(5, 30))
def test_a_box_around_a_point_of_a_line_touches_it(line: Polyline, share: float, wide: float, high: float) -> None:
    """No false negative: a box that lies around any point between the line's ends is on the line."""
    x = line.x[0] + share * (line.x[-1] - line.x[0])
    y = float(np.interp(x, line.x, line.y))
    box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    assume(box[0] >= line.x[0] and box[2] <= line.x[-1])
    assert line.touches(box)


@given(polylines(), st.floats(0, 400), st.floats(1, 80), st.floats(1, 50))
def test_a_box_above_or_under_the_whole_line_does_not_touch_it(line: Polyline, left: float, wide: float, high: float) -> None:
    """No false positive far away: above the highest and under the lowest point there is room."""
    top, bottom = float(line.y.min()), float(line.y.max())
    assert not line.touches((left, top - high - 1, left + wide, top - 0.5))
    assert not line.touches((left, bottom + 0.5, left + wide, bottom + high + 1))


BOXES = st.tuples(st.floats(0, 380), st.floats(0, 280), st.floats(1, 80), st.floats(1, 40)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(st.lists(polylines(), min_size=1, max_size=3), st.lists(BOXES, max_size=3), st.integers(0, 100), st.floats(10, 70), st.floats(8, 20))
def test_a_placed_label_touches_nothing(lines: list[Polyline], taken: list[Box], at: int, wide: float, high: float) -> None:
    """A place that is found lies within the room, on no line and on no other label, and has the label's size."""
    room = (0.0, 0.0, 400.0, 300.0)
    line = lines[0]
    i = at % len(line.x)
    box = place((float(line.x[i]), float(line.y[i])), (wide, high), lines, taken, room)
    if box is None:
        return
    assert (box[2] - box[0], box[3] - box[1]) == pytest.approx((wide, high))
    assert room[0] <= box[0] and box[2] <= room[2] and room[1] <= box[1] and box[3] <= room[3]  # noqa: PT018
    assert not any(overlap(box, other) for other in taken)
    for other in lines:
        xs = np.linspace(box[0], box[2], 200)
        xs = xs[(xs >= other.x[0]) & (xs <= other.x[-1])]
        ys = np.interp(xs, other.x, other.y)
        assert not np.any((ys > box[1]) & (ys < box[3]))


def test_a_free_point_gets_the_nearest_place_under_it() -> None:
    """With nothing in the way the label stands centred under its point; without room there is none."""
    line = Polyline(np.array([0.0, 100.0]), np.array([10.0, 10.0]))
    assert place((50, 10), (20, 10), [line], [], (0, 0, 100, 100)) == (40, 15.5, 60, 25.5)
    assert place((50, 10), (20, 10), [line], [], (0, 0, 100, 15)) is None


@pytest.mark.parametrize("heights", [[10.0, 10.0, 90.0, 90.0], [90.0, 90.0, 10.0, 10.0]], ids=["falling", "rising"])
def test_a_steep_stretch_counts_where_it_passes(heights: list[float]) -> None:
    """A line that drops or climbs 80 pixels within one touches a box at mid height, and none beside the step."""
    line = Polyline(np.array([0.0, 50.0, 51.0, 100.0]), np.array(heights))
    assert line.touches((45, 40, 55, 60))
    assert not line.touches((5, 40, 40, 60))
    assert not line.touches((60, 40, 95, 60))


def test_a_taken_place_is_passed_over() -> None:
    """Where another label stands under the point, the next place over it is given."""
    line = Polyline(np.array([0.0, 100.0]), np.array([50.0, 50.0]))
    room = (0.0, 0.0, 100.0, 100.0)
    first = place((50, 50), (20, 10), [line], [], room)
    assert first == (40, 55.5, 60, 65.5)
    assert place((50, 50), (20, 10), [line], [first], room) == (40, 34.5, 60, 44.5)


# -- type and colour -------------------------------------------------------------------------------------------------


def test_text_is_wrapped_and_cut_to_its_room() -> None:
    """No line is wider than its room unless it is one word; nothing is lost by wrapping; a cut ends in an ellipsis and fits."""
    text = "Nhà Đầu Tư: Nvidia giảm 17,0 % ngày 27 tháng 1 năm 2025; Nasdaq Composite giảm 3,1 %"
    lines = fonts.wrap(text, 20, 300)
    assert len(lines) > 1
    assert all(fonts.width(line, 20) <= 300 for line in lines)
    assert " ".join(lines) == text
    short = fonts.cut(text, 20, 300)
    assert short.endswith("…")
    assert text.startswith(short.rstrip("…"))
    assert fonts.width(short, 20) <= 300
    assert fonts.cut("ngắn", 20, 300) == "ngắn"
    assert fonts.wrap("", 20, 300) in ([], [""])


def _luminance(tone: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(tone[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast by WCAG 2: 1 to 21."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_category_has_a_shape_a_letter_and_a_readable_fill() -> None:
    """Nine different shapes, letters and fills; white figures on a fill reach 4.5 : 1."""
    codes = {str(c) for c in Category}
    assert set(SHAPES) == set(LETTERS) == set(FILLS) == codes
    assert len(set(SHAPES.values())) == len(set(LETTERS.values())) == len(set(FILLS.values())) == 9
    assert {c: round(contrast(f, "#FFFFFF"), 2) for c, f in FILLS.items() if contrast(f, "#FFFFFF") < 4.5} == {}


# severity 1.0; Machado, Oliveira, Fernandes, "A physiologically-based model for simulation of color vision deficiency", IEEE TVCG 15 (2009)
EYES = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanope": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TWELVE = ("^IXIC", "NVDA", "^GSPC", "AMD", "TSM", "AVGO", "ASML", "INTC", "PLTR", "005930.KS", "^SOX", "ARM")


def _lab(colour: str, eyes: str) -> np.ndarray:
    """A colour in CIE Lab (D65) as these eyes see it."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.clip(np.array(EYES[eyes]) @ np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4), 0, 1)
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = np.array(to_xyz) @ linear / [0.95047, 1, 1.08883]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_series_colours_stand_out_in_both_themes() -> None:
    """Lines reach 3 : 1 and words 4.5 : 1 on the light and on the dark page; Nvidia and the Nasdaq keep their colours."""
    found = looks(TWELVE)
    for theme, paper in enumerate(("#FFFFFF", "#12161F")):  # the page backgrounds of .streamlit/config.toml
        assert [look.line[theme] for look in found if contrast(look.line[theme], paper) < 3] == []
        assert [look.words[theme] for look in found if contrast(look.words[theme], paper) < 4.5] == []
    assert [look.line[0] for look in looks(("NVDA", "^IXIC"))] == ["#D55E00", "#0072B2"]


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("eyes", list(EYES))
def test_twelve_series_stay_apart_for_every_eye(eyes: str, theme: int) -> None:
    """No two of twelve lines share dashes and colour; those with the same dashes differ by at least 15 in CIE Lab (2.3 is just noticeable)
    for normal, protanope, deuteranope and tritanope eyes, as Machado, Oliveira and Fernandes (2009) simulate them.
    """
    found = looks(TWELVE)
    assert len({(look.line[theme], look.dash) for look in found}) == 12
    near = {
        (a.line[theme], b.line[theme]): distance
        for i, a in enumerate(found)
        for b in found[i + 1 :]
        if a.dash == b.dash and (distance := float(np.linalg.norm(_lab(a.line[theme], eyes) - _lab(b.line[theme], eyes)))) < 15
    }
    assert near == {}


@pytest.mark.parametrize("gone", range(12))
def test_taking_a_series_out_recolours_no_other_of_the_usual(gone: int) -> None:
    """The looks belong to the tickers, not to their places: the other eleven are drawn as before, in any order."""
    usual = ("^IXIC", "NVDA", "^GSPC", "AMD", "TSM", "AVGO", "ASML", "INTC", "MU", "QCOM", "ARM", "SMCI")
    before = dict(zip(usual, looks(usual), strict=True))
    rest = [t for i, t in enumerate(usual) if i != gone]
    for order in (rest, rest[::-1]):
        assert dict(zip(order, looks(order), strict=True)) == {t: before[t] for t in order}


# -- candles ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_candles_show_the_bars(lang: str, workspace: Workspace) -> None:
    """Open, high, low and close of each session as they are in the facts, no range slider, no gap for closed days."""
    shown = workspace.timeline(replace(SHOCK, show=Show.CANDLES, lang=lang))
    bars = workspace.prices.bars["NVDA"].reindex(shown.sessions)
    figure = json.loads(candles.figure(bars, shown.numbered, "Nvidia", words(lang)).to_json())
    trace = next(t for t in figure["data"] if t["type"] == "candlestick")
    assert "rangebreaks" not in json.dumps(figure["layout"])
    assert len(trace["x"]) == 19
    at = next(i for i, d in enumerate(shown.sessions) if d == pd.Timestamp(2025, 1, 27))
    said = trace["text"][at].replace("\u00a0", " ")
    for figure_ in ("124.80", "128.40", "116.70", "118.42") if lang == "en" else ("124,80", "128,40", "116,70", "118,42"):
        assert figure_ in said
