"""What a report is about: one part for each event, with its answer, its sentences and its exhibits."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from aftershock import exhibits, views
from aftershock.events import Event
from aftershock.exports import Exhibit
from aftershock.findings import Findings
from aftershock.impact import Impact
from aftershock.impact_views import ImpactView
from aftershock.sessions import Reaction
from aftershock.study import Exclusion
from aftershock.timeline import Timeline
from aftershock.views import View
from aftershock.workspace import Workspace

BEFORE: Final = dt.timedelta(days=21)  # of the session, on the timeline around an event
AFTER: Final = dt.timedelta(days=35)


@dataclass(frozen=True, eq=False)
class Part:
    """One event in one series. `timeline` and `told` are None where there is nothing to show: no price yet, no answer.

    `exhibits` by name, in the order in which they are shown; the timeline is the first.
    """

    view: ImpactView
    event: Event
    reaction: Reaction
    answer: Impact | Exclusion
    told: Findings | None
    timeline: Timeline | None
    exhibits: dict[str, Exhibit]
    link: str


def slug(asked: Sequence[ImpactView]) -> str:
    """A file name without ending that says what is inside: 'aftershock-report-NVDA-deepseek-crash-2025-01-27-en'."""
    first, rest = asked[0], len(asked) - 1
    ticker = re.sub(r"[^A-Za-z0-9]+", "", first.ticker)
    return f"aftershock-report-{ticker}-{first.event}{f'-and-{rest}-more' if rest else ''}-{first.lang}"


def parts(workspace: Workspace, asked: Sequence[ImpactView], base: str) -> tuple[Part, ...]:
    """The parts in the order asked for. `base` is the address of the Impact page that permalinks start with."""
    return tuple(_part(workspace, view, base) for view in asked)


def _part(workspace: Workspace, view: ImpactView, base: str) -> Part:
    answer = exhibits.impact_of(workspace, view.event, view.ticker, view.design)
    link, around = exhibits.link_of(workspace, view, base), _around(workspace, view)
    made = exhibits.impact(workspace, view, base)
    drawn = workspace.timeline(around) if around is not None else None
    if drawn is not None and workspace.reactions[view.event].session not in drawn.closes.index:
        around = drawn = None
    shown: dict[str, Exhibit] = {str(name): made[name] for name in ("ordinary", "path", "specifications", "split") if name in made}
    if around is not None:
        made_around = exhibits.timeline(workspace, around, base.removesuffix("impact"))
        named = replace(made_around, slug=f"aftershock-timeline-{view.event}-{view.lang}")
        shown = {"timeline": named, **shown}
    return Part(
        view=view,
        event=workspace.event(view.event),
        reaction=workspace.reactions[view.event],
        answer=answer,
        told=exhibits.findings_of(answer, view.lang, link) if isinstance(answer, Impact) else None,
        timeline=drawn,
        exhibits=shown,
        link=link,
    )


def _around(workspace: Workspace, view: ImpactView) -> View | None:
    """The weeks around the event's session, held to the data: the series and what it is measured against."""
    day, limits = workspace.reactions[view.event].session.date(), workspace.choices
    if not limits.first <= day <= limits.last:
        return None
    benchmark = view.design.benchmark if view.design.uses_benchmark else views.SERIES[0]
    series = tuple(t for t in dict.fromkeys((benchmark, view.ticker)) if t in workspace.tickers)
    first, last = max(day - BEFORE, limits.first), min(day + AFTER, limits.last)
    return View(first, last, series, event=view.event, lang=view.lang)
