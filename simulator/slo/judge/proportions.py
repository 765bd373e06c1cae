"""Two error ratios compared: which counts say that the canary is worse, and how likely such counts are.

Small counts are judged by Fisher's exact test and its power is summed over all counts that can happen; large
ones take the normal approximation (pooled for the test, unpooled for the power). Both ask one-sidedly: is the
canary worse? Sources: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, chapters 3, 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, erfc, exp, floor, sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.slo.judge.ranks import normal_quantile, significant

Floats = NDArray[np.float64]
Method = Literal["exact", "normal"]

#: Failures of the canary that are expected at most where counts are summed one by one.
EXACT_FAILURES: Final = 100
#: Standard deviations around the expected counts that are summed; what lies beyond has a chance below 1e-9.
_REACH: Final = 6.5
#: Chances this close to alpha count as equal, whatever the last bits of a logarithm are.
_CLOSE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests of both sides.

    Attributes:
        canary: Requests that the canary serves.
        baseline: Requests that the baseline serves meanwhile.
    """

    canary: int
    baseline: int


def method_for(traffic: Traffic, good: float, bad: float) -> Method:
    """How the power is found: by summing where either side expects few failures (or few successes)."""
    few = min(
        traffic.canary * bad,
        traffic.canary * (1 - bad),
        traffic.baseline * good,
        traffic.baseline * (1 - good),
    )
    expected = max(traffic.canary * bad, traffic.canary * good)
    summable = expected <= EXACT_FAILURES and traffic.baseline * good <= EXACT_FAILURES * 100
    return "exact" if few <= EXACT_FAILURES and summable else "normal"


def detection_power(traffic: Traffic, good: float, bad: float, alpha: float) -> float:
    """The chance that a test at ``alpha`` says the canary is worse, when it is.

    Args:
        traffic: Requests of both sides.
        good: Error ratio of the baseline.
        bad: Error ratio of the canary.
        alpha: The chance of a false alarm that is accepted.
    """
    if traffic.canary < 1 or traffic.baseline < 1:
        return 0.0
    if method_for(traffic, good, bad) == "normal":
        return _normal_power(traffic, good, bad, alpha)
    return significant(_exact_power(traffic, good, bad, alpha))


def says_worse(traffic: Traffic, canary: int, baseline: int, alpha: float, method: Method) -> bool:
    """Whether these counts of failures are significant: the test whose power this module tells."""
    if method == "exact":
        low, tails = _tails(traffic, canary + baseline)
        return low <= canary < low + len(tails) and bool(tails[canary - low] <= alpha * (1 + _CLOSE))
    pooled = (canary + baseline) / (traffic.canary + traffic.baseline)
    spread = sqrt(pooled * (1 - pooled) * (1 / traffic.canary + 1 / traffic.baseline))
    difference = canary / traffic.canary - baseline / traffic.baseline
    return spread > 0 and difference / spread >= normal_quantile(1 - alpha)


def _normal_power(traffic: Traffic, good: float, bad: float, alpha: float) -> float:
    n, m = traffic.canary, traffic.baseline
    pooled = (n * bad + m * good) / (n + m)
    null = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    real = sqrt(bad * (1 - bad) / n + good * (1 - good) / m)
    if not real:
        return 1.0 if bad > good else 0.0
    distance = ((bad - good) - normal_quantile(1 - alpha) * null) / real
    return significant(0.5 * erfc(-distance / sqrt(2)))


def _log_choose(n: int, counts: NDArray[np.int64]) -> Floats:
    from scipy.special import gammaln  # a drill that asks no statistics does without

    chosen: Floats = gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1)
    return chosen


def _exp(values: Floats) -> Floats:
    return np.array([exp(value) for value in values.tolist()])  # numpy's own differs by processor


def _chances(requests: int, ratio: float) -> tuple[int, Floats]:
    """The counts of failures that can happen: the first, and the chance of each from there."""
    from scipy.special import xlog1py, xlogy

    middle, reach = requests * ratio, _REACH * sqrt(requests * ratio * (1 - ratio)) + 12
    low, high = max(floor(middle - reach), 0), min(ceil(middle + reach), requests)
    counts = np.arange(low, high + 1)
    logs = _log_choose(requests, counts) + xlogy(counts, ratio) + xlog1py(requests - counts, -ratio)
    return low, _exp(logs)


def _tails(traffic: Traffic, failures: int) -> tuple[int, Floats]:
    """Fisher's chances: so many failures in all, at least k of them the canary's; from the least k on."""
    low = max(failures - traffic.baseline, 0)
    counts = np.arange(low, min(failures, traffic.canary) + 1)
    whole = _log_choose(traffic.canary + traffic.baseline, np.array([failures]))
    logs = _log_choose(traffic.canary, counts) + _log_choose(traffic.baseline, failures - counts) - whole
    return low, np.cumsum(_exp(logs)[::-1])[::-1]


def _exact_power(traffic: Traffic, good: float, bad: float, alpha: float) -> float:
    """The sum, over the baseline's counts, of the chance that the canary's count is significant.

    With one failure more in the baseline, the canary needs as many as before or one more to be significant,
    so the least significant count is found by walking up.
    """
    first_theirs, theirs = _chances(traffic.baseline, good)
    first_ours, ours = _chances(traffic.canary, bad)
    at_least = np.concatenate([np.cumsum(ours[::-1])[::-1], [0.0]])
    needed, power = 0, 0.0
    for offset, chance in enumerate(theirs.tolist()):
        baseline = first_theirs + offset
        while needed <= traffic.canary and not says_worse(traffic, needed, baseline, alpha, "exact"):
            needed += 1
            if needed > first_ours + len(ours):
                return power
        place = min(max(needed - first_ours, 0), len(ours))
        power += chance * min(float(at_least[place]), 1.0)
    return power
