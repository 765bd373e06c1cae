"""What may differ from variant to variant by chance: the ``randomise`` block of a scenario's file.

Each number beyond the variants written by hand is a seed: ``drawing.py`` makes the variant of it, the same on
every machine. The proof checks that drawn variants are as hard as what they were drawn from, within
``tolerance``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from simulator.errors import GamedayError
from simulator.scenario.conditions import Operator
from simulator.scenario.fields import Duration, Line, Model, between, exactly_one, refused
from simulator.units import HOUR, MILLISECOND, MINUTE, SECOND, format_duration, parse_duration

Scalar = int | float | Annotated[str, Field(max_length=400)]
#: Values of one range at most; a finer step makes nothing more different.
_MOST: Final = 100_000
#: Where a path leads: keys, and in brackets the number or the name of a list's item.
_PATH: Final = r"^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*|\[[^\[\]]+\])*$"
Where = Annotated[
    str, Field(pattern=_PATH, max_length=200, examples=["timeline[0].model.routes[place].errorRate"])
]


class Range(Model):
    """One value of the document that is drawn: from a range in steps, or one of several.

    Whole numbers, numbers and durations have ranges; the step is 1, a twentieth of the range, or 1s unless it
    is given.
    """

    path: Where
    from_: Scalar | None = None
    to: Scalar | None = None
    step: Scalar | None = None
    one_of: Annotated[tuple[Scalar | bool, ...], Field(max_length=64)] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        exactly_one(self, ("from_", "one_of"))
        if self.one_of:
            if len(self.one_of) < 2 or self.to is not None or self.step is not None:
                raise refused(
                    expected="two values or more in oneOf, without to and step",
                    got=f"{len(self.one_of)} of them",
                    todo="What can't differ need not be drawn.",
                )
            return self
        count = len(self)
        if not 2 <= count <= _MOST:
            raise refused(
                expected=f"a range of 2 to {_MOST:,} values", got=str(count), todo="Choose from, to and step."
            )
        return self

    def _ends(self) -> tuple[Decimal, Decimal, Decimal]:
        """From, to and step as exact numbers; durations in nanoseconds."""
        start, end, step = (_exact(value) for value in (self.from_, self.to, self.step))
        kinds = {type(value) is str for value in (self.from_, self.to, self.step) if value is not None}
        if start is None or end is None or (self.step is not None and step is None) or len(kinds) > 1:
            raise refused(
                expected="from and to, and a step if there is one, as numbers or as durations",
                got=f"{self.from_!r} to {self.to!r}",
                todo="For example from: 0.2, to: 0.3 or from: 30s, to: 2m.",
            )
        if step is None:
            step = self._usual_step(end - start)
        if step <= 0 or end <= start:
            raise refused(
                expected="to above from, and a step above zero", got=f"{self.from_!r} to {self.to!r}",
                todo="Exchange them.",
            )  # fmt: skip
        return start, end, step

    def _usual_step(self, span: Decimal) -> Decimal:
        if isinstance(self.from_, str):
            return Decimal(SECOND if span >= 10 * SECOND else MILLISECOND)
        return Decimal(1) if isinstance(self.from_, int) and isinstance(self.to, int) else span / 20

    def __len__(self) -> int:
        if self.one_of:
            return len(self.one_of)
        start, end, step = self._ends()
        return int((end - start) / step) + 1

    def value(self, number: int) -> Scalar | bool:
        """One of the ``len`` values, by its number; spelled as the file would spell it."""
        if self.one_of:
            return self.one_of[number]
        start, _, step = self._ends()
        exact = start + number * step
        if isinstance(self.from_, str):
            return format_duration(int(exact))
        whole = isinstance(self.from_, int) and exact == exact.to_integral_value() and step == int(step)
        return int(exact) if whole else float(exact)


def _exact(value: object) -> Decimal | None:
    """A number or a Go duration as an exact number; None for anything else."""
    if isinstance(value, str):
        try:
            return Decimal(parse_duration(value, where="", dialect="go"))
        except GamedayError:
            return None
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


class Constraint(Model):
    """What must hold between two values of the document after the draw: ``path OP times * than``."""

    path: Where
    op: Operator
    than: Where
    times: Annotated[float, Field(gt=0.0, le=1000.0)] = 1.0


class Delay(Model):
    """All that is sealed begins so many whole minutes later; plays and clock times in words go with it."""

    to: Annotated[Duration, between(MINUTE, HOUR)]

    @model_validator(mode="after")
    def _whole_minutes(self) -> Self:
        if self.to % MINUTE:
            raise refused(
                expected="whole minutes", got=format_duration(self.to), todo="Texts speak of minutes."
            )
        return self


class Randomise(Model):
    """How variants are drawn beyond those that are written by hand."""

    variants: Annotated[int, Field(ge=1, le=1000)]
    """How many."""
    tolerance: Annotated[float, Field(gt=0.0, le=1.0)] = 0.25
    """What doing nothing and the reference cost may differ by so much of the difference between the two."""
    delay: Delay | None = None
    ranges: Annotated[tuple[Range, ...], Field(max_length=64)] = ()
    where: Annotated[tuple[Constraint, ...], Field(max_length=32)] = ()
    shuffle: Annotated[
        tuple[Annotated[tuple[Line, ...], Field(min_length=2, max_length=32)], ...], Field(max_length=16)
    ] = ()
    """Names that change places, each list among itself, everywhere in both files: people, services, zones."""
    versions: Annotated[int, Field(ge=0, le=500)] = 0
    """Up to so much is added to the number of every image tag such as ``v42``, everywhere."""
    commits: bool = False
    """Every commit has another hash."""
    decoys: Annotated[int, Field(ge=0, le=16)] | None = None
    """So many of the decoys are there; all where nothing is said."""

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        names = [name for group in self.shuffle for name in group]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise refused(
                expected="each name in one list, once", got=f"{twice[0]!r} again", todo="Remove one."
            )
        return self
