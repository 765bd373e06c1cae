"""Users and how they are led to pods, changed while the world runs: curves, affinity, zones, weights."""

from __future__ import annotations

import pytest

from simulator.coach.drift import drift
from simulator.drill import Run
from simulator.engine import Production
from simulator.engine.traffic import curve
from simulator.errors import ScenarioError
from simulator.scenario.load import Profile
from simulator.scenario.timeline import SetRouting
from simulator.units import MINUTE, SECOND
from simulator.world import edits
from tests.causes_scenario import production, scenario


def _served(made: Production, seconds: int, service: str = "web") -> dict[str, int]:
    """Requests by pod over the next so many seconds."""
    before = made.dataplane.counters().requests
    made.advance(made.now + seconds * SECOND)
    after = made.dataplane.counters()
    return {
        each.pod: int(after.requests[each.id].sum() - (before[each.id].sum() if each.id < len(before) else 0))
        for each in after.instances
        if each.service == service
    }


def test_a_spike_goes_up_and_comes_back() -> None:
    """From 60 to 300 in half of two minutes and back; then as before."""
    made = production(
        "  - {at: 1m, setTraffic: {source: users, profile: {kind: spike, peak: 300, duration: 2m}}}\n"
    )
    made.advance(MINUTE + SECOND)
    rates = [made.traffic.rate_at("users", at * SECOND) for at in (90, 119, 150, 200)]
    assert [pytest.approx(180, abs=8), pytest.approx(298, abs=4), pytest.approx(180, abs=8), 60] == rates
    assert sum(_served(made, 120).values()) == pytest.approx(180 * 120, rel=0.05)


def test_a_wave_goes_on_between_its_ends() -> None:
    """Low at the start and after each period, peak in between, the same in the second period."""
    profile = Profile.model_validate({"kind": "diurnal", "low": 20, "peak": 100, "duration": "100s"})
    rates = dict(curve(0, 60.0, profile))
    assert [20, 100, 20, 100] == [pytest.approx(rates[at * SECOND], abs=0.5) for at in (0, 50, 100, 150)]
    assert 60 == pytest.approx(sum(rates[at * SECOND] for at in range(100)) / 100, abs=0.01)


def test_affinity_leads_a_user_to_one_pod_from_then_on() -> None:
    """A Service that is patched to ClientIP while the world runs: same users, same pods."""
    made = production()
    even = _served(made, 20)
    assert max(even.values()) - min(even.values()) <= 6
    made.affinity.carry_out(SetRouting.model_validate({"service": "web", "sessionAffinity": "ClientIP"}))
    sticky = _served(made, 20)
    assert max(sticky.values()) - min(sticky.values()) > 20
    made.affinity.carry_out(SetRouting.model_validate({"service": "web", "sessionAffinity": "None"}))
    even = _served(made, 20)
    assert max(even.values()) - min(even.values()) <= 6


def test_weights_split_a_service_between_its_versions() -> None:
    """While two versions run, nine in ten requests go to the old one, whatever its pods."""
    made = production(
        '  - {at: 1m, setImage: {deployment: web, image: "web:v3", commit: ccccccc}}\n'
        "  - {at: 62s, setRouting: {service: web, weights: {v2: 9, v3: 1}}}\n"
    )
    made.advance(62 * SECOND)
    deployment = made.cluster.deployment("web")

    edits.rollout_pause(made.cluster, made.now, "web")
    made.advance(100 * SECOND)
    versions = {each.pod: each.version for each in made.dataplane.counters().instances}
    served = _served(made, 30)
    by_version = {tag: sum(n for pod, n in served.items() if versions[pod] == tag) for tag in ("v2", "v3")}
    assert deployment.spec.paused
    assert 0.1 == pytest.approx(by_version["v3"] / sum(by_version.values()), abs=0.03)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("setRouting: {service: wbe, sessionAffinity: ClientIP}", "Did you mean 'web'?"),
        ("setRouting: {service: web}", "sessionAffinity, trafficDistribution or weights"),
        ("setRouting: {service: web, weights: {v9: 1}}", "version of web"),
        ("setTraffic: {source: users, profile: {kind: diurnal, peak: 9, duration: 1m}}", "low below peak"),
        (
            "setTraffic: {source: users, rate: 1, profile: {kind: spike, peak: 9, duration: 1m}}",
            "exactly one of",
        ),
    ],
)
def test_a_change_that_means_nothing_is_refused(entry: str, said: str) -> None:
    """With file, line and path."""
    with pytest.raises(ScenarioError) as refused:
        scenario(f"  - at: 1m\n    {entry}\n")
    assert said in str(refused.value) and "timeline[0]" in str(refused.value)


def test_the_debrief_lists_what_is_not_as_git_has_it() -> None:
    """A ConfigMap, a Secret, a flag, a variable and a count, all changed by hand."""
    made = Run(scenario(), mode="game-day")
    made.advance(MINUTE)
    assert () == drift(made)
    for line in (
        """kubectl patch cm web-files -p '{"data": {"upstream": "slow"}}'""",
        """kubectl patch secret store-credentials -p '{"stringData": {"password": "x"}}'""",
        "flag set new-page 25%",
        "kubectl set env deployment/web LOG_LEVEL=debug",
        "kubectl scale deployment/store --replicas=3",
    ):
        assert made.do(line).ok
    assert [
        ("deployment/store", "spec.replicas", "2", "3"),
        ("deployment/web", "env.LOG_LEVEL", "info", "debug"),
        ("configmap/web-files", "data.upstream", "fast", "slow"),
        ("secret/store-credentials", "data.password", "sealed", "another value"),
        ("flag/new-page", "state", "off", "25%"),
    ] == [(each.object, each.field, each.git, each.live) for each in drift(made)]
