"""One run as bars on a time axis, with the critical path marked: as data, as text, and for Mermaid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from simulator.pipeline.critical import CriticalPath, critical_path
from simulator.pipeline.records import Conclusion, RunRecord
from simulator.units import SECOND, format_duration

_WIDTH: Final = 48


@dataclass(frozen=True, slots=True)
class Bar:
    """One job; times are ns after the run's event.

    Attributes:
        ready: All that it needs had ended.
        queued: It waited for a runner from here on; before, for its group and its environment.
        picked: It had a runner.
        critical: Whether it is on the critical path.
    """

    job: str
    ready: int
    queued: int
    picked: int
    finished: int
    conclusion: Conclusion
    critical: bool


@dataclass(frozen=True, slots=True)
class Gantt:
    """A run's bars, in the order in which they began to wait.

    Attributes:
        run: Its number.
        path: The critical path.
    """

    run: int
    bars: tuple[Bar, ...]
    path: CriticalPath

    def __str__(self) -> str:
        """Bars: · waits for people or its group, - for a runner, = runs; # runs on the critical path."""
        end = max((bar.finished for bar in self.bars), default=0) or 1
        width = max((len(bar.job) for bar in self.bars), default=0)
        lines = []
        for bar in self.bars:
            marks = [" "] * (_WIDTH + 1)
            for start, stop, sign in (
                (bar.ready, bar.queued, "·"),
                (bar.queued, bar.picked, "-"),
                (bar.picked, bar.finished, "#" if bar.critical else "="),
            ):
                first, last = start * _WIDTH // end, stop * _WIDTH // end
                marks[first : last + (stop > start)] = sign * (last - first + (stop > start))
            length = format_duration(round((bar.finished - bar.ready) / SECOND) * SECOND)
            lines.append(
                f"{bar.job:<{width}}  {''.join(marks[:_WIDTH]).rstrip():<{_WIDTH}}  {length} {bar.conclusion}"
            )
        return "\n".join([*lines, self.path.sentence])

    @property
    def mermaid(self) -> str:
        """Mermaid's Gantt chart; the critical path is marked ``crit``."""
        lines = ["gantt", f"  title Run {self.run}", "  dateFormat X", "  axisFormat %H:%M:%S"]
        for number, bar in enumerate(self.bars):
            title = re.sub(r"[:#;,]", " ", bar.job)
            tags = "crit, " if bar.critical else ""
            lines.append(f"  section {title}")
            if bar.picked - bar.ready >= SECOND:
                lines.append(f"  waits :{tags}w{number}, {bar.ready // SECOND}, {bar.picked // SECOND}")
            end = max(bar.finished, bar.picked + SECOND)
            lines.append(f"  runs :{tags}r{number}, {bar.picked // SECOND}, {end // SECOND}")
        return "\n".join(lines)


def gantt(run: RunRecord) -> Gantt:
    """The chart of a run that has ended; jobs that were skipped have no bar."""
    path = critical_path(run)
    titles = [link.job for link in path.links]
    bars = []
    for job in run.jobs:
        if job.finished is None or job.conclusion == "skipped":
            continue
        queued = job.finished if job.queued is None else job.queued
        picked = job.finished if job.picked is None else job.picked
        times = (job.created, queued, max(picked, queued), job.finished)
        ready, queued, picked, finished = (instant - run.created for instant in times)
        bars.append(Bar(job.title, ready, queued, picked, finished, job.conclusion, job.title in titles))
    return Gantt(run.number, tuple(sorted(bars, key=lambda bar: (bar.ready, bar.finished))), path)
