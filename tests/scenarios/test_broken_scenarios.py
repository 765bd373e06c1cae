"""The proof of the proof: a scenario that is broken in one way fails the one point that should catch it."""

from __future__ import annotations

from typing import Final

import pytest

from simulator.authoring.proof import POINTS
from tests import proof_stage as stage

RUNNING: Final = """\
  - {id: running, family: outcome, skill: observe, gate: true, explainPass: Up., explainFail: Down.,
     promql: {query: 'kube_deployment_status_replicas_ready{deployment="app"}', op: Gte, value: 4}}
"""
TIGHT: Final = """\
  - {id: budget, family: outcome, skill: slo, gate: true, explainPass: Low., explainFail: High.,
     budgetBelow: 0.01}
"""
TELL: Final = "promql: 'sum by (code) (rate(http_requests_total{service=\"db\"}[1m]))'"
RELEASE: Final = """\
setImage: {deployment: app, image: "app:v2", cause: "v2: larger type", author: Grace, commit: 3b2e4f9}
    model: {routes: [{name: page, errorRate: 0.4, serviceTime: {mean: 110ms, p99: 300ms}}]}"""
#: The small scenario made one in which nothing is wrong: more readers, and a word to them.
QUIET: Final = (
    ("belief: ", "noop: true\nbelief: "),
    (RELEASE, "setTraffic: {source: readers, rate: 55}"),
    ("  - {at: 4m20s, run: page ack}\n", ""),
    ("  - {at: 4m30s, run: kubectl rollout undo deployment/app}\n", ""),
    ('run: "kubectl set image deployment/app app=app:v1"', 'run: statuspage monitoring "All is well."'),
    ('    ceiling: 20\n    looksRight: {signal: "saturation:app"}', "    ceiling: 20"),
    ("--replicas=8", "--replicas=1"),
    ("heldFor: 3m", 'did: ["statuspage *"]'),
    ("toldWithin: 5m", 'did: ["statuspage *"]'),
    (
        '["kubectl delete *", "kubectl scale * --replicas=0*"]',
        '["kubectl delete *", "kubectl scale *", "kubectl rollout [ru]*", "kubectl cordon *", "amtool *"]',
    ),
)
#: What is broken: the point that should catch it, the edits, and words of the evidence.
BROKEN: Final[dict[str, tuple[int, tuple[tuple[str, str], ...], str]]] = {
    "it fails before anything happens": (
        1,
        (("serviceTime: {mean: 60ms", "errorRate: 0.002\n            serviceTime: {mean: 60ms"),),
        "burns its budget",
    ),
    "solved at the start: running pods count as fixed": (
        2,
        (("checks:\n", "checks:\n" + RUNNING),),
        "running holds when the learner is called",
    ),
    "trivial: it heals by itself": (
        3,
        (("reference:", "  - {at: 9m, setImage: {deployment: app, image: 'app:v1'}}\nreference:"),),
        "Who does nothing passes every gate",
    ),
    "unbeatable: the limit is spent before the page": (
        4,
        (("checks:\n", "checks:\n" + TIGHT),),
        "gate budget does not hold",
    ),
    "the reference cures another part": (
        4,
        (("run: kubectl rollout undo deployment/app}", "run: kubectl rollout restart deployment/db}"),),
        "gate held does not hold",
    ),
    "a line of the reference is refused": (
        4,
        (("kubectl rollout history", "kubectl rollout hystory"),),
        "refused: kubectl rollout hystory",
    ),
    "an alternative does not cure": (
        4,
        (('app=app:v1"}', 'app=app:v2"}'),),
        "Alternative older-image",
    ),
    "a wrong path is right": (
        5,
        (("run: kubectl scale deployment/app --replicas=8}", "run: kubectl rollout undo deployment/app}"),),
        "its ceiling is 20",
    ),
    "a wrong path with a ceiling that nothing reaches, and no gate that it breaks": (
        5,
        (("ceiling: 20", "ceiling: 100"),),
        "more-pods may score up to 100 and breaks no gate",
    ),
    "a wrong path that should look right does not": (
        5,
        (('signal: "saturation:app"', 'signal: "errors:app"'),),
        "should look right for 1m",
    ),
    "no pods, no errors: the quiet graph counts as fixed": (
        6,
        (("lb_requests_total", "http_requests_total"), ("lb_requests_total", "http_requests_total")),
        "scale-to-zero spares users",
    ),
    "one good minute counts as fixed": (
        7,
        (("gate: true, heldFor: 3m", "gate: true, servedWithin: 10m"),),
        "good minute at",
    ),
    "an entry that does nothing": (
        8,
        (("reference:", "  - {at: 3m, setTraffic: {source: readers, rate: 40}}\nreference:"),),
        "setTraffic readers at T+03:00 moves no panel",
    ),
    "a suspect that nothing tells from the cause": (
        9,
        ((TELL, "run: kubectl get nodes"),),
        "the-database looks the same",
    ),
    "the title names the cause": (
        10,
        (("title: An afternoon in the reading room", "title: When v2 came"),),
        "metadata.title says “v2”",
    ),
    "a colleague says what the debrief says": (
        10,
        (("text: What do I tell readers?", "text: Has the code lost the page marker?"),),
        "texts.people.noor-asks",
    ),
    "a picture that can't be read aloud": (
        12,
        (("story: A library that lends books on screens.", 'story: "A library. ![](map.png)"'),),
        "texts.story is a picture without words",
    ),
}  # fmt: skip


def test_the_small_scenario_passes_every_point() -> None:
    """Whatever fails below fails by its one edit."""
    found = stage.proof(seeds=(1, 2))
    assert {} == stage.failed(found)
    assert list(POINTS) == [point.number for point in found.points]
    assert list(POINTS) == list(range(1, 13))


def test_where_nothing_is_wrong_doing_nothing_is_best() -> None:
    """A no-op scenario passes too: what others change costs users something or is forbidden."""
    found = stage.proof(*QUIET)
    assert {} == stage.failed(found)
    third = next(point for point in found.points if point.number == 3)
    assert "the mildest wrong path" in third.evidence


@pytest.mark.parametrize(
    ("edits", "number", "words"),
    [
        ((("--replicas=1", "--replicas=5"),), 5, "its ceiling is 20"),
        (
            (("--replicas=1", "--replicas=5"), ('"kubectl scale *", ', ""), ("ceiling: 20", "ceiling: 120")),
            3,
            "passes",
        ),
        (((', "amtool *"]', "]"),), 6, "silence-the-alert spends"),
    ],
)
def test_restraint_that_is_not_needed_is_caught(
    edits: tuple[tuple[str, str], ...], number: int, words: str
) -> None:
    """A wrong path that does no harm, forbidden or not; and an alert that may be silenced."""
    failed = stage.failed(stage.proof(*QUIET, *edits))
    assert [number] == list(failed), failed
    assert words in failed[number]


def test_a_wrong_path_that_cures_must_break_a_gate() -> None:
    """A cure that is forbidden is a wrong path all the same: the gate says so, whatever its outcome."""
    forbidden = ('"kubectl scale * --replicas=0*"]', '"kubectl scale *"]')
    found = stage.proof(("ceiling: 20", "ceiling: 100"), forbidden)
    assert {} == stage.failed(found)
    fifth = next(point for point in found.points if point.number == 5)
    assert "more-pods may end well, and breaks nothing-destroyed" in fifth.evidence


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_caught_by_its_point(what: str) -> None:
    """Exactly one point fails, and its evidence names the defect."""
    number, edits, words = BROKEN[what]
    failed = stage.failed(stage.proof(*edits))
    assert [number] == list(failed), failed
    assert words in failed[number]
