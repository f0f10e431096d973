"""Who is reading. On one's own machine there is one reader; where strangers use the server (AFTERSHOCK_PUBLIC), whoever has signed in
through the provider that the secrets' [auth] names, and everybody else may read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from aftershock.text import Words
from aftershock.ui import carried
from aftershock.ui.faults import safe
from aftershock.ui.markdown import plain

LOCAL: Final = "local"  # the one reader where nobody signs in
_NAME: Final = 80  # letters of what the provider calls the reader
_DEFAULT: Final = "default"  # what Streamlit calls the provider that stands in [auth] itself


def public() -> bool:
    """True where strangers use the server."""
    return os.environ.get("AFTERSHOCK_PUBLIC", "0") not in ("", "0")


def name() -> str | None:
    """Under which name the reader's events are kept; None for a stranger. It is the same in every session and replica, follows from who
    the provider says they are (issuer and subject), and tells neither.
    """
    if not public():
        return LOCAL
    said = st.user.to_dict()
    issuer, subject = str(said.get("iss") or ""), str(said.get("sub") or "")
    return _named(issuer, subject) if said.get("is_logged_in") is True and issuer and subject else None


@lru_cache(maxsize=1024)
def _named(issuer: str, subject: str) -> str:
    """Slow on purpose, once per reader: a subject may be a number or an address that could be guessed."""
    key = hashlib.scrypt(f"{len(issuer)} {issuer} {subject}".encode(), salt=b"aftershock reader", n=1 << 14, r=8, p=1, dklen=16)
    return f"oidc-{key.hex()}"


def providers() -> tuple[str, ...]:
    """Who can vouch for a reader: what [auth] names; none where it is not there."""
    try:
        auth = st.secrets["auth"]
    except (KeyError, StreamlitSecretNotFoundError):
        return ()
    return (_DEFAULT,) if "client_id" in auth else tuple(key for key, value in auth.items() if isinstance(value, Mapping))


def sign_in(say: Words, key: str) -> None:
    """In the place of what saves: one sentence, and the way to sign in."""
    found = providers()
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"sign-in-{key}"):
        _buttons(found, say, key)
        st.caption(say("reader.to_save" if found else "reader.nobody"), width="content")


def door(say: Words) -> None:
    """Beside the heading: in or out, where strangers use the server."""
    if not public():
        return
    with st.container(horizontal=True, gap="small", key="door"):
        if name() is None:
            _buttons(providers(), say, "door")
        else:
            help_ = say("reader.signed_in", name=str(st.user.get("name") or st.user.get("email") or "–")[:_NAME])
            st.button(
                say("reader.sign_out"),
                key="sign-out",
                icon=":material/logout:",
                type="tertiary",
                help=plain(help_),
                on_click=safe(st.logout),
            )


def _buttons(found: tuple[str, ...], say: Words, key: str) -> None:
    for provider in found:
        label = say("reader.sign_in") if len(found) == 1 else say("reader.sign_in_with", provider=provider.title())
        st.button(
            label,
            key=f"sign-in-{key}-{provider}",
            icon=":material/login:",
            type="tertiary" if key == "door" else "secondary",
            on_click=safe(_leave),
            args=(provider,),
        )


def _leave(provider: str) -> None:
    """Off to the provider. The page is left, so what the reader had before them is put aside."""
    carried.put_aside()
    st.login(provider)
