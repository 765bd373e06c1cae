"""The JSON Schema of a ``pipeline.yaml``, for editors that complete from it."""

from __future__ import annotations

import json
from typing import Any

from simulator.pipeline.settings import Settings
from simulator.scenario.schema import DIALECT


def schema() -> dict[str, Any]:
    """The schema as the models say; what a workflow's names allow is not in it, the loader checks that."""
    whole: dict[str, Any] = Settings.model_json_schema(by_alias=True)
    _without_nanoseconds(whole)
    return {"$schema": DIALECT, **whole, "title": "What stands beside a workflow"}


def _without_nanoseconds(part: object) -> None:
    """Durations are nanoseconds in the models and words in the file: such a default would mislead."""
    if isinstance(part, list):
        for inner in part:
            _without_nanoseconds(inner)
    elif isinstance(part, dict):
        default = part.get("default")
        if isinstance(default, dict) or (isinstance(default, int) and part.get("type") == "string"):
            del part["default"]
        for inner in part.values():
            _without_nanoseconds(inner)


def schema_text() -> str:
    """The schema as it is committed, ``scenarios/pipeline.schema.json``."""
    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
