"""How often does each test cry wolf? Events are put on random ordinary sessions of the real series, where nothing of ours happened.

    python -m benchmarks.calibration [--draws 4000] [--seed 20250127]

A test with a nominal 5 % should say 'significant' in 5 of 100 of them. How often it does is its size. It goes into
aftershock/calibration.json, where the application reads it, and as a table into benchmarks/RESULTS.md. A run takes ten minutes or so.

Single events: every ordinary session of every series, once. Groups: `draws` random samples of 5, 15 and 30 events on ordinary sessions of
the three series that have a benchmark. *Apart*: events of one series, no two event windows share a session. *Shared*: each session is an
event of all three series, as when one piece of news is about several of them.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from aftershock.calibration import FILE, HIGH, LOW
from aftershock.impact import material_of
from aftershock.models import OK
from aftershock.panel import two_sided
from aftershock.returns import Floats
from aftershock.significance import Sample, all_tests
from aftershock.significance.distributions import t_quantile
from aftershock.study import StudyDesign, Window
from aftershock.verdict import Material, Setting, ordinary_mask, specification_curve
from aftershock.verdict.curve import Anchor
from aftershock.workspace import Workspace
from benchmarks.results import put

SEED = 20250127
DRAWS = 4000
CURVES = 300  # specification curves per series and window: each is 180 choices
SERIES = ("NVDA", "AMD", "^IXIC")
WINDOWS = (Window(0, 0), Window(-1, 1))
SIZES = (5, 15, 30)
ALPHA = 0.05
HEADING = "## Calibration of the tests"
Places: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stock:
    """One series and one window, with the design at every session: what samples are drawn from. `places`: its ordinary sessions."""

    setting: Setting
    window: Window
    car: Floats
    se: Floats
    t: Floats
    places: Places
    material: Material

    @classmethod
    def of(cls, workspace: Workspace, ticker: str, window: Window) -> Stock:
        """The series on ^GSPC by the market model, as the pages do by default."""
        design = StudyDesign(window=window)
        happenings = [(e, workspace.reactions[e.id]) for e in workspace.events]
        setting = Setting.of(workspace.closes, ticker, design, happenings)
        cars = setting.rolling.cars(setting.fits, window)
        days = setting.series.sessions
        mask = ordinary_mask(len(days), setting.touched, -len(days), window)  # there is no event of its own to keep away from
        places = np.flatnonzero(mask & np.isfinite(cars.t) & (setting.fits.status == OK))
        return cls(setting, window, cars.car, cars.se, cars.t, places, material_of(workspace.closes, setting, 0))


# -- single events ---------------------------------------------------------------------------------------------------


def single(stock: Stock, ticker: str, rng: np.random.Generator, curves: int) -> list[dict[str, Any]]:
    """The t of the CAR, the ordinary days, both together (the verdict's rule), and the specification curve, on single sessions."""
    cars, t = stock.car[stock.places], stock.t[stock.places]
    df = stock.setting.fits.df[stock.places].astype(float)
    by_t = two_sided(t, df) < ALPHA
    p_days, p_scaled = (_leave_out(values, stock) for values in (stock.car, stock.t))
    found = [
        _row("t", by_t), _row("ordinary-days", p_days < ALPHA), _row("ordinary-days-scaled", p_scaled < ALPHA),
        _row("both", by_t & (p_days < ALPHA)),
    ]  # fmt: skip
    reach = np.array([t_quantile(1 - ALPHA / 2, d) for d in df]) * stock.se[stock.places]
    found[0]["coverage"] = round(float((np.abs(cars) <= reach).mean()), 4)  # the true abnormal return is zero here
    if curves:
        picked = rng.choice(stock.places, size=min(curves, len(stock.places)), replace=False)
        found.append(_row("specification-curve", np.array([_most(stock, int(p)) for p in picked])))
    return [{"series": ticker, "window": list(stock.window), **row} for row in found]


def _leave_out(values: Floats, stock: Stock) -> Floats:
    """The ordinary-days p of every ordinary session against the others whose windows do not overlap with its own."""
    size, places = np.abs(values[stock.places]), stock.places
    p = np.empty(len(places))
    for i, at in enumerate(places):
        others = np.abs(places - at) >= len(stock.window)
        p[i] = (1 + (size[others] >= size[i]).sum()) / (1 + others.sum())
    return p


def _most(stock: Stock, position: int) -> bool:
    """True when more than half of the choices call an ordinary session significant, all with one sign."""
    days = stock.setting.series.sessions
    place = Anchor("reaction", days[position], position)
    sign = int(np.sign(stock.car[position]))
    curve = specification_curve(replace(stock.material, own=position), stock.setting.design, [place], significant=True, sign=sign)
    return curve.agree > curve.of / 2


Draw: TypeAlias = Callable[[list[Stock], int, np.random.Generator], list[tuple[Stock, int]]]


# -- groups of events ------------------------------------------------------------------------------------------------


def apart(stocks: list[Stock], n: int, rng: np.random.Generator) -> list[tuple[Stock, int]]:
    """N events of one series, no two windows with a session in common."""
    stock = stocks[rng.integers(len(stocks))]
    return [(stock, place) for place in _spread(stock.places, n, len(stock.window), rng)]


def shared(stocks: list[Stock], n: int, rng: np.random.Generator) -> list[tuple[Stock, int]]:
    """N events on sessions that are ordinary for every series, each session an event of all of them (the last of fewer)."""
    common = stocks[0].places
    for stock in stocks[1:]:
        common = np.intersect1d(common, stock.places)
    sessions = _spread(common, math.ceil(n / len(stocks)), len(stocks[0].window), rng)
    return [(stock, place) for place in sessions for stock in stocks][:n]


def _spread(places: Places, n: int, length: int, rng: np.random.Generator) -> list[int]:
    """N random places with at least `length` sessions from one to the next."""
    taken: list[int] = []
    for place in rng.permutation(places):
        if all(abs(int(place) - other) >= length for other in taken):
            taken.append(int(place))
            if len(taken) == n:
                return taken
    raise ValueError(f"no room for {n} windows of {length}")


def sample(events: list[tuple[Stock, int]]) -> Sample:
    """The events as `run_study` would hand them to the tests (compared in tests/test_calibration.py)."""
    estimation, window = events[0][0].setting.design.estimation, events[0][0].window
    past, around = np.arange(estimation.first, estimation.last + 1), np.arange(window.first, window.last + 1)
    residuals, abnormal, days, history, numbers = [], [], [], [], []
    for stock, place in events:
        s, f = stock.setting.series, stock.setting.fits
        rest = [s.y[place + offsets] - f.alpha[place] - f.beta[place] * s.x[place + offsets] for offsets in (past, around)]
        residuals.append(rest[0])
        abnormal.append(rest[1])
        history.append(place + past)
        days.append(place + around)
        numbers.append((rest[1].sum(), stock.se[place], f.df[place], f.sigma[place]))
    car, se, df, sigma = np.array(numbers).T
    return Sample(car, se, df.astype(np.int64), sigma, np.array(abnormal), np.array(residuals), np.array(days), np.array(history))


def groups(stocks: list[Stock], draw: Draw, n: int, draws: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """The size of every test over `draws` samples of n events."""
    said: dict[str, list[bool]] = defaultdict(list)
    for _ in range(draws):
        for result in all_tests(sample(draw(stocks, n, rng))):
            if math.isfinite(result.p):
                said[str(result.test)].append(result.p < ALPHA)
    facts = {"n": n, "shared": draw is shared, "length": len(stocks[0].window)}
    return [facts | _row(test, np.array(rejected)) for test, rejected in said.items()]


def _row(test: str, rejected: npt.NDArray[np.bool_]) -> dict[str, Any]:
    size, n = float(rejected.mean()), len(rejected)
    return {"test": test, "size": round(size, 4), "se": round(math.sqrt(size * (1 - size) / n), 4), "draws": n}


# -- the run ---------------------------------------------------------------------------------------------------------


def simulate(workspace: Workspace, *, seed: int = SEED, draws: int = DRAWS, curves: int = CURVES, sizes: Iterable[int] = SIZES,
             windows: Iterable[Window] = WINDOWS, tell: Callable[[str], None] = lambda _: None) -> dict[str, Any]:  # fmt: skip
    """Everything, as it is written to the file. The same seed and data give the same figures."""
    rng = np.random.default_rng(seed)
    alone: list[dict[str, Any]] = []
    together: list[dict[str, Any]] = []
    for window in windows:
        stocks = [Stock.of(workspace, ticker, window) for ticker in SERIES]
        for stock, ticker in zip(stocks, SERIES, strict=True):
            alone += single(stock, ticker, rng, curves)
            tell(f"{ticker} {window}: single events")
        for n in sizes:
            for draw in (apart, shared):
                together += groups(stocks, draw, n, draws, rng)
                tell(f"{window}: {draws} samples of {n} events, {draw.__name__}")
    return {
        "seed": seed,
        "date": str(workspace.last),
        "data_sha256": workspace.prices.provenance.sha256,
        "draws": draws,
        "curves": curves,
        "single": alone + _pooled(alone),
        "groups": together,
    }


def _pooled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The single tests over all series together, each session counting once."""
    found = []
    for window, test in dict.fromkeys((tuple(r["window"]), r["test"]) for r in rows):
        parts = [r for r in rows if tuple(r["window"]) == window and r["test"] == test]
        n = sum(r["draws"] for r in parts)
        size = sum(r["size"] * r["draws"] for r in parts) / n
        row = {"series": "all", "window": list(window), "test": test, "size": round(size, 4), "draws": n}
        row["se"] = round(math.sqrt(size * (1 - size) / n), 4)
        if test == "t":
            row["coverage"] = round(sum(r["coverage"] * r["draws"] for r in parts) / n, 4)
        found.append(row)
    return found


def table(run: dict[str, Any]) -> list[str]:
    """The run as lines of Markdown."""
    prices = f"prices to {run['date']} (sha256 {run['data_sha256'][:12]})"
    lines = [
        "`make calibration`: events on random ordinary sessions of the real series, where nothing of ours happened; "
        f"seed {run['seed']}, {prices}. A test with a nominal 5 % should reject 5 %. "
        "Bold: outside 4-6 %, shown as such, never in a headline. In brackets the Monte Carlo standard error.",
        "",
        "Single events: market model on ^GSPC, estimation [-130, -11], every ordinary session once. `t`: Student's t of the CAR with its "
        "exact prediction error; `ordinary-days`: rank among the other ordinary days, which is 5 % by its making; `scaled`: the same with "
        "each CAR in its own standard error; `both`: t and ordinary days, the rule of *more than noise*; `curve`: more than half of "
        f"the choices significant with one sign ({run['curves']} sessions).",
        "",
        "| series | window | sessions | t | coverage of its 95 % interval | ordinary-days | scaled | both | curve |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    keyed = {(r["series"], tuple(r["window"]), r["test"]): r for r in run["single"]}
    for series, window in dict.fromkeys((s, w) for s, w, _ in keyed):
        t = keyed[series, window, "t"]
        cells = [_cell(keyed.get((series, window, name)), mark=name != "both" and name != "specification-curve") for name in
                 ("ordinary-days", "ordinary-days-scaled", "both", "specification-curve")]  # fmt: skip
        lines.append(f"| {series} | {list(window)} | {t['draws']} | {_cell(t)} | {t['coverage']:.1%} | " + " | ".join(cells) + " |")
    lines += [
        "",
        f"Groups of events: {run['draws']} samples each. *Apart*: one series, no session in common. *Shared*: every session is an "
        f"event of {', '.join(SERIES)}.",
        "",
    ]
    columns = list(dict.fromkeys((r["length"], r["shared"], r["n"]) for r in run["groups"]))
    lines += [
        "| test | " + " | ".join(f"{n} {'shared' if s else 'apart'}, {length} day{'s' * (length > 1)}" for length, s, n in columns) + " |",
        "|---" * (len(columns) + 1) + "|",
    ]
    by = {(r["test"], r["length"], r["shared"], r["n"]): r for r in run["groups"]}
    for test in dict.fromkeys(r["test"] for r in run["groups"]):
        lines.append(f"| {test} | " + " | ".join(_cell(by.get((test, *column))) for column in columns) + " |")
    return lines


def _cell(row: dict[str, Any] | None, *, mark: bool = True) -> str:
    if row is None:
        return "-"
    text = f"{row['size']:.1%} ({row['se']:.1%})"
    return f"**{text}**" if mark and not LOW <= row["size"] <= HIGH else text


def main() -> int:
    """Runs everything and writes both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    started = time.monotonic()
    run = simulate(
        Workspace.open(), seed=args.seed, draws=args.draws, tell=lambda s: print(f"{time.monotonic() - started:5.0f} s  {s}", flush=True)
    )
    FILE.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    put(HEADING, table(run))
    print(*table(run), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
