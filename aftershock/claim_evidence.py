"""What a claim's small chart shows: the bars around its sessions, and on them the level that was said and the level that was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from aftershock.claims import Checked, Evidence, Kind

AROUND: Final = 12  # sessions before and after
BEFORE_A_RECORD: Final = 120


@dataclass(frozen=True, eq=False, slots=True)
class Backdrop:
    """`bars`: close, low and high by session. `first`..`last`: positions in it of the sessions that count. Prices as in the data, adjusted
    for splits: `base` the close before, `said` what the stated figure comes to, `found` what the session had; None where there is none."""

    bars: pd.DataFrame
    first: int
    last: int
    base: float | None
    said: float | None
    found: float | None


def backdrop(checked: Checked, evidence: Evidence) -> Backdrop | None:
    """The evidence of a claim; None where the data have none of it."""
    claim, found = checked.claim, checked.found
    if found is None:
        return None
    bars = evidence.prices.bars[claim.ticker]
    days = pd.DatetimeIndex([*found.sessions, pd.Timestamp(claim.first), pd.Timestamp(claim.last)])
    position = [int(i) for i in bars.index.get_indexer(days.as_unit("us"))]
    at, end = position[-2], position[-1]
    first, last = _counted(claim.kind, position, at, end)
    earlier = BEFORE_A_RECORD if claim.kind is Kind.RECORD_CLOSE else AROUND
    begin = max(0, min(position) - earlier)
    shown = bars[["close", "low", "high"]].iloc[begin : max(position) + AROUND + 1]
    base = float(bars["close"].iloc[at - 1])
    said, level = _levels(checked, bars, at, base)
    needs_base = claim.kind in (Kind.CLOSE_TO_CLOSE, Kind.DOWN_TO, Kind.UP_TO, Kind.IN_SESSION, Kind.DOLLARS)
    return Backdrop(shown, first - begin, last - begin, base if needs_base else None, said, level)


def _counted(kind: Kind, position: list[int], at: int, end: int) -> tuple[int, int]:
    """The sessions to mark: those that were counted, or those that the claim speaks of."""
    if kind is Kind.SESSIONS_TO_LOSE:  # found.sessions: the close before, and the last session of the loss
        return position[0] + 1, position[1]
    if kind is Kind.SESSION_NUMBER:
        return position[0], position[1]
    return at, end


def _levels(checked: Checked, bars: pd.DataFrame, at: int, base: float) -> tuple[float | None, float | None]:
    """What was said and what was found as prices; a period or a place in a row is none."""
    claim, found = checked.claim, checked.found
    assert found is not None
    stated = float(claim.stated)
    match claim.kind:
        case Kind.CLOSE_TO_CLOSE | Kind.DOWN_TO | Kind.UP_TO:
            return base * (1 + stated / 100), base * (1 + found.value / 100)
        case Kind.IN_SESSION:
            return base * (1 + stated / 100), None
        case Kind.DOLLARS if found.shares is not None:
            per_share = found.shares.billions_split_adjusted
            return base + stated / per_share, base + found.value / per_share
        case Kind.LEVEL | Kind.MARKET_VALUE | Kind.RECORD_CLOSE:
            price = float(bars[claim.field].iloc[at])
            return price * stated / found.value, price
    return None, None
