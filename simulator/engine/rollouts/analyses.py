"""The AnalysisRuns of a Rollout: started, judged by their phase, cancelled and forgotten.

Source: argoproj/argo-rollouts rollout/analysis.go, utils/analysis (1.8).
"""

from __future__ import annotations

import re
from typing import Final

from simulator.engine.rollouts.passes import Pass, Runs, hash_of
from simulator.engine.rollouts.runs import ask_to_end
from simulator.engine.rollouts.sets import awaits_post_promotion
from simulator.engine.rollouts.windows import within_rollback_window
from simulator.world import ObjectMeta, OwnerReference
from simulator.world.analysis import (
    AnalysisRun,
    AnalysisSpec,
    AnalysisTemplate,
    Argument,
    ClusterAnalysisTemplate,
)
from simulator.world.pods import ROLLOUT_HASH_LABEL
from simulator.world.rollouts import Rollout, RolloutAnalysis, RunReference
from simulator.world.workloads import ROLLOUT_REVISION_ANNOTATION

#: Which of a Rollout's runs this is.
TYPE_LABEL: Final = "rollout-type"
STEP_INDEX_LABEL: Final = "step-index"
#: Completed runs that are kept of either kind (``analysis.successfulRunHistoryLimit``, its default).
_KEPT: Final = 5
_FIELD: Final = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


def find_runs(turn: Pass) -> None:
    """Find the Rollout's runs, and which of them its status names."""
    status, owner = turn.status, turn.rollout.meta.uid
    owned = [
        run
        for run in turn.cluster.table(AnalysisRun)
        if run.meta.owner is not None and run.meta.owner.uid == owner
    ]

    def named(reference: RunReference | None) -> AnalysisRun | None:
        return next((run for run in owned if reference and run.meta.name == reference.name), None)

    turn.runs = Runs(
        named(status.step_run),
        named(status.background_run),
        named(status.pre_promotion_run),
        named(status.post_promotion_run),
    )
    turn.other_runs = [run for run in owned if run not in turn.runs.all]


def reconcile_runs(turn: Pass) -> None:
    """Start the runs that are due, heed those that ended, cancel those that no longer matter."""
    skipped = (
        turn.aborted
        or turn.status.promote_full
        or turn.fast_track
        or not turn.status.stable_rs
        or within_rollback_window(turn)
    )
    if skipped:
        _cancel(turn, [*turn.runs.all, *turn.other_runs])
        _refer(turn)
        return
    before = turn.runs
    if turn.rollout.canary is not None:
        turn.runs = Runs(step=_step_run(turn), background=_background_run(turn))
    else:
        turn.runs = Runs(pre_promotion=_pre_promotion_run(turn), post_promotion=_post_promotion_run(turn))
    _cancel(turn, [run for run in (*before.all, *turn.other_runs) if run not in turn.runs.all])
    _refer(turn)
    _report_changes(turn)
    _forget(turn)


def _refer(turn: Pass) -> None:
    draft, runs = turn.draft, turn.runs
    draft.step_run, draft.background_run = _reference(runs.step), _reference(runs.background)
    draft.pre_promotion_run = _reference(runs.pre_promotion)
    draft.post_promotion_run = _reference(runs.post_promotion)


def _reference(run: AnalysisRun | None) -> RunReference | None:
    return None if run is None else RunReference(run.meta.name, run.status.phase, run.status.message)


def _report_changes(turn: Pass) -> None:
    status, runs = turn.status, turn.runs
    for before, run, name in (
        (status.post_promotion_run, runs.post_promotion, "PostPromotion"),
        (status.pre_promotion_run, runs.pre_promotion, "PrePromotion"),
        (status.step_run, runs.step, "Step"),
        (status.background_run, runs.background, "Background"),
    ):
        if run is None or not run.status.phase:
            continue
        if before is None or (before.name == run.meta.name and before.status != run.status.phase):
            previous = "NoPreviousStatus" if before is None else before.status
            turn.record(
                f"AnalysisRun{run.status.phase}",
                f"{name} Analysis Run '{run.meta.name}' Status New: '{run.status.phase}' "
                f"Previous: '{previous}'",
                warning=run.status.phase in ("Failed", "Error"),
            )


def _forget(turn: Pass) -> None:
    """Keep the newest completed runs, the successful and the others apart; none whose ReplicaSet is gone."""
    known = {hash_of(each) for each in turn.every}
    seen = {True: 0, False: 0}
    for run in sorted(turn.other_runs, key=lambda each: -each.meta.created_at):
        successful = run.status.phase == "Successful"
        seen[successful] += run.completed
        if run.meta.labels.get(ROLLOUT_HASH_LABEL) not in known or seen[successful] > _KEPT:
            turn.cluster.remove(run)


def _cancel(turn: Pass, runs: list[AnalysisRun]) -> None:
    """Ask runs to end; what they found so far counts."""
    for run in runs:
        if not run.completed and not run.spec.terminate:
            ask_to_end(run, turn.cluster)


def _needs_new(turn: Pass, current: AnalysisRun | None) -> bool:
    """No run yet, or one that could not decide and was overruled, or a retry after an abort."""
    if current is None:
        return True
    status = turn.status
    waits = status.paused_for("CanaryPauseStep") or status.paused_for("BlueGreenPause")
    if status.controller_pause and waits is None:
        return current.status.phase == "Inconclusive"
    return status.aborted_at is not None


def _heed(turn: Pass, run: AnalysisRun) -> None:
    """Pause on a run that could not decide; abort on one that failed."""
    if run.status.phase == "Inconclusive":
        turn.pauses.added.append("InconclusiveAnalysisRun")
    elif run.status.phase in ("Error", "Failed"):
        turn.pauses.aborting(run.status.message)


# --- the four kinds -------------------------------------------------------------------------------


def _step_run(turn: Pass) -> AnalysisRun | None:
    status, current = turn.status, turn.runs.step
    if status.pause_conditions or status.abort:
        return current
    step, index = turn.rollout.current_step, status.current_step_index or 0
    stale = current is not None and current.meta.labels.get(STEP_INDEX_LABEL) != str(index)
    if step is None or step.analysis is None or stale:
        return None
    if _needs_new(turn, current):
        return _start(turn, step.analysis, str(index), {TYPE_LABEL: "Step", STEP_INDEX_LABEL: str(index)})
    assert current is not None, "there is one, or a new one is needed"
    _heed(turn, current)
    return current


def _background_run(turn: Pass) -> AnalysisRun | None:
    canary, status, current = turn.rollout.canary, turn.status, turn.runs.background
    if canary is None or canary.analysis is None or not canary.analysis.templates:
        return None
    first = canary.analysis.starting_step
    begins_later = first is not None and bool(turn.rollout.steps) and (status.current_step_index or 0) < first
    if turn.rollout.fully_promoted or not status.current_pod_hash or begins_later:
        return None
    if status.paused_for("InconclusiveAnalysisRun") is not None:
        return current
    if _needs_new(turn, current):
        return _start(turn, canary.analysis, "", {TYPE_LABEL: "Background"})
    assert current is not None, "there is one, or a new one is needed"
    _heed(turn, current)
    return current


def _pre_promotion_run(turn: Pass) -> AnalysisRun | None:
    strategy = turn.rollout.blue_green
    if strategy is None or strategy.pre_promotion_analysis is None:
        return None
    run = turn.runs.pre_promotion
    if _before_preview(turn):
        _cancel(turn, [run] if run is not None else [])
    elif turn.status.paused_for("InconclusiveAnalysisRun") is None and _needs_new(turn, run):
        run = _start(turn, strategy.pre_promotion_analysis, "pre", {TYPE_LABEL: "PrePromotion"})
    if run is not None:
        _heed(turn, run)
    return run


def _before_preview(turn: Pass) -> bool:
    """Whether there is nothing to judge before a switch (``skipPrePromotionAnalysisRun``)."""
    status, current, strategy = turn.status, hash_of(turn.new), turn.rollout.blue_green
    if turn.new is None or strategy is None or status.stable_rs == current:
        return True
    if not status.active_selector or status.active_selector == current:
        return True
    count = strategy.preview_replica_count
    if count is not None:
        return (turn.new.spec.replicas, turn.new.status.available_replicas) != (count, count)
    return not turn.saturated(turn.new)


def _post_promotion_run(turn: Pass) -> AnalysisRun | None:
    strategy = turn.rollout.blue_green
    if strategy is None or strategy.post_promotion_analysis is None:
        return None
    run = turn.runs.post_promotion
    if not awaits_post_promotion(turn):
        _cancel(turn, [run] if run is not None else [])
    elif turn.status.paused_for("InconclusiveAnalysisRun") is None and _needs_new(turn, run):
        run = _start(turn, strategy.post_promotion_analysis, "post", {TYPE_LABEL: "PostPromotion"})
    if run is not None:
        _heed(turn, run)
    return run


def passed_pre_promotion(turn: Pass) -> bool:
    """Whether nothing before the switch is left to judge."""
    strategy, run = turn.rollout.blue_green, turn.runs.pre_promotion
    if strategy is None or strategy.pre_promotion_analysis is None:
        return True
    return run is not None and run.status.phase == "Successful"


# --- starting -------------------------------------------------------------------------------------


def _start(turn: Pass, analysis: RolloutAnalysis, infix: str, labels: dict[str, str]) -> AnalysisRun:
    """Make a run of templates; a second one of the same name gets a number behind it."""
    rollout, hash_ = turn.rollout, hash_of(turn.new)
    base = "-".join(filter(None, [rollout.meta.name, hash_, str(rollout.revision), infix]))
    table, name, number = turn.cluster.table(AnalysisRun), base, 0
    while table.find(name, rollout.meta.namespace) is not None:
        number += 1
        name = f"{base}.{number}"
    run = AnalysisRun(
        meta=ObjectMeta(
            name,
            rollout.meta.namespace,
            labels={**labels, ROLLOUT_HASH_LABEL: hash_, **rollout.spec.selector},
            annotations={ROLLOUT_REVISION_ANNOTATION: str(rollout.revision)},
            created_at=turn.now,
            owner=OwnerReference("Rollout", rollout.meta.name, rollout.meta.uid),
        ),
        spec=_spec(turn, analysis),
    )
    turn.cluster.add(run)
    return run


def _spec(turn: Pass, analysis: RolloutAnalysis) -> AnalysisSpec:
    templates = [_template(turn, ref.template_name, ref.cluster_scope) for ref in analysis.templates]
    given = {argument.name: argument for argument in analysis.args}
    declared = [argument for template in templates for argument in template.args]
    args = {
        argument.name: Argument(argument.name, _value(turn, given.get(argument.name, argument)))
        for argument in declared
    }
    dry_run = dict.fromkeys([*(name for each in templates for name in each.dry_run), *analysis.dry_run])
    return AnalysisSpec(
        metrics=tuple(metric for template in templates for metric in template.metrics),
        args=tuple(args.values()),
        dry_run=tuple(dry_run),
        retention={
            k: v for part in (*(t.retention for t in templates), analysis.retention) for k, v in part.items()
        },
    )


def _template(turn: Pass, name: str, cluster_scope: bool) -> AnalysisSpec:
    if cluster_scope:
        wide = turn.cluster.table(ClusterAnalysisTemplate).find(name)
        assert wide is not None, "the scenario's references were checked"
        return wide.spec
    narrow = turn.cluster.table(AnalysisTemplate).find(name, turn.rollout.meta.namespace)
    assert narrow is not None, "the scenario's references were checked"
    return narrow.spec


def _value(turn: Pass, argument: Argument) -> str:
    """An argument's text as it is now."""
    if argument.pod_template_hash is not None:
        return hash_of(turn.new if argument.pod_template_hash == "Latest" else turn.stable)
    if argument.field_path is not None:
        return field_value(turn.rollout, argument.field_path)
    return argument.value or ""


def field_value(rollout: Rollout, path: str) -> str:
    """A field of a Rollout that an argument may name; empty where it is not set."""
    found = _FIELD.fullmatch(path)
    if found is not None:
        pairs = rollout.meta.labels if found[1] == "labels" else rollout.meta.annotations
        return pairs.get(found[2], "")
    return {
        "metadata.name": rollout.meta.name,
        "metadata.namespace": rollout.meta.namespace,
        "metadata.uid": rollout.meta.uid,
    }.get(path, "")
