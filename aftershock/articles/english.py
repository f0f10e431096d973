"""English expressions of time. Where figures alone could be read two ways (03/04/2024), no day is taken."""

from __future__ import annotations

import re
from typing import Final

from aftershock.articles import resolvers as to
from aftershock.articles.grammar import Language, rule

_ONE_TO_TWELVE: Final[dict[str, str | int]] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_MONTHS: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

WORDS: Final[dict[str, dict[str, str | int]]] = {
    "n": {**_ONE_TO_TWELVE, "the": 1},
    "m": {**{spelt: n for n, name in enumerate(_MONTHS, 1) for spelt in (name, name[:3], name[:3] + ".")}, "sept": 9, "sept.": 9},
    "q": {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "final": 4},
    "weekday": {**{name: n for n, name in enumerate(_WEEKDAYS)}},
    "unit": {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year", "weekend": "weekend"},
    "part": {"early": "early", "beginning of": "early", "start of": "early", "mid": "mid", "middle of": "mid", "late": "late",
             "end of": "late", "first half of": "first-half", "second half of": "second-half", "earlier": "so-far", "later": "rest"},
    "which": {"this": "this", "this past": "last", "last": "last", "past": "last", "previous": "last", "next": "next", "coming": "next",
              "this coming": "next",
              "over the": "recent", "over the past": "recent", "at the": "recent", "the": "recent"},
    "which_week": {"this": "this", "last": "last", "next": "next"},
    "which_year": {"this": "this", "last": "last", "next": "next", "the same": "same", "that": "same"},
    "relative": {"today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "yesterday": -1, "last night": -1,
                 "tomorrow": 1},
    "sign": {"same": "same", "that": "same", "before": "before", "earlier": "before", "previous": "before", "prior": "before",
             "after": "after", "later": "after", "next": "after", "following": "after"},
    "holiday": {"christmas": "christmas", "christmas day": "christmas", "christmas eve": "christmas-eve", "new year's day": "new-year",
                "new year's eve": "new-years-eve", "thanksgiving": "thanksgiving", "thanksgiving day": "thanksgiving",
                "black friday": "black-friday", "labor day": "labor", "labour day": "labor", "memorial day": "memorial",
                "presidents' day": "presidents", "mlk day": "martin-luther-king", "mlk": "martin-luther-king",
                "martin luther king day": "martin-luther-king", "martin luther king jr. day": "martin-luther-king",
                "independence day": "independence", "halloween": "halloween"},
    "season": {"spring": "spring", "summer": "summer", "autumn": "autumn", "fall": "autumn", "winter": "winter"},
}  # fmt: skip

# -- the pieces of the patterns --------------------------------------------------------------------------------------

_D: Final = r"(?P<d>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d%])"
_MONTH: Final = (
    r"(?-i:(?P<m>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?))(?![a-z])"
)
_Y: Final = r"(?P<y>(?:19|20)\d\d)(?![\d%s]|[,.]\d)"
_N: Final = r"(?P<n>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_UNIT: Final = r"(?P<unit>day|week|month|quarter|year)s?"
_ANY_UNIT: Final = r"(?:minutes?|hours?|days?|nights?|sessions?|weeks?|months?|quarters?|years?|decades?)(?!\w)"
_SOME: Final = r"(?:several|a few|many|some|most|a couple of|recent|few)"
_WEEKDAY: Final = r"(?-i:(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday))(?![a-z])"
_SOFT: Final = r"(?-i:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_TIME: Final = r"(?:'s|’s)?(?: (?:morning|afternoon|evening|night))?"
_ON: Final = r"(?:(?:as of|on|by|from|since|until|dated|before|after|late on|early on) )?"
_DAY_LED: Final = rf"{_ON}(?:{_SOFT},? )?(?:the )?"
_OF_YEAR: Final = rf"(?:,? (?:of )?{_Y}|,? (?:of )?(?P<which_year>this|last|next|the same|that) year)"
_IN: Final = r"(?:(?:in|since|by|from|until|during|through|throughout|before|after|at|of) )?(?:the )?"
_PART: Final = r"(?:(?P<part>early|mid|middle of|late|beginning of|start of|end of)[ -])"
_QUARTER: Final = r"(?:(?P<q>first|second|third|fourth|1st|2nd|3rd|4th|final) quarter|q(?P<q>[1-4]))"
_HOLIDAY: Final = (
    r"(?P<holiday>Christmas(?: Day| Eve)?|New Year['’]s (?:Day|Eve)|Thanksgiving(?: Day)?|Black Friday|Labou?r Day|Memorial Day"
    r"|Presidents['’] Day|MLK Day|Martin Luther King (?:Jr\. )?Day|Independence Day|Halloween)"
)

RULES: Final = (
    # a day with its year
    rule("absolute", rf"{_ON}{_Y}-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?", to.date),
    rule("absolute", rf"{_DAY_LED}{_D}(?: of)? {_MONTH},? {_Y}", to.date),
    rule("absolute", rf"{_DAY_LED}{_MONTH} {_D},? {_Y}", to.date),
    rule("absolute", rf"{_ON}(?P<m>\d\d?)(?P<sep>[/.-])(?P<d>\d\d?)(?P=sep){_Y}", to.month_first),
    # a day without a year
    rule("no-year", rf"{_DAY_LED}{_D}(?: of)? {_MONTH}(?:,? (?P<which_year>this|last|next) year)?", to.date),
    rule("no-year", rf"{_DAY_LED}{_MONTH} {_D}(?:,? (?P<which_year>this|last|next) year)?", to.date),
    rule(
        "anaphoric",
        r"on the (?P<d>[12]?\d|3[01])(?:st|nd|rd|th)(?![ -]\w*(?:floor|century|anniversary|street))(?!\w)",
        to.of_the_month,
    ),
    # from a day to another
    rule(
        "range",
        rf"(?:from |between |on )?{_D} ?(?:to|and|-|–|until|through) ?(?P<d2>\d\d?)(?:st|nd|rd|th)? {_MONTH}(?:,? {_Y})?",
        to.span,
    ),
    rule(
        "range",
        rf"(?:from |between |on )?{_MONTH} {_D} ?(?:to|and|-|–|until|through) ?"
        rf"(?:(?-i:(?P<m2>[A-Z][a-z]{{2,8}}\.?)) )?(?P<d2>\d\d?)(?!\d)(?:st|nd|rd|th)?(?:,? {_Y})?",
        to.span,
    ),
    # months, quarters, years, seasons and their parts
    rule("month", rf"{_IN}(?:{_PART})?{_MONTH},?{_OF_YEAR}", to.month),
    rule(
        "month",
        r"(?:in|since|by|from|until|during|throughout|last|this|next|before|after|of) (?:the )?"
        rf"(?:{_PART})?{_MONTH}(?! ?\d)",
        to.month,
    ),
    rule("month", rf"{_IN}{_PART}{_MONTH}(?! ?\d)", to.month),
    rule("quarter", rf"{_IN}{_QUARTER}(?:{_OF_YEAR}| {_Y})", to.quarter),
    rule("quarter", rf"(?:in |of |for |during )?the {_QUARTER}(?![ -]fiscal| of (?:the )?fiscal)", to.quarter),
    rule("fiscal", rf"(?:(?:the|its|their) )?(?P<fy>fiscal) (?:year )?{_QUARTER}(?:,? (?:of )?{_Y})?", to.quarter),
    rule("fiscal", rf"{_IN}{_QUARTER}(?: of| in)?(?: the)? (?P<fy>fiscal(?: year)? |fy ?)(?:{_Y}|(?P<y>\d\d)(?!\d))", to.quarter),
    rule("fiscal", rf"{_IN}(?:fiscal(?: year)? |fy ?)(?:{_Y}|(?P<y>\d\d)(?!\d))", to.fiscal_year),
    rule(
        "year",
        rf"(?:in|since|from|until|by|of|during|throughout|before|after) (?:the )?(?:{_PART}|(?P<part>first half of"
        rf"|second half of) )?{_Y}",
        to.year,
    ),
    rule("year", rf"{_PART}{_Y}", to.year),
    rule(
        "season",
        r"(?:in|since|during|by|until|last|this|next) (?:the )?(?P<season>spring|summer|autumn|fall|winter)(?: of)?"
        rf"(?: {_Y}|,? (?P<which_year>last|this) year)?(?! (?:in|by|to|of|from|after)\b)",
        to.season,
    ),
    # relative to the publication
    rule("relative", r"(?P<relative>today|tonight|tomorrow|yesterday)(?: morning| afternoon| evening)?", to.relative_day),
    rule("relative", r"(?P<relative>this morning|this afternoon|this evening|last night)", to.relative_day),
    rule(
        "relative",
        r"(?:(?P<part>earlier|later|early|late|mid) )?(?P<which>this|last|next) (?P<unit>week|month|quarter|year)(?!end"
        r"|\w|-)",
        to.relative,
    ),
    rule("relative", r"(?:in the )?(?P<part>first half of|second half of) (?P<which>this|last|next) (?P<unit>year)", to.relative),
    rule(
        "relative",
        r"(?:by |at |before )?the (?P<part>end of|start of|beginning of|middle of) (?:the|this) (?P<unit>week|month"
        r"|quarter|year)(?!\w|-)",
        to.relative,
    ),
    rule("relative", r"(?P<which>over the past|over the|at the|this past|this|last|next) (?P<unit>weekend)", to.relative),
    rule("relative", rf"(?:(?:some|about|around|roughly|nearly|more than) )?{_N} {_UNIT} ago", to.ago),
    # days of the week
    rule(
        "weekday",
        r"(?:(?:after the bell|before the bell|after the close|before the open|late|early|earlier) )?(?:on |by |until "
        rf"|since )?(?:(?P<which>last|this past|this coming|this|next|past) )?{_WEEKDAY}{_TIME}(?:,? (?P<which_week>last|this"
        r"|next) week)?",
        to.weekday,
    ),
    rule("weekday", rf"{_WEEKDAY}(?: of)? (?P<which_week>last|this|next) week", to.weekday),
    # holidays
    rule(
        "holiday",
        rf"(?:(?P<n>the|an?|one|two|three|four|five|\d{{1,2}}) (?P<unit>day|week)s? (?P<sign>after|before) |on "
        rf"|since )?{_HOLIDAY}(?:,? {_Y}|,? (?P<which_year>this|last) year)?",
        to.holiday,
    ),
    rule(
        "holiday",
        r"(?:on |over |during )?(?:the )?(?P<holiday>MLK|Memorial Day|Labou?r Day|Presidents['’] Day) (?P<weekend>weekend)",
        to.holiday,
    ),
    # counting from the day named before
    rule("anaphoric", r"(?:on |later )?(?:the|that) (?P<sign>same) day|(?:on |later )?(?P<sign>that) day", to.following),
    rule("anaphoric", r"(?:on )?the (?P<sign>next|following|previous|prior) (?:day|session|morning|trading day)", to.following),
    rule("anaphoric", r"the day (?P<sign>after|before)(?=[,.;]|$| \()", to.following),
    rule(
        "anaphoric",
        rf"(?:just |only )?{_N} (?P<unit>day|week|month|year)s? (?P<sign>later|earlier|before(?=[,.;]|$)|after(?=[,.;]|$))",
        to.following,
    ),
    rule(
        "event",
        rf"{_N} {_UNIT} (?P<sign>after|before) (?P<event>(?:[^,.;:!?()]|[.,](?=\d)){{2,60}})",
        to.after_event, before=r"(?<![\w/.,-])",
    ),
    # no day should be taken from these
    rule(
        "vague",
        r"(?:in|over|for|during) (?:the )?(?:past |last |coming |next )?(?:several |few |couple of |recent "
        rf"|many )+{_ANY_UNIT}|(?:in|over) the coming {_ANY_UNIT}",
        to.refused("vague"),
    ),
    rule(
        "vague",
        r"(?<!as )recently|lately|sometime(?: soon)?|until now|so far|these days|long ago|in the long run|in due course"
        rf"|{_SOME} {_ANY_UNIT} ago|{_N} hours? ago",
        to.refused("vague"),
    ),
    rule(
        "duration",
        r"(?:(?:for|in|within|over|during|lasted|lasting) )?(?:the )?(?:(?:past|last|next|coming|nearly|about|at least"
        rf"|up to|more than|almost) )*(?:{_N}|{_SOME}|\d+)(?:[ -](?:straight|consecutive|full|whole"
        rf"|trading))? {_ANY_UNIT}(?!\w| ago| later| earlier| before[,.;]| after[,.;])",
        to.refused("duration"),
    ),
    rule(
        "duration",
        rf"(?:over|for|during|in|within) the (?:past|last|next|coming) {_ANY_UNIT}|for {_ANY_UNIT}|half an? {_ANY_UNIT}",
        to.refused("duration"),
    ),
    rule(
        "recurring",
        rf"(?:every|each) (?:other )?(?:{_ANY_UNIT}|{_SOFT})|(?:on )?{_SOFT}s(?!\w)|from time to time",
        to.refused("recurring"),
    ),
)  # fmt: skip

ENGLISH: Final = Language(
    "en",
    WORDS,
    RULES,
    future=re.compile(
        r"\b(?:will|shall|(?-i:may)|might|could|is due|are due|due|scheduled|expected to|plans? to|takes? office"
        r"|is away|are away|reports? (?:its |their )?(?:results|earnings)|set to)\b",
        re.IGNORECASE,
    ),
    past=re.compile(r"\b(?:said|says|told|announced|was|were|had|\w{3,}ed)\b", re.IGNORECASE),
)
