"""The exhibits of one impact as Vega-Lite: for the page (`specification` and `datasets`) and as pictures (`picture`, `interactive`).

path            AR and CAR, session by session
ordinary        the event among the ordinary days
specifications  every reasonable choice
split           overnight, in the session, given back
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aftershock.charts.impact import curve, ordinary, path, split
from aftershock.charts.impact.frame import Box, Columns, Drawing, Key, parameters, records
from aftershock.charts.sheet import Sheet, Size, offline, on_page
from aftershock.charts.theme import FONT, Spec
from aftershock.charts.timeline import config
from aftershock.impact import Impact
from aftershock.text import Words

__all__ = ["EXHIBITS", "available", "datasets", "interactive", "key_of", "picture", "specification"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One exhibit: its data, its layers, its scalars' first values and its height on the page."""

    drawing: Callable[[Impact, Words], Drawing]
    layers: Callable[[Key, Box], list[Spec]]
    defaults: dict[str, float]
    height: Callable[[Key], int]


def _tall(pixels: int) -> Callable[[Key], int]:
    return lambda key: pixels


_KINDS: Final = {
    "path": _Kind(path.drawing, path.layers, dict(path.DEFAULTS), _tall(path.HEIGHT)),
    "ordinary": _Kind(ordinary.drawing, ordinary.layers, dict(ordinary.DEFAULTS), _tall(ordinary.HEIGHT)),
    "specifications": _Kind(curve.drawing, curve.layers, dict(curve.DEFAULTS), curve.height),
    "split": _Kind(split.drawing, split.layers, dict(split.DEFAULTS), _tall(split.HEIGHT)),
}
EXHIBITS: Final = tuple(_KINDS)


def available(impact: Impact) -> tuple[str, ...]:
    """The exhibits that this impact has something to show for."""
    there = {"ordinary": impact.ordinary.of > 0, "specifications": len(impact.curve.frame) > 0, "split": impact.split is not None}
    return tuple(name for name in EXHIBITS if there.get(name, True))


def key_of(name: str, impact: Impact, say: Words) -> Key:
    """What the specification of the exhibit `name` depends on."""
    return Key(say.lang, impact.ticker, curve.rows(impact, say) if name == "specifications" else ())


@lru_cache(maxsize=256)
def specification(name: str, key: Key) -> Spec:
    """The interactive exhibit without its data. Treat the result as read-only."""
    kind = _KINDS[name]
    height = kind.height(key)
    return on_page(height, parameters(kind.defaults), kind.layers(key, Box(0, height)), config())


def datasets(name: str, impact: Impact, say: Words) -> dict[str, Columns]:
    """The data of the exhibit `name`."""
    return _KINDS[name].drawing(impact, say).datasets()


def interactive(name: str, key: Key, impact: Impact, say: Words) -> Spec:
    """The page's own exhibit with its data inside, for a file that works offline."""
    return offline(specification(name, key), {n: records(columns) for n, columns in datasets(name, impact, say).items()})


def picture(name: str, key: Key, impact: Impact, say: Words, size: Size, *, title: str, subtitle: str, footer: str, alt: str) -> Spec:
    """A self-contained specification, data inside, that draws the whole picture: title, subtitle, exhibit, footer."""
    kind, sheet = _KINDS[name], Sheet(size)
    sheet.heading(title, subtitle)
    foot = sheet.foot(footer)
    box = Box(round(sheet.y + sheet.px(22)), round(foot - sheet.px(12)), size.type)
    made = kind.drawing(impact, say)
    return {
        **sheet.page(alt),
        "params": parameters(kind.defaults, fixed=made.scalars),
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "layer": [*kind.layers(key, box), *sheet.words],
        "datasets": {n: records(columns) for n, columns in made.datasets().items()},
        "config": config(FONT),
    }
