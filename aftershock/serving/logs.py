"""One JSON object per line, for whoever collects logs: time, level, event and the event's facts.

What a reader does is nobody's business: no query string, no session, no text that they typed. Our own events are given as
`extra={"facts": {...}}`; other people's messages are cut, and what looks like a session or a query in them is taken out. Of an exception
stands there what it was and where, and not what it said, which may quote a reader.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import logging.config
import re
import time
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final

import streamlit.logger
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aftershock.serving.gates import UPLOADS

LONGEST: Final = 300  # letters of a message or a path
FRAMES: Final = 12  # the innermost of an exception's
_SESSION: Final = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_QUERY: Final = re.compile(r"\?[^\s\"']+")
_PLACE: Final = re.compile(r'^ +File "([^"]+)", line (\d+), in (\S+)$', re.MULTILINE)
_HIDDEN: Final = (UPLOADS, "/media/")  # what follows names a session or a reader's file
LOG: Final = logging.getLogger(__name__)

SETTINGS: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "aftershock.serving.logs.Line"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {"aftershock": {"level": "INFO"}},
}


class Line(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Our own records by their event, others as the event 'log'."""
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        facts: Mapping[str, Any] | None = getattr(record, "facts", None)
        said = {"event": record.getMessage(), **facts} if facts is not None else _others(record)
        trace = _trace(*record.exc_info[1:]) if record.exc_info and record.exc_info[1] is not None else {}
        return json.dumps({"time": moment, "level": record.levelname.lower(), **said, **trace}, ensure_ascii=False, default=str)


def _others(record: logging.LogRecord) -> dict[str, Any]:
    first, *rest = record.getMessage().split("\n")
    message = _QUERY.sub("?…", _SESSION.sub("…", first))[:LONGEST]
    places = _PLACE.findall("\n".join(rest))  # a traceback that somebody wrote out
    where = {"where": [f"{_short(path)}:{line} {name}" for path, line, name in places[-FRAMES:]]} if places else {}
    return {"event": "log", "logger": record.name, "message": message, **where}


def _trace(error: BaseException | None, trace: TracebackType | None) -> dict[str, Any]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return {"error": type(error).__name__, "where": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]}


def _short(path: str) -> str:
    return "/".join(path.split("/")[-2:])


def start() -> None:
    """From now on everything is logged like this, on standard output. Streamlit gives each of its loggers a handler of its own, also those
    that it makes later: they all come to us.
    """

    def through_us(logger: logging.Logger) -> None:
        logger.handlers.clear()
        logger.propagate = True

    logging.config.dictConfig(SETTINGS)
    streamlit.logger.setup_formatter = through_us
    streamlit.logger.update_formatter()
    logging.captureWarnings(True)


class Requests:
    """A line for every request when it is over, and for every websocket when it is opened and when it is closed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watches what is answered."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        socket, path = scope["type"] == "websocket", shown(scope["path"])

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
                LOG.info("socket-opened", extra={"facts": {"path": path}})
            elif message["type"] == "websocket.close" and not status:
                status = 403
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            facts = {
                "method": scope.get("method", "GET"),
                "path": path,
                "status": status,
                "ms": round(1000 * (time.perf_counter() - started)),
            }
            LOG.info("socket-closed" if socket else "request", extra={"facts": facts})


def shown(path: str) -> str:
    """A path as it may stand in a log."""
    hidden = next((start for start in _HIDDEN if path.startswith(start)), None)
    return f"{hidden}…" if hidden else path[:LONGEST]
