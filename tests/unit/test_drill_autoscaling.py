"""Autoscaling as a person on call sees it: get, describe, top, autoscale, delete, under a ramp."""

from __future__ import annotations

from functools import lru_cache

import pytest
from ruamel.yaml import YAML

from simulator.drill import Run
from simulator.errors import ScenarioError
from simulator.units import MINUTE, SECOND
from tests.cluster_stage import bent, fresh


@lru_cache(maxsize=1)
def _ramped() -> Run:
    """Four minutes in: the ramp from 25 to 120 requests a second is over."""
    run = fresh()
    run.advance(4 * MINUTE + SECOND)
    return run


def says(run: Run, line: str) -> str:
    """What a line prints; it must succeed."""
    answer = run.do(line)
    assert answer.ok, answer.text
    return answer.text


def refuses(run: Run, line: str) -> str:
    """What a line prints that is refused."""
    answer = run.do(line)
    assert not answer.ok, answer.text
    return answer.text


def test_the_world_begins_with_metrics_and_without_complaints() -> None:
    """An autoscaler that has run for long knows its pods; its age is its workload's."""
    run = fresh()
    header, row = says(run, "kubectl get hpa").split("\n")
    assert header.split() == ["NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"]
    assert row.split()[:4] == ["web", "Deployment/web", "cpu:", row.split()[3]]
    assert row.split()[3].endswith("%/60%")
    assert row.split()[-4:] == ["3", "12", "3", "2d"]
    assert "No resources found" in says(run, "kubectl get events")


def test_a_ramp_brings_pods_and_less_load_takes_them_after_five_minutes() -> None:
    """120 requests a second of 15 ms are 1.8 cores: at 60 % of 250 millicores, twelve pods."""
    run = fresh()
    run.advance(8 * MINUTE)
    assert run.cluster.deployment("web").spec.replicas == 12
    run.advance(12 * MINUTE + 30 * SECOND)
    assert run.cluster.deployment("web").spec.replicas == 12
    run.advance(14 * MINUTE)
    assert run.cluster.deployment("web").spec.replicas == 3


def test_describe_reads_as_kubectls() -> None:
    """Metrics, bounds, conditions and events, in kubectl's layout."""
    text = says(_ramped(), "kubectl describe hpa web")
    assert "Reference:                                             Deployment/web\n" in text
    assert "Metrics:                                               ( current / target )\n" in text
    assert "  resource cpu on pods  (as a percentage of request):  " in text
    assert " / 60%\n" in text
    assert "Min replicas:                                          3\n" in text
    assert "Conditions:\n  Type            Status  Reason" in text
    assert "New size: 12; reason: cpu resource utilization (percentage of request) above target" in text
    assert "Behavior" not in text


def test_top_prints_what_the_metrics_server_knows() -> None:
    """Millicores and mebibytes; nodes with their share."""
    run = _ramped()
    lines = says(run, "kubectl top pods").split("\n")
    assert lines[0].split() == ["NAME", "CPU(cores)", "MEMORY(bytes)"]
    assert all(line.split()[1].endswith("m") and line.split()[2] == "96Mi" for line in lines[1:])
    by_cpu = [int(row.split()[1][:-1]) for row in says(run, "kubectl top po --sort-by=cpu").split("\n")[1:]]
    assert by_cpu == sorted(by_cpu, reverse=True)
    nodes = says(run, "kubectl top nodes").split("\n")
    assert nodes[0].split() == ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]
    assert len(nodes) == 9
    assert nodes[1].split()[2].endswith("%")
    containers = says(run, "kubectl top pods --containers --sum")
    assert containers.split("\n")[0].split() == ["POD", "NAME", "CPU(cores)", "MEMORY(bytes)"]
    assert containers.split("\n")[-2].split() == ["________", "________"]


def test_top_says_what_is_not_known_yet() -> None:
    """A pod that has just started has no metrics; a name that is none is not found."""
    run = fresh()
    run.do("kubectl scale deployment/web --replicas=5")
    names = says(run, "kubectl get pods --sort-by=.metadata.creationTimestamp -o name").split("\n")
    young = names[-1].removeprefix("pod/")
    assert refuses(run, f"kubectl top pod {young}") == (
        f'Error from server (NotFound): podmetrics.metrics.k8s.io "production/{young}" not found'
    )
    assert refuses(run, "kubectl top pod nobody") == 'Error from server (NotFound): pods "nobody" not found'
    assert refuses(run, "kubectl top pods --sort-by=age") == "error: --sort-by accepts only cpu or memory"
    assert says(run, "kubectl top pods -l app=nobody") == "No resources found in production namespace."


def test_top_without_any_metrics_is_an_error() -> None:
    """Until the second sample there is nothing to print."""
    run = fresh(("warmUp: 2m", "warmUp: 10s"))
    assert refuses(run, "kubectl top nodes") == "error: metrics not available yet"
    run = fresh(("warmUp: 2m", "warmUp: 10s"))
    assert refuses(run, "kubectl top pods").startswith("error: Metrics not available for pod production/web-")


def test_autoscale_makes_one_and_delete_takes_it_away() -> None:
    """Kubectl's own words, and the defaults: at least one pod, 80 % of the requested CPU."""
    run = fresh()
    taken = refuses(run, "kubectl autoscale deployment web --max=5")
    assert (
        taken
        == 'Error from server (AlreadyExists): horizontalpodautoscalers.autoscaling "web" already exists'
    )
    assert says(run, "kubectl delete hpa web") == 'horizontalpodautoscaler.autoscaling "web" deleted'
    made = says(run, "kubectl autoscale deployment/web --min=2 --max=5")
    assert made == "horizontalpodautoscaler.autoscaling/web autoscaled"
    row = says(run, "kubectl get hpa web").split("\n")[1].split()
    assert row[2] == "cpu:"
    assert row[3].endswith("%/80%")
    assert row[4:7] == ["2", "5", "3"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kubectl autoscale deployment/web", 'error: required flag(s) "max" not set'),
        (
            "kubectl autoscale deployment/web --max=0",
            "error: --max=MAXPODS is required and must be at least 1, max: 0",
        ),
        (
            "kubectl autoscale deployment/web --min=6 --max=5",
            "error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 5, min: 6",
        ),
        ("kubectl autoscale pod/web --max=5", "error: cannot autoscale a Pod"),
        (
            "kubectl autoscale deploy/x --max=5",
            'Error from server (NotFound): deployments.apps "x" not found',
        ),
    ],
)
def test_autoscale_refuses_as_kubectl_does(line: str, said: str) -> None:
    """In its own words, at no cost."""
    assert refuses(_ramped(), line) == said


def test_get_all_shows_the_autoscaler_too() -> None:
    """It is of the category ``all``; what there is none of has no table."""
    text = says(fresh(), "kubectl get all")
    assert "\nhorizontalpodautoscaler.autoscaling/web " in text
    assert "cronjob" not in text


def test_the_manifest_is_autoscaling_v2() -> None:
    """As an API server would take it back."""
    tree = YAML(typ="safe").load(says(_ramped(), "kubectl get hpa web -o yaml"))
    assert tree["apiVersion"] == "autoscaling/v2"
    assert tree["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    assert tree["spec"]["metrics"] == [
        {
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
        }
    ]
    assert {one["type"] for one in tree["status"]["conditions"]} == {
        "AbleToScale",
        "ScalingActive",
        "ScalingLimited",
    }


_CPU = "- {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}"


def test_every_type_of_metric_is_shown_in_kubectls_words() -> None:
    """TARGETS shows two and counts the rest; describe shows all, and the behaviour."""
    metrics = """- type: ContainerResource
            containerResource:
              {name: cpu, container: app, target: {type: Utilization, averageUtilization: 60}}
          - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 200Mi}}}
          - {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 2k}}}
          - type: Object
            object:
              metric: {name: hits}
              describedObject: {kind: Service, name: web}
              target: {type: Value, value: 500m}
          - {type: External, external: {metric: {name: jobs}, target: {type: AverageValue, averageValue: 30}}}
        behavior:
          scaleUp: {stabilizationWindowSeconds: 60, policies: [{type: Pods, value: 2, periodSeconds: 60}]}
      model: {queries: {rps: "rps{<<.LabelMatchers>>}", hits: hits, jobs: jobs}}"""
    run = fresh((_CPU, metrics))
    run.advance(MINUTE)
    targets = says(run, "kubectl get hpa").split("\n")[1]
    assert "%/60%, memory: 100663296/200Mi + 3 more..." in targets
    text = says(run, "kubectl describe hpa")
    for line in (
        'resource cpu of container "app" on pods  (as a percentage of request):',
        "resource memory on pods:",
        '"rps" on pods:',
        '"hits" on Service/web (target value):',
        '"jobs" (target average value):',
        "<unknown> / 2k",
        "Stabilization Window: 60 seconds",
        "- Type: Pods  Value: 2",
        "Stabilization Window: 300 seconds",
    ):
        assert line in text
    assert "failed to get external metric jobs" not in text
    assert "failed to get jobs external metric: unable to get external metric production/jobs/" in text


def test_a_custom_metric_is_asked_of_the_series_that_were_scraped() -> None:
    """Requests a second of each pod, by the query of the adapter: 120 a second at ten a pod are twelve."""
    metrics = "- {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 10}}}"
    rate = 'sum(rate(http_requests_total{route="page",<<.LabelMatchers>>}[30s]))'
    run = fresh((_CPU, f"{metrics}\n      model: {{queries: {{rps: '{rate}'}}}}"))
    run.advance(MINUTE)
    assert "/10" in says(run, "kubectl get hpa").split("\n")[1]
    assert "<unknown>" not in says(run, "kubectl get hpa")
    run.advance(6 * MINUTE)
    assert run.cluster.deployment("web").spec.replicas == 12
    assert "reason: pods metric rps above target" in says(run, "kubectl get events")


def test_a_query_that_answers_with_many_series_is_the_metrics_failure() -> None:
    """The autoscaler says so and stays; nothing breaks."""
    metrics = "- {type: External, external: {metric: {name: jobs}, target: {type: Value, value: 10}}}"
    run = fresh((_CPU, f"{metrics}\n      model: {{queries: {{jobs: http_requests_total}}}}"))
    run.advance(MINUTE)
    assert "unable to get metric jobs: " in says(run, "kubectl describe hpa web")
    assert run.cluster.deployment("web").spec.replicas == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{kind: Deployment, name: web}", "{kind: Deployment, name: wep}", "Did you mean 'web'?"),
        (
            "{kind: Deployment, name: web}",
            "{kind: ReplicaSet, name: web}",
            "expected Deployment, got ReplicaSet",
        ),
        ("maxReplicas: 12", "maxReplicas: 2", "expected maxReplicas of at least minReplicas (3), got 2"),
        ("minReplicas: 3", "minReplicas: 0", "expected minReplicas of at least 1"),
        (
            "averageUtilization: 60",
            "averageValue: 60",
            "expected averageUtilization alone beside type: Utilization",
        ),
        ("averageUtilization: 60", "averageUtilisation: 60", "Did you mean 'averageUtilization'?"),
        (
            "{type: Resource, resource",
            "{type: Pods, resource",
            "expected pods alone beside type: Pods, got resource",
        ),
        (
            "type: Utilization, averageUtilization: 60",
            "type: Value, value: 60",
            "Utilization or AverageValue",
        ),
        (
            _CPU,
            "- {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 5}}}",
            "expected a query for 'rps' in model.queries, got none",
        ),
        (
            _CPU,
            "- {type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: 0}}}",
            "expected a quantity above 0",
        ),
    ],
)
def test_a_wrong_autoscaler_is_refused_with_the_way_out(old: str, new: str, said: str) -> None:
    """Where it stands, what was expected, what came, what to do."""
    with pytest.raises(ScenarioError) as caught:
        bent((old, new))
    assert any(said in str(problem) for problem in caught.value.problems), caught.value
