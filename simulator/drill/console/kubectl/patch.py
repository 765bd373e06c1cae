"""``kubectl patch`` and ``kubectl edit``: some fields of one object; an editor does not open here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import KUBECTL, NAMESPACE, namespace_of, objects_after
from simulator.drill.console.objects.patches import PatchError, json_patch, merge, strategic
from simulator.drill.console.objects.resources import named_targets, spelled
from simulator.drill.console.objects.writing import parsed, tree_of, write
from simulator.drill.console.registry import Command

if TYPE_CHECKING:
    from simulator.drill.run import Run

_TYPES = {"strategic": strategic, "merge": merge, "json": json_patch}


def _patch_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.text("patch"):
        raise RefusedError(
            "error: must specify --patch or --patch-file containing the contents of the patch",
            where=line,
            expected="-p and a patch",
            got="none",
            todo="""Write for example -p '{"data": {"POOL_SIZE": "20"}}'.""",
        )
    if arguments.text("type") not in _TYPES:
        raise RefusedError(
            f'error: --type must be one of [json merge strategic], not "{arguments.text("type")}"',
            where=line,
            expected="json, merge or strategic",
            got=arguments.text("type"),
            todo="Leave --type out for a strategic merge patch.",
        )
    parsed(arguments.text("patch"), line, "a patch")
    return _one_object(line, arguments.words)


def _one_object(line: str, words: tuple[str, ...]) -> tuple[str, ...]:
    targets = named_targets(words, line)
    if len(targets) != 1:
        raise RefusedError(
            "error: one resource must be specified as <resource> <name> or <resource>/<name>",
            where=line,
            expected="one object",
            got=f"{len(targets)}",
            todo="Write for example configmap/checkout-config.",
        )
    return spelled(targets)


def patch_danger(text: str) -> str:
    """The risk of a patch, in one sentence, or nothing."""
    try:
        documents = parsed(text, "", "a patch")
    except RefusedError:
        return ""
    for document in documents:
        spec = document.get("spec") if isinstance(document, dict) else None
        if isinstance(spec, dict) and spec.get("replicas") == 0:
            return "Scaling to zero takes every pod away; users get nothing until you scale back."
    return ""


@KUBECTL.verb(
    "patch",
    usage="TYPE NAME -p PATCH [--type=strategic|merge|json]",
    about="Change some fields of an object.",
    kind="change",
    cost="change",
    flags=(
        NAMESPACE,
        Flag("patch", "The patch, in JSON or YAML, between single quotes.", short="p"),
        Flag("type", "How it is applied.", default="strategic", choices=tuple(_TYPES)),
    ),
    normalise=_patch_words,
    danger=lambda arguments: patch_danger(arguments.text("patch")),
    candidates=objects_after,
)
def patch(run: Run, command: Command) -> str:
    """Patch one object."""
    arguments = command.arguments
    document = parsed(arguments.text("patch"), command.line, "a patch")
    changed, name = apply_patch(run, command, document[0] if document else {}, arguments.text("type"))
    return f"{name} patched" + ("" if changed else " (no change)")


def apply_patch(run: Run, command: Command, document: Any, type_: str) -> tuple[bool, str]:
    """Apply a parsed patch to the one object of a line.

    Returns:
        Whether anything changed, and what kubectl calls the object.

    Raises:
        RefusedError: The patch does not fit; nothing has changed.
        KubernetesError: No such object.
    """
    (target,) = named_targets(command.targets[:1], command.line)
    item = run.cluster.get(target.kind, target.name, namespace_of(run, command.arguments))
    before = tree_of(run, item)
    try:
        after = _TYPES[type_](before, document)
    except PatchError as error:
        raise RefusedError(
            f"The request is invalid: {error}",
            where=command.line[:200],
            expected="a patch that fits the object",
            got=repr(document)[:200],
            todo=f"kubectl get {target} -o yaml shows it.",
        ) from None
    shown = f"{target.kind.qualified_singular}/{item.meta.name}"
    return write(run, item, after, command.line), shown


def _edit_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    words, text = arguments.words[:-1], arguments.words[-1:]
    if not words or not text or (not text[0].lstrip().startswith(("{", "[")) and ":" not in text[0]):
        raise RefusedError(
            "error: no editor opens in this console; give the change as the last word, for example\n"
            "\tkubectl edit deploy checkout 'spec: {replicas: 6}'",
            where=line,
            expected="kubectl edit TYPE/NAME 'FIELDS', FIELDS as YAML or JSON",
            got=line[:80],
            todo="kubectl edit configmap/checkout-config 'data: {POOL_SIZE: \"20\"}' is another.",
        )
    parsed(text[0], line, "the fields that change")
    return (*_one_object(line, words), text[0])


@KUBECTL.verb(
    "edit",
    usage="TYPE/NAME 'FIELDS'",
    about="Change fields of an object; no editor opens, so they are given in line, as YAML or JSON.",
    kind="change",
    cost="change",
    flags=(NAMESPACE,),
    normalise=_edit_words,
    danger=lambda arguments: patch_danger(arguments.words[-1] if arguments.words else ""),
    candidates=objects_after,
)
def edit(run: Run, command: Command) -> str:
    """What somebody would have changed in the editor: a strategic merge of the fields."""
    documents = parsed(command.targets[-1], command.line, "the fields that change")
    changed, name = apply_patch(run, command, documents[0] if documents else {}, "strategic")
    return f"{name} edited" if changed else "Edit cancelled, no changes made."
