"""`aftershock chart timeline --out FILE`: the same files that the page hands out; the ending says which kind."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from aftershock import exhibits, views
from aftershock.charts.sheet import SIZES
from aftershock.cli.common import common_parser, iso_date
from aftershock.errors import RequestError
from aftershock.events import Category
from aftershock.exports import EXPORTS, Exhibit
from aftershock.views import Scale, View
from aftershock.workspace import Workspace


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    top: argparse.ArgumentParser = subparsers.add_parser("chart", help="a chart as a file")
    commands = top.add_subparsers(required=True, metavar="chart")
    parser: argparse.ArgumentParser = commands.add_parser("timeline", parents=[common_parser(data=False)], help="events over prices")
    parser.add_argument("--from", dest="first", type=iso_date, metavar="D", help="first day (default: the R1 shock's)")
    parser.add_argument("--to", dest="last", type=iso_date, metavar="D", help="last day")
    parser.add_argument("--ticker", action="append", default=[], metavar="T", help="a series; may be repeated")
    parser.add_argument("--category", action="append", choices=list(map(str, Category)), default=[], metavar="C", help=", ".join(Category))
    parser.add_argument("--article", action="append", default=[], metavar="ID", help="only events that this article mentions")
    parser.add_argument("--event", default="", metavar="ID", help="mark this event's session")
    parser.add_argument("--scale", choices=list(map(str, Scale)), default=str(Scale.REBASED))
    parser.add_argument("--size", choices=list(SIZES), default="article")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="its ending says what it is: " + ", ".join(EXPORTS))
    parser.set_defaults(func=timeline)


def timeline(args: argparse.Namespace) -> int:
    """Writes the timeline to a file."""
    kind = EXPORTS.get(args.out.suffix.lstrip(".").lower())
    if kind is None:
        raise RequestError("unknown-format", file=args.out.name, known=", ".join(EXPORTS))
    workspace = Workspace.open()
    save(exhibits.timeline(workspace, _view(args, workspace)), args)
    return 0


def save(exhibit: Exhibit, args: argparse.Namespace) -> None:
    """Writes an exhibit in the format that the file's ending names."""
    args.out.write_bytes(EXPORTS[args.out.suffix.lstrip(".").lower()].make(exhibit, args.size))


def _view(args: argparse.Namespace, workspace: Workspace) -> View:
    """The options as a view. What a link would have corrected is refused here: a script should know."""
    asked = {
        "from": args.first.isoformat() if args.first else "",
        "to": args.last.isoformat() if args.last else "",
        "series": ",".join(args.ticker),
        "scale": args.scale,
        "category": ",".join(args.category),
        "article": ",".join(args.article),
        "event": args.event,
        "lang": args.lang,
    }
    view, corrections = views.read({key: value for key, value in asked.items() if value}, workspace.choices, args.lang)
    refused = [c for c in corrections if c.code != "clamped"]
    if refused:
        raise RequestError(f"chart-{refused[0].code}", **refused[0].facts)
    return view
