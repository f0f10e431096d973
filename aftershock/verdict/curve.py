"""The specification curve: the same question under every reasonable choice, so that nobody has to trust ours.

Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4. The choices:

    model        market, market-adjusted, mean-adjusted (which has no benchmark)
    benchmark    every index among the prices but the series itself, and the ex-self basket where there is one
    estimation   60, 120 and 250 sessions, ending 11 or 31 sessions before the event
    window       [0, 0], [0, +1], [-1, +1]
    returns      simple, log
    anchor       the reaction session; where the hour is unknown, also the next one; where the market was closed, also the previous one

and the design's own estimation window and event window where they are others. A choice *agrees* with the headline when it gives the same
answer: significant with the same sign, or not significant either; significant = p < 0.05 by the t and by the ordinary days of that very
choice. The choices are not independent, so the share that agrees is a measure of robustness and not a p-value. An anchor before the
news ('previous') is drawn and not counted: a session cannot react to what was not yet known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from aftershock.models import Fits, Ints, Model
from aftershock.panel import Rolling, two_sided
from aftershock.returns import Floats, Returns
from aftershock.sessions import Reaction
from aftershock.study import StudyDesign, Window
from aftershock.verdict.judge import ALPHA
from aftershock.verdict.ordinary import TIE, ordinary_mask

LENGTHS: Final = (60, 120, 250)
GAPS: Final = (10, 30)
WINDOWS: Final = (Window(0, 0), Window(0, 1), Window(-1, 1))
Choice: TypeAlias = tuple[Model, Returns, str, Window]
# (choice, event window, CAR, error, degrees of freedom and count of as extreme days at each anchor, N)
Block: TypeAlias = tuple[Choice, Window, Floats, Floats, Ints, Ints, int]
COLUMNS: Final = (
    "model", "returns", "benchmark", "length", "gap", "window_first", "window_last", "anchor", "session", "car", "se", "t", "df", "p",
    "as_extreme", "of", "p_ordinary", "sign", "significant", "agrees", "counted", "headline",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Anchor:
    """A session that could be session 0. `code`: reaction, next or previous; `position` among the series' sessions."""

    code: str
    session: pd.Timestamp
    position: int

    @property
    def counted(self) -> bool:
        """False before the news."""
        return self.code != "previous"


def anchors(reaction: Reaction, session: pd.Timestamp, days: pd.DatetimeIndex) -> tuple[Anchor, ...]:
    """The reaction session first; then the next one where the hour is unknown, the previous one where the market was closed."""
    at = int(days.searchsorted(session))
    found = [Anchor("reaction", session, at)]
    if reaction.uncertain and at + 1 < len(days):
        found.append(Anchor("next", days[at + 1], at + 1))
    if reaction.code == "market-closed" and at >= 1:
        found.append(Anchor("previous", days[at - 1], at - 1))
    return tuple(found)


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """All choices as a frame, one row each, sorted by CAR; columns: COLUMNS, decimal fractions, `benchmark` empty for mean-adjusted.

    `agree` of `of` counted choices give the headline's answer. `failed`: choices without a number (too little history before the
    event, or the end of the data), which are in no row.
    """

    frame: pd.DataFrame
    agree: int
    of: int
    failed: int

    @property
    def share(self) -> float:
        """The part that agrees; NaN when no choice could be computed."""
        return self.agree / self.of if self.of else float("nan")

    def in_window(self, window: Window) -> tuple[int, int]:
        """(agree, of) among the counted choices with that event window."""
        f = self.frame
        part = f[f["counted"] & (f["window_first"] == window.first) & (f["window_last"] == window.last)]
        return int(part["agrees"].sum()), len(part)

    def by_anchor(self) -> pd.DataFrame:
        """The headline's own choice at every anchor: columns as in `frame`, one row per anchor."""
        return self.frame[self.frame["headline"]].sort_values("counted", ascending=False).reset_index(drop=True)


@dataclass(frozen=True, eq=False, slots=True)
class Material:
    """What a curve is made from. `series[returns]`: returns of the ticker, shape (n,); `benchmarks[name][returns]`: likewise.

    `touched`: positions that events touched (see `ordinary`); `own`: the event's own position.
    """

    days: pd.DatetimeIndex
    series: Mapping[Returns, Floats]
    benchmarks: Mapping[str, Mapping[Returns, Floats]]
    touched: Ints
    own: int


def specification_curve(material: Material, design: StudyDesign, places: Sequence[Anchor], *, significant: bool, sign: int) -> Curve:
    """Every choice at every anchor. `significant` and `sign` are the headline's answer, by the design's own numbers."""
    windows = tuple(dict.fromkeys((design.window, *WINDOWS)))
    masks = {w: ordinary_mask(len(material.days), material.touched, material.own, w) for w in windows}
    at = np.array([a.position for a in places])
    blocks: list[Block] = []
    with np.errstate(invalid="ignore", divide="ignore"):  # choices without a fit: NaN, sorted out below
        for choice, rolling, fits in _fits(material, design):
            for window in windows:
                if not choice[3].meets(window):
                    moves = rolling.moves(fits, window)
                    car, size = moves[at], np.abs(moves[masks[window]])
                    own = np.abs(car) * (1 - TIE)
                    # NaN compares as False: a day without a number is neither counted nor as extreme
                    extreme = np.array([np.count_nonzero(size >= move) for move in own])
                    errors, total = rolling.errors(fits, window, at), int(np.count_nonzero(size >= 0))
                    blocks.append((choice, window, car, errors, fits.df[at], extreme, total))
    frame = _frame(blocks, places, material.days, design)
    there = np.isfinite(frame["t"].to_numpy())
    failed = int((~there).sum())
    frame = frame[there].sort_values("car", kind="stable").reset_index(drop=True)
    same = (frame["significant"] == significant) & ((frame["sign"] == sign) | (not significant))
    frame["agrees"] = same
    counted = frame["counted"].to_numpy(dtype=bool)
    return Curve(frame[list(COLUMNS)], int((same & counted).sum()), int(counted.sum()), failed)


def _estimations(design: StudyDesign) -> tuple[Window, ...]:
    made = [Window(-gap - length, -gap - 1) for length in LENGTHS for gap in GAPS]
    return tuple(dict.fromkeys((design.estimation, *made)))


def _fits(material: Material, design: StudyDesign) -> Iterator[tuple[Choice, Rolling, Fits]]:
    """Every (model, returns, benchmark, estimation) with its fits at all sessions."""
    for kind, y in material.series.items():
        sides: list[tuple[str, Floats, tuple[Model, ...]]] = [("", y, (Model.MEAN_ADJUSTED,))]
        sides += [(name, x[kind], (Model.MARKET, Model.MARKET_ADJUSTED)) for name, x in material.benchmarks.items()]
        for name, x, models in sides:
            rolling = Rolling(y, x)
            for estimation in _estimations(design):
                for model in models:
                    needed = max(len(estimation) // 2, 10)
                    yield (model, kind, name, estimation), rolling, rolling.fits(estimation, model, needed)


def _frame(blocks: list[Block], places: Sequence[Anchor], days: pd.DatetimeIndex, design: StudyDesign) -> pd.DataFrame:
    """The blocks as rows; `agrees` is filled by the caller."""
    k = len(places)
    own = (design.model, design.returns, design.benchmark if design.uses_benchmark else "", design.estimation)
    car, se, df = (np.array([b[i] for b in blocks], dtype=np.float64).ravel() for i in (2, 3, 4))
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(se > 0, car / se, np.nan)
    extreme = np.array([b[5] for b in blocks], dtype=np.int64).ravel()
    total = np.repeat(np.array([b[6] for b in blocks], dtype=np.int64), k)
    p, ordinary = two_sided(t, df), (1 + extreme) / (1 + total)

    def each(values: list[Any]) -> list[Any]:
        return [v for v in values for _ in range(k)]

    return pd.DataFrame(
        {
            "model": each([str(b[0][0]) for b in blocks]),
            "returns": each([str(b[0][1]) for b in blocks]),
            "benchmark": each([b[0][2] for b in blocks]),
            "length": each([len(b[0][3]) for b in blocks]),
            "gap": each([-b[0][3].last - 1 for b in blocks]),
            "window_first": each([b[1].first for b in blocks]),
            "window_last": each([b[1].last for b in blocks]),
            "anchor": [a.code for a in places] * len(blocks),
            "session": pd.DatetimeIndex([a.session for a in places] * len(blocks)).as_unit("us"),
            "car": car, "se": se, "t": t, "df": df, "p": p, "as_extreme": extreme, "of": total, "p_ordinary": ordinary,
            "sign": np.sign(car), "significant": np.maximum(p, ordinary) < ALPHA,
            "counted": [a.counted for a in places] * len(blocks),
            "headline": each([b[0] == own and b[1] == design.window for b in blocks]),
        }
    )  # fmt: skip
