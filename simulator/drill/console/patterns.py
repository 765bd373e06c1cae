"""Regular expressions as ``grep`` reads them: POSIX basic and extended, leftmost and longest.

They are run by sets of states (Thompson 1968), each set worked out once, so the work grows with the text and
no pattern runs away, as ``(a+)+b`` does in an engine that goes back. Python's ``re`` judges one character.
GNU's and Perl's shorthands for digits, words, blanks and the edges of words are read too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

#: Characters of a pattern, brackets in brackets, and states of the machine that it makes, at most.
LONGEST: Final = 300
_DEEPEST: Final = 20
_MOST_STATES: Final = 3_000
#: Characters of a line that are looked at; whatever the console prints is shorter.
LOOKED_AT: Final = 2_000
#: Work that one ``Pattern`` may do, a few seconds: a step for each character, some for each new set.
_MOST_STEPS: Final = 2_000_000
_STEPS_A_STATE: Final = 5
_CLASSES: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r"\t ",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_COUNTS: Final = re.compile(r"\{(\d{0,3})(,?)(\d{0,3})\}")
#: Signs that mean something bare in an extended expression, and behind a backslash in a basic one.
_SWAPPED: Final = frozenset("+?|(){}")


class PatternError(Exception):
    """A pattern that is none, or that is too much; the text is grep's."""


@dataclass(slots=True, eq=False)
class _State:
    """One state: a character's test, an assertion, a fork (neither), or the end (no way on)."""

    test: re.Pattern[str] | None = None
    holds: str = ""
    ways: list[_State] = field(default_factory=list)
    known: dict[str, bool] = field(default_factory=dict)

    def takes(self, character: str) -> bool:
        """Whether the character fits."""
        found = self.known.get(character)
        if found is None:
            assert self.test is not None
            found = self.known[character] = self.test.match(character) is not None
        return found


_States = tuple[_State, ...]
#: Between two characters: whether it is the line's begin, its end, behind and before a word's character.
_Place = tuple[bool, bool, bool, bool]
_NONE: Final[_States] = ()


@dataclass(frozen=True, slots=True)
class _Node:
    """A piece of a parsed pattern.

    Attributes:
        kind: ``character``, ``assertion``, ``all`` (one after the other), ``any`` (one of them), ``repeat``.
        text: The one-character pattern, or the assertion.
        parts: What is inside.
        least: Of a repeat.
        most: Of a repeat; None for any number.
    """

    kind: str
    text: str = ""
    parts: tuple[_Node, ...] = ()
    least: int = 0
    most: int | None = None


class Pattern:
    """A pattern that is ready to look for.

    Args:
        text: As typed.
        extended: As ``grep -E`` reads it; else basic.
        fixed: No pattern at all, every character is itself.
        ignore_case: Whatever the case of a letter.
        word: Only what no letter, digit or underscore touches.
        line: Only the whole line.

    Raises:
        PatternError: It is none, or too large.
    """

    def __init__(
        self,
        text: str,
        *,
        extended: bool = False,
        fixed: bool = False,
        ignore_case: bool = False,
        word: bool = False,
        line: bool = False,
    ) -> None:
        if len(text) > LONGEST:
            raise PatternError(f"the pattern is longer than {LONGEST} characters")
        if fixed:
            tree = _Node("all", parts=tuple(_Node("character", re.escape(sign)) for sign in text))
        else:
            tree = _Reader(text if extended else _extended(text)).read()
        around = ("^", "$") if line else ("outside", "outside") if word else ("", "")
        if around[0]:
            parts = (_Node("assertion", around[0]), tree, _Node("assertion", around[1]))
            tree = _Node("all", parts=parts)
        self._flags = re.IGNORECASE if ignore_case else re.NOFLAG
        self._end = _State()
        self._made = self._steps = 0
        self._closures: dict[tuple[_States, _Place], _States] = {}
        self._moves: dict[tuple[_States, str], _States] = {}
        self._start = self._machine(tree, self._end)

    def search(self, text: str) -> bool:
        """Whether it is found anywhere in a line."""
        text, states = text[:LOOKED_AT], _NONE
        for at in range(len(text) + 1):
            closed = self._closed((*states, self._start), text, at)
            if self._end in closed:
                return True
            states = self._after(closed, text, at)
        return False

    def findall(self, text: str) -> list[str]:
        """What it finds from left to right, each as long as can be; nothing that is empty."""
        text, found, at = text[:LOOKED_AT], list[str](), 0
        while at < len(text):
            end = self._longest(text, at)
            if end > at:
                found.append(text[at:end])
            at = max(end, at + 1)
        return found

    def _longest(self, text: str, start: int) -> int:
        """Where the longest find from ``start`` on ends; -1 for none."""
        states: _States = (self._start,)
        end, at = -1, start
        while states and at <= len(text):
            closed = self._closed(states, text, at)
            if self._end in closed:
                end = at
            states = self._after(closed, text, at)
            at += 1
        return end

    def _after(self, states: _States, text: str, at: int) -> _States:
        """Where a character leads from there."""
        if at >= len(text):
            return _NONE
        sign = text[at]
        found = self._moves.get((states, sign))
        if found is None:
            ways = [state.ways[0] for state in states if state.test is not None and state.takes(sign)]
            found = self._moves[states, sign] = tuple(dict.fromkeys(ways))
        return found

    def _closed(self, states: _States, text: str, at: int) -> _States:
        """The states and what can be reached from them without a character, each once."""
        place = (at == 0, at == len(text), _of_a_word(text, at - 1), _of_a_word(text, at))
        found = self._closures.get((states, place))
        self._steps += 1
        if found is None:
            found = self._closures[states, place] = _reached(states, place)
            self._steps += _STEPS_A_STATE * len(found)
        if self._steps > _MOST_STEPS:
            raise PatternError("the pattern takes too long on this text; write it more plainly")
        return found

    def _machine(self, node: _Node, following: _State) -> _State:
        """The state from which ``node`` and then ``following`` are read."""
        self._made += 1
        if self._made > _MOST_STATES:
            raise PatternError("regular expression too big")
        match node.kind:
            case "character":
                try:
                    test = re.compile(node.text, self._flags)
                except re.error as error:
                    raise PatternError(f"invalid bracket expression {node.text}: {error}") from None
                return _State(test=test, ways=[following])
            case "assertion":
                return _State(holds=node.text, ways=[following])
            case "all":
                for part in reversed(node.parts):
                    following = self._machine(part, following)
                return following
            case "any":
                return _State(ways=[self._machine(part, following) for part in node.parts])
        return self._repeat(node, following)

    def _repeat(self, node: _Node, following: _State) -> _State:
        (inside,) = node.parts
        if node.most is None:
            fork = _State(ways=[following])
            fork.ways.append(self._machine(inside, fork))
            following = fork
        for _ in range((node.most or node.least) - node.least):
            following = _State(ways=[following, self._machine(inside, following)])
        for _ in range(node.least):
            following = self._machine(inside, following)
        return following


def _reached(states: _States, place: _Place) -> _States:
    found, waiting = dict[_State, None](), list(states)
    while waiting:
        state = waiting.pop()
        if state in found:
            continue
        found[state] = None
        if state.test is None and (not state.holds or _holds(state.holds, place)):
            waiting.extend(state.ways)
    return tuple(found)


def _holds(assertion: str, place: _Place) -> bool:
    """Whether an assertion holds at such a place."""
    first, last, before, behind = place
    return {
        "^": first,
        "$": last,
        "b": before != behind,
        "B": before == behind,
        "<": behind and not before,
        ">": before and not behind,
        "outside": not (before and behind),
    }[assertion]


def _of_a_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")


def _extended(basic: str) -> str:
    """A basic expression as an extended one: the signs of ``_SWAPPED`` change sides."""
    done, at = list[str](), 0
    while at < len(basic):
        sign, behind = basic[at], basic[at + 1 : at + 2]
        if sign == "[":
            end = _bracket_end(basic, at)
            done.append(basic[at:end])
            at = end
        elif sign == "\\" and behind:
            done.append(behind if behind in _SWAPPED else sign + behind)
            at += 2
        else:
            done.append(f"\\{sign}" if sign in _SWAPPED or (sign == "*" and not done) else sign)
            at += 1
    return "".join(done)


def _bracket_end(text: str, start: int) -> int:
    """The place behind the bracket expression that begins at ``start``."""
    at = start + 1
    at += text[at : at + 1] == "^"
    at += text[at : at + 1] == "]"
    while at < len(text) and text[at] != "]":
        if text.startswith("[:", at):
            close = text.find(":]", at)
            at = close + 1 if close > 0 else at
        at += 1
    if at >= len(text):
        raise PatternError("Unmatched [, [^, [:, [., or [=")
    return at + 1


class _Reader:
    """Reads an extended expression."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def read(self) -> _Node:
        """The whole of it."""
        tree = self._alternatives()
        if self._at < len(self._text):
            raise PatternError("Unmatched ) or \\)")
        return tree

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _alternatives(self) -> _Node:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else _Node("any", parts=tuple(parts))

    def _sequence(self) -> _Node:
        parts = list[_Node]()
        while self._peek() not in ("", "|", ")"):
            node = self._piece()
            while (counts := self._counts()) is not None:
                node = _Node("repeat", "", (node,), *counts)
            parts.append(node)
        return _Node("all", parts=tuple(parts))

    def _counts(self) -> tuple[int, int | None] | None:
        """(least, most) where a repetition stands next."""
        sign = self._peek()
        if sign and sign in "*+?":
            self._at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        found = _COUNTS.match(self._text, self._at)
        if found is None or not (found[1] or found[3]):
            return None
        self._at = found.end()
        least = int(found[1] or 0)
        most = (int(found[3]) if found[3] else None) if found[2] else least
        if most is not None and most < least:
            raise PatternError("Invalid content of \\{\\}")
        return least, most

    def _piece(self) -> _Node:
        sign = self._peek()
        if sign == "(":
            return self._group()
        if sign == "[":
            end = _bracket_end(self._text, self._at)
            inside, self._at = self._text[self._at + 1 : end - 1], end
            return _Node("character", _bracket(inside))
        self._at += 1
        if sign == "\\":
            return self._escaped()
        if sign in ("^", "$"):
            return _Node("assertion", sign)
        return _Node("character", "." if sign == "." else re.escape(sign))

    def _group(self) -> _Node:
        self._at, self._depth = self._at + 1, self._depth + 1
        if self._depth > _DEEPEST:
            raise PatternError(f"more than {_DEEPEST} brackets in brackets")
        if self._peek() == "?":
            raise PatternError("(?…) is Perl's; POSIX knows plain groups only")
        inside = self._alternatives()
        if self._peek() != ")":
            raise PatternError("Unmatched ( or \\(")
        self._at, self._depth = self._at + 1, self._depth - 1
        return inside

    def _escaped(self) -> _Node:
        sign = self._peek()
        self._at += 1
        if not sign:
            raise PatternError("Trailing backslash")
        if sign in "123456789":
            raise PatternError(f"\\{sign} (a back reference) is not part of this console")
        if sign in "bB<>":
            return _Node("assertion", sign)
        return _Node("character", f"\\{sign}" if sign in "dDsSwW" else re.escape(sign))


def _bracket(inside: str) -> str:
    """What stands between POSIX's brackets, for Python: no escapes there, and classes by name."""
    negated, rest = ("^", inside[1:]) if inside.startswith("^") else ("", inside)
    done, at = list[str](), 0
    while at < len(rest):
        named = re.match(r"\[:(\w+):\]", rest[at:])
        if named:
            if named[1] not in _CLASSES:
                raise PatternError(f"no character class [:{named[1]}:]")
            done.append(_CLASSES[named[1]])
            at += named.end()
            continue
        done.append(rest[at] if rest[at] == "-" else re.escape(rest[at]))
        at += 1
    return f"[{negated}{''.join(done)}]"
