"""From what an article says to drafts of events: title, category, tickers, the session that could react, and whether we have it already.

Nothing is saved here, and a period longer than a day gets no day: the reader chooses one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from aftershock import forms, own
from aftershock.articles.english import ENGLISH
from aftershock.articles.grammar import Found, Sentence, Skipped, Statement, statements
from aftershock.articles.periods import Period
from aftershock.articles.reading import Article
from aftershock.articles.vietnamese import VIETNAMESE
from aftershock.articles.vocabulary import category_of, known_event, plain_letters, tickers_in
from aftershock.errors import RequestError
from aftershock.events import Category, Event, Text, Timing
from aftershock.sessions import Calendar, Reaction, reaction_session

LANGUAGES: Final = {"en": ENGLISH, "vi": VIETNAMESE}
TITLE: Final = 80  # letters of a proposed title
_AFTER_CLOSE: Final = re.compile(r"after (?:the )?(?:close|bell|hours)|after-hours|sau gio dong cua|sau phien")
_BEFORE_OPEN: Final = re.compile(r"before (?:the )?(?:open|bell)|pre-?market|truoc gio mo cua|truoc phien")


@dataclass(frozen=True)
class Draft:
    """A proposed event. `day` is New York's, None while the words say no more than a week, a month ...; then there is no `reaction`
    either. `known` is the id of the catalogue's event that the sentence seems to speak of."""

    found: Found
    sentence: str
    title: str
    category: Category
    tickers: tuple[str, ...]
    day: dt.date | None
    timing: Timing
    reaction: Reaction | None
    known: str | None


@dataclass(frozen=True)
class Ingested:
    """All that was made of an article."""

    article: Article
    drafts: tuple[Draft, ...]
    skipped: tuple[Skipped, ...]


def ingest(article: Article, catalogue: Sequence[Event], calendar: Calendar) -> Ingested:
    """The drafts of an article in the order of its text, and what was skipped."""
    found = statements(article.sentences, LANGUAGES[article.language], article.day, catalogue)
    sentences = {s.number: s for s in article.sentences}
    drafts = [_draft(f, found, sentences, catalogue, calendar, article) for f in found if isinstance(f, Found)]
    return Ingested(article, tuple(drafts), tuple(s for s in found if isinstance(s, Skipped)))


def event_id(article: Article, found: Found) -> str:
    """The id of a draft's event: the same statement of the same article has the same, so that saving it twice saves it once."""
    name = "\n".join((article.title, str(article.published), str(found.start), found.expression))
    return own.PREFIX + hashlib.sha256(name.encode()).hexdigest()[:12]


def fields(draft: Draft, article: Article, url: str | None, lang: str) -> forms.Draft:
    """What a form holds for a draft: New York's day if there is one, the sentence as its summary, the article as its source."""
    who = (article.publisher or article.title or "-").replace("|", " ")[: own.LONGEST["publisher"]]
    source = " | ".join(filter(None, (who, article.day.isoformat() if article.day else None, url)))
    held = forms.Draft(
        date=draft.day, timing=draft.timing.value, category=draft.category.value, tickers=" ".join(draft.tickers), sources=source
    )
    summary = draft.sentence[: own.LONGEST["summary"]]
    return (
        replace(held, title_vi=draft.title, summary_vi=summary) if lang == "vi" else replace(held, title_en=draft.title, summary_en=summary)
    )


def _draft(
    found: Found, all_found: Sequence[Statement], sentences: dict[int, Sentence], catalogue: Sequence[Event], calendar: Calendar,
    article: Article,
) -> Draft:  # fmt: skip
    sentence = sentences[found.sentence]
    part = _part(found, all_found, sentence)
    single = found.period.first == found.period.last
    day = (found.eastern or found.period.first) if single else None
    timing = _timing(f"{found.expression} {part}", day, calendar)
    known = known_event(Period.day(day) if day else found.period, part, _around(found, sentences), catalogue, article.language)
    category = category_of(part) or category_of(sentence.text) or Category.STATEMENT
    tickers = tickers_in(part) or tickers_in(sentence.text)
    return Draft(
        found=found, sentence=sentence.text, title=title(sentence.text, found, sentence.start),
        category=known.category if known else category, tickers=known.tickers if known else tickers, day=day, timing=timing,
        reaction=_reaction(day, timing, calendar), known=known.id if known else None,
    )  # fmt: skip


def _part(found: Found, all_found: Sequence[Statement], sentence: Sentence) -> str:
    """The words that belong to a statement: from the end of the one before it to the beginning of the next, in its sentence."""
    ends = [s.end for s in all_found if s.sentence == found.sentence and s.end <= found.start and isinstance(s, Found)]
    starts = [s.start for s in all_found if s.sentence == found.sentence and s.start >= found.end and isinstance(s, Found)]
    first, last = max(ends, default=sentence.start), min(starts, default=sentence.start + len(sentence.text))
    before = sentence.text[first - sentence.start : found.start - sentence.start]
    if ends:  # what stands before a later date mostly belongs to the earlier one, when a comma or 'and' parts them
        before = re.split(r"[,;]| and | và ", before)[-1]
    return before + " " + sentence.text[found.end - sentence.start : last - sentence.start]


def _around(found: Found, sentences: dict[int, Sentence]) -> str:
    """The sentence itself and the one before it."""
    return " ".join(sentences[n].text for n in (found.sentence - 1, found.sentence) if n in sentences)


def _timing(part: str, day: dt.date | None, calendar: Calendar) -> Timing:
    """Where in the trading day it came, when the words say so and the day was one."""
    if day is not None and not calendar.is_session(day):
        return Timing.UNKNOWN
    words = plain_letters(part)
    return Timing.AFTER_CLOSE if _AFTER_CLOSE.search(words) else Timing.BEFORE_OPEN if _BEFORE_OPEN.search(words) else Timing.UNKNOWN


def _reaction(day: dt.date | None, timing: Timing, calendar: Calendar) -> Reaction | None:
    """The session that could first react to news of that day; None without a day, or outside the calendar."""
    if day is None:
        return None
    try:
        return reaction_session(own.make("own-draft", day, Text("-", "-"), timing=timing, calendar=calendar), calendar)
    except RequestError:
        return None


# -- titles ----------------------------------------------------------------------------------------------------------

_OPENERS: Final = re.compile(r"^(?:[\s,;:.–—-]|(?:and|but|while|when|then|also|that|nhưng|còn|và|thì|cũng|khi)\b)+", re.IGNORECASE)
_CLOSERS: Final = re.compile(r"(?:[\s,;:.–—-]|\b(?:vào|từ|đến|hôm|ngày|hồi|on|in|at|by|of|from|until|and|và))+$", re.IGNORECASE)


def title(sentence: str, found: Found, start: int) -> str:
    """A title out of a sentence: its clause, without the expression where the rest reads well without it, cut at a word."""
    first, last = found.start - start, found.end - start
    left = sentence.rfind(";", 0, first) + 1
    right = sentence.find(";", last) if ";" in sentence[last:] else len(sentence)
    before, after = sentence[left:first], sentence[last:right]
    if _stands_alone(found, before, after):
        text = before.rstrip(" ,(") + ("" if not after or (after[0] in ",.;)" and before.strip()) else " ") + after.lstrip(" )")
    else:
        text = sentence[left:right]
    text = _CLOSERS.sub("", _OPENERS.sub("", " ".join(text.split())))
    text = text[:1].upper() + text[1:] if text else found.expression
    return shortened(text)


def _stands_alone(found: Found, before: str, after: str) -> bool:
    """True where a sentence reads well without the expression: it opens it, or it is an adverbial ('on 20 January', 'hôm 20/1')."""
    adverbial = re.match(
        r"(?:on|in|at|by|late|early|over|the same day|that day|today|yesterday|tomorrow|last|this|earlier|later|next"
        r"|ngày|hôm|phiên|sáng|trưa|chiều|tối|đêm|rạng sáng|cùng ngày|hồi|vào|trong|đầu|giữa|cuối|tuần|tháng)\b",
        found.expression, re.IGNORECASE,
    )  # fmt: skip
    tied = re.search(r"(?:\b(?:of|from|since|until|dated|to|than|kể từ|từ|đến|của|tới|là|tức)|[-–/])\s*$", before, re.IGNORECASE)
    if not before.strip() and re.match(r"['’]| (?!(?:the|an?|its?|his|their|he|she|they|both|some|few|hardly|one)\b)[a-z]", after):
        return bool(re.match(r"on|in|at|by|late on|over|earlier|later", found.expression, re.IGNORECASE))  # else it is the subject
    return not before.strip() or (bool(adverbial) and not tied and not after.startswith(("'", "’", "-", "–")))


def shortened(text: str) -> str:
    """Text of at most TITLE letters, cut after a word."""
    if len(text) <= TITLE:
        return text
    return text[: TITLE - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
