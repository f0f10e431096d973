"""The reader's question to the Impact page, as one value: which event, which series, measured how. Like `views.View` it has three
spellings: the query string, the command line's options, and the permalink of an export.

    ?event=deepseek-crash-2025-01-27&ticker=NVDA&window=-1:1&estimation=-130:-11&model=market&benchmark=^GSPC&returns=log&lang=vi
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from aftershock.errors import RequestError
from aftershock.impact import default_design
from aftershock.models import Model
from aftershock.returns import Returns
from aftershock.study import StudyDesign, Window
from aftershock.text import LANGUAGES
from aftershock.views import Choices, Correction, Reader, address, short

FIRST_EVENT: Final = "deepseek-crash-2025-01-27"  # what the page opens with
FIRST_TICKER: Final = "NVDA"
WINDOWS: Final = (Window(0, 0), Window(0, 1), Window(-1, 1), Window(0, 5), Window(0, 20))
ESTIMATIONS: Final = (Window(-70, -11), Window(-130, -11), Window(-260, -11), Window(-150, -31))
PARAMETERS: Final = ("event", "ticker", "window", "estimation", "model", "returns", "benchmark", "lang")
_OFFSETS: Final = re.compile(r"([+-]?\d{1,4})(?::|,|\.\.)([+-]?\d{1,4})")


@dataclass(frozen=True, slots=True)
class ImpactView:
    """One question. `usual` is the design that this series gets when the reader chooses nothing."""

    event: str
    ticker: str
    design: StudyDesign
    usual: StudyDesign
    lang: str = "en"

    @property
    def tickers(self) -> tuple[str, ...]:
        """The series that the answer is computed from."""
        return (self.ticker, self.design.benchmark) if self.design.uses_benchmark else (self.ticker,)

    def query(self) -> dict[str, str]:
        """The query string's parts. Event, series, window and language always stand in it, the rest when it is not the usual one."""
        d, u = self.design, self.usual
        parts = {"event": self.event, "ticker": self.ticker, "window": offsets(d.window)}
        optional = {
            "estimation": "" if d.estimation == u.estimation else offsets(d.estimation),
            "model": "" if d.model is u.model else str(d.model),
            "returns": "" if d.returns is u.returns else str(d.returns),
            "benchmark": "" if d.benchmark == u.benchmark else d.benchmark,
        }
        return parts | {key: value for key, value in optional.items() if value} | {"lang": self.lang}

    def link(self, base: str = "") -> str:
        """`base` with the query string: the address that shows this view."""
        return address(base, self.query())


def offsets(window: Window) -> str:
    """Window(-1, 1) -> '-1:1', as links and the command line write it."""
    return f"{window.first}:{window.last}"


def window_of(text: str) -> Window | None:
    """'-1:1' or '[-1, +1]' -> Window(-1, 1); None for anything else, reversed ends included."""
    found = _OFFSETS.fullmatch(re.sub(r"[\s\[\]()]", "", text.replace("−", "-")))
    if found is None or int(found[1]) > int(found[2]):
        return None
    return Window(int(found[1]), int(found[2]))


def read(
    query: Mapping[str, str], choices: Choices, named: Mapping[str, tuple[str, ...]], lang: str
) -> tuple[ImpactView, tuple[Correction, ...]]:
    """A query string -> the view it asks for, and what had to be corrected. Never raises. `named`: the tickers that each event names."""
    r = Reader.of(query, PARAMETERS)
    event = r.query.get("event", "")
    if event not in choices.events:
        if event:
            r.complain("event", found=short(event))
        event = FIRST_EVENT if FIRST_EVENT in choices.events else min(choices.events)
    ticker = next(iter(r.tickers("ticker")), "") or usual_ticker(named.get(event, ()), choices.tickers)
    usual, _ = default_design(ticker, choices.tickers)
    design = designed(
        usual,
        ticker,
        choices.tickers,
        window=_window(r, "window", usual.window),
        estimation=_window(r, "estimation", usual.estimation),
        model=Model(r.one("model", Model, usual.model)),
        returns=Returns(r.one("returns", Returns, usual.returns)),
        benchmark=next(iter(r.tickers("benchmark")), ""),
        corrections=r.corrections,
    )
    return ImpactView(event, ticker, design, usual, r.one("lang", LANGUAGES, lang)), tuple(r.corrections)


def usual_ticker(named: tuple[str, ...], tickers: tuple[str, ...]) -> str:
    """The series to begin with: Nvidia where the event names it, else the first that it names and we have, else the first we have."""
    known = [t for t in named if t in tickers]
    return FIRST_TICKER if FIRST_TICKER in known else (known or list(tickers))[0]


def designed(
    usual: StudyDesign,
    ticker: str,
    tickers: tuple[str, ...],
    *,
    window: Window,
    estimation: Window,
    model: Model,
    returns: Returns,
    benchmark: str,
    corrections: list[Correction],
) -> StudyDesign:
    """The design that the reader asks for. What contradicts itself goes back to the usual, with a sentence in `corrections`."""
    if model is not Model.MEAN_ADJUSTED and benchmark == ticker:
        corrections.append(Correction("own-benchmark", {"ticker": ticker}))
        benchmark = ""
    if model is Model.MEAN_ADJUSTED:
        benchmark = usual.benchmark  # it looks at no benchmark: any other choice would only be a second name for the same thing
    elif not benchmark:
        benchmark = usual.benchmark if usual.benchmark != ticker else next(iter(benchmarks(ticker, tickers)), "")
    if not benchmark:
        corrections.append(Correction("no-benchmark", {"ticker": ticker}))
        model, benchmark = usual.model, usual.benchmark
    try:
        return replace(usual, window=window, estimation=estimation, model=model, returns=returns, benchmark=benchmark)
    except RequestError as error:
        corrections.append(Correction(error.code, error.facts))
        return replace(usual, model=model, returns=returns, benchmark=benchmark)


def benchmarks(ticker: str, tickers: tuple[str, ...]) -> tuple[str, ...]:
    """What a series can be compared with: the indices first, and never itself."""
    return tuple(sorted((t for t in tickers if t != ticker), key=lambda t: (not t.startswith("^"), t)))


def _window(r: Reader, key: str, default: Window) -> Window:
    text = r.query.get(key, "")
    found = window_of(text) if text else default
    if found is None:
        r.complain("offsets", name=key, found=short(text))
        return default
    return found
