import json
import math
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftershock.errors import RequestError
from aftershock.models import Model
from aftershock.returns import Returns, clean
from aftershock.sessions import Rule, new_york
from aftershock.study import (
    Observation,
    Reason,
    StudyDesign,
    Warn,
    Window,
    make_plan,
    plan,
    run_study,
)
from aftershock.text import words
from aftershock.workspace import Workspace

ANSWERS = Path(__file__).parent / "answers"
QUICK = settings(derandomize=True, max_examples=15, deadline=None)
DAYS = pd.bdate_range("2023-01-02", periods=320).as_unit("us")
DESIGN = StudyDesign(benchmark="MKT")


@pytest.fixture(scope="module")
def workspace():
    """The catalogue and the snapshot."""
    return Workspace.open()


def market(seed=0, n=320, tickers=("AAA", "BBB")):
    """Closes of a benchmark MKT and of some stocks."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0003, 0.01, n)
    columns = {"MKT": 4000 * np.cumprod(1 + x)}
    for i, name in enumerate(tickers):
        columns[name] = (20 + 30 * i) * np.cumprod(1 + (1 + 0.3 * i) * x + rng.normal(0, 0.018, n))
    return pd.DataFrame(columns, index=DAYS[:n])


def study(closes, at, ticker="AAA", design=DESIGN, **more):
    """The only answer for an event on the session in row `at`: an Outcome or an Exclusion."""
    day = DAYS[at] if isinstance(at, int) else pd.Timestamp(at)
    result = run_study(make_plan([Observation("e", ticker, day)], design, **more), closes)
    return (*result.outcomes, *result.excluded)[0]


def codes(outcome):
    """The warnings of an outcome, as codes."""
    return {w.code for w in outcome.warnings}


# -- numbers ---------------------------------------------------------------------------------------------------------


def test_nvidia_on_27_january_2025(workspace):
    """CAR -0.0805, beta 2.049, AR on the day -0.1069, as worked out elsewhere."""
    known = json.loads((ANSWERS / "nvda_2025_01_27.json").read_text(encoding="utf-8"))
    design = StudyDesign(Window(*known["estimation"]), Window(*known["window"]), benchmark=known["benchmark"])
    made = make_plan([Observation("crash", known["ticker"], pd.Timestamp(known["session"]))], design)
    (found,) = run_study(made, workspace.prices.closes()).outcomes
    assert round(found.car, 4) == known["car"]
    assert round(found.fit.beta, 3) == known["beta"]
    assert round(found.abnormal[1], 4) == known["abnormal_on_the_day"]
    assert (found.fit.n, found.fit.df) == (120, 118)


def test_statsmodels_gives_the_same_study(workspace):
    """alpha, beta, AR, CAR, its standard error, t, p and interval of real events agree with statsmodels and scipy to 1e-10."""
    sm, stats = pytest.importorskip("statsmodels.api"), pytest.importorskip("scipy.stats")
    closes = workspace.prices.closes()
    returns = closes.pct_change(fill_method=None)
    design = StudyDesign(window=Window(-2, 3), benchmark="^IXIC")
    events = [e for e in workspace.events if "NVDA" in e.tickers][:40:4]
    result = run_study(plan(events, design, workspace.calendar, tickers=("NVDA",)), closes)
    assert len(result.outcomes) >= 8
    for o in result.outcomes:
        at = closes.index.get_loc(o.observation.session)
        estimation, window = returns.iloc[at - 130 : at - 10], returns.iloc[at - 2 : at + 4]
        other = sm.OLS(estimation["NVDA"].to_numpy(), sm.add_constant(estimation["^IXIC"].to_numpy())).fit()
        design_matrix = sm.add_constant(window["^IXIC"].to_numpy(), has_constant="add")
        abnormal = window["NVDA"].to_numpy() - other.predict(design_matrix)
        se = math.sqrt((design_matrix @ other.cov_params() @ design_matrix.T + other.scale * np.eye(6)).sum())
        reach = stats.t.ppf(0.975, 118) * se
        assert [o.fit.alpha, o.fit.beta] == pytest.approx(other.params, abs=1e-10)
        assert o.abnormal == pytest.approx(abnormal, abs=1e-10)
        assert [o.car, o.se] == pytest.approx([abnormal.sum(), se], abs=1e-10)
        assert o.t == pytest.approx(abnormal.sum() / se, abs=1e-9)
        assert o.p == pytest.approx(2 * stats.t.sf(abs(o.t), 118), abs=1e-10)
        assert [o.low, o.high] == pytest.approx([abnormal.sum() - reach, abnormal.sum() + reach], abs=1e-10)


def test_three_sessions_by_hand_through_prices():
    """The hand-worked case of test_models, from prices: estimation [-3,-1], window [0,+1], returns in percent as there.

    x = 0, 1, 2 | 3, 3 and y = 1, 2, 4 | 6, 5 percent: CAR = 1/3 %, variance 17/9 (percent squared), t = 1/sqrt(17), df 1. With one degree
    of freedom t is Cauchy: p = 1 - (2/pi) atan(t).
    """
    x, y = np.array([0, 1, 2, 3, 3]) / 100, np.array([1, 2, 4, 6, 5]) / 100
    closes = pd.DataFrame({"MKT": np.r_[1, np.cumprod(1 + x)], "AAA": np.r_[1, np.cumprod(1 + y)]}, index=DAYS[:6])
    found = study(closes, 4, design=StudyDesign(Window(-3, -1), Window(0, 1), benchmark="MKT"))
    assert found.car == pytest.approx(1 / 300, abs=1e-14)
    assert found.se**2 == pytest.approx(17 / 9e4, abs=1e-14)
    assert found.t == pytest.approx(1 / math.sqrt(17), abs=1e-12)
    assert found.p == pytest.approx(1 - 2 / math.pi * math.atan(1 / math.sqrt(17)), abs=1e-12)


def test_a_part_of_the_window_is_the_study_of_that_window():
    """.car(window) gives what a study with that event window gives; .paths() ends in the CAR."""
    closes = market()
    wide = run_study(make_plan([Observation("e", "AAA", DAYS[200])], StudyDesign(window=Window(-5, 5), benchmark="MKT")), closes)
    narrow = study(closes, 200, design=StudyDesign(window=Window(-1, 2), benchmark="MKT"))
    row = wide.car(Window(-1, 2)).iloc[0]
    assert [row["car"], row["se"], row["p"]] == pytest.approx([narrow.car, narrow.se, narrow.p], abs=1e-15)
    assert wide.paths()["car"].iloc[-1] == wide.outcomes[0].car
    with pytest.raises(RequestError, match="not part of"):
        wide.car(Window(-6, 0))


def test_log_returns_are_the_logs_of_ratios():
    """The abnormal returns of log closes are those of numpy's own difference of logs."""
    closes = market()
    found = study(closes, 200, design=StudyDesign(benchmark="MKT", returns=Returns.LOG))
    assert found.returns == pytest.approx(np.diff(np.log(closes["AAA"].to_numpy()))[198:201], abs=1e-15)


def test_frames_are_tidy():
    """One row per (event, ticker, offset), per (event, ticker), and per offset; sessions keep their unit."""
    made = make_plan([Observation("a", "AAA", DAYS[180]), Observation("b", "AAA", DAYS[220]), Observation("b", "BBB", DAYS[220])], DESIGN)
    result = run_study(made, market())
    ars, cars, caar = result.abnormal_returns(), result.car(), result.caar()
    assert list(ars.groupby(["event_id", "ticker"]).size()) == [3, 3, 3]
    assert ars["session"].dtype == "datetime64[us]"
    assert ars.groupby(["event_id", "ticker"])["abnormal"].sum().to_numpy() == pytest.approx(cars["car"].to_numpy(), abs=1e-15)
    assert list(caar["n"]) == [3, 3, 3]
    assert caar["caar"].iloc[-1] == pytest.approx(cars["car"].mean(), abs=1e-15)
    assert caar["caar_se"].iloc[-1] == pytest.approx(cars["car"].std(ddof=1) / math.sqrt(3), abs=1e-15)
    assert list(result.tests()["n"].unique()) == [3]


def test_frames_of_nothing_keep_their_columns():
    """A study in which everything is excluded still has its frames and its tests, with n = 0."""
    result = run_study(make_plan([Observation("e", "AAA", DAYS[20])], DESIGN), market())
    assert list(result.car().columns)[:3] == ["event_id", "ticker", "session"]
    assert len(result.abnormal_returns()) == len(result.paths()) == 0
    assert (result.tests()["n"] == 0).all()
    assert not result.tests()["usable"].any()


# -- exclusions ------------------------------------------------------------------------------------------------------


def hole(column, row, value=np.nan):
    """The market with one close replaced."""
    closes = market().astype(object)
    closes.iloc[row, closes.columns.get_loc(column)] = value
    return closes


@pytest.mark.parametrize(
    ("closes", "at", "reason"),
    [
        (market().iloc[50:], 10, Reason.BEFORE_FIRST_PRICE),
        (market(), "2030-01-02", Reason.AFTER_LAST_PRICE),
        (market(), 60, Reason.TOO_LITTLE_HISTORY),
        (market(), "2023-10-07", Reason.NOT_A_SESSION),
        (hole("AAA", 201), 200, Reason.PRICE_MISSING),
        (hole("AAA", 198), 200, Reason.PRICE_MISSING),
        (hole("MKT", 200), 200, Reason.BENCHMARK_MISSING),
        (hole("AAA", 200, "closed"), 200, Reason.BAD_PRICE),
        (hole("AAA", 319, "n.q."), 319, Reason.BAD_PRICE),
        (hole("MKT", 200, 0), 200, Reason.BAD_PRICE),
        (hole("AAA", 200, -5), 200, Reason.BAD_PRICE),
        (hole("AAA", 200, np.inf), 200, Reason.BAD_PRICE),
        (hole("AAA", 200, 1e18), 200, Reason.BAD_PRICE),
        (market().assign(MKT=100.0), 200, Reason.ZERO_VARIANCE),
        (market().assign(AAA=7.0), 200, Reason.ZERO_VARIANCE),
        (market().assign(AAA=np.nan), 200, Reason.PRICE_MISSING),
        (market()[["MKT"]], 200, Reason.PRICE_MISSING),
        (market().assign(MKT=market()["MKT"].where(np.arange(320) < 190)), 200, Reason.BENCHMARK_MISSING),
        (market().iloc[:1], 0, Reason.TOO_LITTLE_HISTORY),
        (market().iloc[:2], 1, Reason.TOO_LITTLE_HISTORY),
    ],
)
def test_every_exclusion_has_its_name_and_its_sentence(closes, at, reason):
    """What cannot be computed is excluded with the right reason, in words in both languages."""
    found = study(closes, at)
    assert getattr(found, "reason", None) == reason
    for lang in ("en", "vi"):
        assert "{" not in found.in_words(words(lang))


def test_a_missing_price_is_named_by_its_session():
    """The close before the window counts too, because the first return needs it."""
    found = study(hole("AAA", 198), 200)
    assert found.facts["session"] == DAYS[198]
    assert "6 Oct 2023" in study(hole("MKT", 199), 200).in_words(words("en"))


def test_a_window_that_begins_after_the_data_is_outside_them():
    """[+5, +10] of an event on the last session has no session at all."""
    found = study(market(), 319, design=StudyDesign(window=Window(5, 10), benchmark="MKT"))
    assert found.reason is Reason.WINDOW_OUTSIDE_DATA


def test_an_event_window_before_the_first_return_is_outside_the_data():
    """An estimation window after the event does not save an event window without prices."""
    found = study(market(), 3, design=StudyDesign(Window(11, 130), Window(-5, 1), benchmark="MKT"))
    assert found.reason is Reason.WINDOW_OUTSIDE_DATA
    assert study(market(), 6, design=StudyDesign(Window(11, 130), Window(-5, 1), benchmark="MKT")).fit.n == 120


def test_the_exact_rule_excludes_events_on_closed_days(workspace):
    """An event of a closed day is not moved when the caller said exact, and the others are computed."""
    events = [e for e in workspace.events if "NVDA" in e.tickers and "2024-12-20" <= e.date.isoformat() <= "2025-02-10"]
    made = plan(events, StudyDesign(), workspace.calendar, rule=Rule.EXACT, tickers=("NVDA",))
    closed = [e for e in events if not workspace.calendar.is_session(e.date)]
    assert closed
    assert {x.event_id for x in made.excluded} == {e.id for e in closed}
    assert {x.reason for x in made.excluded} == {Reason.NOT_A_SESSION}
    assert len(run_study(made, workspace.prices.closes()).outcomes) == len(events) - len(closed)


def test_a_benchmark_without_prices_is_an_error():
    """Nothing can be computed, so nothing pretends; the mean-adjusted model does not need one."""
    with pytest.raises(RequestError, match=r"\^GSPC"):
        study(market(), 200, design=StudyDesign())
    alone = study(market()[["AAA"]], 200, design=StudyDesign(model=Model.MEAN_ADJUSTED))
    assert alone.fit.beta == 0.0
    assert np.isnan(alone.benchmark).all()
    assert math.isfinite(alone.p)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Window(1, -1), "reversed"),
        (lambda: StudyDesign(Window(-130, -1), Window(-1, 1)), "share sessions"),
        (lambda: StudyDesign(Window(-12, -11), Window(-1, 1)), "has 2 sessions"),
        (lambda: make_plan([Observation("e", "A", DAYS[0])] * 2, DESIGN), "twice"),
    ],
)
def test_designs_that_contradict_themselves_are_refused(make, said):
    """Reversed windows, a window inside its own yardstick, too short an estimation, a pair asked for twice."""
    with pytest.raises(RequestError, match=said):
        make()


def test_windows_that_only_touch_are_fine():
    """[-130, -2] and [-1, +1] share no session."""
    assert study(market(), 200, design=StudyDesign(Window(-130, -2), benchmark="MKT")).fit.n == 129


# -- warnings --------------------------------------------------------------------------------------------------------


def test_the_last_session_truncates_the_window_and_scales_t():
    """[-1, +5] on the last day is [-1, 0]: same numbers as asking for that window, and a warning."""
    closes = market()
    cut = study(closes, 319, design=StudyDesign(window=Window(-1, 5), benchmark="MKT"))
    whole = study(closes, 319, design=StudyDesign(window=Window(-1, 0), benchmark="MKT"))
    assert cut.window == Window(-1, 0)
    assert [cut.car, cut.se, cut.t] == [whole.car, whole.se, whole.t]
    assert Warn.TRUNCATED_WINDOW in codes(cut)
    assert Warn.TRUNCATED_WINDOW not in codes(whole)


def test_other_events_of_the_same_series_are_named():
    """same-session, overlap and contaminated-estimation name the events; other tickers do not count."""
    asked = [Observation("e", "AAA", DAYS[200])]
    others = [
        Observation("same", "AAA", DAYS[200]),
        Observation("near", "AAA", DAYS[202]),
        Observation("before", "AAA", DAYS[150]),
        Observation("far", "AAA", DAYS[203]),
        Observation("elsewhere", "BBB", DAYS[200]),
    ]
    (found,) = run_study(make_plan(asked, DESIGN, others=others), market()).outcomes
    named = {w.code: w.events for w in found.warnings}
    assert named == {Warn.SAME_SESSION: ("same",), Warn.OVERLAP: ("near",), Warn.CONTAMINATED_ESTIMATION: ("before",)}


def test_a_split_that_was_not_adjusted_is_pointed_out():
    """Ten for one in the estimation window: the factor and the session are named."""
    closes = market()
    closes.iloc[150:, closes.columns.get_loc("AAA")] /= 10
    found = study(closes, 200)
    jump = next(w for w in found.warnings if w.code is Warn.SPLIT_LIKE_JUMP)
    assert jump.sessions == (DAYS[150],)
    assert jump.facts["factor"] == pytest.approx(10, rel=0.1)
    assert Warn.SPLIT_LIKE_JUMP not in codes(study(closes, 300, design=StudyDesign(Window(-100, -11), benchmark="MKT")))


def test_prices_filled_forward_are_pointed_out():
    """An unchanged close in the event window, or many in the estimation window; clean prices give no warning."""
    closes = market()
    assert Warn.STALE_PRICES not in codes(study(closes, 200))
    closes.iloc[200, closes.columns.get_loc("AAA")] = closes.iloc[199]["AAA"]
    assert next(w for w in study(closes, 200).warnings if w.code is Warn.STALE_PRICES).sessions == (DAYS[200],)
    index = market()
    index.iloc[120:126, index.columns.get_loc("MKT")] = index.iloc[119]["MKT"]
    assert Warn.STALE_PRICES in codes(study(index, 200))


def test_a_bad_price_in_the_estimation_window_costs_two_returns():
    """It is left out, n says so, and a warning names the session; the event is computed."""
    found = study(hole("AAA", 150, "x"), 200)
    assert found.fit.n == 118
    assert next(w for w in found.warnings if w.code is Warn.BAD_PRICE).sessions == (DAYS[150],)


def test_a_benchmark_equal_to_the_stock_leaves_nothing():
    """AR is 0, t and p are undefined, and the warning says why."""
    found = study(market().assign(AAA=market()["MKT"]), 200)
    assert found.abnormal == pytest.approx(np.zeros(3), abs=1e-15)
    assert (found.fit.sigma, found.se) == (0.0, 0.0)
    assert np.isnan([found.t, found.p, found.low, found.high]).all()
    assert Warn.BENCHMARK_CONTAINS_TICKER in codes(found)
    assert Warn.BENCHMARK_CONTAINS_TICKER in codes(study(market(), 200, "MKT"))


def test_an_index_that_contains_the_stock_and_a_snapshot_are_said(workspace):
    """NVDA against ^IXIC from the snapshot carries both warnings."""
    made = make_plan([Observation("e", "NVDA", pd.Timestamp("2025-01-27"))], StudyDesign(benchmark="^IXIC"))
    (found,) = run_study(made, clean(workspace.prices.closes(), snapshot="2026-06-11")).outcomes
    assert {Warn.BENCHMARK_CONTAINS_TICKER, Warn.SNAPSHOT_DATA} <= codes(found)
    for lang in ("en", "vi"):
        assert all("{" not in w.in_words(words(lang)) for w in found.warnings)


def test_both_languages_have_every_sentence():
    """Every reason and warning has its words in English and Vietnamese, and the two catalogues of the study have equal keys."""
    files = Path(__file__).parent.parent / "aftershock" / "locales"
    english, vietnamese = (
        {
            f"{section}.{key}"
            for section, keys in tomllib.loads((files / lang / "study.toml").read_text(encoding="utf-8")).items()
            for key in keys
        }
        for lang in ("en", "vi")
    )
    for key in {f"excluded.{r}" for r in Reason} | {f"warning.{w}" for w in Warn if w is not Warn.CONFOUNDER}:
        assert any(k == key or k.startswith(f"{key}-") for k in english), key
    assert english == vietnamese


# -- properties ------------------------------------------------------------------------------------------------------


def numbers(result):
    """What must not change, by (event, ticker)."""
    frame = result.car().set_index(["event_id", "ticker"]).sort_index()
    return frame[["alpha", "beta", "sigma", "car", "se", "t", "p"]]


def some_plan(seed, k=12):
    """A plan of events on random days, many of them of the same firm."""
    rng = np.random.default_rng(seed)
    return [Observation(f"e{i}", str(rng.choice(["AAA", "BBB"])), DAYS[int(rng.integers(0, 320))]) for i in range(k)]


@QUICK
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-4, 1e5))
def test_the_scale_of_prices_changes_nothing(seed, scale):
    """Cents or dollars, points or thousands: the same study."""
    closes = market(seed)
    asked = make_plan(some_plan(seed), DESIGN)
    scaled = closes.assign(AAA=closes["AAA"] * scale, MKT=closes["MKT"] / scale)
    np.testing.assert_allclose(numbers(run_study(asked, scaled)), numbers(run_study(asked, closes)), rtol=1e-8, atol=1e-11)


@QUICK
@given(seed=st.integers(0, 10_000))
def test_the_order_of_events_changes_nothing(seed):
    """Neither the results nor the tests over all events."""
    closes, asked = market(seed), some_plan(seed)
    one, other = run_study(make_plan(asked, DESIGN), closes), run_study(make_plan(asked[::-1], DESIGN), closes)
    pd.testing.assert_frame_equal(numbers(one), numbers(other))
    np.testing.assert_allclose(
        one.tests()[["statistic", "p"]].astype(float)[:-1], other.tests()[["statistic", "p"]].astype(float)[:-1], rtol=1e-9, atol=1e-12
    )


@QUICK
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_changes_nothing(seed):
    """Shuffled and newest-first prices give the same study."""
    closes, asked = market(seed), make_plan(some_plan(seed), DESIGN)
    shuffled = closes.iloc[np.random.default_rng(seed).permutation(len(closes))]
    for rows in (closes.iloc[::-1], shuffled):
        pd.testing.assert_frame_equal(numbers(run_study(asked, rows)), numbers(run_study(asked, closes)))


@QUICK
@given(seed=st.integers(0, 10_000), factor=st.floats(0.2, 3))
def test_an_exact_multiple_of_the_benchmark_has_no_abnormal_return(seed, factor):
    """AR = 0 to rounding, whatever the multiple."""
    closes = market(seed)
    returns = closes["MKT"].pct_change(fill_method=None).fillna(0.0)
    closes["AAA"] = 50 * (1 + factor * returns).cumprod()
    assert study(closes, 200).abnormal == pytest.approx(np.zeros(3), abs=1e-13)


@QUICK
@given(seed=st.integers(0, 10_000), holes=st.integers(0, 60))
def test_results_and_exclusions_are_all_that_was_asked(seed, holes):
    """Whatever is missing or wrong in the prices, every pair is answered once."""
    rng = np.random.default_rng(seed)
    closes = market(seed).astype(object)
    for _ in range(holes):
        closes.iloc[int(rng.integers(0, 320)), int(rng.integers(0, 3))] = rng.choice([np.nan, 0.0, -1.0, np.inf, 1e300])
    asked = make_plan([*some_plan(seed), Observation("x", "ZZZ", DAYS[5]), Observation("y", "AAA", pd.Timestamp("1999-01-04"))], DESIGN)
    result = run_study(asked, closes)
    assert len(result.outcomes) + len(result.excluded) == asked.requested
    assert {o.observation.key for o in result.outcomes} | {e.key for e in result.excluded} == {o.key for o in asked.observations}
    assert all(math.isfinite(o.car) for o in result.outcomes)


@QUICK
@given(seed=st.integers(0, 10_000))
def test_a_firm_that_recurs_leaves_n_and_the_statistics_unchanged(seed):
    """Events are counted, not firms: giving every event a ticker of its own, with the same prices, changes no test."""
    closes, rng = market(seed, tickers=("AAA",)), np.random.default_rng(seed)
    rows = sorted(rng.choice(np.arange(140, 318), 9, replace=False))
    once = [Observation(f"e{i}", "AAA", DAYS[at]) for i, at in enumerate(rows)]
    each = [Observation(f"e{i}", f"A{i}", DAYS[at]) for i, at in enumerate(rows)]
    copies = closes.assign(**{f"A{i}": closes["AAA"] for i in range(len(rows))})
    one, other = run_study(make_plan(once, DESIGN), closes).tests(), run_study(make_plan(each, DESIGN), copies).tests()
    assert list(one["n"]) == list(other["n"]) == [len(rows)] * len(one)
    pd.testing.assert_frame_equal(one, other)


def test_the_calendar_of_the_catalogue_is_the_one_of_the_prices():
    """Every session of the snapshot is one of New York's, so offsets count the exchange's sessions."""
    workspace = Workspace.open()
    assert workspace.prices.closes().index.isin(new_york().sessions).all()
