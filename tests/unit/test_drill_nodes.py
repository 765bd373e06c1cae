"""Nodes as a person on call sees and empties them: get, describe, cordon, drain, budgets."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from simulator.drill import Answer, Run
from simulator.errors import ScenarioError
from simulator.units import SECOND
from tests.cluster_stage import bent, fresh


def confirmed(run: Run, line: str) -> Answer:
    """The answer to a line, after a yes where it asks for one."""
    answer = run.do(line)
    return answer if run.pending is None else run.do("yes")


def says(run: Run, line: str) -> str:
    """What a line prints; it must succeed."""
    answer = confirmed(run, line)
    assert answer.ok, answer.text
    return answer.text


def refuses(run: Run, line: str) -> str:
    """What a line prints that is refused."""
    answer = confirmed(run, line)
    assert not answer.ok, answer.text
    return answer.text


def home(run: Run) -> tuple[str, str]:
    """(pod, node) of the first pod."""
    row = says(run, "kubectl get pods -o wide").split("\n")[1].split()
    return row[0], row[6]


def test_nodes_come_in_pools() -> None:
    """Named by their pool, with its labels and taints; pods that do not tolerate them stay away."""
    run = fresh()
    rows = says(run, "kubectl get nodes").split("\n")[1:]
    assert [row.split()[0] for row in rows] == ["batch-1", "batch-2", *(f"general-{n}" for n in range(1, 7))]
    assert "dedicated=batch:NoSchedule" in says(run, "kubectl describe node batch-1")
    zones = {run.cluster.get("nodes", home(run)[1]).meta.labels["topology.kubernetes.io/zone"]}
    assert zones <= {"zone-a", "zone-b", "zone-c"}
    places = {row.split()[6] for row in says(run, "kubectl get pods -o wide").split("\n")[1:]}
    assert len(places) == 3
    assert not any(place.startswith("batch") for place in places)


def test_cordon_and_uncordon_say_what_changed() -> None:
    """Twice is no error; the node shows it, and an event tells it."""
    run = fresh()
    assert says(run, "kubectl cordon general-1 node/general-2") == (
        "node/general-1 cordoned\nnode/general-2 cordoned"
    )
    assert says(run, "kubectl cordon general-1") == "node/general-1 already cordoned"
    row = says(run, "kubectl get node general-1").split("\n")[1]
    assert row.split()[1] == "Ready,SchedulingDisabled"
    assert "Taints:             node.kubernetes.io/unschedulable:NoSchedule" in says(
        run, "kubectl describe node general-1"
    )
    assert "Node general-1 status is now: NodeNotSchedulable" in says(run, "kubectl get events")
    assert says(run, "kubectl uncordon -l workload!=batch").split("\n")[:3] == [
        "node/general-1 uncordoned",
        "node/general-2 uncordoned",
        "node/general-3 already uncordoned",
    ]
    assert refuses(run, "kubectl cordon nope") == 'Error from server (NotFound): nodes "nope" not found'
    assert refuses(run, "kubectl drain") == "error: USAGE: drain NODE [flags]"
    assert refuses(run, "kubectl drain general-1 -l a=b") == (
        "error: cannot specify both a node name and a --selector option"
    )


def test_a_drain_evicts_and_waits_until_the_pods_are_gone() -> None:
    """Kubectl's lines, one after the other; the replacement stands elsewhere."""
    run = fresh()
    pod, node = home(run)
    assert says(run, f"kubectl drain {node} --ignore-daemonsets --delete-emptydir-data").split("\n") == [
        f"node/{node} cordoned",
        f"evicting pod production/{pod}",
        f"pod/{pod} evicted",
        f"node/{node} drained",
    ]
    run.advance(run.now + 30 * SECOND)
    assert node not in says(run, "kubectl get pods -o wide")
    assert says(run, f"kubectl drain {node}") == f"node/{node} already cordoned\nnode/{node} drained"


def test_a_budget_blocks_a_drain_until_its_time_is_up() -> None:
    """Every five seconds the same answer; then the nodes that are left, and a failure."""
    run = fresh(("maxUnavailable: 1", "minAvailable: 3"))
    assert says(run, "kubectl get pdb").split("\n")[1].split()[:4] == ["web", "3", "N/A", "0"]
    pod, node = home(run)
    before = run.now
    text = refuses(run, f"kubectl drain {node} --timeout=12s")
    assert run.now - before == 12 * SECOND
    again = (
        f'error when evicting pods/"{pod}" -n "production" (will retry after 5s): '
        "Cannot evict pod as it would violate the pod's disruption budget."
    )
    late = f'error when evicting pods/"{pod}" -n "production": global timeout reached: 12s'
    assert text.split("\n") == [
        f"node/{node} cordoned",
        *(line for _ in range(3) for line in (f"evicting pod production/{pod}", again)),
        f'error: unable to drain node "{node}" due to error: {late}, continuing command...',
        "There are pending nodes to be drained:",
        f" {node}",
        late,
    ]
    assert says(run, "kubectl get pod " + pod).split("\n")[1].split()[2] == "Running"


def test_a_blocked_drain_goes_on_as_soon_as_there_is_one_pod_more() -> None:
    """Scale out first, and the budget lets one go."""
    run = fresh(("maxUnavailable: 1", "minAvailable: 3"), ("startTime: 5s", "startTime: 20s"))
    pod, node = home(run)
    says(run, "kubectl delete hpa web")
    says(run, "kubectl scale deployment/web --replicas=5")
    text = says(run, f"kubectl drain {node} --timeout=60s")
    assert "will retry after 5s" in text
    assert text.split("\n")[-2:] == [f"pod/{pod} evicted", f"node/{node} drained"]


def test_pods_wait_for_a_node_and_take_it_when_it_is_open_again() -> None:
    """All nodes cordoned: pending, with the scheduler's words; uncordoned, they are placed soon."""
    run = fresh()
    says(run, "kubectl delete hpa web")
    says(run, "kubectl cordon -l workload!=batch")
    says(run, "kubectl scale deployment/web --replicas=5")
    rows = says(run, "kubectl get pods").split("\n")
    assert sum("Pending" in row for row in rows) == 2
    assert (
        "0/8 nodes are available: 2 node(s) had untolerated taint {dedicated: batch}, "
        "6 node(s) were unschedulable. preemption: 0/8 nodes are available: "
        "8 Preemption is not helpful for scheduling."
    ) in says(run, "kubectl get events")
    says(run, "kubectl uncordon -l workload!=batch")
    run.advance(run.now + 20 * SECOND)
    assert "Pending" not in says(run, "kubectl get pods")


def test_a_budget_is_shown_and_written_as_policy_v1() -> None:
    """Describe and manifest; its age is its workload's."""
    run = fresh()
    row = says(run, "kubectl get pdb").split("\n")[1].split()
    assert row == ["web", "N/A", "1", "1", "2d"]
    text = says(run, "kubectl describe pdb web")
    assert "Max unavailable:  1\nSelector:         app=web\nStatus:\n    Allowed disruptions:  1\n" in text
    tree = YAML(typ="safe").load(says(run, "kubectl get pdb web -o yaml"))
    assert tree["apiVersion"] == "policy/v1"
    assert tree["spec"] == {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    assert tree["status"]["disruptionsAllowed"] == 1
    assert says(run, "kubectl delete pdb web") == 'poddisruptionbudget.policy "web" deleted'
    assert says(run, "kubectl get pdb") == "No resources found in production namespace."


def test_where_a_pod_may_run_is_in_its_description_and_manifest() -> None:
    """Spread constraints, selectors and tolerations, with the two that the API server adds to a live pod."""
    placed = """nodeSelector: {workload: batch}
            tolerations: [{key: dedicated, operator: Equal, value: batch, effect: NoSchedule}]
            affinity:
              podAntiAffinity:
                preferredDuringSchedulingIgnoredDuringExecution:
                  - weight: 50
                    podAffinityTerm:
                      topologyKey: kubernetes.io/hostname
                      labelSelector: {matchLabels: {app: web}}
            topologySpreadConstraints:"""
    run = fresh(("topologySpreadConstraints:", placed))
    pod, node = home(run)
    assert node.startswith("batch")
    text = says(run, f"kubectl describe pod {pod}")
    assert "Node-Selectors:               workload=batch\n" in text
    assert "Tolerations:                  dedicated=batch:NoSchedule\n" in text
    assert "node.kubernetes.io/unreachable:NoExecute op=Exists for 300s\n" in text
    assert "ScheduleAnyway when max skew 1 is exceeded for selector app=web" in text
    spec = YAML(typ="safe").load(says(run, "kubectl get deploy web -o yaml"))["spec"]["template"]["spec"]
    assert spec["nodeSelector"] == {"workload": "batch"}
    assert spec["tolerations"] == [
        {"key": "dedicated", "operator": "Equal", "value": "batch", "effect": "NoSchedule"}
    ]
    assert spec["topologySpreadConstraints"][0]["maxSkew"] == 1
    preferred = spec["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert preferred[0]["weight"] == 50


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("maxUnavailable: 1}", "maxUnavailable: 1, minAvailable: 1}", "exactly one of minAvailable"),
        (", maxUnavailable: 1}", "}", "expected exactly one of minAvailable, maxUnavailable, got neither"),
        ("{matchLabels: {app: web}}, max", "{matchLabels: {app: wep}}, max", "protects nobody"),
        ("name: batch\n", "name: general\n", "expected each name once, got 'general' again"),
        ("nodes:\n", "nodes:\n    count: 3\n", "expected pools alone, got count beside them"),
        ("count: 6", "count: 600", "expected at most 500, got 600"),
        ("{key: dedicated, value", "{key: dedicated, effct: NoSchedule, value", "Did you mean 'effect'?"),
        ("topologyKey: topology.kubernetes.io/zone", "topologyKey: zone", "topology.kubernetes.io/zone"),
        (
            "topologySpreadConstraints:",
            "tolerations: [{operator: Equal}]\n            topologySpreadConstraints:",
            "operator: Exists without a key",
        ),
    ],
)
def test_wrong_nodes_and_budgets_are_refused_with_the_way_out(old: str, new: str, said: str) -> None:
    """Where it stands, what was expected, what came, what to do."""
    with pytest.raises(ScenarioError) as caught:
        bent((old, new))
    assert any(said in str(problem) for problem in caught.value.problems), caught.value
