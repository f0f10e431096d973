"""What a timeline shows, against the facts' closes: moves, rebasing point, numbering, key figures, finding, words."""

from __future__ import annotations

import csv
import datetime as dt
import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftershock import captions, timeline
from aftershock.text import words
from aftershock.timeline import Timeline
from aftershock.views import Scale, View
from aftershock.workspace import Workspace
from tests.conftest import ROOT, answers

SHOCK = View(dt.date(2025, 1, 20), dt.date(2025, 2, 14))
CLOSES = {(ticker, date): close for ticker, date, _, _, _, close, _ in answers("bars")["bars"]}
SESSIONS = answers("first_us_session")["sessions"]
EVENTS = answers("events")["events"]


def day(text: str) -> pd.Timestamp:
    """A session."""
    return pd.Timestamp(text)


@pytest.fixture(scope="module")
def shock(workspace: Workspace) -> Timeline:
    """The R1 shock: 20 January to 14 February 2025."""
    return workspace.timeline(SHOCK)


# -- figures ---------------------------------------------------------------------------------------------------------


def test_the_shock_is_minus_3_07_and_minus_16_97_per_cent(shock: Timeline) -> None:
    """27 January 2025: 19,341.83 / 19,954.30 - 1 = -3.07 % and 118.42 / 142.62 - 1 = -16.97 %, close to close."""
    nasdaq, nvidia = shock.moves.loc[day("2025-01-27"), ["^IXIC", "NVDA"]]
    assert nasdaq == pytest.approx(19341.83 / 19954.30 - 1, abs=1e-12)
    assert nvidia == pytest.approx(118.42 / 142.62 - 1, abs=1e-12)
    assert round(nasdaq * 100, 2) == -3.07
    assert round(nvidia * 100, 2) == -16.97


def test_the_lines_start_from_the_last_close_before_the_range(shock: Timeline) -> None:
    """20 January was a holiday and 18 and 19 a weekend: the base is the close of 17 January."""
    assert shock.base == day("2025-01-17")
    assert shock.sessions[0] == day("2025-01-21")
    assert shock.sessions[-1] == day("2025-02-14")
    assert len(shock.sessions) == 19  # 20 weekdays of these four weeks without the holiday
    assert list(shock.drawn.index) == [day("2025-01-17"), *shock.sessions]
    assert shock.drawn.iloc[0].to_dict() == {"^IXIC": 19630.20, "NVDA": 137.71}


def test_key_figures_are_hand_arithmetic(shock: Timeline) -> None:
    """Change from 17 January to 14 February; worst and best session of each series."""
    nasdaq, nvidia = shock.figures
    assert nasdaq.change == pytest.approx(20026.77 / 19630.20 - 1)  # +2.02 %
    assert nvidia.change == pytest.approx(138.85 / 137.71 - 1)  # +0.83 %
    assert (nasdaq.worst, nvidia.worst) == (day("2025-01-27"), day("2025-01-27"))
    assert (nasdaq.best, nvidia.best) == (day("2025-01-28"), day("2025-01-28"))
    assert nasdaq.best_move == pytest.approx(19733.59 / 19341.83 - 1)  # +2.03 %
    assert nvidia.best_move == pytest.approx(128.99 / 118.42 - 1)  # +8.93 %
    assert nvidia.worst_move == pytest.approx(118.42 / 142.62 - 1)


def test_the_first_session_is_compared_with_the_one_before_the_range(workspace: Workspace) -> None:
    """A range of one session has a change: that session's own move."""
    one = workspace.timeline(View(dt.date(2025, 1, 27), dt.date(2025, 1, 27)))
    assert one.base == day("2025-01-24")
    assert [f.change for f in one.figures] == pytest.approx([19341.83 / 19954.30 - 1, 118.42 / 142.62 - 1])
    assert [f.worst for f in one.figures] == [f.best for f in one.figures] == [day("2025-01-27")] * 2


def test_the_finding_is_the_largest_move(shock: Timeline) -> None:
    """Nvidia's 27 January first, then the Nasdaq's move of the same session."""
    assert shock.finding is not None
    assert shock.finding.session == day("2025-01-27")
    assert [(ticker, round(move, 4)) for ticker, move in shock.finding.moves] == [("NVDA", -0.1697), ("^IXIC", -0.0307)]


def test_the_whole_period_begins_at_its_own_first_close(workspace: Workspace) -> None:
    """Where there is no close before the range its first one is the base, and has no move."""
    whole = workspace.timeline(View(workspace.first, workspace.last))
    assert whole.base == whole.sessions[0] == day("2021-07-01")
    assert len(whole.drawn) == 1242
    assert whole.moves.iloc[0].isna().all()
    last, first = CLOSES["NVDA", "2026-06-11"], CLOSES["NVDA", "2021-07-01"]
    assert whole.figures[1].change == pytest.approx(last / first - 1)


def test_the_table_is_the_facts(shock: Timeline) -> None:
    """Every close of the table is the close of the facts, row by row, and the titles stand at their sessions."""
    table = shock.table()
    assert table.index.name == "date"
    assert list(table) == ["^IXIC", "NVDA", "events"]
    for ticker in ("^IXIC", "NVDA"):
        assert table[ticker].to_dict() == {d: CLOSES[ticker, d.date().isoformat()] for d in shock.sessions}
    assert table.loc[day("2025-01-27"), "events"].count("; ") == 3
    assert "DeepSeek" in table.loc[day("2025-01-27"), "events"]
    assert table.loc[day("2025-02-05"), "events"] == ""


@pytest.mark.parametrize("ticker", ["^IXIC", "NVDA", "^GSPC", "AMD"])
def test_the_whole_table_equals_the_price_file(ticker: str, workspace: Workspace) -> None:
    """All 1,242 closes, read from the file without any of our code."""
    table = workspace.timeline(View(workspace.first, workspace.last, series=(ticker,))).table()
    with (ROOT / "data" / "prices" / f"{ticker.strip('^')}.csv").open(encoding="utf-8") as lines:
        wanted = {row["date"]: float(row["close"]) for row in csv.DictReader(lines)}
    assert {d.date().isoformat(): close for d, close in table[ticker].items()} == wanted


# -- events ----------------------------------------------------------------------------------------------------------


def test_events_stand_at_their_sessions_and_count_up(shock: Timeline) -> None:
    """34 events of the answer file in eight sessions, numbered 1 to 8 in order; every other mark has no number."""
    inside = {i: a["session"] for i, a in SESSIONS.items() if "2025-01-20" <= a["session"] <= "2025-02-14"}
    assert len(inside) == 34
    assert {e.id: m.session.date().isoformat() for m in shock.numbered for e in m.events} == inside
    assert [m.number for m in shock.numbered] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [m.session for m in shock.marks] == sorted(m.session for m in shock.marks)
    assert all((m.number is not None) == (day("2025-01-20") <= m.session <= day("2025-02-14")) for m in shock.marks)


def test_r1_lies_on_the_session_after_the_holiday(shock: Timeline) -> None:
    """Published on 20 January, a holiday: mark 1 is the session of 21 January, and R1 leads it."""
    first = shock.numbered[0]
    assert first.session == day("2025-01-21")
    assert first.lead.id == "deepseek-r1-release-2025-01-20"
    assert shock.mark_of(day("2025-01-20")) is None
    assert shock.mark_of(day("2025-01-21")) is first


def test_the_most_important_event_stands_for_its_session(shock: Timeline) -> None:
    """The crash leads 27 January; importance never rises down the list of a session."""
    mark = shock.mark_of(day("2025-01-27"))
    assert mark is not None
    assert mark.lead.id == "deepseek-crash-2025-01-27"
    assert all(a.importance >= b.importance for m in shock.marks for a, b in zip(m.events, m.events[1:], strict=False))


def test_events_after_the_last_price_are_kept_apart(workspace: Workspace) -> None:
    """The facts know two events after 11 June 2026; they are listed as later and not drawn."""
    later = {i for i, a in SESSIONS.items() if a["session"] > "2026-06-11"}
    shown = workspace.timeline(View(workspace.first, workspace.last))
    assert {e.id for e in shown.later} == later == {"chip-selloff-2026-06-23", "chip-skid-2026-07-01"}
    assert len({e.id for m in shown.marks for e in m.events} | later) == 128
    assert workspace.timeline(replace(SHOCK, find="deepseek")).later == ()


@pytest.mark.parametrize(
    ("view", "passes"),
    [
        (replace(SHOCK, categories=("model-release",)), lambda e: e["category"] == "model-release"),
        (replace(SHOCK, articles=("nha-dau-tu-2025-02-08",)), lambda e: "nha-dau-tu-2025-02-08" in e["articles"]),
        (replace(SHOCK, verification=("verified-1", "from-memory")), lambda e: e["verification"] != "verified-2+"),
    ],
)
def test_filters_narrow_the_marks_and_not_the_lines(view: View, passes: Any, workspace: Workspace, shock: Timeline) -> None:
    """Only the events that pass are marked, numbered from 1 without a gap; prices stay as they were."""
    shown = workspace.timeline(view)
    wanted = {i for i, e in EVENTS.items() if passes(e) and "2025-01-20" <= SESSIONS[i]["session"] <= "2025-02-14"}
    assert {e.id for m in shown.numbered for e in m.events} == wanted != set()
    assert [m.number for m in shown.numbered] == list(range(1, len(shown.numbered) + 1))
    pd.testing.assert_frame_equal(shown.drawn, shock.drawn)


def test_counts_are_those_of_the_range(workspace: Workspace) -> None:
    """The filter's labels count by category what the answer files put into the range, and add up to 34."""
    found = timeline.counts(workspace.events, workspace.reactions, SHOCK.first, SHOCK.last)
    wanted: dict[str, int] = {}
    for i, answer in SESSIONS.items():
        if "2025-01-20" <= answer["session"] <= "2025-02-14":
            wanted[EVENTS[i]["category"]] = wanted.get(EVENTS[i]["category"], 0) + 1
    assert found == wanted
    assert sum(found.values()) == 34


# -- nothing to show -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("scale", list(Scale))
def test_a_range_without_a_session_is_no_error(scale: Scale, lang: str, workspace: Workspace) -> None:
    """The holiday weekend of January 2025: no figures, no finding, an empty table, and words that say so."""
    shown = workspace.timeline(View(dt.date(2025, 1, 18), dt.date(2025, 1, 20), scale=scale, lang=lang))
    assert len(shown.sessions) == len(shown.drawn) == len(shown.table()) == 0
    assert shown.finding is None
    assert all(math.isnan(f.change) and f.worst is None and f.best is None for f in shown.figures)
    assert shown.numbered == ()
    said = captions.of(shown, words(lang), "link")
    assert said.title == words(lang)("caption.nothing")
    assert "nan" not in f"{said.title}{said.subtitle}{said.footer}{said.alt}".casefold()


def test_the_first_session_alone_has_nothing_to_compare(workspace: Workspace) -> None:
    """1 July 2021 has no session before it: no move, and no error."""
    shown = workspace.timeline(View(workspace.first, workspace.first))
    assert len(shown.sessions) == 1
    assert shown.finding is None
    assert captions.of(shown, words("en"), "").title == "No session in this range to compare"


def test_filters_that_nothing_passes_leave_the_lines(workspace: Workspace) -> None:
    """No marks at all, and the same figures."""
    shown = workspace.timeline(replace(SHOCK, find="zzzz"))
    assert shown.marks == shown.later == ()
    assert shown.figures == workspace.timeline(SHOCK).figures


# -- the log axis ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "scale", "log"),
    [
        ("2025-01-20", "2025-02-14", Scale.REBASED, False),
        ("2021-07-01", "2026-06-11", Scale.REBASED, True),  # Nvidia: 20.21 to over 118
        ("2021-07-01", "2026-06-11", Scale.PERCENT, False),
        ("2021-07-01", "2026-06-11", Scale.PRICE, False),
        ("2025-01-20", "2025-02-14", Scale.LOG, True),
    ],
)
def test_the_axis_is_logarithmic_above_twice_the_smallest(first: str, last: str, scale: Scale, log: bool, workspace: Workspace) -> None:
    """Asked for, or rebased lines of which the highest is over twice the lowest; the subtitle says so."""
    shown = workspace.timeline(View(dt.date.fromisoformat(first), dt.date.fromisoformat(last), scale=scale))
    assert shown.log == log
    assert ("log scale" in captions.of(shown, words("en"), "").subtitle) == log


# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "title", "standfirst", "subtitle"),
    [
        (
            "en",
            "Nvidia fell 17.0 % on 27 January 2025; the Nasdaq Composite fell 3.1 %",
            "By 14 Feb 2025: Nasdaq Composite +2.0 %, Nvidia +0.8 %.",
            "Close of 17 Jan 2025 = 100 · 21 Jan – 14 Feb 2025",
        ),
        (
            "vi",
            "Nvidia giảm 17,0 % ngày 27 tháng 1 năm 2025; Nasdaq Composite giảm 3,1 %",
            "Đến 14/2/2025: Nasdaq Composite +2,0 %, Nvidia +0,8 %.",
            "Giá đóng cửa 17/1/2025 = 100 · 21/1 – 14/2/2025",
        ),
    ],
)
def test_the_words_say_what_the_figures_say(lang: str, title: str, standfirst: str, subtitle: str, workspace: Workspace) -> None:
    """Finding, what was left of it, and the measure with its base, in both languages."""
    shown = workspace.timeline(replace(SHOCK, lang=lang))
    said = captions.of(shown, words(lang), "https://example.org/?x")
    assert [s.replace("\u00a0", " ") for s in (said.title, said.standfirst, said.subtitle)] == [title, standfirst, subtitle]
    assert said.footer.endswith("https://example.org/?x")
    assert words(lang).date(dt.date(2026, 6, 11)) in said.footer
    assert said.title in said.alt


@given(days=st.tuples(st.dates(dt.date(2021, 7, 1), dt.date(2026, 6, 11)), st.dates(dt.date(2021, 7, 1), dt.date(2026, 6, 11))))
def test_any_range_is_consistent(workspace: Workspace, days: tuple[dt.date, dt.date]) -> None:
    """The change of a range is the product of its sessions' moves, the worst is never above the best, the numbers have no gap."""
    shown = workspace.timeline(View(min(days), max(days)))
    for figures in shown.figures:
        if figures.worst is None:
            continue
        moves = shown.moves.loc[shown.sessions, figures.ticker].dropna()
        assert figures.change == pytest.approx(math.prod(1 + m for m in moves) - 1, abs=1e-9)
        assert figures.worst_move == min(moves)
        assert figures.best_move == max(moves)
    assert [m.number for m in shown.numbered] == list(range(1, len(shown.numbered) + 1))
    assert shown.base <= shown.sessions[0] if len(shown.sessions) else True


def test_a_traceback_does_not_print_the_data(workspace: Workspace) -> None:
    """The repr of a timeline and of a workspace names the view and the series, and is a few lines long, not the whole data."""
    assert repr(workspace.timeline(SHOCK)).startswith("Timeline(view=View(first=datetime.date(2025, 1, 20)")
    assert len(repr(workspace.timeline(SHOCK))) < 600
    assert repr(workspace) == f"Workspace(tickers={workspace.tickers!r})"
