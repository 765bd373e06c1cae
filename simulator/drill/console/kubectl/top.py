"""``kubectl top pods`` and ``top nodes``: what the metrics server knows, as kubectl prints it.

Source: kubectl pkg/cmd/top and pkg/metricsutil/metrics_printer.go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import (
    ALL_NAMESPACES,
    KUBECTL,
    NAMESPACE,
    SELECTOR,
    matching,
    names,
    namespace_of,
    selector,
)
from simulator.drill.console.registry import Command
from simulator.drill.console.tables import table
from simulator.units import MINUTE, SECOND, format_duration
from simulator.world import NODES, PODS, KubernetesError, Node, Pod
from simulator.world.autoscaling import Usage

if TYPE_CHECKING:
    from simulator.drill.run import Run

_MEBIBYTE: Final = 1024**2
#: A pod without metrics is no surprise while it is younger (kubectl's ``metricsCreationDelay``).
_CREATION_DELAY: Final = 2 * MINUTE
_SORT: Final = Flag("sort-by", "Largest first: cpu or memory.", choices=("cpu", "memory"))
_NO_HEADERS: Final = Flag("no-headers", "Leave out the line of headers.", takes="bool")
_SUM: Final = Flag("sum", "A last line with the sum.", takes="bool")
_CONTAINERS: Final = Flag("containers", "One line for each container.", takes="bool")
_Ordered = Callable[[tuple[str, Usage]], int]


def _one_or_all(line: str, arguments: Arguments) -> tuple[str, ...]:
    selector(arguments.text("selector"), line)
    sort = arguments.text("sort-by")
    if sort not in ("", "cpu", "memory"):
        raise RefusedError(
            "error: --sort-by accepts only cpu or memory",
            where=line,
            expected="cpu or memory",
            got=repr(sort),
            todo="Write --sort-by=cpu.",
        )
    if len(arguments.words) > 1:
        raise RefusedError(
            "error: only one NAME is allowed",
            where=line,
            expected="one name, or none for all",
            got=" ".join(arguments.words),
            todo="Leave the others out.",
        )
    return arguments.words


def _largest_first(arguments: Arguments) -> _Ordered | None:
    match arguments.text("sort-by"):
        case "cpu":
            return lambda entry: -entry[1].cpu_nanocores
        case "memory":
            return lambda entry: -entry[1].memory_bytes
        case _:
            return None


def _cells(usage: Usage) -> tuple[str, str]:
    return f"{usage.cpu_milli}m", f"{usage.memory_bytes // _MEBIBYTE}Mi"


def _printed(header: Sequence[str], rows: Sequence[Sequence[str]], arguments: Arguments) -> str:
    text = table(header, rows)
    return text.partition("\n")[2] if arguments.truth("no-headers") else text


def _not_found(resource: str, name: str) -> KubernetesError:
    return KubernetesError(
        f'Error from server (NotFound): {resource}.metrics.k8s.io "{name}" not found',
        where=f"top {name}",
        expected="something whose metrics the metrics server has",
        got=repr(name),
        todo="A new pod has metrics after half a minute; a pod that does not run has none.",
    )


# --- pods -----------------------------------------------------------------------------------------


def _pod_names(run: Run, _before: Sequence[str]) -> list[str]:
    return names(run, PODS)


def _top_pods(run: Run, command: Command) -> str:
    arguments = command.arguments
    namespace = namespace_of(run, arguments)
    if command.targets:
        found = [run.cluster.pod(command.targets[0], namespace)]
        if run.production.metrics_server.pod(found[0]) is None:
            raise _not_found("podmetrics", f"{found[0].meta.namespace}/{found[0].meta.name}")
    else:
        found = [item for item in matching(run, PODS, arguments, command.line) if isinstance(item, Pod)]
    known = [(pod, usage) for pod in found if (usage := run.production.metrics_server.pod(pod)) is not None]
    if not known:
        return _explained(run, found, namespace)
    order = _largest_first(arguments)
    if order is not None:
        known.sort(key=lambda entry: order((entry[0].meta.name, entry[1])))
    everywhere, by_container = namespace == "*", arguments.truth("containers")
    rows = []
    for pod, usage in known:
        first = [pod.meta.namespace] if everywhere else []
        if not by_container:
            rows.append([*first, pod.meta.name, *_cells(usage)])
            continue
        for place, container in enumerate(pod.spec.containers):
            cells = _cells(usage) if place == 0 else ("0m", "0Mi")
            rows.append([*first, pod.meta.name, container.name, *cells])
    header = ["NAMESPACE"] if everywhere else []
    header += ["POD", "NAME"] if by_container else ["NAME"]
    if arguments.truth("sum"):
        cpu = sum(usage.cpu_milli for _, usage in known)
        memory = sum(usage.memory_bytes for _, usage in known) // _MEBIBYTE
        blank = [""] * (len(header) - 1)
        rows += [[*blank, "", "________", "________"], [*blank, "", f"{cpu}m", f"{memory}Mi"]]
    return _printed([*header, "CPU(cores)", "MEMORY(bytes)"], rows, arguments)


def _explained(run: Run, pods: Sequence[Pod], namespace: str) -> str:
    """What kubectl says where no pod has metrics."""
    for pod in pods:
        age = run.now - pod.meta.created_at
        if age > _CREATION_DELAY:
            lasts = format_duration(age // SECOND * SECOND)
            said = f"error: Metrics not available for pod {pod.meta.namespace}/{pod.meta.name}, age: {lasts}"
            raise _unavailable(said)
    if pods:
        raise _unavailable("error: metrics not available yet")
    return "No resources found" if namespace == "*" else f"No resources found in {namespace} namespace."


def _unavailable(said: str) -> RefusedError:
    return RefusedError(
        said,
        where="kubectl top",
        expected="metrics of at least one pod or node",
        got="none",
        todo="The metrics server needs two samples, 15 s apart; look again in half a minute.",
    )


_POD_FLAGS: Final = (NAMESPACE, ALL_NAMESPACES, SELECTOR, _SORT, _CONTAINERS, _SUM, _NO_HEADERS)
_NODE_FLAGS: Final = (SELECTOR, _SORT, _NO_HEADERS)


# --- nodes ----------------------------------------------------------------------------------------


def _node_names(run: Run, _before: Sequence[str]) -> list[str]:
    return names(run, NODES)


def _top_nodes(run: Run, command: Command) -> str:
    server, arguments = run.production.metrics_server, command.arguments
    if command.targets:
        nodes = [run.cluster.get(NODES, command.targets[0])]
    else:
        matches = selector(arguments.text("selector"), command.line)
        nodes = [item for item in run.cluster.select(NODES) if matches(item.meta.labels)]
    known: list[tuple[Node, Usage]] = []
    missing: list[str] = []
    for node in nodes:
        assert isinstance(node, Node)
        usage = server.node(node)
        if usage is not None:
            known.append((node, usage))
        else:
            missing.append(node.meta.name)
    if not known:
        if command.targets:
            raise _not_found("nodemetrics", command.targets[0])
        raise _unavailable("error: metrics not available yet")
    order = _largest_first(arguments)
    if order is not None:
        known.sort(key=lambda entry: order((entry[0].meta.name, entry[1])))
    rows = [_node_row(node, usage) for node, usage in known]
    rows += [[name, *["<unknown>"] * 4] for name in missing]
    header = ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]
    return _printed(header, rows, arguments)


def _node_row(node: Node, usage: Usage) -> list[str]:
    cpu, memory = _cells(usage)
    share = 100 * usage.cpu_milli // max(1, node.spec.cpu_millicores)
    full = 100 * usage.memory_bytes // max(1, node.spec.memory_bytes)
    return [node.meta.name, cpu, f"{share}%", memory, f"{full}%"]


for _name in ("pods", "pod", "po"):
    KUBECTL.verb(
        f"top {_name}",
        usage="[NAME] [-l SELECTOR] [--sort-by=cpu|memory] [--containers] [--sum] [-A]",
        about="CPU and memory that pods take.",
        kind="look",
        cost="get",
        flags=_POD_FLAGS,
        normalise=_one_or_all,
        candidates=_pod_names,
    )(_top_pods)
for _name in ("nodes", "node", "no"):
    KUBECTL.verb(
        f"top {_name}",
        usage="[NAME] [-l SELECTOR] [--sort-by=cpu|memory]",
        about="CPU and memory that nodes give, and their share.",
        kind="look",
        cost="get",
        flags=_NODE_FLAGS,
        normalise=_one_or_all,
        candidates=_node_names,
    )(_top_nodes)
