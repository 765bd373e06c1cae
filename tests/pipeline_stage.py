"""A stage for pipelines: constant times, nobody makes mistakes, runs are started by hand; and its numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from simulator.pipeline.changes import Change, Commit, Defect
from simulator.pipeline.clock import Clock
from simulator.pipeline.forge import Forge
from simulator.pipeline.loading import Source, load_pipeline, settings_of
from simulator.pipeline.luck import Luck
from simulator.pipeline.people import People
from simulator.pipeline.records import JobRecord
from simulator.pipeline.running import Run
from simulator.pipeline.settings import Settings
from simulator.units import SECOND

#: Each job waits so long for a free runner to be made ready.
PICKUP = 1 * SECOND


def constant(seconds: float) -> dict[str, str]:
    """A time that never varies."""
    return {"distribution": "constant", "mean": f"{round(seconds * 1000)}ms"}


def settings(
    times: dict[str, float],
    *,
    runners: int = 20,
    spec: dict[str, Any] | None = None,
    model: dict[str, Any] | None = None,
) -> Settings:
    """Settings by which steps, named by title, take so many seconds, and nothing goes wrong."""
    named = [{"step": name, "kind": "other", "time": constant(seconds)} for name, seconds in times.items()]
    pool = {"labels": ["ubuntu-latest"], "count": runners, "pickup": constant(PICKUP / SECOND)}
    physics = {"defects": [], "skew": 0.0, "cacheKeyChanges": 0.0, **(model or {})}
    physics["steps"] = [*physics.get("steps", []), *named]
    text = {
        "apiVersion": "gameday/v1",
        "kind": "Pipeline",
        "spec": {"runners": [pool], **(spec or {})},
        "model": physics,
    }
    return settings_of(json.dumps(text).encode(), "settings")


def workflow(jobs: str, head: str = "on: [push, pull_request]") -> str:
    """A workflow whose jobs are written in flow style, one a line: ``b: needs a; steps x, y``."""
    lines = [head, "jobs:"]
    for line in jobs.strip().splitlines():
        name, _, rest = line.strip().partition(":")
        lines.append(f"  {name}: {{runs-on: ubuntu-latest, {rest.strip()}}}")
    return "\n".join(lines) + "\n"


class Stage:
    """A forge on a clock of its own.

    Args:
        text: The workflow.
        times: Seconds of steps by title.
    """

    def __init__(self, text: str, times: dict[str, float], **given: Any) -> None:
        self.source: Source = load_pipeline(text, settings(times, **given))
        self.env = Clock()
        self.luck = Luck(1)
        people = People(self.source.settings, self.luck)
        self.known_bad = False
        self.forge = Forge(self.env, self.source, self.luck, people, lambda _commit: self.known_bad)
        self.runs: list[Run] = []

    def start(
        self, at: float, event: str = "push", *, number: int = 1, defects: Sequence[Defect] = ()
    ) -> None:
        """Start a run at this second."""
        change = Change(number, number, 0, 0, pushes=1)
        place = "refs/heads/main" if event == "push" else f"refs/pull/{number}/merge"
        commit = Commit(place, change, tuple(defects), 0, number, (change,))

        def begin(_: object) -> None:
            self.runs.append(self.forge.start(commit, event))

        timer = self.env.timeout(round(at * SECOND))
        timer.callbacks.append(begin)

    def play(self, until: float = 400_000.0) -> None:
        """Run the clock to this second."""
        self.env.run(until=round(until * SECOND))

    def job(self, title: str, run: int = 0) -> JobRecord:
        """A job of a run, by title."""
        return next(job for job in self.runs[run].record.jobs if job.title == title)

    def span(self, title: str, run: int = 0) -> tuple[float, float]:
        """When a job's first step began and when it ended, in seconds."""
        job = self.job(title, run)
        assert job.started is not None and job.finished is not None
        return job.started / SECOND, job.finished / SECOND

    def results(self, run: int = 0) -> dict[str, str]:
        """Conclusions of the jobs of a run, by title."""
        return {job.title: job.conclusion for job in self.runs[run].record.jobs}
