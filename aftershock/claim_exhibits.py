"""What the Claims page and the command line hand out: all claims at a glance, and the evidence of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pandas as pd

from aftershock import __version__, claims
from aftershock.captions import sources
from aftershock.charts.claims import evidence, overview
from aftershock.charts.impact.frame import Box
from aftershock.charts.sheet import SIZES
from aftershock.claim_evidence import Backdrop, backdrop
from aftershock.claim_views import OWN_ID, ClaimsView, figure, found_figure, headline, tickers_of, told_alt
from aftershock.claim_views import ordered as in_order
from aftershock.claims import Checked, Claim, Evidence
from aftershock.exhibits import given
from aftershock.exports import Exhibit
from aftershock.text import Words, words
from aftershock.vintage import stamped
from aftershock.workspace import Workspace


@lru_cache(maxsize=8)
def evidence_of(workspace: Workspace) -> Evidence:
    """What the claims of a workspace are held against."""
    return Evidence(workspace.prices, workspace.reference, workspace.reactions)


@lru_cache(maxsize=8)
def ordered(workspace: Workspace) -> tuple[Checked, ...]:
    """Every claim with its answer, the articles' first."""
    return in_order(workspace.checked)


@lru_cache(maxsize=256)
def answer(workspace: Workspace, claim: Claim) -> Checked:
    """A reader's own claim with its answer."""
    return claims.check(claim, evidence_of(workspace))


@lru_cache(maxsize=512)
def seen(workspace: Workspace, checked: Checked) -> Backdrop | None:
    """The bars behind a claim; None where the data have none."""
    return backdrop(checked, evidence_of(workspace))


def shown(workspace: Workspace, view: ClaimsView) -> tuple[Checked, ...]:
    """The claims that pass the view's filters."""
    return tuple(c for c in ordered(workspace) if view.keeps(c))


def claims_overview(workspace: Workspace, view: ClaimsView, base: str = "aftershock/claims") -> Exhibit:
    """All claims that pass the filters. `base` is the address that the permalink starts with."""
    say, chosen = words(view.lang), shown(workspace, view)
    link = replace(view, page=1).link(base)
    facts = _facts(workspace, tickers_of(chosen), say, headline(chosen, say), say("claims_page.overview_under"), link)
    facts["alt"] = say("claims_page.alt_overview", n=len(chosen), finding=facts["title"])
    said = (facts["title"], facts["subtitle"], facts["footer"], facts["alt"])
    key = overview.key_of(chosen, say)
    return Exhibit(
        picture=lambda size: overview.picture(key, overview.drawing(chosen, say), SIZES[size], said),
        interactive=lambda: overview.interactive(key, overview.drawing(chosen, say)),
        table=lambda: table(chosen, say),
        facts=facts,
        slug=f"aftershock-claims-{view.lang}",
        lang=view.lang,
    )


def claim_evidence(workspace: Workspace, view: ClaimsView, checked: Checked, base: str = "aftershock/claims") -> Exhibit | None:
    """The evidence of one claim; None where the data have none of it."""
    behind = seen(workspace, checked)
    if behind is None:
        return None
    say, claim = words(view.lang), checked.claim
    verdict = say(f"claim_verdict.{checked.verdict}")
    title = say("claims_page.evidence_title", said=claim.said.in_(say.lang), verdict=verdict)
    facts = _facts(workspace, (claim.ticker,), say, title, f"{claim.by.in_(say.lang)} · {checked.reason(say)}", _link(view, checked, base))
    facts |= {"alt": told_alt(checked, say), "claim": claim.id, "verdict": str(checked.verdict), "ticker": claim.ticker}
    said = (facts["title"], facts["subtitle"], facts["footer"], facts["alt"])
    key = evidence.key_of(checked, behind, say)
    page = Box(0, evidence.HEIGHT)
    return Exhibit(
        picture=lambda size: evidence.picture(key, checked, behind, say, SIZES[size], said),
        interactive=lambda: evidence.interactive(key, evidence.drawing(checked, behind, say, page)),
        table=lambda: behind.bars.rename_axis("session"),
        facts=facts,
        slug=f"aftershock-claim-{claim.id}-{view.lang}",
        lang=view.lang,
    )


def _link(view: ClaimsView, checked: Checked, base: str) -> str:
    """The address that shows this claim and no other; a reader's own claim is in the address already."""
    if checked.claim.id == OWN_ID:
        return view.link(base)
    return ClaimsView(claim=checked.claim.id, lang=view.lang).link(base)


def _facts(workspace: Workspace, tickers: Iterable[str], say: Words, title: str, subtitle: str, link: str) -> dict[str, Any]:
    link = stamped(link, workspace.prices, workspace.tickers)
    known = workspace.prices.series
    series = [known[t] for t in tickers if t in known] or list(known.values())
    source = say("impact.source", parts=sources(series, say))
    method = say("claims_page.method")
    return {
        "title": title, "subtitle": subtitle, "permalink": link,
        "footer": say("impact.footer", source=source, method=method, version=__version__, link=link),
        **given(series),
        "data": workspace.data_hash, "version": __version__,
    }  # fmt: skip


def table(chosen: Sequence[Checked], say: Words) -> pd.DataFrame:
    """One row per claim, codes and numbers as they are and sentences in the language; the index is the claim's id."""
    rows = []
    for c in chosen:
        claim, found = c.claim, c.found
        rows.append(
            {
                "id": claim.id, "said": claim.said.in_(say.lang), "by": claim.by.in_(say.lang), "kind": str(claim.kind),
                "ticker": claim.ticker,
                "first": _stamp(claim.first), "last": _stamp(claim.last), "hedge": str(claim.hedge), "stated": float(claim.stated),
                "found": found.value if found else float("nan"), "unit": claim.unit,
                "shares_bn": found.shares.billions_split_adjusted if found and found.shares else float("nan"),
                "shares_filed": _stamp(found.shares.filed if found and found.shares else None),
                "verdict": str(c.verdict), "why": c.reason(say),
            }
        )  # fmt: skip
    columns = (
        "id",
        "said",
        "by",
        "kind",
        "ticker",
        "first",
        "last",
        "hedge",
        "stated",
        "found",
        "unit",
        "shares_bn",
        "shares_filed",
        "verdict",
        "why",
    )
    frame = pd.DataFrame(rows, columns=list(columns)).astype(dict.fromkeys(("first", "last", "shares_filed"), "datetime64[us]"))
    return frame.set_index("id")


def _stamp(day: dt.date | None) -> Any:
    return pd.NaT if day is None else pd.Timestamp(day).as_unit("us")


def lines(checked: Checked, say: Words) -> dict[str, str]:
    """What a card says in short: what was stated and what was found, in the claim's unit."""
    hedge = "" if checked.claim.hedge == "exact" else say(f"hedge.{checked.claim.hedge}") + " "
    return {
        "claims_page.said": hedge + figure(checked.claim, checked.claim.stated, say),
        "claims_page.found": found_figure(checked, say),
    }  # fmt: skip
