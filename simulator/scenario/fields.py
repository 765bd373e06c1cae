"""The kinds of values in a scenario file, and the base of every model.

A value is read as the tool that owns the field reads it, once, here: durations become integer nanoseconds,
quantities integers. What a validator refuses, it refuses in the parts of :class:`simulator.errors.Problem`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
)
from pydantic.json_schema import WithJsonSchema
from pydantic_core import PydanticCustomError

from simulator.errors import GamedayError
from simulator.units import (
    HOUR,
    MINUTE,
    SECOND,
    Dialect,
    format_duration,
    format_memory,
    parse_cpu,
    parse_duration,
    parse_memory,
)

#: The type name of our own validation errors; ``problems.py`` reads their parts back.
REFUSED: Final = "gameday"


def to_camel(name: str) -> str:
    """The file's spelling: ``min_ready_seconds`` is ``minReadySeconds``, ``class_`` is ``class``."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def refused(*, expected: str, got: str, todo: str) -> PydanticCustomError:
    """A validation error that keeps its parts; the path and the line are added by the loader."""
    return PydanticCustomError(
        REFUSED, "expected {expected}, got {got}", {"expected": expected, "got": got, "todo": todo}
    )


def shown(value: object) -> str:
    """A value as an error message shows it: short, and never a whole subtree."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else text[:56] + "...'"


class Model(BaseModel):
    """Base of all models: frozen, strict, no unknown key; camelCase in the file, snake_case in Python."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        allow_inf_nan=False,
        regex_engine="python-re",
    )


def exactly_one(model: Model, names: tuple[str, ...]) -> str:
    """The one field of ``names`` that is given.

    Raises:
        PydanticCustomError: None is given, or more than one.
    """
    given = [name for name in names if getattr(model, name) not in (None, ())]
    if len(given) == 1:
        return given[0]
    spelled = {name: type(model).model_fields[name].alias or name for name in names}
    raise refused(
        expected=f"exactly one of {', '.join(spelled.values())}",
        got=" and ".join(spelled[name] for name in given) or "none of them",
        todo="Split it in two entries." if given else "Add one of them.",
    )


def _duration(dialect: Dialect) -> Callable[[object], int]:
    def read(value: object) -> int:
        try:
            if isinstance(value, str):
                return parse_duration(value, where="", dialect=dialect)
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                # A bare number has a unit in Argo's dialect alone; the parser's own message says what has to
                # be written.
                return parse_duration(str(value), where="", dialect=dialect)
            parse_duration("", where="", dialect=dialect)
        except GamedayError as error:
            raise refused(expected=error.expected, got=shown(value), todo=error.todo) from None
        raise AssertionError("an empty duration was accepted")

    return read


def _signed(value: object) -> int:
    """A duration that may run backwards, as Chaos Mesh's timeOffset."""
    if isinstance(value, str) and value.startswith("-"):
        return -_duration("go")(value[1:])
    return _duration("go")(value)


def _scrape_interval(value: object) -> int:
    interval = _duration("prometheus")(value)
    if interval % SECOND or not SECOND <= interval <= MINUTE:
        raise refused(
            expected="whole seconds from 1s to 1m",
            got=shown(value),
            todo="Use 5s unless the scenario is about the interval.",
        )
    return interval


def _quantity(parse: Callable[..., int], example: str) -> Callable[[object], int]:
    def read(value: object) -> int:
        text = value if isinstance(value, str) else str(value) if type(value) in (int, float) else ""
        try:
            return parse(text, where="")
        except GamedayError as error:
            raise refused(
                expected=f"a quantity such as {example}", got=shown(value), todo=error.todo
            ) from None

    return read


def between(low: int, high: int, shown_as: Callable[[int], str] = format_duration) -> AfterValidator:
    """A range for a value that was read: both ends are allowed.

    Args:
        low: In the value's own unit, such as ns.
        high: Likewise.
        shown_as: How a message writes such a value.
    """

    def check(value: int) -> int:
        if not low <= value <= high:
            raise refused(
                expected=f"from {shown_as(low)} to {shown_as(high)}",
                got=shown_as(value),
                todo="Choose one in this range.",
            )
        return value

    return AfterValidator(check)


def _int_or_percent(value: object) -> int | str:
    """Kubernetes' IntOrString where it means a count or a share."""
    if type(value) is int and 0 <= value <= 1000:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}%", value) and int(value[:-1]) <= 100:
        return value
    raise refused(
        expected="a count such as 1, or a percentage such as 25%",
        got=shown(value),
        todo="Kubernetes rounds maxSurge up and maxUnavailable down.",
    )


def _instant(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise refused(
            expected="a date and time with its zone, such as 2026-03-03T10:00:00Z",
            got=shown(value),
            todo="Write it in ISO 8601 and end it with Z for UTC.",
        )
    return instant


def _pattern(pattern: str, expected: str, todo: str) -> Callable[[object], str]:
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise refused(expected=expected, got=shown(value), todo=todo)
        return value

    return read


def _schema(**words: Any) -> WithJsonSchema:
    return WithJsonSchema(words)


#: ``1h30m``, ``250ms``: Go's durations, as Kubernetes and Envoy write them. Nanoseconds.
Duration = Annotated[
    int, PlainValidator(_duration("go")), _schema(type="string", examples=["1h30m", "250ms"])
]
#: ``-1h30m``. Nanoseconds.
SignedDuration = Annotated[int, PlainValidator(_signed), _schema(type="string", examples=["-1h30m"])]
#: Durations with the ranges that the data plane has for them.
UpToHour = Annotated[Duration, between(0, HOUR)]
UpToDay = Annotated[Duration, between(0, 24 * HOUR)]
UpToMinute = Annotated[Duration, between(0, MINUTE)]
#: ``10m``, or a number of seconds: Argo's pauses. Nanoseconds.
ArgoDuration = Annotated[
    int, PlainValidator(_duration("argo")), _schema(type=["string", "integer"], examples=["10m", 30])
]
#: ``30d``, ``5m``: Prometheus' and OpenSLO's durations. Nanoseconds.
Window = Annotated[
    int, PlainValidator(_duration("prometheus")), _schema(type="string", examples=["30d", "5m"])
]
#: How often metrics are scraped: every whole number of seconds from one to sixty. Nanoseconds.
ScrapeInterval = Annotated[
    int, PlainValidator(_scrape_interval), _schema(type="string", examples=["5s", "15s", "1m"])
]
#: ``500m``, ``2``: millicores.
Cpu = Annotated[int, PlainValidator(_quantity(parse_cpu, "500m")), _schema(type=["string", "number"])]
#: ``256Mi``: bytes.
Memory = Annotated[int, PlainValidator(_quantity(parse_memory, "256Mi")), _schema(type=["string", "number"])]
#: Up to a pebibyte, and up to a tebibyte for what one request leaves behind.
Bytes = Annotated[Memory, between(0, 1 << 50, format_memory)]
Leak = Annotated[Memory, between(0, 1 << 40, format_memory)]
#: ``1`` or ``25%``; kept as written, since the rounding differs by field.
IntOrPercent = Annotated[
    int | str, PlainValidator(_int_or_percent), _schema(anyOf=[{"type": "integer"}, {"type": "string"}])
]
#: An aware instant.
Instant = Annotated[datetime, BeforeValidator(_instant), _schema(type="string", format="date-time")]

_NAME = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
#: A Kubernetes object's name (a DNS label).
Name = Annotated[
    str,
    BeforeValidator(
        _pattern(
            _NAME,
            "a name of small letters, digits and hyphens, at most 63",
            "It must begin and end with a letter or digit.",
        )
    ),
    _schema(type="string", pattern=f"^{_NAME}$"),
]
#: An identifier inside the scenario: of a check, a class of acts, a misconception.
Identifier = Name
#: A path that a message can show: words, numbers, anything printable on one line.
Line = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"^[^\n\r]+$")]
#: Prose; Markdown's light marks are shown as they are.
Text = Annotated[str, StringConstraints(min_length=1, max_length=8000)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Positive = Annotated[int, Field(ge=1, le=100_000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Labels = dict[str, str]
