"""Vietnamese expressions of time. Day first; a bare 1/10 is a fraction until a word beside it says that it is a day."""

from __future__ import annotations

import re
from typing import Final

from aftershock.articles import resolvers as to
from aftershock.articles.grammar import Language, rule

_ONE_TO_TWELVE: Final[dict[str, str | int]] = {
    "một": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "mười": 10, "mười một": 11,
    "mười hai": 12,
}  # fmt: skip

WORDS: Final[dict[str, dict[str, str | int]]] = {
    "n": _ONE_TO_TWELVE,
    "m": _ONE_TO_TWELVE,
    "d": {"rằm": 15},
    "q": {**_ONE_TO_TWELVE, "i": 1, "ii": 2, "iii": 3, "iv": 4, "đầu": 1, "đầu tiên": 1, "cuối": 4, "cuối cùng": 4},
    "weekday": {"hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5, "2": 0, "3": 1, "4": 2, "5": 3, "6": 4, "7": 5, "chủ nhật": 6,
                "đầu tuần": 0, "cuối tuần": 4},
    "unit": {"ngày": "day", "phiên": "day", "tuần": "week", "tháng": "month", "quý": "quarter", "năm": "year"},
    "part": {"đầu": "early", "giữa": "mid", "cuối": "late", "nửa đầu": "first-half", "nửa cuối": "second-half", "nửa sau": "second-half"},
    "which": {"này": "this", "nay": "this", "trước": "last", "rồi": "last", "ngoái": "last", "tới": "next", "sau": "next", "qua": "recent",
              "vừa qua": "recent", "vừa rồi": "recent"},
    "which_week": {"này": "this", "trước": "last", "qua": "last", "rồi": "last", "tới": "next", "sau": "next"},
    "which_year": {"nay": "this", "ngoái": "last", "trước": "last", "sau": "next", "tới": "next", "cùng năm": "same", "năm đó": "same"},
    "relative": {"nay": 0, "hôm nay": 0, "qua": -1, "hôm qua": -1, "kia": -2, "hôm kia": -2, "mai": 1, "ngày mai": 1, "ngày kia": 2},
    "part_of_day": {"rạng sáng": "dawn", "sáng": "morning", "sáng sớm": "morning"},
    "clock": {"việt nam": "vietnam", "hà nội": "vietnam"},
    "sign": {"cùng ngày": "same", "đó": "same", "sau": "after", "trước": "before", "trước đó": "before", "trước đấy": "before",
             "sau khi": "after", "sau vụ": "after", "trước khi": "before", "trước vụ": "before"},
    "holiday": {"giáng sinh": "christmas", "noel": "christmas", "tết dương lịch": "new-year", "giao thừa": "tet-eve",
                "tạ ơn": "thanksgiving", "martin luther king": "martin-luther-king"},
    "season": {"xuân": "spring", "hè": "summer", "hạ": "summer", "thu": "autumn", "đông": "winter"},
    "lunar": {"tết": "tet", "tháng giêng": "first", "tháng chạp": "twelfth"},
}  # fmt: skip

# -- the pieces of the patterns --------------------------------------------------------------------------------------

_D: Final = r"(?P<d>0?[1-9]|[12]\d|3[01])"
_M: Final = r"(?P<m>1[0-2]|0?[1-9])"
_MONTH: Final = r"(?P<m>1[0-2]|0?[1-9]|mười hai|mười một|mười|một|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín)(?!\w)"
_Y: Final = r"(?P<y>(?:19|20)\d\d)(?!\d)"
_END: Final = r"(?!\w|/|[.,-]\d|\s?%)"
_N: Final = r"(?P<n>\d{1,3}|mười|một|hai|ba|bốn|năm|sáu|bảy|tám|chín)"
_UNIT: Final = r"(?P<unit>ngày|tuần|tháng|quý|năm)"
_ANY_UNIT: Final = r"(?:ngày|tuần|tháng|quý|năm|giờ|phút|phiên|thập kỷ)"
_WEEKDAY: Final = r"(?:thứ (?P<weekday>hai|ba|tư|năm|sáu|bảy|[2-7])|(?P<weekday>chủ nhật))(?!\w)(?! (?:liên tiếp|liền|kể từ))"
_NAMED_WEEKDAY: Final = r"(?:(?-i:[Tt]hứ (?P<weekday>Hai|Ba|Tư|Năm|Sáu|Bảy))|(?P<weekday>chủ nhật))(?!\w)"
_SOFT: Final = r"(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật)"
_DAYPART: Final = r"(?P<part_of_day>rạng sáng|sáng sớm|sáng|trưa|chiều|tối|đêm|khuya)"
_CUE: Final = rf"(?:(?:trong )?(?:cùng )?ngày|hôm|(?:trong )?phiên(?: giao dịch)?(?: ngày)?|{_DAYPART}(?: ngày| hôm)?)"
_OPTIONAL: Final = rf"(?:{_CUE},?\s+)?(?:{_SOFT},?\s*\(?\s*)?(?:ngày |hôm )?"
_LED: Final = (
    rf"(?:{_CUE},?\s+(?:{_SOFT},?\s*\(?\s*)?(?:ngày |hôm )?|{_SOFT},?\s*\(?\s*(?:ngày |hôm )?|(?:vào|kể từ|tính đến) )(?:mùng |mồng )?"
)
_CLOCK: Final = r"(?:,? \(?(?:theo )?giờ (?P<clock>Việt Nam|Hà Nội|Mỹ|New York|miền Đông|địa phương)(?: \(Mỹ\))?\)?)?"
_PART: Final = r"(?:(?P<part>nửa đầu|nửa cuối|nửa sau|đầu|giữa|cuối) )?"
_OF_YEAR: Final = rf"(?:\s?[/.-]\s?{_Y}|,? năm {_Y}|,? năm (?P<which_year>nay|ngoái|trước|sau|tới)(?!\w)| (?P<which_year>cùng năm|năm đó))"
_WHICH: Final = r"(?P<which>này|nay|trước|rồi|ngoái|tới|sau|vừa qua|vừa rồi|qua)(?!\w)(?! đó| đấy| khi)"
_HOLIDAY: Final = (
    r"(?:(?:ngày |đêm )?lễ |ngày |đêm |dịp )?(?P<holiday>giáng sinh|noel|tạ ơn|martin luther king|tết dương lịch|giao thừa)(?!\w)"
)
_LUNAR: Final = r"(?P<lunar>tết|tháng giêng|tháng chạp)(?!\w)(?: (?:[A-ZĐẤẬ]\w+ )?(?:Tý|Sửu|Dần|Mão|Thìn|Tỵ|Ngọ|Mùi|Thân|Dậu|Tuất|Hợi))?"
_MANY: Final = r"(?:những|các|vài|mấy|ít|nhiều|hàng chục)"

RULES: Final = (
    # a day with its year
    rule("absolute", rf"{_OPTIONAL}{_Y}-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?", to.date),
    rule("absolute", rf"{_OPTIONAL}{_D}(?P<sep>[/.-]){_M}(?P=sep){_Y}{_CLOCK}", to.date),
    rule("absolute", rf"{_OPTIONAL}{_D} tháng {_MONTH}(?:\s?[/.-]\s?|,? năm |, ){_Y}", to.date),
    # a day without a year: a word before it must say that it is one
    rule("no-year", rf"{_LED}{_D}[/.-]{_M}{_END}(?: (?P<which>tới|vừa qua|vừa rồi)(?!\w))?{_CLOCK}", to.date),
    rule(
        "no-year",
        rf"{_LED}{_D} tháng {_MONTH}{_END}(?:,? năm (?P<which_year>nay|ngoái|trước|sau|tới)| (?P<which>tới|vừa qua"
        r"|vừa rồi)(?!\w))?",
        to.date,
    ),
    rule("no-year", rf"{_D}/{_M}{_END}(?=\))", to.date, before=r"(?<=\()"),
    rule("no-year", rf"{_D}/{_M}{_END}", to.date, before=r"(?:(?<=\d và )|(?<=\d rồi ))"),
    rule("no-year", rf"^{_D}[/.]{_M}{_END}(?=[:,])", to.date),
    rule("no-year", rf"(?:hôm|ngày) {_D} tháng {_WHICH}", to.of_named_month),
    # from a day to another
    rule(
        "range",
        rf"(?:từ )?(?:ngày |hôm )?{_D}/{_M}/(?P<y1>20\d\d) ?(?:đến|tới|-|–) ?(?:hết )?(?:ngày )?(?P<d2>\d\d?)/(?P<m2>1[0-2]|0?[1-9])/{_Y}",
        to.span,
    ),
    rule(
        "range",
        rf"(?:từ )?(?:ngày |hôm )?{_D}(?:/{_M})? ?(?:đến|tới|-|–) ?(?:hết )?(?:ngày |hôm )?(?P<d2>\d\d?)/(?P<m2>1[0-2]"
        rf"|0?[1-9])(?:/{_Y})?{_END}",
        to.span,
    ),
    # months, quarters, years, seasons and their parts
    rule("month", rf"(?:hồi |trong |từ |vào )?{_PART}tháng {_MONTH}{_OF_YEAR}", to.month),
    rule("month", rf"(?:hồi |trong |từ |vào )?{_PART}tháng {_MONTH}{_END}(?: (?P<which>vừa qua|vừa rồi|tới|này)(?!\w))?", to.month),
    rule(
        "quarter",
        rf"{_PART}quý (?P<q>iv|i{{1,3}}|[1-4]|một|hai|ba|tư|bốn|đầu(?: tiên)?|cuối(?: cùng)?)(?!\w)(?:{_OF_YEAR})?",
        to.quarter,
    ),
    rule(
        "fiscal",
        rf"quý (?P<q>iv|i{{1,3}}|[1-4]|một|hai|ba|tư|bốn)(?: của)?,? (?P<fy>(?:năm )?tài (?:khóa|khoá|chính)) {_Y}",
        to.quarter,
    ),
    rule("fiscal", rf"(?:năm )?tài (?:khóa|khoá|chính) {_Y}", to.fiscal_year),
    rule("year", rf"(?:từ |trong |vào |hồi |kể từ )?(?:khoảng )?{_PART}năm {_Y}", to.year),
    rule("season", rf"mùa (?P<season>xuân|hè|hạ|thu|đông)(?!\w)(?:{_OF_YEAR}| {_Y})?", to.season),
    # relative to the publication
    rule("relative", r"(?:ngày )?(?P<relative>hôm nay|hôm qua|hôm kia)(?!\w)", to.relative_day),
    rule("relative", r"(?P<relative>ngày mai|ngày kia)(?!\w)", to.relative_day),
    rule("relative", rf"{_DAYPART}(?: hôm)? (?P<relative>nay|qua|kia|mai)(?!\w){_CLOCK}", to.relative_day),
    rule("relative", rf"(?:trong )?{_PART}(?P<unit>tuần) {_WHICH}", to.relative),
    rule("relative", rf"(?:trong )?{_PART}(?P<unit>tháng|quý|năm) {_WHICH}", to.relative),
    rule("relative", r"(?P<part>cuối|giữa|đầu) (?P<unit>tuần)(?!\w)", to.week_part),
    rule("relative", r"(?:khoảng )?(?P<part>nửa đầu|nửa cuối|đầu|giữa|cuối) năm(?! \d)(?!\w)", to.year),
    rule("relative", rf"(?:cách đây ){_N} {_UNIT}(?!\w)", to.ago),
    rule(
        "relative",
        rf"(?:cách đây |khoảng )?{_N} {_UNIT} trước(?! (?:đó|đấy|khi|vụ|lễ|giáng|noel|tết|giờ|ngày))(?: đây)?(?!\w)",
        to.ago,
    ),
    # days of the week: 'thứ hai' in small letters is also 'second'
    rule(
        "weekday",
        rf"(?:{_CUE} ){_WEEKDAY}(?:,? tuần (?P<which_week>này|trước|qua|rồi|tới|sau)(?!\w)| (?P<which>tới|vừa qua|vừa rồi"
        r"|này)(?!\w))?",
        to.weekday,
    ),
    rule(
        "weekday",
        rf"{_NAMED_WEEKDAY}(?:,? tuần (?P<which_week>này|trước|qua|rồi|tới|sau)(?!\w)| (?P<which>tới|vừa qua|vừa rồi"
        r"|này)(?!\w))?",
        to.weekday,
    ),
    rule(
        "weekday",
        r"(?:trong )?phiên (?:giao dịch )?(?P<weekday>đầu tuần|cuối tuần)(?: (?P<which_week>này|trước|tới|sau))?(?!\w)",
        to.weekday,
    ),
    rule("weekday", rf"{_WEEKDAY},? tuần (?P<which_week>này|trước|qua|rồi|tới|sau)(?!\w)", to.weekday),
    # holidays and the lunar calendar
    rule(
        "holiday",
        rf"(?:{_N} (?P<unit>ngày|tuần) (?P<sign>sau|trước) )?{_HOLIDAY}(?:,? năm (?:{_Y}|(?P<which_year>nay|ngoái"
        r"|trước)(?!\w)))?",
        to.holiday,
    ),
    rule("lunar", rf"(?:{_DAYPART} )?(?:ngày )?(?:mùng|mồng) {_D} {_LUNAR}(?: năm (?P<which_year>nay)(?!\w))?", to.lunar),
    rule("lunar", rf"(?:{_DAYPART} )?(?:ngày )?(?P<d>2[3-9]|30|[12]\d) {_LUNAR}(?: năm (?P<which_year>nay)(?!\w))?", to.lunar),
    rule("lunar", r"(?P<d>rằm) (?P<lunar>tháng giêng|tháng chạp)(?: năm (?P<which_year>nay)(?!\w))?", to.lunar),
    rule("lunar", r"(?:mùng|mồng|rằm|ngày) ?\d{0,2} tháng \w+ (?:âm lịch|ta)|rằm tháng (?:bảy|tám|tư|mười)", to.refused("lunar")),
    rule("lunar", r"(?:ngày )?(?:vía )?thần tài(?: \((?:mùng|mồng) 10 tháng giêng\))?", to.god_of_wealth),
    # counting from the day named before
    rule(
        "anaphoric",
        r"(?P<sign>cùng ngày)(?! \d)|(?:ngay )?trong ngày(?= hôm đó)|(?:ngày )?hôm (?P<sign>đó)|ngày (?P<sign>đó)(?!\w)",
        to.following,
    ),
    rule(
        "anaphoric",
        r"(?:ngày |phiên )?hôm (?P<sign>sau|trước)(?! đó)(?!\w)|(?:ngày|phiên) (?P<sign>sau|trước)(?: đó| đấy)(?!\w)|"
        r"(?:ngày|phiên) (?:kế tiếp|tiếp theo|liền sau)",
        to.following,
    ),
    rule("anaphoric", rf"(?:chỉ |đúng )?{_N} (?P<unit>ngày|tuần|tháng|năm|phiên) (?P<sign>sau|trước) (?:đó|đấy)(?!\w)", to.following),
    rule(
        "anaphoric",
        rf"(?:chỉ |đúng )?{_N} (?P<unit>ngày|tuần|tháng|năm|phiên) (?P<sign>sau)(?! (?:khi|vụ|lễ|giáng|noel|tết))(?!\w)",
        to.following,
    ),
    rule("anaphoric", rf"(?P<sign>trước đó|trước đấy|sau đó),? (?:đúng )?{_N} (?P<unit>ngày|tuần|tháng|năm)(?!\w)", to.following),
    rule(
        "event",
        rf"{_N} {_UNIT} (?P<sign>sau khi|sau vụ|trước khi|trước vụ) (?P<event>(?:[^,.;:!?()]|[.,](?=\d)){{2,60}})",
        to.after_event,
    ),
    # no day should be taken from these
    rule("vague", rf"(?:trong )?{_MANY} {_ANY_UNIT} (?:gần đây|vừa qua|qua|tới|trước|sau|nay)(?!\w)", to.refused("vague")),
    rule(
        "vague",
        r"(?:trong )?thời gian (?:qua|tới|gần đây)|(?:từ )?lâu nay|từ lâu|gần đây|mới đây|dạo này|trước đây|sắp tới"
        r"|từ đó (?:tới|đến) nay",
        to.refused("vague"),
    ),
    rule("vague", r"(?:trước|sau|dịp|qua|gần|nghỉ) tết(?: nguyên đán)?(?! dương)(?!\w)", to.refused("vague")),
    rule(
        "duration",
        rf"(?:trong (?:vòng )?|suốt |kéo dài |liên tiếp |hơn |gần )?(?:{_MANY}|{_N}|\d+) {_ANY_UNIT}(?: (?:qua|liền"
        r"|liên tiếp|nữa|tới))?(?!\w)(?! (?:trước|sau|tháng|20\d\d|tài))",
        to.duration,
    ),
    rule("duration", r"(?:kể )?từ đầu (?:năm|tháng|tuần|quý)(?: \d+| này| nay)? (?:đến|tới) nay", to.refused("duration")),
    rule("vague", rf"(?:so với )?cùng kỳ(?: năm (?:ngoái|trước|{_Y}))?", to.refused("vague")),
    rule("duration", rf"(?:năm|giai đoạn) {_Y} ?[-–] ?20\d\d", to.refused("duration")),
    rule("recurring", rf"(?:mỗi|hằng|hàng) (?:{_ANY_UNIT}|{_SOFT})(?!\w)|{_SOFT} (?:hằng|hàng) tuần", to.refused("recurring")),
)  # fmt: skip

VIETNAMESE: Final = Language(
    "vi",
    WORDS,
    RULES,
    future=re.compile(r"\b(?:sẽ|sắp|dự kiến|chuẩn bị|chờ|tới đây|có thể|rơi vào|kỳ vọng)\b", re.IGNORECASE),
    past=re.compile(r"\b(?:đã|từng|vừa|cho biết|nói|công bố|tuyên bố)\b", re.IGNORECASE),
)
