"""The Claims page: filters, all claims at a glance, the reader's own, and a card for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import streamlit as st

from aftershock import captions, claim_views
from aftershock import claim_exhibits as made
from aftershock.charts.claims import evidence, overview
from aftershock.charts.impact.frame import Box, Columns
from aftershock.claim_views import OWN_KINDS, PERIODS, PRESS, PRICED, ClaimsView, Entry, sources_of, tickers_of
from aftershock.claims import UNITS, Checked, Field, Hedge, Kind, Verdict
from aftershock.errors import Phrase
from aftershock.exports import Exhibit
from aftershock.text import Words
from aftershock.ui import market
from aftershock.ui.address import chosen, follow
from aftershock.ui.faults import safe
from aftershock.ui.frame import figures_behind, plain, take_away
from aftershock.views import Correction
from aftershock.workspace import Workspace

PAGE: Final = 6  # cards on one page
_WIDGETS: Final = ("c-verdict", "c-source", "c-ticker", "c-kind", "c-series", "c-first", "c-stated", "c-hedge", "lang")
_COLOURS: Final = {Verdict.SUPPORTED: "blue", Verdict.CONTRADICTED: "orange", Verdict.CANNOT_TELL: "gray"}
_ICONS: Final = {
    Verdict.SUPPORTED: ":material/check_circle:",
    Verdict.CONTRADICTED: ":material/cancel:",
    Verdict.CANNOT_TELL: ":material/help:",
}


# -- state -----------------------------------------------------------------------------------------------------------


def view(workspace: Workspace) -> ClaimsView:
    """The reader's choices, from the query string on arrival and from the widgets after that; written back to the address."""
    return follow(
        "claims",
        _WIDGETS,
        read=lambda query, lang: claim_views.read(query, workspace.choices, workspace.checked, lang),
        lay=_laid,
        collect=_collected,
        speaking=lambda view, lang: replace(view, lang=lang),
    )


def _laid(view: ClaimsView) -> dict[str, object]:
    """What the widgets hold for a view."""
    own = view.own
    return {
        "c-verdict": list(view.verdicts), "c-source": list(view.sources), "c-ticker": list(view.tickers),
        "c-page": view.page, "c-claim": view.claim,
        "c-kind": own.kind.value, "c-series": own.ticker, "c-first": own.first, "c-last": own.last, "c-stated": own.stated,
        "c-hedge": own.hedge.value, "c-at": own.at.value, "lang": view.lang,
    }  # fmt: skip


def _collected(view: ClaimsView) -> tuple[ClaimsView, tuple[Correction, ...]]:
    """The view that the widgets say. Fields that the kind of claim does not ask for are not there, and keep what they had."""
    state, own = st.session_state, view.own
    filters = tuple(tuple(state[key]) for key in ("c-verdict", "c-source", "c-ticker"))
    first = _day(state["c-first"], own.first)
    entry = Entry(
        kind=chosen("c-kind", Kind, own.kind),
        ticker=state["c-series"] or own.ticker,
        first=first,
        last=_day(state.get("c-last"), own.last) if own.last != own.first or "c-last" in state else first,
        stated=(state["c-stated"] or "").strip()[: claim_views.MOST_LETTERS],
        hedge=chosen("c-hedge", Hedge, own.hedge),
        at=chosen("c-at", Field, own.at),
    )
    if entry.first != own.first and entry.last == own.last == own.first:  # a claim about one session moves as one
        entry = replace(entry, last=first)
        state["c-last"] = first
    page = state.get("c-page") or 1
    claim = state.get("c-claim", "")
    if filters != (view.verdicts, view.sources, view.tickers):
        page, claim = 1, ""
        state.update({"c-page": 1, "c-claim": ""})
    verdicts, sources, tickers = filters
    return ClaimsView(verdicts, sources, tickers, claim, page, entry, state["lang"] or view.lang), ()


def _day(value: Any, otherwise: dt.date) -> dt.date:
    return value if isinstance(value, dt.date) else otherwise


# -- the head of the page --------------------------------------------------------------------------------------------


def headline(workspace: Workspace, view: ClaimsView, say: Words) -> str:
    """How many hold."""
    return claim_views.headline(made.shown(workspace, view), say)


def filters(workspace: Workspace, say: Words) -> None:
    """By verdict, by who said it, by series."""
    n = claim_views.counted(workspace.checked)
    st.pills(
        say("claims_page.verdict"), list(Verdict), key="c-verdict", selection_mode="multi", wrap=True,
        format_func=lambda v: f"{_ICONS[v]} {say(f'claim_verdict.{v}')} {n[v]}",
    )  # fmt: skip
    left, right = st.columns(2, vertical_alignment="bottom")
    speaking = sources_of(workspace.checked)
    sources = {a.id: f"{a.publisher}, {say.date(a.published)}" for a in workspace.articles if a.id in speaking}
    sources[PRESS] = say("claims_page.press")
    left.pills(
        say("claims_page.source"), list(sources), key="c-source", selection_mode="multi", format_func=lambda s: plain(sources[s]), wrap=True
    )
    right.pills(
        say("claims_page.series"), tickers_of(workspace.checked), key="c-ticker", selection_mode="multi", wrap=True,
        format_func=lambda t: plain(captions.name(t, say)),
    )  # fmt: skip
    market.badge(workspace, workspace.tickers, say)


def exhibit(workspace: Workspace, view: ClaimsView) -> Exhibit:
    """All claims at a glance, with their files; links begin with this server's own address."""
    return made.claims_overview(workspace, view, _base())


def _base() -> str:
    return (st.context.url or "aftershock/claims").split("?")[0]


def chart(workspace: Workspace, view: ClaimsView, one: Exhibit, say: Words) -> None:
    """All claims at a glance, their table and their files; when there is none, the way back."""
    chosen = made.shown(workspace, view)
    if not chosen:
        st.info(say("claims_page.no_claims"), icon=":material/info:")
    if view.claim or not chosen:
        st.button(say("claims_page.all_claims"), key="c-all", on_click=safe(_show_all), icon=":material/list:")
    if not chosen:
        return
    st.header(say("claims_page.overview"), anchor=False)
    st.caption(plain(one.facts["subtitle"]))
    _draw(overview.specification(overview.key_of(chosen, say)), overview.drawing(chosen, say).datasets(), "overview", one.facts["alt"])
    _numbers(one, "overview", say)


def _show_all() -> None:
    st.session_state.update({"c-claim": "", "c-verdict": [], "c-source": [], "c-ticker": []})


def _draw(specification: Mapping[str, Any], datasets: Mapping[str, Columns], key: str, alt: str) -> None:
    """A chart whose specification is kept and whose data travel as Arrow, numbers for drawing in half the bytes."""
    small = {n: pa.table({c: _small(x) for c, x in columns.items()}) for n, columns in datasets.items()}
    with st.container(key=f"claims-{key}"):
        st.vega_lite_chart(dict(specification) | {"datasets": small}, key=f"c-chart-{key}", alt=alt)


def _small(values: Any) -> Any:
    return values.astype("float32") if isinstance(values, np.ndarray) and values.dtype == np.float64 else values


def _numbers(one: Exhibit, key: str, say: Words) -> None:
    """The table and the files of an exhibit."""
    with st.container(horizontal=True, gap="small"):
        figures_behind(one, say, key=f"c-table-{key}")
        take_away(one, say, key=f"claims-{key}")


# -- the reader's own claim ------------------------------------------------------------------------------------------


def own(workspace: Workspace, view: ClaimsView, say: Words) -> None:
    """Fields for a claim of the reader's own, and its card; what is wrong with it in a sentence."""
    entry = view.own
    with st.expander(say("claims_page.own"), expanded=bool(entry.stated), icon=":material/edit_note:", key="c-own"):
        left, middle, right = st.columns([4, 4, 4], vertical_alignment="bottom")
        left.selectbox(say("claims_page.kind"), [k.value for k in OWN_KINDS], key="c-kind", format_func=lambda k: say(f"claim_kind.{k}"))
        middle.selectbox(
            say("claims_page.series"), workspace.tickers, key="c-series", format_func=lambda t: captions.name(t, say), filter_mode=None
        )
        label = f"{say('claims_page.stated')} ({say(f'unit.{UNITS[entry.kind]}')})"
        right.text_input(
            label, key="c-stated", max_chars=claim_views.MOST_LETTERS, placeholder=say.number(-3.1, 1),
            help=plain(say("claims_page.stated_help")),
        )  # fmt: skip
        left, middle, right = st.columns([4, 4, 4], vertical_alignment="bottom")
        _date(left, "first", say)
        if entry.kind in PERIODS:
            _remembered("c-last", entry.last)
            _date(middle, "last", say)
        if entry.kind in PRICED:
            _remembered("c-at", entry.at.value)
            middle.selectbox(say("claims_page.at"), [f.value for f in Field], key="c-at", format_func=lambda f: say(f"price_at.{f}"))
        right.selectbox(say("claims_page.hedge"), [h.value for h in Hedge], key="c-hedge", format_func=lambda h: say(f"hedge.{h}"))
        claim = entry.claim(view.lang)
        if isinstance(claim, Phrase):
            st.warning(plain(claim.in_words(say)), icon=":material/edit_off:")
        elif claim is not None:
            _card(workspace, view, made.answer(workspace, claim), say)


def _remembered(key: str, value: object) -> None:
    """A field that comes and goes with the kind of claim starts from what the view has."""
    if key not in st.session_state:
        st.session_state[key] = value


def _date(place: Any, code: str, say: Words) -> None:
    place.date_input(
        say(f"claims_page.{code}"), key=f"c-{code}", format="DD/MM/YYYY", min_value=dt.date(2000, 1, 1), max_value=dt.date(2050, 12, 31)
    )


# -- the cards -------------------------------------------------------------------------------------------------------


def cards(workspace: Workspace, view: ClaimsView, say: Words) -> None:
    """A page of the claims that pass the filters, a card each."""
    chosen = made.shown(workspace, view)
    if not chosen:
        return
    st.header(say("claims_page.cards"), anchor=False)
    page = min(view.page, -(-len(chosen) // PAGE))
    for checked in chosen[(page - 1) * PAGE : page * PAGE]:
        _card(workspace, view, checked, say)
    _pages(len(chosen), page, say)


def _pages(n: int, page: int, say: Words) -> None:
    pages = -(-n // PAGE)
    if pages > 1:
        if st.session_state.get("c-page") != page:
            st.session_state["c-page"] = page
        st.segmented_control(say("claims_page.page_of"), range(1, pages + 1), key="c-page", required=True, wrap=True)


def _card(workspace: Workspace, view: ClaimsView, checked: Checked, say: Words) -> None:
    claim, one = checked.claim, made.claim_evidence(workspace, view, checked, _base())
    with st.container(border=True, key=f"card-{claim.id}"):
        left, right = st.columns([6, 6], gap="medium")
        with left:
            st.badge(plain(say(f"claim_verdict.{checked.verdict}")), icon=_ICONS[checked.verdict], color=_COLOURS[checked.verdict])  # type: ignore[arg-type]
            st.subheader(plain(claim.said.in_(say.lang)), anchor=False)
            _told(workspace, checked, say)
        with right:
            _evidence(workspace, checked, one, say)


def _told(workspace: Workspace, checked: Checked, say: Words) -> None:
    """By whom, what was said and found, which sessions, and the arithmetic or what is missing."""
    claim, found = checked.claim, checked.found
    by = [f"{a.publisher}, {say.date(a.published)}" for a in workspace.articles if a.id in claim.articles] or [claim.by.in_(say.lang)]
    rows = {"claims_page.by": say.listing(by), **made.lines(checked, say)}
    if found:
        rows["claims_page.sessions"] = " → ".join(say.date(s) for s in found.sessions)
    rows["claims_page.figures_say" if found else "claims_page.missing"] = checked.reason(say)
    st.markdown("  \n".join(f"**{plain(say(code))}:** {plain(text)}" for code, text in rows.items()))


def _evidence(workspace: Workspace, checked: Checked, one: Exhibit | None, say: Words) -> None:
    """The chart with its table and files; nothing to draw is said on the other side of the card."""
    behind = made.seen(workspace, checked)
    if one is None or behind is None:
        return
    key = evidence.key_of(checked, behind, say)
    drawn = evidence.drawing(checked, behind, say, Box(0, evidence.HEIGHT))
    _draw(evidence.specification(key), drawn.datasets(), checked.claim.id, one.facts["alt"])
    _numbers(one, checked.claim.id, say)
