"""Which objects ``kubectl get`` lists beyond their labels, and in which order: fields, and ``--sort-by``.

Sources: kubernetes pkg/apis/core/v1/conversion.go and its neighbours (the fields that selectors may name);
kubectl pkg/cmd/get/sorter.go (missing values first, digits inside texts as numbers).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from simulator.drill.console.grammar import RefusedError
from simulator.drill.console.objects.jsonpath import JsonPathError, found_at, shown
from simulator.drill.console.objects.manifests import manifest
from simulator.world import EVENTS, NODES, PODS, AnyObject, Kind
from simulator.world.kinds import JOBS, REPLICA_SETS, SECRETS, SERVICES

if TYPE_CHECKING:
    from simulator.drill.run import Run

_EVERY_KIND: Final = ("metadata.name", "metadata.namespace")
#: Fields that the API server lets a selector name, beside those of every kind.
_FIELDS: Final[Mapping[Kind, Sequence[str]]] = {
    PODS: ("spec.nodeName", "spec.restartPolicy", "status.phase", "status.podIP"),
    NODES: ("spec.unschedulable",),
    EVENTS: (
        "involvedObject.kind",
        "involvedObject.name",
        "involvedObject.namespace",
        "reason",
        "source",
        "type",
    ),
    SERVICES: ("spec.clusterIP", "spec.type"),
    SECRETS: ("type",),
    REPLICA_SETS: ("status.replicas",),
    JOBS: ("status.successful",),
}
#: What an object has where its manifest leaves the field out.
_DEFAULTS: Final[Mapping[str, str]] = {
    "spec.unschedulable": "false",
    "spec.restartPolicy": "Always",
    "status.replicas": "0",
    "status.successful": "0",
}
#: Where a selector's field stands in the manifest, if not under its own name.
_PLACES: Final[Mapping[str, str]] = {"source": "source.component", "status.successful": "status.succeeded"}


# --- field selectors ------------------------------------------------------------------------------


def fields_of(text: str, kinds: Iterable[Kind], line: str) -> list[tuple[str, bool, str]]:
    """A field selector as (field, whether it shall be equal, value); joined by commas.

    Raises:
        RefusedError: It is none, or the API server knows no such field of a kind.
    """
    found = []
    for part in filter(None, text.split(",")):
        split = re.fullmatch(r"([^=!]+)(!=|==?)([^=!]*)", part)
        if split is None:
            raise RefusedError(
                f'Error from server (BadRequest): invalid selector: "{part}"; can\'t understand "{part}"',
                where=line,
                expected="FIELD=VALUE or FIELD!=VALUE, joined by commas",
                got=repr(part),
                todo="For example --field-selector status.phase=Running",
            )
        for kind in kinds:
            known = (*_EVERY_KIND, *_FIELDS.get(kind, ()))
            if split[1] not in known:
                raise RefusedError(
                    f'Error from server (BadRequest): Unable to find "{kind.qualified}" that match label '
                    f'selector "", field selector "{text}": field label not supported: {split[1]}',
                    where=line,
                    expected=f"one of {', '.join(known)}",
                    got=repr(split[1]),
                    todo="Other fields can be printed by -o jsonpath or -o custom-columns.",
                )
        found.append((split[1], split[2] != "!=", split[3]))
    return found


def by_fields(
    run: Run, objects: Sequence[AnyObject], fields: Sequence[tuple[str, bool, str]]
) -> list[AnyObject]:
    """The objects that a field selector leaves."""
    if not fields:
        return list(objects)
    return [
        item
        for item in objects
        if all(_field(run, item, name) == value if equal else _field(run, item, name) != value
               for name, equal, value in fields)
    ]  # fmt: skip


def _field(run: Run, item: AnyObject, name: str) -> str:
    values = found_at(manifest(item, run.cluster), "." + _PLACES.get(name, name))
    return shown(values[0]) if values else _DEFAULTS.get(name, "")


# --- order ----------------------------------------------------------------------------------------


def sort_path(text: str, line: str) -> str:
    """The path of ``--sort-by``, without braces and quotation marks; empty for none.

    Raises:
        RefusedError: It can't be read.
    """
    path = text.strip("'").removeprefix("{").removesuffix("}")
    try:
        found_at({}, path)
    except JsonPathError as error:
        raise RefusedError(
            str(error),
            where=line,
            expected="the path of a field",
            got=repr(text)[:80],
            todo="For example --sort-by=.lastTimestamp",
        ) from None
    return path


def by_path(run: Run, objects: Sequence[AnyObject], path: str, line: str) -> list[AnyObject]:
    """Objects in the order of a field, those without it first; equal ones stay as they were.

    Raises:
        RefusedError: None of them has the field.
    """
    values = [found_at(manifest(item, run.cluster), path) for item in objects]
    if objects and not any(values):
        raise RefusedError(
            f'error: couldn\'t find any field with path "{{{path}}}" in the list of objects',
            where=line,
            expected="a field that some object has",
            got=repr(path),
            todo="Look at one of them with -o yaml.",
        )
    order = sorted(range(len(objects)), key=lambda place: _rank(values[place]))
    return [objects[place] for place in order]


def _rank(found: Sequence[Any]) -> tuple[int, tuple[tuple[int, float, str], ...]]:
    """Comparable whatever it is: nothing, then numbers, then texts as people order them."""
    if not found or found[0] is None:
        return 0, ()
    if isinstance(found[0], int | float):
        return 1, ((0, float(found[0]), ""),)
    pieces = re.split(r"([0-9]+)", shown(found[0]))
    return 2, tuple((0, float(each), "") if each.isdecimal() else (1, 0.0, each) for each in pieces if each)
