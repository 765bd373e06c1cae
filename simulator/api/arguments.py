"""What a cell hands to the public door, checked before it goes further, with errors in four parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import Parameter, Signature, isfunction, signature
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from simulator.errors import GamedayError
from simulator.scenario.problems import nearest
from simulator.units import parse_duration

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)
_CHANGE: Final = "Change the argument in this cell."


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """A function of the public door that refuses arguments which it does not know, in four parts."""
    takes = signature(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            takes.bind(*args, **kwargs)
        except TypeError as error:
            raise _misfit(function.__name__, takes, kwargs, str(error)) from None
        return function(*args, **kwargs)

    return call


def checked_methods(kind: C) -> C:
    """A class whose public methods are ``checked``."""
    for name, value in list(vars(kind).items()):
        if isfunction(value) and not name.startswith("_"):
            setattr(kind, name, checked(value))
    return kind


def _misfit(name: str, takes: Signature, given: Mapping[str, object], came: str) -> GamedayError:
    """The error of a call that does not fit its signature; a misspelt name gets the nearest one."""
    kept = [each for each in takes.parameters.values() if each.name != "self"]
    shown = ", ".join(map(_shown, kept)) or "nothing"
    unknown = next((each for each in given if each not in takes.parameters), "")
    close = nearest(unknown, [each.name for each in kept]) if unknown else ""
    todo = f"Did you mean {close}=…?" if close else "Change the call in this cell."
    return GamedayError(f"{name}(…)", expected=shown, got=came, todo=todo)


def _shown(each: Parameter) -> str:
    """How an argument is written in a call: by place, or by its name."""
    if each.kind is Parameter.VAR_POSITIONAL:
        return f"{each.name} …"
    if each.kind is Parameter.VAR_KEYWORD:
        return "NAME=…"
    return f"{each.name}=…" if each.kind is Parameter.KEYWORD_ONLY else each.name


def text(where: str, value: object, example: str) -> str:
    """A text.

    Raises:
        GamedayError: It is none.
    """
    if isinstance(value, str):
        return value
    raise _refused(where, f"a text such as {example!r}", value)


def duration(where: str, value: object, example: str) -> int:
    """A duration such as ``7m``, in ns.

    Raises:
        GamedayError: It is none.
    """
    return parse_duration(text(where, value, example), where=where)


def whole(where: str, value: object, largest: int) -> int | None:
    """A whole number from 0 to ``largest``, or None.

    Raises:
        GamedayError: It is something else.
    """
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= largest):
        return value
    raise _refused(where, f"a whole number from 0 to {largest}, or nothing", value)


def path(where: str, value: object) -> Path:
    """A file's path.

    Raises:
        GamedayError: It is none.
    """
    if isinstance(value, str | Path):
        return Path(value)
    raise _refused(where, "the path of a file", value)


def texts(where: str, value: object) -> tuple[str, ...]:
    """Some texts; one text alone counts as the first of them.

    Raises:
        GamedayError: It is something else.
    """
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Iterable):
        found = tuple(value)
        if all(isinstance(each, str) for each in found):
            return found
    raise _refused(where, 'texts such as ("first", "second", "third")', value)


def by_act(where: str, value: object, example: str) -> dict[int, str]:
    """``what_if``'s changed acts: number to the new time or line.

    Raises:
        GamedayError: It is something else.
    """
    if value is None:
        return {}
    if isinstance(value, Mapping) and all(
        isinstance(number, int) and isinstance(text, str) and text.strip() for number, text in value.items()
    ):
        return dict(value)
    raise _refused(where, f"act numbers and {example}", value)


def numbers(where: str, value: object) -> tuple[int, ...]:
    """``what_if``'s dropped acts; one number alone is one act.

    Raises:
        GamedayError: It is something else.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if isinstance(value, Iterable) and not isinstance(value, str):
        found = tuple(value)
        if all(isinstance(each, int) for each in found):
            return found
    raise _refused(where, "act numbers such as [5]", value)


def insertions(where: str, value: object) -> tuple[tuple[str, str], ...]:
    """``what_if``'s new acts: pairs of a time and a line that is not empty.

    Raises:
        GamedayError: It is something else.
    """
    if isinstance(value, Iterable) and not isinstance(value, str):
        pairs = [tuple(each) if isinstance(each, list | tuple) else () for each in value]
        if all(
            len(pair) == 2 and all(isinstance(part, str) and part.strip() for part in pair) for pair in pairs
        ):
            return tuple((pair[0], pair[1]) for pair in pairs)
    raise _refused(where, 'times and lines such as [("6m", "kubectl get pods")]', value)


def _refused(where: str, expected: str, value: object) -> GamedayError:
    return GamedayError(where, expected=expected, got=repr(value)[:80], todo=_CHANGE)
