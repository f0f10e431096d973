"""The three datasets that travel with every change: prices, tokens and view."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from aftershock import captions
from aftershock.charts.theme import LETTERS
from aftershock.charts.timeline.frame import EPOCH, day_numbers, milliseconds
from aftershock.events import Verification
from aftershock.text import Words
from aftershock.timeline import Mark, Timeline

# `keep`: who goes before importance where tokens lack room
FINDING = 1  # the session that the title is about
NAMED = 2  # a session that the key of a picture names
_TOKEN: Final = {
    "n": "float32", "k": "int8", "c": None, "imp": "int8", "keep": "int8", "own": "int8", "pub": "float32",
    "what": None, "why": None, "moved": None, "closed": None,
}  # fmt: skip


def datasets(timeline: Timeline, say: Words, selected: pd.Timestamp | None, released: int = 0) -> dict[str, pd.DataFrame]:
    """The three datasets of the specification as frames, for a picture."""
    return {name: pd.DataFrame(found) for name, found in columns(timeline, say, selected, released).items()}


def columns(timeline: Timeline, say: Words, selected: pd.Timestamp | None, released: int = 0) -> dict[str, dict[str, Any]]:
    """The columns of the three datasets of the specification, in the smallest types that hold them: this is what travels with every
    change. Figures are for drawing only: closes as 32-bit floats.
    """
    closes = timeline.closes
    prices: dict[str, Any] = {"d": day_numbers(closes.index)}
    for position, ticker in enumerate(timeline.view.series):
        prices[f"s{position}"] = closes[ticker].to_numpy(dtype="float32")
    lo, hi = milliseconds(timeline.view.first), milliseconds(timeline.view.last)
    view = {
        "lo": [lo],
        "hi": [hi],
        "base": [milliseconds(timeline.base)],
        "sel": np.array([np.nan if selected is None else milliseconds(selected)]),
        "key": [f"{lo}-{hi}"],
        "released": [released],
    }
    return {"prices": prices, "tokens": _tokens(timeline, say), "view": view}


def _tokens(timeline: Timeline, say: Words) -> dict[str, Any]:
    """One row per session. Sessions outside the range carry no number and few words: they show only under the brush."""
    rows = [_token(mark, timeline, say) for mark in timeline.marks]
    by_column = zip(*rows, strict=True) if rows else [()] * len(_TOKEN)
    found = {
        name: list(values) if kind is None else np.array(values, kind)
        for (name, kind), values in zip(_TOKEN.items(), by_column, strict=True)
    }
    return {"d": day_numbers([mark.session for mark in timeline.marks]), **found}


def _token(mark: Mark, timeline: Timeline, say: Words) -> tuple[object, ...]:
    inside = mark.number is not None
    bridged = next((e for e in mark.events if timeline.reactions[e.id].closures), None)
    published = float("nan") if bridged is None else bridged.date.toordinal() - EPOCH
    title, why, moves, note = mark.lead.title.in_(say.lang), "", "", ""
    if inside:
        title += say("chart.more", n=len(mark.events) - 1) if len(mark.events) > 1 else ""
        why = f" ({timeline.reactions[mark.lead.id].in_words(say)})"
        moves = " · ".join(f"{captions.name(t, say)} {say.percent(m)}" for t, m in timeline.finding_of(mark.session).moves[: captions.FEW])
    if inside and bridged:
        code = "closed" if timeline.reactions[bridged.id].code == "market-closed" else "after_close"
        note = say(f"chart.{code}", day=say.date(bridged.date, "short"))
    found = timeline.finding
    keep = FINDING if inside and found and found.session == mark.session else 0
    number = float("nan") if mark.number is None else mark.number
    own = any(e.verification is Verification.OWN for e in mark.events)
    if mark.lead.verification is Verification.OWN:
        title = f"● {title} ({say('verification.own')})"
    return (number, len(mark.events), LETTERS[mark.lead.category], mark.lead.importance, keep, own, published, title, why, moves, note)
