"""The audit of what we ship and what it rests on: `make audit`, or `python -m benchmarks.audit`.

Known vulnerabilities of every locked package (pip-audit), secrets in every file of the whole history (detect-secrets), licences of what
is installed (pip-licenses). A part that could not look says so and fails: an auditor who saw nothing is not one who found nothing, so
pip-audit must first find what is known to be wrong with an old Jinja. The findings go into benchmarks/RESULTS.md.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

from benchmarks.results import put

HEADING = "## Supply chain"
ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
CANARY = "jinja2==2.4.1"  # CVE-2014-1402, CVE-2016-10745, CVE-2019-10906 and later ones
SERVICES = ("pypi", "osv")
PERMISSIVE = re.compile(
    r"\b(MIT|0?BSD|Apache|PSF|Python Software Foundation|OFL|Zlib|CC0|CNRI|ISC|MPL-2|Mozilla Public License 2|LGPL-2\.1-or-later|LGPL-3)\b"
)
LICENCES = {"peewee": "MIT: its file LICENSE says so, its metadata do not"}  # by hand, where the metadata are silent
NO_SECRETS = {  # what looks like one, and why it is none
    ("tests/test_articles_fetch.py", "Basic Auth Credentials"): "an address that must be refused",
    ("tests/test_store.py", "Basic Auth Credentials"): "an address that must be refused",
}
DIGEST = "Hex High Entropy String"
DIGESTS = re.compile(r"\.lock$|calibration\.json$|^data/prices/manifest\.json$|^tests/test_(cli|prices)\.py$|^benchmarks/RESULTS\.md$")


@dataclass(frozen=True)
class Part:
    """What one part of the audit looked at, in words, and what it found wrong."""

    looked: str
    wrong: tuple[str, ...]


def vulnerabilities() -> Part:
    """Every package of the lock files against the first advisory database that answers and knows the canary."""
    for service in SERVICES:
        if not _advisories(service, "--no-deps", canary=True):
            continue
        found: set[str] = set()
        for lock in LOCKS:
            answer = _advisories(service, "--strict", "--require-hashes", "-r", lock)
            if answer is None:
                found.add(f"{lock}: could not be audited")
            found |= {f"{lock}: {line}" for line in answer or ()}
        return Part(f"{' and '.join(LOCKS)} against {service}", tuple(sorted(found)))
    return Part("no advisory database was within reach", ("known vulnerabilities: NOT CHECKED",))


def _advisories(service: str, *options: str, canary: bool = False) -> list[str] | None:
    """What pip-audit knows against the packages; None when it could not tell."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        if canary:
            listed.write(CANARY + "\n")
            listed.flush()
            options = (*options, "-r", listed.name)
        command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off", "-s", service, "-f", "json", *options]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return advisories(ran.stdout)


def advisories(printed: str) -> list[str] | None:
    """The findings in pip-audit's JSON, one line each; None when it is no such thing, or a package was left out."""
    try:
        packages = json.loads(printed)["dependencies"]
    except (ValueError, KeyError):
        return None
    if any("skip_reason" in package for package in packages):
        return None
    return [f"{package['name']} {package['version']}: {one['id']}" for package in packages for one in package["vulns"]]


def secrets() -> Part:
    """Every version of every file that the history holds."""
    listed = subprocess.run(["git", "rev-list", "--objects", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=True).stdout
    found, files = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for line in listed.splitlines():
            name, _, path = line.partition(" ")
            if not path or _git("cat-file", "-t", name).strip() != b"blob":
                continue
            copy = Path(folder, name + Path(path).suffix)
            copy.write_bytes(_git("cat-file", "blob", name))
            files += 1
            found += [f"{path}, line {where}: {kind} (version {name[:10]})" for kind, where in scanned(copy) if not known(path, kind)]
    return Part(f"{files:,} versions of files in the history", tuple(sorted(found)))


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], capture_output=True, cwd=ROOT, check=True).stdout


def scanned(file: Path) -> list[tuple[str, int]]:
    """What in a file looks like a secret: the kind, and the line."""
    collection = SecretsCollection()
    with default_settings():
        collection.scan_file(str(file))
    return [(secret.type, secret.line_number) for _, secret in collection]


def known(path: str, kind: str) -> bool:
    """Whether it has been looked at and is no secret."""
    return (path, kind) in NO_SECRETS or (kind == DIGEST and bool(DIGESTS.search(path)))


def licences() -> Part:
    """Every package that we run on may be given away with an MIT program."""
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json", "--python", sys.executable]
    printed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    said = {normal(row["Name"]): row["License"] for row in json.loads(printed)}
    packages = locked(ROOT / LOCKS[0])
    wrong = (f"{name}: {said.get(name, 'not installed')}" for name in packages if not compatible(name, said.get(name, "")))
    return Part(f"{len(packages)} packages of {LOCKS[0]}", tuple(wrong))


def compatible(name: str, licence: str) -> bool:
    """Each part of `a AND b` must be permissive or weakly protective, of `a OR b` one; what says nothing has been looked up by hand."""
    if name in LICENCES:
        return True
    return all(any(PERMISSIVE.search(one) for one in part.split(" OR ")) for part in licence.replace("; ", " OR ").split(" AND "))


def normal(name: str) -> str:
    """A package's name as indices write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: Path) -> dict[str, str]:
    """The version of every package, by its name, of a requirements file; markers and extras are dropped."""
    pattern = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
    return {normal(name): version for name, version in pattern.findall(lock.read_text("utf-8"))}


PARTS: dict[str, Callable[[], Part]] = {"Known vulnerabilities": vulnerabilities, "Secrets": secrets, "Licences": licences}


def report(parts: Iterable[tuple[str, Part]]) -> list[str]:
    """The section's lines."""
    now = dt.datetime.now().astimezone().strftime("%-d %B %Y, %H:%M")
    lines = [f"{now}, `python -m benchmarks.audit`.", "", "| part | looked at | found |", "|---|---|---|"]
    return [*lines, *(f"| {name} | {part.looked} | {'<br>'.join(part.wrong) or 'nothing'} |" for name, part in parts)]


def main() -> int:
    """Runs every part, prints and writes what was found; 1 if anything was, or if a part could not look."""
    found = {}
    for name, look in PARTS.items():
        found[name] = look()
        print(f"{name}: {found[name].looked}: {'; '.join(found[name].wrong) or 'nothing'}", flush=True)
    put(HEADING, report(found.items()))
    return int(any(part.wrong for part in found.values()))


if __name__ == "__main__":
    sys.exit(main())
