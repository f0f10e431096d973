"""Numbers, dates and sentences, as each language writes them; the two catalogues against each other and against the code."""

from __future__ import annotations

import ast
import datetime as dt
import re
import string
import tomllib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftershock import (
    claim_views,
    claims,
    compare_views,
    event_views,
    events,
    exports,
    forms,
    prices,
    sessions,
    store,
    tickers,
    userdata,
    views,
)  # fmt: skip
from aftershock.charts.sheet import SIZES
from aftershock.text import LANGUAGES, catalogue, language_of, words
from aftershock.workspace import Workspace
from tests.conftest import ROOT

EN, VI = words("en"), words("vi")
NBSP = "\u00a0"  # the space that does not break, before the per cent sign

# -- numbers: expected spellings from the glossary's last paragraph (1.234,5 / 1,234.5; true minus; 592,7 tỷ USD / $592.7bn)


@pytest.mark.parametrize(
    ("value", "decimals", "en", "vi"),
    [
        (1234.5, 1, "1,234.5", "1.234,5"),
        (1234567.891, 2, "1,234,567.89", "1.234.567,89"),
        (19341.83, 2, "19,341.83", "19.341,83"),
        (-3.07, 2, "−3.07", "−3,07"),
        (0, 0, "0", "0"),
        (999, 0, "999", "999"),
        (1000, 0, "1,000", "1.000"),
        (-0.0, 2, "0.00", "0,00"),
        (-0.001, 2, "0.00", "0,00"),
        (0.005, 0, "0", "0"),
    ],
)
def test_numbers_are_written_as_each_language_writes_them(value: float, decimals: int, en: str, vi: str) -> None:
    """English groups by comma and points by point, Vietnamese the other way round; minus is U+2212; there is no minus zero."""
    assert EN.number(value, decimals) == en
    assert VI.number(value, decimals) == vi


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf"), np.nan, np.float32("nan")])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_figure_that_is_not_there_is_a_dash(lang: str, value: float | None) -> None:
    """None, NaN and infinities are never written as a number."""
    say = words(lang)
    assert [say.number(value), say.percent(value), say.move(value), say.money(value)] == ["–"] * 4


def test_percentages_are_signed_and_keep_their_sign_together() -> None:
    """A decimal fraction becomes a signed percentage; number and sign are never parted by a line break."""
    assert EN.percent(-0.1697) == f"−16.97{NBSP}%"
    assert VI.percent(-0.1697) == f"−16,97{NBSP}%"
    assert VI.percent(0.0893) == f"+8,93{NBSP}%"
    assert EN.percent(0.0893, 1, signed=False) == f"8.9{NBSP}%"
    assert EN.percent(0.0) == f"0.00{NBSP}%"
    assert EN.percent(-0.00001) == f"0.00{NBSP}%"


def test_a_move_shows_its_direction_as_a_mark_too() -> None:
    """Down, up and unchanged have three marks, so that colour and sign are not the only signal."""
    assert [EN.move(-0.0307), EN.move(0.0203), EN.move(0.00001)] == [f"▼{NBSP}−3.07{NBSP}%", f"▲{NBSP}+2.03{NBSP}%", f"■{NBSP}0.00{NBSP}%"]


def test_money_is_written_as_each_language_writes_it() -> None:
    """Billions of dollars: $592.7bn and 592,7 tỷ USD, with a true minus in front."""
    assert EN.money(592.7) == "$592.7bn"
    assert VI.money(592.7) == "592,7 tỷ USD"
    assert EN.money(-592.7) == "−$592.7bn"
    assert VI.money(-592.7) == "−592,7 tỷ USD"
    assert VI.money(1000.0) == "1.000,0 tỷ USD"


@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_what_is_written_can_be_read_back(value: float, decimals: int) -> None:
    """Undoing a language's marks gives the rounded figure, in both languages."""
    en = float(EN.number(value, decimals).replace(",", "").replace("−", "-"))
    vi = float(VI.number(value, decimals).replace(".", "").replace(",", ".").replace("−", "-"))
    assert en == vi
    assert abs(en - value) <= 0.5000001 * 10**-decimals + abs(value) * 1e-12


# -- dates -----------------------------------------------------------------------------------------------------------


def test_dates_are_written_as_each_language_writes_them() -> None:
    """27 Jan 2025 and 27/1/2025; in words, the weekday included, both languages have their own order."""
    day = dt.date(2025, 1, 27)  # a Monday
    assert [EN.date(day, s) for s in ("full", "short", "long", "day")] == [
        "27 Jan 2025",
        "27 Jan",
        "27 January 2025",
        "Monday 27 January 2025",
    ]
    assert [VI.date(day, s) for s in ("full", "short", "long")] == ["27/1/2025", "27/1", "ngày 27 tháng 1 năm 2025"]
    assert VI.date(day, "day") == "Thứ Hai, ngày 27/1/2025"
    assert EN.date(pd.Timestamp(day)) == EN.date(day)


def test_a_period_names_the_year_once_where_it_is_the_same() -> None:
    """'21 Jan – 14 Feb 2025', but both years over a new year."""
    assert EN.dates(dt.date(2025, 1, 21), dt.date(2025, 2, 14)) == "21 Jan – 14 Feb 2025"
    assert VI.dates(dt.date(2025, 1, 21), dt.date(2025, 2, 14)) == "21/1 – 14/2/2025"
    assert EN.dates(dt.date(2024, 12, 2), dt.date(2025, 1, 3)) == "2 Dec 2024 – 3 Jan 2025"


def test_times_have_two_digits_each() -> None:
    """09:30 and 16:00 in both languages."""
    assert EN.time(dt.time(9, 30)) == VI.time(dt.time(9, 30)) == "09:30"


def test_lists_end_with_the_language_s_own_and() -> None:
    """Nothing, one, two and three things."""
    assert [EN.listing(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert VI.listing(["a", "b", "c"]) == "a, b và c"


@pytest.mark.parametrize(
    ("locale", "lang"),
    [("vi", "vi"), ("vi-VN", "vi"), ("VI_vn", "vi"), ("en-GB", "en"), ("fr", "en"), ("vic", "en"), ("", "en"), (None, "en")],
)
def test_the_browser_s_language_decides(locale: str | None, lang: str) -> None:
    """Vietnamese for any vi locale, English for everybody else."""
    assert language_of(locale) == lang


# -- messages --------------------------------------------------------------------------------------------------------


def test_facts_in_a_message_are_written_in_the_message_s_language() -> None:
    """A date and a whole number that fill a blank are formatted; text and identifiers stay as they are."""
    facts = {"day": dt.date(2025, 1, 27), "first": dt.date(2004, 1, 2), "last": pd.Timestamp("2027-12-31")}
    assert EN("error.outside-calendar", **facts) == "27 Jan 2025 is outside the exchange calendar (2 Jan 2004 to 31 Dec 2027)."
    assert VI("error.outside-calendar", **facts) == "27/1/2025 nằm ngoài lịch giao dịch (2/1/2004 đến 31/12/2027)."
    assert EN("ui.events_heading", n=1234) == "1,234 events in this range"
    assert VI("ui.events_heading", n=1234) == "1.234 sự kiện trong khoảng này"


def test_one_of_something_is_singular_where_the_language_has_a_singular() -> None:
    """English says '1 event', Vietnamese has one form; numpy's whole numbers count like Python's."""
    assert EN("ui.events_heading", n=1) == "1 event in this range"
    assert EN("ui.events_heading", n=0) == "0 events in this range"
    assert VI("ui.events_heading", n=1) == "1 sự kiện trong khoảng này"
    assert EN("ui.events_heading", n=np.int64(1)) == "1 event in this range"
    assert EN("ui.events_heading", n=np.int64(1234)) == "1,234 events in this range"
    assert EN("chart.volume_millions", amount=np.float32(1234.5)) == "Volume 1,234.50 million"


def test_text_in_a_sentence_is_left_alone() -> None:
    """A port is a name, not a quantity: callers pass it as text, and text stays as it is."""
    assert "Port 8501 is" in EN("error.port-taken", port="8501")
    assert VI("error.port", port="70000").startswith("70000 ")


def _blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_both_catalogues_say_the_same_things() -> None:
    """Equal keys (but for English singulars) and equal {blanks}, so that no sentence is missing or loses a fact."""
    en, vi = catalogue("en"), catalogue("vi")
    only_english = en.keys() - vi.keys()
    allowed = {k for k in only_english if k.endswith("_one") and k.removesuffix("_one") in vi} | {
        k for k in only_english if k.startswith("the.")
    }
    assert only_english == allowed
    assert vi.keys() <= en.keys()
    differing = {k: (_blanks(en[k]), _blanks(vi[k])) for k in vi if _blanks(en[k]) != _blanks(vi[k])}
    assert differing == {}
    singular = {k for k in only_english if k.endswith("_one")}
    assert {k for k in singular if not _blanks(en[k]) <= _blanks(en[k.removesuffix("_one")])} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_is_empty_or_untidy(lang: str) -> None:
    """No blank message, no doubled space, no plain hyphen used as a dash, no straight quotes around words."""
    bad = {k: t for k, t in catalogue(lang).items() if not t.strip() or "  " in t or " - " in t}
    assert bad == {}


def test_vietnamese_is_not_a_copy_of_english() -> None:
    """Apart from names, formats and abbreviations every message is translated."""
    en, vi = catalogue("en"), catalogue("vi")
    same = {k for k in vi if vi[k] == en[k] and not k.startswith(("series.", "file.", "column."))} - {"impact.footer"}
    assert {k for k in same if re.search(r"[A-Za-z]{4}", re.sub(r"\{\w+\}", "", en[k]))} == set()


def test_the_parts_of_a_vietnamese_complaint_are_vietnamese() -> None:
    """The phrases that fill a sentence about data share with the English ones only codes, file names and examples."""
    written = "TOML UTF-8 JSON CSV Parquet byte articles toml precision minute http https New York Asia Shanghai manifest"
    written += " date true false index share derived from-memory verified-1 verified-2"
    codes = {*written.split(), *events.Timing}
    for key in (k for k in catalogue("vi") if k.startswith("data.")):
        en, vi = (set(re.findall(r"[A-Za-z][\w-]{2,}", re.sub(r"\{\w+\}", "", catalogue(lang)[key]))) for lang in LANGUAGES)
        assert (en & vi) - codes == set(), key


# -- every key that the code names exists, and every message is named by the code ------------------------------------

# prefixes whose keys are made from codes: the codes come from the enums and tables themselves
CODES = {
    "category": [str(c) for c in events.Category],
    "timing": [str(c) for c in events.Timing],
    "precision": [str(c) for c in events.Precision],
    "verification": [str(c) for c in events.Verification],
    "verification_long": [str(c) for c in events.Verification],
    "scale": [str(c) for c in views.Scale],
    "show": [str(c) for c in views.Show],
    "preset": list(views.PRESETS),
    "file": list(exports.EXPORTS),
    "size": list(SIZES),
    "why": ["before-open", "during", "after-close", "day-only", "closed"],
    "closed": ["saturday", "sunday", "holiday", *sessions.new_york().holidays.values()],
    "adjustment": list(prices.ADJUSTMENTS),
    "sort": [str(c) for c in event_views.Sort],
    "change": [str(c) for c in store.shelf.Kind],
    "field": list(forms.FIELDS),
    "event_file": list(userdata.FILES),
    "importance": ["high", "middle", "low"],
    "claim_verdict": [str(c) for c in claims.Verdict],
    "claim_kind": [str(c) for c in claim_views.OWN_KINDS],
    "measure": [str(c) for c in compare_views.Measure],
    "compare_preset": list(compare_views.PRESETS),
    "hedge": [str(c) for c in claims.Hedge],
    "unit": sorted({claims.UNITS[kind] for kind in claim_views.OWN_KINDS}),
    "price_at": [str(c) for c in claims.Field],
    "chart": ["open", "high", "low", "close", "event", "session", "moves"],
    "ui": ["worst", "best"],
}


FINISHED = (  # the catalogues whose every message must be in use
    "core", "data", "pages", "timeline", "study", "claims", "prices", "store", "events", "userdata", "importing", "articles",
    "claims_page", "compare", "study_many",
)  # fmt: skip


def _sources() -> list[ast.Module]:
    files = [*(ROOT / "aftershock").rglob("*.py"), ROOT / "app.py", *(ROOT / "pages").glob("*.py")]
    return [ast.parse(f.read_text(encoding="utf-8")) for f in files]


def _named_in_code() -> set[str]:
    """Every literal that looks like a message key, plus `error.` and `correction.` keys from the codes of raised errors."""
    named: set[str] = set()
    for tree in _sources():
        pieces = {id(v) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for v in node.values}
        for node in ast.walk(tree):
            if id(node) in pieces:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z_]+\.[\w^+-]+", node.value):
                named.add(node.value)  # "claims.toml" looks like one too: it is a file of data/
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
                if called.endswith("Error") or called in ("PricesUnavailable", "StoreUnavailable"):
                    named.add(f"error.{node.args[0].value}")
                if called == "__init__":  # an error class that fixes its own code
                    named.add(f"error.{node.args[0].value}")
                if called in ("complain", "Correction"):
                    named.add(f"correction.{node.args[0].value}")
    return named - {file.name for file in (ROOT / "data").iterdir()}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_its_words(lang: str) -> None:
    """Each member of each enum, each preset, format, size and holiday has a message in the language."""
    wanted = {f"{prefix}.{code}" for prefix, codes in CODES.items() for code in codes}
    wanted |= {f"page.{page.stem}" for page in (ROOT / "pages").glob("*.py")}
    assert wanted - catalogue(lang).keys() == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_series_that_is_offered_has_a_name(lang: str, workspace: Workspace) -> None:
    """The name of a series is a message, not a ticker: the snapshot's, those offered, and those that an event of the catalogue names."""
    assert {
        f"series.{t}" for t in {*tickers.OFFERED, *tickers.ELSEWHERE, *(t for e in workspace.catalogue for t in e.tickers)}
    } <= catalogue(lang).keys()
    assert {f"series.{t}" for t in prices.Snapshot(ROOT / "data" / "prices", sessions.new_york()).series} <= catalogue(lang).keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_that_the_code_names_exists(lang: str) -> None:
    """Each literal key, each code of a raised error and each code of a correction is in the catalogue."""
    sections = {key.split(".")[0] for key in catalogue("en")}
    looked_up = {key for key in _named_in_code() if key.split(".")[0] in sections}
    assert len(looked_up) > 60, "the search for keys finds the keys"
    whole = {key for key in looked_up if not key.endswith(("_", "-"))}  # such a one is the beginning of a key
    assert whole - catalogue(lang).keys() == set()


def test_no_message_is_unused() -> None:
    """Every message is named in the code, or made there from a section and a code that stands in the code too."""
    nodes = [node for tree in _sources() for node in ast.walk(tree)]
    codes = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    parts = [node.values[0] for node in nodes if isinstance(node, ast.JoinedStr)]
    sections = {part.value.split(".")[0] for part in parts if isinstance(part, ast.Constant) and "." in part.value}
    codes |= {page.stem for page in (ROOT / "pages").glob("*.py")}

    def made(section: str, code: str) -> bool:
        pieces = [(code[:i], code[i:]) for i in range(len(code)) if code[i] == "-"]
        return section in sections and (code in codes or any(a in codes and (b in codes or b[1:] in codes) for a, b in pieces))

    named = _named_in_code() | {f"{section}.{t}" for section in ("series", "the") for t in (*tickers.OFFERED, *tickers.ELSEWHERE)}
    folder = ROOT / "aftershock" / "locales" / "en"
    files = {name: tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")) for name in FINISHED}
    keys = {f"{s}.{k}".removesuffix("_one") for messages in files.values() for s, keys in messages.items() for k in keys} - named
    assert {k for k in keys if not made(*k.split(".", 1))} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_is_written_twice(lang: str) -> None:
    """A key stands in one file: a second one would silently win or lose by the order of the files."""
    seen: dict[str, str] = {}
    for file in sorted((ROOT / "aftershock" / "locales" / lang).glob("*.toml")):
        for section, messages in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for key in messages:
                assert seen.setdefault(f"{section}.{key}", file.name) == file.name, f"{section}.{key}"
