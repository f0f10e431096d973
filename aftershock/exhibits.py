"""Exhibits: a chart bound to its table, words and facts, so that the page and the command line hand out the same files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import pandas as pd

from aftershock import __version__, captions, findings, impact_captions, vintage
from aftershock.charts import impact as impact_chart
from aftershock.charts import picture
from aftershock.charts.sheet import FIGURES, SIZES
from aftershock.exports import Exhibit
from aftershock.findings import Findings
from aftershock.impact import Impact
from aftershock.impact_views import ImpactView
from aftershock.prices import Prices, Series
from aftershock.study import Exclusion, StudyDesign
from aftershock.text import words
from aftershock.views import Show, View
from aftershock.workspace import Workspace

_SIZES = SIZES | FIGURES


def timeline(workspace: Workspace, view: View, base: str = "aftershock/") -> Exhibit:
    """The timeline of a view. `base` is the address that the permalink starts with."""
    say = words(view.lang)
    shown = workspace.timeline(view)
    link = vintage.stamped(replace(view, show=Show.CHART).link(base), workspace.prices, view.series)
    said = captions.of(shown, say, link)
    selected = workspace.reactions[view.event].session if view.event else None
    facts = {
        "title": said.title,
        "subtitle": said.under,
        "alt": said.alt,
        "footer": said.footer,
        "permalink": link,
        **given(shown.series),
        "data": workspace.data_hash,
        "version": __version__,
    }

    return Exhibit(
        picture=lambda size: picture.specification(shown, said, say, _SIZES[size], selected),
        interactive=lambda: picture.interactive(shown, say, selected),
        table=shown.table,
        facts=facts,
        slug=said.slug,
        lang=view.lang,
    )


def given(series: Sequence[Series]) -> dict[str, str]:
    """The facts about where some series come from."""
    p = Prices({}, {s.ticker: s for s in series}).provenance
    each = (f"{s.ticker}: {s.source}, {s.first:%Y-%m-%d} to {s.last:%Y-%m-%d}, retrieved {s.retrieved_at}" for s in series)
    as_of = max(s.last for s in series)
    return {"source": p.note, "as_of": f"{as_of:%Y-%m-%d}", "series": "; ".join(each), "adjustment": p.adjustment, "sha256": p.sha256}


@lru_cache(maxsize=64)
def impact_of(workspace: Workspace, event: str, ticker: str, design: StudyDesign) -> Impact | Exclusion:
    """The impact of an event, kept by small keys: readers come back to the same few."""
    return workspace.impact(event, ticker, design)


@lru_cache(maxsize=64)
def findings_of(found: Impact, lang: str, link: str) -> Findings:
    """The sentences of an impact, kept likewise."""
    return findings.of(found, words(lang), link)


def impact(workspace: Workspace, view: ImpactView, base: str = "aftershock/impact") -> dict[str, Exhibit]:
    """The exhibits of an impact by name; none when there is no answer. `base` is the address that the permalink starts with."""
    found = impact_of(workspace, view.event, view.ticker, view.design)
    if isinstance(found, Exclusion):
        return {}
    say, link = words(view.lang), link_of(workspace, view, base)
    told = findings_of(found, view.lang, link)
    said = impact_captions.of(found, told, say)
    return {name: _exhibit(workspace, view, found, told, name, said[name], link) for name in impact_chart.available(found)}


def link_of(workspace: Workspace, view: ImpactView, base: str) -> str:
    """The permalink of an impact, stamped with the prices that it is computed from."""
    return vintage.stamped(view.link(base), workspace.prices, view.tickers)


def _exhibit(
    workspace: Workspace, view: ImpactView, found: Impact, told: Findings, name: str, said: impact_captions.Said, link: str
) -> Exhibit:
    say = words(view.lang)
    key = impact_chart.key_of(name, found, say)
    design, outcome = found.design, found.outcome
    facts = {
        "title": said.title, "heading": said.heading, "caption": said.caption, "subtitle": said.subtitle,
        "alt": said.alt, "footer": told.footer, "permalink": link,
        "event": found.event.id, "ticker": found.ticker, "session": str(found.session.date()), "verdict": str(found.verdict.state),
        "model": str(design.model), "benchmark": design.benchmark if design.uses_benchmark else "", "returns": str(design.returns),
        "estimation": str(design.estimation), "window": str(outcome.window), "n_estimation": outcome.fit.n,
        **given(found.series), "data": workspace.data_hash, "version": __version__,
    }  # fmt: skip
    return Exhibit(
        picture=lambda size: impact_chart.picture(
            name, key, found, say, _SIZES[size], title=said.title, subtitle=said.subtitle, footer=told.footer, alt=said.alt
        ),
        interactive=lambda: impact_chart.interactive(name, key, found, say),
        table=lambda: impact_table(found, name),
        facts=facts,
        slug=f"{told.slug}-{name}-{view.lang}",
        lang=view.lang,
    )


_INDEX = {"path": "session", "ordinary": "session", "split": "part"}


def impact_table(found: Impact, name: str) -> pd.DataFrame:
    """The numbers behind an exhibit, decimal fractions; the first column names the row."""
    frame = found.tables()[name]
    if name in _INDEX:
        return frame.set_index(_INDEX[name])
    return frame.rename_axis("rank").rename(index=lambda i: i + 1)
