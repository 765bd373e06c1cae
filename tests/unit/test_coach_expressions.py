"""Checks on metrics and objects: when each mode holds, when it is decided, and what nonsense answers."""

from __future__ import annotations

from math import nan

import pytest

from simulator.coach import Coach
from simulator.coach.checks import ChangesAtMost, Check, Condition, ServedWithin, Verdict, judge
from simulator.coach.sense import problems
from simulator.coach.sight import RunSight
from simulator.drill import Run, play_run
from simulator.errors import ScenarioError
from simulator.scenario import load, load_bytes
from simulator.scenario.conditions import MetricCondition, StateCondition
from simulator.units import MINUTE, SECOND
from tests.coach_stage import Stage
from tests.scenario_files import files, with_check

PAGE = 6 * MINUTE


def incident(at: int) -> float:
    """Errors from minute four to minute twelve."""
    return 0.2 if 4 * MINUTE <= at < 12 * MINUTE else 0.0


def judged(condition: Condition, at: int, *, ended: bool = False, stage: Stage | None = None) -> Verdict:
    """A condition, judged on a made-up incident as it stands at ``at``."""
    stage = (stage or Stage(incident, paged=PAGE)).until(at)
    check = Check("it", "outcome", condition, 1.0, "slo", False, "yes", "no")
    return judge(check, stage.case, None, at, ended=ended)


def asked(mode: str, value: object = True, *, op: str = "Lt", bound: float = 0.01) -> MetricCondition:
    """An expression below (or above) a bound."""
    return MetricCondition.model_validate({"query": "up", "op": op, "value": bound, mode: value})


@pytest.mark.parametrize(
    ("condition", "minute", "passed", "decided"),
    [
        (asked("at", "end"), 10, False, False),
        (asked("at", "end"), 20, True, False),
        (asked("heldFor", "5m"), 16, False, False),
        (asked("heldFor", "5m"), 18, True, False),
        (asked("heldFor", "30m"), 20, False, False),
        (asked("before", "5m"), 5, False, False),
        (asked("before", "5m"), 8, False, False),
        (asked("before", "5m"), 12, False, True),
        (asked("before", "7m"), 12, True, True),
        (asked("continuous"), 3, True, False),
        (asked("continuous"), 5, False, True),
        (asked("never", op="Gt"), 3, True, False),
        (asked("never", op="Gt"), 5, False, True),
    ],
)
def test_each_mode_asks_its_own_part_of_the_run(
    condition: MetricCondition, minute: int, passed: bool, decided: bool
) -> None:
    """At the end, for so long before it, once after the page, at every scrape, at none."""
    verdict = judged(condition, minute * MINUTE)
    assert (passed, decided) == (verdict.passed, verdict.decided)
    assert judged(condition, minute * MINUTE, ended=True).decided


def test_a_stretch_may_begin_late() -> None:
    """What was before ``from`` does not count."""
    late = asked("never", op="Gt").model_copy(update={"from_": 13 * MINUTE})
    assert judged(late, 20 * MINUTE).passed


def test_the_breach_is_told_with_its_instant() -> None:
    """The verdict can be followed back to the scrape that decided it."""
    assert (4 * MINUTE,) == judged(asked("never", op="Gt"), 20 * MINUTE).at
    assert judged(asked("never", op="Gt", bound=0.5), 20 * MINUTE).by_absence


def test_no_data_is_neither_health_nor_harm() -> None:
    """Where no series is, nothing holds, and ``never`` is not broken."""
    silent = Stage(lambda _: nan, paged=PAGE)
    for condition in (asked("at", "end"), asked("heldFor", "5m"), asked("before", "5m"), asked("continuous")):
        assert not judged(condition, 20 * MINUTE, ended=True, stage=silent).passed
    assert judged(asked("never"), 20 * MINUTE, ended=True, stage=silent).passed


def test_users_served_again_in_time() -> None:
    """Counted from the first page to the first calm; open until the time is over."""
    assert judged(ServedWithin(10 * MINUTE), 20 * MINUTE).passed
    assert not judged(ServedWithin(3 * MINUTE), 20 * MINUTE).passed
    assert not judged(ServedWithin(3 * MINUTE), 8 * MINUTE).decided


def test_more_changes_than_allowed_are_named() -> None:
    """Looks are free; the acts over the number decide it."""
    stage = Stage(incident, paged=PAGE)
    for minute in (7, 8, 9):
        stage.act(minute * MINUTE, "kubectl rollout restart deployment/checkout", "change")
    stage.act(10 * MINUTE, "kubectl get pods")
    assert judged(ChangesAtMost(3), 12 * MINUTE, stage=stage).by_absence
    verdict = judged(ChangesAtMost(2), 12 * MINUTE, stage=stage)
    assert (False, True, (3,)) == (verdict.passed, verdict.decided, verdict.acts)


@pytest.mark.parametrize(
    ("found", "op", "value", "passed"),
    [
        ((6,), "Gte", 6, True),
        ((5,), "Gte", 6, False),
        ((6, 5), "Gte", 6, False),
        ((), "Gte", 6, False),
        ((), "Ne", "x", True),
        (("app:v1",), "Eq", "app:v1", True),
        ((True,), "Eq", "true", True),
        (("six",), "Gt", 5, False),
    ],
)
def test_a_field_is_compared_as_what_it_is(
    found: tuple[object, ...], op: str, value: object, passed: bool
) -> None:
    """Numbers as numbers, the rest as kubectl prints it; a missing field is only unequal."""
    stage = Stage(incident, paged=PAGE)
    stage.screen.objects["deployment/checkout", ".x"] = found
    condition = StateCondition.model_validate(
        {"object": "deployment/checkout", "jsonpath": ".x", "op": op, "value": value}
    )
    assert passed == judged(condition, 20 * MINUTE, stage=stage).passed


@pytest.fixture(scope="module")
def run() -> Run:
    """The welcome, left alone."""
    return play_run(load("welcome"), player="nothing")


def test_a_run_is_read_at_its_scrapes(run: Run) -> None:
    """Every five seconds here, both ends among them, with one value a series."""
    readings = RunSight(run).readings("sum(kube_deployment_status_replicas_ready)", MINUTE, 2 * MINUTE)
    assert [MINUTE + step * 5 * SECOND for step in range(13)] == [at for at, _ in readings]
    assert all(len(values) == 1 and values[0] > 0 for _, values in readings)
    assert [] == [values for _, values in RunSight(run).readings("nothing_at_all", 0, MINUTE) if values]


def test_an_object_is_read_as_kubectl_reads_it(run: Run) -> None:
    """With braces or without; what is gone gives nothing."""
    sight = RunSight(run)
    declared = run.scenario.spec.workload("app")
    assert declared is not None
    assert [declared.spec.replicas] == list(sight.field("deployment/app", "{.spec.replicas}"))
    assert [declared.spec.replicas] == list(sight.field("deploy/app", ".spec.replicas"))
    assert () == sight.field("deployment/gone", "{.spec.replicas}")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("promql: {query: 'sum(up', op: Lt, value: 1}", "promql.query: expected"),
        ("promql: {query: 'up[5m]', op: Lt, value: 1}", "expected a vector or a number at each instant"),
        ("state: {object: deploymant/app, jsonpath: .spec, value: 1}", "Did you mean deployment?"),
        ("state: {object: deployment/ap, jsonpath: .spec, value: 1}", "got 'ap'. Did you mean 'app'?"),
        ("state: {object: deployment/app, jsonpath: '{.spec..}', value: 1}", "expected one path such as"),
    ],
)
def test_a_condition_that_means_nothing_is_found_before_the_run(condition: str, said: str) -> None:
    """The queries, objects and paths of checks are tried when the coach comes, each with file and line."""
    scenario, texts = files("welcome")
    old, new = with_check(condition)
    bent = load_bytes(scenario.replace(old.encode(), new.encode(), 1), texts)
    found = problems(bent)
    assert 1 == len(found)
    assert said in str(found[0])
    assert str(found[0]).startswith("scenario.yaml:")
    with pytest.raises(ScenarioError, match=r"scenario\.yaml:"):
        Coach(Run(bent))


def test_every_shipped_scenario_means_something() -> None:
    """No query, object, signal or story of the kit points nowhere."""
    for name in ("welcome", "production-is-down"):
        assert [] == [each for variant in load(name).variants for each in problems(variant)]


def test_an_unknown_story_or_signal_is_answered_with_the_nearest() -> None:
    """A slip in an id costs one look."""
    scenario, texts = files("welcome")
    bent = scenario.replace(b"coach:\n", b"coach:\n  story: two-of-tree\n", 1)
    assert "Did you mean 'two-of-three'?" in str(problems(load_bytes(bent, texts))[0])
    bent = scenario.replace(b"errors:app", b"errors:apq", 1)
    assert "expected a signal of a service of this system, got 'errors:apq'" in str(
        problems(load_bytes(bent, texts))[0]
    )
