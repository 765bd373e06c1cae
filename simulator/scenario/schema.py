"""The JSON Schemas of a scenario's files, for editors that complete from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

from simulator.errors import GamedayError
from simulator.scenario.document import Scenario, ScenarioMetadata, Spec
from simulator.scenario.fields import Model
from simulator.scenario.overlays import OVERLAY_KEYS, TEXTS_KEYS
from simulator.scenario.problems import nearest
from simulator.scenario.texts import Texts

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class _SystemFile(Model):
    """A system that several scenarios share."""

    api_version: Literal["gameday/v1"]
    kind: Literal["System"]
    metadata: ScenarioMetadata
    spec: Spec


def schema(kind: str = "scenario") -> dict[str, Any]:
    """The schema of one of a scenario's files, as the models say, less what another file may give.

    Names between parts of the files are not in it; the loader checks those.

    Args:
        kind: ``scenario`` for scenario.yaml, ``texts`` for texts.yaml, ``system`` for a shared system.

    Raises:
        GamedayError: There is no such file.
    """
    if kind not in _MADE:
        close = nearest(kind, list(_MADE))
        todo = f"Did you mean {close!r}?" if close else "Choose one of them."
        raise GamedayError("schema", expected=" or ".join(_MADE), got=repr(kind), todo=todo)
    title, make = _MADE[kind]
    whole = make()
    whole["$defs"] = _used(whole, whole["$defs"])
    return {"$schema": DIALECT, **whole, "title": title}


def _scenario() -> dict[str, Any]:
    whole: dict[str, Any] = Scenario.model_json_schema(by_alias=True)
    properties = whole["properties"]
    properties.pop("texts")
    whole["required"] = [name for name in whole["required"] if name != "texts"]
    _loosened(whole)
    overlay = {key: properties[key] for key in OVERLAY_KEYS if key != "spec"}
    properties["variants"] = _variants({"spec": {"type": "object"}, **overlay})
    return whole


def _texts() -> dict[str, Any]:
    """Every text may stand in the variants instead, so none is required here."""
    whole: dict[str, Any] = Texts.model_json_schema(by_alias=True)
    whole.pop("required")
    whole["$defs"]["DebriefTexts"].pop("required")
    whole["$defs"]["TimelineEntry"]["required"].remove("at")  # an inject has no time of its own
    whole["properties"]["variants"] = _variants({key: whole["properties"][key] for key in TEXTS_KEYS})
    return whole


def _system() -> dict[str, Any]:
    """A scenario may lay anything over a system, so its spec need not be whole."""
    whole: dict[str, Any] = _SystemFile.model_json_schema(by_alias=True)
    _loosened(whole)
    return whole


def _loosened(whole: dict[str, Any]) -> None:
    """What an operator declares may stand in the system or in the scenario, so neither must be whole.

    A part of a workload may then be one of a Deployment as well as of a Rollout.
    """
    spec = whole["$defs"]["Spec"]
    for part in (spec, *_used({"spec": spec}, whole["$defs"]).values()):
        part.pop("required", None)
    items = spec["properties"]["workloads"]["items"]
    items["anyOf"] = items.pop("oneOf")


_MADE: Final[dict[str, tuple[str, Callable[[], dict[str, Any]]]]] = {
    "scenario": ("A gameday scenario", _scenario),
    "texts": ("The texts of a gameday scenario", _texts),
    "system": ("A system that gameday scenarios share", _system),
}


def _variants(properties: dict[str, Any]) -> dict[str, Any]:
    items = {"type": "object", "additionalProperties": False, "properties": properties}
    return {"type": "array", "items": items}


def schema_text(kind: str = "scenario") -> str:
    """The schema as it is committed, for example ``scenarios/scenario.schema.json``."""
    return json.dumps(schema(kind), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


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
