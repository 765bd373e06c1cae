"""Alert states, missing data, and the pager."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from simulator.errors import GamedayError, SimulationError
from simulator.scenario import alerting
from simulator.slo.alertmanager import Alertmanager
from simulator.slo.alerts import AlertRules, Transition
from simulator.slo.history import STEP, SliHistory
from simulator.slo.objective import Objective, exact
from simulator.slo.pager import Pager
from simulator.slo.rules import WORKBOOK, Rule, ThresholdRule, condition, threshold_rules, workbook_rules
from simulator.slo.sli import Slo
from simulator.units import DAY, HOUR, MINUTE, SECOND

GOAL = Objective("checkout-availability", "checkout", (), exact("0.999"), 30 * DAY)


def clean_slo(*, rate: int = 1200) -> Slo:
    """An SLO after a month without an error, up to T+00:00."""
    samples = np.arange(31 * DAY // STEP + 1, dtype=np.int64)
    return Slo(GOAL, SliHistory(-31 * DAY, samples * 0, samples * rate, rate * 30 * DAY // STEP, ()))


class Feed:
    """Live samples every five seconds."""

    def __init__(self, *rules: Rule) -> None:
        self.slo = clean_slo()
        self.alerts = AlertRules(rules or workbook_rules(GOAL), {GOAL.name: self.slo})
        self.at = self.bad = self.total = 0

    def run(self, duration: int, *, good: int, bad: int) -> None:
        for _ in range(duration // (5 * SECOND)):
            self.at += 5 * SECOND
            self.bad += bad
            self.total += good + bad
            self.slo.observe(self.at, self.bad, self.total)
            if self.at % self.alerts.interval == 0:
                self.alerts.evaluate(self.at)

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(one.alert, one.state) for one in self.alerts.transitions]


def test_page_fires_and_resolves_on_the_quarter_minute() -> None:
    """A 15 % error rate pages after about six minutes and resolves within five of its end."""
    feed = Feed()
    feed.run(10 * MINUTE, good=85, bad=15)
    feed.run(10 * MINUTE, good=100, bad=0)
    page = [one for one in feed.alerts.transitions if one.severity == "page"]
    assert [one.state for one in page] == ["firing", "resolved"]
    assert all(one.at % (15 * SECOND) == 0 for one in page)
    assert 5 * MINUTE < page[0].at < 7 * MINUTE
    assert 14 * MINUTE < page[1].at <= 15 * MINUTE
    assert page[0].value > 14.4
    assert "1h" in page[0].summary and "5m" in page[0].summary


def test_no_requests_is_unknown_and_never_zero() -> None:
    """With no request in the window the error ratio and the burn rate are NaN."""
    feed = Feed()
    feed.run(MINUTE, good=100, bad=0)
    feed.run(10 * MINUTE, good=0, bad=0)
    assert isnan(feed.slo.error_ratio(5 * MINUTE, feed.at))
    assert isnan(feed.slo.burn_rate(5 * MINUTE, feed.at))
    assert feed.slo.error_ratio(HOUR, feed.at) == 0
    assert feed.slo.time_to_exhaustion(feed.at) is None


def test_no_samples_is_unknown() -> None:
    """When scrapes stop, windows run dry: unknown again, not the last value for ever."""
    feed = Feed()
    feed.run(MINUTE, good=100, bad=50)
    assert isnan(feed.slo.error_ratio(5 * MINUTE, feed.at + 6 * MINUTE))


def test_silence_resolves_the_burn_alert_as_prometheus_does_but_pages_for_itself() -> None:
    """NaN is greater than nothing, so the page resolves; it says why, and the missing data pages instead."""
    feed = Feed()
    pager = Pager(Alertmanager(alerting.Alertmanager(), feed.alerts))
    feed.run(10 * MINUTE, good=85, bad=15)
    feed.run(6 * MINUTE, good=0, bad=0)
    burn, silence = pager.pages[0], pager.pages[-1]
    assert burn.resolved_at is not None and burn.no_data
    assert "not known to be over" in burn.resolution
    assert silence.name == "CheckoutAvailabilityNoData" and silence.open
    assert silence.since <= burn.resolved_at


def test_hold_passes_through_pending() -> None:
    """With a ``for`` clause an alert is pending first, and falls back without firing if it does not last."""
    part = condition(WORKBOOK[0], GOAL)
    feed = Feed(Rule("Held", "page", GOAL.name, (part,), hold=2 * MINUTE))
    feed.run(2 * MINUTE, good=20, bad=80)
    feed.run(7 * MINUTE, good=100, bad=0)
    assert feed.states == [("Held", "pending"), ("Held", "firing"), ("Held", "resolved")] or feed.states == [
        ("Held", "pending"),
        ("Held", "inactive"),
    ]
    pending = feed.alerts.transitions[0]
    following = feed.alerts.transitions[1]
    if following.state == "firing":
        assert following.at - pending.at == 2 * MINUTE


def test_a_pending_alert_that_does_not_last_never_fires() -> None:
    """Shorter than its ``for``: pending, then inactive."""
    part = condition(WORKBOOK[0], GOAL)
    feed = Feed(Rule("Held", "page", GOAL.name, (part,), hold=20 * MINUTE))
    feed.run(3 * MINUTE, good=20, bad=80)
    feed.run(8 * MINUTE, good=100, bad=0)
    assert feed.states == [("Held", "pending"), ("Held", "inactive")]


def test_tickets_do_not_ring() -> None:
    """The slow rows open tickets, which the pager does not show."""
    feed = Feed()
    pager = Pager(Alertmanager(alerting.Alertmanager(), feed.alerts))
    feed.run(60 * MINUTE, good=95, bad=5)
    severities = {one.severity for one in feed.alerts.transitions if one.state == "firing"}
    assert severities == {"page"} or severities == {"page", "ticket"}
    assert {page.severity for page in pager.pages} == {"page"}


def test_pages_are_acknowledged_once() -> None:
    """The oldest waiting page is taken; a second time there is none, and the error says so."""
    feed = Feed()
    pager = Pager(Alertmanager(alerting.Alertmanager(), feed.alerts))
    feed.run(10 * MINUTE, good=85, bad=15)
    assert [page.id for page in pager.unacknowledged] == ["P1"]
    taken = pager.acknowledge(feed.at)
    assert (taken.id, taken.acked_at) == ("P1", feed.at)
    assert pager.unacknowledged == ()
    with pytest.raises(GamedayError, match="a page that waits"):
        pager.acknowledge(feed.at)


def test_an_alert_that_fires_again_is_a_new_page() -> None:
    """A resolved page keeps its times; the second incident gets its own."""
    feed = Feed()
    pager = Pager(Alertmanager(alerting.Alertmanager(), feed.alerts))
    for _ in range(2):
        feed.run(8 * MINUTE, good=80, bad=20)
        feed.run(20 * MINUTE, good=100, bad=0)
    assert [page.id for page in pager.pages][:2] == ["P1", "P2"]
    assert pager.pages[0].resolved_at is not None
    assert pager.pages[0].resolved_at < pager.pages[1].since


def test_callbacks_hear_every_transition_in_order() -> None:
    """Listeners get what the list keeps."""
    feed = Feed()
    heard: list[Transition] = []
    feed.alerts.on_transition.append(heard.append)
    feed.run(10 * MINUTE, good=85, bad=15)
    feed.run(10 * MINUTE, good=100, bad=0)
    assert heard == feed.alerts.transitions and len(heard) >= 2


def test_status_has_a_row_for_each_condition() -> None:
    """The Alerts tab shows long and short windows of every row, and the alert on missing data."""
    feed = Feed()
    feed.run(MINUTE, good=100, bad=0)
    rows = feed.alerts.status(feed.at)
    assert [(row.long, row.short, row.factor) for row in rows[:4]] == [
        (HOUR, 5 * MINUTE, 14.4),
        (6 * HOUR, 30 * MINUTE, 6.0),
        (DAY, 2 * HOUR, 3.0),
        (3 * DAY, 6 * HOUR, 1.0),
    ]
    assert rows[4].alert == "CheckoutAvailabilityNoData"
    assert all(row.state == "inactive" and row.since is None for row in rows)


def test_a_rule_on_an_unknown_slo_is_refused() -> None:
    """The error names the SLOs that there are."""
    with pytest.raises(GamedayError, match="checkout-availability"):
        AlertRules([Rule("X", "page", "nope")], {GOAL.name: clean_slo()})


def test_budget_in_share_minutes_and_requests() -> None:
    """Bad requests since T+00:00 over what the window allows; left in share, minutes and requests alike."""
    feed = Feed()
    feed.run(MINUTE, good=50, bad=50)
    slo = feed.slo
    assert slo.allowed == pytest.approx(1200 * 43_200 / 1000)
    assert slo.bad_in_drill(feed.at) == 600
    assert slo.spent_in_drill(feed.at) == pytest.approx(600 / slo.allowed)
    left = slo.budget_left(feed.at)
    assert left.requests_left == pytest.approx(slo.allowed - 600)
    assert left.share_left == pytest.approx(1 - 600 / slo.allowed)
    assert left.minutes_left == pytest.approx(43.2 * left.share_left)


def test_budget_goes_below_zero() -> None:
    """Overspent is negative, not zero."""
    feed = Feed()
    feed.run(30 * MINUTE, good=0, bad=1000)
    assert feed.slo.budget_left(feed.at).share_left < 0
    assert feed.slo.time_to_exhaustion(feed.at) == 0


def test_curve_agrees_with_single_questions() -> None:
    """Every point of the curve is the answer that the SLO gives at that instant."""
    feed = Feed()
    feed.run(6 * MINUTE, good=90, bad=10)
    feed.run(6 * MINUTE, good=0, bad=0)
    curve = feed.slo.curve(-2 * MINUTE, feed.at)
    assert curve.times[0] == -2 * MINUTE and curve.times[-1] == feed.at
    for position in range(0, len(curve.times), 7):
        at = int(curve.times[position])
        assert curve.budget_left[position] == pytest.approx(feed.slo.budget_left(at).share_left)
        assert curve.spent_in_drill[position] == pytest.approx(feed.slo.spent_in_drill(at))
        assert curve.burn_rate[position] == pytest.approx(feed.slo.burn_rate(5 * MINUTE, at), nan_ok=True)


def test_counters_that_shrink_are_a_bug_and_say_so() -> None:
    """The SLI's counters are cumulative; anything else stops the run."""
    slo = clean_slo()
    slo.observe(5 * SECOND, 1, 10)
    with pytest.raises(SimulationError, match="counters that grow"):
        slo.observe(10 * SECOND, 0, 20)


def test_window_is_open_on_the_left() -> None:
    """Five minutes at five seconds hold sixty samples: the one exactly five minutes old is outside."""
    feed = Feed()
    feed.run(5 * MINUTE, good=10, bad=0)
    feed.run(5 * SECOND, good=0, bad=10)  # counted at T+05:05
    feed.run(5 * MINUTE, good=10, bad=0)
    assert feed.slo.window_counts(5 * MINUTE, feed.at - 5 * SECOND) == (10 - 10, 59 * 10)
    assert feed.slo.window_counts(5 * MINUTE, feed.at - 10 * SECOND) == (10, 59 * 10)


def _threshold(hold: int = 0, keep: int = 0) -> Rule:
    return threshold_rules(GOAL, ThresholdRule(exact("0.05"), MINUTE, hold, keep))[0]


def test_keep_firing_for_bridges_a_gap_and_counts_from_the_first_quiet_evaluation() -> None:
    """A gap shorter than keep_firing_for is not seen; after the last it fires on for exactly that long."""
    feed = Feed(_threshold(keep=2 * MINUTE))
    feed.run(2 * MINUTE, good=80, bad=20)
    feed.run(2 * MINUTE, good=100, bad=0)  # quiet from about T+02:45 on: under keep_firing_for
    feed.run(MINUTE, good=80, bad=20)
    feed.run(6 * MINUTE, good=100, bad=0)
    assert ["firing", "resolved"] == [state for _, state in feed.states]
    quiet = Feed(_threshold())
    quiet.run(2 * MINUTE, good=80, bad=20)
    quiet.run(2 * MINUTE, good=100, bad=0)
    quiet.run(MINUTE, good=80, bad=20)
    quiet.run(6 * MINUTE, good=100, bad=0)
    assert ["firing", "resolved"] * 2 == [state for _, state in quiet.states]
    assert 2 * MINUTE == feed.alerts.transitions[-1].at - quiet.alerts.transitions[-1].at


def test_a_pending_alert_is_not_kept() -> None:
    """keep_firing_for keeps what fires; what was pending only is dropped at once."""
    feed = Feed(_threshold(hold=5 * MINUTE, keep=10 * MINUTE))
    feed.run(2 * MINUTE, good=80, bad=20)
    feed.run(4 * MINUTE, good=100, bad=0)
    assert ["pending", "inactive"] == [state for _, state in feed.states]


def test_a_threshold_fires_when_it_has_held_for_its_for() -> None:
    """20 % bad from T+00:00 on: over 5 % of a minute at once, and firing five minutes after pending."""
    feed = Feed(_threshold(hold=5 * MINUTE))
    feed.run(8 * MINUTE, good=80, bad=20)
    pending, firing = feed.alerts.transitions
    assert ("pending", "firing") == (pending.state, firing.state)
    assert 5 * MINUTE == firing.at - pending.at
    assert "20 % bad over 1m (threshold 5 %)" in firing.summary


def test_a_gap_in_the_data_ends_a_threshold_alert_without_calling_it_healthy() -> None:
    """No request: the ratio is unknown, the alert resolves as Prometheus' would, and says why."""
    feed = Feed(_threshold())
    feed.run(2 * MINUTE, good=80, bad=20)
    feed.run(2 * MINUTE, good=0, bad=0)
    last = feed.alerts.transitions[-1]
    assert ("resolved", True) == (last.state, last.no_data)
    assert "not known to be over" in last.summary


def test_every_alert_carries_sloths_labels() -> None:
    """What Alertmanager routes and silences by: the alert's name, its severity, whose SLO it is."""
    feed = Feed()
    feed.run(10 * MINUTE, good=85, bad=15)
    assert {
        "alertname": "CheckoutAvailabilityBudgetBurn",
        "severity": "page",
        "sloth_id": "checkout-checkout-availability",
        "sloth_service": "checkout",
        "sloth_severity": "page",
        "sloth_slo": "checkout-availability",
    } == dict(next(one for one in feed.alerts.transitions if one.state == "firing").labels)
