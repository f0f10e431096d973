"""CSV and pasted tables: known rows in every spelling, damaged real files, and tables put together from grammar and rubbish."""

from __future__ import annotations

import csv
import datetime as dt
import io
from functools import cache
from random import Random
from typing import Final

from aftershock.userdata import Order, write_events
from aftershock.workspace import Workspace
from benchmarks.fuzz import Verdict
from benchmarks.fuzz.rows import NEW_YORK, Truth, damage, judged, mutated, played, right_row

NUMBER: Final = 100_000
HEADERS: Final = {
    "date": ("date", "Ngày", "ngay dang", "PUBLISHED", "Ngày công bố"), "title": ("title", "Tiêu đề", "tieu de", "Headline"),
    "ticker": ("ticker", "Mã", "Mã cổ phiếu", "SYMBOLS"), "category": ("category", "Phân loại", "loai"),
    "link": ("link", "URL", "Liên kết"),
    "importance": ("importance", "Mức quan trọng"),
}  # fmt: skip
MONTHS: Final = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
STRANGE: Final = tuple(w.encode() for w in (
    "\x00", "\ufeff", '"', '""', "\r", "\n\n", ",", ";", "\t", "|", "|---|---|", "=1+1", "\u202e", "\u200b", "NaN", "1e999", "-0",
    "31/02/2025", "date", "ngày", "45684", "03/04/2025", "2025-01-27T00:00:00+99:99",
    "9" * 400, "[[event]]", "BEGIN:VCALENDAR", "{", "ư" * 50, "\ud7ff", "🏳️‍🌈",
))  # fmt: skip


def play(rng: Random) -> Verdict:
    """One case: three in ten labelled, five damaged real files, two of rubbish; one in two thousand as large as a page allows."""
    kind = rng.random()
    if kind < 0.0005:
        return played(large(rng), "mine.csv")
    if kind < 0.3:
        return labelled(rng)
    file = rng.choice(["mine.csv", "paste", "mine.tsv", "mine.txt"])
    return played(mutated(rng.choice(real()), rng, STRANGE) if kind < 0.8 else rubbish(rng), file)


# -- labelled --------------------------------------------------------------------------------------------------------


def labelled(rng: Random) -> Verdict:
    """A table in one spelling, each row right or wrong by construction. A wrong row has no say in the order of day and month."""
    rows = [right_row(rng) for _ in range(rng.randrange(1, 8))]
    order = rng.choice([Order.DMY, Order.MDY])
    style = rng.randrange(7)
    for row in rows:
        row.cells["date"], row.day = written(row.day, style, order, rng)
    for row in rows:
        if rng.random() < 0.4:
            damage(row, rng)
    columns = ["date", "title", *sorted({c for r in rows for c in r.cells} - {"date", "title"})]
    rng.shuffle(columns)
    raw = encoded(table(rows, columns, rng), rng)
    return judged(raw, rng.choice(["mine.csv", "paste"]), dict(enumerate(rows, 2)), order)


def written(day: dt.date, style: int, order: Order, rng: Random) -> tuple[str, dt.date]:
    """(a day in one of the styles, the day in New York that it means)."""
    if style == 0:
        return day.isoformat(), day
    if style == 1:
        return day.strftime("%d/%m/%Y" if order is Order.DMY else "%m/%d/%Y"), day
    if style == 2:
        return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}", day
    if style == 3:
        return f"ngày {day.day} tháng {day.month} năm {day.year}", day
    if style == 4:
        return f"{MONTHS[day.month - 1]} {day.day}, {day.year}", day
    if style == 5:
        return day.strftime("%Y%m%d"), day
    offset = dt.timezone(dt.timedelta(hours=rng.randrange(-10, 13)))
    stamp = dt.datetime(day.year, day.month, day.day, rng.randrange(24), rng.randrange(1, 60), tzinfo=offset)
    return stamp.isoformat(), stamp.astimezone(NEW_YORK).date()


def table(rows: list[Truth], columns: list[str], rng: Random) -> str:
    """The rows under headers of either language, with one of the separators, as Python's csv writes them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=rng.choice(",;\t"), lineterminator=rng.choice(["\n", "\r\n"]), quoting=rng.choice([0, 1]))
    writer.writerow([rng.choice(HEADERS[c]) for c in columns])
    writer.writerows([[row.cells.get(c, "") for c in columns] for row in rows])
    return buffer.getvalue()


def encoded(text: str, rng: Random) -> bytes:
    """UTF-8 or UTF-16, with or without its mark where that can be told."""
    return text.encode(rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))


# -- unlabelled ------------------------------------------------------------------------------------------------------


@cache
def real() -> tuple[bytes, ...]:
    """Small pieces of the project's own catalogue as CSV, and lists as people paste them."""
    catalogue = Workspace.open().catalogue
    pieces = [write_events(catalogue[i : i + 4], "csv") for i in range(0, len(catalogue), 4)]
    lists = (
        "Ngày;Tiêu đề;Mã\n27/01/2025;Nvidia giảm 17 %;NVDA\n20/01/2025;DeepSeek R1;\n", "| date | title |\n|---|---|\n| 2025-01-27 | a |\n",
        "27/1/2025\tĐiều gì đó\tNVDA\n28/1/2025\tĐiều khác\tAMD\n", "date,title\n45684,a\n45685,b\n", "date,title\n03/04/2025,a\n",
    )  # fmt: skip
    return (*pieces, *(text.encode() for text in lists), lists[0].encode("utf-16"), "date,title\n2025-01-27,São\n".encode("cp1252"))


def rubbish(rng: Random) -> bytes:
    """Tokens of tables in no order, or plain random bytes."""
    if rng.random() < 0.2:
        return rng.randbytes(rng.randrange(400))
    tokens = (b"date", "ngày".encode(), b"title", b"2025-01-27", b"03/04/2025", b"NVDA", b"x", *STRANGE)
    marks = rng.choice([(b",",), (b";",), (b"\t",), (b"|",), (b",", b";", b"\t", b"|")])
    parts = [b"date,title\n"] if rng.random() < 0.5 else []
    for _ in range(rng.randrange(120)):
        parts += [rng.choice(tokens), b"\n" if rng.random() < 0.2 else rng.choice(marks)]
    return b"".join(parts)


def large(rng: Random) -> bytes:
    """As much as a page takes, in the shapes that cost most."""
    full = 2 * 2**20
    return rng.choice([
        lambda: b"date,title,ticker\n" + b"".join(b"2025-01-%02d,event %d,NVDA\n" % (1 + i % 28, i) for i in range(5000)),
        lambda: b"date,title\n" + b"".join(b"%02d/01/2025,%s %d\n" % (1 + i % 28, "Sự kiện dài ".encode() * 15, i) for i in range(5000)),
        lambda: b"date,title\n" + b'2025-01-27,"' + b"a\n" * (full // 2 - 100) + b'"\n',
        lambda: b"date,title\n" + b"2025-01-27,same\n" * 5000,
        lambda: b"," * full, lambda: b'"' * full, lambda: b"\n" * full, lambda: b"|" * full, lambda: b"a|\n" * (full // 3),
        lambda: b"date,title\n" + b"1/1/2025 " * (full // 9 - 10), lambda: rng.randbytes(full), lambda: b"\xe3\xec" * (full // 2),
        lambda: b"date;title\n" + b"\xcc\x81".join([b"2025-01-27;e"] * (full // 15)), lambda: b"2025-01-27," * (full // 11),
    ])()  # fmt: skip
