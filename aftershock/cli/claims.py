"""`aftershock claims`: what was said about the market, and what the figures say."""

from __future__ import annotations

import argparse
from typing import Any

from aftershock.claims import Checked
from aftershock.cli.common import common_parser, emit
from aftershock.text import Words, words
from aftershock.workspace import Workspace


def register(subparsers: Any) -> None:
    """Adds the command and its options."""
    parser: argparse.ArgumentParser = subparsers.add_parser("claims", parents=[common_parser()], help="claims held against the figures")
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Prints every claim with its answer."""
    say = words(args.lang)
    checked = Workspace.open().checked
    emit({"claims": [_document(c, say) for c in checked]}, [_row(c, say) for c in checked], args.format)
    return 0


def _document(checked: Checked, say: Words) -> dict[str, Any]:
    claim, found = checked.claim, checked.found
    return {
        "id": claim.id,
        "claim": claim.said.in_(say.lang),
        "by": claim.by.in_(say.lang),
        "article": claim.articles[0] if claim.articles else None,
        "kind": claim.kind.value,
        "ticker": claim.ticker,
        "stated": {"value": float(claim.stated), "unit": claim.unit, "hedge": claim.hedge.value},
        "found": {"value": found.value, "unit": claim.unit, "sessions": [f"{s:%Y-%m-%d}" for s in found.sessions]} if found else None,
        "verdict": checked.verdict.value,
        "why": checked.reason(say),
    }


def _row(checked: Checked, say: Words) -> dict[str, Any]:
    claim, found = checked.claim, checked.found
    value = say.number(found.value, claim.digits) if found else None
    return {
        "id": claim.id, "by": claim.by.in_(say.lang), "stated": str(claim.stated), "found": value, "unit": claim.unit,
        "verdict": say(f"claim_verdict.{checked.verdict}"), "why": checked.reason(say),
    }  # fmt: skip
