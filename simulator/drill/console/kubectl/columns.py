"""The columns of ``kubectl get``, kind by kind (kubernetes pkg/printers/internalversion/printers.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from simulator.drill.console.objects.views import COLUMNS, Row, columns
from simulator.units import format_age
from simulator.world import (
    AnyObject,
    Container,
    Deployment,
    Event,
    Kind,
    Pod,
    ReplicaSet,
    Service,
)

_CONTAINERS: Final = ("CONTAINERS", "IMAGES", "SELECTOR")


def header_of(kind: Kind, wide: bool) -> tuple[str, ...]:
    """The headers of a kind's table."""
    return COLUMNS[kind].wide if wide else COLUMNS[kind].plain


def row_of(kind: Kind, item: AnyObject, now: int) -> Row:
    """One object's cells at ``now``."""
    return COLUMNS[kind].row(item, now)


def age(created_at: int, now: int) -> str:
    """An object's age."""
    return format_age(now - created_at)


def pairs(labels: Mapping[str, str]) -> str:
    """A selector or labels in one cell."""
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items())) or "<none>"


def _containers(containers: Sequence[Container]) -> tuple[str, str]:
    return ",".join(c.name for c in containers), ",".join(c.image for c in containers)


@columns(
    Pod,
    ("NAME", "READY", "STATUS", "RESTARTS", "AGE"),
    ("IP", "NODE", "NOMINATED NODE", "READINESS GATES"),
)
def _pod(item: Pod, now: int) -> Row:
    plain = (
        item.meta.name,
        f"{item.containers_ready}/{len(item.spec.containers)}",
        item.status_text,
        restarts(item, now),
        age(item.meta.created_at, now),
    )
    return Row(
        plain, (*plain, item.status.pod_ip or "<none>", item.node_name or "<none>", "<none>", "<none>")
    )


def restarts(pod: Pod, now: int) -> str:
    """``0``, or ``3 (2m ago)`` as kubectl has it since 1.22."""
    ended = [
        status.last_state.finished_at
        for status in pod.status.container_statuses
        if status.last_state is not None and status.last_state.finished_at is not None
    ]
    return (
        f"{pod.restarts} ({format_age(now - max(ended))} ago)"
        if pod.restarts and ended
        else str(pod.restarts)
    )


@columns(Deployment, ("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"), _CONTAINERS)
def _deployment(item: Deployment, now: int) -> Row:
    plain = (
        item.meta.name,
        f"{item.status.ready_replicas}/{item.spec.replicas}",
        str(item.status.updated_replicas),
        str(item.status.available_replicas),
        age(item.meta.created_at, now),
    )
    return Row(plain, (*plain, *_containers(item.spec.template.containers), pairs(item.spec.selector)))


@columns(ReplicaSet, ("NAME", "DESIRED", "CURRENT", "READY", "AGE"), _CONTAINERS)
def _replica_set(item: ReplicaSet, now: int) -> Row:
    plain = (
        item.meta.name,
        str(item.spec.replicas),
        str(item.status.replicas),
        str(item.status.ready_replicas),
        age(item.meta.created_at, now),
    )
    return Row(plain, (*plain, *_containers(item.spec.template.containers), pairs(item.spec.selector)))


@columns(Service, ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"), ("SELECTOR",))
def _service(item: Service, now: int) -> Row:
    external = item.spec.external_ip or ("<pending>" if item.spec.type == "LoadBalancer" else "<none>")
    ports = ",".join(f"{port.port}/{port.protocol}" for port in item.spec.ports) or "<none>"
    plain = (
        item.meta.name,
        item.spec.type,
        item.spec.cluster_ip or "None",
        external,
        ports,
        age(item.meta.created_at, now),
    )
    return Row(plain, (*plain, pairs(item.spec.selector)))


def last_seen(event: Event, now: int) -> str:
    """``12s``, or for a repeated event ``12s (x4 over 3m)``."""
    last = format_age(now - event.last_at)
    return f"{last} (x{event.count} over {format_age(now - event.first_at)})" if event.count > 1 else last


@columns(
    Event,
    ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"),
    wide=(
        "LAST SEEN",
        "TYPE",
        "REASON",
        "OBJECT",
        "SUBOBJECT",
        "SOURCE",
        "MESSAGE",
        "FIRST SEEN",
        "COUNT",
        "NAME",
    ),
)
def _event(item: Event, now: int) -> Row:
    seen = last_seen(item, now)
    source = f"{item.component}, {item.node_name}" if item.node_name else item.component
    plain = (seen, item.type, item.reason, item.object_text, item.message)
    first = format_age(now - item.first_at)
    wide = (
        seen,
        item.type,
        item.reason,
        item.object_text,
        "",
        source,
        item.message,
        first,
        str(item.count),
        item.meta.name,
    )
    return Row(plain, wide)
