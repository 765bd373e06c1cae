"""Functions of a number or a moment, and the arithmetic of operators, as Go's ``math`` has them.

Transcendental functions go through Python's ``math`` one value at a time, since numpy's differ by processor.
Where Go answers NaN or an infinity and Python raises, the answer is Go's.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any, Final

import numpy as np

from simulator.telemetry.promql.source import Bools, Floats

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _each(function: Callable[[float], float]) -> Callable[[Floats], Floats]:
    def applied(values: Floats) -> Floats:
        found = [_safe(function, value) for value in values.ravel().tolist()]
        return np.array(found, dtype=np.float64).reshape(values.shape)

    return applied


def _safe(function: Callable[[float], float], value: float) -> float:
    try:
        return function(value)
    except ValueError:
        return nan
    except OverflowError:
        return inf


def _logarithm(function: Callable[[float], float]) -> Callable[[Floats], Floats]:
    return _each(lambda value: -inf if value == 0 else function(value))


def _hyperbolic_sine(value: float) -> float:
    try:
        return math.sinh(value)
    except OverflowError:
        return math.copysign(inf, value)


def _arc_tangent(value: float) -> float:
    return math.copysign(inf, value) if abs(value) == 1 else math.atanh(value)


def _sign(values: Floats) -> Floats:
    return np.where(np.isnan(values), values, np.sign(values))


#: Functions of one number, by name.
OF_NUMBERS: Final[Mapping[str, Callable[[Floats], Floats]]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "sqrt": np.sqrt,
    "sgn": _sign,
    "deg": lambda values: values * 180 / math.pi,
    "rad": lambda values: values * math.pi / 180,
    "exp": _each(math.exp),
    "ln": _logarithm(math.log),
    "log2": _logarithm(math.log2),
    "log10": _logarithm(math.log10),
    "sinh": _each(_hyperbolic_sine),
    "atanh": _each(_arc_tangent),
    **{
        name: _each(getattr(math, name))
        for name in ("sin", "cos", "tan", "asin", "acos", "atan", "cosh", "tanh", "asinh", "acosh")
    },
}


def _moment(function: Callable[[datetime], int]) -> Callable[[Floats], Floats]:
    def applied(value: float) -> float:
        return float(function(_EPOCH + timedelta(seconds=math.trunc(value))))

    return _each(lambda value: applied(value) if abs(value) < 2e11 else nan)


#: Functions of a Unix time, in UTC, by name.
OF_TIMES: Final[Mapping[str, Callable[[Floats], Floats]]] = {
    "minute": _moment(lambda moment: moment.minute),
    "hour": _moment(lambda moment: moment.hour),
    "day_of_week": _moment(lambda moment: moment.isoweekday() % 7),
    "day_of_month": _moment(lambda moment: moment.day),
    "day_of_year": _moment(lambda moment: moment.timetuple().tm_yday),
    "days_in_month": _moment(lambda moment: monthrange(moment.year, moment.month)[1]),
    "month": _moment(lambda moment: moment.month),
    "year": _moment(lambda moment: moment.year),
}


def round_to(values: Floats, nearest: Floats) -> Floats:
    """To the nearest multiple, halves up; the inverse is used, since it is exact for 0.1 and its like."""
    with np.errstate(all="ignore"):
        inverse = 1.0 / nearest
        found: Floats = np.floor(values * inverse + 0.5) / inverse
    return found


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except ValueError:
        # Zero to a negative power is infinite, signed for odd whole exponents; a root of a negative is not.
        odd = exponent == math.trunc(exponent) and math.fmod(exponent, 2) != 0
        return math.copysign(inf, base) if base == 0 and odd else inf if base == 0 else nan
    except OverflowError:
        odd = exponent == math.trunc(exponent) and math.fmod(exponent, 2) != 0
        return -inf if base < 0 and odd else inf


def _pairwise(function: Callable[[float, float], float]) -> Callable[[Any, Any], Floats]:
    def applied(left: Any, right: Any) -> Floats:
        wide, other = np.broadcast_arrays(left, right)
        pairs = zip(wide.ravel().tolist(), other.ravel().tolist(), strict=True)
        return np.array([function(a, b) for a, b in pairs], dtype=np.float64).reshape(wide.shape)

    return applied


#: Arithmetic operators; their results are no longer the metric.
ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], Floats]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": _pairwise(_power),
    "atan2": _pairwise(math.atan2),
}
#: Comparisons.
COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Bools]]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}
