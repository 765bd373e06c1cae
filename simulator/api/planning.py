"""``sim.canary_power``: would this canary see this regression?"""

from __future__ import annotations

from math import isfinite

from simulator.api import arguments
from simulator.errors import GamedayError
from simulator.slo.judge import CanaryPower, Errors, Latency
from simulator.slo.judge import canary_power as planned
from simulator.units import DAY, MILLISECOND, SECOND, format_duration, from_seconds, parse_duration

#: p99 / mean of a lognormal stays below this: exp(z² / 2) of the 99th percentile.
_LARGEST_TAIL = 14.9
_MOST_REQUESTS = 10**9


@arguments.checked
def canary_power(
    rate: float,
    weight: float | str,
    bake: str | float,
    baseline: float | str,
    regression: float | str,
    *,
    p99: str | None = None,
    goal: float = 0.8,
    false_alarm: float = 0.05,
) -> CanaryPower:
    """Would this canary see this regression, and what bake or weight would?

        sim.canary_power(200, 5, "10m", baseline="0.1%", regression="0.3%")
        sim.canary_power(200, 5, "10m", baseline="180ms", regression="1.1x", p99="900ms")

    Args:
        rate: Requests a second, canary and baseline together.
        weight: Percent of them that go to the canary, as in ``setWeight``: 5 or ``"5%"``.
        bake: How long the canary is watched: ``"10m"``, or seconds.
        baseline: What is normal. An error ratio, 0.001 or ``"0.1%"``; or a mean latency, ``"180ms"``.
        regression: How much worse the canary is. For errors the ratio that is added, 0.003 or ``"0.3%"``; for
            latencies the time that is added, ``"20ms"``; for both ``"2x"``, so many times the baseline.
        p99: The baseline's 99th percentile; for latencies alone, which need it.
        goal: The chance to see it that you want.
        false_alarm: The chance to blame a good canary that you accept.

    Returns:
        Fields, a ``sentence`` and a ``table()``; in a notebook it shows both.

    Raises:
        GamedayError: An argument that can't be meant.
    """
    requests = _number("rate", rate, 0.001, 1e7, "requests a second such as 200")
    share = _weight(weight)
    length = _bake(bake)
    wanted = _number("goal", goal, 0.01, 0.999, "a chance such as 0.8")
    alpha = _number("false_alarm", false_alarm, 1e-6, 0.5, "a chance such as 0.05")
    if requests * length / SECOND > _MOST_REQUESTS:
        raise _refused(
            "bake", f"at most {_MOST_REQUESTS:,} requests in all", f"{requests:g} a second", "Bake less."
        )
    comparison = (
        _latency(baseline, regression, p99) if _is_time(baseline) else _errors(baseline, regression, p99)
    )
    return planned(comparison, rate=requests, weight=share, bake=length, goal=wanted, alpha=alpha)


def _is_time(value: object) -> bool:
    text = value.strip() if isinstance(value, str) else ""
    return bool(text) and text[-1] in "smh" and text[:1].isdigit()


def _errors(baseline: float | str, regression: float | str, p99: str | None) -> Errors:
    if p99 is not None:
        raise _refused(
            "p99", "nothing for an error ratio", repr(p99), 'Leave it out, or give baseline="180ms".'
        )
    good = _ratio(
        "baseline", baseline, 'an error ratio such as 0.001 or "0.1%", or a latency such as "180ms"'
    )
    factor = _factor(regression)
    bad = good * factor if factor is not None else good + _ratio("regression", regression, _ERRORS_EXAMPLE)
    if not good < bad <= 1:
        raise _refused(
            "regression",
            "an error ratio above the baseline's and at most 1",
            f"{bad:g} for the canary against {good:g}",
            "A regression is added to the baseline, or multiplies one that is not 0.",
        )
    return Errors(good, bad)


_ERRORS_EXAMPLE = 'an added error ratio such as 0.003 or "0.3%", or a multiple such as "2x"'


def _latency(baseline: float | str, regression: float | str, p99: str | None) -> Latency:
    mean = parse_duration(str(baseline), where="canary_power(baseline=…)")
    if p99 is None:
        raise _refused("p99", 'the baseline\'s 99th percentile, such as "900ms"', "nothing", _NEEDS_P99)
    tail = parse_duration(arguments.text("canary_power(p99=…)", p99, "900ms"), where="canary_power(p99=…)")
    if not MILLISECOND // 1000 <= mean < tail <= mean * _LARGEST_TAIL:
        raise _refused(
            "p99",
            f"more than the mean and at most {_LARGEST_TAIL} times that",
            f"{format_duration(tail)} with a mean of {format_duration(mean)}",
            "Mend one of them.",
        )
    factor = _factor(regression)
    if factor is None:
        example = 'an added time such as "20ms", or a multiple such as "1.2x"'
        if not _is_time(regression):
            raise _refused("regression", example, repr(regression), "A per cent could mean either.")
        factor = 1 + parse_duration(str(regression), where="canary_power(regression=…)") / mean
    if not 1 < factor <= 1000:
        raise _refused("regression", "a canary that is slower, up to 1000x", f"{factor:g}x", "Mend it.")
    return Latency(mean, tail, factor)


_NEEDS_P99 = "The spread of latencies decides what can be seen."


def _bake(value: object) -> int:
    if isinstance(value, str):
        length = parse_duration(value, where="canary_power(bake=…)")
    else:
        length = from_seconds(
            _number("bake", value, 0.0, 30 * DAY / SECOND, 'a time such as "10m", or seconds')
        )
    if not SECOND <= length <= 30 * DAY:
        raise _refused("bake", "from 1s to 30 days", format_duration(length), "Choose one in this range.")
    return length


def _weight(value: object) -> float:
    example = 'a percent above 0 and below 100, such as 5 or "5%"'
    number: object = value
    if isinstance(value, str) and value.strip().endswith("%"):
        number = _parsed(value.strip()[:-1])
    percent = _number("weight", number, 0.0, 100.0, example)
    if not 0 < percent < 100:
        raise _refused("weight", example, repr(value), "The rest goes to the baseline.")
    return percent


def _ratio(name: str, value: object, example: str) -> float:
    number: object = value
    if isinstance(value, str) and value.strip().endswith("%"):
        percent = _parsed(value.strip()[:-1])
        number = value if percent is None else percent / 100
    return _number(name, number, 0.0, 1.0, example)


def _factor(value: object) -> float | None:
    """``2x`` as a number; None where it is no multiple."""
    text = value.strip() if isinstance(value, str) else ""
    return _parsed(text[:-1]) if text[-1:] in ("x", "×") else None


def _parsed(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _number(name: str, value: object, low: float, high: float, example: str) -> float:
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and isfinite(value)
        and low <= value <= high
    ):
        return float(value)
    raise _refused(name, example, repr(value)[:80], "Change the argument in this cell.")


def _refused(name: str, expected: str, got: str, todo: str) -> GamedayError:
    return GamedayError(f"canary_power({name}=…)", expected=expected, got=got, todo=todo)
