"""Injects faults: each is followed through its shape, and what it did is undone at its end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from simulator.dataplane import Link
from simulator.engine.configuration.causes import Causes
from simulator.engine.environment import Environment
from simulator.engine.faults.pods import PodFaults
from simulator.engine.faults.shapes import strengths
from simulator.engine.faults.targets import chosen_pods, chosen_services, chosen_workloads
from simulator.engine.network import Network
from simulator.errors import GamedayError
from simulator.scenario.document import Scenario
from simulator.scenario.faults import BETWEEN_SERVICES, Chaos
from simulator.streams import Stream
from simulator.world import Cluster, Pod

#: From this strength on a fault that can only be or not be, is.
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that was injected, for the debrief.

    Attributes:
        kind: Chaos Mesh's kind.
        action: Its action; empty for a kind that has none.
        at: When it began, ns.
        until: When it ends, ns; None for good.
        pods: Names of the pods that it hit; empty when none matched at that moment, or when it acts between
            services.
        services: Services between which, or before which, it acts.
        error_rate: Of the pods' answers, or None.
        speed: Of the pods' workers, or None.
    """

    kind: str
    action: str
    at: int
    until: int | None
    pods: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    error_rate: float | None = None
    speed: float | None = None

    @property
    def pod(self) -> str:
        """The first pod that it hit; empty where it hit none."""
        return self.pods[0] if self.pods else ""


class Injector:
    """Carries out faults, from a timeline or by ``inject`` at any moment.

    Args:
        env: The clock.
        cluster: Where pods are.
        scenario: Which workloads there are.
        services: Deployment to the Service before it.
        pods: What can be done to pods.
        network: What can be done between services.
        causes: Delays of pods and clocks of certificates.
        seed: Of the run; whom a fault hits is drawn from it.

    Attributes:
        faults: Every fault so far, oldest first.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        scenario: Scenario,
        services: dict[str, str],
        pods: PodFaults,
        network: Network,
        causes: Causes,
        seed: int,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._scenario = scenario
        self._services = services
        self._pods = pods
        self._network = network
        self._causes = causes
        self._luck = Stream(seed, "chaos")
        self.faults: list[Fault] = []

    def inject(self, chaos: Chaos, *, number: int | None = None) -> Fault:
        """Begin a fault now.

        Args:
            chaos: What.
            number: What its choice of pods hangs on; by default how many faults there were before.

        Raises:
            GamedayError: Its selector matches no workload's pods.
        """
        if not chosen_workloads(self._scenario, chaos.selector):
            raise GamedayError(
                "chaos.selector.labelSelectors",
                expected="labels of some workload's pods",
                got=", ".join(f"{a}={b}" for a, b in chaos.selector.label_selectors.items()) or "none",
                todo="A fault that hits nothing can't be found.",
            )
        place = len(self.faults) if number is None else number
        name = f"{chaos.kind} {len(self.faults)}"
        between = chaos.kind in BETWEEN_SERVICES
        pods = [] if between else chosen_pods(self._cluster, chaos, self._luck, place)
        services = chosen_services(self._scenario, self._services, chaos.selector) if between else ()
        now = self._env.now
        fault = Fault(
            chaos.kind,
            chaos.action or "",
            now,
            None if chaos.duration is None else now + chaos.duration,
            tuple(pod.meta.name for pod in pods),
            tuple(services),
            1.0 if chaos.abort else chaos.error_rate,
            chaos.speed,
        )
        self.faults.append(fault)
        for after, strength in strengths(chaos.shape, chaos.duration):
            act = partial(self._apply, name, chaos, place, pods, strength)
            if after:
                self._env.at(now + after, act)
            else:
                act()
        return fault

    def _apply(self, name: str, chaos: Chaos, number: int, pods: list[Pod], strength: float) -> None:
        match chaos.kind:
            case "PodChaos":
                self._apply_to_pods(chaos, number, pods, strength)
            case "HTTPChaos" | "StressChaos" | "IOChaos":
                for pod in pods:
                    self._pods.press(name, pod, chaos, strength)
            case "NetworkChaos":
                self._network.put(name, self._links(chaos, strength))
            case "DNSChaos":
                for service in chosen_services(self._scenario, self._services, chaos.selector):
                    self._network.refuse(name, service, strength >= _HALF)
            case "TimeChaos":
                offset = round((chaos.time_offset or 0) * strength)
                for workload in chosen_workloads(self._scenario, chaos.selector):
                    self._causes.certificates.shift_clock(workload, offset)

    def _apply_to_pods(self, chaos: Chaos, number: int, pods: list[Pod], strength: float) -> None:
        """A kill is done at each beginning, to those who match then; a failure lasts while it is on."""
        if chaos.action == "pod-failure":
            for pod in pods:
                (self._pods.fail if strength >= _HALF else self._pods.mend)(pod)
        elif strength >= _HALF:
            victims = chosen_pods(self._cluster, chaos, self._luck, number)
            for pod in victims:
                (self._pods.kill if chaos.action == "pod-kill" else self._pods.kill_container)(pod)

    def _links(self, chaos: Chaos, strength: float) -> tuple[Link, ...]:
        """What stands on the wire at this strength; nothing at 0."""
        latency = round((chaos.delay or 0) * strength) if chaos.action == "delay" else 0
        loss = (chaos.loss or 0.0) * strength if chaos.action == "loss" else 0.0
        cut = chaos.action == "partition" and strength >= _HALF
        if not (latency or loss or cut):
            return ()
        own = chosen_services(self._scenario, self._services, chaos.selector)
        if chaos.target is None:
            return tuple(Link(None, name, latency=latency, loss=loss, cut=cut) for name in own)
        others = chosen_services(self._scenario, self._services, chaos.target.selector)
        ends = [pair for a in own for b in others for pair in ((a, b), (b, a))]
        return tuple(Link(a, b, latency=latency, loss=loss, cut=cut) for a, b in ends)
