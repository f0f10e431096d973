"""What the reader of the Claims page has chosen, and the claim that they entered themselves, as one value with the spellings of a link.

?verdict=contradicted&source=press&ticker=NVDA&page=2&kind=close-to-close&series=NVDA&first=2025-01-27&stated=-17&lang=vi
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from aftershock.captions import in_a_sentence, name
from aftershock.claims import UNITS, Checked, Claim, Field, Hedge, Kind, Verdict, number
from aftershock.errors import Phrase
from aftershock.events import Text
from aftershock.text import LANGUAGES, Words, words
from aftershock.views import Choices, Correction, Reader, address, short

PRESS: Final = "press"  # everybody but the articles that the project began with
# a session number needs an event, a period's loss an amount, and a sum over many companies can never be told
OWN_KINDS: Final = (
    Kind.CLOSE_TO_CLOSE, Kind.DOWN_TO, Kind.UP_TO, Kind.IN_SESSION, Kind.DOLLARS, Kind.LEVEL, Kind.MARKET_VALUE, Kind.RECORD_CLOSE,
)  # fmt: skip
PERIODS: Final = frozenset({Kind.CLOSE_TO_CLOSE, Kind.DOWN_TO, Kind.UP_TO, Kind.DOLLARS})  # may speak of several sessions
PRICED: Final = frozenset({Kind.LEVEL, Kind.MARKET_VALUE})  # are meant at one of a session's prices
OWN_ID: Final = "your-own"
MOST_LETTERS: Final = 20
_FILTERS: Final = ("verdict", "source", "ticker", "claim", "page")
_ENTRY: Final = ("kind", "series", "first", "last", "stated", "hedge", "at")
PARAMETERS: Final = (*_FILTERS, *_ENTRY, "lang")


@dataclass(frozen=True, slots=True)
class Entry:
    """A reader's own claim as it was entered; `stated` is what they wrote, empty while they have said nothing."""

    kind: Kind = Kind.CLOSE_TO_CLOSE
    ticker: str = "NVDA"
    first: dt.date = dt.date(2025, 1, 27)
    last: dt.date = dt.date(2025, 1, 27)
    stated: str = ""
    hedge: Hedge = Hedge.EXACT
    at: Field = Field.CLOSE

    def query(self) -> dict[str, str]:
        """The query string's parts; none while nothing is stated."""
        if not self.stated:
            return {}
        parts = {"kind": str(self.kind), "series": self.ticker, "first": self.first.isoformat(), "stated": self.stated}
        optional = {
            "last": self.last.isoformat() if self.kind in PERIODS and self.last != self.first else "",
            "hedge": "" if self.hedge is Hedge.EXACT else str(self.hedge),
            "at": str(self.at) if self.kind in PRICED and self.at is not Field.CLOSE else "",
        }
        return parts | {key: value for key, value in optional.items() if value}

    def claim(self, lang: str) -> Claim | Phrase | None:
        """The claim, or what is wrong with it in a sentence; None while nothing is stated."""
        if not self.stated:
            return None
        figure = stated(self.stated, lang)
        if isinstance(figure, Phrase):
            return figure
        last = self.last if self.kind in PERIODS else self.first
        if last < self.first:
            return Phrase("own_claim.reversed", first=self.first, last=last)
        if UNITS[self.kind] != "percent" and self.kind is not Kind.DOLLARS and figure <= 0:
            return Phrase("own_claim.positive", found=self.stated)
        if figure == 0:
            return Phrase("own_claim.nothing")
        at = self.at if self.kind in PRICED else Field.CLOSE
        by = Text(*(words(lang_)("own_claim.you") for lang_ in LANGUAGES))
        claim = Claim(OWN_ID, Text("", ""), by, self.kind, self.ticker, self.first, last, figure, self.hedge, field=at)
        said = Text(*(_said(claim, words(lang_)) for lang_ in LANGUAGES))
        return Claim(OWN_ID, said, by, self.kind, self.ticker, self.first, last, figure, self.hedge, field=at)


@dataclass(frozen=True, slots=True)
class ClaimsView:
    """The reader's choices. Empty filters mean everything; `sources` are ids of articles or PRESS; `claim` is the one claim to show."""

    verdicts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tickers: tuple[str, ...] = ()
    claim: str = ""
    page: int = 1
    own: Entry = Entry()
    lang: str = "en"

    def query(self) -> dict[str, str]:
        """The query string's parts. The language always stands in it, the rest when it is not the default."""
        optional = {
            "verdict": ",".join(self.verdicts),
            "source": ",".join(self.sources),
            "ticker": ",".join(self.tickers),
            "claim": self.claim,
            "page": str(self.page) if self.page > 1 else "",
        }
        return {key: value for key, value in optional.items() if value} | self.own.query() | {"lang": self.lang}

    def link(self, base: str = "") -> str:
        """`base` with the query string: the address that shows this view."""
        return address(base, self.query())

    def keeps(self, checked: Checked) -> bool:
        """Whether a claim passes the filters."""
        claim = checked.claim
        sources = claim.articles or (PRESS,)
        return (
            (not self.claim or claim.id == self.claim)
            and (not self.verdicts or checked.verdict in self.verdicts)
            and (not self.sources or bool(set(sources) & set(self.sources)))
            and (not self.tickers or claim.ticker in self.tickers)
        )


def ordered(checked: Iterable[Checked]) -> tuple[Checked, ...]:
    """The articles' claims first, then the press's, each in their order."""
    return tuple(sorted(checked, key=lambda c: not c.claim.articles))


def tickers_of(checked: Iterable[Checked]) -> tuple[str, ...]:
    """The series that claims speak of, each once."""
    return tuple(dict.fromkeys(c.claim.ticker for c in checked))


def sources_of(checked: Iterable[Checked]) -> tuple[str, ...]:
    """The articles that said something about the market, each once."""
    return tuple(dict.fromkeys(a for c in checked for a in c.claim.articles))


def read(query: Mapping[str, str], choices: Choices, checked: Iterable[Checked], lang: str) -> tuple[ClaimsView, tuple[Correction, ...]]:
    """A query string -> the view it asks for, and what had to be corrected. Never raises."""
    r = Reader.of(query, PARAMETERS)
    known = tuple(checked)
    view = ClaimsView(
        verdicts=r.many("verdict", Verdict),
        sources=r.many("source", (*sources_of(known), PRESS)),
        tickers=r.many("ticker", tickers_of(known)),
        claim=_one(r, known),
        page=_page(r),
        own=_entry(r, choices),
        lang=r.one("lang", LANGUAGES, lang),
    )
    return view, tuple(r.corrections)


def _one(r: Reader, checked: Iterable[Checked]) -> str:
    text = r.query.get("claim", "")
    if not text or text in {c.claim.id for c in checked}:
        return text
    r.complain("claim", found=short(text))
    return ""


def _page(r: Reader) -> int:
    text = r.query.get("page", "1")
    if re.fullmatch(r"[1-9]\d{0,2}", text):
        return int(text)
    r.complain("page", found=short(text))
    return 1


def _entry(r: Reader, choices: Choices) -> Entry:
    usual = Entry()
    first = r.date("first") or usual.first
    written = r.query.get("stated", "").strip()
    if len(written) > MOST_LETTERS:
        r.complain("long", most=MOST_LETTERS)
        written = written[:MOST_LETTERS]
    return Entry(
        kind=Kind(r.one("kind", OWN_KINDS, usual.kind)),
        ticker=r.one("series", choices.tickers, usual.ticker if usual.ticker in choices.tickers else choices.tickers[0]),
        first=first,
        last=r.date("last") or first,
        stated=written,
        hedge=Hedge(r.one("hedge", Hedge, usual.hedge)),
        at=Field(r.one("at", Field, usual.at)),
    )


# -- figures as people write them ------------------------------------------------------------------------------------


def stated(text: str, lang: str) -> Decimal | Phrase:
    """'-17', '−3,1 %' or '592.7' -> the figure with its digits, or what is wrong with it.

    A point or a comma is the decimal mark, in either language; a mark that could as well part thousands (1,000 in English, 1.000 in
    Vietnamese) is refused, for nobody knows which was meant.
    """
    plain = re.sub(r"[\s%\u00a0]", "", text).replace("−", "-").replace("–", "-").removeprefix("+")
    thousands = "," if lang == "en" else "."
    if re.fullmatch(rf"-?\d{{1,3}}({re.escape(thousands)}\d{{3}})+", plain):
        return Phrase("own_claim.thousands", found=short(text), plain=plain.replace(thousands, ""))
    figure = number(plain.replace(",", ".")) if re.fullmatch(r"-?\d+([.,]\d+)?", plain) else None
    return Phrase("own_claim.figure", found=short(text)) if figure is None else figure


def figure(claim: Claim, value: float | Decimal, say: Words, digits: int | None = None) -> str:
    """A value in the claim's unit as the language writes it: '−17 %', '$118.42', '−$592.7bn', '5th session'."""
    places = claim.digits if digits is None else digits
    if claim.unit == "percent":
        return say.percent(float(value) / 100, places)
    code = "session-number" if claim.kind is Kind.SESSION_NUMBER else claim.unit
    amount = say.number(abs(float(value)), places)
    text = say(f"claim_figure.{code}", amount=amount, n=round(abs(float(value))) if code == "sessions" else 0)
    return ("−" if value < 0 else "") + text


def found_figure(checked: Checked, say: Words) -> str:
    """What the figures say, with at least the digits that show it apart from what was said."""
    if checked.found is None:
        return say("claims_page.not_known")
    claim, least = checked.claim, {"percent": 2, "usd": 2, "usd-bn": 1, "usd-tn": 3, "sessions": 0}
    if checked.found.range is not None:
        low, high = (say.percent(end / 100) for end in checked.found.range)
        return say("claims_page.between", low=low, high=high)
    return figure(claim, checked.found.value, say, max(claim.digits, least[claim.unit]))


def _said(claim: Claim, say: Words) -> str:
    """A reader's own claim as a sentence: 'Nvidia, change from close to close, 27 Jan 2025: −17 %'."""
    day = say.date(claim.first) if claim.first == claim.last else say.dates(claim.first, claim.last)
    what = say(f"claim_kind.{claim.kind}")
    if claim.kind in PRICED:
        what += " " + say(f"price_at.{claim.field}")
    hedge = "" if claim.hedge is Hedge.EXACT else say(f"hedge.{claim.hedge}") + " "
    return say("own_claim.said", name=name(claim.ticker, say), what=what, day=day, figure=hedge + figure(claim, claim.stated, say))


def counted(checked: Iterable[Checked]) -> dict[Verdict, int]:
    """How many claims have each verdict."""
    found = [c.verdict for c in checked]
    return {verdict: found.count(verdict) for verdict in Verdict}


def headline(checked: Iterable[Checked], say: Words) -> str:
    """'31 of 43 claims hold; 9 do not; for 3 the data cannot tell'."""
    shown = list(checked)
    if not shown:
        return say("claims_page.none")
    if len(shown) == 1:
        said = shown[0].claim.said.in_(say.lang)
        return say("claims_page.evidence_title", said=said, verdict=say(f"claim_verdict.{shown[0].verdict}"))
    n = counted(shown)
    parts = [say("claims_page.hold", n=n[Verdict.SUPPORTED], of=len(shown))]
    if n[Verdict.CONTRADICTED]:
        parts.append(say("claims_page.fail", n=n[Verdict.CONTRADICTED]))
    if n[Verdict.CANNOT_TELL]:
        parts.append(say("claims_page.untold", n=n[Verdict.CANNOT_TELL]))
    return "; ".join(parts)


def told_alt(checked: Checked, say: Words) -> str:
    """The alternative text of a claim's evidence."""
    claim = checked.claim
    return say(
        "claims_page.alt_evidence", name=in_a_sentence(claim.ticker, say), day=claim.first,
        said=figure(claim, claim.stated, say), found=found_figure(checked, say), verdict=say(f"claim_verdict.{checked.verdict}"),
    )  # fmt: skip
