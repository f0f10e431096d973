"""The framework's floor: as many points as our timeline page draws, from a fixed specification, with one date range.

`?chart=no` leaves the chart away, so that what a chart library adds can be told.
"""

import datetime as dt

import streamlit as st

from data import load

SPEC = {
    "height": 450,
    "layer": [
        {
            "transform": [{"fold": ["IXIC", "NVDA"], "as": ["series", "close"]}],
            "mark": "line",
            "encoding": {
                "x": {"field": "date", "type": "temporal", "title": None},
                "y": {"field": "close", "type": "quantitative", "title": None},
                "color": {"field": "series", "type": "nominal"},
            },
        },
        {
            "transform": [{"filter": "isValid(datum.event)"}],
            "mark": {"type": "point", "filled": True, "size": 80},
            "encoding": {
                "x": {"field": "date", "type": "temporal"},
                "y": {"field": "event", "type": "quantitative"},
                "tooltip": [{"field": "date", "type": "temporal"}, {"field": "title", "type": "nominal"}],
            },
        },
    ],
    "usermeta": {"embedOptions": {"renderer": "svg"}},
}
st.set_page_config(layout="wide")
closes, events = st.cache_data(load)()
first, last = closes.index[0].date(), closes.index[-1].date()
earliest, latest = dt.date(2000, 1, 1), dt.date(2050, 12, 31)
dates = st.date_input("Range", (first, last), min_value=earliest, max_value=latest, format="DD/MM/YYYY", key="dates")
if st.query_params.get("chart") != "no" and len(dates) == 2:
    start, end = (day.isoformat() for day in dates)
    shown, marked = closes.loc[start:end], events[(events["date"] >= start) & (events["date"] <= end)]
    st.vega_lite_chart(shown.reset_index().merge(marked, on="date", how="left"), SPEC, key="chart")
