"""How to cite a report: a line as APA writes software, and a BibTeX entry."""

from __future__ import annotations

from typing import Final

from aftershock import __version__
from aftershock.text import NBSP, Words
from aftershock.workspace import Workspace

_TEX: Final = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$",
    "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", NBSP: "~",
}  # fmt: skip


def apa(title: str, workspace: Workspace, link: str, say: Words) -> str:
    """'Aftershock. (2026). <title> (Version 0.1.0; data 1a2b..., as of 11 June 2026) [Event study]. <link>'."""
    known = {"version": __version__, "hash": workspace.data_hash, "day": workspace.last}
    return say("report.apa", year=str(workspace.last.year), title=title, link=link, **known)


def bibtex(title: str, workspace: Workspace, link: str, key: str) -> str:
    """A @misc entry. What TeX would run in a title is escaped; the link stands as it is, without braces."""
    fields = {
        "author": "{Aftershock}",
        "title": "{" + _tex(title) + "}",
        "year": str(workspace.last.year),
        "note": f"Event study, version {__version__}, data {workspace.data_hash}, prices as of {workspace.last}",
        "url": link.replace("{", "%7B").replace("}", "%7D"),
    }
    lines = "".join(f"  {name:<6} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}}}\n"


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)
