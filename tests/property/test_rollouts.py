"""Argo Rollouts: for any steps, sizes and order of readiness, an abort returns everybody to stable."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.units import SECOND
from simulator.world import Change, IntOrPercent, Pod, rollout_edits
from simulator.world.rollouts import (
    BlueGreen,
    Canary,
    CanaryStep,
    Pause,
    SetCanaryScale,
    TrafficRouting,
)
from tests.engine_stage import NAMES
from tests.rollout_stage import RolloutStage

BOUNDS: st.SearchStrategy[IntOrPercent] = st.integers(0, 4) | st.integers(0, 100).map("{}%".format)
#: How long each pod takes to get ready, in tenths of a second: any order comes up.
STARTS = st.lists(st.integers(0, 600), min_size=1, max_size=12)
WEIGHTS = st.integers(0, 100).map(lambda percent: CanaryStep(set_weight=percent))
PAUSES = st.none() | st.integers(1, 40).map(lambda seconds: seconds * SECOND)
SCALES = (
    st.integers(0, 6).map(lambda pods: SetCanaryScale(replicas=pods))
    | st.integers(0, 100).map(lambda percent: SetCanaryScale(weight=percent))
    | st.just(SetCanaryScale(match_traffic_weight=True))
)
STEPS = st.lists(
    WEIGHTS
    | PAUSES.map(lambda duration: CanaryStep(pause=Pause(duration)))
    | SCALES.map(lambda scale: CanaryStep(set_canary_scale=scale)),
    max_size=5,
).map(tuple)
#: Tenths of a second.
MOMENTS = st.integers(0, 1500)


class Watched(RolloutStage):
    """A stage that notes, at every change, how many pods there are and how many are available."""

    def __init__(self, strategy: Canary | BlueGreen, replicas: int, starts: list[int]) -> None:
        def varied(mean: int, pod: Pod, purpose: int) -> int:  # noqa: ARG001
            return starts[(7 * pod.ordinal + 3 * pod.revision) % len(starts)] * SECOND // 10

        super().__init__(strategy, replicas, varied=varied, nodes=30)
        self.most_pods = self.fewest_available = replicas
        self.cluster.subscribe(self._watch)

    def _watch(self, change: Change) -> None:
        if isinstance(change.object, Pod):
            living = [pod for pod in self.cluster.pods if not pod.terminating]
            self.most_pods = max(self.most_pods, len(living))
            self.fewest_available = min(self.fewest_available, sum(pod.ready for pod in living))

    def settle(self) -> None:
        """Let the update end, however slow; whoever must promote does."""
        for _ in range(60):
            self.run(60)
            if self.status.pause_conditions:
                self.promote()
            if self.said == "Healthy" and len(self.cluster.pods) == self.app.spec.replicas:
                return
        raise AssertionError(f"the rollout never completes: {self.said}")

    def serving(self) -> set[str]:
        """The hashes that users reach: by weight where there is a split, else by the pods that are ready."""
        return self.plane.reachable()


def _canary(
    steps: tuple[CanaryStep, ...], routed: bool, dynamic: bool, surge: IntOrPercent = "25%"
) -> Canary:
    routing = TrafficRouting(virtual_service="app") if routed else None
    return Canary(
        steps=steps,
        max_surge=surge,
        stable_service="app-stable" if routed else "",
        canary_service="app-canary" if routed else "",
        traffic_routing=routing,
        dynamic_stable_scale=routed and dynamic,
    )


@given(STEPS, st.integers(1, 8), STARTS, MOMENTS, st.booleans(), st.booleans())
@example((CanaryStep(set_weight=100),), 3, [50], 300, True, True)
@settings(max_examples=120, deadline=None)
def test_an_abort_returns_all_traffic_to_stable(
    steps: tuple[CanaryStep, ...], replicas: int, starts: list[int], moment: int, routed: bool, dynamic: bool
) -> None:
    """Whatever the step and whoever is ready: in the end nobody reaches the canary."""
    stage = Watched(_canary(steps, routed, dynamic), replicas, starts)
    stage.release("app:v2")
    stage.run(0.1 + moment / 10)  # an abort before the controller has seen the update is of none
    before = stage.status.stable_rs
    stage.abort()
    stage.run(0.1)
    if routed and not dynamic:
        assert stage.serving() == {before}
    stage.run(400)
    assert stage.serving() == {before} == {stage.status.stable_rs}
    assert sum(pod.ready for pod in stage.cluster.pods_of(stage.of_hash(before))) == replicas


@given(st.integers(1, 6), STARTS, MOMENTS, st.booleans(), st.none() | st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_an_abort_of_a_blue_green_leaves_the_active_service_at_stable(
    replicas: int, starts: list[int], moment: int, automatic: bool, preview: int | None
) -> None:
    """Before the switch users never left; after it the update was through and there is nothing to abort."""
    strategy = BlueGreen(
        "app", "app-preview", auto_promotion_enabled=automatic, preview_replica_count=preview
    )
    stage = Watched(strategy, replicas, starts)
    stage.release("app:v2")
    stage.run(0.1 + moment / 10)  # an abort before the controller has seen the update is of none
    before = stage.status.stable_rs
    stage.abort()
    stage.run(200)
    assert stage.serving() == {before} == {stage.status.active_selector}


@given(st.integers(1, 12), STEPS, BOUNDS, BOUNDS, STARTS)
@example(10, (CanaryStep(set_weight=35), CanaryStep(set_weight=70)), 0, 0, [10])
@settings(max_examples=100, deadline=None)
def test_a_canary_by_replica_ratio_never_leaves_its_bounds(
    replicas: int,
    steps: tuple[CanaryStep, ...],
    surge: IntOrPercent,
    unavailable: IntOrPercent,
    starts: list[int],
) -> None:
    """Never more pods than replicas + maxSurge, never fewer available than replicas - maxUnavailable."""
    strategy = Canary(steps=steps, max_surge=surge, max_unavailable=unavailable)
    stage = Watched(strategy, replicas, starts)
    stage.release("app:v2")
    stage.settle()
    assert {"app:v2": replicas} == stage.sizes()
    assert stage.most_pods <= replicas + stage.app.spec.max_surge
    assert stage.fewest_available >= replicas - stage.app.spec.max_unavailable


@given(
    st.integers(1, 8), BOUNDS, STARTS, st.lists(st.tuples(MOMENTS, st.integers(0, 3)), min_size=1, max_size=4)
)
@settings(max_examples=60, deadline=None)
def test_images_that_overtake_each_other_end_with_the_last(
    replicas: int, surge: IntOrPercent, starts: list[int], releases: list[tuple[int, int]]
) -> None:
    """Another image in the middle of a canary, again and again, stable or not: the last one wins."""
    steps = (CanaryStep(set_weight=30), CanaryStep(pause=Pause(10 * SECOND)), CanaryStep(set_weight=60))
    stage = Watched(Canary(steps=steps, max_surge=surge), replicas, starts)
    for moment, image in releases:
        stage.release(NAMES[image])
        stage.run(moment / 10)
    stage.settle()
    assert {NAMES[releases[-1][1]]: replicas} == stage.sizes()
    assert stage.fewest_available >= replicas - stage.app.spec.max_unavailable


@given(st.integers(1, 6), STEPS, st.booleans(), MOMENTS, MOMENTS)
@settings(max_examples=50, deadline=None)
def test_undo_twice_returns_to_where_it_was(
    replicas: int, steps: tuple[CanaryStep, ...], routed: bool, first: int, second: int
) -> None:
    """An undo undone: the same template and the same ReplicaSet, whether or not the first had finished."""
    stage = Watched(_canary(steps, routed, dynamic=False), replicas, [50])
    stage.release("app:v2")
    stage.settle()
    stable = stage.status.stable_rs
    stage.run(first / 10)
    rollout_edits.undo(stage.cluster, "app")
    stage.run(0.1 + second / 10)
    rollout_edits.undo(stage.cluster, "app")
    stage.settle()
    assert (stable, {"app:v2": replicas}) == (stage.status.stable_rs, stage.sizes())
