"""The exchange calendar, and which session could first react to each event, against answers from outside."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftershock.errors import RequestError
from aftershock.events import Event, Timing
from aftershock.sessions import Rule, new_york, reaction_session
from aftershock.text import words
from aftershock.workspace import Workspace
from tests.conftest import ROOT, answers

CALENDAR = new_york()
ANSWERS = answers("first_us_session")["sessions"]
EN, VI = words("en"), words("vi")

DAYS = st.dates(dt.date(2004, 1, 6), dt.date(2027, 12, 28))


@pytest.fixture
def event(workspace: Workspace) -> Event:
    """Some event, to be given other dates and hours."""
    return workspace.event("deepseek-crash-2025-01-27")


# -- the calendar ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["IXIC", "NVDA", "GSPC", "AMD"])
def test_prices_exist_exactly_on_sessions(file: str) -> None:
    """Independent of any calendar library: the days on which shares were traded are the calendar's sessions, 1,242 of them."""
    with (ROOT / "data" / "prices" / f"{file}.csv").open(encoding="utf-8") as lines:
        traded = [row["date"] for row in csv.DictReader(lines)]
    sessions = CALENDAR.between(dt.date(2021, 7, 1), dt.date(2026, 6, 11))
    assert len(traded) == 1242
    assert traded == [day.date().isoformat() for day in sessions]


# from the exchange's published holiday lists for these years
@pytest.mark.parametrize(
    ("day", "en", "vi"),
    [
        ((2025, 1, 20), "Martin Luther King Jr. Day", "ngày Martin Luther King"),
        ((2025, 1, 9), "day of mourning for Jimmy Carter", "quốc tang Jimmy Carter"),
        ((2025, 1, 1), "New Year's Day", "Tết Dương lịch"),
        ((2025, 2, 17), "Presidents' Day", "ngày Tổng thống"),
        ((2025, 4, 18), "Good Friday", "thứ Sáu Tuần Thánh"),
        ((2025, 5, 26), "Memorial Day", "ngày Chiến sĩ trận vong"),
        ((2025, 6, 19), "Juneteenth", "ngày Juneteenth"),
        ((2025, 7, 4), "Independence Day", "Quốc khánh Mỹ"),
        ((2025, 9, 1), "Labor Day", "ngày Lao động Mỹ"),
        ((2025, 11, 27), "Thanksgiving Day", "lễ Tạ ơn"),
        ((2025, 12, 25), "Christmas Day", "lễ Giáng sinh"),
        ((2021, 7, 5), "Independence Day", "Quốc khánh Mỹ"),  # the 4th was a Sunday
        ((2022, 6, 20), "Juneteenth", "ngày Juneteenth"),  # the 19th was a Sunday
        ((2012, 10, 29), "Hurricane Sandy", "bão Sandy"),
        ((2018, 12, 5), "day of mourning for George H. W. Bush", "quốc tang George H. W. Bush"),
        ((2025, 1, 25), "Saturday", "thứ Bảy"),
        ((2025, 1, 26), "Sunday", "Chủ nhật"),
    ],
)
def test_a_closed_day_has_a_name(day: tuple[int, int, int], en: str, vi: str) -> None:
    """Every holiday, every day of mourning and the weekend are named in both languages."""
    closure = CALENDAR.closure(dt.date(*day))
    assert closure is not None
    assert closure.in_words(EN) == f"market closed: {en}"
    assert closure.in_words(VI) == f"thị trường đóng cửa: {vi}"


def test_every_weekday_without_a_session_has_a_real_name() -> None:
    """No closed weekday of the price data is merely a 'holiday': the reader is told which."""
    closed = CALENDAR.closed_between(dt.date(2021, 7, 1), dt.date(2026, 6, 11))
    assert {c.code for c in closed if c.code == "holiday"} == set()
    # every year since Juneteenth became one has ten holidays: 2022-2025, and Carter's day
    assert (
        len([c for c in closed if c.code not in ("saturday", "sunday") and 2022 <= c.day.year <= 2025]) == 41 - 1
    )  # New Year 2022 was a Saturday


def test_new_year_on_a_saturday_closes_no_friday() -> None:
    """31 December 2021 was a session: the exchange does not move New Year's Day back."""
    assert CALENDAR.is_session(dt.date(2021, 12, 31))


def test_early_closes_are_known() -> None:
    """The half days of 2024 and 2025 by the exchange's list."""
    of_two_years = sorted(d.isoformat() for d in CALENDAR.closes_early if d.year in (2024, 2025))
    assert of_two_years == ["2024-07-03", "2024-11-29", "2024-12-24", "2025-07-03", "2025-11-28", "2025-12-24"]


@given(DAYS)
def test_neighbouring_sessions_enclose_a_day(day: dt.date) -> None:
    """Next and previous are sessions, nothing lies between them and the day, and on a session both are the day itself."""
    after, before = CALENDAR.next_session(day), CALENDAR.previous_session(day)
    assert before <= pd.Timestamp(day) <= after
    assert (before == after) == CALENDAR.is_session(day)
    assert len(CALENDAR.between(before.date(), after.date())) == (1 if before == after else 2)
    strictly = CALENDAR.next_session(day, after=True)
    assert strictly > pd.Timestamp(day)
    assert CALENDAR.previous_session(strictly.date(), before=True) == before
    assert (CALENDAR.closure(day) is None) == CALENDAR.is_session(day)


@pytest.mark.parametrize(("call", "day"), [("next_session", dt.date(2028, 1, 3)), ("previous_session", dt.date(2003, 12, 31))])
def test_beyond_the_calendar_is_a_sentence(call: str, day: dt.date) -> None:
    """A day outside the calendar is named with the calendar's first and last session, in both languages."""
    with pytest.raises(RequestError) as caught:
        getattr(CALENDAR, call)(day)
    assert "2 Jan 2004 to 31 Dec 2027" in caught.value.sentence("en")
    assert "2/1/2004 đến 31/12/2027" in caught.value.sentence("vi")
    assert EN.date(day) in str(caught.value)


# -- reactions -------------------------------------------------------------------------------------------------------


def test_the_answer_file_has_every_event(workspace: Workspace) -> None:
    """All 128 have an answer, so that the next test leaves none out."""
    assert set(ANSWERS) == set(workspace.by_id)
    assert len(ANSWERS) == 128


@pytest.mark.parametrize("event_id", ANSWERS)
def test_the_first_session_that_could_react_is_the_answer_file_s(event_id: str, workspace: Workspace) -> None:
    """The session, and whether the hour is unknown so that it could be another."""
    reaction = workspace.reactions[event_id]
    assert reaction.session.date().isoformat() == ANSWERS[event_id]["session"]
    assert reaction.uncertain == ANSWERS[event_id]["uncertain"]
    assert CALENDAR.is_session(reaction.session)


MLK = ("market closed: Martin Luther King Jr. Day", "thị trường đóng cửa: ngày Martin Luther King")
CARTER = ("market closed: day of mourning for Jimmy Carter", "thị trường đóng cửa: quốc tang Jimmy Carter")
LATE = ("after the close", "sau giờ đóng cửa")
DAY_ONLY = (
    "the day is known, the hour is not: the session of that day is taken",
    "biết ngày nhưng không rõ giờ: lấy phiên của chính ngày đó",
)


@pytest.mark.parametrize(
    ("date", "timing", "session", "why"),
    [
        ("2025-01-27", "before-open", "2025-01-27", ("before the open", "trước giờ mở cửa")),
        ("2025-01-27", "during", "2025-01-27", ("during the session", "trong phiên")),
        ("2025-01-27", "after-close", "2025-01-28", LATE),
        ("2025-01-27", "unknown", "2025-01-27", DAY_ONLY),
        ("2025-01-24", "after-close", "2025-01-27", LATE),
        ("2025-01-25", "market-closed", "2025-01-27", ("market closed: Saturday", "thị trường đóng cửa: thứ Bảy")),
        ("2025-01-26", "market-closed", "2025-01-27", ("market closed: Sunday", "thị trường đóng cửa: Chủ nhật")),
        ("2025-01-20", "market-closed", "2025-01-21", MLK),
        ("2025-01-20", "unknown", "2025-01-21", MLK),
        ("2025-01-18", "market-closed", "2025-01-21", MLK),
        ("2025-01-17", "after-close", "2025-01-21", (f"{LATE[0]}; {MLK[0]}", f"{LATE[1]}; {MLK[1]}")),
        ("2025-01-09", "market-closed", "2025-01-10", CARTER),
        ("2025-01-08", "after-close", "2025-01-10", (f"{LATE[0]}; {CARTER[0]}", f"{LATE[1]}; {CARTER[1]}")),
        ("2024-11-28", "market-closed", "2024-11-29", ("market closed: Thanksgiving Day", "thị trường đóng cửa: lễ Tạ ơn")),
    ],
)
def test_the_reason_is_told_in_words(date: str, timing: str, session: str, why: tuple[str, str], event: Event) -> None:
    """Which session, and why that one: hour, weekend, holiday, or an hour that nobody knows."""
    reaction = reaction_session(replace(event, date=dt.date.fromisoformat(date), timing=Timing(timing)), CALENDAR)
    assert reaction.session == pd.Timestamp(session)
    assert (reaction.in_words(EN), reaction.in_words(VI)) == why
    assert reaction.moved == (date != session)
    assert reaction.uncertain == (why == DAY_ONLY)


def test_a_closed_day_obeys_the_rule(event: Event) -> None:
    """Of Saturday 25 January: next is Monday 27, previous Friday 24, exact a sentence."""
    saturday = replace(event, date=dt.date(2025, 1, 25), timing=Timing.MARKET_CLOSED)
    assert reaction_session(saturday, CALENDAR, Rule.NEXT).session == pd.Timestamp(2025, 1, 27)
    assert reaction_session(saturday, CALENDAR, Rule.PREVIOUS).session == pd.Timestamp(2025, 1, 24)
    with pytest.raises(RequestError) as caught:
        reaction_session(saturday, CALENDAR, Rule.EXACT)
    assert caught.value.sentence("en") == "deepseek-crash-2025-01-27: 25 Jan 2025 is not a session (market closed: Saturday)."
    assert caught.value.sentence("vi") == "deepseek-crash-2025-01-27: 25/1/2025 không phải phiên giao dịch (thị trường đóng cửa: thứ Bảy)."


@pytest.mark.parametrize("rule", list(Rule))
def test_a_trading_day_needs_no_rule(rule: Rule, event: Event) -> None:
    """On a session the three rules agree, after the close too."""
    assert reaction_session(event, CALENDAR, rule).session == pd.Timestamp(2025, 1, 27)
    late = replace(event, timing=Timing.AFTER_CLOSE)
    assert reaction_session(late, CALENDAR, rule).session == pd.Timestamp(2025, 1, 28)


@given(DAYS, st.sampled_from(list(Timing)))
def test_no_reaction_comes_before_its_news(workspace: Workspace, day: dt.date, timing: Timing) -> None:
    """By the rule 'next' the session is never earlier than the day, and every closed day between them is told."""
    event = replace(workspace.events[0], date=day, timing=timing)
    reaction = reaction_session(event, CALENDAR)
    assert reaction.session >= pd.Timestamp(day)
    assert reaction.session - pd.Timestamp(day) <= pd.Timedelta(days=5)
    between = (reaction.session - pd.Timestamp(day)).days - (1 if reaction.code == "after-close" else 0)
    assert len(reaction.closures) == between
    assert reaction.in_words(EN)
    assert reaction.in_words(VI)
