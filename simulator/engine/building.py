"""From a scenario to the cluster's objects: Services, Deployments with their past, pods that run."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from simulator.engine.deployments import replica_set_for
from simulator.engine.images import version_of
from simulator.engine.nodes.building import placement_of
from simulator.engine.releases import Release, commit_of
from simulator.scenario import workloads as declared
from simulator.scenario.sources import EnvVar
from simulator.streams import key
from simulator.units import DAY, SECOND
from simulator.world import (
    CHANGE_CAUSE_ANNOTATION,
    REVISION_ANNOTATION,
    Cluster,
    Condition,
    Container,
    Deployment,
    DeploymentSpec,
    DeploymentStatus,
    KeyRef,
    ObjectMeta,
    PodSpec,
    PodTemplate,
    Probe,
    Recreate,
    ReplicaSet,
    ReplicaSetStatus,
    RollingUpdate,
    Service,
    ServicePort,
    ServiceSpec,
    Source,
    Volume,
    VolumeMount,
)

#: Age of a workload that declares no history.
_DEFAULT_AGE: Final = 30 * DAY
#: Between the pods of a past rollout, and from a pod's creation to its readiness.
_ROLLOUT_STEP, _READY_AFTER = 9 * SECOND, 14 * SECOND


def build_service(cluster: Cluster, item: declared.Service, created_at: int) -> None:
    """Add one Service, with addresses made from its name."""
    bits = key(item.name)
    cluster.add(
        Service(
            meta=ObjectMeta(
                item.name,
                cluster.namespace,
                labels=dict(item.metadata.labels) or dict(item.spec.selector),
                annotations=dict(item.metadata.annotations),
                created_at=created_at,
            ),
            spec=ServiceSpec(
                selector=dict(item.spec.selector),
                ports=tuple(
                    ServicePort(port.port, port.target_port or port.port, port.name or "")
                    for port in item.spec.ports
                ),
                type=item.spec.type,
                session_affinity=item.spec.session_affinity,
                traffic_distribution=item.spec.traffic_distribution or "",
                cluster_ip=f"10.96.{bits % 250}.{2 + (bits >> 8) % 250}",
                external_ip=f"203.0.113.{2 + (bits >> 16) % 250}" if item.spec.type == "LoadBalancer" else "",
            ),
        )
    )


def build_deployment(cluster: Cluster, workload: declared.Workload) -> tuple[ReplicaSet, list[Release]]:
    """Add a Deployment in its steady state, with a ReplicaSet for each past revision; its pods come later.

    Returns:
        The ReplicaSet that runs, and the releases that led to it, oldest first.
    """
    history = workload.model.history or (
        declared.Revision.model_construct(
            image=workload.image, cause="", author="", commit="", age=_DEFAULT_AGE
        ),
    )
    deployment = _deployment(cluster, workload, -history[0].age)
    releases, by_hash = [], dict[str, ReplicaSet]()
    for number, revision in enumerate(history, start=1):
        last = number == len(history)
        template = _with_image(deployment.spec.template, revision.image)
        deployment.spec = replace(deployment.spec, template=template)
        deployment.meta.generation = number
        deployment.meta.annotations[REVISION_ANNOTATION] = str(number)
        deployment.meta.annotations.pop(CHANGE_CAUSE_ANNOTATION, None)
        if revision.cause:
            deployment.meta.annotations[CHANGE_CAUSE_ANNOTATION] = revision.cause
        size = deployment.spec.replicas if last else 0
        made = replica_set_for(deployment, number, -revision.age, size)
        if template.hash in by_hash:  # an image released again: its ReplicaSet was used again
            made.meta.created_at = by_hash[template.hash].meta.created_at
        by_hash[template.hash] = made
        releases.append(_release_of(workload.name, revision))
    cluster.add(deployment)
    kept = sorted(by_hash.values(), key=lambda each: each.revision)
    current = kept[-1]
    for replica_set in kept[-deployment.spec.revision_history_limit - 1 :]:
        owner = replica_set.meta.owner
        assert owner is not None
        replica_set.meta.owner = replace(owner, uid=deployment.meta.uid)
        cluster.add(replica_set)
    _settle(deployment, current, -history[-1].age)
    return current, releases


def _with_image(template: PodTemplate, image: str) -> PodTemplate:
    first, *others = template.containers
    spec = replace(template.spec, containers=(replace(first, image=image), *others))
    return replace(template, spec=spec)


def _release_of(deployment: str, revision: declared.Revision) -> Release:
    return Release(
        at=-revision.age,
        deployment=deployment,
        image=revision.image,
        version=version_of(revision.image),
        cause=revision.cause,
        author=revision.author or "pipeline",
        commit=revision.commit or commit_of(deployment, revision.image),
        action="release",
    )


def _deployment(cluster: Cluster, workload: declared.Workload, created_at: int) -> Deployment:
    spec, labels = workload.spec, workload.pod_labels
    rolling = spec.strategy.rolling_update
    return Deployment(
        meta=ObjectMeta(
            workload.name,
            cluster.namespace,
            labels=dict(workload.metadata.labels) or dict(labels),
            annotations=dict(workload.metadata.annotations),
            created_at=created_at,
        ),
        spec=DeploymentSpec(
            replicas=spec.replicas,
            selector=labels,
            template=PodTemplate(
                labels=labels,
                annotations=dict(spec.template.metadata.annotations),
                spec=PodSpec(
                    containers=tuple(_container(each) for each in spec.template.spec.containers),
                    termination_grace_period_seconds=spec.template.spec.termination_grace_period_seconds,
                    volumes=tuple(
                        Volume(each.name, Source(each.source, each.object_name))
                        for each in spec.template.spec.volumes
                    ),
                    placement=placement_of(spec.template.spec),
                ),
            ),
            strategy=RollingUpdate(rolling.max_surge, rolling.max_unavailable)
            if spec.strategy.type == "RollingUpdate"
            else Recreate(),
            min_ready_seconds=spec.min_ready_seconds,
            revision_history_limit=spec.revision_history_limit,
            progress_deadline_seconds=spec.progress_deadline_seconds,
        ),
    )


def _container(container: declared.Container) -> Container:
    requests, limits = container.resources.requests, container.resources.limits
    return Container(
        name=container.name,
        image=container.image,
        ports=tuple(port.container_port for port in container.ports),
        cpu_request_millicores=requests.cpu or limits.cpu or 0,
        memory_request_bytes=requests.memory or limits.memory or 0,
        cpu_limit_millicores=limits.cpu,
        memory_limit_bytes=limits.memory,
        readiness_probe=_probe(container.readiness_probe) if container.readiness_probe else None,
        liveness_probe=_probe(container.liveness_probe) if container.liveness_probe else None,
        startup_probe=_probe(container.startup_probe) if container.startup_probe else None,
        pre_stop_sleep_seconds=container.lifecycle.pre_stop.sleep.seconds if container.lifecycle else 0,
        env=tuple((each.name, _value(each)) for each in container.env),
        env_from=tuple(Source(each.source, each.name) for each in container.env_from),
        volume_mounts=tuple(VolumeMount(each.name, each.mount_path) for each in container.volume_mounts),
    )


def _value(variable: EnvVar) -> str | KeyRef:
    if variable.value_from is None:
        return variable.value
    selector = variable.value_from.selector
    return KeyRef(Source(variable.value_from.source, selector.name), selector.key)


def _probe(probe: declared.Probe) -> Probe:
    return Probe(
        path=probe.http_get.path,
        port=probe.http_get.port,
        initial_delay_seconds=probe.initial_delay_seconds,
        period_seconds=probe.period_seconds,
        timeout_seconds=probe.timeout_seconds,
        success_threshold=probe.success_threshold,
        failure_threshold=probe.failure_threshold,
    )


def _settle(deployment: Deployment, current: ReplicaSet, released_at: int) -> None:
    """Write the status that the controllers would have written by now."""
    replicas = deployment.spec.replicas
    current.status = ReplicaSetStatus(current.meta.generation, replicas, replicas, replicas)
    done = released_at + pod_created_after(max(0, replicas - 1)) + _READY_AFTER
    deployment.status = DeploymentStatus(
        observed_generation=deployment.meta.generation,
        replicas=replicas,
        updated_replicas=replicas,
        ready_replicas=replicas,
        available_replicas=replicas,
        conditions=[
            Condition(
                "Available",
                "True",
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.",
                deployment.meta.created_at,
                deployment.meta.created_at,
            ),
            Condition(
                "Progressing",
                "True",
                "NewReplicaSetAvailable",
                f'ReplicaSet "{current.meta.name}" has successfully progressed.',
                deployment.meta.created_at,
                done,
            ),
        ],
    )


def pod_created_after(ordinal: int) -> int:
    """How long after its release a pod of the steady state was made, ns."""
    return ordinal * _ROLLOUT_STEP


def pod_ready_at(created_at: int) -> int:
    """When a pod of the steady state became ready, ns."""
    return created_at + _READY_AFTER
