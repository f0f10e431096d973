"""Aftershock's entry point: the frame that all pages share. `streamlit run app.py` or `make run`.

The pages are in `app_pages/`: a folder called `pages` would be run by Streamlit itself, without this frame, when the first reader of a
server comes by a link to one of them.
"""

from aftershock import ui

page = ui.frame(
    {
        "timeline": "app_pages/timeline.py",
        "impact": "app_pages/impact.py",
    }
)
page.run()
