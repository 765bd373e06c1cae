"""Fading that acts: how much James does himself, fixed at the start, in the journal, the same in a replay."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import pytest

import simulator as sim
from simulator.coach import Coach
from simulator.coach.authored import example_steps
from simulator.coach.example import ExampleStep, share
from simulator.coach.progress import Progress, moved
from simulator.coach.score import Score, ScoreItem, ScoreLine, compose
from simulator.drill import Run, play_acts, play_run, read, result_of
from simulator.drill.journal import Header, Journal
from simulator.errors import GamedayError, JournalError
from simulator.scenario import load
from simulator.units import SECOND, format_clock

SCENARIO = load("production-is-down")
LOOK, CHANGE = ("look", "change")


def steps(*kinds: str) -> list[ExampleStep]:
    """A reference of these kinds, a minute apart."""
    return [ExampleStep(place * 60 * SECOND, kind, kind, kind) for place, kind in enumerate(kinds)]


@lru_cache(maxsize=8)
def played(guidance: int, *lines: str, mode: str = "lesson") -> Coach:
    """A session, as a front end drives it, to the end of the drill."""
    run = Run(SCENARIO, 1, mode="lesson" if mode == "lesson" else "game-day", guidance=guidance)
    coach = Coach(run)
    for line in lines:
        run.do(line)
        coach.follow_up()
    run.finish()
    return coach


WATCHED = ("next", "wait 10m", "next", *("note predict it gets better",) * 5, *("next",) * 5)


# --- how much is his ------------------------------------------------------------------------------


def test_at_0_all_steps_are_his_at_1_all_but_the_last_at_2_half_and_no_decision() -> None:
    """Half of six looks is three; but with the first change in second place only the look before it."""
    six = steps(*[LOOK] * 6)
    assert [6, 5, 3, 0, 0] == [share(guidance, six) for guidance in range(5)]
    assert 1 == share(2, steps(LOOK, CHANGE, LOOK, LOOK, LOOK, LOOK))
    assert 0 == share(0, [])


def test_at_2_the_first_change_of_every_variant_is_left_to_the_learner() -> None:
    """He has looked where the reference looks, and nothing is decided."""
    for variant in SCENARIO.variants:
        listed = example_steps(SCENARIO.with_variant(variant.variant), "production")
        mine = listed[: share(2, listed)]
        assert 4 == len(mine)
        assert all(step.kind != CHANGE for step in mine)


# --- a worked example -----------------------------------------------------------------------------


def test_a_worked_example_is_the_reference_play() -> None:
    """Every step is done, none before its time in the reference, and users lose exactly as much."""
    coach = played(0, *WATCHED)
    run, reference = coach.run, play_run(SCENARIO, 1, player="reference")
    his = [act for act in run.acts if act.actor == "james"]
    assert [(act.at, act.line) for act in reference.acts] == [(act.at, act.line) for act in his]
    assert result_of(reference).budget_spent == result_of(run).budget_spent
    assert not coach.example.running and (10, 5) == (coach.example.done, coach.example.predicted)


def test_he_asks_for_a_prediction_before_each_step_and_says_why_after_it() -> None:
    """The question stands before the answer; the reason is the author's own where there is one."""
    transcript = played(0, *WATCHED).run.transcript
    first = next(answer for answer in transcript[2:] if answer.line == "next")
    assert first.text.startswith("Step 1 of 10: `page ack`") and "note predict" in first.text
    his = [
        answer
        for answer, act in zip(transcript, played(0, *WATCHED).run.acts, strict=True)
        if act.actor == "james"
    ]
    assert all(answer.text.count("# James: ") == 2 for answer in his)
    assert all("note predict" in answer.text for answer in his[:-1])
    history = next(answer for answer in his if "history" in answer.line)
    assert "What changed, and when, is the cheapest question in an incident." in history.text


def test_while_he_shows_he_asks_nothing_else_and_calm_comes_first() -> None:
    """No nudge, no clock; his first words in the incident are to stay calm."""
    lines = played(0, *WATCHED).lines
    assert ["guide.level.0", "page.first"] == [line.id for line in lines[:2]]
    assert lines[1].text.startswith("Stay calm")
    during = [line.id for line in lines if line.at < 20 * 60 * SECOND]
    assert {"guide.level.0", "page.first"} == set(during)


def test_a_replay_hears_the_same_and_needs_nobody_to_press_a_key() -> None:
    """The same acts give the same lines and the same answers; without him the same bytes."""
    coach = played(0, *WATCHED)
    for with_coach in (True, False):
        again = Run(SCENARIO, 1, guidance=0)
        other = Coach(again) if with_coach else None
        play_acts(again, coach.run.acts)
        again.finish()
        assert coach.run.digest == again.digest
        if other is not None:
            assert coach.lines == other.lines
            assert coach.run.transcript == again.transcript
            assert coach.example == other.example


def test_a_change_of_the_learners_own_ends_the_example() -> None:
    """Whoever takes the controls keeps them, and from then on James is beside them as ever."""
    coach = played(
        0, "wait 10m", "next", "next", "kubectl rollout undo deployment/checkout", "next", "wait 9m"
    )
    assert 1 == coach.example.done and coach.example.taken_over is not None
    then = format_clock(coach.example.taken_over)
    assert f"You took the controls at {then}" in coach.run.transcript[-2].text
    assert "good.take-it-back" in [line.id for line in coach.lines]


def test_an_example_that_nobody_watches_is_mentioned_once() -> None:
    """Two minutes after the page, users still waiting: my next step waits for you."""
    ids = [line.id for line in played(1).lines]
    assert ["guide.level.1", "page.first", "guide.waits"] == ids


def test_at_1_the_last_step_is_the_learners() -> None:
    """He hands over with one step left and does no more, however often he is asked."""
    coach = played(1, "wait 10m", *("next",) * 13)
    assert 9 == coach.example.done
    assert not any("resolved" in act.line for act in coach.run.acts)
    assert "One step is left, and it is yours." in coach.run.transcript[-1].text


# --- beside you, and silent -----------------------------------------------------------------------


def test_at_3_nothing_is_his() -> None:
    """``next`` says so, costs no time, and the lines are those of a run that knows of no guidance."""
    coach = played(3, "next")
    assert "yours" in coach.run.transcript[0].text and 0 == coach.run.transcript[0].cost
    bare = Coach(Run(SCENARIO, 1))
    bare.run.finish()
    assert [line.id for line in bare.lines] == [line.id for line in coach.lines]


def test_at_4_he_is_silent_unless_harm_is_near() -> None:
    """Nothing on the page, on idleness or on a wrong guess; the risk of what breaks is still said."""
    coach = played(4, "wait 10m", "kubectl scale deployment/checkout --replicas=12", "wait 10m")
    assert ["guide.level.4"] == [line.id for line in coach.lines]
    harm = played(4, "wait 10m", "kubectl delete deployment/checkout")
    assert ["guide.level.4", "risk.delete-deployment"] == [line.id for line in harm.lines]


# --- the journal ----------------------------------------------------------------------------------


def test_the_usual_guidance_is_not_spelled_out_and_another_is(tmp_path: Path) -> None:
    """A run file of guidance 3 reads as it always did; any other level comes back from the file."""
    usual = Header("1", "x", "d", 1, 0, "lesson")
    assert "guidance" not in usual.fields()
    for guidance in range(5):
        path = tmp_path / f"{guidance}.jsonl"
        Journal.create(path, Header("1", "x", "d", 1, 0, "lesson", guidance))
        assert guidance == read(path).header.guidance
    bent = tmp_path / "bent.jsonl"
    bent.write_text(
        (tmp_path / "4.jsonl").read_text().replace('"guidance":4', '"guidance":9'), encoding="utf-8"
    )
    with pytest.raises(JournalError, match=":1"):
        read(bent)


def test_a_run_file_goes_on_at_its_level(tmp_path: Path) -> None:
    """Resumed between ``next`` and his step, as after a crash, James does the step that he owed."""
    path = tmp_path / "run.jsonl"
    drill = sim.start("production-is-down", seed=1, guidance=0, journal=path)
    for line in ("wait 10m", "next", "next", "next"):
        drill.run(line)
    lines = path.read_text().splitlines(keepends=True)
    assert '"actor":"james"' in lines[-1] and '"line":"next"' in lines[-2]
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    again = sim.resume(path)
    assert drill.digest == again.digest and drill.now == again.now
    assert "guidance 0: a worked example, predict each step" in str(again)
    assert path.read_text().splitlines(keepends=True) == lines


def test_what_is_no_level_is_refused() -> None:
    """0 to 4, for a run as for the public door."""
    with pytest.raises(GamedayError, match="0 to 4"):
        Run(SCENARIO, 1, guidance=5)
    with pytest.raises(GamedayError, match="0 to 4"):
        sim.start("production-is-down", guidance=5, journal=False)


# --- progress and score ---------------------------------------------------------------------------


def remembered(path: Path, **moves: list[int]) -> Progress:
    """A progress file in which skills moved so."""
    runs = [
        {"run": f"{skill}{place}", "scenario": "x", "variant": 0, "seed": 1, "moves": {skill: move}}
        for skill, listed in moves.items()
        for place, move in enumerate(listed)
    ]
    path.write_text(json.dumps({"version": 1, "runs": runs}), encoding="utf-8")
    return Progress(path)


def test_the_weakest_known_skill_of_the_label_decides(tmp_path: Path) -> None:
    """Never asked for: try first. Up to two successes: beside you; three: silent; failures show more."""
    path = tmp_path / "progress.json"
    levels = {(): 3, (1,): 3, (1, 1): 3, (1, 1, 1): 4, (-1,): 1, (-1, -1): 0, (-1, 1, 1): 3}
    for moves, level in levels.items():
        assert level == remembered(path, rollback=list(moves)).guidance(SCENARIO)
    assert 3 == remembered(path, canary=[-1, -1]).guidance(SCENARIO)  # a skill of other scenarios
    bare = SCENARIO.model_copy(update={"reference": ()})
    assert 3 == remembered(path, rollback=[-1, -1]).guidance(bare)  # nothing to show


def test_start_takes_it_from_the_file_in_a_lesson_and_from_the_argument_always(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A game day is the same for everybody, and a damaged file is a warning and no obstacle."""
    path = tmp_path / "progress.json"
    monkeypatch.setenv("GAMEDAY_PROGRESS", str(path))
    remembered(path, rollback=[-1, -1])
    assert "guidance 0" in str(sim.start("production-is-down", journal=False))
    assert "guidance" not in str(sim.start("production-is-down", journal=False, mode="game-day"))
    assert "guidance 2" in str(sim.start("production-is-down", journal=False, mode="game-day", guidance=2))
    path.write_text("{", encoding="utf-8")
    with pytest.warns(UserWarning, match="progress"):
        assert "guidance" not in str(sim.start("production-is-down", journal=False))


def test_his_steps_lower_independence_in_graded_runs_alone() -> None:
    """Four steps of ten are four tenths of the line; in a lesson they are free, and the line says so."""
    graded, lesson = (compose(100.0, [], [], mode, shown=(4, 10)) for mode in ("game-day", "lesson"))
    assert (60.0, 100.0) == (graded["independence"].points, lesson["independence"].points)
    for score in (graded, lesson):
        assert "James did 4 of 10 steps" in score["independence"].items[0].text


def test_what_james_did_is_neither_merit_nor_failure() -> None:
    """At 0 the checks that his acts met count neither way; the learner has no points from them."""
    score = played(0, *WATCHED).score()
    shown = {item.id for line in score.lines for item in line.items if item.text.startswith("James did this")}
    assert {"looked-first", "asked-what-changed", "read-logs", "taken-back", "closed"} == shown
    assert 0.0 == score["diagnosis"].points


def scored(**items: bool | None) -> Score:
    """A score with one check of each skill; None is one that James met."""
    listed = tuple(ScoreItem(f"c-{skill}", held, "…", 1.0, skill=skill) for skill, held in items.items())
    return Score((ScoreLine("process", "Process", 0.0, 15, listed),), passed=True)


def test_an_example_that_was_followed_fades() -> None:
    """Solved by following moves up, by watching alone it stays; what nobody solved goes down."""
    own, shown = scored(rollback=None, slo=True, data=False), scored(rollback=True, slo=True, data=False)
    assert {"rollback": 1, "slo": 1, "data": -1} == moved(own, 0, shown, followed=True)
    assert {"rollback": 0, "slo": 1, "data": -1} == moved(own, 0, shown, followed=False)


def test_a_followed_example_takes_the_learner_one_level_on(tmp_path: Path) -> None:
    """Who stood at 0 and predicted half of the steps stands at 1 next time; who only watched stays."""
    for lines, level in ((WATCHED, 1), (("wait 10m", *("next",) * 11), 0)):
        coach = played(0, *lines)
        progress = remembered(tmp_path / "progress.json", rollback=[-1, -1])
        assert progress.record(coach.run, coach, coach.score())
        assert level == progress.level("rollback")
