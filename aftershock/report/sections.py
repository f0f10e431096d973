"""The sections about one event: what happened, the answer, each exhibit with its numbers, and everything to doubt it by."""

from __future__ import annotations

from typing import Final

from aftershock import event_captions, impact_rows
from aftershock.captions import finding, name
from aftershock.charts.theme import LETTERS
from aftershock.events import Event
from aftershock.exports import EXPORTS
from aftershock.impact import Impact
from aftershock.impact_rows import minus, p_value
from aftershock.report import tables
from aftershock.report.document import Answer, Block, Facts, Figure, Items, Paragraph, Run, Section, facts, line, table
from aftershock.report.parts import Part
from aftershock.study import Exclusion
from aftershock.text import Words
from aftershock.workspace import Workspace

_SIZES: Final = {"timeline": "tall", "specifications": "tall"}  # the others are flat


def of(workspace: Workspace, part: Part, level: int, say: Words) -> list[Section]:
    """The sections of one part, headed at `level`."""
    made = [Section(say("report.event"), _event(workspace, part, say), level), Section(say("report.answer"), _answer(part, say), level)]
    made += [Section(_heading(part, shown, say), _exhibit(part, shown, say), level) for shown in part.exhibits]
    if isinstance(part.answer, Impact) and part.told is not None:
        made += [Section(title, blocks, level) for title, blocks in _doubts(workspace, part.answer, part, say) if blocks]
    return made


def title(part: Part, say: Words) -> str:
    """The finding; where there is none, which event has no answer."""
    if part.told:
        return part.told.title
    return f"{part.event.title.in_(say.lang)}: {say('impact_page.no_answer', name=name(part.view.ticker, say))}"


# -- the event and the answer ----------------------------------------------------------------------------------------


def _event(workspace: Workspace, part: Part, say: Words) -> tuple[Block, ...]:
    event, reaction = part.event, part.reaction
    mentioned = [f"{a.publisher} ({say.date(a.published)})" for a in workspace.articles if a.id in event.articles]
    return (
        Paragraph((Run(event.title.in_(say.lang), strong=True),)),
        Paragraph(line(event.summary.in_(say.lang))),
        facts(
            (say("ui.published"), event_captions.published(event, say)),
            (say("ui.reaction"), f"{say.date(reaction.session, 'day')} ({reaction.in_words(say)})"),
            (say("ui.category"), f"{LETTERS[event.category]} {say(f'category.{event.category}')} · {', '.join(event.tickers)}"),
            (say("ui.how_sure"), event_captions.how_sure(event, say)),
            (say("ui.origin"), say("ui.single_origin", origin=event.single_origin) if event.single_origin else ""),
            (say("ui.note"), event.note.in_(say.lang) if event.note else ""),
            (say("ui.mentioned"), say.listing(mentioned)),
        ),
        *_sources(event, say),
    )


def _sources(event: Event, say: Words) -> tuple[Block, ...]:
    """The pages that say so, as links where they have an address."""
    if not event.sources:
        return (facts((say("ui.sources"), say("ui.no_sources"))),)
    items = [
        (Run(event_captions.source_name(s, say), url=s.url or ""), *((Run(f" ({s.where})"),) if s.where and not s.url else ()))
        for s in event.sources
    ]
    return Paragraph((Run(say("ui.sources"), strong=True),)), Items(tuple(items))


def _answer(part: Part, say: Words) -> tuple[Block, ...]:
    answer = part.answer
    if isinstance(answer, Exclusion) or part.told is None:
        return (Paragraph(line(answer.in_words(say) if isinstance(answer, Exclusion) else "")),)
    told = part.told
    blocks: list[Block] = [Answer(str(answer.verdict.state), told.verdict, told.because), Paragraph(line(told.subtitle + "."))]
    if answer.why_design:
        blocks.append(Paragraph(line(say(f"design.{answer.why_design}"))))
    return (*blocks, _figures(answer, say))


def _figures(answer: Impact, say: Words) -> Facts:
    """The numbers that a reader would quote."""
    o, days, v = answer.outcome, answer.ordinary, answer.verdict
    several = len(o.window) > 1
    p = p_value(o.p, say)
    t = say("report.t", t=say.number(o.t), p=p if p.startswith("<") else f"= {p}", df=str(o.fit.df), n=str(o.fit.n))
    return facts(
        (say("impact_page.car" if several else "impact_page.abnormal"), f"{say.percent(o.car)} · {minus(str(o.window))}"),
        (say("impact_page.interval"), f"{say.percent(o.low)} … {say.percent(o.high)}"),
        (
            say("impact_page.ordinary_windows_n" if several else "impact_page.ordinary_n"),
            f"{say('impact_page.of_n', k=days.as_extreme, n=days.of)} · p = {say.number(days.p, 4)}",
        ),
        ("t", t),
        (say("impact_page.smallest"), "±" + say.percent(v.smallest, 1, signed=False)),
    )


# -- exhibits --------------------------------------------------------------------------------------------------------


def _heading(part: Part, shown: str, say: Words) -> str:
    """What the exhibit shows, as a sentence: that of the event's own session over the timeline."""
    if shown == "timeline" and part.timeline is not None:
        return finding(part.timeline.finding_of(part.reaction.session), say)
    return str(part.exhibits[shown].facts["heading"])


def _exhibit(part: Part, shown: str, say: Words) -> tuple[Block, ...]:
    one = part.exhibits[shown]
    caption = one.facts["subtitle"] if shown == "timeline" else say(f"report.about_{shown}", n=_days(part))
    drawn = EXPORTS["svg"].make(one, _SIZES.get(shown, "figure")).decode()
    blocks: list[Block] = [Figure(drawn, one.facts["alt"], caption)]
    if said := one.facts.get("caption", ""):
        blocks.append(Paragraph(line(said)))
    if rows := tables.of(part, shown, say):
        blocks.append(table(rows, say(f"report.table_{shown}")))
    return tuple(blocks)


def _days(part: Part) -> int:
    return part.answer.ordinary.of if isinstance(part.answer, Impact) else 0


# -- what to doubt it by ---------------------------------------------------------------------------------------------


def _doubts(workspace: Workspace, answer: Impact, part: Part, say: Words) -> list[tuple[str, tuple[Block, ...]]]:
    """Other windows, sessions, causes and benchmarks, the dollars, and the cautions: each with its heading; empty ones are left out."""
    told = part.told
    assert told is not None
    left_out = [Paragraph(line(x.in_words(say)), small=True) for x in answer.excluded]
    causes = [(Run(c.title.in_(say.lang), strong=True), Run(": " + impact_rows.confounder(c, say))) for c in answer.ledger.entries]
    rows, sessions = impact_rows.benchmarks(answer, workspace.snapshot.series, say), impact_rows.anchors(answer, say)
    why = [Paragraph(line(say(f"exself.{answer.benchmarks.why}")), small=True)] if answer.benchmarks.why else []
    cautions = [line(impact_rows.caution(c, workspace.by_id, say)) for c in answer.warnings]
    return [
        (say("impact_page.windows"), (table(impact_rows.windows(answer, say)), *left_out)),
        (say("impact_page.anchors"), (table(sessions),) if sessions else ()),
        (say("impact_page.ledger"), (Paragraph(line(told.ledger)), *((Items(tuple(causes)),) if causes else ()))),
        (say("impact_page.benchmarks"), (Paragraph(line(told.benchmarks)), table(rows), *why) if rows else ()),
        (say("report.dollars"), (Paragraph(line(told.dollars)),)),
        (say("impact_page.cautions", n=len(cautions)), (Items(tuple(cautions)),) if cautions else ()),
    ]
