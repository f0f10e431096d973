"""What did the news do to the market? Lines, the event lane, the list of events, and everything to take away."""

from aftershock import ui
from aftershock.views import Show

workspace, say = ui.start()
view = ui.timeline_view(workspace)
workspace = ui.opened(workspace, view.series)
timeline = workspace.timeline(view)
exhibit = ui.timeline_exhibit(workspace, view)

ui.heading(exhibit.facts["title"], exhibit.facts["subtitle"], say)
ui.corrections(say)
ui.vintage.timeline(workspace, view, say)

ui.range_controls(workspace, view, say)
ui.series_controls(workspace, view, say)

match view.show:
    case Show.CHART:
        ui.timeline_chart(timeline, say)
    case Show.CANDLES:
        ui.candles(workspace, timeline, say)
    case Show.TABLE:
        ui.table(timeline.table(), say)
ui.take_away(exhibit, say)

ui.events_and_card(workspace, timeline, say)
ui.key_figures(timeline, say)
ui.source_line(workspace, exhibit, say)
