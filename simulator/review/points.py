"""What a review asks: James's checklist of twelve, his standard for a delivery, and a place for the rest.

Data, no logic. Each point says which kinds of files can answer it and which analyser must have answered; a
point that nobody looked at is said to be so, and never passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: What a file is to a review. ``other`` is searched for secrets and nothing else.
Kind = Literal["workflow", "dockerfile", "manifest", "settings", "secret-list", "other"]
Group = Literal["secrets", "pipeline", "containers", "delivery", "rest"]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that is asked.

    Attributes:
        id: By which findings name it.
        asks: The point in James's words, as a statement that should hold.
        why: Why it matters, where a rule has no words of its own.
        kinds: Files that can answer it; one of them must be there.
        tools: Analysers whose silence counts only if they looked, by the kind of file that they look at.
    """

    id: str
    group: Group
    asks: str
    why: str
    kinds: tuple[Kind, ...]
    tools: tuple[tuple[Kind, str], ...] = ()


_ANY: Final[tuple[Kind, ...]] = ("workflow", "dockerfile", "manifest", "settings", "secret-list", "other")
_ZIZMOR: Final[tuple[tuple[Kind, str], ...]] = (("workflow", "zizmor"),)
_HADOLINT: Final[tuple[tuple[Kind, str], ...]] = (("dockerfile", "hadolint"),)

CHECKLIST: Final = (
    Point(
        "secrets.none",
        "secrets",
        "no secret in code or config",
        "Git forgets nothing. Whoever can read the repository today can read this, and so can every copy of "
        "it next year.",
        _ANY,
        (*((kind, "detect-secrets") for kind in _ANY), *_ZIZMOR, *_HADOLINT),
    ),
    Point(
        "secrets.oidc",
        "secrets",
        "OIDC to the cloud, no long-lived token",
        "A stored key works for whoever holds it, from anywhere, until somebody remembers it. A token of "
        "OIDC is over before the job is.",
        ("workflow",),
    ),
    Point(
        "secrets.rotated",
        "secrets",
        "secrets are rotated regularly",
        "A secret that nobody has changed in a year is one that nobody knows how to change. You don't want "
        "to learn that on the day it leaks.",
        ("workflow", "secret-list"),
    ),
    Point(
        "secrets.audited",
        "secrets",
        "who gets a secret can be audited",
        "After a leak the first question is who could have read it. 'Every step of every job' is an answer "
        "that costs a weekend.",
        ("workflow",),
        _ZIZMOR,
    ),
    Point(
        "pipeline.pinned",
        "pipeline",
        "actions are pinned by commit SHA, not by tag",
        "A tag is a name, and its owner can point it elsewhere tonight. Tomorrow's run then executes "
        "somebody else's code with your permissions. A commit stays what it is.",
        ("workflow",),
        _ZIZMOR,
    ),
    Point(
        "pipeline.permissions",
        "pipeline",
        "each job has the least permissions it needs",
        "The job that runs the linter runs a thousand packages that you have never read. It needs to read "
        "the code. Whatever else it may do, they may do.",
        ("workflow",),
        _ZIZMOR,
    ),
    Point(
        "pipeline.runners",
        "pipeline",
        "no self-hosted runner on a public repository",
        "On a public repository a stranger's pull request is a stranger's program on your machine, inside "
        "your network, with what the last job left there.",
        ("workflow",),
    ),
    Point(
        "pipeline.signed",
        "pipeline",
        "commits must be signed",
        "A commit's author is a text field. A signature is what tells your colleague from somebody who "
        "typed your colleague's name.",
        ("settings",),
    ),
    Point(
        "containers.minimal",
        "containers",
        "the base image is minimal, distroless preferred",
        "What is not in the image needs no patch and helps no intruder. Most images carry a compiler, a "
        "shell and a package manager that production never calls.",
        ("dockerfile",),
        _HADOLINT,
    ),
    Point(
        "containers.nonroot",
        "containers",
        "nothing runs as root",
        "Root in a container is one kernel bug away from root on the node. It costs one line not to be.",
        ("dockerfile", "manifest"),
        _HADOLINT,
    ),
    Point(
        "containers.scanned",
        "containers",
        "images are scanned before they are deployed",
        "Your code may be clean and the image still carry last year's OpenSSL. Only a scan of the image "
        "itself sees that.",
        ("workflow",),
    ),
    Point(
        "containers.signed",
        "containers",
        "images are signed",
        "A registry says what an image is called. A signature says who built it, from which commit. When "
        "the two differ you want to know before the cluster does.",
        ("workflow",),
    ),
)

STANDARD: Final = (
    Point(
        "delivery.gates",
        "delivery",
        "gates stand before production, side by side, and can fail",
        "A gate that can't stop a change is decoration, and gates in a row cost the team an hour that "
        "gates side by side don't.",
        ("workflow",),
    ),
    Point(
        "delivery.cached",
        "delivery",
        "installs and builds are cached",
        "Slow pipelines get bypassed. The same download for the hundredth time is the cheapest minute to "
        "win back.",
        ("workflow",),
    ),
    Point(
        "delivery.digest",
        "delivery",
        "what is deployed is named by digest, never by tag",
        "By tag, two pods of one Deployment can run two different builds, and a rollback can bring back "
        "something that you never tested. A digest is the build.",
        ("workflow", "manifest"),
    ),
    Point(
        "delivery.environment",
        "delivery",
        "production is a protected environment that somebody approves",
        "An environment is where GitHub keeps the approval, the branch rule and production's secrets. "
        "Without one, a merge is a release.",
        ("workflow", "settings"),
    ),
    Point(
        "delivery.verified",
        "delivery",
        "the rollout is verified, and smoke tests speak for the users",
        "The deploy command says that the API server has heard you. Whether anything runs is another "
        "question, and the pipeline is the one to ask it.",
        ("workflow",),
    ),
    Point(
        "delivery.rollback",
        "delivery",
        "a failed release is taken back by the pipeline",
        "At three in the morning nobody types well. The way back belongs in the file, where it was read "
        "by two people in daylight.",
        ("workflow",),
    ),
    Point(
        "delivery.bounded",
        "delivery",
        "jobs have a time limit, deployments go one at a time",
        "A hung job holds a runner for six hours unless you say otherwise, and two deployments at once "
        "leave production in a state that nobody asked for.",
        ("workflow",),
    ),
    Point(
        "delivery.notified",
        "delivery",
        "people hear of a release",
        "Whoever is on call should not have to find out from a graph that something was released.",
        ("workflow",),
    ),
    Point(
        "delivery.operable",
        "delivery",
        "each container has requests, limits and probes",
        "Kubernetes keeps the promises that you write down. Without requests it guesses, without probes it "
        "sends users to a pod that can't answer.",
        ("manifest",),
        (("manifest", "kubernetes-validate"),),
    ),
)

#: Where a rule goes that no table knows; never lost, and not part of a score.
REST: Final = Point(
    "rest",
    "rest",
    "what else the analysers say",
    "It is on nobody's list of twelve, and the analyser has a reason. Read its page, then decide.",
    _ANY,
)

POINTS: Final = (*CHECKLIST, *STANDARD, REST)
BY_ID: Final = {point.id: point for point in POINTS}
