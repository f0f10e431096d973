"""The event lane: one token per session, bridges from closed days to the first session, marks for what lies underneath."""

from __future__ import annotations

from aftershock.charts.theme import ACCENT, LETTERS, MUTED, SHAPES, Spec, by_theme
from aftershock.charts.timeline.frame import DATE, DAY, NEW_ROWS, PLACE, SELECTED, Frame, Key, full_date
from aftershock.text import words


def event_lane(key: Key, frame: Frame, *, interactive: bool) -> list[Spec]:
    """One token per session. Where tokens would lie on each other the chosen one, then what is to be kept, then the most
    important keeps its place and its number, the others become small marks above it; tokens that still touch take turns in two rows.
    """
    width = frame.size(24)
    order = [{"field": field, "order": "descending"} for field in ("chosen", "keep", "imp", "k")]
    places = [
        DATE,
        {"filter": "datum.date >= left && datum.date >= lo && datum.date <= hi"},
        PLACE,
        {"calculate": f"floor(datum.px / {width})", "as": "bin"},
        {"calculate": f"{SELECTED} ? 1 : 0", "as": "chosen"},
        {"calculate": f"{full_date('datum.date', key.lang)} + datum.why", "as": "when"},
        NEW_ROWS,
        {
            "window": [{"op": "row_number", "as": "rank"}],
            "groupby": ["bin"],
            "sort": [*order, {"field": "d"}],
            "frame": [None, None],
        },
    ]
    tops = [
        {"filter": "datum.rank == 1"},
        {"window": [{"op": "lag", "field": "px", "as": "before"}], "sort": [{"field": "px"}], "frame": [None, None]},
        {"calculate": f"isValid(datum.before) && datum.px - datum.before < {width} ? 1 : 0", "as": "touching"},
        {"joinaggregate": [{"op": "max", "field": "touching", "as": "crowded"}]},
    ]
    row = f"{frame.lane} + (datum.crowded ? (datum.bin % 2) * {frame.row} : 0)"
    tokens = {"transform": tops, "encoding": {"y": {"value": {"expr": row}}}, "layer": _tokens(key, frame, interactive=interactive)}
    return [*_bridges(frame), {"data": {"name": "tokens"}, "transform": places, "layer": [_underneath(frame), tokens]}]


def _underneath(frame: Frame) -> Spec:
    """Sessions whose token had to give way: a small mark each, so that none is lost."""
    mark = {"type": "tick", "orient": "vertical", "size": 6, "thickness": 2, "color": by_theme(MUTED), "aria": False}
    return {"transform": [{"filter": "datum.rank > 1"}], "mark": mark, "encoding": {"y": {"value": frame.lane - frame.row + 8}}}


def _tokens(key: Key, frame: Frame, *, interactive: bool) -> list[Spec]:
    """A shape for the category, the session's number on it, and under it how many more events the session has."""
    say = words(key.lang)
    titles = {"what": "chart.event", "when": "chart.session", "moved": "chart.moves"}
    tooltip = [{"field": field, "type": "nominal", "title": say(title)} for field, title in titles.items()]
    shape = {
        "field": "c",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": [LETTERS[c] for c in SHAPES], "range": list(SHAPES.values())},
    }
    token: Spec = {
        "mark": {
            "type": "point",
            "filled": True,
            "opacity": 1,
            "size": round(330 * frame.type**2),
            "fill": {"expr": f"{SELECTED} ? '{ACCENT}' : fills[datum.c]"},
            "stroke": {"expr": f"datum.own ? (dark ? 'white' : 'black') : dark ? '{MUTED[1]}' : background"},
            "strokeWidth": {"expr": "datum.own ? 2.5 : 1"},  # a session with an event of the reader's own
            "cursor": "pointer",
        },
        "encoding": {"shape": shape, "tooltip": tooltip},
    }
    if interactive:
        # Only a click on a session counts: any other would be a message to the server that says nothing (in a filter
        # Streamlit's interpreter does not know `datum`). `released` empties the selection; as a `clear` it would do so once.
        click = {"source": "scope", "type": "click", "filter": "event.item && event.item.datum && event.item.datum.what"}
        pick = {"type": "point", "fields": ["d"], "on": [click, {"signal": "released"}], "toggle": False, "clear": False}
        token["params"] = [{"name": "pick", "select": pick}]
    number = {"type": "text", "fontSize": frame.size(11), "fontWeight": 700, "fill": "white", "baseline": "middle", "align": "center"}
    more = {"type": "text", "fontSize": frame.size(11), "fill": by_theme(MUTED), "baseline": "middle", "dy": frame.size(20)}
    return [
        token,
        {
            "transform": [{"filter": "isValid(datum.n)"}],
            "mark": number | {"dy": 0.5, "tooltip": None},
            "encoding": {"text": {"field": "n", "type": "quantitative"}},
        },
        {
            "transform": [{"filter": "!datum.crowded && datum.k > 1"}],
            "mark": more,
            "encoding": {"text": {"value": {"expr": "'+' + (datum.k - 1)"}}},
        },
    ]


def _bridges(frame: Frame) -> list[Spec]:
    """From the closed day on which the news came to the session that could first react: a hollow ring, a dashed line and,
    where the days are wide enough to read it, the reason.
    """
    transform = [
        DATE,
        {"calculate": f"datum.pub * {DAY}", "as": "from"},
        {"filter": "isValid(datum.pub) && datum.from >= left && datum.date <= hi && datum.date >= lo && perday > 9"},
    ]
    rule = {"type": "rule", "strokeDash": [3, 3], "strokeWidth": frame.size(1.3), "color": by_theme(MUTED)}
    ring = {"type": "point", "filled": False, "size": round(110 * frame.type**2), "strokeWidth": frame.size(1.5), "opacity": 1}
    ring |= {"fill": {"expr": "background"}, "stroke": by_theme(MUTED)}
    reason = {"type": "text", "align": "center", "baseline": "bottom", "dy": -frame.size(11), "fontSize": frame.size(11)}
    reason |= {"color": by_theme(MUTED), "limit": frame.size(190)}
    readable = [  # where the days are wide enough, and far enough from the reason before
        {"filter": "(datum.keep > 0 || datum.imp >= 3) && perday > 20"},
        NEW_ROWS,
        {"window": [{"op": "lag", "field": "from", "as": "before"}], "sort": [{"field": "from"}], "frame": [None, None]},
        {"filter": f"!isValid(datum.before) || (datum.from - datum.before) / {DAY} * perday > {frame.size(190)}"},
    ]
    layers = [
        {"mark": rule, "encoding": {"x2": {"field": "date"}}},
        {"mark": ring},
        {"transform": readable, "mark": reason, "encoding": {"text": {"field": "closed"}}},
    ]
    at = {"x": {"field": "from", "type": "temporal"}, "y": {"value": frame.lane}}
    return [{"data": {"name": "tokens"}, "transform": transform, "encoding": at, "layer": layers}]
