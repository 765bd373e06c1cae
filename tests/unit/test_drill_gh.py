"""``gh run`` and ``gh workflow``: the pipeline's runs as GitHub's program shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.drill import Run, replay
from simulator.engine.delivery.jobs import laid_out, time_of
from simulator.scenario.workflow import Pipeline
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh, scenario

JOBS = laid_out(Pipeline(), {})
PIPELINE_TIME = time_of(Pipeline())


def at(minute: int) -> Run:
    """The small incident at a minute: its bad release came at T+01:00."""
    run = fresh()
    run.advance(minute * MINUTE)
    return run


def rows(run: Run, flags: str = "") -> list[list[str]]:
    """The table's cells, without its head."""
    lines = run.do(f"gh run list {flags}").text.split("\n")[1:]
    return [[cell for cell in line.split("  ") if cell] for line in lines]


def test_the_workflow_takes_as_long_as_the_pipeline() -> None:
    """Its last job ends when production changes; what needs a job begins behind it."""
    assert 4 * MINUTE == PIPELINE_TIME == max(job.ends for job in JOBS) == JOBS[-1].ends
    ends = {job.name: job.ends for job in JOBS}
    assert all(ends[need] <= job.starts for job in JOBS for need in job.needs)


def test_every_release_was_a_run() -> None:
    """A row for each commit of git log, newest first, with its subject."""
    run = at(3)
    titles = [" ".join(row[1:2]).strip() for row in rows(run)]
    assert ["v2: faster", "v1: second", "v0: first", "db: 15"] == titles
    assert 4 == len(run.do("git log --oneline").text.split("\n"))
    assert "about 6 minutes ago" == rows(run)[0][-1].strip()


def test_a_revert_is_a_run_with_jobs_and_steps() -> None:
    """Pushed at once: git has it, the run goes through gates, build and approval; then production follows."""
    run = at(3)
    run.do("git revert 3b2e4f9")
    assert run.do("git log --oneline -n 1").text.endswith('Revert "v2: faster"')
    assert "Everything up-to-date" == run.do("git push").text
    first = run.do("gh run view").text
    assert "✓ lint in 20s" in first and "* test" in first and "build" not in first
    run.do("wait 2m")
    assert "* deploy" in run.do("gh run view").text
    assert "Waiting for review" in run.do("gh run view").text
    assert "app:v2" == run.cluster.deployment("app").spec.template.containers[0].image
    watched = run.do("gh run watch")
    assert watched.text.split("\n")[-1].startswith("✓ Run deploy (")
    assert watched.text.endswith("completed with 'success'")
    assert "  ✓ Apply" in watched.text and watched.kind == "look"
    assert "app:v1" == run.cluster.deployment("app").spec.template.containers[0].image
    log = run.do("git log -n 1").text
    assert "This reverts commit 3b2e4f9." in log and "09:03:00 2026" in log


def test_watch_ends_early_where_somebody_calls() -> None:
    """As every look that blocks."""
    run = at(1)
    run.do("git revert 2a1d3e8")
    answer = run.do("gh run watch")
    assert "^C  (the pager rings" in answer.text and not answer.text.endswith("'success'")


def test_a_dispatch_makes_production_follow_git_again() -> None:
    """What was set by hand goes after four minutes; git gets no commit from it."""
    run = at(4)
    run.do("kubectl set image deployment/app app=app:v0")
    commits = run.do("git log --oneline").text
    answer = run.do("gh workflow run deploy.yml -f workload=app")
    assert answer.text.startswith("✓ Created workflow_dispatch event for deploy.yml at main")
    assert ("change", 10 * SECOND) == (answer.kind, answer.cost)
    assert [["workflow_dispatch"]] == [[row[4].strip()] for row in rows(run, "-s in_progress")]
    run.advance(run.now + PIPELINE_TIME - 20 * SECOND)
    assert "app:v0" == run.cluster.deployment("app").spec.template.containers[0].image
    run.advance(answer.at + PIPELINE_TIME - SECOND)
    run.do("wait 3s")
    assert "app:v2" == run.cluster.deployment("app").spec.template.containers[0].image
    assert commits.count("\n") == run.do("git log --oneline").text.count("\n")


def test_a_run_fails_where_its_workload_is_gone() -> None:
    """The last step fails, and its steps show without -v."""
    run = at(3)
    run.do("gh workflow run deploy.yml -f workload=app")
    run.do("kubectl delete deployment app")
    run.do("yes")
    run.advance(8 * MINUTE)
    shown = run.do("gh run view").text
    assert shown.startswith("\nX main deploy") and "  X Apply" in shown
    assert 1 == len(rows(run, "--status failure"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("gh", "gh: a command is missing"),
        ("gh run", "Usage:  gh run <command> [flags]"),
        ("gh run lst", 'unknown command "run lst" for "gh"\n\nDid you mean this?\n\trun list'),
        ("gh pr list", 'unknown command "pr list" for "gh"'),
        ("gh run list --foo", "unknown flag: --foo\n\nUsage:  gh run list [flags]"),
        ("gh run list -s nope", 'invalid argument "nope" for "-s, --status" flag'),
        ("gh run list -L 0", "invalid limit: 0"),
        ("gh run view 12", "failed to get run: HTTP 404: Not Found"),
        ("gh run view --job 12", "failed to get job: HTTP 404: Not Found"),
        ("gh run watch", "found no in progress runs to watch"),
        ("gh workflow run", "workflow ID, name, or filename required when not running interactively"),
        ("gh workflow run ci.yml", "could not find any workflows named ci.yml"),
        (
            "gh workflow run deploy.yml",
            "could not create workflow dispatch event: HTTP 422: Required input 'workload' not provided",
        ),
        (
            "gh workflow run deploy.yml -f workload=x",
            "could not create workflow dispatch event: HTTP 422: no workload x in deploy/",
        ),
        (
            "gh workflow run deploy.yml -f workload=app -f colour=red",
            'could not create workflow dispatch event: HTTP 422: Unexpected inputs provided: ["colour"]',
        ),
    ],
)
def test_gh_refuses_in_its_own_words(line: str, said: str) -> None:
    """Nothing is started and no time passes."""
    run = at(3)
    answer = run.do(line)
    assert answer.text.startswith(said)
    assert (False, 0) == (answer.ok, answer.cost)


def test_the_workflow_s_file_has_its_jobs() -> None:
    """Least privilege, needs, a protected environment: what James asks of such a file."""
    text = at(3).do("gh workflow view deploy.yml --yaml").text
    assert all(f"  {job.name}:" in text for job in JOBS)
    assert "permissions: {contents: read}" in text and "environment: production" in text


def test_a_run_with_dispatch_and_revert_replays(tmp_path: Path) -> None:
    """The journal gives the same bytes."""
    path = tmp_path / "run.jsonl"
    run = Run(scenario(), journal=path)
    run.advance(2 * MINUTE)
    for line in (
        "git revert 3b2e4f9",
        "gh run watch",
        "gh workflow run deploy -f workload=app",
        "gh run watch",
    ):
        assert run.do(line).ok
    again = replay(path, scenario=scenario())
    assert (run.digest, [str(each) for each in run.transcript]) == (
        again.digest,
        [str(each) for each in again.transcript],
    )
