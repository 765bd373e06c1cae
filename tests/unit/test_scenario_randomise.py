"""Variants by chance: the same on every machine, within their ranges, and whole scenarios every one."""

from __future__ import annotations

import pickle
import re

import pytest

from simulator.authoring.hardness import equally_hard, to_play
from simulator.drill import play, play_run
from simulator.errors import GamedayError, ScenarioError
from simulator.scenario import Scenario, load_bytes
from simulator.units import MINUTE, SECOND
from tests.scenario_files import without_decoys

BLOCK = """
randomise:
  variants: 12
  tolerance: 0.5
  delay: {to: 3m}
  ranges:
    - {path: "timeline[0].model.routes[page].errorRate", from: 0.36, to: 0.48, step: 0.02}
    - {path: "spec.traffic[readers].rate", from: 54, to: 66}
    - {path: spec.seed, oneOf: [7, 8]}
  where: [{path: "timeline[0].model.routes[page].errorRate", op: Gt, than: "timeline[0].model.routes[search].errorRate", times: 3.2}]
  shuffle: [[zone-a, zone-b, zone-c], [Kofi Lund, Ida Sand]]
  versions: 20
  commits: true
  decoys: 1
decoys:
  - {name: one, title: The batch, guilty: [{at: 1m, setTraffic: {source: readers, rate: 90}}], tell: {at: 5m, promql: up},
     trace: [{at: 90s, setTraffic: {source: readers, rate: 61}}]}
  - {name: two, title: The crowd, guilty: [{at: 1m, setTraffic: {source: readers, rate: 95}}], tell: {at: 5m, promql: up},
     trace: [{at: 30s, setTraffic: {source: readers, rate: 59}}]}
"""  # noqa: E501


def welcome(block: str = BLOCK) -> Scenario:
    """The welcome with a block by which variants are drawn."""
    scenario, texts = without_decoys("welcome")
    return load_bytes(scenario + block.encode(), texts)


@pytest.fixture(scope="module")
def base() -> Scenario:
    """As written."""
    return welcome()


def rate(scenario: Scenario) -> float:
    """The share of pages that fail after the release."""
    routes = next(entry.model.routes for entry in scenario.timeline if entry.set_image)
    found = next(route.error_rate for route in routes if route.name == "page")
    assert found is not None
    return found


def test_numbers_beyond_those_by_hand_are_drawn(base: Scenario) -> None:
    """One variant by hand and twelve that are drawn; the number is the variant's, and in the digest."""
    assert (12, 1) == (base.last_variant, len(base.variants))
    drawn = [base.with_variant(number) for number in range(1, 13)]
    assert list(range(1, 13)) == [each.variant for each in drawn]
    assert 13 == len({base.digest, *(each.digest for each in drawn)})
    with pytest.raises(GamedayError, match="expected a number from 0 to 12, got 13"):
        base.with_variant(13)


def test_a_number_is_one_variant_everywhere(base: Scenario) -> None:
    """Loaded again, in another process, asked of a sibling: the same; these draws are every machine's."""
    again = welcome()
    for number in (1, 7, 12):
        want = base.with_variant(number).digest
        assert want == again.with_variant(number).digest
        assert want == pickle.loads(pickle.dumps(base)).with_variant(3).with_variant(number).digest
    assert [(0.42, 3), (0.4, 3), (0.44, 1)] == [
        (rate(base.with_variant(number)), _delay(base.with_variant(number))) for number in (1, 2, 3)
    ]


def _delay(scenario: Scenario) -> int:
    release = next(entry for entry in scenario.timeline if entry.set_image)
    return (release.at - MINUTE) // MINUTE


def test_values_stay_in_their_ranges_and_constraints_hold(base: Scenario) -> None:
    """Every step of a range may come, nothing else; what breaks a constraint is drawn again."""
    drawn = [base.with_variant(number) for number in range(1, 13)]
    assert {rate(each) for each in drawn} <= {0.4, 0.42, 0.44, 0.46, 0.48}
    rates = {each.spec.traffic[0].rate for each in drawn}
    assert rates <= set(range(54, 67))
    assert 4 <= len(rates)
    assert {7, 8} == {each.spec.seed for each in drawn}


def test_a_later_start_moves_plays_and_clocks(base: Scenario) -> None:
    """The reference comes as much later as the release, and the words that it types say the right minute."""
    for number in range(1, 13):
        drawn = base.with_variant(number)
        delay = _delay(drawn)
        assert [play.at + delay * MINUTE for play in base.reference] == [play.at for play in drawn.reference]
        post = next(play.run for play in drawn.reference if "statuspage identified" in play.run)
        assert f"14:{1 + delay:02d}" in post
        assert f"14:{15 + delay:02d}" in post


def test_names_change_places_everywhere(base: Scenario) -> None:
    """A version that is released bears its new number in history, timeline, plays and texts."""
    for number in range(1, 13):
        drawn = base.with_variant(number)
        release = next(entry.set_image for entry in drawn.timeline if entry.set_image)
        tag = int(release.image.rpartition(":v")[2])
        assert 8 <= tag <= 28
        app = drawn.spec.workload("app")
        assert app is not None
        assert f"app:v{tag - 1}" == app.image == app.model.history[-1].image
        assert release.cause.startswith(f"v{tag}:")
        assert release.author in ("Kofi Lund", "Ida Sand")
        assert re.fullmatch(r"[0-9a-f]{7}", release.commit)
        assert release.commit != base.timeline[1].set_image.commit  # type: ignore[union-attr]
        assert "gameday/v1" == drawn.api_version
    authors = {
        next(e.set_image.author for e in v.timeline if e.set_image)
        for v in map(base.with_variant, range(1, 13))
    }
    assert {"Kofi Lund", "Ida Sand"} == authors


def test_decoys_are_chosen_and_leave_a_trace(base: Scenario) -> None:
    """All of them in what is written by hand, one in what is drawn; its trace is in the timeline."""
    assert [30 * SECOND, 60 * SECOND, 90 * SECOND] == [entry.at for entry in base.timeline]
    chosen = set()
    for number in range(1, 13):
        drawn = base.with_variant(number)
        assert (1, 2) == (len(drawn.decoys), len(drawn.timeline))
        assert drawn.decoys[0].trace[0] in drawn.timeline
        chosen.add(drawn.decoys[0].name)
    assert {"one", "two"} == chosen


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("routes[page].errorRate\", from", "routes[pag].errorRate\", from", "ranges[0].path: expected"),
        ("spec.traffic[readers].rate", "spec.trafic[readers].rate", "Did you mean 'traffic'?"),
        ("spec.seed", "texts.story", "below spec, timeline, noise"),
        ("from: 54, to: 66", "from: 66, to: 54", "expected to above from, and a step above zero"),
        ("from: 54, to: 66", "from: 54, to: 5m", "as numbers or as durations, got 54 to '5m'"),
        ("oneOf: [7, 8]", "oneOf: [7]", "expected two values or more in oneOf"),
        ("oneOf: [7, 8]", "oneOf: [7, -8]", "randomise.ranges[2]: expected at least 0, got -8"),
        ("times: 3.2", "times: 32", "expected constraints that some draw fulfils, got none in 200 draws"),
        ("delay: {to: 3m}", "delay: {to: 90s}", "randomise.delay: expected whole minutes, got 1m30s"),
        ("[Kofi Lund, Ida Sand]", "[Kofi Lund, zone-a]", "each name in one list, once, got 'zone-a'"),
        ("variants: 12", "variants: 0", "randomise.variants: expected at least 1, got 0"),
        ("tolerance", "tolerence", "Did you mean 'tolerance'?"),
    ],
)  # fmt: skip
def test_a_block_that_cant_work_is_refused_when_it_is_read(old: str, new: str, said: str) -> None:
    """Paths, ranges and both ends of every range are tried at once, not when somebody draws the variant."""
    assert old in BLOCK
    with pytest.raises(ScenarioError) as caught:
        welcome(BLOCK.replace(old, new, 1))
    assert said in str(caught.value)
    assert all(str(each).startswith("scenario.yaml:") for each in caught.value.problems)


def test_a_drawn_variant_is_played_as_any_other(base: Scenario) -> None:
    """The journal's header carries the number; the same number gives the same run."""
    run = play_run(base, 5, variant=4, player="reference")
    assert (4, 5) == (run.header.variant, run.header.seed)
    assert run.digest == play(base.with_variant(4), 5, player="reference").digest


def test_hardness_is_measured_against_the_tolerance() -> None:
    """Narrow ranges are as hard; one that halves the fault is not, and the evidence names the variant."""
    narrow = welcome("\nrandomise:\n  variants: 2\n  tolerance: 0.3\n  commits: true\n")
    assert (1, 2) == to_play(narrow)
    assert equally_hard(narrow, to_play(narrow)[:1], (1,)).passed
    path = "timeline[0].model.routes[page].errorRate"
    wide = welcome(
        f'\nrandomise:\n  variants: 9\n  ranges: [{{path: "{path}", from: 0.02, to: 0.1, step: 0.04}}]\n'
    )
    assert (1, 5, 9) == to_play(wide)
    finding = equally_hard(wide, (1,), (1,))
    assert not finding.passed
    assert "variant 1: doing nothing costs" in finding.evidence
