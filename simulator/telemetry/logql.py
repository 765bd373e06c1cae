"""A subset of LogQL, Loki's language: which lines, and how many of them by what.

    {service="checkout"} |= "timeout" | level="error"
    sum by (version, status) (count_over_time({service="checkout"} | status>=500 [5m]))

Labels of the selector are ``service``, ``version``, ``pod`` and ``level``. Lines are logfmt, so that their
fields (``route``, ``status``, ``duration_ms``, ``trace_id``, ``msg`` and the labels) can be filtered without
``| logfmt``, which may stand there all the same. Levels compare without regard to case.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from simulator.errors import GamedayError
from simulator.telemetry.logs import LogLine, LogStore
from simulator.units import parse_duration

LABELS: Final = ("service", "version", "pod", "level")
FIELDS: Final = (*LABELS, "time", "route", "status", "duration_ms", "trace_id", "traced", "msg")
_NUMBERS: Final = ("status", "duration_ms")
_LONGEST_PATTERN: Final = 200
#: Unbounded repeats in one pattern; more could take minutes on a line that nearly matches.
_MOST_REPEATS: Final = 3

_SPACE: Final = re.compile(r"\s+")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`')
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DURATION: Final = re.compile(r"[0-9][0-9a-zµ.]*")
_COMPARISON: Final = re.compile(r"=~|!~|!=|==|>=|<=|=|>|<")
_LINE_FILTER: Final = re.compile(r"\|=|\|~|!=|!~")

Predicate = Callable[["Entry"], bool]
Function = Literal["count_over_time", "rate"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line as the query sees it.

    Attributes:
        line: As it was written.
        fields: Its fields by name.
        text: The whole line.
    """

    line: LogLine
    fields: dict[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood.

    Attributes:
        predicates: All must hold.
        labels: Equalities of the selector, by which pods are chosen before lines are read.
        function: What is counted; empty where lines are asked for.
        by: Fields by which it is counted.
        window: Of the count, ns; 0 where lines are asked for.
    """

    predicates: tuple[Predicate, ...]
    labels: dict[str, str]
    function: Function | Literal[""] = ""
    by: tuple[str, ...] = ()
    window: int = 0


def parse(text: str) -> Query:
    """Understand a query.

    Raises:
        GamedayError: It is none of this subset; the error says where.
    """
    return _Reader(text).query()


def lines(store: LogStore, query: Query, since: int) -> Iterator[Entry]:
    """The lines that match, newest first, as far back as ``since`` (ns)."""
    for line in store.newest(_pods(store, query), since):
        entry = Entry(line, store.fields(line), store.text(line))
        if all(holds(entry) for holds in query.predicates):
            yield entry


def counts(store: LogStore, query: Query, until: int) -> dict[tuple[str, ...], int]:
    """How many lines match in the window that ends at ``until``, by the query's fields, largest first."""
    return grouped(query, (e for e in lines(store, query, until - query.window) if e.line.at <= until))


def grouped(query: Query, entries: Iterable[Entry]) -> dict[tuple[str, ...], int]:
    """How many of these lines there are, by the query's fields, largest first."""
    found: dict[tuple[str, ...], int] = {}
    for entry in entries:
        group = tuple(entry.fields.get(name, "") for name in query.by)
        found[group] = found.get(group, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _pods(store: LogStore, query: Query) -> list[str]:
    """Pods that can have lines which match: by the equalities of the selector."""

    def may(pod: str) -> bool:
        service, version = store.identity(pod)
        own = {"service": service, "version": version, "pod": pod}
        return all(own.get(name, value) == value for name, value in query.labels.items())

    return [pod for pod in store.pods if may(pod)]


class _Reader:
    """Reads a query from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._labels: dict[str, str] = {}
        self._predicates: list[Predicate] = []

    def query(self) -> Query:
        """The whole text as one query."""
        self._skip()
        if self._peek("{"):
            self._lines()
            self._end()
            return Query(tuple(self._predicates), self._labels)
        return self._metric()

    # -- counting --------------------------------------------------------------------------------------

    def _metric(self) -> Query:
        """``sum by (a) (count_over_time({…} [5m]))``; the ``by`` may also stand behind."""
        start, word = self._at, self._name('a selector such as {service="checkout"}, or count_over_time(…)')
        by: tuple[str, ...] = ()
        summed = word in ("sum", "count")
        if summed:
            by = self._by()
            self._take("(", f"( behind {word}")
            start, word = self._at, self._name("count_over_time or rate")
        if word not in ("count_over_time", "rate"):
            self._at = start
            self._refuse("count_over_time or rate, bare or in sum by (…)", f"{word!r}")
        self._take("(", f"( behind {word}")
        self._lines()
        self._take("[", "a range such as [5m]")
        window = self._window()
        self._take("]", "] behind the range")
        self._take(")", ")")
        if summed:
            self._take(")", ")")
            by = by or self._by()
        else:
            by = LABELS  # without sum, one count for each stream
        self._end()
        function: Function = "rate" if word == "rate" else "count_over_time"
        return Query(tuple(self._predicates), self._labels, function, by, window)

    def _by(self) -> tuple[str, ...]:
        if not self._word("by"):
            return ()
        self._take("(", "( behind by")
        names = []
        while not self._peek(")"):
            names.append(self._known(self._name("a field"), FIELDS, "by"))
            if not self._peek(")"):
                self._take(",", ", or )")
        self._take(")", ")")
        return tuple(names)

    def _window(self) -> int:
        match = _DURATION.match(self._text, self._at)
        if match is None:
            self._refuse("a range such as 5m", self._rest())
        self._at = match.end()
        self._skip()
        try:
            window = parse_duration(match.group(), where="logs")
        except GamedayError:
            window = 0
        if window == 0:
            self._at = match.start()
            self._refuse("a range such as 5m", repr(match.group()))
        return window

    # -- which lines -----------------------------------------------------------------------------------

    def _lines(self) -> None:
        self._selector()
        while self._text[self._at : self._at + 1] in ("|", "!"):
            match = _LINE_FILTER.match(self._text, self._at)
            if match is not None:
                self._at = match.end()
                self._skip()
                self._predicates.append(self._line_filter(match.group()))
            else:
                self._take("|", "a filter")
                self._stage()

    def _selector(self) -> None:
        self._take("{", 'a selector such as {service="checkout"}')
        selective = False
        while not self._peek("}"):
            name = self._known(self._name("a label"), LABELS, "the selector")
            operator = self._operator(("=", "!=", "=~", "!~"))
            value = self._string()
            if operator == "=" and name != "level":
                self._labels[name] = value
            test = self._compare(name, operator, value)
            selective |= operator in ("=", "=~") and not test("")
            self._predicates.append(_on(name, test))
            if not self._peek("}"):
                self._take(",", ", or }")
        self._take("}", "}")
        if not selective:
            self._refuse(
                'a matcher that does not match an empty text, such as service=~".+"',
                "none",
                "As Loki has it.",
            )

    def _line_filter(self, operator: str) -> Predicate:
        value = self._string()
        if operator in ("|=", "!="):
            wanted = operator == "|="
            return lambda entry: (value in entry.text) == wanted
        # What is searched for may stand anywhere, so a leading .* says nothing and costs much.
        pattern, found = self._pattern(re.sub(r"^(?:\.\*)+", "", value)), operator == "|~"
        return lambda entry: (pattern.search(entry.text) is not None) == found

    def _stage(self) -> None:
        """``logfmt``, or one comparison of a field; several with ``and`` or a comma."""
        start = self._at
        name = self._name("logfmt or a field")
        if name == "logfmt":
            return
        if name in (
            "json",
            "pattern",
            "regexp",
            "line_format",
            "label_format",
            "unwrap",
            "unpack",
            "decolorize",
        ):
            self._at = start
            self._refuse("logfmt or a comparison of a field", repr(name), "This subset has no other stages.")
        while True:
            self._comparison(self._known(name, FIELDS, "a line"))
            if not (self._word("and") or self._maybe(",")):
                break
            name = self._name("a field")
        if self._word("or"):
            self._refuse("and", "or", 'Write =~ with alternatives instead, such as status=~"502|504".')

    def _comparison(self, name: str) -> None:
        operator = self._operator(("=", "==", "!=", "=~", "!~", ">", ">=", "<", "<="))
        number = _NUMBER.match(self._text, self._at)
        if name in _NUMBERS and number is not None:
            self._at = number.end()
            self._skip()
            self._predicates.append(_on(name, self._ordered(operator, float(number.group()))))
            return
        if operator in ("==", ">", ">=", "<", "<="):
            self._refuse(
                f"a number behind {name} {operator}", self._rest(), f"Numbers are {', '.join(_NUMBERS)}."
            )
        self._predicates.append(_on(name, self._compare(name, operator, self._string())))

    def _ordered(self, operator: str, wanted: float) -> Callable[[str], bool]:
        tests: dict[str, Callable[[float], bool]] = {
            "=": lambda value: value == wanted,
            "==": lambda value: value == wanted,
            "!=": lambda value: value != wanted,
            ">": lambda value: value > wanted,
            ">=": lambda value: value >= wanted,
            "<": lambda value: value < wanted,
            "<=": lambda value: value <= wanted,
        }
        if operator not in tests:
            self._refuse(f"a text behind {operator}", f"{wanted:g}", 'Write for example status=~"5..".')
        test = tests[operator]
        return lambda text: text != "" and test(float(text))

    def _compare(self, name: str, operator: str, value: str) -> Callable[[str], bool]:
        folded = name == "level"
        if operator in ("=", "!="):
            wanted, equal = value.lower() if folded else value, operator == "="
            return lambda text: (text == wanted) == equal
        pattern, found = self._pattern(value.lower() if folded else value), operator == "=~"
        return lambda text: (pattern.fullmatch(text) is not None) == found

    def _pattern(self, text: str) -> re.Pattern[str]:
        repeats = len(re.findall(r"[*+]|\{[0-9]*,\}", text))
        if len(text) > _LONGEST_PATTERN or repeats > _MOST_REPEATS or re.search(r"\)\s*(?:[*+]|\{)", text):
            self._refuse(
                "a simple regular expression",
                repr(text[:60]),
                "Repeat characters, not groups, at most three times.",
            )
        try:
            return re.compile(text, re.ASCII | re.DOTALL)
        except (re.error, RecursionError, OverflowError) as error:
            self._refuse("a regular expression", f"{text[:60]!r} ({error})")

    # -- words -----------------------------------------------------------------------------------------

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        if match is not None:
            self._at = match.end()

    def _peek(self, sign: str) -> bool:
        return self._text.startswith(sign, self._at)

    def _maybe(self, sign: str) -> bool:
        found = self._peek(sign)
        if found:
            self._at += len(sign)
            self._skip()
        return found

    def _take(self, sign: str, expected: str) -> None:
        if not self._maybe(sign):
            self._refuse(expected, self._rest())

    def _word(self, word: str) -> bool:
        match = _NAME.match(self._text, self._at)
        if match is None or match.group() != word:
            return False
        self._at = match.end()
        self._skip()
        return True

    def _name(self, expected: str) -> str:
        match = _NAME.match(self._text, self._at)
        if match is None:
            self._refuse(expected, self._rest())
        self._at = match.end()
        self._skip()
        return match.group()

    def _operator(self, known: tuple[str, ...]) -> str:
        match = _COMPARISON.match(self._text, self._at)
        if match is None or match.group() not in known:
            self._refuse(f"one of {' '.join(known)}", self._rest())
        self._at = match.end()
        self._skip()
        return match.group()

    def _string(self) -> str:
        match = _TEXT.match(self._text, self._at)
        if match is None:
            self._refuse('a text in quotation marks, such as "timeout"', self._rest())
        self._at = match.end()
        self._skip()
        quoted, raw = match.groups()
        return raw if quoted is None else re.sub(r'\\(["\\])', r"\1", quoted)

    def _known(self, name: str, known: tuple[str, ...], where: str) -> str:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            hint = f"Did you mean {close[0]}?" if close else "These are what lines carry."
            self._refuse(f"a label of {where}, one of {', '.join(known)}", repr(name), hint)
        return name

    def _rest(self) -> str:
        return (
            repr(self._text[self._at : self._at + 30])
            if self._at < len(self._text)
            else "the end of the line"
        )

    def _end(self) -> None:
        if self._at < len(self._text):
            self._refuse('the end of the query, or a filter such as |= "timeout"', self._rest())

    def _refuse(self, expected: str, got: str, todo: str = "") -> NoReturn:
        raise GamedayError(
            f"logs, character {self._at + 1}",
            expected=expected,
            got=got,
            todo=todo or 'For example: logs {service="checkout"} |= "timeout" | level="error"',
        )


def _on(name: str, test: Callable[[str], bool]) -> Predicate:
    return lambda entry: test(entry.fields.get(name, ""))
