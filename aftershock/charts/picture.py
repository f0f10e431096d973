"""The timeline as a picture to take away: the page's own layers with a title, a key and a source line, and no controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from aftershock.captions import Captions
from aftershock.charts import timeline as chart
from aftershock.charts.fonts import cut, width
from aftershock.charts.placing import Box, Polyline, place
from aftershock.charts.sheet import Sheet, Size, offline, records, text_layer
from aftershock.charts.theme import FILLS, FONT, INK, MUTED, SHAPES, Spec, looks
from aftershock.text import Words
from aftershock.timeline import Mark, Timeline
from aftershock.views import Scale

_INK, _MUTED = INK[0], MUTED[0]


def specification(timeline: Timeline, captions: Captions, say: Words, size: Size, selected: pd.Timestamp | None = None) -> Spec:
    """A self-contained Vega-Lite specification, data inside, that draws the whole picture; many series make it higher than its size."""
    size = _grown(size, timeline)
    sheet = _Sheet(size, years=timeline.view.first.year != timeline.view.last.year)
    sheet.heading(captions.title, captions.under)
    key = chart.key_of(timeline, say)
    labels = round(max(width(f"{n} +000.0 %", 13 * size.type, "SemiBold") for n in key.labels) + 14)
    marks = _key_marks(timeline, selected, sheet.inner - labels, size)
    left_out = sum(len(m.events) for m in timeline.numbered if m not in marks)
    key_rows, foot = sheet.key(marks, left_out, say), sheet.foot(captions.footer)
    row_height = sheet.px(20)
    key_top = foot - sheet.px(14) - (max((row for row, _ in key_rows), default=-1) + 1) * row_height
    axis = round(key_top - sheet.px(26))
    lane = round(axis - sheet.px(48))
    frame = chart.Frame(
        top=round(sheet.y + sheet.px(22)),
        bottom=lane - sheet.px(39),
        lane=lane,
        row=sheet.px(24),
        axis=axis,
        overview=None,
        height=size.height,
        type=size.type,
    )
    plot = _Plot(timeline, frame, sheet.inner, labels)
    data = chart.datasets(timeline, say, selected)
    in_key = data["tokens"]["d"].isin(chart.day_numbers([m.session for m in marks]))
    data["tokens"].loc[in_key, "keep"] = chart.NAMED  # what the key names must stand in the lane
    lo, hi, base = (chart.milliseconds(d) for d in (timeline.view.first, timeline.view.last, timeline.base))
    words = [
        *sheet.words,
        *plot.callouts(say, selected, size.type),
        *_key_layers(sheet, key_rows, key_top, row_height),
    ]
    return {
        **sheet.page(captions.alt),
        "params": chart.fixed_range(key, lo, hi, base, labels),
        "resolve": {"scale": {"x": "independent", "y": "independent", "shape": "independent"}},
        "layer": [*chart.focus(key, frame, interactive=False, domain=plot.domain), *words],
        "datasets": {name: records(rows) for name, rows in data.items()},
        "config": chart.config(FONT),
    }  # fmt: skip


def _grown(size: Size, timeline: Timeline) -> Size:
    count = len(timeline.view.series)
    more = 44 * max(0, count - 4) if timeline.view.scale is Scale.PRICE else 14 * max(0, count - 6)
    return replace(size, height=size.height + round(more * size.type))


def interactive(timeline: Timeline, say: Words, selected: pd.Timestamp | None = None) -> Spec:
    """The page's own view with its data inside, for a file that works offline: brush, tooltips and all."""
    spec = dict(chart.specification(chart.key_of(timeline, say)))
    inside = {name: records(frame) for name, frame in chart.datasets(timeline, say, selected).items()}
    return offline(spec, inside)


def _key_marks(timeline: Timeline, selected: pd.Timestamp | None, room: float, size: Size) -> list[Mark]:
    """The sessions that the key names, in order: the selected one and the most important, each far enough from the others
    for its token to have its place in the lane.
    """
    most, apart = (8 if size.columns == 2 else 9), 24 * size.type
    span = max((pd.Timestamp(timeline.view.last) - timeline.base).days, 1)
    kept: list[Mark] = []
    for mark in sorted(timeline.numbered, key=lambda m: (m.session != selected, -m.lead.importance, -len(m.events), m.session)):
        if len(kept) < most and all(abs((mark.session - m.session).days) / span * room >= apart for m in kept):
            kept.append(mark)
    return sorted(kept, key=lambda m: m.session)


class _Plot:
    """The lines' geometry in pixels, worked out here so that labels can be kept off them."""

    def __init__(self, timeline: Timeline, frame: chart.Frame, inner: int, labels: int) -> None:
        self.timeline, self.frame, self.right = timeline, frame, inner - labels
        tickers = timeline.view.series
        own = timeline.view.scale is Scale.PRICE
        strips = chart.price_strips(frame, len(tickers)) if own else [(frame.top, frame.bottom)] * len(tickers)
        self.words = {t: look.words[0] for t, look in zip(tickers, looks(tickers), strict=True)}
        self.levels = {t: self._levels(t) for t in tickers}
        together = _domain(list(self.levels.values()), log=timeline.log)
        self.domain = None if own and len(tickers) > 1 else together
        self.strips = {
            t: (strip, _domain([self.levels[t]], log=False) if own else together) for t, strip in zip(tickers, strips, strict=True)
        }
        self.lines = {t: self._line(t) for t in tickers if len(self.levels[t]) > 1}

    def _levels(self, ticker: str) -> pd.Series:
        """What is drawn of a series: prices, index numbers or per cent."""
        closes = self.timeline.drawn[ticker].dropna()
        if self.timeline.view.scale is Scale.PRICE or closes.empty:
            return closes
        rebased: pd.Series[float] = closes / closes.iloc[0] * 100
        return rebased - 100 if self.timeline.view.scale is Scale.PERCENT else rebased

    def _line(self, ticker: str) -> Polyline:
        levels, ((top, bottom), (low, high)) = self.levels[ticker], self.strips[ticker]
        days = levels.index.to_numpy().astype("datetime64[D]").astype(float)
        first, last = (float(chart.day_numbers([d])[0]) for d in (self.timeline.base, self.timeline.view.last))
        x = 10 + (days - first) / max(last - first, 1) * (self.right - 14)
        drawn = levels.to_numpy(dtype=float)
        if self.timeline.log:
            drawn, low, high = np.log(drawn), np.log(low), np.log(high)
        return Polyline(x, bottom - (drawn - low) / (high - low) * (bottom - top))

    def callouts(self, say: Words, selected: pd.Timestamp | None, type_: float) -> list[Spec]:
        """The moves of the selected session, or of the one with the largest move, written where no line passes."""
        timeline = self.timeline
        found = timeline.finding_of(selected) if selected is not None and selected in timeline.sessions else timeline.finding
        moves = [] if found is None else list(found.moves)
        moves = [m for m in (moves if len(timeline.view.series) <= 2 else moves[:1]) if m[0] in self.lines]
        room = (0.0, self.frame.top - 4.0, float(self.right), self.frame.bottom + 16 * type_)
        size, taken, layers = 13 * type_, list[Box](), list[Spec]()
        for ticker, move in moves:
            line = self.lines[ticker]
            position = int(self.levels[ticker].index.get_indexer(pd.DatetimeIndex([found.session]))[0]) if found else -1
            text = say.percent(move, 1)
            wide = width(text, size, "SemiBold") + 6 * type_
            box = (
                place((line.x[position], line.y[position]), (wide, size * 1.15), list(self.lines.values()), taken, room)
                if position >= 0
                else None
            )
            if box is not None:
                taken.append(box)
                tone = self.words[ticker]
                layers.append(text_layer(text, (box[0] + box[2]) / 2, box[3] - size * 0.22, size, tone, 600, "center"))
        return layers


def _domain(levels: list[pd.Series], *, log: bool) -> tuple[float, float]:
    """The y axis: the drawn values and a little air, 4 % of the height on both sides."""
    values = np.concatenate([s.to_numpy(dtype=float) for s in levels]) if levels else np.array([])
    if not len(values):
        return (90.0, 110.0)
    low, high = float(values.min()), float(values.max())
    if log:
        air = (high / low) ** 0.04
        return low / air, high * air
    air = (high - low or 1.0) * 0.04
    return low - air, high + air


class _Sheet(Sheet):
    """The timeline's page: it has a key."""

    def __init__(self, size: Size, *, years: bool) -> None:
        super().__init__(size)
        self.dates = "full" if years else "short"  # the style of the key's dates, and the room that they take
        self.dates_room = self.px(94 if years else 62)

    def key(self, marks: Sequence[Mark], left_out: int, say: Words) -> list[tuple[int, Spec]]:
        """The numbered key, down the columns, as (row, entry); last, how many events it leaves out."""
        rows = -(-len(marks) // self.size.columns)
        entries = [(i % rows, self._entry(mark, i // rows, say)) for i, mark in enumerate(marks)]
        if left_out:
            entries.append((rows, {"x": 0.0, "title": say("chart.left_out", n=left_out), "n": None}))
        return entries

    def _entry(self, mark: Mark, column: int, say: Words) -> Spec:
        size = 12.5 * self.size.type
        more = f" +{len(mark.events) - 1}" if len(mark.events) > 1 else ""
        each = self.room / self.size.columns
        start = column * each
        title_room = each - self.px(40) - self.dates_room - width(more, size)
        title = cut(mark.lead.title.in_(say.lang), size, title_room) + more
        return {"x": start, "title": title, "day": say.date(mark.session, self.dates), "n": mark.number, "c": mark.lead.category.value}


def _key_layers(sheet: _Sheet, rows: list[tuple[int, Spec]], top: float, height: float) -> list[Spec]:
    layers: list[Spec] = []
    size = 12.5 * sheet.size.type
    for row, entry in rows:
        y = top + row * height + height * 0.6
        x = float(entry["x"])
        if entry["n"] is None:
            layers.append(text_layer(entry["title"], sheet.px(24), y, size * 0.92, _MUTED))
            continue
        token = {
            "type": "point",
            "filled": True,
            "opacity": 1,
            "shape": SHAPES[entry["c"]],
            "fill": FILLS[entry["c"]],
            "size": 250 * sheet.size.type**2,
        }
        layers.append(
            {"data": {"values": [{}]}, "mark": token, "encoding": {"x": {"value": x + sheet.px(10)}, "y": {"value": y - size * 0.36}}}
        )
        layers.append(text_layer(str(entry["n"]), x + sheet.px(10), y - size * 0.05, size * 0.8, "white", 700, "center"))
        layers.append(text_layer(entry["day"], x + sheet.px(26), y, size, _MUTED))
        layers.append(text_layer(entry["title"], x + sheet.px(26) + sheet.dates_room, y, size, _INK))
    return layers
