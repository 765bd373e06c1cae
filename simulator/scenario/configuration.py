"""What changes a running system beside its images: ConfigMaps, Secrets, flags, schemas, jobs by the clock.

``spec`` words are Kubernetes' own where Kubernetes has them; flags and schemas have no manifest there, so
theirs are the kit's. What each does to a workload stands in its ``model``.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.effects import ColumnEffect, KeyEffects, PlainEffects
from simulator.scenario.fields import (
    Count,
    Duration,
    Identifier,
    Instant,
    Line,
    Model,
    Name,
    Share,
    Text,
    refused,
)
from simulator.scenario.schedules import Schedule
from simulator.scenario.workloads import Metadata
from simulator.units import DAY, MINUTE, SECOND

Data = dict[str, Text]
Percentage = Annotated[float, Field(ge=0.0, le=100.0)]
#: ``table.column``.
Column = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}\.[a-z_][a-z0-9_]{0,62}$")]


class ConfigMap(Model):
    """A Kubernetes ConfigMap (v1)."""

    api_version: Literal["v1"] = "v1"
    kind: Literal["ConfigMap"] = "ConfigMap"
    metadata: Metadata
    data: Data = Field(default_factory=dict)
    immutable: bool = False
    model: KeyEffects = KeyEffects()

    @property
    def name(self) -> str:
        return self.metadata.name


class Certificate(Model):
    """The certificate in a Secret of type kubernetes.io/tls, by which a Service is known to its callers."""

    service: Name
    """Whose certificate: its pods read the Secret."""
    not_after: Instant
    validity: Duration = 90 * DAY
    """Of this certificate and of each that is issued in its place."""


class SecretModel(KeyEffects):
    """The physics of a Secret."""

    certificate: Certificate | None = None


class Secret(Model):
    """A Kubernetes Secret (v1), written as people write it: ``stringData``."""

    api_version: Literal["v1"] = "v1"
    kind: Literal["Secret"] = "Secret"
    metadata: Metadata
    type: Literal["Opaque", "kubernetes.io/tls"] = "Opaque"
    string_data: Data = Field(default_factory=dict)
    model: SecretModel = SecretModel()

    @model_validator(mode="after")
    def _tls_has_a_certificate(self) -> Self:
        tls = self.type == "kubernetes.io/tls"
        if tls != (self.model.certificate is not None) or (tls and self.string_data):
            raise refused(
                expected="model.certificate and no stringData" if tls else "no model.certificate",
                got="stringData" if self.string_data else "none" if tls else "one",
                todo="type: kubernetes.io/tls and model.certificate go together; its files are made from it.",
            )
        return self

    @property
    def name(self) -> str:
        return self.metadata.name


class Cohort(Model):
    """A group of users by name: the same share of them in every run, and always the same users."""

    name: Identifier
    share: Share


class Flag(Model):
    """A feature flag: off, on, or on for a share of the users or for whole cohorts of them."""

    name: Identifier
    description: str = ""
    percentage: Percentage = 0.0
    """For how many of all users it is on; who they are hangs on the flag and the user alone."""
    cohorts: tuple[Identifier, ...] = ()
    """For whom it is on beside them."""
    owner: str = ""
    model: PlainEffects = PlainEffects()


class Migration(Model):
    """A migration of a schema, as Flyway has it. One that adds expands; one that drops contracts."""

    version: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    description: Line
    adds: tuple[Column, ...] = ()
    drops: tuple[Column, ...] = ()
    installed: Duration | None = None
    """How long before T+00:00 it was applied; pending where nothing is said."""
    duration: Duration = 10 * SECOND
    """How long it runs."""
    model: PlainEffects = PlainEffects()
    """What holds while it runs, such as a table that is locked."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.adds or self.drops):
            raise refused(expected="adds, drops, or both", got="neither", todo="A migration changes columns.")
        return self


class SchemaModel(Model):
    """The physics of a schema: what a version does where a column is there or is not."""

    effects: Annotated[tuple[ColumnEffect, ...], Field(max_length=32)] = ()


class Schema(Model):
    """The schema of a database: its columns at first, and the migrations from there on, oldest first."""

    name: Name
    columns: tuple[Column, ...] = ()
    """Before the first migration; only those that some effect or migration names need to stand here."""
    migrations: tuple[Migration, ...] = ()
    model: SchemaModel = SchemaModel()

    def migration(self, version: str) -> Migration | None:
        """The migration of that version, if there is one."""
        return next((each for each in self.migrations if each.version == version), None)


class JobContainer(Model):
    """The container of a job's pod."""

    name: Name
    image: Line


class JobPodSpec(Model):
    """The pod of a job, as far as it is declared."""

    containers: Annotated[tuple[JobContainer, ...], Field(min_length=1, max_length=1)]
    restart_policy: Literal["Never", "OnFailure"] = "Never"


class JobPodTemplate(Model):
    """A job's pod template."""

    spec: JobPodSpec


class JobSpec(Model):
    """A Job's spec (batch/v1)."""

    template: JobPodTemplate


class JobTemplate(Model):
    """What a CronJob makes its Jobs from."""

    spec: JobSpec


class CronJobSpec(Model):
    """A CronJob's spec (batch/v1), as far as it is declared."""

    schedule: Schedule
    suspend: bool = False
    concurrency_policy: Literal["Allow", "Forbid", "Replace"] = "Allow"
    successful_jobs_history_limit: Count = 3
    job_template: JobTemplate


class CronJobModel(PlainEffects):
    """The physics of a job: how long it runs, and what holds meanwhile."""

    duration: Duration = 2 * MINUTE


class CronJob(Model):
    """A Kubernetes CronJob (batch/v1)."""

    api_version: Literal["batch/v1"] = "batch/v1"
    kind: Literal["CronJob"] = "CronJob"
    metadata: Metadata
    spec: CronJobSpec
    model: CronJobModel = CronJobModel()

    @property
    def name(self) -> str:
        return self.metadata.name
