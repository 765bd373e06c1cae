"""What to do when a page rings, from the live system: where to look first, and what takes the harm away.

The design's runbook table and the runbook itself both read from here, so they can't contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.scenario import graph
from simulator.slo import Slo

if TYPE_CHECKING:
    from simulator.drill.run import Run


def suspects(run: Run, slo: Slo) -> tuple[str, ...]:
    """The workloads that a promise hangs on: the service that made it, then the rest, nearest users first."""
    system = graph(run.scenario)
    goal = slo.objective
    promised = [item.spec.service for item in run.scenario.spec.slos if item.metadata.name == goal.name]
    names = [*promised, *system.behind(goal.service, goal.routes)]
    workloads = [system.parts[name].workload for name in names if name in system.parts]
    return tuple(dict.fromkeys(name for name in workloads if name))


def selector(run: Run, workload: str) -> str:
    """The label by which kubectl finds its pods, such as ``app=checkout``."""
    declared = run.scenario.spec.workload(workload)
    labels = declared.pod_labels if declared is not None else {"app": workload}
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items())[:1])


def history_line(run: Run, workload: str) -> str:
    """The console line that shows a workload's revisions."""
    declared = run.scenario.spec.workload(workload)
    if declared is not None and declared.kind == "Rollout":
        return f"kubectl argo rollouts get rollout {workload}"
    return f"kubectl rollout history deployment/{workload}"


def page_rows(run: Run) -> Iterator[tuple[str, str]]:
    """(when, steps) for each page, then for what several pages have in common."""
    for name, slo in run.slos.items():
        target, *others = suspects(run, slo) or ("",)
        if not target:
            continue
        yield (
            f"{slo.objective.title or name} pages",
            f"`kubectl get pods -l {selector(run, target)}`, `{history_line(run, target)}`, "
            "then "
            f"the rest of its path: {', '.join(others) or 'nothing else'}.",
        )
    yield (
        "Errors began with a release",
        "`kubectl rollout undo deployment/NAME`, `kubectl rollout status deployment/NAME --timeout=300s`, "
        "then look at the users' errors, not at the rollout.",
    )
    if any(item.kind == "Rollout" for item in run.scenario.spec.workloads):
        yield (
            "Errors began with a step of a Rollout",
            "`kubectl argo rollouts abort NAME` sends users back at once; then `kubectl argo rollouts undo "
            "NAME`, so that nobody retries it by mistake.",
        )
    yield (
        "Refused (503) and every worker busy",
        "Compare the requests with yesterday's. More came: `kubectl scale deployment/NAME --replicas=N`, if "
        "what lies behind it can take it. As many as ever: something behind it is slow; do not scale into "
        "it.",
    )
    yield (
        "One pod fails and its siblings do not",
        "`kubectl logs POD --tail=100` first, since it goes with the pod; then `kubectl delete pod POD`.",
    )
    yield (
        "Nothing of ours changed",
        "Ask those we call, look at certificates and names; tell people what you do not know yet.",
    )
