"""`aftershock events list`: the catalogue with the session that could first react to each event, and why."""

from __future__ import annotations

import argparse
from typing import Any

from aftershock.cli.common import common_parser, emit, iso_date
from aftershock.errors import RequestError
from aftershock.events import Category, Event, select
from aftershock.text import words
from aftershock.workspace import Workspace


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    top: argparse.ArgumentParser = subparsers.add_parser("events", help="the event catalogue")
    commands = top.add_subparsers(required=True, metavar="command")
    parser: argparse.ArgumentParser = commands.add_parser("list", parents=[common_parser()], help="events with their reaction sessions")
    parser.add_argument("--from", dest="first", type=iso_date, metavar="D", help="published on or after")
    parser.add_argument("--to", dest="last", type=iso_date, metavar="D", help="published on or before")
    parser.add_argument("--category", action="append", choices=list(map(str, Category)), default=[], metavar="C", help=", ".join(Category))
    parser.add_argument("--article", action="append", default=[], metavar="ID", help="only events that this article mentions")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Prints the events that pass the filters."""
    workspace = Workspace.open()
    known = [a.id for a in workspace.articles]
    for article in args.article:
        if article not in known:
            raise RequestError("unknown-article", article=article, known=", ".join(known))
    if args.first and args.last and args.first > args.last:
        raise RequestError("reversed-dates", first=args.first, last=args.last)
    found = select(workspace.events, first=args.first, last=args.last, categories=args.category, articles=args.article)
    rows = [_row(event, workspace, args.lang) for event in found]
    emit({"events": rows}, rows, args.format)
    return 0


def _row(event: Event, workspace: Workspace, lang: str) -> dict[str, Any]:
    reaction = workspace.reactions[event.id]
    return {
        "id": event.id,
        "title": event.title.in_(lang),
        "published": event.date.isoformat(),
        "session": reaction.session.date().isoformat(),
        "why_session": reaction.in_words(words(lang)),
        "category": event.category.value,
        "tickers": list(event.tickers),
        "verification": event.verification.value,
        "articles": list(event.articles),
    }
