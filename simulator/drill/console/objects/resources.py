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
    PODS,
    REPLICA_SETS,
    SERVICES,
    Kind,
    kind_named,
)

#: What ``kubectl get all`` prints, in its order.
ALL: Final = (PODS, SERVICES, DEPLOYMENTS, REPLICA_SETS, AUTOSCALERS, CRON_JOBS, JOBS)


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
        kinds = tuple(kind_named(word) for word in first.split(",") if word)
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
    return Target(kind_named(kind), name)


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
