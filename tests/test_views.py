"""A view and its query string: what goes out comes back, and what is wrong in a link becomes a sentence."""

from __future__ import annotations

import datetime as dt
import random
import re
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftershock import views
from aftershock.events import Category, Verification
from aftershock.text import LANGUAGES, words
from aftershock.views import Choices, Scale, Show, View, preset, preset_of, read, with_dates

CHOICES = Choices(
    first=dt.date(2021, 7, 1),
    last=dt.date(2026, 6, 11),
    tickers=("^IXIC", "NVDA", "^GSPC", "AMD"),
    articles=("son-van-2025-02-01", "nha-dau-tu-2025-02-08"),
    events=frozenset({"deepseek-crash-2025-01-27", "deepseek-r1-2025-01-20"}),
)
SHOCK = (dt.date(2025, 1, 20), dt.date(2025, 2, 14))


def some(of: object) -> st.SearchStrategy[tuple[str, ...]]:
    """Some of these, each once, as text."""
    return st.lists(st.sampled_from([str(x) for x in of]), unique=True).map(tuple)  # type: ignore[call-overload]


DAYS = st.dates(CHOICES.first, CHOICES.last)


def _view(days: tuple[dt.date, dt.date], series: tuple[str, ...], show: Show, candle: str, **rest: object) -> View:
    """A view as the page makes them: dates in order, candles of a series that is shown."""
    candle = candle if candle in series and show is Show.CANDLES else ""
    return View(*sorted(days), series=series, show=show, candle=candle, **rest)  # type: ignore[arg-type]


VIEWS = st.builds(
    _view,
    days=st.tuples(DAYS, DAYS),
    series=some([*CHOICES.tickers, "TSM", "005930.KS", "^SOX", "BRK-B", "EURUSD=X"]).filter(bool),
    scale=st.sampled_from(Scale),
    categories=some(Category),
    articles=some(CHOICES.articles),
    verification=some(Verification),
    find=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=views.MOST_LETTERS),
    event=st.sampled_from(["", *sorted(CHOICES.events)]),
    show=st.sampled_from(Show),
    candle=st.sampled_from(CHOICES.tickers),
    lang=st.sampled_from(LANGUAGES),
)  # fmt: skip


@given(VIEWS, st.sampled_from(LANGUAGES))
def test_a_view_comes_back_from_its_query_string(view: View, browser: str) -> None:
    """Whatever language the browser speaks, the link gives the same view and nothing to correct."""
    assert read(view.query(), CHOICES, browser) == (view, ())


@given(VIEWS)
def test_a_view_comes_back_from_its_address(view: View) -> None:
    """The address as text, parsed as a browser does, holds the whole view: nothing is lost in the encoding."""
    address = view.link("https://example.org/")
    assert address.startswith("https://example.org/?from=")
    assert " " not in address
    query = dict(parse_qsl(address.split("?", 1)[1], keep_blank_values=True, strict_parsing=True))
    assert read(query, CHOICES, "en") == (view, ())


def test_a_link_is_short_and_readable() -> None:
    """What is not the default, and always dates, series and language."""
    view = View(*SHOCK, lang="vi")
    assert view.link("x/") == "x/?from=2025-01-20&to=2025-02-14&series=^IXIC,NVDA&lang=vi"
    assert read({}, CHOICES, "vi") == (view, ())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_language_the_browser_s_is_taken(lang: str) -> None:
    """A link that names no language is read in the reader's."""
    assert read({"from": "2025-01-20"}, CHOICES, lang)[0].lang == lang


# -- corrections -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "code", "field", "value"),
    [
        ({"colour": "red"}, "parameter", "first", SHOCK[0]),
        ({"from": "27/1/2025"}, "date", "first", SHOCK[0]),
        ({"from": "2025-02-30", "to": "2025-03-01"}, "date", "last", dt.date(2025, 3, 1)),
        ({"to": "tomorrow"}, "date", "last", SHOCK[1]),
        ({"series": "Tesla Motors"}, "ticker", "series", ("^IXIC", "NVDA")),
        ({"series": "<b>,amd,AMD,TSLA"}, "ticker", "series", ("AMD", "TSLA")),
        ({"series": ",".join("ABCDEFGHIJKLM")}, "many", "series", tuple("ABCDEFGHIJKL")),
        ({"scale": "cubic"}, "unknown", "scale", Scale.REBASED),
        ({"show": "pie"}, "unknown", "show", Show.CHART),
        ({"category": "gossip,earnings"}, "unknown", "categories", ("earnings",)),
        ({"article": "x"}, "unknown", "articles", ()),
        ({"verification": "sure"}, "unknown", "verification", ()),
        ({"lang": "fr"}, "unknown", "lang", "en"),
        ({"candle": "AMD"}, "unknown", "candle", ""),
        ({"event": "x"}, "event", "event", ""),
        ({"find": "a" * 81}, "long", "find", "a" * 80),
        ({"from": "2025-02-14", "to": "2025-01-20"}, "reversed", "first", SHOCK[0]),
        ({"from": "2020-01-01", "to": "2021-12-31"}, "clamped", "first", CHOICES.first),
        ({"from": "2026-01-01", "to": "2030-01-01"}, "clamped", "last", CHOICES.last),
        ({"from": "1990-01-01", "to": "1991-01-01"}, "outside", "last", CHOICES.last),
        ({"from": "2030-01-01", "to": "2031-01-01"}, "outside", "first", dt.date(2026, 5, 11)),
    ],
)
def test_a_bad_link_is_corrected_with_a_sentence(query: dict[str, str], code: str, field: str, value: object) -> None:
    """One correction of that kind, a sentence in both languages, and a view that can be shown."""
    view, corrections = read(query, CHOICES, "en")
    assert [c.code for c in corrections] == [code]
    assert getattr(view, field) == value
    en, vi = (corrections[0].in_words(words(lang)) for lang in LANGUAGES)
    assert en != vi
    assert all(sentence.endswith(".") and "{" not in sentence for sentence in (en, vi))


def test_a_correction_says_what_was_found_and_what_is_known() -> None:
    """The sentence names the part of the link, what stood there and what could stand there."""
    _, (unknown,) = read({"scale": "cubic"}, CHOICES, "en")
    assert unknown.in_words(words("en")) == "The link's “scale” names something unknown (cubic); known are rebased, percent, price, log."
    _, (clamped,) = read({"from": "2020-01-01", "to": "2021-12-31"}, CHOICES, "en")
    assert clamped.in_words(words("vi")) == "Dữ liệu có từ 1/7/2021 đến 11/6/2026; khoảng ngày được giới hạn còn 1/7/2021 – 31/12/2021."


def test_several_faults_are_several_sentences() -> None:
    """Every fault of a link is told, not only the first."""
    _, corrections = read({"scale": "x", "event": "y", "to": "z", "q": "1"}, CHOICES, "en")
    assert sorted(c.code for c in corrections) == ["date", "event", "parameter", "unknown"]


def test_a_long_fault_is_quoted_in_short() -> None:
    """Nobody fills the page through a link: at most forty letters of it are repeated."""
    query = {"event": "x" * 5000, "series": "y" * 5000, "from": "z" * 5000, "w" * 5000: ""}
    _, corrections = read(query, CHOICES, "en")
    assert len(corrections) == 4
    assert all(len(c.in_words(words(lang))) < 220 for c in corrections for lang in LANGUAGES)


def test_no_query_string_raises() -> None:
    """2,000 random query strings, of known and unknown names and of every kind of character: a view each, within the data."""
    rng = random.Random(20250127)  # noqa: S311 (not for secrets)
    keys = [
        "from",
        "to",
        "series",
        "scale",
        "category",
        "article",
        "verification",
        "find",
        "event",
        "show",
        "candle",
        "lang",
        "",
        "x",
        "FROM",
        "from ",
    ]
    known = ["2025-01-20", "2025-13-01", "0001-01-01", "9999-12-31", "20250127", "2025-W05-1", "NVDA", "^IXIC", "log", "price"]
    known += ["candles", "vi", "earnings", "verified-2+", "deepseek-crash-2025-01-27", "a,b,,c", ",", "0", "-1", "1e309", "nan"]
    known += ["\x00", "\ud800", "{0}", "{n}", "%s", "<script>", "../..", "=1+1", "'", "😀", "ê\u0301"]

    def value() -> str:
        kind = rng.random()
        if kind < 0.7:
            return rng.choice(["", ","]).join(rng.choices(known, k=rng.randint(0, 3)))
        return "".join(chr(rng.choice([rng.randrange(32, 127), rng.randrange(0x110000)])) for _ in range(rng.randint(0, 100)))

    seen = set()
    dates = ["1990-01-01", "2020-02-02", "2025-01-20", "2025-02-14", "2030-01-01", "2031-01-01"]
    for _ in range(2000):
        query = {rng.choice(keys): value() for _ in range(rng.randint(0, 8))}
        query |= {key: rng.choice(dates) for key in ("from", "to") if rng.random() < 0.3}
        view, corrections = read(query, CHOICES, rng.choice(LANGUAGES))
        assert CHOICES.first <= view.first <= view.last <= CHOICES.last
        assert 1 <= len(view.series) <= views.MOST_SERIES
        assert all(re.fullmatch(r"\^?[A-Z0-9][A-Z0-9.=-]*", t) and len(t) <= 15 for t in view.series)
        assert view.event in {"", *CHOICES.events}
        assert len(view.find) <= views.MOST_LETTERS
        assert all(c.in_words(words(lang)) for c in corrections for lang in LANGUAGES)
        again, nothing = read(view.query(), CHOICES, "en")
        assert (again.query(), nothing) == (view.query(), ())
        assert view.link().isascii()
        assert "\x00" not in "".join(c.in_words(words("en")) for c in corrections)
        seen |= {c.code for c in corrections}
    assert seen == {"parameter", "date", "unknown", "ticker", "event", "long", "reversed", "clamped", "outside"}


# -- presets and ranges ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("shock", dt.date(2025, 1, 20), dt.date(2025, 2, 14)),
        ("1m", dt.date(2026, 5, 11), dt.date(2026, 6, 11)),
        ("3m", dt.date(2026, 3, 11), dt.date(2026, 6, 11)),
        ("6m", dt.date(2025, 12, 11), dt.date(2026, 6, 11)),
        ("1y", dt.date(2025, 6, 11), dt.date(2026, 6, 11)),
        ("era", dt.date(2022, 8, 31), dt.date(2026, 6, 11)),  # the first export licence requirement
        ("all", dt.date(2021, 7, 1), dt.date(2026, 6, 11)),
    ],
)
def test_a_preset_is_a_range_of_the_data(code: str, first: dt.date, last: dt.date) -> None:
    """Months count back from the last price; a view of those dates shows which preset it is."""
    assert preset(code, CHOICES) == (first, last)
    assert preset_of(View(first, last), CHOICES) == code
    assert preset_of(View(first + dt.timedelta(1), last), CHOICES) is None
    assert read(View(first, last).query(), CHOICES, "en")[1] == ()


def test_months_stay_within_short_data() -> None:
    """With two weeks of prices a preset of months begins at the first of them."""
    short = Choices(dt.date(2026, 6, 1), dt.date(2026, 6, 11), ("NVDA",), (), frozenset())
    assert {preset(code, short) for code in ("1m", "3m", "6m", "1y", "all")} == {(short.first, short.last)}
    assert read({"from": "2026-06-01"}, short, "en")[0].series == ("NVDA",)


@pytest.mark.parametrize(
    ("first", "last", "shock", "era"),
    [
        (
            dt.date(2025, 2, 3),
            dt.date(2026, 6, 11),
            (dt.date(2025, 2, 3), dt.date(2025, 2, 14)),
            (dt.date(2025, 2, 3), dt.date(2026, 6, 11)),
        ),
        (
            dt.date(2024, 1, 2),
            dt.date(2025, 1, 31),
            (dt.date(2025, 1, 20), dt.date(2025, 1, 31)),
            (dt.date(2024, 1, 2), dt.date(2025, 1, 31)),
        ),
        (dt.date(2025, 2, 14), dt.date(2025, 2, 14), (dt.date(2025, 2, 14),) * 2, (dt.date(2025, 2, 14),) * 2),
        (dt.date(2025, 6, 2), dt.date(2026, 6, 11), None, (dt.date(2025, 6, 2), dt.date(2026, 6, 11))),
        (dt.date(2022, 1, 3), dt.date(2022, 8, 30), None, None),
    ],
)
def test_a_preset_is_held_to_a_shorter_history(
    first: dt.date, last: dt.date, shock: tuple[dt.date, dt.date] | None, era: tuple[dt.date, dt.date] | None
) -> None:
    """What lies outside the data is cut off; a preset of which nothing is left is not offered, and a bare link shows all there is."""
    short = Choices(first, last, ("NVDA",), (), frozenset())
    assert (preset("shock", short), preset("era", short)) == (shock, era)
    offered = views.presets(short)
    assert [code for code in views.PRESETS if code not in offered] == [c for c, d in (("shock", shock), ("era", era)) if d is None]
    for code in offered:
        dates = preset(code, short)
        assert dates
        assert first <= dates[0] <= dates[1] <= last
        assert read({"from": f"{dates[0]}", "to": f"{dates[1]}"}, short, "en")[1] == ()
    shown, corrections = read({}, short, "en")
    assert ((shown.first, shown.last), corrections) == (shock or (first, last), ())
    assert views.preset_of(shown, short) in offered


def test_a_half_picked_range_leaves_the_last_one() -> None:
    """One date, or none, is no error and no change; two are taken."""
    view = View(*SHOCK)
    assert with_dates(view, ()) is view
    assert with_dates(view, (dt.date(2024, 1, 1),)) is view
    assert with_dates(view, (dt.date(2024, 1, 1), dt.date(2024, 2, 1))).first == dt.date(2024, 1, 1)


@given(st.dates(), st.dates())
def test_a_clamped_range_lies_within_the_data(a: dt.date, b: dt.date) -> None:
    """Any two dates give a range within the data; a correction exactly when they had to be moved."""
    corrections: list[views.Correction] = []
    first, last = views.clamp(min(a, b), max(a, b), CHOICES, corrections)
    assert CHOICES.first <= first <= last <= CHOICES.last
    assert bool(corrections) == ((first, last) != (min(a, b), max(a, b)))
