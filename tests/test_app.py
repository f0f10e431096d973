"""The page as a reader uses it, run by Streamlit's own test driver: languages, ranges, filters, links, selection, damage."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.visits import run

CRASH = "deepseek-crash-2025-01-27"
R1 = "deepseek-r1-release-2025-01-20"
EMPTY = {"from": "2025-02-10", "to": "2025-02-14", "lang": "en"}  # the facts know no event of these days
Page = Callable[..., AppTest]


@pytest.fixture
def visit() -> Page:
    """Opens the page with a query string, in a browser of a language and a time zone."""

    def open_(query: dict[str, Any] | None = None, *, locale: str = "en-GB", timezone: str = "Asia/Ho_Chi_Minh") -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        app.context = {"locale": locale, "timezone": timezone, "url": "http://localhost:8501/"}
        for key, value in (query or {}).items():
            app.query_params[key] = value
        return run(app)

    return open_


def said(app: AppTest) -> str:
    """All text of the page as a reader sees it: escapes taken out, spaces plain."""
    parts = [app.title, app.header, app.markdown, app.caption, app.info, app.error, app.warning]
    text = "\n".join(str(element.value) for elements in parts for element in elements)
    return re.sub(r"\\([^\w\s])", r"\1", text).replace("\u00a0", " ")


def title(app: AppTest) -> str:
    """The finding."""
    return re.sub(r"\\(.)", r"\1", app.title[0].value).replace("\u00a0", " ")


def spec_sessions(app: AppTest) -> list[str]:
    """The metrics' labels: which series are shown."""
    return [m.label for m in app.metric]


# -- languages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "lang", "finding", "change"),
    [
        ("en-GB", "en", "Nvidia fell 17.0 % on 27 January 2025; the Nasdaq Composite fell 3.1 %", "+2.02 %"),
        ("vi-VN", "vi", "Nvidia giảm 17,0 % ngày 27 tháng 1 năm 2025; Nasdaq Composite giảm 3,1 %", "+2,02 %"),
    ],
)
def test_the_page_speaks_the_browser_s_language(locale: str, lang: str, finding: str, change: str, visit: Page) -> None:
    """Finding and figures in the reader's language on the first visit, and the complete address from then on."""
    app = visit(locale=locale)
    assert title(app) == finding
    assert app.metric[0].value.replace("\u00a0", " ") == change
    assert dict(app.query_params) == {"from": "2025-01-20", "to": "2025-02-14", "series": "^IXIC,NVDA", "lang": lang}
    assert not app.error
    assert not app.info


def test_the_reader_can_change_the_language(visit: Page) -> None:
    """One click and everything is in the other language, the address too; the choices stay."""
    app = visit({"from": "2025-01-27", "to": "2025-01-31"})
    app.segmented_control(key="lang").set_value("vi")
    run(app)
    assert "Nvidia giảm 17,0 %" in title(app)
    assert app.query_params["lang"] == "vi"
    assert app.query_params["from"] == "2025-01-27"
    assert "sự kiện" in app.header[0].value


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("show", ["chart", "candles", "table"])
@pytest.mark.parametrize("scale", ["rebased", "price"])
def test_every_way_of_looking_runs(lang: str, show: str, scale: str, visit: Page) -> None:
    """Chart, candles and table in both languages with four series and a selected event, without an exception."""
    app = visit({"show": show, "lang": lang, "scale": scale, "series": "^IXIC,NVDA,^GSPC,AMD", "event": CRASH})
    assert len(app.metric) == 4
    assert len(app.dataframe) == (1 if show == "table" else 0)


# -- links -----------------------------------------------------------------------------------------------------------


def test_a_link_shows_what_its_author_saw(visit: Page) -> None:
    """Every choice of the address is laid into the controls."""
    query = {
        "from": "2025-01-27", "to": "2025-01-31", "series": "NVDA,AMD", "scale": "log", "category": "adoption,earnings",
        "verification": "verified-2+", "find": "nvidia", "event": CRASH, "lang": "vi",
    }  # fmt: skip
    app = visit(query, locale="en-US")
    assert app.date_input(key="dates").value == (dt.date(2025, 1, 27), dt.date(2025, 1, 31))
    assert app.multiselect(key="series").value == ["NVDA", "AMD"]
    assert app.segmented_control(key="scale").value == "log"
    assert app.pills(key="categories").value == ["adoption", "earnings"]
    assert app.pills(key="verification").value == ["verified-2+"]
    assert app.text_input(key="find").value == "nvidia"
    assert dict(app.query_params) == query
    assert not app.info or "nvidia" not in said(app).split("\n")[0]


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ({"from": "yesterday"}, "is not a date (yesterday)"),
        ({"series": "TSLA!"}, "is no ticker"),
        ({"scale": "cubic"}, "names something unknown (cubic)"),
        ({"event": "x"}, "The link's event (x) is not in the catalogue"),
        ({"from": "2025-02-14", "to": "2025-01-20"}, "ran backwards"),
        ({"from": "1990-01-01", "to": "1990-02-01"}, "lies outside the data"),
        ({"from": "2026-06-01", "to": "2027-01-01"}, "the range was held to"),
        ({"utm_source": "x"}, "does not know (utm_source)"),
        ({"find": "<b>" * 40}, "cut to 80 letters"),
        ({"series": "[x](javascript:alert(1))"}, "[x](javascript:alert(1))"),
    ],
)
def test_a_bad_link_is_corrected_with_a_sentence(query: dict[str, str], part: str, visit: Page) -> None:
    """A note says what was wrong; the page shows something; the address is right from then on."""
    app = visit(query | {"lang": "en"})
    notes = [re.sub(r"\\(.)", r"\1", i.value) for i in app.info]
    assert any(part in note for note in notes), notes
    assert app.title[0].value
    again = visit(dict(app.query_params))
    assert not [i.value for i in again.info if "link" in i.value or "held" in i.value]
    assert title(again) == title(app)


def test_a_repeated_parameter_is_no_error(visit: Page) -> None:
    """?series=NVDA&series=AMD is read as its last value, and the address then says what is shown."""
    app = visit({"series": ["NVDA", "AMD"], "lang": ["vi", "en"]})
    assert spec_sessions(app) == ["AMD"]
    assert dict(app.query_params)["series"] == "AMD"


def test_a_correction_stays_until_something_changes(visit: Page) -> None:
    """The note outlives a second run with nothing changed and is gone when the reader chooses something."""
    app = visit({"scale": "cubic", "lang": "en"})
    assert "cubic" in said(run(app))
    app.segmented_control(key="scale").set_value("log")
    assert "cubic" not in said(run(app))


# -- ranges ----------------------------------------------------------------------------------------------------------


def test_a_preset_sets_the_dates(visit: Page) -> None:
    """The preset of the dates is lit; another one changes dates, figures and address."""
    app = visit()
    assert app.pills(key="preset").value == "shock"
    app.pills(key="preset").set_value("all")
    run(app)
    assert app.date_input(key="dates").value == (dt.date(2021, 7, 1), dt.date(2026, 6, 11))
    assert (app.query_params["from"], app.query_params["to"]) == ("2021-07-01", "2026-06-11")


def test_a_half_picked_range_keeps_the_last_one(visit: Page) -> None:
    """After the first click of a new range the figures stay, a note asks for the second date, and it then counts."""
    app = visit({"lang": "en"})
    before = (title(app), dict(app.query_params))
    app.date_input(key="dates").set_value((dt.date(2025, 1, 27),))
    run(app)
    assert (title(app), dict(app.query_params)) == before
    assert "Pick the second date" in said(app)
    app.date_input(key="dates").set_value((dt.date(2025, 1, 28), dt.date(2025, 1, 29)))
    run(app)
    assert app.query_params["from"] == "2025-01-28"
    assert "Pick the second date" not in said(app)


def test_dates_outside_the_data_are_held(visit: Page) -> None:
    """A picked range that reaches past the data is held to it, with a sentence, in the picker too."""
    app = visit({"lang": "en"})
    app.date_input(key="dates").set_value((dt.date(2026, 6, 1), dt.date(2026, 12, 31)))
    run(app)
    assert app.query_params["to"] == "2026-06-11"
    assert "the range was held to 1 Jun 2026 – 11 Jun 2026" in said(app)


def test_a_range_without_a_session_offers_the_nearest(visit: Page) -> None:
    """The holiday weekend of January 2025: a note and a button that leads to a session."""
    app = visit({"from": "2025-01-18", "to": "2025-01-20", "lang": "en"})
    assert "The market was closed on every day of this range" in said(app)
    app.button(key="nearest").click()
    run(app)
    assert "The market was closed on every day" not in said(app)
    assert app.query_params["to"] in ("2025-01-17", "2025-01-21") or app.query_params["from"] == "2025-01-17"


# -- series and filters ----------------------------------------------------------------------------------------------


def test_no_series_keeps_the_last_choice(visit: Page) -> None:
    """Taking the last series away is no error: a note, and the figures stay."""
    app = visit({"series": "NVDA", "lang": "en"})
    app.multiselect(key="series").set_value([])
    run(app)
    assert spec_sessions(app) == ["Nvidia"]
    assert "No series is chosen" in said(app)


def test_an_empty_filter_has_a_way_out(visit: Page) -> None:
    """A search that finds nothing says so; the button brings the events back and empties the filters."""
    app = visit({"find": "zzzz", "category": "earnings", "lang": "en"})
    assert "No event passes the filters" in said(app)
    app.button(key="all-events").click()
    run(app)
    assert "No event passes the filters" not in said(app)
    assert app.header[0].value == "34 events in this range"
    assert app.text_input(key="find").value == ""
    assert app.pills(key="categories").value == []
    assert {"find", "category"}.isdisjoint(dict(app.query_params))


def test_a_range_without_events_says_so(visit: Page) -> None:
    """A week without news: a note, no list, no exception; and pressing its button does no harm."""
    app = visit(EMPTY)
    assert "No event" in said(app)
    app.button(key="all-events").click()
    run(app)


def test_categories_count_what_is_in_the_range(visit: Page) -> None:
    """The labels' counts add up to the 34 events of the R1 shock; a chosen category narrows the list to its count."""
    app = visit({"lang": "en"})
    labels = app.pills(key="categories").options
    counts = {re.sub(r" \d+$", "", label): int(label.rsplit(" ", 1)[1]) for label in labels}
    assert sum(counts.values()) == 34
    app.pills(key="categories").set_value(["adoption"])
    run(app)
    number = next(n for label, n in counts.items() if "adoption" in label)
    assert app.header[0].value == f"{number} events in this range"


# -- events ----------------------------------------------------------------------------------------------------------


def test_selecting_an_event_shows_its_card(visit: Page) -> None:
    """From the list: what, when, the session that could react and why, its moves, how sure, and linked sources."""
    app = visit({"lang": "en"})
    app.radio(key="list").set_value(R1)
    run(app)
    text = said(app)
    assert app.query_params["event"] == R1
    assert "market closed: Martin Luther King Jr. Day" in text
    assert "Tuesday 21 January 2025" in text
    assert "▲ +2.27 %" in text  # Nvidia, 140.83 / 137.71 - 1
    assert "verified" in text
    links = re.findall(r"\]\((https?://[^)]+)\)", "\n".join(m.value for m in app.markdown))
    assert len(links) >= 3
    app.button(key="close-card").click()
    run(app)
    assert "event" not in dict(app.query_params)
    assert "Choose an event" in said(app)


def test_the_card_tells_the_reader_s_own_time(visit: Page) -> None:
    """9:30 in New York on 27 January is 21:30 in Hanoi, twelve hours ahead; a reader in New York is told once."""
    app = visit({"event": CRASH, "lang": "en"}, timezone="Asia/Ho_Chi_Minh")
    assert "09:30" in said(app)
    assert "21:30" in said(app)
    assert "21:30" not in said(visit({"event": CRASH, "lang": "en"}, timezone="America/New_York"))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "America", "../../etc/passwd", ""])
def test_a_strange_time_zone_is_no_error(zone: str, visit: Page) -> None:
    """A browser that names a zone that is none gets New York's time."""
    assert "09:30" in said(visit({"event": CRASH, "lang": "en"}, timezone=zone))


def test_an_event_outside_the_range_keeps_its_card(visit: Page) -> None:
    """A selected event whose session is not shown says so; one after the last price says that there is none yet."""
    assert "Its session lies outside the range" in said(visit({"event": CRASH, "from": "2025-03-03", "to": "2025-03-31", "lang": "en"}))
    assert "No price yet: the data end on 11 Jun 2026" in said(visit({"event": "chip-skid-2026-07-01", "lang": "en"}))


def test_the_list_and_the_card_are_one_selection(visit: Page) -> None:
    """The event of the link is the one marked in the list; filtered out of the list it stays in its card."""
    app = visit({"event": CRASH, "lang": "en"})
    assert app.radio(key="list").value == CRASH
    app.pills(key="categories").set_value(["adoption"])
    run(app)
    assert app.radio(key="list").value is None
    assert app.query_params["event"] == CRASH


# -- escapes ---------------------------------------------------------------------------------------------------------


def test_no_escape_shows(visit: Page) -> None:
    """Labels that are not Markdown carry no backslash, and the link to copy is the address itself."""
    app = visit({"series": "^IXIC,NVDA,^GSPC,AMD", "event": CRASH, "lang": "vi"})
    app.session_state["take-timeline"] = True  # the downloads come when they are asked for
    app.run()
    plain = [*(m.label for m in app.metric), *(m.value for m in app.metric), *(c.value for c in app.code), *(b.label for b in app.button)]
    plain += [o for p in (*app.pills, *app.segmented_control) for o in p.options if isinstance(o, str)]
    assert [t for t in plain if "\\" in t] == []
    assert app.code[0].value.startswith("http://localhost:8501")


# -- damage ----------------------------------------------------------------------------------------------------------


def test_a_damaged_data_folder_is_one_sentence(tmp_path: Path) -> None:
    """A copy of the project with one digit changed: the page shows one sentence, in the reader's language, and no traceback."""
    for name in ("aftershock", "pages", "data", ".streamlit"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", tmp_path)
    prices = tmp_path / "data" / "prices" / "NVDA.csv"
    prices.write_text(prices.read_text(encoding="utf-8").replace(",118.42,", ",abc,"), encoding="utf-8")
    code = (
        "import json\nfrom streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(tmp_path / 'app.py')!r}, default_timeout=60)\n"
        "app.context = {'locale': 'vi-VN'}\napp.run()\n"
        "print(json.dumps({'errors': [e.value for e in app.error], 'exceptions': len(app.exception), 'titles': len(app.title)}))\n"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=100)
    answer = json.loads(found.stdout.splitlines()[-1])
    assert answer["exceptions"] == 0
    assert answer["titles"] == 0
    (error,) = answer["errors"]
    text = re.sub(r"\\(.)", r"\1", error)
    assert text == "NVDA.csv, bản ghi dòng 898 (2025-01-27), trường close: đang là 'abc', đúng ra phải là một số dương."
