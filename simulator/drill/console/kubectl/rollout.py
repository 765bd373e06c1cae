"""``kubectl rollout``: history, status, undo, restart, pause, resume."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Flag, RefusedError
from simulator.drill.console.kubectl.dry_run import DRY_RUN, suffix, with_dry_run, would_undo
from simulator.drill.console.kubectl.family import (
    KUBECTL,
    NAMESPACE,
    SELECTOR,
    chosen,
    deployments_after,
    deployments_only,
    name_of,
    namespace_of,
    no_resources,
)
from simulator.drill.console.objects.descriptions import template_lines
from simulator.drill.console.registry import Command
from simulator.drill.console.tables import tabulate
from simulator.units import MINUTE, format_clock
from simulator.world import (
    CHANGE_CAUSE_ANNOTATION,
    Deployment,
    KubernetesError,
    edits,
    find_condition,
    history,
)

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: The longest that ``rollout status`` looks where no ``--timeout`` is given; the real one waits for ever.
_PATIENCE: Final = 15 * MINUTE
_FLAGS: Final = (NAMESPACE,)
_REVISION: Final = Flag("revision", "Details of one revision.", takes="int", default="0")
_TO_REVISION: Final = Flag(
    "to-revision", "The revision to go back to; 0 is the one before.", takes="int", default="0"
)
_STATUS_FLAGS: Final = (
    NAMESPACE,
    Flag("timeout", "Give up after this; 0s never.", takes="duration", default="0s"),
    Flag("watch", "Wait until it is done.", short="w", takes="bool", default="true"),
)


def _each(run: Run, command: Command, edit: Callable[[str, str], str]) -> str:
    """Apply an edit to every Deployment of the line; kubectl goes on after a failure and fails in the end."""
    namespace = namespace_of(run, command.arguments)
    done: list[str] = []
    failed: KubernetesError | None = None
    targets = chosen(run, command.arguments, command.targets, command.line)
    if not targets:
        return no_resources(run, command.arguments)
    for target in targets:
        try:
            done.append(edit(target.name, namespace))
        except KubernetesError as error:
            failed = failed or error
            done.append(error.message)
    if failed is not None:
        said = "\n".join(done)
        raise RefusedError(
            said, where=failed.where, expected=failed.expected, got=failed.got, todo=failed.todo
        )
    return "\n".join(done)


# --- looking --------------------------------------------------------------------------------------


@KUBECTL.verb(
    "rollout history",
    usage="deployment/NAME [--revision=N]",
    about="Revisions of a Deployment.",
    kind="look",
    cost="history",
    flags=(*_FLAGS, _REVISION),
    normalise=deployments_only("history viewer"),
    candidates=deployments_after,
)
def rollout_history(run: Run, command: Command) -> str:
    """The revisions, or one of them in full."""
    revision = command.arguments.number("revision")
    return (
        _each(run, command, lambda name, namespace: _history(run, name, namespace, revision)).rstrip("\n")
        + "\n"
    )


def _history(run: Run, name: str, namespace: str, revision: int) -> str:
    deployment = run.cluster.deployment(name, namespace)
    revisions = history(run.cluster, deployment)
    title = f"deployment.apps/{name}"
    if not revision:
        rows = [f"{each.revision}\t{each.change_cause or '<none>'}" for each in revisions]
        return title + "\n" + tabulate("\n".join(["REVISION\tCHANGE-CAUSE", *rows])) + "\n"
    for each in revisions:
        if each.revision == revision:
            template = each.spec.template
            lines = template_lines(template, run.cluster)
            if each.change_cause:
                lines.insert(
                    len(template.labels), f"  Annotations:\t{CHANGE_CAUSE_ANNOTATION}: {each.change_cause}"
                )
            return (
                f"{title} with revision #{revision}\n" + tabulate("\n".join(["Pod Template:", *lines])) + "\n"
            )
    raise KubernetesError(
        f"error: unable to find the specified revision\n{title}",
        where=f"rollout history deployment/{name}",
        expected=f"one of {', '.join(str(each.revision) for each in revisions)}",
        got=str(revision),
        todo="Leave --revision out to see them all.",
    )


@KUBECTL.verb(
    "rollout status",
    usage="deployment/NAME [--timeout=300s] [--watch=false]",
    about="Wait until a rollout is done; ends early at a page.",
    kind="wait",
    cost="",
    flags=_STATUS_FLAGS,
    normalise=deployments_only("status viewer"),
    candidates=deployments_after,
)
def rollout_status(run: Run, command: Command) -> str:
    """Print each change of the rollout's progress until it is done, times out or something else calls."""
    arguments = command.arguments
    namespace = namespace_of(run, arguments)
    timeout = arguments.duration("timeout")
    printed: list[str] = []
    finished = 0

    def done() -> bool:
        """Print what is new; whether every rollout of the line is done."""
        nonlocal finished
        while finished < len(command.targets):
            deployment = run.cluster.deployment(name_of(command.targets[finished]), namespace)
            message, complete = progress(deployment)
            if not printed or printed[-1] != message:
                printed.append(message)
            if not complete:
                return False
            finished += 1
        return True

    try:
        if done() or not arguments.truth("watch"):
            return "\n".join(printed)
        end = run.block(run.now + (timeout or _PATIENCE), done)
    except KubernetesError as error:
        said = "\n".join([*printed, error.message])
        raise RefusedError(
            said, where=error.where, expected=error.expected, got=error.got, todo=error.todo
        ) from None
    if end.done:
        return "\n".join(printed)
    if end.reason:
        return "\n".join([*printed, f"^C  ({end.reason} It is {format_clock(run.now)}.)"])
    if timeout and not run.ended:
        raise RefusedError(
            "\n".join([*printed, "error: timed out waiting for the condition"]),
            where=command.line,
            expected=f"a rollout that is done within --timeout={arguments.text('timeout')}",
            got=printed[-1],
            todo="Look at its pods: kubectl get pods, kubectl describe deployment.",
        )
    return "\n".join([*printed, f"^C  (It is {format_clock(run.now)}.)"])


def progress(deployment: Deployment) -> tuple[str, bool]:
    """(kubectl's sentence on a rollout, whether it is done); see facts/k8s_kubectl.json, rollout_status.

    Raises:
        KubernetesError: The rollout exceeded its progress deadline.
    """
    name, spec, status = deployment.meta.name, deployment.spec, deployment.status
    waiting = f'Waiting for deployment "{name}" rollout to finish: '
    if status.observed_generation < deployment.meta.generation:
        return "Waiting for deployment spec update to be observed...", False
    condition = find_condition(status.conditions, "Progressing")
    if condition is not None and condition.reason == "ProgressDeadlineExceeded":
        raise KubernetesError(
            f'error: deployment "{name}" exceeded its progress deadline',
            where=f"rollout status deployment/{name}",
            expected=f"progress within {spec.progress_deadline_seconds} s",
            got="none",
            todo="Look at the newest pods, then undo.",
        )
    updated, replicas, available = status.updated_replicas, status.replicas, status.available_replicas
    if updated < spec.replicas:
        return f"{waiting}{updated} out of {spec.replicas} new replicas have been updated...", False
    if replicas > updated:
        return f"{waiting}{replicas - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{waiting}{available} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


# --- changing -------------------------------------------------------------------------------------


@KUBECTL.verb(
    "rollout undo",
    usage="deployment/NAME [--to-revision=N]",
    about="Go back to the revision before, or to a named one.",
    kind="change",
    cost="change",
    flags=(*_FLAGS, _TO_REVISION, DRY_RUN),
    normalise=with_dry_run(deployments_only("rollbacker")),
    candidates=deployments_after,
)
def rollout_undo(run: Run, command: Command) -> str:
    """Roll back."""
    to_revision = command.arguments.number("to-revision")
    if to_revision < 0:
        raise RefusedError(
            f"error: revision must be a positive integer: {to_revision}",
            where=command.line,
            expected="a revision number",
            got=str(to_revision),
            todo="Take one from kubectl rollout history.",
        )
    said = suffix(command.arguments)
    client = command.arguments.text("dry-run") == "client"

    def undo(name: str, namespace: str) -> str:
        if said:
            return would_undo(run, name, to_revision, namespace, client=client) + said
        return edits.rollout_undo(run.cluster, run.now, name, to_revision=to_revision, namespace=namespace)

    return _each(run, command, undo)


@KUBECTL.verb(
    "rollout restart",
    usage="deployment/NAME | deployment -l SELECTOR",
    about="Replace all pods, a few at a time, by new ones of the same version.",
    kind="change",
    cost="change",
    flags=(*_FLAGS, SELECTOR),
    normalise=deployments_only("restarting"),
    candidates=deployments_after,
)
def rollout_restart(run: Run, command: Command) -> str:
    """Restart."""
    return _each(
        run, command, lambda name, ns: edits.rollout_restart(run.cluster, run.now, name, namespace=ns)
    )


@KUBECTL.verb(
    "rollout pause",
    usage="deployment/NAME",
    about="Stop a rollout where it stands.",
    kind="change",
    cost="change",
    flags=_FLAGS,
    normalise=deployments_only("pausing"),
    candidates=deployments_after,
)
def rollout_pause(run: Run, command: Command) -> str:
    """Pause."""
    return _each(run, command, lambda name, ns: edits.rollout_pause(run.cluster, run.now, name, namespace=ns))


@KUBECTL.verb(
    "rollout resume",
    usage="deployment/NAME",
    about="Let a paused rollout go on.",
    kind="change",
    cost="change",
    flags=_FLAGS,
    normalise=deployments_only("resuming"),
    candidates=deployments_after,
)
def rollout_resume(run: Run, command: Command) -> str:
    """Resume."""
    return _each(
        run, command, lambda name, ns: edits.rollout_resume(run.cluster, run.now, name, namespace=ns)
    )
