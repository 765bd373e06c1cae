"""A control loop: changes name what must be looked at again, a moment later each name is looked at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from simpy.events import Event, ProcessGenerator

from simulator.engine.environment import Environment
from simulator.units import MILLISECOND

#: From a change to the controller's answer: a watch, a work queue and a write to the API server.
CONTROL_LATENCY: Final = 20 * MILLISECOND

Name = tuple[str, str]


class Reconciler:
    """A work queue with one worker, as each Kubernetes controller has.

    Args:
        env: The clock.
        reconcile: Compares what shall be with what is, for one (namespace, name), and acts; idempotent.
        first: Names with a smaller number go first where several are looked at in one instant.
    """

    def __init__(
        self,
        env: Environment,
        reconcile: Callable[[Name], None],
        *,
        first: Callable[[Name], int] = lambda _: 0,
    ) -> None:
        self._env = env
        self._reconcile = reconcile
        self._first = first
        self._waiting: dict[Name, None] = {}
        self._alarms: dict[tuple[Name, int], None] = {}
        self._wake: Event = env.event()
        env.process(self._work())

    def enqueue(self, namespace: str, name: str) -> None:
        """Look at this object soon; several calls before that are one."""
        self._waiting[namespace, name] = None
        if not self._wake.triggered:
            self._wake.succeed()

    def enqueue_at(self, namespace: str, name: str, at: int) -> None:
        """Look at this object at ``at`` (ns), for what only the passing of time brings."""
        alarm = ((namespace, name), at)
        if alarm in self._alarms:
            return
        self._alarms[alarm] = None

        def ring() -> None:
            del self._alarms[alarm]
            self.enqueue(namespace, name)

        self._env.at(max(at, self._env.now), ring)

    def _work(self) -> ProcessGenerator:
        while True:
            yield self._wake
            self._wake = self._env.event()
            yield self._env.timeout(CONTROL_LATENCY)
            batch, self._waiting = sorted(self._waiting, key=self._first), {}
            for name in batch:
                self._reconcile(name)
