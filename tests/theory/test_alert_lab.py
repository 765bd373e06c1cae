"""The Workbook's detection and reset times, by formula and by running the rule in the alert lab."""

from __future__ import annotations

from math import isnan

import pytest

from simulator.lab import alert_lab
from simulator.slo.recordings import Stretch, fault
from simulator.units import HOUR, MINUTE
from tests.facts import SLO

ROWS = [(row["long"], row["short"], row["factor"]) for row in SLO["sloth"]["windows_30d"]]
#: Minutes of one sample.
SAMPLE = 0.25
CASES = [
    pytest.param(each, long, short, factor, id=f"{each['error_rate']}-{long}")
    for each in SLO["detection_999"]["rows"]
    for long, short, factor in ROWS
]


def _known(facts: dict[str, float | None], long: str, factor: float) -> tuple[float | None, float | None]:
    name = f"{long}_x{factor:g}"
    return facts[f"{name}_fire_minutes"], facts[f"{name}_reset_minutes"]


@pytest.mark.parametrize(("facts", "long", "short", "factor"), CASES)
def test_the_lab_reproduces_the_books_times_by_formula_and_by_rule(
    facts: dict[str, float | None], long: str, short: str, factor: float
) -> None:
    """Steady error ratios against each row: the formula is exact, the rule within two samples of it."""
    fires, resets = _known(facts, long, factor)
    ratio = facts["error_rate"]
    assert ratio is not None
    found = alert_lab.expected(factor, long, ratio, short=short)
    goal = alert_lab.objective(0.999)
    burn = ratio / 0.001
    lasting = 80 * HOUR if fires is None else round(fires * MINUTE) + 13 * HOUR
    tape = fault("steady", "A steady burn.", (Stretch(0, lasting, burn, burn),),
                 allowance=goal.allowance, rps=1000.0, noise=0)  # fmt: skip
    trial = alert_lab.run(alert_lab.burn_rate(factor, long, short), [tape]).frame.iloc[0]
    if fires is None or resets is None:
        assert isnan(found["detection_minutes"]) and isnan(found["reset_minutes"])
        assert 0 == trial["alerts"]
        return
    assert (fires, resets) == pytest.approx((found["detection_minutes"], found["reset_minutes"]))
    assert fires == pytest.approx(trial["detection_minutes"], abs=2 * SAMPLE)
    assert resets == pytest.approx(trial["reset_minutes"], abs=2 * SAMPLE)
    spent = alert_lab.expected(factor, long, ratio)["budget_spent_at_detection"]
    # A sample more of a total outage is a fair part of a small share.
    assert spent == pytest.approx(trial["spent_at_detection"], abs=2 * SAMPLE * burn / 43_200)


def test_a_for_clause_never_sees_spikes() -> None:
    """The book: five minutes of outage in every ten, 12 % of the budget each, and `for: 10m` never fires."""
    goal = alert_lab.objective(0.999)
    spikes = [tape for tape in alert_lab.library() if tape.name == "spikes"]
    patient = alert_lab.run(alert_lab.threshold(0.001, "1m", hold="10m"), spikes).frame.iloc[0]
    burning = alert_lab.run(alert_lab.burn_rate(14.4, "1h", "5m"), spikes).frame.iloc[0]
    assert patient["missed"] and 0 == patient["alerts"]
    assert 0.12 == pytest.approx(patient["spent"] / 6, abs=0.005)
    assert burning["detection_minutes"] <= 1
    assert goal.budget_minutes == pytest.approx(43.2)


def test_an_hour_long_window_alone_resets_an_hour_late() -> None:
    """The book: 36x over one hour still fires 58 minutes after a total outage; a short window ends that."""
    outage = [tape for tape in alert_lab.library() if tape.name == "outage"]
    found = alert_lab.run([alert_lab.burn_rate(36, "1h"), alert_lab.burn_rate(36, "1h", "5m")], outage).frame
    assert 58 == pytest.approx(found["reset_minutes"].iloc[0], abs=1.5)
    assert found["reset_minutes"].iloc[1] < 5
