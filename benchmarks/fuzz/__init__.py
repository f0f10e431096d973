"""Campaigns of damaged and hostile input: whatever comes, an answer or a sentence, soon, and nothing wrong taken for right.

    python -m benchmarks.fuzz                     every campaign at full length; writes a section of benchmarks/RESULTS.md
    python -m benchmarks.fuzz csv ics -n 2000     two of them, shorter; writes nothing

A campaign is a module with `NUMBER` (cases of a full run) and `play(rng) -> Verdict`: it makes one case from a seeded `random.Random`,
gives it to the code under test and says what came of it. An exception that `play` lets through is an uncaught one. Labelled cases are
right or wrong by construction: the generator decides, never our reader.
"""

from __future__ import annotations

import importlib
import resource
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

CAMPAIGNS: Final = {"csv": "csv_files", "ics": "ics_files", "html": "html_pages", "dates": "date_texts"}  # name -> module of this folder
LIMIT_SECONDS: Final = 2.0
LIMIT_MEGABYTES: Final = 300.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one case: how many labelled things it held, how many wrong ones were taken for right, and right ones refused, and
    how the case can be told apart (for a complaint)."""

    labelled: int = 0
    wrongly_accepted: int = 0
    wrongly_refused: int = 0
    about: str = ""


@dataclass(slots=True)
class Tally:
    """The sum of a campaign."""

    cases: int = 0
    uncaught: int = 0
    labelled: int = 0
    wrongly_accepted: int = 0
    wrongly_refused: int = 0
    worst: float = 0.0
    megabytes: float = 0.0
    complaints: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """True when the campaign shows what it has to."""
        return not self.uncaught and not self.wrongly_accepted and self.worst <= LIMIT_SECONDS and self.megabytes <= LIMIT_MEGABYTES


def run(name: str, number: int | None, seed: int) -> Tally:
    """One campaign of CAMPAIGNS, as long as it wants to be or shorter."""
    module = importlib.import_module(f"benchmarks.fuzz.{CAMPAIGNS[name]}")
    return campaign(module.play, number or module.NUMBER, seed)


def campaign(play: Callable[[Random], Verdict], number: int, seed: int) -> Tally:
    """Plays `number` cases, each with a seed of its own, so that any one can be played again. Times are processor time."""
    tally = Tally()
    for case in range(number):
        started = time.process_time()
        try:
            verdict = play(Random(f"{seed}/{case}"))
        except Exception:
            tally.uncaught += 1
            verdict = Verdict(about=traceback.format_exc(limit=-3))
        took = time.process_time() - started
        tally.cases += 1
        tally.labelled += verdict.labelled
        tally.wrongly_accepted += verdict.wrongly_accepted
        tally.wrongly_refused += verdict.wrongly_refused
        if verdict.about and len(tally.complaints) < 20:
            tally.complaints.append(f"case {case}: {verdict.about[:600]}")
        if took > tally.worst:
            tally.worst = took
            if took > LIMIT_SECONDS:
                tally.complaints.append(f"case {case}: {took:.1f} s")
    tally.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return tally
