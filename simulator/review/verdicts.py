"""From findings to a verdict for each point: it holds, it does not, or nobody looked; and its score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from simulator.review.analysers import Answer
from simulator.review.findings import Finding, Severity, Unseen
from simulator.review.points import Kind, Point

State = Literal["holds", "open", "not looked at"]
#: What a point is worth: 3 without a finding, else by its gravest one.
FULL: Final = 3
_WORTH: Final[dict[Severity, int]] = {"low": 2, "medium": 1, "high": 0}
_FILES: Final[dict[Kind, str]] = {
    "workflow": "a workflow",
    "dockerfile": "a Dockerfile",
    "manifest": "a Kubernetes manifest",
    "settings": "the repository's settings (.github/settings.yml)",
    "secret-list": "a list of secrets",
    "other": "a file",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a review says of one point.

    Attributes:
        reasons: Why it was not looked at, or not in full.
        score: 0 to 3; None for a point that nobody looked at, or that is not scored.
    """

    point: Point
    state: State
    findings: tuple[Finding, ...]
    reasons: tuple[str, ...] = ()
    score: int | None = None

    def to_json(self) -> dict[str, object]:
        """As ``gameday review --json`` prints it."""
        return {
            "id": self.point.id,
            "group": self.point.group,
            "asks": self.point.asks,
            "state": self.state,
            "score": self.score,
            "of": FULL,
            "findings": len(self.findings),
            "reasons": list(self.reasons),
        }


def verdict_of(
    point: Point,
    kinds: Iterable[Kind],
    answers: Sequence[Answer],
    findings: Sequence[Finding],
    unseen: Sequence[Unseen],
) -> Verdict:
    """The verdict on one point.

    Args:
        point: The point.
        kinds: Of the files that were given.
        answers: What each analyser did.
        findings: Of the whole review.
        unseen: Of the whole review.
    """
    mine = tuple(each for each in findings if each.point == point.id)
    given = set(kinds)
    reasons = [each.reason for each in unseen if each.point == point.id]
    if not given & set(point.kinds):
        reasons.insert(0, f"it takes {' or '.join(_FILES[kind] for kind in point.kinds)}")
    states = {each.name: each for each in answers}
    reasons += [
        f"{tool} did not look: {states[tool].note}"
        for tool in dict.fromkeys(tool for kind, tool in point.tools if kind in given)
        if tool in states and states[tool].state not in ("ran", "nothing to look at")
    ]
    if point.group == "rest":
        return Verdict(point, "open" if mine else "holds", mine)
    if mine:
        score = min(_WORTH[each.severity] for each in mine)
        return Verdict(point, "open", mine, tuple(dict.fromkeys(reasons)), score)
    if reasons:
        return Verdict(point, "not looked at", (), tuple(dict.fromkeys(reasons)))
    return Verdict(point, "holds", (), (), FULL)
