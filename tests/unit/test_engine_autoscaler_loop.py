"""The autoscaler as a controller: what it reads, writes, says, and whom it meets at the same size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simulator.engine.autoscaling.controller import AutoscalerController
from simulator.engine.metrics import NO_DATA, Metrics, NoData
from simulator.engine.workloads.disruption import DisruptionController
from simulator.units import SECOND
from simulator.world import Condition, ObjectMeta, Pod, edits, find_condition
from simulator.world.autoscaling import (
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerSpec,
    MetricSpec,
    MetricTarget,
    Quantity,
    TargetReference,
    Usage,
)
from simulator.world.disruption import DisruptionBudget, DisruptionBudgetSpec
from simulator.world.rollouts import Canary, Rollout, RolloutSpec, RolloutStatus
from simulator.world.scales import scale_of
from tests.engine_stage import Stage

CPU = MetricSpec("Resource", "cpu", MetricTarget(utilization=50))


class Meter:
    """A metrics server that says what the test wants: millicores of every pod, or nothing."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.millicores: int | None = 250

    def pod(self, pod: Pod) -> Usage | None:
        if self.millicores is None or not pod.ready:
            return None
        return Usage(self.stage.env.now, 15 * SECOND, self.millicores * 1_000_000, 64 << 20)


class Answers:
    """A metric provider with one answer to each query."""

    def __init__(self, answers: Mapping[str, float]) -> None:
        self.answers = answers

    def query(self, expr: str, at: int) -> float | NoData:  # noqa: ARG002 - one answer for all time
        return self.answers.get(expr, NO_DATA)


class Scaled(Stage):
    """Four pods of half a core each, and an autoscaler between 2 and 10."""

    def __init__(
        self,
        *metrics: MetricSpec,
        queries: Mapping[str, str] | None = None,
        answers: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(4)
        self.meter = Meter(self)
        port = Metrics()
        port.connect(Answers(answers or {}))
        self.controller = AutoscalerController(self.env, self.cluster, self.meter, port, queries or {})
        spec = HorizontalPodAutoscalerSpec(TargetReference("Deployment", "app"), 10, 2, metrics or (CPU,))
        self.hpa = HorizontalPodAutoscaler(ObjectMeta("app", "production"), spec)
        self.cluster.add(self.hpa)
        self.run(30)

    def says(self, type_: str) -> Condition:
        """A condition that must be there."""
        found = find_condition(self.hpa.status.conditions, type_)
        assert found is not None
        return found


def test_at_its_target_it_stays() -> None:
    """250 of 500 millicores is 50 %: three conditions, no event."""
    stage = Scaled()
    stage.run(600)
    assert (stage.hpa.status.current_replicas, stage.hpa.status.desired_replicas) == (4, 4)
    assert stage.hpa.status.current_metrics[0].utilization == 50
    assert stage.reasons("HorizontalPodAutoscaler") == []
    assert stage.says("AbleToScale").reason == "ReadyForNewScale"
    assert stage.says("ScalingActive").message == (
        "the HPA was able to successfully calculate a replica count from cpu resource utilization "
        "(percentage of request)"
    )
    assert stage.says("ScalingLimited").status == "False"


def test_load_brings_pods_and_the_event_says_why() -> None:
    """Twice the target: twice the pods within one sync period."""
    stage = Scaled()
    stage.meter.millicores = 500
    stage.run(15)
    assert stage.app.spec.replicas == 8
    assert stage.messages("SuccessfulRescale") == [
        "New size: 8; reason: cpu resource utilization (percentage of request) above target"
    ]
    assert stage.says("AbleToScale").reason == "SucceededRescale"
    assert stage.hpa.status.last_scale_at == 45 * SECOND


def test_idle_pods_go_after_five_minutes() -> None:
    """The stabilization window keeps what was needed within the last five minutes."""
    stage = Scaled()
    stage.meter.millicores = 50
    stage.run(280)
    assert stage.app.spec.replicas == 4
    assert stage.says("AbleToScale").reason == "ScaleDownStabilized"
    stage.run(60)
    assert stage.app.spec.replicas == 2
    assert stage.messages("SuccessfulRescale") == ["New size: 2; reason: All metrics below target"]


def test_a_persons_scale_lasts_until_the_next_look() -> None:
    """Kubectl scale and the autoscaler write the same field; whoever writes last wins."""
    stage = Scaled()
    edits.scale(stage.cluster, stage.env.now, "app", 9)
    stage.run(1)
    assert stage.app.spec.replicas == 9
    edits.scale(stage.cluster, stage.env.now, "app", 12)
    stage.run(15)
    assert stage.app.spec.replicas == 10
    assert stage.messages("SuccessfulRescale")[-1] == (
        "New size: 10; reason: Current number of replicas above Spec.MaxReplicas"
    )
    edits.scale(stage.cluster, stage.env.now, "app", 1)
    stage.run(15)
    assert stage.messages("SuccessfulRescale")[-1] == (
        "New size: 2; reason: Current number of replicas below Spec.MinReplicas"
    )


def test_a_workload_scaled_to_zero_is_left_alone() -> None:
    """An operator's way to switch an autoscaler off."""
    stage = Scaled()
    edits.scale(stage.cluster, stage.env.now, "app", 0)
    stage.run(60)
    assert stage.app.spec.replicas == 0
    assert stage.says("ScalingActive").reason == "ScalingDisabled"


def test_without_metrics_it_says_so_and_moves_nothing() -> None:
    """Missing data never reads as idleness; the same words again only count up."""
    stage = Scaled()
    stage.meter.millicores = None
    stage.run(600)
    assert stage.app.spec.replicas == 4
    assert stage.says("ScalingActive").reason == "FailedGetResourceMetric"
    failed = (
        "failed to get cpu utilization: unable to get metrics for resource cpu: "
        "no metrics returned from resource metrics API"
    )
    assert stage.messages("FailedGetResourceMetric") == [failed]
    assert stage.messages("FailedComputeMetricsReplicas") == [
        "invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: "
        + failed
    ]
    event = next(each for each in stage.cluster.events if each.reason == "FailedGetResourceMetric")
    assert event.count == 40


def test_a_target_that_is_gone_is_told() -> None:
    """AbleToScale turns False with the API server's words."""
    stage = Scaled()
    edits.delete_deployment(stage.cluster, stage.env.now, "app")
    stage.run(15)
    assert stage.says("AbleToScale").status == "False"
    assert stage.messages("FailedGetScale") == ['deployments.apps "app" not found']


def test_the_largest_of_several_metrics_wins() -> None:
    """CPU asks for four, the queue for seven."""
    queue = MetricSpec("External", "queue_length", MetricTarget(average_value=Quantity(15_000, "15")))
    stage = Scaled(CPU, queue, queries={"queue_length": "queue"}, answers={"queue": 100.0})
    assert stage.app.spec.replicas == 7
    assert stage.messages("SuccessfulRescale") == [
        "New size: 7; reason: external metric queue_length(nil) above target"
    ]


def test_a_metric_that_fails_forbids_to_scale_down_but_not_up() -> None:
    """What can't be seen may be the reason to stay; what is seen may be reason enough to grow."""
    queue = MetricSpec("External", "queue_length", MetricTarget(value=Quantity(15_000, "15")))
    stage = Scaled(CPU, queue)
    stage.meter.millicores = 50
    stage.run(900)
    assert stage.app.spec.replicas == 4
    assert stage.says("ScalingActive").reason == "FailedGetExternalMetric"
    stage.meter.millicores = 500
    stage.run(15)
    assert stage.app.spec.replicas == 8


def test_a_pods_metric_asks_the_adapter_for_each_pod() -> None:
    """The query's place for labels is filled with the pod's."""
    rate = MetricSpec("Pods", "requests", MetricTarget(average_value=Quantity(10_000, "10")))
    names = [pod.meta.name for pod in Stage(4).living()]
    query = "sum(rate(http_requests_total{<<.LabelMatchers>>}[1m]))"
    asked = {query.replace("<<.LabelMatchers>>", f'pod="{name}"'): 15.0 for name in names}
    stage = Scaled(rate, queries={"requests": query}, answers=asked)
    assert stage.app.spec.replicas == 6
    assert stage.messages("SuccessfulRescale") == ["New size: 6; reason: pods metric requests above target"]


def test_an_object_metric_scales_by_the_whole() -> None:
    """Requests of a Service at 1.5 of the target: six pods for four."""
    whole = MetricSpec(
        "Object", "requests", MetricTarget(value=Quantity(100_000, "100")), described=("Service", "app")
    )
    asked = {'q{service="app"}': 150.0}
    stage = Scaled(whole, queries={"requests": "q{<<.LabelMatchers>>}"}, answers=asked)
    assert stage.app.spec.replicas == 6
    assert stage.messages("SuccessfulRescale") == [
        "New size: 6; reason: Service metric requests above target"
    ]


def test_pods_without_a_request_have_no_utilization() -> None:
    """The controller names the container that lacks it."""
    memory = MetricSpec("Resource", "memory", MetricTarget(utilization=80))
    stage = Scaled(memory)
    pod = stage.living()[0].meta.name
    assert stage.messages("FailedGetResourceMetric") == [
        f"failed to get memory utilization: missing request for memory in container app of Pod {pod}"
    ]
    by_average = replace(memory, target=MetricTarget(average_value=Quantity((32 << 20) * 1000, "32Mi")))
    assert Scaled(by_average).app.spec.replicas == 8


def test_a_scale_is_read_and_written_whatever_the_kind() -> None:
    """Deployments and ReplicaSets have one; a pod has none."""
    stage = Stage(3)
    scale = scale_of(stage.app)
    assert scale is not None
    assert (scale.replicas, scale.current, dict(scale.selector)) == (3, 3, {"app": "app"})
    assert scale_of(stage.cluster.replica_sets_of(stage.app)[0]) is not None
    assert scale_of(stage.living()[0]) is None


def test_a_rollout_is_scaled_and_guarded_like_a_deployment() -> None:
    """An autoscaler and a budget may stand over anything that has a scale."""
    stage = Scaled()
    (replica_set,) = stage.cluster.replica_sets_of(stage.app)
    app = stage.app
    strategy = Canary()
    rollout = Rollout(
        ObjectMeta("canary", "production"),
        RolloutSpec(4, app.spec.selector, app.spec.template, strategy),
        RolloutStatus(replicas=4),
    )
    stage.cluster.add(rollout)
    stage.hpa.spec = replace(stage.hpa.spec, target=TargetReference("Rollout", "canary"))
    stage.meter.millicores = 500
    stage.run(15)
    assert (rollout.spec.replicas, app.spec.replicas, rollout.meta.generation) == (8, 4, 2)
    assert replica_set.meta.owner is not None
    replica_set.meta.owner = replace(replica_set.meta.owner, kind="Rollout", name="canary")
    budget = DisruptionBudget(
        ObjectMeta("canary", "production"), DisruptionBudgetSpec({"app": "app"}, max_unavailable="50%")
    )
    stage.cluster.add(budget)
    DisruptionController(stage.env, stage.cluster)
    assert (budget.status.expected_pods, budget.status.desired_healthy) == (8, 4)
