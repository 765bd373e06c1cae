"""Questions that everybody asks: each has its own answer, with lines that the console takes."""

from __future__ import annotations

import re

import pytest

from simulator.coach import Coach
from simulator.coach.questions import QUESTIONS, everyday
from simulator.drill import console
from tests.drill_stage import fresh

ASKED = (
    ("what changed?", "what has changed since the page?", "did anything change?"),
    ("what now?", "What should I do next?", "where do I start?", "help"),
    ("who are you", "are you an AI?"),
    ("why are pods not ready?", "why are the checkout pods not ready", "Why is checkout never ready?"),
    ("is it over?", "are we done yet?", "did that help?"),
    ("whom do I tell?", "who do I tell about this?", "who should know?"),
    ("what can I type?", "which commands are there?"),
)


@pytest.mark.parametrize(("place", "question"), [(i, each) for i, some in enumerate(ASKED) for each in some])
def test_a_question_that_everybody_asks_has_its_own_answer(place: int, question: str) -> None:
    """However it is put, it gets the answer of its kind."""
    assert QUESTIONS[place][1] == everyday(question)


@pytest.mark.parametrize(
    "question", ["what is a burn rate?", "is it the moon?", "is checkout over quota?", "pods"]
)
def test_other_questions_are_left_to_the_glossary(question: str) -> None:
    """Only a whole question counts, not a word in it."""
    assert "" == everyday(question)


@pytest.mark.parametrize("answer", [answer for _, answer in QUESTIONS])
def test_an_answer_names_lines_that_the_console_takes(answer: str) -> None:
    """Two or three sentences, and each line in backticks is understood as it stands."""
    run = fresh()
    lines = re.findall("`([^`]+)`", answer)
    assert lines and len(re.findall(r"[.?](?: |$)", answer)) in (2, 3, 4)
    for line in lines:
        assert console.parse(line, costs=run.costs, namespace=run.namespace).line == line


def test_james_says_it_on_the_console() -> None:
    """Through ``ask``, and not the one deflection for all."""
    run = fresh()
    Coach(run)
    texts = [run.do(f"ask {some[0]}").text for some in ASKED]
    assert [answer for _, answer in QUESTIONS] == texts
