"""Who may answer: each service's rotation of ready instances, its candidate sets and its hash ring."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator import streams
from simulator.dataplane import kernel, state
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.model import Balancer, Link, Routing
from simulator.dataplane.twin import Table, plain_kernel
from simulator.errors import GamedayError

_BALANCERS: Final[dict[Balancer, int]] = {
    "round_robin": kernel.ROUND_ROBIN,
    "least_request": kernel.LEAST_REQUEST,
    "random": kernel.RANDOM,
    "power_of_two": kernel.TWO_CHOICES,
    "weighted_round_robin": kernel.WEIGHTED,
    "ring_hash": kernel.RING_HASH,
}
#: Points of each instance on a hash ring.
RING_POINTS: Final = 128


class Rotations:
    """The rotations of one data plane's services.

    Args:
        memory: Of the data plane.
        names: Of the data plane.
    """

    def __init__(self, memory: Memory, names: Names) -> None:
        self._memory = memory
        self._names = names
        self._rotation: list[list[int]] = []
        self._weights: list[dict[str, float]] = []
        self._zones: dict[str, int] = {}
        self._zoned: set[int] = set()
        self._keys: dict[int, int] = {}
        self._subsets: dict[int, str] = {}
        #: Services whose sets and rings must be laid before the kernel runs again.
        self._dirty: set[int] = set()

    def declare(self, balancer: Balancer, routing: Routing) -> None:
        """A new service, the last of the memory's."""
        service = len(self._rotation)
        self._rotation.append([])
        self._weights.append({})
        row = self._memory.service[service]
        row["balancer"] = _BALANCERS[balancer]
        row["groups"] = 1
        row["panic"] = routing.panic_percent
        row["slow_start"] = routing.slow_start
        row["slow_floor"] = round(routing.slow_start_floor * (1 << 20))
        if routing.prefer_zone:
            self._zoned.add(service)
        outlier = routing.outlier
        if outlier is not None:
            row["outlier"], row["consecutive"], row["interval"] = 1, outlier.consecutive, outlier.interval
            row["base_ejection"], row["longest_ejection"] = outlier.base_ejection, outlier.longest_ejection
            row["max_ejection"], row["stdev_factor"] = outlier.max_ejection_percent, outlier.stdev_factor
            row["minimum_hosts"], row["volume"] = outlier.minimum_hosts, outlier.request_volume
            now = int(self._memory.scalars[kernel.NOW])
            self._memory.push(now + outlier.interval, kernel.event(kernel.SWEEP, service, 0))
        plain = balancer in ("round_robin", "least_request")
        if not plain or outlier is not None or routing.slow_start or routing.prefer_zone:
            row["mode"] = 1
            self._memory.widen()

    def place(self, instance: int, service: int, key: int, zone: str, weight: int) -> None:
        """A new instance: where it stands and what it weighs."""
        if not 1 <= weight <= 1_000_000:
            raise GamedayError(
                self._names.instances[instance].pod,
                expected="a weight from 1 to 1,000,000",
                got=repr(weight),
                todo="Choose one in this range.",
            )
        row = self._memory.instance[instance]
        row["weight"] = weight
        row["zone"] = kernel.NONE
        self._keys[instance] = key
        if zone:
            row["zone"] = self._zones.setdefault(zone, len(self._zones))
        row["group"] = self._group(service, instance)

    def zone(self, name: str) -> int:
        """The number of a zone."""
        return self._zones.setdefault(name, len(self._zones))

    def set_ready(self, instance: int, ready: bool) -> None:
        """Put an instance into its service's rotation, or take it out."""
        service = int(self._memory.instance[instance]["service"])
        rotation, row = self._rotation[service], self._memory.service[service]
        if ready == (instance in rotation):
            return
        if ready:
            rotation.append(instance)
            self._memory.instance[instance]["ready_at"] = self._memory.scalars[kernel.NOW]
        else:
            place = rotation.index(instance)
            del rotation[place]
            if place < row["cursor"]:
                row["cursor"] -= 1
            self._forget(service, instance)
        if len(rotation) > self._room(service):
            self.lay()
        first = int(row["first"])
        self._memory.endpoints[first : first + len(rotation)] = rotation
        row["ready"] = len(rotation)
        if row["mode"]:
            self._dirty.add(service)

    def set_subset(self, instance: int, subset: str) -> None:
        """Name the part of its service that an instance belongs to, in place of its version."""
        self._subsets[instance] = subset
        row = self._memory.instance[instance]
        service = int(row["service"])
        row["group"] = self._group(service, instance)
        if self._memory.service[service]["mode"]:
            self._dirty.add(service)

    def set_weights(self, service: int, weights: dict[str, float]) -> None:
        """Split a service's requests between its parts; an empty mapping ends the split."""
        total = sum(weights.values())
        if weights and (total <= 0 or min(weights.values()) < 0):
            raise GamedayError(
                self._names.services[service],
                expected="weights of 0 or more, some above 0",
                got=repr(weights),
                todo="Mend the weights.",
            )
        self._weights[service] = dict(weights)
        row = self._memory.service[service]
        row["mode"] = 1
        # The kernel looks at parts where there are several: beside a single one stands one without weight.
        row["groups"] = max(2, len(weights)) if weights else 1
        self._memory.widen()
        for info in self._names.instances:
            if info.service == self._names.services[service]:
                self._memory.instance[info.id]["group"] = self._group(service, info.id)
        self.lay()

    def reroute(self, service: int, balancer: Balancer, prefer_zone: bool) -> None:
        """Let a service's callers choose in another way from now on."""
        row = self._memory.service[service]
        row["balancer"], row["mode"] = _BALANCERS[balancer], 1
        (self._zoned.add if prefer_zone else self._zoned.discard)(service)
        self._memory.widen()
        self.lay()

    def set_links(self, links: list[Link]) -> None:
        """Lay down what the network does, in place of what it did."""
        services = self._names.services
        rows = state.records(state.LINK, len(links))
        for row, link in zip(rows, links, strict=True):
            for end in (link.caller, link.callee):
                if end is not None and end not in services and not (end == "users" and end is link.caller):
                    raise GamedayError(
                        "link",
                        expected=f"one of {', '.join(services)}",
                        got=repr(end),
                        todo="Name one of these.",
                    )
            callers = {None: kernel.NONE, "users": kernel.USERS}
            row["caller"] = (
                callers[link.caller] if link.caller in callers else services.index(str(link.caller))
            )
            row["callee"] = kernel.NONE if link.callee is None else services.index(link.callee)
            row["from_zone"] = kernel.NONE if link.from_zone is None else self.zone(link.from_zone)
            row["to_zone"] = kernel.NONE if link.to_zone is None else self.zone(link.to_zone)
            row["cut"], row["loss"], row["delay"] = link.cut, state.chance(link.loss), link.latency
        self._memory.link = rows
        self._memory.widen()
        self._memory.changed()

    def lay(self) -> None:
        """Give each service's rotation, and each of its candidate sets, twice the room that it uses."""
        memory = self._memory
        rooms = [max(8, 2 * len(rotation)) for rotation in self._rotation]
        memory.endpoints = np.zeros(sum(rooms), dtype=np.int64)
        first = member = n_sets = 0
        for service, rotation in enumerate(self._rotation):
            row = memory.service[service]
            row["first"] = first
            memory.endpoints[first : first + len(rotation)] = rotation
            first += rooms[service]
            row["zones"] = len(self._zones) if service in self._zoned else 0
            row["sets"] = n_sets
            if row["mode"]:
                n_sets += int(row["groups"]) * (int(row["zones"]) + 1)
        memory.sets = state.records(state.SET, n_sets)
        for service in range(len(self._rotation)):
            row = memory.service[service]
            if not row["mode"]:
                continue
            below, per_group = 0.0, int(row["zones"]) + 1
            weights = [*self._weights[service].values(), 0.0] if self._weights[service] else [1.0]
            for group in range(int(row["groups"])):
                below += weights[group] / sum(weights)
                for place in range(per_group):
                    candidates = memory.sets[int(row["sets"]) + group * per_group + place]
                    candidates["first"] = member
                    candidates["below"] = state.chance(min(below, 1.0))
                    member += rooms[service]
        memory.members = np.zeros(member, dtype=np.int64)
        memory.changed()
        for service in range(len(self._rotation)):
            if memory.service[service]["mode"]:
                self._dirty.add(service)

    def settle(self) -> None:
        """Lay what changed since the kernel ran, once, however many instances came and went."""
        if not self._dirty:
            return
        services = self._memory.service
        if any(int(services[zoned]["zones"]) < len(self._zones) for zoned in self._zoned):
            self.lay()
        rings = any(services[service]["balancer"] == kernel.RING_HASH for service in self._dirty)
        for service in sorted(self._dirty):
            self._lay_sets(service)
        self._dirty.clear()
        if rings:
            self._lay_rings()

    def _lay_sets(self, service: int) -> None:
        memory = self._memory
        plain_kernel().lay_sets(
            service, Table(memory.service), Table(memory.sets), memory.members, memory.endpoints,
            Table(memory.instance),
        )  # fmt: skip

    def _lay_rings(self) -> None:
        """Every ring anew: points of an instance are keyed by it, so that the others' never move."""
        memory = self._memory
        points: list[tuple[int, int]] = []
        for service, rotation in enumerate(self._rotation):
            row = memory.service[service]
            if row["balancer"] != kernel.RING_HASH:
                continue
            row["ring"], row["ring_size"] = len(points), len(rotation) * RING_POINTS
            points += sorted(
                (streams.fold(self._keys[instance], point), instance)
                for instance in rotation
                for point in range(RING_POINTS)
            )
        memory.ring = np.array([point for point, _ in points], dtype=np.uint64)
        memory.ring_member = np.array([instance for _, instance in points], dtype=np.int64)
        memory.changed()

    def _group(self, service: int, instance: int) -> int:
        weights = self._weights[service]
        part = self._subsets.get(instance, self._names.instances[instance].version)
        return list(weights).index(part) if part in weights else (kernel.NONE if weights else 0)

    def _forget(self, service: int, instance: int) -> None:
        """An instance that leaves the rotation leaves its record with the outlier detection."""
        row = self._memory.instance[instance]
        if row["ejected"]:
            self._memory.service[service]["ejected"] -= 1
        for name in ("ejected", "ejections", "fails", "window", "window_failed", "current"):
            row[name] = 0

    def _room(self, service: int) -> int:
        row = self._memory.service
        last = int(row["first"][service + 1]) if service + 1 < len(row) else len(self._memory.endpoints)
        return last - int(row["first"][service])
