"""The questions before and after a lesson, each answer with its reason; the second says what moved.

A question is asked twice in one shape, with other names and numbers: before the lesson, and after it. The
options come in an order of their own, the same for everybody, so that a class can talk about answer b.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from string import ascii_lowercase
from typing import Final

from simulator.coach.progress import Progress, QuizEntry
from simulator.scenario.texts import Option, Question

_WHEN: Final = {"pre": "Before the lesson", "post": "After the lesson"}


@dataclass(frozen=True, slots=True)
class Quiz:
    """One quiz, asked or answered; it shows itself.

    Attributes:
        name: Of the lesson or scenario.
        when: ``pre`` or ``post``.
        all_questions: Of both times.
        answers: A letter for each question, as they were written; empty while it is only asked.
        first: The answers that were kept: these, or those of an earlier time.
        before: What was kept before the lesson, beside a quiz after it.
    """

    name: str
    when: str
    all_questions: tuple[Question, ...]
    answers: str = ""
    first: QuizEntry | None = None
    before: QuizEntry | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """Those of this time, in order."""
        return tuple(each for each in self.all_questions if each.when == self.when)

    @property
    def letters(self) -> str:
        """The letters of the answers, without what stands between them."""
        return "".join(each for each in self.answers.lower() if each in ascii_lowercase)

    @property
    def complete(self) -> bool:
        """Whether every question has a letter that one of its options has."""
        asked = self.questions
        return len(self.letters) == len(asked) > 0 and all(
            ascii_lowercase.index(letter) < len(question.options)
            for letter, question in zip(self.letters, asked, strict=True)
        )

    @property
    def right(self) -> int:
        """How many of the answers are right; 0 while there are none."""
        return sum(chosen.correct for chosen in self._chosen())

    def kept(self, progress: Progress) -> Quiz:
        """The same quiz, its answers kept as the first ones where there were none, with what came before.

        Raises:
            SetupError: The progress file can't be written.
        """
        if self.complete:
            progress.record_quiz(QuizEntry(self.name, self.when, self.right, len(self.questions)))
        before = progress.quiz(self.name, "pre") if self.when == "post" else None
        return replace(self, first=progress.quiz(self.name, self.when), before=before)

    def __str__(self) -> str:
        return self._text(markdown=False)

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return self._text(markdown=True)

    # --- words

    def _chosen(self) -> list[Option]:
        if not self.complete:
            return []
        return [
            ordered(question)[ascii_lowercase.index(letter)]
            for question, letter in zip(self.questions, self.letters, strict=True)
        ]

    def _text(self, *, markdown: bool) -> str:
        asked = self.questions
        if not asked:
            return f"{self.name} has no questions for this time."
        title = f"{_WHEN[self.when]}: {len(asked)} questions"
        item, gap = ("- **{}** {}", "\n\n") if markdown else ("   {}) {}", "\n")
        parts = [f"**{title}**" if markdown else title]
        for number, question in enumerate(asked):
            lines = [item.format(letter, words) for letter, words in self._lines(question, number)]
            parts.append(f"{number + 1}. {question.ask}{gap}" + "\n".join(lines))
        return "\n\n".join([*parts, self._last()])

    def _lines(self, question: Question, number: int) -> list[tuple[str, str]]:
        """Letters and words: all options; or the chosen one and the right one, with their reasons."""
        options = list(zip(ascii_lowercase, ordered(question), strict=False))
        if not self.complete:
            return [(letter, option.text) for letter, option in options]
        shown = [each for each in options if each[0] == self.letters[number] or each[1].correct]
        shown.sort(key=lambda each: each[0] != self.letters[number])
        return [
            (letter, f"{option.text}. {'Right. ' if option.correct else 'Not this one. '}{option.why}")
            for letter, option in shown
        ]

    def _last(self) -> str:
        count = len(self.questions)
        if not self.complete:
            call = f'sim.quiz("{self.name}", "{self.when}", "{ascii_lowercase[:count]}")'
            if self.answers.strip():
                return f"{self.answers.strip()!r} is not one letter a question; write {count}, as in {call}."
            return f"Answer with a letter a question, as in {call}. It measures the lesson, not you."
        words = [f"{self.right} of {count} right."]
        if self.before is not None:
            words.append(f"Before the lesson: {self.before.right} of {self.before.asked}.")
        if self.first is not None and (self.first.right, self.first.asked) != (self.right, count):
            words.append(f"Your first answers count: {self.first.right} of {self.first.asked}.")
        return " ".join([*words, "Kept in your own progress file, and nowhere else."])


def ordered(question: Question) -> Sequence[Option]:
    """The options as everybody sees them: in the order of a hash, since authors write the right one first."""
    return sorted(
        question.options, key=lambda each: sha256(f"{question.id}\n{each.text}".encode()).hexdigest()
    )
