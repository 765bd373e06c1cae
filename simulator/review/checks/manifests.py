"""Kubernetes manifests: who a pod runs as, what it may use, when it gets users, which image it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from simulator.review.analysers.kubernetes import objects
from simulator.review.documents import at, items, keys, scalar
from simulator.review.files import File
from simulator.review.findings import Found
from simulator.review.lines import Lines
from simulator.review.patches import Edit
from simulator.scenario.tree import Node

#: Kinds that carry pods, and where their pod's spec is.
_PODS: Final[dict[str, tuple[str, ...]]] = {
    "Pod": ("spec",),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "Rollout"),
        ("spec", "template", "spec"),
    ),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_SERVES: Final = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout")
_DIGEST: Final = re.compile(r".*@sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pods:
    """An object that carries pods.

    Attributes:
        name: Kind and name.
        spec: The pod's spec.
    """

    name: str
    kind: str
    root: Node
    spec: Node


def pods_of(file: File) -> Iterator[Pods]:
    """Every object of a file that carries pods."""
    for root in objects(file.nodes):
        kind = str(scalar(root, "kind"))
        spec = at(root, *_PODS[kind]) if kind in _PODS else None
        if spec is not None and keys(spec):
            yield Pods(f"{kind.lower()}/{scalar(root, 'metadata', 'name')}", kind, root, spec)


def check_manifest(file: File) -> Iterator[Found]:
    """Everything that this room asks of one file of manifests."""
    lines = Lines(file.text)
    for pods in pods_of(file):
        containers = items(pods.spec, "containers")
        for container in containers:
            yield from _user(file, lines, pods, container)
            yield from _image(file, container)
            if pods.kind in _SERVES:
                yield from _resources(file, lines, container)
                yield from _probe(file, lines, container)
        for container in items(pods.spec, "initContainers"):
            yield from _user(file, lines, pods, container)
            yield from _image(file, container)
        yield from _replicas(file, lines, pods)


def _name(container: Node) -> str:
    return str(scalar(container, "name"))


def _user(file: File, lines: Lines, pods: Pods, container: Node) -> Iterator[Found]:
    own = at(container, "securityContext")
    name = _name(container)
    if scalar(own, "privileged") is True:
        line = at(own, "privileged")
        assert line is not None, "it was just read"
        removable = own is not None and lines.opens(own.line) and len(keys(own)) > 1
        gone = (Edit(line.line, 1),) if removable else ()
        yield Found("privileged", file.name, line.line, f"{name} is privileged", gone)
    nonroot = scalar(own, "runAsNonRoot")
    nonroot = scalar(pods.spec, "securityContext", "runAsNonRoot") if nonroot is None else nonroot
    user = scalar(own, "runAsUser")
    user = scalar(pods.spec, "securityContext", "runAsUser") if user is None else user
    if user == 0 or (nonroot is not True and not (isinstance(user, int) and user > 0)):
        words = f"{name} of {pods.name} may run as root"
        edits = _secured(lines, container, "runAsNonRoot: true") if user != 0 and nonroot is None else ()
        yield Found("pod-may-run-as-root", file.name, container.line, words, edits)
    if scalar(own, "allowPrivilegeEscalation") is not False and scalar(own, "privileged") is not True:
        words = f"{name} of {pods.name} may gain rights that it was not started with"
        edits = _secured(lines, container, "allowPrivilegeEscalation: false")
        kept = edits if scalar(own, "allowPrivilegeEscalation") is None else ()
        yield Found("may-escalate", file.name, container.line, words, kept)


def _secured(lines: Lines, container: Node, entry: str) -> tuple[Edit, ...]:
    """A line in the container's securityContext, which is made where there is none."""
    own = at(container, "securityContext")
    if own is not None:
        return lines.into(own.line, [entry])
    return lines.into(container.line, ["securityContext:", f"  {entry}"], after="image")


def _image(file: File, container: Node) -> Iterator[Found]:
    node = at(container, "image")
    image = str(node.value) if node is not None else ""
    if node is not None and not _DIGEST.fullmatch(image) and not image.startswith("$"):
        yield Found("deployed-by-tag", file.name, node.line, f"{_name(container)} is {image or 'no image'}")


def _resources(file: File, lines: Lines, container: Node) -> Iterator[Found]:
    name, resources = _name(container), at(container, "resources")
    if scalar(resources, "requests", "cpu") is None or scalar(resources, "requests", "memory") is None:
        edits: tuple[Edit, ...] = ()
        if resources is None:
            new = ["resources:", "  requests: {cpu: 100m, memory: 128Mi} # a guess: measure, then set"]
            edits = lines.into(container.line, new, after="image")
        elif at(resources, "requests") is None:
            edits = lines.into(
                resources.line, ["requests: {cpu: 100m, memory: 128Mi} # a guess: measure, then set"]
            )
        words = f"{name} does not say what it needs: requests of cpu and memory"
        yield Found("no-requests", file.name, container.line, words, edits)
    if scalar(resources, "limits", "memory") is None:
        edits = ()
        if resources is None:
            new = ["resources:", "  limits: {memory: 256Mi} # a guess: measure, then set"]
            edits = lines.into(container.line, new, after="image")
        elif at(resources, "limits") is None:
            edits = lines.into(resources.line, ["limits: {memory: 256Mi} # a guess: measure, then set"])
        words = f"nothing stops {name} from taking the node's memory"
        yield Found("no-memory-limit", file.name, container.line, words, edits)


def _probe(file: File, lines: Lines, container: Node) -> Iterator[Found]:
    if at(container, "readinessProbe") is not None:
        return
    ports = [scalar(port, "containerPort") for port in items(container, "ports")]
    edits: tuple[Edit, ...] = ()
    if ports and isinstance(ports[0], int):
        new = [
            "readinessProbe: # better: httpGet of a route that users need",
            f"  tcpSocket: {{port: {ports[0]}}}",
        ]
        edits = lines.into(container.line, new, after="image")
    words = f"{_name(container)} gets users as soon as its process exists"
    yield Found("no-readiness", file.name, container.line, words, edits)


def _replicas(file: File, lines: Lines, pods: Pods) -> Iterator[Found]:
    if pods.kind not in ("Deployment", "Rollout"):
        return
    node = at(pods.root, "spec", "replicas")
    if node is not None and node.value == 1:
        text = lines.line(node.line)
        changed = re.sub(r"(replicas:\s*)1\b", r"\g<1>2", text)
        edits = lines.replaced(node.line, changed) if changed != text else ()
        yield Found("single-replica", file.name, node.line, f"{pods.name} is one pod", edits)
