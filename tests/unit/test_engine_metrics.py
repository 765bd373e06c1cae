"""The metric port: one question, one number, or no data."""

from __future__ import annotations

from simulator.engine.metrics import NO_DATA, MetricPort, Metrics, NoData


def test_no_data_is_neither_a_number_nor_true() -> None:
    """Whoever forgets to ask for it meets no zero that could pass for health."""
    assert isinstance(NO_DATA, NoData)
    assert not NO_DATA
    assert repr(NO_DATA) == "NO_DATA"
    assert not isinstance(NO_DATA, float)


class _Constant:
    """Answers every question with the instant at which it is asked."""

    def query(self, expr: str, at: int) -> float | NoData:
        return float(at) if expr == "time" else NO_DATA


def test_a_port_has_no_data_until_somebody_answers() -> None:
    """A world without telemetry runs; its analyses and autoscalers know nothing."""
    port = Metrics()
    checked: MetricPort = port
    assert checked.query("time", 5) is NO_DATA
    port.connect(_Constant())
    assert port.query("time", 5) == 5.0
    assert port.query("other", 5) is NO_DATA
