"""Flags that people type by reflex: dry runs, selectors where objects are changed, and git's short forms."""

from __future__ import annotations

import pytest

from simulator.drill import COSTS, Run
from simulator.drill.console import parse
from simulator.units import MINUTE
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


DRY = (
    ("kubectl scale deploy/app --replicas=0", "deployment.apps/app scaled"),
    ("kubectl set image deploy/app app=app:v7", "deployment.apps/app image updated"),
    ("kubectl rollout undo deploy/app", "deployment.apps/app rolled back"),
    ("kubectl delete deploy app", 'deployment.apps "app" deleted'),
)


@pytest.mark.parametrize(("line", "said"), DRY)
def test_a_dry_run_says_what_it_would_do_and_changes_nothing(run: Run, line: str, said: str) -> None:
    """It is a look, without a danger, on the server's side or on the client's."""
    before = run.cluster.deployment("app").meta.resource_version
    assert f"{said} (server dry run)" == says(run, f"{line} --dry-run=server")
    client = says(run, f"{line} --dry-run=client")
    assert client.endswith(" (dry run)")
    assert "Pod Template:" in client if "undo" in line else client == f"{said} (dry run)"
    assert before == run.cluster.deployment("app").meta.resource_version
    command = parse(f"{line} --dry-run=client", costs=COSTS, namespace="production")
    assert ("look", "") == (command.kind, command.danger)
    assert "change" == parse(line, costs=COSTS, namespace="production").kind


def test_a_dry_run_of_what_is_not_there_fails(run: Run) -> None:
    """As the change itself would."""
    assert "not found" in refuses(run, "kubectl scale deploy/nope --replicas=2 --dry-run=server")
    assert "unable to find container" in refuses(run, "kubectl set image deploy/app x=y:1 --dry-run=client")
    assert refuses(run, "kubectl delete pod x --dry-run=maybe").startswith("error: Invalid dry-run value")


def test_labels_and_annotations_reach_what_a_selector_matches(run: Run) -> None:
    """Every pod of the app and no other; an empty selection says so."""
    assert 3 == says(run, "kubectl label pods -l app=myapp team=web").count(" labeled")
    assert 3 == len(says(run, "kubectl get pods -l team=web -o name").split("\n"))
    assert 4 == says(run, "kubectl annotate pods --all note=seen").count(" annotated")
    assert "No resources found in production namespace." == says(run, "kubectl label po -l app=x a=b")
    assert "no name was specified" in refuses(run, "kubectl label pods a=b")


def test_a_restart_reaches_what_a_selector_matches(run: Run) -> None:
    """By the Deployment's own labels."""
    says(run, "kubectl label deploy/app tier=front")
    assert "deployment.apps/app restarted" == says(run, "kubectl rollout restart deploy -l tier=front")
    assert "kubectl rollout restart deployments --selector=a=b" == parse(
        "kubectl rollout restart deploy -l a=b", costs=COSTS, namespace="production"
    ).canonical  # fmt: skip


def test_record_writes_the_cause_and_says_that_it_is_deprecated(run: Run) -> None:
    """The history then has the line."""
    said = says(run, "kubectl set image deploy/app app=app:v1 --record").split("\n")
    assert "Flag --record has been deprecated, --record will be removed in the future" == said[0]
    assert "deployment.apps/app image updated" == said[1]
    run.advance(run.now + MINUTE)
    cause = says(run, "kubectl rollout history deploy/app").rstrip().split("\n")[-1]
    assert cause.endswith("kubectl set image deployment/app app=app:v1 --record=true")


def test_git_log_takes_the_short_forms(run: Run) -> None:
    """A count behind one dash, patches, how far back, and whose."""
    assert says(run, "git log -n 2") == says(run, "git log -2")
    assert 1 == len(says(run, "git log -1 --oneline").split("\n"))
    assert "diff --git" in says(run, "git log -p -1")
    assert ["v2: faster"] == [
        row.split(" ", 1)[1] for row in says(run, "git log --oneline --since=2h").split("\n")
    ]
    assert says(run, "git log --since=2h") == says(run, "git log --since='2 hours ago'")
    assert says(run, "git log --since=2h") == says(run, "git log --author=grace")
    assert "" == says(run, "git log --author=nobody")
    assert "no length of time" in refuses(run, "git log --since=yesterday")


def test_git_status_is_one_line(run: Run) -> None:
    """The newest commit, and that hands on the cluster leave nothing here."""
    said = says(run, "git status")
    assert "(v2: faster); nothing to commit" in said and "\n" not in said


def test_a_file_of_git_is_not_on_this_disk(run: Run) -> None:
    """The refusal says where the file is."""
    answer = run.do("kubectl apply -f deploy/checkout.yaml")
    assert 'error: the path "deploy/checkout.yaml" does not exist' == answer.text
    assert answer.error is not None and "git show" in answer.error.todo
