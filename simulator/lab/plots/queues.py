"""Queue and utilisation of a service: who waits, how busy its workers are, and where each is full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import MaxNLocator

from simulator.lab.frames import Scene
from simulator.lab.plots.style import (
    BLUE,
    INK,
    MUTED,
    NEW,
    OLD,
    P99,
    Picture,
    house,
    markers,
    percent_axis,
    picture,
    time_axis,
)
from simulator.lab.plots.subject import beginning, service_of, summed
from simulator.telemetry import signals
from simulator.units import SECOND, format_clock, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.drill import Run
    from simulator.lab.charts import Floats
    from simulator.telemetry import Signals

#: From which share of a limit its line is drawn; a limit far above what waits would flatten the curve.
_NEAR: Final = 0.2
#: Where waiting begins to grow faster than load: the elbow that capacity plans stay under.
_ELBOW: Final = 0.8
_POOLS: Final = ((P99, "-"), (BLUE, (0, (5, 2))), (NEW, (0, (1, 1.5))), (OLD, "-."))


def queue_picture(run: Run, service: str | None) -> Picture:
    """Requests that wait, workers in use and, where there are some, connection pools, with their limits."""
    scene = Scene(run)
    chosen = service_of(run, scene, service, "plot.queue")
    begin = beginning(run)
    found = signals(run.telemetry, chosen, begin, run.now)
    times, start, end = found.times / SECOND, seconds(begin), seconds(run.now)
    upstreams = _pools(run, chosen)
    with house():
        made = picture(9.0, 6.8 if upstreams else 4.8)
        rows = list(made.subplots(3 if upstreams else 2, 1, sharex=True))
        limit = _limit(run, scene.workload(chosen), chosen, found)
        _waiting(rows[0], times, found.queue, limit)
        _utilisation(rows[1], times, found.saturation)
        if upstreams:
            _connections(rows[2], run, chosen, upstreams, begin)
        for place, axes in enumerate(rows):
            time_axis(axes, start, end, label=axes is rows[-1])
            markers(axes, run.markers, start, words=place == 0)
        made.suptitle(f"{chosen}, {format_clock(run.now)}", x=0.01, ha="left", fontsize=11)
    made.sentence = _sentence(run, chosen, found.queue, found.saturation, limit)
    return made


def _limit(run: Run, workload: str, service: str, found: Signals) -> Floats:
    """Requests that may wait at each scrape: the declared queue of a pod times the pods that answer.

    NaN where that is not known. More that wait than may show that a release has a queue of its own.
    """
    wanted = found.times.tolist()
    pods = run.telemetry.store.series("workers_total", service=service)
    declared = next((each for each in run.scenario.spec.workloads if each.name == workload), None)
    if declared is None or not pods.labels:
        return np.full(len(wanted), np.nan)
    count = np.isfinite(pods.values).sum(axis=0)[np.searchsorted(pods.times, wanted)]
    limit = np.where(count > 0, count * float(declared.model.queue_limit), np.nan)
    return limit if not (found.queue > limit).any() else np.full(len(wanted), np.nan)


def _waiting(axes: Axes, times: Floats, queue: Floats, limit: Floats) -> None:
    axes.fill_between(times, 0, queue, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(times, queue, color=BLUE)
    axes.set(title="Waiting for a worker", ylabel="requests, all pods")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    most = float(np.nanmax(queue, initial=0.0))
    if np.isfinite(limit).any():
        lowest = float(np.nanmin(limit))
        if most > _NEAR * lowest:
            axes.plot(times, limit, color=INK, linewidth=1.1, linestyle=":")
            _name(axes, float(limit[np.isfinite(limit)][0]), "queues full: one more is answered 503")
        else:
            axes.set_title(f"at least {lowest:,.0f} may wait", loc="right", fontsize=8, fontweight="normal")
    axes.set_ylim(bottom=0, top=None if most else 1)


def _utilisation(axes: Axes, times: Floats, share: Floats) -> None:
    axes.plot(times, share, color=P99)
    axes.set(title="Utilisation", ylabel="worker slots in use (%)", ylim=(0, 1.09))
    percent_axis(axes)
    axes.axhline(1.0, color=INK, linewidth=1.1, linestyle=":")
    axes.axhline(_ELBOW, color=MUTED, linewidth=0.8, linestyle=":")
    _name(axes, _ELBOW, "80 %: above it waiting grows faster than load")


def _pools(run: Run, service: str) -> list[str]:
    """Whom the service calls through a connection pool, by name."""
    found = run.telemetry.store.series("connection_pool_max", service=service)
    return sorted({labels["upstream"] for labels in found.labels})


def _connections(axes: Axes, run: Run, service: str, upstreams: list[str], begin: int) -> None:
    store = run.telemetry.store
    for upstream, (colour, dash) in zip(upstreams, _POOLS, strict=False):
        active = store.series("connection_pool_active", service=service, upstream=upstream)
        most = store.series("connection_pool_max", service=service, upstream=upstream)
        shown = active.times >= begin
        share = summed(active)[shown] / summed(most)[shown]
        full = float(summed(most)[shown][-1])
        axes.plot(
            active.times[shown] / SECOND,
            share,
            color=colour,
            linestyle=dash,
            label=f"to {upstream}, {full:g} in all",
        )
    axes.axhline(1.0, color=INK, linewidth=1.1, linestyle=":")
    axes.set(title="Connection pools", ylabel="connections taken (%)", ylim=(0, 1.35))
    axes.set_yticks(np.arange(0, 1.01, 0.25))
    percent_axis(axes)
    axes.legend(loc="upper left", ncols=2)


def _name(axes: Axes, value: float, text: str) -> None:
    """What a limit's line means, at its left end."""
    axes.annotate(
        text,
        (0.01, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=8,
        color=MUTED,
        bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.5},
    )


def _sentence(run: Run, service: str, queue: Floats, share: Floats, limit: Floats) -> str:
    head = f"Queue and utilisation of {service} up to {format_clock(run.now)}: "
    if not np.isfinite(share).any():
        return f"{head}no pod was measured."
    most = float(np.nanmax(queue))
    may = f" of {np.nanmax(limit):,.0f} that may" if np.isfinite(limit).any() else ""
    return (
        f"{head}at most {most:,.0f} requests waited{may}; workers were in use up to "
        f"{100 * np.nanmax(share):.0f} %, now {100 * share[-1]:.0f} %."
    )
