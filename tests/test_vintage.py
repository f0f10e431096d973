"""Links that name their prices: the stamp, what is kept, and the sentence when prices were revised, held against changes made by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from aftershock import (
    claim_exhibits,
    claim_views,
    compare_exhibits,
    compare_views,
    exhibits,
    impact_views,
    views,
    vintage,
    vintage_captions,
)
from aftershock.prices import Prices
from aftershock.text import words
from aftershock.vintage import Stamp, compare, kept, read, stamp, stamped
from aftershock.workspace import Workspace
from tests.conftest import ROOT

SERIES = ("^IXIC", "NVDA")
LONG = dt.date(2021, 7, 1), dt.date(2026, 6, 11)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own; gives the folder of versions."""
    monkeypatch.setenv("AFTERSHOCK_CACHE", str(tmp_path))
    return tmp_path / "versions"


def revised(prices: Prices, ticker: str, closes: dict[str, float], drop: int = 0) -> Prices:
    """Other prices: some closes of a ticker are others, and the last `drop` sessions are missing everywhere."""
    bars = {t: (b.iloc[: len(b) - drop] if drop else b).copy() for t, b in prices.bars.items()}
    for day, close in closes.items():
        bars[ticker].loc[pd.Timestamp(day), "close"] = close
    digest = {t: hashlib.sha256(b.to_csv().encode()).hexdigest() for t, b in bars.items()}
    series = {t: replace(s, sha256=digest[t], last=bars[t].index[-1], sessions=len(bars[t])) for t, s in prices.series.items()}
    return Prices(bars, series)


def told(made: Stamp, prices: Prices, lang: str = "en", tickers: tuple[str, ...] = SERIES, dates: tuple[dt.date, dt.date] = LONG) -> str:
    """The sentence with plain spaces."""
    return vintage_captions.since(made, prices, tickers, *dates, words(lang)).replace("\u00a0", " ")


def made_by(prices: Prices, tickers: tuple[str, ...] = SERIES) -> Stamp:
    """The stamp that a link carries, read as its reader does."""
    link = stamped("http://a/?x=1", prices, tickers)
    found = read(dict(parse_qsl(urlsplit(link).query)))
    assert found is not None
    return found


# -- the stamp -------------------------------------------------------------------------------------------------------


def test_a_stamp_names_just_what_is_shown(workspace: Workspace) -> None:
    """Another order is the same; another series, or another close of one, is not; other series nearby do not count."""
    p = workspace.prices
    own = stamp(p, SERIES)
    assert own == stamp(p, ("NVDA", "^IXIC", "NVDA"))
    assert own is not None
    assert own.asof == dt.date(2026, 6, 11)
    assert own != stamp(p, ("NVDA",))
    assert own != stamp(revised(p, "NVDA", {"2025-01-27": 118.43}), SERIES)
    only = Prices({t: p.bars[t] for t in SERIES}, {t: p.series[t] for t in SERIES})
    assert own == stamp(only, SERIES)
    assert stamp(p, ("XXXX",)) is None


def test_permalinks_carry_the_stamp_and_stay_readable(workspace: Workspace) -> None:
    """Every page that hands something out: two short parameters behind the view's own."""
    view, _ = views.read({"lang": "vi"}, workspace.choices, "vi")
    question, _ = impact_views.read({"lang": "vi"}, workspace.choices, workspace.named, "vi")
    side, _ = compare_views.read({"lang": "vi"}, workspace.choices, "vi")
    said, _ = claim_views.read({"lang": "vi"}, workspace.choices, workspace.checked, "vi")
    for link, plain in (
        (exhibits.timeline(workspace, view, "http://a/").facts["permalink"], view.link("http://a/")),
        (exhibits.impact(workspace, question, "http://a/impact")["path"].facts["permalink"], question.link("http://a/impact")),
        (compare_exhibits.exhibits(workspace, side, "http://a/compare")["heat"].facts["permalink"], side.link("http://a/compare")),
        (claim_exhibits.claims_overview(workspace, said, "http://a/claims").facts["permalink"], said.link("http://a/claims")),
    ):
        assert link.startswith(plain + "&data=")
        assert len(link) == len(plain) + len("&data=123456789012&asof=2026-06-11")
        assert link.endswith("&asof=2026-06-11")


@pytest.mark.parametrize(
    "query",
    [{}, {"data": "123456789012"}, {"data": "../../../etc", "asof": "2026-06-11"}, {"data": "12345678901G", "asof": "2026-06-11"},
     {"data": "123456789012", "asof": "yesterday"}, {"data": "1234567890123", "asof": "2026-06-11"}],
)  # fmt: skip
def test_what_is_no_stamp_is_none(query: dict[str, str]) -> None:
    """Half a stamp, a path, other letters, no date: nothing is looked up."""
    assert read(query) is None


# -- the sentence ----------------------------------------------------------------------------------------------------


def test_the_same_prices_say_nothing(workspace: Workspace) -> None:
    """A link opened where the prices are the same."""
    assert told(made_by(workspace.prices), workspace.prices) == ""


def test_three_closes_and_five_sessions(workspace: Workspace) -> None:
    """Three closes of Nvidia are others (by hand: 118.42 -> 118.8936 is +0.4 %), and the older prices ended five sessions earlier."""
    older = revised(workspace.prices, "NVDA", {}, drop=5)
    now = revised(workspace.prices, "NVDA", {"2025-01-24": 142.63, "2025-01-27": 118.8936, "2025-01-28": 128.98})
    made = made_by(older)
    assert told(made, now) == (
        "Since this link was made, with prices as of 4 Jun 2026: 3 closes of Nvidia changed, the largest by +0.4 % on 27 Jan 2025; "
        "5 sessions were added. The prices here are as of 11 Jun 2026."
    )
    assert "3 giá đóng cửa của Nvidia đã thay đổi, nhiều nhất là +0,4 % vào 27/1/2025; thêm 5 phiên" in told(made, now, "vi")


def test_only_the_view_s_range_counts(workspace: Workspace) -> None:
    """A close that changed outside the range is no change of what is shown; one inside is, with its one figure."""
    made = made_by(workspace.prices)
    now = revised(workspace.prices, "NVDA", {"2025-01-27": 117.2358})
    assert "no close shown here changed" in told(made, now, dates=(dt.date(2025, 2, 1), dt.date(2025, 3, 1)))
    assert "1 close of Nvidia changed, by −1.0 % on 27 Jan 2025." in told(made, now)


def test_a_version_that_is_not_kept_is_said_to_be_missing(workspace: Workspace, cache: Path) -> None:
    """A link from another machine: both dates and both names, and no guess. So too when the file was damaged."""
    elsewhere = Stamp("0123456789ab", dt.date(2026, 5, 1))
    sentence = told(elsewhere, workspace.prices)
    assert "as of 1 May 2026 (data 0123456789ab). That version is not kept here" in sentence
    assert "as of 11 Jun 2026" in sentence
    made = made_by(workspace.prices)
    (cache / f"{made.data}.parquet").write_bytes(b"no parquet")
    assert "not kept here" in told(made, revised(workspace.prices, "NVDA", {"2025-01-27": 118.43}))


def test_a_close_that_came_or_went_is_a_change() -> None:
    """NaN on one side counts as a change without a size; NaN on both does not; a session on one side is added or gone."""
    days = pd.DatetimeIndex(["2025-01-02", "2025-01-03", "2025-01-06"]).as_unit("us")
    then = pd.DataFrame({"A": [1.0, np.nan, 3.0], "B": [1.0, 2.0, 3.0]}, index=days)
    now = pd.DataFrame({"A": [1.0, 2.0], "B": [1.0, 2.0]}, index=days[:2])
    change = compare(then, now, dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    assert (change.closes, change.largest, change.added, change.gone) == ({"A": 1}, None, 0, 1)
    assert not compare(then, then, dt.date(2025, 1, 1), dt.date(2025, 12, 31))


# -- keeping ---------------------------------------------------------------------------------------------------------


def test_what_is_kept_is_what_was_shown(workspace: Workspace, cache: Path) -> None:
    """The closes of the project's CSV come back from the folder, figure by figure."""
    made = made_by(workspace.prices)
    closes = kept(made.data, cache)
    assert closes is not None
    text = (ROOT / "data" / "prices" / "NVDA.csv").read_text(encoding="utf-8")
    wanted = pd.read_csv(io.StringIO(text), index_col="date", parse_dates=True)["close"]
    assert closes["NVDA"].dropna().tolist() == wanted.dropna().tolist()
    assert sorted(closes.columns) == sorted(SERIES)


def test_the_number_of_versions_is_bounded(workspace: Workspace, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest make room."""
    monkeypatch.setattr(vintage, "MOST", 3)
    names = [made_by(revised(workspace.prices, "NVDA", {"2025-01-27": 100.0 + n})).data for n in range(5)]
    assert {p.stem for p in cache.glob("*.parquet")} == set(names[-3:])


def test_a_folder_that_cannot_be_used_costs_nothing(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file stands in the folder's place the link is made as always."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AFTERSHOCK_CACHE", str(tmp_path / "file"))
    assert "&data=" in stamped("http://a/?x=1", workspace.prices, SERIES)


# -- the pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{}, {"event": "deepseek-crash-2025-01-27", "lang": "vi"}], ids=["en", "vi"])
def test_a_link_made_with_other_prices_says_so_once(query: dict[str, str], workspace: Workspace) -> None:
    """The sentence stands on the page, the stamp stays in the address while the view does, and leaves with it."""
    older = made_by(revised(workspace.prices, "NVDA", {"2025-01-27": 118.0}))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params.update({"from": "2025-01-20", "to": "2025-02-14", "series": ",".join(SERIES), "lang": "en"} | query | older.query())
    app.run()
    said = [i.value for i in app.info]
    assert len([s for s in said if "Since this link" in s or "Từ khi liên kết" in s]) == 1
    assert app.query_params["data"] in (older.data, [older.data])
    assert not app.exception


@pytest.mark.parametrize("page", ["compare", "claims"])
def test_compare_and_claims_say_so_too(page: str, workspace: Workspace) -> None:
    """The stamp is of all series, for these pages show them all."""
    older = made_by(revised(workspace.prices, "AMD", {"2025-01-27": 118.0}), workspace.tickers)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.query_params.clear()
    app.query_params.update({"lang": "en"} | older.query())
    app.switch_page(f"pages/{page}.py").run()
    assert [i.value for i in app.info if "Since this link" in i.value and "AMD" in i.value]
    assert not app.exception


def test_a_link_made_with_these_prices_says_nothing(workspace: Workspace) -> None:
    """No sentence, no complaint about parameters."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params.update({"from": "2025-01-20", "to": "2025-02-14", "lang": "en"} | made_by(workspace.prices).query())
    app.run()
    assert [i.value for i in app.info] == []
