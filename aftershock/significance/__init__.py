"""Tests of zero abnormal return over many events, and adjustments for testing often.

Events that share sessions are not independent. Tests that take them for independent are computed all the same and marked not
usable; the ones that may be shown (`TestResult.shown`) stay right: Kolari-Pynnönen, clustered t, wild cluster bootstrap, and GRANK
where event windows coincide or are disjoint.
"""

from __future__ import annotations

from aftershock.significance.adjust import benjamini_hochberg, holm
from aftershock.significance.bootstrap import wild_bootstrap
from aftershock.significance.parametric import bmp, clustered, cross_sectional, kolari_pynnonen, patell
from aftershock.significance.ranks import corrado, generalised_rank, generalised_sign, sign, wilcoxon
from aftershock.significance.records import ABOUT, About, Null, Test, TestResult, Why
from aftershock.significance.sample import Sample

TESTS = {
    Test.CROSS_SECTIONAL: cross_sectional,
    Test.CLUSTERED: clustered,
    Test.PATELL: patell,
    Test.BMP: bmp,
    Test.KOLARI_PYNNONEN: kolari_pynnonen,
    Test.CORRADO: corrado,
    Test.GENERALISED_RANK: generalised_rank,
    Test.SIGN: sign,
    Test.GENERALISED_SIGN: generalised_sign,
    Test.WILCOXON: wilcoxon,
    Test.WILD_BOOTSTRAP: wild_bootstrap,
}


def all_tests(sample: Sample) -> tuple[TestResult, ...]:
    """Every test on one sample, in the order of `Test`."""
    return tuple(test(sample) for test in TESTS.values())


__all__ = [
    "ABOUT",
    "TESTS",
    "About",
    "Null",
    "Sample",
    "Test",
    "TestResult",
    "Why",
    "all_tests",
    "benjamini_hochberg",
    "bmp",
    "clustered",
    "corrado",
    "cross_sectional",
    "generalised_rank",
    "generalised_sign",
    "holm",
    "kolari_pynnonen",
    "patell",
    "sign",
    "wilcoxon",
    "wild_bootstrap",
]
