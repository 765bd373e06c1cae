"""The evidence tabs: logs, traces, events, the rollout, the alerts, as the console's tables."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Final

from simulator.drill.console.argo.tree import picture
from simulator.lab import charts, evidence
from simulator.lab.waterfalls import waterfall
from simulator.units import format_age, format_clock
from simulator.world import history
from simulator.world.rollouts import Rollout

if TYPE_CHECKING:
    from simulator.lab.frames import Scene

SIGNALS: Final = "signals"
TABS: Final = (SIGNALS, "logs", "traces", "events", "rollout", "alerts")
_LINES: Final = 120
_EVENTS: Final = 60


def pane(scene: Scene, tab: str, trace: str = "") -> evidence.Table | evidence.Waterfall | None:
    """The content of a tab for the selected service; None for the charts, which travel in the frame.

    Args:
        scene: What the console shows.
        tab: One of ``TABS``.
        trace: Id of the visit that the traces tab draws; empty for the most telling.
    """
    if tab == "traces":
        return waterfall(scene, trace)
    makers = {"logs": _logs, "events": _events, "rollout": _rollout, "alerts": _alerts}
    return makers[tab](scene) if tab in makers else None


def _logs(scene: Scene) -> evidence.Table:
    run = scene.run
    pods = [pod.name for pod in scene.pods(scene.workload(scene.service))]
    lines = run.telemetry.logs.recent(pods, _LINES)
    tones = {"ERROR": "bad", "WARN": "warn"}
    return evidence.Table(
        "logs",
        lines=tuple(
            f"{format_clock(line.at)}  {line.level:<5}  {line.pod}  {line.message}"
            + (f"  trace={line.trace:016x}" if line.trace else "")
            for line in lines
        ),
        tones=tuple(tones.get(line.level, "") for line in lines),
        note="" if lines else f"No pod of {scene.service} has logged yet.",
    )


def _events(scene: Scene) -> evidence.Table:
    run = scene.run
    events = run.cluster.recent_events(run.now)[-_EVENTS:]
    rows = tuple(
        (
            format_age(run.now - event.last_at) + (f" (x{event.count})" if event.count > 1 else ""),
            event.type,
            event.reason,
            event.object_text,
            event.message,
        )
        for event in reversed(events)
    )
    return evidence.Table(
        "events",
        columns=("last seen", "type", "reason", "object", "message") if rows else (),
        rows=rows,
        tones=tuple("warn" if row[1] != "Normal" else "" for row in rows),
        note="" if rows else "No events in the last hour.",
    )


def _rollout(scene: Scene) -> evidence.Table:
    cluster = scene.run.cluster
    workload = scene.workload(scene.service)
    deployment = cluster.workload(workload) if workload else None
    if deployment is None:
        return evidence.Table("rollout", note=f"No workload stands behind {scene.service}.")
    if isinstance(deployment, Rollout):
        lines = picture(deployment, cluster, scene.run.now).rstrip().split("\n")
        tones = {"✖": "bad", "⚠": "warn"}
        marks = (next((tones[mark] for mark in tones if mark in line), "") for line in lines)
        return evidence.Table("rollout", lines=tuple(lines), tones=tuple(marks))
    share = dict(charts.split(scene, scene.service))
    sets = history(cluster, deployment)
    rows = []
    for replica_set in reversed(sets):
        image = replica_set.spec.template.spec.containers[0].image
        current = replica_set.revision == deployment.revision
        version = image.rpartition(":")[2]
        sent = share.get(version, 1.0 if current and not share else 0.0)
        rows.append(
            (
                f"{replica_set.revision}{'  current' if current else ''}",
                replica_set.meta.name,
                image,
                f"{replica_set.status.ready_replicas}/{replica_set.spec.replicas}",
                f"{100 * sent:.0f} %",
                replica_set.change_cause or "<none>",
            )
        )
    status = deployment.status
    note = (
        f"deployment/{workload}: {status.updated_replicas} of {deployment.spec.replicas} updated, "
        f"{status.available_replicas} available."
    )
    return evidence.Table(
        "rollout",
        columns=("revision", "replica set", "image", "pods", "traffic", "change-cause"),
        rows=tuple(rows),
        tones=("",) * len(rows),
        note=note,
    )


def _alerts(scene: Scene) -> evidence.Table:
    tones = {"firing": "bad", "pending": "warn"}
    rows, marks = [], []
    for status in scene.run.alerts.status(scene.run.now):
        burns = ["–" if isnan(burn) else f"{burn:.1f}×" for burn in (status.long_burn, status.short_burn)]
        since = "" if status.since is None or status.state == "inactive" else format_clock(status.since)
        # An alert may have several rules; a row whose own is not true must not read as if it were.
        elsewhere = bool(status.long) and min(status.long_burn, status.short_burn) <= status.factor
        rows.append(
            (
                f"{status.state} by another rule" if status.state == "firing" and elsewhere else status.state,
                status.alert,
                status.severity,
                since,
                " / ".join(burns) if status.long else "",
                status.condition,
            )
        )
        marks.append(
            tones.get(status.state, "") if status.severity == "page" or status.state == "firing" else ""
        )
    return evidence.Table(
        "alerts",
        columns=("state", "alert", "severity", "since", "long / short", "fires when"),
        rows=tuple(rows),
        tones=tuple(marks),
    )
