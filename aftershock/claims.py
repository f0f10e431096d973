"""What was said about the market, held against the figures: a claim -> what the data say -> supported, contradicted or cannot tell.

A rule for each kind of claim computes one figure from daily bars (and share counts); nothing is typed in. How exactly something was said
decides how exactly it must be true: the figure, rounded as the claim is rounded, must be the claim's; 'about' allows 5 % of it either way,
'nearly' up to 5 % short of it, 'at least' anything from it upwards.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Final

import pandas as pd

from aftershock.dollars import Unpriced, count_on
from aftershock.errors import Phrase
from aftershock.events import ID, Article, Event, Record, Text, read_toml, refuse_twice
from aftershock.prices import Prices
from aftershock.reference import Reference, Shares
from aftershock.sessions import Reaction
from aftershock.text import Words

SLACK: Final = 0.05  # what 'about' and 'nearly' allow, as a share of the stated figure


class Field(StrEnum):
    """Which price of a session. Words: `price_at.<code>`."""

    OPEN = "open"
    HIGH = "high"
    LOW = "low"
    CLOSE = "close"


class Kind(StrEnum):
    """What kind of thing was said. Labels: `claim_kind.<code>`."""

    CLOSE_TO_CLOSE = "close-to-close"
    DOWN_TO = "down-to"
    UP_TO = "up-to"
    IN_SESSION = "in-session"
    DOLLARS = "dollars"
    LEVEL = "level"
    MARKET_VALUE = "market-value"
    RECORD_CLOSE = "record-close"
    SESSION_NUMBER = "session-number"
    SESSIONS_TO_LOSE = "sessions-to-lose"
    MANY_COMPANIES = "many-companies"


class Hedge(StrEnum):
    """What the speaker put before the figure. Labels: `hedge.<code>`."""

    EXACT = "exact"
    ABOUT = "about"
    NEARLY = "nearly"
    AT_LEAST = "at-least"


class Verdict(StrEnum):
    """The answer. Labels: `claim_verdict.<code>`."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    CANNOT_TELL = "cannot-tell"


_PERCENT, _BILLIONS, _TRILLIONS, _DOLLARS, _SESSIONS = "percent", "usd-bn", "usd-tn", "usd", "sessions"
UNITS: Final[Mapping[Kind, str]] = {
    Kind.CLOSE_TO_CLOSE: _PERCENT, Kind.DOWN_TO: _PERCENT, Kind.UP_TO: _PERCENT, Kind.IN_SESSION: _PERCENT, Kind.DOLLARS: _BILLIONS,
    Kind.MANY_COMPANIES: _BILLIONS, Kind.MARKET_VALUE: _TRILLIONS, Kind.LEVEL: _DOLLARS, Kind.RECORD_CLOSE: _DOLLARS,
    Kind.SESSION_NUMBER: _SESSIONS, Kind.SESSIONS_TO_LOSE: _SESSIONS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement. `first`..`last` are the sessions it speaks of (one, mostly); `stated` keeps the digits it was said with, percents
    as percents; `field` which price a level or a market value is meant at; `event` from whose reaction session sessions are counted;
    `amount` the billions of dollars that a period is about.
    """

    id: str
    said: Text
    by: Text
    kind: Kind
    ticker: str
    first: dt.date
    last: dt.date
    stated: Decimal
    hedge: Hedge = Hedge.EXACT
    articles: tuple[str, ...] = ()
    field: Field = Field.CLOSE
    event: str = ""
    amount: float = 0.0

    @property
    def unit(self) -> str:
        """percent, usd, usd-bn, usd-tn or sessions. Labels: `unit.<code>`."""
        return UNITS[self.kind]

    @property
    def digits(self) -> int:
        """The decimals that it was said with."""
        return -int(self.stated.as_tuple().exponent)


@dataclass(frozen=True, slots=True)
class Found:
    """What the figures say: the value in the claim's unit, the sessions it came from, and the arithmetic as words. `range` holds all the
    values that the session passed through, where any of them would do. `truth` overrides the comparison where the claim is not a number.
    """

    value: float
    sessions: tuple[pd.Timestamp, ...]
    how: Phrase
    shares: Shares | None = None
    range: tuple[float, float] | None = None
    truth: bool | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim with its answer. `why` is the arithmetic, or what is missing; `instead` what could have been meant, None mostly."""

    claim: Claim
    verdict: Verdict
    found: Found | None
    why: Phrase
    instead: Phrase | None = None

    def reason(self, say: Words) -> str:
        """`why`, and after it `instead`, in a language."""
        return " ".join(phrase.in_words(say) for phrase in (self.why, self.instead) if phrase)


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """What claims are held against: prices, share counts and splits, and the session that each event could first be reacted to."""

    prices: Prices
    reference: Reference
    reactions: Mapping[str, Reaction]


@dataclass(frozen=True, eq=False, slots=True)
class _Place:
    """Where a claim stands in its series: the positions of the session before it, of its first and of its last session."""

    bars: pd.DataFrame
    before: int
    first: int
    last: int

    @property
    def ends(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        return self.bars.index[self.before], self.bars.index[self.last]

    @property
    def day(self) -> pd.Timestamp:
        return pd.DatetimeIndex(self.bars.index)[self.first]

    def price(self, column: str, at: int) -> float:
        return float(self.bars[column].iloc[at])

    def over_base(self, price: float) -> float:
        """A price over the close before the claim, as a decimal fraction of change."""
        return price / self.price("close", self.before) - 1

    def told(self, price: float) -> dict[str, object]:
        """The facts of a sentence about two prices."""
        before, last = self.ends
        base = _price(self.price("close", self.before))
        return {"before": before, "base": base, "day": last, "price": _price(price), "move": _percent(self.over_base(price))}


class _Spoken:
    """A number that is said as the reader's language says a percentage or a sum of money."""

    def __init__(self, speak: Callable[[Words], str]) -> None:
        self.in_words = speak


def _percent(fraction: float) -> _Spoken:
    return _Spoken(lambda say: say.percent(fraction))


def _price(price: float) -> _Spoken:
    """With three decimals where it has them: prices from before a split were adjusted to those."""
    return _Spoken(lambda say: say.number(price, 2 if math.isclose(round(price, 2), price) else 3))


def _money(billions: float) -> _Spoken:
    return _Spoken(lambda say: say.money(billions))


Rule = Callable[[Claim, _Place, Evidence], Found | Phrase]


# -- the rules: each gives what was found, or what is missing ----------------------------------------------------------


def _close_to_close(claim: Claim, place: _Place, evidence: Evidence) -> Found:
    """Close of the last session over the close before the first."""
    close = place.price("close", place.last)
    return Found(100 * place.over_base(close), place.ends, Phrase("claims.close-to-close", **place.told(close)))


def _down_to(claim: Claim, place: _Place, evidence: Evidence) -> Found:
    """The lowest price over the close before."""
    low = float(place.bars["low"].iloc[place.first : place.last + 1].min())
    return Found(100 * place.over_base(low), place.ends, Phrase("claims.down-to", **place.told(low)))


def _up_to(claim: Claim, place: _Place, evidence: Evidence) -> Found:
    """The highest price over the close before."""
    high = float(place.bars["high"].iloc[place.first : place.last + 1].max())
    return Found(100 * place.over_base(high), place.ends, Phrase("claims.up-to", **place.told(high)))


def _in_session(claim: Claim, place: _Place, evidence: Evidence) -> Found:
    """Any move between the session's low and high over the close before: the price was there at some moment."""
    low, high, close = (place.over_base(place.price(c, place.first)) for c in ("low", "high", "close"))
    how = Phrase("claims.in-session", day=place.day, low=_percent(low), high=_percent(high), move=_percent(close))
    return Found(100 * (low if claim.stated < 0 else high), place.ends, how, range=(100 * low, 100 * high))


def _dollars(claim: Claim, place: _Place, evidence: Evidence) -> Found | Phrase:
    """Change of the close times the share count that was known then, in billions."""
    count = count_on(evidence.reference.shares, claim.ticker, place.day)
    if isinstance(count, Unpriced):
        return Phrase(f"dollars.{count.code}", ticker=claim.ticker)
    close = place.price("close", place.last)
    value = (close - place.price("close", place.before)) * count.billions_split_adjusted
    return Found(value, place.ends, Phrase("claims.dollars", **place.told(close), **_counted(count), value=_money(value)), count)


def _market_value(claim: Claim, place: _Place, evidence: Evidence) -> Found | Phrase:
    """A price of the session times the share count that was known then, in trillions."""
    count = count_on(evidence.reference.shares, claim.ticker, place.day)
    if isinstance(count, Unpriced):
        return Phrase(f"dollars.{count.code}", ticker=claim.ticker)
    price = place.price(claim.field, place.first)
    value = price * count.billions_split_adjusted
    how = Phrase(
        "claims.market-value", day=place.day, field=Phrase(f"price_at.{claim.field}"), price=price, value=_money(value), **_counted(count)
    )
    return Found(value / 1000, (place.day,), how, count)


def _counted(count: Shares) -> dict[str, object]:
    return {"shares": count.billions_split_adjusted, "form": count.form, "filed": count.filed}


def _level(claim: Claim, place: _Place, evidence: Evidence) -> Found:
    """A price as it was quoted on that day: our figures are adjusted for splits, so those that came later are taken out again."""
    adjusted = place.price(claim.field, place.first)
    later = [s.ratio for s in evidence.reference.splits if s.ticker == claim.ticker and pd.Timestamp(s.date) > place.day]
    ratio = math.prod(later)
    code, at = "claims.level-split" if later else "claims.level", Phrase(f"price_at.{claim.field}")
    how = Phrase(code, day=place.day, field=at, price=_price(adjusted * ratio), adjusted=_price(adjusted), ratio=f"{ratio:g}")
    return Found(adjusted * ratio, (place.day,), how)


def _record_close(claim: Claim, place: _Place, evidence: Evidence) -> Found:
    """The stated close, and no higher one since the data begin."""
    closes = place.bars["close"].iloc[: place.first + 1]
    close, top = float(closes.iloc[-1]), closes.idxmax()
    code = "claims.record" if top == place.day else "claims.no-record"
    how = Phrase(code, day=place.day, price=_price(close), since=closes.index[0], top=top, highest=_price(float(closes.max())))
    return Found(close, (place.day,), how, truth=top == place.day and _as_said(claim.stated, close))


def _session_number(claim: Claim, place: _Place, evidence: Evidence) -> Found | Phrase:
    """Which session after the news it was, the first that could react being number one."""
    if claim.event not in evidence.reactions:
        return Phrase("claims.no-event", event=claim.event)
    start = evidence.reactions[claim.event].session
    number = place.first - int(place.bars.index.get_indexer(pd.DatetimeIndex([start]))[0]) + 1
    return Found(float(number), (start, place.day), Phrase("claims.session-number", start=start, day=place.day, number=str(number)))


def _sessions_to_lose(claim: Claim, place: _Place, evidence: Evidence) -> Found | Phrase:
    """The fewest sessions in a row, within the period, that lost the amount (as 'nearly' has it)."""
    count = count_on(evidence.reference.shares, claim.ticker, place.day)
    if isinstance(count, Unpriced):
        return Phrase(f"dollars.{count.code}", ticker=claim.ticker)
    value = place.bars["close"].iloc[place.before : place.last + 1] * count.billions_split_adjusted
    for length in range(1, len(value)):
        change = value.to_numpy()[length:] - value.to_numpy()[:-length]
        if -change.min() >= (1 - SLACK) * claim.amount:
            end = int(change.argmin()) + length
            how = Phrase(
                "claims.sessions-to-lose", n=length, number=str(length), first=value.index[end - length + 1], last=value.index[end],
                value=_money(float(change.min())), **_counted(count),
            )  # fmt: skip
            return Found(float(length), (value.index[end - length], value.index[end]), how, count)
    return Phrase("claims.never-lost", value=_money(claim.amount), first=place.day, last=place.ends[1])


def _many_companies(claim: Claim, place: _Place, evidence: Evidence) -> Phrase:
    """A sum over many companies needs the prices and share counts of all of them."""
    return Phrase("claims.many-companies")


RULES: Final[Mapping[Kind, Rule]] = {
    Kind.CLOSE_TO_CLOSE: _close_to_close,
    Kind.DOWN_TO: _down_to,
    Kind.UP_TO: _up_to,
    Kind.IN_SESSION: _in_session,
    Kind.DOLLARS: _dollars,
    Kind.LEVEL: _level,
    Kind.MARKET_VALUE: _market_value,
    Kind.RECORD_CLOSE: _record_close,
    Kind.SESSION_NUMBER: _session_number,
    Kind.SESSIONS_TO_LOSE: _sessions_to_lose,
    Kind.MANY_COMPANIES: _many_companies,
}


# -- the answer ------------------------------------------------------------------------------------------------------


def check(claim: Claim, evidence: Evidence) -> Checked:
    """The claim's answer. Never raises: what the data cannot say is 'cannot tell' with its reason."""
    place = _place(claim, evidence)
    if isinstance(place, Phrase):
        return Checked(claim, Verdict.CANNOT_TELL, None, place)
    found = RULES[claim.kind](claim, place, evidence)
    if isinstance(found, Phrase):
        return Checked(claim, Verdict.CANNOT_TELL, None, found)
    if holds(claim, found):
        return Checked(claim, Verdict.SUPPORTED, found, found.how)
    return Checked(claim, Verdict.CONTRADICTED, found, found.how, _instead(claim, place, evidence))


def holds(claim: Claim, found: Found) -> bool:
    """Whether what was found is what was said, as exactly as it was said."""
    if found.truth is not None:
        return found.truth
    stated = float(claim.stated)
    if found.range is not None:
        return found.range[0] <= stated <= found.range[1] or any(_as_said(claim.stated, end) for end in found.range)
    if claim.hedge is Hedge.AT_LEAST:
        return found.value >= stated
    ratio = found.value / stated if stated else math.inf
    most = {Hedge.ABOUT: 1 + SLACK, Hedge.NEARLY: 1.0}.get(claim.hedge, -math.inf)
    return _as_said(claim.stated, found.value) or 1 - SLACK <= ratio <= most


def _as_said(stated: Decimal, value: float) -> bool:
    """Whether a value, rounded to the digits that a figure was said with, is that figure."""
    return Decimal(repr(value)).quantize(stated, ROUND_HALF_UP) == stated


def _place(claim: Claim, evidence: Evidence) -> _Place | Phrase:
    """Where the claim stands in its series, or what the data do not have of it."""
    if claim.ticker not in evidence.prices.bars:
        return Phrase("claims.no-series", ticker=claim.ticker)
    bars = evidence.prices.bars[claim.ticker]
    days = pd.DatetimeIndex([claim.first, claim.last]).as_unit("us")
    if days[1] > bars.index[-1]:
        return Phrase("claims.after-data", day=claim.last, last=bars.index[-1])
    if days[0] <= bars.index[0]:
        return Phrase("claims.before-data", day=claim.first, first=bars.index[0])
    first, last = (int(i) for i in bars.index.get_indexer(days))
    if first < 0 or last < 0:
        return Phrase("claims.no-session", day=claim.first if first < 0 else claim.last)
    if bars[list(Field)].iloc[first - 1 : last + 1].isna().to_numpy().any():
        return Phrase("claims.no-price", first=claim.first, last=claim.last)
    return _Place(bars, first - 1, first, last)


def _instead(claim: Claim, place: _Place, evidence: Evidence) -> Phrase | None:
    """What a move from close to close that is not right may have been taken for: a moment of the session, the move since the opening,
    or the session next to it.
    """
    if claim.kind is not Kind.CLOSE_TO_CLOSE or claim.first != claim.last:
        return None
    moment = _in_session(claim, place, evidence)
    if holds(claim, moment):
        return Phrase("claims.instead-in-session", low=moment.how.facts["low"], high=moment.how.facts["high"])
    since_open = place.price("close", place.first) / place.price("open", place.first) - 1
    if _as_said(claim.stated, 100 * since_open):
        return Phrase("claims.instead-open", move=_percent(since_open))
    for at in (place.first + 1, place.first - 1):
        if 1 <= at < len(place.bars):
            move = place.price("close", at) / place.price("close", at - 1) - 1
            if abs(100 * move - float(claim.stated)) <= SLACK * abs(float(claim.stated)):
                return Phrase("claims.instead-day", day=place.bars.index[at], move=_percent(move))
    return None


# -- reading them ----------------------------------------------------------------------------------------------------


def load_claims(path: Path, articles: Iterable[Article] = (), events: Iterable[Event] = ()) -> tuple[Claim, ...]:
    """The claims of claims.toml, in their order. Raises DataError naming file, record and field."""
    known, news = {a.id for a in articles}, {e.id for e in events}
    found = [_claim(record, known, news) for record in read_toml(path, "claim")]
    refuse_twice(path.name, [c.id for c in found])
    return tuple(found)


def _claim(record: Record, articles: set[str], events: set[str]) -> Claim:
    record.only(Claim.__dataclass_fields__)
    kind, day = record.one_of("kind", Kind), record.take("first", dt.date, "data.date")
    mentioned = record.names("articles", "data.article-ids", ID)
    if unknown := set(mentioned) - articles:
        raise record.fail("articles", Phrase("data.article-ids-not", unknown=", ".join(sorted(unknown))))
    return Claim(
        id=record.take("id", str, "data.id", lambda s: bool(ID.fullmatch(s))),
        said=record.both("said"),
        by=record.both("by") if isinstance(record.values.get("by"), dict) else Text(record.line("by"), record.line("by")),
        kind=kind,
        ticker=record.line("ticker"),
        first=day,
        last=record.optional("last", dt.date, "data.date", lambda d: d >= day) or day,
        stated=_figure(record, "stated"),
        hedge=record.one_of("hedge", Hedge) if "hedge" in record.values else Hedge.EXACT,
        articles=mentioned,
        field=record.one_of("field", Field) if "field" in record.values else Field.CLOSE,
        event=record.take("event", str, "data.event-id", events.__contains__) if kind is Kind.SESSION_NUMBER else "",
        amount=float(_figure(record, "amount")) if kind is Kind.SESSIONS_TO_LOSE else 0.0,
    )


def number(text: str) -> Decimal | None:
    """'-3.10' with its digits kept; None for what is no finite number."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 10**9 and value.as_tuple().exponent in range(-6, 1) else None


def _figure(record: Record, name: str) -> Decimal:
    figure = number(record.line(name))
    if figure is None:
        raise record.fail(name, "data.number")
    return figure
