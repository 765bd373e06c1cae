"""What the terminal prints: James's own lines word for word, and tables as kubectl 1.32 prints them."""

from __future__ import annotations

import json
import re
from functools import lru_cache

import pytest
from ruamel.yaml import YAML

from simulator.drill import Answer, Run
from simulator.scenario import load
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh

#: James's lines for "Production is down!", exactly so.
PERSONA = (
    "kubectl get pods -n production",
    "kubectl rollout history deployment/app",
    "kubectl logs -l app=myapp --tail=100",
    "kubectl rollout undo deployment/app",
    "kubectl scale deployment/app --replicas=10",
    "kubectl set image deployment/app app=IMAGE@DIGEST",
    "kubectl rollout status deployment/app --timeout=300s",
)


@lru_cache(maxsize=1)
def _bad() -> Run:
    """Two minutes in: the bad release is out."""
    run = fresh()
    run.advance(2 * MINUTE)
    return run


def says(line: str) -> str:
    """What a line prints two minutes in; it must succeed."""
    answer = _bad().do(line)
    assert answer.ok, answer.text
    return answer.text


@pytest.mark.parametrize("line", PERSONA)
def test_james_s_lines_work_word_for_word_on_the_welcome(line: str) -> None:
    """Every command of his table is understood and carried out on the system that the learner meets first."""
    run = Run(load("welcome"))
    run.advance(4 * MINUTE)
    answer = run.do(line)
    assert answer.ok and answer.text and answer.canonical.startswith("kubectl ")


def test_deleting_a_bad_pod_on_the_welcome() -> None:
    """`kubectl delete pod NAME`, with a name out of `kubectl get pods`."""
    run = Run(load("welcome"))
    name = run.do("kubectl get pods -l app=myapp -o name").text.split("\n")[0].removeprefix("pod/")
    assert f'pod "{name}" deleted' == run.do(f"kubectl delete pod {name}").text


def test_deleting_the_pod_that_he_names() -> None:
    """`kubectl delete pod NAME` with a live name: it goes, and another comes."""
    run = fresh()
    name = next(pod.meta.name for pod in run.cluster.pods if pod.deployment == "app")
    answer = run.do(f"kubectl delete pod {name}")
    assert f'pod "{name}" deleted' == answer.text
    assert run.cluster.pods.find(name, "production") is None
    assert 3 == sum(pod.deployment == "app" and not pod.terminating for pod in run.cluster.pods)


def test_pods_as_kubectl_prints_them() -> None:
    """Five columns, three spaces apart, sorted by name."""
    text = fresh().do("kubectl get pods").text
    lines = text.split("\n")
    assert re.fullmatch(r"NAME +READY   STATUS    RESTARTS   AGE", lines[0])
    assert all(
        re.fullmatch(r"(app|db)-[a-z0-9]+-[a-z0-9]{5} +1/1     Running   0          \S+", line)
        for line in lines[1:]
    )
    assert 4 == len(lines[1:]) and sorted(lines[1:]) == lines[1:]


def test_deployments_services_and_events_in_one_line() -> None:
    """Types are printed one after the other with a blank line between, names with their type."""
    groups = says("kubectl get deploy,svc,events").split("\n\n")
    assert groups[0].startswith("NAME") and "deployment.apps/app" in groups[0]
    assert "service/app" in groups[1] and "80/TCP" in groups[1]
    assert groups[2].startswith("LAST SEEN") and "ScalingReplicaSet" in groups[2]


def test_wide_adds_columns() -> None:
    """``-o wide`` shows images and selectors, nodes and addresses."""
    assert re.search(r"CONTAINERS +IMAGES +SELECTOR", says("kubectl get deploy -o wide"))
    assert "app=myapp" in says("kubectl get deploy -o wide")
    assert "NOMINATED NODE" in says("kubectl get pods -o wide")


def test_an_empty_list_says_so() -> None:
    """In kubectl's words, for the namespace that was asked."""
    assert "No resources found in staging namespace." == says("kubectl get pods -n staging")
    assert "No resources found in production namespace." == says("kubectl get pods -l app=nobody")


def test_selectors_select() -> None:
    """Equality, inequality, existence, sets."""
    assert 3 == len(says("kubectl get pods -l app=myapp --no-headers").split("\n"))
    assert "db-" in says("kubectl get pods -l 'app!=myapp'") and "app-" not in says(
        "kubectl get pods -l 'app!=myapp'"
    )
    assert 4 == len(says("kubectl get pods -l 'app in (myapp, db)' -o name").split("\n"))
    assert 4 == len(says("kubectl get pods -l app -o name").split("\n"))


def test_manifests_are_yaml_and_json() -> None:
    """A named object alone, several as a List; both forms hold the same."""
    tree = json.loads(says("kubectl get deployment app -o json"))
    assert ("apps/v1", "Deployment", "app:v2") == (
        tree["apiVersion"],
        tree["kind"],
        tree["spec"]["template"]["spec"]["containers"][0]["image"],
    )
    listed = YAML(typ="safe").load(says("kubectl get all,nodes -o yaml".replace("all,nodes", "pods")))
    assert "List" == listed["kind"] and 4 == len(listed["items"])
    for kind in ("svc", "rs", "nodes", "events"):
        assert json.loads(says(f"kubectl get {kind} -o json"))["items"]


def test_history_lists_revisions_with_their_causes() -> None:
    """Ascending, the newest last, with a blank line at the end as kubectl has it."""
    lines = says("kubectl rollout history deployment/app").split("\n")
    assert "deployment.apps/app" == lines[0]
    assert re.fullmatch(r"REVISION  CHANGE-CAUSE", lines[1])
    assert [re.split(r"\s\s+", line)[1] for line in lines[2:5]] == ["v0: first", "v1: second", "v2: faster"]
    detail = says("kubectl rollout history deployment/app --revision=2")
    assert detail.startswith("deployment.apps/app with revision #2\nPod Template:") and "app:v1" in detail


def test_describe_shows_conditions_and_events() -> None:
    """Of a Deployment, a pod, a service, a node and a ReplicaSet."""
    deployment = says("kubectl describe deployment app")
    assert "RollingUpdateStrategy:  25% max unavailable, 25% max surge" in deployment
    assert re.search(r"NewReplicaSet: +app-\w+ \(\d/3 replicas created\)", deployment)
    assert "ScalingReplicaSet" in deployment and "Conditions:" in deployment
    pod = says("kubectl describe pod app-")
    assert "Controlled By:  ReplicaSet/app-" in pod and "Readiness" not in pod.split("\n")[0]
    assert "Endpoints:" in says("kubectl describe svc app")
    assert "Allocated resources:" in says("kubectl describe nodes")
    assert "Pod Template:" in says("kubectl describe rs")


def test_logs_are_of_the_pods_that_were_asked_for() -> None:
    """A selector gives ten lines a pod unless told otherwise; a Deployment gives one pod."""
    some, more = says("kubectl logs -l app=myapp"), says("kubectl logs -l app=myapp --tail=100")
    assert 0 < len(some.split("\n")) <= 30 < len(more.split("\n"))
    assert "level=error" in more and "service=app" in more
    assert says("kubectl logs deployment/app --tail=5").startswith("Found 3 pods, using pod/app-")
    recent = says("kubectl logs -l app=myapp --tail=-1 --since=30s")
    assert len(recent.split("\n")) < len(says("kubectl logs -l app=myapp --tail=-1").split("\n"))


def test_rollout_status_tells_the_progress_and_ends_when_done() -> None:
    """The lines of kubectl's status viewer; the clock has moved as long as the rollout took."""
    run = fresh()
    run.do("kubectl rollout restart deployment/app")
    answer = run.do("kubectl rollout status deployment/app")
    lines = answer.text.split("\n")
    assert 'deployment "app" successfully rolled out' == lines[-1]
    assert any("new replicas have been updated..." in line for line in lines)
    assert 5 * SECOND < answer.cost < 2 * MINUTE and "wait" == answer.kind


def test_rollout_status_without_watching_prints_one_line() -> None:
    """``-w=false`` looks once."""
    run = fresh()
    run.do("kubectl rollout restart deployment/app")
    answer = run.do("kubectl rollout status deployment/app -w=false")
    assert 1 == len(answer.text.split("\n")) and 0 == answer.cost


def test_rollout_status_times_out_in_kubectl_s_words() -> None:
    """After the time-out that was given, and no later."""
    run = fresh()
    run.do("kubectl rollout restart deployment/app")
    answer = run.do("kubectl rollout status deployment/app --timeout=2s")
    assert not answer.ok and answer.text.endswith("error: timed out waiting for the condition")
    assert 2 * SECOND == answer.cost


def test_undo_brings_back_the_revision_before() -> None:
    """The old image serves again, as a new revision."""
    run = fresh()
    run.advance(2 * MINUTE)
    assert "deployment.apps/app rolled back" == run.do("kubectl rollout undo deployment/app").text
    run.do("kubectl rollout status deployment/app")
    images = {pod.spec.containers[0].image for pod in run.cluster.pods if pod.deployment == "app"}
    assert {"app:v1"} == images
    assert "deployment.apps/app paused" == run.do("kubectl rollout pause deploy app").text
    refused = run.do("kubectl rollout undo deploy app")
    assert not refused.ok and "you cannot rollback a paused deployment" in refused.text


def test_git_log_lists_the_releases() -> None:
    """Newest first, with author and cause; nothing of the future."""
    early, late = fresh().do("git log --oneline").text, says("git log")
    assert "v2" not in early and "v1: second" in early
    assert "v2: faster" in late and "Author: Grace" in late
    assert 1 == len(says("git log --oneline -n 1").split("\n"))


def test_git_does_not_know_what_was_done_by_hand() -> None:
    """A rollback on the cluster leaves no commit: the newest line of git is still the bad release."""
    run = fresh()
    run.advance(2 * MINUTE)
    before = run.do("git log").text
    run.do("kubectl rollout undo deployment/app")
    run.advance(4 * MINUTE)
    assert before == run.do("git log").text


def test_help_shows_families_verbs_and_flags() -> None:
    """Three depths."""
    assert "statuspage" in says("help") and "kubectl" in says("help")
    assert "kubectl rollout undo" in says("help kubectl")
    assert "--to-revision" in says("help kubectl rollout undo")
    assert "kubectl rollout pause" in says("help kubectl rollout")
    assert says("help kubectl get") == says("kubectl get --help")
    unknown = _bad().do("help kubectl rollot")
    assert not unknown.ok and "Did you mean" in unknown.text
    nonsense = _bad().do("help kubectl nonsense")
    assert not nonsense.ok and "Did you mean" not in nonsense.text
    plugin = says("kubectl argo rollouts --help")
    assert "kubectl argo rollouts promote" in plugin and "Usage:" in plugin


def test_deleting_several_pods_goes_on_after_a_missing_one() -> None:
    """The one that exists goes; the answer has both lines and is a failure."""
    run = fresh(mode="game-day")
    name = next(pod.meta.name for pod in run.cluster.pods if pod.deployment == "app")
    answer: Answer = run.do(f"kubectl delete pod nobody {name} --wait=false")
    assert not answer.ok
    assert [
        'Error from server (NotFound): pods "nobody" not found',
        f'pod "{name}" deleted',
    ] == answer.text.split("\n")


def test_git_log_oneline_is_git_s() -> None:
    """An abbreviated id and a subject, nothing else."""
    assert all(re.fullmatch(r"[0-9a-f]{7} \S.*", row) for row in says("git log --oneline").split("\n"))


def test_what_is_only_listed_says_so_to_every_verb() -> None:
    """Whoever has listed the namespaces is not told that there is no such type."""
    answer = _bad().do("kubectl delete ns production")
    assert not answer.ok and "here ns can be listed and nothing more: kubectl get ns" in answer.text


def test_the_context_can_be_asked_for() -> None:
    """The lines with which somebody finds out where he is, before he types anything else."""
    assert "production" == says("kubectl config current-context")
    assert "    namespace: production" == says("kubectl config view --minify | grep namespace")


def test_a_dangerous_line_says_what_any_other_word_does() -> None:
    """Yes carries it out, a no leaves it, and another line leaves it and is run; a drain asks too."""
    run = fresh()
    node = run.do("kubectl get pods -o wide --no-headers | head -1").text.split()[6]
    asked = run.do(f"kubectl drain {node}")
    assert (
        "evicts every pod" in asked.text
        and "Any other line leaves it undone, and is run itself" in asked.text
    )
    assert run.do("kubectl get nodes").ok and run.pending is None
    assert "SchedulingDisabled" not in run.do(f"kubectl get node {node}").text


def test_an_empty_log_says_what_is_logged() -> None:
    """Of a quiet service most requests leave no line; that is no broken log."""
    run = fresh()
    assert run.do("kubectl logs -l app=db --since=1s").text.startswith("# No line: a pod writes one for each")


def test_a_firing_alert_says_which_of_its_rules_is_true() -> None:
    """A multiwindow alert fires by one of its rules; each shows what it measures and whether it holds."""
    run = fresh()
    run.advance(6 * MINUTE)
    row = next(row for row in run.do("alerts").text.split("\n") if row.startswith("firing"))
    assert "14.4× (true: " in row or "6× (true: " in row
    assert all("(true" not in other for other in run.do("alerts | grep inactive").text.split("\n"))
