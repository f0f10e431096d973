"""The timeline page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Final
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
import streamlit as st

from aftershock import captions, event_captions, exhibits, timeline, views
from aftershock.charts import candles as candle_chart
from aftershock.charts import timeline as chart
from aftershock.charts.theme import FILLS, LETTERS, SHAPES
from aftershock.events import Category, Event, Verification
from aftershock.exports import Exhibit
from aftershock.text import Words, words
from aftershock.timeline import Timeline
from aftershock.ui import evidence, house, market
from aftershock.ui.address import follow
from aftershock.ui.faults import safe
from aftershock.ui.frame import plain
from aftershock.ui.impact import to_impact
from aftershock.views import Correction, Scale, Show, View
from aftershock.workspace import Workspace

PAGE: Final = 40  # events on one page of the list: the first view has 34, and its numbers are those of the lane
_WIDGETS: Final = ("dates", "series", "scale", "categories", "articles", "verification", "find", "show", "lang")


# -- state -----------------------------------------------------------------------------------------------------------


def timeline_view(workspace: Workspace) -> View:
    """The reader's view, from the query string on arrival and from the widgets after that; written back to the address."""
    return follow(
        "view",
        _WIDGETS,
        read=lambda query, lang: _read(workspace, query, lang),
        lay=_laid,
        collect=lambda view: _collected(view, workspace),
        speaking=lambda view, lang: _read(workspace, view.query() | {"lang": lang}, lang)[0],  # an own event may be gone
    )


def _read(workspace: Workspace, query: Mapping[str, str], lang: str) -> tuple[View, tuple[Correction, ...]]:
    return views.read(query, house.opened(workspace, views.Reader(query).tickers("series")).choices, lang)


def _laid(view: View) -> dict[str, object]:
    """What the widgets hold for a view."""
    return {
        "dates": (view.first, view.last), "series": list(view.series), "scale": view.scale.value, "categories": list(view.categories),
        "articles": list(view.articles), "verification": list(view.verification), "find": view.find, "show": view.show.value,
        "candle": view.candle, "lang": view.lang, "selected": view.event,
    }  # fmt: skip


def _collected(view: View, workspace: Workspace) -> tuple[View, tuple[Correction, ...]]:
    """The view that the widgets say, and what had to be held to the data. A half-picked range and an emptied choice leave
    what was there.
    """
    state = st.session_state
    dates = state["dates"] if isinstance(state["dates"], tuple | list) else ()
    found = views.with_dates(view, dates)
    series, wrong = market.understood(state["series"], words(state["lang"] or view.lang))
    if list(series) != list(state["series"]):
        state["series"] = list(series)
    corrections = list(wrong)
    first, last = views.clamp(found.first, found.last, house.opened(workspace, series).choices, corrections)
    if (first, last) != (found.first, found.last):
        state["dates"] = (first, last)
    view = replace(
        found,
        first=first,
        last=last,
        series=series or view.series,
        scale=Scale(state["scale"] or view.scale),
        categories=tuple(state["categories"]),
        articles=tuple(state["articles"]),
        verification=tuple(state["verification"]),
        find=state["find"][: views.MOST_LETTERS],
        event=state["selected"] if state["selected"] in workspace.by_id else "",
        show=Show(state["show"] or view.show),
        candle=(state.get("candle") or "") if state["show"] == Show.CANDLES else view.candle,
        lang=state["lang"] or view.lang,
    )
    return view, tuple(corrections)


# -- controls --------------------------------------------------------------------------------------------------------


def range_controls(workspace: Workspace, view: View, say: Words) -> None:
    """Presets before pickers, then the dates."""
    choices = workspace.choices
    st.session_state["preset"] = views.preset_of(view, choices)
    left, right = st.columns([8, 3], vertical_alignment="bottom")

    def chosen() -> None:
        if dates := st.session_state["preset"] and views.preset(st.session_state["preset"], choices):
            st.session_state["dates"] = dates

    left.pills(
        say("ui.period"), views.presets(choices), key="preset", format_func=lambda code: say(f"preset.{code}"), wrap=True,
        on_change=safe(chosen),
    )  # fmt: skip
    right.date_input(
        say("ui.dates"), min_value=dt.date(2000, 1, 1), max_value=dt.date(2050, 12, 31), format="DD/MM/YYYY", key="dates",
    )  # fmt: skip
    if len(st.session_state["dates"]) == 1:
        st.info(say("ui.half_range"), icon=":material/info:")


def series_controls(workspace: Workspace, view: View, say: Words) -> None:
    """Which series, on which scale, and how to look at them; under them what could not be had, and where the rest comes from."""
    left, right = st.columns([5, 6], vertical_alignment="bottom")
    left.multiselect(
        say("ui.series"), market.offered(workspace, view.series), key="series", format_func=lambda t: market.label(t, say),
        accept_new_options=True, filter_mode="contains", select_all=False, wrap=True, placeholder=say("market.type_here"),
        max_selections=views.MOST_SERIES + 1,  # so that the one too many gets a sentence in the reader's language
    )  # fmt: skip
    with right.container(horizontal=True):
        st.segmented_control(say("ui.scale"), list(Scale), key="scale", format_func=lambda s: say(f"scale.{s}"), required=True, wrap=True)
        st.segmented_control(say("ui.show"), list(Show), key="show", format_func=lambda s: say(f"show.{s}"), required=True, wrap=True)
    if not st.session_state["series"]:
        st.info(say("ui.no_series"), icon=":material/info:")
    market.missing(workspace, view.series, say, _drop)
    if not set(view.series) & set(workspace.tickers):
        st.info(plain(say("market.nothing_drawn", name=captions.in_a_sentence(workspace.tickers[0], say))), icon=":material/info:")
    market.badge(workspace, view.series, say)


def _drop(ticker: str) -> None:
    st.session_state["series"] = [t for t in st.session_state["series"] if t != ticker] or list(views.SERIES)


def _filters(workspace: Workspace, view: View, say: Words) -> None:
    """Filters by category (they are also the lane's legend), and folded away article, verification and free text."""
    counts = timeline.counts(workspace.events, workspace.reactions, view.first, view.last)

    def label(code: str) -> str:
        return f"{_token_image(code)} {LETTERS[code]} {say(f'category.{code}')} {counts.get(code, 0)}"

    st.pills(say("ui.categories"), list(Category), key="categories", selection_mode="multi", format_func=label, wrap=True)
    articles = {a.id: f"{a.publisher}, {say.date(a.published)}" for a in workspace.articles}
    more = view.articles or view.verification or view.find
    with st.expander(say("ui.more_filters"), expanded=bool(more), icon=":material/filter_list:", key="more-filters"):
        st.text_input(say("ui.find"), key="find", max_chars=views.MOST_LETTERS, placeholder="DeepSeek, H20, AMD …")
        st.pills(say("ui.article"), list(articles), key="articles", selection_mode="multi", format_func=lambda a: plain(articles[a]))
        st.pills(
            say("ui.verification"),
            list(Verification),
            key="verification",
            selection_mode="multi",
            format_func=lambda v: say(f"verification.{v}"),
        )


@cache
def _token_image(code: str) -> str:
    """The lane's token of a category as a picture in a label: same shape, same colour."""
    shape = SHAPES[code]
    drawn = "circle r='1'" if shape == "circle" else f"path d='{shape}'"
    image = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='-2 -2 4 4'><{drawn} fill='{FILLS[code]}' stroke='#fff' stroke-width='.2'/></svg>"
    )
    address = quote(image, safe="=':/,")
    return f"![](data:image/svg+xml,{address})"


# -- exhibits --------------------------------------------------------------------------------------------------------


def timeline_exhibit(workspace: Workspace, view: View) -> Exhibit:
    """The timeline with its words and files; links begin with this server's own address."""
    base = (st.context.url or "aftershock").split("?")[0].rstrip("/") + "/"
    return exhibits.timeline(workspace, view, base)


def timeline_chart(shown: Timeline, say: Words) -> None:
    """The interactive view. Its specification is built once per set of series, scale and language; the rest is data."""
    view = shown.view
    if not len(shown.sessions):
        _nothing_traded(shown, say)
        return
    selected = shown.reactions[view.event].session if view.event else None
    spec = dict(chart.specification(chart.key_of(shown, say)))
    datasets = chart.columns(shown, say, selected, st.session_state.get("released", 0))
    spec["datasets"] = {
        name: pa.table({column: pa.array(values, from_pandas=True) for column, values in found.items()}) for name, found in datasets.items()
    }

    def picked() -> None:
        points = st.session_state["chart"]["selection"].get("pick") or []
        mark = shown.mark_of(chart.session_of(points[0]["d"])) if points and "d" in points[0] else None
        if mark is not None:
            st.session_state["selected"] = mark.lead.id

    # Streamlit writes the alternative text into the specification, and a specification that changes is a chart built anew: so
    # it may not contain the range. What was found there is the page's title.
    alt = say("ui.chart_alt", series=say.listing(captions.name(t, say) for t in view.series))
    st.vega_lite_chart(spec, key="chart", on_select=safe(picked), selection_mode=["pick"], alt=alt)
    own = any(e.verification is Verification.OWN for mark in shown.numbered for e in mark.events)
    st.caption(f"{say('ui.lane_hint')} {say('ui.lane_own')}" if own else say("ui.lane_hint"))


def _nothing_traded(shown: Timeline, say: Words) -> None:
    """A range without a session: say so, and offer the nearest one that has one."""
    day = shown.nearest
    st.info(say("ui.no_sessions"), icon=":material/info:")
    st.button(
        say("ui.nearest", day=say.date(day)),
        key="nearest",
        on_click=safe(st.session_state.update),
        args=({"dates": (shown.view.first, day.date())},),
    )


def candles(workspace: Workspace, shown: Timeline, say: Words) -> None:
    """Candles with volume of one of the chosen series."""
    view = shown.view
    if st.session_state.get("candle") not in view.series:
        st.session_state["candle"] = view.series[0]
    ticker = st.segmented_control(
        say("ui.candle"), view.series, key="candle", format_func=lambda t: captions.name(t, say), required=True, wrap=True
    )
    bars = workspace.prices.bars[ticker or view.series[0]].reindex(shown.sessions)
    name = captions.name(ticker or view.series[0], say)
    figure = candle_chart.figure(bars, shown.numbered, name, say)
    alt = say("ui.candles_alt", name=name, period=say.dates(view.first, view.last))
    st.plotly_chart(figure, key="candles", theme=None, config=candle_chart.CONFIG, alt=alt)
    st.caption(say("ui.candles_note"))


def _figure(say: Words, value: object) -> str:
    return say.number(float(str(value)))


def table(frame: pd.DataFrame, say: Words) -> None:
    """The table twin of a chart, in the reader's number and date format; sorting works on the figures."""
    numbers = frame.select_dtypes("number").columns
    shown = frame.rename(columns={c: captions.name(str(c), say) for c in numbers} | {"events": say("ui.events")})
    shown.insert(0, say("ui.session"), frame.index)
    dates = st.column_config.DateColumn(format="D/M/YYYY" if say.lang == "vi" else "D MMM YYYY")
    styled = shown.style.format({captions.name(str(c), say): partial(_figure, say) for c in numbers})
    st.dataframe(styled, hide_index=True, height=520, alt=say("ui.table_alt"), column_config={say("ui.session"): dates})


# -- figures, list and card ------------------------------------------------------------------------------------------


def notes(workspace: Workspace, shown: Timeline, say: Words) -> None:
    """What is not on the chart, and why; nothing is lost in silence."""
    if not shown.numbered and len(shown.sessions):
        st.info(say("ui.no_events"), icon=":material/info:")
        st.button(say("ui.all_events"), key="all-events", on_click=safe(_show_all_events))
    if shown.later and shown.view.last >= workspace.last:
        titles = say.listing(f"{say.date(e.date)}: {e.title.in_(say.lang)}" for e in shown.later)
        st.caption(plain(say("ui.later", n=len(shown.later), day=workspace.last, titles=titles)))


def _show_all_events() -> None:
    st.session_state.update(categories=[], articles=[], verification=[], find="")


def key_figures(shown: Timeline, say: Words) -> None:
    """Per series: change over the range, worst and best session, and what happened then."""
    columns = st.columns(min(len(shown.figures), 4))
    for position, figures in enumerate(shown.figures):
        with columns[position % len(columns)].container(border=True):
            st.metric(captions.name(figures.ticker, say), say.percent(figures.change), help=say("ui.change_help", base=shown.base))
            for code, session, move in (("worst", figures.worst, figures.worst_move), ("best", figures.best, figures.best_move)):
                if session is not None:
                    event = shown.happened.get(session)
                    happened = "" if event is None else f" – {plain(event.title.in_(say.lang))}"
                    st.caption(f"{say(f'ui.{code}')}: {plain(say.date(session))} **{plain(say.move(move))}**{happened}")


def events_and_card(workspace: Workspace, shown: Timeline, say: Words) -> None:
    """The filters and the numbered list, and beside it (above it on a phone) the card of the selected event."""
    listed = [(mark.number, event) for mark in shown.numbered for event in mark.events]
    with st.container(key="lower"):
        left, right = st.columns([6, 5], gap="medium")
    with left:
        st.header(say("ui.events_heading", n=len(listed)), anchor=False)
        _filters(workspace, shown.view, say)
        notes(workspace, shown, say)
        if listed:
            _event_list(listed, shown, say)
    with right:
        if shown.view.event:
            _card(workspace, shown, workspace.event(shown.view.event), say)
        else:
            st.header(say("ui.card_heading"), anchor=False)
            st.caption(say("ui.card_hint"))


def _page_of(listed: list[tuple[int | None, Event]], selected: str) -> list[tuple[int | None, Event]]:
    """A long list comes in pages; choosing an event on the chart turns to its page."""
    if len(listed) <= PAGE:
        return listed
    pages = -(-len(listed) // PAGE)
    places = {event.id: place for place, (_, event) in enumerate(listed)}
    turned = places.get(selected, 0) // PAGE + 1
    page = st.pagination(pages, default=turned, key=f"page-{selected}-{pages}")  # a new key turns to the chosen event's page
    return listed[(page - 1) * PAGE : page * PAGE]


def _event_list(listed: list[tuple[int | None, Event]], shown: Timeline, say: Words) -> None:
    listed = _page_of(listed, shown.view.event)
    ids = [event.id for _, event in listed]
    numbers = {event.id: number for number, event in listed}
    by_id = {event.id: event for _, event in listed}
    wanted = shown.view.event if shown.view.event in ids else None
    labels = (say.lang, tuple(ids))
    # written only when it must be: writing what is there already would undo an arrow key pressed meanwhile
    if st.session_state.get("list") != wanted or st.session_state.get("labels") != labels:
        st.session_state["list"], st.session_state["labels"] = wanted, labels

    def label(event_id: str) -> str:
        return f"**{numbers[event_id]}** {plain(by_id[event_id].title.in_(say.lang))}"

    def chosen() -> None:
        # when the labels change, the browser may still name the choice by an old one
        if st.session_state["list"] in by_id:
            _select(st.session_state["list"])

    with st.container(height=560 if len(ids) > 9 else "content", key="list-box"):
        st.radio(
            say("ui.events"), ids, index=None, key="list", format_func=label, on_change=safe(chosen), label_visibility="collapsed",
            captions=_list_captions([by_id[i] for i in ids], shown, say),
        )  # fmt: skip


def _list_captions(listed: list[Event], shown: Timeline, say: Words) -> list[str]:
    """Under each title its category; under the first of a session also the day and what it brought."""
    found, before = [], None
    for event in listed:
        session = shown.reactions[event.id].session
        parts = [f"{LETTERS[event.category]} {say(f'category.{event.category}')}", *evidence.own_mark(event, say)]
        if session != before:
            moves = " · ".join(f"{captions.name(t, say)} {say.percent(m, 1)}" for t, m in shown.finding_of(session).moves[: captions.FEW])
            parts = [say.date(session), moves, *parts]
        found.append(plain(" · ".join(parts)))
        before = session
    return found


def _card(workspace: Workspace, shown: Timeline, event: Event, say: Words) -> None:
    reaction = workspace.reactions[event.id]
    mark = shown.mark_of(reaction.session)
    number = f"{mark.number} · " if mark and mark.number else ""
    with st.container(border=True, key="card"):
        st.header(plain(f"{number}{event.title.in_(say.lang)}"), anchor=False)
        evidence.own_badge(event, say)
        st.markdown(plain(event.summary.in_(say.lang)))
        if reaction.session not in shown.sessions:
            st.info(say("ui.outside_range") if reaction.session <= shown.closes.index[-1] else say("ui.no_price_yet", day=workspace.last))
        lines = [
            (say("ui.published"), evidence.published(event, say)),
            (
                say("ui.reaction"),
                f"{say.date(reaction.session, 'day')} ({reaction.in_words(say)}). {evidence.opening(reaction.session, say)}",
            ),
        ]
        if reaction.session in shown.moves.index:
            moves = " · ".join(f"{captions.name(t, say)} {say.move(m)}" for t, m in shown.finding_of(reaction.session).moves)
            lines.append((say("ui.moves"), moves))
        lines += [
            (say("ui.category"), f"{LETTERS[event.category]} {say(f'category.{event.category}')} · {', '.join(event.tickers)}"),
            (say("ui.how_sure"), event_captions.how_sure(event, say)),
        ]
        if event.single_origin:
            lines.append((say("ui.origin"), say("ui.single_origin", origin=event.single_origin)))
        if event.note:
            lines.append((say("ui.note"), event.note.in_(say.lang)))
        mentioned = [f"{a.publisher} ({say.date(a.published)})" for a in workspace.articles if a.id in event.articles]
        if mentioned:
            lines.append((say("ui.mentioned"), say.listing(mentioned)))
        for name, text in lines:
            st.markdown(f"**{plain(name)}:** {plain(text)}")
        st.markdown(f"**{plain(say('ui.sources'))}:** {evidence.sources(event, say)}")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            to_impact(workspace, event, shown.view.series, say)
            st.button(say("ui.close_card"), key="close-card", on_click=safe(_close_card))


def _close_card() -> None:
    _select("")


def _select(event: str) -> None:
    """Selects by other means than a token; the chart lets go of its own selection, so that a click on the token counts again."""
    st.session_state["selected"] = event
    st.session_state["released"] = st.session_state.get("released", 0) + 1
