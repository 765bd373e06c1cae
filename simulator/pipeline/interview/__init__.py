"""James's interview: four questions, then a pipeline that runs, is reviewed and is nobody's template.

Reading order: ``questions.py``, ``answers.py``, ``workflow.py`` (with ``stacks.py`` and ``targets.py``),
``actions.py`` (pins), ``proposal.py``.
"""

from simulator.pipeline.interview.actions import Pin, pinned, pins
from simulator.pipeline.interview.answers import Answers, every_covered
from simulator.pipeline.interview.proposal import Proposal, propose
from simulator.pipeline.interview.questions import FIELDS, QUESTIONS, Choice, Field, Question

__all__ = [
    "FIELDS",
    "QUESTIONS",
    "Answers",
    "Choice",
    "Field",
    "Pin",
    "Proposal",
    "Question",
    "every_covered",
    "pinned",
    "pins",
    "propose",
]
