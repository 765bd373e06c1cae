"""``kubectl get`` beyond the plain table: what it watches, orders and chooses."""

from __future__ import annotations

import pytest

from simulator.drill import Run
from simulator.drill.console.argo.tree import BAD, PROGRESSING, WARNING, _pod_icon
from simulator.drill.console.tables import row_below
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


def test_a_watch_adds_whole_rows_under_the_headers(run: Run) -> None:
    """Each later row has every column of the first table, in its place."""
    run.do("kubectl rollout restart deployment/app")
    header, *rows = says(run, "kubectl get pods -w").split("\n")
    assert len(rows) > len({row.split()[0] for row in rows}), "a pod that becomes ready is printed again"
    places = [header.index(name) for name in ("READY", "STATUS", "RESTARTS", "AGE")]
    for row in rows:
        assert 5 == len(row.split())
        assert all(" " == row[place - 1] and " " != row[place] for place in places)


def test_a_watch_of_events_shows_their_messages(run: Run) -> None:
    """What is new in an event is its message."""
    run.do("kubectl rollout restart deployment/app")
    before = says(run, "kubectl get events").split("\n")
    seen = says(run, "kubectl get events -w").split("\n")
    assert len(before) < len(seen)
    assert any(row.endswith("Started container app") for row in seen[len(before) :])


def test_a_wider_cell_widens_its_column_from_then_on() -> None:
    """As kubectl's table writer remembers widths between rows."""
    widths = [0, 0]
    assert "NAME   AGE" == row_below(("NAME", "AGE"), widths)
    assert "longer-name   1s" == row_below(("longer-name", "1s"), widths)
    assert "short         2s" == row_below(("short", "2s"), widths)


@pytest.mark.parametrize(
    "path",
    [
        ".status.containerStatuses[0].restartCount",
        "{.spec.nodeName}",
        ".status.startTime",
        ".metadata.creationTimestamp",
        "'.metadata.name'",
    ],
)
def test_pods_are_ordered_by_any_field_that_they_have(run: Run, path: str) -> None:
    """The order is that of the field's own values."""
    clean = path.strip("'{}")
    values = says(run, f"kubectl get pods --sort-by={path} -o jsonpath='{{.items[*]{clean}}}'").split(" ")
    assert 4 == len(values)
    assert sorted(values) == values


def test_objects_without_the_field_come_first(run: Run) -> None:
    """A pod that no node has yet has no start; it leads the list."""
    run.do("kubectl scale deployment/app --replicas=400")
    pods = says(run, "kubectl get pods --sort-by=.spec.nodeName -o custom-columns=N:.spec.nodeName")
    nodes = pods.split("\n")[1:]
    bare = nodes.count("<none>")
    assert 0 < bare < len(nodes)
    assert ["<none>"] * bare == nodes[:bare]


def test_numbers_are_ordered_as_numbers(run: Run) -> None:
    """Ten is more than nine, in a field of numbers and inside a text."""
    for name, text in (("a", "n-10"), ("b", "n-9")):
        run.do(f"kubectl create configmap {name} --from-literal=key={text}")
    assert ["configmap/b", "configmap/a"] == says(run, "kubectl get cm -o name --sort-by=.data.key").split(
        "\n"
    )[-2:]


def test_a_field_that_nothing_has_is_an_error(run: Run) -> None:
    """In kubectl's words."""
    assert (
        'error: couldn\'t find any field with path "{.status.nope}" in the list of objects'
        == refuses(run, "kubectl get pods --sort-by=.status.nope")
    )  # fmt: skip
    assert refuses(run, "kubectl get pods --sort-by=.items[").startswith("error: error parsing jsonpath")


def test_field_selectors_choose(run: Run) -> None:
    """By the fields that the API server knows for the kind; others are refused as it refuses them."""
    node = says(run, "kubectl get pods -l app=db -o jsonpath='{.items[0].spec.nodeName}'")
    chosen = f"--field-selector=status.phase=Running,spec.nodeName={node} -o jsonpath='{{..nodeName}}'"
    assert {node} == set(says(run, f"kubectl get pods {chosen}").split())
    assert says(run, "kubectl get pods --field-selector status.phase!=Running").startswith("No resources")
    assert 7 == len(says(run, "kubectl get nodes --field-selector spec.unschedulable=false").split("\n"))
    kinds = says(run, "kubectl get events --field-selector involvedObject.kind=Pod -o jsonpath='{..kind}'")
    assert "Deployment" not in kinds and "Pod" in kinds
    assert refuses(run, "kubectl get pods --field-selector spec.image=x").endswith(
        "field label not supported: spec.image"
    )


def test_labels_are_columns_of_their_own(run: Run) -> None:
    """Headed by what stands behind the last slash."""
    header, first, *_ = says(run, "kubectl get nodes -L topology.kubernetes.io/zone").split("\n")
    assert "ZONE" == header.split()[-1]
    assert "zone-a" == first.split()[-1]


def test_every_missing_object_is_reported(run: Run) -> None:
    """One line each."""
    assert [
        'Error from server (NotFound): pods "a" not found',
        'Error from server (NotFound): pods "b" not found',
    ] == refuses(run, "kubectl get pods/a pods/b").split("\n")


def test_names_carry_their_type_where_several_types_are_asked_for(run: Run) -> None:
    """Even if only one of them has such an object."""
    said = says(run, "kubectl get pod,deploy app")
    assert "deployment.apps/app " in said
    assert 'Error from server (NotFound): pods "app" not found' == said.split("\n")[-1]


@pytest.mark.parametrize(
    ("status", "sign"),
    [
        ("ErrImagePull", WARNING),
        ("ErrImageNeverPull", WARNING),
        ("CreateContainerConfigError", WARNING),
        ("Error", WARNING),
        ("ExitCode:137", BAD),
        ("CrashLoopBackOff", BAD),
        ("Init:Error", PROGRESSING),
        ("OOMKilled", " "),
    ],
)
def test_a_pod_s_sign_is_the_plugin_s(status: str, sign: str) -> None:
    """What the Argo Rollouts plugin draws before a pod's status."""
    assert sign == _pod_icon(status)
