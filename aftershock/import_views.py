"""A file of events as understood -> what the import panel shows: the table of its rows, and the sentences of what was refused."""

from __future__ import annotations

import pandas as pd

from aftershock.text import Words
from aftershock.userdata import Accepted, Import, Rejected

COLUMNS = ("row", "status", "date", "time", "timing", "tickers", "title", "category", "source")


def table(found: Import, say: Words) -> pd.DataFrame:
    """Every row of the file in its order, as text: what it was understood to be, or the cell that was refused."""
    lines = [_line(a, "repeated", say) for a in found.repeated]
    lines += [_line(a, "known" if a.known else "accepted", say) for a in found.accepted]
    lines += [_refused(r, say) for r in found.rejected]
    frame = pd.DataFrame(lines, columns=COLUMNS).sort_values("row", kind="stable")
    return frame.rename(columns={c: say(f"import.{c}") for c in COLUMNS})


def _line(accepted: Accepted, status: str, say: Words) -> dict[str, object]:
    event = accepted.event
    return {
        "row": accepted.row,
        "status": say(f"understood.{status}"),
        "date": say.date(event.date),
        "time": say.time(event.time) if event.time else "",
        "timing": say(f"timing.{event.timing}"),
        "tickers": ", ".join(event.tickers),
        "title": event.title.in_(say.lang),
        "category": say(f"category.{event.category}"),
        "source": ", ".join(source.publisher for source in event.sources),
    }


def _refused(rejected: Rejected, say: Words) -> dict[str, object]:
    column = rejected.field.removesuffix("_en").removesuffix("_vi")
    found = say("import.nothing") if rejected.error.facts["found"] == "''" else str(rejected.error.facts["found"])[:80]
    blank = dict.fromkeys(COLUMNS, "") | {
        "row": rejected.row,
        "status": say("understood.waiting" if rejected.code == "ambiguous-dates" else "understood.rejected"),
    }
    return blank | {column if column in COLUMNS else "title": found}


def complaint(rejected: Rejected, say: Words) -> str:
    """'Row 3, date: found '31/02/2025', but it should be a day that is in the calendar.'"""
    facts = rejected.error.facts
    return say("import.complaint", row=str(rejected.row), field=field(rejected.field, say), found=facts["found"], wanted=facts["wanted"])


def field(name: str, say: Words) -> str:
    """What a column is called; a name of the file's own stays as it is."""
    return say(f"field.{name}") if say.has(f"field.{name}") else name


def rows(numbers: tuple[tuple[int, ...], ...], say: Words) -> str:
    """'2 and 5; 3, 7 and 9': the first groups of rows that say the same."""
    return "; ".join(say.listing(map(str, group[:6])) for group in numbers[:8]) + (" …" if len(numbers) > 8 else "")
