"""Gate by gate: what each found, what it cost, and how often it cried wolf."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.pipeline.changes import Defect
from simulator.pipeline.loading import Source
from simulator.pipeline.records import RunRecord
from simulator.units import MINUTE


@dataclass(slots=True)
class GateTally:
    """One gate over a simulation.

    Attributes:
        gate: The job's id and the step's title.
        runs: How often it ran.
        minutes: Of runners, in all.
        caught: Defects that it was the first to find.
        confirmed: Defects that it found and another gate had found before.
        ignored: Defects that it saw and let through, since ``continue-on-error`` forgave it.
        false_alarms: Failures of good changes that stay until somebody dismisses them.
        flaky: Failures for no reason.
        hidden: Failures that a retry of the step itself, or ``continue-on-error``, has hidden.
    """

    gate: str
    runs: int = 0
    minutes: float = 0.0
    caught: int = 0
    confirmed: int = 0
    ignored: int = 0
    false_alarms: int = 0
    flaky: int = 0
    hidden: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The tally as a row."""
        return {
            "gate": self.gate,
            "runs": self.runs,
            "minutes": round(self.minutes, 3),
            "caught": self.caught,
            "confirmed": self.confirmed,
            "ignored": self.ignored,
            "false_alarms": self.false_alarms,
            "flaky": self.flaky,
            "hidden": self.hidden,
            "kinds": ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items())),
        }


def tally(runs: list[RunRecord], source: Source) -> list[GateTally]:
    """Every gate that ran, in the order of the workflow's jobs and their steps."""
    found: dict[str, GateTally] = {}
    seen: set[tuple[str, Defect]] = set()
    for step in (step for run in runs for job in run.jobs for step in job.steps):
        if not step.gate or step.outcome == "skipped":
            continue
        row = found.setdefault(step.gate, GateTally(step.gate))
        row.runs += 1
        row.minutes += (step.finished - step.started) / MINUTE
        row.hidden += (step.outcome == "success" and step.tries > 1) + (
            step.outcome == "failure" and step.conclusion == "success"
        )
        row.false_alarms += step.cause == "false-alarm"
        row.flaky += step.cause == "flaky"
        for defect in step.found:
            if (step.gate, defect) in seen:
                continue
            seen.add((step.gate, defect))
            if step.conclusion != "failure":
                row.ignored += 1
            elif defect.caught_by == step.gate:
                row.caught += 1
                row.kinds[defect.kind] = row.kinds.get(defect.kind, 0) + 1
            else:
                row.confirmed += 1
    order = {job.id: place for place, job in enumerate(source.workflow.in_order)}
    return sorted(found.values(), key=lambda row: order.get(row.gate.partition(":")[0], len(order)))
