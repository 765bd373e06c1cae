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
        return _fisher(traffic, canary, baseline) <= alpha * (1 + _CLOSE)
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


def _fisher(traffic: Traffic, canary: int, baseline: int) -> float:
    """Fisher's chance that of so many failures at least these are the canary's; 1 where it has no excess."""
    n, m, failures = traffic.canary, traffic.baseline, canary + baseline
    if canary > n or baseline > m or canary * (n + m) <= failures * n:
        return 1.0
    # Above the expected count the terms fall so fast that those left out are below 1e-9 of the first.
    last = min(failures, n, canary + 40 + ceil(8 * sqrt(canary)))
    counts = np.arange(canary, last + 1)
    whole = _log_choose(n + m, np.array([failures]))
    logs = _log_choose(n, counts) + _log_choose(m, failures - counts) - whole
    return float(_exp(logs).sum())


def _exact_power(traffic: Traffic, good: float, bad: float, alpha: float) -> float:
    """The sum, over the baseline's counts, of the chance that the canary's count is significant.

    With one failure more in the baseline, the canary needs as many as before or more to be significant. So
    the baseline's counts fall into stretches that need the same, whose ends are found by galloping.
    """
    first_theirs, theirs = _chances(traffic.baseline, good)
    first_ours, ours = _chances(traffic.canary, bad)
    at_least = np.concatenate([np.cumsum(ours[::-1])[::-1], [0.0]])
    up_to = np.concatenate([[0.0], np.cumsum(theirs)])
    needed, power, place = 0, 0.0, 0
    while place < len(theirs):
        while not says_worse(traffic, needed, first_theirs + place, alpha, "exact"):
            needed += 1
            if needed > traffic.canary or needed > first_ours + len(ours):
                return power
        end = _stretch(traffic, needed, first_theirs + place, len(theirs) - place, alpha) + place
        seen = min(max(needed - first_ours, 0), len(ours))
        power += float(up_to[end] - up_to[place]) * min(float(at_least[seen]), 1.0)
        place = end
    return power


def _stretch(traffic: Traffic, needed: int, baseline: int, most: int, alpha: float) -> int:
    """How many counts of the baseline, from this one on, ``needed`` failures of the canary are enough for."""
    low, high = 1, 2
    while high <= most and says_worse(traffic, needed, baseline + high - 1, alpha, "exact"):
        low, high = high, 2 * high
    high = min(high, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if says_worse(traffic, needed, baseline + middle - 1, alpha, "exact"):
            low = middle
        else:
            high = middle
    return low
