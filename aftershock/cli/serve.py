"""`aftershock serve`: the dashboard on http://localhost:8501, warmed up before the first reader comes."""

from __future__ import annotations

import argparse
import errno
import socket
import sys
from typing import Any, Final

from aftershock.cli.common import common_parser
from aftershock.errors import RequestError

HERE: Final = ("localhost", "127.0.0.1")


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    parser: argparse.ArgumentParser = subparsers.add_parser("serve", parents=[common_parser(data=False)], help="open the dashboard")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, default=8501, help="the port to listen on (default: 8501)")
    parser.add_argument("--known-as", action="append", metavar="HOST", help="a name that readers reach it by (default: any)")
    parser.add_argument("--json-logs", action="store_true", help="write a line of JSON for everything that happens")
    parser.add_argument("--name", default="", help="what this server is called among several (header X-Replica)")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Checks the port and the data, then serves in this process, so that everything loaded here stays."""
    if not 0 < args.port < 65536:
        raise RequestError("port", port=str(args.port))
    _require_free(args.host, args.port)
    from aftershock import serving

    if not args.json_logs:
        sys.stderr.write(f"Aftershock: http://{'localhost' if args.host in HERE else args.host}:{args.port}\n")
    hosts = args.known_as or (HERE if args.host in HERE else ())  # or a page elsewhere could have its name point here
    serving.run(args.host, args.port, hosts=hosts, json=args.json_logs, name=args.name)
    return 0


def _require_free(host: str, port: int) -> None:
    """Raises RequestError when nothing can listen there: as with asyncio's servers, one address of a name may be missing, not all."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise RequestError("host", host=host) from None
    wrong = [_bound(*one) for one in found]
    for number, code in ((errno.EADDRINUSE, "port-taken"), (errno.EACCES, "port-denied")):
        if number in wrong:
            raise RequestError(code, port=str(port))
    if 0 not in wrong:
        raise RequestError("host", host=host)


def _bound(family: int, kind: int, protocol: int, _: str, address: Any) -> int:
    """The number of the error of listening there; 0 when it can be done."""
    try:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error.errno or -1
    return 0
