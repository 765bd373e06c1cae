"""``--dry-run``: the line that a change would print, and no change.

Source: kubectl pkg/cmd/util (the words behind the line), pkg/polymorphichelpers/rollback.go (the undo).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.objects.descriptions import template_lines
from simulator.drill.console.objects.resources import Target
from simulator.drill.console.tables import tabulate
from simulator.world.edits import with_images
from simulator.world.revisions import rollback_target

if TYPE_CHECKING:
    from simulator.drill.run import Run

DRY_RUN: Final = Flag(
    "dry-run",
    "client or server: print what would be done, and do nothing.",
    default="none",
    choices=("none", "client", "server"),
)
_SAID: Final[Mapping[str, str]] = {"client": " (dry run)", "server": " (server dry run)"}
Normalise = Callable[[str, Arguments], tuple[str, ...]]


def with_dry_run(normalise: Normalise) -> Normalise:
    """The same check of the words, and of the flag's value."""

    def checked(line: str, arguments: Arguments) -> tuple[str, ...]:
        value = arguments.text("dry-run")
        if value not in DRY_RUN.choices:
            raise RefusedError(
                f'error: Invalid dry-run value ({value}). Must be "none", "server", or "client".',
                where=line,
                expected="none, client or server",
                got=repr(value),
                todo="Write --dry-run=server.",
            )
        return normalise(line, arguments)

    return checked


def suffix(arguments: Arguments) -> str:
    """What stands behind the line of a dry run; empty for a change in earnest."""
    return _SAID.get(arguments.text("dry-run"), "")


def would(run: Run, target: Target, done: str, namespace: str) -> str:
    """``deployment.apps/checkout scaled``, without the scaling.

    Raises:
        KubernetesError: No such object.
    """
    run.cluster.get(target.kind, target.name, namespace)
    return f"{target.kind.qualified_singular}/{target.name} {done}"


def would_set_image(run: Run, name: str, images: Mapping[str, str], namespace: str) -> str:
    """The line of ``set image``; empty where nothing would change.

    Raises:
        KubernetesError: No such Deployment or container.
    """
    template = run.cluster.deployment(name, namespace).spec.template
    renewed = with_images(template, images, where=f"set image deployment/{name}")
    return "" if renewed.same_as(template) else f"deployment.apps/{name} image updated"


def would_undo(run: Run, name: str, revision: int, namespace: str, *, client: bool) -> str:
    """The line of ``rollout undo``; on the client's side it is the template that would come back.

    Raises:
        KubernetesError: No such Deployment or revision.
    """
    target = rollback_target(run.cluster, run.cluster.deployment(name, namespace), revision)
    if not client:
        return f"deployment.apps/{name} rolled back"
    lines = ["Pod Template:", *template_lines(target.spec.template, run.cluster)]
    return f"deployment.apps/{name} {tabulate(chr(10).join(lines))}\n"
