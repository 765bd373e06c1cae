"""A design as James lays it out, always in five parts, made from the system that runs and from nothing else.

Architecture, components, deployment strategy, monitoring, runbook: every number is read from the scenario's
objects or measured over the last minutes, so that the page changes with the system.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Final

from simulator.coach.blocks import Block, Items, Section, Table, Text
from simulator.coach.documents import Document
from simulator.coach.drawing import counted, drawing, pods_wanted
from simulator.coach.guide import page_rows
from simulator.scenario import USERS, Graph, Part, graph
from simulator.scenario.workloads import Workload
from simulator.slo import AlertStatus
from simulator.slo.alerts import window_text
from simulator.telemetry import NodeTraffic, traffic_map
from simulator.units import MINUTE, format_clock, format_cpu, format_memory
from simulator.world import Deployment, Recreate
from simulator.world.rollouts import BlueGreen, Canary, Rollout

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: What a minute's luck would hide: measured figures are averages over this long.
_MEASURED_OVER: Final = 5 * MINUTE
#: With more of its workers busy than this, a service has no room for a lost pod.
BUSY: Final = 0.8
_WHY: Final = {
    "load-balancer": "One door: health, retries and time limits are decided in one place.",
    "database": "Keeps what must not be lost; everything above it can be replaced, it can not.",
    "cache": "Saves the store behind it most of its reads. It is capacity: losing it is an outage.",
}
#: Of a partner's part where pods of ours stand before it, and where none do.
_BRIDGE: Final = (
    "Our bridge to a partner. What answers behind it is somebody else's: all we decide is how long we wait, "
    "and what we do without it."
)
_FOREIGN: Final = "Somebody else's. All we decide is how long we wait, and what we do without it."


def design(run: Run) -> Document:
    """The design of the system that a run plays on, as it stands now."""
    system = graph(run.scenario)
    return Document(
        kind="design",
        title=f"Design: {run.scenario.spec.system or run.scenario.metadata.name}",
        subtitle=f"As it runs at {format_clock(run.now)}; figures are of the last five minutes.",
        sections=(
            _architecture(run, system),
            _components(run, system),
            _deployment(run, system),
            _monitoring(run),
            _runbook(run),
        ),
    )


# --- architecture ---------------------------------------------------------------------------------


def _architecture(run: Run, system: Graph) -> Section:
    spec = run.scenario.spec
    entries = system.callees(USERS)
    at_the_door = {USERS, *entries}
    behind = [part for part in system.parts.values() if part.name not in at_the_door]
    doorkeepers = {system.parts[name].workload for name in entries}
    pods = sum(pods_wanted(run.cluster, each.name) for each in spec.workloads if each.name not in doorkeepers)
    zones, nodes = len({node.zone for node in run.cluster.nodes}), len(run.cluster.nodes)
    blocks: list[Block] = [
        Text(
            f"Users come in at {', '.join(entries)}. Behind it: {counted(len(behind), 'part')}, "
            f"{counted(pods, 'pod')}. All of it runs on {counted(nodes, 'machine')} in "
            f"{counted(zones, 'zone')}."
        ),
        drawing(system, run.cluster),
    ]
    questions = tuple(_questions(run, system))
    if questions:
        blocks += [Text("What I would ask about it:"), Items(questions)]
    return Section("architecture", "Architecture", tuple(blocks))


def _questions(run: Run, system: Graph) -> Iterator[str]:
    """What the drawing itself makes one ask, worst first."""
    for part in system.parts.values():
        callers = system.callers(part.name)
        if part.workload and callers and pods_wanted(run.cluster, part.workload) == 1:
            yield (
                f"{part.name} runs once, and {', '.join(callers)} can't do without it. What do users see in "
                "the minute in which its machine is gone?"
            )
    for times, leaves in _amplified(run, system):
        yield (
            f"Retries multiply: when it fails, one user's request asks {' or '.join(leaves)} up to {times} "
            "times. Who pays for that at the worst moment?"
        )
    for workload in run.scenario.spec.workloads:
        patient = sorted(
            {call.service for route in workload.model.routes for call in route.calls if not call.timeout}
        )
        if patient:
            yield f"{workload.name} waits for {', '.join(patient)} for ever. How long would a user?"
        if workload.spec.template.spec.containers[0].resources.limits.memory is None:
            yield f"{workload.name} has no memory limit. Which neighbour does its leak kill first?"


def _amplified(run: Run, system: Graph) -> list[tuple[int, list[str]]]:
    """(times that one request asks them at worst, parts) where that is more than twice, most first."""
    attempts: dict[tuple[str, str], int] = {}
    for part in system.parts.values():
        workload = run.scenario.spec.workload(part.workload) if part.workload else None
        for route in workload.model.routes if workload else ():
            for call in route.calls:
                edge = (part.name, call.service)
                attempts[edge] = max(attempts.get(edge, 1), call.retries.attempts)
    worst = {USERS: 1}

    def walk(name: str, times: int, path: tuple[str, ...]) -> None:
        for callee in system.callees(name):
            if callee in path:  # a circle of calls ends where it began
                continue
            asked = times * attempts.get((name, callee), 1)
            worst[callee] = max(worst.get(callee, 0), asked)
            walk(callee, asked, (*path, callee))

    walk(USERS, 1, (USERS,))
    counts = sorted({times for times in worst.values() if times > 2}, reverse=True)
    ends = [name for name in system.parts if not system.callees(name)]
    listed = [(times, [name for name in ends if worst.get(name) == times]) for times in counts]
    return [(times, names) for times, names in listed if names]


# --- components -----------------------------------------------------------------------------------


def _components(run: Run, system: Graph) -> Section:
    measured = traffic_map(run.telemetry, run.now, window=_MEASURED_OVER).nodes
    rows = []
    for part in system.parts.values():
        if part.name == USERS:
            continue
        workload = run.scenario.spec.workload(part.workload) if part.workload else None
        rows.append(
            (
                part.name,
                _technology(run, workload) if workload else "not ours",
                _why(system, part, workload),
                _askers(system, part.name),
                _load(measured.get(part.name)),
            )
        )
    return Section(
        "components",
        "Components",
        (Table(("Component", "Technology", "Why it is there", "Asked by", "Now"), tuple(rows)),),
    )


def _technology(run: Run, workload: Workload) -> str:
    """Image, pods and what each of them may use, as the cluster has it now."""
    live = run.cluster.workload(workload.name)
    container = workload.spec.template.spec.containers[0]
    image = live.spec.template.containers[0].image if live is not None else container.image
    pods = pods_wanted(run.cluster, workload.name)
    asked = container.resources.requests
    size = [format_cpu(asked.cpu) + " CPU" if asked.cpu else "", format_memory(asked.memory or 0)]
    each = ", ".join(filter(None, [counted(workload.model.concurrency, "worker"), *size]))
    return f"`{image}`, {counted(pods, 'pod')} of {each}"


def _why(system: Graph, part: Part, workload: Workload | None) -> str:
    if part.role == "external":
        return _BRIDGE if part.workload else _FOREIGN
    return _WHY.get(part.role) or _service_why(system, part.name, workload)


def _askers(system: Graph, name: str) -> str:
    """Everybody who calls a part, and everybody whose messages it handles."""
    by_queue = [f"{publisher} by the queue {topic}" for publisher, topic in system.feeders(name)]
    return ", ".join([*system.callers(name), *by_queue]) or "nobody"


def _service_why(system: Graph, name: str, workload: Workload | None) -> str:
    routes = ", ".join(route.name for route in workload.model.routes) if workload else ""
    callees = system.callees(name)
    needs = f"; needs {', '.join(callees)}" if callees else ""
    holds = " and holds a worker while it waits" if workload and workload.model.held and callees else ""
    verb = "Handles" if system.feeders(name) and not system.callers(name) else "Answers"
    return f"{verb} {routes}{needs}{holds}."


def _load(now: NodeTraffic | None) -> str:
    if now is None or not isfinite(now.rps):
        return "nothing measured"
    words = [f"{now.rps:.0f} requests/s" if now.rps >= 1 else f"{now.rps:.2f} requests/s"]
    if isfinite(now.p99_seconds):
        words.append(f"p99 {now.p99_seconds:.2g} s")
    if isfinite(now.saturation):
        words.append(f"{100 * now.saturation:.0f} % of workers busy")
        if now.saturation > BUSY:
            words.append("no room for a lost pod")
    return ", ".join(words)


# --- deployment strategy --------------------------------------------------------------------------


def _deployment(run: Run, system: Graph) -> Section:
    promised: dict[str, list[str]] = {}
    for name, slo in run.slos.items():
        for part in system.behind(slo.objective.service, slo.objective.routes):
            promised.setdefault(system.parts[part].workload, []).append(slo.objective.title or name)
    rows = []
    for workload in run.scenario.spec.workloads:
        live = run.cluster.workload(workload.name)
        if live is not None:
            rows.append((workload.name, *_strategy(live), _promises(promised, workload)))
    advice = (
        "A rolling update asks each pod whether it is ready, never whether its answers are right. Where a "
        "promise to users hangs on it, send a few per cent through the new version first and let its own "
        "error share decide. Boring beats clever: the same way for every service, and a rollback that "
        "somebody has rehearsed this month."
    )
    return Section(
        "deployment",
        "Deployment strategy",
        (
            Table(("Workload", "Strategy", "A bad version", "Promises that hang on it"), tuple(rows)),
            Text(advice),
        ),
    )


def _strategy(live: Deployment | Rollout) -> tuple[str, str]:
    """(how pods are replaced, what a bad version then gets)."""
    pods, strategy = live.spec.replicas, live.spec.strategy
    if isinstance(strategy, BlueGreen):
        promoted = "by itself" if strategy.auto_promotion_enabled else "once somebody promotes"
        return "blue-green", f"has nobody, then everything at once, {promoted}"
    if isinstance(strategy, Canary):
        weights = [step.set_weight for step in strategy.steps if step.set_weight is not None]
        first = weights[0] if weights else 100
        return f"canary of {len(strategy.steps)} steps", f"starts with {first} % of requests"
    if isinstance(strategy, Recreate):
        return "recreate", "has everything at once, after a short outage"
    kind = f"rolling, +{live.spec.max_surge} −{live.spec.max_unavailable} pods at once"
    if pods <= 1:
        return kind, "has everything the moment that it is ready"
    return kind, f"starts with {100 / pods:.0f} % of requests and goes on to 100 % by itself"


def _promises(promised: dict[str, list[str]], workload: Workload) -> str:
    return ", ".join(promised.get(workload.name, [])) or "none"


# --- monitoring -----------------------------------------------------------------------------------


def _monitoring(run: Run) -> Section:
    rows = [_alert_row(status) for status in run.alerts.status(run.now)]
    rows += [
        (
            f"busy workers of {name}",
            f"over {100 * BUSY:.0f} % for 10 m",
            "ticket: capacity, before users wait",
        )
        for name in dict.fromkeys(slo.objective.service for slo in run.slos.values())
    ]
    note = (
        "Page on what users feel, ticket what they will feel tomorrow, and chart the rest. A page that asks "
        "for no act is a page to delete."
    )
    table = Table(("Metric", "Threshold", "Alert"), tuple(rows))
    return Section("monitoring", "Monitoring", (table, Text(note)))


def _alert_row(status: AlertStatus) -> tuple[str, str, str]:
    alert = f"{status.severity}: {status.alert}"
    if not status.long:
        return (f"requests of {status.slo}", f"none for {window_text(status.short)}", alert)
    windows = f"{window_text(status.long)} and {window_text(status.short)}"
    return (f"burn rate of {status.slo}", f"over {status.factor:.3g} for {windows}", alert)


def _runbook(run: Run) -> Section:
    rows = tuple((when, steps) for when, steps in page_rows(run))
    note = "The whole runbook: `drill.runbook()`."
    return Section("runbook", "Runbook", (Table(("When", "Steps"), rows), Text(note)))
