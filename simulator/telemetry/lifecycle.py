"""What a process says about itself: that it started, that it listens, that it was asked to stop.

Read from the status of the pods that changed since the last scrape. Pods that ran before the first scrape
began long ago: their first lines have been rotated away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from simulator.engine.images import version_of
from simulator.telemetry.logs import LogLine
from simulator.telemetry.messages import Level
from simulator.world import Change, Cluster, Pod

_DEFAULT_PORT: Final = 8080
#: Exit codes of a process that ended well or was killed: 128 + SIGKILL (out of memory too), 128 + SIGTERM.
_NO_LAST_WORDS: Final = (0, 137, 143)


class ProcessLog:
    """Turns changes of pods into log lines."""

    def __init__(self, cluster: Cluster) -> None:
        self._changed: dict[str, Pod] = {pod.meta.uid: pod for pod in cluster.pods}
        self._said: set[tuple[str, int, str]] = set()  # (uid, start of the process, word): each once
        self._begun = False
        cluster.subscribe(self._watch, Pod)

    def collect(self, identities: Mapping[str, tuple[str, str]]) -> list[LogLine]:
        """Lines since the last time, in order of time.

        Args:
            identities: (service, version) by pod; a pod that is not there has served nobody yet.
        """
        lines: list[LogLine] = []
        for pod in self._changed.values():
            name, uid = pod.meta.name, pod.meta.uid
            service, version = identities.get(name) or _declared(pod)
            for said in _happened(pod):
                if (uid, said.start, said.word) not in self._said:
                    self._said.add((uid, said.start, said.word))
                    lines.append(LogLine(said.at, said.level, service, name, version, said.message))
        self._changed = {}
        fresh, self._begun = self._begun, True
        return sorted(lines, key=lambda line: line.at) if fresh else []

    def _watch(self, change: Change) -> None:
        if isinstance(change.object, Pod):
            self._changed[change.object.meta.uid] = change.object


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing that a process says about itself, once in its life: when it began, and the word for it."""

    start: int
    word: str
    at: int
    level: Level
    message: str


def _declared(pod: Pod) -> tuple[str, str]:
    """(service, version) as the pod's own spec tells them."""
    return pod.deployment or pod.meta.name, version_of(pod.spec.containers[0].image)


def _happened(pod: Pod) -> Iterator[_Said]:
    """What has happened to the pod's process so far, and to the one before it."""
    for container in pod.status.container_statuses[:1]:
        for state in (container.last_state, container.state):
            if state is None or state.started_at is None:
                continue
            start = state.started_at
            yield _Said(start, "start", start, "INFO", f"starting {container.image}")
            # What the kernel or the kubelet kills says nothing any more.
            crashed = state.phase == "terminated" and state.exit_code not in _NO_LAST_WORDS
            if crashed and state.finished_at is not None:
                words = state.message or "unrecoverable error"
                said = f"fatal: {words}, exiting with code {state.exit_code}"
                yield _Said(start, "crash", state.finished_at, "ERROR", said)
        running = container.state.started_at
        if running is not None and pod.ready_since is not None and pod.ready_since >= running:
            port = next((one.ports[0] for one in pod.spec.containers if one.ports), _DEFAULT_PORT)
            said = f"listening on :{port}, ready for requests"
            yield _Said(running, "ready", pod.ready_since, "INFO", said)
        if running is not None and pod.meta.deleted_at is not None:
            said = "received SIGTERM, finishing open requests"
            yield _Said(running, "stop", pod.meta.deleted_at, "INFO", said)
