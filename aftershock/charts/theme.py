"""One palette and one set of sizes for every picture, on screen and in exports.

Colours are Okabe-Ito's, which stay apart for every common colour blindness. On screen the page's theme decides between
light and dark in the browser: expressions look at Vega's own `background` signal, so that switching the theme needs no
message to the server.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from aftershock.tickers import OFFERED

Spec = dict[str, Any]

FONT: Final = "Be Vietnam Pro, sans-serif"

# Twelve series: six hues, drawn through and dashed; (light background, dark background). Two that share a dash stay apart for every common
# colour blindness. The snapshot's own four keep theirs.
_HUES: Final = (
    ("#0072B2", "#56A8DC"), ("#D55E00", "#F58A3C"), ("#0B4A35", "#3BE8A4"), ("#8C2473", "#D0458F"), ("#6E5626", "#FAE27A"),
    ("#868B99", "#C4C9D2"),
)  # fmt: skip
_DASHES: Final = ((1, 0), (7, 3))
_KNOWN: Final = {"^IXIC": 0, "NVDA": 1, "^GSPC": 2, "AMD": 3}
_OFFERED: Final = sorted((ticker for ticker in OFFERED if ticker not in _KNOWN), key=lambda t: t.startswith("^"))  # shares first
_SLOTS: Final = len(_HUES) * len(_DASHES)
_WORDS: Final = {"#D55E00": "#B84F00", "#868B99": "#666B78", "#D0458F": "#E26BA8"}  # where small text needs more contrast than a line

# a category is a shape, a letter and a colour; the fills are dark enough for white figures on them
SHAPES: Final = {
    "model-release": "M-1,-1H1V1H-1Z",
    "export-control": "circle",
    "adoption": "M0,-1.3L1.15,0.85H-1.15Z",
    "security-and-regulation": "M-0.95,-1H0.95V0.2C0.95,0.8 0.4,1.15 0,1.3C-0.4,1.15 -0.95,0.8 -0.95,0.2Z",
    "market-reaction": "M0,-1.3L1.25,0L0,1.3L-1.25,0Z",
    "statement": "M-0.6,-1.1H0.6L1.25,0L0.6,1.1H-0.6L-1.25,0Z",
    "trade-policy": "M0,-1.2L1.15,-0.35L0.72,1H-0.72L-1.15,-0.35Z",
    "earnings": "M-1.15,-0.8H1.15V0.8H-1.15Z",
    "investment": "M-0.5,-1.15H0.5L1.15,-0.5V0.5L0.5,1.15H-0.5L-1.15,0.5V-0.5Z",
}
LETTERS: Final = {
    "model-release": "M", "export-control": "X", "adoption": "A", "security-and-regulation": "S", "market-reaction": "R",
    "statement": "T", "trade-policy": "P", "earnings": "E", "investment": "I",
}  # fmt: skip
FILLS: Final = {
    "model-release": "#1D4E89", "export-control": "#33415C", "adoption": "#1B6B4A", "security-and-regulation": "#5A3A78",
    "market-reaction": "#8A2B2B", "statement": "#4F5B66", "trade-policy": "#7A4A12", "earnings": "#0F6674", "investment": "#6B2E5F",
}  # fmt: skip
ACCENT: Final = "#B84F00"  # of the chosen token; white figures stand on it

# light value, dark value
INK: Final = ("#1A1F2B", "#E9ECF1")
MUTED: Final = ("#566070", "#A7B0BF")
GRID: Final = ("#E3E7EC", "#2A3140")
BASELINE: Final = ("#7C8794", "#76808E")
BAND: Final = ("#FBE6D8", "#4A2E1C")


@dataclass(frozen=True, slots=True)
class Look:
    """How a series is drawn: its line and its words, each on a light and on a dark background, and its dashes in pixels."""

    line: tuple[str, str]
    words: tuple[str, str]
    dash: tuple[int, int]


def looks(tickers: Sequence[str]) -> tuple[Look, ...]:
    """The looks of some series, no two alike up to twelve. A ticker keeps its look as long as no other wants the same."""
    taken: dict[str, int] = {ticker: _KNOWN[ticker] for ticker in tickers if ticker in _KNOWN}
    for ticker in tickers:
        if ticker not in taken:
            free = [*range(len(_KNOWN), _SLOTS), *range(len(_KNOWN))]
            wanted = _wanted(ticker)
            taken[ticker] = next((slot for slot in (wanted, *free) if slot not in taken.values()), wanted)
    return tuple(_look(taken[ticker]) for ticker in tickers)


def _wanted(ticker: str) -> int:
    """The slot that a ticker takes where it is free; the snapshot's own are left to them."""
    place = _OFFERED.index(ticker) if ticker in _OFFERED else zlib.crc32(ticker.encode())
    return len(_KNOWN) + place % (_SLOTS - len(_KNOWN))


def _look(slot: int) -> Look:
    light, dark = _HUES[slot % len(_HUES)]
    return Look((light, dark), (_WORDS.get(light, light), _WORDS.get(dark, dark)), _DASHES[slot // len(_HUES)])


def tone(ticker: str) -> tuple[str, str]:
    """The colours of a series that is alone, never the grey that means 'not significant'."""
    return _HUES[_KNOWN.get(ticker, _wanted(ticker) % (len(_HUES) - 1))]


def by_theme(pair: tuple[str, str]) -> Spec:
    """An expression that is the first colour on a light background and the second on a dark one."""
    return {"expr": f"dark ? '{pair[1]}' : '{pair[0]}'"}


def dark_param() -> Spec:
    """The parameter `dark` that `by_theme` reads."""
    return {"name": "dark", "expr": "luminance(background) < 0.3"}
