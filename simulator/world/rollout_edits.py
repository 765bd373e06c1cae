"""What ``kubectl argo rollouts`` does: patch a Rollout's spec or status. The controller does the rest.

Every function returns the plugin's own line for success and raises ``KubernetesError`` with its own line
for failure. ``namespace=None`` is the context's default. Source: argoproj/argo-rollouts
pkg/kubectl-argo-rollouts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simulator.units import SECOND, format_duration
from simulator.world.cluster import Cluster
from simulator.world.edits import with_images
from simulator.world.errors import KubernetesError
from simulator.world.kinds import ROLLOUTS
from simulator.world.pods import PodTemplate
from simulator.world.revisions import history
from simulator.world.rollouts import Rollout, RolloutSpec
from simulator.world.workloads import ReplicaSet


def set_image(cluster: Cluster, name: str, images: Mapping[str, str], *, namespace: str | None = None) -> str:
    """``set image NAME CONTAINER=IMAGE``; the container ``*`` means all.

    Raises:
        KubernetesError: No such Rollout or container.
    """
    rollout = cluster.rollout(name, namespace)
    renewed = with_images(rollout.spec.template, images, where=f"set image {name}", said="Error")
    _patch_template(cluster, rollout, renewed)
    return f'rollout "{name}" image updated'


def promote(cluster: Cluster, name: str, *, full: bool = False, namespace: str | None = None) -> str:
    """``promote NAME [--full]``: end the pause, else skip the step; in full, skip all that is left.

    Raises:
        KubernetesError: No such Rollout.
    """
    rollout = cluster.rollout(name, namespace)
    status = rollout.status
    if full:
        if not rollout.fully_promoted:
            rollout.status = replace(status, promote_full=True)
            cluster.changed(rollout)
        return f"rollout '{name}' fully promoted"
    index = status.current_step_index
    after = min((index or 0) + 1, len(rollout.steps)) if rollout.steps else index
    undecided = status.step_run is not None and status.step_run.status == "Inconclusive"
    if undecided and status.pause_conditions and status.controller_pause:
        rollout.status = replace(
            status, pause_conditions=(), controller_pause=False, current_step_index=after
        )
    elif status.pause_conditions:
        rollout.status = replace(status, pause_conditions=())
    elif rollout.canary is not None:
        rollout.status = replace(status, current_step_index=after)
    if not _patch(cluster, rollout, replace(rollout.spec, paused=False)):
        cluster.changed(rollout)
    return f"rollout '{name}' promoted"


def abort(cluster: Cluster, name: str, *, namespace: str | None = None) -> str:
    """``abort NAME``: users back to the stable pods; the template stays the new one.

    Raises:
        KubernetesError: No such Rollout.
    """
    rollout = cluster.rollout(name, namespace)
    rollout.status = replace(rollout.status, abort=True)
    cluster.changed(rollout)
    return f"rollout '{name}' aborted"


def retry(cluster: Cluster, name: str, *, namespace: str | None = None) -> str:
    """``retry rollout NAME``: an aborted update begins again with its first step.

    Raises:
        KubernetesError: No such Rollout.
    """
    rollout = cluster.rollout(name, namespace)
    rollout.status = replace(rollout.status, abort=False)
    cluster.changed(rollout)
    return f"rollout '{name}' retried"


def undo(cluster: Cluster, name: str, *, to_revision: int = 0, namespace: str | None = None) -> str:
    """``undo NAME [--to-revision=N]``: another template, so an update like any other; 0 is the one before.

    Raises:
        KubernetesError: No such Rollout or revision.
    """
    rollout = cluster.rollout(name, namespace)
    target = _target(cluster, rollout, to_revision)
    template = target.spec.template.bare()
    if template.same_as(rollout.spec.template):
        return f"skipped rollback (current template already matches revision {to_revision})"
    _patch_template(cluster, rollout, template)
    return f"rollout '{name}' undo"


def _target(cluster: Cluster, rollout: Rollout, to_revision: int) -> ReplicaSet:
    revisions, name = history(cluster, rollout), rollout.meta.name
    found = next((each for each in revisions if each.revision == to_revision), None)
    if found is not None:
        return found
    if not to_revision and len(revisions) > 1:
        return revisions[-2]
    known = ", ".join(str(each.revision) for each in revisions)
    message = (
        f"unable to find specified revision {to_revision} in history"
        if to_revision
        else f'no revision found for rollout "{name}"'
    )
    raise KubernetesError(
        f"Error: {message}",
        where=f"undo {name}",
        expected=f"one of the revisions {known}" if to_revision else "a revision before the current one",
        got=str(to_revision) if to_revision else f"{len(revisions)} in all",
        todo=f"kubectl argo rollouts get rollout {name} shows them.",
    )


def pause(cluster: Cluster, name: str, *, namespace: str | None = None) -> str:
    """``pause NAME``: until somebody promotes.

    Raises:
        KubernetesError: No such Rollout.
    """
    rollout = cluster.rollout(name, namespace)
    _patch(cluster, rollout, replace(rollout.spec, paused=True))
    return f"rollout '{name}' paused"


def restart(cluster: Cluster, now: int, name: str, *, delay: int = 0, namespace: str | None = None) -> str:
    """``restart NAME [--in 10s]``: replace every pod made before ``now + delay`` (ns), a few at a time.

    Raises:
        KubernetesError: No such Rollout.
    """
    rollout = cluster.rollout(name, namespace)
    at = -(-(now + delay) // SECOND) * SECOND  # the API keeps whole seconds
    _patch(cluster, rollout, replace(rollout.spec, restart_at=at))
    return f"rollout '{name}' restarts in {format_duration(delay)}"


def scale(
    cluster: Cluster,
    name: str,
    replicas: int,
    *,
    namespace: str | None = None,
    current_replicas: int | None = None,
) -> str:
    """``kubectl scale rollout/NAME --replicas=N [--current-replicas=M]``.

    Raises:
        KubernetesError: No such Rollout, or other than ``current_replicas`` now.
    """
    rollout = cluster.rollout(name, namespace)
    if current_replicas is not None and current_replicas != rollout.spec.replicas:
        raise KubernetesError(
            f"error: Expected replicas to be {current_replicas}, was {rollout.spec.replicas}",
            where=f"scale rollout/{name}",
            expected=f"{current_replicas} replicas now",
            got=str(rollout.spec.replicas),
            todo="Somebody else has scaled it; look before you scale.",
        )
    _patch(cluster, rollout, replace(rollout.spec, replicas=replicas))
    return f"{ROLLOUTS.qualified_singular}/{name} scaled"


def delete(cluster: Cluster, now: int, name: str, *, namespace: str | None = None) -> str:
    """``kubectl delete rollout NAME``: gone at once; what it owns follows in the background.

    Raises:
        KubernetesError: No such Rollout.
    """
    rollout = cluster.rollout(name, namespace)
    rollout.meta.deleted_at = now
    cluster.remove(rollout)
    return f'{ROLLOUTS.qualified_singular} "{name}" deleted'


def _patch_template(cluster: Cluster, rollout: Rollout, template: PodTemplate) -> None:
    _patch(cluster, rollout, replace(rollout.spec, template=template))


def _patch(cluster: Cluster, rollout: Rollout, spec: RolloutSpec) -> bool:
    """Replace the spec; a real change raises the generation.

    Returns:
        Whether it was one.
    """
    if spec == rollout.spec:
        return False
    rollout.spec = spec
    rollout.meta.generation += 1
    cluster.changed(rollout)
    return True
