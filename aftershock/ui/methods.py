"""The Methods page: what is computed and how, with the sources, the data, the measured sizes and the limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from aftershock import calibration as sizes
from aftershock import captions
from aftershock.methods import FORMULAS, LIMITS, SOURCES
from aftershock.significance import ABOUT, Test
from aftershock.text import Words
from aftershock.ui.address import Plain, plain_view
from aftershock.ui.frame import plain
from aftershock.verdict import CENTRAL, MATTERS
from aftershock.workspace import Workspace

SECTIONS: Final = ("formulas", "verdict", "tests", "calibration", "data", "limits")


def view() -> Plain:
    """The language, kept in the address as on every page."""
    return plain_view("methods")


def contents(say: Words) -> None:
    """The sections, as links."""
    st.markdown(" · ".join(f"[{plain(say(f'methods.{s}'))}](#{s})" for s in SECTIONS))


def _section(code: str, say: Words) -> None:
    st.header(plain(say(f"methods.{code}")), anchor=code)


def formulas(say: Words) -> None:
    """Returns, expected and abnormal returns, and the error of their sum."""
    _section("formulas", say)
    for formula in FORMULAS:
        st.markdown(f"**{plain(say(f'methods.f_{formula.code}'))}** {plain(say(f'methods.about_{formula.code}'))}")
        st.latex(formula.tex)
    st.markdown(plain(say("methods.windows_convention")))


def verdict(say: Words) -> None:
    """How the three answers come about."""
    _section("verdict", say)
    share, index = (say.percent(MATTERS[kind], 0, signed=False) for kind in ("share", "index"))
    for state in ("more-than-noise", "within-noise", "cannot-tell"):
        facts = {"usual": say.percent(CENTRAL, 0, signed=False), "share": share, "index": index}
        st.markdown(f"- **{plain(say(f'verdict.{state}'))}**: {plain(say(f'methods.rule_{state}', **facts))}")
    for code in ("ordinary_days", "smallest", "curve", "ledger"):
        st.markdown(plain(say(f"methods.about_{code}")))
    st.markdown(f"**{plain(say('methods.sources'))}**")
    for source in SOURCES:
        st.markdown(f"- {plain(source)}")


def tests(say: Words) -> None:
    """Every test over many events: what it supposes, how it is computed, where it is from."""
    _section("tests", say)
    for code in ("tests", "band", "effective"):
        st.markdown(plain(say(f"methods.about_{code}")))
    rows = [
        {
            say("impact_page.test"): say(f"test.{t}"),
            say("methods.safe"): say("impact_page.yes" if ABOUT[t].adjusted else "impact_page.no"),
            say("methods.fewest"): str(ABOUT[t].fewest), say("impact_page.null"): say(f"null.{ABOUT[t].null}"),
            say("impact_page.convention"): say(f"convention.{t}"), say("impact_page.citation"): ABOUT[t].citation,
        }
        for t in Test
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", row_height=44)


def calibration(say: Words) -> None:
    """The true sizes that were measured on our own data, or that they were not yet."""
    _section("calibration", say)
    run = sizes.load()
    if run is None:
        st.info(say("methods.no_calibration"), icon=":material/info:")
        return
    st.markdown(plain(say("methods.about_calibration", date=run.date, seed=str(run.seed), hash=run.data_sha256[:12])))
    st.dataframe(_alone([s for s in run.single if s.series == "all"] or run.single, say), hide_index=True, height="content")
    groups = [
        {
            say("impact_page.test"): say(f"test.{g.test}"), say("methods.events"): str(g.n),
            say("methods.shared"): say("impact_page.yes" if g.shared else "impact_page.no"), say("methods.length"): str(g.length),
            say("methods.size"): _share(g.size, g.se, say), say("methods.draws"): say.number(g.draws, 0),
            say("methods.honest"): _honest(g.honest, say),
        }
        for g in run.groups
    ]  # fmt: skip
    with st.expander(plain(say("methods.each_series")), key="m-series"):
        st.dataframe(_alone(run.single, say), hide_index=True, height=480)
    with st.expander(plain(say("methods.groups")), key="m-groups"):
        st.dataframe(pd.DataFrame(groups), hide_index=True, height=480)


def _alone(single: Sequence[sizes.Single], say: Words) -> pd.DataFrame:
    rows = [
        {
            say("methods.what"): _single(s.test, say), say("impact_page.series"): _series(s.series, say),
            say("impact_page.window"): f"[{s.window[0]}, {s.window[1]}]", say("methods.size"): _share(s.size, s.se, say),
            say("methods.coverage"): "–" if s.coverage is None else say.percent(s.coverage, 1, signed=False),
            say("methods.draws"): say.number(s.draws, 0), say("methods.honest"): _honest(sizes.LOW <= s.size <= sizes.HIGH, say),
        }
        for s in single
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _single(test: str, say: Words) -> str:
    return say(f"methods.single_{test}") if say.has(f"methods.single_{test}") else test


def _series(ticker: str, say: Words) -> str:
    return say("methods.all_series") if ticker == "all" else captions.name(ticker, say)


def _share(size: float, se: float, say: Words) -> str:
    return f"{say.percent(size, 1, signed=False)} ± {say.number(200 * se, 1)}"


def _honest(honest: bool, say: Words) -> str:
    return say("methods.inside" if honest else "methods.outside")


def data(workspace: Workspace, say: Words) -> None:
    """Which prices, from when to when, and the hashes that name them."""
    _section("data", say)
    p = workspace.prices.provenance
    st.markdown(
        plain(say("methods.about_data", parts=captions.sources(list(workspace.prices.series.values()), say), events=len(workspace.events)))
    )
    rows = [
        {
            say("impact_page.series"): captions.name(s.ticker, say), say("methods.first"): say.date(s.first),
            say("methods.last"): say.date(s.last), say("methods.given"): say(f"market.from_{s.source}"),
            say("methods.retrieved"): s.retrieved_at,
            say("methods.sessions"): say.number(s.sessions, 0), "SHA-256": s.sha256,
        }
        for s in workspace.prices.series.values()
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")
    st.caption(plain(say("methods.named", hash=workspace.data_hash, sha=p.sha256)))


def limits(say: Words) -> None:
    """What these numbers cannot say."""
    _section("limits", say)
    for code in LIMITS:
        st.markdown(f"- {plain(say(f'methods.limit_{code}'))}")
