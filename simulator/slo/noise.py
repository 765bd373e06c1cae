"""Noise: alerts from parts of the estate that are not simulated, at times that the scenario says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import nan

from simulator.scenario.alerting import NoisyAlert
from simulator.slo.alerts import AlertStatus, State, Transition


class Noise:
    """Fires and resolves as declared, whatever anybody does.

    Args:
        alerts: The scenario's.
    """

    def __init__(self, alerts: Iterable[NoisyAlert]) -> None:
        self._alerts = tuple(alerts)
        self._since: list[int | None] = [None] * len(self._alerts)
        self._firing = [False] * len(self._alerts)

    def evaluate(self, at: int) -> Iterator[Transition]:
        """What changed its state at this instant."""
        for place, alert in enumerate(self._alerts):
            fires = _fires(alert, at)
            if fires == self._firing[place]:
                continue
            self._firing[place], self._since[place] = fires, at
            yield _transition(alert, at, "firing" if fires else "resolved")

    def status(self, at: int) -> Iterator[AlertStatus]:  # noqa: ARG002 - it was evaluated then
        """A row for each alert that has fired; the others are still sealed."""
        for place, alert in enumerate(self._alerts):
            since = self._since[place]
            if since is not None:
                state: State = "firing" if self._firing[place] else "inactive"
                yield AlertStatus(
                    alert.alert, "", alert.severity, state, since, 0, 0, nan, nan, nan, alert.summary
                )


def _fires(alert: NoisyAlert, at: int) -> bool:
    past = at - alert.at
    if past >= 0 and alert.every is not None:
        past %= alert.every
    return 0 <= past < alert.lasting


def _transition(alert: NoisyAlert, at: int, state: State) -> Transition:
    labels = {**alert.labels, "alertname": alert.alert, "severity": alert.severity}
    return Transition(
        at, alert.alert, "", alert.severity, state, nan, alert.summary,
        labels=tuple(sorted(labels.items())), noise=True,
    )  # fmt: skip
