"""One series and one design, ready to judge any event on it: its returns, the design at every session, and the events around."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from aftershock.events import Event
from aftershock.models import Fits, Ints
from aftershock.panel import Rolling
from aftershock.reference import FomcDecision
from aftershock.returns import Closes, Pair, pair
from aftershock.sessions import Reaction
from aftershock.significance.distributions import t_two_sided
from aftershock.study import Outcome, StudyDesign, Window
from aftershock.verdict.curve import Anchor, anchors
from aftershock.verdict.judge import Verdict, judge
from aftershock.verdict.ledger import Ledger, ledger
from aftershock.verdict.ordinary import Ordinary, ordinary_days, ordinary_mask, touched_positions


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """One event window: the study's outcome, its ordinary days, the ledger and the verdict."""

    window: Window
    outcome: Outcome
    ordinary: Ordinary
    ledger: Ledger
    verdict: Verdict


@dataclass(frozen=True, eq=False, slots=True)
class Setting:
    """Make it with `Setting.of`. `touched`: positions in `series.sessions` that an event which concerns the ticker could have moved;
    `fits`: the design fitted before every session. One setting serves every event and every event window of the same ticker and design."""

    design: StudyDesign
    series: Pair
    rolling: Rolling
    fits: Fits
    touched: Ints
    happenings: Sequence[tuple[Event, Reaction]]
    decisions: Sequence[FomcDecision]

    @classmethod
    def of(
        cls,
        closes: Closes,
        ticker: str,
        design: StudyDesign,
        happenings: Iterable[tuple[Event, Reaction]],
        decisions: Iterable[FomcDecision] = (),
    ) -> Setting:
        """The setting of a ticker. `happenings`: every event that may matter, with its session. KeyError when a series has no prices."""
        series = pair(closes, ticker, design.benchmark if design.uses_benchmark else ticker, design.returns)
        rolling = Rolling(series.y, series.x)
        known = tuple(happenings)
        touched = touched_positions(known, ticker, series.sessions)
        return cls(design, series, rolling, rolling.fits(design.estimation, design.model, design.needed), touched, known, tuple(decisions))

    def position(self, outcome: Outcome) -> int:
        """Where session 0 stands among the series' sessions."""
        return int(self.series.sessions.searchsorted(outcome.observation.session))

    def places(self, outcome: Outcome, reaction: Reaction) -> tuple[Anchor, ...]:
        """The sessions that could be meant, session 0 first."""
        return anchors(reaction, outcome.observation.session, self.series.sessions)

    def judge(self, event: Event, reaction: Reaction, outcome: Outcome) -> Judged:
        """The outcome of one event and one event window, judged. The window is the outcome's own: shorter at the end of the data."""
        window, days, own = outcome.window, self.series.sessions, self.position(outcome)
        cars = self.rolling.cars(self.fits, window)
        mask = ordinary_mask(len(days), self.touched, own, window)
        usual = ordinary_days(cars, mask, days, outcome.car, outcome.t)
        book = ledger(event, outcome.observation.ticker, own, days, self.design, window, self.happenings, self.decisions)
        elsewhere = []
        for place in self.places(outcome, reaction)[1:]:
            if place.counted and np.isfinite(cars.t[place.position]):
                there = ordinary_days(cars, mask, days, float(cars.car[place.position]), float(cars.t[place.position]))
                elsewhere.append(max(there.p, t_two_sided(there.t, outcome.fit.df)))
        return Judged(window, outcome, usual, book, judge(outcome, usual, status=book.status, elsewhere=elsewhere))
