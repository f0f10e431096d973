"""One palette and one set of sizes for every picture, on screen and in exports.

Colours are Okabe-Ito's, which stay apart for every common colour blindness. On screen the page's theme decides between
light and dark in the browser: expressions look at Vega's own `background` signal, so that switching the theme needs no
message to the server.
"""

from __future__ import annotations

from typing import Any, Final

Spec = dict[str, Any]

FONT: Final = "Be Vietnam Pro, sans-serif"

# series colour on a light background, and on a dark one (text needs the lighter tint there)
_KNOWN: Final = {
    "^IXIC": ("#0072B2", "#56A8DC"),
    "NVDA": ("#D55E00", "#F58A3C"),
    "^GSPC": ("#007A5E", "#2DBE97"),
    "AMD": ("#B1487F", "#E08BB8"),
}
_OTHERS: Final = (("#5B5EA6", "#A3A6EB"), ("#8A6100", "#E0B040"), ("#00798C", "#4FC3D6"), ("#8C3B2E", "#E08A7B"),
                  ("#4B6B1E", "#A6C96A"), ("#6B4C9A", "#BFA2E6"), ("#3F5F7F", "#93B4D6"), ("#7A5C58", "#C9ABA6"))  # fmt: skip

_DARKER: Final = {"#D55E00": "#B84F00"}

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


def colour(ticker: str, position: int) -> tuple[str, str]:
    """A series' colours (light, dark). Tickers without one of their own take the next of the family by position."""
    return _KNOWN.get(ticker) or _OTHERS[position % len(_OTHERS)]


def ink(ticker: str, position: int) -> tuple[str, str]:
    """The colours of a series' words: as its lines', but dark enough for small text on white (4.5 to 1)."""
    light, dark = colour(ticker, position)
    return _DARKER.get(light, light), dark


def by_theme(pair: tuple[str, str]) -> Spec:
    """An expression that is the first colour on a light background and the second on a dark one."""
    return {"expr": f"dark ? '{pair[1]}' : '{pair[0]}'"}


def dark_param() -> Spec:
    """The parameter `dark` that `by_theme` reads."""
    return {"name": "dark", "expr": "luminance(background) < 0.3"}
