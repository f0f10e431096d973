"""What all pages share: the frame, the workspace, the heading, the files to take away, the line of source."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from aftershock.errors import AftershockError
from aftershock.events import NEW_YORK
from aftershock.exports import EXPORTS, Exhibit, file_name
from aftershock.text import LANGUAGES, Words, words
from aftershock.ui import carried, faults, house, kept, reader, turns
from aftershock.ui.address import language
from aftershock.ui.markdown import plain as plain  # for those who make pages
from aftershock.workspace import Workspace

PAGES: Final = {
    "timeline": "pages/timeline.py",
    "impact": "pages/impact.py",
    "compare": "pages/compare.py",
    "claims": "pages/claims.py",
    "events": "pages/events.py",
    "articles": "pages/articles.py",
    "methods": "pages/methods.py",
}  # the first is the start page
_LANGUAGE_NAMES: Final = {"en": "English", "vi": "Tiếng Việt"}


def run() -> None:
    """The page that is asked for, when it is the reader's turn. A fault of ours is a sentence on it, and what the widgets hold stays as it
    is.
    """
    with turns.turn():
        try:
            frame().run()
        except Exception as error:
            faults.told(error)
            st.stop()


def frame() -> Any:
    """Page settings and navigation; gives the page to run."""
    say = words(language())
    st.set_page_config(page_title="Aftershock", page_icon="📉", layout="wide", initial_sidebar_state="collapsed")
    first = next(iter(PAGES))
    entries = [
        st.Page(path, title=say(f"page.{name}"), url_path="" if name == first else name, default=name == first)
        for name, path in PAGES.items()
    ]
    st.session_state["framed"] = True
    page = st.navigation(entries, position="top")
    st.session_state["at-page"] = PAGES[page.url_path or first]
    return page


def start() -> tuple[Workspace, Words]:
    """The workspace of the series that are always there, with the reader's own events, and the reader's language; a data folder that cannot
    be used ends the page with one sentence.

    Until a server has seen st.navigation once, Streamlit runs the files of a folder called `pages` by themselves. So the very
    first visitor, when a link leads straight to a page, gets here without the frame: show it the frame and begin again.
    """
    if "framed" not in st.session_state:
        frame()
        st.rerun()
    if reader.public() and reader.name() is not None:
        carried.take_up()
    st.html(_STYLE)
    shelf = kept.shelf()  # asked for once a run: the store is a few milliseconds away
    st.session_state["no-shelf"] = shelf if isinstance(shelf, AftershockError) else None
    try:
        workspace = house.home(() if isinstance(shelf, AftershockError) else shelf.events)
    except AftershockError as error:
        st.error(plain(error.sentence(language())))
        st.stop()
    return workspace, words(language())


_STYLE: Final = """<style>
.st-key-list { font-size: .95rem }
/* Streamlit's captions are 60 % of the ink, which is 4.4 to 1 on white */
[data-testid="stCaptionContainer"][data-testid] { opacity: .78 }
/* the lane's tokens in the filter's labels: room for them from the start, or the label is cut before they are there */
.st-key-categories img { width: 1em; height: 1em }
.st-key-categories button * { overflow: visible; text-overflow: clip; max-width: none }
.st-key-verdict [data-testid="stMarkdownContainer"] .stMarkdownBadge { font-size: 1.15rem }
.st-key-figures [data-testid="stMetricValue"] { font-size: 1.5rem }
/* the chips of chosen series: the page's own ink, readable in both themes */
[data-tag], [data-tag] * { color: inherit }
[data-tag] { background: color-mix(in srgb, currentColor 14%, transparent) }
@media (max-width: 640px) {
  /* on a phone the card of the chosen event comes before the list; one key for both states, or the list would lose its focus */
  .st-key-lower:has(.st-key-card) > [data-testid="stHorizontalBlock"],
  .st-key-lower:has(.st-key-card) > * > [data-testid="stHorizontalBlock"] {
    flex-direction: column-reverse
  }
  h1 { font-size: 1.4rem !important }
}
/* the brush's own rectangles: nothing to see, nothing to read out, but the second can be taken hold of */
.brush_brush, .brush_brush_bg { visibility: hidden }
.brush_brush path { pointer-events: all }
</style>"""


def heading(title: str, standfirst: str, say: Words) -> None:
    """The finding, what it rests on, and beside it the switch of languages."""
    left, right = st.columns([9, 2])
    left.title(plain(title), anchor=False)
    left.markdown(plain(standfirst))
    right.segmented_control(
        say("ui.language"), LANGUAGES, key="lang", format_func=_LANGUAGE_NAMES.__getitem__, required=True, wrap=True,
        label_visibility="collapsed",
    )  # fmt: skip
    with right:
        reader.door(say)


def corrections(say: Words, *, about_own: bool = False) -> None:
    """What had to be corrected in the link or the dates, and why own events are not among the others: a sentence each, that one in a low
    voice where the page is not about them.
    """
    if (trouble := st.session_state.get("no-shelf")) is not None:
        sentence = plain(trouble.sentence(say.lang))
        st.warning(sentence, icon=":material/cloud_off:") if about_own else st.caption(sentence)
    for correction in st.session_state.get("corrections", ()):
        st.info(plain(correction.in_words(say)), icon=":material/info:")


def clock(moment: dt.datetime, say: Words) -> str:
    """A moment's hour on the reader's own clock, '14:05', rounded up to the minute; New York's where theirs is not known."""
    moment = moment + dt.timedelta(seconds=-moment.second % 60, microseconds=-moment.microsecond)
    return say.time(moment.astimezone(zone() or NEW_YORK))


def zone() -> ZoneInfo | None:
    """The reader's time zone, as the browser says it."""
    try:
        return ZoneInfo(st.context.timezone or "America/New_York")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        return None


@st.fragment
@faults.safe
def figures_behind(exhibit: Exhibit, say: Words, key: str) -> None:
    """The table behind a chart, when it is asked for. Opening it runs nothing else of the page."""
    with st.popover(say("impact_page.table"), icon=":material/table:", on_change="rerun", key=key) as box:
        if box.open:
            st.dataframe(exhibit.table(), alt=exhibit.facts["alt"])


@st.fragment
@faults.safe
def take_away(exhibit: Exhibit, say: Words, key: str = "timeline") -> None:
    """Every file, made when it is asked for, and the link. Opening it runs nothing else of the page."""
    box = st.popover(say("ui.take_away"), icon=":material/download:", key=f"take-{key}", on_change="rerun")
    if not box.open:  # a dozen buttons on every change are a tenth of what the page sends
        return
    with box:
        for code, kind in EXPORTS.items():
            with st.container(horizontal=True, gap="small"):
                for size in kind.sizes:
                    label = say(f"file.{code}") + (f", {say(f'size.{size}')}" if len(kind.sizes) > 1 else "")
                    st.download_button(
                        label,
                        data=partial(kind.download, exhibit, size),
                        file_name=file_name(exhibit, code, size),
                        mime=kind.media,
                        on_click="ignore",
                        key=f"take-{key}-{code}-{size}",
                    )
        st.caption(say("ui.link"))
        st.code(exhibit.facts["permalink"], language=None, wrap_lines=True)


def source_line(workspace: Workspace, exhibit: Exhibit, say: Words) -> None:
    """Where the figures come from, how old they are, and what names them."""
    st.divider()
    source = exhibit.facts["footer"].rsplit(" · ", 1)[0]
    version = f"Aftershock {exhibit.facts['version']}"
    parts = (*(p for p in source.split(" · ") if p != version), say("ui.data", hash=workspace.data_hash), version)
    st.caption(plain(" · ".join(parts)))
