import datetime as dt
import shutil

import numpy as np
import pandas as pd
import pytest

from aftershock.errors import DataError, RequestError
from aftershock.sessions import Rule, new_york
from aftershock.study import Reason, StudyDesign, Warn, run_study
from aftershock.userdata import moments, plan_user_events, read_events, read_prices
from aftershock.workspace import DATA

DAYS = new_york().between(dt.date(2023, 1, 3), dt.date(2024, 6, 28))
TWO = "id,date,ticker\nmarch,2024-03-05,AAA\nnovember,2023-11-01,AAA\n"


def prices(seed=3, days=DAYS):
    """A table of text as a user's spreadsheet writes it: date, AAA, MKT."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.01, len(days))
    y = 1.5 * x + rng.normal(0, 0.02, len(days))
    text = [[f"{v:.6f}" for v in start * np.cumprod(1 + r)] for start, r in ((50, y), (100, x))]
    return pd.DataFrame({"date": days.strftime("%Y-%m-%d"), "AAA": text[0], "MKT": text[1]})


@pytest.fixture
def answer(tmp_path):
    """Writes prices and events, runs the study, and gives {event id: Outcome or Exclusion}."""

    def run(table, events=TWO, *, rule=Rule.NEXT, tickers=(), **design):
        file, asked = tmp_path / "prices.csv", tmp_path / "events.csv"
        file.write_text(table if isinstance(table, str) else table.to_csv(index=False), encoding="utf-8")
        asked.write_text(events, encoding="utf-8")
        closes = read_prices(file, new_york()).closes
        made = plan_user_events(read_events(asked), closes, StudyDesign(benchmark="MKT", **design), new_york(), rule=rule, tickers=tickers)
        result = run_study(made.plan, closes)
        assert len(result.outcomes) + len(result.excluded) == made.plan.requested
        return {o.observation.event_id: o for o in result.outcomes} | {e.event_id: e for e in result.excluded}

    return run


def at(table, day, **cells):
    """The table with the cells of one day replaced."""
    table = table.copy()
    for column, value in cells.items():
        table.loc[table["date"] == day, column] = value
    return table


# -- every kind of dirty event ---------------------------------------------------------------------------------------


def test_each_event_gets_its_own_answer_and_the_others_are_computed(answer):
    """Weekend, holiday, before the first and after the last price, the last day, too early, an impossible date, an unknown ticker, none."""
    events = (
        "id,date,ticker\nweekend,2024-01-13,AAA\nholiday,2024-01-15,AAA\nbefore,2022-05-05,AAA\nafter,2024-07-03,AAA\nlast,2024-06-28,AAA\n"
        "early,2023-02-01,AAA\nplain,2024-03-05,AAA\nimpossible,2024-02-30,AAA\nunknown,2024-03-05,ZZZ\nnone,2024-03-05,\n"
    )
    found = answer(prices(), events)
    sessions = {name: f"{found[name].observation.session:%Y-%m-%d}" for name in ("weekend", "holiday", "last", "plain")}
    assert sessions == {"weekend": "2024-01-16", "holiday": "2024-01-16", "last": "2024-06-28", "plain": "2024-03-05"}
    assert [w.code for w in found["last"].warnings if w.code is Warn.TRUNCATED_WINDOW]
    reasons = {name: x.reason for name, x in found.items() if name not in sessions}
    assert reasons == {
        "before": Reason.BEFORE_FIRST_PRICE,
        "after": Reason.AFTER_LAST_PRICE,
        "early": Reason.TOO_LITTLE_HISTORY,
        "impossible": Reason.NOT_A_SESSION,
        "unknown": Reason.PRICE_MISSING,
        "none": Reason.PRICE_MISSING,
    }


def test_the_rule_says_where_an_event_on_a_closed_day_goes(answer):
    """Next, previous, or nowhere."""
    events = "id,date,ticker\nx,2024-01-15,AAA\n"
    assert f"{answer(prices(), events)['x'].observation.session:%m-%d}" == "01-16"
    assert f"{answer(prices(), events, rule=Rule.PREVIOUS)['x'].observation.session:%m-%d}" == "01-12"
    assert answer(prices(), events, rule=Rule.EXACT)["x"].reason is Reason.NOT_A_SESSION


def test_time_stamps_are_put_on_new_yorks_clock_before_the_date_is_taken(answer):
    """Mixed offsets; after the close moves to the next session, and midnight in Hanoi is still the day before in New York."""
    events = (
        "id,date,ticker\nafter,2024-03-05T22:30:00+00:00,AAA\nduring,2024-03-05T15:30:00+00:00,AAA\nhanoi,2024-03-06T00:30:00+07:00,AAA\n"
        "tokyo,2024-03-06 08:00:00+09:00,AAA\nzulu,2024-03-05T12:00:00Z,AAA\nlocal,2024-03-05T16:30,AAA\n"
    )
    found = {name: f"{o.observation.session:%m-%d}" for name, o in answer(prices(), events).items()}
    assert found == {"after": "03-06", "during": "03-05", "hanoi": "03-05", "tokyo": "03-06", "zulu": "03-05", "local": "03-06"}


def test_a_time_of_its_own_column_counts(answer):
    """Half past four is after the close; no time leaves the day."""
    found = answer(prices(), "id,date,time,ticker\na,2024-03-05,16:30,AAA\nb,2024-03-05,,AAA\nc,2024-03-05,soon,AAA\n")
    assert [f"{found[k].observation.session:%m-%d}" for k in "abc"] == ["03-06", "03-05", "03-05"]


def test_tickers_are_text(tmp_path):
    """NA, TRUE and 005930 are tickers, in the prices and in the events."""
    table = prices()
    table = pd.DataFrame({"date": table["date"], "NA": table["AAA"], "TRUE": table["AAA"], "005930": table["AAA"], "MKT": table["MKT"]})
    (tmp_path / "p.csv").write_text(table.to_csv(index=False), encoding="utf-8")
    (tmp_path / "e.csv").write_text("id,date,tickers\nx,2024-03-05,NA;TRUE;005930\n", encoding="utf-8")
    closes = read_prices(tmp_path / "p.csv", new_york()).closes
    assert closes.tickers == ("NA", "TRUE", "005930", "MKT")
    made = plan_user_events(read_events(tmp_path / "e.csv"), closes, StudyDesign(benchmark="MKT"), new_york())
    assert [o.observation.ticker for o in run_study(made.plan, closes).outcomes] == ["NA", "TRUE", "005930"]


def test_events_without_ids_and_with_the_same_id_are_all_answered(answer):
    """A missing id is the row's number; a repeated one gets it added; nothing is lost."""
    found = answer(prices(), "date,ticker,id\n2024-03-05,AAA,\n2024-03-05,AAA,x\n2024-03-06,AAA,x\n")
    assert set(found) == {"row-2", "x", "x#4"}


def test_a_chosen_ticker_adds_to_the_events_own(answer):
    """An event without a ticker gets it; an event with another one gets both."""
    found = answer(prices(), "id,date,ticker\nx,2024-03-05,\n", tickers=("AAA",))
    assert found["x"].observation.ticker == "AAA"


def test_events_in_toml_are_read_too(tmp_path):
    """Dates as TOML has them, one ticker or a list; the catalogue's own file is understood as well."""
    file = tmp_path / "events.toml"
    file.write_text(
        '[[event]]\nid="a"\ndate=2024-03-05\nticker="AAA"\n[[event]]\ndate="2024-03-06"\ntickers=["AAA","MKT"]\n', encoding="utf-8"
    )
    one, two = read_events(file)
    assert (one.id, one.moment, one.tickers) == ("a", dt.date(2024, 3, 5), ("AAA",))
    assert (two.id, two.tickers) == ("row-2", ("AAA", "MKT"))
    assert len(read_events(DATA / "events.toml")) > 100


# -- every kind of dirty price ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "cells", "reason"),
    [
        ("2024-03-05", {"AAA": ""}, Reason.PRICE_MISSING),
        ("2024-03-01", {"AAA": ""}, Reason.PRICE_MISSING),
        ("2024-03-04", {"MKT": ""}, Reason.BENCHMARK_MISSING),
        ("2024-03-06", {"AAA": "n.q."}, Reason.BAD_PRICE),
        ("2024-03-06", {"AAA": "0"}, Reason.BAD_PRICE),
        ("2024-03-06", {"AAA": "-61.5"}, Reason.BAD_PRICE),
        ("2024-03-06", {"AAA": "inf"}, Reason.BAD_PRICE),
        ("2024-03-06", {"AAA": "1e12"}, Reason.BAD_PRICE),
        ("2024-03-06", {"MKT": "zero"}, Reason.BAD_PRICE),
    ],
)
def test_a_bad_figure_costs_only_the_events_that_need_it(answer, day, cells, reason):
    """The event in its window is excluded by name, the other one is what it is without the damage."""
    found, clean = answer(at(prices(), day, **cells)), answer(prices())
    assert found["march"].reason is reason
    assert found["november"].car == clean["november"].car


def test_a_row_that_is_not_there_is_a_missing_price(answer):
    """A file that keeps New York's calendar cannot lose a session silently."""
    table = prices()
    found = answer(table[table["date"] != "2024-03-05"])
    assert found["march"].reason is Reason.PRICE_MISSING
    assert f"{found['march'].facts['session']:%Y-%m-%d}" == "2024-03-05"


def test_a_series_that_stands_still_is_excluded_by_name(answer):
    """The stock or the index: zero variance, for every event."""
    for column in ("AAA", "MKT"):
        found = answer(prices().assign(**{column: "100"}))
        assert {x.reason for x in found.values()} == {Reason.ZERO_VARIANCE}
        assert found["march"].facts["series"] == column


def test_a_benchmark_equal_to_the_stock_is_said(answer):
    """Abnormal returns are zero and nothing is tested."""
    found = answer(prices().assign(AAA=prices()["MKT"]))["march"]
    assert found.abnormal == pytest.approx(np.zeros(3), abs=1e-15)
    assert Warn.BENCHMARK_CONTAINS_TICKER in {w.code for w in found.warnings}


def test_equal_duplicates_count_once_and_contradictory_ones_not_at_all(answer):
    """Both are pointed out; the contradiction excludes the event that needs the day."""
    table, clean = prices(), answer(prices())
    again = table[table["date"] == "2024-03-05"]
    equal = answer(pd.concat([table, again]))
    assert equal["march"].car == clean["march"].car
    assert Warn.DUPLICATE_DATES in {w.code for w in equal["march"].warnings}
    conflict = answer(pd.concat([table, again.assign(AAA="61.7")]))
    assert conflict["march"].reason is Reason.BAD_PRICE
    assert conflict["november"].car == clean["november"].car


def test_the_order_of_rows_does_not_matter(answer):
    """Newest first and shuffled give the same answers."""
    clean = answer(prices())
    for table in (prices()[::-1], prices().sample(frac=1, random_state=1)):
        assert [answer(table)[k].car for k in clean] == [o.car for o in clean.values()]


def test_a_split_and_stale_prices_are_pointed_out(answer):
    """Prices divided by ten from a day on; two closes repeated in the event window."""
    table = prices()
    split = table.assign(AAA=[f"{float(v) / 10:.6f}" if d >= "2024-02-01" else v for d, v in zip(table["date"], table["AAA"], strict=True)])
    assert Warn.SPLIT_LIKE_JUMP in {w.code for w in answer(split)["march"].warnings}
    before = table.loc[table["date"] == "2024-03-04", "AAA"].item()
    stale = at(at(table, "2024-03-05", AAA=before), "2024-03-06", AAA=before)
    assert Warn.STALE_PRICES in {w.code for w in answer(stale)["march"].warnings}


@pytest.mark.parametrize("filled", [False, True])
def test_a_coin_that_trades_every_day_is_compared_on_the_sessions_of_the_index(answer, filled):
    """Saturday's news reacts on Monday, and Monday's return spans the weekend on both sides, whether the index is empty at weekends or
    filled forward."""
    week = pd.date_range(DAYS[0], DAYS[-1])
    coin = 100 * np.cumprod(1 + np.random.default_rng(1).normal(0, 0.03, len(week)))
    index = prices().set_index(DAYS)["MKT"].reindex(week)
    table = pd.DataFrame({"date": week.strftime("%Y-%m-%d"), "BTC": coin, "MKT": index.ffill() if filled else index})
    found = answer(table, "id,date,ticker\nx,2024-03-09,BTC\n")["x"]
    assert f"{found.observation.session:%Y-%m-%d}" == "2024-03-11"
    levels = pd.Series(coin, index=week)
    assert found.returns[1] == pytest.approx(levels["2024-03-11"] / levels["2024-03-08"] - 1, abs=1e-14)
    assert found.fit.n == 120


def test_an_exchange_that_we_do_not_know_keeps_its_own_days(answer):
    """Open on New York's holidays: offsets count the rows of the file, and a Saturday moves to its next row."""
    days = pd.bdate_range("2023-01-02", "2024-06-28")
    found = answer(prices(days=days), "id,date,ticker\nholiday,2024-01-15,AAA\nsaturday,2024-03-09,AAA\n")
    assert [f"{o.observation.session:%Y-%m-%d}" for o in found.values()] == ["2024-01-15", "2024-03-11"]


@pytest.mark.parametrize("rows", [1, 2])
def test_tiny_files_are_answered(answer, rows):
    """With one or two rows there is no history, and events after them are after the last price."""
    found = answer(prices()[:rows], TWO + "first,2023-01-03,AAA\n")
    assert found["march"].reason is Reason.AFTER_LAST_PRICE
    assert found["first"].reason is Reason.TOO_LITTLE_HISTORY


def test_price_stamps_with_mixed_offsets_fall_on_new_yorks_days(answer):
    """16:00 in New York, written with two offsets, gives the same study as dates; midnights are dates as they stand."""
    clean = answer(prices())["march"].car
    mixed, utc = prices(), prices()
    closes = [pd.Timestamp(f"{d} 16:00").tz_localize("America/New_York") for d in mixed["date"]]
    mixed["date"] = [str(t.tz_convert("UTC") if i % 2 else t) for i, t in enumerate(closes)]
    utc["date"] = [f"{d}T00:00:00+00:00" for d in utc["date"]]
    assert answer(mixed)["march"].car == clean
    assert answer(utc)["march"].car == clean


@pytest.mark.parametrize(
    "write",
    [
        lambda t: t.to_csv(index=False, sep=";"),
        lambda t: t.to_csv(index=False, sep="\t"),
        lambda t: t.replace(r"\.", ",", regex=True).to_csv(index=False, sep=";"),
        lambda t: "\ufeff" + t.to_csv(index=False).replace("\n", "\r\n"),
        lambda t: t.assign(date=[f"{d[8:]}/{d[5:7]}/{d[:4]}" for d in t["date"]]).to_csv(index=False),
        lambda t: t.assign(date=[f"{d[5:7]}/{d[8:]}/{d[:4]}" for d in t["date"]]).to_csv(index=False),
        lambda t: t.assign(date=t["date"].str.replace("-", "")).to_csv(index=False),
        lambda t: t.to_csv(index=False) + "\n,,\n\n",
    ],
)
def test_the_way_a_table_is_written_does_not_matter(answer, write):
    """Separators, decimal commas, a byte-order mark, day or month first, compact dates, empty rows at the end."""
    assert answer(write(prices()))["march"].car == answer(prices())["march"].car


def test_a_folder_of_bars_is_read_by_its_manifest(tmp_path):
    """The project's own snapshot, as a user's folder: same tickers and closes; without a manifest files name the tickers."""
    closes = read_prices(DATA / "prices", new_york()).closes
    assert set(closes.tickers) == {"NVDA", "AMD", "^IXIC", "^GSPC"}
    assert closes.frame.loc[pd.Timestamp("2025-01-27"), "NVDA"] == 118.42
    shutil.copy(DATA / "prices" / "GSPC.csv", tmp_path / "GSPC.csv")
    assert read_prices(tmp_path, new_york()).closes.tickers == ("GSPC",)
    assert read_prices(tmp_path / "GSPC.csv", new_york()).closes.tickers == ("GSPC",)


# -- what cannot be read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said", "vietnamese"),
    [
        ("", "an empty file", "bản ghi -, trường -: đang là tệp rỗng, đúng ra phải là một dòng tiêu đề và các dòng dữ liệu."),
        ("date,AAA\n", "no rows", "đang là bảng không có dòng nào, đúng ra phải là một ngày và ít nhất một cột giá."),
        ("date\n2024-03-05\n", "no column of prices", "đang là bảng không có cột giá nào, đúng ra phải là một ngày và"),
        ("date,AAA,AAA\n2024-03-05,1,2\n", "each column once", "dòng 1, trường header: đang là 'AAA', đúng ra phải là mỗi cột một lần."),
        ("date,AAA\n2024-03-05,1,7\n", "row 2", "dòng 2, trường -: đang là '2024-03-05,1,7', đúng ra phải là 2 ô."),
        ("date,AAA\n2024-03-05,1\nTotal,3\n", "row 3", "dòng 3, trường date: đang là 'Total', đúng ra phải là một ngày như 2025-01-27."),
        ("date,AAA,\n2024-03-05,1,2\n", "2 cells", "đúng ra phải là 2 ô."),
        ('date,AAA\n2024-03-05,"' + "1" * 140_000 + '"\n', "line 2", "đang là nội dung khác ở dòng 2, đúng ra phải là một bảng CSV."),
    ],
)
def test_a_price_file_that_makes_no_sense_is_refused_in_one_sentence(tmp_path, text, said, vietnamese):
    """File, row, what was found and what would be right, in either language."""
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said) as caught:
        read_prices(tmp_path / "p.csv", new_york())
    assert vietnamese in caught.value.sentence("vi")


def test_files_that_are_not_there_or_not_text_are_refused(tmp_path):
    """A missing file, an empty folder, bytes that are no text, an events file without dates, broken TOML."""
    for path in (tmp_path / "no.csv", tmp_path):
        with pytest.raises(DataError):
            read_prices(path, new_york())
    (tmp_path / "p.csv").write_bytes(b"date,A\n\xff\xfa\x80,1\n")
    (tmp_path / "e.csv").write_text("when,ticker\n2024-03-05,AAA\n", encoding="utf-8")
    (tmp_path / "e.toml").write_text("[[event]\n", encoding="utf-8")
    with pytest.raises(DataError, match="UTF-8"):
        read_prices(tmp_path / "p.csv", new_york())
    with pytest.raises(DataError, match="a column called date"):
        read_events(tmp_path / "e.csv")
    with pytest.raises(DataError, match="TOML"):
        read_events(tmp_path / "e.toml")


def test_dates_that_can_be_read_two_ways_are_asked_about():
    """03/04/2025 alone is ambiguous; beside 27/01/2025 it is 3 April; 05/05/2025 is the same both ways."""
    with pytest.raises(RequestError, match="two different days"):
        moments(["03/04/2025", "05/06/2025"], "f.csv")
    with pytest.raises(RequestError, match="two different days"):
        moments(["13/04/2025", "04/13/2025"], "f.csv")
    assert moments(["03/04/2025", "27/01/2025"], "f.csv")[0] == dt.date(2025, 4, 3)
    assert moments(["05/05/2025"], "f.csv") == [dt.date(2025, 5, 5)]
