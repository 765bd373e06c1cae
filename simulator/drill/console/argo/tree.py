"""What ``kubectl argo rollouts get rollout`` prints: a Rollout's figures, and the tree of what it owns.

Source: argoproj/argo-rollouts pkg/kubectl-argo-rollouts/cmd/get, /info (1.8).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulator.drill.console.kubectl.columns import age
from simulator.drill.console.tables import tabulate
from simulator.units import format_age
from simulator.world import Cluster, Pod, ReplicaSet, find_condition
from simulator.world.analysis import AnalysisRun
from simulator.world.pods import ROLLOUT_HASH_LABEL
from simulator.world.rollouts import SCALE_DOWN_ANNOTATION, Rollout
from simulator.world.workloads import ROLLOUT_REVISION_ANNOTATION

OK, BAD, PROGRESSING, PAUSED, WARNING, UNKNOWN, NEUTRAL = "✔", "✖", "◌", "॥", "⚠", "?", "•"
_ROLLOUT, _REVISION, _REPLICA_SET, _POD, _ANALYSIS = "⟳", "#", "⧉", "□", "α"
_ICONS: Final = {
    "Progressing": PROGRESSING,
    "Paused": PAUSED,
    "Healthy": OK,
    "Degraded": BAD,
    "ScaledDown": NEUTRAL,
    "ReplicaFailure": BAD,
}
_RUN_ICONS: Final = {
    "Successful": OK,
    "Failed": BAD,
    "Error": WARNING,
    "Inconclusive": UNKNOWN,
    "Running": PROGRESSING,
    "Pending": PROGRESSING,
}
_POD_ICONS: Final = {
    **dict.fromkeys(("Pending", "Terminating", "ContainerCreating"), PROGRESSING),
    **dict.fromkeys(("Running", "Completed"), OK),
    **dict.fromkeys(("Failed", "InvalidImageName", "CrashLoopBackOff"), BAD),
    **dict.fromkeys(("ImagePullBackOff", "RegistryUnavailable"), WARNING),
    "Unknown": UNKNOWN,
}


def status_of(rollout: Rollout) -> tuple[str, str]:
    """(phase, message) as the plugin sees them: it does not wait for the controller to notice an edit."""
    status = rollout.status
    if status.observed_generation < rollout.meta.generation:
        return "Progressing", "waiting for rollout spec update to be observed"
    if status.controller_pause and not status.pause_conditions and status.phase == "Paused":
        return "Progressing", "waiting for rollout to unpause"
    return status.phase or "Progressing", status.message


def icon(phase: str) -> str:
    """The sign before a phase."""
    return _ICONS.get(phase, UNKNOWN)


def step_of(rollout: Rollout) -> str:
    """``3/8``; empty without steps."""
    index = rollout.status.current_step_index
    return f"{index}/{len(rollout.steps)}" if rollout.steps and index is not None else ""


def actual_weight(rollout: Rollout, cluster: Cluster) -> str:
    """Percent of the users that the canary gets, or by replica ratio of the pods that it has."""
    if rollout.current_step is None:
        return "100"
    if rollout.routed:
        return str(rollout.status.weights.canary) if rollout.status.weights is not None else "0"
    there = sum(
        each.status.available_replicas
        for each in cluster.replica_sets_of(rollout)
        if "canary" in _tags(rollout, each)
    )
    available = rollout.status.available_replicas
    return str(there * 100 // available) if available else "0"


def picture(rollout: Rollout, cluster: Cluster, now: int) -> str:
    """All that ``get rollout`` prints."""
    phase, message = status_of(rollout)
    rows = [("Name:", rollout.meta.name), ("Namespace:", rollout.meta.namespace)]
    rows.append(("Status:", f"{icon(phase)} {phase}"))
    if message:
        rows.append(("Message:", message))
    if rollout.canary is not None:
        rows += [
            ("Strategy:", "Canary"),
            ("  Step:", step_of(rollout)),
            ("  SetWeight:", str(rollout.set_weight)),
            ("  ActualWeight:", actual_weight(rollout, cluster)),
        ]
    else:
        rows.append(("Strategy:", "BlueGreen"))
    images = _images(rollout, cluster)
    rows += [("Images:" if number == 0 else "", image) for number, image in enumerate(images)]
    status = rollout.status
    rows += [
        ("Replicas:", ""),
        ("  Desired:", str(rollout.spec.replicas)),
        ("  Current:", str(status.replicas)),
        ("  Updated:", str(status.updated_replicas)),
        ("  Ready:", str(status.ready_replicas)),
        ("  Available:", str(status.available_replicas)),
    ]
    head = [f"{name:<17}{value}".rstrip() for name, value in rows]
    tree = ["NAME\tKIND\tSTATUS\tAGE\tINFO", *_tree(rollout, cluster, now)]
    return "\n".join([*head, "", tabulate("\n".join(tree))]) + "\n"


def _tags(rollout: Rollout, replica_set: ReplicaSet) -> list[str]:
    """What a ReplicaSet is to its Rollout, in the order in which the tree says it."""
    hash_, status = replica_set.meta.labels.get(ROLLOUT_HASH_LABEL, ""), rollout.status
    found = ["stable"] if hash_ == status.stable_rs else []
    if rollout.canary is not None:
        return found or (["canary"] if hash_ == status.current_pod_hash else [])
    if hash_ == status.active_selector:
        return [*found, "active"]
    return [*found, "preview"] if hash_ == status.preview_selector else found


def _images(rollout: Rollout, cluster: Cluster) -> list[str]:
    """Images that run, by name, with what they run as."""
    tags: dict[str, list[str]] = {}
    for replica_set in _newest_first(rollout, cluster):
        if replica_set.status.replicas:
            for container in replica_set.spec.template.containers:
                known = tags.setdefault(container.image, [])
                known += [tag for tag in _tags(rollout, replica_set) if tag not in known]
    return [f"{image} ({', '.join(tags[image])})" if tags[image] else image for image in sorted(tags)]


def _newest_first(rollout: Rollout, cluster: Cluster) -> list[ReplicaSet]:
    return sorted(cluster.replica_sets_of(rollout), key=lambda each: (-each.revision, each.meta.name))


def _tree(rollout: Rollout, cluster: Cluster, now: int) -> Iterator[str]:
    phase, _ = status_of(rollout)
    yield _line(f"{_ROLLOUT} {rollout.meta.name}", "Rollout", f"{icon(phase)} {phase}", rollout, now, "")
    replica_sets, runs = _newest_first(rollout, cluster), _runs(rollout, cluster)
    revisions = {each.revision for each in replica_sets} | {_revision(each) for each in runs}
    for revision in sorted(revisions, reverse=True):
        here, below = _branch("", revision == min(revisions))
        yield f"{here}{_REVISION} revision:{revision}\t\t \t\t"
        owned: list[ReplicaSet | AnalysisRun] = [each for each in replica_sets if each.revision == revision]
        owned += [each for each in runs if _revision(each) == revision]
        for each in owned:
            child, grandchild = _branch(below, each is owned[-1])
            if isinstance(each, AnalysisRun):
                yield _line(
                    f"{child}{_ANALYSIS} {each.meta.name}",
                    "AnalysisRun",
                    _verdict(each),
                    each,
                    now,
                    _counts(each),
                )
            else:
                yield from _replica_set(rollout, each, cluster, now, (child, grandchild))


def _replica_set(
    rollout: Rollout, replica_set: ReplicaSet, cluster: Cluster, now: int, place: tuple[str, str]
) -> Iterator[str]:
    here, below = place
    about = _tags(rollout, replica_set)
    deadline = replica_set.meta.annotations.get(SCALE_DOWN_ANNOTATION)
    if deadline is not None:
        left = cluster.instant(deadline) - now
        about.append(f"delay:{'passed' if left < 0 else format_age(left)}")
    health = _health(replica_set)
    name = f"{here}{_REPLICA_SET} {replica_set.meta.name}"
    yield _line(name, "ReplicaSet", f"{icon(health)} {health}", replica_set, now, ",".join(about))
    pods = sorted(cluster.pods_of(replica_set), key=lambda pod: (pod.meta.created_at, pod.meta.name))
    for pod in pods:
        inside = f"ready:{pod.containers_ready}/{len(pod.spec.containers)}"
        if pod.restarts:
            inside += f",restarts:{pod.restarts}"
        text = pod.status_text
        status = f"{_pod_icon(text)} {text}"
        child, _ = _branch(below, pod is pods[-1])
        yield _line(f"{child}{_POD} {pod.meta.name}", "Pod", status, pod, now, inside)


def _line(
    name: str, kind: str, status: str, item: Rollout | ReplicaSet | AnalysisRun | Pod, now: int, about: str
) -> str:
    return f"{name}\t{kind}\t{status}\t{age(item.meta.created_at, now)}\t{about}"


def _branch(before: str, last: bool) -> tuple[str, str]:
    """What stands before a node, and before those below it."""
    return (f"{before}└──", f"{before}   ") if last else (f"{before}├──", f"{before}│  ")


def _health(replica_set: ReplicaSet) -> str:
    wanted, status = replica_set.spec.replicas, replica_set.status
    if status.observed_generation < replica_set.meta.generation:
        return "Progressing"
    failure = find_condition(status.conditions, "ReplicaFailure")
    if failure is not None and failure.status == "True":
        return "ReplicaFailure"
    if status.available_replicas < wanted:
        return "Progressing"
    return "Healthy" if wanted else "ScaledDown"


def _pod_icon(text: str) -> str:
    """The plugin's ``podIcon``: nothing for what it does not know, such as ``OOMKilled``."""
    if text.startswith("Init:"):
        return PROGRESSING
    if text.startswith(("Signal:", "ExitCode:")):
        return BAD
    if text.startswith("Err") or text.endswith("Error"):
        return WARNING
    return _POD_ICONS.get(text, " ")


def _runs(rollout: Rollout, cluster: Cluster) -> list[AnalysisRun]:
    """Its AnalysisRuns, the oldest first."""
    found = [
        run
        for run in cluster.table(AnalysisRun)
        if run.meta.owner is not None and run.meta.owner.uid == rollout.meta.uid
    ]
    return sorted(found, key=lambda run: (run.meta.created_at, run.meta.name))


def _revision(run: AnalysisRun) -> int:
    return int(run.meta.annotations.get(ROLLOUT_REVISION_ANNOTATION, "0"))


def _verdict(run: AnalysisRun) -> str:
    phase = run.status.phase or "Pending"
    return f"{_RUN_ICONS[phase]} {phase}"


def _counts(run: AnalysisRun) -> str:
    """Measurements by verdict: ``✔ 4,✖ 1``."""
    results = run.status.metric_results
    counts = (
        (OK, sum(each.successful for each in results)),
        (BAD, sum(each.failed for each in results)),
        (UNKNOWN, sum(each.inconclusive for each in results)),
        (WARNING, sum(each.error for each in results)),
    )
    return ",".join(f"{sign} {count}" for sign, count in counts if count)
