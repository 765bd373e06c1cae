"""Patterns of grep: POSIX's rules, and no pattern that runs away."""

from __future__ import annotations

import re
import warnings
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.drill.console.patterns import Pattern, PatternError


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a+", "aa a+", ["a+"]),
        (r"a\+", "aa b", ["aa"]),
        (r"\(ab\)\{2\}", "ababab", ["abab"]),
        (r"x\|y", "xyz", ["x", "y"]),
        ("*a", "*a", ["*a"]),
        ("[]a]*", "a]b", ["a]"]),
        ("[^[:digit:]]*", "ab12", ["ab"]),
        (r"[\d]", r"\d1", ["\\", "d"]),
        (r"\<err\w*", "my error erred", ["error", "erred"]),
        ("^a", "aba", ["a"]),
        ("a$", "aba", ["a"]),
    ],
)
def test_a_basic_expression(pattern: str, text: str, found: list[str]) -> None:
    """Signs of repetition and choice are themselves there, unless a backslash stands before them."""
    assert found == Pattern(pattern).findall(text)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(ab|a)(bc)?", "abc", ["abc"]),
        ("a|ab", "ab", ["ab"]),
        ("x{2,3}", "xxxxx", ["xxx", "xx"]),
        ("x{2}", "xxxxx", ["xx", "xx"]),
        ("(a|b)+", "abc", ["ab"]),
        ("a{x", "a{x", ["a{x"]),
    ],
)
def test_an_extended_expression_finds_the_leftmost_longest(pattern: str, text: str, found: list[str]) -> None:
    """POSIX's rule, by which a choice takes what is longest and not what stands first."""
    assert found == Pattern(pattern, extended=True).findall(text)


def test_the_switches() -> None:
    """Case, fixed text, whole words, whole lines."""
    assert Pattern("ERR", ignore_case=True).search("an error")
    assert Pattern("a.b", fixed=True).search("xa.b") and not Pattern("a.b", fixed=True).search("axb")
    assert Pattern("err", word=True).search("an err.") and not Pattern("err", word=True).search("error")
    assert Pattern("a*", line=True).search("aa") and not Pattern("a*", line=True).search("ab")


@pytest.mark.parametrize(
    "pattern", ["[a", "(a", "a)", r"a\1", "(?=a)", "a{9}" * 90, "(" * 30, "a{3,2}", "\\"]
)
def test_no_pattern_or_too_much_of_one(pattern: str) -> None:
    """It is refused with a reason."""
    with pytest.raises(PatternError):
        Pattern(pattern, extended=True)
    with pytest.raises(PatternError, match="too big"):
        Pattern("((a{90}){90}){90}", extended=True)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a*)*(a*)*b", ".*.*.*.*.*b"])
def test_no_pattern_runs_away(pattern: str) -> None:
    """What takes an engine that goes back for ever is found out in one pass; at worst it is refused."""
    assert not Pattern(pattern, extended=True).search("a" * 2000)
    with suppress(PatternError):
        assert [] == Pattern(pattern, extended=True).findall("a" * 2000)


@settings(max_examples=300, deadline=None)
@given(pattern=st.text(alphabet="ab.()|*+?c^$", max_size=7), text=st.text(alphabet="abc", max_size=8))
def test_it_finds_what_python_finds(pattern: str, text: str) -> None:
    """Whether there is a find at all depends on no engine, where both read the pattern alike."""
    if re.search(r"[*+?][*+?]|^\*|[(|^]\*", pattern):  # lazy and possessive repeats are Python's own
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = re.search(pattern, text)
        except re.error:
            return
    assert (expected is not None) == Pattern(pattern, extended=True).search(text)
