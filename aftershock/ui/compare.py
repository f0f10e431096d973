"""The Compare page: which events in which series, the four exhibits with their tables and files, and all events in one table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from aftershock import captions, compare_findings, compare_views
from aftershock import compare_exhibits as made
from aftershock.charts import compare as chart
from aftershock.compare_findings import Comparison
from aftershock.compare_views import MOST_EVENTS, PRESETS, CompareView, Measure, preset_of
from aftershock.events import Category
from aftershock.exports import Exhibit, to_csv
from aftershock.impact_views import offsets
from aftershock.text import Words
from aftershock.ui import market
from aftershock.ui.address import follow
from aftershock.ui.faults import safe
from aftershock.ui.frame import figures_behind, plain, take_away
from aftershock.views import Correction
from aftershock.workspace import Workspace

_WIDGETS: Final = ("x-events", "x-category", "x-ticker", "x-window", "x-measure", "lang")


# -- state -----------------------------------------------------------------------------------------------------------


def view(workspace: Workspace) -> CompareView:
    """The reader's choices, from the query string on arrival and from the widgets after that; written back to the address."""
    return follow(
        "compare",
        _WIDGETS,
        read=lambda query, lang: compare_views.read(query, workspace.choices, lang),
        lay=_laid,
        collect=lambda view: _collected(workspace, view),
        speaking=lambda view, lang: compare_views.read(view.query() | {"lang": lang}, workspace.choices, lang)[
            0
        ],  # an own event may be gone
    )


def _laid(view: CompareView) -> dict[str, object]:
    """What the widgets hold for a view."""
    return {
        "x-events": list(view.events), "x-category": view.category, "x-ticker": view.ticker, "x-window": offsets(view.design.window),
        "x-measure": view.measure.value, "lang": view.lang,
    }  # fmt: skip


def _collected(workspace: Workspace, view: CompareView) -> tuple[CompareView, tuple[Correction, ...]]:
    """The view that the widgets say. With no event and no kind of event there would be nothing to compare: the last events stay."""
    state = st.session_state
    query = {
        "events": ",".join(state["x-events"]), "category": state["x-category"] or "", "ticker": state["x-ticker"] or view.ticker,
        "window": state["x-window"] or offsets(view.design.window), "measure": state["x-measure"] or view.measure,
        "lang": state["lang"] or view.lang,
    }  # fmt: skip
    if not query["events"] and not query["category"]:
        query["events"] = ",".join(view.events or view.chosen(workspace.events)[:1])
        state["x-events"] = query["events"].split(",")
    found, corrections = compare_views.read({key: value for key, value in query.items() if value}, workspace.choices, view.lang)
    if list(found.events) != list(state["x-events"]):
        state["x-events"] = list(found.events)  # an own event may be gone
    return found, corrections


# -- the question ----------------------------------------------------------------------------------------------------


def presets(view: CompareView, say: Words) -> None:
    """Comparisons that are ready, before any picker."""
    st.session_state["x-preset"] = preset_of(view)
    st.pills(
        say("compare.preset"),
        list(PRESETS),
        key="x-preset",
        format_func=lambda code: say(f"compare_preset.{code}"),
        on_change=safe(_preset),
        wrap=True,
    )


def _preset() -> None:
    if code := st.session_state["x-preset"]:
        events, category = PRESETS[code]
        st.session_state.update({"x-events": list(events), "x-category": category})


def pickers(workspace: Workspace, view: CompareView, say: Words) -> None:
    """Events, series, window, and what the lines show."""
    left, right = st.columns([4, 8], vertical_alignment="bottom")
    kinds = ["", *(c.value for c in Category)]
    left.selectbox(
        say("compare.category"), kinds, key="x-category", filter_mode=None,
        format_func=lambda c: say(f"category.{c}") if c else say("compare.only_chosen"),
    )  # fmt: skip
    titles = {e.id: f"{say.date(e.date)} · {e.title.in_(say.lang)}" for e in workspace.events}
    right.multiselect(
        say("compare.events", n=MOST_EVENTS),
        list(titles),
        key="x-events",
        format_func=titles.__getitem__,
        max_selections=MOST_EVENTS,
        placeholder=say("compare.events_none"),
    )
    left, middle, right = st.columns([4, 3, 5], vertical_alignment="bottom")
    left.segmented_control(
        say("compare.series"), workspace.tickers, key="x-ticker", format_func=lambda t: captions.name(t, say), required=True, wrap=True
    )
    middle.segmented_control(
        say("compare.measure"),
        [m.value for m in Measure],
        key="x-measure",
        format_func=lambda m: say(f"measure.{m}"),
        required=True,
        wrap=True,
    )
    right.segmented_control(
        say("compare.window"), compare_views.windows(view), key="x-window", required=True, wrap=True,
        format_func=lambda w: plain(f"[{w.replace('-', '−').replace(':', ', ')}]"),
    )  # fmt: skip
    market.badge(workspace, workspace.tickers, say)


# -- the answer ------------------------------------------------------------------------------------------------------


def comparison(workspace: Workspace, view: CompareView) -> Comparison:
    """The view filled with data."""
    return made.comparison(workspace, view)


def exhibits(workspace: Workspace, view: CompareView) -> dict[str, Exhibit]:
    """The exhibits with their words and files; links begin with this server's own address."""
    return made.exhibits(workspace, view, (st.context.url or "aftershock/compare").split("?")[0])


def headline(c: Comparison, say: Words) -> str:
    """The finding."""
    return compare_findings.headline(c, say)


def standfirst(c: Comparison, say: Words) -> str:
    """Under the headline: what was measured, and the mean."""
    return f"{compare_findings.under(c, say)}. {compare_findings.group(c, say)}: {compare_findings.mean_told(c, say)}."


def exhibit(c: Comparison, shown: Mapping[str, Exhibit], name: str, say: Words) -> None:
    """A chart with its heading and its numbers and files under it. Nothing where there is nothing to draw."""
    if name not in shown:
        return
    one = shown[name]
    st.header(plain(one.facts["heading"]), anchor=False)
    spec = dict(chart.specification(name, chart.key_of(name, c, say)))
    spec["datasets"] = {n: pa.table({k: _small(x) for k, x in columns.items()}) for n, columns in chart.datasets(name, c, say).items()}
    with st.container(key=f"compare-{name}"):
        st.vega_lite_chart(spec, key=f"x-{name}", alt=one.facts["alt"])
    if name == "paths":
        _key_to_the_lines(c, say)
    st.caption(plain(one.facts["caption"]))
    with st.container(horizontal=True, gap="small"):
        figures_behind(one, say, key=f"x-table-{name}")
        take_away(one, say, key=f"compare-{name}")


def _small(values: Any) -> Any:
    return values.astype("float32") if isinstance(values, np.ndarray) and values.dtype == np.float64 else values


def _key_to_the_lines(c: Comparison, say: Words) -> None:
    """What happened on the dates at the ends of the lines."""
    for row in c.lines:
        event = c.events[c.panel.ids[row]]
        day = say.date(c.panel.sessions[c.panel.positions[row]])
        st.markdown(f"- **{plain(day)}** {plain(event.title.in_(say.lang))}")
    if not c.view.events and len(c.lines) < len(c.rows):
        st.caption(say("compare.largest", n=len(c.lines), of=len(c.rows)))


def left_out(c: Comparison, say: Words) -> None:
    """What is not shown, and why; nothing is dropped in silence."""
    if not len(c.rows):
        st.info(say("compare.nothing_hint"), icon=":material/info:")
    if c.mean.n and len(c.mean.cut):
        titles = say.listing(c.events[c.panel.ids[row]].title.in_(say.lang) for row in c.mean.cut)
        st.caption(plain(say("compare.cut", n=len(c.mean.cut), last=f"+{c.mean.window.last}", titles=titles)))
    if not c.left_out:
        return
    with st.expander(say("compare.left_out", n=len(c.left_out)), icon=":material/block:", expanded=True, key="x-left-out"):
        for one in c.left_out:
            st.markdown(f"- **{plain(c.events[one.event_id].title.in_(say.lang))}**: {plain(one.in_words(say))}")


def ranking(c: Comparison, say: Words) -> None:
    """All events of the series by the size of their move, sortable."""
    about = captions.name(c.view.ticker, say)
    frame = made.ranking(c, say)
    st.header(plain(say("compare.ranking", name=about)), anchor=False)
    st.caption(plain(say("compare.ranking_caption", n=len(frame))))
    shown = pd.DataFrame(
        {
            say("compare.column_rank"): frame["rank"], say("compare.column_event"): frame["title"],
            say("compare.column_category"): [say(f"category.{code}") for code in frame["category"]],
            say("compare.column_session"): frame["session"], say("compare.column_car"): frame["car"], "t": frame["t"],
            say("compare.column_p"): frame["p"], say("compare.column_days"): frame["as_extreme"],
            say("compare.column_p_days"): frame["p_ordinary"], "Holm": frame["holm"], "Benjamini–Hochberg": frame["bh"],
        }
    )  # fmt: skip
    figures = (say("compare.column_p"), say("compare.column_p_days"), "Holm", "Benjamini–Hochberg")
    written: dict[Any, Any] = dict.fromkeys(figures, partial(say.number, decimals=4))
    written |= {say("compare.column_car"): say.percent, "t": say.number}
    styled = shown.style.format(written)
    days = st.column_config.DateColumn(format="D/M/YYYY" if say.lang == "vi" else "D MMM YYYY")
    st.dataframe(
        styled, hide_index=True, height=460, key="x-ranking", column_config={say("compare.column_session"): days},
        alt=say("compare.ranking", name=about),
    )  # fmt: skip
    st.download_button(
        say("compare.download"), data=partial(_csv, frame), file_name=f"aftershock-events-{c.view.ticker.strip('^')}-{say.lang}.csv",
        mime="text/csv", on_click="ignore", key="x-ranking-csv", icon=":material/download:",
    )  # fmt: skip


def _csv(frame: pd.DataFrame) -> bytes:
    return b"\xef\xbb\xbf" + to_csv(frame)
