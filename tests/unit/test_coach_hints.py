"""The hint ladder, the stories, and what the learner expected."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from simulator.coach.ladder import Hint
from simulator.coach.predictions import prediction, read
from simulator.coach.stories import STORIES, WORDS_AT_MOST, fitting, remedy
from simulator.errors import GamedayError
from simulator.units import MINUTE, SECOND
from tests.coach_stage import Stage

PAGE = 6 * MINUTE


def ask(stage: Stage, at: int) -> Hint:
    """Ask James for a hint at an instant."""
    stage.until(at)
    return stage.james.hint(at)


def test_the_ladder_has_four_rungs_and_no_fifth() -> None:
    """Each minute gives the next rung, and after the worked step only the same again."""
    stage = Stage(paged=PAGE)
    given = [ask(stage, PAGE + minute * MINUTE) for minute in range(1, 7)]
    assert ["orient", "principle", "narrow", "worked", "worked", "worked"] == [hint.name for hint in given]
    assert "kubectl get pods" == given[3].worked
    assert [1, 2, 3, 4, 4, 4] == [hint.rung for hint in given]


def test_asking_again_stays_on_the_rung_and_asks_for_a_guess() -> None:
    """Within a minute and without a new act the rung stays, and James asks for one sentence first."""
    stage = Stage(paged=PAGE)
    first, again = ask(stage, PAGE + 10 * SECOND), ask(stage, PAGE + 40 * SECOND)
    assert (1, 1, True) == (first.rung, again.rung, again.repeated)
    assert again.text.endswith(first.text)
    assert "guess" in again.text or "believe" in again.text


def test_a_new_act_opens_the_next_rung() -> None:
    """An act between two hints is enough."""
    stage = Stage(paged=PAGE)
    ask(stage, PAGE + 10 * SECOND)
    stage.act(PAGE + 20 * SECOND, "kubectl get pods")
    assert 2 == ask(stage, PAGE + 30 * SECOND).rung


def test_the_ladder_follows_what_was_seen_and_done() -> None:
    """Who has seen the evidence begins on the second rung; a wrong act brings the ladder of that act."""
    seen = Stage(paged=PAGE)
    seen.act(PAGE + 10 * SECOND, "kubectl rollout history deployment/checkout")
    hint = ask(seen, PAGE + MINUTE)
    assert ("release", 2) == (hint.ladder, hint.rung)
    wrong = Stage(paged=PAGE)
    wrong.act(PAGE + 10 * SECOND, "kubectl scale deployment/checkout --replicas=9", "change")
    hint = ask(wrong, PAGE + MINUTE)
    assert ("scale", 2) == (hint.ladder, hint.rung)


def test_without_an_incident_a_hint_tells_to_learn_what_is_normal() -> None:
    """Before a page and after recovery the hints are others, and give nothing of the scenario away."""
    stage = Stage(lambda at: 0.02 if 4 * MINUTE <= at < 9 * MINUTE else 0.0, paged=PAGE)
    assert "calm" == ask(stage, MINUTE).ladder
    assert "recovered" == ask(stage, 12 * MINUTE).ladder


def test_stories_are_short_own_a_mistake_and_end_in_a_rule_or_a_question() -> None:
    """At most ninety words, first person, and no name of a company."""
    assert len(STORIES) >= 15
    assert len({story.id for story in STORIES}) == len(STORIES)
    for story in STORIES:
        assert len(story.text.split()) <= WORDS_AT_MOST, story.id
        assert re.search(r"\b(I|my|me)\b", story.text)
        assert not re.search(r"Twitter|Google|Amazon|GitHub|Facebook|Cloudflare|Slack", story.text)
        assert story.tags


UNDO, SCALE = "kubectl rollout undo deployment/checkout", "kubectl scale deployment/checkout --replicas=9"


def test_a_story_is_chosen_by_what_the_run_was_about() -> None:
    """The author's own, else a wrong guess, else what cured; where nothing fits any story will do."""
    ids = frozenset({"scale-out"})
    assert ["ten-more-pods", "cold-green"] == [story.id for story in fitting([SCALE], [UNDO], ids=ids)]
    assert ["not-a-deploy"] == [story.id for story in fitting([], [], tied=frozenset({"not-a-deploy"}))]
    cured = {story.id for story in fitting([], [UNDO])}
    assert "the-wrong-suspect" in cured and len(cured) >= 3
    assert STORIES == fitting([], [])


def test_no_story_praises_a_wrong_guess_or_blames_what_cured() -> None:
    """Whatever the author tied and whatever else went on, in every pair of a wrong and a right remedy."""
    lines = {
        "rollback": UNDO,
        "scale": SCALE,
        "restart": "kubectl rollout restart deployment/checkout",
        "shed": "flag set waiting-room on",
        "switch": "flag set new-tax off",
    }
    assert list(lines) == [remedy(line) for line in lines.values()] and remedy("page ack") is None
    every = frozenset(story.id for story in STORIES)
    for wrong, vain in lines.items():
        for right, cure in lines.items():
            for tied in (frozenset(), every):
                told = fitting([vain], [cure], tied=tied, theme=every)
                assert told
                assert not [story.id for story in told if wrong in story.praises or right in story.blames]


@dataclass(frozen=True)
class Pinned:
    """A note."""

    at: int
    text: str


def test_a_prediction_survives_as_a_note_and_is_compared_without_a_verdict() -> None:
    """Written as a note and read back it is the same; the comparison names both values and judges neither."""
    made = prediction(8 * MINUTE, "the rollback clears it", "errors:checkout", 0.01, "5m")
    assert (made,) == read([Pinned(8 * MINUTE, made.note()), Pinned(9 * MINUTE, "something else")])
    stage = Stage(paged=PAGE).until(14 * MINUTE)
    said = made.compared(stage.screen, 14 * MINUTE)
    assert "1.0 % expected, 2.0 % came" in said
    assert not re.search(r"wrong|right|correct", said)


def test_a_prediction_can_be_words_alone() -> None:
    """Without a signal it is kept as said; a broken bracket is read as words."""
    assert None is prediction(0, "it gets worse", "", None, "5m").signal
    assert (
        "[errors:checkout x in 5m] hm" == read([Pinned(0, "predict [errors:checkout x in 5m] hm")])[0].words
    )


def test_words_alone_are_laid_beside_the_course_of_the_service() -> None:
    """Without a number the errors of the service are given, first, worst and last, and its pods."""
    stage = Stage(paged=PAGE).until(14 * MINUTE)
    said = prediction(0, "no pod shows it.", "", None, "5m").compared(stage.screen, 14 * MINUTE)
    assert said.startswith("At T+00:00 you expected: no pod shows it. What came, by checkout availability: ")
    course = r"% failed at first, .* % at the most \(T\+\d\d:\d\d\), .* % at T\+14:00; pods ready in all: 6"
    assert re.search(course, said)


def test_a_prediction_of_an_unknown_signal_is_refused_in_four_parts() -> None:
    """The error says what would have been right."""
    with pytest.raises(GamedayError, match="errors:SERVICE"):
        prediction(0, "words", "mood:team", 1.0, "5m")


def test_without_a_ladder_a_hint_says_so_and_names_the_page() -> None:
    """While it burns nobody reads that nothing does: it names the page and asks what changed."""
    stage = Stage(paged=PAGE)
    stage.james.desk.ladders = ()
    assert "calm" == ask(stage, MINUTE).ladder
    hint = ask(stage, PAGE + 30 * SECOND)
    assert ("unwritten", 1, False) == (hint.ladder, hint.rung, hint.repeated)
    assert all(
        words in hint.text for words in ("CheckoutBudgetBurn", "T+06:00", "hints", "hat changed in the")
    )
    assert "nothing burning" not in hint.text
    again = ask(stage, PAGE + 40 * SECOND)
    assert (1, False) == (again.rung, again.repeated)


@pytest.mark.parametrize("seed", range(4))
def test_without_a_ladder_james_nudges_in_words_of_his_own(seed: int) -> None:
    """What he says to somebody idle in a burning system is no sentence of a hint that does not exist."""
    stage = Stage(paged=PAGE, seed=seed)
    stage.james.desk.ladders = ()
    stage.until(PAGE + 8 * MINUTE)
    said = [line.text for line in stage.lines if line.id.startswith("nudge.")]
    assert said and not [text for text in said if "nothing burning" in text or "brings no hints" in text]
