"""`aftershock report --event ID --out FILE`: what happened and what came of it, as a PDF, an HTML page, or a zip of all the evidence."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from aftershock import impact_views, report
from aftershock.cli.chart import refuse
from aftershock.cli.common import common_parser
from aftershock.errors import RequestError
from aftershock.impact_views import ImpactView
from aftershock.workspace import Workspace


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "report", parents=[common_parser(data=False)], help="one event or several as a PDF, an HTML page, or a bundle of evidence"
    )
    parser.add_argument(
        "--event", action="append", required=True, metavar="ID", help="`aftershock events list` shows them; may be repeated"
    )
    parser.add_argument("--ticker", default="", metavar="T", help="the series (default: one that each event names)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="its ending says what it is: " + ", ".join(report.KINDS))
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Writes the report."""
    kind = args.out.suffix.lstrip(".").lower()
    if kind not in report.KINDS:
        raise RequestError("report-format", file=args.out.name, known=", ".join(report.KINDS))
    workspace = Workspace.open()
    views = [_view(event, args, workspace) for event in dict.fromkeys(args.event)]
    args.out.write_bytes(report.make(kind, workspace, views))
    return 0


def _view(event: str, args: argparse.Namespace, workspace: Workspace) -> ImpactView:
    asked = {"event": event, "lang": args.lang} | ({"ticker": args.ticker} if args.ticker else {})
    view, corrections = impact_views.read(asked, workspace.choices, workspace.named, args.lang)
    refuse(corrections)
    if view.ticker not in workspace.tickers:
        raise RequestError("chart-unknown", name="ticker", found=view.ticker, known=", ".join(workspace.tickers))
    return view
