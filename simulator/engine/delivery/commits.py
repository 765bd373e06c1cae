"""Commits: a plan written into the repository's files, with its record and the way back from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from simulator.engine.configuration.causes import Causes
from simulator.engine.delivery.plans import back, state_of, strategy_text
from simulator.engine.delivery.releases import Release
from simulator.engine.delivery.repository import (
    DeploymentFile,
    FileChange,
    Repository,
    commit_id,
    migration_file,
)
from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.scenario.releases import ReleasedFlag, ReleasePlan
from simulator.scenario.workflow import ReleasedStep
from simulator.world import Cluster

#: Who deploys what nobody signed.
PIPELINE: Final = "pipeline"


class Commits:
    """Writes commits.

    Args:
        env: The clock.
        cluster: Whose time stamps a restart carries.
        causes: The migrations that are pending.
        repository: What git holds; every commit changes it.
    """

    def __init__(self, env: Environment, cluster: Cluster, causes: Causes, repository: Repository) -> None:
        self._env = env
        self._cluster = cluster
        self._causes = causes
        self._repository = repository
        self._inverses: dict[str, ReleasePlan | None] = {}

    def way_back(self, commit: str) -> ReleasePlan | None:
        """What gives back the files that a commit changed; None where there is nothing to give back."""
        return self._inverses.get(commit)

    def remember(self, commit: str, inverse: ReleasePlan) -> None:
        """Say what the way back is from a commit that was there before the world began."""
        self._inverses[commit] = inverse

    def write(self, plan: ReleasePlan, reverts: str = "") -> Release:
        """Put a commit into git, with the way back from it."""
        inverse = self._inverse(plan)
        record = self._record(plan, reverts)
        self._inverses[record.commit] = inverse
        return record

    def _record(self, plan: ReleasePlan, reverts: str) -> Release:
        """Write the files, and the record of it."""
        files = self._write(plan)
        deployment = plan.workload or ""
        on_pods = bool(plan.image or plan.restart) and bool(deployment)
        image = self._repository.deployments[deployment].image if on_pods else ""
        seed = f"{deployment} {image}" if plan.image else f"{self._env.now} {[each.path for each in files]}"
        return Release(
            at=self._env.now,
            deployment=deployment if on_pods else "",
            image=image,
            version=version_of(image) if image else "",
            cause=plan.cause,
            author=plan.author or PIPELINE,
            commit=plan.commit or commit_id(seed),
            action="release",
            files=files,
            reverts=reverts,
        )

    def _write(self, plan: ReleasePlan) -> tuple[FileChange, ...]:
        files, repository = [], self._repository
        if plan.migration is not None:
            schema = self._causes.migrations.get(plan.migration.schema_)
            files += [migration_file(schema.name, each) for each in schema.pending(plan.migration.version)]
        if plan.config_map is not None:
            data = {**repository.config[plan.config_map.name], **plan.config_map.data}
            files.append(repository.configure(plan.config_map.name, data))
        if plan.secret is not None:
            data = {**repository.secrets[plan.secret.name], **plan.secret.data}
            files.append(repository.seal(plan.secret.name, data))
        if plan.flag is not None:
            files.append(repository.flag(plan.flag.name, state_of(plan.flag)))
        if plan.workflow is not None:
            files.append(repository.use(plan.workflow.step, plan.workflow.uses))
        if plan.workload is not None:
            before = repository.deployments[plan.workload]
            files.append(repository.deploy(plan.workload, self._deployment(before, plan)))
        return tuple(each for each in files if each.before != each.after)

    def _deployment(self, before: DeploymentFile, plan: ReleasePlan) -> DeploymentFile:
        after = before
        if plan.image is not None:
            after = replace(after, image=plan.image)
        if plan.strategy is not None:
            after = replace(after, strategy=strategy_text(plan.strategy))
        if plan.restart:
            after = replace(after, restarted_at=self._cluster.timestamp(self._env.now))
        return after

    def _inverse(self, plan: ReleasePlan) -> ReleasePlan | None:
        """What gives back the files that a plan is about to change; None where it changes none of these."""
        repository = self._repository
        given: dict[str, Any] = {}
        if plan.config_map is not None:
            given["config_map"] = back(plan.config_map, repository.config[plan.config_map.name])
        if plan.secret is not None:
            given["secret"] = back(plan.secret, repository.secrets[plan.secret.name])
        if plan.flag is not None:
            before = repository.flags[plan.flag.name]
            given["flag"] = ReleasedFlag(
                name=plan.flag.name, percentage=before.percentage, cohorts=before.cohorts
            )
        if plan.workflow is not None:
            step = plan.workflow.step
            given["workflow"] = ReleasedStep(step=step, uses=repository.uses[step])
        if plan.workload is not None and (plan.image or plan.restart):
            image = repository.deployments[plan.workload].image
            given |= {"deployment": plan.deployment, "rollout": plan.rollout, "restart": plan.restart}
            if plan.image:
                given["image"] = image
        return ReleasePlan.model_construct(**given) if given else None
