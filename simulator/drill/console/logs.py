"""``logs QUERY``: the log lines of all pods, searched and counted in a subset of LogQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command, family
from simulator.drill.console.tables import tabulate
from simulator.errors import GamedayError
from simulator.telemetry import logql
from simulator.telemetry.sampling import LINES_A_SCRAPE, SUCCESSES_IN
from simulator.units import MINUTE, SECOND, format_clock, format_duration, parse_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

LOGS: Final = family("logs", about="Search the logs of all pods, in LogQL.")

_SINCE, _LIMIT, _MOST_LINES = 15 * MINUTE, 50, 1000
_MOST_STEPS: Final = 60
_FLAG: Final = re.compile(r"--(since|limit|step)[= ](\S+)")
_EXAMPLE: Final = 'logs {service="checkout"} |= "timeout" | level="error"'


@dataclass(frozen=True, slots=True)
class _Asked:
    """A line of this family, taken apart: the query and its flags."""

    query: logql.Query
    text: str
    since: int = _SINCE
    limit: int = _LIMIT
    step: int = 0

    @property
    def spelled(self) -> tuple[str, ...]:
        """The one spelling: the query, then the flags that are not at their defaults."""
        flags = (
            f"--since={format_duration(self.since)}" if self.since != _SINCE else "",
            f"--limit={self.limit}" if self.limit != _LIMIT else "",
            f"--step={format_duration(self.step)}" if self.step else "",
        )
        return (self.text, *(flag for flag in flags if flag))


def _asked(line: str) -> _Asked:
    """Understand a line; flags may stand before the query or behind it."""
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
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1].strip()
    if not text:
        raise _refused(line, "a query", "nothing", f"For example: {_EXAMPLE}")
    try:
        query = logql.parse(text)
    except GamedayError as error:
        todo = error.todo
        if re.fullmatch(r"[\w-]+", text):
            todo = f'Write logs {{service="{text}"}} for the lines of a service, or kubectl logs for a pod.'
        raise _refused(line, error.expected, error.got, todo, where=error.where) from None
    return _Asked(
        query,
        text,
        _duration(line, flags, "since", _SINCE),
        _limit(line, flags.get("limit")),
        _duration(line, flags, "step", 0),
    )


def _duration(line: str, flags: dict[str, str], name: str, default: int) -> int:
    if name not in flags:
        return default
    try:
        found = parse_duration(flags[name], where=f"--{name}")
    except GamedayError as error:
        raise _refused(line, error.expected, error.got, error.todo, where=f"logs --{name}") from None
    if found < SECOND:
        raise _refused(line, "a second or more", flags[name], "Try 5m.", where=f"logs --{name}")
    return found


def _limit(line: str, text: str | None) -> int:
    if text is None:
        return _LIMIT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _MOST_LINES:
        raise _refused(line, f"a whole number from 1 to {_MOST_LINES}", repr(text), "", where="logs --limit")
    return int(text)


def _refused(line: str, expected: str, got: str, todo: str, *, where: str = "logs") -> RefusedError:
    said = f"{where}: expected {expected}, got {got}" + (f"\n{todo}" if todo else "")
    return RefusedError(said, where=line, expected=expected, got=got, todo=todo)


def _words(line: str, _arguments: Arguments) -> tuple[str, ...]:
    return _asked(line).spelled


def _candidates(run: Run, before: Sequence[str]) -> Sequence[str]:
    if len(before) == 1:
        frame = run.telemetry.frame
        return [f'{{service="{name}"}}' for name in (frame.services if frame is not None else ())]
    if before[-1] == "|":
        return ['level="error"', *(f"{name}=" for name in logql.FIELDS)]
    return ["|", "|=", "|~", "!=", "!~"]


@LOGS.verb(
    "",
    usage="[--since=15m] [--limit=50] [--step=1m] QUERY",
    flags=(
        Flag("since", "How far back.", takes="duration", default="15m"),
        Flag("limit", "Newest lines at most.", takes="int", default="50"),
        Flag("step", "Counts over time, a row a step.", takes="duration"),
    ),
    about='Lines that match, such as {service="checkout"} |= "timeout", or counts of them, such as '
    'sum by (status) (count_over_time({service="checkout"}[5m])).',
    kind="look",
    cost="logs",
    prose=True,
    raw=True,
    normalise=_words,
    candidates=_candidates,
)
def logs(run: Run, command: Command) -> str:
    """Search or count."""
    asked = _asked(command.line)
    if asked.query.function:
        return _steps(run, asked) if asked.step else _counts(run, asked)
    store, since = run.telemetry.logs, run.now - asked.since
    found = list(islice(logql.lines(store, asked.query, since), asked.limit + 1))
    shown = found[: asked.limit][::-1]
    if not shown:
        return f"No line of the last {format_duration(asked.since)} matches.\n{_caveat(run)}"
    more = f"the newest {asked.limit}; there are more" if len(found) > asked.limit else f"{len(shown)} lines"
    said = f"# {more}, of the last {format_duration(asked.since)}. {_caveat(run)}"
    return "\n".join([*(entry.text for entry in shown), said])


def _counts(run: Run, asked: _Asked) -> str:
    query = asked.query
    found = logql.counts(run.telemetry.logs, query, run.now)
    if not found:
        return f"No line of the last {format_duration(query.window)} matches.\n{_caveat(run)}"
    head = "\t".join([*(name.upper() for name in query.by), query.function.upper()])
    rows = ["\t".join([*(name or "-" for name in group), _number(query, n)]) for group, n in found.items()]
    return f"{tabulate(chr(10).join([head, *rows]))}\n# {_caveat(run)}"


def _steps(run: Run, asked: _Asked) -> str:
    """The same over time: a row a step, a column a group."""
    query, count = asked.query, max(asked.since // asked.step, 1)
    if count > _MOST_STEPS:
        raise _refused(
            command_text(asked),
            f"at most {_MOST_STEPS} steps",
            str(count),
            "Take a longer step.",
            where="logs --step",
        )
    times = [run.now - number * asked.step for number in range(count - 1, -1, -1)]
    entries = list(logql.lines(run.telemetry.logs, query, times[0] - query.window))
    by_time = [
        logql.grouped(query, (entry for entry in entries if at - query.window < entry.line.at <= at))
        for at in times
    ]
    groups = sorted({group for found in by_time for group in found})
    head = "\t".join(["TIME", *(",".join(group) or query.function.upper() for group in groups)])
    rows = [
        "\t".join([format_clock(at), *(_number(query, found.get(group, 0)) for group in groups)])
        for at, found in zip(times, by_time, strict=True)
    ]
    return f"{tabulate(chr(10).join([head, *rows]))}\n# {_caveat(run)}"


def command_text(asked: _Asked) -> str:
    """The line again, for an error."""
    return " ".join(["logs", *asked.spelled])


def _number(query: logql.Query, count: int) -> str:
    return str(count) if query.function == "count_over_time" else f"{count * SECOND / query.window:.4g}"


def _caveat(run: Run) -> str:
    """What a count of lines is not."""
    interval = format_duration(run.telemetry.interval)
    return (
        f"A pod writes a line for each request that fails, at most {LINES_A_SCRAPE} lines in {interval}, and "
        f"for one in {SUCCESSES_IN} that go well: lines are samples. Ratios come from promql, or from each "
        "pod's summary of a minute."
    )
