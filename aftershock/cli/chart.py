"""`aftershock chart timeline|impact|compare|claims --out FILE`: the same files that the pages hand out; the ending says which kind."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aftershock import claim_exhibits, claim_views, compare_exhibits, compare_views, exhibits, impact_views, views
from aftershock.charts.compare import EXHIBITS as COMPARED
from aftershock.charts.impact import EXHIBITS
from aftershock.charts.sheet import SIZES
from aftershock.claim_views import ClaimsView
from aftershock.claims import Verdict
from aftershock.cli.common import common_parser, iso_date
from aftershock.compare_views import Measure
from aftershock.errors import RequestError
from aftershock.events import Category
from aftershock.exports import EXPORTS, Exhibit
from aftershock.models import Model
from aftershock.returns import Returns
from aftershock.study import Exclusion
from aftershock.text import words
from aftershock.views import Correction, Scale, View
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
    _output(parser)
    parser.set_defaults(func=timeline)
    _register_impact(commands)
    _register_compare(commands)
    _register_claims(commands)


def _register_impact(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "impact", parents=[common_parser(data=False)], help="was it more than noise? one event, one series"
    )
    # argparse takes '-1:1' for an option; this says what a negative value may look like
    parser._negative_number_matcher = re.compile(r"^-\d+(:[+-]?\d+)?$")
    parser.add_argument("--event", required=True, metavar="ID", help="`aftershock events list` shows them all")
    parser.add_argument("--ticker", default="", metavar="T", help="the series (default: one that the event names)")
    parser.add_argument(
        "--exhibit", choices=EXHIBITS, default="ordinary", help="which chart (default: ordinary, the strip of ordinary days)"
    )
    parser.add_argument("--window", default="", metavar="A:B", help="event window in sessions (default: 0:0)")
    parser.add_argument("--estimation", default="", metavar="A:B", help="estimation window in sessions (default: -130:-11)")
    parser.add_argument("--model", default="", choices=list(map(str, Model)))
    parser.add_argument("--returns", default="", choices=list(map(str, Returns)))
    parser.add_argument("--benchmark", default="", metavar="T")
    _output(parser)
    parser.set_defaults(func=impact)


def _register_compare(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "compare", parents=[common_parser(data=False)], help="events laid over each other, in every series, and on average"
    )
    parser._negative_number_matcher = re.compile(r"^-\d+(:[+-]?\d+)?$")
    parser.add_argument("--event", action="append", default=[], metavar="ID", help=f"an event; up to {compare_views.MOST_EVENTS}")
    parser.add_argument("--category", default="", choices=list(map(str, Category)), metavar="C", help="all events of this kind")
    parser.add_argument("--ticker", default="", metavar="T", help="the series (default: NVDA)")
    parser.add_argument("--window", default="", metavar="A:B", help="event window in sessions (default: 0:0)")
    parser.add_argument("--measure", default="", choices=list(map(str, Measure)), help="what the lines show (default: abnormal)")
    parser.add_argument("--exhibit", choices=COMPARED, default="paths", help="which chart (default: paths)")
    _output(parser)
    parser.set_defaults(func=compare)


def _register_claims(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "claims", parents=[common_parser(data=False)], help="what was said about the market, held against the figures"
    )
    parser.add_argument("--claim", default="", metavar="ID", help="the evidence of this claim (default: all at a glance)")
    parser.add_argument("--verdict", action="append", choices=list(map(str, Verdict)), default=[], help="only claims with this verdict")
    parser.add_argument("--article", action="append", default=[], metavar="ID", help="only claims of this article")
    parser.add_argument("--ticker", action="append", default=[], metavar="T", help="only claims about this series")
    _output(parser)
    parser.set_defaults(func=claims)


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", choices=list(SIZES), default="article")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="its ending says what it is: " + ", ".join(EXPORTS))


def timeline(args: argparse.Namespace) -> int:
    """Writes the timeline to a file."""
    _known_format(args)
    workspace = Workspace.at_once(tuple(args.ticker))
    save(exhibits.timeline(workspace, _view(args, workspace)), args)
    return 0


def impact(args: argparse.Namespace) -> int:
    """Writes one exhibit of an impact to a file; where there is no answer, says why."""
    _known_format(args)
    workspace = Workspace.at_once(tuple(filter(None, (args.ticker, args.benchmark))))
    names = ("event", "ticker", "window", "estimation", "model", "returns", "benchmark", "lang")
    asked = {name: value for name in names if (value := getattr(args, name))}
    view, corrections = impact_views.read(asked, workspace.choices, workspace.named, args.lang)
    refuse(corrections)
    for name, ticker in (("ticker", view.ticker), ("benchmark", view.design.benchmark)):
        if ticker not in workspace.tickers:
            raise RequestError("chart-unknown", name=name, found=ticker, known=", ".join(workspace.tickers))
    made = exhibits.impact(workspace, view)
    if args.exhibit not in made:
        answer = exhibits.impact_of(workspace, view.event, view.ticker, view.design)
        why = answer.in_words(words(args.lang)) if isinstance(answer, Exclusion) else ""
        raise RequestError("no-exhibit", exhibit=args.exhibit, event=view.event, ticker=view.ticker, why=why)
    save(made[args.exhibit], args)
    return 0


def compare(args: argparse.Namespace) -> int:
    """Writes one exhibit of a comparison to a file; where there is nothing to draw, says why."""
    _known_format(args)
    workspace = Workspace.open()
    asked = {name: getattr(args, name) for name in ("category", "ticker", "window", "measure", "lang")} | {"events": ",".join(args.event)}
    view, corrections = compare_views.read({key: value for key, value in asked.items() if value}, workspace.choices, args.lang)
    refuse(corrections)
    made = compare_exhibits.exhibits(workspace, view)
    if args.exhibit not in made:
        why = " ".join(e.in_words(words(args.lang)) for e in compare_exhibits.comparison(workspace, view).left_out[:1])
        raise RequestError("no-comparison", ticker=view.ticker, why=why)
    save(made[args.exhibit], args)
    return 0


def claims(args: argparse.Namespace) -> int:
    """Writes all claims at a glance, or the evidence of one."""
    _known_format(args)
    workspace = Workspace.open()
    asked = {"verdict": ",".join(args.verdict), "source": ",".join(args.article), "ticker": ",".join(args.ticker), "lang": args.lang}
    asked = {key: value for key, value in asked.items() if value}
    view, corrections = claim_views.read(asked, workspace.choices, workspace.checked, args.lang)
    refuse(corrections)
    save(_evidence(workspace, view, args.claim) if args.claim else claim_exhibits.claims_overview(workspace, view), args)
    return 0


def _evidence(workspace: Workspace, view: ClaimsView, claim: str) -> Exhibit:
    checked = next((c for c in workspace.checked if c.claim.id == claim), None)
    if checked is None:
        raise RequestError("unknown-claim", claim=claim)
    made = claim_exhibits.claim_evidence(workspace, view, checked)
    if made is None:
        raise RequestError("no-evidence", claim=claim, why=checked.reason(words(view.lang)))
    return made


def _known_format(args: argparse.Namespace) -> None:
    if args.out.suffix.lstrip(".").lower() not in EXPORTS:
        raise RequestError("unknown-format", file=args.out.name, known=", ".join(EXPORTS))


def refuse(corrections: Sequence[Correction]) -> None:
    """What a link would have corrected is refused on the command line: a script should know."""
    if refused := [c for c in corrections if c.code != "clamped"]:
        raise RequestError(f"chart-{refused[0].code}", **refused[0].facts)


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
    refuse(corrections)
    if unknown := [t for t in view.series if t not in workspace.tickers]:
        raise RequestError("chart-unknown", name="series", found=", ".join(unknown), known=", ".join(workspace.tickers))
    return view
