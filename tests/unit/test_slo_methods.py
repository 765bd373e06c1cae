"""Budgets by hand: occurrences, time slices, ratio time slices, thresholds, calendar windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from math import isnan

import numpy as np
import pytest

from simulator.errors import GamedayError
from simulator.slo.history import STEP, SliHistory, lay_down
from simulator.slo.indicator import Indicator, Threshold
from simulator.slo.objective import Objective, exact
from simulator.slo.periods import CalendarUnit, Periods, periods
from simulator.slo.sli import Slo
from simulator.units import DAY, HOUR, MINUTE, SECOND

WARM_UP = 10 * MINUTE
START = datetime(2026, 3, 13, 10, 0, tzinfo=UTC)
SLICES = Objective(
    "checkout-minutes", "edge", (), exact("0.99"), 10 * DAY,
    method="Timeslices", slice_window=MINUTE, slice_target=exact("0.95"),
)  # fmt: skip
SHARES = replace(SLICES, name="checkout-shares", method="RatioTimeslices", slice_target=Fraction(0))


def _clean(goal: Objective, *, per_minute: int = 60) -> Slo:
    """Eleven days at so many requests a minute without an error, up to T+00:00."""
    samples = np.arange(11 * DAY // STEP + 1, dtype=np.int64)
    expected = per_minute * goal.window // STEP
    return Slo(goal, SliHistory(-11 * DAY, samples * 0, samples * per_minute, expected, ()))


def _feed(slo: Slo, *minutes: tuple[int, int]) -> int:
    """(bad, total) for each minute, counted at its end; returns the last instant."""
    bad = total = at = 0
    for one_bad, one_total in minutes:
        at += MINUTE
        bad += one_bad
        total += one_total
        slo.observe(at, bad, total)
    return at


def test_a_slice_is_bad_when_its_share_of_good_requests_is_under_its_target() -> None:
    """Of minutes with 0, 5, 6 and 100 bad of 100, the last two miss 95 %: two of 144 allowed are spent."""
    slo = _clean(SLICES)
    at = _feed(slo, (0, 100), (5, 100), (6, 100), (100, 100))
    left = slo.budget_left(at)
    assert 144 == left.allowed  # 1 % of 14,400 minutes
    assert 2 == left.spent
    assert 1 - 2 / 144 == pytest.approx(left.share_left)
    assert 142 == pytest.approx(left.minutes_left)
    assert 2 / 144 == pytest.approx(slo.spent_in_drill(at))


def test_a_slice_weighs_the_same_however_few_requests_it_has() -> None:
    """One failed request of one at night costs a slice, as a thousand at noon do; occurrences differ."""
    slices, requests = _clean(SLICES), _clean(replace(SLICES, method="Occurrences", slice_window=0))
    for slo in (slices, requests):
        _feed(slo, (1, 1), (1000, 1000))
    assert 2 == slices.budget_left(2 * MINUTE).spent
    assert 1001 == requests.budget_left(2 * MINUTE).spent


def test_a_slice_without_a_request_is_unknown_and_not_good() -> None:
    """It is no unit: a window of such slices has no ratio, and the burn rate is NaN."""
    slo = _clean(SLICES)
    at = _feed(slo, (0, 100), *[(0, 0)] * 6)
    assert slo.window_counts(5 * MINUTE, at) is None
    assert isnan(slo.burn_rate(5 * MINUTE, at))
    assert (0, 1) == slo.window_counts(7 * MINUTE, at)


def test_a_slice_closes_at_its_end_and_not_before() -> None:
    """Five bad seconds are nothing yet; once the minute is over they are a slice."""
    slo = _clean(SLICES)
    slo.observe(5 * SECOND, 50, 50)
    assert 0 == slo.spent_in_drill(5 * SECOND)
    for second in range(10, 61, 5):
        slo.observe(second * SECOND, 50, 50 + second)
    assert 1 / 144 == pytest.approx(slo.spent_in_drill(MINUTE))


def test_ratio_slices_are_worth_their_share() -> None:
    """Minutes that failed by a quarter, by half and wholly cost 1.75 slices of 144."""
    slo = _clean(SHARES)
    at = _feed(slo, (25, 100), (1, 2), (7, 7), (0, 50))
    left = slo.budget_left(at)
    assert (144, 1.75) == (left.allowed, left.spent)
    assert 1.75 / 4 == slo.error_ratio(4 * MINUTE, at)
    assert 1.75 / 4 / 0.01 == pytest.approx(slo.burn_rate(4 * MINUTE, at))


def test_time_to_exhaustion_counts_in_the_budgets_own_unit() -> None:
    """Every minute bad, 144 allowed and 4 gone: 140 minutes are left."""
    slo = _clean(SLICES)
    at = _feed(slo, *[(9, 10)] * 4)
    assert 140 * MINUTE == slo.time_to_exhaustion(at, over=4 * MINUTE)


@pytest.mark.parametrize("goal", [SLICES, SHARES], ids=["slices", "shares"])
def test_the_curve_of_slices_agrees_with_single_questions(goal: Objective) -> None:
    """Every point of the curve is the answer that the SLO gives at that instant."""
    slo = _clean(goal)
    at = _feed(slo, *[(minute % 3 * 10, 20) for minute in range(12)])
    curve = slo.curve(-2 * MINUTE, at, over=3 * MINUTE)
    assert (-2 * MINUTE, at) == (curve.times[0], curve.times[-1])
    for position, moment in enumerate(map(int, curve.times)):
        assert slo.budget_left(moment).share_left == pytest.approx(curve.budget_left[position])
        assert slo.error_ratio(3 * MINUTE, moment) == pytest.approx(curve.error_ratio[position], nan_ok=True)
        assert slo.spent_in_drill(moment) == pytest.approx(curve.spent_in_drill[position])


def _lay(goal: Objective, *, seed: int = 7, rate: float = 3.0) -> Slo:
    history = lay_down(goal, seed=seed, warm_up=WARM_UP, requests_per_second=rate, start_time=START)
    return Slo(goal, history)


@pytest.mark.parametrize("spent", ["0", "0.25", "1"])
@pytest.mark.parametrize("length", [1, 5, 60])
def test_history_spends_the_declared_slices(spent: str, length: int) -> None:
    """Exactly the declared share of the bad slices lies in the window of T+00:00, whatever their length."""
    goal = replace(SLICES, slice_window=length * MINUTE, spent_at_start=exact(spent))
    left = _lay(goal).budget_left(0)
    assert round(float(exact(spent)) * left.allowed) == left.spent


@pytest.mark.parametrize("rate", [0.05, 3.0])
def test_history_spends_the_declared_shares(rate: float) -> None:
    """To within a hundredth of the budget, also where a minute sees three requests."""
    goal = replace(SHARES, spent_at_start=exact("0.4"))
    assert 0.6 == pytest.approx(_lay(goal, rate=rate).budget_left(0).share_left, abs=0.01)


def test_history_of_a_threshold_is_one_sample_a_minute() -> None:
    """Ten days are 14,400 samples, a fifth of the 144 allowed being broken."""
    goal = replace(
        SLICES, method="Occurrences", slice_window=0, spent_at_start=exact("0.2"),
        indicator=Indicator(threshold=Threshold("queue_depth", "lt", 100)),
    )  # fmt: skip
    slo = _lay(goal, rate=0.0)
    assert (14_400, 28) == (slo.history.expected, slo.budget_left(0).spent)
    assert "minutes" == goal.unit


# --- calendar windows -----------------------------------------------------------------------------


def _periods(
    count: int, unit: CalendarUnit, first: str, zone: str = "UTC", start: datetime = START
) -> Periods:
    return periods(
        count=count, unit=unit, first=datetime.fromisoformat(first), time_zone=zone, start_time=start
    )


@pytest.mark.parametrize(
    ("count", "unit", "first", "zone", "began_days", "length_days"),
    [
        (1, "M", "2026-01-01 00:00:00", "UTC", 12 + 10 / 24, 31),
        (1, "Q", "2026-01-01 00:00:00", "UTC", 31 + 28 + 12 + 10 / 24, 90),
        (1, "w", "2026-01-05 00:00:00", "UTC", 4 + 10 / 24, 7),
        (2, "w", "2026-01-05 00:00:00", "UTC", 11 + 10 / 24, 14),
        (1, "Y", "2020-01-01 00:00:00", "UTC", 71 + 10 / 24, 365),
        (1, "M", "2025-12-31 00:00:00", "UTC", 13 + 10 / 24, 31),  # from the last of February on
        (1, "M", "2026-01-01 00:00:00", "Asia/Kolkata", 12 + 15.5 / 24, 31),
        (1, "M", "2030-07-01 00:00:00", "UTC", 12 + 10 / 24, 31),  # a beginning in the future
        (1, "M", "2026-01-01 00:00:00", "Europe/Berlin", 12 + 11 / 24, 31 - 1 / 24),  # an hour is lost
    ],
)
def test_a_period_begins_where_the_civil_calendar_has_it(
    count: int, unit: CalendarUnit, first: str, zone: str, began_days: float, length_days: float
) -> None:
    """At 10:00 UTC on Friday 13 March 2026."""
    begin, end = _periods(count, unit, first, zone).containing(0)
    assert (began_days, length_days) == pytest.approx((-begin / DAY, (end - begin) / DAY))


def test_an_unknown_time_zone_is_refused() -> None:
    """The error says what a zone looks like."""
    with pytest.raises(GamedayError, match="Europe/Berlin"):
        _periods(1, "M", "2026-01-01 00:00:00", "Middle/Earth")


def _month(start: datetime, *, spent: str = "0.3") -> Objective:
    calendar = _periods(1, "M", "2026-01-01 00:00:00", start=start)
    begin, end = calendar.containing(0)
    return Objective(
        "checkout-month", "edge", (), exact("0.999"), end - begin, exact(spent), periods=calendar
    )  # fmt: skip


@pytest.mark.parametrize("day", [2, 13, 31])
def test_a_calendar_month_has_spent_the_declared_share_whatever_the_day(day: int) -> None:
    """On the 2nd, the 13th and the 31st of March 30 % is gone, and the month's budget is about the same."""
    goal = _month(START.replace(day=day))
    history = lay_down(
        goal, seed=3, warm_up=WARM_UP, requests_per_second=30.0, start_time=START.replace(day=day)
    )
    slo = Slo(goal, history)
    declared = goal.spent_at_start * goal.allowance * history.expected
    assert abs(slo.budget_left(0).spent - declared) <= 1
    assert -history.start >= 3 * DAY + WARM_UP
    assert "calendar month" == goal.window_text


def test_a_calendar_budget_is_whole_again_when_the_next_period_begins() -> None:
    """What was spent by 23:59 on the last of the month is no part of the next one's budget."""
    start = datetime(2026, 3, 31, 23, 58, tzinfo=UTC)
    goal = _month(start)
    slo = Slo(goal, lay_down(goal, seed=3, warm_up=WARM_UP, requests_per_second=30.0, start_time=start))
    for minute in range(1, 5):
        slo.observe((10 + minute) * MINUTE - WARM_UP, minute * 100, minute * 1800)
    assert 0.7 == pytest.approx(slo.budget_left(0).share_left, abs=0.001)
    assert 0.7 > slo.budget_left(MINUTE).share_left
    # The bad requests of minutes 3 and 4 belong to April.
    assert 200 == slo.budget_left(4 * MINUTE).spent
    assert slo.budget_left(4 * MINUTE).share_left > 0.99


def test_a_period_that_begins_in_the_warm_up_has_nothing_spent() -> None:
    """A declared share that nothing could have spent is refused; without one the budget is whole."""
    start = datetime(2026, 4, 1, 0, 5, tzinfo=UTC)
    with pytest.raises(GamedayError, match="budgetSpentAtStart"):
        lay_down(_month(start), seed=3, warm_up=WARM_UP, requests_per_second=30.0, start_time=start)
    goal = _month(start, spent="0")
    slo = Slo(goal, lay_down(goal, seed=3, warm_up=WARM_UP, requests_per_second=30.0, start_time=start))
    assert 1 == slo.budget_left(0).share_left
    assert slo.error_ratio(3 * DAY, -WARM_UP) > 0  # the days before are there for the alerts


def test_a_rolling_window_forgets_and_a_calendar_does_not() -> None:
    """Ten days on, a rolling budget of ten days is whole; a month's still lacks what was spent on its 2nd."""
    rolling = Objective("r", "edge", (), exact("0.99"), 10 * DAY)
    month = Objective(
        "c", "edge", (), exact("0.99"), 10 * DAY, periods=Periods((-12 * DAY, 18 * DAY), "calendar month")
    )
    samples = np.arange(12 * DAY // STEP + 1, dtype=np.int64)
    bad = np.where(samples >= HOUR // STEP, 500, 0)
    for goal, spent in ((rolling, 0), (month, 500)):
        slo = Slo(goal, SliHistory(-12 * DAY, bad, samples * 60, 864_000, ()))
        assert spent == slo.budget_left(0).spent
