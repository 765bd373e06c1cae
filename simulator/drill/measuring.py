"""What controllers measure: PromQL over the run's own series, and the judge for canaries.

An autoscaler asks for one number, an analysis for one or several, the judge for two rows of samples. All of
them see what a learner's ``promql`` shows at the same instant.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.engine.metrics import NO_DATA, NoData
from simulator.errors import GamedayError
from simulator.slo.judge import Verdict
from simulator.slo.judge.plugin import measure
from simulator.telemetry import Telemetry
from simulator.telemetry.promql import Expression, parse, query, query_range
from simulator.telemetry.promql.expressions import Range, Subquery, children


class Measuring:
    """Answers by PromQL.

    Args:
        telemetry: Of the run.
    """

    def __init__(self, telemetry: Telemetry) -> None:
        self._source = telemetry.source

    def query(self, expr: str, at: int) -> float | NoData:
        """The value of an instant query that yields one number; see ``engine.metrics.MetricPort``.

        Raises:
            GamedayError: It can't be evaluated, or yields several numbers or none at all.
        """
        found = query(self._source, expr, at + self._source.epoch)
        if found.kind not in ("scalar", "vector") or len(found.elements) > 1:
            got = f"{len(found.elements)} series" if found.kind == "vector" else f"a {found.kind}"
            raise _refused(expr, "a query that yields one number", got)
        if not found.elements or np.isnan(found.elements[0].value):
            return NO_DATA
        return found.elements[0].value

    def over_time(self, expr: str, start: int, end: int, step: int) -> list[float]:
        """The value of a query at ``start``, ``start + step``, … up to ``end``, ns; NaN where there is none.

        Raises:
            GamedayError: It can't be evaluated, or yields several series.
        """
        epoch = self._source.epoch
        found = query_range(self._source, expr, start + epoch, end + epoch, step)
        if len(found.labels) > 1:
            raise _refused(expr, "a query that yields one series", f"{len(found.labels)} series")
        if not len(found.labels):
            return [np.nan] * len(found.times)
        return [float(value) for value in np.where(found.present[0], found.values[0], np.nan)]

    def verdict(self, config: Mapping[str, str], at: int) -> Verdict:
        """What the judge says of a canary; see ``slo.judge.plugin``.

        Args:
            config: The plugin's settings, arguments filled in.
            at: End of the window, ns.

        Raises:
            GamedayError: The settings are wrong, or a query can't be evaluated.
        """
        return measure(config, at, self.over_time, longest_range)


def longest_range(expr: str) -> int:
    """The longest range in a query, ns; 0 where it has none.

    Raises:
        GamedayError: It is no PromQL.
    """
    return _longest(parse(expr))


def _longest(expression: Expression) -> int:
    own = expression.length if isinstance(expression, Range | Subquery) else 0
    return max([own, *(_longest(child) for child in children(expression))])


def _refused(expr: str, expected: str, got: str) -> GamedayError:
    return GamedayError(
        f"query {expr[:80]!r}",
        expected=expected,
        got=got,
        todo="Put sum(…) or another aggregation around it.",
    )
