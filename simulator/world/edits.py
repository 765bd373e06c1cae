"""What kubectl's verbs do: patch a spec or ask for a deletion. Controllers do the rest.

Every function returns kubectl's own line for success and raises ``KubernetesError`` with its own line for
failure. ``namespace=None`` is the context's default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from simulator.world.cluster import Cluster
from simulator.world.errors import KubernetesError
from simulator.world.kinds import DEPLOYMENTS, PODS, Kind
from simulator.world.pods import PodTemplate
from simulator.world.revisions import OWN_ANNOTATIONS, rollback_target
from simulator.world.workloads import RESTARTED_AT_ANNOTATION, Deployment, DeploymentSpec

#: The largest ``replicas`` that the API server takes: a 32-bit integer.
_MOST_REPLICAS: Final = 2**31 - 1


def scale(
    cluster: Cluster,
    now: int,  # noqa: ARG001 - every edit has the same first two arguments
    name: str,
    replicas: int,
    *,
    namespace: str | None = None,
    current_replicas: int | None = None,
) -> str:
    """``kubectl scale deployment/NAME --replicas=N [--current-replicas=M]``.

    Raises:
        KubernetesError: No such Deployment, a count out of range, or other than ``current_replicas`` now.
    """
    if not 0 <= replicas <= _MOST_REPLICAS:
        raise KubernetesError(
            "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
            where=f"scale deployment/{name}",
            expected=f"a count from 0 to {_MOST_REPLICAS}",
            got=str(replicas),
            todo="Give --replicas a count.",
        )
    deployment = cluster.deployment(name, namespace)
    if current_replicas is not None and current_replicas != deployment.spec.replicas:
        raise KubernetesError(
            f"error: Expected replicas to be {current_replicas}, was {deployment.spec.replicas}",
            where=f"scale deployment/{name}",
            expected=f"{current_replicas} replicas now",
            got=str(deployment.spec.replicas),
            todo="Somebody else has scaled it; look before you scale.",
        )
    _patch(cluster, deployment, replace(deployment.spec, replicas=replicas))
    return _done(name, "scaled")


def set_image(
    cluster: Cluster,
    now: int,  # noqa: ARG001
    name: str,
    images: Mapping[str, str],
    *,
    namespace: str | None = None,
) -> str:
    """``kubectl set image deployment/NAME CONTAINER=IMAGE …``.

    Args:
        cluster: Where.
        now: ns.
        name: The Deployment's.
        images: Container to image; the container ``*`` means all.
        namespace: None is the default one.

    Returns:
        Kubectl's line; empty when nothing changed, as kubectl then prints nothing.

    Raises:
        KubernetesError: No such Deployment or container.
    """
    deployment = cluster.deployment(name, namespace)
    renewed = with_images(deployment.spec.template, images, where=f"set image deployment/{name}")
    changed = patch_template(cluster, deployment, renewed)
    return _done(name, "image updated") if changed else ""


def with_images(
    template: PodTemplate, images: Mapping[str, str], *, where: str, said: str = "error"
) -> PodTemplate:
    """A pod template with other images.

    Args:
        template: As it is.
        images: Container to image; the container ``*`` means all.
        where: The line, for the error.
        said: How the tool that was typed begins its errors.

    Raises:
        KubernetesError: No such container.
    """
    names = [container.name for container in template.containers]
    for container_name in images:
        if container_name != "*" and container_name not in names:
            raise KubernetesError(
                f'{said}: unable to find container named "{container_name}"',
                where=where,
                expected="one of the containers " + ", ".join(names),
                got=repr(container_name),
                todo=f"Write {names[0]}=IMAGE.",
            )
    renewed = tuple(
        replace(container, image=images.get(container.name, images.get("*", container.image)))
        for container in template.containers
    )
    return replace(template, spec=replace(template.spec, containers=renewed))


def rollout_undo(
    cluster: Cluster,
    now: int,  # noqa: ARG001
    name: str,
    *,
    to_revision: int = 0,
    namespace: str | None = None,
) -> str:
    """``kubectl rollout undo deployment/NAME [--to-revision=N]``; 0 is the revision before the current.

    Raises:
        KubernetesError: No such Deployment or revision, or it is paused.
    """
    deployment = cluster.deployment(name, namespace)
    target = rollback_target(cluster, deployment, to_revision)
    if deployment.spec.paused:
        raise KubernetesError(
            "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' "
            "and try again",
            where=f"rollout undo deployment/{name}",
            expected="a Deployment that is not paused",
            got="a paused one",
            todo=f"kubectl rollout resume deployment/{name}, then undo.",
        )
    template = target.spec.template.bare()
    if template.same_as(deployment.spec.template):
        return _done(name, f"skipped rollback (current template already matches revision {target.revision})")
    annotations = deployment.meta.annotations
    deployment.meta.annotations = {
        **{each: annotations[each] for each in OWN_ANNOTATIONS if each in annotations},
        **{each: text for each, text in target.meta.annotations.items() if each not in OWN_ANNOTATIONS},
    }
    patch_template(cluster, deployment, template)
    return _done(name, "rolled back")


def rollout_restart(cluster: Cluster, now: int, name: str, *, namespace: str | None = None) -> str:
    """``kubectl rollout restart deployment/NAME``: a new template that differs only in an annotation.

    Raises:
        KubernetesError: No such Deployment, it is paused, or it was restarted within this second already.
    """
    deployment = cluster.deployment(name, namespace)
    if deployment.spec.paused:
        raise KubernetesError(
            f'error: deployments.apps "{name}" can\'t restart paused deployment (run rollout resume first)',
            where=f"rollout restart deployment/{name}",
            expected="a Deployment that is not paused",
            got="a paused one",
            todo=f"kubectl rollout resume deployment/{name}, then restart.",
        )
    template = deployment.spec.template
    annotations = {**template.annotations, RESTARTED_AT_ANNOTATION: cluster.timestamp(now)}
    if not patch_template(cluster, deployment, replace(template, annotations=annotations)):
        raise KubernetesError(
            f"error: if restart has already been triggered within the past second, please wait before "
            f'attempting to trigger another: deployments.apps "{name}"',
            where=f"rollout restart deployment/{name}",
            expected="at least a second since the last restart",
            got="less",
            todo="Wait a second.",
        )
    return _done(name, "restarted")


def rollout_pause(cluster: Cluster, now: int, name: str, *, namespace: str | None = None) -> str:  # noqa: ARG001
    """``kubectl rollout pause deployment/NAME``.

    Raises:
        KubernetesError: No such Deployment, or it is paused already.
    """
    return _set_paused(cluster, name, namespace, paused=True)


def rollout_resume(cluster: Cluster, now: int, name: str, *, namespace: str | None = None) -> str:  # noqa: ARG001
    """``kubectl rollout resume deployment/NAME``.

    Raises:
        KubernetesError: No such Deployment, or it is not paused.
    """
    return _set_paused(cluster, name, namespace, paused=False)


def annotate(
    cluster: Cluster,
    now: int,  # noqa: ARG001
    name: str,
    annotations: Mapping[str, str | None],
    *,
    namespace: str | None = None,
) -> str:
    """``kubectl annotate --overwrite deployment/NAME KEY=VALUE … KEY-``; None takes an annotation away.

    Raises:
        KubernetesError: No such Deployment.
    """
    deployment = cluster.deployment(name, namespace)
    for annotation, text in annotations.items():
        if text is None:
            deployment.meta.annotations.pop(annotation, None)
        else:
            deployment.meta.annotations[annotation] = text
    cluster.changed(deployment)
    return _done(name, "annotated")


def delete_pod(
    cluster: Cluster,
    now: int,
    name: str,
    *,
    namespace: str | None = None,
    grace_period_seconds: int | None = None,
) -> str:
    """``kubectl delete pod NAME [--grace-period=N]``: asks for it; the pod drains and goes in its own time.

    Raises:
        KubernetesError: No such pod.
    """
    pod = cluster.pod(name, namespace)
    if grace_period_seconds is not None and not pod.terminating:
        pod.spec = replace(pod.spec, termination_grace_period_seconds=grace_period_seconds)
    request_deletion(cluster, now, name, namespace=namespace)
    return f'{PODS.singular} "{name}" deleted'


def force_delete_pod(cluster: Cluster, now: int, name: str, *, namespace: str | None = None) -> str:
    """``kubectl delete pod NAME --force``: the object is gone at once, whatever still runs on its node.

    Raises:
        KubernetesError: No such pod.
    """
    pod = cluster.pod(name, namespace)
    pod.meta.deleted_at = now if pod.meta.deleted_at is None else pod.meta.deleted_at
    cluster.remove(pod)
    return f'{PODS.singular} "{name}" force deleted'


def request_deletion(cluster: Cluster, now: int, name: str, *, namespace: str | None = None) -> bool:
    """Mark a pod for deletion, as ``delete pod`` and the ReplicaSet controller do.

    Returns:
        False when it was terminating already.
    """
    pod = cluster.pod(name, namespace)
    if pod.terminating:
        return False
    pod.meta.deleted_at = now
    cluster.changed(pod)
    return True


def delete_deployment(cluster: Cluster, now: int, name: str, *, namespace: str | None = None) -> str:
    """``kubectl delete deployment NAME``: gone at once; what it owns follows in the background.

    Raises:
        KubernetesError: No such Deployment.
    """
    deployment = cluster.deployment(name, namespace)
    deployment.meta.deleted_at = now
    cluster.remove(deployment)
    return f'{DEPLOYMENTS.qualified_singular} "{name}" deleted'


def delete_object(cluster: Cluster, now: int, kind: Kind, name: str, *, namespace: str | None = None) -> str:
    """``kubectl delete TYPE NAME`` of something that owns nothing and is gone at once.

    Raises:
        KubernetesError: There is none of this name.
    """
    item = cluster.get(kind, name, namespace)
    item.meta.deleted_at = now
    cluster.remove(item)
    return f'{kind.qualified_singular} "{name}" deleted'


def patch_template(cluster: Cluster, deployment: Deployment, template: PodTemplate) -> bool:
    """Give a Deployment another pod template, which starts a rollout unless it is paused.

    Returns:
        Whether the template differs from the one it had.
    """
    return _patch(cluster, deployment, replace(deployment.spec, template=template))


def replace_spec(cluster: Cluster, deployment: Deployment, spec: DeploymentSpec) -> bool:
    """Give a Deployment another spec whole, as a patch or an apply does.

    Returns:
        Whether it differs from the one it had.
    """
    return _patch(cluster, deployment, spec)


def _set_paused(cluster: Cluster, name: str, namespace: str | None, *, paused: bool) -> str:
    deployment = cluster.deployment(name, namespace)
    if deployment.spec.paused == paused:
        state = "already paused" if paused else "not paused"
        raise KubernetesError(
            f'error: deployments.apps "{name}" is {state}',
            where=f"rollout {'pause' if paused else 'resume'} deployment/{name}",
            expected="a running rollout" if paused else "a paused Deployment",
            got=f"one that is {state}",
            todo="There is nothing to do.",
        )
    _patch(cluster, deployment, replace(deployment.spec, paused=paused))
    return _done(name, "paused" if paused else "resumed")


def _patch(cluster: Cluster, deployment: Deployment, spec: DeploymentSpec) -> bool:
    """Replace the spec; a real change raises the generation. Watchers hear of it either way."""
    changed = spec != deployment.spec
    if changed:
        deployment.spec = spec
        deployment.meta.generation += 1
    cluster.changed(deployment)
    return changed


def _done(name: str, what: str) -> str:
    return f"{DEPLOYMENTS.qualified_singular}/{name} {what}"
