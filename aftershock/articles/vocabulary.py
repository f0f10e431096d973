"""Names and words of both languages: which company a text speaks of, what kind of news it is, which catalogue event it means."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from aftershock.articles.periods import Period
from aftershock.events import Category, Event, folded

# Names as they are written, compared with accents off and in small letters, whole words only. Chips and people stand for their company.
COMPANIES: Final = {
    "NVDA": ("nvidia", "jensen huang", "a100", "h100", "h20", "h200", "a800", "h800", "blackwell", "rtx"),
    "AMD": ("amd", "advanced micro devices", "lisa su"),
    "AVGO": ("broadcom",), "TSM": ("tsmc",), "INTC": ("intel",), "MU": ("micron",), "QCOM": ("qualcomm",), "ARM": ("arm",),
    "ASML": ("asml",), "AMAT": ("applied materials",), "LRCX": ("lam research",), "SMCI": ("super micro", "supermicro"), "AMKR": ("amkor",),
    "MSFT": ("microsoft", "azure"), "GOOGL": ("google", "alphabet"), "META": ("meta",), "AMZN": ("amazon", "aws", "bedrock"),
    "AAPL": ("apple",), "ORCL": ("oracle",), "TSLA": ("tesla",), "CRM": ("salesforce",), "NOW": ("servicenow",), "BABA": ("alibaba",),
    "VST": ("vistra",), "CEG": ("constellation energy",), "MP": ("mp materials",),
    "0981.HK": ("smic",), "005930.KS": ("samsung",), "9984.T": ("softbank",),
    "^IXIC": ("nasdaq", "nasdaq composite"), "^GSPC": ("s&p 500",),
    "SOXX": ("chip stocks", "chip shares", "chip index", "semiconductor index", "co phieu chip", "co phieu ban dan", "chi so chip"),
}  # fmt: skip

# Words that tell the kind of news, strongest kinds first: where two kinds have as many words, the earlier one is proposed.
KINDS: Final = {
    Category.EARNINGS: r"earnings|quarterly results|reported results|reports? results|results|ket qua kinh doanh|bao cao quy|ket qua quy"
                       r"|fiscal|tai khoa|bao cao ket qua",
    Category.EXPORT_CONTROL: r"export\w*|licen[cs]e\w*|curbs?|chip controls|entity list|controls|quotas|ai diffusion"
                             r"|h20 (?:sales|curb)|restrict\w*"
                             r"|xuat khau|giay phep|cap phep|siet|kiem soat|danh sach den|danh sach han che|cam ban|han ngach|hop quy",
    Category.TRADE_POLICY: r"tariffs?|trade (?:war|truce|deal)|levy|gallium|germanium|rare[- ]earth|thue quan|thue|gali|germani|dat hiem",
    Category.SECURITY_AND_REGULATION: r"ban(?:ned|s)?|block(?:ed|s)?|probe\w*|investigat\w*|antitrust|regulator\w*|privacy|summon\w*|memo"
                                      r"|cam|chan|dieu tra|chong doc quyen|co quan quan ly|trieu tap|an ninh",
    Category.MODEL_RELEASE: r"releas\w*|launch\w*|unveil\w* (?:a )?model|reasoning model|a model called|model|updated? r1|open[- ]source"
                            r"|ra mat|phat hanh|mo hinh|ban cap nhat|ma nguon mo|cong bo v\d",
    Category.INVESTMENT: r"invest\w*|stake|stargate|\$\d+bn plan|manufactur\w*|dau tu|rot von|du an|san xuat toi",
    Category.ADOPTION: r"adds?|added|offer\w*|bedrock|app store|downloaded|most downloaded|overtook|passed chatgpt|dua .{0,20} len|cung cap"
                       r"|ung dung|tich hop",
    Category.STATEMENT: r"said|says|called|praised|wrote|told|op-ed|interview|noi|goi|khen|viet|phat bieu|cho rang|canh tinh",
    Category.MARKET_REACTION: r"shares|stock|fell|rose|lost|market value|sell-?off|rout|rally|futures|closed|co phieu|giam|tang|von hoa"
                              r"|boc hoi|ban thao|lao doc|dong cua|chi so",
}  # fmt: skip
_KINDS: Final = {kind: re.compile(rf"\b(?:{words})\b") for kind, words in KINDS.items()}
_NAMES: Final = {
    ticker: re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)") for ticker, names in COMPANIES.items()
}  # fmt: skip


def plain_letters(text: str) -> str:
    """Small letters without accents, đ as d: the form in which words are compared."""
    return folded(text).replace("đ", "d")


def tickers_in(text: str) -> tuple[str, ...]:
    """The tickers of the companies that a text names, in the order of the table."""
    compared = plain_letters(text)
    return tuple(ticker for ticker, names in _NAMES.items() if names.search(compared))


def category_of(text: str) -> Category | None:
    """The kind of news that a text speaks of by its words; None when it holds none of them."""
    compared = plain_letters(text)
    counts = {kind: len(set(pattern.findall(compared))) for kind, pattern in _KINDS.items()}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else None


def named_event(words: str, catalogue: Sequence[Event], today: dt.date) -> Event | None:
    """The first event of the catalogue up to `today` that 'R1 was launched' names: its kind of news, and every name in its title."""
    names = {plain_letters(w) for w in re.findall(r"\w+", words) if any(c.isdigit() or c.isupper() for c in w)}
    kind = category_of(words)
    if not names or kind is None:
        return None
    fitting = (e for e in catalogue if e.category is kind and e.date <= today and names <= _words(e.title.en + " " + e.title.vi))
    return min(fitting, key=lambda e: e.date, default=None)


# -- which catalogue event is meant ----------------------------------------------------------------------------------

# The share of an event's telling words that must be in the text: more for a longer period, of which more events are.
ENOUGH: Final = {"day": 0.22, "week": 0.22, "month": 0.26}


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w&]+", plain_letters(text)))


@lru_cache(maxsize=4)
def _weights(catalogue: tuple[Event, ...], lang: str) -> dict[str, float]:
    """How telling a word is: the logarithm of how few events have it."""
    counts = Counter(w for e in catalogue for w in _words(e.title.in_(lang) + " " + e.summary.in_(lang)))
    return {word: math.log(len(catalogue) / n) for word, n in counts.items()}


def known_event(period: Period, text: str, around: str, catalogue: Iterable[Event], lang: str) -> Event | None:
    """The catalogue's event of that period that a text speaks of, or None. `around` is the text before it, which counts for less: it often
    holds the name for which the text says 'it'."""
    events = tuple(catalogue)
    weights = _weights(events, lang)
    here, near = _words(text), _words(around)
    candidates = [e for e in events if e.date in period]
    alone = period.first == period.last and len(candidates) == 1
    tickers = set(tickers_in(text))
    kind = category_of(text)

    def score(event: Event) -> float:
        title = _words(event.title.in_(lang))
        body = _words(event.summary.in_(lang)) - title
        total = sum(weights.get(w, 0) for w in title)
        shared = sum(weights.get(w, 0) * (1 if w in here else 0.4 if w in near else 0) for w in title)
        shared += 0.4 * sum(weights.get(w, 0) for w in body & here)
        bonus = 0.06 * (kind is event.category) + 0.04 * bool(tickers & set(event.tickers)) + 0.06 * alone
        return (shared / total if total else 0) + bonus

    best = max(candidates, key=score, default=None)
    return best if best is not None and score(best) >= ENOUGH.get(period.precision, 1) else None
