"""Burn-rate alerts against the Workbook: its figures by formula, and by running the rule on counters.

The figures are those of The Site Reliability Workbook, chapter 5, and of slok/sloth's window tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from simulator.slo import formulas
from simulator.slo.alerts import AlertRules
from simulator.slo.history import STEP, SliHistory
from simulator.slo.objective import Objective, exact
from simulator.slo.rules import WORKBOOK, BurnRow, Rule, condition
from simulator.slo.sli import Slo
from simulator.units import DAY, HOUR, MINUTE, SECOND

GOAL = Objective("api", "api", (), exact("0.999"), 30 * DAY)
#: Steady error ratio, then for each row of the table (fire, reset) in minutes; None is never. SLO 99.9 %, 30
#: days.
DETECTION = {
    "0.001": ((None, None), (None, None), (None, None), (None, None)),
    "0.0015": ((None, None), (None, None), (None, None), (2880.0, 120.0)),
    "0.002": ((None, None), (None, None), (None, None), (2160.0, 180.0)),
    "0.005": ((None, None), (None, None), (864.0, 48.0), (864.0, 288.0)),
    "0.006": ((None, None), (None, None), (720.0, 60.0), (720.0, 300.0)),
    "0.01": ((None, None), (216.0, 12.0), (432.0, 84.0), (432.0, 324.0)),
    "0.0144": ((None, None), (150.0, 17.5), (300.0, 95.0), (300.0, 335.0)),
    "0.015": ((57.6, 0.2), (144.0, 18.0), (288.0, 96.0), (288.0, 336.0)),
    "0.02": ((43.2, 1.4), (108.0, 21.0), (216.0, 102.0), (216.0, 342.0)),
    "0.05": ((17.28, 3.56), (43.2, 26.4), (86.4, 112.8), (86.4, 352.8)),
    "0.1": ((8.64, 4.28), (21.6, 28.2), (43.2, 116.4), (43.2, 356.4)),
    "0.15": ((5.76, 4.52), (14.4, 28.8), (28.8, 117.6), (28.8, 357.6)),
    "0.3": ((2.88, 4.76), (7.2, 29.4), (14.4, 118.8), (14.4, 358.8)),
    "0.5": ((1.728, 4.856), (4.32, 29.64), (8.64, 119.28), (8.64, 359.28)),
    "1.0": ((0.864, 4.928), (2.16, 29.82), (4.32, 119.64), (4.32, 359.64)),
}
CASES = [
    pytest.param(ratio, row, *DETECTION[ratio][number], id=f"{ratio}-{row.long // HOUR}h")
    for ratio in DETECTION
    for number, row in enumerate(WORKBOOK)
]


@pytest.mark.parametrize(("ratio", "row", "fire", "reset"), CASES)
def test_detection_and_reset_by_formula(
    ratio: str, row: BurnRow, fire: float | None, reset: float | None
) -> None:
    """Every figure of the detection table follows from the closed form."""
    factor = float(condition(row, GOAL).factor)
    found_fire = formulas.detection_time(float(ratio), 0.999, row.long, factor)
    found_reset = formulas.reset_time(float(ratio), 0.999, row.short, factor)
    for found, known in ((found_fire, fire), (found_reset, reset)):
        if known is None:
            assert found is None
        else:
            assert found is not None and found / MINUTE == pytest.approx(known, rel=1e-9)


@dataclass
class Traffic:
    """Counters by hand: a clean month, then whatever the test feeds in, 10,000 requests a step."""

    step: int

    def __post_init__(self) -> None:
        samples = np.arange(31 * DAY // STEP + 1, dtype=np.int64)
        total = samples * (10_000 * STEP // self.step)
        clean = SliHistory(-31 * DAY, samples * 0, total, int(total[-1]) * 30 // 31, ())
        self.slo = Slo(GOAL, clean)
        self.at = self.bad = self.total = 0

    def pass_one_step(self, ratio: Fraction) -> None:
        bad = ratio * 10_000
        assert bad.denominator == 1
        self.at += self.step
        self.bad += int(bad)
        self.total += 10_000
        self.slo.observe(self.at, self.bad, self.total)


@pytest.mark.parametrize(("ratio", "row", "fire", "reset"), CASES)
def test_detection_and_reset_by_running_the_rule(
    ratio: str, row: BurnRow, fire: float | None, reset: float | None
) -> None:
    """Run on counters with that error ratio, the rule fires and resets within two samples of the formula.

    The samples are the live ones or, where a window reaches into it, those of the history at one a minute.
    """
    step = 15 * SECOND if row.severity == "page" else 2 * MINUTE
    traffic = Traffic(step)
    rule = Rule("Burn", row.severity, GOAL.name, (condition(row, GOAL),))
    alerts = AlertRules([rule], {GOAL.name: traffic.slo})
    # Errors last until both windows have seen their fill; a row that never fires gets its whole long window.
    lasting = row.long if fire is None else round(fire * MINUTE) + 2 * row.short
    while traffic.at < lasting:
        traffic.pass_one_step(exact(ratio))
        alerts.evaluate(traffic.at)
    ended = traffic.at
    if fire is None:
        assert alerts.transitions == []
        return
    assert [one.state for one in alerts.transitions] == ["firing"]
    assert alerts.transitions[0].at == pytest.approx(fire * MINUTE, abs=max(2 * step, STEP))
    while alerts.firing and traffic.at < ended + row.short + 2 * step:
        traffic.pass_one_step(Fraction(0))
        alerts.evaluate(traffic.at)
    assert [one.state for one in alerts.transitions] == ["firing", "resolved"]
    assert reset is not None
    assert alerts.transitions[1].at - ended == pytest.approx(reset * MINUTE, abs=2 * step)


def test_a_threshold_met_exactly_does_not_fire() -> None:
    """Strictly greater: 14.4 per mille fires nothing at 14.4x, one bad request more does."""
    part = condition(WORKBOOK[0], GOAL)
    for extra, fires in ((0, False), (1, True)):
        traffic = Traffic(15 * SECOND)
        alerts = AlertRules([Rule("Burn", "page", GOAL.name, (part,))], {GOAL.name: traffic.slo})
        for _ in range(4 * 61):
            traffic.pass_one_step(exact("0.0144"))
        traffic.bad += extra
        traffic.pass_one_step(exact("0.0144"))
        alerts.evaluate(traffic.at)
        assert bool(alerts.firing) is fires


@pytest.mark.parametrize(
    ("days", "factors"),
    [
        (30, (14.4, 6, 3, 1)),
        (28, (13.44, 5.6, 2.8, 14 / 15)),
        (7, (3.36, 1.4, 0.7, 7 / 30)),
    ],
)
def test_factors_scale_with_the_window(days: int, factors: tuple[float, ...]) -> None:
    """Sloth's factors: 14.4, 6, 3, 1 for 30 days; 13.44, 5.6, 2.8, 0.933 for 28; a week's by the rule."""
    goal = Objective("api", "api", (), exact("0.999"), days * DAY)
    assert tuple(float(condition(row, goal).factor) for row in WORKBOOK) == pytest.approx(factors)


@pytest.mark.parametrize(
    ("target", "minutes"),
    [
        (0.9, (1008.0, 4032.0, 4320.0, 12960.0, 52560.0)),
        (0.95, (504.0, 2016.0, 2160.0, 6480.0, 26280.0)),
        (0.99, (100.8, 403.2, 432.0, 1296.0, 5256.0)),
        (0.995, (50.4, 201.6, 216.0, 648.0, 2628.0)),
        (0.999, (10.08, 40.32, 43.2, 129.6, 525.6)),
        (0.9995, (5.04, 20.16, 21.6, 64.8, 262.8)),
        (0.9999, (1.008, 4.032, 4.32, 12.96, 52.56)),
        (0.99999, (0.1008, 0.4032, 0.432, 1.296, 5.256)),
    ],
)
def test_budgets_in_minutes(target: float, minutes: tuple[float, ...]) -> None:
    """The usual table: 99.9 % over 30 days is 43.2 minutes."""
    for days, known in zip((7, 28, 30, 90, 365), minutes, strict=True):
        assert formulas.budget_minutes(target, days * DAY) == pytest.approx(known)
        assert Objective("x", "x", (), exact(target), days * DAY).budget_minutes == pytest.approx(known)


@pytest.mark.parametrize(
    ("burn", "ratio", "minutes"), [(1, 0.001, 43200), (2, 0.002, 21600), (10, 0.01, 4320), (1000, 1.0, 43.2)]
)
def test_time_to_exhaustion(burn: float, ratio: float, minutes: float) -> None:
    """Table 5-4: at ten times burn a month's budget lasts three days, in a total outage 43 minutes."""
    assert formulas.burn_rate(ratio, 0.999) == pytest.approx(burn)
    lasting = formulas.exhaustion(ratio, 0.999, 30 * DAY)
    assert lasting is not None and lasting / MINUTE == pytest.approx(minutes)
    traffic = Traffic(15 * SECOND)
    for _ in range(40):
        traffic.pass_one_step(exact(str(ratio)))
    left = traffic.slo.time_to_exhaustion(traffic.at)
    gone = traffic.slo.budget_left(traffic.at).spent / traffic.slo.allowed
    assert left is not None and left == pytest.approx(lasting * (1 - gone), rel=1e-6)


def test_budget_spent_when_the_page_fires() -> None:
    """14.4x over an hour means 2 % of a month's budget, 6x over six hours 5 %."""
    assert formulas.budget_spent_at_detection(14.4, HOUR, 30 * DAY) == pytest.approx(0.02)
    assert formulas.budget_spent_at_detection(6, 6 * HOUR, 30 * DAY) == pytest.approx(0.05)
    assert formulas.factor(0.02, 30 * DAY, HOUR) == pytest.approx(14.4)


def test_other_figures_of_the_book() -> None:
    """A total outage is seen in 0.6 s by a ten-minute window, in about 130 s by one of 36 hours."""
    quick = formulas.detection_time(1.0, 0.999, 10 * MINUTE, 1)
    slow = formulas.detection_time(1.0, 0.999, 36 * HOUR, 1)
    assert quick is not None and quick / SECOND == pytest.approx(0.6)
    assert slow is not None and slow / SECOND == pytest.approx(130, rel=0.01)
    lasting = formulas.exhaustion(0.035, 0.999, 30 * DAY)
    assert lasting is not None and lasting / HOUR == pytest.approx(20.5, abs=0.1)
