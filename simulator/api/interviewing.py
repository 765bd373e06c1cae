"""``sim.interview``: James asks four questions, then proposes a pipeline; as a form and as functions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from simulator.api import arguments
from simulator.api.delivery import Pipeline
from simulator.pipeline.interview import QUESTIONS, Answers, Proposal, propose

if TYPE_CHECKING:
    from simulator.lab.interviewing import InterviewForm


class PipelineProposal(Proposal):
    """A proposed pipeline, which can also be run.

    ``workflow`` is the file's text, ``files`` all of them, ``setup`` what no file can hold, ``save(folder)``
    writes them.
    """

    def pipeline(self, *, seed: int | None = None) -> Pipeline:
        """The same in a learner's hand: drawn, run, asked what if."""
        return Pipeline(self.source, seed=1 if seed is None else seed)


class Interview:
    """The interview: what was asked, what was answered, and what follows from it."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._form: InterviewForm | None = None

    @property
    def questions(self) -> pd.DataFrame:
        """One row for each thing to answer: the question, why it is asked, what may be said and what was."""
        rows = [
            {
                "answer": field.name,
                "question": question.asks,
                "why": question.why,
                "choices": ", ".join(field.values),
                "given": getattr(self._answers, field.name),
            }
            for question in QUESTIONS
            for field in question.fields
        ]
        return pd.DataFrame(rows).set_index("answer")

    @property
    def answers(self) -> dict[str, str]:
        """What was answered; an empty text is still open."""
        return asdict(self._answers)

    @property
    def open(self) -> tuple[str, ...]:
        """What is not answered yet."""
        return self._answers.open

    @property
    def gaps(self) -> tuple[str, ...]:
        """What was answered and is not covered, in sentences; then no file is written."""
        return self._answers.gaps

    def answer(self, **answers: str) -> Interview:
        """Answer one question or several; a form that is shown follows.

        Raises:
            GamedayError: There is no such question, or no such answer.
        """
        self._answers = self._answers.with_(**answers)
        if self._form is not None:
            self._form.show(self._answers)
        return self

    def propose(self) -> PipelineProposal:
        """The pipeline that follows.

        Raises:
            GamedayError: A question is open, or an answer is not covered; the message says which and why.
        """
        made = propose(self._answers)
        return PipelineProposal(made.answers, made.workflow, made.settings, made.dependabot)

    def __str__(self) -> str:
        lines = []
        for number, question in enumerate(QUESTIONS, 1):
            lines.append(f"{number}. {question.asks}")
            for field in question.fields:
                given = getattr(self._answers, field.name)
                lines.append(f"   {field.name}: {given or 'open, one of ' + ', '.join(field.values)}")
        if self.gaps:
            lines += ["Not covered, so no file is written:", *(f"   {gap}" for gap in self.gaps)]
        elif not self.open:
            lines.append("All answered: propose() writes the pipeline.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **wanted: Any) -> dict[str, Any]:
        """The form for a front end with widgets; text for every other."""
        from simulator.lab.interviewing import InterviewForm

        if self._form is None:
            self._form = InterviewForm(self._answers, self._filled_in)
        shown = self._form._repr_mimebundle_(**wanted)
        data = shown[0] if isinstance(shown, tuple) else shown
        return {**(data or {}), "text/plain": str(self)}

    def _filled_in(self, answers: Answers) -> None:
        """Somebody chose in the form."""
        self._answers = answers


@arguments.checked
def interview(
    *,
    forge: str = "",
    stack: str = "",
    target: str = "",
    environments: str = "",
    approvals: str = "",
    chat: str = "",
    service: str = "app",
) -> Interview:
    """James's four questions before a pipeline: where code lives, where it deploys, which environments, who.

        talk = sim.interview()  # shown in a notebook it is a form; talk.answer(stack="python") does the same
        talk.questions  # what is asked, and what may be said
        talk.propose().save("my-repository")

    Args:
        forge: Where the code lives; ``github`` is covered.
        stack: What it is written in: ``node``, ``python``, ``go`` or ``java``.
        target: Where it deploys: ``eks``, ``gke`` or ``aks``.
        environments: What comes before production: ``staging`` or ``development-staging``.
        approvals: Who approves production: ``one`` or ``two`` people.
        chat: Where people are told: ``slack``, ``teams`` or ``none``.
        service: What the Deployment and its container are called.

    Raises:
        GamedayError: An answer is none that is known; what is known and not covered is in ``gaps``.
    """
    return Interview(Answers(forge, stack, target, environments, approvals, chat, service))
