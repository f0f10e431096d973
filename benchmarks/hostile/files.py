"""What is taken away: no live formula, no link out of text, nothing lost; and the pages and pictures among it opened in Chromium."""

from __future__ import annotations

import csv
import io
import json
import tomllib
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import icalendar
import openpyxl
import pypdf

from aftershock import compare_exhibits, compare_views, exhibits, impact_views, report
from aftershock.events import Event
from aftershock.exports import EXPORTS, Exhibit, to_html
from aftershock.userdata import FILES
from aftershock.views import View
from aftershock.workspace import Workspace
from benchmarks.hostile import Tally
from tests.hostile import MARKS, Watch

RUNS = ("=", "+", "-", "@", "\t", "\r")
FIELDS_OF_EVENT = 7
EVERY = 10  # of so many payloads one is looked at in what is slow and says the same again
BASE = "https://example.org/"


def taken(house: Workspace, events: Mapping[str, Event], lang: str) -> Iterator[tuple[str, Exhibit, list[str]]]:
    """(what, exhibit, the names of the payloads that it shows): the timeline with all; of each the impact's path, and of some the other
    charts, in which the same words stand; comparisons of eight."""
    days, names = sorted(e.date for e in events.values()), list(events)
    yield "timeline", exhibits.timeline(house, View(days[0], days[-1], verification=("own",), lang=lang), BASE), list(events)
    for name, event in events.items():
        view, _ = impact_views.read({"event": event.id, "ticker": "NVDA", "lang": lang}, house.choices, house.named, lang)
        for which, exhibit in exhibits.impact(house, view, BASE).items():
            if which == "path" or name in names[::EVERY]:
                yield "impact", exhibit, [name]
    for first in range(0, len(names), 8):
        some = names[first : first + 8]
        view_, _ = compare_views.read({"events": ",".join(events[n].id for n in some), "lang": lang}, house.choices, lang)
        for exhibit in compare_exhibits.exhibits(house, view_, BASE).values():
            yield "compare", exhibit, some


def check_exhibits(house: Workspace, events: Mapping[str, Event], lang: str, folder: Path, tally: Tally) -> list[Path]:
    """Every exhibit in every format; gives the files that Chromium is to open."""
    opened = []
    for number, (what, exhibit, names) in enumerate(taken(house, events, lang)):
        codes = [c for c in EXPORTS if what != "impact" or number % EVERY == 0 or c not in ("png", "pdf")]
        opened += check_exhibit(exhibit, names, folder / f"{what}-{lang}-{number}", what, tally, codes)
        if what == "timeline":
            _all_there(names, _text_of_table(exhibit), "timeline table", tally)
    return opened


def check_exhibit(
    exhibit: Exhibit, names: list[str], stem: Path, what: str, tally: Tally, codes: Collection[str] = tuple(EXPORTS)
) -> list[Path]:
    """One exhibit in every format, or some; gives the files for Chromium: the page, the picture, the specification in a page."""
    opened = []
    for code in codes:
        where = f"{what} {code}"
        try:
            made = EXPORTS[code].download(exhibit, "article")
        except Exception as error:
            tally.failed.append(f"{where} of {names[0]}: {error!r}")
            continue
        tally.pairs[where] += len(names)
        check_file(code, made, where, tally)
        if code in ("html", "svg", "json"):
            opened.append(stem.with_name(f"{stem.name}-{code}.{'svg' if code == 'svg' else 'html'}"))
            opened[-1].write_bytes(to_html(json.loads(made), exhibit.facts, exhibit.lang) if code == "json" else made)
    return opened


def _text_of_table(exhibit: Exhibit) -> str:
    return " ".join(map(str, exhibit.table().to_numpy().ravel()))


def check_reports(house: Workspace, events: Mapping[str, Event], lang: str, folder: Path, tally: Tally) -> list[Path]:
    """The report of every event as a page, a PDF and a bundle; gives the pages."""
    opened = []
    for number, (name, event) in enumerate(events.items()):
        view, _ = impact_views.read({"event": event.id, "ticker": "NVDA", "lang": lang}, house.choices, house.named, lang)
        for code in report.KINDS if number % EVERY == 0 else ("html", "pdf"):
            where = f"report {code}"
            try:
                made = report.make(code, house, [view], BASE)
            except Exception as error:
                tally.failed.append(f"{where} of {name}: {error!r}")
                continue
            tally.pairs[where] += FIELDS_OF_EVENT
            if code == "html":
                path = folder / f"report-{lang}-{number}.html"
                path.write_bytes(made)
                opened.append(path)
                _all_there([name], made.decode(), where, tally)
            elif code == "pdf":
                _check_pdf(made, name, where, tally)
            else:
                _check_zip(made, where, tally)
    return opened


def _check_pdf(made: bytes, name: str, where: str, tally: Tally) -> None:
    pdf = pypdf.PdfReader(io.BytesIO(made))
    _all_there([name], " ".join(page.extract_text() for page in pdf.pages[:3]), where, tally)
    for page in pdf.pages:
        for note in page.get("/Annots") or ():
            action = note.get_object().get("/A", {})
            address = str(action.get("/URI", ""))
            if action.get("/S") in ("/JavaScript", "/Launch") or (address and not address.startswith(("https://", "http://"))):
                tally.ran.append(f"{where} of {name}: {action}")


def _check_zip(made: bytes, where: str, tally: Tally) -> None:
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        for entry in packed.namelist():
            if entry.startswith("/") or ".." in entry or "\\" in entry:
                tally.failed.append(f"{where}: a file called {entry!r}")
            check_file(entry.rpartition(".")[2], packed.read(entry), f"{where} {entry}", tally)


def check_events(events: Mapping[str, Event], lang: str, tally: Tally) -> None:
    """The events as files: every format is what it says, and all text is there."""
    for code, kind in FILES.items():
        made = kind.download(list(events.values()), lang)
        tally.pairs[f"events {code}"] += FIELDS_OF_EVENT * len(events)
        check_file(code, made, f"events {code}", tally)
        text = made.decode("utf-8-sig")
        if code == "ics":
            text = " ".join(str(e[k]) for e in icalendar.Calendar.from_ical(text).walk("VEVENT") for k in e)
        _all_there(list(events), text, f"events {code}", tally)


def check_file(code: str, made: bytes, where: str, tally: Tally) -> None:
    """One file, read by another program."""
    match code:
        case "csv":
            rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))
            live = [c for row in rows for c in row if c.startswith(RUNS) and not _number(c)]
            tally.formulas += [f"{where}: {cell[:60]!r}" for cell in live]
            if len({len(row) for row in rows}) > 1:
                tally.failed.append(f"{where}: rows of different lengths")
        case "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(made))
            cells = [cell for sheet in book for row in sheet for cell in row]
            tally.formulas += [f"{where}: {c.value!r}" for c in cells if c.data_type == "f" or c.hyperlink is not None]
        case "json":
            json.loads(made)
        case "toml":
            tomllib.loads(made.decode())
        case "ics":
            extra = [
                c.name
                for c in icalendar.Calendar.from_ical(made.decode()).walk()
                if c.name not in ("VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT")
            ]
            tally.ran += [f"{where}: {name}" for name in extra]
        case "png":
            if not made.startswith(b"\x89PNG"):
                tally.failed.append(f"{where}: no picture")
        case "pdf":
            if not made.startswith(b"%PDF-"):
                tally.failed.append(f"{where}: no PDF")


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _all_there(names: list[str], text: str, where: str, tally: Tally) -> None:
    tally.lost += [f"{where}: {name}" for name in names if MARKS[name] not in text]


def open_files(browser: Any, files: list[Path], tally: Tally) -> None:
    """Opens every page and picture from the disk, where a script could do most, and moves over what has a tooltip."""
    page = browser.new_page()
    watch = Watch(page, "file://")
    for path in files:
        page.goto(path.as_uri())
        if path.suffix == ".html" and "report" not in path.name:
            page.wait_for_selector("#chart svg", timeout=30_000)
            for token in page.locator("#chart svg path[transform]").all()[:12]:
                token.dispatch_event("mouseover")
        watch.look(path.name)
    tally.pairs["files in Chromium"] += len(files)
    tally.ran += watch.found
    page.close()
