"""What stands between services, from several causes at once: links, and services that can't be reached."""

from __future__ import annotations

from typing import Protocol

from simulator.dataplane import Link


class Wires(Protocol):
    """What the network needs of a data plane."""

    def set_network(self, links: list[Link]) -> None:
        """Put these links in place of all that were there."""

    def set_unreachable(self, service: str, unreachable: bool) -> None:
        """Let new connections to a service fail, or mend that."""


class Network:
    """Keeps what each cause has put on the wire, so that one that ends takes away its own alone.

    Args:
        dataplane: Where the requests are.
    """

    def __init__(self, dataplane: Wires) -> None:
        self._dataplane = dataplane
        self._links: dict[str, tuple[Link, ...]] = {}
        self._refused: dict[str, set[str]] = {}

    def put(self, cause: str, links: tuple[Link, ...]) -> None:
        """What a cause does to the network from now on; an empty tuple is nothing any more."""
        if links == self._links.get(cause, ()):
            return
        self._links[cause] = links
        self._dataplane.set_network([link for each in self._links.values() for link in each])

    def refuse(self, cause: str, service: str, refused: bool) -> None:
        """Whether a cause keeps new connections from a service."""
        causes = self._refused.setdefault(service, set())
        before = bool(causes)
        (causes.add if refused else causes.discard)(cause)
        if before != bool(causes):
            self._dataplane.set_unreachable(service, bool(causes))
