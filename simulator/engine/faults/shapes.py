"""How strong a fault is over its life: a list of instants and the strength from each on."""

from __future__ import annotations

from typing import Final

from simulator.scenario.faults import Shape
from simulator.units import SECOND

#: A slope becomes steps of this length.
STEP: Final = 5 * SECOND


def strengths(shape: Shape, duration: int | None) -> list[tuple[int, float]]:
    """When a fault changes, and to what.

    Args:
        shape: Of the fault.
        duration: ns; None is for good.

    Returns:
        (ns since its start, strength from 0 to 1), ascending; the last entry is its end, strength 0, where
        it has one.
    """
    if duration is None:
        return [(0, 1.0)]
    if shape.kind == "flap":
        half = max(shape.period // 2, SECOND)
        steps = [(at, float(number % 2 == 0)) for number, at in enumerate(range(0, duration, half))]
        return [*steps, (duration, 0.0)] if steps[-1][1] else [*steps[:-1], (steps[-1][0], 0.0)]
    if shape.kind == "step":
        return [(0, 1.0), (duration, 0.0)]
    steps = []
    for at in range(0, duration, STEP):
        middle = (at + min(STEP, duration - at) / 2) / duration
        steps.append((at, middle if shape.kind == "ramp" else 1 - abs(2 * middle - 1)))
    return [*steps, (duration, 0.0)]
