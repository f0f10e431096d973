"""Aftershock's entry point: the frame that all pages share. `streamlit run app.py` or `make run`."""

from aftershock import ui

ui.run()
