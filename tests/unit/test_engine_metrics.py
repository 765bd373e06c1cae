"""The metric port: one question, one number, or no data."""

from __future__ import annotations

from simulator.engine.metrics import NO_DATA, MetricPort, NoData, Unanswered


def test_no_data_is_neither_a_number_nor_true() -> None:
    """Whoever forgets to ask for it meets no zero that could pass for health."""
    assert isinstance(NO_DATA, NoData)
    assert not NO_DATA
    assert repr(NO_DATA) == "NO_DATA"
    assert not isinstance(NO_DATA, float)


def test_a_port_that_nobody_fills_has_no_data() -> None:
    """A world without telemetry runs; its analyses and autoscalers know nothing."""
    port: MetricPort = Unanswered()
    assert port.query("up", 0) is NO_DATA
