"""What the control plane, faults and the timeline may change while requests run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.dataplane import kernel, spans, state
from simulator.dataplane.asking import Asking, Reply, Request
from simulator.dataplane.caches import CacheCounts
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.model import Balancer, Link
from simulator.dataplane.probes import Probe, Processes
from simulator.dataplane.programs import Programs
from simulator.dataplane.routing import Rotations
from simulator.dataplane.stores import Stores
from simulator.dataplane.topics import Topics
from simulator.dataplane.twin import plain_kernel
from simulator.dataplane.users import Users
from simulator.dataplane.variants import Split, Variants
from simulator.distributions import Law
from simulator.errors import SimulationError
from simulator.units import format_clock


class Controls:
    """The parts of a data plane, and every act on them; ``DataPlane`` adds what is declared and what is read.

    Args:
        seed: Of the run; every draw is keyed by it.
        start: Simulated time at which it begins, ns.
        compiled: False runs the uncompiled twin, with the same results.
    """

    def __init__(self, seed: int, *, start: int = 0, compiled: bool = True) -> None:
        self._compiled = compiled and kernel.COMPILED
        self._kernel: Any = kernel if self._compiled else plain_kernel()
        self._names = Names()
        self._memory = Memory(start, compiled=self._compiled)
        self._programs = Programs(self._memory, self._names)
        self._rotations = Rotations(self._memory, self._names)
        self._users = Users(seed, self._memory, self._names)
        self._asking = Asking(self._memory, self._names, self._users)
        self._topics = Topics(self._memory, self._names)
        self._stores = Stores(seed, self._memory, self._names)
        self._processes = Processes(seed, self._memory, self._names, self._programs, self._topics)
        self._variants = Variants(self._memory, self._names, self._programs)

    @property
    def now(self) -> int:
        """Simulated time that the data plane has reached, ns."""
        return int(self._memory.scalars[kernel.NOW])

    # -- users -------------------------------------------------------------------------------------------

    def set_rate(self, source: int, schedule: list[tuple[int, float]]) -> None:
        """Set how often a source's users come; see ``Users.set_rate``."""
        self._users.set_rate(source, schedule)

    def set_patience(self, source: int, patience: int, *, attempts: int = 1, pause: int = 0) -> None:
        """Let users give up, and try again by themselves.

        Args:
            source: Whose users.
            patience: ns they wait for an answer; 0 for ever.
            attempts: How often they ask at most; every failure counts, giving up too.
            pause: ns before they ask again.
        """
        self._users.be_patient(source, patience, attempts, pause)

    def set_users(self, source: int, count: int, think: Law) -> None:
        """Set a closed load: so many users who ask, wait for the answer, think, and ask again.

        Args:
            source: Whose users; an open load at a rate may run beside it.
            count: How many; those too many leave after the visit they are at.
            think: Law of the time between an answer and the next visit.
        """
        self._users.set_people(source, count, self._programs.law(think))

    def bring_crowd(self, source: int, count: int, at: int) -> None:
        """Let a cohort of users come at one instant; where users think, they stay."""
        if at < self.now or count < 1:
            raise SimulationError(
                "crowd",
                expected=f"one user or more from {format_clock(self.now)}",
                got=f"{count} at {format_clock(at)}",
                todo="Mend the number or the time.",
            )
        self._users.bring(source, count, at)

    def ask(self, service: str, route: str, *, patience: int, insecure: bool = False) -> Request:
        """Send one request by hand, on a stream of its own.

        Args:
            service: Whom.
            route: For what.
            patience: ns until who asks gives up; above 0.
            insecure: Whether a certificate that has expired is as good as another.
        """
        self._programs.routes_of(service, "ask")
        return self._asking.ask(service, route, patience, insecure)

    def reply(self, request: Request) -> Reply | None:
        """How a request sent by hand ended; None while it is under way."""
        return self._asking.reply(request)

    def hindrance(self, service: str, *, insecure: bool = False) -> str:
        """Why a request sent by hand would not arrive now; see ``Asking.hindrance``."""
        return self._asking.hindrance(service, insecure)

    def is_lost(self, request: Request) -> bool:
        """Whether a request sent by hand was lost on the wire and is still waited for."""
        return self._asking.is_lost(request)

    def set_ready(self, instance: int, ready: bool) -> None:
        """Put an instance into its service's rotation, or take it out (its open requests go on)."""
        self._rotations.set_ready(instance, ready)
        self._stores.follow(instance, ready)
        self._programs.caches.follow(instance, ready)

    def set_subset(self, instance: int, subset: str) -> None:
        """Name the part of its service that an instance belongs to (an Istio subset); else its version."""
        self._rotations.set_subset(instance, subset)

    def set_weights(self, service: str, weights: dict[str, float]) -> None:
        """Split a service's requests between its parts by weight, as a traffic-routed canary does.

        Args:
            service: Whose requests.
            weights: Part (see ``set_subset``) to weight; parts without one get nothing; empty ends the split.
                A part's share fails while it has no ready instance.
        """
        self._programs.routes_of(service, "weights")
        self._rotations.set_weights(self._names.services.index(service), weights)

    def set_routing(self, service: str, balancer: Balancer, *, prefer_zone: bool = False) -> None:
        """Let a service's callers choose among its instances in another way, from their next attempt on."""
        self._programs.routes_of(service, "routing")
        self._rotations.reroute(self._names.services.index(service), balancer, prefer_zone)

    def set_network(self, links: list[Link]) -> None:
        """Put these links in place of all that were there; an empty list is a network without faults."""
        self._rotations.set_links(links)

    def set_unreachable(self, service: str, unreachable: bool) -> None:
        """Let a service's name be unknown, or known again; connections that a pool keeps open go on.

        Args:
            service: Whose callers no longer find it.
            unreachable: Whether they do not.
        """
        self._programs.routes_of(service, "unreachable")
        self._memory.service[self._names.services.index(service)]["fault"] = unreachable
        self._memory.widen()

    def set_certificate(self, service: str, expires: int | None) -> None:
        """Say when a service's certificate ends; from then on no new connection to it is made.

        Connections that a pool keeps open go on. Probes do not verify certificates, as a kubelet's do not.

        Args:
            service: Whose.
            expires: ns, past or to come; None for one that does not end.
        """
        self._programs.routes_of(service, "certificate")
        row = self._memory.service[self._names.services.index(service)]
        row["expires"] = kernel.FOREVER if expires is None else expires
        self._memory.widen()

    def set_replication_lag(self, service: str, lag: int) -> None:
        """Let a store's replicas be so many ns behind its primary."""
        self._stores.set_lag(service, lag)

    def set_tracing(self, share: float, *, per_drain: int = 50) -> None:
        """Let some users' requests leave all of their spans; always the same users for a seed.

        Args:
            share: Of all users; 0 is off.
            per_drain: Traces that may begin between two calls of ``drain_traces``.
        """
        spans.set_tracing(self._memory, share, per_drain)

    def flush_cache(self, name: str) -> None:
        """Empty a cache, as a restart of its store would."""
        self._programs.caches.flush(name)

    def cache_counts(self, name: str) -> CacheCounts:
        """Hits, misses, coalesced and stale answers of a cache since the start."""
        return self._programs.caches.counts(name)

    def set_consuming(self, instance: int, consuming: bool) -> None:
        """Let an instance take no more messages (it was told to terminate, say), or take them again.

        What it has in hand it ends. Readiness has no part in this: an instance that is out of rotation
        consumes on, as in life.
        """
        if consuming:
            self._topics.join(instance, self.now)
        else:
            self._topics.leave(instance)

    def set_poison(self, topic: str, share: float) -> None:
        """Let this share of the messages published from now on fail at every handling."""
        self._topics.set_poison(topic, share)

    def redrive(self, topic: str) -> int:
        """Put a topic's dead letters back to its end, with their attempts before them; returns how many."""
        return self._topics.redrive(topic)

    def purge(self, topic: str, *, dead_letters: bool = False) -> int:
        """Throw away what waits in a topic, or its dead letters; returns how many."""
        return self._topics.purge(topic, dead_letters)

    def set_degraded(
        self, instance: int, *, error_rate: float | None = None, speed: float | None = None
    ) -> None:
        """Make one instance worse than its version.

        Args:
            instance: Which.
            error_rate: Its own chance to fail a request, where that is above its version's.
            speed: 0.25 computes four times slower, for requests that begin from now on.
        """
        row = self._memory.instance[instance]
        if error_rate is not None:
            row["error"] = state.chance(error_rate)
        if speed is not None:
            row["speed"] = max(1, round(speed * kernel.SPEED_ONE))

    def run_program(self, instance: int, *programs: int, splits: Sequence[Split] = ()) -> None:
        """Let an instance run another program of its service, for requests that begin from now on.

        A process that is given new settings, say: its workers, queue, memory and the sizes of its pools are
        those of the first program; its cores and its warm-up stay.

        Args:
            instance: Which.
            programs: From ``add_program``. Without splits one; with splits over b bits 2^b, of which each
                request takes the one whose number has the bits of those splits that its user belongs to.
            splits: Who gets a variant.
        """
        self._variants.run(instance, programs, splits)

    def set_ballast(self, instance: int, size: int) -> None:
        """Let something beside an instance's process take memory, as a stressor in its container does.

        Args:
            instance: Which; nothing comes of it where its version has no ``memory``.
            size: Bytes, in place of what there was; 0 ends it.
        """
        self._variants.set_ballast(instance, size)
        self._processes.check_memory(instance)

    def set_limits(self, instance: int, *, memory: int | None = None, cores: float | None = None) -> None:
        """Give an instance limits of its own in place of its version's, as a container's resources do.

        Args:
            instance: Which; its version has a ``memory`` and ``cores`` of its own where these are given.
            memory: Bytes above which ``out_of_memory`` is signalled.
            cores: CPUs that those who compute share.
        """
        self._processes.set_limits(instance, memory, cores)

    def set_probe(
        self, instance: int, probe: Probe, *, first: int | None = None, passing: bool = False
    ) -> None:
        """Let the kubelet ask an instance again and again; one probe of each kind.

        Thresholds that are crossed, and single failures, come out as ``Signal``s at their own time (see
        ``SIGNALS``). They change nothing here: the caller answers them with ``set_ready``, ``stop`` and
        ``restart``. Probes hold while the process is down and begin anew with it.

        Args:
            instance: Whom.
            probe: What, in place of the one of its kind that was there.
            first: ns of its first tick; by default ``initial_delay`` after the process's start.
            passing: For an instance that has run for long: its readiness counts as told, its startup as over.
        """
        self._processes.set_probe(instance, probe, first, passing)

    def stop_probes(self, instance: int) -> None:
        """Ask an instance no more (it terminates, say), until ``restart`` or a new ``set_probe``."""
        self._processes.stop_probes(instance)

    def stop(self, instance: int) -> None:
        """End an instance's process at once, as a crash does.

        Its queued and running requests fail with ``reset``; while it stays in rotation, new ones are refused
        (``unreachable``), and who asks keeps no open connection. Nothing is left of its memory.
        """
        self._stores.crash(instance)
        self._programs.caches.crash(instance)
        self._processes.stop(instance)

    def restart(self, instance: int, *, listens_at: int | None = None) -> None:
        """Start a stopped process anew in the same instance, as the restart of a container does.

        It begins without leaks, cold, with its probes armed as at its first start; its counters go on, and
        ``CounterFrame.starts`` says how often it was started. Degradation set from outside stays.

        Args:
            instance: Stopped or killed.
            listens_at: ns from which it accepts connections; now by default.
        """
        self._processes.restart(instance, listens_at)

    def kill(self, instance: int) -> None:
        """End an instance at once: out of rotation, its queued and running requests fail with ``reset``."""
        self._stores.crash(instance)
        self.set_ready(instance, False)
        self.stop(instance)
