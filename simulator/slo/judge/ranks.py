"""The rank test of a canary: Mann–Whitney's U, its p-value, and how far the canary lies from the baseline.

The shift is Hodges and Lehmann's: the median of all differences canary − baseline. Its interval inverts the
test: it leaves zero out only where the test is significant (with many ties it is the more careful of both).
Small samples without ties are counted exactly, in whole numbers; larger ones take the normal approximation
with the corrections for ties and for continuity. Sources: Hollander, Wolfe and Chicken, Nonparametric
Statistical Methods, chapter 4; R's ``wilcox.test``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import erfc, floor, inf, sqrt
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.errors import GamedayError

Floats = NDArray[np.float64]

#: Both samples smaller than this and no ties: the exact distribution (the bound of R's ``wilcox.test``).
EXACT_BELOW: Final = 50
#: Pairs of samples that are compared at most: half a second's work.
MOST_PAIRS: Final = 4_000_000
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class RankTest:
    """What the ranks of two samples say.

    Attributes:
        canary: Samples of the canary.
        baseline: Samples of the baseline.
        u: Pairs in which the canary is higher, ties by half.
        cles: ``u`` as a share of all pairs: the chance that the canary is higher (the common-language effect
            size).
        p_value: Two-sided, to six significant digits.
        method: ``exact`` or ``normal``.
        shift: Median of the differences canary − baseline.
        low: Lower end of the shift's interval; −∞ where so few samples bound nothing.
        high: Upper end.
        confidence: Of the interval.
        error: Standard error of ``cles`` where both samples are alike.
    """

    canary: int
    baseline: int
    u: float
    cles: float
    p_value: float
    method: Literal["exact", "normal"]
    shift: float
    low: float
    high: float
    confidence: float
    error: float


def mann_whitney(canary: Sequence[float], baseline: Sequence[float], confidence: float) -> RankTest:
    """Compare two samples by their ranks.

    Args:
        canary: Finite values, one at least.
        baseline: Likewise.
        confidence: Of the shift's interval, such as 0.98.

    Raises:
        GamedayError: A sample is empty, has a value that is no number, or both are too large.
    """
    ours, theirs = _checked("canary", canary), _checked("baseline", baseline)
    n, m = len(ours), len(theirs)
    if n * m > MOST_PAIRS:
        raise GamedayError(
            "judge",
            expected=f"at most {MOST_PAIRS} pairs of samples",
            got=f"{n} samples of the canary and {m} of the baseline",
            todo="Judge over a shorter time or with a longer interval.",
        )
    ranked = np.sort(theirs)
    doubled = int(np.searchsorted(ranked, ours, "left").sum() + np.searchsorted(ranked, ours, "right").sum())
    ties = np.unique(np.concatenate([ours, theirs]), return_counts=True)[1]
    variance = _variance(n, m, ties)
    exact = n < EXACT_BELOW and m < EXACT_BELOW and int(ties.max()) == 1
    tail = (1 - Fraction(repr(confidence))) / 2
    differences = np.sort(np.subtract.outer(ours, theirs), axis=None)
    place = _exact_place(n, m, tail) if exact else _normal_place(n * m, variance, float(tail))
    bounded = 1 <= place <= n * m
    return RankTest(
        canary=n,
        baseline=m,
        u=doubled / 2,
        cles=doubled / (2 * n * m),
        p_value=_exact_p(n, m, doubled // 2) if exact else _normal_p(n * m, doubled, variance),
        method="exact" if exact else "normal",
        shift=float(np.median(differences)),
        low=float(differences[place - 1]) if bounded else -inf,
        high=float(differences[n * m - place]) if bounded else inf,
        confidence=confidence,
        error=sqrt(variance) / (n * m),
    )


def normal_quantile(share: float) -> float:
    """The standard normal's quantile, to ten digits, so that it is the same on every machine."""
    return round(_NORMAL.inv_cdf(share), 10)


def significant(value: float, digits: int = 6) -> float:
    """A number to so many significant digits: the last bits of a library's ``erfc`` differ by platform."""
    return float(f"{value:.{digits}g}")


def _checked(name: str, values: Sequence[float]) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if not len(array) or not bool(np.isfinite(array).all()):
        raise GamedayError(
            f"judge: {name}",
            expected="one finite sample at least",
            got=f"{len(array)} samples, {int((~np.isfinite(array)).sum())} of them not finite",
            todo="Remove what is no number first.",
        )
    return array


def _variance(n: int, m: int, ties: NDArray[np.int64]) -> float:
    """Of U where both samples are alike, corrected for ties."""
    total = n + m
    tied = sum(count**3 - count for count in ties.tolist())
    return float(Fraction(n * m, 12) * (total + 1 - Fraction(tied, max(total * (total - 1), 1))))


@lru_cache(maxsize=64)
def _cumulative(n: int, m: int) -> tuple[int, ...]:
    """For each u from 0 to nm, the orderings of n and m values whose U is at most u.

    The counts are the coefficients of the Gaussian binomial: the product of (1 − q^(m+i)) / (1 − q^i).
    """
    top = n * m
    counts = [1, *([0] * top)]
    for i in range(1, n + 1):
        for power in range(top, m + i - 1, -1):
            counts[power] -= counts[power - m - i]
        for power in range(i, top + 1):
            counts[power] += counts[power - i]
    for power in range(1, top + 1):
        counts[power] += counts[power - 1]
    return tuple(counts)


def _exact_p(n: int, m: int, u: int) -> float:
    counts = _cumulative(n, m)
    lower = min(u, n * m - u)
    return significant(float(min(Fraction(2 * counts[lower], counts[-1]), Fraction(1))))


def _exact_place(n: int, m: int, tail: Fraction) -> int:
    """The largest k with P(U <= k − 1) <= tail; 0 where there is none."""
    counts = _cumulative(n, m)
    allowed = tail * counts[-1]
    return sum(1 for count in counts if count <= allowed)


def _normal_p(pairs: int, doubled: int, variance: float) -> float:
    if not variance:
        return 1.0
    distance = max(abs(doubled - pairs) / 2 - 0.5, 0.0)
    return significant(min(erfc(distance / sqrt(variance) / sqrt(2.0)), 1.0))


def _normal_place(pairs: int, variance: float, tail: float) -> int:
    return floor(pairs / 2 + 0.5 - normal_quantile(1.0 - tail) * sqrt(variance))
