"""The command line: the contract's shapes, exit statuses, one sentence on standard error, both languages, every format."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aftershock import __version__
from aftershock.cli import COMMANDS, main, parser
from aftershock.exports import EXPORTS
from tests.conftest import ROOT, answers

SESSIONS = answers("first_us_session")["sessions"]
EVENTS = answers("events")["events"]


class Outcome:
    """What a command gave back."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def document(self) -> Any:
        """Standard output as strict JSON: NaN and Infinity are refused."""

        def refuse(name: str) -> None:
            raise AssertionError(name)

        return json.loads(self.out, parse_constant=refuse)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command in this process."""

    def command(*arguments: object) -> Outcome:
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as stopped:  # argparse: wrong usage, --help, --version
            status = int(stopped.code or 0)
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return command


def one_sentence(found: Outcome, *parts: str) -> None:
    """Exit 1, nothing on standard output, and exactly one line without a traceback that names these parts."""
    assert (found.status, found.out) == (1, "")
    assert found.err.count("\n") == 1
    assert found.err.rstrip("\n").endswith(".")
    assert "Traceback" not in found.err
    for part in parts:
        assert part in found.err


# -- events list -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "vi"])
def test_events_list_has_the_contract_s_shape(lang: str, run: Any) -> None:
    """All 128 events with the fields of the contract, sessions and dates as in the answer files."""
    found = run("events", "list", "--format", "json", "--lang", lang)
    assert (found.status, found.err) == (0, "")
    rows = found.document["events"]
    assert list(found.document) == ["events"]
    assert {tuple(row) for row in rows} == {
        ("id", "title", "published", "session", "why_session", "category", "tickers", "verification", "articles")
    }
    assert {row["id"]: row["session"] for row in rows} == {i: a["session"] for i, a in SESSIONS.items()}
    assert {row["id"]: (row["published"], row["category"], row["tickers"], row["verification"], row["articles"]) for row in rows} == {
        i: (e["date"], e["category"], e["tickers"], e["verification"], e["articles"]) for i, e in EVENTS.items()
    }
    r1 = next(row for row in rows if row["id"] == "deepseek-r1-release-2025-01-20")
    assert (
        r1["why_session"] == {"en": "market closed: Martin Luther King Jr. Day", "vi": "thị trường đóng cửa: ngày Martin Luther King"}[lang]
    )


def test_events_list_filters(run: Any) -> None:
    """Dates with both ends, categories that add up, an article."""
    found = run(
        "events", "list", "--from", "2025-01-20", "--to", "2025-01-31", "--category", "model-release", "--category", "statement",
        "--article", "nha-dau-tu-2025-02-08", "--format", "json",
    )  # fmt: skip
    wanted = {
        i
        for i, e in EVENTS.items()
        if "2025-01-20" <= e["date"] <= "2025-01-31"
        and e["category"] in ("model-release", "statement")
        and "nha-dau-tu-2025-02-08" in e["articles"]
    }
    assert {row["id"] for row in found.document["events"]} == wanted != set()


def test_events_list_as_csv_and_as_a_table(run: Any) -> None:
    """The same rows: as CSV with a header, as aligned columns for a terminal."""
    options = ("events", "list", "--from", "2025-01-27", "--to", "2025-01-27")
    rows = list(csv.DictReader(io.StringIO(run(*options, "--format", "csv").out)))
    assert {row["id"] for row in rows} == {i for i, e in EVENTS.items() if e["date"] == "2025-01-27"}
    table = run(*options).out.splitlines()
    assert len(table) == len(rows) + 1
    assert table[0].split()[:2] == ["id", "title"]
    assert len({line.index("2025-01-27") for line in table[1:] if line.count("2025-01-27") > 0 and "  2025-01-27  " in line}) >= 1


def test_no_event_is_an_empty_answer_and_no_error(run: Any) -> None:
    """A range without events: an empty list, status 0."""
    found = run("events", "list", "--from", "2030-01-01", "--format", "json")
    assert (found.status, found.document) == (0, {"events": []})
    assert run("events", "list", "--from", "2030-01-01", "--format", "csv").status == 0


@pytest.mark.parametrize(
    ("options", "en", "vi"),
    [
        (("--article", "x"), "No article has the id x", "Không có bài báo nào mang mã x"),
        (("--from", "2025-02-01", "--to", "2025-01-01"), "1 Feb 2025 comes after 1 Jan 2025", "1/2/2025 đứng sau 1/1/2025"),
    ],
)
def test_events_list_refuses_in_one_sentence(options: tuple[str, ...], en: str, vi: str, run: Any) -> None:
    """What cannot be done is said once, in the language asked for."""
    one_sentence(run("events", "list", *options), en)
    one_sentence(run("events", "list", *options, "--lang", "vi"), vi)


# -- prices status ---------------------------------------------------------------------------------------------------


def test_prices_status_has_the_contract_s_shape(run: Any) -> None:
    """Four series of 1,242 sessions with their provenance; the hash is that of the file."""
    found = run("prices", "status", "--format", "json")
    assert found.status == 0
    rows = found.document["series"]
    assert {tuple(row) for row in rows} == {("ticker", "first", "last", "sessions", "source", "retrieved_at", "adjustment", "sha256")}
    assert [(r["ticker"], r["first"], r["last"], r["sessions"], r["source"], r["adjustment"]) for r in rows] == [
        (t, "2021-07-01", "2026-06-11", 1242, "snapshot", "splits") for t in ("^IXIC", "NVDA", "^GSPC", "AMD")
    ]
    assert rows[1]["sha256"] == "b5da37c48aa4a12812b2f4e060ede887c9f8a08c91bf5d68e721fd445f45038c"


# -- chart timeline --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", list(EXPORTS))
def test_chart_timeline_writes_every_format(ending: str, run: Any, tmp_path: Path) -> None:
    """Each ending writes that kind of file and nothing else, in silence."""
    out = tmp_path / f"chart.{ending}"
    found = run("chart", "timeline", "--lang", "vi", "--out", out)
    assert (found.status, found.out, found.err) == (0, "", "")
    assert out.stat().st_size > 500
    assert [p.name for p in tmp_path.iterdir()] == [out.name]


def test_chart_timeline_draws_what_was_asked_for(run: Any, tmp_path: Path) -> None:
    """Series in the order given, dates, filters and scale: the CSV holds the closes of the range and the events that pass."""
    out = tmp_path / "chart.CSV"
    found = run(
        "chart", "timeline", "--from", "2025-01-27", "--to", "2025-01-28", "--ticker", "NVDA", "--ticker", "AMD", "--scale", "log",
        "--category", "market-reaction", "--out", out,
    )  # fmt: skip
    assert found.status == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert [(row["date"], row["NVDA"]) for row in rows] == [("2025-01-27", "118.42"), ("2025-01-28", "128.99")]
    assert list(rows[0]) == ["date", "NVDA", "AMD", "events"]
    assert "DeepSeek" in rows[0]["events"]
    assert rows[1]["events"] == ""


def test_chart_timeline_clamps_dates_to_the_data(run: Any, tmp_path: Path) -> None:
    """A range that reaches past the data is drawn as far as there are data."""
    out = tmp_path / "chart.csv"
    assert run("chart", "timeline", "--from", "2026-06-10", "--to", "2030-01-01", "--out", out).status == 0
    assert [line.split(",")[0] for line in out.read_text(encoding="utf-8").splitlines()] == ["date", "2026-06-10", "2026-06-11"]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--ticker", "TSLA"), "TSLA"),
        (("--article", "x"), "x"),
        (("--event", "x"), "x"),
        (("--from", "2025-02-01", "--to", "2025-01-01"), "1 Feb 2025"),
        (("--from", "1990-01-01", "--to", "1991-01-01"), "1990"),
    ],
)
def test_chart_timeline_refuses_in_one_sentence(options: tuple[str, ...], part: str, run: Any, tmp_path: Path) -> None:
    """What a link would have corrected a script is told; no file is left behind."""
    out = tmp_path / "chart.csv"
    one_sentence(run("chart", "timeline", *options, "--out", out), part)
    one_sentence(run("chart", "timeline", *options, "--lang", "vi", "--out", out))
    assert not out.exists()


@pytest.mark.parametrize("name", ["chart.bmp", "chart", "chart.", ".png", "chart.png.exe"])
def test_chart_timeline_refuses_an_unknown_ending(name: str, run: Any, tmp_path: Path) -> None:
    """The sentence names the file and the endings that there are."""
    one_sentence(run("chart", "timeline", "--out", tmp_path / name), name, "png", "xlsx")


def test_a_folder_that_is_not_there_is_one_sentence(run: Any, tmp_path: Path) -> None:
    """Writing into a missing folder, or over a folder, says which."""
    one_sentence(run("chart", "timeline", "--out", tmp_path / "none" / "chart.csv"), "chart.csv")
    (tmp_path / "folder.csv").mkdir()
    one_sentence(run("chart", "timeline", "--out", tmp_path / "folder.csv"), "folder.csv")


# -- usage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nothing",),
        ("events",),
        ("events", "list", "--from", "27/1/2025"),
        ("events", "list", "--from", "2025-02-30"),
        ("events", "list", "--category", "gossip"),
        ("events", "list", "--lang", "fr"),
        ("events", "list", "--format", "xml"),
        ("chart", "timeline"),
        ("chart", "timeline", "--scale", "cubic", "--out", "x.png"),
        ("serve", "--port", "http"),
    ],
)
def test_wrong_usage_is_status_2(arguments: tuple[str, ...], run: Any) -> None:
    """Usage on standard error, nothing on standard output, no traceback."""
    found = run(*arguments)
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith("usage: ")
    assert "Traceback" not in found.err


def test_help_and_version_are_status_0(run: Any) -> None:
    """--version says the version; the help names every command."""
    assert run("--version").out.strip() == __version__
    found = run("--help")
    assert found.status == 0
    for command in ("serve", "events", "chart", "prices"):
        assert command in found.out
    assert len(COMMANDS) >= 4
    assert parser().prog == "aftershock"


def test_a_port_that_is_none_is_one_sentence(run: Any) -> None:
    """Ports are 1 to 65535, and a number of a port is never grouped."""
    one_sentence(run("serve", "--port", "70000"), "70000")
    one_sentence(run("serve", "--port", "0"), "0")


def test_a_taken_port_is_one_sentence(run: Any) -> None:
    """The sentence names the port and the way out."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            one_sentence(run("serve", "--host", host, "--port", str(port)), f"Port {port} is taken", "--port")


@pytest.mark.parametrize("host", ["no-such-name.invalid", "192.0.2.1", "no host"])  # RFC 2606 and 5737: nobody's
def test_an_address_that_is_not_this_machine_s_is_one_sentence(run: Any, host: str) -> None:
    """The sentence names it and the way out; the port is not to blame."""
    one_sentence(run("serve", "--host", host, "--port", "8599"), f"{host} is no address of this machine", "--host")


# -- a real process --------------------------------------------------------------------------------------------------


def aftershock(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """`python -m aftershock` in a process of its own, in a plain C locale."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))} | {"LC_ALL": "C"}
    return subprocess.run(
        [sys.executable, "-m", "aftershock", *arguments], cwd=ROOT, capture_output=True, env=environment, timeout=60, **options
    )


def test_the_module_runs_in_a_plain_locale() -> None:
    """Vietnamese comes out as UTF-8 whatever the terminal's locale; status and streams are those of the contract."""
    found = aftershock("events", "list", "--from", "2025-01-27", "--to", "2025-01-27", "--lang", "vi", "--format", "json")
    assert (found.returncode, found.stderr) == (0, b"")
    assert any("Cú sốc DeepSeek" in row["title"] for row in json.loads(found.stdout.decode("utf-8"))["events"])
    refused = aftershock("events", "list", "--article", "x", "--lang", "vi")
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert refused.stderr.decode("utf-8").startswith("Không có bài báo nào")


def test_a_reader_that_goes_away_is_no_error() -> None:
    """`aftershock events list | head -1` ends in silence."""
    with subprocess.Popen(
        [sys.executable, "-m", "aftershock", "events", "list"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        error = process.stderr.read()
        assert process.wait(60) in (0, 141, -13)
    assert b"Traceback" not in error
    assert b"Exception ignored" not in error
