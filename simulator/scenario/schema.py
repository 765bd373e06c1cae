"""The JSON Schema of a scenario file, for editors that complete from it."""

from __future__ import annotations

import json
from typing import Any, Final

from simulator.scenario.document import Scenario, Spec
from simulator.scenario.texts import Texts

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
#: What a scenario may leave to the system that it includes.
_INCLUDED: Final = ("workloads", "services", "traffic", "slos")


def schema() -> dict[str, Any]:
    """The schema of ``scenario.yaml``: as the models say, plus ``variants``, less what a system may give.

    Names between parts of the file are not in it; the loader checks those.
    """
    whole: dict[str, Any] = Scenario.model_json_schema(by_alias=True)
    definitions, properties = whole["$defs"], whole["properties"]
    for name in _names(Texts.model_json_schema(by_alias=True)) - _names(
        Spec.model_json_schema(by_alias=True)
    ):
        definitions.pop(name, None)
    properties.pop("texts")
    whole["required"] = [name for name in whole["required"] if name != "texts"]
    spec = definitions["Spec"]
    spec["required"] = [name for name in spec["required"] if name not in _INCLUDED]
    overlay = {key: properties[key] for key in ("timeline", "reference", "wrongPaths", "coach", "checks")}
    properties["variants"] = {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"spec": {"type": "object"}, **overlay},
        },
    }
    return {"$schema": DIALECT, "title": "A gameday scenario", **whole}


def schema_text() -> str:
    """The schema as it is committed: ``scenarios/scenario.schema.json``."""
    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _names(part: dict[str, Any]) -> set[str]:
    return {*part.get("$defs", {}), str(part.get("title"))}
