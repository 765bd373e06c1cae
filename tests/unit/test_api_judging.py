"""``drill.judge``: the judge of canaries asked by hand, with its reasons; no data is no pass."""

from __future__ import annotations

import pytest

import simulator as sim
from simulator.errors import GamedayError


def _errors(version: str) -> str:
    kind = f'http_requests_total{{service="checkout",version="{version}"'
    return f'sum(rate({kind},code=~"5.."}}[30s])) / sum(rate({kind}}}[30s]))'


@pytest.fixture(scope="module")
def drill() -> sim.Drill:
    """The release train at its page: v43 has failed every second order for some minutes."""
    made = sim.start("release-train", seed=7, journal=False)
    made.wait("20m")
    return made


def test_a_canary_that_is_worse_fails_and_the_reasons_are_said(drill: sim.Drill) -> None:
    """Samples of both sides, how far apart they are, and what would have stayed hidden."""
    found = drill.judge(canary=_errors("v43"), baseline=_errors("v42"), window="3m")
    assert "Failed" == found.phase
    assert str(found).startswith("Failed.\nFail. The score is 0 of 100")
    for words in ("Canary 6 samples", "higher in 100 % of pairs", "would have been seen 80 times in 100"):
        assert words in str(found)
    assert found._repr_markdown_().startswith("**Failed.**\n\nFail. ")


def test_a_version_beside_itself_passes(drill: sim.Drill) -> None:
    """Nothing is found where nothing is."""
    assert "Successful" == drill.judge(canary=_errors("v42"), baseline=_errors("v42"), window="3m").phase


def test_too_few_samples_are_inconclusive(drill: sim.Drill) -> None:
    """Missing data is no pass and no failure."""
    found = drill.judge(canary=_errors("v43"), baseline=_errors("v42"), window="90s")
    assert "Inconclusive" == found.phase
    assert "no data is not a pass" in str(found)


def test_what_can_not_be_meant_is_said_in_four_parts(drill: sim.Drill) -> None:
    """A number where a text belongs, a direction that is none, samples that would overlap."""
    good = {"canary": _errors("v43"), "baseline": _errors("v42")}
    for wrong in ({"window": 3}, {"direction": "up"}, {"interval": "10s"}):
        with pytest.raises(GamedayError) as caught:
            drill.judge(**{**good, **wrong})  # type: ignore[arg-type]
        assert caught.value.todo
