"""Whatever a workflow file holds, it is read or refused in four parts; nothing else comes out."""

from __future__ import annotations

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import PipelineError, Problem
from simulator.pipeline.workflow import workflow_of
from simulator.pipeline.workflow.evaluation import Scope, evaluate
from simulator.pipeline.workflow.expressions import ExpressionError, parse

WORDS = st.sampled_from(
    [
        *(
            "on",
            "jobs",
            "runs-on",
            "steps",
            "needs",
            "if",
            "run",
            "uses",
            "matrix",
            "strategy",
            "push",
            "a",
            "b",
        ),
        *("name", "env", "permissions", "concurrency", "group", "environment", "${{ github.ref }}", "a/b@c"),
        *("include", "services", "with", "outputs", "timeout-minutes", "${{ ", "''", "", "true", "3", "x: y"),
    ]
)
TREES = st.recursive(
    WORDS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)
TOKENS = st.sampled_from(
    [
        "github",
        ".",
        "ref",
        "'x'",
        "==",
        "&&",
        "||",
        "!",
        "(",
        ")",
        "[",
        "]",
        "*",
        ",",
        "1",
        "contains",
        "null",
        "<",
    ]
)


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """A traceback never reaches whoever wrote the file."""
    _tried(content)


@given(TREES, TREES)
@settings(max_examples=250, deadline=None)
def test_any_tree_is_read_or_refused(jobs: object, job: object) -> None:
    """Keys in all the wrong places, values of all the wrong kinds."""
    _tried(json.dumps({"on": "push", "jobs": jobs}).encode())
    _tried(
        json.dumps(
            {"on": "push", "jobs": {"a": job, "b": {"needs": "a", "runs-on": "x", "steps": [job]}}}
        ).encode()
    )


@given(st.lists(TOKENS, max_size=14))
@settings(max_examples=300, deadline=None)
def test_any_expression_is_worth_something_or_refused(tokens: list[str]) -> None:
    """Parsing and evaluating raise nothing but their own error."""
    with contextlib.suppress(ExpressionError):
        evaluate(parse(" ".join(tokens)), Scope({"github": {"ref": "x"}}))


def _tried(content: bytes) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        workflow = workflow_of(content, "w.yml")
    except PipelineError as error:
        problems = error.problems
    else:
        assert workflow.jobs and workflow.stages
    assert all(each.where.startswith("w.yml") and each.expected and each.got for each in problems)
