"""All that an image rollback does not roll back, joined: settings, flags, schemas, jobs, certificates."""

from __future__ import annotations

from simulator.dataplane import DataPlane
from simulator.engine.configuration.certificates import Certificates
from simulator.engine.configuration.effective import Effective, Instances
from simulator.engine.configuration.flagging import FlagService
from simulator.engine.configuration.jobs import JobController
from simulator.engine.configuration.migrations import Migrations
from simulator.engine.configuration.objects import Configuration
from simulator.engine.configuration.settings import build_cron_jobs, build_settings
from simulator.engine.environment import Environment
from simulator.engine.software import Software
from simulator.scenario.document import Scenario
from simulator.world import Cluster, Pod


class Causes:
    """What changes pods' behaviour beside their images. Made before the pods, which read what it builds.

    Args:
        env: The clock.
        cluster: Where objects are.
        scenario: What there is, and what it does.
        dataplane: Where processes run.
        kubelet: Knows which process a pod is.
        software: Knows what an image does.
        seed: Of the run.

    Attributes:
        configuration: What pods see of ConfigMaps and Secrets.
        flags: The flag service.
        migrations: The schemas.
        certificates: The certificates.
        effective: What each pod does by now.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        scenario: Scenario,
        dataplane: DataPlane,
        kubelet: Instances,
        software: Software,
        seed: int,
    ) -> None:
        self.effective = Effective(cluster, dataplane, kubelet, software)
        self.configuration = Configuration(env, cluster, scenario, seed, self._settings_changed)
        self.flags = FlagService(env, cluster, scenario, seed, self.effective.refit)
        self.migrations = Migrations(env, scenario, self.effective.refit_all)
        self._jobs = JobController(env, cluster, scenario, self.effective.refit_all)
        self.effective.join(self.migrations, self._jobs, configuration=self.configuration, flags=self.flags)
        software.consult(self.effective.models, self.configuration.missing)
        self.certificates = Certificates(env, cluster, scenario, self.configuration, dataplane)
        build_settings(cluster, scenario, self.certificates)
        build_cron_jobs(cluster, scenario, self._jobs)

    def _settings_changed(self, pod: Pod) -> None:
        self.effective.refit(pod)
        self.certificates.look()
