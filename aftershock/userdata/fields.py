"""What the columns of a file are called: the fields of an event, by their names in English and Vietnamese.

Accents, case, underscores and spaces do not matter: 'Ngày đăng', 'NGAY_DANG' and 'published' are one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from aftershock.events import folded
from aftershock.userdata.dates import Fault, read_dates, read_time

_NAMES: Final = {
    "id": "id|event id|event|uid|mã sự kiện|mã số",
    "date": "date|day|published|published on|publication date|event date|announced|announcement date|datetime|date time|timestamp"
    "|start date"
    "|ngày|ngày đăng|ngày tháng|ngày công bố|ngày sự kiện|ngày diễn ra|thời điểm|ngày giờ",
    "time": "time|hour|time of day|new york time|start time|giờ|thời gian|giờ new york|giờ đăng|giờ công bố",
    "timing": "timing|time of session|thời điểm trong phiên|so với phiên",
    "precision": "precision|độ chính xác",
    "tickers": "tickers|ticker|symbol|symbols|stock|stocks|mã|mã cổ phiếu|mã chứng khoán|mã ck|cổ phiếu|chứng khoán|mã cp",
    "title": "title|name|headline|event name|subject|event title|tiêu đề|tên|tên sự kiện|sự kiện|tựa đề|tiêu đề bài|nội dung chính",
    "title_en": "title en|title english|english title|tiêu đề tiếng anh|tiêu đề en",
    "title_vi": "title vi|title vietnamese|vietnamese title|tiêu đề tiếng việt|tiêu đề vi",
    "summary": "summary|description|text|abstract|details|tóm tắt|mô tả|nội dung|diễn giải|chi tiết",
    "summary_en": "summary en|summary english|tóm tắt tiếng anh|tóm tắt en",
    "summary_vi": "summary vi|summary vietnamese|tóm tắt tiếng việt|tóm tắt vi",
    "note": "note|notes|comment|comments|remark|remarks|ghi chú|chú thích|lưu ý",
    "note_en": "note en|ghi chú tiếng anh|ghi chú en",
    "note_vi": "note vi|ghi chú tiếng việt|ghi chú vi",
    "category": "category|categories|type|kind|class|phân loại|loại|thể loại|nhóm|danh mục|loại sự kiện",
    "importance": "importance|weight|mức quan trọng|mức độ quan trọng|tầm quan trọng|độ quan trọng",
    "source": "source|publisher|newspaper|outlet|nguồn|báo|nguồn tin|toà soạn|tòa soạn|nhà xuất bản",
    "source_date": "source date|ngày của nguồn|ngày nguồn",
    "link": "link|url|address|web|website|source url|source link|liên kết|đường dẫn|địa chỉ|đường link",
    "where": "where|source where|found where|nơi|nơi tìm",
    "more_sources": "more sources|nguồn khác",
    "verification": "verification|verified|kiểm chứng|mức kiểm chứng",
    "articles": "articles|bài báo",
    "single_origin": "single origin|một gốc",
    "origin_timezone": "origin timezone|origin time zone|múi giờ gốc",
    "origin_date": "origin date|ngày gốc|ngày tại nơi gốc",
}


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", " ", folded(name)).strip()


FIELDS: Final = tuple(_NAMES)
_BY_NAME: Final = {_key(name): field for field, names in _NAMES.items() for name in (field, *names.split("|"))}
_TICKER: Final = re.compile(r"\^?[A-Z0-9.]{1,6}([;,\s]+\^?[A-Z0-9.]{1,6})*")


def field_of(name: str) -> str | None:
    """The field that a column of that name holds, or None."""
    return _BY_NAME.get(_key(name))


def header(names: Sequence[str]) -> dict[str, int]:
    """{field: column} of a header; of two columns for one field the first counts."""
    found: dict[str, int] = {}
    for column, name in enumerate(names):
        if field := field_of(name):
            found.setdefault(field, column)
    return found


def without_header(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """{field: column} of a table without a header, by what its cells look like: one column of dates, times, tickers, links, and the
    first of the others as the title. Empty when there is not exactly one column of dates."""
    width = max((len(row) for row in rows), default=0)
    columns = [[row[i] for row in rows[:200] if i < len(row) and row[i]] for i in range(width)]
    dates = [i for i, cells in enumerate(columns) if cells and _mostly(cells, is_date)]
    if len(dates) != 1:
        return {}
    found = {"date": dates[0]}
    for i, cells in enumerate(columns):
        if cells and i not in found.values():
            kind = next((field for field, test in _LOOKS if field not in found and all(map(test, cells))), "title")
            found.setdefault(kind, i)
    return found


def is_date(cell: str) -> bool:
    """True for what is meant as a date, read or not."""
    return read_dates([cell]).moments[0] not in (Fault.INVALID, Fault.NUMBER, Fault.NO_DAY, Fault.MISSING)


def _mostly(cells: Sequence[str], test: Callable[[str], bool]) -> bool:
    return 2 * sum(map(test, cells)) > len(cells)


_LOOKS: Final = (
    ("time", lambda cell: not isinstance(read_time(cell), Fault)),
    ("link", lambda cell: cell.startswith(("http://", "https://"))),
    ("tickers", lambda cell: _TICKER.fullmatch(cell) is not None),
)
