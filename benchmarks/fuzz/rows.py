"""Rows of events that are right or wrong by construction, and what a right one means. Shared by the CSV and the ICS campaign."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from aftershock.errors import AftershockError
from aftershock.events import Event
from aftershock.text import LANGUAGES, words
from aftershock.userdata import PAGE, Import, Order, understand
from benchmarks.fuzz import Verdict

NEW_YORK: Final = ZoneInfo("America/New_York")
TITLES: Final = (
    "DeepSeek R1", "Nvidia mất 17 %", "Mỹ siết kiểm soát xuất khẩu chip", "=cmd|' /C calc'!A0", "</script><script>alert(1)</script>",
    "a, b; c | d", "Sự kiện thứ hai", "@SUM(A1)", "-1", "NA", "TRUE", "1E5", "Đầu tư 500 tỷ USD", "emoji 📉📈",
    "tab-free \\n text", "' quote", "x" * 200,
)  # fmt: skip
TICKERS: Final = ("NVDA", "AMD", "NA", "TRUE", "1E5", "005930", "005930.KS", "^IXIC", "BRK-B", "TSM")
CATEGORIES: Final = ("earnings", "adoption", "export-control", "trade-policy", "statement")


@dataclass(slots=True)
class Truth:
    """A row as its maker means it: its cells by field, and the event that it stands for; `wrong` is the field that was damaged."""

    cells: dict[str, str]
    day: dt.date
    title: str
    tickers: tuple[str, ...] = ()
    wrong: str = ""

    def is_(self, event: Event) -> bool:
        """True when the event says what the row meant."""
        return (event.date, event.title.en, event.title.vi, event.tickers) == (self.day, self.title, self.title, self.tickers)


def a_day(rng: Random) -> dt.date:
    """A day that our calendar of sessions covers."""
    return dt.date(2004, 1, 5) + dt.timedelta(days=rng.randrange(8700))


def right_row(rng: Random) -> Truth:
    """Title, tickers and the rest, all as they should be; the date is for the campaign to write."""
    title = f"{rng.choice(TITLES)[:190]} {rng.randrange(10**6)}" if rng.random() < 0.7 else f"{rng.choice(TITLES)[:100]} {rng.random()}"
    tickers = tuple(rng.sample(TICKERS, rng.randrange(4)))
    cells = {"title": title, "ticker": rng.choice([";", " ", ", "]).join(tickers)}
    if rng.random() < 0.5:
        cells["category"] = rng.choice(CATEGORIES)
    if rng.random() < 0.3:
        cells["link"] = f"https://example.org/{rng.randrange(999)}?a=b,c"
    if rng.random() < 0.2:
        cells["importance"] = rng.choice("123")
    return Truth(cells, a_day(rng), title, tickers)


def damage(row: Truth, rng: Random) -> None:
    """Makes one field of a row wrong, whatever else it says."""
    bad = {
        "title": ["", "x" * 201, "abc\u202edcba", "a\u2066b", "bell\x07", "\u200b", "x" * 10_000],
        "ticker": ["5,93E+03", "NV DA!", "Nvidia™", "A" * 16, " ".join(f"T{i}" for i in range(13)), "<b>"],
        "category": ["gossip", "0", "<script>"],
        "link": ["javascript:alert(1)", "ftp://host/x", "www.example.org", "data:text/html,x", "https://", "http://a b"],
        "importance": ["0", "4", "high", "1e0", "-1"],
        "date": ["31/02/2025", "2025-02-30", "2025-13-01", "1/2/25", "2025", "13/2025", "tomorrow", "1899-12-31", "2101-01-01",
                 "27/1", "0", "∞",
                 "2025-01-27 25:00", "2023-02-29", "00/00/0000", "2025-1", "27 Smarch 2025", "tháng 12.2024", "Q1 2025", "1738000000", ""],
    }  # fmt: skip
    row.wrong = rng.choice(list(bad))
    row.cells[row.wrong] = rng.choice(bad[row.wrong])


def judged(raw: bytes, file: str, rows: dict[int, Truth], order: Order | None = None) -> Verdict:
    """A file whose rows are known: wrong ones must be refused, right ones understood as they were meant."""
    try:
        found = answered(raw, file, order)
    except AftershockError as error:
        sure(error)
        return Verdict(len(rows), 0, sum(not r.wrong for r in rows.values()), f"refused: {error}")
    taken = {a.row: a.event for a in (*found.accepted, *found.repeated)}
    wrong = [r for r, event in taken.items() if r not in rows or rows[r].wrong or not rows[r].is_(event)]
    refused = [r for r, row in rows.items() if not row.wrong and r not in taken]
    about = "".join(f"\n  row {r}: {rows.get(r)} taken as {taken.get(r)}" for r in [*wrong, *refused][:3])
    return Verdict(len(rows), len(wrong), len(refused), about)


def answered(raw: bytes, file: str, order: Order | None = None) -> Import:
    """The file as a page understands it; what must hold of every answer, does."""
    found = understand(raw, file, order=order, limits=PAGE)
    assert len(found.accepted) + len(found.rejected) + len(found.repeated) == found.rows
    for thing in (*found.rejected[:50], *found.questions, *found.notes):
        assert all(thing.in_words(words(lang)) for lang in LANGUAGES)
    assert len({e.id for e in found.fresh(repeated=True)}) == len(found.fresh(repeated=True))
    return found


def played(raw: bytes, file: str) -> Verdict:
    """A file of which nothing is known: an answer, or a refusal in a sentence."""
    try:
        answered(raw, file)
    except AftershockError as error:
        sure(error)
    return Verdict()


def sure(error: AftershockError) -> None:
    """A refusal is a sentence in both languages, not too long to be read."""
    assert all(0 < len(error.sentence(lang)) < 2000 for lang in LANGUAGES)


def mutated(raw: bytes, rng: Random, words_: tuple[bytes, ...]) -> bytes:
    """A file with up to eight damages: bytes changed, cut, doubled, swapped, strange words put in, another encoding."""
    data = bytearray(raw)
    for _ in range(rng.randrange(1, 9)):
        at, length = rng.randrange(len(data) + 1), rng.choice([1, 1, 2, 8, 64])
        match rng.randrange(7):
            case 0:
                data[at : at + length] = rng.randbytes(length)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * rng.choice([1, 2, 50])
            case 3:
                data[at:at] = rng.choice(words_) * rng.choice([1, 1, 1, 30])
            case 4:
                other = rng.randrange(len(data) + 1)
                data[at:at] = data[other : other + length]
            case 5:
                data = data[:at] if rng.random() < 0.3 else data
            case _:
                code = rng.choice(["utf-16", "utf-16-le", "utf-16-be", "cp1258", "utf-8-sig", "utf-32", "latin-1"])
                if rng.random() < 0.3:
                    data = bytearray(bytes(data).decode("utf-8", "replace").encode(code, "replace"))
    return bytes(data)
