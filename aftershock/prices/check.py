"""Nothing that a live source says is shown before it has been doubted here.

`checked` is pure: the clock, the calendar and what we had are arguments. What is right but unusual becomes a remark; what cannot be
right is refused as a whole with a reason, since a series with one wrong figure is a wrong chart.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from aftershock.errors import Phrase
from aftershock.prices.types import COLUMNS, DIVIDEND
from aftershock.sessions import NEW_YORK, Calendar

SETTLING: Final = dt.timedelta(minutes=20)  # after the close until the session's bar is final
LATE: Final = 5  # finished sessions that the newest bar may be behind; beyond, the series has ended
GAPS: Final = 5  # sessions without a figure that are declared; more of them are refused
BEGINNING: Final = 5  # sessions after which a history that should begin at `start` begins too late
FEW: Final = 0.02  # share of the closes that a source may revise (at least FEW_AT_LEAST)
FEW_AT_LEAST: Final = 5
SMALL: Final = 0.03  # and by how much each
QUOTE: Final = 0.01  # between the last close and the price that is quoted after it
CENT: Final = 0.0051  # dollars or points: what rounding to cents changes, and no revision
POINT: Final = 1e-5  # of the close, the same for series in the thousands
NOISE: Final = 1e-4  # how far float arithmetic may push an open or close beyond high and low
SPLITS: Final = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100)  # new shares for one old, or the other way round
LIKE: Final = 0.08  # how near to such a ratio is that ratio: a session's ordinary move
LEAP: Final = 3.0  # a change by this factor in one session is believed only with an explanation
PRICES: Final = ("open", "high", "low", "close")
ZONES: Final = {NEW_YORK.key: ("INDEX", "EQUITY", "ETF"), "America/Chicago": ("INDEX",)}  # Cboe's indices keep New York's sessions
KINDS: Final = {"INDEX": "index", "EQUITY": "share", "ETF": "share"}  # Yahoo's word -> ours


class Refused(Exception):
    """The bars cannot be right, or are none that we can use; `why` says it."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.why = Phrase(f"prices.{code}", **facts)


@dataclass(frozen=True, eq=False, slots=True)
class Checked:
    """Bars that may be shown: columns open, high, low, close, volume, dividend; NaN rows where a gap is declared in `remarks`."""

    bars: pd.DataFrame
    name: str
    kind: str
    remarks: tuple[Phrase, ...]


def checked(
    ticker: str, bars: pd.DataFrame, meta: dict[str, Any], *, calendar: Calendar, now: dt.datetime, start: dt.date,
    had: pd.DataFrame | None = None,
) -> Checked:  # fmt: skip
    """What a source answered for `ticker` from `start` on -> what may be shown of it at `now` (aware), or Refused.

    `had` are the bars that were shown until now, or None: the answer must agree with them, or say why it does not.
    """
    _identity(ticker, meta)
    bars = _rows(bars, meta, calendar, now)
    bars, dropped = _unfinished(bars, calendar, now)
    bars, gaps = _gaps(bars, calendar)
    _figures(bars)
    _beginning(bars, meta, calendar, start)
    _end(bars, meta, calendar, now)
    _leaps(bars)
    agreement = _agree(bars, had)
    kind = KINDS[meta["instrumentType"]]
    if kind == "index":
        bars = bars.drop(columns=DIVIDEND)
    name = str(meta.get("shortName") or meta.get("longName") or ticker)
    return Checked(bars.drop(columns="split"), name, kind, (*dropped, *gaps, *agreement))


def _identity(ticker: str, meta: dict[str, Any]) -> None:
    if meta.get("symbol") != ticker:
        raise Refused("wrong-symbol", found=str(meta.get("symbol", "–")))
    kind = str(meta.get("instrumentType", "–"))
    if kind == "CRYPTOCURRENCY":
        raise Refused("around-the-clock")
    if kind not in KINDS:
        raise Refused("wrong-kind", kind=kind)
    zone, currency = str(meta.get("exchangeTimezoneName", "–")), str(meta.get("currency", "–"))
    if kind not in ZONES.get(zone, ()) or currency != "USD":
        raise Refused("elsewhere", place=zone.rsplit("/", 1)[-1].replace("_", " "), currency=currency)


def _rows(bars: pd.DataFrame, meta: dict[str, Any], calendar: Calendar, now: dt.datetime) -> pd.DataFrame:
    """The right columns; days that are sessions, in order, each once, none to come."""
    missing = [c for c in (*COLUMNS, DIVIDEND, "split") if c not in bars]
    if missing:
        raise Refused("no-column", columns=", ".join(missing))
    if not len(bars):
        raise Refused("empty")
    if bars.index.hasnans:
        raise Refused("garbled")
    bars = bars.sort_index()
    if bars.index.has_duplicates or meta.get("twice"):
        raise Refused("day-twice")
    today = now.astimezone(NEW_YORK).date()
    if bars.index[-1] > pd.Timestamp(today):
        raise Refused("future", day=bars.index[-1], today=today)
    strange = bars.index.difference(calendar.sessions)
    if len(strange):
        raise Refused("no-session", day=strange[0], n=len(strange))
    return bars


def _unfinished(bars: pd.DataFrame, calendar: Calendar, now: dt.datetime) -> tuple[pd.DataFrame, list[Phrase]]:
    """Without the bar of a session that is not over, and without a last bar that has no figures yet."""
    remarks = []
    if now < calendar.closing(bars.index[-1]) + SETTLING:
        remarks.append(Phrase("prices.unfinished", day=bars.index[-1]))
        bars = bars.iloc[:-1]
    if len(bars) and bars.iloc[-1][list(PRICES)].isna().any():
        remarks.append(Phrase("prices.empty-last", day=bars.index[-1]))
        bars = bars.iloc[:-1]
    if not len(bars):
        raise Refused("empty")
    return bars, remarks


def _gaps(bars: pd.DataFrame, calendar: Calendar) -> tuple[pd.DataFrame, list[Phrase]]:
    """A row for every session from first to last. Few empty ones are declared, more are refused."""
    full = bars.reindex(calendar.between(bars.index[0], bars.index[-1]).rename("date"))
    empty = full[list(PRICES)].isna().any(axis=1)
    days = full.index[empty]
    if len(days) > GAPS:
        raise Refused("gaps", n=len(days), day=days[0])
    full.loc[empty, [*COLUMNS, DIVIDEND, "split"]] = np.nan
    return full, [Phrase("prices.gap", n=len(days), days=", ".join(f"{d:%Y-%m-%d}" for d in days))] if len(days) else []


def _figures(bars: pd.DataFrame) -> None:
    """Positive finite prices, low <= open, close <= high; a volume that is not known is NaN (Yahoo writes 0)."""
    prices = bars[list(PRICES)]
    wrong = prices.index[((prices <= 0) | np.isinf(prices)).any(axis=1)]
    if len(wrong):
        raise Refused("not-positive", day=wrong[0])
    low, high = prices["low"] * (1 - NOISE), prices["high"] * (1 + NOISE)
    outside = (prices["low"] > high) | (prices[["open", "close"]].lt(low, axis=0) | prices[["open", "close"]].gt(high, axis=0)).any(axis=1)
    if outside.any():
        raise Refused("outside", day=prices.index[outside][0])
    bars["low"], bars["high"] = prices.min(axis=1), prices.max(axis=1)  # rid of the arithmetic's noise
    if (bars["volume"] < 0).any() or (bars[DIVIDEND] < 0).any() or (bars["split"] < 0).any():
        raise Refused("negative")
    bars["volume"] = bars["volume"].where(bars["volume"] > 0)


def _beginning(bars: pd.DataFrame, meta: dict[str, Any], calendar: Calendar, start: dt.date) -> None:
    """A history may begin late only because the series itself did."""
    traded = meta.get("firstTradeDate")
    if isinstance(traded, int | float) and not isinstance(traded, bool):
        start = max(start, (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=traded)).astimezone(NEW_YORK).date())
    late = len(calendar.between(start, bars.index[0])) - 1
    if late > BEGINNING and isinstance(traded, int | float):
        raise Refused("begins-late", day=bars.index[0], start=start)


def _end(bars: pd.DataFrame, meta: dict[str, Any], calendar: Calendar, now: dt.datetime) -> None:
    """The newest bar is recent, and its close is the price that the same answer quotes for that day's end."""
    last, close = bars.index[-1], float(bars["close"].iloc[-1])
    if len(calendar.between(last, calendar.last_finished(now - SETTLING))) - 1 > LATE:
        raise Refused("ended", day=last)
    at, price = meta.get("regularMarketTime"), meta.get("regularMarketPrice")
    if not isinstance(at, float) or not isinstance(price, float):
        return
    quoted = dt.datetime.fromtimestamp(at, NEW_YORK)
    if quoted.date() == last.date() and quoted >= calendar.closing(last) and abs(close / price - 1) > QUOTE:
        raise Refused("quoted", day=last, close=close, price=price)


def _leaps(bars: pd.DataFrame) -> None:
    """No split that the source forgot to apply, no figure a hundred times too large, no leap that nobody explains."""
    known = bars.dropna(subset=["close"])
    close, opening, split = (known[c].to_numpy() for c in ("close", "open", "split"))
    ratio, gap = close[1:] / close[:-1], opening[1:] / close[:-1]
    for i in map(int, np.flatnonzero((split[1:] > 0) & (np.abs(np.log(ratio)) > np.log(1.1)))):
        if _alike(ratio[i] * split[i + 1]) and abs(np.log(ratio[i] * split[i + 1])) < abs(np.log(ratio[i])):
            raise Refused("split-unapplied", day=known.index[i + 1], ratio=_ratio(split[i + 1]))
    for i in map(int, np.flatnonzero(np.abs(np.log(ratio)) > np.log(1.8))):
        factor, opened = max(ratio[i], 1 / ratio[i]), max(gap[i], 1 / gap[i])
        if factor >= LEAP or any(_alike(factor / k) and _alike(opened / k) for k in SPLITS):
            raise Refused("leap", day=known.index[i + 1], factor=float(factor))


def _alike(ratio: float) -> bool:
    """True where a ratio is 1, but for a session's ordinary move."""
    return bool(abs(ratio - 1) < LIKE)


def _ratio(split: float) -> str:
    return f"{split:g}:1" if split >= 1 else f"1:{1 / split:g}"


def _agree(bars: pd.DataFrame, had: pd.DataFrame | None) -> list[Phrase]:
    """The closes against those we had: equal, or rescaled by a split since, or a few of them revised by a little; else refused."""
    if had is None:
        return []
    ours = had["close"].dropna()
    if bars.index[-1] < ours.index[-1]:
        raise Refused("older", day=bars.index[-1], had=ours.index[-1])
    theirs = bars["close"].reindex(ours.index)
    if theirs.isna().any():
        raise Refused("lost", day=ours.index[theirs.isna()][0], n=int(theirs.isna().sum()))
    remarks = []
    splits = bars["split"].loc[bars.index > ours.index[-1]]
    ratio = float(splits[splits > 0].prod())
    if ratio != 1 and _alike(float((ours / theirs).median()) / ratio):
        remarks.append(Phrase("prices.rebased", ratio=_ratio(ratio)))
        ours = ours / ratio
    change = (theirs / ours - 1).abs()
    revised = change[(theirs - ours).abs() > CENT + POINT * ours]
    if not len(revised):
        return remarks
    day, most = revised.idxmax(), 100 * float(revised.max())
    if len(revised) > max(FEW_AT_LEAST, FEW * len(ours)) or most > 100 * SMALL:
        raise Refused("disagrees", n=len(revised), of=len(ours), day=day, change=most)
    return [*remarks, Phrase("prices.revised", n=len(revised), day=day, change=most)]
