"""The four golden signals as a printed chart."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import FuncFormatter

from simulator.lab.charts import Floats, new_versions
from simulator.lab.frames import Scene
from simulator.lab.plots.style import (
    BAD,
    BLUE,
    INK,
    NEW,
    OLD,
    P50,
    P99,
    Picture,
    house,
    level_word,
    markers,
    percent_axis,
    picture,
    time_axis,
)
from simulator.lab.plots.subject import beginning, service_of
from simulator.telemetry import signals
from simulator.units import SECOND, format_clock, format_duration, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.drill import Run
    from simulator.slo import Slo
    from simulator.telemetry import Signals

_FLOOR: Final = 1e-4


def signals_picture(run: Run, service: str | None) -> Picture:
    """Traffic by version, errors on a log axis with the burn rate beside it, latency, saturation."""
    scene = Scene(run)
    chosen = service_of(run, scene, service, "plot.signals")
    found = signals(run.telemetry, chosen, beginning(run), run.now)
    times = found.times / SECOND
    start, end = float(times[0]), seconds(run.now)
    with house():
        made = picture(10.0, 5.6)
        (traffic, errors), (latency, saturation) = made.subplots(2, 2, sharex=True)
        _traffic(traffic, times, found, new_versions(run, scene.workload(chosen)))
        _errors(errors, times, found.error_ratio, scene.promise(chosen))
        _latency(latency, times, found)
        saturation.plot(times, found.saturation, color=P99)
        saturation.set(title="Saturation", ylabel="worker slots in use (%)", ylim=(0, 1.02))
        percent_axis(saturation)
        for axes in (traffic, errors, latency, saturation):
            time_axis(axes, start, end, label=axes in (latency, saturation), most=5)
            markers(axes, run.markers, start, words=axes in (traffic, errors), own=scene.workload(chosen))
        over = format_duration(found.window)
        made.suptitle(
            f"{chosen}, {format_clock(run.now)}; rates and shares over {over}", x=0.01, ha="left", fontsize=11
        )
    worst_share = np.nanmax(found.error_ratio) if np.isfinite(found.error_ratio).any() else nan
    made.sentence = (
        f"Golden signals of {chosen} up to {format_clock(run.now)}: at worst {100 * worst_share:.1f} % of "
        f"requests failed; now {100 * found.error_ratio[-1]:.2f} %, p99 {1000 * found.p99[-1]:.0f} ms."
    )
    return made


def _traffic(axes: Axes, times: Floats, found: Signals, fresh: frozenset[str]) -> None:
    shown = [name for name in found.versions if np.nansum(found.traffic[name]) > 0]
    rows = [np.nan_to_num(found.traffic[name]) for name in shown]
    if len(shown) > 1:
        colours = [NEW if name in fresh else OLD for name in shown]
        axes.stackplot(times, *rows, labels=shown, colors=colours, alpha=0.35)
        axes.legend(loc="lower left", ncols=3)
    axes.plot(times, found.total, color=INK, linewidth=1.1)
    axes.set(title="Traffic", ylabel="requests per second")
    axes.set_ylim(bottom=0)


def _errors(axes: Axes, times: Floats, shares: Floats, slo: Slo | None) -> None:
    axes.set_yscale("log")
    drawn = np.maximum(shares, _FLOOR)
    axes.plot(times, drawn, color=BAD)
    axes.set(title="Errors", ylabel="requests failed (%, log)", ylim=(_FLOOR, 1))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{100 * value:g}"))
    if slo is None:
        return
    allowance = float(slo.objective.allowance)
    axes.axhline(allowance, color=INK, linewidth=1.1, linestyle=":")
    level_word(axes, f"objective {slo.objective.target_text}: burn 1×", allowance, times, [drawn])
    burn = axes.secondary_yaxis(
        "right",
        functions=(
            lambda share: np.asarray(share, dtype=np.float64) / allowance,
            lambda rate: np.asarray(rate, dtype=np.float64) * allowance,
        ),
    )
    burn.set_ylabel("burn rate (×)")
    burn.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))


def _latency(axes: Axes, times: Floats, found: Signals) -> None:
    for label, row, colour in (("p50", found.p50, P50), ("p95", found.p95, BLUE), ("p99", found.p99, P99)):
        axes.plot(times, 1000 * row, color=colour, label=label)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.99), ncols=3, borderaxespad=0.0)
    axes.set(title="Latency", ylabel="answered within (ms)")
    axes.set_ylim(bottom=0)
