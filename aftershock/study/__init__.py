"""The study: which sessions, which expected return, and what was left over.

    plan(...)               events and a design -> StudyPlan: observations, and what cannot be one, with its reason
    run_study(plan, closes) -> StudyResult: one Outcome or one Exclusion for every pair that was asked for

An observation is (event_id, ticker): the key of every join, because one firm has many events. Offsets count sessions from the
reaction session, which is 0. Returns, abnormal returns and their standard errors are decimal fractions per session.
"""

from aftershock.study.compute import run_study
from aftershock.study.plan import (
    DEFAULT_BENCHMARK,
    INDEX_MEMBERS,
    Caution,
    Exclusion,
    Observation,
    Reason,
    StudyDesign,
    StudyPlan,
    Warn,
    Window,
    make_plan,
    plan,
)
from aftershock.study.result import LEVEL, Cumulated, Outcome, StudyResult, cumulate

__all__ = [
    "DEFAULT_BENCHMARK",
    "INDEX_MEMBERS",
    "LEVEL",
    "Caution",
    "Cumulated",
    "Exclusion",
    "Observation",
    "Outcome",
    "Reason",
    "StudyDesign",
    "StudyPlan",
    "StudyResult",
    "Warn",
    "Window",
    "cumulate",
    "make_plan",
    "plan",
    "run_study",
]
