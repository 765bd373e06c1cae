"""One pass over one Rollout: what there is, what shall be written, and the ReplicaSets on the way.

Source: argoproj/argo-rollouts rollout/context.go, replicaset.go, pause.go, sync.go (1.8).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from simulator.engine.rollouts.counts import Bounds, abort_delay, bounds_of
from simulator.engine.workloads.rolling import Size
from simulator.units import SECOND
from simulator.world import Cluster, ReplicaSet, Service, new_replica_set
from simulator.world.analysis import AnalysisRun
from simulator.world.pods import ROLLOUT_HASH_LABEL
from simulator.world.rollouts import (
    ROLLOUT_DESIRED_ANNOTATION,
    SCALE_DOWN_ANNOTATION,
    PauseCondition,
    PauseReason,
    Rollout,
    RolloutStatus,
)

COMPONENT: Final = "rollouts-controller"


@dataclass(slots=True)
class Pauses:
    """What a pass decides about pausing and aborting; written into the status at its end."""

    added: list[PauseReason] = field(default_factory=list)
    removed: list[PauseReason] = field(default_factory=list)
    cleared: bool = False
    abort: bool = False
    abort_removed: bool = False
    abort_message: str = ""

    def aborting(self, message: str) -> None:
        """Abort, because of ``message``."""
        self.abort, self.abort_message = True, message

    def reset(self) -> None:
        """Forget every pause and the abort: a new update begins, or one has ended."""
        self.cleared = self.abort_removed = True


@dataclass(slots=True)
class Runs:
    """The AnalysisRuns that count for the update under way."""

    step: AnalysisRun | None = None
    background: AnalysisRun | None = None
    pre_promotion: AnalysisRun | None = None
    post_promotion: AnalysisRun | None = None

    @property
    def all(self) -> list[AnalysisRun]:
        """Those that there are."""
        every = (self.step, self.background, self.pre_promotion, self.post_promotion)
        return [run for run in every if run is not None]


class Pass:
    """One pass.

    Args:
        cluster: Where the Rollout lives.
        now: ns.
        rollout: Whose turn it is.

    Attributes:
        every: Its ReplicaSets, oldest first.
        new: The one of the wanted template; None before it was made.
        stable: The one that an abort returns to; may be ``new``.
        draft: The next status.
        pauses: Decisions on pausing and aborting.
        runs: AnalysisRuns of this update.
        other_runs: Earlier ones.
        fast_track: The new ReplicaSet was on its way out: this is a way back to pods that still run.
        wake_at: When time alone will make the next pass necessary, ns.
    """

    def __init__(self, cluster: Cluster, now: int, rollout: Rollout) -> None:
        self.cluster = cluster
        self.now = now
        self.rollout = rollout
        self.every = cluster.replica_sets_of(rollout)
        self.new = new_replica_set(cluster, rollout)
        self.pauses = Pauses()
        self.runs, self.other_runs = Runs(), list[AnalysisRun]()
        self.wake_at: list[int] = []
        self.draft = RolloutStatus(
            conditions=rollout.status.draft().conditions,
            restarted_at=rollout.status.restarted_at,
            weights=rollout.status.weights,
        )
        if rollout.status.abort and rollout.fully_promoted:
            self.pauses.abort_removed = True
        self.fast_track = has_deadline(self.new)

    # -- reading -------------------------------------------------------------------------------------------

    @property
    def status(self) -> RolloutStatus:
        """The status before this pass."""
        return self.rollout.status

    @property
    def stable(self) -> ReplicaSet | None:
        return self.by_hash(self.status.stable_rs)

    @property
    def others(self) -> list[ReplicaSet]:
        """Neither new nor stable."""
        return [each for each in self.every if each is not self.new and each is not self.stable]

    @property
    def older(self) -> list[ReplicaSet]:
        """All but the new one."""
        return [each for each in self.every if each is not self.new]

    @property
    def aborted(self) -> bool:
        return not self.pauses.abort_removed and (self.pauses.abort or self.status.abort)

    @property
    def halted(self) -> bool:
        """Nothing may move: a person has paused, or an analysis could not decide (``haltProgress``)."""
        return self.rollout.spec.paused or self.status.paused_for("InconclusiveAnalysisRun") is not None

    @property
    def bounds(self) -> Bounds:
        """Surge and availability of the update."""
        return bounds_of(self.rollout)

    @property
    def available(self) -> int:
        """Available pods of all ReplicaSets."""
        return sum(each.status.available_replicas for each in self.every)

    def by_hash(self, hash_: str) -> ReplicaSet | None:
        """The ReplicaSet of a template's hash."""
        return next((each for each in self.every if hash_ and hash_of(each) == hash_), None)

    def service(self, name: str) -> Service | None:
        """A Service of the Rollout's namespace."""
        return self.cluster.services.find(name, self.rollout.meta.namespace) if name else None

    def referenced(self, replica_set: ReplicaSet) -> bool:
        """Whether a Service of the strategy, or the status, still names a ReplicaSet."""
        canary, blue_green = self.rollout.canary, self.rollout.blue_green
        names = (
            (canary.stable_service, canary.canary_service)
            if canary is not None
            else (blue_green.active_service, blue_green.preview_service)
            if blue_green is not None
            else ()
        )
        selected = {selector_of(self.service(name)) for name in names}
        status, weights = self.status, self.status.weights
        selected |= {
            status.stable_rs,
            status.current_pod_hash,
            status.active_selector,
            status.preview_selector,
        }
        if weights is not None:
            selected |= {weights.canary_hash, weights.stable_hash}
        return hash_of(replica_set) in selected

    def saturated(self, replica_set: ReplicaSet) -> bool:
        """It has all the pods that are wanted, all available (``IsSaturated``)."""
        wanted = self.rollout.spec.replicas
        return (
            replica_set.meta.annotations.get(ROLLOUT_DESIRED_ANNOTATION) == str(wanted)
            and replica_set.spec.replicas == wanted
            and replica_set.status.available_replicas == wanted
        )

    # -- writing -------------------------------------------------------------------------------------------

    def record(self, reason: str, message: str, *, warning: bool = False) -> None:
        """Report an event about the Rollout."""
        self.cluster.record(self.now, self.rollout, reason, message, component=COMPONENT, warning=warning)

    def wake(self, at: int) -> None:
        """Look again at ``at`` (ns)."""
        if at > self.now:
            self.wake_at.append(at)

    def scale(self, replica_set: ReplicaSet, size: int) -> bool:
        """Write a ReplicaSet's size, and the Rollout's beside it to notice the next edit.

        Returns:
            Whether the size changed.
        """
        before, meta = replica_set.spec.replicas, replica_set.meta
        annotations = {**meta.annotations, ROLLOUT_DESIRED_ANNOTATION: str(self.rollout.spec.replicas)}
        if size == 0 and before and not self.keeps_deadline:
            annotations.pop(SCALE_DOWN_ANNOTATION, None)
        if before == size and annotations == meta.annotations:
            return False
        meta.annotations = annotations
        if before != size:
            replica_set.spec = replace(replica_set.spec, replicas=size)
            meta.generation += 1
            verb = "up" if size > before else "down"
            self.record(
                "ScalingReplicaSet",
                f"Scaled {verb} ReplicaSet {meta.name} (revision {replica_set.revision}) from {before} to "
                f"{size}",
            )
        self.cluster.changed(replica_set)
        return before != size

    @property
    def keeps_deadline(self) -> bool:
        """An aborted canary or preview lives on for a while (``shouldDelayScaleDownOnAbort``)."""
        rollout = self.rollout
        canary = rollout.canary
        if not self.aborted or self.stable is None or (canary is not None and not rollout.routed):
            return False
        if abort_delay(rollout) is None:
            return False
        declared = rollout.spec.strategy.abort_scale_down_delay_seconds is not None
        return declared or canary is None or not canary.dynamic_stable_scale

    def set_deadline(self, replica_set: ReplicaSet, seconds: int) -> None:
        """Say by when a ReplicaSet shall be gone; 0 takes the word back."""
        annotations = dict(replica_set.meta.annotations)
        if seconds:
            annotations[SCALE_DOWN_ANNOTATION] = self.cluster.timestamp(self.now + seconds * SECOND)
        else:
            annotations.pop(SCALE_DOWN_ANNOTATION, None)
        if annotations != replica_set.meta.annotations:
            replica_set.meta.annotations = annotations
            self.cluster.changed(replica_set)

    def time_left(self, replica_set: ReplicaSet) -> bool:
        """Whether a ReplicaSet's deadline lies ahead; if so, the pass after it is arranged."""
        at = self.cluster.instant(replica_set.meta.annotations[SCALE_DOWN_ANNOTATION])
        self.wake(at)
        return at > self.now

    def write_pauses(self) -> None:
        """Carry the decisions on pausing and aborting into the draft (``CalculatePauseStatus``)."""
        status, draft, pauses = self.status, self.draft, self.pauses
        if pauses.abort or (status.abort and not pauses.abort_removed):
            draft.abort = True
            draft.aborted_at = self.now if status.aborted_at is None else status.aborted_at
            return
        if pauses.cleared:
            return
        kept = [pause for pause in status.pause_conditions if pause.reason not in pauses.removed]
        known = {pause.reason for pause in status.pause_conditions}
        fresh = [PauseCondition(reason, self.now) for reason in pauses.added if reason not in known]
        if kept or fresh:
            draft.pause_conditions = (*kept, *fresh)
            draft.controller_pause = status.controller_pause or bool(fresh)


def hash_of(replica_set: ReplicaSet | None) -> str:
    """The hash in a ReplicaSet's label; empty for none."""
    return "" if replica_set is None else replica_set.meta.labels.get(ROLLOUT_HASH_LABEL, "")


def selector_of(service: Service | None) -> str:
    """The hash that a Service selects; empty for none."""
    return "" if service is None else service.spec.selector.get(ROLLOUT_HASH_LABEL, "")


def has_deadline(replica_set: ReplicaSet | None) -> bool:
    """It is to be gone by some time."""
    return replica_set is not None and SCALE_DOWN_ANNOTATION in replica_set.meta.annotations


def size_of(replica_set: ReplicaSet) -> Size:
    """What the arithmetic needs of a ReplicaSet."""
    return Size(replica_set.spec.replicas, replica_set.status.available_replicas)
