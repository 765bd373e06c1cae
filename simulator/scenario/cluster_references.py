"""Whether what stands around the workloads points somewhere: autoscalers, budgets, pools of nodes."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenario.agreement import Dangling
from simulator.scenario.autoscaling import Autoscaler, ContainerResourceSource, PodsSource
from simulator.scenario.document import Spec
from simulator.scenario.problems import Location, nearest
from simulator.scenario.workloads import Workload


def cluster_dangling(spec: Spec) -> Iterator[Dangling]:
    """Everything around the workloads that points nowhere."""
    yield from _autoscalers(spec)
    yield from _budgets(spec)
    yield from _pools(spec)


def _budgets(spec: Spec) -> Iterator[Dangling]:
    for index, budget in enumerate(spec.pod_disruption_budgets):
        wanted = budget.spec.selector.match_labels.items()
        if not any(wanted <= workload.pod_labels.items() for workload in spec.workloads):
            yield Dangling(
                ("spec", "podDisruptionBudgets", index, "spec", "selector", "matchLabels"),
                "labels of some workload's pods",
                ", ".join(f"{key}={value}" for key, value in wanted),
                "A budget that covers no pod protects nobody.",
            )


def _pools(spec: Spec) -> Iterator[Dangling]:
    names = [pool.name for pool in spec.nodes.pools]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Dangling(
                ("spec", "nodes", "pools", index, "name"), "each name once", f"{name!r} again", "Rename one."
            )


def _unknown(location: Location, what: str, name: str, known: list[str]) -> Dangling:
    near = nearest(name, known)
    hint = f"Did you mean {near!r}?" if near else f"There are {', '.join(known) or 'none'}."
    return Dangling(location, what, repr(name), hint)


def _autoscalers(spec: Spec) -> Iterator[Dangling]:
    targets: dict[str, str] = {}
    for index, item in enumerate(spec.autoscalers):
        base: Location = ("spec", "autoscalers", index)
        reference = item.spec.scale_target_ref
        where: Location = (*base, "spec", "scaleTargetRef")
        workload = spec.workload(reference.name)
        if workload is None:
            known = [each.name for each in spec.workloads]
            yield _unknown((*where, "name"), "the name of a workload", reference.name, known)
            continue
        if workload.kind != reference.kind:
            yield Dangling(
                (*where, "kind"), workload.kind, reference.kind, "Name the kind that the workload has."
            )
        if reference.name in targets:
            yield Dangling(
                (*where, "name"),
                "one autoscaler for each workload",
                f"{reference.name!r} again, after {targets[reference.name]!r}",
                "Two autoscalers of one workload fight; put both metrics into one.",
            )
        targets[reference.name] = item.name
        yield from _metrics(item, workload, base)


def _metrics(item: Autoscaler, workload: Workload, base: Location) -> Iterator[Dangling]:
    used = set()
    containers = [container.name for container in workload.spec.template.spec.containers]
    for index, metric in enumerate(item.spec.metrics):
        where: Location = (*base, "spec", "metrics", index)
        source = metric.source
        if isinstance(source, ContainerResourceSource) and source.container not in containers:
            place: Location = (*where, "containerResource", "container")
            yield _unknown(place, f"a container of {workload.name}", source.container, containers)
        if isinstance(source, PodsSource):
            used.add(source.metric.name)
            if source.metric.name not in item.model.queries:
                yield Dangling(
                    where,
                    f"a query for {source.metric.name!r} in model.queries",
                    ", ".join(item.model.queries) or "none",
                    "The metrics adapter must know how to answer.",
                )
    for name in item.model.queries:
        if name not in used:
            yield Dangling(
                (*base, "model", "queries", name),
                "the name of a metric of this autoscaler",
                repr(name),
                "Nobody asks for it; remove it.",
            )
