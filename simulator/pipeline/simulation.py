"""``Pipeline``: a workflow and its settings, drawn and run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from simulator.errors import GamedayError, PipelineError, Problem
from simulator.pipeline.delivery import Delivery
from simulator.pipeline.loading import Source, load_pipeline
from simulator.pipeline.outcome import Outcome
from simulator.pipeline.settings import Settings
from simulator.pipeline.workflow import Workflow
from simulator.units import DAY

#: The events that a change brings about on its way.
DRIVEN: Final = ("pull_request", "merge_group", "push")
#: Longest simulated time, days.
LONGEST = 730.0


class Pipeline:
    """A delivery pipeline.

    Args:
        path_or_text: A workflow file, a folder with a ``pipeline.yaml``, or a workflow's text.
        model: Settings, or their file or text; None takes the file beside the workflow, else the defaults.
        seed: Whose luck.

    Raises:
        PipelineError: A file is not there, or something in it is wrong; all problems at once.
    """

    def __init__(
        self, path_or_text: str | Path | Source, *, model: str | Path | Settings | None = None, seed: int = 1
    ) -> None:
        self.source = path_or_text if isinstance(path_or_text, Source) else load_pipeline(path_or_text, model)
        self.seed = seed

    @property
    def workflow(self) -> Workflow:
        return self.source.workflow

    @property
    def settings(self) -> Settings:
        return self.source.settings

    #: What a run gives back; a front may give more.
    outcome: type[Outcome] = Outcome

    def run(self, days: float = 30.0, *, seed: int | None = None) -> Outcome:
        """Simulate the team at work.

        Args:
            days: Calendar days from the settings' start time on, weekends too.
            seed: Whose luck; None takes the pipeline's own.

        Raises:
            GamedayError: So many days can't be simulated.
            PipelineError: A condition rests on something that the model does not know.
        """
        if not 0 < days <= LONGEST:
            raise GamedayError(
                "run(days=…)",
                expected=f"more than 0 and up to {LONGEST:g} days",
                got=repr(days),
                todo="A month is a good stretch.",
            )
        self._started()
        delivery = Delivery(self.source, self.seed if seed is None else seed)
        delivery.env.run(until=round(days * DAY))
        return self.outcome(delivery)

    def _started(self) -> None:
        """Some event of a change starts the workflow, or there is nothing to simulate."""
        branch, triggers = self.settings.spec.branch, self.workflow.triggers
        if not any(each.event in DRIVEN and each.accepts(branch) for each in triggers):
            got = ", ".join(each.event for each in triggers) or "none"
            where = str(triggers[0].at) if triggers else f"{self.workflow.file}: on"
            todo = f"A change on its way to {branch} starts nothing here."
            raise PipelineError([Problem(where, f"{' or '.join(DRIVEN)} on {branch}", got, todo)])
