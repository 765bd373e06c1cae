"""``promql EXPR``: the run's metrics, asked as one asks Prometheus; now, or over a stretch of time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command, family
from simulator.drill.console.tables import tabulate
from simulator.errors import GamedayError, QueryError
from simulator.telemetry import promql as engine
from simulator.telemetry.promql import Instant, Matrix, metric_text
from simulator.telemetry.promql.formats import general_text, number_text
from simulator.telemetry.promql.hints import endings
from simulator.units import SECOND, format_clock, format_duration, parse_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

PROMQL: Final = family("promql", about="Ask the metrics, in PromQL.")

_FLAG: Final = re.compile(r"--(range|step)[= ](\S+)")
_EXAMPLE: Final = "promql sum by (service) (rate(http_requests_total[5m]))"
#: Rows and columns that a terminal holds.
_MOST_ELEMENTS, _MOST_SERIES, _USUAL_STEPS, _MOST_STEPS = 100, 10, 30, 120
_UNNAMED: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A line of this family, taken apart; ``range`` 0 is an instant query, ``step`` 0 chooses one."""

    text: str
    range: int = 0
    step: int = 0

    @property
    def spelled(self) -> tuple[str, ...]:
        """The one spelling: the flags that were given, then the expression."""
        flags = (
            f"--range={format_duration(self.range)}" if self.range else "",
            f"--step={format_duration(self.step)}" if self.step else "",
        )
        return (*(flag for flag in flags if flag), self.text)


def _asked(line: str) -> _Asked:
    """Understand a line; flags may stand before the expression or behind it, a shell's quotes around it."""
    rest = line.strip().split(maxsplit=1)[1:]
    text, flags = (rest[0] if rest else "").strip(), dict[str, str]()
    while True:
        first = re.match(_FLAG.pattern + r"(?:\s+|$)", text)
        last = None if first else re.search(r"\s" + _FLAG.pattern + r"$", text)
        found = first or last
        if found is None:
            break
        flags[found.group(1)] = found.group(2)
        text = (text[found.end() :] if first else text[: found.start()]).strip()
    for quote in "'\"":
        if len(text) > 1 and text[0] == text[-1] == quote and text.count(quote) == 2:
            text = text[1:-1].strip()
    if not text:
        raise _refused(
            line, f"promql: an expression is missing\nUsage: {_EXAMPLE}", "an expression", "nothing"
        )
    unknown = re.match(r"--?[A-Za-z]\S*", text)
    if unknown and unknown.group().startswith("--"):
        said = f"promql: unknown flag: {unknown.group()}\nFlags: --range 1h, --step 1m"
        raise _refused(line, said, "--range or --step", unknown.group())
    try:
        engine.parse(text)
    except QueryError as error:
        raise _query_error(line, text, error) from None
    asked = _Asked(text, _duration(line, flags, "range"), _duration(line, flags, "step"))
    if asked.step and not asked.range:
        raise _refused(line, "promql: --step needs --range", "--range beside --step", "--step alone")
    if asked.step and asked.range // asked.step > _MOST_STEPS:
        said = f"promql: more than {_MOST_STEPS} steps; choose a longer --step"
        raise _refused(line, said, f"at most {_MOST_STEPS} steps", f"{asked.range // asked.step}")
    return asked


def _duration(line: str, flags: dict[str, str], name: str) -> int:
    if name not in flags:
        return 0
    try:
        found = parse_duration(flags[name], where=f"--{name}", dialect="prometheus")
    except GamedayError as error:
        raise _refused(line, f"promql: {error}", error.expected, error.got) from None
    if found < SECOND:
        raise _refused(line, f"promql: --{name} is less than a second", "a second or more", flags[name])
    return found


def _refused(line: str, said: str, expected: str, got: str) -> RefusedError:
    return RefusedError(
        said, where=line[:200], expected=expected, got=got, todo=f"Write for example: {_EXAMPLE}"
    )


def _query_error(line: str, text: str, error: QueryError) -> RefusedError:
    """Prometheus' words, the place, and what to do."""
    parts = [f"promql: {error.message}"]
    if error.column:
        parts += [f"  {row}" for row in engine.pointer(text, error.column).splitlines()]
    parts.append(error.todo)
    return RefusedError(
        "\n".join(part for part in parts if part),
        where=line[:200],
        expected=error.expected,
        got=error.got,
        todo=error.todo,
    )


def _words(line: str, _arguments: Arguments) -> tuple[str, ...]:
    return _asked(line).spelled


def _endings(run: Run, text: str) -> Sequence[str]:
    return endings(run.telemetry.source, text)


@PROMQL.verb(
    "",
    usage="[--range=1h [--step=1m]] EXPR",
    flags=(
        Flag("range", "A table of the time until now, a row a step.", takes="duration"),
        Flag("step", "Its step; without one, some thirty rows.", takes="duration"),
    ),
    about="Evaluate an expression now, or at every step of the time until now.",
    kind="look",
    cost="promql",
    prose=True,
    raw=True,
    normalise=_words,
    endings=_endings,
)
def promql(run: Run, command: Command) -> str:
    """Evaluate an expression on what has been scraped."""
    asked = _asked(command.line)
    source = run.telemetry.source
    at = run.now + source.epoch
    try:
        if not asked.range:
            return instant_text(engine.query(run.telemetry.metrics, asked.text, at))
        step = asked.step or _usual_step(asked.range, run.telemetry.interval)
        start = at - asked.range // step * step
        found = engine.query_range(run.telemetry.metrics, asked.text, start, at, step)
        return matrix_text(found, source.epoch, step)
    except QueryError as error:
        raise _query_error(command.line, asked.text, error) from None


def _usual_step(span: int, interval: int) -> int:
    """A step that gives some thirty points: the scrape interval times a round number."""
    for factor in (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 360, 720, 1440):
        if span // (interval * factor) <= _USUAL_STEPS:
            return interval * factor
    return span // _USUAL_STEPS


def instant_text(result: Instant) -> str:
    """A result as ``promql`` prints it: labels, arrow, value, as promtool does, in columns.

    Args:
        result: Of an instant query.
    """
    moment = number_text(result.at // 1_000_000 / 1000)
    if result.kind == "string":
        return f"string: {result.text}"
    if result.kind == "scalar":
        return f"scalar: {number_text(result.elements[0].value)} @[{moment}]"
    if result.kind == "matrix":
        return _samples_text(result)
    if not result.elements:
        return "No data: no series has a value here now. That is not a zero."
    rows = [
        f"{metric_text(one.labels)} =>\t{number_text(one.value)}\t@[{moment}]"
        for one in result.elements[:_MOST_ELEMENTS]
    ]
    return _with_rest(tabulate("\n".join(rows), padding=1), len(result.elements), _MOST_ELEMENTS)


def _samples_text(result: Instant) -> str:
    """Samples of a range, series by series."""
    if not result.series:
        return "No data: no series has a sample in this range."
    parts = []
    for labels, times, values in result.series[:_MOST_ELEMENTS]:
        parts.append(f"{metric_text(labels)} =>")
        parts += [
            f"{number_text(value)} @[{number_text(at // 1_000_000 / 1000)}]"
            for at, value in zip(times.tolist(), values.tolist(), strict=True)
        ]
    return _with_rest("\n".join(parts), len(result.series), _MOST_ELEMENTS)


def matrix_text(result: Matrix, epoch: int, step: int) -> str:
    """A range query as a table: one row a step, one column a series, a legend where names are long.

    Args:
        result: Of a range query.
        epoch: Nanoseconds from the Unix epoch to T+00:00.
        step: Its step, ns.
    """
    first, last = (format_clock(int(at) - epoch) for at in (result.times[0], result.times[-1]))
    head = f"{first} to {last}, step {format_duration(step)}"
    if not result.labels:
        return f"{head}\nNo data: no series has a value in this time. That is not a zero."
    shown = result.labels[:_MOST_SERIES]
    names = [_UNNAMED[place] for place in range(len(shown))]
    legend = "\n".join(f"{name}  {metric_text(labels)}" for name, labels in zip(names, shown, strict=True))
    rows = ["\t".join(["TIME", *names])]
    for column, at in enumerate(result.times.tolist()):
        cells = [
            general_text(float(result.values[row, column]), 4) if result.present[row, column] else "-"
            for row in range(len(shown))
        ]
        rows.append("\t".join([format_clock(at - epoch), *cells]))
    table = tabulate("\n".join(rows), padding=3)
    return _with_rest(f"{head}\n{legend}\n\n{table}", len(result.labels), _MOST_SERIES)


def _with_rest(text: str, count: int, most: int) -> str:
    """With a line on what is not shown."""
    return f"{text}\n... and {count - most} more; aggregate with sum by (...)" if count > most else text
