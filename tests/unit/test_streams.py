"""Chance is a function of a key."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from simulator.streams import SAFE_ALPHABET, Stream, fold, key, mix

keys = st.integers(0, 2**64 - 1)


def test_known_values_never_change() -> None:
    """Every run file depends on these numbers."""
    assert mix(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF  # SplitMix64's first output for seed 0
    assert key("users") == 0x3E603EE9B83F9B88
    assert fold(1, 2) == 0x363D507D9DD1CAC8
    assert fold(1, 2) != fold(2, 1)


@given(keys, keys)
def test_mix_is_one_to_one(left: int, right: int) -> None:
    """Different keys never share a draw."""
    assert (left == right) == (mix(left) == mix(right))


def test_uniforms_are_even_and_keyed() -> None:
    """A thousand keys fill ten bins evenly (chi-squared below its 99.9 % point), on each asking."""
    stream = Stream(7, "test")
    bins = Counter(int(stream.uniform(n) * 10) for n in range(1000))
    assert sum((bins[b] - 100) ** 2 / 100 for b in range(10)) < 27.9
    assert stream.uniform(5) == stream.uniform(5) != Stream(8, "test").uniform(5)
    assert stream.uniform(5) != Stream(7, "other").uniform(5)


def test_generated_names_use_kubernetes_alphabet() -> None:
    """Five letters as in a pod's name."""
    name = Stream(1, "pods").letters(5, 3, 4)
    assert len(name) == 5
    assert set(name) <= set(SAFE_ALPHABET)
