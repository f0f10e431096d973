"""Was it more than noise? One event, one series: the answer in words, the charts that show it, and every number behind it."""

from aftershock import ui
from aftershock.study import Exclusion

workspace, say = ui.start()
view = ui.impact.view(workspace)
workspace = ui.impact.opened(workspace, view)
answer = ui.impact.answer(workspace, view)

if isinstance(answer, Exclusion):
    ui.heading(ui.impact.no_answer_title(view, say), workspace.event(view.event).title.in_(say.lang), say)
    ui.corrections(say)
    ui.vintage.impact(workspace, view, say)
    ui.impact.to_timeline(workspace, view, say)
    ui.impact.picker(workspace, view, say)
    ui.impact.settings(workspace, view, say)
    ui.impact.no_answer(workspace, view, answer, say)
    ui.report.take_away(workspace, view, say)
else:
    told = ui.impact.findings(workspace, view, answer)
    exhibits = ui.impact.exhibits(workspace, view)
    ui.heading(told.title, ui.impact.standfirst(answer, told, say), say)
    ui.corrections(say)
    ui.vintage.impact(workspace, view, say)
    ui.impact.verdict(answer, told, say)
    ui.impact.to_timeline(workspace, view, say)
    ui.impact.picker(workspace, view, say)
    ui.impact.settings(workspace, view, say)
    ui.impact.figures(answer, say)
    ui.report.take_away(workspace, view, say)
    ui.impact.exhibit(workspace, answer, exhibits, "ordinary", say)
    ui.impact.exhibit(workspace, answer, exhibits, "path", say)
    ui.impact.exhibit(workspace, answer, exhibits, "specifications", say)
    ui.impact.windows(answer, say)
    ui.impact.anchors(answer, say)
    ui.impact.ledger(answer, told, say)
    ui.impact.benchmark_table(workspace, answer, told, say)
    ui.impact.dollars(answer, told, say)
    ui.impact.exhibit(workspace, answer, exhibits, "split", say)
    ui.impact.several(workspace, view, answer, say)
    ui.impact.cautions(workspace, answer, say)
    ui.source_line(workspace, exhibits["path"], say)
