"""Topics: backlog and age, redelivery, poison messages, dead letters, and consumers that come and go."""

from __future__ import annotations

import pytest

from simulator.dataplane import Behaviour, Consume, DataPlane, Publish, RouteBehaviour, Topic
from simulator.distributions import Law
from simulator.errors import GamedayError
from simulator.units import MILLISECOND, SECOND

WORKER = 1  # the row of the first consuming instance


def stage(
    topic: Topic,
    *,
    takes: int = 20,
    workers: int = 1,
    hands: int = 1,
    slots: int = 100,
    law: Law | None = None,
    error_rate: float = 0.0,
    compiled: bool = True,
) -> DataPlane:
    """A shop whose one route of 1 ms publishes, and workers that take ``takes`` ms for a message."""
    plane = DataPlane(1, compiled=compiled)
    plane.add_service("shop", routes=("order",))
    plane.add_service("worker", routes=("handle",))
    plane.add_topic(topic)
    order = RouteBehaviour("order", Law("constant", MILLISECOND), 0.0, (Publish(topic.name),))
    handle = RouteBehaviour("handle", law or Law("constant", takes * MILLISECOND), error_rate)
    shop = plane.add_program("shop", "v1", Behaviour(1000, 0, (order,)))
    consumes = (Consume(topic.name, "handle", hands),)
    worker = plane.add_program("worker", "v1", Behaviour(slots, 0, (handle,), consumes=consumes))
    plane.set_ready(plane.add_instance("shop", "shop-0", shop, key=1), True)
    for number in range(workers):
        plane.add_instance("worker", f"worker-{number}", worker, key=2 + number)
    plane.add_source("users", "shop", {"order": 1.0}, objective=SECOND)
    return plane


def a_hundred_a_second(plane: DataPlane) -> None:
    """One user who comes every 10 ms (thinks 9, waits 1): the n-th message is published at 10 n ms."""
    plane.set_users(0, 1, Law("constant", 9 * MILLISECOND))


def now(plane: DataPlane, *names: str) -> list[int]:
    """These numbers of the one topic."""
    plane.check_conservation()
    topics = plane.counters().topics
    return [int(getattr(topics, name)[0]) for name in names]


def test_an_overloaded_consumer_falls_behind_by_the_difference_of_the_rates() -> None:
    """D/D/1 with 100 a second in and 50 out: after 10 s 500 wait, and the oldest is half the time old."""
    plane = stage(Topic("orders"), takes=20)
    a_hundred_a_second(plane)
    plane.advance(10 * SECOND + 5 * MILLISECOND)
    published, handled, held = now(plane, "published", "acknowledged", "held")
    assert (1000, 499, 1) == (published, handled, held)
    # the 500th is in hand; the 501st, published at 5.01 s, is the oldest that waits
    assert [500, 4995 * MILLISECOND] == now(plane, "waiting", "oldest_ns")


@pytest.mark.parametrize(("order", "oldest"), [("fifo", 5), ("newest_first", 15)])
def test_after_an_outage_the_backlog_drains_by_the_difference_of_the_rates(order: str, oldest: int) -> None:
    """Down from 10 to 20 s: 1000 wait; then 200 out and 100 in: half are left at 25 s, none after 30.

    First in, first out, the oldest is 5 s old at 25 s; newest first it has waited since the outage began.
    """
    plane = stage(Topic("orders", order=order), takes=5)  # type: ignore[arg-type]
    a_hundred_a_second(plane)
    plane.advance(10 * SECOND + 5 * MILLISECOND)
    assert [0, 0, 1] == now(plane, "waiting", "oldest_ns", "consumers")
    plane.kill(WORKER)
    plane.advance(20 * SECOND + 5 * MILLISECOND)
    waiting, age, consumers = now(plane, "waiting", "oldest_ns", "consumers")
    assert 0 == consumers
    assert 1000 == pytest.approx(waiting, abs=1)
    assert 10 * SECOND == pytest.approx(age, abs=20 * MILLISECOND)
    plane.restart(WORKER)
    plane.advance(25 * SECOND + 5 * MILLISECOND)
    waiting, age = now(plane, "waiting", "oldest_ns")
    assert 500 == pytest.approx(waiting, abs=2)
    assert oldest * SECOND == pytest.approx(age, abs=30 * MILLISECOND)
    plane.advance(31 * SECOND + 5 * MILLISECOND)
    assert [0, 0] == now(plane, "waiting", "oldest_ns")


def test_the_time_from_publication_to_its_end_is_that_of_the_queue_it_is() -> None:
    """M/M/1 at a load of one half: 10 ms of handling take 20 ms on average."""
    plane = stage(Topic("orders"), law=Law("exponential", 10 * MILLISECOND))
    plane.set_rate(0, [(0, 50.0)])
    plane.advance(2000 * SECOND)
    handled, age = now(plane, "acknowledged", "age_us")
    assert 20 == pytest.approx(age / handled / 1000, rel=0.03)


def test_a_poison_message_blocks_an_ordered_topic_for_ever() -> None:
    """The one hand keeps the first message and tries it every second; all that follow wait."""
    plane = stage(Topic("orders", ordered=True, redelivery_delay=980 * MILLISECOND, poison=1.0), takes=20)
    plane.bring_crowd(0, 1, 0)
    plane.advance(500 * MILLISECOND)
    plane.set_poison("orders", 0.0)
    plane.bring_crowd(0, 10, SECOND)
    plane.advance(60 * SECOND + 500 * MILLISECOND)
    assert [10, 1, 0, 61] == now(plane, "waiting", "delayed", "acknowledged", "redelivered")


def test_after_its_attempts_a_poison_message_is_a_dead_letter_and_the_others_go_on() -> None:
    """Three attempts of 20 ms with two delays of 1 s: dead 2061 ms after its user, then ten in 200 ms."""
    plane = stage(Topic("orders", attempts=3, ordered=True, redelivery_delay=SECOND, poison=1.0), takes=20)
    plane.bring_crowd(0, 1, 0)
    plane.advance(MILLISECOND + 1)
    plane.set_poison("orders", 0.0)
    plane.bring_crowd(0, 10, SECOND)
    plane.advance(2061 * MILLISECOND)
    assert [10, 0, 2] == now(plane, "waiting", "dead", "redelivered")
    plane.advance(2061 * MILLISECOND + 1)
    assert [9, 1, 1, 1] == now(plane, "waiting", "dead", "buried", "held")
    plane.advance(2261 * MILLISECOND + 1)
    assert [0, 10, 0] == now(plane, "waiting", "acknowledged", "held")


def test_in_a_work_queue_the_others_pass_a_poison_message_by() -> None:
    """Not ordered: while the first waits for its next delivery, the ten behind it are handled."""
    plane = stage(Topic("orders", attempts=3, redelivery_delay=SECOND, poison=1.0), takes=20)
    plane.bring_crowd(0, 1, 0)
    plane.advance(MILLISECOND + 1)
    plane.set_poison("orders", 0.0)
    plane.bring_crowd(0, 10, 100 * MILLISECOND)
    plane.advance(500 * MILLISECOND)
    assert [0, 1, 10] == now(plane, "waiting", "delayed", "acknowledged")
    # its age goes on from its publication
    assert [499 * MILLISECOND] == now(plane, "oldest_ns")


def test_dead_letters_can_be_put_back_or_thrown_away() -> None:
    """Mended and redriven, all are handled; purged, they are gone; the sums hold."""
    plane = stage(Topic("orders", attempts=2, poison=1.0), takes=1)
    plane.bring_crowd(0, 20, 0)
    plane.advance(SECOND)
    assert [20, 20] == now(plane, "dead", "buried")
    # poison stays poison: put back, it dies again
    assert 20 == plane.redrive("orders")
    plane.advance(2 * SECOND)
    assert [20, 40, 20] == now(plane, "dead", "buried", "redriven")
    assert 20 == plane.purge("orders", dead_letters=True)
    assert [0, 20] == now(plane, "dead", "purged")
    plane.set_poison("orders", 0.0)
    plane.set_consuming(WORKER, False)
    plane.bring_crowd(0, 5, 3 * SECOND)
    plane.advance(4 * SECOND)
    assert [5] == now(plane, "waiting")
    assert 5 == plane.purge("orders")
    plane.set_consuming(WORKER, True)
    plane.bring_crowd(0, 3, 5 * SECOND)
    plane.advance(6 * SECOND)
    assert [0, 3] == now(plane, "waiting", "acknowledged")


def test_dead_letters_of_a_bug_that_was_mended_are_handled_when_put_back() -> None:
    """Every handling errs at first: all die; with the bug gone they are handled, none twice."""
    plane = stage(Topic("orders", attempts=2), takes=1)
    plane.set_degraded(WORKER, error_rate=1.0)
    plane.bring_crowd(0, 20, 0)
    plane.advance(SECOND)
    assert [20] == now(plane, "dead")
    plane.set_degraded(WORKER, error_rate=0.0)
    assert 20 == plane.redrive("orders")
    plane.advance(2 * SECOND)
    assert [0, 20] == now(plane, "dead", "acknowledged")


def test_a_redelivered_message_meets_fresh_luck() -> None:
    """Half of the handlings fail by themselves: a message fails once on average, and none for ever."""
    plane = stage(Topic("orders"), takes=1, hands=10, error_rate=0.5)
    plane.set_rate(0, [(0, 100.0), (40 * SECOND, 0.0)])
    plane.advance(60 * SECOND)
    published, handled, again = now(plane, "published", "acknowledged", "redelivered")
    assert published == handled > 3500
    assert 1.0 == pytest.approx(again / published, abs=4 * (2 / published) ** 0.5)


def test_who_dies_gives_its_messages_back_to_the_head() -> None:
    """Killed with two in hand: they wait again before the others, and their attempts count."""
    plane = stage(Topic("orders", attempts=2), takes=1000, hands=2)
    plane.bring_crowd(0, 4, 0)
    plane.advance(SECOND // 2)
    assert [2, 2] == now(plane, "held", "waiting")
    plane.kill(WORKER)
    plane.advance(SECOND)
    assert [0, 4, 2] == now(plane, "held", "waiting", "redelivered")
    plane.restart(WORKER)
    plane.advance(SECOND + SECOND // 2)
    plane.kill(WORKER)
    plane.advance(2 * SECOND)
    # the same two were in hand: now they are dead
    assert [2, 2] == now(plane, "waiting", "dead")


def test_hands_are_given_out_evenly_whether_their_pods_are_ready_or_not() -> None:
    """Three workers that are in no rotation, two hands each: each handles a third."""
    plane = stage(Topic("orders"), takes=50, workers=3, hands=2)
    a_hundred_a_second(plane)
    plane.advance(30 * SECOND)
    handled = plane.counters().requests[1:, 0].sum(axis=1)
    assert [1000, 1000, 1000] == [pytest.approx(count, abs=5) for count in handled.tolist()]
    assert [3] == now(plane, "consumers")


def test_hands_without_a_worker_slot_wait_in_their_instances_queue() -> None:
    """Five hands but two workers of 20 ms: 100 a second are handled, five are held."""
    plane = stage(Topic("orders"), takes=20, hands=5, slots=2)
    plane.bring_crowd(0, 1000, 0)
    plane.advance(5 * SECOND)
    held, handled = now(plane, "held", "acknowledged")
    assert 5 == held
    assert 498 == pytest.approx(handled, abs=2)
    frame = plane.counters()
    assert (2, 3) == (frame.busy[WORKER], frame.queued[WORKER])


def test_a_full_topic_refuses_and_its_publisher_does_not_notice() -> None:
    """Ten may wait: of fifty published at once to nobody forty are lost, and fifty users are content."""
    plane = stage(Topic("orders", limit=10), workers=0)
    plane.bring_crowd(0, 50, 0)
    plane.advance(SECOND)
    assert [10, 40] == now(plane, "waiting", "refused")
    assert 50 == plane.counters().answered[0, 0, 0]


def test_messages_outgrow_their_first_room() -> None:
    """Twenty thousand wait; the twin counts the same."""
    counts = []
    for compiled in (True, False):
        plane = stage(Topic("orders"), takes=1000, compiled=compiled)
        plane.set_rate(0, [(0, 4000.0)])
        plane.advance(5 * SECOND)
        counts.append(now(plane, "published", "waiting", "acknowledged", "oldest_ns"))
    assert counts[0] == counts[1]
    assert counts[0][1] > 19_000


def test_mistakes_with_topics_are_named() -> None:
    """Two orders at once, an unknown topic, an unknown route, a name that is taken."""
    with pytest.raises(GamedayError, match="order fifo"):
        Topic("orders", order="newest_first", ordered=True)
    with pytest.raises(GamedayError, match="a route of worker: handle"):
        stage_with_route("nothing")
    plane = stage(Topic("orders"))
    with pytest.raises(GamedayError, match="one of orders"):
        plane.redrive("order")
    with pytest.raises(GamedayError, match="different from every service's"):
        plane.add_topic(Topic("shop"))
    route = RouteBehaviour("order", Law("constant", MILLISECOND), 0.0, (Publish("mails"),))
    with pytest.raises(GamedayError, match="one of the topics orders"):
        plane.add_program("shop", "v2", Behaviour(1, 0, (route,)))


def stage_with_route(route: str) -> None:
    """A consumer whose handling route is not there."""
    plane = DataPlane(1)
    plane.add_service("worker", routes=("handle",))
    plane.add_topic(Topic("orders"))
    handle = RouteBehaviour("handle", Law("constant", MILLISECOND))
    program = plane.add_program(
        "worker", "v1", Behaviour(1, 0, (handle,), consumes=(Consume("orders", route),))
    )
    plane.add_instance("worker", "worker-0", program, key=1)
