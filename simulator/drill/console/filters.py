"""What may stand behind a pipe: ``grep``, ``head``, ``tail``, ``wc``, ``sort``, ``uniq``, with GNU's flags.

A filter gets the lines of an answer and returns lines. It is made from its words before anything is run, so
a wrong flag is refused without a look. Order is that of the C locale.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError, parse_flags
from simulator.drill.console.patterns import Pattern, PatternError

Lines = list[str]
Filter = Callable[[Lines], Lines]

_KEY: Final = re.compile(r"([1-9]\d{0,3})(?:\.\d+)?([bhnr]*)(?:,([1-9]\d{0,3})(?:\.\d+)?([bhnr]*))?")
_NUMBER: Final = re.compile(r"\s*(-?\d*\.?\d+)([KMGTP]?)")
_FIELD: Final = re.compile(r"\s*\S+")
_SIZES: Final = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}


@dataclass(frozen=True, slots=True)
class Program:
    """One program that filters.

    Attributes:
        name: Its first word.
        usage: What stands behind it.
        about: One sentence, for help.
        flags: What it takes.
        make: The filter that its words mean; the text is the whole line, for errors.
    """

    name: str
    usage: str
    about: str
    flags: tuple[Flag, ...]
    make: Callable[[Arguments, str], Filter]


def understood(words: Sequence[str], line: str) -> Filter:
    """The filter that the words mean, a known program first.

    Raises:
        RefusedError: In the program's own words.
    """
    program = PROGRAMS[words[0]]
    rest = list(words[1:])
    if program.name in ("head", "tail") and rest and re.fullmatch(r"-\d+", rest[0]):
        rest[0] = f"-n{rest[0][1:]}"  # the old way to write a number, which GNU still takes
    try:
        arguments = parse_flags(rest, program.flags, verb=program.name, line=line)
    except RefusedError as error:
        error.said = f"{program.name}: {_gnu(error)}\nUsage: … | {program.name} {program.usage}"
        raise
    return program.make(arguments, line)


def _gnu(error: RefusedError) -> str:
    """What getopt says where pflag refuses."""
    if "needs an argument" in error.said:
        return f"option requires an argument -- '{error.expected.rpartition('-')[2]}'"
    if "unknown" not in error.said:
        return f"invalid argument {error.got}"
    if error.got.startswith("--"):
        return f"unrecognized option '{error.got}'"
    return f"invalid option -- '{error.got.lstrip('-')}'"


def _refused(line: str, said: str, expected: str, got: str, todo: str) -> RefusedError:
    return RefusedError(said, where=line[:200], expected=expected, got=got or "nothing", todo=todo)


def _no_files(arguments: Arguments, name: str, line: str) -> None:
    """There are no files here: what is read is the answer before the pipe."""
    for word in arguments.words:
        if word != "-":
            raise _refused(
                line,
                f"{name}: {word}: No such file or directory\nHere it reads the answer before the pipe.",
                "no file",
                repr(word),
                "Leave it out.",
            )


# --- grep -----------------------------------------------------------------------------------------


def _grep(arguments: Arguments, line: str) -> Filter:
    words = list(arguments.words)
    given = arguments.given("regexp")
    patterns = arguments.text("regexp").split("\n") if given else words[:1]
    if not patterns:
        usage = "Usage: … | grep [-ivEcown] [-A N] [-B N] [-C N] PATTERN"
        raise _refused(line, usage, "a pattern", "nothing", "For example: kubectl get pods | grep checkout")
    _no_files(Arguments(tuple(words if given else words[1:])), "grep", line)
    try:
        found = [_pattern(arguments, pattern) for pattern in patterns]
    except PatternError as error:
        raise _bad_pattern(line, error) from None
    wanted = not arguments.truth("invert-match")

    def run(lines: Lines) -> Lines:
        try:
            hits = [
                place
                for place, text in enumerate(lines)
                if any(pattern.search(text) for pattern in found) == wanted
            ]
            hits = hits[: arguments.number("max-count")] if arguments.given("max-count") else hits
            if arguments.truth("count"):
                return [str(len(hits))]
            if arguments.truth("only-matching"):
                return _only(arguments, found, lines, hits if wanted else [])
        except PatternError as error:
            raise _bad_pattern(line, error) from None
        return _with_context(arguments, lines, hits)

    return run


def _pattern(arguments: Arguments, text: str) -> Pattern:
    return Pattern(
        text,
        extended=arguments.truth("extended-regexp") or arguments.truth("perl-regexp"),
        fixed=arguments.truth("fixed-strings"),
        ignore_case=arguments.truth("ignore-case"),
        word=arguments.truth("word-regexp"),
        line=arguments.truth("line-regexp"),
    )


def _bad_pattern(line: str, error: PatternError) -> RefusedError:
    return _refused(
        line, f"grep: {error}", "a regular expression", str(error), "grep -F takes a text as it is."
    )


def _only(arguments: Arguments, found: Sequence[Pattern], lines: Lines, hits: Sequence[int]) -> Lines:
    numbered = arguments.truth("line-number")
    return [
        f"{place + 1}:{text}" if numbered else text
        for place in hits
        for pattern in found[:1]
        for text in pattern.findall(lines[place])
    ]


def _with_context(arguments: Arguments, lines: Lines, hits: Sequence[int]) -> Lines:
    """The lines found and those around them; ``--`` stands between groups that do not touch."""
    around = arguments.number("context") if arguments.given("context") else 0
    before = arguments.number("before-context") if arguments.given("before-context") else around
    after = arguments.number("after-context") if arguments.given("after-context") else around
    shown = dict[int, bool]()
    for hit in hits:
        for place in range(max(hit - before, 0), min(hit + after, len(lines) - 1) + 1):
            shown[place] = shown.get(place, False) or place == hit
    done, last = list[str](), -1
    for place in sorted(shown):
        if done and place > last + 1 and (before or after):
            done.append("--")
        mark = ":" if shown[place] else "-"
        done.append(f"{place + 1}{mark}{lines[place]}" if arguments.truth("line-number") else lines[place])
        last = place
    return done


# --- head, tail, wc -------------------------------------------------------------------------------


def _cut(name: str) -> Callable[[Arguments, str], Filter]:
    def make(arguments: Arguments, line: str) -> Filter:
        _no_files(arguments, name, line)
        text = arguments.text("lines")
        if not re.fullmatch(r"[+-]?\d{1,6}", text):
            raise _refused(
                line,
                f"{name}: invalid number of lines: '{text}'",
                "a number",
                repr(text),
                f"Try {name} -n 10.",
            )
        number, sign = abs(int(text)), text[0]
        if name == "head":
            return lambda lines: lines[: max(len(lines) - number, 0)] if sign == "-" else lines[:number]
        if sign == "+":
            return lambda lines: lines[max(number - 1, 0) :]
        return lambda lines: lines[max(len(lines) - number, 0) :]

    return make


def _wc(arguments: Arguments, line: str) -> Filter:
    _no_files(arguments, "wc", line)
    asked = [name for name in ("lines", "words", "bytes") if arguments.truth(name)]

    def run(lines: Lines) -> Lines:
        counts = {
            "lines": len(lines),
            "words": sum(len(text.split()) for text in lines),
            "bytes": sum(len(text.encode()) + 1 for text in lines),
        }
        chosen = [str(counts[name]) for name in asked or counts]
        return [chosen[0] if len(chosen) == 1 else " ".join(f"{each:>7}" for each in chosen)]

    return run


# --- sort, uniq -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _SortKey:
    """One ``-k``: fields from and to (0 for the line's end), how they compare, and whether backwards."""

    first: int
    last: int
    how: str
    backwards: bool

    def of(self, text: str) -> tuple[float, str]:
        """What is compared."""
        fields = _FIELD.findall(text)
        part = "".join(fields[self.first - 1 : self.last or None]) if self.first else text
        if not self.how:
            return 0.0, part
        found = _NUMBER.match(part)
        if found is None:
            return 0.0, ""
        size = 1024.0 ** _SIZES[found[2]] if self.how == "h" else 1.0
        return float(found[1]) * size, ""


def _sort(arguments: Arguments, line: str) -> Filter:
    _no_files(arguments, "sort", line)
    reverse = arguments.truth("reverse")
    how = "h" if arguments.truth("human-numeric-sort") else "n" if arguments.truth("numeric-sort") else ""
    keys = [_sort_key(text, how, reverse, line) for text in arguments.text("key").split("\n") if text]
    keys = keys or [_SortKey(0, 0, how, reverse)]

    def run(lines: Lines) -> Lines:
        if arguments.truth("unique"):
            kept = {tuple(key.of(text) for key in keys): text for text in reversed(lines)}
            lines = [text for text in lines if kept[tuple(key.of(text) for key in keys)] is text]
        done = sorted(lines, reverse=reverse)  # where the keys are the same the whole line decides
        for key in reversed(keys):
            done.sort(key=key.of, reverse=key.backwards)
        return done

    return run


def _sort_key(text: str, how: str, reverse: bool, line: str) -> _SortKey:
    found = _KEY.fullmatch(text)
    if found is None:
        raise _refused(
            line,
            f"sort: invalid field specification '{text}'",
            "a field",
            repr(text),
            "Write for example -k3.",
        )
    own = f"{found[2]}{found[4] or ''}"
    if not own:
        return _SortKey(int(found[1]), int(found[3] or 0), how, reverse)
    return _SortKey(
        int(found[1]), int(found[3] or 0), "h" if "h" in own else "n" if "n" in own else "", "r" in own
    )


def _uniq(arguments: Arguments, line: str) -> Filter:
    _no_files(arguments, "uniq", line)

    def run(lines: Lines) -> Lines:
        groups = list[list[str]]()
        for text in lines:
            same = bool(groups) and _folded(arguments, groups[-1][0]) == _folded(arguments, text)
            if same:
                groups[-1].append(text)
            else:
                groups.append([text])
        if arguments.truth("repeated"):
            groups = [group for group in groups if len(group) > 1]
        counted = arguments.truth("count")
        return [f"{len(group):>7} {group[0]}" if counted else group[0] for group in groups]

    return run


def _folded(arguments: Arguments, text: str) -> str:
    return text.lower() if arguments.truth("ignore-case") else text


def _switch(name: str, short: str, about: str) -> Flag:
    return Flag(name, about, short=short, takes="bool")


_LINES: Final = Flag("lines", "How many.", short="n", default="10")
_ALL: Final = (
    Program(
        "grep",
        "[-ivEFPcownx] [-e PATTERN] [-m N] [-A N] [-B N] [-C N] PATTERN",
        "Only lines in which a pattern is found.",
        (
            _switch("ignore-case", "i", "Whatever the case of letters."),
            _switch("invert-match", "v", "Only lines in which it is not found."),
            _switch("extended-regexp", "E", "The pattern is an extended expression: a|b, (ab)+, a{2}."),
            _switch("fixed-strings", "F", "The pattern is a text, no expression."),
            _switch("perl-regexp", "P", "As -E, with \\d, \\w and \\s; groups of Perl are not known."),
            _switch("count", "c", "How many lines."),
            _switch("only-matching", "o", "Only what is found, a line each."),
            _switch("line-number", "n", "With the line's number."),
            _switch("word-regexp", "w", "Only whole words."),
            _switch("line-regexp", "x", "Only whole lines."),
            Flag("regexp", "The pattern; may be given more than once.", short="e", many=True),
            Flag("max-count", "No more lines than this.", short="m", takes="int"),
            Flag("after-context", "And so many lines behind it.", short="A", takes="int"),
            Flag("before-context", "And so many lines before it.", short="B", takes="int"),
            Flag("context", "And so many lines around it.", short="C", takes="int", bare=True),
        ),
        _grep,
    ),
    Program("head", "[-n N]", "The first lines; -n -N all but the last N.", (_LINES,), _cut("head")),
    Program("tail", "[-n N]", "The last lines; -n +N from the Nth on.", (_LINES,), _cut("tail")),
    Program(
        "wc",
        "[-lwc]",
        "Count lines, words and bytes.",
        (
            _switch("lines", "l", "Lines."),
            _switch("words", "w", "Words."),
            _switch("bytes", "c", "Bytes."),
        ),
        _wc,
    ),
    Program(
        "sort",
        "[-rnhu] [-k N[,M]]",
        "Lines in order.",
        (
            _switch("reverse", "r", "The last first."),
            _switch("numeric-sort", "n", "By the number that a line or field begins with."),
            _switch("human-numeric-sort", "h", "The same, with K, M, G and T, such as 120Mi."),
            _switch("unique", "u", "Each once."),
            Flag(
                "key",
                "By a field, counted from 1; from N to M, with n, h or r behind it.",
                short="k",
                many=True,
            ),
        ),
        _sort,
    ),
    Program(
        "uniq",
        "[-cdi]",
        "Equal lines that follow each other once.",
        (
            _switch("count", "c", "With how many there were."),
            _switch("repeated", "d", "Only those that come more than once."),
            _switch("ignore-case", "i", "Whatever the case of letters."),
        ),
        _uniq,
    ),
)
#: By first word; egrep and fgrep are grep with a flag.
PROGRAMS: Final[Mapping[str, Program]] = {program.name: program for program in _ALL}
