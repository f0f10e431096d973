"""The Impact page: links and settings, answers in both languages, exclusions, exhibits and their files, the command line's twin."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import altair
import jsonschema
import pandas as pd
import pytest
import vl_convert
from streamlit.testing.v1 import AppTest

from aftershock import exhibits, impact_views
from aftershock.charts import fonts
from aftershock.charts import impact as chart
from aftershock.charts.sheet import SIZES
from aftershock.cli import main
from aftershock.exports import EXPORTS
from aftershock.impact_views import ImpactView, window_of
from aftershock.models import Model
from aftershock.study import Exclusion, Window
from aftershock.text import LANGUAGES, words
from aftershock.workspace import Workspace
from tests.conftest import ROOT
from tests.visits import run

CRASH = "deepseek-crash-2025-01-27"
R1 = "deepseek-r1-release-2025-01-20"  # on a holiday
LATE = "chip-selloff-2026-06-23"  # after the last price
Visit = Callable[..., AppTest]


def view_of(workspace: Workspace, lang: str = "en", **query: str) -> ImpactView:
    """The view that a link asks for; the link must need no correction."""
    view, corrections = impact_views.read(query, workspace.choices, workspace.named, lang)
    assert corrections == ()
    return view


@pytest.fixture
def visit() -> Visit:
    """Opens the Impact page with a query string."""

    def open_(page: str = "impact", *, locale: str = "en-GB", **query: str) -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        app.context = {"locale": locale, "timezone": "Asia/Ho_Chi_Minh", "url": f"http://localhost:8501/{page}"}
        run(app)
        app.query_params.clear()
        for key, value in query.items():
            app.query_params[key] = value
        return run(app.switch_page(f"pages/{page}.py"))

    return open_


def said(app: AppTest) -> str:
    """All text of the page as a reader sees it."""
    parts = [app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.error, app.warning, app.button]
    texts = [str(element.label if parts_ is app.button else element.value) for parts_ in parts for element in parts_]
    return re.sub(r"\\([^\w\s])", r"\1", "\n".join(texts)).replace("\u00a0", " ")


def figures(app: AppTest) -> dict[str, str]:
    """The metrics by label."""
    return {plain(m.label): plain(str(m.value)) for m in app.metric}


def plain(text: str) -> str:
    """Text without escapes."""
    return re.sub(r"\\(.)", r"\1", text).replace("\u00a0", " ")


def drawn(app: AppTest) -> list[Any]:
    """The charts of the page."""
    return list(app.get("vega_lite_chart"))


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "headline", "verdict"),
    [
        ("en-GB", "Nvidia fell 13.1 % more than the S&P 500 explains", "more than noise"),
        ("vi-VN", "Nvidia giảm 13,1 % nhiều hơn mức S&P 500 giải thích được", "vượt mức nhiễu"),
    ],
)
def test_the_page_opens_with_an_answer(locale: str, headline: str, verdict: str, visit: Visit) -> None:
    """Without any choice: the crash, Nvidia, the day itself; four charts; the address says all of it."""
    app = visit(locale=locale)
    assert plain(app.title[0].value).startswith(headline)
    assert verdict in said(app)
    assert len(drawn(app)) == 4
    assert app.query_params["event"] in (CRASH, [CRASH])
    assert app.query_params["window"] in ("0:0", ["0:0"])


def test_another_window_changes_the_numbers(visit: Visit) -> None:
    """The figures of [-1, +1] against the Nasdaq are those of the answer files: CAR -8.05 %, and -10.69 % on the day."""
    app = visit(event=CRASH, ticker="NVDA", benchmark="^IXIC")
    assert figures(app)["Abnormal return"] == "−10.69 %"
    app.segmented_control(key="i-window").set_value("-1:1")
    run(app)
    assert figures(app)["Cumulative abnormal return"] == "−8.05 %"
    assert app.query_params["window"] in ("-1:1", ["-1:1"])


def test_a_window_written_by_hand(visit: Visit) -> None:
    """A field takes any pair of sessions; what is none changes nothing."""
    app = visit()
    app.text_input(key="i-other").set_value("-3:5")
    run(app)
    assert app.segmented_control(key="i-window").value == "-3:5"
    app.text_input(key="i-other").set_value("often")
    run(app)
    assert app.segmented_control(key="i-window").value == "-3:5"


@pytest.mark.parametrize("ticker", ["NVDA", "AMD", "^IXIC", "^GSPC"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_series_answers(ticker: str, lang: str, visit: Visit) -> None:
    """The S&P 500 has no wider index: it is compared with its own mean, and the page says so."""
    app = visit(event=CRASH, ticker=ticker, lang=lang)
    assert len(drawn(app)) == 4
    assert (words(lang)("design.no-wider-index") in said(app)) == (ticker == "^GSPC")


def test_a_change_of_series_takes_its_own_usual_design(visit: Visit) -> None:
    """From Nvidia to the S&P 500 and back: never its own benchmark, never an error, no leftover."""
    app = visit(event=CRASH, ticker="NVDA")
    for ticker in ("^GSPC", "NVDA", "^IXIC"):
        app.selectbox(key="i-ticker").set_value(ticker)
        run(app)
        assert len(app.info) == 0
    assert app.query_params["ticker"] in ("^IXIC", ["^IXIC"])
    assert "model" not in app.query_params


@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("returns", ["simple", "log"])
def test_every_setting_answers(model: str, returns: str, visit: Visit) -> None:
    """All models and kinds of return, with a long estimation window."""
    app = visit(event=CRASH, ticker="AMD", model=str(model), returns=returns, estimation="-260:-11", window="0:5")
    assert len(drawn(app)) == 4
    assert len(app.info) == 0


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"event": "nonsense"}, "is not in the catalogue"),
        ({"ticker": "TSLA!"}, "TSLA"),
        ({"window": "1:-1"}, "not a pair of sessions"),
        ({"window": "x"}, "not a pair of sessions"),
        ({"window": "-40:2"}, "share sessions"),
        ({"estimation": "-12:-11"}, "are needed"),
        ({"model": "magic"}, "magic"),
        ({"benchmark": "NVDA", "ticker": "NVDA"}, "cannot be its own benchmark"),
        ({"from": "2025-01-01"}, "does not know"),
    ],
)
def test_a_bad_link_is_corrected_with_a_sentence(query: dict[str, str], part: str, visit: Visit) -> None:
    """Never an error: the usual is shown, and what was wrong is said."""
    app = visit(**query)
    assert part in " ".join(plain(i.value) for i in app.info)
    assert len(drawn(app)) == 4


def test_an_event_on_a_holiday_reacts_in_the_next_session(visit: Visit) -> None:
    """20 January 2025 was Martin Luther King Jr. Day: session 0 is the 21st, and the day before is shown as another anchor."""
    text = said(visit(event=R1, ticker="NVDA"))
    assert "21 Jan 2025" in text
    assert "Which session?" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_event_after_the_last_price_says_so_and_offers_another(lang: str, visit: Visit) -> None:
    """No answer is an answer: a sentence, and a button to the nearest event that has one."""
    app = visit(event=LATE, ticker="NVDA", lang=lang)
    assert drawn(app) == []
    assert len(app.warning) == 1
    app.button(key="i-nearest").click()
    run(app)
    assert len(drawn(app)) == 4


def test_a_window_outside_the_data_is_no_dead_end(visit: Visit) -> None:
    """The estimation window would lie before the data."""
    app = visit(event=CRASH, ticker="NVDA", estimation="-3000:-2000")
    assert len(app.warning) == 1


def test_several_events_are_tested_when_asked(workspace: Workspace) -> None:
    """Every event of the category has an outcome or an exclusion, and the tests that may be shown are among the results."""
    view = view_of(workspace, event=CRASH, ticker="NVDA")
    result = workspace.same_category(view.event, view.ticker, view.design)
    assert len(result.outcomes) + len(result.excluded) == result.plan.requested > 5
    assert any(r.shown for r in result.test_results())


def test_the_timeline_s_card_leads_to_the_page(visit: Visit) -> None:
    """A link with the event, a series of the view that the event names, and the language."""
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    app.query_params["event"] = CRASH
    run(app)
    link = next(e.proto for e in app.get("page_link") if "noise" in e.proto.label)
    assert "impact" in link.page
    assert f"event={CRASH}" in link.query_string
    assert "ticker=" in link.query_string


def test_the_language_goes_along(visit: Visit) -> None:
    """Changed on one page, it is changed on the others."""
    app = visit()
    app.segmented_control(key="lang").set_value("vi")
    run(app)
    assert plain(app.title[0].value).startswith("Nvidia giảm")
    app.query_params.clear()
    app.switch_page("pages/methods.py")
    run(app)
    assert plain(app.title[0].value).startswith("Đo lường")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_methods_page(lang: str, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas, tests with citations, data with hashes, limits; without a calibration it says so."""
    app = visit("methods", lang=lang)
    assert len(app.get("latex")) + len(app.latex) > 5
    text = said(app)
    for section in ("formulas", "verdict", "tests", "calibration", "data", "limits"):
        assert words(lang)(f"methods.{section}") in text
    monkeypatch.setattr("aftershock.calibration.load", lambda: None)
    assert words(lang)("methods.no_calibration") in said(run(app))


# -- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "window"),
    [("-1:1", (-1, 1)), ("[-1, +1]", (-1, 1)), ("−3:5", (-3, 5)), ("0..0", (0, 0)), ("2:1", None), ("1", None), ("", None), ("a:b", None)],
)
def test_windows_are_read_as_people_write_them(text: str, window: tuple[int, int] | None) -> None:
    """Offsets with a colon, a comma or two dots, with a hyphen or a true minus."""
    assert window_of(text) == (None if window is None else Window(*window))


@pytest.mark.parametrize(
    "query",
    [
        {"event": CRASH, "ticker": "AMD", "window": "-1:1", "model": "market-adjusted", "returns": "log", "benchmark": "^IXIC"},
        {"event": R1, "ticker": "^GSPC", "window": "0:0", "estimation": "-70:-11"},
        {"event": R1, "ticker": "^GSPC", "window": "0:0", "model": "market", "benchmark": "^IXIC"},
        {"event": CRASH, "ticker": "NVDA", "window": "0:1", "model": "mean-adjusted"},
    ],
)
def test_a_view_and_its_link_are_one(query: dict[str, str], workspace: Workspace) -> None:
    """What a view writes, reading gives back."""
    view = view_of(workspace, **query)
    assert query.items() <= view.query().items()
    assert view_of(workspace, **view.query()) == view


# -- exhibits --------------------------------------------------------------------------------------------------------


@cache
def schema() -> jsonschema.Draft7Validator:
    """The Vega-Lite schema that altair ships."""
    path = Path(altair.__file__).parent / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", chart.EXHIBITS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_interactive_exhibit_is_valid_and_compiles(name: str, lang: str, workspace: Workspace) -> None:
    """By the schema of the version that draws, with its data inside."""
    made = exhibits.impact(workspace, view_of(workspace, lang, event=CRASH, ticker="NVDA", window="-1:1"))[name]
    spec = made.interactive()
    assert [e.message for e in schema().iter_errors(spec)] == []
    assert vl_convert.vegalite_to_vega(spec | {"width": 358})["marks"]


@pytest.mark.parametrize("name", chart.EXHIBITS)
@pytest.mark.parametrize("size", SIZES)
def test_a_picture_is_valid_and_says_what_it_must(name: str, size: str, workspace: Workspace) -> None:
    """Valid, drawn at its size, without controls; title, footer and link are in it."""
    made = exhibits.impact(workspace, view_of(workspace, event=CRASH, ticker="NVDA"))[name]
    spec = made.picture(size)
    assert [e.message for e in schema().iter_errors(spec)] == []
    fonts.register()
    drawing = vl_convert.vegalite_to_svg(spec)
    assert f'width="{SIZES[size].width}"' in drawing
    assert f'height="{SIZES[size].height}"' in drawing
    shown = re.sub(r"\s+", " ", " ".join(re.findall(r"<text[^>]*>([^<]*)", drawing))).replace("&amp;", "&").replace("\u00a0", " ")
    assert made.facts["title"].replace("\u00a0", " ") in shown
    assert "Data: public daily bars" in shown
    assert f"event={CRASH}" in shown


@pytest.mark.parametrize("name", chart.EXHIBITS)
@pytest.mark.parametrize("code", EXPORTS)
def test_every_exhibit_in_every_format(name: str, code: str, workspace: Workspace) -> None:
    """Each file is what its ending says, and the tables hold the numbers of the answer."""
    made = exhibits.impact(workspace, view_of(workspace, event=R1, ticker="NVDA", window="-1:1"))[name]
    data = EXPORTS[code].make(made, "article")
    if code == "csv":
        assert len(pd.read_csv(io.BytesIO(data))) == len(made.table())
    elif code == "json":
        assert json.loads(data)["usermeta"]["aftershock"]["event"] == R1
    elif code == "xlsx":
        assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    else:
        assert data.lstrip().startswith({"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF", "html": b"<!doctype html"}[code])


def test_the_specification_is_built_once(workspace: Workspace) -> None:
    """Another event and another window of the same series draw with the same specification."""
    say = words("en")
    found = [workspace.impact(e, "NVDA", view_of(workspace, event=e, window=w).design) for e, w in ((CRASH, "0:0"), (R1, "0:5"))]
    for name in ("path", "ordinary", "split"):
        one, two = (chart.specification(name, chart.key_of(name, i, say)) for i in found if not isinstance(i, Exclusion))
        assert one is two


def test_every_event_draws_or_says_why(workspace: Workspace) -> None:
    """All events of the catalogue in their own series: an answer whose exhibits have data, or an exclusion with its words."""
    say = words("vi")
    for event in workspace.events:
        view = view_of(workspace, event=event.id)
        answer = workspace.impact(event.id, view.ticker, view.design)
        if isinstance(answer, Exclusion):
            assert answer.in_words(say)
            continue
        for name in chart.available(answer):
            assert all(chart.datasets(name, answer, say).values())


# -- the command line ------------------------------------------------------------------------------------------------


def test_chart_impact_writes_what_the_page_hands_out(tmp_path: Path, workspace: Workspace) -> None:
    """The same bytes for the same view."""
    file = tmp_path / "a.csv"
    asked = ["chart", "impact", "--event", CRASH, "--ticker", "NVDA", "--window", "-1:1", "--exhibit", "path", "--out", str(file)]
    assert main(asked) == 0
    made = exhibits.impact(workspace, view_of(workspace, event=CRASH, ticker="NVDA", window="-1:1"))["path"]
    assert file.read_bytes() == EXPORTS["csv"].make(made, "article")


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--event", "nope"], "No event has the id nope"),
        (["--event", CRASH, "--window", "2:1"], "not a pair of sessions"),
        (["--event", CRASH, "--window", "-20:5"], "share sessions"),
        (["--event", CRASH, "--ticker", "TSLA"], "TSLA"),
        (["--event", LATE, "--ticker", "NVDA"], "after the last price"),
    ],
)
def test_chart_impact_refuses_in_one_sentence(options: list[str], part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1, one line on standard error, no file."""
    file = tmp_path / "a.png"
    assert main(["chart", "impact", *options, "--out", str(file)]) == 1
    said_ = capsys.readouterr().err
    assert part in said_
    assert said_.count("\n") == 1
    assert not file.exists()
