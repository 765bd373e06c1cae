"""A postmortem's checklist: blameless words, and the parts without which nobody learns from it.

It is checked, never graded: each finding names the line, what stands there, and what to write instead. The
list follows the SRE book, chapter 15, and the SRE Workbook, chapter 10: no blame, no single root cause,
impact in users' terms, actions that somebody owns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

#: (pattern, what is wrong with it, what to write instead)
_WORDS: Final[tuple[tuple[str, str, str], ...]] = (
    (r"\bhuman error\b", "names a person as the cause", "what made that act look right at that moment"),
    (r"\b(should|could|ought to) have\b", "judges with hindsight", "what was known then, and what was done"),
    (r"\b(careless|negligen\w+|sloppy|stupid\w*|incompeten\w+|lazy)\b", "judges a person", "what happened"),
    (r"\b(forgot|failed|neglected) to\b", "blames by omission", "what would have reminded anybody"),
    (r"\b(\w+)'s (fault|mistake)\b|\bfault of\b", "assigns guilt", "what the system allowed"),
    (r"\b(obviously|simply|just needed)\b", "makes it sound easier than it was", "what was on the screen"),
    (r"\broot cause\b", "looks for one cause", "contributing factors, at least two"),
    (r"\bnobody noticed\b|\bno one noticed\b", "blames everybody", "what would have shown it, and to whom"),
)
_OWNER: Final = re.compile(r"\bowner\s*[:=]\s*(?P<name>.*?)(?=\bby\s*:|[,;|]|$)", re.IGNORECASE)
_ITEM: Final = re.compile(r"(?:[-*]|\d+\.)\s+(?:\[[ x]\]\s+)?(?P<text>.*)")
_DATE: Final = re.compile(r"\b20\d\d-\d\d-\d\d\b")
_USERS: Final = re.compile(r"\b(users?|customers?|orders?|requests?|people)\b", re.IGNORECASE)
_CLOCK: Final = re.compile(r"\bT\+\d+:\d\d|\b\d\d:\d\d\b")
_FEWEST_FACTORS: Final = 2
_FEWEST_INSTANTS: Final = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend.

    Attributes:
        line: The line's number in the text, from 1; 0 for what is missing.
        found: What stands there.
        why: What is wrong with it.
        instead: What to write.
    """

    line: int
    found: str
    why: str
    instead: str

    def __str__(self) -> str:
        where = f"line {self.line}: “{self.found}”" if self.line else self.found
        return f"{where} {self.why}. Write {self.instead}."


@dataclass(frozen=True, slots=True)
class Checklist:
    """What was found; empty is well."""

    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return not self.findings

    def __str__(self) -> str:
        if not self.findings:
            return "Nothing found: blameless, complete, owned."
        return "\n".join(f"- {finding}" for finding in self.findings)


def check(text: str) -> Checklist:
    """Read a postmortem in Markdown, with the headings that the draft has."""
    lines = text.splitlines()
    return Checklist((*_blame(lines), *_missing(_sections(lines))))


def _blame(lines: Iterable[str]) -> Iterator[Finding]:
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("<!--"):
            continue
        for pattern, why, instead in _WORDS:
            for match in re.finditer(pattern, line, re.IGNORECASE):
                yield Finding(number, match.group(0), why, instead)


def _sections(lines: Iterable[str]) -> dict[str, list[str]]:
    """Lines by the heading above them, without prompts (quoted lines) and comments."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in lines:
        if line.startswith("#"):
            heading = line.lstrip("#").strip().lower()
            found.setdefault(heading, [])
        elif heading and line.strip() and not line.lstrip().startswith((">", "<!--", "*as ")):
            found[heading].append(line.strip())
    return found


def _missing(sections: dict[str, list[str]]) -> Iterator[Finding]:
    impact = sections.get("impact", [])
    if not any(_USERS.search(line) and re.search(r"\d", line) for line in impact):
        yield Finding(
            0, "Impact", "says nothing of users in numbers", "how many users, for how long, saw what"
        )
    instants = [line for line in sections.get("timeline", []) if _CLOCK.search(line)]
    if len(instants) < _FEWEST_INSTANTS:
        yield Finding(0, "Timeline", f"has {len(instants)} instants", "when it began, rang, was eased, ended")
    factors = _filled(sections.get("contributing factors", []))
    if len(factors) < _FEWEST_FACTORS:
        yield Finding(
            0, "Contributing factors", f"are {len(factors)}", "at least two: no incident has one cause"
        )
    if not _filled(sections.get("what went well", [])):
        yield Finding(0, "What went well", "is empty", "what you would want to happen again")
    actions = _filled(sections.get("actions", []))
    if not actions:
        yield Finding(0, "Actions", "are missing", "at least one change to the system")
    for action in actions:
        owner = _OWNER.search(action)
        if not action.partition("—")[0].strip(" …_"):
            yield Finding(0, "Action", "says nothing", "what changes, or take the line out")
        elif owner is None or not owner.group("name").strip(" …_"):
            yield Finding(0, f"Action “{_short(action)}”", "has no owner", "`owner: NAME` into it")
        elif not _DATE.search(action):
            yield Finding(0, f"Action “{_short(action)}”", "has no date", "`by: YYYY-MM-DD` into it")


def _filled(lines: Iterable[str]) -> list[str]:
    """List items that say something."""
    items = (match.group("text") for line in lines if (match := _ITEM.fullmatch(line)))
    return [item for item in items if item.strip(" …_")]


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39].rstrip() + "…"
