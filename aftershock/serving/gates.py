"""Who may open the websocket, and how much may be uploaded: before Streamlit sees any of it.

Streamlit lets strangers do both. It compares a foreign page's origin with this machine's address, which it asks a service on the
internet for while everybody waits; and it keeps any number of files for every session, whether the page asked for one or not.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

UPLOADS: Final = "/_stcore/upload_file/"
FOR_ONE: Final = 4 << 20  # bytes that are kept for one session
FOR_ALL: Final = 6 << 20  # ... and for all of them


class SameOrigin:
    """Only pages of this address, and of those that `server.corsAllowedOrigins` names, may open the websocket; programs that are no
    browser say no origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Closes a foreign page's handshake, which the browser sees as 403."""
        if scope["type"] == "websocket" and not _is_ours(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)


def _is_ours(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host") or origin in st.get_option("server.corsAllowedOrigins")


class Uploads:
    """Refuses a file for which there is no room. Files are gone when their session is, or when the reader takes them away."""

    def __init__(self, app: ASGIApp, for_one: int = FOR_ONE, for_all: int = FOR_ALL) -> None:
        """Bytes for one session and for all of them."""
        self._app, self._for_one, self._for_all = app, for_one, for_all
        self._coming: dict[str, int] = {}  # bytes that are on their way, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts what is announced; what announces nothing counts as the largest file that Streamlit takes."""
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(UPLOADS):
            await self._app(scope, receive, send)
            return
        session = scope["path"].removeprefix(UPLOADS).split("/")[0]
        announced = Headers(scope=scope).get("content-length", "")
        size = int(announced) if announced.isdecimal() else int(st.get_option("server.maxUploadSize")) << 20
        if not self._has_room(session, size):
            await PlainTextResponse("There is no room for this file now.", 429, {"Retry-After": "60"})(scope, receive, send)
            return
        self._coming[session] = self._coming.get(session, 0) + size
        try:
            await self._app(scope, _at_most(size, receive), send)
        finally:
            self._coming[session] -= size
            if not self._coming[session]:
                del self._coming[session]

    def _has_room(self, session: str, size: int) -> bool:
        kept = kept_uploads()
        for_one = kept.get(session, 0) + self._coming.get(session, 0)
        return for_one + size <= self._for_one and sum(kept.values()) + sum(self._coming.values()) + size <= self._for_all


def _at_most(size: int, receive: Receive) -> Receive:
    """The body as it comes; one that is longer than was said ends as if the reader had gone."""
    left = size

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        return message if left >= 0 else {"type": "http.disconnect"}

    return counted


def kept_uploads() -> dict[str, int]:
    """Bytes of uploaded files in memory, by session."""
    manager = runtime.get_instance().uploaded_file_mgr
    files: dict[str, dict[str, runtime.uploaded_file_manager.UploadedFileRec]] = manager.file_storage  # type: ignore[attr-defined]
    return {session: sum(len(file.data) for file in list(held.values())) for session, held in list(files.items())}
