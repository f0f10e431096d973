"""Readers of the dashboard, seeded: what they look at, and how it went."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.tabs import Run, Tab

FIRST, LAST = dt.date(2021, 8, 2), dt.date(2026, 6, 11)  # of our data


@dataclass
class Tally:
    """What many runs came to: seconds of each by name, bytes received, and every error."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    received: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[float]:
        """The seconds of every run."""
        return [s for found in self.seconds.values() for s in found]

    async def count(self, name: str, run: Awaitable[Run]) -> bool:
        """Waits for one run and notes it; what goes wrong is an error of the campaign, whatever it was. True when all was well."""
        try:
            told = await run
        except Exception as error:  # a lost connection, a time-out, a widget that should be there: each is an answer
            self.errors.append(f"{name}: {error!r}"[:200])
            return False
        self.seconds.setdefault(name, []).append(told.seconds)
        self.received += told.received
        self.errors += [f"{name}: {error}"[:200] for error in told.errors]
        return told.ok


Change = Callable[[Tab, random.Random, Tally], Awaitable[bool]]


def days(rng: random.Random) -> list[str]:
    """A range of a month to a year within our data."""
    first = FIRST + dt.timedelta(rng.randrange((LAST - FIRST).days - 30))
    return [first.isoformat(), min(LAST, first + dt.timedelta(rng.randint(30, 365))).isoformat()]


def _other(tab: Tab, key: str, rng: random.Random) -> str:
    held = tab.values.get(tab.widgets[key].id, ("", None))[1]
    options = tab.options(key)
    return rng.choice([o for o in options if o != held and [o] != held] or options)


# What a reader does on the timeline page, and how often of twenty times.
TIMELINE: dict[str, tuple[int, Callable[[Tab, random.Random], tuple[str, Any]]]] = {
    "preset": (5, lambda tab, rng: ("preset", _other(tab, "preset", rng))),
    "dates": (5, lambda tab, rng: ("dates", days(rng))),
    "filter": (3, lambda tab, rng: ("categories", rng.sample(tab.options("categories"), rng.randrange(4)))),
    "event": (5, lambda tab, rng: ("list", _other(tab, "list", rng)) if "list" in tab.widgets else ("preset", _other(tab, "preset", rng))),
    "language": (2, lambda tab, rng: ("lang", _other(tab, "lang", rng))),
}


async def on_the_timeline(tab: Tab, rng: random.Random, tally: Tally) -> bool:
    """One change of the timeline page."""
    name = rng.choices(list(TIMELINE), [weight for weight, _ in TIMELINE.values()])[0]
    return await tally.count(name, tab.act(*TIMELINE[name][1](tab, rng)))


async def on_the_floor(tab: Tab, rng: random.Random, tally: Tally) -> bool:
    """One change of the bare page, which knows only dates."""
    return await tally.count("dates", tab.act("dates", days(rng)))


async def anywhere(tab: Tab, rng: random.Random, tally: Tally) -> bool:
    """One step through the whole house: another page, or another choice on this one."""
    choices = [w.key for w in tab.widgets.values() if w.kind in ("button_group", "selectbox") and len(tab.options(w.key)) > 1]
    if tab.page == "" and rng.random() < 0.7:
        return await on_the_timeline(tab, rng, tally)
    if not choices or rng.random() < 0.4:
        page = rng.choice(sorted(tab.pages))
        return await tally.count(f"to {page or 'timeline'}", tab.go(page))
    key = rng.choice(choices)
    return await tally.count(f"on {tab.page}", tab.act(key, _other(tab, key, rng)))


async def visit(base: str, tally: Tally, **more: Any) -> Tab | None:
    """A tab with its first run; None when it did not come about."""
    tab = Tab(base, **more)
    try:
        await tab.connect()
    except Exception as error:
        tally.errors.append(f"connect: {error!r}"[:200])
        return None
    return tab if await tally.count("arrive", tab.run()) else None


async def leave(tabs: list[Tab]) -> None:
    """They close their tabs."""
    await asyncio.gather(*(tab.close() for tab in tabs))
