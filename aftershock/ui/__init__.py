"""The Streamlit shell: what the pages are made of. The only library package that imports streamlit.

address    the query string and the widgets
house      the server's workspace and market
turns      a few readers at a time
frame      what all pages share
markdown   text from outside, in Markdown
faults     what a reader is told, and the log, when something of ours fails
reader     who is reading: the one reader, or whoever has signed in
carried    what waits for a reader who is signing in
market     any series on a page, and where its bars come from
evidence   what a card says of an event's evidence
timeline   the timeline page
question   which event and series, measured how: the Impact page's question
impact     the Impact page
compare    the Compare page
claims     the Claims page
kept       the reader's own events: whose they are, and the store
events     the Events page
articles   the Articles page
event_form the form of an own event
methods    the Methods page
report     the report of an impact, to take away
files      events as files to take away
vintage    what changed since a link was made
"""

from aftershock.ui import articles, claims, compare, events, impact, methods, report, vintage
from aftershock.ui.address import language
from aftershock.ui.frame import corrections, heading, plain, run, source_line, start, take_away
from aftershock.ui.house import opened
from aftershock.ui.timeline import (
    candles,
    events_and_card,
    key_figures,
    range_controls,
    series_controls,
    table,
    timeline_chart,
    timeline_exhibit,
    timeline_view,
)

__all__ = [
    "articles",
    "candles",
    "claims",
    "compare",
    "corrections",
    "events",
    "events_and_card",
    "heading",
    "impact",
    "key_figures",
    "language",
    "methods",
    "opened",
    "plain",
    "range_controls",
    "report",
    "run",
    "series_controls",
    "source_line",
    "start",
    "table",
    "take_away",
    "timeline_chart",
    "timeline_exhibit",
    "timeline_view",
    "vintage",
]
