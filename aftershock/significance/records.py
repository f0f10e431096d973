"""The tests by name: what each one assumes, where it comes from, and the record that its answer travels in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aftershock.text import Words


class Test(StrEnum):
    """Tests of zero abnormal return over many events. Labels: `test.<code>`."""

    __test__ = False  # pytest looks for classes of this name

    CROSS_SECTIONAL = "cross-sectional"
    CLUSTERED = "clustered"
    PATELL = "patell"
    BMP = "bmp"
    KOLARI_PYNNONEN = "kolari-pynnonen"
    CORRADO = "corrado"
    GENERALISED_RANK = "generalised-rank"
    SIGN = "sign"
    GENERALISED_SIGN = "generalised-sign"
    WILCOXON = "wilcoxon"
    WILD_BOOTSTRAP = "wild-bootstrap"


class Null(StrEnum):
    """Null hypotheses. Words: `null.<code>`."""

    MEAN = "mean"
    STANDARDISED_MEAN = "standardised-mean"
    RANK = "rank"
    SIGN = "sign"
    USUAL_SIGN = "usual-sign"
    SYMMETRY = "symmetry"


class Why(StrEnum):
    """Why a test must not be relied on here. Words: `why_not.<code>`."""

    NONE = ""
    TOO_FEW = "too-few-events"
    TOO_FEW_CLUSTERS = "too-few-clusters"
    SHARED_SESSIONS = "shared-sessions"
    SHIFTED_WINDOWS = "shifted-windows"
    NO_SPREAD = "no-spread"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class About:
    """A test's null hypothesis, the fewest events it needs (clusters for those that count clusters), the paper that it is from, and
    whether it stays right when events share sessions. Its convention in words: `convention.<code>`."""

    null: Null
    fewest: int
    citation: str
    adjusted: bool = False


ABOUT: Final[dict[Test, About]] = {
    Test.CROSS_SECTIONAL: About(Null.MEAN, 5, "Brown and Warner (1985), Journal of Financial Economics 14, 3-31"),
    Test.CLUSTERED: About(Null.MEAN, 10, "Liang and Zeger (1986), Biometrika 73, 13-22; clusters of events that share sessions", True),
    Test.PATELL: About(Null.STANDARDISED_MEAN, 5, "Patell (1976), Journal of Accounting Research 14, 246-276"),
    Test.BMP: About(Null.STANDARDISED_MEAN, 5, "Boehmer, Musumeci and Poulsen (1991), Journal of Financial Economics 30, 253-272"),
    Test.KOLARI_PYNNONEN: About(Null.STANDARDISED_MEAN, 5, "Kolari and Pynnönen (2010), Review of Financial Studies 23, 3996-4025", True),
    Test.CORRADO: About(Null.RANK, 5, "Corrado (1989), Journal of Financial Economics 23, 385-395; Corrado and Zivney (1992)"),
    Test.GENERALISED_RANK: About(Null.RANK, 5, "Kolari and Pynnönen (2011), Journal of Empirical Finance 18, 953-971", True),
    Test.SIGN: About(Null.SIGN, 6, "Dixon and Mood (1946), Journal of the American Statistical Association 41, 557-566"),
    Test.GENERALISED_SIGN: About(Null.USUAL_SIGN, 10, "Cowan (1992), Review of Quantitative Finance and Accounting 2, 343-358"),
    Test.WILCOXON: About(Null.SYMMETRY, 6, "Wilcoxon (1945), Biometrics Bulletin 1, 80-83"),
    Test.WILD_BOOTSTRAP: About(
        Null.MEAN, 6, "Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90, 414-427", True
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test's answer. It never travels without n, its null hypothesis, its convention and its source.

    `n`: events used (not firms). `n_effective`: how many independent events they are worth (see `Sample.n_effective`). `df`: degrees of
    freedom of the reference distribution, NaN where it is normal, exact or simulated. `statistic` and `p` (two-sided) are NaN when they
    cannot be computed. `usable`: its assumptions hold here; `why` says which does not. `shown`: usable, and one of those that
    stay right when events share sessions. `size`: how often it rejects at a nominal 5 % when nothing happened, as measured on our own data
    (see `calibration`); NaN when that is not known.
    """

    __test__ = False

    test: Test
    statistic: float
    p: float
    n: int
    n_effective: float
    df: float
    usable: bool
    why: Why
    size: float = math.nan

    @property
    def null(self) -> Null:
        """The null hypothesis."""
        return ABOUT[self.test].null

    @property
    def citation(self) -> str:
        """Where the test comes from."""
        return ABOUT[self.test].citation

    @property
    def shown(self) -> bool:
        """True when the test may stand on the page."""
        return self.usable and ABOUT[self.test].adjusted

    def label(self, say: Words) -> str:
        """Its name."""
        return say(f"test.{self.test}")

    def null_in_words(self, say: Words) -> str:
        """What is supposed when nothing happened."""
        return say(f"null.{self.null}")

    def convention(self, say: Words) -> str:
        """How the statistic and its p are made."""
        return say(f"convention.{self.test}")

    def why_in_words(self, say: Words) -> str:
        """Why it is not usable; empty when it is."""
        return say(f"why_not.{self.why}", size=say.percent(self.size, 1, signed=False)) if self.why else ""


def judged(test: Test, statistic: float, p: float, n: int, effective: float, df: float, *, count: int, doubts: Why) -> TestResult:
    """A TestResult with `usable` and `why`: too few events (or clusters) first, then nothing to divide by, then `doubts`."""
    why = doubts
    if count < ABOUT[test].fewest:
        why = Why.TOO_FEW_CLUSTERS if test in (Test.CLUSTERED, Test.WILD_BOOTSTRAP) and n >= ABOUT[test].fewest else Why.TOO_FEW
    elif math.isnan(p):
        why = Why.NO_SPREAD
    return TestResult(test, statistic, p, n, effective, df, why is Why.NONE, why)
