"""The fields of what requests meet: their ranges, and what an author reads when two of them disagree."""

from __future__ import annotations

import re
from typing import Any

import pytest

from simulator.engine import behaviour_of
from simulator.engine.behaviours import routing_of
from simulator.errors import ScenarioError
from simulator.scenario.sealed import VersionModel
from tests.small_system import Tree, back, call, constant, front, loaded, page, traffic

CACHE: Tree = {"name": "reads", "keys": 10, "ttl": "5s"}
RELEASE: Tree = {"at": "1m", "setImage": {"deployment": "front", "image": "front:v2"}}


def refusal(*patches: Tree) -> str:
    """The one problem that the loader finds."""
    with pytest.raises(ScenarioError) as caught:
        loaded(*patches)
    assert len(caught.value.problems) == 1, str(caught.value)
    return str(caught.value)


def vus(**fields: Any) -> Tree:
    """Users of a closed load."""
    return traffic({"executor": "constant-vus", "rate": None, **fields})


THINKING: Tree = {"thinkTime": constant(1000)}


@pytest.mark.parametrize(
    ("patch", "path", "said"),
    [
        (call({"timeout": "2h"}), "calls[0].timeout", "from 0s to 1h, got 2h. Choose one in this range."),
        (call({"retries": {"backoff": "2m"}}), "retries.backoff", "from 0s to 1m, got 2m."),
        (call({"retries": {"attempts": 17}}), "retries.attempts", "at most 16"),
        (call({"connectionPool": {"connectionTimeout": "1ms"}}), "connectionTimeout", "from 250ms to 1h"),
        (call({"cache": {**CACHE, "ttl": "25h"}}), "cache.ttl", "from 1ns to 24h"),
        (
            call({"circuitBreaker": {"failureRate": 5}}),
            "circuitBreaker.failureRate",
            "'failureRateThreshold'?",
        ),
        (call({"hedgingPolicy": {"hedgingDelay": "9ms", "maxAttempts": 1}}), "maxAttempts", "at least 2"),
        (
            call({"retries": {"retryBudget": {}, "retryRatio": {}}}),
            "calls[0].retries",
            "at most one of retryBudget, retryThrottling, retryRatio, got retryBudget and retryRatio.",
        ),
        (
            call({"cache": CACHE, "hedgingPolicy": {"hedgingDelay": "9ms"}}),
            "calls[0]",
            "a cache or a hedgingPolicy",
        ),
        (front({"balancer": "round-robin"}), "model.balancer", "Did you mean 'round_robin'?"),
        (front({"cores": 0.0}), "model.cores", "at least 0.001"),
        (front({"memory": {"base": "2000Ti"}}), "memory.base", "from 0 to 1024Ti, got 2000Ti"),
        (page({"leak": "2Ti"}), "routes[0].leak", "from 0 to 1Ti"),
        (
            front({"admission": {"shedding": {"priority1": 0.5}}}),
            "admission",
            "maxConcurrency beside shedding",
        ),
        (traffic({"model": {"priority": 4}}), "model.priority", "at most 3"),
        (traffic({"vus": 5}), "traffic[0]", "rate, and no startRate, vus, startVUs, stages, got rate, vus."),
        (traffic({"model": THINKING}), "traffic[0]", "model.thinkTime with constant-vus or ramping-vus"),
        (vus(vus=5), "traffic[0]", "model.thinkTime beside VUs"),
        (
            vus(
                executor="ramping-vus", startVUs=1, stages=[{"target": 2.5, "duration": "9s"}], model=THINKING
            ),
            "traffic[0]",
            "whole users as the target of a stage, got 2.5",
        ),
    ],
)
def test_a_value_out_of_range_is_refused_where_it_stands(patch: Tree, path: str, said: str) -> None:
    """Each message has file, line, path, what was expected and what came."""
    message = refusal(patch)
    assert re.match(r"scenario\.yaml:\d+: [\w.\[\]]*" + re.escape(path) + ": expected ", message), message
    assert said in message


def test_a_cache_that_is_described_twice_has_the_same_entries() -> None:
    """Calls that name it share them; the second description is the one that is refused, in a release too."""
    other = {"service": "back", "route": "read", "cache": {**CACHE, "keys": 11}}
    twice = page({"calls": [{**other, "cache": CACHE}, other]})
    assert "routes[0].calls[1].cache.keys: expected keys of cache 'reads' as before: 10" in refusal(twice)
    released = {"timeline": [{**RELEASE, "model": {"routes": [{"name": "page", "calls": [other]}]}}]}
    assert "timeline[0].model.routes[0].calls[0].cache.keys: " in refusal(call({"cache": CACHE}), released)
    alike = loaded(page({"calls": [other, other]})).spec.workloads[0].model.routes[0].calls
    assert alike[0] == alike[1]


def test_how_a_cache_is_used_is_the_callers_own() -> None:
    """A release, or a setting, may keep answers longer, coalesce or serve them stale."""
    other = {"service": "back", "route": "read", "cache": {**CACHE, "ttl": "9s", "coalesce": False}}
    released = {"timeline": [{**RELEASE, "model": {"routes": [{"name": "page", "calls": [other]}]}}]}
    entry = loaded(call({"cache": CACHE}), released).timeline[0]
    assert entry.model.routes[0].calls is not None
    assert entry.model.routes[0].calls[0].cache is not None
    assert not entry.model.routes[0].calls[0].cache.coalesce


def test_a_cache_lives_in_a_service_that_exists() -> None:
    """The nearest name is offered where it does not."""
    message = refusal(call({"cache": {**CACHE, "service": "bakc"}}))
    assert "cache.service: expected the name of a service, got 'bakc'. Did you mean 'back'?" in message


@pytest.mark.parametrize(
    ("patches", "said"),
    [
        ([page({"leak": "1Mi"})], "routes[0].leak: expected memory beside the routes of a pod that leaks"),
        ([front({"weight": 2})], "model.weight: expected balancer: weighted_round_robin beside a weight"),
        (
            [{"timeline": [{**RELEASE, "model": {"weight": 2}}]}],
            "timeline[0].model.weight: expected balancer: weighted_round_robin",
        ),
        ([back({"healthyPanicThreshold": 10})], "healthyPanicThreshold: expected outlierDetection beside it"),
        (
            [
                back({"balancer": "random"}),
                {"spec": {"services": {1: {"spec": {"sessionAffinity": "ClientIP"}}}}},
            ],
            "sessionAffinity: expected no sessionAffinity beside balancer: random",
        ),
        (
            [{"timeline": [{"at": "1m", "setTraffic": {"source": "users", "vus": 3}}]}],
            "setTraffic.vus: expected a rate, stages or a crowd, got vus for constant-arrival-rate.",
        ),
        (
            [
                vus(vus=5, model=THINKING),
                {"timeline": [{"at": "1m", "setTraffic": {"source": "users", "rate": 3}}]},
            ],
            "setTraffic.rate: expected whole users (vus, stages or crowd), got rate for constant-vus.",
        ),
    ],
)
def test_a_field_that_would_do_nothing_is_refused(patches: list[Tree], said: str) -> None:
    """What nothing reads is an author's mistake, and the message says what is missing."""
    assert said in refusal(*patches)


EXTREMES: list[Tree] = [
    call({"timeout": "1h", "copies": 1000, "parallel": 1000, "retries": {"attempts": 16, "backoff": "1m"}}),
    call({"retries": {"retryBudget": {"budgetPercent": 0.0, "minRetryConcurrency": 1_000_000}}}),
    call({"retries": {"retryThrottling": {"maxTokens": 1_000_000, "tokenRatio": 10.0}}}),
    call({"retries": {"retryRatio": {"ratio": 1.0, "reserve": 1_000_000}}}),
    call({"hedgingPolicy": {"hedgingDelay": "1h", "maxAttempts": 9}}),
    call({"connectionPool": {"maximumPoolSize": 1_000_000, "connectionTimeout": "1h"}}),
    call({"connectionPool": {"requestsPerLeakedConnection": 1 << 40}}),
    call({"cache": {"name": "c", "keys": 100_000, "skew": 5.0, "ttl": "24h", "serveStale": "24h"}}),
    call({"cache": {"name": "c", "keys": 1, "skew": 0.0, "ttl": "1ns"}}),
    call(
        {
            "circuitBreaker": {
                "slidingWindowSize": 10_000,
                "minimumNumberOfCalls": 10_000,
                "failureRateThreshold": 100,
                "slowCallDurationThreshold": "1h",
                "slowCallRateThreshold": 1,
                "waitDurationInOpenState": "1h",
                "permittedNumberOfCallsInHalfOpenState": 10_000,
            }
        }
    ),
    front({"cores": 0.001, "warmUp": {"duration": "1h", "coldness": 100.0}, "newestFirstAbove": 100_000}),
    front({"cores": 100_000.0, "memory": {"base": "1024Ti", "perRequest": "1024Ti"}}),
    front(
        {
            "admission": {
                "rateLimit": {"requestsPerSecond": 1e6, "burst": 1_000_000},
                "maxConcurrency": 1_000_000,
            }
        }
    ),
    front({"memory": {}, "routes": {0: {"leak": "1Ti", "lock": {"distribution": "constant", "mean": "2m"}}}}),
    back({"balancer": "weighted_round_robin", "weight": 100_000}),
    back(
        {
            "outlierDetection": {
                "consecutive5xx": 1_000_000,
                "interval": "1ms",
                "baseEjectionTime": "1h",
                "maxEjectionTime": "24h",
                "maxEjectionPercent": 100,
                "successRateStdevFactor": 0,
                "successRateMinimumHosts": 0,
                "successRateRequestVolume": 1_000_000,
            },
            "healthyPanicThreshold": 100,
            "slowStartConfig": {"slowStartWindow": "1h", "minWeightPercent": 100},
        }
    ),
]


@pytest.mark.parametrize("patch", EXTREMES)
def test_whatever_the_loader_accepts_the_data_plane_accepts(patch: Tree) -> None:
    """The ends of every range are the data plane's own: no scenario fails after it was loaded."""
    for workload in loaded(patch).spec.workloads:
        assert behaviour_of(workload, VersionModel()).routes
        assert routing_of(workload, None)[0] == workload.model.balancer
