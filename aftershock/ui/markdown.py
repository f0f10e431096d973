"""Text that came from outside, in Markdown."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """Text that Markdown leaves as it is. A word joiner keeps what looks like an address from becoming a link."""
    text = re.sub(r"(?i)(https?:/|www(?=\.)|@)", "\\1\u2060", text)
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=])", r"\\\1", text)
