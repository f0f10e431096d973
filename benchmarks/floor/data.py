"""The floor's data: the project's own two series and a marker for every session that news could move."""

import tomllib
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parents[2] / "data"


def load() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Closes (index `date`, columns IXIC and NVDA) and markers (date, title, y)."""
    files = {name: DATA / "prices" / f"{name}.csv" for name in ("IXIC", "NVDA")}
    closes = pd.DataFrame({name: pd.read_csv(file, index_col="date", parse_dates=["date"])["close"] for name, file in files.items()})
    rebased = (closes / closes.iloc[0] * 100).round(4)
    found: dict[pd.Timestamp, str] = {}
    for event in tomllib.loads((DATA / "events.toml").read_text("utf-8"))["event"]:
        side = "right" if event["timing"] == "after-close" else "left"
        position = int(rebased.index.searchsorted(pd.Timestamp(event["date"]), side=side))
        if position < len(rebased):
            found.setdefault(rebased.index[position], event["title"]["en"])
    days = pd.DatetimeIndex(sorted(found))
    titles = [found[day] for day in days]
    return rebased, pd.DataFrame({"date": days, "title": titles, "event": rebased.loc[days, "NVDA"].to_numpy()})
