import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from aftershock import findings, impact
from aftershock.dollars import Later, MoveSplit
from aftershock.errors import RequestError
from aftershock.impact import Impact, default_design
from aftershock.models import Model
from aftershock.returns import Returns
from aftershock.study import Exclusion, Observation, Reason, StudyDesign, Window, cumulate, make_plan, run_study
from aftershock.text import LANGUAGES, words
from aftershock.verdict import Doubt, Kind, State, Status
from aftershock.workspace import Workspace

CRASH = "deepseek-crash-2025-01-27"
TABLES = {"path", "ordinary", "specifications", "anchors", "ledger", "benchmarks", "dollars", "split", "tests"}


@pytest.fixture(scope="module")
def workspace():
    """The catalogue and the snapshot."""
    return Workspace.open()


@pytest.fixture(scope="module")
def crash(workspace):
    """Nvidia on 27 January 2025 by the default design."""
    return workspace.impact(CRASH, "NVDA")


@pytest.mark.parametrize(
    ("recovered", "words_en"),
    [
        (0.44, "given back 44\u00a0% of the move"),
        (1.0, "given back the whole move and more"),
        (5.61, "given the move back 5.6 times over"),
        (-0.5, "gone 50\u00a0% of the move further the same way"),
        (-1.4, "at least as far again the same way"),
        (-3.2, "gone 3.2 times the move further the same way"),
    ],
)
def test_what_came_back_is_said_as_a_person_would(recovered, words_en):
    """A part as a percentage, more than the whole in words, and several times over as a multiple."""
    later = Later(1, pd.Timestamp("2025-01-28"), 0.1, recovered)
    parts = MoveSplit(pd.Timestamp("2025-01-27"), 100.0, 95.0, 90.0, -0.05, -0.0526, -0.1, (later,))
    assert words_en in findings.split(parts, words("en"))
    assert findings.split(parts, words("vi")).endswith(".")


def test_the_default_is_one_session_on_the_sp500(workspace, crash):
    """Headline [0, 0] and [-1, +1] besides, estimation -130..-11, ^GSPC, for a share and for the Nasdaq."""
    assert [j.window for j in crash.judged] == [Window(0, 0), Window(-1, 1)]
    assert crash.design == StudyDesign(Window(-130, -11), Window(0, 0), Model.MARKET, Returns.SIMPLE, "^GSPC")
    assert workspace.impact(CRASH, "^IXIC").design == crash.design
    assert crash.why_design == ""


def test_the_sp500_itself_has_nothing_wider_to_be_compared_with(workspace):
    """It is measured against its own mean, and says why; so is any series where ^GSPC has no prices."""
    found = workspace.impact(CRASH, "^GSPC")
    assert (found.design.model, found.why_design) == (Model.MEAN_ADJUSTED, "no-wider-index")
    assert default_design("NVDA", ("NVDA", "AMD"))[1] == "no-benchmark"


def test_the_numbers_are_those_of_the_study(workspace, crash):
    """CAR, error and p of both windows as run_study gives them, and the answer is more than noise."""
    for judged in crash.judged:
        design = replace(crash.design, window=judged.window)
        (wanted,) = run_study(make_plan([Observation(CRASH, "NVDA", crash.session)], design), workspace.closes).outcomes
        assert (judged.outcome.car, judged.outcome.se, judged.outcome.p) == (wanted.car, wanted.se, wanted.p)
    assert crash.verdict.state is State.MORE_THAN_NOISE
    assert crash.outcome is crash.headline.outcome
    assert (crash.ordinary, crash.ledger) == (crash.headline.ordinary, crash.headline.ledger)


def test_the_path_begins_at_the_close_before_the_news(crash):
    """0 at session -1; forward it is the CAR from the window's first session, backward minus what was still to come; -10 to +20."""
    path = crash.path.set_index("offset")
    assert list(path.index) == list(range(-10, 21))
    assert path.loc[-1, "car"] == 0.0
    assert path.loc[0, "car"] == pytest.approx(crash.outcome.car, abs=1e-12)
    assert path.loc[0, "car_se"] == pytest.approx(crash.outcome.se, abs=1e-12)
    np.testing.assert_allclose(path["car"].diff().iloc[1:], path["abnormal"].iloc[1:], atol=1e-12)
    inside = path.loc[0:4]
    wanted = cumulate(crash.outcome.fit, inside["abnormal"].to_numpy(), inside["benchmark"].to_numpy())
    assert path.loc[4, "car_se"] == pytest.approx(wanted.se, abs=1e-12)
    assert path.loc[4, "car_reach"] == pytest.approx((wanted.high - wanted.low) / 2, abs=1e-12)
    assert path.loc[0, "abnormal_reach"] == pytest.approx((crash.outcome.high - crash.outcome.low) / 2, abs=1e-12)


def test_the_path_ends_where_the_data_end(workspace):
    """An event of the last weeks has a shorter path, and what came back later is unknown, with the reason."""
    last = [e for e in workspace.events if workspace.reactions[e.id].session <= pd.Timestamp("2026-06-10")][-1]
    found = workspace.impact(last.id, "NVDA")
    assert found.path["session"].iloc[-1] <= pd.Timestamp("2026-06-11")
    assert found.path["offset"].iloc[-1] < 20
    assert found.split.later[-1].why == "data-end"


def test_what_cannot_be_answered_says_why(workspace):
    """After the last price, a series without prices: an Exclusion; an unknown event or benchmark: an error in one sentence."""
    later = workspace.events[-1]
    assert workspace.impact(later.id, "NVDA").reason is Reason.AFTER_LAST_PRICE
    assert workspace.impact(CRASH, "TSM").reason is Reason.PRICE_MISSING
    with pytest.raises(RequestError):
        workspace.impact("nope", "NVDA")
    with pytest.raises(RequestError):
        workspace.impact(CRASH, "NVDA", StudyDesign(window=Window(0, 0), benchmark="^FTSE"))


def test_a_second_window_that_cannot_be_had_is_named(workspace):
    """On the last session [-1, +1] is cut to two days; an estimation that ends at -1 leaves only windows from 0 on."""
    near = StudyDesign(Window(-60, -1), Window(0, 0))
    assert [j.window for j in workspace.impact(CRASH, "NVDA", near).judged] == [Window(0, 0)]


def test_a_series_against_itself_cannot_be_judged(workspace):
    """The benchmark explains it exactly: cannot tell, and every table is still there."""
    found = workspace.impact(CRASH, "^IXIC", StudyDesign(window=Window(0, 0), benchmark="^IXIC"))
    assert (found.verdict.state, found.verdict.doubt) == (State.CANNOT_TELL, Doubt.NOTHING_TO_TEST)
    assert set(found.tables()) == TABLES
    assert all(findings.because(found.headline, words(lang)) for lang in LANGUAGES)


@pytest.mark.parametrize("ticker", ["NVDA", "AMD", "^IXIC", "^GSPC"])
def test_every_event_has_an_answer_and_its_words(workspace, ticker):
    """The whole catalogue: an Impact or an Exclusion, every table and every sentence in both languages, none with an empty blank."""
    for event in workspace.events[::2]:
        found = workspace.impact(event.id, ticker)
        if isinstance(found, Exclusion):
            assert found.in_words(words("vi"))
            continue
        assert set(found.tables()) == TABLES
        for lang in LANGUAGES:
            said = findings.of(found, words(lang), "https://example.org/impact?x=1")
            for part in fields(said):
                text = getattr(said, part.name)
                assert not re.search(r"[{}]|nan|None", text), (event.id, part.name, text)
            assert said.title
            assert said.because.split(":")[0].lower() == said.verdict or "–" not in said.because


def test_the_headline_is_computed_from_the_numbers(workspace, crash):
    """Direction, size and count come from the data, in both languages."""
    count = f"{crash.ordinary.of:,}"
    assert crash.ordinary.as_extreme == 0
    assert findings.headline(crash, words("en")) == (
        f"Nvidia fell 13.1\u00a0% more than the S&P 500 explains; none of {count} ordinary days moved as much"
    )
    vi = findings.headline(crash, words("vi"))
    assert vi.startswith("Nvidia giảm 13,1\u00a0% nhiều hơn mức S&P 500 giải thích được;")
    assert count.replace(",", ".") in vi
    nasdaq = findings.headline(workspace.impact(CRASH, "^IXIC"), words("en"))
    assert nasdaq.startswith("The Nasdaq Composite fell 1.1\u00a0% more than the S&P 500 explains; 13 of ")
    three = findings.headline(workspace.impact(CRASH, "NVDA", StudyDesign()), words("en"))
    assert "over 3 sessions" in three
    assert "ordinary windows of 3 sessions" in three


def test_what_the_exhibits_say(crash):
    """Dollars, split, curve, benchmarks and ledger as sentences with their numbers."""
    said = findings.of(crash, words("en"))
    assert "−$592.7bn" in said.dollars
    assert "24.49 billion shares" in said.dollars
    assert "20 Nov 2024" in said.dollars
    assert said.split.startswith("Overnight −12.5\u00a0%, in the session −5.1\u00a0%. By 28 Jan 2025 (+1) it had given back 44\u00a0%")
    assert said.curve == f"{crash.curve.agree} of 180 reasonable choices agree; with the same window, 60 of 60."
    assert "−13.1\u00a0% (S&P 500) to −10.7\u00a0% (Nasdaq Composite)" in said.benchmarks
    assert said.ledger.startswith("Shared: “DeepSeek app becomes No. 1")
    assert "592,7 tỷ USD" in findings.of(crash, words("vi")).dollars
    assert said.slug == "aftershock-impact-NVDA-deepseek-crash-2025-01-27"


def test_cannot_tell_names_the_smallest_move(workspace):
    """Every 'cannot tell' with a number behind it says what the design could have seen."""
    seen = set()
    for event in workspace.events[::3]:
        found = workspace.impact(event.id, "AMD")
        if isinstance(found, Impact) and found.verdict.state is State.CANNOT_TELL:
            seen.add(found.verdict.doubt)
            smallest = words("en").percent(found.verdict.smallest, 1, signed=False)
            assert f"The smallest move that this design could have called is {smallest}." in findings.because(found.headline, words("en"))
    assert seen >= {Doubt.CONTAMINATED, Doubt.BORDERLINE}


def test_tables_hold_the_numbers_of_the_impact(crash):
    """One frame per exhibit; the event stands last among its ordinary days; ISO dates, decimal fractions."""
    made = crash.tables()
    assert made["ordinary"]["event"].tolist() == [False] * crash.ordinary.of + [True]
    assert made["ordinary"]["car"].iloc[-1] == crash.outcome.car
    assert made["specifications"] is crash.curve.frame
    assert made["tests"]["verdict"].tolist() == [str(j.verdict.state) for j in crash.judged]
    assert made["dollars"].loc[0, "gross_bn"] == crash.dollars.gross
    assert made["split"]["part"].tolist() == ["overnight", "in-session", "total", "+1", "+5", "+20"]
    assert set(made["ledger"]["window"]) == {"[0, 0]", "[-1, +1]"}
    for frame in made.values():
        for column in frame.select_dtypes("datetime"):
            assert str(frame[column].dtype) == "datetime64[us]", column


def test_the_order_of_the_catalogue_changes_nothing(workspace, crash):
    """Events upside down: the same verdict, curve and ledger."""
    again = impact.build(
        CRASH, "NVDA", prices=workspace.prices, closes=workspace.closes, events=workspace.events[::-1], reactions=workspace.reactions,
        reference=workspace.reference,
    )  # fmt: skip
    assert again.verdict == crash.verdict
    assert again.ledger == crash.ledger
    pd.testing.assert_frame_equal(again.curve.frame, crash.curve.frame)
    assert again.warnings == crash.warnings


def test_the_unit_of_prices_changes_nothing(workspace, crash):
    """Nvidia in cents, the index in thousands: the same answer."""
    closes = replace(workspace.closes, frame=workspace.closes.frame * pd.Series({"NVDA": 100.0, "^GSPC": 0.001, "^IXIC": 1.0, "AMD": 7.0}))
    again = impact.build(
        CRASH, "NVDA", prices=workspace.prices, closes=closes, events=workspace.events, reactions=workspace.reactions,
        reference=workspace.reference,
    )  # fmt: skip
    assert (again.ordinary.as_extreme, again.ordinary.of) == (crash.ordinary.as_extreme, crash.ordinary.of)
    assert again.curve.agree == crash.curve.agree
    assert again.verdict.smallest == pytest.approx(crash.verdict.smallest, rel=1e-9)


def test_both_languages_have_every_message():
    """The same keys and the same blanks in impact.toml, and a message for every code."""
    folder = Path(impact.__file__).parent.parent / "locales"
    read = {lang: tomllib.loads((folder / lang / "impact.toml").read_text(encoding="utf-8")) for lang in LANGUAGES}
    flat = {lang: {f"{s}.{k}": t for s, keys in read[lang].items() for k, t in keys.items()} for lang in LANGUAGES}
    assert flat["en"].keys() == flat["vi"].keys()
    for key, text in flat["en"].items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", flat["vi"][key])), key
    assert {f"verdict.{s}" for s in State} | {f"ledger.{s}" for s in Status} | {f"confounder.{k}" for k in Kind} <= flat["en"].keys()
    assert {f"doubt.{d}" for d in Doubt if d} <= flat["en"].keys()
