"""What the kubelet writes into a pod's status: conditions and the states of its containers."""

from __future__ import annotations

from typing import Final

from simulator.world import ContainerState, Pod, set_condition

#: The conditions that say whether a pod can answer.
_READINESS: Final = ("Ready", "ContainersReady")


def taken_on(pod: Pod, now: int) -> None:
    """The kubelet has the pod: nothing of it runs yet."""
    conditions = pod.status.conditions
    pod.status.started_at = now
    _write_unready(pod, now, [container.name for container in pod.spec.containers])
    set_condition(conditions, now, "Initialized", "True")
    set_condition(conditions, now, "PodReadyToStartContainers", "False")
    for status in pod.status.container_statuses:
        status.state = ContainerState("waiting", "ContainerCreating")


def running(pod: Pod, now: int, image_id: str) -> None:
    """All containers of a pod run for the first time; sidecars are ready with it."""
    pod.status.phase = "Running"
    for status in pod.status.container_statuses:
        status.state = ContainerState("running", started_at=now)
        status.ready = status.started = True
    first = pod.status.container_statuses[0]
    first.ready = first.started = False
    first.image_id = image_id


def restarted(pod: Pod, now: int) -> None:
    """The first container runs again."""
    first = pod.status.container_statuses[0]
    if first.state.phase == "terminated":
        first.last_state = first.state
    first.restart_count += 1
    first.state = ContainerState("running", started_at=now)


def ready(pod: Pod, now: int) -> None:
    """The pod answers."""
    for type_ in ("PodReadyToStartContainers", "Initialized", *_READINESS):
        set_condition(pod.status.conditions, now, type_, "True")
    for status in pod.status.container_statuses:
        status.ready = status.started = True


def unready(pod: Pod, now: int) -> None:
    """The first container does not answer."""
    first = pod.status.container_statuses[0]
    first.ready = False
    _write_unready(pod, now, [status.name for status in pod.status.container_statuses if not status.ready])


def ended(pod: Pod, now: int, reason: str, exit_code: int, message: str = "") -> None:
    """The first container has ended; it may come again."""
    first = pod.status.container_statuses[0]
    started_at = first.state.started_at
    first.started = False
    first.state = ContainerState("terminated", reason, message, started_at, now, exit_code)
    unready(pod, now)


def waiting(pod: Pod, reason: str, message: str) -> None:
    """The first container can't run for now; what it was last is kept."""
    first = pod.status.container_statuses[0]
    if first.state.phase == "terminated":
        first.last_state = first.state
    first.state = ContainerState("waiting", reason, message)


def all_ended(pod: Pod, now: int, reason: str, exit_code: int) -> None:
    """Every container of the pod has ended, and none comes again."""
    for status in pod.status.container_statuses:
        if status.state.phase == "running":
            status.state = ContainerState(
                "terminated",
                reason,
                started_at=status.state.started_at,
                finished_at=now,
                exit_code=exit_code,
            )
        status.ready = status.started = False
    _write_unready(pod, now, [status.name for status in pod.status.container_statuses])


def _write_unready(pod: Pod, now: int, names: list[str]) -> None:
    message = f"containers with unready status: [{' '.join(names)}]"
    for type_ in _READINESS:
        set_condition(pod.status.conditions, now, type_, "False", "ContainersNotReady", message)
