"""`make snapshot`: the bars that come with the project, asked for anew. All series or none, and what changed is printed.

python -m aftershock.prices.renew [FOLDER]
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pandas as pd

from aftershock import sessions
from aftershock.errors import AftershockError, Phrase
from aftershock.prices.breaker import Breaker
from aftershock.prices.files import write_whole
from aftershock.prices.kept import Kept
from aftershock.prices.live import Live, yahoo_of_environment
from aftershock.prices.snapshot import Snapshot
from aftershock.prices.types import COLUMNS, Held, PriceRequest
from aftershock.text import words

NOTE: Final = "Public daily bars from Yahoo Finance, checked against the exchange's calendar and against the snapshot of {before}."
FOLDER: Final = Path(__file__).resolve().parents[2] / "data" / "prices"


def renew(folder: Path, live: Live, tell: Callable[[str], object]) -> bool:
    """Asks for every series of the folder's manifest and writes them all; False, and nothing written, if one cannot be had."""
    old, manifest = live.kept.snapshot, json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found: dict[str, Held] = {}
    for ticker, outcome in live.ask(tuple(old.series)):
        if isinstance(outcome, Phrase) or outcome.bars["close"].isna().any():
            why = outcome if isinstance(outcome, Phrase) else outcome.series.remarks[-1]
            tell(words("en")("error.no-prices", ticker=ticker, why=why))
        else:
            found[ticker] = outcome
    if len(found) < len(old.series):
        return False
    for entry in manifest["series"]:
        held = found[entry["ticker"]]
        text = _csv(held.bars)
        write_whole(folder / entry["file"], text)
        entry |= {"first": f"{held.series.first:%Y-%m-%d}", "last": f"{held.series.last:%Y-%m-%d}", "sessions": held.series.sessions}
        entry["sha256"] = hashlib.sha256(text).hexdigest()
        tell(changes(entry["ticker"], old.closes(PriceRequest((entry["ticker"],))).bars[entry["ticker"]], held.bars))
    manifest |= {"note": NOTE.format(before=manifest["retrieved_at"]), "retrieved_at": f"{live.clock():%Y-%m-%d}"}
    write_whole(folder / "manifest.json", (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode())
    return True


def changes(ticker: str, old: pd.DataFrame, new: pd.DataFrame) -> str:
    """'NVDA: 78 sessions added, up to 2026-10-02; 1 close revised, by up to 0.400 % (2026-05-11)'."""
    added = new.index.difference(old.index)
    change = (new["close"].reindex(old.index) / old["close"] - 1).abs()
    revised = change[change > 0]
    parts = [f"{len(added)} sessions added" + (f", up to {added[-1]:%Y-%m-%d}" if len(added) else "")]
    if len(revised):
        parts.append(f"{len(revised)} closes revised, by up to {revised.max():.4%} ({revised.idxmax():%Y-%m-%d})")
    return f"{ticker}: {'; '.join(parts)}"


def _csv(bars: pd.DataFrame) -> bytes:
    table = bars[list(COLUMNS)].astype({"volume": "Int64"})
    return table.to_csv(index_label="date", date_format="%Y-%m-%d", lineterminator="\n").encode()


def main(arguments: list[str]) -> int:
    """Renews the folder; status 1 and one sentence for each series that cannot be had."""
    folder = Path(arguments[0]) if arguments else FOLDER
    calendar = sessions.new_york()
    try:
        live = Live(calendar, yahoo_of_environment(), Breaker(None), Kept(Snapshot(folder, calendar)))
    except AftershockError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return int(not renew(folder, live, lambda line: sys.stdout.write(f"{line}\n")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
