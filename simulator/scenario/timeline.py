"""The timeline: what happens at one instant, whatever the learner does."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.faults import Chaos
from simulator.scenario.fields import (
    Duration,
    Line,
    Model,
    Name,
    Share,
    UpToHour,
    exactly_one,
    refused,
)
from simulator.scenario.load import People, Profile, Rate, Stage
from simulator.scenario.nodes import NodeLoss, ZoneOutage
from simulator.scenario.releases import ReleasePlan
from simulator.scenario.sealed import VersionModel
from simulator.scenario.workflow import MoveTag, RunRecord


class SetImage(Model):
    """A release, as ``kubectl set image`` would make it, with what a change log says about it."""

    deployment: Name | None = None
    rollout: Name | None = Field(default=None, exclude_if=lambda value: value is None)
    """Instead of a Deployment."""
    image: Line
    container: Name | None = None
    """The first container where none is named."""
    cause: str = ""
    author: str = ""
    commit: str = ""
    run: RunRecord | None = Field(default=None, exclude_if=lambda value: value is None)
    """How its run of the pipeline went."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("deployment", "rollout"))
        return self

    @property
    def workload(self) -> str:
        """Whose image it is."""
        return self.deployment or self.rollout or ""


class SetTraffic(Model):
    """More or fewer users: a new rate or number at once, k6's stages from that moment's, or a crowd."""

    source: Name
    rate: Rate | None = None
    vus: People | None = None
    stages: tuple[Stage, ...] = ()
    crowd: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """So many users more, who come all at one instant; where users think, they stay."""
    profile: Profile | None = None
    """A curve for arrivals: once up and down (``spike``), or day and night (``diurnal``)."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("rate", "vus", "stages", "crowd", "profile"))
        return self


class SetRouting(Model):
    """How callers choose among a Service's pods from then on.

    ``weights``: version (the image's tag) to its share of the requests, as a traffic-routed canary has it; an
    empty mapping ends the split.
    """

    service: Name
    session_affinity: Literal["None", "ClientIP"] | None = None
    traffic_distribution: Literal["None", "PreferClose"] | None = None
    weights: dict[str, Annotated[float, Field(ge=0.0, le=100.0)]] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        given = (self.session_affinity, self.traffic_distribution, self.weights)
        if all(each is None for each in given):
            raise refused(
                expected="sessionAffinity, trafficDistribution or weights",
                got="none of them",
                todo="Say what changes.",
            )
        if self.weights and not any(self.weights.values()):
            raise refused(expected="some weight above 0", got="none", todo="Somebody must answer.")
        return self


class SetTopic(Model):
    """Messages of another kind from now on."""

    topic: Name
    poison: Share
    """Share of the messages, published from now on, whose every handling fails."""


class SetStore(Model):
    """Replicas that are further behind, or less, from now on."""

    service: Name
    replication_lag: UpToHour


Action = (
    SetImage
    | SetTraffic
    | SetRouting
    | ReleasePlan
    | Chaos
    | NodeLoss
    | ZoneOutage
    | SetTopic
    | SetStore
    | MoveTag
)
_ACTIONS = (
    "set_image",
    "set_traffic",
    "set_routing",
    "release",
    "chaos",
    "node_loss",
    "zone_outage",
    "set_topic",
    "set_store",
    "move_tag",
)


class TimelineEntry(Model):
    """Something that happens at one instant. Exactly one action."""

    at: Duration
    set_image: SetImage | None = None
    set_traffic: SetTraffic | None = None
    set_routing: SetRouting | None = None
    release: ReleasePlan | None = None
    chaos: Chaos | None = None
    node_loss: NodeLoss | None = None
    zone_outage: ZoneOutage | None = None
    set_topic: SetTopic | None = None
    set_store: SetStore | None = None
    move_tag: MoveTag | None = Field(default=None, exclude_if=lambda value: value is None)
    model: VersionModel = VersionModel()
    """With ``setImage``, or a release of an image: how the new version behaves."""

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        exactly_one(self, _ACTIONS)
        if self.image is None and self.model != VersionModel():
            raise refused(
                expected="a model beside setImage or a release of an image",
                got="one beside another action",
                todo="Remove it: only a version has a model.",
            )
        return self

    @property
    def action(self) -> Action:
        """What happens."""
        given = (getattr(self, name) for name in _ACTIONS)
        action: Action | None = next((each for each in given if each is not None), None)
        assert action is not None, "the validator admits exactly one action"
        return action

    @property
    def image(self) -> SetImage | None:
        """The image that it releases, whichever way it is written; None if it releases none."""
        plan = self.release
        if plan is None or plan.image is None or plan.workload is None:
            return self.set_image
        return SetImage.model_construct(
            deployment=plan.deployment,
            rollout=plan.rollout,
            image=plan.image,
            container=plan.container,
            cause=plan.cause,
            author=plan.author,
            commit=plan.commit,
            run=plan.run,
        )
