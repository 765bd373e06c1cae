"""Nodes on the console: their row, their description, their manifest.

Sources: kubernetes pkg/printers/internalversion/printers.go (``printNode``), kubectl pkg/describe
(``describeNode``).
"""

from __future__ import annotations

from typing import Final

from simulator.drill.console.kubectl.columns import age
from simulator.drill.console.objects.descriptions import annotation_lines, pairs_lines, rfc1123
from simulator.drill.console.objects.manifests import conditions_tree, kept
from simulator.drill.console.objects.views import Row, Tree, columns, describes, writes
from simulator.units import format_age, format_cpu, format_memory
from simulator.world import Cluster, Node, Pod, find_condition

KUBERNETES_VERSION: Final = "v1.32.3"
_OS_IMAGE: Final = "Debian GNU/Linux 12 (bookworm)"
_KERNEL: Final = "6.1.0-31-amd64"
_RUNTIME: Final = "containerd://1.7.26"


@columns(
    Node,
    ("NAME", "STATUS", "ROLES", "AGE", "VERSION"),
    ("INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"),
)
def _row(item: Node, now: int) -> Row:
    plain = (item.meta.name, status_of(item), "<none>", age(item.meta.created_at, now), KUBERNETES_VERSION)
    more = (item.status.internal_ip or "<none>", "<none>", _OS_IMAGE, _KERNEL, _RUNTIME)
    return Row(plain, (*plain, *more))


def status_of(item: Node) -> str:
    """The STATUS column: ``Ready``, ``NotReady``, and whether it is cordoned."""
    ready = find_condition(item.status.conditions, "Ready")
    status = "Ready" if ready is not None and ready.status == "True" else "NotReady"
    return f"{status},SchedulingDisabled" if item.spec.unschedulable else status


@describes(Node)
def _describe(item: Node, cluster: Cluster, now: int) -> list[str]:
    spec = item.spec
    taints = [str(taint) for taint in spec.taints] or ["<none>"]
    lines = [
        f"Name:\t{item.meta.name}",
        "Roles:\t<none>",
        *pairs_lines("Labels", item.meta.labels),
        *annotation_lines(item.meta.annotations),
        f"CreationTimestamp:\t{rfc1123(item.meta.created_at, cluster)}",
        f"Taints:\t{taints[0]}",
        *(f"\t{taint}" for taint in taints[1:]),
        f"Unschedulable:\t{str(spec.unschedulable).lower()}",
        "Conditions:",
        "  Type\tStatus\tLastTransitionTime\tReason\tMessage",
        "  ----\t------\t------------------\t------\t-------",
    ]
    lines += [
        f"  {one.type}\t{one.status}\t{rfc1123(one.last_transition_at, cluster)}\t{one.reason}\t{one.message}"
        for one in item.status.conditions
    ]
    capacity = [
        f"  cpu:\t{format_cpu(spec.cpu_millicores)}",
        f"  memory:\t{format_memory(spec.memory_bytes)}",
        f"  pods:\t{spec.pods}",
    ]
    return [
        *lines,
        "Addresses:",
        f"  InternalIP:\t{item.status.internal_ip}",
        f"  Hostname:\t{item.meta.name}",
        "Capacity:",
        *capacity,
        "Allocatable:",
        *capacity,
        "System Info:",
        f"  Kernel Version:\t{_KERNEL}",
        f"  OS Image:\t{_OS_IMAGE}",
        f"  Container Runtime Version:\t{_RUNTIME}",
        f"  Kubelet Version:\t{KUBERNETES_VERSION}",
        *_pods(item, cluster, now),
    ]


def _pods(item: Node, cluster: Cluster, now: int) -> list[str]:
    """Who stands there, and what they ask for together."""
    pods = [pod for pod in cluster.pods if pod.node_name == item.meta.name]
    pods.sort(key=lambda pod: (pod.meta.namespace, pod.meta.name))
    rows = [_pod_row(pod, item, now) for pod in pods]
    total = [sum(column) for column in zip(*(_amounts(pod) for pod in pods), strict=True)] or [0] * 4
    cpu = [_share(amount, item.spec.cpu_millicores, format_cpu(amount)) for amount in total[:2]]
    memory = [_share(amount, item.spec.memory_bytes, format_memory(amount)) for amount in total[2:]]
    return [
        f"Non-terminated Pods:\t({len(pods)} in total)",
        "  Namespace\tName\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge",
        "  ---------\t----\t------------\t----------\t---------------\t-------------\t---",
        *rows,
        "Allocated resources:",
        "  (Total limits may be over 100 percent, i.e., overcommitted.)",
        "  Resource\tRequests\tLimits",
        "  --------\t--------\t------",
        f"  cpu\t{cpu[0]}\t{cpu[1]}",
        f"  memory\t{memory[0]}\t{memory[1]}",
    ]


def _amounts(pod: Pod) -> tuple[int, int, int, int]:
    containers = pod.spec.containers
    return (
        pod.spec.cpu_request_millicores,
        sum(container.cpu_limit_millicores or 0 for container in containers),
        pod.spec.memory_request_bytes,
        sum(container.memory_limit_bytes or 0 for container in containers),
    )


def _pod_row(pod: Pod, node: Node, now: int) -> str:
    requested, limit, memory, memory_limit = _amounts(pod)
    cells = [
        pod.meta.namespace,
        pod.meta.name,
        _share(requested, node.spec.cpu_millicores, format_cpu(requested)),
        _share(limit, node.spec.cpu_millicores, format_cpu(limit)),
        _share(memory, node.spec.memory_bytes, format_memory(memory)),
        _share(memory_limit, node.spec.memory_bytes, format_memory(memory_limit)),
        format_age(now - pod.meta.created_at),
    ]
    return "  " + "\t".join(cells)


def _share(amount: int, whole: int, text: str) -> str:
    return f"{text} ({100 * amount // max(1, whole)}%)"


@writes(Node)
def _manifest(item: Node, cluster: Cluster) -> dict[str, Tree]:
    capacity: dict[str, Tree] = {
        "cpu": format_cpu(item.spec.cpu_millicores),
        "memory": format_memory(item.spec.memory_bytes),
        "pods": str(item.spec.pods),
    }
    taints: list[Tree] = [
        kept({"effect": taint.effect, "key": taint.key, "value": taint.value}) for taint in item.spec.taints
    ]
    addresses: list[Tree] = [
        {"address": item.status.internal_ip, "type": "InternalIP"},
        {"address": item.meta.name, "type": "Hostname"},
    ]
    return {
        "spec": kept({"taints": taints, "unschedulable": item.spec.unschedulable or None}),
        "status": {
            "addresses": addresses,
            "allocatable": capacity,
            "capacity": dict(capacity),
            "conditions": conditions_tree(item.status.conditions, cluster),
        },
    }
