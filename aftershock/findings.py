"""Sentences computed from an impact, in one language: its headline, its verdict, and what each exhibit says. Numbers come from the data and
the direction from their signs, so a title cannot contradict its chart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from aftershock import __version__
from aftershock.captions import in_a_sentence, name, sources
from aftershock.dollars import Dollars, Later, MoveSplit
from aftershock.impact import Impact
from aftershock.study import Window
from aftershock.text import Words
from aftershock.verdict import FEWEST, Doubt, Judged, Ledger, State, Status

MOST_TITLES: Final = 3
TIMES: Final = 2.0  # from twice the move on, 'given back 5.6 times over' reads better than 561 %


@dataclass(frozen=True, slots=True)
class Findings:
    """All the words around one impact, in one language. Each is one or two sentences; empty where there is nothing to say.

    `title` the headline; `verdict` the label of the answer, `because` the sentence behind it; `alt_*` the alternative texts.
    """

    title: str
    verdict: str
    because: str
    subtitle: str
    method: str
    curve: str
    ledger: str
    benchmarks: str
    dollars: str
    split: str
    footer: str
    alt_path: str
    alt_ordinary: str
    alt_specifications: str
    slug: str


def of(impact: Impact, say: Words, link: str = "") -> Findings:
    """The findings of an impact; `link` is the permalink that the footer prints."""
    series, day, title = name(impact.ticker, say), say.date(impact.session), headline(impact, say)
    how = method(impact, say)
    finding = title[0].lower() + title[1:] if title.startswith(("The ", "the ")) else title
    path = impact.path["offset"]
    return Findings(
        title=title,
        verdict=say(f"verdict.{impact.verdict.state}"),
        because=because(impact.headline, say),
        subtitle=say("impact.subtitle", window=_signed(impact.outcome.window), day=day, method=how),
        method=how,
        curve=curve(impact, say),
        ledger=ledger(impact.ledger, say),
        benchmarks=benchmarks(impact, say),
        dollars=dollars(impact, say),
        split=split(impact.split, say),
        footer=say("impact.footer", source=source(impact, say), method=how, version=__version__, link=link).removesuffix(" · "),
        alt_path=say(
            "impact.alt_path", name=series, first=_offset(int(path.iloc[0])), last=_offset(int(path.iloc[-1])), day=day, finding=finding
        ),
        alt_ordinary=say("impact.alt_ordinary", n=impact.ordinary.of, name=series, day=day, finding=finding),
        alt_specifications=say("impact.alt_specifications", of=impact.curve.of, name=series, day=day, agree=impact.curve.agree),
        slug=slug(impact),
    )


def headline(impact: Impact, say: Words) -> str:
    """'Nvidia fell 13.1 % more than the S&P 500 explains; none of 1,010 ordinary days moved as much'."""
    outcome, days = impact.outcome, impact.ordinary
    car, raw = outcome.car, float(np.sum(outcome.returns))
    alone = "" if impact.design.uses_benchmark else "_alone"
    code = "none" if round(car, 3) == 0 else "more" if (car < 0) == (raw < 0) else "less"
    length = len(outcome.window)
    text = say(
        f"impact.title_{code}{alone}",
        name=in_a_sentence(impact.ticker, say),
        verb=say("impact.fell" if raw < 0 else "impact.rose"),
        by=say.percent(abs(car), 1, signed=False),
        benchmark=in_a_sentence(impact.design.benchmark, say),
        over=say("impact.over", n=length) if length > 1 else "",
    )
    key = ("impact.windows" if length > 1 else "impact.days") + ("" if days.as_extreme else "_none")
    text += say(key, k=days.as_extreme, n=days.of, length=length)
    return text[0].upper() + text[1:]


def because(judged: Judged, say: Words) -> str:
    """The verdict as a sentence, with what it rests on; 'cannot tell' says what could have been seen."""
    v, days, outcome = judged.verdict, judged.ordinary, judged.outcome
    facts = {
        "p": say.percent(v.p_ordinary, 1, signed=False),
        "low": say.percent(outcome.low, 1),
        "high": say.percent(outcome.high, 1),
        "possible": say.percent(v.still_possible, 1, signed=False),
        "smallest": say.percent(v.smallest, 1, signed=False),
        "p_ordinary": say.number(v.p_ordinary, 3),
        "p_t": say.number(v.p_t, 3),
        "of": days.of,
        "needed": FEWEST,
        "causes": _titles(judged.ledger, say, contaminating=True),
    }
    return say(f"doubt.{v.doubt}" if v.state is State.CANNOT_TELL and v.doubt is not Doubt.NONE else f"verdict_long.{v.state}", **facts)


def method(impact: Impact, say: Words) -> str:
    """'market model on S&P 500, simple returns, estimated on sessions [-130, -11] (n = 120)'."""
    d = impact.design
    return say(
        f"impact.method_{d.model}",
        benchmark=name(d.benchmark, say),
        returns=say(f"returns.{d.returns}"),
        estimation=_signed(d.estimation),
        n=impact.outcome.fit.n,
    )


def curve(impact: Impact, say: Words) -> str:
    """'160 of 180 reasonable choices agree; with the same window, 60 of 60.'"""
    c = impact.curve
    if not c.of:
        return say("impact.curve_nothing")
    same, same_of = c.in_window(impact.outcome.window)
    text = say("impact.curve", agree=c.agree, of=c.of, same=same, same_of=same_of)
    return text + (" " + say("impact.failed", n=c.failed) if c.failed else "")


def ledger(book: Ledger, say: Words) -> str:
    """What else reacted in the window, the most important first."""
    return say(f"ledger.{book.status}", titles=_titles(book, say))


def _titles(book: Ledger, say: Words, *, contaminating: bool = False) -> str:
    chosen = [c for c in book.entries if c.status is Status.CONTAMINATED or not contaminating]
    chosen.sort(key=lambda c: (c.status is not Status.CONTAMINATED, -c.importance))
    names = [f"“{c.title.in_(say.lang)}”" for c in chosen]
    rest = len(names) - MOST_TITLES
    return say.listing([*names[:MOST_TITLES], say("ledger.more", n=rest)] if rest > 0 else names)


def benchmarks(impact: Impact, say: Words) -> str:
    """The range over benchmarks, and what is the matter with the one used."""
    span, parts = impact.benchmarks, []
    if len(span.readings) > 1:
        first, last = span.readings[0], span.readings[-1]
        parts.append(say("impact.benchmarks", low=say.percent(first.car, 1), high=say.percent(last.car, 1),
                         first=name(first.benchmark, say), last=name(last.benchmark, say)))  # fmt: skip
    if (own := span.headline) is not None:
        names = {"benchmark": in_a_sentence(own.benchmark, say), "name": name(impact.ticker, say)}
        parts += [say("impact.benchmark_contains", **names)] if own.contains else []
        parts += [say("impact.benchmark_moved", **names)] if own.moved else []
    return " ".join(p[0].upper() + p[1:] for p in parts)


def dollars(impact: Impact, say: Words) -> str:
    """Gross and abnormal dollars with the share count behind them, or why there are none."""
    d = impact.dollars
    if not isinstance(d, Dollars):
        return say(f"dollars.{d.code}", ticker=impact.ticker)
    status = say("impact.unconfirmed") if d.shares.placeholder else say(f"verification.{d.shares.verification}")
    count = say.number(d.billions_of_shares, 2)
    return say("impact.dollars", gross=say.money(d.gross), abnormal=say.money(d.abnormal), shares=count,
               form=d.shares.form, filed=d.shares.filed, status=status)  # fmt: skip


def split(parts: MoveSplit | None, say: Words) -> str:
    """Overnight, in the session, and what came back."""
    if parts is None:
        return ""
    first = say("impact.split", overnight=say.percent(parts.overnight, 1), in_session=say.percent(parts.in_session, 1))
    return " ".join([first, *(text for x in parts.later if (text := _later(x, say)))])


def _later(x: Later, say: Words) -> str:
    if x.why == "data-end":
        return say("impact.no_later", n=x.sessions)
    if x.recovered is None or x.session is None:
        return ""
    size = abs(x.recovered)
    much = "" if size < 1 else "_all" if size < TIMES else "_times"
    way = "back" if x.recovered >= 0 else "further"
    facts = {"part": say.percent(size, 0, signed=False), "times": say.number(size, 1)}
    return say(f"impact.{way}{much}", day=say.date(x.session), n=x.sessions, **facts)


def source(impact: Impact, say: Words) -> str:
    """Where the prices come from and as of when."""
    return say("impact.source", parts=sources(impact.series, say))


def slug(impact: Impact) -> str:
    """A file name that says what is inside: 'aftershock-impact-NVDA-deepseek-crash-2025-01-27'."""
    return f"aftershock-impact-{re.sub(r'[^A-Za-z0-9]+', '', impact.ticker)}-{impact.event.id}"


def _signed(window: Window) -> str:
    """'[−130, −11]', with a true minus."""
    return str(window).replace("-", "−")


def _offset(value: int) -> str:
    return (f"{value:+d}" if value else "0").replace("-", "−")
