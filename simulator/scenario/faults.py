"""Faults as data, in Chaos Mesh's words: kind, action, mode, selector, duration; and a shape over time.

Where Chaos Mesh has a field, it is spelled as there. ``shape``, ``errorRate`` and ``speed`` are the kit's:
what Chaos Mesh brings about with a proxy or a stressor is given here as what comes of it.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, PlainValidator, model_validator
from pydantic.json_schema import WithJsonSchema

from simulator.errors import GamedayError
from simulator.scenario.fields import Bytes, Duration, Labels, Model, Share, SignedDuration, refused, shown
from simulator.units import SECOND, parse_duration

FaultKind = Literal[
    "PodChaos", "NetworkChaos", "StressChaos", "HTTPChaos", "DNSChaos", "IOChaos", "TimeChaos"
]
Mode = Literal["one", "all", "fixed", "fixed-percent"]
Action = Literal[
    "pod-kill", "pod-failure", "container-kill", "delay", "loss", "partition", "error", "latency"
]

#: What each kind takes beside kind, mode, value, selector, duration and shape.
_TAKES: Final[dict[str, tuple[str, ...]]] = {
    "PodChaos": (),
    "NetworkChaos": ("delay", "loss", "target"),
    "StressChaos": ("speed", "stressors"),
    "HTTPChaos": ("abort", "error_rate", "speed", "delay"),
    "DNSChaos": (),
    "IOChaos": ("delay",),
    "TimeChaos": ("time_offset",),
}
_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "PodChaos": ("pod-kill", "pod-failure", "container-kill"),
    "NetworkChaos": ("delay", "loss", "partition"),
    "DNSChaos": ("error",),
    "IOChaos": ("latency",),
}
#: Of these fields a kind needs at least one; a network's follow from its action.
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "StressChaos": ("speed", "stressors"),
    "HTTPChaos": ("abort", "error_rate", "speed", "delay"),
    "IOChaos": ("delay",),
    "TimeChaos": ("time_offset",),
}
#: Kinds that act between services, not in pods one by one.
BETWEEN_SERVICES: Final = ("NetworkChaos", "DNSChaos", "TimeChaos")
_SPELLED: Final = {
    "error_rate": "errorRate",
    "abort": "abort",
    "speed": "speed",
    "delay": "delay",
    "loss": "loss",
    "stressors": "stressors",
    "target": "target",
    "time_offset": "timeOffset",
}


def _latency(value: object) -> int:
    """HTTPChaos and IOChaos write ``delay: 100ms``, NetworkChaos ``delay: {latency: 100ms}``."""
    inner = value.get("latency") if isinstance(value, dict) and set(value) == {"latency"} else value
    try:
        if isinstance(inner, str):
            return parse_duration(inner, where="")
    except GamedayError:
        pass
    raise refused(
        expected="a duration such as 100ms, or {latency: 100ms} in a NetworkChaos",
        got=shown(value),
        todo="Chaos Mesh's jitter and correlation are not part of this kit.",
    )


def _loss(value: object) -> float:
    """``{loss: "25"}``: a percentage, in quotes as Chaos Mesh wants it."""
    inner = value.get("loss") if isinstance(value, dict) and set(value) == {"loss"} else None
    if isinstance(inner, str) and inner.isascii() and inner.isdigit() and 0 < int(inner) <= 100:
        return int(inner) / 100
    raise refused(
        expected='{loss: "25"}, a percentage from 1 to 100', got=shown(value), todo="Write it in quotes."
    )


Latency = Annotated[int, PlainValidator(_latency), WithJsonSchema({"type": ["string", "object"]})]
Loss = Annotated[float, PlainValidator(_loss), WithJsonSchema({"type": "object"})]


class CpuStressor(Model):
    """Threads that burn CPU beside the pod's own."""

    load: Annotated[int, Field(ge=1, le=95)]
    """Percent of the pod's CPU that they take."""


class MemoryStressor(Model):
    """Memory that is taken beside the pod's own."""

    size: Bytes


class Stressors(Model):
    """Chaos Mesh's stressors."""

    cpu: CpuStressor | None = None
    memory: MemoryStressor | None = None


class ChaosSelector(Model):
    """Chaos Mesh's selector."""

    label_selectors: Labels


class Target(Model):
    """The other end of a network fault; every other end where none is given."""

    selector: ChaosSelector


class Shape(Model):
    """How strong a fault is over its duration.

    ``step``: full at once. ``ramp``: from nothing to full at the end. ``spike``: up to full in the middle and
    down again. ``flap``: full and off in turn, each for half a ``period``.
    """

    kind: Literal["step", "ramp", "spike", "flap"] = "step"
    period: Annotated[Duration, Field(ge=2 * SECOND)] = 20 * SECOND


class Chaos(Model):
    """One fault; what of it hangs on pods goes with them.

    PodChaos: ``pod-kill`` deletes without grace, ``container-kill`` ends the process, ``pod-failure`` leaves
    a pod that answers nobody.
    NetworkChaos: ``delay``, ``loss`` or ``partition`` between the selected workloads and their callers, or
    ``target``. StressChaos: ``stressors``, or the ``speed`` that is left. HTTPChaos: ``abort`` or
    ``errorRate`` of the answers, ``delay`` of each, or ``speed``. DNSChaos: names of the selected workloads'
    Services no longer resolve. IOChaos: every request of a store takes ``delay`` more. TimeChaos: whoever
    calls the selected workloads checks their certificates by a clock that is off by ``timeOffset``.
    """

    kind: FaultKind
    action: Action | None = None
    mode: Mode = "one"
    value: Annotated[str, Field(pattern=r"^[0-9]{1,3}$")] | None = None
    selector: ChaosSelector
    target: Target | None = None
    duration: Duration | None = None
    """How long; for good where none is given."""
    shape: Shape = Shape()
    error_rate: Share | None = None
    speed: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    """Speed of its workers; 0.25 is four times slower."""
    abort: bool | None = None
    delay: Latency | None = None
    loss: Loss | None = None
    stressors: Stressors | None = None
    time_offset: SignedDuration | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        self._check_action()
        self._check_fields()
        self._check_mode()
        self._check_shape()
        return self

    def _check_mode(self) -> None:
        number = int(self.value) if self.value is not None else 0
        most = 100 if self.mode == "fixed-percent" else 999
        counted = self.mode in ("fixed", "fixed-percent")
        if counted != (self.value is not None) or (counted and not 1 <= number <= most):
            raise refused(
                expected='value beside mode fixed or fixed-percent, such as "2" or "50"',
                got=repr(self.value) if self.value is not None else "none",
                todo="one and all take no value; a percentage is at most 100.",
            )
        if self.kind in BETWEEN_SERVICES and self.mode != "all":
            raise refused(
                expected="mode: all",
                got=self.mode,
                todo=f"{self.kind} acts between services here, not in single pods.",
            )

    def _check_shape(self) -> None:
        shape, kills = self.shape.kind, self.action in ("pod-kill", "container-kill")
        if shape in ("ramp", "spike", "flap") and self.duration is None:
            raise refused(
                expected=f"a duration beside shape {shape}", got="none", todo="Say how long it takes."
            )
        if kills and shape in ("ramp", "spike"):
            raise refused(
                expected="shape step or flap", got=shape, todo="A kill is done at once, or again and again."
            )

    def _check_action(self) -> None:
        actions = _ACTIONS.get(self.kind, ())
        if (self.action in actions) == bool(actions) and (actions or self.action is None):
            return
        raise refused(
            expected=f"action, one of {', '.join(actions)}" if actions else "no action",
            got=self.action or "none",
            todo=f"These are what {self.kind} can do here.",
        )

    def _check_fields(self) -> None:
        given = [name for name in _SPELLED if getattr(self, name) is not None]
        extra = [name for name in given if name not in _TAKES[self.kind]]
        needs = _NEEDS.get(self.kind, ())
        if self.kind == "NetworkChaos":
            needs = () if self.action == "partition" else (str(self.action),)
            extra += [name for name in given if name in ("delay", "loss") and name not in needs]
        if not extra and (not needs or any(name in given for name in needs)):
            return
        known = ", ".join(_SPELLED[name] for name in needs or _TAKES[self.kind]) or "none of these fields"
        raise refused(
            expected=known,
            got=", ".join(_SPELLED[name] for name in extra or given) or "none of them",
            todo="A fault that changes nothing can't be found."
            if not extra
            else f"{self.kind} takes no other.",
        )
