"""Where a pod may run, out of manifests: selectors, tolerations, spread constraints, anti-affinity."""

from __future__ import annotations

from typing import Literal, cast, get_args

from simulator.drill.console.objects.fields import DecodingError, Fields
from simulator.world.placement import AntiAffinity, Effect, Placement, Toleration, TopologySpread

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def placement_of(spec: Fields) -> Placement:
    """The fields of a pod's spec that say where it runs.

    Raises:
        DecodingError: Something of it is of the wrong type, or can't be.
    """
    affinity = spec.inside("affinity")
    anti = affinity.inside("podAntiAffinity")
    made = Placement(
        node_selector=spec.texts("nodeSelector"),
        tolerations=spec.many("tolerations", _toleration),
        spread=spec.many("topologySpreadConstraints", _spread),
        anti_affinity=(*anti.many(_REQUIRED, _term), *anti.many(_PREFERRED, _weighted)),
    )
    anti.done()
    affinity.done()
    return made


def effect_of(fields: Fields, *, needed: bool) -> Effect | Literal[""]:
    """The effect of a taint or toleration."""
    text = fields.text("effect")
    if text not in get_args(Effect) and (text or needed):
        supported = ", ".join(f'"{effect}"' for effect in get_args(Effect))
        raise DecodingError(
            f'Unsupported value: "{text}": supported values: {supported}', fields.at("effect")
        )
    return cast('Effect | Literal[""]', text)


def _toleration(fields: Fields) -> Toleration:
    operator = fields.text("operator", "Equal")
    if operator not in ("Equal", "Exists"):
        said = f'Unsupported value: "{operator}": supported values: "Equal", "Exists"'
        raise DecodingError(said, fields.at("operator"))
    seconds = fields.number("tolerationSeconds", 0) if fields.has("tolerationSeconds") else None
    fields.ignore("tolerationSeconds")
    made = Toleration(
        fields.text("key"),
        "Exists" if operator == "Exists" else "Equal",
        fields.text("value"),
        effect_of(fields, needed=False),
        seconds,
    )
    fields.done()
    if not made.key and made.operator != "Exists":
        said = 'Invalid value: "Equal": operator must be Exists when `key` is empty'
        raise DecodingError(said, fields.at("operator"))
    if seconds is not None and made.effect != "NoExecute":
        said = f"Invalid value: \"{made.effect}\": effect must be 'NoExecute' when `tolerationSeconds` is set"
        raise DecodingError(said, fields.at("effect"))
    return made


def labels_of(fields: Fields, name: str) -> dict[str, str]:
    """The ``matchLabels`` of a selector."""
    selector = fields.inside(name)
    labels = selector.texts("matchLabels")
    selector.done()
    return labels


def _spread(fields: Fields) -> TopologySpread:
    when = fields.text("whenUnsatisfiable")
    if when not in ("DoNotSchedule", "ScheduleAnyway"):
        said = f'Unsupported value: "{when}": supported values: "DoNotSchedule", "ScheduleAnyway"'
        raise DecodingError(said, fields.at("whenUnsatisfiable"))
    made = TopologySpread(
        fields.number("maxSkew", 1, least=1),
        fields.text("topologyKey"),
        "DoNotSchedule" if when == "DoNotSchedule" else "ScheduleAnyway",
        labels_of(fields, "labelSelector"),
    )
    fields.done()
    if not made.topology_key:
        raise DecodingError("Required value: can not be empty", fields.at("topologyKey"))
    return made


def _term(fields: Fields, weight: int | None = None) -> AntiAffinity:
    made = AntiAffinity(fields.text("topologyKey"), labels_of(fields, "labelSelector"), weight)
    fields.done()
    if not made.topology_key:
        raise DecodingError("Required value: can not be empty", fields.at("topologyKey"))
    return made


def _weighted(fields: Fields) -> AntiAffinity:
    weight = fields.number("weight", 1, least=1)
    made = _term(fields.inside("podAffinityTerm"), weight)
    fields.done()
    return made
