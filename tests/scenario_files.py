"""The kit's own scenario files, for tests that bend them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import pytest

from simulator.errors import Problem, ScenarioError
from simulator.scenario import find, load_bytes
from simulator.scenario.folders import scenario_files

NAMES: Final = ("production-is-down", "welcome")
#: All that the kit ships.
EVERY: Final = tuple(scenario_files())


@lru_cache(maxsize=8)
def files(name: str) -> tuple[bytes, bytes]:
    """A scenario's two files."""
    path = find(name)
    return path.read_bytes(), path.with_name("texts.yaml").read_bytes()


def problems(
    *edits: tuple[str, str], texts: bool = False, name: str = "production-is-down"
) -> tuple[Problem, ...]:
    """What is found wrong once each text of ``edits`` is replaced, where it first stands."""
    contents = list(files(name))
    for old, new in edits:
        content = contents[texts]
        assert old.encode() in content, f"{old!r} is not in the file any more"
        contents[texts] = content.replace(old.encode(), new.encode(), 1)
    with pytest.raises(ScenarioError) as caught:
        load_bytes(contents[0], contents[1])
    return caught.value.problems


def problem(*edits: tuple[str, str], texts: bool = False, name: str = "production-is-down") -> str:
    """As :func:`problems`, where there is exactly one; as a user reads it."""
    found = problems(*edits, texts=texts, name=name)
    assert len(found) == 1, "\n".join(map(str, found))
    return str(found[0])


def line_of(text: str, *, name: str = "production-is-down") -> int:
    """The line, from 1, on which a text first stands."""
    content = files(name)[0]
    return content[: content.index(text.encode())].count(b"\n") + 1


@lru_cache(maxsize=8)
def without_decoys(name: str) -> tuple[bytes, bytes]:
    """A scenario's two files, the first without its own decoys, for tests that add others."""
    scenario, texts = files(name)
    return re.sub(rb"\ndecoys:\n(?:(?: .*)?\n)+?(?=\S)", b"\n", scenario), texts


def with_check(condition: str) -> tuple[str, str]:
    """An edit that adds a check with this condition to a scenario."""
    words = "explainPass: it held, explainFail: it did not"
    return "checks:\n", f"checks:\n  - {{id: extra, family: outcome, skill: slo, {words}, {condition}}}\n"
