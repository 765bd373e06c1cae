"""What a check may ask of metrics and of the cluster's objects, and over which part of the run.

An expression is PromQL, a field is found by kubectl's jsonpath. What they *mean* is checked where PromQL and
the console live (``coach.authored``); here it is seen to that the parts fit together.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import Duration, Line, Model, refused

#: How a value is compared.
Operator = Literal["Lt", "Lte", "Gt", "Gte", "Eq", "Ne"]
#: Over which part of the run a condition is asked; one at most.
_MODES: Final = ("at", "held_for", "before", "continuous", "never")
_SPELLED: Final = {name: name for name in _MODES} | {"held_for": "heldFor"}


class MetricCondition(Model):
    """A PromQL expression that is compared with a number, for every series that it gives.

    ``at: end`` (the default): when the drill ends. ``heldFor``: at every scrape of so long before the end.
    ``before``: at one scrape at least between the first page and so long after it. ``continuous``: at every
    scrape. ``never``: at none. The last two count from T+00:00, or from ``from`` on. Where the expression
    gives no series nothing is known: that fulfils no condition, and is no breach of ``never``.
    """

    query: Line
    op: Operator
    value: float
    at: Literal["end"] | None = None
    held_for: Duration | None = None
    before: Duration | None = None
    continuous: Literal[True] | None = None
    never: Literal[True] | None = None
    from_: Duration = 0

    @model_validator(mode="after")
    def _one_mode(self) -> Self:
        given = [_SPELLED[name] for name in _MODES if getattr(self, name) is not None]
        if len(given) > 1:
            raise refused(
                expected="one of at, heldFor, before, continuous, never",
                got=" and ".join(given),
                todo="Make a check of each.",
            )
        if self.held_for == 0 or self.before == 0:
            raise refused(
                expected=f"more than 0s for {given[0]}", got="0s", todo="At the end alone is at: end."
            )
        if self.from_ and self.mode not in ("continuous", "never"):
            raise refused(
                expected="continuous or never beside from",
                got=_SPELLED[self.mode],
                todo="Remove from: the other modes have a stretch of their own.",
            )
        return self

    @property
    def mode(self) -> str:
        """Which part of the run is meant, by the name of its field."""
        return next((name for name in _MODES if getattr(self, name) is not None), "at")


class StateCondition(Model):
    """A field of an object of the cluster when the drill ends, found as ``kubectl get -o jsonpath`` does.

    Over time ask the ``kube_`` metrics instead. A field that is not there fulfils ``Ne`` alone.
    """

    object: Annotated[
        str, Field(pattern=r"^[a-z.]+/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", examples=["deployment/checkout"])
    ]
    jsonpath: Line
    op: Operator = "Eq"
    value: float | bool | Annotated[str, Field(max_length=400)]

    @model_validator(mode="after")
    def _numbers_are_ordered(self) -> Self:
        number = isinstance(self.value, float | int) and not isinstance(self.value, bool)
        if self.op not in ("Eq", "Ne") and not number:
            raise refused(
                expected=f"a number beside op: {self.op}",
                got=repr(self.value),
                todo="Texts are equal or they are not: op: Eq or Ne.",
            )
        return self
