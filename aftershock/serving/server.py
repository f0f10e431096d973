"""The dashboard as an ASGI application, and uvicorn around it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from streamlit.testing.v1 import AppTest
from streamlit.web import bootstrap, cli

from aftershock.serving import logs
from aftershock.serving.gates import SameOrigin, Uploads
from aftershock.serving.health import routes
from aftershock.ui import faults, house

APP: Final = Path(__file__).resolve().parents[2] / "app.py"
PATIENCE: Final = 5  # seconds for answers that are under way when the server is to end
IDLE: Final = 75  # seconds after which an idle connection is closed: later than nginx does it, or nginx would meet a closed one


def run(host: str, port: int, *, hosts: Sequence[str] = (), json: bool = False, name: str = "") -> None:
    """Serves until SIGTERM or SIGINT. `hosts`: the names that readers reach the server by, or any; `json`: logs as JSON; `name`: what this
    server is called among several. Raises AftershockError when the data cannot be opened.
    """
    os.chdir(APP.parent)  # .streamlit/config.toml is read from here
    if json:
        logs.start()
    bootstrap.load_config_options(_said() | {"server_address": host, "server_port": port, "server_allowedHosts": list(hosts)})
    warm_up()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn ends in good order and then does this
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(settings(application(json=json), host, port, name=name)).run()


def _said() -> dict[str, Any]:
    """What the STREAMLIT_... variables say, read as `streamlit run` reads them; uvicorn's Streamlit looks at secret ones only."""
    said = cli.main_run.make_context("run", [str(APP)]).params
    return {name: value for name, value in said.items() if name not in ("target", "args")}


def settings(app: Any, host: str, port: int, *, name: str = "") -> uvicorn.Config:
    """Uvicorn's settings. Its loop is uvloop where that is installed; either loop sends small messages at once, which `streamlit run`
    without uvloop does not.
    """
    ping = float(st.get_option("server.websocketPingInterval") or 20)
    return uvicorn.Config(
        app, host=host, port=port, ws="websockets-sansio", ws_ping_interval=ping, ws_ping_timeout=ping,
        ws_max_size=(int(st.get_option("server.maxWidgetStateSize")) << 20) + 1024, ws_per_message_deflate=False, lifespan="on",
        log_config=None, log_level="warning", access_log=False, server_header=False, headers=[("X-Replica", name)] if name else None,
        timeout_graceful_shutdown=PATIENCE, timeout_keep_alive=IDLE,
    )  # fmt: skip


def application(*, json: bool = False) -> st.App:
    """Streamlit's application with our routes and gates."""
    gates = [Middleware(SameOrigin), Middleware(Uploads)]
    gates = [Middleware(logs.Requests), *gates] if json else gates
    return st.App(APP, routes=routes(), middleware=gates, lifespan=_lifespan, on_script_error=faults.told)


@contextlib.asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    house.settle()
    logs.LOG.info("started", extra={"facts": {}})
    yield
    logs.LOG.info("stopped", extra={"facts": {}})


def warm_up() -> None:
    """Opens the house, and visits the first page where nobody sees it: the first reader waits no longer than the second."""
    house.home()
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel("ERROR")  # it is not in a run, and says so
    AppTest.from_file(APP, default_timeout=60).run()
