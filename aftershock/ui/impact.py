"""The Impact page: the answer to its question, the exhibits with their tables and files, and everything to doubt it by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from aftershock import captions, impact_rows, impact_views, views
from aftershock import exhibits as made
from aftershock.charts import impact as chart
from aftershock.dollars import Dollars
from aftershock.events import Event
from aftershock.exports import Exhibit
from aftershock.findings import Findings
from aftershock.impact import Impact
from aftershock.impact_rows import minus, p_value
from aftershock.impact_views import ImpactView
from aftershock.significance import TestResult
from aftershock.study import Exclusion, Reason, StudyResult
from aftershock.text import Words
from aftershock.ui.faults import safe
from aftershock.ui.frame import figures_behind, plain, take_away
from aftershock.ui.question import opened, picker, settings, used, view
from aftershock.verdict import State
from aftershock.workspace import Workspace

__all__ = [
    "anchors", "answer", "benchmark_table", "cautions", "dollars", "exhibit", "exhibits", "figures", "findings", "ledger", "no_answer",
    "no_answer_title", "opened", "picker", "settings", "several", "standfirst", "to_impact", "to_timeline", "verdict", "view", "windows",
]  # fmt: skip

_COLOURS = {State.MORE_THAN_NOISE: "orange", State.CANNOT_TELL: "blue", State.WITHIN_NOISE: "gray"}
_ICONS = {
    State.MORE_THAN_NOISE: ":material/vital_signs:",
    State.CANNOT_TELL: ":material/help:",
    State.WITHIN_NOISE: ":material/horizontal_rule:",
}


# -- the answer ------------------------------------------------------------------------------------------------------


def answer(workspace: Workspace, view: ImpactView) -> Impact | Exclusion:
    """The impact that the view asks about, or why there is none."""
    if view.design.uses_benchmark and view.design.benchmark not in workspace.tickers:
        return Exclusion(view.event, view.ticker, Reason.BENCHMARK_MISSING, {"benchmark": view.design.benchmark}, "series")
    return made.impact_of(workspace, view.event, view.ticker, view.design)


def exhibits(workspace: Workspace, view: ImpactView) -> dict[str, Exhibit]:
    """The exhibits with their words and files; links begin with this server's own address."""
    return made.impact(workspace, view, _base())


def _base() -> str:
    return (st.context.url or "aftershock/impact").split("?")[0]


def findings(workspace: Workspace, view: ImpactView, answer: Impact) -> Findings:
    """The sentences of the answer."""
    return made.findings_of(answer, view.lang, made.link_of(workspace, view, _base()))


def standfirst(answer: Impact, told: Findings, say: Words) -> str:
    """Under the headline: the event, and what was measured."""
    return f"{answer.event.title.in_(say.lang)} · {told.subtitle}"


def no_answer_title(view: ImpactView, say: Words) -> str:
    """The headline when there is no answer."""
    return say("impact_page.no_answer", name=captions.name(view.ticker, say))


def no_answer(workspace: Workspace, view: ImpactView, answer: Exclusion, say: Words) -> None:
    """Why there is no answer, and the nearest event that has one."""
    st.warning(plain(answer.in_words(say)), icon=":material/block:")
    if not set(used(view)) <= set(workspace.tickers):
        return
    if (other := workspace.nearest_answered(view.event, view.ticker, view.design)) is not None:
        st.button(
            plain(say("impact_page.nearest", title=other.title.in_(say.lang), day=other.date)), key="i-nearest",
            on_click=safe(st.session_state.update),
            args=({"i-event": other.id},),
        )  # fmt: skip


def verdict(answer: Impact, told: Findings, say: Words) -> None:
    """The answer in three words, and the sentence behind it."""
    state = answer.verdict.state
    with st.container(key="verdict"):
        st.badge(plain(told.verdict), icon=_ICONS[state], color=_COLOURS[state])  # type: ignore[arg-type]
        st.markdown(plain(told.because))
        if answer.why_design:
            st.caption(plain(say(f"design.{answer.why_design}")))


def figures(answer: Impact, say: Words) -> None:
    """The numbers that a reader would quote."""
    o, days, v = answer.outcome, answer.ordinary, answer.verdict
    several = len(o.window) > 1
    code = "car" if several else "abnormal"
    interval = f"{say.number(100 * o.low, 1, signed=True)} … {say.percent(o.high, 1)}"
    figures = (
        (say(f"impact_page.{code}"), say.percent(o.car), say("impact_page.car_help", window=minus(str(o.window)))),
        (say("impact_page.interval"), interval, say("impact_page.interval_help", df=o.fit.df)),
        (
            say("impact_page.ordinary_windows_n" if several else "impact_page.ordinary_n"),
            say("impact_page.of_n", k=days.as_extreme, n=days.of),
            say("impact_page.ordinary_help", p=say.number(days.p, 4)),
        ),
        ("t", say.number(o.t), say("impact_page.t_help", p=p_value(o.p, say), df=o.fit.df, n=o.fit.n, sigma=say.percent(o.fit.sigma))),
        (say("impact_page.smallest"), "±" + say.percent(v.smallest, 1, signed=False), say("impact_page.smallest_help")),
    )
    with st.container(horizontal=True, gap="small", key="figures"):
        for label, value, about in figures:
            st.metric(plain(label), plain(value), help=plain(about), border=True)


# -- exhibits --------------------------------------------------------------------------------------------------------


def exhibit(workspace: Workspace, answer: Impact, shown: Mapping[str, Exhibit], name: str, say: Words) -> None:
    """A chart with its finding over it and its numbers and files under it. Nothing where there is nothing to draw."""
    if name not in shown:
        return
    one = shown[name]
    st.subheader(plain(one.facts["heading"]), anchor=False)
    spec = dict(chart.specification(name, chart.key_of(name, answer, say)))
    spec["datasets"] = {n: pa.table({c: _small(x) for c, x in columns.items()}) for n, columns in chart.datasets(name, answer, say).items()}
    with st.container(key=f"exhibit-{name}"):
        st.vega_lite_chart(spec, key=f"i-{name}", alt=one.facts["alt"])
    if said := one.facts["caption"]:
        st.caption(plain(said))
    with st.container(horizontal=True, gap="small"):
        figures_behind(one, say, key=f"i-table-{name}")
        take_away(one, say, key=f"impact-{name}")


def _small(values: Any) -> Any:
    """Numbers for drawing in half the bytes."""
    return values.astype("float32") if isinstance(values, np.ndarray) and values.dtype == np.float64 else values


# -- what to doubt it by ---------------------------------------------------------------------------------------------


def ledger(answer: Impact, told: Findings, say: Words) -> None:
    """What else could have moved the price in the same sessions."""
    book = answer.ledger
    st.subheader(say("impact_page.ledger"), anchor=False)
    st.markdown(plain(told.ledger))
    for entry in book.entries:
        st.markdown(f"- **{plain(entry.title.in_(say.lang))}**: {plain(impact_rows.confounder(entry, say))}")


def benchmark_table(workspace: Workspace, answer: Impact, told: Findings, say: Words) -> None:
    """What the answer would be against another benchmark."""
    if not (rows := impact_rows.benchmarks(answer, workspace.snapshot.series, say)):
        return
    st.subheader(say("impact_page.benchmarks"), anchor=False)
    st.markdown(plain(told.benchmarks))
    _table(rows)
    if answer.benchmarks.why:
        st.caption(plain(say(f"exself.{answer.benchmarks.why}")))


def dollars(answer: Impact, told: Findings, say: Words) -> None:
    """What the move was worth, with the share count behind it."""
    st.subheader(say("impact_page.dollars"), anchor=False)
    d = answer.dollars
    if isinstance(d, Dollars):
        with st.container(horizontal=True, gap="small"):
            st.metric(say("impact_page.gross"), plain(say.money(d.gross)), border=True)
            st.metric(say("impact_page.beyond_dollars"), plain(say.money(d.abnormal)), border=True)
    st.markdown(plain(told.dollars))


def windows(answer: Impact, say: Words) -> None:
    """The same question for the usual windows, and why any of them has no answer."""
    st.subheader(say("impact_page.windows"), anchor=False)
    _table(impact_rows.windows(answer, say))
    for left_out in answer.excluded:
        st.caption(plain(left_out.in_words(say)))


def anchors(answer: Impact, say: Words) -> None:
    """The sessions that could be meant, where there is more than one."""
    if rows := impact_rows.anchors(answer, say):
        st.subheader(say("impact_page.anchors"), anchor=False)
        _table(rows)


def cautions(workspace: Workspace, answer: Impact, say: Words) -> None:
    """Everything else that a reader must know, in words; events by their titles."""
    if not answer.warnings:
        return
    with st.expander(say("impact_page.cautions", n=len(answer.warnings)), icon=":material/info:", key="i-cautions"):
        for caution in answer.warnings:
            st.markdown(f"- {plain(impact_rows.caution(caution, workspace.by_id, say))}")


def several(workspace: Workspace, view: ImpactView, answer: Impact, say: Words) -> None:
    """All events of the same category in the same series: their mean, and the tests of it. Computed when it is opened."""
    category = say(f"category.{answer.event.category}")
    label = say("impact_page.several", category=category, name=captions.name(view.ticker, say))
    with st.expander(plain(label), icon=":material/stacked_bar_chart:", on_change="rerun", key="i-several") as opened:
        if opened.open:
            _several(workspace, workspace.same_category(view.event, view.ticker, view.design), say)


def _several(workspace: Workspace, result: StudyResult, say: Words) -> None:
    caar = result.caar()
    if caar.empty or len(result.outcomes) < 2:
        st.info(say("impact_page.several_few"), icon=":material/info:")
        return
    last = caar.iloc[-1]
    effective = result.sample().n_effective
    st.markdown(
        plain(
            say("impact_page.several_mean", n=len(result.outcomes), of=result.plan.requested, mean=say.percent(last["caar"]),
                effective=say.number(effective, 1), window=minus(str(result.plan.design.window)))
        )
    )  # fmt: skip
    st.caption(plain(say("impact_page.several_note")))
    found = sorted(result.test_results(), key=lambda r: not r.shown)
    _table(
        [
            {
                say("impact_page.test"): r.label(say), say("impact_page.statistic"): say.number(r.statistic), "p": p_value(r.p, say),
                "n": str(r.n), say("impact_page.shown"): _relied(r, say), say("impact_page.null"): r.null_in_words(say),
                say("impact_page.convention"): r.convention(say), say("impact_page.citation"): r.citation,
            }
            for r in found
        ]
    )  # fmt: skip
    rows = [
        {
            say("impact_page.event"): workspace.event(o.observation.event_id).title.in_(say.lang),
            say("impact_chart.session"): say.date(o.observation.session), "CAR": say.percent(o.car), "t": say.number(o.t),
        }
        for o in result.outcomes
    ]  # fmt: skip
    _table(rows)
    for left_out in result.excluded:
        title = workspace.event(left_out.event_id).title.in_(say.lang)
        st.caption(plain(f"{title}: {left_out.in_words(say)}"))


def _relied(result: TestResult, say: Words) -> str:
    return say("impact_page.yes") if result.shown else result.why_in_words(say) or say("impact_page.independent")


def _table(rows: list[dict[str, str]]) -> None:
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")


# -- ways in and out -------------------------------------------------------------------------------------------------


def to_impact(workspace: Workspace, event: Event, series: Sequence[str], say: Words) -> None:
    """The button of the timeline's card."""
    known = [t for t in event.tickers if t in series] or [impact_views.usual_ticker(event.tickers, workspace.tickers)]
    query = {"event": event.id, "ticker": known[0], "window": "0:0", "lang": say.lang}
    st.page_link("pages/impact.py", label=say("impact_page.ask"), icon=":material/vital_signs:", query_params=query)


def to_timeline(workspace: Workspace, view: ImpactView, say: Words) -> None:
    """Back to the timeline, with the event selected and in sight."""
    query = st.session_state["view"].query() if "view" in st.session_state else {}
    session = workspace.reactions[view.event].session
    if not query or not query["from"] <= str(session.date()) <= query["to"]:
        first, last = session - pd.Timedelta(days=21), session + pd.Timedelta(days=35)
        limits = workspace.choices
        query |= {"from": max(first.date(), limits.first).isoformat(), "to": min(last.date(), limits.last).isoformat()}
        query.setdefault("series", ",".join(dict.fromkeys((*views.SERIES, view.ticker))))
    query |= {"event": view.event, "lang": view.lang}
    st.page_link("pages/timeline.py", label=say("impact_page.back_to_timeline"), icon=":material/arrow_back:", query_params=query)
