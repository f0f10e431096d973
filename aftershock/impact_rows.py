"""The tables beside the charts of an impact in words, one dict per row: what the page and the report both show."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from aftershock import captions
from aftershock.events import Event
from aftershock.impact import Impact
from aftershock.study import Caution
from aftershock.text import NBSP, Words
from aftershock.verdict import Confounder
from aftershock.verdict.yardstick import BASKET, Reading

Rows = list[dict[str, str]]
DOT: Final = "●" + NBSP  # marks the row that the answer is about


def minus(text: str) -> str:
    """'[-1, +1]' with a true minus."""
    return text.replace("-", "−")


def p_value(value: float, say: Words) -> str:
    """A p with four decimals; smaller ones as '< 0.0001'."""
    return "<" + NBSP + say.number(0.0001, 4) if value < 0.0001 else say.number(value, 4)


def windows(answer: Impact, say: Words) -> Rows:
    """The same question for the usual windows."""
    return [
        {
            say("impact_page.window"): minus(str(j.window)), "CAR": say.percent(j.outcome.car), "t": say.number(j.outcome.t),
            "p (t)": p_value(j.outcome.p, say), say("impact_page.p_ordinary"): say.number(j.ordinary.p, 4),
            say("impact_page.smallest"): "±" + say.percent(j.verdict.smallest, 1, signed=False),
            say("impact_page.sessions_are"): say(f"impact_page.ledger_{j.ledger.status}"),
            say("impact_page.verdict"): say(f"verdict.{j.verdict.state}"),
        }
        for j in answer.judged
    ]  # fmt: skip


def anchors(answer: Impact, say: Words) -> Rows:
    """What the answer would be in each session that could be meant; empty where there is only one."""
    frame = answer.curve.by_anchor()
    if len(frame) < 2:
        return []
    return [
        {
            say("impact_page.session_0"): say.date(row["session"]) + ": " + say("anchor." + row["anchor"]),
            "CAR": say.percent(row["car"]), "t": say.number(row["t"]), "p (t)": p_value(row["p"], say),
            say("impact_page.p_ordinary"): say.number(row["p_ordinary"], 4),
        }
        for row in frame.to_dict(orient="records")
    ]  # fmt: skip


def benchmarks(answer: Impact, home: Collection[str], say: Words) -> Rows:
    """What the answer would be against each benchmark; a dot marks the one that is used. `home`: the series that we know inside out."""
    return [
        {
            say("impact_page.benchmark"): (DOT if r.headline else "") + _benchmark(r.benchmark, say),
            "CAR": say.percent(r.car), "t": say.number(r.t), "p": p_value(r.p, say), "beta": say.number(r.beta),
            say("impact_page.its_move"): say.percent(r.benchmark_move),
            say("impact_page.contains"): say(f"impact_page.{_contains(answer.ticker, r, home)}"),
        }
        for r in answer.benchmarks.readings
    ]  # fmt: skip


def _contains(ticker: str, reading: Reading, home: Collection[str]) -> str:
    """Of the snapshot's own series we know that an index does not hold them; of any other we may just not know that it does."""
    return "yes" if reading.contains else "no" if ticker in home and reading.benchmark in (*home, BASKET) else "not_known"


def _benchmark(name: str, say: Words) -> str:
    return say("impact_chart.peers") if name == BASKET else captions.name(name, say)


def confounder(entry: Confounder, say: Words) -> str:
    """What stands behind a confounder's title: its kind, its session, and what it does to the window."""
    day = minus(f"{entry.offset:+d}") if entry.offset else "0"
    kind, status = say(f"confounder.{entry.kind}"), say(f"impact_page.status_{entry.status}")
    return f"{kind}, {say.date(entry.session)} ({day}); {status}"


def caution(found: Caution, by_id: Mapping[str, Event], say: Words) -> str:
    """A caution with the events' titles in the place of their ids, and series by their names."""
    titles = [by_id[i].title.in_(say.lang) if i in by_id else i for i in found.events]
    facts = {k: captions.name(v, say) if isinstance(v, str) else v for k, v in found.facts.items()}
    return replace(found, events=tuple(f"“{t}”" for t in titles), facts=facts).in_words(say)
