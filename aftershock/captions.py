"""Sentences computed from a timeline: its finding, subtitle, footer, alt text and file name. Numbers come from the data, so a title
cannot contradict its chart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aftershock.prices import Provenance
from aftershock.text import Words
from aftershock.timeline import Finding, Timeline
from aftershock.views import Scale


@dataclass(frozen=True, slots=True)
class Captions:
    """All the words around one timeline, in one language."""

    title: str
    standfirst: str
    subtitle: str
    footer: str
    alt: str
    slug: str


def name(ticker: str, say: Words) -> str:
    """A series' name in the reader's language, or the ticker itself."""
    return say(f"series.{ticker}") if say.has(f"series.{ticker}") else ticker


def in_a_sentence(ticker: str, say: Words) -> str:
    """As `name`, with the article that English wants: 'the Nasdaq Composite'."""
    return say(f"the.{ticker}") if say.has(f"the.{ticker}") else name(ticker, say)


def of(timeline: Timeline, provenance: Provenance, say: Words, link: str) -> Captions:
    """The captions of a timeline; `link` is the permalink that the footer prints."""
    title = finding(timeline.finding, say)
    subtitle = _subtitle(timeline, say)
    return Captions(
        title=title,
        standfirst=_standfirst(timeline, say),
        subtitle=subtitle,
        footer=_footer(timeline, provenance, say, link),
        alt=say(
            "caption.alt", series=say.listing(name(t, say) for t in timeline.view.series), period=_period(timeline, say), finding=title
        ),
        slug=_slug(timeline),
    )


def finding(found: Finding | None, say: Words) -> str:
    """'Nvidia fell 17.0 % on 27 January 2025; Nasdaq Composite fell 3.1 %.'"""
    if found is None:
        return say("caption.nothing")
    (first, move), *others = found.moves
    text = say("caption.finding", name=in_a_sentence(first, say), move=_moved(move, say), day=say.date(found.session, "long"))
    text = text[0].upper() + text[1:]
    return text + "".join(say("caption.also", name=in_a_sentence(t, say), move=_moved(m, say)) for t, m in others[:3])


def _moved(move: float, say: Words) -> str:
    if round(move, 3) == 0:
        return say("caption.unchanged")
    return say("caption.fell" if move < 0 else "caption.rose", by=say.percent(abs(move), 1, signed=False))


def _standfirst(timeline: Timeline, say: Words) -> str:
    """What was left of it at the end of the range: 'By 14 Feb 2025: Nasdaq Composite +2.0 %, Nvidia +0.8 %.'"""
    if len(timeline.drawn) < 2:
        return ""
    changes = ", ".join(f"{name(f.ticker, say)} {say.percent(f.change, 1)}" for f in timeline.figures)
    return say("caption.since", last=timeline.sessions[-1], changes=changes)


def _subtitle(timeline: Timeline, say: Words) -> str:
    scale = timeline.view.scale
    code = {Scale.PERCENT: "caption.percent", Scale.PRICE: "caption.price"}.get(scale, "caption.rebased")
    log = say("caption.log") if timeline.log else ""
    return say(code, base=timeline.base) + log + " · " + _period(timeline, say)


def _period(timeline: Timeline, say: Words) -> str:
    if not len(timeline.sessions):
        return say.dates(timeline.view.first, timeline.view.last)
    return say.dates(timeline.sessions[0], timeline.sessions[-1])


def _footer(timeline: Timeline, provenance: Provenance, say: Words, link: str) -> str:
    shown = sum(len(m.events) for m in timeline.numbered)
    source = say("caption.source", adjustment=say(f"adjustment.{provenance.adjustment}"), day=say.date(timeline.closes.index[-1]))
    return f"{source} · {say('caption.events', n=shown, sessions=len(timeline.numbered))} · {link}"


def _slug(timeline: Timeline) -> str:
    """A file name that says what is inside: 'aftershock-timeline-IXIC-NVDA-2025-01-20-2025-02-14-vi'."""
    tickers = "-".join(re.sub(r"[^A-Za-z0-9]+", "", t) for t in timeline.view.series[:4])
    return f"aftershock-timeline-{tickers}-{timeline.view.first}-{timeline.view.last}-{timeline.view.lang}"
