"""The learner's screen, read from a run: charts, budget, status page. It looks back and at now only."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan
from typing import TYPE_CHECKING

from simulator.coach.rules import BURN_WINDOW
from simulator.coach.signals import Signal
from simulator.drill.console.objects.jsonpath import bare, found_at
from simulator.drill.console.objects.manifests import manifest
from simulator.errors import SimulationError
from simulator.slo import Slo, worst
from simulator.telemetry import signals
from simulator.telemetry.promql import query_range
from simulator.units import MINUTE, format_clock
from simulator.world import KubernetesError

if TYPE_CHECKING:
    from simulator.drill.acts import StatusPost
    from simulator.drill.run import Run


class RunSight:
    """``case.Sight`` over a run. An instant that is still to come is a mistake in a rule, and refused."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def value(self, signal: Signal, at: int) -> float:
        """The signal as the charts showed it at ``at``; NaN where nothing is known."""
        self._has_come(at)
        if signal.kind == "burn":
            return self.burn(at, BURN_WINDOW)
        if signal.kind == "ready":
            return self._ready(signal.service, at)
        shown = signals(self._run.telemetry, signal.service, at - self._run.telemetry.interval, at)
        if not len(shown.times):
            return nan
        column = {
            "errors": shown.error_ratio,
            "latency": shown.p99,
            "traffic": shown.total,
            "saturation": shown.saturation,
            "queue": shown.queue,
        }[signal.kind]
        return float(column[-1])

    def burn(self, at: int, window: int) -> float:
        """Burn rate of the objective that burns fastest over ``window``; NaN where none is known."""
        self._has_come(at)
        rates = [rate for slo in self._run.slos.values() if not isnan(rate := slo.burn_rate(window, at))]
        return max(rates, default=nan)

    def left(self, at: int) -> float:
        """Share of the budget that is left, of the objective that the incident is about."""
        return self._focus(at).budget_left(at).share_left

    def spent(self, at: int) -> float:
        """Share of the worst objective's budget that went since T+00:00."""
        return self._worst(at).spent_in_drill(at)

    def empty_in(self, at: int) -> int | None:
        """Time until that budget is gone."""
        return self._focus(at).time_to_exhaustion(at)

    def objective(self) -> str:
        """That objective in words."""
        slo = self._focus(self._run.now)
        title = slo.objective.title or slo.objective.name
        return title[:1].lower() + title[1:]

    def course(self, start: int, end: int) -> Sequence[tuple[int, float, int]]:
        """At every scrape: when, which share of what that objective counts failed in a minute, pods ready."""
        curve = self._focus(end).curve(start, end, over=MINUTE)
        return [
            (int(at), float(share), int(self._in_all("kube_deployment_status_replicas_ready", int(at))))
            for at, share in zip(curve.times, curve.error_ratio, strict=True)
        ]

    def posts(self, at: int) -> Sequence[StatusPost]:
        """The status page up to ``at``."""
        return [post for post in self._run.status_page.posts if post.at <= at]

    def readings(self, query: str, start: int, end: int) -> Sequence[tuple[int, tuple[float, ...]]]:
        """A PromQL expression at every scrape from ``start`` to ``end``: the values of its series there."""
        self._has_come(end)
        source, interval = self._run.telemetry.source, self._run.telemetry.interval
        first = -(-start // interval) * interval
        if first > end:  # no scrape lies between: the newest one speaks
            first = end = end // interval * interval
        found = query_range(source, query, first + source.epoch, end + source.epoch, interval)
        return [
            (
                int(at) - source.epoch,
                tuple(float(value) for value in found.values[found.present[:, column], column]),
            )
            for column, at in enumerate(found.times)
        ]

    def field(self, name: str, jsonpath: str) -> Sequence[object]:
        """What a jsonpath finds now in an object such as ``deployment/checkout``; nothing if it is gone."""
        kind, _, own = name.partition("/")
        try:
            item = self._run.cluster.get(kind, own)
        except KubernetesError:
            return ()
        return found_at(manifest(item, self._run.cluster), bare(jsonpath))

    def _has_come(self, at: int) -> None:
        if at > self._run.now:
            raise SimulationError(
                "coach",
                expected=f"an instant up to {format_clock(self._run.now)}",
                got=format_clock(at),
                todo="A rule reads the screen ahead of time; it may cite only what is visible.",
            )

    def _focus(self, at: int) -> Slo:
        """The objective that the incident is about: of those that paged the most spent, else the lowest."""
        self._has_come(at)
        slos = self._run.slos
        paged = {page.slo: slos[page.slo] for page in self._run.pager.pages if page.slo in slos}
        if paged:
            return worst(paged, at)
        return min(slos.values(), key=lambda slo: slo.budget_left(at).share_left)

    def _worst(self, at: int) -> Slo:
        self._has_come(at)
        return worst(self._run.slos, at)

    def _ready(self, service: str, at: int) -> float:
        return self._in_all("kube_deployment_status_replicas_ready", at, deployment=service)

    def _in_all(self, metric: str, at: int, **labels: str) -> float:
        """The sum of a metric's series at an instant; NaN where there is none."""
        samples = self._run.telemetry.store.instant(metric, at, **labels)
        known = [float(value) for value in samples.values.reshape(-1) if not isnan(value)]
        return sum(known) if known else nan
