"""`aftershock prices status`: which series there are, from when to when, from whom."""

from __future__ import annotations

import argparse
from typing import Any

from aftershock.cli.common import common_parser, emit
from aftershock.workspace import Workspace


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    top: argparse.ArgumentParser = subparsers.add_parser("prices", help="the price series")
    commands = top.add_subparsers(required=True, metavar="command")
    parser: argparse.ArgumentParser = commands.add_parser("status", parents=[common_parser()], help="what there is, and how old it is")
    parser.set_defaults(func=status)


def status(args: argparse.Namespace) -> int:
    """Prints one row per series."""
    prices = Workspace.open().prices
    rows = [
        {
            "ticker": s.ticker,
            "first": s.first.date().isoformat(),
            "last": s.last.date().isoformat(),
            "sessions": s.sessions,
            "source": s.source,
            "retrieved_at": s.retrieved_at,
            "adjustment": s.adjustment,
            "sha256": s.sha256,
        }
        for s in prices.series.values()
    ]
    emit({"series": rows}, rows, args.format)
    return 0
