"""The delivery pipeline as production meets it: it writes a commit's files, and makes the cluster follow.

A release is one commit with all that it changes. Schema first, then settings and flags, then the pods; so a
release of an image that needs a column comes after its column. ``revert`` is a commit like any other: git has
it at once, production once the pipeline is through. It gives back files; what a migration did it does not.
Where the workflow is disabled git goes on and production does not.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from simpy.events import ProcessGenerator

from simulator.engine.configuration.causes import Causes
from simulator.engine.delivery.actions import Actions
from simulator.engine.delivery.builds import Builds, Images
from simulator.engine.delivery.commits import PIPELINE, Commits
from simulator.engine.delivery.jobs import WORKFLOW, time_of
from simulator.engine.delivery.plans import state_of, whose
from simulator.engine.delivery.releases import OPERATOR, Release, ReleaseLog
from simulator.engine.delivery.repository import Repository, commit_id, declared_deployment
from simulator.engine.delivery.runs import RunBook, Switch, WorkflowRun
from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.errors import GamedayError
from simulator.scenario.releases import ReleasePlan
from simulator.scenario.workflow import MoveTag, Pipeline, ReleasedStep, RunRecord, WorkflowCommit
from simulator.scenario.workloads import Strategy, Workload
from simulator.units import MINUTE
from simulator.world import (
    CHANGE_CAUSE_ANNOTATION,
    Cluster,
    ConfigMap,
    Deployment,
    Recreate,
    RollingUpdate,
    Secret,
    edits,
    rollout_edits,
)
from simulator.world.rollouts import Rollout


class Delivery:
    """Carries out releases.

    Args:
        env: The clock.
        cluster: Where they go.
        causes: Flags and migrations.
        repository: What git holds; every release writes it.
        log: Where each is written down.
        pipeline: The workflow.
        images: Where it puts what it builds.

    Attributes:
        pending: Commits that git has and production has not, oldest first.
        book: Runs of the pipeline.
        actions: What the workflow's actions are.
        builds: What its runs build.
        switch: Whether pushes start runs.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        causes: Causes,
        repository: Repository,
        log: ReleaseLog,
        pipeline: Pipeline,
        images: Images,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._causes = causes
        self._repository = repository
        self._log = log
        self._takes = time_of(pipeline)
        self._commits = Commits(env, cluster, causes, repository)
        self.pending: list[Release] = []
        self.book = RunBook(int(cluster.start.timestamp()), pipeline, repository.uses)
        self.actions = Actions()
        self.builds = Builds(images, self.actions, on=pipeline.images == "built")
        self.switch = Switch()

    # -- from before the world began -----------------------------------------------------------------------

    def adopt(self, release: Release, workload: Workload) -> None:
        """Write down a release of an image from before the world began; call in order of time."""
        before = self._repository.deployments.get(workload.name)
        changed = self._repository.deploy(workload.name, declared_deployment(workload, release.image))
        self._log.seed(replace(release, files=(changed,)))
        record = next((each.run for each in workload.model.history if each.image == release.image), None)
        self._write_down(release, record)
        if before is not None:
            inverse = ReleasePlan.model_construct(image=before.image, **whose(workload))
            self._commits.remember(release.commit, inverse)

    def adopt_workflow(self, commit: WorkflowCommit, after: str) -> None:
        """Write down a commit of the workflow's file from before; call in order of time.

        Args:
            commit: Whose step used something else before.
            after: What it uses since.
        """
        changed = self._repository.use(commit.step, after)
        release = Release(
            at=-commit.age,
            deployment="",
            image="",
            version="",
            cause=commit.cause,
            author=commit.author,
            commit=commit.commit,
            action="release",
            files=(changed,),
        )
        self._log.seed(release)
        self.book.follow(release.at - self._takes, self._repository.uses)
        self._write_down(release, None)
        step = ReleasedStep(step=commit.step, uses=commit.uses)
        self._commits.remember(commit.commit, ReleasePlan.model_construct(workflow=step))

    # -- colleagues ----------------------------------------------------------------------------------------

    def expect(self, plan: ReleasePlan, at: int) -> WorkflowRun:
        """Write down the run that brings a colleague's commit at ``at`` (ns); it is seen once it begins."""
        subject = plan.cause or (f"{plan.workload}: {plan.image}" if plan.image else "release")
        author = plan.author or PIPELINE
        return self.book.begin(subject, "push", author, plan.commit, ended=at, record=plan.run)

    def release(self, plan: ReleasePlan, run: WorkflowRun | None = None) -> Release:
        """Release a colleague's commit now, at the end of its run.

        Args:
            plan: What it changes.
            run: The run that was expected; one is written down where none was.

        Returns:
            Its record. What takes time, a migration and the pods, follows by itself. Where the workflow was
            disabled when the run would have begun, git alone has it.
        """
        record = self._commit(plan)
        run = run or self._write_down(record, plan.run)
        run.commit = record.commit
        if self.switch.off(run.began):
            self.book.runs.remove(run)
            self.pending.append(record)
            return record
        self.builds.of(plan, run)
        self._deploy(plan, record)
        return record

    def _commit(self, plan: ReleasePlan, reverts: str = "") -> Release:
        """Put a commit into git; one of the workflow's file counts for every run from now on."""
        record = self._commits.write(plan, reverts)
        if plan.workflow is not None:
            self.book.follow(self._env.now, self._repository.uses)
        return record

    def _write_down(self, release: Release, record: RunRecord | None) -> WorkflowRun:
        """The run of a colleague's commit, which ends with its release."""
        return self.book.begin(
            release.subject,
            "push",
            release.author,
            release.commit,
            ended=release.at,
            record=record,
        )

    def _deploy(self, plan: ReleasePlan, record: Release) -> None:
        """Make production follow a commit."""
        if plan.migration is not None and self._causes.migrations.migrate(
            plan.migration.schema_, plan.migration.version, by=record.author
        ):
            self._env.process(self._after_migration(plan, record))
        else:
            self._carry_out(plan, record)

    # -- on call -------------------------------------------------------------------------------------------

    def find(self, commit: str) -> Release | None:
        """The newest release so far of a commit, named by at least four characters of its id."""
        waiting = [each for each in self.pending if len(commit) >= 4 and each.commit.startswith(commit)]
        return waiting[-1] if waiting else self._log.find(commit)

    def revert(self, commit: str, author: str = OPERATOR) -> tuple[Release, int | None]:
        """Push a revert of a commit; it is released once the pipeline is through.

        Returns:
            The release that is taken back, and when the new one comes, ns; None where no run was started,
            since the workflow is disabled. Else its run is the newest of ``book``.

        Raises:
            GamedayError: No such commit, or nothing of it can be taken back.
        """
        found, inverse = self._revertible(commit)
        image = inverse.image
        if inverse.workload is not None and image is not None:
            image = self.builds.name(inverse.workload, image, self.book.next_number)
        plan = inverse.model_copy(
            update={
                "image": image,
                "cause": f'Revert "{found.subject}"',
                "author": author,
                "commit": commit_id(f"revert {found.commit} {self._env.now}"),
            }
        )
        record = replace(self._commit(plan, found.commit), pushed=self._env.now)
        self.pending.append(record)
        if self.switch.off(self._env.now):
            return found, None
        run = self.book.begin(record.subject, "push", author, record.commit, began=self._env.now)
        self._env.at(run.ends, partial(self._release_pushed, plan, record, run))
        return found, run.ends

    def _revertible(self, commit: str) -> tuple[Release, ReleasePlan]:
        """A commit and the way back from it."""
        found = self.find(commit)
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
        inverse = self._commits.way_back(found.commit)
        if inverse is None:
            raise GamedayError(
                f"git revert {commit}",
                expected="a commit with something to take back",
                got="one without",
                todo="A migration is mended by another migration; what is older than this world stays.",
            )
        return found, inverse

    def _release_pushed(self, plan: ReleasePlan, record: Release, run: WorkflowRun) -> None:
        """The end of the run of a pushed commit."""
        self.pending.remove(record)
        run.failed = plan.workload is not None and self._workload(plan.workload) is None
        self.builds.of(plan, run)
        self._deploy(plan, replace(record, at=self._env.now))

    def dispatch(self, name: str, author: str = OPERATOR) -> WorkflowRun:
        """Start a run by hand that makes a workload's image what git says, whatever was done by hand.

        Args:
            name: A workload that git has a file of.
            author: Who starts it.

        Raises:
            GamedayError: Git has no file of it.
        """
        known = self._repository.deployments
        if name not in known:
            raise GamedayError(
                f"dispatch of {name}",
                expected=f"one of {', '.join(sorted(known))}",
                got=repr(name),
                todo="Name a workload that git has a file of.",
            )
        newest = [each for each in (*self._log.releases, *self.pending) if each.commit]
        head = newest[-1].commit if newest else ""
        run = self.book.begin(WORKFLOW, "workflow_dispatch", author, head, began=self._env.now)
        self._env.at(run.ends, partial(self._apply, name, run))
        return run

    def _apply(self, name: str, run: WorkflowRun) -> None:
        """The end of a dispatched run: the image that git says now, which may be there already."""
        workload = self._workload(name)
        if workload is None:
            run.failed = True
            return
        image = self.builds.name(name, self._repository.deployments[name].image, run.number)
        self.builds.build(name, image, run)
        self._log.announce(
            Release(
                self._env.now,
                name,
                image,
                version_of(image),
                cause=f"deploy {name} as git has it",
                author=run.author,
                action="release",
            )
        )
        self._set_image(workload, None, image)
        if self._log.retract(name) is None:
            self._explain(workload, f"deploy {name} as git has it")

    def move_tag(self, change: MoveTag) -> None:
        """Let an action's tag name another commit from now on."""
        self.actions.move(self._env.now, change)

    def _workload(self, name: str) -> Deployment | Rollout | None:
        """A workload of the cluster by name; None where somebody deleted it."""
        space = self._cluster.namespace
        return self._cluster.deployments.find(name, space) or self._cluster.rollouts.find(name, space)

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
                plan.flag.name, state_of(plan.flag), author=record.author, cause=record.cause
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
