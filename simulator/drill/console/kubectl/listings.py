"""What ``kubectl get`` lists although nobody wrote it: endpoints, their slices, namespaces; and ``version``.

Source: kubernetes pkg/printers/internalversion/printers.go (columns, and three addresses at most).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.columns import age
from simulator.drill.console.kubectl.family import KUBECTL, namespace_of, no_resources, selector
from simulator.drill.console.objects.manifests import as_json, as_yaml
from simulator.drill.console.objects.node_views import KUBERNETES_VERSION
from simulator.drill.console.objects.resources import targets_of
from simulator.drill.console.objects.views import Tree
from simulator.drill.console.registry import Command
from simulator.drill.console.tables import table
from simulator.world import SERVICES, KubernetesError, Pod, Service

if TYPE_CHECKING:
    from simulator.drill.run import Run

_TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("endpoints", "endpoint", "ep"), "endpoints"),
    **dict.fromkeys(("endpointslices", "endpointslice", "endpointslices.discovery.k8s.io"), "endpointslices"),
    **dict.fromkeys(("namespaces", "namespace", "ns"), "namespaces"),
}
_HEADERS: Final[Mapping[str, Sequence[str]]] = {
    "endpoints": ("NAME", "ENDPOINTS", "AGE"),
    "endpointslices": ("NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"),
    "namespaces": ("NAME", "STATUS", "AGE"),
}
#: How ``-o name`` and a missing object call each.
_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "endpoints": ("endpoints", "endpoints"),
    "endpointslices": ("endpointslice.discovery.k8s.io", "endpointslices.discovery.k8s.io"),
    "namespaces": ("namespace", "namespaces"),
}
_SHOWN_ADDRESSES: Final = 3
#: Flags of ``get`` that these lists have.
_TAKEN: Final = frozenset({"namespace", "all-namespaces", "selector", "no-headers", "output"})


def listing_words(words: Sequence[str], arguments: Arguments, line: str) -> tuple[str, ...]:
    """The canonical words of a line about such a type; empty for every other line.

    Raises:
        RefusedError: It asks for more than a list, or for another type beside it.
    """
    first, slash, _ = words[0].partition("/")
    type_ = _TYPES.get(first.lower())
    if type_ is None:
        return _several(words, arguments, line) if "," in first and not slash else ()
    more = [each for each in arguments.typed if each not in _TAKEN]
    if more:
        raise _refused(line, f"--{more[0]} for {type_}", f"Type kubectl get {type_}.")
    if arguments.text("output") not in ("", "wide", "name", "yaml", "json"):
        raise _refused(
            line, f"-o {arguments.text('output')} for {type_}", f"Type kubectl get {type_} -o yaml."
        )
    selector(arguments.text("selector"), line)
    if not slash:
        return (type_, *words[1:])
    if any(each.partition("/")[0].lower() != first.lower() for each in words):
        raise _refused(line, f"{type_} beside other types", f"Ask for {type_} alone.")
    return (type_, *(each.partition("/")[2] for each in words))


def _several(words: Sequence[str], arguments: Arguments, line: str) -> tuple[str, ...]:
    """The canonical words of several types in one, where one of them is such a type; else empty."""
    types = [each for each in words[0].split(",") if each]
    if not any(each.lower() in _TYPES for each in types):
        return ()
    if words[1:]:
        raise _refused(line, f"names behind {words[0]}", "Ask for the names of one type at a time.")
    spelled_ = [
        _TYPES.get(each.lower()) or targets_of((each,), line)[0].kind.plural for each in dict.fromkeys(types)
    ]
    for each in spelled_:
        if each in _HEADERS:
            listing_words((each,), arguments, line)
    return (",".join(spelled_),)


def _refused(line: str, what: str, todo: str) -> RefusedError:
    return RefusedError(
        f"error: {what} is not part of this simulated cluster",
        where=line,
        expected="one of endpoints, endpointslices and namespaces, as a table or -o name",
        got=what,
        todo=todo,
    )


def is_listing(targets: Sequence[str]) -> bool:
    """Whether the canonical words of a ``get`` are about such a type."""
    return targets[0] in _HEADERS


def is_mixed(targets: Sequence[str]) -> bool:
    """Whether they are about several types, such a one among them."""
    types = targets[0].split(",")
    return len(types) > 1 and any(each in _HEADERS for each in types)


def listing(run: Run, command: Command, *, prefixed: bool = False) -> str:
    """The table, or the objects.

    Args:
        run: Of the cluster.
        command: About one such type.
        prefixed: Whether a name tells its type, as kubectl has it beside other types.

    Raises:
        KubernetesError: A name that is not there.
    """
    type_, *names = command.targets
    arguments = command.arguments
    namespace = namespace_of(run, arguments)
    rows = _rows(run, command)
    if arguments.text("output") in ("yaml", "json") and rows:
        trees = listed_manifests(run, command)
        return (as_yaml if arguments.text("output") == "yaml" else as_json)(trees, alone=len(names) == 1)
    if not rows:
        return no_resources(run, arguments)
    if arguments.text("output") == "name":
        return "\n".join(f"{_NAMED[type_][0]}/{row[0]}" for _, row in rows)
    header = list(_HEADERS[type_])
    cells = [list(row) for _, row in rows]
    if prefixed:
        cells = [[f"{_NAMED[type_][0]}/{first}", *rest] for first, *rest in cells]
    if namespace == "*" and type_ != "namespaces":
        header.insert(0, "NAMESPACE")
        cells = [[place, *row] for (place, _), row in zip(rows, cells, strict=True)]
    text = table(header, cells)
    return text.partition("\n")[2] if arguments.truth("no-headers") else text


def listed_manifests(run: Run, command: Command) -> list[dict[str, Tree]]:
    """The objects of such a line as the API server would give them."""
    return [_manifest(run, command.targets[0], place, row[0]) for place, row in _rows(run, command)]


def _rows(run: Run, command: Command) -> list[tuple[str, Sequence[str]]]:
    """(namespace, cells) of everything that the line means."""
    type_, *names = command.targets
    arguments = command.arguments
    namespace = namespace_of(run, arguments)
    matches = selector(arguments.text("selector"), command.line)
    rows: list[tuple[str, Sequence[str]]]
    if type_ == "namespaces":
        rows = [("", row) for row in _namespaces(run)] if matches({}) else []
    else:
        found = [each for each in run.cluster.select(SERVICES, namespace) if isinstance(each, Service)]
        rows = [(each.meta.namespace, _row(run, type_, each)) for each in found if matches(each.meta.labels)]
    for name in names:
        if all(name != row[0] for _, row in rows):
            raise KubernetesError(
                f'Error from server (NotFound): {_NAMED[type_][1]} "{name}" not found',
                where=command.line,
                expected=f"one of {', '.join(row[0] for _, row in rows)}",
                got=repr(name),
                todo=f"kubectl get {type_} lists them.",
            )
    return [(place, row) for place, row in rows if not names or row[0] in names]


def _manifest(run: Run, type_: str, place: str, name: str) -> dict[str, Tree]:
    """One object of such a type, made from the Service and pods that it speaks of."""
    if type_ == "namespaces":
        meta: dict[str, Tree] = {"name": name, "labels": {"kubernetes.io/metadata.name": name}}
        status: dict[str, Tree] = {"phase": "Active"}
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta,
                "spec": {"finalizers": ["kubernetes"]}, "status": status}  # fmt: skip
    service = next(
        each
        for each in run.cluster.select(SERVICES, place)
        if isinstance(each, Service) and name in (each.meta.name, f"{each.meta.name}-{each.meta.uid[:5]}")
    )
    meta = {"name": name, "namespace": place,
            "creationTimestamp": run.cluster.timestamp(service.meta.created_at)}  # fmt: skip
    ready = {pod.meta.name for pod in run.cluster.endpoints(service)}
    pods = sorted(
        (pod for pod in run.cluster.service_pods(service) if pod.status.pod_ip),
        key=lambda pod: pod.status.pod_ip,
    )
    ports: list[Tree] = [{"port": port.target_port, "protocol": "TCP"} for port in service.spec.ports]
    if type_ == "endpointslices":
        meta["labels"] = {"kubernetes.io/service-name": service.meta.name}
        listed: list[Tree] = [
            {"addresses": [pod.status.pod_ip], "conditions": {"ready": pod.meta.name in ready}, **_where(pod)}
            for pod in pods
        ]
        return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": meta,
                "addressType": "IPv4", "endpoints": listed, "ports": ports}  # fmt: skip
    subset: dict[str, Tree] = {
        "addresses": [{"ip": pod.status.pod_ip, **_where(pod)} for pod in pods if pod.meta.name in ready],
        "notReadyAddresses": [
            {"ip": pod.status.pod_ip, **_where(pod)} for pod in pods if pod.meta.name not in ready
        ],
    }
    subset = {key: value for key, value in subset.items() if value}
    made: dict[str, Tree] = {"apiVersion": "v1", "kind": "Endpoints", "metadata": meta}
    return {**made, "subsets": [{**subset, "ports": ports}]} if subset else made


def _where(pod: Pod) -> dict[str, Tree]:
    """The node and the pod behind an address."""
    about: dict[str, Tree] = {"kind": "Pod", "name": pod.meta.name, "namespace": pod.meta.namespace}
    return {"nodeName": pod.node_name, "targetRef": about}


def _namespaces(run: Run) -> list[tuple[str, str, str]]:
    """Those that something lives in, as old as the oldest of it."""
    born: dict[str, int] = {run.namespace: run.now}
    for item in [*run.cluster.select(SERVICES, "*"), *run.cluster.pods]:
        place = item.meta.namespace
        born[place] = min(born.get(place, run.now), item.meta.created_at)
    return [(name, "Active", age(born[name], run.now)) for name in sorted(born)]


def _row(run: Run, type_: str, service: Service) -> tuple[str, ...]:
    old = age(service.meta.created_at, run.now)
    ports = [str(port.target_port) for port in service.spec.ports]
    if type_ == "endpoints":
        ready = _addresses(run.cluster.endpoints(service))
        where = [f"{address}:{port}" for port in ports for address in ready] if ports else ready
        return service.meta.name, _few(where, ""), old
    addresses = _addresses(run.cluster.service_pods(service))
    name = f"{service.meta.name}-{service.meta.uid[:5]}"
    return name, "IPv4", ",".join(ports) or "<unset>", _few(addresses, "<unset>"), old


def _addresses(pods: Sequence[Pod]) -> list[str]:
    return sorted(pod.status.pod_ip for pod in pods if pod.status.pod_ip)


def _few(texts: Sequence[str], none: str) -> str:
    """The first three, and how many more."""
    shown = ",".join(texts[:_SHOWN_ADDRESSES]) or none or "<none>"
    more = len(texts) - _SHOWN_ADDRESSES
    return f"{shown} + {more} more..." if more > 0 else shown


@KUBECTL.verb(
    "version",
    usage="[--client]",
    about="The versions of kubectl and of the API server.",
    kind="look",
    cost="get",
    flags=(Flag("client", "Only kubectl's own.", takes="bool"),),
)
def version(_run: Run, command: Command) -> str:
    """What kubectl prints of both."""
    lines = [f"Client Version: {KUBERNETES_VERSION}", "Kustomize Version: v5.5.0"]
    if not command.arguments.truth("client"):
        lines.append(f"Server Version: {KUBERNETES_VERSION}")
    return "\n".join(lines)


#: The one context; what the drill is called is no business of a cluster.
_CONTEXT: Final = "production"


@KUBECTL.verb(
    "config current-context",
    about="The context that lines are typed in.",
    kind="look",
    cost="get",
)
def current_context(_run: Run, _command: Command) -> str:
    """Its name, since there is one."""
    return _CONTEXT


@KUBECTL.verb(
    "config view",
    usage="[--minify]",
    about="The configuration of kubectl: one cluster, one context, its default namespace.",
    kind="look",
    cost="get",
    flags=(Flag("minify", "Only the current context; there is no other.", takes="bool"),),
)
def config_view(run: Run, _command: Command) -> str:
    """The file as kubectl prints it, secrets left out."""
    return f"""\
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: DATA+OMITTED
    server: https://{_CONTEXT}.example:6443
  name: {_CONTEXT}
contexts:
- context:
    cluster: {_CONTEXT}
    namespace: {run.namespace}
    user: on-call
  name: {_CONTEXT}
current-context: {_CONTEXT}
kind: Config
preferences: {{}}
users:
- name: on-call
  user:
    client-certificate-data: DATA+OMITTED
    client-key-data: DATA+OMITTED"""
