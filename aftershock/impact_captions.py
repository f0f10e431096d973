"""The words around each exhibit of an impact, made of its findings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from aftershock import findings
from aftershock.captions import in_a_sentence, name
from aftershock.findings import Findings
from aftershock.impact import Impact
from aftershock.text import Words


@dataclass(frozen=True, slots=True)
class Said:
    """One exhibit's words. `heading` and `caption` stand over and under it on the page, where the headline is near; `title` must
    do without."""

    heading: str
    title: str
    subtitle: str
    alt: str
    caption: str = ""


def of(impact: Impact, found: Findings, say: Words) -> dict[str, Said]:
    """Exhibit -> its words."""
    about = name(impact.ticker, say)
    where = say("impact_page.of", name=about, day=impact.session)
    event = impact.event.title.in_(say.lang)
    under = f"{event} · {found.subtitle}"
    curve, split = _first(found.curve), _split(impact, say)
    curve_under = say("impact_page.curve_under", event=event)
    later = found.split.removeprefix(split).strip()
    split_under = " · ".join(filter(None, (event, later, found.dollars)))
    split_alt = say("impact_page.alt_split", name=about, day=impact.session, finding=split)
    return {
        "path": Said(path_heading(impact, say), found.title, under, found.alt_path),
        "ordinary": Said(ordinary_heading(impact, say), found.title, under, found.alt_ordinary),
        "specifications": Said(
            curve, f"{where}: {_lower(curve)}", curve_under, found.alt_specifications, found.curve.removeprefix(curve).strip(". ")
        ),
        "split": Said(split.rstrip("."), f"{where}: {_lower(split)}", split_under, split_alt, later),
    }


def path_heading(impact: Impact, say: Words) -> str:
    """'Beyond what the S&P 500 explains: −13.1 % in sessions [0, 0], −3.4 % by session +20'."""
    car = impact.path["car"].to_numpy()
    last = int(np.flatnonzero(np.isfinite(car))[-1])
    code = "beyond" if impact.design.uses_benchmark else "beyond_alone"
    return say(
        f"impact_page.{code}",
        benchmark=in_a_sentence(impact.design.benchmark, say),
        window=str(impact.outcome.window).replace("-", "−"),
        move=say.percent(impact.outcome.car, 1),
        end=say.percent(float(car[last]), 1),
        last=f"{impact.path['offset'].iloc[last]:+d}",
    )


def ordinary_heading(impact: Impact, say: Words) -> str:
    """'8 of 1,010 ordinary days moved as much (p = 0.009)'."""
    days = impact.ordinary
    kind = "windows" if len(impact.outcome.window) > 1 else "days"
    return say(f"impact_page.ordinary_{kind}{'' if days.as_extreme else '_none'}", k=days.as_extreme, of=days.of, p=say.number(days.p, 3))


def _split(impact: Impact, say: Words) -> str:
    return "" if impact.split is None else findings.split(replace(impact.split, later=()), say)


def _first(text: str) -> str:
    """The first sentence; what follows it belongs on the page."""
    return text.split(". ")[0].rstrip(".") if ". " in text else text.rstrip(".")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
