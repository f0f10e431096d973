"""Aftershock: what did this news do to the market, and was it more than noise?"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "panel"]


def __getattr__(name: str) -> Any:
    """`aftershock.panel` loads NumPy and pandas, so it is loaded when it is first asked for."""
    if name == "panel":
        return import_module("aftershock.panel")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
