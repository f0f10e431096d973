"""Candles with volume, for exploring. Plotly is imported only when somebody asks for them: its script is 4.7 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from aftershock.text import Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

UP, DOWN = "#0072B2", "#D55E00"
CONFIG: Final[dict[str, Any]] = {"displaylogo": False, "showSendToCloud": False, "scrollZoom": False}


def figure(bars: pd.DataFrame, name: str, say: Words) -> go.Figure:
    """Open, high, low, close over volume: `bars` as in `prices`. Closed days take no room; hollow = rose, filled = fell."""
    import plotly.graph_objects as go

    days = [day.strftime("%Y-%m-%d") for day in bars.index]
    labels = [say.date(day) for day in bars.index]
    rose = bars["close"] >= bars["open"]
    candles = go.Candlestick(
        x=days, open=bars["open"], high=bars["high"], low=bars["low"], close=bars["close"], name=name, hoverinfo="text",
        text=[_hover(label, row, say) for label, row in zip(labels, bars.itertuples(), strict=True)],
        increasing={"line": {"color": UP}, "fillcolor": "rgba(0,0,0,0)"}, decreasing={"line": {"color": DOWN}, "fillcolor": DOWN},
    )  # fmt: skip
    volume = go.Bar(
        x=days, y=bars["volume"], yaxis="y2", name=say("chart.volume"), hoverinfo="skip",
        marker={"color": [UP if up else DOWN for up in rose], "opacity": 0.55},
    )  # fmt: skip
    step = max(1, len(days) // 8)
    axis = {"showgrid": False, "type": "category", "tickvals": days[::step], "ticktext": labels[::step], "rangeslider": {"visible": False}}
    grid = {"side": "right", "gridcolor": "rgba(124,135,148,.25)", "zeroline": False}
    layout = {
        "template": "none", "height": 520, "margin": {"l": 8, "r": 60, "t": 8, "b": 30}, "showlegend": False, "hovermode": "x",
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "font": {"color": "#7c8794"},
        "separators": ",." if say.lang == "vi" else ".,",
        "xaxis": axis, "yaxis": grid | {"domain": [0.25, 1]}, "yaxis2": grid | {"domain": [0, 0.2], "nticks": 3},
    }  # fmt: skip
    return go.Figure(data=[candles, volume], layout=layout)


def _hover(label: str, row: Any, say: Words) -> str:
    parts = " · ".join(f"{say(f'chart.{key}')} {say.number(getattr(row, key))}" for key in ("open", "high", "low", "close"))
    traded = "–" if pd.isna(row.volume) else say.number(row.volume / 1e6, 1)
    return f"{label}<br>{parts}<br>{say('chart.volume_millions', amount=traded)}"
