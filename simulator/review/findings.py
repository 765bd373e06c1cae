"""What a review finds: one finding with its place, its reason and its fix; and what it could not look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from simulator.review.patches import Edit, diff_of

Severity = Literal["high", "medium", "low"]
SEVERITIES: Final[tuple[Severity, ...]] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Said:
    """What an analyser said, in its own words.

    Attributes:
        rule: The analyser's name for it, such as ``DL3002``.
        severity: The analyser's, in three steps.
        link: The rule's page.
        column: From 1, 0 where the analyser names none.
    """

    tool: str
    rule: str
    file: str
    line: int
    what: str
    severity: Severity
    link: str = ""
    column: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a check of ours found.

    Attributes:
        rule: A key of ``rules.OWN``.
        what: A sentence about this place.
        edits: What would mend it; empty where no machine can know.
    """

    rule: str
    file: str
    line: int
    what: str
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Unseen:
    """A point that these files don't answer, and why."""

    point: str
    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """One finding, as people and programs get it.

    Attributes:
        point: The point that it belongs to.
        rule: What it is called by whoever found it.
        tool: Who found it: an analyser's name, or ``gameday``.
        line: From 1.
        what: What is there.
        why: Why it matters, in James's words.
        todo: How it is mended.
        link: The rule's page; may be empty.
        subject: The line as it stands, by which two reviews recognise the same finding.
        edits: The fix; empty where no machine can know it.
        diff: The same as a unified diff, to be applied with ``git apply`` or ``patch -p1``.
    """

    point: str
    rule: str
    tool: str
    severity: Severity
    file: str
    line: int
    what: str
    why: str
    todo: str
    link: str = ""
    subject: str = ""
    edits: tuple[Edit, ...] = ()
    diff: str = ""

    def __repr__(self) -> str:
        return f"{self.where} [{self.severity}] {self.rule}: {self.what}"

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """By which a finding is recognised when its line has moved."""
        return (self.tool, self.rule, self.file, self.subject)

    def to_json(self) -> dict[str, object]:
        """As ``gameday review --json`` prints it."""
        return {
            "point": self.point,
            "rule": self.rule,
            "tool": self.tool,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "what": self.what,
            "why": self.why,
            "subject": self.subject,
            "link": self.link or None,
            "fix": {"todo": self.todo, "diff": self.diff or None},
        }


def with_fix(finding: Finding, text: str, edits: tuple[Edit, ...]) -> Finding:
    """The finding with its fix, as edits and as a diff of the file's text."""
    return Finding(
        **{
            name: getattr(finding, name)
            for name in Finding.__dataclass_fields__
            if name not in ("edits", "diff")
        },
        edits=edits,
        diff=diff_of(finding.file, text, edits),
    )
