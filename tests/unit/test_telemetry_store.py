"""The columnar store and the high-resolution record, by hand-made samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.dataplane import fine_quantile
from simulator.errors import SimulationError
from simulator.telemetry.chunks import CHUNK_ROWS
from simulator.telemetry.fine import FineRecord
from simulator.telemetry.quantiles import row_quantiles
from simulator.telemetry.store import Store
from simulator.units import MINUTE, SECOND

STEP = 5 * SECOND


def _counter(store: Store) -> list[str]:
    return [labels["source"] for labels in store.labels("user_bad_requests_total")]


def test_counters_keep_every_bit_over_sealed_chunks() -> None:
    """A counter near 2^62 that grows by one and by billions reads back exactly, sealed or open."""
    store = Store()
    family = store.family("user_bad_requests_total")
    rows = 3 * CHUNK_ROWS + 7
    values = np.zeros((2, rows), dtype=np.int64)
    values[0] = (1 << 62) + np.arange(rows)
    values[1] = np.arange(rows) * 5_000_000_000
    for row in range(rows):
        store.begin(row * STEP)
        if row == 0:
            family.declare([("slow", "s"), ("fast", "s")])
        family.write(values[:, row])
    read, held = family.read(family.select(), 0, rows)
    assert held.all()
    assert np.array_equal(read, values)


def test_gauges_with_nan_and_fractions_survive_sealing() -> None:
    """Whole-number gauges are packed, others are not; both read back as written."""
    store = Store()
    family = store.family("queue_depth")
    odd = np.array([0.5, np.nan, np.inf, -3.0])
    for row in range(2 * CHUNK_ROWS):
        store.begin(row * STEP)
        if row == 0:
            family.declare([("n", pod, "c", "s", "v", "m", "z") for pod in "pq"])
        first = odd[row % 4] if row < CHUNK_ROWS else float(row)
        family.write(np.array([first, float(-row)]))
    read, _ = family.read(family.select(), 0, 2 * CHUNK_ROWS)
    assert np.array_equal(read[0, :4], odd, equal_nan=True)
    assert read[0, CHUNK_ROWS:].tolist() == list(range(CHUNK_ROWS, 2 * CHUNK_ROWS))
    assert read[1].tolist() == [-row for row in range(2 * CHUNK_ROWS)]


@settings(deadline=None, max_examples=40)
@given(
    plan=st.lists(st.tuples(st.sampled_from(["come", "go", "back", "stay"]), st.integers(1, 90)), max_size=8),
)
def test_whatever_series_do_they_read_back_as_written(plan: list[tuple[str, int]]) -> None:
    """Series that come, go and return at any time hold exactly the samples of their lives."""
    store = Store()
    family = store.family("user_bad_requests_total")
    expected: dict[int, dict[int, int]] = {}
    living: set[int] = set()
    row = 0
    for action, length in [("come", 1), *plan]:
        for step in range(length):
            store.begin(row * STEP)
            if step == 0 and action == "come":
                living.add(len(family))
                expected[len(family)] = {}
                family.declare([(f"s{len(family)}", "s")])
            elif step == 0 and action == "go" and living:
                family.end([min(living)])
                living.discard(min(living))
            elif step == 0 and action == "back" and len(living) < len(family):
                gone = min(set(range(len(family))) - living)
                family.revive([gone])
                living.add(gone)
            values = np.arange(len(family), dtype=np.int64) * 1_000_000 + row
            family.write(values)
            for series in living:
                expected[series][row] = int(values[series])
            row += 1
    read, held = family.read(family.select(), 0, row)
    for series, samples in expected.items():
        assert np.flatnonzero(held[series]).tolist() == sorted(samples)
        assert {at: int(read[series, at]) for at in samples} == samples


def test_ranges_are_open_on_the_left() -> None:
    """A range of 15 s at 5 s holds three samples, as in Prometheus 3."""
    store = Store()
    family = store.family("user_bad_requests_total")
    for row in range(10):
        store.begin(row * STEP)
        if row == 0:
            family.declare([("u", "s")])
        family.write(np.array([row]))
    samples = store.range("user_bad_requests_total", 10 * SECOND, 25 * SECOND)
    assert samples.times.tolist() == [15 * SECOND, 20 * SECOND, 25 * SECOND]
    assert samples.values.tolist() == [[3.0, 4.0, 5.0]]


def test_an_instant_query_goes_stale_after_five_minutes() -> None:
    """When scrapes stop, the last sample is not the truth for ever."""
    store = Store()
    family = store.family("user_bad_requests_total")
    store.begin(0)
    family.declare([("u", "s")])
    family.write(np.array([3]))
    name = "user_bad_requests_total"
    assert store.instant(name, 4 * MINUTE).values.tolist() == [[3.0]]
    assert store.instant(name, 5 * MINUTE).labels == ()
    assert store.instant(name, -SECOND).labels == ()


def test_labels_select_by_value_and_by_choice() -> None:
    """Equal to one value, to any of several, to none."""
    store = Store()
    family = store.family("user_bad_requests_total")
    store.begin(0)
    family.declare([("a", "x"), ("b", "x"), ("c", "y")])
    assert family.select(service="x").tolist() == [0, 1]
    assert family.select(source=["a", "c"]).tolist() == [0, 2]
    assert family.select(service="x", source=["c"]).tolist() == []
    assert _counter(store) == ["a", "b", "c"]


def test_the_store_stops_at_its_limit() -> None:
    """A run that outgrows its memory is refused with what to do, not swapped to death."""
    store = Store(limit_bytes=200_000)
    family = store.family("user_bad_requests_total")

    def fill() -> None:
        for row in range(10_000):
            store.begin(row * STEP)
            if row == 0:
                family.declare([(f"u{number}", "s") for number in range(500)])
            family.write(np.arange(500) * row)

    with pytest.raises(SimulationError, match="fewer pods or routes"):
        fill()


def test_sealed_chunks_are_small() -> None:
    """A day of counters that grow by hundreds a minute costs three bytes a sample or less, not eight."""
    store = Store()
    family = store.family("user_bad_requests_total")
    for row in range(24 * 720):
        store.begin(row * STEP)
        if row == 0:
            family.declare([(f"u{number}", "s") for number in range(50)])
        family.write(np.arange(50, dtype=np.int64) * row)
    assert family.nbytes / (50 * 24 * 720) < 3


def test_time_runs_forward() -> None:
    """Two scrapes at one instant are a bug and say so."""
    store = Store()
    store.begin(0)
    with pytest.raises(SimulationError, match="a time after"):
        store.begin(0)


def test_increments_of_the_fine_record_are_what_was_counted_between_scrapes() -> None:
    """Sparse batches sum to the cumulative counts, row by row, also when rows are added."""
    record = FineRecord(capacity=4)
    counts = np.zeros((2, 10), dtype=np.int64)
    record.append(counts.copy())
    counts[0, 3], counts[1, 7] = 5, 2
    record.append(counts.copy())
    counts = np.concatenate([counts, np.zeros((1, 10), dtype=np.int64)])
    counts[0, 3], counts[2, 9] = 6, 4
    record.append(counts.copy())

    def counted(rows: list[int], start: int, stop: int) -> list[list[int]]:
        first, band = record.increments(np.array(rows, dtype=np.int64), start, stop)
        full = np.zeros((stop - start, 10), dtype=np.int64)
        full[:, first : first + band.shape[1]] = band
        return full.tolist()

    assert [row[3] for row in counted([0], 0, 3)] == [0, 5, 1]
    assert np.sum(counted([0, 1, 2], 0, 3), axis=0).tolist() == [0, 0, 0, 6, 0, 0, 0, 2, 0, 4]
    assert np.sum(counted([0, 2], 0, 3), axis=0).tolist() == [0, 0, 0, 6, 0, 0, 0, 0, 0, 4]
    assert np.sum(counted([1], 2, 3)) == 0
    assert counted([1], 2, 2) == []
    assert counted([], 0, 2) == [[0] * 10] * 2


@settings(deadline=None)
@given(
    counts=st.lists(
        st.lists(st.integers(0, 5), min_size=1280, max_size=1280) | st.just([0] * 1280),
        min_size=1,
        max_size=2,
    ),
    share=st.floats(0.01, 1.0),
)
def test_quantiles_of_many_rows_equal_those_of_one(counts: list[list[int]], share: float) -> None:
    """The vectorised quantile is the data plane's own, NaN where nothing was counted."""
    table = np.array(counts, dtype=np.int64)
    (found,) = row_quantiles(table, (share,))
    expected = [fine_quantile(row, share) / SECOND for row in table]
    assert found == pytest.approx(expected, nan_ok=True)
