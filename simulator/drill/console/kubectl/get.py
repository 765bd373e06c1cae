"""``kubectl get``: tables by kind, and the same objects as names, YAML or JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.columns import header_of, row_of
from simulator.drill.console.kubectl.family import (
    ALL_NAMESPACES,
    KUBECTL,
    NAMESPACE,
    SELECTOR,
    matching,
    namespace_of,
    no_resources,
    objects_after,
    selector,
)
from simulator.drill.console.objects.jsonpath import JsonPathError, columns_of, found_at, render, shown
from simulator.drill.console.objects.manifests import as_json, as_yaml, manifest
from simulator.drill.console.objects.resources import Target, spelled, targets_of
from simulator.drill.console.objects.views import Row, Tree
from simulator.drill.console.registry import Command
from simulator.drill.console.tables import table
from simulator.units import SECOND
from simulator.world import EVENTS, AnyObject, Event, KubernetesError

if TYPE_CHECKING:
    from simulator.drill.run import Run

_FORMATS: Final = ("wide", "name", "yaml", "json")
_KUBECTL_FORMATS: Final = (
    "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,"
    "jsonpath-file,name,template,templatefile,wide,yaml"
)
_SORTS: Final[dict[str, Callable[[AnyObject], int | str]]] = {
    ".metadata.name": lambda item: item.meta.name,
    ".metadata.creationTimestamp": lambda item: item.meta.created_at,
    ".lastTimestamp": lambda item: item.last_at if isinstance(item, Event) else item.meta.created_at,
}
#: How long ``-w`` looks when nothing calls the learner away.
_WATCH: Final = 30 * SECOND

_OUTPUT: Final = Flag(
    "output",
    "wide, name, yaml, json, jsonpath='{.items[*].metadata.name}' or custom-columns=NAME:.metadata.name.",
    short="o",
    choices=_FORMATS,
)
#: Formats with a template behind them.
_TEMPLATES: Final = ("jsonpath=", "custom-columns=")
_WATCH_FLAG: Final = Flag(
    "watch", "Go on printing changes; ends at a page or after 30 s.", short="w", takes="bool"
)
_SORT: Final = Flag("sort-by", "Order by a field.", choices=tuple(_SORTS))
_NO_HEADERS: Final = Flag("no-headers", "Leave out the line of headers.", takes="bool")
_SHOW_LABELS: Final = Flag("show-labels", "All labels as the last column.", takes="bool")


def _check_template(output: str, line: str) -> None:
    """A template is read before anything is looked at."""
    kind, _, text = output.partition("=")
    try:
        if kind == "jsonpath":
            render(text, {})
        elif kind == "custom-columns" and text:
            for _, path in columns_of(text):
                found_at({}, path)
    except JsonPathError as error:
        raise RefusedError(
            str(error),
            where=line,
            expected="a template such as {.items[*].metadata.name}",
            got=repr(text)[:80],
            todo="Put it between single quotes.",
        ) from None


def _get_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.words:
        raise RefusedError(
            'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list '
            "of supported resources.\n\nerror: Required resource not specified.\n"
            'Use "kubectl explain <resource>" for a detailed description of that resource '
            "(e.g. kubectl explain pods).\nSee 'kubectl get -h' for help and examples",
            where=line,
            expected="a type of resource",
            got="none",
            todo="Try kubectl get pods.",
        )
    output, sort = arguments.text("output"), arguments.text("sort-by").strip("{}'")
    _check_template(output, line)
    if output and output not in _FORMATS and not output.startswith(_TEMPLATES):
        raise RefusedError(
            f'error: unable to match a printer suitable for the output format "{output}", '
            f"allowed formats are: {_KUBECTL_FORMATS}",
            where=line,
            expected=f"one of {', '.join(_FORMATS)}",
            got=repr(output),
            todo="This console prints wide, name, yaml, json, jsonpath=… and custom-columns=….",
        )
    if sort and sort not in _SORTS:
        raise RefusedError(
            f'error: couldn\'t find any field with path "{{{sort}}}" in the list of objects',
            where=line,
            expected=f"one of {', '.join(_SORTS)}",
            got=repr(sort),
            todo="For example --sort-by=.lastTimestamp",
        )
    selector(arguments.text("selector"), line)
    targets = targets_of(arguments.words, line)
    if any(target.name for target in targets) and (
        arguments.given("selector") or arguments.given("all-namespaces")
    ):
        raise RefusedError(
            "error: name cannot be provided when a selector is specified"
            if arguments.given("selector")
            else "error: a resource cannot be retrieved by name across all namespaces",
            where=line,
            expected="a name, or a selection, not both",
            got=line,
            todo="Leave one of them out.",
        )
    return spelled(targets)


@KUBECTL.verb(
    "get",
    usage="TYPE[,TYPE] [NAME] | TYPE/NAME … [-l SELECTOR] [-o wide|name|yaml|json]",
    about="List objects.",
    kind="look",
    cost="get",
    flags=(NAMESPACE, _OUTPUT, SELECTOR, ALL_NAMESPACES, _WATCH_FLAG, _SORT, _NO_HEADERS, _SHOW_LABELS),
    normalise=_get_words,
    candidates=objects_after,
)
def get(run: Run, command: Command) -> str:
    """Print a table for each type, or the objects themselves."""
    arguments = command.arguments
    targets = targets_of(command.targets, command.line)
    if not arguments.truth("watch"):
        return _print(run, command, targets)
    shown = _rows(run, command, targets)
    text = _print(run, command, targets)

    def changed() -> bool:
        nonlocal shown, text
        rows = _rows(run, command, targets)
        for name, row in rows.items():
            if shown.get(name) != row:
                text += "\n" + row
        shown = rows
        return False

    run.block(run.now + _WATCH, changed)
    return text


def _rows(run: Run, command: Command, targets: Sequence[Target]) -> dict[str, str]:
    """Each object's line without its age, by kind and name: what a watch prints when it changes."""
    found = {}
    for target in targets:
        for item in _objects(run, command, target):
            row = row_of(target.kind, item, run.now)
            found[f"{target.kind.plural}/{item.meta.name}"] = "   ".join(row.plain[:-1])
    return found


def _objects(run: Run, command: Command, target: Target) -> list[AnyObject]:
    arguments = command.arguments
    if target.name:
        return [run.cluster.get(target.kind, target.name, namespace_of(run, arguments))]
    found = matching(run, target.kind, arguments, command.line)
    if target.kind is EVENTS:
        kept = {event.meta.name for event in run.cluster.recent_events(run.now, namespace_of(run, arguments))}
        found = [item for item in found if item.meta.name in kept]
        found.sort(key=_SORTS[".lastTimestamp"])
    sort = arguments.text("sort-by").strip("{}'")
    if sort:
        found.sort(key=_SORTS[sort])
    return found


def _print(run: Run, command: Command, targets: Sequence[Target]) -> str:
    arguments = command.arguments
    output = arguments.text("output")
    groups: list[tuple[Target, list[AnyObject]]] = []
    missing: list[KubernetesError] = []
    for target in targets:
        try:
            objects = _objects(run, command, target)
        except KubernetesError as error:
            missing.append(error)
            continue
        if objects and target.name and groups and groups[-1][0].kind is target.kind:
            groups[-1][1].extend(objects)
        elif objects:
            groups.append((target, objects))
    if missing and not groups:
        raise missing[0]
    if output in ("yaml", "json"):
        one_named = len(targets) == 1 and bool(targets[0].name)
        manifests = [manifest(item, run.cluster) for _, objects in groups for item in objects]
        return (as_yaml if output == "yaml" else as_json)(manifests, alone=one_named)
    if output.startswith(_TEMPLATES):
        one_named = len(targets) == 1 and bool(targets[0].name)
        trees = [manifest(item, run.cluster) for _, objects in groups for item in objects]
        return _by_template(output, trees, one_named, arguments.truth("no-headers"))
    if not groups:
        return no_resources(run, arguments)
    if output == "name":
        return "\n".join(
            f"{t.kind.qualified_singular}/{item.meta.name}" for t, objects in groups for item in objects
        )
    prefixed = len(groups) > 1
    text = "\n\n".join(_table(run, arguments, target, objects, prefixed) for target, objects in groups)
    return "\n".join([text, *(error.message for error in missing)])


def _by_template(output: str, trees: list[dict[str, Tree]], alone: bool, bare: bool) -> str:
    """``jsonpath=`` over the object or the list; ``custom-columns=`` over each object."""
    kind, _, text = output.partition("=")
    if kind == "jsonpath":
        return render(text, trees[0] if alone and trees else {"kind": "List", "items": trees})
    chosen = columns_of(text)
    rows = [[" ".join(map(shown, found_at(tree, path))) or "<none>" for _, path in chosen] for tree in trees]
    printed = table([header for header, _ in chosen], rows)
    return printed.partition("\n")[2] if bare else printed


def _table(
    run: Run, arguments: Arguments, target: Target, objects: Sequence[AnyObject], prefixed: bool
) -> str:
    wide = arguments.text("output") == "wide"
    everywhere = arguments.truth("all-namespaces") and target.kind.namespaced
    labels = arguments.truth("show-labels")
    header = list(header_of(target.kind, wide))
    rows = []
    for item in objects:
        row: Row = row_of(target.kind, item, run.now)
        cells = list(row.wide if wide else row.plain)
        if prefixed and target.kind is not EVENTS:
            cells[0] = f"{target.kind.qualified_singular}/{cells[0]}"
        if everywhere:
            cells.insert(0, item.meta.namespace)
        if labels:
            cells.append(",".join(f"{k}={v}" for k, v in sorted(item.meta.labels.items())) or "<none>")
        rows.append(cells)
    if everywhere:
        header.insert(0, "NAMESPACE")
    if labels:
        header.append("LABELS")
    text = table(header, rows)
    return text.partition("\n")[2] if arguments.truth("no-headers") else text


def _events_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise RefusedError(
            f"error: unexpected arguments: [{' '.join(arguments.words)}]\n"
            "See 'kubectl events -h' for help and examples",
            where=line,
            expected="--for=TYPE/NAME, or nothing",
            got=repr(arguments.words[0]),
            todo="For example kubectl events --for=pod/NAME.",
        )
    if arguments.text("for"):
        targets_of((arguments.text("for"),), line)
    return ()


@KUBECTL.verb(
    "events",
    usage="[--for=TYPE/NAME] [--types=Warning]",
    about="Events in order of time, of one object or of all.",
    kind="look",
    cost="get",
    flags=(
        NAMESPACE,
        Flag("for", "Only those about this object."),
        Flag("types", "Normal, Warning or both.", choices=("Normal", "Warning")),
    ),
    normalise=_events_words,
    candidates=lambda run, before: [f"--for={each}" for each in objects_after(run, before) if "/" in each],
)
def events(run: Run, command: Command) -> str:
    """Kubectl's own listing of events, oldest first."""
    arguments, about = command.arguments, command.arguments.text("for")
    found = run.cluster.recent_events(run.now, namespace_of(run, arguments))
    if about:
        (target,) = targets_of((about,), command.line)
        item = run.cluster.get(target.kind, target.name, namespace_of(run, arguments))
        found = run.cluster.events_of(item, run.now)
    types = [each for each in arguments.text("types").split(",") if each]
    kept = [event for event in found if not types or event.type in types]
    if not kept:
        return f"No events found in {namespace_of(run, arguments)} namespace."
    return table(
        ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"),
        [row_of(EVENTS, event, run.now).plain for event in kept],
    )
