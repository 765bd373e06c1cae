"""Expressions over time on one chart, such as what is asked beside what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.errors import GamedayError
from simulator.lab.plots.style import BAD, BLUE, INK, NEW, Picture, house, markers, picture, time_axis
from simulator.telemetry.promql import query_range
from simulator.units import MINUTE, SECOND, format_clock, parse_duration, seconds

if TYPE_CHECKING:
    from simulator.drill import Run
    from simulator.lab.charts import Floats

_BEFORE: Final = 5 * MINUTE
#: Colour and dash of a line; each can be told from the others without its colour.
_LINES: Final = ((BLUE, "-"), (BAD, "-"), (NEW, (0, (5, 2))), (INK, (0, (1, 1.5))))
_WHERE: Final = "plot.promql"


def queries_picture(run: Run, queries: object, unit: str, last: str = "") -> Picture:
    """One line an expression, from shortly before T+00:00 or over the ``last`` so long, in one unit.

    Args:
        run: Played so far.
        queries: A mapping: a PromQL expression by the name of its line; each gives one series.
        unit: Of all of them, as the axis says it: ``"per second"``, ``"pods"``, ``"%"``.
        last: How far back, such as ``"10m"``; everything where it is empty.

    Raises:
        QueryError: An expression can't be read or evaluated.
        GamedayError: Nothing to draw or too much, an expression with several series, no such duration.
    """
    lines = _named(queries)
    begin = -min(_BEFORE, run.scenario.spec.warm_up)
    if last:
        begin = max(begin, run.now - parse_duration(last, where="plot.promql(last=…)"))
    values = {name: _line(run, name, text, begin) for name, text in lines.items()}
    steps = np.arange(begin, run.now + 1, run.scenario.spec.scrape_interval) / SECOND
    with house():
        made = picture(9.0, 3.6)
        axes = made.subplots()
        for (name, row), (colour, dash) in zip(values.items(), _LINES, strict=False):
            axes.plot(steps, row, color=colour, linestyle=dash, label=name)
        time_axis(axes, seconds(begin), seconds(run.now))
        axes.set(ylabel=unit)
        axes.set_ylim(bottom=0)
        markers(axes, run.markers, seconds(begin))
        made.legend(loc="outside upper left", ncols=len(values))
    made.sentence = f"At {format_clock(run.now)}, {unit}: {', '.join(map(_words, values.items()))}."
    return made


def _named(queries: object) -> dict[str, str]:
    """The expressions by name, as a cell handed them over."""
    count = len(queries) if isinstance(queries, Mapping) else -1
    if isinstance(queries, Mapping) and 1 <= count <= len(_LINES):
        return {str(name): str(text) for name, text in queries.items()}
    raise GamedayError(
        _WHERE,
        expected=f'from one to {len(_LINES)} expressions by name, such as {{"asked": "sum(…)"}}',
        got=f"{count} of them" if count >= 0 else repr(queries)[:60],
        todo="Name the lines that belong on one chart.",
    )


def _line(run: Run, name: str, text: str, begin: int) -> Floats:
    """The values of one expression at every scrape; NaN where it has none."""
    epoch = run.telemetry.source.epoch
    found = query_range(
        run.telemetry.metrics, text, epoch + begin, epoch + run.now, run.scenario.spec.scrape_interval
    )
    if len(found.labels) > 1:
        raise GamedayError(
            f"{_WHERE}: {name}",
            expected="one series",
            got=f"{len(found.labels)} of them",
            todo="Add them up with sum(…), or pick one by its labels.",
        )
    if not found.labels:
        return np.full(len(found.times), np.nan)
    return np.where(found.present[0], found.values[0], np.nan)


def _words(line: tuple[str, Floats]) -> str:
    name, row = line
    if not np.isfinite(row).any():
        return f"{name} without a value"
    now = "without a value" if np.isnan(row[-1]) else f"{row[-1]:.4g}"
    return f"{name} {now} (between {np.nanmin(row):.4g} and {np.nanmax(row):.4g})"
