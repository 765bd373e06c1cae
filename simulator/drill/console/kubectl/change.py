"""``kubectl scale``, ``set image`` and ``delete``: patches to a spec that controllers then carry out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.dry_run import DRY_RUN, suffix, with_dry_run, would, would_set_image
from simulator.drill.console.kubectl.family import (
    KUBECTL,
    NAMESPACE,
    SELECTOR,
    chosen,
    deployments_after,
    deployments_only,
    name_of,
    names,
    namespace_of,
    no_resources,
    scalable_after,
    selector,
)
from simulator.drill.console.objects.resources import Target, named_targets, spelled, targets_of
from simulator.drill.console.registry import Command
from simulator.units import SECOND
from simulator.world import CHANGE_CAUSE_ANNOTATION, DEPLOYMENTS, PODS, KubernetesError, edits, rollout_edits
from simulator.world.kinds import (
    AUTOSCALERS,
    CONFIG_MAPS,
    CRON_JOBS,
    DISRUPTION_BUDGETS,
    JOBS,
    ROLLOUTS,
    SECRETS,
)

if TYPE_CHECKING:
    from simulator.drill.run import Run

_IMMEDIATE: Final = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been "
    "terminated. The resource may continue to run on the cluster indefinitely."
)
_DELETABLE: Final = (
    PODS,
    DEPLOYMENTS,
    ROLLOUTS,
    AUTOSCALERS,
    DISRUPTION_BUDGETS,
    CONFIG_MAPS,
    SECRETS,
    JOBS,
    CRON_JOBS,
)
_RECORD: Final = Flag("record", "Write the line as the cause of the change; deprecated.", takes="bool")
_ALL: Final = Flag("all", "Every object of the type.", takes="bool")


# --- scale ----------------------------------------------------------------------------------------


def _scale_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.given("replicas"):
        raise RefusedError(
            'error: required flag(s) "replicas" not set',
            where=line,
            expected="--replicas=COUNT",
            got="none",
            todo="Write for example --replicas=10.",
        )
    if arguments.number("replicas") < 0:
        raise RefusedError(
            "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
            where=line,
            expected="a count from 0",
            got=arguments.text("replicas"),
            todo="Write for example --replicas=10.",
        )
    return deployments_only("scaler", ROLLOUTS)(line, arguments)


def _scale_danger(arguments: Arguments) -> str:
    if arguments.number("replicas") == 0:
        return "Scaling to zero takes every pod away; users get nothing until you scale back."
    return ""


@KUBECTL.verb(
    "scale",
    usage="deployment/NAME --replicas=N [--current-replicas=M]",
    about="Set how many pods there shall be.",
    kind="change",
    cost="change",
    flags=(
        NAMESPACE,
        Flag("replicas", "How many.", takes="int"),
        Flag("current-replicas", "Only if there are so many now.", takes="int", default="-1"),
        DRY_RUN,
    ),
    normalise=with_dry_run(_scale_words),
    danger=_scale_danger,
    candidates=scalable_after,
)
def scale(run: Run, command: Command) -> str:
    """Scale each workload of the line."""
    replicas, current = command.arguments.number("replicas"), command.arguments.number("current-replicas")
    namespace = namespace_of(run, command.arguments)
    expected = current if current >= 0 else None
    if said := suffix(command.arguments):
        targets = targets_of(command.targets, command.line)
        return "\n".join(would(run, target, "scaled", namespace) + said for target in targets)
    return "\n".join(_scale(run, target, replicas, namespace, expected) for target in command.targets)


def _scale(run: Run, target: str, replicas: int, namespace: str, expected: int | None) -> str:
    name = name_of(target)
    if target.startswith(f"{ROLLOUTS.singular}/"):
        return rollout_edits.scale(
            run.cluster, name, replicas, namespace=namespace, current_replicas=expected
        )
    return edits.scale(run.cluster, run.now, name, replicas, namespace=namespace, current_replicas=expected)


# --- set image ------------------------------------------------------------------------------------


def _image_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    images = [word for word in arguments.words if "=" in word]
    objects = [word for word in arguments.words if "=" not in word]
    if not objects:
        raise RefusedError(
            "error: one or more resources must be specified as <resource> <name> or <resource>/<name>",
            where=line,
            expected="a Deployment",
            got="none",
            todo="Write kubectl set image deployment/NAME CONTAINER=IMAGE.",
        )
    if not images:
        raise RefusedError(
            "error: at least one image update is required",
            where=line,
            expected="CONTAINER=IMAGE",
            got="none",
            todo="Write kubectl set image deployment/NAME CONTAINER=IMAGE.",
        )
    for image in images:
        container, _, name = image.partition("=")
        if not container or not name:
            raise RefusedError(
                f'error: invalid image "{image}"',
                where=line,
                expected="CONTAINER=IMAGE",
                got=repr(image),
                todo="Both sides of the equals sign are needed.",
            )
    targets = deployments_only("image setter")(line, Arguments(tuple(objects)))
    return (*targets, *images)


@KUBECTL.verb(
    "set image",
    usage="deployment/NAME CONTAINER=IMAGE …",
    about="Roll out another image.",
    kind="change",
    cost="change",
    flags=(NAMESPACE, _RECORD, DRY_RUN),
    normalise=with_dry_run(_image_words),
    candidates=deployments_after,
)
def set_image(run: Run, command: Command) -> str:
    """Patch the image of each Deployment of the line."""
    images = dict(word.split("=", 1) for word in command.targets if "=" in word)
    namespace = namespace_of(run, command.arguments)
    record, said = command.arguments.truth("record"), suffix(command.arguments)
    done = ["Flag --record has been deprecated, --record will be removed in the future"] if record else []
    for name in [name_of(target) for target in command.targets if "=" not in target]:
        if said:
            line = would_set_image(run, name, images, namespace)
            done.append(line + said if line else "")
            continue
        done.append(edits.set_image(run.cluster, run.now, name, images, namespace=namespace))
        if record:
            cause = {CHANGE_CAUSE_ANNOTATION: f"{command.canonical}=true"}
            edits.annotate(run.cluster, run.now, name, cause, namespace=namespace)
    return "\n".join(line for line in done if line)


# --- delete ---------------------------------------------------------------------------------------


def _delete_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    words = arguments.words
    if not words:
        raise RefusedError(
            "error: You must provide one or more resources by argument or filename.\n"
            "Example resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n"
            "   '<resource> <name>'\n   '<resource>'",
            where=line,
            expected="a pod or a Deployment",
            got="none",
            todo="Write kubectl delete pod NAME.",
        )
    many = arguments.given("selector") or arguments.truth("all")
    targets = targets_of(words, line) if many else named_targets(words, line)
    for target in targets:
        if target.kind not in _DELETABLE:
            raise RefusedError(
                f"error: deleting {target.kind.plural} is not part of this simulated cluster",
                where=line,
                expected="a pod or a Deployment",
                got=str(target),
                todo="Write kubectl delete pod NAME.",
            )
    selector(arguments.text("selector"), line)
    return spelled(targets)


def _delete_danger(arguments: Arguments) -> str:
    targets = targets_of(arguments.words, " ".join(arguments.words))
    if any(target.kind in (DEPLOYMENTS, ROLLOUTS) for target in targets):
        kind = next(target.kind.kind for target in targets if target.kind in (DEPLOYMENTS, ROLLOUTS))
        return f"Deleting a {kind} takes its pods and its history of revisions with it; there is no undo."
    if any(target.kind in (CONFIG_MAPS, SECRETS) for target in targets):
        return "Pods that read it can't be started without it; those that run go on until they restart."
    if any(not target.name for target in targets):
        return "This deletes several pods at once; those that serve users go too."
    return ""


def _deletable(run: Run, before: Sequence[str]) -> list[str]:
    words = [word for word in before if not word.startswith("-")]
    if "pod" in words or "pods" in words or "po" in words:
        return names(run, PODS)
    return ["pod", *(f"pod/{name}" for name in names(run, PODS)), *scalable_after(run, before)]


@KUBECTL.verb(
    "delete",
    usage="pod NAME … | TYPE/NAME … | TYPE -l SELECTOR [--grace-period=N] [--wait=false]",
    about="Delete pods or Deployments; waits until they are gone.",
    kind="change",
    cost="change",
    flags=(
        NAMESPACE,
        SELECTOR,
        _ALL,
        Flag("grace-period", "Seconds that a pod has to finish; -1 is its own.", takes="int", default="-1"),
        Flag("force", "Do not wait for the node.", takes="bool"),
        Flag("now", "Grace period of one second.", takes="bool"),
        Flag("wait", "Wait until they are gone.", takes="bool", default="true"),
        DRY_RUN,
    ),
    normalise=with_dry_run(_delete_words),
    danger=_delete_danger,
    candidates=_deletable,
)
def delete(run: Run, command: Command) -> str:
    """Ask for deletions, then wait until the pods are gone, as the real one does by default."""
    arguments = command.arguments
    namespace = namespace_of(run, arguments)
    targets = chosen(run, arguments, command.targets, command.line)
    if not targets:
        return no_resources(run, arguments)
    grace = 1 if arguments.truth("now") else arguments.number("grace-period")
    said = suffix(arguments)
    lines: list[str] = [_IMMEDIATE] if arguments.truth("force") else []
    failed: KubernetesError | None = None
    for target in targets:
        try:
            if said:
                run.cluster.get(target.kind, target.name, namespace)
                lines.append(f'{target.kind.qualified_singular} "{target.name}" deleted{said}')
            elif arguments.truth("force") and target.kind is PODS:
                lines.append(edits.force_delete_pod(run.cluster, run.now, target.name, namespace=namespace))
            else:
                lines.append(_delete(run, target, namespace, grace if grace >= 0 else None))
        except KubernetesError as error:
            failed = failed or error
            lines.append(error.message)
    if failed is not None:
        said = "\n".join(lines)
        raise RefusedError(
            said, where=failed.where, expected=failed.expected, got=failed.got, todo=failed.todo
        )
    if arguments.truth("wait") and not said:
        _wait_until_gone(run, [t.name for t in targets if t.kind is PODS], namespace)
    return "\n".join(lines)


def _delete(run: Run, target: Target, namespace: str, grace: int | None) -> str:
    if target.kind is PODS:
        return edits.delete_pod(
            run.cluster, run.now, target.name, namespace=namespace, grace_period_seconds=grace
        )
    if target.kind is DEPLOYMENTS:
        return edits.delete_deployment(run.cluster, run.now, target.name, namespace=namespace)
    if target.kind is ROLLOUTS:
        return rollout_edits.delete(run.cluster, run.now, target.name, namespace=namespace)
    return edits.delete_object(run.cluster, run.now, target.kind, target.name, namespace=namespace)


def _wait_until_gone(run: Run, pods: Sequence[str], namespace: str) -> None:
    def gone() -> bool:
        return all(run.cluster.pods.find(name, namespace) is None for name in pods)

    if pods:
        run.block(run.now + 60 * SECOND, gone)
