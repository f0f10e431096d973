"""The same study for many pairs at once, vectorised: a million pairs in about a second, exact where returns are missing.

many      `study_many`: a row of numbers or a reason for every pair, on one machine or over an executor's workers
table     returns, benchmark and labels as arrays; stored in a folder when workers are to read it
paths     three ways to the same sums, and the careful one
rolling   one design at every session of a series
"""

from aftershock.panel.many import study_many
from aftershock.panel.rolling import Rolling, two_sided
from aftershock.panel.table import Table

__all__ = ["Rolling", "Table", "study_many", "two_sided"]
