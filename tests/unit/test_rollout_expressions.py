"""Conditions of an analysis: what they mean, and what they say when they mean nothing."""

from __future__ import annotations

import math

import pytest

from simulator.engine.rollouts.expressions import parse_condition
from simulator.engine.rollouts.operations import EvaluationError, Result
from simulator.errors import GamedayError


@pytest.mark.parametrize(
    ("condition", "result", "holds"),
    [
        ("result[0] >= 0.95", (0.95,), True),
        ("result[0] >= 0.95", (0.949,), False),
        ("result >= 0.95", 0.99, True),
        ("result[0] < 1 && result[1] > 2", (0.5, 3.0), True),
        ("result[0] > 1 || result[0] < -1", (-2.0,), True),
        ("not (result[0] > 1)", (1.0,), True),
        ("!(result[0] > 1) and true", (1.0,), True),
        ("len(result) > 0", (), False),
        ("len(result) == 2", (1.0, 2.0), True),
        ("isNaN(result[0])", (math.nan,), True),
        ("result[0] >= 0", (math.nan,), False),
        ("isInf(result[0]) or isNaN(result[0])", (math.inf,), True),
        ("all(result, # >= 0.5)", (0.5, 0.9), True),
        ("all(result, {# >= 0.5})", (0.5, 0.4), False),
        ("any(result, # > 10)", (1.0, 11.0), True),
        ("none(result, # > 10)", (1.0, 11.0), False),
        ("one(result, # > 10)", (1.0, 11.0), True),
        ("count(result, # > 1) >= 2", (1.0, 2.0, 3.0), True),
        ("len(filter(result, # > 1)) == 1", (1.0, 2.0), True),
        ("all(map(result, # * 2), # <= 4)", (1.0, 2.0), True),
        ("default(result, 0) < 0.05", 0.01, True),
        ("isNil(result)", 0.0, False),
        ("result[0] * 100 - 1 < 2 ** 3 - 7 % 5", (0.03,), True),
        ("asInt(result) == 3", 3.7, True),
        ("asFloat('0.5') < result", 0.6, True),
        ("result > 0 ? result < 2 : false", 1.0, True),
        ("1 in result", (1.0, 2.0), True),
        ("result / 0 > 1e308", 1.0, True),
        ("-result[0] < 0", (1.0,), True),
    ],
)
def test_a_condition_means_what_argo_means_by_it(condition: str, result: Result, holds: bool) -> None:
    """Comparison, logic, arithmetic, indices, closures and Argo's functions."""
    assert parse_condition(condition, where="here").holds(result) is holds


@pytest.mark.parametrize(
    ("condition", "result", "said"),
    [
        ("result[0] >= 0.95", (), "index out of range: 0 (array length is 0)"),
        ("result >= 0.95", (0.9,), "invalid operation: >= (mismatched types []float64 and float64)"),
        ("result[0]", (0.9,), "expected bool, but got float64"),
        ("result[0] > 1", 0.9, "type float64 is not indexable"),
        ("isNaN(result)", (0.9,), "invalid operation: isNaN (mismatched type []float64)"),
        ("not result", 1.0, "invalid operation: not (mismatched type float64)"),
        ("all(result, # > 0)", 1.0, "builtin all takes only array (got float64)"),
        ("result[0.5] > 0", (1.0,), "array elements can only be selected using an integer (got float64)"),
        ("asInt('x') > 0", 1.0, "asInt() not supported on string x"),
    ],
)
def test_a_condition_without_an_answer_says_why(condition: str, result: Result, said: str) -> None:
    """An empty vector is no success: it has no first value."""
    with pytest.raises(EvaluationError) as caught:
        parse_condition(condition, where="here").holds(result)
    assert said == str(caught.value)


@pytest.mark.parametrize(
    ("condition", "where", "expected"),
    [
        ("result[0] >= ", "column 14", "a value such as result[0]"),
        ("result[0 >= 1", "column 14", "']'"),
        ("result[0] >= 0.95)", "column 18", "the end, or an operator such as and"),
        ("resulte > 1", "column 1", "result, or one of len"),
        ("result[0] @ 1", "column 11", "an expression"),
        ("isNaN(result, 1)", "column 16", "1 argument to isNaN"),
        ("# > 1", "column 1", "a value such as result[0]"),
        ("", "column 1", "a value such as result[0]"),
        ("(" * 60, "column 41", "at most 40 levels of nesting"),
        ("-" * 60 + "1", "column 41", "at most 40 levels of nesting"),
        ("1" * 3000, "column 1", "at most 2000 characters"),
    ],
)
def test_a_condition_that_is_none_names_the_column(condition: str, where: str, expected: str) -> None:
    """The place, what could stand there, and what does."""
    with pytest.raises(GamedayError) as caught:
        parse_condition(condition, where="successCondition")
    assert caught.value.where.startswith("successCondition")
    assert where in caught.value.where
    assert caught.value.expected.startswith(expected)
