"""``kubectl autoscale``: a HorizontalPodAutoscaler for a workload, by its CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import (
    KUBECTL,
    NAMESPACE,
    deployments_after,
    name_of,
    namespace_of,
)
from simulator.drill.console.objects import autoscalers  # noqa: F401 - registers how they are shown
from simulator.drill.console.objects.resources import named_targets, spelled
from simulator.drill.console.registry import Command
from simulator.world import KubernetesError, ObjectMeta, kind_named
from simulator.world.autoscaling import (
    DEFAULT_METRICS,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus,
    MetricSpec,
    MetricTarget,
    TargetReference,
)
from simulator.world.kinds import AUTOSCALERS, Kind
from simulator.world.scales import SCALES, scale_of

if TYPE_CHECKING:
    from simulator.drill.run import Run


def _words(line: str, arguments: Arguments) -> tuple[str, ...]:
    least, most = arguments.number("min"), arguments.number("max")
    if not arguments.given("max"):
        raise _refused('error: required flag(s) "max" not set', line, "--max=MAXPODS", "none")
    if most < 1:
        said = f"error: --max=MAXPODS is required and must be at least 1, max: {most}"
        raise _refused(said, line, "a count from 1", str(most))
    if most < least:
        said = f"error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: {most}, min: {least}"
        raise _refused(said, line, f"at least {least}", str(most))
    targets = named_targets(arguments.words, line)
    if not targets:
        raise _refused("error: required resource not specified", line, "a Deployment", "none")
    for target in targets:
        if target.kind not in SCALES:
            said = f"error: cannot autoscale a {target.kind.kind}"
            raise _refused(said, line, "a workload such as a Deployment", str(target))
    return spelled(targets)


def _refused(said: str, line: str, expected: str, got: str) -> RefusedError:
    return RefusedError(
        said,
        where=line,
        expected=expected,
        got=got,
        todo="Write for example kubectl autoscale deployment/checkout --min=4 --max=12 --cpu-percent=60.",
    )


@KUBECTL.verb(
    "autoscale",
    usage="deployment/NAME --max=N [--min=N] [--cpu-percent=N] [--name=NAME]",
    about="Let a HorizontalPodAutoscaler set how many pods there are.",
    kind="change",
    cost="change",
    flags=(
        NAMESPACE,
        Flag("min", "The fewest pods; -1 is 1.", takes="int", default="-1"),
        Flag("max", "The most pods.", takes="int", default="-1"),
        Flag("cpu-percent", "Share of the requested CPU to aim at; -1 is 80.", takes="int", default="-1"),
        Flag("name", "Of the autoscaler; the workload's by default."),
    ),
    normalise=_words,
    candidates=deployments_after,
)
def autoscale(run: Run, command: Command) -> str:
    """Create an autoscaler for each workload of the line."""
    namespace = namespace_of(run, command.arguments)
    return "\n".join(
        _create(run, kind_named(word.partition("/")[0]), name_of(word), namespace, command.arguments)
        for word in command.targets
    )


def _create(run: Run, kind: Kind, target: str, namespace: str, arguments: Arguments) -> str:
    workload = run.cluster.get(kind, target, namespace)
    scale = scale_of(workload)
    assert scale is not None, "the line was refused otherwise"
    name = arguments.text("name") or target
    if run.cluster.table(HorizontalPodAutoscaler).find(name, namespace) is not None:
        raise KubernetesError(
            f'Error from server (AlreadyExists): {AUTOSCALERS.qualified} "{name}" already exists',
            where=f"autoscale {kind.singular}/{target}",
            expected="a name not yet taken",
            got=repr(name),
            todo=f"kubectl describe hpa {name} shows it; delete it first, or give --name.",
        )
    percent = arguments.number("cpu-percent")
    metrics = (MetricSpec("Resource", "cpu", MetricTarget(percent)),) if percent > 0 else DEFAULT_METRICS
    run.cluster.add(
        HorizontalPodAutoscaler(
            ObjectMeta(name, namespace, created_at=run.now),
            HorizontalPodAutoscalerSpec(
                TargetReference(kind.kind, target, kind.api_version),
                arguments.number("max"),
                max(1, arguments.number("min")),
                metrics,
            ),
            HorizontalPodAutoscalerStatus(0, 0),
        )
    )
    return f"{AUTOSCALERS.qualified_singular}/{name} autoscaled"
