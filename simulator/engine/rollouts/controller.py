"""The rollout controller: brings a Rollout's ReplicaSets, Services and weights through its strategy."""

from __future__ import annotations

from simulator.engine.environment import Environment
from simulator.engine.reconciler import Name, Reconciler
from simulator.engine.rollouts.analyses import find_runs
from simulator.engine.rollouts.bluegreen import resize_blue_green, roll_blue_green
from simulator.engine.rollouts.canary import resize_canary, roll_canary
from simulator.engine.rollouts.conditions import note_pauses, phase_of
from simulator.engine.rollouts.passes import Pass
from simulator.engine.rollouts.sets import scaling_event, sync_revision
from simulator.engine.rollouts.traffic import Router
from simulator.world import Change, Cluster, Pod, ReplicaSet
from simulator.world.analysis import AnalysisRun
from simulator.world.rollouts import Rollout


class RolloutController:
    """Reconciles Rollouts.

    Args:
        env: The clock.
        cluster: What it watches and writes.
        router: Carries weights and selectors out in the data plane.
    """

    def __init__(self, env: Environment, cluster: Cluster, router: Router) -> None:
        self._env = env
        self._cluster = cluster
        self._router = router
        self._queue = Reconciler(env, self._reconcile)
        cluster.subscribe(self._on_change, Rollout, ReplicaSet, AnalysisRun, Pod)

    def _on_change(self, change: Change) -> None:
        item = change.object
        if isinstance(item, Rollout):
            self._queue.enqueue(item.meta.namespace, item.meta.name)
        elif isinstance(item, (ReplicaSet, AnalysisRun)):
            if item.meta.owner is not None and item.meta.owner.kind == "Rollout":
                self._queue.enqueue(item.meta.namespace, item.meta.owner.name)
        elif isinstance(item, Pod) and change.type == "DELETED":
            self._queue.enqueue(item.meta.namespace, item.deployment)

    def _reconcile(self, name: Name) -> None:
        rollout = self._cluster.rollouts.find(name[1], name[0])
        if rollout is None:
            return
        turn = Pass(self._cluster, self._env.now, rollout)
        find_runs(turn)
        note_pauses(turn)
        sync_revision(turn)
        if rollout.blue_green is not None:
            (resize_blue_green if scaling_event(turn) else roll_blue_green)(turn)
        else:
            (resize_canary if scaling_event(turn) else roll_canary)(turn)
        self._write(turn)
        self._router.apply(rollout)
        for at in turn.wake_at:
            self._queue.enqueue_at(*name, at)

    def _write(self, turn: Pass) -> None:
        """Make the draft the status, and report what a person would want to hear of."""
        rollout, before, after = turn.rollout, turn.status, turn.draft
        turn.write_pauses()
        after.observed_generation = rollout.meta.generation
        after.phase, after.message = phase_of(rollout, after)
        if after == before:
            return
        rollout.status = after
        self._cluster.changed(rollout)
        if bool(before.pause_conditions) == bool(after.pause_conditions):
            return
        if after.pause_conditions:
            turn.record("RolloutPaused", f"Rollout is paused ({after.pause_conditions[0].reason})")
        elif after.aborted_at is None:
            turn.record("RolloutResumed", "Rollout is resumed")
