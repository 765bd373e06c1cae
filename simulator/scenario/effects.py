"""What a cause other than the image does to a workload: the same words as a version's differences.

An effect hangs on what causes it (a key of a ConfigMap, a flag, a column, a job that runs), so it holds for
every version that is not excepted, and a rollback of the image takes back none of it.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import Line, Model, Name, refused
from simulator.scenario.sealed import VersionModel

Operator = Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Stale"]
_WITH_VALUES = ("In", "NotIn", "Gt", "Lt")
#: What a running process can't change. A crash counts at its next start.
_OF_THE_VERSION: Final = ("start_time", "on_sigterm", "cores", "warm_up", "weight")
_SPELLED: Final = {"start_time": "startTime", "on_sigterm": "onSigterm", "warm_up": "warmUp"}


class Effect(Model):
    """What holds while its cause does.

    ``versions``: only these tags of the workload's image are touched; all where none is named.
    """

    workload: Name
    versions: tuple[Line, ...] = ()
    model: VersionModel

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.model == VersionModel():
            raise refused(
                expected="what differs, such as routes: [{name: place, errorRate: 0.3}]",
                got="nothing",
                todo="An effect that changes nothing can't be found.",
            )
        for name in _OF_THE_VERSION:
            if getattr(self.model, name) is not None:
                raise refused(
                    expected=f"no {_SPELLED.get(name, name)}",
                    got="one",
                    todo="That is fixed when a container is made; it belongs to a version.",
                )
        return self


class KeyCondition(Model):
    """A key of a ConfigMap or Secret as a pod sees it; the operators mean what they do in node affinity.

    ``Gt`` and ``Lt`` compare whole numbers; a value that is none compares as false. ``Stale``: what the pod
    holds is not what the object says now.
    """

    key: Line
    operator: Operator = "In"
    values: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _values_fit(self) -> Self:
        wants = self.operator in _WITH_VALUES
        one = self.operator in ("Gt", "Lt")
        if wants != bool(self.values) or (one and len(self.values) != 1):
            raise refused(
                expected="one value" if one else "values" if wants else f"no values beside {self.operator}",
                got=f"{len(self.values)} of them",
                todo="In and NotIn take a list, Gt and Lt one whole number, the others none.",
            )
        if one and not _whole(self.values[0]):
            raise refused(
                expected="a whole number", got=repr(self.values[0]), todo=f"{self.operator} compares numbers."
            )
        return self

    def holds(self, seen: str | None, live: str | None) -> bool:
        """Whether it holds for a pod.

        Args:
            seen: The pod's value; None where the key is not there for it.
            live: The object's value now.
        """
        match self.operator:
            case "In":
                return seen in self.values
            case "NotIn":
                return seen not in self.values
            case "Exists":
                return seen is not None
            case "DoesNotExist":
                return seen is None
            case "Stale":
                return seen != live
        if seen is None or not _whole(seen):
            return False
        number, bound = int(seen), int(self.values[0])
        return number > bound if self.operator == "Gt" else number < bound


class KeyEffect(Effect):
    """An effect of a ConfigMap's or Secret's content."""

    when: KeyCondition


class ColumnCondition(Model):
    """Whether a column is there."""

    column: Line
    operator: Literal["Exists", "DoesNotExist"] = "DoesNotExist"


class ColumnEffect(Effect):
    """An effect of a schema's shape."""

    when: ColumnCondition


class KeyEffects(Model):
    """The physics of a ConfigMap or Secret."""

    effects: Annotated[tuple[KeyEffect, ...], Field(max_length=32)] = ()


class PlainEffects(Model):
    """The physics of a flag: what it does to those for whom it is on."""

    effects: Annotated[tuple[Effect, ...], Field(max_length=32)] = ()


def _whole(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20
