"""Rollouts and analyses in a scenario file: what loads, and what is refused where."""

from __future__ import annotations

import pytest

from simulator.dataplane import CallBehaviour
from simulator.engine import Production
from simulator.engine.behaviours import behaviour_of
from simulator.errors import GamedayError
from simulator.scenario.rollouts import RolloutWorkload
from simulator.scenario.sealed import VersionModel
from simulator.units import MILLISECOND, MINUTE
from tests import rollout_scenario as shop

_SERVICES = ("checkout-stable", "checkout-canary")
_ROUTED = shop.text(shop.ROUTED, services=_SERVICES)


def refusal(before: str, after: str, text: str = "") -> str:
    """What the loader says of the file with one place changed."""
    content = text or shop.text()
    assert before in content
    with pytest.raises(GamedayError) as caught:
        shop.read(content.replace(before, after, 1))
    return str(caught.value)


def test_a_rollout_of_the_design_s_example_loads() -> None:
    """One route from serviceTime, Argo's steps, Istio's perTryTimeout, a new version whose pool leaks."""
    scenario = shop.read(shop.text(model="{requestsPerLeakedConnection: 800}"))
    workload = scenario.spec.workload("checkout")
    assert isinstance(workload, RolloutWorkload)
    canary = workload.spec.strategy.canary
    assert canary is not None
    assert [10, None, None, 50, None] == [step.set_weight for step in canary.steps]
    assert canary.steps[1].pause is not None
    assert (2 * MINUTE, "checkout") == (canary.steps[1].pause.duration, workload.pod_labels["app"])
    (route,) = workload.model.routes
    assert ("default", "payments", "default") == (route.name, route.calls[0].service, route.calls[0].route)
    assert 250 * MILLISECOND == route.calls[0].try_timeout
    assert 800 == scenario.timeline[0].model.requests_per_leaked_connection


@pytest.mark.parametrize("seconds", ["120", '"120"', "2m", "120s"])
def test_a_pause_is_written_as_argo_takes_it(seconds: str) -> None:
    """A number of seconds or a duration."""
    workload = shop.read(shop.text().replace("duration: 2m", f"duration: {seconds}")).spec.workload(
        "checkout"
    )
    assert isinstance(workload, RolloutWorkload)
    assert workload.spec.strategy.canary is not None
    pause = workload.spec.strategy.canary.steps[1].pause
    assert pause is not None
    assert 2 * MINUTE == pause.duration


def test_users_reach_the_service_that_the_strategy_does_not_name() -> None:
    """Stable and canary Services stand behind; where there are no others, the active one is the users'."""
    assert ["checkout", "payments"] == [service.name for service in shop.routed().spec.fronts]
    assert ["checkout", "payments"] == [service.name for service in shop.blue_green().spec.fronts]
    said = refusal("service: checkout, routes", "service: checkout-canary, routes", _ROUTED)
    assert "spec.traffic[0].service: expected the name of a service, got 'checkout-canary'" in said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "{setWeight: 10}",
            "{setWieght: 10}",
            "steps[0].setWieght: expected a known key, got 'setWieght'. Did you mean 'setWeight'?",
        ),
        (
            "{setWeight: 10}",
            "{setWeight: 10, pause: {}}",
            "steps[0]: expected exactly one of setWeight, pause, "
            "setCanaryScale, analysis, got setWeight and pause.",
        ),
        (
            "kind: Rollout",
            "kind: Rolout",
            "spec.workloads[0].kind: expected Deployment or Rollout, got 'Rolout'. Did you mean 'Rollout'?",
        ),
        (
            "duration: 2m",
            "duration: 2x",
            "steps[1].pause.duration: expected a duration such as 10m, got '2x'.",
        ),
        (
            "templateName: success-rate",
            "templateName: sucess-rate",
            "templates[0].templateName: expected the name "
            "of an AnalysisTemplate, got 'sucess-rate'. Did you mean 'success-rate'?",
        ),
        (
            "rollout: checkout,",
            "rollout: chekout,",
            "timeline[0].setImage.rollout: expected the name of a rollout, "
            "got 'chekout'. Did you mean 'checkout'?",
        ),
        (
            "rollout: checkout,",
            "deployment: checkout,",
            "setImage.deployment: expected the name of a deployment",
        ),
        ("args.window", "args.windw", "expected an argument 'windw' in args"),
        (
            "name: window, value: 1m",
            "name: window",
            "steps[2].analysis.args: expected a value for argument 'window', got none.",
        ),
        ("count: 3", "count: 0", "metrics[0].count: expected at least 1, got 0."),
        ("failureLimit: 1", "failureLimit: 4", "expected failureLimit of at most count, which is 3, got 4."),
        (
            "{setWeight: 10}",
            "{setCanaryScale: {replicas: 2}}",
            "expected trafficRouting beside setCanaryScale",
        ),
        (
            "perTryTimeout: 250ms",
            "perTryTimeout: 500ms",
            "calls[0]: expected a timeout of at least 2 tries of 500ms, got 800ms.",
        ),
        ("serviceTime: {distribution", "routes: []\n        x: {distribution", "a known key"),
    ],
)
def test_one_mistake_is_one_error(before: str, after: str, said: str) -> None:
    """Each names its file, line and path, and the nearest thing that exists."""
    found = refusal(before, after)
    assert said in found
    assert found.startswith("scenario.yaml:")
    assert 1 == len(found.splitlines())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "stableService: checkout-stable",
            "stableService: checkout-stabel",
            "strategy.canary.stableService: "
            "expected the name of a service, got 'checkout-stabel'. Did you mean 'checkout-stable'?",
        ),
        ("            stableService: checkout-stable\n", "", "expected stableService beside trafficRouting"),
        ("canaryService: checkout-canary", "canaryService: checkout-stable", "expected another Service"),
        (
            "canaryService: checkout-canary",
            "canaryService: payments",
            "expected a Service that selects the pods of checkout",
        ),
        (
            "istio: {virtualService: {name: checkout}}",
            "nginx: {stableIngres: checkout}",
            "Did you mean 'stableIngress'?",
        ),
    ],
)
def test_a_split_needs_two_services_of_its_own(before: str, after: str, said: str) -> None:
    """As upstream's validation has it."""
    assert said in refusal(before, after, _ROUTED)


def test_a_condition_that_is_none_names_its_column() -> None:
    """It is read when the world is built, by the engine that will evaluate it."""
    scenario = shop.read(shop.text().replace("result[0] >= 0.95", "result[0] >== 0.95"))
    with pytest.raises(GamedayError) as caught:
        Production(scenario, 1)
    assert "spec.analysisTemplates[0].spec.metrics[0].successCondition" in str(caught.value)
    assert "column" in str(caught.value)


def test_the_new_version_leaks_and_each_try_has_its_own_time() -> None:
    """What the shorthand says reaches the data plane: the first version has no pool, the second one leaks."""
    scenario = shop.read(shop.text(model="{requestsPerLeakedConnection: 800}"))
    workload = scenario.spec.workload("checkout")
    assert workload is not None
    old, new = (
        behaviour_of(workload, version).routes[0].calls[0]
        for version in (VersionModel(), scenario.timeline[0].model)
    )
    assert isinstance(old, CallBehaviour)
    assert isinstance(new, CallBehaviour)
    assert (250 * MILLISECOND, 2, None) == (old.timeout, old.attempts, old.pool)
    assert new.pool is not None
    assert (10, 800) == (new.pool.limit, new.pool.requests_per_leak)
