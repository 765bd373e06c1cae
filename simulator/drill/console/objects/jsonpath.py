"""``-o jsonpath`` and ``-o custom-columns``: kubectl's templates over manifests, as far as they go here.

Fields, quoted and escaped names, indices, slices' ``[*]``, recursive descent, filters by one comparison, text
in quotes, and ``{range …}{end}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final


class JsonPathError(Exception):
    """What kubectl says of a template that it can't read."""


_STEP: Final = re.compile(
    r"""\.\.(?P<deep>[\w-]+|\*)|\.(?P<name>(?:[\w-]|\\.)+|\*)|\[(?P<index>-?\d+|\*)\]|"""
    r"""\['(?P<quoted>[^']*)'\]|\[\?\(@(?P<left>[.\w\\-]*)\s*(?:(?P<op>==|!=|>=|<=|>|<)\s*(?P<right>[^)]+))?\)\]"""
)
_COMPARE: Final = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


def found_at(tree: Any, path: str) -> list[Any]:
    """Every value that a path such as ``.items[*].metadata.name`` names.

    Raises:
        JsonPathError: The path can't be read.
    """
    values, place = [tree], 0
    path = path.removeprefix("$").removeprefix("@")
    path = path if path.startswith((".", "[")) or not path else "." + path
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            raise JsonPathError(f"error: error parsing jsonpath {path}, invalid path near {path[place:]!r}")
        values = [each for value in values for each in _step(value, step)]
        place = step.end()
    return values


def bare(template: str) -> str:
    """The one path of a template such as ``{.spec.replicas}``, without its braces."""
    text = template.strip()
    return text[1:-1].strip() if text.startswith("{") and text.endswith("}") else text


def _step(value: Any, step: re.Match[str]) -> Iterator[Any]:
    if (name := step["deep"]) is not None:
        yield from _deep(value, name)
    elif (name := step["quoted"] if step["quoted"] is not None else step["name"]) is not None:
        yield from _field(value, name if step["name"] is None else re.sub(r"\\(.)", r"\1", name))
    elif (index := step["index"]) is not None:
        if isinstance(value, Sequence) and not isinstance(value, str):
            if index == "*":
                yield from value
            elif -len(value) <= int(index) < len(value):
                yield value[int(index)]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from (each for each in value if _passes(each, step))


def _field(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, Mapping):
        if name == "*":
            yield from value.values()
        elif name in value:
            yield value[name]
    elif name == "*" and isinstance(value, Sequence) and not isinstance(value, str):
        yield from value


def _deep(value: Any, name: str) -> Iterator[Any]:
    yield from _field(value, name)
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inside:
        yield from _deep(each, name)


def _passes(item: Any, step: re.Match[str]) -> bool:
    left = found_at(item, step["left"])
    if step["op"] is None:
        return bool(left)
    try:
        right = json.loads(step["right"].strip().replace("'", '"'))
        return bool(left) and bool(_COMPARE[step["op"]](left[0], right))
    except (ValueError, TypeError):
        return False


# --- templates ------------------------------------------------------------------------------------


def render(template: str, tree: Any) -> str:
    """What ``-o jsonpath=TEMPLATE`` prints: values of one path are parted by a space.

    Raises:
        JsonPathError: The template can't be read.
    """
    parts = _parts(template if "{" in template else "{" + template + "}")
    text, rest = _render(parts, tree)
    if rest:
        raise JsonPathError("error: error parsing jsonpath, not in range, nothing to end")
    return text


def _parts(template: str) -> list[tuple[str, str]]:
    """Texts and the insides of braces, in order."""
    parts, place = list[tuple[str, str]](), 0
    for inside in re.finditer(r"\{((?:\"[^\"]*\"|'[^']*'|[^{}])*)\}", template):
        if inside.start() > place:
            parts.append(("text", template[place : inside.start()]))
        parts.append(("path", inside[1].strip()))
        place = inside.end()
    if "{" in template[place:]:
        raise JsonPathError("error: error parsing jsonpath, unclosed action")
    return [*parts, ("text", template[place:])] if place < len(template) else parts


def _render(parts: list[tuple[str, str]], tree: Any) -> tuple[str, list[tuple[str, str]]]:
    """The text of the parts up to an ``{end}``, and what stands behind it."""
    text, rest = "", list(parts)
    while rest:
        kind, content = rest.pop(0)
        if kind == "text":
            text += content
        elif content == "end":
            return text, [("path", "end"), *rest]
        elif content.startswith("range"):
            items = found_at(tree, content[5:].strip())
            body = rest
            rest = _behind_end(body)
            for item in items:
                text += _render(body, item)[0]
        elif content[:1] in ('"', "'"):
            text += json.loads('"' + content[1:-1].replace('"', '\\"') + '"')
        else:
            text += " ".join(shown(value) for value in found_at(tree, content))
    return text, []


def _behind_end(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    depth = 1
    for place, (kind, content) in enumerate(parts):
        if kind == "path" and content.startswith("range"):
            depth += 1
        elif kind == "path" and content == "end":
            depth -= 1
            if depth == 0:
                return parts[place + 1 :]
    raise JsonPathError("error: error parsing jsonpath, unterminated range")


def shown(value: Any) -> str:
    """A value as kubectl prints it: texts bare, the rest as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def columns_of(specification: str) -> list[tuple[str, str]]:
    """``NAME:.metadata.name,IMAGE:.spec…``: headers and paths.

    Raises:
        JsonPathError: It is no list of columns.
    """
    found = []
    for part in re.split(r",(?![^\[]*\])", specification):
        header, colon, path = part.partition(":")
        if not colon or not header or not path:
            raise JsonPathError(
                f"error: unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
            )
        found.append((header, path))
    return found
