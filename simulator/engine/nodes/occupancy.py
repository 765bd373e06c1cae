"""What stands on each node: what its pods ask for, and how many of them match what somebody counts.

Counts are kept as pods come and go, so that no decision scans all pods.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from simulator.world import Node, Pod, matches

#: What scoring assumes of a container that requests nothing (pkg/scheduler/util/pod_resources.go).
ASSUMED_MILLICORES: Final = 100
ASSUMED_BYTES: Final = 200 * 1024**2

Selector = tuple[str, frozenset[tuple[str, str]]]


def selector_key(namespace: str, labels: Mapping[str, str]) -> Selector:
    """By which a selector within a namespace is known."""
    return namespace, frozenset(labels.items())


@dataclass(slots=True)
class Load:
    """What a node's pods ask for together; ``assumed`` counts a little for those who ask for nothing."""

    cpu_millicores: int = 0
    memory_bytes: int = 0
    pods: int = 0
    assumed_millicores: int = 0
    assumed_bytes: int = 0

    def add(self, pod: Pod, sign: int = 1) -> None:
        """Count a pod in, or with ``sign`` -1 out."""
        spec = pod.spec
        self.cpu_millicores += sign * spec.cpu_request_millicores
        self.memory_bytes += sign * spec.memory_request_bytes
        self.pods += sign
        self.assumed_millicores += sign * assumed_millicores(pod)
        self.assumed_bytes += sign * assumed_bytes(pod)


def assumed_millicores(pod: Pod) -> int:
    """A pod's CPU as scoring sees it."""
    return sum(each.cpu_request_millicores or ASSUMED_MILLICORES for each in pod.spec.containers)


def assumed_bytes(pod: Pod) -> int:
    """A pod's memory as scoring sees it."""
    return sum(each.memory_request_bytes or ASSUMED_BYTES for each in pod.spec.containers)


@dataclass(slots=True)
class Occupancy:
    """Loads by node, and for every selector that was ever asked about, its living pods by node.

    Attributes:
        version: Moves with every change, so that an answer can be kept until the next.
        guarded: Pods that keep others away by a required anti-affinity, by uid.
    """

    version: int = 0
    guarded: dict[str, Pod] = field(default_factory=dict)
    _loads: dict[str, Load] = field(default_factory=dict)
    _counts: dict[Selector, dict[str, int]] = field(default_factory=dict)
    _standing: dict[str, Pod] = field(default_factory=dict)
    _living: dict[str, None] = field(default_factory=dict)

    def load(self, node: Node) -> Load:
        """What a node's pods ask for."""
        return self._loads.setdefault(node.meta.name, Load())

    def matching(self, namespace: str, labels: Mapping[str, str]) -> Mapping[str, int]:
        """Node name to how many living pods there match; nodes without any may be absent."""
        key = selector_key(namespace, labels)
        if key not in self._counts:
            counts: dict[str, int] = {}
            for uid in self._living:
                pod = self._standing[uid]
                if pod.meta.namespace == namespace and matches(labels, pod.meta.labels):
                    counts[pod.node_name] = counts.get(pod.node_name, 0) + 1
            self._counts[key] = counts
        return self._counts[key]

    def add(self, pod: Pod, node: Node) -> None:
        """A pod is bound to a node; its ``node_name`` is written already."""
        self.version += 1
        self.load(node).add(pod)
        self._standing[pod.meta.uid] = pod
        self._living[pod.meta.uid] = None
        self._count(pod, 1)
        if any(term.weight is None for term in pod.spec.placement.anti_affinity):
            self.guarded[pod.meta.uid] = pod

    def leave(self, pod: Pod) -> None:
        """A pod's end has been asked for: it keeps its room, and counts no more among its like."""
        if pod.meta.uid in self._living:
            self.version += 1
            del self._living[pod.meta.uid]
            self._count(pod, -1)

    def remove(self, pod: Pod) -> None:
        """A pod has gone, or runs no more."""
        if pod.meta.uid not in self._standing:
            return
        self.leave(pod)
        self.version += 1
        self._loads[pod.node_name].add(pod, -1)
        del self._standing[pod.meta.uid]
        self.guarded.pop(pod.meta.uid, None)

    def changed(self) -> None:
        """Something else moved that an answer may rest on, such as a node's labels."""
        self.version += 1

    def _count(self, pod: Pod, sign: int) -> None:
        for (namespace, labels), counts in self._counts.items():
            if namespace == pod.meta.namespace and labels <= pod.meta.labels.items():
                counts[pod.node_name] = counts.get(pod.node_name, 0) + sign
