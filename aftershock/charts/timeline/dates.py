"""The date axis of the focus."""

from __future__ import annotations

from aftershock.charts.theme import BASELINE, MUTED, Spec, by_theme
from aftershock.charts.timeline.frame import DATE, DAY, NEW_ROWS, PLACE, Frame, Key


def date_axis(key: Key, frame: Frame) -> list[Spec]:
    """The date axis, written at sessions and never at closed days: every session, or the first one of a week, month or
    year, by how much is shown; thinned out until they fit.
    """
    day, month = ("%-d/%-m", "%-m/%Y") if key.lang == "vi" else ("%-d %b", "%b %Y")
    days = f"(hi - left) / {DAY}"
    unit = f"{days} < 12 ? 0 : {days} < 200 ? 1 : {days} < 1100 ? 2 : 3"
    year = "utcyear(datum.date)"
    months = f"{year} * 12 + utcmonth(datum.date)"
    period = f"datum.unit == 0 ? datum.d : datum.unit == 1 ? floor((datum.d - 4) / 7) : datum.unit == 2 ? {months} : {year}"
    most = f"narrow ? 4 : clamp(floor((width - labels) / {frame.size(84)}), 2, 9)"  # labels
    transform: list[Spec] = [
        DATE,
        {"filter": "datum.date >= left && datum.date <= hi"},
        {"calculate": unit, "as": "unit"},
        {"calculate": period, "as": "period"},
        PLACE,
        NEW_ROWS,
        {"window": [{"op": "lag", "field": "period", "as": "before"}], "sort": [{"field": "d"}], "frame": [None, None]},
        {"filter": "!isValid(datum.before) || datum.before != datum.period"},
        {"window": [{"op": "lead", "field": "px", "as": "following"}], "sort": [{"field": "d"}], "frame": [None, None]},
        {"filter": f"isValid(datum.before) || !isValid(datum.following) || datum.following - datum.px > {frame.size(52)}"},
        {"window": [{"op": "row_number", "as": "place"}], "sort": [{"field": "d"}], "frame": [None, None]},
        {"joinaggregate": [{"op": "count", "as": "periods"}]},
        {"filter": f"(datum.place - 1) % ceil(datum.periods / ({most})) == 0"},
        {"calculate": f"utcFormat(datum.date, datum.unit < 2 ? '{day}' : datum.unit == 2 ? '{month}' : '%Y')", "as": "label"},
    ]
    tick = {"type": "tick", "orient": "vertical", "size": 5, "thickness": 1, "color": by_theme(BASELINE), "aria": False}
    label = {
        "type": "text",
        "baseline": "top",
        "fontSize": frame.size(12),
        "color": by_theme(MUTED),
        "align": {"expr": "datum.px < 24 ? 'left' : 'center'"},
        "dx": {"expr": "datum.px < 24 ? -8 : 0"},
    }
    written = {"mark": label, "encoding": {"y": {"value": frame.axis + 7}, "text": {"field": "label"}}}
    ticked = {"mark": tick, "encoding": {"y": {"value": frame.axis}}}
    return [{"data": {"name": "prices"}, "transform": transform, "layer": [ticked, written]}]
