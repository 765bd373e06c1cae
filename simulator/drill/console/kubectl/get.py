"""``kubectl get``: tables by kind, and the same objects as names, YAML or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.choosing import by_fields, by_path, fields_of, sort_path
from simulator.drill.console.kubectl.columns import header_of, pairs, row_of
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
from simulator.drill.console.kubectl.listings import (
    is_listing,
    is_mixed,
    listed_manifests,
    listing,
    listing_words,
)
from simulator.drill.console.objects.jsonpath import JsonPathError, columns_of, found_at, render, shown
from simulator.drill.console.objects.manifests import as_json, as_yaml, manifest
from simulator.drill.console.objects.resources import Target, spelled, targets_of
from simulator.drill.console.objects.views import Row, Tree
from simulator.drill.console.registry import Command
from simulator.drill.console.tables import row_below, table
from simulator.units import SECOND
from simulator.world import EVENTS, AnyObject, Event, Kind, KubernetesError

if TYPE_CHECKING:
    from simulator.drill.run import Run

_FORMATS: Final = ("wide", "name", "yaml", "json")
_KUBECTL_FORMATS: Final = (
    "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,"
    "jsonpath-file,name,template,templatefile,wide,yaml"
)
_SORTS: Final = (
    ".metadata.name",
    ".metadata.creationTimestamp",
    ".status.startTime",
    ".status.containerStatuses[0].restartCount",
    ".spec.nodeName",
    ".lastTimestamp",
)
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
_SORT: Final = Flag("sort-by", "Order by a field, by its path.", choices=_SORTS)
_FIELDS: Final = Flag("field-selector", "Only objects whose fields match, for example status.phase=Running.")
_LABEL_COLUMNS: Final = Flag("label-columns", "Labels as columns of their own, joined by commas.", short="L")
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
    listed = listing_words(arguments.words, arguments, line)
    if listed:
        return listed
    output = arguments.text("output")
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
    sort_path(arguments.text("sort-by"), line)
    selector(arguments.text("selector"), line)
    targets = targets_of(arguments.words, line)
    fields_of(arguments.text("field-selector"), [target.kind for target in targets], line)
    selected = arguments.given("selector") or arguments.given("field-selector")
    if any(target.name for target in targets) and (selected or arguments.given("all-namespaces")):
        raise RefusedError(
            "error: name cannot be provided when a selector is specified"
            if selected
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
    flags=(
        NAMESPACE,
        _OUTPUT,
        SELECTOR,
        _FIELDS,
        ALL_NAMESPACES,
        _WATCH_FLAG,
        _SORT,
        _NO_HEADERS,
        _SHOW_LABELS,
        _LABEL_COLUMNS,
    ),
    normalise=_get_words,
    candidates=objects_after,
)
def get(run: Run, command: Command) -> str:
    """Print a table for each type, or the objects themselves."""
    arguments = command.arguments
    if is_listing(command.targets):
        return listing(run, command)
    if is_mixed(command.targets):
        return _several(run, command)
    targets = targets_of(command.targets, command.line)
    if not arguments.truth("watch"):
        return _print(run, command, targets)
    text = _print(run, command, targets)
    prefixed = len({target.kind for target in targets}) > 1
    known: dict[str, int] = {}
    widths: dict[Kind, list[int]] = {}

    def news() -> list[str]:
        """Whole rows of the objects that were changed since the last look."""
        rows = []
        for target, item in _found(run, command, targets):
            name = f"{target.kind.plural}/{item.meta.namespace}/{item.meta.name}"
            if known.get(name) != item.meta.resource_version:
                known[name] = item.meta.resource_version
                header, (cells,) = _cells(run, arguments, target, [item], prefixed)
                lined = widths.setdefault(target.kind, [0] * len(header))
                if not any(lined) and not arguments.truth("no-headers"):
                    row_below(header, lined)
                rows.append(row_below(cells, lined))
        return rows

    news()

    def changed() -> bool:
        nonlocal text
        text = "\n".join([text, *news()])
        return False

    run.block(run.now + _WATCH, changed)
    return text


def _several(run: Run, command: Command) -> str:
    """Types of which one is a list that nobody wrote, beside others: table below table, or one List."""
    arguments, output = command.arguments, command.arguments.text("output")
    trees: list[Mapping[str, Tree]] = []
    parts: list[str] = []
    for type_ in command.targets[0].split(","):
        alone = replace(command, targets=(type_,))
        if output in ("yaml", "json"):
            trees += listed_manifests(run, alone) if is_listing((type_,)) else _manifests(run, alone)
        elif is_listing((type_,)):
            parts.append(listing(run, alone, prefixed=True))
        else:
            (target,) = targets_of((type_,), command.line)
            objects = _objects(run, command, target)
            if output == "name":
                names = [f"{target.kind.qualified_singular}/{item.meta.name}" for item in objects]
                parts += ["\n".join(names)] * bool(names)
            elif objects:
                parts.append(_table(run, arguments, target, objects, prefixed=True))
    if trees:
        return (as_yaml if output == "yaml" else as_json)(trees, alone=False)
    empty = no_resources(run, arguments)
    kept = [part for part in parts if part != empty]
    return ("\n" if output == "name" else "\n\n").join(kept) or empty


def _manifests(run: Run, command: Command) -> list[Mapping[str, Tree]]:
    (target,) = targets_of(command.targets, command.line)
    return [manifest(item, run.cluster) for item in _objects(run, command, target)]


def _found(run: Run, command: Command, targets: Sequence[Target]) -> Iterator[tuple[Target, AnyObject]]:
    """Every object of the line that is there."""
    for target in targets:
        try:
            for item in _objects(run, command, target):
                yield target, item
        except KubernetesError:
            continue  # deleted while it was watched


def _objects(run: Run, command: Command, target: Target) -> list[AnyObject]:
    arguments = command.arguments
    if target.name:
        return [run.cluster.get(target.kind, target.name, namespace_of(run, arguments))]
    found = matching(run, target.kind, arguments, command.line)
    found = by_fields(run, found, fields_of(arguments.text("field-selector"), [target.kind], command.line))
    if target.kind is EVENTS:
        kept = {event.meta.name for event in run.cluster.recent_events(run.now, namespace_of(run, arguments))}
        found = [item for item in found if item.meta.name in kept]
        found.sort(key=lambda item: item.last_at if isinstance(item, Event) else item.meta.created_at)
    path = sort_path(arguments.text("sort-by"), command.line)
    return by_path(run, found, path, command.line) if path else found


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
        raise RefusedError(
            "\n".join(error.message for error in missing),
            where=missing[0].where,
            expected=missing[0].expected,
            got=missing[0].got,
            todo=missing[0].todo,
        )
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
    prefixed = len({target.kind for target in targets}) > 1
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
    text = table(*_cells(run, arguments, target, objects, prefixed))
    return text.partition("\n")[2] if arguments.truth("no-headers") else text


def _cells(
    run: Run, arguments: Arguments, target: Target, objects: Sequence[AnyObject], prefixed: bool
) -> tuple[list[str], list[list[str]]]:
    """The headers and the rows of a table."""
    wide = arguments.text("output") == "wide"
    everywhere = arguments.truth("all-namespaces") and target.kind.namespaced
    labels = [label for label in arguments.text("label-columns").split(",") if label]
    header = list(header_of(target.kind, wide))
    rows = []
    for item in objects:
        row: Row = row_of(target.kind, item, run.now)
        cells = list(row.wide if wide else row.plain)
        if prefixed and target.kind is not EVENTS:
            cells[0] = f"{target.kind.qualified_singular}/{cells[0]}"
        if everywhere:
            cells.insert(0, item.meta.namespace)
        cells += [item.meta.labels.get(label, "") for label in labels]
        if arguments.truth("show-labels"):
            cells.append(pairs(item.meta.labels))
        rows.append(cells)
    if everywhere:
        header.insert(0, "NAMESPACE")
    header += [label.rpartition("/")[2].upper() for label in labels]
    if arguments.truth("show-labels"):
        header.append("LABELS")
    return header, rows


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
