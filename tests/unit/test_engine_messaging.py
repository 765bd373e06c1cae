"""Topics and stores from the scenario: published, consumed, poisoned; written, replicated, failed over."""

from __future__ import annotations

import pytest

from simulator.errors import ScenarioError
from simulator.units import MINUTE, SECOND
from simulator.world import edits
from tests.small_system import Seen, Tree, back, constant, front, loaded, page, played, traffic

READ: Tree = {"name": "read", "method": "CALL", "serviceTime": constant(5)}
ORDERS: Tree = {"spec": {"topics": [{"name": "orders"}]}}
#: The front publishes each page, and no longer calls; the back handles the messages, 50 ms each.
SHIPPED = (
    ORDERS,
    page({"calls": [], "publishes": [{"topic": "orders"}]}),
    back({"routes": {0: {"serviceTime": constant(50)}}, "consumes": [{"topic": "orders", "route": "read"}]}),
)


def topic(fields: Tree) -> Tree:
    """A patch of the topic, to be laid after it is declared."""
    return {"spec": {"topics": {0: fields}}}


def test_what_is_published_is_consumed() -> None:
    """20 pages a second, a message each, handled by two pods with one hand each (40 a second)."""
    made = played(*SHIPPED)
    topics = made.dataplane.counters().topics
    assert topics.names == ("orders",)
    assert topics.published[0] == pytest.approx(800, rel=0.1)
    assert topics.published[0] - topics.acknowledged[0] < 20
    assert Seen(made).answers("back") == topics.acknowledged[0]
    assert Seen(made).latency("front") == 10.0


def test_a_chance_and_a_concurrency() -> None:
    """A quarter of the pages; two hands where one would fall behind."""
    few = played(*SHIPPED, page({"publishes": [{"topic": "orders", "chance": 0.25}]})).dataplane.counters()
    assert few.topics.published[0] == pytest.approx(200, rel=0.2)
    slow = back({"routes": {0: {"serviceTime": constant(200)}}})
    hands = back({"consumes": [{"topic": "orders", "route": "read", "concurrency": 4}]})
    behind, level = (played(*SHIPPED, slow, *more).dataplane.counters().topics for more in ((), (hands,)))
    assert behind.waiting[0] > 300
    assert level.waiting[0] < 20


def test_poison_is_redelivered_and_buried() -> None:
    """From T+00:10 on every tenth message fails at each of three deliveries."""
    poison = {"timeline": [{"at": "10s", "setTopic": {"topic": "orders", "poison": 0.1}}]}
    made = played(*SHIPPED, topic({"attempts": 3, "redeliveryDelay": "1s"}), poison, seconds=60)
    topics = made.dataplane.counters().topics
    assert topics.buried[0] == pytest.approx(0.1 * 20 * 47, rel=0.3)
    assert topics.redelivered[0] == pytest.approx(2 * topics.buried[0], abs=8)
    calm = played(*SHIPPED, topic({"poison": 0.1, "attempts": 1})).dataplane.counters().topics
    assert calm.redelivered[0] == 0 < calm.buried[0]


def test_an_ordered_topic_is_held_up_by_poison_and_a_full_one_refuses() -> None:
    """In order, a poison message without end blocks its hand; of 50 places no more than 50 are taken."""
    stuck = topic({"ordered": True, "poison": 0.05, "redeliveryDelay": "1s", "limit": 50})
    topics = played(*SHIPPED, stuck).dataplane.counters().topics
    assert topics.waiting[0] <= 50
    assert topics.refused[0] > 400


def test_the_newest_may_come_first() -> None:
    """Behind by far, those handled are young: the mean age of an answer is a fraction."""
    slow = back({"routes": {0: {"serviceTime": constant(200)}}})
    ages = []
    for order in ("fifo", "newest_first"):
        topics = played(*SHIPPED, slow, topic({"order": order}), seconds=60).dataplane.counters().topics
        ages.append(float(topics.age_us[0]) / float(topics.acknowledged[0]))
    assert ages[1] < 0.3 * ages[0]


def test_a_pod_consumes_until_it_is_asked_to_stop() -> None:
    """Consumers are deleted one by one: what they have in hand they end, and nothing is lost."""
    made = played(*SHIPPED)
    edits.rollout_restart(made.cluster, made.now, "back")
    made.advance(2 * MINUTE)
    topics = made.dataplane.counters().topics
    assert topics.consumers[0] == 2
    assert topics.published[0] - topics.acknowledged[0] < 20
    assert topics.buried[0] == 0


def test_a_version_may_consume_less() -> None:
    """A release that handles nothing lets the topic fill; a rollback works it off."""
    release = {"at": "30s", "setImage": {"deployment": "back", "image": "back:v2"}, "model": {"consumes": []}}
    made = played(*SHIPPED, {"timeline": [release]}, seconds=150)
    full = int(made.dataplane.counters().topics.waiting[0])
    assert full > 1000
    edits.rollout_undo(made.cluster, made.now, "back")
    made.advance(5 * MINUTE)
    assert made.dataplane.counters().topics.waiting[0] < full / 2


WRITE: Tree = {"name": "write", "method": "CALL", "serviceTime": constant(5)}
STORE: Tree = {"writes": ["write"], "entities": 10, "replicationLag": "2s", "failover": "20s"}
#: Every page writes and reads something of ten.
KEPT = (
    back({"routes": [READ, WRITE], "store": STORE}),
    page({"calls": [{"service": "back", "route": name, "timeout": "300ms"} for name in ("write", "read")]}),
)


def test_replicas_answer_with_what_was_there_before() -> None:
    """Half of the reads go to the replica; each is of what was just written, and two seconds behind."""
    stores = played(*KEPT).dataplane.counters().stores
    assert stores.names == ("back",)
    assert stores.writes[0] == pytest.approx(800, rel=0.1)
    assert stores.replica_reads[0] == pytest.approx(stores.reads[0] / 2, abs=2)
    assert stores.stale_reads[0] == stores.replica_reads[0]


def test_the_lag_may_change_while_it_runs() -> None:
    """Without a lag nothing is stale until the timeline brings one."""
    quick = back({"store": {"replicationLag": "0s"}})
    later = {"timeline": [{"at": "20s", "setStore": {"service": "back", "replicationLag": "5s"}}]}
    assert played(*KEPT, quick).dataplane.counters().stores.stale_reads[0] == 0
    stores = played(*KEPT, quick, later).dataplane.counters().stores
    assert stores.stale_reads[0] == pytest.approx(10 * 20 / 2, rel=0.3)


def test_a_lost_primary_is_followed_after_the_failover() -> None:
    """Twenty seconds without writes, then the replica takes them; reads go on."""
    made = played(*KEPT, seconds=10)
    first = next(pod for pod in made.cluster.pods if pod.deployment == "back")
    before = Seen(made).users("upstream") + Seen(made).users("unreachable")
    made.kubelet.kill_container(first)
    made.advance(MINUTE)
    stores = made.dataplane.counters().stores
    assert stores.failovers[0] == 1
    lost = Seen(made).users() - Seen(made).users("ok") - before
    assert lost == pytest.approx(20 * 20, rel=0.15)
    made.advance(MINUTE + 30 * SECOND)
    assert Seen(made).users() - Seen(made).users("ok") - before == lost


@pytest.mark.parametrize(
    ("patches", "said"),
    [
        ([ORDERS], "spec.topics[0]: expected a route that publishes to it, got none."),
        ([*SHIPPED[:2]], "spec.topics[0]: expected a workload that consumes it, got none."),
        (
            [*SHIPPED, page({"publishes": [{"topic": "order"}]})],
            "publishes[0].topic: expected the name of a topic, got 'order'. Did you mean 'orders'?",
        ),
        (
            [*SHIPPED, back({"consumes": [{"topic": "orders", "route": "reed"}]})],
            "consumes[0].route: expected the name of a route of back, got 'reed'. Did you mean 'read'?",
        ),
        (
            [*SHIPPED, topic({"order": "newest_first", "ordered": True})],
            "expected order: fifo beside ordered",
        ),
        (
            [*SHIPPED, {"timeline": [{"at": "1s", "setTopic": {"topic": "order", "poison": 1.0}}]}],
            "setTopic.topic: expected the name of a topic, got 'order'.",
        ),
        (
            [{"timeline": [{"at": "1s", "setStore": {"service": "back", "replicationLag": "1s"}}]}],
            "setStore.service: expected the name of a store's service, got 'back'.",
        ),
        ([back({"store": {"writes": ["rite"]}})], "store.writes[0]: expected the name of a route of back"),
        ([front({"store": {"writes": []}})], "store.writes: expected at least 1"),
    ],
)
def test_what_hangs_in_the_air_is_refused(patches: list[Tree], said: str) -> None:
    """A topic without both ends, and a name that nothing has."""
    with pytest.raises(ScenarioError) as caught:
        loaded(*patches)
    assert said in str(caught.value)


def test_users_of_a_closed_load_publish_too() -> None:
    """Whoever the users are, a page is a page."""
    think = {"executor": "constant-vus", "rate": None, "vus": 20, "model": {"thinkTime": constant(990)}}
    topics = played(*SHIPPED, traffic(think)).dataplane.counters().topics
    assert topics.published[0] == pytest.approx(20 * 40, rel=0.05)
