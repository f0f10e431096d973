"""`aftershock prices status | update`: which series there are and from whom; getting newer ones."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from aftershock.cli.common import common_parser, emit, iso_date
from aftershock.errors import Phrase, RequestError
from aftershock.prices import Held, Kept, Live, mode
from aftershock.text import Words, words
from aftershock.tickers import symbol
from aftershock.workspace import Workspace


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    top: argparse.ArgumentParser = subparsers.add_parser("prices", help="the price series")
    commands = top.add_subparsers(required=True, metavar="command")
    parser: argparse.ArgumentParser = commands.add_parser("status", parents=[common_parser()], help="what there is, and how old it is")
    parser.set_defaults(func=status)
    parser = commands.add_parser("update", parents=[common_parser(data=False)], help="get newer prices from Yahoo into the cache")
    parser.add_argument("--ticker", action="append", default=[], metavar="T", help="this series (default: all there are); may be repeated")
    parser.add_argument("--from", dest="first", type=iso_date, metavar="D", help="first day (default: the snapshot's, or the cache's)")
    parser.set_defaults(func=update)


def status(args: argparse.Namespace) -> int:
    """Prints one row per series: the newer of the cache's and the snapshot's."""
    opened = Workspace.open()
    kept = Kept(opened.snapshot) if mode() == "snapshot" else Live.open(opened.snapshot, opened.calendar).kept
    found = {t: held for t in kept.tickers if (held := kept.get(t)) is not None}
    rows = [_row(held) for held in found.values()]
    emit({"series": rows}, rows, args.format)
    _complain(kept, words(args.lang))
    return 0


def update(args: argparse.Namespace) -> int:
    """Asks for each series, says what came of it, and gives 1 if one could not be had."""
    if mode() == "snapshot":
        raise RequestError("prices-switched-off")
    opened, say = Workspace.open(), words(args.lang)
    live = Live.open(opened.snapshot, opened.calendar)
    asked, failed = tuple(symbol(t) or t for t in args.ticker), False
    for ticker, outcome in live.ask(asked or live.kept.tickers, start=args.first):
        if isinstance(outcome, Phrase):
            failed = True
            sys.stderr.write(say("error.no-prices", ticker=ticker, why=outcome) + "\n")
        else:
            s = outcome.series
            done = say("prices.updated", ticker=ticker, name=s.name, n=s.sessions, first=s.first, last=s.last)
            sys.stdout.write(" ".join([done, *(r.in_words(say) for r in s.remarks)]) + "\n")
            sys.stdout.flush()
    _complain(live.kept, say)
    return int(failed or (live.kept.cache is not None and not live.kept.cache.usable))


def _row(held: Held) -> dict[str, Any]:
    s = held.series
    return {
        "ticker": s.ticker, "first": s.first.date().isoformat(), "last": s.last.date().isoformat(), "sessions": s.sessions,
        "source": s.source, "retrieved_at": s.retrieved_at, "adjustment": s.adjustment, "sha256": s.sha256,
    }  # fmt: skip


def _complain(kept: Kept, say: Words) -> None:
    for trouble in kept.cache.troubles if kept.cache is not None else ():
        sys.stderr.write(trouble.in_words(say) + "\n")
