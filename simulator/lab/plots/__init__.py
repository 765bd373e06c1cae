"""Static charts of a run in one house style: ``drill.plot.signals()``, ``.budget()``, ``.latency()`` ….

Each returns a figure that shows itself once, is labelled with a unit on every axis, reads well in print,
and says in one sentence what is on it (``print(figure)``). pyplot and its global state are not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.drill import Comparison, Run, SideBySide
    from simulator.lab.plots.style import Picture

__all__ = ["Plots"]


class Plots:
    """The charts of one run.

    Args:
        run: Played so far.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def signals(self, service: str | None = None) -> Picture:
        """The four golden signals of a service since shortly before T+00:00.

        Args:
            service: None takes the one whose objective has spent most.

        Raises:
            GamedayError: No such service.
        """
        from simulator.lab.plots.golden import signals_picture

        return signals_picture(self._run, service)

    def budget(self, *, ghost: str | Path | None = None) -> Picture:
        """Error budget left and burn rate of every objective, with the rate at which the pager rings.

        Args:
            ghost: Another play to lie under yours: ``reference``, ``nothing``, a wrong path, or the run file
                of a colleague who met the same users.

        Raises:
            GamedayError: No such player or file, or a run of other users.
        """
        from simulator.drill import ghost as ghost_of
        from simulator.lab.plots.budget import budget_picture

        if ghost is None:
            return budget_picture(self._run)
        name = ghost if isinstance(ghost, str) else ghost.name
        return budget_picture(self._run, ghost_of(self._run, ghost), name)

    def promql(self, queries: Mapping[str, str], *, unit: str, last: str = "") -> Picture:
        """PromQL expressions over time, one line each, on one axis.

            drill.plot.promql({"asked": "sum(rate(lb_requests_total[1m]))"}, unit="per second")

        Args:
            queries: An expression by the name of its line, up to four; each gives one series.
            unit: Of all of them, as the axis says it.
            last: How far back, such as ``"10m"``; from shortly before T+00:00 where it is empty.

        Raises:
            QueryError: An expression can't be read or evaluated.
            GamedayError: None or too many, an expression with several series, no such duration.
        """
        from simulator.lab.plots.queries import queries_picture

        return queries_picture(self._run, queries, unit, last)

    def timeline(self) -> Picture:
        """What the world did, what rang, what was typed: numbered acts over the burn rate."""
        from simulator.lab.plots.timeline import timeline_picture

        return timeline_picture(self._run)

    def rollout(self, name: str | None = None) -> Picture:
        """Traffic to what is new, the weights that were asked for, analyses and their verdicts, aborts.

        Where the system has no Rollout, the picture says so.

        Args:
            name: None takes the Rollout that was updated last.

        Raises:
            GamedayError: There are Rollouts, and none of this name.
        """
        from simulator.lab.plots.rollout import rollout_picture

        return rollout_picture(self._run, name)

    def queue(self, service: str | None = None) -> Picture:
        """Requests that wait for a worker of a service, its utilisation, its pools, each with its limit.

        Args:
            service: None takes the one whose objective has spent most.

        Raises:
            GamedayError: No such service.
        """
        from simulator.lab.plots.queues import queue_picture

        return queue_picture(self._run, service)

    def latency(self, service: str | None = None) -> Picture:
        """A heatmap: simulated time along, latency up (log), as dark as requests were answered so fast.

        Args:
            service: None takes the one whose objective has spent most.

        Raises:
            GamedayError: No such service.
        """
        from simulator.lab.plots.heat import latency_picture

        return latency_picture(self._run, service)

    def side_by_side(self, compared: SideBySide) -> Picture:
        """All budget curves on one chart, each with its decisions."""
        from simulator.lab.plots.whatif import side_by_side_picture

        return side_by_side_picture(compared)

    def comparison(self, comparison: Comparison) -> Picture:
        """Two budget curves: the run, and what would have been."""
        from simulator.lab.plots.whatif import comparison_picture

        return comparison_picture(comparison)
