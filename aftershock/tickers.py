"""Tickers: how one is written, which ones are offered, and which one somebody means who writes a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

INDICES: Final = ("^IXIC", "^GSPC", "^DJI", "^NDX", "^SOX", "^RUT", "^VIX")
BENCHMARKS: Final = tuple(t for t in INDICES if t != "^VIX")  # of shares; the VIX is none
OFFERED: Final = (
    *INDICES, "NVDA", "AMD", "TSM", "AVGO", "ASML", "INTC", "MU", "QCOM", "ARM", "SMCI", "AMAT", "LRCX", "AMKR", "MSFT", "GOOGL", "META",
    "AMZN", "AAPL", "ORCL", "TSLA", "CRM", "NOW", "BABA", "VST", "CEG", "MP", "SOXX", "XLE",
)  # fmt: skip
ELSEWHERE: Final = ("005930.KS", "9984.T", "0981.HK")  # known by name, but not traded in New York
MOST_LETTERS: Final = 15
_LONGEST_SHARE: Final = 5  # letters of a share's ticker in New York
_SYMBOL: Final = re.compile(rf"\^?[A-Z0-9][A-Z0-9.=-]{{0,{MOST_LETTERS - 1}}}")


def symbol(text: str) -> str | None:
    """A ticker as Yahoo spells it (' nvda ' -> 'NVDA'), or None when the text cannot be one: at most fifteen letters of A-Z, 0-9, . - =
    and at the front ^ for an index."""
    found = text.strip().removeprefix("$").upper()
    return found if _SYMBOL.fullmatch(found) and len(found) <= MOST_LETTERS else None


def is_symbol(text: str) -> bool:
    """True where a text is a ticker as Yahoo spells it."""
    return symbol(text) == text


def meant(text: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The tickers that somebody may mean: one where it is clear, several where a name is several's, none where it is neither a name nor
    a ticker. `names`: ticker -> name.

    A whole name or a known ticker comes first; then what is written as a ticker is one ('DOW' is not the Dow Jones); then part of a
    name ('samsung'); and what is left is taken for a ticker that we do not know yet.
    """
    asked, found = _folded(text), symbol(text)
    exact = [ticker for ticker, name in names.items() if _folded(name) == asked]
    if exact or found in names:
        return tuple(exact) or (str(found),)
    if found is not None and text.strip() == found and len(found) <= _LONGEST_SHARE:
        return (found,)
    part = re.compile(rf"\b{re.escape(asked)}\b")
    if several := tuple(ticker for ticker, name in names.items() if asked and part.search(_folded(name))):
        return several
    return (found,) if found is not None else ()


def _folded(text: str) -> str:
    """Without capitals, accents and outer spaces."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.strip().casefold()) if not unicodedata.combining(c))
