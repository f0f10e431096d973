"""The sentence for a reader whose link was made with other prices: what changed and by how much, or that it cannot be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from aftershock import vintage
from aftershock.captions import name
from aftershock.prices import Prices
from aftershock.text import Words
from aftershock.vintage import Change, Stamp


def since(made: Stamp, prices: Prices, tickers: Sequence[str], first: dt.date, last: dt.date, say: Words) -> str:
    """What changed in `tickers` from `first` to `last` since a link with that stamp was made; empty when nothing did."""
    now = vintage.stamp(prices, tickers)
    if now is None or now.data == made.data:
        return ""
    facts = {"data": made.data, "asof": made.asof, "now": now.asof, "now_data": now.data}
    then = vintage.kept(made.data, vintage.folder())
    if then is None:
        return say("vintage.not_kept", **facts)
    change = vintage.compare(then, prices.closes()[[t for t in tickers if t in prices.bars]], first, last)
    return say("vintage.since", what=_what(change, say) if change else say("vintage.nothing"), **facts)


def _what(change: Change, say: Words) -> str:
    parts = []
    for number, (ticker, n) in enumerate(change.closes.items()):
        parts.append(say("vintage.closes" if number == 0 else "vintage.closes_too", n=n, name=name(ticker, say)))
    if change.largest is not None:
        ticker, day, by = change.largest
        code = "vintage.by" if sum(change.closes.values()) == 1 else "vintage.largest" if len(change.closes) == 1 else "vintage.largest_of"
        parts[-1] += say(code, by=say.percent(by, 2 if abs(by) < 0.001 else 1), day=day, name=name(ticker, say))
    if change.added:
        parts.append(say("vintage.added", n=change.added))
    if change.gone:
        parts.append(say("vintage.gone", n=change.gone))
    return "; ".join(parts)
