"""One way from a manifest's tree into a live object, for patch, edit, apply, annotate and label alike."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from simulator.drill.console.grammar import RefusedError
from simulator.drill.console.objects import readers, reading_scaling  # noqa: F401 - they register what can be read
from simulator.drill.console.objects.fields import DecodingError, Fields
from simulator.drill.console.objects.manifests import manifest
from simulator.drill.console.objects.views import READERS, Tree
from simulator.world import AnyObject, Kind, Pod, kind_of

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: What of the metadata the server sets.
SERVERS: Final = (
    "creationTimestamp",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "uid",
)


def parsed(text: str, line: str, what: str) -> list[Any]:
    """The documents of a YAML or JSON text.

    Raises:
        RefusedError: It is neither.
    """
    reader = YAML(typ="safe", pure=True)
    try:
        return [document for document in reader.load_all(io.StringIO(text)) if document is not None]
    except (YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RefusedError(
            f"error: unable to parse {text[:200]!r}: yaml: {reason}",
            where=line[:200],
            expected=f"{what} in YAML or JSON",
            got=repr(text[:80]),
            todo="Put the text between single quotes.",
        ) from None


def tree_of(run: Run, item: AnyObject) -> dict[str, Tree]:
    """An object as a tree that can be patched: its manifest without its status."""
    tree = manifest(item, run.cluster)
    tree.pop("status", None)
    return tree


def write(run: Run, item: AnyObject, tree: Any, line: str) -> bool:
    """Let an object be as a tree says.

    Args:
        run: Where.
        item: The object.
        tree: Its whole manifest; a status in it is ignored, as the API server does.
        line: As typed, for errors.

    Returns:
        Whether anything of it changed.

    Raises:
        RefusedError: With the API server's words; nothing has changed then.
    """
    kind = kind_of(item)
    try:
        top = Fields(tree)
        meta = top.inside("metadata")
        labels, annotations = meta.texts("labels"), meta.texts("annotations")
        name, namespace = meta.text("name"), meta.text("namespace")
        meta.ignore(*SERVERS)
        meta.done()
        if (name, namespace) != (item.meta.name, item.meta.namespace):
            said = f"the name of the object ({name}) does not match the name on the URL ({item.meta.name})"
            raise DecodingError(said, "metadata.name")
        _keep_selected(item, labels)
        changed = _write_body(run, kind, item, tree)
    except DecodingError as error:
        raise refusal(kind, item.meta.name, error, line) from None
    if (labels, annotations) != (item.meta.labels, item.meta.annotations):
        item.meta.labels, item.meta.annotations = labels, annotations
        run.cluster.changed(item)
        changed = True
    return changed


def _write_body(run: Run, kind: Kind, item: AnyObject, tree: Any) -> bool:
    """What stands below the metadata."""
    reader = READERS.get(kind)
    if reader is not None:
        return reader(item, tree, run.cluster, run.now)
    now = {name: value for name, value in tree_of(run, item).items() if name != "metadata"}
    wanted = {name: value for name, value in tree.items() if name not in ("metadata", "status")}
    if wanted != now:
        said = f"Forbidden: of a {kind.kind} only labels and annotations can be written in this cluster"
        raise DecodingError(
            said, next(each for each in {**now, **wanted} if now.get(each) != wanted.get(each))
        )
    return False


def _keep_selected(item: AnyObject, labels: Mapping[str, str]) -> None:
    """Pods stay with their owner and their Service: what these select by can't be relabelled here."""
    if not isinstance(item, Pod):
        return
    for name, value in item.meta.labels.items():
        if labels.get(name) != value and item.meta.owner is not None:
            said = "Forbidden: what a ReplicaSet or a Service selects pods by is fixed in this cluster"
            raise DecodingError(said, f"metadata.labels.{name}")


def refusal(kind: Kind, name: str, error: DecodingError, line: str) -> RefusedError:
    """What kubectl prints of a field that the API server can't take."""
    if error.message.startswith(("strict", "json", "quantities", "illegal")):
        said = (
            f'Error from server (BadRequest): {kind.kind} in version "{kind.version}" cannot be handled as a '
            f"{kind.kind}: {error.message}"
        )
    elif error.path == "metadata.name":
        said = f"Error from server (BadRequest): {error.message}"
    else:
        said = f'The {kind.kind} "{name}" is invalid: {error.path}: {error.message}'
    return RefusedError(
        said,
        where=f"{kind.singular}/{name}: {error.path}",
        expected=f"a {kind.kind} that the API server takes",
        got=line[:200],
        todo=f"kubectl get {kind.singular} {name} -o yaml shows the fields that there are.",
    )
