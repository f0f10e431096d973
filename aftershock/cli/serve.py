"""`aftershock serve`: the dashboard on http://localhost:8501, warmed up before the first reader comes."""

from __future__ import annotations

import argparse
import gc
import os
import socket
import sys
from pathlib import Path
from typing import Any

from aftershock.cli.common import common_parser
from aftershock.errors import RequestError
from aftershock.workspace import Workspace

APP = Path(__file__).resolve().parents[2] / "app.py"


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    parser: argparse.ArgumentParser = subparsers.add_parser("serve", parents=[common_parser(data=False)], help="open the dashboard")
    parser.add_argument("--port", type=int, default=8501, help="the port to listen on (default: 8501)")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Checks the data and the port, then hands over to Streamlit in this process, so that everything loaded here stays."""
    if not 0 < args.port < 65536:
        raise RequestError("port", port=str(args.port))
    _require_free(args.port)
    Workspace.open()  # a damaged data folder is a sentence now, not a page later
    _warm_up()
    os.chdir(APP.parent)  # Streamlit reads .streamlit/config.toml from here
    from streamlit.web import cli

    sys.stderr.write(f"Aftershock: http://localhost:{args.port}\n")
    sys.argv = ["streamlit", "run", str(APP), "--server.port", str(args.port)]
    cli.main()
    return 0


def _warm_up() -> None:
    """Imports what the first page needs and puts it out of the garbage collector's sight."""
    import aftershock.ui  # noqa: F401  (for its imports)

    gc.collect()
    gc.freeze()


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise RequestError("port-taken", port=str(port)) from None
