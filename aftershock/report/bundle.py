"""The evidence bundle: every picture, table and specification of a report, its methods, alternative texts and citation, in one zip.

The same report gives the same bytes. `manifest.json` names each file with its sha256.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final

from aftershock import __version__
from aftershock.exports import EXPORTS, to_csv
from aftershock.impact import Impact
from aftershock.report.citation import apa, bibtex
from aftershock.report.compose import limits, methods, title
from aftershock.report.document import Block, Formula, Items, Paragraph, Runs
from aftershock.report.parts import Part, slug
from aftershock.text import Words
from aftershock.workspace import Workspace

FORMATS: Final = ("png", "svg", "csv", "json")
TABLES: Final = ("tests", "anchors", "ledger", "benchmarks", "dollars")  # those that no exhibit shows


def bundle(workspace: Workspace, parts: Sequence[Part], say: Words) -> bytes:
    """The zip with all that stands behind the report about `parts`."""
    files = dict(_files(workspace, parts, say))
    entries = {name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()}
    about = {
        "title": title(parts, say), "lang": say.lang, "version": __version__, "data": workspace.data_hash, "as_of": str(workspace.last),
        "prices_sha256": workspace.prices.provenance.sha256, "links": [p.link for p in parts], "files": entries,
    }  # fmt: skip
    files["manifest.json"] = (json.dumps(about, ensure_ascii=False, indent=1) + "\n").encode()
    day, folder = workspace.last, slug([p.view for p in parts])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, files[name])
    return buffer.getvalue()


def _files(workspace: Workspace, parts: Sequence[Part], say: Words) -> Iterator[tuple[str, bytes]]:
    asked = (title(parts, say), workspace, parts[0].link)
    yield "README.txt", _readme(workspace, asked[0], say).encode()
    yield "citation.txt", (apa(*asked, say) + "\n").encode()
    yield "citation.bib", bibtex(*asked, slug([p.view for p in parts])).encode()
    yield "methods-and-limits.txt", _text((*methods(say), *limits(say))).encode()
    yield "alt-texts.txt", _alt_texts(parts).encode()
    for part in parts:
        folder = f"{part.event.id}-{part.view.ticker.removeprefix('^')}"
        for name, one in part.exhibits.items():
            yield from ((f"{folder}/{name}.{code}", EXPORTS[code].make(one, "article")) for code in FORMATS)
        if isinstance(part.answer, Impact):
            frames = part.answer.tables()
            yield from ((f"{folder}/{name}.csv", to_csv(frames[name].set_index(frames[name].columns[0]))) for name in TABLES)


def _readme(workspace: Workspace, title: str, say: Words) -> str:
    """What is in the bundle, file by file."""
    inside = {
        say("report.inside_folder"): "exhibits", "methods-and-limits.txt": "methods", "alt-texts.txt": "alt",
        "citation.txt, .bib": "citation", "manifest.json": "manifest",
    }  # fmt: skip
    listed = "".join(f"{name}\n    {say(f'report.inside_{code}')}\n" for name, code in inside.items())
    return f"{title}\n\n{listed}\n{say('report.inside_note', day=workspace.last, hash=workspace.data_hash)}\n"


def _alt_texts(parts: Sequence[Part]) -> str:
    return "".join(f"{p.event.id}/{name}\n{one.facts['alt']}\n\n" for p in parts for name, one in p.exhibits.items())


def _text(blocks: Sequence[Block]) -> str:
    """Paragraphs, lists and formulas as plain text; formulas in TeX."""
    lines: list[str] = []
    for block in blocks:
        match block:
            case Paragraph():
                lines.append(_said(block.runs))
            case Items():
                lines.append("\n".join(f"- {_said(runs)}" for runs in block.items))
            case Formula():
                lines.append(f"{block.name} {block.about}\n\n    {block.tex}")
    return "\n\n".join(lines) + "\n"


def _said(runs: Runs) -> str:
    return "".join(run.text for run in runs)
