"""Exhibits: a chart bound to its table, words and facts, so that the page and the command line hand out the same files."""

from __future__ import annotations

from dataclasses import replace

from aftershock import __version__, captions
from aftershock.charts import picture
from aftershock.charts.sheet import SIZES
from aftershock.exports import Exhibit
from aftershock.text import words
from aftershock.views import Show, View
from aftershock.workspace import Workspace


def timeline(workspace: Workspace, view: View, base: str = "aftershock/") -> Exhibit:
    """The timeline of a view. `base` is the address that the permalink starts with."""
    say = words(view.lang)
    shown = workspace.timeline(view)
    link = replace(view, show=Show.CHART).link(base)
    said = captions.of(shown, workspace.prices.provenance, say, link)
    selected = workspace.reactions[view.event].session if view.event else None
    provenance = workspace.prices.provenance
    facts = {
        "title": said.title,
        "subtitle": " · ".join(filter(None, (said.subtitle, said.standfirst))),
        "alt": said.alt,
        "footer": said.footer,
        "permalink": link,
        "source": provenance.note,
        "as_of": str(shown.closes.index[-1].date()),
        "adjustment": provenance.adjustment,
        "sha256": provenance.sha256,
        "data": workspace.data_hash,
        "version": __version__,
    }

    return Exhibit(
        picture=lambda size: picture.specification(shown, said, say, SIZES[size], selected),
        interactive=lambda: picture.interactive(shown, say, selected),
        table=shown.table,
        facts=facts,
        slug=said.slug,
        lang=view.lang,
    )
