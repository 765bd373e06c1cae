"""The parts that descriptions share: labels, times, containers and pod templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime

from simulator.units import MICROSECOND, format_cpu, format_memory
from simulator.world import Cluster, Container, ContainerStatus, KeyRef, PodTemplate, Volume
from simulator.world.placement import Placement


def pairs_lines(name: str, pairs: Mapping[str, str], mark: str = "=", indent: str = "") -> list[str]:
    """``Labels:`` and what else has one pair a line, under one another."""
    if not pairs:
        return [f"{indent}{name}:\t<none>"]
    texts = [f"{key}{mark}{value}" for key, value in sorted(pairs.items())]
    return [f"{indent}{name}:\t{texts[0]}", *(f"{indent}\t{text}" for text in texts[1:])]


def annotation_lines(pairs: Mapping[str, str], indent: str = "") -> list[str]:
    """``Annotations:`` have a colon between key and value."""
    return pairs_lines("Annotations", pairs, mark=": ", indent=indent)


def rfc1123(at: int, cluster: Cluster) -> str:
    """An instant as ``describe`` prints it, in every locale: ``Sat, 04 Jul 2026 09:12:35 +0000``."""
    return format_datetime(cluster.start + timedelta(microseconds=at // MICROSECOND))


def container_lines(
    container: Container, status: ContainerStatus | None, cluster: Cluster, indent: str
) -> list[str]:
    """One container: of a live pod with its state, of a template without (``status`` is None)."""
    inner = indent + "  "
    ports = ", ".join(f"{port}/TCP" for port in container.ports) or "<none>"
    lines = [f"{indent}{container.name}:", f"{inner}Image:\t{container.image}"]
    if status is not None and status.image_id:
        lines.append(f"{inner}Image ID:\t{status.image_id}")
    lines += [
        f"{inner}Port:\t{ports}",
        f"{inner}Host Port:\t{', '.join('0/TCP' for _ in container.ports) or '<none>'}",
    ]
    if status is not None:
        lines += _state(status, cluster, inner)
    limits = _resources(container.cpu_limit_millicores, container.memory_limit_bytes)
    requests = _resources(container.cpu_request_millicores or None, container.memory_request_bytes or None)
    for title, pairs in (("Limits", limits), ("Requests", requests)):
        if pairs:
            lines += [f"{inner}{title}:", *(f"{inner}  {name}:\t{value}" for name, value in pairs)]
    probes = (
        ("Liveness", container.liveness_probe),
        ("Readiness", container.readiness_probe),
        ("Startup", container.startup_probe),
    )
    for title, probe in probes:
        if probe is None:
            continue
        lines.append(
            f"{inner}{title}:\thttp-get http://:{probe.port}{probe.path} "
            f"delay={probe.initial_delay_seconds}s timeout={probe.timeout_seconds}s "
            f"period={probe.period_seconds}s #success={probe.success_threshold} "
            f"#failure={probe.failure_threshold}"
        )
    return [*lines, *_environment(container, inner), *_mounts(container, inner)]


def _environment(container: Container, indent: str) -> list[str]:
    lines = []
    if container.env_from:
        lines.append(f"{indent}Environment Variables from:")
        lines += [f"{indent}  {each.name}\t{each.kind}\tOptional: false" for each in container.env_from]
    if not container.env:
        return [*lines, f"{indent}Environment:\t<none>"]
    lines.append(f"{indent}Environment:")
    for name, value in container.env:
        shown = value
        if isinstance(value, KeyRef):
            where = "of config map" if value.source.kind == "ConfigMap" else "in secret"
            shown = f"<set to the key '{value.key}' {where} '{value.source.name}'>  Optional: false"
        lines.append(f"{indent}  {name}:\t{shown}")
    return lines


def _mounts(container: Container, indent: str) -> list[str]:
    if not container.volume_mounts:
        return [f"{indent}Mounts:\t<none>"]
    return [
        f"{indent}Mounts:",
        *(f"{indent}  {each.mount_path} from {each.name} (rw)" for each in container.volume_mounts),
    ]


def volume_lines(volumes: Sequence[Volume], indent: str = "") -> list[str]:
    """``Volumes:`` of a pod or a pod template."""
    if not volumes:
        return [f"{indent}Volumes:\t<none>"]
    lines = [f"{indent}Volumes:"]
    for volume in volumes:
        config = volume.source.kind == "ConfigMap"
        about = "a volume populated by a ConfigMap" if config else "a volume populated by a Secret"
        lines += [
            f"{indent}  {volume.name}:",
            f"{indent}    Type:\t{volume.source.kind} ({about})",
            f"{indent}    {'Name' if config else 'SecretName'}:\t{volume.source.name}",
            f"{indent}    Optional:\tfalse",
        ]
    return lines


def _resources(cpu: int | None, memory: int | None) -> list[tuple[str, str]]:
    pairs = []
    if cpu is not None:
        pairs.append(("cpu", format_cpu(cpu)))
    if memory is not None:
        pairs.append(("memory", format_memory(memory)))
    return pairs


def _state(status: ContainerStatus, cluster: Cluster, indent: str) -> list[str]:
    lines = []
    for title, state in (("State", status.state), ("Last State", status.last_state)):
        if state is None:
            continue
        lines.append(f"{indent}{title}:\t{state.phase.capitalize()}")
        if state.reason:
            lines.append(f"{indent}  Reason:\t{state.reason}")
        if state.message and state.phase == "terminated":
            lines.append(f"{indent}  Message:\t{state.message}")
        if state.phase == "terminated":
            lines.append(f"{indent}  Exit Code:\t{state.exit_code}")
        for name, at in (("Started", state.started_at), ("Finished", state.finished_at)):
            if at is not None:
                lines.append(f"{indent}  {name}:\t{rfc1123(at, cluster)}")
    return [*lines, f"{indent}Ready:\t{status.ready}", f"{indent}Restart Count:\t{status.restart_count}"]


def template_lines(template: PodTemplate, cluster: Cluster, indent: str = "  ") -> list[str]:
    """A pod template, as ``describe`` and ``rollout history --revision`` print it below ``Pod Template:``."""
    lines = pairs_lines("Labels", template.labels, indent=indent)
    if template.annotations:
        lines += annotation_lines(template.annotations, indent)
    lines.append(f"{indent}Containers:")
    for container in template.containers:
        lines += container_lines(container, None, cluster, indent + " ")
    return [
        *lines,
        *volume_lines(template.spec.volumes, indent),
        *placement_lines(template.spec.placement, indent),
    ]


def placement_lines(placement: Placement, indent: str, *, live: bool = False) -> list[str]:
    """Where a pod may run; a live one has the tolerations that the API server adds."""
    tolerations = placement.all_tolerations if live else placement.tolerations
    texts = [str(each) for each in tolerations] or ["<none>"]
    lines = []
    for number, each in enumerate(placement.spread):
        words = (
            f"{each.topology_key}:{each.when_unsatisfiable} when max skew {each.max_skew} is exceeded for "
        )
        words += "selector " + ",".join(f"{name}={value}" for name, value in sorted(each.selector.items()))
        title = f"{indent}Topology Spread Constraints:" if number == 0 else indent
        lines.append(f"{title}\t{words}")
    return [
        *lines,
        *pairs_lines("Node-Selectors", placement.node_selector, indent=indent),
        f"{indent}Tolerations:\t{texts[0]}",
        *(f"{indent}\t{text}" for text in texts[1:]),
    ]
