"""The two charts of the Claims page as Vega-Lite.

evidence  one claim: the bars around its sessions, the level that was said and the level that was found
overview  all claims: what was found as a share of what was said
"""

from aftershock.charts.claims import evidence, overview

__all__ = ["evidence", "overview"]
