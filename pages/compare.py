"""Which news moved it most, and what do events of one kind have in common? Events side by side."""

from aftershock import ui

workspace, say = ui.start()
view = ui.compare.view(workspace)
comparison = ui.compare.comparison(workspace, view)
exhibits = ui.compare.exhibits(workspace, view)

ui.heading(ui.compare.headline(comparison, say), ui.compare.standfirst(comparison, say), say)
ui.corrections(say)
ui.vintage.compare(workspace, say)
ui.compare.presets(view, say)
ui.compare.pickers(workspace, view, say)
ui.compare.exhibit(comparison, exhibits, "paths", say)
ui.compare.left_out(comparison, say)
ui.compare.exhibit(comparison, exhibits, "heat", say)
ui.compare.exhibit(comparison, exhibits, "mean", say)
ui.compare.exhibit(comparison, exhibits, "categories", say)
ui.compare.ranking(comparison, say)
ui.source_line(workspace, exhibits.get("paths", exhibits["categories"]), say)
