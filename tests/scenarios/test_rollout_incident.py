"""A release by steps, played to the verdict: users, requests, series and AnalysisRuns all tell one story."""

from __future__ import annotations

from simulator.drill import Run
from simulator.telemetry.promql import query
from simulator.units import MINUTE, SECOND
from simulator.world.analysis import AnalysisRun
from tests import rollout_scenario as shop

#: Requests by version, as users' balancers sent them in the last minute.
_SENT = 'sum by (version) (rate(http_requests_total{service="checkout"}[1m]))'


def sent(run: Run) -> dict[str, float]:
    """Share of the requests by version now."""
    found = query(run.telemetry.source, _SENT, run.now + run.telemetry.source.epoch)
    rates = {dict(element.labels)["version"]: element.value for element in found.elements}
    return {version: rate / sum(rates.values()) for version, rate in rates.items() if rate}


def runs_of(run: Run) -> list[AnalysisRun]:
    """Every AnalysisRun of the cluster."""
    return list(run.cluster.table(AnalysisRun))


def test_a_bad_canary_fails_its_analysis_and_users_are_back_on_the_old_version() -> None:
    """One pod of twelve fails half of its requests; two failed measurements are one more than it bears."""
    run = Run(shop.canary(bad=True))
    run.advance(3 * MINUTE)
    assert abs(sent(run)["v43"] - 1 / 12) < 0.02
    run.advance(6 * MINUTE)
    (analysis,) = runs_of(run)
    assert "Failed" == analysis.status.phase
    assert (
        'Metric "success-rate" assessed Failed due to failed (2) > failureLimit (1)'
        == analysis.status.message
    )
    (result,) = analysis.status.metric_results
    values = [float(each.value.strip("[]")) for each in result.measurements]
    assert all(0.3 < value < 0.7 for value in values)
    rollout = run.cluster.rollout("checkout")
    assert ("Degraded", True) == (rollout.status.phase, rollout.status.abort)
    assert {"v42": 1.0} == sent(run)


def test_a_good_canary_passes_and_waits_to_be_promoted() -> None:
    """Half of the pods are new at the second pause; a promotion makes all of them so."""
    run = Run(shop.canary())
    run.advance(7 * MINUTE)
    (analysis,) = runs_of(run)
    assert ("Successful", 3) == (analysis.status.phase, analysis.status.metric_results[0].successful)
    assert abs(sent(run)["v43"] - 0.5) < 0.05
    run.do("kubectl argo rollouts promote checkout")
    assert run.do("kubectl argo rollouts status checkout").ok
    run.advance(run.now + 2 * MINUTE)
    assert {"v43": 1.0} == sent(run)
    assert "v43" == run.production.releases[-1].version


def test_behind_a_mesh_the_weight_is_the_share_of_the_users() -> None:
    """Three canary pods, a tenth of the users; an abort takes them back at once."""
    run = Run(shop.routed(bad=True))
    run.advance(3 * MINUTE)
    assert 3 == run.cluster.rollout("checkout").status.updated_replicas
    assert abs(sent(run)["v43"] - 0.10) < 0.02
    run.do("kubectl argo rollouts abort checkout")
    run.advance(run.now + 90 * SECOND)
    assert {"v42": 1.0} == sent(run)


def test_blue_green_shows_users_nothing_until_it_is_promoted() -> None:
    """All new pods stand ready behind the preview; then everybody changes over at once."""
    run = Run(shop.blue_green())
    run.advance(4 * MINUTE)
    assert {"v42": 1.0} == sent(run)
    shown = run.do("kubectl argo rollouts get rollout checkout").text
    assert "checkout:v43 (preview)" in shown
    assert "checkout:v42 (stable, active)" in shown
    run.do("kubectl argo rollouts promote checkout")
    run.advance(run.now + 90 * SECOND)
    assert {"v43": 1.0} == sent(run)


def test_the_judge_is_a_metric_plugin() -> None:
    """The canary against the stable pods, by the rank test; the AnalysisRun carries its sentences."""
    ratio = (
        'sum(rate(http_requests_total{service="checkout",version="%s",code=~"5.."}[20s])) / '
        'sum(rate(http_requests_total{service="checkout",version="%s"}[20s]))'
    )
    asked = (
        "gameday/mann-whitney: {window: 100s, interval: 20s, direction: increase, minSamples: 4, "
        f"baseline: '{ratio % ('v42', 'v42')} or vector(0)', "
        f"canary: '{ratio % ('v43', 'v43')} or vector(0)'}}"
    )
    text = shop.text(model=shop.BAD)
    begin, end = text.index("              prometheus:"), text.index("  traffic:")
    text = text[:begin] + f"              plugin: {{{asked}}}\n" + text[end:]
    text = text.replace('            successCondition: "result[0] >= 0.95"\n', "")
    text = text.replace("args: [{name: window, value: 1m}]", "args: []")
    run = Run(shop.read(text))
    run.advance(6 * MINUTE)
    (analysis,) = runs_of(run)
    assert "Failed" == analysis.status.phase
    measurement = analysis.status.metric_results[0].measurements[0]
    assert measurement.message.startswith("Fail. ")
    assert "Canary" in measurement.metadata["metric"]
