"""The Events page: the catalogue and the reader's own events, the evidence behind each, and the way to add, change and delete one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from aftershock import captions, event_captions, event_views, views
from aftershock.charts.theme import LETTERS
from aftershock.errors import AftershockError
from aftershock.event_views import PAGE, EventsView, Sort
from aftershock.events import Category, Event, Verification
from aftershock.text import Words
from aftershock.ui import event_form, evidence, files, importing, kept, reader
from aftershock.ui.address import chosen, follow
from aftershock.ui.faults import safe
from aftershock.ui.frame import plain
from aftershock.ui.impact import to_impact
from aftershock.views import Correction
from aftershock.workspace import Workspace

_WIDGETS: Final = ("e-find", "e-categories", "e-verification", "e-articles", "e-years", "e-sort", "lang")
_ASK_FIRST: Final = pd.Timedelta(days=21), pd.Timedelta(days=35)  # around an event's session, on the timeline


# -- state -----------------------------------------------------------------------------------------------------------


def view(workspace: Workspace) -> EventsView:
    """The reader's view, from the query string on arrival and from the widgets after that; written back to the address."""
    return follow(
        "events",
        _WIDGETS,
        read=lambda query, lang: _read(workspace, query, lang),
        lay=_laid,
        collect=lambda view: _collected(workspace, view),
        speaking=lambda view, lang: _read(workspace, view.query() | {"lang": lang}, lang)[0],
    )


def _read(workspace: Workspace, query: Mapping[str, str], lang: str) -> tuple[EventsView, tuple[Correction, ...]]:
    return event_views.read(query, workspace.choices, event_views.years_of(workspace.events), lang)


def _laid(view: EventsView) -> dict[str, object]:
    """What the widgets hold for a view."""
    return {
        "e-find": view.find, "e-categories": list(view.categories), "e-verification": list(view.verification),
        "e-articles": list(view.articles), "e-years": list(view.years), "e-sort": view.sort.value, "e-selected": view.event,
        "lang": view.lang,
    }  # fmt: skip


def _collected(workspace: Workspace, view: EventsView) -> tuple[EventsView, tuple[Correction, ...]]:
    """The view that the widgets say. A chosen event that is gone, and a year whose last event is gone, are let go of."""
    state = st.session_state
    known = event_views.years_of(workspace.events)
    found = EventsView(
        find=state["e-find"][: views.MOST_LETTERS],
        categories=tuple(state["e-categories"]),
        verification=tuple(state["e-verification"]),
        articles=tuple(state["e-articles"]),
        years=tuple(y for y in known if y in state["e-years"]),
        sort=chosen("e-sort", Sort, view.sort),
        event=state["e-selected"] if state["e-selected"] in workspace.by_id else "",
        lang=state["lang"] or view.lang,
    )
    return found, ()


def shown(workspace: Workspace, view: EventsView) -> tuple[Event, ...]:
    """The events that pass the filters, in the view's order."""
    return event_views.shown(view, workspace.events)


# -- words over the list ---------------------------------------------------------------------------------------------


def title(found: tuple[Event, ...], say: Words) -> str:
    """The finding about what is shown."""
    about = event_views.summary(found)
    if about is None:
        return say("event_page.none")
    counts = {"event_page.finding_verified": about.verified, "event_page.finding_own": about.own}
    parts = [say(key, n=n) for key, n in counts.items() if n]
    one = say("event_page.finding_day", n=about.number, day=about.first)
    head = one if about.first == about.last else say("event_page.finding", n=about.number, first=about.first, last=about.last)
    return f"{head}: {say.listing(parts)}" if parts else head


def standfirst(found: tuple[Event, ...], workspace: Workspace, say: Words) -> str:
    """What most of them are, and whose."""
    about = event_views.summary(found)
    most = "" if about is None else say("event_page.most", category=say(f"category.{about.category}"), n=about.most) + " "
    return most + say("event_page.standfirst", n=len(workspace.catalogue))


# -- actions ---------------------------------------------------------------------------------------------------------


def actions(workspace: Workspace, found: tuple[Event, ...], say: Words) -> None:
    """Adding an event, the files of what is shown, undoing the last change, and what stopped it."""
    known = reader.name() is not None
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="e-actions"):
        if known:
            st.button(
                say("event_page.add"), icon=":material/add:", key="e-add", on_click=safe(event_form.begin), args=("", say.lang),
                disabled=isinstance(kept.shelf(), AftershockError),
            )  # fmt: skip
        files.take(found, say, "e-take")
        event_form.undo(say)
    if not known:
        reader.sign_in(say, "events")
    event_form.said(say)
    importing.import_panel(workspace, kept.add, say, disabled=isinstance(kept.shelf(), AftershockError))


# -- list ------------------------------------------------------------------------------------------------------------


def list_and_card(workspace: Workspace, found: tuple[Event, ...], view: EventsView, say: Words) -> None:
    """The filters and the list, and beside it (above it on a phone) the form, or the card of the chosen event."""
    with st.container(key="lower"):
        left, right = st.columns([6, 5], gap="medium")
    with left:
        st.header(say("event_page.heading", n=len(found)), anchor=False)
        _filters(workspace, view, say)
        if found:
            _list(found, view, say)
        else:
            st.info(say("event_page.nothing"), icon=":material/info:")
            st.button(say("ui.all_events"), key="e-all", on_click=safe(_show_all))
    with right:
        if event_form.is_open():
            event_form.show(workspace, say)
        elif view.event:
            _card(workspace, workspace.event(view.event), say)
        else:
            st.header(say("ui.card_heading"), anchor=False)
            st.caption(say("event_page.card_hint"))


def _filters(workspace: Workspace, view: EventsView, say: Words) -> None:
    left, right = st.columns([7, 4], vertical_alignment="bottom")
    left.text_input(say("ui.find"), key="e-find", max_chars=views.MOST_LETTERS, placeholder="DeepSeek, H20, AMD …")
    right.selectbox(say("event_page.sort"), list(Sort), key="e-sort", format_func=lambda s: say(f"sort.{s}"))
    st.pills(
        say("ui.verification"), list(Verification), key="e-verification", selection_mode="multi", wrap=True,
        format_func=lambda v: say(f"verification.{v}"),
    )  # fmt: skip
    more = view.categories or view.articles or view.years
    with st.expander(say("event_page.more_filters"), expanded=bool(more), icon=":material/filter_list:", key="e-more"):
        st.pills(
            say("ui.category"), list(Category), key="e-categories", selection_mode="multi", wrap=True,
            format_func=lambda c: f"{LETTERS[c]} {say(f'category.{c}')}",
        )  # fmt: skip
        articles = {a.id: f"{a.publisher}, {say.date(a.published)}" for a in workspace.articles}
        st.pills(
            say("ui.article"), list(articles), key="e-articles", selection_mode="multi", wrap=True,
            format_func=lambda a: plain(articles[a]),
        )  # fmt: skip
        st.pills(say("event_page.year"), event_views.years_of(workspace.events), key="e-years", selection_mode="multi", wrap=True)


def _show_all() -> None:
    st.session_state.update({"e-find": "", "e-categories": [], "e-verification": [], "e-articles": [], "e-years": []})


def _list(found: tuple[Event, ...], view: EventsView, say: Words) -> None:
    if (pages := event_views.pages(found)) > 1:
        turned = event_views.page_of(found, view.event)
        filters = hash(replace(view, event="", lang=""))
        page = st.pagination(pages, default=turned, key=f"e-page-{view.event}-{pages}-{filters}")  # a new key: to the chosen event's page
        found = found[(page - 1) * PAGE : page * PAGE]
    by_id = {event.id: event for event in found}
    wanted = view.event if view.event in by_id else None
    labels = (say.lang, found)
    # written only when it must be: writing what is there already would undo an arrow key pressed meanwhile
    if st.session_state.get("e-list") != wanted or st.session_state.get("e-labels") != labels:
        st.session_state["e-list"], st.session_state["e-labels"] = wanted, labels

    def chosen() -> None:
        if st.session_state["e-list"] in by_id:  # when the labels change, the browser may still name the choice by an old one
            st.session_state["e-selected"] = st.session_state["e-list"]
            event_form.close()

    with st.container(height=640 if len(found) > 9 else "content", key="e-list-box"):
        st.radio(
            say("ui.events"), list(by_id), index=None, key="e-list", format_func=lambda i: plain(by_id[i].title.in_(say.lang)),
            on_change=safe(chosen), label_visibility="collapsed", captions=[_caption(event, say) for event in found],
        )  # fmt: skip


def _caption(event: Event, say: Words) -> str:
    support = evidence.own_mark(event, say) or (say(f"verification.{event.verification}"),)
    kind = f"{LETTERS[event.category]} {say(f'category.{event.category}')}"
    return plain(" · ".join([say.date(event.date), kind, *support, *event.tickers[:4]]))


# -- card ------------------------------------------------------------------------------------------------------------


def _card(workspace: Workspace, event: Event, say: Words) -> None:
    """What happened, what says so, what is uncertain, which session reacted and why, and where to go from here."""
    with st.container(border=True, key="card"):
        st.header(plain(event.title.in_(say.lang)), anchor=False)
        evidence.own_badge(event, say)
        if event.summary != event.title:
            st.markdown(plain(event.summary.in_(say.lang)))
        for name, text in _lines(workspace, event, say):
            st.markdown(f"**{plain(name)}:** {plain(text)}")
        st.markdown(f"**{plain(say('ui.sources'))}:** {evidence.sources(event, say)}")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            to_timeline(workspace, event, say)
            to_impact(workspace, event, workspace.tickers, say)
        event_form.buttons(event, say)


def _lines(workspace: Workspace, event: Event, say: Words) -> list[tuple[str, str]]:
    reaction = workspace.reactions[event.id]
    session = f"{say.date(reaction.session, 'day')} ({reaction.in_words(say)})"
    lines = [(say("ui.published"), evidence.published(event, say)), (say("ui.reaction"), session)]
    moves = [f"{captions.name(t, say)} {say.move(_move(workspace, t, reaction.session))}" for t in views.SERIES if t in workspace.tickers]
    priced = reaction.session <= workspace.prices.last
    kind = f"{LETTERS[event.category]} {say(f'category.{event.category}')}"
    doubts = [say(f"uncertain.{code}", origin=event.single_origin or "") for code in evidence.doubts(event, reaction)]
    lines += [
        (say("ui.moves"), " · ".join(moves) if priced else say("ui.no_price_yet", day=workspace.last)),
        (say("ui.category"), " · ".join(filter(None, (kind, ", ".join(event.tickers))))),
        (say("ui.how_sure"), event_captions.how_sure(event, say)),
        (say("event_page.uncertain"), "; ".join(doubts)),
    ]
    if event.note:
        lines.append((say("ui.note"), event.note.in_(say.lang)))
    if mentioned := [f"{a.publisher} ({say.date(a.published)})" for a in workspace.articles if a.id in event.articles]:
        lines.append((say("ui.mentioned"), say.listing(mentioned)))
    return lines


def _move(workspace: Workspace, ticker: str, session: pd.Timestamp) -> float:
    """The close-to-close return of a session, NaN where there is none."""
    return float(workspace.moves[ticker].get(session, float("nan")))


def to_timeline(workspace: Workspace, event: Event, say: Words) -> None:
    """The timeline around the event, with the event chosen."""
    session, limits = workspace.reactions[event.id].session, workspace.choices
    series = dict.fromkeys((*views.SERIES, *(t for t in event.tickers if t in workspace.tickers)))
    query = {
        "from": max((session - _ASK_FIRST[0]).date(), limits.first).isoformat(),
        "to": min((session + _ASK_FIRST[1]).date(), limits.last).isoformat(),
        "series": ",".join(list(series)[: views.MOST_SERIES]),
        "event": event.id,
        "lang": say.lang,
    }
    st.page_link("pages/timeline.py", label=say("event_page.to_timeline"), icon=":material/timeline:", query_params=query)
