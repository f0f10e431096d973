"""Which events does an article speak of? Its dated statements, resolved, and the drafts that a reader confirms and saves."""

from aftershock import ui

workspace, say = ui.start()
ui.articles.view()

ui.heading(ui.articles.title(say), say("article_page.standfirst"), say)
ui.articles.source(workspace, say)
ui.articles.found(workspace, say)
