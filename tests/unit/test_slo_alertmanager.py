"""Alertmanager by hand: routes, groups, inhibition, silences, reminders; the pager's levels; noise."""

from __future__ import annotations

from collections.abc import Iterable
from math import nan
from typing import Any

import pytest
from pydantic import ValidationError

from simulator.errors import GamedayError
from simulator.scenario import alerting
from simulator.scenario.alerting import EscalationRule, NoisyAlert
from simulator.scenario.matchers import Matcher, matcher
from simulator.slo.alertmanager import Alertmanager, Notification
from simulator.slo.alerts import AlertRules, AlertStatus, Transition
from simulator.slo.noise import Noise
from simulator.slo.pager import Page, Pager
from simulator.slo.silences import Silences
from simulator.units import HOUR, MINUTE, SECOND

STEP = 15 * SECOND


class Script:
    """Alerts that fire and resolve when the test says so."""

    def __init__(self) -> None:
        self.due: list[Transition] = []

    def evaluate(self, at: int) -> Iterable[Transition]:
        now = [each for each in self.due if each.at <= at]
        self.due = [each for each in self.due if each.at > at]
        return now

    def status(self, at: int) -> Iterable[AlertStatus]:
        del at
        return ()


class Desk:
    """A rule manager, an Alertmanager and a pager on a clock of quarter minutes."""

    def __init__(self, config: dict[str, Any] | None = None, levels: tuple[EscalationRule, ...] = ()) -> None:
        self.rules, self.script = AlertRules((), {}), Script()
        self.rules.add_source(self.script)
        declared = alerting.Alertmanager.model_validate(config or {}, strict=False)
        self.manager = Alertmanager(declared, self.rules)
        self.pager = Pager(self.manager, levels)
        self.rules.on_evaluated.append(self.pager.tick)
        self.told: list[Notification] = []
        self.manager.on_notification.append(self.told.append)
        self.at = 0

    def fire(self, name: str, at: int, until: int | None = None, **labels: str) -> None:
        """Plan an alert; severity page where nothing is said."""
        known = {"severity": "page", **labels, "alertname": name}
        pairs = tuple(sorted(known.items()))
        for moment, state in ((at, "firing"), (until, "resolved")):
            if moment is not None:
                self.script.due.append(
                    Transition(moment, name, "", known["severity"], state, nan, f"{name}.", labels=pairs)  # type: ignore[arg-type]
                )

    def run(self, until: int) -> None:
        while self.at < until:
            self.at += STEP
            self.rules.evaluate(self.at)

    @property
    def log(self) -> list[tuple[int, str, list[str], list[str]]]:
        """(minute's quarters, receiver, firing, resolved) of each notification."""
        return [
            (
                each.at // STEP,
                each.receiver.name,
                [alert.name for alert in each.firing],
                [alert.name for alert in each.resolved],
            )
            for each in self.told
        ]


TREE: dict[str, Any] = {
    "route": {
        "receiver": "everything",
        "group_by": ["cluster"],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "1h",
        "routes": [
            {"matchers": ['team="pay"'], "receiver": "pay", "group_by": ["alertname"], "continue": True},
            {"matchers": ['severity="page"'], "receiver": "page", "routes": [
                {"matchers": ['night=~"yes|always"'], "receiver": "night"}]},
        ],
    },
    "receivers": [{"name": name, "slack_configs": [{"send_resolved": True}]} for name in
                  ("everything", "pay", "page", "night")],
    "inhibit_rules": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({"severity": "ticket"}, ["everything"]),
        ({}, ["page"]),
        ({"night": "yes"}, ["night"]),
        ({"night": "no"}, ["page"]),
        ({"team": "pay"}, ["pay", "page"]),
        ({"team": "pay", "severity": "ticket"}, ["pay"]),
    ],
)
def test_an_alert_takes_the_deepest_route_that_fits(labels: dict[str, str], receivers: list[str]) -> None:
    """`continue` lets the next sibling take it too; what fits none stays with the parent."""
    desk = Desk(TREE)
    desk.fire("Disk", STEP, None, **labels)
    desk.run(2 * MINUTE)
    assert receivers == [receiver for _, receiver, _, _ in desk.log]


def test_a_group_waits_then_tells_of_all_its_alerts_at_once() -> None:
    """Two alerts 15 s apart are one message after group_wait; a third within group_interval waits for it."""
    desk = Desk(TREE)
    desk.fire("A", STEP, severity="ticket", cluster="eu")
    desk.fire("B", 2 * STEP, severity="ticket", cluster="eu")
    desk.fire("C", 5 * STEP, severity="ticket", cluster="eu")
    desk.fire("D", 2 * STEP, severity="ticket", cluster="us")
    desk.run(7 * MINUTE)
    assert [
        (3, "everything", ["A", "B"], []),
        (4, "everything", ["D"], []),
        (23, "everything", ["A", "B", "C"], []),
    ] == desk.log


def test_resolved_alerts_are_told_with_the_next_flush_and_forgotten() -> None:
    """Both resolve: one message; nothing is repeated afterwards."""
    desk = Desk(TREE)
    desk.fire("A", STEP, 8 * STEP, severity="ticket")
    desk.fire("B", STEP, 30 * STEP, severity="ticket")
    desk.run(3 * HOUR)
    assert [
        (3, "everything", ["A", "B"], []),
        (23, "everything", ["B"], ["A"]),
        (43, "everything", [], ["B"]),
    ] == desk.log


def test_an_alert_that_goes_before_group_wait_is_never_told() -> None:
    """It came and went within the wait: no news."""
    desk = Desk(TREE)
    desk.fire("A", STEP, 2 * STEP, severity="ticket")
    desk.run(HOUR)
    assert [] == desk.log


def test_a_reminder_comes_after_repeat_interval() -> None:
    """Nothing changed for an hour: once more, and again an hour later."""
    desk = Desk(TREE)
    desk.fire("A", STEP, severity="ticket")
    desk.run(2 * HOUR + 30 * MINUTE)
    assert [3, 243, 483] == [at for at, *_ in desk.log]
    assert [False, True, True] == [each.repeated for each in desk.told]


def test_pages_wait_for_no_group() -> None:
    """By default a page rings at the evaluation that fires, and its end is told at once too."""
    desk = Desk()
    desk.fire("Burn", 4 * STEP, 9 * STEP)
    desk.run(5 * MINUTE)
    assert [(4, "on-call", ["Burn"], []), (9, "on-call", [], ["Burn"])] == desk.log
    (page,) = desk.pager.pages
    assert (4 * STEP, 9 * STEP, "Burn.") == (page.since, page.resolved_at, page.resolution)


def test_by_default_a_page_mutes_the_ticket_of_the_same_slo() -> None:
    """Another SLO's ticket is told; the muted one is told once the page is over."""
    desk = Desk()
    desk.fire("Burn", STEP, 60 * STEP, sloth_id="a")
    desk.fire("BurnSlow", 2 * STEP, severity="ticket", sloth_id="a")
    desk.fire("OtherSlow", 2 * STEP, severity="ticket", sloth_id="b")
    desk.run(14 * STEP)
    muted = next(alert for alert in desk.manager.firing if alert.name == "BurnSlow")
    assert "suppressed (inhibited by Burn)" == desk.manager.state(muted, desk.at)
    desk.run(HOUR)
    tickets = [(at, names) for at, receiver, names, _ in desk.log if receiver == "tickets"]
    assert [(4, ["OtherSlow"]), (64, ["BurnSlow"])] == tickets


def _silence(desk: Desk, text: str, duration: int) -> str:
    found = matcher(text)
    assert found is not None
    silences = desk.manager.silences
    return silences.add([found], at=desk.at, duration=duration, created_by="you", comment="loud").id


def test_a_silenced_alert_fires_and_rings_nobody() -> None:
    """It is suppressed; when the silence ends and it still fires, the pager rings at the next flush."""
    desk = Desk()
    _silence(desk, "alertname=Burn", 7 * MINUTE)
    desk.fire("Burn", 2 * STEP)
    desk.run(6 * MINUTE)
    assert [] == list(desk.pager.pages)
    (alert,) = desk.manager.firing
    assert desk.manager.state(alert, desk.at).startswith("suppressed (silence ")
    desk.run(20 * MINUTE)
    (page,) = desk.pager.pages
    assert 2 * STEP + 10 * MINUTE == page.since  # flushes are five minutes apart
    assert "active" == desk.manager.state(alert, desk.at)


def test_silencing_an_open_page_leaves_it_open_for_ever() -> None:
    """Its end is muted too, as with Alertmanager and PagerDuty; somebody has to close it by hand."""
    desk = Desk()
    desk.fire("Burn", STEP, 20 * STEP)
    desk.run(2 * MINUTE)
    _silence(desk, 'alertname=~"Bu.*"', HOUR)
    desk.run(2 * HOUR)
    (page,) = desk.pager.pages
    assert page.open and () == desk.manager.firing
    assert not desk.pager.resolve(desk.at, "P1").open
    with pytest.raises(GamedayError, match="a page that is open"):
        desk.pager.resolve(desk.at)


def test_an_expired_silence_mutes_nothing() -> None:
    """Expired by hand before the alert comes; its id may be given by its beginning."""
    desk = Desk()
    name = _silence(desk, "alertname=Burn", HOUR)
    desk.manager.silences.expire(name[:8], desk.at)
    desk.fire("Burn", STEP)
    desk.run(MINUTE)
    assert ["P1"] == [page.id for page in desk.pager.pages]
    with pytest.raises(GamedayError, match="the id of one of none"):
        desk.manager.silences.expire(name, desk.at)


@pytest.mark.parametrize("texts", [[], ['team=""'], ['alertname=~".*"'], ["team!=x"]])
def test_a_silence_that_would_mute_everything_is_refused(texts: list[str]) -> None:
    """Alertmanager wants one matcher that the empty text does not fit."""
    wanted = [found for text in texts if (found := matcher(text))]
    with pytest.raises(GamedayError, match="at least one matcher"):
        Silences().add(wanted, at=0, duration=HOUR, created_by="you", comment="x")


def test_alerts_of_a_group_share_a_page() -> None:
    """Grouped by severity the second alert joins the first page; it resolves when both have."""
    desk = Desk({
        "route": {"receiver": "p", "group_by": ["severity"], "group_wait": "0s"},
        "receivers": [{"name": "p", "pagerduty_configs": [{}]}],
    })  # fmt: skip
    joined: list[tuple[str, tuple[str, ...]]] = []
    desk.pager.on_join.append(lambda page, names: joined.append((page.id, names)))
    desk.fire("A", STEP, 10 * STEP)
    desk.fire("B", 3 * STEP, 30 * STEP)
    desk.run(20 * STEP)
    (page,) = desk.pager.pages
    assert (("A", "B"), True) == (page.alerts, page.open)
    assert [("P1", ("B",))] == joined
    desk.run(HOUR)
    assert 30 * STEP == desk.pager.pages[0].resolved_at


def test_a_receiver_without_a_config_is_a_black_hole() -> None:
    """The alert fires and nobody hears of it: a missing page that a scenario can declare."""
    desk = Desk({"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]})
    desk.fire("Burn", STEP)
    desk.run(HOUR)
    assert ("Burn",) == tuple(alert.name for alert in desk.manager.firing)
    assert () == desk.pager.pages


LEVELS = tuple(
    EscalationRule(escalation_delay_in_minutes=minutes, targets=(who,))
    for minutes, who in ((5, "you"), (10, "the secondary"), (30, "James O'Brien"))
)


def test_a_page_that_nobody_takes_goes_up_level_by_level() -> None:
    """After five minutes to the second, ten later to the third, which is the last."""
    desk = Desk(levels=LEVELS)
    paged: list[tuple[int, str]] = []
    desk.pager.on_escalate.append(lambda page, level: paged.append((desk.at - page.since, level.targets[0])))
    desk.fire("Burn", STEP)
    desk.run(2 * HOUR)
    assert [(5 * MINUTE, "the secondary"), (15 * MINUTE, "James O'Brien")] == paged
    assert 2 == desk.pager.pages[0].level


@pytest.mark.parametrize("how", ["acknowledged", "resolved"])
def test_a_page_that_somebody_has_goes_no_further(how: str) -> None:
    """Neither once it is taken nor once its alert is over."""
    desk = Desk(levels=LEVELS)
    paged: list[Page] = []
    desk.pager.on_escalate.append(lambda page, _level: paged.append(page))
    desk.fire("Burn", STEP, 4 * MINUTE if how == "resolved" else None)
    desk.run(3 * MINUTE)
    if how == "acknowledged":
        desk.pager.acknowledge(desk.at, "P1")
    desk.run(HOUR)
    assert [] == paged


def test_noise_fires_when_declared_and_is_no_page_about_this_system() -> None:
    """Every ten minutes for three, whatever anybody does; the first page about the system is another."""
    declared = {
        "alert": "BatchJobLate", "severity": "page", "summary": "A job is late.", "labels": {"team": "data"},
        "at": "2m", "lasting": "3m", "every": "10m",
    }  # fmt: skip
    noise = Noise([NoisyAlert.model_validate(declared)])
    desk = Desk()
    desk.rules.add_source(noise)
    assert [] == list(noise.status(0))
    desk.fire("Burn", 13 * MINUTE)
    desk.run(16 * MINUTE)
    assert [
        ("P1", 2 * MINUTE, 5 * MINUTE, True), ("P2", 12 * MINUTE, 15 * MINUTE, True),
        ("P3", 13 * MINUTE, None, False),
    ] == [(page.id, page.since, page.resolved_at, page.noise) for page in desk.pager.pages]  # fmt: skip
    assert desk.pager.first is not None and "P3" == desk.pager.first.id
    assert ["inactive"] == [row.state for row in noise.status(desk.at)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('severity="page"', Matcher("severity", "=", "page")),
        ("severity=page", Matcher("severity", "=", "page")),
        ('alertname=~"Check.*"', Matcher("alertname", "=~", "Check.*")),
        (' team != "a b" ', Matcher("team", "!=", "a b")),
        ('x="a\\"b"', Matcher("x", "=", 'a"b')),
        ("severity", None),
        ("=page", None),
        ("1x=page", None),
        ('x=~"("', None),
        ('x=~"(a+)+"', None),
    ],
)
def test_matchers_are_read_as_alertmanager_reads_them(text: str, found: Matcher | None) -> None:
    """Quoted or bare; a broken regular expression, or one that could take for ever, is none."""
    assert found == matcher(text)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"route": {"receiver": "x"}}, "the name of a receiver"),
        ({"route": {"group_by": ["a"]}}, "a receiver, and no matchers"),
        ({"route": {"receiver": "on-call", "matchers": ["a=b"]}}, "a receiver, and no matchers"),
        ({"route": {"receiver": "on-call", "matchers": ["a~b"]}}, "a matcher such as"),
        ({"route": {"receiver": "on-call", "groupBy": ["a"]}}, "groupBy"),
    ],
)
def test_a_configuration_that_leads_nowhere_is_refused(config: dict[str, Any], said: str) -> None:
    """As Alertmanager refuses it; and keys are spelled as Alertmanager spells them."""
    with pytest.raises(ValidationError, match=said):
        alerting.Alertmanager.model_validate(config, strict=False, by_alias=True, by_name=False)
