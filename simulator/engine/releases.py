"""The record of releases: every change of a pod template, who made it and why; also the deploy markers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.world import CHANGE_CAUSE_ANNOTATION, Change, Cluster, Deployment, PodTemplate

#: Who changes a template without a commit.
OPERATOR: Final = "on-call"

Action = Literal["release", "undo", "restart", "edit"]


@dataclass(frozen=True, slots=True)
class Release:
    """One change of a Deployment's pod template.

    Attributes:
        at: ns; negative before T+00:00.
        deployment: Which.
        image: Of its first container from then on.
        version: The image's tag.
        cause: Its change-cause; empty where none was given.
        author: Who; ``on-call`` for whoever acts on the cluster by hand.
        commit: What the delivery pipeline released; empty for a change by hand, which git never saw.
        action: ``release`` from the pipeline, else ``undo``, ``restart`` or ``edit`` by hand.
    """

    at: int
    deployment: str
    image: str
    version: str
    cause: str = ""
    author: str = OPERATOR
    commit: str = ""
    action: Action = "edit"


def commit_of(deployment: str, image: str) -> str:
    """A commit id for a release that declares none: 40 hexadecimal digits made from what was released."""
    return hashlib.sha256(f"{deployment} {image}".encode()).hexdigest()[:40]


class ReleaseLog:
    """Watches the Deployments and writes down each change of template, oldest first.

    Args:
        env: The clock.
        cluster: What it watches.
    """

    def __init__(self, env: Environment, cluster: Cluster) -> None:
        self._env = env
        self._cluster = cluster
        self._templates: dict[tuple[str, str], PodTemplate] = {}
        self._announced: dict[str, Release] = {}
        self.releases: list[Release] = []
        cluster.subscribe(self._on_change)

    def seed(self, release: Release) -> None:
        """Write down a release from before the world began; call in order of time."""
        self.releases.append(release)

    def announce(self, release: Release) -> None:
        """Say what the next template change of this Deployment is, before it is made: the pipeline does."""
        self._announced[release.deployment] = release

    def retract(self, deployment: str) -> None:
        """Forget what was announced: the template did not change after all."""
        self._announced.pop(deployment, None)

    def _on_change(self, change: Change) -> None:
        deployment = change.object
        if not isinstance(deployment, Deployment):
            return
        place = (deployment.meta.namespace, deployment.meta.name)
        template, before = deployment.spec.template, self._templates.get(place)
        self._templates[place] = template
        if before is None or template is before or template.same_as(before):
            return
        announced = self._announced.pop(deployment.meta.name, None)
        self.releases.append(announced or self._by_hand(deployment, before))

    def _by_hand(self, deployment: Deployment, before: PodTemplate) -> Release:
        template = deployment.spec.template
        image = template.containers[0].image
        known = any(
            each.spec.template.same_as(template) for each in self._cluster.replica_sets_of(deployment)
        )
        action: Action = "undo" if known else "restart" if template.spec == before.spec else "edit"
        return Release(
            at=self._env.now,
            deployment=deployment.meta.name,
            image=image,
            version=version_of(image),
            cause=deployment.meta.annotations.get(CHANGE_CAUSE_ANNOTATION, ""),
            action=action,
        )
