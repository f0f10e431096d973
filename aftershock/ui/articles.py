"""The Articles page: an article comes in, its dated statements are marked, and what the reader confirms is saved as events of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aftershock import forms, own
from aftershock.articles import drafts, reading
from aftershock.articles.drafts import Draft, Ingested
from aftershock.articles.fetch import Fetcher
from aftershock.articles.grammar import Found, Skipped
from aftershock.articles.reading import Article
from aftershock.errors import AftershockError, DataError
from aftershock.events import Category, Event
from aftershock.store import Shelf
from aftershock.text import Words
from aftershock.ui import files, kept, reader
from aftershock.ui.address import Plain, plain_view
from aftershock.ui.events import to_timeline
from aftershock.ui.faults import safe
from aftershock.ui.frame import plain
from aftershock.ui.impact import to_impact
from aftershock.workspace import DATA, Workspace

_DESK: Final = "a-desk"
_PAGE: Final = 40  # drafts on one page; what is saved is what is seen
_SHOWN: Final = 12_000  # letters of the text that are shown marked
_FIRST, _LAST = dt.date(2004, 1, 2), dt.date(2027, 12, 30)  # what the calendar of sessions covers
_EDITED: Final = ("date", "time", "category", "tickers")


@dataclass(frozen=True)
class _Desk:
    """What lies before the reader: the article taken apart, where it is from, the forms that they changed and what was refused in them
    (both by event id), drafts that they want although the catalogue has something like them, and what stopped the last step."""

    ingested: Ingested | None = None
    url: str | None = None
    edits: Mapping[str, forms.Draft] = field(default_factory=dict)
    complaints: Mapping[str, tuple[DataError, ...]] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()
    trouble: AftershockError | None = None
    saved: int = 0


def _desk() -> _Desk:
    found: _Desk = st.session_state.setdefault(_DESK, _Desk())
    return found


def _lay(desk: _Desk) -> None:
    st.session_state[_DESK] = desk


def view() -> Plain:
    """The language, kept in the address as on every page."""
    return plain_view("article-page")  # the timeline has widgets called articles


def title(say: Words) -> str:
    """The question, or what was found."""
    ingested = _desk().ingested
    if ingested is None:
        return say("article_page.title")
    known = len({d.known for d in ingested.drafts if d.known})
    return say("article_page.found", n=len(ingested.drafts)) + (say("article_page.found_known", n=known) if known else "")


# -- an article comes in ---------------------------------------------------------------------------------------------


def source(workspace: Workspace, say: Words) -> None:
    """Paste, upload, an address (not where strangers use the server), or the example."""
    ways = ["paste", "file", *([] if reader.public() else ["address"])]
    desk = _desk()
    first = desk.ingested is None
    label = say("article_page.source") if first else say("article_page.another_source")
    with st.expander(label, expanded=first, icon=":material/article:", key=f"a-in-{first}"):
        way = st.segmented_control(
            say("article_page.way"), ways, key="a-way", default="paste", required=True, format_func=lambda w: say(f"way.{w}"),
            label_visibility="collapsed", wrap=True,
        )  # fmt: skip
        with st.form("a-source", border=False):
            if way == "file":
                st.file_uploader(say("article_page.file"), type=["txt", "html", "htm"], key="a-file", max_upload_size=2)
            elif way == "address":
                st.text_input(say("article_page.address"), key="a-address", placeholder="https://…", max_chars=2000)
            else:
                st.text_area(say("article_page.text"), key="a-text", height=200, placeholder=say("article_page.text_hint"))
            with st.container(horizontal=True, gap="small"):
                st.form_submit_button(say("article_page.read"), key="a-read", icon=":material/search:", on_click=safe(_take),
                                      args=(workspace, way))  # fmt: skip
                st.form_submit_button(say("article_page.example"), key="a-example", on_click=safe(_example), args=(workspace, say.lang))
    if desk.trouble is not None:
        st.error(plain(desk.trouble.sentence(say.lang)), icon=":material/error:")


def _take(workspace: Workspace, way: str) -> None:
    state = st.session_state
    if way == "file":
        file = state.get("a-file")
        _read(workspace, lambda: (reading.read(file.getvalue(), file.name), None)) if file else None
    elif way == "address":
        if (address := (state.get("a-address") or "").strip()) and not reader.public():
            _read(workspace, lambda: _fetched(address))
    elif (text := state.get("a-text") or "").strip():
        _read(workspace, lambda: (reading.read(text), None))


def _fetched(address: str) -> tuple[Article, str | None]:
    page = Fetcher().fetch(address)
    article = reading.read(page.content, "fetched.html" if page.html else "")
    return (article if article.publisher else replace(article, publisher=urlsplit(page.url).hostname or "")), page.url


def _example(workspace: Workspace, lang: str) -> None:
    text = (DATA / "examples" / f"article.{lang}.txt").read_text(encoding="utf-8")
    _read(workspace, lambda: (reading.read(text), None))


def _read(workspace: Workspace, how: Callable[[], tuple[Article, str | None]]) -> None:
    try:
        article, url = how()
    except AftershockError as error:
        _lay(replace(_desk(), trouble=error))
        return
    _begin(workspace, article, url)


def _begin(workspace: Workspace, article: Article, url: str | None) -> None:
    """A new article on the desk; what was changed before belonged to another."""
    _lay(_Desk(drafts.ingest(article, workspace.catalogue, workspace.calendar), url))
    st.session_state["a-published"] = article.day


# -- what it says ----------------------------------------------------------------------------------------------------


def found(workspace: Workspace, say: Words) -> None:
    """The article's facts and marked text, and beside it (below it on a phone) the drafts."""
    ingested = _desk().ingested
    if ingested is None:
        return
    left, right = st.columns([5, 6], gap="medium")
    with left:
        _facts(workspace, ingested.article, say)
        _text(ingested, say)
    with right:
        _drafts(workspace, ingested, say)


def _facts(workspace: Workspace, article: Article, say: Words) -> None:
    st.header(plain(article.title or say("article_page.untitled")), anchor=False)
    st.markdown(plain(" · ".join(filter(None, (article.publisher, say(f"language.{article.language}"))))))

    def changed() -> None:
        if (day := st.session_state["a-published"]) is not None and day != article.day:
            _begin(workspace, article.published_on(day), _desk().url)

    if "a-published" not in st.session_state:
        st.session_state["a-published"] = article.day
    st.date_input(
        say("article_page.published"), key="a-published", format="DD/MM/YYYY", min_value=_FIRST, max_value=_LAST, on_change=safe(changed)
    )
    if isinstance(article.published, dt.datetime):
        offset = article.published.strftime("%z")
        _quiet(say("article_page.published_at", time=say.time(article.published), offset=f"{offset[:3]}:{offset[3:5]}"))
    if len(article.text) >= reading.LONGEST:
        st.warning(say("article_page.cut_reading", n=reading.LONGEST), icon=":material/content_cut:")
    if article.published is None:
        st.warning(say("article_page.no_date"), icon=":material/event_busy:")


def _text(ingested: Ingested, say: Words) -> None:
    """The text with what was found in one colour and what was skipped in another; then the reasons."""
    text = ingested.article.text
    places: list[Found | Skipped] = sorted([*(d.found for d in ingested.drafts), *ingested.skipped], key=lambda s: s.start)
    pieces, at = [], 0
    for place in places:
        if place.start >= _SHOWN:
            break
        words = plain(" ".join(text[place.start : place.end].split()))
        mark = f":orange-background[{words}]" if isinstance(place, Found) else f":gray-background[:material/block: {words}]"
        pieces += [plain(text[at : place.start]), mark]
        at = place.end
    pieces.append(plain(text[at : max(at, _SHOWN)]))
    with st.container(border=True, height=520 if len(text) > 1500 else "content", key="a-marked"):
        st.markdown("".join(pieces).replace("\n", "\n\n"))
        if len(text) > _SHOWN:
            _quiet(say("article_page.cut", n=_SHOWN))
    if ingested.skipped:
        with st.expander(say("article_page.skipped", n=len(ingested.skipped)), icon=":material/block:", key="a-skipped"):
            st.markdown(
                "\n".join(f"- :gray-background[{plain(s.expression)}] {plain(say(f'skipped.{s.reason}'))}" for s in ingested.skipped)
            )


def _quiet(text: str) -> None:
    """Small grey words that can still be read: a caption's own grey is too light for the eye and for the guidelines."""
    st.markdown(f":small[:gray[{plain(text)}]]")


# -- drafts ----------------------------------------------------------------------------------------------------------


def _drafts(workspace: Workspace, ingested: Ingested, say: Words) -> None:
    if not ingested.drafts:
        st.info(say("article_page.none"), icon=":material/info:")
        return
    shelf = kept.shelf()
    if isinstance(shelf, AftershockError):
        st.warning(plain(shelf.sentence(say.lang)), icon=":material/cloud_off:")
    desk = _desk()
    by_id = {drafts.event_id(ingested.article, d.found): d for d in ingested.drafts}
    mine = [i for i in by_id if i in workspace.by_id]
    known = {i: d.known for i, d in by_id.items() if d.known and i not in desk.wanted and i not in mine}
    new = {i: d for i, d in by_id.items() if i not in mine and i not in known}
    if new:
        _new(new, ingested, say)
    if desk.saved:
        st.success(say("article_page.done", n=desk.saved), icon=":material/check:")
    if mine:
        st.subheader(say("article_page.mine"), anchor=False)
        for event_id in mine:
            _event(workspace, workspace.event(event_id), [by_id[event_id]], say)
    if events := list(dict.fromkeys(known.values())):
        st.subheader(say("article_page.known", n=len(events)), anchor=False)
        for event in events:
            ids = [i for i, name in known.items() if name == event]
            with _event(workspace, workspace.event(event), [by_id[i] for i in ids], say):
                st.button(say("article_page.another"), key=f"a-want-{ids[0]}", on_click=safe(_want), args=(ids,), type="tertiary")


def _new(by_id: Mapping[str, Draft], ingested: Ingested, say: Words) -> None:
    """The drafts to look over, and the button that saves those of the page that are ticked."""
    st.subheader(say("article_page.new"), anchor=False)
    ids = list(by_id)
    pages = -(-len(ids) // _PAGE)
    page = st.pagination(pages, key="a-page") if pages > 1 else 1
    shown = ids[(page - 1) * _PAGE : page * _PAGE]
    for event_id in shown:
        with st.container(border=True, key=f"a-draft-{event_id}", gap="small"):
            _draft(event_id, by_id[event_id], ingested, say)
    if reader.name() is None:
        files.take(_ticked(shown, by_id, say.lang)[0], say, "a-files")
        reader.sign_in(say, "articles")
        return
    st.button(
        say("article_page.save"), key="a-save", icon=":material/save:", on_click=safe(_save), args=(shown, by_id, say.lang),
        disabled=not isinstance(kept.shelf(), Shelf),
    )  # fmt: skip


def _fields(event_id: str, draft: Draft, ingested: Ingested, lang: str) -> forms.Draft:
    """What the form of a draft holds: the reader's changes, else what was proposed."""
    desk = _desk()
    return desk.edits.get(event_id) or drafts.fields(draft, ingested.article, desk.url, lang)


def _draft(event_id: str, draft: Draft, ingested: Ingested, say: Words) -> None:
    """One draft: what it would be saved as, what the article's words give, and the form to change it."""
    desk = _desk()
    held = _fields(event_id, draft, ingested, say.lang)
    name = held.title_en or held.title_vi
    ready = held.date is not None
    st.checkbox(
        f"**{plain(name)}**",
        value=ready,
        key=f"a-take-{event_id}-{ready}",
        disabled=not ready,
        help=None if ready else say("article_page.choose"),
    )
    day = say.date(held.date) if held.date and held.date != draft.day else ""
    about = [day, held.time, say(f"category.{held.category}"), held.tickers]
    st.markdown(_said(draft, say))
    _quiet(" · ".join(filter(None, about)))
    if draft.reaction is not None and event_id not in desk.edits:
        _quiet(say("article_page.session", day=draft.reaction.session, why=draft.reaction.in_words(say)))
    if not ready:
        _quiet(say("article_page.coarse", precision=say(f"within.{draft.found.period.precision}")))
    for error in desk.complaints.get(event_id, ()):
        st.error(plain(error.sentence(say.lang)), icon=":material/error:")
    box = st.expander(say("article_page.edit"), icon=":material/edit:", key=f"a-open-{event_id}", on_change="rerun")
    if box.open:
        with box:
            _form(event_id, held, say)


def _days(draft: Draft, say: Words) -> str:
    period = draft.found.period
    said = say.date(period.first) if period.first == period.last else say.dates(period.first, period.last)
    return said + (say("article_page.eastern", day=draft.found.eastern) if draft.found.eastern else "")


def _said(draft: Draft, say: Words) -> str:
    """The article's words and the days that they mean."""
    return f":orange-background[{plain(' '.join(draft.found.expression.split()))}] {plain('→ ' + _days(draft, say))}"


def _event(workspace: Workspace, event: Event, said: Sequence[Draft], say: Words) -> DeltaGenerator:
    """An event that is there, the article's words for it, and the ways to it; gives the row of the ways."""
    with st.container(border=True, key=f"a-event-{event.id}", gap="small"):
        st.markdown(f"**{plain(event.title.in_(say.lang))}**")
        st.markdown(" · ".join(_said(draft, say) for draft in said))
        row = st.container(horizontal=True, gap="small", vertical_alignment="center")
        with row:
            to_timeline(workspace, event, say)
            to_impact(workspace, event, workspace.tickers, say)
    return row


def _want(event_ids: Sequence[str]) -> None:
    desk = _desk()
    _lay(replace(desk, wanted=desk.wanted | {*event_ids}))


def _form(event_id: str, held: forms.Draft, say: Words) -> None:
    """The fields that matter for an event of an article; the rest can be changed on the Events page."""
    keys = {name: f"a-{name}-{event_id}" for name in ("title", *_EDITED)}
    with st.form(f"a-form-{event_id}", border=False):
        st.text_input(say("event_page.title"), held.title_en or held.title_vi, key=keys["title"], max_chars=own.LONGEST["title"])
        left, right = st.columns(2)
        left.date_input(say("event_page.date"), held.date, key=keys["date"], min_value=_FIRST, max_value=_LAST, format="DD/MM/YYYY")
        right.text_input(say("event_page.time"), held.time, key=keys["time"], placeholder="16:05", max_chars=8)
        left, right = st.columns(2)
        codes = [c.value for c in Category]
        left.selectbox(
            say("ui.category"), codes, codes.index(held.category), key=keys["category"], format_func=lambda c: say(f"category.{c}")
        )
        right.text_input(say("event_page.tickers"), held.tickers, key=keys["tickers"], max_chars=400, placeholder="NVDA, AMD")
        st.form_submit_button(
            say("article_page.apply"), key=f"a-apply-{event_id}", on_click=safe(_apply), args=(event_id, held, keys, say.lang)
        )


def _apply(event_id: str, held: forms.Draft, keys: Mapping[str, str], lang: str) -> None:
    """The fields as the reader left them; what cannot be kept is said at once, and the draft is marked to be taken when it can."""
    state = st.session_state
    said = {name: state[keys[name]] for name in _EDITED}
    titles = {"title_en": "", "title_vi": "", f"title_{lang}": state[keys["title"]]}
    if said["time"] or said["date"] != held.date:
        titles["timing"] = "unknown"  # what the words said of the day's hours was about another day, or is said better
    changed = replace(held, **said, **titles)
    desk = _desk()
    refused = forms.event_from(changed, event_id, lang)
    complaints = {**desk.complaints, event_id: tuple(refused.values()) if isinstance(refused, dict) else ()}
    _lay(replace(desk, edits={**desk.edits, event_id: changed}, complaints=complaints, saved=0))
    state[f"a-take-{event_id}-True"] = not complaints[event_id]
    state[f"a-open-{event_id}"] = bool(complaints[event_id])


def _ticked(ids: list[str], by_id: Mapping[str, Draft], lang: str) -> tuple[list[Event], dict[str, tuple[DataError, ...]]]:
    """The events of the drafts that are ticked, and what is wrong with those that are none."""
    desk, state = _desk(), st.session_state
    assert desk.ingested is not None
    events: list[Event] = []
    complaints: dict[str, tuple[DataError, ...]] = {}
    for event_id in ids:
        held = _fields(event_id, by_id[event_id], desk.ingested, lang)
        if held.date is None or not state.get(f"a-take-{event_id}-True", True):
            continue
        made = forms.event_from(held, event_id, lang)
        if isinstance(made, dict):
            complaints[event_id] = tuple(made.values())
        else:
            events.append(made)
    return events, complaints


def _save(ids: list[str], by_id: Mapping[str, Draft], lang: str) -> None:
    """Saves the drafts that are ticked: all of them, or none while one has something wrong."""
    events, complaints = _ticked(ids, by_id, lang)
    saved, trouble = 0, None
    if events and not complaints:
        try:
            saved = len(kept.add(events))
        except AftershockError as error:
            trouble = error
    _lay(replace(_desk(), complaints=complaints, saved=saved, trouble=trouble))
