"""What a process says about itself: that it started, that it listens, that it was asked to stop.

Read from the status of the pods that changed since the last scrape. Pods that ran before the first scrape
began long ago: their first lines have been rotated away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from simulator.telemetry.logs import LogLine
from simulator.world import Change, Cluster, Pod

_DEFAULT_PORT: Final = 8080


class ProcessLog:
    """Turns changes of pods into log lines."""

    def __init__(self, cluster: Cluster) -> None:
        self._changed: dict[str, Pod] = {pod.meta.uid: pod for pod in cluster.pods}
        self._said: set[tuple[str, str]] = set()  # (uid, message), so that each is written once
        self._begun = False
        cluster.subscribe(self._watch)

    def collect(self, identities: Mapping[str, tuple[str, str]]) -> list[LogLine]:
        """Lines since the last time, in order of time.

        Args:
            identities: (service, version) by pod; a pod that is not there has not written yet.
        """
        lines: list[LogLine] = []
        for pod in self._changed.values():
            name, uid = pod.meta.name, pod.meta.uid
            if name not in identities:
                continue
            for at, message in _happened(pod):
                if (uid, message) not in self._said:
                    self._said.add((uid, message))
                    lines.append(LogLine(at, "INFO", identities[name][0], name, identities[name][1], message))
        self._changed = {}
        fresh, self._begun = self._begun, True
        return sorted(lines, key=lambda line: line.at) if fresh else []

    def _watch(self, change: Change) -> None:
        if isinstance(change.object, Pod):
            self._changed[change.object.meta.uid] = change.object


def _happened(pod: Pod) -> Iterator[tuple[int, str]]:
    """What has happened to the process so far."""
    for container in pod.status.container_statuses[:1]:
        if container.state.started_at is not None:
            yield container.state.started_at, f"starting {container.image}"
    if pod.ready_since is not None:
        port = next((one.ports[0] for one in pod.spec.containers if one.ports), _DEFAULT_PORT)
        yield pod.ready_since, f"listening on :{port}, ready for requests"
    if pod.meta.deleted_at is not None:
        yield pod.meta.deleted_at, "received SIGTERM, finishing open requests"
