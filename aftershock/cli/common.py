"""What the commands share: options, dates, and writing rows as a table, JSON or CSV."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from aftershock.exports import as_text
from aftershock.text import LANGUAGES


def common_parser(*, data: bool = True) -> argparse.ArgumentParser:
    """The options that every command has: the language, and the format where there is data."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--lang", choices=LANGUAGES, default="en", help="language of words and numbers (default: en)")
    if data:
        parent.add_argument("--format", choices=("table", "json", "csv"), default="table", help="how to print (default: table)")
    return parent


def iso_date(text: str) -> dt.date:
    """An ISO date from the command line."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a date: {text!r}; dates look like 2025-01-27") from None


def emit(document: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], form: str) -> None:
    """Prints a document as JSON, or its rows as CSV or a table. Undefined numbers must already be None."""
    if form == "json":
        sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n")
    elif form == "csv":
        sys.stdout.write(as_csv(rows))
    else:
        sys.stdout.write(as_table(rows))


def _cell(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV with a header; text that a spreadsheet would run gets an apostrophe in front."""
    if not rows:
        return ""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows([as_text(_cell(v)) if not isinstance(v, int | float) else v for v in row.values()] for row in rows)
    return buffer.getvalue()


def as_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows in aligned columns for a terminal."""
    if not rows:
        return ""
    cells = [[str(h) for h in rows[0]], *([_cell(v) for v in row.values()] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    return "".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() + "\n" for line in cells)
