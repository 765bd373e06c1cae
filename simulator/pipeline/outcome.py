"""What came of a simulation: the four DORA keys, gate by gate, runs, jobs, changes, as tidy frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import mean, median
from typing import TYPE_CHECKING

from simulator.pipeline.changes import Change, Defect
from simulator.pipeline.delivery import Delivery
from simulator.pipeline.gates import GateTally, tally
from simulator.pipeline.loading import Source
from simulator.pipeline.records import Deployment, Incident, JobRecord, RunRecord
from simulator.units import DAY, HOUR, MINUTE, SECOND, format_duration

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Dora:
    """The four keys of DORA over a simulated time.

    Attributes:
        deployments: How many reached production.
        deployments_per_day: Of the calendar.
        lead_time_hours_median: From a change's first commit to production, of the changes that got there.
        lead_time_hours_p90: Nine in ten were faster.
        change_failure_rate: The share of deployments that hurt users; None without a deployment.
        restore_hours_median: From a failed deployment to its end, of those that ended; None without one.
    """

    deployments: int
    deployments_per_day: float
    lead_time_hours_median: float | None
    lead_time_hours_p90: float | None
    change_failure_rate: float | None
    restore_hours_median: float | None

    def __str__(self) -> str:
        return self.sentence

    def frame(self) -> pd.DataFrame:
        """One row a key: its value and its unit."""
        rows: list[Row] = [
            {"key": "deployment frequency", "value": self.deployments_per_day, "unit": "a day"},
            {"key": "lead time for changes", "value": self.lead_time_hours_median, "unit": "hours, median"},
            {"key": "change failure rate", "value": self.change_failure_rate, "unit": "of deployments"},
            {"key": "time to restore", "value": self.restore_hours_median, "unit": "hours, median"},
        ]
        return _frame(rows, "key")

    @property
    def sentence(self) -> str:
        """The four keys in one sentence."""
        if self.lead_time_hours_median is None or self.change_failure_rate is None:
            return "Nothing reached production."
        share = f"{100 * self.change_failure_rate:.0f} %"
        restored = self.restore_hours_median
        ended = "" if restored is None else f", which took {_hours(restored)} to end (median)"
        return (
            f"{self.deployments_per_day:.1f} deployments a day; a change is in production "
            f"{_hours(self.lead_time_hours_median)} after its first commit (median); {share} of the "
            f"deployments hurt users{ended}."
        )


class Outcome:
    """One simulated stretch of a pipeline.

    Args:
        delivery: Run to its end.

    Attributes:
        seed: Whose luck.
        days: How long.
        runs: Every run of the workflow.
        changes: Every change that was opened.
        deployments: Every release.
        incidents: What hurt users.
    """

    def __init__(self, delivery: Delivery) -> None:
        self.source: Source = delivery.source
        self.seed: int = delivery.luck.seed
        self.end = int(delivery.env.now)
        self.days = self.end / DAY
        self.runs: list[RunRecord] = delivery.forge.runs
        self.changes: list[Change] = delivery.changes
        self.deployments: list[Deployment] = delivery.production.deployments
        self.incidents: list[Incident] = delivery.production.incidents
        self.release_job = delivery.forge.release_job
        self.defects: list[Defect] = delivery.defects

    def __repr__(self) -> str:
        return f"{self.days:g} days, seed {self.seed}: {self.dora.sentence}"

    @cached_property
    def dora(self) -> Dora:
        """The four keys."""
        leads = sorted(
            (change.deployed - change.opened) / HOUR for change in self.changes if change.deployed is not None
        )
        ended = [each for each in self.incidents if each.restored is not None]
        restored = [(each.restored - each.began) / HOUR for each in ended if each.restored is not None]
        count = len(self.deployments)
        return Dora(
            deployments=count,
            deployments_per_day=count / self.days if self.days else 0.0,
            lead_time_hours_median=median(leads) if leads else None,
            lead_time_hours_p90=leads[min(len(leads) - 1, (9 * len(leads)) // 10)] if leads else None,
            change_failure_rate=sum(each.failed for each in self.deployments) / count if count else None,
            restore_hours_median=median(restored) if restored else None,
        )

    @cached_property
    def gate_tallies(self) -> list[GateTally]:
        """What each gate found, cost and got wrong, in the order of the workflow."""
        return tally(self.runs, self.source)

    @property
    def slipped(self) -> list[Defect]:
        """Defects that reached production."""
        return [defect for defect in self.defects if defect.live_at is not None]

    @property
    def caught(self) -> list[Defect]:
        """Defects that a gate found before production."""
        return [defect for defect in self.defects if defect.caught_by and defect.live_at is None]

    # -- numbers ---------------------------------------------------------------------------------------

    def measures(self) -> dict[str, float]:
        """The numbers that comparisons compare; one that has no value is absent."""
        dora, jobs = self.dora, list(self._jobs())
        waits = [
            (job.picked - job.queued) / MINUTE
            for _, job in jobs
            if job.picked is not None and job.queued is not None
        ]
        finished = [
            (run.finished - run.created) / MINUTE
            for run in self.runs
            if run.event == "pull_request" and run.finished is not None and run.conclusion != "cancelled"
        ]
        busy = sum(job.finished - job.picked for _, job in jobs if job.finished and job.picked is not None)
        found: dict[str, float | None] = {
            "deployments_per_day": dora.deployments_per_day,
            "lead_time_hours": dora.lead_time_hours_median,
            "change_failure_rate": dora.change_failure_rate,
            "restore_hours": dora.restore_hours_median,
            "queue_minutes": mean(waits) if waits else None,
            "checks_minutes": median(finished) if finished else None,
            "runner_hours_per_day": busy / HOUR / self.days if self.days else None,
            "caught": float(len(self.caught)),
            "slipped": float(len(self.slipped)),
            "incidents": float(len(self.incidents)),
            "changes_deployed": float(sum(change.deployed is not None for change in self.changes)),
        }
        return {name: value for name, value in found.items() if value is not None}

    def to_json(self) -> dict[str, object]:
        """What ``gameday pipeline run --json`` prints."""
        dora = self.dora
        return {
            "workflow": self.source.workflow.file,
            "seed": self.seed,
            "days": round(self.days, 6),
            "dora": {
                "deployments": dora.deployments,
                "deployments_per_day": _rounded(dora.deployments_per_day),
                "lead_time_hours_median": _rounded(dora.lead_time_hours_median),
                "lead_time_hours_p90": _rounded(dora.lead_time_hours_p90),
                "change_failure_rate": _rounded(dora.change_failure_rate),
                "restore_hours_median": _rounded(dora.restore_hours_median),
            },
            "changes": {
                "opened": len(self.changes),
                "merged": sum(change.merged is not None for change in self.changes),
                "deployed": sum(change.deployed is not None for change in self.changes),
            },
            "runs": len(self.runs),
            "queue_minutes": _rounded(self.measures().get("queue_minutes")),
            "gates": [each.to_json() for each in self.gate_tallies],
            "caught": _by_kind(self.caught),
            "slipped": _by_kind(self.slipped),
            "incidents": len(self.incidents),
        }

    # -- frames ----------------------------------------------------------------------------------------

    def _jobs(self) -> Iterator[tuple[RunRecord, JobRecord]]:
        for run in self.runs:
            for job in run.jobs:
                yield run, job

    @property
    def gates(self) -> pd.DataFrame:
        """One row a gate: runs, minutes, defects caught, false alarms, flaky failures."""
        return _frame([each.to_json() for each in self.gate_tallies], "gate")

    @property
    def run_frame(self) -> pd.DataFrame:
        """One row a run: event, conclusion, minutes waiting and running."""
        rows: list[Row] = [
            {
                "run": run.number,
                "attempt": run.attempt,
                "event": run.event,
                "change": run.change.number,
                "created_hours": run.created / HOUR,
                "wait_minutes": None if run.started is None else (run.started - run.created) / MINUTE,
                "minutes": None if run.finished is None else (run.finished - run.created) / MINUTE,
                "conclusion": run.conclusion,
                "cause": run.cause,
            }
            for run in self.runs
        ]
        return _frame(rows, "run")

    @property
    def job_frame(self) -> pd.DataFrame:
        """One row a job of a run: minutes held back, queued for a runner, and running; its conclusion."""
        rows: list[Row] = [
            {
                "run": run.number,
                "attempt": run.attempt,
                "job": job.title,
                "pool": job.pool,
                "created_hours": job.created / HOUR,
                "held_minutes": None if job.queued is None else (job.queued - job.created) / MINUTE,
                "queue_minutes": None
                if job.picked is None or job.queued is None
                else (job.picked - job.queued) / MINUTE,
                "run_minutes": None
                if job.finished is None or job.picked is None
                else (job.finished - job.picked) / MINUTE,
                "conclusion": job.conclusion,
                "cause": job.cause,
                "approver": job.approver,
            }
            for run, job in self._jobs()
        ]
        return _frame(rows, "run")

    @property
    def change_frame(self) -> pd.DataFrame:
        """One row a change: hours to merge and to production, pushes, runs, defects."""
        rows: list[Row] = [
            {
                "change": change.number,
                "opened_hours": change.opened / HOUR,
                "merge_hours": None if change.merged is None else (change.merged - change.opened) / HOUR,
                "lead_time_hours": None
                if change.deployed is None
                else (change.deployed - change.opened) / HOUR,
                "pushes": change.pushes,
                "runs": change.runs,
                "mends": "" if change.mends is None else change.mends.kind,
            }
            for change in self.changes
        ]
        return _frame(rows, "change")

    @property
    def deployment_frame(self) -> pd.DataFrame:
        """One row a deployment: what it brought, and whether it hurt users."""
        rows: list[Row] = [
            {
                "deployment": number,
                "at_hours": each.at / HOUR,
                "run": each.run.number,
                "changes": len(each.changes),
                "slipped": ", ".join(defect.kind for defect in each.slipped),
                "failed": each.failed,
            }
            for number, each in enumerate(self.deployments, 1)
        ]
        return _frame(rows, "deployment")

    @property
    def defect_frame(self) -> pd.DataFrame:
        """One row a defect: its kind, which gate caught it, and whether it reached production."""
        rows: list[Row] = [
            {
                "change": defect.change,
                "kind": defect.kind,
                "skew": defect.skew,
                "caught_by": defect.caught_by,
                "slipped": defect.live_at is not None,
            }
            for defect in self.defects
        ]
        return _frame(rows, "change")


def _frame(rows: list[Row], index: str) -> pd.DataFrame:
    import pandas as pd  # slow to import, and a command line that prints JSON needs none

    return pd.DataFrame(rows).set_index(index) if rows else pd.DataFrame()


def _by_kind(defects: list[Defect]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for defect in defects:
        counted[defect.kind] = counted.get(defect.kind, 0) + 1
    return dict(sorted(counted.items()))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _hours(hours: float) -> str:
    """A time in hours as people say it."""
    minutes = round(hours * 60)
    return format_duration(minutes * 60 * SECOND) if minutes < 24 * 60 else f"{hours / 24:.1f} days"
