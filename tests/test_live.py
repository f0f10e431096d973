"""Live prices: the real yfinance against our own server over real HTTP, the market that many readers look at, and the commands."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

from aftershock.cli import main
from aftershock.errors import Phrase, PricesUnavailable, RequestError
from aftershock.prices import (
    Cached,
    FirstAvailable,
    Known,
    Live,
    Market,
    PriceRequest,
    Prices,
    Snapshot,
    prices_at_once,
    renew,
)  # fmt: skip
from aftershock.prices.breaker import Breaker
from aftershock.prices.kept import Kept
from aftershock.prices.yahoo import Reply
from aftershock.sessions import new_york
from aftershock.workspace import Workspace
from tests.conftest import ROOT
from tests.fake_yahoo import DIVIDENDS, NY, Server, bars_of
from tests.faults import Counted, held

NOW = dt.datetime(2026, 10, 2, 18, tzinfo=NY)  # a Friday after the close


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        """What it shows."""
        return self.now


class World:
    """A server, a folder and markets over them, all by one clock."""

    def __init__(self, server: Server, folder: Path, snapshot: Snapshot) -> None:
        self.server, self.folder, self.snapshot, self.clock = server, folder, snapshot, Clock()
        self.yahoo = Counted(server.url, 25)

    def live(self) -> Live:
        """A live source as another process would open it."""
        kept, breaker = Kept(self.snapshot, Cached(self.folder)), Breaker(self.folder / "holds")
        breaker.look()
        return Live(new_york(), self.yahoo, breaker, kept, self.clock)

    def market(self) -> Market:
        """A market as another process would open it."""
        return Market(self.snapshot, self.live(), clock=self.clock, settle=0.0)

    def set(self, now: dt.datetime) -> None:
        """The time, here and at Yahoo."""
        self.clock.now = self.server.now = now


@pytest.fixture
def world(tmp_path: Path, workspace: Workspace) -> Iterator[World]:
    """Everything is well on Friday 2 October 2026, 18:00."""
    with Server(NOW) as server:
        yield World(server, tmp_path, workspace.snapshot)


def settled(market: Market, tickers: tuple[str, ...] = ()) -> Known:
    """What is known when nobody is being asked any more."""
    end = time.monotonic() + 60
    while (known := market.now(tickers)).asking and time.monotonic() < end:
        time.sleep(0.02)
    assert not known.asking
    return known


def codes(known: Known) -> dict[str, str]:
    """The reason of each ticker, '' where there is none."""
    return {t: a.reason.code.removeprefix("prices.") if a.reason else "" for t, a in known.answers.items()}


# -- what yfinance makes of it ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prices]:
    """Five series as they come from the server through yfinance and the validator."""
    with Server(NOW) as server:
        live = World(server, tmp_path_factory.mktemp("prices"), Workspace.open().snapshot).live()
        yield live.closes(PriceRequest(("^IXIC", "NVDA", "^GSPC", "AMD", "TSM")))


def test_yfinance_gives_split_adjusted_closes_and_dividends_beside_them(prices: Prices) -> None:
    """Nvidia closed at 118.42 on 27 January 2025; it paid 1 cent on 11 June 2024; an index pays nothing."""
    nvda = prices.bars["NVDA"]
    assert list(nvda.columns) == ["open", "high", "low", "close", "volume", "dividend"]
    assert nvda["close"][pd.Timestamp("2025-01-27")] == 118.42
    assert nvda["dividend"][pd.Timestamp("2024-06-11")] == 0.01
    assert nvda["dividend"].gt(0).sum() == sum(d.ticker == "NVDA" for d in Workspace.open().reference.dividends)
    assert list(prices.bars["^IXIC"].columns) == ["open", "high", "low", "close", "volume"]
    assert (prices.series["NVDA"].adjustment, prices.series["^IXIC"].adjustment) == ("splits-dividends", "splits")
    assert prices.provenance.adjustment == "splits-dividends"
    assert prices.series["NVDA"].name == "NVIDIA Corporation"


def test_every_close_of_the_snapshot_comes_back_from_the_server(prices: Prices, workspace: Workspace) -> None:
    """1,242 sessions of four series, through HTTP and yfinance, to the last digit that the snapshot has."""
    for ticker, bars in workspace.prices.bars.items():
        found = prices.bars[ticker].loc[bars.index]
        pd.testing.assert_series_equal(found["close"], bars["close"], rtol=2e-7)
        assert found["volume"].dropna().tolist() == bars["volume"].dropna().tolist()


def test_a_dividend_is_in_the_return_and_not_in_the_close(prices: Prices, workspace: Workspace) -> None:
    """TSM pays half a dollar: the study's return is (close + 0.5) / close before - 1, by hand from the server's own bars."""
    house = workspace.holding(prices)
    truth = bars_of("TSM")["close"].round(2)
    day = truth.index[40 + 63 * 80]
    before = truth.index[truth.index.get_loc(day) - 1]
    found = house.closes.returns("TSM", pd.DatetimeIndex([before, day]))[1]
    assert found == pytest.approx((truth[day] + DIVIDENDS["TSM"]) / truth[before] - 1, abs=1e-6)
    assert house.prices.closes().loc[day, "TSM"] == pytest.approx(truth[day], abs=0.005)


# -- the market ------------------------------------------------------------------------------------------------------


def test_the_snapshot_is_shown_at_once_and_then_what_is_new(world: World) -> None:
    """The first look has the snapshot's bars and asks; when the answers are there, so are the bars up to the last session."""
    market = world.market()
    first = market.now(("TSM",))
    assert set(first.prices.series) == set(world.snapshot.series)
    assert first.missing == ("TSM",)
    assert set(first.asking) == {*world.snapshot.series, "TSM"}
    assert not any(a.live for a in first.answers.values())
    after = settled(market, ("TSM",))
    assert {str(s.last.date()) for s in after.prices.series.values()} == {"2026-10-02"}
    assert {s.source for s in after.prices.series.values()} == {"yahoo"}
    assert all(a.live and a.checked_at == NOW for a in after.answers.values())
    assert len(world.yahoo.asked) == 5


def test_while_no_bar_changes_the_prices_are_the_same_object(world: World) -> None:
    """Caches hang on it: also after another question that brought the same bars."""
    market = world.market()
    known = settled(market)
    assert market.now().prices is known.prices
    world.clock.now += dt.timedelta(minutes=2)
    market.refresh(("NVDA",))
    again = settled(market)
    assert world.yahoo.asked.count("NVDA") == 2
    assert again.prices is known.prices
    assert again.answers["NVDA"].checked_at == NOW + dt.timedelta(minutes=2)
    assert again.answers["AMD"].checked_at == NOW


def test_a_new_process_starts_from_the_cache_and_asks_nothing(world: World) -> None:
    """What one process got, the next shows in its first look, as live as it was."""
    settled(world.market(), ("TSM",))
    world.yahoo.asked.clear()
    known = world.market().now(("TSM",))
    assert known.missing == known.asking == ()
    assert known.answers["TSM"].live
    assert world.yahoo.asked == []


def test_it_asks_again_when_a_newer_bar_should_be_there(world: World) -> None:
    """By the exchange's calendar and New York's clock: not on Sunday, not before, in and just after Monday's session; then once."""
    market = world.market()
    settled(market)
    for day, hour, minute, asked in ((4, 12, 0, 4), (5, 9, 0, 4), (5, 15, 59, 4), (5, 16, 5, 4), (5, 16, 21, 8), (5, 23, 59, 8)):
        world.set(dt.datetime(2026, 10, day, hour, minute, tzinfo=NY))
        known = settled(market)
        assert len(world.yahoo.asked) == asked
        assert str(known.prices.last.date()) == ("2026-10-02" if asked == 4 else "2026-10-05")


def test_a_refresh_cannot_be_used_to_hammer(world: World) -> None:
    """A hundred presses are one question; the answer says from when on it would be asked again."""
    market = world.market()
    settled(market)
    world.yahoo.asked.clear()
    world.clock.now += dt.timedelta(minutes=5)
    assert market.now().answers["NVDA"].refresh_at is None
    for _ in range(100):
        market.refresh(("NVDA",))
    known = settled(market)
    for _ in range(100):
        market.refresh(("NVDA",))
    assert settled(market).answers["NVDA"].refresh_at == world.clock.now + dt.timedelta(seconds=60)
    assert world.yahoo.asked == ["NVDA"]
    assert known.answers["NVDA"].live


def test_a_fault_of_ours_is_logged_and_not_repeated_at_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """What goes wrong while asking costs one attempt in a quarter of an hour, and the reader keeps the snapshot."""
    market = world.market()
    attempts: list[object] = []

    def broken(wanted: Mapping[str, dt.date]) -> Generator[Reply]:
        attempts.append(wanted)
        raise RuntimeError("nobody thought of this")
        yield  # what makes it a generator, as the real one is

    world.yahoo.ask = broken  # type: ignore[method-assign]
    for _ in range(5):
        known = settled(market)
    assert len(attempts) == 1
    assert known.prices.series["NVDA"].source == "snapshot"
    assert "nobody thought of this" in caplog.text


def test_strangers_tickers_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be a ticker is never asked; beyond a number of questions in an hour nothing is, and it is said."""
    monkeypatch.setattr("aftershock.prices.market.HOURLY", 6)
    market = world.market()
    strange = ("nvda", "", "../../x", "A B", "X" * 40, "<b>")
    assert set(codes(market.now(strange)).values()) == {"", "no-ticker"}
    known = settled(market, ("TSM", "AVGO", "MU", *strange))
    assert len(world.yahoo.asked) == 6
    assert codes(known)["MU"] == "too-many"
    assert known.answers["MU"].retry_at == NOW + dt.timedelta(hours=1)


def test_new_tickers_leave_room_for_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the questions of an hour only so many are for tickers without bars, so that those at home can still become newer; and nobody is
    asked for a ticker that a reader's session may not name."""
    monkeypatch.setattr("aftershock.prices.market.HOURLY_NEW", 2)
    market = world.market()
    assert codes(settled(market, ("TSM", "AVGO", "MU"))) | {"MU": "too-many-new"} == codes(market.now(("TSM", "AVGO", "MU")))
    assert sorted(world.yahoo.asked) == sorted([*market.home, "AVGO", "TSM"])
    assert market.now(("ASML",), spared=frozenset({"ASML"})).answers["ASML"].asking is False
    assert "ASML" not in world.yahoo.asked


def test_a_failure_is_kept_for_a_while(world: World) -> None:
    """An unknown ticker is asked for once in an hour, by this process and by others, or when a reader wants it again."""
    market = world.market()
    assert codes(settled(market, ("NOPE",)))["NOPE"] == "unknown"
    world.clock.now += dt.timedelta(minutes=59)
    other = world.market()
    other_known = other.now(("NOPE",))
    for known in (settled(market, ("NOPE",)), other_known):
        assert codes(known)["NOPE"] == "unknown"
        assert known.answers["NOPE"].retry_at == NOW + dt.timedelta(minutes=60)
    assert world.yahoo.asked.count("NOPE") == 1
    market.refresh(("NOPE",))
    settled(market, ("NOPE",))
    assert world.yahoo.asked.count("NOPE") == 2


def test_an_answer_does_not_lift_the_limit_that_another_process_met(tmp_path: Path) -> None:
    """A is told 429 while B's last question is under way: B's answer ends B's own troubles with that ticker and nothing else."""
    a, b = Breaker(tmp_path / "holds"), Breaker(tmp_path / "holds")
    b.failed("TSM", Phrase("prices.slow"), NOW)
    a.failed("NVDA", Phrase("prices.rate-limited"), NOW)
    b.answered("TSM", NOW)
    for one in (a, b, Breaker(tmp_path / "holds")):
        one.look()
        assert one.closed(NOW) is not None
    assert set(json.loads((tmp_path / "holds").read_text())) == {"*"}


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'{"*": 1}', b'{"*": {"until": "soon", "why": {}}}', b"\xff\x00", None])
def test_a_damaged_note_of_holds_is_no_hold(content: bytes | None, tmp_path: Path) -> None:
    """Nor is one of another version, whose reason this one has no words for."""
    why = {"code": "prices.from-the-future", "facts": {}}
    written = content if content is not None else json.dumps({"*": {"until": "2030-01-01T00:00:00+00:00", "why": why}}).encode()
    (tmp_path / "holds").write_bytes(written)
    breaker = Breaker(tmp_path / "holds")
    breaker.look()
    assert breaker.closed(NOW) is None
    breaker.failed("TSM", Phrase("prices.unknown"), NOW)
    other = Breaker(tmp_path / "holds")
    other.look()
    assert str(other.hold("TSM", NOW).why) == "Yahoo knows no such ticker, or it is no longer listed."  # type: ignore[union-attr]


def test_429_stops_all_questions_for_a_quarter_of_an_hour_in_every_process(world: World) -> None:
    """The first ticker meets the limit; the others are not tried, nor by a reader's refresh, nor by another process."""
    world.server.faults["*"] = "429"
    market = world.market()
    known = settled(market, ("TSM",))
    assert set(codes(known).values()) == {"rate-limited"}
    assert [t for t, _ in world.server.log] == ["TSM", "TSM"]  # yfinance itself tries twice
    asked = list(world.yahoo.asked)
    world.server.faults.clear()
    other = world.market()
    world.clock.now += dt.timedelta(minutes=14)
    for one in (market, other):
        one.refresh(("TSM", "NVDA"))
        known = settled(one, ("TSM", "MU"))
        assert codes(known)["MU"] == "rate-limited"
        assert known.answers["MU"].retry_at == known.answers["MU"].refresh_at == NOW + dt.timedelta(minutes=15)
        assert str(known.prices.last.date()) == "2026-06-11"
    assert world.yahoo.asked == asked
    world.clock.now += dt.timedelta(minutes=2)
    assert set(codes(settled(other, ("TSM",))).values()) == {""}


def test_what_another_process_got_is_not_asked_for_again(world: World) -> None:
    """Two servers over one cache: the second finds Monday's bars there."""
    market, other = world.market(), world.market()
    settled(market)
    settled(other)
    world.set(dt.datetime(2026, 10, 5, 18, tzinfo=NY))
    world.yahoo.asked.clear()
    settled(market)
    assert str(settled(other).prices.last.date()) == "2026-10-05"
    assert len(world.yahoo.asked) == 4


def test_a_ticker_that_hangs_loses_only_itself(world: World) -> None:
    """The first one is begun and given up, the process with it; the next ones are answered by another."""
    world.server.faults["TSM"] = "hang"
    world.yahoo = Counted(world.server.url, 2)
    found = dict(world.live().ask(("TSM", "MU", "AVGO")))
    assert str(found["TSM"]) == "Yahoo did not answer in time."
    assert [str(found[t].series.last.date()) for t in ("MU", "AVGO")] == ["2026-10-02"] * 2  # type: ignore[union-attr]


def test_without_a_cache_folder_prices_are_live_all_the_same(world: World) -> None:
    """A folder that cannot be used costs the keeping, not the prices; the reader is told."""
    (world.folder / "file").write_text("")
    world.folder = world.folder / "file" / "cache"
    known = settled(world.market(), ("TSM",))
    assert all(a.live for a in known.answers.values())
    assert [str(n) for n in known.notes] == ["Prices cannot be stored: the cache folder cannot be used."]


def test_the_snapshot_alone_asks_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """AFTERSHOCK_PRICES=snapshot: no folder, no question; an unknown word is refused in a sentence."""
    monkeypatch.setenv("AFTERSHOCK_PRICES", "snapshot")
    monkeypatch.setenv("AFTERSHOCK_CACHE", str(world.folder / "none"))
    known = Market.open(world.snapshot, new_york()).now(("TSM",))
    assert codes(known) == dict.fromkeys(world.snapshot.series, "") | {"TSM": "snapshot-only"}
    assert known.asking == ()
    assert not (world.folder / "none").exists()
    monkeypatch.setenv("AFTERSHOCK_PRICES", "telepathy")
    with pytest.raises(RequestError, match="auto, snapshot, yahoo"):
        Market.open(world.snapshot, new_york())


def test_looking_costs_less_than_a_millisecond(world: World) -> None:
    """A hundred looks at sixteen series, twelve of them the reader's own: the median."""
    market, tickers = world.market(), tuple(f"F{i}" for i in range(12))
    world.clock.now = dt.datetime(2026, 6, 11, 20, tzinfo=NY)
    for ticker in tickers:
        Cached(world.folder).put(held(ticker, pd.Timestamp("2026-06-11")))
    assert market.now(tickers).asking == market.now(tickers).missing == ()
    took = []
    for _ in range(100):
        began = time.perf_counter()
        market.now(tickers)
        took.append(time.perf_counter() - began)
    assert sorted(took)[50] < 0.001


def test_the_process_ends_with_whoever_started_it(world: World, tmp_path: Path) -> None:
    """Killed with -9 while a question hangs, a program leaves nobody behind who goes on asking."""
    world.server.faults["TSM"] = "hang"
    code = (
        "import datetime as dt; from aftershock.prices.yahoo import Yahoo\n"
        f"list(Yahoo({world.server.url!r}).ask({{'TSM': dt.date(2026, 1, 2)}}))"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as program:
        while not world.server.log and program.poll() is None:
            time.sleep(0.05)
        (worker,) = _children(program.pid)
        program.send_signal(signal.SIGKILL)
    end = time.monotonic() + 10
    while Path(f"/proc/{worker}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()


def _children(pid: int) -> list[int]:
    return [int(p) for task in Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]


# -- providers -------------------------------------------------------------------------------------------------------


def test_the_first_provider_that_has_a_ticker_gives_it(world: World) -> None:
    """Live, else the cache, else the snapshot; each series says who gave it; a ticker that none has is named."""
    live = world.live()
    assert live.kept.cache is not None
    live.closes(PriceRequest(("TSM",)))
    world.server.faults |= {"TSM": "500", "NVDA": "500"}
    three = FirstAvailable(live, live.kept.cache, world.snapshot)
    found = three.closes(PriceRequest(("AMD", "TSM", "NVDA")))
    assert {t: (s.source, str(s.last.date())) for t, s in found.series.items()} == {
        "AMD": ("yahoo", "2026-10-02"), "TSM": ("yahoo", "2026-10-02"), "NVDA": ("snapshot", "2026-06-11"),
    }  # fmt: skip
    assert found.provenance.source == "mixed"
    with pytest.raises(PricesUnavailable, match=r"^NOPE: Yahoo knows no such ticker"):
        three.closes(PriceRequest(("NOPE",)))


# -- the commands, with the real clock -------------------------------------------------------------------------------


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The environment of a user whose Yahoo is ours."""
    with Server(dt.datetime.now(NY)) as server:
        monkeypatch.setenv("AFTERSHOCK_PRICES", "auto")
        monkeypatch.setenv("AFTERSHOCK_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("AFTERSHOCK_YAHOO_URL", server.url)
        yield server


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and error of a command."""
    status = main(list(arguments))
    said = capsys.readouterr()
    return status, said.out, said.err


def test_prices_update_tells_what_came_of_each_ticker(outside: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each that was got, a sentence for each that was not, status 1 because of those; status shows them all afterwards."""
    status, out, err = run(capsys, "prices", "update", "--ticker", "tsm", "--ticker", "BTC-USD", "--ticker", "NOPE", "--ticker", "A B")
    assert status == 1
    assert out.startswith("TSM (Taiwan Semiconductor Manufactur): ")
    assert out.count("\n") == 1
    assert [line.split(":")[0] for line in err.splitlines()] == ["A B", "BTC-USD", "NOPE"]
    status, out, err = run(capsys, "prices", "update", "--lang", "vi")
    assert (status, err) == (0, "")
    assert [line.split(" ")[0] for line in out.splitlines()] == ["^IXIC", "NVDA", "^GSPC", "AMD", "TSM"]
    assert " phiên, từ 1/7/2021 đến " in out
    rows = json.loads(run(capsys, "prices", "status", "--format", "json")[1])["series"]
    assert [(r["ticker"], r["source"], r["adjustment"]) for r in rows] == [
        ("^IXIC", "yahoo", "splits"), ("NVDA", "yahoo", "splits-dividends"), ("^GSPC", "yahoo", "splits"),
        ("AMD", "yahoo", "splits-dividends"), ("TSM", "yahoo", "splits-dividends"),
    ]  # fmt: skip


def test_prices_update_from_a_day_reaches_back_and_stays_there(outside: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """--from 2015 gives the years before; a later update without it keeps them."""
    for options in (("--from", "2015-01-02"), ()):
        assert run(capsys, "prices", "update", "--ticker", "TSM", *options)[0] == 0
        rows = json.loads(run(capsys, "prices", "status", "--format", "json")[1])["series"]
        assert {r["ticker"]: r["first"] for r in rows}["TSM"] == "2015-01-02"


def test_a_command_takes_a_ticker_from_the_cache_or_asks(outside: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The first study of TSM asks once, the second takes it from the cache, also when Yahoo is gone; the chart likewise."""
    study = ("study", "--event", "deepseek-crash-2025-01-27", "--ticker", "TSM", "--format", "json")
    first = json.loads(run(capsys, *study)[1])
    assert [t for t, _ in outside.log] == ["TSM"]
    outside.faults["*"] = "500"
    assert json.loads(run(capsys, *study)[1]) == first
    assert first["provenance"]["source"] == "mixed"
    assert first["provenance"]["adjustment"] == "splits-dividends"
    assert [r["ticker"] for r in first["results"]] == ["TSM"]
    chart = tmp_path / "chart.csv"
    assert run(capsys, "chart", "timeline", "--ticker", "TSM", "--ticker", "NVDA", "--out", str(chart)) == (0, "", "")
    assert set(chart.read_text().splitlines()[0].split(",")[:3]) == {"date", "TSM", "NVDA"}
    assert [t for t, _ in outside.log] == ["TSM"]


def test_a_ticker_that_cannot_be_had_is_one_sentence(outside: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown, in both languages, and while Yahoo has an error of its own."""
    study, chart = ("study", "--event", "deepseek-crash-2025-01-27"), ("chart", "timeline", "--out", "x.svg")
    assert run(capsys, *study, "--ticker", "NOPE") == (1, "", "NOPE: Yahoo knows no such ticker, or it is no longer listed.\n")
    assert run(capsys, *chart, "--ticker", "NOPE", "--lang", "vi") == (1, "", "NOPE: Yahoo không có mã này, hoặc mã không còn niêm yết.\n")
    outside.faults["MU"] = "500"
    assert run(capsys, *study, "--ticker", "MU") == (1, "", "MU: Yahoo has trouble of its own and gave no prices.\n")
    assert run(capsys, *chart, "--ticker", "a b")[2].startswith("a b: This cannot be a ticker")


def test_a_command_that_wants_yahoo_takes_nothing_else(outside: Server, monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    """AFTERSHOCK_PRICES=yahoo: asked for at once; with nothing in the cache either, the error and not the snapshot."""
    monkeypatch.setenv("AFTERSHOCK_PRICES", "yahoo")
    outside.faults["AMD"] = "500"
    with pytest.raises(PricesUnavailable, match=r"^AMD: Yahoo has trouble of its own"):
        prices_at_once(workspace.snapshot, new_york())
    assert sorted({t for t, _ in outside.log}) == ["AMD", "NVDA", "^GSPC", "^IXIC"]
    outside.faults.clear()
    (Path(os.environ["AFTERSHOCK_CACHE"]) / "prices" / "holds").unlink()
    found = prices_at_once(workspace.snapshot, new_york())
    assert {s.source for s in found.series.values()} == {"yahoo"}
    assert sorted(t for t, _ in outside.log).count("NVDA") == 1, "the three that were had a moment ago are not asked for again"


def test_updating_while_it_is_switched_off_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, status 1."""
    assert run(capsys, "prices", "update") == (1, "", "Nobody is asked for prices while AFTERSHOCK_PRICES is snapshot.\n")


# -- make snapshot ---------------------------------------------------------------------------------------------------


def test_the_snapshot_is_renewed_as_a_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy of data/prices: what was added and revised is printed, and the new folder is a snapshot again; with one series missing
    nothing is written.
    """
    folder = tmp_path / "prices"
    shutil.copytree(ROOT / "data" / "prices", folder)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    old = Snapshot(folder, new_york()).closes(PriceRequest(("NVDA",))).bars["NVDA"]
    with Server(dt.datetime.now(NY)) as server:
        monkeypatch.setenv("AFTERSHOCK_YAHOO_URL", server.url)
        server.faults["AMD"] = "500"
        assert renew.main([str(folder)]) == 1
        assert capsys.readouterr().out == "AMD: Yahoo has trouble of its own and gave no prices.\n"
        assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
        server.faults.clear()
        command = [sys.executable, "-m", "aftershock.prices.renew", str(folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    new = Snapshot(folder, new_york())
    bars = new.closes(PriceRequest(("NVDA",))).bars["NVDA"]
    added = len(bars) - len(old)
    assert done.stdout.splitlines()[1] == f"NVDA: {added} sessions added, up to {bars.index[-1]:%Y-%m-%d}"
    assert added > 70
    assert bars.loc[old.index, "close"].equals(old["close"])
    assert new.series["NVDA"].retrieved_at == f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    assert "Yahoo" in new.series["NVDA"].note


def test_threads_that_look_at_the_same_time_get_one_answer(world: World) -> None:
    """Twenty first looks at a ticker that nobody has seen: one question, one object of prices for all."""
    market, seen = world.market(), []
    start = threading.Barrier(20)

    def look() -> None:
        start.wait()
        market.now(("TSM",))
        seen.append(settled(market, ("TSM",)).prices)

    threads = [threading.Thread(target=look) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(p) for p in seen}) == 1
    assert world.yahoo.asked.count("TSM") == 1
