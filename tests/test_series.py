"""Any series: what may be typed, twelve of them in one picture, and the pages with a Yahoo of our own behind them."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pandas as pd
import pytest
import vl_convert
from streamlit.testing.v1 import AppTest

from aftershock import captions, exhibits
from aftershock.charts import fonts
from aftershock.charts.placing import overlap
from aftershock.charts.sheet import SIZES
from aftershock.exports import EXPORTS
from aftershock.prices import Prices, Series
from aftershock.text import LANGUAGES, words
from aftershock.tickers import ELSEWHERE, OFFERED, meant, symbol
from aftershock.ui import house, market
from aftershock.views import Scale, View
from aftershock.workspace import Workspace
from tests import fake_yahoo
from tests.conftest import ROOT
from tests.test_app import run, said
from tests.test_charts import read_svg

TWELVE = ("^IXIC", "NVDA", "^GSPC", "AMD", "TSM", "AVGO", "ASML", "INTC", "QCOM", "ARM", "SMCI", "^SOX")
RANGE = {"first": dt.date(2023, 6, 1), "last": dt.date(2025, 3, 1)}  # Arm was listed on 14 September 2023
NAMES = {ticker: words("en")(f"series.{ticker}") for ticker in (*OFFERED, *ELSEWHERE)}

# -- what may be typed: labelled by hand -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "ticker"),
    [
        ("nvda ", "NVDA"), (" ^sox", "^SOX"), ("$TSM", "TSM"), ("brk-b", "BRK-B"), ("005930.ks", "005930.KS"), ("eurusd=x", "EURUSD=X"),
        ("", None), ("^", None), ("NVDA AMD", None), ("NVIDIA!", None), ("A" * 16, None), ("<b>", None), ("é", None), ("^^IXIC", None),
    ],
)  # fmt: skip
def test_a_ticker_is_spelt_as_at_yahoo(typed: str, ticker: str | None) -> None:
    """Outer spaces, capitals and a dollar sign are forgiven; anything else that is no ticker is none."""
    assert symbol(typed) == ticker


@pytest.mark.parametrize(
    ("typed", "tickers"),
    [
        ("Nvidia", ("NVDA",)), ("NVIDIA", ("NVDA",)), ("samsung", ("005930.KS",)), ("google", ("GOOGL",)), ("tsmc", ("TSM",)),
        ("dow", ("^DJI",)), ("DOW", ("DOW",)), ("arm", ("ARM",)), ("pltr", ("PLTR",)), ("now", ("NOW",)), ("S&P 500", ("^GSPC",)),
        ("nasdaq", ("^IXIC", "^NDX")), ("what is this", ()), ("", ()), ("s&p", ("^GSPC",)), ("Nasdaq-100", ("^NDX",)), ("F", ("F",)),
    ],
)  # fmt: skip
def test_a_name_is_understood_where_it_is_clear(typed: str, tickers: tuple[str, ...]) -> None:
    """Whole names and known tickers first, then what is spelt as a ticker, then parts of names; several stay several."""
    assert meant(typed, NAMES) == tickers


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_offered_label_is_understood_again(lang: str) -> None:
    """What the box shows leads back to its ticker, in either language, also after the language has changed."""
    other = words("vi" if lang == "en" else "en")
    labels = [market.label(t, words(lang)) for t in OFFERED]
    for i in range(0, len(labels), 12):
        assert market.understood(labels[i : i + 12], other) == (OFFERED[i : i + 12], ())


def test_the_thirteenth_gets_a_sentence() -> None:
    """Twelve are taken, in their order, each once; the rest is named, and what is no ticker too."""
    typed = ["AMD", "amd", "???", "nasdaq", *(f"T{i}" for i in range(12))]
    found, wrong = market.understood(typed, words("en"))
    assert found == ("AMD", *(f"T{i}" for i in range(11)))
    told = [w.in_words(words("en")) for w in wrong]
    assert ["“???” is neither" in told[0], "Nasdaq Composite (^IXIC), Nasdaq-100 (^NDX)" in told[1], "left out: T11" in told[2]] == [
        True
    ] * 3


# -- twelve in one picture -------------------------------------------------------------------------------------------


@cache
def twelve() -> Workspace:
    """The workspace with twelve series: the snapshot's four and eight that our Yahoo invents, Arm from its listing on."""
    opened = Workspace.open()
    bars, series = dict(opened.prices.bars), dict(opened.prices.series)
    for ticker in TWELVE[4:]:
        b = bars[ticker] = fake_yahoo.bars_of(ticker).loc["2021-07-01" : "2026-06-10" if ticker == "TSM" else "2026-06-11"]  # type: ignore[misc]
        about = (ticker, ticker, "index" if ticker.startswith("^") else "share", "USD", b.index[0], b.index[-1], len(b), "0" * 64)
        series[ticker] = Series(*about, source="yahoo", retrieved_at="2026-06-12T08:00:00+00:00", adjustment="splits", note="Yahoo")
    return opened.holding(Prices(bars, series))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", [Scale.REBASED, Scale.PRICE])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_twelve_series_fit_into_a_picture(lang: str, scale: Scale, size: str) -> None:
    """Twelve lines, each labelled; no two texts share any room and none leaves the picture, which may be higher for it."""
    fonts.register()
    spec = exhibits.timeline(twelve(), View(**RANGE, series=TWELVE, scale=scale, lang=lang)).picture(size)  # type: ignore[arg-type]
    texts, lines = read_svg(vl_convert.vegalite_to_svg(spec))
    assert len(lines) == 12
    assert SIZES[size].height <= spec["height"] <= SIZES[size].height * 1.7
    outside = [t for t, box, _ in texts if box[0] < 0 or box[1] < 0 or box[2] > SIZES[size].width or box[3] > spec["height"]]
    assert outside == []
    assert [(a, b) for i, (a, one, _) in enumerate(texts) for b, other, _ in texts[i + 1 :] if overlap(one, other)] == []


def test_late_and_ended_series_are_said() -> None:
    """Arm is rebased to its first close, 14 September 2023; TSMC's last close is a day older than the others'."""
    shown = twelve().timeline(View(dt.date(2023, 6, 1), dt.date(2026, 6, 11), series=TWELVE))
    assert shown.late == {"ARM": pd.Timestamp("2023-09-14")}
    assert shown.ended == {"TSM": pd.Timestamp("2026-06-10")}
    first, last = (fake_yahoo.bars_of("ARM")["close"].loc[day] for day in ("2023-09-14", "2026-06-11"))
    assert next(f.change for f in shown.figures if f.ticker == "ARM") == pytest.approx(last / first - 1, abs=1e-12)
    notes = captions.of(shown, words("en"), "").notes
    assert notes == ("Arm Holdings begins on 14 Sep 2023: rebased to its first close.", "TSMC has no close after 10 Jun 2026.")


def test_the_footer_names_every_source_with_its_series() -> None:
    """The snapshot's and Yahoo's series each with their last day; one source alone needs no names."""
    mixed = exhibits.timeline(twelve(), View(**RANGE, series=("NVDA", "TSM", "ARM"))).facts  # type: ignore[arg-type]
    assert mixed["footer"].startswith(
        "Source: snapshot to 11 Jun 2026 (Nvidia); Yahoo Finance to 10 Jun 2026 (TSMC); Yahoo Finance to 11 Jun 2026 (Arm Holdings); "
        "split-adjusted ·"
    )
    assert "TSM: yahoo, 2021-07-01 to 2026-06-10, retrieved 2026-06-12" in mixed["series"]
    alone = exhibits.timeline(twelve(), View(**RANGE, series=("NVDA",))).facts  # type: ignore[arg-type]
    assert alone["footer"].startswith("Source: public daily bars, split-adjusted, as of 11 Jun 2026 ·")


def test_twelve_series_are_taken_away() -> None:
    """CSV and Excel hold a column per series, the CSV's figures are the source's own; a session before the listing is empty."""
    made = exhibits.timeline(twelve(), View(**RANGE, series=TWELVE))  # type: ignore[arg-type]
    rows = [line.split(",") for line in EXPORTS["csv"].make(made, "article").decode("utf-8-sig").splitlines()]
    assert rows[0][:13] == ["date", *TWELVE]
    first = dict(zip(rows[0], rows[1], strict=False))
    assert (first["date"], first["ARM"]) == ("2023-06-01", "")
    assert float(first["TSM"]) == fake_yahoo.bars_of("TSM")["close"].loc["2023-06-01"]
    assert EXPORTS["xlsx"].make(made, "article")[:2] == b"PK"


# -- the pages, with a Yahoo of our own ------------------------------------------------------------------------------

Visit = Callable[..., AppTest]


@pytest.fixture(scope="module")
def yahoo() -> Iterator[fake_yahoo.Server]:
    """A Yahoo that answers as it should."""
    with fake_yahoo.Server(dt.datetime.now(fake_yahoo.NY)) as running:
        yield running


@pytest.fixture(scope="module")
def live(yahoo: fake_yahoo.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The server's one market asks it, until the tests of this file are over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERSHOCK_PRICES", "auto")
        patch.setenv("AFTERSHOCK_YAHOO_URL", yahoo.url)
        patch.setenv("AFTERSHOCK_CACHE", str(tmp_path_factory.mktemp("cache")))
        house._house.clear()
        yield
        answered(house.known(()).answers)
    house._house.clear()


@pytest.fixture
def visit(live: None) -> Visit:
    """Opens a page with a query string."""

    def open_(page: str = "timeline", **query: str) -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        app.context = {"locale": "en-GB", "timezone": "Asia/Ho_Chi_Minh", "url": "http://localhost:8501/"}
        run(app)
        app.query_params.clear()
        for key, value in ({"lang": "en"} | query).items():
            app.query_params[key] = value
        return run(app.switch_page(f"pages/{page}.py"))

    return open_


def answered(tickers: Any) -> None:
    """Waits until Yahoo has been asked about these and has answered."""
    end = time.monotonic() + 60
    while house.known(tickers).asking:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_series_from_yahoo_is_drawn_when_it_comes(visit: Visit) -> None:
    """The page stands at once without it, and says so; then it has four figures and the badge says Yahoo and how old it is."""
    app = visit(series="^IXIC,TSM")
    answered(("TSM",))
    run(app)
    assert [m.label for m in app.metric] == ["Nasdaq Composite", "TSMC"]
    assert app.query_params["series"] in ("^IXIC,TSM", ["^IXIC,TSM"])
    closes = fake_yahoo.bars_of("TSM")["close"]
    change = f"{(closes['2025-02-14'] / closes['2025-01-17'] - 1) * 100:+.2f} %".replace("-", "−")
    assert app.metric[1].value.replace("\u00a0", " ") == change
    assert "Source: Yahoo Finance, split-adjusted" in said(app)


def test_what_is_typed_is_cleaned_and_the_link_keeps_it(visit: Visit) -> None:
    """' mu ' and 'Intel' become MU and INTC, in the box and in the address; nonsense becomes a sentence and nothing else."""
    app = visit()
    app.multiselect(key="series").set_value(["NVDA", " mu ", "Intel", "what is this"])
    run(app)
    assert app.multiselect(key="series").value == ["NVDA", "MU", "INTC"]
    assert app.query_params["series"] in ("NVDA,MU,INTC", ["NVDA,MU,INTC"])
    assert ["“what is this” is neither" in i.value for i in app.info] == [True]
    answered(("MU", "INTC"))


def test_an_unknown_ticker_says_why_and_can_be_taken_out(visit: Visit) -> None:
    """The reason, what to do, and a button; foreign series are refused with their own reason."""
    app = visit(series="NVDA,ZZZZQ,005930.KS")
    answered(("ZZZZQ", "005930.KS"))
    run(app)
    text = said(app)
    assert "ZZZZQ** Yahoo knows no such ticker, or it is no longer listed. Check the spelling" in text
    assert "Samsung Electronics (005930.KS)" in text
    assert app.query_params["series"] in ("NVDA,ZZZZQ,005930.KS", ["NVDA,ZZZZQ,005930.KS"])
    app.button(key="drop-ZZZZQ").click()
    run(app)
    assert app.multiselect(key="series").value == ["NVDA", "005930.KS"]
    assert "ZZZZQ" not in said(app)


def test_series_without_any_bars_leave_the_nasdaq(visit: Visit) -> None:
    """The page is never empty, and the address still says what was asked for."""
    app = visit(series="ZZZZQ")
    answered(("ZZZZQ",))
    run(app)
    assert [m.label for m in app.metric] == ["Nasdaq Composite"]
    assert any("the Nasdaq Composite is shown meanwhile" in re.sub(r"\\(.)", r"\1", i.value) for i in app.info)
    assert app.query_params["series"] in ("ZZZZQ", ["ZZZZQ"])


def test_the_refresh_button_cannot_hammer(visit: Visit, yahoo: fake_yahoo.Server) -> None:
    """What was asked for within the last minute is not asked again, whoever presses."""
    app = visit(series="QCOM")
    answered(("QCOM",))
    run(app)
    assert app.button(key="refresh").disabled
    for _ in range(20):
        house.refresh(("QCOM",))
    answered(("QCOM",))
    assert [t for t, _ in yahoo.log].count("QCOM") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_impact_and_methods_speak_of_yahoo_s_series(lang: str, visit: Visit) -> None:
    """Impact answers for TSMC against a benchmark from Yahoo; without a share count it says so; Methods names the sources."""
    say = words(lang)
    visit(series="TSM,^SOX")
    answered(("TSM", "^SOX"))
    app = visit("impact", event="deepseek-crash-2025-01-27", ticker="TSM", benchmark="^SOX", lang=lang)
    assert "TSMC" in app.title[0].value
    assert say("dollars.no-shares", ticker="TSM") in said(app)
    assert say("impact_page.not_known") in str([d.value for d in app.dataframe])
    run(app.switch_page("pages/methods.py"))
    assert "Yahoo Finance" in said(app)


def test_impact_without_prices_says_why(visit: Visit) -> None:
    """An unknown series and an unknown benchmark: the reason and a way out each, never an error."""
    app = visit("impact", event="deepseek-crash-2025-01-27", ticker="ZZZZQ")
    answered(("ZZZZQ",))
    run(app)
    assert "There are no prices for ZZZZQ." in said(app)
    app.button(key="drop-ZZZZQ").click()
    run(app)
    assert app.selectbox(key="i-ticker").value == "NVDA"
    app = visit("impact", event="deepseek-crash-2025-01-27", ticker="NVDA", benchmark="ZZZZQ")
    assert "There are no prices for the benchmark ZZZZQ." in said(app)
    app.button(key="drop-ZZZZQ").click()
    run(app)
    assert "benchmark" not in app.query_params
    assert "more than the S&P 500 explains" in re.sub(r"\\(.)", r"\1", app.title[0].value)


def test_readers_of_the_same_series_share_one_workspace(live: None) -> None:
    """The order in which they ask changes nothing, and what is computed for one serves the next: the very same object."""
    answered(("TSM", "MU"))
    root = house.home()
    one, other = house.opened(root, ("TSM", "MU")), house.opened(root, ("MU", "TSM", "NVDA"))
    assert one is other
    view = View(**RANGE, series=("TSM", "MU"))  # type: ignore[arg-type]
    assert one.timeline(view) is other.timeline(view)
