"""The Claims page: links, headline, filters, cards, a reader's own claim, the two charts and their files, the command line's twin."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import altair
import jsonschema
import pandas as pd
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from aftershock import claim_exhibits, claim_views
from aftershock.charts import fonts
from aftershock.charts.claims import overview
from aftershock.charts.placing import spread
from aftershock.claim_views import OWN_KINDS, ClaimsView, Entry
from aftershock.claims import Checked, Claim, Field, Kind, Verdict
from aftershock.cli import main
from aftershock.errors import Phrase
from aftershock.exports import EXPORTS
from aftershock.text import LANGUAGES, words
from aftershock.workspace import Workspace
from tests.conftest import ROOT, answers
from tests.visits import run

ANSWERS = answers("claims")["claims"]
VERDICTS = Counter(a["verdict"] for a in ANSWERS.values())
Visit = Callable[..., AppTest]


def view_of(workspace: Workspace, lang: str = "en", **query: str) -> ClaimsView:
    """The view that a link asks for; the link must need no correction."""
    view, corrections = claim_views.read(query, workspace.choices, workspace.checked, lang)
    assert corrections == ()
    return view


@pytest.fixture
def visit() -> Visit:
    """Opens the Claims page with a query string."""

    def open_(*, locale: str = "en-GB", **query: str) -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        app.context = {"locale": locale, "timezone": "Asia/Ho_Chi_Minh", "url": "http://localhost:8501/claims"}
        run(app)
        app.query_params.clear()
        for key, value in query.items():
            app.query_params[key] = value
        return run(app.switch_page("pages/claims.py"))

    return open_


def plain(text: str) -> str:
    """Text without escapes."""
    return re.sub(r"\\(.)", r"\1", text).replace("\u00a0", " ")


def said(app: AppTest) -> str:
    """All text of the page as a reader sees it."""
    groups = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning)
    return plain("\n".join(str(e.value) for group in groups for e in group))


# -- links and headline ----------------------------------------------------------------------------------------------


def test_the_headline_counts_the_answers(workspace: Workspace) -> None:
    """Its three numbers are those of the answer file."""
    title = claim_views.headline(workspace.checked, words("en"))
    assert [int(n) for n in re.findall(r"\d+", title)] == [
        VERDICTS["supported"],
        len(ANSWERS),
        VERDICTS["contradicted"],
        VERDICTS["cannot-tell"],
    ]


def test_one_of_something_is_said_in_the_singular(workspace: Workspace) -> None:
    """'1 of 2 claims holds; 1 does not'; of none it says that none is left."""
    two = [next(c for c in workspace.checked if c.verdict is v) for v in (Verdict.SUPPORTED, Verdict.CONTRADICTED)]
    assert claim_views.headline(two, words("en")) == "1 of 2 claims holds; 1 does not"
    assert claim_views.headline([], words("en")) == "No claim passes these filters"


def test_a_link_says_all_of_the_view(workspace: Workspace) -> None:
    """A view with every field set comes back from its own query string."""
    own = Entry(Kind.MARKET_VALUE, "NVDA", dt.date(2025, 10, 29), dt.date(2025, 10, 29), "5.05", at=Field.OPEN)
    view = ClaimsView(("contradicted",), ("press",), ("NVDA",), "h20-order-wrong-day", 2, own, "vi")
    assert claim_views.read(view.query(), workspace.choices, workspace.checked, "en") == (view, ())


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"verdict": "maybe"}, "unknown"),
        ({"source": "nobody"}, "unknown"),
        ({"page": "0"}, "page"),
        ({"claim": "no-such"}, "claim"),
        ({"first": "yesterday"}, "date"),
        ({"kind": "many-companies"}, "unknown"),
        ({"stated": "1" * 50}, "long"),
        ({"colour": "red"}, "parameter"),
    ],
)
def test_what_is_wrong_in_a_link_is_said(query: dict[str, str], code: str, workspace: Workspace) -> None:
    """Each fault has its own sentence in both languages, and the view stands all the same."""
    view, corrections = claim_views.read(query, workspace.choices, workspace.checked, "en")
    assert [c.code for c in corrections] == [code]
    for lang in LANGUAGES:
        assert corrections[0].in_words(words(lang))
    assert view.query()


def test_the_articles_come_first(workspace: Workspace) -> None:
    """The claims of the articles stand before everybody else's."""
    from_articles = [bool(c.claim.articles) for c in claim_exhibits.ordered(workspace)]
    assert from_articles == sorted(from_articles, reverse=True)
    assert from_articles[0]


# -- a reader's own claim --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lang", "wanted"),
    [
        ("-17", "en", "-17"),
        ("−17,0 %", "vi", "-17.0"),
        ("3.10", "en", "3.10"),
        ("+592.7", "vi", "592.7"),
        ("1,5", "en", "1.5"),
        ("1,000", "en", "own_claim.thousands"),
        ("1,000", "vi", "1.000"),
        ("1.000", "vi", "own_claim.thousands"),
        ("1.000", "en", "1.000"),
        ("many", "en", "own_claim.figure"),
        ("1e5", "en", "own_claim.figure"),
        ("nan", "en", "own_claim.figure"),
        ("--3", "en", "own_claim.figure"),
        ("9999999999", "en", "own_claim.figure"),
        ("=1+1", "en", "own_claim.figure"),
    ],
)
def test_figures_as_people_write_them(text: str, lang: str, wanted: str) -> None:
    """The digits are kept, and what could be read in two ways is refused, not guessed."""
    found = claim_views.stated(text, lang)
    if isinstance(found, Phrase):
        assert found.code == wanted
        assert text in found.in_words(words(lang))
    else:
        assert str(found) == wanted


@given(st.text(max_size=20), st.sampled_from(LANGUAGES))
def test_no_entry_breaks_the_reading(text: str, lang: str) -> None:
    """Whatever is typed is a figure or a sentence."""
    assert isinstance(claim_views.stated(text, lang), Decimal | Phrase)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (Entry(first=dt.date(2025, 1, 28), last=dt.date(2025, 1, 27), stated="-3"), "own_claim.reversed"),
        (Entry(kind=Kind.LEVEL, stated="-118"), "own_claim.positive"),
        (Entry(stated="0"), "own_claim.nothing"),
    ],
)
def test_a_claim_that_cannot_be_is_answered_with_a_sentence(entry: Entry, code: str) -> None:
    """Reversed sessions, a negative price, a claim of nothing."""
    found = entry.claim("en")
    assert isinstance(found, Phrase)
    assert found.code == code
    for lang in LANGUAGES:
        assert found.in_words(words(lang)).endswith(".")


@pytest.mark.parametrize(
    "claim_id", ["nvidia-fell-17", "nvidia-lost-279bn", "nvidia-china-probe-close", "nvidia-five-trillion", "nasdaq-fell-3-67"]
)
def test_an_own_claim_gets_the_same_answer(claim_id: str, workspace: Workspace) -> None:
    """What the catalogue says, entered by hand, has the verdict and the value of the answer file."""
    listed = next(c.claim for c in workspace.checked if c.claim.id == claim_id)
    entry = Entry(listed.kind, listed.ticker, listed.first, listed.last, str(listed.stated), listed.hedge, listed.field)
    claim = entry.claim("en")
    assert isinstance(claim, Claim)
    answer = claim_exhibits.answer(workspace, claim)
    assert answer.verdict == ANSWERS[claim_id]["verdict"]
    assert answer.found is not None
    assert answer.found.value == pytest.approx(ANSWERS[claim_id]["value"], abs=1e-8)


@pytest.mark.parametrize("kind", OWN_KINDS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_own_claim_has_its_card(kind: Kind, lang: str, visit: Visit) -> None:
    """A claim in the link is on the page with its words and a verdict, whatever its kind."""
    app = visit(kind=kind, series="NVDA", first="2025-01-27", stated="118.42", lang=lang)
    say = words(lang)
    text = said(app)
    assert say(f"claim_kind.{kind}") in text
    cards = sum(text.count(f"**{say(code)}:**") for code in ("claims_page.figures_say", "claims_page.missing"))
    assert cards == 7  # six and the reader's


def test_an_own_claim_about_a_closed_day_cannot_be_told(visit: Visit) -> None:
    """Martin Luther King Jr. Day was no session, and the card says so."""
    text = said(visit(series="NVDA", first="2025-01-20", stated="-3", lang="en"))
    assert "20 Jan 2025 is not a session: the market was closed." in text


def test_a_bad_entry_gets_its_sentence(visit: Visit) -> None:
    """Typed into the field: the sentence stands beside it, nothing else changes, and the link holds what was typed."""
    app = visit(lang="en")
    app.text_input(key="c-stated").set_value("a lot")
    run(app)
    assert "“a lot” is not a figure" in plain(app.warning[0].value)
    assert app.query_params["stated"] in ("a lot", ["a lot"])


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_claim_has_a_card(lang: str, visit: Visit, workspace: Workspace) -> None:
    """Page by page, each claim stands once with its verdict in words."""
    seen: list[str] = []
    for page in range(1, -(-len(ANSWERS) // 6) + 1):
        app = visit(page=str(page), lang=lang)
        seen += [plain(s.value) for s in app.subheader]
    assert sorted(seen) == sorted(c.claim.said.in_(lang).replace("\u00a0", " ") for c in workspace.checked)


def test_filters_narrow_the_headline_and_go_back_to_the_first_page(visit: Visit) -> None:
    """Only contradicted claims, from the third page on."""
    app = visit(page="3", lang="en")
    app.pills(key="c-verdict").set_value(["contradicted"])
    run(app)
    assert plain(app.title[0].value) == f"0 of {VERDICTS['contradicted']} claims hold; {VERDICTS['contradicted']} do not"
    assert "page" not in app.query_params


def test_an_empty_choice_offers_the_way_back(visit: Visit) -> None:
    """No claim about the semiconductor index holds: the page says so, and one button shows all again."""
    app = visit(verdict="supported", ticker="^SOX", lang="en")
    assert "No claim passes" in said(app)
    app.button(key="c-all").click()
    run(app)
    assert str(len(ANSWERS)) in app.title[0].value


def test_one_claim_by_its_link(visit: Visit) -> None:
    """The link of a card's chart shows that claim alone; its words are the title."""
    app = visit(claim="in-a-few-days", lang="en")
    assert plain(app.title[0].value) == "“It took a few days to lose nearly $600bn”: contradicted"
    assert len(app.subheader) == 1


# -- charts and files ------------------------------------------------------------------------------------------------


def test_shares_of_what_was_said(workspace: Workspace) -> None:
    """-3.0693 found where -3.67 was said is 83.6 %; five sessions where one was said 500 %, drawn at the end of the axis."""
    by_id: dict[str, Checked] = {c.claim.id: c for c in workspace.checked}
    assert overview.share(by_id["nasdaq-fell-3-67"]) == pytest.approx(100 * 3.069363495587407 / 3.67)
    assert overview.share(by_id["right-after-the-launch"]) == 500
    rows = overview.drawing([by_id["right-after-the-launch"]], words("en")).tables["rows"]
    assert (list(rows["share"]), list(rows["beyond"])) == ([200.0], [1])


def test_levels_are_prices_of_the_day(workspace: Workspace) -> None:
    """$592.7bn over 24.49 billion shares is the close of 118.42; 600 would have been 118.12."""
    checked = next(c for c in workspace.checked if c.claim.id == "nvidia-lost-600bn")
    behind = claim_exhibits.seen(workspace, checked)
    assert behind is not None
    assert behind.base == 142.62
    assert behind.found == pytest.approx(118.42)
    assert behind.said == pytest.approx(142.62 - 600 / 24.49, abs=0.01)
    assert behind.bars.index[behind.first] == pd.Timestamp("2025-01-27")


def test_a_level_from_before_a_split_is_drawn_where_the_adjusted_prices_are(workspace: Workspace) -> None:
    """$439.38 in October 2023 is 43.938 in today's shares."""
    checked = next(c for c in workspace.checked if c.claim.id == "nvidia-october-2023-close")
    behind = claim_exhibits.seen(workspace, checked)
    assert behind is not None
    assert behind.said == pytest.approx(43.938)
    assert behind.found == pytest.approx(43.938, abs=1e-3)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_piece_of_evidence_is_valid_and_can_be_drawn(lang: str, workspace: Workspace) -> None:
    """Each claim that can be told has a picture that the schema accepts; one that cannot has none."""
    schema = json.loads((Path(altair.__file__).parent / "vegalite/v6/schema/vega-lite-schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    view = view_of(workspace, lang)
    for checked in workspace.checked:
        one = claim_exhibits.claim_evidence(workspace, view, checked)
        assert (one is None) == (checked.found is None), checked.claim.id
        if one is not None:
            assert not list(validator.iter_errors(one.picture("article"))), checked.claim.id
            assert one.facts["alt"]
    fonts.register()
    everything = claim_exhibits.claims_overview(workspace, view)
    for made in (everything.picture("square"), everything.interactive()):
        assert not list(validator.iter_errors(made))
    drawn = vl_convert.vegalite_to_svg(everything.picture("article"))
    assert everything.facts["title"].split(";")[0].replace("\u00a0", " ") in re.sub("<[^>]+>", "", drawn).replace("\u00a0", " ")


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12), st.floats(5, 20))
def test_words_at_line_ends_never_lie_on_each_other(wanted: list[float], gap: float) -> None:
    """Spread heights keep the gap, the order and the room; those that were apart stay where they were."""
    placed = spread(wanted, gap, 0, 300)
    ranked = sorted(range(len(wanted)), key=lambda i: wanted[i])
    inner = [placed[i] for i in ranked]
    assert all(b - a >= gap - 1e-6 for a, b in itertools.pairwise(inner))
    assert min(placed) >= gap / 2 - 1e-6
    assert max(placed) <= 300 - gap / 2 + 1e-6
    if len(wanted) == 1:
        assert placed[0] == pytest.approx(min(max(wanted[0], gap / 2), 300 - gap / 2))


@pytest.mark.parametrize("code", EXPORTS)
def test_the_command_line_writes_what_the_page_hands_out(code: str, tmp_path: Path) -> None:
    """Every ending gives a file of its kind, of all claims and of one."""
    out = tmp_path / f"claims.{code}"
    assert main(["chart", "claims", "--verdict", "contradicted", "--lang", "vi", "--out", str(out)]) == 0
    data = out.read_bytes()
    marks = {"png": b"\x89PNG", "pdf": b"%PDF", "xlsx": b"PK", "svg": b"<svg", "html": b"<!doctype", "json": b"{", "csv": b"id,"}
    assert data.startswith(marks[code])
    if code == "csv":
        table = pd.read_csv(io.BytesIO(data), index_col="id")
        wanted = {claim: a["value"] for claim, a in ANSWERS.items() if a["verdict"] == "contradicted"}
        assert table["found"].to_dict() == pytest.approx(wanted, abs=1e-8)
    if code == "xlsx":
        assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert main(["chart", "claims", "--claim", "nvidia-fell-17", "--out", str(out)]) == 0


@pytest.mark.parametrize(("option", "found"), [(["--claim", "no-such"], "no-such"), (["--claim", "trillion-erased"], "many companies")])
def test_what_cannot_be_drawn_is_refused_in_a_sentence(
    option: list[str], found: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown claim, and one that the data have nothing of."""
    assert main(["chart", "claims", *option, "--out", str(tmp_path / "x.png")]) == 1
    error = capsys.readouterr().err
    assert found in error
    assert error.count("\n") == 1
