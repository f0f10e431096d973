"""Events by the million over a reader's closes: a block of rows -> a frame of numbers and reasons, by `panel.study_many`.

What an event means is decided as in `plan`, and the numbers are those of `run_study`. Two things are simpler: a window that the data end
in is a reason instead of a shorter window, and events are not held against each other, which would need all of them at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from aftershock.errors import RequestError
from aftershock.events import Timing
from aftershock.panel import study_many
from aftershock.returns import Closes, Floats
from aftershock.sessions import Calendar, Rule, timing_at
from aftershock.study import Observation, Reason, StudyDesign
from aftershock.text import Words
from aftershock.userdata.plan import Grid, UserEvent, observe_on
from aftershock.userdata.stream import Numbered
from aftershock.userdata.understanding import Rejected

REJECTED: Final = "rejected"  # beside the reasons: a row that could not be read
NUMBERS: Final = ("n_estimation", "alpha", "beta", "sigma", "car", "car_se", "t", "p")
COLUMNS: Final = ("row", "event_id", "ticker", "published", "session", *NUMBERS, "excluded", "field", "message")
_ASKED: Final = ("row", "event_id", "ticker", "published", "session", "panel", "code", "excluded", "field", "message")
_NOWHERE: Final = np.datetime64("NaT", "us")


@dataclass(frozen=True, eq=False, slots=True)
class Panel:
    """The series that keep the same sessions: their returns, (n_sessions, n_tickers), infinite where a close cannot be a price, and the
    benchmark's, (n_sessions,)."""

    grid: Grid
    returns: pd.DataFrame
    benchmark: Floats


class Panels:
    """All series of some closes, by the sessions that they keep, ready for any number of blocks. RequestError without the benchmark."""

    def __init__(self, closes: Closes, design: StudyDesign, calendar: Calendar, rule: Rule) -> None:
        if design.uses_benchmark and design.benchmark not in closes.tickers:
            raise RequestError("unknown-ticker", ticker=design.benchmark, known=", ".join(closes.tickers[:20]))
        self.design, self.calendar, self.rule = design, calendar, rule
        alike: dict[bytes, list[str]] = {}
        for ticker in closes.tickers:
            days = closes.sessions.get(ticker)
            alike.setdefault(b"" if days is None else days.to_numpy().tobytes(), []).append(ticker)
        self.panels = [_panel(closes, names, design, calendar) for names in alike.values()]
        self.at = {name: (number, row) for number, names in enumerate(alike.values()) for row, name in enumerate(names)}
        self.exchange = Grid.of(calendar.sessions, calendar)
        self.places: dict[tuple[int, dt.date, Timing], np.datetime64 | Reason] = {}

    def study(self, block: Sequence[Numbered], tickers: Sequence[str], say: Words) -> pd.DataFrame:
        """COLUMNS for every pair that the rows ask for, in their order: numbers, or a reason in `excluded`. `tickers` are studied for every
        event besides its own. A row that could not be read is one line with its field and a sentence."""
        asked = [pair for number, row in block for pair in self._pairs(number, row, tickers, say)]
        found = pd.DataFrame(asked, columns=list(_ASKED))
        panels, reasons = found["panel"].to_numpy(), found["excluded"].to_numpy(dtype=object, copy=True)
        numbers, studied = np.full((len(found), len(NUMBERS)), np.nan), reasons == ""
        for number in np.unique(panels[studied]):
            mine = np.flatnonzero(studied & (panels == number))
            panel, pairs = self.panels[number], found.iloc[mine]
            events = pd.DataFrame({"ticker": pairs["code"].to_numpy(), "session": pairs["session"].to_numpy("datetime64[us]")})
            with np.errstate(all="ignore"):  # of infinite returns
                made = study_many(panel.returns, panel.benchmark, events, self.design)
            numbers[mine], reasons[mine] = made[list(NUMBERS)].to_numpy(np.float64), made["reason"].astype(str)
        left_out = reasons != ""
        numbers[left_out] = np.nan
        found["session"] = np.where(left_out, _NOWHERE, found["session"].to_numpy("datetime64[us]"))
        return found.assign(excluded=reasons, **dict(zip(NUMBERS, numbers.T, strict=True)))[list(COLUMNS)]

    def _pairs(self, number: int, row: UserEvent | Rejected, tickers: Sequence[str], say: Words) -> list[tuple[object, ...]]:
        if isinstance(row, Rejected):
            return [(number, "", "", "", _NOWHERE, -1, -1, REJECTED, row.field, row.in_words(say))]
        day = row.moment.isoformat()[:10] if row.moment else ""
        names = dict.fromkeys([*row.tickers, *tickers]) or [""]
        return [(number, row.id, name, day, *self._place(row, name), "", "") for name in names]

    def _place(self, event: UserEvent, ticker: str) -> tuple[np.datetime64, int, int, str]:
        """(session, panel, code, reason) of one pair."""
        panel, code = self.at.get(ticker, (-1, -1))
        place = self._session(event, panel) if ticker else Reason.PRICE_MISSING
        if isinstance(place, Reason) or panel < 0:
            return _NOWHERE, -1, -1, str(place if isinstance(place, Reason) else Reason.PRICE_MISSING)
        return place, panel, code, ""

    def _session(self, event: UserEvent, panel: int) -> np.datetime64 | Reason:
        """The reaction session on the days of a panel (of the exchange where there is none); few days and hours differ, so it is kept."""
        stamp = event.moment if isinstance(event.moment, dt.datetime) else None
        day = stamp.date() if stamp else event.moment
        assert day is not None
        key = (panel, day, timing_at(day, stamp.time() if stamp else None, self.calendar))
        if key not in self.places:
            known = event.as_event(self.calendar)
            assert known is not None
            grid = self.panels[panel].grid if panel >= 0 else self.exchange
            answer = observe_on(grid, known, "", self.calendar, self.rule)
            self.places[key] = answer.session.to_datetime64() if isinstance(answer, Observation) else answer.reason
        return self.places[key]


def _panel(closes: Closes, names: Sequence[str], design: StudyDesign, calendar: Calendar) -> Panel:
    """Series that keep the same sessions, on those that the benchmark keeps too."""
    days = closes.grid(names[0], design.benchmark if design.uses_benchmark else names[0])
    rows = closes.frame.index.get_indexer(days)
    y = np.empty((len(names), len(days)))
    for row, name in zip(y, names, strict=True):
        row[:] = closes.returns(name, days, design.returns)
        bad = closes.bad[name].to_numpy(dtype=bool)[rows]
        row[bad] = np.inf
        row[1:][bad[:-1]] = np.inf
    x = closes.returns(design.benchmark, days, design.returns) if design.uses_benchmark else np.full(len(days), np.nan)
    return Panel(Grid.of(days, calendar), pd.DataFrame(y.T, days, list(names), copy=False), x)


def tally(found: pd.DataFrame) -> Mapping[str, int]:
    """How many pairs of a block were computed (under the empty reason) and left out, by reason."""
    return {str(reason): int(n) for reason, n in found["excluded"].value_counts().items()}
