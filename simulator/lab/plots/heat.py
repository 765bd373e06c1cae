"""Latency as a heatmap: how many requests were answered within which time, over the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from simulator.dataplane.counters import FINE_EDGES_NS
from simulator.lab.frames import Scene
from simulator.lab.plots.style import BAD, INK, MUTED, Picture, house, markers, picture, time_axis
from simulator.lab.plots.subject import beginning, service_of
from simulator.telemetry import signals
from simulator.units import MILLISECOND, SECOND, format_clock, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.drill import Run
    from simulator.lab.charts import Floats

#: Columns of a picture at most, and rows a decade: what still reads when it is printed.
_COLUMNS: Final = 180
_ROWS_A_DECADE: Final = 8
#: What share of all requests a chart may leave out below, and a tenth of it above, to show the rest larger.
_RARE: Final = 1e-3
#: Light is rare and dark is frequent: one hue, so that a grey print reads the same.
_HUE: Final = "Blues"


def latency_picture(run: Run, service: str | None) -> Picture:
    """Time along, latency up on a log axis, requests a second as darkness; p50 and p99 as lines."""
    scene = Scene(run)
    chosen = service_of(run, scene, service, "plot.latency")
    begin = beginning(run)
    found = signals(run.telemetry, chosen, begin, run.now)
    across, up, rates = _cells(run, chosen, begin)
    start, end = seconds(begin), seconds(run.now)
    with house():
        made = picture(9.0, 4.4)
        axes = made.subplots()
        axes.set(title=f"Latency of {chosen}", ylabel="answered within (ms, log)")
        if not rates.size:
            axes.text(0.5, 0.5, "no request was answered", transform=axes.transAxes, ha="center", color=MUTED)
        else:
            mesh = axes.pcolormesh(
                across,
                up,
                np.ma.masked_less_equal(rates.T, 0.0),
                cmap=_HUE,
                norm=LogNorm(max(float(rates[rates > 0].min()), 0.01), float(rates.max()) * 1.6),
                rasterized=True,
            )
            bar = made.colorbar(mesh, ax=axes, pad=0.02)
            bar.set_label("requests per second (log)")
            bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
            bar.outline.set_visible(False)
            _lines(axes, found.times / SECOND, found.p50, found.p99)
            _log_axis(axes, up, rates.sum(axis=0))
            _bound(axes, scene, chosen)
        axes.grid(visible=False)
        time_axis(axes, start, end)
        markers(axes, run.markers, start)
    made.sentence = _sentence(run, chosen, found.p50, found.p99)
    return made


def _cells(run: Run, service: str, begin: int) -> tuple[Floats, Floats, Floats]:
    """Edges of the columns, seconds; edges of the rows, ms; requests a second by (column, row)."""
    telemetry = run.telemetry
    times = telemetry.store.times
    first, stop = int(np.searchsorted(times, begin, "right")), len(times)
    bottom, batches = telemetry.fine.increments(telemetry.latency_rows(service), first, stop)
    nothing = np.zeros(0)
    if first == 0 or not batches.size:
        return nothing, nothing, np.zeros((0, 0))
    group = -(-(stop - first) // _COLUMNS)
    starts = np.arange(0, stop - first, group)
    across = np.append(times[first - 1 + starts], times[-1]) / SECOND
    fine = FINE_EDGES_NS[bottom : bottom + batches.shape[1] + 1] / MILLISECOND
    low = np.floor(np.log10(max(float(fine[0]), 0.01)) * _ROWS_A_DECADE)
    high = np.ceil(np.log10(float(fine[-1])) * _ROWS_A_DECADE)
    up = 10 ** (np.arange(low, high + 1) / _ROWS_A_DECADE)
    row = np.clip(np.searchsorted(up, np.sqrt(np.maximum(fine[:-1], up[0]) * fine[1:]), "right") - 1, 0, None)
    counts = np.zeros((len(starts), len(up) - 1))
    np.add.at(counts.T, row, np.add.reduceat(batches, starts, axis=0).T.astype(np.float64))
    return across, up, counts / np.diff(across)[:, None]


def _lines(axes: Axes, times: Floats, p50: Floats, p99: Floats) -> None:
    axes.plot(times, 1000 * p50, color=INK, linewidth=1.1, label="p50")
    axes.plot(times, 1000 * p99, color=BAD, linewidth=1.1, linestyle=(0, (5, 2)), label="p99")
    axes.legend(loc="upper left", ncols=2, frameon=True, framealpha=0.85, edgecolor="none")


def _log_axis(axes: Axes, up: Floats, answered: Floats) -> None:
    """Latency on a log axis, without the rows at its ends that hold next to nothing."""
    below = np.cumsum(answered) / answered.sum()
    low = int(np.searchsorted(below, _RARE, "right"))
    high = int(np.searchsorted(below, 1 - _RARE / 10, "left"))
    axes.set_yscale("log")
    axes.set_ylim(float(up[low]), float(up[high + 1]))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _bound(axes: Axes, scene: Scene, service: str) -> None:
    """The bound of the service's latency objective, where it has one."""
    for slo in scene.run.slos.values():
        goal = slo.objective
        if goal.service != service or not goal.indicator.le:
            continue
        bound = 1000 * float(goal.indicator.le)
        axes.axhline(bound, color=INK, linewidth=1.1, linestyle=":")
        axes.annotate(
            f"objective: {goal.target_text} within {bound:g} ms",
            (0.99, bound),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            fontsize=8,
            color=INK,
        )


def _sentence(run: Run, service: str, p50: Floats, p99: Floats) -> str:
    head = f"Latency of {service} up to {format_clock(run.now)}: "
    if not np.isfinite(p99).any():
        return f"{head}no request was answered."
    last = int(np.flatnonzero(np.isfinite(p99))[-1])
    return (
        f"{head}half of the requests were answered within {1000 * p50[last]:.0f} ms lately, 99 of 100 within "
        f"{1000 * p99[last]:.0f} ms; at worst 99 of 100 took up to {1000 * np.nanmax(p99):.0f} ms."
    )
