"""Topics: queues of messages, who consumes them, and what an operator may do with them.

A message is a span of its own below the request that published it, and each delivery one below that, so a
redelivered message meets fresh luck. Consumers are instances: a message in hand is a request there, for which
nobody waits. Who has a free hand stands in a line; a message that comes calls the first.
"""

from __future__ import annotations

import numpy as np

from simulator.dataplane import kernel, state
from simulator.dataplane.frames import TopicFrame
from simulator.dataplane.memory import Memory, Names, equal
from simulator.dataplane.messages import Consume, Topic
from simulator.dataplane.ranges import within
from simulator.errors import GamedayError

#: Counts of a topic that its frame copies.
_COUNTS = (
    "waiting", "delayed", "held", "dead", "published", "refused", "acknowledged", "redelivered", "buried",
    "redriven", "purged", "age_us",
)  # fmt: skip


class Topics:
    """The topics of one data plane and their consumers.

    Args:
        memory: Of the data plane.
        names: Of the data plane.
    """

    def __init__(self, memory: Memory, names: Names) -> None:
        self._memory = memory
        self._names = names
        #: Rows of each instance's consumers.
        self._consumers: list[range] = []

    def add(self, topic: Topic) -> None:
        """Declare a topic; see ``DataPlane.add_topic``."""
        if topic.name in self._names.topics or topic.name in self._names.services:
            raise GamedayError(
                f"topic {topic.name}",
                expected="a name of its own, different from every service's",
                got="one that is taken",
                todo="Rename it.",
            )
        memory = self._memory
        self._names.topics.append(topic.name)
        memory.topic = state.grown(memory.topic, len(self._names.topics))
        row = memory.topic[-1]
        row["limit"], row["attempts"], row["delay"] = topic.limit, topic.attempts, topic.redelivery_delay
        row["ordered"], row["newest_first"] = topic.ordered, topic.order == "newest_first"
        row["poison"] = state.chance(topic.poison)
        row["oldest"] = row["newest"] = row["hungry"] = row["hungry_end"] = kernel.NONE
        memory.hold_messages()
        memory.widen()
        memory.changed()

    def lay_consumers(self, instance: int, consumes: tuple[Consume, ...]) -> None:
        """Give a new instance its hands; they are idle until it joins."""
        info, memory = self._names.instances[instance], self._memory
        first = len(memory.consumer)
        self._consumers.append(range(first, first + len(consumes)))
        memory.instance[instance]["consumers"] = first
        if not consumes:
            return
        memory.consumer = state.grown(memory.consumer, first + len(consumes))
        for row, consume in zip(memory.consumer[first:], consumes, strict=True):
            routes = self._names.routes[info.service]
            if consume.route not in routes:
                raise GamedayError(
                    f"{info.service} consumes {consume.topic}",
                    expected=f"a route of {info.service}: {', '.join(routes)}",
                    got=repr(consume.route),
                    todo="Name the route that handles the messages.",
                )
            row["instance"], row["topic"] = instance, self._number(consume.topic)
            row["route"], row["hands"] = routes.index(consume.route), consume.concurrency
        memory.changed()

    def join(self, instance: int, at: int) -> None:
        """Let an instance take messages from ``at`` (ns) on."""
        memory = self._memory
        for consumer in self._consumers[instance]:
            row = memory.consumer[consumer]
            row["gen"] = (int(row["gen"]) + 1) & kernel.GENERATION_MASK
            memory.make_room()
            memory.push(at, kernel.event(kernel.CONSUME, consumer, int(row["gen"])))

    def leave(self, instance: int) -> None:
        """Let an instance take no more messages; those in its hands stay there."""
        for consumer in self._consumers[instance]:
            row = self._memory.consumer[consumer]
            row["on"] = 0
            row["gen"] = (int(row["gen"]) + 1) & kernel.GENERATION_MASK

    def set_poison(self, topic: str, share: float) -> None:
        """Change the share of poison messages; see ``DataPlane.set_poison``."""
        within("poison", share, 0.0, 1.0)
        self._memory.topic[self._number(topic)]["poison"] = state.chance(share)

    def redrive(self, topic: str) -> int:
        """Put the dead letters back, oldest first; see ``DataPlane.redrive``."""
        number, memory = self._number(topic), self._memory
        row, messages = memory.topic[number], memory.message
        dead = self._in_order(number, kernel.DEAD)
        messages["state"][dead], messages["attempt"][dead] = kernel.WAITING, 0
        waiting = self._chain(number)
        self._lay_chain(number, [*waiting, *dead])
        row["dead"] -= len(dead)
        row["waiting"] += len(dead)
        row["redriven"] += len(dead)
        self._wake(number)
        return len(dead)

    def purge(self, topic: str, dead_letters: bool) -> int:
        """Throw messages away; see ``DataPlane.purge``."""
        number, memory = self._number(topic), self._memory
        row = memory.topic[number]
        gone = self._in_order(number, kernel.DEAD if dead_letters else kernel.WAITING)
        for message in gone:
            memory.message[message]["state"] = kernel.FREE
            memory.message[message]["newer"] = memory.scalars[kernel.FREE_MESSAGE]
            memory.scalars[kernel.FREE_MESSAGE] = message
        memory.scalars[kernel.MESSAGES_USED] -= len(gone)
        row["purged"] += len(gone)
        if dead_letters:
            row["dead"] -= len(gone)
        else:
            row["waiting"] = 0
            row["oldest"] = row["newest"] = kernel.NONE
        return len(gone)

    def _in_order(self, number: int, kind: int) -> list[int]:
        """A topic's messages of one state, by publication and then by slot."""
        messages = self._memory.message
        found = np.flatnonzero((messages["topic"] == number) & (messages["state"] == kind))
        ordered: list[int] = found[np.argsort(messages["published"][found], kind="stable")].tolist()
        return ordered

    def _chain(self, number: int) -> list[int]:
        """A topic's waiting messages from the oldest place to the newest."""
        chain, messages = [], self._memory.message
        message = int(self._memory.topic[number]["oldest"])
        while message != kernel.NONE:
            chain.append(message)
            message = int(messages[message]["newer"])
        return chain

    def _lay_chain(self, number: int, chain: list[int]) -> None:
        row, messages = self._memory.topic[number], self._memory.message
        messages["older"][chain] = [kernel.NONE, *chain[:-1]][: len(chain)]
        messages["newer"][chain] = [*chain[1:], kernel.NONE][: len(chain)]
        row["oldest"], row["newest"] = (chain[0], chain[-1]) if chain else (kernel.NONE, kernel.NONE)

    def _wake(self, number: int) -> None:
        """Call the topic's consumers to what was put back."""
        memory = self._memory
        now = int(memory.scalars[kernel.NOW])
        for consumer in np.flatnonzero((memory.consumer["topic"] == number) & (memory.consumer["on"] == 1)):
            memory.make_room()
            generation = int(memory.consumer[consumer]["gen"])
            memory.push(now, kernel.event(kernel.CONSUME, int(consumer), generation))

    def _number(self, topic: str) -> int:
        if topic not in self._names.topics:
            raise GamedayError(
                "topic",
                expected=f"one of {', '.join(self._names.topics) or 'none'}",
                got=repr(topic),
                todo="Name one of these, or declare it with add_topic.",
            )
        return self._names.topics.index(topic)


def frame(memory: Memory, names: Names) -> TopicFrame:
    """What topics have now and did so far."""
    count, now = len(names.topics), int(memory.scalars[kernel.NOW])
    messages = memory.message
    here = (messages["state"] == kernel.WAITING) | (messages["state"] == kernel.DELAYED)
    oldest = np.full(count, now, dtype=np.int64)
    np.minimum.at(oldest, messages["topic"][here], messages["published"][here])
    on = memory.consumer["on"] == 1
    consumers = np.bincount(memory.consumer["topic"][on], minlength=count).astype(np.int64)[:count]
    counts = {name: memory.topic[name].copy() for name in _COUNTS}
    return TopicFrame(tuple(names.topics), oldest_ns=now - oldest, consumers=consumers, **counts)


def check_conservation(memory: Memory) -> None:
    """Assert that no message was lost or made."""
    topic, message = memory.topic, memory.message
    used = message[message["state"] != kernel.FREE]
    equal("messages in use", np.array([memory.scalars[kernel.MESSAGES_USED]]), np.array([len(used)]))
    kinds = {"waiting": kernel.WAITING, "delayed": kernel.DELAYED, "held": kernel.HELD, "dead": kernel.DEAD}
    for name, kind in kinds.items():
        there = np.bincount(used["topic"][used["state"] == kind], minlength=len(topic))
        equal(f"messages {name}", topic[name], there.astype(np.int64)[: len(topic)])
    inside = topic["waiting"] + topic["delayed"] + topic["held"] + topic["dead"]
    equal("messages", topic["published"], topic["acknowledged"] + topic["purged"] + inside)
