"""One metric of a canary analysis: what it asks for, and how it is classified.

The rules and names are those of Kayenta's NetflixACAJudge (spinnaker.io, "How canary judgment works"): the
whole interval of the shift must lie beyond a tolerance, the effect beyond what is allowed, and the direction
must count. Stricter than Kayenta in one thing: a side that was not measured, or too little, has no data,
whatever its NaNs are replaced by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan, sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.slo.judge.ranks import RankTest, mann_whitney, normal_quantile, significant

Floats = NDArray[np.float64]

Direction = Literal["increase", "decrease", "either"]
NanStrategy = Literal["remove", "replace"]
Measure = Literal["meanRatio", "cles", "hodgesLehmann"]
Unit = Literal["", "ratio", "seconds"]
Label = Literal["Pass", "High", "Low", "Nodata", "NodataFailMetric"]

#: Kayenta's constants.
CONFIDENCE: Final = 0.98
TOLERANCE: Final = 0.25
#: Fewer samples than this on a side, and no order of them is significant at 98 %: 1 / C(8, 4) = 1.4 % is the
#: smallest one-sided chance of four against four.
MIN_SAMPLES: Final = 5
#: What "could have shown" means.
POWER: Final = 0.8


@dataclass(frozen=True, slots=True)
class EffectSize:
    """How large a difference must be, besides being significant.

    Attributes:
        measure: ``meanRatio`` (canary / baseline), ``cles`` (the chance that the canary is higher), or
            ``hodgesLehmann`` (1 + shift / median of the baseline: a ratio that outliers leave alone).
        allowed_increase: The least effect that is High; None takes the measure's neutral value.
        allowed_decrease: The greatest effect that is Low.
        critical_increase: The least effect by which a critical metric fails the canary alone.
        critical_decrease: Likewise downwards.
    """

    measure: Measure = "meanRatio"
    allowed_increase: float | None = None
    allowed_decrease: float | None = None
    critical_increase: float | None = None
    critical_decrease: float | None = None

    @property
    def neutral(self) -> float:
        """The effect where there is none."""
        return 0.5 if self.measure == "cles" else 1.0


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric to compare.

    Attributes:
        name: As people call it.
        direction: Which change is bad.
        nan_strategy: NaNs are removed, or replaced by 0 (where no data means no errors).
        must_have_data: No data counts as a failure.
        critical: A High or Low beyond the critical effect fails the canary alone.
        muted: Shown, not counted.
        groups: Which groups it counts in.
        effect: How large a difference must be.
        unit: How values are written.
    """

    name: str
    direction: Direction = "either"
    nan_strategy: NanStrategy = "remove"
    must_have_data: bool = False
    critical: bool = False
    muted: bool = False
    groups: tuple[str, ...] = ("default",)
    effect: EffectSize = EffectSize()
    unit: Unit = ""


@dataclass(frozen=True, slots=True)
class Side:
    """The samples of the canary or of the baseline.

    Attributes:
        count: Samples that were compared.
        dropped: NaNs and infinities among what was measured.
        mean: NaN without samples; likewise the next.
        median: The middle.
        least: The smallest.
        most: The largest.
    """

    count: int
    dropped: int
    mean: float = nan
    median: float = nan
    least: float = nan
    most: float = nan


@dataclass(frozen=True, slots=True)
class MetricResult:
    """How one metric was classified, with all that the sentence needs.

    Attributes:
        spec: What was asked.
        label: The class.
        canary: Its samples.
        baseline: Its samples.
        test: The rank test; None where there was no data or nothing to compare.
        effect: By the spec's measure; NaN where that is undefined, as a ratio to nothing is.
        critical: It fails the canary alone.
        smallest: The smallest shift in a bad direction, in the metric's unit, that these samples would have
            shown at 80 % power; None where no shift would have been shown.
        tolerance: Share of the shift that its interval must clear.
        min_samples: How many were asked for.
    """

    spec: MetricSpec
    label: Label
    canary: Side
    baseline: Side
    test: RankTest | None = None
    effect: float = nan
    critical: bool = False
    smallest: float | None = None
    tolerance: float = TOLERANCE
    min_samples: int = MIN_SAMPLES


def judge_metric(
    spec: MetricSpec,
    baseline: Sequence[float],
    canary: Sequence[float],
    *,
    confidence: float = CONFIDENCE,
    tolerance: float = TOLERANCE,
    min_samples: int = MIN_SAMPLES,
    requests: int | None = None,
) -> MetricResult:
    """Compare one metric of a canary with its baseline.

    Args:
        spec: What is asked.
        baseline: Samples over the time of the analysis, NaN where nothing was measured.
        canary: Likewise.
        confidence: Of the shift's interval.
        tolerance: Share of the shift that its interval must clear.
        min_samples: Fewer on a side are no data.
        requests: How many requests the canary's samples counted, where they are ratios.
    """
    theirs, dropped_theirs = _prepared(spec, baseline)
    ours, dropped_ours = _prepared(spec, canary)
    sides = _side(ours, dropped_ours), _side(theirs, dropped_theirs)
    # A canary of which nothing was measured is not a healthy canary, even where a NaN means zero.
    unseen = not bool(np.isfinite(np.asarray(canary, dtype=np.float64)).any())
    if unseen or min(len(ours), len(theirs)) < min_samples:
        label: Label = "NodataFailMetric" if spec.must_have_data else "Nodata"
        return MetricResult(spec, label, *sides, tolerance=tolerance, min_samples=min_samples)
    test = mann_whitney(ours.tolist(), theirs.tolist(), confidence)
    effect = _effect(spec.effect, test, *sides)
    label = _label(spec, test, effect, tolerance)
    return MetricResult(
        spec,
        label,
        *sides,
        test=test,
        effect=effect,
        critical=spec.critical and label != "Pass" and _is_critical(spec.effect, effect, label),
        smallest=smallest_shift(spec, theirs, ours, test, tolerance=tolerance, requests=requests),
        tolerance=tolerance,
        min_samples=min_samples,
    )


def smallest_shift(
    spec: MetricSpec,
    baseline: Floats,
    canary: Floats,
    test: RankTest,
    *,
    tolerance: float = TOLERANCE,
    requests: int | None = None,
    power: float = POWER,
) -> float | None:
    """The smallest lasting shift in a bad direction that such samples would show.

    A shift is seen when its estimate, less half its interval, clears the tolerance. The interval tells how
    much the estimate scatters, so the shift that clears it with the wanted chance follows; it must also
    reach the effect that is allowed.

    Args:
        spec: Its direction, its unit, and the effect that it allows.
        baseline: Finite samples.
        canary: Finite samples.
        test: Their comparison.
        tolerance: What the interval must clear.
        requests: How many requests the canary's samples counted, where they are ratios.
        power: The chance to see it.

    Returns:
        In the metric's unit, positive; None where so few samples would show no shift, however large, or
        where samples that are all equal leave it unknown.
    """
    half = test.high - test.shift if spec.direction == "decrease" else test.shift - test.low
    if not isfinite(half):
        return None
    noise = normal_quantile(power) * half / normal_quantile((1 + test.confidence) / 2)
    needed = half / (1 - tolerance) + noise
    size, down = spec.effect, spec.direction == "decrease"
    allowed = size.allowed_decrease if down else size.allowed_increase
    if allowed is not None and size.measure == "cles":
        share = 1 - allowed if down else allowed
        needed = max(needed, _lift(baseline, canary, test.shift, share) + noise)
    elif allowed is not None:
        centre = float(np.mean(baseline) if size.measure == "meanRatio" else np.median(baseline))
        needed = max(needed, abs(allowed - 1) * abs(centre) + noise)
    if spec.unit == "ratio" and requests:
        needed = max(needed, _least_ratio(len(canary), len(baseline), test, requests, power))
    return needed or None


def _lift(baseline: Floats, canary: Floats, shift: float, share: float) -> float:
    """The shift after which a sample of the canary is above one of the baseline with this chance."""
    apart = np.sort(np.subtract.outer(canary, baseline), axis=None) - shift
    return max(-float(apart[min(int((1 - share) * len(apart)), len(apart) - 1)]), 0.0)


def _least_ratio(n: int, m: int, test: RankTest, requests: int, power: float) -> float:
    """The ratio at which enough of the canary's samples hold a failure at all, where the baseline has none.

    The interval's lower end leaves zero once the untouched samples fall below its place among the pairs.
    """
    error = sqrt((n + m + 1) / (12 * n * m))
    wanted = 0.5 + normal_quantile((1 + test.confidence) / 2) * error
    touched, most = wanted, power ** (1 / n)  # all of the samples, at the most
    for _ in range(20):
        touched = min(wanted + normal_quantile(power) * sqrt(touched * (1 - touched) / n), most)
    return significant(1 - (1 - touched) ** (n / requests))


def _prepared(spec: MetricSpec, values: Sequence[float]) -> tuple[Floats, int]:
    """The samples to compare, and how many were no numbers."""
    array = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(array)
    dropped = int((~finite).sum())
    if spec.nan_strategy == "replace":
        return np.where(finite, array, 0.0), dropped
    return array[finite], dropped


def _side(values: Floats, dropped: int) -> Side:
    if not len(values):
        return Side(0, dropped)
    return Side(
        len(values),
        dropped,
        float(values.mean()),
        float(np.median(values)),
        float(values.min()),
        float(values.max()),
    )


def _effect(size: EffectSize, test: RankTest, canary: Side, baseline: Side) -> float:
    if size.measure == "cles":
        return test.cles
    if size.measure == "hodgesLehmann":
        return 1 + test.shift / baseline.median if baseline.median else nan
    # Kayenta leaves the ratio undefined where either mean is zero.
    return canary.mean / baseline.mean if canary.mean and baseline.mean else nan


def _label(spec: MetricSpec, test: RankTest, effect: float, tolerance: float) -> Label:
    """High or Low where shift, effect and direction agree; an undefined effect does not count against it."""
    band, size = tolerance * abs(test.shift), spec.effect
    least = size.neutral if size.allowed_increase is None else size.allowed_increase
    most = size.neutral if size.allowed_decrease is None else size.allowed_decrease
    if spec.direction != "decrease" and test.low > band and not effect < least:
        return "High"
    if spec.direction != "increase" and test.high < -band and not effect > most:
        return "Low"
    return "Pass"


def _is_critical(size: EffectSize, effect: float, label: Label) -> bool:
    if not isfinite(effect):
        return True
    if label == "High":
        return effect >= (size.critical_increase if size.critical_increase is not None else -inf)
    return effect <= (size.critical_decrease if size.critical_decrease is not None else inf)
