"""`aftershock ingest FILE`: an article, as text or HTML, and the drafts of events that its dated statements make."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any

from aftershock.articles import drafts, reading
from aftershock.cli.common import common_parser, emit, iso_date
from aftershock.errors import RequestError
from aftershock.text import words
from aftershock.workspace import Workspace


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    parser: argparse.ArgumentParser = subparsers.add_parser("ingest", parents=[common_parser()], help="from an article to drafts of events")
    parser.add_argument("file", type=Path, metavar="FILE", help="an article: text or HTML, at most 2 MB")
    parser.add_argument("--published", type=_moment, metavar="D", help="when it was published, if the file does not say or is wrong")
    parser.set_defaults(func=run)


def _moment(text: str) -> dt.date:
    """An ISO date, or a date and time with an offset."""
    try:
        return dt.datetime.fromisoformat(text) if len(text) > len("2025-01-27") else iso_date(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a date: {text!r}; dates look like 2025-01-27 or 2025-01-27T20:15+07:00") from None


def run(args: argparse.Namespace) -> int:
    """Prints the article's facts, its drafts, and what was skipped."""
    if args.file.stat().st_size > reading.BIGGEST:
        raise RequestError("article-too-big", megabytes=f"{reading.BIGGEST // 1_000_000}")
    article = reading.read(args.file.read_bytes(), args.file.name)
    if args.published:
        article = article.published_on(args.published)
    workspace = Workspace.open()
    ingested = drafts.ingest(article, workspace.catalogue, workspace.calendar)
    rows = [_row(draft) for draft in ingested.drafts]
    skipped = [{"expression": s.expression, "sentence": s.sentence, "reason": s.reason} for s in ingested.skipped]
    about = {
        "title": article.title or None, "publisher": article.publisher or None,
        "published": article.day.isoformat() if article.day else None,
        "published_at": article.published.isoformat() if isinstance(article.published, dt.datetime) else None,
        "language": article.language,
    }  # fmt: skip
    emit({"article": about, "drafts": rows, "skipped": skipped}, rows, args.format)
    say = words(args.lang)
    if article.day is None:
        sys.stderr.write(say("ingest.no_date") + "\n")
    if args.format == "table":
        for s in ingested.skipped:
            sys.stdout.write(say("ingest.skipped", expression=s.expression, reason=say(f"skipped.{s.reason}")) + "\n")
    return 0


def _row(draft: drafts.Draft) -> dict[str, Any]:
    return {
        "expression": draft.found.expression,
        "sentence": draft.found.sentence,
        "from": draft.found.period.first.isoformat(),
        "to": draft.found.period.last.isoformat(),
        "precision": draft.found.period.precision,
        "title": draft.title,
        "category": draft.category.value,
        "tickers": list(draft.tickers),
        "known_event": draft.known,
        "session": draft.reaction.session.date().isoformat() if draft.reaction else None,
    }
