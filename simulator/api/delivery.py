"""``sim.pipeline``: a delivery pipeline in a learner's hand, drawn, run, plotted and asked what if."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd
from rich.progress import Progress as ProgressBar

from simulator.api import arguments
from simulator.errors import GamedayError
from simulator.lab.plots.delivery import DeliveryPlots, comparison_picture
from simulator.lab.plots.style import Picture
from simulator.pipeline import (
    AddCache,
    AddMergeQueue,
    CanaryRelease,
    Comparison,
    Drawing,
    Edit,
    MoreRunners,
    Outcome,
    ParallelGates,
    Recover,
    RetrySteps,
    Settings,
    SkipGate,
    Slack,
    compare,
    draw,
    schedule,
    timeline_entry,
)
from simulator.pipeline import Pipeline as Simulated
from simulator.pipeline.releases import Plain
from simulator.units import MINUTE


class PipelineOutcome(Outcome):
    """What came of a simulation, which can also draw itself."""

    @property
    def plot(self) -> DeliveryPlots:
        """Charts: ``plot.dora()``, ``plot.gates()``, ``plot.gantt()``, ``plot.queue()``."""
        return DeliveryPlots(self)

    def releases(self, at: str = "12m") -> list[Plain]:
        """Every deployment that brought a defect, as an entry for a scenario's ``timeline``.

        Args:
            at: When, in the scenario's time.

        Raises:
            GamedayError: The settings name no workload under ``model.target``.
        """
        target = self.source.settings.model.target
        return [timeline_entry(each, target, at) for each in self.deployments if each.slipped]


class PipelineComparison(Comparison):
    """What-ifs compared, which can also draw themselves."""

    def plot(self) -> Picture:
        """The paired change of each measure with its interval, in per cent of what it is."""
        return comparison_picture(self)

    def __repr__(self) -> str:
        return str(self)


class Edits:
    """The what-ifs that there are: ``pipe.edit.canary(weight=10)``. Each is an edit for ``what_if``."""

    def parallel_gates(self) -> Edit:
        """Every gate in a job of its own, side by side."""
        return ParallelGates()

    def cache(self, job: str = "*") -> Edit:
        """A dependency cache for the steps that could use one."""
        return AddCache(job)

    def merge_queue(self, max_group_size: int = 5, build_concurrency: int = 5) -> Edit:
        """A merge queue in front of the branch."""
        return AddMergeQueue(max_group_size, build_concurrency)

    def canary(self, weight: int = 10, bake: str = "20m") -> Edit:
        """A canary of so many per cent for so long, instead of all users at once."""
        return CanaryRelease(weight, bake)

    def without(self, gate: str) -> Edit:
        """A job or step left out."""
        return SkipGate(gate)

    def runners(self, count: int, label: str = "ubuntu-latest") -> Edit:
        """Another number of runners."""
        return MoreRunners(count, label)

    def recover(self, how: Literal["roll-back", "roll-forward"]) -> Edit:
        """Another way to end an incident."""
        return Recover(how)

    def retries(self, step: str, count: int = 2) -> Edit:
        """A step that tries again by itself before it fails."""
        return RetrySteps(step, count)


class Pipeline(Simulated):
    """A delivery pipeline; in a notebook it shows its drawing."""

    outcome = PipelineOutcome
    edit = Edits()

    def run(self, days: float = 30.0, *, seed: int | None = None) -> PipelineOutcome:
        """Simulate the team at work: so many calendar days, weekends too.

        Raises:
            GamedayError: So many days can't be simulated.
            PipelineError: A condition rests on something that the model does not know.
        """
        arguments.whole("run(seed=…)", seed, 2**63 - 1)
        _number("run(days=…)", days)
        made = super().run(days, seed=seed)
        assert isinstance(made, PipelineOutcome)
        return made

    def draw(self) -> Drawing:
        """Stages, gates side by side and approvals, for Mermaid and in words."""
        return draw(self.source)

    def schedule(self, event: str = "push") -> tuple[Slack, ...]:
        """The critical path of mean times: when each job can start, and how much slack it has."""
        return schedule(self.source, event)

    def plan(self, event: str = "push") -> pd.DataFrame:
        """The same as a table: when each job starts and ends, and how much longer it could take unnoticed.

        Args:
            event: ``push``, ``pull_request`` or ``merge_group``.

        Raises:
            GamedayError: No such event starts this workflow.
            PipelineError: A condition rests on something that the model does not know.
        """
        events = [trigger.event for trigger in self.workflow.triggers]
        if event not in events:
            raise GamedayError(
                "plan(event)",
                expected=" or ".join(events),
                got=repr(event)[:80],
                todo="These start this workflow.",
            )
        rows = [
            {
                "job": each.job,
                "start_minutes": each.start / MINUTE,
                "finish_minutes": each.finish / MINUTE,
                "slack_minutes": each.slack / MINUTE,
                "critical": each.critical,
            }
            for each in self.schedule(event)
        ]
        return pd.DataFrame(rows).set_index("job")

    def edited(self, *edits: Edit) -> Pipeline:
        """The same pipeline, the same luck, with these edits.

        Raises:
            GamedayError: An edit means nothing here.
        """
        _edits(edits)
        source = self.source
        for edit in edits:
            source = edit.apply(source)
        return Pipeline(source, seed=self.seed)

    def what_if(
        self, *edits: Edit, days: float = 30.0, replications: int = 20, workers: int | None = None
    ) -> PipelineComparison:
        """Each of these edits against the pipeline as it is: the same changes, the same luck, so many times.

        Args:
            edits: Made by ``pipe.edit``.
            days: Simulated in each replication.
            replications: With the pipeline's seed and those after it.
            workers: Processes; None takes as many as there are processors. The result does not depend on it.

        Raises:
            GamedayError: An edit means nothing here, or so many replications can't be run.
        """
        _edits(edits)
        _number("what_if(days=…)", days)
        arguments.whole("what_if(workers=…)", workers, 1_000)
        with ProgressBar(transient=True) as bar:
            task = bar.add_task("simulating", total=None)
            made = compare(
                self.source,
                edits,
                days=days,
                replications=replications,
                seed=self.seed,
                workers=workers,
                done=lambda count, whole: bar.update(task, completed=count, total=whole),
            )
        return PipelineComparison(made.days, made.replications, made.differences)

    def _repr_mimebundle_(self, **options: object) -> dict[str, str]:
        """What a notebook shows."""
        return self.draw()._repr_mimebundle_(**options)


def _number(where: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GamedayError(where, expected="a number of days", got=repr(value), todo="30 is a month.")


def _edits(values: tuple[object, ...]) -> None:
    for value in values:
        if not hasattr(value, "apply"):
            raise GamedayError(
                "what_if(…)", expected="edits", got=repr(value), todo="Make them, as in pipe.edit.canary()."
            )


@arguments.checked
def pipeline(
    path_or_text: str | Path, *, model: str | Path | Settings | None = None, seed: int | None = None
) -> Pipeline:
    """A delivery pipeline from a GitHub Actions workflow.

        pipe = sim.pipeline("persona")
        pipe.run(days=30).dora

    Args:
        path_or_text: A workflow file, a folder with a ``pipeline.yaml``, the name of one of the kit's
            pipelines, or a workflow's text.
        model: A ``pipeline.yaml`` or its text; None takes the one beside the workflow, else defaults.
        seed: Whose luck; None takes 1.

    Raises:
        PipelineError: A file is not there, or something in it is wrong; all problems at once.
    """
    seed = arguments.whole("pipeline(seed=…)", seed, 2**63 - 1)
    arguments.path("pipeline(path_or_text)", path_or_text)
    if model is not None and not isinstance(model, Settings):
        arguments.path("pipeline(model=…)", model)
    return Pipeline(path_or_text, model=model, seed=1 if seed is None else seed)
