"""Events as files to take away: what is shown, what was understood of a file, what an article gave."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from aftershock.events import Event
from aftershock.text import Words
from aftershock.userdata import FILES


def take(found: Sequence[Event], say: Words, key: str) -> None:
    """The events as files; reading one of them gives the same events back."""
    box = st.popover(say("ui.take_away"), icon=":material/download:", key=key, on_change="rerun", disabled=not found)
    if not box.open:
        return
    with box:
        st.caption(say("event_page.files", n=len(found)))
        for code, kind in FILES.items():
            name = f"aftershock-events-{say.lang}.{kind.ending}"
            st.download_button(
                say(f"event_file.{code}"), data=partial(kind.download, found, say.lang), file_name=name, mime=kind.media,
                on_click="ignore", key=f"{key}-{code}",
            )  # fmt: skip
