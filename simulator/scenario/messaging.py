"""Topics and who publishes to and consumes from them; stores with replicas. All of it is physics."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import Model, Name, Share, UpToDay, UpToHour, refused
from simulator.units import SECOND


class Topic(Model):
    """A queue of messages between those who publish and those who consume."""

    name: Name
    order: Literal["fifo", "newest_first"] = "fifo"
    """Which message a free consumer takes."""
    attempts: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Deliveries of a message at most, then it is a dead letter; 0 is without end."""
    redelivery_delay: UpToDay = 0
    """Between a failure and the next delivery."""
    ordered: bool = False
    """A failed message blocks its consumer's hand, as in a partitioned log; else it goes to the end."""
    poison: Share = 0.0
    """Share of the messages whose every handling fails."""
    limit: Annotated[int, Field(ge=1, le=1_000_000)] = 100_000
    """Messages that may wait; one more is refused, which its publisher does not hear."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ordered and self.order != "fifo":
            raise refused(expected="order: fifo beside ordered", got=self.order, todo="Drop one of the two.")
        return self


class Publish(Model):
    """A message that a route sends once its calls have gone well; nobody waits for it."""

    topic: Name
    chance: Share = 1.0
    """Share of the requests that send it."""


class Consume(Model):
    """What each pod takes from a topic, ready or not, from when it listens until it is asked to stop."""

    topic: Name
    route: Name
    """Which of its routes handles a message: a request that takes a worker like any other."""
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 1
    """Messages that a pod handles at once."""


class StoreModel(Model):
    """What makes a workload a store: one pod takes the writes, the others have them a lag later."""

    writes: Annotated[tuple[Name, ...], Field(min_length=1, max_length=32)]
    """The routes that write; all others read from any ready pod."""
    entities: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """How many things it keeps; all that one user's visit asks of it is about one of them."""
    skew: Annotated[float, Field(ge=0.0, le=5.0)] = 0.0
    """Zipf's exponent: how unevenly they are asked for; 0 is even."""
    replication_lag: UpToHour = 0
    """Until a replica has a write; asked sooner, it answers with what was there before."""
    failover: UpToHour = 30 * SECOND
    """From the loss of the primary until a replica takes the writes."""
    max_connections: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=0, exclude_if=lambda value: value == 0
    )
    """Connections that all callers' pools together may keep to it; 0 is no limit."""
