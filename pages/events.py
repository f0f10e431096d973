"""Which events are there, who says so, and how sure is it? The catalogue and the reader's own, with the evidence behind each."""

from aftershock import ui

workspace, say = ui.start()
view = ui.events.view(workspace)
shown = ui.events.shown(workspace, view)

ui.heading(ui.events.title(shown, say), ui.events.standfirst(shown, workspace, say), say)
ui.corrections(say, about_own=True)
ui.events.actions(workspace, shown, say)
ui.events.list_and_card(workspace, shown, view, say)
