"""``kubectl wait``: a look that lasts until objects have a condition, are gone, or the time is over.

Source: kubectl pkg/cmd/wait (what each ``--for`` means, and what is printed).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import (
    KUBECTL,
    NAMESPACE,
    SELECTOR,
    chosen,
    namespace_of,
    objects_after,
    selector,
)
from simulator.drill.console.objects.jsonpath import JsonPathError, found_at, shown
from simulator.drill.console.objects.manifests import manifest
from simulator.drill.console.objects.resources import Target, named_targets, spelled, targets_of
from simulator.drill.console.registry import Command
from simulator.units import SECOND, format_clock
from simulator.world import KubernetesError

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: What ``--timeout=-1s`` means to kubectl: a week.
_WEEK: Final = 7 * 24 * 3600 * SECOND
Met = Callable[[Any], bool]


def _met(text: str, line: str) -> Met | None:
    """Whether a manifest meets ``--for``; None for ``delete``, which is met by there being none.

    Raises:
        RefusedError: It is none.
    """
    kind, _, rest = text.partition("=")
    if text.lower() == "delete":
        return None
    if kind == "condition" and rest:
        name, _, value = rest.partition("=")
        return lambda tree: any(
            name.lower() == str(each["type"]).lower()
            and (value or "true").lower() == str(each["status"]).lower()
            for each in found_at(tree, ".status.conditions[*]")
        )
    path, _, wanted = rest.rpartition("}")
    if kind == "jsonpath" and path.startswith("{"):
        try:
            found_at({}, path[1:])
        except JsonPathError as error:
            raise _bad_for(str(error), text, line) from None
        value = wanted.removeprefix("=")
        return lambda tree: any(not value or value == shown(each) for each in found_at(tree, path[1:]))
    raise _bad_for(f'error: unrecognized condition: "{text}"', text, line)


def _bad_for(said: str, got: str, line: str) -> RefusedError:
    return RefusedError(
        said,
        where=line,
        expected="--for=condition=NAME, --for=delete or --for=jsonpath='{PATH}'=VALUE",
        got=repr(got),
        todo="For example --for=condition=Ready pod/NAME.",
    )


def _words(line: str, arguments: Arguments) -> tuple[str, ...]:
    _met(arguments.text("for"), line)
    selector(arguments.text("selector"), line)
    if not arguments.words:
        raise RefusedError(
            "error: arguments in resource/name form must have a single resource and name",
            where=line,
            expected="TYPE/NAME, or TYPE -l SELECTOR",
            got="none",
            todo="For example kubectl wait --for=condition=Ready pod -l app=checkout",
        )
    many = arguments.given("selector") or arguments.truth("all")
    targets = targets_of(arguments.words, line) if many else named_targets(arguments.words, line)
    return spelled(targets)


@KUBECTL.verb(
    "wait",
    usage="TYPE/NAME | TYPE -l SELECTOR --for=condition=NAME | delete | jsonpath='{PATH}'=VALUE",
    about="Look until objects have a condition or are gone; ends early at a page.",
    kind="look",
    cost="",
    flags=(
        NAMESPACE,
        SELECTOR,
        Flag("all", "Every object of the type.", takes="bool"),
        Flag("for", "What to wait for."),
        Flag("timeout", "Give up after this; 0s looks once.", takes="duration", default="30s"),
    ),
    normalise=_words,
    candidates=objects_after,
)
def wait(run: Run, command: Command) -> str:
    """One line for each object that meets the condition; a failure for those that do not in time."""
    arguments = command.arguments
    namespace, met = namespace_of(run, arguments), _met(arguments.text("for"), command.line)
    targets = chosen(run, arguments, command.targets, command.line)
    if not targets:
        raise RefusedError(
            "error: no matching resources found",
            where=command.line,
            expected="an object of this type and labels",
            got="none",
            todo="Look at them with kubectl get first.",
        )
    open_, lines = list(targets), list[str]()

    def done() -> bool:
        for target in list(open_):
            if _holds(run, target, namespace, met):
                open_.remove(target)
                lines.append(f"{target.kind.qualified_singular}/{target.name} condition met")
        return not open_

    timeout = arguments.duration("timeout")
    if done():
        return "\n".join(lines)
    end = run.block(run.now + (timeout if timeout >= 0 else _WEEK), done)
    if end.done:
        return "\n".join(lines)
    if end.reason or run.ended:
        why = f"{end.reason} " if end.reason else ""
        return "\n".join([*lines, f"^C  ({why}It is {format_clock(run.now)}.)"])
    late = [f"error: timed out waiting for the condition on {each.kind.plural}/{each.name}" for each in open_]
    raise RefusedError(
        "\n".join([*lines, *late]),
        where=command.line,
        expected=f"{arguments.text('for')} within {arguments.text('timeout')}",
        got=f"{len(open_)} of {len(targets)} without it",
        todo=f"Look at one: kubectl describe {open_[0]}",
    )


def _holds(run: Run, target: Target, namespace: str, met: Met | None) -> bool:
    """Whether the object meets the condition now.

    Raises:
        KubernetesError: There is no such object, and it is not its end that is waited for.
    """
    try:
        item = run.cluster.get(target.kind, target.name, namespace)
    except KubernetesError:
        if met is None:
            return True
        raise
    return met is not None and met(manifest(item, run.cluster))
