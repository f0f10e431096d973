"""What a reader had before them when they left to sign in, kept for when they are back: the session is a new one then, and Streamlit brings
everybody to the start page. It waits in memory, for the same browser only, and not for long.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

MOST: Final = 64  # readers who are away at a provider
MINUTES: Final = 15
LONGEST: Final = 200_000  # bytes of a file or letters of a paste; longer ones have to be brought again
_WHOLE: Final = ("a-desk", "a-published", "im-paste", "im-carried")
_FAMILIES: Final = ("a-take-", "im-order-", "im-encoding-", "im-category-", "im-without-")
_COOKIE: Final = "_streamlit_xsrf"


@dataclass(frozen=True)
class _Parcel:
    """The page, its address, what its widgets and its desk held, and until when it waits (monotonic seconds)."""

    page: str
    query: Mapping[str, str]
    state: Mapping[str, Any]
    until: float


_waiting: OrderedDict[str, _Parcel] = OrderedDict()
_lock = threading.Lock()


def put_aside() -> None:
    """Keeps the page, its address and what has been typed or brought on it. A browser without its cookie gets nothing kept."""
    state = st.session_state
    if (browser := _browser()) is None:
        return
    kept = {key: state[key] for key in state if key in _WHOLE or str(key).startswith(_FAMILIES)}
    if (file := state.get("im-file")) is not None and file.size <= LONGEST:  # nobody can give an uploader its file back
        kept["im-carried"] = (file.getvalue(), file.name)
    if len(kept.get("im-paste") or "") > LONGEST:
        del kept["im-paste"]
    if "im-carried" in kept or kept.get("im-paste"):
        kept["im-box"] = True
    with _lock:
        _waiting[browser] = _Parcel(state["at-page"], st.query_params.to_dict(), kept, time.monotonic() + MINUTES * 60)
        while len(_waiting) > MOST:
            _waiting.popitem(last=False)


def take_up() -> None:
    """Once a session: lays out what waits for this browser, and goes to its page."""
    state = st.session_state
    if state.get("back") or (browser := _browser()) is None:
        return
    state["back"] = True
    with _lock:
        parcel = _waiting.pop(browser, None)
    if parcel is None or time.monotonic() > parcel.until:
        return
    state.update(parcel.state)
    st.switch_page(parcel.page, query_params=dict(parcel.query))


def _browser() -> str | None:
    """What tells this browser from others: the token behind Streamlit's cookie against forged requests, which the cookie masks anew each
    time ('2|mask|masked token|time'). Not kept as it is.
    """
    try:
        _, mask, masked, _ = st.context.cookies[_COOKIE].split("|")
        mask_bytes, token = bytes.fromhex(mask), bytes.fromhex(masked)
        return hashlib.sha256(bytes(b ^ mask_bytes[i % len(mask_bytes)] for i, b in enumerate(token))).hexdigest()
    except (KeyError, ValueError, ZeroDivisionError):
        return None
