"""The impact of one event on one series, as plain data: everything that the Impact page, the command line and a report show of it.

    build(event_id, ticker, design, prices=..., closes=..., events=..., reactions=..., reference=...) -> Impact | Exclusion

No drawing here and no words beyond codes; `findings` makes the sentences. `Workspace.impact` wires it.
"""

from aftershock.impact.build import HEADLINE, PATH, WINDOWS, Impact, build, default_design, material_of, path
from aftershock.verdict import Judged

__all__ = ["HEADLINE", "PATH", "WINDOWS", "Impact", "Judged", "build", "default_design", "material_of", "path"]
