"""Workflow files: what is read from them, and how each mistake is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import PipelineError
from simulator.pipeline.workflow import Workflow, read_workflow, secrets_of, workflow_of
from simulator.pipeline.workflow.evaluation import Scope
from simulator.pipeline.workflow.matrix import combinations, title
from simulator.pipeline.workflow.patterns import accepts

PIPELINES = Path(__file__).resolve().parents[2] / "scenarios" / "pipelines"


def read(text: str) -> Workflow:
    """A workflow from text, called w.yml in messages."""
    return workflow_of(text.encode(), "w.yml")


def refused(text: str) -> str:
    """What is said about a text that is no workflow."""
    with pytest.raises(PipelineError) as caught:
        read(text)
    return str(caught.value)


ONE = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"


def test_on_is_a_word_whatever_yaml_1_1_says() -> None:
    """``on`` may be a word, a list or a mapping, and is never true."""
    assert ["push"] == [each.event for each in read(ONE).triggers]
    listed = read(ONE.replace("on: push", "on: [push, pull_request]"))
    assert ["push", "pull_request"] == [each.event for each in listed.triggers]
    mapped = read(
        ONE.replace("on: push", "on:\n  push:\n    branches: ['release/**', '!release/old']\n  merge_group:")
    )
    push = mapped.trigger("push")
    assert push is not None and mapped.trigger("merge_group") is not None
    assert [True, False, False] == [push.accepts(name) for name in ("release/1/x", "release/old", "main")]


def test_the_persona_pipeline_is_read_whole() -> None:
    """Three gates side by side, then build, staging, production; each action pinned, its tag beside it."""
    workflow = read_workflow(PIPELINES / "persona" / "workflow.yaml")
    stages = [[job.id for job in stage] for stage in workflow.stages]
    assert [["lint", "test", "security"], ["build"], ["staging"], ["production"]] == stages
    assert all(use.pinned and use.comment for use in workflow.uses())
    build, production = workflow.by_id["build"], workflow.by_id["production"]
    permissions = workflow.effective_permissions(build)
    assert permissions is not None
    assert ("write", "read", "none") == tuple(
        permissions.access(s) for s in ("packages", "contents", "issues")
    )
    assert production.environment is not None and "production" == production.environment.name.text
    assert (20, 30) == (build.timeout_minutes, production.timeout_minutes)
    assert "build" in production.needed and production.concurrency is not None
    assert [("GITHUB_TOKEN", "build")] == [(use.name, use.job.id) for use in secrets_of(workflow) if use.job]


def test_the_copied_workflow_is_read_with_all_its_faults() -> None:
    """Tags, a branch, one set of permissions: nothing of it is a mistake of syntax."""
    workflow = read_workflow(PIPELINES / "copied" / "workflow.yaml")
    assert [] == [use for use in workflow.uses() if use.pinned]
    assert workflow.permissions is not None and "write-all" == workflow.permissions.everything
    scan = workflow.by_id["test"].steps[5]
    assert scan.uses is not None and ("aquasecurity/trivy-action", "master") == (
        scan.uses.repository,
        scan.uses.ref,
    )
    assert scan.continue_on_error is True
    handed = [(use.name, use.at.line, use.job is None) for use in secrets_of(workflow)]
    assert ("AWS_SECRET_ACCESS_KEY", 12, True) in handed
    assert 24 == scan.at.line and "jobs.test.steps[5]" == scan.at.path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "w.yml:1: expected a mapping, got an empty file. Begin with name, on and jobs."),
        ("a: [", "w.yml:1: expected YAML, got"),
        ("on: push\n", "w.yml:1: expected the key 'jobs', got nothing."),
        ("on: push\njobs: {}\n", "w.yml:2: jobs: expected at least one job, got none."),
        (ONE.replace("push", "psuh"), "w.yml:1: on: expected an event that starts workflows, got 'psuh'."),
        (ONE.replace("steps", "stpes"), "w.yml:5: jobs.a.stpes: expected a key that GitHub knows"),
        (ONE.replace("runs-on: ubuntu-latest", "needs: []"), "w.yml:3: jobs.a: expected the key 'runs-on'"),
        (ONE + "        uses: a/b@v1\n", "w.yml:6: jobs.a.steps[0]: expected uses or run, got both."),
        (ONE.replace("run: make", "uses: checkout"), "w.yml:6: jobs.a.steps[0].uses: expected owner/repo"),
        (ONE + "    needs: b\n", "w.yml:7: jobs.a.needs: expected the id of a job, got 'b'."),
        (ONE + "    needs: a\n", "w.yml:7: jobs.a.needs: expected another job, got 'a' itself."),
        (ONE + "    permissions: {contnts: read}\n", "got 'contnts'. Did you mean 'contents'?"),
        (ONE + "    permissions: {contents: admin}\n", "expected read or write or none, got 'admin'."),
        (ONE + "    if: secrets.X == ''\n", "GitHub allows no secrets in an if"),
        (ONE + "    if: matrix.os == 'x'\n", "A job's if is asked before its matrix is"),
        (ONE + "    if: needs.b.result == 'success'\n", "expected a job in needs of a, got 'b'."),
        (ONE + "    if: github.ref = 'x'\n", "got '=' in column 12."),
        (ONE + '    if: github.ref == "x"\n', "Strings stand in single quotes."),
        (ONE + "    if: succes()\n", "expected one of the functions"),
        (ONE + "    if: contains('a')\n", "expected 2 arguments of contains, got 1 in column 1."),
        (ONE.replace("make", "${{ steps.x.outputs.y }}"), "expected the id of an earlier step, got 'x'."),
        (ONE + "        background: true\n", "expected what the model can run, got 'background'."),
        (ONE + "    timeout-minutes: 0\n", "expected a whole number of minutes, got 0."),
        (ONE + "    x: *y\n", "expected an anchor &y above, got none."),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_file_line_and_path(text: str, said: str) -> None:
    """Where, what was expected, what came, what to do."""
    assert said in refused(text)


def test_a_circle_of_needs_is_spelled_out() -> None:
    """The circle alone is named, not the jobs that hang on it."""
    text = "on: push\njobs:\n" + "".join(
        f"  {name}: {{runs-on: x, steps: [{{run: y}}], needs: {need}}}\n"
        for name, need in (("tail", "b"), ("b", "c"), ("c", "b"))
    )
    assert "w.yml:4: jobs.b.needs: expected needs that end somewhere, got the circle b → c → b." in refused(
        text
    )


def test_a_missing_file_is_told_like_any_other_mistake(tmp_path: Path) -> None:
    """Four parts, no traceback."""
    with pytest.raises(PipelineError, match=r"none\.yml: expected a workflow file, got no such file"):
        read_workflow(tmp_path / "none.yml")


def test_an_alias_stands_for_what_its_anchor_marks() -> None:
    """GitHub reads anchors since 2025; the alias has the line on which it stands."""
    workflow = read(ONE + "    env: &e {A: b}\n  c:\n    runs-on: x\n    env: *e\n    steps: [{run: y}]\n")
    assert [("A", "b")] == [(each.name, each.value) for each in workflow.by_id["c"].env]


def test_aliases_that_multiply_are_refused() -> None:
    """Ten levels of ten would be ten thousand million values."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "expected at most 12,000 keys and values" in refused("\n".join(lines) + "\n")


def matrix(text: str) -> list[dict[str, object]]:
    """The combinations of a matrix written in flow style."""
    job = read(ONE + f"    strategy: {{matrix: {text}}}\n").jobs[0]
    return [dict(each) for each in combinations(job, Scope())]


def test_a_matrix_is_the_product_less_what_is_excluded() -> None:
    """The first variable moves slowest; an exclusion matches in part."""
    made = matrix("{os: [u, w], v: [1, 2], exclude: [{os: w, v: 1}]}")
    assert [{"os": "u", "v": 1.0}, {"os": "u", "v": 2.0}, {"os": "w", "v": 2.0}] == made
    assert [] == matrix("{os: [u], exclude: [{os: u}]}")


def test_an_include_joins_combinations_or_is_one_more() -> None:
    """GitHub's own example of fruit and animals, in the order of its result."""
    made = matrix(
        "{fruit: [apple, pear], animal: [cat, dog], include: [{color: green}, {color: pink, animal: cat}, "
        "{fruit: apple, shape: circle}, {fruit: banana}, {fruit: banana, animal: cat}]}"
    )
    assert made == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_a_job_of_a_matrix_is_called_by_its_values() -> None:
    """As on GitHub's page of a run."""
    job = read(ONE + "    strategy: {matrix: {os: [ubuntu-latest], v: [3.12]}}\n").jobs[0]
    assert ["a (ubuntu-latest, 3.12)"] == [title(job, each) for each in combinations(job, Scope())]


@pytest.mark.parametrize(
    ("patterns", "name", "verdict"),
    [
        (("feature/*",), "feature/a", True),
        (("feature/*",), "feature/a/b", False),
        (("feature/**",), "feature/a/b", True),
        (("v[12].[0-9]+",), "v1.10", True),
        (("v[12].[0-9]+",), "v3.1", False),
        (("*.jsx?",), "page.js", True),
        (("releases/**", "!releases/**-alpha"), "releases/10-alpha", False),
        (("!main",), "main", False),
    ],
)
def test_filter_patterns_mean_what_githubs_cheat_sheet_says(
    patterns: tuple[str, ...], name: str, verdict: bool
) -> None:
    """The last pattern that matches decides."""
    assert verdict is accepts(patterns, name)
