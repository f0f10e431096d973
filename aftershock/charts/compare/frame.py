"""What the exhibits of a comparison share: the key of a specification, a colour and a dash for each event, the axis of event time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aftershock.charts.impact.frame import Box, note
from aftershock.charts.theme import BASELINE, INK, MUTED, Spec, by_theme, tone
from aftershock.text import Words, words

# A colour for lines that shows on white and on dark, the same for words on white, and for words on dark; Okabe-Ito's family
EVENTS: Final = (
    ("#0072B2", "#56A8DC"), ("#B84F00", "#F58A3C"), ("#007A5E", "#2DBE97"), ("#B1487F", "#E08BB8"),
    ("#5B5EA6", "#A3A6EB"), ("#8A6100", "#E0B040"), ("#00798C", "#4FC3D6"), ("#8C3B2E", "#E08A7B"),
)  # fmt: skip
LEFT: Final = 46  # pixels for the figures of the y axis, where no line is
DASHES: Final = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3])  # the next in turn, so that neighbours differ without colour too


@dataclass(frozen=True, slots=True)
class Key:
    """What a specification depends on. `rows`, `columns`: how many there are."""

    lang: str
    ticker: str
    rows: int
    columns: int

    @property
    def tone(self) -> tuple[str, str]:
        """The series' colours."""
        return tone(self.ticker)


def by_event(field: str) -> Spec:
    """The colour of an event by its number, by theme."""
    light, dark = ("['" + "', '".join(pair[i] for pair in EVENTS) + "']" for i in (0, 1))
    return {"expr": f"(dark ? {dark} : {light})[datum.{field}]"}


def event_time(x: Spec, y: float, box: Box, lang: str) -> list[Spec]:
    """Offsets in sessions along the bottom."""
    say: Words = words(lang)
    tick = {"type": "tick", "orient": "vertical", "size": 5, "thickness": 1, "color": by_theme(BASELINE), "aria": False}
    label = {
        "type": "text", "baseline": "top", "fontSize": box.size(12), "fontWeight": {"expr": "datum.o == 0 ? 600 : 400"},
        "color": {"expr": f"datum.o == 0 ? ({by_theme(INK)['expr']}) : ({by_theme(MUTED)['expr']})"},
    }  # fmt: skip
    return [
        {
            "data": {"name": "ticks"},
            "encoding": {"x": x},
            "layer": [
                {"mark": tick, "encoding": {"y": {"value": y}}},
                {"mark": label, "encoding": {"y": {"value": y + 6}, "text": {"field": "label", "type": "nominal"}}},
            ],
        },
        note(say("compare_chart.sessions"), 0, y + 6 + box.size(28), box.size(12)),
    ]


def offsets_told(first: int, last: int, step: int) -> dict[str, list[object]]:
    """The dataset `ticks`."""
    at = [k for k in range(first, last + 1) if k % step == 0]
    return {"o": list(at), "label": [f"{k:+d}".replace("-", "−") if k else "0" for k in at]}
