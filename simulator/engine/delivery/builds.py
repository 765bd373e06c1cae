"""What a run builds: an image of its own from the source of another, with whatever its actions put in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from simulator.engine.delivery.actions import Actions
from simulator.engine.delivery.runs import WorkflowRun
from simulator.scenario.releases import ReleasePlan
from simulator.scenario.sealed import VersionModel


class Images(Protocol):
    """What is needed of the software."""

    def rebuild(self, workload: str, image: str, source: str, models: Sequence[VersionModel]) -> None:
        """Make an image known that is built from the source of another, with something laid over it."""


class Builds:
    """Builds images, where the pipeline is one that does.

    Args:
        images: Where they go.
        actions: What the workflow's actions are.
        on: Whether it builds; else each image is there already.
    """

    def __init__(self, images: Images, actions: Actions, *, on: bool) -> None:
        self._images = images
        self._actions = actions
        self._on = on
        self._sources: dict[tuple[str, str], str] = {}

    def name(self, workload: str, image: str, number: int) -> str:
        """How the image is called that run ``number`` makes of this one's source."""
        if not self._on:
            return image
        source = self._sources.get((workload, image), image)
        name = f"{source}-{number}"
        self._sources[workload, name] = source
        return name

    def alike(self, workload: str, image: str, other: str) -> bool:
        """Whether two images were built from one source."""
        return self._sources.get((workload, image), image) == self._sources.get((workload, other), other)

    def build(self, workload: str, image: str, run: WorkflowRun) -> None:
        """Build an image in a run, from the source that it was named after."""
        if self._on:
            source = self._sources.get((workload, image), image)
            models = tuple(self._actions.models(workload, run.jobs, run.began))
            self._images.rebuild(workload, image, source, models)

    def of(self, plan: ReleasePlan, run: WorkflowRun) -> None:
        """Build what a plan releases, if it releases an image."""
        if plan.workload is not None and plan.image is not None:
            self.build(plan.workload, plan.image, run)
