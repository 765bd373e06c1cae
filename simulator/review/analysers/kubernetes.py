"""kubernetes-validate, for manifests: each object against the schema that comes with the package.

It has no machine-readable output, so it is called as a library. Objects of kinds that Kubernetes itself does
not have (a Rollout) have no schema there and are not judged.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from simulator.review.analysers.asking import NoAnswerError
from simulator.review.analysers.copies import Copy
from simulator.review.documents import at, data, items, scalar
from simulator.review.findings import Said
from simulator.scenario.tree import Node, spelled


def look(copies: Sequence[Copy], folder: Path) -> tuple[list[Said], list[str]]:  # noqa: ARG001
    """Judge every object of every manifest.

    Raises:
        NoAnswerError: The package is not there, or fails.
    """
    try:
        library = importlib.import_module("kubernetes_validate")
    except ImportError:
        raise NoAnswerError(
            "missing", "kubernetes-validate is not installed; pip install 'gameday[review]' brings it"
        ) from None
    said = []
    for copy in copies:
        for root in objects(copy.file.nodes):
            said += list(_judged(library, root, copy.file.name))
    return said, []


def objects(nodes: Sequence[Node]) -> Iterator[Node]:
    """The objects of a file, those inside a List too."""
    for node in nodes:
        if scalar(node, "kind") == "List" and scalar(node, "apiVersion") == "v1":
            yield from items(node, "items")
        else:
            yield node


def _judged(library: Any, root: Node, file: str) -> Iterator[Said]:
    if not isinstance(scalar(root, "apiVersion"), str) or not isinstance(scalar(root, "kind"), str):
        words = "an object needs apiVersion and kind, each a text"
        yield Said("kubernetes-validate", "schema", file, root.line, words, "high")
        return
    try:
        library.validate(data(root), library.latest_version(), strict=True)
    except library.ValidationError as error:
        path = tuple(error.path)
        found = at(root, *path) or root
        words = f"{spelled(path) or scalar(root, 'kind')}: {' '.join(str(error.message).split())[:200]}"
        yield Said("kubernetes-validate", "schema", file, found.line, words, "high")
    except library.SchemaNotFoundError:
        return
    except Exception as error:  # a library's slip must not end the review
        raise NoAnswerError(
            "failed", f"kubernetes-validate failed on {file}:{root.line}: {type(error).__name__}"
        ) from error
