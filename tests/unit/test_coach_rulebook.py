"""COACHING's fifteen rules, each with the tests that hold it; and what no other test holds.

The table is data: a test that is renamed or taken away breaks it here, so no rule loses its proof unnoticed.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from simulator.coach.james import RULES
from simulator.units import MINUTE, SECOND
from tests.coach_stage import Stage

PAGE = 7 * MINUTE
TESTS = Path(__file__).parents[1]
#: Number of the rule, what it says in short, (module, test) that hold it.
RULEBOOK: tuple[tuple[int, str, tuple[tuple[str, str], ...]], ...] = (
    (
        1,
        "The scenario classes actions; the coach never guesses a class",
        (
            ("unit/test_coach_rulebook.py", "test_what_no_author_classed_gets_no_verdict"),
            ("golden/test_coach_lines.py", "test_the_lines_of_a_play_are_known_by_heart"),
        ),
    ),
    (
        2,
        "Good and not obvious: what, why, which signal; no praise of the person",
        (
            ("unit/test_coach_rules.py", "test_a_good_look_is_credited_while_its_answer_is_fresh"),
            (
                "unit/test_coach_rules.py",
                "test_a_good_change_is_credited_when_its_signal_shows_it_and_not_before",
            ),
            ("unit/test_coach_rules.py", "test_a_good_change_without_effect_is_not_credited"),
            ("unit/test_coach_rules.py", "test_his_voice_neither_praises_nor_blames"),
        ),
    ),
    (
        3,
        "Reasonable error: silence for a window, then credit or a question",
        (
            ("unit/test_coach_rules.py", "test_a_reasonable_error_plays_out_for_three_minutes"),
            ("unit/test_coach_rules.py", "test_a_reaction_ends_the_silence_early"),
            ("unit/test_coach_rules.py", "test_a_wrong_guess_that_is_left_in_time_is_credited"),
        ),
    ),
    (
        4,
        "Harmful: before it lands in a lesson, in the debrief in a game day; reversible: half the window",
        (
            ("unit/test_coach_rules.py", "test_a_harmful_act_gets_half_the_window"),
            (
                "unit/test_coach_rules.py",
                "test_what_cannot_be_taken_back_is_spoken_of_before_it_lands_in_a_lesson",
            ),
            ("unit/test_coach_run.py", "test_the_coach_asks_before_a_line_lands_that_cannot_be_taken_back"),
        ),
    ),
    (
        5,
        "No action while it burns: a nudge; again at twice the burn or a tenth of the budget",
        (
            ("unit/test_coach_rules.py", "test_nobody_acting_brings_one_nudge_where_to_look"),
            (
                "unit/test_coach_rules.py",
                "test_a_further_nudge_needs_a_tenth_of_the_budget_or_twice_the_burn",
            ),
            ("unit/test_coach_rules.py", "test_whoever_is_at_work_is_not_nudged"),
        ),
    ),
    (
        6,
        "One message a minute, the most severe wins, no line twice",
        (
            ("unit/test_coach_rules.py", "test_one_message_a_minute_and_no_line_twice"),
            ("unit/test_coach_rules.py", "test_the_most_severe_line_wins_the_minute"),
            ("property/test_coach_plays.py", "test_he_cites_only_what_could_be_seen"),
        ),
    ),
    (
        7,
        "Only what the learner could see; no hindsight before the debrief",
        (
            ("unit/test_coach_rules.py", "test_evidence_is_never_later_than_the_line"),
            ("unit/test_coach_rules.py", "test_missing_data_is_not_recovery"),
            ("property/test_coach_plays.py", "test_he_cites_only_what_could_be_seen"),
            ("unit/test_coach_debrief.py", "test_the_authors_rule_stays_closed_until_the_learner_wrote_one"),
        ),
    ),
    (
        8,
        "Four rungs, no fifth",
        (
            ("unit/test_coach_hints.py", "test_the_ladder_has_four_rungs_and_no_fifth"),
            ("unit/test_coach_run.py", "test_the_worked_step_is_an_act_of_his_in_the_journal"),
        ),
    ),
    (
        9,
        "The ladder follows the state, not a counter",
        (("unit/test_coach_hints.py", "test_the_ladder_follows_what_was_seen_and_done"),),
    ),
    (
        10,
        "Ten seconds a hint; the next rung needs an act or a minute; else a guess is asked for",
        (
            ("unit/test_coach_hints.py", "test_asking_again_stays_on_the_rung_and_asks_for_a_guess"),
            ("unit/test_coach_hints.py", "test_a_new_act_opens_the_next_rung"),
            ("unit/test_coach_rulebook.py", "test_a_minute_opens_the_next_rung_as_an_act_does"),
        ),
    ),
    (
        11,
        "Free in lessons, lower independence alone when graded; the cost is shown before",
        (
            ("unit/test_coach_score.py", "test_hints_lower_independence_alone_and_only_when_it_counts"),
            ("unit/test_coach_run.py", "test_the_score_is_in_parts_and_hints_are_free_in_a_lesson"),
            ("unit/test_coach_guidance.py", "test_his_steps_lower_independence_in_graded_runs_alone"),
        ),
    ),
    (
        12,
        "Estimates by skill, shown, and fading that acts on them",
        (
            (
                "unit/test_coach_progress.py",
                "test_a_skill_rises_without_help_and_falls_where_it_failed_or_was_told",
            ),
            (
                "unit/test_coach_guidance.py",
                "test_at_0_all_steps_are_his_at_1_all_but_the_last_at_2_half_and_no_decision",
            ),
            ("unit/test_coach_guidance.py", "test_at_4_he_is_silent_unless_harm_is_near"),
            ("unit/test_coach_guidance.py", "test_a_followed_example_takes_the_learner_one_level_on"),
        ),
    ),
    (
        13,
        "Strong wrong intuitions are tried first",
        (
            ("unit/test_coach_guidance.py", "test_the_weakest_known_skill_of_the_label_decides"),
            ("unit/test_coach_run.py", "test_the_debrief_finds_a_decision_and_another_play"),
        ),
    ),
    (
        14,
        "Two prompts a run at most, compared on the chart, never scored by keywords",
        (
            ("unit/test_coach_rulebook.py", "test_two_prompts_a_run_at_most"),
            ("unit/test_coach_rulebook.py", "test_a_prediction_is_asked_for_once_before_the_first_change"),
            ("unit/test_coach_run.py", "test_a_prediction_is_laid_beside_what_came"),
            ("unit/test_coach_debrief.py", "test_the_learners_words_stand_in_it_and_change_no_score"),
        ),
    ),
    (
        15,
        "A story after an act, never during high burn, one a run",
        (
            ("unit/test_coach_rules.py", "test_a_story_comes_after_mitigation_once_and_only_for_who_acted"),
            ("unit/test_coach_rulebook.py", "test_no_story_while_it_burns"),
            (
                "unit/test_coach_hints.py",
                "test_stories_are_short_own_a_mistake_and_end_in_a_rule_or_a_question",
            ),
        ),
    ),
)


def test_the_table_has_all_fifteen_rules() -> None:
    """In their order, each with at least one test."""
    assert list(range(1, 16)) == [number for number, _, _ in RULEBOOK]
    assert all(held for _, _, held in RULEBOOK)


@pytest.mark.parametrize(("number", "held"), [(number, held) for number, _, held in RULEBOOK])
def test_the_tests_that_hold_a_rule_exist(number: int, held: tuple[tuple[str, str], ...]) -> None:
    """By module and name."""
    for module, name in held:
        tree = ast.parse((TESTS / module).read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in names, f"rule {number}: {module} has no {name}"


# --- what no other test holds ---------------------------------------------------------------------


def served(at: int) -> float:
    """Bad from minute four to minute eleven."""
    return 0.02 if 4 * MINUTE <= at < 11 * MINUTE else 0.0002


def test_what_no_author_classed_gets_no_verdict() -> None:
    """A change that the scenario says nothing about is neither credited nor questioned."""
    stage = Stage(served, paged=PAGE)
    stage.act(PAGE + MINUTE, "kubectl label pod/checkout-1 a=b", "change")
    stage.until(20 * MINUTE)
    assert not [name for name in stage.ids if name.startswith(("good.", "expect.", "harm.", "risk."))]


def test_a_minute_opens_the_next_rung_as_an_act_does() -> None:
    """59 seconds repeat the rung, 60 go on, with nothing typed in between."""
    for pause, rung in ((59, 1), (60, 2)):
        stage = Stage(paged=PAGE).until(PAGE + MINUTE)
        first = stage.james.hint(PAGE + MINUTE)
        assert 1 == first.rung
        assert rung == stage.james.hint(PAGE + MINUTE + pause * SECOND).rung


def test_a_prediction_is_asked_for_once_before_the_first_change() -> None:
    """After a good look in a lesson; not in a game day, not once it was given, not after a change."""
    look = "kubectl rollout history deployment/checkout"
    asked = {}
    for name, mode, between in (
        ("lesson", "lesson", ()),
        ("game day", "game-day", ()),
        ("given", "lesson", (("note predict errors fall", "note"),)),
        ("changed", "lesson", (("kubectl rollout undo deployment/checkout", "change"),)),
    ):
        stage = Stage(paged=PAGE, mode=mode)
        stage.act(PAGE + 20 * SECOND, look)
        for place, (line, kind) in enumerate(between):
            stage.act(PAGE + (30 + 10 * place) * SECOND, line, kind)
        stage.act(PAGE + 100 * SECOND, "kubectl get pods")
        stage.until(PAGE + 3 * MINUTE)
        asked[name] = stage.ids.count("predict.first")
    assert {"lesson": 1, "game day": 0, "given": 0, "changed": 0} == asked


def test_two_prompts_a_run_at_most() -> None:
    """The prediction and the self-explanation, in the longest of runs; no rule has a third."""
    stage = Stage(served, paged=PAGE)
    stage.act(PAGE + 20 * SECOND, "kubectl rollout history deployment/checkout")
    stage.act(PAGE + 80 * SECOND, "kubectl get pods")
    stage.act(PAGE + 150 * SECOND, "kubectl rollout undo deployment/checkout", "change")
    stage.until(60 * MINUTE)
    prompts = [name for name in stage.ids if name.startswith(("predict", "explain"))]
    assert ["predict.first", "explain"] == prompts
    assert {"prediction", "reflection"} == {
        rule.name for rule in RULES if "prompt" in rule.says or "explanation" in rule.says
    }


def test_no_story_while_it_burns() -> None:
    """Who acts and does not cure hears none, however long it takes."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + MINUTE, "kubectl scale deployment/checkout --replicas=9", "change")
    stage.until(60 * MINUTE)
    assert not [name for name in stage.ids if name.startswith("story.")]
