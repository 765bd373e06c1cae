"""How a console line is read: words as a shell splits them, flags as kubectl's flag library reads them.

The *canonical* spelling of a line is what scenarios, checks and the coach match against: positional words
first, resources in one form (``deployment/checkout``), then the flags by name as ``--flag=value``, without
the namespace where it is the default one.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from simulator.errors import ConsoleError, GamedayError
from simulator.units import parse_duration

#: More than anybody types, a manifest in line included; a longer line is refused before it is read.
LONGEST_LINE: Final = 16_000
_OPERATORS: Final = frozenset({"|", "||", "&", "&&", ";", ">", ">>", "<"})
_EXAMPLES: Final = {"duration": "300s", "int": "3", "bool": "true", "text": "VALUE"}
_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class RefusedError(ConsoleError):
    """A line that was not carried out, with what the real tool says about it.

    Attributes:
        said: The tool's own words; what the terminal prints.
    """

    def __init__(self, said: str, *, where: str, expected: str, got: str, todo: str) -> None:
        super().__init__(where, expected=expected, got=got, todo=todo)
        self.said = said


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag of a verb.

    Attributes:
        name: Long form without dashes.
        about: One line for help.
        short: One letter, or empty.
        takes: ``bool`` needs no value; ``text``, ``int`` and ``duration`` do.
        default: Its value when absent; empty for none.
        choices: For completion.
        also: Other long forms that mean the same.
        bare: Whether a number behind one dash is its value, as git's ``-3``.
        many: Whether it may be given again and again; its value is then a line for each.
    """

    name: str
    about: str
    short: str = ""
    takes: Literal["text", "bool", "int", "duration"] = "text"
    default: str = ""
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    bare: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands behind a verb: positional words, flag values with defaults, and which were typed."""

    words: tuple[str, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)
    typed: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """The value of a flag."""
        return self.flags[name]

    def truth(self, name: str) -> bool:
        """The value of a bool flag."""
        return self.flags[name] == "true"

    def number(self, name: str) -> int:
        """The value of an int flag."""
        return int(self.flags[name])

    def duration(self, name: str) -> int:
        """The value of a duration flag in nanoseconds; 0 where it is empty."""
        return parse_duration(self.flags[name] or "0", where=f"--{name}")

    def given(self, name: str) -> bool:
        """Whether the flag was typed."""
        return name in self.typed

    @property
    def sentence(self) -> str:
        """The positional words as one text, for verbs that take prose."""
        return " ".join(self.words)


def split(line: str) -> list[str]:
    """The words of a line, as a POSIX shell splits them; nothing is expanded.

    Raises:
        RefusedError: The line is too long, a quotation is open, or it asks for a shell that is not there.
    """
    if len(line) > LONGEST_LINE:
        raise RefusedError(
            f"error: the line is too long ({len(line)} characters)",
            where="console",
            expected=f"at most {LONGEST_LINE} characters",
            got=str(len(line)),
            todo="Type one command.",
        )
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.commenters = ""
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        mark = '"' if line.count('"') % 2 else "'"
        raise RefusedError(
            f"bash: unexpected EOF while looking for matching `{mark}'",
            where=line,
            expected=f"a closing {mark}",
            got="the end of the line",
            todo="Close the quotation.",
        ) from None
    for word in words:
        if word in _OPERATORS:
            raise RefusedError(
                f"{word}: this console runs one command a line, without redirections or lists\n"
                "A look may be filtered: kubectl get pods | grep checkout | head -3",
                where=line,
                expected="one command a line, with filters behind it at most",
                got=repr(word),
                todo="Use the command's own flags, such as -l, --tail or -o, or filters: type help grep.",
            )
    return words


def split_prose(line: str) -> list[str]:
    """The words of a line that carries prose: apostrophes and semicolons are themselves there."""
    try:
        return shlex.split(line)
    except ValueError:
        return [word.strip('"') for word in line.split()]


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that ``word`` was probably meant to be, or an empty string."""
    found = difflib.get_close_matches(word[:64], sorted(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def parse_flags(words: Sequence[str], flags: Sequence[Flag], *, verb: str, line: str) -> Arguments:
    """Read flags and positional words as pflag does: ``--a=b``, ``--a b``, ``-ab``, ``-a b``, ``--``.

    Args:
        words: What stands behind the verb.
        flags: What the verb knows.
        verb: As typed in full, for messages.
        line: The whole line, for errors.

    Raises:
        RefusedError: With the tool's own words.
    """
    reader = _FlagReader(flags, verb, line)
    rest, positional = list(words), list[str]()
    while rest:
        word = rest.pop(0)
        if word == "--":
            positional.extend(rest)
            break
        if word.startswith("--"):
            reader.long(word, rest)
        elif word.startswith("-") and len(word) > 1:
            reader.short(word, rest)
        else:
            positional.append(word)
    return Arguments(tuple(positional), reader.values, tuple(dict.fromkeys(reader.typed)))


class _FlagReader:
    """Takes flag words one by one; ``rest`` is what stands behind them, from where a value may come."""

    def __init__(self, flags: Sequence[Flag], verb: str, line: str) -> None:
        self._by_name = {name: flag for flag in flags for name in (flag.name, *flag.also)}
        self._by_short = {flag.short: flag for flag in flags if flag.short}
        self._bare = next((flag for flag in flags if flag.bare), None)
        self._verb, self._line = verb, line
        self.values = {flag.name: flag.default or ("false" if flag.takes == "bool" else "") for flag in flags}
        self.typed: list[str] = []

    def long(self, word: str, rest: list[str]) -> None:
        """``--name``, ``--name=value`` or ``--name value``."""
        name, equals, value = word[2:].partition("=")
        flag = self._by_name.get(name)
        if flag is None:
            raise _unknown_flag(f"unknown flag: --{name}", f"--{name}", self._by_name, self._verb, self._line)
        if not equals and flag.takes != "bool":
            if not rest:
                raise _needs_value(f"flag needs an argument: --{name}", f"--{name}", self._verb, self._line)
            value = rest.pop(0)
        self._put(flag, value if equals or flag.takes != "bool" else "true", f"--{name}")

    def short(self, word: str, rest: list[str]) -> None:
        """``-n value``, ``-nvalue``, ``-n=value``, and bools together as in ``-wA``."""
        letters = word[1:]
        if self._bare is not None and letters.isdecimal():
            self._put(self._bare, letters, word)
            return
        while letters:
            letter, letters = letters[0], letters[1:]
            flag = self._by_short.get(letter)
            if flag is None:
                said = f"unknown shorthand flag: {letter!r} in {word}"
                raise _unknown_flag(said, f"-{letter}", self._by_name, self._verb, self._line)
            if flag.takes == "bool" and not letters.startswith("="):
                self._put(flag, "true", f"-{letter}, --{flag.name}")
                continue
            if not letters and not rest:
                said = f"flag needs an argument: {letter!r} in {word}"
                raise _needs_value(said, f"-{letter}", self._verb, self._line)
            value = letters.removeprefix("=") if letters else rest.pop(0)
            self._put(flag, value, f"-{letter}, --{flag.name}")
            return

    def _put(self, flag: Flag, value: str, shown: str) -> None:
        value = _checked(flag, value, shown, self._verb, self._line)
        before = self.values[flag.name] if flag.many and flag.name in self.typed else ""
        self.values[flag.name] = f"{before}\n{value}" if before else value
        self.typed.append(flag.name)


def _see_help(verb: str) -> str:
    return f"See '{verb} --help' for usage."


def _unknown_flag(said: str, got: str, known: Iterable[str], verb: str, line: str) -> RefusedError:
    close = nearest(got.lstrip("-"), known)
    hint = f"Did you mean --{close}?" if close else f"Type help {verb} for its flags."
    return RefusedError(
        f"error: {said}\n{_see_help(verb)}", where=line, expected=f"a flag of {verb}", got=got, todo=hint
    )


def _needs_value(said: str, got: str, verb: str, line: str) -> RefusedError:
    return RefusedError(
        f"error: {said}\n{_see_help(verb)}",
        where=line,
        expected=f"a value for {got}",
        got="nothing",
        todo=f"Write {got}=VALUE.",
    )


def _checked(flag: Flag, value: str, shown: str, verb: str, line: str) -> str:
    """The value in its one spelling, or the flag library's message."""
    reason, expected = "", ""
    if flag.takes == "int":
        try:
            number = int(value) if value.isascii() and "_" not in value else None
        except ValueError:
            number = None
        if number is not None and abs(number) < 1 << 31:
            return str(number)
        why = "invalid syntax" if number is None else "value out of range"
        reason, expected = f'strconv.ParseInt: parsing "{value}": {why}', "a whole number"
    elif flag.takes == "bool":
        if value in _TRUE or value in _FALSE:
            return "true" if value in _TRUE else "false"
        reason, expected = f'strconv.ParseBool: parsing "{value}": invalid syntax', "true or false"
    elif flag.takes == "duration":
        try:
            parse_duration(value, where=shown)
        except GamedayError:
            reason, expected = f'time: invalid duration "{value}"', "a duration such as 5m or 300s"
    if not reason:
        return value
    raise RefusedError(
        f'error: invalid argument "{value}" for "{shown}" flag: {reason}\n{_see_help(verb)}',
        where=line,
        expected=expected,
        got=repr(value),
        todo=f"Write --{flag.name}={_EXAMPLES[flag.takes]}.",
    )


def canonical(words: Sequence[str], arguments: Arguments, namespace: str) -> str:
    """The one spelling of a line; see the module's text.

    Args:
        words: Program, verb and positional words, resources already normalised.
        arguments: As parsed.
        namespace: The default one, which is left out.
    """
    shown = []
    for name in sorted(set(arguments.typed)):
        value = " ".join(arguments.flags[name].splitlines())
        if name == "namespace" and value == namespace:
            continue
        shown.append(f"--{name}" if value == "true" else f"--{name}={value}")
    return " ".join([*words, *shown])
