"""Fed decisions, splits, dividends and share counts against the facts, and what damage to them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from aftershock.errors import DataError
from aftershock.reference import load_reference
from aftershock.workspace import Workspace
from tests.conftest import answers

FACTS = answers("reference")


def test_fed_decisions_are_those_of_the_facts(workspace: Workspace) -> None:
    """Forty decisions with their hour; those that lay ahead when the facts were compiled are marked as scheduled."""
    found = [
        [d.date.isoformat(), d.time.strftime("%H:%M") if d.time else None, d.verification, d.scheduled] for d in workspace.reference.fomc
    ]
    wanted = [[day, time, status.removesuffix(" (schedule only)"), ahead] for day, time, status, ahead in FACTS["fomc"]]
    assert len(found) == 40
    assert found == wanted


def test_splits_are_those_of_the_facts(workspace: Workspace) -> None:
    """Four for one in 2021 and ten for one in 2024."""
    found = [[s.date.isoformat(), f"{s.ratio:g}:1", s.verification] for s in workspace.reference.splits]
    assert found == FACTS["splits"]
    assert {s.ticker for s in workspace.reference.splits} == {"NVDA"}


def test_dividends_are_those_of_the_facts(workspace: Workspace) -> None:
    """A cent a quarter on today's basis, then 25."""
    assert [[d.ex_date.isoformat(), d.usd_per_share, d.verification] for d in workspace.reference.dividends] == FACTS["dividends"]


def test_share_counts_are_those_of_the_facts(workspace: Workspace) -> None:
    """Eighteen filings, in billions on today's basis; the last one is marked as a placeholder and no other is."""
    found = [
        [s.filed.isoformat(), s.form, s.as_of.isoformat() if s.as_of else None, s.billions_split_adjusted, s.verification]
        for s in workspace.reference.shares
    ]
    assert found == sorted(FACTS["shares"], key=lambda row: row[0])
    assert [s.filed.isoformat() for s in workspace.reference.shares if s.placeholder] == ["2026-05-20"]


TABLES = {
    "fomc": {"date": "2025-01-29", "verification": '"verified-1"'},
    "split": {"ticker": '"NVDA"', "date": "2024-06-10", "ratio": "10", "verification": '"verified-2+"', "title": '{ en = "a", vi = "b" }'},
    "dividend": {"ticker": '"NVDA"', "ex_date": "2024-06-11", "usd_per_share": "0.01", "verification": '"derived"'},
    "shares": {
        "ticker": '"NVDA"',
        "filed": "2024-05-29",
        "form": '"10-Q"',
        "billions_split_adjusted": "24.6",
        "verification": '"verified-1"',
    },
}


def write(path: Path, changed: dict[str, dict[str, str]]) -> Path:
    """A reference file of one good record per table, with changes; None as a value leaves the field out."""
    tables = {name: fields | changed.get(name, {}) for name, fields in TABLES.items()}
    text = "\n".join(f"[[{name}]]\n" + "".join(f"{k} = {v}\n" for k, v in fields.items() if v) for name, fields in tables.items())
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("fomc", "date", '"2025-01-29"'),
        ("fomc", "date", ""),
        ("fomc", "time", '"14:00"'),
        ("fomc", "scheduled", "1"),
        ("fomc", "verification", '"yes"'),
        ("fomc", "rate", "4.5"),
        ("split", "ratio", "0"),
        ("split", "ratio", "-10"),
        ("split", "ratio", "inf"),
        ("split", "ratio", "nan"),
        ("split", "ratio", "true"),
        ("split", "ratio", '"10"'),
        ("split", "title", '"a"'),
        ("dividend", "usd_per_share", ""),
        ("dividend", "ex_date", "2024-06-11T00:00:00"),
        ("shares", "billions_split_adjusted", "0.0"),
        ("shares", "placeholder", '"yes"'),
        ("shares", "form", '""'),
        ("shares", "as_of", "1"),
    ],
)
def test_a_bad_row_is_named(table: str, field: str, value: str, tmp_path: Path) -> None:
    """File, record and field, in both languages; NaN and infinity are no ratios."""
    load_reference(write(tmp_path / "reference.toml", {}))
    with pytest.raises(DataError) as caught:
        load_reference(write(tmp_path / "reference.toml", {table: {field: value}}))
    assert (caught.value.facts["file"], caught.value.facts["record"], caught.value.facts["field"]) == ("reference.toml", "1", field)
    assert all("reference.toml" in caught.value.sentence(lang) and field in caught.value.sentence(lang) for lang in ("en", "vi"))


def test_a_vietnamese_complaint_is_vietnamese_throughout(tmp_path: Path) -> None:
    """A ratio of 0 is answered in Vietnamese and in English."""
    with pytest.raises(DataError) as caught:
        load_reference(write(tmp_path / "reference.toml", {"split": {"ratio": "0"}}))
    assert caught.value.sentence("vi") == "reference.toml, bản ghi 1, trường ratio: đang là 0, đúng ra phải là một số dương."
    assert str(caught.value) == "reference.toml, record 1, field ratio: found 0, but it should be a positive number."


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A data folder without reference.toml says so."""
    with pytest.raises(DataError, match=r"reference\.toml"):
        load_reference(tmp_path / "reference.toml")
