"""Whatever the loader is fed, it answers with a clear error or a loaded scenario, and with nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.scenario import Scenario, find, load, load_bytes
from simulator.scenario.tree import MAX_BYTES, read_bytes
from tests.scenario_files import EVERY, files

#: Seconds of CPU that an answer may take; without Hypothesis' tracer, under which it takes ten times more.
_PATIENCE = 1.0
_PHASES = tuple(phase for phase in Phase if phase is not Phase.explain)
_ROOT = find("welcome").parent.parent
_SYSTEMS = sorted(_ROOT.glob("systems/*/system.yaml"))

_MARKS = (
    *(
        "{",
        "}",
        "[",
        "]",
        "&a",
        "*a",
        "!!str",
        "!x",
        "<<:",
        "|",
        ">",
        "%TAG",
        "---",
        "...",
        "'",
        '"',
        "~",
        "?",
        "#",
    ),
    *("null", "-1", "1e400", ".inf", "true", "0x1F"),
)
_NAMES = [
    "spec",
    "variants",
    "timeline",
    "name",
    "app",
    "10 m",
    "-5s",
    "{worst-pod:}",
    "lb_requests_total{",
]
_WORDS = st.sampled_from([*_MARKS, *_NAMES, "", ": ", "- ", "9" * 40, "\t", "\n", "\x00", "é", "\u2028"])


def _answers(scenario: bytes, texts: bytes) -> None:
    """Load; whatever is raised must be a ScenarioError whose problems have all four parts."""
    _answer(lambda: load_bytes(scenario, texts))


def _answer(loading: Callable[[], Scenario]) -> None:
    begun = time.process_time()
    try:
        loaded = loading()
    except ScenarioError as error:
        for problem in error.problems:
            assert problem.where
            assert problem.expected
            assert problem.got
            assert problem.todo
            assert "\n" not in str(problem)
    else:
        assert isinstance(loaded, Scenario)
        assert len(loaded.digest) == 64
    assert time.process_time() - begun < _PATIENCE


@given(content=st.binary(max_size=400), first=st.booleans())
@settings(max_examples=150, deadline=None, phases=_PHASES)
def test_garbage_is_answered(content: bytes, first: bool) -> None:
    """Bytes of any kind, in either file."""
    scenario, texts = files("welcome")
    _answers(content if first else scenario, texts if first else content)


@given(st.lists(_WORDS, max_size=40).map("".join))
@settings(max_examples=150, deadline=None, phases=_PHASES)
def test_what_looks_like_yaml_is_answered(text: str) -> None:
    """Brackets, anchors, tags, numbers too large and keys out of place, in any order."""
    _answers(text.encode("utf-8", "replace"), files("welcome")[1])


@given(st.data())
@settings(max_examples=40, deadline=None, phases=_PHASES)
def test_a_bent_file_is_answered(data: st.DataObject) -> None:
    """A real file with a piece cut out, doubled or replaced."""
    contents = list(files(data.draw(st.sampled_from(EVERY), label="scenario")))
    which = data.draw(st.integers(0, 1), label="file")
    content = contents[which]
    for _ in range(data.draw(st.integers(1, 3), label="edits")):
        start = data.draw(st.integers(0, len(content) - 1), label="from")
        stop = min(len(content), start + data.draw(st.integers(0, 60), label="length"))
        piece = data.draw(
            st.one_of(_WORDS.map(lambda word: word.encode("utf-8")), st.just(content[start:stop] * 2)),
            label="new",
        )
        content = content[:start] + piece + content[stop:]
    contents[which] = content[:MAX_BYTES]
    _answers(contents[0], contents[1])


@given(st.data())
@settings(max_examples=40, deadline=None, phases=_PHASES)
def test_a_file_with_another_word_is_answered(data: st.DataObject) -> None:
    """A real file in which one word stands where another stood: mostly still YAML, seldom a scenario."""
    scenario, texts = files(data.draw(st.sampled_from(EVERY), label="scenario"))
    words = scenario.split(b" ")
    position = data.draw(st.integers(0, len(words) - 1), label="position")
    words[position] = data.draw(
        st.one_of(_WORDS.map(lambda word: word.encode("utf-8")), st.sampled_from(words)), label="word"
    )
    _answers(b" ".join(words), texts)


# --- bent where it is still YAML


@cache
def _written(content: bytes) -> str:
    """A real file as JSON, read once: its YAML takes longer to parse than all that is then done to it."""
    root, found = read_bytes(content, "real.yaml")
    assert root is not None
    assert not found
    return json.dumps(root.plain())


def _plain(content: bytes) -> Any:
    """A tree of its own for each example, which bends it."""
    return json.loads(_written(content))


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every container with every key of it."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    return [pair for key in keys for pair in ((tree, key), *_places(tree[key]))]


def _bend(data: st.DataObject, tree: Any) -> None:
    """Take something out, double it, exchange it, rename it, or put something else in its place."""
    places = _places(tree)
    where, key = places[data.draw(st.integers(0, len(places) - 1), label="place")]
    how = data.draw(st.sampled_from(("remove", "repeat", "exchange", "rename", "replace")), label="how")
    if how == "remove":
        del where[key]
    elif how == "repeat" and isinstance(where, list):
        where.insert(key, deepcopy(where[key]))
    elif how == "exchange":
        other, name = places[data.draw(st.integers(0, len(places) - 1), label="with")]
        where[key] = json.loads(json.dumps(other[name]))
    elif how == "rename" and isinstance(where, dict):
        where[data.draw(_WORDS, label="name") or "x"] = where.pop(key)
    else:
        # A copy: what is put in may be bent in its turn, and must not be the next draw's.
        where[key] = deepcopy(data.draw(_VALUES, label="value"))


_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 1, 10**17, 0.5, -0.5, 1e308, "", "10m", "0s", "1Mi", [], {}]),
    _WORDS,
    st.just(["a", {"b": ["c"]}]),
)


@given(st.data())
@settings(max_examples=120, deadline=None, phases=_PHASES)
def test_a_tree_with_another_branch_is_answered(data: st.DataObject) -> None:
    """A real file that is still YAML, with up to three values gone, doubled, exchanged or replaced."""
    contents = list(files(data.draw(st.sampled_from(EVERY), label="scenario")))
    which = data.draw(st.sampled_from((0, 0, 0, 1)), label="file")
    tree = _plain(contents[which])
    for _ in range(data.draw(st.integers(1, 3), label="times")):
        _bend(data, tree)
    contents[which] = json.dumps(tree).encode("utf-8", "replace")
    _answers(contents[0], contents[1])


@pytest.mark.parametrize("system", _SYSTEMS, ids=lambda path: path.parent.name)
@given(data=st.data())
@settings(max_examples=40, deadline=None, phases=_PHASES)
def test_a_bent_system_is_answered(
    system: Path, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every scenario over a system of the kit in which something is gone, doubled or replaced."""
    names = [name for name in EVERY if f"system: {system.parent.name}\n".encode() in files(name)[0]]
    if not names:
        return
    name = data.draw(st.sampled_from(names), label="scenario")
    folder = tmp_path_factory.mktemp("kit")
    tree = _plain(system.read_bytes())
    for _ in range(data.draw(st.integers(1, 3), label="times")):
        _bend(data, tree)
    for path, content in zip(("scenario.yaml", "texts.yaml"), files(name), strict=True):
        target = folder / name / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
    bent = folder / "systems" / system.parent.name / "system.yaml"
    bent.parent.mkdir(parents=True)
    bent.write_bytes(json.dumps(tree).encode("utf-8", "replace"))
    _answer(lambda: load(folder / name))
