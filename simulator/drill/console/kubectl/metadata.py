"""``kubectl annotate`` and ``kubectl label``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import (
    KUBECTL,
    NAMESPACE,
    SELECTOR,
    chosen,
    namespace_of,
    no_resources,
    objects_after,
    selector,
)
from simulator.drill.console.objects.resources import named_targets, spelled, targets_of
from simulator.drill.console.objects.writing import tree_of, write
from simulator.drill.console.registry import Command

if TYPE_CHECKING:
    from simulator.drill.run import Run

Part = Literal["labels", "annotations"]
_ALL: Final = Flag("all", "Every object of the type.", takes="bool")
_OVERWRITE: Final = Flag("overwrite", "Change values that are there.", takes="bool")


def _words(line: str, arguments: Arguments) -> tuple[str, ...]:
    pairs = [word for word in arguments.words if _is_pair(word)]
    objects = tuple(word for word in arguments.words if not _is_pair(word))
    if not objects or not pairs:
        missing = "resource" if not objects else "update"
        raise RefusedError(
            "error: one or more resources must be specified as <resource> <name> or <resource>/<name>"
            if not objects
            else "error: at least one update is required",
            where=line,
            expected="TYPE/NAME KEY=VALUE, or KEY- to take one away",
            got=f"no {missing}",
            todo="Write for example deployment/checkout team=payments.",
        )
    selector(arguments.text("selector"), line)
    many = arguments.given("selector") or arguments.truth("all")
    return (*spelled(targets_of(objects, line) if many else named_targets(objects, line)), *pairs)


def _is_pair(word: str) -> bool:
    return "=" in word or word.endswith("-")


def _change(run: Run, command: Command, part: Part, done: str) -> str:
    pairs = [word for word in command.targets if _is_pair(word)]
    objects = [word for word in command.targets if not _is_pair(word)]
    lines = []
    targets = chosen(run, command.arguments, objects, command.line)
    if not targets:
        return no_resources(run, command.arguments)
    for target in targets:
        item = run.cluster.get(target.kind, target.name, namespace_of(run, command.arguments))
        tree = tree_of(run, item)
        meta = tree["metadata"]
        assert isinstance(meta, dict)
        values = dict(item.meta.labels if part == "labels" else item.meta.annotations)
        shown = f"{target.kind.qualified_singular}/{target.name}"
        for pair in pairs:
            key, equals, value = pair.partition("=")
            if not equals:
                key = pair.removesuffix("-")
                if key not in values:
                    lines.append(f'{part[:-1]} "{key}" not found.')
                values.pop(key, None)
            elif values.get(key, value) != value and not command.arguments.truth("overwrite"):
                raise _has_a_value(command.line, part, key, values[key])
            else:
                values[key] = value
        meta[part] = values
        changed = write(run, item, tree, command.line)
        lines.append(f"{shown} {done if changed else f'not {done}'}")
    return "\n".join(lines)


def _has_a_value(line: str, part: Part, key: str, value: str) -> RefusedError:
    said = (
        f"error: '{key}' already has a value ({value}), and --overwrite is false"
        if part == "labels"
        else f"error: --overwrite is false but found the following declared annotation(s): '{key}' already "
        f"has a value ({value})"
    )
    return RefusedError(
        said, where=line, expected=f"a free {part[:-1]}, or --overwrite", got=key, todo="Add --overwrite."
    )


@KUBECTL.verb(
    "annotate",
    usage="TYPE/NAME | TYPE -l SELECTOR KEY=VALUE … KEY- [--overwrite]",
    about="Write annotations, such as kubernetes.io/change-cause.",
    kind="change",
    cost="change",
    flags=(NAMESPACE, _OVERWRITE, SELECTOR, _ALL),
    normalise=_words,
    candidates=objects_after,
)
def annotate(run: Run, command: Command) -> str:
    """Annotate each object of the line."""
    return _change(run, command, "annotations", "annotated")


@KUBECTL.verb(
    "label",
    usage="TYPE/NAME | TYPE -l SELECTOR KEY=VALUE … KEY- [--overwrite]",
    about="Write labels.",
    kind="change",
    cost="change",
    flags=(NAMESPACE, _OVERWRITE, SELECTOR, _ALL),
    normalise=_words,
    candidates=objects_after,
)
def label(run: Run, command: Command) -> str:
    """Label each object of the line."""
    return _change(run, command, "labels", "labeled")
