"""Live objects that differ from git: what was changed by hand, and what the next deploy will not know.

Git holds what the scenario declares, plus every release that came with a commit. A rollback by hand counts
too: the bad release is still the newest commit, and the next sync would bring it back. How many pods run is
nobody's hand where an autoscaler sets it; there its bounds are what git says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.world import ConfigMap, Secret
from simulator.world.autoscaling import HorizontalPodAutoscaler
from simulator.world.rollouts import Rollout

if TYPE_CHECKING:
    from simulator.drill.run import Run


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference.

    Attributes:
        object: Such as ``deployment/checkout``.
        field: Such as ``spec.replicas``.
        git: The value in git.
        live: The value in the cluster.
        text: The same as a sentence.
    """

    object: str
    field: str
    git: str
    live: str
    text: str


def drift(run: Run) -> tuple[Drift, ...]:
    """Every workload, ConfigMap, Secret and flag that is not as git has it, in the scenario's order."""
    found = []
    cluster = run.production.cluster
    autoscaled = {item.spec.target.name for item in cluster.table(HorizontalPodAutoscaler)}
    for workload in run.scenario.spec.workloads:
        name = workload.metadata.name
        live = cluster.workload(name)
        label = f"{workload.kind.lower()}/{name}"
        if live is None:
            found.append(
                Drift(
                    label, "", "declared", "gone", f"{label} is gone from the cluster; git still declares it."
                )
            )
            continue
        declared = workload.spec.replicas
        if live.spec.replicas != declared and name not in autoscaled:
            found.append(
                Drift(
                    label,
                    "spec.replicas",
                    str(declared),
                    str(live.spec.replicas),
                    f"{label} runs {live.spec.replicas} replicas by hand; git says {declared}.",
                )
            )
        container = workload.spec.template.spec.containers[0]
        image = _in_git(run, name, container.image)
        running = next(
            (item.image for item in live.spec.template.spec.containers if item.name == container.name), ""
        )
        if not run.production.delivery.builds.alike(name, running, image):
            found.append(
                Drift(
                    label,
                    "spec.template",
                    image,
                    running,
                    f"{label} runs {running} by hand; the newest commit still says {image}, and the next "
                    "deploy will bring it back.",
                )
            )
    return (*found, *_autoscalers(run), *_environments(run), *_settings(run), *_flags(run))


def _autoscalers(run: Run) -> list[Drift]:
    """Autoscalers that git does not know, that are gone, or whose bounds are others."""
    declared = {
        item.metadata.name: f"{item.spec.min_replicas} to {item.spec.max_replicas} pods"
        for item in run.scenario.spec.autoscalers
    }
    live = {
        item.meta.name: f"{item.spec.min_replicas} to {item.spec.max_replicas} pods"
        for item in run.production.cluster.table(HorizontalPodAutoscaler)
    }
    found = []
    for name in dict.fromkeys((*declared, *live)):
        label, git, now = f"horizontalpodautoscaler/{name}", declared.get(name, ""), live.get(name, "")
        if not now:
            text = f"{label} is gone from the cluster; git still declares it."
            found.append(Drift(label, "", "declared", "gone", text))
        elif not git:
            text = f"{label} was made by hand; git does not know it."
            found.append(Drift(label, "", "absent", now, text))
        elif git != now:
            text = f"{label} allows {now} by hand; git says {git}."
            found.append(Drift(label, "spec.bounds", git, now, text))
    return found


def _environments(run: Run) -> list[Drift]:
    """Variables of first containers that were set by hand."""
    found = []
    cluster = run.production.cluster
    for name, file in run.production.repository.deployments.items():
        live = cluster.workload(name)
        if live is None:
            continue
        now = {key: value for key, value in live.spec.template.containers[0].env if isinstance(value, str)}
        git = dict(file.env)
        label = f"{'rollout' if isinstance(live, Rollout) else 'deployment'}/{name}"
        for key in sorted({*git, *now}):
            declared, running = git.get(key, "absent"), now.get(key, "absent")
            if declared != running:
                text = f"{label} runs with {key} {running} by hand; git says {declared}."
                found.append(Drift(label, f"env.{key}", declared, running, text))
    return found


def _settings(run: Run) -> list[Drift]:
    """ConfigMaps and Secrets whose live keys are not git's; values of Secrets stay unsaid."""
    cluster, repository = run.production.cluster, run.production.repository
    found = []
    files: list[tuple[type[ConfigMap | Secret], dict[str, dict[str, str]]]] = [
        (ConfigMap, repository.config),
        (Secret, repository.secrets),
    ]
    for type_, declared in files:
        for name, data in declared.items():
            label = f"{type_.__name__.lower()}/{name}"
            item = cluster.table(type_).find(name, cluster.namespace)
            if item is None:
                text = f"{label} is gone from the cluster; git still declares it."
                found.append(Drift(label, "", "declared", "gone", text))
                continue
            for key in sorted({*data, *item.data}):
                git, live = (each.get(key, "absent") for each in (data, item.data))
                if git == live:
                    continue
                if type_ is Secret:
                    git, live = "sealed", "another value"
                text = f"{label} has {key} {live} by hand; git says {git}, and will have it back."
                found.append(Drift(label, f"data.{key}", git, live, text))
    return found


def _flags(run: Run) -> list[Drift]:
    """Flags that are on for others than git says."""
    flags, found = run.production.causes.flags.flags, []
    for name, state in run.production.repository.flags.items():
        live = flags.get(name).state
        if live != state:
            text = f"flag {name} is {live} by hand; git says {state}."
            found.append(Drift(f"flag/{name}", "state", str(state), str(live), text))
    return found


def _in_git(run: Run, deployment: str, declared: str) -> str:
    """The image of the newest commit: the last release of this Deployment that came out of git."""
    released = [
        release
        for release in run.production.releases
        if release.deployment == deployment and release.commit and release.at <= run.now
    ]
    return released[-1].image if released else declared
