import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from aftershock.events import Category, Verification
from aftershock.models import Model, car_windows, fit_windows
from aftershock.panel import Rolling
from aftershock.returns import Returns, returns_of
from aftershock.sessions import Closure, Reaction, Rule
from aftershock.study import Observation, StudyDesign, Window, make_plan, run_study
from aftershock.verdict import (
    Doubt,
    Ordinary,
    Setting,
    State,
    Status,
    anchors,
    concerns,
    judge,
    ledger,
    ordinary_mask,
    peer_basket,
    touched_positions,
)
from aftershock.workspace import Workspace

QUICK = settings(derandomize=True, max_examples=20, deadline=None)
CRASH = "deepseek-crash-2025-01-27"
DAYS = pd.bdate_range("2023-01-02", periods=400).as_unit("us")


@pytest.fixture(scope="module")
def workspace():
    """The catalogue and the snapshot."""
    return Workspace.open()


@pytest.fixture(scope="module")
def crash(workspace):
    """Nvidia on 27 January 2025 against the S&P 500, window [-1, +1]."""
    return workspace.impact(CRASH, "NVDA", StudyDesign())


def series(seed, n=400):
    """A benchmark and a series that follows it, as decimal fractions; the first return is missing, as after a first close."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0005, 0.01, n)
    y = 0.0002 + 1.5 * x + rng.normal(0, 0.02, n)
    x[0] = y[0] = np.nan
    return y, x


# -- ordinary days ---------------------------------------------------------------------------------------------------


def test_an_ols_loop_finds_the_same_ordinary_days(workspace, crash):
    """statsmodels, session by session, with the rule of what is ordinary written out a second time: the same days, CARs, errors, count."""
    bars = workspace.prices.bars
    y, x = (bars[t]["close"].pct_change() for t in ("NVDA", "^GSPC"))
    days, window = y.index, 3
    about = {
        workspace.reactions[e.id].session: workspace.reactions[e.id].code == "day-only"
        for e in sorted(workspace.events, key=lambda e: workspace.reactions[e.id].code == "day-only")
        if "NVDA" in e.tickers or any(t in ("^IXIC", "^GSPC") for t in e.tickers)
    }
    touched = set()
    for session, doubtful in about.items():
        at = days.searchsorted(session)
        touched |= {at, at + 1} if doubtful else {at}
    own = days.get_loc(pd.Timestamp("2025-01-27"))
    found = {}
    for at in range(131, len(days) - 1):
        if touched & {at - 1, at, at + 1} or abs(at - own) < window:
            continue
        past, now = slice(at - 130, at - 10), slice(at - 1, at + 2)
        fitted = sm.OLS(y.iloc[past].to_numpy(), sm.add_constant(x.iloc[past].to_numpy())).fit()
        design = sm.add_constant(x.iloc[now].to_numpy(), has_constant="add")
        car = float((y.iloc[now].to_numpy() - design @ fitted.params).sum())
        total = design.sum(axis=0)
        error = math.sqrt(fitted.mse_resid * window + total @ fitted.cov_params() @ total)
        found[days[at]] = (car, car / error)
    usual = crash.headline.ordinary
    assert list(found) == list(usual.sessions)
    cars, ts = np.array(list(found.values())).T
    assert np.abs(cars - usual.cars).max() < 1e-10
    assert np.abs(ts - usual.ts).max() < 1e-9
    assert usual.as_extreme == (np.abs(cars) >= abs(crash.outcome.car)).sum()
    assert usual.p == (1 + usual.as_extreme) / (1 + len(cars))
    assert usual.p_scaled == (1 + (np.abs(ts) >= abs(crash.outcome.t)).sum()) / (1 + len(ts))


def test_counting_by_hand():
    """Of 99 ordinary moves of 1 to 99: 96.5 is passed by 3, p = 4/100; 96 by 4, p = 5/100, which is not below 5 %."""
    days = pd.bdate_range("2023-01-02", periods=99)
    signs = np.where(np.arange(99) % 2, 1.0, -1.0)
    moves = signs * np.arange(1.0, 100.0)

    def usual(car):
        return Ordinary(days, moves, moves, car, car, 0)

    assert (usual(-96.5).as_extreme, usual(96.5).p) == (3, 0.04)
    assert (usual(96.0).as_extreme, usual(-96.0).p) == (4, 0.05)
    assert usual(1.0).smallest == 96.0  # what must be passed
    assert usual(100.0).p == 0.01
    assert not usual(1.0).enough
    assert math.isnan(Ordinary(days[:18], moves[:18], moves[:18], 1.0, 1.0, 0).smallest)  # 1/19 is above 5 %


def test_what_is_ordinary_by_hand():
    """Ten sessions, an event on 3, our own on 7, window [-1, +1]: 2-4 touch the one, 5-9 share a session with ours."""
    assert np.flatnonzero(ordinary_mask(10, np.array([3]), 7, Window(-1, 1))).tolist() == [0, 1]
    assert np.flatnonzero(ordinary_mask(10, np.array([3]), 7, Window(0, 0))).tolist() == [0, 1, 2, 4, 5, 6, 8, 9]
    assert np.flatnonzero(ordinary_mask(6, np.array([], dtype=int), 0, Window(0, 2))).tolist() == [3, 4, 5]


def test_an_unknown_hour_touches_two_sessions():
    """What happened on a day may have been priced on the next one; news about another share, and a reader's own event, touch nothing."""

    def happened(day, tickers, code, verification="verified-1"):
        return SimpleNamespace(tickers=tickers, verification=Verification(verification)), Reaction(
            pd.Timestamp(day).as_unit("us"), Rule.NEXT, code
        )

    known = [
        happened("2023-01-03", ("ABC",), "during"), happened("2023-01-05", ("ABC",), "day-only"),
        happened("2023-01-10", ("XYZ",), "during"), happened("2023-01-12", ("^IXIC", "XYZ"), "before-open"),
        happened("2031-01-01", ("ABC",), "during"), happened("2023-01-16", ("ABC",), "day-only", "own"),
    ]  # fmt: skip
    assert touched_positions(known, "ABC", DAYS).tolist() == [1, 3, 4, 8]
    assert touched_positions([], "ABC", DAYS).tolist() == []
    assert concerns(("^GSPC",), "ABC")
    assert not concerns(("XYZ",), "ABC")


# -- the design at every session -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", list(Model))
@given(seed=st.integers(0, 10**6), first=st.integers(-3, 1), length=st.integers(1, 5), past=st.integers(20, 90))
@QUICK
def test_running_sums_give_what_single_fits_give(model, seed, first, length, past):
    """Every session, every model: the same CAR, error and t as fitting each window by itself."""
    y, x = series(seed, 200)
    x = y if model is Model.MEAN_ADJUSTED else x
    estimation, window = Window(-past - 10, -11), Window(first, first + length - 1)
    rolling = Rolling(y, x)
    assert rolling.regular
    found = rolling.cars(rolling.fits(estimation, model, 10), window)
    at = np.arange(past + 11, 200)
    wanted = car_windows(y, x, at, fit_windows(y, x, at, tuple(estimation), model), tuple(window))
    for name in ("car", "se", "t"):
        np.testing.assert_allclose(getattr(found, name)[at], getattr(wanted, name), rtol=1e-9, atol=1e-13)
    assert np.isnan(found.car[: past + 11]).all()  # the estimation window begins before the data
    np.testing.assert_array_equal(rolling.moves(rolling.fits(estimation, model, 10), window), found.car)


@pytest.mark.parametrize("spoil", ["missing", "huge", "still"])
def test_windows_that_sums_cannot_hold_are_fitted_one_by_one(spoil):
    """A missing return, a tick of 10,000 %, a benchmark that stands still: the answers elsewhere keep their digits."""
    y, x = series(7)
    if spoil == "missing":
        y[150] = np.nan
    elif spoil == "huge":
        y[150] = 100.0
    else:
        x[100:180] = 0.001
    rolling = Rolling(y, x)
    found = rolling.cars(rolling.fits(Window(-70, -11), Model.MARKET, 30), Window(0, 0))
    at = np.arange(71, 400)
    wanted = car_windows(y, x, at, fit_windows(y, x, at, (-70, -11), Model.MARKET, min_observations=30), (0, 0))
    np.testing.assert_allclose(found.car[at], wanted.car, rtol=1e-9, atol=1e-13)
    assert np.isnan(found.car[150]) == (spoil == "missing")
    if spoil == "still":
        assert np.isnan(found.car[175])  # the whole estimation window of that session


def test_no_data_is_no_answer():
    """Series without a return in common, or too short for the window, give NaN everywhere."""
    for y in (np.full(50, np.nan), np.r_[np.nan, np.ones(20) * 0.01]):
        rolling = Rolling(y, y)
        assert np.isnan(rolling.cars(rolling.fits(Window(-130, -11), Model.MEAN_ADJUSTED, 60), Window(0, 0)).car).all()


# -- the verdict -----------------------------------------------------------------------------------------------------


def outcome(car, p, se=0.02, *, ticker="ABC", exact=False):
    """As much of an Outcome as a judge looks at."""
    return SimpleNamespace(car=car, p=p, se=se, fit=SimpleNamespace(df=118, exact=exact), observation=SimpleNamespace(ticker=ticker))


def usual(car, scale=0.02, n=999):
    """So many ordinary days, evenly spread over +-2 `scale`: 5 % of them beyond 1.9 scale."""
    moves = np.linspace(-2 * scale, 2 * scale, n)
    return Ordinary(pd.bdate_range("2020-01-01", periods=n), moves, moves, car, car / scale, 0)


@pytest.mark.parametrize(
    ("car", "p", "more", "state", "doubt"),
    [
        (0.0390, 0.010, {}, State.MORE_THAN_NOISE, Doubt.NONE),  # 2.5 % of ordinary days
        (0.0390, 0.060, {}, State.CANNOT_TELL, Doubt.YARDSTICKS_DISAGREE),
        (0.0370, 0.010, {}, State.CANNOT_TELL, Doubt.YARDSTICKS_DISAGREE),  # 7.5 % of ordinary days
        (0.0340, 0.090, {}, State.CANNOT_TELL, Doubt.BORDERLINE),  # 15 %
        (0.0100, 0.600, {}, State.WITHIN_NOISE, Doubt.NONE),  # 1 % + 4 % < 10 %
        (0.0100, 0.600, {"ticker": "^ABC"}, State.CANNOT_TELL, Doubt.TOO_NOISY),  # 1 % + 4 % > 3 %
        (0.0100, 0.600, {"se": 0.06}, State.CANNOT_TELL, Doubt.TOO_NOISY),  # 1 % + 12 % > 10 %
        (0.0390, 0.010, {"status": Status.CONTAMINATED}, State.CANNOT_TELL, Doubt.CONTAMINATED),
        (0.0100, 0.600, {"status": Status.CONTAMINATED}, State.CANNOT_TELL, Doubt.CONTAMINATED),
        (0.0390, 0.010, {"status": Status.SHARED}, State.MORE_THAN_NOISE, Doubt.NONE),
        (0.0390, 0.010, {"n": 99}, State.CANNOT_TELL, Doubt.TOO_FEW_ORDINARY_DAYS),
        (0.0, math.nan, {"exact": True}, State.CANNOT_TELL, Doubt.NOTHING_TO_TEST),
        (0.0395, 0.010, {"elsewhere": [0.9]}, State.MORE_THAN_NOISE, Doubt.NONE),  # 1.25 %, below 2.5 %
        (0.0385, 0.010, {"elsewhere": [0.9]}, State.CANNOT_TELL, Doubt.HOUR_UNKNOWN),  # 3.8 %: not with two sessions to choose from
        (0.0100, 0.600, {"elsewhere": [0.01]}, State.CANNOT_TELL, Doubt.HOUR_UNKNOWN),  # it was the next session that moved
        (0.0100, 0.600, {"elsewhere": [0.04]}, State.WITHIN_NOISE, Doubt.NONE),
    ],
)
def test_the_rule_of_the_verdict(car, p, more, state, doubt):
    """Three answers and every reason not to give one, each by a case worked out by hand."""
    made = {k: more[k] for k in ("se", "ticker", "exact") if k in more}
    found = judge(
        outcome(car, p, **made),
        usual(car, n=more.get("n", 999)),
        status=more.get("status", Status.CLEAN),
        elsewhere=more.get("elsewhere", ()),
    )
    assert (found.state, found.doubt) == (state, doubt)


def test_the_smallest_move_is_the_larger_threshold():
    """Ordinary days spread evenly to 4 %: the 49th largest of 999 is 3.8 %; 1.98 x 2 % = 3.96 % by t(118): the larger one."""
    found = judge(outcome(0.01, 0.6), usual(0.01))
    assert found.smallest_ordinary == pytest.approx(0.04 - 24 * 0.08 / 998, abs=1e-12)  # 49th largest: 25th step from one end
    assert found.smallest_t == pytest.approx(1.980272 * 0.02, abs=1e-7)  # t tables: 1.9803 with 118 degrees of freedom
    assert found.smallest == max(found.smallest_ordinary, found.smallest_t)
    assert found.still_possible == pytest.approx(0.01 + found.smallest)


@given(seed=st.integers(0, 10**6), size=st.floats(0.0, 0.2))
@QUICK
def test_the_smallest_move_and_the_verdict_never_contradict_each_other(seed, size):
    """A clean move is called exactly when it is larger than the smallest that can be."""
    rng = np.random.default_rng(seed)
    moves = rng.standard_t(3, 400) * 0.02
    days = Ordinary(pd.bdate_range("2020-01-01", periods=400), moves, moves / 0.02, size, size / 0.02, 0)
    from scipy.stats import t as student

    found = judge(outcome(size, float(2 * student.sf(size / 0.02, 118))), days)
    assert (found.state is State.MORE_THAN_NOISE) == (size > found.smallest)


# -- the specification curve -----------------------------------------------------------------------------------------


def test_every_choice_is_the_study_of_that_choice(workspace, crash):
    """Thirty rows of the curve, computed again by run_study and counted again session by session."""
    rows = crash.curve.frame.iloc[:: len(crash.curve.frame) // 30]
    for row in rows.itertuples():
        design = StudyDesign(
            Window(-row.gap - row.length, -row.gap - 1), Window(row.window_first, row.window_last), Model(row.model), Returns(row.returns),
            row.benchmark or "^GSPC",
        )  # fmt: skip
        (wanted,) = run_study(make_plan([Observation(CRASH, "NVDA", row.session)], design), workspace.closes).outcomes
        assert (row.car, row.se, row.t, row.p) == pytest.approx((wanted.car, wanted.se, wanted.t, wanted.p), abs=1e-10)
        happenings = [(e, workspace.reactions[e.id]) for e in workspace.events]
        again = Setting.of(workspace.closes, "NVDA", design, happenings).judge(workspace.event(CRASH), crash.reaction, wanted)
        assert (row.as_extreme, row.of) == (again.ordinary.as_extreme, again.ordinary.of)


def test_the_choices_are_all_there(crash):
    """5 models with their benchmarks x 3 lengths x 2 gaps x 2 kinds of return x 3 windows = 180, none missing, ours among them."""
    curve = crash.curve
    assert (curve.of, curve.failed, len(curve.frame)) == (180, 0, 180)
    f = curve.frame
    keys = ["model", "returns", "benchmark", "length", "gap", "window_first", "window_last", "anchor"]
    assert not f.duplicated(keys).any()
    assert f["car"].is_monotonic_increasing
    assert f["headline"].sum() == 1
    assert f.loc[f["headline"], "car"].item() == pytest.approx(crash.outcome.car, abs=1e-12)
    same = (f["p"] < 0.05) & (f["p_ordinary"] < 0.05) & (f["car"] < 0)
    assert curve.agree == same.sum()
    windows = [Window(0, 0), Window(0, 1), Window(-1, 1)]
    assert sum(curve.in_window(w)[0] for w in windows) == curve.agree


def test_an_early_event_says_how_many_choices_failed(workspace):
    """In February 2022 the data hold no 250 sessions before the event: those choices are counted as failed, not dropped."""
    early = next(e for e in workspace.events if "NVDA" in e.tickers)
    found = workspace.impact(early.id, "NVDA").curve
    places = len(workspace.impact(early.id, "NVDA").anchors)
    assert found.failed >= 60
    assert len(found.frame) + found.failed == 180 * places


def test_a_design_of_the_readers_own_is_among_the_choices(workspace):
    """Another estimation window and another event window join the curve."""
    own = StudyDesign(Window(-100, -6), Window(0, 4), benchmark="^IXIC")
    found = workspace.impact(CRASH, "NVDA", own)
    assert found.curve.of == 5 * 7 * 2 * 4
    assert found.curve.frame["headline"].sum() == 1


def test_the_anchors_of_a_closed_day_and_of_an_unknown_hour():
    """A closed day could only be priced after it: the session before is drawn and not counted. An unknown hour leaves two sessions."""
    day = DAYS[200]
    closed = anchors(Reaction(day, Rule.NEXT, "market-closed", (Closure(day.date(), "sunday"),)), day, DAYS)
    assert [(a.code, a.position, a.counted) for a in closed] == [("reaction", 200, True), ("previous", 199, False)]
    unknown = anchors(Reaction(day, Rule.NEXT, "day-only"), day, DAYS)
    assert [(a.code, a.position, a.counted) for a in unknown] == [("reaction", 200, True), ("next", 201, True)]
    assert len(anchors(Reaction(day, Rule.NEXT, "during"), day, DAYS)) == 1
    assert len(anchors(Reaction(DAYS[-1], Rule.NEXT, "day-only"), DAYS[-1], DAYS)) == 1


# -- the ledger and the benchmark ------------------------------------------------------------------------------------


def happenings(workspace):
    """The catalogue with its sessions."""
    return [(e, workspace.reactions[e.id]) for e in workspace.events]


def in_window(workspace, event_id, ticker, design, window):
    """The ledger of a catalogue event."""
    days = workspace.closes.frame.index
    at = int(days.searchsorted(workspace.reactions[event_id].session))
    return ledger(workspace.event(event_id), ticker, at, days, design, window, happenings(workspace), workspace.reference.fomc)


def test_what_else_happened_on_27_january(workspace):
    """Three smaller pieces of the same story share the session; for each of them the crash itself is the larger thing in it."""
    crash = in_window(workspace, CRASH, "NVDA", StudyDesign(), Window(0, 0))
    assert crash.status is Status.SHARED
    assert {c.id for c in crash.entries} == {
        "deepseek-app-number-one-2025-01-26", "nvidia-deepseek-statement-2025-01-27", "perplexity-adds-r1-2025-01-27",
    }  # fmt: skip
    assert all(c.title.en and c.title.vi and c.offset == 0 for c in crash.entries)
    smaller = in_window(workspace, "perplexity-adds-r1-2025-01-27", "NVDA", StudyDesign(), Window(0, 0))
    assert smaller.status is Status.CONTAMINATED
    assert [c.id for c in smaller.entries if c.status is Status.CONTAMINATED] == [CRASH]


def test_the_fed_contaminates_only_where_the_market_is_not_taken_out(workspace):
    """29 January 2025, a decision of the Fed: in the benchmark of a market model, but not of a mean-adjusted one."""
    wanted = [("fomc-2025-01-29", Status.SHARED), ("fomc-2025-01-29", Status.CONTAMINATED)]
    for model, expected in zip((Model.MARKET, Model.MEAN_ADJUSTED), wanted, strict=True):
        book = in_window(workspace, "h20-curbs-considered-2025-01-29", "^IXIC", StudyDesign(model=model), Window(0, 0))
        assert expected in [(c.id, c.status) for c in book.entries]
        assert book.status is expected[1]


def test_the_firms_own_earnings_contaminate_other_news(workspace):
    """An event put on the session of an earnings report is contaminated, one about earnings is not."""
    earnings = next(e for e in workspace.events if e.category is Category.EARNINGS and e.tickers == ("NVDA",))
    other = replace(earnings, id="other", category=Category.STATEMENT, importance=3)
    days = workspace.closes.frame.index
    at = int(days.searchsorted(workspace.reactions[earnings.id].session))
    for event, status in ((other, Status.CONTAMINATED), (replace(other, category=Category.EARNINGS), Status.SHARED)):
        book = ledger(event, "NVDA", at, days, StudyDesign(), Window(0, 0), [(earnings, workspace.reactions[earnings.id])])
        assert book.status is status
    assert (
        ledger(other, "AMD", at, days, StudyDesign(), Window(0, 0), [(earnings, workspace.reactions[earnings.id])]).status is Status.CLEAN
    )


def test_the_range_over_benchmarks(workspace):
    """Nvidia on 27 January 2025: -10.7 % beyond the Nasdaq, about -13.1 % beyond the S&P 500; both contain it."""
    span = workspace.impact(CRASH, "NVDA").benchmarks
    assert [(r.benchmark, round(r.car, 3), r.contains) for r in span.readings] == [("^GSPC", -0.131, True), ("^IXIC", -0.107, True)]
    assert (span.low, span.high) == (span.readings[0].car, span.readings[1].car)
    assert span.headline.benchmark == "^GSPC"
    assert (span.ex_self, span.why) == (False, "too-few-series")
    assert workspace.impact(CRASH, "^IXIC").benchmarks.why == "index"


def test_a_benchmark_that_moved_on_the_same_news_is_pointed_out(workspace):
    """The Nasdaq fell 3.1 % that day, more than on 95 % of its ordinary days; the S&P 500's 1.5 % was not that rare."""
    nasdaq = workspace.impact(CRASH, "NVDA", StudyDesign(window=Window(0, 0), benchmark="^IXIC"))
    assert nasdaq.benchmarks.headline.moved
    assert ("benchmark-contains-ticker", "moved") in {(w.code, w.detail) for w in nasdaq.warnings}
    assert not workspace.impact(CRASH, "NVDA").benchmarks.headline.moved


def test_a_basket_of_peers_needs_three():
    """The mean of three other shares' returns, by hand: (1 % + 2 % + 6 %) / 3 = 3 %; two are no market, and an index has no peers."""
    levels = {"A": [100, 105], "B": [100, 101], "C": [50, 51], "D": [10, 10.6], "^X": [1, 2]}
    simple = {t: returns_of(np.array(v, dtype=float)) for t, v in levels.items()}
    assert peer_basket(simple, "A", Returns.SIMPLE)[1] == pytest.approx(0.03)
    assert peer_basket(simple, "A", Returns.LOG)[1] == pytest.approx(math.log(1.03))
    assert peer_basket(simple, "^X", Returns.SIMPLE) is None
    del simple["D"]
    assert peer_basket(simple, "A", Returns.SIMPLE) is None


def test_an_anchor_before_the_news_is_drawn_and_not_counted(workspace):
    """R1 came out on a holiday: 180 choices at the first session after it count, 180 at the session before it do not."""
    curve = workspace.impact("deepseek-r1-release-2025-01-20", "NVDA").curve
    before = curve.frame["anchor"] == "previous"
    assert (curve.of, before.sum(), len(curve.frame)) == (180, 180, 360)
    assert curve.agree == (curve.frame["agrees"] & ~before).sum() <= 180
    assert curve.by_anchor()["anchor"].tolist() == ["reaction", "previous"]
