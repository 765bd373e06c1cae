"""Whether drawn variants are as hard as their base: what doing nothing and the reference cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from simulator.authoring.points.finding import Finding
from simulator.coach.signals import percent
from simulator.drill import benchmark_plays
from simulator.scenario import Scenario

#: Below this share of the budget a difference between two plays is none.
_SMALLEST: Final = 0.01
#: Drawn variants that a proof plays at most; enough to see that ranges are too wide.
MOST: Final = 3


def to_play(scenario: Scenario) -> tuple[int, ...]:
    """The numbers of the drawn variants that a proof plays: from the first to the last, evenly."""
    first, last = len(scenario.variants), scenario.last_variant
    count = min(MOST, last - first + 1)
    if count <= 1:
        return tuple(range(first, first + count))
    return tuple(first + step * (last - first) // (count - 1) for step in range(count))


def equally_hard(scenario: Scenario, numbers: Sequence[int], seeds: Sequence[int]) -> Finding:
    """Whether each drawn variant costs what its base costs, within the tolerance of the scenario.

    Doing nothing and the reference are both compared, on the mean over the seeds; the difference may be at
    most ``randomise.tolerance`` of what lies between the two in the base.

    Args:
        scenario: With a ``randomise`` block.
        numbers: Of drawn variants.
        seeds: On which they are played.
    """
    block = scenario.randomise
    assert block is not None, "only drawn variants are compared"
    wrong, largest = list[str](), 0.0
    for number in numbers:
        base = scenario.variants[(number - len(scenario.variants)) % len(scenario.variants)]
        nothing, reference = _costs(base, seeds)
        span = max(nothing - reference, _SMALLEST)
        for name, own, other in zip(
            ("doing nothing", "the reference"), _costs(scenario.with_variant(number), seeds),
            (nothing, reference), strict=True,
        ):  # fmt: skip
            apart = abs(own - other) / span
            largest = max(largest, apart)
            if apart > block.tolerance:
                wrong.append(f"variant {number}: {name} costs {percent(own)}, its base {percent(other)}")
    told = ", ".join(map(str, numbers))
    if wrong:
        return Finding(False, f"{'; '.join(wrong)}. Narrow the ranges of randomise, or widen its tolerance.")
    return Finding(
        True, f"Variants {told} differ by {percent(largest)} of the span, {percent(block.tolerance)} may."
    )


def _costs(scenario: Scenario, seeds: Sequence[int]) -> tuple[float, float]:
    """Share of the budget that doing nothing and the reference spend, as the mean over the seeds."""
    plays = [benchmark_plays(scenario, seed) for seed in seeds]
    nothing = sum(pair[0].budget_spent for pair in plays) / len(plays)
    return nothing, sum(pair[1].budget_spent for pair in plays) / len(plays)
