"""What many tests share: the project's own data, opened once, and the answer files."""

from __future__ import annotations

import atexit
import functools
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner

from aftershock.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = Path(__file__).resolve().parent / "answers"

# No test reaches out, and none touches the user's own folders; what a test starts inherits this, and makes no folder of its own.
if "AFTERSHOCK_TESTS" not in os.environ:
    _FOLDER = tempfile.mkdtemp(prefix="aftershock-tests-")
    atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
    os.environ |= {"AFTERSHOCK_TESTS": _FOLDER, "AFTERSHOCK_PRICES": "snapshot", "AFTERSHOCK_CACHE": f"{_FOLDER}/cache"}
    os.environ["AFTERSHOCK_STORE"] = f"sqlite:///{_FOLDER}/events.sqlite3"

# AppTest looks through every installed package for components, again in each run: a third of the time of a page's tests. Once is enough.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)

settings.register_profile("house", max_examples=60, deadline=None, derandomize=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


def answers(name: str) -> dict[str, Any]:
    """An answer file: figures from outside the code under test, with their origin."""
    found: dict[str, Any] = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
    assert found["origin"], "an answer file says where its answers come from"
    return found


@pytest.fixture(autouse=True)
def no_fault_of_ours() -> Iterator[None]:
    """A page that fails tells its reader and goes on; a test of it shall not."""
    heard: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("aftershock.ui.faults")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    assert heard == []


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    """The data folder of the project, loaded and checked."""
    return Workspace.open()
