"""What the Compare page and the command line hand out: the comparison of a view, its exhibits with their words, tables and files."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from aftershock import __version__
from aftershock.captions import in_a_sentence, name, sources
from aftershock.charts import compare as chart
from aftershock.charts.compare.heat import brackets
from aftershock.charts.compare.paths import relative
from aftershock.charts.sheet import SIZES
from aftershock.compare import Panel, average, panel
from aftershock.compare_findings import AVERAGED, Comparison, group, heading, headline, lines_of, under
from aftershock.compare_views import AROUND, CompareView
from aftershock.events import Category
from aftershock.exhibits import given
from aftershock.exports import Exhibit
from aftershock.impact import default_design
from aftershock.study import Window
from aftershock.text import Words, words
from aftershock.verdict import ALPHA
from aftershock.vintage import stamped
from aftershock.workspace import Workspace


@lru_cache(maxsize=128)
def panel_of(workspace: Workspace, ticker: str, window: Window) -> Panel:
    """All events of a series by its usual design, kept by small keys: a few milliseconds, and readers come back to the same few."""
    design, _ = default_design(ticker, workspace.tickers)
    return panel(workspace.closes, ticker, replace(design, window=window), workspace.events, workspace.reactions)


@lru_cache(maxsize=64)
def comparison(workspace: Workspace, view: CompareView) -> Comparison:
    """A view filled with data."""
    window = view.design.window
    panels = {t: panel_of(workspace, t, window) for t in (view.ticker, *(t for t in workspace.tickers if t != view.ticker))}
    own, ids = panels[view.ticker], view.chosen(workspace.events)
    rows = own.places(ids)
    of = {c.value: [e.id for e in workspace.events if e.category is c] for c in Category}
    return Comparison(
        view, workspace.by_id, ids, panels, rows, lines_of(own, view, rows), average(own, rows, AVERAGED), average(own, rows),
        {code: average(own, own.places(members)) for code, members in of.items()},
    )  # fmt: skip


def exhibits(workspace: Workspace, view: CompareView, base: str = "aftershock/compare") -> dict[str, Exhibit]:
    """The exhibits of a comparison by name. `base` is the address that the permalink starts with."""
    c, say = comparison(workspace, view), words(view.lang)
    link = stamped(view.link(base), workspace.prices, workspace.tickers)
    return {name_: _exhibit(workspace, c, name_, say, link) for name_ in chart.available(c)}


def _exhibit(workspace: Workspace, c: Comparison, which: str, say: Words, link: str) -> Exhibit:
    design, series = c.panel.design, [workspace.prices.series[t] for t in c.panels]
    source = say("impact.source", parts=sources(series, say))
    subject, found = _subject(c, say), heading(c, which, say)
    title = {"mean": f"{subject}: {found}", "categories": found}.get(which, headline(c, say))
    about = name(c.view.ticker, say) if which == "categories" else subject
    facts: dict[str, Any] = {
        "heading": found, "title": title,
        "caption": say(f"compare_caption.{which}"), "subtitle": f"{about} · {under(c, say)}",
        "footer": say("impact.footer", source=source, method=say(f"compare_method.{which}"), version=__version__, link=link),
        "permalink": link, "ticker": c.view.ticker, "events": list(c.ids), "category": c.view.category,
        "excluded": [e.event_id for e in c.left_out], "model": str(design.model), "estimation": str(design.estimation),
        "benchmark": design.benchmark if design.uses_benchmark else "", "window": str(design.window), "measure": str(c.view.measure),
        "n": c.total.n, "n_effective": c.total.n_effective, **given(series), "data": workspace.data_hash, "version": __version__,
    }  # fmt: skip
    facts["alt"] = say(f"compare_alt.{which}", n=_shown(c, which), name=in_a_sentence(c.view.ticker, say), finding=facts["title"])
    said = (facts["title"], facts["subtitle"], facts["footer"], facts["alt"])
    return Exhibit(
        picture=lambda size: chart.picture(which, c, say, SIZES[size], said),
        interactive=lambda: chart.interactive(which, c, say),
        table=lambda: table(c, which, say),
        facts=facts,
        slug=f"aftershock-compare-{c.view.ticker.strip('^')}-{c.view.category or 'events'}-{which}-{say.lang}",
        lang=say.lang,
    )


def _shown(c: Comparison, which: str) -> int:
    return {"paths": len(c.lines), "categories": chart.key_of("categories", c, words("en")).rows}.get(which, len(c.rows))


def _subject(c: Comparison, say: Words) -> str:
    return say("compare.subject", group=group(c, say), name=name(c.view.ticker, say))


# -- tables: codes and numbers, decimal fractions --------------------------------------------------------------------


def table(c: Comparison, which: str, say: Words) -> pd.DataFrame:
    """The numbers behind an exhibit; the first column names the row."""
    match which:
        case "paths":
            columns = {c.panel.ids[r]: values for r, values in zip(c.lines, relative(c), strict=True)}
            return pd.DataFrame(columns, index=pd.Index(np.arange(AROUND.first, AROUND.last + 1), name="offset"))
        case "mean":
            m = c.mean
            return pd.DataFrame(
                {"caar": m.caar, "se": m.se, "low": m.low, "high": m.high, "p": m.p, "n": m.n}, index=pd.Index(m.offsets, name="offset")
            )
        case "categories":
            return _categories(c)
    return _cells(c, say)


def _cells(c: Comparison, say: Words) -> pd.DataFrame:
    """One row per event: its session, and per series the abnormal return, its p, and whether that is below 5 %."""
    ids = [c.panel.ids[i] for i in c.rows]
    found = pd.DataFrame(
        {"session": c.panel.sessions[c.panel.positions[c.rows]], "title": [c.events[e].title.in_(say.lang) for e in ids],
         "bracket": _bracketed(c)},
        index=pd.Index(ids, name="event_id"),
    )  # fmt: skip
    for ticker, one in c.panels.items():
        frame = one.frame.reindex(ids)
        found[ticker], found[f"{ticker} p"], found[f"{ticker} significant"] = frame["car"], frame["p"], frame["p"] < ALPHA
    return found


def _bracketed(c: Comparison) -> list[int]:
    """The number of each event's bracket, 0 for one that shares its sessions with none of the others."""
    found = [0] * len(c.rows)
    for k, (first, last) in enumerate(zip(*brackets(c), strict=True), start=1):
        found[first : last + 1] = [k] * (last + 1 - first)
    return found


def _categories(c: Comparison) -> pd.DataFrame:
    there = {code: m for code, m in c.categories.items() if m.n}
    columns = {
        "n": [m.n for m in there.values()], "n_effective": [m.n_effective for m in there.values()],
        "clusters": [m.clusters for m in there.values()],
        **{k: [float(getattr(m, k)[-1]) for m in there.values()] for k in ("caar", "se", "low", "high", "p")},
    }  # fmt: skip
    return pd.DataFrame(columns, index=pd.Index(list(there), name="category"))


def ranking(c: Comparison, say: Words) -> pd.DataFrame:
    """All events of the series by the size of their move, largest first: the panel's frame with rank, title and category."""
    frame = c.panel.frame
    order = np.argsort(-np.abs(frame["car"].to_numpy()), kind="stable")
    found = frame.iloc[order].copy()
    found.insert(0, "rank", np.arange(1, len(found) + 1))
    found.insert(1, "title", [c.events[i].title.in_(say.lang) for i in found.index])
    found.insert(2, "category", [str(c.events[i].category) for i in found.index])
    return found
