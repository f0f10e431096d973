"""The form of an own event: add, edit, duplicate, delete, undo, and what to do when somebody else was quicker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from aftershock import forms, own
from aftershock.errors import AftershockError, DataError, RequestError
from aftershock.events import Category, Event, Timing
from aftershock.forms import FIELDS, TEXTS, Draft
from aftershock.own import is_own
from aftershock.store import Conflict, Kept, Shelf
from aftershock.text import LANGUAGES, Words
from aftershock.ui import kept, reader
from aftershock.ui.faults import safe
from aftershock.ui.frame import plain
from aftershock.workspace import Workspace

_FORM: Final = "e-form"
_SAID: Final = "e-said"
_WEIGHTS: Final = {3: "high", 2: "middle", 1: "low"}
_FIRST, _LAST = dt.date(2004, 1, 2), dt.date(2027, 12, 30)  # what the calendar of sessions covers


@dataclass(frozen=True)
class _Form:
    """An open form: whose event, the version that it began with (None: a new event), what its fields hold, what was wrong with them."""

    event_id: str
    version: int | None
    draft: Draft
    lang: str
    complaints: Mapping[str, DataError] = field(default_factory=dict)
    trouble: AftershockError | None = None


def _open() -> _Form | None:
    form: _Form | None = st.session_state.get(_FORM)
    return form


def is_open() -> bool:
    """True while a form or a conflict is to be shown in the card's place."""
    return _open() is not None


def close() -> None:
    """Closes the form; what was not saved is gone."""
    st.session_state[_FORM] = None


def begin(event_id: str, lang: str) -> None:
    """Opens the form: empty for '', else for the own event of that id as it is kept now, which may be newer than what the page shows."""
    found = _kept(event_id)
    if found is not None:
        _put(_Form(event_id, found.version, forms.draft_of(found.event, lang), lang))
    elif event_id:
        st.session_state[_SAID] = Conflict(None, None)
    else:
        _put(_Form(own.new_id(), None, Draft(), lang))


def copy(event: Event, lang: str) -> None:
    """Opens the form with a copy of the event, as a new one."""
    _put(_Form(own.new_id(), None, forms.draft_of(own.copied(event), lang), lang))


def _kept(event_id: str) -> Kept | None:
    shelf = kept.shelf()
    return shelf.find(event_id) if isinstance(shelf, Shelf) else None


def _put(form: _Form) -> None:
    """The form, and its fields' values for the widgets."""
    st.session_state[_FORM] = form
    st.session_state[_SAID] = None
    _fill(form)


def _fill(form: _Form) -> None:
    values: dict[str, Any] = {f"f-{name}": getattr(form.draft, name) for name in FIELDS}
    st.session_state.update(values | {"f-articles": list(form.draft.articles)})


# -- what is under the card ------------------------------------------------------------------------------------------


def buttons(event: Event, say: Words) -> None:
    """Edit, duplicate and delete for an own event; a catalogue's can be duplicated."""
    off, known = not isinstance(kept.shelf(), Shelf), reader.name() is not None
    with st.container(horizontal=True, gap="small", key="e-buttons"):
        if is_own(event):
            begun = (event.id, say.lang)
            st.button(say("event_page.edit"), icon=":material/edit:", key="e-edit", on_click=safe(begin), args=begun, disabled=off)
        copied = (event, say.lang)
        if known:
            st.button(
                say("event_page.duplicate"), icon=":material/content_copy:", key="e-copy", on_click=safe(copy), args=copied, disabled=off
            )
        if is_own(event):
            found = _kept(event.id)
            seen = found.version if found is not None and found.event == event else 0  # 0 fits no event
            gone = (event.id, seen)
            st.button(say("event_page.delete"), icon=":material/delete:", key="e-delete", on_click=safe(_delete), args=gone, disabled=off)
        st.button(say("ui.close_card"), key="e-close", on_click=safe(st.session_state.update), args=({"e-selected": ""},))


def _delete(event_id: str, seen: int) -> None:
    """Deletes the version that was on the card; a newer one is shown first."""
    try:
        kept.delete(event_id, seen)
    except AftershockError as error:
        st.session_state[_SAID] = error
    else:
        st.session_state.update({"e-selected": "", _SAID: None})


def undo(say: Words) -> None:
    """The last change of the reader's events, and the button that takes it back."""
    if (change := kept.last_change()) is not None:
        st.button(say("event_page.undo"), icon=":material/undo:", key="e-undo", on_click=safe(_undo), args=(change.stamp,))
        title = plain(change.event.title.in_(say.lang))
        st.caption(say(f"change.{change.kind}", n=change.number, title=title))


def _undo(stamp: int) -> None:
    try:
        done = kept.undo(stamp)
    except AftershockError as error:
        st.session_state[_SAID] = error
    else:
        st.session_state[_SAID] = None if done else RequestError("undo-late")


def said(say: Words) -> None:
    """What stopped the last change, until the next one."""
    error: AftershockError | None = st.session_state.get(_SAID)
    if error is not None:
        st.error(plain(error.sentence(say.lang)), icon=":material/error:")


# -- the form --------------------------------------------------------------------------------------------------------


def show(workspace: Workspace, say: Words) -> None:
    """The form, or the two versions to choose from."""
    form = _open()
    assert form is not None
    with st.container(border=True, key="card"):
        if isinstance(form.trouble, Conflict):
            _conflict(form, form.trouble, say)
            return
        st.header(say("event_page.form_change" if form.version is not None else "event_page.form_new"), anchor=False)
        if form.trouble is not None:
            st.error(plain(form.trouble.sentence(say.lang)), icon=":material/error:")
        elif form.complaints:
            st.error(say("event_page.refused", n=len(form.complaints)), icon=":material/error:")
        if "f-date" not in st.session_state:
            _fill(form)  # back from another page: widgets forget
        with st.form("e-fields", border=False):
            _fields(workspace, form, say)
            with st.container(horizontal=True, gap="small"):
                st.form_submit_button(say("event_page.save"), key="e-save", on_click=safe(_save), icon=":material/save:")
                st.form_submit_button(say("event_page.cancel"), key="e-cancel", on_click=safe(close))


def _fields(workspace: Workspace, form: _Form, say: Words) -> None:
    lang = say.lang
    other = next(code for code in LANGUAGES if code != lang)
    _text(f"title_{lang}", say("event_page.title"), form, say)
    left, right = st.columns(2, vertical_alignment="bottom")
    left.date_input(say("event_page.date"), key="f-date", min_value=_FIRST, max_value=_LAST, format="DD/MM/YYYY")
    right.text_input(
        say("event_page.time"), key="f-time", max_chars=forms.LONGEST["time"], placeholder="16:05", help=say("event_page.time_help")
    )
    _complaints(("date", "time"), form, say)
    left, right = st.columns(2, vertical_alignment="bottom")
    left.selectbox(
        say("event_page.timing"), [t.value for t in Timing], key="f-timing", format_func=lambda t: say(f"timing.{t}"),
        help=say("event_page.timing_help"),
    )  # fmt: skip
    right.text_input(say("event_page.tickers"), key="f-tickers", max_chars=forms.LONGEST["tickers"], placeholder="NVDA, AMD")
    _complaints(("timing", "tickers"), form, say)
    left, right = st.columns(2, vertical_alignment="bottom")
    left.selectbox(say("ui.category"), [c.value for c in Category], key="f-category", format_func=lambda c: say(f"category.{c}"))
    right.selectbox(
        say("event_page.importance"), list(_WEIGHTS), key="f-importance", format_func=lambda n: say(f"importance.{_WEIGHTS[n]}")
    )
    _area(f"summary_{lang}", say("event_page.summary"), form, say)
    _area("sources", say("event_page.sources"), form, say, placeholder="Reuters | 2025-01-27 | https://…")
    with st.expander(say("event_page.more_fields"), expanded=any(f in form.complaints for f in _folded(lang, other)), key="e-fold"):
        _text(f"title_{other}", say(f"event_page.title_{other}"), form, say)
        _area(f"summary_{other}", say(f"event_page.summary_{other}"), form, say)
        _area(f"note_{lang}", say("ui.note"), form, say)
        _area(f"note_{other}", say(f"event_page.note_{other}"), form, say)
        articles = {a.id: f"{a.publisher}, {say.date(a.published)}" for a in workspace.articles}
        st.pills(
            say("ui.article"), list(articles), key="f-articles", selection_mode="multi", wrap=True, format_func=lambda a: plain(articles[a])
        )


def _folded(lang: str, other: str) -> list[str]:
    """The fields that are folded away."""
    return [f"{name}_{code}" for name in TEXTS for code in (lang, other) if code == other or name == "note"]


def _text(name: str, label: str, form: _Form, say: Words) -> None:
    st.text_input(label, key=f"f-{name}", max_chars=forms.LONGEST_TEXT)
    _complaints((name,), form, say)


def _area(name: str, label: str, form: _Form, say: Words, placeholder: str = "") -> None:
    st.text_area(label, key=f"f-{name}", height=80, max_chars=forms.LONGEST.get(name, forms.LONGEST_TEXT), placeholder=placeholder)
    _complaints((name,), form, say)


def _complaints(names: Sequence[str], form: _Form, say: Words) -> None:
    """What is wrong with these fields, under them, and what would be right."""
    for name in names:
        if (error := form.complaints.get(name)) is not None:
            facts = {"field": say(f"field.{name}"), "found": str(error.facts["found"]), "wanted": error.facts["wanted"]}
            code = "event_page.missing" if facts["found"] in ("None", "''") else "event_page.complaint"
            st.error(plain(say(code, **facts)))


def _save() -> None:
    """Saves what the fields say, or keeps the form open with what is wrong."""
    form, state = _open(), st.session_state
    assert form is not None
    values = {name: state[f"f-{name}"] for name in FIELDS}
    draft = Draft(**values | {"articles": tuple(state["f-articles"])})
    found = forms.event_from(draft, form.event_id, state["lang"])
    if isinstance(found, dict):
        state[_FORM] = replace(form, draft=draft, complaints=found, trouble=None)
        return
    _write(found, form.version, replace(form, draft=draft, complaints={}, lang=state["lang"]))


def _write(event: Event, version: int | None, form: _Form) -> None:
    try:
        if version is None:
            kept.add([event])
        else:
            kept.change(event, version)
    except AftershockError as error:
        st.session_state[_FORM] = replace(form, trouble=error)
    else:
        st.session_state.update({_FORM: None, "e-selected": event.id, _SAID: None})


# -- conflicts -------------------------------------------------------------------------------------------------------


def _conflict(form: _Form, conflict: Conflict, say: Words) -> None:
    """Both versions side by side where they differ, and the choice."""
    assert conflict.mine is not None
    st.header(say("event_page.conflict"), anchor=False)
    st.warning(plain(conflict.sentence(say.lang)), icon=":material/call_split:")
    theirs = conflict.theirs
    if theirs is not None:
        rows = [
            {say("event_page.field"): say(f"field.{name}"), say("event_page.mine"): one, say("event_page.theirs"): other}
            for name, one, other in forms.differing(conflict.mine, theirs.event, say.lang)
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt=say("event_page.conflict"))
    with st.container(horizontal=True, gap="small"):
        version = theirs.version if theirs is not None else None
        st.button(say("event_page.keep_mine"), key="e-mine", on_click=safe(_write), args=(conflict.mine, version, form))
        st.button(say("event_page.take_theirs"), key="e-theirs", on_click=safe(close))
