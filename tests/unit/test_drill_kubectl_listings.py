"""Endpoints, namespaces, ``version`` and ``wait``: what kubectl tells of objects that nobody wrote."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML

from simulator.drill import COSTS, Run
from simulator.drill.console import parse
from simulator.units import MINUTE, SECOND
from simulator.world import Service
from tests.drill_stage import fresh


@pytest.fixture
def run() -> Run:
    """Two minutes in, with the bad release out, in a mode without a coach's interruptions."""
    run = fresh(mode="game-day")
    run.advance(2 * MINUTE)
    return run


def says(run: Run, line: str) -> str:
    """What a line prints; it must succeed."""
    answer = run.do(line)
    assert answer.ok, answer.text
    return answer.text


def refuses(run: Run, line: str) -> str:
    """What a line prints; it must fail and say what to do."""
    answer = run.do(line)
    assert not answer.ok and answer.error is not None and answer.error.todo
    return answer.text


def test_endpoints_are_the_pods_that_a_service_sends_to(run: Run) -> None:
    """Each by address and port; without any the cell says so."""
    service = run.cluster.get("services", "app")
    assert isinstance(service, Service)
    header, row = says(run, "kubectl get ep app").split("\n")
    assert ["NAME", "ENDPOINTS", "AGE"] == header.split()
    ready = sorted(f"{pod.status.pod_ip}:8080" for pod in run.cluster.endpoints(service))
    assert ["app", ",".join(ready), "9d"] == row.split()
    says(run, "kubectl scale deploy/app --replicas=0")
    run.advance(run.now + MINUTE)
    assert "<none>" == says(run, "kubectl get endpoints app --no-headers").split()[1]
    says(run, "kubectl scale deploy/app --replicas=5")
    run.advance(run.now + MINUTE)
    assert " + 2 more..." in says(run, "kubectl get endpoints/app")


def test_every_name_of_endpoints_is_one_line(run: Run) -> None:
    """Scenarios match one spelling."""
    lines = ("kubectl get ep app", "kubectl get endpoints/app -n production", "kubectl get -o wide ep/app")
    spelled = [parse(line, costs=COSTS, namespace="production").canonical for line in lines]
    assert ["kubectl get endpoints app"] * 2 == spelled[:2]
    assert "kubectl get endpoints app --output=wide" == spelled[2]
    assert ["endpoints/app", "endpoints/db"] == says(run, "kubectl get ep -o name").split("\n")
    assert 'Error from server (NotFound): endpoints "x" not found' == refuses(run, "kubectl get ep x")
    assert "is not part of this simulated cluster" in refuses(run, "kubectl get svc,ep app")


def test_several_types_in_one_line_are_tables_below_each_other(run: Run) -> None:
    """Names tell their type, an empty line parts them; one spelling, and -o name and yaml in one list."""
    services, endpoints = says(run, "kubectl get svc,ep").split("\n\n")
    assert services.split("\n")[1].startswith("service/app ") and "CLUSTER-IP" in services
    assert ["NAME", "ENDPOINTS", "AGE"] == endpoints.split("\n")[0].split()
    assert endpoints.split("\n")[1].startswith("endpoints/app ")
    assert services == says(run, "kubectl get svc,ep,svc").split("\n\n")[0]
    assert (
        "kubectl get services,endpoints"
        == parse("k get svc,ep", costs=COSTS, namespace="production").canonical
    )
    names = says(run, "kubectl get ep,po -o name").split("\n")
    assert "endpoints/app" == names[0] and names[-1].startswith("pod/")
    tree = YAML(typ="safe").load(says(run, "kubectl get svc,ep -o yaml"))
    assert ["Service", "Service", "Endpoints", "Endpoints"] == [item["kind"] for item in tree["items"]]


def test_endpoints_and_namespaces_are_objects_too(run: Run) -> None:
    """With the pods behind each address, as the API server gives them."""
    tree = YAML(typ="safe").load(says(run, "kubectl get ep app -o yaml"))
    (subset,) = tree["subsets"]
    assert [{"port": 8080, "protocol": "TCP"}] == subset["ports"]
    pods = {pod.status.pod_ip: pod.meta.name for pod in run.cluster.pods}
    assert all(pods[each["ip"]] == each["targetRef"]["name"] for each in subset["addresses"])
    assert (
        "Active" == YAML(typ="safe").load(says(run, "kubectl get ns production -o yaml"))["status"]["phase"]
    )
    slices = json.loads(says(run, "kubectl get endpointslices -o json"))
    assert {"app", "db"} == {
        each["metadata"]["labels"]["kubernetes.io/service-name"] for each in slices["items"]
    }
    says(run, "kubectl scale deploy/app --replicas=0")
    run.advance(run.now + MINUTE)
    assert "subsets" not in YAML(typ="safe").load(says(run, "kubectl get ep app -o yaml"))


def test_slices_and_namespaces_are_listed(run: Run) -> None:
    """In kubectl's columns."""
    slices = says(run, "kubectl get endpointslices -A").split("\n")
    assert ["NAMESPACE", "NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"] == slices[0].split()
    assert ["NAME", "STATUS", "AGE", "production", "Active", "30d"] == says(run, "kubectl get ns").split()


@pytest.mark.parametrize("word", ["sa", "ds", "ingress", "pv", "pvc", "sts", "StatefulSets", "sts/db"])
def test_a_real_type_that_is_not_simulated_is_not_called_unknown(run: Run, word: str) -> None:
    """The console says that it does not have it."""
    named = word.partition("/")[0]
    said = f'error: the resource type "{named}" is not part of this simulated cluster'
    assert said == refuses(run, f"kubectl get {word}") == refuses(run, f"kubectl describe {word}")


def test_version_is_that_of_the_nodes(run: Run) -> None:
    """The server's, and the client's alone on request."""
    version = says(run, "kubectl get nodes --no-headers").split("\n")[0].split()[-1]
    assert says(run, "kubectl version").endswith(f"Server Version: {version}")
    assert "Server" not in says(run, "kubectl version --client")


def test_waiting_ends_when_the_condition_is_met(run: Run) -> None:
    """It takes as long as the pods take."""
    assert 3 == says(run, "kubectl wait --for=condition=Ready pod -l app=myapp").count("condition met")
    says(run, "kubectl rollout restart deploy/app")
    before, updated = run.now, "--for=jsonpath='{.status.updatedReplicas}'=3"
    assert says(run, f"kubectl wait {updated} deploy/app --timeout=60s").endswith("condition met")
    assert before < run.now < before + 60 * SECOND
    assert "deployment.apps/app condition met" == says(
        run, "kubectl wait --for=condition=available deploy/app --timeout=60s"
    )
    phase = "--for=jsonpath='{.status.phase}'=Running"
    assert says(run, f"kubectl wait {phase} pod -l app=db").endswith("condition met")


def test_waiting_gives_up_in_kubectl_s_words(run: Run) -> None:
    """When the time is over; and at once for what it can't wait for."""
    before = run.now
    assert "error: timed out waiting for the condition on deployments/app" == refuses(
        run, "kubectl wait --for=condition=Broken deploy/app --timeout=5s"
    )
    assert 5 * SECOND <= run.now - before < 10 * SECOND
    assert 'error: unrecognized condition: "ready"' == refuses(run, "kubectl wait --for=ready pod/x")
    assert "not found" in refuses(run, "kubectl wait --for=condition=Ready pod/x")
    assert "error: no matching resources found" == refuses(
        run, "kubectl wait --for=condition=Ready pod -l app=x"
    )


def test_waiting_is_a_look() -> None:
    """It changes nothing."""
    assert "look" == parse(
        "kubectl wait --for=delete pod/x", costs=COSTS, namespace="production"
    ).kind  # fmt: skip
