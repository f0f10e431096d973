"""The whole report as one document: its events, the methods in short, the limits, where the data come from, and how to cite it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from aftershock import __version__, captions
from aftershock.captions import in_a_sentence, name
from aftershock.impact import Impact
from aftershock.impact_rows import minus
from aftershock.methods import FORMULAS, LIMITS, SOURCES
from aftershock.report import sections
from aftershock.report.citation import apa, bibtex
from aftershock.report.document import Block, Code, Document, Formula, Items, Paragraph, Run, Section, facts, line, table
from aftershock.report.parts import Part, slug
from aftershock.text import Words
from aftershock.verdict import CENTRAL, MATTERS, State
from aftershock.workspace import Workspace


def compose(workspace: Workspace, parts: Sequence[Part], say: Words) -> Document:
    """The document about `parts`: one event's sections as they are, or a chapter for each of several after a summary of all."""
    single = len(parts) == 1
    made: list[Section] = []
    if single:
        made += sections.of(workspace, parts[0], 1, say)
    else:
        made.append(Section(say("report.summary"), _summary(parts, say)))
        for part in parts:
            made += [Section(sections.title(part, say), (), 1), *sections.of(workspace, part, 2, say)]
    made += [
        Section(say("report.methods"), methods(say)),
        Section(say("methods.limits"), limits(say)),
        Section(say("report.provenance"), _provenance(workspace, parts, say)),
        Section(say("report.cite"), _citation(workspace, parts, say)),
    ]
    return Document(
        lang=say.lang,
        title=title(parts, say),
        subtitle=_subtitle(parts[0], say) if single else _several(parts, say),
        source=say("report.source", day=workspace.last, hash=workspace.data_hash, version=__version__),
        as_of=str(workspace.last),
        version=__version__,
        slug=slug([p.view for p in parts]),
        words={key: say(f"report.{key}") for key in ("contents", "page", "kind")},
        sections=tuple(made),
    )


def title(parts: Sequence[Part], say: Words) -> str:
    """The finding of a single event, or what came out of several."""
    if len(parts) == 1:
        return sections.title(parts[0], say)
    found = Counter(p.answer.verdict.state for p in parts if isinstance(p.answer, Impact))
    counts = [say("report.count", n=found[state], verdict=say(f"verdict.{state}")) for state in State if found[state]]
    if rest := len(parts) - found.total():
        counts.append(say("report.count", n=rest, verdict=say("report.unanswered")))
    return say("report.several", n=len(parts), counts=", ".join(counts))


def _subtitle(part: Part, say: Words) -> str:
    return f"{part.event.title.in_(say.lang)} · {name(part.view.ticker, say)}, {say.date(part.reaction.session)}"


def _several(parts: Sequence[Part], say: Words) -> str:
    series = dict.fromkeys(in_a_sentence(p.view.ticker, say) for p in parts)
    days = sorted(p.reaction.session for p in parts)
    return f"{say.listing(series)} · {say.dates(days[0], days[-1])}"


def _summary(parts: Sequence[Part], say: Words) -> tuple[Block, ...]:
    rows = []
    for p in parts:
        found = p.answer if isinstance(p.answer, Impact) else None
        rows.append(
            {
                say("impact_page.event"): p.event.title.in_(say.lang),
                say("impact_chart.session"): say.date(p.reaction.session),
                say("impact_page.series"): name(p.view.ticker, say),
                say("impact_page.window"): minus(str(p.view.design.window)),
                "CAR": say.percent(found.outcome.car if found else None),
                say("impact_page.p_ordinary"): say.number(found.ordinary.p if found else None, 4),
                say("impact_page.verdict"): p.told.verdict if p.told else say("report.unanswered"),
            }
        )
    return (table(rows),)


# -- at the end ------------------------------------------------------------------------------------------------------


def methods(say: Words) -> tuple[Block, ...]:
    """The formulas with what they mean, and the rules of the verdict."""
    share, index = (say.percent(MATTERS[kind], 0, signed=False) for kind in ("share", "index"))
    known = {"usual": say.percent(CENTRAL, 0, signed=False), "share": share, "index": index}
    rules = [
        (Run(say(f"verdict.{state}"), strong=True), Run(": " + say(f"methods.rule_{state}", **known)))
        for state in ("more-than-noise", "within-noise", "cannot-tell")
    ]
    return (
        Paragraph(line(say("methods.windows_convention"))),
        *(Formula(f.code, say(f"methods.f_{f.code}"), say(f"methods.about_{f.code}"), f.tex, f.typst) for f in FORMULAS),
        Items(tuple(rules)),
        *(Paragraph(line(say(f"methods.about_{code}"))) for code in ("ordinary_days", "smallest", "curve", "ledger")),
        Paragraph((Run(say("methods.sources"), strong=True),)),
        Items(tuple(line(source) for source in SOURCES)),
    )


def limits(say: Words) -> tuple[Block, ...]:
    """What these numbers cannot say."""
    return (Items(tuple(line(say(f"methods.limit_{code}")) for code in LIMITS)),)


def _provenance(workspace: Workspace, parts: Sequence[Part], say: Words) -> tuple[Block, ...]:
    p = workspace.prices.provenance
    rows = [
        {
            say("impact_page.series"): name(s.ticker, say), say("methods.first"): say.date(s.first), say("methods.last"): say.date(s.last),
            say("methods.sessions"): say.number(s.sessions, 0), say("report.retrieved"): _day(s.retrieved_at, say), "SHA-256": s.sha256,
        }
        for s in workspace.prices.series.values()
    ]  # fmt: skip
    known = facts(
        (say("report.as_of"), say.date(workspace.last)),
        (say("report.data"), workspace.data_hash),
        ("SHA-256", p.sha256),
        ("Aftershock", __version__),
    )
    links = Items(tuple((Run(part.link, url=part.link if part.link.startswith("http") else ""),) for part in parts))
    shown = captions.sources(list(workspace.prices.series.values()), say)
    about = say("methods.about_data", parts=shown, events=len(workspace.events))
    return Paragraph(line(about)), known, table(rows), Paragraph((Run(say("report.link"), strong=True),)), links


def _day(iso: str, say: Words) -> str:
    return say.date(dt.date.fromisoformat(iso[:10]))


def _citation(workspace: Workspace, parts: Sequence[Part], say: Words) -> tuple[Block, ...]:
    asked = (title(parts, say), workspace, parts[0].link)
    return Paragraph(line(apa(*asked, say))), Code(bibtex(*asked, slug([p.view for p in parts])))
