"""What a reader is told whose link was made with other prices than there are now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import streamlit as st

from aftershock import vintage, vintage_captions
from aftershock.impact_views import ImpactView
from aftershock.text import Words
from aftershock.ui.address import stamp_of
from aftershock.ui.frame import plain
from aftershock.views import View
from aftershock.workspace import Workspace


def timeline(workspace: Workspace, view: View, say: Words) -> None:
    """Over the range of the timeline."""
    _note(workspace, "view", view.series, (view.first, view.last), say)


def impact(workspace: Workspace, view: ImpactView, say: Words) -> None:
    """Over all sessions: the ordinary days are among them."""
    _note(workspace, "impact", view.tickers, (workspace.first, workspace.last), say)


def compare(workspace: Workspace, say: Words) -> None:
    """Over all sessions of every series: the heat map shows them all."""
    _note(workspace, "compare", workspace.tickers, (workspace.first, workspace.last), say)


def claims(workspace: Workspace, say: Words) -> None:
    """Over all sessions of every series: any of them may be claimed of."""
    _note(workspace, "claims", workspace.tickers, (workspace.first, workspace.last), say)


def _note(workspace: Workspace, page: str, tickers: Sequence[str], dates: tuple[dt.date, dt.date], say: Words) -> None:
    made = vintage.read(stamp_of(page))
    if made is not None and (said := vintage_captions.since(made, workspace.prices, tickers, *dates, say)):
        st.info(plain(said), icon=":material/history:")
