"""How the console shows each kind: registered beside the kind, so that no one file knows all of them.

A kind needs three: a row of ``kubectl get``, the lines of ``kubectl describe``, and its manifest. Each is a
function of the object's own class; the decorators here file it under the kind of that class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from simulator.world import RESOURCES, AnyObject, Cluster, Kind

T = TypeVar("T", bound=AnyObject)

#: A tree of plain values, as YAML and JSON know them.
Tree = str | int | float | bool | None | Sequence["Tree"] | Mapping[str, "Tree"]


@dataclass(frozen=True, slots=True)
class Row:
    """One object's cells: as plain ``get`` prints them, and as ``-o wide`` does."""

    plain: tuple[str, ...]
    wide: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """A kind's table.

    Attributes:
        plain: Its headers.
        wide: Its headers under ``-o wide``, in full.
        row: (object, now) to its cells.
    """

    plain: tuple[str, ...]
    wide: tuple[str, ...]
    row: Callable[[Any, int], Row]


RowOf = Callable[[T, int], Row]
LinesOf = Callable[[T, Cluster, int], list[str]]
PartsOf = Callable[[T, Cluster], Mapping[str, Tree]]

COLUMNS: Final[dict[Kind, Columns]] = {}
DESCRIBERS: Final[dict[Kind, Callable[[Any, Cluster, int], list[str]]]] = {}
MANIFESTS: Final[dict[Kind, Callable[[Any, Cluster], Mapping[str, Tree]]]] = {}


def columns(
    type_: type[T], plain: tuple[str, ...], more: tuple[str, ...] = (), *, wide: tuple[str, ...] = ()
) -> Callable[[RowOf[T]], RowOf[T]]:
    """Register a row of ``kubectl get``.

    Args:
        type_: Of the objects.
        plain: Headers.
        more: What ``-o wide`` adds to them.
        wide: Headers of ``-o wide`` in full, for a kind that rearranges them.
    """

    def register(function: RowOf[T]) -> RowOf[T]:
        COLUMNS[RESOURCES[type_]] = Columns(plain, wide or plain + more, function)
        return function

    return register


def describes(type_: type[T]) -> Callable[[LinesOf[T]], LinesOf[T]]:
    """Register the lines of ``kubectl describe``, tabs between their cells; events are added to them."""

    def register(function: LinesOf[T]) -> LinesOf[T]:
        DESCRIBERS[RESOURCES[type_]] = function
        return function

    return register


def writes(type_: type[T]) -> Callable[[PartsOf[T]], PartsOf[T]]:
    """Register what a manifest has below ``apiVersion``, ``kind`` and ``metadata``: spec, status, data."""

    def register(function: PartsOf[T]) -> PartsOf[T]:
        MANIFESTS[RESOURCES[type_]] = function
        return function

    return register


ReaderOf = Callable[[T, "Tree", Cluster, int], bool]
#: Kinds whose spec or data can be written as a manifest: (object, its whole tree, cluster, now) to whether it
#: changed. Metadata is read for every kind in one place.
READERS: Final[dict[Kind, Callable[[Any, Tree, Cluster, int], bool]]] = {}


def reads(type_: type[T]) -> Callable[[ReaderOf[T]], ReaderOf[T]]:
    """Register how what a manifest says below its metadata comes into an object of this class."""

    def register(function: ReaderOf[T]) -> ReaderOf[T]:
        READERS[RESOURCES[type_]] = function
        return function

    return register
