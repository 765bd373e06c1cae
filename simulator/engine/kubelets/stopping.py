"""How a process is asked to stop: its preStop hook, SIGTERM, the grace period, SIGKILL."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from simpy.events import Event

from simulator.dataplane import DataPlane
from simulator.engine.environment import Environment
from simulator.engine.images import Image
from simulator.units import MILLISECOND, SECOND
from simulator.world import Pod

#: Exit codes: 143 = 128 + SIGTERM, 137 = 128 + SIGKILL.
TERMINATED: Final = 143
KILLED: Final = 137
#: How often a draining pod looks whether it is idle.
_DRAIN_POLL: Final = 250 * MILLISECOND
#: What SIGTERM leaves at least, however long the hook took (kubelet's minimumGracePeriodInSeconds).
_LEAST_GRACE: Final = 2 * SECOND


class Stopper:
    """Stops processes of one data plane.

    Args:
        env: The clock.
        dataplane: Where they run.
    """

    def __init__(self, env: Environment, dataplane: DataPlane) -> None:
        self._env = env
        self._dataplane = dataplane

    def stop(self, pod: Pod, image: Image, instance: int) -> Generator[Event, object, bool]:
        """Ask a process that is out of rotation to stop, and kill it when its grace is over.

        The hook comes first and is part of the grace. A process that drains goes on until it is idle; one
        that ends on SIGTERM drops what it has.

        Returns:
            Whether it had to be killed.
        """
        env = self._env
        deadline = env.now + pod.spec.termination_grace_period_seconds * SECOND
        hook = pod.spec.containers[0].pre_stop_sleep_seconds * SECOND
        if hook:
            yield env.timeout(min(hook, deadline - env.now))
            deadline = max(deadline, env.now + _LEAST_GRACE)
        if image.exits_on_sigterm:
            self._dataplane.kill(instance)
            yield env.timeout(MILLISECOND)
            return False
        while self._dataplane.in_flight(instance) and env.now < deadline:
            yield env.timeout(min(_DRAIN_POLL, deadline - env.now))
        killed = self._dataplane.in_flight(instance) > 0
        if killed:
            self._dataplane.kill(instance)
        return killed
