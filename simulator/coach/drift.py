"""Live objects that differ from git: what was changed by hand, and what the next deploy will not know.

Git holds what the scenario declares, plus every release that came with a commit. A rollback by hand counts
too: the bad release is still the newest commit, and the next sync would bring it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    """Every declared Deployment that is no longer as git has it, in the order of the scenario."""
    found = []
    cluster = run.production.cluster
    for workload in run.scenario.spec.workloads:
        name = workload.metadata.name
        live = cluster.deployments.find(name, cluster.namespace)
        label = f"deployment/{name}"
        if live is None:
            found.append(
                Drift(
                    label, "", "declared", "gone", f"{label} is gone from the cluster; git still declares it."
                )
            )
            continue
        declared = workload.spec.replicas
        if live.spec.replicas != declared:
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
        if running != image:
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
    return tuple(found)


def _in_git(run: Run, deployment: str, declared: str) -> str:
    """The image of the newest commit: the last release of this Deployment that came out of git."""
    released = [
        release
        for release in run.production.releases
        if release.deployment == deployment and release.commit and release.at <= run.now
    ]
    return released[-1].image if released else declared
