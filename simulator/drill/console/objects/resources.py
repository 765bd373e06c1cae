"""What the positional words of a kubectl line name: types and objects, with a slash or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from simulator.drill.console.grammar import RefusedError
from simulator.world.kinds import (
    AUTOSCALERS,
    CRON_JOBS,
    DEPLOYMENTS,
    JOBS,
    KINDS,
    PODS,
    REPLICA_SETS,
    SERVICES,
    Kind,
    kind_named,
)

#: What ``kubectl get all`` prints, in its order.
ALL: Final = (PODS, SERVICES, DEPLOYMENTS, REPLICA_SETS, AUTOSCALERS, CRON_JOBS, JOBS)


#: Types that this cluster lists and nothing more (``console.kubectl.listings``).
_LISTED: Final = frozenset((
    "endpoints", "endpoint", "ep", "endpointslices", "endpointslice", "namespaces", "namespace", "ns",
))  # fmt: skip
#: Types of a real cluster that this one has not.
_ABSENT: Final = frozenset((
    "serviceaccounts", "serviceaccount", "sa", "daemonsets", "daemonset", "ds", "statefulsets",
    "statefulset", "sts", "ingresses", "ingress", "ing", "persistentvolumes", "persistentvolume", "pv",
    "persistentvolumeclaims", "persistentvolumeclaim", "pvc", "storageclasses", "storageclass", "sc",
    "networkpolicies", "networkpolicy", "netpol", "resourcequotas", "resourcequota", "quota",
    "limitranges", "limitrange", "limits", "replicationcontrollers", "replicationcontroller", "rc",
    "roles", "role", "rolebindings", "rolebinding", "clusterroles", "clusterrole",
    "clusterrolebindings", "clusterrolebinding", "leases", "lease", "priorityclasses", "priorityclass",
    "pc", "customresourcedefinitions", "customresourcedefinition", "crd", "crds", "ingressclasses",
    "ingressclass", "controllerrevisions", "controllerrevision", "componentstatuses", "cs",
    "podtemplates", "podtemplate", "csr", "experiments",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One object, or with an empty name all objects of a type."""

    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind.singular}/{self.name}" if self.name else self.kind.plural


def targets_of(words: Sequence[str], line: str) -> tuple[Target, ...]:
    """What positional words name: ``TYPE``, ``TYPE NAME …``, ``TYPE/NAME …``, ``T1,T2``, ``all``.

    Raises:
        RefusedError: Both forms mixed.
        KubernetesError: An unknown type.
    """
    if not words:
        return ()
    if any("/" in word for word in words):
        return tuple(_slashed(word, line) for word in words)
    first, names = words[0], words[1:]
    if first == "all":
        kinds: tuple[Kind, ...] = ALL
    else:
        kinds = tuple(_kind(word, line) for word in first.split(",") if word)
    if not kinds:
        raise _bad_form(f'error: the server doesn\'t have a resource type "{first}"', line)
    if not names:
        return tuple(Target(kind) for kind in kinds)
    return tuple(Target(kind, name) for kind in kinds for name in names)


def _slashed(word: str, line: str) -> Target:
    kind, slash, name = word.partition("/")
    if not slash:
        raise _bad_form(
            "error: there is no need to specify a resource type as a separate argument when passing "
            "arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of "
            "'kubectl get resource resource/<resource_name>'",
            line,
        )
    if not kind or not name or "/" in name:
        raise _bad_form(
            "error: arguments in resource/name form may not have more than one slash"
            if "/" in name
            else "error: arguments in resource/name form must have a single resource and name",
            line,
        )
    return Target(_kind(kind, line), name)


def _kind(word: str, line: str) -> Kind:
    """The kind of a word; a real one that this cluster does not have is not called unknown."""
    listed = word.lower() in _LISTED
    if word.lower() not in _ABSENT and not listed:
        return kind_named(word)
    said = f'error: the resource type "{word}" is not part of this simulated cluster'
    if listed:
        said = f"error: here {word} can be listed and nothing more: kubectl get {word}"
    raise RefusedError(
        said,
        where=line,
        expected=f"one of {', '.join(kind.plural for kind in KINDS)}",
        got=repr(word),
        todo="Type help kubectl for what can be done here.",
    )


def _bad_form(said: str, line: str) -> RefusedError:
    return RefusedError(
        said,
        where=line,
        expected="TYPE NAME or TYPE/NAME",
        got=repr(line),
        todo="For example deployment/checkout, or pods.",
    )


def named_targets(words: Sequence[str], line: str) -> tuple[Target, ...]:
    """As ``targets_of``, for verbs that change things and therefore want names.

    Raises:
        RefusedError: Also where no name is given.
    """
    targets = targets_of(words, line)
    if any(not target.name for target in targets):
        raise _bad_form("error: resource(s) were provided, but no name was specified", line)
    return targets


def spelled(targets: Sequence[Target]) -> tuple[str, ...]:
    """Targets as canonical words: types without names joined by commas, as ``kubectl get`` takes them."""
    if targets and not any(target.name for target in targets):
        if tuple(target.kind for target in targets) == ALL:
            return ("all",)
        return (",".join(target.kind.plural for target in targets),)
    return tuple(str(target) for target in targets)
