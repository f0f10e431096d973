"""Candles with volume and the numbered events, for exploring. Plotly is imported only when somebody asks for them: its script
is 4.7 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from aftershock.charts.theme import FILLS
from aftershock.text import Words
from aftershock.timeline import Mark

if TYPE_CHECKING:
    import plotly.graph_objects as go

UP: Final = "#0072B2"
DOWN: Final = "#D55E00"
CONFIG: Final[dict[str, Any]] = {"displaylogo": False, "showSendToCloud": False, "scrollZoom": False}
_GREY: Final = "#7c8794"


def figure(bars: pd.DataFrame, marks: Sequence[Mark], name: str, say: Words) -> go.Figure:
    """Open, high, low, close over the event lane over volume: `bars` as in `prices`, `marks` the numbered sessions.

    Closed days take no room. Hollow = rose, filled = fell. A missing volume draws no bar.
    """
    import plotly.graph_objects as go

    days = [day.strftime("%Y-%m-%d") for day in bars.index]
    labels = [say.date(day) for day in bars.index]
    candles = go.Candlestick(
        x=days,
        open=bars["open"],
        high=bars["high"],
        low=bars["low"],
        close=bars["close"],
        name=name,
        hoverinfo="text",
        text=[_hover(label, row, say) for label, row in zip(labels, bars.itertuples(), strict=True)],
        increasing={"line": {"color": UP}, "fillcolor": "rgba(0,0,0,0)"},
        decreasing={"line": {"color": DOWN}, "fillcolor": DOWN},
    )
    colours = [UP if rose else DOWN for rose in bars["close"] >= bars["open"]]
    marker = {"color": colours, "opacity": 0.55}
    volume = go.Bar(x=days, y=bars["volume"] / 1e6, yaxis="y2", hoverinfo="skip", marker=marker)
    return go.Figure(data=[candles, volume, _events(marks, days, say)], layout=_layout(days, labels, say))


def _events(marks: Sequence[Mark], days: list[str], say: Words) -> Any:
    """The numbered sessions, where the series has a bar."""
    import plotly.graph_objects as go

    shown = [(m, m.session.strftime("%Y-%m-%d")) for m in marks if m.session.strftime("%Y-%m-%d") in set(days)]
    return go.Scatter(
        x=[day for _, day in shown],
        y=[1] * len(shown),
        yaxis="y3",
        mode="markers+text",
        text=[str(m.number) for m, _ in shown],
        textfont={"color": "white", "size": 10},
        hoverinfo="text",
        hovertext=[plain(m.lead.title.in_(say.lang)) for m, _ in shown],
        marker={"size": 18, "color": [FILLS[m.lead.category] for m, _ in shown]},
    )


def _layout(days: list[str], labels: list[str], say: Words) -> dict[str, Any]:
    step = max(1, len(days) // 7)
    places = range(step // 2, len(days), step)
    grid = {"side": "right", "gridcolor": "rgba(124,135,148,.25)", "zeroline": False, "tickformat": ",.6~g"}
    return {
        "template": "none",
        "height": 540,
        "margin": {"l": 8, "r": 70, "t": 8, "b": 30},
        "showlegend": False,
        "hovermode": "closest",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": _GREY},
        "separators": ",." if say.lang == "vi" else ".,",
        "xaxis": {
            "showgrid": False,
            "type": "category",
            "tickvals": [days[i] for i in places],
            "ticktext": [labels[i] for i in places],
            "rangeslider": {"visible": False},
            "anchor": "y2",
        },
        "yaxis": grid | {"domain": [0.32, 1]},
        "yaxis3": {"domain": [0.24, 0.3], "visible": False, "range": [0, 2], "fixedrange": True},
        "yaxis2": grid | {"domain": [0, 0.2], "nticks": 3, "title": {"text": say("chart.volume_axis"), "font": {"size": 11}}},
    }


def plain(text: str) -> str:
    """Text that Plotly takes for text: its hover labels understand a few tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _hover(label: str, row: Any, say: Words) -> str:
    parts = " · ".join(f"{say(f'chart.{key}')} {say.number(getattr(row, key))}" for key in ("open", "high", "low", "close"))
    traded = "–" if pd.isna(row.volume) else say.number(row.volume / 1e6, 1)
    return f"{label}<br>{parts}<br>{say('chart.volume_millions', amount=traded)}"
