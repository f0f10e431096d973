"""A file of events of any length: the numbers of an ordinary study, written as it goes, and a kill leaves no trace in them."""

from __future__ import annotations

import csv
import json
import math
import os
import pty
import signal
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from aftershock.cli import main, study_many
from aftershock.cli.growing import Growing
from aftershock.errors import DataError, RequestError
from aftershock.sessions import new_york
from aftershock.userdata import read_events, read_prices
from aftershock.userdata.stream import blocks, survey
from aftershock.userdata.understanding import Rejected
from tests.conftest import ROOT

DAYS = new_york().between(pd.Timestamp("2022-01-03"), pd.Timestamp("2023-12-29"))
NUMBERS = ("n_estimation", "alpha", "beta", "sigma", "car", "car_se", "t", "p")


def prices(folder: Path) -> Path:
    """Eight stocks and their market: one listed late, one that lacks closes, one with a close of zero; and a coin that moves on Sundays."""
    random = np.random.default_rng(4)
    every = pd.date_range(DAYS[0], DAYS[-1], freq="D")
    market = pd.Series(0.01 * random.standard_normal(len(DAYS)), DAYS)
    table = pd.DataFrame({"MKT": 1000 * (1 + market).cumprod()})
    for i in range(8):
        table[f"S{i}"] = 50 * (1 + market * random.uniform(0.5, 1.5) + 0.02 * random.standard_normal(len(DAYS))).cumprod()
    table.iloc[:260, 2] = np.nan
    table.loc[table.index[random.random(len(DAYS)) < 0.02], "S2"] = np.nan
    table.iloc[300, 4] = 0.0
    table = table.reindex(every)
    table["COIN"] = 9 * (1 + 0.03 * random.standard_normal(len(every))).cumprod()
    table.round(6).to_csv(folder / "closes.csv", index_label="date")
    return folder / "closes.csv"


def events(folder: Path, count: int = 400, seed: int = 1, most: int = 10_000) -> Path:
    """Events at any day and hour (of the last `most` days); some name two series, some one that is not there or none at all."""
    random = np.random.default_rng(seed)
    days = pd.date_range("2021-12-01", "2024-01-20", freq="D")[-most:]
    names = ["S0", "S1", "S2", "S3", "S4", "S5", "COIN", "GONE", "", "S6;S7", "S0;S1"]
    hours = ["", "", "08:00", "12:30", "17:15"]
    lines = ["id,date,time,ticker"]
    for i in range(count):
        day = days[random.integers(len(days))]
        lines.append(f"e{i},{day:%Y-%m-%d},{hours[random.integers(5)]},{names[random.integers(11)]}")
    (folder / "events.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "events.csv"


def words(folder: Path, out: str = "out.csv", *more: str) -> list[str]:
    """The command, on the files of the folder."""
    return ["study", "--events", str(folder / "events.csv"), "--prices", str(folder / "closes.csv"), "--benchmark", "MKT",
            "--out", str(folder / out), *more]  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV as dictionaries."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Prices, 400 events, and blocks so small that there are many."""
    monkeypatch.setattr(study_many, "BLOCK", 30)
    prices(tmp_path)
    events(tmp_path)
    return tmp_path


# -- the same study --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), ("--rule", "exact", "--returns", "log"), ("--rule", "previous", "--model", "mean-adjusted"),
                                  ("--model", "market-adjusted", "--window", "-2:3", "--ticker", "S5")])  # fmt: skip
def test_the_numbers_are_those_of_the_ordinary_study(folder: Path, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Every pair has the session, the numbers and the reason that `study` gives it without --out; only a window that the data end in is
    a reason here and a shorter window there."""
    events(folder, 200)
    assert main([*words(folder), *more]) == 0
    capsys.readouterr()
    assert main(["study", *words(folder)[1:-2], *more, "--format", "csv"]) == 0
    ordinary = {(r["event_id"], r["ticker"]): r for r in csv.DictReader(capsys.readouterr().out.splitlines())}
    found = {(r["event_id"], r["ticker"]): r for r in rows(folder / "out.csv")}
    assert found.keys() == ordinary.keys()
    length = 6 if "-2:3" in more else 3
    differ: Counter[tuple[str, str]] = Counter()
    for key, row in found.items():
        wanted = ordinary[key]
        if wanted["excluded"] != row["excluded"]:
            short = wanted["days"] and int(wanted["days"]) < length
            differ["shortened" if short else wanted["excluded"], row["excluded"]] += 1
        elif not row["excluded"]:
            assert row["session"] == wanted["session"]
            numbers = [float(row[n] or math.nan) for n in NUMBERS]
            assert numbers == pytest.approx([float(wanted[n] or math.nan) for n in NUMBERS], rel=1e-9, abs=1e-11, nan_ok=True)
    assert sum(not r["excluded"] for r in found.values()) > 70
    # what stands at the first closes, or has two faults in one window, may be called by the other name
    assert {pair for pair, n in differ.items() if n > len(found) / 50} <= {("shortened", "window-outside-data")}


def test_json_lines_say_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One document per pair: numbers as numbers, nothing undefined, a reason where there are none; the summary counts them all."""
    assert main(words(folder)) == 0
    capsys.readouterr()
    assert main([*words(folder, "out.jsonl"), "--format", "json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    documents = [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    table = rows(folder / "out.csv")
    assert [(d["row"], d["event_id"], d.get("excluded", "")) for d in documents] == [
        (int(r["row"]), r["event_id"], r["excluded"]) for r in table
    ]
    assert [d.get("car") for d in documents] == [float(r["car"]) if r["car"] else None for r in table]
    assert summary["computed"] + summary["rejected"] + sum(summary["excluded"].values()) == summary["pairs"] == len(table)
    assert summary["rows"] == 400


def test_no_row_is_lost(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows that cannot be read stand in the output with their number, field and a sentence, in both languages; formulas stay text."""
    with (folder / "events.csv").open("a", encoding="utf-8") as file:
        file.write("a,2023-02-31,,S0\n\nb,2023-05-10,noon,S0\nc,,,S0\nd,2023-05-10,,S0,and,more\n=1+1,2023-05-10,,S0\n")
    assert main(words(folder)) == 0
    assert "406" not in capsys.readouterr().out.splitlines()[0]
    found = {int(r["row"]): r for r in rows(folder / "out.csv")}
    assert [(n, found[n]["excluded"], found[n]["field"]) for n in (402, 404, 405, 406)] == [
        (402, "rejected", "date"), (404, "rejected", "time"), (405, "rejected", "date"), (406, "rejected", "-")
    ]  # fmt: skip
    assert "row 402" in found[402]["message"]
    assert "2023-02-31" in found[402]["message"]
    assert found[407]["event_id"] == "'=1+1"
    assert found[407]["car"]
    assert main([*words(folder, "vi.csv"), "--lang", "vi"]) == 0
    assert "dòng 402" in {int(r["row"]): r for r in rows(folder / "vi.csv")}[402]["message"]


# -- stopped and resumed ---------------------------------------------------------------------------------------------

SLOWLY = "import sys; from aftershock.cli import main, study_many; study_many.BLOCK = 30; sys.exit(main(sys.argv[1:]))"


def started(arguments: list[str], **more: object) -> subprocess.Popen[bytes]:
    """The command in a process of its own, in small blocks."""
    return subprocess.Popen([sys.executable, "-c", SLOWLY, *arguments], cwd=ROOT, **more)  # type: ignore[call-overload,no-any-return]


def until(process: subprocess.Popen[bytes], out: Path, size: int) -> None:
    """Waits until that many bytes are there."""
    end = time.monotonic() + 60
    while not (out.exists() and out.stat().st_size >= size):
        assert process.poll() is None, "it ended too soon"
        assert time.monotonic() < end
        time.sleep(0.001)


def test_killed_at_any_moment_it_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kill -9 twice, each time further on, once with a torn line behind, then Ctrl-C: in the end the same bytes as without."""
    monkeypatch.setattr(study_many, "BLOCK", 30)
    prices(tmp_path)
    events(tmp_path, 1_200)
    assert main(words(tmp_path, "whole.csv")) == 0
    whole = (tmp_path / "whole.csv").read_bytes()
    out = tmp_path / "out.csv"
    for share, how in ((0.1, signal.SIGKILL), (0.3, signal.SIGKILL), (0.5, signal.SIGINT)):
        process = started(words(tmp_path), stderr=subprocess.PIPE)
        until(process, out, int(share * len(whole)))
        process.send_signal(how)
        said = process.communicate(timeout=60)[1].decode()
        assert (process.returncode, said) == (
            (-9, "") if how is signal.SIGKILL else (1, "Stopped. The same command goes on where it was.\n")
        )
        assert len(whole) * share * 0.9 < out.stat().st_size < len(whole)
        if share == 0.3:
            with out.open("ab") as file:
                file.write(b"1234,torn,S")
    capsys.readouterr()
    assert main([*words(tmp_path), "--progress"]) == 0
    said = capsys.readouterr()
    assert "rows were done before" in said.err
    assert "\n1,200 of 1,200 rows, " in said.err  # and nothing was said before, on a pipe, without --progress
    assert out.read_bytes() == whole
    manifest = json.loads((tmp_path / "out.csv.manifest.json").read_text(encoding="utf-8"))
    assert sum(manifest["tally"].values()) == len(rows(out))
    assert sorted(p.name for p in tmp_path.glob("out.csv*")) == ["out.csv", "out.csv.manifest.json"]
    assert main(words(tmp_path)) == 0  # once more: there is nothing left to do
    assert capsys.readouterr().out == said.out
    assert out.read_bytes() == whole


def _events_changed(folder: Path) -> list[str]:
    events(folder, 400, seed=2)
    return words(folder)


def _prices_changed(folder: Path) -> list[str]:
    (folder / "closes.csv").write_text((folder / "closes.csv").read_text().replace("2022-01-03", "2022-01-01"))
    return words(folder)


def _spoilt(name: str, content: str):  # type: ignore[no-untyped-def]
    def spoil(folder: Path) -> list[str]:
        (folder / name).write_text(content)
        return words(folder)

    return spoil


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        (lambda f: [*words(f), "--window", "-2:2"], "out-terms", "--window was [-1, +1] and is [-2, +2] now"),
        (lambda f: [*words(f), "--lang", "vi"], "out-terms", "--lang"),
        (_events_changed, "out-terms", "--events sha256"),
        (_prices_changed, "out-terms", "--prices sha256"),
        (_spoilt("out.csv", "row,something\n"), "out-changed", "out.csv.manifest.json"),
        (_spoilt("out.csv.manifest.json", '{"terms": {}'), "out-manifest", "out.csv.manifest.json"),
        (lambda f: words(f, "events.csv"), "out-exists", "events.csv"),
        (lambda f: words(f, "out.xlsx"), "out-ending", ".csv, .jsonl"),
        (lambda f: ["study", "--out", str(f / "new.csv")], "out-needs-events", "--events"),
    ],
)
def test_what_was_begun_otherwise_is_left_alone(folder: Path, change, code: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    """Other arguments, events or prices, a file that somebody changed or that is not ours: one sentence, and nothing is touched."""
    assert main(words(folder)) == 0
    arguments = change(folder)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    capsys.readouterr()
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert named in said.err
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert RequestError(code, file="", what="", before="", now="", manifest="", known="").sentence("vi")


def test_two_do_not_write_one_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While one writes, another is refused; afterwards it is let in."""
    with Growing(folder / "out.csv", {}):
        assert main(words(folder)) == 1
        assert "another process" in capsys.readouterr().err
    assert main(words(folder)) == 1
    assert "other input" in capsys.readouterr().err


def test_progress_is_one_line_of_a_terminal(folder: Path) -> None:
    """On a terminal it is said unasked, in a line that is written over."""
    ours, theirs = pty.openpty()
    seen = started(words(folder), stderr=theirs, stdout=subprocess.DEVNULL)
    assert seen.wait(60) == 0
    os.close(theirs)
    said = os.read(ours, 100_000)
    os.close(ours)
    assert b"\r400 of 400 rows, " in said
    assert b"0:00 left" in said


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five times the rows need at most a tenth more."""
    monkeypatch.setattr(study_many, "BLOCK", 100)
    prices(tmp_path)
    peaks = []
    for count in (300, 300, 1_500):  # once to fill caches
        events(tmp_path, count, most=30)
        tracemalloc.start()
        assert main(words(tmp_path, f"{len(peaks)}.csv")) == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.1 * peaks[1]


# -- reading in blocks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "date,ticker\n3/4/2023,A\n5/6/2023,B\n" * 3 + "25/6/2023,C\n",
        "Ngày đăng;Mã;Giờ\r\n27/1/2025;NVDA;16h30\r\n\r\n3/4/2025;AMD;\r\n",
        "\ufeffid,date,ticker\nx,2025-01-27T10:00:00Z,A B\nx,27 Jan 2025,\n",
        "date\tticker\n45000\tA\n45001\tB\n45002\tC\n",
        "date,ticker\n45000,A\n2023-05-05,B\n45002,C\n",
        'date,ticker,note\n2025-01-27,"A, B","two\nlines"\n2025-01-28,C,-\n',
    ],
)
def test_a_file_read_in_blocks_is_read_as_a_whole(text: str, tmp_path: Path) -> None:
    """Days before months, serials, separators, marks and quotes: what one row decides counts for all, wherever the blocks end."""
    path = tmp_path / "e.csv"
    path.write_text(text, encoding="utf-8", newline="")
    wanted = [(e.moment, e.tickers) for e in read_events(path)]
    file = survey(path)
    for size in (1, 2, 100):
        found = [row for block in blocks(file, size) for _, row in block]
        assert [(None, ()) if isinstance(r, Rejected) else (r.moment, r.tickers) for r in found] == [
            (moment, () if moment is None else names) for moment, names in wanted
        ]
    assert file.rows == len(wanted)
    assert [number for block in blocks(file, 1, done=1) for number, _ in block] == [n for b in blocks(file, 9) for n, _ in b][1:]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"date,ticker\n3/4/2023,A\n", "two different days"),
        (b"date,ticker\n2023-01-01,\xe9\n", "0xe9 as number 24"),
        (b"when,ticker\n2023-01-01,A\n", "a column called date"),
        (b'date,ticker\n2023-01-01,"A\n', "in line 2"),
        (b"", "an empty file"),
    ],
)
def test_a_file_that_is_none_is_refused_at_once(raw: bytes, said: str, tmp_path: Path) -> None:
    """One sentence says what was found, where, and what would be right."""
    (tmp_path / "e.csv").write_bytes(raw)
    with pytest.raises((DataError, RequestError), match=said):
        survey(tmp_path / "e.csv")


def test_a_file_that_is_too_long_names_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Over 100,000 rows an ordinary study says that there is --out."""
    prices(tmp_path)
    (tmp_path / "events.csv").write_text("date,ticker\n" + "2023-05-05,S0\n" * 100_001)
    assert main(words(tmp_path)[:-2]) == 1
    assert "--out results.csv" in capsys.readouterr().err


# -- closes as Parquet -----------------------------------------------------------------------------------------------


def test_closes_as_parquet_are_those_of_the_csv(tmp_path: Path) -> None:
    """A wide table with its days as index or first column, and a folder of files by ticker: the same closes, sessions and flaws."""
    wanted = read_prices(prices(tmp_path), new_york()).closes
    table = pd.read_csv(tmp_path / "closes.csv", index_col="date", parse_dates=True)
    one, other = tmp_path / "a.parquet", tmp_path / "b.parquet"
    table.iloc[::-1].to_parquet(one)
    table.rename_axis(None).reset_index(names="day").to_parquet(other)
    many = tmp_path / "many"
    many.mkdir()
    for ticker in table.columns:
        bars = dict.fromkeys(("Open", "High", "Low", "Close"), table[ticker])
        pd.DataFrame(bars).dropna(how="all").to_parquet(many / f"{ticker}.parquet")
    for path in (one, other, many):
        found = read_prices(path, new_york())
        assert len(found.sha256) == 64
        pd.testing.assert_frame_equal(found.closes.frame[list(wanted.tickers)], wanted.frame, check_freq=False)
        assert found.closes.bad[list(wanted.tickers)].equals(wanted.bad)
        assert all(found.closes.sessions[t].equals(wanted.sessions[t]) for t in wanted.tickers)


def test_parquet_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    """Other bytes, a day twice, a column of words for days, no prices: what and where."""
    path = tmp_path / "p.parquet"
    table = pd.DataFrame({"date": ["2023-01-03", "2023-01-03"], "A": [1.0, 2.0]})
    for make, said in (
        (lambda: path.write_bytes(b"no parquet at all"), "a Parquet file of closes"),
        (lambda: table.to_parquet(path), "each date once"),
        (lambda: table.assign(date=["2023-01-03", "soon"]).to_parquet(path), "row 2"),
        (lambda: table[["date"]].to_parquet(path), "no column of prices"),
        (lambda: table[:0].to_parquet(path), "no rows"),
    ):
        make()
        with pytest.raises(DataError, match=said):
            read_prices(path, new_york())
