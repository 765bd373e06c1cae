"""Edits of a file by its lines, and the unified diff that says the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Final

_NO_END: Final = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Lines put in the place of others.

    Attributes:
        line: The first line that goes, from 1; with ``remove`` 0 the new ones stand before it.
        remove: How many lines go.
        insert: The new lines, without their ends.
    """

    line: int
    remove: int = 0
    insert: tuple[str, ...] = ()

    def clashes(self, other: Edit) -> bool:
        """Whether the two can't both be made: they take the same lines, or one inserts inside the other."""
        if self == other:
            return False
        if not self.remove or not other.remove:
            one, two = (self, other) if other.remove else (other, self)
            return two.remove > 0 and two.line < one.line < two.line + two.remove
        return self.line < other.line + other.remove and other.line < self.line + self.remove


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends, as every tool counts them."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made: the same edit twice only once, ends of lines as they were."""
    lines = lines_of(text)
    once = sorted(dict.fromkeys(edits), key=lambda each: (each.line, each.remove > 0))
    for edit in reversed(once):
        lines[edit.line - 1 : edit.line - 1 + edit.remove] = edit.insert
    end = "\r\n" if "\r\n" in text else "\n"
    return end.join(lines) + end


def compatible(edits: Sequence[Edit], others: Iterable[Edit]) -> bool:
    """Whether the edits can be made beside the others."""
    return not any(one.clashes(two) for two in others for one in edits)


def diff_of(file: str, text: str, edits: Iterable[Edit]) -> str:
    """A unified diff, with the prefixes ``a/`` and ``b/`` as git writes them; empty without edits."""
    before, after = (each.splitlines(keepends=True) for each in (text, apply(text, edits)))
    name = file.lstrip("/")
    lines = unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_END}\n" for line in lines)
