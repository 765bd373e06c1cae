"""The cluster: every object, found by kind and name, and a notice to whoever watches when one changes.

State only: nothing here knows the clock or draws a number; callers pass ``now`` in simulated nanoseconds.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, Literal, TypeVar

from simulator.errors import GamedayError
from simulator.units import HOUR, MICROSECOND
from simulator.world.errors import KubernetesError
from simulator.world.kinds import DEPLOYMENTS, PODS, ROLLOUTS, Kind, kind_named
from simulator.world.meta import ObjectMeta, matches, uid_of
from simulator.world.nodes import Event, Node, Service
from simulator.world.pods import Pod
from simulator.world.resources import RESOURCES, AnyObject, kind_of
from simulator.world.rollouts import Rollout
from simulator.world.workloads import Deployment, ReplicaSet

ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]

#: How long the API server keeps an event after it last happened (kube-apiserver --event-ttl).
EVENT_TTL: Final = HOUR
#: Times in manifests: UTC, whole seconds.
_ISO: Final = "%Y-%m-%dT%H:%M:%SZ"
_START: Final = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)

T = TypeVar("T", bound=AnyObject)


@dataclass(frozen=True, slots=True)
class Change:
    """What a watch tells: how an object changed, and the object as it is now."""

    type: ChangeType
    kind: Kind
    object: AnyObject


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """Which pod this is in every run of the same scenario, whatever its generated name."""

    deployment: str
    revision: int
    ordinal: int


class Table(Generic[T]):
    """All objects of one kind, in order of creation."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], T] = {}

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._objects.values()))

    def __len__(self) -> int:
        return len(self._objects)

    def find(self, name: str, namespace: str = "") -> T | None:
        """The object of this name, or None."""
        return self._objects.get((namespace, name))

    def _add(self, item: T) -> None:
        place = (item.meta.namespace, item.meta.name)
        if place in self._objects:
            raise GamedayError(
                "/".join(place), expected="a name not yet taken", got="one that exists", todo="Rename it."
            )
        self._objects[place] = item

    def _remove(self, item: T) -> None:
        del self._objects[item.meta.namespace, item.meta.name]


class Cluster:
    """Every object of the simulated cluster.

    Args:
        start_time: The civil time of T+00:00, aware; for timestamps in manifests.
        namespace: The context's default namespace.

    Attributes:
        deployments: Also ``rollouts``, ``replica_sets``, ``pods``, ``services``, ``nodes``, ``events``: the
            tables that are asked for most; ``table`` gives any.
        identities: Every pod that ever was, by name: its identity over all runs.
    """

    def __init__(self, *, start_time: datetime = _START, namespace: str = "production") -> None:
        self.namespace = namespace
        self.start = start_time.astimezone(UTC)
        self._tables: dict[Kind, Table[Any]] = {kind: Table() for kind in RESOURCES.values()}
        self.deployments = self.table(Deployment)
        self.rollouts = self.table(Rollout)
        self.replica_sets = self.table(ReplicaSet)
        self.pods = self.table(Pod)
        self.services = self.table(Service)
        self.nodes = self.table(Node)
        self.events = self.table(Event)
        self.identities: dict[str, PodIdentity] = {}
        self._watchers: dict[Kind, list[Callable[[Change], None]]] = {kind: [] for kind in self._tables}
        self._resource_version = 0
        self._pods_by_owner: dict[str, dict[str, Pod]] = {}
        self._sets_by_owner: dict[str, dict[str, ReplicaSet]] = {}
        self._similar_events: dict[tuple[str, ...], Event] = {}

    # -- reading -------------------------------------------------------------------------------------------

    def table(self, type_: type[T]) -> Table[T]:
        """All objects of one class, such as ``Deployment``."""
        return self._tables[RESOURCES[type_]]

    def table_of(self, kind: Kind) -> Table[Any]:
        """All objects of one kind."""
        return self._tables[kind]

    def get(self, kind: str | Kind, name: str, namespace: str | None = None) -> AnyObject:
        """One object.

        Args:
            kind: A resource name as kubectl takes it (``pods``, ``deploy``), or a ``Kind``.
            name: The object's.
            namespace: None is the context's default.

        Raises:
            KubernetesError: There is none of this name; the message is the API server's.
        """
        which = kind if isinstance(kind, Kind) else kind_named(kind)
        place = (self.namespace if namespace is None else namespace) if which.namespaced else ""
        item: AnyObject | None = self._table(which).find(name, place)
        if item is None:
            raise self._not_found(which, name, place)
        return item

    def deployment(self, name: str, namespace: str | None = None) -> Deployment:
        """``get`` for a Deployment."""
        item = self.get(DEPLOYMENTS, name, namespace)
        assert isinstance(item, Deployment)
        return item

    def rollout(self, name: str, namespace: str | None = None) -> Rollout:
        """``get`` for a Rollout."""
        item = self.get(ROLLOUTS, name, namespace)
        assert isinstance(item, Rollout)
        return item

    def pod(self, name: str, namespace: str | None = None) -> Pod:
        """``get`` for a Pod."""
        item = self.get(PODS, name, namespace)
        assert isinstance(item, Pod)
        return item

    def select(
        self, kind: str | Kind, namespace: str | None = None, selector: Mapping[str, str] | None = None
    ) -> list[AnyObject]:
        """Objects of a kind that match, as kubectl lists them: by namespace, then name.

        Args:
            kind: A resource name or a ``Kind``.
            namespace: None is the context's default; ``*`` is all.
            selector: Labels that each must carry; None for all.

        Raises:
            KubernetesError: There is no such kind.
        """
        which = kind if isinstance(kind, Kind) else kind_named(kind)
        place = self.namespace if namespace is None else namespace
        found: list[AnyObject] = [
            item
            for item in self._table(which)
            if (not which.namespaced or place in ("*", item.meta.namespace))
            and matches(selector or {}, item.meta.labels)
        ]
        return sorted(found, key=lambda item: (item.meta.namespace, item.meta.name))

    def workload(self, name: str, namespace: str | None = None) -> Deployment | Rollout | None:
        """The Deployment or Rollout of that name, if there is one."""
        place = namespace or self.namespace
        return self.deployments.find(name, place) or self.rollouts.find(name, place)

    def replica_sets_of(self, owner: Deployment | Rollout) -> list[ReplicaSet]:
        """Its ReplicaSets, oldest first."""
        owned = list(self._sets_by_owner.get(owner.meta.uid, {}).values())
        return sorted(owned, key=lambda item: (item.meta.created_at, item.meta.name))

    def siblings_of(self, replica_set: ReplicaSet) -> list[ReplicaSet]:
        """The ReplicaSets of the same owner, itself among them; one without an owner is alone."""
        owner = replica_set.meta.owner
        return list(self._sets_by_owner[owner.uid].values()) if owner is not None else [replica_set]

    def service_pods(self, service: Service) -> list[Pod]:
        """The pods that match a Service's selector, ready or not, in order of creation."""
        return [
            pod
            for pod in self.pods
            if pod.meta.namespace == service.meta.namespace
            and matches(service.spec.selector, pod.meta.labels)
        ]

    def pods_of(self, owner: ReplicaSet | Deployment | Rollout) -> list[Pod]:
        """Its pods, in the order in which they were made, terminating ones included."""
        if isinstance(owner, ReplicaSet):
            return list(self._pods_by_owner.get(owner.meta.uid, {}).values())
        return [pod for replica_set in self.replica_sets_of(owner) for pod in self.pods_of(replica_set)]

    def endpoints(self, service: Service) -> list[Pod]:
        """The pods that a Service sends requests to: matching, ready, not terminating."""
        return [pod for pod in self.service_pods(service) if pod.ready and not pod.terminating]

    def find_identity(self, identity: PodIdentity) -> Pod | None:
        """The pod that is this one, if it still exists."""
        for pod in self.pods:
            if (pod.deployment, pod.revision, pod.ordinal) == (
                identity.deployment,
                identity.revision,
                identity.ordinal,
            ):
                return pod
        return None

    def recent_events(self, now: int, namespace: str | None = None) -> list[Event]:
        """Events that the API server still keeps, in the order in which they last happened."""
        place = self.namespace if namespace is None else namespace
        kept = [
            event
            for event in self.events
            if event.last_at > now - EVENT_TTL and place in ("*", event.meta.namespace)
        ]
        return sorted(kept, key=lambda event: event.last_at)

    def events_of(self, item: AnyObject, now: int) -> list[Event]:
        """Kept events about one object, oldest first, as ``describe`` lists them."""
        kind = kind_of(item).kind
        return [
            event
            for event in self.events
            if event.kind == kind
            and event.name == item.meta.name
            and event.meta.namespace in (item.meta.namespace, self.namespace)
            and event.last_at > now - EVENT_TTL
        ]

    def timestamp(self, at: int) -> str:
        """A simulated instant as manifests write it: ``2026-07-04T09:12:35Z``."""
        return (self.start + timedelta(microseconds=at // MICROSECOND)).strftime(_ISO)

    def instant(self, timestamp: str) -> int:
        """The simulated instant of a manifest's timestamp: ``timestamp`` backwards, to the second, ns."""
        passed = datetime.strptime(timestamp, _ISO).replace(tzinfo=UTC) - self.start
        return passed // timedelta(microseconds=1) * MICROSECOND

    # -- writing -------------------------------------------------------------------------------------------

    def subscribe(self, watcher: Callable[[Change], None], *types: type[AnyObject]) -> None:
        """Call ``watcher`` with every change from now on, in order, within the call that makes the change.

        Args:
            watcher: Told.
            types: Of the objects that it wants to hear of; none for all.
        """
        for kind in [RESOURCES[type_] for type_ in types] or list(self._watchers):
            self._watchers[kind].append(watcher)

    def add(self, item: AnyObject) -> None:
        """Create an object; a missing uid is made from its kind, name and time.

        Raises:
            GamedayError: The name is taken.
        """
        meta, kind = item.meta, kind_of(item)
        if not meta.uid:
            meta.uid = uid_of(kind.kind, meta.namespace, meta.name, meta.created_at)
        self._table(kind)._add(item)  # noqa: SLF001 - a table is the cluster's own
        if isinstance(item, Pod):
            self.identities[meta.name] = PodIdentity(item.deployment, item.revision, item.ordinal)
            self._pods_by_owner.setdefault(meta.owner.uid if meta.owner else "", {})[meta.name] = item
        elif isinstance(item, ReplicaSet):
            self._sets_by_owner.setdefault(meta.owner.uid if meta.owner else "", {})[meta.name] = item
        self._tell("ADDED", kind, item)

    def changed(self, item: AnyObject) -> None:
        """Tell the watchers that an object's spec, status or metadata was written."""
        self._tell("MODIFIED", kind_of(item), item)

    def remove(self, item: AnyObject) -> None:
        """Take an object out of the cluster."""
        meta, kind = item.meta, kind_of(item)
        self._table(kind)._remove(item)  # noqa: SLF001 - a table is the cluster's own
        owner = meta.owner.uid if meta.owner else ""
        if isinstance(item, Pod):
            del self._pods_by_owner[owner][meta.name]
        elif isinstance(item, ReplicaSet):
            del self._sets_by_owner[owner][meta.name]
        self._tell("DELETED", kind, item)

    def record(
        self,
        now: int,
        about: AnyObject,
        reason: str,
        message: str,
        *,
        component: str,
        warning: bool = False,
        node_name: str = "",
        joins: bool = True,
    ) -> Event:
        """Report something about an object; the same thing again raises the count of the event that is there.

        Args:
            now: ns.
            about: The object.
            reason: One word in CamelCase.
            message: The sentence that kubectl shows.
            component: Who reports, for example ``kubelet``.
            warning: Type ``Warning`` instead of ``Normal``.
            node_name: Where a kubelet reports.
            joins: Whether it raises a count, now or later; False for what was told before a run.
        """
        kind, type_ = kind_of(about), "Warning" if warning else "Normal"
        similar = (kind.kind, about.meta.namespace, about.meta.name, type_, reason, message, component)
        event = self._similar_events.get(similar) if joins else None
        if event is not None and event.last_at > now - EVENT_TTL:
            event.count += 1
            event.last_at = now
            self.changed(event)
            return event
        name = f"{about.meta.name}.{len(self.events):016x}"
        namespace = about.meta.namespace or self.namespace
        event = Event(
            meta=ObjectMeta(name, namespace, created_at=now),
            kind=kind.kind,
            name=about.meta.name,
            type="Warning" if warning else "Normal",
            reason=reason,
            message=message,
            component=component,
            first_at=now,
            last_at=now,
            node_name=node_name,
        )
        if joins:
            self._similar_events[similar] = event
        self.add(event)
        return event

    # -- inside --------------------------------------------------------------------------------------------

    def _tell(self, type_: ChangeType, kind: Kind, item: AnyObject) -> None:
        self._resource_version += 1
        item.meta.resource_version = self._resource_version
        change = Change(type_, kind, item)
        for watcher in self._watchers[kind]:
            watcher(change)

    def _table(self, kind: Kind) -> Table[Any]:
        return self._tables[kind]

    def _not_found(self, kind: Kind, name: str, namespace: str) -> KubernetesError:
        names = [item.meta.name for item in self._table(kind) if item.meta.namespace == namespace]
        nearest = difflib.get_close_matches(name, names, n=1)
        suggestion = f"Did you mean {nearest[0]}?" if nearest else f"kubectl get {kind.plural} lists them."
        return KubernetesError(
            f'Error from server (NotFound): {kind.qualified} "{name}" not found',
            where=f"{kind.singular}/{name}",
            expected=f"a {kind.singular} that exists" + (f" in namespace {namespace}" if namespace else ""),
            got=repr(name),
            todo=suggestion,
        )
