"""Events side by side: the same design on every event of a series at once, their paths laid over each other, and their average.

panel    all events of one series and one design, vectorised
average  the mean path of many events, with a band that allows for shared sessions
"""

from aftershock.compare.average import Average, average, two_way
from aftershock.compare.panel import Panel, panel

__all__ = ["Average", "Panel", "average", "panel", "two_way"]
