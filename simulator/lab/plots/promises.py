"""One incident under several promises: what is left of each budget, and when each of them rings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import MaxNLocator

from simulator.lab.plots.style import (
    BAD,
    BLUE,
    INK,
    MUTED,
    NEW,
    OK,
    OLD,
    Picture,
    house,
    percent_axis,
    picture,
)
from simulator.units import MINUTE

if TYPE_CHECKING:
    from simulator.lab.slo_lab import Promised, Replayed

_COLOURS: Final = (BLUE, NEW, BAD, OK, OLD, INK)
_DASHES: Final = ("-", (0, (5, 2)), (0, (1, 1.5)), "-.")


def promises_picture(replayed: Replayed) -> Picture:
    """A line a promise from a full budget down to empty; a triangle where its page rings."""
    with house():
        made = picture(9.0, 4.2)
        axes = made.subplots()
        for number, each in enumerate(replayed.promises):
            colour, dash = _COLOURS[number % 6], _DASHES[number % 4]
            minutes = each.times / MINUTE
            axes.plot(minutes, np.maximum(each.left, 0.0), color=colour, linestyle=dash, label=each.name)
            if each.paged is not None:
                at = each.paged / MINUTE
                level = float(np.maximum(np.interp(each.paged, each.times, each.left), 0.0))
                axes.scatter([at], [level], color=colour, marker="v", s=48, zorder=3)
        axes.scatter([], [], color=MUTED, marker="v", s=48, label="page")
        axes.set(
            title="Error budget left, the same incident under each promise",
            ylabel="share of the window's budget (%)",
            xlabel="minutes after the incident's beginning",
            ylim=(-0.03, 1.05),
        )
        axes.xaxis.set_major_locator(MaxNLocator(8))
        percent_axis(axes)
        made.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    made.sentence = "; ".join(map(_words, replayed.promises)) + "."
    return made


def _words(each: Promised) -> str:
    page = "nobody is paged" if each.paged is None else f"a page after {each.paged / MINUTE:g} min"
    end = "" if each.gone is None else f", all gone after {each.gone / MINUTE:g} min"
    return f"{each.name}: {100 * each.spent:.0f} % of the budget spent, {page}{end}"
