"""The store answers PromQL by search exactly as a plain list of the same samples answers it by scan."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.telemetry.catalogue import CATALOGUE
from simulator.telemetry.promql import STALE, MemorySource, labels_of, query_range
from simulator.telemetry.querying import StoreSource
from simulator.telemetry.store import Store
from simulator.units import DAY, MINUTE, SECOND

EPOCH = 20_000 * DAY
NAME = "user_slow_requests_total"
QUERIES = (
    f"rate({NAME}[1m])",
    f"increase({NAME}[7m])",
    f"sum by (service) (rate({NAME}[90s]))",
    f"rate({NAME}[3m] offset 1m)",
    f"resets({NAME}[5m])",
    NAME,
    f"{NAME} offset 2m",
    f"timestamp({NAME})",
    f'sum_over_time({NAME}{{source=~"a|b"}}[45s])',
    f"lb_outlier_ejected > 2 or on() {NAME}",
    "avg_over_time(lb_outlier_ejected[1m])",
    f"absent({NAME})",
)


@st.composite
def _lives(draw: st.DrawFn) -> list[tuple[int, int, int, list[int]]]:
    """Series by birth, end and return, and the rows at which they restart."""
    found = []
    for _ in range(draw(st.integers(1, 5))):
        born = draw(st.integers(0, 200))
        end = draw(st.integers(born + 1, 320))
        back = draw(st.integers(end + 1, 400))
        found.append((born, end, back, draw(st.lists(st.integers(1, 299), max_size=4))))
    return found


@settings(deadline=None, max_examples=15)
@given(lives=_lives(), steps=st.lists(st.integers(0, 9), min_size=7, max_size=7))
def test_search_and_scan_agree(lives: list[tuple[int, int, int, list[int]]], steps: list[int]) -> None:
    """Births, deaths, returns and restarts over several sealed chunks: every query gives the same bits."""
    store, plain = Store(), MemorySource()
    counters, gauges = store.family(NAME), store.family("lb_outlier_ejected")
    declared: list[int] = []
    values = [0] * len(lives)
    for row in range(300):
        at = row * 5 * SECOND
        store.begin(at)
        for number, (born, end, back, restarts) in enumerate(lives):
            labels = (f"{'abcde'[number]}", f"s{number % 2}", "r")
            if row == born:
                counters.declare([labels])
                gauges.declare([labels])
                declared.append(number)
            if row == end and number in declared:
                counters.end([declared.index(number)])
                gauges.end([declared.index(number)])
            if row == back and number in declared:
                counters.revive([declared.index(number)])
                gauges.revive([declared.index(number)])
            values[number] = 0 if row in restarts else values[number] + steps[(row + number) % 7]
            if born <= row < end or row >= back:
                _append(plain, labels, at, values[number])
            elif row == end:
                _append(plain, labels, at, STALE)
        if declared:
            counters.write(np.array([values[number] for number in declared], dtype=np.int64))
            gauges.write(np.array([float(values[number] % 5) for number in declared]))
    source = StoreSource(store, EPOCH)
    for text in QUERIES:
        one, other = (
            query_range(each, text, EPOCH - MINUTE, EPOCH + 27 * MINUTE, 40 * SECOND)
            for each in (source, plain)
        )
        assert one.labels == other.labels, text
        assert np.array_equal(one.present, other.present), text
        # A sum adds series in the order of its source, so its last bits may differ.
        same = np.allclose if text.startswith("sum") else np.array_equal
        assert same(one.values, other.values, equal_nan=True), text


def _append(plain: MemorySource, labels: tuple[str, ...], at: int, value: int | None) -> None:
    counter = zip(CATALOGUE[NAME].labels, labels, strict=True)
    gauge = zip(CATALOGUE["lb_outlier_ejected"].labels, labels, strict=True)
    plain.append(
        labels_of([("__name__", NAME), *counter]), EPOCH + at, None if value is None else float(value)
    )
    small = None if value is None else float(value % 5)
    plain.append(labels_of([("__name__", "lb_outlier_ejected"), *gauge]), EPOCH + at, small)
