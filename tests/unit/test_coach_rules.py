"""When James speaks, tried on made-up incidents whose graphs are known."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import nan

import pytest

from simulator.coach.james import RULES
from simulator.coach.signals import BURN
from simulator.coach.voice import VOICE
from simulator.units import MINUTE, SECOND
from tests.coach_stage import Stage, steady

PAGE = 6 * MINUTE


def failing(start: int, end: int, share: float = 0.02) -> Callable[[int], float]:
    """Errors at ``share`` from ``start`` to ``end``, else calm."""
    return lambda at: share if start <= at < end else 0.0002


def test_a_quiet_hour_needs_no_words() -> None:
    """Without a page and without an act James says nothing."""
    stage = Stage(lambda _: 0.0001).until(60 * MINUTE)
    assert [] == stage.lines


def test_his_first_words_are_to_stay_calm_and_to_ask() -> None:
    """The first page brings his first line, at that instant; "stay calm" is said to newcomers alone."""
    for seed in range(20):
        for newcomer in (True, False):
            first = Stage(paged=PAGE, seed=seed, newcomer=newcomer).until(PAGE).lines[0]
            assert ("page.first", PAGE) == (first.id, first.at)
            assert newcomer == ("tay calm" in first.text)
            assert first.text.endswith("?")


def test_incidents_on_one_seed_do_not_begin_with_the_same_sentence() -> None:
    """What is played picks the wording along with the seed, and the same run says the same again."""
    scenes = [f"incident-{number}" for number in range(12)]
    said = [Stage(paged=PAGE, scene=scene).until(PAGE).lines[0].text for scene in scenes]
    again = [Stage(paged=PAGE, scene=scene).until(PAGE).lines[0].text for scene in scenes]
    assert said == again
    assert len(set(said)) >= 4


def test_a_burn_is_told_with_its_window() -> None:
    """The same word stands for five minutes on one line and for one on another, so each says which."""
    named = ("over 5 minutes", "over one minute", "over the last minute")
    for words, variants in VOICE.items():
        for variant in variants:
            assert "{burn}" not in variant or any(name in variant for name in named), words
    assert "the burn rate over 5 minutes" == BURN.words


def test_one_message_a_minute_and_no_line_twice() -> None:
    """Two lines are at least a simulated minute apart, and no id and no text comes twice."""
    stage = Stage(paged=PAGE)
    for minute in range(7, 40, 2):
        stage.act(minute * MINUTE, "kubectl scale deployment/checkout --replicas=9", "change")
        stage.act(minute * MINUTE + 30 * SECOND, "kubectl rollout history deployment/checkout")
    stage.until(45 * MINUTE)
    gaps = [after.at - before.at for before, after in pairwise(stage.lines)]
    assert min(gaps) >= MINUTE
    assert len(set(stage.ids)) == len(stage.ids)
    assert len({line.text for line in stage.lines}) == len(stage.lines)


def test_the_most_severe_line_wins_the_minute() -> None:
    """When a question and credit are both due, the question is asked and the credit waits."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + 70 * SECOND, "kubectl delete deployment/checkout", "change")
    stage.act(PAGE + 155 * SECOND, "kubectl rollout history deployment/checkout")
    stage.until(PAGE + 170 * SECOND)
    assert "harm.gone" == stage.ids[-1]


def test_a_good_look_is_credited_while_its_answer_is_fresh() -> None:
    """A look that the author calls good gets the author's reason, once, with the act as evidence."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + 30 * SECOND, "kubectl rollout history deployment/checkout")
    line = stage.until(PAGE + 65 * SECOND).lines[-1]
    assert "good.history" == line.id and line.text.endswith("A release tops the list.")
    assert "`kubectl rollout history deployment/checkout`" in line.text
    assert ["act 1"] == [item.metric for item in line.evidence]


def test_a_principle_is_not_told_to_somebody_who_has_just_followed_it() -> None:
    """Half a minute after the look its praise would read as a reminder: at once, or not at all."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + 10 * SECOND, "kubectl rollout history deployment/checkout")
    stage.until(PAGE + 8 * MINUTE)
    assert "good.history" not in stage.ids


def test_each_wrong_guess_that_did_not_help_gets_its_question() -> None:
    """More pods, then a restart within the window: both are asked about, a minute apart."""
    stage = Stage(paged=PAGE)
    stage.act(8 * MINUTE, "kubectl scale deployment/checkout --replicas=12", "change")
    stage.act(8 * MINUTE + 45 * SECOND, "kubectl rollout restart deployment/checkout", "change")
    stage.until(14 * MINUTE)
    assert {"expect.scale", "expect.restart"} <= set(stage.ids)


def test_a_rollback_that_moves_nothing_gets_the_question_too() -> None:
    """After a restart the last revision is the same image: the right command, and nothing changed by it."""
    stage = Stage(paged=PAGE)
    stage.act(8 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    stage.until(13 * MINUTE)
    line = next(line for line in stage.lines if line.id == "expect.undo")
    assert line.at >= 11 * MINUTE and "kubectl rollout undo" in line.text


def test_ready_pods_prove_nothing_while_users_are_hurt() -> None:
    """Waiting for a rollout to end is credited when users are served, and not before."""
    stage = Stage(failing(4 * MINUTE, 12 * MINUTE, 0.02), paged=PAGE)
    stage.act(8 * MINUTE, "kubectl rollout status deployment/checkout")
    stage.until(12 * MINUTE + 30 * SECOND)
    assert "good.status" not in stage.ids
    assert "good.status" in stage.until(16 * MINUTE).ids


def test_a_good_change_is_credited_when_its_signal_shows_it_and_not_before() -> None:
    """The line comes with the recovery of the named signal and cites its value before and after."""
    stage = Stage(failing(4 * MINUTE, 10 * MINUTE), paged=PAGE)
    stage.act(8 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    stage.until(10 * MINUTE - SECOND)
    assert "good.undo" not in stage.ids
    stage.until(12 * MINUTE)
    line = next(line for line in stage.lines if line.id == "good.undo")
    assert 10 * MINUTE <= line.at <= 11 * MINUTE
    assert [None, 0.02, 0.0002] == [item.value for item in line.evidence]


def test_a_good_change_without_effect_is_not_credited() -> None:
    """The class alone earns nothing: the signal has to move."""
    stage = Stage(steady, paged=PAGE)
    stage.act(8 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    assert "good.undo" not in stage.until(40 * MINUTE).ids


def test_only_a_change_leaves_a_wrong_guess_and_only_once_the_graph_could_show_it() -> None:
    """A look at the rollout leaves nothing, even where its graph has turned; another change does."""
    stage = Stage(failing(4 * MINUTE, 9 * MINUTE), paged=PAGE)
    stage.act(8 * MINUTE, "kubectl scale deployment/checkout --replicas=10", "change")
    stage.act(8 * MINUTE + 20 * SECOND, "kubectl rollout status deployment/checkout", "wait")
    stage.until(14 * MINUTE)
    assert not any("wrong guess" in line.text for line in stage.lines)
    line = next(line for line in stage.lines if line.id == "good.status")
    assert line.text.endswith("Done is when pods are.")
    other = Stage(failing(4 * MINUTE, 9 * MINUTE), paged=PAGE)
    other.act(8 * MINUTE, "kubectl scale deployment/checkout --replicas=10", "change")
    other.act(8 * MINUTE + 30 * SECOND, "kubectl rollout undo deployment/checkout", "change")
    other.until(14 * MINUTE)
    line = next(line for line in other.lines if line.id == "good.undo")
    assert "replicas=10` was a wrong guess, and 30 seconds later you tried something else" in line.text


def test_a_reasonable_error_plays_out_for_three_minutes() -> None:
    """Silence about it for three minutes, then the question what that graph was expected to do by now."""
    stage = Stage(steady, paged=PAGE)
    stage.act(8 * MINUTE, "kubectl scale deployment/checkout --replicas=10", "change")
    stage.until(11 * MINUTE - SECOND)
    assert "expect.scale" not in stage.ids
    stage.until(12 * MINUTE)
    line = next(line for line in stage.lines if line.id == "expect.scale")
    assert 11 * MINUTE <= line.at
    assert "expect" in line.text
    assert line.text.endswith("?")
    assert "expect.scale" in stage.interrupted


def test_a_reaction_ends_the_silence_early() -> None:
    """If the named signal gets worse, the question comes as soon as it shows."""
    stage = Stage(lambda at: 0.02 if at < 9 * MINUTE else 0.2, paged=PAGE)
    stage.act(8 * MINUTE, "kubectl scale deployment/checkout --replicas=10", "change")
    stage.until(10 * MINUTE + 30 * SECOND)
    line = next(line for line in stage.lines if line.id == "expect.scale")
    assert line.at < 11 * MINUTE


def test_a_wrong_guess_that_is_left_in_time_is_credited() -> None:
    """Who leaves a wrong guess before James asks is not asked, and the credit names it."""
    stage = Stage(failing(4 * MINUTE, 11 * MINUTE), paged=PAGE)
    stage.act(8 * MINUTE, "kubectl scale deployment/checkout --replicas=10", "change")
    stage.act(10 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    stage.until(20 * MINUTE)
    assert "expect.scale" not in stage.ids
    line = next(line for line in stage.lines if line.id == "good.undo")
    assert "wrong guess" in line.text


def test_a_wrong_guess_is_named_by_one_credit_alone() -> None:
    """Two good acts after it: the second is credited for itself."""
    stage = Stage(failing(4 * MINUTE, 11 * MINUTE), paged=PAGE)
    stage.act(8 * MINUTE, "kubectl scale deployment/checkout --replicas=10", "change")
    stage.act(10 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    stage.act(10 * MINUTE + 10 * SECOND, "kubectl rollout status deployment/checkout")
    stage.until(20 * MINUTE)
    assert {"good.undo", "good.status"} <= set(stage.ids)
    assert 1 == sum("wrong guess" in line.text for line in stage.lines)


def test_a_harmful_act_gets_half_the_window() -> None:
    """What harms and can be taken back is asked about after ninety seconds."""
    stage = Stage(steady, paged=PAGE)
    stage.act(8 * MINUTE, "kubectl delete deployment/checkout", "change")
    stage.until(9 * MINUTE + 29 * SECOND)
    assert "harm.gone" not in stage.ids
    assert "harm.gone" in stage.until(10 * MINUTE).ids


def test_what_cannot_be_taken_back_is_spoken_of_before_it_lands_in_a_lesson() -> None:
    """While a dangerous line waits for a yes, James names the risk; on a game day the debrief does."""
    lesson = Stage(paged=PAGE)
    lesson.act(8 * MINUTE, "kubectl delete deployment/checkout", "change", danger="All pods go.", asks=True)
    assert "risk.gone" == lesson.ids[-1]
    graded = Stage(paged=PAGE, mode="game-day")
    graded.act(8 * MINUTE, "kubectl delete deployment/checkout", "change", danger="All pods go.")
    graded.until(20 * MINUTE)
    assert not [line for line in graded.ids if line.startswith(("risk.", "harm."))]


def test_nobody_acting_brings_one_nudge_where_to_look() -> None:
    """A minute without an act while the budget burns brings the first rung of the ladder."""
    stage = Stage(paged=PAGE).until(PAGE + 2 * MINUTE)
    assert "nudge.first" == stage.ids[1]
    assert "Where does the graph bend?" in stage.lines[1].text


def test_a_further_nudge_needs_a_tenth_of_the_budget_or_twice_the_burn() -> None:
    """Between two nudges a tenth of the budget went, or the burn doubled."""
    stage = Stage(lambda at: 0.02 if at < 15 * MINUTE else 0.05, paged=PAGE).until(45 * MINUTE)
    nudges = [line for line in stage.lines if line.id.startswith("nudge.")]
    assert any(line.id.startswith("nudge.doubled") for line in nudges)
    for before, after in pairwise(nudges):
        was = {item.metric: item.value or 0.0 for item in before.evidence}
        now = {item.metric: item.value or 0.0 for item in after.evidence}
        assert (
            was["budget left"] - now["budget left"] >= 0.1
            or now["burn"] >= 2 * was["burn"]
            or now["budget left"] <= 0
        )


def test_whoever_is_at_work_is_not_nudged() -> None:
    """A look every forty seconds is work: no nudge, but after two minutes of looking a question."""
    stage = Stage(paged=PAGE)
    for step in range(9):
        stage.act(PAGE + (10 + 40 * step) * SECOND, "kubectl get pods")
    assert not [line for line in stage.ids if line.startswith("nudge.")]
    assert "clock.assess" in stage.ids


def test_the_status_page_is_asked_for_once_it_is_late() -> None:
    """Three minutes of silence towards users, or a missed cadence, and he asks."""
    stage = Stage(paged=PAGE).until(PAGE + 5 * MINUTE)
    assert "tell.first" in stage.ids
    told = Stage(paged=PAGE)
    told.post(PAGE + MINUTE, "investigating")
    told.until(PAGE + 10 * MINUTE)
    assert not [line for line in told.ids if line.startswith("tell.")]
    assert "tell.due.1" in told.until(PAGE + 14 * MINUTE).ids


def test_resolved_over_a_burning_budget_is_questioned() -> None:
    """``resolved`` while users still fail brings the question which of the two they will believe."""
    stage = Stage(paged=PAGE)
    stage.post(PAGE + 2 * MINUTE, "resolved")
    assert "verify.early" in stage.until(PAGE + 4 * MINUTE).ids


def test_a_recovery_must_hold_and_a_relapse_is_named() -> None:
    """Recovery brings the question how long; when it burns again he says so."""
    stage = Stage(
        lambda at: 0.02 if 4 * MINUTE <= at < 9 * MINUTE or at >= 14 * MINUTE else 0.0002, paged=PAGE
    )
    stage.act(8 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    stage.until(16 * MINUTE)
    assert stage.ids.index("verify.hold") < stage.ids.index("verify.relapse")


def test_a_story_comes_after_mitigation_once_and_only_for_who_acted() -> None:
    """One story a run, with users served for minutes; who did nothing hears none."""
    acted = Stage(failing(4 * MINUTE, 9 * MINUTE), paged=PAGE)
    acted.act(8 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    acted.until(45 * MINUTE)
    told = [line for line in acted.lines if line.id.startswith("story.")]
    assert 1 == len(told)
    assert told[0].at >= 9 * MINUTE + 4 * MINUTE
    idle = Stage(failing(4 * MINUTE, 9 * MINUTE), paged=PAGE).until(45 * MINUTE)
    assert not [line for line in idle.ids if line.startswith("story.")]


def test_missing_data_is_not_recovery() -> None:
    """A screen without numbers is not a calm one: no line speaks of served users."""
    stage = Stage(lambda at: 0.02 if at < 9 * MINUTE else nan, paged=PAGE).until(30 * MINUTE)
    assert not stage.case.calms
    assert "verify.hold" not in stage.ids


def test_evidence_is_never_later_than_the_line() -> None:
    """He cites only what stood on the screen; the made-up screen refuses to be read ahead of time."""
    stage = Stage(failing(4 * MINUTE, 20 * MINUTE), paged=PAGE)
    stage.act(8 * MINUTE, "kubectl scale deployment/checkout --replicas=10", "change")
    stage.act(19 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    stage.post(30 * MINUTE, "resolved")
    stage.until(45 * MINUTE)
    assert len(stage.lines) >= 6
    assert all(item.at <= line.at for line in stage.lines for item in line.evidence)
    assert all(line.evidence for line in stage.lines)


def test_the_same_incident_gives_the_same_bytes_and_a_seed_only_other_words() -> None:
    """Lines are a function of the run: equal twice over; another seed keeps ids and times."""
    runs = [Stage(paged=PAGE, seed=seed).until(40 * MINUTE).lines for seed in (1, 1, 2, 3, 4)]
    assert runs[0] == runs[1]
    assert all(
        [(line.id, line.at) for line in run] == [(line.id, line.at) for line in runs[0]] for run in runs
    )
    assert len({tuple(line.text for line in run) for run in runs}) > 1


def test_every_rule_says_why() -> None:
    """Each rule has a name of its own and a sentence for the instructor."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.says.endswith(".") for rule in RULES)


@pytest.mark.parametrize("key", sorted(VOICE))
def test_his_voice_neither_praises_nor_blames(key: str) -> None:
    """Short, calm, about the system: no praise of the person, no exclamation mark, no rank, no blame."""
    for text in VOICE[key]:
        lowered = text.lower()
        assert "!" not in text
        assert not [
            word
            for word in ("well done", "great", "good job", "stupid", "obviously", "should have")
            if word in lowered
        ]
        assert len(text.split()) <= 60
