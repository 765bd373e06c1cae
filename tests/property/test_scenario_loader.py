"""Whatever the loader is fed, it answers with a clear error or a loaded scenario, and with nothing else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.scenario import Scenario, load_bytes
from simulator.scenario.tree import MAX_BYTES
from tests.scenario_files import NAMES, files

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
    try:
        loaded = load_bytes(scenario, texts)
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


@given(content=st.binary(max_size=400), first=st.booleans())
@settings(max_examples=150, deadline=None)
def test_garbage_is_answered(content: bytes, first: bool) -> None:
    """Bytes of any kind, in either file."""
    scenario, texts = files("welcome")
    _answers(content if first else scenario, texts if first else content)


@given(st.lists(_WORDS, max_size=40).map("".join))
@settings(max_examples=150, deadline=None)
def test_what_looks_like_yaml_is_answered(text: str) -> None:
    """Brackets, anchors, tags, numbers too large and keys out of place, in any order."""
    _answers(text.encode("utf-8", "replace"), files("welcome")[1])


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_bent_file_is_answered(data: st.DataObject) -> None:
    """A real file with a piece cut out, doubled or replaced."""
    contents = list(files(data.draw(st.sampled_from(NAMES), label="scenario")))
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
@settings(max_examples=40, deadline=None)
def test_a_file_with_another_word_is_answered(data: st.DataObject) -> None:
    """A real file in which one word stands where another stood: mostly still YAML, seldom a scenario."""
    scenario, texts = files(data.draw(st.sampled_from(NAMES), label="scenario"))
    words = scenario.split(b" ")
    position = data.draw(st.integers(0, len(words) - 1), label="position")
    words[position] = data.draw(
        st.one_of(_WORDS.map(lambda word: word.encode("utf-8")), st.sampled_from(words)), label="word"
    )
    _answers(b" ".join(words), texts)
