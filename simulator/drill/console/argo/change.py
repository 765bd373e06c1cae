"""``kubectl argo rollouts promote``, ``abort``, ``retry``, ``undo``, ``set``, ``pause``, ``restart``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.drill.console.argo.family import (
    behind,
    edited,
    one_name,
    rollout_of,
    rollouts_after,
    some_names,
    typed_after,
    typed_names,
    usage_error,
)
from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import KUBECTL, NAMESPACE, names
from simulator.drill.console.registry import Command
from simulator.world import rollout_edits
from simulator.world.kinds import ROLLOUTS

if TYPE_CHECKING:
    from simulator.drill.run import Run


def _promote_danger(arguments: Arguments) -> str:
    if not arguments.truth("full"):
        return ""
    return (
        "A full promotion skips every step, pause and analysis that is left: all users get the new version, "
        "proven or not."
    )


@KUBECTL.verb(
    "argo rollouts promote",
    usage="NAME [--full]",
    about="End a pause, else skip the current step; with --full skip all that is left.",
    kind="change",
    cost="change",
    flags=(NAMESPACE, Flag("full", "Skip analysis, pauses and steps.", takes="bool")),
    normalise=one_name("promote ROLLOUT_NAME"),
    danger=_promote_danger,
    candidates=rollouts_after,
)
def promote(run: Run, command: Command) -> str:
    """Promote."""
    name, full = command.targets[0], command.arguments.truth("full")
    return edited(
        run, command, name, lambda name, ns: rollout_edits.promote(run.cluster, name, full=full, namespace=ns)
    )


@KUBECTL.verb(
    "argo rollouts abort",
    usage="NAME …",
    about="Send users back to the stable version; the new one stays wanted.",
    kind="change",
    cost="change",
    flags=(NAMESPACE,),
    normalise=some_names("abort ROLLOUT_NAME"),
    candidates=rollouts_after,
)
def abort(run: Run, command: Command) -> str:
    """Abort each Rollout of the line."""
    return "\n".join(
        edited(run, command, name, lambda name, ns: rollout_edits.abort(run.cluster, name, namespace=ns))
        for name in command.targets
    )


@KUBECTL.verb(
    "argo rollouts retry",
    usage="rollout NAME …",
    about="Begin an aborted update again, with its first step.",
    kind="change",
    cost="change",
    flags=(NAMESPACE,),
    normalise=typed_names("retry rollout ROLLOUT_NAME"),
    candidates=typed_after,
)
def retry(run: Run, command: Command) -> str:
    """Retry each Rollout of the line."""
    return "\n".join(
        edited(run, command, name, lambda name, ns: rollout_edits.retry(run.cluster, name, namespace=ns))
        for name in command.targets[1:]
    )


@KUBECTL.verb(
    "argo rollouts undo",
    usage="NAME [--to-revision=N]",
    about="Want the template of an earlier revision; that is an update like any other.",
    kind="change",
    cost="change",
    flags=(
        NAMESPACE,
        Flag("to-revision", "The revision to go back to; 0 is the one before.", takes="int", default="0"),
    ),
    normalise=one_name("undo ROLLOUT_NAME"),
    candidates=rollouts_after,
)
def undo(run: Run, command: Command) -> str:
    """Roll back."""
    name, revision = command.targets[0], command.arguments.number("to-revision")
    return edited(
        run,
        command,
        name,
        lambda name, ns: rollout_edits.undo(run.cluster, name, to_revision=revision, namespace=ns),
    )


@KUBECTL.verb(
    "argo rollouts pause",
    usage="NAME …",
    about="Stop an update where it stands, until somebody promotes.",
    kind="change",
    cost="change",
    flags=(NAMESPACE,),
    normalise=some_names("pause ROLLOUT_NAME"),
    candidates=rollouts_after,
)
def pause(run: Run, command: Command) -> str:
    """Pause each Rollout of the line."""
    return "\n".join(
        edited(run, command, name, lambda name, ns: rollout_edits.pause(run.cluster, name, namespace=ns))
        for name in command.targets
    )


@KUBECTL.verb(
    "argo rollouts restart",
    usage="NAME … [--in=10s]",
    about="Replace all pods, a few at a time, by new ones of the same version.",
    kind="change",
    cost="change",
    flags=(NAMESPACE, Flag("in", "How long to wait before.", short="i", takes="duration", default="0s")),
    normalise=some_names("restart ROLLOUT_NAME"),
    candidates=rollouts_after,
)
def restart(run: Run, command: Command) -> str:
    """Restart each Rollout of the line."""
    delay = command.arguments.duration("in")
    return "\n".join(
        edited(
            run,
            command,
            name,
            lambda name, ns: rollout_edits.restart(run.cluster, run.now, name, delay=delay, namespace=ns),
        )
        for name in command.targets
    )


def _image_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    usage = "set image ROLLOUT_NAME CONTAINER=IMAGE"
    words = arguments.words
    if not words or words[0] != "image" or len(words) < 3 or "=" in words[1]:
        raise usage_error(line, usage)
    for word in words[2:]:
        container, _, image = word.partition("=")
        if not container or not image:
            raise RefusedError(
                f'Error: invalid image "{word}": must be in the form CONTAINER=IMAGE',
                where=line,
                expected="CONTAINER=IMAGE",
                got=repr(word),
                todo="Both sides of the equals sign are needed.",
            )
    return words


def _after_set(run: Run, before: Sequence[str]) -> list[str]:
    return names(run, ROLLOUTS) if behind(before) else ["image"]


@KUBECTL.verb(
    "argo rollouts set",
    usage="image NAME CONTAINER=IMAGE …",
    about="Want another image: an update begins.",
    kind="change",
    cost="change",
    flags=(NAMESPACE,),
    normalise=_image_words,
    candidates=_after_set,
)
def set_image(run: Run, command: Command) -> str:
    """Set the image."""
    _, name, *images = command.targets
    rollout_of(run, command, name)
    wanted = dict(image.split("=", 1) for image in images)
    return edited(
        run, command, name, lambda name, ns: rollout_edits.set_image(run.cluster, name, wanted, namespace=ns)
    )
