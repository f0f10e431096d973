"""benchmarks/RESULTS.md: every campaign writes its own section and leaves the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


def put(heading: str, lines: Sequence[str], path: Path = RESULTS) -> None:
    """Replaces the section of that heading, or adds it at the end."""
    old = path.read_text("utf-8") if path.exists() else "# Results\n\nWritten by the benchmarks, a section each.\n"
    section = re.compile(rf"^{re.escape(heading)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    text = "\n".join([heading, "", *lines, "", ""])
    new = section.sub(lambda _: text, old) if section.search(old) else old.rstrip("\n") + "\n\n" + text
    path.write_text(new.rstrip("\n") + "\n", "utf-8")
