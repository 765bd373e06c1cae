"""What the shift before hands over: the scenario's situation, what is normal, and where James is.

He sits beside whoever he speaks to. At the highest level of guidance he is silent, so he is within call.
"""

from __future__ import annotations

from typing import Final

from simulator.drill.journal import GUIDANCE
from simulator.scenario import Scenario

COACH: Final = "James O'Brien"
_BESIDE: Final = f"{COACH} sits beside you."
_WITHIN_CALL: Final = f"{COACH} is within call: `hint` reaches him."


def beside(guidance: int) -> bool:
    """Whether he sits beside the learner and speaks; at the highest level he leaves the room to them."""
    return guidance < max(GUIDANCE)


def within_reach(target: str, guidance: int) -> str:
    """Whom a level of the escalation policy pages: who sits here has heard it ring, so it is his deputy."""
    return f"the deputy of {COACH}" if target == COACH and beside(guidance) else target


def handed_over(scenario: Scenario, guidance: int) -> str:
    """The shift hand-over, two paragraphs.

    Args:
        scenario: With its variant's texts.
        guidance: The run's, 0 to 4.
    """
    situation = _one_line(scenario.texts.situation)
    if COACH not in situation:  # an author may have said it already
        situation = f"{situation} {_BESIDE if beside(guidance) else _WITHIN_CALL}".strip()
    return "\n".join(part for part in (situation, _one_line(scenario.texts.normal)) if part)


def _one_line(text: str) -> str:
    return " ".join(text.split())
