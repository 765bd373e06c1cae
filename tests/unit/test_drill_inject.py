"""``drill.inject``: an instructor's acts, in the words of the timeline, journalled and nobody's decision."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator as sim
from simulator.api.drill import Drill
from simulator.coach import Coach
from simulator.coach.chronicle import chronicle
from simulator.drill import Run, benchmark_plays, inject, replay, resume, what_if
from simulator.errors import GamedayError, ScenarioError
from simulator.scenario import Scenario, load
from simulator.units import MINUTE, SECOND
from tests.drill_stage import scenario

SICK = """
chaos:
  kind: HTTPChaos
  mode: all
  selector: {labelSelectors: {app: myapp}}
  errorRate: 0.9
"""


def quiet() -> Scenario:
    """The small system with nothing in its timeline: what happens is the instructor's."""
    return scenario().model_copy(update={"timeline": ()})


def at(minute: int, journal: Path | None = None) -> Run:
    """The small incident, in which v2 came at T+01:00, at a minute."""
    run = Run(scenario(), journal=journal)
    run.advance(minute * MINUTE)
    return run


def test_a_fault_in_yaml_or_as_a_mapping_hits_now() -> None:
    """The same words, the same fault, at once; the answer is for the instructor alone."""
    for source in (SICK, {"chaos": {"kind": "HTTPChaos", "mode": "all", "errorRate": 0.9,
                                    "selector": {"labelSelectors": {"app": "myapp"}}}}):  # fmt: skip
        run = Run(scenario())
        run.advance(30 * SECOND)
        answer = inject(run, source)
        assert answer.text.startswith("T+00:30 injected: chaos HTTPChaos all on app-")
        assert 1 == len(run.production.faults) and 0.9 == run.production.faults[0].error_rate
        assert (0, 30 * SECOND) == (answer.cost, run.now)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ({"setTraffic": {"source": "users", "rate": 90}}, "setTraffic users"),
        ({"setImage": {"deployment": "app", "image": "app:v9", "cause": "v9"},
          "model": {"routes": [{"name": "page", "errorRate": 0.7}]}}, "setImage app app:v9 v9"),
        ({"release": {"deployment": "app", "restart": True, "cause": "again"}}, "release app again"),
        ({"nodeLoss": {"node": "node-01"}}, "nodeLoss node-01"),
        ({"zoneOutage": {"zone": "zone-a"}}, "zoneOutage zone-a on "),
        ({"setRouting": {"service": "app", "sessionAffinity": "ClientIP"}}, "setRouting app ClientIP"),
        ({"line": "kubectl scale deployment/app --replicas=5"}, "kubectl scale deployment/app --replicas=5"),
        ({"message": {"author": "Henrik, sales", "text": "Is it us?"}}, "Henrik, sales: Is it us?"),
    ],
)  # fmt: skip
def test_whatever_a_timeline_can_do_can_be_injected(source: dict[str, object], found: str) -> None:
    """Releases of images that no file declared among it; beside that a typed line and a word."""
    run = at(2)
    answer = inject(run, source)
    assert answer.ok and answer.text.startswith(f"T+02:00 injected: {found}")
    run.advance(3 * MINUTE)
    assert [answer.text.removeprefix("T+02:00 injected: ")] == [each.text for each in run.injects]


def test_an_injected_image_behaves_as_its_model_says() -> None:
    """A tag that did not exist is pulled, rolled out, and fails seven requests in ten; undo takes it back."""
    run = at(0)
    model = {"routes": [{"name": "page", "errorRate": 0.7}]}
    inject(run, {"setImage": {"deployment": "app", "image": "app:v9", "cause": "v9"}, "model": model})
    run.advance(50 * SECOND)
    assert "app:v9" == run.cluster.deployment("app").spec.template.containers[0].image
    shown = run.telemetry.store.range("http_requests_total", 0, run.now, version=["v9"], code=["500"])
    assert shown.labels
    other = {"routes": [{"name": "page", "errorRate": 0.1}]}
    with pytest.raises(GamedayError, match="An image never changes"):
        raise (
            inject(run, {"setImage": {"deployment": "app", "image": "app:v9"}, "model": other}).error
            or AssertionError
        )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("chaos: {kind: HTTPChaos, selector: {labelSelectors: {app: mapp}}, abort: true}",
         "inject:1: chaos.selector.labelSelectors: expected labels of some workload's pods, got app=mapp."),
        ("nodeLos: {node: node-01}", "inject:1: nodeLos: expected a known key, got 'nodeLos'. Did you mean"),
        ("nodeLoss: {node: node-99}", "inject:1: nodeLoss.node: expected"),
        ("at: 3m\nnodeLoss: {node: node-01}", "inject:1: at: expected an entry without at, got at."),
        ("nodeLoss: {node: node-01}\nzoneOutage: {zone: zone-a}", "inject:1: expected exactly one of"),
        ("message: {txt: hello}", "inject:1: message.text: expected the key 'text', got nothing."),
        ("", "inject"),
        ("- a", "inject:1: expected a mapping"),
        ({}, "inject:1: expected something to happen, got nothing."),
        ({"line": ""}, "inject:1: line: expected a console line"),
        ({"line": 3}, "inject:1: line: expected a console line, got 3."),
        (7, "inject: expected what is to happen, got 7."),
    ],
)  # fmt: skip
def test_errors_have_place_and_four_parts(source: object, said: str) -> None:
    """As in a scenario's file; nothing is journalled and nothing happens."""
    run = at(1)
    before = run.digest
    with pytest.raises(ScenarioError) as caught:
        inject(run, source)
    assert str(caught.value).startswith(said)
    assert (before, []) == (run.digest, run.history)


@pytest.mark.parametrize("source", [None, True, 3.5, {"line": "kubectl rollout status deployment/app"}])
def test_what_is_no_inject_is_refused(source: object) -> None:
    """Another type, or a line that would wait."""
    with pytest.raises(GamedayError, match="inject"):
        inject(at(1), source)


def test_an_inject_is_nobody_s_act(tmp_path: Path) -> None:
    """No number, no transcript, no deed of the coach, no marker; a pending yes goes on waiting."""
    run = at(2, tmp_path / "run.jsonl")
    coach = Coach(run)
    run.do("kubectl get pods")
    run.do("kubectl scale deployment/app --replicas=0")
    inject(run, SICK)
    assert run.pending is not None
    run.do("no")
    assert [1, 2, 3] == [each.number for each in run.transcript]
    assert (3, 4) == (len(run.acts), len(run.history))
    assert ["you"] * 3 == [deed.actor for deed in coach.case.deeds]
    assert not [marker for marker in run.markers if marker.kind == "act"]
    rows = [row for row in chronicle(run, coach).rows if row.lane == "Instructor"]
    assert 1 == len(rows) and rows[0].text.startswith("chaos HTTPChaos all on app-")
    assert "Instructor" in chronicle(run, coach).svg


def play(run: Run) -> None:
    """Some acts around two injects."""
    run.advance(2 * MINUTE)
    run.do("kubectl get pods")
    inject(run, SICK)
    run.do("wait 30s")
    inject(run, {"message": {"text": "How is it going?"}})
    run.do("kubectl rollout undo deployment/app")
    run.do("wait 1m")


def test_replay_and_resume_meet_it_too(tmp_path: Path) -> None:
    """The same bytes from the journal; taking over later keeps it, taking over before it does not."""
    path = tmp_path / "run.jsonl"
    run = Run(scenario(), journal=path)
    play(run)
    again = replay(path, scenario=scenario())
    assert (run.digest, run.now, run.channel.messages) == (again.digest, again.now, again.channel.messages)
    assert [each.text for each in run.injects] == [each.text for each in again.injects]
    later = resume(path, at=run.now - SECOND, scenario=scenario())
    assert 2 == len(later.injects)
    before = resume(path, at=2 * MINUTE + SECOND, scenario=scenario())
    assert (0, 1) == (len(before.injects), len(before.acts))
    goes_on = resume(path, scenario=scenario())
    inject(goes_on, {"nodeLoss": {"node": "node-01"}})
    assert 3 == len(replay(path, scenario=scenario()).injects)


def test_what_if_keeps_it_where_it_was() -> None:
    """The same decisions give the same run; without the learner's acts it happens all the same."""
    run = Run(scenario())
    play(run)
    same = what_if(run)
    assert (0.0, 0, ()) == (same.budget_difference, same.user_minutes_difference, same.not_applicable)
    other = what_if(run, drop=[1, 3]).other_run
    assert [each.act.at for each in run.injects] == [each.act.at for each in other.injects]
    assert 1 == len(other.production.faults) and "app:v2" in str(
        other.cluster.deployment("app").spec.template
    )


def test_the_plays_of_the_score_meet_it_too() -> None:
    """Doing nothing is as bad as the instructor made it, or no play could be compared with another."""
    run = Run(quiet(), 11)
    run.advance(MINUTE)
    inject(run, SICK)
    alone = benchmark_plays(quiet(), 11)
    beside = benchmark_plays(quiet(), 11, injects=tuple(each.act for each in run.injects))
    run.finish()
    assert 0 == pytest.approx(alone[0].budget_spent, abs=0.01)
    assert beside[0].budget_spent > 0.2


def test_the_door_of_a_drill_takes_the_page_s_injects(tmp_path: Path) -> None:
    """``drill.inject(2)`` is its second; the learner's table of acts knows nothing of it."""
    scenario = load("payday")
    assert scenario.texts.facilitator is not None
    drill = sim.start("payday", journal=tmp_path / "run.jsonl")
    assert isinstance(drill, Drill)
    drill.wait("1m")
    assert "T+01:00 injected: chaos StressChaos all 40s on ledger-db" in drill.inject(2)
    drill.inject(1)
    shown = str(drill.run("channel"))
    assert "facilitator: $ promql sum(rate(http_requests_total" in shown and "=>" in shown
    assert ["wait 1m", "channel"] == list(drill.actions["line"])
    with pytest.raises(ScenarioError, match="known key"):
        drill.inject({"chaoss": {}})
