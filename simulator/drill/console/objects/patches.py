"""Patches of a manifest's tree, by the three types that kubectl knows: strategic, merge, json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

#: By which field the items of a list are the same, in the kinds that are here (``patchMergeKey`` upstream).
_MERGE_KEYS: Final = {
    "containers": "name",
    "env": "name",
    "ports": "containerPort",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "conditions": "type",
}


class PatchError(Exception):
    """A patch that can't be applied, in the API server's words."""


def merge(tree: Any, patch: Any) -> Any:
    """RFC 7386: mappings merge, null takes away, all else replaces."""
    if not isinstance(patch, Mapping):
        return deepcopy(patch)
    merged = dict(tree) if isinstance(tree, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def strategic(tree: Any, patch: Any) -> Any:
    """As ``merge``, but lists of named things merge by their key; ``$patch: delete`` takes one away."""
    if not isinstance(patch, Mapping):
        return deepcopy(patch)
    if patch.get("$patch") == "replace":
        return {name: deepcopy(value) for name, value in patch.items() if name != "$patch"}
    merged = dict(tree) if isinstance(tree, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, list) and name in _MERGE_KEYS:
            merged[name] = _merged_list(merged.get(name) or [], value, _MERGE_KEYS[name])
        else:
            merged[name] = strategic(merged.get(name), value)
    return merged


def _merged_list(items: Sequence[Any], patches: Sequence[Any], key: str) -> list[Any]:
    if not all(isinstance(each, Mapping) for each in patches):
        return list(patches)
    if any(each.get("$patch") == "replace" for each in patches):
        return [each for each in patches if "$patch" not in each]
    merged = list(items)
    for patch in patches:
        if key not in patch:
            raise PatchError(f"map: {dict(patch)} does not contain declared merge key: {key}")
        place = next((i for i, each in enumerate(merged) if each.get(key) == patch[key]), None)
        if patch.get("$patch") == "delete":
            if place is not None:
                del merged[place]
        elif place is None:
            merged.append(strategic({}, patch))
        else:
            merged[place] = strategic(merged[place], patch)
    return merged


def json_patch(tree: Any, operations: Any) -> Any:
    """RFC 6902: add, remove, replace and test."""
    if not isinstance(operations, list):
        raise PatchError("error: unable to parse patch: a JSON patch is a list of operations")
    tree = deepcopy(tree)
    for operation in operations:
        if not isinstance(operation, Mapping) or "op" not in operation or "path" not in operation:
            raise PatchError("each operation needs op and path")
        _apply(tree, str(operation["op"]), str(operation["path"]), operation.get("value"))
    return tree


def _apply(tree: Any, verb: str, path: str, value: Any) -> None:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    if not steps:
        raise PatchError(f'the path "{path}" names the whole object')
    holder = tree
    for step in steps[:-1]:
        holder = _inside(holder, step, path, verb)
    last = steps[-1]
    if isinstance(holder, list):
        _apply_to_list(holder, verb, last, path, value)
        return
    if not isinstance(holder, dict):
        raise _missing(verb, path)
    if verb == "add":
        holder[last] = value
    elif verb not in ("replace", "remove", "test"):
        raise PatchError(f'Unexpected kind: "{verb}"')
    elif last not in holder:
        raise _missing(verb, path)
    elif verb == "replace":
        holder[last] = value
    elif verb == "remove":
        del holder[last]
    elif holder[last] != value:
        raise PatchError(f"testing value {path} failed: test failed")


def _apply_to_list(holder: list[Any], verb: str, step: str, path: str, value: Any) -> None:
    if verb == "add" and step == "-":
        holder.append(value)
        return
    if not step.isdigit() or int(step) >= len(holder) + (verb == "add"):
        raise _missing(verb, path)
    place = int(step)
    if verb == "add":
        holder.insert(place, value)
    elif verb == "replace":
        holder[place] = value
    elif verb == "remove":
        del holder[place]
    elif verb != "test":
        raise PatchError(f'Unexpected kind: "{verb}"')
    elif holder[place] != value:
        raise PatchError(f"testing value {path} failed: test failed")


def _inside(holder: Any, step: str, path: str, verb: str) -> Any:
    if isinstance(holder, dict) and step in holder:
        return holder[step]
    if isinstance(holder, list) and step.isdigit() and int(step) < len(holder):
        return holder[int(step)]
    raise _missing(verb, path)


def _missing(verb: str, path: str) -> PatchError:
    return PatchError(f"{verb} operation does not apply: doc is missing path: {path}: missing value")
