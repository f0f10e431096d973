"""Every exhibit of an impact as a tidy frame: what the table beside a chart shows and what its download holds.

Codes and numbers only, decimal fractions, ISO dates as Timestamps; NaN = undefined.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd

from aftershock.dollars import Dollars

if TYPE_CHECKING:
    from aftershock.impact.build import Impact


def tables(impact: Impact) -> dict[str, pd.DataFrame]:
    """Name -> frame: path, ordinary, specifications, anchors, ledger, benchmarks, dollars, split, tests."""
    return {
        "path": impact.path,
        "ordinary": _ordinary(impact),
        "specifications": impact.curve.frame,
        "anchors": impact.curve.by_anchor(),
        "ledger": _ledger(impact),
        "benchmarks": _benchmarks(impact),
        "dollars": _dollars(impact),
        "split": _split(impact),
        "tests": _tests(impact),
    }


def _ordinary(impact: Impact) -> pd.DataFrame:
    """One row per ordinary day, the event last: session, car, t, event (True in the last row)."""
    days = impact.ordinary
    frame = pd.DataFrame({"session": days.sessions, "car": days.cars, "t": days.ts, "event": False})
    own = pd.DataFrame({"session": [impact.session], "car": [days.car], "t": [days.t], "event": [True]})
    own["session"] = own["session"].dt.as_unit("us")
    return pd.concat([frame, own], ignore_index=True)


def _ledger(impact: Impact) -> pd.DataFrame:
    """One row per confounder of each judged window, and one with an empty id for a window that has none."""
    columns = ("window", "status", "id", "kind", "title_en", "title_vi", "session", "offset", "importance", "confounder_status")
    rows: list[tuple[Any, ...]] = []
    for j in impact.judged:
        head = (str(j.window), str(j.ledger.status))
        rows += [
            (*head, c.id, str(c.kind), c.title.en, c.title.vi, c.session, c.offset, c.importance, str(c.status)) for c in j.ledger.entries
        ]
        if not j.ledger.entries:
            rows.append((*head, "", "", "", "", pd.NaT, None, None, ""))
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame.astype({"session": "datetime64[us]", "offset": "Int64", "importance": "Int64"})


def _benchmarks(impact: Impact) -> pd.DataFrame:
    """One row per benchmark, lowest CAR first."""
    names = ("benchmark", "car", "se", "t", "p", "beta", "contains", "benchmark_move", "benchmark_p", "headline")
    return pd.DataFrame([[getattr(r, n) for n in names] for r in impact.benchmarks.readings], columns=list(names))


def _dollars(impact: Impact) -> pd.DataFrame:
    """One row: billions of US dollars, the closes and the share count behind them; `why` where there is none."""
    d = impact.dollars
    columns = (
        "gross_bn", "abnormal_bn", "base_close", "close", "shares_bn", "filed", "form", "as_of", "verification", "placeholder", "why",
    )  # fmt: skip
    if not isinstance(d, Dollars):
        return pd.DataFrame([[None] * 10 + [d.code]], columns=list(columns))
    s = d.shares
    stamps = [_stamp(s.filed), s.form, _stamp(s.as_of), s.verification, s.placeholder, ""]
    return pd.DataFrame([[d.gross, d.abnormal, d.base, d.close, d.billions_of_shares, *stamps]], columns=list(columns))


def _stamp(day: dt.date | None) -> Any:
    return pd.NaT if day is None else pd.Timestamp(day).as_unit("us")


def _split(impact: Impact) -> pd.DataFrame:
    """One row per part of the move: part, session, move (decimal fraction), recovered, why (where there is no number)."""
    columns = ["part", "session", "move", "recovered", "why"]
    s = impact.split
    if s is None:
        return pd.DataFrame(columns=columns)
    parts = (("overnight", s.overnight), ("in-session", s.in_session), ("total", s.total))
    rows: list[tuple[Any, ...]] = [(name, s.session, move, float("nan"), "") for name, move in parts]
    nan = float("nan")
    rows += [
        (f"+{x.sessions}", x.session, nan if x.change is None else x.change, nan if x.recovered is None else x.recovered, x.why)
        for x in s.later
    ]
    return pd.DataFrame(rows, columns=columns).astype({"session": "datetime64[us]"})


def _tests(impact: Impact) -> pd.DataFrame:
    """One row per judged window: the CAR, both yardsticks, the smallest detectable move and the verdict."""
    rows = []
    for j in impact.judged:
        o, days, v = j.outcome, j.ordinary, j.verdict
        rows.append(
            {
                "window_first": o.window.first, "window_last": o.window.last, "car": o.car, "se": o.se, "t": o.t, "df": o.fit.df,
                "p_t": o.p, "low": o.low, "high": o.high, "n_estimation": o.fit.n,
                "alpha": o.fit.alpha, "beta": o.fit.beta, "sigma": o.fit.sigma,
                "as_extreme": days.as_extreme, "of": days.of, "first": days.first, "last": days.last, "p_ordinary": days.p,
                "p_ordinary_scaled": days.p_scaled, "smallest_ordinary": v.smallest_ordinary, "smallest_t": v.smallest_t,
                "smallest": v.smallest, "matters": v.matters, "still_possible": v.still_possible,
                "verdict": str(v.state), "doubt": str(v.doubt), "ledger": str(j.ledger.status),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
