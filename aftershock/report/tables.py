"""The numbers of each exhibit as a printed page can hold them: what stands out, not a thousand rows. All of them are in the files."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from aftershock import captions
from aftershock.impact import Impact
from aftershock.impact_rows import DOT, Rows, minus
from aftershock.report.parts import Part
from aftershock.study import Window
from aftershock.text import MISSING, Words
from aftershock.timeline import Timeline
from aftershock.verdict.yardstick import BASKET

AROUND: Final = 5  # sessions on either side of session 0, in the timeline's table
LARGEST: Final = 10  # ordinary days that are printed
PATH: Final = (-5, 10)  # offsets that are printed
_CHOICES: Final = ("model", "benchmark", "length", "gap", "window", "returns", "anchor")


def of(part: Part, name: str, say: Words) -> Rows:
    """The rows beside the exhibit `name`."""
    if name == "timeline":
        assert part.timeline is not None
        return timeline(part.timeline, part.reaction.session, say)
    assert isinstance(part.answer, Impact)
    return {"ordinary": ordinary, "path": path, "specifications": specifications, "split": split}[name](part.answer, say)


def timeline(shown: Timeline, session: pd.Timestamp, say: Words) -> Rows:
    """Close and move of each series in the sessions around `session`, which a dot marks."""
    days = pd.DatetimeIndex(shown.closes.index)
    closes, moves = (frame.to_dict(orient="series") for frame in (shown.closes, shown.moves))
    at = int(days.searchsorted(session))
    rows: Rows = []
    for day in days[max(at - AROUND, 0) : at + AROUND + 1]:
        mark = shown.mark_of(day)
        row = {say("ui.session"): (DOT if day == session else "") + say.date(day)}
        for ticker in shown.view.series:
            row[captions.name(ticker, say)] = say.number(float(closes[ticker][day]))
            row[say("report.move", name=captions.name(ticker, say))] = say.percent(float(moves[ticker][day]))
        rows.append(row | {say("ui.events"): str(len(mark.events)) if mark else MISSING})
    return rows


def ordinary(answer: Impact, say: Words) -> Rows:
    """The event and the ordinary days that moved most, the largest first."""
    days = answer.ordinary
    largest = np.argsort(-np.abs(days.cars), kind="stable")[:LARGEST]
    shown = [(answer.session, days.car, days.t), *((days.sessions[i], days.cars[i], days.ts[i]) for i in largest)]
    return [
        {say("impact_chart.session"): (DOT if n == 0 else "") + say.date(day), "CAR": say.percent(car), "t": say.number(t)}
        for n, (day, car, t) in enumerate(shown)
    ]


def path(answer: Impact, say: Words) -> Rows:
    """Session by session: what it did, what the benchmark did, what is left, and the sum with its band."""
    frame = answer.path[answer.path["offset"].between(*PATH)]
    return [
        {
            say("report.offset"): _offset(int(row["offset"])), say("impact_chart.session"): say.date(row["session"]),
            say("impact_chart.return"): say.percent(row["return"]), say("impact_chart.benchmark"): say.percent(row["benchmark"]),
            "AR": say.percent(row["abnormal"]), "CAR": say.percent(row["car"]),
            say("report.reach"): say.percent(row["car_reach"], signed=False),
        }
        for row in frame.to_dict(orient="records")
    ]  # fmt: skip


def specifications(answer: Impact, say: Words) -> Rows:
    """For each value of each choice: how many of the choices that share it agree, and the middle and the ends of their CARs."""
    counted = answer.curve.frame[answer.curve.frame["counted"]]
    counted = counted.assign(window=[str(Window(a, b)) for a, b in counted[["window_first", "window_last"]].to_numpy().tolist()])
    rows: Rows = []
    for kind in _CHOICES:
        groups = counted.groupby(kind, sort=True)
        if len(groups) < 2:
            continue
        for value, group in groups:
            if kind == "benchmark" and value == "":
                continue
            car = group["car"]
            rows.append(
                {
                    say("report.choice"): say(f"impact_chart.kind_{kind}"), say("report.value"): _value(kind, value, say),
                    say("report.agree"): say("impact_page.of_n", k=int(group["agrees"].sum()), n=len(group)),
                    say("report.median"): say.percent(car.median()),
                    say("report.lowest"): say.percent(car.min()), say("report.highest"): say.percent(car.max()),
                }
            )  # fmt: skip
    return rows


def _value(kind: str, value: Any, say: Words) -> str:
    if kind == "benchmark":
        return say("impact_chart.peers") if value == BASKET else captions.name(value, say)
    if kind in ("length", "gap"):
        return say(f"impact_chart.{kind}", n=int(value))
    return minus(value) if kind == "window" else say(f"impact_chart.{kind}_{value}")


def split(answer: Impact, say: Words) -> Rows:
    """The parts of the move; of the later ones the part that came back."""
    parts = answer.split
    if parts is None:
        return []
    now = (("overnight", parts.overnight), ("in_session", parts.in_session), ("total", parts.total))
    rows = [_part(say(f"impact_chart.{code}"), say.date(parts.session), move, None, say) for code, move in now]
    return rows + [
        _part(
            say("impact_chart.later", n=x.sessions), say.date(x.session) if x.session is not None else MISSING, x.change, x.recovered, say
        )
        for x in parts.later
    ]


def _part(name: str, day: str, move: float | None, recovered: float | None, say: Words) -> dict[str, str]:
    return {
        say("report.part"): name, say("impact_chart.session"): day, say("impact_chart.return"): say.percent(move),
        say("report.recovered"): say.percent(recovered, 0, signed=False),
    }  # fmt: skip


def _offset(value: int) -> str:
    return minus(f"{value:+d}") if value else "0"
