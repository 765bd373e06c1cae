"""What a cell may hand to the public door, and what it hears when it hands over something else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import simulator as sim
from simulator.errors import GamedayError


@pytest.fixture(scope="module")
def drill() -> Any:
    """A drill of which only the front is asked; typed loosely, as a cell would."""
    return sim.start("welcome", seed=1, journal=False)


WRONG: list[Callable[[Any], object]] = [
    lambda drill: drill.run(None),
    lambda drill: drill.run(b"help"),
    lambda drill: drill.what_if(move=24),
    lambda drill: drill.what_if(move={"24": "9m"}),
    lambda drill: drill.what_if(insert=["x"]),
    lambda drill: drill.what_if(insert=[("8m", "")]),
    lambda drill: drill.what_if(drop="5"),
    lambda drill: drill.what_if(drop=0),
    lambda drill: drill.compare(),
    lambda drill: drill.compare(sooner=5),
    lambda drill: drill.compare(yours={"insert": [("0s", "kubectl get pods")]}),
    lambda drill: drill.compare("nothing", nothing={"insert": [("0s", "kubectl get pods")]}),
    lambda drill: drill.compare(sooner={}),
    lambda drill: drill.compare(sooner={"moved": {1: "2m"}}),
    lambda drill: drill.compare(sooner={"move": {7: "2m"}}),
    lambda drill: drill.compare(sooner={"drop": "all"}),
    lambda drill: drill.debrief(5),
    lambda drill: drill.debrief([1, 2]),
    lambda drill: drill.debrief(rule=5),
    lambda drill: drill.check([]),
    lambda drill: drill.what_if({3: "7m"}),
    lambda drill: drill.what_if(moved={3: "7m"}),
    lambda drill: drill.signals(["app"]),
    lambda drill: drill.signals("app", last=5),
    lambda drill: drill.metrics(["up"]),
    lambda drill: drill.promql("up", at=5),
    lambda drill: drill.promql("up", range=5),
    lambda drill: drill.promql("up", range="1m", step=5),
    lambda drill: drill.promql("up{"),
    lambda drill: drill.export(5),
    lambda _: sim.start("welcome", sead=3),  # type: ignore[call-arg]
    lambda _: sim.pipeline("persona", model=5),  # type: ignore[arg-type]
    lambda _: sim.start("welcome", seed="x"),  # type: ignore[arg-type]
    lambda _: sim.start("welcome", seed=-1),
    lambda _: sim.start("welcome", variant="a"),  # type: ignore[arg-type]
    lambda _: sim.start("welcome", variant=True),
    lambda _: sim.start("welcome", journal=5),  # type: ignore[arg-type]
    lambda _: sim.replay(None),  # type: ignore[arg-type]
    lambda _: sim.resume("runs/none.jsonl", at=5),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("call", WRONG)
def test_a_wrong_argument_is_an_error_in_four_parts(call: Callable[[Any], object], drill: Any) -> None:
    """Where, what was expected, what came, what to do; never a stranger's exception."""
    with pytest.raises(GamedayError) as caught:
        call(drill)
    assert all((caught.value.where, caught.value.expected, caught.value.got, caught.value.todo))


def test_a_misspelt_argument_hears_the_nearest_one(drill: Any) -> None:
    """What the call takes is listed, and the name that was probably meant."""
    words = r"move=…, drop=…, insert=…, replace=…, got .* Did you mean move=…\?"
    with pytest.raises(GamedayError, match=words):
        drill.what_if(moves={3: "7m"})


@pytest.mark.parametrize(
    "prediction", [{"value": "x"}, {"value": True}, {"value": 0.1, "within": 5}, {"signal": 5, "value": 0.1}]
)
def test_a_prediction_that_makes_no_sense_is_answered_and_not_raised(
    prediction: dict[str, object], drill: Any
) -> None:
    """What comes before the run must never stop it."""
    answer = drill.predict("it stays", **{"signal": "errors:app", **prediction})
    assert "Nothing recorded. Expected" in str(answer)


def test_a_dropped_last_line_is_said(tmp_path: Path) -> None:
    """A run file that lost its end plays on without the act that was cut, and says so."""
    path = tmp_path / "run.jsonl"
    drill = sim.start("welcome", seed=1, journal=path)
    drill.run("kubectl get pods")
    drill.run("kubectl get deployments")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.warns(UserWarning, match="run.jsonl"):
        again = sim.replay(path)
    assert list(again.actions["line"]) == ["kubectl get pods"]


def test_a_debrief_before_the_end_says_that_the_drill_goes_on(drill: Any) -> None:
    """Nobody takes a look in the middle for the last word."""
    assert "the drill goes on" in str(drill.debrief("I saw nothing yet"))
