"""The analysis controller: takes each run's measurements in time, and adds them up to a verdict.

Source: argoproj/argo-rollouts analysis/analysis.go (1.8).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from simulator.engine.environment import Environment
from simulator.engine.reconciler import Name, Reconciler
from simulator.engine.rollouts.passes import COMPONENT
from simulator.engine.rollouts.providers import Provider, Silent, measure
from simulator.units import SECOND
from simulator.world import Change, Cluster
from simulator.world.analysis import (
    COMPLETED,
    DEFAULT_RETENTION,
    AnalysisPhase,
    AnalysisRun,
    Metric,
    MetricResult,
    RunSummary,
    worse,
)

#: How soon a measurement that ended in an error is tried again.
_RETRY: Final = 10 * SECOND


class AnalysisController:
    """Carries out AnalysisRuns.

    Args:
        env: The clock.
        cluster: What it watches and writes.

    Attributes:
        provider: Who answers; at first nobody.
    """

    def __init__(self, env: Environment, cluster: Cluster) -> None:
        self._env = env
        self._cluster = cluster
        self.provider: Provider = Silent()
        self._queue = Reconciler(env, self._reconcile)
        cluster.subscribe(self._on_change, AnalysisRun)

    def _on_change(self, change: Change) -> None:
        run = change.object
        if isinstance(run, AnalysisRun) and change.type != "DELETED" and not run.completed:
            self._queue.enqueue(run.meta.namespace, run.meta.name)

    def _reconcile(self, name: Name) -> None:
        run = self._cluster.table(AnalysisRun).find(name[1], name[0])
        if run is None or run.completed:
            return
        now, status, before = self._env.now, run.status, run.status.phase
        due = [metric for metric in run.spec.metrics if self._due(run, metric)]
        for metric in due:
            self._measure(run, metric)
        if status.started_at is None:
            status.started_at = now
        phase, status.message = self._assess(run)
        status.phase = phase
        if phase in COMPLETED:
            status.completed_at = now
            warning = phase in ("Error", "Failed")
            self._report(run, f"AnalysisRun{phase}", f"Analysis Completed. Result: {phase}", warning)
        if due or phase != before:
            self._cluster.changed(run)
        wake_at = self._next(run)
        if wake_at is not None:
            self._queue.enqueue_at(*name, wake_at)

    # -- measuring -----------------------------------------------------------------------------------------

    def _due(self, run: AnalysisRun, metric: Metric) -> bool:
        """Whether a metric shall be measured now."""
        result, now = run.status.result(metric.name), self._env.now
        if terminating(run) or (result is not None and result.phase in COMPLETED):
            return False
        if result is None or not result.measurements:
            if not metric.initial_delay:
                return True
            return run.status.started_at is not None and now >= run.status.started_at + metric.initial_delay
        if metric.effective_count is not None and result.count >= metric.effective_count:
            return False
        return now >= _next_measurement(metric, result)

    def _measure(self, run: AnalysisRun, metric: Metric) -> None:
        status = run.status
        result = status.result(metric.name)
        if result is None:
            result = MetricResult(metric.name, dry_run=dry_run(run, metric.name))
            status.metric_results.append(result)
        found = measure(metric, run.spec.args, self.provider, self._env.now)
        result.measurements.append(found)
        del result.measurements[: -_retention(run, metric.name)]
        if found.phase == "Error":
            result.error += 1
            result.consecutive_error += 1
            return
        result.count += 1
        result.consecutive_error = 0
        if found.phase == "Successful":
            result.successful += 1
        elif found.phase == "Failed":
            result.failed += 1
        else:
            result.inconclusive += 1

    # -- judging -------------------------------------------------------------------------------------------

    def _assess(self, run: AnalysisRun) -> tuple[AnalysisPhase, str]:
        """(phase, why) of a run: the worst of its metrics, once all have ended (``assessRunStatus``)."""
        ends = terminating(run)
        worst: AnalysisPhase | None = None
        message = "Run Terminated" if run.spec.terminate else ""
        complete = True
        real, dry = RunSummary(), RunSummary()
        for metric in run.spec.metrics:
            summary = dry if dry_run(run, metric.name) else real
            summary.count += 1
            result = run.status.result(metric.name)
            if result is None:
                complete = False
                continue
            self._settle(run, metric, result, ends)
            if result.phase not in COMPLETED:
                complete = False
                continue
            _, why = verdict(metric, result)
            _count(summary, verdict(metric, result)[0] or "Successful")
            if summary is dry:
                worst = worst or "Successful"
                if why:
                    result.message = f"Metric assessed {result.phase} due to {why}"
            elif worse(worst, result.phase) != worst:
                worst = result.phase
                if why:
                    message = f'Metric "{metric.name}" assessed {result.phase} due to {why}'
                    if result.message:
                        message += f': "Error Message: {result.message}"'
        run.status.run_summary, run.status.dry_run_summary = real, dry
        if ends:
            return worst or "Successful", message
        return (worst, message) if complete and worst is not None else ("Running", "")

    def _settle(self, run: AnalysisRun, metric: Metric, result: MetricResult, ends: bool) -> None:
        """Write a metric's phase, and report it when it ends."""
        phase = _phase(metric, result, ends)
        if phase == result.phase:
            return
        if phase in COMPLETED:
            text = f"Metric '{metric.name}' Completed. Result: {phase}"
            self._report(run, f"Metric{phase}", text, phase in ("Error", "Failed"))
        if result.measurements:
            result.message = result.measurements[-1].message
        result.phase = phase

    def _report(self, run: AnalysisRun, reason: str, message: str, warning: bool) -> None:
        self._cluster.record(self._env.now, run, reason, message, component=COMPONENT, warning=warning)

    # -- time ----------------------------------------------------------------------------------------------

    def _next(self, run: AnalysisRun) -> int | None:
        """When the next measurement is due, ns; None for never."""
        if run.completed or terminating(run):
            return None
        due: list[int] = []
        for metric in run.spec.metrics:
            result = run.status.result(metric.name)
            if result is None:
                due.append((run.status.started_at or self._env.now) + metric.initial_delay)
            elif result.phase not in COMPLETED:
                due.append(_next_measurement(metric, result))
        return min(due, default=None)


def terminating(run: AnalysisRun) -> bool:
    """Whether a run is about to end: it was asked to, or a metric that counts has gone wrong."""
    ended = (each.phase for each in run.status.metric_results if not each.dry_run)
    return run.spec.terminate or any(phase in ("Failed", "Error", "Inconclusive") for phase in ended)


def dry_run(run: AnalysisRun, metric: str) -> bool:
    """Whether a metric's verdict is only told; dryRun's names are regular expressions."""
    return any(re.fullmatch(name, metric) for name in run.spec.dry_run)


def verdict(metric: Metric, result: MetricResult) -> tuple[AnalysisPhase | None, str]:
    """(phase, why) where a limit is passed, else (None, empty)."""
    found: tuple[AnalysisPhase | None, str] = (None, "")
    if 0 <= metric.failure_limit < result.failed:
        found = "Failed", f"failed ({result.failed}) > failureLimit ({metric.failure_limit})"
    if result.inconclusive > metric.inconclusive_limit:
        limit = metric.inconclusive_limit
        found = "Inconclusive", f"inconclusive ({result.inconclusive}) > inconclusiveLimit ({limit})"
    if result.consecutive_error > metric.consecutive_error_limit:
        limit = metric.consecutive_error_limit
        found = "Error", f"consecutiveErrors ({result.consecutive_error}) > consecutiveErrorLimit ({limit})"
    return found


def _phase(metric: Metric, result: MetricResult, ends: bool) -> AnalysisPhase:
    """The phase of one metric (``assessMetricStatus``)."""
    if result.phase in COMPLETED:
        return result.phase
    passed = verdict(metric, result)[0]
    if passed is not None:
        return passed
    if metric.effective_count is not None and result.count >= metric.effective_count:
        return "Successful"
    return "Successful" if ends else "Running"


def _next_measurement(metric: Metric, result: MetricResult) -> int:
    last = result.measurements[-1]
    wait = _RETRY if last.phase == "Error" or metric.interval is None else metric.interval
    return last.finished_at + wait


def _retention(run: AnalysisRun, metric: str) -> int:
    limits = [limit for name, limit in run.spec.retention.items() if re.fullmatch(name, metric)]
    return limits[0] if limits else DEFAULT_RETENTION


def _count(summary: RunSummary, phase: AnalysisPhase) -> None:
    if phase == "Successful":
        summary.successful += 1
    elif phase == "Failed":
        summary.failed += 1
    elif phase == "Inconclusive":
        summary.inconclusive += 1
    else:
        summary.error += 1


def ask_to_end(run: AnalysisRun, cluster: Cluster) -> None:
    """Ask a run to end, as ``terminate`` does."""
    run.spec = replace(run.spec, terminate=True)
    run.meta.generation += 1
    cluster.changed(run)
