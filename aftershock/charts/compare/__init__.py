"""The exhibits of the Compare page as Vega-Lite: for the page (`specification` and `datasets`) and as pictures (`picture`, `interactive`).

paths       events laid over each other by event time
heat        events x series: the abnormal return of the window, what is not significant in grey, shared sessions bracketed
mean        the mean path of the compared events with its band
categories  the mean of every category with its interval
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aftershock.charts.compare import categories, heat, mean, paths
from aftershock.charts.compare.frame import Key
from aftershock.charts.impact.frame import Box, Columns, Drawing, parameters, records
from aftershock.charts.sheet import Sheet, Size, offline, on_page
from aftershock.charts.theme import FONT, Spec
from aftershock.charts.timeline import config
from aftershock.compare_findings import Comparison
from aftershock.text import Words

__all__ = ["EXHIBITS", "available", "datasets", "interactive", "key_of", "picture", "specification"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One exhibit: its data for a box, its layers, its scalars' first values, its height on the page, and how many rows it has to show."""

    drawing: Callable[[Comparison, Words, Box], Drawing]
    layers: Callable[[Key, Box], list[Spec]]
    defaults: dict[str, float]
    height: Callable[[Key], int]
    rows: Callable[[Comparison], int]


_KINDS: Final = {
    "paths": _Kind(paths.drawing, paths.layers, dict(paths.DEFAULTS), paths.height, lambda c: len(c.lines)),
    "heat": _Kind(heat.drawing, heat.layers, dict(heat.DEFAULTS), heat.height, lambda c: len(c.rows)),
    "mean": _Kind(mean.drawing, mean.layers, dict(mean.DEFAULTS), mean.height, lambda c: c.mean.n if c.mean.n > 1 else 0),
    "categories": _Kind(categories.drawing, categories.layers, dict(categories.DEFAULTS), categories.height, categories.rows),
}
EXHIBITS: Final = tuple(_KINDS)


def available(c: Comparison) -> tuple[str, ...]:
    """The exhibits that this comparison has something to show for."""
    return tuple(name for name in EXHIBITS if _KINDS[name].rows(c))


def key_of(name: str, c: Comparison, say: Words) -> Key:
    """What the specification of the exhibit `name` depends on."""
    return Key(say.lang, c.view.ticker, _KINDS[name].rows(c), len(c.panels))


@lru_cache(maxsize=256)
def specification(name: str, key: Key) -> Spec:
    """The interactive exhibit without its data. Treat the result as read-only."""
    kind = _KINDS[name]
    height = kind.height(key)
    return on_page(height, parameters(kind.defaults), kind.layers(key, Box(0, height)), config(), "color")


def datasets(name: str, c: Comparison, say: Words) -> dict[str, Columns]:
    """The data of the exhibit `name` as the page draws it."""
    return _KINDS[name].drawing(c, say, Box(0, _KINDS[name].height(key_of(name, c, say)))).datasets()


def interactive(name: str, c: Comparison, say: Words) -> Spec:
    """The page's own exhibit with its data inside, for a file that works offline."""
    return offline(specification(name, key_of(name, c, say)), {n: records(columns) for n, columns in datasets(name, c, say).items()})


def picture(name: str, c: Comparison, say: Words, size: Size, said: tuple[str, str, str, str]) -> Spec:
    """A self-contained specification, data inside; `said` is title, subtitle, footer and alternative text."""
    title, subtitle, footer, alt = said
    kind, key, sheet = _KINDS[name], key_of(name, c, say), Sheet(size)
    sheet.heading(title, subtitle)
    foot = sheet.foot(footer)
    top, bottom = round(sheet.y + sheet.px(16)), round(foot - sheet.px(10))
    # what grows with its rows is made smaller until it fits
    type_ = min(size.type, (bottom - top) / kind.height(key)) if name in ("heat", "categories") else size.type
    box = Box(top, bottom, type_)
    made = kind.drawing(c, say, box)
    return {
        **sheet.page(alt),
        "params": parameters(kind.defaults, fixed=made.scalars),
        "resolve": {"scale": {"x": "independent", "y": "independent", "color": "independent"}},
        "layer": [*kind.layers(key, box), *sheet.words],
        "datasets": {n: records(columns) for n, columns in made.datasets().items()},
        "config": config(FONT),
    }
