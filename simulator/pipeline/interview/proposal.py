"""What James proposes after the four questions: the files, and what nobody can write into a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.errors import GamedayError
from simulator.pipeline.interview.actions import Pin, pins
from simulator.pipeline.interview.answers import Answers
from simulator.pipeline.interview.stacks import STACKS
from simulator.pipeline.interview.targets import TARGETS
from simulator.pipeline.interview.workflow import CHAT, FIRST_APPROVAL, PATH, workflow_text
from simulator.pipeline.loading import SETTINGS_FILE, Source, load_pipeline
from simulator.pipeline.workflow import workflow_of

_SETTINGS: Final = """\
# What stands around the workflow, for the simulator: replace people, times and defects by your own.
apiVersion: gameday/v1
kind: Pipeline
metadata: {name: %(service)s, title: The proposed pipeline}
spec:
  workflow: %(path)s
  approvals: 1
  requiredChecks: [%(checks)s]
  people:
    - {name: Ana}
    - {name: Ben}
    - {name: Chidi}
    - {name: Dana}
    - {name: Emre}
  environments:
%(environments)s
model:
  steps:
    - {step: Watch it for five minutes, time: {mean: 5m5s, p99: 5m30s}}
    - {step: It is still this commit that was tried, kind: other, time: {mean: 2s, p99: 8s}}
  target: {deployment: %(service)s, image: %(service)s, route: home}
"""
_DEPENDABOT: Final = """\
# A pin that nobody moves grows old. Each update is a proposal, and waits until others have met it first.
version: 2
updates:
  - package-ecosystem: github-actions
    directory: /
    schedule: {interval: weekly}
    cooldown: {default-days: 7}
  - package-ecosystem: %(ecosystem)s
    directory: /
    schedule: {interval: weekly}
    cooldown: {default-days: 7}
"""


@dataclass(frozen=True, slots=True, repr=False)
class Proposal:
    """A pipeline for these answers.

    Attributes:
        answers: All given, all covered.
        workflow: The workflow file's text.
        settings: The text of a ``pipeline.yaml`` for the simulator.
        dependabot: The text of a ``dependabot.yml``, which keeps the pins young.
    """

    answers: Answers
    workflow: str
    settings: str
    dependabot: str

    @property
    def files(self) -> dict[str, str]:
        """Each file's text, by its path in the repository."""
        return {
            PATH: self.workflow,
            ".github/dependabot.yml": self.dependabot,
            SETTINGS_FILE: self.settings,
        }

    @property
    def pins(self) -> tuple[Pin, ...]:
        """The actions that the workflow uses, with the day and the source of each pin."""
        used = {use.repository for use in workflow_of(self.workflow.encode(), PATH).uses()}
        return tuple(pin for name, pin in pins().items() if name in used)

    @property
    def source(self) -> Source:
        """The same as the pipeline simulator reads it."""
        return load_pipeline(self.workflow, self.settings)

    @property
    def setup(self) -> tuple[str, ...]:
        """What remains to be set at the forge and in the cloud, in the order in which it is done."""
        answers, target = self.answers, TARGETS[self.answers.target]
        steps = [
            "Variables of the repository: IMAGE, such as ghcr.io/OWNER/REPOSITORY in lower case.",
            f"Environments {', '.join(answers.stages)}, each with the variables URL, "
            f"{', '.join(target.variables)}.",
            f"In the cloud: {target.trust}.",
            *(f"Environment {name}: branch main alone." for name in answers.stages[1:-1]),
            "Environment production: branch main alone, required reviewers, no self-review, and "
            "administrators can't bypass.",
        ]
        if answers.approvals == "two":
            steps.append(
                f"Environment {FIRST_APPROVAL}: the same rules, and other reviewers than production has."
            )
        if answers.chat != "none":
            steps.append(
                f"Environment {CHAT}: branch main alone, and the secret CHAT_WEBHOOK, the only one there is; "
                "put a date for its rotation into the calendar."
            )
        return (
            *steps,
            "Ruleset of main: pull request with one approval, signed commits, no force push; required are "
            f"{', '.join(_checks(answers))}, each of them, since a check that is skipped counts as passed.",
            "Actions: only those of the table allowed, the full commit required, tokens read-only by "
            "default, and no self-hosted runner on a public repository.",
            "The Dockerfile takes the build argument COMMIT, and the service answers /healthz with it.",
            f"Its Deployment and container are called {answers.service}, in a namespace for each of "
            f"{', '.join(answers.stages)}.",
            "The cluster admits only images that cosign verifies as signed by this workflow on main.",
            "Access: who may approve, deploy and administer is read through every quarter.",
        )

    def save(self, folder: str | Path) -> tuple[Path, ...]:
        """Write the files under a folder, which is a repository's root.

        Raises:
            GamedayError: A file is there already, or can't be written; then none is written over.
        """
        root = Path(folder)
        paths = {root / name: text for name, text in self.files.items()}
        for path in paths:
            if path.exists():
                raise GamedayError(
                    "save(folder)",
                    expected="a folder without these files",
                    got=str(path),
                    todo="Compare the two by hand; nothing was written.",
                )
        try:
            for path, text in paths.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise GamedayError(
                "save(folder)",
                expected="a folder that can be written",
                got=f"{root}: {(error.strerror or type(error).__name__).lower()}",
                todo="Check the path and its permissions.",
            ) from None
        return tuple(paths)

    def __str__(self) -> str:
        return self.workflow

    def __repr__(self) -> str:
        return self.workflow


def propose(answers: Answers) -> Proposal:
    """The pipeline that follows from the answers.

    Raises:
        GamedayError: A question is open, or an answer is not covered; then there is no file.
    """
    if answers.open:
        raise GamedayError(
            "interview",
            expected="an answer to each of the four questions",
            got=f"none for {', '.join(answers.open)}",
            todo="Answer them first: whoever prescribes before asking prescribes for somebody else.",
        )
    if answers.gaps:
        raise GamedayError(
            "interview",
            expected="answers that the kit writes a pipeline for",
            got=f"{len(answers.gaps)} that it does not cover",
            todo=" ".join(answers.gaps),
        )
    names = {
        "service": answers.service,
        "path": PATH,
        "checks": ", ".join(_checks(answers)),
        "environments": _environments(answers),
    }
    return Proposal(
        answers,
        workflow_text(answers),
        _SETTINGS % names,
        _DEPENDABOT % {"ecosystem": STACKS[answers.stack].ecosystem},
    )


def _checks(answers: Answers) -> tuple[str, ...]:
    """The jobs that a proposal must pass.

    Every job on its way: where one fails, those behind it are skipped, and a required check that is skipped
    does not hold a merge back.
    """
    return ("lint", "test", "security", "build", answers.stages[0], "end-to-end")


def _environments(answers: Answers) -> str:
    """The environments of the settings: where proposals go is open to every branch."""
    first, *others = answers.stages
    protected = "branches: [main], reviewers: [%s], preventSelfReview: true"
    rules = dict.fromkeys(others, "branches: [main]")
    rules["production"] = protected % "Ana, Ben, Chidi"
    if answers.approvals == "two":
        del rules["production"]
        rules[FIRST_APPROVAL] = protected % "Ana, Ben"
        rules["production"] = protected % "Chidi, Dana, Emre"
    lines = [f"    - {{name: {first}}}", *(f"    - {{name: {name}, {rule}}}" for name, rule in rules.items())]
    return "\n".join(lines)
