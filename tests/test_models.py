import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftershock.models import EXACT, OK, TOO_LITTLE, ZERO_VARIANCE, Model, car_windows, fit, fit_windows, one

ANSWERS = Path(__file__).parent / "answers"
QUICK = settings(derandomize=True, max_examples=30, deadline=None)


def series(seed, n=400, missing=0.0):
    """(y, x): returns of a stock and of its benchmark."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0004, 0.011, n)
    y = 0.0002 + 1.4 * x + rng.standard_t(5, n) * 0.015
    for values in (y, x):
        values[rng.random(n) < missing] = np.nan
    return y, x


def test_nist_norris_is_reproduced():
    """Certified intercept, slope and residual standard deviation, to the digits that NIST gives."""
    known = json.loads((ANSWERS / "nist_norris.json").read_text(encoding="utf-8"))
    found, status = fit(np.array(known["y"]), np.array(known["x"]))
    assert status == OK
    assert found.alpha == pytest.approx(known["alpha"], rel=1e-12)
    assert found.beta == pytest.approx(known["beta"], rel=1e-13)
    assert found.sigma == pytest.approx(known["sigma"], rel=1e-12)
    assert found.sigma / math.sqrt(found.sxx) == pytest.approx(known["beta_se"], rel=1e-11)
    # the variance of a prediction at x = 0, less that of the new observation itself, is that of the intercept
    assert math.sqrt(found.variance(np.array([0.0])) - found.sigma**2) == pytest.approx(known["alpha_se"], rel=1e-11)


def test_three_rows_by_hand():
    """Estimation x = 0, 1, 2 and y = 1, 2, 4 (percent), event x = 3, 3 and y = 6, 5.

    Means 1 and 7/3. Sxx = 2, Sxy = 4/3 + 5/3 = 3, so beta = 3/2 and alpha = 7/3 - 3/2 = 5/6. Residuals 1/6, -1/3, 1/6: their
    squares sum to 1/6, over n-2 = 1. Expected 5/6 + 9/2 = 16/3, AR = 2/3 and -1/3, CAR = 1/3.
    Variance: 1/6 (2 + 4/3 + (2+2)^2/2) = 1/6 * 34/3 = 17/9, so t = (1/3) / (sqrt(17)/3) = 1/sqrt(17).
    """
    found, _ = fit(np.array([1.0, 2.0, 4.0]), np.array([0.0, 1.0, 2.0]))
    assert (found.n, found.df) == (3, 1)
    assert found.alpha == pytest.approx(5 / 6, abs=1e-14)
    assert found.beta == pytest.approx(3 / 2, abs=1e-14)
    assert found.sigma**2 == pytest.approx(1 / 6, abs=1e-14)
    event = np.array([3.0, 3.0])
    abnormal = np.array([6.0, 5.0]) - found.expected(event)
    assert abnormal == pytest.approx([2 / 3, -1 / 3], abs=1e-14)
    assert found.variance(event) == pytest.approx(17 / 9, abs=1e-13)
    assert abnormal.sum() / math.sqrt(found.variance(event)) == pytest.approx(1 / math.sqrt(17), abs=1e-14)


def test_the_other_models_by_hand():
    """From y = 1, 2, 4 and x = 0, 1, 2: differences 1, 1, 2 with mean 4/3 and squares 2/3; y about 7/3: 16/9 + 1/9 + 25/9 = 14/3."""
    y, x, event = np.array([1.0, 2.0, 4.0]), np.array([0.0, 1.0, 2.0]), np.array([3.0, 3.0])
    adjusted, _ = fit(y, x, Model.MARKET_ADJUSTED)
    assert (adjusted.alpha, adjusted.beta, adjusted.df) == (0.0, 1.0, 2)
    assert adjusted.sigma**2 == pytest.approx(1 / 3, abs=1e-14)
    assert adjusted.variance(event) == pytest.approx(2 / 3, abs=1e-14)
    mean, _ = fit(y, x, Model.MEAN_ADJUSTED)
    assert mean.expected(event) == pytest.approx([7 / 3, 7 / 3], abs=1e-14)
    assert mean.sigma**2 == pytest.approx(7 / 3, abs=1e-14)
    assert mean.variance(event) == pytest.approx(7 / 3 * (2 + 4 / 3), abs=1e-13)


@pytest.mark.parametrize("seed", range(5))
def test_statsmodels_gives_the_same_market_model(seed):
    """alpha, beta, sigma, AR, the standard error of each AR and of the CAR agree with statsmodels' OLS to 1e-10."""
    sm = pytest.importorskip("statsmodels.api")
    y, x = series(seed)
    found, _ = fit(y[:120], x[:120])
    design = sm.add_constant(x[:120])
    other = sm.OLS(y[:120], design).fit()
    assert [found.alpha, found.beta, found.sigma] == pytest.approx([*other.params, math.sqrt(other.scale)], abs=1e-10)
    window = sm.add_constant(x[130:136], has_constant="add")
    predicted = other.get_prediction(window)
    assert y[130:136] - found.expected(x[130:136]) == pytest.approx(y[130:136] - predicted.predicted_mean, abs=1e-10)
    assert found.daily_se(x[130:136]) == pytest.approx(predicted.se_obs, abs=1e-10)
    covariance = window @ other.cov_params() @ window.T + other.scale * np.eye(6)
    assert math.sqrt(found.variance(x[130:136])) == pytest.approx(math.sqrt(covariance.sum()), abs=1e-10)


@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("missing", [0.0, 0.05])
def test_many_windows_give_the_numbers_of_one(model, missing):
    """fit_windows and car_windows agree with fit at every position to 1e-10, with and without missing returns."""
    y, x = series(3, missing=missing)
    estimation, window = (-130, -11), (-1, 2)
    many = fit_windows(y, x, np.arange(len(y)), estimation, model, min_observations=60)
    cars = car_windows(y, x, np.arange(len(y)), many, window)
    compared = 0
    for at in range(len(y)):
        span = slice(max(0, at + estimation[0]), max(0, at + estimation[1] + 1))
        single, status = fit(y[span], x[span], model, min_observations=60) if span.stop else (None, TOO_LITTLE)
        assert many.status[at] == status
        if single is None:
            assert np.isnan([many.alpha[at], many.beta[at], many.sigma[at], cars.car[at], cars.se[at]]).all()
            continue
        bulk = one(many, at)
        assert (bulk.n, bulk.df) == (single.n, single.df)
        assert [bulk.alpha, bulk.beta, bulk.sigma] == pytest.approx([single.alpha, single.beta, single.sigma], abs=1e-12)
        yw, xw = y[at - 1 : at + 3], x[at - 1 : at + 3]
        if len(yw) == 4 and np.isfinite(yw).all() and np.isfinite(xw).all():
            assert cars.car[at] == pytest.approx(float((yw - single.expected(xw)).sum()), abs=1e-12)
            assert cars.se[at] == pytest.approx(math.sqrt(single.variance(xw)), abs=1e-12)
            compared += 1
        elif model is not Model.MEAN_ADJUSTED or not (len(yw) == 4 and np.isfinite(yw).all()):
            assert np.isnan(cars.car[at])
    assert compared > 100


@pytest.mark.parametrize("value", [0.0, 0.013, -0.4])
def test_a_benchmark_that_never_moves_gets_no_number(value):
    """Sxx is exactly 0 and the answer is a status, not a beta of 1e-7."""
    y, _ = series(1)
    found, status = fit(y[:50], np.full(50, value))
    assert (found, status) == (None, ZERO_VARIANCE)
    many = fit_windows(y[:50], np.full(50, value), [49], (-49, -5))
    assert np.isnan(many.beta).all()
    assert many.sxx[0] == 0.0


def test_growth_that_is_constant_but_for_rounding_is_no_variation():
    """An index that grows by 0.1 % a session has returns that differ in the last digit only."""
    closes = 17.3 * np.cumprod(np.full(101, 1.001))
    y, _ = series(2)
    assert fit(y[:100], closes[1:] / closes[:-1] - 1)[1] == ZERO_VARIANCE


def test_a_benchmark_with_tiny_variance_keeps_its_digits():
    """Market sd 1e-8 on a mean of 1e-3: beta as from exact arithmetic, where a raw normal equation loses six digits."""
    rng = np.random.default_rng(0)
    x = 1e-3 + 1e-8 * rng.integers(-3, 4, 100)
    y = 2.0 * (x - 1e-3) + 1e-9 * rng.integers(-3, 4, 100)
    from fractions import Fraction

    xs, ys = [Fraction(float(v)) for v in x], [Fraction(float(v)) for v in y]
    mx, my = sum(xs) / 100, sum(ys) / 100
    beta = sum((a - mx) * (b - my) for a, b in zip(xs, ys, strict=True)) / sum((a - mx) ** 2 for a in xs)
    assert fit(y, x)[0].beta == pytest.approx(float(beta), rel=1e-9)


def test_an_exact_multiple_of_the_benchmark_has_nothing_left():
    """AR = 0, sigma = 0, and the status says that nothing can be tested."""
    _, x = series(4)
    found, status = fit(2.5 * x[:80] + 0.001, x[:80])
    assert status == EXACT
    assert found.exact
    assert found.sigma == 0.0
    assert 2.5 * x[90:95] + 0.001 - found.expected(x[90:95]) == pytest.approx(np.zeros(5), abs=1e-15)


def test_pairs_are_deleted_together():
    """A return that is missing on either side leaves the estimation on both sides, and n says so."""
    y, x = series(5, n=60)
    holed_y, holed_x = y.copy(), x.copy()
    holed_y[[3, 10]] = np.nan
    holed_x[[10, 20]] = np.nan
    kept = np.delete(np.arange(60), [3, 10, 20])
    a, b = fit(holed_y, holed_x)[0], fit(y[kept], x[kept])[0]
    assert a.n == 57
    assert [a.alpha, a.beta, a.sigma] == pytest.approx([b.alpha, b.beta, b.sigma], abs=1e-15)


def test_too_few_observations_give_a_status():
    """59 of 60 wanted is too little; 60 is enough; two points never make a market model."""
    y, x = series(6, n=60)
    assert fit(y[:59], x[:59], min_observations=60)[1] == TOO_LITTLE
    assert fit(y, x, min_observations=60)[1] == OK
    assert fit(y[:2], x[:2])[1] == TOO_LITTLE


@QUICK
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([1e-3, 0.5, 3.0, 1e4]))
def test_the_scale_of_returns_scales_the_answer(seed, scale):
    """Returns in percent instead of fractions give the same beta, and alpha and sigma in percent."""
    y, x = series(seed, n=90)
    a, b = fit(y, x)[0], fit(y * scale, x * scale)[0]
    assert b.beta == pytest.approx(a.beta, rel=1e-10)
    assert [b.alpha, b.sigma] == pytest.approx([a.alpha * scale, a.sigma * scale], rel=1e-9)
