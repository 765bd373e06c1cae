"""Each kind of fault moves a golden signal by more than noise while it lasts, and nothing after it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.dataplane.counters import FINE_EDGES_NS
from simulator.engine import Production
from simulator.engine.faults import strengths
from simulator.errors import GamedayError, ScenarioError
from simulator.scenario.faults import Chaos, Shape
from simulator.units import MINUTE, SECOND
from tests.causes_scenario import production, scenario

WEB, STORE = ({"labelSelectors": {"app": name}} for name in ("web", "store"))


def _signals(made: Production, seconds: int) -> tuple[float, float]:
    """Share of failing visits and mean latency (ms) at the front door over the next so many seconds."""
    before = made.dataplane.counters()
    made.advance(made.now + seconds * SECOND)
    after = made.dataplane.counters()
    answered = (after.answered - before.answered).sum(axis=(0, 1))
    cells = (after.user_fine - before.user_fine).sum(axis=(0, 1))
    return 1 - float(answered[0] / answered.sum()), _mean_cell(cells)


def _mean_cell(cells: Any) -> float:
    return float((cells * FINE_EDGES_NS[:-1]).sum() / max(int(cells.sum()), 1) / 1e6)


def _inject(made: Production, **fields: Any) -> None:
    made.injector.inject(Chaos.model_validate(fields))


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "pod-failure": (
        {"kind": "PodChaos", "action": "pod-failure", "mode": "fixed", "value": "2", "selector": STORE},
        "errors",
    ),
    "container-kill": (
        {
            "kind": "PodChaos",
            "action": "container-kill",
            "mode": "all",
            "selector": STORE,
            "shape": {"kind": "flap", "period": "40s"},
        },
        "errors",
    ),
    "pod-kill": (
        {
            "kind": "PodChaos",
            "action": "pod-kill",
            "mode": "all",
            "selector": STORE,
            "shape": {"kind": "flap", "period": "40s"},
        },
        "errors",
    ),
    "delay": (
        {
            "kind": "NetworkChaos",
            "action": "delay",
            "mode": "all",
            "selector": STORE,
            "delay": {"latency": "100ms"},
        },
        "latency",
    ),
    "loss": (
        {"kind": "NetworkChaos", "action": "loss", "mode": "all", "selector": STORE, "loss": {"loss": "30"}},
        "errors",
    ),
    "partition": (
        {
            "kind": "NetworkChaos",
            "action": "partition",
            "mode": "all",
            "selector": WEB,
            "target": {"selector": STORE},
        },
        "errors",
    ),
    "cpu": (
        {"kind": "StressChaos", "mode": "all", "selector": WEB, "stressors": {"cpu": {"load": 80}}},
        "latency",
    ),
    "memory": (
        {
            "kind": "StressChaos",
            "mode": "all",
            "selector": WEB,
            "stressors": {"memory": {"size": "64Gi"}},
        },
        "errors",
    ),
    "abort": ({"kind": "HTTPChaos", "mode": "one", "selector": WEB, "abort": True}, "errors"),
    "http-delay": ({"kind": "HTTPChaos", "mode": "all", "selector": WEB, "delay": "80ms"}, "latency"),
    "dns": ({"kind": "DNSChaos", "action": "error", "mode": "all", "selector": STORE}, "errors"),
    "io": (
        {"kind": "IOChaos", "action": "latency", "mode": "all", "selector": STORE, "delay": "60ms"},
        "latency",
    ),
    "time": ({"kind": "TimeChaos", "mode": "all", "selector": STORE, "timeOffset": "1h"}, "errors"),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_moves_its_signal_while_it_lasts(name: str) -> None:
    """Errors rise above 5 % or latency to three times the quiet one; a while after its end all is well."""
    fields, signal = FAULTS[name]
    made = production(until=2 * MINUTE)  # the job of ten o'clock is over
    quiet_errors, quiet_latency = _signals(made, 30)
    assert quiet_errors < 0.005
    _inject(made, **fields, duration="60s")
    errors, latency = _signals(made, 60)
    if signal == "errors":
        assert errors > 0.05
    else:
        assert latency > 3 * quiet_latency
    made.advance(made.now + 90 * SECOND)
    errors, latency = _signals(made, 30)
    assert errors < 0.005
    assert latency < 1.5 * quiet_latency


def test_a_fault_hits_as_many_pods_as_its_mode_says() -> None:
    """one, fixed, fixed-percent (rounded down) and all of three pods."""
    made = production()
    for mode, value, expected in (
        ("one", None, 1),
        ("fixed", "2", 2),
        ("fixed-percent", "70", 2),
        ("all", None, 3),
    ):
        _inject(
            made,
            kind="HTTPChaos",
            mode=mode,
            value=value,
            selector=WEB,
            errorRate=0.5,
            duration="10s",
        )
        assert expected == len(made.faults[-1].pods)
    assert made.faults[-1].until == 10 * SECOND


def test_the_same_pods_are_hit_whatever_else_there_is() -> None:
    """The draw hangs on the fault's number and the pod: two of three contain one of three."""
    names = []
    for value in ("1", "2"):
        made = production()
        chaos = Chaos.model_validate(
            {"kind": "HTTPChaos", "mode": "fixed", "value": value, "selector": WEB, "errorRate": 1.0}
        )
        names.append(set(made.injector.inject(chaos, number=4).pods))
    assert names[0] < names[1]


def test_two_faults_on_one_pod_take_back_each_its_own() -> None:
    """When the harder one ends, the milder one is still there."""
    made = production()
    _inject(made, kind="HTTPChaos", mode="all", selector=WEB, errorRate=0.2, duration="120s")
    _inject(made, kind="HTTPChaos", mode="all", selector=WEB, errorRate=0.9, duration="30s")
    assert 0.9 == pytest.approx(_signals(made, 30)[0], abs=0.05)
    made.advance(31 * SECOND)
    assert 0.2 == pytest.approx(_signals(made, 60)[0], abs=0.05)
    made.advance(121 * SECOND)
    assert _signals(made, 30)[0] < 0.005


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("step", [(0, 1.0), (20, 0.0)]),
        ("ramp", [(0, 0.125), (5, 0.375), (10, 0.625), (15, 0.875), (20, 0.0)]),
        ("spike", [(0, 0.25), (5, 0.75), (10, 0.75), (15, 0.25), (20, 0.0)]),
        ("flap", [(0, 1.0), (5, 0.0), (10, 1.0), (15, 0.0)]),
    ],
)
def test_a_shape_is_its_strength_over_time(shape: str, expected: list[tuple[int, float]]) -> None:
    """Twenty seconds of each; slopes in steps of five seconds at their mean."""
    made = Shape.model_validate({"kind": shape, "period": "10s"})
    assert expected == [(at // SECOND, strength) for at, strength in strengths(made, 20 * SECOND)]


def test_a_fault_without_an_end_stays() -> None:
    """No duration is for good."""
    assert [(0, 1.0)] == strengths(Shape(), None)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            "{kind: HTTPChaos, selector: {labelSelectors: {app: wbe}}, abort: true}",
            "labels of some",
        ),
        ("{kind: PodChaos, selector: {labelSelectors: {app: web}}}", "expected action, one of pod-kill"),
        ("{kind: PodChaos, action: delay, selector: {labelSelectors: {app: web}}}", "got delay"),
        ("{kind: HTTPChaos, selector: {labelSelectors: {app: web}}}", "expected abort, errorRate, speed"),
        (
            "{kind: DNSChaos, action: error, selector: {labelSelectors: {app: web}}}",
            "acts between services here",
        ),
        (
            "{kind: HTTPChaos, mode: fixed, selector: {labelSelectors: {app: web}}, abort: true}",
            "value beside mode fixed",
        ),
        (
            "{kind: HTTPChaos, selector: {labelSelectors: {app: web}}, abort: true, shape: {kind: ramp}}",
            "a duration beside shape ramp",
        ),
        (
            "{kind: NetworkChaos, action: loss, mode: all, selector: {labelSelectors: {app: web}}, loss: 25}",
            'expected {loss: "25"}',
        ),
        (
            "{kind: TimeChaos, mode: all, timeOffset: 1h, selector: {labelSelectors: {app: web}}}",
            "a workload whose Service has a certificate",
        ),
        (
            "{kind: StressChaos, selector: {labelSelectors: {app: store}}, stressors: {memory: {size: 1Gi}}}",
            "model.memory at a workload that it selects",
        ),
    ],
)
def test_a_fault_that_can_do_nothing_is_refused_where_it_stands(entry: str, said: str) -> None:
    """With file, line and path, before anything runs."""
    with pytest.raises(ScenarioError) as refused:
        scenario(f"  - at: 1m\n    chaos: {entry}\n")
    assert said in str(refused.value)
    assert "scenario.yaml:" in str(refused.value) and "timeline[0].chaos" in str(refused.value)


def test_a_fault_by_hand_that_matches_nothing_is_refused() -> None:
    """``inject`` is as strict as the loader."""
    with pytest.raises(GamedayError, match="labels of some workload's pods, got app=nobody"):
        _inject(production(), kind="HTTPChaos", selector={"labelSelectors": {"app": "nobody"}}, abort=True)


def test_the_record_of_a_fault_is_for_the_debrief() -> None:
    """Kind, action, when, whom."""
    made = production(
        "  - at: 1m\n    chaos: {kind: DNSChaos, action: error, mode: all, duration: 2m,"
        " selector: {labelSelectors: {app: store}}}\n",
        until=2 * MINUTE,
    )
    (fault,) = made.faults
    assert ("DNSChaos", "error", MINUTE, 3 * MINUTE, (), ("store",)) == (
        fault.kind,
        fault.action,
        fault.at,
        fault.until,
        fault.pods,
        fault.services,
    )
