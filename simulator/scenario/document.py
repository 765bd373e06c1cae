"""The document: a scenario as everything above it sees it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, Protocol

from pydantic import Discriminator, Field, PrivateAttr, Tag

from simulator.errors import GamedayError, Problem
from simulator.scenario.alerting import Alertmanager, Alerts, NoisyAlert, Pager
from simulator.scenario.analysis import AnalysisTemplate, ClusterAnalysisTemplate
from simulator.scenario.autoscaling import Autoscaler
from simulator.scenario.configuration import Cohort, ConfigMap, CronJob, Flag, Schema, Secret
from simulator.scenario.disruption import DisruptionBudget
from simulator.scenario.fields import Duration, Instant, Labels, Line, Model, Name, ScrapeInterval
from simulator.scenario.load import Traffic
from simulator.scenario.messaging import Topic
from simulator.scenario.nodes import Nodes
from simulator.scenario.objectives import SLO
from simulator.scenario.problems import Location, problem_at
from simulator.scenario.randomise import Randomise
from simulator.scenario.rollouts import RolloutWorkload
from simulator.scenario.sealed import Alternative, Check, Coach, NamedPlay, Play, WrongPath
from simulator.scenario.suspects import Decoy
from simulator.scenario.texts import Texts
from simulator.scenario.timeline import TimelineEntry
from simulator.scenario.tree import Node, spelled
from simulator.scenario.workflow import Pipeline
from simulator.scenario.workloads import DeploymentWorkload, Service, Workload
from simulator.units import MINUTE, SECOND

API_VERSION = "gameday/v1"
_START = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def _kind_of(workload: object) -> str:
    """What kind of workload it says it is; Deployment where it says nothing."""
    kind = workload.get("kind", "Deployment") if isinstance(workload, dict) else getattr(workload, "kind", "")
    return kind if isinstance(kind, str) else ""


AnyWorkload = Annotated[
    Annotated[DeploymentWorkload, Tag("Deployment")] | Annotated[RolloutWorkload, Tag("Rollout")],
    Discriminator(_kind_of),
]


class ScenarioMetadata(Model):
    """Name, title and labels; nothing here gives the cause away."""

    name: Name
    title: Line
    labels: Labels = Field(default_factory=dict)


class Spec(Model):
    """What an operator declares."""

    system: Name | None = None
    """The shared system that was included from ``scenarios/systems/``."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    duration: Duration
    warm_up: Duration = 10 * MINUTE
    start_time: Instant = _START
    """The civil time of T+00:00; for printing, and for the hour and weekday of the history."""
    scrape_interval: ScrapeInterval = 5 * SECOND
    """How often metrics are scraped; rules are evaluated every 15 s, whatever has been scraped by then."""
    namespace: Name = "production"
    workloads: Annotated[tuple[AnyWorkload, ...], Field(min_length=1, max_length=64)]
    services: Annotated[tuple[Service, ...], Field(min_length=1, max_length=64)]
    traffic: Annotated[tuple[Traffic, ...], Field(min_length=1, max_length=16)]
    slos: Annotated[tuple[SLO, ...], Field(min_length=1, max_length=16)]
    topics: Annotated[tuple[Topic, ...], Field(max_length=32)] = ()
    config_maps: Annotated[tuple[ConfigMap, ...], Field(max_length=32)] = ()
    secrets: Annotated[tuple[Secret, ...], Field(max_length=32)] = ()
    cohorts: Annotated[tuple[Cohort, ...], Field(max_length=16)] = ()
    flags: Annotated[tuple[Flag, ...], Field(max_length=32)] = ()
    schemas: Annotated[tuple[Schema, ...], Field(max_length=8)] = ()
    cron_jobs: Annotated[tuple[CronJob, ...], Field(max_length=16)] = ()
    alerts: Alerts = Alerts()
    alertmanager: Alertmanager = Alertmanager()
    pager: Pager = Pager()
    analysis_templates: Annotated[tuple[AnalysisTemplate, ...], Field(max_length=64)] = Field(
        default=(), exclude_if=lambda value: not value
    )
    cluster_analysis_templates: Annotated[tuple[ClusterAnalysisTemplate, ...], Field(max_length=64)] = Field(
        default=(), exclude_if=lambda value: not value
    )
    autoscalers: Annotated[tuple[Autoscaler, ...], Field(max_length=64)] = ()
    pod_disruption_budgets: Annotated[tuple[DisruptionBudget, ...], Field(max_length=64)] = ()
    nodes: Nodes = Nodes()
    pipeline: Pipeline = Field(default=Pipeline(), exclude_if=lambda value: value == Pipeline())
    costs: dict[str, Duration] = Field(default_factory=dict)
    """Rows of the table of costs that differ here."""

    def workload(self, name: str) -> Workload | None:
        """The workload of that name, if there is one."""
        return next((workload for workload in self.workloads if workload.name == name), None)

    def backend(self, service: str) -> Workload | None:
        """The workload whose pods a Service selects."""
        for item in self.services:
            if item.name == service:
                wanted = item.spec.selector.items()
                return next((w for w in self.workloads if wanted <= w.pod_labels.items()), None)
        return None

    def front(self, workload: Workload) -> Service | None:
        """The Service by which users and callers reach a workload, whatever its strategy does behind it.

        It is the one that the strategy does not name; where it names all, the stable or active one.
        """
        named, labels = workload.named_services, workload.pod_labels.items()
        behind = [item for item in self.services if item.spec.selector.items() <= labels]
        own = [item for item in behind if item.name not in named]
        by_name = {item.name: item for item in behind}
        return next(iter((*own, *(by_name[name] for name in named if name in by_name))), None)

    @property
    def fronts(self) -> tuple[Service, ...]:
        """The Services that calls, traffic and objectives may name, in the order of the file."""
        hidden: set[str] = set()
        for workload in self.workloads:
            front = self.front(workload)
            hidden.update(name for name in workload.named_services if front is None or name != front.name)
        return tuple(item for item in self.services if item.name not in hidden)


@dataclass(frozen=True, eq=False)
class Siblings:
    """The variants of one file. Each knows all, so equality is identity: comparing would never end."""

    scenarios: tuple[Scenario, ...]
    path: str
    drawer: Drawer | None = None


class Drawer(Protocol):
    """Makes the variants beyond those that are written by hand."""

    def draw(self, siblings: Siblings, number: int) -> Scenario:
        """The variant of a number.

        Raises:
            ScenarioError: What was drawn is no scenario; all problems at once.
        """


class Scenario(Model):
    """A scenario with one of its variants applied. Made by :func:`simulator.scenario.load`."""

    api_version: Literal["gameday/v1"]
    kind: Literal["Scenario"]
    metadata: ScenarioMetadata
    belief: Line | None = None
    """The one wrong belief that the scenario corrects."""
    noop: bool = False
    """Doing nothing to production is best here: restraint is the skill."""
    randomise: Randomise | None = None
    spec: Spec
    timeline: tuple[TimelineEntry, ...] = ()
    noise: tuple[NoisyAlert, ...] = ()
    reference: tuple[Play, ...] = ()
    alternatives: Annotated[tuple[Alternative, ...], Field(max_length=16)] = ()
    wrong_paths: tuple[WrongPath, ...] = ()
    decoys: Annotated[tuple[Decoy, ...], Field(max_length=16)] = ()
    coach: Coach = Coach()
    checks: tuple[Check, ...] = ()
    texts: Texts

    _variant: int = PrivateAttr(default=0)
    _siblings: Siblings | None = PrivateAttr(default=None)
    _source: Node | None = PrivateAttr(default=None)

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def variant(self) -> int:
        """Which variant this is, from 0."""
        return self._variant

    @property
    def variants(self) -> tuple[Scenario, ...]:
        """The variants that are written by hand; at least one."""
        return self._siblings.scenarios if self._siblings else (self,)

    @property
    def last_variant(self) -> int:
        """The highest number of a variant: those by hand come first, then those that are drawn."""
        return len(self.variants) - 1 + (self.randomise.variants if self.randomise is not None else 0)

    @property
    def path(self) -> str:
        """The file that it was read from; empty if it was built in memory."""
        return self._siblings.path if self._siblings else ""

    @property
    def named_plays(self) -> tuple[NamedPlay, ...]:
        """Alternatives and wrong paths: the plays that are players by their names."""
        return (*self.alternatives, *self.wrong_paths)

    @property
    def digest(self) -> str:
        """SHA-256 of all that can change a run: spec, timeline, number of the variant; not the texts."""
        content = {
            "apiVersion": self.api_version,
            "spec": self.spec.model_dump(mode="json", by_alias=True),
            "timeline": [entry.model_dump(mode="json", by_alias=True) for entry in self.timeline],
            "noise": [entry.model_dump(mode="json", by_alias=True) for entry in self.noise],
            "variant": self.variant,
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def join(self, siblings: Siblings, number: int, source: Node) -> None:
        """Take one's place among the variants, and know one's lines; the loader does this once."""
        self._siblings, self._variant, self._source = siblings, number, source

    def written(self, *location: str | int) -> Node | None:
        """What stands at a place of the document as it was written; None where nothing does."""
        node = self._source
        for step in location:
            node = node.child(step) if node is not None else None
        return node

    def problem(self, location: Location, *, expected: str, got: str, todo: str) -> Problem:
        """Something that is wrong at a place of the document, with the file and line where it was written.

        Args:
            location: Such as ``("checks", 2, "promql", "query")``, in the file's spelling.
            expected: As for :class:`simulator.errors.Problem`.
            got: Likewise.
            todo: Likewise.
        """
        if self._source is None:
            return Problem(f"scenario {self.name}: {spelled(location)}", expected, got, todo)
        return problem_at(self._source, location, expected, got, todo)

    def with_guilty(self, decoy: Decoy) -> Scenario:
        """The scenario as it would be if that suspect were the cause: its timeline instead of the true one.

        It keeps everything else, reference and checks among it, which fit the true cause.
        """
        return self.model_copy(update={"timeline": decoy.guilty})

    def with_variant(self, number: int) -> Scenario:
        """The same scenario with another variant applied; beyond those by hand the number is a seed.

        Raises:
            GamedayError: There is no such variant.
            ScenarioError: What was drawn is no scenario.
        """
        last = self.last_variant
        if not 0 <= number <= last:
            raise GamedayError(
                f"scenario {self.name}, variant",
                expected="0" if last == 0 else f"a number from 0 to {last}",
                got=repr(number),
                todo="This scenario has one variant." if last == 0 else "Choose one of these.",
            )
        if number < len(self.variants):
            return self.variants[number]
        assert self._siblings is not None, "only the loader reads a randomise block"
        assert self._siblings.drawer is not None, "and gives what draws by it"
        return self._siblings.drawer.draw(self._siblings, number)
