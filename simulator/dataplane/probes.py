"""The life of an instance's process: probes that ask after it, its end, and its start anew.

A probe is a request in the instance's own queue, so a saturated instance fails it by its timeout, whatever
the reason for its saturation. The counting is the kubelet's, and stays in the kernel; what crosses a
threshold comes out as a ``Signal`` at its own time, and what follows from it is the control plane's to do:
nothing here changes an instance's readiness or ends it by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator import streams
from simulator.dataplane import kernel, state
from simulator.dataplane.counters import PROBE_KINDS, ProbeKind
from simulator.dataplane.equipment import close_idle, open_first
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.programs import Programs
from simulator.dataplane.ranges import within
from simulator.dataplane.topics import Topics
from simulator.dataplane.twin import Table, plain_kernel
from simulator.distributions import Law
from simulator.errors import GamedayError, SimulationError
from simulator.units import MILLISECOND, SECOND

_DAY: Final = 24 * 3600 * SECOND
_QUICK: Final = Law("constant", MILLISECOND)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a kubelet asks a container again and again, with Kubernetes' defaults.

    Attributes:
        kind: ``startup`` (until it passes, the others wait), ``liveness`` or ``readiness``.
        service_time: Law of the time that the answer takes on a worker.
        error_rate: Share of the answers that are failures.
        route: Ask this route of the service in place of a route of its own: a deep check, with that route's
            service time, errors and calls.
        period: ns between ticks; a probe that takes longer delays the next one.
        timeout: ns until no answer is a failure.
        initial_delay: ns from the start of the process to the first tick.
        success_threshold: Passes in a row that count; more than 1 for readiness alone.
        failure_threshold: Failures in a row that count.
    """

    kind: ProbeKind
    service_time: Law = _QUICK
    error_rate: float = 0.0
    route: str | None = None
    period: int = 10 * SECOND
    timeout: int = SECOND
    initial_delay: int = 0
    success_threshold: int = 1
    failure_threshold: int = 3

    def __post_init__(self) -> None:
        within("error_rate", self.error_rate, 0.0, 1.0)
        within("period", self.period, MILLISECOND, _DAY)
        within("timeout", self.timeout, MILLISECOND, _DAY)
        within("initial_delay", self.initial_delay, 0, _DAY)
        within("success_threshold", self.success_threshold, 1, 1000 if self.kind == "readiness" else 1)
        within("failure_threshold", self.failure_threshold, 1, 1000)


class Processes:
    """The processes of one data plane's instances.

    Args:
        seed: Of the run.
        memory: Of the data plane.
        names: Of the data plane.
        programs: Of the data plane.
        topics: Of the data plane.
    """

    def __init__(self, seed: int, memory: Memory, names: Names, programs: Programs, topics: Topics) -> None:
        self._seed = seed
        self._memory = memory
        self._names = names
        self._programs = programs
        self._topics = topics
        self._keys: list[int] = []
        self._pools: list[int] = []
        self._initial_delays: dict[int, int] = {}

    @property
    def _now(self) -> int:
        return int(self._memory.scalars[kernel.NOW])

    def begin(self, instance: int, key: int, pools: int, listens_at: int | None) -> None:
        """The first start of a new instance's process, which has so many connection pools."""
        self._keys.append(key)
        self._pools.append(pools)
        row = self._memory.instance[instance]
        row["probes"] = kernel.NONE
        self._start(instance, listens_at)

    def set_probe(self, instance: int, probe: Probe, first: int | None, passing: bool) -> None:
        """Give an instance a probe; see ``DataPlane.set_probe``."""
        info, memory = self._names.instances[instance], self._memory
        place = self._rows(instance) + PROBE_KINDS.index(probe.kind)
        row = memory.probe[place]
        if probe.route is None:
            row["program"], row["deep"] = self._programs.alone(probe.service_time, probe.error_rate), 0
        else:
            routes = self._names.routes[info.service]
            if probe.route not in routes:
                raise GamedayError(
                    f"{probe.kind} probe of {info.pod}",
                    expected=f"a route of {info.service}: {', '.join(routes)}",
                    got=repr(probe.route),
                    todo="Name one of these, or none for a route of its own.",
                )
            own = memory.instance[instance]
            row["program"], row["deep"] = own["program"] + routes.index(probe.route), 1
        row["period"], row["timeout"] = probe.period, probe.timeout
        row["success"], row["failure"] = probe.success_threshold, probe.failure_threshold
        self._initial_delays[place] = probe.initial_delay
        memory.widen()
        self._drop(row)
        at = int(memory.instance[instance]["born"]) + probe.initial_delay if first is None else first
        self._arm(place, max(at, self._now), passing)

    def stop_probes(self, instance: int) -> None:
        """Ask no more, until ``restart`` or a new ``set_probe``."""
        first = int(self._memory.instance[instance]["probes"])
        if first != kernel.NONE:
            for row in self._memory.probe[first : first + len(PROBE_KINDS)]:
                self._drop(row)

    def stop(self, instance: int) -> None:
        """End the process: what is queued or running fails with ``reset``, and connections are refused."""
        memory = self._memory
        row = memory.instance[instance]
        row["listens_at"] = kernel.FOREVER
        row["queued"] = 0
        row["head"] = row["tail"] = row["first_end"] = row["lock_head"] = kernel.NONE
        row["running"] = row["locked"] = 0
        row["core_gen"] += 1
        self.close_pools(instance)
        memory.widen()
        self.stop_probes(instance)
        self._topics.leave(instance)
        for work in np.flatnonzero(memory.work["instance"] == instance).tolist():
            memory.make_room()
            memory.push(self._now, kernel.event(kernel.RESET, work, int(memory.work[work]["gen"])))

    def close_pools(self, instance: int) -> None:
        """Close the connections that a process keeps and nobody uses; those in use end with their calls."""
        for pool in self._pools_of(instance):
            pool["idle"] += pool["leaked"]
            pool["leaked"] = 0
            close_idle(self._memory, pool, int(pool["idle"]))

    def _pools_of(self, instance: int) -> state.Records:
        first = int(self._memory.instance[instance]["pools"])
        return self._memory.pool[first : first + self._pools[instance]]

    def restart(self, instance: int, listens_at: int | None) -> None:
        """Start a stopped process anew; see ``DataPlane.restart``."""
        row = self._memory.instance[instance]
        if row["listens_at"] != kernel.FOREVER:
            raise SimulationError(
                self._names.instances[instance].pod,
                expected="a stopped process",
                got="a running one",
                todo="Stop or kill it first.",
            )
        self._start(instance, listens_at)
        first = int(row["probes"])
        if first != kernel.NONE:
            for place in range(first, first + len(PROBE_KINDS)):
                if self._memory.probe[place]["period"]:
                    self._arm(place, self._now + self._initial_delays[place], passing=False)

    def _start(self, instance: int, listens_at: int | None) -> None:
        now, row = self._now, self._memory.instance[instance]
        row["starts"] += 1
        row["born"] = row["clock_at"] = row["due"] = now
        row["listens_at"] = now if listens_at is None else listens_at
        row["leaked"] = row["out_of_memory"] = 0
        for pool in self._pools_of(instance):
            open_first(self._memory, pool)
        row["started"] = 1
        if row["listens_at"] > now:
            self._memory.widen()
        self._topics.join(instance, int(row["listens_at"]))
        self.check_memory(instance)

    def set_limits(self, instance: int, memory: int | None, cores: float | None) -> None:
        """Limits of an instance's own; see ``DataPlane.set_limits``."""
        row = self._memory.instance[instance]
        given = {kernel.I_MEMORY: memory, kernel.I_CORES: cores}
        missing = [bit for bit, value in given.items() if value is not None and not row["features"] & bit]
        if missing:
            raise GamedayError(
                self._names.instances[instance].pod,
                expected="a version whose behaviour has memory, or cores, to limit",
                got="none",
                todo="Give its Behaviour a Memory, or cores.",
            )
        if memory is not None:
            within("memory", memory, 0, 1 << 50)
            row["memory_limit"] = memory
            self.check_memory(instance)
        if cores is not None:
            within("cores", cores, 0.001, 100_000)
            self._slow_cores(instance, round(cores * 1000))

    def check_memory(self, instance: int) -> None:
        """Signal a process that takes more than its limit before it has any request."""
        row, memory = self._memory.instance[instance], self._memory
        if not row["features"] & kernel.I_MEMORY or row["out_of_memory"]:
            return
        if row["memory"] + row["leaked"] > row["memory_limit"]:
            row["out_of_memory"] = 1
            memory.tell(kernel.OUT_OF_MEMORY, instance)

    def _slow_cores(self, instance: int, thousandths: int) -> None:
        """Change the cores of those who compute now: the clock is brought along by the old ones first."""
        plain, table = plain_kernel(), Table(self._memory.instance)
        plain.run_cores(instance, self._now, table)
        self._memory.instance[instance]["cores"] = thousandths
        end = plain.next_end(instance, self._now, table, Table(self._memory.work))
        if end != kernel.FOREVER:
            generation = int(self._memory.instance[instance]["core_gen"])
            self._memory.make_room()
            self._memory.push(end, kernel.event(kernel.CORE, instance, generation))

    def _rows(self, instance: int) -> int:
        """First of an instance's three rows of probes, laid down with its first one."""
        own, memory = self._memory.instance[instance], self._memory
        if own["probes"] == kernel.NONE:
            own["probes"] = len(memory.probe)
            memory.probe = state.grown(memory.probe, len(memory.probe) + len(PROBE_KINDS))
            for kind, row in enumerate(memory.probe[-len(PROBE_KINDS) :]):
                row["instance"], row["kind"], row["work"] = instance, kind, kernel.NONE
                row["key"] = streams.fold(self._seed, streams.key("probes"), self._keys[instance], kind)
            memory.changed()
        return int(own["probes"])

    def _drop(self, row: np.void) -> None:
        """Void a probe's pending tick; what is under way is answered to nobody."""
        row["dropped"] += row["work"] != kernel.NONE
        row["work"] = kernel.NONE
        row["gen"] = (int(row["gen"]) + 1) & kernel.GENERATION_MASK
        row["hold"] = 1

    def _arm(self, place: int, first: int, passing: bool) -> None:
        """Let a probe begin with its first tick at ``first``."""
        row = self._memory.probe[place]
        startup = int(row["kind"]) == kernel.STARTUP
        row["run"], row["last"] = 0, kernel.NONE
        row["state"] = 1 if passing or int(row["kind"]) == kernel.LIVENESS else kernel.NONE if startup else 0
        if startup:
            self._memory.instance[int(row["instance"])]["started"] = passing
        row["hold"] = startup and passing
        if not row["hold"]:
            row["next"] = first + int(row["period"])
            self._memory.make_room()
            self._memory.push(first, kernel.event(kernel.PROBE, place, int(row["gen"])))
