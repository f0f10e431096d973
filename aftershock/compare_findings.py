"""What the Compare page is about, computed once per view: the panels of every series, the lines, the average; and its finding in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aftershock.captions import in_a_sentence, name
from aftershock.compare import Average, Panel
from aftershock.compare_views import AROUND, MOST_EVENTS, CompareView, Measure
from aftershock.events import Category, Event
from aftershock.models import Ints
from aftershock.study import Exclusion, Window
from aftershock.text import NBSP, Words
from aftershock.verdict import ALPHA

AVERAGED = Window(-10, 20)  # the path of the mean


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """A view filled with data. `panels`: every series by its own usual design, the view's first; `rows`: the compared events in the view's
    panel, in the order of their sessions; `lines`: those of them that are drawn; `mean`: the path of their average, `total`: their
    average over the design's window, `categories`: that of every category."""

    view: CompareView
    events: Mapping[str, Event]
    ids: tuple[str, ...]
    panels: Mapping[str, Panel]
    rows: Ints
    lines: Ints
    mean: Average
    total: Average
    categories: Mapping[str, Average]

    @property
    def panel(self) -> Panel:
        """The panel of the view's series."""
        return self.panels[self.view.ticker]

    @property
    def left_out(self) -> tuple[Exclusion, ...]:
        """The compared events that have no place, and why."""
        return self.panel.left_out(self.ids)

    @property
    def significant(self) -> Ints:
        """How many of the compared events the t calls significant alone, and how many after Holm's adjustment for all events."""
        frame = self.panel.frame.iloc[self.rows]
        return np.array([(frame["p"] < ALPHA).sum(), (frame["holm"] < ALPHA).sum()], dtype=np.int64)

    @property
    def largest(self) -> int | None:
        """The row of the event that moved the series most; None when there is none."""
        return int(self.rows[np.abs(self.panel.cars.car[self.rows]).argmax()]) if len(self.rows) else None


def lines_of(panel: Panel, view: CompareView, rows: Ints) -> Ints:
    """The rows that are drawn: the chosen ones, or the category's largest."""
    if view.events:
        return panel.places(view.events)
    largest = np.argsort(-np.abs(panel.cars.car[rows]), kind="stable")[:MOST_EVENTS]
    return np.sort(rows[largest])


def headline(c: Comparison, say: Words) -> str:
    """'Nvidia fell 13.1 % more than the S&P 500 explains on 27 Jan 2025, the most of 3 events; the t calls 3 of them more than noise'."""
    about, row = name(c.view.ticker, say), c.largest
    if row is None:
        return say("compare.nothing", name=about)
    car, day = float(c.panel.cars.car[row]), c.panel.sessions[c.panel.positions[row]]
    design = c.panel.design
    when = say("compare.on" if len(design.window) == 1 else "compare.around", day=day)
    facts: dict[str, object] = {
        "name": in_a_sentence(c.view.ticker, say), "move": say.percent(car, 1), "when": when,
        "benchmark": in_a_sentence(design.benchmark, say),
    }  # fmt: skip
    first = say("compare.most" if design.uses_benchmark else "compare.most_alone", **facts)
    if len(c.rows) == 1:
        return _upper(first)
    alone, after = (int(x) for x in c.significant)
    return _upper(first) + say("compare.of_n", n=len(c.rows)) + say("compare.significant", n=alone, holm=after, tested=len(c.panel.ids))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def under(c: Comparison, say: Words) -> str:
    """What is measured, and how."""
    design = c.panel.design
    window = str(design.window).replace("-", "−")
    method = say(f"impact.method_{design.model}", benchmark=name(design.benchmark, say), returns=say(f"returns.{design.returns}"),
                 estimation=str(design.estimation).replace("-", "−"), n=len(design.estimation))  # fmt: skip
    return say("compare.under", window=window, method=method)


def mean_told(c: Comparison, say: Words) -> str:
    """'On average −1.0 % in sessions [0, 0] (95 % band −2.4 to +0.4 %); 35 events, n effective = 27.3'."""
    mean = c.total
    if not mean.n:
        return say("compare.no_mean")
    window, at = str(mean.window).replace("-", "−"), -1
    facts = {"n": mean.n, "mean": say.percent(float(mean.caar[at]), 1), "window": window, "effective": say.number(mean.n_effective, 1)}
    if np.isnan(mean.low[at]):
        return say("compare.mean_alone", **facts)
    band = f"{say.percent(float(mean.low[at]), 1)} … {say.percent(float(mean.high[at]), 1)}"
    return say("compare.mean", band=band, p=_p(float(mean.p[at]), say), **facts)


def _p(value: float, say: Words) -> str:
    return f"<{NBSP}{say.number(0.001, 3)}" if value < 0.001 else say.number(value, 3)


def group(c: Comparison, say: Words) -> str:
    """Which events are compared: 'export control', or 'the chosen events'."""
    return _upper(say(f"category.{c.view.category}")) if c.view.category else say("compare.chosen")


def heading(c: Comparison, which: str, say: Words) -> str:
    """The finding of one exhibit, in the words over it on the page."""
    if which == "paths":
        return _paths(c, say)
    if which == "heat":
        cells = [p.p.reindex([c.panel.ids[i] for i in c.rows]).to_numpy() for p in c.panels.values()]
        tested = int(sum(np.isfinite(p).sum() for p in cells))
        return say("compare.heat_found", n=int(sum((p < ALPHA).sum() for p in cells)), of=tested, chance=say.number(ALPHA * tested, 1))
    if which == "mean":
        return _upper(mean_told(c, say))
    clear = [code for code in order(c.categories) if c.categories[code].low[-1] > 0 or c.categories[code].high[-1] < 0]
    if not clear:
        return say("compare.categories_none", name=in_a_sentence(c.view.ticker, say))
    return say(
        "compare.categories_found",
        n=len(clear),
        name=in_a_sentence(c.view.ticker, say),
        kinds=say.listing(say(f"category.{k}") for k in clear),
    )


def _paths(c: Comparison, say: Words) -> str:
    """'After 60 sessions: between +3.8 % and +24.7 %', of the lines that get there."""
    window = Window(0, AROUND.last)
    moves = c.panel.raw(window, c.lines)[:, -1] if c.view.measure is Measure.RAW else c.panel.abnormal(window, c.lines).sum(axis=1)
    there = moves[np.isfinite(moves)]
    if not len(there):
        return say("compare.paths_short", last=AROUND.last)
    low, high = (say.percent(float(x), 1) for x in (there.min(), there.max()))
    return say("compare.paths_found" if len(there) > 1 else "compare.paths_alone", last=AROUND.last, low=low, high=high, n=len(there))


def order(categories: Mapping[str, Average]) -> list[str]:
    """Categories that have events, the lowest mean first."""
    there = [code for code in Category if code in categories and categories[code].n]
    return sorted(there, key=lambda code: float(categories[code].caar[-1]))
