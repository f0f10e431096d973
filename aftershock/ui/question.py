"""The question on the Impact page: which event, which series, measured how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import streamlit as st

from aftershock import captions, impact_views, views
from aftershock.impact_rows import minus
from aftershock.impact_views import ESTIMATIONS, WINDOWS, ImpactView, benchmarks, offsets, window_of
from aftershock.models import Model
from aftershock.returns import Returns
from aftershock.study import Window
from aftershock.text import Words, words
from aftershock.tickers import BENCHMARKS
from aftershock.ui import house, market
from aftershock.ui.address import follow
from aftershock.ui.faults import safe
from aftershock.ui.frame import plain
from aftershock.views import Correction
from aftershock.workspace import Workspace

_WIDGETS: Final = ("i-event", "i-ticker", "i-window", "i-estimation", "i-model", "i-returns", "i-benchmark", "lang")
_BEHIND: Final = ("i-estimation", "i-model", "i-returns", "i-benchmark")


# -- state -----------------------------------------------------------------------------------------------------------


def view(workspace: Workspace) -> ImpactView:
    """The reader's question, from the query string on arrival and from the widgets after that; written back to the address."""
    return follow(
        "impact",
        _WIDGETS,
        read=lambda query, lang: _read(workspace, query, lang),
        lay=_laid,
        collect=lambda view: _collected(workspace, view),
        speaking=lambda view, lang: _read(workspace, view.query() | {"lang": lang}, lang)[0],  # an own event may be gone
    )


def _read(workspace: Workspace, query: Mapping[str, str], lang: str) -> tuple[ImpactView, tuple[Correction, ...]]:
    asked = views.Reader(query)
    choices = house.opened(workspace, (*asked.tickers("ticker"), *asked.tickers("benchmark"))).choices
    return impact_views.read(query, choices, workspace.named, lang)


def _laid(view: ImpactView) -> dict[str, object]:
    """What the widgets hold for a view."""
    d = view.design
    return {
        "i-event": view.event, "i-ticker": view.ticker, "i-window": offsets(d.window), "i-estimation": offsets(d.estimation),
        "i-model": d.model.value, "i-returns": d.returns.value, "i-benchmark": d.benchmark, "lang": view.lang,
    }  # fmt: skip


def _collected(workspace: Workspace, view: ImpactView) -> tuple[ImpactView, tuple[Correction, ...]]:
    """The view that the widgets say. Another series starts from its own usual model and benchmark, unless the reader chose others."""
    state, d, u = st.session_state, view.design, view.usual
    ticker, unknown = _typed_ticker(state["i-ticker"], view.ticker, view)
    benchmark, unknown_too = _typed_ticker(state["i-benchmark"], "", view)
    query = {
        "event": state["i-event"] or view.event,
        "ticker": ticker,
        "window": state["i-window"] or offsets(d.window),
        "estimation": state["i-estimation"] or offsets(d.estimation),
        "returns": state["i-returns"] or d.returns,
        "lang": state["lang"] or view.lang,
    }
    for key, chosen, usual in (("model", state["i-model"] or d.model, u.model), ("benchmark", benchmark, u.benchmark)):
        if ticker == view.ticker or chosen != usual:
            query[key] = str(chosen)
    if query.get("benchmark") == ticker:  # nobody asks for that: the benchmark became the series, or the model needs none
        del query["benchmark"]
    found, corrections = _read(workspace, query, view.lang)
    state.update({key: value for key, value in _laid(found).items() if state[key] != value})
    return found, (*unknown, *unknown_too, *corrections)


def _typed_ticker(typed: str | None, before: str, view: ImpactView) -> tuple[str, tuple[Correction, ...]]:
    """The ticker that was chosen or typed, or the one before and a sentence."""
    found, wrong = market.understood([typed] if typed else [], words(view.lang))
    return (found or (before,))[0], wrong


# -- the question ----------------------------------------------------------------------------------------------------


def picker(workspace: Workspace, view: ImpactView, say: Words) -> None:
    """Which event, in which series; under them what could not be had, and where the rest comes from."""
    left, right = st.columns([7, 5], vertical_alignment="bottom")
    titles = {e.id: f"{say.date(e.date)} · {e.title.in_(say.lang)}" for e in workspace.events}
    left.selectbox(say("impact_page.event"), list(titles), key="i-event", format_func=titles.__getitem__)
    timeline = st.session_state["view"].series if "view" in st.session_state else ()
    right.selectbox(
        say("impact_page.series"), market.offered(workspace, (*timeline, view.ticker)), key="i-ticker",
        format_func=lambda t: market.label(t, say), accept_new_options=True, filter_mode="contains",
    )  # fmt: skip
    market.missing(workspace, used(view), say, partial(_drop, workspace, view))
    market.badge(workspace, used(view), say)


def used(view: ImpactView) -> tuple[str, ...]:
    """The series that the answer needs."""
    return (view.ticker, view.design.benchmark) if view.design.uses_benchmark else (view.ticker,)


def _drop(workspace: Workspace, view: ImpactView, ticker: str) -> None:
    """Another series in the place of one that could not be had."""
    if ticker == view.ticker:
        st.session_state["i-ticker"] = impact_views.usual_ticker(workspace.event(view.event).tickers, workspace.tickers)
    else:
        st.session_state["i-benchmark"] = view.usual.benchmark


def opened(workspace: Workspace, view: ImpactView) -> Workspace:
    """The workspace with the series that the view asks about."""
    return house.opened(workspace, (view.ticker, view.design.benchmark))


def settings(workspace: Workspace, view: ImpactView, say: Words) -> None:
    """How it is measured: the window in sight, the rest behind a button."""
    left, right = st.columns([7, 5], vertical_alignment="bottom")
    windows = _options(WINDOWS, view.design.window)
    left.segmented_control(
        say("impact_page.window"), windows, key="i-window", format_func=lambda w: _window_label(w, say), required=True, wrap=True,
        help=say("impact_page.window_help"),
    )  # fmt: skip
    # What is in a popover is mounted when it opens, and takes its value from the last run: so every run says the values again.
    st.session_state.update({key: value for key, value in _laid(view).items() if key in _BEHIND})
    with right.popover(say("impact_page.settings"), icon=":material/tune:", key="i-settings"):
        st.text_input(
            say("impact_page.other_window"), key="i-other", placeholder="-3:5", max_chars=12, help=say("impact_page.other_help"),
            on_change=safe(_typed), args=("i-other", "i-window"),
        )  # fmt: skip
        estimations = _options(ESTIMATIONS, view.design.estimation)
        st.selectbox(say("impact_page.estimation"), estimations, key="i-estimation", format_func=lambda w: _estimation_label(w, say))
        models = [m.value for m in Model]
        st.radio(say("impact_page.model"), models, key="i-model", format_func=lambda m: say(f"model.{m}"))
        names = list(benchmarks(view.ticker, tuple(dict.fromkeys((*workspace.tickers, *BENCHMARKS, view.design.benchmark)))))
        if view.design.uses_benchmark:
            st.selectbox(
                say("impact_page.benchmark"), names, key="i-benchmark", format_func=lambda t: market.label(t, say), accept_new_options=True,
                filter_mode="contains",
            )  # fmt: skip
        kinds = [r.value for r in Returns]
        st.segmented_control(
            say("impact_page.returns"), kinds, key="i-returns", format_func=lambda r: say(f"returns.{r}"), required=True, wrap=True
        )
        st.caption(plain(say("impact_page.usual", design=_design(view, say))))


def _options(usual: Sequence[Window], chosen: Window) -> list[str]:
    return [offsets(w) for w in sorted({*usual, chosen}, key=lambda w: (len(w), w.first))]


def _window_label(text: str, say: Words) -> str:
    window = window_of(text)
    return plain(minus(str(window))) if window != Window(0, 0) else f"{say('impact_page.the_day')} {plain('[0]')}"


def _estimation_label(text: str, say: Words) -> str:
    window = window_of(text)
    return text if window is None else f"{minus(str(window))} · {say('impact_page.sessions', n=len(window))}"


def _typed(source: str, target: str) -> None:
    """A window written by hand takes the place of the chosen one; what is none stays in its field and changes nothing."""
    if (window := window_of(st.session_state[source])) is not None:
        st.session_state[target] = offsets(window)
        st.session_state[source] = ""


def _design(view: ImpactView, say: Words) -> str:
    u = view.usual
    model = say(f"model.{u.model}")
    named = f"{model}, {captions.name(u.benchmark, say)}" if u.uses_benchmark else model
    return f"{named}, {say(f'returns.{u.returns}')}, {minus(str(u.estimation))}"
