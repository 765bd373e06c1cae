"""What an author may seal beside the timeline: belief, other plays, decoys, checks on metrics and objects."""

from __future__ import annotations

import pytest

from simulator.scenario import Scenario, load_bytes
from simulator.scenario.timeline import SetTraffic
from simulator.units import MINUTE
from tests.scenario_files import problem, problems, with_check, without_decoys

_DECOY = """
decoys:
  - name: the-crowd
    title: More customers than usual
    guilty: [{at: 4m, setTraffic: {source: readers, rate: 200}}]
    tell: {at: 9m, promql: 'sum(rate(lb_requests_total{service="edge"}[1m]))'}
"""
_OTHER = """
alternatives:
  - {name: old-image, title: Back by hand, plays: [{at: 9m, run: kubectl set image deploy/app app=app:v7}]}
"""
_PAGE = """
facilitator:
  goal: Takes a release back.
  timing: [{at: "T+07:00", what: the page}]
  injects: [{when: all is quiet, entry: {nodeLoss: {node: node-01}}, why: it tests the calm}]
  questions: [What did you believe at minute eight?]
"""


def welcome(*, scenario: str = "", texts: str = "") -> Scenario:
    """The welcome with more at the end of its files."""
    first, second = without_decoys("welcome")
    return load_bytes(first + scenario.encode(), second + texts.encode())


def test_nothing_that_is_sealed_from_the_run_changes_its_digest() -> None:
    """Belief, plays, decoys, checks and texts judge a run; they can't change one."""
    more = welcome(scenario=f"belief: A pod that runs is a pod that works.\n{_DECOY}{_OTHER}", texts=_PAGE)
    assert welcome().digest == more.digest


def test_a_decoys_world_is_the_scenario_with_another_timeline() -> None:
    """The guilty world differs in what happens, and in nothing else; so it has a digest of its own."""
    true = welcome(scenario=_DECOY)
    world = true.with_guilty(true.decoys[0])
    assert isinstance(world.timeline[0].action, SetTraffic)
    assert 1 == len(world.timeline)
    assert (true.spec, true.reference, true.variant) == (world.spec, world.reference, world.variant)
    assert true.digest != world.digest


def test_an_observation_is_a_line_of_the_console() -> None:
    """A tell by PromQL is typed as a learner would type it."""
    tell = welcome(scenario=_DECOY).decoys[0].tell
    assert (9 * MINUTE, 'promql sum(rate(lb_requests_total{service="edge"}[1m]))') == (tell.at, tell.line)


def test_other_plays_come_before_wrong_paths() -> None:
    """Both are players by their names."""
    names = [play.name for play in welcome(scenario=_OTHER).named_plays]
    assert "old-image" == names[0]
    assert len(names) == 1 + len(welcome().wrong_paths)


def test_an_injected_entry_waits_for_the_facilitator() -> None:
    """It is an entry of a timeline without a time of its own."""
    page = welcome(texts=_PAGE).texts.facilitator
    assert page is not None
    entry = page.injects[0].entry
    assert entry is not None
    assert 0 == entry.at


@pytest.mark.parametrize(
    ("scenario", "texts", "said"),
    [
        (
            _DECOY.replace("source: readers", "source: reader"),
            "",
            "decoys[0].guilty[0].setTraffic.source: expected the name of a traffic source",
        ),
        (_DECOY.replace("at: 9m", "at: 9h"), "", "decoys[0].tell.at: expected a time before 20m"),
        (
            _DECOY.replace("promql:", "run: kubectl get pods, promql:"),
            "",
            "decoys[0].tell: expected exactly one of promql, run, got promql and run",
        ),
        (
            _OTHER.replace("old-image", "reference"),
            "",
            "alternatives[0].name: expected a name of its own, got 'reference'",
        ),
        (
            _OTHER.replace("9m", "21m"),
            "",
            "alternatives[0].plays[0].at: expected a time from 0s to before 20m",
        ),
        (
            "",
            _PAGE.replace("node-01", "node-99"),
            "injects[0].entry.nodeLoss.node: expected the name of a node",
        ),
        ("", _PAGE.replace("nodeLoss", "nodeLos"), "Did you mean 'nodeLoss'?"),
        ("", _PAGE.replace("entry: {", "entry: {at: 3m, "), "expected an entry without at, got at"),
        (
            "",
            'echo: {title: X, url: "http://example.org", says: y}',
            "echo.url: expected text of the form",
        ),
    ],
)
def test_what_points_nowhere_is_refused_where_it_stands(scenario: str, texts: str, said: str) -> None:
    """A guilty timeline, a play, an inject and an echo are checked as the scenario's own are."""
    with pytest.raises(Exception, match=r".") as caught:
        welcome(scenario=scenario, texts=texts)
    assert said in str(caught.value)
    assert 1 == len(str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (
            "promql: {query: up, op: Lt, value: 1, at: end, never: true}",
            "expected one of at, heldFor, before",
        ),
        ("promql: {query: up, op: Less, value: 1}", "Lt or Lte or Gt or Gte or Eq or Ne, got 'Less'"),
        (
            "promql: {query: up, op: Lt, value: 1, from: 3m}",
            "expected continuous or never beside from, got at",
        ),
        ("promql: {query: up, op: Lt, value: 1, heldFor: 0s}", "expected more than 0s for heldFor, got 0s"),
        ("promql: {query: up, op: Lt, value: 1, never: false}", "promql.never: expected True"),
        ("state: {object: checkout, jsonpath: .spec, value: 1}", "state.object: expected text of the form"),
        (
            "state: {object: pod/a, jsonpath: .spec, op: Lt, value: x}",
            "expected a number beside op: Lt, got 'x'",
        ),
        ("heldFor: 1m, changesAtMost: 3", "exactly one of looked, did, never"),
        ("changesAtMost: -1", "changesAtMost: expected at least 0, got -1"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(condition: str, said: str) -> None:
    """In four parts, at its line."""
    found = problem(with_check(condition), name="welcome")
    assert said in found
    assert found.startswith("scenario.yaml:")


def test_a_places_line_is_known_after_loading() -> None:
    """What higher rooms find wrong is reported with file and line, as what the loader finds."""
    scenario = welcome(scenario=_DECOY)
    found = scenario.problem(("decoys", 0, "tell", "promql"), expected="a", got="b", todo="C.")
    line = without_decoys("welcome")[0].count(b"\n") + _DECOY[: _DECOY.index("tell:")].count("\n") + 1
    assert f"scenario.yaml:{line}: decoys[0].tell.promql: expected a, got b. C." == str(found)
    assert 2 == len(problems(with_check("changesAtMost: -1, weight: -1"), name="welcome"))
