"""The repository of deployments: what git says that production shall be, file by file, and every commit.

One file for each thing that is released: ``deploy/NAME.yaml``, ``config/NAME.yaml``, ``secrets/NAME.yaml``
(values sealed), ``flags/NAME.yaml`` and ``migrations/SCHEMA/V42__what.sql``. What people do by hand is not in
it; that is drift.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from simulator.engine.delivery.jobs import WORKFLOW_PATH, declared_uses, workflow_text
from simulator.scenario.document import Scenario
from simulator.scenario.rollouts import RolloutWorkload
from simulator.scenario.workflow import Pipeline, WorkflowCommit
from simulator.scenario.workloads import DeploymentWorkload, Workload
from simulator.world import FlagState, Migration


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a commit.

    Attributes:
        path: In the repository.
        before: Its text; empty where the commit makes it.
        after: Its text; empty where the commit takes it away.
    """

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DeploymentFile:
    """What git says of a Deployment or Rollout, as far as releases change it."""

    image: str
    replicas: int
    strategy: str
    env: tuple[tuple[str, str], ...] = ()
    restarted_at: str = ""

    @property
    def text(self) -> str:
        """The file."""
        lines = [f"image: {self.image}", f"replicas: {self.replicas}", f"strategy: {self.strategy}"]
        if self.env:
            lines += ["env:", *(f"  {name}: {_quoted(value)}" for name, value in self.env)]
        if self.restarted_at:
            lines.append(f"restartedAt: {_quoted(self.restarted_at)}")
        return _file(lines)


@dataclass(slots=True)
class Repository:
    """What git holds now.

    Attributes:
        deployments: By name.
        config: Data of each ConfigMap.
        secrets: Data of each Secret that carries no certificate.
        flags: State of each flag.
        pipeline: The workflow.
        uses: What each of its steps that uses an action uses.
    """

    deployments: dict[str, DeploymentFile] = field(default_factory=dict)
    config: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    flags: dict[str, FlagState] = field(default_factory=dict)
    pipeline: Pipeline = field(default_factory=Pipeline)
    uses: dict[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """A file as it is now; empty where there is none."""
        folder, _, rest = path.partition("/")
        name = rest.removesuffix(".yaml")
        if folder == "deploy" and name in self.deployments:
            return self.deployments[name].text
        if folder == "config":
            return _data(self.config.get(name, {}))
        if folder == "secrets":
            return _sealed(self.secrets.get(name, {}))
        if folder == "flags" and name in self.flags:
            return _flag(self.flags[name])
        return workflow_text(self.pipeline, self.uses) if path == WORKFLOW_PATH else ""

    def deploy(self, name: str, changed: DeploymentFile) -> FileChange:
        """Commit a Deployment's file."""
        before = self.deployments.get(name)
        self.deployments[name] = changed
        return FileChange(deployment_path(name), before.text if before is not None else "", changed.text)

    def configure(self, name: str, data: dict[str, str]) -> FileChange:
        """Commit a ConfigMap's file."""
        before, self.config[name] = self.config.get(name, {}), dict(data)
        return FileChange(f"config/{name}.yaml", _data(before), _data(data))

    def seal(self, name: str, data: dict[str, str]) -> FileChange:
        """Commit a Secret's file; git sees sealed values alone."""
        before, self.secrets[name] = self.secrets.get(name, {}), dict(data)
        return FileChange(f"secrets/{name}.yaml", _sealed(before), _sealed(data))

    def flag(self, name: str, state: FlagState) -> FileChange:
        """Commit a flag's file."""
        before, self.flags[name] = self.flags.get(name), state
        return FileChange(f"flags/{name}.yaml", _flag(before) if before is not None else "", _flag(state))

    def use(self, step: str, uses: str) -> FileChange:
        """Commit the workflow's file with another action at a step."""
        before = workflow_text(self.pipeline, self.uses)
        self.uses = {**self.uses, step: uses}
        return FileChange(WORKFLOW_PATH, before, workflow_text(self.pipeline, self.uses))


def migration_file(schema: str, migration: Migration) -> FileChange:
    """The commit of a migration's script."""
    text = _file(list(migration.statements))
    return FileChange(f"migrations/{schema}/{migration.script}", "", text)


def repository_of(scenario: Scenario) -> Repository:
    """What git holds before the first release of any image: settings and flags as they are declared."""
    pipeline = scenario.spec.pipeline
    made = Repository(pipeline=pipeline, uses=declared_uses(pipeline))
    for commit in reversed(pipeline.history):
        made.uses[commit.step] = commit.uses
    made.config = {item.name: dict(item.data) for item in scenario.spec.config_maps}
    made.secrets = {
        item.name: dict(item.string_data) for item in scenario.spec.secrets if item.model.certificate is None
    }
    made.flags = {
        item.name: FlagState(item.percentage, tuple(sorted(set(item.cohorts))))
        for item in scenario.spec.flags
    }
    return made


def workflow_history(pipeline: Pipeline) -> list[tuple[WorkflowCommit, str]]:
    """Each commit of the workflow's file, oldest first, with what its step used from then on."""
    after = declared_uses(pipeline)
    found = []
    for commit in reversed(pipeline.history):
        found.append((commit, after[commit.step]))
        after[commit.step] = commit.uses
    return found[::-1]


def declared_deployment(workload: Workload, image: str) -> DeploymentFile:
    """A workload's file as the scenario declares it, with another image."""
    env = tuple(
        (each.name, each.value)
        for each in workload.spec.template.spec.containers[0].env
        if each.value_from is None
    )
    return DeploymentFile(image, workload.spec.replicas, _strategy(workload), env)


def _strategy(workload: Workload) -> str:
    if isinstance(workload, RolloutWorkload):
        return "BlueGreen" if workload.spec.strategy.blue_green is not None else "Canary"
    assert isinstance(workload, DeploymentWorkload), "there are two kinds"
    rolling = workload.spec.strategy.rolling_update
    if workload.spec.strategy.type == "Recreate":
        return "Recreate"
    return f"RollingUpdate {rolling.max_surge}/{rolling.max_unavailable}"


def deployment_path(name: str) -> str:
    """Where a Deployment's file is."""
    return f"deploy/{name}.yaml"


def commit_id(text: str) -> str:
    """A commit id for a release that declares none: 40 hexadecimal digits made from what was released."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]


_NOTHING: Final = ""


def _file(lines: list[str]) -> str:
    return "\n".join([*lines, _NOTHING]) if lines else _NOTHING


def _data(data: dict[str, str]) -> str:
    return _file([f"{name}: {_quoted(value)}" for name, value in sorted(data.items())])


def _sealed(data: dict[str, str]) -> str:
    return _file(
        [
            f"{name}: ENC[AES256_GCM,data:{hashlib.sha256(value.encode()).hexdigest()[:16]},type:str]"
            for name, value in sorted(data.items())
        ]
    )


def _flag(state: FlagState) -> str:
    cohorts = [f"cohorts: [{', '.join(state.cohorts)}]"] if state.cohorts else []
    return _file([f"percentage: {state.percentage:g}", *cohorts])


def _quoted(text: str) -> str:
    """A scalar of YAML on one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
