"""A review as text for a terminal and as JSON for a program."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent, wrap
from typing import Final

from simulator.review.findings import Finding
from simulator.review.model import PARTS, Review
from simulator.review.points import Group
from simulator.review.verdicts import FULL, Verdict

TITLES: Final[dict[Group, str]] = {
    "secrets": "Secrets",
    "pipeline": "Pipeline",
    "containers": "Containers",
    "delivery": "James's standard for a delivery",
    "rest": "What else the analysers say",
}
_WIDTH: Final = 100


def as_json(review: Review) -> dict[str, object]:
    """The review as data; ``gameday review --json`` prints it, and a later review compares itself with it."""
    parts = {}
    for part in PARTS:
        reached, possible = review.score(part)
        parts[part] = {"reached": reached, "of": possible}
    return {
        "format": 1,
        "files": [{"file": file.name, "kind": file.kind} for file in review.gathered.files],
        "analysers": [answer.to_json() for answer in review.answers],
        "complete": review.complete,
        "unread": [{"file": each.file, "reason": each.reason} for each in review.unread],
        "exceptions": [{"file": file, "line": line, "text": text} for file, line, text in review.exceptions],
        "score": parts,
        "points": [verdict.to_json() for verdict in review.verdicts],
        "findings": [finding.to_json() for finding in review.findings],
    }


def as_text(review: Review, *, diffs: bool = True) -> str:
    """The review for people: the score, each point, then each finding with its reason and its fix."""
    lines = [summary(review), ""]
    group = ""
    for verdict in review.verdicts:
        if verdict.point.group == "rest" and not verdict.findings:
            continue
        if verdict.point.group != group:
            group = verdict.point.group
            lines += [TITLES[verdict.point.group]]
        lines += list(_point(verdict))
    for verdict in review.verdicts:
        if verdict.findings:
            lines += ["", f"── {verdict.point.asks}"]
            for same in _by_rule(verdict.findings):
                lines += ["", *_findings(same, diffs)]
    return "\n".join([*lines, "", *_looked(review)]) + "\n"


def summary(review: Review) -> str:
    """One sentence: how much of the checklist and of the standard holds, and how much nobody looked at."""
    reached, possible = review.score()
    standard, all_of_it = review.score("delivery")
    blind = sum(each.state == "not looked at" for each in review.verdicts)
    files = len(review.gathered.files)
    text = (
        f"{files} file{'s' if files != 1 else ''}, {len(review.findings)} findings. "
        f"The twelve points: {reached} of {possible}. The standard for a delivery: {standard} of {all_of_it}."
    )
    return f"{text} {blind} point{'s' if blind != 1 else ''} not looked at." if blind else text


def mark(verdict: Verdict) -> str:
    """A point's score as a word of fixed width."""
    return " – " if verdict.score is None else f"{verdict.score}/{FULL}"


def _point(verdict: Verdict) -> Iterator[str]:
    count = len(verdict.findings)
    tail = f" ({count} finding{'s' if count != 1 else ''})" if count else ""
    yield f"  {mark(verdict)}  {verdict.point.asks}{tail}"
    for reason in verdict.reasons:
        first = "not looked at" if verdict.state == "not looked at" else "not all of it was looked at"
        yield from wrap(f"{first}: {reason}", _WIDTH, initial_indent=" " * 7, subsequent_indent=" " * 9)


def _by_rule(findings: tuple[Finding, ...]) -> list[list[Finding]]:
    """Findings of one rule together, in the order in which the rules come."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.tool, finding.rule), []).append(finding)
    return list(groups.values())


def _findings(same: list[Finding], diffs: bool) -> Iterator[str]:
    """The findings of one rule: every place, then once the reason, the fix and who said it; diffs last."""
    first = same[0]
    for finding in same:
        yield f"{finding.where} [{finding.severity}] {finding.what}"
        yield f"    {finding.subject}"
    yield from wrap(f"Why: {first.why}", _WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield from wrap(f"Fix: {first.todo}", _WIDTH, initial_indent="  ", subsequent_indent="  ")
    page = f", {first.link}" if first.link else ""
    yield f"  Said by {first.tool}: {first.rule}{page}"
    if diffs:
        yield from (indent(each.diff.rstrip("\n"), "    ") for each in same if each.diff)


def _looked(review: Review) -> Iterator[str]:
    """Who looked at what, and what nobody read."""
    yield "Who looked"
    for answer in review.answers:
        count = f"{answer.files} file{'s' if answer.files != 1 else ''}"
        words = {"ran": f"looked at {count}", "nothing to look at": "had nothing to look at"}
        state = words.get(answer.state, f"DID NOT LOOK at {count}: {answer.note}")
        yield f"  {answer.name} {answer.version}".rstrip() + f" {state}"
    for each in review.unread:
        yield f"  not read: {each.file}: {each.reason}"
    for name in review.gathered.passed_over:
        yield f"  passed over: {name}"
    for file, line, text in review.exceptions:
        yield f"  silenced by a comment: {file}:{line} {text}"
