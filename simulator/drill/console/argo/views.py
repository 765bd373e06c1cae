"""Argo's kinds in ``kubectl get`` and ``kubectl describe``: as kubectl shows custom resources.

``get`` prints the columns that the CRDs declare; ``describe`` knows nothing of the kind and prints every
field (kubectl pkg/describe, ``genericDescriber``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from simulator.drill.console.argo import manifests
from simulator.drill.console.kubectl.columns import age
from simulator.drill.console.objects.descriptions import annotation_lines, pairs_lines
from simulator.drill.console.objects.manifests import manifest
from simulator.drill.console.objects.views import Row, Tree, columns, describes
from simulator.world import AnyObject, Cluster
from simulator.world.analysis import AnalysisRun, AnalysisTemplate, ClusterAnalysisTemplate
from simulator.world.rollouts import Rollout

#: Importing this registers the manifests as well.
WRITERS: Final = manifests

_ACRONYMS: Final = ("API", "URL", "UID", "OSB", "GUID")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|-")
#: What the describer has already printed on its own.
_SAID: Final = ("name", "namespace", "labels", "annotations")


@columns(Rollout, ("NAME", "DESIRED", "CURRENT", "UP-TO-DATE", "AVAILABLE", "AGE"))
def _rollout(item: Rollout, now: int) -> Row:
    status = item.status
    cells = (
        item.meta.name,
        str(item.spec.replicas),
        str(status.replicas),
        str(status.updated_replicas),
        str(status.available_replicas),
        age(item.meta.created_at, now),
    )
    return Row(cells, cells)


@columns(AnalysisRun, ("NAME", "STATUS", "AGE"))
def _analysis_run(item: AnalysisRun, now: int) -> Row:
    cells = (item.meta.name, item.status.phase, age(item.meta.created_at, now))
    return Row(cells, cells)


@columns(AnalysisTemplate, ("NAME", "AGE"))
def _template(item: AnalysisTemplate, now: int) -> Row:
    cells = (item.meta.name, age(item.meta.created_at, now))
    return Row(cells, cells)


@columns(ClusterAnalysisTemplate, ("NAME", "AGE"))
def _cluster_template(item: ClusterAnalysisTemplate, now: int) -> Row:
    cells = (item.meta.name, age(item.meta.created_at, now))
    return Row(cells, cells)


@describes(Rollout)
def _describe_rollout(item: Rollout, cluster: Cluster, _now: int) -> list[str]:
    return described(item, cluster)


@describes(AnalysisRun)
def _describe_run(item: AnalysisRun, cluster: Cluster, _now: int) -> list[str]:
    return described(item, cluster)


@describes(AnalysisTemplate)
def _describe_template(item: AnalysisTemplate, cluster: Cluster, _now: int) -> list[str]:
    return described(item, cluster)


@describes(ClusterAnalysisTemplate)
def _describe_cluster_template(item: ClusterAnalysisTemplate, cluster: Cluster, _now: int) -> list[str]:
    return described(item, cluster)


def described(item: AnyObject, cluster: Cluster) -> list[str]:
    """Any object by its fields alone, in alphabetical order, as kubectl describes what it does not know."""
    tree = manifest(item, cluster)
    metadata = tree["metadata"]
    assert isinstance(metadata, Mapping)
    tree["metadata"] = {name: value for name, value in metadata.items() if name not in _SAID}
    return [
        f"Name:\t{item.meta.name}",
        f"Namespace:\t{item.meta.namespace}",
        *pairs_lines("Labels", item.meta.labels),
        *annotation_lines(item.meta.annotations),
        *_fields(tree, ""),
    ]


def _fields(tree: Mapping[str, Tree], indent: str) -> Iterator[str]:
    inner = indent + "  "
    for name in sorted(tree):
        value = tree[name]
        if isinstance(value, Mapping):
            yield f"{indent}{_label(name)}:"
            yield from _fields(value, inner)
        elif isinstance(value, list):
            yield f"{indent}{_label(name)}:"
            for child in value:
                if isinstance(child, Mapping):
                    yield from _fields(child, inner)
                else:
                    yield f"{inner}{_text(child)}"
        else:
            yield f"{indent}{_label(name)}:\t{_text(value)}"


def _text(value: Tree) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _label(field: str) -> str:
    """A field's name in words (``smartLabelFor``): ``minReadySeconds`` is ``Min Ready Seconds``."""
    if not all(letter.isalpha() or letter == "-" for letter in field):
        return field
    words = (word.upper() if word.upper() in _ACRONYMS else word for word in _WORDS.findall(field))
    return " ".join(word[:1].upper() + word[1:] for word in words)
