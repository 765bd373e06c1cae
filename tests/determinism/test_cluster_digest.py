"""A cluster under stress is the same in every run: autoscaler, drain, a lost zone, pods deleted by force."""

from __future__ import annotations

from simulator.drill import Run
from simulator.units import SECOND
from tests.cluster_stage import bent

_CALM = "  - at: 8m\n    setTraffic: {source: users, rate: 25}\n"
_OUTAGE = "  - at: 4m\n    zoneOutage: {zone: zone-a, duration: 3m}\n"
ACTS = (
    (70, "kubectl drain general-2 --timeout=60s"),
    (200, "kubectl uncordon general-2"),
    (300, "kubectl top pods"),
    (420, "kubectl delete pod -l app=web --force"),
    (430, "yes"),
)


def digest(stride: int) -> str:
    """The digest of twelve minutes, with the clock advanced in strides of so many seconds."""
    run = Run(bent((_CALM, _OUTAGE), ("duration: 40m", "duration: 12m")))
    for at, line in ACTS:
        while run.now < at * SECOND:
            run.advance(min(at * SECOND, run.now + stride * SECOND))
        run.do(line)
    while not run.ended:
        run.advance(run.now + stride * SECOND)
    run.production.dataplane.check_conservation()
    return run.digest


def test_the_same_acts_give_the_same_cluster_however_the_clock_is_advanced() -> None:
    """Second by second or in long strides; and not one request is lost or made."""
    assert digest(1) == digest(97)
