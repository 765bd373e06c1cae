"""A manifest read field by field, strictly: what is of the wrong type, or no field at all, is an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from simulator.drill.console.objects.views import Tree

T = TypeVar("T")


class DecodingError(Exception):
    """What the API server says of a field that it can't take.

    Attributes:
        message: Its words, without the line that introduces them.
        path: Of the field.
    """

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class Fields:
    """One mapping of a manifest. Every field that is asked for is taken; ``done`` refuses what is left.

    Args:
        tree: The mapping.
        path: Where it stands, such as ``spec.template``.

    Raises:
        DecodingError: It is no mapping.
    """

    def __init__(self, tree: Tree, path: str = "") -> None:
        if not isinstance(tree, Mapping):
            raise _wrong(path, "object", tree)
        self._left = dict(tree)
        self.path = path

    def has(self, name: str) -> bool:
        """Whether a field is there and not null."""
        return self._left.get(name) is not None

    def ignore(self, *names: str) -> None:
        """Take fields that the server sets by itself, or that mean nothing here."""
        for name in names:
            self._left.pop(name, None)

    def only(self, name: str, value: Tree) -> None:
        """Take a field that has one possible value here."""
        got = self._left.pop(name, value)
        if got not in (value, None):
            raise DecodingError(f'Unsupported value: "{got}": supported values: "{value}"', self.at(name))

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        value = self._take(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise _wrong(self.at(name), "string", value)
        return value

    def number(self, name: str, default: int, *, least: int = 0) -> int:
        """A whole number."""
        value = self._take(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong(self.at(name), "integer", value)
        if not least <= value < 1 << 31:
            said = f"Invalid value: {value}: must be greater than or equal to {least}"
            raise DecodingError(said, self.at(name))
        return value

    def truth(self, name: str) -> bool:
        """True or false; false where it is absent."""
        value = self._take(name)
        if value is not None and not isinstance(value, bool):
            raise _wrong(self.at(name), "boolean", value)
        return bool(value)

    def texts(self, name: str) -> dict[str, str]:
        """A mapping of strings."""
        value = self._take(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise _wrong(self.at(name), "object", value)
        for key, each in value.items():
            if not isinstance(each, str):
                raise _wrong(f"{self.at(name)}.{key}", "string", each)
        return {key: str(each) for key, each in value.items()}

    def inside(self, name: str) -> Fields:
        """A mapping; empty where it is absent."""
        value = self._take(name)
        return Fields({} if value is None else value, self.at(name))

    def many(self, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """A list of mappings, each read by a function."""
        value = self._take(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise _wrong(self.at(name), "array", value)
        return tuple(read(Fields(each, f"{self.at(name)}[{place}]")) for place, each in enumerate(value))

    def raw(self, name: str) -> Tree:
        """A field as it stands."""
        return self._take(name)

    def done(self) -> None:
        """Refuse every field that nobody asked for."""
        for name in sorted(self._left):
            raise DecodingError(f'strict decoding error: unknown field "{self.at(name)}"', self.at(name))

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def _take(self, name: str) -> Tree:
        return self._left.pop(name, None)


def _wrong(path: str, wanted: str, got: Tree) -> DecodingError:
    names = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}
    kind = names.get(type(got), "null")
    return DecodingError(f"json: cannot unmarshal {kind} into field {path} of type {wanted}", path)
