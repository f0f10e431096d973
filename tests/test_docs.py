"""The README against the program: every command that it shows is real, and everything there is stands in it."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aftershock.charts.compare import EXHIBITS as COMPARED
from aftershock.charts.impact import EXHIBITS
from aftershock.cli import COMMANDS, main, parser
from aftershock.exports import EXPORTS
from aftershock.text import words
from aftershock.ui.frame import PAGES
from aftershock.workspace import Workspace
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROGRAM = ".venv/bin/aftershock"


BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
PYTHON = [block for language, block in BLOCKS if language == "python"]


def _shown() -> list[str]:
    """Every line of the README's code blocks that are not Python, without its comment."""
    blocks = [block for language, block in BLOCKS if language != "python"]
    lines = [line.split("  #")[0].split(" # ")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


COMMAND_LINES = [line for line in _shown() if line.startswith(PROGRAM)]
MAKE_LINES = [line for line in _shown() if line.startswith("make")]
TARGETS = next(line.split(":")[1].split() for line in MAKEFILE.splitlines() if line.startswith(".PHONY"))


def _arguments(line: str) -> list[str]:
    return shlex.split(line)[1:]


def _commands(top: argparse.ArgumentParser) -> list[str]:
    """'events list', 'chart timeline', ...: every command and its subcommands, as the parser has them."""
    choices = [action.choices for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    found = {name: _commands(sub) for names in choices for name, sub in names.items()}
    return [f"{name} {rest}".strip() for name, subs in found.items() for rest in subs or [""]]


# -- what the README shows is real -----------------------------------------------------------------------------------


def test_every_line_of_a_code_block_is_checked_here() -> None:
    """A code block holds only commands of these two kinds, and there are some."""
    assert len(COMMAND_LINES) >= 6
    assert [line for line in _shown() if line not in COMMAND_LINES + MAKE_LINES] == []


@pytest.mark.parametrize("code", PYTHON)
def test_python_that_the_readme_shows_runs(code: str) -> None:
    """As it stands, from the project's folder, without a warning."""
    found = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (found.returncode, found.stderr) == (0, "")
    assert len(found.stdout.splitlines()) > 2


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_a_command_that_the_readme_shows_can_be_parsed(line: str) -> None:
    """No option is misspelt or gone."""
    assert callable(parser().parse_args(_arguments(line)).func)


@pytest.mark.parametrize(
    "line",
    [c for c in COMMAND_LINES if not any(word in c for word in (" serve", " mine.csv", " events check ", " update", " ingest "))],
)
def test_a_command_that_the_readme_shows_does_what_it_says(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Events, prices and study print something; a chart writes its file. Nothing is complained about."""
    monkeypatch.chdir(tmp_path)
    arguments = _arguments(line)
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert said.err == ""
    if "--out" in arguments:
        assert (tmp_path / arguments[arguments.index("--out") + 1]).stat().st_size > 1000
    else:
        assert said.out.count("\n") > 1


def test_the_readme_s_own_files_can_be_studied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], workspace: Workspace
) -> None:
    """The lines with a reader's own events and prices work with files as the README describes them."""
    shown, written = [c for c in COMMAND_LINES if " mine.csv" in c]
    closes = workspace.prices.closes()[["NVDA", "^GSPC"]].rename(columns={"NVDA": "ACME", "^GSPC": "INDEX"})
    closes.to_csv(tmp_path / "closes.csv", index_label="date")
    closes.to_parquet(tmp_path / "closes.parquet")
    (tmp_path / "mine.csv").write_text("date,title\n2025-01-27,A title\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(_arguments(shown)) == 0
    assert ",ACME,2025-01-27," in capsys.readouterr().out
    assert main(_arguments(written)) == 0
    assert "1 of 1 rows" in capsys.readouterr().err
    assert "row-2,ACME,2025-01-27,2025-01-27,120," in (tmp_path / "results.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", MAKE_LINES)
def test_a_make_target_that_the_readme_shows_is_real(line: str) -> None:
    """Make knows the target; nothing is run."""
    target = shlex.split(line)[1]
    assert target in TARGETS
    if make := shutil.which("make"):
        alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        tried = subprocess.run([make, "-n", target], cwd=ROOT, env=alone, capture_output=True, text=True, check=False, timeout=60)
        assert (tried.returncode, tried.stderr) == (0, "")


def test_links_to_files_of_the_repository_lead_somewhere() -> None:
    """What the README names by path is there; pictures are not looked for."""
    links = re.findall(r"(?<!!)\[[^\]]+\]\((?!https?:)([^)#]+)\)", README)
    paths = [p for p in re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:py|txt|toml|json))`", README) if not p.startswith("prices")]
    named = [p if "/" in p or (ROOT / p).exists() else f"data/{p}" for p in paths]
    assert [p for p in links + named if not (ROOT / p).exists()] == []


# -- what there is stands in the README ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", _commands(parser()))
def test_every_command_is_shown(command: str) -> None:
    """Each command with its subcommand has a line of its own."""
    assert [line for line in COMMAND_LINES if line.startswith(f"{PROGRAM} {command} ")]


def test_every_module_of_commands_is_a_command() -> None:
    """The commands above are those of COMMANDS: none is registered under another name."""
    assert {command.split()[0] for command in _commands(parser())} == {module.__name__.rsplit(".", 1)[1] for module in COMMANDS}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_described(page: str) -> None:
    """Each page stands in bold under the name that the navigation gives it."""
    assert f"**{words('en')(f'page.{page}')}**" in README


def test_every_format_and_exhibit_is_named() -> None:
    """The list of endings is the list of formats, and the list of exhibits that of `--exhibit`."""
    endings = re.search(r"The ending of `--out` says what is written: ([\w, \n]+)\.", README)
    exhibits = re.search(r"`--exhibit` is ([\w, \n]+)\.", README)
    compared = re.search(r"Of `chart compare`\s+it is ([\w, \n]+)\.", README)
    assert compared
    assert set(re.split(r",\s+|\s+or\s+", compared[1])) == set(COMPARED)
    assert endings
    assert exhibits
    assert set(re.split(r",\s+|\s+or\s+", endings[1])) == set(EXPORTS)
    assert set(re.split(r",\s+|\s+or\s+", exhibits[1])) == set(EXHIBITS)


def test_every_dependency_has_its_reason() -> None:
    """The table names each direct dependency of requirements.txt with a reason, and nothing else."""
    direct = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("# What those bring along")[0]
    wanted = {line.split("==")[0] for line in direct.splitlines() if "==" in line}
    table = README.split("| dependency | why it is here |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    assert {name.strip() for row in rows for name in row[0].split(", ")} == wanted
    assert [row for row in rows if len(row) != 2 or len(row[1]) < 10] == []


def test_every_make_target_is_described() -> None:
    """Each target has a line with a comment in the README, and one in the Makefile's head."""
    assert {shlex.split(line)[1] for line in MAKE_LINES} == set(TARGETS)
    assert [t for t in TARGETS if not re.search(rf"^make {t} +# \S", README, re.MULTILINE)] == []
    assert [t for t in TARGETS if not re.search(rf"^#   make {t} +\S", MAKEFILE, re.MULTILINE)] == []


@pytest.mark.parametrize("file", sorted((ROOT / "examples").iterdir()), ids=lambda f: f.name)
def test_every_example_is_named(file: Path) -> None:
    """Nothing lies in examples/ that the README does not lead to; what they do is tried in `test_cluster`."""
    assert f"`examples/{file.name}`" in README


def test_the_number_of_events_is_right(workspace: Workspace) -> None:
    """The README counts the catalogue."""
    assert f" {len(workspace.events)} events in" in README
