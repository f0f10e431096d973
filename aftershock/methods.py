"""What the Methods page and the report both say of how things are computed: formulas, limits and sources, as codes and literature.

A formula has two spellings: TeX for the page, Typst for the report. Words: `methods.f_<code>` and `methods.about_<code>`,
`methods.limit_<code>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula in both spellings."""

    code: str
    tex: str
    typst: str


FORMULAS: Final = (
    Formula(
        "returns",
        r"R_t = \frac{P_t}{P_{t-1}} - 1 \qquad r_t = \ln P_t - \ln P_{t-1}",
        "R_t = P_t / P_(t-1) - 1 quad quad r_t = ln P_t - ln P_(t-1)",
    ),
    Formula("market", r"AR_t = R_t - (\hat\alpha + \hat\beta R_{m,t})", "A R_t = R_t - (hat(alpha) + hat(beta) R_(m,t))"),
    Formula("market-adjusted", r"AR_t = R_t - R_{m,t}", "A R_t = R_t - R_(m,t)"),
    Formula("mean-adjusted", r"AR_t = R_t - \bar R", "A R_t = R_t - macron(R)"),
    Formula(
        "sigma",
        r"\hat\sigma^2 = \frac{1}{T-2} \sum_{t=1}^{T} \hat\varepsilon_t^2",
        "hat(sigma)^2 = 1 / (T - 2) sum_(t=1)^T hat(epsilon)_t^2",
    ),
    Formula("car", r"CAR = \sum_{t=\tau_1}^{\tau_2} AR_t", "C A R = sum_(t = tau_1)^(tau_2) A R_t"),
    Formula(
        "variance",
        r"\operatorname{Var}(CAR) = \hat\sigma^2 \left( L + \frac{L^2}{T}"
        r" + \frac{\left(\sum_t (R_{m,t} - \bar R_m)\right)^2}{\sum_s (R_{m,s} - \bar R_m)^2} \right)",
        'op("Var")(C A R) = hat(sigma)^2 (L + L^2 / T + (sum_t (R_(m,t) - macron(R)_m))^2 / (sum_s (R_(m,s) - macron(R)_m)^2))',
    ),
    Formula("t", r"t = \frac{CAR}{\sqrt{\operatorname{Var}(CAR)}} \sim t_{T-2}", 't = (C A R) / sqrt(op("Var")(C A R)) tilde t_(T-2)'),
    Formula(
        "ordinary",
        r"p = \frac{1 + \#\{|CAR_i| \ge |CAR|\}}{1 + N}",
        "p = (1 + \\#{abs(C A R_i) >= abs(C A R)}) / (1 + N)",
    ),
)
LIMITS: Final = ("daily", "cause", "catalogue", "benchmark", "snapshot", "choices", "small", "own")
SOURCES: Final = (
    "MacKinlay (1997), Journal of Economic Literature 35, 13-39",
    "Campbell, Lo and MacKinlay (1997), The Econometrics of Financial Markets, chapter 4",
    "Phipson and Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9",
    "Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680",
    "Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, 1208-1214",
)
