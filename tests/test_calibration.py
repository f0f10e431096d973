import json
from dataclasses import replace

import numpy as np
import pytest

from aftershock import calibration
from aftershock.calibration import Calibration, Size, calibrated
from aftershock.returns import Returns
from aftershock.significance import ABOUT, Test, Why, all_tests
from aftershock.study import Observation, StudyDesign, Window, make_plan, run_study
from aftershock.text import words
from aftershock.workspace import Workspace
from benchmarks import calibration as bench
from benchmarks.results import RESULTS, put


@pytest.fixture(scope="module")
def workspace():
    """The catalogue and the snapshot."""
    return Workspace.open()


@pytest.fixture(scope="module")
def stocks(workspace):
    """The three series with the window [-1, +1]."""
    return [bench.Stock.of(workspace, ticker, Window(-1, 1)) for ticker in bench.SERIES]


@pytest.fixture(scope="module")
def short(workspace):
    """A short run: 60 samples of 5 events, 12 specification curves per series."""
    return bench.simulate(workspace, draws=60, curves=12, sizes=(5,), windows=(Window(-1, 1),))


def test_the_samples_are_those_of_the_study(workspace, stocks):
    """What the simulation puts together quickly is what run_study hands to the tests, array by array."""
    events = bench.shared(stocks, 5, np.random.default_rng(1))
    found = bench.sample(events)
    days = workspace.closes.frame.index
    asked = [Observation(f"e{i}", stock.setting.series.ticker, days[place]) for i, (stock, place) in enumerate(events)]
    wanted = run_study(make_plan(asked, StudyDesign(returns=Returns.SIMPLE)), workspace.closes).sample()
    for name in ("car", "se", "df", "sigma", "abnormal", "residuals"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-9, atol=1e-12)
    assert (found.shared == wanted.shared).all()
    for ours, theirs in zip(all_tests(found), all_tests(wanted), strict=True):
        assert ours.p == pytest.approx(theirs.p, rel=1e-6, nan_ok=True)


def test_events_fall_on_ordinary_sessions_only(workspace, stocks):
    """No event of the catalogue that concerns the series lies in any window; apart means apart, shared means three at a time."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        events = bench.apart(stocks, 15, rng)
        assert len({id(stock) for stock, _ in events}) == 1
        places = sorted(place for _, place in events)
        assert min(np.diff(places)) >= 3
        touched = set(events[0][0].setting.touched.tolist())
        assert not any({place - 1, place, place + 1} & touched for place in places)
    together = [place for _, place in bench.shared(stocks, 15, rng)]
    assert len(together) == 15
    assert len(set(together)) == 5


def test_the_same_seed_gives_the_same_figures(workspace, short):
    """Nothing but the seed and the data decides."""
    again = bench.simulate(workspace, draws=60, curves=12, sizes=(5,), windows=(Window(-1, 1),))
    assert json.dumps(again) == json.dumps(short)
    assert short["data_sha256"] == workspace.prices.provenance.sha256


def test_the_honest_tests_are_near_five_per_cent(short):
    """Over three thousand ordinary sessions t and the ordinary days reject within 4-6 %, and the interval holds 94-96 %."""
    rows = {r["test"]: r for r in short["single"] if r["series"] == "all"}
    assert rows["t"]["draws"] > 2500
    for test in ("t", "ordinary-days", "ordinary-days-scaled"):
        assert 0.04 <= rows[test]["size"] <= 0.06
    assert rows["t"]["coverage"] == pytest.approx(1 - rows["t"]["size"], abs=2e-4)
    assert rows["both"]["size"] <= min(rows["t"]["size"], rows["ordinary-days"]["size"])


def test_shared_sessions_fool_the_tests_that_ignore_them(stocks):
    """300 samples of 15 events on 5 sessions: Patell rejects far more than 5 %, Kolari-Pynnönen does not."""
    rows = {r["test"]: r["size"] for r in bench.groups(stocks, bench.shared, 15, 300, np.random.default_rng(3))}
    assert rows["patell"] > 0.08
    assert rows["kolari-pynnonen"] < rows["patell"]


def run_of(size, test="clustered", **more):
    """A calibration with one size in it."""
    row = {"test": test, "n": 5, "shared": False, "length": 3, "size": size, "se": 0.003, "draws": 4000} | more
    return Calibration(1, "2026-06-11", "0" * 64, (Size(**row),), ())


def test_a_test_outside_four_to_six_per_cent_is_not_usable(stocks):
    """It keeps its numbers, says its true size, and never stands on the page; one inside keeps its place."""
    events = bench.apart(stocks, 15, np.random.default_rng(4))
    results = {r.test: r for r in all_tests(bench.sample(events))}
    honest = results[Test.CLUSTERED]
    assert honest.shown
    kept = calibrated([honest], shared=False, length=3, run=run_of(0.052))[0]
    assert (kept.usable, kept.shown, kept.size) == (True, True, 0.052)
    for size in (0.039, 0.061):
        marked = calibrated([honest], shared=False, length=3, run=run_of(size))[0]
        assert (marked.usable, marked.shown, marked.why, marked.p) == (False, False, Why.SIZE, honest.p)
        assert "3.9" in marked.why_in_words(words("en")) or "6.1" in marked.why_in_words(words("en"))
        assert words("vi").percent(size, 1, signed=False) in marked.why_in_words(words("vi"))
    doubted = replace(honest, usable=False, why=Why.SHARED_SESSIONS)
    assert calibrated([doubted], shared=False, length=3, run=run_of(0.2))[0].why is Why.SHARED_SESSIONS


def test_a_sample_is_judged_by_the_nearest_conditions():
    """By the number of events in ratio, by whether sessions are shared, and by one session or several."""
    conditions = [(n, shared, length) for n in (5, 15, 30) for shared in (False, True) for length in (1, 3)]
    sizes = [Size("patell", n, shared, length, 0.05, 0.0, 1) for n, shared, length in conditions]
    known = Calibration(1, "", "", tuple(sizes), ())
    assert known.of("patell", 8, shared=False, length=1).n == 5
    assert known.of("patell", 9, shared=False, length=1).n == 15  # 9/5 = 1.8 > 15/9 = 1.67
    assert known.of("patell", 128, shared=True, length=11).n == 30
    assert known.of("patell", 128, shared=True, length=11).length == 3
    assert known.of("corrado", 5, shared=False, length=1) is None


def test_the_stored_run_is_of_these_prices_and_covers_every_test(workspace):
    """Data that change need a new `make calibration`; the table of the results names the seed and the hash."""
    known = calibration.load()
    assert known.data_sha256 == workspace.prices.provenance.sha256
    assert known.seed == bench.SEED
    for test in ABOUT:
        for n, shared, length in ((5, False, 1), (15, True, 3), (30, False, 3)):
            found = known.of(test, n, shared=shared, length=length)
            assert (found.n, found.shared, found.length) == (n, shared, length)
            assert found.draws >= 2000
    text = RESULTS.read_text(encoding="utf-8")
    assert bench.HEADING in text
    assert known.data_sha256[:12] in text
    assert f"seed {known.seed}" in text


def test_without_a_run_nothing_is_marked(tmp_path, stocks):
    """No file, no sizes: the results stay as they were."""
    assert calibration.load(tmp_path / "none.json") is None
    result = all_tests(bench.sample(bench.apart(stocks, 5, np.random.default_rng(5))))[0]
    assert calibrated([result], shared=False, length=1, run=run_of(0.05, "sign"))[0] == result or np.isnan(result.p)


def test_our_section_of_the_results_is_replaced_and_the_others_stay(tmp_path, short):
    """Writing twice gives one section; what others wrote before and after it is kept."""
    path = tmp_path / "RESULTS.md"
    path.write_text(f"# Results\n\n## Page\n\nfast\n\n{bench.HEADING}\n\nof an earlier run\n\n## Load\n\nmany\n", encoding="utf-8")
    for _ in range(2):
        put(bench.HEADING, bench.table(short), path)
    text = path.read_text(encoding="utf-8")
    assert text.count(bench.HEADING) == 1
    assert "of an earlier run" not in text
    assert "fast" in text
    assert "many" in text


def test_the_table_marks_what_is_outside(short):
    """Every test is a row; a size outside 4-6 % is bold."""
    text = "\n".join(bench.table(short))
    assert all(f"| {test} |" in text for test in ABOUT)
    outside = [r for r in short["groups"] if not 0.04 <= r["size"] <= 0.06]
    assert all(f"**{r['size']:.1%} ({r['se']:.1%})**" in text for r in outside)
