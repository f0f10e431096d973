"""What all layers of the timeline share: geometry, the key of a specification, and expressions for the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from aftershock import captions
from aftershock.charts.theme import FILLS, LETTERS, Look, Spec, looks
from aftershock.text import Words
from aftershock.timeline import Timeline
from aftershock.views import Scale

DAY: Final = 86_400_000  # milliseconds
EPOCH: Final = 719_163  # 1 January 1970 as a proleptic Gregorian ordinal
DATE: Final = {"calculate": f"datum.d * {DAY}", "as": "date"}
SELECTED: Final = "(isValid(data('view')[0]) && datum.date == data('view')[0].sel)"
PLACE: Final = {"calculate": f"(datum.date - left) / {DAY} * perday + 10", "as": "px"}  # x in pixels, as the scale has it

# Vega's `window` keeps a row in its old place when a key that it sorts or groups by changes (here: when the width or the
# brush changes). `fold` makes new rows every time, so it stands before every window that depends on either.
NEW_ROWS: Final = {"fold": ["d"], "as": ["fold", "day"]}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things stand, in pixels from the top of the view, and how large the type is."""

    top: int = 30  # of the lines
    bottom: int = 318
    lane: int = 352  # middle of the first row of tokens
    row: int = 25  # from the first row of tokens to the second
    axis: int = 402
    overview: tuple[int, int] | None = (446, 506)
    height: int = 530
    type: float = 1.0  # times 12 px

    def size(self, pixels: float) -> float:
        """A type size or stroke, scaled."""
        return round(pixels * self.type, 1)


SCREEN: Final = Frame()
_STRIP, _GAP = 46, 10  # of a series on the price scale, where there are many
_LONGEST = {"full": 17, "short": 8}  # letters of a label at a line's end


def screen(key: Key) -> Frame:
    """The page's frame: as high as its series need."""
    count = len(key.tickers)
    more = max(0, count - 6) * 14
    if key.scale is Scale.PRICE:
        more = max(0, count * _STRIP + (count - 1) * _GAP - (SCREEN.bottom - SCREEN.top))
    top, bottom = SCREEN.overview or (0, 0)
    return replace(
        SCREEN, bottom=SCREEN.bottom + more, lane=SCREEN.lane + more, axis=SCREEN.axis + more, overview=(top + more, bottom + more),
        height=SCREEN.height + more,
    )  # fmt: skip


def price_strips(frame: Frame, count: int) -> list[tuple[int, int]]:
    """Top and bottom of each series' own strip on the price scale."""
    gap = 14 if count <= 4 else _GAP
    each = (frame.bottom - frame.top - gap * (count - 1)) / count
    return [(round(frame.top + i * (each + gap)), round(frame.top + i * (each + gap) + each)) for i in range(count)]


@dataclass(frozen=True, slots=True)
class Key:
    """What the specification depends on."""

    tickers: tuple[str, ...]
    names: tuple[str, ...]
    scale: Scale
    log: bool
    lang: str
    bounds: tuple[int, int]  # the data's first and last session, ms

    @property
    def looks(self) -> tuple[Look, ...]:
        """How each series is drawn."""
        return looks(self.tickers)

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands at the ends of the lines: names, tickers where a name is too long."""
        return tuple(n if len(n) <= _LONGEST["full"] else t for n, t in zip(self.names, self.tickers, strict=True))

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns of the dataset `prices`."""
        return tuple(f"s{i}" for i in range(len(self.tickers)))


def milliseconds(day: Any) -> int:
    """A date or Timestamp as milliseconds since 1970, the browser's unit."""
    return int(pd.Timestamp(day).value // 1_000_000)


def day_numbers(index: Any) -> np.ndarray:
    """Days since 1970 as 16-bit integers (to 2059): a quarter of a time stamp's bytes, and no time zone to get wrong."""
    return np.asarray(pd.DatetimeIndex(index).to_numpy().astype("datetime64[D]").astype("int64"), dtype="int16")


def session_of(day: int) -> pd.Timestamp:
    """The session that a day number of the datasets means."""
    return pd.Timestamp(int(day), unit="D").as_unit("us")


def key_of(timeline: Timeline, say: Words) -> Key:
    """The part of a timeline that its specification depends on."""
    index = timeline.closes.index
    names = tuple(captions.name(t, say) for t in timeline.view.series)
    return Key(timeline.view.series, names, timeline.view.scale, timeline.log, say.lang, (milliseconds(index[0]), milliseconds(index[-1])))


def escaped(text: str) -> str:
    """Text for inside single quotes in an expression."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def constants(key: Key) -> list[Spec]:
    """Tables that many expressions look into, written once: a series' name, the colour of its line and of its words on light
    and on dark, its dashes, a category's fill.
    """
    first = [name.split(" ")[0] for name in key.names]
    tables: dict[str, Sequence[Any]] = {
        "tone": [look.line[0] for look in key.looks], "glow": [look.line[1] for look in key.looks],
        "ink": [look.words[0] for look in key.looks], "tint": [look.words[1] for look in key.looks],
        "dash": [list(look.dash) for look in key.looks], "full": key.labels,
        "short": [n if len(n) <= _LONGEST["short"] else t for n, t in zip(first, key.tickers, strict=True)],
    }  # fmt: skip
    found: list[Spec] = [{"name": name, "value": dict(zip(key.fields, values, strict=True))} for name, values in tables.items()]
    return [*found, {"name": "fills", "value": {LETTERS[c]: fill for c, fill in FILLS.items()}}]


def localised(expression: str, lang: str) -> str:
    """A formatted number with the language's own marks: Vietnamese swaps point and comma."""
    if lang != "vi":
        return expression
    return f"replace(replace(replace({expression}, regexp(',', 'g'), ';'), '.', ','), regexp(';', 'g'), '.')"


def full_date(expression: str, lang: str) -> str:
    """A date with its year, as the language writes it."""
    pattern = "%-d/%-m/%Y" if lang == "vi" else "%-d %b %Y"
    return f"utcFormat({expression}, '{pattern}')"
