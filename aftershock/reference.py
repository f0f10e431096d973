"""Reference facts that explain prices: Fed decisions, splits, dividends, share counts. Each row says how sure it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from aftershock.events import Record, Text, read_toml


@dataclass(frozen=True, slots=True)
class FomcDecision:
    """A scheduled Federal Reserve decision; `scheduled` = taken from the calendar, not seen to happen."""

    date: dt.date
    time: dt.time | None
    verification: str
    scheduled: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """`ratio` new shares for one old, from the open of `date`."""

    ticker: str
    date: dt.date
    ratio: float
    verification: str
    title: Text


@dataclass(frozen=True, slots=True)
class Dividend:
    """Cash per share in US dollars, on today's share basis (split-adjusted)."""

    ticker: str
    ex_date: dt.date
    usd_per_share: float
    verification: str


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares outstanding on a filing's cover, in billions on today's share basis."""

    ticker: str
    filed: dt.date
    form: str
    as_of: dt.date | None
    billions_split_adjusted: float
    verification: str
    placeholder: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """All of reference.toml, each table sorted by date."""

    fomc: tuple[FomcDecision, ...]
    splits: tuple[Split, ...]
    dividends: tuple[Dividend, ...]
    shares: tuple[Shares, ...]


def load_reference(path: Path) -> Reference:
    """Loads and checks reference.toml. Raises DataError naming file, record and field."""
    day, status = "data.date", "data.reference-status"

    def common(r: Record, *fields: str) -> None:
        r.only({*fields, "verification"})
        r.take("verification", str, status, {"verified-2+", "verified-1", "derived", "from-memory"}.__contains__)

    def positive(r: Record, field: str) -> float:
        value = r.values.get(field)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise r.fail(field, "data.positive")
        return float(value)

    def fomc(r: Record) -> FomcDecision:
        common(r, "date", "time", "scheduled")
        time = r.optional("time", dt.time, "data.time")
        return FomcDecision(
            r.take("date", dt.date, day), time, r.values["verification"], bool(r.optional("scheduled", bool, "data.true-or-false"))
        )

    def split(r: Record) -> Split:
        common(r, "ticker", "date", "ratio", "title")
        return Split(r.line("ticker"), r.take("date", dt.date, day), positive(r, "ratio"), r.values["verification"], r.both("title"))

    def dividend(r: Record) -> Dividend:
        common(r, "ticker", "ex_date", "usd_per_share")
        return Dividend(r.line("ticker"), r.take("ex_date", dt.date, day), positive(r, "usd_per_share"), r.values["verification"])

    def shares(r: Record) -> Shares:
        common(r, "ticker", "filed", "form", "as_of", "billions_split_adjusted", "placeholder")
        return Shares(
            r.line("ticker"), r.take("filed", dt.date, day), r.line("form"), r.optional("as_of", dt.date, day),
            positive(r, "billions_split_adjusted"), r.values["verification"], bool(r.optional("placeholder", bool, "data.true-or-false")),
        )  # fmt: skip

    return Reference(
        fomc=tuple(sorted(map(fomc, read_toml(path, "fomc")), key=lambda x: x.date)),
        splits=tuple(sorted(map(split, read_toml(path, "split")), key=lambda x: x.date)),
        dividends=tuple(sorted(map(dividend, read_toml(path, "dividend")), key=lambda x: x.ex_date)),
        shares=tuple(sorted(map(shares, read_toml(path, "shares")), key=lambda x: x.filed)),
    )
