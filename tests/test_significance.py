import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftershock.significance import (
    ABOUT,
    Sample,
    Test,
    Why,
    all_tests,
    benjamini_hochberg,
    bmp,
    clustered,
    corrado,
    cross_sectional,
    generalised_rank,
    generalised_sign,
    holm,
    kolari_pynnonen,
    patell,
    sign,
    wilcoxon,
    wild_bootstrap,
)
from aftershock.text import words

ANSWERS = Path(__file__).parent / "answers"
QUICK = settings(derandomize=True, max_examples=20, deadline=None)
stats = pytest.importorskip("scipy.stats")


def known(name):
    """An answer file."""
    return json.loads((ANSWERS / name).read_text(encoding="utf-8"))


def sample(cars, *, se=None, df=118, sigma=None, abnormal=None, residuals=None, starts=None, length=1):
    """A Sample of these CARs; by default events of one session each, far apart in time."""
    cars = np.asarray(cars, dtype=float)
    n = len(cars)
    starts = np.arange(n) * 500 if starts is None else np.asarray(starts)
    residuals = np.random.default_rng(0).normal(0, 0.01, (n, 60)) if residuals is None else np.asarray(residuals)
    history = residuals.shape[1]
    return Sample(
        car=cars,
        se=np.full(n, 1.0) if se is None else np.asarray(se, dtype=float),
        df=np.broadcast_to(np.asarray(df, dtype=np.int64), (n,)),
        sigma=np.full(n, 0.01) if sigma is None else np.asarray(sigma, dtype=float),
        abnormal=np.repeat(cars[:, None] / length, length, axis=1) if abnormal is None else np.asarray(abnormal),
        residuals=residuals,
        days=starts[:, None] + np.arange(length) + 10_000,
        estimation_days=starts[:, None] + np.arange(history) + 10_000 - history - 10,
    )


def random_sample(seed, n=14, length=3, shared=False):
    """Independent noise; `shared` puts all events on the same sessions."""
    rng = np.random.default_rng(seed)
    abnormal = rng.normal(0.004, 0.02, (n, length))
    residuals = rng.normal(0, 0.02, (n, 60)) + (rng.normal(0, 0.02, 60) if shared else 0)
    residuals[rng.random((n, 60)) < 0.03] = np.nan
    sigma = np.nanstd(residuals, axis=1, ddof=2)
    return sample(
        abnormal.sum(axis=1), se=sigma * np.sqrt(length * 1.05), df=58, sigma=sigma, abnormal=abnormal, residuals=residuals, length=length,
        starts=np.zeros(n, dtype=int) if shared else None,
    )  # fmt: skip


# -- published numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["VW Group", "Other"])
def test_the_published_table_of_event_study_tools_is_reproduced(group):
    """CAAR, cross-sectional t, BMP and Patell z of its two groups.

    The published CARs have four decimals: that moves t by up to 0.1 %. Its t per firm is CAR / (sigma sqrt(5)), without the prediction
    error of 250 sessions (some 1 % of the variance, much alike for all firms): BMP does not feel a common factor, Patell feels half.
    """
    answer = known("event_study_tools_2017.json")
    firms = [f for f in answer["firms"] if f["group"] == group]
    wanted = answer["groups"][group]
    se = [f["sigma"] * math.sqrt(answer["sessions"]) for f in firms]
    assert [f["car"] / s for f, s in zip(firms, se, strict=True)] == pytest.approx([f["t"] for f in firms], abs=1e-3)
    s = sample([f["car"] for f in firms], se=se, df=answer["n_estimation"] - 2)
    assert s.n == wanted["n"]
    assert s.car.mean() == pytest.approx(wanted["caar"], abs=6e-5)
    assert cross_sectional(s).statistic == pytest.approx(wanted["cross_sectional"], rel=1e-3)
    assert bmp(s).statistic == pytest.approx(wanted["bmp"], rel=1e-3)
    assert patell(s).statistic == pytest.approx(wanted["patell"], rel=1e-2)


def test_students_sleep_is_reproduced():
    """Its t is 4.0621, df = 9, p = 0.002833."""
    answer = known("published_tests.json")["sleep"]
    found = cross_sectional(sample(answer["differences"]))
    assert round(found.statistic, 4) == answer["t"]
    assert found.df == answer["df"]
    assert round(found.p, 6) == answer["p"]


def test_hollander_and_wolfes_depression_scale_is_reproduced():
    """V = 40 of 45, so the smaller sum is 5; two-sided p is twice 10/512."""
    answer = known("published_tests.json")["depression"]
    found = wilcoxon(sample(np.array(answer["before"]) - np.array(answer["after"])))
    assert found.statistic == 45 - answer["v"]
    assert found.p == pytest.approx(2 * answer["one_sided_p"], abs=1e-15)


def test_benjamini_and_hochbergs_trial_is_reproduced():
    """At 0.05 four of the fifteen hypotheses fall, three with Holm."""
    answer = known("published_tests.json")["thrombolysis"]
    assert int((benjamini_hochberg(answer["p"]) <= 0.05).sum()) == answer["benjamini_hochberg_rejects"]
    assert int((holm(answer["p"]) <= 0.05).sum()) == answer["holm_rejects"]


# -- hand arithmetic -------------------------------------------------------------------------------------------------


def test_three_events_by_hand():
    """CAR = 1, 2, 6 with se = 1, 1, 2 and df = 6.

    Mean 3, deviations -2, -1, 3, squares 14 over 2 = 7: t = 3 / sqrt(7/3). SCAR = 1, 2, 3: mean 2, sd 1, so BMP = 2 sqrt(3). Patell:
    6 / sqrt(3 * 6/4) = 6 / sqrt(9/2) = 2 sqrt(2). Signs: three of three, p = 2/8.
    """
    s = sample([1, 2, 6], se=[1, 1, 2], df=6)
    assert cross_sectional(s).statistic == pytest.approx(3 / math.sqrt(7 / 3), abs=1e-14)
    assert bmp(s).statistic == pytest.approx(2 * math.sqrt(3), abs=1e-14)
    assert patell(s).statistic == pytest.approx(2 * math.sqrt(2), abs=1e-14)
    assert (sign(s).statistic, sign(s).p) == pytest.approx((math.sqrt(3), 0.25), abs=1e-14)
    assert patell(s).p == pytest.approx(math.erfc(2), abs=1e-14)


def test_a_rank_test_by_hand():
    """Two events, three estimation days and one event day, on which both have their highest return.

    Ranks 1-3-2-4 and 2-1-3-4 over 5: means .3, .4, .5, .8, less 1/2: -.2, -.1, 0, .3.
    S^2 = (.04 + .01 + 0 + .09)/4 = .035, z = .3 / sqrt(.035).
    """
    s = sample([9, 9], abnormal=[[9.0], [9.0]], residuals=[[1.0, 3.0, 2.0], [2.0, 1.0, 3.0]])
    assert corrado(s).statistic == pytest.approx(0.3 / math.sqrt(0.035), abs=1e-14)


def test_generalised_sign_by_hand():
    """Two of four estimation returns of one event are positive, one of four of the other: expected share 3/8. Both CARs are positive:
    z = (2 - 6/8) / sqrt(2 * 3/8 * 5/8) = 1.25 / sqrt(15/32)."""
    s = sample([0.1, 0.2], residuals=[[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, -1.0, -1.0]])
    assert generalised_sign(s).statistic == pytest.approx(1.25 / math.sqrt(15 / 32), abs=1e-14)


def test_the_effective_number_of_events_by_hand():
    """Two identical events are worth one; two that share one session of two, with equal noise, are worth 2 / (1 + 1/2)."""
    noise = np.random.default_rng(1).normal(0, 1, 40)
    twins = sample([1, 1.1], residuals=[noise, noise], starts=[0, 0], length=2)
    assert (twins.mean_correlation, twins.n_effective) == pytest.approx((1.0, 1.0))
    days = np.random.default_rng(2).normal(0, 1, 41)
    half = sample([1, 1.1], residuals=[days[:40], days[1:]], starts=[0, 1], length=2)
    assert half.mean_correlation == pytest.approx(0.5)
    assert half.n_effective == pytest.approx(4 / 3)


# -- other packages and a second reading of the papers ---------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_scipy_gives_the_same_wilcoxon_sign_and_t(seed):
    """Exact and normal p, with ties and zeros, for small and larger samples."""
    rng = np.random.default_rng(seed)
    for values in (rng.normal(0.3, 1, 12), rng.normal(0.1, 1, 80), np.round(rng.normal(0.5, 2, 60)), rng.normal(0, 1, 50)):
        s = sample(values)
        kept = values[values != 0]
        tied = len(np.unique(np.abs(kept))) < len(kept)
        method = "approx" if len(kept) > 50 or tied else "exact"
        other = stats.wilcoxon(kept, method=method)
        assert [wilcoxon(s).statistic, wilcoxon(s).p] == pytest.approx([other.statistic, other.pvalue], abs=1e-12)
        assert sign(s).p == pytest.approx(stats.binomtest(int((kept > 0).sum()), len(kept)).pvalue, abs=1e-12)
        t = stats.ttest_1samp(values, 0)
        assert [cross_sectional(s).statistic, cross_sectional(s).p] == pytest.approx([t.statistic, t.pvalue], abs=1e-12)


def test_statsmodels_gives_the_same_clustered_t_and_adjustments():
    """The mean with cluster-robust variance times G/(G-1); Holm and Benjamini-Hochberg."""
    sm = pytest.importorskip("statsmodels.api")
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(3)
    cars, starts = rng.normal(0.2, 1, 30), np.sort(rng.integers(0, 15, 30)) * 100
    s = sample(cars, starts=starts)
    groups = np.unique(starts, return_inverse=True)[1]
    assert (s.clusters == groups).all()
    other = sm.OLS(cars, np.ones(30)).fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": True}, use_t=True)
    found = clustered(s)
    assert found.statistic == pytest.approx(float(other.tvalues[0]), abs=1e-12)
    assert found.df == groups.max()
    assert found.p == pytest.approx(2 * stats.t.sf(abs(found.statistic), groups.max()), abs=1e-14)
    p = rng.random(20) ** 3
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-15)
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1], abs=1e-15)


@pytest.mark.parametrize("seed", range(3))
def test_a_second_reading_of_corrado_and_grank_agrees(seed):
    """The same formulas written out event by event and day by day, with scipy's ranks."""
    s = random_sample(seed)
    n, length, history = s.n, s.length, s.residuals.shape[1]
    deviations = {t: [] for t in range(history + length)}
    for i in range(n):
        days = [(t, v) for t, v in enumerate([*s.residuals[i], *s.abnormal[i]]) if not math.isnan(v)]
        for (t, _), rank in zip(days, stats.rankdata([v for _, v in days]), strict=True):
            deviations[t].append(rank / (len(days) + 1) - 0.5)
    square = sum(len(d) / n * (sum(d) / len(d)) ** 2 for d in deviations.values()) / (history + length)
    window = [sum(deviations[t]) / len(deviations[t]) for t in range(history, history + length)]
    assert corrado(s).statistic == pytest.approx(math.sqrt(length) * (sum(window) / length) / math.sqrt(square), abs=1e-12)

    scar = s.car / s.se
    again = scar / scar.std(ddof=1)
    deviations = {t: [] for t in range(history + 1)}
    for i in range(n):
        days = [(t, v) for t, v in enumerate([*(s.residuals[i] / s.sigma[i]), again[i]]) if not math.isnan(v)]
        for (t, _), rank in zip(days, stats.rankdata([v for _, v in days]), strict=True):
            deviations[t].append(rank / (len(days) + 1) - 0.5)
    square = sum(len(d) / n * (sum(d) / len(d)) ** 2 for d in deviations.values()) / (history + 1)
    z = sum(deviations[history]) / n / math.sqrt(square)
    found = generalised_rank(s)
    assert found.statistic == pytest.approx(z * math.sqrt((history - 1) / (history - z * z)), abs=1e-12)
    assert found.df == history - 1


@pytest.mark.parametrize("seed", range(3))
def test_kolari_pynnonen_is_bmp_corrected_by_the_mean_correlation(seed):
    """All events on the same sessions: r is the mean of numpy's correlations of their residuals."""
    s = random_sample(seed, n=8, shared=True)
    full = Sample(s.car, s.se, s.df, s.sigma, s.abnormal, np.nan_to_num(s.residuals), s.days, s.estimation_days)
    correlations = np.corrcoef(full.residuals)
    r = (correlations.sum() - 8) / (8 * 7)
    assert full.mean_correlation == pytest.approx(r, abs=1e-12)
    assert kolari_pynnonen(full).statistic == pytest.approx(bmp(full).statistic * math.sqrt((1 - r) / (1 + 7 * r)), abs=1e-12)
    assert full.n_effective == pytest.approx(8 / (1 + 7 * r))


def test_the_bootstrap_of_few_clusters_takes_every_pattern():
    """Five clusters, 32 patterns, the t of each worked out again from the definition."""
    rng = np.random.default_rng(4)
    cars, starts = rng.normal(0.5, 1, 9), np.array([0, 0, 100, 100, 100, 200, 300, 400, 400])
    groups = np.unique(starts, return_inverse=True)[1]

    def t_of(values):
        sums = [sum(values[groups == g] - values.mean()) for g in range(5)]
        return values.mean() / (math.sqrt(5 / 4 * sum(v * v for v in sums)) / 9)

    reached = [abs(t_of(cars * np.array(w)[groups])) >= abs(t_of(cars)) - 1e-12 for w in itertools.product([-1, 1], repeat=5)]
    found = wild_bootstrap(sample(cars, starts=starts))
    assert found.statistic == pytest.approx(t_of(cars), abs=1e-12)
    assert found.p == pytest.approx(sum(reached) / 32, abs=1e-15)
    assert not found.usable
    assert found.why is Why.TOO_FEW_CLUSTERS


def test_the_bootstrap_is_seeded():
    """The same sample gives the same p twice; another seed gives one close to it."""
    s = random_sample(5, n=40)
    assert wild_bootstrap(s).p == wild_bootstrap(s).p
    assert wild_bootstrap(s, seed=1).p == pytest.approx(wild_bootstrap(s).p, abs=0.03)


# -- what may be relied on -------------------------------------------------------------------------------------------


def test_shared_noise_is_what_the_adjusted_tests_are_for():
    """Without any reaction, 45 events on 15 dates with a common shock: the cross-sectional t and BMP find one far too often at 5 %, the
    clustered t and Kolari-Pynnönen do not (300 seeded samples; a true 5 % lies within 2 and 9 % of them)."""
    rng = np.random.default_rng(11)
    hits = dict.fromkeys((cross_sectional, bmp, clustered, kolari_pynnonen), 0)
    for _ in range(300):
        starts = rng.integers(0, 15, 45) * 400
        shock = rng.normal(0, 0.02, 15 * 400 + 200)
        history = starts[:, None] + np.arange(60)
        residuals = rng.normal(0, 0.02, (45, 60)) + shock[history]
        abnormal = rng.normal(0, 0.02, (45, 2)) + shock[starts[:, None] + np.arange(70, 72)]
        sigma = residuals.std(axis=1, ddof=1)
        s = sample(abnormal.sum(axis=1), se=sigma * math.sqrt(2), df=59, sigma=sigma, abnormal=abnormal, residuals=residuals,
                   starts=starts, length=2)  # fmt: skip
        for test in hits:
            hits[test] += test(s).p < 0.05
    share = {test.__name__: count / 300 for test, count in hits.items()}
    assert min(share["cross_sectional"], share["bmp"]) > 0.12
    assert 0.02 < share["clustered"] < 0.09
    assert 0.01 < share["kolari_pynnonen"] < 0.09


def test_shared_sessions_leave_only_the_adjusted_tests():
    """Tests that take events as independent say that they must not be used; the shown ones stay right."""
    found = {r.test: r for r in all_tests(random_sample(6, n=12, shared=True))}
    for test in (Test.CROSS_SECTIONAL, Test.PATELL, Test.BMP, Test.SIGN, Test.GENERALISED_SIGN, Test.WILCOXON):
        assert (found[test].usable, found[test].why) == (False, Why.SHARED_SESSIONS)
    assert found[Test.GENERALISED_RANK].shown
    assert not found[Test.CLUSTERED].usable  # one cluster
    assert {t for t, r in found.items() if r.shown} <= {t for t, a in ABOUT.items() if a.adjusted}


def test_shifted_windows_leave_no_rank_test():
    """Ranks by event day do not see that day 0 of one event is day 1 of another."""
    s = sample(np.arange(1.0, 13.0), starts=np.arange(12) * 2, length=3)
    assert s.shifted
    for test in (corrado, generalised_rank):
        assert test(s).why is Why.SHIFTED_WINDOWS


def test_independent_events_leave_every_test():
    """Without shared sessions Kolari-Pynnönen is BMP, the clustered t is the cross-sectional t, and all are usable."""
    s = random_sample(7)
    found = {r.test: r for r in all_tests(s)}
    assert all(r.usable for r in found.values())
    assert (s.n_effective, s.mean_correlation) == (14, 0)
    assert found[Test.KOLARI_PYNNONEN].p == pytest.approx(found[Test.BMP].p, abs=1e-15)
    assert found[Test.CLUSTERED].statistic == pytest.approx(found[Test.CROSS_SECTIONAL].statistic, abs=1e-12)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_events_are_computed_or_undefined_but_never_usable(n):
    """No event, one, two: no crash, no warning, no number that is not one."""
    for r in all_tests(random_sample(8, n=n)):
        assert not r.usable
        assert r.why
        assert not math.isinf(r.statistic)


def test_events_that_do_not_differ_give_no_statistic():
    """With no spread there is nothing to divide by."""
    s = sample(np.full(12, 0.5))
    for test in (cross_sectional, bmp, clustered):
        assert math.isnan(test(s).statistic)
        assert test(s).why is Why.NO_SPREAD


def test_every_test_has_its_words_and_its_source():
    """Name, null hypothesis, convention and reason in both languages; a citation with a year."""
    for lang in ("en", "vi"):
        say = words(lang)
        for r in all_tests(random_sample(9, shared=True)):
            assert r.label(say)
            assert r.null_in_words(say)
            assert r.convention(say)
            assert bool(r.why_in_words(say)) == (not r.usable)
            assert "19" in r.citation or "20" in r.citation


def test_undefined_p_values_do_not_count_in_a_family():
    """NaN stays NaN, and the others are adjusted as if it were not there."""
    assert holm([0.01, math.nan, 0.04])[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(benjamini_hochberg([math.nan])[0])


@QUICK
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3))
def test_the_unit_of_returns_changes_no_test(seed, scale):
    """Percent or fractions: the same statistics and p-values, but for the sums of ranks, which have no unit anyway."""
    s = random_sample(seed)
    other = Sample(s.car * scale, s.se * scale, s.df, s.sigma * scale, s.abnormal * scale, s.residuals * scale, s.days, s.estimation_days)
    for a, b in zip(all_tests(s), all_tests(other), strict=True):
        assert [b.statistic, b.p] == pytest.approx([a.statistic, a.p], rel=1e-9, abs=1e-12)


@QUICK
@given(seed=st.integers(0, 10_000))
def test_the_opposite_news_gives_the_opposite_statistic(seed):
    """Every t and z changes its sign and keeps its p."""
    s = random_sample(seed)
    other = Sample(-s.car, s.se, s.df, s.sigma, -s.abnormal, -s.residuals, s.days, s.estimation_days)
    for a, b in zip(all_tests(s), all_tests(other), strict=True):
        factor = 1 if a.test is Test.WILCOXON else -1
        assert [b.statistic, b.p] == pytest.approx([factor * a.statistic, a.p], rel=1e-9, abs=1e-9)
