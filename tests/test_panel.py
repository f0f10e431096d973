"""Many pairs at once: the numbers of `run_study`, extended precision for each of the three paths, input that breaks other engines, labels,
reasons and executors.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import betainc, betaincc

import aftershock
from aftershock.errors import RequestError
from aftershock.models import Model
from aftershock.panel import Table, paths, study_many
from aftershock.panel.rolling import two_sided_alike
from aftershock.returns import Returns, clean, returns_of
from aftershock.study import Observation, Reason, StudyDesign, Window, make_plan, run_study
from aftershock.workspace import Workspace

DESIGN = StudyDesign(Window(-60, -11), Window(-2, 2))
SESSIONS = pd.bdate_range("2020-01-01", periods=400).as_unit("us")


def made(tickers: int = 40, seed: int = 7) -> tuple[pd.DataFrame, pd.Series]:
    """Returns of a one-factor market, (400 sessions x tickers), and the market's."""
    random = np.random.default_rng(seed)
    market = 0.0003 + 0.01 * random.standard_normal(len(SESSIONS))
    loads, noise = random.uniform(0.4, 1.6, tickers), random.uniform(0.008, 0.03, tickers)
    returns = market[:, None] * loads + noise * random.standard_normal((len(SESSIONS), tickers))
    return pd.DataFrame(returns, SESSIONS, [f"S{i:02d}" for i in range(tickers)]), pd.Series(market, SESSIONS)


def pairs(rows: np.ndarray, columns: np.ndarray) -> pd.DataFrame:
    """Pairs by position."""
    return pd.DataFrame({"ticker": rows.astype(np.int64), "session": columns.astype(np.int64)})


def extended(y: np.ndarray, x: np.ndarray, column: int, design: StudyDesign = DESIGN) -> tuple[float, float, float, float]:
    """(beta, sigma, car, se) of one pair in 80-bit arithmetic, by the textbook formulas, missing returns left out in pairs."""
    y, x = y.astype(np.longdouble), x.astype(np.longdouble)
    span = slice(max(column + design.estimation.first, 0), column + design.estimation.last + 1)
    used = np.isfinite(y[span]) & np.isfinite(x[span])
    ey, ex = y[span][used], x[span][used]
    n = len(ey)
    dy, dx = ey - ey.mean(), ex - ex.mean()
    beta = (dx * dy).sum() / (dx * dx).sum()
    rest = dy - beta * dx
    sigma = np.sqrt((rest * rest).sum() / (n - 2))
    window = slice(column + design.window.first, column + design.window.last + 1)
    wy, wx = y[window] - ey.mean(), x[window] - ex.mean()
    length = len(wy)
    se = sigma * np.sqrt(length + np.longdouble(length) ** 2 / n + wx.sum() ** 2 / (dx * dx).sum())
    return float(beta), float(sigma), float((wy - beta * wx).sum()), float(se)


# -- the same numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Returns))
@pytest.mark.parametrize("model", list(Model))
def test_the_numbers_are_those_of_run_study(workspace: Workspace, model: Model, kind: Returns) -> None:
    """Every event of the catalogue on every series: alpha to p to 1e-10, and the same reasons. Only windows that the data end in the middle
    of differ: `run_study` shortens them and says so, here they are a reason."""
    design = StudyDesign(model=model, returns=kind, benchmark="^GSPC")
    asked = [Observation(e.id, t, workspace.reactions[e.id].session) for e in workspace.events for t in ("NVDA", "AMD", "^IXIC")]
    answer = run_study(make_plan(asked, design), workspace.closes)
    closes = workspace.closes.frame
    returns = pd.DataFrame(returns_of(closes.to_numpy(), kind), closes.index, closes.columns)
    events = pd.DataFrame(
        {"ticker": [a.ticker for a in asked], "session": [a.session for a in asked]}, index=pd.Index(range(1000, 1000 + len(asked)))
    )
    found = study_many(returns, returns["^GSPC"], events, design)
    assert found.index.equals(events.index)
    at = {(a.event_id, a.ticker): i for i, a in enumerate(asked)}
    for outcome in answer.outcomes:
        row = found.iloc[at[outcome.observation.event_id, outcome.observation.ticker]]
        if len(outcome.window) < len(design.window):
            assert row["reason"] == Reason.WINDOW_OUTSIDE_DATA
            continue
        fit = outcome.fit
        numbers = (fit.alpha, fit.beta, fit.sigma, fit.n, outcome.car, outcome.se, outcome.t, outcome.p)
        assert row["reason"] == ""
        assert row[:8].to_numpy(dtype=float) == pytest.approx(numbers, rel=1e-10, abs=1e-12)
    for left_out in answer.excluded:
        assert found["reason"].iloc[at[left_out.event_id, left_out.ticker]] == left_out.reason


def _paths() -> dict[str, pd.DataFrame]:
    random = np.random.default_rng(3)
    everyone, late = np.arange(40), np.arange(60, 390)
    return {
        "by_date": pairs(np.tile(everyone, 3), np.repeat([70, 200, 390], 40)),
        "by_window": pairs(random.integers(0, 40, 60), random.choice(late, 60, replace=False)),
        "_by_series": pairs(np.full(len(late), 5), late),
    }


@pytest.mark.parametrize("path", list(_paths()))
def test_every_path_agrees_with_extended_precision(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each path is the one that is taken, and is right to 1e-12."""
    returns, market = made()
    events, taken = _paths()[path], []
    owner = paths if path == "_by_series" else paths._Sums
    plain = getattr(owner, path)
    monkeypatch.setattr(owner, path, lambda *given: taken.append(1) or plain(*given))
    monkeypatch.setattr(paths, "_carefully", None)  # nobody may need it
    found = study_many(returns, market, events, DESIGN)
    assert taken
    for row, (ticker, column) in zip(found.itertuples(), events.itertuples(index=False), strict=True):
        wanted = extended(returns.to_numpy()[:, ticker], market.to_numpy(), column)
        assert (row.beta, row.sigma, row.car, row.car_se) == pytest.approx(wanted, rel=1e-12, abs=1e-14)


def gappy(share: float = 0.03) -> tuple[pd.DataFrame, pd.Series]:
    """The same with returns missing here and there, and some that are infinite, of the benchmark too."""
    returns, market = made()
    returns = returns.mask(np.random.default_rng(11).random(returns.shape) < share)
    returns.iloc[100, :], market.iloc[[20, 150, 151]] = np.inf, [np.nan, np.inf, -np.inf]
    return returns, market


@pytest.mark.parametrize("path", [*_paths(), "at_edges"])
def test_windows_with_gaps_agree_with_extended_precision(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the careful path: what is missing is left out in pairs, and only what must be is refused."""
    returns, market = gappy()
    events = _paths().get(path, pairs(np.tile(np.arange(40), 90), np.repeat([*range(10, 60), *range(360, 400)], 40)))
    monkeypatch.setattr(paths, "_carefully", None)
    given = returns.copy()
    found, right = study_many(returns, market, events, DESIGN), 0
    pd.testing.assert_frame_equal(returns, given)  # missing returns are zeros in copies only
    known = np.isfinite(returns.to_numpy()) & np.isfinite(market.to_numpy())[:, None]
    for row, (ticker, column) in zip(found.itertuples(), events.itertuples(index=False), strict=True):
        window, n = known[column - 2 : column + 3, ticker], known[max(column - 60, 0) : max(column - 10, 0), ticker].sum()
        assert (row.reason == "") == (window.sum() == 5 and n >= DESIGN.needed), row
        if not row.reason:
            right += 1
            wanted = extended(returns.to_numpy()[:, ticker], market.to_numpy(), column)
            assert (row.beta, row.sigma, row.car, row.car_se) == pytest.approx(wanted, rel=1e-12, abs=1e-14)
            assert row.n_estimation == n
    assert right > len(events) / 8


@pytest.mark.parametrize("df", [1, 2, 5, 48, 238, 5000])
def test_p_is_student_s_to_the_far_tail(df: int) -> None:
    """Many t-values with the same degrees of freedom, a few with others, against the incomplete beta function; NaN stays NaN."""
    t = np.concatenate([np.linspace(-6.5, 6.5, 2001), np.geomspace(1e-9, 1e3, 501), [0.0, np.nan]])
    freedom = np.full(len(t), df)
    freedom[::10] = 30
    found = two_sided_alike(t, freedom)
    near, far = betaincc(0.5, freedom / 2, t * t / (freedom + t * t)), betainc(freedom / 2, 0.5, freedom / (freedom + t * t))
    assert found == pytest.approx(np.where(t * t < freedom, near, far), rel=1e-10, abs=1e-300, nan_ok=True)
    assert np.nanmax(found) == 1


# -- input that breaks other engines ---------------------------------------------------------------------------------


def _broken() -> dict[str, tuple[pd.DataFrame, pd.Series]]:
    returns, market = made()
    random = np.random.default_rng(5)
    quiet = pd.Series(1e-3 + 1e-8 * random.standard_normal(len(SESSIONS)), SESSIONS)
    levels = (1 + returns).cumprod() * np.linspace(1, 1e5, len(SESSIONS))[:, None]
    tick = returns.copy()
    tick.iloc[150] = 1e6
    gaps = returns.mask(random.random(returns.shape) < 0.3)
    late = returns.copy()
    late.iloc[:180, ::2] = np.nan
    return {
        "a benchmark that hardly moves": (returns, quiet),
        "a large offset": (returns + 1e6, market + 1e6),
        "levels that drift": (levels, market.cumsum() + 100),
        "a bad tick": (tick, market),
        "gaps": (gaps, market),
        "late listings": (late, market),
    }


@pytest.mark.parametrize("holes", [0, 0.03])
@pytest.mark.parametrize("case", list(_broken()))
@pytest.mark.parametrize("path", list(_paths()))
def test_ill_conditioned_input_is_right_or_refused(case: str, path: str, holes: float) -> None:
    """The CAR agrees with extended precision to 1e-6 of its own standard error, or the row has a reason; also where returns are missing."""
    returns, market = _broken()[case]
    returns = returns.mask(np.random.default_rng(13).random(returns.shape) < holes)
    events = _paths()[path]
    found = study_many(returns, market, events, DESIGN)
    right = 0
    for row, (ticker, column) in zip(found.itertuples(), events.itertuples(index=False), strict=True):
        if row.reason:
            gone = (
                returns.iloc[column - 2 : column + 3, ticker].isna().any()
                or returns.iloc[column - 60 : column - 10, ticker].count() < DESIGN.needed
            )
            assert gone, "refused without need"
            continue
        _, sigma, car, se = extended(returns.to_numpy()[:, ticker], market.to_numpy(), column)
        right += 1
        assert abs(row.car - car) <= 1e-6 * se
        assert row.sigma == pytest.approx(sigma, rel=1e-6)
    assert right > len(events) / 16


@pytest.mark.parametrize("path", list(_paths()))
def test_a_constant_benchmark_is_a_reason(path: str) -> None:
    """No number comes out of a benchmark that never moves, however large it is."""
    returns, _ = made()
    returns.iloc[::50, ::2] = np.nan  # some windows have gaps
    for level in (0.0, 1e-3, 0.1, 1e6):
        found = study_many(returns, np.full(len(SESSIONS), level), _paths()[path], DESIGN)
        assert set(found["reason"]) - {"price-missing"} == {"zero-variance"}
        assert found[["beta", "car", "t", "p"]].isna().to_numpy().all()


def test_a_series_that_the_benchmark_explains_has_no_t() -> None:
    """Twice the benchmark: beta 2, nothing left over, t and p undefined and no reason against it."""
    _, market = made()
    found = study_many(pd.DataFrame({"A": 2 * market}), market, pairs(np.zeros(1), np.array([200])), DESIGN).iloc[0]
    assert found["beta"] == pytest.approx(2)
    assert (found["sigma"], found["car_se"], found["reason"]) == (0, 0, "")
    assert np.isnan(found["t"])
    assert np.isnan(found["p"])


# -- labels and reasons ----------------------------------------------------------------------------------------------


def test_labels_come_as_text_categories_or_codes() -> None:
    """The same pairs in three spellings give the same numbers, in the order asked for, twice where asked twice."""
    returns, market = made()
    codes = pairs(np.array([3, 1, 3, 39]), np.array([200, 80, 200, 389]))
    text = pd.DataFrame({"ticker": returns.columns[codes["ticker"]], "session": SESSIONS[codes["session"]]})
    category = text.assign(ticker=text["ticker"].astype("category"))
    first, *others = (study_many(returns, market, events, DESIGN) for events in (codes, text, category))
    for other in others:
        pd.testing.assert_frame_equal(first, other)
    assert first.iloc[0].equals(first.iloc[2])
    assert not first.iloc[0].equals(first.iloc[1])


def test_every_pair_has_numbers_or_a_reason() -> None:
    """Unknown tickers, closed days, no day, days before and after the prices, short histories, gaps, infinite returns: a reason each."""
    returns, market = made(4)
    returns.loc[SESSIONS[:250], "S01"] = np.nan
    returns.loc[SESSIONS[205], "S02"] = np.nan
    returns.loc[SESSIONS[205], "S03"] = np.inf
    market.loc[SESSIONS[120]] = np.nan
    asked = [
        ("S00", SESSIONS[200], ""),
        ("TSLA", SESSIONS[200], "price-missing"),
        ("S00", SESSIONS[200] + pd.Timedelta(days=(5 - SESSIONS[200].weekday()) % 7), "not-a-session"),
        ("S00", pd.NaT, "not-a-session"),
        (None, SESSIONS[200], "price-missing"),
        ("S00", SESSIONS[0] - pd.Timedelta(days=30), "before-first-price"),
        ("S00", SESSIONS[-1] + pd.Timedelta(days=30), "after-last-price"),
        ("S01", SESSIONS[200], "before-first-price"),
        ("S01", SESSIONS[260], "too-little-history"),
        ("S00", SESSIONS[20], "too-little-history"),
        ("S00", SESSIONS[-1], "window-outside-data"),
        ("S02", SESSIONS[204], "price-missing"),
        ("S03", SESSIONS[204], "bad-price"),
        ("S00", SESSIONS[121], "benchmark-missing"),
    ]
    found = study_many(returns, market, pd.DataFrame(asked, columns=["ticker", "session", "wanted"]), DESIGN)
    assert list(found["reason"]) == [wanted for *_, wanted in asked]
    assert (found["car"].isna() == (found["reason"] != "")).all()


def test_no_pairs_is_an_empty_answer() -> None:
    """Nothing asked, nothing answered, with all the columns."""
    returns, market = made(2)
    found = study_many(returns, market, pairs(np.empty(0), np.empty(0)), DESIGN)
    assert len(found) == 0
    assert {"alpha", "beta", "sigma", "n_estimation", "car", "car_se", "t", "p", "reason"} == set(found.columns)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda r, m, e: (r.iloc[::-1], m, e), "panel-sessions"),
        (lambda r, m, e: (r.set_axis(["A"] * 2, axis=1), m, e), "panel-tickers"),
        (lambda r, m, e: (r, m.iloc[1:], e), "panel-benchmark"),
        (lambda r, m, e: (r, m.to_numpy()[1:], e), "panel-benchmark"),
        (lambda r, m, e: (r, m, e.rename(columns={"session": "date"})), "panel-column"),
    ],
)
def test_a_table_that_is_not_as_described_is_refused(change, code: str) -> None:  # type: ignore[no-untyped-def]
    """One sentence says what is wrong."""
    returns, market = made(2)
    with pytest.raises(RequestError) as caught:
        study_many(*change(returns, market, pairs(np.zeros(1), np.full(1, 200))), DESIGN)
    assert caught.value.code == code
    assert caught.value.sentence("vi") != caught.value.sentence("en")


# -- more than one process -------------------------------------------------------------------------------------------


def test_a_process_pool_gives_the_same_numbers(tmp_path: Path) -> None:
    """Blocks of tickers go to two processes, from a frame and from a stored table; the answer is the same to the last bit."""
    returns, market = made()
    random = np.random.default_rng(9)
    codes = pairs(random.integers(0, 40, 500), random.integers(0, 400, 500))
    alone = study_many(returns, market, codes, DESIGN)
    folder = Table.of(returns, market).store(tmp_path / "table")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for given, benchmark in ((returns, market), (folder, None)):
            spread = study_many(given, benchmark, codes, DESIGN, executor=pool, shards=4)
            assert list(spread["reason"]) == list(alone["reason"])
            numbers = ["alpha", "beta", "sigma", "car", "car_se", "t", "p"]
            np.testing.assert_allclose(spread[numbers], alone[numbers], rtol=1e-10, atol=1e-14)


def test_a_window_that_needs_every_session_is_held_to_it() -> None:
    """`min_observations` is the whole window: one missing return is too little history."""
    returns, market = made(2)
    returns.iloc[150, 0] = np.nan
    strict = replace(DESIGN, min_observations=len(DESIGN.estimation))
    events = pairs(np.array([0, 1]), np.array([180, 180]))
    assert list(study_many(returns, market, events, strict)["reason"]) == ["too-little-history", ""]
    assert list(study_many(returns, market, events, DESIGN)["n_estimation"]) == [49, 50]


def test_the_library_s_own_name_leads_to_it() -> None:
    """`aftershock.panel.study_many` works after `import aftershock`, and other names do not exist."""
    assert aftershock.panel.study_many is study_many
    assert not hasattr(aftershock, "nothing")


def test_closes_of_a_reader_go_the_same_way() -> None:
    """Cleaned closes -> returns -> pairs: the path that the command line takes."""
    closes = (1 + made(3)[0]).cumprod() * 100
    cleaned = clean(closes).frame
    returns = pd.DataFrame(returns_of(cleaned.to_numpy()), cleaned.index, cleaned.columns)
    found = study_many(returns[["S01", "S02"]], returns["S00"], pairs(np.array([0, 1]), np.array([200, 201])), DESIGN)
    assert list(found["reason"]) == ["", ""]
