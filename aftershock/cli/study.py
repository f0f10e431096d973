"""`aftershock study`: the event study from a terminal, on our data or on a user's."""

from __future__ import annotations

import argparse
import dataclasses
import math
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from aftershock import sessions
from aftershock.cli import study_many
from aftershock.cli.common import common_parser, emit
from aftershock.cli.study_inputs import closes_of, design_of, workspace_of
from aftershock.errors import DataError, RequestError
from aftershock.events import Event
from aftershock.models import Model
from aftershock.reference import FomcDecision
from aftershock.returns import Closes, Returns
from aftershock.sessions import Calendar, Reaction, Rule, reaction_session
from aftershock.study import DEFAULT_BENCHMARK, LEVEL, Observation, Outcome, StudyResult, run_study
from aftershock.text import Words, words
from aftershock.userdata import UserEvent, UserPlan, plan_user_events, read_events
from aftershock.verdict import Judged, Setting
from aftershock.workspace import Workspace

COLUMNS = (
    "event_id", "ticker", "published", "session", "n_estimation", "estimation_first", "estimation_last", "alpha", "beta", "sigma",
    "days", "car", "car_se", "t", "df", "p", "low", "high", "as_extreme", "of", "verdict", "smallest_detectable", "warnings", "excluded",
    "message",
)  # fmt: skip
OUT = (
    "for files of any length: study the CSV of --events block by block and write FILE (.csv or .jsonl) as it goes, one line per pair with "
    "n, alpha, beta, sigma, CAR, its standard error, t and p, or the reason why not; no verdicts, ordinary days, warnings or tests over "
    "events, and a window that the data end in is left out. Stopped in any way, the same command goes on where it was"
)
OFFSETS = re.compile(r"([+-]?\d{1,5}):([+-]?\d{1,5})")


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "study",
        parents=[common_parser()],
        help="was it more than noise? abnormal returns around events",
        description="Abnormal returns around events, of the catalogue or of your own file, with everything that was left out and why.",
    )
    # argparse takes '-130:-11' for an option; this says what a negative value may look like
    parser._negative_number_matcher = re.compile(r"^-\d+(:[+-]?\d+)?$")
    parser.add_argument("--event", action="append", default=[], metavar="ID", help="only this event; may be repeated")
    parser.add_argument("--events", type=Path, metavar="FILE", help="your events: CSV, TOML, JSON or ICS (default: the catalogue)")
    parser.add_argument("--prices", type=Path, metavar="FILE|DIR", help="your prices: a CSV of closes, or a folder of OHLCV CSVs")
    parser.add_argument(
        "--ticker", action="append", default=[], metavar="T",
        help="study this series: of the catalogue's events only this one, of your own file's this one too; may be repeated",
    )  # fmt: skip
    parser.add_argument("--benchmark", metavar="T", help=f"the benchmark (default: {DEFAULT_BENCHMARK})")
    parser.add_argument("--model", choices=list(map(str, Model)), default=str(Model.MARKET))
    parser.add_argument("--returns", choices=list(map(str, Returns)), default=str(Returns.SIMPLE))
    parser.add_argument("--estimation", type=offsets, default=(-130, -11), metavar="A:B", help="sessions from the reaction session")
    parser.add_argument("--window", type=offsets, default=(-1, 1), metavar="A:B", help="sessions from the reaction session")
    parser.add_argument("--rule", choices=list(map(str, Rule)), default=str(Rule.NEXT), help="where an event on a closed day goes")
    parser.add_argument("--out", type=Path, metavar="FILE", help=OUT)
    parser.add_argument("--progress", action=argparse.BooleanOptionalAction, help="with --out: say how far it is (default: on a terminal)")
    parser.set_defaults(func=run)


def offsets(text: str) -> tuple[int, int]:
    """'-130:-11' -> (-130, -11)."""
    match = OFFSETS.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not two session offsets such as -130:-11")
    return int(match[1]), int(match[2])


def run(args: argparse.Namespace) -> int:
    """Computes and writes to standard output. Raises AftershockError."""
    if args.out is not None:
        return study_many.run(args)
    say = words(args.lang)
    made = study(args)
    if args.format == "table":
        sys.stdout.write(_table(made, say))
    else:
        document = as_data(made, say)
        emit(document, as_rows(document), args.format)
    return 0


@dataclass(frozen=True, eq=False, slots=True)
class Study:
    """A result with what its reader wants to know besides: the events as they were published, the rule and the provenance."""

    result: StudyResult
    events: dict[str, Event]
    calendar: Calendar
    rule: Rule
    provenance: dict[str, str | None]
    closes: Closes
    happenings: tuple[tuple[Event, Reaction], ...]
    decisions: tuple[FomcDecision, ...]
    settings: dict[str, Setting] = field(default_factory=dict)

    def judged(self, outcome: Outcome) -> Judged:
        """The verdict on one outcome; what all events of a ticker share is made once."""
        event_id, ticker = outcome.observation.key
        if ticker not in self.settings:
            design = self.result.plan.design
            self.settings[ticker] = Setting.of(self.closes, ticker, design, self.happenings, self.decisions)
        reaction = next(r for e, r in self.happenings if e.id == event_id)
        return self.settings[ticker].judge(self.events[event_id], reaction, outcome)


def study(args: argparse.Namespace) -> Study:
    """The arguments -> the computed study. Raises AftershockError."""
    workspace = workspace_of(args)
    calendar = workspace.calendar if workspace else sessions.new_york()
    closes, provenance = closes_of(args, workspace, calendar)
    design = design_of(args, closes)
    asked, others, tickers = _events(args, workspace)
    rule = Rule(args.rule)
    made = plan_user_events(asked, closes, design, calendar, rule=rule, tickers=tickers, others=others)
    around = _happenings(others or _as_asked(made), made.plan.observations, calendar, rule)
    decisions = workspace.reference.fomc if workspace else ()
    return Study(run_study(made.plan, closes), made.events, calendar, rule, provenance, closes, around, decisions)


def _as_asked(made: UserPlan) -> list[Event]:
    """A user's events with every series that they are studied in: --ticker makes them about that one too."""
    names: dict[str, list[str]] = {}
    for o in made.plan.observations:
        names.setdefault(o.event_id, []).append(o.ticker)
    return [dataclasses.replace(e, tickers=tuple(dict.fromkeys([*e.tickers, *names.get(e.id, ())]))) for e in made.events.values()]


def _happenings(
    events: Iterable[Event], observations: Iterable[Observation], calendar: Calendar, rule: Rule
) -> tuple[tuple[Event, Reaction], ...]:
    """Every event that may matter to a verdict, with the session that the plan gave it, or the calendar's where it is not studied."""
    planned = {o.event_id: o.session for o in observations}
    near = Rule.NEXT if rule is Rule.EXACT else rule
    found = []
    for event in events:
        day = pd.Timestamp(event.date).as_unit("us")
        known = calendar.sessions[0] <= day <= calendar.sessions[-1]
        reaction = reaction_session(event, calendar, near) if known else Reaction(day, near, "day-only")
        found.append((event, dataclasses.replace(reaction, session=planned.get(event.id, reaction.session))))
    return tuple(found)


def _events(args: argparse.Namespace, workspace: Workspace | None) -> tuple[list[UserEvent | Event], list[Event], list[str]]:
    """(events asked for, other events that may disturb them, tickers to study besides the events' own)."""
    if args.events is not None:
        mine = _read(args.events)
        known = {e.id for e in mine}
        _refuse_unknown(args.event, known)
        return [e for e in mine if not args.event or e.id in args.event], [], args.ticker
    assert workspace is not None
    _refuse_unknown(args.event, set(workspace.by_id))
    chosen = [e for e in workspace.events if not args.event or e.id in args.event]
    if args.ticker:  # the catalogue names many series per event; a reader who names one wants that one
        chosen = [dataclasses.replace(e, tickers=()) for e in chosen]
    return list(chosen), list(workspace.events), args.ticker


def _read(path: Path) -> Sequence[UserEvent]:
    """The events of a file. Raises RequestError where it is too long to be answered at once."""
    try:
        return read_events(path)
    except DataError as error:
        if getattr(error.facts["found"], "code", "") in ("data.more-rows", "data.more-bytes"):
            raise RequestError("study-too-long", file=path.name) from error
        raise


def _refuse_unknown(wanted: Sequence[str], known: set[str]) -> None:
    for name in wanted:
        if name not in known:
            raise RequestError("unknown-event", event=name)


# -- the answer as data ----------------------------------------------------------------------------------------------


def judgement(judged: Judged) -> dict[str, object]:
    """Ordinary days, the verdict and the smallest detectable move of one outcome."""
    days, verdict = judged.ordinary, judged.verdict
    return {
        "ordinary": {
            "as_extreme": days.as_extreme,
            "of": days.of,
            "from": _iso(days.first) if days.first is not None else None,
            "to": _iso(days.last) if days.last is not None else None,
            "p": days.p,
        },
        "verdict": str(verdict.state),
        "verdict_why": str(verdict.doubt),
        "smallest_detectable": _number(verdict.smallest),
    }


def as_data(made: Study, say: Words) -> dict[str, Any]:
    """The study as the public contract has it: numbers as numbers, undefined as None, sentences in the language of `say`."""
    result = made.result
    design = result.plan.design
    return {
        "design": {
            "model": str(design.model),
            "returns": str(design.returns),
            "benchmark": design.benchmark if design.uses_benchmark else None,
            "estimation": list(design.estimation),
            "window": list(design.window),
            "rule": str(made.rule),
            "min_observations": design.needed,
            "sigma": say(f"sigma.{design.model}"),
            "car_se": say(f"car_se.{design.model}"),
        },
        "provenance": made.provenance,
        "results": [_outcome(made, o, say) for o in result.outcomes],
        "excluded": [
            {"event_id": e.event_id, "ticker": e.ticker, "reason": str(e.reason), "message": e.in_words(say)} for e in result.excluded
        ],
        "tests": _tests(result, say),
    }


def _outcome(made: Study, o: Outcome, say: Words) -> dict[str, Any]:
    event_id, ticker = o.observation.key
    event = made.events.get(event_id)
    judged = made.judged(o)
    shared = judged.ledger.caution()
    return {
        "event_id": event_id,
        "ticker": ticker,
        "published": event.date.isoformat() if event else None,
        "session": _iso(o.observation.session),
        "why_session": _why(made, event, o.observation, say),
        "n_estimation": o.fit.n,
        "estimation_first": _iso(o.estimation_first),
        "estimation_last": _iso(o.estimation_last),
        "alpha": _number(o.fit.alpha),
        "beta": _number(o.fit.beta),
        "sigma": _number(o.fit.sigma),
        "abnormal": [
            {"offset": int(offset), "session": _iso(day), "return": float(y), "expected": float(e), "abnormal": float(a)}
            for offset, day, y, e, a in zip(o.offsets, o.sessions, o.returns, o.expected, o.abnormal, strict=True)
        ],
        "car": _number(o.car),
        "car_se": _number(o.se),
        "t": _number(o.t),
        "df": o.fit.df,
        "p": _number(o.p),
        "interval": [_number(o.low), _number(o.high)],
        "level": LEVEL,
        **judgement(judged),
        "warnings": [
            {"code": str(w.code), "message": w.in_words(say), "events": list(w.events), "sessions": [_iso(s) for s in w.sessions]}
            for w in (*o.warnings, *([shared] if shared else []))
        ],
    }


def _why(made: Study, event: Event | None, asked: Observation, say: Words) -> str:
    """Why it is that session: the exchange's calendar where it decided, else that the price file has no row for the day."""
    if event is None:
        return ""
    near = Rule.NEXT if made.rule is Rule.EXACT else made.rule
    inside = made.calendar.sessions[0] <= pd.Timestamp(event.date) <= made.calendar.sessions[-1]
    if inside and (reaction := reaction_session(event, made.calendar, near)).session == asked.session:
        return reaction.in_words(say)
    return "" if asked.session == pd.Timestamp(event.date) else say("study.no-row")


def _tests(result: StudyResult, say: Words) -> list[dict[str, Any]]:
    """The tests over many events; with one event there is nothing to test over."""
    if len(result.outcomes) < 2:
        return []
    return [
        {
            "test": str(r.test),
            "name": r.label(say),
            "statistic": _number(r.statistic),
            "p": _number(r.p),
            "n": r.n,
            "n_effective": _number(r.n_effective),
            "df": _number(r.df),
            "null": r.null_in_words(say),
            "convention": r.convention(say),
            "citation": r.citation,
            "usable": r.usable,
            "shown": r.shown,
            "size": _number(r.size),
            "why": r.why_in_words(say),
        }
        for r in result.test_results()
    ]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _iso(session: pd.Timestamp) -> str:
    return f"{session:%Y-%m-%d}"


# -- the answer as text ----------------------------------------------------------------------------------------------


def as_rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The CSV: one row per pair that was asked for, with its numbers, or with the reason why it has none."""
    found = [
        row | {
            "days": len(row["abnormal"]), "low": row["interval"][0], "high": row["interval"][1],
            "as_extreme": row["ordinary"]["as_extreme"], "of": row["ordinary"]["of"],
            "warnings": " ".join(w["code"] for w in row["warnings"]),
        }
        for row in document["results"]
    ]  # fmt: skip
    left_out = [row | {"excluded": row["reason"]} for row in document["excluded"]]
    return [{column: row.get(column) for column in COLUMNS} for row in (*found, *left_out)]


def _table(made: Study, say: Words) -> str:
    result, design = made.result, made.result.plan.design
    lines = [
        say(
            "study.head",
            model=say(f"model.{design.model}"),
            returns=say(f"returns.{design.returns}"),
            benchmark=design.benchmark if design.uses_benchmark else "–",
            estimation=str(design.estimation),
            window=str(design.window),
        ),
        "",
    ]
    if result.outcomes:
        head = [say(f"column.{c}") for c in ("event", "ticker", "session", "n", "beta", "car", "interval", "t", "p", "ordinary", "verdict")]
        lines += _grid([head, *(_cells(o, made.judged(o), say) for o in result.outcomes)], left=3, last_left=True)
    for o in result.outcomes:
        lines += [f"! {o.observation.event_id}, {o.observation.ticker}: {w.in_words(say)}" for w in o.warnings]
    if result.excluded:
        lines += ["", say("study.left-out", n=len(result.excluded), of=result.plan.requested)]
        lines += [f"- {e.event_id}, {e.ticker or '–'}: {e.in_words(say)}" for e in result.excluded]
    if len(result.outcomes) > 1:
        lines += ["", say("study.tests", window=str(design.window))]
        head = [say(f"column.{c}") for c in ("test", "statistic", "p", "n", "n_effective", "usable")]
        rows = [
            [r.label(say), say.number(r.statistic, 3), say.number(r.p, 4), str(r.n), say.number(r.n_effective, 1),
             say("study.yes") if r.usable else r.why_in_words(say)]
            for r in result.test_results()
        ]  # fmt: skip
        lines += _grid([head, *rows], left=1, last_left=True)
    source = made.provenance
    lines += ["", say("study.source", source=source["source"], day=source["retrieved_at"] or "–", sha=str(source["sha256"])[:12])]
    return "\n".join(lines) + "\n"


def _cells(o: Outcome, judged: Judged, say: Words) -> list[str]:
    interval = f"{say.percent(o.low)} … {say.percent(o.high)}" if math.isfinite(o.low) else "–"
    return [
        o.observation.event_id, o.observation.ticker, _iso(o.observation.session), str(o.fit.n), say.number(o.fit.beta, 3),
        say.percent(o.car), interval, say.number(o.t, 2), say.number(o.p, 4),
        f"{say.number(judged.ordinary.as_extreme, 0)}/{say.number(judged.ordinary.of, 0)}", say(f"verdict.{judged.verdict.state}"),
    ]  # fmt: skip


def _grid(rows: Sequence[Sequence[str]], *, left: int, last_left: bool = False) -> Iterable[str]:
    """Rows as aligned text: the first `left` columns to the left, the others (but the last, if asked) to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if i < left or (last_left and i == len(row) - 1) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
