"""`aftershock ingest`: the contract's shape, the publication date from outside, and one sentence for what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aftershock.cli import main
from tests.conftest import ROOT

ARTICLES = Path(__file__).parent / "articles"


def document(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    """The command's JSON."""
    assert main(["ingest", "--format", "json", *map(str, arguments)]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_document_has_the_contract_s_shape(capsys: pytest.CaptureFixture[str]) -> None:
    """Article, drafts, skipped, with the fields and codes that others may rely on."""
    found = document(capsys, ARTICLES / "vi_1_r1_to_tariffs.html")
    assert {"title", "publisher", "published", "language"} <= found["article"].keys()
    assert (found["article"]["published"], found["article"]["language"]) == ("2025-02-01", "vi")
    (probe,) = [d for d in found["drafts"] if d["expression"] == "hôm 31.1"]
    assert probe | {"title": "", "sentence": 0, "tickers": []} == {
        "expression": "hôm 31.1", "sentence": 0, "from": "2025-01-31", "to": "2025-01-31", "precision": "day", "title": "",
        "category": "export-control", "tickers": [], "known_event": "commerce-deepseek-chip-probe-2025-01-31", "session": "2025-01-31",
    }  # fmt: skip
    assert "NVDA" in probe["tickers"]
    (month,) = [d for d in found["drafts"] if d["expression"] == "tháng 12.2024"]
    assert (month["from"], month["to"], month["precision"], month["session"]) == ("2024-12-01", "2024-12-31", "month", None)
    assert {"expression": "trong vòng hai tháng", "reason": "duration"}.items() <= found["skipped"][-1].items()


def test_the_reader_s_date_comes_before_the_article_s(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without a date relative words are skipped and a sentence says how to give one; with one they are resolved."""
    file = tmp_path / "a.txt"
    file.write_text("A headline\n\nNvidia fell yesterday.", encoding="utf-8")
    assert main(["ingest", str(file), "--format", "json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["skipped"][0]["reason"] == "no-publication-date"
    assert said.err.count("\n") == 1
    assert "--published" in said.err
    for given, day in (("2025-01-28", "2025-01-27"), ("2025-01-28T00:30+07:00", "2025-01-27")):
        assert document(capsys, file, "--published", given)["drafts"][0]["from"] == day
    with pytest.raises(SystemExit) as stopped:
        main(["ingest", str(file), "--published", "27/1/2025"])
    assert stopped.value.code == 2


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_tables_say_what_was_skipped(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The example articles in both languages, as a table and as CSV."""
    file = ROOT / "data" / "examples" / f"article.{lang}.txt"
    assert main(["ingest", str(file), "--lang", lang]) == 0
    table = capsys.readouterr().out
    assert table.count("\n") > 10
    assert {"en": "too vague", "vi": "quá chung chung"}[lang] in table
    assert main(["ingest", str(file), "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("expression,sentence,from,to,precision,title,category,tickers,known_event,session\n")


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No file, a folder, too large, no text: exit 1 and one line."""
    (tmp_path / "big.txt").write_bytes(b"x" * 2_000_001)
    (tmp_path / "blob.txt").write_bytes(bytes(range(256)) * 20)
    for name in ("nowhere.txt", ".", "big.txt", "blob.txt"):
        assert main(["ingest", str(tmp_path / name)]) == 1
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)
