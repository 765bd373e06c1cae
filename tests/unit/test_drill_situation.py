"""The shift hand-over and the pager: what stands in the channel is so, and says enough to act on."""

from __future__ import annotations

import pytest

from simulator.drill import Run
from simulator.drill.situation import COACH, handed_over
from simulator.scenario import load
from simulator.scenario.alerting import Pager
from simulator.units import MINUTE, format_clock
from tests import drill_stage


def test_james_sits_beside_whoever_he_speaks_to() -> None:
    """At the highest level of guidance he is silent, and the hand-over does not say that he sits there."""
    for guidance in range(4):
        assert f"{COACH} sits beside you." in handed_over(drill_stage.scenario(), guidance)
    silent = handed_over(drill_stage.scenario(), 4)
    assert "beside you" not in silent and "`hint` reaches him" in silent


@pytest.mark.parametrize("name", ["welcome", "production-is-down", "night-shift"])
def test_a_scenario_s_own_words_leave_it_to_the_kit_where_he_is(name: str) -> None:
    """Else a silent drill would say both."""
    scenario = load(name)
    assert COACH not in scenario.texts.situation
    said = scenario.texts.model_copy(update={"situation": f"{COACH} has brought a book."})
    assert 1 == handed_over(scenario.model_copy(update={"texts": said}), 3).count(COACH)


def test_a_page_says_what_a_pager_would() -> None:
    """Alert, objective, burn with both windows, what is left, the service, and since when."""
    run = drill_stage.fresh()
    run.do("wait 6m")
    (page,) = [message.text for message in run.channel if message.kind == "page"]
    assert page.startswith("AppAvailabilityBudgetBurn: app-availability burns its error budget ")
    assert (
        "x too fast over 1h and " in page and "x over 5m" in page and "budget is left. Service app, " in page
    )
    assert f"fires since {format_clock(run.pager.pages[0].since)}." in page


@pytest.mark.parametrize(("guidance", "who"), [(3, f"the deputy of {COACH}"), (4, COACH)])
def test_a_page_that_nobody_takes_rings_with_somebody_who_is_not_there_already(
    guidance: int, who: str
) -> None:
    """Who sits beside the learner can't be called to the desk."""
    rules = [{"escalation_delay_in_minutes": 2, "targets": [target]} for target in ("you", COACH)]
    scenario = drill_stage.scenario()
    pager = Pager.model_validate({"escalation_rules": rules}, strict=False)
    spec = scenario.spec.model_copy(update={"pager": pager})
    run = Run(scenario.model_copy(update={"spec": spec}), guidance=guidance)
    run.advance(12 * MINUTE)
    paged = [message.text.partition("Paging ")[2] for message in run.channel if "Paging " in message.text]
    assert f"{who}." == paged[0]
