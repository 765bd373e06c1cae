"""Degenerate players: what a score must never reward, built from a scenario's own topology.

Each knows the system's objects and the page, looks at nothing and understands nothing. It makes the graph
quiet instead of the service well, or moves for the sake of moving. A scenario's proof plays them all and
expects each to come out below doing nothing (but see ``LUCKY``). No line of the console changes an
objective, so nobody here loosens one; a test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from simulator.drill.run import Run
from simulator.units import MINUTE, SECOND
from simulator.world import SERVICES, Deployment, Service, matches
from simulator.world.rollouts import Rollout

Workload = Deployment | Rollout
Drive = Callable[[Run], None]

#: Somebody who does not think acts half a minute after the page, or at this time if none comes.
DELAY, AT_THE_LATEST = 30 * SECOND, 10 * MINUTE
#: From one restart to the next of somebody who restarts in a loop.
_AGAIN: Final = 30 * SECOND


# --- what they know -------------------------------------------------------------------------------


def after_the_page(run: Run) -> None:
    """Let the clock run to half a minute after the first page."""
    while run.first_page_at is None and run.now < AT_THE_LATEST and not run.ended:
        run.advance(run.now + run.telemetry.interval)
    run.advance(run.now + DELAY)


def workloads(run: Run) -> list[Workload]:
    """Everything that runs pods, Deployments first, in the order of the cluster."""
    return [*run.cluster.deployments, *run.cluster.rollouts]


def paged_workload(run: Run) -> Workload:
    """What serves the objective that rang; without a page, the first objective's; else the first of all."""
    page = run.pager.first
    slo = (run.slos.get(page.slo) if page else None) or next(iter(run.slos.values()), None)
    known = workloads(run)
    behind = _behind(run, slo.objective.promised_by) if slo is not None else []
    return behind[0] if behind else known[0]


def front_doors(run: Run) -> list[Workload]:
    """What users' requests reach first."""
    entered = dict.fromkeys(source.service for source in run.scenario.spec.traffic)
    return [workload for name in entered for workload in _behind(run, name)] or [paged_workload(run)]


def _behind(run: Run, name: str) -> list[Workload]:
    """The workloads that a Service selects; by its name where there is no such Service."""
    service = next((item for item in run.cluster.select(SERVICES) if item.meta.name == name), None)
    if not isinstance(service, Service):
        return [item for item in workloads(run) if item.meta.name == name]
    return [item for item in workloads(run) if matches(service.spec.selector, item.spec.template.labels)]


def kind_of(workload: Workload) -> str:
    """The word before the slash."""
    return "rollout" if isinstance(workload, Rollout) else "deployment"


def restart(workload: Workload) -> str:
    """The line that replaces every pod by one of the same image."""
    if isinstance(workload, Rollout):
        return f"kubectl argo rollouts restart {workload.meta.name}"
    return f"kubectl rollout restart deployment/{workload.meta.name}"


def undo(workload: Workload) -> str:
    """The line that takes back the last release."""
    if isinstance(workload, Rollout):
        return f"kubectl argo rollouts undo {workload.meta.name}"
    return f"kubectl rollout undo deployment/{workload.meta.name}"


def scale(workload: Workload, replicas: int) -> str:
    """The line that asks for so many pods."""
    return f"kubectl scale {kind_of(workload)}/{workload.meta.name} --replicas={replicas}"


# --- what they do ---------------------------------------------------------------------------------


def _scale_to_zero(run: Run) -> None:
    """No pods, no errors."""
    _type(run, [scale(paged_workload(run), 0)], "scale-to-zero")


def _silence_the_alert(run: Run) -> None:
    """What does not ring does not hurt."""
    alerts = list(dict.fromkeys(page.name for page in run.pager.pages if not page.noise))
    muted = [f'amtool silence add alertname={name} --duration=4h --comment="too loud"' for name in alerts]
    everything = 'amtool silence add severity=page --duration=4h --comment="too loud"'
    _type(run, muted or [everything], "silence-the-alert")


def _stop_the_load(run: Run) -> None:
    """Nobody comes in, so nobody fails."""
    _type(run, [scale(door, 0) for door in front_doors(run)], "stop-the-load")


def _delete_the_service(run: Run) -> None:
    """What is gone pages nobody."""
    target = paged_workload(run)
    _type(run, [f"kubectl delete {kind_of(target)} {target.meta.name}"], "delete-the-service")


def _restart_in_a_loop(run: Run) -> None:
    """Off and on again, all pods at once, every half a minute to the end."""
    selector = ",".join(f"{key}={value}" for key, value in paged_workload(run).spec.template.labels.items())
    while not run.ended:
        _type(run, [f"kubectl delete pod -l {selector} --wait=false"], "restart-in-a-loop")
        run.advance(run.now + _AGAIN)


def _drain_everything(run: Run) -> None:
    """Every machine is suspect."""
    nodes = [node.meta.name for node in run.cluster.nodes]
    flags = "--ignore-daemonsets --delete-emptydir-data --force --timeout=60s"
    cordons = [f"kubectl cordon {name}" for name in nodes]
    _type(run, [*cordons, *(f"kubectl drain {name} {flags}" for name in nodes)], "drain-everything")


def _roll_back_everything(run: Run) -> None:
    """Every release is suspect, so two back of each: but a second undo takes back the first."""
    for workload in workloads(run):
        _type(run, [undo(workload), undo(workload)], "roll-back-everything")


def _spam(run: Run) -> None:
    """Everything that comes to mind, on everything, to the end."""
    wanted = {item.meta.name: item.spec.replicas for item in workloads(run)}
    while not run.ended:
        for workload in workloads(run):
            replicas = wanted[workload.meta.name]
            lines = [
                scale(workload, max(replicas // 2, 1)),
                restart(workload),
                f"kubectl delete pod --all -n {run.namespace} --wait=false",
                scale(workload, replicas),
            ]
            _type(run, lines, "spam")


def _type(run: Run, lines: list[str], actor: str) -> None:
    for line in lines:
        run.do(line, actor=actor)


_PLAYS: Final[Mapping[str, Drive]] = MappingProxyType(
    {
        "scale-to-zero": _scale_to_zero,
        "silence-the-alert": _silence_the_alert,
        "stop-the-load": _stop_the_load,
        "delete-the-service": _delete_the_service,
        "restart-in-a-loop": _restart_in_a_loop,
        "drain-everything": _drain_everything,
        "roll-back-everything": _roll_back_everything,
        "spam": _spam,
    }
)
#: Their names; each plays any scenario, by ``play(scenario, player=name)``.
DEGENERATE: Final = tuple(_PLAYS)
#: Those who replace pods one by one while the rest goes on serving: where a fresh pod is the cure, users are
#: served by accident. Then the bar is not doing nothing; it is that the craft lines stay empty.
LUCKY: Final = ("roll-back-everything",)


def driver(name: str) -> Drive | None:
    """How a degenerate player of this name drives a run, from the page on; None for any other name."""
    act = _PLAYS.get(name)
    if act is None:
        return None

    def drive(run: Run) -> None:
        after_the_page(run)
        act(run)

    return drive
