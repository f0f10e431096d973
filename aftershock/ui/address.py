"""The address and the widgets: the one place that reads and writes the query string.

One way for state: the query string is read into a view, the view is laid into the widgets' state, the widgets change it,
and the view is written back to the query string. Bound widgets (`bind=`) would leave out of the address whatever equals a
default, such as the browser's language, so that a link could show a stranger something else; here the address is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, Protocol, TypeVar

import streamlit as st

from aftershock import vintage
from aftershock.text import LANGUAGES, language_of
from aftershock.views import Correction, short


class Addressed(Protocol):
    """A view: a value with a language and a query string."""

    @property
    def lang(self) -> str:
        """The language it is shown in."""

    def query(self) -> dict[str, str]:
        """Its query string's parts."""


MOST_BYTES: Final = 4096  # of one parameter of a link
MOST_PARAMETERS: Final = 40
_LONGEST_NAME: Final = 40  # letters
V = TypeVar("V", bound=Addressed)
T = TypeVar("T")
Read = tuple[V, tuple[Correction, ...]]


def chosen(key: str, known: Iterable[T], before: T) -> T:
    """What the widget `key` holds if it is one of those, else what was there before: a choice may be emptied, and in the moment after a
    change of language the browser may still name it by its old label."""
    return next((one for one in known if one == st.session_state.get(key)), before)


def _say_again() -> None:
    """Tells the browser what every choice holds, in the new labels: it knows a choice by its label alone and would send the old one."""
    state = st.session_state
    for key, value in [(key, state[key]) for key in state]:
        if isinstance(value, str) or (isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value)):
            state[key] = value


def language() -> str:
    """The language the reader chose, else the link's, else the one chosen on another page, else the browser's."""
    asked = st.session_state.get("lang") or st.query_params.get("lang") or st.session_state.get("language")
    return asked if asked in LANGUAGES else language_of(st.context.locale)


def stamp_of(name: str) -> dict[str, str]:
    """The stamp of the link that led to the page `name`, as long as its view is shown."""
    return dict(st.session_state.get(f"{name}-stamp", {}))


@dataclass(frozen=True, slots=True)
class Plain:
    """The view of a page whose address says no more than the language."""

    lang: str

    def query(self) -> dict[str, str]:
        """The query string's parts."""
        return {"lang": self.lang}


def plain_view(name: str) -> Plain:
    """The language, kept in the address as on every page."""

    def read(query: Mapping[str, str], lang: str) -> tuple[Plain, tuple[Correction, ...]]:
        return Plain(query["lang"] if query.get("lang") in LANGUAGES else lang), ()

    def collect(now: Plain) -> tuple[Plain, tuple[Correction, ...]]:
        return Plain(st.session_state["lang"] or now.lang), ()

    return follow(
        name, ("lang",), read=read, lay=lambda p: {"lang": p.lang}, collect=collect, speaking=lambda p, lang: replace(p, lang=lang)
    )


def follow(
    name: str,
    widgets: Sequence[str],
    *,
    read: Callable[[Mapping[str, str], str], Read[V]],
    lay: Callable[[V], Mapping[str, object]],
    collect: Callable[[V], Read[V]],
    speaking: Callable[[V, str], V],
) -> V:
    """The reader's view of the page `name`: from the query string on arrival, from the page's widgets after that.

    `read` makes a view of a query string in a language, `lay` says what the widgets hold for a view, `collect` what view they say,
    `speaking` gives a view in another language. What had to be corrected stays in the state's `corrections` until something changes; so
    does the stamp of a link (`vintage`), which is part of the address and not of the view.
    """
    state, query, said = st.session_state, st.query_params.to_dict(), language()
    stamp = stamp_of(name)
    view: V | None = state.get(name)
    went_back = False
    arrived = view is None or bool(query and query != state.get(f"{name}-written"))
    # A change made before the browser has heard of the last one comes with an address that we wrote a moment ago: not a
    # link, and not Back either, which comes without a change.
    if view is not None and arrived and query in state[f"{name}-recent"] and all(key in state for key in widgets):
        arrived = collect(view)[0] == view
    if view is None or arrived:
        fit, cut = _fitting(query)
        stamp = {key: fit[key] for key in vintage.KEYS if key in fit}
        view, corrected = read({key: value for key, value in fit.items() if key not in stamp}, said)
        state["corrections"] = (*cut, *corrected)
        state.update(lay(view))
    elif any(key not in state for key in widgets):
        view, state["corrections"] = speaking(view, said), ()
        state.update(lay(view))  # back from another page: widgets forget, the view does not
    else:
        collected, held = collect(view)
        if collected.lang != view.lang:
            _say_again()
        went_back = not query and collected == view
        if held or collected != view:
            state["corrections"] = held
        stamp = stamp if collected == speaking(view, collected.lang) else {}
        view = collected
    written = view.query() | stamp
    recent = [*state.get(f"{name}-recent", ()), written][-8:]
    state.update({name: view, f"{name}-written": written, f"{name}-recent": recent, f"{name}-stamp": stamp, "language": view.lang})
    # an empty address under a reader who is here already is the browser's Back: writing it again would hold them on the page
    if written != query and not went_back:
        st.query_params.from_dict(written)
    if arrived and view.lang != said:
        st.rerun()  # the menu and the first words were in another language already
    return view


def _fitting(query: Mapping[str, str]) -> tuple[dict[str, str], tuple[Correction, ...]]:
    """The parameters that are no longer than a link's may be, and a sentence for the others."""
    fit = {
        key: value
        for key, value in islice(query.items(), MOST_PARAMETERS)
        if len(key) <= _LONGEST_NAME and len(value.encode("utf-8", "replace")) <= MOST_BYTES
    }
    left = [key for key in query if key not in fit]
    facts = {"found": short(", ".join(left[:_LONGEST_NAME])), "kb": MOST_BYTES >> 10, "most": MOST_PARAMETERS}
    return fit, (Correction("too-long", facts),) if left else ()
