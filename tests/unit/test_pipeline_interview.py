"""James's interview: every combination of answers gives a file that passes its analyser and runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import simulator as sim
from simulator.cli.app import app
from simulator.errors import GamedayError
from simulator.lab.interviewing import InterviewForm
from simulator.pipeline import Pipeline, Source, draw, schedule
from simulator.pipeline.interview import FIELDS, QUESTIONS, Answers, every_covered, pinned, pins, propose
from simulator.pipeline.workflow import Job, secrets_of

ALL = every_covered()
GIVEN = {
    "forge": "github",
    "stack": "python",
    "target": "eks",
    "environments": "development-staging",
    "approvals": "two",
    "chat": "slack",
}


@pytest.fixture(scope="module")
def sources() -> tuple[Source, ...]:
    """Every file that the interview can write, as the pipeline simulator reads it."""
    return tuple(propose(answers).source for answers in ALL)


def zizmor(folder: Path) -> list[dict[str, object]]:
    """What zizmor finds at its default persona; a file that it can't read is an error."""
    tool = Path(sys.executable).with_name("zizmor")
    command = [
        str(tool),
        "--offline",
        "--no-progress",
        "--strict-collection",
        "--format",
        "json",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, *range(10, 15)), done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_zizmor_finds_nothing_in_any_of_the_files(tmp_path: Path) -> None:
    """144 workflows and their Dependabot files, in one call; and it does find a tag where a pin should be."""
    assert 144 == len(ALL)
    for number, answers in enumerate(ALL):
        propose(answers).save(tmp_path / str(number))
    assert [] == zizmor(tmp_path)
    wrong = tmp_path / "wrong" / ".github" / "workflows"
    wrong.mkdir(parents=True)
    text = propose(ALL[0]).workflow
    (wrong / "w.yaml").write_text(re.sub(r"(actions/checkout)@\w+ # v\S+", r"\1@v6", text), encoding="utf-8")
    assert {"unpinned-uses"} == {str(each["ident"]) for each in zizmor(wrong.parents[1])}


def test_every_file_is_run_by_the_pipeline_simulator(sources: tuple[Source, ...]) -> None:
    """A day of a small team: releases reach production, each approved by as many people as were asked for."""
    for source in sources:
        spec = source.settings.spec.model_copy(update={"changes_per_day": 3.0})
        settings = source.settings.model_copy(update={"spec": spec})
        outcome = Pipeline(Source(source.workflow, settings), seed=4).run(1)
        released = [run for run in outcome.runs if run.event == "push" and run.conclusion == "success"]
        assert len(released) == len(outcome.deployments) > 0
        approvers = [job.approver for job in released[0].jobs if job.approver]
        assert len(approvers) == len([name for name in source.workflow.by_id if name in _approved(source)])
        assert len(approvers) == len(set(approvers))


def _approved(source: Source) -> set[str]:
    """The jobs whose environment has reviewers."""
    return {job.id for job in source.workflow.jobs if job.environment and _reviewers(source, job)}


def _reviewers(source: Source, job: Job) -> tuple[str, ...]:
    assert job.environment is not None
    return source.settings.spec.environment(job.environment.name.text).reviewers


def test_gates_are_parallel_and_a_proposal_ends_in_the_first_environment(sources: tuple[Source, ...]) -> None:
    """Lint, test and security side by side; production only on main, behind everything else."""
    for answers, source in zip(ALL, sources, strict=True):
        stages = [[job.id for job in stage] for stage in source.workflow.stages]
        assert [["lint", "test", "security"], ["build"], [answers.stages[0]], ["end-to-end"]] == stages[:4]
        proposed = [each.job for each in schedule(source, "pull_request")]
        assert ["lint", "test", "security", "build", answers.stages[0], "end-to-end"] == proposed
        pushed = [each.job for each in schedule(source, "push")]
        assert "production" in pushed and ("release" in pushed) is (answers.approvals == "two")
        assert ["lint", "test", "security"] == [each.job for each in schedule(source, "merge_group")]
        assert str(draw(source)).count("deploys to") == len(source.settings.spec.environments) + (
            answers.chat != "none"
        )


def _deployments(sources: tuple[Source, ...]) -> Iterator[Job]:
    for source in sources:
        yield from (
            job for job in source.workflow.jobs if any(s.name == "Deploy by digest" for s in job.steps)
        )


def test_permissions_are_least_and_no_key_is_stored(sources: tuple[Source, ...]) -> None:
    """Nothing for all jobs, little for each; the webhook of the chat is the only secret that is stored."""
    for answers, source in zip(ALL, sources, strict=True):
        workflow = source.workflow
        assert workflow.permissions is not None and workflow.permissions.scopes == ()
        written = {
            job.id: sorted(
                scope for scope in ("contents", "packages", "id-token", "actions") if _writes(job, scope)
            )
            for job in workflow.jobs
        }
        assert ["id-token", "packages"] == written["build"]
        deploying = {name for name, scopes in written.items() if scopes == ["id-token"]}
        assert set(answers.stages) == deploying
        assert {"build", *deploying} == {name for name, scopes in written.items() if scopes}
        secrets = {(use.name, use.job.id if use.job else "") for use in secrets_of(workflow)}
        chat = {("CHAT_WEBHOOK", "chat")} if answers.chat != "none" else set()
        assert {("GITHUB_TOKEN", "build")} | chat == secrets


def _writes(job: Job, scope: str) -> bool:
    assert job.permissions is not None
    return job.permissions.access(scope) == "write"


def test_every_job_is_bounded_and_every_deployment_verified(sources: tuple[Source, ...]) -> None:
    """A timeout each; by digest, the rollout's status asked, smoke tests, and a way back if one fails."""
    assert all(job.timeout_minutes for source in sources for job in source.workflow.jobs)
    seen = 0
    for job in _deployments(sources):
        seen += 1
        titles = [step.title for step in job.steps]
        tail = ["Deploy by digest", "Verify the rollout", "Smoke tests"]
        start = titles.index(tail[0])
        assert tail == titles[start : start + 3] and titles[-1] == "Take it back"
        commands = [step.run.text if step.run else "" for step in job.steps]
        assert "@$DIGEST" in commands[start] and "rollout status" in commands[start + 1]
        assert "rollout undo" in commands[-1] and job.concurrency is not None
        assert (titles[-2] == "Watch it for five minutes") is (job.id == "production")
    assert len(ALL) * 2.5 == seen


def test_every_action_is_one_of_the_table(sources: tuple[Source, ...]) -> None:
    """Pinned to the table's commit, its tag in the comment; every row of the table is used by some file."""
    used = set()
    for source in sources:
        for use in source.workflow.uses():
            pin = pins()[use.repository]
            assert (pin.sha, pin.tag) == (use.ref, use.comment)
            used.add(use.repository)
    assert set(pins()) == used
    proposal = propose(ALL[0])
    assert {use.repository for use in proposal.source.workflow.uses()} == {
        pin.action for pin in proposal.pins
    }


def test_the_table_says_how_each_pin_was_confirmed() -> None:
    """A full commit, a full tag, a day, and a source; no commit twice."""
    for pin in pins().values():
        assert re.fullmatch(r"[0-9a-f]{40}", pin.sha) and re.fullmatch(r"v\d+\.\d+\.\d+", pin.tag)
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", pin.date) and len(pin.source) > 30
    assert len({pin.sha for pin in pins().values()}) == len(pins())


def test_an_action_that_is_not_in_the_table_is_refused() -> None:
    """Its commit is looked up by somebody, never made up."""
    with pytest.raises(GamedayError, match=r"got 'acme/deploy'\. Look its commit up"):
        pinned("- uses: acme/deploy\n")
    assert "- run: ./uses: it\n" == pinned("- run: ./uses: it\n")


def test_dependabot_keeps_the_pins_young() -> None:
    """Actions and the language's own dependencies, each update a week old before it is proposed."""
    for stack, ecosystem in (("node", "npm"), ("python", "pip"), ("go", "gomod"), ("java", "maven")):
        text = propose(Answers(**{**GIVEN, "stack": stack})).dependabot
        assert f"package-ecosystem: {ecosystem}\n" in text and "package-ecosystem: github-actions\n" in text
        assert 2 == text.count("cooldown: {default-days: 7}")


# -- answers ---------------------------------------------------------------------------------------------


def test_he_asks_four_questions_and_prescribes_nothing_before_they_are_answered() -> None:
    """The message names what is open."""
    assert 4 == len(QUESTIONS)
    talk = sim.interview(forge="github", stack="go")
    assert ("target", "environments", "approvals", "chat") == talk.open
    with pytest.raises(GamedayError, match="got none for target, environments, approvals, chat"):
        talk.propose()
    done = talk.answer(target="gke", environments="staging", approvals="one", chat="none")
    assert done is talk and not done.open and not done.gaps
    assert "go.mod" in str(talk.propose()) and "All answered" in str(talk)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, one.value) for name, field in FIELDS.items() for one in field.choices if one.gap],
)
def test_what_is_not_covered_is_said_and_no_file_is_written(name: str, value: str) -> None:
    """Another forge, another target, no staging, no approval: plain sentences instead of an invented file."""
    talk = sim.interview(**{**GIVEN, name: value})
    assert 1 == len(talk.gaps) and len(talk.gaps[0]) > 40
    assert talk.gaps[0] in str(talk)
    with pytest.raises(GamedayError) as caught:
        talk.propose()
    assert talk.gaps[0] == caught.value.todo


def test_an_answer_that_nobody_knows_gets_the_nearest_one() -> None:
    """Names of questions, values, and the service's name."""
    for answers, said in (
        ({"forge": "gihub"}, "expected github or gitlab"),
        ({"stack": "pyton"}, "Did you mean 'python'?"),
        ({"service": "My Shop"}, "expected a name that Kubernetes takes"),
        ({"chat": 7}, "got 7. Choose one of them."),
    ):
        with pytest.raises(GamedayError, match=re.escape(said)):
            sim.interview(**answers)
    with pytest.raises(GamedayError, match="Did you mean 'target'"):
        sim.interview().answer(taget="eks")


def test_the_questions_are_a_table_too() -> None:
    """What is asked, why, what may be said, what was said."""
    table = sim.interview(stack="java").questions
    assert list(FIELDS) == list(table.index)
    assert ["question", "why", "choices", "given"] == list(table.columns)
    assert ("java", "") == (table.given["stack"], table.given["forge"])


def test_what_no_file_can_hold_is_a_list() -> None:
    """Variables, trust in the cloud, reviewers, rules of the branch; what the answers need and no more."""
    proposal = propose(Answers(**GIVEN))
    text = "\n".join(proposal.setup)
    for words in ("AWS_ROLE", "environment:NAME", "Environment release", "CHAT_WEBHOOK", "signed commits"):
        assert words in text
    assert all(line.endswith(".") for line in proposal.setup)
    small = "\n".join(propose(Answers(**{**GIVEN, "approvals": "one", "chat": "none"})).setup)
    assert "Environment release" not in small and "CHAT_WEBHOOK" not in small
    variables = set(re.findall(r"vars\.(\w+)", proposal.workflow))
    assert [] == [name for name in sorted(variables) if name not in text]


def test_saving_writes_a_repository_and_nothing_over_what_is_there(tmp_path: Path) -> None:
    """The folder is a pipeline for the simulator at once; a second time is refused."""
    proposal = sim.interview(**GIVEN).propose()
    paths = proposal.save(tmp_path)
    assert [".github/workflows/delivery.yaml", ".github/dependabot.yml", "pipeline.yaml"] == [
        path.relative_to(tmp_path).as_posix() for path in paths
    ]
    assert sim.pipeline(tmp_path).run(2).dora == proposal.pipeline().run(2).dora
    with pytest.raises(GamedayError, match="nothing was written"):
        proposal.save(tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(GamedayError, match="expected a folder that can be written"):
        proposal.save(blocked)


# -- form and command line -------------------------------------------------------------------------------


def test_the_form_and_the_functions_are_one_interview() -> None:
    """What is chosen in the form is what the object knows, and the other way round."""
    talk = sim.interview()
    shown = talk._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown and shown["text/plain"] == str(talk)
    form = talk._form
    assert isinstance(form, InterviewForm) and "6 answers are open" in form.said
    for name, value in GIVEN.items():
        form._receive(form, {"do": "answer", "name": name, "value": value}, None)
    assert talk.answers == {**GIVEN, "service": "app"}
    assert form.workflow == talk.propose().workflow and len(form.setup) == len(talk.propose().setup)
    talk.answer(target="serverless")
    assert "serverless" == form.answers["target"] and form.said.startswith("Not covered")
    assert ("", []) == (form.workflow, form.setup)
    form._receive(form, {"do": "answer", "name": "service", "value": "Shop"}, None)
    assert "expected a name that Kubernetes takes" in form.said and "app" == talk.answers["service"]
    form.close()


def test_gameday_pipeline_new_answers_by_options(tmp_path: Path) -> None:
    """The workflow alone on standard output; files in a folder; one JSON document."""
    options = [part for name, value in GIVEN.items() for part in (f"--{name}", value)]
    printed = CliRunner().invoke(app, ["pipeline", "new", *options])
    assert printed.exit_code == 0 and printed.stdout == propose(Answers(**GIVEN)).workflow
    assert " 1. Variables of the repository" in printed.stderr
    made = CliRunner().invoke(app, ["pipeline", "new", *options, "--in", str(tmp_path), "--service", "shop"])
    assert made.exit_code == 0 and "" == made.stdout
    assert "deployment/shop" in (tmp_path / ".github" / "workflows" / "delivery.yaml").read_text("utf-8")
    spoken = CliRunner().invoke(app, ["pipeline", "new", *options, "--json"])
    assert {"files", "setup"} == set(json.loads(spoken.stdout))
    refused = CliRunner().invoke(app, ["pipeline", "new", "--forge", "gitlab"])
    assert isinstance(refused.exception, GamedayError)
