"""What a step is, by what it runs; what steps of each kind cost, find and get wrong unless a model says so.

The figures are defaults for a service of a few ten thousand lines, made up to be plausible and to be
replaced: a team's own come from its runs. Chances of finding are of a defect of that kind at hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from simulator.pipeline.laws import StepLaw
from simulator.pipeline.physics import DefectKind, Physics, StepKind, matches
from simulator.pipeline.workflow import Job, Step
from simulator.units import MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class Habit:
    """How steps of one kind behave.

    Attributes:
        mean: Nanoseconds.
        tail: p99 over mean.
        saves: The share of its time that a cache saves when it is hit; 0 where caches do nothing.
        flaky: The chance to fail for no reason.
        finds: Chance by kind of defect.
        false_alarms: The chance to refuse a good change.
    """

    mean: int
    tail: float = 3.0
    saves: float = 0.0
    flaky: float = 0.0
    finds: dict[DefectKind, float] = field(default_factory=dict)
    false_alarms: float = 0.0


HABITS: Final[dict[StepKind, Habit]] = {
    "checkout": Habit(6 * SECOND),
    "setup": Habit(12 * SECOND),
    "install": Habit(70 * SECOND, saves=0.75, flaky=0.003),
    "lint": Habit(45 * SECOND, 2.0, finds={"type-error": 0.25}),
    "type-check": Habit(60 * SECOND, 2.0, finds={"type-error": 0.95}),
    "unit-tests": Habit(
        4 * MINUTE, 2.0, flaky=0.012, finds={"type-error": 0.5, "failing-unit": 0.92, "slow-query": 0.03}
    ),
    "end-to-end-tests": Habit(
        9 * MINUTE,
        2.0,
        flaky=0.03,
        finds={"type-error": 0.6, "failing-unit": 0.5, "bad-migration": 0.5, "slow-query": 0.15},
    ),
    "scan": Habit(
        75 * SECOND, finds={"vulnerable-dependency": 0.85, "leaked-secret": 0.9}, false_alarms=0.02
    ),
    "build": Habit(3 * MINUTE, saves=0.55, flaky=0.003, finds={"type-error": 0.4}),
    "deploy": Habit(50 * SECOND, flaky=0.004, finds={"bad-migration": 0.25}),
    "roll-back": Habit(60 * SECOND),
    "verify": Habit(90 * SECOND, flaky=0.002, finds={"type-error": 0.5, "bad-migration": 0.3}),
    "smoke-tests": Habit(
        70 * SECOND, flaky=0.01, finds={"type-error": 0.6, "failing-unit": 0.3, "bad-migration": 0.4}
    ),
    "sign-in": Habit(4 * SECOND),
    "artifact": Habit(10 * SECOND),
    "notify": Habit(3 * SECOND),
    "called-workflow": Habit(5 * MINUTE),
    "other": Habit(15 * SECOND),
}

#: Actions by what they are for; the first that matches counts.
_ACTIONS: Final[tuple[tuple[str, StepKind], ...]] = (
    (r"actions/checkout", "checkout"),
    (r"docker/build-push-action|docker/bake-action", "build"),
    (r"login|configure-.*credentials|google-github-actions/auth|azure/login", "sign-in"),
    (r"trivy|snyk|codeql|grype|gitleaks|trufflehog|semgrep|dependency-review|zizmor|scan", "scan"),
    (r"lint|reviewdog|super-linter|ruff", "lint"),
    (r"artifact|actions/cache|attest|sbom|codecov", "artifact"),
    (r"slack|notify|discord|teams|github-script", "notify"),
    (r"playwright|cypress", "end-to-end-tests"),
    (r"deploy|helm|argo|kustomize", "deploy"),
    (r"setup|install|qemu|buildx|toolchain", "setup"),
)
#: Commands likewise; the step's name is read before its command.
_COMMANDS: Final[tuple[tuple[str, StepKind], ...]] = (
    (r"rollout undo|helm rollback|roll.?back|take .*back", "roll-back"),
    (r"rollout status|verify.*roll|wait --for|health", "verify"),
    (r"smoke", "smoke-tests"),
    (r"e2e|end.to.end|playwright|cypress|integration", "end-to-end-tests"),
    (r"type.?check|mypy|pyright|\btsc\b", "type-check"),
    (r"\blint|eslint|ruff|flake8|golangci|clippy|fmt|format|prettier", "lint"),
    (r"\baudit\b|\bscan|secret|trivy|grype|gitleaks|bandit|snyk|semgrep", "scan"),
    (r"kubectl .*(set image|apply)|helm (upgrade|install)|\bdeploy|argocd|terraform apply", "deploy"),
    (r"npm (ci|install)\b|yarn install|pnpm i|pip install|uv sync|bundle install|mod download", "install"),
    (r"\btests?\b|pytest|jest|vitest|go test|cargo test|mvn verify", "unit-tests"),
    (r"docker build|\bbuild\b|compile|webpack|cargo build|make\b", "build"),
    (r"slack|notify|curl .*hooks", "notify"),
)


def kind_of(step: Step) -> StepKind:
    """What a step is, by its action, else by its name, else by its command."""
    if step.uses is not None:
        target = f"{step.uses.repository}/{step.uses.path}".casefold()
        return next((kind for form, kind in _ACTIONS if re.search(form, target)), "other")
    command = step.run.text if step.run is not None else ""
    for text in (step.name, command):
        for form, kind in _COMMANDS:
            if text and re.search(form, text, re.IGNORECASE):
                return kind
    return "other"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one step behaves: its kind's habit, with what the model says of it.

    Attributes:
        law: Of its time.
        saves: Of its time that a cache saves, if there is one and it is hit.
        retries: How often it tries again by itself.
    """

    kind: StepKind
    law: StepLaw
    saves: float
    flaky: float
    retries: int
    finds: tuple[tuple[DefectKind, float], ...]
    false_alarms: float

    @property
    def gate(self) -> bool:
        """Whether it judges changes."""
        return bool(self.finds) or self.false_alarms > 0


def behaviour_of(job: Job, step: Step, model: Physics) -> Behaviour:
    """How a step of a job behaves under this model."""
    uses = step.uses.repository if step.uses is not None else ""
    names = [name for name in (step.id, step.name, uses, step.title) if name]
    told = next(
        (each for each in model.steps if matches(each.job, job.id, job.title) and matches(each.step, *names)),
        None,
    )
    kind = (told.kind if told is not None else None) or kind_of(step)
    habit = HABITS[kind]
    saves = habit.saves if _has_cache(job, step) else 0.0
    if told is None:
        return Behaviour(
            kind, _law(habit), saves, habit.flaky, 0, tuple(habit.finds.items()), habit.false_alarms
        )
    finds = habit.finds if told.finds is None else told.finds
    return Behaviour(
        kind=kind,
        law=_law(habit) if told.time is None else told.time.law,
        saves=saves if told.cache is None else told.cache.saves,
        flaky=habit.flaky if told.flaky is None else told.flaky,
        retries=told.retries or 0,
        finds=tuple(finds.items()),
        false_alarms=habit.false_alarms if told.false_alarms is None else told.false_alarms,
    )


def _law(habit: Habit) -> StepLaw:
    return StepLaw("lognormal", habit.mean, round(habit.mean * habit.tail))


def _has_cache(job: Job, step: Step) -> bool:
    """Whether the workflow keeps a cache for a step: its own ``cache-from``, or an earlier step's."""
    if any(setting.name in ("cache-from", "cache-to") for setting in step.with_):
        return True
    for earlier in job.steps[: step.number]:
        if earlier.uses is None:
            continue
        if earlier.uses.repository == "actions/cache":
            return True
        asked = (setting.value for setting in earlier.with_ if setting.name in ("cache", "enable-cache"))
        if any(value not in (None, False, "", "false") for value in asked):
            return True
    return False
