"""The delivery pipeline, from commit to release: a real workflow file, read and run on the clock.

Reading order: ``workflow/`` (the file), ``settings.py`` and ``physics.py`` (what stands beside it),
``forge.py``, ``jobs.py`` (runs), ``delivery.py`` (the life of a change), ``production.py`` (what a
release does), ``outcome.py`` (what came of it), ``edits.py`` and ``replications.py`` (what if).
"""

from simulator.pipeline.critical import CriticalPath, Slack, critical_path, schedule
from simulator.pipeline.drawing import Drawing, draw
from simulator.pipeline.edits import (
    AddCache,
    AddMergeQueue,
    CanaryRelease,
    Edit,
    MoreRunners,
    ParallelGates,
    Recover,
    RetrySteps,
    SkipGate,
)
from simulator.pipeline.gantt import Gantt, gantt
from simulator.pipeline.loading import Source, load_pipeline
from simulator.pipeline.outcome import Dora, Outcome
from simulator.pipeline.records import RunRecord
from simulator.pipeline.releases import timeline_entry
from simulator.pipeline.replications import Comparison, Interval, compare
from simulator.pipeline.settings import Settings
from simulator.pipeline.simulation import Pipeline

__all__ = [
    "AddCache",
    "AddMergeQueue",
    "CanaryRelease",
    "Comparison",
    "CriticalPath",
    "Dora",
    "Drawing",
    "Edit",
    "Gantt",
    "Interval",
    "MoreRunners",
    "Outcome",
    "ParallelGates",
    "Pipeline",
    "Recover",
    "RetrySteps",
    "RunRecord",
    "Settings",
    "SkipGate",
    "Slack",
    "Source",
    "compare",
    "critical_path",
    "draw",
    "gantt",
    "load_pipeline",
    "schedule",
    "timeline_entry",
]
