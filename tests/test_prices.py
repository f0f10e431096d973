"""The snapshot's figures against the facts, and what damage to a price file or to the manifest says."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from aftershock.errors import DataError, RequestError
from aftershock.prices import COLUMNS, PriceRequest, Snapshot, read_bars
from aftershock.sessions import new_york
from aftershock.text import LANGUAGES
from aftershock.workspace import Workspace
from tests.conftest import ROOT, answers

PRICES = ROOT / "data" / "prices"
CALENDAR = new_york()
BARS = answers("bars")["bars"]
NOT_KNOWN = ("^GSPC", "2023-05-24")  # its volume is 0 in every source: missing

# -- figures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: f"{bar[0]}-{bar[1]}")
def test_a_bar_is_the_facts_bar(bar: list[Any], workspace: Workspace) -> None:
    """Open, high, low, close and volume of chosen sessions, exactly."""
    ticker, date, *figures = bar
    found = workspace.prices.bars[ticker].loc[pd.Timestamp(date), list(COLUMNS)].tolist()
    if (ticker, date) == NOT_KNOWN:
        assert figures[-1] == 0
        assert np.isnan(found.pop())
        figures.pop()
    assert found == figures


def test_each_series_is_whole(workspace: Workspace) -> None:
    """Four series of 1,242 sessions, from 1 July 2021 to 11 June 2026."""
    assert {
        t: (s.first.date().isoformat(), s.last.date().isoformat(), s.sessions) for t, s in workspace.prices.series.items()
    } == dict.fromkeys(("^IXIC", "NVDA", "^GSPC", "AMD"), ("2021-07-01", "2026-06-11", 1242))
    assert workspace.prices.last == pd.Timestamp(2026, 6, 11)
    assert (workspace.first, workspace.last) == (dt.date(2021, 7, 1), dt.date(2026, 6, 11))


def test_prices_are_adjusted_for_the_split(workspace: Workspace) -> None:
    """Nothing jumps tenfold at Nvidia's split of 10 June 2024: the session moves by less than 2 %."""
    closes = workspace.prices.closes()["NVDA"]
    assert abs(closes[pd.Timestamp(2024, 6, 10)] / closes[pd.Timestamp(2024, 6, 7)] - 1) < 0.02
    assert workspace.prices.provenance.adjustment == "splits"


def test_nothing_is_filled(workspace: Workspace) -> None:
    """One figure is missing in all four files and it stays missing; no other is NaN or zero."""
    missing = {
        (t, day.date().isoformat(), c) for t, bars in workspace.prices.bars.items() for c in bars for day in bars.index[bars[c].isna()]
    }
    assert missing == {(*NOT_KNOWN, "volume")}
    assert all((bars[list(COLUMNS)].fillna(1) > 0).all(axis=None) for bars in workspace.prices.bars.values())


def test_the_manifest_names_the_files_that_are_there(workspace: Workspace) -> None:
    """The hash of every series is that of its file; the hash of an answer changes with the series asked for."""
    manifest = json.loads((PRICES / "manifest.json").read_text(encoding="utf-8"))
    for entry in manifest["series"]:
        digest = hashlib.sha256((PRICES / entry["file"]).read_bytes()).hexdigest()
        assert workspace.prices.series[entry["ticker"]].sha256 == entry["sha256"] == digest
    one = workspace.snapshot.closes(PriceRequest(("NVDA",))).provenance.sha256
    assert one != workspace.prices.provenance.sha256
    turned = workspace.snapshot.closes(PriceRequest(("AMD", "^GSPC", "NVDA", "^IXIC"))).provenance.sha256
    assert turned == workspace.prices.provenance.sha256


def test_a_request_holds_its_dates_and_its_order(workspace: Workspace) -> None:
    """From the first to the last day asked for, both included; columns in the order asked for."""
    found = workspace.snapshot.closes(PriceRequest(("NVDA", "^IXIC"), dt.date(2025, 1, 18), dt.date(2025, 1, 27))).closes()
    assert list(found) == ["NVDA", "^IXIC"]
    assert [day.strftime("%m-%d") for day in found.index] == ["01-21", "01-22", "01-23", "01-24", "01-27"]
    assert found["NVDA"].iloc[-1] == 118.42


def test_an_unknown_ticker_is_a_sentence(workspace: Workspace) -> None:
    """Which one, and which there are."""
    with pytest.raises(RequestError) as caught:
        workspace.snapshot.closes(PriceRequest(("NVDA", "TSLA")))
    assert str(caught.value) == "No prices for TSLA: the snapshot has ^IXIC, NVDA, ^GSPC, AMD."
    assert "TSLA" in caught.value.sentence("vi")


# -- damage to a price file ------------------------------------------------------------------------------------------

HEADER = "date,open,high,low,close,volume"
ROWS = [  # Nvidia, 24 to 29 January 2025, from the facts
    "2025-01-24,148.37,148.97,141.88,142.62,234657600",
    "2025-01-27,124.8,128.4,116.7,118.42,818830900",
    "2025-01-28,121.81,129.0,116.25,128.99,579666400",
    "2025-01-29,126.5,126.89,120.05,123.7,467120600",
]


def read(folder: Path, rows: list[str], header: str = HEADER) -> pd.DataFrame:
    """The bars of a file of these rows."""
    path = folder / "NVDA.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_bars(path, CALENDAR)[0]


def changed(row: int, field: int, value: str) -> list[str]:
    """The rows with one field changed; rows count from 0."""
    fields = ROWS[row].split(",")
    fields[field] = value
    return [*ROWS[:row], ",".join(fields), *ROWS[row + 1 :]]


def test_the_good_file_loads(tmp_path: Path) -> None:
    """What the damage below starts from is in order; an empty volume is a missing figure."""
    bars = read(tmp_path, ROWS)
    assert bars["close"].tolist() == [142.62, 118.42, 128.99, 123.7]
    assert np.isnan(read(tmp_path, changed(1, 5, ""))["volume"].iloc[1])


@pytest.mark.parametrize(
    ("rows", "record", "field", "found"),
    [
        (changed(1, 4, "abc"), "row 3 (2025-01-27)", "close", "abc"),
        (changed(1, 4, ""), "row 3 (2025-01-27)", "close", ""),
        (changed(1, 4, "0"), "row 3 (2025-01-27)", "close", "0"),
        (changed(2, 1, "-121.81"), "row 4 (2025-01-28)", "open", "-121.81"),
        (changed(0, 2, "inf"), "row 2 (2025-01-24)", "high", "inf"),
        (changed(0, 3, "NaN"), "row 2 (2025-01-24)", "low", "NaN"),
        (changed(3, 4, "1,23"), "-", "-", ""),
        (changed(3, 4, "130.0"), "row 5 (2025-01-29)", "close", "130.0"),  # above the day's high
        (changed(3, 1, "100.0"), "row 5 (2025-01-29)", "open", "100.0"),  # under the day's low
        (changed(1, 2, "110.0"), "row 3 (2025-01-27)", "open", "124.8"),  # high under low
        (changed(1, 5, "1.5"), "row 3 (2025-01-27)", "volume", "1.5"),
        (changed(1, 5, "-1"), "row 3 (2025-01-27)", "volume", "-1"),
        (changed(1, 5, "many"), "row 3 (2025-01-27)", "volume", "many"),
        (changed(1, 0, "27.1.2025"), "row 3 (27.1.2025)", "date", "27.1.2025"),
        (changed(1, 0, "2025-02-30"), "row 3 (2025-02-30)", "date", "2025-02-30"),
        (changed(1, 0, ""), "row 3 ()", "date", ""),
        (changed(1, 0, "2025-01-26"), "row 3 (2025-01-26)", "date", "2025-01-26"),  # a Sunday
        ([*ROWS[:2], ROWS[1], *ROWS[2:]], "row 4 (2025-01-27)", "date", "2025-01-27"),  # twice
        ([ROWS[1], ROWS[0], *ROWS[2:]], "row 3 (2025-01-24)", "date", "2025-01-24"),  # not in order
        ([ROWS[0], *ROWS[2:]], "-", "date", "no row for 2025-01-27"),
        ([*ROWS, "2025-01-30,1,2"], "row 6 (2025-01-30)", "low", ""),  # three fields
        ([*ROWS[:2], ROWS[2] + ",7", ROWS[3]], "-", "-", "line 4"),  # seven fields
        ([], "-", "-", "no rows"),
    ],
)
def test_a_damaged_row_is_named(rows: list[str], record: str, field: str, found: str, tmp_path: Path) -> None:
    """One sentence: the file, the row as a spreadsheet counts it with its date, the field, and what was found."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, rows)
    facts = caught.value.facts
    assert (facts["file"], str(facts["record"]), facts["field"]) == ("NVDA.csv", record, field)
    assert found in str(facts["found"])
    assert all(str(facts[part]) in str(caught.value) for part in ("file", "record", "field", "found", "wanted"))
    for lang in LANGUAGES:
        assert "\n" not in caught.value.sentence(lang)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (changed(1, 4, "0"), "NVDA.csv, bản ghi dòng 3 (2025-01-27), trường close: đang là '0', đúng ra phải là một số dương."),
        (
            [ROWS[0], *ROWS[2:]],
            "NVDA.csv, bản ghi -, trường date: đang là bảng thiếu dòng của 2025-01-27, đúng ra phải là mỗi phiên một dòng.",
        ),
        ([*ROWS[:2], ROWS[2] + ",7"], "NVDA.csv, bản ghi -, trường -: đang là nội dung khác ở dòng 4, đúng ra phải là sáu ô ở mỗi dòng."),
        ([], "NVDA.csv, bản ghi -, trường -: đang là bảng không có dòng nào, đúng ra phải là ít nhất một dòng giá."),
    ],
)
def test_a_vietnamese_complaint_is_vietnamese_throughout(rows: list[str], said: str, tmp_path: Path) -> None:
    """Rows, what is missing and what would be right are said in Vietnamese."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, rows)
    assert caught.value.sentence("vi") == said


@pytest.mark.parametrize(
    "header",
    [
        "Date,Open,High,Low,Close,Volume",
        "date,open,high,low,close",
        "date,open,high,low,adj close,volume",
        "",
        "date;open;high;low;close;volume",
    ],
)
def test_a_wrong_header_is_named(header: str, tmp_path: Path) -> None:
    """The header must be the one that the figures are read by."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, ROWS, header)
    assert (str(caught.value.facts["record"]), caught.value.facts["field"]) == ("row 1", "header")
    assert HEADER in str(caught.value)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    """UTF-16 is not silently taken for figures."""
    (tmp_path / "NVDA.csv").write_bytes("\n".join([HEADER, *ROWS]).encode("utf-16"))
    with pytest.raises(DataError, match="UTF-8"):
        read_bars(tmp_path / "NVDA.csv", CALENDAR)


# -- damage to the folder --------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the price folder."""
    return Path(shutil.copytree(PRICES, tmp_path / "prices"))


def damaged(folder: Path) -> DataError:
    """The error that opening the folder raises."""
    with pytest.raises(DataError) as caught:
        Snapshot(folder, CALENDAR)
    for lang in LANGUAGES:
        assert "\n" not in caught.value.sentence(lang)
    return caught.value


def test_one_changed_figure_is_noticed(folder: Path) -> None:
    """A file with one plausible digit changed is not the file of the manifest."""
    file = folder / "NVDA.csv"
    text = file.read_text(encoding="utf-8")
    assert text.count(",118.42,") == 1
    file.write_text(text.replace(",118.42,", ",118.43,"), encoding="utf-8")
    error = damaged(folder)
    assert (error.facts["file"], error.facts["field"]) == ("NVDA.csv", "sha256")
    assert "b5da37c48aa4a12812b2f4e060ede887c9f8a08c91bf5d68e721fd445f45038c" in str(error)


def test_a_missing_price_file_is_named(folder: Path) -> None:
    """The manifest names a file that is not there."""
    (folder / "AMD.csv").unlink()
    assert damaged(folder).facts["file"] == "AMD.csv"


def _without(key: str) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest.pop(key)


def _series(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest["series"][1].update({key: value})


@pytest.mark.parametrize(
    ("change", "record", "field"),
    [
        *((_without(key), "-", key) for key in ("source", "note", "retrieved_at", "adjustment", "series")),
        (lambda m: m.update(series=[]), "-", "series"),
        (lambda m: m.update(source=1), "-", "source"),
        (lambda m: m.update(adjustment="dividends"), "-", "adjustment"),
        *((_series(key, None), "series 2", key) for key in ("ticker", "file", "name", "kind", "currency", "sha256")),
        (_series("kind", "coin"), "series 2", "kind"),
        (_series("ticker", "^IXIC"), "series 2", "ticker"),
        (_series("file", "../../events.toml"), "series 2", "file"),
        (lambda m: m["series"].insert(1, "NVDA"), "series 2", "-"),
    ],
)
def test_a_damaged_manifest_is_named(change: Callable[[dict[str, Any]], None], record: str, field: str, folder: Path) -> None:
    """A missing field, a wrong type, an unknown kind or adjustment, a ticker twice, a file outside the folder."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    facts = damaged(folder).facts
    assert (facts["file"], str(facts["record"]), facts["field"]) == ("manifest.json", record, field)


@pytest.mark.parametrize("content", [b"{", b"[]", b"null", b"\xff\xfe", b'{"source": NaN}'])
def test_a_manifest_that_is_none_is_named(content: bytes, folder: Path) -> None:
    """Broken JSON, a list, another encoding."""
    (folder / "manifest.json").write_bytes(content)
    assert damaged(folder).facts["file"] == "manifest.json"


def test_a_missing_manifest_is_named(folder: Path) -> None:
    """Without a manifest there are no prices."""
    (folder / "manifest.json").unlink()
    assert damaged(folder).facts["file"] == "manifest.json"
