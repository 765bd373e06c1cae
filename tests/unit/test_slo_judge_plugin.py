"""The judge's settings in an AnalysisTemplate, and a measurement by queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

import pytest

from simulator.errors import GamedayError
from simulator.slo.judge import EffectSize, explain
from simulator.slo.judge.plugin import measure, settings
from simulator.streams import Stream
from simulator.units import MINUTE, SECOND

PLAIN = {"baseline": "steady", "canary": "worse", "unit": "ratio", "direction": "increase"}


def no_range(_query: str) -> int:
    """Queries here have none."""
    return 0


class Store:
    """Answers queries by name; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int, int]] = []

    def ask(self, query: str, start: int, end: int, step: int) -> Sequence[float]:
        """A sample a step, keyed by its time."""
        self.asked.append((query, start, end, step))
        times = range(start, end + 1, step)
        if query == "silent":
            return [nan for _ in times]
        if query == "served":
            return [6000.0 for _ in times]
        level = {"steady": 0.002, "worse": 0.02, "quiet": 0.0}[query]
        luck = Stream(3, query)
        return [level * (1 + 0.2 * luck.uniform(at // SECOND + 10_000)) for at in times]


def judged(texts: Mapping[str, str]) -> tuple[str, str]:
    """Phase and the explanation as one text."""
    verdict = measure(texts, 10 * MINUTE, Store().ask, no_range)
    return verdict.phase, " ".join(explain(verdict))


def test_one_metric_is_two_queries_over_a_window() -> None:
    """Both sides are asked once an interval over the window that ends now; the verdict says why."""
    store = Store()
    verdict = measure({**PLAIN, "window": "10m", "interval": "1m"}, 10 * MINUTE, store.ask, no_range)
    assert [("steady", MINUTE, 10 * MINUTE, MINUTE), ("worse", MINUTE, 10 * MINUTE, MINUTE)] == store.asked
    assert "Failed" == verdict.phase
    assert "Canary 10 samples, mean 2." in explain(verdict)[1]
    assert "Successful" == judged({**PLAIN, "canary": "steady"})[0]


def test_a_canary_that_serves_nobody_is_inconclusive() -> None:
    """No data is not a pass; where data must be, it fails."""
    phase, said = judged({**PLAIN, "canary": "silent"})
    assert "Inconclusive" == phase
    assert "No metric had enough data on both sides" in said
    phase, said = judged({**PLAIN, "canary": "silent", "mustHaveData": "true"})
    assert "Failed" == phase
    assert "below the marginal threshold of 75: metric has no data and must have." in said


def test_the_traffic_bounds_what_silence_can_mean() -> None:
    """With the requests known, a quiet canary says which error ratio could still hide."""
    quiet = {**PLAIN, "baseline": "quiet", "canary": "quiet"}
    assert "What rise could hide depends on the traffic, which was not given." in judged(quiet)[1]
    assert "a lasting rise of +0.368 %" in judged({**quiet, "requests": "served"})[1]


def test_several_metrics_share_what_stands_beside_them() -> None:
    """A list of metrics with groups, weights and effect sizes, in JSON."""
    texts = {
        "metrics": '[{"name": "errors", "canary": "worse", "groups": ["errors"], "critical": true,'
        ' "effectSize": {"measure": "cles", "allowedIncrease": 0.6}},'
        ' {"name": "latency", "canary": "steady", "groups": "latency", "unit": ""}]',
        "baseline": "steady",
        "unit": "ratio",
        "groupWeights": '{"errors": 60}',
        "passThreshold": "90",
        "marginalThreshold": "50",
        "confidenceLevel": "0.95",
    }
    found = settings(texts, no_range)
    errors, latency = found.config.metrics
    assert ("errors", ("errors",), True, "ratio") == (
        errors.name,
        errors.groups,
        errors.critical,
        errors.unit,
    )
    assert EffectSize("cles", 0.6) == errors.effect
    assert ("latency", ("latency",), "") == (latency.name, latency.groups, latency.unit)
    assert {"errors": 60.0} == found.config.group_weights
    phase, said = judged(texts)
    assert "Failed" == phase
    assert "errors is critical and failed" in said


@pytest.mark.parametrize(
    ("change", "where", "expected"),
    [
        ({"basline": "x"}, "basline", "one of metrics"),
        ({"canary": " "}, "canary", "a PromQL query"),
        ({"direction": "up"}, "direction", "one of increase, decrease, either"),
        ({"unit": "bytes"}, "unit", "one of ratio, seconds"),
        ({"mustHaveData": "yes"}, "mustHaveData", "true or false"),
        ({"tolerance": "2"}, "tolerance", "a number from 0 to 0.9"),
        ({"tolerance": "much"}, "tolerance", "a number from 0 to 0.9"),
        ({"window": "10 minutes"}, "window", "a duration"),
        ({"window": "10s"}, "window", "1 to 1000 intervals"),
        ({"interval": "2d"}, "interval", "a duration"),
        ({"effectSize": "{"}, "effectSize", "a JSON object"),
        ({"effectSize": '{"allowedIncreese": 2}'}, "effectSize.allowedIncreese", "one of measure"),
        ({"metrics": "{}"}, "metrics", "a JSON list"),
        ({"metrics": '["errors"]'}, "metrics[0]", "a JSON object"),
        ({"metrics": '[{"name": "a"}, {"name": "a"}]'}, "metrics[1].name", "names that differ"),
        ({"metrics": '[{"name": "a", "window": "5m"}]'}, "metrics[0].window", "one of name"),
        ({"groups": "[]"}, "groups", "names of groups"),
        ({"groupWeights": '{"latency": 40}'}, "groupWeights", "groups of the metrics"),
        ({"groupWeights": '{"default": 140}'}, "groupWeights.default", "a number from 0 to 100"),
        ({"groupWeights": '{"default": 0}'}, "groupWeights", "above 0"),
        ({"passThreshold": "60"}, "marginalThreshold", "at most passThreshold"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(change: dict[str, str], where: str, expected: str) -> None:
    """In four parts, with the setting's name."""
    with pytest.raises(GamedayError) as caught:
        settings({**PLAIN, **change}, no_range)
    assert f"gameday/mann-whitney: {where}" == caught.value.where
    assert expected in caught.value.expected


def test_samples_that_overlap_are_refused() -> None:
    """A range longer than the interval would count the same requests twice."""
    with pytest.raises(GamedayError, match="2m or more, the longest range of metric's queries, got 30s"):
        settings(PLAIN, lambda query: 2 * MINUTE if query == "worse" else 0)
    assert 30 * SECOND == settings(PLAIN, lambda _: 30 * SECOND).interval
