"""A release as the delivery pipeline makes it: image, config, flag, migration and strategy in one record."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import Identifier, Line, Model, Name, Text, refused
from simulator.scenario.workflow import ReleasedStep, RunRecord
from simulator.scenario.workloads import Strategy


class ReleasedData(Model):
    """New values for keys of a ConfigMap or Secret; the other keys stay."""

    name: Name
    data: Annotated[dict[str, Text], Field(min_length=1, max_length=32)]


class ReleasedFlag(Model):
    """A flag as it is from then on."""

    name: Identifier
    percentage: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    cohorts: tuple[Identifier, ...] = ()


class ReleasedMigration(Model):
    """Every pending migration of a schema up to this version."""

    schema_: Name
    version: Line


class ReleasePlan(Model):
    """One commit and all that it changes. Schema first, then settings and flags, then the image.

    ``restart`` rolls the workload even where its image stays, so that its pods read their environment anew.
    """

    deployment: Name | None = None
    rollout: Name | None = Field(default=None, exclude_if=lambda value: value is None)
    """Instead of a Deployment."""
    image: Line | None = None
    container: Name | None = None
    """The first container where none is named."""
    strategy: Strategy | None = None
    restart: bool = False
    config_map: ReleasedData | None = None
    secret: ReleasedData | None = None
    flag: ReleasedFlag | None = None
    migration: ReleasedMigration | None = None
    workflow: ReleasedStep | None = Field(default=None, exclude_if=lambda value: value is None)
    """A commit of the pipeline's own file; it counts for every run from then on."""
    cause: str = ""
    author: str = ""
    commit: str = ""
    run: RunRecord | None = Field(default=None, exclude_if=lambda value: value is None)
    """How its run of the pipeline went; it simply passed where nothing is said."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.deployment is not None and self.rollout is not None:
            raise refused(
                expected="deployment or rollout", got="both", todo="Make two entries: each is one release."
            )
        if self.rollout is not None and self.strategy is not None:
            raise refused(
                expected="deployment beside strategy",
                got="rollout",
                todo="This strategy is a Deployment's; a Rollout keeps the one that it declares.",
            )
        on_deployment = [
            name for name in ("image", "container", "strategy", "restart") if getattr(self, name)
        ]
        beside = any((self.config_map, self.secret, self.flag, self.migration, self.workflow))
        if on_deployment and self.workload is None:
            raise refused(
                expected=f"deployment or rollout beside {on_deployment[0]}",
                got="none",
                todo="Say whose it is.",
            )
        if self.workload is not None and not set(on_deployment) - {"container"}:
            owner = "deployment" if self.deployment is not None else "rollout"
            raise refused(
                expected=f"image, strategy or restart beside {owner}",
                got="none of them",
                todo=f"Say what of it changes, or remove {owner}.",
            )
        if not on_deployment and not beside:
            raise refused(
                expected="at least one of image, strategy, restart, configMap, secret, flag, migration, "
                "workflow",
                got="none of them",
                todo="A release that changes nothing is none.",
            )
        return self

    @property
    def workload(self) -> str | None:
        """Whose pods it changes; None if nobody's."""
        return self.deployment or self.rollout
