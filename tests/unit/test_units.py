"""Durations, ages and quantities: each tool's own dialect, and clear words when it is another's."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import units
from simulator.errors import GamedayError
from simulator.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Dialect
from tests.facts import K8S


@pytest.mark.parametrize(
    ("text", "dialect", "expected"),
    [
        ("1h30m", "go", 90 * MINUTE),
        ("250ms", "go", 250 * MILLISECOND),
        ("1.5s", "go", 1500 * MILLISECOND),
        ("0", "go", 0),
        ("10m", "argo", 10 * MINUTE),
        ("30", "argo", 30 * SECOND),
        ("30d", "prometheus", 30 * DAY),
        ("1w", "prometheus", 7 * DAY),
        ("2m30s", "k6", 150 * SECOND),
    ],
)
def test_durations_are_read_as_their_owner_reads_them(text: str, dialect: Dialect, expected: int) -> None:
    """Go, Argo, Prometheus and k6 each have a dialect."""
    assert expected == units.parse_duration(text, where="x", dialect=dialect)


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("10 min", "argo"),
        ("1d", "go"),
        ("1.5h", "prometheus"),
        ("", "go"),
        ("5", "go"),
        ("-5s", "go"),
        ("9" * 30 + "s", "go"),
    ],
)
def test_a_duration_of_another_dialect_is_refused_in_four_parts(text: str, dialect: Dialect) -> None:
    """Where, what was expected, what came, what to do."""
    with pytest.raises(GamedayError) as caught:
        units.parse_duration(text, where="scenario.yaml:21: pause.duration", dialect=dialect)
    assert str(caught.value).startswith("scenario.yaml:21: pause.duration: expected a duration such as ")
    assert f"got {text!r}" in str(caught.value)
    assert caught.value.todo


@given(st.integers(0, 399 * DAY // MILLISECOND))
def test_a_duration_survives_writing_and_reading(count: int) -> None:
    """What ``format_duration`` writes, ``parse_duration`` reads back."""
    ns = count * MILLISECOND
    assert ns == units.parse_duration(units.format_duration(ns), where="x")


@given(st.text(max_size=20))
def test_any_text_is_a_duration_or_a_clear_error(text: str) -> None:
    """No other exception leaves the reader."""
    with contextlib.suppress(GamedayError):
        assert units.parse_duration(text, where="x") >= 0


@pytest.mark.parametrize("case", K8S["age_format"], ids=lambda case: str(case["seconds"]))
def test_ages_are_printed_as_kubectl_prints_them(case: dict[str, int | str]) -> None:
    """Kubernetes' HumanDuration, from the facts."""
    assert case["text"] == units.format_age(int(case["seconds"]) * SECOND)


def test_the_clock_reads_like_the_console() -> None:
    """T+mm:ss, hours when there are any, and a sign before the drill begins."""
    assert units.format_clock(12 * MINUTE + 35 * SECOND) == "T+12:35"
    assert units.format_clock(-3 * MINUTE) == "T-03:00"
    assert units.format_clock(HOUR + 2 * MINUTE + 3 * SECOND) == "T+1:02:03"


def test_kubernetes_quantities() -> None:
    """CPU in millicores and memory in bytes, both rounded up."""
    assert units.parse_cpu("500m", where="x") == 500
    assert units.parse_cpu("2", where="x") == 2000
    assert units.parse_cpu("0.0001", where="x") == 1
    assert units.parse_memory("256Mi", where="x") == 256 * 2**20
    assert units.parse_memory("64Ki", where="x") == 64 * 2**10
    assert units.parse_memory("1G", where="x") == 10**9
    assert units.format_memory(256 * 2**20) == "256Mi"
    assert units.format_cpu(1500) == "1500m"
    with pytest.raises(GamedayError, match="expected a Kubernetes quantity such as 500m, got '5 cores'"):
        units.parse_cpu("5 cores", where="x")


def test_a_moment_long_ago_is_told_in_days() -> None:
    """A release of two months ago has no use for seconds; within a day the clock stays."""
    assert units.format_moment(-59 * 24 * HOUR - MINUTE) == "T-59d"
    assert units.format_moment(-23 * HOUR) == "T-23:00:00"
    assert units.format_moment(12 * MINUTE) == "T+12:00"
