"""From a scenario to ConfigMaps, Secrets and CronJobs, as they are before the world begins."""

from __future__ import annotations

from typing import Final

from simulator.engine.configuration.certificates import Certificates
from simulator.engine.configuration.jobs import JobController
from simulator.scenario.document import Scenario
from simulator.scenario.workloads import Metadata
from simulator.units import DAY
from simulator.world import Cluster, ConfigMap, CronJob, CronJobSpec, ObjectMeta, Secret

#: Age of what declares no history.
_AGE: Final = 60 * DAY


def build_settings(cluster: Cluster, scenario: Scenario, certificates: Certificates) -> None:
    """Add the ConfigMaps and Secrets; before the pods that read them."""
    for item in scenario.spec.config_maps:
        cluster.add(ConfigMap(_meta(cluster, item.metadata), dict(item.data), item.immutable))
    for secret in scenario.spec.secrets:
        made = Secret(_meta(cluster, secret.metadata), secret.type, dict(secret.string_data))
        if secret.model.certificate is not None:
            first = certificates.first(secret.name)
            made.hold(first)
            made.meta.created_at = first.not_before
        cluster.add(made)


def build_cron_jobs(cluster: Cluster, scenario: Scenario, jobs: JobController) -> None:
    """Add the CronJobs, each with the time of its last run."""
    for item in scenario.spec.cron_jobs:
        container = item.spec.job_template.spec.template.spec.containers[0]
        made = CronJob(
            _meta(cluster, item.metadata),
            CronJobSpec(
                item.spec.schedule,
                container.name,
                container.image,
                item.spec.suspend,
                item.spec.concurrency_policy,
                item.spec.successful_jobs_history_limit,
            ),
        )
        jobs.adopt(made)
        cluster.add(made)


def _meta(cluster: Cluster, declared: Metadata) -> ObjectMeta:
    return ObjectMeta(
        declared.name,
        cluster.namespace,
        labels=dict(declared.labels),
        annotations=dict(declared.annotations),
        created_at=-_AGE,
    )
