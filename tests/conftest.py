"""What many tests share: the project's own data, opened once, and the answer files."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from aftershock.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = Path(__file__).resolve().parent / "answers"

# No test reaches out, and none touches the user's own folders; what a test starts inherits this.
os.environ["AFTERSHOCK_PRICES"] = "snapshot"
os.environ["AFTERSHOCK_CACHE"] = tempfile.mkdtemp(prefix="aftershock-cache-")
atexit.register(shutil.rmtree, os.environ["AFTERSHOCK_CACHE"], ignore_errors=True)
_STORE = tempfile.mkdtemp(prefix="aftershock-store-")
os.environ["AFTERSHOCK_STORE"] = f"sqlite:///{_STORE}/events.sqlite3"
atexit.register(shutil.rmtree, _STORE, ignore_errors=True)

settings.register_profile("house", max_examples=60, deadline=None, derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


def answers(name: str) -> dict[str, Any]:
    """An answer file: figures from outside the code under test, with their origin."""
    found: dict[str, Any] = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
    assert found["origin"], "an answer file says where its answers come from"
    return found


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    """The data folder of the project, loaded and checked."""
    return Workspace.open()
