"""Visits to a page without a browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def run(app: AppTest) -> AppTest:
    """Runs the page and insists that it ends without an exception."""
    app.run()
    assert [e.value for e in app.exception] == []
    return app
