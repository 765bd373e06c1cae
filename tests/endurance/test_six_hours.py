"""Long runs at a real system's load: they complete, exactly and in flat memory. Run by ``make proof``."""

from __future__ import annotations

from simulator.cli.bench.workloads import H, data_plane
from simulator.units import HOUR, MINUTE


def test_six_hours_at_a_thousand_requests_a_second_complete() -> None:
    """21.6 million users on two tiers: none is lost, and memory is what it was after a minute."""
    plane = data_plane(H, 1, compiled=True)
    plane.advance(MINUTE)
    held = plane.memory_bytes
    for hour in range(1, 7):
        plane.advance(hour * HOUR)
        plane.check_conservation()
    arrived = int(plane.counters().arrived.sum())
    # 4 standard deviations of a Poisson count around 1000 × 6 × 3600
    assert abs(arrived - 21_600_000) < 4 * 21_600_000**0.5
    assert held == plane.memory_bytes
