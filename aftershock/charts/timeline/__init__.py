"""The timeline as one layered Vega-Lite view: lines above, the event lane under them, an overview strip with a brush.

The specification depends only on the series, the scale and the language, so it is built once and kept; everything else
(range, numbers, selection) travels as data. The reader's range is a row of the dataset `view`; a brush in the overview
overrides it in the browser, without a message to the server, until the range changes.

Datasets
    prices  d (days since 1970), s0, s1, ... closes of the series in order; the whole period
    tokens  d, n (number or null), k (events that session), c (category's letter), imp, keep (0, 1 the finding, 2 named by a picture's key),
            pub (closed day of publication or null), ...
    view    one row: lo, hi (range, ms), base (rebasing session, ms), sel (selected session, ms, or null), key,
            released (grows when the page, not a click on a token, changed the selection)
"""

from __future__ import annotations

from functools import lru_cache

from aftershock.charts.sheet import on_page
from aftershock.charts.theme import GRID, MUTED, Spec, by_theme, dark_param
from aftershock.charts.timeline.data import NAMED, columns, datasets
from aftershock.charts.timeline.frame import (
    DAY,
    Frame,
    Key,
    constants,
    day_numbers,
    key_of,
    milliseconds,
    price_strips,
    screen,
    session_of,
)  # fmt: skip
from aftershock.charts.timeline.lines import focus
from aftershock.charts.timeline.overview import overview

__all__ = [
    "NAMED",
    "Frame",
    "Key",
    "columns",
    "config",
    "datasets",
    "day_numbers",
    "fixed_range",
    "focus",
    "key_of",
    "milliseconds",
    "price_strips",
    "session_of",
    "specification",
]

_PER_DAY = {"name": "perday", "expr": f"(width - labels - 14) * {DAY} / max(hi - left, {DAY})"}  # pixels


@lru_cache(maxsize=256)
def specification(key: Key) -> Spec:
    """The interactive view for the page and for the interactive HTML file. Treat the result as read-only."""
    frame = screen(key)
    return on_page(
        frame.height,
        [dark_param(), *constants(key), *_live_range(key)],
        [*focus(key, frame, interactive=True), overview(key, frame)],
        config(),
        "shape",
    )


def config(font: str | None = None) -> Spec:
    """What all our views share: no frame around the plot, quiet axes."""
    axis = {"domain": False, "ticks": False, "labelColor": by_theme(MUTED), "gridColor": by_theme(GRID), "title": None}
    shared: Spec = {"view": {"stroke": None}, "axis": axis, "mark": {"tooltip": None}}
    return shared | ({"font": font} if font else {})


def _live_range(key: Key) -> list[Spec]:
    """Lo and hi: what the focus shows, in ms. The brush if there is one, else the reader's range; `left` is where x begins.

    Streamlit fills named datasets after the first evaluation, so there must be values to begin with.
    """
    row = f"(data('view')[0] || {{lo: {key.bounds[0]}, hi: {key.bounds[1]}, base: {key.bounds[0]}, key: '', released: 0}})"
    return [
        {"name": "lo", "expr": f"brush.date ? +brush.date[0] : {row}.lo"},
        {"name": "hi", "expr": f"brush.date ? +brush.date[1] : {row}.hi"},
        {"name": "left", "expr": f"brush.date ? lo : {row}.base"},
        {"name": "rangekey", "expr": f"{row}.key"},
        {"name": "released", "expr": f"{row}.released"},
        {"name": "narrow", "expr": "width < 560"},
        {"name": "labels", "expr": "narrow ? 104 : 182"},
        _PER_DAY,
    ]


def fixed_range(key: Key, lo: int, hi: int, base: int, labels: int) -> list[Spec]:
    """The same parameters for a picture: constants."""
    values = {"lo": lo, "hi": hi, "left": base, "narrow": False, "labels": labels}
    fixed = [{"name": name, "value": value} for name, value in ({"dark": False} | values).items()]
    return [*fixed, *constants(key), _PER_DAY]
