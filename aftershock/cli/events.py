"""`aftershock events`: the catalogue with the session that could first react to each event, and a reader's own file as understood."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aftershock.cli.common import as_table, common_parser, emit, iso_date
from aftershock.errors import RequestError
from aftershock.events import Category, Event, select
from aftershock.text import Words, words
from aftershock.userdata import ENCODINGS, TERMINAL, Import, Order, understand
from aftershock.userdata.check import Progress
from aftershock.userdata.understanding import Accepted
from aftershock.workspace import Workspace

PATIENCE = 5.0  # seconds between two words about progress


def register(subparsers: Any) -> None:
    """Adds the commands and their options."""
    top: argparse.ArgumentParser = subparsers.add_parser("events", help="the event catalogue, and events of your own")
    commands = top.add_subparsers(required=True, metavar="command")
    parser: argparse.ArgumentParser = commands.add_parser("list", parents=[common_parser()], help="events with their reaction sessions")
    parser.add_argument("--from", dest="first", type=iso_date, metavar="D", help="published on or after")
    parser.add_argument("--to", dest="last", type=iso_date, metavar="D", help="published on or before")
    parser.add_argument("--category", action="append", choices=list(map(str, Category)), default=[], metavar="C", help=", ".join(Category))
    parser.add_argument("--article", action="append", default=[], metavar="ID", help="only events that this article mentions")
    parser.set_defaults(func=run)
    parser = commands.add_parser("check", parents=[common_parser()], help="a file of your own events, row by row as it is understood")
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, TOML, JSON or ICS")
    parser.add_argument(
        "--dates", choices=[Order.DMY, Order.MDY, Order.SINCE_1904], help="what comes first; 1904: serials count from there"
    )
    parser.add_argument("--encoding", choices=ENCODINGS, help="of a file that is not Unicode and could be either")
    parser.set_defaults(func=check)


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


# -- a file of the reader's own --------------------------------------------------------------------------------------


def check(args: argparse.Namespace) -> int:
    """Prints every row of a file as understood; 1 when anything was refused or must be asked."""
    workspace, say = Workspace.open(), words(args.lang)
    order = Order(args.dates) if args.dates else None
    with args.file.open("rb") as file:
        raw = file.read(TERMINAL.size + 1)  # one byte too many is refused, however many follow
    found = understand(
        raw, args.file.name, known=workspace.events, order=order, encoding=args.encoding,
        calendar=workspace.calendar, progress=progress(say),
    )  # fmt: skip
    document = as_data(found, say)
    rows = as_rows(found, say)
    if args.format == "table":
        sys.stdout.write(as_table(rows) + "".join(f"{line}\n" for line in _remarks(found, say)))
    else:
        emit(document, rows, args.format)
    return 1 if found.rejected or found.questions else 0


def progress(say: Words) -> Progress:
    """Says on standard error how far it is, when it takes long."""
    said = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal said
        if time.monotonic() - said > PATIENCE:
            said = time.monotonic()
            sys.stderr.write(say("userdata.progress", done=done, of=of) + "\n")

    return tell


def as_data(found: Import, say: Words) -> dict[str, Any]:
    """The file as the public contract has it."""
    return {
        "accepted": [_accepted(a, say) for a in found.accepted],
        "rejected": [{"row": r.row, "field": r.field, "code": r.code, "message": r.in_words(say)} for r in found.rejected],
        "questions": [{"code": q.code, "message": q.in_words(say), "choices": list(q.choices)} for q in found.questions],
        "duplicates": [{"rows": list(rows)} for rows in found.duplicates],
        "rows": found.rows,
        "notes": [note.in_words(say) for note in found.notes],
    }


def _accepted(accepted: Accepted, say: Words) -> dict[str, Any]:
    event = accepted.event
    return {
        "row": accepted.row,
        "id": event.id,
        "date": event.date.isoformat(),
        "time": event.time.isoformat("minutes") if event.time else None,
        "timing": event.timing.value,
        "tickers": list(event.tickers),
        "title": event.title.in_(say.lang),
        "category": event.category.value,
        "source": event.sources[0].publisher if event.sources else None,
        "known_event": accepted.known,
    }


def as_rows(found: Import, say: Words) -> list[dict[str, Any]]:
    """One line per row of the file, in its order: what was understood, or what was wrong."""
    columns = ("date", "time", "tickers", "title", "category", "id")
    lines: list[dict[str, Any]] = []
    for status, group in (("accepted", found.accepted), ("duplicate", found.repeated)):
        for accepted in group:
            data = _accepted(accepted, say)
            state = "known" if accepted.known and status == "accepted" else status
            message = say("userdata.repeats", row=str(accepted.first)) if accepted.first else ""
            lines.append({"row": accepted.row, "status": state, **{c: data[c] for c in columns}, "field": None, "message": message})
    for r in found.rejected:
        blank: dict[str, Any] = dict.fromkeys(columns)
        lines.append({"row": r.row, "status": "rejected", **blank, "field": r.field, "message": r.in_words(say)})
    return sorted(lines, key=lambda line: int(line["row"]))


def _remarks(found: Import, say: Words) -> Sequence[str]:
    counted = say(
        "userdata.counted", rows=found.rows, accepted=len(found.accepted), rejected=len(found.rejected), repeated=len(found.repeated)
    )
    return ["", counted, *(n.in_words(say) for n in found.notes), *(f"? {q.in_words(say)} (--{_option(q.code)})" for q in found.questions)]


def _option(code: str) -> str:
    return code.removeprefix("ambiguous-")
