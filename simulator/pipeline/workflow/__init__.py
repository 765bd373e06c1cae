"""A GitHub Actions workflow as data: read, checked, each part with its file and line.

Reading order: ``document.py`` (what a workflow is), ``reading.py`` and ``jobs.py`` (from a file to it),
``meaning.py`` (what can point nowhere), ``expressions.py`` and ``evaluation.py`` (``${{ }}``), ``matrix.py``.
"""

from simulator.pipeline.workflow.document import (
    At,
    Concurrency,
    Container,
    EnvironmentUse,
    Job,
    Need,
    Permissions,
    Setting,
    Step,
    Strategy,
    Text,
    Trigger,
    Uses,
    Workflow,
)
from simulator.pipeline.workflow.places import Place, SecretUse, places, secrets_of
from simulator.pipeline.workflow.reading import read_workflow, workflow_of

__all__ = [
    "At",
    "Concurrency",
    "Container",
    "EnvironmentUse",
    "Job",
    "Need",
    "Permissions",
    "Place",
    "SecretUse",
    "Setting",
    "Step",
    "Strategy",
    "Text",
    "Trigger",
    "Uses",
    "Workflow",
    "places",
    "read_workflow",
    "secrets_of",
    "workflow_of",
]
