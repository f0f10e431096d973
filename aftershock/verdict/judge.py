"""The verdict: more than noise, cannot tell, or within noise. It is never forced.

Two yardsticks judge the same CAR, because each misses something that the other has. *Ordinary days* know how fat the tails of this
series are, but take every year as equally calm. The *t of the market model* knows how calm the months before the event were, but takes
returns as normal. The smallest move that a design can call is the larger of their two thresholds, `smallest`.

    more-than-noise  p < 0.05 by both.
    within-noise     not significant by either; the move is a usual one (at least one ordinary day in five moved as much, p >= 0.20);
                     and the design can rule out a move that matters: |CAR| + smallest <= MATTERS. This is an equivalence test as an
                     interval (Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15): "not significant" alone is
                     no evidence of "nothing happened".
    cannot-tell      everything else, with the reason.

MATTERS is a convention: 10 % for a share, 3 % for an index, over the whole window. It is large on purpose. What the rule then
says is "a move of that size is ruled out", and `still_possible` says how large a move is not.

Where the hour of the news is unknown, two sessions could hold the reaction; the level is shared between them (Bonferroni: 0.025 each), and
a reaction in the other session is a reason not to tell. A contaminated window (see `ledger`) gives cannot-tell whatever the numbers:
another known cause is in it. A shared one does not: the question is whether the *move* was more than noise, and the ledger says with what
other news it is shared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aftershock.significance.distributions import t_quantile
from aftershock.study import Outcome
from aftershock.verdict.ledger import Status
from aftershock.verdict.ordinary import Ordinary

ALPHA: Final = 0.05
CENTRAL: Final = 0.20
MATTERS: Final = {"share": 0.10, "index": 0.03}


class State(StrEnum):
    """The three answers. Words: `verdict.<code>`."""

    MORE_THAN_NOISE = "more-than-noise"
    CANNOT_TELL = "cannot-tell"
    WITHIN_NOISE = "within-noise"


class Doubt(StrEnum):
    """Why we cannot tell. Words: `doubt.<code>`."""

    NONE = ""
    NOTHING_TO_TEST = "nothing-to-test"  # the benchmark explains the series exactly
    TOO_FEW_ORDINARY_DAYS = "too-few-ordinary-days"
    CONTAMINATED = "contaminated"
    HOUR_UNKNOWN = "hour-unknown"  # the answer depends on which of two sessions it was
    YARDSTICKS_DISAGREE = "yardsticks-disagree"  # one of the two calls it, the other does not
    BORDERLINE = "borderline"  # not significant, but not usual either
    TOO_NOISY = "too-noisy"  # a move that matters could hide in the noise


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer and what it rests on. Moves are decimal fractions, p two-sided; NaN where undefined.

    `p_ordinary`, `p_t`: the two yardsticks. `smallest_ordinary`, `smallest_t`: the |CAR| that each could have called at 5 %; `smallest`
    the larger of them. `matters`: the move that the design must be able to rule out before it says within-noise; `still_possible`:
    |CAR| + smallest, the largest move that it does not rule out. `significant`: p < 0.05 (or its share of it) by both yardsticks.
    """

    state: State
    doubt: Doubt
    p_ordinary: float
    p_t: float
    smallest_ordinary: float
    smallest_t: float
    matters: float
    still_possible: float
    significant: bool

    @property
    def smallest(self) -> float:
        """The smallest |CAR| that this design could have called at 5 %."""
        return _larger(self.smallest_ordinary, self.smallest_t)


def kind_of(ticker: str) -> str:
    """'index' for a symbol that begins with a circumflex, else 'share'."""
    return "index" if ticker.startswith("^") else "share"


def judge(outcome: Outcome, ordinary: Ordinary, *, status: Status = Status.CLEAN, elsewhere: Sequence[float] = ()) -> Verdict:
    """The verdict on one outcome. `elsewhere`: for each other session that could hold the reaction, the larger of its two p-values."""
    level = ALPHA / (1 + len(elsewhere))
    by_days, by_t = ordinary.p, outcome.p
    smallest_t = math.nan if outcome.fit.exact else t_quantile(1 - ALPHA / 2, outcome.fit.df) * outcome.se
    matters, possible = MATTERS[kind_of(outcome.observation.ticker)], abs(outcome.car) + _larger(ordinary.smallest, smallest_t)
    significant = max(by_days, by_t) < level
    doubt = Doubt.NONE
    if math.isnan(by_t):
        doubt = Doubt.NOTHING_TO_TEST
    elif not ordinary.enough:
        doubt = Doubt.TOO_FEW_ORDINARY_DAYS
    elif status is Status.CONTAMINATED:
        doubt = Doubt.CONTAMINATED
    elif not significant:
        doubt = _why_not(by_days, by_t, level, elsewhere, possible <= matters)
    state = State.CANNOT_TELL if doubt else State.MORE_THAN_NOISE if significant else State.WITHIN_NOISE
    return Verdict(state, doubt, by_days, by_t, ordinary.smallest, smallest_t, matters, possible, significant)


def _larger(a: float, b: float) -> float:
    return math.nan if math.isnan(a) or math.isnan(b) else max(a, b)


def _why_not(by_days: float, by_t: float, level: float, elsewhere: Sequence[float], ruled_out: bool) -> Doubt:
    """What keeps a move that is not significant from being called within noise; NONE when nothing does."""
    if any(p < level for p in elsewhere) or level <= max(by_days, by_t) < ALPHA:
        return Doubt.HOUR_UNKNOWN
    if min(by_days, by_t) < ALPHA:
        return Doubt.YARDSTICKS_DISAGREE
    if by_days < CENTRAL:
        return Doubt.BORDERLINE
    return Doubt.NONE if ruled_out else Doubt.TOO_NOISY
