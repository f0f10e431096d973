"""Sentences computed from a timeline: its finding, subtitle, footer, alt text and file name. Numbers come from the data, so a title
cannot contradict its chart.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from aftershock.prices import Series
from aftershock.text import Words
from aftershock.timeline import Finding, Timeline
from aftershock.views import Scale

FEW: Final = 4  # series that a sentence names one by one


@dataclass(frozen=True, slots=True)
class Captions:
    """All the words around one timeline, in one language. `notes`: which series begin or end inside the range."""

    title: str
    standfirst: str
    subtitle: str
    footer: str
    alt: str
    slug: str
    notes: tuple[str, ...] = ()

    @property
    def under(self) -> str:
        """What stands under the title: the measure, what was left at the end, and the notes."""
        return " · ".join(filter(None, (self.subtitle, " ".join(filter(None, (self.standfirst, *self.notes))))))


def name(ticker: str, say: Words) -> str:
    """A series' name in the reader's language, or the ticker itself."""
    return say(f"series.{ticker}") if say.has(f"series.{ticker}") else ticker


def in_a_sentence(ticker: str, say: Words) -> str:
    """As `name`, with the article that English wants: 'the Nasdaq Composite'."""
    return say(f"the.{ticker}") if say.has(f"the.{ticker}") else name(ticker, say)


def of(timeline: Timeline, say: Words, link: str) -> Captions:
    """The captions of a timeline; `link` is the permalink that the footer prints."""
    title = finding(timeline.finding, say)
    subtitle = _subtitle(timeline, say)
    return Captions(
        title=title,
        standfirst=_standfirst(timeline, say),
        subtitle=subtitle,
        footer=_footer(timeline, say, link),
        alt=say(
            "caption.alt", series=say.listing(name(t, say) for t in timeline.view.series), period=_period(timeline, say), finding=title
        ),
        slug=_slug(timeline),
        notes=_notes(timeline, say),
    )


def _notes(timeline: Timeline, say: Words) -> tuple[str, ...]:
    """Which series begin inside the range, and which end before its last session; those of one day in one sentence."""
    found = []
    late = "late_price" if timeline.view.scale is Scale.PRICE else "late"  # a price is rebased to nothing
    for code, days in ((late, timeline.late), ("ended", timeline.ended)):
        for day in sorted(set(days.values())):
            names = [in_a_sentence(t, say) for t, d in days.items() if d == day]
            found.append(say(f"caption.{code}", names=say.listing(names), n=len(names), day=day))
    return tuple(text[0].upper() + text[1:] for text in found)


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
    last, known = timeline.sessions[-1], sorted((f for f in timeline.figures if f.change == f.change), key=lambda f: f.change)
    if len(known) > FEW:
        worst, best = (f"{name(f.ticker, say)} {say.percent(f.change, 1)}" for f in (known[0], known[-1]))
        return say("caption.since_many", last=last, n=len(known), worst=worst, best=best)
    changes = ", ".join(f"{name(f.ticker, say)} {say.percent(f.change, 1)}" for f in timeline.figures)
    return say("caption.since", last=last, changes=changes)


def _subtitle(timeline: Timeline, say: Words) -> str:
    scale = timeline.view.scale
    code = {Scale.PERCENT: "caption.percent", Scale.PRICE: "caption.price"}.get(scale, "caption.rebased")
    log = say("caption.log") if timeline.log else ""
    return say(code, base=timeline.base) + log + " · " + _period(timeline, say)


def _period(timeline: Timeline, say: Words) -> str:
    if not len(timeline.sessions):
        return say.dates(timeline.view.first, timeline.view.last)
    return say.dates(timeline.sessions[0], timeline.sessions[-1])


def _footer(timeline: Timeline, say: Words, link: str) -> str:
    shown = sum(len(m.events) for m in timeline.numbered)
    source = say("caption.source", parts=sources(timeline.series, say))
    return f"{source} · {say('caption.events', n=shown, sessions=len(timeline.numbered))} · {link}"


def sources(series: Sequence[Series], say: Words) -> str:
    """Who gave these bars, as of when: 'public daily bars, split-adjusted, as of 11 Jun 2026'; several sources each with their series."""

    def given(s: Series) -> tuple[str, dt.date, str]:
        return s.source, s.last.date(), s.retrieved_at[:10]

    groups = [(key, list(members)) for key, members in groupby(sorted(series, key=given), key=given)]
    kinds = dict.fromkeys(say(f"adjustment.{s.adjustment}") for s in series)
    adjustment = say.listing(k for k in kinds if not any(other != k and other.startswith(k) for other in kinds))
    if len(groups) == 1:
        (source, last, retrieved), _ = groups[0]
        return say(f"source.{source}", adjustment=adjustment, day=last, retrieved=dt.date.fromisoformat(retrieved))
    parts = [
        say(f"source.{source}_of", names=", ".join(name(s.ticker, say) for s in members), day=last) for (source, last, _), members in groups
    ]
    return f"{'; '.join(parts)}; {adjustment}"


def _slug(timeline: Timeline) -> str:
    """A file name that says what is inside: 'aftershock-timeline-IXIC-NVDA-2025-01-20-2025-02-14-vi'."""
    tickers = "-".join(re.sub(r"[^A-Za-z0-9]+", "", t) for t in timeline.view.series[:4])
    return f"aftershock-timeline-{tickers}-{timeline.view.first}-{timeline.view.last}-{timeline.view.lang}"
