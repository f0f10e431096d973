"""`study_many`: the study for many pairs at once, a row of numbers or a reason for each."""

from __future__ import annotations

import tempfile
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from aftershock.errors import RequestError
from aftershock.models import EXACT, TOO_LITTLE, ZERO_VARIANCE, Codes, Ints, parameters
from aftershock.panel.paths import Answers, compute
from aftershock.panel.rolling import two_sided_alike
from aftershock.panel.table import Table, blocks
from aftershock.returns import Flags, Floats
from aftershock.study import Reason, StudyDesign

COLUMNS: Final = ("alpha", "beta", "sigma", "n_estimation", "car", "car_se", "t", "p", "reason")
_CODES: Final = ("", *(str(r) for r in Reason))
_REASON: Final = pd.CategoricalDtype(list(_CODES))
CHUNK: Final = 8_192  # pairs at once
ROWS: Final = 64  # tickers at once


def study_many(
    returns: pd.DataFrame | Path,
    benchmark: pd.Series[Any] | npt.ArrayLike | None,
    events: pd.DataFrame,
    design: StudyDesign | None = None,
    executor: Executor | None = None,
    shards: int = 8,
) -> pd.DataFrame:
    """The study of `run_study` for every row of `events`, vectorised; the same numbers to 1e-10.

    `returns`: decimal fractions per session, shape (n_sessions, n_tickers), indexed by session, NaN = missing; or the folder
    that `Table.store` wrote. `benchmark`: shape (n_sessions,), None with a folder. `events`: columns ticker and session;
    categoricals and integer codes (positions in `returns`) are looked up fastest.

    The answer has one row per row of `events`, in their order and with their index: alpha, beta, sigma, n_estimation, car,
    car_se, t, p and `reason`, empty where the numbers stand, else one of `study.Reason` (and NaN). Returns that are missing in
    the estimation window are left out in pairs (n_estimation counts what is left); one that is missing in the event window is a
    reason. Where `run_study` would shorten a window at the end of the data, the reason is window-outside-data. t and p are
    NaN, and `reason` empty, where the model explains every return exactly.

    `executor`: any `concurrent.futures.Executor`, such as a process pool or a Dask client's `get_executor()`. The pairs are cut
    into `shards` blocks of tickers; workers are sent the folder of the stored table and integer codes, never the matrix. Worth
    it from about five million pairs; the folder must be within reach of every worker (of a frame, a temporary one is made).

    RequestError when `events` lacks a column, or the table is not as described.
    """
    design = design or StudyDesign()
    for name in ("ticker", "session"):
        if name not in events.columns:
            raise RequestError("panel-column", name=name, found=", ".join(map(str, events.columns)))
    table = Table.stored(returns) if isinstance(returns, Path) else Table.of(returns, np.nan if benchmark is None else benchmark)
    rows, columns = table.rows(events["ticker"]), table.columns(events["session"])
    known = (rows >= 0) & (columns >= 0)
    if executor is None and known.all():
        made = compute(table.y, table.x, rows, columns, design)
    else:
        made, placed = Answers.none(len(events)), np.flatnonzero(known)
        if executor is None:
            made.take(placed, compute(table.y, table.x, rows[placed], columns[placed], design))
        else:
            with tempfile.TemporaryDirectory() as folder:
                stored = returns if isinstance(returns, Path) else table.store(Path(folder))
                _spread(stored, rows, columns, placed, design, executor, shards, made)
    return _frame(made, _reasons(table, rows, columns, events["session"], made, design), design, events.index)


def _spread(folder: Path, rows: Ints, columns: Ints, placed: Ints, design: StudyDesign, executor: Executor, shards: int,
            made: Answers) -> None:  # fmt: skip
    """Blocks of tickers to the executor's workers, and their answers into place."""
    parts = [placed[part] for part in blocks(rows[placed], shards)]
    asked = [executor.submit(_shard, str(folder), rows[part], columns[part], design) for part in parts]
    for part, answer in zip(parts, asked, strict=True):
        made.take(part, answer.result())


def _shard(folder: str, rows: Ints, columns: Ints, design: StudyDesign) -> Answers:
    """What a worker does: only the rows of its own tickers are read from the disk."""
    table = Table.stored(Path(folder))
    first, last = int(rows.min()), int(rows.max()) + 1
    return compute(np.asarray(table.y[first:last]), table.x, rows - first, columns, design)


def _reasons(table: Table, rows: Ints, columns: Ints, sessions: pd.Series[Any], made: Answers, design: StudyDesign) -> npt.NDArray[np.int8]:
    """A code of `_CODES` for every pair; only pairs without numbers are looked at, and only their tickers' rows are read."""
    codes = np.zeros(len(rows), dtype=np.int8)
    failed = np.flatnonzero(~np.isfinite(made.car))
    if not len(failed):
        return codes
    where = columns.astype(np.float64)
    strange = failed[columns[failed] < 0]
    if len(strange) and not pd.api.types.is_integer_dtype(sessions.dtype):
        days = pd.DatetimeIndex(pd.to_datetime(sessions.iloc[strange])).as_unit(table.sessions.unit)
        between = table.sessions.searchsorted(days) - 0.5  # two sessions, or before the first, or after the last
        where[strange] = np.where(days.isna(), np.nan, between)
    first, last = _quoted(table.y, rows[failed])
    for start in range(0, len(failed), CHUNK):
        s = slice(start, start + CHUNK)
        at = failed[s]
        codes[at] = _why(table, rows[at], columns[at], where[at], first[s], last[s], made.status[at], design)
    return codes


def _why(table: Table, rows: Ints, columns: Ints, where: Floats, first: Ints, last: Ints, status: Codes, design: StudyDesign) -> Any:
    """The first reason that holds, in the order in which `run_study` asks."""
    lo, hi = columns + design.window.first, columns + design.window.last
    no_y, wild_y = _gaps(table.y, rows, lo, hi)
    no_x, wild_x = _gaps(table.x[None, :], np.zeros_like(rows), lo, hi) if design.uses_benchmark else (no_y & False, no_y & False)
    cases = (
        ((rows < 0) | (first > last), Reason.PRICE_MISSING),
        (where < first, Reason.BEFORE_FIRST_PRICE),
        (where > last, Reason.AFTER_LAST_PRICE),
        (columns < 0, Reason.NOT_A_SESSION),
        (hi > last, Reason.WINDOW_OUTSIDE_DATA),
        (status == TOO_LITTLE, Reason.TOO_LITTLE_HISTORY),
        (lo < 0, Reason.WINDOW_OUTSIDE_DATA),
        (wild_y | wild_x, Reason.BAD_PRICE),
        (no_y, Reason.PRICE_MISSING),
        (no_x, Reason.BENCHMARK_MISSING),
        (status == ZERO_VARIANCE, Reason.ZERO_VARIANCE),
    )
    return np.select([case for case, _ in cases], [_CODES.index(str(reason)) for _, reason in cases])


def _quoted(y: Floats, rows: Ints) -> tuple[Ints, Ints]:
    """Positions of the first and last return of each pair's ticker; first > last where there is none."""
    asked = np.zeros(len(y) + 1, dtype=np.bool_)
    asked[rows] = True  # -1, a ticker that is not known, is the last one
    tickers = np.flatnonzero(asked[:-1])
    ends = np.empty((2, len(asked)), dtype=np.int64)
    ends[:] = [[1], [0]]
    for some in (tickers[a : a + ROWS] for a in range(0, len(tickers), ROWS)):
        found = ~np.isnan(y[some])
        any_, last = found.any(axis=1), y.shape[1] - 1 - found[:, ::-1].argmax(axis=1)
        ends[:, some[any_]] = found.argmax(axis=1)[any_], last[any_]
    return ends[0, rows], ends[1, rows]


def _gaps(values: Floats, rows: Ints, lo: Ints, hi: Ints) -> tuple[Flags, Flags]:
    """Whether a window, as far as it lies in the table, lacks a return, and whether it holds an infinite one."""
    at = lo[:, None] + np.arange(int((hi - lo).max(initial=0)) + 1)
    inside = (at >= 0) & (at < values.shape[1]) & (rows >= 0)[:, None]
    found = np.where(inside, values[np.maximum(rows, 0)[:, None], np.where(inside, at, 0)], 0.0)
    return np.asarray(np.isnan(found).any(axis=1)), np.asarray(np.isinf(found).any(axis=1))


def _frame(made: Answers, codes: npt.NDArray[np.int8], design: StudyDesign, index: pd.Index) -> pd.DataFrame:
    """The answer. Its columns are the arrays of `made`, not copies."""
    bad, exact = codes != 0, made.status == EXACT
    if bad.any():
        for numbers in (made.alpha, made.beta, made.sigma, made.car, made.se, made.t):
            numbers[bad] = np.nan
        made.n[bad] = 0
    made.se[exact & ~bad], made.t[exact] = 0.0, np.nan
    p = np.empty(len(codes))
    for s in (slice(a, a + CHUNK) for a in range(0, len(p), CHUNK)):
        p[s] = two_sided_alike(made.t[s], made.n[s] - parameters(design.model))
    values = (made.alpha, made.beta, made.sigma, made.n, made.car, made.se, made.t, p, pd.Categorical.from_codes(codes, dtype=_REASON))
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)), index=index, copy=False)
