"""``kubectl logs``: what pods wrote, as the real requests wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import (
    KUBECTL,
    NAMESPACE,
    SELECTOR,
    matching,
    namespace_of,
    no_resources,
    objects_after,
    selector,
)
from simulator.drill.console.objects.resources import Target, targets_of
from simulator.drill.console.registry import Command
from simulator.telemetry.sampling import SUCCESSES_IN
from simulator.units import SECOND
from simulator.world import (
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    SERVICES,
    Deployment,
    KubernetesError,
    Pod,
    ReplicaSet,
    Service,
)

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: What ``--tail`` is where a selector is given and no tail (kubectl pkg/cmd/logs/logs.go).
_SELECTOR_TAIL: Final = 10
#: How long ``-f`` looks when nothing calls the learner away.
_FOLLOW: Final = 30 * SECOND
_EVER: Final = -(1 << 62)


def _logs_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    words = arguments.words
    if arguments.given("selector"):
        if words:
            raise RefusedError(
                "error: only a selector (-l) or a POD name is allowed",
                where=line,
                expected="-l SELECTOR, or a pod",
                got=line,
                todo="Leave one of them out.",
            )
        selector(arguments.text("selector"), line)
        return ()
    if not words:
        raise RefusedError(
            "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\n"
            "POD or TYPE/NAME is a required argument for the logs command\n"
            "See 'kubectl logs -h' for help and examples",
            where=line,
            expected="a pod, TYPE/NAME or -l SELECTOR",
            got="none",
            todo="Try kubectl logs -l app=NAME --tail=100.",
        )
    if len(words) > 2:
        raise RefusedError(
            "error: only one non-resource argument is allowed here",
            where=line,
            expected="one pod and at most one container",
            got=" ".join(words),
            todo="Use -l SELECTOR for several pods.",
        )
    target = targets_of(words[:1], line)[0] if "/" in words[0] else Target(PODS, words[0])
    if target.kind not in (PODS, DEPLOYMENTS, REPLICA_SETS, SERVICES):
        known = "v1.{}" if target.kind.group in ("", "apps") else "unstructured.Unstructured"
        type_ = known.format(target.kind.kind)
        raise RefusedError(
            f"error: cannot get the logs from *{type_}: selector for *{type_} not implemented",
            where=line,
            expected="a pod, or what owns pods",
            got=str(target),
            todo="Try deployment/NAME.",
        )
    return (str(target),)


@KUBECTL.verb(
    "logs",
    usage="POD | TYPE/NAME | -l SELECTOR [--tail=N] [--since=5m]",
    about="Print what containers wrote.",
    kind="look",
    cost="logs",
    flags=(
        NAMESPACE,
        SELECTOR,
        Flag("tail", "Newest lines of each pod; -1 for all, 10 with a selector.", takes="int", default="-1"),
        Flag("since", "Only what is newer than this, for example 5m.", takes="duration"),
        Flag("container", "Which container.", short="c"),
        Flag("all-containers", "Every container.", takes="bool"),
        Flag("since-time", "Only what is newer than this time in RFC 3339."),
        Flag("follow", "Go on printing; ends at a page or after 30 s.", short="f", takes="bool"),
        Flag("previous", "The container before its last restart.", short="p", takes="bool"),
        Flag("prefix", "Pod and container in front of each line.", takes="bool"),
        Flag("timestamps", "The time in front of each line.", takes="bool"),
        Flag("all-pods", "Every pod of TYPE/NAME; sets --prefix.", takes="bool"),
        Flag("max-log-requests", "How many pods may be followed at once.", takes="int", default="5"),
    ),
    normalise=_logs_words,
    candidates=objects_after,
)
def logs(run: Run, command: Command) -> str:
    """Print the newest lines of the pods that the line means."""
    arguments = command.arguments
    preface, pods = _pods(run, command)
    if not pods and arguments.given("selector"):
        return no_resources(run, arguments)
    container = arguments.text("container") or (arguments.words[1] if len(arguments.words) > 1 else "")
    for pod in pods:
        _check(pod, container, arguments, command.line)
    _check_streams(len(pods), arguments, command.line)
    tail = arguments.number("tail")
    if arguments.given("selector") and not arguments.given("tail"):
        tail = _SELECTOR_TAIL
    began = run.now
    lines = [*preface, *_lines(run, pods, arguments, tail, _since(run, arguments, command.line))]
    if arguments.truth("follow") and not arguments.truth("previous"):
        run.block(began + _FOLLOW)
        lines += _lines(run, pods, arguments, -1, began)
    if len(lines) == len(preface) and not arguments.truth("previous"):
        lines.append(
            f"# No line: a pod writes one for each request that fails and one in {SUCCESSES_IN} others."
        )
    return "\n".join(lines)


def _since(run: Run, arguments: Arguments, line: str) -> int | None:
    if arguments.given("since") and arguments.given("since-time"):
        raise RefusedError(
            "error: at most one of `sinceTime` or `sinceSeconds` may be specified",
            where=line,
            expected="--since or --since-time",
            got="both",
            todo="Leave one of them out.",
        )
    if arguments.given("since"):
        return run.now - arguments.duration("since")
    if not arguments.given("since-time"):
        return None
    text = arguments.text("since-time")
    since = run.telemetry.logs.instant(text)
    if since is None:
        raise RefusedError(
            f'error: parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{text}" as "2006"',
            where=line,
            expected="a time in RFC 3339",
            got=repr(text),
            todo=f"Write it like {run.telemetry.logs.timestamp(run.now)}.",
        )
    return since - 1  # from that time on


def _check_streams(pods: int, arguments: Arguments, line: str) -> None:
    most = arguments.number("max-log-requests")
    if arguments.truth("follow") and pods > most:
        raise RefusedError(
            f"error: you are attempting to follow {pods} log streams, but maximum allowed concurrency is "
            f"{most}, use --max-log-requests to increase the limit",
            where=line,
            expected=f"at most {most} pods",
            got=str(pods),
            todo=f"Add --max-log-requests={pods}.",
        )


def _lines(run: Run, pods: list[Pod], arguments: Arguments, tail: int, since: int | None) -> list[str]:
    texts, logs = [], run.telemetry.logs
    prefix = arguments.truth("prefix") or arguments.truth("all-pods")
    for pod in pods:
        began, ended = _life(pod, previous=arguments.truth("previous"))
        after = began if since is None else max(since, began)
        for line in logs.tail([pod.meta.name], tail if tail >= 0 else None, after, ended):
            text = logs.text(line)
            if arguments.truth("timestamps"):
                text = f"{logs.timestamp(line.at, nanoseconds=True)} {text}"
            texts.append(f"[pod/{line.pod}/{_container(pods, line.pod)}] {text}" if prefix else text)
    return texts


def _life(pod: Pod, *, previous: bool) -> tuple[int, int | None]:
    """(after, until) in which the container wrote whose log is meant, ns.

    The kubelet keeps one log a container, so a restart begins a new one. One that waits to be started again
    shows what it wrote before (kubelet_pods.go, validateContainerLogStatus).
    """
    for status in pod.status.container_statuses[:1]:
        last = status.last_state
        ended = None if last is None else last.finished_at
        if previous or (status.state.phase == "waiting" and last is not None):
            began = None if last is None else last.started_at
            return _EVER if began is None else began - 1, ended
        if ended is not None and status.state.started_at is not None:
            return status.state.started_at - 1, None
    return _EVER, None


def _container(pods: list[Pod], name: str) -> str:
    return next(pod.spec.containers[0].name for pod in pods if pod.meta.name == name)


def _pods(run: Run, command: Command) -> tuple[list[str], list[Pod]]:
    """(lines that kubectl prints first, the pods)."""
    arguments = command.arguments
    if arguments.given("selector"):
        found = matching(run, PODS, arguments, command.line)
        return [], [pod for pod in found if isinstance(pod, Pod)]
    target = targets_of(command.targets, command.line)[0]
    namespace = namespace_of(run, arguments)
    if target.kind is PODS:
        try:
            return [], [run.cluster.pod(target.name, namespace)]
        except KubernetesError as error:
            raise RefusedError(
                f'error: error from server (NotFound): pods "{target.name}" not found '
                f'in namespace "{namespace}"',
                where=command.line,
                expected=error.expected,
                got=error.got,
                todo=error.todo,
            ) from None
    owner = run.cluster.get(target.kind, target.name, namespace)
    if isinstance(owner, Service):
        pods = [pod for pod in run.cluster.pods if _serves(owner, pod)]
    elif isinstance(owner, Deployment | ReplicaSet):
        pods = run.cluster.pods_of(owner)
    else:  # pragma: no cover - _logs_words admits these kinds only
        raise AssertionError(target)
    if not pods:
        raise RefusedError(
            "error: timed out waiting for the condition",
            where=command.line,
            expected=f"{target} with at least one pod",
            got="none",
            todo=f"Look with kubectl get {target}.",
        )
    # kubectl takes the pod that is most alive, then the one that was made first.
    pods.sort(key=lambda pod: (pod.terminating, not pod.ready, pod.meta.created_at, pod.meta.name))
    if arguments.truth("all-pods"):
        return [], pods
    preface = [f"Found {len(pods)} pods, using pod/{pods[0].meta.name}"] if len(pods) > 1 else []
    return preface, pods[:1]


def _serves(service: Service, pod: Pod) -> bool:
    return all(pod.meta.labels.get(name) == value for name, value in service.spec.selector.items())


def _check(pod: Pod, container: str, arguments: Arguments, line: str) -> None:
    names = [each.name for each in pod.spec.containers]
    if container and container not in names:
        raise RefusedError(
            f"error: container {container} is not valid for pod {pod.meta.name}",
            where=line,
            expected=f"one of {', '.join(names)}",
            got=repr(container),
            todo="Leave -c out.",
        )
    statuses = pod.status.container_statuses[:1]
    last = any(status.last_state is not None for status in statuses)
    if arguments.truth("previous") and not last:
        raise RefusedError(
            f'Error from server (BadRequest): previous terminated container "{names[0]}" in pod '
            f'"{pod.meta.name}" not found',
            where=line,
            expected="a container that was restarted",
            got="none",
            todo="Leave -p out.",
        )
    waiting = [status.state.reason for status in statuses if status.state.phase == "waiting"]
    if (waiting or not pod.node_name) and not last and not arguments.given("selector"):
        reason = waiting[0] if waiting else ""
        raise RefusedError(
            f"Error from server (BadRequest): {_not_yet(pod, names[0], reason)}",
            where=line,
            expected="a container that has started",
            got=reason or "a pod that is not scheduled",
            todo="Try again when it runs; kubectl describe pod says what it waits for.",
        )


def _not_yet(pod: Pod, container: str, reason: str) -> str:
    """Why there is no log yet, as API server and kubelet say it."""
    name = pod.meta.name
    if not pod.node_name:
        return f"pod {name} does not have a host assigned"
    why = {
        "ErrImagePull": "image can't be pulled",
        "ImagePullBackOff": "trying and failing to pull image",
    }.get(reason, reason)
    return f'container "{container}" in pod "{name}" is waiting to start: {why}'
