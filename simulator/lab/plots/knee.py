"""Mean time in a service over its load: what was measured, what theory says, and where it bends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.lab.plots.style import BAD, BLUE, INK, MUTED, NEW, OK, OLD, Picture, house, picture

if TYPE_CHECKING:
    from simulator.lab.queue_lab import Sweep

_COLOURS: Final = (BLUE, NEW, BAD, OK, OLD, INK)
_MARKS: Final = ("o", "s", "^", "D", "v", "P")
#: Points of a line of theory, and the load up to which it is drawn: at 1 there is no mean.
_POINTS: Final = 101
_LAST: Final = 0.97


def knee_picture(sweeps: Sequence[Sweep]) -> Picture:
    """Dots are measured, lines are theory; where theory says nothing the dots are joined, dotted."""
    with house():
        made = picture(9.0, 4.4)
        axes = made.subplots()
        for number, sweep in enumerate(sweeps):
            colour, mark = _COLOURS[number % 6], _MARKS[number % 6]
            loads = np.array([each.load for each in sweep.rows])
            measured = [1000 * each.seconds for each in sweep.rows]
            axes.scatter(
                100 * loads, measured, color=colour, marker=mark, s=30, zorder=3, label=sweep.service
            )
            if sweep.predicted:
                along = np.linspace(loads.min(), min(loads.max(), _LAST), _POINTS)
                theory = [1000 * sweep.theory(float(load)) for load in along]
                axes.plot(100 * along, theory, color=colour, linewidth=1.1)
            else:
                axes.plot(100 * loads, measured, color=colour, linestyle=(0, (1, 1.5)), linewidth=1.1)
        axes.axhline(1000 * sweeps[0].work_seconds, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.annotate(
            "work alone", (0.01, 1000 * sweeps[0].work_seconds), xycoords=("axes fraction", "data"),
            xytext=(0, -11), textcoords="offset points", fontsize=8, color=MUTED,
        )  # fmt: skip
        axes.set(
            title="Mean time in the service: dots measured, lines theory",
            ylabel="mean time (ms)",
            xlabel="load (% of the workers' time that is asked for)",
        )
        axes.set_ylim(bottom=0)
        made.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    made.sentence = "; ".join(map(_words, sweeps)) + "."
    return made


def _words(sweep: Sweep) -> str:
    told = [f"{1000 * each.seconds:.0f} ms at a load of {100 * each.load:g} %" for each in sweep.rows]
    return f"{sweep.service}: {', '.join(told)}"
