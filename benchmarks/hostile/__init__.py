"""The hostile campaign: a corpus of payloads in every field that text can come in by, judged in every file and page that it comes out of.

corpus       tests/hostile.py
entering     payloads -> events of a reader's own, through every kind of file
files        what is taken away, read by other programs and by Chromium
pages        the pages in Chromium: shown, hovered over, typed into, linked to
parts        the campaign in parts, each in a process of its own
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """How many pairs of payload and field were looked at in each output, and what was found that may not be."""

    pairs: Counter[str] = field(default_factory=Counter)
    ran: list[str] = field(default_factory=list)  # scripts, foreign requests, links that run, elements that were not text
    formulas: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # text that is not there any more
    failed: list[str] = field(default_factory=list)  # no file, no page, no sentence

    def __iadd__(self, other: Tally) -> Tally:
        self.pairs += other.pairs
        for mine, theirs in ((self.ran, other.ran), (self.formulas, other.formulas), (self.lost, other.lost), (self.failed, other.failed)):
            mine += theirs
        return self

    @property
    def complaints(self) -> list[str]:
        """Everything, in words."""
        kinds = {"ran": self.ran, "formula": self.formulas, "lost": self.lost, "failed": self.failed}
        return [f"{kind}: {what}" for kind, found in kinds.items() for what in found]
