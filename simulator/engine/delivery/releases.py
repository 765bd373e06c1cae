"""The record of releases: every change of a pod template or by the pipeline, who made it and why.

Also the deploy markers of every chart. A release of the pipeline has a commit and the files that it changed;
what people do by hand has neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from simulator.engine.delivery.repository import FileChange, commit_id
from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.world import CHANGE_CAUSE_ANNOTATION, Change, Cluster, Deployment, PodTemplate
from simulator.world.rollouts import Rollout

#: Who changes a template without a commit.
OPERATOR: Final = "on-call"

Action = Literal["release", "undo", "restart", "edit"]


@dataclass(frozen=True, slots=True)
class Release:
    """One change of a Deployment's or Rollout's pod template, or one release, whatever it changes.

    Attributes:
        at: ns; negative before T+00:00.
        deployment: Whose pods, a Deployment's or Rollout's; empty for a release that changes no template.
        image: Of its first container from then on; empty as above.
        version: The image's tag.
        cause: Its change-cause; empty where none was given.
        author: Who; ``on-call`` for whoever acts on the cluster by hand.
        commit: What the delivery pipeline released; empty for a change by hand, which git never saw.
        action: ``release`` from the pipeline, else ``undo``, ``restart`` or ``edit`` by hand.
        files: What the commit changed in the repository of deployments.
        reverts: The commit that this one takes back; empty for any other.
        pushed: When git got it, ns, where that was before its release; else None.
    """

    at: int
    deployment: str
    image: str
    version: str
    cause: str = ""
    author: str = OPERATOR
    commit: str = ""
    action: Action = "edit"
    files: tuple[FileChange, ...] = ()
    reverts: str = ""
    pushed: int | None = None

    @property
    def committed_at(self) -> int:
        """When git got it, ns."""
        return self.at if self.pushed is None else self.pushed

    @property
    def title(self) -> str:
        """What charts call it: ``checkout v43``, or what else it changed."""
        if self.deployment:
            return f"{self.deployment} {self.version}"
        names = [each.path.partition("/")[2].removesuffix(".yaml") for each in self.files]
        return names[0] if names else "release"

    @property
    def subject(self) -> str:
        """The first line of its commit message."""
        return self.cause or (f"{self.deployment}: {self.image}" if self.deployment else self.title)


def commit_of(deployment: str, image: str) -> str:
    """A commit id for a release of an image that declares none."""
    return commit_id(f"{deployment} {image}")


class ReleaseLog:
    """Watches the Deployments and Rollouts and writes down each change of template, oldest first.

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
        cluster.subscribe(self._on_change, Deployment, Rollout)

    def seed(self, release: Release) -> None:
        """Write down a release from before the world began; call in order of time."""
        self.releases.append(release)

    def announce(self, release: Release) -> None:
        """Say what the next template change of this Deployment is, before it is made: the pipeline does."""
        self._announced[release.deployment] = release

    def retract(self, deployment: str) -> Release | None:
        """Forget what was announced, and give it back if the template did not change after all."""
        return self._announced.pop(deployment, None)

    def record(self, release: Release) -> None:
        """Write down a release that changes no pod template."""
        self.releases.append(release)

    def find(self, commit: str) -> Release | None:
        """The newest release so far of this commit, or of one that begins so (four characters at least)."""
        if len(commit) < 4:
            return None
        found = [
            each for each in self.releases if each.commit.startswith(commit) and each.at <= self._env.now
        ]
        return found[-1] if found else None

    def _on_change(self, change: Change) -> None:
        deployment = change.object
        if not isinstance(deployment, (Deployment, Rollout)):
            return
        place = (deployment.meta.namespace, deployment.meta.name)
        template, before = deployment.spec.template, self._templates.get(place)
        self._templates[place] = template
        if before is None or template is before or template.same_as(before):
            return
        announced = self._announced.pop(deployment.meta.name, None)
        self.releases.append(announced or self._by_hand(deployment, before))

    def _by_hand(self, deployment: Deployment | Rollout, before: PodTemplate) -> Release:
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
