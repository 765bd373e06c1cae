"""Topics, who publishes to them and who consumes from them, as typed values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.dataplane.ranges import HOUR, within
from simulator.errors import GamedayError


@dataclass(frozen=True, slots=True)
class Topic:
    """A queue of messages between those who publish and those who consume.

    Attributes:
        name: Unique.
        order: Which message a free consumer takes: the oldest (``fifo``) or the newest.
        attempts: Deliveries of a message at most; after the last failure it is among the dead letters. 0 is
            without end.
        redelivery_delay: ns between a failure and the next delivery.
        ordered: A failed message stays in its consumer's hand until it is handled or dead, as in a
            partitioned log, and blocks that hand; otherwise it goes to the end of the topic, as in a work
            queue. A message whose consumer dies is always the next again.
        poison: Share of the messages whose every handling fails.
        limit: Messages that may wait; one more is refused, which its publisher does not hear.
    """

    name: str
    order: Literal["fifo", "newest_first"] = "fifo"
    attempts: int = 0
    redelivery_delay: int = 0
    ordered: bool = False
    poison: float = 0.0
    limit: int = 1_000_000

    def __post_init__(self) -> None:
        within("attempts", self.attempts, 0, 1_000_000)
        within("redelivery_delay", self.redelivery_delay, 0, 24 * HOUR)
        within("poison", self.poison, 0.0, 1.0)
        within("limit", self.limit, 1, 1_000_000)
        if self.ordered and self.order != "fifo":
            raise GamedayError(
                f"topic {self.name}",
                expected="order fifo where it is ordered",
                got=self.order,
                todo="Choose.",
            )


@dataclass(frozen=True, slots=True)
class Publish:
    """A message that a route sends, in its place among the calls: fire and forget, it costs no time.

    Attributes:
        topic: Where to.
        chance: Share of requests that send it.
    """

    topic: str
    chance: float = 1.0

    def __post_init__(self) -> None:
        within("chance", self.chance, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Consume:
    """What each instance of a version takes from a topic, whether it is ready or not.

    Attributes:
        topic: Where from.
        route: Which of its routes handles a message: a request that takes a worker and is counted as others.
        concurrency: Messages that an instance handles at once.
    """

    topic: str
    route: str
    concurrency: int = 1

    def __post_init__(self) -> None:
        within("concurrency", self.concurrency, 1, 10_000)
