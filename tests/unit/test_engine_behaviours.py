"""Every field of a workload's physics arrives in the data plane and changes something that can be seen."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from simulator.engine import behaviour_of
from simulator.engine.behaviours import Limits
from simulator.scenario.sealed import VersionModel
from simulator.units import MINUTE, SECOND
from simulator.world import edits
from tests.small_system import Seen, Tree, back, call, constant, front, loaded, page, played, traffic

SLOW_BACK = back({"routes": {0: {"serviceTime": constant(200)}}})
BROKEN_BACK = back({"routes": {0: {"errorRate": 1.0}}})
CROWDED = {"spec": {"traffic": {0: {"rate": 400}}}}
CACHE: Tree = {"name": "reads", "keys": 10, "skew": 0.0, "ttl": "5s"}


@lru_cache(maxsize=1)
def plain() -> Seen:
    """The system as it is: 15 ms a page, 800 users in 40 s, nobody fails."""
    return Seen(played())


def seen(*patches: Tree) -> Seen:
    """What the counters say of the patched system."""
    return Seen(played(*patches))


def test_the_plain_system_is_as_its_numbers_say() -> None:
    """10 ms of its own and 5 ms of the back's: what follows is compared with this."""
    assert plain().latency("front") == 15.0
    assert plain().users() == plain().users("ok") == pytest.approx(800, rel=0.1)


# --- a pod's equipment


def test_cores_slow_those_who_compute_together() -> None:
    """A tenth of a core makes 100 ms of 10; the back's 5 ms come on top. A CPU limit lowers the cores."""
    slow = seen(front({"cores": 0.1}), traffic({"rate": 2}))
    assert slow.latency("front") == pytest.approx(105, rel=0.15)
    limit = {"spec": {"template": {"spec": {"containers": {0: {"resources": {"limits": {"cpu": "100m"}}}}}}}}
    limited = seen(front({"cores": 4}), traffic({"rate": 2}), {"spec": {"workloads": {0: limit}}})
    assert limited.latency("front") == slow.latency("front")


def test_a_new_process_is_slow_until_it_is_warm() -> None:
    """Twice as much extra time at its start, falling evenly over the first minute of the run."""
    cold = seen(front({"warmUp": {"duration": "40s", "coldness": 2.0}}))
    assert cold.latency("front") == pytest.approx(15 + 10 * 2.0 / 2, rel=0.05)


def test_memory_is_the_base_the_requests_and_what_they_leave() -> None:
    """Empty but for leaks: 100 MiB and a KiB for each request answered."""
    leaking = seen(front({"memory": {"base": "100Mi", "perRequest": "1Mi"}}), page({"leak": "1Ki"}))
    for row in leaking.rows("front"):
        done = int(leaking.frame.requests[row].sum())
        inside = int(leaking.frame.queued[row] + leaking.frame.busy[row])
        assert leaking.frame.memory[row] == (100 << 20) + (inside << 20) + (done << 10)


def test_the_newest_may_come_first_when_many_wait() -> None:
    """Overloaded, a line that serves the newest answers some in time; a fair one answers all too late."""
    overload = front({"concurrency": 1, "queueLimit": 200, "routes": {0: {"serviceTime": constant(200)}}})
    fair, unfair = seen(overload), seen(overload, front({"newestFirstAbove": 2}))
    soon = [int(each.frame.user_fine[0, 0, :800].sum()) for each in (fair, unfair)]
    assert unfair.answers("front") == pytest.approx(fair.answers("front"), abs=4)
    assert soon[1] > 3 * soon[0]


def test_a_rate_limit_answers_429() -> None:
    """Two pods that take 5 a second each leave half of 20 a second."""
    limited = seen(front({"admission": {"rateLimit": {"requestsPerSecond": 5, "burst": 3}}}))
    assert limited.users("ok") == pytest.approx(400, rel=0.1)
    assert limited.users("limited") == limited.users() - limited.users("ok")
    burst = seen(front({"admission": {"rateLimit": {"requestsPerSecond": 5, "burst": 60}}}))
    assert burst.users("ok") > limited.users("ok") + 60


def test_a_concurrency_limit_sheds_the_least_important_first() -> None:
    """With room for two, half of it for priority 3: priority 3 is turned away more than priority 0."""
    lower = {"maxConcurrency": 2, "shedding": {"priority3": 0.5}}
    busy = {"rate": 100}
    first = seen(front({"admission": lower}), traffic(busy))
    last = seen(front({"admission": lower}), traffic({**busy, "model": {"priority": 3}}))
    assert 0 < first.users() - first.users("ok") < last.users("shed")


def test_a_pods_weight_is_its_share_of_a_weighted_rotation() -> None:
    """One pod of a version of weight 3 beside two of weight 1 answers three fifths."""
    release = {
        "at": "0s",
        "setImage": {"deployment": "back", "image": "back:v2"},
        "model": {"weight": 3, "startTime": "1s"},
    }
    stuck = {"minReadySeconds": 3000, "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}}
    made = played(
        {"timeline": [release], "spec": {"workloads": {1: {"spec": stuck}}}},
        back({"balancer": "weighted_round_robin"}),
    )
    before = made.dataplane.counters().requests.sum(axis=(1, 2))
    made.advance(90 * SECOND)
    after = made.dataplane.counters()
    rose = {
        each.pod: int(after.requests[each.id].sum()) for each in after.instances if each.service == "back"
    }
    for each, count in zip(after.instances, before, strict=False):
        if each.service == "back":
            rose[each.pod] -= int(count)
    assert max(rose.values()) == pytest.approx(0.6 * sum(rose.values()), rel=0.02)


# --- routes and calls


def test_a_lock_is_held_by_one_at_a_time() -> None:
    """80 ms under a pod's one lock at 10 a second: those who meet it wait."""
    locked = seen(page({"lock": constant(80)}))
    assert locked.latency("front") > 15 + 80 + 40
    assert locked.latency("front") == pytest.approx(15 + 80 + 80 * 0.8 / (2 * 0.2), rel=0.35)  # M/D/1


def test_neighbouring_calls_can_be_side_by_side() -> None:
    """Two calls of 5 ms take 10 one after another, 5 together, and so do two copies."""
    one = {"service": "back", "route": "read", "timeout": "300ms"}
    assert seen(page({"calls": [one, one]})).latency("front") == 20.0
    assert seen(page({"calls": [{**one, "parallel": 1}] * 2})).latency("front") == 15.0
    copied = seen(call({"copies": 3}))
    assert copied.latency("front") == 15.0
    assert copied.answers("back") == pytest.approx(3 * plain().answers("back"), abs=6)


def test_a_hedge_asks_again_beside_a_slow_attempt() -> None:
    """After 2 ms of 5 a second copy goes out, after 4 a third; no answer becomes slower."""
    policy = {"hedgingDelay": "2ms"}
    assert seen(call({"hedgingPolicy": policy})).count("hedges") == pytest.approx(
        plain().answers("back"), abs=3
    )
    twice = seen(call({"hedgingPolicy": {**policy, "maxAttempts": 3}}))
    assert twice.count("hedges") == pytest.approx(2 * plain().answers("back"), abs=6)
    assert twice.latency("front") == 15.0


BREAKER = {
    "slidingWindowSize": 10,
    "minimumNumberOfCalls": 10,
    "failureRateThreshold": 50,
    "waitDurationInOpenState": "10s",
    "permittedNumberOfCallsInHalfOpenState": 5,
}


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({}, 10 + 3 * 5),  # open at once, then a trial of five every ten seconds
        ({"permittedNumberOfCallsInHalfOpenState": 8}, 10 + 3 * 8),
        ({"waitDurationInOpenState": "30s"}, 10 + 5),
        ({"slidingWindowSize": 40, "minimumNumberOfCalls": 40}, 40 + 3 * 5),
    ],
)
def test_a_circuit_breaker_spares_a_callee_that_fails(change: Tree, asked: int) -> None:
    """40 s of nothing but failures: only the first window and the trials get through."""
    broken = seen(BROKEN_BACK, call({"circuitBreaker": {**BREAKER, **change}}))
    assert broken.answers("back") == pytest.approx(asked, abs=6)


def test_a_circuit_breaker_may_open_for_slowness() -> None:
    """Answers of 200 ms are slow calls where 100 ms is the threshold; all of them count."""
    slow = {**BREAKER, "slowCallDurationThreshold": "100ms"}
    assert seen(SLOW_BACK, call({"circuitBreaker": slow})).answers("back") < 60
    never = seen(SLOW_BACK, call({"circuitBreaker": {**slow, "slowCallDurationThreshold": "1s"}}))
    assert never.answers("back") == pytest.approx(800, rel=0.1)
    half = {**slow, "failureRateThreshold": 100, "slowCallRateThreshold": 10}
    mixed = back({"routes": {0: {"serviceTime": {"distribution": "exponential", "mean": "50ms"}}}})
    assert seen(mixed, call({"circuitBreaker": half})).answers("back") < 400


def test_retries_may_have_one_of_three_budgets() -> None:
    """All fails: without a budget two more attempts a call, with one a fraction, as each rule says."""
    tries = {"attempts": 3}
    whole = seen(BROKEN_BACK, call({"retries": tries}))
    calls = whole.count("calls")
    assert whole.count("retries") == 2 * calls
    ratio = seen(BROKEN_BACK, call({"retries": {**tries, "retryRatio": {"ratio": 0.2, "reserve": 10}}}))
    assert ratio.count("retries") == pytest.approx(0.2 * calls, abs=12)
    tokens = seen(BROKEN_BACK, call({"retries": {**tries, "retryThrottling": {"maxTokens": 20}}}))
    assert tokens.count("retries") == 6  # the tenth failure leaves half of the tokens
    few = {"budgetPercent": 0.0, "minRetryConcurrency": 0}
    assert seen(BROKEN_BACK, call({"retries": {**tries, "retryBudget": few}})).count("retries") == 0
    some = seen(BROKEN_BACK, call({"retries": {**tries, "retryBudget": {"minRetryConcurrency": 50}}}))
    assert some.count("retries") == 2 * calls


def test_a_fallback_makes_a_failure_a_degraded_answer() -> None:
    """The page is answered without its part: 200, counted apart."""
    without, having = seen(BROKEN_BACK), seen(BROKEN_BACK, call({"fallback": True}))
    assert without.users("upstream") == without.users()
    assert having.users("degraded") == having.users() == having.count("fallbacks")


def test_a_deadline_that_goes_along_spares_work_that_comes_too_late() -> None:
    """A back with one worker and a long line: what nobody waits for any more is not computed."""
    jam = back({"concurrency": 1, "queueLimit": 500, "routes": {0: {"serviceTime": constant(150)}}})
    late, spared = seen(jam), seen(jam, call({"propagateDeadline": True}))
    assert spared.users("ok") > 2 * late.users("ok")


def test_a_pool_makes_those_wait_who_find_it_taken() -> None:
    """Two pods with one connection each, 200 ms a use: half of the load; a patience of 250 ms runs out."""
    pool = {"maximumPoolSize": 1, "connectionTimeout": "250ms"}
    full = seen(SLOW_BACK, call({"connectionPool": pool, "timeout": "2s"}))
    assert full.answers("back") == pytest.approx(2 * 5 * 40, rel=0.05)
    assert full.count("starved") > 200
    patient = seen(
        SLOW_BACK, call({"connectionPool": {**pool, "connectionTimeout": "1500ms"}, "timeout": "2s"})
    )
    assert patient.latency("front") > full.latency("front") + 200
    wide = seen(SLOW_BACK, call({"connectionPool": {**pool, "maximumPoolSize": 20}}))
    assert wide.count("starved") == 0


def test_a_leak_of_connections_uses_a_pool_up() -> None:
    """Ten connections, one lost every 20 uses: after 200 uses a pod reaches nobody any more."""
    pool = {"maximumPoolSize": 10, "connectionTimeout": "250ms", "requestsPerLeakedConnection": 20}
    leaking = seen(call({"connectionPool": pool}))
    assert leaking.answers("back") == pytest.approx(2 * 200, abs=4)
    assert leaking.count("starved") > 200


def test_a_cache_saves_calls_for_as_long_as_an_answer_is_fresh() -> None:
    """Ten keys fetched anew every five seconds: 80 fetches in 40 s; a life of ten seconds needs half."""
    counts = {ttl: seen(call({"cache": {**CACHE, "ttl": ttl}})).answers("back") for ttl in ("5s", "10s")}
    assert counts["5s"] == pytest.approx(80, abs=12)
    assert counts["10s"] == pytest.approx(40, abs=8)
    many = seen(call({"cache": {**CACHE, "keys": 1000}}))
    skewed = seen(call({"cache": {**CACHE, "keys": 1000, "skew": 2.0}}))
    assert many.answers("back") > 2 * skewed.answers("back")


def test_misses_of_one_key_may_share_a_fetch_or_take_the_old_answer() -> None:
    """One key under load: alone, everybody fetches; coalescing, one does; stale, nobody waits."""
    one: Tree = {**CACHE, "keys": 1, "ttl": "1s"}
    alone, shared, stale = (
        played(SLOW_BACK, CROWDED, front({"concurrency": 500}), call({"cache": {**one, **more}}))
        for more in ({"coalesce": False}, {}, {"serveStale": "10s"})
    )
    fetched = [Seen(each).answers("back") for each in (alone, shared)]
    assert fetched[0] > 20 * fetched[1]
    assert stale.dataplane.cache_counts("reads").stale_hits > 0
    assert Seen(stale).latency("front") < Seen(shared).latency("front")


# --- balancing


@pytest.mark.parametrize(
    ("balancer", "even"),
    [
        ("round_robin", True),
        ("random", False),
        ("power_of_two", False),
        ("least_request", True),
        ("weighted_round_robin", True),
        ("ring_hash", False),
    ],
)
def test_callers_choose_as_the_balancer_says(balancer: str, even: bool) -> None:
    """In turn, the two pods differ by one request at most; otherwise by more."""
    first, second = seen(back({"balancer": balancer})).per_pod("back")
    assert (abs(first - second) <= 1) is even
    assert min(first, second) > 100 or balancer == "ring_hash"


def test_affinity_and_closeness_are_the_services() -> None:
    """ClientIP is a ring of hashes; PreferClose keeps to the caller's zone, which has one pod of three."""
    affine = {"spec": {"services": {1: {"spec": {"sessionAffinity": "ClientIP"}}}}}
    assert seen(affine).per_pod("back") == seen(back({"balancer": "ring_hash"})).per_pod("back")
    close = {"spec": {"services": {1: {"spec": {"trafficDistribution": "PreferClose"}}}}}
    three = {"spec": {"workloads": {1: {"spec": {"replicas": 3}}}}}
    shares = sorted(seen(three, close).per_pod("back"))
    assert shares[0] == 0  # the front has no pod in the third zone
    assert min(seen(three).per_pod("back")) > 200


CHAOS = {"kind": "HTTPChaos", "selector": {"labelSelectors": {"app": "back"}}, "errorRate": 1.0}
OUTLIER = {"consecutive5xx": 3, "interval": "1s", "baseEjectionTime": "30s", "maxEjectionPercent": 50}


def sick(**change: object) -> Seen:
    """Three backs, one of them failing from T+00:00 on."""
    three = {"spec": {"workloads": {1: {"spec": {"replicas": 3}}}}}
    outlier = {"outlierDetection": {**OUTLIER, **change}} if change != {"off": True} else {}
    return seen(three, {"timeline": [{"at": "0s", "chaos": CHAOS}]}, back(outlier))


def test_a_pod_that_fails_is_ejected() -> None:
    """A third of 20 a second fail without; with it three, and three more once it is let back."""
    assert sick(off=True).users("upstream") == pytest.approx(200, abs=15)
    assert sick().users("upstream") <= 8
    assert sick(consecutive5xx=30, successRateStdevFactor=0).users("upstream") >= 30
    assert sick(baseEjectionTime="1s", maxEjectionTime="1s").users("upstream") > 25


def test_with_too_few_left_ejections_are_ignored() -> None:
    """A panic threshold of 90 percent sends requests to the ejected one again."""
    calm, panic = (
        seen(
            {"spec": {"workloads": {1: {"spec": {"replicas": 3}}}}},
            {"timeline": [{"at": "0s", "chaos": CHAOS}]},
            back({"outlierDetection": OUTLIER, "healthyPanicThreshold": threshold}),
        ).users("upstream")
        for threshold in (10, 90)
    )
    assert panic > 10 * calm


def test_a_pod_that_is_new_gets_less_at_first() -> None:
    """The third of three, within a minute of its start: less than without slow start."""
    shares = []
    for config in ({}, {"slowStartConfig": {"slowStartWindow": "60s", "minWeightPercent": 5}}):
        made = played(back({"balancer": "random", **config}), traffic({"rate": 100}))
        edits.scale(made.cluster, made.now, "back", 3)
        made.advance(70 * SECOND)
        counted = Seen(made).per_pod("back")
        shares.append(counted[2] / sum(counted))
    assert shares[1] < 0.7 * shares[0]


# --- users


def test_a_closed_load_asks_again_after_thinking() -> None:
    """30 users who think a second after 15 ms: 30 / 1.015 a second; a ramp follows its stages."""
    think = {"model": {"thinkTime": constant(1000)}}
    closed = {"executor": "constant-vus", "rate": None, "vus": 30, **think}
    assert seen(traffic(closed)).users() == pytest.approx(30 / 1.015 * 40, rel=0.03)
    stages = [{"target": 10, "duration": "0s"}, {"target": 30, "duration": "20s"}]
    ramping = {"executor": "ramping-vus", "rate": None, "startVUs": 10, "stages": stages, **think}
    users = seen(traffic(ramping)).users()
    assert users == pytest.approx((10 * 10 + 20 * 20 + 30 * 10) / 1.015, rel=0.05)


def test_users_lose_patience_and_ask_again() -> None:
    """A page takes 215 ms: users who wait 100 ms give up, three times over."""
    slow = (SLOW_BACK, call({"timeout": "2s"}))
    hasty = seen(*slow, traffic({"model": {"patience": "100ms", "attempts": 3, "pause": "10ms"}}))
    assert hasty.users("timeout") == hasty.users() - hasty.users("ok") > 0
    assert hasty.answers("front") > 2 * seen(*slow).answers("front")


def test_the_timeline_changes_users_and_brings_crowds() -> None:
    """A number of users at once, and 500 at one instant; those who come at a rate come once."""
    think = {"model": {"thinkTime": constant(1000)}}
    closed = {"executor": "constant-vus", "rate": None, "vus": 10, **think}
    more = {"timeline": [{"at": "10s", "setTraffic": {"source": "users", "vus": 40}}]}
    assert seen(traffic(closed), more).users() == pytest.approx((10 * 20 + 40 * 20) / 1.015, rel=0.06)
    crowd = {"timeline": [{"at": "10s", "setTraffic": {"source": "users", "crowd": 500}}]}
    assert seen(crowd).users() + seen(crowd).count("abandoned") == plain().users() + 500


# --- versions

EQUIPMENT: list[Tree] = [
    {"cores": 0.5},
    {"warmUp": {"duration": "1m", "coldness": 3.0}},
    {"memory": {"base": "64Mi", "perRequest": "2Mi"}},
    {"newestFirstAbove": 4},
    {"admission": {"rateLimit": {"requestsPerSecond": 50, "burst": 9}, "maxConcurrency": 7}},
    {"concurrency": 3},
    {"queueLimit": 7},
]
ROUTES: list[Tree] = [
    {"lock": constant(3)},
    {"errorRate": 0.5},
    {"serviceTime": constant(33)},
    {"calls": [{"service": "back", "route": "read", "circuitBreaker": BREAKER, "fallback": True}]},
    {"calls": [{"service": "back", "route": "read", "connectionPool": {"requestsPerLeakedConnection": 80}}]},
    {"calls": [{"service": "back", "route": "read", "cache": CACHE, "copies": 2}]},
]


@pytest.mark.parametrize("change", [*EQUIPMENT, *({"routes": [{"name": "page", **each}]} for each in ROUTES)])
def test_a_version_can_change_whatever_a_workload_declares(change: Tree) -> None:
    """The same words under a release mean what they mean under the workload."""
    release = {"at": "1m", "setImage": {"deployment": "front", "image": "front:v2"}, "model": change}
    routes = change.get("routes")
    declared = front({"routes": {0: routes[0]}} if routes else change)
    whole = behaviour_of(loaded(declared).spec.workloads[0], VersionModel())
    released = loaded({"timeline": [release]})
    laid = behaviour_of(released.spec.workloads[0], released.timeline[0].model)
    assert laid == whole
    assert laid != behaviour_of(released.spec.workloads[0], VersionModel())


def test_a_rollback_cures_exactly_what_the_release_brought() -> None:
    """v2 leaks connections; undone, the pods of v1 reach everybody, and v1 never starves."""
    pool = {"maximumPoolSize": 5, "connectionTimeout": "250ms"}
    calls = [
        {"service": "back", "route": "read", "connectionPool": {**pool, "requestsPerLeakedConnection": 10}}
    ]
    release = {
        "at": "1m",
        "setImage": {"deployment": "front", "image": "front:v2"},
        "model": {"routes": [{"name": "page", "calls": calls}]},
    }
    made = played({"timeline": [release]}, call({"connectionPool": pool}), seconds=60)
    assert Seen(made).count("starved") == 0
    made.advance(3 * MINUTE)
    assert Seen(made).count("starved") > 100
    edits.rollout_undo(made.cluster, made.now, "front")
    made.advance(5 * MINUTE)
    cured = Seen(made).count("starved")
    made.advance(7 * MINUTE)
    assert Seen(made).count("starved") == cured


def test_memory_is_limited_by_the_container_or_else_by_the_node() -> None:
    """Without a limit a process may grow until its node has no memory left."""
    workload = loaded(front({"memory": {"base": "64Mi"}})).spec.workloads[0]
    for limit in (128 << 20, 16 << 30):
        memory = behaviour_of(workload, VersionModel(), Limits(None, limit)).memory
        assert memory is not None
        assert memory.limit == limit


def test_raising_a_limit_on_the_cluster_raises_it_in_the_data_plane() -> None:
    """The same image within another CPU limit is another program: new pods compute at full speed."""
    tight = {"spec": {"template": {"spec": {"containers": {0: {"resources": {"limits": {"cpu": "50m"}}}}}}}}
    made = played(front({"cores": 4}), traffic({"rate": 2}), {"spec": {"workloads": {0: tight}}}, seconds=1)
    assert Seen(made).latency("front") > 200
    deployment = made.cluster.deployment("front")
    template = deployment.spec.template
    container = replace(template.containers[0], cpu_limit_millicores=2000)
    wider = replace(template, spec=replace(template.spec, containers=(container,)))
    assert edits.patch_template(made.cluster, deployment, wider)
    made.advance(MINUTE)
    before = Seen(made)
    made.advance(2 * MINUTE)
    after = Seen(made)
    answers = after.answers("front") - before.answers("front")
    took = after.latency("front") * after.answers("front") - before.latency("front") * before.answers("front")
    assert took / answers == pytest.approx(15.0)
