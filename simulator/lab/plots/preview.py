"""A scenario on one picture: signals that move, the first page, the budget with and without the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.lab.plots.style import (
    BAD,
    BLUE,
    INK,
    Picture,
    house,
    markers,
    percent_axis,
    picture,
    time_axis,
)
from simulator.slo import worst
from simulator.telemetry import signals
from simulator.units import MINUTE, SECOND, format_clock, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.drill import Run
    from simulator.telemetry import Signals

_BEFORE: Final = 3 * MINUTE
#: Services that are shown at most.
_MOST: Final = 3
_NOTHING: Final = {"color": BAD, "label": "nobody acts"}
_REFERENCE: Final = {"color": BLUE, "linestyle": (0, (5, 2)), "label": "reference"}


def preview_picture(nothing: Run, reference: Run) -> Picture:
    """Errors, latency and saturation of the services that move most, and the budget below.

    Args:
        nothing: Played by nobody, to its end.
        reference: Played by the reference, on the same seed.
    """
    services = moving(nothing)
    start = -min(_BEFORE, nothing.scenario.spec.warm_up)
    with house():
        made = picture(11.0, 2.1 * (len(services) + 1))
        grid = made.add_gridspec(len(services) + 1, 3)
        for row, service in enumerate(services):
            both = [(signals(run.telemetry, service, start, run.now), style) for run, style in (
                (nothing, _NOTHING), (reference, _REFERENCE))]  # fmt: skip
            for column, (title, unit) in enumerate(_PANELS):
                axes = made.add_subplot(grid[row, column])
                for found, style in both:
                    axes.plot(found.times / SECOND, _values(found, column), **style)
                axes.set(title=f"{service}: {title}", ylabel=unit)
                axes.set_ylim(bottom=0)
                _framed(axes, nothing, start, percent=column != 1)
        budget = made.add_subplot(grid[len(services), :])
        name = worst(nothing.slos, nothing.now).objective.name
        for run, style in ((nothing, _NOTHING), (reference, _REFERENCE)):
            curve = run.slos[name].curve(start, run.now, over=5 * MINUTE)
            budget.plot(curve.times / SECOND, curve.budget_left, **style)
        budget.axhline(0.0, color=INK, linewidth=0.8)
        budget.set(title=f"Error budget left: {name}", ylabel="share (%)")
        budget.legend(loc="lower left")
        _framed(budget, nothing, start, percent=True)
        budget.set_xlabel("simulated time (min:s)")
    made.sentence = _sentence(nothing, reference, services)
    return made


_PANELS: Final = (
    ("errors", "requests failed (%)"),
    ("p99", "answered within (ms)"),
    ("saturation", "workers busy (%)"),
)


def moving(run: Run) -> list[str]:
    """The services whose signals move most once the drill has begun, the most moved first; one at least."""
    names = [service.name for service in run.scenario.spec.fronts]
    moved = {name: _moved(run, name) for name in names}
    order = sorted(names, key=lambda name: -moved[name])
    return [name for name in order if moved[name] > 0.05][:_MOST] or order[:1]


def _moved(run: Run, service: str) -> float:
    """How far a service's errors, latency and saturation went from what they were before T+00:00."""
    before = signals(run.telemetry, service, -min(_BEFORE, run.scenario.spec.warm_up), 0)
    after = signals(run.telemetry, service, 0, run.now)
    errors = _highest(after.error_ratio) - _highest(before.error_ratio)
    slower = _highest(after.p99) / max(_highest(before.p99), 1e-3) - 1
    return max(errors, 0.0) + 0.2 * min(max(slower, 0.0), 5.0) + max(
        _highest(after.saturation) - _highest(before.saturation), 0.0
    )  # fmt: skip


def _highest(values: np.typing.NDArray[np.float64]) -> float:
    known = values[np.isfinite(values)]
    return float(np.quantile(known, 0.9)) if known.size else 0.0


def _values(found: Signals, column: int) -> np.typing.NDArray[np.float64]:
    return (found.error_ratio, 1000 * found.p99, found.saturation)[column]


def _framed(axes: Axes, run: Run, start: int, *, percent: bool) -> None:
    if percent:
        percent_axis(axes)
    time_axis(axes, seconds(start), seconds(run.duration), label=False, most=5)
    markers(axes, run.markers, seconds(start))


def _sentence(nothing: Run, reference: Run, services: list[str]) -> str:
    page = nothing.first_page_at
    rang = f"the page rings at {format_clock(page)}" if page is not None else "no page rings"
    idle, best = (100 * worst(run.slos, run.now).spent_in_drill(run.now) for run in (nothing, reference))
    return (
        f"Moving: {', '.join(services)}; {rang}. "
        f"The drill spends {idle:.1f} % of the budget if nobody acts, {best:.1f} % with the reference."
    )
