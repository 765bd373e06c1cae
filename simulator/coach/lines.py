"""What James says, with its reason: a line, the rule that fired, and the evidence it rests on.

A line never stands alone. An instructor who asks "why did he say that?" gets the rule and the numbers, and
each number carries the instant at which the learner could see it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: One message a simulated minute; of several the most severe wins. Higher is more severe.
TALK: Final = 1
CREDIT: Final = 2
CLOCK: Final = 3
TELL: Final = 4
NUDGE: Final = 5
QUESTION: Final = 6
HARM: Final = 7
PAGE: Final = 8


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that the learner could see.

    Attributes:
        metric: The signal, such as ``errors:checkout``, ``burn``, ``page`` or ``act 4``.
        value: Its value in base units (ratio, seconds, multiples); None where it is an event.
        at: When it stood on the screen, ns. Never later than the line that cites it.
        text: The same in words, such as ``checkout errors 12.4 % at T+06:20``.
    """

    metric: str
    value: float | None
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message of James.

    Attributes:
        id: What was said, such as ``good.undo-checkout``. No id comes twice in a run.
        rule: Name of the rule that fired.
        at: When, ns.
        text: The words.
        severity: Which of several lines wins the minute.
        evidence: What the words rest on.
    """

    id: str
    rule: str
    at: int
    text: str
    severity: int
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line that a rule would like to say now.

    Attributes:
        id: The line's id.
        severity: Which of several proposals wins.
        words: Key of the wording in ``voice``; empty where ``text`` is given.
        fields: What the wording names in braces.
        evidence: What it rests on.
        text: The author's own words, for lines that a scenario brings along.
        interrupts: Whether a wait that is under way should end, so that the learner can answer.
    """

    id: str
    severity: int
    words: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    text: str = ""
    interrupts: bool = False
