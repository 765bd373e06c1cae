"""Which service a chart is about, and since when: what charts of one service have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.errors import GamedayError
from simulator.slo import worst
from simulator.units import MINUTE

if TYPE_CHECKING:
    from simulator.drill import Run
    from simulator.lab.charts import Floats
    from simulator.lab.frames import Scene
    from simulator.telemetry import Samples

_BEFORE: Final = 5 * MINUTE


def beginning(run: Run) -> int:
    """Where charts begin, ns: shortly before T+00:00, so that what is normal is on them."""
    return -min(_BEFORE, run.scenario.spec.warm_up)


def service_of(run: Run, scene: Scene, name: str | None, where: str) -> str:
    """The service that was named, or the one whose objective has spent most.

    Args:
        run: Played so far.
        scene: Of the same run.
        name: None leaves it to the objectives.
        where: Which chart asks, for the error.

    Raises:
        GamedayError: No such service.
    """
    if name is None:
        spent = worst(run.slos, run.now).objective.name
        owners = {slo.metadata.name: slo.spec.service for slo in run.scenario.spec.slos}
        return owners[spent] if owners.get(spent) in scene.services else scene.service
    if name not in scene.services:
        raise GamedayError(
            where,
            expected=f"one of {', '.join(scene.services)}",
            got=repr(name),
            todo="Name a service of the map.",
        )
    return name


def summed(found: Samples) -> Floats:
    """All series of a gauge together, one value a scrape; NaN where none has a sample."""
    held = np.isfinite(found.values)
    total: Floats = np.where(held, found.values, 0.0).sum(axis=0)
    return np.where(held.any(axis=0), total, np.nan)
