"""From classified metrics to a verdict: group scores, the weighted sum, the thresholds.

As Kayenta's WeightedSumScorer, but for what is missing. Kayenta leaves a metric without data out of the score
and fails the canary where half of them have none. Here missing data never helps: with any counted metric
unmeasured the verdict is Inconclusive at best, and a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from simulator.errors import GamedayError
from simulator.slo.judge.metrics import (
    CONFIDENCE,
    MIN_SAMPLES,
    TOLERANCE,
    MetricResult,
    MetricSpec,
    judge_metric,
)

Classification = Literal["Pass", "Marginal", "Fail", "Nodata"]
#: Argo's words for a measurement.
Phase = Literal["Successful", "Inconclusive", "Failed"]

_PHASES: Final[dict[Classification, Phase]] = {
    "Pass": "Successful",
    "Marginal": "Inconclusive",
    "Nodata": "Inconclusive",
    "Fail": "Failed",
}
_COUNTED: Final = ("Pass", "High", "Low", "NodataFailMetric")
_FINE: Final = ("Pass", "Nodata")
_SAID: Final = {"NodataFailMetric": "has no data and must have"}


@dataclass(frozen=True, slots=True)
class JudgeConfig:
    """An analysis: its metrics, and what their scores mean.

    Attributes:
        metrics: What to compare; names are unique.
        group_weights: Percent by group; groups without one share what is left evenly.
        pass_threshold: A score from here on passes.
        marginal_threshold: A score from here on is marginal, below it fails.
        confidence: Of each shift's interval.
        tolerance: Share of a shift that its interval must clear.
        min_samples: Fewer on a side are no data.
    """

    metrics: tuple[MetricSpec, ...]
    group_weights: Mapping[str, float] = field(default_factory=dict)
    pass_threshold: float = 95.0
    marginal_threshold: float = 75.0
    confidence: float = CONFIDENCE
    tolerance: float = TOLERANCE
    min_samples: int = MIN_SAMPLES


@dataclass(frozen=True, slots=True)
class GroupScore:
    """A group's share of metrics that pass.

    Attributes:
        name: Of the group.
        score: 0 to 100; None where none of its metrics had data.
        weight: Its percent of the whole, after those without data are left out.
    """

    name: str
    score: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge found.

    Attributes:
        classification: Pass, Marginal, Fail or Nodata.
        phase: The same as Argo says it of a measurement.
        score: 0 to 100; None where nothing had data.
        groups: Their scores, in order of first mention.
        metrics: How each was classified, in the order asked.
        config: What was asked.
        reason: Why it is this classification, in one sentence.
    """

    classification: Classification
    phase: Phase
    score: float | None
    groups: tuple[GroupScore, ...]
    metrics: tuple[MetricResult, ...]
    config: JudgeConfig
    reason: str


def judge(
    config: JudgeConfig,
    samples: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    requests: Mapping[str, int] | None = None,
) -> Verdict:
    """Compare a canary with its baseline.

    Args:
        config: What to compare and how.
        samples: By metric, (baseline, canary): values over the time of the analysis, NaN where nothing was
            measured. A metric that is not there has no data.
        requests: By metric, how many requests the canary's samples counted, where that is known.

    Raises:
        GamedayError: There is no metric that counts.
    """
    if not any(not spec.muted for spec in config.metrics):
        raise GamedayError(
            "judge: metrics",
            expected="one metric at least that counts",
            got=f"{len(config.metrics)} metrics, all muted" if config.metrics else "none",
            todo="Add a metric, or unmute one.",
        )
    results = tuple(
        judge_metric(
            spec,
            *samples.get(spec.name, ((), ())),
            confidence=config.confidence,
            tolerance=config.tolerance,
            min_samples=config.min_samples,
            requests=(requests or {}).get(spec.name),
        )
        for spec in config.metrics
    )
    counted = [result for result in results if not result.spec.muted]
    groups = _groups(config, counted)
    score, classification, reason = _classified(config, counted, groups)
    return Verdict(classification, _PHASES[classification], score, groups, results, config, reason)


def _groups(config: JudgeConfig, results: Sequence[MetricResult]) -> tuple[GroupScore, ...]:
    labels: dict[str, list[str]] = {}
    for result in results:
        for group in result.spec.groups:
            labels.setdefault(group, []).append(result.label)
    unweighted = [name for name in labels if name not in config.group_weights]
    left = max(100 - sum(config.group_weights.get(name, 0.0) for name in labels), 0.0)
    weights = {name: config.group_weights.get(name, left / max(len(unweighted), 1)) for name in labels}
    scores = {name: _share(found) for name, found in labels.items()}
    whole = sum(weights[name] for name, score in scores.items() if score is not None)
    return tuple(
        GroupScore(name, score, 100 * weights[name] / whole if score is not None and whole else 0.0)
        for name, score in scores.items()
    )


def _share(labels: Sequence[str]) -> float | None:
    counted = [label for label in labels if label in _COUNTED]
    return 100 * counted.count("Pass") / len(counted) if counted else None


def _classified(
    config: JudgeConfig, results: Sequence[MetricResult], groups: Sequence[GroupScore]
) -> tuple[float | None, Classification, str]:
    critical = [result.spec.name for result in results if result.critical]
    if critical:
        return (
            0.0,
            "Fail",
            f"{critical[0]} is critical and failed, which fails the canary whatever else passes.",
        )
    known = [(group.score, group.weight) for group in groups if group.score is not None]
    if not known:
        return None, "Nodata", "No metric had enough data on both sides, and no data is not a pass."
    score = round(sum(each * weight / 100 for each, weight in known), 6)
    said = f"The score is {score:.0f} of 100"
    worse = ", ".join(
        f"{each.spec.name} {_SAID.get(each.label, f'is {each.label}')}"
        for each in results
        if each.label not in _FINE
    )
    if score < config.marginal_threshold:
        return (
            score,
            "Fail",
            f"{said}, below the marginal threshold of {config.marginal_threshold:g}: {worse}.",
        )
    missing = [result.spec.name for result in results if result.label == "Nodata"]
    if missing:
        return score, "Nodata", f"{said}, but {', '.join(missing)} had no data, and no data is not a pass."
    if score < config.pass_threshold:
        return score, "Marginal", f"{said}, below the pass threshold of {config.pass_threshold:g}: {worse}."
    return score, "Pass", f"{said}, and {config.pass_threshold:g} pass."
