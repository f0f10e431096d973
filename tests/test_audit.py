"""What the audit rests on: the locks hold what is named, secrets and licences that must be found are found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.audit import LOCKS, advisories, compatible, locked, normal, scanned
from tests.conftest import ROOT


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_every_named_version_with_its_hashes(lock: str) -> None:
    """What requirements.txt names is what is installed, and nothing is installed without a hash."""
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text("utf-8").strip())
    assert [entry.splitlines()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    held = locked(ROOT / lock)
    for listed in ["requirements.txt", *([LOCKS[1].replace(".lock", ".txt")] if lock == LOCKS[1] else [])]:
        assert locked(ROOT / listed).items() <= held.items(), listed
    if lock == LOCKS[0]:
        assert locked(ROOT / "requirements.txt") == held, "requirements.txt names everything that is installed"


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("AWS Access Key", 'key = "AKIA' + 'IOSFODNN7EXAMPLF"'),
        ("Private Key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("GitHub Token", 'token = "ghp_' + 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"'),
        ("Secret Keyword", 'password = "' + 'correct-horse-battery"'),
        ("Basic Auth Credentials", "https://reader:" + "hunter22@example.org"),
    ],
)  # fmt: skip
def test_a_secret_is_found(tmp_path: Path, kind: str, line: str) -> None:
    """Each kind of secret, planted in the second line of a file."""
    (tmp_path / "settings.py").write_text(f"# settings\n{line}\n", "utf-8")
    assert (kind, 2) in scanned(tmp_path / "settings.py")


@pytest.mark.parametrize(
    ("licence", "fine"),
    [
        ("MIT", True), ("Apache-2.0 OR BSD-3-Clause", True), ("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", True),
        ("LGPL-3.0-only", True), ("Apache Software License; MIT License", True),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", True),
        ("GPL-3.0-only", False), ("AGPL-3.0-or-later", False), ("MIT AND GPL-2.0-only", False), ("UNKNOWN", False), ("", False),
        ("PERMITTED for personal use", False), ("SSPL-1.0", False),
    ],
)  # fmt: skip
def test_a_licence_is_judged(licence: str, fine: bool) -> None:
    """Permissive and weakly protective licences pass, everything else does not; read from the licences' own terms."""
    assert compatible("anything", licence) is fine


def test_an_auditor_who_left_something_out_has_not_audited() -> None:
    """pip-audit's own JSON: findings are lines, a skipped package or no JSON is no answer."""
    assert advisories('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}') == []
    assert advisories('{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}]}') == ["a 1: PYSEC-1"]
    assert advisories('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}') is None
    assert advisories("") is None


def test_names_are_compared_as_indices_write_them() -> None:
    """PEP 503."""
    assert normal("Detect_Secrets.x") == "detect-secrets-x"
