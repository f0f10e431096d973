"""Claims against figures: every answer of the catalogue from an answer file, the rule for how exactly something was said, and what cannot
be told.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from aftershock import claims
from aftershock.claims import Claim, Evidence, Found, Hedge, Kind, Verdict
from aftershock.cli import main
from aftershock.errors import DataError, Phrase
from aftershock.events import Text
from aftershock.text import words
from aftershock.workspace import Workspace
from tests.conftest import answers

ANSWERS = answers("claims")["claims"]
FALL = Claim(
    id="fall", said=Text("It fell", "Giảm"), by=Text("somebody", "ai đó"), kind=Kind.CLOSE_TO_CLOSE, ticker="NVDA",
    first=dt.date(2025, 1, 27), last=dt.date(2025, 1, 27), stated=Decimal("-17"),
)  # fmt: skip


@pytest.fixture
def evidence(workspace: Workspace) -> Evidence:
    """The project's own data."""
    return Evidence(workspace.prices, workspace.reference, workspace.reactions)


def test_every_claim_has_an_answer_from_elsewhere(workspace: Workspace) -> None:
    """The answer file and the catalogue speak of the same claims."""
    assert {c.id for c in workspace.claims} == ANSWERS.keys()


@pytest.mark.parametrize("claim_id", list(ANSWERS))
def test_claims_agree_with_hand_arithmetic(workspace: Workspace, claim_id: str) -> None:
    """Value and verdict are those of the answer file."""
    checked = next(c for c in workspace.checked if c.claim.id == claim_id)
    wanted = ANSWERS[claim_id]
    assert checked.verdict == wanted["verdict"]
    if wanted["value"] is None:
        assert checked.found is None
    else:
        assert checked.found is not None
        assert checked.found.value == pytest.approx(wanted["value"], abs=1e-8)


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_every_answer_is_a_sentence(workspace: Workspace, lang: str) -> None:
    """Each claim says why, in the reader's language, without an unfilled blank."""
    for checked in workspace.checked:
        reason = checked.reason(words(lang))
        assert reason.endswith(".")
        assert "{" not in reason
        assert "nan" not in reason


@pytest.mark.parametrize(
    ("stated", "hedge", "value", "right"),
    [
        ("-17", "exact", -16.97, True),  # rounds to it
        ("-17", "exact", -16.4, False),
        ("-17.0", "exact", -16.94, False),  # said with a decimal, so held to it
        ("-17.0", "exact", -16.96, True),
        ("-16.5", "exact", -16.45, True),  # half away from zero, as people round
        ("-600", "nearly", -592.7, True),
        ("-600", "nearly", -571, True),
        ("-600", "nearly", -569, False),
        ("-600", "nearly", -601, False),  # more than it is not nearly it
        ("-600", "about", -629, True),
        ("-600", "about", -631, False),
        ("-600", "about", 600, False),  # the other direction
        ("2", "at-least", 1, False),
        ("2", "at-least", 3, True),
        ("0", "exact", 0.4, True),
        ("0.0", "about", 0.3, False),
    ],
)
def test_a_claim_is_held_to_how_exactly_it_was_said(stated: str, hedge: str, value: float, right: bool) -> None:
    """The figure counts as rounded by the speaker; about and nearly allow 5 %."""
    claim = replace(FALL, stated=Decimal(stated), hedge=Hedge(hedge))
    assert claims.holds(claim, Found(value, (), Phrase("claims.close-to-close"))) is right


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ticker": "TSLA"}, "claims.no-series"),
        ({"first": dt.date(2025, 1, 20), "last": dt.date(2025, 1, 20)}, "claims.no-session"),
        ({"last": dt.date(2025, 2, 1)}, "claims.no-session"),
        ({"first": dt.date(2026, 6, 12), "last": dt.date(2026, 6, 12)}, "claims.after-data"),
        ({"first": dt.date(2021, 7, 1)}, "claims.before-data"),
        ({"kind": Kind.DOLLARS, "ticker": "^IXIC"}, "dollars.index"),
        ({"kind": Kind.MARKET_VALUE, "ticker": "AMD"}, "dollars.no-shares"),
        ({"kind": Kind.SESSION_NUMBER, "event": "nothing"}, "claims.no-event"),
        ({"kind": Kind.SESSIONS_TO_LOSE, "amount": 9000.0}, "claims.never-lost"),
        ({"kind": Kind.MANY_COMPANIES}, "claims.many-companies"),
    ],
)
def test_what_cannot_be_told_says_why(evidence: Evidence, change: dict[str, object], code: str) -> None:
    """A series, session, share count or event that is not there gives 'cannot tell' with its reason, never an error."""
    checked = claims.check(replace(FALL, **change), evidence)  # type: ignore[arg-type]
    assert (checked.verdict, checked.found, checked.why.code) == (Verdict.CANNOT_TELL, None, code)


def test_a_missing_price_is_not_guessed(evidence: Evidence) -> None:
    """A close that is missing makes the claim 'cannot tell'."""
    bars = evidence.prices.bars["NVDA"].copy()
    bars.loc["2025-01-24", "close"] = float("nan")
    prices = replace(evidence.prices, bars={**evidence.prices.bars, "NVDA": bars})
    assert claims.check(FALL, replace(evidence, prices=prices)).why.code == "claims.no-price"


@pytest.mark.parametrize(
    ("claim_id", "code"),
    [
        ("nasdaq-fell-3-67", "claims.instead-in-session"),
        ("nasdaq-fell-4-25", "claims.instead-open"),
        ("h20-order-wrong-day", "claims.instead-day"),
        ("nvidia-closed-118-51", None),
    ],
)
def test_what_may_have_been_meant_is_said(workspace: Workspace, claim_id: str, code: str | None) -> None:
    """A wrong close-to-close figure is recognised as a moment of the session, a move since the opening, or the next session's."""
    checked = next(c for c in workspace.checked if c.claim.id == claim_id)
    assert (checked.instead.code if checked.instead else None) == code


def test_answers_follow_the_prices(evidence: Evidence) -> None:
    """The same claim over other prices gets another answer: nothing is typed in."""
    bars = evidence.prices.bars["NVDA"].copy()
    bars.loc["2025-01-27", ["open", "high", "low", "close"]] = 142.62
    checked = claims.check(FALL, replace(evidence, prices=replace(evidence.prices, bars={"NVDA": bars})))
    assert checked.verdict is Verdict.CONTRADICTED
    assert checked.found is not None
    assert checked.found.value == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stated", '"many"'), ("stated", '"NaN"'), ("stated", '"1e400"'), ("stated", "-3.1"), ("kind", '"rumour"'), ("hedge", '"maybe"'),
        ("first", '"2025-01-27"'), ("last", "2025-01-26"), ("field", '"volume"'), ("articles", '["unknown"]'), ("by", '""'),
        ("colour", '"red"'), ("id", '"Has Blanks"'),
    ],
)  # fmt: skip
def test_a_damaged_claim_is_named(tmp_path: Path, field: str, value: str) -> None:
    """File, record and field stand in the sentence."""
    good = {
        "id": '"one"', "said": '{ en = "It fell", vi = "Giảm" }', "by": '"somebody"', "kind": '"close-to-close"', "ticker": '"NVDA"',
        "first": "2025-01-27", "stated": '"-17"',
    }  # fmt: skip
    path = tmp_path / "claims.toml"
    path.write_text("[[claim]]\n" + "".join(f"{k} = {v}\n" for k, v in (good | {field: value}).items()), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        claims.load_claims(path)
    assert (caught.value.facts["file"], caught.value.facts["field"]) == ("claims.toml", field)


def test_the_command_line_has_the_contract_shape(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON as the contract has it: id, article, stated, found with its sessions, verdict and why."""
    assert main(["claims", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["claims"]
    first = found[0]
    assert {"id", "article", "stated", "found", "verdict", "why"} <= first.keys()
    assert first["article"] == "nha-dau-tu-2025-02-08"
    assert first["stated"] == {"value": -3.1, "unit": "percent", "hedge": "exact"}
    assert first["found"]["sessions"] == ["2025-01-24", "2025-01-27"]
    assert {c["verdict"] for c in found} == {"supported", "contradicted", "cannot-tell"}
