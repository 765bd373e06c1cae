"""A file's lines as YAML's blocks: where one ends, how deep it stands, and edits that fit into it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from simulator.review.patches import Edit, lines_of

_KEY_ALONE: Final = re.compile(r"\s*(- )?[\w./-]+:\s*(#.*)?")


@dataclass(frozen=True)
class Lines:
    """The lines of a text; every number counts from 1."""

    text: str

    @cached_property
    def all(self) -> list[str]:
        return lines_of(self.text)

    def line(self, number: int) -> str:
        """One line; empty beyond the file's end."""
        return self.all[number - 1] if 0 < number <= len(self.all) else ""

    def indent(self, number: int) -> int:
        """How many blanks stand before the first character of a line."""
        line = self.line(number)
        return len(line) - len(line.lstrip(" "))

    def depth(self, number: int) -> int:
        """The column of a line's key, past the dash of a list's item."""
        line = self.line(number)
        mark = re.match(r" *(- +)*", line)
        return mark.end() if mark else 0

    def end(self, number: int) -> int:
        """The last line of the block that begins on a line: everything deeper than its first character."""
        own, last = self.indent(number), number
        for at in range(number + 1, len(self.all) + 1):
            line = self.line(at)
            if not line.strip():
                continue
            if self.indent(at) <= own and not (line.lstrip().startswith("- ") and self._listed(number, at)):
                break
            if not line.lstrip().startswith("#"):
                last = at
        return last

    def _listed(self, number: int, at: int) -> bool:
        """Whether a dash belongs to the key on a line, as YAML allows without further indent."""
        own = self.line(number).lstrip()
        return self.indent(at) == self.indent(number) and not own.startswith("- ") and own.endswith(":")

    def opens(self, number: int) -> bool:
        """Whether a line is a key alone, with its block below it."""
        return _KEY_ALONE.fullmatch(self.line(number)) is not None and self.end(number) > number

    def child(self, number: int, key: str) -> int:
        """The line of a key directly inside the block that begins on a line; 0 where there is none."""
        item = self.line(number).lstrip().startswith("- ")
        begin, depth = (number, self.depth(number)) if item else (number + 1, self._inside(number))
        for at in range(begin, self.end(number) + 1):
            if self.depth(at) == depth and re.match(rf"(- +)*{re.escape(key)}\s*:", self.line(at).lstrip()):
                return at
        return 0

    def _inside(self, number: int) -> int:
        """The indent of what stands inside the block that begins on a line."""
        for at in range(number + 1, self.end(number) + 1):
            if self.line(at).strip() and not self.line(at).lstrip().startswith("#"):
                return self.indent(at)
        return self.indent(number) + 2

    def into(self, number: int, new: Sequence[str], *, after: str = "") -> tuple[Edit, ...]:
        """Lines put into the block that begins on a line, behind one of its keys or at its head.

        Empty where the block is written in braces, which no line can be put into.
        """
        item = self.line(number).lstrip().startswith("- ")
        if not item and not self.opens(number):
            return ()
        depth = self.depth(number) if item else self._inside(number)
        if item and self.line(number)[depth : depth + 1] in "{[":
            return ()
        before = self.child(number, after) if after else 0
        if before:
            place = self.end(before) + 1 if self.depth(before) == self.indent(before) else self._after(before)
        else:
            place = self._after(number) if item else number + 1
        return (Edit(place, 0, tuple(" " * depth + line for line in new)),)

    def _after(self, number: int) -> int:
        """The line behind the first key of a list's item, which shares its line with the dash."""
        depth, last = self.depth(number), number
        for at in range(number + 1, self.end(number) + 1):
            if self.line(at).strip() and self.indent(at) <= depth:
                break
            last = at if self.line(at).strip() else last
        return last + 1

    def replaced(self, number: int, new: str) -> tuple[Edit, ...]:
        """One line in the place of another."""
        return (Edit(number, 1, (new,)),)
