"""The judge as a metric plugin of an AnalysisTemplate: its settings, and a measurement with its explanation.

    provider:
      plugin:
        gameday/mann-whitney:
          baseline: sum(rate(http_requests_total{version="v42", code=~"5.."}[30s])) / sum(rate(…))
          canary: sum(rate(http_requests_total{version="v43", code=~"5.."}[30s])) / sum(rate(…))
          window: 10m
          interval: 30s
          direction: increase
          unit: ratio

The rank test compares shapes as well as levels. Where failures are rare and the baseline has much more
traffic than the canary, most of the canary's samples are zero and most of the baseline's are not; with
``direction: either`` such a canary may be called Low. Ask for the direction that is bad, or let as much
traffic go to a baseline of the old version, as Kayenta does.

``baseline`` and ``canary`` are asked once an interval over the window that ends now. Several metrics stand
under ``metrics`` as a list of such settings, each with a ``name``; what is written beside the list holds for
all of them. A setting that is no text (``metrics``, ``groups``, ``effectSize``, ``groupWeights``) is JSON.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from typing import Final, TypeVar, get_args

from simulator.errors import GamedayError
from simulator.slo.judge.metrics import Direction, EffectSize, Measure, MetricSpec, NanStrategy, Unit
from simulator.slo.judge.scoring import JudgeConfig, Verdict, judge
from simulator.units import HOUR, MINUTE, SECOND, format_duration, parse_duration

_Word = TypeVar("_Word", bound=str)
#: What an AnalysisTemplate calls it.
PLUGIN: Final = "gameday/mann-whitney"
#: Asks a query at ``start``, ``start + step``, … up to ``end``, ns: one value each, NaN where there is none.
Ask = Callable[[str, int, int, int], Sequence[float]]
#: The longest range in a query, ns; 0 where it has none.
LongestRange = Callable[[str], int]

_WINDOW: Final = 5 * MINUTE
_INTERVAL: Final = 30 * SECOND
_LONGEST: Final = 24 * HOUR
_MOST_SAMPLES: Final = 1_000
#: Settings of a metric, and those of the whole analysis, as they are written.
_OF_A_METRIC: Final = (
    "name", "baseline", "canary", "requests", "direction", "nanStrategy", "mustHaveData", "critical", "muted",
    "groups", "effectSize", "unit",
)  # fmt: skip
_OF_ALL: Final = (
    "metrics", "window", "interval", "groupWeights", "passThreshold", "marginalThreshold", "confidenceLevel",
    "tolerance", "minSamples",
)  # fmt: skip
_EFFECT: Final = (
    "measure", "allowedIncrease", "allowedDecrease", "criticalIncrease", "criticalDecrease",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a metric's samples come from.

    Attributes:
        baseline: A query.
        canary: A query.
        requests: A query for how many requests the canary served over the window, or empty.
    """

    baseline: str
    canary: str
    requests: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """A plugin's settings, understood.

    Attributes:
        config: What to compare and how.
        sources: By metric.
        window: Over which samples are taken, ns.
        interval: Between samples, ns.
    """

    config: JudgeConfig
    sources: Mapping[str, Sources]
    window: int
    interval: int


def settings(texts: Mapping[str, str], longest_range: LongestRange) -> Settings:
    """Understand a plugin's settings.

    Args:
        texts: As the template has them, arguments filled in.
        longest_range: Of a query; samples whose ranges overlap would count the same requests twice.

    Raises:
        GamedayError: A setting is unknown, missing or can't be meant.
    """
    given: dict[str, object] = dict(texts)
    _known(given, (*_OF_ALL, *_OF_A_METRIC), PLUGIN)
    shared = {name: value for name, value in given.items() if name in _OF_A_METRIC}
    listed = _list(given["metrics"], "metrics") if "metrics" in given else [{}]
    specs: list[MetricSpec] = []
    sources: dict[str, Sources] = {}
    window = _duration(given, "window", _WINDOW)
    interval = _duration(given, "interval", _INTERVAL)
    if not 1 <= window // interval <= _MOST_SAMPLES:
        raise _refused(
            "window",
            f"1 to {_MOST_SAMPLES} intervals",
            f"{format_duration(window)} with an interval of {format_duration(interval)}",
        )
    for number, item in enumerate(listed):
        where = f"metrics[{number}]" if "metrics" in given else ""
        own = {**shared, **_mapping(item, where)}
        _known(own, _OF_A_METRIC, where)
        spec, source = _metric(own, where)
        if spec.name in sources:
            raise _refused(f"{where}.name", "names that differ", repr(spec.name))
        for query in (source.baseline, source.canary):
            if (longest := longest_range(query)) > interval:
                raise _refused(
                    "interval",
                    f"{format_duration(longest)} or more, the longest range of {spec.name}'s queries",
                    format_duration(interval),
                    "Samples that overlap count the same requests twice.",
                )
        specs.append(spec)
        sources[spec.name] = source
    return Settings(_config(given, tuple(specs)), sources, window, interval)


def measure(texts: Mapping[str, str], at: int, ask: Ask, longest_range: LongestRange) -> Verdict:
    """Ask for the samples of both sides, and judge.

    Args:
        texts: The plugin's settings, arguments filled in.
        at: End of the window, ns.
        ask: Answers a query over time.
        longest_range: Of a query.

    Raises:
        GamedayError: The settings are wrong, or a query can't be evaluated.
    """
    found = settings(texts, longest_range)
    first = at - found.window + found.interval
    samples = {
        name: (ask(source.baseline, first, at, found.interval), ask(source.canary, first, at, found.interval))
        for name, source in found.sources.items()
    }
    requests = {}
    for name, source in found.sources.items():
        if source.requests:
            served = ask(source.requests, at, at, found.interval)
            if len(served) and isfinite(served[-1]) and served[-1] >= 1:
                requests[name] = round(served[-1])
    return judge(found.config, samples, requests)


def _metric(given: Mapping[str, object], where: str) -> tuple[MetricSpec, Sources]:
    for needed in ("baseline", "canary"):
        if not str(given.get(needed, "")).strip():
            raise _refused(_at(where, needed), "a PromQL query", "nothing")
    spec = MetricSpec(
        name=str(given.get("name", "metric")),
        direction=_one_of(given, "direction", get_args(Direction), "either", where),
        nan_strategy=_one_of(given, "nanStrategy", get_args(NanStrategy), "remove", where),
        must_have_data=_truth(given, "mustHaveData", where),
        critical=_truth(given, "critical", where),
        muted=_truth(given, "muted", where),
        groups=_groups(given.get("groups"), _at(where, "groups")),
        effect=_effect(given.get("effectSize"), _at(where, "effectSize")),
        unit=_one_of(given, "unit", get_args(Unit), "", where),
    )
    return spec, Sources(str(given["baseline"]), str(given["canary"]), str(given.get("requests", "")))


def _config(given: Mapping[str, object], specs: tuple[MetricSpec, ...]) -> JudgeConfig:
    weights = _mapping(given.get("groupWeights", {}), "groupWeights")
    default = JudgeConfig(specs)
    config = JudgeConfig(
        specs,
        {name: _number(weights, name, 0, 0, 100, "groupWeights") for name in weights},
        _number(given, "passThreshold", default.pass_threshold, 0, 100),
        _number(given, "marginalThreshold", default.marginal_threshold, 0, 100),
        _number(given, "confidenceLevel", default.confidence, 0.5, 0.9999),
        _number(given, "tolerance", default.tolerance, 0, 0.9),
        int(_number(given, "minSamples", default.min_samples, 2, _MOST_SAMPLES)),
    )
    if config.marginal_threshold > config.pass_threshold:
        raise _refused(
            "marginalThreshold",
            f"at most passThreshold, {config.pass_threshold:g}",
            f"{config.marginal_threshold:g}",
        )
    groups = {group for spec in specs for group in spec.groups}
    strangers = sorted(set(config.group_weights) - groups)
    if strangers:
        raise _refused("groupWeights", f"groups of the metrics, {', '.join(sorted(groups))}", strangers[0])
    total = sum(config.group_weights.values())
    if total > 100 or (groups == set(config.group_weights) and total == 0):
        raise _refused("groupWeights", "above 0 and at most 100 in all", f"{total:g}")
    return config


def _effect(value: object, where: str) -> EffectSize:
    if value is None:
        return EffectSize()
    given = _mapping(value, where)
    _known(given, _EFFECT, where)
    measure = _one_of(given, "measure", get_args(Measure), "meanRatio", where)
    names = [each.name for each in fields(EffectSize) if each.name != "measure"]
    bounds = {}
    for name, written in zip(names, _EFFECT[1:], strict=True):
        if written in given:
            bounds[name] = _number(given, written, 1.0, 0, 1 if measure == "cles" else 1000, where)
    return EffectSize(measure, **bounds)


def _groups(value: object, where: str) -> tuple[str, ...]:
    if value is None:
        return ("default",)
    found = [value] if isinstance(value, str) and not value.startswith("[") else _list(value, where)
    names = [each for each in found if isinstance(each, str) and each]
    if not found or len(names) < len(found):
        raise _refused(where, "names of groups", repr(value))
    return tuple(dict.fromkeys(names))


# -- values --------------------------------------------------------------------------------------------


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _known(given: Mapping[str, object], names: Sequence[str], where: str) -> None:
    for name in given:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
            todo = f"Did you mean {close[0]}?" if close else "Remove it."
            raise _refused(
                _at("" if where == PLUGIN else where, name), f"one of {', '.join(names)}", repr(name), todo
            )


def _decoded(value: object) -> object:
    """The value behind a text in JSON; anything else is itself."""
    if not isinstance(value, str):
        return value
    try:
        found: object = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found


def _list(value: object, where: str) -> list[object]:
    found = _decoded(value)
    if not isinstance(found, list):
        raise _refused(where, "a JSON list", repr(value)[:60])
    return found


def _mapping(value: object, where: str) -> dict[str, object]:
    found = _decoded(value)
    if not isinstance(found, dict):
        raise _refused(where, "a JSON object", repr(value)[:60])
    return found


def _duration(given: Mapping[str, object], name: str, default: int) -> int:
    if name not in given:
        return default
    length = parse_duration(str(given[name]), where=f"{PLUGIN}: {name}")
    if not SECOND <= length <= _LONGEST:
        raise _refused(name, "1s to 24h", str(given[name]))
    return length


def _number(
    given: Mapping[str, object], name: str, default: float, low: float, high: float, where: str = ""
) -> float:
    value = given.get(name, default)
    try:
        number = (
            float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
        )
    except ValueError:
        number = None
    if number is None or not low <= number <= high:
        raise _refused(_at(where, name), f"a number from {low:g} to {high:g}", repr(value))
    return number


def _truth(given: Mapping[str, object], name: str, where: str) -> bool:
    value = given.get(name, False)
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise _refused(_at(where, name), "true or false", repr(value))


def _one_of(
    given: Mapping[str, object], name: str, words: tuple[_Word, ...], default: _Word, where: str
) -> _Word:
    value = given.get(name, default)
    for word in words:
        if value == word:
            return word
    raise _refused(_at(where, name), f"one of {', '.join(word for word in words if word)}", repr(value))


def _refused(where: str, expected: str, got: str, todo: str = "Mend the plugin's settings.") -> GamedayError:
    return GamedayError(f"{PLUGIN}: {where}", expected=expected, got=got, todo=todo)
