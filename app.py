"""Aftershock's entry point: the frame that all pages share. `streamlit run app.py` or `make run`."""

from aftershock import ui

page = ui.frame(
    {
        "timeline": "pages/timeline.py",
        "impact": "pages/impact.py",
    }
)
page.run()
