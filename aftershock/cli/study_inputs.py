"""What both kinds of study take from the command line: prices, the design, the calendar."""

from __future__ import annotations

import argparse

from aftershock.errors import RequestError
from aftershock.models import Model
from aftershock.returns import Closes, Returns
from aftershock.sessions import Calendar
from aftershock.study import DEFAULT_BENCHMARK, StudyDesign, Window
from aftershock.userdata import read_prices
from aftershock.workspace import Workspace

Provenance = dict[str, str | None]


def workspace_of(args: argparse.Namespace) -> Workspace | None:
    """Our own data, where any of it is wanted: prices also of the tickers that are named."""
    if args.prices is None:
        return Workspace.at_once(tuple(filter(None, (*args.ticker, args.benchmark))))
    return Workspace.open() if args.events is None else None


def closes_of(args: argparse.Namespace, workspace: Workspace | None, calendar: Calendar) -> tuple[Closes, Provenance]:
    """The closes of `--prices`, else ours, and where they are from."""
    if args.prices is not None:
        mine = read_prices(args.prices, calendar)
        return mine.closes, {"source": mine.source, "retrieved_at": None, "adjustment": None, "sha256": mine.sha256}
    assert workspace is not None
    p = workspace.prices.provenance
    return workspace.closes, {"source": p.source, "retrieved_at": p.retrieved_at, "adjustment": p.adjustment, "sha256": p.sha256}


def design_of(args: argparse.Namespace, closes: Closes) -> StudyDesign:
    """Windows, model, returns and benchmark. Raises RequestError where they contradict each other."""
    return StudyDesign(
        estimation=Window(*args.estimation),
        window=Window(*args.window),
        model=Model(args.model),
        returns=Returns(args.returns),
        benchmark=_benchmark(args, closes),
    )


def _benchmark(args: argparse.Namespace, closes: Closes) -> str:
    """The benchmark that was asked for, or the default one. A user's prices without it need a word from the user."""
    name = args.benchmark or DEFAULT_BENCHMARK
    if args.benchmark is None and name not in closes.tickers and Model(args.model) is not Model.MEAN_ADJUSTED:
        raise RequestError("no-benchmark", known=", ".join(closes.tickers))
    return str(name)
