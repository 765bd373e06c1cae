"""The pager: what rang, since when, who has it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.errors import GamedayError
from simulator.slo.alerts import AlertRules, Transition


@dataclass(frozen=True, slots=True)
class Page:
    """One page; tickets do not ring and are not here.

    Attributes:
        id: ``P1``, ``P2``, … in order.
        name: The alert's name.
        slo: The SLO that burns.
        severity: ``page``.
        since: When it fired, ns.
        summary: The alert's annotation when it fired.
        acked_at: When somebody took it, ns; None so far.
        resolved_at: When the alert stopped, ns; None so far.
        resolution: The alert's words when it stopped; empty so far.
        no_data: True where it stopped since nothing was known any more.
    """

    id: str
    name: str
    slo: str
    severity: str
    since: int
    summary: str
    acked_at: int | None = None
    resolved_at: int | None = None
    resolution: str = ""
    no_data: bool = False

    @property
    def open(self) -> bool:
        """The alert still fires."""
        return self.resolved_at is None


class Pager:
    """Listens to the alerts and keeps the pages."""

    def __init__(self, alerts: AlertRules) -> None:
        self._pages: list[Page] = []
        alerts.on_transition.append(self._hear)

    @property
    def pages(self) -> tuple[Page, ...]:
        """All pages, oldest first."""
        return tuple(self._pages)

    @property
    def unacknowledged(self) -> tuple[Page, ...]:
        """Pages that still fire and that nobody has taken."""
        return tuple(page for page in self._pages if page.open and page.acked_at is None)

    def acknowledge(self, at: int, name: str | None = None) -> Page:
        """Take a page.

        Args:
            at: Now, ns.
            name: Its id or alert name; None for the oldest that waits.

        Returns:
            The page, acknowledged.

        Raises:
            GamedayError: No such page waits.
        """
        waiting = self.unacknowledged
        for page in waiting:
            if name is None or name in (page.id, page.name):
                taken = replace(page, acked_at=at)
                self._pages[self._pages.index(page)] = taken
                return taken
        raise GamedayError(
            "page ack",
            expected="one of " + ", ".join(f"{page.id} ({page.name})" for page in waiting)
            if waiting
            else "a page that waits",
            got=repr(name) if name else "none",
            todo="Acknowledge a page that still fires and that nobody has taken.",
        )

    def _hear(self, transition: Transition) -> None:
        if transition.severity != "page":
            return
        if transition.state == "firing":
            self._pages.append(
                Page(
                    id=f"P{len(self._pages) + 1}",
                    name=transition.alert,
                    slo=transition.slo,
                    severity=transition.severity,
                    since=transition.at,
                    summary=transition.summary,
                )
            )
        elif transition.state == "resolved":
            for position, page in enumerate(self._pages):
                if page.name == transition.alert and page.open:
                    self._pages[position] = replace(
                        page,
                        resolved_at=transition.at,
                        resolution=transition.summary,
                        no_data=transition.no_data,
                    )
