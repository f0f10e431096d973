"""The report about what the Impact page shows, to take away: PDF, HTML, or the bundle of evidence. Made when it is asked for."""

from __future__ import annotations

from functools import partial

import streamlit as st

from aftershock import report
from aftershock.impact_views import ImpactView
from aftershock.text import Words
from aftershock.workspace import Workspace


def take_away(workspace: Workspace, view: ImpactView, say: Words) -> None:
    """A button for each kind of file."""
    base = (st.context.url or "aftershock/impact").split("?")[0]
    box = st.popover(say("report.button"), icon=":material/article:", key="report", on_change="rerun")
    if not box.open:
        return
    with box:
        for code, kind in report.KINDS.items():
            st.download_button(
                say(f"report.file_{code}"),
                data=partial(report.make, code, workspace, [view], base),
                file_name=report.file_name(code, [view]),
                mime=kind.media,
                on_click="ignore",
                key=f"report-{code}",
            )
        st.caption(say("report.about"))
