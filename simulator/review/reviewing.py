"""The review itself: files gathered and understood, analysers asked, our checks made, all put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from simulator.errors import GamedayError
from simulator.review import rules
from simulator.review.analysers import ask_all
from simulator.review.checks import check
from simulator.review.checks.all import Read
from simulator.review.files import File, Gathered, gather, given
from simulator.review.findings import SEVERITIES, Finding, Found, Said, Unseen, with_fix
from simulator.review.lines import Lines
from simulator.review.model import Review, readable
from simulator.review.patches import Edit, apply
from simulator.review.points import BY_ID, POINTS

#: The tool of our own checks.
OWN: Final = "gameday"


def review_paths(paths: Sequence[str | Path], *, as_of: date | None = None) -> Review:
    """Review files and folders.

    Args:
        paths: What to look at; the name of one of the kit's pipelines is its folder.
        as_of: The day from which the age of secrets counts; without it nobody judges their age.

    Raises:
        ReviewError: A path leads nowhere, or a file can't be reviewed; all problems of a kind at once.
    """
    return _review(gather(list(paths)), as_of)


def review_texts(texts: Mapping[str, str], *, as_of: date | None = None) -> Review:
    """Review texts under the names that their files would have.

    Raises:
        ReviewError: A text can't be reviewed.
    """
    return _review(given(texts), as_of)


def day_of(text: str | None) -> date | None:
    """A day as people write it; None stays None.

    Raises:
        GamedayError: It is no day.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise GamedayError(
            "as_of", expected="a day such as 2026-03-02", got=repr(text), todo="Year, month, day."
        ) from None


def mended(review: Review, *names: str) -> Review:
    """A review of the same files with the fixes made, in memory; the files themselves stay.

    Args:
        review: The review whose fixes are made.
        names: Rules or points; none means every fix that fits beside the others.
    """
    edits = review.edits(names)
    texts = {
        file.name: apply(file.text, edits[file.name]) if file.name in edits else file.text
        for file in review.gathered.files
    }
    return review_texts(texts, as_of=review.as_of)


def _review(gathered: Gathered, as_of: date | None) -> Review:
    read = Read.of(gathered)
    answers = ask_all(gathered.files)
    files = {file.name: file for file in gathered.files}
    findings = [_from_analyser(said, files[said.file], read) for answer in answers for said in answer.said]
    unseen = []
    for found in check(gathered, read, as_of):
        if isinstance(found, Unseen):
            unseen.append(found)
        else:
            findings.append(_own(found, files[found.file]))
    return Review(gathered, answers, tuple(sorted(findings, key=_order)), tuple(unseen), as_of)


def _order(finding: Finding) -> tuple[int, int, str, int, str, str]:
    place = next(number for number, point in enumerate(POINTS) if point.id == finding.point)
    return (place, SEVERITIES.index(finding.severity), finding.file, finding.line, finding.rule, finding.what)


def _from_analyser(said: Said, file: File, read: Read) -> Finding:
    rule = rules.rule_of(said.tool, said.rule)
    page = said.link or rule.link or rules.PAGES.get(said.tool, "").format(rule=said.rule)
    plain = Finding(
        point=rule.point,
        rule=said.rule,
        tool=said.tool,
        severity=said.severity,
        file=said.file,
        line=said.line,
        what=said.what,
        why=rule.why or BY_ID[rule.point].why,
        todo=rule.todo or "See the rule's page.",
        link=page,
        subject=Lines(file.text).line(said.line).strip(),
    )
    return _with_fix(plain, file, read.fix(said))


def _own(found: Found, file: File) -> Finding:
    rule = rules.OWN[found.rule]
    assert rule.severity is not None, f"the rule {found.rule} has no severity"
    plain = Finding(
        point=rule.point,
        rule=found.rule,
        tool=OWN,
        severity=rule.severity,
        file=found.file,
        line=found.line,
        what=found.what,
        why=rule.why or BY_ID[rule.point].why,
        todo=rule.todo,
        link=rule.link,
        subject=Lines(file.text).line(found.line).strip(),
    )
    return _with_fix(plain, file, found.edits)


def _with_fix(finding: Finding, file: File, edits: tuple[Edit, ...]) -> Finding:
    """The finding with its fix, if the file can still be read with it."""
    return with_fix(finding, file.text, edits) if edits and readable(file, edits) else finding
