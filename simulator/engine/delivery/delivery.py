"""The delivery pipeline as production meets it: it writes a commit's files, and makes the cluster follow.

A release is one commit with all that it changes. Schema first, then settings and flags, then the pods; so a
release of an image that needs a column comes after its column. ``revert`` is a commit like any other: it
takes the pipeline's time, and gives back files. What a migration did it does not give back.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Final

from simpy.events import ProcessGenerator

from simulator.engine.configuration.causes import Causes
from simulator.engine.delivery.releases import OPERATOR, Release, ReleaseLog
from simulator.engine.delivery.repository import (
    DeploymentFile,
    FileChange,
    Repository,
    commit_id,
    declared_deployment,
    migration_file,
)
from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.errors import GamedayError
from simulator.scenario.releases import ReleasedData, ReleasedFlag, ReleasePlan
from simulator.scenario.workloads import Strategy, Workload
from simulator.units import MINUTE, format_duration
from simulator.world import (
    CHANGE_CAUSE_ANNOTATION,
    Cluster,
    ConfigMap,
    Deployment,
    FlagState,
    Recreate,
    RollingUpdate,
    Secret,
    edits,
    rollout_edits,
)
from simulator.world.rollouts import Rollout

#: From a pushed revert to production: review by a colleague, build, tests, deploy.
PIPELINE_TIME: Final = 4 * MINUTE
#: Who deploys what nobody signed.
_PIPELINE: Final = "pipeline"


class Delivery:
    """Carries out releases.

    Args:
        env: The clock.
        cluster: Where they go.
        causes: Flags and migrations.
        repository: What git holds; every release writes it.
        log: Where each is written down.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        causes: Causes,
        repository: Repository,
        log: ReleaseLog,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._causes = causes
        self._repository = repository
        self._log = log
        self._inverses: dict[str, ReleasePlan | None] = {}

    def adopt(self, release: Release, workload: Workload) -> None:
        """Write down a release of an image from before the world began; call in order of time."""
        before = self._repository.deployments.get(workload.name)
        changed = self._repository.deploy(workload.name, declared_deployment(workload, release.image))
        self._log.seed(replace(release, files=(changed,)))
        if before is not None:
            self._inverses[release.commit] = ReleasePlan.model_construct(
                image=before.image, **_whose(workload)
            )

    def release(self, plan: ReleasePlan, *, reverts: str = "") -> Release:
        """Release a commit now.

        Args:
            plan: What it changes.
            reverts: The commit that it takes back.

        Returns:
            Its record. What takes time, a migration and the pods, follows by itself.
        """
        inverse = self._inverse(plan)
        record = self._record(plan, reverts)
        self._inverses[record.commit] = inverse
        if plan.migration is not None and self._causes.migrations.migrate(
            plan.migration.schema_, plan.migration.version, by=record.author
        ):
            self._env.process(self._after_migration(plan, record))
        else:
            self._carry_out(plan, record)
        return record

    def find(self, commit: str) -> Release | None:
        """The newest release so far of a commit, named by at least four characters of its id."""
        return self._log.find(commit)

    def revert(self, commit: str, author: str = OPERATOR) -> tuple[Release, int]:
        """Push a revert of a commit; it is released once the pipeline is through.

        Returns:
            The release that is taken back, and when the new one comes, ns.

        Raises:
            GamedayError: No such commit, or nothing of it can be taken back.
        """
        found = self._log.find(commit)
        if found is None:
            raise GamedayError(
                f"git revert {commit}",
                expected="a commit that git log shows",
                got=repr(commit),
                todo="Type git log --oneline, and give at least four characters of an id.",
            )
        for file in found.files:
            if self._repository.text(file.path) != file.after and not file.path.startswith("migrations/"):
                raise GamedayError(
                    f"git revert {commit}",
                    expected="files that nobody has changed since",
                    got=f"{file.path}, which has changed",
                    todo="Revert the newer commit of this file first.",
                )
        inverse = self._inverses.get(found.commit)
        if inverse is None:
            raise GamedayError(
                f"git revert {commit}",
                expected="a commit with something to take back",
                got="one without",
                todo="A migration is mended by another migration; what is older than this world stays.",
            )
        plan = inverse.model_copy(
            update={
                "cause": f'Revert "{found.subject}"',
                "author": author,
                "commit": commit_id(f"revert {found.commit} {self._env.now}"),
            }
        )
        at = self._env.now + PIPELINE_TIME
        self._env.at(at, partial(self._release_revert, plan, found.commit))
        return found, at

    def _release_revert(self, plan: ReleasePlan, reverts: str) -> None:
        self.release(plan, reverts=reverts)

    # -- what a commit is ----------------------------------------------------------------------------------

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
            author=plan.author or _PIPELINE,
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
            files.append(repository.flag(plan.flag.name, _state(plan.flag)))
        if plan.workload is not None:
            before = repository.deployments[plan.workload]
            files.append(repository.deploy(plan.workload, self._deployment(before, plan)))
        return tuple(each for each in files if each.before != each.after)

    def _deployment(self, before: DeploymentFile, plan: ReleasePlan) -> DeploymentFile:
        after = before
        if plan.image is not None:
            after = replace(after, image=plan.image)
        if plan.strategy is not None:
            after = replace(after, strategy=_strategy_text(plan.strategy))
        if plan.restart:
            after = replace(after, restarted_at=self._cluster.timestamp(self._env.now))
        return after

    def _inverse(self, plan: ReleasePlan) -> ReleasePlan | None:
        """What gives back the files that a plan is about to change; None where it changes none of these."""
        repository = self._repository
        given: dict[str, Any] = {}
        if plan.config_map is not None:
            given["config_map"] = _back(plan.config_map, repository.config[plan.config_map.name])
        if plan.secret is not None:
            given["secret"] = _back(plan.secret, repository.secrets[plan.secret.name])
        if plan.flag is not None:
            before = repository.flags[plan.flag.name]
            given["flag"] = ReleasedFlag(
                name=plan.flag.name, percentage=before.percentage, cohorts=before.cohorts
            )
        if plan.workload is not None and (plan.image or plan.restart):
            image = repository.deployments[plan.workload].image
            given |= {"deployment": plan.deployment, "rollout": plan.rollout, "restart": plan.restart}
            if plan.image:
                given["image"] = image
        return ReleasePlan.model_construct(**given) if given else None

    # -- what production sees of it ------------------------------------------------------------------------

    def _after_migration(self, plan: ReleasePlan, record: Release) -> ProcessGenerator:
        assert plan.migration is not None
        schema = self._causes.migrations.get(plan.migration.schema_)
        while schema.running is not None:
            yield self._env.timeout(MINUTE // 60)
        self._carry_out(plan, record)

    def _carry_out(self, plan: ReleasePlan, record: Release) -> None:
        if plan.config_map is not None:
            self._put(ConfigMap, plan.config_map.name, self._repository.config[plan.config_map.name])
        if plan.secret is not None:
            self._put(Secret, plan.secret.name, self._repository.secrets[plan.secret.name])
        if plan.flag is not None:
            self._causes.flags.set(
                plan.flag.name, _state(plan.flag), author=record.author, cause=record.cause
            )
        written = bool(record.deployment) and self._roll(plan, record)
        if not written:
            self._log.record(record)
        if plan.strategy is not None and plan.deployment is not None:
            self._set_strategy(plan.deployment, plan.strategy)

    def _put(self, type_: type[ConfigMap | Secret], name: str, data: dict[str, str]) -> None:
        item = self._cluster.table(type_).find(name, self._cluster.namespace)
        if item is not None and item.data != data:
            item.data = dict(data)
            self._cluster.changed(item)

    def _roll(self, plan: ReleasePlan, record: Release) -> bool:
        """Change the pod template; whether that was written down."""
        name = record.deployment
        table = self._cluster.rollouts if plan.rollout is not None else self._cluster.deployments
        workload = table.find(name, self._cluster.namespace)
        if workload is None:  # somebody deleted it: the pipeline fails without effect
            return True
        self._log.announce(record)
        if plan.image is not None:
            self._set_image(workload, plan.container, plan.image)
        if self._log.retract(name) is None:
            self._explain(workload, record.cause)
            return True
        if plan.restart:
            self._log.announce(record)
            self._restart(workload)
            self._explain(workload, record.cause)
            return self._log.retract(name) is None
        self._explain(workload, record.cause)
        return False

    def _set_image(self, workload: Deployment | Rollout, container: str | None, image: str) -> None:
        name = workload.meta.name
        images = {container or workload.spec.template.containers[0].name: image}
        if isinstance(workload, Rollout):
            rollout_edits.set_image(self._cluster, name, images)
        else:
            edits.set_image(self._cluster, self._env.now, name, images)

    def _restart(self, workload: Deployment | Rollout) -> None:
        """Roll the pods; a Rollout's restart leaves its template alone, so it is no change of that."""
        if isinstance(workload, Rollout):
            rollout_edits.restart(self._cluster, self._env.now, workload.meta.name)
        else:
            edits.rollout_restart(self._cluster, self._env.now, workload.meta.name)

    def _explain(self, workload: Deployment | Rollout, cause: str) -> None:
        """Annotate the cause of a change; none takes an older one away."""
        if cause:
            workload.meta.annotations[CHANGE_CAUSE_ANNOTATION] = cause
        else:
            workload.meta.annotations.pop(CHANGE_CAUSE_ANNOTATION, None)
        self._cluster.changed(workload)

    def _set_strategy(self, name: str, strategy: Strategy) -> None:
        deployment = self._cluster.deployments.find(name, self._cluster.namespace)
        if deployment is None:
            return
        rolling = strategy.rolling_update
        wanted = (
            RollingUpdate(rolling.max_surge, rolling.max_unavailable)
            if strategy.type == "RollingUpdate"
            else Recreate()
        )
        if wanted != deployment.spec.strategy:
            deployment.spec = replace(deployment.spec, strategy=wanted)
            deployment.meta.generation += 1
            self._cluster.changed(deployment)


def pipeline_time() -> str:
    """How long the pipeline takes, for people."""
    return format_duration(PIPELINE_TIME)


def _whose(workload: Workload) -> dict[str, Any]:
    """The key by which a release names a workload."""
    return {workload.kind.lower(): workload.name}


def _state(flag: ReleasedFlag) -> FlagState:
    return FlagState(flag.percentage, tuple(sorted(set(flag.cohorts))))


def _back(change: ReleasedData, before: dict[str, str]) -> ReleasedData:
    """The values that the changed keys had; new keys keep theirs, since there is nothing to go back to."""
    return ReleasedData(
        name=change.name, data={name: before.get(name, value) for name, value in change.data.items()}
    )


def _strategy_text(strategy: Strategy) -> str:
    rolling = strategy.rolling_update
    if strategy.type == "Recreate":
        return "Recreate"
    return f"RollingUpdate {rolling.max_surge}/{rolling.max_unavailable}"
