"""Calendars: known entries, damaged real files, and calendars put together from grammar and rubbish."""

from __future__ import annotations

import datetime as dt
from functools import cache
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from aftershock.userdata import write_events
from aftershock.workspace import Workspace
from benchmarks.fuzz import Verdict
from benchmarks.fuzz.rows import NEW_YORK, Truth, a_day, damage, judged, mutated, played, right_row

NUMBER: Final = 100_000
ZONES: Final = ("Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Auckland")
BAD_STARTS: Final = (
    ";VALUE=DATE:20250231", ":20251301", ":2025-01-27", ";TZID=Mars/Olympus:20250127T094500", ":20250127T250000", ":", ":tomorrow",
    ";VALUE=DATE:18991231", ";VALUE=DATE:21010101", ":99999999T999999Z", ":P1D", ";VALUE=DATE:20230229",
)  # fmt: skip
STRANGE: Final = tuple(w.encode() for w in (
    "BEGIN:VEVENT\r\n", "END:VEVENT\r\n", "BEGIN:VCALENDAR\r\n", "END:VCALENDAR\r\n", "BEGIN:VALARM\r\n", "BEGIN:VTIMEZONE\r\nTZID:X\r\n",
    "\r\n ",
    "RRULE:FREQ=SECONDLY\r\n", "DTSTART:20250127\r\n", ";TZID=", ";VALUE=DATE", ":", ";", "\\", '"', "\x00", "\ufeff",
    "DTSTART;TZID=../../etc/passwd:20250127T0900",
    "SUMMARY;LANGUAGE=vi:", "X-AFTERSHOCK:{\"title_en\": 5}\r\n", "X-AFTERSHOCK:[[[[\r\n", "CATEGORIES:,,,\r\n",
    "99999999T999999Z", "\u202e",
    "9" * 300,
))  # fmt: skip


def play(rng: Random) -> Verdict:
    """One case: three in ten labelled, five damaged real files, two of rubbish; one in two thousand as large as a page allows."""
    kind = rng.random()
    if kind < 0.0005:
        return played(large(rng), "mine.ics")
    if kind < 0.3:
        return labelled(rng)
    return played(mutated(rng.choice(real()), rng, STRANGE) if kind < 0.8 else rubbish(rng), "mine.ics")


# -- labelled --------------------------------------------------------------------------------------------------------


def labelled(rng: Random) -> Verdict:
    """Entries that are right or wrong by construction, written line by line without any calendar library."""
    rows: list[Truth] = []
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//fuzz//EN"]
    for _ in range(rng.randrange(1, 8)):
        row = right_row(rng)
        row.tickers = ()  # a calendar has no tickers
        row.cells.pop("ticker")
        row.cells.pop("importance", None)
        start, row.day = written(a_day(rng), rng)
        if rng.random() < 0.4:
            while row.wrong in ("", "ticker", "importance"):
                damage(row, rng)
                if row.wrong == "title" and "\x07" in row.cells["title"]:
                    row.wrong = ""
            start = rng.choice(BAD_STARTS) if row.wrong == "date" else start
        lines += entry(row, start, rng)
        rows.append(row)
    lines.append("END:VCALENDAR")
    raw = "".join(folded(line) for line in lines).encode()
    return judged(raw, rng.choice(["mine.ics", "paste"]), dict(enumerate(rows, 1)))


def entry(row: Truth, start: str, rng: Random) -> list[str]:
    """One VEVENT as lines; the properties in any order."""
    inner = [f"DTSTART{start}"] if not (row.wrong == "date" and rng.random() < 0.2) else []
    names = {"title": "SUMMARY", "category": "CATEGORIES", "link": "URL"}
    for field, text in row.cells.items():
        if field in names and (text or field != "title"):
            inner.append(f"{names[field]}:{text if field == 'link' else escaped(text)}")
    inner += [line for line in ("UID:1@x", "DTSTAMP:20250101T000000Z", "RRULE:FREQ=DAILY", "DTEND:20270101") if rng.random() < 0.4]
    rng.shuffle(inner)
    return ["BEGIN:VEVENT", *inner, "END:VEVENT"]


def escaped(text: str) -> str:
    """Text as RFC 5545 writes it."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """Lines of at most 60 letters; the rest begins with a space."""
    return "\r\n ".join(line[i : i + 60] for i in range(0, max(len(line), 1), 60)) + "\r\n"


def written(day: dt.date, rng: Random) -> tuple[str, dt.date]:
    """(a DTSTART from its first ';' or ':', the day in New York that it means)."""
    clock = dt.time(rng.randrange(24), rng.randrange(60))
    naive = dt.datetime.combine(day, clock)
    match rng.randrange(4):
        case 0:
            return f";VALUE=DATE:{day:%Y%m%d}", day
        case 1:
            return f":{naive:%Y%m%dT%H%M%S}Z", naive.replace(tzinfo=dt.UTC).astimezone(NEW_YORK).date()
        case 2:
            return f":{naive:%Y%m%dT%H%M%S}", day
        case _:
            zone = rng.choice(ZONES)
            return f";TZID={zone}:{naive:%Y%m%dT%H%M%S}", naive.replace(tzinfo=ZoneInfo(zone)).astimezone(NEW_YORK).date()


# -- unlabelled ------------------------------------------------------------------------------------------------------


@cache
def real() -> tuple[bytes, ...]:
    """Small pieces of the project's own catalogue as calendars, and one with zones as calendar programs write them."""
    catalogue = Workspace.open().catalogue
    pieces = [write_events(catalogue[i : i + 3], "ics", "vi" if i % 2 else "en") for i in range(0, len(catalogue), 3)]
    zoned = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Hanoi\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0700\r\n"
        "TZOFFSETTO:+0700\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Hanoi:20250127T090000\r\nSUMMARY:Sự kiện\r\n"
        "RRULE:FREQ=WEEKLY;BYDAY=MO\r\nBEGIN:VALARM\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return (*pieces, zoned.encode())


def rubbish(rng: Random) -> bytes:
    """Lines of calendars in no order, or plain random bytes behind a calendar's first line."""
    if rng.random() < 0.2:
        return b"BEGIN:VCALENDAR\r\n" + rng.randbytes(rng.randrange(400))
    lines = (*STRANGE, b"SUMMARY:x\r\n", b"DTSTART:20250127T090000Z\r\n", b"URL:https://a.b\r\n", b"UID:1\r\n", b"DURATION:PT1H\r\n")
    return b"BEGIN:VCALENDAR\r\n" + b"".join(rng.choice(lines) for _ in range(rng.randrange(100)))


def large(rng: Random) -> bytes:
    """As much as a page takes, in the shapes that cost most."""
    full = 2 * 2**20
    event = b"BEGIN:VEVENT\r\nDTSTART:202501%02d\r\nSUMMARY:event %d\r\nEND:VEVENT\r\n"
    wrap = lambda inner: b"BEGIN:VCALENDAR\r\n" + inner + b"END:VCALENDAR\r\n"  # noqa: E731
    one = b"BEGIN:VEVENT\r\nDTSTART:20250127\r\n%s\r\nEND:VEVENT\r\n"
    return rng.choice([
        lambda: wrap(b"".join(event % (1 + i % 28, i) for i in range(5000))),
        lambda: wrap(one % (b"SUMMARY:" + b"a" * (full - 200))),
        lambda: wrap(one % (b"SUMMARY:a" + b"\r\n b" * ((full - 200) // 4))),
        lambda: wrap(one % (b"SUMMARY" + b";X=1" * ((full - 300) // 4) + b":a")),
        lambda: wrap(one % (b"SUMMARY:a\r\n" * ((full - 300) // 11))),
        lambda: wrap(one % (b"RDATE:" + b"20250127," * ((full - 300) // 9))),
        lambda: wrap(one % (b"CATEGORIES:" + b"a," * ((full - 300) // 2))),
        lambda: b"BEGIN:VCALENDAR\r\n" * (full // 17), lambda: b"BEGIN:VEVENT\r\n" * 5000, lambda: wrap(b"\r\n" * (full // 2 - 40)),
        lambda: wrap(b"BEGIN:VALARM\r\n" * (full // 14 - 10)), lambda: wrap(b"X-A:" + b"\\" * (full - 100) + b"\r\n"),
    ])()  # fmt: skip
