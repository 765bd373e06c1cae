"""``kubectl describe`` for every kind but events (kubectl pkg/describe/describe.go)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.drill.console.grammar import Arguments, RefusedError
from simulator.drill.console.kubectl.family import (
    ALL_NAMESPACES,
    KUBECTL,
    NAMESPACE,
    SELECTOR,
    matching,
    namespace_of,
    no_resources,
    objects_after,
    selector,
)
from simulator.drill.console.objects.descriptions import (
    annotation_lines,
    container_lines,
    pairs_lines,
    placement_lines,
    rfc1123,
    template_lines,
    volume_lines,
)
from simulator.drill.console.objects.resources import spelled, targets_of
from simulator.drill.console.objects.views import DESCRIBERS, describes
from simulator.drill.console.registry import Command
from simulator.drill.console.tables import tabulate
from simulator.units import format_age
from simulator.world import (
    AnyObject,
    Cluster,
    Deployment,
    Event,
    KubernetesError,
    Pod,
    Recreate,
    ReplicaSet,
    RollingUpdate,
    Service,
    kind_of,
    new_replica_set,
)

if TYPE_CHECKING:
    from simulator.drill.run import Run


def _describe_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    targets = targets_of(arguments.words, line)
    if not targets:
        raise RefusedError(
            'error: You must specify the type of resource to describe. Use "kubectl api-resources" for a '
            "complete list of supported resources.",
            where=line,
            expected="a type, with or without a name",
            got="none",
            todo="Try kubectl describe deployment NAME, or kubectl get events.",
        )
    selector(arguments.text("selector"), line)
    return spelled(targets)


@KUBECTL.verb(
    "describe",
    usage="TYPE [NAME] | TYPE/NAME … [-l SELECTOR]",
    about="Everything about an object, with its events.",
    kind="look",
    cost="describe",
    flags=(NAMESPACE, SELECTOR, ALL_NAMESPACES),
    normalise=_describe_words,
    candidates=objects_after,
)
def describe(run: Run, command: Command) -> str:
    """Describe one object or several."""
    found: list[AnyObject] = []
    for target in targets_of(command.targets, command.line):
        if not target.name:
            found.extend(matching(run, target.kind, command.arguments, command.line))
            continue
        try:
            found.append(run.cluster.get(target.kind, target.name, namespace_of(run, command.arguments)))
        except KubernetesError:
            begins = [
                item
                for item in run.cluster.select(target.kind, namespace_of(run, command.arguments))
                if item.meta.name.startswith(target.name)
            ]
            if not begins:  # describe takes a prefix of a name, as kubectl's does
                raise
            found.extend(begins)
    if not found:
        return no_resources(run, command.arguments)
    return "\n\n\n".join(description(item, run.cluster, run.now) for item in found)


def description(item: AnyObject, cluster: Cluster, now: int) -> str:
    """One object, described, with its events."""
    lines = DESCRIBERS[kind_of(item)](item, cluster, now)
    return tabulate("\n".join([*lines, *_events(item, cluster, now)]))


def _events(item: AnyObject, cluster: Cluster, now: int) -> list[str]:
    events = cluster.events_of(item, now)
    if not events:
        return ["Events:\t<none>"]
    lines = ["Events:", "  Type\tReason\tAge\tFrom\tMessage", "  ----\t------\t----\t----\t-------"]
    for event in events:
        age = format_age(now - event.last_at)
        if event.count > 1:
            age = f"{age} (x{event.count} over {format_age(now - event.first_at)})"
        lines.append(f"  {event.type}\t{event.reason}\t{age}\t{event.component}\t{event.message}")
    return lines


# --- kinds ----------------------------------------------------------------------------------------


@describes(Pod)
def _pod(item: Pod, cluster: Cluster, now: int) -> list[str]:
    lines = [
        f"Name:\t{item.meta.name}",
        f"Namespace:\t{item.meta.namespace}",
        "Priority:\t0",
        "Service Account:\tdefault",
        f"Node:\t{item.node_name}/{item.status.host_ip}" if item.node_name else "Node:\t<none>",
    ]
    if item.status.started_at is not None:
        lines.append(f"Start Time:\t{rfc1123(item.status.started_at, cluster)}")
    lines += [*pairs_lines("Labels", item.meta.labels), *annotation_lines(item.meta.annotations)]
    if item.meta.deleted_at is not None:
        lines += [
            f"Status:\tTerminating (lasts {format_age(now - item.meta.deleted_at)})",
            f"Termination Grace Period:\t{item.spec.termination_grace_period_seconds}s",
        ]
    else:
        lines.append(f"Status:\t{item.status.phase}")
    if item.status.reason:
        lines.append(f"Reason:\t{item.status.reason}")
    if item.status.message:
        lines.append(f"Message:\t{item.status.message}")
    lines += [
        f"IP:\t{item.status.pod_ip}",
        "IPs:",
        f"  IP:\t{item.status.pod_ip}" if item.status.pod_ip else "  <none>",
    ]
    if item.meta.owner is not None:
        lines.append(f"Controlled By:\t{item.meta.owner.kind}/{item.meta.owner.name}")
    lines.append("Containers:")
    statuses = {status.name: status for status in item.status.container_statuses}
    for container in item.spec.containers:
        lines += container_lines(container, statuses.get(container.name), cluster, "  ")
    if item.status.conditions:
        lines += ["Conditions:", "  Type\tStatus"]
        lines += [f"  {condition.type}\t{condition.status}" for condition in item.status.conditions]
    return [
        *lines,
        *volume_lines(item.spec.volumes),
        f"QoS Class:\t{item.spec.qos_class}",
        *placement_lines(item.spec.placement, "", live=True),
    ]


@describes(Deployment)
def _deployment(item: Deployment, cluster: Cluster, _now: int) -> list[str]:
    spec, status = item.spec, item.status
    lines = [
        f"Name:\t{item.meta.name}",
        f"Namespace:\t{item.meta.namespace}",
        f"CreationTimestamp:\t{rfc1123(item.meta.created_at, cluster)}",
        *pairs_lines("Labels", item.meta.labels),
        *annotation_lines(item.meta.annotations),
        *pairs_lines("Selector", spec.selector),
        f"Replicas:\t{spec.replicas} desired | {status.updated_replicas} updated | {status.replicas} total | "
        f"{status.available_replicas} available | {status.unavailable_replicas} unavailable",
        f"StrategyType:\t{type(spec.strategy).__name__}",
        f"MinReadySeconds:\t{spec.min_ready_seconds}",
        *_strategy(spec.strategy),
        "Pod Template:",
        *template_lines(spec.template, cluster),
    ]
    if status.conditions:
        lines += ["Conditions:", "  Type\tStatus\tReason", "  ----\t------\t------"]
        lines += [f"  {one.type}\t{one.status}\t{one.reason}" for one in status.conditions]
    current = new_replica_set(cluster, item)
    old = [
        each
        for each in cluster.replica_sets_of(item)
        if each is not current and each.spec.replicas + each.status.replicas
    ]
    lines.append(f"OldReplicaSets:\t{_sets(old)}")
    lines.append(f"NewReplicaSet:\t{_sets([current] if current else [])}")
    return lines


def _strategy(strategy: RollingUpdate | Recreate) -> list[str]:
    if isinstance(strategy, Recreate):
        return []
    return [
        f"RollingUpdateStrategy:\t{strategy.max_unavailable} max unavailable, {strategy.max_surge} max surge"
    ]


def _sets(sets: Sequence[ReplicaSet]) -> str:
    return (
        ", ".join(
            f"{each.meta.name} ({each.status.replicas}/{each.spec.replicas} replicas created)"
            for each in sets
        )
        or "<none>"
    )


@describes(ReplicaSet)
def _replica_set(item: ReplicaSet, cluster: Cluster, _now: int) -> list[str]:
    pods = cluster.pods_of(item)
    running = sum(pod.status.phase == "Running" for pod in pods)
    waiting = sum(pod.status.phase == "Pending" for pod in pods)
    lines = [
        f"Name:\t{item.meta.name}",
        f"Namespace:\t{item.meta.namespace}",
        *pairs_lines("Selector", item.spec.selector),
        *pairs_lines("Labels", item.meta.labels),
        *annotation_lines(item.meta.annotations),
    ]
    if item.meta.owner is not None:
        lines.append(f"Controlled By:\t{item.meta.owner.kind}/{item.meta.owner.name}")
    return [
        *lines,
        f"Replicas:\t{item.status.replicas} current / {item.spec.replicas} desired",
        f"Pods Status:\t{running} Running / {waiting} Waiting / 0 Succeeded / 0 Failed",
        "Pod Template:",
        *template_lines(item.spec.template, cluster),
    ]


@describes(Service)
def _service(item: Service, cluster: Cluster, _now: int) -> list[str]:
    spec = item.spec
    ready = cluster.endpoints(item)
    lines = [
        f"Name:\t{item.meta.name}",
        f"Namespace:\t{item.meta.namespace}",
        *pairs_lines("Labels", item.meta.labels),
        *annotation_lines(item.meta.annotations),
        *pairs_lines("Selector", spec.selector),
        f"Type:\t{spec.type}",
        "IP Family Policy:\tSingleStack",
        "IP Families:\tIPv4",
        f"IP:\t{spec.cluster_ip}",
        f"IPs:\t{spec.cluster_ip}",
    ]
    if spec.external_ip:
        lines.append(f"LoadBalancer Ingress:\t{spec.external_ip}")
    for port in spec.ports:
        addresses = [f"{pod.status.pod_ip}:{port.target_port}" for pod in ready]
        shown = ",".join(addresses[:3]) + (f" + {len(addresses) - 3} more..." if len(addresses) > 3 else "")
        lines += [
            f"Port:\t{port.name or '<unset>'}  {port.port}/{port.protocol}",
            f"TargetPort:\t{port.target_port}/{port.protocol}",
            f"Endpoints:\t{shown}",
        ]
    return [*lines, f"Session Affinity:\t{spec.session_affinity}"]


@describes(Event)
def _event(item: Event, cluster: Cluster, _now: int) -> list[str]:
    return [
        f"Name:\t{item.meta.name}",
        f"Namespace:\t{item.meta.namespace}",
        f"First Timestamp:\t{cluster.timestamp(item.first_at)}",
        f"Last Timestamp:\t{cluster.timestamp(item.last_at)}",
        f"Count:\t{item.count}",
        f"Type:\t{item.type}",
        f"Reason:\t{item.reason}",
        f"Involved Object:\t{item.object_text}",
        f"Source:\t{', '.join(filter(None, (item.component, item.node_name)))}",
        f"Message:\t{item.message}",
    ]
