"""What AnalysisRuns measure: the values of an instant query, and the judge as a metric plugin."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.drill.measuring import Measuring
from simulator.engine.metrics import NO_DATA, NoData
from simulator.engine.rollouts.operations import Result
from simulator.engine.rollouts.providers import Judgement
from simulator.errors import GamedayError
from simulator.slo.judge import explain
from simulator.slo.judge.plugin import PLUGIN
from simulator.telemetry.promql import query


class Analysing(Measuring):
    """The provider of analyses; see ``engine.rollouts.providers.Provider``."""

    def instant(self, expr: str, at: int) -> Result | NoData:
        """A scalar, or the values of a vector in its order; no data where nothing matches.

        Raises:
            GamedayError: It can't be evaluated, or is neither of the two.
        """
        found = query(self._source, expr, at + self._source.epoch)
        values = tuple(element.value for element in found.elements)
        if found.kind == "scalar":
            return values[0]
        if found.kind != "vector":
            raise GamedayError(
                f"query {expr[:80]!r}",
                expected="an instant vector or a scalar",
                got=f"a {found.kind}",
                todo="Wrap a range in rate(…) or another function.",
            )
        return values or NO_DATA

    def judge(self, plugin: str, config: Mapping[str, str], at: int) -> Judgement:
        """The verdict of the judge, its score as the value and its sentences as the message.

        Raises:
            GamedayError: There is no such plugin, its settings are wrong, or a query can't be evaluated.
        """
        if plugin != PLUGIN:
            raise GamedayError(
                f"provider.plugin.{plugin}", expected=PLUGIN, got=repr(plugin), todo="There is one plugin."
            )
        verdict = self.verdict(config, at)
        first, *others = explain(verdict)
        return Judgement(
            verdict.phase,
            "" if verdict.score is None else f"{verdict.score:.0f}",
            first,
            {result.spec.name: text for result, text in zip(verdict.metrics, others, strict=True)},
        )
