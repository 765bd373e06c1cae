"""The four questions that James asks before he proposes a pipeline, and what may be answered.

An answer that the kit writes no file for is known too: its ``gap`` says plainly what is not covered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer.

    Attributes:
        value: As it is written.
        title: As a form shows it.
        gap: What is not covered if it is chosen; empty where everything is.
    """

    value: str
    title: str
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to answer.

    Attributes:
        name: Of the argument.
        label: As a form shows it.
        choices: In the order in which they are offered.
    """

    name: str
    label: str
    choices: tuple[Choice, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """Every answer that is understood."""
        return tuple(choice.value for choice in self.choices)

    def choice(self, value: str) -> Choice:
        """The choice of this value."""
        return next(choice for choice in self.choices if choice.value == value)


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        asks: In James's words.
        why: What the answer decides.
        fields: What is filled in.
    """

    asks: str
    why: str
    fields: tuple[Field, ...]


_FORGES: Final = (
    Choice("github", "GitHub"),
    Choice(
        "gitlab",
        "GitLab",
        "GitLab runs .gitlab-ci.yml, not workflows of GitHub Actions; its stages, rules and environments "
        "have other keys, and the kit neither writes nor runs them.",
    ),
    Choice(
        "bitbucket",
        "Bitbucket",
        "Bitbucket runs bitbucket-pipelines.yml; the kit neither writes nor runs it.",
    ),
    Choice(
        "azure-devops",
        "Azure DevOps",
        "Azure DevOps runs azure-pipelines.yml; the kit neither writes nor runs it.",
    ),
    Choice(
        "other",
        "another forge",
        "The kit knows workflows of GitHub Actions alone. A forge that claims to run them may leave out what "
        "this pipeline rests on: environments with reviewers, tokens by OIDC, permissions of a job.",
    ),
)
_TARGETS: Final = (
    Choice("eks", "Kubernetes on AWS (EKS)"),
    Choice("gke", "Kubernetes on Google Cloud (GKE)"),
    Choice("aks", "Kubernetes on Azure (AKS)"),
    Choice(
        "own-kubernetes",
        "Kubernetes of your own",
        "How a job signs in to a cluster of your own without a stored key depends on its API server's OIDC "
        "settings, and whether a hosted runner reaches it at all on your network.",
    ),
    Choice(
        "virtual-machines",
        "virtual machines",
        "Releases to virtual machines are images and instance groups of each cloud; nothing here knows them.",
    ),
    Choice(
        "serverless",
        "functions or containers without a cluster",
        "Lambda, Cloud Run and the like have releases, traffic splits and rollbacks of their own.",
    ),
    Choice("other", "something else", "The kit can't write a deployment to a place that it does not know."),
)

QUESTIONS: Final = (
    Question(
        "Where does the code live, and what is it written in?",
        "The forge decides what kind of file it is; the language, what lint, types and tests are called.",
        (
            Field("forge", "Forge", _FORGES),
            Field(
                "stack",
                "Language",
                (
                    Choice("node", "JavaScript or TypeScript (npm)"),
                    Choice("python", "Python (pip)"),
                    Choice("go", "Go"),
                    Choice("java", "Java (Maven wrapper)"),
                    Choice(
                        "other",
                        "another language",
                        "The kit knows how lint, types and tests are run in JavaScript, Python, Go and Java.",
                    ),
                ),
            ),
        ),
    ),
    Question(
        "Where does it deploy?",
        "The target decides how a job signs in without a stored key, and how it sees that a rollout is done.",
        (Field("target", "Target", _TARGETS),),
    ),
    Question(
        "Which environments are there before production?",
        "A proposal is tried in the first one, so that main never holds what has not run anywhere.",
        (
            Field(
                "environments",
                "Environments",
                (
                    Choice("staging", "staging, then production"),
                    Choice("development-staging", "development, staging, then production"),
                    Choice(
                        "none",
                        "production alone",
                        "Without a place before production, users meet each change first. Make a staging: a "
                        "namespace of the same cluster will do.",
                    ),
                ),
            ),
        ),
    ),
    Question(
        "Who approves a release, and where are people told?",
        "Approval is a setting of an environment, not a step of the file; two people are two environments.",
        (
            Field(
                "approvals",
                "Approvals",
                (
                    Choice("one", "one person who did not write the change"),
                    Choice("two", "two people, one after the other"),
                    Choice(
                        "none",
                        "nobody",
                        "A production that nobody approves wants a canary that decides in people's place, "
                        "and this file has none. Begin with one approval.",
                    ),
                ),
            ),
            Field(
                "chat",
                "Chat",
                (
                    Choice("slack", "Slack"),
                    Choice("teams", "Microsoft Teams"),
                    Choice("none", "nowhere"),
                ),
            ),
        ),
    ),
)
FIELDS: Final = {field.name: field for question in QUESTIONS for field in question.fields}
