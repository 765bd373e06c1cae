"""The JSON Schema of a scenario file, for editors that complete from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from simulator.scenario.document import Scenario
from simulator.scenario.loader import OVERLAY_KEYS

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
#: What a scenario may leave to the system that it includes.
_INCLUDED: Final = ("workloads", "services", "traffic", "slos")


def schema() -> dict[str, Any]:
    """The schema of ``scenario.yaml``: as the models say, plus ``variants``, less what a system may give.

    Names between parts of the file are not in it; the loader checks those.
    """
    whole: dict[str, Any] = Scenario.model_json_schema(by_alias=True)
    definitions, properties = whole["$defs"], whole["properties"]
    properties.pop("texts")
    whole["required"] = [name for name in whole["required"] if name != "texts"]
    spec = definitions["Spec"]
    spec["required"] = [name for name in spec["required"] if name not in _INCLUDED]
    overlay = {key: properties[key] for key in OVERLAY_KEYS if key != "spec"}
    properties["variants"] = {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"spec": {"type": "object"}, **overlay},
        },
    }
    whole["$defs"] = _used(whole, definitions)
    return {"$schema": DIALECT, "title": "A gameday scenario", **whole}


def schema_text() -> str:
    """The schema as it is committed: ``scenarios/scenario.schema.json``."""
    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _used(whole: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions that something of the schema still refers to."""
    rest = {key: part for key, part in whole.items() if key != "$defs"}
    waiting, found = list(_references(rest)), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(definitions[name])
    return {name: part for name, part in definitions.items() if name in found}


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)
