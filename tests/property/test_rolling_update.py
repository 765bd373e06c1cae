"""Rolling updates: for any sizes and any order of readiness, the declared bounds hold at every instant."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.units import SECOND
from simulator.world import Change, IntOrPercent, Pod, PodTemplate, edits
from tests.engine_stage import NAMES, Stage

COUNTS = st.integers(0, 4)
PERCENTS = st.integers(0, 100).map("{}%".format)
BOUNDS: st.SearchStrategy[IntOrPercent] = COUNTS | PERCENTS
#: How long each pod takes to get ready, in tenths of a second: any order comes up.
STARTS = st.lists(st.integers(0, 600), min_size=1, max_size=12)


class Watched(Stage):
    """A stage that notes, at every change, how many pods there are and how many are available."""

    def __init__(
        self, replicas: int, surge: IntOrPercent, unavailable: IntOrPercent, starts: list[int]
    ) -> None:
        def varied(mean: int, pod: Pod, purpose: int) -> int:  # noqa: ARG001
            return starts[(7 * pod.ordinal + 3 * pod.revision) % len(starts)] * SECOND // 10

        super().__init__(replicas, surge=surge, unavailable=unavailable, varied=varied, pull_time=0, nodes=30)
        self.most_pods = self.fewest_available = replicas
        self.cluster.subscribe(self._watch)

    def _watch(self, change: Change) -> None:
        if not isinstance(change.object, Pod):
            return
        living = self.living()
        self.most_pods = max(self.most_pods, len(living))
        self.fewest_available = min(self.fewest_available, sum(pod.ready for pod in living))

    def settle(self) -> None:
        """Let every rollout end, however slow."""
        for _ in range(60):
            self.run(60)
            if self.app.complete and len(self.cluster.pods) == self.app.spec.replicas:
                return
        raise AssertionError("the rollout never completes")


@given(st.integers(0, 14), BOUNDS, BOUNDS, STARTS)
@example(4, "25%", "25%", [50])
@example(1, 0, 0, [10])
@settings(max_examples=60, deadline=None)
def test_a_rolling_update_never_leaves_its_bounds(
    replicas: int, surge: IntOrPercent, unavailable: IntOrPercent, starts: list[int]
) -> None:
    """Never more pods than replicas + maxSurge, never fewer available than replicas - maxUnavailable."""
    stage = Watched(replicas, surge, unavailable, starts)
    most = replicas + stage.app.spec.max_surge
    fewest = replicas - stage.app.spec.max_unavailable
    stage.release("app:v2")
    stage.settle()
    assert stage.images() == ["app:v2"] * replicas
    assert stage.most_pods <= most
    assert stage.fewest_available >= fewest


@given(
    st.integers(1, 10),
    BOUNDS,
    BOUNDS,
    STARTS,
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3)), min_size=1, max_size=4),
)
@example(3, 0, 0, [0, 0, 0, 321, 0, 0, 0, 0, 0, 0], [(257, 1), (400, 1), (0, 0)])
@settings(max_examples=60, deadline=None)
def test_releases_that_overtake_each_other_keep_the_bounds_too(
    replicas: int,
    surge: IntOrPercent,
    unavailable: IntOrPercent,
    starts: list[int],
    releases: list[tuple[int, int]],
) -> None:
    """Another image in the middle of a rollout, again and again: the same bounds, and the last one wins."""
    stage = Watched(replicas, surge, unavailable, starts)
    most = replicas + stage.app.spec.max_surge
    fewest = replicas - stage.app.spec.max_unavailable
    for pause, image in releases:
        stage.release(NAMES[image])
        stage.run(pause / 10)
    stage.settle()
    assert stage.images() == [NAMES[releases[-1][1]]] * replicas
    assert stage.most_pods <= most
    assert stage.fewest_available >= fewest


@given(st.integers(0, 8), st.lists(st.integers(0, 12), min_size=1, max_size=4), STARTS, st.integers(0, 300))
@settings(max_examples=40, deadline=None)
def test_a_scale_during_a_rollout_always_ends_where_it_should(
    replicas: int, sizes: list[int], starts: list[int], pause: int
) -> None:
    """Whatever is scaled whenever: in the end the wanted number of pods, all of the new template."""
    stage = Watched(replicas, "25%", "25%", starts)
    stage.release("app:v2")
    for size in sizes:
        stage.run(pause / 10)
        edits.scale(stage.cluster, stage.env.now, "app", size)
    stage.settle()
    assert stage.images() == ["app:v2"] * sizes[-1]


@given(st.integers(1, 6), st.integers(0, 400), st.integers(0, 400))
@settings(max_examples=40, deadline=None)
def test_undo_twice_returns_to_where_it_was(replicas: int, first: int, second: int) -> None:
    """An undo undone: the same template, the same ReplicaSet, whether or not the first had finished."""
    stage = Stage(replicas)
    stage.release("app:v2")
    stage.run(300)
    template: PodTemplate = stage.app.spec.template
    name = stage.living()[0].meta.owner
    stage.run(first / 10)
    edits.rollout_undo(stage.cluster, stage.env.now, "app")
    stage.run(0.1 + second / 10)
    edits.rollout_undo(stage.cluster, stage.env.now, "app")
    stage.run(300)
    assert stage.app.spec.template.same_as(template)
    assert {pod.meta.owner for pod in stage.living()} == {name}
    assert stage.app.complete
