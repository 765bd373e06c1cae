"""The workloads as one would write them in plain SimPy: a process a request, a Resource an instance.

The rival that the compiled engine is measured against. It is kept idiomatic, and spared what it could be
blamed for: its chance is drawn before the clock runs.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import cycle

import simpy

from simulator.cli.bench.workloads import Tier, Workload
from simulator.distributions import Law
from simulator.streams import Stream

_SECOND = 1e9
_DRAWS = 1 << 16

Process = Generator[simpy.Event, object, None]


class PlainModel:
    """One workload as SimPy processes; time is in seconds.

    Attributes:
        arrived: Users so far.
        answered: Users who got their page.
        failed: Users who did not.
    """

    def __init__(self, work: Workload, seed: int) -> None:
        self.work = work
        self.env = simpy.Environment()
        self.arrived = self.answered = self.failed = 0
        self._front = _Balanced(self.env, work.front)
        self._back = _Balanced(self.env, work.back)
        self._unit = _exponentials(seed)
        self.env.process(self._users())

    def run(self, seconds: float) -> int:
        """Simulate so many seconds; returns the users that came."""
        self.env.run(until=seconds)
        return self.arrived

    def _users(self) -> Process:
        gap = 1.0 / self.work.rate
        while True:
            yield self.env.timeout(next(self._unit) * gap)
            self.arrived += 1
            self.env.process(self._page())

    def _page(self) -> Process:
        """One user's request: a front worker computes, and is held while it asks the back."""
        worker = self._front.next()
        if len(worker.queue) >= self.work.queue_limit:
            self.failed += 1
            return
        with worker.request() as turn:
            yield turn
            yield self.env.timeout(next(self._unit) * self.work.front.mean / _SECOND)
            for attempt in range(self.work.attempts):
                if attempt:
                    yield self.env.timeout(self.work.backoff / _SECOND / 2)
                reply = self.env.event()
                self.env.process(self._read(reply))
                if self.work.timeout:
                    yield reply | self.env.timeout(self.work.timeout / _SECOND)
                else:
                    yield reply
                if reply.triggered and reply.value:
                    self.answered += 1
                    return
            self.failed += 1

    def _read(self, reply: simpy.Event) -> Process:
        """One attempt at the back; it goes on when its caller has given up."""
        worker = self._back.next()
        if len(worker.queue) >= self.work.queue_limit:
            reply.succeed(False)
            return
        with worker.request() as turn:
            yield turn
            yield self.env.timeout(next(self._unit) * self.work.back.mean / _SECOND)
        reply.succeed(True)


class _Balanced:
    """The instances of a tier, in turn."""

    def __init__(self, env: simpy.Environment, tier: Tier) -> None:
        self._turns = cycle([simpy.Resource(env, tier.workers) for _ in range(tier.instances)])

    def next(self) -> simpy.Resource:
        return next(self._turns)


def _exponentials(seed: int) -> Iterator[float]:
    """Exponential variates of mean 1, for ever."""
    law, stream = Law("exponential", int(_SECOND)), Stream(seed, "plain-simpy")
    return cycle([law.quantile(stream.bits(n)) / _SECOND for n in range(_DRAWS)])
