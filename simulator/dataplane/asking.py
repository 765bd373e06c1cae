"""Single requests that somebody sends by hand: a stream of their own, answered one by one.

Each is the visit of one synthetic user of a source for this service and route alone. Its luck hangs on that
source and on its number there, so nobody else's draws move; balancers, queues and pods take it as any other.
What users report leaves these sources out (``SourceInfo.synthetic``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.dataplane import kernel
from simulator.dataplane.counters import OUTCOMES, REASONS
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.users import Users
from simulator.units import SECOND


class Reply(NamedTuple):
    """How a single request ended.

    Attributes:
        outcome: One of ``OUTCOMES``; ``timeout`` also where who asked gave up.
        reason: One of ``REASONS``: why there was no answer (``no-name``, ``no-trust``, ``refused``), else the
            outcome.
        took: ns from asking to the end.
    """

    outcome: str
    reason: str
    took: int


class Request(NamedTuple):
    """A single request under way, or over: that of one synthetic user, the ``number``-th of its source."""

    source: int
    number: int
    user: int


class Asking:
    """The single requests of one data plane.

    Args:
        memory: Of the data plane.
        names: Of the data plane.
        users: Of the data plane, whose sources these are.
    """

    def __init__(self, memory: Memory, names: Names, users: Users) -> None:
        self._memory = memory
        self._names = names
        self._users = users
        self._sources: dict[tuple[str, str, bool], list[int]] = {}
        self._sent: dict[int, int] = {}

    def ask(self, service: str, route: str, patience: int, insecure: bool) -> Request:
        """Send one request now; see ``DataPlane.ask``."""
        source = self._free(service, route, insecure)
        self._users.be_patient(source, patience, 1, 0)
        user = len(self._memory.person)
        self._users.bring(source, 1, int(self._memory.scalars[kernel.NOW]))
        self._sent[source] += 1
        return Request(source, self._sent[source], user)

    def reply(self, request: Request) -> Reply | None:
        """How a request ended, until the next of its source is sent; None while it is under way."""
        if self._answered(request.source) < request.number:
            return None
        row = self._memory.source[request.source]
        place = int(row["why"])
        outcome = OUTCOMES[place] if place < len(OUTCOMES) else "unreachable"
        return Reply(outcome, REASONS[place], int(row["took"]))

    def is_lost(self, request: Request) -> bool:
        """Whether the request was lost on the wire, so that nothing will ever come back."""
        memory = self._memory
        if self.reply(request) is not None:
            return False
        calls = np.flatnonzero(memory.call["person"] == request.user + 1).tolist()
        works = [int(memory.call["work"][call]) for call in calls]
        return any(memory.work["lost"][work] for work in works if work != kernel.NONE)

    def hindrance(self, service: str, insecure: bool) -> str:
        """Why a request sent now would not arrive at all: one of ``REASONS``, or empty."""
        row = self._memory.service[self._names.services.index(service)]
        if row["fault"]:
            return "no-name"
        if int(self._memory.scalars[kernel.NOW]) >= row["expires"] and not insecure:
            return "no-trust"
        return "" if row["ready"] else "unavailable"

    def _free(self, service: str, route: str, insecure: bool) -> int:
        """A source of this kind with no request under way; a new one where there is none."""
        known = self._sources.setdefault((service, route, insecure), [])
        for source in known:
            if self._answered(source) == self._sent[source]:
                return source
        name = " ".join(
            ["curl", service, route, *["insecurely"] * insecure, *[str(len(known))] * bool(known)]
        )
        source = self._users.add(name, service, {route: 1.0}, objective=SECOND, synthetic=True)
        self._memory.source[source]["insecure"] = insecure
        self._sent[source] = 0
        known.append(source)
        return source

    def _answered(self, source: int) -> int:
        row = int(self._memory.source[source]["route"])
        return int(self._memory.u_answered[row * len(OUTCOMES) : (row + 1) * len(OUTCOMES)].sum())
