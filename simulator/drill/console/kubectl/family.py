"""The ``kubectl`` family: its flags that every verb takes, its selectors, and how it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError, nearest
from simulator.drill.console.objects.resources import Target, named_targets, spelled, targets_of
from simulator.drill.console.registry import Family, family
from simulator.errors import GamedayError
from simulator.world import DEPLOYMENTS, KINDS, PODS, AnyObject, Kind, kind_named
from simulator.world.kinds import ROLLOUTS

if TYPE_CHECKING:
    from simulator.drill.run import Run

NAMESPACE: Final = Flag("namespace", "The namespace; the context's own by default.", short="n")
SELECTOR: Final = Flag("selector", "Only objects whose labels match, for example app=checkout.", short="l")
ALL_NAMESPACES: Final = Flag("all-namespaces", "Objects of every namespace.", short="A", takes="bool")
#: Verbs of the real kubectl that this console leaves out; it says so instead of calling them unknown.
_ELSEWHERE: Final = [
    "api-resources",
    "attach",
    "auth",
    "certificate",
    "cluster-info",
    "cp",
    "debug",
    "exec",
    "explain",
    "expose",
    "kustomize",
    "plugin",
    "port-forward",
    "proxy",
    "replace",
    "run",
    "taint",
]


def _unknown(owner: Family, words: list[str], line: str) -> RefusedError:
    """Kubectl's refusal of words that are no verb of this console."""
    tops = sorted({verb[0] for verb in owner.verbs})
    if not words:
        return RefusedError(
            "kubectl controls the Kubernetes cluster manager.\n\nUsage:\n  kubectl [flags] [options]\n\n"
            f"Here it knows: {', '.join(tops)}. Type help kubectl for more.",
            where=line,
            expected=f"kubectl followed by one of {', '.join(tops)}",
            got="nothing",
            todo="Try kubectl get pods.",
        )
    word = words[0]
    below = sorted(" ".join(verb[1:]) for verb in owner.verbs if len(verb) > 1 and verb[0] == word)
    if below:
        return _unknown_below(word, words[1:], below, line)
    if word in _ELSEWHERE:
        return RefusedError(
            f'error: "kubectl {word}" is not part of this simulated cluster',
            where=line,
            expected=f"one of kubectl {', '.join(tops)}",
            got=repr(word),
            todo="Type help kubectl for what can be done here.",
        )
    if word.startswith("-"):
        return RefusedError(
            f"error: unknown flag: {word}\nSee 'kubectl --help' for usage.",
            where=line,
            expected="kubectl VERB, then flags",
            got=repr(word),
            todo="Put the flag behind the verb.",
        )
    close = nearest(word, tops)
    said = f'error: unknown command "{word}" for "kubectl"'
    return RefusedError(
        f"{said}\n\nDid you mean this?\n\t{close}" if close else said,
        where=line,
        expected=f"kubectl followed by one of {', '.join(tops)}",
        got=repr(word),
        todo=f"Type kubectl {close}." if close else "Type help kubectl.",
    )


def _unknown_below(word: str, rest: Sequence[str], below: Sequence[str], line: str) -> RefusedError:
    got = rest[0] if rest else ""
    close = nearest(got, below) if got else ""
    said = f'error: unknown command "{got}"' if got else f"error: kubectl {word} needs a subcommand"
    said += f"\nSee 'kubectl {word} -h' for help and examples"
    if close:
        said += f"\n\nDid you mean this?\n\tkubectl {word} {close}"
    return RefusedError(
        said,
        where=line,
        expected=f"kubectl {word} followed by one of {', '.join(below)}",
        got=repr(got) if got else "nothing",
        todo=f"Type kubectl {word} {close}." if close else f"Type kubectl {word} {below[0]}.",
    )


KUBECTL: Final = family(
    "kubectl",
    about="Look at the cluster and change it.",
    aliases=("k",),
    persistent=(NAMESPACE,),
    unknown=_unknown,
)


# --- words that normalise -------------------------------------------------------------------------


def any_targets(line: str, arguments: Arguments) -> tuple[str, ...]:
    """Types with or without names."""
    return spelled(targets_of(arguments.words, line))


def deployments_only(done: str, *also: Kind) -> Callable[[str, Arguments], tuple[str, ...]]:
    """Named Deployments; ``done`` is the actor of kubectl's message for other kinds (``rollbacker``).

    Three verbs say instead what they can't do: ``restarting``, ``pausing`` and ``resuming`` (kubectl
    pkg/polymorphichelpers, objectrestarter.go and its neighbours). ``also`` are further kinds that the verb
    takes.
    """

    def normalise(line: str, arguments: Arguments) -> tuple[str, ...]:
        if not arguments.words:
            raise RefusedError(
                "error: required resource not specified",
                where=line,
                expected="a Deployment",
                got="none",
                todo="Write for example deployment/checkout.",
            )
        if "selector" in arguments.typed:
            selector(arguments.text("selector"), line)
            targets = targets_of(arguments.words, line)
        else:
            targets = named_targets(arguments.words, line)
        for target in targets:
            if target.kind is not DEPLOYMENTS and target.kind not in also:
                of = f"{target.kind.kind}.{target.kind.group}".rstrip(".")
                said = f'error: no {done} has been implemented for "{of}"'
                if done.endswith("ing"):
                    kinds = f"{target.kind.plural}.{target.kind.group}".rstrip(".")
                    said = f'error: {kinds} "{target.name}" {done} is not supported'
                raise RefusedError(
                    said,
                    where=line,
                    expected="a Deployment",
                    got=str(target),
                    todo=f"Its own plugin does that: kubectl argo rollouts … {target.name}."
                    if target.kind is ROLLOUTS
                    else "Write for example deployment/checkout.",
                )
        return spelled(targets)

    return normalise


def name_of(word: str) -> str:
    """The name in ``deployment/checkout``."""
    return word.partition("/")[2]


# --- namespaces and selectors ---------------------------------------------------------------------


def namespace_of(run: Run, arguments: Arguments) -> str:
    """The namespace that the line means; ``*`` for all."""
    if "all-namespaces" in arguments.flags and arguments.truth("all-namespaces"):
        return "*"
    return arguments.text("namespace") or run.namespace


Matcher = Callable[[Mapping[str, str]], bool]
_SET_BASED: Final = re.compile(r"\s*(\S+)\s+(in|notin)\s*\(([^()]*)\)\s*")
_NAME: Final = re.compile(r"([A-Za-z0-9.-]{1,253}/)?[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_VALUE: Final = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")


def selector(text: str, line: str) -> Matcher:
    """A label selector as kubectl takes it: ``a=b``, ``a!=b``, ``a``, ``!a``, ``a in (b,c)``; commas join.

    Raises:
        RefusedError: It is none.
    """
    parts = [part for part in re.split(r",(?![^(]*\))", text) if part.strip()]
    tests = [_requirement(part.strip(), line) for part in parts]
    return lambda labels: all(test(labels) for test in tests)


def _requirement(text: str, line: str) -> Matcher:
    found = _SET_BASED.fullmatch(text)
    if found:
        name, operator, inside = found.groups()
        values = frozenset(value.strip() for value in inside.split(","))
        _valid(name, values, text, line)
        if operator == "in":
            return lambda labels: labels.get(name) in values
        return lambda labels: labels.get(name) not in values
    for operator in ("!=", "==", "="):
        name, found_one, value = text.partition(operator)
        if found_one:
            name, value = name.strip(), value.strip()
            _valid(name, (value,), text, line)
            if operator == "!=":
                return lambda labels: labels.get(name) != value
            return lambda labels: labels.get(name) == value
    name = text.removeprefix("!").strip()
    _valid(name, (), text, line)
    wanted = not text.startswith("!")
    return lambda labels: (name in labels) == wanted


def _valid(name: str, values: Sequence[str] | frozenset[str], text: str, line: str) -> None:
    if _NAME.fullmatch(name) and all(_VALUE.fullmatch(value) for value in values):
        return
    raise RefusedError(
        f'error: unable to parse requirement: "{text}"',
        where=line,
        expected="a label selector such as app=checkout",
        got=repr(text),
        todo="Write -l NAME=VALUE, without spaces.",
    )


def matching(run: Run, kind: Kind, arguments: Arguments, line: str) -> list[AnyObject]:
    """The objects that namespace and selector of the line leave, by name."""
    matches = selector(arguments.text("selector"), line)
    found = run.cluster.select(kind, namespace_of(run, arguments))
    return [item for item in found if matches(item.meta.labels)]


def chosen(run: Run, arguments: Arguments, words: Sequence[str], line: str) -> list[Target]:
    """The objects of canonical words, one each: those named, and those that the selector leaves of a type."""
    found: list[Target] = []
    for target in targets_of(words, line):
        if target.name:
            found.append(target)
        else:
            objects = matching(run, target.kind, arguments, line)
            found.extend(Target(target.kind, item.meta.name) for item in objects)
    return found


def no_resources(run: Run, arguments: Arguments) -> str:
    """Kubectl's words for an empty list."""
    namespace = namespace_of(run, arguments)
    return "No resources found" if namespace == "*" else f"No resources found in {namespace} namespace."


# --- completion -----------------------------------------------------------------------------------


def names(run: Run, kind: Kind) -> list[str]:
    """Live names of a kind in the default namespace."""
    return [item.meta.name for item in run.cluster.select(kind)]


def objects_after(run: Run, before: Sequence[str]) -> list[str]:
    """What may stand next: a type, ``type/NAME`` or, behind a type, a name."""
    words = [word for word in before if not word.startswith("-")]
    if words and words[-1]:
        try:
            return names(run, kind_named(words[-1].split(",")[0]))
        except GamedayError:
            pass
    types = [kind.plural for kind in KINDS]
    slashed = [
        f"{kind.singular}/{name}" for kind in (DEPLOYMENTS, ROLLOUTS, PODS) for name in names(run, kind)
    ]
    return ["all", *types, *slashed]


def scalable_after(run: Run, _before: Sequence[str]) -> list[str]:
    """``TYPE/NAME`` of every live Deployment and Rollout."""
    return [f"{kind.singular}/{name}" for kind in (DEPLOYMENTS, ROLLOUTS) for name in names(run, kind)]


def deployments_after(run: Run, _before: Sequence[str]) -> list[str]:
    """``deployment/NAME`` of every live Deployment."""
    return [f"deployment/{name}" for name in names(run, DEPLOYMENTS)]
