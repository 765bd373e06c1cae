"""The alert lab: recordings, backtests, frames and the plot."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from simulator.errors import GamedayError
from simulator.lab import alert_lab
from simulator.slo.alerts import AlertRules
from simulator.slo.backtest import backtest
from simulator.slo.history import SliHistory
from simulator.slo.recordings import STEP, Recording, Stretch, fault
from simulator.slo.rules import Rule, no_data_rule
from simulator.slo.sli import Slo
from simulator.units import DAY, HOUR, MINUTE
from tests.slo_rules import KINDS

GOAL = alert_lab.objective(0.999)


def _tape(name: str) -> Recording:
    return next(tape for tape in alert_lab.library() if tape.name == name)


def test_the_library_is_the_same_for_the_same_seed() -> None:
    """Made on demand; another seed makes other noise."""
    one, same, other = alert_lab.library(), alert_lab.library(), alert_lab.library(seed=8)
    assert all(np.array_equal(a.bad, b.bad) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a.bad, b.bad) for a, b in zip(one, other, strict=True))


def test_every_recording_is_counters_of_whole_requests() -> None:
    """No step fails more than it served, and ordinary days stay within a quarter of what is allowed."""
    for tape in alert_lab.library():
        assert tape.bad.dtype == np.int64 and (tape.bad >= 0).all() and (tape.bad <= tape.total).all()
        if not tape.quiet:
            before = slice(0, -tape.start // STEP)
            share = tape.bad[before].sum() / tape.total[before].sum()
            assert 0.25e-3 == pytest.approx(share, rel=0.1)


def test_the_faults_are_of_the_size_that_they_claim() -> None:
    """Ten minutes of outage are 10 of 43.2 minutes; five times too fast for a day is a sixth of the month."""
    spent = alert_lab.run(alert_lab.workbook()).frame["spent"].droplevel("rule")
    assert 10 / 43.2 == pytest.approx(spent["outage"], rel=0.01)
    assert 5 / 30 == pytest.approx(spent["slow-burn"], rel=0.06)
    assert 0.5 / 43.2 == pytest.approx(spent["blip"], rel=0.02)


RULES: list[Rule] = [
    alert_lab.workbook(),
    alert_lab.burn_rate(14.4, "1h", hold="2m", keep="5m"),
    alert_lab.threshold(0.01, "5m", hold="3m", keep="2m"),
]


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
@pytest.mark.parametrize("name", ["outage", "flapping", "bad-release"])
def test_a_backtest_fires_at_the_very_instants_of_the_live_rules(rule: Rule, name: str) -> None:
    """Sample by sample through the live evaluation: the same firings, to the 15 s."""
    tape = _tape(name)
    quiet = -tape.start // STEP
    zero = np.zeros(1, dtype=np.int64)
    # The live SLO starts with a history of one sample, at the recording's start.
    slo = Slo(replace(GOAL, name=rule.slo), SliHistory(tape.start, zero, zero, 1, ()))
    live = AlertRules([rule], {rule.slo: slo})
    bad, total = np.cumsum(tape.bad).tolist(), np.cumsum(tape.total).tolist()
    begin = quiet - 6 * HOUR // STEP - 1  # what is older no window of these rules sees
    for step in range(begin, min(quiet + 6 * HOUR // STEP, len(bad))):
        at = tape.start + (step + 1) * STEP
        slo.observe(at, bad[step], total[step])
        if step > quiet - 10:
            live.evaluate(at)
    end = tape.start + (step + 1) * STEP
    fired = [one.at for one in live.transitions if one.state == "firing"]
    resolved = [one.at for one in live.transitions if one.state == "resolved"]
    firing = [pair for pair in backtest(rule, tape, GOAL).firing if pair[0] <= end]
    assert fired and fired == [pair[0] for pair in firing]
    assert resolved == [pair[1] for pair in firing if pair[1] <= end][: len(resolved)]


def test_what_rings_without_a_worthy_fault_is_a_false_alert() -> None:
    """A nervous threshold rings in a quiet week and at half of the budget's pace; a burn alert does not."""
    nervous, calm = alert_lab.threshold(0.001, "1m"), alert_lab.burn_rate(14.4, "1h", "5m")
    tapes = [_tape("quiet-week"), _tape("within-budget"), _tape("blip")]
    found = alert_lab.run([nervous, calm], tapes).summary
    false = found["false_alerts"].to_dict()
    assert 10 < false[nervous.name]
    assert (0, 0, 0) == (false[calm.name], *found[["faults", "missed"]].loc[calm.name])


def test_a_missed_burn_is_said() -> None:
    """A page does not see what smoulders; the ticket does, before a tenth of the budget is gone."""
    found = alert_lab.run([alert_lab.workbook(), alert_lab.workbook("ticket")], [_tape("smoulder")]).frame
    page, ticket = found.loc["workbook page"].iloc[0], found.loc["workbook ticket"].iloc[0]
    assert page["missed"] and isnan(page["detection_minutes"]) and isnan(page["spent_at_detection"])
    assert not ticket["missed"] and ticket["spent_at_detection"] < 0.1


def test_few_users_fool_every_burn_rate() -> None:
    """One failure of ten requests an hour is a burn of a hundred: the book's low-traffic service."""
    found = alert_lab.run(alert_lab.workbook(), [_tape("few-users")]).frame
    assert found["false_alerts"].iloc[0] > 0


def test_a_gap_in_the_data_is_not_health() -> None:
    """Nothing asked for an hour: a burn alert is silent, and the alert on missing data rings."""
    tape = fault("gap", "-", (Stretch(0, HOUR, 1, 1),), allowance=GOAL.allowance)
    silent = replace(tape, bad=tape.bad.copy(), total=tape.total.copy())
    hour = slice(-tape.start // STEP, (-tape.start + HOUR) // STEP)
    silent.bad[hour] = silent.total[hour] = 0
    rule = replace(no_data_rule(KINDS["availability"]), name="no data")
    ((begin, end),) = backtest(rule, silent, GOAL).firing
    assert (5 * MINUTE, HOUR) == pytest.approx((begin, end), abs=2 * STEP)
    assert () == backtest(alert_lab.burn_rate(14.4, "1h", "5m"), silent, GOAL).firing


def test_a_drill_can_be_a_recording() -> None:
    """The SLI of the welcome drill, played by nobody: the Workbook's page as in the drill."""
    tape = alert_lab.played("welcome", seed=7)
    assert tape.ends is not None and tape.start <= -3 * DAY
    found = alert_lab.run(alert_lab.workbook(), [tape]).frame.iloc[0]
    assert found["detection_minutes"] < 4 and 0 == found["false_alerts"]
    with pytest.raises(GamedayError, match="one of"):
        alert_lab.played("welcome", slo="nope")


def test_a_series_of_ones_own_is_checked() -> None:
    """Bad of total, step by step; a step with more bad than total is refused."""
    tape = alert_lab.series("mine", [0, 0, 5, 5, 0], [10] * 5, begins=2, ends=4)
    assert (-2 * STEP, 2 * STEP, 10) == (tape.start, tape.ends, tape.bad_until(2 * STEP))
    for bad, total in (([1], [0]), ([1, 2], [3]), ([], [])):
        with pytest.raises(GamedayError, match="as many steps"):
            alert_lab.series("mine", bad, total, ends=None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: alert_lab.objective(99.9), "a share between 0 and 1"),
        (lambda: alert_lab.objective(window="1h"), "1d or more"),
        (lambda: alert_lab.burn_rate(14.4, "1 hour"), "a duration such as 5m"),
        (lambda: alert_lab.run([]), "at least one rule"),
        (lambda: alert_lab.run([alert_lab.workbook(), alert_lab.workbook()]), "a name of its own"),
        (lambda: alert_lab.run(alert_lab.threshold(0.01, "20s")), "a multiple of 15s"),
        (lambda: alert_lab.workbook("ticket", goal=alert_lab.objective(window="1d")), "has such an alert"),
    ],
)
def test_a_wrong_argument_is_answered_in_four_parts(wrong: object, said: str) -> None:
    """No traceback of ours inside a lesson."""
    assert callable(wrong)
    with pytest.raises(GamedayError, match=said):
        wrong()


def test_the_plot_says_in_words_what_is_on_it() -> None:
    """Its sentence counts faults seen and false alerts for each rule; the picture is one image."""
    found = alert_lab.run([alert_lab.workbook(), alert_lab.threshold(0.01, "5m", hold="10m")])
    picture = found.plot()
    for name, row in found.summary.iterrows():
        assert f"{name}: {int(row['seen'])} of {int(row['faults'])} faults seen" in str(picture)
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert "seen" in repr(found)
