"""Two reviews side by side: what each point scored before and after, what is gone, what is new."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.errors import Problem, ReviewError
from simulator.review.model import Review
from simulator.review.points import POINTS, Point
from simulator.review.writing import as_json

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one point; None where nobody looked."""

    point: Point
    before: int | None
    after: int | None
    findings_before: int
    findings_after: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two reviews compared.

    Attributes:
        gone: Findings of the earlier one that the later does not have, as JSON has them.
        new: The reverse.
        before: What was reached and could be, of the checklist and of the standard.
    """

    changes: tuple[Change, ...]
    gone: tuple[Row, ...]
    new: tuple[Row, ...]
    before: Mapping[str, tuple[int, int]]
    after: Mapping[str, tuple[int, int]]

    def to_json(self) -> dict[str, object]:
        """As ``gameday review --since`` prints it."""
        return {
            "points": [
                {"id": each.point.id, "before": each.before, "after": each.after} for each in self.changes
            ],
            "gone": [dict(each) for each in self.gone],
            "new": [dict(each) for each in self.new],
            "score": {
                part: {"before": list(self.before[part]), "after": list(self.after[part])}
                for part in self.before
            },
        }

    def __str__(self) -> str:
        lines = []
        for part, title in (("checklist", "the twelve points"), ("delivery", "the standard for a delivery")):
            (had, of), (has, now_of) = self.before[part], self.after[part]
            lines.append(f"{title}: {had} of {of} before, {has} of {now_of} now")
        lines.append("")
        for each in self.changes:
            if (each.before, each.findings_before) != (each.after, each.findings_after):
                score = f"{_shown(each.before)} → {_shown(each.after)}"
                counts = f"{each.findings_before} → {each.findings_after} findings"
                lines.append(f"  {score:<7} {each.point.asks} ({counts})")
        lines += ["", f"{len(self.gone)} findings gone, {len(self.new)} new"]
        lines += [f"  new: {row['file']}:{row['line']} {row['what']}" for row in self.new]
        return "\n".join(lines)

    __repr__ = __str__


def _shown(score: int | None) -> str:
    return "–" if score is None else str(score)


def compare(earlier: Review | Row, later: Review | Row) -> Comparison:
    """A review beside an earlier one, each as it is or as ``--json`` wrote it.

    A finding is the same if tool, rule, file and the text of its line are; so moved lines don't count.
    """
    before, after = _row(earlier), _row(later)
    old, new = ({row["id"]: row for row in each["points"]} for each in (before, after))
    changes = tuple(
        Change(
            point,
            old[point.id]["score"],
            new[point.id]["score"],
            old[point.id]["findings"],
            new[point.id]["findings"],
        )
        for point in POINTS
        if point.id in old and point.id in new
    )
    return Comparison(
        changes,
        tuple(_missing(before["findings"], after["findings"])),
        tuple(_missing(after["findings"], before["findings"])),
        *(
            {part: (row["reached"], row["of"]) for part, row in each["score"].items()}
            for each in (before, after)
        ),
    )


def _row(review: Review | Row) -> Row:
    return as_json(review) if isinstance(review, Review) else review


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("tool", "rule", "file", "subject"))


def _missing(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """Rows that have no partner among the others; a line that stands twice has two."""
    left = Counter(_key(row) for row in others)
    found = []
    for row in rows:
        if left[_key(row)]:
            left[_key(row)] -= 1
        else:
            found.append(row)
    return found


def read_earlier(path: Path) -> Row:
    """What ``gameday review --json`` wrote before.

    Raises:
        ReviewError: It is not there, or something else.
    """
    where, what = str(path), "what gameday review --json printed"
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ReviewError([Problem(where, what, reason, "Check the path.")]) from None
    except ValueError:
        raise ReviewError([Problem(where, what, "no JSON", "Write it with --json.")]) from None
    if (
        not isinstance(found, dict)
        or found.get("format") != 1
        or not {"points", "findings", "score"} <= found.keys()
    ):
        raise ReviewError([Problem(where, what, "other JSON", "Write it with --json.")])
    return found
