"""`aftershock study --events big.csv --out results.csv`: a file of any length, block by block, with progress, and to be resumed."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from aftershock import __version__, sessions
from aftershock.cli.common import emit
from aftershock.cli.growing import Growing
from aftershock.cli.study_inputs import Provenance, closes_of, design_of, workspace_of
from aftershock.errors import RequestError
from aftershock.exports import as_text
from aftershock.sessions import Rule
from aftershock.study import StudyDesign
from aftershock.text import Words, words
from aftershock.userdata.many import COLUMNS, NUMBERS, REJECTED, Panels, tally
from aftershock.userdata.stream import LongFile, blocks, survey

BLOCK: Final = 20_000  # rows of events at once; part of what makes two runs equal to the last digit
DIGITS: Final = 12
PATIENCE: Final = {True: 0.2, False: 5.0}  # seconds between two words about progress, on a terminal and elsewhere


def run(args: argparse.Namespace) -> int:
    """Studies, writes and says how it went. Raises AftershockError."""
    if args.events is None or args.event:
        raise RequestError("out-needs-events")
    if args.out.suffix not in WRITERS:
        raise RequestError("out-ending", file=args.out.name, known=", ".join(WRITERS))
    say = words(args.lang)
    try:
        panels, provenance = _panels(args)
        file = survey(args.events)
        with Growing(args.out, _terms(args, file, panels.design, provenance)) as growing:
            _study(args, panels, file, growing, say)
            document = _document(file, growing, provenance)
    except KeyboardInterrupt:
        raise RequestError("study-interrupted") from None
    emit(document, [{"pairs": n, "result": reason} for reason, n in _counts(growing).items()], args.format)
    if args.format == "table":
        sys.stdout.write("\n" + say("study_many.done", rows=file.rows, pairs=growing.tally.total(), file=str(args.out)) + "\n")
    return 0


def _panels(args: argparse.Namespace) -> tuple[Panels, Provenance]:
    """The prices, as returns; the closes themselves are let go."""
    workspace, calendar = workspace_of(args), sessions.new_york()
    closes, provenance = closes_of(args, workspace, calendar)
    return Panels(closes, design_of(args, closes), calendar, Rule(args.rule)), provenance


def _terms(args: argparse.Namespace, file: LongFile, design: StudyDesign, provenance: Provenance) -> dict[str, str]:
    """Everything that the output follows from."""
    return {
        "--events sha256": file.sha256,
        "--prices sha256": str(provenance["sha256"]),
        "--ticker": " ".join(args.ticker),
        "--benchmark": design.benchmark if design.uses_benchmark else "–",
        "--model": str(design.model),
        "--returns": str(design.returns),
        "--estimation": str(design.estimation),
        "--window": str(design.window),
        "--rule": args.rule,
        "--lang": args.lang,
        "aftershock": __version__,
    }


def _study(args: argparse.Namespace, panels: Panels, file: LongFile, growing: Growing, say: Words) -> None:
    write = WRITERS[args.out.suffix]
    tell = Progress(say, file.rows, growing.done, args.progress)
    if not growing.size and args.out.suffix == ".csv":
        growing.append((",".join(COLUMNS) + "\n").encode(), 0, {})
    for block in blocks(file, BLOCK, growing.done):
        found = panels.study(block, args.ticker, say)
        growing.append(write(found), len(block), tally(found))
        tell(growing.done)
    tell.end()


def _counts(growing: Growing) -> dict[str, int]:
    """'computed' and each reason, by number of pairs."""
    return {reason or "computed": n for reason, n in sorted(growing.tally.items(), key=lambda item: (item[0] != "", -item[1], item[0]))}


def _document(file: LongFile, growing: Growing, provenance: Provenance) -> dict[str, Any]:
    counts = _counts(growing)
    return {
        "out": str(growing.path), "rows": file.rows, "pairs": growing.tally.total(), "computed": counts.pop("computed", 0),
        "rejected": counts.pop(REJECTED, 0), "excluded": counts, "terms": growing.terms, "provenance": provenance,
    }  # fmt: skip


# -- what is written -------------------------------------------------------------------------------------------------


def _figures(column: pd.Series[Any]) -> list[str]:
    return ["" if value != value else f"{value:.{DIGITS}g}" for value in column.tolist()]


def _text(found: pd.DataFrame) -> dict[str, list[Any]]:
    """The columns as lists of what is written: figures and days as text, '' where there is none."""
    lists: dict[str, list[Any]] = {name: found[name].tolist() for name in COLUMNS}
    lists |= {name: _figures(found[name]) for name in NUMBERS}
    lists["session"] = ["" if day == "NaT" else day for day in found["session"].to_numpy().astype("datetime64[D]").astype(str).tolist()]
    return lists


def _csv(found: pd.DataFrame) -> bytes:
    lists = _text(found)
    for name in ("event_id", "ticker", "message"):
        lists[name] = [as_text(text) for text in lists[name]]
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(zip(*lists.values(), strict=True))
    return buffer.getvalue().encode("utf-8", "replace")


def _jsonl(found: pd.DataFrame) -> bytes:
    """A line for every pair; undefined is null, and what does not concern the pair is left out."""
    lists = _text(found)
    for name in NUMBERS:
        lists[name] = [float(text) if text else None for text in lists[name]]
    lists["n_estimation"] = [None if n is None else int(n) for n in lists["n_estimation"]]
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in zip(*lists.values(), strict=True))
    return "".join(json.dumps(_told(row), ensure_ascii=False, allow_nan=False) + "\n" for row in rows).encode("utf-8", "replace")


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Numbers where there are some, else the reason."""
    gone = (*NUMBERS, "session") if row["excluded"] else ("excluded", "field", "message")
    return {name: value for name, value in row.items() if name not in gone and value != ""}


WRITERS: Final[dict[str, Callable[[pd.DataFrame], bytes]]] = {".csv": _csv, ".jsonl": _jsonl}


# -- progress --------------------------------------------------------------------------------------------------------


class Progress:
    """Says on standard error how far it is: over and over in one line of a terminal; elsewhere only if asked, in lines."""

    def __init__(self, say: Words, of: int, before: int, wanted: bool | None) -> None:
        self.say, self.of, self.before = say, of, before
        self.terminal = sys.stderr.isatty()
        self.wanted = self.terminal if wanted is None else wanted
        self.began = self.said = time.monotonic()
        if self.wanted and before:
            sys.stderr.write(say("study_many.resumed", done=before, of=of) + "\n")

    def __call__(self, done: int) -> None:
        """`done` rows are finished."""
        now = time.monotonic()
        if not self.wanted or (now - self.said < PATIENCE[self.terminal] and done < self.of):
            return
        self.said = now
        rate = (done - self.before) / max(now - self.began, 1e-9)
        left = round((self.of - done) / rate)
        line = self.say("study_many.progress", done=done, of=self.of, rate=round(rate), left=f"{left // 60}:{left % 60:02d}")
        sys.stderr.write(f"\r{line}\x1b[K" if self.terminal else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Leaves the line."""
        if self.wanted and self.terminal:
            sys.stderr.write("\n")
