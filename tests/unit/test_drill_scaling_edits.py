"""Autoscalers, budgets, nodes and placement by kubectl patch: what is taken, refused, and follows."""

from __future__ import annotations

import pytest

from simulator.drill import Run
from simulator.units import SECOND
from tests.cluster_stage import fresh


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


def test_an_autoscalers_bounds_are_patched_and_obeyed() -> None:
    """Fewer than the new minimum: the next look scales up, and says why."""
    run = fresh()
    line = """kubectl patch hpa web --type=merge -p '{"spec": {"minReplicas": 5, "maxReplicas": 20}}'"""
    assert says(run, line) == "horizontalpodautoscaler.autoscaling/web patched"
    assert says(run, line) == "horizontalpodautoscaler.autoscaling/web patched (no change)"
    assert says(run, "kubectl get hpa").split("\n")[1].split()[4:6] == ["5", "20"]
    run.advance(run.now + 20 * SECOND)
    assert run.cluster.deployment("web").spec.replicas == 5
    assert "Current number of replicas below Spec.MinReplicas" in says(run, "kubectl get events")


def test_a_behaviour_and_a_target_are_patched() -> None:
    """Every field of the manifest can be written back."""
    run = fresh()
    behaviour = '{"scaleDown": {"selectPolicy": "Disabled"}, "scaleUp": {"stabilizationWindowSeconds": 120}}'
    says(run, f"""kubectl patch hpa web --type=merge -p '{{"spec": {{"behavior": {behaviour}}}}}'""")
    text = says(run, "kubectl describe hpa web")
    assert "Stabilization Window: 120 seconds" in text
    assert "Select Policy: Disabled" in text
    target = '{"type": "AverageValue", "averageValue": "90m"}'
    metrics = f'[{{"type": "Resource", "resource": {{"name": "cpu", "target": {target}}}}}]'
    says(run, f"""kubectl patch hpa web --type=merge -p '{{"spec": {{"metrics": {metrics}}}}}'""")
    assert "/90m" in says(run, "kubectl get hpa")


@pytest.mark.parametrize(
    ("what", "patch", "said"),
    [
        ("hpa", '{"spec": {"maxReplicas": 1}}', "must be greater than or equal to `minReplicas`"),
        ("hpa", '{"spec": {"maxReplica": 9}}', 'unknown field "spec.maxReplica"'),
        ("hpa", '{"spec": {"minReplicas": "2"}}', "cannot unmarshal"),
        ("pdb", '{"spec": {"minAvailable": 1}}', "cannot be both set"),
        ("pdb", '{"spec": {"maxUnavailable": "many"}}', "a valid percent string"),
        ("pdb", '{"spec": {"selector": {"matchLabels": {"app": "x"}}}}', "field is immutable"),
    ],
)
def test_a_patch_that_can_not_be_is_refused_in_the_servers_words(what: str, patch: str, said: str) -> None:
    """Nothing has changed then."""
    run = fresh()
    before = says(run, f"kubectl get {what} web -o yaml")
    assert said in refuses(run, f"kubectl patch {what} web --type=merge -p '{patch}'")
    spec = (
        "spec:" + says(run, f"kubectl get {what} web -o yaml").partition("spec:")[2].partition("status:")[0]
    )
    assert spec in before


def test_a_budget_is_loosened_by_a_patch() -> None:
    """What a blocked drain needs: one disruption more."""
    run = fresh(("maxUnavailable: 1", "minAvailable: 3"))
    assert says(run, "kubectl get pdb").split("\n")[1].split()[3] == "0"
    says(run, """kubectl patch pdb web --type=merge -p '{"spec": {"minAvailable": 2}}'""")
    assert says(run, "kubectl get pdb").split("\n")[1].split()[3] == "1"


def test_a_node_is_cordoned_and_tainted_by_a_patch() -> None:
    """The field brings its taint along, as the node controller does."""
    run = fresh()
    says(run, """kubectl patch node general-1 -p '{"spec": {"unschedulable": true}}'""")
    assert "Ready,SchedulingDisabled" in says(run, "kubectl get node general-1")
    assert "node.kubernetes.io/unschedulable:NoSchedule" in says(run, "kubectl describe node general-1")
    says(run, """kubectl patch node general-1 -p '{"spec": {"unschedulable": false}}'""")
    assert "Taints:             <none>" in says(run, "kubectl describe node general-1")
    taint = '[{"key": "maintenance", "value": "soon", "effect": "NoExecute"}]'
    says(run, f"""kubectl patch node general-1 --type=merge -p '{{"spec": {{"taints": {taint}}}}}'""")
    run.advance(run.now + 40 * SECOND)
    assert "general-1" not in says(run, "kubectl get pods -o wide")
    assert "Marking for deletion Pod" in says(run, "kubectl get events")


def test_a_patch_of_a_deployment_keeps_where_its_pods_may_run() -> None:
    """Its spread constraints come back as they were; a node selector can be added."""
    run = fresh()
    before = run.cluster.deployment("web").spec.template.spec.placement
    says(run, """kubectl patch deployment web -p '{"spec": {"minReadySeconds": 2}}'""")
    assert run.cluster.deployment("web").spec.template.spec.placement == before
    placed = (
        '{"nodeSelector": {"workload": "batch"}, "tolerations": [{"key": "dedicated", "operator": "Exists"}]}'
    )
    says(run, f"""kubectl patch deployment web -p '{{"spec": {{"template": {{"spec": {placed}}}}}}}'""")
    run.advance(run.now + 90 * SECOND)
    rows = says(run, "kubectl get pods -o wide").split("\n")[1:]
    assert rows
    assert all(row.split()[6].startswith("batch") for row in rows)
