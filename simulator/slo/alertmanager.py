"""Alertmanager: from alerts that fire to notifications, by routes, groups, inhibition and silences.

The order is Alertmanager's own: an alert takes the deepest route that fits it; a route gathers alerts of
equal ``group_by`` labels; a group waits ``group_wait`` before its first notification, and ``group_interval``
between flushes; a flush leaves out what is inhibited or silenced, and notifies if an alert is new, if all are
resolved, or if ``repeat_interval`` has passed. Timers run out on the next evaluation of the rules.

Pages wait for no group: the default route of pages has a ``group_wait`` of 0, and such a route tells at once
whatever begins or ends.

Source: prometheus/alertmanager dispatch/dispatch.go and notify/notify.go (``DedupStage.needsUpdate``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from simulator.scenario import alerting
from simulator.scenario.matchers import Matcher, matcher
from simulator.slo.alerts import AlertRules, Transition
from simulator.slo.silences import Silences, fits
from simulator.units import HOUR, MINUTE, SECOND

#: Alertmanager's defaults of a route.
GROUP_WAIT: Final = 30 * SECOND
GROUP_INTERVAL: Final = 5 * MINUTE
REPEAT_INTERVAL: Final = 4 * HOUR

Labels = tuple[tuple[str, str], ...]
_T = TypeVar("_T")


@dataclass(slots=True)
class Alert:
    """An alert as Alertmanager knows it.

    Attributes:
        labels: What it is known by, sorted.
        fired: The transition that made it fire.
        ended: The one that resolved it; None while it fires.
    """

    labels: Labels
    fired: Transition
    ended: Transition | None = None

    @property
    def name(self) -> str:
        """Its ``alertname``."""
        return self.fired.alert


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one receiver about one group.

    Attributes:
        at: When, ns.
        receiver: Whom.
        group: Identity of the group: receiver and its labels.
        firing: Alerts that fire, oldest first.
        resolved: Alerts that have stopped since the notification before.
        repeated: Nothing changed; it is the reminder after ``repeat_interval``.
    """

    at: int
    receiver: alerting.Receiver
    group: tuple[int, Labels]
    firing: tuple[Alert, ...]
    resolved: tuple[Alert, ...]
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Route:
    """A node of the routing tree with everything that it inherits."""

    number: int
    receiver: str
    group_by: tuple[str, ...]
    matchers: tuple[Matcher, ...]
    goes_on: bool
    group_wait: int
    group_interval: int
    repeat_interval: int
    routes: tuple[_Route, ...]

    def taking(self, labels: Mapping[str, str]) -> Iterator[_Route]:
        """The routes that take an alert which fits this one."""
        taken = False
        for child in self.routes:
            if fits(child.matchers, labels):
                taken = True
                yield from child.taking(labels)
                if not child.goes_on:
                    break
        if not taken:
            yield self


@dataclass(slots=True)
class _Group:
    route: _Route
    labels: Labels
    due: int
    alerts: dict[Labels, Alert] = field(default_factory=dict)
    told_firing: frozenset[Labels] = frozenset()
    told_resolved: frozenset[Labels] = frozenset()
    told_at: int | None = None
    flushed: bool = False


class Alertmanager:
    """Listens to rules and tells receivers.

    Args:
        config: The scenario's.
        rules: What fires.

    Attributes:
        silences: What is muted by hand.
        on_notification: Called with each notification, in order.
    """

    def __init__(self, config: alerting.Alertmanager, rules: AlertRules) -> None:
        self.silences = Silences()
        self.on_notification: list[Callable[[Notification], None]] = []
        self._receivers = {each.name: each for each in config.receivers}
        numbers = iter(range(1_000_000))
        self._top = _inherit(config.route, None, numbers)
        self._inhibitions = tuple(
            (_read(rule.source_matchers), _read(rule.target_matchers), rule.equal)
            for rule in config.inhibit_rules
        )
        self._alerts: dict[Labels, Alert] = {}  # firing now
        self._groups: dict[tuple[int, Labels], _Group] = {}
        rules.on_transition.append(self._hear)
        rules.on_evaluated.append(self.tick)

    @property
    def firing(self) -> tuple[Alert, ...]:
        """Every alert that fires, silenced and inhibited ones among them."""
        return tuple(self._alerts.values())

    def state(self, alert: Alert, at: int) -> str:
        """``active``, or ``suppressed`` with the reason, as a status line says it."""
        labels = dict(alert.labels)
        silence = self.silences.muting(labels, at)
        if silence is not None:
            return f"suppressed (silence {silence.id[:8]})"
        source = self._inhibitor(labels)
        return "active" if source is None else f"suppressed (inhibited by {source.name})"

    def tick(self, at: int) -> None:
        """Flush every group whose timer has run out."""
        for key, group in list(self._groups.items()):
            if at < group.due:
                continue
            self._flush(group, key, at)
            group.flushed = True
            group.due = at + group.route.group_interval
            if not group.alerts:
                del self._groups[key]

    def _hear(self, transition: Transition) -> None:
        labels = transition.labels
        if transition.state == "firing":
            alert = self._alerts[labels] = Alert(labels, transition)
            known = dict(labels)
            for route in self._top.taking(known):
                self._put(route, alert, known, transition.at)
        elif transition.state == "resolved" and labels in self._alerts:
            alert = self._alerts.pop(labels)
            alert.ended = transition
            for group in self._groups.values():
                if alert.labels in group.alerts and not group.route.group_wait:
                    group.due = min(group.due, transition.at)

    def _put(self, route: _Route, alert: Alert, labels: Mapping[str, str], at: int) -> None:
        names = sorted(labels) if route.group_by == ("...",) else route.group_by
        of_group = tuple((name, labels.get(name, "")) for name in names)
        key = route.number, of_group
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(route, of_group, at + route.group_wait)
        group.alerts[alert.labels] = alert
        if not route.group_wait:
            group.due = min(group.due, at)  # a page waits for no group

    def _flush(self, group: _Group, key: tuple[int, Labels], at: int) -> None:
        audible = [alert for alert in group.alerts.values() if self._audible(alert, at)]
        firing = tuple(alert for alert in audible if alert.ended is None)
        resolved = tuple(alert for alert in audible if alert.ended is not None)
        for alert in [alert for alert in group.alerts.values() if alert.ended is not None]:
            del group.alerts[alert.labels]
        if not audible:
            return
        now_firing = frozenset(alert.labels for alert in firing)
        now_resolved = frozenset(alert.labels for alert in resolved)
        receiver = self._receivers[group.route.receiver]
        changed, repeated = _needs_update(group, now_firing, now_resolved, _sends_resolved(receiver), at)
        if not changed and not repeated:
            return
        group.told_firing, group.told_resolved, group.told_at = now_firing, now_resolved, at
        notification = Notification(at, receiver, key, firing, resolved, repeated)
        for listener in self.on_notification:
            listener(notification)

    def _audible(self, alert: Alert, at: int) -> bool:
        labels = dict(alert.labels)
        return self.silences.muting(labels, at) is None and self._inhibitor(labels) is None

    def _inhibitor(self, labels: Mapping[str, str]) -> Alert | None:
        """The firing alert that mutes one with these labels. One that fits both sides never mutes itself."""
        for sources, targets, equal in self._inhibitions:
            if not fits(targets, labels):
                continue
            for alert in self._alerts.values():
                known = dict(alert.labels)
                same = all(known.get(name, "") == labels.get(name, "") for name in equal)
                if same and fits(sources, known) and not (fits(targets, known) and fits(sources, labels)):
                    return alert
        return None


def _needs_update(
    group: _Group, firing: frozenset[Labels], resolved: frozenset[Labels], send_resolved: bool, at: int
) -> tuple[bool, bool]:
    """(something changed, it is time for the reminder); ``DedupStage.needsUpdate``."""
    if group.told_at is None:
        return bool(firing), False
    if not firing <= group.told_firing:
        return True, False
    if not firing:
        return bool(group.told_firing), False
    if send_resolved and not resolved <= group.told_resolved:
        return True, False
    return False, at - group.told_at >= group.route.repeat_interval


def _sends_resolved(receiver: alerting.Receiver) -> bool:
    pagers, channels = receiver.pagerduty_configs, receiver.slack_configs
    return any(each.send_resolved for each in pagers) or any(each.send_resolved for each in channels)


def _read(texts: tuple[str, ...]) -> tuple[Matcher, ...]:
    """The matchers of a configuration, which has been checked."""
    return tuple(found for text in texts if (found := matcher(text)) is not None)


def _inherit(route: alerting.Route, parent: _Route | None, numbers: Iterator[int]) -> _Route:
    """A route with what it inherits; the topmost one inherits Alertmanager's defaults."""
    above = parent or _Route(0, "", (), (), False, GROUP_WAIT, GROUP_INTERVAL, REPEAT_INTERVAL, ())
    made = _Route(
        number=next(numbers),
        receiver=route.receiver or above.receiver,
        group_by=_first(route.group_by, above.group_by),
        matchers=_read(route.matchers),
        goes_on=route.continue_,
        group_wait=_first(route.group_wait, above.group_wait),
        group_interval=_first(route.group_interval, above.group_interval),
        repeat_interval=_first(route.repeat_interval, above.repeat_interval),
        routes=(),
    )
    return replace(made, routes=tuple(_inherit(child, made, numbers) for child in route.routes))


def _first(own: _T | None, inherited: _T) -> _T:
    return inherited if own is None else own
