"""The pager: what rang, since when, who has it, and who is asked next.

A page is one group of Alertmanager's, as with PagerDuty's integration: further alerts of the group join the
page that is open, and it resolves when all of them have. Whoever does not acknowledge in time is passed over:
the escalation policy pages the next level, and so on to the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from simulator.errors import GamedayError
from simulator.scenario.alerting import EscalationRule
from simulator.slo.alertmanager import Alertmanager, Labels, Notification
from simulator.slo.alerts import Transition
from simulator.units import MINUTE


@dataclass(frozen=True, slots=True)
class Page:
    """One page; tickets do not ring and are not here.

    Attributes:
        id: ``P1``, ``P2``, … in order.
        name: The name of the alert that rang first.
        slo: The SLO that burns; empty where the alert watches none.
        severity: ``page``, or the label of a raw rule.
        since: When it fired, ns.
        summary: The alert's annotation when it fired.
        acked_at: When somebody took it, ns; None so far.
        resolved_at: When the alert stopped, ns; None so far.
        resolution: The alert's words when it stopped; empty so far.
        no_data: True where it stopped since nothing was known any more.
        alerts: Names of all alerts of the page, in order of arrival.
        level: Level of the escalation policy that it has reached, from 0.
        noise: It has nothing to do with what is simulated.
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
    alerts: tuple[str, ...] = ()
    level: int = 0
    noise: bool = False

    @property
    def open(self) -> bool:
        """The alert still fires."""
        return self.resolved_at is None

    @property
    def waits(self) -> bool:
        """It is open and nobody has taken it."""
        return self.open and self.acked_at is None


class Pager:
    """Takes notifications and keeps the pages.

    Args:
        alertmanager: Whose receivers with a ``pagerduty_configs`` ring here.
        levels: The escalation policy; without any, nobody else is asked.

    Attributes:
        on_page: Called with a page that rings, and the transition that made it.
        on_join: Called with an open page and the names of the alerts that joined it.
        on_resolve: Called with a page that has resolved.
        on_escalate: Called with a page and the level that is paged now.
        on_reminder: Called with an open page that Alertmanager repeats.
    """

    def __init__(self, alertmanager: Alertmanager, levels: Iterable[EscalationRule] = ()) -> None:
        self.on_page: list[Callable[[Page, Transition], None]] = []
        self.on_join: list[Callable[[Page, tuple[str, ...]], None]] = []
        self.on_resolve: list[Callable[[Page], None]] = []
        self.on_escalate: list[Callable[[Page, EscalationRule], None]] = []
        self.on_reminder: list[Callable[[Page], None]] = []
        self._pages: list[Page] = []
        self._of_group: dict[tuple[int, Labels], int] = {}  # the newest page of each group
        self._levels = tuple(levels)
        alertmanager.on_notification.append(self._hear)

    @property
    def pages(self) -> tuple[Page, ...]:
        """All pages, oldest first."""
        return tuple(self._pages)

    @property
    def unacknowledged(self) -> tuple[Page, ...]:
        """Pages that still fire and that nobody has taken."""
        return tuple(page for page in self._pages if page.waits)

    @property
    def first(self) -> Page | None:
        """The first page that is about this system; noise from elsewhere is none."""
        return next((page for page in self._pages if not page.noise), None)

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
        page = self._named(name, self.unacknowledged, "page ack", "a page that waits")
        return self._put(replace(page, acked_at=at))

    def resolve(self, at: int, name: str | None = None) -> Page:
        """Close a page by hand, whatever its alert does.

        Raises:
            GamedayError: No such page is open.
        """
        waiting = tuple(page for page in self._pages if page.open)
        page = self._named(name, waiting, "page resolve", "a page that is open")
        return self._put(replace(page, resolved_at=at, resolution="Resolved by hand."))

    def tick(self, at: int) -> None:
        """Ask the next level about every page that has waited too long."""
        for page in self.unacknowledged:
            level, due = page.level, page.since
            due += sum(rule.escalation_delay_in_minutes * MINUTE for rule in self._levels[: level + 1])
            if level + 1 < len(self._levels) and at >= due:
                escalated = self._put(replace(page, level=level + 1))
                for listener in self.on_escalate:
                    listener(escalated, self._levels[level + 1])

    def _named(self, name: str | None, choice: tuple[Page, ...], verb: str, wanted: str) -> Page:
        for page in choice:
            if name is None or name in (page.id, page.name):
                return page
        listed = ", ".join(f"{page.id} ({page.name})" for page in choice)
        raise GamedayError(
            verb,
            expected=f"one of {listed}" if choice else wanted,
            got=repr(name) if name else "none",
            todo="Name one of these." if choice else "`page` lists what rang and who has it.",
        )

    def _put(self, page: Page) -> Page:
        self._pages[int(page.id[1:]) - 1] = page
        return page

    def _hear(self, notification: Notification) -> None:
        if not notification.receiver.pagerduty_configs:
            return
        place = self._of_group.get(notification.group)
        page = self._pages[place] if place is not None else None
        if page is None or not page.open:
            if notification.firing:
                self._ring(notification)
        elif not notification.firing:
            if any(each.send_resolved for each in notification.receiver.pagerduty_configs):
                self._stop(page, notification)
        else:
            self._add(page, notification)

    def _ring(self, notification: Notification) -> None:
        fired = notification.firing[0].fired
        page = Page(
            id=f"P{len(self._pages) + 1}",
            name=fired.alert,
            slo=fired.slo,
            severity=fired.severity,
            since=notification.at,
            summary=fired.summary,
            alerts=tuple(alert.name for alert in notification.firing),
            noise=all(alert.fired.noise for alert in notification.firing),
        )
        self._of_group[notification.group] = len(self._pages)
        self._pages.append(page)
        for listener in self.on_page:
            listener(page, fired)

    def _add(self, page: Page, notification: Notification) -> None:
        joined = tuple(alert.name for alert in notification.firing if alert.name not in page.alerts)
        if joined:
            page = self._put(replace(page, alerts=(*page.alerts, *joined)))
            for listener in self.on_join:
                listener(page, joined)
        elif notification.repeated:
            for reminder in self.on_reminder:
                reminder(page)

    def _stop(self, page: Page, notification: Notification) -> None:
        last = notification.resolved[-1].ended if notification.resolved else None
        page = self._put(
            replace(
                page,
                resolved_at=notification.at,
                resolution=last.summary if last else "",
                no_data=last.no_data if last else False,
            )
        )
        for listener in self.on_resolve:
            listener(page)
