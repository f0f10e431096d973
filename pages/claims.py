"""Does what was said about the market hold against the figures? All claims at a glance, the reader's own, and a card for each."""

from aftershock import ui

workspace, say = ui.start()
view = ui.claims.view(workspace)
exhibit = ui.claims.exhibit(workspace, view)

ui.heading(ui.claims.headline(workspace, view, say), say("claims_page.standfirst"), say)
ui.corrections(say)
ui.vintage.claims(workspace, say)
ui.claims.filters(workspace, say)
ui.claims.chart(workspace, view, exhibit, say)
ui.claims.own(workspace, view, say)
ui.claims.cards(workspace, view, say)
ui.source_line(workspace, exhibit, say)
