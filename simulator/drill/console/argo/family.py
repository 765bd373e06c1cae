"""``kubectl argo rollouts``: the plugin's words, its usage, and its way to refuse.

Source: argoproj/argo-rollouts pkg/kubectl-argo-rollouts/cmd (1.8).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, RefusedError, nearest
from simulator.drill.console.kubectl.family import KUBECTL, NAMESPACE, names
from simulator.drill.console.registry import Command
from simulator.world import KubernetesError
from simulator.world.kinds import ROLLOUTS
from simulator.world.rollouts import Rollout

if TYPE_CHECKING:
    from simulator.drill.run import Run

PLUGIN: Final = "kubectl argo rollouts"
#: How the type may be spelled where a verb names it.
ROLLOUT_WORDS: Final = ("rollout", "rollouts", "ro")
#: Verbs of the real plugin that are no part of this console.
_ELSEWHERE: Final = ("completion", "create", "dashboard", "lint", "notifications", "terminate", "version")
_KNOWN: Final = {
    "abort": "Abort a rollout",
    "get": "Get details about a rollout",
    "list": "List rollouts",
    "pause": "Pause a rollout",
    "promote": "Promote a rollout",
    "restart": "Restart the pods of a rollout",
    "retry": "Retry a rollout",
    "set": "Update the image of a rollout",
    "status": "Show the status of a rollout",
    "undo": "Undo a rollout",
}


def usage_error(line: str, usage: str) -> RefusedError:
    """The plugin's answer to a line with too few or too many words."""
    return RefusedError(
        f"Usage:\n  {PLUGIN} {usage} [flags]",
        where=line,
        expected=f"{PLUGIN} {usage}",
        got=line,
        todo=f"Write for example {PLUGIN} {usage.replace('ROLLOUT_NAME', 'checkout')}.",
    )


def one_name(usage: str) -> Callable[[str, Arguments], tuple[str, ...]]:
    """The positional words are one name."""

    def normalise(line: str, arguments: Arguments) -> tuple[str, ...]:
        if len(arguments.words) != 1:
            raise usage_error(line, usage)
        return arguments.words

    return normalise


def some_names(usage: str) -> Callable[[str, Arguments], tuple[str, ...]]:
    """The positional words are names, at least one."""

    def normalise(line: str, arguments: Arguments) -> tuple[str, ...]:
        if not arguments.words:
            raise usage_error(line, usage)
        return arguments.words

    return normalise


def typed_names(usage: str, *, most: int | None = None, least: int = 1) -> Callable[..., tuple[str, ...]]:
    """A type, spelled in any way, then names."""

    def normalise(line: str, arguments: Arguments) -> tuple[str, ...]:
        verb = usage.split(maxsplit=1)[0]
        if arguments.words and arguments.words[0] not in ROLLOUT_WORDS:
            raise _unknown_below(line, verb, arguments.words[0])
        found = arguments.words[1:]
        if not arguments.words or len(found) < least or (most is not None and len(found) > most):
            raise usage_error(line, usage)
        return ("rollouts" if verb == "list" else "rollout", *found)

    return normalise


def _unknown_below(line: str, verb: str, word: str) -> RefusedError:
    said = f'Error: unknown command "{word}" for "kubectl-argo-rollouts {verb}"'
    if word.startswith("exp"):
        said = "Error: experiments are not part of this simulated cluster"
    return RefusedError(
        said,
        where=line,
        expected=f"{PLUGIN} {verb} rollout",
        got=repr(word),
        todo="Write rollout instead.",
    )


def rollout_of(run: Run, command: Command, name: str) -> Rollout:
    """A Rollout by name.

    Raises:
        RefusedError: There is none; in the plugin's words.
    """
    try:
        return run.cluster.rollout(name, command.arguments.text("namespace") or run.namespace)
    except KubernetesError as error:
        raise refused(error) from None


def edited(run: Run, command: Command, name: str, edit: Callable[[str, str], str]) -> str:
    """Carry out an edit of a Rollout, given its name and namespace, and give its answer.

    Raises:
        RefusedError: It can't be done; in the plugin's words.
    """
    try:
        return edit(name, rollout_of(run, command, name).meta.namespace)
    except KubernetesError as error:
        raise refused(error) from None


def refused(error: KubernetesError) -> RefusedError:
    """An API server's refusal as the plugin prints it."""
    said = error.message.removeprefix("Error from server (NotFound): ")
    return RefusedError(
        said if said.startswith("Error: ") else f"Error: {said}",
        where=error.where,
        expected=error.expected,
        got=error.got,
        todo=error.todo,
    )


def rollouts_after(run: Run, _before: Sequence[str]) -> list[str]:
    """Names of the live Rollouts."""
    return names(run, ROLLOUTS)


def behind(before: Sequence[str]) -> list[str]:
    """The words of a line behind the plugin's verb."""
    return [word for word in before if not word.startswith("-")][len(PLUGIN.split()) + 1 :]


def typed_after(run: Run, before: Sequence[str]) -> list[str]:
    """The type, then names."""
    return names(run, ROLLOUTS) if behind(before) else ["rollout"]


def _no_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.words:
        return ()
    word = arguments.words[0]
    close = nearest(word, _KNOWN)
    if word in _ELSEWHERE:
        said = f'Error: "{PLUGIN} {word}" is not part of this simulated cluster'
    else:
        said = f'Error: unknown command "{word}" for "kubectl-argo-rollouts"'
        said += f"\n\nDid you mean this?\n\t{close}" if close else ""
    raise RefusedError(
        f"{said}\nRun 'kubectl-argo-rollouts --help' for usage.",
        where=line,
        expected=f"{PLUGIN} followed by one of {', '.join(_KNOWN)}",
        got=repr(word),
        todo=f"Type {PLUGIN} {close}." if close else f"Type {PLUGIN} for what it knows.",
    )


@KUBECTL.verb(
    "argo rollouts",
    usage="COMMAND",
    about="What the Argo Rollouts plugin knows.",
    kind="none",
    cost="help",
    flags=(NAMESPACE,),
    normalise=_no_words,
    candidates=lambda _run, _before: list(_KNOWN),
)
def rollouts(_run: Run, _command: Command) -> str:
    """The plugin's own help."""
    rows = [f"  {name:<10}{about}" for name, about in _KNOWN.items()]
    head = "This command consists of multiple subcommands which can be used to manage Argo Rollouts."
    return "\n".join([head, "", "Usage:", f"  {PLUGIN} COMMAND [flags]", "", "Available Commands:", *rows])
