"""A review as data: the files, what each analyser did, the findings, a verdict for each point."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Literal

from simulator.errors import FileError
from simulator.pipeline.workflow.reading import workflow_of
from simulator.review.analysers import Answer
from simulator.review.dockerfile import stages_of
from simulator.review.documents import documents
from simulator.review.files import File, Gathered, Unread
from simulator.review.findings import Finding, Unseen
from simulator.review.patches import Edit, apply, compatible, diff_of, lines_of
from simulator.review.points import CHECKLIST, POINTS, STANDARD
from simulator.review.verdicts import FULL, Verdict, verdict_of

#: Comments by which a file tells an analyser to be silent.
_EXCEPTION: Final = re.compile(
    r"#\s*(zizmor:\s*ignore\[[^\]]*\]|hadolint\s+(?:global\s+)?ignore=\S+|pragma:\s*allowlist.*)"
)
Part = Literal["checklist", "delivery"]
PARTS: Final[tuple[Part, ...]] = ("checklist", "delivery")


@dataclass(frozen=True)
class Review:
    """What a review found.

    Attributes:
        gathered: The files.
        answers: What each analyser did.
        findings: By point, file and line.
        unseen: Points that these files don't answer.
        as_of: The day from which the age of secrets counted.
    """

    gathered: Gathered
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]
    unseen: tuple[Unseen, ...]
    as_of: date | None = None

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One a point, in the checklist's order."""
        kinds = [file.kind for file in self.gathered.files]
        return tuple(verdict_of(point, kinds, self.answers, self.findings, self.unseen) for point in POINTS)

    @property
    def complete(self) -> bool:
        """Whether everything that was given was looked at: no analyser missing or failed, no file unread."""
        return not self.unread and all(each.state in ("ran", "nothing to look at") for each in self.answers)

    @property
    def unread(self) -> list[Unread]:
        """Files of a folder that nobody could read."""
        return self.gathered.unread

    def to_json(self) -> dict[str, object]:
        """As ``gameday review --json`` prints it."""
        from simulator.review.writing import as_json

        return as_json(self)

    def of(self, point: str) -> tuple[Finding, ...]:
        """The findings of one point, by its id."""
        return tuple(each for each in self.findings if each.point == point)

    def score(self, part: Part = "checklist") -> tuple[int, int]:
        """What was reached and what could be, over the points that were looked at.

        Args:
            part: ``checklist``: James's twelve. ``delivery``: his standard for a workflow file.
        """
        points = CHECKLIST if part == "checklist" else STANDARD
        scores = [each.score for each in self.verdicts if each.point in points and each.score is not None]
        return sum(scores), FULL * len(scores)

    @cached_property
    def exceptions(self) -> tuple[tuple[str, int, str], ...]:
        """Comments that silence an analyser: file, line, text. They are honoured, and shown."""
        return tuple(
            (file.name, number, found.group(1).strip())
            for file in self.gathered.files
            for number, line in enumerate(lines_of(file.text), 1)
            if (found := _EXCEPTION.search(line))
        )

    def patch(self, *names: str) -> str:
        """The fixes that can be made together, as one unified diff.

        Args:
            names: Rules or points; none means all of them.
        """
        texts = {file.name: file.text for file in self.gathered.files}
        chosen = self.edits(names)
        return "".join(diff_of(name, texts[name], edits) for name, edits in sorted(chosen.items()))

    def edits(self, names: Sequence[str] = ()) -> dict[str, tuple[Edit, ...]]:
        """Edits by file: one fix after the other, each only if it fits beside those before it.

        Args:
            names: Rules or points; none means all of them.
        """
        files = {file.name: file for file in self.gathered.files}
        chosen: dict[str, tuple[Edit, ...]] = {}
        for finding in self.findings:
            wanted = not names or finding.rule in names or finding.point in names
            held = chosen.get(finding.file, ())
            if wanted and finding.edits and compatible(finding.edits, held):
                tried = (*held, *finding.edits)
                if readable(files[finding.file], tried):
                    chosen[finding.file] = tried
        return chosen


def readable(file: File, edits: Sequence[Edit]) -> bool:
    """Whether a file still says something after the edits."""
    text = apply(file.text, edits)
    try:
        if file.kind == "workflow":
            workflow_of(text.encode(), file.name)
        elif file.kind == "dockerfile":
            stages_of(text, file.name)
        elif file.nodes:
            documents(text, file.name)
    except FileError:
        return False
    return True
