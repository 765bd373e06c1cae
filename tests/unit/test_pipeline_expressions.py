"""GitHub's expressions: loose comparison, truth, functions, and conditions that ask for a status."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.pipeline.workflow.evaluation import Open, Scope, Status, condition, evaluate, filled
from simulator.pipeline.workflow.expressions import ExpressionError, parse

CONTEXTS: dict[str, Any] = {
    "github": {"event_name": "push", "ref": "refs/heads/main"},
    "needs": {"test": {"result": "failure"}, "lint": {"result": "success"}},
    "matrix": {"os": "ubuntu-latest", "v": 3.0},
    "vars": Open(),
}


def worth(text: str) -> Any:
    """The value of an expression among these contexts."""
    return evaluate(parse(text), Scope(CONTEXTS, {"vars.REGION": "eu"}))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.event_name == 'PUSH'", True),
        ("github.ref == 'refs/heads/main' && 'yes' || 'no'", "yes"),
        ("'1' == 1", True),
        ("'' == 0", True),
        ("null == 0", True),
        ("true == 1", True),
        ("'x' == 0", False),
        ("'x' != 0", True),
        ("'x' < 1", False),
        ("!''", True),
        ("!'false'", False),
        ("1 < 2 == true", True),
        ("'a' || 'b' && ''", "a"),
        ("0xff", 255.0),
        ("-2.99e-2", -0.0299),
        ("'It''s'", "It's"),
        ("needs.*.result", ["failure", "success"]),
        ("contains(needs.*.result, 'failure')", True),
        ("contains('Hello', 'ELL')", True),
        ('contains(fromJSON(\'["push", "pull_request"]\'), github.event_name)', True),
        ("startsWith(github.ref, 'refs/HEADS')", True),
        ("endsWith(github.ref, 'main')", True),
        ("format('{{{0}}} {1}', matrix.v, matrix.os)", "{3} ubuntu-latest"),
        ("join(needs.*.result, '+')", "failure+success"),
        ("fromJSON('{\"a\": [1, 2]}').a[1]", 2.0),
        ("github['ref']", "refs/heads/main"),
        ("github.nothing", None),
        ("case(matrix.v == 2, 'two', matrix.v == 3, 'three', 'many')", "three"),
        ("vars.REGION", "eu"),
    ],
)
def test_expressions_are_worth_what_github_says(text: str, value: object) -> None:
    """Each row is a rule of GitHub's page on expressions."""
    assert value == worth(text)


def test_what_the_model_does_not_know_is_an_error_that_names_it() -> None:
    """Never an empty text in silence."""
    with pytest.raises(ExpressionError, match=r"a value that the model knows, got vars\.OTHER"):
        worth("vars.OTHER == ''")


@pytest.mark.parametrize(
    "text", ["", "a", "1 +", "'x", '"x"', "github.", "(1", "1 2", "f()", "join()", "case(1, 2)"]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    """The error says where it stopped making sense."""
    with pytest.raises(ExpressionError):
        parse(text)


def test_deep_nesting_is_refused_before_python_gives_up() -> None:
    """Fifty levels are enough for anybody."""
    for text in ("(" * 900 + "1" + ")" * 900, "!" * 900 + "1", "github" + "[github" * 900):
        with pytest.raises(ExpressionError, match="levels"):
            parse(text)


@pytest.mark.parametrize(
    ("text", "fine", "failed", "cancelled"),
    [
        ("true", True, False, False),
        ("success()", True, False, False),
        ("failure()", False, True, False),
        ("always()", True, True, True),
        ("!cancelled()", True, True, False),
        ("cancelled()", False, False, True),
        ("${{ failure() && github.event_name == 'push' }}", False, True, False),
        ("github.event_name == 'pull_request'", False, False, False),
    ],
)
def test_a_condition_without_a_status_function_means_success_first(
    text: str, fine: bool, failed: bool, cancelled: bool
) -> None:
    """``if: x`` is ``if: success() && (x)``."""
    states = (Status(), Status(failed=True), Status(cancelled=True))
    assert [fine, failed, cancelled] == [condition(text, Scope(CONTEXTS, status=state)) for state in states]


def test_a_text_that_is_one_expression_keeps_its_kind() -> None:
    """``${{ matrix.v }}`` is a number, and text around it makes it text."""
    assert 3.0 == filled("${{ matrix.v }}", Scope(CONTEXTS))
    assert "node 3 on ubuntu-latest" == filled("node ${{ matrix.v }} on ${{ matrix.os }}", Scope(CONTEXTS))
