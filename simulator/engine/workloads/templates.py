"""From the pod template that a scenario declares to the cluster's."""

from __future__ import annotations

from simulator.engine.nodes.building import placement_of
from simulator.scenario import workloads as declared
from simulator.scenario.sources import EnvVar
from simulator.world import Container, KeyRef, PodSpec, PodTemplate, Probe, Source, Volume, VolumeMount


def template_of(workload: declared.Workload) -> PodTemplate:
    """The pod template of a workload at the start."""
    template = workload.spec.template
    return PodTemplate(
        labels=workload.pod_labels,
        annotations=dict(template.metadata.annotations),
        spec=PodSpec(
            containers=tuple(_container(each) for each in template.spec.containers),
            termination_grace_period_seconds=template.spec.termination_grace_period_seconds,
            volumes=tuple(
                Volume(each.name, Source(each.source, each.object_name)) for each in template.spec.volumes
            ),
            placement=placement_of(template.spec),
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
