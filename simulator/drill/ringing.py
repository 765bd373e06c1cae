"""What rings in a run: pages, escalations and tickets, as the channel and the listeners get them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.drill.acts import Marker
from simulator.drill.situation import within_reach
from simulator.scenario.alerting import EscalationRule
from simulator.slo import Notification, Page, Transition
from simulator.units import MINUTE, format_clock

if TYPE_CHECKING:
    from simulator.drill.run import Run


class Ringing:
    """Joins the pager and Alertmanager to the channel.

    Args:
        run: With its pager in place.

    Attributes:
        markers: When pages rang and stopped, for charts.
    """

    def __init__(self, run: Run) -> None:
        self.markers: list[Marker] = []
        self._run = run
        run.pager.on_page.append(self._page)
        run.pager.on_resolve.append(self._resolved)
        run.pager.on_join.append(self._joined)
        run.pager.on_escalate.append(self._escalated)
        run.pager.on_reminder.append(self._reminded)
        run.alertmanager.on_notification.append(self._notified)

    def _page(self, page: Page, transition: Transition) -> None:
        run = self._run
        self.markers.append(Marker(page.since, "page", page.name))
        also = f" (and {', '.join(page.alerts[1:])})" if page.alerts[1:] else ""
        slo = run.slos.get(page.slo)
        on = f"Service {slo.objective.promised_by}, fires" if slo is not None else "Fires"
        text = f"{page.name}{also}: {page.summary} {on} since {format_clock(page.since)}."
        run.say("page", "pager", text, id=page.id)
        run.paged(page, transition)

    def _resolved(self, page: Page) -> None:
        self.markers.append(Marker(page.resolved_at or 0, "resolved", page.name))

    def _joined(self, page: Page, names: tuple[str, ...]) -> None:
        self._run.say("system", "pager", f"{', '.join(names)} fires too and joins {page.id}.")

    def _reminded(self, page: Page) -> None:
        self._run.say("system", "pager", f"{page.id} {page.name} still fires.")

    def _escalated(self, page: Page, level: EscalationRule) -> None:
        waited = (self._run.now - page.since) // MINUTE
        who = " and ".join(within_reach(target, self._run.guidance) for target in level.targets)
        self._run.say(
            "system",
            "pager",
            f"{page.id} {page.name}: nobody has acknowledged it for {waited} minutes. Paging {who}.",
        )

    def _notified(self, notification: Notification) -> None:
        for config in notification.receiver.slack_configs:
            if notification.firing:
                first = notification.firing[0]
                more = f" and {len(notification.firing) - 1} more" if notification.firing[1:] else ""
                text = f"[FIRING] {first.name}{more}: {first.fired.summary}"
            elif config.send_resolved:
                text = "[RESOLVED] " + ", ".join(alert.name for alert in notification.resolved)
            else:
                continue
            self._run.say("system", f"alertmanager {config.channel}", text)
