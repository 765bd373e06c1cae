"""The plays of a proof: left when they are decided, kept when they are made, bent without touching luck."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from simulator.authoring.plays import all as plays
from simulator.authoring.plays.all import play_all
from simulator.authoring.plays.calibration import timed
from simulator.authoring.plays.given import Given
from simulator.authoring.plays.keeping import Kept, kit_digest
from simulator.authoring.plays.playing import perform
from simulator.authoring.plays.record import Record, packed, unpacked
from simulator.authoring.plays.task import Task, benchmarks, others
from simulator.authoring.plays.worlds import healthy, shortened, without
from simulator.drill import outcome_between, play
from simulator.scenario.measured import proof_digest
from simulator.units import HOUR, MINUTE
from tests import proof_stage as stage


@pytest.fixture(scope="module")
def given() -> Given:
    """Doing nothing and the reference on seed 1."""
    empty = Given({}, time.process_time)
    records = {task.kind: perform(stage.scenario(), 1, task, empty) for task in benchmarks()}
    return Given(records, time.process_time)


def test_a_wrong_path_is_left_only_when_its_end_is_certain(given: Given) -> None:
    """At the instant it is left it is under its ceiling whatever comes, and so it is at the end."""
    scenario = stage.scenario()
    record = perform(scenario, 1, Task("wrong", "more-pods"), given)
    nothing, reference = given.records["nothing"].budget, given.records["reference"].budget
    bound = outcome_between(record.budget, nothing, reference)
    whole = play(scenario, 1, player="more-pods").budget_spent
    assert record.until * 1e9 < scenario.spec.duration
    assert outcome_between(whole, nothing, reference) <= bound <= scenario.wrong_paths[0].ceiling
    assert record.improved_seconds >= 60


def test_a_path_that_cures_is_never_left(given: Given) -> None:
    """What could still end above its ceiling is played to the end."""
    cure = ("kubectl scale deployment/app --replicas=8", "kubectl rollout undo deployment/app")
    scenario = stage.scenario(cure)
    record = perform(scenario, 1, Task("wrong", "more-pods"), given)
    assert scenario.spec.duration == record.until * 1e9


def test_a_path_that_must_look_right_is_watched_for_a_quarter_of_an_hour(given: Given) -> None:
    """Under its ceiling or not, it is not left before its signal has had its chance; here the drill ends."""
    scenario = stage.scenario(('signal: "saturation:app"', 'signal: "errors:app"'))
    record = perform(scenario, 1, Task("wrong", "more-pods"), given)
    assert scenario.spec.duration == record.until * 1e9
    assert record.improved_seconds < 60


def test_degenerate_plays_are_short_and_equal_the_long_one_up_to_there(given: Given) -> None:
    """Twelve minutes after the page, or the end of the drill."""
    scenario = shortened(stage.scenario(), 12 * MINUTE)
    record = perform(stage.scenario(), 1, Task("degenerate", "silence-the-alert"), given)
    paged = given.records["nothing"].paged_at or 0.0
    assert min(paged + 12 * 60, 14 * 60) == record.until
    assert given.records["nothing"].budget_at(record.until) == record.budget
    assert 12 * MINUTE == scenario.spec.duration


def test_an_entry_that_never_happens_keeps_its_place() -> None:
    """Faults draw their victims by their number, so nothing is taken out of the list."""
    scenario = stage.scenario(
        ("reference:", "  - {at: 3m, setTraffic: {source: readers, rate: 40}}\nreference:")
    )
    bent = without(scenario, 0)
    assert [scenario.spec.duration + HOUR, 3 * MINUTE] == [entry.at for entry in bent.timeline]
    assert all(entry.at > scenario.spec.duration for entry in healthy(scenario).timeline)
    assert scenario.timeline[0].action == bent.timeline[0].action


def test_a_record_survives_the_disk(given: Given) -> None:
    """What is unpacked equals what was packed; damage and other times give nothing."""
    record = given.records["nothing"]
    assert record == unpacked(packed(record))
    assert packed(record) == packed(record)
    assert unpacked(packed(record)[:-9]) is None
    assert unpacked(b"no gzip") is None


def test_what_was_played_is_not_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted proof goes on where it was; ``fresh`` begins anew; another scenario finds nothing."""
    made: list[str] = []

    def played(scenario: object, seed: int, task: Task, given: Given) -> Record:  # noqa: ARG001 - as perform
        made.append(str(task))
        return Record(until=1.0)

    def interrupted(scenario: object, seed: int, task: Task, given: Given) -> Record:
        if len(made) == 7:
            raise KeyboardInterrupt
        return played(scenario, seed, task, given)

    monkeypatch.setattr(plays, "perform", interrupted)
    scenario = stage.scenario()
    wanted = sorted(str(task) for task in (*benchmarks(), *others(scenario)))

    heard: list[str] = []

    def go(kept: Kept) -> None:
        play_all([scenario], [1], kept=kept, jobs=1, clock=time.process_time, told=heard.append)

    with pytest.raises(KeyboardInterrupt):
        go(Kept(tmp_path))
    assert 7 == len(made)
    before, made[:] = list(made), []
    monkeypatch.setattr(plays, "perform", played)
    go(Kept(tmp_path))
    assert wanted == sorted([*before, *made])
    made[:] = []
    go(Kept(tmp_path))
    assert [] == made
    go(Kept(tmp_path, fresh=True))
    assert wanted == sorted(made)


def test_a_scenario_that_changed_is_another() -> None:
    """Plays, checks and the world are in its digest; texts are not."""
    plain = proof_digest(stage.scenario())
    assert plain != proof_digest(stage.scenario(("ceiling: 20", "ceiling: 21")))
    assert plain != proof_digest(stage.scenario(("errorRate: 0.4,", "errorRate: 0.5,")))
    assert plain == proof_digest(stage.scenario(("You are on call this afternoon.", "You are on call.")))
    assert 64 == len(kit_digest())


def test_kits_of_long_ago_are_deleted(tmp_path: Path) -> None:
    """Records of three kits are kept."""
    for number in range(5):
        (tmp_path / "proof" / f"kit{number}").mkdir(parents=True)
    Kept(tmp_path).prune()
    assert 2 == len(list((tmp_path / "proof").iterdir()))


def test_cost_is_counted_in_turns_of_a_loop() -> None:
    """A clock that ticks once a reading makes every stretch one long."""
    ticks = iter(range(100))
    assert (1.0, 1.0) == timed(lambda: None, lambda: float(next(ticks)))
