"""Was it more than noise? What a careful reader would ask of one abnormal return before believing it.

ordinary   how often did this series move as much when nothing of ours happened
judge      more than noise, cannot tell, within noise, and the smallest move that could have been seen
curve      the same question under every reasonable choice, and at every session that could be meant
ledger     what else happened in the window
yardstick  the benchmark: does it contain the stock, did it move on the same news, what would another one say
assess     all of it for one event of a series
"""

from aftershock.verdict.assess import Judged, Setting
from aftershock.verdict.curve import Anchor, Curve, Material, anchors, specification_curve
from aftershock.verdict.judge import ALPHA, CENTRAL, MATTERS, Doubt, State, Verdict, judge, kind_of
from aftershock.verdict.ledger import Confounder, Kind, Ledger, Status, ledger
from aftershock.verdict.ordinary import FEWEST, Ordinary, concerns, ordinary_days, ordinary_mask, touched_positions
from aftershock.verdict.yardstick import BenchmarkRange, Reading, benchmark_range, peer_basket

__all__ = [
    "ALPHA",
    "CENTRAL",
    "FEWEST",
    "MATTERS",
    "Anchor",
    "BenchmarkRange",
    "Confounder",
    "Curve",
    "Doubt",
    "Judged",
    "Kind",
    "Ledger",
    "Material",
    "Ordinary",
    "Reading",
    "Setting",
    "State",
    "Status",
    "Verdict",
    "anchors",
    "benchmark_range",
    "concerns",
    "judge",
    "kind_of",
    "ledger",
    "ordinary_days",
    "ordinary_mask",
    "peer_basket",
    "specification_curve",
    "touched_positions",
]
