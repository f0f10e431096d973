"""The import panel: a file or a paste, what is asked about it, every row as understood, and the button that adds the events."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from aftershock import import_views
from aftershock.errors import AftershockError
from aftershock.events import Category, Event
from aftershock.text import Words
from aftershock.ui import files, reader
from aftershock.ui.faults import safe
from aftershock.ui.frame import plain
from aftershock.userdata import ENCODINGS, PAGE, Import, Order, understand
from aftershock.workspace import Workspace

_TYPES: Final = ["csv", "tsv", "txt", "toml", "json", "ics"]
_SHOWN: Final = 12  # refusals that are written out; the table has them all
_NAME: Final = 120  # letters of a file's name
_DONE: Final = "im-done"
Save = Callable[[Sequence[Event]], Sequence[str]]


def import_panel(workspace: Workspace, save: Save, say: Words, *, disabled: bool = False) -> None:
    """The panel, folded away until it is wanted. `save` keeps the events and gives the ids that were new; an AftershockError of it is
    shown."""
    box = st.expander(say("import.heading"), icon=":material/upload_file:", key="im-box", on_change="rerun")
    if not box.open:
        st.session_state["im-understood"] = None
        return
    with box:
        st.markdown(plain(say("import.about", mb=PAGE.size >> 20, columns=PAGE.columns, rows=PAGE.rows)))
        given = _given(say)
        if given is None:
            st.session_state.update({_DONE: None, "im-understood": None})
            return
        raw, name = given
        mark = hashlib.sha256(raw if isinstance(raw, bytes) else raw.encode("utf-8", "replace")).hexdigest()[:12]
        try:
            found = _asked(raw, name, mark, workspace, say)
        except AftershockError as error:
            st.error(plain(error.sentence(say.lang)), icon=":material/error:")
            return
        _shown(found, say)
        _adding(found, mark, save, say, disabled=disabled)


def _given(say: Words) -> tuple[bytes | str, str] | None:
    """The file if there is one, else what was pasted."""
    left, right = st.columns(2)
    file = left.file_uploader(say("import.file"), type=_TYPES, max_upload_size=PAGE.size >> 20, key="im-file")
    paste = right.text_area(
        say("import.paste"), key="im-paste", height=150, max_chars=PAGE.size // 4, disabled=file is not None,
        placeholder=say("import.placeholder"),
    )  # fmt: skip
    if file is not None or (paste and paste.strip()):
        st.session_state["im-carried"] = None
    if file is not None:
        return file.getvalue(), file.name[:_NAME]
    if paste and paste.strip():
        return paste, say("import.pasted")
    carried: tuple[bytes, str] | None = st.session_state.get("im-carried")
    return carried


# -- what it says, and what is asked ---------------------------------------------------------------------------------


def _asked(raw: bytes | str, name: str, mark: str, workspace: Workspace, say: Words) -> Import:
    """The file as understood with the reader's answers; a question stays in sight once it was answered."""
    state = st.session_state
    order, encoding, category = (state.get(f"im-{what}-{mark}") for what in ("order", "encoding", "category"))
    found = _understood(raw, name, mark, workspace, order, encoding, category)
    codes = {question.code: question for question in found.questions}
    if encoding or "ambiguous-encoding" in codes:
        _choice("encoding", ENCODINGS, mark, codes.get("ambiguous-encoding"), say)
    if order in (Order.DMY, Order.MDY) or "ambiguous-dates" in codes:
        _choice("order", (Order.DMY, Order.MDY), mark, codes.get("ambiguous-dates"), say)
    if found.order in (Order.SINCE_1900, Order.SINCE_1904):
        _choice("order", (Order.SINCE_1900, Order.SINCE_1904), mark, None, say, index=0)
    if any(note.code == "userdata.uncategorised" for note in found.notes):
        st.columns(2)[0].selectbox(
            say("import.default_category"), list(Category), index=list(Category).index(Category.STATEMENT), key=f"im-category-{mark}",
            format_func=lambda c: say(f"category.{c}"),
        )  # fmt: skip
    return found


def _choice(what: str, codes: Sequence[str], mark: str, question: Any, say: Words, index: int | None = None) -> None:
    if question is not None:
        st.warning(plain(question.in_words(say)), icon=":material/help:")
    st.radio(
        say(f"import.{what}"), list(codes), index=index, key=f"im-{what}-{mark}", horizontal=True,
        format_func=lambda code: plain(say(f"choice.{code}")),
    )  # fmt: skip


def _understood(
    raw: bytes | str, name: str, mark: str, workspace: Workspace, order: Order | None, encoding: str | None, category: Category | None
) -> Import:
    """The file as understood; made again only when the file, an answer or the events that are there have changed."""
    key = (mark, name, order, encoding, category, workspace.events)
    kept = st.session_state.get("im-understood")
    if kept is None or kept[0] != key:
        found = understand(
            raw, name, known=workspace.events, order=order, encoding=encoding, category=category or Category.STATEMENT, limits=PAGE,
            calendar=workspace.calendar,
        )  # fmt: skip
        st.session_state["im-understood"] = kept = (key, found)
    understood: Import = kept[1]
    return understood


# -- what was understood ---------------------------------------------------------------------------------------------


def _shown(found: Import, say: Words) -> None:
    """The count, what is to be said of the whole file, the refusals in sentences, and every row as understood."""
    if found.notes:
        st.caption(plain(" ".join(note.in_words(say) for note in found.notes)))
    if not found.rows:
        return
    known = sum(a.known is not None for a in found.accepted)
    counts = {"new": len(found.accepted) - known, "known": known, "repeated": len(found.repeated), "refused": len(found.rejected)}
    if not found.questions:
        st.markdown(f"**{plain(say('import.counted', n=found.rows, **counts))}**")
    if found.rejected and not found.questions:
        lines = [f"- {plain(import_views.complaint(r, say))}" for r in found.rejected[:_SHOWN]]
        if (more := len(found.rejected) - _SHOWN) > 0:
            lines.append(f"- {plain(say('import.more', n=more))}")
        st.warning("\n".join(lines), icon=":material/rule:")
    frame = import_views.table(found, say)
    st.dataframe(frame, hide_index=True, height="content" if len(frame) < 10 else 400, key="im-table")


def _adding(found: Import, mark: str, save: Save, say: Words, *, disabled: bool) -> None:
    """The repetitions to leave out or not, the button, and what came of it."""
    repeated = False
    if any(a.known is None for a in found.repeated):
        without = say("import.without", n=len(found.repeated), rows=import_views.rows(found.duplicates, say))
        repeated = not st.checkbox(plain(without), value=True, key=f"im-without-{mark}")
    events = found.fresh(repeated=repeated)
    if events and not found.questions:
        if reader.name() is None:
            files.take(events, say, "im-files")
            reader.sign_in(say, "import")
            return
        st.button(
            say("import.add", n=len(events)), icon=":material/playlist_add:", key="im-add", disabled=disabled,
            on_click=safe(_add), args=(events, mark, save),
        )  # fmt: skip
    done = st.session_state.get(_DONE)
    if done is None or done[0] != mark:
        return
    if isinstance(done[1], AftershockError):
        st.error(plain(done[1].sentence(say.lang)), icon=":material/error:")
    elif not events:  # else the reader has undone it
        st.success(say("import.added", n=done[1]), icon=":material/check:")


def _add(events: Sequence[Event], mark: str, save: Save) -> None:
    try:
        st.session_state[_DONE] = (mark, len(save(events)))
    except AftershockError as error:
        st.session_state[_DONE] = (mark, error)
